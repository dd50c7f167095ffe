"""Pushes: stored with their rows and their key before they are sent, immutable from then on, and what became of each (PROTOCOL §2)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple

from supportdesk.core.effects import PushEffect, PushKind
from supportdesk.core.looks import Change, RowKey
from supportdesk.ledger import sync_rows

PushState = Literal["stored", "done", "refused", "expired"]
Found = Literal["", "done", "not_done", "unclear"]
"""What readings said of a push that was too old to be sent again."""

_STANDS: Final = "(push.state = 'stored' OR push.state = 'done')"
"""Whether a push counts as an effect: one that was refused never was one."""


class PushRow(NamedTuple):
    """One row of a push."""

    item_id: int
    location_id: int
    change: int
    shown: int
    """What the row showed before: what it should, or what was read of it."""
    cause: str
    """Kind of what the ledger changed by, as `core.brake.is_stopped` takes it."""
    detail: str = ""
    """Why, in words for the log; foreign text may be in it."""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Push:
    """A push that the store has not answered for good."""

    id: int
    kind: PushKind
    key: str
    reference: str
    body: str
    stored: int
    stored_at: datetime
    attempts: int

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is sent, as it was stored."""
        return tuple(Change(*row) for row in json.loads(self.body))


def store(
    connection: sqlite3.Connection,
    channel_id: int,
    kind: PushKind,
    rows: Sequence[PushRow],
    *,
    key: str,
    reference: str,
    second: int,
    at: datetime,
) -> int:
    """Keep a push before it is sent, in the transaction under way; its id. Differences count as shown from now on."""
    body = json.dumps([[row.item_id, row.location_id, row.change] for row in rows], separators=(",", ":"))
    cursor = connection.execute(
        """INSERT INTO push (channel_id, kind, key, reference, body, stored, stored_at, state)
           VALUES (?, ?, ?, ?, ?, ?, ?, 'stored')""",
        (channel_id, kind, key, reference, body, second, at.isoformat()),
    )
    push_id = cursor.lastrowid
    assert push_id is not None
    connection.executemany(
        """INSERT INTO push_row (push_id, item_id, location_id, change, shown, cause, detail, reference)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        ((push_id, *row) for row in rows),
    )
    if kind == "difference":
        sync_rows.add_to_pushed(
            connection, channel_id, (((row.item_id, row.location_id), row.change) for row in rows)
        )
    return push_id


def unanswered(connection: sqlite3.Connection, channel_id: int, after: int = 0) -> list[int]:
    """Ids of the pushes that the store has not answered, oldest first, from `after` on."""
    rows = connection.execute(
        "SELECT id FROM push WHERE channel_id = ? AND state = 'stored' AND id > ? ORDER BY id",
        (channel_id, after),
    )
    return [push_id for (push_id,) in rows]


def was_undone_since(connection: sqlite3.Connection, channel_id: int, key: RowKey, second: int) -> bool:
    """Whether an undo of a row was stored at `second` of the store's clock or later, and may have been done."""
    return bool(
        connection.execute(
            """SELECT EXISTS (SELECT 1 FROM push_row JOIN push ON push.id = push_row.push_id
                   WHERE push_row.item_id = ? AND push_row.location_id = ? AND push.channel_id = ? AND push.kind = 'undo'
                       AND push.stored >= ? AND push.state <> 'refused')""",
            (*key, channel_id, second),
        ).fetchone()[0]
    )


def push_of(connection: sqlite3.Connection, push_id: int) -> Push:
    """One push as it was stored."""
    kind, key, reference, body, stored, stored_at, attempts = connection.execute(
        "SELECT kind, key, reference, body, stored, stored_at, attempts FROM push WHERE id = ?", (push_id,)
    ).fetchone()
    return Push(push_id, kind, key, reference, body, stored, datetime.fromisoformat(stored_at), attempts)


def is_open(connection: sqlite3.Connection, push_id: int) -> bool:
    """Whether the push still waits for the store's answer: an undo may have been withdrawn before it was sent."""
    found = connection.execute("SELECT state = 'stored' FROM push WHERE id = ?", (push_id,)).fetchone()
    return bool(found and found[0])


def rows_of(connection: sqlite3.Connection, push_id: int) -> list[PushRow]:
    """The rows of a push, in the order they are sent in."""
    found = {
        (row[0], row[1]): PushRow(*row)
        for row in connection.execute(
            """SELECT item_id, location_id, change, shown, cause, detail, reference FROM push_row
               WHERE push_id = ?""",
            (push_id,),
        )
    }
    return [found[change.item_id, change.location_id] for change in push_of(connection, push_id).changes]


def note_attempt(connection: sqlite3.Connection, push_id: int) -> None:
    """Count one sending, in the transaction under way."""
    connection.execute("UPDATE push SET attempts = attempts + 1 WHERE id = ?", (push_id,))


def acknowledge(connection: sqlite3.Connection, push_id: int, second: int) -> None:
    """The store did it, and said so at `second`; in the transaction under way."""
    connection.execute("UPDATE push SET state = 'done', acknowledged = ? WHERE id = ?", (second, push_id))


def not_done_since(connection: sqlite3.Connection, channel_id: int, stored_at: str) -> list[str]:
    """SKUs and locations of rows that were stored at `stored_at` or later, and that no push wrote in the end; foreign text."""
    rows = connection.execute(
        """SELECT row.item_id, row.location_id FROM push_row AS row JOIN push ON push.id = row.push_id
           WHERE push.channel_id = ? AND push.stored_at >= ?
           GROUP BY row.item_id, row.location_id HAVING NOT sum(push.state = 'done') ORDER BY 1, 2""",
        (channel_id, stored_at),
    ).fetchall()
    return [" at ".join(sync_rows.named(connection, channel_id, (item, place))) for item, place in rows]


def put_on_levels(connection: sqlite3.Connection, channel_id: int, stored_at: str) -> None:
    """Have the store's levels be what they came to by pushes that were stored at `stored_at` or later, in the transaction under way."""
    connection.execute(
        """UPDATE store_level SET available = available + done.change, on_hand = on_hand + done.change
           FROM (SELECT row.item_id, row.location_id, sum(row.change) AS change
                 FROM push_row AS row JOIN push ON push.id = row.push_id
                 WHERE push.channel_id = ?1 AND push.stored_at >= ?2 AND push.state = 'done'
                 GROUP BY row.item_id, row.location_id) AS done
           WHERE store_level.channel_id = ?1 AND store_level.item_id = done.item_id
               AND store_level.location_id = done.location_id""",
        (channel_id, stored_at),
    )


def withdraw(
    connection: sqlite3.Connection,
    channel_id: int,
    push: Push,
    state: Literal["refused", "expired"],
    said: str,
) -> None:
    """A push that is none, or that nobody knows of, does not count as shown any more; in the transaction under way."""
    connection.execute("UPDATE push SET state = ?, said = ? WHERE id = ?", (state, said, push.id))
    if push.kind == "difference":
        sync_rows.add_to_pushed(
            connection,
            channel_id,
            (((change.item_id, change.location_id), -change.delta) for change in push.changes),
        )


def of_chosen(
    connection: sqlite3.Connection, channel_id: int, commit_lag: int
) -> dict[RowKey, list[PushEffect]]:
    """The pushes of each chosen row (`sync_rows.choose`) since its T0, as effects; differences long before its second as one."""
    found: dict[RowKey, list[PushEffect]] = {}
    rows = connection.execute(
        f"""SELECT row.item_id, row.location_id, push.kind, push_row.change, push.stored, push.acknowledged,
                   coalesce(push.acknowledged + 1 + ?2 <= wanted.second, 0)
            FROM temp.row_key AS wanted
            CROSS JOIN sync_row AS row ON row.channel_id = ?1 AND row.item_id = wanted.item_id AND row.location_id = wanted.location_id
            CROSS JOIN push_row ON push_row.item_id = row.item_id AND push_row.location_id = row.location_id
            CROSS JOIN push ON push.id = push_row.push_id
            WHERE push.channel_id = ?1 AND {_STANDS} AND push.stored >= row.t0 ORDER BY push.id""",
        (channel_id, commit_lag),
    )
    long_past: dict[RowKey, PushEffect] = {}
    for item, location, kind, change, stored, acknowledged, past in rows:
        key = (item, location)
        if past and kind == "difference":
            before = long_past.get(key)
            units = change + (before.available if before else 0)
            latest = max(acknowledged, before.acknowledged or 0) if before else acknowledged
            long_past[key] = PushEffect(kind, units, before.sent if before else stored, latest)
        else:
            found.setdefault(key, []).append(PushEffect(kind, change, stored, acknowledged))
    for key, push in long_past.items():
        found.setdefault(key, []).insert(0, push)
    return found


def expired_of(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> list[tuple[int, int]]:
    """(push id, change) of difference pushes of a row that became too old, of which no reading has said anything yet."""
    return connection.execute(
        """SELECT push.id, push_row.change FROM push_row JOIN push ON push.id = push_row.push_id
           WHERE push_row.item_id = ? AND push_row.location_id = ? AND push.channel_id = ? AND push.state = 'expired'
               AND push.kind = 'difference' AND push_row.found = ''""",
        (*key, channel_id),
    ).fetchall()


def keep_found(connection: sqlite3.Connection, push_id: int, key: RowKey, found: Found) -> None:
    """Keep what readings said of one row of a push that became too old, in the transaction under way."""
    connection.execute(
        "UPDATE push_row SET found = ? WHERE push_id = ? AND item_id = ? AND location_id = ?",
        (found, push_id, *key),
    )


def open_rows(connection: sqlite3.Connection, channel_id: int, keys: Iterable[RowKey]) -> set[RowKey]:
    """Which of these rows have a push that the store has not answered."""
    return {
        key
        for key in keys
        if connection.execute(
            """SELECT 1 FROM push_row JOIN push ON push.id = push_row.push_id
               WHERE push_row.item_id = ? AND push_row.location_id = ? AND push.channel_id = ? AND push.state = 'stored'""",
            (*key, channel_id),
        ).fetchone()
    }
