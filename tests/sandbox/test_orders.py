"""Orders and what becomes of them: what each does to stock, and that a location's committed units are what its open orders hold."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.catalog import Location
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.generator import generated_shop
from supportdesk.sandbox.kestrel import kestrel_outdoor, kestrel_outlet
from supportdesk.sandbox.open_orders import give_open_orders
from supportdesk.sandbox.order_records import FulfillmentOrderRecord, LineRecord, OrderRecord
from supportdesk.sandbox.orders import OrderBook, Wanted
from supportdesk.sandbox.records import LevelRecord
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from tests.shops import DEPOT, MAIN, level, listing, small_shop

OPEN = [level(1, MAIN, 10), level(1, DEPOT, 10), level(2, MAIN, 10), level(2, DEPOT, 10)]


def stocked() -> SandboxShop:
    """Two listings at two places, ten of each everywhere, nothing committed."""
    return small_shop(listings=[listing(1, "A-1"), listing(2, "B-2")], levels=OPEN)


def row(shop: SandboxShop, number: int = 1, location: Location = MAIN) -> LevelRecord:
    shop.catch_up()
    return shop.items[2000 + number].levels[location.id]


def numbers(shop: SandboxShop, number: int = 1, location: Location = MAIN) -> tuple[int, int, int]:
    found = row(shop, number, location)
    return found.available, found.committed, found.on_hand


def buy(
    shop: SandboxShop, quantity: int = 4, location: Location = MAIN, number: int = 1, **more: Any
) -> OrderRecord:
    wanted = Wanted(shop.variants[number], quantity, shop.locations[location.id])
    return shop.order_book.place([wanted], **more)


def only(order: OrderRecord) -> tuple[FulfillmentOrderRecord, LineRecord]:
    (one,), (line,) = order.fulfillment_orders, order.lines
    return one, line


def committed_is_what_is_held(shop: SandboxShop) -> None:
    """`reference/shopify.md` §6: a good invariant. Holds once nothing is pending."""
    held: dict[tuple[int, int], int] = {}
    for one in shop.order_book.fulfillment_orders.values():
        for part in one.lines if one.open else ():
            if part.line.item.tracked:
                place = (part.line.item.id, one.location.id)
                held[place] = held.get(place, 0) + part.remaining
    found = {
        (each.item.id, each.location.id): each.committed
        for levels in shop.levels_by_location.values()
        for each in levels
        if each.committed
    }
    assert found == {place: units for place, units in held.items() if units}


# --- stock ---------------------------------------------------------------------------------------------------------


def test_placing() -> None:
    shop = stocked()
    order = buy(shop)
    assert numbers(shop) == (6, 4, 10)
    assert (order.name, order.display_fulfillment_status, order.display_financial_status) == (
        "#1001",
        "UNFULFILLED",
        "PAID",
    )
    assert shop.journal[-1].reference == "#1001 placed"


Change = Callable[[SandboxShop, OrderRecord], object]


def _book(shop: SandboxShop) -> OrderBook:
    return shop.order_book


@pytest.mark.parametrize(
    ("change", "here", "there"),
    [
        (lambda s, o: changes.fulfil(_book(s), only(o)[0]), (6, 0, 6), (10, 0, 10)),
        (lambda s, o: changes.fulfil(_book(s), only(o)[0], {only(o)[1]: 1}), (6, 3, 9), (10, 0, 10)),
        (lambda s, o: changes.cancel(_book(s), o, restock=True), (10, 0, 10), (10, 0, 10)),
        (lambda s, o: changes.cancel(_book(s), o, restock=False), (6, 0, 6), (10, 0, 10)),
        (lambda s, o: changes.refund(_book(s), only(o)[1], o, 3, restock=True), (9, 1, 10), (10, 0, 10)),
        (lambda s, o: changes.refund(_book(s), only(o)[1], o, 3, restock=False), (6, 1, 7), (10, 0, 10)),
        (lambda s, o: changes.move(_book(s), only(o)[0], s.locations[DEPOT.id]), (10, 0, 10), (6, 4, 10)),
        (
            lambda s, o: changes.move(_book(s), only(o)[0], s.locations[DEPOT.id], {only(o)[1]: 1}),
            (7, 3, 10),
            (9, 1, 10),
        ),
        (lambda s, o: changes.split(_book(s), only(o)[0], {only(o)[1]: 1}), (6, 4, 10), (10, 0, 10)),
        (lambda s, o: changes.edit(_book(s), o, s.variants[1], 2), (4, 6, 10), (10, 0, 10)),
        (lambda s, o: changes.edit(_book(s), o, s.variants[1], -3), (9, 1, 10), (10, 0, 10)),
        (lambda s, o: changes.edit(_book(s), o, s.variants[1], -3, restock=False), (6, 1, 7), (10, 0, 10)),
        (lambda s, o: changes.put_on_hold(_book(s), only(o)[0]), (6, 4, 10), (10, 0, 10)),
        (lambda s, o: changes.delete(_book(s), o), (10, 0, 10), (10, 0, 10)),
        (lambda s, o: changes.delete(_book(s), o, restock=False), (6, 0, 6), (10, 0, 10)),
    ],
    ids=[
        "fulfil", "fulfil a part", "cancel", "cancel without restock", "refund", "refund without restock", "move",
        "move a part", "split", "edit up", "edit down", "edit down without restock", "hold", "delete",
        "delete without restock",
    ],
)  # fmt: skip
def test_what_becomes_of_four_units(
    change: Change, here: tuple[int, int, int], there: tuple[int, int, int]
) -> None:
    shop = stocked()
    change(shop, buy(shop))
    assert numbers(shop) == here
    assert numbers(shop, location=DEPOT) == there
    committed_is_what_is_held(shop)


@pytest.mark.parametrize(
    ("change", "here", "there"),
    [
        (lambda s, o: changes.refund(_book(s), only(o)[1], o, 3, restock=True), (9, 0, 9), (10, 0, 10)),
        (lambda s, o: changes.refund(_book(s), only(o)[1], o, 3, restock=False), (6, 0, 6), (10, 0, 10)),
        (lambda s, o: changes.take_back(_book(s), only(o)[1], o, 2, restock=True), (8, 0, 8), (10, 0, 10)),
        (lambda s, o: changes.take_back(_book(s), only(o)[1], o, 2, restock=False), (6, 0, 6), (10, 0, 10)),
        (
            lambda s, o: changes.take_back(
                _book(s), only(o)[1], o, 2, restock=True, location=s.locations[DEPOT.id]
            ),
            (6, 0, 6),
            (12, 0, 12),
        ),
    ],
    ids=["refund", "refund without restock", "return", "return without restock", "return elsewhere"],
)
def test_what_becomes_of_four_units_that_were_sent(
    change: Change, here: tuple[int, int, int], there: tuple[int, int, int]
) -> None:
    shop = stocked()
    order = buy(shop)
    changes.fulfil(shop.order_book, only(order)[0])
    change(shop, order)
    assert numbers(shop) == here
    assert numbers(shop, location=DEPOT) == there


def test_a_sale_at_the_counter_is_gone_at_once() -> None:
    shop = stocked()
    order = changes.sell_at_counter(shop.order_book, [Wanted(shop.variants[1], 2, shop.locations[MAIN.id])])
    assert numbers(shop) == (8, 0, 8)
    assert (order.source, order.display_fulfillment_status) == ("pos", "FULFILLED")


def test_goods_go_back_to_where_they_were_sent_from_and_only_where_they_are_stocked() -> None:
    shop = small_shop(
        listings=[listing(1, "A-1"), listing(2, "B-2")], levels=[level(1, MAIN, 10), level(2, DEPOT, 10)]
    )
    places = [shop.locations[MAIN.id], shop.locations[DEPOT.id]]
    order = shop.order_book.place(
        [Wanted(shop.variants[at], 2, place) for at, place in enumerate(places, start=1)]
    )
    for one in order.fulfillment_orders:
        changes.fulfil(shop.order_book, one)
    changes.take_back(shop.order_book, order.lines[0], order, 1, restock=True)
    changes.refund(shop.order_book, order.lines[0], order, 1, restock=True)
    assert numbers(shop) == (10, 0, 10)
    for undo in (changes.take_back, changes.refund):
        with pytest.raises(ValueError, match="B-2 is not stocked at Main St"):
            undo(shop.order_book, order.lines[1], order, 1, restock=True, location=places[0])
    assert (len(order.returns), len(order.refunds), order.lines[1].current) == (1, 1, 2)


def test_a_partly_sent_order_is_refunded_unsent_units_first() -> None:
    shop = stocked()
    order = buy(shop)
    one, line = only(order)
    changes.fulfil(shop.order_book, one, {line: 3})
    refund = changes.refund(shop.order_book, line, order, 2, restock=True)
    assert [(each.quantity, each.restock_type) for each in refund.lines] == [(1, "CANCEL"), (1, "RETURN")]
    assert numbers(shop) == (8, 0, 8)
    assert line.current == 2


def test_a_move_leaves_the_orders_time_alone() -> None:
    shop = stocked()
    order = buy(shop)
    placed = order.updated_at
    shop.clock.advance(60)
    changes.move(shop.order_book, only(order)[0], shop.locations[DEPOT.id])
    assert order.updated_at == placed
    assert order.fulfillment_orders[0].updated_at > placed


def test_an_item_that_is_not_tracked_has_no_stock_to_move() -> None:
    shop = small_shop(listings=[listing(1, "A-1", tracked=False)], levels=[])
    changes.fulfil(shop.order_book, only(buy(shop))[0])
    assert not shop.journal


@pytest.mark.parametrize(
    "wrong",
    [
        lambda s, o: s.order_book.place([]),
        lambda s, o: buy(s, 0),
        lambda s, o: changes.fulfil(_book(s), only(o)[0], {only(o)[1]: 5}),
        lambda s, o: changes.fulfil(_book(s), only(o)[0], {only(o)[1]: -1}),
        lambda s, o: changes.refund(_book(s), only(o)[1], o, 5, restock=True),
        lambda s, o: changes.take_back(_book(s), only(o)[1], o, 1, restock=True),
        lambda s, o: changes.move(_book(s), only(o)[0], s.locations[MAIN.id]),
        lambda s, o: changes.split(_book(s), only(o)[0], {only(o)[1]: 4}),
        lambda s, o: changes.edit(_book(s), o, s.variants[1], -5),
        lambda s, o: changes.edit(_book(s), o, s.variants[1], 0),
        lambda s, o: changes.release_hold(_book(s), only(o)[0]),
        lambda s, o: changes.cancel(_book(s), o, reason="BORED"),
    ],
)
def test_what_cannot_be_done_changes_nothing(wrong: Change) -> None:
    shop = stocked()
    order = buy(shop)
    with pytest.raises(ValueError, match=r"."):
        wrong(shop, order)
    assert numbers(shop) == (6, 4, 10)
    assert (order.open_units, order.refunds, order.edited) == (4, [], False)


@pytest.mark.parametrize("again", [changes.cancel, lambda book, order: changes.fulfil(book, only(order)[0])])
def test_a_cancelled_order_is_over(again: Callable[[OrderBook, OrderRecord], object]) -> None:
    shop = stocked()
    order = buy(shop)
    changes.cancel(shop.order_book, order)
    with pytest.raises(ValueError, match=r"cancelled|CLOSED"):
        again(shop.order_book, order)


# --- time ----------------------------------------------------------------------------------------------------------


def test_stock_follows_an_order_after_a_while() -> None:
    shop = stocked()
    buy(shop, commit_after=3)
    shop.clock.advance(2.9)
    assert numbers(shop) == (10, 0, 10)
    assert len(shop.order_book.pending) == 1
    shop.clock.advance(0.1)
    assert numbers(shop) == (6, 4, 10)
    assert shop.journal[-1].when == "2026-11-23T09:00:03Z"
    assert not shop.order_book.pending


@settings(deadline=None)
@given(st.floats(0, 9), st.floats(0.001, 9))
def test_what_is_due_now_happens_now_whatever_the_fractions(start: float, wait: float) -> None:
    shop = stocked()
    shop.clock.advance(start)
    buy(shop, commit_after=wait)
    shop.clock.advance(wait)
    assert numbers(shop) == (6, 4, 10)


def test_what_comes_later_moves_stock_later() -> None:
    shop = stocked()
    order = buy(shop, commit_after=5)
    changes.cancel(shop.order_book, order, after=0)
    assert numbers(shop) == (10, 0, 10)
    shop.clock.advance(5)
    assert numbers(shop) == (10, 0, 10)
    assert [one.reference for one in shop.journal] == ["#1001 placed", "#1001 cancelled"]


def test_the_commit_lag_is_a_draw_up_to_what_was_set() -> None:
    shop = stocked()
    shop.lags = Lags(commit=3)
    for _ in range(20):
        buy(shop, 1)
    start = shop.timeline.seconds()
    waits = [one.at - start for one in shop.order_book.pending]
    assert len(waits) == 20
    assert max(waits) <= 3
    assert max(waits) - min(waits) > 1
    shop.clock.advance(3)
    assert numbers(shop) == (-10, 20, 10)


def test_an_order_of_before_moves_no_stock() -> None:
    shop = stocked()
    when = shop.timeline.now() - timedelta(days=3)
    order = buy(shop, created=when, takes_stock=False)
    assert numbers(shop) == (10, 0, 10)
    assert order.created_at == order.fulfillment_orders[0].created_at == "2026-11-20T09:00:00Z"
    assert order.agreements[0].happened_at == order.created_at


# --- a new shop's orders -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "build",
    [
        lambda clock: kestrel_outdoor(1, clock),
        lambda clock: kestrel_outlet(1, clock),
        lambda clock: generated_shop(listings=400, clock=clock),
    ],
)
def test_committed_units_have_their_orders(build: Callable[[Clock], SandboxShop]) -> None:
    shop = build(Clock(running=False))
    book = shop.order_book
    committed_is_what_is_held(shop)
    assert len(book.open) == len(book.orders) > 0
    assert not shop.journal
    created = [order.created_at for order in book.orders.values()]
    assert created == sorted(created)
    assert created[-1] < shop.stamp()
    assert all(one.indexed_at == one.updated_at == one.created_at for one in book.orders.values())
    assert all(
        len({line.item.id for line in order.lines}) == len(order.lines) for order in book.orders.values()
    )


def test_kestrels_orders_are_of_all_ages_and_sizes() -> None:
    shop = kestrel_outdoor(1, Clock(running=False))
    orders = list(shop.order_book.orders.values())
    sixty = (shop.timeline.now() - timedelta(days=60)).isoformat()
    assert 30 <= len(orders) <= 120
    assert any(order.created_at < sixty for order in orders)
    assert {len(order.lines) for order in orders} >= {1, 2}


def test_a_shop_with_nothing_committed_gets_no_orders() -> None:
    assert give_open_orders(stocked()) == 0


# --- always --------------------------------------------------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["place", "fulfil", "part", "cancel", "refund", "move", "edit", "return", "hold", "delete"]
        ),
        st.integers(0, 9),
        st.booleans(),
        st.integers(1, 3),
    ),
    max_size=25,
)


def _step(shop: SandboxShop, kind: str, which: int, yes: bool, quantity: int) -> None:
    book, places = shop.order_book, [shop.locations[MAIN.id], shop.locations[DEPOT.id]]
    if kind == "place" or not book.orders:
        lines = [Wanted(shop.variants[1], quantity, places[yes])]
        if which % 2:
            lines.append(Wanted(shop.variants[2], quantity, places[which % 3 == 0]))
        book.place(lines)
        return
    order = list(book.orders.values())[which % len(book.orders)]
    one, line = order.fulfillment_orders[which % len(order.fulfillment_orders)], order.lines[-1]
    match kind:
        case "fulfil":
            changes.fulfil(book, one)
        case "part":
            changes.fulfil(book, one, {line: quantity})
        case "cancel":
            changes.cancel(book, order, restock=yes)
        case "refund":
            changes.refund(book, line, order, quantity, restock=yes)
        case "move":
            changes.move(book, one, places[yes], {line: quantity} if which % 2 else None)
        case "edit":
            changes.edit(book, order, shop.variants[1 + which % 2], quantity if yes else -quantity)
        case "return":
            changes.take_back(book, line, order, quantity, restock=yes)
        case "hold":
            changes.put_on_hold(book, one)
        case "delete":
            changes.delete(book, order, restock=yes)


@settings(max_examples=150, deadline=None)
@given(_STEPS, st.floats(0, 4))
def test_whatever_happens_committed_is_what_is_held_and_never_below_zero(
    steps: list[tuple[str, int, bool, int]], lag: float
) -> None:
    shop = stocked()
    shop.lags = Lags(commit=lag)
    for step in steps:
        with contextlib.suppress(ValueError):
            _step(shop, *step)
        shop.clock.advance(0.5)
        shop.catch_up()
        assert all(each.committed >= 0 for levels in shop.levels_by_location.values() for each in levels)
    shop.clock.advance(600)
    shop.catch_up()
    assert not shop.order_book.pending
    committed_is_what_is_held(shop)
    for order in shop.order_book.orders.values():
        for line in order.lines:
            held = sum(
                p.remaining
                for one in order.fulfillment_orders
                if one.open
                for p in one.lines
                if p.line is line
            )
            assert 0 <= line.current <= line.quantity
            assert line.fulfilled + held >= line.current
    assert set(shop.order_book.open) == {
        order.id for order in shop.order_book.orders.values() if order.open_units
    }
