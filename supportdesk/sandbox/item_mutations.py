"""The mutations that change what an item is and where it is stocked: activate, deactivate, tracked, SKU. No quantities but those activation takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, Resolver, want
from supportdesk.sandbox.gid import level_key
from supportdesk.sandbox.idempotency import once
from supportdesk.sandbox.memory import Payload
from supportdesk.sandbox.problems import array_too_long
from supportdesk.sandbox.records import ItemRecord, LevelRecord, VariantRecord
from supportdesk.sandbox.stock_fields import last_place_alert

_LONGEST_SKU: Final = 255
_MOST: Final = 250


def _plain(field: list[str] | None, message: str) -> dict[str, Any]:
    return {"field": field, "message": message}


def _activate(root: Any, context: Context, arguments: Arguments) -> Payload:
    shop = context.shop
    item = shop.items.get(want(arguments["inventoryItemId"], "InventoryItem").number)
    location = shop.locations.get(want(arguments["locationId"], "Location").number)
    available, on_hand = arguments.get("available"), arguments.get("onHand")
    errors = []
    if item is None:
        errors.append(_plain(["inventoryItemId"], "The product couldn't be stocked because it was deleted."))
    if location is None or not location.active:
        errors.append(
            _plain(["locationId"], "The product couldn't be stocked because the location wasn't found.")
        )
    if available is not None and on_hand is not None:
        said = "Not allowed to set available and on_hand quantities at the same time."
        errors += [_plain(["available"], said), _plain(["onHand"], said)]
    if errors or item is None or location is None:
        return {"inventoryLevel": None, "userErrors": errors}
    level = item.levels.get(location.id)
    if level is not None and level.active:
        return {"inventoryLevel": level, "userErrors": _already(available, on_hand)}
    if level is None:
        level = shop.add_level(item.id, location.id, {"available": 0})
    else:
        shop.put_active(level, True)
    _take(context, level, available, on_hand)
    return {"inventoryLevel": level, "userErrors": []}


def _already(available: int | None, on_hand: int | None) -> list[dict[str, Any]]:
    said = "Not allowed to set {} quantity when the item is already active at the location."
    if on_hand is not None:
        return [_plain(["onHand"], said.format("an on_hand"))]
    return [_plain(["available"], said.format("available"))] if available is not None else []


def _take(context: Context, level: LevelRecord, available: int | None, on_hand: int | None) -> None:
    delta = 0
    if available is not None:
        delta = available - level.available
    elif on_hand is not None:
        delta = on_hand - level.on_hand
    if delta:
        context.shop.change(level, {"available": delta}, "app", "activated")


def _deactivate(root: Any, context: Context, arguments: Arguments) -> Payload:
    level = context.shop.level(*level_key(want(arguments["inventoryLevelId"], "InventoryLevel")))
    if level is None:
        said = "The product couldn't be unstocked because the product was deleted."
        return {"userErrors": [_plain(None, said)]}
    if alert := last_place_alert(level):
        return {"userErrors": [_plain(None, alert)]}
    if level.active:
        context.shop.put_active(level, False)
    return {"userErrors": []}


# --- what an item is -----------------------------------------------------------------------------------------------


def _change_item(context: Context, item: ItemRecord, given: Mapping[str, Any]) -> None:
    if (sku := given.get("sku")) is not None and sku != item.sku:
        context.shop.put_sku(item, sku)
    for name, attribute in (("tracked", "tracked"), ("requiresShipping", "requires_shipping")):
        if given.get(name) is not None:
            setattr(item, attribute, given[name])
    context.shop.touch_item(item)


def _sku_too_long(given: Mapping[str, Any] | None) -> bool:
    return len((given or {}).get("sku") or "") > _LONGEST_SKU


def _update_item(root: Any, context: Context, arguments: Arguments) -> Payload:
    item = context.shop.items.get(want(arguments["id"], "InventoryItem").number)
    if item is None:
        return {
            "inventoryItem": None,
            "userErrors": [_plain(["id"], "The product couldn't be updated because it does not exist.")],
        }
    if _sku_too_long(arguments["input"]):
        said = f"SKU is too long (maximum is {_LONGEST_SKU} characters)"
        return {"inventoryItem": None, "userErrors": [_plain(["input", "sku"], said)]}
    _change_item(context, item, arguments["input"])
    return {"inventoryItem": item, "userErrors": []}


def _coded(field: list[str], message: str, code: str) -> dict[str, Any]:
    return {"field": field, "message": message, "code": code}


def _variant_errors(
    given: Mapping[str, Any], at: int, known: Mapping[int, VariantRecord]
) -> list[dict[str, Any]]:
    path = ["variants", str(at)]
    if given.get("id") is None:
        return [
            _coded([*path, "id"], "Product variant is missing ID attribute", "PRODUCT_VARIANT_ID_MISSING")
        ]
    if want(given["id"], "ProductVariant").number not in known:
        return [_coded([*path, "id"], "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")]
    if _sku_too_long(given.get("inventoryItem")):
        said = f"SKU is too long (maximum is {_LONGEST_SKU} characters)"
        return [_coded([*path, "inventoryItem", "sku"], said, "TOO_LONG")]
    return []


def _update_variants(root: Any, context: Context, arguments: Arguments) -> Payload:
    if len(arguments["variants"]) > _MOST:
        raise array_too_long(len(arguments["variants"]), ["productVariantsBulkUpdate", "variants"])
    product = context.shop.products.get(want(arguments["productId"], "Product").number)
    if product is None:
        error = _coded(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
        return {"product": None, "productVariants": None, "userErrors": [error]}
    known = {variant.id: variant for variant in product.variants}
    errors, changed = list[dict[str, Any]](), list[tuple[VariantRecord, Mapping[str, Any]]]()
    for at, given in enumerate(arguments["variants"]):
        found = _variant_errors(given, at, known)
        errors += found
        if not found:
            changed.append((known[want(given["id"], "ProductVariant").number], given))
    if errors and not arguments.get("allowPartialUpdates"):
        return {"product": product, "productVariants": None, "userErrors": errors}
    for variant, given in changed:
        if given.get("barcode") is not None:
            variant.barcode = given["barcode"]
        if given.get("price") is not None:
            variant.price = str(given["price"])
        if given.get("inventoryPolicy") is not None:
            variant.sells_when_out = given["inventoryPolicy"] == "CONTINUE"
        _change_item(context, variant.item, given.get("inventoryItem") or {})
    return {"product": product, "productVariants": [variant for variant, _ in changed], "userErrors": errors}


ITEM_MUTATIONS: Final[dict[str, Resolver]] = {
    "inventoryActivate": once("inventoryLevel", _activate, coded=False),
    "inventoryDeactivate": _deactivate,
    "inventoryItemUpdate": _update_item,
    "productVariantsBulkUpdate": _update_variants,
}

MUTATION_SCOPES: Final[dict[tuple[str, str], str]] = {
    **{
        ("Mutation", name): "write_inventory"
        for name in (
            "inventoryActivate",
            "inventoryAdjustQuantities",
            "inventoryDeactivate",
            "inventoryItemUpdate",
            "inventoryMoveQuantities",
            "inventorySetOnHandQuantities",
            "inventorySetQuantities",
        )
    },
    ("Mutation", "productVariantsBulkUpdate"): "write_products",
}
"""The scope each mutation needs (`reference/shopify.md` §1); metafields of the app's own need none."""
