"""A shop's few minutes, from a seed: before T0, going live, selling on, then quiet; with an engine over an account file and a sandbox shop.

Shoppers, packers, staff, adjustments in the ledger, readings that lag, answers that get lost, processes that die. What is so is the sandbox's
own (its journal and what is going to happen to stock), which the engine never sees. Judged as `tests/core/test_exactness.py` judges:

- *rest*: once everything is quiet, a row or the ledger does not show the truth, or a row is not live;
- *oversold*: a write of ours added units that are not there;
- *undone*: an undo put back what staff never took.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from supportdesk.core.brake import BrakeLimits
from supportdesk.core.effects import Margins, PushEffect
from supportdesk.core.looks import RowKey
from supportdesk.core.orders import stock_of
from supportdesk.core.stock import Quantities
from supportdesk.ledger import differences, kept_orders, movements, sync_rows
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.records import LevelRecord
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from supportdesk.sync.engine import Begin, Engine
from supportdesk.sync.session import Cadence, Rules
from supportdesk.sync.store import EngineStore
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.accounts import account
from tests.sync.shops import Crash, DirectStore, second

Oracle = Literal["rest", "oversold", "undone", "identity"]

MARGINS: Final = Margins(commit_lag=4, visibility=9, slow_reply=3, apart=12)
CADENCE: Final = Cadence(
    margins=MARGINS,
    between_readings=5,
    on_bounds=6,
    sweep=20,
    open_orders=60,
    overlap=30,
    wide=90,
    resend=20 * 3600,
)
FREE: Final = BrakeLimits(rows_to_zero=10.0, halved=-1.0, doubled=1e9)
SKU, KIT = "A-1", "KIT"
KINDS: Final = ("fulfil", "fulfil", "fulfil", "part", "cancel", "refund", "edit", "return", "move", "hold")


class QuietWatch:
    """Waits by letting the shop live."""

    def __init__(self, history: History) -> None:
        self.history = history

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None: ...

    def check(self) -> None: ...

    def wait(self, seconds: float) -> None:
        self.history.live(seconds)


class Lease:
    """A lease that is always held; where the history says so, the process dies at a transaction."""

    def __init__(self, history: History) -> None:
        self.history = history

    def check(self, connection: sqlite3.Connection) -> None:
        if self.history.at_work:
            self.history.boundary("transaction")


class Peaceful(Rules):
    """The rules for shops whose staff edit by chance, often by one size: nobody else writes their numbers."""

    def is_fought_over(self, undos: Iterable[PushEffect], now: int) -> bool:
        return False


class History:
    """One life; `rules` may break one of the engine's, `store_type` the store's part of one."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        *,
        rules: type[Rules] = Peaceful,
        store_type: type[DirectStore] = DirectStore,
        tardy: bool = False,
        crashes: float = 0.0,
        lost: float = 0.06,
        bundle: bool | None = None,
        outage: bool = False,
    ) -> None:
        self.chance = chance = random.Random(seed)
        self.rules, self.crashes, self.tardy = rules, 0.0, 0.0
        self.folder, self.serial = folder, 0
        self.found: Counter[Oracle] = Counter()
        self.facts: Counter[str] = Counter()
        self.engine: Engine | None = None
        self.bundle = chance.random() < 0.3 if bundle is None else bundle
        self.shop = self._shop(seed)
        self.store = store_type(self.shop, chance, self.live, lost=lost, slow=0.03, stale=0.9)
        self.store.on_write = self.judge_write
        self.store.wanted = self.wanted
        self.copies = chance.random() < 0.6
        self.rate = chance.choice([0.02, 0.05, 0.12])
        self.edits = 0.0 if tardy else chance.choice([0.01, 0.03, 0.06])
        self.hot = chance.random()
        self.outage = outage
        if outage:
            self.edits = 0.0  # what staff do meanwhile is in the number its row settles at again
        self.adjusted = 0
        self.staff: Counter[RowKey] = Counter()
        self.set_aside: Counter[RowKey] = Counter()
        self.last_edit: dict[RowKey, float] = {}
        self.standing: dict[RowKey, list[tuple[float, int]]] = {}
        """What staff's edits came to, with when."""
        self.ledger = account(
            folder / "kestrel.db", self.shop, self.now, bundles={KIT: {SKU: 2}} if self.bundle else {}
        )
        self.peek = sqlite3.connect(folder / "kestrel.db", check_same_thread=False)
        """For looking while the engine is at work, on whatever thread it asks the store."""
        self.begun = self.at_work = False
        self.cycle_began = 0
        for _ in range(60):
            self.live(chance.uniform(0.1, 1.5))
        self._begin(tardy)
        self.crashes = crashes

    def _shop(self, seed: int) -> SandboxShop:
        chance = self.chance
        items = chance.randint(1, 3)
        places = [MAIN, DEPOT] if chance.random() < 0.5 else [MAIN]
        listings = [listing(number, SKU) for number in range(1, items + 1)]
        if self.bundle:
            listings.append(listing(9, KIT))
        levels = [level(n, place, chance.randint(300, 900)) for n in range(1, items + 1) for place in places]
        if self.bundle:
            levels += [level(9, place, chance.randint(100, 300)) for place in places]
        shop = small_shop(
            f"shop-{seed}", clock=Clock(running=False), locations=places, listings=listings, levels=levels
        )
        shop.lags = Lags(commit=3, visibility=8, index=4)
        return shop

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shop.clock.seconds(), UTC)

    # The engine -----------------------------------------------------------------------------------------------------------------------

    def _begin(self, tardy: bool) -> None:
        shop, chance = self.shop, self.chance
        shop.clock.advance(1 - shop.clock.seconds() % 1)
        shop.catch_up()
        self.t0 = round(shop.clock.seconds())
        self.rows = [(lv.item.id, lv.location.id) for at in shop.levels_by_location.values() for lv in at]
        self.at_t0 = {
            row: self.level(row).available + shop.order_book.uncommitted(self.level(row)) for row in self.rows
        }
        self.pending_t0 = {row: shop.order_book.uncommitted(self.level(row)) for row in self.rows}
        self.journal_t0 = len(shop.journal)
        self.sold_t0: Counter[RowKey] = Counter()
        given = chance.randint(300, 900)
        if not self.copies:
            with self.ledger.writing() as connection:
                cause = movements.Cause(self.now(), "set")
                movements.move(connection, cause, SKU, 1, Quantities(in_stock=given))
        self.number = self.at_t0[2001, MAIN.id] if self.copies else given
        self.begun = True
        self.tardy = 0.2 if tardy else 0.0
        self.engine = self._engine()
        fences = {place.id: self.t0 for place in (MAIN, DEPOT) if place.id in shop.locations}
        self.what = Begin(None, fences, self.copies)
        self.engine.begin(self.what)

    def _engine(self) -> Engine:
        from supportdesk.ledger.channels import channel_named

        channel = channel_named(self.ledger, self.shop.handle)
        assert channel is not None
        return Engine(
            self.ledger,
            channel,
            self.asked(),
            Lease(self),
            now=self.now,
            watch=QuietWatch(self),
            cadence=CADENCE,
            limits=FREE,
            rules=self.rules(),
        )

    def asked(self) -> EngineStore:
        return self.store

    def boundary(self, name: str) -> None:
        if self.crashes and self.chance.random() < self.crashes:
            raise Crash(name)

    def step(self) -> None:
        """One cycle; where the process dies, another takes over at the same file."""
        assert self.engine
        self.cycle_began = int(self.shop.clock.seconds())
        try:
            self.at_work = True
            result = self.engine.cycle()
            self.facts["undone"] += result.undone
            self.facts["pushed"] += result.pushed
        except Crash:
            self.at_work = False
            self.facts["crashes"] += 1
            self.ledger.close()
            self.ledger = open_ledger(self.folder / "kestrel.db", now=self.now)
            self.engine = self._engine()
            if self.chance.random() < 0.3:
                crashes, self.crashes = self.crashes, 0.0
                self.engine.begin(self.what)
                self.crashes = crashes
        self.at_work = False
        if (stopped := self.engine.status()).brake:
            self.facts["brakes"] += 1
            self.engine.let_go(stopped.stopped_rows)
        self.found["identity"] += bool(broken_identities(self.ledger))

    # Living ---------------------------------------------------------------------------------------------------------------------------

    def live(self, seconds: float) -> None:
        """Let time pass, with what shoppers, staff and the packers do in it; while the engine asks, the process dies now and then."""
        if self.at_work:
            self.boundary("request")
        while seconds > 0:
            piece = min(seconds, self.chance.uniform(0.05, 0.6))
            self._happen()
            self.shop.clock.advance(piece)
            self.shop.catch_up()
            seconds -= piece

    def _happen(self) -> None:
        chance, shop = self.chance, self.shop
        if chance.random() < self.rate:
            self._sell()
        if chance.random() < self.rate * 0.5 and shop.order_book.orders:
            self._later()
        if self.begun and self.edits and chance.random() < self.edits:
            self._staff(chance.choice(self.rows))

    def _sell(self) -> None:
        chance, shop = self.chance, self.shop
        rows = [(lv.item.id, lv.location.id) for at in shop.levels_by_location.values() for lv in at]
        row = rows[0] if chance.random() < self.hot else chance.choice(rows)
        lv = self.level(row)
        quantity = chance.randint(1, 3)
        if lv.available + shop.order_book.uncommitted(lv) < quantity + 5:
            return
        late = chance.uniform(8, 60) if chance.random() < self.tardy else None
        shop.order_book.place([Wanted(lv.item.variants[0], quantity, lv.location)], visible_after=late)
        self.facts["orders"] += 1

    def _later(self) -> None:
        """An order some seconds old is sent, cancelled, edited …"""
        chance, book = self.chance, self.shop.order_book
        order = chance.choice(list(book.orders.values())[-40:])
        if self.shop.clock.seconds() - second(order.created_at) < 4 or (
            self.begun and not self._is_seen(order)
        ):
            return
        kind = chance.choice(KINDS)
        try:
            self._do(kind, order)
            self.facts[kind] += 1
        except ValueError:
            pass

    def _do(self, kind: str, order: OrderRecord) -> None:
        chance, book = self.chance, self.shop.order_book
        one = next((each for each in order.fulfillment_orders if each.open), None)
        line = order.lines[0]
        if kind == "cancel":
            changes.cancel(book, order, restock=chance.random() < 0.7)
        elif kind == "return":
            changes.take_back(book, line, order, 1, restock=chance.random() < 0.7)
        elif one is None:
            return
        elif kind == "fulfil":
            changes.fulfil(book, one)
        elif kind == "part":
            changes.fulfil(book, one, {line: 1})
        elif kind == "refund":
            changes.refund(book, line, order, 1, restock=chance.random() < 0.7)
        elif kind == "edit":
            changes.edit(book, order, line.variant, chance.choice([-1, 1]), location=one.location)
        elif kind == "hold":
            changes.put_on_hold(book, one, "waiting")
        elif kind == "move":
            others = [place for place in self.shop.locations.values() if place is not one.location]
            if others:
                changes.move(book, one, chance.choice(others))

    def _is_seen(self, order: OrderRecord) -> bool:
        """Whether the engine knows the order as it is: what came and went between two looks nobody could tell."""
        kept = kept_orders.order_of(self.peek, 1, order.id)
        changed = max(order.updated_at, *(one.updated_at for one in order.fulfillment_orders))
        return kept is not None and kept.looked > second(changed)

    def _staff(self, row: RowKey) -> None:
        """An edit of the number; or units set aside or released, where no edit stands that could be mistaken for it."""
        chance, lv = self.chance, self.level(row)
        kept = sync_rows.row_of(self.peek, 1, row)
        if kept is None or not kept.state.tells_edits or kept.state.baseline is None:
            return
        waiting = self.peek.execute(
            "SELECT reserved FROM reading WHERE item_id = ? AND location_id = ? AND state = 'waiting'", row
        ).fetchall()
        if self.staff[row] == 0 and chance.random() < 0.3 and not self._recent_edit(row):
            units = (
                -self.set_aside[row]
                if self.set_aside[row] and chance.random() < 0.7
                else chance.randint(1, 4)
            )
            if lv.available < units + 5:
                return
            self.shop.change(lv, {"available": -units, "reserved": units}, "staff")
            self.set_aside[row] += units
            self.facts["set aside"] += 1
        elif (
            self._known_set_aside(row) == self.set_aside[row]
            and kept.state.baseline.unavailable == lv.reserved
            and all(each[0] == lv.reserved for each in waiting)
        ):
            edit = chance.choice([-4, -2, 3, 5])
            self.shop.change(lv, {"available": edit}, "staff")
            self._stands(row, edit)
            self.last_edit[row] = self.shop.clock.seconds()
            self.facts["edits"] += 1

    def _stands(self, row: RowKey, change: int) -> None:
        self.staff[row] += change
        self.standing.setdefault(row, []).append((self.shop.clock.seconds(), self.staff[row]))

    def _lowest(self, row: RowKey) -> int:
        """The least that staff's edits came to while the reading was taken that was judged last."""
        (found,) = self.ledger.rows(
            """SELECT started, ended FROM reading WHERE item_id = ? AND location_id = ? AND state = 'judged'
               ORDER BY ended DESC, id DESC LIMIT 1""",
            *row,
        )
        log = self.standing.get(row, [])
        before = [units for at, units in log if at < found["started"]]
        within = [units for at, units in log if found["started"] <= at <= found["ended"] + 1]
        return min([before[-1] if before else 0, *within])

    def _recent_edit(self, row: RowKey) -> bool:
        """Whether a reading that waits may still show an edit that stands no more."""
        oldest = self.peek.execute(
            "SELECT min(started) FROM reading WHERE item_id = ? AND location_id = ? AND state = 'waiting'",
            row,
        ).fetchone()[0]
        edited = self.last_edit.get(row)
        return edited is not None and oldest is not None and int(str(oldest)) <= edited + 30

    # The truth ------------------------------------------------------------------------------------------------------------------------

    def level(self, row: RowKey) -> LevelRecord:
        return self.shop.items[row[0]].levels[row[1]]

    def per_unit(self, row: RowKey) -> int:
        return 2 if row[0] == 2009 else 1

    def moved(self, row: RowKey) -> int:
        """What orders and units set aside did to a row since T0, whether or not it is on its number yet."""
        while self.counted < len(self.shop.journal):
            one = self.shop.journal[self.counted]
            self.counted += 1
            if one.actor == "order":
                self.sold_t0[one.item_id, one.location_id] += one.deltas.get("available", 0)
        lv = self.level(row)
        return (
            self.sold_t0[row]
            + self.shop.order_book.uncommitted(lv)
            - self.pending_t0[row]
            - self.set_aside[row]
        )

    @property
    def counted(self) -> int:
        return self._counted if self._counted is not None else self.journal_t0

    @counted.setter
    def counted(self, at: int) -> None:
        self._counted = at

    _counted: int | None = None

    def truth(self) -> int:
        """What the ledger should have of the SKU."""
        return self.number + self.adjusted + sum(self.moved(row) * self.per_unit(row) for row in self.rows)

    def known(self, row: RowKey) -> int:
        """What the engine knows of `moved`; an edit that was adopted is none of it."""
        return self._effects(row, "kind <> 'adopted'")

    def _known_set_aside(self, row: RowKey) -> int:
        return -self._effects(row, "kind IN ('unavailable', 'unexplained')")

    def _effects(self, row: RowKey, which: str) -> int:
        (units,) = self.peek.execute(
            f"SELECT coalesce(sum(available), 0) FROM effect WHERE item_id = ? AND location_id = ? AND {which}",
            row,
        ).fetchone()
        return int(units)

    def unseen(self, row: RowKey) -> int:
        """Units sold or set aside on other rows that the engine does not know of yet."""
        others = (other for other in self.rows if other != row)
        return sum(max(0, self.known(other) - self.moved(other)) * self.per_unit(other) for other in others)

    def judge_write(self, key: str, row: RowKey, change: int) -> None:
        kind, is_old = self._push(key, row)
        lv = self.level(row)
        if kind == "undo":
            self.found["undone"] += change > max(0, -self._lowest(row))
            self._stands(row, change)
        elif change > 0 and not self.tardy:
            owed = 0
            if is_old:  # what was taken out of the ledger since it was stored
                kept = sync_rows.row_of(self.ledger.db.conn, 1, row)
                if kept is not None and kept.shows is not None:
                    number = differences.number_of(self.ledger, None, kept.sku, 1)
                    owed = max(0, kept.shows - (number.pushed or 0))
            most = (self.truth() + self.unseen(row)) // self.per_unit(row)
            most += self.shop.order_book.uncommitted(lv) * -1 + max(0, self.staff[row]) + owed
            self.found["oversold"] += lv.available > max(most, 0)

    def wanted(self, key: str) -> list[tuple[int, int, str, int]]:
        """What the rows of a push were to show when it was stored."""
        return self.ledger.db.conn.execute(
            """SELECT item_id, location_id, CASE cause WHEN 'edit' THEN 'undo' ELSE 'difference' END, shown + change
               FROM push_row JOIN push ON push.id = push_row.push_id WHERE key = ?""",
            (key,),
        ).fetchall()

    def _push(self, key: str, row: RowKey) -> tuple[str, bool]:
        """The kind of a push, and whether it was stored before this cycle began or was sent before."""
        key = key.split()[0]
        found = self.ledger.rows(
            """SELECT CASE WHEN push_row.cause = 'edit' THEN 'undo' ELSE 'difference' END AS kind, attempts, stored FROM push
               JOIN push_row ON push_row.push_id = push.id WHERE key = ? AND item_id = ? AND location_id = ?""",
            key,
            *row,
        )
        if not found:
            return "difference", True
        return str(found[0]["kind"]), found[0]["attempts"] > 1 or found[0]["stored"] < self.cycle_began

    # A life ---------------------------------------------------------------------------------------------------------------------------

    def run(self, steps: int = 60, quiet: int = 34, *, close: bool = True) -> Counter[Oracle]:
        """Live through it; what the oracles found."""
        for _ in range(steps):
            self.live(self.chance.uniform(0.5, 7))
            self.step()
            if self.chance.random() < 0.12 and self._all_live():
                self._adjust(self.chance.choice([-3, 2, 10]))
            if self.outage and self._may_go_out():
                self._go_out()
        self.rate = self.edits = self.crashes = 0.0
        self.store.lost = self.store.slow = 0.0
        for _ in range(60 if self.tardy else quiet):
            self.live(4)
            self.step()
        self.found["rest"] += not self.at_rest()
        self.peek.close()
        if close:
            self.ledger.close()
        return +self.found

    def _go_out(self) -> None:
        """A push is in flight, done or not, when everything stands still for 25 hours."""
        self.outage = False
        lost, self.store.lost = self.store.lost, 1.0
        self._adjust(self.chance.choice([-7, 7, 20]))
        self.step()
        self.shop.clock.advance(25 * 3600)
        self.shop.catch_up()
        self.store.lost = lost
        self.engine = self._engine()

    def _all_live(self) -> bool:
        return self.ledger.value("SELECT 1 FROM sync_row WHERE condition <> 'live'") is None

    def _may_go_out(self) -> bool:
        return self._all_live()

    def _adjust(self, units: int) -> None:
        with self.ledger.writing() as connection:
            kind: movements.MovementKind = "add" if units > 0 else "subtract"
            cause = movements.Cause(self.now(), kind, who="mia")
            movements.move(connection, cause, SKU, 1, Quantities(in_stock=units))
        self.adjusted += units

    def at_rest(self) -> bool:
        truth = self.truth()
        number = differences.number_of(self.ledger, None, SKU, 1)
        shown = {row: self.level(row).available for row in self.rows}
        self.said = (truth, number.available, shown)
        right = all(
            (number <= 0 if truth < 0 else number == truth // self.per_unit(row))
            for row, number in shown.items()
        )
        return right and number.available == truth and self._all_live()


def broken_identities(ledger: Ledger) -> list[str]:
    """What is always true and is not (PROTOCOL §7): stock = Σ movement; should show = settled + Σ pushes + Σ effects; booked = the orders'."""
    connection = ledger.db.conn
    broken = []
    checks = {
        "stock": """SELECT 1 FROM stock LEFT JOIN (
                SELECT sku, warehouse_id, sum(in_stock) AS i, sum(booked) AS b, sum(incoming) AS c FROM movement GROUP BY 1, 2)
                USING (sku, warehouse_id) WHERE in_stock <> i OR booked <> b OR incoming <> c""",
        "own": """SELECT 1 FROM sync_row AS row WHERE own <> (SELECT coalesce(sum(available), 0) FROM effect
                WHERE effect.channel_id = row.channel_id AND effect.item_id = row.item_id AND effect.location_id = row.location_id)""",
        "pushed": """SELECT 1 FROM sync_row AS row WHERE pushed <> (SELECT coalesce(sum(change), 0) FROM push_row
                JOIN push ON push.id = push_row.push_id WHERE push.channel_id = row.channel_id AND push_row.item_id = row.item_id
                AND push_row.location_id = row.location_id AND push.kind = 'difference' AND push.state IN ('stored', 'done')
                AND push.stored >= row.t0)""",
        "one push a row": """SELECT 1 FROM push_row JOIN push ON push.id = push_row.push_id WHERE push.state = 'stored'
                GROUP BY push.channel_id, item_id, location_id HAVING count(*) > 1""",
    }
    for name, query in checks.items():
        if connection.execute(query).fetchone():
            broken.append(name)
    booked: Counter[tuple[str, int]] = Counter()
    for channel_id in [row[0] for row in connection.execute("SELECT id FROM channel")]:
        for key, done in stock_of(kept_orders.booked(connection, channel_id)).items():
            booked[key] += done.booked
    rows = connection.execute("SELECT sku, warehouse_id, booked FROM stock WHERE booked <> 0")
    kept = {(sku, warehouse): units for sku, warehouse, units in rows}
    if {key: units for key, units in booked.items() if units} != kept:
        broken.append("booked")
    return broken
