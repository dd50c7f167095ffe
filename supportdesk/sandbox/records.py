"""The records a pretend shop's catalogue is made of. They hold values and add up; they know neither the shop nor GraphQL.

Times are stamps (`clock.stamp`): text that sorts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from supportdesk.core.catalog import ListingRow

UNAVAILABLE: Final = ("damaged", "quality_control", "reserved", "safety_stock")
"""Parts of on hand that nobody can buy."""
PARTS: Final = ("available", "committed", *UNAVAILABLE)
"""On hand is the sum of these, always (`reference/shopify.md` §3)."""
QUANTITY_NAMES: Final = (*PARTS, "incoming", "on_hand")
KEPT: Final = (*PARTS, "incoming")
"""The numbers a level keeps; on hand follows from them."""
REMEMBERED_SECONDS: Final = 120.0
"""How far back a level knows its numbers, for readings that come from a copy which lags."""


class Movement(NamedTuple):
    """One change of a level's numbers: the truth that no client is told."""

    when: str
    item_id: int
    location_id: int
    deltas: dict[str, int]
    actor: str
    """`order`, `staff`, `app` (through the API) or `control`."""
    reference: str
    """What it was done for: an order's name and what became of it, a document, an app."""


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What a shop says of itself."""

    handle: str
    name: str
    number: int
    created_at: str
    timezone: str = "Europe/London"
    currency: str = "GBP"
    plan: str = "Basic"
    """Shopify's public display name of the plan; it sets the rate limit."""
    primary_host: str = ""
    """The storefront's host, '' for the myshopify domain."""


@dataclass(slots=True)
class LocationRecord:
    """A location, with the number all its levels' ids begin with."""

    id: int
    name: str
    active: bool
    fulfills_online_orders: bool
    city: str
    address: str
    country: str
    service: str
    service_manages_stock: bool
    service_id: int
    level_number: int
    created_at: str
    updated_at: str
    deactivated_at: str | None


@dataclass(slots=True)
class ProductRecord:
    """A product, with its variants in the merchant's order."""

    id: int
    handle: str
    title: str
    status: str
    gift_card: bool
    vendor: str
    created_at: str
    updated_at: str
    product_type: str = ""
    tags: tuple[str, ...] = ()
    variants: list[VariantRecord] = field(default_factory=list)


@dataclass(slots=True)
class VariantRecord:
    """A variant: what the program calls a listing."""

    id: int
    product: ProductRecord
    item: ItemRecord
    options: tuple[tuple[str, str], ...]
    """Name and value of each option."""
    barcode: str
    position: int
    sells_when_out: bool
    bundle_parent: bool
    created_at: str
    updated_at: str
    price: str = "0.00"

    @property
    def title(self) -> str:
        """The option values, as Shopify joins them; `Default Title` for a product without options."""
        return " / ".join(value for _, value in self.options)

    @property
    def quantity(self) -> int:
        """`inventoryQuantity`: Σ available over active levels."""
        return sum(level.available for level in self.item.levels.values() if level.active)


@dataclass(slots=True)
class ItemRecord:
    """An inventory item. Several variants may share one."""

    id: int
    sku: str
    tracked: bool
    requires_shipping: bool
    created_at: str
    updated_at: str
    indexed_at: str | None = None
    """What the search index holds for `updated_at` while it lags; None where it holds the truth."""
    variants: list[VariantRecord] = field(default_factory=list)
    levels: dict[int, LevelRecord] = field(default_factory=dict)
    """By location id, in the order they were connected."""


@dataclass(slots=True)
class LevelRecord:
    """An inventory item at a location: what the program calls a row."""

    number: int
    item: ItemRecord
    location: LocationRecord
    active: bool
    created_at: str
    updated_at: str
    available: int = 0
    committed: int = 0
    damaged: int = 0
    quality_control: int = 0
    reserved: int = 0
    safety_stock: int = 0
    incoming: int = 0
    changed_at: dict[str, str] | None = None
    """When each named quantity last changed; a name never touched is missing."""
    indexed_at: str | None = None
    """What the search index holds for `updated_at` while it lags; None where it holds the truth."""
    past: list[tuple[float, tuple[int, ...]]] | None = None
    """Numbers that were, each with the time (seconds since 1970) until which they were."""

    @property
    def on_hand(self) -> int:
        """The sum of its parts: never kept, so never wrong."""
        return (
            self.available
            + self.committed
            + self.damaged
            + self.quality_control
            + self.reserved
            + self.safety_stock
        )

    def remember(self, now: float) -> None:
        """Keep the numbers as they are before a change at `now`, and forget the oldest."""
        kept = [one for one in self.past or () if one[0] > now - REMEMBERED_SECONDS]
        self.past = [*kept, (now, tuple(getattr(self, name) for name in KEPT))]

    def as_of(self, name: str, seconds: float) -> int:
        """The quantity of that name as it was at a time, as far back as the level remembers."""
        for until, numbers in self.past or ():
            if seconds < until:
                then = dict(zip(KEPT, numbers, strict=True))
                return sum(then[part] for part in PARTS) if name == "on_hand" else then[name]
        return int(getattr(self, name))

    def put(self, name: str, quantity: int, when: str | None) -> None:
        """Set one part or `incoming`. Raises KeyError for another name."""
        if name not in PARTS and name != "incoming":
            raise KeyError(name)
        setattr(self, name, quantity)
        if when is not None:
            if self.changed_at is None:
                self.changed_at = {}
            self.changed_at[name] = when


def options_of(row: ListingRow) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The product's handle and the options of a core listing, which is named `handle/option/option`.

    Option values may hold slashes of their own, so the variant's title decides where they part. Shopify allows three options.
    """
    handle, _, rest = row.listing.partition("/")
    if not row.variant_title:
        return handle, (("Title", "Default Title"),)
    values = _parted(row.variant_title, rest)
    if len(values) == 1:
        return handle, (("Title", values[0]),)
    return handle, tuple((f"Option {at}", value) for at, value in enumerate(values, start=1))


def _parted(title: str, rest: str) -> list[str]:
    """The values in a title (`Red / L / XL`): where it says ` / ` and `rest` says `/`, one ends."""
    pieces = title.split(" / ")
    values, at = [pieces[0]], len(pieces[0])
    for piece in pieces[1:]:
        inside = rest.startswith(" / ", at)
        if inside:
            values[-1] += f" / {piece}"
        else:
            values.append(piece)
        at += len(piece) + (3 if inside else 1)
    return values if "/".join(values) == rest and len(values) <= 3 else [title]
