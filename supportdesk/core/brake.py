"""The brake: what stops writes before they empty or flood a store (PROTOCOL §4).

Pure, over tallies that the ledger counts. What a plan does row by row is in `plan`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from supportdesk.core.checks import count_of

BrakeCode = Literal["rows_to_zero", "side_empty", "location_halved", "location_doubled"]

WINDOW: Final = 24 * 3600
"""Seconds over which writes add up, so that ten small steps stop where one large one would."""

ORDERS: Final = frozenset(
    {"placed", "edited", "moved", "fulfilled", "cancelled", "returned", "written_off", "deleted"}
)
"""Causes that are orders: their falls go on while the brake holds (`core.effects.EffectKind`)."""


@dataclass(frozen=True, slots=True)
class BrakeLimits:
    """What is let through; each is a setting."""

    rows_to_zero: float = 0.2
    """Share of the stocked rows that may fall to 0."""
    halved: float = 0.5
    """A location's total may fall to this share of what it was."""
    doubled: float = 2.0
    """A location's total may rise to this many times what it was."""


@dataclass(frozen=True, slots=True)
class LocationTally:
    """Units of one location, over its rows in scope."""

    location_id: int
    name: str
    """Foreign text."""
    before: int
    change: int
    """By writes that do not follow orders."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one set of writes does, or all of the last 24 hours together. What follows orders is in none of its numbers."""

    stocked_rows: int
    """Rows above 0 before."""
    rows_to_zero: int
    """Of those, rows that are to show 0 or less."""
    source_units: int
    """Units on the side whose numbers are taken."""
    target_units: int
    """Units on the side that is overwritten, before."""
    locations: tuple[LocationTally, ...] = ()


@dataclass(frozen=True, slots=True)
class BrakeReason:
    """Why the brake holds, as one sentence; may quote foreign text."""

    code: BrakeCode
    text: str
    location_id: int | None = None


def over_a_day(written: Iterable[tuple[int, Tally]], now: int, coming: Tally) -> Tally:
    """`coming` together with what was written in the 24 hours up to `now`: (second, tally), oldest first; imports are among them.

    Shares are of what there was at the beginning of that time; one side is empty or not as it is now.
    """
    recent = [tally for at, tally in written if now - at < WINDOW]
    tallies = [*recent, coming]
    places: dict[int, LocationTally] = {}
    for tally in tallies:
        for place in tally.locations:
            first = places.get(place.location_id)
            before, change = (first.before, first.change) if first else (place.before, 0)
            places[place.location_id] = LocationTally(
                place.location_id, place.name, before, change + place.change
            )
    return Tally(
        tallies[0].stocked_rows,
        sum(tally.rows_to_zero for tally in tallies),
        coming.source_units,
        coming.target_units,
        tuple(places.values()),
    )


def judge_brake(tally: Tally, limits: BrakeLimits) -> tuple[BrakeReason, ...]:
    """Why these writes stop before the first of them; nothing where they may go on."""
    reasons = []
    if tally.source_units <= 0 < tally.target_units:
        reasons.append(
            BrakeReason(
                "side_empty",
                f"The side whose numbers are taken is empty, and {count_of(tally.target_units, 'unit')} on the other would go.",
            )
        )
    if tally.rows_to_zero > limits.rows_to_zero * tally.stocked_rows:
        reasons.append(
            BrakeReason(
                "rows_to_zero",
                f"{count_of(tally.rows_to_zero, 'row')} of {tally.stocked_rows:,} in stock would fall to 0, "
                f"more than {limits.rows_to_zero:.0%}.",
            )
        )
    reasons += [reason for place in tally.locations if (reason := _location(place, limits))]
    return tuple(reasons)


def _location(place: LocationTally, limits: BrakeLimits) -> BrakeReason | None:
    """What is wrong with one location's total; below 0 counts as 0."""
    before, after = max(0, place.before), max(0, place.before + place.change)
    moves = f"{place.name} would go from {before:,} to {count_of(after, 'unit')}, "
    if after < limits.halved * before:
        text = f"{moves}less than {limits.halved:.0%} of what it has."
        return BrakeReason("location_halved", text, place.location_id)
    if after > limits.doubled * before:
        text = f"{moves}more than {limits.doubled:g} times what it has."
        return BrakeReason("location_doubled", text, place.location_id)
    return None


def standing_text(reasons: Iterable[str], rows: str = "") -> str:
    """That the brake holds, why, and what becomes of what it stops, as sentences; `rows` is how many that are, in words."""
    said = f"The brake holds back {rows}" if rows else "The brake holds"
    return f"{said}: {' '.join(reasons)} What it stops is not written until somebody lets it go."


def is_stopped(change: int, cause: str, reasons: Sequence[BrakeReason]) -> bool:
    """Whether a write of `change` units waits while the brake holds: every raise, and every fall that follows no order.

    `cause` is the kind of what the ledger changed by, `ORDERS` those that are orders.
    """
    return bool(reasons) and (change > 0 or cause not in ORDERS)


def lets_go(typed_rows: int | None, rows: int) -> bool:
    """Whether a person who typed `typed_rows` said the number of `rows` that the writes change, and so goes on."""
    return typed_rows == rows
