"""The worker of one channel: applies the plan that waits, then runs cycles, under a lease, until told to stop (PROTOCOL §3, §5).

A process or a thread of its own gives it its account file and its store; starting those is the desk's business.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from supportdesk.core.brake import BrakeLimits
from supportdesk.core.progress import Watch
from supportdesk.errors import (
    Claimed,
    CredentialMissing,
    LeaseLost,
    LedgerDamaged,
    LedgerError,
    LedgerNewer,
    ScopeMissing,
    StoreError,
    SupportdeskError,
    TokenRefused,
)
from supportdesk.ledger import alerts, applying, channels, leases
from supportdesk.ledger.alerts import Trouble
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.faults import said_plainly
from supportdesk.ledger.file import Ledger
from supportdesk.sync import one_location, rolling_back
from supportdesk.sync.apply import PlanInHand, advance
from supportdesk.sync.claim import Claimant, check_claim
from supportdesk.sync.engine import CycleResult, Engine
from supportdesk.sync.lease import HeldLease, take_lease
from supportdesk.sync.resting import Rest
from supportdesk.sync.resting import Rhythm as Rhythm
from supportdesk.sync.session import Cadence
from supportdesk.sync.store import EngineStore
from supportdesk.sync.wakeful import Slept, WakefulWatch

_LOG: Final = logging.getLogger(__name__)

_ADVANCE: Final[Mapping[str, Callable[[PlanInHand], CycleResult | None]]] = {
    "rollback": rolling_back.advance,
    "link": one_location.advance,
    "direction": one_location.advance,
}
"""What does the next step of a plan, where it does not turn the channel on."""
LEASE_PATIENCE: Final = 2.0
"""Seconds between looks while another worker has the channel."""


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """What the worker of one channel is given."""

    ledger: Ledger
    """Its own; no other thread uses it."""
    channel_id: int
    open_store: Callable[[ChannelRecord], AbstractContextManager[EngineStore]]
    person: str
    now: Callable[[], datetime]
    watch: Watch
    """Stops it; its `wait` is the only waiting there is."""
    rhythm: Rhythm = field(default_factory=Rhythm)
    cadence: Cadence = field(default_factory=Cadence)
    """How the engine itself goes: margins before any lag was measured, and the like."""
    limits: BrakeLimits = field(default_factory=BrakeLimits)
    changed: Callable[[], None] = lambda: None
    """Called after every step of a plan: what lists channels is to be made anew."""
    says: Callable[[str], None] = lambda _: None
    """Called with why the channel cannot be synced at the moment, a sentence that may quote foreign text; '' once it can.
    The account file may be what cannot be written."""


def has_work(connection: sqlite3.Connection, channel_id: int) -> bool:
    """Whether the channel wants a worker: it is on, or a plan is being applied."""
    return bool(
        connection.execute(
            """SELECT EXISTS (SELECT 1 FROM channel WHERE id = ? AND sync = 'on')
                   OR EXISTS (SELECT 1 FROM plan WHERE channel_id = ? AND state = 'applying')""",
            (channel_id, channel_id),
        ).fetchone()[0]
    )


def run(job: WorkerJob, *, once: bool = False) -> None:
    """Serve the channel until nothing is wanted of it any more, or, with `once`, until nothing is due now.

    Raises `Cancelled` when told to stop, at a row boundary with everything kept; `LedgerNewer` where a newer program has taken the file
    over; `LedgerDamaged`, and `LedgerError` where the file was removed or replaced. What the store says wrong, that another ledger has
    claimed it, a full disk, a file that is held for too long: each is kept as an alert and tried again; with `once` it is raised too.
    """
    troubles = _Troubles(job)
    while has_work(job.ledger.db.conn, job.channel_id):
        record = _record(job)
        if record is None:
            return
        try:
            held = take_lease(job.ledger, job.channel_id, person=job.person, now=job.now)
        except LedgerError as error:
            if once or not _may_pass(job, error):
                raise
            troubles.meet(error)
            job.watch.wait(troubles.pause)
            continue
        if held is None:
            if once:
                return
            job.watch.wait(LEASE_PATIENCE)
            continue
        try:
            _serve(job, record, held, troubles, once)
        except LeaseLost as lost:
            _LOG.warning("%s: %s", record.handle, lost)
            _say_lost(job)
        except Slept:
            _LOG.info("%s: this process slept; it begins anew.", record.handle)
        finally:
            with contextlib.suppress(LedgerError):  # where it cannot be given back it runs out
                held.give_back(job.ledger)
        if once:
            return
        if troubles.is_elsewhere:
            job.watch.wait(troubles.pause)


def _record(job: WorkerJob) -> ChannelRecord | None:
    return next((each for each in channels.all_channels(job.ledger) if each.id == job.channel_id), None)


def _serve(job: WorkerJob, record: ChannelRecord, held: HeldLease, troubles: _Troubles, once: bool) -> None:
    """Cycle after cycle while the lease is ours."""
    watch = WakefulWatch(job.watch, job.ledger, held, job.now)
    rest = Rest(job.ledger, job.channel_id, held, watch, job.now, job.rhythm)
    while has_work(job.ledger.db.conn, job.channel_id):
        watch.check()
        try:
            with said_plainly(job.ledger.path), job.open_store(record) as store:
                while has_work(job.ledger.db.conn, job.channel_id):
                    rest.begin_turn()
                    turn = _turn(job, record, store, held, watch)
                    troubles.end(held)
                    if once and turn.due != 0:
                        return
                    if turn.is_cycle:
                        rest.after_cycle(turn.due)
                    elif turn.due:
                        rest.after_step(turn.due)
        except SupportdeskError as error:
            if not _may_pass(job, error):
                raise
            troubles.say(held, error)
            if once:
                raise
            if troubles.is_elsewhere:
                return
            rest.after_trouble(troubles.pause)


class _Turn(NamedTuple):
    is_cycle: bool
    due: float | None
    """Seconds until something is due by itself; None where nothing is before the next cycle."""


def _turn(
    job: WorkerJob, record: ChannelRecord, store: EngineStore, held: HeldLease, watch: WakefulWatch
) -> _Turn:
    """A step of the plan that waits, else a cycle."""
    engine = Engine(
        *(job.ledger, record, store, held),
        now=job.now,
        watch=watch,
        who=job.person,
        cadence=job.cadence,
        limits=job.limits,
    )
    claimant = Claimant(job.ledger, record, store, job.person, job.now, watch)
    plan = applying.under_way(job.ledger.db.conn, job.channel_id)
    if plan is None:
        check_claim(claimant)
        return _Turn(True, _seconds_until_due(engine.cycle(), store, watch))
    step = _ADVANCE.get(plan.purpose, advance)
    result = step(PlanInHand(plan, engine, claimant, held))
    if result is None:
        job.changed()
        return _Turn(False, 0.0)
    due = _seconds_until_due(result, store, watch)
    return _Turn(False, job.rhythm.quick if due is None else min(due, job.rhythm.quick))


def _seconds_until_due(result: CycleResult, store: EngineStore, watch: Watch) -> float | None:
    if result.next_due is None:
        return None
    return max(0.0, result.next_due - store.clock(watch))


def _may_pass(job: WorkerJob, error: SupportdeskError) -> bool:
    """Whether another try later may find it mended: the store's troubles, a token that somebody may put right, another's claim, a full disk."""
    if isinstance(error, LedgerNewer | LedgerDamaged):
        return False
    if isinstance(error, LedgerError):
        return job.ledger.is_in_place
    return isinstance(error, StoreError | CredentialMissing | Claimed)


def _trouble(error: SupportdeskError) -> Trouble:
    """Which alert says it."""
    if isinstance(error, TokenRefused | CredentialMissing):
        return "token"
    if isinstance(error, ScopeMissing):
        return "scope"
    if isinstance(error, Claimed):
        return "claim"
    return "file" if isinstance(error, LedgerError) else "store"


def _in_words(error: SupportdeskError) -> str:
    """What is said of it, and what to do where trying again does not mend it."""
    said = f"{error.title}: {error.detail}"
    if _trouble(error) not in ("token", "scope") or not error.next_step:
        return said
    return f"{said}{'' if said.endswith('.') else '.'} {error.next_step}"


class _Troubles:
    """What keeps the channel from being synced, kept as an alert as soon as the account file takes it."""

    def __init__(self, job: WorkerJob) -> None:
        self._job = job
        self._unsaid: tuple[datetime, Trouble, str] | None = None
        """Since when, which, and what could not be kept yet."""
        self._in_a_row = 0
        self._said: str | None = None
        self.is_elsewhere = False
        """Whether this process has not got the token: another that has may take the lease meanwhile."""

    @property
    def pause(self) -> float:
        """Seconds until the next try."""
        trouble = self._job.rhythm.trouble
        return trouble[min(max(self._in_a_row - 1, 0), len(trouble) - 1)]

    def meet(self, error: SupportdeskError) -> None:
        """Tell of one more, which is kept as soon as it can be."""
        self._in_a_row += 1
        self.is_elsewhere = isinstance(error, CredentialMissing)
        said = self._said = _in_words(error)
        _LOG.warning("%s", said)
        self._job.says(said)
        self._unsaid = (self._unsaid[0] if self._unsaid else self._job.now(), _trouble(error), said)

    def say(self, held: HeldLease, error: SupportdeskError) -> None:
        """Tell of one more, and keep it where the file can be written."""
        job = self._job
        self.meet(error)
        assert self._unsaid is not None
        try:
            with job.ledger.writing() as connection:
                held.check(connection)
                alerts.say_trouble(connection, job.channel_id, *self._unsaid)
            self._unsaid = None
        except LedgerError as other:
            if not _may_pass(job, other):
                raise

    def end(self, held: HeldLease) -> None:
        """Cycles work again: what was said is over, and what could not be said is said now."""
        job = self._job
        if self._said != "":
            self._said = ""
            job.says("")
        self._in_a_row, self.is_elsewhere = 0, False
        if self._unsaid or alerts.open_trouble(job.ledger.db.conn, job.channel_id):
            with job.ledger.writing() as connection:
                held.check(connection)
                if self._unsaid:
                    alerts.say_trouble(connection, job.channel_id, *self._unsaid)
                alerts.end_trouble(connection, job.channel_id, job.now())
            self._unsaid = None


def _say_lost(job: WorkerJob) -> None:
    """Tell that somebody else has taken the channel over, where it is synced at all any more."""
    with job.ledger.writing() as connection:
        lease = leases.lease_of(connection, job.channel_id)
        if lease is not None and has_work(connection, job.channel_id):
            text = f"Another process syncs it now: on {lease.host} (process {lease.process}), for {lease.person}."
            alerts.tell_over(connection, job.channel_id, job.now(), "lease", text)
