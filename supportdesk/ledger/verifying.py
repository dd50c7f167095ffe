"""What verifying reads of the account file, a batch at a time, and where it keeps what it finds: a private file that goes when it is closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from supportdesk.core.looks import RowKey
from supportdesk.core.rows import Reading, RowNumbers
from supportdesk.core.verify import Verdict, VerifiedRow, VerifyState
from supportdesk.ledger import cursors
from supportdesk.ledger.scope import AGE, DECIDED, IN_SCOPE

FIRST: Final[RowKey] = (-(1 << 62), 0)
"""Before every key."""


class CatalogRow(NamedTuple):
    """A row of a channel that is off, as it was loaded."""

    key: RowKey
    sku: str
    warehouse_id: int
    master: str
    available: int | None


class Name(NamedTuple):
    """What a row is called; foreign text."""

    title: str
    location: str
    warehouse: str


# Rows ---------------------------------------------------------------------------------------------------------------------------------


def is_linked(connection: sqlite3.Connection, channel_id: int) -> bool:
    """Whether any location of the channel is linked to a warehouse."""
    (found,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM connection WHERE channel_id = ? AND warehouse_id IS NOT NULL)",
        (channel_id,),
    ).fetchone()
    return bool(found)


def count_synced(connection: sqlite3.Connection, channel_id: int) -> int:
    """How many rows there are to look at, of a channel that is on."""
    (count,) = connection.execute(
        "SELECT count(*) FROM sync_row WHERE channel_id = ? AND condition <> 'out'", (channel_id,)
    ).fetchone()
    return int(count)


def synced(connection: sqlite3.Connection, channel_id: int, after: RowKey, limit: int) -> list[RowKey]:
    """Rows of a channel that is on, in the order of keys from `after` on, at most `limit`."""
    return connection.execute(
        """SELECT item_id, location_id FROM sync_row
           WHERE channel_id = ? AND (item_id, location_id) > (?, ?) AND condition <> 'out'
           ORDER BY item_id, location_id LIMIT ?""",
        (channel_id, *after, limit),
    ).fetchall()


_CATALOG: Final = f"""FROM store_level AS level
    JOIN connection ON connection.channel_id = level.channel_id AND connection.location_id = level.location_id
        AND connection.warehouse_id IS NOT NULL
    JOIN listing ON listing.id = (
        SELECT same.id FROM listing AS same WHERE same.channel_id = level.channel_id AND same.item_id = level.item_id
            AND {IN_SCOPE.replace("listing", "same")} AND same.sku > ''
        ORDER BY {AGE.replace("listing", "same")}, same.id LIMIT 1)
    WHERE level.channel_id = ?1 AND level.active AND coalesce({DECIDED}, '') NOT IN ('left_out', 'split')"""


def count_loaded(connection: sqlite3.Connection, channel_id: int) -> int:
    """How many rows there are to look at, of a channel that is off: in scope, stocked, at linked locations."""
    (count,) = connection.execute(f"SELECT count(*) {_CATALOG}", (channel_id,)).fetchone()
    return int(count)


def loaded(connection: sqlite3.Connection, channel_id: int, after: RowKey, limit: int) -> list[CatalogRow]:
    """Rows of a channel that is off, in the order of keys from `after` on, at most `limit`."""
    rows = connection.execute(
        f"""SELECT level.item_id, level.location_id, listing.sku, connection.warehouse_id, connection.master, level.available
            {_CATALOG} AND (level.item_id, level.location_id) > (?2, ?3)
            ORDER BY level.item_id, level.location_id LIMIT ?4""",
        (channel_id, *after, limit),
    )
    return [CatalogRow((item, location), *rest) for item, location, *rest in rows]


def ledger_only(
    connection: sqlite3.Connection, channel_id: int, *, synced: bool
) -> Iterator[tuple[str, str, int, bool]]:
    """(SKU, warehouse code, available, whether it is part of a bundle) of what has stock where the channel is linked, and no row there.

    Where Shopify is master nothing is only in the ledger: what it has there are readings.
    """
    listed = (
        """SELECT 1 FROM sync_row AS row INDEXED BY sync_row_sku WHERE row.sku = stock.sku AND row.warehouse_id = stock.warehouse_id
               AND row.channel_id = ?1 AND row.condition <> 'out'"""
        if synced
        else f"""SELECT 1 FROM listing JOIN store_level AS level ON level.channel_id = listing.channel_id
                   AND level.item_id = listing.item_id AND level.active
               JOIN connection AS there ON there.channel_id = level.channel_id AND there.location_id = level.location_id
                   AND there.warehouse_id = stock.warehouse_id
               WHERE listing.channel_id = ?1 AND listing.sku = stock.sku AND {IN_SCOPE}"""
    )
    rows = connection.cursor().execute(
        f"""SELECT stock.sku, warehouse.code, stock.in_stock - stock.booked,
                   EXISTS (SELECT 1 FROM bundle_line WHERE component_sku = stock.sku)
            FROM stock JOIN warehouse ON warehouse.id = stock.warehouse_id
            WHERE stock.in_stock <> stock.booked
                AND stock.warehouse_id IN (SELECT warehouse_id FROM connection WHERE channel_id = ?1 AND master = 'sumtracker')
                AND NOT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = stock.sku)
                AND NOT EXISTS ({listed})
            ORDER BY stock.sku, warehouse.code""",
        (channel_id,),
    )
    for sku, code, available, is_part in rows:
        yield str(sku), str(code), int(available), bool(is_part)


def name_of(connection: sqlite3.Connection, channel_id: int, key: RowKey, warehouse_id: int) -> Name:
    """What a row is called."""
    (title, location, warehouse) = connection.execute(
        f"""SELECT coalesce((SELECT title FROM listing WHERE channel_id = ?1 AND item_id = ?2
                       ORDER BY left_out IS NOT NULL, {AGE}, id LIMIT 1), ''),
                   coalesce((SELECT name FROM location WHERE channel_id = ?1 AND id = ?3), ''),
                   coalesce((SELECT code FROM warehouse WHERE id = ?4), '')""",
        (channel_id, *key, warehouse_id),
    ).fetchone()
    return Name(title, location, warehouse)


def is_unchecked(
    connection: sqlite3.Connection, channel_id: int, key: RowKey, sku: str, warehouse_id: int
) -> tuple[bool, int]:
    """Whether a row waits to be compared with the ledger's number, and what the brake stops of it."""
    found = connection.execute(
        "SELECT unchecked, stopped FROM sync_row WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (channel_id, *key),
    ).fetchone()
    if found is None:
        return False, 0
    moved = connection.execute(
        """SELECT 1 FROM movement WHERE id > ?1 AND warehouse_id = ?3
               AND (sku = ?2 OR sku IN (SELECT component_sku FROM bundle_line WHERE bundle_sku = ?2)) LIMIT 1""",
        (cursors.second_of(connection, channel_id, "movement") or 0, sku, warehouse_id),
    ).fetchone()
    return bool(found[0] or moved), int(found[1])


# What was found -----------------------------------------------------------------------------------------------------------------------

_RANK: Final[dict[VerifyState, int]] = {
    "differ": 0,
    "only_store": 1,
    "only_ledger": 2,
    "settling": 3,
    "held": 4,
    "same": 5,
}


class Findings:
    """What verifying found, and what it is to look at again, in a file of its own that no account knows of. One thread at a time."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA cache_size=-4096")
        self._connection.execute(
            """CREATE TABLE found (
                rank INTEGER NOT NULL, sku TEXT NOT NULL, location TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
                title TEXT NOT NULL, warehouse TEXT NOT NULL, store INTEGER, ledger INTEGER, why TEXT NOT NULL,
                PRIMARY KEY (rank, sku, location, number)
            ) WITHOUT ROWID"""
        )
        numbers = ", ".join(f"{name} INTEGER NOT NULL" for name in RowNumbers._fields)
        self._connection.execute(
            f"""CREATE TABLE again (
                item_id INTEGER NOT NULL, location_id INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, {numbers},
                state TEXT NOT NULL DEFAULT '', store INTEGER, ledger INTEGER, why TEXT NOT NULL DEFAULT '', edit INTEGER NOT NULL DEFAULT 0,
                owed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (item_id, location_id)
            ) WITHOUT ROWID"""
        )
        self._number = 0

    def add(self, row: VerifiedRow) -> None:
        """Keep a row that is not the same."""
        self._number += 1
        self._connection.execute(
            "INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(_RANK[row.state], row.sku, row.location, self._number, row.state, row.title, row.warehouse),
                *(row.store, row.ledger, row.why),
            ),
        )

    def look_again(self, key: RowKey, reading: Reading) -> None:
        """Have the row judged once orders up to this reading can be seen."""
        marks = ", ".join("?" for _ in RowNumbers._fields)
        self._connection.execute(
            f"INSERT OR REPLACE INTO again (item_id, location_id, started, ended, {', '.join(RowNumbers._fields)}) VALUES (?, ?, ?, ?, {marks})",
            (*key, reading.start, reading.end, *reading.numbers),
        )

    def judged_once(self, key: RowKey, verdict: Verdict) -> None:
        """Keep what the first reading came to."""
        self._connection.execute(
            """UPDATE again SET state = ?, store = ?, ledger = ?, why = ?, edit = ?, owed = ?
               WHERE item_id = ? AND location_id = ?""",
            (*verdict, *key),
        )

    def read_again(self, key: RowKey, reading: Reading) -> None:
        """Put the second reading in place of the first, whose verdict stays."""
        names = ", ".join(f"{name} = ?" for name in RowNumbers._fields)
        self._connection.execute(
            f"UPDATE again SET started = ?, ended = ?, {names} WHERE item_id = ? AND location_id = ?",
            (reading.start, reading.end, *reading.numbers, *key),
        )

    def forget(self, keys: Iterable[RowKey]) -> None:
        """Look at these no more."""
        self._connection.executemany("DELETE FROM again WHERE item_id = ? AND location_id = ?", keys)

    @property
    def left(self) -> int:
        """How many rows are to be looked at again."""
        return int(self._connection.execute("SELECT count(*) FROM again").fetchone()[0])

    @property
    def newest(self) -> int:
        """When the last of their readings ended."""
        return int(self._connection.execute("SELECT coalesce(max(ended), 0) FROM again").fetchone()[0])

    def again(self, after: RowKey, limit: int) -> list[tuple[RowKey, Reading, Verdict | None]]:
        """Rows to be looked at again, with their reading and what it came to, in the order of keys from `after` on."""
        rows = self._connection.execute(
            "SELECT * FROM again WHERE (item_id, location_id) > (?, ?) ORDER BY item_id, location_id LIMIT ?",
            (*after, limit),
        ).fetchall()
        return [_again(row) for row in rows]

    def count(self, state: VerifyState | None = None) -> int:
        """How many rows were found, in that state or any."""
        where = "" if state is None else f"WHERE rank = {_RANK[state]}"
        return int(self._connection.execute(f"SELECT count(*) FROM found {where}").fetchone()[0])

    def window(self, start: int, limit: int, state: VerifyState | None = None) -> Sequence[VerifiedRow]:
        """Rows from `start` on, at most `limit`: what differs first, each by SKU and location."""
        where = "" if state is None else f"WHERE rank = {_RANK[state]}"
        rows = self._connection.execute(
            f"""SELECT state, sku, title, location, warehouse, store, ledger, why FROM found {where}
                ORDER BY rank, sku, location, number LIMIT ? OFFSET ?""",
            (limit, start),
        )
        return [VerifiedRow(*row) for row in rows]

    def close(self) -> None:
        """Let it go, with its file. Closing twice does nothing."""
        self._connection.close()


def _again(row: tuple[Any, ...]) -> tuple[RowKey, Reading, Verdict | None]:
    item, location, started, ended, *rest = row
    numbers, verdict = rest[: len(RowNumbers._fields)], rest[len(RowNumbers._fields) :]
    return (
        (item, location),
        Reading(RowNumbers(*numbers), started, ended),
        Verdict(*verdict) if verdict[0] else None,
    )
