"""A day of a selling shop: no drift, no lost order, and what it costs beyond the floor; a cycle costs the same however large the catalogue is (DESIGN §9)."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.core.looks import Change
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.orders import Wanted
from tests.benchmarks.day import COSTS, cycle_of, live_through
from tests.shopify.in_process import Asked
from tests.shops import MAIN, level, listing, small_shop

NAMES = {
    "Clock": "clock",
    "Levels": "levels",
    "LevelsChanged": "levels_changed",
    "ListingFacts": "listings_changed",
    "ProductsChanged": "products_changed",
    "PlaceStates": "places",
    "ListingsById": "listings",
    "ItemVariants": "variants_of",
    "OrdersChanged": "orders_changed",
    "OrdersMoved": "orders_moved",
    "OrdersById": "orders_by_id",
    "OpenFulfillmentOrders": "orders_holding",
    "Adjust": "adjust",
}


def test_requests_cost_what_the_documents_ask_for() -> None:
    shop = small_shop(
        clock=Clock(running=False),
        locations=[MAIN],
        listings=[listing(number, f"S-{number}") for number in range(1, 26)],
        levels=[level(number, MAIN, 50) for number in range(1, 26)],
    )
    one = Asked(shop)
    engine, watch = one.engine, one.watch
    for number in range(1, 26):
        shop.order_book.place([Wanted(shop.variants[number], 1, shop.locations[MAIN.id])])
    shop.clock.advance(60)
    shop.catch_up()
    engine.clock(watch)
    engine.levels([(2001, MAIN.id)], watch)
    for pages in (
        engine.levels_changed(0, [MAIN.id], watch),
        engine.listings_changed(0, 0, watch),
        engine.products_changed(0, watch),
        engine.orders_changed(0, watch),
        engine.orders_moved(0, watch),
        engine.orders_holding([2001], watch),
    ):
        list(pages)
    engine.places(watch)
    engine.variants_of([2001], watch)
    engine.listings([1], 1, watch)
    engine.adjust([Change(2001, MAIN.id, 1)], "a-key-of-its-own", "gid://supportdesk/Cycle/1-1", watch)
    asked = {name: cost[0] for name, cost in one.costs.items()}
    assert asked == {name: COSTS[kind] for name, kind in NAMES.items()}


def test_a_small_shops_day_has_no_drift_and_costs_little_beyond_the_floor(tmp_path: Path) -> None:
    cost = live_through(tmp_path, skus=300, orders=120, edits=30)
    assert cost.wrong == []
    assert cost.beyond <= 1.5 * cost.needed


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_day_of_a_hundred_thousand_skus(tmp_path: Path) -> None:
    cost = live_through(tmp_path, skus=100_000, orders=2_000, edits=500)
    assert cost.wrong == []
    assert cost.beyond <= 1.5 * cost.needed


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_cycle_makes_the_same_calls_on_a_hundred_and_a_hundred_thousand_skus(tmp_path: Path) -> None:
    for name in ("large", "small"):
        (tmp_path / name).mkdir()
    large, small = cycle_of(tmp_path / "large", 100_000), cycle_of(tmp_path / "small", 100)
    assert large.requests == small.requests
