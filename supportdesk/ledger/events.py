"""The record of what happened, kept in the same transaction as what it tells of. Reading it for the log panel comes with that panel."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path


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


def newest(path: Path) -> int:
    """The id of the newest event in the account file at `path`, 0 where there is none, -1 where it cannot be read now.

    Opens the file read-only and for this one question: screens ask it every second.
    """
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        ) as found:
            (newest_id,) = found.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()
    except (sqlite3.Error, OSError):
        return -1
    return int(newest_id)
