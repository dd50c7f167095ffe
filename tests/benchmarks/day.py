"""A day of a selling shop in about a minute: what it costs in API points, apart by floor, reads and writes: `python -m tests.benchmarks.day`.

The shop is a sandbox asked in process, its clock is simulated, and the engine goes at the worker's usual pace. What each request costs is
what the documents of `supportdesk.shopify` ask for, by the sandbox's cost rules, so that points are those a real store would reserve.

*Floor*: what the same day costs with nothing happening, for the polls of a cycle every ten minutes and the daily sweep. *Needs*: what a
program that knew everything beforehand would still have to ask: each cycle one reading of the orders and rows that changed since, full
requests, and one write for the rows that differ; an edit is read once more after it was put back, and before one that lowered a number is
put back the open orders are looked at afresh (PROTOCOL §1.4).
"""

from __future__ import annotations

import heapq
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from supportdesk.core.looks import MOST_ROWS, OrdersLook
from supportdesk.core.progress import Unwatched
from supportdesk.core.stock import Quantities
from supportdesk.ledger import movements
from supportdesk.ledger.channels import channel_named
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.timeline import Lags
from supportdesk.sync.engine import Begin, Engine
from supportdesk.sync.worker import Rhythm
from tests.benchmarks.ratios import Ratio
from tests.shops import MAIN, level, listing, small_shop
from tests.sync.accounts import account
from tests.sync.histories import broken_identities
from tests.sync.shops import PAGE, DirectStore

DAY: Final = 86_400
STOCK: Final = 500
COSTS: Final = {
    "clock": 1,
    "levels": 8,
    "levels_changed": 25,
    "listings_changed": 35,
    "listing_page": 35,
    "products_changed": 13,
    "places": 13,
    "listings": 8,
    "variants_of": 14,
    "orders_changed": 8,
    "orders_moved": 13,
    "orders_by_id": 187,
    "orders_holding": 90,
    "open_orders": 90,
    "adjust": 10,
}
"""Points that one request of each kind asks for; `test_day` compares them with the documents."""
WRITES: Final = frozenset({"adjust"})
CHANGES: Final = frozenset({"orders_by_id", "orders_holding", "listings", "variants_of"})
"""Requests that only changes cause. The others are polls, or levels, of which the sweep's share is the floor's."""


def _timed(store: Counted, asked: Callable[..., Any]) -> Callable[..., Any]:
    def ask(*words: Any) -> Any:
        began = time.process_time()
        answer = asked(*words)
        if isinstance(answer, Iterator):
            answer = iter(list(answer))
        store.spent += time.process_time() - began
        return answer

    return ask


class NoLease:
    """Held for good."""

    def check(self, connection: object) -> None: ...


class Counted(DirectStore):
    """Counts what a real store would be asked, a page of found orders is read by their ids; and the time it takes for itself."""

    spent: float = 0.0

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return _timed(self, found) if name in COSTS else found

    def _look(self, ids: Sequence[int], began: float) -> OrdersLook:
        if ids and self.requests[-1] != "orders_by_id":
            self.requests.append("orders_by_id")
        return super()._look(ids, began)


@dataclass
class Day:
    """A shop of `skus`, of which one in fifty is sold as two listings, and what is to happen in its day."""

    folder: Path
    skus: int
    orders: int
    edits: int
    seed: int = 1
    rhythm: Rhythm = field(default_factory=Rhythm)
    happening: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    cycles: int = 0
    seconds: float = 0.0
    """Processor time of the engine and the pretended store."""
    needed: Counter[str] = field(default_factory=Counter)
    """Requests that the changes of a cycle need, whoever makes them."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        twins = self.skus // 50
        numbers = range(1, self.skus + 1)
        rows = [listing(number, f"S-{number}", handle=f"p-{number}") for number in numbers]
        rows += [
            listing(self.skus + number, f"S-{number}", handle=f"twin-{number}")
            for number in range(1, twins + 1)
        ]
        self.shop = small_shop(
            "day",
            clock=Clock(running=False),
            locations=[MAIN],
            listings=rows,
            levels=[level(number, MAIN, STOCK) for number in range(1, self.skus + twins + 1)],
        )
        self.shop.lags = Lags(commit=2, visibility=5)
        self.store = Counted(self.shop, self.chance, self.live)
        self.ledger = account(self.folder / "day.db", self.shop, self.now)
        channel = channel_named(self.ledger, "day")
        assert channel is not None
        self.engine = Engine(self.ledger, channel, self.store, NoLease(), now=self.now, watch=Unwatched())
        self.undone: Counter[int] = Counter()
        self.touched: set[int] = set()
        self.changed_orders = 0
        self.edited = self.lowered = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shop.clock.seconds(), UTC)

    def live(self, seconds: float) -> None:
        """Let time pass, with what is due in it."""
        until = self.shop.clock.seconds() + seconds
        while self.happening and self.happening[0][0] <= until:
            at, _, happens = heapq.heappop(self.happening)
            self.shop.clock.advance(max(0.0, at - self.shop.clock.seconds()))
            happens()
        self.shop.clock.advance(max(0.0, until - self.shop.clock.seconds()))
        self.shop.catch_up()

    # The day --------------------------------------------------------------------------------------------------------------------------

    def go_live(self) -> None:
        """Turn on without anything happening, and wait until the first sweep is spread no more."""
        t0 = math.ceil(self.shop.clock.seconds())
        self.live(t0 - self.shop.clock.seconds())
        self.engine.begin(Begin(None, {MAIN.id: t0}, copies=True))
        result = self.engine.cycle()
        while result.rows.get("live", 0) < len(self.shop.variants):
            self.live(min(60, max(1, (result.next_due or 0) - self.shop.clock.seconds())))
            result = self.engine.cycle()

    def fill(self) -> None:
        """Spread orders, what becomes of them, and edits over the day."""
        began, chance = self.shop.clock.seconds(), self.chance
        for _ in range(self.orders):
            self._at(began + chance.uniform(0, DAY - 7200), self._sell)
        for _ in range(self.edits):
            self._at(began + chance.uniform(0, DAY - 7200), self._edit)

    def _at(self, second: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self.happening, (second, len(self.happening) + self.chance.getrandbits(40), happens))

    def _sell(self) -> None:
        chance = self.chance
        twins = self.skus // 50
        number = chance.randint(1, twins) if chance.random() < 0.2 else chance.randint(1, self.skus)
        wanted = [Wanted(self.shop.variants[number], chance.randint(1, 3), self.shop.locations[MAIN.id])]
        order = self.shop.order_book.place(wanted)
        self.touched.add(2000 + number)
        self.changed_orders += 1
        if chance.random() < 0.8:
            later = self.shop.clock.seconds() + chance.uniform(600, 6 * 3600)
            self._at(later, lambda: self._later(order))

    def _later(self, order: OrderRecord) -> None:
        book = self.shop.order_book
        self.changed_orders += 1
        self.touched.add(order.lines[0].item.id)
        if self.chance.random() < 0.05:
            changes.cancel(book, order)
        else:
            changes.fulfil(book, order.fulfillment_orders[0])

    def _edit(self) -> None:
        number = self.chance.randint(1, self.skus)
        row = (2000 + number, MAIN.id)
        change = self.chance.choice([-4, -2, 3, 5])
        self.shop.change(self.store.level(row), {"available": change}, "staff")
        self.lowered += change < 0
        self.touched.add(row[0])
        self.edited += 1

    def run(self, hours: float = 24) -> None:
        """Cycles at the worker's pace."""
        end = self.shop.clock.seconds() + hours * 3600
        self.store.requests.clear()
        self.store.rows_read = 0
        began = time.process_time()
        while self.shop.clock.seconds() < end:
            written = len(self.store.written)
            result = self.engine.cycle()
            self.cycles += 1
            self._need(len(self.store.written) - written)
            rest = self.rhythm.slow
            if result.next_due is not None:
                rest = min(rest, max(0.0, result.next_due - self.shop.clock.seconds()))
            self.live(rest)
        self.seconds = time.process_time() - began

    def _need(self, written: int) -> None:
        """What the changes since the last regular cycle need, however many cycles are made of them."""
        now = self.shop.clock.seconds()
        self.rows_written = getattr(self, "rows_written", 0) + written
        if now - getattr(self, "counted", 0.0) < self.rhythm.slow - 30:
            return
        self.counted = now
        self.needed["orders_by_id"] += math.ceil(self.changed_orders / PAGE)
        # Read, and where it was edited read again once it was put back.
        self.needed["levels"] += math.ceil(len(self.touched) / MOST_ROWS) + math.ceil(self.edited / MOST_ROWS)
        self.needed["orders_holding"] += self.lowered > 0
        self.needed["adjust"] += math.ceil(self.rows_written / MOST_ROWS)
        self.touched.clear()
        self.changed_orders = self.rows_written = self.edited = self.lowered = 0

    # What it came to --------------------------------------------------------------------------------------------------------------------

    def points(self) -> Counter[str]:
        """By kind of request."""
        return Counter({name: count * COSTS[name] for name, count in Counter(self.store.requests).items()})

    def wrong(self) -> list[str]:
        """SKUs whose numbers are not what was sold of them, on either side, and identities that do not hold."""
        sold: Counter[str] = Counter()
        for order in self.shop.order_book.orders.values():
            for line in order.lines:
                sold[line.sku] += 0 if order.cancelled_at else line.quantity
        wrong = broken_identities(self.ledger)
        kept = self.ledger.db.conn.execute("SELECT sku, in_stock - booked FROM stock").fetchall()
        wrong += [sku for sku, available in kept if available != STOCK - sold[sku]]
        for item in self.shop.items.values():
            if item.levels[MAIN.id].available != STOCK - sold[item.sku]:
                wrong.append(f"{item.sku} in the store")
        (lost,) = self.ledger.db.conn.execute(
            "SELECT ? - count(*) FROM store_order", (len(self.shop.order_book.orders),)
        ).fetchone()
        return [*wrong, *(["orders lost"] if lost else [])]


@dataclass(frozen=True, slots=True)
class Cost:
    """A day's points."""

    floor: int
    reads: int
    writes: int
    needed: int
    cycles: int
    cycles_idle: int
    seconds: float
    points: Counter[str]
    wrong: list[str]

    @property
    def beyond(self) -> int:
        """Points that the day cost more than one in which nothing happens."""
        return self.reads + self.writes


def live_through(folder: Path, skus: int, orders: int, edits: int) -> Cost:
    """A day with changes beside one without."""
    costs: list[Day] = []
    for name, made, edited in (("idle", 0, 0), ("busy", orders, edits)):
        home = folder / name
        home.mkdir()
        day = Day(home, skus, made, edited)
        day.go_live()
        day.fill()
        day.run()
        costs.append(day)
        if made == 0:
            day.ledger.close()
    idle, busy = costs
    floor, spent = sum(idle.points().values()), busy.points()
    writes = sum(units for name, units in spent.items() if name in WRITES)
    needed = sum(COSTS[name] * count for name, count in busy.needed.items())
    wrong = busy.wrong()
    busy.ledger.close()
    return Cost(
        *(floor, sum(spent.values()) - floor - writes, writes, needed, busy.cycles, idle.cycles),
        *(busy.seconds, spent, wrong),
    )


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle in which ten numbers changed in the ledger and ten listings were sold."""

    requests: Counter[str]
    milliseconds: float
    """Of this program's own work, without what the pretended store takes."""


def cycle_of(folder: Path, skus: int) -> Cycle:
    """A cycle with 10 + 10 changes in a shop of so many SKUs."""
    day = Day(folder, skus, 0, 0)
    day.go_live()
    day.live(400)
    day.engine.cycle()
    with day.ledger.writing() as connection:
        for number in range(1, 11):
            cause = movements.Cause(day.now(), "add", who="mia")
            movements.move(connection, cause, f"S-{skus - number}", 1, Quantities(in_stock=3))
    for number in range(20, 30):
        day.shop.order_book.place([Wanted(day.shop.variants[number], 1, day.shop.locations[MAIN.id])])
    day.live(30)
    day.store.requests.clear()
    day.store.spent = 0.0
    began = time.process_time()
    result = day.engine.cycle()
    took = time.process_time() - began - day.store.spent
    assert result.pushed >= 10
    requests = Counter(day.store.requests)
    day.ledger.close()
    return Cycle(requests, took * 1000)


def measure() -> list[Ratio]:
    """The day of 100,000 SKUs, 2,000 orders and 500 edits; and a cycle of ten changes there beside one in a small shop."""
    with tempfile.TemporaryDirectory() as name:
        cost = live_through(Path(name), 100_000, 2_000, 500)
    note = f"floor {cost.floor:,}, reads {cost.reads:,}, writes {cost.writes:,}; {cost.cycles} cycles in {cost.seconds:.0f} s"
    if cost.wrong:
        note += f"; WRONG: {len(cost.wrong)}"
    what = "API points of a day beyond the floor / what it needs"
    ratios = [Ratio(what, cost.beyond, cost.needed, "pts", "<= 1.5x", note)]
    cycles = []
    for skus in (100_000, 100):
        with tempfile.TemporaryDirectory() as name:
            cycles.append(cycle_of(Path(name), skus))
    large, small = cycles
    calls = [sum(each.requests.values()) for each in cycles]
    what = "calls of a cycle with 10 changes: 100,000 SKUs / 100"
    ratios.append(
        Ratio(what, calls[0], calls[1], "", "= 1x", str(dict(large.requests - small.requests) or ""))
    )
    what = "local work of that cycle / 100 ms"
    ratios.append(Ratio(what, large.milliseconds, 100, "ms", "<= 1x"))
    return ratios


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with tempfile.TemporaryDirectory() as here:
            found = live_through(Path(here), *map(int, sys.argv[1:4]))
        sys.stdout.write(
            f"{replace(found, wrong=found.wrong[:5])}\n{found.beyond / max(1, found.needed):.2f}\n"
        )
    else:
        for ratio in measure():
            sys.stdout.write(ratio.line() + "\n")
