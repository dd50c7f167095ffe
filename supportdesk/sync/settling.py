"""Settling and judging: what matured readings make of rows (PROTOCOL §1.2, §1.4). The rules are in `core.rows`; here they are applied and kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, get_args

from supportdesk.core import lags
from supportdesk.core.effects import Effect, Margins, PushEffect
from supportdesk.core.looks import MOST_ROWS, RowKey
from supportdesk.core.orders import RowEffect
from supportdesk.core.rows import (
    Bounds,
    FreshLook,
    Reading,
    RowState,
    held,
    known_before,
    set_aside_meanwhile,
    settle,
)
from supportdesk.ledger import copying, cursors, effects, events, one_location, pushes, readings, sync_rows
from supportdesk.ledger.pushes import Found, PushRow
from supportdesk.ledger.readings import KeptReading, ReadingState
from supportdesk.ledger.sync_rows import SyncRow
from supportdesk.sync.order_book import OrderBook, aside_words, move_units, tell_margins
from supportdesk.sync.row_reading import hold_row
from supportdesk.sync.session import Session

FOUGHT_OVER: Final = "another app writes this number"


@dataclass
class _Case:
    """A row with what is known of it, while its readings are looked at one after the other."""

    row: SyncRow
    state: RowState
    effects: list[Effect]
    pushes: list[PushEffect]
    standing: int
    read_due: int | None
    new_effects: list[Effect] = field(default_factory=list)
    undo: PushRow | None = None
    asks: bool = False
    """Whether its next reading waits for a fresh look at the orders."""
    fought_over: bool = False
    lag: int | None = None
    """A commit lag that the last reading seems to show."""


class Settling:
    """Makes something of the readings of one channel."""

    def __init__(self, session: Session, orders: OrderBook) -> None:
        self.session, self.orders = session, orders
        self.waiting = one_location.waiting(session.ledger.db.conn, session.id)
        """The location that a plan under way is about: no edit is judged there yet."""
        self.asking: dict[RowKey, FreshLook] = {}
        self._widened: list[tuple[Margins, str]] = []
        self.undone = 0
        self.held = 0

    def consider(self) -> None:
        """All readings that matured by the last finished look at the orders; undos that come of it are stored, to be sent next."""
        session = self.session
        looked = cursors.second_of(session.ledger.db.conn, session.id, "looked")
        if looked is None:
            return
        self._consider(looked, orders_fresh=False)
        if self.asking:
            asking, self.asking = self.asking, {}
            for what in get_args(FreshLook):
                items = sorted({item for (item, _), asks in asking.items() if asks == what})
                for start in range(0, len(items), MOST_ROWS):
                    self.orders.look_at_holders(items[start : start + MOST_ROWS], what)
            self._consider(looked, orders_fresh=True, only=frozenset(asking))
            self.asking = {}

    def _consider(self, looked: int, orders_fresh: bool, only: frozenset[RowKey] | None = None) -> None:
        session = self.session
        after = (0, 0)
        until = session.rules.matured_until(looked, session.margins)
        while True:
            with session.writing() as connection:
                waiting = readings.waiting(connection, session.id, until, 2 * MOST_ROWS, after)
                if not waiting:
                    return
                after = (waiting[-1].reading.end, waiting[-1].id)
                if only is not None:
                    waiting = [one for one in waiting if one.key in only]
                self._make_something(connection, waiting, looked, orders_fresh)

    def _make_something(
        self, connection: sqlite3.Connection, waiting: Sequence[KeptReading], looked: int, orders_fresh: bool
    ) -> None:
        cases = self._cases(connection, waiting)
        closed: list[tuple[int, ReadingState]] = []
        for one in waiting:
            case = cases.get(one.key)
            if case is None or case.state.condition not in ("settling", "live"):
                closed.append((one.id, "void"))
            elif not case.asks and one.key not in self.asking:
                state = self._look_at(case, one, looked, orders_fresh)
                if state is not None:
                    closed.append((one.id, state))
        readings.close(connection, closed)
        self._keep(connection, cases)

    def _cases(self, connection: sqlite3.Connection, waiting: Sequence[KeptReading]) -> dict[RowKey, _Case]:
        session, lag = self.session, self.session.margins.commit_lag
        sync_rows.choose(connection, ((*one.key, one.reading.start) for one in waiting))
        own = effects.of_chosen(connection, session.id, lag)
        pushed = pushes.of_chosen(connection, session.id, lag)
        standing = effects.standing(connection, session.id)
        return {
            key: _Case(
                *(row, row.state, own.get(key, []), pushed.get(key, []), standing.get(key, 0), row.read_due),
                lag=row.lag_seen,
            )
            for key, row in sync_rows.chosen(connection, session.id).items()
        }

    def _look_at(self, case: _Case, one: KeptReading, looked: int, orders_fresh: bool) -> ReadingState | None:
        """What becomes of one reading of a row; None where it goes on waiting."""
        session = self.session
        rules, margins, reading = session.rules, session.margins, one.reading
        if not rules.is_matured(case.state, reading, looked, margins):
            return None
        if rules.is_void(reading, case.row.t0, case.pushes, margins):
            case.read_due = _sooner(case.read_due, session.second)
            return "void"
        if case.state.condition == "live" and case.row.location_id == self.waiting:
            case.read_due = _sooner(case.read_due, session.second)
            return "void"
        bounds = rules.bounds(reading, case.effects, case.pushes, margins)
        if case.state.condition == "settling":
            if meanwhile := set_aside_meanwhile(case.state, reading, bounds[1]):
                case.effects.append(meanwhile)
                case.new_effects.append(meanwhile)
                bounds = rules.bounds(reading, case.effects, case.pushes, margins)
            case.state = settle(case.state, reading, *bounds)
            case.read_due = self._next_reading(case)
            return "settled"
        if self._is_late_commit(case, reading, bounds[0]):
            case.state = replace(case.state, judged_until=reading.end)
            case.read_due = _sooner(case.read_due, session.second)
            return "judged"
        judged = rules.judge(case.state, reading, bounds, margins, case.standing, orders_fresh)
        if judged.asks is not None:
            case.asks = True
            self.asking[case.row.key] = judged.asks
            return None
        closed, case.state = judged.state.bounds != case.state.bounds, judged.state
        for effect in judged.effects:
            case.effects.append(effect)
            case.new_effects.append(effect)
            case.standing -= effect.available if effect.kind == "unexplained" else 0
        if judged.undo:
            self._undo(case, reading.numbers.available, judged.undo)
        case.read_due = self._next_reading(case)
        return "settled" if closed else "judged"

    def _is_late_commit(self, case: _Case, reading: Reading, available: Bounds) -> bool:
        """Measure the commit lag (PROTOCOL §1.8); whether the reading waits for another to say if orders are late or staff raised it.

        A reading that seems to show a lag near its margin is believed once the next one fits; one that goes on showing more units is
        judged as an edit.
        """
        session, settled = self.session, case.state.bounds
        if settled is None or not settled.exact or case.state.suspect is not None:
            case.lag = None
            return False
        margins = session.margins
        before, case.lag = case.lag, None
        edit = settled.outside(available)
        if before is not None:
            if not edit and available.exact:
                self._widen(before)
            return False
        lag = lags.seen_lag(settled.low, reading, case.effects, case.pushes, margins)
        if lag is None or not lags.tells(lag, margins):
            return False
        case.lag = lag
        return edit > 0

    def _widen(self, lag: int) -> None:
        session = self.session
        wider = session.margins.widened(commit_lag=lag)
        if wider == session.margins:
            return
        session.margins = wider
        detail = f"an order was {lag:,} s on its way to the store's number; {wider.commit_lag:,} s are allowed for from now on"
        self._widened.append((wider, detail))

    def _undo(self, case: _Case, shown: int, change: int) -> None:
        """Put an edit back; where that was done again and again, hold the row from then on (PROTOCOL §3)."""
        session = self.session
        detail = f"by staff; put back to {shown + change:,}"
        case.undo = PushRow(*case.row.key, change, shown, "edit", detail)
        kind = session.rules.counts_as("undo")
        case.pushes.append(PushEffect(kind, change, session.second))
        case.fought_over = session.rules.is_fought_over(case.pushes, session.second)

    def _next_reading(self, case: _Case) -> int | None:
        """When the row is read next: soon while it settles or something is suspected, else when it is due anyway."""
        session, state = self.session, case.state
        cadence, margins = session.cadence, session.margins
        if state.condition == "settling":
            return _sooner(case.read_due, session.second)
        if state.suspect is not None:
            again = max(session.second, state.suspect.seen + margins.apart + margins.slow_reply + 1)
            return _sooner(case.read_due, again)
        if case.undo is not None:
            return _sooner(case.read_due, session.second + margins.commit_lag + 2)
        if (
            case.row.state.condition == "settling"
        ):  # it went live just now, and nothing asks for it before the sweep
            assert state.judged_until is not None
            return state.judged_until + (cadence.sweep if state.tells_edits else cadence.on_bounds)
        return case.read_due

    # Keeping --------------------------------------------------------------------------------------------------------------------------

    def _keep(self, connection: sqlite3.Connection, cases: dict[RowKey, _Case]) -> None:
        session = self.session
        touched = [
            case
            for case in cases.values()
            if case.state is not case.row.state or case.read_due != case.row.read_due
        ]
        for case in cases.values():
            if case.lag != case.row.lag_seen:
                sync_rows.see_lag(connection, session.id, case.row.key, case.lag)
        for margins, detail in self._widened:
            tell_margins(session, connection, margins, detail)
        self._widened.clear()
        sync_rows.keep_states(
            connection,
            session.id,
            ((case.row.key, case.state, case.row.code, case.read_due) for case in touched),
        )
        copying.check_again(
            connection,
            session.id,
            [
                (case.row.sku, case.row.warehouse_id)
                for case in touched
                if case.row.copies and case.state.bounds != case.row.state.bounds
            ],
        )
        for case in touched:
            if case.new_effects:
                self._take_in(connection, case)
            if case.row.expected is not None and case.state.condition == "live":
                self._answer_expired(connection, case)
            if (
                case.state.condition == "live"
                and case.row.state.condition == "settling"
                and case.row.state.reason
            ):
                self._tell(connection, case.row, "settled", f"settled again: {case.row.state.reason}")
        self._store_undos(connection, [case for case in touched if case.undo])

    def _take_in(self, connection: sqlite3.Connection, case: _Case) -> None:
        """Units set aside, or released: effects of the row, and movements in the ledger."""
        effects.keep(
            connection, self.session.id, [RowEffect(*case.row.key, effect) for effect in case.new_effects]
        )
        for effect in case.new_effects:
            words = aside_words(effect.kind, effect.available)
            move_units(self.session, connection, case.row, effect.available, "unavailable", words)

    def _store_undos(self, connection: sqlite3.Connection, cases: Sequence[_Case]) -> None:
        session = self.session
        for start in range(0, len(cases), MOST_ROWS):
            batch = cases[start : start + MOST_ROWS]
            pushes.store(
                connection,
                session.id,
                session.rules.counts_as("undo"),
                [case.undo for case in batch if case.undo],
                key=session.rules.new_key(),
                reference=session.reference,
                second=session.second,
                at=session.now(),
            )
            self.undone += len(batch)
        for case in cases:
            if case.fought_over:
                again = session.second + session.cadence.sweep
                hold_row(session, connection, case.row, held(FOUGHT_OVER), "fought_over", again)
                self.held += 1

    def _answer_expired(self, connection: sqlite3.Connection, case: _Case) -> None:
        """Say of pushes that were too old to be sent again whether they had been done, by what the row settled at."""
        session, row = self.session, case.row
        expired = pushes.expired_of(connection, session.id, row.key)
        assert case.state.bounds is not None
        assert row.expected is not None
        settled, before = case.state.bounds, row.expected
        known = known_before(before, settled, [change for _, change in expired])
        if known is not None and known != before:
            sync_rows.raise_copy_low(connection, session.id, row, known.low - before.low)
            sync_rows.expect(connection, session.id, row.key, known)
        if not settled.exact and not before.exact:
            return  # it closes later, and says more then
        units = sum(change for _, change in expired)
        found: Found = "unclear"
        if settled.exact:
            not_done = before.intersect(settled) is not None
            done = before.intersect(Bounds(settled.low - units, settled.low - units)) is not None
            if not_done != done:
                found = "done" if done else "not_done"
        words = {
            "done": "it had been done",
            "not_done": "it never was done",
            "unclear": "nobody can say whether it was done",
        }
        for push_id, change in expired:
            pushes.keep_found(connection, push_id, row.key, found)
            self._tell(
                connection,
                row,
                "expired",
                f"a push of {change:+,} was too old to be sent again; {words[found]}",
            )
        sync_rows.expect(connection, session.id, row.key, None)

    def _tell(self, connection: sqlite3.Connection, row: SyncRow, kind: str, detail: str) -> None:
        sku, place = sync_rows.named(connection, self.session.id, row.key)
        events.record(
            connection,
            at=self.session.now(),
            kind=kind,
            channel=self.session.channel.handle,
            sku=sku,
            place=place,
            detail=detail,
        )


def _sooner(due: int | None, second: int) -> int:
    return second if due is None else min(due, second)
