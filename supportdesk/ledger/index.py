"""The small file that lists channels for Home, so that no account file is opened before first paint. Holds nothing an account file does not.

Uses sqlite3 alone: sqlite_utils would cost the first paint more than everything else here.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from supportdesk.core.channels import ChannelSummary
from supportdesk.ledger.faults import said_plainly

_FORMAT: Final = 2
"""`PRAGMA user_version`; a file of another format is made again from the account files."""
_SECONDS: Final = 10.0
"""How long to wait for another process; each write takes milliseconds."""

_COLUMNS: Final = (
    *("handle", "account", "title", "source", "domain", "sync"),
    *("listings", "duplicate_groups", "disagreeing_groups", "unlinked_locations", "loaded_at"),
)
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS account (slug TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS channel (
        handle TEXT PRIMARY KEY, account TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, domain TEXT NOT NULL, sync TEXT NOT NULL,
        listings INTEGER, duplicate_groups INTEGER, disagreeing_groups INTEGER, unlinked_locations INTEGER, loaded_at TEXT
    ) WITHOUT ROWID""",
)
_UNUSABLE: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR})
"""Not a database, a broken one, or one without our tables."""


@dataclass(frozen=True, slots=True)
class Index:
    """All that the file says."""

    accounts: frozenset[str]
    """Account files it has looked at, those that could not be read included."""
    channels: tuple[ChannelSummary, ...]
    """By account and handle."""


def read_index(path: Path) -> Index | None:
    """What the index at `path` says; None where there is none, or where it is damaged or of another format. Writes nothing.

    Raises `LedgerError` and its kinds where it cannot be read now.
    """
    with said_plainly(path):
        if not path.exists():
            return None
        try:
            with contextlib.closing(_connected(path, "rw")) as connection:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version != _FORMAT:
                    return None
                accounts = connection.execute("SELECT slug FROM account").fetchall()
                rows = connection.execute(
                    f"SELECT {', '.join(_COLUMNS)} FROM channel ORDER BY account, handle"
                ).fetchall()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNUSABLE:
                return None
            raise
    return Index(frozenset(slug for (slug,) in accounts), tuple(_summary(row) for row in rows))


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_SECONDS)


def _summary(row: tuple[Any, ...]) -> ChannelSummary:
    values = dict(zip(_COLUMNS, row, strict=True))
    if values["loaded_at"]:
        values["loaded_at"] = datetime.fromisoformat(values["loaded_at"])
    return ChannelSummary(**values)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    with said_plainly(path), contextlib.closing(_connected(path, "rwc")) as connection:
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={_FORMAT}")
            yield connection


def replace_account(path: Path, account: str, lines: Iterable[ChannelSummary]) -> None:
    """Put these lines in place of all the account had, none included. Raises `LedgerError` and its kinds."""
    marks = ", ".join("?" for _ in _COLUMNS)
    rows = [tuple(_stored(getattr(line, column)) for column in _COLUMNS) for line in lines]
    with _writing(path) as connection:
        connection.execute("DELETE FROM channel WHERE account = ?", (account,))
        connection.execute("INSERT OR IGNORE INTO account VALUES (?)", (account,))
        connection.executemany(
            f"INSERT OR REPLACE INTO channel ({', '.join(_COLUMNS)}) VALUES ({marks})", rows
        )


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def remove_account(path: Path, account: str) -> None:
    """Remove the account and its lines. Raises `LedgerError` and its kinds."""
    with _writing(path) as connection:
        connection.execute("DELETE FROM channel WHERE account = ?", (account,))
        connection.execute("DELETE FROM account WHERE slug = ?", (account,))


def discard(path: Path) -> None:
    """Remove the index file and what SQLite keeps beside it. Raises `LedgerError` where it cannot be removed."""
    with said_plainly(path):
        for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
