"""The record of what happened, kept in the same transaction as what it tells of. Reading it for people is in `log`."""

from __future__ import annotations

import contextlib
import functools
import os
import socket
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
    location: str = "",
    warehouse: str = "",
) -> int:
    """Add one event to the transaction under way on `connection`; its id, which only grows. `detail` never holds a secret.

    `location` and `warehouse` are the two ends of the link it came about on: a name and a code, where both are known.
    Where there is somebody who did it, the machine is kept too, and from where that person came over SSH. A new `kind` gets its
    words in `core.events`.
    """
    host, origin = hand() if who else ("", "")
    cursor = connection.execute(
        """INSERT INTO event (at, kind, channel, who, detail, sku, place, reference, number_before, number_after, host, origin,
                              location, warehouse)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(at.isoformat(), kind, channel, who, detail, sku, place, reference, before, after, host, origin),
            *(location, warehouse),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


@functools.cache
def hand() -> tuple[str, str]:
    """(this machine's name, the address its person came from over SSH or ''), as they were when the program began."""
    return socket.gethostname(), os.environ.get("SSH_CONNECTION", "").partition(" ")[0]


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
