"""Edits of staff that were put back, or are about to be, as the log, the outbox and the rows keep them. What adopting one does is in `sync.adopting`."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple

from supportdesk.core.looks import RowKey


class Undo(NamedTuple):
    """An undo, sent or about to be, or an edit that will be undone once it is seen again."""

    key: RowKey
    units: int
    """By which staff had changed the number."""
    at: datetime
    reference: str
    """What names it, for ever."""
    push_id: int | None = None
    """The push that was never sent; None where it was."""
    seen: int | None = None
    """The store's second at which it was first seen, where there is no undo of it yet."""


def suspected(
    connection: sqlite3.Connection, channel_id: int, sku: str, location_id: int | None
) -> list[Undo]:
    """Edits of rows of the SKU that were seen once and wait to be seen again before they are put back; at one location or any.

    Units that are back wait too, and are none: they are taken in, and never put back.
    """
    rows = connection.execute(
        """SELECT item_id, location_id, suspect_change, suspect_seen FROM sync_row INDEXED BY sync_row_sku
           WHERE channel_id = ?1 AND sku = ?2 AND (?3 IS NULL OR location_id = ?3) AND condition = 'live' AND suspect_change < 0
           ORDER BY suspect_seen DESC""",
        (channel_id, sku, location_id),
    )
    return [
        Undo(
            *((item, place), units, datetime.fromtimestamp(seen, UTC), f"edit {item}.{place}.{seen}"),
            seen=seen,
        )
        for item, place, units, seen in rows
    ]


def is_being_sent(connection: sqlite3.Connection, channel_id: int, sku: str, location_id: int | None) -> bool:
    """Whether an undo of a row of the SKU is on its way, so that nobody knows yet whether it is done."""
    found = connection.execute(
        """SELECT 1 FROM push JOIN push_row ON push_row.push_id = push.id
           JOIN sync_row AS row ON row.channel_id = push.channel_id AND row.item_id = push_row.item_id
               AND row.location_id = push_row.location_id
           WHERE push.channel_id = ?1 AND push.state = 'stored' AND push.attempts > 0 AND push_row.cause = 'edit' AND row.sku = ?2
               AND (?3 IS NULL OR push_row.location_id = ?3) LIMIT 1""",
        (channel_id, sku, location_id),
    ).fetchone()
    return found is not None


def waiting(connection: sqlite3.Connection, channel_id: int, sku: str, location_id: int | None) -> list[Undo]:
    """Undos of rows of the SKU that are stored and were never sent, the newest first; at one location or any."""
    rows = connection.execute(
        """SELECT push_row.item_id, push_row.location_id, -push_row.change, push.stored_at, push.id
           FROM push JOIN push_row ON push_row.push_id = push.id
           JOIN sync_row AS row ON row.channel_id = push.channel_id AND row.item_id = push_row.item_id
               AND row.location_id = push_row.location_id
           WHERE push.channel_id = ?1 AND push.state = 'stored' AND push.attempts = 0 AND push_row.cause = 'edit' AND row.sku = ?2
               AND (?3 IS NULL OR push_row.location_id = ?3) ORDER BY push.id DESC""",
        (channel_id, sku, location_id),
    )
    return [
        Undo((item, place), units, datetime.fromisoformat(at), f"undo {push_id}.{item}.{place}", push_id)
        for item, place, units, at, push_id in rows
    ]


def done(
    connection: sqlite3.Connection,
    channel_id: int,
    handle: str,
    sku: str,
    location_id: int | None,
    event_id: int | None,
) -> list[Undo]:
    """Undos of rows of the SKU that the log tells of, the newest first, since sync was turned on; that event's alone, or any."""
    rows = connection.execute(
        """SELECT row.item_id, row.location_id, event.number_before - event.number_after, event.at, event.id
           FROM event JOIN sync_row AS row ON row.channel_id = ?1 AND row.sku = event.sku
           JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id AND location.name = event.place
           JOIN channel_sync ON channel_sync.channel_id = row.channel_id
           WHERE event.kind = 'undo' AND event.channel = ?2 AND event.sku = ?3 AND (?4 IS NULL OR row.location_id = ?4)
               AND (?5 IS NULL OR event.id = ?5) AND event.at >= coalesce(channel_sync.on_since, '')
               AND EXISTS (SELECT 1 FROM push_row JOIN push ON push.id = push_row.push_id WHERE push.channel_id = ?1
                   AND push_row.item_id = row.item_id AND push_row.location_id = row.location_id AND push_row.cause = 'edit'
                   AND push.state = 'done' AND push_row.change = event.number_after - event.number_before)
           ORDER BY event.id DESC, row.item_id LIMIT 50""",
        (channel_id, handle, sku, location_id, event_id),
    )
    found: dict[int, Undo] = {}
    for item, place, units, at, number in rows:
        found.setdefault(number, Undo((item, place), units, datetime.fromisoformat(at), f"event {number}"))
    return list(found.values())


def is_adopted(connection: sqlite3.Connection, reference: str) -> bool:
    """Whether the ledger has taken that undo's edit in."""
    found = connection.execute(
        "SELECT 1 FROM movement WHERE reference = ? AND kind = 'adopt' LIMIT 1", (reference,)
    ).fetchone()
    return found is not None
