"""What happens to a sync over weeks: nobody there for a weekend, clocks that jump, the brake over a day, writes that were in flight (PROTOCOL §2, §4, §5)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from supportdesk.core.brake import BrakeLimits
from supportdesk.core.looks import RowKey
from supportdesk.core.stock import Quantities
from supportdesk.errors import AnswerUnreadable
from supportdesk.ledger import movements
from supportdesk.sandbox import order_changes as changes
from supportdesk.sync.engine import Engine
from tests.shops import MAIN, level, listing
from tests.sync.histories import broken_identities
from tests.sync.test_engine import ROW, SIBLING, Desk, two

HOUR = 3600


def shelf(folder: Path, count: int = 10, units: int = 40) -> Desk:
    """As many SKUs, live."""
    numbers = range(1, count + 1)
    desk = Desk(
        folder,
        [listing(number, f"S-{number}", handle=f"s-{number}") for number in numbers],
        [level(number, MAIN, units) for number in numbers],
    )
    desk.go_live()
    return desk


def row(number: int) -> RowKey:
    return 2000 + number, MAIN.id


# Nobody there -------------------------------------------------------------------------------------------------------------------------


def test_after_a_weekend_everything_that_happened_counts_once(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    chance = random.Random(7)
    book = desk.shop.order_book
    early = desk.order(1, 1)
    desk.cycles(60)
    sold = 1
    for _ in range(30):
        desk.live(2 * HOUR)
        order = desk.order(chance.choice([1, 2]), 1)
        fate = chance.random()
        desk.live(60)
        if fate < 0.3:
            changes.cancel(book, order)
        elif fate < 0.7:
            changes.fulfil(book, order.fulfillment_orders[0])
        sold += fate >= 0.3
        if chance.random() < 0.1:
            desk.edit(chance.choice([-3, 4]))
    changes.delete(book, early, restock=True)
    sold -= 1
    desk.engine = desk.new_engine()
    desk.store.requests.clear()
    desk.cycles(900)
    assert desk.shows(ROW) == desk.shows(SIBLING) == desk.available() == 40 - sold
    assert desk.store.requests.count("orders_changed") >= 1
    kept = desk.ledger.value("SELECT count(*) FROM store_order WHERE NOT gone")
    assert kept == len(book.orders)


def test_a_push_in_flight_over_a_weekend_is_not_sent_again(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    answer = desk.store.adjust
    desk.store.adjust = lambda *given: replace(answer(*given), outcome="unknown")  # type: ignore[method-assign]
    desk.move(6)
    desk.engine.cycle()
    desk.store.adjust = answer  # type: ignore[method-assign]
    written = list(desk.store.written)
    desk.order(1, 2)
    desk.live(60 * HOUR)
    desk.engine = desk.new_engine()
    desk.cycles(400)
    assert desk.store.written[: len(written)] == written
    assert {key for _, _, key in written}.isdisjoint(key for _, _, key in desk.store.written[len(written) :])
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (44, 44, 44)


# Clocks -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_our_own_clock_may_jump(tmp_path: Path, hours: int) -> None:
    desk = two(tmp_path)
    desk.go_live()
    desk.later = timedelta(hours=hours)
    desk.order(1, 2)
    desk.move(6)
    desk.cycles(200)
    desk.later = timedelta()
    desk.order(2, 1)
    desk.edit(5)
    desk.cycles(300)
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (43, 43, 43)


def test_while_the_stores_clock_is_back_nothing_is_done(tmp_path: Path) -> None:
    """A reading taken after a push would pass for one from before, and the push for an edit by staff."""
    desk = two(tmp_path)
    desk.go_live()
    desk.move(6)
    desk.cycles(30)
    desk.shop.clock._at -= timedelta(hours=1)
    for _ in range(3):
        with pytest.raises(AnswerUnreadable, match="went back by"):
            desk.engine.cycle()
        desk.engine = desk.new_engine()
    desk.order(1, 2)
    desk.live(HOUR)
    desk.order(1, 1)
    desk.cycles(900)
    assert desk.events("undo") == []
    assert (desk.shows(ROW), desk.shows(SIBLING), desk.available()) == (43, 43, 43)


def test_a_reply_out_of_a_cache_is_no_reading(tmp_path: Path) -> None:
    desk = two(tmp_path)
    desk.go_live()
    levels = desk.store.levels
    old = levels([ROW], desk.watch)
    desk.move(6)
    desk.cycles(30)
    desk.store.levels = lambda rows, watch: old  # type: ignore[method-assign]
    desk.engine.read_again([ROW])
    before = desk.ledger.value("SELECT count(*) FROM reading")
    desk.engine.cycle()
    assert desk.ledger.value("SELECT count(*) FROM reading") == before
    desk.store.levels = levels  # type: ignore[method-assign]
    desk.cycles(300)
    assert (desk.shows(ROW), desk.events("undo")) == (46, [])


# The brake over a day -----------------------------------------------------------------------------------------------------------------


def set_to(desk: Desk, number: int, units: int, kind: movements.MovementKind = "set") -> None:
    in_stock, _, _ = desk.stock(f"S-{number}")
    with desk.ledger.writing() as connection:
        cause = movements.Cause(desk.now(), kind, who="mia")
        movements.move(connection, cause, f"S-{number}", 1, Quantities(in_stock=units - in_stock))


@pytest.mark.parametrize("kind", ["set", "import"])
def test_small_steps_add_up_over_a_day(tmp_path: Path, kind: movements.MovementKind) -> None:
    desk = shelf(tmp_path)
    for number in (1, 2):
        set_to(desk, number, 0, kind)
        desk.cycles(30)
        assert desk.shows(row(number)) == 0
        desk.live(6 * HOUR)
    set_to(desk, 3, 0, kind)
    assert desk.engine.cycle().brake
    assert (desk.shows(row(3)), desk.engine.status().stopped_rows) == (40, 1)
    desk.order(4, 3)
    desk.cycles(60)
    assert desk.available("S-4") == 37
    desk.live(24 * HOUR)  # what was written before counts no more
    desk.cycles(60)
    assert (desk.shows(row(3)), desk.engine.status().brake) == (0, ())
    assert broken_identities(desk.ledger) == []


def test_an_import_that_empties_the_ledger_writes_nothing_but_what_orders_took(tmp_path: Path) -> None:
    desk = shelf(tmp_path)
    for number in range(1, 11):
        set_to(desk, number, 0, "import")
    desk.order(1, 3)
    desk.cycles(120)
    assert [desk.shows(row(number)) for number in range(1, 11)] == [37] + [40] * 9
    assert len(desk.engine.status().brake) >= 2
    desk.engine.let_go(desk.engine.status().stopped_rows)
    desk.cycles(60)
    assert {desk.shows(row(number)) for number in range(2, 11)} == {0}


def test_sales_of_a_day_are_none_of_the_brakes_business(tmp_path: Path) -> None:
    desk = shelf(tmp_path, units=4)
    for number in range(1, 10):
        desk.order(number, 4)
        desk.cycles(60)
        desk.live(HOUR)
    desk.cycles(60)
    assert desk.engine.status().brake == ()
    assert [desk.shows(row(number)) for number in range(1, 11)] == [0] * 9 + [4]


def test_the_limits_are_the_callers(tmp_path: Path) -> None:
    desk = shelf(tmp_path)
    session = desk.engine.session
    strict = BrakeLimits(rows_to_zero=0.05)
    desk.engine = Engine(
        *(desk.ledger, session.channel, desk.store, desk.lease),
        now=desk.now,
        watch=desk.watch,
        limits=strict,
    )
    set_to(desk, 1, 0)
    assert desk.engine.cycle().brake
    desk.engine.limits = BrakeLimits()
    desk.cycles(30)
    assert (desk.shows(row(1)), desk.engine.status().brake) == (0, ())
