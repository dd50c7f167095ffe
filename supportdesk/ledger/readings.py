"""Readings of rows, kept with all quantities until they are old enough to be made something of. What they say is in `core.rows`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from supportdesk.core.looks import RowKey
from supportdesk.core.rows import Reading, RowNumbers

ReadingState = Literal["waiting", "settled", "judged", "void"]

_NUMBERS: Final = ", ".join(RowNumbers._fields)


class KeptReading(NamedTuple):
    """A reading that waits."""

    id: int
    key: RowKey
    reading: Reading


def keep(connection: sqlite3.Connection, channel_id: int, readings: Iterable[tuple[RowKey, Reading]]) -> None:
    """Keep readings to be made something of later, in the transaction under way."""
    marks = ", ".join("?" for _ in RowNumbers._fields)
    connection.executemany(
        f"""INSERT INTO reading (channel_id, item_id, location_id, started, ended, {_NUMBERS}, state)
            VALUES (?, ?, ?, ?, ?, {marks}, 'waiting')""",
        ((channel_id, *key, reading.start, reading.end, *reading.numbers) for key, reading in readings),
    )


def waiting(
    connection: sqlite3.Connection, channel_id: int, until: int, limit: int, after: tuple[int, int] = (0, 0)
) -> list[KeptReading]:
    """Readings that ended by `until` and come after `after` (end, id), oldest first, at most `limit`.

    Those of rows with a push that the store has not answered stay where they are.
    """
    rows = connection.execute(
        f"""SELECT id, item_id, location_id, started, ended, {_NUMBERS} FROM reading
            WHERE channel_id = ?1 AND state = 'waiting' AND ended <= ?2 AND (ended, id) > (?4, ?5) AND NOT EXISTS (
                SELECT 1 FROM push JOIN push_row ON push_row.push_id = push.id
                WHERE push.channel_id = ?1 AND push.state = 'stored'
                    AND push_row.item_id = reading.item_id AND push_row.location_id = reading.location_id)
            ORDER BY ended, id LIMIT ?3""",
        (channel_id, until, limit, *after),
    )
    return [
        KeptReading(reading_id, (item, location), Reading(RowNumbers(*numbers), started, ended))
        for reading_id, item, location, started, ended, *numbers in rows
    ]


def close(connection: sqlite3.Connection, states: Iterable[tuple[int, ReadingState]]) -> None:
    """Say what became of readings, by id, in the transaction under way."""
    connection.executemany("UPDATE reading SET state = ?2 WHERE id = ?1", states)


def void(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> None:
    """Let the readings of a row that wait say nothing, in the transaction under way."""
    connection.execute(
        """UPDATE reading SET state = 'void'
           WHERE channel_id = ? AND item_id = ? AND location_id = ? AND state = 'waiting'""",
        (channel_id, *key),
    )


def waiting_of(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> list[Reading]:
    """The readings of a row that wait to be made something of, oldest first."""
    rows = connection.execute(
        f"""SELECT started, ended, {_NUMBERS} FROM reading
            WHERE channel_id = ? AND item_id = ? AND location_id = ? AND state = 'waiting' ORDER BY id""",
        (channel_id, *key),
    )
    return [Reading(RowNumbers(*numbers), started, ended) for started, ended, *numbers in rows]


def last_start(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> int | None:
    """When the row's newest reading began; None where none is kept."""
    found = connection.execute(
        "SELECT started FROM reading WHERE channel_id = ? AND item_id = ? AND location_id = ? ORDER BY id DESC LIMIT 1",
        (channel_id, *key),
    ).fetchone()
    return None if found is None else int(found[0])


def next_to_judge(connection: sqlite3.Connection, channel_id: int) -> int | None:
    """When the oldest waiting reading ended that somebody waits for; None for none.

    That is one of a row that settles, or one that shows more than its row should: somebody may sell what is not there. What shows
    what it should, or less, is judged with the next cycle that comes anyway (PROTOCOL §5).
    """
    (second,) = connection.execute(
        """SELECT min(reading.ended) FROM reading JOIN sync_row AS row ON row.channel_id = reading.channel_id
               AND row.item_id = reading.item_id AND row.location_id = reading.location_id
           WHERE reading.channel_id = ? AND reading.state = 'waiting' AND (
               row.condition = 'settling' OR reading.available > row.high + row.pushed + row.own)""",
        (channel_id,),
    ).fetchone()
    return None if second is None else int(second)


def settled_by(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> Reading | None:
    """The last reading by which a row settled, or that closed its bounds; None where that is so long ago that it is not kept."""
    found = connection.execute(
        f"""SELECT started, ended, {_NUMBERS} FROM reading
            WHERE channel_id = ? AND item_id = ? AND location_id = ? AND state = 'settled' ORDER BY ended DESC, id DESC LIMIT 1""",
        (channel_id, *key),
    ).fetchone()
    if found is None:
        return None
    started, ended, *numbers = found
    return Reading(RowNumbers(*numbers), started, ended)


def oldest_waiting(connection: sqlite3.Connection, channel_id: int) -> int | None:
    """When the oldest reading that waits ended; None for none."""
    (second,) = connection.execute(
        "SELECT min(ended) FROM reading WHERE channel_id = ? AND state = 'waiting'", (channel_id,)
    ).fetchone()
    return None if second is None else int(second)


def forget(connection: sqlite3.Connection, channel_id: int, before: int) -> None:
    """Drop readings that were made something of and ended before `before`, in the transaction under way."""
    connection.execute(
        "DELETE FROM reading WHERE channel_id = ? AND state <> 'waiting' AND ended < ?", (channel_id, before)
    )
