"""Orders over the API: what an inventory sync reads of them, what searches show when, and what an app may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from supportdesk.core.catalog import Location
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.timeline import Lags
from tests.shops import DEPOT, MAIN, InProcess, level, listing, small_shop

SERVICE = Location(103, "Peak Logistics", service="Peak Logistics", service_manages_stock=True)
LEVELS = [
    level(1, MAIN, 10),
    level(1, DEPOT, 10),
    level(2, MAIN, 10),
    level(2, DEPOT, 10),
    level(1, SERVICE, 5),
]

ORDERS = """query Orders($query:String,$sort:OrderSortKeys=UPDATED_AT){
  orders(first:3,query:$query,sortKey:$sort){ nodes{
    id name createdAt updatedAt cancelledAt cancelReason closed test edited sourceName
    displayFulfillmentStatus displayFinancialStatus returnStatus retailLocation{id}
    lineItems(first:5){nodes{id quantity currentQuantity unfulfilledQuantity sku variant{id} requiresShipping}}
    fulfillmentOrders(first:3){nodes{id status updatedAt assignedLocation{name location{id}}
      lineItems(first:3){nodes{id inventoryItemId totalQuantity remainingQuantity lineItem{id}}}}}
    refunds(first:3){id createdAt refundLineItems(first:3){nodes{quantity restockType restocked location{id} lineItem{id}}}}
    returns(first:1){nodes{id status reverseFulfillmentOrders(first:1){nodes{lineItems(first:1){nodes{totalQuantity
      fulfillmentLineItem{lineItem{id}} dispositions{type quantity createdAt location{id}}}}}}}}
    agreements(first:3){nodes{__typename happenedAt reason sales(first:1){nodes{__typename actionType quantity
      ... on ProductSale{lineItem{id}}}}}}
  }}}"""
FULFILMENT_ORDERS = """query Held($query:String,$closed:Boolean=true){fulfillmentOrders(first:20,query:$query,includeClosed:$closed,
  sortKey:UPDATED_AT){nodes{id status updatedAt orderId assignedLocation{location{id}} order{name updatedAt}
  lineItems(first:5){nodes{inventoryItemId remainingQuantity}}}}}"""


@pytest.fixture
def api() -> InProcess:
    shop = small_shop(
        locations=[MAIN, DEPOT, SERVICE], listings=[listing(1, "A-1"), listing(2, "B-2")], levels=LEVELS
    )
    shop.clock.advance(60)
    return InProcess(shop)


def buy(
    api: InProcess, quantity: int = 4, location: Location = MAIN, number: int = 1, **more: Any
) -> OrderRecord:
    shop = api.shop
    return shop.order_book.place(
        [Wanted(shop.variants[number], quantity, shop.locations[location.id])], **more
    )


def read(api: InProcess, query: str | None = None, **more: Any) -> list[Any]:
    found: list[Any] = api.data(ORDERS, query=query, **more)["orders"]["nodes"]
    return found


def names(api: InProcess, query: str | None = None) -> list[str]:
    document = "query($query:String){orders(first:20,query:$query,sortKey:UPDATED_AT){nodes{name}}}"
    return [order["name"] for order in api.data(document, query=query)["orders"]["nodes"]]


def later(api: InProcess, seconds: float = 60) -> str:
    api.shop.clock.advance(seconds)
    return api.shop.stamp()


def test_an_order_says_what_a_sync_needs(api: InProcess) -> None:
    order = buy(api)
    (shown,) = read(api)
    (line,) = shown["lineItems"]["nodes"]
    (held,) = shown["fulfillmentOrders"]["nodes"]
    assert (line["quantity"], line["currentQuantity"], line["unfulfilledQuantity"], line["sku"]) == (
        4,
        4,
        4,
        "A-1",
    )
    assert held["assignedLocation"] == {"name": "Main St", "location": {"id": "gid://shopify/Location/101"}}
    (part,) = held["lineItems"]["nodes"]
    assert part["inventoryItemId"] == "gid://shopify/InventoryItem/2001"
    assert (part["totalQuantity"], part["remainingQuantity"]) == (4, 4)
    assert part["lineItem"]["id"] == line["id"]
    assert (shown["refunds"], shown["returns"]["nodes"], shown["cancelledAt"]) == ([], [], None)
    assert shown["agreements"]["nodes"] == [
        {
            "__typename": "OrderAgreement",
            "happenedAt": order.created_at,
            "reason": "ORDER",
            "sales": {
                "nodes": [
                    {
                        "__typename": "ProductSale",
                        "actionType": "ORDER",
                        "quantity": 4,
                        "lineItem": {"id": line["id"]},
                    }
                ]
            },
        }
    ]


def test_a_cancelled_order(api: InProcess) -> None:
    order = buy(api)
    when = later(api)
    changes.cancel(api.shop.order_book, order, restock=True, reason="CUSTOMER")
    (shown,) = read(api)
    assert (shown["cancelledAt"], shown["cancelReason"], shown["closed"], shown["updatedAt"]) == (
        when,
        "CUSTOMER",
        True,
        when,
    )
    assert (shown["displayFulfillmentStatus"], shown["displayFinancialStatus"]) == ("UNFULFILLED", "REFUNDED")
    (held,) = shown["fulfillmentOrders"]["nodes"]
    assert held["status"] == "CLOSED"
    assert [(p["totalQuantity"], p["remainingQuantity"]) for p in held["lineItems"]["nodes"]] == [(0, 0)]
    (refund,) = shown["refunds"]
    assert refund["createdAt"] == when
    (line,) = refund["refundLineItems"]["nodes"]
    assert (line["restockType"], line["restocked"], line["location"]["id"]) == (
        "CANCEL",
        True,
        "gid://shopify/Location/101",
    )


def test_a_return_tells_where_its_goods_went(api: InProcess) -> None:
    order = buy(api)
    changes.fulfil(api.shop.order_book, order.fulfillment_orders[0])
    when = later(api)
    depot = api.shop.locations[DEPOT.id]
    changes.take_back(api.shop.order_book, order.lines[0], order, 3, restock=True, location=depot)
    (shown,) = read(api)
    assert shown["returnStatus"] == "RETURNED"
    (reverse,) = shown["returns"]["nodes"][0]["reverseFulfillmentOrders"]["nodes"]
    (line,) = reverse["lineItems"]["nodes"]
    assert line["dispositions"] == [
        {
            "type": "RESTOCKED",
            "quantity": 3,
            "createdAt": when,
            "location": {"id": "gid://shopify/Location/102"},
        }
    ]
    assert line["fulfillmentLineItem"]["lineItem"]["id"] == shown["lineItems"]["nodes"][0]["id"]


def test_an_edited_order_says_when_and_what(api: InProcess) -> None:
    order = buy(api)
    when = later(api)
    changes.edit(api.shop.order_book, order, api.shop.variants[2], 2)
    changes.edit(api.shop.order_book, order, api.shop.variants[1], -1)
    (shown,) = read(api)
    assert shown["edited"] is True
    assert [(line["quantity"], line["currentQuantity"]) for line in shown["lineItems"]["nodes"]] == [
        (4, 3),
        (2, 2),
    ]
    agreed = [(one["__typename"], one["happenedAt"]) for one in shown["agreements"]["nodes"]]
    assert agreed == [
        ("OrderAgreement", order.created_at),
        ("OrderEditAgreement", when),
        ("OrderEditAgreement", when),
    ]


def test_a_move_shows_among_fulfilment_orders_alone(api: InProcess) -> None:
    order = buy(api)
    when = later(api)
    changes.move(api.shop.order_book, order.fulfillment_orders[0], api.shop.locations[DEPOT.id])
    since = f"updated_at:>='{when}'"
    assert names(api, since) == []
    (held,) = api.data(FULFILMENT_ORDERS, query=since)["fulfillmentOrders"]["nodes"]
    assert held["assignedLocation"]["location"]["id"] == "gid://shopify/Location/102"
    assert held["updatedAt"] == when
    assert held["order"] == {"name": "#1001", "updatedAt": order.created_at}
    assert held["orderId"].endswith(f"/{order.id}")


@pytest.mark.parametrize(("closed", "count"), [(False, 0), (True, 1)])
def test_closed_fulfilment_orders_are_asked_for(api: InProcess, closed: bool, count: int) -> None:
    changes.fulfil(api.shop.order_book, buy(api).fulfillment_orders[0])
    found = api.data(FULFILMENT_ORDERS, closed=closed)["fulfillmentOrders"]["nodes"]
    assert len(found) == count


def test_objects_are_found_by_id_and_a_deleted_order_is_gone(api: InProcess) -> None:
    order = buy(api)
    changes.fulfil(api.shop.order_book, order.fulfillment_orders[0], {order.lines[0]: 1})
    refund = changes.refund(api.shop.order_book, order.lines[0], order, 1, restock=True)
    ids = [
        f"gid://shopify/Order/{order.id}",
        f"gid://shopify/FulfillmentOrder/{order.fulfillment_orders[0].id}",
        f"gid://shopify/Fulfillment/{order.fulfillments[0].id}",
        f"gid://shopify/Refund/{refund.id}",
        "gid://shopify/Order/1",
    ]
    document = "query($ids:[ID!]!){nodes(ids:$ids){__typename id ... on Order{name}}}"
    found = api.data(document, ids=ids)["nodes"]
    assert [one and one["__typename"] for one in found] == [
        "Order",
        "FulfillmentOrder",
        "Fulfillment",
        "Refund",
        None,
    ]
    assert api.data("query($id:ID!){order(id:$id){name}}", id=ids[0])["order"] == {"name": "#1001"}
    changes.delete(api.shop.order_book, order)
    assert api.data(document, ids=ids)["nodes"] == [None] * 5
    assert read(api) == []


# --- searching -----------------------------------------------------------------------------------------------------


def test_filters_and_counts(api: InProcess) -> None:
    first = buy(api)
    start = later(api)
    second = buy(api, number=2, test=True)
    changes.fulfil(api.shop.order_book, second.fulfillment_orders[0])
    third = buy(api)
    changes.cancel(api.shop.order_book, third)
    assert names(api, "status:open") == [first.name]
    assert names(api, "status:closed") == [second.name]
    assert names(api, "status:cancelled") == [third.name]
    assert names(api, "fulfillment_status:fulfilled") == [second.name]
    assert names(api, f"created_at:>='{start}'") == [second.name, third.name]
    assert names(api, f"created_at:<'{start}'") == [first.name]
    assert names(api, "sku:B-2") == names(api, "test:true") == names(api, "name:#1002") == [second.name]
    assert names(api, f"id:>{second.id}") == [third.name]
    assert api.data('{ordersCount(query:"status:open"){count precision}}')["ordersCount"]["count"] == 1
    reply = api.ask(ORDERS, query="colour:red")
    assert len(reply["data"]["orders"]["nodes"]) == 3
    assert reply["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"


def test_pages_by_time_of_change(api: InProcess) -> None:
    made = []
    for _ in range(5):
        made.append(buy(api, 1).name)
        later(api)
    document = "query($after:String){orders(first:2,after:$after,sortKey:UPDATED_AT){pageInfo{hasNextPage endCursor} nodes{name}}}"
    found, after = [], None
    while True:
        page = api.data(document, after=after)["orders"]
        found += [order["name"] for order in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == made


def test_searches_show_an_order_later_than_it_is_there(api: InProcess) -> None:
    order = buy(api, visible_after=8)
    by_id = "query($id:ID!){order(id:$id){name}}"
    assert names(api) == []
    assert api.data(by_id, id=f"gid://shopify/Order/{order.id}")["order"] == {"name": order.name}
    assert api.data("{ordersCount{count}}")["ordersCount"]["count"] == 0
    later(api, 7.9)
    assert names(api) == []
    later(api, 0.1)
    assert names(api, f"created_at:>='{order.created_at}'") == [order.name]


def test_searches_by_time_of_change_lag_too_and_show_what_is_true_by_then(api: InProcess) -> None:
    order = buy(api)
    api.shop.lags = Lags(visibility=6)
    when = later(api)
    changes.fulfil(api.shop.order_book, order.fulfillment_orders[0])
    assert names(api, f"updated_at:>='{when}'") == []
    (shown,) = read(api, f"updated_at:<'{when}'")
    assert (shown["displayFulfillmentStatus"], shown["updatedAt"]) == ("FULFILLED", when)
    later(api, 6)
    assert names(api, f"updated_at:>='{when}'") == [order.name]
    held = api.data(FULFILMENT_ORDERS, query=f"updated_at:>='{when}'")["fulfillmentOrders"]["nodes"]
    assert [one["status"] for one in held] == ["CLOSED"]


@pytest.mark.parametrize("kind", ["visibility_lag", "search_lag"])
def test_lags_asked_for_as_faults(api: InProcess, kind: Any) -> None:
    api.faults.add(Fault(kind, wait=30))
    order = buy(api)
    assert names(api, "status:open") == []
    later(api, 31)
    assert names(api, "status:open") == [order.name]


def test_a_level_is_found_by_its_change_only_later(api: InProcess) -> None:
    document = """query($query:String){location(id:"gid://shopify/Location/101"){inventoryLevels(first:5,query:$query)
      {nodes{updatedAt item{sku} quantities(names:["available"]){quantity}}}}}"""

    def changed(since: str) -> list[Any]:
        found: list[Any] = api.data(document, query=f"updated_at:>='{since}'")["location"]["inventoryLevels"][
            "nodes"
        ]
        return found

    api.shop.lags = Lags(index=10)
    when = later(api)
    buy(api)
    assert changed(when) == []
    later(api, 10)
    assert [(one["item"]["sku"], one["quantities"][0]["quantity"]) for one in changed(when)] == [("A-1", 6)]


def test_an_item_is_found_by_its_change_only_later(api: InProcess) -> None:
    document = "query($query:String){inventoryItems(first:5,query:$query){nodes{sku}}}"
    api.shop.lags = Lags(index=10)
    when = later(api)
    for sku in ("NEW-1", "NEW-2"):
        api.shop.put_sku(api.shop.items[2001], sku)
    asked = {"query": f"updated_at:>='{when}'"}
    assert api.data(document, **asked)["inventoryItems"]["nodes"] == []
    later(api, 10)
    assert api.data(document, **asked)["inventoryItems"]["nodes"] == [{"sku": "NEW-2"}]


def test_a_stale_reading_is_of_a_moment_ago(api: InProcess) -> None:
    document = """{inventoryItem(id:"gid://shopify/InventoryItem/2001"){inventoryLevel(locationId:"gid://shopify/Location/101")
      {quantities(names:["available","committed","on_hand"]){quantity}}}}"""

    def quantities() -> list[int]:
        level = api.data(document)["inventoryItem"]["inventoryLevel"]
        return [one["quantity"] for one in level["quantities"]]

    buy(api, 1)
    later(api, 5)
    order = buy(api, 3)
    changes.fulfil(api.shop.order_book, order.fulfillment_orders[0])
    later(api, 1)
    assert quantities() == [6, 1, 7]
    for wait, wanted in ((2, [9, 1, 10]), (20, [10, 0, 10]), (0.5, [6, 1, 7])):
        api.faults.add(Fault("stale_reading", wait=wait))
        assert api.data("{shop{name}}")
        assert quantities() == wanted
    assert quantities() == [6, 1, 7]


# --- what an app may see -------------------------------------------------------------------------------------------


def test_sixty_days_without_all_orders(api: InProcess) -> None:
    now = api.shop.timeline.now()
    old = buy(api, created=now - timedelta(days=60, seconds=1), takes_stock=False)
    young = buy(api, created=now - timedelta(days=60), takes_stock=False)
    assert names(api) == [old.name, young.name]
    api.shop.app.scopes.discard("read_all_orders")
    assert names(api) == [young.name]
    assert api.data("{ordersCount{count}}")["ordersCount"]["count"] == 1
    assert (
        api.data("query($id:ID!){order(id:$id){name}}", id=f"gid://shopify/Order/{old.id}")["order"] is None
    )
    assert len(api.data(FULFILMENT_ORDERS)["fulfillmentOrders"]["nodes"]) == 1


@pytest.mark.parametrize(
    "document", [ORDERS, "{ordersCount{count}}", '{order(id:"gid://shopify/Order/1"){id}}']
)
def test_orders_need_a_scope(api: InProcess, document: str) -> None:
    api.shop.app.scopes -= {"read_orders", "read_all_orders"}
    assert api.ask(document)["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        ({"read_merchant_managed_fulfillment_orders"}, ["Main St"]),
        ({"read_third_party_fulfillment_orders"}, ["Peak Logistics"]),
        ({"read_assigned_fulfillment_orders"}, []),
        (set(), None),
    ],
)
def test_fulfilment_orders_have_scopes_of_their_own(
    api: InProcess, kept: set[str], found: list[str] | None
) -> None:
    buy(api)
    buy(api, location=SERVICE)
    scopes = api.shop.app.scopes
    api.shop.app.scopes = {scope for scope in scopes if "fulfillment_orders" not in scope} | kept
    document = "{fulfillmentOrders(first:9){nodes{assignedLocation{name}}}}"
    if found is None:
        assert api.ask(document)["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
        reply = api.ask(ORDERS)
        assert {error["extensions"]["code"] for error in reply["errors"]} == {"ACCESS_DENIED"}
        return
    shown = api.data(document)["fulfillmentOrders"]["nodes"]
    assert [one["assignedLocation"]["name"] for one in shown] == found


def test_a_bulk_operation_reads_orders(api: InProcess) -> None:
    buy(api)
    query = "{orders{edges{node{id name lineItems{edges{node{id quantity sku}}} refunds{id}}}}}"
    run = (
        "mutation($query:String!){bulkOperationRunQuery(query:$query){bulkOperation{id} userErrors{message}}}"
    )
    number = api.data(run, query=query)["bulkOperationRunQuery"]["bulkOperation"]["id"]
    later(api, 10)
    done = api.data("query($id:ID!){bulkOperation(id:$id){status url objectCount}}", id=number)[
        "bulkOperation"
    ]
    assert (done["status"], done["objectCount"]) == ("COMPLETED", "2")
    lines = api.client.get(done["url"]).text.splitlines()
    assert any('"name":"#1001"' in line for line in lines)


def test_a_bulk_operation_does_not_read_agreements(api: InProcess) -> None:
    query = "{orders{edges{node{id agreements{edges{node{id}}}}}}}"
    run = (
        "mutation($query:String!){bulkOperationRunQuery(query:$query){bulkOperation{id} userErrors{message}}}"
    )
    payload = api.data(run, query=query)["bulkOperationRunQuery"]
    assert payload["bulkOperation"] is None
    assert "agreements" in payload["userErrors"][0]["message"]


# --- what it costs -------------------------------------------------------------------------------------------------


def test_a_page_of_orders_is_dear(api: InProcess) -> None:
    document = """{orders(first:25){nodes{id lineItems(first:50){nodes{id quantity}} fulfillmentOrders(first:10){nodes{id
      lineItems(first:50){nodes{id remainingQuantity}}}} refunds(first:20){id}}}}"""
    cost = api.ask(document)["extensions"]["cost"]
    assert 300 <= cost["requestedQueryCost"] <= 700
