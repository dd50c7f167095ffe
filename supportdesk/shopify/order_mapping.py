"""An order as the Admin API shows it, made into `core.orders.OrderNow`. It asks nobody; what an order does to stock is decided in core.

A line's units wait where its fulfilment orders that are not closed are assigned, and were sent from where its fulfilments say
(`reference/shopify.md` §6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, cast

from supportdesk.core.effects import EffectKind
from supportdesk.core.looks import FoundOrder
from supportdesk.core.orders import GivenBack, LinePart, OrderLine, OrderNow, RestockType
from supportdesk.errors import AnswerUnreadable
from supportdesk.shopify import wire_orders as wire
from supportdesk.shopify.wire import Reference

NOT_HOLDING: Final = frozenset({"CLOSED", "CANCELLED"})
"""States of a fulfilment order that holds no units any more."""
_NOT_SENT: Final = frozenset({"CANCELLED", "ERROR", "FAILURE"})
_RESTOCK_TYPES: Final = frozenset({"CANCEL", "NO_RESTOCK", "RETURN", "LEGACY_RESTOCK"})

_ByLine = dict[int, dict[int, LinePart]]


def found_order(order: wire.Order) -> FoundOrder:
    """The order with its name. All its pages have to be there. Raises `AnswerUnreadable` for a restock type that we do not know."""
    parts = _parts(order)
    given_back = _given_back(order)
    items = _items(order)
    lines = tuple(
        OrderLine(
            id=line.id,
            item_id=items.get(line.id),
            sku=line.sku or "",
            quantity=line.quantity,
            current=line.current_quantity,
            parts=tuple(parts.get(line.id, {}).values()),
            given_back=tuple(given_back.get(line.id, ())),
            deleted=line.variant is None and line.id in items,
        )
        for line in order.line_items.nodes
    )
    cancelled = order.cancelled_at is not None
    now = OrderNow(order.id, order.created_at, lines, order.edited, cancelled, times=_times(order))
    waiting = any(part.unfulfilled for line in lines for part in line.parts)
    return FoundOrder(now, order.name, order.updated_at, waiting and not cancelled)


def gone_order(number: int) -> FoundOrder:
    """An order that nobody finds by id any more. When it was created is not known."""
    return FoundOrder(OrderNow(number, 0, gone=True), "", 0, False)


def _parts(order: wire.Order) -> _ByLine:
    """By line and location, how many units wait and how many were sent; zeros where a line once was."""
    parts: _ByLine = {}

    def add(line: int, location: Reference | None, waiting: int = 0, sent: int = 0) -> None:
        if location is None:  # deleted, so it is not linked either
            return
        here = parts.setdefault(line, {})
        so_far = here.get(location.id, LinePart(location.id))
        here[location.id] = LinePart(location.id, so_far.unfulfilled + waiting, so_far.fulfilled + sent)

    for holding in order.fulfillment_orders.nodes:
        for held in holding.line_items.nodes:
            waiting = 0 if holding.status in NOT_HOLDING else held.remaining_quantity
            add(held.line_item.id, holding.assigned_location.location, waiting=waiting)
    for parcel in order.fulfillments:
        for sent in parcel.fulfillment_line_items.nodes:
            quantity = 0 if parcel.status in _NOT_SENT else sent.quantity or 0
            add(sent.line_item.id, parcel.location, sent=quantity)
    return parts


def _items(order: wire.Order) -> dict[int, int]:
    """The inventory item of each line; none for a custom item. Fulfilment orders still know it of a variant that was deleted."""
    items = {
        held.line_item.id: held.inventory_item_id
        for holding in order.fulfillment_orders.nodes
        for held in holding.line_items.nodes
        if held.inventory_item_id is not None
    }
    for line in order.line_items.nodes:
        if line.variant is not None:
            items.setdefault(line.id, line.variant.inventory_item.id)
    return items


# Refunds and returns ------------------------------------------------------------------------------------------------------------------


def _given_back(order: wire.Order) -> dict[int, list[GivenBack]]:
    """By line. A refund of a return, and that return's dispositions, tell of the same units: they are put back once."""
    given_back: dict[int, list[GivenBack]] = {}
    put_back: dict[tuple[int, int], int] = {}
    for each, line_id, disposition in _dispositions(order):
        restocked = disposition.type == "RESTOCKED"
        if restocked:
            put_back[each, line_id] = put_back.get((each, line_id), 0) + disposition.quantity
        place = disposition.location.id if restocked and disposition.location else None
        kind: RestockType = "RETURN" if restocked else "NO_RESTOCK"
        back = GivenBack(kind, disposition.quantity, place, restocked, refund=False)
        given_back.setdefault(line_id, []).append(back)
    for refund in order.refunds:
        for line in refund.refund_line_items.nodes:
            here = given_back.setdefault(line.line_item.id, [])
            told = 0
            if refund.of_return is not None and line.restock_type == "RETURN":
                key = (refund.of_return.id, line.line_item.id)
                told = min(line.quantity, put_back.get(key, 0))
                put_back[key] = put_back.get(key, 0) - told
            if told:
                here.append(GivenBack("NO_RESTOCK", told, None, restocked=False))
            if rest := line.quantity - told:
                place = line.location.id if line.location else None
                here.append(GivenBack(_restock_type(line), rest, place, line.restocked))
    return given_back


def _restock_type(line: wire.RefundLine) -> RestockType:
    if line.restock_type not in _RESTOCK_TYPES:
        said = f"A refund says the restock type {line.restock_type[:40]!r}."
        raise AnswerUnreadable(said, "Update supportdesk.")
    return cast("RestockType", line.restock_type)


def _dispositions(order: wire.Order) -> Iterator[tuple[int, int, wire.Disposition]]:
    """Return, line, and what was done with units that came back. Those still to be looked at are neither."""
    for each in order.returns.nodes:
        for reverse in each.reverse_fulfillment_orders.nodes:
            for line in reverse.line_items.nodes:
                for disposition in line.dispositions if line.fulfillment_line_item else ():
                    if disposition.type != "PROCESSING_REQUIRED":
                        assert line.fulfillment_line_item
                        yield each.id, line.fulfillment_line_item.line_item.id, disposition


# When -------------------------------------------------------------------------------------------------------------------------------


def _times(order: wire.Order) -> dict[EffectKind, tuple[int, int]]:
    """When all changes of a kind happened, first and last; a kind of which the store does not say it for each is left out.

    Nothing says when a fulfilment order was moved. `placed` is there where units may lie elsewhere by now than where they were
    placed: as late as a fulfilment order changed for no other reason that the order tells of.
    """
    edits = [one.happened_at for one in order.agreements.nodes if one.kind == "OrderEditAgreement"]
    sent = [one.created_at for one in order.fulfillments]
    sent += [one.updated_at for one in order.fulfillments if one.status in _NOT_SENT]
    by_type: dict[str, list[int | None]] = {kind: [] for kind in _RESTOCK_TYPES}
    for refund in order.refunds:
        for line in refund.refund_line_items.nodes:
            by_type[line.restock_type if line.restocked else "NO_RESTOCK"].append(refund.created_at)
    returned = [one.created_at for _, _, one in _dispositions(order) if one.type == "RESTOCKED"]
    cancelled = [order.cancelled_at] if order.cancelled_at is not None else []
    legacy = by_type["LEGACY_RESTOCK"]
    moments: dict[EffectKind, list[int | None]] = {
        "fulfilled": [*sent],
        "returned": [*returned, *by_type["RETURN"], *legacy],
        "written_off": [*by_type["NO_RESTOCK"], *cancelled],
        "edited": [*edits, *legacy],
    }
    if by_type["CANCEL"] or cancelled:
        # A line that was partly cancelled has its edits counted as cancellations (`core.orders`).
        moments["cancelled"] = [*by_type["CANCEL"], *cancelled, *edits, *legacy]
    if order.edited and not edits:
        del moments["edited"]
        moments.pop("cancelled", None)
    times = {kind: span for kind, all_of_it in moments.items() if (span := _span(all_of_it))}
    told = {order.created_at, *sent, *edits, *cancelled, *(one.created_at for one in order.refunds)}
    untold = [one.updated_at for one in order.fulfillment_orders.nodes if one.updated_at not in told]
    if untold and max(untold) > order.created_at:
        times["placed"] = (order.created_at, max(untold))
    return times


def _span(moments: Iterable[int | None]) -> tuple[int, int] | None:
    known = list(moments)
    said = [moment for moment in known if moment is not None]
    return (min(said), max(said)) if said and len(said) == len(known) else None
