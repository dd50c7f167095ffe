"""The tables of `reference/sumtracker.md` §2.6–2.7 and §4, row by row, and that differences add up in any order's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.effects import Effect, EffectKind
from supportdesk.core.orders import (
    Applied,
    GivenBack,
    Held,
    LinePart,
    OrderLine,
    OrderNow,
    Place,
    RecipePart,
    RestockType,
    apply,
    stock_of,
)
from supportdesk.core.stock import NOTHING, Quantities

MAIN, DEPOT, SHOP, NOWHERE = 101, 102, 103, 104
PLACES = {
    MAIN: Place(1, "sumtracker", 1000),
    DEPOT: Place(2, "sumtracker", 1000),
    SHOP: Place(3, "shopify", 1000),
}
MUG, KIT, LEFT_OUT, UNKNOWN = 11, 12, 13, 14
RECIPES = {MUG: (RecipePart("MUG"),), KIT: (RecipePart("MUG", 2), RecipePart("TRAY")), LEFT_OUT: ()}
CREATED = 2000


def line(
    unfulfilled: int,
    fulfilled: int = 0,
    *given_back: GivenBack,
    quantity: int = 4,
    current: int | None = None,
    item: int | None = MUG,
    place: int = MAIN,
) -> OrderLine:
    """A line of four mugs; its current quantity follows from what was refunded, where it is not given."""
    refunded = sum(back.quantity for back in given_back if back.refund)
    now = quantity - refunded if current is None else current
    return OrderLine(1, item, "MUG", quantity, now, (LinePart(place, unfulfilled, fulfilled),), given_back)


def back(kind: RestockType, quantity: int = 4, location_id: int | None = MAIN) -> GivenBack:
    return GivenBack(kind, quantity, None if kind == "NO_RESTOCK" else location_id, kind != "NO_RESTOCK")


def order(
    *lines: OrderLine,
    created: int = CREATED,
    edited: bool = False,
    cancelled: bool = False,
    gone: bool = False,
) -> OrderNow:
    return OrderNow(7, created, lines, edited, cancelled, gone)


def applied(
    now: OrderNow, before: Sequence[Held] | None = None, looks: tuple[int, int] = (2100, 2200)
) -> Applied:
    return apply(now, before, PLACES, RECIPES, *looks)


PLACED = applied(order(line(4)), None).held
SENT = applied(order(line(0, 4)), PLACED).held


def net(result: Applied) -> dict[tuple[str, int], Quantities]:
    totals: dict[tuple[str, int], Quantities] = {}
    for move in result.stock:
        key = (move.sku, move.warehouse_id)
        totals[key] = totals.get(key, NOTHING).plus(move.change)
    return {key: total for key, total in totals.items() if total != NOTHING}


def shown(result: Applied) -> dict[int, tuple[int, int]]:
    """Available and on hand of the row, by location."""
    totals: dict[int, tuple[int, int]] = {}
    for _, place, effect in result.rows:
        available, on_hand = totals.get(place, (0, 0))
        totals[place] = (available + effect.available, on_hand + effect.on_hand)
    return {place: total for place, total in totals.items() if any(total)}


@pytest.mark.parametrize(
    ("before", "now", "kinds", "in_stock", "booked"),
    [
        (None, order(line(4)), ["placed"], 0, 4),
        (PLACED, order(line(0, 4)), ["fulfilled"], -4, -4),
        (PLACED, order(line(1, 3)), ["fulfilled"], -3, -3),
        (PLACED, order(line(0, 0, back("CANCEL")), cancelled=True), ["cancelled"], 0, -4),
        (PLACED, order(line(6, quantity=6, current=6)), ["edited"], 0, 2),
        (PLACED, order(line(3, current=3)), ["edited"], 0, -1),
        (PLACED, order(line(3, 0, back("CANCEL", 1))), ["cancelled"], 0, -1),
        (PLACED, order(line(3, 0, back("NO_RESTOCK", 1))), ["written_off"], -1, -1),
        (PLACED, order(line(0, 0, back("NO_RESTOCK")), cancelled=True), ["written_off"], -4, -4),
        (PLACED, order(line(0, 0, GivenBack("CANCEL", 4, MAIN, restocked=False)), cancelled=True), ["written_off"], -4, -4),
        (SENT, order(line(0, 4, back("RETURN", 2))), ["returned"], 2, 0),
        (SENT, order(line(0, 4, back("NO_RESTOCK", 2))), [], 0, 0),
        (SENT, order(line(0, 4, GivenBack("RETURN", 1, MAIN, refund=False))), ["returned"], 1, 0),
        (SENT, order(line(0, 4, GivenBack("NO_RESTOCK", 1, refund=False))), [], 0, 0),
        (SENT, order(line(0, 4, back("LEGACY_RESTOCK", 2, None))), ["returned"], 2, 0),
        (PLACED, order(line(2, 0, back("LEGACY_RESTOCK", 2, None))), ["edited"], 0, -2),
        (SENT, order(line(4)), ["fulfilled"], 4, 4),
        (PLACED, order(gone=True), ["deleted"], 0, -4),
        (SENT, order(gone=True), [], 0, 0),
        (PLACED, order(line(4)), [], 0, 0),
        (None, order(line(0, 4)), ["placed", "fulfilled"], -4, 0),
        (None, order(line(0, 0, back("CANCEL")), cancelled=True), [], 0, 0),
        # Several things between two looks.
        (PLACED, order(line(0, 2, back("RETURN", 1), back("NO_RESTOCK", 1), back("CANCEL", 1))), ["cancelled", "fulfilled", "written_off", "returned"], -2, -4),
    ],
)  # fmt: skip
def test_every_row_of_the_tables(
    before: Sequence[Held] | None, now: OrderNow, kinds: list[EffectKind], in_stock: int, booked: int
) -> None:
    result = applied(now, before)
    assert [move.kind for move in result.stock] == kinds
    change = Quantities(in_stock, booked)
    assert net(result) == ({("MUG", 1): change} if change != NOTHING else {})
    assert shown(result) == ({MAIN: (change.available, in_stock)} if change.available or in_stock else {})
    again = applied(now, result.held)
    assert (again.stock, again.rows, again.held) == ((), (), result.held)


def test_a_move_releases_here_and_books_there() -> None:
    result = applied(order(line(4, place=DEPOT)), PLACED)
    assert net(result) == {("MUG", 1): Quantities(0, -4), ("MUG", 2): Quantities(0, 4)}
    assert {move.kind for move in result.stock} == {"moved"}
    assert shown(result) == {MAIN: (4, 0), DEPOT: (-4, 0)}


def test_a_return_goes_back_to_where_it_was_put() -> None:
    result = applied(order(line(0, 4, back("RETURN", 2, DEPOT))), SENT)
    assert net(result) == {("MUG", 2): Quantities(2, 0)}
    assert shown(result) == {DEPOT: (2, 2)}


def test_what_was_cancelled_here_was_not_lost_here() -> None:
    split = OrderLine(1, MUG, "MUG", 4, 4, (LinePart(MAIN, 2), LinePart(DEPOT, 2)))
    less = replace(
        split,
        current=2,
        parts=(LinePart(MAIN, 1), LinePart(DEPOT, 1)),
        given_back=(back("CANCEL", 1, MAIN), back("NO_RESTOCK", 1)),
    )
    result = applied(order(less), applied(order(split)).held)
    assert net(result) == {("MUG", 1): Quantities(0, -1), ("MUG", 2): Quantities(-1, -1)}


@pytest.mark.parametrize(
    ("one", "treatment"),
    [
        (line(4, item=UNKNOWN), "not_found"),
        (line(4, item=None), "not_found"),
        (line(4, item=LEFT_OUT), "left_out"),
        (line(4, place=NOWHERE), "unlinked"),
        (line(4, place=SHOP), "shopify_master"),
    ],
)
def test_what_changes_nothing_is_kept_and_says_why(one: OrderLine, treatment: str) -> None:
    result = applied(order(one))
    assert [held.treatment for held in result.held] == [treatment]
    assert (result.stock, result.rows, stock_of(result.held)) == ((), (), {})
    cancelled = applied(
        order(replace(one, current=0, parts=(one.parts[0]._replace(unfulfilled=0),))), result.held
    )
    assert (cancelled.stock, cancelled.rows) == ((), ())


def test_an_unknown_line_is_booked_once_its_sku_is_known() -> None:
    before = applied(order(line(4, item=UNKNOWN))).held
    result = apply(
        order(line(4, item=UNKNOWN)), before, PLACES, {**RECIPES, UNKNOWN: (RecipePart("NEW"),)}, 2500, 2600
    )
    assert net(result) == {("NEW", 1): Quantities(0, 4)}
    assert result.rows[0].effect == Effect("placed", -4, CREATED, CREATED, 0, 7)


def test_a_bundle_books_its_components_and_its_own_row() -> None:
    result = applied(order(line(4, item=KIT)))
    assert net(result) == {("MUG", 1): Quantities(0, 8), ("TRAY", 1): Quantities(0, 4)}
    assert [(each.item_id, each.effect.available) for each in result.rows] == [(KIT, -4)]
    assert stock_of(result.held) == net(result)


def test_a_bundle_that_changed_releases_what_it_took() -> None:
    before = applied(order(line(4, item=KIT))).held
    sent = apply(order(line(0, 4, item=KIT)), before, PLACES, {KIT: (RecipePart("MUG", 5),)}, 2500, 2600)
    assert net(sent) == {("MUG", 1): Quantities(-8, -8), ("TRAY", 1): Quantities(-4, -4)}


def test_a_location_linked_to_another_warehouse_releases_where_it_booked() -> None:
    elsewhere = {MAIN: replace(PLACES[MAIN], warehouse_id=9)}
    result = apply(order(line(1, current=1)), PLACED, elsewhere, RECIPES, 2500, 2600)
    assert net(result) == {("MUG", 1): Quantities(0, -3)}


def test_a_line_that_is_not_in_the_order_any_more_holds_nothing() -> None:
    result = applied(order(), PLACED)
    assert net(result) == {("MUG", 1): Quantities(0, -4)}
    assert shown(result) == {MAIN: (4, 0)}
    assert applied(order(), result.held).stock == ()


def test_an_order_placed_on_the_fence_is_new_and_one_a_second_before_is_past() -> None:
    assert net(applied(order(line(4), created=1000))) == {("MUG", 1): Quantities(0, 4)}
    past = applied(order(line(4), created=999))
    assert [held.treatment for held in past.held] == ["past"]
    assert (past.stock, past.rows, stock_of(past.held)) == ((), (), {})


PAST = applied(order(line(4), created=999)).held


@pytest.mark.parametrize(
    ("one", "change", "row"),
    [
        (line(0, 4), None, {MAIN: (0, -4)}),
        (line(0, 0, back("CANCEL")), Quantities(4, 0), {MAIN: (4, 0)}),
        (line(0, 0, back("NO_RESTOCK")), None, {MAIN: (0, -4)}),
        (line(3, current=3), Quantities(1, 0), {MAIN: (1, 0)}),
        (line(6, quantity=6, current=6), Quantities(-2, 0), {MAIN: (-2, 0)}),
        (line(0, 4, back("RETURN", 2)), Quantities(2, 0), {MAIN: (2, -2)}),
    ],
)
def test_a_past_order_that_changes_is_an_adjustment(
    one: OrderLine, change: Quantities | None, row: dict[int, tuple[int, int]]
) -> None:
    result = applied(order(one, created=999), PAST)
    assert net(result) == ({("MUG", 1): change} if change else {})
    assert all(move.adjusts for move in result.stock)
    assert shown(result) == row


def test_a_past_order_that_moves_takes_from_where_it_came_to() -> None:
    result = applied(order(line(4, place=DEPOT), created=999), PAST)
    assert net(result) == {("MUG", 1): Quantities(4, 0), ("MUG", 2): Quantities(-4, 0)}


def test_what_happened_to_a_past_order_before_t0_and_was_found_after_it_is_in_the_number_already() -> None:
    cancelled = replace(order(line(0, 0, back("CANCEL")), created=900), times={"cancelled": (995, 999)})
    result = applied(cancelled, PAST, (1000, 1020))
    assert (result.stock, result.rows) == ((), ())
    on_the_fence = applied(replace(cancelled, times={"cancelled": (995, 1000)}), PAST, (1000, 1020))
    assert net(on_the_fence) == {("MUG", 1): Quantities(4, 0)}
    assert [each.effect for each in on_the_fence.rows] == [Effect("cancelled", 4, 1000, 1000, 0, 7)]


def test_a_location_linked_later_takes_only_what_changes_after() -> None:
    before = applied(order(line(4, place=NOWHERE))).held
    places = {**PLACES, NOWHERE: Place(4, "sumtracker", 2300)}
    assert apply(order(line(4, place=NOWHERE)), before, places, RECIPES, 2200, 2400).stock == ()
    result = apply(order(line(1, current=1, place=NOWHERE)), before, places, RECIPES, 2200, 2400)
    assert net(result) == {("MUG", 4): Quantities(3, 0)}


def test_a_deleted_order_lets_its_rows_settle_again() -> None:
    assert applied(order(gone=True), PLACED).settle_again == ((MUG, MAIN),)
    assert applied(order(gone=True), SENT).settle_again == ()
    assert applied(order(line(4)), PLACED).settle_again == ()


def test_when_each_effect_happened() -> None:
    assert [each.effect for each in applied(order(line(4))).rows] == [
        Effect("placed", -4, CREATED, CREATED, 0, 7)
    ]
    sent = applied(order(line(0, 4)), PLACED, (2300, 2400))
    assert [each.effect for each in sent.rows] == [Effect("fulfilled", 0, 2300, 2400, -4, 7)]
    cancelled = replace(order(line(0, 0, back("CANCEL"))), times={"cancelled": (2350, 2350)})
    assert [each.effect for each in applied(cancelled, PLACED, (2300, 2400)).rows] == [
        Effect("cancelled", 4, 2350, 2350, 0, 7)
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((2350, 2360), (2350, 2360)),
        # It names every change of the kind; those before the last look were applied then.
        ((2250, 2350), (2300, 2350)),
        # What the look found cannot be what is said: all of it may be.
        ((2200, 2250), (2200, 2400)),
    ],
)
def test_what_the_store_says_of_when_lies_within_the_looks(
    said: tuple[int, int], expected: tuple[int, int]
) -> None:
    sent = replace(order(line(0, 4)), times={"fulfilled": said})
    assert [each.effect for each in applied(sent, PLACED, (2300, 2400)).rows] == [
        Effect("fulfilled", 0, *expected, -4, 7)
    ]


def test_an_order_that_moved_before_the_first_look_was_placed_who_knows_where() -> None:
    moved = replace(order(line(4, place=DEPOT)), times={"placed": (CREATED, 2050)})
    assert [each.effect for each in applied(moved).rows] == [Effect("placed", -4, CREATED, 2050, 0, 7)]


def test_what_came_from_a_place_that_is_not_linked_was_moved_and_not_edited() -> None:
    before = applied(order(line(4, place=NOWHERE))).held
    moved = replace(order(line(4)), times={"edited": (1500, 1500)})
    result = applied(moved, before, (2300, 2400))
    assert [each.effect for each in result.rows] == [Effect("moved", -4, 2300, 2400, 0, 7)]
    past = replace(order(line(4), created=900), times={"edited": (950, 950)})
    before = applied(order(line(4, place=NOWHERE), created=900)).held
    assert net(applied(past, before, (2300, 2400))) == {("MUG", 1): Quantities(-4, 0)}


def test_of_a_deleted_order_nobody_knows_when_it_was_created() -> None:
    gone = OrderNow(7, 0, gone=True)
    result = applied(gone, PLACED)
    assert net(result) == {("MUG", 1): Quantities(0, -4)}
    assert [move.adjusts for move in result.stock] == [False]
    assert result.settle_again == ((MUG, MAIN),)
    assert net(applied(gone, PAST)) == {("MUG", 1): Quantities(4, 0)}
    nothing = applied(gone, applied(order(line(4, place=NOWHERE))).held)
    assert (nothing.stock, nothing.rows, nothing.settle_again) == ((), (), ())
    unlinked = apply(gone, PLACED, {}, RECIPES, 2300, 2400)
    assert (unlinked.stock, unlinked.rows) == ((), ())


def test_what_was_taken_off_before_the_first_look_was_once_on() -> None:
    """A reading between the two saw all four; so it is two effects, not one of what is left."""
    result = applied(order(line(3, current=3)))
    assert [each.effect for each in result.rows] == [
        Effect("placed", -4, CREATED, CREATED, 0, 7),
        Effect("edited", 1, CREATED, 2200, 0, 7),
    ]
    split = OrderLine(1, MUG, "MUG", 4, 4, (LinePart(MAIN, 1), LinePart(DEPOT, 3)))
    assert [(each.location_id, each.effect.available, each.effect.earliest, each.effect.latest) for each in applied(order(split)).rows] == [
        (MAIN, -4, CREATED, 2200), (MAIN, 3, CREATED, 2200), (DEPOT, -4, CREATED, 2200), (DEPOT, 1, CREATED, 2200)
    ]  # fmt: skip
    edited = applied(order(line(6, quantity=6, current=6), edited=True))
    assert [each.effect for each in edited.rows] == [Effect("placed", -6, CREATED, 2200, 0, 7)]


# Any life of an order


@dataclass
class Life:
    """One line in a store, and what the store's numbers did."""

    quantity: int
    current: int
    waiting: dict[int, int]
    sent: dict[int, int] = field(default_factory=lambda: {MAIN: 0, DEPOT: 0})
    given_back: list[GivenBack] = field(default_factory=list)
    returned: int = 0
    available: dict[int, int] = field(default_factory=lambda: {MAIN: 0, DEPOT: 0})
    on_hand: dict[int, int] = field(default_factory=lambda: {MAIN: 0, DEPOT: 0})

    def do(self, what: str, place: int, quantity: int) -> None:
        waiting = min(quantity, self.waiting[place])
        if what == "fulfil":
            self.waiting[place] -= waiting
            self.sent[place] += waiting
            self.on_hand[place] -= waiting
        elif what == "move":
            other = MAIN if place == DEPOT else DEPOT
            self.waiting[place] -= waiting
            self.waiting[other] += waiting
            self.available[place] += waiting
            self.available[other] -= waiting
        elif what in ("cancel", "lose", "edit"):
            self.waiting[place] -= waiting
            self.current -= waiting
            if what != "edit" and waiting:
                self.given_back.append(back("NO_RESTOCK" if what == "lose" else "CANCEL", waiting, place))
            if what == "lose":
                self.on_hand[place] -= waiting
            else:
                self.available[place] += waiting
        elif what == "add":
            self.quantity += quantity
            self.current += quantity
            self.waiting[place] += quantity
            self.available[place] -= quantity
        elif come := min(quantity, sum(self.sent.values()) - self.returned):
            self.returned += come
            self.current -= come
            self.given_back.append(back("RETURN" if what == "return" else "NO_RESTOCK", come, place))
            if what == "return":
                self.available[place] += come
                self.on_hand[place] += come

    def now(self) -> OrderNow:
        parts = tuple(LinePart(place, self.waiting[place], self.sent[place]) for place in (MAIN, DEPOT))
        return order(OrderLine(1, MUG, "MUG", self.quantity, self.current, parts, tuple(self.given_back)))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fulfil", "move", "cancel", "lose", "edit", "add", "return", "refund", "look"]),
        st.sampled_from([MAIN, DEPOT]),
        st.integers(1, 4),
    ),
    max_size=20,
)


@given(STEPS, st.integers(1, 9), st.booleans())
def test_looks_at_any_moments_add_up_to_what_the_store_did(
    steps: list[tuple[str, int, int]], quantity: int, past: bool
) -> None:
    """Where units were lost shows only by where fewer wait, so a look comes before and after every loss, and after moves and additions."""
    life = Life(quantity, quantity, {MAIN: quantity, DEPOT: 0})
    start = replace(life.now(), created=999 if past else CREATED)
    first = applied(start)
    assert net(first) == ({} if past else {("MUG", 1): Quantities(0, quantity)})
    if not past:
        life.available[MAIN] -= quantity
    results = [first, *_looks(life, steps, past, first.held)]
    held, total = results[-1].held, dict[tuple[str, int], Quantities]()
    rows_by_place = {MAIN: [0, 0], DEPOT: [0, 0]}
    for result in results:
        for key, change in net(result).items():
            total[key] = total.get(key, NOTHING).plus(change)
        for _, place, effect in result.rows:
            rows_by_place[place][0] += effect.available
            rows_by_place[place][1] += effect.on_hand
    assert rows_by_place == {place: [life.available[place], life.on_hand[place]] for place in (MAIN, DEPOT)}
    for place, warehouse in ((MAIN, 1), (DEPOT, 2)):
        in_ledger = total.get(("MUG", warehouse), NOTHING)
        assert in_ledger.available == life.available[place]
        if not past:
            assert (in_ledger.in_stock, in_ledger.booked) == (life.on_hand[place], life.waiting[place])
            assert stock_of(held).get(("MUG", warehouse), NOTHING) == in_ledger


def _looks(
    life: Life, steps: list[tuple[str, int, int]], past: bool, held: tuple[Held, ...]
) -> list[Applied]:
    """What each look came to, each applied twice."""
    looked: list[Applied] = []

    def look() -> None:
        before = looked[-1].held if looked else held
        now = replace(life.now(), created=999 if past else CREATED)
        result = applied(now, before)
        again = applied(now, result.held)
        assert (again.held, again.stock, again.rows) == (result.held, (), ())
        looked.append(result)

    for what, place, quantity in steps:
        if what == "lose":
            look()
        if what != "look":
            life.do(what, place, quantity)
        if what in ("look", "lose", "move", "add"):
            look()
    look()
    return looked
