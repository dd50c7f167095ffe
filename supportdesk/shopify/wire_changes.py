"""What polls of the catalogue answer, as pydantic models, named and shaped as in the schema. Whole listings are in `wire`."""

from __future__ import annotations

from supportdesk.shopify.wire import Id, Reference, Wire
from supportdesk.shopify.wire_orders import Page


class ProductState(Wire):
    """`Product`: what says whether it is for sale."""

    id: Id
    status: str
    is_gift_card: bool


class ItemState(Wire):
    """`InventoryItem`: whether it is counted."""

    id: Id
    tracked: bool


class VariantState(Wire):
    """`ProductVariant`: what says whether, and under which SKU, it is in scope."""

    id: Id
    sku: str | None = None
    requires_components: bool
    product: ProductState
    inventory_item: ItemState


class ListingFactsAnswer(Wire):
    """Data of document `listing_facts`."""

    product_variants: Page[VariantState]


class ProductsChangedAnswer(Wire):
    """Data of document `products_changed`."""

    products: Page[ProductState]


class PlaceState(Wire):
    """`Location`: whether it is open, and its name."""

    id: Id
    name: str
    is_active: bool


class PlaceStatesAnswer(Wire):
    """Data of document `place_states`."""

    locations: Page[PlaceState]


class Variants(Wire):
    """`ProductVariantConnection` of an item."""

    nodes: list[Reference]


class ItemVariants(Wire):
    """`InventoryItem` with its variants."""

    id: Id
    variants: Variants


class ItemVariantsAnswer(Wire):
    """Data of document `item_variants`; None in place of an item that is no more."""

    nodes: list[ItemVariants | None]
