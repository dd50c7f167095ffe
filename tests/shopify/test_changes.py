"""What changed in the catalogue, found by polls: the right ids for few points, beyond the ends of paging, and never by a search the store did not understand."""

from __future__ import annotations

import pytest

from supportdesk.core.looks import ListingFacts, PlaceLook, ProductLook
from supportdesk.sandbox import catalog_edits as edits
from supportdesk.sandbox.clock import Clock
from supportdesk.shopify import changes
from tests.shopify.in_process import Asked
from tests.shops import DEPOT, MAIN, level, listing, small_shop


def asked(count: int) -> Asked:
    shop = small_shop(
        clock=Clock(running=False),
        locations=[MAIN, DEPOT],
        listings=[listing(number, f"S-{number}") for number in range(1, count + 1)],
        levels=[level(number, MAIN, 3) for number in range(1, count + 1)],
    )
    shop.clock.advance(3600)
    return Asked(shop)


def test_only_what_changed_is_found_with_what_says_whether_it_is_synced() -> None:
    one = asked(12)
    since = one.now
    one.shop.put_sku(one.shop.items[2003], "RENAMED")
    edits.set_status(one.shop, one.shop.variants[7], "ARCHIVED")
    (page,) = one.engine.listings_changed(since, 0, one.watch)
    product = one.shop.variants[7].product.id
    assert [facts.variant_id for facts in page] == [3, 7]
    assert page[0].sku == "RENAMED"
    assert page[1] == ListingFacts(7, 2007, product, "S-7", "ARCHIVED", True, False, False)
    assert list(one.engine.listings_changed(since, 3, one.watch)) == [page[1:]]
    (products,) = one.engine.products_changed(since, one.watch)
    assert ProductLook(product, "ARCHIVED", False) in products
    assert list(one.engine.listings_changed(one.now + 1, 0, one.watch)) == [()]


def test_all_listings_can_be_gone_through_by_id() -> None:
    one = asked(520)
    sizes, above = [], 0
    while page := one.engine.listing_page(above, one.watch):
        sizes.append(len(page))
        above = page[-1].variant_id
    assert (sizes, above) == ([250, 250, 20], 520)


def test_more_than_paging_shows_is_searched_behind_the_last_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PAGES_A_WINDOW", 1)
    one = asked(600)
    pages = list(one.engine.listings_changed(0, 0, one.watch))
    assert [facts.variant_id for page in pages for facts in page] == list(range(1, 601))


def test_locations_and_the_variants_of_items() -> None:
    one = asked(3)
    edits.set_location(one.shop, one.shop.locations[DEPOT.id], active=False, name="Old depot")
    assert one.engine.places(one.watch) == (
        PlaceLook(MAIN.id, MAIN.name, True),
        PlaceLook(DEPOT.id, "Old depot", False),
    )
    assert one.engine.variants_of([2002, 9999, 2001], one.watch) == (2, 1)


def test_a_poll_that_finds_nothing_costs_little() -> None:
    one = asked(3)
    list(one.engine.listings_changed(one.now + 1, 0, one.watch))
    list(one.engine.products_changed(one.now + 1, one.watch))
    one.engine.places(one.watch)
    asked_for = {name: cost[0] for name, cost in one.costs.items()}
    assert asked_for == {"ListingFacts": 35, "ProductsChanged": 13, "PlaceStates": 13}
