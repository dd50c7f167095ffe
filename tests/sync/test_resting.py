"""What a worker does for weeks: when it goes, what wakes it and what does not, and that it notices having slept, lost its lease, or the clock set."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from supportdesk.core.duplicates import Choice
from supportdesk.core.progress import Watch
from supportdesk.errors import Cancelled, DiskFull, LedgerDamaged, LedgerNewer, ScopeMissing, TokenRefused
from supportdesk.ledger import alerts, asked, channel_sync, decisions, events, leases
from supportdesk.ledger.decisions import Deciding, Said
from supportdesk.ledger.file import Ledger
from supportdesk.sync.lease import take_lease
from supportdesk.sync.store import EngineStore
from supportdesk.sync.worker import Rhythm, WorkerJob, run
from tests.sync.test_apply import MUG, shop_of, worlds
from tests.sync.turning_on import CADENCE, ClaimedStore, LivingWatch, World

__all__ = ["worlds"]

SLOW, QUICK = 600.0, 20.0
ORDERS = 30
RHYTHM = Rhythm(slow=SLOW, quick=QUICK, quick_for=900, trouble=(5, 15, 60))


@dataclass
class Hours(LivingWatch):
    """Lets the shop live; looks on, whenever the worker waits."""

    world: World
    until: Callable[[], bool]
    looks: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> None:
        self.looks()
        if self.until():
            raise Cancelled("It is so.")
        self.world.live(seconds)

    def check(self) -> None: ...


@dataclass
class Worker:
    """A worker of a world whose sync is on, and of what it says."""

    world: World
    said: list[str] = field(default_factory=list)
    store: EngineStore | None = None
    ledger: Ledger | None = None
    now: Callable[[], datetime] | None = None

    def work(self, until: Callable[[], bool], looks: Callable[[], None] = lambda: None) -> None:
        world = self.world
        store = self.store or world.store
        job = WorkerJob(
            *(self.ledger or world.ledger, world.channel.id, lambda _: contextlib.nullcontext(store)),
            *("mia", self.now or world.now, Hours(world, until, looks)),
            rhythm=RHYTHM,
            cadence=CADENCE,
            says=self.said.append,
        )
        with contextlib.suppress(Cancelled):
            run(job)

    def for_seconds(self, seconds: float, looks: Callable[[], None] = lambda: None) -> int:
        """Work for so long; how many cycles there were."""
        end, before = self.second + seconds, self.cycles
        self.work(lambda: self.second >= end, looks)
        return self.cycles - before

    @property
    def second(self) -> float:
        return self.world.shop.clock.seconds()

    @property
    def kept(self) -> channel_sync.ChannelSync:
        found = channel_sync.channel_sync(self.world.ledger.db.conn, self.world.channel.id)
        assert found is not None
        return found

    @property
    def cycles(self) -> int:
        return self.kept.cycle

    def write(self, what: Callable[[sqlite3.Connection, int], Any]) -> None:
        """As another process does."""
        path = self.world.ledger.path
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            what(other, self.world.channel.id)
            other.execute("COMMIT")


@pytest.fixture
def on(worlds: Callable[..., World]) -> Worker:
    """On for an hour, so that nothing hurries any more."""
    world = worlds(shop_of({"MUG": 40, "TENT": 5}))
    assert world.turn_on(world.plan()) is None
    world.live(3600)
    worker = Worker(world)
    worker.for_seconds(2 * SLOW)
    return worker


def later(worker: Worker, seconds: float) -> str:
    return (worker.world.now() + timedelta(seconds=seconds)).isoformat()


def test_left_alone_it_goes_every_ten_minutes_and_says_when(on: Worker) -> None:
    transactions = 0

    class Counting(Ledger):
        @contextlib.contextmanager
        def writing(self) -> Any:
            nonlocal transactions
            transactions += 1
            with super().writing() as connection:
                yield connection

    world = on.world
    on.ledger = Counting(world.ledger.path, world.ledger.db, world.ledger.file_number)
    wrong: list[object] = []

    def look() -> None:
        at = on.kept.next_cycle_at
        if at is not None and not 0 <= (at - world.now()).total_seconds() <= SLOW:
            wrong.append(at)

    assert on.for_seconds(6 * SLOW, look) in (6, 7)
    assert wrong == []
    # A renewal each half minute, and a handful for each cycle.
    assert transactions < 6 * SLOW / (leases.LEASE_SECONDS / 2) + 7 * 20


def test_while_a_cycle_runs_no_next_one_is_announced(on: Worker) -> None:
    seen: list[datetime | None] = []

    class Looking(ClaimedStore):
        def levels_changed(self, *words: Any) -> Any:
            seen.append(on.kept.next_cycle_at)
            return super().levels_changed(*words)

    on.store = Looking(on.world.shop, on.world.chance, on.world.live)
    on.for_seconds(SLOW + 60)
    assert seen
    assert set(seen) == {None}


def test_while_somebody_looks_at_the_log_it_hurries(on: Worker) -> None:
    on.for_seconds(60)
    on.write(
        lambda db, channel: channel_sync.watch_until(db, channel, on.world.now() + timedelta(seconds=300))
    )
    assert on.for_seconds(300) in range(12, 17)
    assert on.for_seconds(6 * SLOW) <= 8


def test_a_wish_and_a_change_are_done_at_once(on: Worker) -> None:
    on.for_seconds(30)
    before, asked_at = on.cycles, on.second
    on.write(lambda db, channel: asked.ask(db, channel, on.world.now(), hard=False))
    on.work(lambda: on.cycles > before)
    assert on.second - asked_at <= 3
    on.for_seconds(30)
    on.world.set("MUG", 33)
    asked_at = on.second
    on.work(lambda: on.world.shown[MUG] == 33)
    assert on.second - asked_at <= 3


def test_a_decision_about_a_duplicate_group_is_followed_at_once(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of([("MUG", 40), ("MUG", 40)]))
    assert world.turn_on(world.plan()) is None
    world.live(3600)
    worker = Worker(world)
    worker.for_seconds(2 * SLOW)
    rested, decided = worker.second + 100, list[float]()

    def decide() -> None:
        if worker.second >= rested and not decided:
            decided.append(worker.second)
            deciding = Deciding(world.channel.id, world.channel.handle, world.now(), "mia")
            said = {"MUG": Said(Choice("left_out"))}
            worker.write(lambda db, _: decisions.decide(db, deciding, said))

    left = "SELECT count(*) FROM sync_row WHERE code = 'left_out'"
    worker.work(lambda: world.ledger.value(left) == 2, decide)
    assert worker.second - decided[0] <= 3


def test_what_comes_in_during_a_cycle_is_not_left_for_the_next(on: Worker) -> None:
    """Counted in Sumtracker, and something set by a person, between the cycle's last look at the ledger and its end."""
    done: list[float] = []

    class Meanwhile(ClaimedStore):
        def clock(self, watch: Watch) -> int:
            if not done and on.world.shown[MUG] == 30:
                done.append(on.world.shop.clock.seconds())
                on.world.set("MUG", 20)
            return super().clock(watch)

    on.store = Meanwhile(on.world.shop, on.world.chance, on.world.live)
    on.world.set("MUG", 30)
    on.work(lambda: on.world.shown[MUG] == 20)
    assert done
    assert on.second - done[0] <= 5


def test_its_own_doings_do_not_wake_it(on: Worker) -> None:
    """An order and what comes of it: cycles when readings are due, then silence."""
    on.world.buy(MUG)
    on.world.edit((2002, MUG[1]), 2)
    on.for_seconds(2 * SLOW)
    assert on.for_seconds(6 * SLOW) in (6, 7)
    other = events.record
    on.write(lambda db, _: other(db, at=on.world.now(), kind="push", channel="another"))
    assert on.for_seconds(SLOW / 2) <= 1


# Sleep and clocks ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Sleeper:
    """A store before whose n-th request the whole machine sleeps; `meanwhile` is what happens elsewhere."""

    store: EngineStore
    world: World
    at: int
    seconds: float
    meanwhile: Callable[[], None]
    asked: int = 0
    slept: bool = False
    writes_since: int = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)

        def ask(*words: Any) -> Any:
            watch: Watch = words[-1]
            self.asked += 1
            if not self.slept and self.asked >= self.at:
                self.slept = True
                self.world.shop.clock.advance(self.seconds)
                self.world.shop.catch_up()
                self.meanwhile()
            # As the client of the real store does, just before it sends.
            watch.check()
            self.writes_since += self.slept and name in ("adjust", "write_claim")
            return method(*words)

        return ask


SLEEPS = [
    *((60 * 3600, at) for at in (*range(1, 12), 14)),
    *(
        pytest.param(seconds, at, marks=pytest.mark.slow)
        for seconds in (70, 3600)
        for at in (*range(1, 15), 18)
    ),
]
"""How long, and before which request."""


@pytest.mark.parametrize(("seconds", "at"), SLEEPS)
def test_a_lease_that_was_taken_over_in_its_sleep_is_found_before_anything_is_written(
    on: Worker, seconds: float, at: int
) -> None:
    world = on.world
    taken: list[Any] = []

    def take_over() -> None:
        other = take_lease(world.ledger, world.channel.id, person="bo", now=world.now, by_force=True)
        assert other is not None
        taken.append(other)

    on.world.set("MUG", 30)
    sleeper = Sleeper(world.store, world, at, seconds, take_over)
    on.store = sleeper
    on.work(lambda: sleeper.slept)
    assert sleeper.slept
    assert sleeper.writes_since == 0
    lost = [each.code for each in alerts.listed(world.ledger.db.conn, world.channel.id)]
    assert lost == ["lease"]
    taken[0].give_back(world.ledger)
    on.store = None
    on.work(lambda: world.shown[MUG] == 30 and world.settled())
    assert [
        each for each in world.shop.journal if each.actor == "app" and each.deltas.get("available", 0) > 0
    ] == []


@pytest.mark.parametrize(("seconds", "at"), SLEEPS)
def test_after_a_sleep_it_goes_on_by_itself_and_makes_up_for_it(on: Worker, seconds: float, at: int) -> None:
    """An hour or a weekend in which shoppers bought: every order counts once, and what was in flight is sent once at most."""
    world = on.world
    on.world.set("MUG", 30)
    sleeper = Sleeper(world.store, world, at, seconds, lambda: world.buy(MUG, 3))
    on.store = sleeper
    on.work(
        lambda: (
            sleeper.slept and world.settled() and world.numbers[("MUG", 1)][1] == 3 and world.shown[MUG] == 27
        )
    )
    assert sum(each.deltas.get("available", 0) for each in world.shop.journal if each.actor == "app") == -10


def test_a_clock_set_back_makes_nobody_wait_for_it(on: Worker) -> None:
    """Ours, by five hours, while it rests: it goes on at its pace, its lease counts, and one that died leaves no long lease."""
    world = on.world
    back = timedelta(0)
    on.now = lambda: world.now() - back
    on.for_seconds(60)
    back = timedelta(hours=5)
    before, began = on.cycles, on.second
    on.work(lambda: on.cycles > before)
    assert on.second - began <= SLOW + 2
    assert on.for_seconds(3 * SLOW) in (3, 4)
    held = take_lease(world.ledger, world.channel.id, person="bo", now=world.now)
    assert held is not None
    kept = leases.lease_of(world.ledger.db.conn, world.channel.id)
    assert kept is not None
    assert not kept.is_live(on.now() - timedelta(hours=1))
    assert kept.is_live(world.now())


# What keeps it from syncing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (TokenRefused("The token was revoked.", "Connect again."), "token"),
        (ScopeMissing("It may not write stock.", "Grant it.", ("write_inventory",)), "scope"),
    ],
)
def test_a_token_that_is_put_right_is_used_at_once(on: Worker, trouble: Exception, code: str) -> None:
    world = on.world
    broken = [True]

    class Refusing(ClaimedStore):
        def _ask(self, name: str) -> None:
            super()._ask(name)
            if broken:
                raise trouble

    on.store = Refusing(world.shop, world.chance, world.live)
    world.set("MUG", 30)
    on.for_seconds(600)
    (alert,) = alerts.listed(world.ledger.db.conn, world.channel.id)
    assert (alert.code, alert.closed_at, alert.seen_at) == (code, None, None)
    assert on.said[-1] == alert.text
    broken.clear()
    connected = on.second
    on.write(
        lambda db, _: events.record(db, at=world.now(), kind="connect", channel=world.shop.handle, who="mia")
    )
    on.work(lambda: world.shown[MUG] == 30)
    assert on.second - connected <= 5
    assert on.said[-1] == ""
    (alert,) = alerts.listed(world.ledger.db.conn, world.channel.id)
    assert alert.closed_at, "it is over"
    assert alert.seen_at is None, "and stays until somebody has seen it"


def test_a_full_disk_is_waited_out(on: Worker) -> None:
    """Nothing can be kept, so nothing is sent; with room again all is made up for, and said."""
    world = on.world
    for _ in range(ORDERS):
        world.buy(MUG)
    (pages,) = world.ledger.db.execute("PRAGMA page_count").fetchone()
    world.ledger.db.execute(f"PRAGMA max_page_count={pages}")
    writes = len(world.store.written)
    room: list[bool] = []

    class Filling(ClaimedStore):
        """Whenever it is asked, something else has taken what room there was left."""

        def _ask(self, name: str) -> None:
            with contextlib.suppress(sqlite3.Error, DiskFull):
                while not room:
                    with world.ledger.writing() as connection:
                        events.record(connection, at=world.now(), kind="filler", channel="another")
            super()._ask(name)

    on.store = Filling(world.shop, world.chance, world.live)
    began = on.second

    def look() -> None:
        if not room and on.second > began + SLOW:
            assert "disk is full" in on.said[-1]
            assert world.numbers[("MUG", 1)][1] < ORDERS
            assert len(world.store.written) == writes
            room.append(True)
            world.ledger.db.execute("PRAGMA max_page_count=1000000")

    on.work(lambda: world.numbers[("MUG", 1)] == (40, ORDERS, 1), look)
    assert room
    assert on.said[-1] == ""
    (alert,) = alerts.listed(world.ledger.db.conn, world.channel.id)
    assert alert.code == "file"
    assert "disk is full" in alert.text
    assert alert.closed_at
    assert alert.at < alert.closed_at


def test_a_file_that_another_program_holds_is_waited_for(on: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    world = on.world
    world.ledger.db.execute("PRAGMA busy_timeout=20")
    holder = sqlite3.connect(world.ledger.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    world.buy(MUG, 2)
    on.for_seconds(120)
    assert any("Another supportdesk has been writing" in text for text in on.said)
    holder.execute("ROLLBACK")
    holder.close()
    on.work(lambda: world.numbers[("MUG", 1)] == (40, 2, 1))
    assert on.said[-1] == ""


def test_a_newer_program_takes_over(on: Worker) -> None:
    """Whether it comes while the worker rests or while it works: not a row is written by the older one from then on."""
    world = on.world
    world.buy(MUG, 2)
    before = on.cycles
    on.write(lambda db, _: db.execute("UPDATE ledger SET oldest_writer = '99.1'"))
    dump = list(world.ledger.db.conn.iterdump())
    with pytest.raises(LedgerNewer, match=r"99\.1 or newer"):
        on.for_seconds(2 * SLOW)
    assert on.cycles == before
    assert list(world.ledger.db.conn.iterdump()) == dump
    on.write(lambda db, _: db.execute("UPDATE ledger SET oldest_writer = '0.1'"))
    on.for_seconds(30)

    class Upgrading(ClaimedStore):
        def clock(self, watch: Watch) -> int:
            on.write(lambda db, _: db.execute("UPDATE ledger SET oldest_writer = '99.1'"))
            return super().clock(watch)

    on.store = Upgrading(world.shop, world.chance, world.live)
    with pytest.raises(LedgerNewer):
        on.for_seconds(2 * SLOW)


def test_a_damaged_file_is_no_passing_trouble(on: Worker) -> None:
    class Broken(ClaimedStore):
        def clock(self, watch: Watch) -> int:
            raise LedgerDamaged("It is damaged.", "Restore it.")

    on.store = Broken(on.world.shop, on.world.chance, on.world.live)
    with pytest.raises(LedgerDamaged):
        on.for_seconds(SLOW)
