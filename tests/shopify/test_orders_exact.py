"""`core.orders.apply` over what the store shows of random histories of orders, against the sandbox's own journal.

Nothing is assumed of how the sandbox moves stock: what it wrote into its journal for orders is the truth, per row, for available and
on hand, and at every second the effects' intervals have to bracket it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.orders import Held, Place, RecipePart, RowEffect, apply, stock_of
from supportdesk.core.stock import NOTHING, Quantities
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.life import Life
from supportdesk.sandbox.order_records import FulfillmentOrderRecord, LineRecord, OrderRecord
from supportdesk.sandbox.orders import OrderBook, Wanted
from supportdesk.sandbox.store import SandboxShop
from tests.shopify.in_process import Asked
from tests.shops import DEPOT, MAIN, level, listing, small_shop

LISTINGS = (1, 2)
ROWS = [(2000 + number, place.id) for number in LISTINGS for place in (MAIN, DEPOT)]
RECIPES = {2001: (RecipePart("A-1"),), 2002: (RecipePart("B-2"),)}
SKUS = {2001: "A-1", 2002: "B-2"}
WAREHOUSES = {MAIN.id: 1, DEPOT.id: 2}


def shop_of(lines: Iterable[int] = LISTINGS, stock: int = 500) -> SandboxShop:
    return small_shop(
        clock=Clock(running=False),
        listings=[listing(number, SKUS.get(2000 + number, f"S-{number}")) for number in lines],
        levels=[level(number, place, stock) for number in lines for place in (MAIN, DEPOT)],
    )


@dataclass
class Ledger:
    """What an engine keeps of orders, and every effect it made of them."""

    asked: Asked
    places: dict[int, Place] = field(default_factory=dict)
    held: dict[int, tuple[Held, ...]] = field(default_factory=dict)
    effects: list[RowEffect] = field(default_factory=list)
    stock: dict[tuple[str, int], Quantities] = field(default_factory=dict)
    looked: int = 0
    t0: int = 0

    def __post_init__(self) -> None:
        self.t0 = self.looked = self.asked.now
        for place, warehouse in WAREHOUSES.items():
            self.places[place] = Place(warehouse, "sumtracker", self.t0)

    def look(self, daily: bool = False) -> None:
        """Everything that changed since the last look; with `daily` every order that is kept as well, to find those deleted."""
        store, watch = self.asked.engine, self.asked.watch
        found = {
            each.order.id: each.order
            for look in store.orders_changed(self.looked, watch)
            for each in look.orders
        }
        ids = [number for number in store.orders_moved(self.looked, watch) if number not in found]
        if daily:
            ids += [number for number in self.held if number not in found and number not in ids]
        for start in range(0, len(ids), 25):
            for each in store.orders_by_id(ids[start : start + 25], watch).orders:
                found[each.order.id] = each.order
        now = self.asked.now
        for order in found.values():
            if order.gone and order.id not in self.held:
                continue
            before = self.held.get(order.id)
            done = apply(order, before, self.places, RECIPES, self.looked, now)
            again = apply(order, done.held, self.places, RECIPES, self.looked, now)
            assert (again.held, again.stock, again.rows) == (done.held, (), ())
            self.held[order.id] = done.held
            self.effects += done.rows
            for move in done.stock:
                key = (move.sku, move.warehouse_id)
                self.stock[key] = self.stock.get(key, NOTHING).plus(move.change)
        self.looked = now


@dataclass
class History:
    """Something happens to a shop's orders, chosen by numbers; what cannot be done is left."""

    asked: Asked
    ledger: Ledger
    seen: set[int] = field(default_factory=set)

    @property
    def book(self) -> OrderBook:
        return self.asked.shop.order_book

    def look(self, daily: bool = False) -> None:
        self.ledger.look(daily)
        self.seen = set(self.book.orders)

    def do(self, what: str, pick: int, quantity: int, flag: bool) -> None:
        if what == "look":
            self.look()
            return
        if what in ("place", "counter"):
            self._place(what, pick, quantity, flag)
            return
        order = _chosen(list(self.book.orders.values()), pick)
        if order is None:
            return
        loses = what in ("refund", "cancel") and not flag
        # Where units were lost shows only by where fewer wait, where an order lay before its first look nobody tells, and
        # of what came before a deletion nothing is left to see.
        if loses or what == "delete" or (what == "move" and order.id not in self.seen):
            self.look()
        try:
            getattr(self, f"_{what}")(order, pick, quantity, flag)
        except ValueError:
            return
        if loses or what in ("move", "edit", "delete"):
            self.look(daily=what == "delete")

    def _place(self, what: str, pick: int, quantity: int, flag: bool) -> None:
        shop = self.asked.shop
        places = [shop.locations[MAIN.id], shop.locations[DEPOT.id]]
        lines = [Wanted(shop.variants[1 + pick % 2], quantity, places[pick // 2 % 2])]
        if flag:
            lines.append(Wanted(shop.variants[2 - pick % 2], 1, places[pick // 4 % 2]))
        if what == "counter":
            changes.sell_at_counter(self.book, lines[:1])
        else:
            self.book.place(lines)

    def _fulfil(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        one = _holding(order, pick)
        part = _chosen([part for part in one.lines if part.remaining], pick)
        if flag or part is None:
            changes.fulfil(self.book, one)
        else:
            changes.fulfil(self.book, one, {part.line: min(quantity, part.remaining)})

    def _cancel(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        changes.cancel(self.book, order, restock=flag)

    def _refund(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        line = _line(order, pick)
        # What came back with a return is not refunded as coming back once more.
        if order.returns and flag:
            raise ValueError
        place = self.asked.shop.locations[MAIN.id] if pick % 3 == 0 else None
        changes.refund(self.book, line, order, min(quantity, line.current), restock=flag, location=place)

    def _return(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        line = _line(order, pick)
        place = self.asked.shop.locations[DEPOT.id] if pick % 3 == 0 else None
        changes.take_back(self.book, line, order, quantity, restock=flag, location=place)

    def _move(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        one = _holding(order, pick)
        shop = self.asked.shop
        there = shop.locations[DEPOT.id if one.location.id == MAIN.id else MAIN.id]
        part = _chosen([part for part in one.lines if part.remaining], pick)
        if flag or part is None:
            changes.move(self.book, one, there)
        else:
            changes.move(self.book, one, there, {part.line: min(quantity, part.remaining)})

    def _split(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        one = _holding(order, pick)
        changes.split(self.book, one, {_line(order, pick): quantity})

    def _edit(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        variant = self.asked.shop.variants[1 + pick % 2]
        changes.edit(self.book, order, variant, quantity if flag else -quantity)

    def _hold(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        one = _holding(order, pick)
        if one.status == "ON_HOLD":
            changes.release_hold(self.book, one)
        else:
            changes.put_on_hold(self.book, one)

    def _delete(self, order: OrderRecord, pick: int, quantity: int, flag: bool) -> None:
        changes.delete(self.book, order)


def _chosen(among: list[Any], pick: int) -> Any:
    return among[pick % len(among)] if among else None


def _holding(order: OrderRecord, pick: int) -> FulfillmentOrderRecord:
    found: FulfillmentOrderRecord | None = _chosen(
        [one for one in order.fulfillment_orders if one.open], pick
    )
    if found is None:
        raise ValueError
    return found


def _line(order: OrderRecord, pick: int) -> LineRecord:
    found: LineRecord = _chosen(order.lines, pick)
    return found


KINDS = (
    "place", "place", "counter", "fulfil", "fulfil", "cancel", "refund", "return", "move", "split",
    "edit", "hold", "delete", "look",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.integers(0, 11), st.integers(1, 4), st.booleans(), st.integers(0, 9)
    ),
    max_size=25,
)


def journal(shop: SandboxShop) -> list[tuple[int, tuple[int, int], int, int]]:
    """When, which row, and by how much available and on hand moved for an order."""
    return [
        (
            int(datetime.fromisoformat(each.when).timestamp()),
            (each.item_id, each.location_id),
            each.deltas.get("available", 0),
            sum(each.deltas.values()),
        )
        for each in shop.journal
        if each.actor == "order"
    ]


def brackets_the_truth(ledger: Ledger, shop: SandboxShop) -> None:
    """At every second, what surely happened and what may have encloses what did."""
    moves = journal(shop)
    for row in ROWS:
        mine = [each.effect for each in ledger.effects if (each.item_id, each.location_id) == row]
        seconds = {when for when, each, _, _ in moves if each == row}
        for second in seconds | {second - 1 for second in seconds}:
            past = [move for move in moves if move[1] == row and move[0] <= second]
            for name, truth in (
                ("available", sum(move[2] for move in past)),
                ("on_hand", sum(move[3] for move in past)),
            ):
                sure = sum(getattr(effect, name) for effect in mine if effect.latest <= second)
                perhaps = [
                    getattr(effect, name) for effect in mine if effect.earliest <= second < effect.latest
                ]
                low = sure + sum(min(0, change) for change in perhaps)
                high = sure + sum(max(0, change) for change in perhaps)
                assert low <= truth <= high, (row, name, second, low, truth, high)


def adds_up(ledger: Ledger, shop: SandboxShop) -> None:
    """Per row the journal's numbers, per warehouse Sumtracker's."""
    moves = journal(shop)
    for row in ROWS:
        truth = (
            sum(move[2] for move in moves if move[1] == row),
            sum(move[3] for move in moves if move[1] == row),
        )
        mine = [each.effect for each in ledger.effects if (each.item_id, each.location_id) == row]
        assert (sum(e.available for e in mine), sum(e.on_hand for e in mine)) == truth, row
        item, place = row
        key = (SKUS[item], WAREHOUSES[place])
        booked = sum(
            part.remaining
            for one in shop.order_book.fulfillment_orders.values()
            if one.open and one.location.id == place
            for part in one.lines
            if part.line.item.id == item
        )
        found = ledger.stock.get(key, NOTHING)
        assert (found.available, found.in_stock, found.booked) == (*truth, booked), row
        kept = stock_of(held for one in ledger.held.values() for held in one)
        assert kept.get(key, NOTHING) == found


def lived(steps: Iterable[tuple[str, int, int, bool, int]]) -> None:
    shop = shop_of()
    asked = Asked(shop)
    ledger = Ledger(asked)
    history = History(asked, ledger)
    for what, pick, quantity, flag, seconds in steps:
        shop.clock.advance(seconds)
        history.do(what, pick, quantity, flag)
    shop.clock.advance(5)
    history.look()
    adds_up(ledger, shop)
    brackets_the_truth(ledger, shop)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_any_history_comes_to_what_the_store_did(steps: list[tuple[str, int, int, bool, int]]) -> None:
    lived(steps)


@pytest.mark.parametrize("seed", range(20))
def test_long_histories_do_as_well(seed: int) -> None:
    chance = random.Random(seed)
    lived(
        (
            chance.choice(KINDS),
            chance.randrange(12),
            chance.randint(1, 4),
            chance.random() < 0.5,
            chance.randrange(10),
        )
        for _ in range(30)
    )


def test_an_order_that_moved_before_its_first_look_is_not_surely_where_it_is_found() -> None:
    shop = shop_of()
    asked = Asked(shop)
    ledger = Ledger(asked)
    created = asked.now
    order = shop.order_book.place([Wanted(shop.variants[1], 3, shop.locations[MAIN.id])])
    shop.clock.advance(20)
    changes.move(shop.order_book, order.fulfillment_orders[0], shop.locations[DEPOT.id])
    shop.clock.advance(20)
    ledger.look()
    adds_up(ledger, shop)
    (only,) = ledger.effects
    assert (only.location_id, only.effect.earliest, only.effect.latest) == (DEPOT.id, created, created + 20)


@pytest.mark.parametrize("seed", range(3))
def test_shoppers_and_a_fulfilment_desk_come_to_the_same(seed: int) -> None:
    """Looked at every second: what is lost twice between two looks cannot be told apart by location."""
    shop = shop_of()
    shop.seed = seed
    asked = Asked(shop)
    ledger = Ledger(asked)
    life = Life(shop)
    life.shoppers.at_rate(25)
    life.fulfilment.at_rate(30)
    for _ in range(150):
        shop.clock.advance(1)
        shop.catch_up()
        ledger.look()
    assert len(ledger.held) > 40
    assert {"fulfilled", "cancelled", "moved"} <= {each.effect.kind for each in ledger.effects}
    adds_up(ledger, shop)
    brackets_the_truth(ledger, shop)
