"""Orders as a person looks at them: what each holds where, what it booked, what of it is to be looked at. Values and the sums over them.

What an order does to stock is decided in `orders`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple

from supportdesk.core.orders import RecipePart, Treatment, booked_parts
from supportdesk.core.stock import NOTHING, Quantities

OrderShow = Literal["all", "open", "to_look_at", "not_found", "unlinked", "past"]
"""Which orders are listed. `to_look_at`: with a line that nothing in the ledger answers to, or at a location that is not linked."""
OrderState = Literal["open", "fulfilled", "cancelled", "gone", "out_of_sight"]
"""`gone`: deleted in the store. `out_of_sight`: too old for the app to see, so nobody knows what became of it."""

LOOK_AT: Final[frozenset[Treatment]] = frozenset({"not_found", "unlinked"})
"""What of a line's treatments a person should look at."""


class Taken(NamedTuple):
    """What a line did to one SKU of the ledger."""

    sku: str
    change: Quantities


class ShownLine(NamedTuple):
    """One line at one location."""

    line_id: int
    sku: str
    """As it was ordered; foreign text."""
    title: str
    """Of the listing there is now; '' where there is none."""
    known_sku: str
    """The SKU to look into: the listing's, else the one ordered where the account knows it; '' where it does not."""
    location_id: int
    location: str
    warehouse: str
    """Code; '' where it books nowhere."""
    treatment: Treatment
    unfulfilled: int
    fulfilled: int
    returned: int
    written_off: int
    cancelled: int
    recipe: tuple[RecipePart, ...] = ()

    @property
    def units(self) -> int:
        """Units of the line that are, or were, this location's."""
        return self.unfulfilled + self.fulfilled + self.written_off + self.cancelled

    @property
    def taken(self) -> tuple[Taken, ...]:
        """What it did to the ledger since it was placed, a component at a time; nothing where it is not booked."""
        if self.treatment != "booked":
            return ()
        change = Quantities(self.returned - self.fulfilled - self.written_off, self.unfulfilled)
        return tuple(
            Taken(part.sku, Quantities(change.in_stock * part.quantity, change.booked * part.quantity))
            for part in booked_parts(self.recipe)
        )


class Adjusted(NamedTuple):
    """What an order from before sync adjusted since, in one warehouse."""

    sku: str
    warehouse: str
    units: int


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """One order with its lines."""

    id: int
    name: str
    """`#1042`; foreign text."""
    placed: datetime
    state: OrderState
    lines: tuple[ShownLine, ...]
    """A line for each location that it is, or was, at."""
    adjusted: tuple[Adjusted, ...] = ()
    """Of an order from before sync: what changed of it since."""
    closed: datetime | None = None
    """When sync was turned off, and with it what the order had booked was closed; None where it is on. The order is as it was then."""

    @property
    def line_count(self) -> int:
        """How many lines it has."""
        return len({line.line_id for line in self.lines})

    @property
    def units(self) -> int:
        """Σ of its lines' units."""
        return sum(line.units for line in self.lines)

    @property
    def change(self) -> Quantities:
        """What it did to the ledger's in stock and booked, over all SKUs and warehouses."""
        total = NOTHING
        for line in self.lines:
            for taken in line.taken:
                total = total.plus(taken.change)
        return total

    @property
    def locations(self) -> tuple[str, ...]:
        """Where it holds something, or, where it holds nothing any more, where it was."""
        held = [line.location for line in self.lines if line.units]
        return tuple(dict.fromkeys(held or [line.location for line in self.lines]))

    @property
    def treatments(self) -> frozenset[Treatment]:
        """What the ledger makes of its lines."""
        held = frozenset(line.treatment for line in self.lines if line.units or line.returned)
        return held or frozenset(line.treatment for line in self.lines)

    @property
    def is_past(self) -> bool:
        """Whether it is from before sync, so that only what changes of it counts."""
        return "past" in self.treatments

    @property
    def look_at(self) -> frozenset[Treatment]:
        """What of it a person should look at."""
        return self.treatments & LOOK_AT


def state_of(*, is_open: bool, is_gone: bool, unfulfilled: int, fulfilled: int) -> OrderState:
    """Where an order stands, by what is kept of it: whether something is to be sent, and its lines' units."""
    if is_gone:
        return "gone"
    if is_open:
        return "open"
    if unfulfilled:
        return "out_of_sight"
    return "fulfilled" if fulfilled else "cancelled"
