"""What the root fields of a query say: objects by id, connections with their filters and orders, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from supportdesk.sandbox.clock import stamp
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, CountOf, Resolver, count_up_to, searched, want
from supportdesk.sandbox.gid import level_key, parse_gid
from supportdesk.sandbox.order_roots import ORDER_NODES, ORDER_ROOTS
from supportdesk.sandbox.paging import PAGE_LIMIT, ByNumber, Connection, Key, Ordered, page
from supportdesk.sandbox.problems import RequestProblem, access_denied, array_too_long, not_found
from supportdesk.sandbox.records import (
    ItemRecord,
    LevelRecord,
    LocationRecord,
    ProductRecord,
    VariantRecord,
)
from supportdesk.sandbox.search import Filter
from supportdesk.sandbox.versions import VERSIONS

_PRODUCT_FILTERS: Final = {
    "": Filter("text", lambda p: (p.title, p.vendor, p.product_type, *(v.item.sku for v in p.variants))),
    "barcode": Filter("exact", lambda p: tuple(v.barcode for v in p.variants)),
    "bundles": Filter("flag", lambda p: any(v.bundle_parent for v in p.variants)),
    "created_at": Filter("date", lambda p: p.created_at),
    "gift_card": Filter("flag", lambda p: p.gift_card),
    "handle": Filter("exact", lambda p: p.handle),
    "id": Filter("number", lambda p: p.id),
    "inventory_total": Filter("number", lambda p: sum(v.quantity for v in p.variants)),
    "product_type": Filter("exact", lambda p: p.product_type),
    "sku": Filter("text", lambda p: tuple(v.item.sku for v in p.variants)),
    "status": Filter("exact", lambda p: p.status),
    "tag": Filter("exact", lambda p: p.tags),
    "title": Filter("text", lambda p: p.title),
    "tracks_inventory": Filter("flag", lambda p: any(v.item.tracked for v in p.variants)),
    "updated_at": Filter("date", lambda p: p.updated_at),
    "vendor": Filter("exact", lambda p: p.vendor),
}


def _option(at: int) -> Callable[[VariantRecord], str | None]:
    return lambda variant: variant.options[at][1] if at < len(variant.options) else None


_VARIANT_FILTERS: Final = {
    "": Filter("text", lambda v: (v.product.title, v.title, v.item.sku, v.barcode)),
    "barcode": Filter("exact", lambda v: v.barcode),
    "gift_card": Filter("flag", lambda v: v.product.gift_card),
    "id": Filter("number", lambda v: v.id),
    "inventory_quantity": Filter("number", lambda v: v.quantity),
    "managed": Filter("flag", lambda v: v.item.tracked),
    "option1": Filter("exact", _option(0)),
    "option2": Filter("exact", _option(1)),
    "option3": Filter("exact", _option(2)),
    "product_id": Filter("number", lambda v: v.product.id),
    "product_ids": Filter("number", lambda v: v.product.id),
    "product_status": Filter("exact", lambda v: v.product.status),
    "product_type": Filter("exact", lambda v: v.product.product_type),
    "requires_components": Filter("flag", lambda v: v.bundle_parent),
    "sku": Filter("text", lambda v: v.item.sku),
    "tag": Filter("exact", lambda v: v.product.tags),
    "taxable": Filter("flag", lambda v: not v.product.gift_card),
    "title": Filter("text", lambda v: v.title),
    "updated_at": Filter("date", lambda v: v.updated_at),
    "vendor": Filter("exact", lambda v: v.product.vendor),
}
_ITEM_FILTERS: Final = {
    "": Filter("text", lambda i: i.sku),
    "created_at": Filter("date", lambda i: i.created_at),
    "id": Filter("number", lambda i: i.id),
    "sku": Filter("text", lambda i: i.sku),
    "updated_at": Filter("date", lambda i: i.indexed_at or i.updated_at),
}
_LOCATION_FILTERS: Final = {
    "": Filter("text", lambda place: (place.name, place.address, place.city)),
    "active": Filter("flag", lambda place: place.active),
    "address1": Filter("text", lambda place: place.address),
    "city": Filter("text", lambda place: place.city),
    "country": Filter("exact", lambda place: place.country),
    "created_at": Filter("date", lambda place: place.created_at),
    "id": Filter("number", lambda place: place.id),
    "legacy": Filter("flag", lambda place: bool(place.service)),
    "location_id": Filter("number", lambda place: place.id),
    "name": Filter("exact", lambda place: place.name),
}
_SORTS: Final[dict[str, dict[str, Callable[[Any], Any]]]] = {
    "Product": {
        "CREATED_AT": lambda p: p.created_at,
        "INVENTORY_TOTAL": lambda p: sum(v.quantity for v in p.variants),
        "PRODUCT_TYPE": lambda p: p.product_type,
        "PUBLISHED_AT": lambda p: p.created_at,
        "TITLE": lambda p: p.title,
        "UPDATED_AT": lambda p: p.updated_at,
        "VENDOR": lambda p: p.vendor,
    },
    "ProductVariant": {
        "FULL_TITLE": lambda v: f"{v.product.title} - {v.title}",
        "INVENTORY_QUANTITY": lambda v: v.quantity,
        "NAME": lambda v: f"{v.product.title} - {v.title}",
        "POSITION": lambda v: v.position,
        "SKU": lambda v: v.item.sku,
        "TITLE": lambda v: v.title,
    },
}
"""Values of sort keys. `ID` and `RELEVANCE` (without a scoring of our own) are the order by id."""


class Sorted:
    """Orders other than by id, kept until the shop changes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[int, Ordered]] = {}

    def of(self, context: Context, kind: str, records: Mapping[int, Any], sort: str) -> Ordered:
        """Records of `kind` in the order of `sort`."""
        value = _SORTS.get(kind, {}).get(sort)
        if value is None:
            numbers = context.shop.ids(kind)
            return Ordered(ByNumber(numbers), lambda at: records[numbers[at]])
        revision = context.shop.revision
        kept = self._kept.get((kind, sort))
        if kept is None or kept[0] != revision:
            keys: list[Key] = sorted((value(record), number) for number, record in records.items())
            kept = (revision, Ordered(keys, lambda at: records[keys[at][1]]))
            self._kept[kind, sort] = kept
        return kept[1]


def _indexed(context: Context) -> Callable[[Any], bool]:
    """Whether the search index has caught up with a record (it lags writes by seconds, `reference/shopify.md` §3)."""
    seen_until = stamp(context.shop.clock.now() - timedelta(seconds=context.search_lag))
    return lambda record: bool(record.updated_at <= seen_until)


def _filtered(
    context: Context, arguments: Arguments, filters: Mapping[str, Filter]
) -> tuple[Callable[[Any], bool] | None, int | None]:
    search = searched(context, arguments, filters)
    if search is None:
        return None, None
    if not context.search_lag:
        return search.matches, search.above
    indexed = _indexed(context)
    return (lambda record: indexed(record) and search.matches(record)), search.above


def _connection(kind: str, filters: Mapping[str, Filter]) -> Resolver:
    def resolve(root: Any, context: Context, arguments: Arguments) -> Connection:
        matches, above = _filtered(context, arguments, filters)
        ordered = _orders(context).of(context, kind, _records(context, kind), arguments.get("sortKey", "ID"))
        return page(ordered, dict(arguments), matches, above, whole=context.whole)

    return resolve


def _orders(context: Context) -> Sorted:
    return context.bulk.sorted


def _records(context: Context, kind: str) -> Mapping[int, Any]:
    shop = context.shop
    if kind == "Product":
        return shop.products
    return shop.variants if kind == "ProductVariant" else shop.items


def _matching(records: Iterable[Any], matches: Callable[[Any], bool] | None, limit: int | None) -> int:
    """How many match, counted only just beyond `limit`."""
    if matches is None and isinstance(records, Sequence):
        return len(records)
    found = 0
    for record in records:
        if matches is None or matches(record):
            found += 1
            if limit is not None and found > limit:
                break
    return found


def _count(kind: str, filters: Mapping[str, Filter]) -> Resolver:
    def resolve(root: Any, context: Context, arguments: Arguments) -> CountOf:
        matches, _ = _filtered(context, arguments, filters)
        limit = arguments.get("limit")
        return count_up_to(_matching(list(_records(context, kind).values()), matches, limit), limit)

    return resolve


def _by_id(kind: str) -> Resolver:
    def resolve(root: Any, context: Context, arguments: Arguments) -> Any:
        return _records(context, kind).get(want(arguments["id"], kind).number)

    return resolve


def _level(root: Any, context: Context, arguments: Arguments) -> LevelRecord | None:
    return context.shop.level(*level_key(want(arguments["id"], "InventoryLevel")))


def _location(root: Any, context: Context, arguments: Arguments) -> LocationRecord | None:
    if arguments.get("id") is None:
        return next(iter(context.shop.locations.values()), None)
    return context.shop.locations.get(want(arguments["id"], "Location").number)


def _locations(root: Any, context: Context, arguments: Arguments) -> Connection:
    matches, _ = _filtered(context, arguments, _LOCATION_FILTERS)
    inactive, legacy = bool(arguments.get("includeInactive")), bool(arguments.get("includeLegacy"))

    def shown(location: LocationRecord) -> bool:
        if not (inactive or location.active) or not (legacy or not location.service):
            return False
        return matches is None or matches(location)

    by_name = arguments.get("sortKey", "NAME") == "NAME"
    placed = sorted(
        (place.name if by_name else place.id, place.id) for place in context.shop.locations.values()
    )
    ordered = Ordered(placed, lambda at: context.shop.locations[placed[at][1]])
    return page(ordered, dict(arguments), shown, whole=context.whole)


def _locations_count(root: Any, context: Context, arguments: Arguments) -> CountOf:
    # Inactive and legacy ones count, though the connection hides them (recorded in `location-connection-filters`).
    matches, _ = _filtered(context, arguments, _LOCATION_FILTERS)
    limit = arguments.get("limit")
    return count_up_to(_matching(list(context.shop.locations.values()), matches, limit), limit)


_NODE_SCOPES: Final = {
    "Product": "read_products",
    "ProductVariant": "read_products",
    "InventoryItem": "read_inventory",
    "InventoryLevel": "read_inventory",
    "Location": "read_locations",
}


def _one_node(context: Context, text: str, field: str) -> Any:
    parts = parse_gid(text)
    if parts is None:
        raise not_found(text)
    needed, find = ORDER_NODES.get(parts.type, (None, None))
    scope = needed or _NODE_SCOPES.get(parts.type)
    if scope and scope not in context.scopes:
        raise access_denied(field, scope)
    if find is not None:
        return find(context, parts.number)
    match parts.type:
        case "InventoryLevel":
            return context.shop.level(*level_key(parts))
        case "Location":
            return context.shop.locations.get(parts.number)
        case "BulkOperation":
            operation = context.bulk.get(parts.number)
            return context.bulk.refresh(operation, context) if operation else None
        case "Product" | "ProductVariant" | "InventoryItem":
            return _records(context, parts.type).get(parts.number)
        case "Shop":
            return context.shop if parts.number == context.shop.facts.number else None
    return None


def _nodes(root: Any, context: Context, arguments: Arguments) -> list[Any]:
    if len(arguments["ids"]) > PAGE_LIMIT:
        raise array_too_long(len(arguments["ids"]), ["nodes", "ids"])
    return [_one_node(context, text, "nodes") for text in arguments["ids"]]


def node_type(record: Any) -> str:
    """The GraphQL type of a record, for interfaces."""
    if known := getattr(record, "TYPE", None):
        return str(known)
    match record:
        case ProductRecord():
            return "Product"
        case VariantRecord():
            return "ProductVariant"
        case ItemRecord():
            return "InventoryItem"
        case LevelRecord():
            return "InventoryLevel"
        case LocationRecord():
            return "Location"
    return "BulkOperation" if hasattr(record, "root_object_count") else "Shop"


ROOTS: Final[dict[str, Resolver]] = {
    "shop": lambda root, context, arguments: context.shop,
    "currentAppInstallation": lambda root, context, arguments: context.app,
    "publicApiVersions": lambda root, context, arguments: [
        {"handle": handle, "displayName": name, "supported": supported}
        for handle, name, supported in VERSIONS
    ],
    "node": lambda root, context, arguments: _one_node(context, arguments["id"], "node"),
    "nodes": _nodes,
    "product": _by_id("Product"),
    "products": _connection("Product", _PRODUCT_FILTERS),
    "productsCount": _count("Product", _PRODUCT_FILTERS),
    "productVariant": _by_id("ProductVariant"),
    "productVariants": _connection("ProductVariant", _VARIANT_FILTERS),
    "productVariantsCount": _count("ProductVariant", _VARIANT_FILTERS),
    "inventoryItem": _by_id("InventoryItem"),
    "inventoryItems": _connection("InventoryItem", _ITEM_FILTERS),
    "inventoryLevel": _level,
    "inventoryProperties": lambda root, context, arguments: context.shop,
    "location": _location,
    "locations": _locations,
    "locationsCount": _locations_count,
    **ORDER_ROOTS,
}

__all__ = ["ROOTS", "RequestProblem", "Sorted", "node_type"]
