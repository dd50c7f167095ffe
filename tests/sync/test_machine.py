"""A state machine over whole accounts: whatever order things happen in, what is always true stays true, and all is right at rest (PROTOCOL §1, §7)."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from supportdesk.core.effects import Margins
from supportdesk.core.rows import Bounds, Judgement, Reading, RowState
from supportdesk.ledger import readings, sync_rows
from supportdesk.sync.session import Rules
from tests.sync.histories import Peaceful
from tests.sync.machine import KINDS, Layout, Market, ShopFront, TellingStore
from tests.sync.turning_on import Dying

FACTS: Counter[str] = Counter()
"""What the accounts of a run held."""
WHICH = st.integers(0, 999)
"""Which of those that can: taken modulo their number."""


LAYOUTS = (
    Layout(places=2, warehouses=2),
    Layout(),
    Layout(twin=True, bundle=True),
    Layout(places=2, shared_item=True),
    Layout(shops=2),
    Layout(shops=2, bundle=True),
    Layout(shops=2, places=2, twin=True, shared_item=True),
    Layout(shops=2, places=2, warehouses=2, twin=True, bundle=True),
    Layout(twin=True, bundle=True, shared_by="sum"),
    Layout(places=2, twin=True, shared_item=True, shared_by="sum", adds_places=True),
    Layout(shops=2, places=2, twin=True, shared_by="highest", adds_places=True),
)


class AccountMachine(RuleBasedStateMachine):
    """What shoppers, staff, packers, people at a desk and bad luck do to an account, in any order."""

    goes_by: type[Rules] = Peaceful
    keeps: type[TellingStore] = TellingStore
    tardy = False
    """Whether orders may come past their margin; staff edit nothing then, for nobody could tell it apart."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.market: Market | None = None

    @initialize(
        seed=st.integers(0, 2**16),
        layout=st.sampled_from(LAYOUTS),
        copies=st.booleans(),
        serves=st.integers(20, 60),
        includes=st.booleans(),
    )
    def opens(self, seed: int, layout: Layout, copies: bool, serves: int, includes: bool = False) -> None:
        """A shop, half of the time with another, sells before anybody thinks of sync; then the first is turned on."""
        self.market = market = Market(
            Path(self.folder.name), seed, layout, rules=self.goes_by, store_type=self.keeps
        )
        market.tardy = self.tardy
        for front in market.fronts:
            for at, row in enumerate(front.rows):
                front.sell(row, 1 + at % 3)
        for number in market.numbers:
            market.adjust(number, market.chance.randint(150, 400), "set")
        market.live(20)
        for front in market.fronts:
            front.sell(front.rows[0], 2)
        market.fronts[0].ask_to_turn_on(copies, includes=includes)
        market.fronts[0].serve(serves)

    @property
    def on(self) -> Market:
        assert self.market is not None
        return self.market

    def front(self, which: int) -> ShopFront:
        return self.on.fronts[which % len(self.on.fronts)]

    # Orders ---------------------------------------------------------------------------------------------------------------------------

    @rule(which=WHICH, row=WHICH, quantity=st.integers(1, 3), wait=st.floats(0, 4), late=st.integers(8, 60))
    def somebody_buys(self, which: int, row: int, quantity: int, wait: float, late: int) -> None:
        front = self.front(which)
        is_late = float(late) if self.tardy and late % 2 else None
        front.sell(front.rows[row % len(front.rows)], quantity, late=is_late)
        self.on.live(wait)

    @rule(which=WHICH, row=WHICH, times=st.integers(3, 9))
    def many_buy(self, which: int, row: int, times: int) -> None:
        front = self.front(which)
        for _ in range(times):
            front.sell(front.rows[row % len(front.rows)], 1)
            self.on.live(0.3)

    @rule(which=WHICH, row=WHICH, late=st.integers(8, 60))
    def somebody_buys_at_the_counter(self, which: int, row: int, late: int = 8) -> None:
        front = self.front(which)
        is_late = float(late) if self.tardy and late % 2 else None
        front.sell(front.rows[row % len(front.rows)], 1, late=is_late, counter=True)

    @rule(which=WHICH, order=WHICH, kind=st.sampled_from(KINDS), restock=st.booleans())
    def an_order_changes(self, which: int, order: int, kind: str, restock: bool) -> None:
        front = self.front(which)
        orders = list(front.shop.order_book.orders.values())
        if orders:
            done = front.later(orders[order % len(orders)], kind, restock)
            self.on.facts[kind] += done

    # Staff and people -----------------------------------------------------------------------------------------------------------------

    @precondition(lambda self: not self.tardy)
    @rule(which=WHICH, row=WHICH, change=st.sampled_from([-4, -2, 3, 5]))
    def staff_edit(self, which: int, row: int, change: int) -> None:
        front = self.front(which)
        key = front.rows[row % len(front.rows)]
        if front.counted.may_be_edited(key):
            front.counted.edit(key, change)
            self.on.facts["staff edits"] += 1

    @precondition(lambda self: not self.tardy)
    @rule(which=WHICH, row=WHICH, units=st.integers(1, 4), release=st.booleans())
    def staff_set_aside(self, which: int, row: int, units: int, release: bool) -> None:
        front = self.front(which)
        key = front.rows[row % len(front.rows)]
        standing = front.counted.set_aside[key]
        units = -standing if release and standing else units
        if front.counted.may_be_set_aside(key) and front.level(key).available >= units + 5:
            front.counted.put_aside(key, units)
            self.on.facts["set aside"] += 1

    @rule(
        number=WHICH,
        units=st.integers(-9, 30),
        kind=st.sampled_from(["add", "subtract", "receive", "count", "set"]),
    )
    def somebody_moves_stock(self, number: int, units: int, kind: str) -> None:
        numbers = [each for each in self.on.numbers if each[1] == 1 or not self.on.truth.mirrored]
        self.on.adjust(numbers[number % len(numbers)], units, kind)  # type: ignore[arg-type]

    @precondition(lambda self: self.market is not None and self.market.layout.warehouses == 2)
    @rule(sku=st.sampled_from(["MUG", "ROPE"]), units=st.integers(1, 20))
    def somebody_transfers(self, sku: str, units: int) -> None:
        if not self.on.truth.mirrored:
            self.on.adjust((sku, 1), -units, "transfer")
            self.on.adjust((sku, 2), units, "transfer")

    # The store --------------------------------------------------------------------------------------------------------------------------

    @rule(
        lost=st.sampled_from([0, 0.1, 0.5]),
        slow=st.sampled_from([0, 0.05]),
        stale=st.sampled_from([0, 0.9]),
        drops=st.sampled_from([0, 0.1]),
    )
    def the_line_is_bad(self, lost: float, slow: float, stale: float, drops: float) -> None:
        for front in self.on.fronts:
            store = front.store
            store.lost, store.slow, store.stale, store.drops = lost, slow, stale, drops

    # Sync -----------------------------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.market is not None and any(front.is_free for front in self.market.fronts))
    @rule(copies=st.booleans(), serves=st.integers(5, 60), includes=st.booleans())
    def turned_on(self, copies: bool, serves: int, includes: bool = False) -> None:
        front = next(front for front in self.on.fronts if front.is_free)
        if not self.on.truth.next:
            front.ask_to_turn_on(copies, includes=includes)
            front.serve(serves)
            self.on.facts["turned on"] += front.on

    @precondition(lambda self: self.market is not None and any(front.on for front in self.market.fronts))
    @rule(which=WHICH)
    def turned_off(self, which: int) -> None:
        front = self.front(which)
        if front.on and front.plan_state != "applying" and front.id not in self.on.truth.next:
            front.turn_off()
            self.on.facts["turned off"] += 1

    @rule(which=WHICH, serves=st.integers(1, 40))
    def rolled_back(self, which: int, serves: int) -> None:
        """Everything that was ever pushed is taken back, orders and all staff did stay."""
        front = self.front(which)
        if front.plan_state != "applying" and front.id not in self.on.truth.next and front.ask_to_roll_back():
            front.serve(serves)
            self.on.facts["rolled back"] += front.plan_state == "rolled_back"

    @precondition(lambda self: self.market is not None and self.market.layout.may_turn_round)
    @rule()
    def another_is_master(self) -> None:
        """Shopify becomes the master of the Depot, or Sumtracker again."""
        front = self.on.fronts[0]
        if front.on and front.plan_state != "applying" and not self.on.truth.next:
            self.on.facts["turned round"] += front.turn_round()

    @rule(which=WHICH, seconds=st.integers(1, 30))
    def a_worker_serves(self, which: int, seconds: int) -> None:
        self.front(which).serve(seconds)

    @rule(which=WHICH, seconds=st.integers(5, 30), at=st.integers(0, 60))
    def a_worker_dies(self, which: int, seconds: int, at: int) -> None:
        self.on.facts["died"] += self.front(which).serve_dying(seconds, Dying(at))

    @rule(which=WHICH, seconds=st.integers(5, 30), at=st.integers(0, 30))
    def a_worker_dies_at_a_commit(self, which: int, seconds: int, at: int) -> None:
        self.on.facts["died at a commit"] += self.front(which).serve_dying_at_commit(seconds, at)

    @rule(
        which=WHICH,
        seconds=st.integers(5, 30),
        at=st.integers(0, 30),
        fails=st.sampled_from(["before", "after"]),
    )
    def a_commit_says_it_failed(self, which: int, seconds: int, at: int, fails: str) -> None:
        self.on.facts["failed commits"] += self.front(which).serve_failing(seconds, at, fails)

    @rule(which=WHICH, seconds=st.integers(5, 30), at=st.integers(1, 60))
    def a_worker_is_overtaken(self, which: int, seconds: int, at: int) -> None:
        self.on.facts["overtaken"] += self.front(which).overtaken(seconds, at)

    @precondition(lambda self: self.market is not None and any(front.on for front in self.market.fronts))
    @rule(which=WHICH)
    def every_order_is_looked_at_twice(self, which: int) -> None:
        """Applying an order twice changes nothing."""
        front = self.front(which)
        if front.on and front.plan_state != "applying":
            once, twice = front.look_twice()
            assert once == twice

    # Time -------------------------------------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([3, 20, 300, 25 * 3600]))
    def time_passes(self, seconds: int) -> None:
        self.on.live(seconds)

    @rule()
    def it_rests(self) -> None:
        self.on.rest()
        assert self.on.wrong_at_rest() == []

    @invariant()
    def what_is_always_true(self) -> None:
        if self.market is not None:
            assert self.market.broken() == []

    def teardown(self) -> None:
        try:
            if self.market is not None:
                self.market.rest()
                assert self.market.wrong_at_rest() == []
                assert self.market.broken() == []
        finally:
            if self.market is not None:
                FACTS.update(self.market.facts)
                self.market.close()
            self.folder.cleanup()


class TardyMachine(AccountMachine):
    """With orders that come past their margin."""

    tardy = True


def profile(examples: int, steps: int, *, shrinks: bool = False) -> settings:
    """So many examples of so many steps, the same each time."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=False,
        phases=list(Phase) if shrinks else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(300)
def test_whatever_happens_all_is_right_at_rest() -> None:
    run_state_machine_as_test(AccountMachine, settings=profile(10, 20))


def test_so_it_is_where_orders_come_past_their_margin() -> None:
    run_state_machine_as_test(TardyMachine, settings=profile(4, 20))


def test_rows_are_waited_for_though_whoever_turned_on_came_back_a_day_later() -> None:
    """Else orders that came just before the first readings would be compared, and counted, by their bounds. Found by the machine."""
    state = AccountMachine()
    state.opens(7330, Layout(twin=True, bundle=True), copies=False, serves=29)
    state.many_buy(row=15, times=3, which=0)
    state.it_rests()
    state.every_order_is_looked_at_twice(which=0)
    for _ in range(5):
        state.it_rests()
    state.every_order_is_looked_at_twice(which=0)
    state.it_rests()
    state.turned_off(which=0)
    state.turned_on(copies=True, serves=50)
    state.many_buy(row=699, times=3, which=0)
    state.every_order_is_looked_at_twice(which=0)
    state.turned_off(which=0)
    state.the_line_is_bad(drops=0.1, lost=0, slow=0, stale=0)
    state.turned_on(copies=False, serves=5)
    state.time_passes(seconds=90000)
    state.somebody_buys(late=8, quantity=1, row=371, wait=0.0, which=0)
    state.teardown()


class Unasked(Peaceful):
    """Judges without a fresh look, as where on hand leaves open what happened."""

    def judge(
        self,
        state: RowState,
        reading: Reading,
        bounds: tuple[Bounds, Bounds],
        margins: Margins,
        standing: int,
        orders_fresh: bool,
    ) -> Judgement:
        return super().judge(state, reading, bounds, margins, standing, orders_fresh=True)


class UnaskedMachine(AccountMachine):
    """With edits judged so."""

    goes_by = Unasked


def test_what_was_copied_stays_where_a_deleted_orders_units_were_undone_as_an_edit() -> None:
    """The store puts them back at once; that it was a deletion is found a day later. Found by the machine."""
    state = UnaskedMachine()
    state.opens(1, Layout(shared_item=True), copies=True, serves=60)
    state.many_buy(which=0, row=0, times=5)
    state.a_worker_serves(which=0, seconds=30)
    state.every_order_is_looked_at_twice(which=0)  # so that nobody does for a minute
    state.an_order_changes(which=0, order=7, kind="delete", restock=True)
    state.a_worker_serves(which=0, seconds=50)
    assert state.on.facts["delete"] == 1
    assert state.on.fronts[0].counted.staff  # it was undone
    state.teardown()


def test_what_was_copied_stays_where_an_edit_was_seen_once_before_a_deleted_order_was_found() -> None:
    """Else the edit would be in the number copied anew, and never be put back. Found by the machine."""
    state = AccountMachine()
    state.opens(seed=0, copies=True, layout=Layout(), serves=37)
    state.a_worker_serves(seconds=1, which=0)
    state.staff_edit(change=-4, row=0, which=0)
    state.a_worker_is_overtaken(at=26, seconds=5, which=0)
    state.an_order_changes(kind="delete", order=0, restock=False, which=0)
    state.every_order_is_looked_at_twice(which=0)
    state.teardown()


@pytest.mark.parametrize("change", [5, -4])
@pytest.mark.parametrize("before_it_is_read", [False, True])
def test_what_was_copied_is_not_what_staff_did_as_an_order_was_deleted(
    change: int, before_it_is_read: bool
) -> None:
    """Whether the deletion is in the number copied is told by what was committed, for nobody looked at the order since T0."""
    state = AccountMachine()
    state.opens(seed=0, copies=True, layout=Layout(), serves=0)
    front = state.on.fronts[0]
    asks = front.store._ask

    def deletes(name: str) -> None:
        if name == "levels" and before_it_is_read and not state.on.facts["delete"]:
            state.an_order_changes(kind="delete", order=0, restock=False, which=0)
            state.on.live(6)
        asks(name)

    with mock.patch.object(front.store, "_ask", deletes):
        while not front.on:
            state.a_worker_serves(seconds=1, which=0)
    state.staff_edit(change=change, row=0, which=0)
    if not before_it_is_read:
        state.an_order_changes(kind="delete", order=0, restock=False, which=0)
    state.every_order_is_looked_at_twice(which=0)
    assert (state.on.facts["delete"], state.on.facts["staff edits"]) == (1, 1)
    state.teardown()


def test_what_was_copied_stays_where_a_late_sale_was_undone_as_an_edit() -> None:
    """A sale at the counter takes units off on hand, as staff do; it is found long past its margin, once it was put back."""
    state = TardyMachine()
    state.opens(1, Layout(), copies=True, serves=60)
    state.it_rests()
    while not state.on.fronts[0].counted.staff:  # how late it is found is a draw
        state.somebody_buys_at_the_counter(which=0, row=0, late=61)
        state.a_worker_serves(which=0, seconds=60)
    state.teardown()


def test_a_sale_that_searches_show_long_after_any_margin_is_found() -> None:
    """Each search in its turn was too early for it, or did not go as far back. Found by the machine."""
    state = TardyMachine()
    state.opens(seed=0, copies=True, serves=30, layout=Layout(twin=True, bundle=True))
    state.it_rests()
    state.a_commit_says_it_failed(at=0, fails="before", seconds=5, which=0)
    state.it_rests()
    state.it_rests()
    state.time_passes(seconds=3)
    state.somebody_buys_at_the_counter(late=8, row=0, which=0)
    state.it_rests()
    state.somebody_buys_at_the_counter(late=45, row=0, which=0)
    state.it_rests()
    state.teardown()


def test_units_set_aside_or_released_are_known_of_a_row_that_settles_again_at_that_moment() -> None:
    """Else they would be in the number it settles at, and be pushed back on sale. Found by the machine."""
    state = AccountMachine()
    state.opens(1, Layout(), copies=False, serves=60)
    front = state.on.fronts[0]
    row = front.rows[0]
    for units in (3, -2):
        state.it_rests()
        front.counted.put_aside(row, units)
        with front.ledger.writing() as connection:
            readings.void(connection, front.id, row)  # those of before would tell
            sync_rows.settle_again(connection, front.id, [row], "an order came late", 0)
    state.teardown()


def test_an_order_that_is_deleted_is_found_before_its_units_are_undone_as_an_edit() -> None:
    """They are on sale again without having come on hand, which staff cannot do; found by the machine, as an order from before."""
    state = AccountMachine()
    layout = Layout(shops=1, places=1, warehouses=1, twin=True, shared_item=False, bundle=True)
    state.opens(seed=4000, layout=layout, copies=True, serves=30)
    state.the_line_is_bad(drops=0, lost=0, slow=0, stale=0)
    for kind in ("add",) * 5 + ("fulfil",) * 2 + ("add",) * 7:
        if kind == "add":
            state.somebody_moves_stock(kind="add", number=0, units=0)
        else:
            state.an_order_changes(kind="fulfil", order=1, restock=False, which=0)
        state.what_is_always_true()
    state.an_order_changes(kind="delete", order=0, restock=False, which=0)
    state.what_is_always_true()
    state.a_worker_serves(which=0, seconds=60)
    assert not state.on.fronts[0].counted.staff
    state.teardown()


def test_units_set_aside_as_an_order_was_deleted_are_told_though_the_number_is_as_it_was() -> None:
    """The order let go of as many; both before it was found, and between two readings of the row that settles again. Found by the machine."""
    state = AccountMachine()
    state.opens(seed=857, layout=Layout(shops=2), copies=False, serves=41)
    state.many_buy(row=0, times=8, which=0)
    state.a_worker_is_overtaken(at=2, seconds=5, which=0)
    state.an_order_changes(kind="delete", order=890, restock=False, which=0)
    state.staff_set_aside(release=False, row=0, units=1, which=0)
    state.teardown()
    state = AccountMachine()
    state.opens(seed=857, layout=Layout(shops=2), copies=False, serves=41)
    state.many_buy(row=283, times=7, which=159)
    state.a_worker_is_overtaken(at=2, seconds=24, which=258)
    state.an_order_changes(kind="delete", order=44, restock=False, which=128)
    state.staff_set_aside(release=True, row=106, units=2, which=320)
    state.a_worker_is_overtaken(at=25, seconds=9, which=296)
    assert (state.on.facts["delete"], state.on.facts["set aside"]) == (1, 1)
    state.teardown()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("machine", [AccountMachine, TardyMachine])
def test_whatever_happens_in_many_accounts_all_is_right_at_rest(machine: type[AccountMachine]) -> None:
    run_state_machine_as_test(machine, settings=profile(60, 35, shrinks=True))


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize("machine", [AccountMachine, TardyMachine])
def test_whatever_happens_in_thousands_of_accounts_all_is_right_at_rest(
    machine: type[AccountMachine],
) -> None:
    run_state_machine_as_test(machine, settings=profile(2000, 50, shrinks=True))
