"""Levels, adjustments and the claim's metafield as pydantic models, named and shaped as in the schema."""

from __future__ import annotations

from typing import Any

from supportdesk.shopify.wire import Id, LevelPage, Quantity, Reference, Wire
from supportdesk.shopify.wire_orders import Page, Second


class LocationState(Wire):
    """`Location`: whether it is open."""

    id: Id
    is_active: bool


class LevelState(Wire):
    """`InventoryLevel`."""

    is_active: bool
    quantities: list[Quantity]


class SoldAs(Wire):
    """`Product`: what says whether it is for sale."""

    status: str
    is_gift_card: bool


class ItemVariant(Wire):
    """`ProductVariant` of an item."""

    requires_components: bool
    product: SoldAs


class MorePages(Wire):
    """`PageInfo`, of which only this is asked."""

    has_next_page: bool


class ItemVariants(Wire):
    """`ProductVariantConnection`, of which only the first few are read."""

    nodes: list[ItemVariant]
    page_info: MorePages


class ItemFacts(Wire):
    """`InventoryItem` without its levels."""

    id: Id
    sku: str | None = None
    tracked: bool
    variants: ItemVariants | None = None


class ItemEverywhere(ItemFacts):
    """`InventoryItem` with all its levels."""

    inventory_levels: LevelPage


class LevelsAnswer(Wire):
    """Data of documents `levels` and `levels_several`; an item's levels stand under `at0`, `at1` …; None for what is no more."""

    items: list[dict[str, Any] | None]
    locations: list[LocationState | None]


class LevelsEverywhereAnswer(Wire):
    """Data of document `levels_everywhere`."""

    items: list[ItemEverywhere | None]
    locations: list[LocationState | None]


class ChangedLevel(Wire):
    """`InventoryLevel` as a search finds it."""

    updated_at: Second
    item: Reference


class LocationLevels(Wire):
    """`Location` with levels of it."""

    inventory_levels: Page[ChangedLevel]


class LevelsChangedAnswer(Wire):
    """Data of document `levels_changed`; None where the location is no more."""

    location: LocationLevels | None


class Adjustment(Wire):
    """`InventoryAdjustQuantitiesPayload`. Its group is None where all differences were 0, and that is done as well."""

    inventory_adjustment_group: dict[str, Any] | None


class AdjustAnswerData(Wire):
    """Data of document `adjust`; None where the store denied the whole field."""

    inventory_adjust_quantities: Adjustment | None


class ClaimField(Wire):
    """`Metafield`."""

    value: str
    compare_digest: str


class ClaimHolder(Wire):
    """`AppInstallation` with the claim."""

    id: str
    metafield: ClaimField | None = None


class ClaimAnswer(Wire):
    """Data of document `claim`."""

    current_app_installation: ClaimHolder


class ClaimWritten(Wire):
    """`MetafieldsSetPayload`."""

    metafields: list[ClaimField] | None


class WriteClaimAnswer(Wire):
    """Data of document `write_claim`."""

    metafields_set: ClaimWritten | None
