"""What moves a row's number besides staff: effects of orders and our own pushes, each with the interval it falls in (PROTOCOL §1.5, 1.6, 1.8).

Values and the arithmetic of their intervals; what a reading says of a row is in `rows`. Times are whole seconds since the epoch by
the store's clock, because `Date` and `createdAt` are no finer: second `n` is any moment from n up to, not including, n + 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

EffectKind = Literal[
    "placed",
    "edited",
    "moved",
    "fulfilled",
    "cancelled",
    "returned",
    "written_off",
    "deleted",
    "unavailable",
    "unexplained",
    "adopted",
]
"""`written_off`: refunded before it was fulfilled, and not put back. `unavailable`: units that staff set aside or released under a name
of the store's, taken into the ledger. `unexplained`: the same without a name: on hand did not change, so they are promised or set
aside where nobody says so. `adopted`: a staff edit that a person took into the ledger."""

PushKind = Literal["difference", "undo"]
Presence = Literal["in", "perhaps", "out"]
"""Whether a reading shows an effect: surely, perhaps, surely not."""

LONGEST_COMMIT_LAG: Final = 120
LONGEST_VISIBILITY: Final = 900
"""Seconds; decided, so that one order of a strange age never stops a row from being read."""


@dataclass(frozen=True, slots=True)
class Margins:
    """How long things are waited for, in seconds (PROTOCOL §1.8)."""

    commit_lag: int = 10
    """From an order's `createdAt`, or a push's answer, until its stock is surely off the number."""
    visibility: int = 60
    """From an order's `createdAt` until search surely shows it."""
    clock_skew: int = 1
    """How far the store's own clocks may differ."""
    slow_reply: int = 5
    """A reading that took longer than this is discarded."""
    apart: int = 120
    """Between the two readings that must agree before an undo raises a number."""

    def widened(self, commit_lag: int | None = None, visibility: int | None = None) -> Margins:
        """The margins after lags as long as these were measured: one that exceeds half its margin makes it twice the lag.

        None says that nothing was measured. Margins never shrink here, and never pass `LONGEST_COMMIT_LAG`, `LONGEST_VISIBILITY`.
        """
        return replace(
            self,
            commit_lag=_widened(self.commit_lag, commit_lag, LONGEST_COMMIT_LAG),
            visibility=_widened(self.visibility, visibility, LONGEST_VISIBILITY),
        )


def _widened(margin: int, lag: int | None, longest: int) -> int:
    return margin if lag is None or 2 * lag <= margin else max(margin, min(2 * lag, longest))


def proven_lag(created: int, missing_at: int | None) -> int:
    """The visibility lag that is certain of an order: a look that began at `missing_at` did not show it yet; None for no such look."""
    return 0 if missing_at is None else max(0, missing_at - created)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an order, or units set aside, did to one row. The numbers are differences."""

    kind: EffectKind
    available: int
    earliest: int
    latest: int
    """It happened within [earliest, latest]; equal where its time is known exactly."""
    on_hand: int = 0
    order: int | None = None

    @property
    def exact(self) -> bool:
        """Whether its second is known."""
        return self.earliest == self.latest


@dataclass(frozen=True, slots=True)
class PushEffect:
    """One row of a push of ours, as an effect."""

    kind: PushKind
    available: int
    """The difference written; on hand moves with it."""
    sent: int
    """When it was first sent, by the store's clock; a second early rather than late."""
    acknowledged: int | None = None
    """None until the store said that it is done. One that was refused for certain is no effect."""

    @property
    def earliest(self) -> int:
        """The first second in which it can have reached the store."""
        return self.sent

    @property
    def latest(self) -> int | None:
        """The last one; None while nobody knows."""
        return self.acknowledged


class HasInterval(Protocol):
    """Something that happened between two seconds, both included."""

    @property
    def earliest(self) -> int:
        """The first second it can have happened in."""

    @property
    def latest(self) -> int | None:
        """The last one; None where it may still be going to happen."""


def presence(happening: HasInterval, start: int, end: int, margins: Margins) -> Presence:
    """Whether a number read within [start, end] shows `happening`, given how long the store may take to commit it."""
    latest = happening.latest
    if latest is not None and latest + 1 + margins.commit_lag <= start:
        return "in"
    return "out" if happening.earliest > end + margins.clock_skew else "perhaps"


FIGHT: Final = 3
FIGHT_WITHIN: Final = 3600


def is_fought_over(undos: Iterable[PushEffect], now: int) -> bool:
    """Whether another app writes this number (PROTOCOL §3): three undos of one size on a row within an hour up to `now`.

    An undo is opposite to the edit it undoes, so undos of one size are answers to one write that comes again and again.
    """
    sizes = [abs(undo.available) for undo in undos if undo.kind == "undo" and now - undo.sent < FIGHT_WITHIN]
    return any(sizes.count(size) >= FIGHT for size in set(sizes))
