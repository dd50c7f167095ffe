"""Listings and locations that change while sync is on: what ends, what waits for a person, what comes back, and that no order on them is lost (PROTOCOL §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.catalog import ListingRow
from supportdesk.core.duplicates import Choice, CountsOf, DecisionKind
from supportdesk.core.looks import LevelChange, RowKey
from supportdesk.core.newcomers import Newcomer, why_it_waits
from supportdesk.errors import Refused
from supportdesk.ledger import alerts, decisions, duplicates, held
from supportdesk.ledger.alerts import EACH_ALONE
from supportdesk.ledger.decisions import Deciding, Said
from supportdesk.ledger.going_live import REASONS
from supportdesk.sandbox import catalog_edits as edits
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sync.confirming import confirm
from tests.shops import DEPOT, MAIN, level, listing
from tests.sync.histories import broken_identities
from tests.sync.test_engine import ROW, SIBLING, Desk, two

NEW: RowKey = (2003, MAIN.id)


def stands(desk: Desk, key: RowKey) -> tuple[str, str]:
    row = desk.row(key)
    return row.state.condition, row.code


def say(desk: Desk, *keys: RowKey) -> list[str]:
    """Confirm rows; what each follows now."""
    with desk.ledger.writing() as connection:
        done = confirm(connection, 1, "kestrel", keys, who="mia", at=desk.now())
    return [one.sku for one in done]


def alone(folder: Path) -> Desk:
    """One listing, A-1, with 40 at Main St, live."""
    desk = Desk(folder, [listing(1, "A-1")], [level(1, MAIN, 40)])
    desk.go_live()
    return desk


def add(desk: Desk, sku: str, available: int, number: int = 3) -> RowKey:
    desk.shop.add_listing(listing(number, sku, handle=f"new-{number}"))
    desk.shop.add_level(2000 + number, MAIN.id, {"available": available})
    return 2000 + number, MAIN.id


@pytest.mark.parametrize(
    ("one", "waits"),
    [
        (Newcomer("A", "sumtracker", 0, None, 0), None),
        (Newcomer("A", "sumtracker", 0, 0, 0), None),
        (Newcomer("A", "sumtracker", 0, 12, 0), "new here: 0 → 12 once you say that it is to be synced"),
        (Newcomer("A", "sumtracker", -2, 0, 0), "new here: -2 → 0 once you say that it is to be synced"),
        (Newcomer("A", "sumtracker", 9, None, 0), "new here: the store shows 9, Sumtracker never counted it"),
        (
            Newcomer("A", "sumtracker", 0, 0, 1, "shared"),
            "another listing of A is synced already; 0 → 0 once you say that it is to be synced",
        ),
        (Newcomer("A", "shopify", 9, 3, 0), None),
        (
            Newcomer("A", "shopify", 9, 3, 1),
            "another listing of A is synced already; Sumtracker can follow one of them only where Shopify is master",
        ),
    ],
)
def test_which_newcomers_wait_for_a_person(one: Newcomer, waits: str | None) -> None:
    assert why_it_waits(one) == waits


def test_a_renamed_listing_ends_and_follows_its_new_sku_once_a_person_says_so(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.move(90, "B-2")
    desk.cycles(20)
    desk.shop.put_sku(desk.shop.items[2001], "B-2")
    desk.cycles(200)
    assert stands(desk, ROW) == ("held", "to_confirm")
    assert "A-1 → B-2" in desk.row().state.reason
    order = desk.order(1, 2)  # sold as B-2, counted as B-2, though nobody confirmed it
    desk.cycles(60)
    assert (desk.available("B-2"), desk.available("A-1")) == (88, 40)
    assert (desk.shows(ROW), desk.shows(SIBLING)) == (38, 40)
    assert say(desk, ROW, SIBLING) == ["B-2"]
    desk.cycles(200)
    desk.engine.let_go(desk.engine.status().stopped_rows)
    desk.cycles(30)
    assert stands(desk, ROW) == ("live", "")
    assert desk.shows(ROW) == 88
    assert order.name in {event[5] for event in desk.events("order")}
    assert not any("SKU was changed" in text for text in desk.engine.status().alerts)


def test_a_row_that_waits_is_listed_with_what_the_store_showed_when_it_was_read_last(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    desk.shop.put_sku(desk.shop.items[2001], "B-2")
    desk.cycles(400)
    assert stands(desk, ROW) == ("held", "to_confirm")
    desk.order(1, 3)
    desk.cycles(60)
    (row,) = held.window(desk.ledger, 1, 0, 9)
    assert (row.sku, row.store, row.outcome) == ("B-2", 37, "37 into Sumtracker")
    desk.shop.change(desk.store.level(ROW), {"available": 4}, "staff")
    desk.cycles(60)
    (row,) = held.window(desk.ledger, 1, 0, 9)
    assert row.store == 41


@pytest.mark.parametrize("counted", [True, False])
def test_a_renamed_listing_copies_what_it_shows_now_not_what_it_showed_once(
    tmp_path: Path, counted: bool
) -> None:
    desk = alone(tmp_path)
    desk.move(5)
    desk.order(1, 4)
    desk.cycles(200)
    assert (desk.shows(), desk.available("A-1")) == (41, 41)
    desk.shop.put_sku(desk.shop.items[2001], "B-2")
    desk.cycles(400)
    assert stands(desk, ROW) == ("held", "to_confirm")
    if counted:
        desk.order(1, 3)
        desk.cycles(60)
    shows = desk.shows()
    with desk.ledger.writing() as connection:
        (done,) = confirm(connection, 1, "kestrel", [ROW], who="mia", at=desk.now())
        held.copy_from(connection, 1, [ROW], renamed=bool(done.before))
    desk.order(1, 2)
    desk.cycles(300)
    assert stands(desk, ROW) == ("live", "")
    assert (desk.shows(), desk.available("B-2")) == (shows - 2, shows - 2)
    assert broken_identities(desk.ledger) == []


def test_a_listing_that_gets_its_sku_back_settles_by_itself(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    desk.shop.put_sku(desk.shop.items[2001], "B-2")
    desk.cycles(200)
    assert stands(desk, ROW) == ("held", "to_confirm")
    desk.shop.put_sku(desk.shop.items[2001], "A-1")
    desk.order(1, 3)
    desk.cycles(300)
    assert (stands(desk, ROW), desk.shows(), desk.available("A-1")) == (("live", ""), 37, 37)


def test_what_was_sold_under_the_sku_from_before_is_counted_there(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    desk.shop.lags = replace(desk.shop.lags, visibility=55)
    desk.order(1, 4)
    desk.shop.put_sku(desk.shop.items[2001], "B-2")
    desk.engine.read_again([ROW])
    desk.engine.cycle()
    assert (stands(desk, ROW), desk.available("A-1")) == (("held", "to_confirm"), 40)
    desk.cycles(200)
    assert (desk.available("A-1"), desk.stock("B-2")) == (36, (0, 0, 0))


def test_a_rename_that_an_order_tells_first_counts_for_the_sku_it_bears(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    desk.engine.session.cadence = replace(desk.engine.session.cadence, listings=10**9)
    desk.shop.put_sku(desk.shop.items[2001], "B-2")
    desk.order(1, 4)
    desk.cycles(60)
    assert (desk.available("A-1"), desk.stock("B-2"), stands(desk, ROW)[1]) == (40, (0, 4, 0), "to_confirm")


def test_a_listing_without_stock_on_either_side_joins_by_itself(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    key = add(desk, "C-3", 0)
    desk.cycles(300)
    assert stands(desk, key) == ("live", "")
    assert [event[0] for event in desk.events("joined")] == ["C-3"]
    assert not desk.engine.status().alerts
    desk.move(5, "C-3")
    desk.cycles(30)
    desk.engine.let_go(desk.engine.status().stopped_rows)
    desk.cycles(30)
    assert desk.shows(key) == 5


@pytest.mark.parametrize(("sku", "store"), [("A-1", 0), ("A-1", 9), ("C-3", 9)])
def test_a_new_listing_with_stock_on_a_side_waits_and_loses_no_order_meanwhile(
    tmp_path: Path, sku: str, store: int
) -> None:
    desk = alone(tmp_path)
    key = add(desk, sku, store)
    order = desk.order(3, 2)  # before anybody knows the listing
    desk.cycles(200)
    assert stands(desk, key) == ("held", "to_confirm")
    assert desk.events("not_found") == []
    booked = 40 if sku == "A-1" else 0
    assert desk.stock(sku)[:2] == (booked, 2)
    assert desk.shows(key) == store - 2
    desk.order(3, 1)
    desk.cycles(100)
    assert desk.stock(sku)[:2] == (booked, 3)
    assert say(desk, key) == [sku]
    assert say(desk, key) == []
    desk.cycles(300)
    desk.engine.let_go(desk.engine.status().stopped_rows)
    desk.cycles(60)
    expected = 37 if sku == "A-1" else store - 3  # a SKU never counted stays as the store shows it
    assert (stands(desk, key), desk.shows(key)) == (("live", ""), expected)
    assert order.id
    assert broken_identities(desk.ledger) == []


@pytest.mark.parametrize("status", ["ARCHIVED", "DRAFT"])
def test_a_listing_that_leaves_scope_is_out_and_settles_again_when_it_is_back(
    tmp_path: Path, status: str
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    edits.set_status(desk.shop, desk.shop.variants[2], status)
    desk.cycles(330)
    assert stands(desk, SIBLING) == ("out", status.lower())
    desk.move(4)
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING)) == (44, 40)
    assert not desk.engine.status().alerts
    edits.set_status(desk.shop, desk.shop.variants[2], "ACTIVE")
    desk.cycles(400)
    assert (stands(desk, SIBLING), desk.shows(SIBLING)) == (("live", ""), 44)


@pytest.mark.parametrize("fate", ["archived", "deleted"])
def test_an_order_from_before_a_listing_went_counts_though_it_is_found_after(
    tmp_path: Path, fate: str
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.shop.lags = replace(desk.shop.lags, visibility=55)
    desk.order(2, 3)
    if fate == "archived":
        edits.set_status(desk.shop, desk.shop.variants[2], "ARCHIVED")
    else:
        edits.delete_listing(desk.shop, desk.shop.variants[2])
    desk.engine.read_again([SIBLING])
    desk.engine.cycle()
    assert (stands(desk, SIBLING)[1], desk.available()) == ("archived" if fate == "archived" else "gone", 40)
    desk.cycles(200)
    assert (desk.available(), desk.shows(ROW), desk.events("not_found")) == (37, 37, [])


def test_a_status_that_only_its_product_tells_is_found(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    product = desk.shop.variants[2].product
    product.status = "ARCHIVED"
    product.updated_at = desk.shop.stamp()
    desk.cycles(330)
    assert stands(desk, SIBLING) == ("out", "archived")


def test_what_was_out_before_sync_and_comes_into_scope_is_new(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        [listing(1, "A-1"), replace_status(listing(2, "C-3"), "ARCHIVED")],
        [level(1, MAIN, 40), level(2, MAIN, 7)],
    )
    desk.go_live()
    assert stands(desk, SIBLING) == ("out", "archived")
    edits.set_status(desk.shop, desk.shop.variants[2], "ACTIVE")
    desk.cycles(330)
    assert stands(desk, SIBLING) == ("held", "to_confirm")


def replace_status(row: ListingRow, status: str) -> ListingRow:
    return row._replace(status=status, left_out=status.lower())


def test_untracked_and_deleted_listings_are_held(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    edits.set_tracked(desk.shop, desk.shop.variants[1], False)
    edits.delete_listing(desk.shop, desk.shop.variants[2])
    desk.cycles(330)
    assert stands(desk, ROW) == ("held", "untracked")
    # A deleted one is in no search: going through all of them finds it.
    desk.live(86_400)
    desk.cycles(200)
    assert stands(desk, SIBLING) == ("held", "gone")
    assert desk.ledger.value("SELECT count(*) FROM listing WHERE item_id = 2002") == 0


def read_once(desk: Desk, order: OrderRecord) -> None:
    """What its reading shows is followed in the cycle that reads it, also where that comes of another poll of the same cycle."""
    desk.engine.session.ledger.db.conn.execute("UPDATE sync_row SET read_due = NULL WHERE item_id = 2002")
    desk.engine.session.ledger.db.conn.commit()
    once = iter([LevelChange(*SIBLING, desk.second())])
    desk.store.levels_changed = lambda since, locations, watch: once  # type: ignore[method-assign]


def sent(desk: Desk, order: OrderRecord) -> None:
    changes.fulfil(desk.shop.order_book, order.fulfillment_orders[0])


def cancelled(desk: Desk, order: OrderRecord) -> None:
    changes.cancel(desk.shop.order_book, order)


def written(desk: Desk, order: OrderRecord) -> None:
    desk.move(3)


@pytest.mark.parametrize(("seen", "cycles"), [(read_once, 1), (sent, 1), (cancelled, 1), (written, 2)])
def test_a_deleted_listing_leaves_with_the_first_answer_that_shows_it(
    tmp_path: Path, seen: Callable[[Desk, OrderRecord], None], cycles: int
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    order = desk.order(2, 3)
    desk.cycles(400)
    edits.delete_listing(desk.shop, desk.shop.variants[2])
    desk.cycles(400)
    assert stands(desk, SIBLING) == ("live", ""), "nothing showed it yet"
    before = Counter(desk.store.requests)
    desk.cycles(60)
    quiet = Counter(desk.store.requests) - before
    seen(desk, order)
    desk.live(8)
    for _ in range(cycles):
        desk.engine.cycle()
        desk.live(1)
    assert stands(desk, SIBLING) == ("held", "gone")
    assert desk.ledger.value("SELECT count(*) FROM listing WHERE item_id = 2002") == 0
    desk.cycles(120)
    before = Counter(desk.store.requests)
    desk.cycles(60)
    asked = Counter(desk.store.requests) - before
    assert {name: asked[name] for name in ("variants_of", "listings", "levels")} == {
        name: quiet[name] for name in ("variants_of", "listings", "levels")
    }, "and nothing more is asked for it"
    given_back = 3 if seen is cancelled else 0
    more = 3 if seen is written else 0
    assert desk.available() == desk.shows(ROW) == 37 + given_back + more


def test_an_item_stocked_at_another_location_is_a_new_row(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        [listing(1, "A-1"), listing(2, "B-2")],
        [level(1, MAIN, 40), level(2, DEPOT, 3)],
        places=(MAIN, DEPOT),
    )
    desk.go_live()
    desk.shop.add_level(2001, DEPOT.id, {"available": 6})
    desk.cycles(330)
    assert stands(desk, (2001, DEPOT.id)) == ("held", "to_confirm")
    assert "6 → 40" in desk.row((2001, DEPOT.id)).state.reason
    assert stands(desk, ROW) == ("live", "")


def test_what_no_search_shows_is_found_within_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = alone(tmp_path)
    monkeypatch.setattr(desk.store, "listings_changed", lambda since, above, watch: iter([()]))
    monkeypatch.setattr(desk.store, "products_changed", lambda since, watch: iter([()]))
    monkeypatch.setattr(desk.store, "levels_changed", lambda since, places, watch: iter([]))
    key = add(desk, "C-3", 9)
    desk.cycles(60)
    assert desk.ledger.value("SELECT count(*) FROM listing WHERE sku = 'C-3'") == 0
    desk.live(86_400)
    desk.cycles(330)
    assert stands(desk, key) == ("held", "to_confirm")


def test_a_closed_location_is_one_event_and_its_rows_settle_once_it_opens(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        [listing(number, f"S-{number}") for number in range(1, 6)],
        [level(number, place, 10) for number in range(1, 6) for place in (MAIN, DEPOT)],
        places=(MAIN, DEPOT),
    )
    desk.go_live()
    edits.set_location(desk.shop, desk.shop.locations[DEPOT.id], active=False)
    desk.cycles(330)
    assert {code for _, code in desk.reasons().values()} == {"location_inactive"}
    assert len(desk.reasons()) == 5
    assert len(desk.events("held")) == 1
    assert len(desk.engine.status().alerts) == 1
    desk.live(86_400)
    desk.cycles(100)
    assert len(desk.events("held")) == 1
    edits.set_location(desk.shop, desk.shop.locations[DEPOT.id], active=True, name="New depot")
    desk.move(3, "S-1")
    desk.cycles(500)
    assert desk.reasons() == {}
    assert desk.engine.status().alerts == ()
    assert desk.shows((2001, DEPOT.id)) == desk.shows((2001, MAIN.id)) == 13
    assert desk.ledger.value("SELECT name FROM location WHERE id = ?", DEPOT.id) == "New depot"


def test_a_new_location_is_told_and_nothing_there_is_touched(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    desk.shop.add_location(DEPOT)
    desk.shop.add_level(2001, DEPOT.id, {"available": 6})
    desk.cycles(330)
    assert [event[1] for event in desk.events("location")] == [DEPOT.name]
    assert desk.ledger.value("SELECT count(*) FROM sync_row") == 1
    desk.move(3)
    desk.cycles(60)
    assert (desk.shows(), desk.shows((2001, DEPOT.id))) == (43, 6)


def test_many_changes_are_taken_up_a_part_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from supportdesk.sync import listings

    monkeypatch.setattr(listings, "MOST_AT_ONCE", 250)
    desk = Desk(
        tmp_path,
        [listing(number, f"S-{number}") for number in range(1, 601)],
        [level(number, MAIN, 1) for number in range(1, 601)],
    )
    desk.go_live()
    for number in range(1, 601):
        desk.shop.put_sku(desk.shop.items[2000 + number], f"T-{number}")
    seen = []
    for _ in range(4):
        desk.live(310)
        desk.engine.cycle()
        seen.append(desk.ledger.value("SELECT count(*) FROM listing WHERE sku LIKE 'T-%'"))
    assert seen == [250, 500, 600, 600]
    assert desk.ledger.value("SELECT count(*) FROM sync_row WHERE code = 'to_confirm'") == 600


def test_where_shopify_is_master_a_new_listing_is_taken_in_and_a_second_one_of_a_sku_waits(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, [listing(1, "A-1")], [level(1, MAIN, 40)], masters={MAIN.id: "shopify"})
    desk.go_live()
    fresh, second = add(desk, "C-3", 9), add(desk, "A-1", 5, number=4)
    desk.cycles(330)
    assert (stands(desk, fresh), desk.stock("C-3")) == (("live", ""), (9, 0, 1))
    assert (stands(desk, second), desk.stock("A-1")) == (("held", "to_confirm"), (40, 0, 1))
    with pytest.raises(Refused):
        say(desk, second)
    assert stands(desk, second) == ("held", "to_confirm")
    assert desk.store.written == []


# Decisions ----------------------------------------------------------------------------------------------------------------------------


def decide(desk: Desk, kind: DecisionKind | None, sku: str = "A-1", counts_of: CountsOf = "oldest") -> None:
    """Say it of the SKU's group, None takes it back."""
    choice = None if kind is None else Choice(kind, counts_of if kind == "shared" else None)
    with desk.ledger.writing() as connection:
        deciding = Deciding(1, "kestrel", desk.now(), "mia")
        assert decisions.decide(connection, deciding, {sku: Said(choice)}) == 1


@pytest.mark.parametrize("kind", ["left_out", "split"])
def test_a_group_decided_against_while_on_ends_in_the_next_cycle_and_settles_again_when_taken_back(
    tmp_path: Path, kind: DecisionKind
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.order(1, 2)
    desk.cycles(60)
    written = len(desk.store.written)
    decide(desk, kind)
    desk.engine.cycle()
    assert [stands(desk, key) for key in (ROW, SIBLING)] == [("out", kind)] * 2
    assert desk.row().state.reason == REASONS[kind]
    assert [event[:2] for event in desk.events("out")] == [("A-1", MAIN.name)] * 2
    assert desk.stock() == (40, 2, 1)
    desk.move(5)
    desk.move(-5)
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING), len(desk.store.written)) == (38, 38, written)
    decide(desk, None)
    desk.cycles(200)
    assert [stands(desk, key) for key in (ROW, SIBLING)] == [("live", "")] * 2
    assert (desk.stock(), len(desk.store.written)) == ((40, 2, 1), written)
    desk.order(2, 1)
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (37, 37, 37)


@pytest.mark.parametrize(("kind", "booked"), [("left_out", 0), ("split", 3)])
def test_a_group_taken_back_waits_for_a_person_where_its_number_would_change(
    tmp_path: Path, kind: DecisionKind, booked: int
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    decide(desk, kind)
    desk.engine.cycle()
    desk.order(2, 3)
    desk.cycles(60)
    assert desk.stock() == (40, booked, 1)
    desk.move(4)
    decide(desk, None)
    desk.cycles(60)
    assert [stands(desk, key) for key in (ROW, SIBLING)] == [("held", "to_confirm")] * 2
    assert "say that it is to be synced" in desk.row().state.reason
    desk.order(1, 1)  # on a row that is held, and counts; so does what was sold while it was left out
    desk.cycles(700)
    assert (desk.stock(), desk.shows(ROW), desk.shows(SIBLING)) == ((44, 4, 1), 39, 37)
    assert desk.store.written == []
    assert say(desk, ROW, SIBLING) == ["A-1", "A-1"]
    desk.cycles(200)
    desk.engine.let_go(desk.engine.status().stopped_rows)
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (40, 40, 40)
    assert desk.engine.status().alerts == ()


def test_an_order_from_before_a_group_was_left_out_counts_though_it_is_found_after(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.shop.lags = replace(desk.shop.lags, visibility=55)
    desk.order(2, 3)
    decide(desk, "left_out")
    desk.live(1)
    desk.engine.cycle()
    assert (stands(desk, SIBLING)[1], desk.available()) == ("left_out", 40)
    desk.order(1, 1)
    desk.cycles(200)
    assert desk.stock() == (40, 3, 1)


def test_a_group_that_was_split_while_on_is_synced_again_once_its_listings_have_skus_of_their_own(
    tmp_path: Path,
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    decide(desk, "split")
    desk.cycles(60)
    desk.shop.put_sku(desk.shop.items[2002], "B-2")
    desk.cycles(500)
    assert (stands(desk, ROW), stands(desk, SIBLING)) == (("live", ""), ("held", "to_confirm"))
    assert "A-1 → B-2" in desk.row(SIBLING).state.reason


def test_a_row_that_waits_for_a_person_waits_no_more_once_its_group_is_left_out(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    key = add(desk, "A-1", 9)
    desk.cycles(330)
    assert stands(desk, key) == ("held", "to_confirm")
    decide(desk, "left_out")
    desk.cycles(20)
    assert (stands(desk, ROW), stands(desk, key)) == (("out", "left_out"), ("out", "left_out"))
    assert desk.engine.status().alerts == ()
    assert say(desk, key) == []


def test_following_decisions_looks_at_their_rows_alone(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    connection, looked = desk.ledger.db.conn, list[str]()
    decide(desk, "left_out")
    connection.set_trace_callback(looked.append)
    desk.engine.cycle()
    connection.set_trace_callback(None)
    chosen = [
        each
        for each in looked
        if "temp.changed_item" in each and each.lstrip().startswith(("SELECT", "UPDATE", "DELETE"))
    ]
    assert len(chosen) >= 4
    for statement in chosen:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
            assert not step.startswith("SCAN") or "changed_item" in step, (statement, step)
            assert "sync_row_condition" not in step, (statement, step)
            assert not step.endswith(("(channel_id=?)", "(item_id,location_id)>(?,?))")), (statement, step)
    looked.clear()
    desk.engine.cycle()
    assert not [each for each in looked if "changed_item" in each]


def test_a_split_that_the_store_showed_before_sync_leaves_nothing_out(tmp_path: Path) -> None:
    desk = two(tmp_path)
    decide(desk, "split")
    with desk.ledger.writing() as connection:
        connection.execute("UPDATE listing SET sku = 'B-2' WHERE item_id = 2002")
        duplicates.recount_groups(connection, 1)
    desk.shop.put_sku(desk.shop.items[2002], "B-2")
    desk.go_live()
    assert (stands(desk, ROW), stands(desk, SIBLING)) == (("live", ""), ("live", ""))


def test_rows_of_a_group_to_be_split_say_so_no_more_once_it_is_left_out(tmp_path: Path) -> None:
    """Rows that were never synced, too: left alone when sync was turned on, and added since."""
    desk = two(tmp_path)
    decide(desk, "split")
    desk.go_live()
    third = add(desk, "A-1", 9, number=4)
    desk.cycles(330)
    keys = (ROW, SIBLING, third)
    assert [stands(desk, key) for key in keys] == [("out", "split")] * 3
    decide(desk, "left_out")
    desk.cycles(20)
    assert [stands(desk, key) for key in keys] == [("out", "left_out")] * 3
    assert {desk.row(key).state.reason for key in keys} == {REASONS["left_out"]}
    said = len(desk.events("out"))
    desk.cycles(60)
    assert len(desk.events("out")) == said


def test_a_listing_that_comes_after_a_split_is_over_waits_and_stops_nobody(tmp_path: Path) -> None:
    """The split was said of others. It is a person's to say what the new one is; a split of both, too."""
    desk = two(tmp_path)
    desk.go_live()
    decide(desk, "split")
    desk.cycles(60)
    desk.shop.put_sku(desk.shop.items[2002], "B-2")
    desk.cycles(500)
    third = add(desk, "A-1", 9, number=4)
    desk.cycles(330)
    assert (stands(desk, ROW), stands(desk, third)) == (("live", ""), ("held", "to_confirm"))
    assert desk.row(third).state.reason.startswith("another listing of A-1 is synced already")
    desk.order(1, 2)
    desk.cycles(60)
    assert (desk.shows(), desk.available()) == (38, 38)
    decide(desk, "split")
    desk.cycles(60)
    assert [stands(desk, key) for key in (ROW, third)] == [("out", "split")] * 2


# Alerts -------------------------------------------------------------------------------------------------------------------------------


def open_alerts(desk: Desk) -> list[tuple[str, str, str]]:
    return desk.ledger.db.conn.execute(
        "SELECT code, sku, text FROM alert WHERE closed_at IS NULL ORDER BY id"
    ).fetchall()


def test_many_rows_that_wait_for_a_person_are_one_alert_with_their_number(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    keys = [add(desk, f"N-{number}", number, number) for number in range(10, 12)]
    desk.cycles(330)
    assert [(code, sku) for code, sku, _ in open_alerts(desk)] == [("held", "N-10"), ("held", "N-11")]
    keys += [add(desk, f"N-{number}", number, number) for number in range(12, 40)]
    desk.cycles(330)
    *few, (code, sku, text) = open_alerts(desk)
    assert [each[0] for each in few] == ["held"] * (len(few))
    assert len(few) <= EACH_ALONE
    assert (code, sku) == ("waiting", "")
    assert text.startswith("30 rows wait")
    assert len(desk.events("held")) == 30
    with desk.ledger.writing() as connection:
        alerts.see(connection, 1, desk.now(), "mia")
    assert say(desk, *keys[:20]) == [f"N-{number}" for number in range(10, 30)]
    desk.engine.cycle()
    assert [each[2][:12] for each in open_alerts(desk)] == ["10 rows wait"]
    assert alerts.unseen(desk.ledger.db.conn, 1) == (0, "", False)
    keys.append(add(desk, "N-40", 40, 40))
    desk.cycles(330)
    assert alerts.unseen(desk.ledger.db.conn, 1)[1].startswith("11 rows wait"), "what came since nobody saw"
    say(desk, *keys[20:])
    desk.engine.cycle()
    assert open_alerts(desk) == []
