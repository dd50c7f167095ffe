"""A store's facts, locations and catalogue read page by page into core values. The bulk way is in `bulk` and `bulk_lines`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from supportdesk.core.catalog import CatalogBatch, LevelRow, ListingRow, Location, Shop
from supportdesk.core.listings import listing_row
from supportdesk.core.progress import Watch
from supportdesk.errors import AnswerUnreadable
from supportdesk.shopify import wire
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.global_ids import global_id
from supportdesk.shopify.waiting import TRIES

PAGE: Final = 250
"""Listings a page; Shopify gives no more (`reference/shopify.md` §3)."""
IDS_A_REQUEST: Final = 100
"""Listings asked for by id at a time; Shopify takes 250, whose levels would make a slow answer."""
PAGES_A_WINDOW: Final = 80
"""Pages after which the scan starts anew behind the last id: paging ends at 25,000 objects (`reference/shopify.md` §3)."""


def read_shop(client: AdminClient, watch: Watch | None = None, *, tries: int = TRIES) -> Shop:
    """The shop's facts with the token's scopes, in one request. Raises what `errors` names."""
    answer = client.ask("shop", watch=watch, tries=tries)
    data = wire.read(wire.ShopAnswer, answer.data)
    shop = data.shop
    return Shop(
        handle=shop.myshopify_domain.removesuffix(".myshopify.com"),
        name=shop.name,
        domain=shop.myshopify_domain,
        timezone=shop.iana_timezone,
        currency=shop.currency_code,
        plan=shop.plan.public_display_name if shop.plan else "",
        scopes=frozenset(scope.handle for scope in data.current_app_installation.access_scopes),
        api_version=answer.version,
    )


def read_locations(client: AdminClient, watch: Watch) -> tuple[Location, ...]:
    """Every location by id, inactive and legacy ones too. Raises what `errors` names."""
    found: list[Location] = []
    after: str | None = None
    while True:
        watch.report("Reading locations", len(found), unit="locations")
        watch.check()
        page = wire.read(wire.LocationsAnswer, client.execute("locations", {"after": after}, watch)).locations
        found += map(_location, page.nodes)
        after = next_page(page.page_info, after)
        if after is None:
            return tuple(found)


def read_listing_count(client: AdminClient, watch: Watch | None = None) -> int:
    """How many variants there are, asked without the default limit of 10,000; at least that, where the store stops counting."""
    counted = wire.read(
        wire.ListingCountAnswer, client.execute("listing_count", watch=watch)
    ).product_variants_count
    return counted.count if counted else 0


def read_catalog(client: AdminClient, location_count: int, watch: Watch) -> Iterator[CatalogBatch]:
    """Every listing by id with all its levels, a batch a page. Raises what `errors` names.

    Levels come with their listing up to `location_count` of them; a listing that has more is completed by further requests.
    """
    levels = min(max(location_count, 1), PAGE)
    done = 0
    last_id: int | None = None
    after: str | None = None
    search: str | None = None
    page_number = 0
    while True:
        watch.report("Reading listings", done, unit="listings")
        watch.check()
        variables = {"listings": PAGE, "levels": levels, "after": after, "search": search}
        page = wire.read(
            wire.CatalogPageAnswer, client.execute("catalog_page", variables, watch)
        ).product_variants
        batch = CatalogBatch()
        for variant in page.nodes:
            _take(batch, client, variant, watch)
            last_id = variant.id
        done += len(page.nodes)
        yield batch
        page_number += 1
        after = next_page(page.page_info, after)
        if after is None:
            watch.report("Reading listings", done, done, unit="listings")
            return
        if page_number % PAGES_A_WINDOW == 0:
            after, search = None, f"id:>{last_id}"


def read_listings(
    client: AdminClient, variant_ids: Sequence[int], location_count: int, watch: Watch
) -> CatalogBatch:
    """The listings of these variants as they are now, with all their levels; those that are no more are left out."""
    batch = CatalogBatch()
    for start in range(0, len(variant_ids), IDS_A_REQUEST):
        watch.report("Reading listings", start, len(variant_ids), unit="listings")
        watch.check()
        ids = [global_id("ProductVariant", number) for number in variant_ids[start : start + IDS_A_REQUEST]]
        variables = {"ids": ids, "levels": min(max(location_count, 1), PAGE)}
        answer = wire.read(wire.ListingsByIdAnswer, client.execute("listings_by_id", variables, watch))
        for variant in answer.nodes:
            if variant is not None:
                _take(batch, client, variant, watch)
    return batch


def read_listings_with_sku(client: AdminClient, sku: str, location_count: int, watch: Watch) -> CatalogBatch:
    """The listings that have exactly this SKU, as far as the store's search knows: it lags behind writes by seconds.

    The search finds SKUs with the same words in any case (`reference/shopify.md` §3); what it finds too much is left out here.
    """
    quoted = sku.replace("\\", "\\\\").replace('"', '\\"')
    batch = CatalogBatch()
    after: str | None = None
    while True:
        watch.check()
        variables = {
            "listings": PAGE,
            "levels": min(max(location_count, 1), PAGE),
            "after": after,
            "search": f'sku:"{quoted}"',
        }
        page = wire.read(
            wire.CatalogPageAnswer, client.execute("catalog_page", variables, watch)
        ).product_variants
        for variant in page.nodes:
            if (variant.sku or "") == sku:
                _take(batch, client, variant, watch)
        after = next_page(page.page_info, after)
        if after is None:
            return batch


def _take(batch: CatalogBatch, client: AdminClient, variant: wire.Variant, watch: Watch) -> None:
    batch.listings.append(_listing(variant))
    batch.levels.extend(_levels(client, variant.inventory_item, watch))


def next_page(page: wire.PageInfo, before: str | None) -> str | None:
    """The cursor of the page after this one, None where it is the last. Raises `AnswerUnreadable` where pages do not go on."""
    if not page.has_next_page:
        return None
    if page.end_cursor is None or page.end_cursor == before:
        raise AnswerUnreadable("The store's pages do not go on.", "Try again.")
    return page.end_cursor


def _location(node: wire.Location) -> Location:
    at, service = node.address, node.fulfillment_service
    lines = (at.address1, at.address2, at.zip, at.province_code, at.country_code)
    return Location(
        id=node.id,
        name=node.name,
        active=node.is_active,
        fulfills_online_orders=node.fulfills_online_orders,
        city=at.city or "",
        address=", ".join(line for line in lines if line),
        country=at.country_code or "",
        service=service.service_name if service else "",
        service_manages_stock=bool(service and service.inventory_management),
    )


def _listing(variant: wire.Variant) -> ListingRow:
    product = variant.product
    return listing_row(
        variant_id=variant.id,
        item_id=variant.inventory_item.id,
        product_id=product.id,
        handle=product.handle,
        options=[option.value for option in variant.selected_options],
        title=product.title,
        sku=variant.sku or "",
        barcode=variant.barcode or "",
        status=product.status,
        tracked=variant.inventory_item.tracked,
        sells_when_out=variant.inventory_policy == "CONTINUE",
        gift_card=product.is_gift_card,
        bundle_parent=variant.requires_components,
    )


def _levels(client: AdminClient, item: wire.Item, watch: Watch) -> Iterator[LevelRow]:
    page = item.inventory_levels
    after: str | None = None
    while True:
        for level in page.nodes:
            numbers = {quantity.name: quantity.quantity for quantity in level.quantities}
            yield LevelRow(
                item.id,
                level.location.id,
                level.is_active,
                numbers.get("available"),
                numbers.get("committed"),
                numbers.get("on_hand"),
                numbers.get("incoming"),
            )
        after = next_page(page.page_info, after)
        if after is None:
            return
        variables = {"item": global_id("InventoryItem", item.id), "after": after}
        answer = wire.read(wire.ItemLevelsAnswer, client.execute("item_levels", variables, watch))
        if answer.inventory_item is None:
            return
        page = answer.inventory_item.inventory_levels
