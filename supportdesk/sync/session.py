"""What every stage of the engine works with: ledger, store, lease, clock, margins, and the rules of exactness. No stage of its own."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from supportdesk.core import rows
from supportdesk.core.effects import Effect, Margins, PushEffect, PushKind, is_fought_over
from supportdesk.core.progress import Watch
from supportdesk.core.rows import Bounds, Judgement, Reading, RowState
from supportdesk.errors import AnswerUnreadable
from supportdesk.ledger import cursors
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.sync.store import EngineStore

HOURS = 3600


class Fenced(Protocol):
    """The lease."""

    def check(self, connection: sqlite3.Connection) -> None:
        """Raise `errors.LeaseLost` in the transaction under way where somebody else syncs the channel by now."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often what is done, in seconds of the store's clock."""

    margins: Margins = field(default_factory=Margins)
    """Before any lag of the store was measured."""
    between_readings: int = 5
    """Of a row that settles while orders come in on it (PROTOCOL §1.2)."""
    on_bounds: int = 60
    """Between readings of a live row whose number is not certain yet."""
    sweep: int = 24 * HOURS
    """Every row is read once in this time, whatever the store's index says (PROTOCOL §5)."""
    open_orders: int = 24 * HOURS
    """Open orders are looked at by id once in this time."""
    overlap: int = 1800
    """As often orders are looked for four times as far back as the margin asks."""
    wide: int = 24 * HOURS
    """As often orders are looked for twice as far back, for those that came later than any margin."""
    listings: int = 300
    """Between looks at listings and locations that changed."""
    requests: int = 40
    """Readings of up to 250 rows in one cycle; what is left is due in the next."""
    read_back: int = 1800
    """After as many a row that a difference was pushed to is read, where nothing asked for it before."""
    keep_readings: int = 7 * 24 * HOURS
    resend: int = 20 * HOURS
    """A push is not sent again after this (PROTOCOL §2)."""


class Rules:
    """The rules of exactness that the stages go by, as methods, so that a test can show what breaks when one is broken."""

    def matured_until(self, looked: int, margins: Margins) -> int:
        """The latest end of a reading that `core.rows.is_matured` lets through."""
        return looked - margins.clock_skew - 1 - margins.visibility

    def is_matured(self, state: RowState, reading: Reading, looked: int, margins: Margins) -> bool:
        """Whether orders up to the reading had time to become visible."""
        return rows.is_matured(reading, looked, margins)

    def is_void(self, reading: Reading, t0: int, pushes: Iterable[PushEffect], margins: Margins) -> bool:
        """Whether a reading says nothing."""
        return rows.is_void(reading, t0, pushes, margins)

    def bounds(
        self,
        reading: Reading,
        effects: Iterable[Effect],
        pushes: Iterable[PushEffect],
        margins: Margins,
    ) -> tuple[Bounds, Bounds]:
        """Available and on hand at T0."""
        return (
            rows.bounds_at_t0(reading, effects, pushes, margins),
            rows.bounds_at_t0(reading, effects, pushes, margins, "on_hand"),
        )

    def judge(
        self,
        state: RowState,
        reading: Reading,
        bounds: tuple[Bounds, Bounds],
        margins: Margins,
        standing: int,
        orders_fresh: bool,
    ) -> Judgement:
        """What staff did to a live row."""
        return rows.judge(state, reading, *bounds, margins, standing, orders_fresh)

    def comes_late(self, state: RowState, effect: Effect, margins: Margins) -> bool:
        """Whether an order was found after a reading that may show it was made something of."""
        return rows.comes_late(state, effect, margins)

    def explained_late(self, late: Effect, effects: Iterable[Effect]) -> tuple[Effect, ...]:
        """What a late order gives back."""
        return rows.explained_late(late, effects)

    def counts_as(self, kind: PushKind) -> PushKind:
        """What a push is kept as: an undo is never part of what a row should show."""
        return kind

    def is_fought_over(self, undos: Iterable[PushEffect], now: int) -> bool:
        """Whether another app writes the row."""
        return is_fought_over(undos, now)

    def may_be_sent(self, age: float, cadence: Cadence) -> bool:
        """Whether a push of this age, by either clock, may still be sent."""
        return age <= cadence.resend

    def available(
        self, connection: sqlite3.Connection, channel_id: int, sku: str, warehouse_id: int, available: int
    ) -> int:
        """What the ledger has of a SKU, for a row: every order counts from T0 on, whichever row it came on."""
        return available

    def new_key(self) -> str:
        """An idempotency key that was never used."""
        return str(uuid4())


@dataclass
class Session:
    """One engine at work."""

    ledger: Ledger
    channel: ChannelRecord
    store: EngineStore
    lease: Fenced
    now: Callable[[], datetime]
    watch: Watch
    who: str
    cadence: Cadence
    rules: Rules
    second: int = 0
    """The store's second, as last heard: never later than its clock."""
    margins: Margins = field(default_factory=Margins)
    cycle: int = 0
    """The number of the cycle, for what names it."""
    learn: Callable[[Iterable[int], Iterable[int]], None] = lambda items, odd: None
    """Reads the listings of inventory items that nothing is known of, and of all `odd` ones, before an order on them is applied."""

    @property
    def id(self) -> int:
        """The channel's."""
        return self.channel.id

    @property
    def reference(self) -> str:
        """How the store's history names this cycle."""
        return f"gid://supportdesk/Cycle/{self.id}-{self.cycle}"

    def hear(self, date: int) -> None:
        """Note the store's second of a reply."""
        self.second = max(self.second, date)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction of whoever still holds the lease. Raises `LeaseLost`, `LedgerError` and its kinds."""
        self.watch.check()
        with self.ledger.writing() as connection:
            self.lease.check(connection)
            yield connection

    def renew(self) -> None:
        """Take the store's time and the margins as they are now. Raises `AnswerUnreadable` where the store's clock went back.

        What was before what is told by that clock alone (PROTOCOL §1.5): a reading that bears an earlier second than a push it was
        taken after would pass for one from before. So nothing is done until the clock is where it was.
        """
        connection = self.ledger.db.conn
        self.margins = cursors.margins(connection, self.id, self.cadence.margins)
        second = self.store.clock(self.watch)
        heard = max(self.second, cursors.second_of(connection, self.id, "heard") or 0)
        if self.is_back(second, heard):
            raise AnswerUnreadable(
                f"The store's clock went back by {heard - second:,} seconds.",
                "Nothing is synced until it is where it was; then everything goes on.",
            )
        self.hear(second)

    def is_back(self, date: int, heard: int) -> bool:
        """Whether a reply of `date` is from before `heard`, by more than the store's own clocks differ: it lay in a cache, or a clock went back."""
        return date + self.margins.clock_skew + 1 < heard

    def keep_heard(self, connection: sqlite3.Connection) -> None:
        """Keep the store's second as last heard, in the transaction under way."""
        cursors.put(connection, self.id, "heard", self.second)
