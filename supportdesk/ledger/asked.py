"""What persons ask of a running sync (a cycle now, every row read again), and what the last cycle that came to its end found."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from supportdesk.ledger import cursors


@dataclass(frozen=True, slots=True)
class EndedCycle:
    """The last cycle that came to its end."""

    number: int
    """0 where none did."""
    at: datetime | None
    found: Mapping[str, int]
    """What it found and did, by name: orders, pushed, undone, held, unsettled."""


def ask(connection: sqlite3.Connection, channel_id: int, at: datetime, *, hard: bool) -> int:
    """Ask for a cycle, with `hard` for every row to be read again, in the transaction under way.

    The number of the first cycle that begins after that.
    """
    connection.execute(
        """UPDATE channel_sync SET cycle_wanted_at = ?2, hard_wanted_at = CASE WHEN ?3 THEN ?2 ELSE hard_wanted_at END
           WHERE channel_id = ?1""",
        (channel_id, at.isoformat(), hard),
    )
    (cycle,) = connection.execute(
        "SELECT cycle FROM channel_sync WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return int(cycle) + 1


def take_up(connection: sqlite3.Connection, channel_id: int, second: int) -> None:
    """Begin what was asked for, in the transaction that begins a cycle; every row that is to be read again is due at `second`."""
    wanted = connection.execute(
        "SELECT cycle_wanted_at, hard_wanted_at FROM channel_sync WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    if not wanted or wanted == (None, None):
        return
    connection.execute(
        "UPDATE channel_sync SET cycle_wanted_at = NULL, hard_wanted_at = NULL WHERE channel_id = ?",
        (channel_id,),
    )
    if wanted[1] is not None:
        read_all(connection, channel_id, second)


def read_all(connection: sqlite3.Connection, channel_id: int, second: int) -> None:
    """Have every row that is not out read again from `second` on and compared with the ledger, in the transaction under way."""
    connection.execute(
        """UPDATE sync_row SET read_due = min(coalesce(read_due, ?2), ?2), unchecked = 1
           WHERE channel_id = ?1 AND condition <> 'out'""",
        (channel_id, second),
    )
    cursors.put(connection, channel_id, "hard", second)
    connection.execute("DELETE FROM cursor WHERE channel_id = ? AND name = 'hard_read'", (channel_id,))


def rows_left(connection: sqlite3.Connection, channel_id: int) -> int | None:
    """How many rows a hard refresh has still to read; None where none is under way."""
    since = cursors.second_of(connection, channel_id, "hard")
    if since is None:
        return None
    (left,) = connection.execute(
        "SELECT count(*) FROM sync_row WHERE channel_id = ? AND read_due <= ?", (channel_id, since)
    ).fetchone()
    return int(left)


def is_refreshing(connection: sqlite3.Connection, channel_id: int) -> bool:
    """Whether a hard refresh is wanted or under way: not every reading of it was made something of."""
    found = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM channel_sync WHERE channel_id = ?1 AND hard_wanted_at IS NOT NULL)
               OR EXISTS (SELECT 1 FROM cursor WHERE channel_id = ?1 AND name = 'hard')""",
        (channel_id,),
    ).fetchone()
    return bool(found[0])


def judged_all(connection: sqlite3.Connection, channel_id: int, second: int) -> bool:
    """Whether the hard refresh under way came to its end by `second`, in the transaction under way: all is read, and judged."""
    left = rows_left(connection, channel_id)
    if left is None or left:
        return False
    read = cursors.second_of(connection, channel_id, "hard_read")
    if read is None:
        read = second
        cursors.put(connection, channel_id, "hard_read", read)
    waits = connection.execute(
        "SELECT 1 FROM reading WHERE channel_id = ? AND state = 'waiting' AND ended <= ? LIMIT 1",
        (channel_id, read),
    ).fetchone()
    if waits:
        return False
    connection.execute(
        "DELETE FROM cursor WHERE channel_id = ? AND name IN ('hard', 'hard_read')", (channel_id,)
    )
    return True


def keep_ended(
    connection: sqlite3.Connection, channel_id: int, cycle: int, at: datetime, found: Mapping[str, int]
) -> None:
    """Keep that a cycle came to its end, in the transaction under way."""
    connection.execute(
        "UPDATE channel_sync SET cycle_ended = ?, cycle_ended_at = ?, cycle_found = ? WHERE channel_id = ?",
        (cycle, at.isoformat(), json.dumps(dict(found)), channel_id),
    )


def ended(connection: sqlite3.Connection, channel_id: int) -> EndedCycle:
    """The last cycle that came to its end."""
    row = connection.execute(
        "SELECT cycle_ended, cycle_ended_at, cycle_found FROM channel_sync WHERE channel_id = ?",
        (channel_id,),
    ).fetchone()
    if row is None or not row[0]:
        return EndedCycle(0, None, {})
    return EndedCycle(row[0], datetime.fromisoformat(row[1]), json.loads(row[2]))
