"""How orders are found and read whole, on the sandbox: by when they changed, by what they hold, by id; all their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from supportdesk.core.looks import FoundOrder, OrdersLook
from supportdesk.core.orders import GivenBack, LinePart
from supportdesk.errors import AnswerUnreadable, ScopeMissing, SearchIgnored
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.timeline import Lags
from supportdesk.shopify import order_pages, orders, wire_orders
from supportdesk.shopify.document import document_names
from supportdesk.shopify.wire import Wire
from tests.shopify.in_process import Asked
from tests.shopify.replies import PretendStore, RecordingWatch, data
from tests.shops import DEPOT, MAIN, level, listing, small_shop


def shop_with(listings: int) -> Asked:
    numbers = range(1, listings + 1)
    shop = small_shop(
        clock=Clock(running=False),
        listings=[listing(number, f"S-{number}") for number in numbers],
        levels=[level(number, place, 900) for number in numbers for place in (MAIN, DEPOT)],
    )
    return Asked(shop)


@pytest.fixture
def one() -> Asked:
    return shop_with(3)


def buy(one: Asked, *lines: tuple[int, int], place: int = MAIN.id, **more: object) -> OrderRecord:
    shop = one.shop
    wanted = [Wanted(shop.variants[number], quantity, shop.locations[place]) for number, quantity in lines]
    return shop.order_book.place(wanted or [Wanted(shop.variants[1], 1, shop.locations[place])], **more)  # type: ignore[arg-type]


def found(looks: list[OrdersLook]) -> list[FoundOrder]:
    return [each for look in looks for each in look.orders]


def changed(one: Asked, since: int) -> list[FoundOrder]:
    return found(list(one.engine.orders_changed(since, one.watch)))


def test_orders_come_by_when_they_changed_page_by_page(one: Asked) -> None:
    since = one.now
    placed = []
    for _ in range(60):
        one.shop.clock.advance(2)
        placed.append(buy(one))
    one.shop.clock.advance(2)
    changes.edit(one.shop.order_book, placed[0], one.shop.variants[1], 1)
    looks = list(one.engine.orders_changed(since, one.watch))
    assert [len(look.orders) for look in looks] == [25, 25, 10]
    assert [each.order.id for each in found(looks)] == [order.id for order in (*placed[1:], placed[0])]
    assert [each.updated for each in found(looks)] == sorted(each.updated for each in found(looks))
    assert len(changed(one, since + 100)) == 12
    (name,) = {each.name for each in changed(one, one.now)}
    assert name == placed[0].name


def test_none_changed_is_one_empty_look_with_its_second(one: Asked) -> None:
    (look,) = one.engine.orders_changed(one.now, one.watch)
    assert (look.orders, look.date) == ((), one.now)
    assert one.names() == ["OrdersChanged"]
    assert list(one.engine.orders_moved(one.now, one.watch)) == []


def test_a_long_search_starts_anew_behind_the_last_one(one: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "OBJECTS_A_WINDOW", 50)
    since = one.now
    placed = []
    for _ in range(120):
        one.shop.clock.advance(1)
        placed.append(buy(one).id)
    ids = [each.order.id for each in changed(one, since)]
    assert list(dict.fromkeys(ids)) == placed
    searches = {sent["search"] for sent in one.variables("OrdersChanged")}
    assert len(searches) == 3


def test_moves_are_found_though_the_order_says_nothing(one: Asked) -> None:
    book = one.shop.order_book
    orders_placed = [buy(one) for _ in range(3)]
    one.shop.clock.advance(30)
    since = one.now
    changes.move(book, orders_placed[1].fulfillment_orders[0], one.shop.locations[DEPOT.id])
    changes.cancel(book, orders_placed[2])
    assert [each.order.id for each in changed(one, since)] == [orders_placed[2].id]
    moved = list(one.engine.orders_moved(since, one.watch))
    assert moved == [orders_placed[1].id, orders_placed[2].id]
    (look,) = [one.engine.orders_by_id(moved[:1], one.watch)]
    assert look.orders[0].order.lines[0].parts == (LinePart(DEPOT.id, 1),)


def test_open_orders_are_those_with_something_to_send(one: Asked) -> None:
    book = one.shop.order_book
    sent, part, held, cancelled, plain, archived = (buy(one, (1, 2), (2, 1)) for _ in range(6))
    changes.fulfil(book, sent.fulfillment_orders[0])
    changes.fulfil(book, part.fulfillment_orders[0], {part.lines[0]: 2})
    changes.put_on_hold(book, held.fulfillment_orders[0])
    changes.cancel(book, cancelled)
    archived.closed_at = one.shop.stamp()
    looks = list(one.engine.open_orders(one.watch))
    assert looks[0].orders == ()
    assert [each.order.id for each in found(looks)] == [each.id for each in (part, held, plain, archived)]
    assert all(each.open for each in found(looks))
    holding = list(one.engine.orders_holding([2001], one.watch))
    assert [each.order.id for each in found(holding)] == [each.id for each in (held, plain, archived)]
    (empty,) = one.engine.orders_holding([2003], one.watch)
    assert (empty.orders, empty.date) == ((), one.now)
    assert not changed(one, 0)[0].open


def test_an_item_far_down_a_fulfilment_order_is_found() -> None:
    one = shop_with(30)
    order = buy(one, *((number, 1) for number in range(1, 31)))
    assert [each.order.id for each in found(list(one.engine.orders_holding([2030], one.watch)))] == [order.id]
    assert "OpenFulfillmentOrderLines" in one.names()


def test_open_orders_of_many_fulfilment_orders(one: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "OBJECTS_A_WINDOW", 250)
    placed = [buy(one).id for _ in range(270)]
    looks = list(one.engine.open_orders(one.watch))
    assert [each.order.id for each in found(looks)] == placed
    assert max(len(look.orders) for look in looks) == 25
    assert one.variables("OpenFulfillmentOrders")[1]["search"].startswith("id:>")


def test_a_deleted_order_is_gone_and_a_known_one_is_told(one: Asked) -> None:
    first, second = buy(one), buy(one)
    changes.delete(one.shop.order_book, first)
    look = one.engine.orders_by_id([first.id, second.id, 5], one.watch)
    assert [(each.order.id, each.order.gone) for each in look.orders] == [
        (first.id, True),
        (second.id, False),
        (5, True),
    ]
    with pytest.raises(ValueError, match="25"):
        one.engine.orders_by_id(range(26), one.watch)
    with pytest.raises(ValueError, match="no orders"):
        one.engine.orders_by_id([], one.watch)


def test_an_old_order_is_not_found_without_the_scope(one: Asked) -> None:
    old = buy(one, created=one.shop.clock.now() - timedelta(days=61), takes_stock=False)
    assert not one.engine.orders_by_id([old.id], one.watch).orders[0].order.gone
    one.api.faults.add(Fault("scope_lost", scope="read_all_orders"))
    assert one.engine.orders_by_id([old.id], one.watch).orders[0].order.gone


@pytest.mark.parametrize("scope", ["read_orders", "read_returns"])
def test_a_lost_scope_is_told(scope: str, one: Asked) -> None:
    buy(one)
    one.api.faults.add(Fault("scope_lost", scope=scope))
    with pytest.raises(ScopeMissing) as caught:
        list(one.engine.orders_changed(0, one.watch))
    assert scope in caught.value.scopes


def test_without_fulfilment_orders_nothing_is_read(one: Asked) -> None:
    order = buy(one)
    one.shop.app.scopes = {scope for scope in one.shop.app.scopes if "fulfillment_orders" not in scope}
    asks: list[Callable[[], object]] = [
        lambda: one.engine.orders_by_id([order.id], one.watch),
        lambda: list(one.engine.orders_moved(0, one.watch)),
        lambda: list(one.engine.open_orders(one.watch)),
    ]
    for ask in asks:
        with pytest.raises(ScopeMissing, match="fulfillmentOrders"):
            ask()


@pytest.mark.parametrize("what", ["OrdersChanged", "OrdersMoved"])
def test_a_filter_that_was_ignored_is_an_error(what: str) -> None:
    warning = [
        {"path": ["orders"], "query": "x", "warnings": [{"field": "updated_at", "message": "Invalid"}]}
    ]
    page = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    pretend = PretendStore().on(what, data({"orders": page, "fulfillmentOrders": page}, search=warning))
    store = pretend.store()
    with pytest.raises(SearchIgnored):
        list(
            store.orders_changed(0, RecordingWatch())
            if what == "OrdersChanged"
            else store.orders_moved(0, RecordingWatch())
        )


def test_a_search_lags_and_a_look_by_id_does_not(one: Asked) -> None:
    one.shop.lags = Lags(visibility=30)
    order = buy(one, visible_after=20)
    assert changed(one, 0) == []
    assert one.engine.orders_by_id([order.id], one.watch).orders[0].open
    one.shop.clock.advance(21)
    assert [each.order.id for each in changed(one, 0)] == [order.id]


# Whole orders


def test_an_order_of_500_lines_in_60_parcels_is_read_whole() -> None:
    one = shop_with(500)
    book, shop = one.shop.order_book, one.shop
    order = buy(one, *((number, 3) for number in range(1, 501)))
    holding = order.fulfillment_orders[0]
    for number in range(12):
        changes.split(book, holding, dict.fromkeys(order.lines[number * 10 : number * 10 + 10], 1))
    changes.move(book, order.fulfillment_orders[5], shop.locations[DEPOT.id])
    for line in order.lines[200:260]:
        changes.fulfil(book, holding, {line: 2})
    changes.fulfil(book, holding, dict.fromkeys(order.lines[300:400], 1))
    for line in order.lines[200:204]:
        changes.take_back(book, line, order, 1, restock=True)
    changes.refund(book, order.lines[450], order, 2, restock=True)
    for line in order.lines[460:520]:
        changes.edit(book, order, line.variant, 1)
    look = one.engine.orders_by_id([order.id], one.watch)
    (whole,) = look.orders
    lines = whole.order.lines
    assert len(lines) == 500
    assert [line.item_id for line in lines] == list(range(2001, 2501))
    assert sum(part.unfulfilled for line in lines for part in line.parts) == order.open_units
    assert sum(part.fulfilled for line in lines for part in line.parts) == 60 * 2 + 100
    assert (
        sum(part.unfulfilled for line in lines for part in line.parts if part.location_id == DEPOT.id) == 10
    )
    assert [line.given_back for line in lines[200:204]] == [
        (GivenBack("RETURN", 1, MAIN.id, True, refund=False),)
    ] * 4
    assert lines[450].given_back == (GivenBack("CANCEL", 2, MAIN.id),)
    assert [line.quantity for line in lines[459:462]] == [3, 4, 4]
    assert set(one.names()) == {
        "OrdersById", "OrderLines", "OrderFulfillmentOrders", "OrderFulfillmentOrderLines",
        "OrderFulfillmentLines", "OrderReturns",
    }  # fmt: skip
    assert one.names().count("OrdersById") == 2


def test_what_changes_between_pages_is_read_again() -> None:
    one = shop_with(60)
    order = buy(one, *((number, 1) for number in range(1, 61)))
    place = one.shop.locations[DEPOT.id]
    send = one.api.client.post
    moved: list[int] = []

    def meanwhile(*args: object, **more: object) -> object:
        if not moved and b"OrderFulfillmentOrderLines" in more["content"]:  # type: ignore[operator]
            moved.append(1)
            changes.move(one.shop.order_book, order.fulfillment_orders[0], place)
        return send(*args, **more)

    one.api.client.post = meanwhile
    (whole,) = one.engine.orders_by_id([order.id], one.watch).orders
    assert {part for line in whole.order.lines for part in line.parts} == {LinePart(DEPOT.id, 1)}
    assert one.names().count("OrdersById") == 3


def test_an_order_deleted_between_pages_is_gone() -> None:
    one = shop_with(60)
    order = buy(one, *((number, 1) for number in range(1, 61)))
    send = one.api.client.post

    def meanwhile(*args: object, **more: object) -> object:
        if b"OrderLines" in more["content"] and order.id in one.shop.order_book.orders:  # type: ignore[operator]
            changes.delete(one.shop.order_book, order)
        return send(*args, **more)

    one.api.client.post = meanwhile
    (whole,) = one.engine.orders_by_id([order.id], one.watch).orders
    assert whole.order.gone


def test_a_look_of_several_requests_spans_them_all(one: Asked) -> None:
    """Whoever orders by what a look shows must not take it for younger than its search."""
    buy(one)
    one.api.faults.add(Fault("bad_gateway", operation="OrdersById", times=1))
    began = one.now
    (look,) = one.engine.orders_changed(0, one.watch)
    assert sum(one.watch.waits) >= 1
    assert look.date == one.now
    assert look.date - look.took <= began


def test_what_each_document_costs_at_most() -> None:
    one = shop_with(1)
    order = buy(one)
    changes.fulfil(one.shop.order_book, order.fulfillment_orders[0])
    list(one.engine.orders_changed(0, one.watch))
    list(one.engine.orders_moved(0, one.watch))
    list(one.engine.open_orders(one.watch))
    asked = {name: requested for name, (requested, _) in one.costs.items()}
    assert asked == {"OrdersChanged": 8, "OrdersById": 187, "OrdersMoved": 13, "OpenFulfillmentOrders": 90}
    assert order_pages.MOST_ORDERS == 25


def test_every_document_that_follows_pages_is_answered(one: Asked) -> None:
    book = one.shop.order_book
    order = buy(one, (1, 4))
    changes.fulfil(book, order.fulfillment_orders[0], {order.lines[0]: 3})
    changes.refund(book, order.lines[0], order, 1, restock=True)
    back = changes.take_back(book, order.lines[0], order, 2, restock=True)
    owners: dict[str, tuple[str, int, type[Wire]]] = {
        "order_lines": ("Order", order.id, wire_orders.OrderLine),
        "order_agreements": ("Order", order.id, wire_orders.Agreement),
        "order_fulfillment_orders": ("Order", order.id, wire_orders.FulfillmentOrder),
        "order_returns": ("Order", order.id, wire_orders.Return),
        "order_fulfillment_order_lines": ("FulfillmentOrder", order.fulfillment_orders[0].id, wire_orders.FulfillmentOrderLine),
        "open_fulfillment_order_lines": ("FulfillmentOrder", order.fulfillment_orders[0].id, wire_orders.HeldLine),
        "order_fulfillment_lines": ("Fulfillment", order.fulfillments[0].id, wire_orders.FulfillmentLine),
        "order_refund_lines": ("Refund", order.refunds[0].id, wire_orders.RefundLine),
        "order_return_parts": ("Return", back.id, wire_orders.ReverseFulfillmentOrder),
        "order_return_lines": ("ReverseFulfillmentOrder", back.reverse[0].id, wire_orders.ReverseLine),
    }  # fmt: skip
    for document, (kind, number, model) in owners.items():
        data = one.client.execute(document, {"id": f"gid://shopify/{kind}/{number}", "after": None})
        (node, *_) = data["node"]["page"]["nodes"]
        assert model.model_validate(node), document
        assert one.costs[one.names()[-1]][0] < 300
    assert set(owners) == {
        name
        for name in document_names()
        if name.startswith("order_") or name == "open_fulfillment_order_lines"
    }


def test_pages_that_do_not_go_on_are_told() -> None:
    page = wire_orders.Page[wire_orders.Agreement].model_validate(
        {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "a"}}
    )
    stuck = {"node": {"page": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "a"}}}}
    client = PretendStore().on("OrderAgreements", data(stuck)).client()
    with pytest.raises(AnswerUnreadable, match="do not go on"):
        list(
            order_pages.following(
                client, page, "order_agreements", wire_orders.Agreement, "x", RecordingWatch()
            )
        )
    gone = PretendStore().on("OrderAgreements", data({"node": None})).client()
    assert (
        list(
            order_pages.following(
                gone, page, "order_agreements", wire_orders.Agreement, "x", RecordingWatch()
            )
        )
        == []
    )
