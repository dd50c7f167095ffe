"""Sumtracker's numbers: what each event does to in stock, booked and incoming, and which number is pushed (`reference/sumtracker.md` §2.7, §2.9, §4).

Values and pure arithmetic. What derives from components is in `bundles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

AdjustmentKind = Literal["add", "subtract", "set"]
StockOrder = Literal["sku", "product", "location", "store", "available", "difference"]
StockFilter = Literal["all", "differ", "unlinked", "negative", "out_of_scope", "sells_when_out"]


class Quantities(NamedTuple):
    """What the ledger holds of one SKU in one warehouse, in units. Available is derived, never kept."""

    in_stock: int = 0
    booked: int = 0
    incoming: int = 0

    @property
    def available(self) -> int:
        """In stock − booked: the figure sent to the store (`reference/sumtracker.md` §1)."""
        return self.in_stock - self.booked


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
    listing: str
    title: str
    variant_title: str
    location: str
    warehouse: str
    store: int | None
    pushed: int | None
    left_out: str | None


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


@dataclass(frozen=True, slots=True)
class StockChanged:
    """What came of it: per warehouse, before and after."""

    sku: str
    changes: tuple[tuple[str, Quantities, Quantities], ...]
    """(warehouse code, before, after)."""
    text: str
    """One sentence."""
