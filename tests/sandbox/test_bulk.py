"""Bulk operations: what is taken, how they live, what their files hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supportdesk.core.catalog import LevelRow
from supportdesk.sandbox.bulk import KEPT_SECONDS, Pace
from supportdesk.sandbox.bulk_rules import refusals
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.generator import SNAPSHOT_QUERY, generated_shop
from supportdesk.sandbox.server import create_app
from tests.shops import DEPOT, MAIN, InProcess, level, listing, small_shop

RUN = (
    "mutation($query:String!,$grouped:Boolean!){bulkOperationRunQuery(query:$query,groupObjects:$grouped){"
    "bulkOperation{id status url} userErrors{field message code}}}"
)
FIELDS = "id status type errorCode createdAt completedAt objectCount rootObjectCount fileSize url partialDataUrl query"
READ = f"query($id:ID!){{bulkOperation(id:$id){{{FIELDS}}}}}"
CANCEL = "mutation($id:ID!){bulkOperationCancel(id:$id){bulkOperation{id status} userErrors{field message}}}"
VARIANTS = "{productVariants{edges{node{id sku}}}}"


@pytest.fixture
def api() -> InProcess:
    return InProcess(small_shop())


def run(api: InProcess, query: str = VARIANTS, grouped: bool = False) -> str:
    payload = api.data(RUN, query=query, grouped=grouped)["bulkOperationRunQuery"]
    assert payload["userErrors"] == []
    operation: dict[str, Any] = payload["bulkOperation"]
    assert (operation["status"], operation["url"]) == ("CREATED", None)
    number: str = operation["id"]
    return number


def read(api: InProcess, number: str) -> dict[str, Any]:
    operation: dict[str, Any] = api.data(READ, id=number)["bulkOperation"]
    return operation


def finished(api: InProcess, query: str, grouped: bool = False) -> dict[str, Any]:
    number = run(api, query, grouped)
    api.shop.clock.advance(10)
    operation = read(api, number)
    assert operation["status"] == "COMPLETED"
    return operation


def lines(api: InProcess, operation: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.client.get(operation["url"])
    assert answer.status_code == 200
    assert answer.headers["content-length"] == operation["fileSize"]
    text = answer.content.decode()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


# --- its life ------------------------------------------------------------------------------------------------------


def test_an_operation_is_created_runs_and_is_completed(api: InProcess) -> None:
    number = run(api)
    seen = []
    for _ in range(20):
        operation = read(api, number)
        seen.append(operation["status"])
        if operation["status"] != "COMPLETED":
            assert operation["completedAt"] is operation["url"] is operation["fileSize"] is None
        api.shop.clock.advance(0.1)
    assert list(dict.fromkeys(seen)) == ["CREATED", "RUNNING", "COMPLETED"]
    assert operation["type"] == "QUERY"
    assert operation["query"] == VARIANTS
    assert operation["errorCode"] is operation["partialDataUrl"] is None
    assert (operation["objectCount"], operation["rootObjectCount"]) == ("3", "3")
    assert operation["createdAt"] == "2026-11-23T09:00:00Z"
    assert operation["completedAt"] == "2026-11-23T09:00:01Z"


def test_its_file_is_there_for_a_week(api: InProcess) -> None:
    operation = finished(api, VARIANTS)
    api.shop.clock.advance(KEPT_SECONDS - 20)
    assert api.client.get(operation["url"]).status_code == 200
    api.shop.clock.advance(20)
    gone = api.client.get(operation["url"])
    assert gone.status_code == 400
    assert "ExpiredToken" in gone.text
    expired = read(api, operation["id"])
    assert (expired["status"], expired["url"]) == ("EXPIRED", None)


def test_a_file_needs_its_signature(api: InProcess) -> None:
    url = finished(api, VARIANTS)["url"]
    for wrong in (url[:-7] + "x.jsonl", url.replace("small-shop", "other"), url.rpartition("/")[0] + "/"):
        assert api.client.get(wrong).status_code in (400, 404)


def test_a_part_of_a_file_can_be_asked_for(api: InProcess) -> None:
    url = finished(api, VARIANTS)["url"]
    whole = api.client.get(url)
    assert whole.headers["content-type"] == "application/jsonl"
    assert whole.headers["accept-ranges"] == "bytes"
    part = api.client.get(url, headers={"range": "bytes=10-"})
    assert (part.status_code, part.content) == (206, whole.content[10:])
    assert part.headers["content-range"] == f"bytes 10-{len(whole.content) - 1}/{len(whole.content)}"
    assert api.client.get(url, headers={"range": "bytes=99999-"}).status_code == 416


def test_an_empty_result_has_no_file(api: InProcess) -> None:
    operation = finished(api, '{productVariants(query:"sku:NOTHING"){edges{node{id}}}}')
    assert operation["url"] is operation["fileSize"] is None
    assert operation["objectCount"] == "0"
    assert operation["completedAt"] is not None


def test_the_file_shows_the_shop_when_it_is_done_not_when_it_was_asked_for(api: InProcess) -> None:
    number = run(api)
    api.shop.add_listing(listing(9, "LATE"))
    api.shop.clock.advance(10)
    assert read(api, number)["objectCount"] == "4"


def test_the_pace_can_be_set() -> None:
    shop = small_shop()
    api = InProcess(shop, app=create_app([shop], pace=Pace(created=1, running=100)))
    number = run(api)
    shop.clock.advance(51)
    running = read(api, number)
    assert (running["status"], running["objectCount"]) == ("RUNNING", "1")
    shop.clock.advance(50)
    assert read(api, number)["status"] == "COMPLETED"


# --- slots, cancelling, lists --------------------------------------------------------------------------------------


def test_the_sixth_at_once_is_refused_and_names_the_five(api: InProcess) -> None:
    five = [run(api) for _ in range(5)]
    payload = api.data(RUN, query=VARIANTS, grouped=False)["bulkOperationRunQuery"]
    message = f"A bulk query operation for this app and shop is already in progress: {', '.join(five)}."
    assert payload == {
        "bulkOperation": None,
        "userErrors": [{"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"}],
    }
    api.shop.clock.advance(10)
    run(api)


def test_cancelling_takes_a_moment_and_frees_the_slot(api: InProcess) -> None:
    five = [run(api) for _ in range(5)]
    payload = api.data(CANCEL, id=five[0])["bulkOperationCancel"]
    assert payload == {"bulkOperation": {"id": five[0], "status": "CANCELING"}, "userErrors": []}
    assert api.data(RUN, query=VARIANTS, grouped=False)["bulkOperationRunQuery"]["bulkOperation"] is None
    again = api.data(CANCEL, id=five[0])["bulkOperationCancel"]
    assert (again["bulkOperation"]["status"], again["userErrors"]) == ("CANCELING", [])
    api.shop.clock.advance(0.5)
    canceled = read(api, five[0])
    assert (canceled["status"], canceled["url"], canceled["completedAt"]) == ("CANCELED", None, None)
    run(api)


def test_what_is_over_cannot_be_cancelled(api: InProcess) -> None:
    number = finished(api, VARIANTS)["id"]
    payload = api.data(CANCEL, id=number)["bulkOperationCancel"]
    assert payload["bulkOperation"] == {"id": number, "status": "COMPLETED"}
    (error,) = payload["userErrors"]
    assert error == {"field": None, "message": "A bulk operation cannot be canceled when it is completed"}


def test_what_is_not_there_cannot_be_cancelled(api: InProcess) -> None:
    payload = api.data(CANCEL, id="gid://shopify/BulkOperation/1")["bulkOperationCancel"]
    assert payload == {
        "bulkOperation": None,
        "userErrors": [{"field": ["id"], "message": "Bulk operation does not exist"}],
    }


def test_operations_are_listed_newest_first_and_found_by_state(api: InProcess) -> None:
    assert api.data("{currentBulkOperation{id}}")["currentBulkOperation"] is None
    done = finished(api, VARIANTS)["id"]
    open_one = run(api)
    found = api.data(
        '{a:bulkOperations(first:9){nodes{id}} b:bulkOperations(first:9,query:"status:completed"){nodes{id}}'
        ' c:bulkOperations(first:9,query:"status:running OR status:created"){nodes{id}}'
        " d:bulkOperations(first:1,reverse:true){nodes{id} pageInfo{hasNextPage}} currentBulkOperation{id}"
        ' e:bulkOperations(first:9,query:"operation_type:mutation"){nodes{id}}}'
    )
    assert [one["id"] for one in found["a"]["nodes"]] == [open_one, done]
    assert [one["id"] for one in found["b"]["nodes"]] == [done]
    assert [one["id"] for one in found["c"]["nodes"]] == [open_one]
    assert found["d"] == {"nodes": [{"id": done}], "pageInfo": {"hasNextPage": True}}
    assert found["e"]["nodes"] == []
    assert found["currentBulkOperation"] == {"id": open_one}
    assert (
        api.data("query($id:ID!){node(id:$id){__typename id}}", id=done)["node"]["__typename"]
        == "BulkOperation"
    )


def test_a_scope_that_is_missing_fails_the_operation() -> None:
    api = InProcess(small_shop())
    api.shop.app.scopes = {"read_products"}
    number = run(api, SNAPSHOT_QUERY)
    api.shop.clock.advance(10)
    operation = read(api, number)
    assert (operation["status"], operation["errorCode"], operation["url"]) == (
        "FAILED",
        "ACCESS_DENIED",
        None,
    )


# --- what is taken -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("", ["Invalid bulk query: syntax error, unexpected end of file"]),
        ("{shop{id}}", ["Bulk queries must contain at least one connection."]),
        (
            "{productVariants{edges{node{sku inventoryItem{inventoryLevels{edges{node{id}}}}}}}}",
            [
                "The parent 'node' field for a nested connection must select the 'id' field without an alias and must "
                "be of 'ID' return type. Connection fields without 'id': productVariants."
            ],
        ),
        (
            "{productVariants{edges{node{id:sku inventoryItem{inventoryLevels{nodes{id}}}}}}}",
            [
                "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
                "'inventoryLevels { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: "
                "'inventoryLevels'.",
                "The parent 'node' field for a nested connection must select the 'id' field without an alias and must "
                "be of 'ID' return type. Connection fields without 'id': productVariants.",
            ],
        ),
        ("{products{edges{node{idd}}}}", ["Invalid bulk query: Field 'idd' doesn't exist on type 'Product'"]),
        (
            "query($n:String){products(query:$n){edges{node{id}}}}",
            ["Invalid bulk query: variables are not supported"],
        ),
        ("{products(first:5){edges{node{id variants{edges{node{id}}}}}}}", []),
        ("{...F} fragment F on QueryRoot{products{edges{node{...G}}}} fragment G on Product{id}", []),
        (SNAPSHOT_QUERY, []),
        pytest.param(
            "{products{edges{node{id " + "title " * 11_000 + "}}}}",
            ["Query is too large (66028 bytes; maximum is 65535 bytes)"],
            id="too large",
        ),
    ],
)
def test_a_query_is_judged_before_it_runs(query: str, messages: list[str]) -> None:
    assert refusals(query) == messages


def test_refusals_come_as_user_errors(api: InProcess) -> None:
    payload = api.data(RUN, query="{shop{id}}", grouped=False)["bulkOperationRunQuery"]
    assert payload == {
        "bulkOperation": None,
        "userErrors": [
            {
                "field": ["query"],
                "message": "Bulk queries must contain at least one connection.",
                "code": "INVALID",
            }
        ],
    }


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_file_holds_what_the_query_selects_and_nothing_else() -> None:
    shop = small_shop(
        listings=[listing(1, "A/1", title="Tee\u2028shirt ü", options=["Red", "L/XL"], barcode="")],
        levels=[level(1, MAIN, 5, 2), level(1, DEPOT, -1, active=False)],
    )
    api = InProcess(shop)
    operation = finished(api, SNAPSHOT_QUERY, grouped=True)
    answer = api.client.get(operation["url"]).content
    assert b'"gid:\\/\\/shopify\\/ProductVariant\\/1"' in answer
    assert "Tee\u2028shirt ü".encode() in answer
    variant, first, second = lines(api, operation)
    assert variant == {
        "id": "gid://shopify/ProductVariant/1",
        "sku": "A/1",
        "barcode": None,
        "inventoryPolicy": "DENY",
        "requiresComponents": False,
        "selectedOptions": [{"value": "Red"}, {"value": "L/XL"}],
        "product": {
            "id": "gid://shopify/Product/1001",
            "handle": "thing-1",
            "title": "Tee\u2028shirt ü",
            "status": "ACTIVE",
            "isGiftCard": False,
        },
        "inventoryItem": {"id": "gid://shopify/InventoryItem/2001", "tracked": True},
    }
    assert first["__parentId"] == second["__parentId"] == variant["id"]
    assert [name["quantity"] for name in first["quantities"]] == [5, 2, 7, 0]
    assert (second["isActive"], second["location"]) == (False, {"id": "gid://shopify/Location/102"})
    assert (operation["objectCount"], operation["rootObjectCount"]) == ("3", "1")


def test_two_variants_that_share_an_item_each_bring_its_levels() -> None:
    shop = small_shop(
        listings=[listing(1, "S"), listing(2, "S", item_id=2001)],
        levels=[LevelRow(2001, MAIN.id, True, 4, 0, 4, 0)],
    )
    api = InProcess(shop)
    rows = lines(api, finished(api, SNAPSHOT_QUERY, grouped=True))
    assert [row.get("__parentId") for row in rows] == [
        None,
        "gid://shopify/ProductVariant/1",
        None,
        "gid://shopify/ProductVariant/2",
    ]
    assert rows[1]["id"] == rows[3]["id"]


def test_children_may_come_before_their_parents_unless_grouped() -> None:
    shop = generated_shop("scatter", listings=400, locations=2, clock=Clock(running=False))
    api = InProcess(shop)
    scattered = lines(api, finished(api, SNAPSHOT_QUERY))
    grouped = lines(api, finished(api, SNAPSHOT_QUERY, grouped=True))

    def orphans(rows: list[dict[str, Any]]) -> int:
        seen: set[str] = set()
        early = 0
        for row in rows:
            if "__parentId" in row:
                early += row["__parentId"] not in seen
            else:
                seen.add(row["id"])
        return early

    assert orphans(grouped) == 0
    assert orphans(scattered) > 50
    as_text = [sorted(json.dumps(row) for row in rows) for rows in (scattered, grouped)]
    assert as_text[0] == as_text[1]


def test_three_levels_deep_and_filters_and_aliases(api: InProcess) -> None:
    query = (
        '{things:products(query:"sku:A-1"){edges{node{id name:title __typename variants{edges{node{id '
        "inventoryItem{inventoryLevels{edges{node{id}}}}}}}}}}}"
    )
    rows = lines(api, finished(api, query, grouped=True))
    assert [row.get("__parentId") for row in rows] == [
        None,
        "gid://shopify/Product/1001",
        "gid://shopify/ProductVariant/1",
        "gid://shopify/ProductVariant/1",
        None,
        "gid://shopify/Product/1002",
        "gid://shopify/ProductVariant/2",
    ]
    assert rows[0] == {"id": "gid://shopify/Product/1001", "name": "Thing 1", "__typename": "Product"}
    assert rows[1] == {
        "id": "gid://shopify/ProductVariant/1",
        "inventoryItem": {},
        "__parentId": "gid://shopify/Product/1001",
    }


def test_a_file_agrees_with_the_pages_of_the_same_shop() -> None:
    shop = generated_shop("agree", listings=120, locations=3, clock=Clock(running=False))
    api = InProcess(shop)
    rows = lines(
        api,
        finished(
            api, "{productVariants{edges{node{id legacyResourceId sku displayName inventoryQuantity}}}}"
        ),
    )
    paged = api.data(
        "{productVariants(first:250){nodes{id legacyResourceId sku displayName inventoryQuantity}}}"
    )["productVariants"]["nodes"]
    assert sorted(rows, key=lambda row: row["id"]) == sorted(paged, key=lambda row: row["id"])
