"""The records of orders and what becomes of them: lines, fulfilment orders, fulfilments, refunds, returns, agreements.

They hold values and say what follows from them; stock is moved by `orders`. `TYPE` is the GraphQL type of a record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from supportdesk.sandbox.records import ItemRecord, LocationRecord, VariantRecord

OPEN_STATES = frozenset({"OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED"})
"""States of a fulfilment order that still holds units."""


@dataclass(slots=True, eq=False, repr=False)
class LineRecord:
    """A line of an order. The variant stays, whatever becomes of it in the catalogue."""

    TYPE: ClassVar = "LineItem"
    id: int
    variant: VariantRecord
    sku: str
    """As it was when the order was placed."""
    quantity: int
    """Ordered, what was removed later included."""
    current: int
    """Ordered less what was removed or refunded."""
    fulfilled: int = 0
    refunded: int = 0

    @property
    def item(self) -> ItemRecord:
        """The inventory item it takes from."""
        return self.variant.item


@dataclass(slots=True, eq=False, repr=False)
class FulfillmentOrderLine:
    """A line's part in a fulfilment order."""

    TYPE: ClassVar = "FulfillmentOrderLineItem"
    id: int
    line: LineRecord
    total: int
    remaining: int


@dataclass(slots=True, eq=False, repr=False)
class FulfillmentOrderRecord:
    """What one location has to send of an order."""

    TYPE: ClassVar = "FulfillmentOrder"
    id: int
    order: OrderRecord
    location: LocationRecord
    created_at: str
    updated_at: str
    status: str = "OPEN"
    lines: list[FulfillmentOrderLine] = field(default_factory=list)
    hold_note: str = ""
    indexed_at: str | None = None
    """What searches hold for `updated_at`; None while they do not know it yet."""

    @property
    def open(self) -> bool:
        """Whether it still holds units."""
        return self.status in OPEN_STATES

    def part_of(self, line: LineRecord) -> FulfillmentOrderLine | None:
        """The line's part in it, None for none."""
        return next((one for one in self.lines if one.line is line), None)


@dataclass(slots=True, eq=False, repr=False)
class FulfillmentLine:
    """A line's part in a fulfilment, a refund's or a return's counterpart of it."""

    TYPE: ClassVar = "FulfillmentLineItem"
    id: int
    line: LineRecord
    quantity: int


@dataclass(slots=True, eq=False, repr=False)
class FulfillmentRecord:
    """A parcel that was sent."""

    TYPE: ClassVar = "Fulfillment"
    id: int
    order: OrderRecord
    name: str
    location: LocationRecord
    created_at: str
    lines: list[FulfillmentLine]
    fulfillment_orders: list[FulfillmentOrderRecord]


@dataclass(slots=True, eq=False, repr=False)
class RefundLine:
    """A line's part in a refund."""

    TYPE: ClassVar = "RefundLineItem"
    id: int
    line: LineRecord
    quantity: int
    restock_type: str
    """`CANCEL`, `RETURN` or `NO_RESTOCK`."""
    location: LocationRecord | None


@dataclass(slots=True, eq=False, repr=False)
class RefundRecord:
    """Money given back, and what became of the goods."""

    TYPE: ClassVar = "Refund"
    id: int
    order: OrderRecord
    created_at: str
    lines: list[RefundLine]


@dataclass(slots=True, eq=False, repr=False)
class Disposition:
    """What was done with units that came back."""

    TYPE: ClassVar = "ReverseFulfillmentOrderDisposition"
    id: int
    created_at: str
    type: str
    """`RESTOCKED` or `NOT_RESTOCKED`."""
    quantity: int
    location: LocationRecord


@dataclass(slots=True, eq=False, repr=False)
class ReverseLine:
    """A line of what comes back."""

    TYPE: ClassVar = "ReverseFulfillmentOrderLineItem"
    id: int
    fulfillment_line: FulfillmentLine
    total: int
    dispositions: list[Disposition]


@dataclass(slots=True, eq=False, repr=False)
class ReverseFulfillmentOrder:
    """What comes back to one place."""

    TYPE: ClassVar = "ReverseFulfillmentOrder"
    id: int
    order: OrderRecord
    lines: list[ReverseLine]
    status: str = "CLOSED"


@dataclass(slots=True, eq=False, repr=False)
class ReturnRecord:
    """A return, with the goods that came back."""

    TYPE: ClassVar = "Return"
    id: int
    order: OrderRecord
    name: str
    created_at: str
    reverse: list[ReverseFulfillmentOrder]
    status: str = "CLOSED"
    closed_at: str | None = None

    @property
    def total_quantity(self) -> int:
        """Units in it."""
        return sum(line.total for one in self.reverse for line in one.lines)


@dataclass(slots=True, eq=False, repr=False)
class SaleRecord:
    """A line's part in an agreement."""

    TYPE: ClassVar = "ProductSale"
    id: int
    line: LineRecord
    action: str
    """`ORDER`, `UPDATE` or `RETURN`."""
    quantity: int
    """Negative for units that are given up."""


@dataclass(slots=True, eq=False, repr=False)
class AgreementRecord:
    """What was agreed about an order at one moment; `TYPE` is one of the schema's agreements."""

    TYPE: str
    id: int
    order: OrderRecord
    happened_at: str
    reason: str
    sales: list[SaleRecord]
    refund: RefundRecord | None = None


@dataclass(slots=True, eq=False, repr=False)
class OrderRecord:
    """An order."""

    TYPE: ClassVar = "Order"
    id: int
    number: int
    created_at: str
    updated_at: str
    source: str
    """`web`, `pos`, `shopify_draft_order`."""
    test: bool = False
    retail_location: LocationRecord | None = None
    cancelled_at: str | None = None
    cancel_reason: str | None = None
    closed_at: str | None = None
    edited: bool = False
    lines: list[LineRecord] = field(default_factory=list)
    fulfillment_orders: list[FulfillmentOrderRecord] = field(default_factory=list)
    fulfillments: list[FulfillmentRecord] = field(default_factory=list)
    refunds: list[RefundRecord] = field(default_factory=list)
    returns: list[ReturnRecord] = field(default_factory=list)
    agreements: list[AgreementRecord] = field(default_factory=list)
    indexed_at: str | None = None
    """What searches hold for `updated_at`; None while they do not know it yet."""
    settled_at: float = 0.0
    """Until when (seconds since 1970) its stock has moved or is going to; what comes later moves later."""

    @property
    def name(self) -> str:
        """`#1001`."""
        return f"#{self.number}"

    @property
    def open_units(self) -> int:
        """Units that are promised and not sent."""
        return sum(part.remaining for one in self.fulfillment_orders if one.open for part in one.lines)

    @property
    def display_fulfillment_status(self) -> str:
        """`displayFulfillmentStatus`. A cancelled order that was never sent stays UNFULFILLED (recorded)."""
        sent, open_units = any(line.fulfilled for line in self.lines), self.open_units
        if sent:
            return "PARTIALLY_FULFILLED" if open_units else "FULFILLED"
        states = {one.status for one in self.fulfillment_orders if one.open}
        for state in ("ON_HOLD", "SCHEDULED", "IN_PROGRESS"):
            if states == {state}:
                return state
        return "UNFULFILLED"

    @property
    def display_financial_status(self) -> str:
        """`displayFinancialStatus`: everything here is paid when it is placed."""
        refunded = sum(line.refunded for line in self.lines)
        if not refunded:
            return "PAID"
        return "REFUNDED" if refunded >= sum(line.quantity for line in self.lines) else "PARTIALLY_REFUNDED"

    @property
    def return_status(self) -> str:
        """`returnStatus`."""
        return "RETURNED" if self.returns else "NO_RETURN"
