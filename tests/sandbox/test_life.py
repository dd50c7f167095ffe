"""Shoppers, staff and fulfilment: at their rates, each at its moment, repeatable, and never against the rules of stock."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.fulfilment import FULFILMENT_KINDS
from supportdesk.sandbox.kestrel import kestrel_outdoor
from supportdesk.sandbox.life import Life
from supportdesk.sandbox.records import PARTS
from supportdesk.sandbox.shoppers import source_of
from supportdesk.sandbox.staff import EDIT_KINDS
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from tests.sandbox.test_orders import committed_is_what_is_held
from tests.shops import DEPOT, MAIN, InProcess, level, listing, small_shop


def kestrel(seed: int = 1) -> SandboxShop:
    shop = kestrel_outdoor(seed, Clock(running=False))
    shop.lags = Lags(commit=1, visibility=3, index=3)
    return shop


def lived(shop: SandboxShop, seconds: float, steps: int = 1) -> Life:
    life = Life(shop)
    life.shoppers.at_rate(30)
    life.staff.at_rate(6)
    life.fulfilment.at_rate(40)
    for _ in range(steps):
        shop.clock.advance(seconds / steps)
        shop.catch_up()
    return life


def told(shop: SandboxShop) -> Any:
    book = shop.order_book
    orders = [
        (order.id, order.created_at, order.updated_at, order.open_units) for order in book.orders.values()
    ]
    return orders, list(shop.journal), [waiting.at for waiting in book.pending]


def test_the_same_seed_gives_the_same_run_however_often_somebody_looks() -> None:
    once, often, other = kestrel(), kestrel(), kestrel(seed=2)
    lived(once, 1200)
    lived(often, 1200, steps=97)
    lived(other, 1200)
    assert told(once) == told(often)
    assert told(once) != told(other)
    assert len(once.journal) > 500


def test_each_comes_at_its_moment_and_at_its_rate() -> None:
    shop = kestrel()
    before = len(shop.order_book.orders)
    life = Life(shop)
    life.shoppers.at_rate(20)
    shop.clock.advance(3600)
    shop.catch_up()
    orders = list(shop.order_book.orders.values())[before:]
    assert 1050 <= len(orders) <= 1350
    created = [order.created_at for order in orders]
    assert created == sorted(created)
    minutes = Counter(stamp[:16] for stamp in created)
    assert len(minutes) > 55
    assert max(minutes.values()) < 45
    life.shoppers.at_rate(0)
    shop.clock.advance(3600)
    shop.catch_up()
    assert len(shop.order_book.orders) == before + len(orders)


def test_after_a_busy_hour_everything_adds_up() -> None:
    shop = kestrel()
    start = {
        (one.item.id, one.location.id): {name: getattr(one, name) for name in (*PARTS, "incoming")}
        for levels in shop.levels_by_location.values()
        for one in levels
    }
    life = lived(shop, 3600)
    for who in (life.shoppers, life.staff, life.fulfilment):
        who.at_rate(0)
    shop.clock.advance(60)
    shop.catch_up()
    committed_is_what_is_held(shop)
    moved: Counter[tuple[int, int, str]] = Counter()
    for one in shop.journal:
        for name, delta in one.deltas.items():
            moved[one.item_id, one.location_id, name] += delta
    for levels in shop.levels_by_location.values():
        for row in levels:
            assert row.committed >= 0
            assert row.on_hand == sum(getattr(row, part) for part in PARTS)
            for name, number in start[row.item.id, row.location.id].items():
                assert getattr(row, name) == number + moved[row.item.id, row.location.id, name]
    assert {one.actor for one in shop.journal} == {"order", "staff"}
    causes = {one.reference.split()[1] for one in shop.journal if one.actor == "order"}
    assert causes == {"placed", "fulfilled", "moved", "cancelled", "refunded", "edited", "returned"}
    assert any(
        one.status == "ON_HOLD" for order in shop.order_book.open.values() for one in order.fulfillment_orders
    )


def test_shoppers_buy_what_is_for_sale() -> None:
    shop = kestrel()
    before = len(shop.order_book.orders)
    life = Life(shop)
    life.shoppers.at_rate(60)
    shop.clock.advance(1800)
    shop.catch_up()
    orders = list(shop.order_book.orders.values())[before:]
    lines = [line for order in orders for line in order.lines]
    assert all(line.item.tracked and not line.variant.bundle_parent for line in lines)
    assert all(line.variant.product.status in ("ACTIVE", "UNLISTED") for line in lines)
    places = {one.location.name for order in orders for one in order.fulfillment_orders}
    assert "Market Hall pop-up" not in places
    assert {order.source for order in orders} == {"web", "pos"}
    assert {len(order.lines) for order in orders} >= {1, 2, 3}
    assert len({line.variant.id for line in lines}) > 200
    assert max(Counter(line.variant.id for line in lines).values()) > 20


@pytest.mark.parametrize(
    ("quantity", "sells_when_out", "found"),
    [(3, False, "Main St"), (5, False, "Depot"), (9, False, None), (9, True, "Main St")],
)
def test_where_an_order_is_sent_from(quantity: int, sells_when_out: bool, found: str | None) -> None:
    listings = [listing(1, "A", sells_when_out=sells_when_out)]
    shop = small_shop(listings=listings, levels=[level(1, MAIN, 3), level(1, DEPOT, 5)])
    source = source_of(shop, shop.variants[1], quantity)
    assert (source.name if source else None) == found


@pytest.mark.parametrize("kind", EDIT_KINDS)
def test_staff_do_what_they_are_told_to(kind: str) -> None:
    shop = kestrel()
    life = Life(shop)
    life.edit_kinds = [kind]
    life.staff.at_rate(60)
    shop.clock.advance(600)
    shop.catch_up()
    names = {name for one in shop.journal for name in one.deltas}
    wanted = {"available"} if kind == "on_hand" else {"available", kind}
    assert names == wanted
    assert {one.actor for one in shop.journal} == {"staff"}
    if kind in ("damaged", "reserved"):
        assert all(sum(one.deltas.values()) == 0 for one in shop.journal)


@pytest.mark.parametrize("kind", FULFILMENT_KINDS)
def test_fulfilment_does_what_it_is_told_to(kind: str) -> None:
    shop = kestrel()
    life = Life(shop)
    life.fulfilment.at_rate(30)
    life.fulfilment_kinds = ["fulfil"]
    shop.clock.advance(20)
    shop.catch_up()
    shop.journal.clear()
    life.fulfilment_kinds = [kind]
    shop.clock.advance(60)
    shop.catch_up()
    words = {
        "fulfil": "fulfilled", "part": "fulfilled", "move": "moved", "cancel": "cancelled", "refund": "refunded",
        "edit": "edited", "return": "returned",
    }  # fmt: skip
    causes = {one.reference.split()[1] for one in shop.journal if not one.reference.endswith("fulfilled")}
    assert causes <= {words.get(kind, "")}
    if kind not in ("hold", "return"):
        assert any(one.reference.endswith(words[kind]) for one in shop.journal)


def test_a_shop_with_nothing_in_it_stays_as_it_is() -> None:
    shop = SandboxShop("empty", clock=Clock(running=False))
    lived(shop, 600)
    assert not shop.order_book.orders
    assert not shop.journal


@pytest.mark.parametrize("rate", [-1, 6001])
def test_rates_that_make_no_sense(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate is"):
        Life(small_shop()).shoppers.at_rate(rate)


def test_a_clock_that_runs_brings_shoppers_by_itself() -> None:
    ticks = [0.0]
    api = InProcess(kestrel_outdoor(1, Clock(monotonic=lambda: ticks[0])))
    before = len(api.shop.order_book.orders)
    assert api.client.post("/sandbox/orders", json={"per_minute": 60}).json()["rates"]["orders"] == 60
    ticks[0] = 60.0
    (shop,) = api.client.get("/sandbox/state").json()["shops"]
    assert 35 <= shop["orders"] - before <= 90
    named = api.data("{orders(first:1,sortKey:CREATED_AT,reverse:true){nodes{name}}}")["orders"]["nodes"]
    assert named == [{"name": list(api.shop.order_book.orders.values())[-1].name}]


# --- by hand -------------------------------------------------------------------------------------------------------


def post(api: InProcess, what: str, **asked: Any) -> Any:
    answer = api.client.post(f"/sandbox/{what}", json=asked)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_an_order_from_beginning_to_end() -> None:
    api = InProcess(small_shop())
    order = post(api, "orders", sku="A-1", quantity=2, location="Depot", after=4)["order"]
    assert (order["name"], order["status"], order["visible"]) == ("#1001", "UNFULFILLED", True)
    asked = {"details": "rows,moves,journal,all_orders"}
    (shop,) = api.client.get("/sandbox/state", params=asked).json()["shops"]
    (waiting,) = shop["moves"]
    assert (waiting["cause"], waiting["location"], waiting["deltas"]) == (
        "placed",
        "Depot",
        {"available": -2, "committed": 2},
    )
    assert shop["pending"] == 1
    api.shop.clock.advance(4)
    (shop,) = api.client.get("/sandbox/state", params=asked).json()["shops"]
    (row,) = [one for one in shop["rows"] if (one["item"], one["location"]) == (2001, "Depot")]
    assert (row["available"], row["committed"], row["on_hand"]) == (5, 2, 7)
    assert [one["actor"] for one in shop["journal"]] == ["order"]
    post(api, "orders", order="#1001", action="move", location="Main St", sku="A-1", quantity=1)
    post(api, "fulfilments", order="#1001", sku="A-1", quantity=1)
    post(api, "orders", order="1001", action="return", quantity=1, restock=True)
    shown = post(api, "fulfilments", order="#1001")["order"]
    assert (shown["status"], [one["remaining"] for one in shown["held"]]) == ("FULFILLED", [0, 0])
    assert api.client.get("/sandbox/state").json()["shops"][0]["open_orders"] == 0


@pytest.mark.parametrize(
    ("what", "asked", "said"),
    [
        ("orders", {"sku": "NO"}, "there is no SKU NO"),
        ("orders", {}, "say a sku or a variant"),
        ("orders", {"sku": "A-1", "location": "Moon"}, "there is no location Moon"),
        ("orders", {"sku": "A-1", "quantity": 0}, "quantity begins at 1"),
        ("orders", {"order": "#9", "action": "cancel"}, "there is no order #9"),
        ("orders", {"shop": "nobody", "sku": "A-1"}, "there is no shop nobody"),
        ("orders", {"per_minute": 1, "kinds": ["fulfil"]}, "not for orders"),
        ("orders", {"per_minute": -1}, "a rate is"),
        ("fulfilments", {"per_minute": 1, "kinds": []}, "kinds are"),
        ("edits", {"sku": "A-1", "location": "Depot"}, "one of set, add, move and active"),
        ("edits", {"location": "Depot"}, "say a listing"),
        ("edits", {"sku": "A-1", "status": "GONE"}, "a status is one of"),
        ("edits", {"sku": "A-1", "new_sku": "X", "delete": True}, "one of new_sku"),
        ("edits", {"sku": "A-1", "set": {"available": 1}}, "say a location"),
        ("edits", {"sku": "A-1", "location": "Depot", "set": {"committed": 1}}, "staff cannot set committed"),
        ("edits", {"sku": "A-1", "location": "Depot", "add": {"price": 1}}, "staff cannot set price"),
        ("edits", {"sku": "A-1", "location": "Depot", "move": ["available"]}, "from and to"),
        ("edits", {"sku": "B-2", "location": "Depot", "set": {"available": 1}}, "not stocked at Depot"),
    ],
)
def test_what_cannot_be_asked_for(what: str, asked: dict[str, Any], said: str) -> None:
    api = InProcess(small_shop())
    answer = api.client.post(f"/sandbox/{what}", json=asked)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert not api.shop.journal
    assert not api.shop.order_book.orders


def test_staff_edits_by_hand() -> None:
    api = InProcess(small_shop())
    at = {"sku": "A-1", "location": "Main St"}
    assert post(api, "edits", **at, set={"available": 9})["row"]["on_hand"] == 11
    assert post(api, "edits", **at, add={"available": -2, "damaged": 1})["row"]["available"] == 7
    assert post(api, "edits", **at, set={"on_hand": 4})["row"]["available"] == 1
    moved = post(api, "edits", **at, move=["available", "reserved"], quantity=1)["row"]
    assert (moved["available"], moved["reserved"], moved["on_hand"]) == (0, 1, 4)


def test_a_deleted_listing_is_gone_and_its_order_line_stays() -> None:
    api = InProcess(small_shop())
    post(api, "orders", variant=3, quantity=1, location="Main St")
    assert post(api, "edits", variant=3, delete=True)["listing"]["deleted"] is True
    assert post(api, "edits", variant=2, delete=True)["listing"]["deleted"] is True
    for kind, left in (("products", 1), ("productVariants", 1), ("inventoryItems", 1)):
        found = api.data(f"{{{kind}(first:9){{nodes{{id}}}}}}")[kind]["nodes"]
        assert len(found) == left
    ids = [
        f"gid://shopify/{kind}/{number}" for kind, number in (("ProductVariant", 3), ("InventoryItem", 2003))
    ]
    assert api.data("query($ids:[ID!]!){nodes(ids:$ids){id}}", ids=ids)["nodes"] == [None, None]
    assert api.data('{inventoryItem(id:"gid://shopify/InventoryItem/2001"){duplicateSkuCount}}') == {
        "inventoryItem": {"duplicateSkuCount": 0}
    }
    (order,) = api.data(
        "{orders(first:1){nodes{lineItems(first:1){nodes{sku variant{id} product{id} quantity}}}}}"
    )["orders"]["nodes"]
    assert order["lineItems"]["nodes"] == [{"sku": "B-2", "variant": None, "product": None, "quantity": 1}]
    post(api, "orders", order="#1001", action="cancel")
    assert not api.shop.order_book.pending
    levels = api.data(
        '{location(id:"gid://shopify/Location/101"){inventoryLevels(first:9){nodes{item{sku}}}}}'
    )
    assert levels["location"]["inventoryLevels"]["nodes"] == [{"item": {"sku": "A-1"}}]


def test_two_listings_of_one_item_are_deleted_one_by_one() -> None:
    shop = small_shop(listings=[listing(1, "A"), listing(2, "A", item_id=2001)], levels=[level(1, DEPOT, 4)])
    api = InProcess(shop)
    post(api, "edits", variant=1, delete=True)
    assert shop.items[2001].levels[DEPOT.id].available == 4
    post(api, "edits", variant=2, delete=True)
    assert (shop.items, shop.variants, shop.products) == ({}, {}, {})
    assert shop.levels_by_location[DEPOT.id] == []


def test_a_listing_and_a_location_change() -> None:
    api = InProcess(small_shop())
    api.shop.clock.advance(60)
    assert post(api, "edits", variant=2, new_sku="A-2")["listing"]["sku"] == "A-2"
    assert post(api, "edits", variant=2, status="ARCHIVED")["listing"]["status"] == "ARCHIVED"
    assert post(api, "edits", variant=2, tracked=False)["listing"]["tracked"] is False
    assert post(api, "edits", sku="A-1", location="Depot", active=False)["row"]["active"] is False
    assert post(api, "edits", location="Depot", active=False)["location"]["active"] is False
    assert post(api, "edits", location="Depot", name="Barn")["location"]["name"] == "Barn"
    found = api.data("query($id:ID!){productVariant(id:$id){sku updatedAt product{status} inventoryItem{tracked}}}",
                     id="gid://shopify/ProductVariant/2")["productVariant"]  # fmt: skip
    assert found == {
        "sku": "A-2",
        "updatedAt": "2026-11-23T09:01:00Z",
        "product": {"status": "ARCHIVED"},
        "inventoryItem": {"tracked": False},
    }
    place = api.data('{location(id:"gid://shopify/Location/102"){name isActive deactivatedAt}}')["location"]
    assert place == {"name": "Barn", "isActive": False, "deactivatedAt": "2026-11-23T09:01:00Z"}
