"""What every field of the schema says, one small function each: `(record, context, arguments) -> value`.

Root fields stand in `roots`, stock in `stock_fields`; how functions meet the schema, in `binding`. A bulk operation calls the
same functions.
"""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import TIMES, Arguments, CountOf, Resolver, attribute, itself, of, variants_of
from supportdesk.sandbox.gid import gid
from supportdesk.sandbox.item_mutations import MUTATION_SCOPES
from supportdesk.sandbox.metafields import HAS_METAFIELDS, METAFIELD_FIELDS
from supportdesk.sandbox.order_fields import ORDER_FIELDS, ORDER_SCOPES
from supportdesk.sandbox.records import LocationRecord, VariantRecord
from supportdesk.sandbox.stock_fields import STOCK_FIELDS, location_level, location_levels

# --- listings ------------------------------------------------------------------------------------------------------


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


FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "PageInfo": {
        "hasNextPage": attribute("has_next"),
        "hasPreviousPage": attribute("has_previous"),
        "startCursor": attribute("start"),
        "endCursor": attribute("end"),
    },
    "Count": {"count": attribute("count"), "precision": attribute("precision")},
    "Shop": {
        "id": lambda shop, context, arguments: gid("Shop", shop.facts.number),
        "name": lambda shop, context, arguments: shop.facts.name,
        "myshopifyDomain": attribute("domain"),
        "primaryDomain": itself,
        "url": lambda shop, context, arguments: f"https://{shop.facts.primary_host or shop.domain}",
        "ianaTimezone": lambda shop, context, arguments: shop.facts.timezone,
        "timezoneOffset": _timezone_offset,
        "currencyCode": lambda shop, context, arguments: shop.facts.currency,
        "weightUnit": lambda shop, context, arguments: "KILOGRAMS",
        "plan": itself,
        **HAS_METAFIELDS,
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
        "app": itself,
        **HAS_METAFIELDS,
    },
    "AccessScope": {
        "handle": itself,
        "description": lambda scope, context, arguments: scope.replace("_", " ").capitalize(),
    },
    "App": {
        "id": lambda app, context, arguments: gid("App", app.number),
        "title": attribute("title"),
        "handle": attribute("handle"),
        "apiKey": attribute("client_id"),
    },
    "Location": {
        "id": of("Location"),
        "legacyResourceId": attribute("id"),
        "name": attribute("name"),
        "isActive": attribute("active"),
        "isPrimary": _is_first,
        "fulfillsOnlineOrders": attribute("fulfills_online_orders"),
        "shipsInventory": _is_first,
        "isFulfillmentService": lambda location, context, arguments: bool(location.service),
        "fulfillmentService": _service,
        "hasActiveInventory": _has_stock,
        "hasUnfulfilledOrders": lambda location, context, arguments: any(
            level.committed for level in context.shop.levels_by_location[location.id]
        ),
        "activatable": lambda location, context, arguments: not location.active,
        "deactivatable": _deactivatable,
        "deactivatedAt": attribute("deactivated_at"),
        "deletable": lambda location, context, arguments: (
            not location.active and not _has_stock(location, context, arguments)
        ),
        "address": _address,
        "addressVerified": lambda location, context, arguments: False,
        "inventoryLevel": location_level,
        "inventoryLevels": location_levels,
        **TIMES,
    },
    "FulfillmentService": {
        "id": lambda location, context, arguments: (
            f"{gid('FulfillmentService', location.service_id)}?id=true"
        ),
        "handle": lambda location, context, arguments: "-".join(location.service.lower().split()),
        "serviceName": attribute("service"),
        "type": lambda location, context, arguments: "THIRD_PARTY",
        "inventoryManagement": attribute("service_manages_stock"),
        "location": itself,
        "callbackUrl": lambda location, context, arguments: None,
        "trackingSupport": lambda location, context, arguments: True,
        "requiresShippingMethod": lambda location, context, arguments: True,
    },
    "Product": {
        "id": of("Product"),
        "legacyResourceId": attribute("id"),
        "productType": attribute("product_type"),
        "isGiftCard": attribute("gift_card"),
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
        "variants": lambda product, context, arguments: variants_of(
            product.variants, context, arguments, arguments.get("sortKey", "POSITION")
        ),
        "variantsCount": lambda product, context, arguments: CountOf(len(product.variants), "EXACT"),
        **{name: attribute(name) for name in ("title", "handle", "status", "vendor", "tags")},
        **TIMES,
    },
    "ProductVariant": {
        "id": of("ProductVariant"),
        "legacyResourceId": attribute("id"),
        "sku": lambda variant, context, arguments: variant.item.sku or None,
        "barcode": lambda variant, context, arguments: variant.barcode or None,
        "displayName": lambda variant, context, arguments: f"{variant.product.title} - {variant.title}",
        "compareAtPrice": lambda variant, context, arguments: None,
        "inventoryPolicy": lambda variant, context, arguments: (
            "CONTINUE" if variant.sells_when_out else "DENY"
        ),
        "inventoryQuantity": attribute("quantity"),
        "sellableOnlineQuantity": _sellable,
        "availableForSale": _for_sale,
        "requiresComponents": attribute("bundle_parent"),
        "taxable": lambda variant, context, arguments: not variant.product.gift_card,
        "inventoryItem": attribute("item"),
        "product": attribute("product"),
        "selectedOptions": attribute("options"),
        **{name: attribute(name) for name in ("title", "position", "price")},
        **TIMES,
    },
    "SelectedOption": {
        "name": lambda option, context, arguments: option[0],
        "value": lambda option, context, arguments: option[1],
    },
    **STOCK_FIELDS,
    **METAFIELD_FIELDS,
    **ORDER_FIELDS,
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
    **MUTATION_SCOPES,
    **ORDER_SCOPES,
}
"""The scope a field needs (`reference/shopify.md` §1)."""
