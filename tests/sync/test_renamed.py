"""Listings that bear another SKU since, and whose numbers a person had copied under it: orders of the SKU from before, and several of them on one number."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.duplicates import CountsOf
from supportdesk.core.looks import RowKey
from supportdesk.ledger import held
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sync.confirming import confirm
from tests.shops import DEPOT, MAIN, level, listing
from tests.sync.histories import broken_identities
from tests.sync.test_engine import ROW, SIBLING, Desk
from tests.sync.test_listings import alone, decide, stands

AT_DEPOT: RowKey = (2001, DEPOT.id)


def rename(desk: Desk, *keys: RowKey, sku: str = "B-2") -> None:
    for item in dict.fromkeys(item for item, _ in keys):
        desk.shop.put_sku(desk.shop.items[item], sku)
    desk.cycles(400)
    assert {stands(desk, key) for key in keys} == {("held", "to_confirm")}


def copy(desk: Desk, *keys: RowKey) -> None:
    """A person has what these rows show copied, in one answer."""
    with desk.ledger.writing() as connection:
        for key in keys:
            (done,) = confirm(connection, 1, "kestrel", [key], who="mia", at=desk.now())
            held.copy_from(connection, 1, [key], renamed=bool(done.before))


def settled(desk: Desk, *keys: RowKey) -> None:
    desk.cycles(400)
    desk.engine.let_go(desk.engine.status().stopped_rows)
    desk.cycles(60)
    assert {stands(desk, key) for key in keys} == {("live", "")}
    assert broken_identities(desk.ledger) == []


# Orders of the SKU from before --------------------------------------------------------------------------------------------------------


def cancelled(desk: Desk, order: OrderRecord) -> None:
    changes.cancel(desk.shop.order_book, order)


def refunded(desk: Desk, order: OrderRecord) -> None:
    changes.refund(desk.shop.order_book, order.lines[0], order, 3, restock=True)


def raised(desk: Desk, order: OrderRecord) -> None:
    changes.edit(desk.shop.order_book, order, desk.shop.variants[1], 2)


def sent_and_returned(desk: Desk, order: OrderRecord) -> None:
    changes.fulfil(desk.shop.order_book, order.fulfillment_orders[0])
    desk.cycles(60)
    changes.take_back(desk.shop.order_book, order.lines[0], order, 1, restock=True)


def sent(desk: Desk, order: OrderRecord) -> None:
    changes.fulfil(desk.shop.order_book, order.fulfillment_orders[0])


def deleted(desk: Desk, order: OrderRecord) -> None:
    changes.delete(desk.shop.order_book, order)
    desk.live(86_400)


@pytest.mark.parametrize("past", [False, True])
@pytest.mark.parametrize(
    ("happens", "back"),
    [(cancelled, 4), (refunded, 3), (raised, -2), (sent, 0), (sent_and_returned, 1), (deleted, 4)],
)
def test_what_becomes_of_an_order_of_the_sku_from_before_enters_what_was_copied_of_the_row(
    tmp_path: Path, happens: Callable[[Desk, OrderRecord], None], back: int, past: bool
) -> None:
    """Its units are released under the SKU they were booked for; what the store did to the row is not written away again."""
    desk = Desk(tmp_path, [listing(1, "A-1")], [level(1, MAIN, 40)])
    if past:
        order = desk.order(1, 4)
        desk.live(60)
        desk.begin = replace(desk.begin, fences={MAIN.id: desk.second()})
    desk.go_live()
    if not past:
        order = desk.order(1, 4)
    desk.cycles(60)
    rename(desk, ROW)
    copy(desk, ROW)
    desk.order(1, 2)  # sold as what it is now
    settled(desk, ROW)
    assert (desk.shows(), desk.available("B-2")) == (34, 34)
    assert desk.stock("A-1")[:2] == ((36, 0) if past else (40, 4))
    happens(desk, order)
    desk.cycles(300)
    assert (desk.shows(), desk.available("B-2"), desk.stock("B-2")[1]) == (34 + back, 34 + back, 2)
    assert desk.available("A-1") == 36 + back
    assert desk.store.written == []
    assert (stands(desk, ROW), broken_identities(desk.ledger)) == (("live", ""), [])


def test_what_was_copied_of_a_row_hears_no_more_of_orders_once_the_listing_is_what_it_was(
    tmp_path: Path,
) -> None:
    desk = alone(tmp_path)
    order = desk.order(1, 4)
    desk.cycles(60)
    rename(desk, ROW)
    copy(desk, ROW)
    settled(desk, ROW)
    rename(desk, ROW, sku="A-1")
    with desk.ledger.writing() as connection:
        confirm(connection, 1, "kestrel", [ROW], who="mia", at=desk.now())
    settled(desk, ROW)
    cancelled(desk, order)
    desk.cycles(300)
    assert (desk.shows(), desk.available("A-1"), desk.available("B-2")) == (40, 40, 36)
    assert desk.store.written == []


def test_a_listing_renamed_twice_hands_on_what_is_left_of_both_skus(tmp_path: Path) -> None:
    desk = alone(tmp_path)
    first = desk.order(1, 4)
    desk.cycles(60)
    rename(desk, ROW)
    copy(desk, ROW)
    settled(desk, ROW)
    second = desk.order(1, 3)
    desk.move(5, "B-2")
    settled(desk, ROW)
    rename(desk, ROW, sku="C-3")
    copy(desk, ROW)
    settled(desk, ROW)
    assert (desk.shows(), desk.available("C-3")) == (38, 38)
    written = len(desk.store.written)
    cancelled(desk, first)
    cancelled(desk, second)
    desk.cycles(300)
    assert (desk.shows(), desk.available("C-3"), len(desk.store.written)) == (45, 45, written)
    assert (desk.available("A-1"), desk.stock("B-2")[:2]) == (40, (41, 0))


# Several on one number ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts_of", "number"), [("oldest", 41), ("lowest", 28), ("highest", 41), ("sum", 69)]
)
def test_renamed_rows_copied_onto_one_number_combine_as_was_decided_of_their_group(
    tmp_path: Path, counts_of: CountsOf, number: int
) -> None:
    """Each with what moved under the SKU it followed before: pushed, ordered, set aside."""
    both = [listing(1, "A-1"), listing(2, "C-3")]
    desk = Desk(tmp_path, both, [level(1, MAIN, 40), level(2, MAIN, 30)])
    desk.go_live()
    desk.move(5, "A-1")
    desk.move(-1, "C-3")
    first, second = desk.order(1, 4), desk.order(2, 1)
    desk.cycles(200)
    assert (desk.shows(ROW), desk.shows(SIBLING)) == (41, 28)
    rename(desk, ROW, SIBLING)
    decide(desk, "shared", "B-2", counts_of)
    desk.cycles(20)
    written = len(desk.store.written)
    copy(desk, ROW, SIBLING)
    desk.order(1, 2)  # of the one that all of them follow now
    settled(desk, ROW, SIBLING)
    assert desk.available("B-2") == number - 2
    assert (desk.shows(ROW), desk.shows(SIBLING)) == (number - 2, number - 2)
    cancelled(desk, first)
    cancelled(desk, second)
    desk.cycles(300)
    assert desk.shows(ROW) == desk.shows(SIBLING) == desk.available("B-2") == number + 3
    assert len(desk.store.written) > written
    assert (desk.available("A-1"), desk.available("C-3")) == (45, 29)


def test_a_renamed_listing_at_two_locations_on_one_warehouse_is_copied_once(
    tmp_path: Path,
) -> None:
    desk = Desk(
        tmp_path,
        [listing(1, "A-1")],
        [level(1, MAIN, 40), level(1, DEPOT, 6)],
        places=(MAIN, DEPOT),
    )
    with desk.ledger.writing() as connection:
        connection.execute("UPDATE connection SET warehouse_id = 1, counts = 0")
    desk.go_live()
    desk.order(1, 4)
    settled(desk, ROW, AT_DEPOT)
    assert (desk.shows(ROW), desk.shows(AT_DEPOT)) == (42, 42)
    rename(desk, ROW, AT_DEPOT)
    copy(desk, ROW, AT_DEPOT)
    settled(desk, ROW, AT_DEPOT)
    assert (desk.available("B-2"), desk.shows(ROW), desk.shows(AT_DEPOT)) == (42, 42, 42)


# Anything at any time -----------------------------------------------------------------------------------------------------------------


class Life:
    """Orders, what becomes of them, and units set aside, by chance."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self.desk, self.chance = desk, chance
        self.orders: list[OrderRecord] = []

    def sell(self) -> None:
        number, quantity = self.chance.choice([1, 1, 2]), self.chance.randint(1, 3)
        self.orders.append(self.desk.order(number, quantity))

    def happen(self, times: int) -> None:
        for _ in range(times):
            with contextlib.suppress(ValueError):  # what cannot be done to this order
                self._one()
            self.desk.cycles(self.chance.choice([5, 30, 60]))

    def _one(self) -> None:
        chance, desk, book = self.chance, self.desk, self.desk.shop.order_book
        kind = chance.choice(
            ["sell", "sell", "cancel", "refund", "edit", "send", "return", "delete", "aside"]
        )
        if kind == "aside":
            if desk.row().state.condition != "live":
                return  # it would be in what the row settles at, and so in what is copied
            units = chance.choice([2, -desk.store.level(ROW).reserved])
            desk.shop.change(desk.store.level(ROW), {"available": -units, "reserved": units}, "staff")
            return
        order = chance.choice(self.orders) if self.orders else None
        if kind == "sell" or order is None:
            self.sell()
            return
        restock = chance.random() < 0.7
        match kind:
            case "cancel":
                changes.cancel(book, order, restock=restock)
            case "refund":
                changes.refund(book, order.lines[0], order, 1, restock=restock)
            case "edit":
                changes.edit(book, order, order.lines[0].variant, chance.choice([-1, 1, 2]))
            case "send":
                changes.fulfil(book, order.fulfillment_orders[0])
            case "return":
                changes.take_back(book, order.lines[0], order, 1, restock=restock)
            case _:
                self.orders.remove(order)
                changes.delete(book, order)


RULES: dict[CountsOf, Callable[[list[int]], int]] = {
    "oldest": lambda shown: shown[0],
    "lowest": min,
    "highest": max,
    "sum": sum,
}
QUICK, SLOW = 4, 60


@pytest.mark.parametrize(
    "seed", [*range(QUICK), *(pytest.param(n, marks=pytest.mark.slow) for n in range(QUICK, SLOW))]
)
def test_whatever_happens_before_and_after_copied_rows_end_at_the_number_they_were_copied_to(
    tmp_path: Path, seed: int
) -> None:
    """One listing of a group, or both, or two that were none; from before sync, while they wait, and after."""
    chance = random.Random(seed)
    skus = chance.choice([("A-1", "A-1"), ("A-1", "C-3")])
    desk = Desk(
        tmp_path,
        [listing(number, sku) for number, sku in enumerate(skus, 1)],
        [level(1, MAIN, 80), level(2, MAIN, 80)],
    )
    life = Life(desk, chance)
    for _ in range(chance.randint(0, 3)):
        life.sell()
    desk.live(60)
    desk.begin = replace(desk.begin, fences={MAIN.id: desk.second()})
    if len(set(skus)) == 1:
        decide(desk, "shared")
    desk.go_live()
    life.happen(chance.randint(1, 5))
    desk.move(chance.choice([-3, 0, 4]) or 1)
    desk.cycles(200)
    keys = [ROW, SIBLING] if chance.random() < 0.5 else [ROW]
    rename(desk, *keys)
    rule = chance.choice(list(RULES))
    if len(keys) == 2:
        decide(desk, "shared", "B-2", rule)
    else:
        life.happen(chance.randint(0, 2))
    desk.cycles(200)
    number, before = RULES[rule]([desk.shows(key) for key in keys]), len(desk.shop.journal)
    copy(desk, *keys)
    life.happen(chance.randint(0, 6))
    for _ in range(2):  # a day after the other, in which deleted orders are found
        desk.live(86_400)
        desk.cycles(400)
    settled(desk, *keys)
    number += sum(
        each.deltas.get("available", 0)
        for each in list(desk.shop.journal)[before:]
        if (each.item_id, each.location_id) in keys and each.actor != "app"
    )
    assert desk.available("B-2") == number
    for key in (ROW, SIBLING):
        assert desk.shows(key) == desk.available(desk.row(key).sku), (key, life.orders)
