"""The record of what happened, kept in the same transaction as what it tells of. Reading it for the log panel comes with that panel."""

from __future__ import annotations

import sqlite3
from datetime import datetime


def record(
    connection: sqlite3.Connection,
    *,
    at: datetime,
    kind: str,
    channel: str = "",
    who: str = "",
    detail: str = "",
    sku: str = "",
    place: str = "",
    reference: str = "",
    before: int | None = None,
    after: int | None = None,
) -> int:
    """Add one event to the transaction under way on `connection`; its id, which only grows. `detail` never holds a secret."""
    cursor = connection.execute(
        """INSERT INTO event (at, kind, channel, who, detail, sku, place, reference, number_before, number_after)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (at.isoformat(), kind, channel, who, detail, sku, place, reference, before, after),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid
