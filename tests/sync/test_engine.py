"""The engine, one thing at a time: what goes live how soon, what is held and why, what is stopped, what goes on after a crash."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.catalog import LevelRow, ListingRow, Location
from supportdesk.core.looks import RowKey
from supportdesk.core.rows import ENOUGH_READINGS
from supportdesk.core.stock import Quantities
from supportdesk.errors import Cancelled, LeaseLost, Refused
from supportdesk.ledger import movements, sync_rows
from supportdesk.ledger.channels import channel_named
from supportdesk.ledger.file import Ledger
from supportdesk.sandbox import catalog_edits
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.timeline import Lags
from supportdesk.sync.beginning import keep_answers
from supportdesk.sync.engine import Begin, CycleResult, Engine
from tests.shops import MAIN, level, listing, small_shop
from tests.sync.accounts import account, load
from tests.sync.histories import broken_identities
from tests.sync.shops import Crash, DirectStore

ROW: RowKey = (2001, MAIN.id)
SIBLING: RowKey = (2002, MAIN.id)


class Lease:
    """Held until it is lost; `dies_at` counts transactions down."""

    lost = False
    dies_at: int | None = None

    def check(self, connection: sqlite3.Connection) -> None:
        if self.lost:
            raise LeaseLost("desk-2 syncs it.")
        if self.dies_at is not None:
            self.dies_at -= 1
            if self.dies_at < 0:
                raise Crash


@dataclass
class Watch:
    """Counts the checks down, then stops."""

    left: int = 10**9

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None: ...

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled("stopped")

    def wait(self, seconds: float) -> None: ...


class Desk:
    """A shop, its account and an engine, with the usual margins."""

    def __init__(
        self,
        folder: Path,
        listings: Iterable[ListingRow],
        levels: Iterable[LevelRow],
        *,
        places: Iterable[Location] = (MAIN,),
        copies: bool = True,
        unknown: Any = "hold",
        **how: Any,
    ) -> None:
        self.shop = small_shop(
            "kestrel", clock=Clock(running=False), locations=places, listings=listings, levels=levels
        )
        self.shop.lags = Lags(commit=2, visibility=5)
        self.on_live: Callable[[float], None] = lambda seconds: None
        self.store = DirectStore(self.shop, random.Random(1), self.live)
        self.later = timedelta()
        self.ledger: Ledger = account(folder / "kestrel.db", self.shop, self.now, **how)
        self.watch, self.lease = Watch(), Lease()
        self.live(1 - self.shop.clock.seconds() % 1)
        self.t0 = round(self.shop.clock.seconds())
        fences = {place.id: self.t0 for place in places}
        self.begin = Begin(None, fences, copies, unknown)
        self.engine = self.new_engine()

    def new_engine(self) -> Engine:
        channel = channel_named(self.ledger, "kestrel")
        assert channel is not None
        return Engine(self.ledger, channel, self.store, self.lease, now=self.now, watch=self.watch)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shop.clock.seconds(), UTC) + self.later

    def live(self, seconds: float) -> None:
        self.on_live(seconds)
        self.shop.clock.advance(seconds)
        self.shop.catch_up()

    def second(self) -> int:
        return int(self.shop.clock.seconds())

    def cycles(self, seconds: float) -> list[CycleResult]:
        """Cycles for that long, each when something is due."""
        end, results = self.shop.clock.seconds() + seconds, []
        while self.shop.clock.seconds() < end:
            result = self.engine.cycle()
            assert broken_identities(self.ledger) == []
            results.append(result)
            due = result.next_due if result.next_due is not None else self.second() + 20
            self.live(min(20, max(1, due - self.second())))
        return results

    def go_live(self) -> None:
        self.engine.begin(self.begin)
        with self.ledger.writing() as connection:
            keep_answers(self.engine.session, connection, self.begin)
        self.cycles(100)

    def row(self, key: RowKey = ROW) -> sync_rows.SyncRow:
        found = sync_rows.row_of(self.ledger.db.conn, 1, key)
        assert found is not None
        return found

    def shows(self, key: RowKey = ROW) -> int:
        return self.store.level(key).available

    def stock(self, sku: str = "A-1") -> tuple[int, int, int]:
        found = self.ledger.rows("SELECT in_stock, booked, counted FROM stock WHERE sku = ?", sku)
        return tuple(found[0]) if found else (0, 0, 0)

    def available(self, sku: str = "A-1") -> int:
        in_stock, booked, _ = self.stock(sku)
        return in_stock - booked

    def move(self, units: int, sku: str = "A-1", kind: movements.MovementKind = "add") -> None:
        with self.ledger.writing() as connection:
            cause = movements.Cause(self.now(), kind, who="mia", reason="count", reference="C-7")
            movements.move(connection, cause, sku, 1, Quantities(in_stock=units))

    def order(self, number: int = 1, quantity: int = 1, place: Location = MAIN) -> OrderRecord:
        variant = self.shop.variants[number]
        return self.shop.order_book.place([Wanted(variant, quantity, self.shop.locations[place.id])])

    def edit(self, units: int, key: RowKey = ROW) -> None:
        self.shop.change(self.store.level(key), {"available": units}, "staff")

    def events(self, kind: str) -> list[tuple[Any, ...]]:
        return self.ledger.db.conn.execute(
            "SELECT sku, place, number_before, number_after, detail, reference FROM event WHERE kind = ? ORDER BY id",
            (kind,),
        ).fetchall()

    def reasons(self) -> dict[RowKey, tuple[str, str]]:
        rows = self.ledger.rows(
            "SELECT item_id, location_id, condition, code FROM sync_row WHERE condition <> 'live'"
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def two(folder: Path, **how: Any) -> Desk:
    """Two listings of one SKU with 40 each at Main St."""
    both = [listing(1, "A-1", title="Mug"), listing(2, "A-1", title="Mug (gift)", handle="gift")]
    return Desk(folder, both, [level(1, MAIN, 40), level(2, MAIN, 40)], **how)


# Going live ---------------------------------------------------------------------------------------------------------------------------


def test_an_order_on_one_listing_is_pushed_to_the_other_with_its_cause(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    assert desk.stock() == (40, 0, 1)
    assert desk.store.written == []
    order = desk.order(2, 2)
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.stock()) == (38, 38, (40, 2, 1))
    assert desk.events("push") == [("A-1", "Main St", 40, 38, "Mug (gift): same SKU", order.name)]
    (reference,) = desk.ledger.rows("SELECT reference FROM push")[0]
    assert reference.startswith("gid://supportdesk/Cycle/")
    changes.fulfil(desk.shop.order_book, order.fulfillment_orders[0])
    desk.cycles(60)
    assert desk.stock() == (38, 0, 1)
    assert len(desk.store.written) == 1


def test_a_push_that_follows_several_orders_names_them_and_none_that_the_store_took_off_itself(
    tmp_path: Path,
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    names = [desk.order(2, 1).name for _ in range(5)]
    own = desk.order(1, 1)
    desk.shop.clock.advance(30)  # so that one look finds all of them
    desk.shop.catch_up()
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING)) == (34, 34)
    causes = [(detail, reference) for *_, detail, reference in desk.events("push")]
    assert causes == [
        (f"Mug (gift): same SKU; also {names[3]}, {names[2]} and 2 more", names[4]),
        ("Mug: same SKU", own.name),
    ]


def test_a_best_seller_goes_live_on_its_bounds_while_ten_orders_a_second_come_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [listing(1, "A-1")], [level(1, MAIN, 50_000)])
    sold = [desk.shop.clock.seconds()]

    def buy() -> None:
        desk.order()

    def sell(seconds: float) -> None:
        until = desk.shop.clock.seconds() + seconds
        while sold[0] < until:
            sold[0] += 0.1
            desk.shop.timeline.schedule(sold[0], buy)

    desk.engine.begin(desk.begin)
    desk.on_live = sell
    while desk.row().state.condition != "live":
        assert desk.second() - desk.t0 <= 180
        result = desk.engine.cycle()
        desk.live(min(5, max(1, (result.next_due or 0) - desk.second())))
    state = desk.row().state
    assert state.readings == ENOUGH_READINGS or (state.bounds and state.bounds.exact)
    assert state.bounds is not None
    assert state.bounds.low <= 50_000 <= state.bounds.high
    desk.on_live = lambda seconds: None
    desk.cycles(300)
    assert desk.row().state.bounds == replace(state.bounds, low=50_000, high=50_000)
    assert desk.available() == desk.shows() == 50_000 - len(desk.shop.order_book.orders)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_turning_on_a_hundred_thousand_unchanged_rows_writes_nothing_and_reads_each_once(
    tmp_path: Path,
) -> None:
    count = 100_000
    desk = Desk(
        tmp_path,
        [listing(number, f"S-{number}") for number in range(1, count + 1)],
        [level(number, MAIN, 5) for number in range(1, count + 1)],
    )
    desk.engine.begin(desk.begin)
    result = desk.engine.cycle()
    while result.rows.get("live", 0) < count:
        desk.live(min(30, max(1, (result.next_due or 0) - desk.second())))
        result = desk.engine.cycle()
    assert desk.store.rows_read == count
    assert desk.store.written == []
    assert desk.ledger.value("SELECT count(*) FROM stock WHERE in_stock = 5 AND counted") == count
    for number in range(10):
        desk.move(1, f"S-{number + 1}")
    desk.store.requests.clear()
    assert desk.engine.cycle().pushed == 10
    assert len(desk.store.requests) == 5  # clock, orders, moved orders, levels, one write


def test_beginning_again_after_a_crash_at_any_transaction_ends_the_same(tmp_path: Path) -> None:
    for at in range(12):
        folder = tmp_path / str(at)
        folder.mkdir()
        desk = two(folder)
        past = desk.order(1, 3)
        desk.live(10)
        desk.begin = Begin(None, {MAIN.id: desk.second()}, copies=True)
        desk.lease.dies_at = at
        for _ in range(200):
            try:
                desk.engine.begin(desk.begin)
                break
            except Crash:
                desk.lease.dies_at = at + 1
                desk.engine = desk.new_engine()
        desk.lease.dies_at = None
        desk.cycles(100)
        assert (desk.shows(ROW), desk.shows(SIBLING), desk.stock()) == (37, 37, (37, 0, 1))
        changes.cancel(desk.shop.order_book, past)
        desk.cycles(60)
        assert (desk.shows(ROW), desk.shows(SIBLING), desk.stock()) == (40, 40, (40, 0, 1))
        assert "order from before sync" in desk.events("cancel")[0][4]


def test_a_location_that_is_not_linked_cannot_go_on(tmp_path: Path) -> None:
    desk = two(tmp_path)
    with pytest.raises(Refused):
        desk.engine.begin(Begin(None, {999: desk.t0}, copies=True))
    assert desk.ledger.value("SELECT count(*) FROM fence") == 0


@pytest.mark.parametrize(
    ("unknown", "stock", "shown"), [("hold", (0, 0, 0), 40), ("zero", (0, 0, 1), 0), ("copy", (40, 0, 1), 40)]
)
def test_without_copying_what_was_never_counted_is_held_zeroed_or_copied(
    tmp_path: Path, unknown: str, stock: tuple[int, int, int], shown: int
) -> None:
    both = [listing(1, "A-1"), listing(2, "B-2")]
    desk = Desk(tmp_path, both, [level(1, MAIN, 40), level(2, MAIN, 90)], copies=False, unknown=unknown)
    desk.move(70, "B-2")
    desk.go_live()
    desk.engine.let_go(desk.engine.status().stopped_rows)  # to zero, which the brake stops
    desk.cycles(10)
    assert (desk.stock(), desk.shows(ROW)) == (stock, shown)
    assert desk.shows(SIBLING) == 70
    if unknown == "hold":
        assert desk.reasons() == {ROW: ("held", "unknown")}
        desk.move(12)
        desk.cycles(100)
        assert desk.shows(ROW) == 12


def say_how_many(desk: Desk, units: int, by: str) -> None:
    """Somebody says that there are so many of A-1: by hand, or in a file."""
    if by != "import":
        desk.move(units - desk.stock()[0], kind="count" if by == "count" else "set")
        return
    with desk.ledger.writing() as connection:
        movements.new_levels(connection)
        connection.execute("INSERT INTO temp.level VALUES ('A-1', 1, ?, NULL)", (units,))
        cause = movements.Cause(desk.now(), "import", who="mia")
        movements.set_levels(connection, cause, detail="1 number")


@pytest.mark.parametrize("by", ["set", "count", "import"])
def test_what_is_counted_before_it_is_copied_is_what_there_is(tmp_path: Path, by: str) -> None:
    desk = two(tmp_path)
    desk.engine.begin(desk.begin)
    desk.order(1, 3)
    desk.cycles(20)
    assert desk.stock()[2] == 0
    say_how_many(desk, 12, by)
    desk.cycles(200)
    desk.engine.let_go(desk.engine.status().stopped_rows)
    desk.cycles(60)
    assert (desk.stock(), desk.shows(ROW), desk.shows(SIBLING)) == ((12, 3, 1), 9, 9)


def test_what_is_received_before_it_is_copied_comes_on_top(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.engine.begin(desk.begin)
    desk.move(5, kind="receive")
    desk.cycles(200)
    assert (desk.stock(), desk.shows(ROW), desk.shows(SIBLING)) == ((45, 0, 1), 45, 45)


@pytest.mark.parametrize("by", ["set", "count", "import"])
def test_what_is_counted_after_it_was_copied_gets_no_better(tmp_path: Path, by: str) -> None:
    desk = two(tmp_path)
    desk.go_live()
    say_how_many(desk, 12, by)
    with desk.ledger.writing() as connection:  # as a row that was copied on bounds is known better later
        connection.execute("UPDATE sync_row SET copy_low = low")
        sync_rows.raise_copy_low(connection, 1, desk.row(ROW), 2)
    desk.cycles(60)
    assert desk.stock() == (12, 0, 1)


def test_where_shopify_is_master_readings_are_taken_in_and_nothing_is_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [listing(1, "A-1")], [level(1, MAIN, 40)], masters={MAIN.id: "shopify"})
    desk.go_live()
    desk.edit(-7)
    desk.order(1, 2)
    desk.cycles(60)
    assert (desk.stock(), desk.shows(), desk.store.written) == ((31, 0, 1), 31, [])
    assert {kind for (kind,) in desk.ledger.db.conn.execute("SELECT kind FROM movement")} == {"reading"}


# Staff and others ---------------------------------------------------------------------------------------------------------------------


def test_an_edit_is_put_back_and_units_set_aside_are_taken_in(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.edit(5)
    desk.cycles(120)
    assert desk.shows() == 40
    assert desk.events("undo") == [("A-1", "Main St", 45, 40, "by staff; put back to 40", "")]
    desk.edit(-6)
    desk.cycles(90)
    assert desk.shows() == 34  # a fall is believed at the second reading
    desk.cycles(240)
    assert desk.shows() == 40
    desk.shop.change(desk.store.level(ROW), {"available": -4, "damaged": 4}, "staff")
    desk.cycles(120)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (36, 36, 36)
    desk.shop.change(desk.store.level(ROW), {"available": 4, "damaged": -4}, "staff")
    desk.cycles(360)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (40, 40, 40)


def test_a_row_that_another_app_writes_is_held(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    for _ in range(4):
        desk.edit(5)
        desk.cycles(120)
    assert desk.reasons() == {ROW: ("held", "fought_over")}
    assert desk.shows() == 45
    assert len(desk.events("undo")) == 3
    assert any("another app writes this number" in text for text in desk.engine.status().alerts)


def test_what_may_not_be_written_is_held_until_it_may_again(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.shop.items[2001].tracked = False
    desk.shop.put_active(desk.store.level(SIBLING), False)
    desk.move(3)
    desk.engine.read_again([ROW, SIBLING])
    desk.cycles(60)
    assert desk.reasons() == {ROW: ("held", "untracked"), SIBLING: ("held", "not_stocked")}
    before = list(desk.store.written)
    desk.move(5)
    desk.cycles(60)
    assert desk.store.written == before
    desk.shop.items[2001].tracked = True
    desk.engine.read_again([ROW])
    desk.cycles(150)
    assert (desk.shows(), desk.available()) == (48, 48)


def test_a_listing_that_leaves_scope_ends_and_a_new_one_waits_for_a_word(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.shop.variants[2].product.status = "ARCHIVED"
    desk.shop.add_listing(listing(3, "A-1", handle="third"))
    desk.shop.add_level(2003, MAIN.id, {"available": 9})
    load(desk.ledger, desk.shop, desk.now)
    desk.order(1, 1)
    desk.cycles(60)
    assert desk.reasons() == {SIBLING: ("out", "archived"), (2003, MAIN.id): ("held", "to_confirm")}
    assert (desk.shows(SIBLING), desk.shows((2003, MAIN.id)), desk.available()) == (40, 9, 39)


# Orders -------------------------------------------------------------------------------------------------------------------------------


def test_an_order_that_was_deleted_is_released_and_its_rows_settle_again(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    order = desk.order(1, 4)
    desk.cycles(60)
    assert desk.stock() == (40, 4, 1)
    changes.delete(desk.shop.order_book, order, restock=True)
    desk.live(25 * 3600)
    desk.cycles(240)
    assert (desk.stock(), desk.shows(ROW), desk.shows(SIBLING)) == ((40, 0, 1), 40, 40)


def test_a_past_order_that_comes_back_after_it_was_sent_adjusts_the_ledger(tmp_path: Path) -> None:
    desk = two(tmp_path)
    order = desk.order(1, 3)
    desk.live(10)
    changes.fulfil(desk.shop.order_book, order.fulfillment_orders[0])
    desk.live(20)
    desk.begin = Begin(None, {MAIN.id: desk.second()}, copies=True)
    desk.go_live()
    assert desk.stock() == (37, 0, 1)
    changes.take_back(desk.shop.order_book, order.lines[0], order, 2, restock=True)
    desk.cycles(60)
    assert (desk.stock(), desk.shows(ROW), desk.shows(SIBLING)) == ((39, 0, 1), 39, 39)


def test_an_unknown_sku_is_kept_and_told(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.shop.add_listing(listing(7, "NEW"))
    desk.shop.add_level(2007, MAIN.id, {"available": 9})
    order = desk.order(7, 2)
    catalog_edits.delete_listing(desk.shop, desk.shop.variants[7])  # before anybody looked
    desk.cycles(60)
    assert [(event[0], event[5]) for event in desk.events("not_found")] == [("NEW", order.name)]
    assert desk.ledger.value("SELECT treatment FROM store_order_line") == "not_found"


# Writing ------------------------------------------------------------------------------------------------------------------------------


def test_a_push_without_an_answer_is_sent_again_with_its_key_until_it_is_done(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.store.lost = 1.0
    desk.move(6)
    desk.cycles(60)
    assert desk.engine.status().unsettled == 1
    desk.move(2)
    desk.cycles(40)
    assert desk.ledger.value("SELECT count(*) FROM push") == 1  # its rows get no second one
    desk.store.lost = 0.0
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING)) == (48, 48)
    assert len({key for _, _, key in desk.store.written}) == 2


@pytest.mark.parametrize("done", [True, False])
def test_a_push_too_old_is_never_sent_again_and_its_rows_say_whether_it_was_done(
    tmp_path: Path, done: bool
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.store.lost = 2.0 if not done else 0.0
    desk.move(6)
    if done:  # the answer gets lost, then nobody is there for a day
        answer = desk.store.adjust
        desk.store.adjust = lambda *given: replace(answer(*given), outcome="unknown")  # type: ignore[method-assign]
        desk.engine.cycle()
        desk.store.adjust = answer  # type: ignore[method-assign]
    else:
        desk.engine.cycle()
    desk.store.lost = 0.0
    desk.live(20 * 3600 + 60)
    desk.engine = desk.new_engine()
    keys = {key for _, _, key in desk.store.written}
    desk.cycles(240)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (46, 46, 46)
    assert desk.ledger.value("SELECT count(*) FROM push WHERE state = 'expired'") == 1
    said = "it had been done" if done else "it never was done"
    assert [event[4] for event in desk.events("expired")] == [
        f"a push of +6 was too old to be sent again; {said}"
    ] * 2
    assert len({key for _, _, key in desk.store.written} - keys) == (0 if done else 1)


def test_the_age_of_a_push_is_told_by_either_clock(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.store.lost = 2.0
    desk.move(6)
    desk.engine.cycle()
    desk.later = timedelta(hours=21)
    desk.engine.cycle()
    assert desk.ledger.value("SELECT state FROM push") == "expired"


def test_a_row_that_the_store_refuses_is_held_and_the_rest_is_written(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.store.refuses[SIBLING] = "NON_MUTABLE_INVENTORY_ITEM"
    desk.move(6)
    desk.cycles(60)
    assert desk.shows(ROW) == 46
    assert desk.reasons() == {SIBLING: ("held", "refused")}
    first, second = desk.ledger.rows("SELECT state, key FROM push ORDER BY id")
    assert (first["state"], second["state"]) == ("refused", "done")
    assert first["key"] != second["key"]


def test_the_brake_stops_what_follows_no_order_until_the_rows_are_typed(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.move(-30, kind="subtract")
    result = desk.engine.cycle()
    assert result.brake
    assert desk.shows() == 40
    desk.order(1, 2)
    desk.cycles(60)
    assert (desk.shows(ROW), desk.shows(SIBLING)) == (38, 38)  # the fall that follows an order goes on
    status = desk.engine.status()
    assert (status.stopped_rows, bool(status.brake)) == (2, True)
    desk.engine.let_go(1)
    desk.cycles(20)
    assert desk.shows() == 38
    desk.engine.let_go(2)
    desk.cycles(20)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.engine.status().brake) == (8, 8, ())


def test_nothing_is_written_once_the_lease_is_lost(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.move(6)
    desk.lease.lost = True
    with pytest.raises(LeaseLost):
        desk.engine.cycle()
    assert desk.store.written == []


def test_told_to_stop_it_stops_between_two_requests_with_everything_kept(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    for left in range(12):
        desk.move(1)
        desk.order(2)
        desk.live(20)
        desk.watch.left = left
        with pytest.raises(Cancelled):
            desk.engine.cycle()
        assert broken_identities(desk.ledger) == []
        desk.watch.left = 10**9
    desk.cycles(120)
    assert desk.shows(ROW) == desk.shows(SIBLING) == desk.available() == 40


def test_ending_before_it_was_on_takes_back_what_orders_booked_and_after_keeps_them_promised(
    tmp_path: Path,
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.order(1, 4)
    desk.cycles(60)
    with desk.ledger.writing() as connection:
        connection.execute("UPDATE channel SET sync = 'on'")
    desk.engine.end()
    assert desk.stock() == (36, 0, 1)
    assert desk.engine.status().rows == {}
    assert broken_identities(desk.ledger) == []


# Margins ------------------------------------------------------------------------------------------------------------------------------


def commits_after(desk: Desk, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the store takes an order off its number as many seconds after it was placed."""
    monkeypatch.setattr(desk.shop, "lag", lambda name: seconds if name == "commit" else 0.0)


@pytest.mark.parametrize("lag", [9, 14])
def test_margins_widen_when_orders_take_long_to_get_off_the_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lag: int
) -> None:
    """Also past the margin: what looks like an edit that raised the number is waited with."""
    desk = two(tmp_path)
    desk.go_live()
    commits_after(desk, lag, monkeypatch)
    desk.live(0.1)
    desk.order(1, 2)
    desk.live(lag - 2.5)
    desk.engine.session.cadence = replace(desk.engine.session.cadence, listings=10**9)
    desk.engine.read_again([ROW])
    desk.cycles(200)
    (told,) = desk.events("margins")
    assert "on its way" in told[4]
    allowed = desk.ledger.value("SELECT commit_lag FROM channel_sync")
    assert isinstance(allowed, int)
    assert lag < allowed <= 2 * lag
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (38, 38, 38)
    assert desk.events("undo") == []


def test_an_edit_that_looks_like_a_late_order_is_undone_and_widens_nothing(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.shop.lags = Lags(commit=0, visibility=5)
    desk.order(1, 2)
    desk.live(8)
    desk.edit(2)
    desk.engine.read_again([ROW])
    desk.cycles(300)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (38, 38, 38)
    assert [event[2:4] for event in desk.events("undo")] == [(40, 38)]
    assert desk.events("margins") == []


def test_an_order_late_in_searches_widens_the_margin_with_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = two(tmp_path)
    desk.go_live()
    monkeypatch.setattr(desk.shop, "lag", lambda name: 50.0 if name == "visibility" else 0.0)
    order = desk.order(1, 2)
    for _ in range(8):
        desk.live(8)
        desk.engine.cycle()
    (told,) = desk.events("margins")
    assert told[5] == order.name
    assert "not in searches" in told[4]
    assert int(str(desk.ledger.value("SELECT visibility FROM channel_sync"))) > 80


def test_an_order_that_only_the_widest_look_finds_widens_the_margin_by_what_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks in between did not search so far back; by those an order seen an hour later would be waited for for a quarter of one."""
    desk = two(tmp_path)
    desk.go_live()
    monkeypatch.setattr(desk.shop, "lag", lambda name: 500.0 if name == "visibility" else 0.0)
    desk.order(1, 2)
    while not (told := desk.events("margins")):
        desk.live(60)
        desk.engine.cycle()
    assert "not in searches for 62 s" in told[0][4]
    assert desk.ledger.value("SELECT visibility FROM channel_sync") == 124
