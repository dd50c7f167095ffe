"""Sumtracker's numbers: what each event does to in stock, booked and incoming, and which number is pushed (`reference/sumtracker.md` §2.7, §2.9, §4).

Values and pure arithmetic. What derives from components is in `bundles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from supportdesk.core.sumtracker_account import LARGEST_QUANTITY as LARGEST_QUANTITY

if TYPE_CHECKING:
    from supportdesk.core.explanation import RowExplanation, SkuEvent

AdjustmentKind = Literal["add", "subtract", "set"]
Included = Literal["included", "not-included"]
"""Whether a number that was counted includes units on the shelf that are not in stock here: those that orders from before sync promised, or
that staff set aside in the store (DESIGN §5, *Copy*; PROTOCOL §1.4)."""
StockOrder = Literal["sku", "product", "location", "store", "available", "difference"]
StockFilter = Literal["all", "differ", "unlinked", "negative", "out_of_scope", "sells_when_out"]
StockEvent = Literal[
    "placed",
    "fulfilled",
    "cancelled",
    "add",
    "subtract",
    "set",
    "purchased",
    "received",
    "transfer_sent",
    "transfer_expected",
    "transfer_received",
    "refunded_unfulfilled_restocked",
    "refunded_unfulfilled",
    "refunded_fulfilled_restocked",
    "refunded_fulfilled",
]
"""What happens to a SKU in a warehouse. `purchased`: a purchase order turns Incoming. `transfer_sent` is the source's side,
`transfer_expected` and `transfer_received` the destination's. A refund says whether the units were fulfilled and put back."""


class Quantities(NamedTuple):
    """What the ledger holds of one SKU in one warehouse, in units. Available is derived, never kept."""

    in_stock: int = 0
    booked: int = 0
    incoming: int = 0

    @property
    def available(self) -> int:
        """In stock − booked: the figure sent to the store (`reference/sumtracker.md` §1)."""
        return self.in_stock - self.booked

    def plus(self, change: Quantities) -> Quantities:
        """The quantities after `change`."""
        return Quantities(
            self.in_stock + change.in_stock, self.booked + change.booked, self.incoming + change.incoming
        )


NOTHING: Final = Quantities()
"""No units: also the change of what changes nothing."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of one SKU in one warehouse; the numbers are differences."""

    id: int
    at: datetime
    sku: str
    warehouse: str
    """Code."""
    kind: str
    change: Quantities
    in_stock_after: int
    reason: str
    reference: str
    who: str
    channel: str


@dataclass(frozen=True, slots=True)
class WarehouseStock:
    """One SKU in one warehouse, as the SKU inspector shows it."""

    warehouse_id: int
    code: str
    name: str
    quantities: Quantities
    counted: bool
    """False where the ledger never counted it: unknown, not 0."""
    available: int | None
    """Of a bundle: from its components; None where unknown."""
    close_at: int
    """0 for none."""
    pushed: int | None
    """The number a linked store is shown: after close-at and maximum; None where unknown."""
    shopify_master: bool = False
    """True where a store is master: nothing is pushed there, and the warehouse takes no changes by hand."""
    promised: int = 0
    """Units on the shelf that orders from before sync promised, and that are not in `in_stock`."""
    set_aside: int = 0
    """Units on the shelf that staff set aside in the store (reserved, damaged …), and that are not in `in_stock` until they are released."""


class StockRow(NamedTuple):
    """One line of the Stock tab: a listing's inventory item at a location."""

    sku: str
    title: str
    variant_title: str
    listing: str
    location_id: int
    location: str
    warehouse: str
    """Code; '' where unlinked."""
    master: str
    """'' where unlinked."""
    store: int | None
    """Available in the store."""
    ledger: int | None
    """What the ledger would show there; None where unlinked or never counted."""
    left_out: str | None


@dataclass(frozen=True, slots=True)
class FedRow:
    """A row that a SKU feeds, and what it shows."""

    channel: str
    """Handle."""
    listing: str
    title: str
    variant_title: str
    location: str
    warehouse: str
    store: int | None
    pushed: int | None
    left_out: str | None
    channel_title: str = ""
    """The shop's own name: foreign text. '' where it has none."""
    item_id: int = 0
    location_id: int = 0
    explanation: RowExplanation | None = None
    """How the number it should show comes about; None where its channel does not sync it."""


@dataclass(frozen=True, slots=True)
class ComponentLine:
    """A component of a bundle, in one warehouse."""

    sku: str
    quantity: int
    """Per bundle."""
    warehouse: str
    available: int | None
    bundles: int | None
    """How many bundles it is enough for."""
    limits: bool
    """Whether it is the one that decides."""


@dataclass(frozen=True, slots=True)
class SkuInspection:
    """Why this number is what it is."""

    sku: str
    name: str
    is_bundle: bool
    warehouses: tuple[WarehouseStock, ...]
    rows: tuple[FedRow, ...]
    components: tuple[ComponentLine, ...]
    """Of a bundle: what it is made of."""
    bundles: tuple[ComponentLine, ...]
    """Bundles it is part of; `sku` is the bundle's."""
    movements: tuple[Movement, ...]
    """Newest first; all of them, or as many as were asked for."""
    movement_count: int
    row_count: int = 0
    """Rows it feeds, `rows` shows the first of them."""
    events: tuple[SkuEvent, ...] = ()
    """What happened to it without moving stock, newest first; as many as movements were asked for."""
    event_count: int = 0

    def feeds(self, place: WarehouseStock) -> bool:
        """Whether any listing shows the SKU's number of that warehouse, as far as `rows` tell."""
        return self.row_count > len(self.rows) or any(
            row.warehouse == place.code and row.left_out is None for row in self.rows
        )


@dataclass(frozen=True, slots=True)
class StockChange:
    """What a person enters: an adjustment, a receipt, a count, a transfer."""

    kind: Literal["adjust", "set", "receive", "count", "transfer"]
    warehouse: str
    """Id, code or exact name."""
    sku: str
    quantity: int
    to: str = ""
    """Of a transfer: the other warehouse."""
    reason: str = ""
    reference: str = ""
    seen: int | None = None
    """In stock as the person saw it, at `warehouse`; where it moved meanwhile the change is refused. None: whatever is there."""
    promised: Included | None = None
    """Of a set or a count: what it says of units promised before; asked where there are any."""
    promised_seen: int | None = None
    """How many were promised as the person saw it; as `seen`."""
    set_aside: Included | None = None
    """The same of units set aside in the store."""
    set_aside_seen: int | None = None


@dataclass(frozen=True, slots=True)
class StockChanged:
    """What came of it: per warehouse, before and after."""

    sku: str
    changes: tuple[tuple[str, Quantities, Quantities], ...]
    """(warehouse code, before, after)."""
    text: str
    """One sentence."""


_DIFFERENCES: Final[dict[str, tuple[int, int, int]]] = {
    # In stock, booked, incoming per unit: `reference/sumtracker.md` §4, *Arithmetic*, and §2.7 for refunds.
    "placed": (0, 1, 0),
    "fulfilled": (-1, -1, 0),
    "cancelled": (0, -1, 0),
    "add": (1, 0, 0),
    "subtract": (-1, 0, 0),
    "purchased": (0, 0, 1),
    "received": (1, 0, -1),
    "transfer_sent": (-1, 0, 0),
    "transfer_expected": (0, 0, 1),
    "transfer_received": (1, 0, -1),
    "refunded_unfulfilled_restocked": (0, -1, 0),
    "refunded_unfulfilled": (-1, -1, 0),
    "refunded_fulfilled_restocked": (1, 0, 0),
    "refunded_fulfilled": (0, 0, 0),
}


def change_of(event: StockEvent, quantity: int, before: Quantities = NOTHING) -> Quantities:
    """What `event` does to a SKU in a warehouse, as differences (`reference/sumtracker.md` §2.7, §4).

    `quantity` is in units; of `set` the number in stock is to be. `add` takes a negative one too, as Sumtracker's does. A `set`
    and a receipt depend on what was there `before`: more may arrive than was incoming, which then is 0, never less.
    """
    if event == "set":
        return Quantities(in_stock=quantity - before.in_stock)
    in_stock, booked, incoming = (quantity * each for each in _DIFFERENCES[event])
    if event in ("received", "transfer_received"):
        incoming = -min(quantity, max(before.incoming, 0))
    return Quantities(in_stock, booked, incoming)


def net_of(quantity: int, units: int, said: Included | None) -> int:
    """What is in stock after a count or a set of `quantity`: less `units` that are promised or set aside, where it includes them.

    Orders from before are never booked, so their units must not become available (DESIGN §5, *Copy*); what is set aside comes in stock
    when it is released. Less than 0 where that is more than was found. Said again with every count, for every count is of the whole shelf.
    """
    return quantity - units if said == "included" else quantity


def number_pushed(available: int | None, close_at: int = 0, maximum: int | None = None) -> int | None:
    """The number a linked store is shown (DESIGN §5, *The number pushed*); None where the ledger does not know.

    0 where `available` is at or below `close_at` (0 for none), so never less than 0; then at most the channel's `maximum`.
    """
    if available is None:
        return None
    shown = 0 if available <= close_at else available
    return shown if maximum is None else min(shown, maximum)


def is_within_bounds(quantities: Quantities) -> bool:
    """Whether each number, available too, is one that may be kept: at most `LARGEST_QUANTITY` either way."""
    return all(abs(number) <= LARGEST_QUANTITY for number in (*quantities, quantities.available))
