"""Listings asked for by id and by exact SKU, and the one mutation that changes a SKU: what is sent, how often, and what is made of the answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from supportdesk.core.catalog import LevelRow
from supportdesk.errors import AnswerUnreadable, ChangeRefused, ScopeMissing, StoreUnreachable
from supportdesk.shopify import catalog_pages
from supportdesk.shopify.sku_write import write_sku
from tests.shopify.replies import PretendStore, RecordingWatch, data


def variant(number: int, sku: str) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "sku": sku,
        "barcode": None,
        "inventoryPolicy": "DENY",
        "requiresComponents": False,
        "selectedOptions": [{"value": "Red"}],
        "product": {
            "id": "gid://shopify/Product/7",
            "handle": "tent",
            "title": "Tent",
            "status": "ACTIVE",
            "isGiftCard": False,
        },
        "inventoryItem": {
            "id": f"gid://shopify/InventoryItem/{number + 1000}",
            "tracked": True,
            "inventoryLevels": {
                "nodes": [
                    {
                        "isActive": True,
                        "location": {"id": "gid://shopify/Location/1"},
                        "quantities": [{"name": "available", "quantity": 4}],
                    }
                ],
                "pageInfo": {"hasNextPage": False, "endCursor": None},
            },
        },
    }


def page(*nodes: dict[str, Any], more: str | None = None) -> httpx.Response:
    return data(
        {
            "productVariants": {
                "nodes": list(nodes),
                "pageInfo": {"hasNextPage": bool(more), "endCursor": more},
            }
        }
    )


def test_listings_by_id_leave_out_those_that_are_no_more() -> None:
    store = PretendStore().on("ListingsById", data({"nodes": [variant(1, "A"), None, variant(3, "B")]}))
    batch = catalog_pages.read_listings(store.client(), [1, 2, 3], 2, RecordingWatch())
    assert [(row.variant_id, row.sku, row.listing) for row in batch.listings] == [
        (1, "A", "tent/Red"),
        (3, "B", "tent/Red"),
    ]
    assert batch.levels[0] == LevelRow(1001, 1, True, 4, None, None, None)
    (sent,) = store.variables("ListingsById")
    assert sent == {"ids": [f"gid://shopify/ProductVariant/{number}" for number in (1, 2, 3)], "levels": 2}


def test_many_ids_go_in_several_requests() -> None:
    store = PretendStore().on("ListingsById", data({"nodes": []}))
    catalog_pages.read_listings(store.client(), range(1, 251), 2, RecordingWatch())
    assert [len(sent["ids"]) for sent in store.variables("ListingsById")] == [100, 100, 50]
    assert catalog_pages.read_listings(store.client(), [], 2, RecordingWatch()).listings == []
    assert len(store.requests) == 3


@pytest.mark.parametrize(
    ("sku", "search"),
    [
        ("A-1", 'sku:"A-1"'),
        ('5" bolt', 'sku:"5\\" bolt"'),
        ("a\\b", 'sku:"a\\\\b"'),
        ("x OR y", 'sku:"x OR y"'),
    ],
)
def test_a_sku_is_searched_as_one_text(sku: str, search: str) -> None:
    store = PretendStore().on("CatalogPage", page(variant(1, sku)))
    batch = catalog_pages.read_listings_with_sku(store.client(), sku, 2, RecordingWatch())
    assert [row.sku for row in batch.listings] == [sku]
    assert store.variables("CatalogPage")[0]["search"] == search


def test_what_the_search_finds_too_much_is_left_out() -> None:
    """Shopify's search knows words in any case (`reference/shopify.md` §3)."""
    store = PretendStore().on(
        "CatalogPage",
        page(variant(1, "A-1"), variant(2, "a-1"), more="next"),
        page(variant(3, "A-1 B"), variant(4, "A-1")),
    )
    batch = catalog_pages.read_listings_with_sku(store.client(), "A-1", 2, RecordingWatch())
    assert [row.variant_id for row in batch.listings] == [1, 4]
    assert {level.item_id for level in batch.levels} == {1001, 1004}
    assert [sent["after"] for sent in store.variables("CatalogPage")] == [None, "next"]


def answered(variants: list[dict[str, Any]] | None, *errors: dict[str, Any]) -> httpx.Response:
    return data({"productVariantsBulkUpdate": {"productVariants": variants, "userErrors": list(errors)}})


DONE = answered([{"id": "gid://shopify/ProductVariant/1", "sku": "A-2"}])


def test_the_mutation_names_product_variant_and_sku() -> None:
    store = PretendStore().on("SetSku", DONE)
    write_sku(store.client(), 7, 1, "A-2", RecordingWatch())
    assert store.variables("SetSku") == [
        {"product": "gid://shopify/Product/7", "variant": "gid://shopify/ProductVariant/1", "sku": "A-2"}
    ]


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ReadError("cut"),
        httpx.ReadTimeout("slow"),
        httpx.Response(502, text="<html>"),
        httpx.Response(
            200, json={"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
        ),
    ],
)
def test_a_change_that_may_have_been_done_is_not_sent_again(reply: httpx.Response | Exception) -> None:
    store = PretendStore().on("SetSku", reply, DONE)
    with pytest.raises(StoreUnreachable):
        write_sku(store.client(), 7, 1, "A-2", RecordingWatch())
    assert len(store.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        httpx.ConnectError("no route"),
        httpx.Response(429, headers={"retry-after": "1"}, text=""),
        httpx.Response(200, json={"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}),
    ],
)
def test_a_change_that_was_certainly_not_done_is_sent_again(reply: httpx.Response | Exception) -> None:
    store = PretendStore().on("SetSku", reply, DONE)
    write_sku(store.client(), 7, 1, "A-2", RecordingWatch())
    assert len(store.requests) == 2


def test_the_stores_reasons_and_scopes() -> None:
    error = {
        "field": ["variants", "0", "inventoryItem", "sku"],
        "message": "SKU is too long",
        "code": "TOO_LONG",
    }
    store = PretendStore().on("SetSku", answered(None, error))
    with pytest.raises(ChangeRefused, match="too long") as refused:
        write_sku(store.client(), 7, 1, "A-2", RecordingWatch())
    assert refused.value.user_errors[0].code == "TOO_LONG"
    denied = {
        "message": "Access denied for productVariantsBulkUpdate field. Required access: `write_products`.",
        "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`write_products` access scope."},
    }
    store.on(
        "SetSku", httpx.Response(200, json={"data": {"productVariantsBulkUpdate": None}, "errors": [denied]})
    )
    with pytest.raises(ScopeMissing) as missing:
        write_sku(store.client(), 7, 1, "A-2", RecordingWatch())
    assert missing.value.scopes == ("write_products",)


@pytest.mark.parametrize(
    "reply",
    [answered(None), answered([]), answered([{"id": "gid://shopify/ProductVariant/1", "sku": "A-1"}])],
)
def test_an_answer_that_does_not_show_the_new_sku_is_no_success(reply: httpx.Response) -> None:
    store = PretendStore().on("SetSku", reply)
    with pytest.raises(AnswerUnreadable):
        write_sku(store.client(), 7, 1, "A-2", RecordingWatch())
