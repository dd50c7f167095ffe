"""What a store holds, as values: shop, location, listing, level. No rule about them beyond how a row is made.

Rows that come by the million are named tuples in the order the ledger inserts them; the few are frozen dataclasses.
Ids are the numbers at the end of Shopify's global ids (its `legacyResourceId`); rows that come from CSV exports,
which carry no ids, get negative ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ProductStatus = Literal["ACTIVE", "UNLISTED", "DRAFT", "ARCHIVED"]

SourceKind = Literal["shopify", "export"]
"""Where a channel is loaded from: a live (or sandbox) store, or CSV exports."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A store's own facts."""

    handle: str
    """The part before `.myshopify.com`."""
    name: str
    """The title the merchant gave it: foreign text."""
    domain: str
    """`handle.myshopify.com`."""
    timezone: str = "UTC"
    """IANA name, for showing times."""
    currency: str = ""
    plan: str = ""
    """Shopify's public display name of the plan, '' where unknown."""
    scopes: frozenset[str] = frozenset()
    """Access scopes granted to the token, as Shopify names them."""
    api_version: str = ""
    """The version the store answered with."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place that holds stock in the store."""

    id: int
    name: str
    active: bool = True
    fulfills_online_orders: bool = True
    city: str = ""
    address: str = ""
    """Street, zip and country on one line, for matching; may be empty."""
    country: str = ""
    """Two letters."""
    service: str = ""
    """The fulfilment service's name, '' for the merchant's own place."""
    service_manages_stock: bool = False
    """True where that service keeps the numbers itself (`inventoryManagement`)."""


class ListingRow(NamedTuple):
    """One variant of the store, in the order of the ledger's columns. Make it with `core.listings.listing_row`."""

    variant_id: int | None
    """None for CSV exports."""
    item_id: int
    """Inventory item; several listings may share one. Negative for CSV exports."""
    product_id: int | None
    listing: str
    """`handle/option/option`: how a person and the command line name it."""
    title: str
    """The product's title."""
    variant_title: str
    """Options joined by ` / `; '' for a product without options (`Default Title`)."""
    sku: str
    """Exactly as in the store; '' for none."""
    barcode: str
    status: str
    """A `ProductStatus`."""
    tracked: bool
    sells_when_out: bool
    """Inventory policy CONTINUE."""
    gift_card: bool
    bundle_parent: bool
    """`requiresComponents`."""
    left_out: str | None
    """Why it is not synced (`core.listings.LEFT_OUT`), None when in scope. `draft` may be overruled by a channel setting."""
    sku_mark: str | None
    """A hygiene mark (`core.skus.MARKS`), None for a clean SKU."""


class LevelRow(NamedTuple):
    """What the store shows for one inventory item at one location. None where the source did not say."""

    item_id: int
    location_id: int
    active: bool
    available: int | None
    committed: int | None
    on_hand: int | None
    incoming: int | None


@dataclass(frozen=True, slots=True)
class CatalogBatch:
    """A few hundred to a few thousand rows as they stream by. A level may come before its listing."""

    listings: list[ListingRow] = field(default_factory=list)
    levels: list[LevelRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChannelTotals:
    """The counts of a loaded channel (DESIGN §8: the JSON of `load`, `open` and `show`)."""

    listings: int
    skus: int
    without_sku: int
    locations: int
    duplicate_groups: int
    """Exact SKUs that two or more listings have, in scope or not."""
    duplicate_listings: int
    disagreeing_groups: int
    """Groups in which two listings show different numbers at a location where both are stocked."""
    units: int
    """Σ available over inventory item × location."""
