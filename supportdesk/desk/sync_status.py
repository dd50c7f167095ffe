"""How sync of a channel stands: its phases in words, who keeps it, what waits. Reads the account's file alone; changing it is `applying`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from supportdesk.core.checks import count_of
from supportdesk.core.plan import ApplyStep, PlanFor
from supportdesk.core.plan_view import MovedLine
from supportdesk.core.rows import RowCondition
from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel

if TYPE_CHECKING:
    from supportdesk.core.channels import SyncGlance
    from supportdesk.ledger.leases import Lease


PHASES: Final[dict[ApplyStep, str]] = {
    "asked": "Asked for",
    "claimed": "The store is claimed",
    "fenced": "Orders count from now on",
    "moved": "Numbers moved: to be confirmed",
    "confirmed": "What moved is confirmed",
    "checked": "Every row is read again and compared",
    "on": "Sync is on",
    "stored": "Sync is off; what takes the pushes back is being sent",
    "taken_back": "What was pushed is taken back",
    "refused": "Refused; nothing was written",
    "stopped": "Stopped",
}
"""What applying goes through, in its order, in words: turning on to `on`, rolling back to `taken_back`; the last two end it otherwise."""


PHASES_OF_ONE: Final[dict[ApplyStep, str]] = {
    "claimed": "Nothing it was made from has changed",
    "fenced": "Its orders count from now on",
    "on": "The location is on, as planned",
}
"""The same for a plan about one location, where that is said otherwise."""


def phase_words(phase: ApplyStep, purpose: PlanFor = "turn-on") -> str:
    """A step of applying a plan for `purpose`, in words."""
    one = PHASES_OF_ONE if purpose in ("link", "direction") else {}
    return one.get(phase, PHASES[phase])


Keeper = Literal["worker", "here", "nobody"]
"""Who runs the cycles: a worker of its own, this program for as long as it is open, or nobody."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that is recorded."""

    phase: ApplyStep
    at: datetime
    detail: str
    """What it found, a sentence; '' for nothing to say. May quote foreign text."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How sync of a channel stands, by its account file alone."""

    channel: str
    is_on: bool
    plan_id: int | None
    """The plan that turned it on or is being applied; of a refused one too, until another is made."""
    phase: ApplyStep | None
    """None where no plan was ever applied."""
    steps: tuple[StepDone, ...]
    rows: Mapping[RowCondition, int]
    """Rows of the engine by condition: settling, live, held, out."""
    held: tuple[tuple[str, int], ...]
    """Reasons why rows are held, with how many, most first; may quote foreign text."""
    written: int
    """Of the rows that the plan changes, those written by now: what orders and edits have written besides is not among them."""
    to_compare: int
    """Live rows that were not compared with Sumtracker's numbers yet, so that they may still be written."""
    unsettled: int
    """Writes that the store has not answered."""
    brake: tuple[str, ...]
    """Why writes wait, a sentence each."""
    stopped_rows: int
    """Rows that the brake keeps from being written; going on takes typing this number."""
    keeper: Keeper
    kept_by: str
    """Who runs the cycles, in words; '' for nobody."""
    last_cycle: datetime | None
    alerts: tuple[str, ...]
    """Open ones, newest first; may quote foreign text."""
    purpose: PlanFor = "turn-on"
    """Of the plan whose steps these are."""
    planned: int = 0
    """Rows that the plan changes, with what moved and was confirmed."""
    moved: int = 0
    """Rows that moved otherwise than by orders since the plan was made, and wait to be confirmed; going on takes typing this number."""
    moved_rows: tuple[MovedLine, ...] = ()
    """The first of them, the worst first."""

    @property
    def is_under_way(self) -> bool:
        """Whether a plan is being applied to a channel that is off: turned on, or rolled back."""
        return not self.is_on and self.phase not in (None, "taken_back", "refused", "stopped")

    @property
    def nobody_since(self) -> datetime | None:
        """When it was synced last, where it is on and nobody keeps it; None else."""
        if not self.is_on or self.keeper != "nobody":
            return None
        return self.last_cycle or (self.steps[-1].at if self.steps else None)

    @property
    def words(self) -> str:
        """`off`, `on`, `on, 12 rows settling`, `on, nobody syncing since 14:40 UTC`, or which step a plan has come to."""
        if not self.is_on:
            if self.phase == "stored":
                return "off, being rolled back"
            if self.phase == "moved":
                return f"being turned on: {count_of(self.moved, 'row')} moved, to be confirmed"
            under_way = self.phase in ("asked", "claimed", "fenced", "confirmed", "checked")
            return f"being turned on: {PHASES[self.phase].lower()}" if self.phase and under_way else "off"
        if since := self.nobody_since:
            return f"on, nobody syncing since {since.astimezone(UTC):%H:%M} UTC"
        if self.keeper == "nobody":
            return "on, nobody syncing"
        settling = self.rows.get("settling", 0)
        moved = (
            f", {count_of(self.moved, 'row')} of plan {self.plan_id} to be confirmed" if self.moved else ""
        )
        return (f"on, {count_of(settling, 'row')} settling" if settling else "on") + moved

    @property
    def written_of(self) -> str:
        """`15`; `12 of 15` where the plan changes more, which are held, wait, or came right by themselves."""
        return f"{self.written:,} of {self.planned:,}" if self.written < self.planned else f"{self.written:,}"

    @property
    def written_words(self) -> str:
        """`15 rows were written`, `12 of 15 rows were written`."""
        return (
            f"{self.written_of} {'row was' if max(self.written, self.planned) == 1 else 'rows were'} written"
        )

    @property
    def is_settled(self) -> bool:
        """Whether sync is on, every row is settled and compared, and the store has answered every write."""
        return self.is_on and not (self.rows.get("settling") or self.to_compare or self.unsettled)


def sync_status(desk: Desk, channel: str) -> SyncStatus:
    """How sync stands. Cheap enough to ask every second. Raises `UnknownName`, `LedgerError` and its kinds."""
    from supportdesk.ledger.sync_status import standing

    with opened_channel(desk, channel) as (ledger, record):
        found = standing(ledger.db.conn, record.id)
    keeper, kept_by = keeper_of(found.lease, desk.now())
    steps = tuple(StepDone(step, at, detail) for step, at, detail in found.steps)
    if steps and found.said and not steps[-1].detail:
        steps = (*steps[:-1], replace(steps[-1], detail=found.said))
    return SyncStatus(
        channel=record.handle,
        is_on=record.sync == "on",
        plan_id=found.plan.plan_id if found.plan else None,
        phase=steps[-1].phase if steps else None,
        steps=steps,
        rows=found.rows,
        held=found.held,
        written=found.written,
        to_compare=found.to_compare,
        unsettled=found.unsettled,
        brake=found.brake,
        stopped_rows=found.stopped_rows,
        keeper=keeper,
        kept_by=kept_by,
        last_cycle=found.sync.cycled_at if found.sync else None,
        alerts=found.alerts,
        purpose=found.plan.purpose if found.plan else "turn-on",
        planned=found.planned,
        moved=found.moved,
        moved_rows=found.moved_rows,
    )


def glances(desk: Desk, slugs: Iterable[str]) -> Mapping[str, SyncGlance]:
    """What a list of channels says of those in the accounts `slugs` that are on or that a plan is being applied to, by handle.

    One plain read for each account.
    """
    from supportdesk.ledger.waiting_work import glances as glances_of

    return {
        handle: glance
        for account in sorted(set(slugs))
        for handle, glance in glances_of(desk.home.account_file(account), desk.now()).items()
    }


def keeper_of(lease: Lease | None, now: datetime) -> tuple[Keeper, str]:
    """Who runs the cycles of the channel that `lease` is of, and that in words; '' for nobody."""
    if lease is None or not lease.is_live(now):
        return "nobody", ""
    from supportdesk.sync.lease import host_name

    person = "you" if lease.person == accounts.who() else lease.person
    is_here = lease.host == host_name()
    if is_here and lease.process == os.getpid():
        return "here", f"this program, for {person}"
    if is_here:
        return "worker", f"a worker on this machine, for {person}"
    return "worker", f"a worker on {lease.host} (process {lease.process}), for {person}"
