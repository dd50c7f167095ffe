"""Verifying against a shop that sells: nothing differs while shoppers buy, a drift is found, and nothing at all is written."""

from __future__ import annotations

import contextlib
import random
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from supportdesk.core.looks import AdjustAnswer, LevelsLook, RowKey, RowLook
from supportdesk.core.progress import Unwatched
from supportdesk.core.rows import RowNumbers
from supportdesk.core.stock import Quantities
from supportdesk.core.verify import VerifiedRow, VerifyTotals
from supportdesk.errors import Cancelled
from supportdesk.ledger import movements, pushes, readings, sync_rows
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.verifying import Findings
from supportdesk.sync.engine import Engine
from supportdesk.sync.lease import take_lease
from supportdesk.sync.store import EngineStore
from supportdesk.sync.verify import VerifyJob, verify
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.test_apply import MUG, ROPE, TENT, shop_of, worlds
from tests.sync.turning_on import CADENCE, World

__all__ = ["worlds"]


class Waiting:
    """Lets the shop live while verifying waits, and does what `between` says."""

    def __init__(self, world: World, between: Callable[[], None] = lambda: None) -> None:
        self.world, self.between = world, between
        self.phases: list[str] = []
        self.notes: list[str] = []
        self.counts: list[tuple[str, int, int | None]] = []
        self.stops_at = ""

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        if phase not in self.phases:
            self.phases.append(phase)
        self.counts.append((phase, done, total))
        if note and note not in self.notes:
            self.notes.append(note)

    def check(self) -> None:
        if self.stops_at and self.stops_at in self.phases:
            raise Cancelled("You stopped it.")

    def wait(self, seconds: float) -> None:
        self.check()
        self.world.live(seconds)
        self.between()


@dataclass
class Found:
    totals: VerifyTotals
    rows: list[VerifiedRow]
    phases: list[str]

    def of(self, state: str) -> list[VerifiedRow]:
        return [row for row in self.rows if row.state == state]


def verified(world: World, watch: Waiting | None = None) -> Found:
    """Verify through a connection that could not write if it tried; whatever happens, the store is not written either."""
    watch = watch or Waiting(world)
    findings = Findings()
    with (
        contextlib.closing(findings),
        open_ledger(world.ledger.path, read_only=True, now=world.now) as ledger,
    ):
        job = VerifyJob(ledger, world.channel, world.store, findings, CADENCE.margins, world.now, watch)
        return Found(verify(job), list(findings.window(0, 1000)), watch.phases)


def dump(world: World) -> list[str]:
    return list(world.ledger.db.conn.iterdump())


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    world = worlds(shop_of({"MUG": 400, "TENT": 120, "ROPE": 0}))
    assert world.turn_on(world.plan()) is None
    return world


def test_a_quiet_store_is_the_same_at_the_first_look(world: World) -> None:
    before, asked = dump(world), len(world.store.requests)
    found = verified(world)
    assert (found.totals.same, found.rows) == (3, [])
    assert found.totals.agrees
    assert found.phases == ["Looking at every row"]
    assert world.store.requests[asked:] == ["levels"]
    assert dump(world) == before
    assert world.store.written == []


def test_orders_that_nobody_took_in_are_counted_and_forgotten(world: World) -> None:
    """No worker runs: orders since the last cycle are looked up by verifying itself."""
    for _ in range(3):
        world.buy(MUG, 4)
    world.buy(TENT)
    world.live(5)
    before = dump(world)
    found = verified(world)
    assert (found.totals.same, found.totals.differ, found.totals.settling) == (3, 0, 0), found.rows
    assert found.phases == ["Looking at every row", "Waiting for orders that may still appear"]
    assert dump(world) == before
    assert world.store.written == []


def test_a_drift_is_found_by_name_and_nothing_is_mended(world: World) -> None:
    world.edit(TENT, 3)
    world.edit(MUG, -7)
    world.buy(MUG, 2)
    world.live(5)
    before = dump(world)
    found = verified(world)
    assert (found.totals.same, found.totals.differ) == (1, 2)
    mug, tent = found.rows
    assert (mug.sku, mug.location, mug.store, mug.ledger) == ("MUG", MAIN.name, 391, 400)
    assert mug.why == "7 fewer in the store than it should show"
    assert (tent.sku, tent.store, tent.ledger) == ("TENT", 123, 120)
    assert tent.why == "3 more in the store than it should show"
    assert not found.totals.agrees
    assert dump(world) == before
    assert world.shown[TENT] == 123
    assert world.store.written == []


class Beside:
    """A worker that goes on between verifying's requests, with a store and a connection of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = type(world.store)(world.shop, random.Random(7), self._live)
        held = take_lease(world.ledger, world.channel.id, person="mia", now=world.now)
        assert held is not None
        self.engine = Engine(
            *(world.ledger, world.channel, self.store, held),
            now=world.now,
            watch=Unwatched(),
            cadence=CADENCE,
        )
        self.is_busy = False

    def _live(self, seconds: float) -> None:
        self.world.live(seconds)

    def __call__(self) -> None:
        if not self.is_busy:
            self.is_busy = True
            self.engine.cycle()
            self.is_busy = False


def test_nothing_differs_while_shoppers_buy_beside_a_worker(worlds: Callable[..., World]) -> None:
    shop = small_shop(
        "kestrel",
        clock=shop_of({}).clock,
        locations=[MAIN, DEPOT],
        listings=[listing(1, "MUG"), listing(2, "MUG"), listing(3, "TENT"), listing(4, "KIT")],
        levels=[level(n, place, 500) for n in (1, 2, 3, 4) for place in (MAIN, DEPOT)],
    )
    shop.lags = shop_of({}).lags
    world = worlds(shop, bundles={"KIT": {"TENT": 2}}, counts=MAIN.id)
    assert world.turn_on(world.plan()) is None
    beside = Beside(world)
    rows = list(world.shown)

    def shop_on() -> None:
        if world.chance.random() < 0.3:
            world.buy(world.chance.choice(rows))

    world.happens = shop_on
    states: set[str] = set()
    looks: list[int] = []
    for _ in range(6):
        for _ in range(4):
            beside()
            world.live(2)
        found = verified(world, Waiting(world, beside))
        assert found.totals.differ == 0, found.rows
        assert found.totals.rows == 8
        states |= {row.state for row in found.rows}
        looks.append(len(found.phases))
    assert max(looks) > 1, "it had to look more than once, or the test shows nothing"
    assert states <= {"settling"}
    drifts = [row for row in rows if row[0] == 2003][:1]
    world.edit(drifts[0], 5)
    world.live(5)
    assert verified(world).totals.differ == 1


def test_an_edit_that_sync_sees_to_is_moving_until_it_is_put_back(world: World) -> None:
    """Read once, suspected, being put back: never *differs* beside a worker, and *the same* in the end."""
    beside = Beside(world)
    world.edit(TENT, -3)
    world.live(5)
    (unread,) = verified(world).of("differ")
    assert unread.why == "3 fewer in the store than it should show"
    beside()
    (row,) = verified(world).rows
    assert (row.state, row.sku, row.store, row.ledger) == ("settling", "TENT", 117, 120)
    assert row.why == "3 fewer in the store than it should show; sync puts it back, or takes it in"
    states = []
    for _ in range(4):
        states.append([row.state for row in verified(world, Waiting(world, beside)).rows])
        beside()
    assert ["settling"] in states
    assert states[-1] == []
    assert all(each in (["settling"], []) for each in states), states
    assert world.shown[TENT] == 120


def test_an_edit_that_sync_saw_differs_once_nobody_syncs(world: World) -> None:
    world.edit(TENT, -3)
    world.live(5)
    Beside(world)()
    world.live(90)
    (row,) = verified(world).of("differ")
    assert row.why == "3 fewer in the store than it should show, and nobody is syncing"


def test_an_edit_that_is_being_put_back_is_moving(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its undo is stored, and the store does not answer; where nobody sends it any more, nothing moves."""
    beside = Beside(world)
    monkeypatch.setattr(
        beside.store, "adjust", lambda *_: AdjustAnswer("unknown", int(world.shop.clock.seconds()), 0.1)
    )
    world.edit(TENT, 4)
    for _ in range(4):
        world.live(5)
        beside()
    assert pushes.unanswered(world.ledger.db.conn, world.channel.id)
    (row,) = verified(world).rows
    assert (row.state, row.store, row.why) == ("settling", 124, "an edit in the store is being put back")
    world.live(90)
    (row,) = verified(world).rows
    assert (row.state, row.why) == (
        *("differ", "4 more in the store than it should show, and nobody is syncing"),
    )


def test_waiting_counts_down_to_the_second_look_and_to_the_result(world: World) -> None:
    """Two waits of a known length; what is said beside them is said once each, for it is a line each in a CI log."""
    world.edit(TENT, 3)
    world.live(5)
    watch = Waiting(world)
    verified(world, watch)
    assert watch.notes == [
        "Then a second look, and about 11 s later the result. Stopping loses nothing.",
        "Then the result. Stopping loses nothing.",
    ]
    counts = [(done, total) for phase, done, total in watch.counts if phase.startswith("Waiting")]
    starts = [at for at, (done, _) in enumerate(counts) if done == 0]
    assert len(starts) == 2
    for wait in counts[: starts[1]], counts[starts[1] :]:
        assert len(wait) > 5, "it counts each second"
        assert {total for _, total in wait} <= {10, 11}
        assert [done for done, _ in wait] == sorted({done for done, _ in wait})


def test_what_is_on_its_way_is_moving_with_a_worker_and_differs_without(world: World) -> None:
    world.set("TENT", 100)
    found = verified(world)
    (row,) = found.of("differ")
    assert (row.store, row.ledger, row.why) == (
        120,
        100,
        "-20 still to be written, and nobody is syncing",
    )
    beside = Beside(world)
    found = verified(world)
    (row,) = found.of("settling")
    assert (row.sku, row.why) == ("TENT", "-20 is on its way")
    beside()
    world.live(10)
    assert verified(world).totals.same == 3


def test_what_the_brake_stops_differs(world: World) -> None:
    world.set("TENT", 0)
    world.set("MUG", 0)
    beside = Beside(world)
    beside()
    found = verified(world)
    assert [(row.sku, row.store, row.ledger, row.why) for row in found.of("differ")] == [
        ("MUG", 400, 0, "the brake stops it"),
        ("TENT", 120, 0, "the brake stops it"),
    ]


def test_rows_that_are_held_or_gone_and_what_only_the_ledger_has(world: World) -> None:
    with world.ledger.writing() as connection:
        cause = movements.Cause(world.now(), "add", who="mia")
        movements.move(connection, cause, "ONLY", 1, Quantities(in_stock=6))
        row = sync_rows.row_of(connection, world.channel.id, ROPE)
        assert row is not None
        connection.execute(
            "UPDATE sync_row SET condition = 'held', code = 'fought_over', reason = 'another app writes this number' WHERE item_id = ?",
            (ROPE[0],),
        )
    world.shop.items[TENT[0]].sku = "TENT-2"
    found = verified(world)
    assert (found.totals.same, found.totals.held, found.totals.only_ledger, found.totals.differ) == (
        1,
        1,
        1,
        1,
    )
    (differs,) = found.of("differ")
    assert differs.sku == "TENT"
    assert "SKU was changed" in differs.why
    (held,) = found.of("held")
    assert (held.sku, held.store, held.ledger, held.why) == ("ROPE", 0, 0, "another app writes this number")
    (only,) = found.of("only_ledger")
    assert (only.sku, only.ledger, only.warehouse) == ("ONLY", 6, "MAIN")
    assert [row.state for row in found.rows] == ["differ", "only_ledger", "held"], "what differs first"


def test_a_channel_that_is_off_is_compared_as_it_stands(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12, "ROPE": 3}))
    world.set("MUG", 40)
    world.set("TENT", 9)
    world.set("GONE", 2)
    before = dump(world)
    found = verified(world)
    assert (found.totals.same, found.totals.differ, found.totals.only_store, found.totals.only_ledger) == (
        1,
        1,
        1,
        1,
    )
    assert not found.totals.synced
    assert "Sync is off" in found.totals.text
    assert [(row.state, row.sku, row.store, row.ledger) for row in found.rows] == [
        ("differ", "TENT", 12, 9),
        ("only_store", "ROPE", 3, None),
        ("only_ledger", "GONE", None, 2),
    ]
    assert dump(world) == before


def test_where_shopify_is_master_the_ledger_is_what_was_read(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}), masters={MAIN.id: "shopify"})
    assert world.turn_on(world.plan(copies=None)) is None
    assert verified(world).totals.same == 2
    world.edit(MUG, 5)
    (row,) = verified(world).of("differ")
    assert (row.store, row.ledger, row.why) == (45, 40, "it was not read since, and nobody is syncing")
    beside = Beside(world)
    assert [row.state for row in verified(world).rows] == ["settling"]
    world.live(10)
    beside()
    assert verified(world).totals.same == 2


@pytest.mark.parametrize("phase", ["Looking at every row", "Waiting for orders that may still appear"])
def test_it_can_be_stopped(world: World, phase: str) -> None:
    world.edit(TENT, 3)
    watch = Waiting(world)
    watch.stops_at = phase
    with pytest.raises(Cancelled):
        verified(world, watch)
    assert world.store.written == []


class ManyRows:
    """A store of many rows, all of them as they should be but every `drifts`th."""

    def __init__(self, ledger: Ledger, second: int, drifts: int) -> None:
        self.second, self.drifts = second, drifts

    def clock(self, watch: Any) -> int:
        self.second += 1
        return self.second

    def levels(self, rows: Sequence[RowKey], watch: Any) -> LevelsLook:
        looks = [
            RowLook(item, place, f"SKU-{item}", True, True, RowNumbers(7 + (item % self.drifts == 0), 0, 7))
            for item, place in rows
        ]
        self.second += 1
        return LevelsLook(tuple(looks), self.second, 0.1)

    def orders_changed(self, since: int, watch: Any) -> Iterator[Any]:
        return iter(())

    def orders_moved(self, since: int, watch: Any) -> Iterator[int]:
        return iter(())


@pytest.mark.slow
def test_many_rows_take_no_more_room_than_a_few(world: World) -> None:
    rows = 40_000
    t0 = int(world.shop.clock.seconds()) - 4000
    with world.ledger.writing() as connection:
        connection.execute("DELETE FROM sync_row")
        connection.executemany(
            "INSERT INTO stock VALUES (?, 1, 7, 0, 0, 1)", ((f"SKU-{item}",) for item in range(1, rows + 1))
        )
        connection.executemany(
            """INSERT INTO sync_row (channel_id, item_id, location_id, sku, warehouse_id, master, condition, t0, low, high, readings,
                   on_hand_low, on_hand_high, unavailable, baseline_since, judged_until, unchecked)
               VALUES (?, ?, ?, ?, 1, 'sumtracker', 'live', ?, 7, 7, 1, 7, 7, 0, ?, ?, 0)""",
            (
                (world.channel.id, item, MAIN.id, f"SKU-{item}", t0, t0 + 5, t0 + 6)
                for item in range(1, rows + 1)
            ),
        )
    store: Any = ManyRows(world.ledger, t0 + 1000, drifts=4)
    findings = Findings()
    with (
        contextlib.closing(findings),
        open_ledger(world.ledger.path, read_only=True, now=world.now) as ledger,
    ):
        checked: EngineStore = store
        job = VerifyJob(ledger, world.channel, checked, findings, CADENCE.margins, world.now, Waiting(world))
        tracemalloc.start()
        totals = verify(job)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (totals.same, totals.differ) == (30_000, 10_000)
        assert findings.count("differ") == 10_000
    assert peak < 8_000_000, peak
    assert readings.oldest_waiting(world.ledger.db.conn, world.channel.id) is None
