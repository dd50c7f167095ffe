"""A shop about to be turned on, in process: planned, applied by a worker on the shop's own clock, killed where a test says."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from supportdesk.core.effects import Margins
from supportdesk.core.looks import ClaimLook, RowKey
from supportdesk.core.plan_blocks import PlanFacts
from supportdesk.core.progress import Watch
from supportdesk.errors import Cancelled, Conflict
from supportdesk.ledger import applying, channels, plans, sync_status
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.plan_numbers import Place
from supportdesk.ledger.plans import Header
from supportdesk.ledger.sync_status import Standing
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sync.plan import PlanJob, build
from supportdesk.sync.session import Cadence
from supportdesk.sync.store import EngineStore
from supportdesk.sync.worker import Rhythm, WorkerJob, run
from tests.sync import accounts
from tests.sync.shops import Crash, DirectStore

CADENCE: Final = Cadence(
    margins=Margins(commit_lag=4, visibility=9, slow_reply=3, apart=12), between_readings=5
)
RHYTHM: Final = Rhythm(slow=15, quick=15, trouble=(5,))
PATIENCE: Final = 900
"""Seconds of the shop's clock that anything here may take, but for outages that a test asks for."""


class ClaimedStore(DirectStore):
    """With the metafield that holds the claim, which is the shop's and so shared by all that ask it."""

    def claim(self, watch: Watch) -> ClaimLook:
        self._ask("claim")
        value, revision = _metafield(self.shop)
        return ClaimLook(value, str(revision) if value else None)

    def write_claim(self, value: str, replacing: str | None, watch: Watch) -> ClaimLook:
        self._ask("write_claim")
        now, revision = _metafield(self.shop)
        if (str(revision) if now else None) != replacing:
            raise Conflict("The claim was changed this moment.")
        _METAFIELDS[self.shop] = (value, revision + 1)
        return ClaimLook(value, str(revision + 1))

    def drop_claim(self, watch: Watch) -> None:
        self._ask("drop_claim")
        _METAFIELDS[self.shop] = ("", _metafield(self.shop)[1] + 1)


_METAFIELDS: Final[weakref.WeakKeyDictionary[SandboxShop, tuple[str, int]]] = weakref.WeakKeyDictionary()


def _metafield(shop: SandboxShop) -> tuple[str, int]:
    return _METAFIELDS.get(shop, ("", 0))


class Dying:
    """A ledger or a store that counts its boundaries, and dies at one of them, and is dead from then on."""

    def __init__(self, at: int | None = None) -> None:
        self.passed = 0
        self.at = at
        self.names: list[str] = []

    @property
    def dead(self) -> bool:
        return self.at is not None and self.passed > self.at

    def boundary(self, name: str) -> None:
        if not self.dead:
            self.names.append(name)
            self.passed += 1
        if self.dead:
            raise Crash(name)


class DyingLedger(Ledger):
    """Dies before a transaction or after it landed."""

    death: Dying

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        self.death.boundary("before a transaction")
        with super().writing() as connection:
            yield connection
        self.death.boundary("after a transaction")


class CommitDying(sqlite3.Connection):
    """Dies at a COMMIT, before it took effect or after; or only says that it failed."""

    death: Dying | None = None
    fails: str = ""
    """When the COMMIT says that it failed though the process lives: `before` or `after` it took effect; once."""

    def execute(self, sql: str, *words: Any) -> sqlite3.Cursor:
        if sql != "COMMIT":
            return super().execute(sql, *words)
        self._boundary("before COMMIT")
        if self.death and self.death.dead and self.fails == "before":
            self._fail()
        found = super().execute(sql, *words)
        if self.death and self.death.dead and self.fails == "after":
            self._fail()
        self._boundary("after COMMIT")
        return found

    def _boundary(self, name: str) -> None:
        if self.death is not None:
            with contextlib.suppress(*([Crash] if self.fails else [])):
                self.death.boundary(name)

    def _fail(self) -> None:
        self.fails, self.death = "", None
        raise sqlite3.OperationalError("disk I/O error")


def over(ledger: Ledger, connection: sqlite3.Connection) -> Ledger:
    """The same file by another connection."""
    connection.execute("PRAGMA foreign_keys = ON")
    other = Database(connection, execute_plugins=False, recursive_triggers=False)
    return Ledger(ledger.path, other, ledger.file_number)


class DyingStore:
    """Dies before a request was sent, or after it was done and before its answer came."""

    def __init__(self, store: EngineStore, death: Dying) -> None:
        self._store, self._death = store, death

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._store, name)

        def ask(*words: Any) -> Any:
            self._death.boundary(f"before {name}")
            answer = asked(*words)
            if isinstance(answer, Iterator):
                return self._each(answer, name)
            self._death.boundary(f"after {name}")
            return answer

        return ask

    def _each(self, answers: Iterator[Any], name: str) -> Iterator[Any]:
        for answer in answers:
            self._death.boundary(f"after a page of {name}")
            yield answer


class LivingWatch:
    """Waits by letting the shop live; cancels once what was waited for is so, fails where it never is."""

    def __init__(self, world: World, until: Callable[[], bool]) -> None:
        self._world, self._until = world, until
        self._latest = world.shop.clock.seconds() + PATIENCE

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None: ...

    def check(self) -> None: ...

    def wait(self, seconds: float) -> None:
        if self._until():
            raise Cancelled("It is so.")
        assert self._world.shop.clock.seconds() < self._latest, ("it never is", self._world.standing())
        self._world.live(seconds)


@dataclass
class World:
    """One shop and one account file after it."""

    folder: Path
    shop: SandboxShop
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    happens: Callable[[], None] = lambda: None
    """What shoppers and staff do, once for each second that passes."""
    name: str = "kestrel"
    bundles: dict[str, dict[str, int]] = field(default_factory=dict)
    masters: dict[int, str] = field(default_factory=dict)
    shared_by: str = "lowest"
    counts: int | None = None
    cadence: Cadence = CADENCE
    ledger: Ledger = field(init=False)
    store: ClaimedStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = ClaimedStore(self.shop, self.chance, self.live)
        self.ledger = accounts.account(
            *(self.folder / f"{self.name}.db", self.shop, self.now),
            bundles=self.bundles,
            masters=self.masters,
            shared_by=self.shared_by,
            counts=self.counts,
        )
        self._recount()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shop.clock.seconds(), UTC)

    def live(self, seconds: float) -> None:
        while seconds > 0:
            piece = min(seconds, 1.0)
            self.happens()
            self.shop.clock.advance(piece)
            self.shop.catch_up()
            seconds -= piece

    @property
    def channel(self) -> ChannelRecord:
        found = channels.channel_named(self.ledger, self.shop.handle)
        assert found is not None
        return found

    # What people do -------------------------------------------------------------------------------------------------------------------

    def load(self) -> None:
        accounts.load(self.ledger, self.shop, self.now)
        self._recount()

    def _recount(self) -> None:
        from supportdesk.ledger import duplicates
        from supportdesk.ledger.scope import AGE, IDENTITY, IN_SCOPE

        with self.ledger.writing() as connection:
            connection.execute(
                f"""UPDATE decision SET judged = (SELECT json_group_array(identity) FROM (
                       SELECT {IDENTITY} AS identity FROM listing
                       WHERE listing.channel_id = decision.channel_id AND listing.sku = decision.sku AND {IN_SCOPE}
                       ORDER BY {AGE}, listing.id)) WHERE who = 'mia'"""
            )
            duplicates.recount_groups(connection, self.channel.id)

    def set(self, sku: str, in_stock: int) -> None:
        """Count a SKU in Sumtracker."""
        from supportdesk.core.stock import Quantities
        from supportdesk.ledger import movements, stock

        with self.ledger.writing() as connection:
            before, _ = stock.quantities_of(connection, sku, accounts.WAREHOUSE)
            cause = movements.Cause(self.now(), "set", who="mia")
            change = Quantities(in_stock=in_stock - before.in_stock)
            movements.move(connection, cause, sku, accounts.WAREHOUSE, change)

    def buy(self, row: RowKey, quantity: int = 1) -> Any:
        level = self.level(row)
        return self.shop.order_book.place([Wanted(level.item.variants[0], quantity, level.location)])

    def edit(self, row: RowKey, change: int) -> None:
        self.shop.change(self.level(row), {"available": change}, "staff")

    def level(self, row: RowKey) -> Any:
        return self.shop.items[row[0]].levels[row[1]]

    def plan(
        self, *, copies: bool | None = True, unknown: Any = None, promised_included: bool | None = None
    ) -> int:
        places = self.ledger.db.conn.execute(
            """SELECT location_id, location_name, warehouse_id, 'MAIN', master, counts FROM connection
               WHERE channel_id = ? AND warehouse_id IS NOT NULL ORDER BY location_id""",
            (self.channel.id,),
        ).fetchall()
        header = Header(
            *(self.channel.id, "turn-on", copies, unknown, promised_included),
            tuple(Place(*place) for place in places),
        )
        return build(
            PlanJob(self.ledger, LivingWatch(self, lambda: False), self.now, "mia"),
            header,
            PlanFacts(copy=copies),
        )

    def ask(self, plan_id: int, brake_rows: int | None = 10**6) -> None:
        plan = applying.plan_of(self.ledger.db.conn, plan_id)
        assert plan is not None
        with self.ledger.writing() as connection:
            applying.ask(connection, plan, who="mia", at=self.now(), brake_rows=brake_rows)

    # The worker -----------------------------------------------------------------------------------------------------------------------

    def work(self, until: Callable[[], bool], death: Dying | None = None) -> None:
        """Run a worker until it is so, or until it dies (then raises `Crash`)."""
        ledger, store = self.ledger, self.store
        asked: Any = store
        if death is not None:
            ledger = DyingLedger(self.ledger.path, self.ledger.db, self.ledger.file_number)
            ledger.death = death
            asked = DyingStore(store, death)
        job = WorkerJob(
            *(ledger, self.channel.id, lambda _: contextlib.nullcontext(asked), "mia", self.now),
            watch=LivingWatch(self, until),
            rhythm=RHYTHM,
            cadence=self.cadence,
        )
        with contextlib.suppress(Cancelled):
            run(job)

    def die(self) -> None:
        """Lose everything but the file, as a process that was killed does."""
        self.ledger.close()
        self.ledger = open_ledger(self.folder / f"{self.name}.db", now=self.now)

    def standing(self) -> Standing:
        return sync_status.standing(self.ledger.db.conn, self.channel.id)

    @property
    def on(self) -> bool:
        return self.channel.sync == "on"

    def settled(self) -> bool:
        found = self.standing()
        return self.on and not (found.rows.get("settling") or found.to_compare or found.unsettled)

    def ended(self) -> bool:
        """On with everything settled, or refused."""
        return self.settled() or self.refused() is not None

    def refused(self) -> str | None:
        found = self.standing()
        return found.said if found.plan and found.plan.state == "refused" else None

    def turn_on(self, plan_id: int) -> str | None:
        """Apply the plan, until all is settled or refused; what was said then."""
        self.ask(plan_id)
        self.work(self.ended)
        return self.refused()

    def until_moved(self) -> str:
        """Work until rows wait to be confirmed; what is said of them then."""
        self.work(lambda: self.standing().steps[-1][0] == "moved" or self.ended())
        step, _, detail = self.standing().steps[-1]
        assert step == "moved", self.standing()
        return detail

    def confirm(self, who: str = "mia") -> None:
        """Say of the rows that moved that they are meant."""
        found = self.standing().plan
        assert found is not None
        with self.ledger.writing() as connection:
            applying.record(connection, found, "confirmed", at=self.now(), who=who)

    def stop(self) -> None:
        """Turn off, or stop what is being applied."""
        from supportdesk.sync.turning_off import stop

        with self.ledger.writing() as connection:
            assert stop(connection, self.channel.id, self.now(), "mia")

    # What is there --------------------------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> dict[RowKey, int]:
        """What the store shows."""
        self.shop.catch_up()
        levels = [level for at in self.shop.levels_by_location.values() for level in at if level.active]
        return {(level.item.id, level.location.id): level.available for level in levels}

    @property
    def numbers(self) -> dict[tuple[str, int], tuple[int, int, int]]:
        """In stock, booked, counted of every SKU that has any."""
        rows = self.ledger.db.conn.execute("SELECT sku, warehouse_id, in_stock, booked, counted FROM stock")
        return {(sku, place): tuple(rest) for sku, place, *rest in rows if any(rest)}

    @property
    def claim(self) -> str:
        return _metafield(self.shop)[0]

    def planned(self, plan_id: int) -> dict[RowKey, tuple[int, int]]:
        """Before and after of each row of a plan."""
        rows = self.ledger.db.conn.execute(
            "SELECT item_id, location_id, before, after FROM plan_row WHERE plan_id = ?", (plan_id,)
        )
        return {(item, place): (before, after) for item, place, before, after in rows}

    def view(self, plan_id: int) -> Any:
        return plans.view(self.ledger.db.conn, plan_id)
