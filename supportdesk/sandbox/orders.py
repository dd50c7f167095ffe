"""A shop's orders: placed, found, and their stock moved a moment after what happened to them. What happens to one later: `order_changes`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from supportdesk.sandbox.clock import stamp
from supportdesk.sandbox.order_records import (
    AgreementRecord,
    FulfillmentOrderLine,
    FulfillmentOrderRecord,
    FulfillmentRecord,
    LineRecord,
    OrderRecord,
    RefundRecord,
    ReturnRecord,
    SaleRecord,
)
from supportdesk.sandbox.records import ItemRecord, LevelRecord, LocationRecord, VariantRecord

if TYPE_CHECKING:
    from supportdesk.sandbox.store import SandboxShop

Moves = list[tuple[LevelRecord, Mapping[str, int]]]


class Wanted(NamedTuple):
    """What a line asks for, and where it is to come from."""

    variant: VariantRecord
    quantity: int
    location: LocationRecord


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """Stock that is going to move: the part of the truth no reading shows yet."""

    order: OrderRecord
    at: float
    """Seconds since 1970."""
    cause: str
    moves: Moves


class OrderBook:
    """The orders of one shop, oldest first."""

    def __init__(self, shop: SandboxShop) -> None:
        self.shop = shop
        self.orders: dict[int, OrderRecord] = {}
        self.fulfillment_orders: dict[int, FulfillmentOrderRecord] = {}
        self.fulfillments: dict[int, FulfillmentRecord] = {}
        self.refunds: dict[int, RefundRecord] = {}
        self.returns: dict[int, ReturnRecord] = {}
        self.pending: list[Pending] = []
        self.open: dict[int, OrderRecord] = {}
        """Orders that hold units."""
        self.deleted: list[int] = []
        """Ids of orders that were deleted."""
        self._number = 1000

    def named(self, name: str) -> OrderRecord:
        """The order of that name (`#1001` or `1001`) or id. Raises ValueError where there is none."""
        text = name.removeprefix("#")
        for order in reversed(self.orders.values()):
            if text in (str(order.number), str(order.id)):
                return order
        raise ValueError(f"there is no order {name}")

    def number_from(self, number: int) -> None:
        """Name the next order by that number."""
        self._number = number - 1

    # --- placing ---------------------------------------------------------------------------------------------------

    def place(
        self,
        wanted: Sequence[Wanted],
        *,
        source: str = "web",
        test: bool = False,
        created: datetime | None = None,
        takes_stock: bool = True,
        commit_after: float | None = None,
        visible_after: float | None = None,
    ) -> OrderRecord:
        """Place an order: its units become committed after the commit lag, or `commit_after` seconds.

        `created` dates one back and `takes_stock=False` leaves the numbers alone: orders that were there before. Searches
        show it after the visibility lag, or `visible_after` seconds. Raises ValueError for quantities below 1, no lines,
        and a location where the item is not stocked.
        """
        if not wanted:
            raise ValueError("an order needs a line")
        for one in wanted:
            if one.quantity < 1:
                raise ValueError("a line's quantity begins at 1")
            if takes_stock and one.variant.item.tracked:
                self.level(one.variant.item, one.location)
        now = stamp(created) if created is not None else self.shop.stamp()
        self._number += 1
        order = OrderRecord(self.shop.new_id("Order"), self._number, now, now, source, test)
        self.orders[order.id] = order
        for one in wanted:
            line = self.add_line(order, one.variant, one.quantity)
            self.hold(order, line, one.location, one.quantity)
        self.agree(order, "OrderAgreement", "ORDER", [(line, "ORDER", line.quantity) for line in order.lines])
        if takes_stock:
            moves = [self.taking(one.variant.item, one.location, one.quantity) for one in wanted]
            self.move_stock(order, "placed", moves, commit_after)
        self._show(order, 0.0 if created is not None else visible_after)
        return order

    def add_line(self, order: OrderRecord, variant: VariantRecord, quantity: int) -> LineRecord:
        """A new line of an order, held nowhere yet."""
        line = LineRecord(self.shop.new_id("LineItem"), variant, variant.item.sku, quantity, quantity)
        order.lines.append(line)
        return line

    def hold(
        self, order: OrderRecord, line: LineRecord, location: LocationRecord, quantity: int
    ) -> FulfillmentOrderRecord:
        """Have a location hold units of a line, in its open fulfilment order or a new one."""
        found = next((one for one in order.fulfillment_orders if one.location is location and one.open), None)
        found = found or self.new_fulfillment_order(order, location)
        part = found.part_of(line)
        if part is None:
            number = self.shop.new_id("FulfillmentOrderLineItem")
            part = FulfillmentOrderLine(number, line, 0, 0)
            found.lines.append(part)
        part.total += quantity
        part.remaining += quantity
        return found

    def new_fulfillment_order(self, order: OrderRecord, location: LocationRecord) -> FulfillmentOrderRecord:
        """A fulfilment order without lines."""
        now = self.shop.stamp() if order.agreements else order.created_at
        made = FulfillmentOrderRecord(self.shop.new_id("FulfillmentOrder"), order, location, now, now)
        order.fulfillment_orders.append(made)
        self.fulfillment_orders[made.id] = made
        return made

    def agree(
        self,
        order: OrderRecord,
        kind: str,
        reason: str,
        sales: Iterable[tuple[LineRecord, str, int]],
        refund: RefundRecord | None = None,
    ) -> None:
        """Write down what was agreed."""
        records = [SaleRecord(self.shop.new_id("Sale"), *sale) for sale in sales]
        when = self.shop.stamp() if order.agreements else order.created_at
        number = self.shop.new_id("SalesAgreement")
        order.agreements.append(AgreementRecord(kind, number, order, when, reason, records, refund))

    # --- stock -----------------------------------------------------------------------------------------------------

    def level(self, item: ItemRecord, location: LocationRecord) -> LevelRecord:
        """The row of an item at a location. Raises ValueError where it was never stocked."""
        found = item.levels.get(location.id)
        if found is None:
            raise ValueError(f"{item.sku or item.id} is not stocked at {location.name}")
        return found

    def taking(
        self, item: ItemRecord, location: LocationRecord, quantity: int
    ) -> tuple[ItemRecord, LocationRecord, dict[str, int]]:
        """Units promised: from available to committed."""
        return item, location, {"available": -quantity, "committed": quantity}

    def move_stock(
        self,
        order: OrderRecord,
        cause: str,
        moves: Iterable[tuple[ItemRecord, LocationRecord, Mapping[str, int]]],
        after: float | None = None,
    ) -> None:
        """Move stock for something that happened to an order just now, `after` seconds or the commit lag from now.

        Never before what happened to the order earlier. Items that are not tracked have no stock to move.
        """
        real = [(self.level(item, place), deltas) for item, place, deltas in moves if item.tracked and deltas]
        if not real:
            return
        timeline = self.shop.timeline
        lag = self.shop.lag("commit") if after is None else after
        at = max(timeline.seconds() + lag, order.settled_at)
        order.settled_at = at
        waiting = Pending(order, at, cause, real)
        if at <= timeline.seconds():
            self._commit(waiting)
            return
        self.pending.append(waiting)
        timeline.schedule(at, lambda: self._settle(waiting))

    def uncommitted(self, level: LevelRecord, name: str = "available") -> int:
        """What a level's number is still going to change by, for things that happened to orders already."""
        return sum(
            deltas.get(name, 0) for waiting in self.pending for each, deltas in waiting.moves if each is level
        )

    def _settle(self, waiting: Pending) -> None:
        self.pending.remove(waiting)
        self._commit(waiting)

    def _commit(self, waiting: Pending) -> None:
        for level, deltas in waiting.moves:
            self.shop.change(level, deltas, "order", f"{waiting.order.name} {waiting.cause}")

    # --- what searches know ----------------------------------------------------------------------------------------

    def touch(self, order: OrderRecord) -> None:
        """Note that an order changed."""
        order.updated_at = self.shop.stamp()
        self._index(order, None)

    def touch_fulfillment_order(self, one: FulfillmentOrderRecord) -> None:
        """Note that a fulfilment order changed. Its order's `updatedAt` stays."""
        one.updated_at = self.shop.stamp()
        self._index(one, None)

    def _show(self, order: OrderRecord, after: float | None) -> None:
        self._index(order, after)
        for one in order.fulfillment_orders:
            self._index(one, after)

    def _index(self, record: OrderRecord | FulfillmentOrderRecord, after: float | None) -> None:
        order = record if isinstance(record, OrderRecord) else record.order
        if order.open_units and order.id in self.orders:
            self.open[order.id] = order
        else:
            self.open.pop(order.id, None)
        lag = self.shop.lag("visibility") if after is None else after
        when = record.updated_at
        if lag <= 0:
            record.indexed_at = when
            return

        def indexed() -> None:
            record.indexed_at = max(when, record.indexed_at or when)

        self.shop.timeline.schedule(self.shop.timeline.seconds() + lag, indexed)
