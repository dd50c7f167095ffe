"""What changed in the catalogue, found cheaply: facts of listings by when they changed or by id, products, locations. Whole listings are in `catalog_pages`.

A search by `updated_at` lags behind and is not to be trusted alone (`reference/shopify.md` §3): whoever asks looks back with overlap and
goes through all listings by id once a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from supportdesk.core.looks import MOST_ROWS, ListingFacts, PlaceLook, ProductLook
from supportdesk.core.progress import Watch
from supportdesk.shopify import wire_changes as wire
from supportdesk.shopify.catalog_pages import PAGES_A_WINDOW, next_page
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.global_ids import global_id
from supportdesk.shopify.orders import timestamp
from supportdesk.shopify.wire import read


def read_changed_listings(
    client: AdminClient, since: int, above: int, watch: Watch
) -> Iterator[tuple[ListingFacts, ...]]:
    """Listings changed at `since` or later, as far as the index shows it, with an id above `above`, by id; a page of 250 at a time."""
    changed = f"updated_at:>={timestamp(since)}"
    while True:
        ended = True
        search = f"{changed} AND id:>{above}" if above else changed
        for page, ended_here in _pages(client, search, watch):
            yield page
            above, ended = page[-1].variant_id if page else above, ended_here
        if ended:
            return


def _pages(client: AdminClient, search: str, watch: Watch) -> Iterator[tuple[tuple[ListingFacts, ...], bool]]:
    """Pages of one search, as far as paging goes, each with whether it is the last there is."""
    after: str | None = None
    for _ in range(PAGES_A_WINDOW):
        watch.check()
        variables = {"search": search, "after": after}
        found = read(wire.ListingFactsAnswer, client.execute("listing_facts", variables, watch))
        page = found.product_variants
        after = next_page(page.page_info, after)
        yield tuple(map(_facts, page.nodes)), after is None
        if after is None:
            return


def read_listing_page(client: AdminClient, above: int, watch: Watch) -> tuple[ListingFacts, ...]:
    """The 250 listings with the lowest ids above `above`, by id; fewer where there are no more."""
    variables = {"search": f"id:>{above}", "after": None}
    found = read(wire.ListingFactsAnswer, client.execute("listing_facts", variables, watch))
    return tuple(map(_facts, found.product_variants.nodes))


def read_changed_products(client: AdminClient, since: int, watch: Watch) -> Iterator[tuple[ProductLook, ...]]:
    """Products changed at `since` or later, by id, a page at a time. Every sale changes one.

    Of more than 25,000 those beyond are left to whoever goes through all listings.
    """
    after: str | None = None
    for _ in range(PAGES_A_WINDOW):
        watch.check()
        variables = {"search": f"updated_at:>={timestamp(since)}", "after": after}
        found = read(wire.ProductsChangedAnswer, client.execute("products_changed", variables, watch))
        page = found.products
        yield tuple(ProductLook(each.id, each.status, each.is_gift_card) for each in page.nodes)
        after = next_page(page.page_info, after)
        if after is None:
            return


def read_places(client: AdminClient, watch: Watch) -> tuple[PlaceLook, ...]:
    """Every location, inactive and legacy ones too, with what may change of it."""
    places: list[PlaceLook] = []
    after: str | None = None
    while True:
        watch.check()
        found = read(wire.PlaceStatesAnswer, client.execute("place_states", {"after": after}, watch))
        page = found.locations
        places += [PlaceLook(each.id, each.name, each.is_active) for each in page.nodes]
        after = next_page(page.page_info, after)
        if after is None:
            return tuple(places)


def read_variants_of(client: AdminClient, items: Sequence[int], watch: Watch) -> tuple[int, ...]:
    """Ids of the variants that these inventory items stand for; none for an item that is no more."""
    variants: list[int] = []
    for start in range(0, len(items), MOST_ROWS):
        watch.check()
        ids = [global_id("InventoryItem", number) for number in items[start : start + MOST_ROWS]]
        found = read(wire.ItemVariantsAnswer, client.execute("item_variants", {"items": ids}, watch))
        variants += [each.id for node in found.nodes if node is not None for each in node.variants.nodes]
    return tuple(variants)


def _facts(node: wire.VariantState) -> ListingFacts:
    product, item = node.product, node.inventory_item
    return ListingFacts(
        *(node.id, item.id, product.id, node.sku or "", product.status),
        *(item.tracked, product.is_gift_card, node.requires_components),
    )
