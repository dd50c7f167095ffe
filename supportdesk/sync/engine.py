"""The engine of one channel: going live and the cycle (PROTOCOL §1, §2, §5). Each stage is in a module of its own beside this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from supportdesk.core.brake import BrakeLimits
from supportdesk.core.looks import RowKey
from supportdesk.core.progress import Watch
from supportdesk.core.rows import RowCondition
from supportdesk.ledger import alerts, cursors, pushes, readings, sync_rows, tallies
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.sync import asked, beginning
from supportdesk.sync.beginning import Begin as Begin
from supportdesk.sync.copying import copy_settled
from supportdesk.sync.differences import Differences
from supportdesk.sync.listings import Listings
from supportdesk.sync.order_book import OrderBook
from supportdesk.sync.outbox import Outbox
from supportdesk.sync.row_reading import RowReading
from supportdesk.sync.session import Cadence, Rules, Session
from supportdesk.sync.session import Fenced as Fenced
from supportdesk.sync.settling import Settling
from supportdesk.sync.store import EngineStore

_SOON = 5
"""Seconds after which a push that was not answered is sent again."""
_TOGETHER = 3
"""Seconds in which readings that mature one after the other are waited for, so that one cycle does for all of them."""


def _learn_nothing(items: Iterable[int], odd: Iterable[int]) -> None:
    """While a plan is still compared with the store: its listings stay as they were loaded."""


@dataclass(frozen=True, slots=True)
class CycleResult:
    """What one cycle did and found."""

    next_due: int | None
    """The store's second at which something is due by itself; None where nothing is before the next cycle."""
    rows: Mapping[RowCondition, int] = field(default_factory=dict)
    """Rows by condition."""
    pushed: int = 0
    """Rows written with a difference."""
    undone: int = 0
    held: int = 0
    """Rows that became held or out."""
    orders: int = 0
    """Orders that changed something."""
    unsettled: int = 0
    """Pushes the store has not answered."""
    brake: tuple[str, ...] = ()
    """Why the brake holds, as sentences that may quote foreign text."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How sync stands, without asking the store."""

    rows: Mapping[RowCondition, int]
    reasons: Mapping[tuple[RowCondition, str], int]
    """Rows that are out, held or settling again, by condition and reason; a reason may quote foreign text."""
    oldest_waiting: int | None
    """The store's second of the oldest reading that orders may still be missing for."""
    brake: tuple[str, ...]
    stopped_rows: int
    """Rows whose writes the brake stops; going on takes typing this number."""
    unsettled: int
    """Pushes the store has not answered."""
    alerts: tuple[str, ...]
    """Open ones, newest first; may quote foreign text."""


class Engine:
    """Syncs one channel. One call at a time; all that counts is in the account file, so that another may go on from any point.

    `begin` and `cycle` raise `StoreError` and its kinds, `LedgerError` and its kinds, `LeaseLost`, and `Cancelled` between two requests;
    what was done until then is kept.
    """

    def __init__(
        self,
        ledger: Ledger,
        channel: ChannelRecord,
        store: EngineStore,
        lease: Fenced,
        *,
        now: Callable[[], datetime],
        watch: Watch,
        who: str = "",
        cadence: Cadence = Cadence(),  # noqa: B008
        limits: BrakeLimits = BrakeLimits(),  # noqa: B008
        rules: Rules | None = None,
    ) -> None:
        self.session = Session(ledger, channel, store, lease, now, watch, who, cadence, rules or Rules())
        self.limits = limits

    def begin(self, begin: Begin) -> None:
        """Go live: fences, rows and what is to be copied in one transaction, then a look at every open order.

        Called again after a crash it finishes, or does nothing. Raises `Refused` for a location that is not linked.
        """
        beginning.begin(self.session, OrderBook(self.session), begin)

    def end(self, then: Callable[[sqlite3.Connection], None] = lambda _: None) -> None:
        """Stop syncing: what orders booked is closed; nothing is sent.

        `then` is done in the same transaction: it says why.
        """
        beginning.end(self.session, then)

    def cycle(self, *, writes: bool = True) -> CycleResult:
        """Everything that is due, in the order of PROTOCOL §5.

        Without `writes` rows settle and orders are kept, but nothing is copied and nothing is written to the store.
        """
        session = self.session
        session.renew()
        with session.writing() as connection:
            session.cycle = cursors.begin_cycle(connection, session.id, session.now().isoformat())
            asked.take_up(session, connection)
            session.keep_heard(connection)
        began = session.second
        orders, reading, outbox = OrderBook(session), RowReading(session, takes_in=writes), Outbox(session)
        settling = Settling(session, orders)
        listings = Listings(session)
        listings.follow_load()
        session.learn = listings.learn if writes else _learn_nothing
        if writes:
            outbox.settle()
        orders.footprints()
        if writes:
            listings.look()
        # Before the orders too, for on a busy store a look at them takes longer than lies between the readings of a best-seller.
        reading.read_due()
        if writes:
            listings.read_again(reading.take_strayed())
        orders.look()
        orders.look_at_open()
        reading.find_changed()
        if writes:
            listings.take_up_levels(reading.unknown)
        # What matured first, so that no row is read again that only waited for its reading to mature.
        settling.consider()
        reading.read_due()
        if writes:
            listings.read_again(reading.take_strayed())
        differences = Differences(session, outbox, self.limits)
        if writes:
            copy_settled(session)
            outbox.send_new()
            differences.push()
        self._tidy()
        result = CycleResult(
            next_due=self._next_due(began),
            rows=sync_rows.by_condition(session.ledger.db.conn, session.id),
            pushed=outbox.pushed,
            undone=settling.undone,
            held=listings.ended + reading.held + settling.held + outbox.held,
            orders=orders.changed,
            unsettled=len(pushes.unanswered(session.ledger.db.conn, session.id)),
            brake=tuple(reason.text for reason in differences.reasons),
        )
        asked.answer(session, result)
        return result

    def status(self) -> EngineStatus:
        """How sync stands by the account file alone."""
        connection, channel_id = self.session.ledger.db.conn, self.session.id
        brake, stopped = tallies.brake(connection, channel_id)
        return EngineStatus(
            rows=sync_rows.by_condition(connection, channel_id),
            reasons=sync_rows.by_reason(connection, channel_id),
            oldest_waiting=readings.oldest_waiting(connection, channel_id),
            brake=brake,
            stopped_rows=stopped,
            unsettled=len(pushes.unanswered(connection, channel_id)),
            alerts=tuple(alerts.open_texts(connection, channel_id)),
        )

    def read_again(self, keys: list[RowKey]) -> None:
        """Have these rows read in the next cycle, whatever is due."""
        with self.session.writing() as connection:
            sync_rows.read_by(connection, self.session.id, keys, 0)

    def let_go(self, rows: int) -> bool:
        """Let what the brake stops of each row go on, where `rows` is the number of these rows, typed by a person; whether it is."""
        with self.session.writing() as connection:
            if rows != tallies.rows_stopped(connection, self.session.id):
                return False
            tallies.let_go(connection, self.session.id)
            return True

    def _next_due(self, began: int) -> int | None:
        """When something is due that does not wait for the next cycle to come by itself: rows that settle, units too many, an open push, rows
        due when the cycle began at `began` that were too many for it.
        """
        session = self.session
        connection, margins = session.ledger.db.conn, session.margins
        dues = [sync_rows.next_due(connection, session.id)]
        waiting = readings.next_to_judge(connection, session.id)
        if waiting is not None:
            dues.append(waiting + margins.clock_skew + 1 + margins.visibility + _TOGETHER)
        if pushes.unanswered(connection, session.id):
            dues.append(session.second + _SOON)
        if sync_rows.still_due(connection, session.id, began):
            dues.append(session.second)
        known = [due for due in dues if due is not None]
        return min(known) if known else None

    def _tidy(self) -> None:
        """Keep the store's time; once a day, drop old readings."""
        session = self.session
        last = cursors.second_of(session.ledger.db.conn, session.id, "tidied") or 0
        with session.writing() as connection:
            session.keep_heard(connection)
            if session.second - last >= session.cadence.sweep:
                readings.forget(connection, session.id, session.second - session.cadence.keep_readings)
                cursors.put(connection, session.id, "tidied", session.second)
