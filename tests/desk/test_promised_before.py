"""A count or a set after going live: what orders from before promised lies on the shelf, is asked about, and is never sold twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.stock import Included, StockChange, net_of
from supportdesk.desk import stock
from supportdesk.errors import Conflict, WrongUsage
from supportdesk.ledger import promises
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sync.engine import Begin
from supportdesk.sync.order_book import OrderBook
from tests.desk.selling import CHANNEL, Shop, two
from tests.shops import DEPOT, MAIN, level, listing
from tests.sync.accounts import load
from tests.sync.test_engine import ROW, SIBLING


def sold_before(folder: Path, *quantities: int, **how: object) -> tuple[Shop, list[OrderRecord]]:
    """The shop, gone live with orders open from before on its first listing."""
    shop = two(folder, **how)
    orders = [shop.order(1, quantity) for quantity in quantities]
    shop.live(60)
    shop.begin = Begin(None, {MAIN.id: shop.second()}, copies=True)
    shop.go_live()
    return shop, orders


def promised(shop: Shop, sku: str = "A-1") -> int:
    return promises.of_sku(shop.ledger.db.conn, sku).get(1, 0)


def count(
    shop: Shop, quantity: int, said: Included | None = None, kind: str = "count", seen: int | None = None
) -> str:
    change = StockChange(
        kind,  # type: ignore[arg-type]
        "MAIN",
        "A-1",
        quantity,
        promised=said,
        promised_seen=seen,
    )
    return stock.change_stock(shop.desk, "kestrel", change).text


@pytest.mark.parametrize(("said", "in_stock"), [("included", 32), ("not-included", 35)])
@pytest.mark.parametrize("kind", ["count", "set"])
def test_what_is_promised_is_asked_about_and_taken_off_once(
    tmp_path: Path, kind: str, said: Included, in_stock: int
) -> None:
    shop, _ = sold_before(tmp_path, 2, 1)
    assert promised(shop) == 3
    with pytest.raises(WrongUsage, match="promise 3 units of A-1 at MAIN") as refused:
        count(shop, 35, kind=kind)
    assert "--promised=included" in refused.value.next_step
    assert shop.stock() == (37, 0, 1)
    text = count(shop, 35, said, kind)
    assert ("3 of 35 are promised" in text) == (said == "included")
    assert shop.stock()[0] == in_stock
    (reason,) = shop.ledger.db.conn.execute(
        "SELECT reason FROM movement WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,)
    ).fetchone()
    assert reason == ("35 counted, 3 of them promised before sync" if said == "included" else "")
    assert promised(shop) == 3, "they lie on the shelf still, and the next count has them again"
    shop.cycles(60)
    assert (shop.shows(ROW), shop.shows(SIBLING)) == (in_stock, in_stock)


def test_it_falls_as_the_orders_are_sent_cancelled_edited_and_moved(tmp_path: Path) -> None:
    shop, orders = sold_before(tmp_path, 4, 3, 2, 2)
    book = shop.shop.order_book
    assert promised(shop) == 11
    changes.fulfil(book, orders[0].fulfillment_orders[0], {orders[0].lines[0]: 1})
    shop.cycles(60)
    assert promised(shop) == 10
    changes.cancel(book, orders[1], restock=True)
    shop.cycles(60)
    assert (promised(shop), shop.stock()) == (7, (32, 0, 1))
    changes.edit(book, orders[2], orders[2].lines[0].variant, 3, location=shop.shop.locations[MAIN.id])
    shop.cycles(60)
    assert (promised(shop), shop.stock()) == (10, (29, 0, 1))
    changes.refund(book, orders[3].lines[0], orders[3], 1, restock=False)
    shop.cycles(60)
    assert promised(shop) == 9
    changes.fulfil(book, orders[3].fulfillment_orders[0])
    changes.take_back(book, orders[3].lines[0], orders[3], 1, restock=True)
    shop.cycles(60)
    assert (promised(shop), shop.stock()) == (8, (30, 0, 1)), "what came back is nobody's any more"
    assert shop.store.level(ROW).committed == 8


def test_new_orders_are_booked_and_promise_nothing(tmp_path: Path) -> None:
    shop, _ = sold_before(tmp_path, 2)
    new = shop.order(1, 5)
    shop.cycles(60)
    assert (promised(shop), shop.stock()) == (2, (38, 5, 1))
    changes.fulfil(shop.shop.order_book, new.fulfillment_orders[0])
    shop.cycles(60)
    assert (promised(shop), shop.stock()) == (2, (33, 0, 1))
    changes.cancel(shop.shop.order_book, shop.order(1, 3), restock=True)
    shop.cycles(60)
    assert promised(shop) == 2


def test_orders_placed_or_sent_between_load_and_t0_are_counted_as_they_were_at_t0(tmp_path: Path) -> None:
    shop = two(tmp_path)
    sent, gone = shop.order(1, 4), shop.order(2, 2)
    shop.live(30)
    load(shop.ledger, shop.shop, shop.now)
    shop.order(1, 1)
    changes.fulfil(shop.shop.order_book, sent.fulfillment_orders[0])
    shop.live(60)
    shop.begin = Begin(None, {MAIN.id: shop.second()}, copies=True)
    shop.go_live()
    assert promised(shop) == 3, "1 of the newer one, 2 of the other listing's"
    changes.fulfil(shop.shop.order_book, gone.fulfillment_orders[0])
    shop.cycles(60)
    assert promised(shop) == 1


def test_without_copying_a_count_goes_on_from_what_was_answered(tmp_path: Path) -> None:
    """The ledger had counted the shelf, promised units among them: they were taken off when sync was turned on, and are again."""
    shop = two(tmp_path)
    shop.order(1, 3)
    shop.live(30)
    load(shop.ledger, shop.shop, shop.now)
    shop.move(40)
    shop.live(30)
    fences = {MAIN.id: shop.second()}
    shop.begin = Begin(None, fences, copies=False, promised_included=True)
    shop.go_live()
    assert (promised(shop), shop.stock()) == (3, (37, 0, 1))
    count(shop, 40, "included")
    assert shop.stock() == (37, 0, 1), "the same shelf, the same number"
    shop.cycles(60)
    assert (shop.shows(ROW), shop.shows(SIBLING)) == (37, 37)


def test_units_that_are_set_aside_promise_nothing(tmp_path: Path) -> None:
    shop, _ = sold_before(tmp_path, 2)
    shop.shop.change(shop.store.level(ROW), {"available": -4, "damaged": 4}, "staff")
    shop.cycles(120)
    assert (promised(shop), shop.stock()) == (2, (34, 0, 1))
    shop.shop.change(shop.store.level(ROW), {"available": 4, "damaged": -4}, "staff")
    shop.cycles(300)
    assert (promised(shop), shop.stock()) == (2, (38, 0, 1))
    shop.edit(5)
    shop.cycles(120)
    assert promised(shop) == 2


def aside(shop: Shop, sku: str = "A-1") -> int:
    return promises.set_aside_of(shop.ledger.db.conn, sku).get(1, 0)


@pytest.mark.parametrize(("said", "in_stock", "released"), [("included", 31, 35), ("not-included", 35, 39)])
@pytest.mark.parametrize("kind", ["count", "set"])
def test_what_is_set_aside_in_the_store_is_asked_about_and_comes_back_when_it_is_released(
    tmp_path: Path, kind: str, said: Included, in_stock: int, released: int
) -> None:
    """Both that were there when sync began, and those since: what is released comes in stock again, so that it is not counted twice."""
    shop = two(tmp_path)
    shop.shop.change(shop.store.level(ROW), {"available": -1, "reserved": 1}, "staff")
    shop.live(60)
    shop.begin = Begin(None, {MAIN.id: shop.second()}, copies=True)
    shop.go_live()
    assert (aside(shop), shop.stock()) == (1, (39, 0, 1))
    shop.shop.change(shop.store.level(ROW), {"available": -3, "damaged": 3}, "staff")
    shop.cycles(120)
    assert (aside(shop), promised(shop), shop.stock()) == (4, 0, (36, 0, 1))
    inspected = stock.inspect_sku(shop.desk, CHANNEL, "A-1").warehouses[0]
    assert (inspected.promised, inspected.set_aside) == (0, 4)
    with pytest.raises(WrongUsage, match="Staff set 4 units of A-1 at MAIN aside in the store") as refused:
        count(shop, 35, kind=kind)
    assert "--set-aside=included" in refused.value.next_step
    assert shop.stock() == (36, 0, 1)
    change = StockChange(kind, "MAIN", "A-1", 35, set_aside=said, set_aside_seen=4)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match=r"4 of A-1 are set aside .* you saw 9"):
        stock.change_stock(shop.desk, "kestrel", replace(change, set_aside_seen=9))
    text = stock.change_stock(shop.desk, "kestrel", change).text
    assert ("4 of 35 are set aside" in text) == (said == "included")
    assert shop.stock()[0] == in_stock
    shop.cycles(120)
    assert (shop.shows(ROW), shop.shows(SIBLING), aside(shop)) == (in_stock, in_stock, 4)
    shop.shop.change(shop.store.level(ROW), {"available": 4, "reserved": -1, "damaged": -3}, "staff")
    shop.cycles(400)
    assert (shop.stock()[0], aside(shop)) == (released, 0)
    assert (shop.shows(ROW), shop.shows(SIBLING)) == (released, released)


def test_promised_and_set_aside_are_asked_about_together(tmp_path: Path) -> None:
    shop, _ = sold_before(tmp_path, 2)
    shop.shop.change(shop.store.level(ROW), {"available": -4, "damaged": 4}, "staff")
    shop.cycles(120)
    with pytest.raises(WrongUsage, match=r"promise 2 units .* Staff set 4 units") as refused:
        count(shop, 35)
    assert "--promised and --set-aside" in refused.value.next_step
    change = StockChange("count", "MAIN", "A-1", 35, promised="included", set_aside="included")
    stock.change_stock(shop.desk, "kestrel", change)
    assert shop.stock()[0] == 29
    (reason,) = shop.ledger.db.conn.execute(
        "SELECT reason FROM movement WHERE kind = 'count' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert reason == "35 counted, 2 of them promised before sync, 4 of them set aside in the store"


def test_units_gone_without_a_name_are_set_aside_until_they_are_back(tmp_path: Path) -> None:
    shop = two(tmp_path)
    shop.go_live()
    shop.shop.change(shop.store.level(ROW), {"available": -3, "committed": 3}, "staff")
    shop.cycles(600)
    assert (aside(shop), shop.stock()) == (3, (37, 0, 1))


def test_what_no_order_that_is_seen_promises_falls_when_it_leaves_the_shelf(tmp_path: Path) -> None:
    """An order too old for the app to see: only the readings tell of it."""
    shop = two(tmp_path)
    level_now = shop.store.level(ROW)
    shop.shop.change(level_now, {"available": -3, "committed": 3}, "order")
    shop.live(60)
    shop.begin = Begin(None, {MAIN.id: shop.second()}, copies=True)
    shop.go_live()
    assert promised(shop) == 3
    shop.shop.change(level_now, {"committed": -3}, "order")
    shop.engine.read_again([ROW])
    shop.cycles(120)
    assert (promised(shop), shop.stock()) == (0, (37, 0, 1))


def test_a_bundle_promises_its_components_and_is_itself_never_counted(tmp_path: Path) -> None:
    kit = [listing(1, "A-1"), listing(2, "KIT")]
    shop = Shop(tmp_path, kit, [level(1, MAIN, 40), level(2, MAIN, 12)], bundles={"KIT": {"A-1": 3}})
    shop.order(2, 2)
    shop.order(1, 1)
    shop.live(60)
    shop.begin = Begin(None, {MAIN.id: shop.second()}, copies=True)
    shop.go_live()
    assert (promised(shop), promised(shop, "KIT")) == (7, 0)
    count(shop, 50, "included")
    assert shop.stock()[0] == 43


def test_both_locations_of_a_warehouse_promise_of_one_shelf(tmp_path: Path) -> None:
    places = (MAIN, DEPOT)
    shop = Shop(tmp_path, [listing(1, "A-1")], [level(1, MAIN, 20), level(1, DEPOT, 20)], places=places)
    shop.order(1, 2)
    shop.order(1, 1, DEPOT)
    shop.live(60)
    shop.begin = Begin(None, {place.id: shop.second() for place in places}, copies=True)
    shop.go_live()
    assert promised(shop) == 3


def test_where_nothing_is_promised_or_sync_is_off_nobody_is_asked(tmp_path: Path) -> None:
    shop, _ = sold_before(tmp_path)
    assert count(shop, 35) == "A-1 in stock: MAIN 40 → 35."
    assert count(shop, 34, "included") == "A-1 in stock: MAIN 35 → 34."
    with pytest.raises(WrongUsage, match="Only a set or a count"):
        count(shop, 3, "included", "adjust")
    with shop.ledger.writing() as connection:
        connection.execute("UPDATE channel SET sync = 'off'")
        connection.execute("UPDATE sync_row SET promised_before = 9, low = 0, high = 1")
    assert count(shop, 33) == "A-1 in stock: MAIN 34 → 33."


def test_a_row_not_known_to_the_unit_promises_what_it_did_when_it_was_loaded(tmp_path: Path) -> None:
    shop, orders = sold_before(tmp_path, 2, 3)
    with shop.ledger.writing() as connection:
        connection.execute("UPDATE sync_row SET promised_before = 6, high = high + 1 WHERE item_id = 2001")
    assert promised(shop) == 6
    changes.fulfil(shop.shop.order_book, orders[0].fulfillment_orders[0])
    OrderBook(shop.engine.session).look_at([orders[0].id])
    assert promised(shop) == 4


def test_what_changed_since_the_person_saw_it_is_said(tmp_path: Path) -> None:
    shop, orders = sold_before(tmp_path, 2, 3)
    seen = stock.inspect_sku(shop.desk, CHANNEL, "A-1").warehouses[0].promised
    assert seen == 5
    changes.fulfil(shop.shop.order_book, orders[0].fulfillment_orders[0])
    shop.cycles(60)
    with pytest.raises(Conflict, match=r"3 of A-1 are promised .* you saw 5"):
        count(shop, 35, "included", seen=seen)
    count(shop, 35, "included", seen=3)
    assert shop.stock()[0] == 32


@pytest.mark.parametrize(
    ("quantity", "units", "said", "expected"),
    [(10, 3, "included", 7), (10, 3, "not-included", 10), (10, 0, None, 10), (2, 5, "included", -3)],
)
def test_the_rule(quantity: int, units: int, said: Included | None, expected: int) -> None:
    assert net_of(quantity, units, said) == expected
