"""What one look at a store shows the engine: rows with their numbers, orders, and the answer to a write, each with the store's second.

Values only; what follows from them is in `rows`, `orders` and `effects`. Times are as in `effects`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from supportdesk.core.orders import OrderNow
from supportdesk.core.rows import RowNumbers

MOST_ROWS: Final = 250
"""Rows in one request, to read or to write (`reference/shopify.md` §5, §7)."""

RowKey = tuple[int, int]
"""Inventory item, location."""


class RowLook(NamedTuple):
    """One row as it was read."""

    item_id: int
    location_id: int
    sku: str
    tracked: bool
    stocked: bool
    """Connected to the location and active there."""
    numbers: RowNumbers | None
    """None where the item was never stocked there."""
    left_out: str | None = None
    """Why no listing of the item is in scope, a key of `listings.LEFT_OUT` (drafts too); None where one is. SKU and tracking apart."""


@dataclass(frozen=True, slots=True)
class LevelsLook:
    """Rows read in one request."""

    rows: tuple[RowLook, ...]
    """Rows that are no more (item or location deleted) are missing."""
    date: int
    """The reply's `Date`."""
    took: float
    """Seconds, as measured here."""


class LevelChange(NamedTuple):
    """A row whose level the store's index knows to have changed."""

    item_id: int
    location_id: int
    updated: int
    """When it was last changed."""

    @property
    def key(self) -> RowKey:
        """Inventory item, location."""
        return self.item_id, self.location_id


class ListingFacts(NamedTuple):
    """A listing as a poll finds it: what says whether, and under which SKU, it is synced."""

    variant_id: int
    item_id: int
    product_id: int
    sku: str
    status: str
    tracked: bool
    gift_card: bool
    bundle_parent: bool


class ProductLook(NamedTuple):
    """A product as a poll finds it."""

    id: int
    status: str
    gift_card: bool


class PlaceLook(NamedTuple):
    """A location as a poll finds it."""

    id: int
    name: str
    """Foreign text."""
    active: bool


class FoundOrder(NamedTuple):
    """An order as a search or a look by id showed it."""

    order: OrderNow
    name: str
    """`#1042`."""
    updated: int
    open: bool
    """Something of it is still to be sent."""


@dataclass(frozen=True, slots=True)
class OrdersLook:
    """One page of orders."""

    orders: tuple[FoundOrder, ...]
    date: int
    """The reply's `Date`."""
    took: float


class Change(NamedTuple):
    """One row of a write."""

    item_id: int
    location_id: int
    delta: int


class RefusedRow(NamedTuple):
    """A row that the store named as the reason why a write was refused whole."""

    position: int | None
    """Among the rows sent; None where it named none."""
    code: str
    message: str


AdjustOutcome = Literal["done", "refused", "unknown"]
"""`refused`: for certain nothing was written, and a new key may be used. `unknown`: the same key must be sent again."""


@dataclass(frozen=True, slots=True)
class AdjustAnswer:
    """What the store said to an `inventoryAdjustQuantities`."""

    outcome: AdjustOutcome
    date: int
    took: float
    refused: tuple[RefusedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimLook:
    """The app-owned metafield that says who syncs the store (PROTOCOL §3)."""

    value: str
    """'' where nobody has claimed it."""
    digest: str | None
    """What a write must name to replace it; None where there is none."""
