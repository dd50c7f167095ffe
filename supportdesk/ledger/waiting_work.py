"""Which channels of an account file want a worker: asked every second, so by one plain read, with no migration and no lock."""

from __future__ import annotations

import contextlib
import sqlite3
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
