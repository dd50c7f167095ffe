"""What staff change in the catalogue itself: SKUs, status, tracking, where things are stocked, and what there is at all. No quantities."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from supportdesk.sandbox.records import LocationRecord, VariantRecord
from supportdesk.sandbox.store import SandboxShop

STATUSES: Final = ("ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED")


def set_status(shop: SandboxShop, variant: VariantRecord, status: str) -> None:
    """Change the status of a variant's product. Raises ValueError for one that is none."""
    if status not in STATUSES:
        raise ValueError(f"a status is one of {', '.join(STATUSES)}")
    variant.product.status = status
    for each in variant.product.variants:
        shop.touch_item(each.item)


def set_tracked(shop: SandboxShop, variant: VariantRecord, tracked: bool) -> None:
    """Have an item's stock counted, or not."""
    variant.item.tracked = tracked
    shop.touch_item(variant.item)


def set_location(
    shop: SandboxShop, location: LocationRecord, *, active: bool | None = None, name: str | None = None
) -> None:
    """Close, open or rename a location."""
    now = shop.stamp()
    if active is not None:
        location.active = active
        location.deactivated_at = None if active else now
    location.name = name or location.name
    location.updated_at = now
    shop.revision += 1


def delete_listing(shop: SandboxShop, variant: VariantRecord) -> None:
    """Delete a variant, with its item where no other variant sells it, and its product where it was the last one.

    Orders keep their lines: what a line says of its variant is null from then on.
    """
    product, item = variant.product, variant.item
    del shop.variants[variant.id]
    _take_out(shop.ids("ProductVariant"), variant.id)
    product.variants.remove(variant)
    item.variants.remove(variant)
    if not item.variants:
        del shop.items[item.id]
        _take_out(shop.ids("InventoryItem"), item.id)
        if item.sku:
            shop.items_with_sku[item.sku] -= 1
        for level in item.levels.values():
            shop.levels_by_location[level.location.id].remove(level)
    if not product.variants:
        shop.forget_product(product)
    shop.revision += 1


def _take_out(numbers: list[int], number: int) -> None:
    del numbers[bisect_left(numbers, number)]
