"""Orders from memory: every state and treatment, hostile texts, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from supportdesk.core.order_list import Adjusted, OrderShow, OrderState, ShownLine, ShownOrder
from supportdesk.core.orders import RecipePart, Treatment

_TREATMENTS: Sequence[Treatment] = (
    *("booked", "booked", "not_found", "booked", "unlinked", "booked", "past", "booked", "shopify_master"),
    *("left_out", "booked"),
)
_STATES: Sequence[OrderState] = ("open", "open", "fulfilled", "open", "cancelled", "gone", "out_of_sight")


@dataclass
class FakeOrders:
    """The orders of one channel, the newest first; `hostile` puts those texts wherever a merchant's text can stand."""

    hostile: Sequence[str] = ()
    count: int = 400

    def order(self, number: int) -> ShownOrder:
        """One order; 0 is the newest."""
        treatment = _TREATMENTS[number % len(_TREATMENTS)]
        state = _STATES[number % len(_STATES)]
        text = self.hostile[number % len(self.hostile)] if self.hostile else ""
        open_units = 2 if state in ("open", "out_of_sight") else 0
        sent = 2 if state == "fulfilled" else 0
        off = 2 if state in ("cancelled",) else 0
        sku = text or f"KO-{number:04}"
        first = ShownLine(
            line_id=number * 10,
            sku=sku,
            title=text or "Ridge tent 2P",
            known_sku="" if treatment == "not_found" else sku,
            location_id=1,
            location=text or "Main Street",
            warehouse=text or "MAIN",
            treatment=treatment,
            unfulfilled=open_units,
            fulfilled=sent,
            returned=0,
            written_off=0,
            cancelled=off,
            recipe=(RecipePart(sku),),
        )
        lines = [first]
        if number % 3 == 0:
            kit = (RecipePart("KO-TENT-2P"), RecipePart(text or "KO-MUG-ENAMEL", 4))
            lines.append(
                first._replace(
                    line_id=number * 10 + 1,
                    sku=text or "KO-KIT-CAMP",
                    title=text or "Camp kit",
                    known_sku="KO-KIT-CAMP",
                    location_id=2,
                    location=text or "Depot",
                    warehouse=text or "DEPOT",
                    treatment="booked",
                    unfulfilled=1,
                    fulfilled=1,
                    cancelled=0,
                    recipe=kit,
                )
            )
        adjusted = (Adjusted(text or "KO-0006", text or "MAIN", 2),) if treatment == "past" else ()
        placed = datetime(2026, 11, 23, 14, 29, tzinfo=UTC) - timedelta(minutes=37 * number)
        return ShownOrder(number + 1, text or f"#{5042 - number}", placed, state, tuple(lines), adjusted)

    def open(self, show: OrderShow, text: str) -> FakeOrderTable:
        """Those that the filter shows."""
        found = range(len(self.hostile) or self.count)
        return FakeOrderTable(self, [number for number in found if self._fits(number, show, text)])

    def _fits(self, number: int, show: OrderShow, text: str) -> bool:
        order = self.order(number)
        shown = {
            "open": order.state == "open",
            "to_look_at": bool(order.look_at),
            "past": order.is_past,
        }.get(show, True)
        words = [order.name, *(line.sku for line in order.lines)]
        return shown and any(text.casefold() in word.casefold() for word in words)


class FakeOrderTable:
    """Orders that are made up when they are asked for."""

    def __init__(self, orders: FakeOrders, numbers: Sequence[int]) -> None:
        self._orders = orders
        self._numbers = numbers
        self.count = len(numbers)
        self.closed = False

    def window(self, start: int, limit: int) -> tuple[ShownOrder, ...]:
        """Those orders."""
        assert not self.closed
        return tuple(self._orders.order(number) for number in self._numbers[start : start + limit])

    def position_of(self, name: str) -> int | None:
        """Where the order of that name is."""
        names = [self._orders.order(number).name for number in self._numbers]
        return names.index(name) if name in names else None

    def close(self) -> None:
        """Let go."""
        self.closed = True
