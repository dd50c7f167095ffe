"""The outbox: pushes are stored before they are sent, resent byte for byte until the store has answered, and given up when too old (PROTOCOL §2)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from supportdesk.core.effects import PushKind
from supportdesk.core.looks import MOST_ROWS, AdjustAnswer, RefusedRow
from supportdesk.core.rows import held
from supportdesk.ledger import events, pushes, readings, sync_rows
from supportdesk.ledger.pushes import Push, PushRow
from supportdesk.sync.row_reading import hold_row
from supportdesk.sync.session import Session

TOO_OLD = "a push was too old to be sent again"
ROUNDS = 12
"""Refusals on refusals followed in one go: enough to find one row among 250 by halves; what is left waits for the next cycle."""
PREVIOUS_FAILED = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"


class Outbox:
    """The pushes of one channel."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.pushed = 0
        """Rows the store wrote a difference on since this was made."""
        self.held = 0
        self._sent = 0
        """The newest push that was sent since this was made."""

    def settle(self) -> None:
        """Send what the store has not answered, each once; what it still leaves open waits for the next cycle."""
        self._sent = 0
        self.send_new()

    def send_new(self) -> None:
        """Send what was stored since the last sending, also what comes of a refusal."""
        session = self.session
        for _ in range(ROUNDS):
            ids = pushes.unanswered(session.ledger.db.conn, session.id, self._sent)
            if not ids:
                return
            for push_id in ids:
                self.send(push_id)

    def store(self, connection: sqlite3.Connection, kind: PushKind, rows: Sequence[PushRow]) -> int:
        """Keep a push of at most 250 rows in the transaction under way, which checked the lease; its id."""
        session = self.session
        assert 0 < len(rows) <= MOST_ROWS
        return pushes.store(
            connection,
            session.id,
            kind,
            rows,
            key=session.rules.new_key(),
            reference=session.reference,
            second=session.second,
            at=session.now(),
        )

    def send(self, push_id: int) -> None:
        """Send one push and keep what the store says to it. Raises what the store raises, `LeaseLost`, `Cancelled`."""
        session = self.session
        self._sent = max(self._sent, push_id)
        with session.writing() as connection:
            if not pushes.is_open(connection, push_id):
                return
            push = pushes.push_of(connection, push_id)
            age = max(session.second - push.stored, (session.now() - push.stored_at).total_seconds())
            if not session.rules.may_be_sent(age, session.cadence):
                self._give_up(connection, push)
                return
            pushes.note_attempt(connection, push_id)
        answer = session.store.adjust(push.changes, push.key, push.reference, session.watch)
        session.hear(answer.date)
        self._answered(push, answer)

    def _answered(self, push: Push, answer: AdjustAnswer) -> None:
        session = self.session
        if answer.outcome == "unknown":
            return
        with session.writing() as connection:
            if answer.outcome == "done":
                self._done(connection, push, answer.date)
            else:
                self._refused(connection, push, answer.refused)

    def _done(self, connection: sqlite3.Connection, push: Push, date: int) -> None:
        session = self.session
        pushes.acknowledge(connection, push.id, date)
        rows = pushes.rows_of(connection, push.id)
        keys = [(row.item_id, row.location_id) for row in rows]
        if (
            push.kind == "difference"
        ):  # the index of changed levels shows our own write; this is for when it does not
            sync_rows.read_by(connection, session.id, keys, date + session.cadence.read_back)
        else:
            sync_rows.read_by(connection, session.id, keys, date + session.margins.commit_lag + 3)
        for row in rows:
            sku, place = sync_rows.named(connection, session.id, (row.item_id, row.location_id))
            undo = row.cause == "edit"
            events.record(
                connection,
                at=session.now(),
                kind="undo" if undo else "push",
                channel=session.channel.handle,
                who=session.who,
                sku=sku,
                place=place,
                reference=row.reference,
                detail=row.detail,
                before=row.shown,
                after=row.shown + row.change,
                location=place,
                warehouse=sync_rows.warehouse_code(connection, session.id, (row.item_id, row.location_id)),
            )
        self.pushed += len(rows) if push.kind == "difference" else 0

    def _give_up(self, connection: sqlite3.Connection, push: Push) -> None:
        """Too old: the store may have forgotten the key. Its rows settle again, and their readings say whether it was done."""
        session = self.session
        pushes.withdraw(connection, session.id, push, "expired", TOO_OLD)
        for change in push.changes:
            row = sync_rows.row_of(connection, session.id, (change.item_id, change.location_id))
            if row is None or row.state.condition not in ("settling", "live"):
                continue
            if push.kind == "difference" and row.state.condition == "live" and row.expected is None:
                sync_rows.expect(connection, session.id, row.key, row.state.bounds)
            sync_rows.copy_settled_low(connection, session.id, row.key)
            # Taken before or while it was sent: they cannot say whether it was done, and would be dated back as if it never was.
            readings.void(connection, session.id, row.key)
            sync_rows.settle_again(connection, session.id, [row.key], TOO_OLD, session.second)

    # Refusals -------------------------------------------------------------------------------------------------------------------------

    def _refused(self, connection: sqlite3.Connection, push: Push, refused: Sequence[RefusedRow]) -> None:
        """Nothing was written. The named rows are held, the rest goes into a new push with a new key."""
        session = self.session
        said = "; ".join(f"{row.code}: {row.message}" for row in refused)
        pushes.withdraw(connection, session.id, push, "refused", said)
        rows = pushes.rows_of(connection, push.id)
        named = {
            row.position: row for row in refused if row.position is not None and row.position < len(rows)
        }
        if not named and len(rows) == 1 and not _failed_before(refused):
            named = {0: refused[0] if refused else RefusedRow(0, "REFUSED", "the store refused it")}
        for position, why in named.items():
            self._hold(connection, rows[position], why)
        rest = [row for position, row in enumerate(rows) if position not in named]
        if rest and not named and not _failed_before(refused):
            middle = len(rest) // 2  # it names nobody: one half after the other, until the row stands alone
            self.store(connection, push.kind, rest[:middle])
            rest = rest[middle:]
        if rest:
            self.store(connection, push.kind, rest)

    def _hold(self, connection: sqlite3.Connection, row: PushRow, why: RefusedRow) -> None:
        session = self.session
        kept = sync_rows.row_of(connection, session.id, (row.item_id, row.location_id))
        if kept is not None:
            reason = f"the store refused to write it: {why.message or why.code}"
            # Read at once: where the item is gone the reading says so.
            hold_row(session, connection, kept, held(reason), "refused", session.second)
            self.held += 1


def _failed_before(refused: Sequence[RefusedRow]) -> bool:
    return any(row.code == PREVIOUS_FAILED for row in refused)
