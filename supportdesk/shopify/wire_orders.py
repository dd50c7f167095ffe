"""Orders, and what becomes of them, as pydantic models named and shaped as in the schema. What they mean to the ledger is in `order_mapping`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BeforeValidator, Field

from supportdesk.shopify.wire import Id, PageInfo, Reference, Wire

T = TypeVar("T")


def _second(value: object) -> object:
    return int(datetime.fromisoformat(value).timestamp()) if isinstance(value, str) else value


Second = Annotated[int, BeforeValidator(_second)]
"""A moment, as whole seconds since 1970."""


class Page(Wire, Generic[T]):
    """Any connection: one page of it, or all of it once its other pages were followed."""

    nodes: list[T]
    page_info: PageInfo


class LineVariant(Wire):
    """`ProductVariant` of a line."""

    inventory_item: Reference


class OrderLine(Wire):
    """`LineItem`."""

    id: Id
    sku: str | None = None
    quantity: int
    current_quantity: int
    variant: LineVariant | None = None


class FulfillmentOrderLine(Wire):
    """`FulfillmentOrderLineItem`."""

    inventory_item_id: Id | None = None
    remaining_quantity: int
    line_item: Reference


class AssignedLocation(Wire):
    """`FulfillmentOrderAssignedLocation`; without a location where that was deleted."""

    location: Reference | None = None


class FulfillmentOrder(Wire):
    """`FulfillmentOrder`."""

    id: Id
    status: str
    updated_at: Second
    assigned_location: AssignedLocation
    line_items: Page[FulfillmentOrderLine]


class FulfillmentLine(Wire):
    """`FulfillmentLineItem`."""

    quantity: int | None = None
    line_item: Reference


class Fulfillment(Wire):
    """`Fulfillment`."""

    id: Id
    status: str
    created_at: Second
    updated_at: Second
    location: Reference | None = None
    fulfillment_line_items: Page[FulfillmentLine]


class RefundLine(Wire):
    """`RefundLineItem`."""

    quantity: int
    restock_type: str
    restocked: bool
    line_item: Reference
    location: Reference | None = None


class Refund(Wire):
    """`Refund`."""

    id: Id
    created_at: Second | None = None
    of_return: Reference | None = Field(default=None, alias="return")
    refund_line_items: Page[RefundLine]


class Disposition(Wire):
    """`ReverseFulfillmentOrderDisposition`."""

    type: str
    quantity: int
    created_at: Second
    location: Reference | None = None


class ReturnedFrom(Wire):
    """`FulfillmentLineItem` that something came back of."""

    line_item: Reference


class ReverseLine(Wire):
    """`ReverseFulfillmentOrderLineItem`."""

    fulfillment_line_item: ReturnedFrom | None = None
    dispositions: list[Disposition]


class ReverseFulfillmentOrder(Wire):
    """`ReverseFulfillmentOrder`."""

    id: Id
    line_items: Page[ReverseLine]


class Return(Wire):
    """`Return`."""

    id: Id
    reverse_fulfillment_orders: Page[ReverseFulfillmentOrder]


class Agreement(Wire):
    """`SalesAgreement` of any kind."""

    kind: str = Field(alias="__typename")
    happened_at: Second


class Order(Wire):
    """`Order`."""

    id: Id
    name: str
    created_at: Second
    updated_at: Second
    cancelled_at: Second | None = None
    edited: bool
    line_items: Page[OrderLine]
    fulfillment_orders: Page[FulfillmentOrder]
    fulfillments: list[Fulfillment]
    refunds: list[Refund]
    returns: Page[Return]
    agreements: Page[Agreement]


class OrdersByIdAnswer(Wire):
    """Data of document `orders_by_id`: None in place of an order that is no more."""

    nodes: list[Order | None]


class ChangedOrder(Wire):
    """`Order` as a search finds it."""

    id: Id
    updated_at: Second


class OrdersChangedAnswer(Wire):
    """Data of document `orders_changed`."""

    orders: Page[ChangedOrder]


class MovedOrder(Wire):
    """`FulfillmentOrder` as a search finds it."""

    order_id: Id
    updated_at: Second


class OrdersMovedAnswer(Wire):
    """Data of document `orders_moved`."""

    fulfillment_orders: Page[MovedOrder]


class HeldLine(Wire):
    """`FulfillmentOrderLineItem`: what it holds, and of what."""

    inventory_item_id: Id | None = None
    remaining_quantity: int


class OpenFulfillmentOrder(Wire):
    """`FulfillmentOrder` that may hold units."""

    id: Id
    order_id: Id
    status: str
    line_items: Page[HeldLine]


class OpenFulfillmentOrdersAnswer(Wire):
    """Data of document `open_fulfillment_orders`."""

    fulfillment_orders: Page[OpenFulfillmentOrder]


class Rest(Wire, Generic[T]):
    """An object of which only one connection was asked."""

    page: Page[T]


class RestAnswer(Wire, Generic[T]):
    """Data of any document that follows the pages of a connection; None where the object is no more."""

    node: Rest[T] | None
