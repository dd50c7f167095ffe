"""Applying plans: asked for by a person, done by the worker, watched from here; and rehearsed against a pretend store first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from supportdesk.core.progress import Watch
from supportdesk.core.rows import RowCondition
from supportdesk.desk import Desk

Phase = Literal["asked", "claimed", "fenced", "checked", "on", "refused", "stopped"]

PHASES: Final[dict[Phase, str]] = {
    "asked": "Asked for",
    "claimed": "The store is claimed",
    "fenced": "Orders count from now on",
    "checked": "Every row is read again and compared",
    "on": "Sync is on",
    "refused": "Refused; nothing was written",
    "stopped": "Stopped",
}
"""What applying goes through, in its order, in words; the last two end it otherwise."""

Keeper = Literal["worker", "here", "nobody"]
"""Who runs the cycles: a worker of its own, this program for as long as it is open, or nobody."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that is recorded."""

    phase: Phase
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
    phase: Phase | None
    """None where no plan was ever applied."""
    steps: tuple[StepDone, ...]
    rows: Mapping[RowCondition, int]
    """Rows of the engine by condition: settling, live, held, out."""
    held: tuple[tuple[str, int], ...]
    """Reasons why rows are held, with how many, most first; may quote foreign text."""
    written: int
    """Rows written since it was applied."""
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

    @property
    def is_settled(self) -> bool:
        """Whether sync is on and no row is still settling."""
        return self.is_on and not self.rows.get("settling")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A plan applied to a pretend store filled from the channel, with shoppers selling meanwhile."""

    desk: Desk
    """On the pretend store; everything that screens show of a channel works on it. Its home is gone when the rehearsal ends."""
    channel: str
    plan_id: int


def apply_plan(
    desk: Desk, channel: str, plan_id: int, *, confirm: str, brake_rows: int | None = None
) -> SyncStatus:
    """Ask for the plan to be applied, and see that somebody does it.

    `confirm` is the shop's handle, typed; `brake_rows` the number of rows typed where the brake holds. Raises `UnknownName`,
    `WrongUsage` for another handle typed, `Refused` (read-only, blocked: with what stands in the way; applied already),
    `PlanStale` with what changed, `BrakeHolds`, `Claimed`, `CredentialMissing`; nothing was written then.
    """
    raise NotImplementedError


def sync_status(desk: Desk, channel: str) -> SyncStatus:
    """How sync stands. Cheap enough to ask every second. Raises `UnknownName`, `LedgerError` and its kinds."""
    raise NotImplementedError


def watch_until_on(desk: Desk, channel: str, watch: Watch) -> SyncStatus:
    """Follow a plan that is being applied, reporting its phases, until it is on and every row was compared, or refused.

    Stopping the watch stops looking, not applying.
    """
    raise NotImplementedError


def start_rehearsal(
    desk: Desk, channel: str, plan_id: int, *, orders_per_minute: float = 30, watch: Watch
) -> Rehearsal:
    """A pretend store filled from what was loaded of the channel, with its connections, decisions and numbers, and the same plan
    made there. End it with `end_rehearsal`. Raises what making a plan raises."""
    raise NotImplementedError


def end_rehearsal(rehearsal: Rehearsal) -> None:
    """End its store and worker, and remove its home."""
    raise NotImplementedError
