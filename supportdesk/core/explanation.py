"""Why a row of a store shows what it should: the number it settled at and everything since, adding up to it (PROTOCOL §1.3, §6).

Values and sums; what is kept of a row is read by `ledger.explanation`, wording is the screens' and the command line's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from supportdesk.core.effects import Effect, EffectKind, Margins, PushEffect
from supportdesk.core.rows import Bounds, Reading, RowCondition, RowNumbers, bounds_at_t0, is_void
from supportdesk.core.stock import Movement

LineKind = EffectKind | Literal["push", "undo"]
"""An effect of the row, a difference push, or an undo, which puts an edit back and so is no part of what the row should show."""

SIGNS: Final = {"undo": "!", "unexplained": "!", "push": "→"}
"""The sign of a line by its kind (DESIGN §7); `←` for all others, `~` for a push that the store has not answered."""


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One thing that changed what a row shows. Seconds are the store's."""

    kind: LineKind
    units: int
    """By how much."""
    earliest: int
    latest: int
    """It happened within [earliest, latest]."""
    reference: str = ""
    """The order's name, or what a push refers to; foreign text."""
    cause: str = ""
    """Of a push: the kind of what the ledger changed by."""
    detail: str = ""
    """In words, as the log says it; foreign text may be in it."""
    answered: bool = True
    """Of a push: whether the store said that it is done."""

    @property
    def counts(self) -> bool:
        """Whether it is part of what the row should show."""
        return self.kind != "undo"

    @property
    def sign(self) -> str:
        """As DESIGN §7 has it."""
        return SIGNS.get(self.kind, "←") if self.answered else "~"

    @property
    def at(self) -> datetime:
        """When it had happened."""
        return datetime.fromtimestamp(self.latest, UTC)


class LastReading(NamedTuple):
    """What the row showed when it was last read."""

    numbers: RowNumbers
    start: int
    end: int

    @property
    def at(self) -> datetime:
        """When the reading ended."""
        return datetime.fromtimestamp(self.end, UTC)


@dataclass(frozen=True, slots=True)
class RowExplanation:
    """One row: where it stands, and how the number comes about that it should show."""

    condition: RowCondition
    reason: str
    """Why it is out, held, or settling again."""
    master: str
    t0: int
    settled: Bounds | None
    """What it showed at T0; None until it settled."""
    readings: int
    """Looked at since it began to settle."""
    should_show: int | None
    """Settled (the high bound) + Σ difference pushes + Σ own effects, as the engine keeps it; None until live."""
    earlier: int
    """Σ of what counts and is older than the lines."""
    earlier_count: int
    lines: tuple[ExplainedLine, ...]
    """Oldest first; with undos, which do not count."""
    wanted: int | None = None
    """What the ledger wants it to show; None where it does not know, or pushes nothing."""
    reading: LastReading | None = None
    suspected: int = 0
    """An edit that was seen once, and waits to be seen again."""
    outside: int = 0
    """By how much the last reading lay outside what the row should have shown."""
    stopped: int = 0
    """The part of a difference that the brake stops."""

    @property
    def t0_at(self) -> datetime:
        """T0."""
        return datetime.fromtimestamp(self.t0, UTC)

    @property
    def adds_up(self) -> bool:
        """Whether the lines come to what the row should show."""
        if self.should_show is None or self.settled is None:
            return True
        return self.settled.high + self.earlier + sum(line.units for line in self.lines if line.counts) == (
            self.should_show
        )

    @property
    def becomes(self) -> tuple[int | None, ...]:
        """What the row should have shown after each line; None while it has not settled."""
        if self.settled is None:
            return (None,) * len(self.lines)
        changes = (line.units if line.counts else 0 for line in self.lines)
        return tuple(accumulate(changes, initial=self.settled.high + self.earlier))[1:]

    @property
    def to_put_back(self) -> int:
        """Units of an edit by staff that is put back once it is seen again; 0 for none. Units that are back are taken in, and never are."""
        return min(0, self.suspected)

    @property
    def unanswered(self) -> int:
        """Units that were sent and that the store has not answered for."""
        return sum(line.units for line in self.lines if not line.answered and line.counts)

    @property
    def unexplained(self) -> int:
        """Units that left the store's number without a name (less than 0 for more of them back), and stand."""
        return -sum(line.units for line in self.lines if line.kind == "unexplained")


def newest_first(lines: Iterable[ExplainedLine]) -> list[ExplainedLine]:
    """The lines by when they were surely on the row's number, the last one first."""
    return sorted(lines, key=lambda line: (line.latest, line.earliest), reverse=True)


def outside(
    reading: LastReading,
    settled: Bounds,
    t0: int,
    earlier: int,
    lines: Iterable[ExplainedLine],
    margins: Margins,
) -> int:
    """By how much a reading surely lies above or below what the row should have shown then; 0 where it fits, or says nothing."""
    effects = [Effect("placed", earlier, t0, t0)]
    pushes = []
    for line in lines:
        if line.kind in ("push", "undo"):
            kind: Literal["difference", "undo"] = "difference" if line.kind == "push" else "undo"
            answered = line.latest if line.answered else None
            pushes.append(PushEffect(kind, line.units, line.earliest, answered))
        else:
            effects.append(Effect("placed", line.units, line.earliest, line.latest))
    seen = Reading(reading.numbers, reading.start, reading.end)
    if is_void(seen, t0, pushes, margins):
        return 0
    return settled.outside(bounds_at_t0(seen, effects, pushes, margins))


# History ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SkuEvent:
    """Something that happened to a SKU without moving its stock: a push of a row, a row held, an edit put back."""

    id: int
    at: datetime
    kind: str
    channel: str
    who: str
    place: str
    reference: str
    detail: str
    before: int | None
    after: int | None


def merged(
    movements: Iterable[Movement], events: Iterable[SkuEvent], counts: tuple[int, int]
) -> tuple[Movement | SkuEvent, ...]:
    """Movements and events as one history, newest first, each list in its own order.

    `counts` is how many there are of each in all: where a list holds only the newest of them, the history ends with the last that is
    surely in its place.
    """
    left, right = list(movements), list(events)
    short = (len(left) < counts[0], len(right) < counts[1])
    found: list[Movement | SkuEvent] = []
    one = other = 0
    while one < len(left) or other < len(right):
        if (one == len(left) and short[0]) or (other == len(right) and short[1]):
            break
        if other == len(right) or (one < len(left) and left[one].at >= right[other].at):
            found.append(left[one])
            one += 1
        else:
            found.append(right[other])
            other += 1
    return tuple(found)
