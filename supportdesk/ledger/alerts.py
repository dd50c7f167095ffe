"""What somebody has to look at, open until it is closed. Each tells of one thing: the same code, SKU and place is one alert."""

from __future__ import annotations

import sqlite3
from datetime import datetime


def tell(
    connection: sqlite3.Connection,
    channel_id: int,
    at: datetime,
    code: str,
    text: str,
    sku: str = "",
    place: str = "",
) -> None:
    """Open an alert unless it is open already, in the transaction under way. `text` is a sentence that may quote foreign text."""
    connection.execute(
        """INSERT INTO alert (channel_id, at, code, text, sku, place) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (
               SELECT 1 FROM alert WHERE channel_id = ?1 AND closed_at IS NULL AND code = ?3 AND sku = ?5 AND place = ?6)""",
        (channel_id, at.isoformat(), code, text, sku, place),
    )


def close(
    connection: sqlite3.Connection, channel_id: int, at: datetime, code: str, sku: str = "", place: str = ""
) -> None:
    """Close the alert where it is open, in the transaction under way."""
    connection.execute(
        """UPDATE alert SET closed_at = ? WHERE channel_id = ? AND closed_at IS NULL AND code = ? AND sku = ? AND place = ?""",
        (at.isoformat(), channel_id, code, sku, place),
    )


def close_all(connection: sqlite3.Connection, channel_id: int, at: datetime) -> None:
    """Close every alert of the channel, in the transaction under way: nothing is synced there any more."""
    connection.execute(
        "UPDATE alert SET closed_at = ? WHERE channel_id = ? AND closed_at IS NULL",
        (at.isoformat(), channel_id),
    )


def say(connection: sqlite3.Connection, channel_id: int, at: datetime, code: str, text: str) -> None:
    """Open an alert in place of what another of the same code said, in the transaction under way."""
    found = connection.execute(
        "SELECT 1 FROM alert WHERE channel_id = ? AND closed_at IS NULL AND code = ? AND text = ?",
        (channel_id, code, text),
    ).fetchone()
    if found is None:
        close(connection, channel_id, at, code)
        tell(connection, channel_id, at, code, text)


def is_open(connection: sqlite3.Connection, channel_id: int, code: str) -> bool:
    """Whether an alert of that code is open."""
    found = connection.execute(
        "SELECT 1 FROM alert WHERE channel_id = ? AND closed_at IS NULL AND code = ?", (channel_id, code)
    ).fetchone()
    return found is not None


def open_texts(connection: sqlite3.Connection, channel_id: int, limit: int = 100) -> list[str]:
    """The open alerts, newest first; at most `limit`."""
    rows = connection.execute(
        "SELECT text FROM alert WHERE channel_id = ? AND closed_at IS NULL ORDER BY id DESC LIMIT ?",
        (channel_id, limit),
    )
    return [text for (text,) in rows]


def close_mended(connection: sqlite3.Connection, channel_id: int, at: datetime) -> None:
    """Close alerts of rows that are not held any more, in the transaction under way."""
    connection.execute(
        """UPDATE alert SET closed_at = ?2 WHERE channel_id = ?1 AND closed_at IS NULL AND code IN ('held', 'another_app') AND NOT EXISTS (
               SELECT 1 FROM sync_row AS row LEFT JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id
               WHERE row.channel_id = ?1 AND row.sku = alert.sku AND row.condition = 'held' AND coalesce(location.name, '') = alert.place)""",
        (channel_id, at.isoformat()),
    )
