"""Going live on a selling store, and staying exact: a store and an engine in memory, the engine driven by `core.rows` alone.

Shoppers, staff, fulfilment, adjustments, lost replies; several rows share one ledger number. The engine sees levels, what search shows
of orders, and its own writes; never the truth, which the oracles know:

- *rest*: once everything is quiet, a row or the ledger does not show the truth;
- *oversold*: a write of ours added units that are not there: a raised row may exceed the truth only by what was sold or set aside on
  other rows and cannot be known yet, by orders not yet off its own number, and by what staff added to it;
- *undone*: an undo put back what staff never took.

With the rules no history trips an oracle; with any one of them broken most histories do.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

import pytest

from supportdesk.core.effects import (
    Effect,
    EffectKind,
    Margins,
    PushEffect,
    PushKind,
    proven_lag,
)
from supportdesk.core.rows import (
    ENOUGH_READINGS,
    Bounds,
    Reading,
    RowNumbers,
    RowState,
    bounds_at_t0,
    comes_late,
    difference,
    explained_late,
    is_matured,
    is_slow,
    is_void,
    judge,
    reading_interval,
    settle,
    settling,
    should_show,
)

Rule = Literal["none", "absolute", "rowfence", "unquiet", "hasty", "counted", "straddle", "late"]
Oracle = Literal["rest", "oversold", "undone"]

MARGINS = Margins(commit_lag=4, visibility=9, slow_reply=3, apart=12)
COMMIT, SEARCH = 3000, 8000  # the store's real lags at most, in milliseconds
EVERY = 5  # seconds between readings


@dataclass
class Order:
    row: int
    quantity: int
    created: int
    fulfilled: bool = False
    cancelled: bool = False


class Store:
    """What Shopify does: takes an order off its row a moment after it was created, and shows it in search later still."""

    def __init__(self, chance: random.Random, rows: int) -> None:
        self.chance, self.now, self.serial, self.fence = chance, 0, 0, -(10**6)
        self.numbers = [
            [chance.randint(40, 300), chance.randint(0, 9), chance.randint(0, 9)] for _ in range(rows)
        ]
        self.orders: list[Order] = []
        self.commits: list[tuple[int, int, int, tuple[int, int, int]]] = []  # when, serial, row, what
        self.feed: list[tuple[int, int, int, Effect]] = []  # visible, serial, row, what search will show
        self.tardy = 0.0  # share of orders that search shows past their margin
        self.staff = [0] * rows  # standing edits, truth only
        self.set_aside = [0] * rows  # since T0
        self.changes: list[tuple[int, int]] = []  # second, what became of the truth

    def second(self) -> int:
        return self.now // 1000

    def advance(self, milliseconds: int) -> None:
        self.now += milliseconds
        while self.commits and self.commits[0][0] <= self.now:
            _, _, row, what = heapq.heappop(self.commits)
            self.numbers[row] = [
                number + change for number, change in zip(self.numbers[row], what, strict=True)
            ]

    def happen(self, row: int, kind: EffectKind, available: int, committed: int, exact: bool) -> None:
        """An order's change: on the number soon, in search later, with its own second or somewhere between two looks."""
        self.serial += 1
        on_hand = available + committed
        heapq.heappush(
            self.commits,
            (self.now + self.chance.randint(0, COMMIT), self.serial, row, (available, committed, 0)),
        )
        before, after = (0, 0) if exact else (self.chance.randint(0, 9), self.chance.randint(0, 9))
        effect = Effect(
            kind, available, max(self.fence, self.second() - before), self.second() + after, on_hand
        )
        lag = self.chance.randint(0, SEARCH)
        if kind == "placed" and self.chance.random() < self.tardy:
            lag = self.chance.randint(SEARCH, 8 * SEARCH)
        heapq.heappush(self.feed, (self.now + lag, self.serial, row, effect))
        if available:
            self.changes.append((self.second(), available))

    def uncommitted(self, row: int) -> int:
        return -sum(what[0] for _, _, at, what in self.commits if at == row)

    def read(self, row: int) -> RowNumbers:
        available, committed, reserved = self.numbers[row]
        return RowNumbers(available, committed, available + committed + reserved, reserved=reserved)


@dataclass
class Row:
    """What the engine keeps of one row."""

    state: RowState = field(default_factory=settling)
    settled_at: int = 0
    effects: list[Effect] = field(default_factory=list)
    pushes: list[PushEffect] = field(default_factory=list)
    readings: list[tuple[Reading, int]] = field(
        default_factory=list
    )  # with the standing edits at its moment, truth only
    lost: list[tuple[int, bool]] = field(
        default_factory=list
    )  # pushes without a reply, and whether they were done

    def known(self) -> int:
        return sum(effect.available for effect in self.effects)

    def standing(self, kind: EffectKind = "unavailable") -> int:
        return -sum(effect.available for effect in self.effects if effect.kind == kind)

    def knows_set_aside(self, units: int, reserved: int) -> bool:
        """Whether every change of them was seen; one that falls together with an edit is, by one reading, whatever errs on not selling."""
        baseline = self.state.baseline
        unseen = any(reading.numbers.reserved != reserved for reading, _ in self.readings)
        return (
            self.standing() == units
            and baseline is not None
            and baseline.unavailable == reserved
            and not unseen
        )


class Engine:
    """The cycle of PROTOCOL §5, cut to what exactness needs; `broken` leaves one rule out."""

    def __init__(self, history: History, broken: Rule) -> None:
        self.history, self.store, self.broken = history, history.store, broken
        self.t0 = self.store.second()
        self.rows = [Row() for _ in self.store.numbers]
        self.adjusted, self.due = 0, self.t0 + MARGINS.commit_lag + 4
        self.found: Counter[Oracle] = Counter()
        self.margins, self.looked, self.undos, self.late = MARGINS, self.t0, 0, 0

    def live(self) -> bool:
        return all(row.state.condition == "live" for row in self.rows)

    def exact(self) -> bool:
        return self.live() and all(row.state.tells_edits for row in self.rows)

    def ledger(self) -> int | None:
        start = self.rows[0].state.counted if self.history.copy else self.history.given
        if start is None:
            return None
        known = sum(row.known() for row in self.rows)
        if self.broken == "rowfence":  # an order counts only after its own row settled
            known = sum(
                effect.available
                for row in self.rows
                for effect in row.effects
                if row.state.condition == "live" and effect.latest > row.settled_at
            )
        return start + self.adjusted + known

    def look_at_orders(self) -> None:
        while self.store.feed and self.store.feed[0][0] <= self.store.now:
            _, _, at, effect = heapq.heappop(self.store.feed)
            if effect.earliest >= self.t0:
                if effect.kind == "placed" and self.broken != "late":
                    self.look_out_for_late(self.rows[at], effect)
                self.rows[at].effects.append(effect)
        self.looked = self.store.second()

    def look_out_for_late(self, row: Row, placed: Effect) -> None:
        row.effects += explained_late(placed, row.effects)
        if comes_late(row.state, placed, self.margins):
            self.late += 1
            row.state = settling("an order came late")
            self.margins = self.margins.widened(visibility=proven_lag(placed.earliest, self.looked))

    def step(self) -> None:
        for at, row in enumerate(self.rows):
            self.resend(at, row)
        looked = self.store.second()
        self.look_at_orders()
        for at, row in enumerate(self.rows):
            hasty = self.broken == "hasty" and row.state.condition == "live"
            while row.readings and (hasty or is_matured(row.readings[0][0], looked, self.margins)):
                self.consider(at, row, *row.readings.pop(0))
        if self.store.second() >= self.due:
            self.read()
        for at, row in enumerate(self.rows):
            wanted = self.ledger()
            if row.state.shown is not None and wanted is not None:
                change = difference(wanted, should_show(row.state.shown, row.pushes, row.effects))
                if change:
                    self.push(at, row, "difference", change, wanted)

    def read(self) -> None:
        chance, store = self.store.chance, self.store
        before, after = chance.randint(20, 900), chance.choice([30, 200, 900, 900, 4000])
        self.history.shop(before)
        seen = [(store.read(at), store.staff[at]) for at in range(len(self.rows))]
        self.history.shop(after)
        took = (before + after) / 1000
        if not is_slow(took, MARGINS):
            start, end = reading_interval(store.second(), took)
            for row, (numbers, staff) in zip(self.rows, seen, strict=True):
                row.readings.append((Reading(numbers, start, end), staff))
        self.due = store.second() + EVERY

    def consider(self, at: int, row: Row, reading: Reading, staff: int) -> None:
        pushes, margins = row.pushes, self.margins
        if self.broken == "straddle":  # a reading across a push is kept, and taken for one after it
            pushes = [replace(push, sent=0, acknowledged=0) for push in row.pushes]
        if is_void(reading, self.t0, pushes, margins):
            return
        if self.broken == "unquiet":  # an order is taken to be off the number as soon as it is created
            margins = replace(margins, commit_lag=-4, clock_skew=-1)
        available = bounds_at_t0(reading, row.effects, pushes, margins)
        on_hand = bounds_at_t0(reading, row.effects, pushes, margins, "on_hand")
        if row.state.condition == "settling":
            row.state, row.settled_at = settle(row.state, reading, available, on_hand), reading.end
            return
        if self.broken == "hasty":  # one reading is believed at once, by available alone
            margins, on_hand = replace(margins, apart=-100), Bounds(-(10**6), -(10**6))
        judged = judge(
            row.state,
            reading,
            available,
            on_hand,
            margins,
            row.standing("unexplained"),
            self.broken == "hasty",
        )
        if judged.asks:
            self.history.shop(200)
            self.look_at_orders()
            available = bounds_at_t0(reading, row.effects, pushes, margins)
            on_hand = bounds_at_t0(reading, row.effects, pushes, margins, "on_hand")
            judged = judge(row.state, reading, available, on_hand, margins, row.standing("unexplained"), True)
        row.state = judged.state
        if judged.effects:
            row.effects += judged.effects
        if judged.undo:
            self.found["undone"] += judged.undo > max(0, -staff)
            self.undos += 1
            self.push(at, row, "undo", judged.undo, None)
            if self.broken in ("straddle", "counted"):
                row.readings.clear()

    def push(self, at: int, row: Row, kind: PushKind, change: int, wanted: int | None) -> None:
        chance = self.store.chance
        counted: PushKind = "difference" if self.broken == "counted" else kind
        row.pushes.append(PushEffect(counted, change, self.store.second()))
        lost = chance.random() < 0.06
        self.history.shop(chance.randint(20, 700))
        done = not lost or chance.random() < 0.5
        if done:
            self.write(at, kind, change, wanted)
        self.history.shop(chance.randint(20, 300))
        if lost:
            row.lost.append((len(row.pushes) - 1, done))
        else:
            row.pushes[-1] = replace(row.pushes[-1], acknowledged=self.store.second())

    def resend(self, at: int, row: Row) -> None:
        while row.lost:
            place, done = row.lost.pop()
            push = row.pushes[place]
            if not done:  # the store knows the key of what it did before, and does nothing twice
                wanted, shown = self.ledger(), row.state.shown
                owed = 0  # what the next push takes off again, for the ledger fell since this one was stored
                if wanted is not None and shown is not None:
                    owed = max(0, -difference(wanted, should_show(shown, row.pushes, row.effects)))
                self.write(at, push.kind, push.available, None, owed)
            row.pushes[place] = replace(push, acknowledged=self.store.second())

    def write(self, at: int, kind: PushKind, change: int, wanted: int | None, owed: int = 0) -> None:
        store = self.store
        if self.broken == "absolute" and wanted is not None:
            change = wanted - store.numbers[at][0]
        store.numbers[at][0] += change
        if kind == "undo":
            store.staff[at] += change
        elif change > 0 and not store.tardy:  # what comes past its margin is only put right afterwards
            most = (
                self.history.truth()
                + self.history.unseen(at)
                + store.uncommitted(at)
                + max(0, store.staff[at])
                + owed
            )
            self.found["oversold"] += store.numbers[at][0] > most


class History:
    """A shop's few minutes, from a seed: before T0, going live, selling on, then quiet."""

    def __init__(self, seed: int, broken: Rule = "none", tardy: bool = False) -> None:
        self.chance = chance = random.Random(seed)
        self.store = Store(chance, chance.randint(1, 4))
        self.copy = chance.random() < 0.6
        self.rate = chance.choice([0.02, 0.05, 0.15])
        self.edits = chance.choice([0.005, 0.015, 0.03])
        if tardy:  # a row that settles again takes a standing edit for the store's number, so nobody edits
            self.edits, self.store.tardy = 0.0, 0.2
        self.hot = chance.random()
        self.engine: Engine | None = None
        self.made = 0
        for _ in range(60):
            self.shop(chance.randint(20, 400))
        self.store.advance(1000 - self.store.now % 1000)
        self.given = chance.randint(30, 200)
        self.number = self.store.numbers[0][0] - self.store.uncommitted(0) if self.copy else self.given
        self.engine = Engine(self, broken)
        self.store.fence = (
            self.engine.t0
        )  # orders are looked at then, so no change lies between a look before and one after it
        self.store.changes.clear()

    def truth(self) -> int:
        assert self.engine
        return self.number + self.engine.adjusted + sum(change for _, change in self.store.changes)

    def unseen(self, row: int) -> int:
        """Units sold or set aside on other rows that the engine cannot know of yet."""
        assert self.engine
        t0 = self.engine.t0
        sold = sum(
            -e.available
            for *_, at, e in self.store.feed
            if at != row and e.kind == "placed" and e.earliest >= t0
        )
        aside = [
            units - row.standing() for units, row in zip(self.store.set_aside, self.engine.rows, strict=True)
        ]
        return sold + sum(max(0, units) for at, units in enumerate(aside) if at != row)

    def shop(self, milliseconds: int) -> None:
        """Let time pass, with what shoppers, staff and the packers do in it."""
        store, chance = self.store, self.chance
        if chance.random() < self.rate:
            row = 0 if chance.random() < self.hot else chance.randrange(len(store.numbers))
            order = Order(row, chance.randint(1, 3), store.now)
            store.orders.append(order)
            store.happen(row, "placed", -order.quantity, order.quantity, exact=True)
        if store.orders and chance.random() < self.rate * 0.4:
            self.later(chance.choice(store.orders))
        if self.engine and chance.random() < self.edits and self.engine.exact():
            self.staff(chance.randrange(len(store.numbers)))
        store.advance(milliseconds)

    def later(self, order: Order) -> None:
        """An order some seconds old is packed or cancelled, once."""
        if order.fulfilled or order.cancelled or self.store.now - order.created < COMMIT:
            return
        exact = self.chance.random() < 0.5
        if self.chance.random() < 0.7:
            order.fulfilled = True
            self.store.happen(order.row, "fulfilled", 0, -order.quantity, exact)
        else:
            order.cancelled = True
            self.store.happen(order.row, "cancelled", order.quantity, -order.quantity, exact)

    def staff(self, row: int) -> None:
        """An edit of the number; or units set aside or released, where no edit stands that could be mistaken for it."""
        store, chance = self.store, self.chance
        assert self.engine
        kept = self.engine.rows[row]
        known = kept.knows_set_aside(store.set_aside[row], store.numbers[row][2])
        edited = store.staff[row] or any(staff for _, staff in kept.readings)
        if chance.random() < 0.3 and not edited:
            units = (
                -store.set_aside[row]
                if store.set_aside[row] and chance.random() < 0.7
                else chance.randint(1, 4)
            )
            store.set_aside[row] += units
            store.numbers[row][0] -= units
            store.numbers[row][2] += units
            store.changes.append((store.second(), -units))
        elif known:
            edit = chance.choice([-4, -2, 3, 5])
            store.numbers[row][0] += edit
            store.staff[row] += edit
            self.made += 1

    def run(self) -> Counter[Oracle]:
        """Live through it; what the oracles found."""
        assert self.engine
        for _ in range(150):
            for _ in range(self.chance.randint(1, 14)):
                self.shop(self.chance.randint(20, 400))
            self.engine.step()
            if self.engine.live() and self.chance.random() < 0.12:
                self.engine.adjusted += self.chance.choice([-3, 2, 10])
        self.rate = self.edits = 0
        for _ in range(70):
            self.store.advance(4000 if not self.store.tardy else 8000)
            self.engine.step()
        truth = self.truth()
        shown = all(numbers[0] == truth for numbers in self.store.numbers)
        self.engine.found["rest"] += not (shown and self.engine.live() and self.engine.ledger() == truth)
        return +self.engine.found


def histories(seeds: range, broken: Rule = "none", tardy: bool = False) -> list[Counter[Oracle]]:
    return [History(seed, broken, tardy).run() for seed in seeds]


def found(outcomes: list[Counter[Oracle]]) -> dict[int, Counter[Oracle]]:
    return {seed: outcome for seed, outcome in enumerate(outcomes) if outcome}


def test_with_the_rules_no_history_ends_wrong_and_no_write_adds_a_unit_that_is_not_there() -> None:
    assert not found(histories(range(400)))


def test_orders_that_come_past_their_margin_are_put_right() -> None:
    assert not found(histories(range(100), tardy=True))


def test_the_histories_are_worth_living() -> None:
    """They hold what the rules are for: many edits and undos, rows on bounds, units set aside, replies lost, orders cancelled."""
    lives = [History(seed, tardy=seed % 4 == 0) for seed in range(80)]
    for life in lives:
        life.run()
    engines = [life.engine for life in lives if life.engine]
    rows = [row for engine in engines for row in engine.rows]
    assert sum(life.made for life in lives) > 200
    assert sum(engine.undos for engine in engines) > 100
    assert sum(row.state.readings > 1 for row in rows) > 40
    assert sum(row.standing() != 0 for row in rows) > 10
    released = [
        effect
        for row in rows
        for effect in row.effects
        if effect.kind == "unavailable" and effect.available > 0
    ]
    assert len(released) > 5
    assert sum(row.state.readings == ENOUGH_READINGS for row in rows) >= 3
    assert sum(push.acknowledged is not None for row in rows for push in row.pushes) > 1000
    assert sum(engine.late for engine in engines) > 15
    assert sum(order.cancelled for life in lives for order in life.store.orders) > 100


@pytest.mark.parametrize(
    ("rule", "oracle"),
    [
        ("absolute", "oversold"),
        ("rowfence", "oversold"),
        ("unquiet", "rest"),
        ("hasty", "undone"),
        ("counted", "rest"),
        ("straddle", "undone"),
    ],
)
def test_most_histories_fail_once_a_rule_is_broken(rule: Rule, oracle: Oracle) -> None:
    outcomes = histories(range(60), rule)
    assert len(found(outcomes)) > 30
    assert sum(outcome[oracle] > 0 for outcome in outcomes) >= 18


def test_orders_past_their_margin_are_lost_or_counted_twice_unless_their_rows_settle_again() -> None:
    """Only where one comes after a reading that shows it was judged, so not in most histories."""
    outcomes = histories(range(60), "late", tardy=True)
    assert sum(outcome["rest"] > 0 for outcome in outcomes) >= 10


@pytest.mark.slow
@pytest.mark.parametrize("thousand", range(1, 11))
def test_thousands_of_histories_end_right(thousand: int) -> None:
    seeds = range(thousand * 1000, (thousand + 1) * 1000)
    assert not found(histories(seeds))
    assert not found(histories(seeds[:300], tardy=True))
