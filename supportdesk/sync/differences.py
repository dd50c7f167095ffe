"""Differences: what the ledger wants a row to show, less what it should show, pushed (PROTOCOL §1.3), unless the brake stops it (§4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from supportdesk.core.brake import (
    BrakeLimits,
    BrakeReason,
    is_stopped,
    judge_brake,
    over_a_day,
    standing_text,
)
from supportdesk.core.looks import MOST_ROWS
from supportdesk.core.rows import difference, wanted
from supportdesk.ledger import alerts, cursors, differences, tallies
from supportdesk.ledger.differences import Cause, Coming, Unchecked
from supportdesk.ledger.pushes import PushRow
from supportdesk.sync.outbox import Outbox
from supportdesk.sync.session import Session

_BATCH = 1000
_HOW = {
    "sku": "same SKU",
    "bundle": "a bundle with it",
    "part": "part of this bundle",
    "parts": "a bundle with the same parts",
}
"""What a listing that was sold has to do with a row that follows, by `Sold.how`."""


class Differences:
    """The difference pushes of one channel."""

    def __init__(self, session: Session, outbox: Outbox, limits: BrakeLimits) -> None:
        self.session, self.outbox, self.limits = session, outbox, limits
        self.reasons: tuple[BrakeReason, ...] = ()
        """Why the brake held when this last pushed."""

    def push(self) -> None:
        """Compare what changed, and push what differs."""
        session = self.session
        with session.writing() as connection:
            movement = self._follow(connection)
            differences.settle_equal(connection, session.id, movement)
            differences.new_coming(connection)
            for rows in self._unchecked(connection):
                self._compare(connection, rows, movement)
            self.reasons = self._brake(connection)
            # With what the brake counts: a crash in between would have it counted twice.
            stored = list(self._store(connection, movement))
            self._say(connection)
        for push_id in stored:
            self.outbox.send(push_id)
        self.outbox.send_new()

    def _follow(self, connection: sqlite3.Connection) -> int:
        session = self.session
        seen = cursors.second_of(connection, session.id, "movement") or 0
        told = cursors.second_of(connection, session.id, "event") or 0
        movement, event = differences.follow(connection, session.id, seen, told)
        cursors.put(connection, session.id, "movement", movement)
        cursors.put(connection, session.id, "event", event)
        return movement

    def _unchecked(self, connection: sqlite3.Connection) -> Iterator[list[Unchecked]]:
        after = (-(1 << 62), 0)
        while rows := differences.unchecked(connection, self.session.id, _BATCH, after):
            after = rows[-1].key
            yield rows

    def _compare(self, connection: sqlite3.Connection, rows: Sequence[Unchecked], movement: int) -> None:
        """Put what differs on the list of what is coming, and tick the others off."""
        session = self.session
        counts_plan = tallies.counts_plan(connection, session.id)
        (maximum,) = connection.execute("SELECT maximum FROM channel WHERE id = ?", (session.id,)).fetchone()
        coming: list[Coming] = []
        for row in rows:
            number = differences.number_of(session.ledger, maximum, row.sku, row.warehouse_id)
            pushed, available = number.pushed, number.available
            if available is not None and pushed is not None:
                counted = session.rules.available(
                    connection, session.id, row.sku, row.warehouse_id, available
                )
                pushed, available = pushed + counted - available, counted
            change = difference(wanted(available, pushed, row.shows), row.shows)
            if change:
                coming.append(self._coming(connection, row, change, number.is_bundle, counts_plan))
        changed = {(each.item_id, each.location_id) for each in coming}
        equal = [(row.key, 0) for row in rows if row.key not in changed]
        differences.tick_off(connection, session.id, equal, movement)
        differences.add_coming(connection, coming)

    def _coming(
        self, connection: sqlite3.Connection, row: Unchecked, change: int, is_bundle: bool, counts_plan: bool
    ) -> Coming:
        cause = differences.cause_of(connection, row, self.session.channel.handle)
        # What a person let go had been stopped; what a plan did was never compared before.
        by_plan = row.let_go is not None and not row.stopped
        let_go = _within(row.let_go or 0, change)
        stopped = row.stopped - (row.let_go or 0) if row.stopped else 0
        fresh = change - let_go - stopped
        other = _within(self._other(cause, fresh, is_bundle, by_plan) + stopped, change - let_go)
        counted = other + let_go if counts_plan and by_plan else other
        kind = "placed" if cause.orders else cause.kind or "settled"
        words = self._words(connection, row, cause) + _also(cause)
        return Coming(*row.key, row.shows, change, let_go, other, counted, kind, words, cause.reference)

    @staticmethod
    def _other(cause: Cause, fresh: int, is_bundle: bool, by_plan: bool) -> int:
        """How much of a difference that was not there before, nor let go, follows no order."""
        if cause.orders or (by_plan and cause.copied and not cause.moved):
            return 0
        if is_bundle or not cause.moved or (cause.copied and not by_plan):
            return fresh
        follows = min(0, fresh - cause.other)
        return fresh - follows

    def _words(self, connection: sqlite3.Connection, row: Unchecked, cause: Cause) -> str:
        """Why, as the log says it; foreign text may be in it."""
        if cause.orders:
            handle = self.session.channel.handle
            sold = differences.sold(connection, cause.channel, cause.reference, row, handle)
            how = _HOW[sold.how if sold else "sku"]
            what = (sold.title or sold.location) if sold else ""
            if cause.channel and cause.channel != handle:
                what = f"{what} in {cause.channel}".lstrip()
            return f"{what}: {how}" if what else how
        if not cause.kind:
            return "Sumtracker's number"
        said = cause.reason or cause.kind
        return f"{said}, {cause.who}" if cause.who else said

    # The brake ------------------------------------------------------------------------------------------------------------------------

    def _brake(self, connection: sqlite3.Connection) -> tuple[BrakeReason, ...]:
        """Why nothing is written now but what was let go and falls that follow orders; nothing where all may go on."""
        session = self.session
        (rows, counted) = connection.execute(
            "SELECT count(*) FILTER (WHERE other <> 0), count(*) FILTER (WHERE counted <> 0) FROM temp.coming"
        ).fetchone()
        if not counted:
            return ()
        tally = tallies.of_coming(connection, session.id)
        if rows:
            written = tallies.within_a_day(connection, session.id, session.second)
            reasons = judge_brake(over_a_day(written, session.second, tally), self.limits)
            if reasons:
                return reasons
        tallies.keep(connection, session.id, session.second, tally)
        return ()

    def _say(self, connection: sqlite3.Connection) -> None:
        """Keep why the brake holds and how many rows it stops, now that it is known, or that it holds no more."""
        session = self.session
        if self.reasons:
            texts = [reason.text for reason in self.reasons]
            tallies.keep_brake(connection, session.id, texts, tallies.rows_stopped(connection, session.id))
            alerts.tell(connection, session.id, session.now(), "brake", standing_text(texts))
        elif tallies.brake(connection, session.id)[0]:
            tallies.keep_brake(connection, session.id, (), 0)
            alerts.close(connection, session.id, session.now(), "brake")

    # Pushing --------------------------------------------------------------------------------------------------------------------------

    def _store(self, connection: sqlite3.Connection, movement: int) -> Iterator[int]:
        """Store every push in the transaction under way, before any is sent; their ids."""
        for batch in differences.coming(connection, MOST_ROWS):
            rows: list[PushRow] = []
            ticked: list[tuple[tuple[int, int], int]] = []
            for each in batch:
                written = self._let_through(each)
                ticked.append(((each.item_id, each.location_id), each.change - written))
                if written:
                    rows.append(
                        PushRow(
                            *(each.item_id, each.location_id, written, each.shows),
                            *(each.cause, each.detail, each.reference),
                        )
                    )
            push_id = self.outbox.store(connection, "difference", rows) if rows else None
            differences.tick_off(connection, self.session.id, ticked, movement)
            if push_id is not None:
                yield push_id

    def _let_through(self, each: Coming) -> int:
        """How much of a difference is written while the brake holds: what was let go, and falls that follow orders."""
        if not self.reasons:
            return each.change
        follows = each.change - each.let_go - each.other
        falls = follows < 0 and not is_stopped(follows, "placed", self.reasons)
        return _within(each.let_go + (follows if falls else 0), each.change)


def _also(cause: Cause) -> str:
    """The other orders it follows, where more than one came since the row was compared."""
    if not cause.also:
        return ""
    more = f" and {cause.more:,} more" if cause.more else ""
    return f"; also {', '.join(cause.also)}{more}"


def _within(units: int, change: int) -> int:
    """As much of `units` as there is of `change`: never of another sign, never past it."""
    return max(min(0, change), min(units, max(0, change)))
