"""Which channels of an account file want a worker: asked every second, so by one plain read, with no migration and no lock."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


class Wanting(NamedTuple):
    """A channel that is on, or whose plan is being applied."""

    channel_id: int
    handle: str


def wanting_work(path: Path) -> list[Wanting]:
    """The channels in the account file at `path` that want a worker; none where it cannot be read now, or is older than sync."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        ) as found:
            rows = found.execute(
                """SELECT id, handle FROM channel WHERE sync = 'on'
                       OR EXISTS (SELECT 1 FROM plan WHERE channel_id = channel.id AND state = 'applying')
                   ORDER BY id"""
            ).fetchall()
    except (sqlite3.Error, OSError):
        return []
    return [Wanting(*row) for row in rows]


def unattended(path: Path, now: datetime) -> dict[str, datetime]:
    """Channels of the account file at `path` that are on with nobody who syncs them, and when they were synced last.

    As cheap as `wanting_work`; none where the file cannot be read now.
    """
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        ) as found:
            rows = found.execute(
                """SELECT handle, coalesce(cycled_at, on_since) FROM channel JOIN channel_sync ON channel_id = channel.id
                   WHERE sync = 'on' AND coalesce(cycled_at, on_since) IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM lease WHERE lease.channel_id = channel.id AND holder > '' AND expires_at > ?)""",
                (now.isoformat(),),
            ).fetchall()
    except (sqlite3.Error, OSError):
        return {}
    return {handle: datetime.fromisoformat(at) for handle, at in rows}
