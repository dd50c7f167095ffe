"""The store of one shop: ids, sums, options; whatever it is filled with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.catalog import LevelRow, Location
from supportdesk.core.listings import listing_row
from supportdesk.sandbox.clock import Clock, stamp
from supportdesk.sandbox.gid import gid, level_gid, level_key, parse_gid
from supportdesk.sandbox.records import PARTS, options_of
from supportdesk.sandbox.store import SandboxShop
from tests.shops import DEPOT, MAIN, level, listing, small_shop

QUANTITIES = st.integers(-(10**9), 10**9)
NAMES = (*PARTS, "incoming")


def test_ids_of_a_live_store_are_kept() -> None:
    shop = small_shop()
    assert sorted(shop.variants) == [1, 2, 3]
    assert sorted(shop.items) == [2001, 2002, 2003]
    assert sorted(shop.locations) == [101, 102]


def test_ids_of_exports_become_positive_ones_and_hold_together() -> None:
    shop = SandboxShop("export", clock=Clock(running=False))
    rows = [
        listing_row(
            variant_id=None, item_id=-at, product_id=None, handle="tee", options=[size], title="Tee", sku=size
        )
        for at, size in enumerate(("S", "M"), start=1)
    ]
    shop.fill([Location(-1, "Shop")], rows, [LevelRow(-2, -1, True, 5, None, None, None)])
    (location,) = shop.locations.values()
    (product,) = shop.products.values()
    small, medium = shop.variants.values()
    assert location.id > 0
    assert product.id > 0
    assert [small.title, medium.title] == ["S", "M"]
    assert product.variants == [small, medium]
    assert 0 < small.item.id < medium.item.id
    assert small.item.levels == {}
    assert medium.item.levels[location.id].available == 5


def test_fresh_ids_come_after_given_ones() -> None:
    shop = small_shop(listings=[listing(90_000_000_000_000, "HIGH")], levels=[])
    late = shop.add_listing(
        listing_row(
            variant_id=None, item_id=-7, product_id=None, handle="x", options=["A"], title="X", sku="LOW"
        )
    )
    assert late.id > 90_000_000_000_000
    assert shop.ids("ProductVariant") == sorted(shop.variants)


@given(st.permutations(range(1, 12)))
def test_the_order_by_id_holds_whatever_comes_first(numbers: list[int]) -> None:
    shop = small_shop(listings=[listing(number, f"S-{number}") for number in numbers], levels=[])
    assert shop.ids("ProductVariant") == sorted(numbers)
    assert shop.ids("Product") == sorted(1000 + number for number in numbers)


def test_what_a_source_shows_beyond_available_and_committed_is_unavailable() -> None:
    rows = [LevelRow(2001, 101, True, 5, 2, 10, 4), LevelRow(2001, 102, False, -3, None, None, None)]
    shop = small_shop(listings=[listing(1, "A")], levels=rows)
    main, depot = shop.items[2001].levels.values()
    assert (main.available, main.committed, main.damaged, main.on_hand, main.incoming) == (5, 2, 3, 10, 4)
    assert (depot.available, depot.on_hand, depot.active) == (-3, -3, False)


@pytest.mark.parametrize("row", [level(9, MAIN, 1), LevelRow(2001, 999, True, 1, 0, 1, 0)])
def test_a_level_without_its_listing_or_location_is_refused(row: LevelRow) -> None:
    with pytest.raises(ValueError, match="without its listing or location"):
        small_shop(listings=[listing(1, "A")], levels=[row])


def test_an_item_is_connected_to_a_location_once() -> None:
    with pytest.raises(ValueError, match="already"):
        small_shop(listings=[listing(1, "A")], levels=[level(1, MAIN, 1), level(1, MAIN, 2)])


@given(st.lists(st.tuples(st.sampled_from(NAMES), QUANTITIES)))
def test_on_hand_is_always_the_sum_of_its_parts(changes: list[tuple[str, int]]) -> None:
    shop = small_shop()
    row = shop.items[2001].levels[101]
    for name, quantity in changes:
        before = shop.revision
        shop.put_quantity(row, name, quantity)
        assert getattr(row, name) == quantity
        assert row.on_hand == sum(getattr(row, part) for part in PARTS)
        assert shop.revision > before


@pytest.mark.parametrize("name", ["on_hand", "", "price"])
def test_only_parts_can_be_put(name: str) -> None:
    shop = small_shop()
    with pytest.raises(KeyError):
        shop.put_quantity(shop.items[2001].levels[101], name, 1)


def test_two_variants_of_one_item_share_its_numbers() -> None:
    shop = small_shop(listings=[listing(1, "A"), listing(2, "A", item_id=2001)], levels=[level(1, DEPOT, 4)])
    assert shop.variants[1].item is shop.variants[2].item
    assert shop.variants[1].quantity == shop.variants[2].quantity == 4
    assert shop.items_with_sku["A"] == 1


OPTION = (
    st.text(min_size=1, max_size=12).map(str.strip).filter(lambda text: text not in ("", "Default Title"))
)


@given(st.lists(OPTION, min_size=1, max_size=3))
def test_option_values_come_back_with_their_slashes(options: list[str]) -> None:
    row = listing_row(
        variant_id=1, item_id=1, product_id=1, handle="tee", options=options, title="Tee", sku=""
    )
    handle, found = options_of(row)
    assert handle == "tee"
    values = [value for _, value in found]
    # Where two readings are possible the name stays the same, and that is what listings are known by.
    assert "/".join(values) == row.listing.removeprefix("tee/") or values == [row.variant_title]
    if not any("/" in option for option in options):
        assert values == options


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (["Default Title"], ["Default Title"]),
        (["Red", "L/XL"], ["Red", "L/XL"]),
        (["Red", "L / XL"], ["Red", "L / XL"]),
        (["A / B"], ["A / B"]),
        (["A", "B", "C / D"], ["A", "B", "C / D"]),
    ],
)
def test_options_of_a_listing(options: list[str], values: list[str]) -> None:
    row = listing_row(variant_id=1, item_id=1, product_id=1, handle="h", options=options, title="T", sku="")
    assert [value for _, value in options_of(row)[1]] == values


# --- ids and the clock ---------------------------------------------------------------------------------------------


@given(st.integers(1, 10**14), st.integers(1, 10**14))
def test_global_ids_are_read_as_they_are_written(number: int, item: int) -> None:
    parts = parse_gid(gid("Product", number))
    assert parts is not None
    assert (parts.type, parts.number, parts.query) == ("Product", number, "")
    parts = parse_gid(level_gid(number, item))
    assert parts is not None
    assert level_key(parts) == (number, item)


@pytest.mark.parametrize(
    "text", ["", "1", "gid://shopify/Product", "gid://shopify/Product/", "gid://shopify/1/1", "gid:x"]
)
def test_what_is_no_global_id(text: str) -> None:
    assert parse_gid(text) is None


@pytest.mark.parametrize("text", ["gid://shopify/Product/x", "gid://shopify/Product/²"])
def test_a_key_that_is_no_number(text: str) -> None:
    parts: Any = parse_gid(text)
    assert parts.number == 0


def test_the_clock_runs_stops_and_moves() -> None:
    ticks = [0.0]
    clock = Clock(monotonic=lambda: ticks[0])
    assert stamp(clock.now()) == "2026-11-23T09:00:00Z"
    ticks[0] = 5.0
    assert stamp(clock.now()) == "2026-11-23T09:00:05Z"
    clock.run(False)
    ticks[0] = 50.0
    assert stamp(clock.now()) == "2026-11-23T09:00:05Z"
    clock.advance(10)
    clock.run(True)
    ticks[0] = 51.0
    assert stamp(clock.now()) == "2026-11-23T09:00:16Z"
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)
