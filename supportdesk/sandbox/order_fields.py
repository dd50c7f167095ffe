"""What orders, fulfilment orders, fulfilments, refunds, returns and agreements say. How they are found: `order_roots`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, Resolver, attribute, itself, of, parts_of
from supportdesk.sandbox.gid import gid
from supportdesk.sandbox.order_records import (
    FulfillmentOrderRecord,
    LineRecord,
    OrderRecord,
)
from supportdesk.sandbox.paging import ByNumber, Connection, Ordered, page
from supportdesk.sandbox.problems import access_denied

ORDER_SCOPES: Final[dict[tuple[str, str], str]] = {
    ("QueryRoot", "order"): "read_orders",
    ("QueryRoot", "orders"): "read_orders",
    ("QueryRoot", "ordersCount"): "read_orders",
    ("QueryRoot", "refund"): "read_orders",
    ("QueryRoot", "return"): "read_returns",
    ("Order", "returns"): "read_returns",
    ("Refund", "return"): "read_returns",
}
"""The scope each field needs; fulfilment orders have three of their own (`may_see`)."""

_MERCHANT: Final = "read_merchant_managed_fulfillment_orders"
_ASSIGNED: Final = "read_assigned_fulfillment_orders"
_THIRD_PARTY: Final = "read_third_party_fulfillment_orders"
_SUPPORTED: Final = {
    "OPEN": ("CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"),
    "IN_PROGRESS": ("CREATE_FULFILLMENT", "MOVE", "MARK_AS_OPEN"),
    "ON_HOLD": ("MOVE", "RELEASE_HOLD"),
}
"""What can be done with a fulfilment order; the first is recorded."""


def listed(records: list[Any], context: Context, arguments: Arguments) -> Connection:
    """A page of records in the order of their ids."""
    ordered = Ordered(ByNumber([one.id for one in records]), records.__getitem__)
    return page(ordered, dict(arguments), whole=context.whole)


def page_of(name: str) -> Resolver:
    """A resolver for a connection over a list that is an attribute of the record."""
    return lambda record, context, arguments: listed(getattr(record, name), context, arguments)


def first_of(name: str) -> Resolver:
    """A resolver for a plain list that takes `first`."""

    def resolve(record: Any, context: Context, arguments: Arguments) -> list[Any]:
        found: list[Any] = getattr(record, name)
        return found if arguments.get("first") is None else found[: arguments["first"]]

    return resolve


def may_see(context: Context) -> Callable[[FulfillmentOrderRecord], bool]:
    """Which fulfilment orders the app's scopes show. Raises ACCESS_DENIED where it has none of the three."""
    scopes = context.scopes & {_MERCHANT, _ASSIGNED, _THIRD_PARTY}
    if not scopes:
        raise access_denied("fulfillmentOrders", _MERCHANT)

    def seen(one: FulfillmentOrderRecord) -> bool:
        return (_THIRD_PARTY if one.location.service else _MERCHANT) in scopes

    return seen


def _fulfillment_orders(order: OrderRecord, context: Context, arguments: Arguments) -> Connection:
    seen = may_see(context)
    return listed([one for one in order.fulfillment_orders if seen(one)], context, arguments)


def _order_number(suffix: str = "") -> Resolver:
    return lambda one, context, arguments: getattr(one.order, suffix) if suffix else one.order


def _unfulfilled(line: LineRecord, context: Context, arguments: Arguments) -> int:
    return max(0, line.current - line.fulfilled)


def _fulfillable(line: LineRecord, context: Context, arguments: Arguments) -> int:
    return _unfulfilled(line, context, arguments) if line.variant.item.requires_shipping else 0


def _shipping(line: LineRecord, context: Context, arguments: Arguments) -> bool:
    return line.variant.item.requires_shipping


def _variant_title(line: LineRecord, context: Context, arguments: Arguments) -> str | None:
    title = line.variant.title
    return None if title == "Default Title" else title


def _line_name(line: LineRecord, context: Context, arguments: Arguments) -> str:
    title = _variant_title(line, context, arguments)
    return line.variant.product.title + (f" - {title}" if title else "")


def _variant(line: LineRecord, context: Context, arguments: Arguments) -> Any:
    return context.shop.variants.get(line.variant.id)


def _product(line: LineRecord, context: Context, arguments: Arguments) -> Any:
    return line.variant.product if line.variant.id in context.shop.variants else None


def _holds(one: FulfillmentOrderRecord, context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    if one.status != "ON_HOLD":
        return []
    return [
        {
            "id": gid("FulfillmentHold", one.id),
            "reason": "OTHER",
            "reasonNotes": one.hold_note or None,
            "displayReason": "Other",
            "heldByRequestingApp": False,
        }
    ]


def _fulfill_at(one: FulfillmentOrderRecord, context: Context, arguments: Arguments) -> str:
    # A live store answers the full hour the fulfilment order was made in.
    return one.created_at[:14] + "00:00Z"


def _line(reader: Callable[[LineRecord, Context, Arguments], Any]) -> Resolver:
    """A resolver that says of a part what its line says."""
    return lambda part, context, arguments: reader(part.line, context, arguments)


def _has_restock(order: OrderRecord, context: Context, arguments: Arguments) -> bool:
    return any(line.current for line in order.lines)


_AGREEMENT: Final[dict[str, Resolver]] = {
    "id": lambda one, context, arguments: gid(one.TYPE, one.id),
    "sales": page_of("sales"),
    **parts_of("happenedAt", "reason"),
}

ORDER_FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "Order": {
        "id": of("Order"),
        "legacyResourceId": attribute("id"),
        "processedAt": attribute("created_at"),
        "closed": lambda order, context, arguments: order.closed_at is not None,
        "confirmed": lambda order, context, arguments: True,
        "fulfillable": lambda order, context, arguments: order.open_units > 0,
        "requiresShipping": lambda order, context, arguments: any(
            line.variant.item.requires_shipping for line in order.lines
        ),
        "restockable": _has_restock,
        "sourceName": attribute("source"),
        "subtotalLineItemsQuantity": lambda order, context, arguments: sum(
            line.quantity for line in order.lines
        ),
        "currentSubtotalLineItemsQuantity": lambda order, context, arguments: sum(
            line.current for line in order.lines
        ),
        "lineItems": page_of("lines"),
        "fulfillmentOrders": _fulfillment_orders,
        "fulfillments": first_of("fulfillments"),
        "refunds": first_of("refunds"),
        "returns": page_of("returns"),
        "agreements": page_of("agreements"),
        **parts_of("name", "number", "createdAt", "updatedAt", "cancelledAt", "cancelReason", "closedAt"),
        **parts_of("test", "edited", "displayFinancialStatus", "displayFulfillmentStatus", "returnStatus"),
        **parts_of("retailLocation"),
    },
    "LineItem": {
        "id": of("LineItem"),
        "name": _line_name,
        "title": lambda line, context, arguments: line.variant.product.title,
        "variantTitle": _variant_title,
        "vendor": lambda line, context, arguments: line.variant.product.vendor or None,
        "sku": lambda line, context, arguments: line.sku or None,
        "quantity": attribute("quantity"),
        "currentQuantity": attribute("current"),
        "unfulfilledQuantity": _unfulfilled,
        "nonFulfillableQuantity": lambda line, context, arguments: line.quantity - line.current,
        "refundableQuantity": attribute("current"),
        "fulfillableQuantity": _fulfillable,
        "isGiftCard": lambda line, context, arguments: line.variant.product.gift_card,
        "requiresShipping": _shipping,
        "restockable": lambda line, context, arguments: line.variant.item.tracked,
        "product": _product,
        "variant": _variant,
    },
    "FulfillmentOrder": {
        "id": of("FulfillmentOrder"),
        "requestStatus": lambda one, context, arguments: "UNSUBMITTED",
        "fulfillAt": _fulfill_at,
        "fulfillBy": lambda one, context, arguments: None,
        "assignedLocation": attribute("location"),
        "orderId": lambda one, context, arguments: gid("Order", one.order.id),
        "orderName": _order_number("name"),
        "orderProcessedAt": _order_number("created_at"),
        "supportedActions": lambda one, context, arguments: [
            {"action": action} for action in _SUPPORTED.get(one.status, ())
        ],
        "fulfillmentHolds": _holds,
        "merchantRequests": lambda one, context, arguments: listed([], context, arguments),
        "lineItems": page_of("lines"),
        "fulfillments": lambda one, context, arguments: listed(
            [each for each in one.order.fulfillments if one in each.fulfillment_orders], context, arguments
        ),
        **parts_of("status", "createdAt", "updatedAt", "order"),
    },
    "FulfillmentOrderAssignedLocation": {
        "name": attribute("name"),
        "location": itself,
        "address1": lambda location, context, arguments: location.address or None,
        "city": lambda location, context, arguments: location.city or None,
    },
    "FulfillmentOrderLineItem": {
        "id": of("FulfillmentOrderLineItem"),
        "inventoryItemId": lambda part, context, arguments: gid("InventoryItem", part.line.item.id),
        "lineItem": attribute("line"),
        "totalQuantity": attribute("total"),
        "remainingQuantity": attribute("remaining"),
        "sku": lambda part, context, arguments: part.line.sku or None,
        "productTitle": lambda part, context, arguments: part.line.variant.product.title,
        "variantTitle": _line(_variant_title),
        "vendor": lambda part, context, arguments: part.line.variant.product.vendor or None,
        "requiresShipping": _line(_shipping),
        "variant": _line(_variant),
    },
    "Fulfillment": {
        "id": of("Fulfillment"),
        "legacyResourceId": attribute("id"),
        "status": lambda one, context, arguments: "SUCCESS",
        "displayStatus": lambda one, context, arguments: "FULFILLED",
        "updatedAt": attribute("created_at"),
        "totalQuantity": lambda one, context, arguments: sum(line.quantity for line in one.lines),
        "requiresShipping": lambda one, context, arguments: True,
        "fulfillmentLineItems": page_of("lines"),
        "fulfillmentOrders": page_of("fulfillment_orders"),
        **parts_of("name", "createdAt", "location", "order"),
    },
    "FulfillmentLineItem": {
        "id": of("FulfillmentLineItem"),
        "lineItem": attribute("line"),
        "quantity": attribute("quantity"),
    },
    "Refund": {
        "id": of("Refund"),
        "legacyResourceId": attribute("id"),
        "updatedAt": attribute("created_at"),
        "processedAt": attribute("created_at"),
        "note": lambda refund, context, arguments: None,
        "return": lambda refund, context, arguments: None,
        "refundLineItems": page_of("lines"),
        **parts_of("createdAt", "order"),
    },
    "RefundLineItem": {
        "id": of("RefundLineItem"),
        "lineItem": attribute("line"),
        "restocked": lambda line, context, arguments: line.restock_type != "NO_RESTOCK",
        **parts_of("location", "quantity", "restockType"),
    },
    "Return": {
        "id": of("Return"),
        "reverseFulfillmentOrders": page_of("reverse"),
        **parts_of("name", "status", "createdAt", "closedAt", "totalQuantity", "order"),
    },
    "ReverseFulfillmentOrder": {
        "id": of("ReverseFulfillmentOrder"),
        "lineItems": page_of("lines"),
        **parts_of("status", "order"),
    },
    "ReverseFulfillmentOrderLineItem": {
        "id": of("ReverseFulfillmentOrderLineItem"),
        "totalQuantity": attribute("total"),
        "fulfillmentLineItem": attribute("fulfillment_line"),
        "dispositions": attribute("dispositions"),
    },
    "ReverseFulfillmentOrderDisposition": {
        "id": of("ReverseFulfillmentOrderDisposition"),
        **parts_of("createdAt", "location", "quantity", "type"),
    },
    "OrderAgreement": {**_AGREEMENT, "order": attribute("order")},
    "OrderEditAgreement": _AGREEMENT,
    "RefundAgreement": {**_AGREEMENT, "refund": attribute("refund")},
    "ProductSale": {
        "id": of("ProductSale"),
        "actionType": attribute("action"),
        "lineType": lambda sale, context, arguments: "PRODUCT",
        "lineItem": attribute("line"),
        "quantity": attribute("quantity"),
    },
}
