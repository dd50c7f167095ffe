"""An account with one or two shops on one clock, run by real workers that die, are overtaken and lose answers: what a state machine drives.

What is so, and what a write may do, is in `machine_truth`; the rules that hypothesis draws from are in `test_machine`.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal
from unittest import mock

from supportdesk.core.connections import Master
from supportdesk.core.copying import SUM
from supportdesk.core.looks import RowKey
from supportdesk.core.plan_blocks import PlanFacts
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.core.stock import Quantities
from supportdesk.errors import LedgerError, Refused, StoreUnreachable
from supportdesk.ledger import differences, kept_orders, movements, promises, tallies
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.plan_numbers import Place
from supportdesk.ledger.plans import Header
from supportdesk.ledger.stock import quantities_of
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from supportdesk.sync.engine import Engine
from supportdesk.sync.lease import take_lease
from supportdesk.sync.order_book import OrderBook
from supportdesk.sync.plan import PlanJob, build
from supportdesk.sync.rollback import build_rollback
from supportdesk.sync.session import Rules
from supportdesk.sync.turning_off import TurningOff, turn_off
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.histories import CADENCE, Peaceful, broken_identities
from tests.sync.machine_truth import RECIPES, Counted, Number, Snapshot, Truth, unexplained
from tests.sync.shops import Crash, second
from tests.sync.turning_on import ClaimedStore, CommitDying, Dying, LivingWatch, World, over

SKUS: Final = {1: "MUG", 2: "MUG", 3: "ROPE", 4: "MUG", 9: "KIT"}
"""By listing number; the fourth shares its inventory item with the first."""


@dataclass(frozen=True)
class Layout:
    """What there is."""

    shops: int = 1
    places: int = 1
    warehouses: int = 1
    twin: bool = False
    """A second listing of one SKU, with an inventory item of its own."""
    shared_item: bool = False
    """And one that shares the first one's."""
    bundle: bool = False
    shared_by: Literal["lowest", "highest", "sum"] = "lowest"
    """Whose count is copied of listings of one SKU."""
    adds_places: bool = False
    """Whether two locations on one warehouse are added up; else the first one's count is copied."""

    @property
    def may_turn_round(self) -> bool:
        """Whether a location has a warehouse, and a listing of each SKU, to itself, as Shopify as master takes."""
        alone = self.shops == 1 and self.warehouses == 2
        return alone and not (self.twin or self.shared_item or self.bundle)


class TellingStore(ClaimedStore):
    """Tells the market of every request, of which some do not get through; its clock is asked at whole seconds, which are remembered."""

    front: ShopFront
    drops: float = 0.0
    """Share of requests whose connection breaks."""

    def _ask(self, name: str) -> None:
        self.front.market.notice()
        super()._ask(name)
        if self.drops and self.chance.random() < self.drops:
            raise StoreUnreachable("The connection was lost.", "Try again.")

    def clock(self, watch: Watch) -> int:
        self._ask("clock")
        second = self.front.market.whole_second()
        self.front.snapshots[second] = self.front.counted.snapshot()
        return second


class Overtaken(Dying):
    """Lets another worker have the channel at one boundary, while this one is held up there."""

    def __init__(self, at: int, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._when, self._meanwhile = at, meanwhile

    def boundary(self, name: str) -> None:
        super().boundary(name)
        if self.passed == self._when:
            self._meanwhile()


class ShopFront(World):
    """One shop of a market's account."""

    market: Market
    copies = True
    """Whether the plan that is being applied, or was last, copies."""
    promised: Mapping[RowKey, int] = MappingProxyType({})
    """Units that orders had promised of each row as it was loaded, where that plan takes them off Sumtracker's numbers."""
    was_on = False

    def open(self, market: Market) -> None:
        self.market = market
        self.id = self.channel.id
        self.rows = [
            (lv.item.id, lv.location.id) for at in self.shop.levels_by_location.values() for lv in at
        ]
        self.snapshots: dict[int, Snapshot] = {}
        self.loaded: dict[RowKey, int] = {}
        self.frozen: dict[Number, int] = {}
        self.counted = Counted(self)
        self.plan_id: int | None = None
        store = market.store_type(self.shop, self.chance, self.live)
        store.front = self
        store.on_write = self._judge
        store.wanted = self._wanted
        self.store: TellingStore = store

    def live(self, seconds: float) -> None:
        self.market.live(seconds)

    @property
    def peek(self) -> sqlite3.Connection:
        return self.market.peek

    def sku(self, row: RowKey) -> str:
        return str(self.level(row).item.sku)

    def warehouse(self, row: RowKey) -> int:
        return 2 if row[1] == DEPOT.id and self.market.layout.warehouses == 2 else 1

    def taking(self, row: RowKey) -> Iterator[tuple[Number, int]]:
        """The numbers a unit of a row takes from, with how many of each."""
        for part, units in RECIPES[self.sku(row)].items():
            yield (part, self.warehouse(row)), units

    def feeding(self, number: Number) -> Iterator[tuple[RowKey, int]]:
        """The rows that take from a number."""
        for row in self.rows:
            for each, units in self.taking(row):
                if each == number:
                    yield row, units

    def _judge(self, key: str, row: RowKey, change: int) -> None:
        if oracle := self.market.truth.judge_write(self, key, row, change):
            self.market.found[oracle] += 1

    def _wanted(self, key: str) -> list[tuple[int, int, str, int]]:
        return self.peek.execute(
            """SELECT item_id, location_id, CASE cause WHEN 'edit' THEN 'undo' ELSE 'difference' END, shown + change
               FROM push_row JOIN push ON push.id = push_row.push_id WHERE channel_id = ? AND key = ?""",
            (self.id, key),
        ).fetchall()

    # Orders ---------------------------------------------------------------------------------------------------------------------------

    def sell(self, row: RowKey, quantity: int, *, late: float | None = None, counter: bool = False) -> bool:
        lv = self.level(row)
        if lv.available + self.shop.order_book.uncommitted(lv) < quantity + 5:
            return False
        wanted = [Wanted(lv.item.variants[0], quantity, lv.location)]
        if counter:
            lags = self.shop.lags
            self.shop.lags = replace(lags, visibility=late or lags.visibility)
            changes.sell_at_counter(self.shop.order_book, wanted, visible_after=late)
            self.shop.lags = lags
        else:
            self.shop.order_book.place(wanted, visible_after=late)
        return True

    def later(self, order: OrderRecord, kind: str, restock: bool) -> bool:
        """Something happens to an order; False where it cannot, or where the engine could not tell it from what it has not seen yet."""
        if self.shop.clock.seconds() - second(order.created_at) < 4:
            return False
        if self.counted.fence is not None and not self._is_seen(order):
            return False
        try:
            return _happens(self.shop, order, kind, restock, self.chance)
        except ValueError:
            return False

    def _is_seen(self, order: OrderRecord) -> bool:
        kept = kept_orders.order_of(self.peek, self.id, order.id)
        changed = max(order.updated_at, *(one.updated_at for one in order.fulfillment_orders))
        return kept is not None and kept.looked > second(changed)

    # Working --------------------------------------------------------------------------------------------------------------------------

    def serve(self, seconds: float, death: Dying | None = None) -> None:
        """Have a worker at the channel so long."""
        until = self.shop.clock.seconds() + seconds
        self.market.work_began = int(self.shop.clock.seconds())
        self.work(lambda: self.shop.clock.seconds() > until, death)
        self.market.notice()

    def serve_dying(self, seconds: float, death: Dying) -> bool:
        """The same with a worker that may die; whether it did."""
        try:
            self.serve(seconds, death)
        except Crash:
            self.die()
            self.market.notice()
            return True
        return False

    def serve_failing(self, seconds: float, at: int, fails: str) -> bool:
        """The same with a file whose COMMIT says once that it failed, and the process ends of it; whether it did."""
        found = sqlite3.connect(self.ledger.path, factory=CommitDying)
        found.death, found.fails = Dying(at), fails
        whole, self.ledger = self.ledger, over(self.ledger, found)
        try:
            self.serve(seconds)
        except LedgerError:
            return True
        finally:
            self.ledger.close()
            self.ledger = whole
            self.market.notice()
        return False

    def serve_dying_at_commit(self, seconds: float, at: int) -> bool:
        """The same with a worker that dies in the middle of a COMMIT: before it took effect, or after."""
        found = sqlite3.connect(self.ledger.path, factory=CommitDying)
        found.death = Dying(at)
        whole, self.ledger = self.ledger, over(self.ledger, found)
        try:
            self.serve(seconds)
        except Crash:
            return True
        finally:
            self.ledger.close()
            self.ledger = whole
            self.market.notice()
        return False

    def overtaken(self, seconds: float, at: int) -> bool:
        """A worker is held up for so long that another has the channel meanwhile, and then goes on; whether it was."""
        happened = []

        def meanwhile() -> None:
            happened.append(at)
            mine, self.ledger = self.ledger, open_ledger(self.ledger.path, now=self.now)
            self.serve(80)
            self.ledger.close()
            self.ledger = mine

        self.serve(seconds, Overtaken(at, meanwhile))
        return bool(happened)

    def look_twice(self) -> tuple[list[object], list[object]]:
        """Look at every kept order, and at once again: what the ledger has of orders after the first look, and after the second."""
        held = take_lease(self.ledger, self.id, person="mia", now=self.now, by_force=True)
        assert held
        drops, self.store.drops = self.store.drops, 0.0
        engine = Engine(
            *(self.ledger, self.channel, self.store, held),
            now=self.now,
            watch=Unwatched(),
            cadence=self.cadence,
        )
        engine.session.renew()
        ids = [
            row[0] for row in self.peek.execute("SELECT id FROM store_order WHERE channel_id = ?", (self.id,))
        ]
        seen: list[list[object]] = []
        for _ in range(2):
            OrderBook(engine.session).look_at(ids)
            tables = ("movement", "stock", "effect", "store_order_line")
            seen.append([row for name in tables for row in self.peek.execute(f"SELECT * FROM {name}")])
        self.store.drops = drops
        held.give_back(self.ledger)
        return seen[0], seen[1]

    # Turning on and off ---------------------------------------------------------------------------------------------------------------

    def ask_to_turn_on(self, copies: bool, *, includes: bool = False) -> None:
        """With `includes` the ledger's numbers are said to include what is promised, which is exact the first time only."""
        self._say_sums()
        self.load()
        takes_off = includes and not copies and not self.was_on
        self.promised = {row: self.level(row).committed for row in self.rows} if takes_off else {}
        self.loaded = {row: self.level(row).available for row in self.rows}
        self.copies = copies
        self.plan_id = self.plan(
            copies=copies, unknown=None if copies else "copy", promised_included=takes_off or None
        )
        self.ask(self.plan_id)

    def _say_sums(self) -> None:
        """Say what is asked again once sync was off: that counts are to be added up."""
        with self.ledger.writing() as connection:
            connection.execute(
                "UPDATE decision SET counts_of = ? WHERE channel_id = ? AND counts_of IS NULL",
                (self.shared_by, self.id),
            )
            if self.counts is not None and self.market.layout.warehouses == 1:
                connection.execute(
                    "UPDATE connection SET counts = ? WHERE channel_id = ? AND counts IS NULL",
                    (self.counts, self.id),
                )

    @property
    def plan_state(self) -> str:
        found = self.peek.execute("SELECT state FROM plan WHERE id = ?", (self.plan_id,)).fetchone()
        return str(found[0]) if found else ""

    @property
    def in_ledger(self) -> bool:
        """Whether the ledger has what happened to its rows since T0: not before it is on."""
        (sync,) = self.peek.execute("SELECT sync FROM channel WHERE id = ?", (self.id,)).fetchone()
        return self.counted.fence is not None and sync == "on"

    @property
    def is_free(self) -> bool:
        return not self.on and self.plan_state != "applying"

    def freeze(self) -> None:
        """What is known of the rows now is all the ledger has of them from then on."""
        self.frozen = {
            number: sum(self.counted.known(row) * units for row, units in self.feeding(number))
            for number in self.market.numbers
        }

    def turn_off(self) -> None:
        self.market.notice()
        held = take_lease(self.ledger, self.id, person="mia", now=self.now, by_force=True)
        assert held
        self.market.work_began = int(self.shop.clock.seconds())
        self.freeze()
        asked = contextlib.nullcontext(self.store)
        turn_off(TurningOff(self.ledger, self.channel, lambda _: asked, held, "mia", self.now, Unwatched()))
        held.give_back(self.ledger)
        self.market.notice()

    def ask_to_roll_back(self) -> bool:
        """Have all that was pushed taken back, which turns the channel off; False where there is nothing to take back."""
        self.load()
        try:
            job = PlanJob(self.ledger, LivingWatch(self, lambda: False), self.now, "mia")
            self.plan_id = build_rollback(job, self.channel, ())
        except Refused:
            return False
        self.freeze()
        self.ask(self.plan_id)
        self.market.notice()
        return True

    def turn_round(self) -> bool:
        """Change who is master of the Depot, while nobody buys; whether it was done."""
        self.market.rest()
        mirrored = self.market.truth.mirrored
        number = (self.id, DEPOT.id)
        master: Master = "sumtracker" if number in mirrored else "shopify"
        copies = True if master == "sumtracker" else None
        places = (Place(DEPOT.id, DEPOT.name, 2, "DEPOT", master, None),)
        header = Header(self.id, "direction", copies, None, None, places, location_id=DEPOT.id, master=master)
        job = PlanJob(self.ledger, LivingWatch(self, lambda: False), self.now, "mia")
        self.plan_id = build(job, header, PlanFacts(copy=copies))
        self.ask(self.plan_id)
        self.work(lambda: self.plan_state != "applying" and self.is_quiet())
        if self.plan_state != "applied":
            return False
        if master == "shopify":
            mirrored.add(number)
        else:
            mirrored.discard(number)
            self.market.truth.begins_at(self, DEPOT.id)
        return True

    def not_taken_back(self) -> list[str]:
        """Rows that a roll back left other than they would be had nothing ever been pushed, as far as that is known of every push."""
        if self.plan_state != "rolled_back" or self.peek.execute(
            "SELECT EXISTS (SELECT 1 FROM push WHERE channel_id = ? AND state = 'expired')", (self.id,)
        ).fetchone() != (0,):
            return []
        pushed: Counter[RowKey] = Counter()
        for one in self.shop.journal:
            if one.actor == "app":
                pushed[one.item_id, one.location_id] += one.deltas["available"]
        return [f"{row} keeps {units:+} that was pushed" for row, units in pushed.items() if units]

    def let_go(self) -> None:
        """Type the number of rows that the brake stops."""
        with self.ledger.writing() as connection:
            if tallies.brake(connection, self.id)[0]:
                tallies.let_go(connection, self.id)

    def is_quiet(self) -> bool:
        """Whether nothing of it waits to be settled, sent or copied."""
        busy = self.peek.execute(
            """SELECT EXISTS (SELECT 1 FROM sync_row WHERE channel_id = ?1 AND condition <> 'live')
                   OR EXISTS (SELECT 1 FROM push WHERE channel_id = ?1 AND state = 'stored')
                   OR EXISTS (SELECT 1 FROM copy_target WHERE channel_id = ?1 AND copied IS NULL)""",
            (self.id,),
        ).fetchone()[0]
        return not busy


KINDS: Final = ("fulfil", "part", "cancel", "refund", "add", "drop", "return", "move", "hold", "delete")


def _happens(shop: SandboxShop, order: OrderRecord, kind: str, restock: bool, chance: random.Random) -> bool:
    """Do it; False where there is nothing to do it to. Raises ValueError where the shop does not allow it."""
    book, line = shop.order_book, order.lines[0]
    one = next((each for each in order.fulfillment_orders if each.open), None)
    if kind == "cancel":
        changes.cancel(book, order, restock=restock)
    elif kind == "return":
        changes.take_back(book, line, order, 1, restock=restock)
    elif one is None:
        return False
    elif kind == "fulfil":
        changes.fulfil(book, one)
    elif kind == "part":
        changes.fulfil(book, one, {line: 1})
    elif kind == "refund":
        changes.refund(book, line, order, 1, restock=restock)
    elif kind in ("add", "drop"):
        changes.edit(book, order, line.variant, 1 if kind == "add" else -1, location=one.location)
    elif kind == "hold":
        changes.put_on_hold(book, one, "waiting")
    elif kind == "delete":
        changes.delete(book, order)
    else:
        others = [place for place in shop.locations.values() if place is not one.location]
        if not others:
            return False
        changes.move(book, one, chance.choice(others))
    return True


class Market:
    """The account, its shops and their truth. Broken rules, or a store that breaks one, may be given."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        layout: Layout,
        *,
        rules: type[Rules] = Peaceful,
        store_type: type[TellingStore] = TellingStore,
    ) -> None:
        self.folder, self.layout, self.store_type = folder, layout, store_type
        self.chance = random.Random(seed)
        self.clock = Clock(running=False)
        self.tardy = False
        self.work_began = 0
        self.found: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()
        self.fronts: list[ShopFront] = []
        self._exits = contextlib.ExitStack()
        self._exits.enter_context(mock.patch("supportdesk.sync.engine.Rules", rules))
        shops = [self._shop(f"shop-{number}", seed) for number in range(layout.shops)]
        fronts = [
            ShopFront(
                *(folder, shop, self.chance),
                bundles={"KIT": dict(RECIPES["KIT"])} if layout.bundle else {},
                shared_by=layout.shared_by,
                counts=SUM if layout.adds_places else None,
            )
            for shop in shops
        ]
        self.peek = sqlite3.connect(folder / "kestrel.db", check_same_thread=False)
        if layout.warehouses == 2:
            self._two_warehouses(fronts[0].ledger)
        self.fronts = fronts
        self.truth = Truth(self)
        for front in fronts:
            front.open(self)
            front.cadence = CADENCE

    def _shop(self, handle: str, seed: int) -> SandboxShop:
        chance, layout = self.chance, self.layout
        places = [MAIN, DEPOT][: layout.places]
        numbers = [1, 3, *([2] if layout.twin else []), *([9] if layout.bundle else [])]
        listings = [listing(number, SKUS[number]) for number in numbers]
        if layout.shared_item:
            listings.append(listing(4, "MUG", item_id=2001))
        shop = small_shop(
            handle,
            clock=self.clock,
            locations=places,
            listings=listings,
            levels=[level(number, place, chance.randint(150, 400)) for number in numbers for place in places],
        )
        shop.lags = Lags(commit=3, visibility=8, index=4)
        return shop

    @staticmethod
    def _two_warehouses(ledger: Ledger) -> None:
        with ledger.writing() as connection:
            connection.execute("INSERT INTO warehouse (id, code, name) VALUES (2, 'DEPOT', 'The depot')")
            connection.execute("UPDATE connection SET counts = NULL")
            connection.execute("UPDATE connection SET warehouse_id = 2 WHERE location_id = ?", (DEPOT.id,))

    @property
    def numbers(self) -> list[Number]:
        return [(sku, place) for sku in ("MUG", "ROPE") for place in range(1, self.layout.warehouses + 1)]

    def close(self) -> None:
        self.peek.close()
        for front in self.fronts:
            front.ledger.close()
        self._exits.close()

    # Time -----------------------------------------------------------------------------------------------------------------------------

    def live(self, seconds: float) -> None:
        """Let time pass in every shop."""
        while seconds > 0:
            piece = min(seconds, 60.0 if seconds > 900 else 1.0)
            self.clock.advance(piece)
            for front in self.fronts:
                front.shop.catch_up()
            seconds -= piece

    def whole_second(self) -> int:
        """Go on to the next whole second."""
        if micros := self.clock.now().microsecond:
            self.clock.advance((1_000_000 - micros) / 1_000_000)
        for front in self.fronts:
            front.shop.catch_up()
        return round(self.clock.seconds())

    # What begins and ends -------------------------------------------------------------------------------------------------------------

    def notice(self) -> None:
        """See which channels began, came on or went off."""
        for front in self.fronts:
            (t0,) = self.peek.execute(
                "SELECT min(t0) FROM fence WHERE channel_id = ?", (front.id,)
            ).fetchone()
            is_on = front.id not in self.truth.next
            if front.counted.t0 is not None and t0 != front.counted.t0:
                self.truth.is_off(front, was_on=is_on)
            if t0 is not None and front.counted.t0 is None:
                self.truth.begins(front, t0)
            elif front.id in self.truth.next and self._is_on(front):
                self.truth.goes_on(front)

    def _is_on(self, front: ShopFront) -> bool:
        return bool(
            self.peek.execute(
                """SELECT sync = 'on' AND NOT EXISTS (SELECT 1 FROM copy_target WHERE channel_id = ?1 AND copied IS NULL)
                   FROM channel WHERE id = ?1""",
                (front.id,),
            ).fetchone()[0]
        )

    # What people do -------------------------------------------------------------------------------------------------------------------

    def adjust(self, number: Number, units: int, kind: movements.MovementKind) -> None:
        with self.fronts[0].ledger.writing() as connection:
            cause = movements.Cause(self.fronts[0].now(), kind, who="mia")
            movements.move(connection, cause, *number, Quantities(in_stock=units))
        self.truth.add(number, units)
        if kind in ("set", "count"):
            available = differences.number_of(self.fronts[0].ledger, None, *number).available
            assert available is not None
            self.truth.count(number, available)

    # Judging --------------------------------------------------------------------------------------------------------------------------

    def broken(self) -> list[str]:
        """What is always true and is not."""
        identities = broken_identities(self.fronts[0].ledger)
        return [*identities, *unexplained(self.peek), *(+self.found)]

    def rest(self) -> None:
        """Let it run until nothing is due, with nothing more happening and every answer coming through."""
        for front in self.fronts:
            front.store.lost = front.store.slow = front.store.drops = 0.0
        for time in range(40):
            for front in self.fronts:
                front.let_go()
                front.serve(8)
            self.live(2)
            if time > 14 and all(front.is_quiet() for front in self.fronts):
                break
        self.notice()

    def wrong_at_rest(self) -> list[str]:
        """What does not show the truth once all is quiet."""
        wrong = []
        ledger = self.fronts[0].ledger
        for number in self.numbers if any(front.on for front in self.fronts) else ():
            kept = differences.number_of(ledger, None, *number).available
            if kept != self.truth.of(number):
                wrong.append(f"{number} is {kept}, not {self.truth.of(number)}")
        for front in self.fronts:
            wrong += front.not_taken_back()
            if not front.on:
                continue
            if not front.is_quiet():
                wrong.append(f"{front.shop.handle} is not quiet: {front.standing()}")
            for row in front.rows:
                shown, so = front.level(row).available, self.truth.shows(front, row)
                if shown > 0 if so < 0 else shown != so:
                    wrong.append(f"{front.shop.handle} {row} shows {shown}, not {so}")
        return [*wrong, *self._shelves_otherwise()]

    def _shelves_otherwise(self) -> list[str]:
        """Numbers that a count of the shelf would change, though it is said what of it is promised from before sync, or set aside.

        Only where one row has a number to itself: its on hand is the shelf then.
        """
        wrong = []
        ledger = self.fronts[0].ledger
        for sku, place in self.numbers:
            rows = [(front, *each) for front in self.fronts for each in front.feeding((sku, place))]
            front, row, units = rows[0]
            if len(rows) > 1 or units > 1 or not front.on or (front.id, row[1]) in self.truth.mirrored:
                continue
            self.facts["shelves"] += 1
            promised = promises.of_sku(ledger.db.conn, sku).get(place, 0)
            aside = promises.set_aside_of(ledger.db.conn, sku).get(place, 0)
            shelf = front.level(row).on_hand
            kept, _ = quantities_of(ledger.db.conn, sku, place)
            if self.truth.shows(front, row) >= 0 and kept.in_stock != shelf - promised - aside:
                wrong.append(
                    f"{sku} in {place}: {kept.in_stock} in stock, {shelf} on the shelf with {promised} promised, {aside} aside"
                )
        return wrong
