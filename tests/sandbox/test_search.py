"""The search syntax, term by term, and what it says when it ignores something."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.sandbox.problems import ResolverProblem
from supportdesk.sandbox.search import Filter, prepare, words_of
from tests.shops import MAIN, InProcess, level, listing, small_shop

RECORDS: list[dict[str, Any]] = [
    {"id": 1, "sku": "KO-TENT-2P", "title": "Ridge tent", "at": "2026-11-20T00:00:00Z", "on": True},
    {"id": 2, "sku": "ko-tent-2p", "title": "Ridge tent (sale)", "at": "2026-11-21T08:00:00Z", "on": False},
    {"id": 3, "sku": "KO-TENT-2PX", "title": "Tent pegs", "at": "2026-11-22T00:00:00Z", "on": True},
    {"id": 4, "sku": 'A "quoted" one', "title": "Mug", "at": "2026-11-23T00:00:00Z", "on": True},
    {"id": 5, "sku": "", "title": "AND", "at": "2026-11-23T09:00:00Z", "on": False},
]
FILTERS = {
    "": Filter("text", lambda record: (record["title"], record["sku"])),
    "id": Filter("number", lambda record: record["id"]),
    "sku": Filter("text", lambda record: record["sku"]),
    "title": Filter("exact", lambda record: record["title"]),
    "updated_at": Filter("date", lambda record: record["at"]),
    "on": Filter("flag", lambda record: record["on"]),
}


def found(query: str) -> list[int]:
    search = prepare(query, FILTERS)
    return [record["id"] for record in RECORDS if search.matches(record)]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("id:3", [3]),
        ("id:3,4", [3, 4]),
        ("id:>3", [4, 5]),
        ("id:>=3 id:<5", [3, 4]),
        ("id:<=2", [1, 2]),
        ("id:gid://shopify/ProductVariant/2", [2]),
        ("id:what", []),
        # An index of words: case is lost, and without quotes the last word is a prefix.
        ("sku:KO-TENT-2P", [1, 2, 3]),
        ('sku:"KO-TENT-2P"', [1, 2]),
        ("sku:'ko tent 2p'", [1, 2]),
        ("sku:TENT", [1, 2, 3]),
        ("sku:KO-TENT*", [1, 2, 3]),
        (r'sku:"A \"quoted\" one"', [4]),
        ("sku:*", [1, 2, 3, 4]),
        ("-sku:*", [5]),
        ('sku:"---"', []),
        ("title:'Ridge tent'", [1]),
        ("title:mug", [4]),
        ("title:'AND'", [5]),
        ("tent", [1, 2, 3]),
        ("ridge sale", [2]),
        ("id:1 OR id:4", [1, 4]),
        ("id:1 OR id:4 id:5", [1]),
        ("(id:1 OR id:4) AND on:true", [1, 4]),
        ("NOT id:1", [2, 3, 4, 5]),
        ("-id:1 -id:2", [3, 4, 5]),
        ("on:false", [2, 5]),
        ("updated_at:>2026-11-21", [2, 3, 4, 5]),
        ("updated_at:>='2026-11-22T00:00:00Z' AND updated_at:<'2026-11-23T00:00:00Z'", [3]),
        ("updated_at:>2026-11-23T09:30:00+01:00", [5]),
        # An unknown field takes nothing away.
        ("location_id:5", [1, 2, 3, 4, 5]),
        ("location_id:5 id:1", [1]),
        ("location_id:5 OR id:1", [1]),
        ("NOT location_id:5", [1, 2, 3, 4, 5]),
        # Sloppy input is read as far as it goes.
        ("(id:1", [1]),
        ("id:1)", [1]),
        (") id:2", [2]),
        ("AND id:2 AND", [2]),
        ("   ", [1, 2, 3, 4, 5]),
    ],
)
def test_a_query_finds(query: str, ids: list[int]) -> None:
    assert found(query) == ids


@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("location_id:1", {"field": "location_id", "match_all": "1"}),
        ("what:>=1", {"field": "what", "greater_than_or_equal_to": "1"}),
        ("id:1 what:2", {"and": [{"field": "id", "match_all": "1"}, {"field": "what", "match_all": "2"}]}),
        ("NOT what:2", {"not": {"field": "what", "match_all": "2"}}),
    ],
)
def test_a_warning_says_what_was_read(query: str, parsed: dict[str, Any]) -> None:
    search = prepare(query, FILTERS)
    assert search.parsed == parsed
    (warning,) = search.warnings
    assert warning == {
        "field": "location_id" if "location" in query else "what",
        "message": "Invalid search field for this query.",
        "code": "invalid_field",
    }


def test_a_date_that_is_none_is_an_error() -> None:
    with pytest.raises(ResolverProblem) as caught:
        prepare("updated_at:>yesterday", FILTERS)
    assert caught.value.message == "Invalid timestamp for query filter `updated_at`."
    assert caught.value.extensions == {"code": "BAD_REQUEST"}


@given(st.text())
def test_any_text_can_be_searched_for(text: str) -> None:
    try:
        search = prepare(text, FILTERS)
    except ResolverProblem:
        return
    for record in RECORDS:
        assert search.matches(record) in (True, False)


@given(st.text(min_size=1))
def test_a_quoted_sku_finds_at_least_itself(sku: str) -> None:
    if not words_of(sku):
        return
    quoted = sku.replace("\\", "\\\\").replace('"', '\\"')
    search = prepare(f'sku:"{quoted}"', FILTERS)
    assert search.matches({"sku": sku})


def test_a_warning_goes_with_the_reply_and_everything_is_answered() -> None:
    api = InProcess(small_shop())
    reply = api.ask('{inventoryItems(first:9,query:"location_id:101"){nodes{id}} shop{name}}')
    assert len(reply["data"]["inventoryItems"]["nodes"]) == 3
    (search,) = reply["extensions"]["search"]
    assert search["path"] == ["inventoryItems"]
    assert search["query"] == "location_id:101"
    assert search["warnings"][0]["code"] == "invalid_field"
    assert "search" not in api.ask('{inventoryItems(first:9,query:"sku:A-1"){nodes{id}}}')["extensions"]


def test_a_bad_date_answers_bad_request_at_the_field() -> None:
    error = InProcess(small_shop()).error('{products(first:1,query:"created_at:>soon"){nodes{id}}}')
    assert error["message"] == "Invalid timestamp for query filter `created_at`."
    assert error["extensions"]["code"] == "BAD_REQUEST"


def test_the_index_lags_behind_what_was_made_just_now() -> None:
    api = InProcess(small_shop())
    api.shop.clock.advance(60)
    api.shop.search_lag = 5
    api.shop.add_listing(listing(7, "NEW-7"))
    query = '{productVariants(first:9,query:"sku:NEW-7"){nodes{id}}}'
    assert api.data(query)["productVariants"]["nodes"] == []
    # Without a search it is there at once.
    assert len(api.data("{productVariants(first:9){nodes{id}}}")["productVariants"]["nodes"]) == 4
    api.shop.clock.advance(5)
    assert api.data(query)["productVariants"]["nodes"] == [{"id": "gid://shopify/ProductVariant/7"}]


@pytest.mark.parametrize(
    ("root", "query", "ids"),
    [
        ("productVariants", "sku:A-1", [1, 2]),
        ("productVariants", "product_id:1003", [3]),
        ("productVariants", "product_status:draft", [4]),
        ("productVariants", "managed:false", [4]),
        ("productVariants", "inventory_quantity:<=0", [4]),
        ("productVariants", "title:blue", [3]),
        ("productVariants", "option1:Blue", [3]),
        ("productVariants", "thing", [1, 2, 3, 4]),
        ("products", "sku:B-2", [1003]),
        ("products", "status:ACTIVE", [1001, 1002, 1003]),
        ("products", "inventory_total:>4", [1001]),
        ("products", "handle:thing-2", [1002]),
        ("inventoryItems", "sku:B-2", [2003]),
        ("inventoryItems", "updated_at:>2026-01-01", [2001, 2002, 2003, 2004]),
        ("inventoryItems", "updated_at:>2027-01-01", []),
        ("locations", "name:Depot", [102]),
        ("locations", "active:true AND city:Kendal", [101]),
    ],
)
def test_every_connection_has_its_filters(root: str, query: str, ids: list[int]) -> None:
    shop = small_shop(
        listings=[
            listing(1, "A-1"),
            listing(2, "A-1"),
            listing(3, "B-2", options=["Blue"]),
            listing(4, "", status="DRAFT", tracked=False),
        ],
        levels=[level(1, MAIN, 5), level(2, MAIN, 4), level(3, MAIN, 1)],
    )
    api = InProcess(shop)
    reply = api.ask(f"query($q:String){{{root}(first:9,query:$q){{nodes{{id}}}}}}", q=query)
    assert "search" not in reply["extensions"]
    assert [int(one["id"].rpartition("/")[2]) for one in reply["data"][root]["nodes"]] == ids
