"""What inventory items, levels and quantities say."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import (
    TIMES,
    Arguments,
    CountOf,
    Resolver,
    attribute,
    itself,
    of,
    searched,
    variants_of,
    want,
)
from supportdesk.sandbox.gid import level_gid
from supportdesk.sandbox.paging import ByNumber, Connection, Ordered, page
from supportdesk.sandbox.problems import bad_request
from supportdesk.sandbox.records import PARTS, QUANTITY_NAMES, ItemRecord, LevelRecord, LocationRecord
from supportdesk.sandbox.search import Filter


class Quantity(NamedTuple):
    """One named number of a level."""

    level: LevelRecord
    name: str


_LEVEL_FILTERS: Final = {
    "created_at": Filter("date", lambda level: level.created_at),
    "id": Filter("number", lambda level: level.number),
    "inventory_item_id": Filter("number", lambda level: level.item.id),
    "updated_at": Filter("date", lambda level: level.indexed_at or level.updated_at),
}


def _levels(levels: list[LevelRecord], context: Context, arguments: Arguments) -> Connection:
    search = searched(context, arguments, _LEVEL_FILTERS)
    inactive = bool(arguments.get("includeInactive"))

    def shown(level: LevelRecord) -> bool:
        return (inactive or level.active) and (search is None or search.matches(level))

    ordered = Ordered(ByNumber([level.number for level in levels]), levels.__getitem__)
    return page(ordered, dict(arguments), shown, whole=context.whole)


def _item_levels(item: ItemRecord, context: Context, arguments: Arguments) -> Connection:
    return _levels(list(item.levels.values()), context, arguments)


def location_levels(location: LocationRecord, context: Context, arguments: Arguments) -> Connection:
    """`Location.inventoryLevels`."""
    return _levels(context.shop.levels_by_location[location.id], context, arguments)


def _shown_level(level: LevelRecord | None, arguments: Arguments) -> LevelRecord | None:
    return level if level is not None and (level.active or arguments.get("includeInactive")) else None


def _item_level(item: ItemRecord, context: Context, arguments: Arguments) -> LevelRecord | None:
    return _shown_level(item.levels.get(want(arguments["locationId"], "Location").number), arguments)


def location_level(location: LocationRecord, context: Context, arguments: Arguments) -> LevelRecord | None:
    """`Location.inventoryLevel`: None where the item was never connected, or stopped and not asked for."""
    item = context.shop.items.get(want(arguments["inventoryItemId"], "InventoryItem").number)
    return _shown_level(item.levels.get(location.id) if item else None, arguments)


def _quantities(level: LevelRecord, context: Context, arguments: Arguments) -> list[Quantity]:
    names = arguments["names"]
    for name in names:
        if name not in QUANTITY_NAMES:
            raise bad_request(f"The quantity name '{name}' is invalid.")
    return [Quantity(level, name) for name in names]


def _quantity(quantity: Quantity, context: Context, arguments: Arguments) -> int:
    level, name = quantity
    return int(getattr(level, name)) if context.as_of is None else level.as_of(name, context.as_of)


def _quantity_changed(quantity: Quantity, context: Context, arguments: Arguments) -> str | None:
    changed = quantity.level.changed_at
    return None if changed is None or quantity.name == "on_hand" else changed.get(quantity.name)


def _quantity_id(quantity: Quantity, context: Context, arguments: Arguments) -> str:
    level = quantity.level
    return f"gid://shopify/InventoryQuantity/{level.number}?inventory_item_id={level.item.id}&name={quantity.name}"


def _can_deactivate(level: LevelRecord, context: Context, arguments: Arguments) -> bool:
    return level.active and sum(other.active for other in level.item.levels.values()) > 1


def last_place_alert(level: LevelRecord) -> str | None:
    """Why an item cannot be unstocked from its only place, None where it can."""
    if not level.active or sum(other.active for other in level.item.levels.values()) > 1:
        return None
    return (
        f"The product couldn't be unstocked from {level.location.name} because products need to be stocked "
        "at a minimum of 1 location."
    )


def _quantity_names(record: Any, context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "displayName": name.replace("_", " ").capitalize(),
            "isInUse": True,
            "belongsTo": ["on_hand"] if name in PARTS else [],
            "comprises": sorted(PARTS) if name == "on_hand" else [],
        }
        for name in sorted(QUANTITY_NAMES)
    ]


STOCK_FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "InventoryItem": {
        "id": of("InventoryItem"),
        "legacyResourceId": attribute("id"),
        "sku": lambda item, context, arguments: item.sku or None,
        "tracked": attribute("tracked"),
        "trackedEditable": lambda item, context, arguments: {"locked": False, "reason": None},
        # Whether a unique SKU counts as 0 or 1 is not documented; 0 is what a client can use (`reference/shopify.md` §11 e).
        "duplicateSkuCount": lambda item, context, arguments: max(
            0, context.shop.items_with_sku[item.sku] - 1
        ),
        "requiresShipping": attribute("requires_shipping"),
        "locationsCount": lambda item, context, arguments: CountOf(
            sum(level.active for level in item.levels.values()), "EXACT"
        ),
        "inventoryHistoryUrl": lambda item, context, arguments: (
            f"https://{context.shop.domain}/admin/products/{item.variants[0].product.id}"
            f"/variants/{item.variants[0].id}/inventory_history"
            if item.variants
            else None
        ),
        "measurement": itself,
        "harmonizedSystemCode": lambda item, context, arguments: None,
        "inventoryLevel": _item_level,
        "inventoryLevels": _item_levels,
        "variant": lambda item, context, arguments: item.variants[0],
        "variants": lambda item, context, arguments: variants_of(item.variants, context, arguments, "ID"),
        **TIMES,
    },
    "InventoryItemMeasurement": {
        "id": of("InventoryItemMeasurement"),
        "weight": lambda item, context, arguments: {"unit": "KILOGRAMS", "value": 0.0},
    },
    "InventoryLevel": {
        "id": lambda level, context, arguments: level_gid(level.location.level_number, level.item.id),
        "isActive": attribute("active"),
        "canDeactivate": _can_deactivate,
        "deactivationAlert": lambda level, context, arguments: last_place_alert(level),
        "item": attribute("item"),
        "location": attribute("location"),
        "quantities": _quantities,
        **TIMES,
    },
    "InventoryQuantity": {
        "id": _quantity_id,
        "name": attribute("name"),
        "quantity": _quantity,
        "updatedAt": _quantity_changed,
    },
    "InventoryProperties": {"quantityNames": _quantity_names},
}
