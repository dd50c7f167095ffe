"""What happens to an order after it was placed: sent, cancelled, refunded, returned, moved, split, edited, held, deleted.

What each does to stock: `reference/shopify.md` §6. Every function raises ValueError for what cannot be done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from supportdesk.sandbox.order_records import (
    Disposition,
    FulfillmentLine,
    FulfillmentOrderLine,
    FulfillmentOrderRecord,
    FulfillmentRecord,
    LineRecord,
    OrderRecord,
    RefundLine,
    RefundRecord,
    ReturnRecord,
    ReverseFulfillmentOrder,
    ReverseLine,
)
from supportdesk.sandbox.orders import OrderBook, Wanted
from supportdesk.sandbox.records import ItemRecord, LocationRecord, VariantRecord

CANCEL_REASONS: Final = ("CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF")

Move = tuple[ItemRecord, LocationRecord, Mapping[str, int]]

_SENT: Final = {"committed": -1}
_GIVEN_BACK: Final = {"committed": -1, "available": 1}
_LOST: Final = {"committed": -1}
_CAME_BACK: Final = {"available": 1}


def _times(deltas: Mapping[str, int], quantity: int) -> dict[str, int]:
    return {name: delta * quantity for name, delta in deltas.items()}


def fulfil(
    book: OrderBook,
    one: FulfillmentOrderRecord,
    quantities: Mapping[LineRecord, int] | None = None,
    *,
    also: Sequence[FulfillmentOrderRecord] = (),
    after: float | None = None,
) -> FulfillmentRecord:
    """Send what a fulfilment order holds, or some of its lines: committed and on hand fall.

    `also` names fulfilment orders of the same order and location that go whole into the same parcel.
    """
    together, order, shop = [one, *also], one.order, book.shop
    if any(each.order is not order or each.location is not one.location for each in also):
        raise ValueError("a parcel is of one order and one location")
    if wrong := [each.status for each in together if each.status not in ("OPEN", "IN_PROGRESS")]:
        raise ValueError(f"a fulfilment order that is {wrong[0]} cannot be sent")
    chosen: list[tuple[FulfillmentOrderLine, int]] = []
    for each in together:
        wanted = quantities if each is one else None
        for part in each.lines:
            quantity = part.remaining if wanted is None else wanted.get(part.line, 0)
            if quantity:
                chosen.append((part, quantity))
    if not chosen or any(not 0 < quantity <= part.remaining for part, quantity in chosen):
        raise ValueError("a fulfilment sends at least one unit, and no more than remain")
    sent: dict[LineRecord, int] = {}
    for part, quantity in chosen:
        part.remaining -= quantity
        part.line.fulfilled += quantity
        sent[part.line] = sent.get(part.line, 0) + quantity
    made = FulfillmentRecord(
        shop.new_id("Fulfillment"),
        order,
        f"{order.name}-F{len(order.fulfillments) + 1}",
        one.location,
        shop.stamp(),
        [FulfillmentLine(shop.new_id("FulfillmentLineItem"), line, number) for line, number in sent.items()],
        together,
    )
    order.fulfillments.append(made)
    book.fulfillments[made.id] = made
    for each in together:
        each.status = "IN_PROGRESS" if any(part.remaining for part in each.lines) else "CLOSED"
        book.touch_fulfillment_order(each)
    if not order.open_units:
        order.closed_at = order.closed_at or shop.stamp()
    book.touch(order)
    moves = [(line.item, one.location, _times(_SENT, number)) for line, number in sent.items()]
    book.move_stock(order, "fulfilled", moves, after)
    return made


def sell_at_counter(
    book: OrderBook,
    wanted: Sequence[Wanted],
    *,
    after: float | None = None,
    visible_after: float | None = None,
) -> OrderRecord:
    """A sale in a shop: the goods leave at once, so available and on hand fall together."""
    order = book.place(wanted, source="pos", commit_after=after, visible_after=visible_after)
    order.retail_location = wanted[0].location
    for one in list(order.fulfillment_orders):
        # No later than it was taken off: the goods leave at once.
        fulfil(book, one, after=0.0)
    return order


def cancel(
    book: OrderBook,
    order: OrderRecord,
    *,
    restock: bool = True,
    reason: str = "OTHER",
    after: float | None = None,
) -> RefundRecord:
    """Cancel an order none of which was sent; its units become available again, or are gone without `restock`."""
    if order.cancelled_at is not None:
        raise ValueError("Order has already been cancelled")
    if order.fulfillments:
        raise ValueError("Cannot cancel an order that has outstanding fulfillments")
    if reason not in CANCEL_REASONS:
        raise ValueError(f"a reason is one of {', '.join(CANCEL_REASONS)}")
    moves, lines = list[Move](), list[tuple[LineRecord, int, str, LocationRecord | None]]()
    kind = "CANCEL" if restock else "NO_RESTOCK"
    for one in order.fulfillment_orders:
        for part in one.lines:
            if part.remaining:
                deltas = _times(_GIVEN_BACK if restock else _LOST, part.remaining)
                moves.append((part.line.item, one.location, deltas))
                lines.append((part.line, part.remaining, kind, one.location if restock else None))
            part.total = part.remaining = 0
        one.status = "CLOSED"
        book.touch_fulfillment_order(one)
    order.cancelled_at = order.closed_at = book.shop.stamp()
    order.cancel_reason = reason
    refund = _refund(book, order, lines)
    book.move_stock(order, "cancelled", moves, after)
    return refund


def _refund(
    book: OrderBook, order: OrderRecord, lines: list[tuple[LineRecord, int, str, LocationRecord | None]]
) -> RefundRecord:
    """Write a refund down; stock is the caller's."""
    shop = book.shop
    for line, quantity, _, _ in lines:
        line.current -= quantity
        line.refunded += quantity
    made = RefundRecord(
        shop.new_id("Refund"),
        order,
        shop.stamp(),
        [RefundLine(shop.new_id("RefundLineItem"), *line) for line in lines],
    )
    order.refunds.append(made)
    book.refunds[made.id] = made
    sales = [(line, "RETURN", -quantity) for line, quantity, _, _ in lines]
    book.agree(order, "RefundAgreement", "REFUND", sales, made)
    book.touch(order)
    return made


def _release(
    book: OrderBook, order: OrderRecord, line: LineRecord, quantity: int
) -> list[tuple[LocationRecord, int]]:
    """Take units of a line out of its open fulfilment orders: where they were held, and how many."""
    released = []
    for one in order.fulfillment_orders:
        part = one.part_of(line) if one.open else None
        taken = min(quantity, part.remaining) if part is not None else 0
        if part is None or not taken:
            continue
        part.remaining -= taken
        part.total -= taken
        quantity -= taken
        released.append((one.location, taken))
        if not any(each.remaining for each in one.lines):
            one.status = "CLOSED"
        book.touch_fulfillment_order(one)
    return released


def _sent_from(order: OrderRecord, line: LineRecord) -> LocationRecord:
    """Where a line was sent from: where it goes back to unless told otherwise."""
    return next(
        one.location for one in reversed(order.fulfillments) if any(each.line is line for each in one.lines)
    )


def refund(
    book: OrderBook,
    line: LineRecord,
    order: OrderRecord,
    quantity: int,
    *,
    restock: bool,
    location: LocationRecord | None = None,
    after: float | None = None,
) -> RefundRecord:
    """Refund units of a line: those not sent first. Restocked they are available again, sent ones at `location`."""
    unsent = sum(
        part.remaining for one in order.fulfillment_orders for part in one.lines if part.line is line
    )
    sent = line.current - unsent
    if not 0 < quantity <= unsent + sent:
        raise ValueError("a refund is of at least one unit, and of no more than were bought")
    if restock and quantity > unsent and line.item.tracked:
        book.level(line.item, location or _sent_from(order, line))
    moves, lines = list[Move](), list[tuple[LineRecord, int, str, LocationRecord | None]]()
    for place, taken in _release(book, order, line, min(quantity, unsent)):
        kind = "CANCEL" if restock else "NO_RESTOCK"
        lines.append((line, taken, kind, place if restock else None))
        moves.append((line.item, place, _times(_GIVEN_BACK if restock else _LOST, taken)))
    if back := quantity - min(quantity, unsent):
        place = location or _sent_from(order, line)
        lines.append((line, back, "RETURN" if restock else "NO_RESTOCK", place if restock else None))
        if restock:
            moves.append((line.item, place, _times(_CAME_BACK, back)))
    made = _refund(book, order, lines)
    book.move_stock(order, "refunded", moves, after)
    return made


def take_back(
    book: OrderBook,
    line: LineRecord,
    order: OrderRecord,
    quantity: int,
    *,
    restock: bool,
    location: LocationRecord | None = None,
    after: float | None = None,
) -> ReturnRecord:
    """A return of units that were sent: with `restock` they are available again at `location`. No money moves."""
    returned = sum(
        each.total
        for one in order.returns
        for reverse in one.reverse
        for each in reverse.lines
        if each.fulfillment_line.line is line
    )
    sent = next((each for one in order.fulfillments for each in one.lines if each.line is line), None)
    if sent is None or not 0 < quantity <= line.fulfilled - returned:
        raise ValueError("a return is of at least one unit, and of no more than were sent")
    shop = book.shop
    now, place = shop.stamp(), location or _sent_from(order, line)
    if restock and line.item.tracked:
        book.level(line.item, place)
    kind = "RESTOCKED" if restock else "NOT_RESTOCKED"
    disposition = Disposition(shop.new_id("ReverseFulfillmentOrderDisposition"), now, kind, quantity, place)
    reverse_line = ReverseLine(shop.new_id("ReverseFulfillmentOrderLineItem"), sent, quantity, [disposition])
    reverse = ReverseFulfillmentOrder(shop.new_id("ReverseFulfillmentOrder"), order, [reverse_line])
    made = ReturnRecord(
        shop.new_id("Return"), order, f"{order.name}-R{len(order.returns) + 1}", now, [reverse], closed_at=now
    )
    order.returns.append(made)
    book.returns[made.id] = made
    book.touch(order)
    if restock:
        book.move_stock(order, "returned", [(line.item, place, _times(_CAME_BACK, quantity))], after)
    return made


def _pass_on(
    book: OrderBook,
    one: FulfillmentOrderRecord,
    other: FulfillmentOrderRecord,
    part: FulfillmentOrderLine,
    quantity: int,
) -> None:
    part.total -= quantity
    part.remaining -= quantity
    number = book.shop.new_id("FulfillmentOrderLineItem")
    other.lines.append(FulfillmentOrderLine(number, part.line, quantity, quantity))
    book.touch_fulfillment_order(one)
    book.touch_fulfillment_order(other)


def move(
    book: OrderBook,
    one: FulfillmentOrderRecord,
    location: LocationRecord,
    quantities: Mapping[LineRecord, int] | None = None,
    *,
    after: float | None = None,
) -> FulfillmentOrderRecord:
    """Have another location send what a fulfilment order holds; says which one holds it then.

    The order's `updatedAt` stays as it is: only the fulfilment orders tell.
    """
    if not one.open or location is one.location:
        raise ValueError("only an open fulfilment order moves, and to another location")
    wanted = [
        (part, part.remaining if quantities is None else quantities.get(part.line, 0)) for part in one.lines
    ]
    wanted = [(part, quantity) for part, quantity in wanted if quantity]
    if not wanted or any(not 0 < quantity <= part.remaining for part, quantity in wanted):
        raise ValueError("at least one unit moves, and no more than remain")
    moves = list[Move]()
    for part, quantity in wanted:
        if part.line.item.tracked:
            book.level(part.line.item, location)
        moves.append((part.line.item, one.location, _times(_GIVEN_BACK, quantity)))
        moves.append(book.taking(part.line.item, location, quantity))
    whole = all(part.total == part.remaining for part in one.lines) and sum(q for _, q in wanted) == sum(
        part.total for part in one.lines
    )
    if whole:
        one.location, moved = location, one
        book.touch_fulfillment_order(one)
    else:
        moved = book.new_fulfillment_order(one.order, location)
        for part, quantity in wanted:
            _pass_on(book, one, moved, part, quantity)
        if not any(part.remaining for part in one.lines):
            one.status = "CLOSED"
    book.move_stock(one.order, "moved", moves, after)
    return moved


def split(
    book: OrderBook, one: FulfillmentOrderRecord, quantities: Mapping[LineRecord, int]
) -> FulfillmentOrderRecord:
    """Send a fulfilment order in two parts from the same location; says the new one."""
    wanted = [(part, quantities.get(part.line, 0)) for part in one.lines if quantities.get(part.line)]
    if not one.open or not wanted or any(not 0 < number < part.remaining for part, number in wanted):
        raise ValueError("a split leaves at least one unit on each side")
    made = book.new_fulfillment_order(one.order, one.location)
    for part, quantity in wanted:
        _pass_on(book, one, made, part, quantity)
    return made


def edit(
    book: OrderBook,
    order: OrderRecord,
    variant: VariantRecord,
    quantity: int,
    *,
    location: LocationRecord | None = None,
    restock: bool = True,
    after: float | None = None,
) -> None:
    """Add `quantity` units of a variant to an order, or take off as many as it is below 0 (those not sent)."""
    if order.cancelled_at is not None:
        raise ValueError("a cancelled order is not edited")
    line = next((one for one in order.lines if one.variant is variant), None)
    moves = list[Move]()
    if quantity > 0:
        place = location or order.fulfillment_orders[0].location
        if variant.item.tracked:
            book.level(variant.item, place)
        if line is None:
            line = book.add_line(order, variant, quantity)
        else:
            line.quantity += quantity
            line.current += quantity
        book.touch_fulfillment_order(book.hold(order, line, place, quantity))
        order.closed_at = None
        moves.append(book.taking(variant.item, place, quantity))
    else:
        held = sum(p.remaining for one in order.fulfillment_orders for p in one.lines if p.line is line)
        if line is None or not 0 < -quantity <= held:
            raise ValueError("an edit adds units, or takes off units that were not sent")
        line.current += quantity
        for place, taken in _release(book, order, line, -quantity):
            moves.append((variant.item, place, _times(_GIVEN_BACK if restock else _LOST, taken)))
    order.edited = True
    book.agree(order, "OrderEditAgreement", "ORDER_EDIT", [(line, "UPDATE", quantity)])
    book.touch(order)
    book.move_stock(order, "edited", moves, after)


def put_on_hold(book: OrderBook, one: FulfillmentOrderRecord, note: str = "") -> None:
    """Hold a fulfilment order back. Its units stay committed."""
    if one.status != "OPEN":
        raise ValueError("only an open fulfilment order is held")
    one.status, one.hold_note = "ON_HOLD", note
    book.touch_fulfillment_order(one)


def release_hold(book: OrderBook, one: FulfillmentOrderRecord) -> None:
    """Let a held fulfilment order go."""
    if one.status != "ON_HOLD":
        raise ValueError("the fulfilment order is not held")
    one.status, one.hold_note = "OPEN", ""
    book.touch_fulfillment_order(one)


def delete(book: OrderBook, order: OrderRecord, *, restock: bool = True, after: float | None = None) -> None:
    """Delete an order: nobody finds it any more. Units it held are available again, or gone without `restock`."""
    moves: list[Move] = [
        (part.line.item, one.location, _times(_GIVEN_BACK if restock else _LOST, part.remaining))
        for one in order.fulfillment_orders
        for part in one.lines
        if one.open and part.remaining
    ]
    del book.orders[order.id]
    book.open.pop(order.id, None)
    book.deleted.append(order.id)
    for one in order.fulfillment_orders:
        del book.fulfillment_orders[one.id]
    for made in order.fulfillments:
        del book.fulfillments[made.id]
    for given in order.refunds:
        del book.refunds[given.id]
    for taken in order.returns:
        del book.returns[taken.id]
    book.move_stock(order, "deleted", moves, after)
