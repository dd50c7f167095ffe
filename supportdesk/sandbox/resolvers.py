"""What every field of the schema says, one small function each: `(record, context, arguments) -> value`.

Root fields stand in `roots`; how functions meet the schema, in `binding`. A bulk operation calls the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.gid import GlobalId, gid, level_gid, parse_gid
from supportdesk.sandbox.paging import ByNumber, Connection, Ordered, cursor, page
from supportdesk.sandbox.problems import bad_request, not_found
from supportdesk.sandbox.records import (
    PARTS,
    QUANTITY_NAMES,
    ItemRecord,
    LevelRecord,
    LocationRecord,
    VariantRecord,
)
from supportdesk.sandbox.search import Filter, prepare

Arguments = Mapping[str, Any]
Resolver = Callable[[Any, Context, Arguments], Any]


class Quantity(NamedTuple):
    """One named number of a level."""

    level: LevelRecord
    name: str


class Edge(NamedTuple):
    """A record of a connection with its cursor."""

    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class CountOf:
    """GraphQL's Count."""

    count: int
    precision: str


def count_up_to(found: int, limit: int | None) -> CountOf:
    """A count, cut off at `limit` (`AT_LEAST`) where there are more."""
    return CountOf(limit, "AT_LEAST") if limit is not None and found > limit else CountOf(found, "EXACT")


def want(text: str, type_name: str) -> GlobalId:
    """The parts of an id that must be of `type_name`. Raises a `RESOURCE_NOT_FOUND` problem for another type."""
    parts = parse_gid(text)
    if parts is None or parts.type != type_name:
        raise not_found(text)
    return parts


# --- levels --------------------------------------------------------------------------------------------------------

_LEVEL_FILTERS: Final = {
    "created_at": Filter("date", lambda level: level.created_at),
    "id": Filter("number", lambda level: level.number),
    "inventory_item_id": Filter("number", lambda level: level.item.id),
    "updated_at": Filter("date", lambda level: level.updated_at),
}


def searched(context: Context, arguments: Arguments, filters: Mapping[str, Filter]) -> Any:
    """The `query` argument made ready, None where there is none; its warnings go with the reply."""
    text = arguments.get("query")
    if not text or not text.strip():
        return None
    search = prepare(text, filters)
    if search.warnings:
        context.search.append(
            {"path": list(context.path), "query": text, "parsed": search.parsed, "warnings": search.warnings}
        )
    return search


def _levels(levels: list[LevelRecord], context: Context, arguments: Arguments) -> Connection:
    search = searched(context, arguments, _LEVEL_FILTERS)
    inactive = bool(arguments.get("includeInactive"))

    def shown(level: LevelRecord) -> bool:
        return (inactive or level.active) and (search is None or search.matches(level))

    ordered = Ordered(ByNumber([level.number for level in levels]), levels.__getitem__)
    return page(ordered, dict(arguments), shown, whole=context.whole)


def _item_levels(item: ItemRecord, context: Context, arguments: Arguments) -> Connection:
    return _levels(list(item.levels.values()), context, arguments)


def _location_levels(location: LocationRecord, context: Context, arguments: Arguments) -> Connection:
    return _levels(context.shop.levels_by_location[location.id], context, arguments)


def _shown_level(level: LevelRecord | None, arguments: Arguments) -> LevelRecord | None:
    return level if level is not None and (level.active or arguments.get("includeInactive")) else None


def _item_level(item: ItemRecord, context: Context, arguments: Arguments) -> LevelRecord | None:
    return _shown_level(item.levels.get(want(arguments["locationId"], "Location").number), arguments)


def _location_level(location: LocationRecord, context: Context, arguments: Arguments) -> LevelRecord | None:
    item = context.shop.items.get(want(arguments["inventoryItemId"], "InventoryItem").number)
    return _shown_level(item.levels.get(location.id) if item else None, arguments)


def _quantities(level: LevelRecord, context: Context, arguments: Arguments) -> list[Quantity]:
    names = arguments["names"]
    for name in names:
        if name not in QUANTITY_NAMES:
            raise bad_request(f"The quantity name '{name}' is invalid.")
    return [Quantity(level, name) for name in names]


def _quantity_changed(quantity: Quantity, context: Context, arguments: Arguments) -> str | None:
    changed = quantity.level.changed_at
    return None if changed is None or quantity.name == "on_hand" else changed.get(quantity.name)


def _quantity_id(quantity: Quantity, context: Context, arguments: Arguments) -> str:
    level = quantity.level
    return f"gid://shopify/InventoryQuantity/{level.number}?inventory_item_id={level.item.id}&name={quantity.name}"


def _can_deactivate(level: LevelRecord, context: Context, arguments: Arguments) -> bool:
    return level.active and sum(other.active for other in level.item.levels.values()) > 1


def _deactivation_alert(level: LevelRecord, context: Context, arguments: Arguments) -> str | None:
    if not level.active or _can_deactivate(level, context, arguments):
        return None
    return (
        f"The product couldn't be unstocked from {level.location.name} because products need to be stocked "
        "at a minimum of 1 location."
    )


# --- listings ------------------------------------------------------------------------------------------------------


def _variants_of(
    variants: list[VariantRecord], context: Context, arguments: Arguments, by: str
) -> Connection:
    if by == "ID" or context.whole:
        placed = sorted(variants, key=lambda variant: variant.id)
        ordered = Ordered(ByNumber([variant.id for variant in placed]), placed.__getitem__)
    else:
        ordered = Ordered([(variant.position, variant.id) for variant in variants], variants.__getitem__)
    return page(ordered, dict(arguments), whole=context.whole)


def _for_sale(variant: VariantRecord, context: Context, arguments: Arguments) -> bool:
    if variant.product.status not in ("ACTIVE", "UNLISTED"):
        return False
    return not variant.item.tracked or variant.sells_when_out or variant.quantity > 0


def _sellable(variant: VariantRecord, context: Context, arguments: Arguments) -> int:
    return sum(
        level.available
        for level in variant.item.levels.values()
        if level.active and level.location.active and level.location.fulfills_online_orders
    )


def _total(product: Any, context: Context, arguments: Arguments) -> int:
    items = {variant.item.id: variant for variant in product.variants if variant.item.tracked}
    return sum(variant.quantity for variant in items.values())


def _product_options(product: Any, context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    names: dict[str, dict[str, None]] = {}
    for variant in product.variants:
        for name, value in variant.options:
            names.setdefault(name, {})[value] = None
    shown = [
        {"id": gid("ProductOption", product.id + at), "name": name, "position": at, "values": list(values)}
        for at, (name, values) in enumerate(names.items(), start=1)
    ]
    return shown[: arguments.get("first")] if arguments.get("first") is not None else shown


# --- locations and the shop ----------------------------------------------------------------------------------------


def _address(location: LocationRecord, context: Context, arguments: Arguments) -> dict[str, Any]:
    shown = [part for part in (location.address, location.city, location.country) if part]
    return {
        "address1": location.address or None,
        "city": location.city or None,
        "countryCode": location.country or None,
        "country": location.country or None,
        "formatted": shown,
    }


def _service(location: LocationRecord, context: Context, arguments: Arguments) -> LocationRecord | None:
    return location if location.service else None


def _has_stock(location: LocationRecord, context: Context, arguments: Arguments) -> bool:
    return any(level.active and level.on_hand for level in context.shop.levels_by_location[location.id])


def _is_first(location: LocationRecord, context: Context, arguments: Arguments) -> bool:
    return location.id == next(iter(context.shop.locations))


def _deactivatable(location: LocationRecord, context: Context, arguments: Arguments) -> bool:
    return (
        location.active
        and not location.service
        and sum(o.active for o in context.shop.locations.values()) > 1
    )


def _timezone_offset(shop: Any, context: Context, arguments: Arguments) -> str:
    return str(shop.clock.now().astimezone(ZoneInfo(shop.facts.timezone)).strftime("%z"))


def _of(type_name: str) -> Resolver:
    return lambda record, context, arguments: gid(type_name, record.id)


def _attribute(name: str) -> Resolver:
    return lambda record, context, arguments: getattr(record, name)


def _itself(record: Any, context: Context, arguments: Arguments) -> Any:
    return record


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


_TIMES: Final[dict[str, Resolver]] = {
    "createdAt": _attribute("created_at"),
    "updatedAt": _attribute("updated_at"),
}


def connection_fields() -> dict[str, Resolver]:
    """The fields every connection has."""
    return {
        "nodes": lambda found, context, arguments: found.records,
        "edges": lambda found, context, arguments: [
            Edge(cursor(key), record) for key, record in zip(found.keys, found.records, strict=True)
        ],
        "pageInfo": lambda found, context, arguments: found.page_info(),
    }


FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "PageInfo": {
        "hasNextPage": _attribute("has_next"),
        "hasPreviousPage": _attribute("has_previous"),
        "startCursor": _attribute("start"),
        "endCursor": _attribute("end"),
    },
    "Count": {"count": _attribute("count"), "precision": _attribute("precision")},
    "Shop": {
        "id": lambda shop, context, arguments: gid("Shop", shop.facts.number),
        "name": lambda shop, context, arguments: shop.facts.name,
        "myshopifyDomain": _attribute("domain"),
        "primaryDomain": _itself,
        "url": lambda shop, context, arguments: f"https://{shop.facts.primary_host or shop.domain}",
        "ianaTimezone": lambda shop, context, arguments: shop.facts.timezone,
        "timezoneOffset": _timezone_offset,
        "currencyCode": lambda shop, context, arguments: shop.facts.currency,
        "weightUnit": lambda shop, context, arguments: "KILOGRAMS",
        "plan": _itself,
        "createdAt": lambda shop, context, arguments: shop.facts.created_at,
        "updatedAt": lambda shop, context, arguments: shop.facts.created_at,
    },
    "ShopPlan": {
        "displayName": lambda shop, context, arguments: shop.facts.plan,
        "publicDisplayName": lambda shop, context, arguments: shop.facts.plan,
        "partnerDevelopment": lambda shop, context, arguments: shop.facts.plan == "Development",
        "shopifyPlus": lambda shop, context, arguments: "Plus" in shop.facts.plan,
    },
    "Domain": {
        "id": lambda shop, context, arguments: gid("Domain", shop.facts.number + 1),
        "host": lambda shop, context, arguments: shop.facts.primary_host or shop.domain,
        "url": lambda shop, context, arguments: f"https://{shop.facts.primary_host or shop.domain}",
        "sslEnabled": lambda shop, context, arguments: True,
    },
    "AppInstallation": {
        "id": lambda app, context, arguments: gid("AppInstallation", app.number + 1),
        "accessScopes": lambda app, context, arguments: sorted(context.scopes),
        "app": _itself,
    },
    "AccessScope": {
        "handle": _itself,
        "description": lambda scope, context, arguments: scope.replace("_", " ").capitalize(),
    },
    "App": {
        "id": lambda app, context, arguments: gid("App", app.number),
        "title": _attribute("title"),
        "handle": _attribute("handle"),
        "apiKey": _attribute("client_id"),
    },
    "Location": {
        "id": _of("Location"),
        "legacyResourceId": _attribute("id"),
        "name": _attribute("name"),
        "isActive": _attribute("active"),
        "isPrimary": _is_first,
        "fulfillsOnlineOrders": _attribute("fulfills_online_orders"),
        "shipsInventory": _is_first,
        "isFulfillmentService": lambda location, context, arguments: bool(location.service),
        "fulfillmentService": _service,
        "hasActiveInventory": _has_stock,
        "hasUnfulfilledOrders": lambda location, context, arguments: any(
            level.committed for level in context.shop.levels_by_location[location.id]
        ),
        "activatable": lambda location, context, arguments: not location.active,
        "deactivatable": _deactivatable,
        "deactivatedAt": _attribute("deactivated_at"),
        "deletable": lambda location, context, arguments: (
            not location.active and not _has_stock(location, context, arguments)
        ),
        "address": _address,
        "addressVerified": lambda location, context, arguments: False,
        "inventoryLevel": _location_level,
        "inventoryLevels": _location_levels,
        **_TIMES,
    },
    "FulfillmentService": {
        "id": lambda location, context, arguments: (
            f"{gid('FulfillmentService', location.service_id)}?id=true"
        ),
        "handle": lambda location, context, arguments: "-".join(location.service.lower().split()),
        "serviceName": _attribute("service"),
        "type": lambda location, context, arguments: "THIRD_PARTY",
        "inventoryManagement": _attribute("service_manages_stock"),
        "location": _itself,
        "callbackUrl": lambda location, context, arguments: None,
        "trackingSupport": lambda location, context, arguments: True,
        "requiresShippingMethod": lambda location, context, arguments: True,
    },
    "Product": {
        "id": _of("Product"),
        "legacyResourceId": _attribute("id"),
        "productType": _attribute("product_type"),
        "isGiftCard": _attribute("gift_card"),
        "totalInventory": _total,
        "tracksInventory": lambda product, context, arguments: any(v.item.tracked for v in product.variants),
        "hasOnlyDefaultVariant": lambda product, context, arguments: (
            len(product.variants) == 1 and product.variants[0].title == "Default Title"
        ),
        "hasOutOfStockVariants": lambda product, context, arguments: any(
            variant.item.tracked and variant.quantity <= 0 for variant in product.variants
        ),
        "hasVariantsThatRequiresComponents": lambda product, context, arguments: any(
            variant.bundle_parent for variant in product.variants
        ),
        "options": _product_options,
        "publishedAt": lambda product, context, arguments: (
            product.created_at if product.status in ("ACTIVE", "UNLISTED") else None
        ),
        "variants": lambda product, context, arguments: _variants_of(
            product.variants, context, arguments, arguments.get("sortKey", "POSITION")
        ),
        "variantsCount": lambda product, context, arguments: CountOf(len(product.variants), "EXACT"),
        **{name: _attribute(name) for name in ("title", "handle", "status", "vendor", "tags")},
        **_TIMES,
    },
    "ProductVariant": {
        "id": _of("ProductVariant"),
        "legacyResourceId": _attribute("id"),
        "sku": lambda variant, context, arguments: variant.item.sku or None,
        "barcode": lambda variant, context, arguments: variant.barcode or None,
        "displayName": lambda variant, context, arguments: f"{variant.product.title} - {variant.title}",
        "compareAtPrice": lambda variant, context, arguments: None,
        "inventoryPolicy": lambda variant, context, arguments: (
            "CONTINUE" if variant.sells_when_out else "DENY"
        ),
        "inventoryQuantity": _attribute("quantity"),
        "sellableOnlineQuantity": _sellable,
        "availableForSale": _for_sale,
        "requiresComponents": _attribute("bundle_parent"),
        "taxable": lambda variant, context, arguments: not variant.product.gift_card,
        "inventoryItem": _attribute("item"),
        "product": _attribute("product"),
        "selectedOptions": _attribute("options"),
        **{name: _attribute(name) for name in ("title", "position", "price")},
        **_TIMES,
    },
    "SelectedOption": {
        "name": lambda option, context, arguments: option[0],
        "value": lambda option, context, arguments: option[1],
    },
    "InventoryItem": {
        "id": _of("InventoryItem"),
        "legacyResourceId": _attribute("id"),
        "sku": lambda item, context, arguments: item.sku or None,
        "tracked": _attribute("tracked"),
        "trackedEditable": lambda item, context, arguments: {"locked": False, "reason": None},
        # Whether a unique SKU counts as 0 or 1 is not documented; 0 is what a client can use (`reference/shopify.md` §11 e).
        "duplicateSkuCount": lambda item, context, arguments: max(
            0, context.shop.items_with_sku[item.sku] - 1
        ),
        "requiresShipping": _attribute("requires_shipping"),
        "locationsCount": lambda item, context, arguments: CountOf(
            sum(level.active for level in item.levels.values()), "EXACT"
        ),
        "inventoryHistoryUrl": lambda item, context, arguments: (
            f"https://{context.shop.domain}/admin/products/{item.variants[0].product.id}"
            f"/variants/{item.variants[0].id}/inventory_history"
            if item.variants
            else None
        ),
        "measurement": _itself,
        "harmonizedSystemCode": lambda item, context, arguments: None,
        "inventoryLevel": _item_level,
        "inventoryLevels": _item_levels,
        "variant": lambda item, context, arguments: item.variants[0],
        "variants": lambda item, context, arguments: _variants_of(item.variants, context, arguments, "ID"),
        **_TIMES,
    },
    "InventoryItemMeasurement": {
        "id": _of("InventoryItemMeasurement"),
        "weight": lambda item, context, arguments: {"unit": "KILOGRAMS", "value": 0.0},
    },
    "InventoryLevel": {
        "id": lambda level, context, arguments: level_gid(level.location.level_number, level.item.id),
        "isActive": _attribute("active"),
        "canDeactivate": _can_deactivate,
        "deactivationAlert": _deactivation_alert,
        "item": _attribute("item"),
        "location": _attribute("location"),
        "quantities": _quantities,
        **_TIMES,
    },
    "InventoryQuantity": {
        "id": _quantity_id,
        "name": _attribute("name"),
        "quantity": lambda quantity, context, arguments: getattr(quantity.level, quantity.name),
        "updatedAt": _quantity_changed,
    },
    "InventoryProperties": {"quantityNames": _quantity_names},
}
"""By type and field. A field that is not here reads its own name from a mapping."""

SCOPES: Final[dict[tuple[str, str], str]] = {
    **{
        ("QueryRoot", name): "read_products"
        for name in (
            "product",
            "products",
            "productsCount",
            "productVariant",
            "productVariants",
            "productVariantsCount",
        )
    },
    **{
        ("QueryRoot", name): "read_inventory"
        for name in ("inventoryItem", "inventoryItems", "inventoryLevel", "inventoryProperties")
    },
    **{("QueryRoot", name): "read_locations" for name in ("location", "locations", "locationsCount")},
    ("ProductVariant", "inventoryItem"): "read_inventory",
    ("InventoryItem", "variant"): "read_products",
    ("InventoryItem", "variants"): "read_products",
    ("InventoryLevel", "location"): "read_locations",
    ("Location", "inventoryLevel"): "read_inventory",
    ("Location", "inventoryLevels"): "read_inventory",
}
"""The scope a field needs (`reference/shopify.md` §1)."""
