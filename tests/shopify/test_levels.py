"""Rows with all their numbers in one request, the rows that changed, and the store's second."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import httpx
import pytest

from supportdesk.core.catalog import LevelRow, Location
from supportdesk.core.looks import MOST_ROWS, RowKey
from supportdesk.core.rows import RowNumbers
from supportdesk.errors import AnswerUnreadable, ScopeMissing, SearchIgnored
from supportdesk.sandbox import staff
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Fault
from supportdesk.shopify.levels import LOCATIONS_BY_NAME
from tests.shopify.in_process import Asked
from tests.shopify.replies import Clock as Seconds
from tests.shopify.replies import PretendStore, RecordingWatch, data
from tests.shops import DEPOT, MAIN, listing, small_shop

PLACES = [replace(MAIN, id=101 + at, name=f"Place {at}") for at in range(LOCATIONS_BY_NAME + 3)]


def large(items: int, places: int) -> Asked:
    """Items 2001 …, each at the first of `places` locations with a number of its own."""
    here: list[Location] = PLACES[:places]
    shop = small_shop(
        clock=Clock(running=False),
        locations=here,
        listings=[listing(number, f"S-{number}") for number in range(1, items + 1)],
        levels=[
            LevelRow(2000 + number, place.id, True, number, at, number + at, 0)
            for number in range(1, items + 1)
            for at, place in enumerate(here)
        ],
    )
    return Asked(shop)


def test_every_quantity_is_read() -> None:
    one = large(1, 1)
    here = one.shop.items[2001].levels[101]
    staff.put(
        one.shop,
        here,
        {"available": 7, "damaged": 1, "quality_control": 2, "reserved": 3, "safety_stock": 4, "incoming": 5},
    )
    look = one.engine.levels([(2001, 101)], one.watch)
    assert look.rows[0].numbers == RowNumbers(7, 0, 17, 5, 3, 1, 4, 2)
    assert (look.rows[0].sku, look.rows[0].tracked, look.rows[0].stocked) == ("S-1", True, True)
    assert look.date == one.now


@pytest.mark.parametrize("places", [1, 2, LOCATIONS_BY_NAME, LOCATIONS_BY_NAME + 3])
def test_250_rows_are_one_request_in_the_order_asked(places: int) -> None:
    one = large(MOST_ROWS // places, places)
    rows: list[RowKey] = [
        (2000 + number, place.id) for number in range(MOST_ROWS // places, 0, -1) for place in PLACES[:places]
    ]
    look = one.engine.levels(rows, one.watch)
    assert [(row.item_id, row.location_id) for row in look.rows] == rows
    assert all(row.numbers and row.numbers.available == row.item_id - 2000 for row in look.rows)
    assert all(row.numbers and row.numbers.committed == row.location_id - 101 for row in look.rows)
    (name,) = one.names()
    wanted = (
        "Levels" if places == 1 else "LevelsEverywhere" if places > LOCATIONS_BY_NAME else "LevelsSeveral"
    )
    assert name == wanted
    assert one.costs[name][0] == {"Levels": 8, "LevelsSeveral": 22, "LevelsEverywhere": 41}[name]


@pytest.mark.parametrize("places", [1, 2, LOCATIONS_BY_NAME + 3])
def test_whether_an_item_is_still_for_sale_is_read_with_it(places: int) -> None:
    one = large(5, places)
    variants = [one.shop.items[2001 + at].variants[0] for at in range(5)]
    variants[1].product.status = "ARCHIVED"
    variants[2].product.status = "DRAFT"
    variants[3].product.gift_card = True
    variants[4].bundle_parent = True
    rows = [(2001 + at, place.id) for at in range(5) for place in PLACES[:places]]
    look = one.engine.levels(rows, one.watch)
    assert {row.item_id: row.left_out for row in look.rows} == {
        2001: None,
        2002: "archived",
        2003: "draft",
        2004: "gift_card",
        2005: "bundle_parent",
    }


@pytest.mark.parametrize(
    ("others", "left_out"),
    [([], "archived"), (["DRAFT"], "draft"), (["ACTIVE"], None), (["DRAFT"] * 2, None)],
)
def test_an_item_is_for_sale_while_any_of_its_listings_is(others: list[str], left_out: str | None) -> None:
    """Of more than two listings the third may be for sale, so nothing is said."""
    one = large(1, 1)
    item = one.shop.items[2001]
    first = item.variants[0]
    first.product.status = "ARCHIVED"
    for number, status in enumerate(others, first.id + 1):
        item.variants.append(replace(first, id=number, product=replace(first.product, status=status)))
    (row,) = one.engine.levels([(2001, 101)], one.watch).rows
    assert row.left_out == left_out


@pytest.mark.parametrize("rows", [[], [(item, 101) for item in range(MOST_ROWS + 1)]], ids=["none", "251"])
def test_no_more_and_no_fewer(rows: list[RowKey]) -> None:
    pretend = PretendStore()
    with pytest.raises(ValueError, match="1 to 250 rows"):
        pretend.store().levels(rows, RecordingWatch())
    assert pretend.requests == []


@pytest.mark.parametrize("extra", [[], PLACES[2:]], ids=["by name", "everywhere"])
def test_what_is_not_stocked_and_what_is_no_more(extra: list[Location]) -> None:
    shop = small_shop(clock=Clock(running=False), locations=[MAIN, DEPOT, *extra])
    one = Asked(shop)
    shop.put_active(shop.items[2002].levels[MAIN.id], False)
    rows: list[RowKey] = [(2001, 101), (2002, 101), (2002, 102), (9999, 101), (2001, 999)]
    look = one.engine.levels([*rows, *((2001, place.id) for place in extra)], one.watch)
    found = {(row.item_id, row.location_id): row for row in look.rows}
    assert (found[2001, 101].stocked, found[2002, 101].stocked, found[2002, 102].stocked) == (
        True,
        False,
        False,
    )
    assert found[2002, 101].numbers == RowNumbers(3, 0, 3)
    assert found[2002, 102].numbers is None
    assert found[2002, 102].sku == "A-1"
    assert not {(9999, 101), (2001, 999)} & set(found)
    shop.locations[101].active = False
    closed = one.engine.levels([(2001, 101)], one.watch).rows[0]
    assert (closed.stocked, closed.numbers) == (False, RowNumbers(5, 2, 7))


def test_a_row_asked_twice_is_told_once() -> None:
    one = large(1, 1)
    assert len(one.engine.levels([(2001, 101)] * 2, one.watch).rows) == 1


def test_how_long_it_took_is_the_attempt_that_answered() -> None:
    seconds = Seconds()
    level = {"isActive": True, "quantities": [{"name": n, "quantity": 1} for n in RowNumbers._fields]}
    node = {"id": "gid://shopify/InventoryItem/1", "sku": None, "tracked": False, "at0": level}
    content = {"items": [node], "locations": [{"id": "gid://shopify/Location/2", "isActive": True}]}

    def slowly(request: httpx.Request) -> httpx.Response:
        seconds.seconds += 3
        return httpx.Response(200, headers={"Date": "Mon, 23 Nov 2026 09:00:00 GMT"}, json={"data": content})

    pretend = PretendStore().on("Levels", httpx.Response(502), slowly)
    watch = RecordingWatch(seconds)
    look = pretend.store(seconds).levels([(1, 2)], watch)
    assert (look.date, look.took, len(watch.waits)) == (1_795_424_400, 3.0, 1)
    assert (look.rows[0].sku, look.rows[0].tracked) == ("", False)


def test_an_answer_without_its_time_or_with_a_number_missing_is_none() -> None:
    node = {"id": "gid://shopify/InventoryItem/1", "sku": "A", "tracked": True}
    content = {"items": [node], "locations": [{"id": "gid://shopify/Location/2", "isActive": True}]}
    pretend = PretendStore().on("Levels", data(content)).on("Clock", data({"shop": {"id": "x"}}))
    with pytest.raises(AnswerUnreadable, match="Date"):
        pretend.store().levels([(1, 2)], RecordingWatch())
    with pytest.raises(AnswerUnreadable, match="Date"):
        pretend.store().clock(RecordingWatch())
    node["at0"] = {"isActive": True, "quantities": [{"name": "available", "quantity": 1}]}
    pretend.on("Levels", data(content))
    with pytest.raises(AnswerUnreadable, match="committed"):
        pretend.store().levels([(1, 2)], RecordingWatch())


def test_the_clock_is_the_cheapest_request() -> None:
    one = large(1, 1)
    assert one.engine.clock(one.watch) == one.now
    one.shop.clock.advance(1.7)
    assert one.engine.clock(one.watch) == one.now == int(one.shop.clock.seconds())
    assert one.costs["Clock"] == (1, 1)


def test_changed_rows_are_found_by_location() -> None:
    one = large(300, 2)
    since = one.now
    assert len(list(one.engine.levels_changed(since, [101, 102], one.watch))) == 600
    assert len(one.requests) == 4
    one.shop.clock.advance(10)
    for item in (2003, 2290):
        staff.put(one.shop, one.shop.items[item].levels[102], {"available": 99})
    assert list(one.engine.levels_changed(since + 10, [101, 102, 999], one.watch)) == [
        (2003, 102, since + 10),
        (2290, 102, since + 10),
    ]
    assert list(one.engine.levels_changed(since + 11, [101, 102], one.watch)) == []
    one.shop.put_active(one.shop.items[2007].levels[101], False)
    assert list(one.engine.levels_changed(since + 10, [101], one.watch)) == [(2007, 101, since + 10)]


def test_a_filter_that_was_ignored_is_an_error() -> None:
    warning = [
        {"path": ["location"], "query": "x", "warnings": [{"field": "updated_at", "message": "Invalid"}]}
    ]
    pretend = PretendStore().on("LevelsChanged", data({"location": None}, search=warning))
    with pytest.raises(SearchIgnored):
        list(pretend.store().levels_changed(0, [1], RecordingWatch()))


def test_a_lost_scope_is_told() -> None:
    one = large(1, 1)
    one.api.faults.add(Fault("scope_lost", scope="read_inventory"))
    with pytest.raises(ScopeMissing):
        one.engine.levels([(2001, 101)], one.watch)


def test_a_stale_reading_looks_like_any_other() -> None:
    """What the engine's rules are for: nothing in the answer tells."""
    one = large(1, 1)
    one.shop.clock.advance(5)
    staff.put(one.shop, one.shop.items[2001].levels[101], {"available": 40})
    one.shop.clock.advance(5)
    one.api.faults.add(Fault("stale_reading", wait=8))
    found = Counter(
        look.rows[0].numbers.available
        for look in (one.engine.levels([(2001, 101)], one.watch) for _ in range(2))
        if look.rows[0].numbers
    )
    assert found == {1: 1, 40: 1}
