"""A window onto rows that may be a million: their keys in a wanted order, counted and paged by position. Knows no table's meaning."""

from __future__ import annotations

import itertools
import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from supportdesk.errors import Cancelled
from supportdesk.ledger.faults import BUSY_SECONDS, said_plainly

NEAR: Final = 5_000
"""Rows from either end that an indexed order is read through to, instead of noting the position of every row."""
_CACHE_KIB: Final = 8 * 1024
_NUMBERS: Final = itertools.count()

KEYS: Final = "json_each(:keys)"
"""What a query of rows selects from: one row a key, in order of its `key` column. `key_column` gives the key's columns."""


def key_column(number: int) -> str:
    """The SQL of one column of a key, counted from 0, in a query that selects from `KEYS AS wanted`."""
    return f"json_extract(wanted.value, '$[{int(number)}]')"


@dataclass(frozen=True, slots=True)
class WindowQuery:
    """Which rows, in which order. All queries take the same named parameters."""

    columns: int
    """How many columns a key has. Keys are integers or text, and stay true through a load."""
    ordered: str
    """Selects the keys in the wanted order, without a limit."""
    parameters: Mapping[str, object]
    backwards: str = ""
    """The same from the end; only where an index answers both at once. Rows near an end are then had without the others."""
    counted: str = ""
    """Selects the number of rows faster than by noting each; '' where nothing is faster."""


class Window:
    """Rows of one query by position. Used from one thread at a time, whichever; `stop` may be called from any.

    Positions are noted in a temporary table (on disk) when a row far from both ends is first asked for, or at once where no
    index gives the order. They stay as they are while the tables change: who wants to see rows that came asks anew.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, query: WindowQuery) -> None:
        """Of the account file at `path`, read through `connection` (see `open_reader`). Raises `LedgerError` and its kinds."""
        self._connection = connection
        self._path = path
        self._query = query
        self._table = f"temp.window_{next(_NUMBERS)}"
        self._stopped = threading.Event()
        self._noted = False
        self._count: int | None = None
        if not query.counted:
            self._note()

    @property
    def count(self) -> int:
        """How many rows there are. Raises `LedgerError` and its kinds, `Cancelled` after `stop`."""
        if self._count is None:
            ((self._count,),) = self._select(self._query.counted, self._query.parameters)
        return self._count

    def keys(self, start: int, limit: int) -> list[tuple[Any, ...]]:
        """The keys at the positions `start` (from 0) to `start + limit`, fewer at the end. Raises as `count`."""
        start = max(start, 0)
        quick = not self._noted and bool(self._query.backwards)
        if quick and 0 < limit <= NEAR - start:
            return self._straight(self._query.ordered, start, limit)
        count = self.count
        limit = min(limit, count - start)
        if limit <= 0:
            return []
        if quick and count - start <= NEAR:
            return self._straight(self._query.backwards, count - start - limit, limit)[::-1]
        self._note()
        return self._select(
            f"SELECT {self._columns()} FROM {self._table} WHERE position BETWEEN ? AND ? ORDER BY position",
            (start + 1, start + limit),
        )

    def rows(self, start: int, limit: int, query: str, parameters: Mapping[str, object]) -> list[Any]:
        """What `query` selects for the keys at those positions, as it stands now. It selects from `KEYS`. Raises as `count`."""
        keys = json.dumps(self.keys(start, limit), ensure_ascii=False)
        return self._select(query, {**parameters, "keys": keys})

    def stop(self) -> None:
        """Let whatever query is running, or comes, end with `Cancelled`. From any thread."""
        self._stopped.set()
        self._connection.interrupt()

    def _columns(self) -> str:
        return ", ".join(f"key{number}" for number in range(self._query.columns))

    def _straight(self, query: str, start: int, limit: int) -> list[tuple[Any, ...]]:
        return self._select(
            f"{query} LIMIT :limit OFFSET :offset",
            {**self._query.parameters, "limit": limit, "offset": start},
        )

    def _note(self) -> None:
        """Note the position of every row, once."""
        if self._noted:
            return
        self._select(f"CREATE TEMP TABLE {self._table[5:]} (position INTEGER PRIMARY KEY, {self._columns()})")
        self._select(
            f"INSERT INTO {self._table} ({self._columns()}) {self._query.ordered}", self._query.parameters
        )
        ((self._count,),) = self._select(f"SELECT coalesce(max(position), 0) FROM {self._table}")
        self._noted = True

    def _select(self, query: str, parameters: Mapping[str, object] | Sequence[object] = ()) -> list[Any]:
        with said_plainly(self._path):
            try:
                if self._stopped.is_set():
                    raise Cancelled("The list was closed.")
                return self._connection.execute(query, parameters).fetchall()
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_INTERRUPT:
                    raise Cancelled("The list was closed.") from None
                raise


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that reads the account file at `path`, which `open_ledger` has looked at, and keeps what is temporary on disk.

    Any thread may use it, one at a time. Raises `LedgerError` and its kinds.
    """
    with said_plainly(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA temp_store=FILE")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute(f"PRAGMA temp.cache_size=-{_CACHE_KIB}")
    return connection


def contains(connection: sqlite3.Connection, text: str) -> tuple[str, str]:
    """How to filter by plain text, whatever its case: SQL with `{}` for the text searched, and the value of `:text`.

    ASCII is compared by SQLite itself, by `LIKE` while it takes a pattern that long; other text by a function that is defined on
    `connection`, slower.
    """
    if text.isascii():
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{escaped}%"
        if len(pattern) <= connection.getlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH):
            return "{} LIKE :text ESCAPE '\\'", pattern
        return "instr(lower({}), :text)", text.lower()
    # Half a surrogate pair, as a byte that is no UTF-8 becomes on the command line, is in no stored text and cannot be bound.
    wanted = text.casefold().encode("utf-8", "backslashreplace").decode()

    def holds(searched: str | None) -> bool:
        return searched is not None and wanted in searched.casefold()

    connection.create_function("holds", 1, holds, deterministic=True)
    return "holds({})", wanted
