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
) -> None:
    """Add one event to the transaction under way on `connection`. `detail` never holds a secret."""
    connection.execute(
        "INSERT INTO event (at, kind, channel, who, detail) VALUES (?, ?, ?, ?, ?)",
        (at.isoformat(), kind, channel, who, detail),
    )
