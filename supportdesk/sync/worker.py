"""The worker of one channel: applies the plan that waits, then runs cycles, under a lease, until told to stop (PROTOCOL §3, §5).

A process or a thread of its own gives it its account file and its store; starting those is the desk's business.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from supportdesk.core.progress import Watch
from supportdesk.errors import (
    Claimed,
    CredentialMissing,
    LeaseLost,
    ScopeMissing,
    StoreError,
    SupportdeskError,
    TokenRefused,
)
from supportdesk.ledger import alerts, applying, channel_sync, channels, leases
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.sync import rolling_back
from supportdesk.sync.apply import PlanInHand, advance
from supportdesk.sync.claim import Claimant, check_claim
from supportdesk.sync.engine import CycleResult, Engine
from supportdesk.sync.lease import HeldLease, take_lease
from supportdesk.sync.session import Cadence
from supportdesk.sync.store import EngineStore

_LOG: Final = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often a waiting worker looks whether the ledger changed, or somebody wants something: a change is pushed at once."""
LEASE_PATIENCE: Final = 2.0
"""Seconds between looks while another worker has the channel."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How many seconds lie between cycles with nothing to do (PROTOCOL §5)."""

    slow: float = 600
    quick: float = 20
    quick_for: float = 900
    """Seconds after turning on in which `quick` holds."""
    trouble: tuple[float, ...] = (5, 15, 60, 300)
    """After the first, second … cycle in a row that the store could not be asked in."""


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
    rhythm: Rhythm = Rhythm()
    cadence: Cadence = field(default_factory=Cadence)
    """How the engine itself goes: margins before any lag was measured, and the like."""
    changed: Callable[[], None] = lambda: None
    """Called after every step of a plan: what lists channels is to be made anew."""


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

    Raises `Cancelled` when told to stop, at a row boundary with everything kept; `LedgerError` and its kinds. What the store says
    wrong, and that another ledger has claimed it, is kept as an alert and tried again; with `once` it is raised too.
    """
    while has_work(job.ledger.db.conn, job.channel_id):
        record = _record(job)
        if record is None:
            return
        held = take_lease(job.ledger, job.channel_id, person=job.person, now=job.now)
        if held is None:
            if once:
                return
            job.watch.wait(LEASE_PATIENCE)
            continue
        try:
            _serve(job, record, held, once)
        except LeaseLost as lost:
            _LOG.info("%s: %s", record.handle, lost)
            _say_lost(job)
        finally:
            held.give_back(job.ledger)
        if once:
            return


def _record(job: WorkerJob) -> ChannelRecord | None:
    return next((each for each in channels.all_channels(job.ledger) if each.id == job.channel_id), None)


def _serve(job: WorkerJob, record: ChannelRecord, held: HeldLease, once: bool) -> None:
    """Cycle after cycle while the lease is ours."""
    troubles = 0
    while has_work(job.ledger.db.conn, job.channel_id):
        job.watch.check()
        try:
            with job.open_store(record) as store:
                while has_work(job.ledger.db.conn, job.channel_id):
                    due = _turn(job, record, store, held)
                    troubles = 0
                    _mended(job)
                    if once and due > 0:
                        return
                    _rest(job, held, due)
        except SupportdeskError as error:
            if not _may_pass(error):
                raise
            _say(job, held, error)
            if once:
                raise
            pause = job.rhythm.trouble[min(troubles, len(job.rhythm.trouble) - 1)]
            troubles += 1
            _rest(job, held, pause, wakes=False)


def _turn(job: WorkerJob, record: ChannelRecord, store: EngineStore, held: HeldLease) -> float:
    """A step of the plan that waits, else a cycle; the seconds until something is due."""
    engine = Engine(
        *(job.ledger, record, store, held),
        now=job.now,
        watch=job.watch,
        who=job.person,
        cadence=job.cadence,
    )
    claimant = Claimant(job.ledger, record, store, job.person, job.now, job.watch)
    plan = applying.under_way(job.ledger.db.conn, job.channel_id)
    if plan is not None:
        step = rolling_back.advance if plan.purpose == "rollback" else advance
        result = step(PlanInHand(plan, engine, claimant, held))
        if result is None:
            job.changed()
    else:
        check_claim(claimant)
        result = engine.cycle()
    return _seconds_until_due(job, store, result)


def _seconds_until_due(job: WorkerJob, store: EngineStore, result: CycleResult | None) -> float:
    """How long to rest after a turn; 0 where the next one is due already. None says that there is more to do at once."""
    if result is None:
        return 0.0
    kept = channel_sync.channel_sync(job.ledger.db.conn, job.channel_id)
    fresh = kept and kept.on_since and job.now() - kept.on_since < timedelta(seconds=job.rhythm.quick_for)
    rest = job.rhythm.quick if fresh else job.rhythm.slow
    if result.next_due is None:
        return rest
    return min(rest, max(0.0, result.next_due - store.clock(job.watch)))


def _rest(job: WorkerJob, held: HeldLease, seconds: float, *, wakes: bool = True) -> None:
    """Wait, keeping the lease; not longer than until the ledger changes or somebody asks for a cycle."""
    until = job.now() + timedelta(seconds=seconds)
    seen = _mark(job.ledger)
    while (left := (until - job.now()).total_seconds()) > 0:
        job.watch.wait(min(left, LOOK_SECONDS))
        if wakes and _mark(job.ledger) != seen:
            return
        if held.lease.is_live(job.now() + timedelta(seconds=leases.LEASE_SECONDS / 2)):
            continue
        with job.ledger.writing() as connection:
            held.check(connection)
        seen = _mark(job.ledger) if not wakes else seen


def _mark(ledger: Ledger) -> tuple[object, ...]:
    """What changes with every movement, answer of a plan and request of a person."""
    return tuple(
        ledger.value(f"SELECT coalesce(max(id), 0) FROM {table}")
        for table in ("movement", "plan_step", "event")
    )


def _may_pass(error: SupportdeskError) -> bool:
    """Whether another try later may find it mended: the store's troubles, a token that somebody may put right, another's claim."""
    return isinstance(error, StoreError | CredentialMissing | Claimed)


def _say(job: WorkerJob, held: HeldLease, error: SupportdeskError) -> None:
    _LOG.warning("%s: %s", error.title, error.detail)
    with job.ledger.writing() as connection:
        held.check(connection)
        text = f"{error.title}: {error.detail}"
        alerts.say_trouble(connection, job.channel_id, job.now(), _trouble(error), text)


def _trouble(error: SupportdeskError) -> Literal["token", "scope", "claim", "store"]:
    """Which alert says it."""
    if isinstance(error, TokenRefused | CredentialMissing):
        return "token"
    if isinstance(error, ScopeMissing):
        return "scope"
    return "claim" if isinstance(error, Claimed) else "store"


def _mended(job: WorkerJob) -> None:
    if alerts.open_trouble(job.ledger.db.conn, job.channel_id):
        with job.ledger.writing() as connection:
            alerts.end_trouble(connection, job.channel_id, job.now())


def _say_lost(job: WorkerJob) -> None:
    """Tell that somebody else has taken the channel over, where it is synced at all any more."""
    with job.ledger.writing() as connection:
        lease = leases.lease_of(connection, job.channel_id)
        if lease is not None and has_work(connection, job.channel_id):
            text = f"Another process syncs it now: on {lease.host} (process {lease.process}), for {lease.person}."
            alerts.tell_over(connection, job.channel_id, job.now(), "lease", text)
