from __future__ import annotations

from typing import Any

import httpx
import pytest

from supportdesk.core.catalog import CatalogBatch, LevelRow, Location
from supportdesk.errors import AnswerUnreadable, Cancelled
from supportdesk.shopify import catalog_pages
from tests.shopify.replies import PretendStore, RecordingWatch, body_of, data, throttled


def level(location: int, available: int, *, active: bool = True) -> dict[str, Any]:
    numbers = {"available": available, "committed": 2, "on_hand": available + 2, "incoming": 5}
    return {
        "isActive": active,
        "location": {"id": f"gid://shopify/Location/{location}"},
        "quantities": [{"name": name, "quantity": number} for name, number in numbers.items()],
    }


def page_info(cursor: str | None = None) -> dict[str, Any]:
    return {"hasNextPage": cursor is not None, "endCursor": cursor}


def variant(
    number: int, levels: list[dict[str, Any]], more: str | None = None, **fields: Any
) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "sku": f"KO-{number:04d}-X",
        "barcode": None,
        "inventoryPolicy": "DENY",
        "requiresComponents": False,
        "selectedOptions": [{"value": "Red"}, {"value": "Large"}],
        "product": {
            "id": f"gid://shopify/Product/{number + 5000}",
            "handle": "ridge-tent",
            "title": "Ridge tent",
            "status": "ACTIVE",
            "isGiftCard": False,
        },
        "inventoryItem": {
            "id": f"gid://shopify/InventoryItem/{number + 9000}",
            "tracked": True,
            "inventoryLevels": {"nodes": levels, "pageInfo": page_info(more)},
        },
        **fields,
    }


def page(variants: list[dict[str, Any]], cursor: str | None = None) -> httpx.Response:
    return data({"productVariants": {"nodes": variants, "pageInfo": page_info(cursor)}})


def read(store: PretendStore, watch: RecordingWatch | None = None, locations: int = 2) -> list[CatalogBatch]:
    return list(store.store().paged_catalog(locations, watch or RecordingWatch()))


def test_listings_and_levels_come_page_by_page() -> None:
    store = PretendStore().on(
        "CatalogPage",
        page([variant(1, [level(11, 3), level(12, -4, active=False)])], "c1"),
        page([variant(2, [level(11, 0)]), variant(3, [])]),
    )
    watch = RecordingWatch()
    first, second = read(store, watch)
    (listing,) = first.listings
    assert (listing.variant_id, listing.item_id, listing.product_id) == (1, 9001, 5001)
    assert (listing.listing, listing.title, listing.variant_title) == (
        "ridge-tent/Red/Large",
        "Ridge tent",
        "Red / Large",
    )
    assert (listing.sku, listing.barcode, listing.left_out) == ("KO-0001-X", "", None)
    assert first.levels == [
        LevelRow(9001, 11, True, 3, 2, 5, 5),
        LevelRow(9001, 12, False, -4, 2, -2, 5),
    ]
    assert [row.variant_id for row in second.listings] == [2, 3]
    assert second.levels == [LevelRow(9002, 11, True, 0, 2, 2, 5)]
    assert store.variables("CatalogPage") == [
        {"listings": 250, "levels": 2, "after": None, "search": None},
        {"listings": 250, "levels": 2, "after": "c1", "search": None},
    ]
    assert watch.reports[0] == ("Reading listings", 0, None, "listings")
    assert watch.reports[-1] == ("Reading listings", 3, 3, "listings")


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [
        ({"sku": None}, "no_sku"),
        ({"sku": ""}, "no_sku"),
        ({"requiresComponents": True}, "bundle_parent"),
        ({"product": {**variant(1, [])["product"], "isGiftCard": True}}, "gift_card"),
        ({"product": {**variant(1, [])["product"], "status": "DRAFT"}}, "draft"),
        ({"product": {**variant(1, [])["product"], "status": "UNLISTED"}}, None),
        ({"inventoryItem": {**variant(1, [])["inventoryItem"], "tracked": False}}, "untracked"),
    ],
)
def test_the_rules_are_applied_to_a_listing(fields: dict[str, Any], left_out: str | None) -> None:
    ((listing,),) = (
        b.listings for b in read(PretendStore().on("CatalogPage", page([variant(1, [], **fields)])))
    )
    assert listing.left_out == left_out


def test_an_oversold_listing_and_one_without_options() -> None:
    fields: dict[str, Any] = {
        "inventoryPolicy": "CONTINUE",
        "selectedOptions": [{"value": "Default Title"}],
        "barcode": "97",
    }
    store = PretendStore().on("CatalogPage", page([variant(1, [], **fields)]))
    (listing,) = read(store)[0].listings
    assert listing.sells_when_out
    assert (listing.listing, listing.variant_title, listing.barcode) == ("ridge-tent/Default Title", "", "97")


def test_a_listing_with_more_levels_is_completed() -> None:
    def more(nodes: list[dict[str, Any]], cursor: str | None = None) -> httpx.Response:
        return data({"inventoryItem": {"inventoryLevels": {"nodes": nodes, "pageInfo": page_info(cursor)}}})

    store = (
        PretendStore()
        .on("CatalogPage", page([variant(1, [level(11, 1)], "l1"), variant(2, [level(11, 9)])]))
        .on("ItemLevels", more([level(12, 2)], "l2"), more([level(13, 3)]))
    )
    (batch,) = read(store, locations=1)
    assert [(row.item_id, row.location_id, row.available) for row in batch.levels] == [
        (9001, 11, 1),
        (9001, 12, 2),
        (9001, 13, 3),
        (9002, 11, 9),
    ]
    assert store.variables("ItemLevels") == [
        {"item": "gid://shopify/InventoryItem/9001", "after": "l1"},
        {"item": "gid://shopify/InventoryItem/9001", "after": "l2"},
    ]


def test_an_item_deleted_between_two_pages_of_its_levels_keeps_what_was_read() -> None:
    store = (
        PretendStore()
        .on("CatalogPage", page([variant(1, [level(11, 1)], "l1")]))
        .on("ItemLevels", data({"inventoryItem": None}))
    )
    assert len(read(store)[0].levels) == 1


@pytest.mark.parametrize(("asked", "sent"), [(0, 1), (1, 1), (250, 250), (900, 250)])
def test_levels_a_page_stay_within_shopifys_limit(asked: int, sent: int) -> None:
    store = PretendStore().on("CatalogPage", page([]))
    assert read(store, locations=asked) == [CatalogBatch()]
    assert store.variables("CatalogPage")[0]["levels"] == sent


def test_a_long_scan_starts_anew_behind_the_last_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_pages, "PAGES_A_WINDOW", 2)
    store = PretendStore().on(
        "CatalogPage", page([variant(1, [])], "a"), page([variant(2, [])], "b"), page([variant(3, [])])
    )
    assert sum(len(batch.listings) for batch in read(store)) == 3
    assert [(sent["after"], sent["search"]) for sent in store.variables("CatalogPage")] == [
        (None, None),
        ("a", None),
        (None, "id:>2"),
    ]


@pytest.mark.parametrize("cursor", [None, "c1"])
def test_pages_that_do_not_go_on_are_not_read_for_ever(cursor: str | None) -> None:
    stuck = {"productVariants": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": cursor}}}
    store = PretendStore().on("CatalogPage", data(stuck))
    with pytest.raises(AnswerUnreadable, match="do not go on"):
        read(store)


def test_a_person_can_stop_between_pages() -> None:
    watch = RecordingWatch()

    def second(request: httpx.Request) -> httpx.Response:
        watch.cancelled = True
        return page([variant(2, [])], "c2")

    store = PretendStore().on("CatalogPage", page([variant(1, [])], "c1"), second)
    with pytest.raises(Cancelled):
        read(store, watch)
    assert len(store.requests) == 2


def test_waiting_for_points_is_said_beside_the_count() -> None:
    store = PretendStore().on("CatalogPage", page([variant(1, [])], "c1"), throttled(), page([]))
    watch = RecordingWatch()
    read(store, watch)
    assert ("Reading listings", 1, None, "listings") in watch.reports
    assert watch.notes[0] == "The store asks us to wait 5 s"


def test_locations_come_with_what_matching_needs() -> None:
    def node(number: int, **fields: Any) -> dict[str, Any]:
        address = {"address1": None, "address2": None, "city": None, "zip": None, "countryCode": None}
        return {
            "id": f"gid://shopify/Location/{number}",
            "name": f"Place {number}",
            "isActive": True,
            "fulfillsOnlineOrders": True,
            "fulfillmentService": None,
            "address": address,
            **fields,
        }

    full = {
        "address1": "Main St 1",
        "address2": "",
        "city": "Berlin",
        "provinceCode": None,
        "zip": "10115",
        "countryCode": "DE",
    }
    service = {"serviceName": "Hammer 3PL", "inventoryManagement": True}
    store = PretendStore().on(
        "Locations",
        data({"locations": {"nodes": [node(1, address=full)], "pageInfo": page_info("n")}}),
        data(
            {
                "locations": {
                    "nodes": [
                        node(2, isActive=False, fulfillsOnlineOrders=False),
                        node(3, fulfillmentService=service),
                    ],
                    "pageInfo": page_info(),
                }
            }
        ),
    )
    assert store.store().locations(RecordingWatch()) == (
        Location(1, "Place 1", city="Berlin", address="Main St 1, 10115, DE", country="DE"),
        Location(2, "Place 2", active=False, fulfills_online_orders=False),
        Location(3, "Place 3", service="Hammer 3PL", service_manages_stock=True),
    )
    assert [sent["after"] for sent in store.variables("Locations")] == [None, "n"]
    assert "includeInactive: true, includeLegacy: true" in body_of(store.requests[0])["query"]


@pytest.mark.parametrize(("counted", "expected"), [({"count": 4812, "precision": "EXACT"}, 4812), (None, 0)])
def test_listings_are_counted(counted: dict[str, Any] | None, expected: int) -> None:
    store = PretendStore().on("ListingCount", data({"productVariantsCount": counted}))
    assert store.store().listing_count() == expected
