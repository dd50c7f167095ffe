"""The small file that lists channels for Home, so that no account file is opened before first paint. Holds nothing an account file does not.

Uses sqlite3 alone: sqlite_utils would cost the first paint more than everything else here.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from supportdesk.core.channels import ChannelSummary

_FORMAT: Final = 1
"""`PRAGMA user_version`; a file of another format is made again from the account files."""

_COLUMNS: Final = (
    *("handle", "account", "title", "source", "domain", "sync"),
    *("listings", "duplicate_groups", "disagreeing_groups", "unlinked_locations", "loaded_at"),
)
_TABLE: Final = """CREATE TABLE IF NOT EXISTS channel (
    handle TEXT PRIMARY KEY, account TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, domain TEXT NOT NULL, sync TEXT NOT NULL,
    listings INTEGER, duplicate_groups INTEGER, disagreeing_groups INTEGER, unlinked_locations INTEGER, loaded_at TEXT
) WITHOUT ROWID"""


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version={_FORMAT}")
        with connection:
            yield connection
    finally:
        connection.close()


def is_usable(path: Path) -> bool:
    """Whether the index at `path` can be read as it is; where not, it is to be rebuilt from the account files."""
    if not path.exists():
        return False
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute("SELECT loaded_at FROM channel LIMIT 1")
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False
    return bool(version == _FORMAT)


def read_index(path: Path) -> tuple[ChannelSummary, ...]:
    """Every channel of every account, by account and handle. An index that is not there holds none."""
    if not path.exists():
        return ()
    with _opened(path) as connection:
        rows = connection.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM channel ORDER BY account, handle"
        ).fetchall()
    return tuple(_summary(row) for row in rows)


def _summary(row: tuple[Any, ...]) -> ChannelSummary:
    values = dict(zip(_COLUMNS, row, strict=True))
    if values["loaded_at"]:
        values["loaded_at"] = datetime.fromisoformat(values["loaded_at"])
    return ChannelSummary(**values)


def replace_account(path: Path, account: str, lines: list[ChannelSummary]) -> None:
    """Put these lines in place of all the account had."""
    marks = ", ".join("?" for _ in _COLUMNS)
    rows = [tuple(_stored(getattr(line, column)) for column in _COLUMNS) for line in lines]
    with _opened(path) as connection:
        connection.execute("DELETE FROM channel WHERE account = ?", (account,))
        connection.executemany(
            f"INSERT OR REPLACE INTO channel ({', '.join(_COLUMNS)}) VALUES ({marks})", rows
        )


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def discard(path: Path) -> None:
    """Remove the index file and what SQLite keeps beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
