"""How orders and fulfilment orders are found: by id, and by searches that lag behind what they find.

An app without `read_all_orders` sees orders of the last 60 days, and nothing says that there are more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final

from supportdesk.sandbox.clock import stamp
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, CountOf, Resolver, count_up_to, searched, want
from supportdesk.sandbox.order_fields import may_see
from supportdesk.sandbox.order_records import FulfillmentOrderRecord, OrderRecord, ReverseFulfillmentOrder
from supportdesk.sandbox.paging import ByNumber, Connection, Key, Ordered, page
from supportdesk.sandbox.search import Filter

DAYS_WITHOUT_ALL_ORDERS: Final = 60

_FULFILLMENT_WORDS: Final = {"FULFILLED": "fulfilled,shipped", "PARTIALLY_FULFILLED": "partial"}


def _state(order: OrderRecord) -> tuple[str, ...]:
    """The words of the `status` filter that fit an order."""
    if order.cancelled_at is not None:
        return ("cancelled", "any")
    return ("closed", "not_open", "any") if order.closed_at else ("open", "not_closed", "any")


def _fulfilment(order: OrderRecord) -> tuple[str, ...]:
    words = _FULFILLMENT_WORDS.get(order.display_fulfillment_status, "unfulfilled,unshipped")
    return tuple(words.split(","))


_ORDER_FILTERS: Final = {
    "": Filter("text", lambda order: (order.name, *(line.sku for line in order.lines))),
    "created_at": Filter("date", lambda order: order.created_at),
    "financial_status": Filter("exact", lambda order: order.display_financial_status),
    "fulfillment_location_id": Filter(
        "number", lambda order: next((one.location.id for one in order.fulfillment_orders), 0)
    ),
    "fulfillment_status": Filter("exact", _fulfilment),
    "id": Filter("number", lambda order: order.id),
    "name": Filter("exact", lambda order: (order.name, order.name.removeprefix("#"))),
    "processed_at": Filter("date", lambda order: order.created_at),
    "return_status": Filter("exact", lambda order: order.return_status),
    "sku": Filter("text", lambda order: tuple(line.sku for line in order.lines)),
    "status": Filter("exact", _state),
    "test": Filter("flag", lambda order: order.test),
    "updated_at": Filter("date", lambda order: order.indexed_at),
}
_FULFILLMENT_ORDER_FILTERS: Final = {
    "assigned_location_id": Filter("number", lambda one: one.location.id),
    "created_at": Filter("date", lambda one: one.created_at),
    "id": Filter("number", lambda one: one.id),
    "status": Filter("exact", lambda one: one.status),
    "updated_at": Filter("date", lambda one: one.indexed_at),
}
_ORDER_SORTS: Final[dict[str, Callable[[OrderRecord], str]]] = {
    "CREATED_AT": lambda order: order.created_at,
    "PROCESSED_AT": lambda order: order.created_at,
    "UPDATED_AT": lambda order: order.indexed_at or order.updated_at,
}


def _within(context: Context) -> Callable[[OrderRecord], bool]:
    """Whether the app may see an order of that age."""
    if "read_all_orders" in context.scopes:
        return lambda order: True
    oldest = stamp(context.shop.timeline.now() - timedelta(days=DAYS_WITHOUT_ALL_ORDERS))
    return lambda order: order.created_at >= oldest


def _lagging(context: Context) -> str:
    """The latest change searches know of, where they were told to lag (`search_lag`)."""
    return stamp(context.shop.timeline.now() - timedelta(seconds=context.search_lag))


def _found(context: Context, arguments: Arguments) -> Callable[[OrderRecord], bool]:
    search = searched(context, arguments, _ORDER_FILTERS)
    within, seen_until = _within(context), _lagging(context)

    def shown(order: OrderRecord) -> bool:
        if order.indexed_at is None or not within(order):
            return False
        if search is None:
            return True
        return (not context.search_lag or order.updated_at <= seen_until) and search.matches(order)

    return shown


def _ordered(records: Iterable[Any], value: Callable[[Any], str] | None) -> Ordered:
    """Records by a value and their ids, or by their ids alone."""
    found = list(records)
    if value is None:
        return Ordered(ByNumber([one.id for one in found]), found.__getitem__)
    placed = sorted(found, key=lambda one: (value(one), one.id))
    keys: list[Key] = [(value(one), one.id) for one in placed]
    return Ordered(keys, placed.__getitem__)


def _orders(root: Any, context: Context, arguments: Arguments) -> Connection:
    records = sorted(context.shop.order_book.orders.values(), key=lambda order: order.id)
    ordered = _ordered(records, _ORDER_SORTS.get(arguments.get("sortKey", "PROCESSED_AT")))
    return page(ordered, dict(arguments), _found(context, arguments), whole=context.whole)


def _orders_count(root: Any, context: Context, arguments: Arguments) -> CountOf:
    shown = _found(context, arguments)
    return count_up_to(
        sum(shown(order) for order in context.shop.order_book.orders.values()), arguments.get("limit")
    )


def _order(root: Any, context: Context, arguments: Arguments) -> OrderRecord | None:
    return order_by_id(context, want(arguments["id"], "Order").number)


def order_by_id(context: Context, number: int) -> OrderRecord | None:
    """The order of that id where there is one and it is not too old to see. By id nothing lags."""
    order = context.shop.order_book.orders.get(number)
    return order if order is not None and _within(context)(order) else None


def _fulfillment_orders(root: Any, context: Context, arguments: Arguments) -> Connection:
    seen, within = may_see(context), _within(context)
    search = searched(context, arguments, _FULFILLMENT_ORDER_FILTERS)
    closed = bool(arguments.get("includeClosed"))

    def shown(one: FulfillmentOrderRecord) -> bool:
        if one.indexed_at is None or not (closed or one.open) or not seen(one) or not within(one.order):
            return False
        return search is None or search.matches(one)

    by_time = arguments.get("sortKey", "ID") == "UPDATED_AT"
    records = sorted(context.shop.order_book.fulfillment_orders.values(), key=lambda one: one.id)
    ordered = _ordered(records, (lambda one: one.indexed_at or one.updated_at) if by_time else None)
    return page(ordered, dict(arguments), shown, whole=context.whole)


def _fulfillment_order(root: Any, context: Context, arguments: Arguments) -> FulfillmentOrderRecord | None:
    return fulfillment_order_by_id(context, want(arguments["id"], "FulfillmentOrder").number)


def fulfillment_order_by_id(context: Context, number: int) -> FulfillmentOrderRecord | None:
    """The fulfilment order of that id, where the app may see it."""
    seen = may_see(context)
    one = context.shop.order_book.fulfillment_orders.get(number)
    return one if one is not None and seen(one) and _within(context)(one.order) else None


def _reverse_by_id(context: Context, number: int) -> ReverseFulfillmentOrder | None:
    returns = context.shop.order_book.returns.values()
    return next((one for each in returns for one in each.reverse if one.id == number), None)


def _kept(kind: str, records: Callable[[Context], dict[int, Any]]) -> Resolver:
    return lambda root, context, arguments: records(context).get(want(arguments["id"], kind).number)


ORDER_ROOTS: Final[dict[str, Resolver]] = {
    "order": _order,
    "orders": _orders,
    "ordersCount": _orders_count,
    "fulfillmentOrder": _fulfillment_order,
    "fulfillmentOrders": _fulfillment_orders,
    "refund": _kept("Refund", lambda context: context.shop.order_book.refunds),
    "return": _kept("Return", lambda context: context.shop.order_book.returns),
}

ORDER_NODES: Final[dict[str, tuple[str | None, Callable[[Context, int], Any]]]] = {
    "Order": ("read_orders", order_by_id),
    "FulfillmentOrder": (None, fulfillment_order_by_id),
    "Fulfillment": ("read_orders", lambda context, number: context.shop.order_book.fulfillments.get(number)),
    "Refund": ("read_orders", lambda context, number: context.shop.order_book.refunds.get(number)),
    "Return": ("read_returns", lambda context, number: context.shop.order_book.returns.get(number)),
    "ReverseFulfillmentOrder": ("read_returns", _reverse_by_id),
}
"""What `node` and `nodes` find: the scope that is needed (None where the function judges) and how."""
