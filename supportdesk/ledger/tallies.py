"""What was written to a store within a day and what is about to be, counted for the brake; and whether the brake holds. Its rule is `core.brake`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from supportdesk.core.brake import WINDOW, LocationTally, Tally

_SHOWN: Final = "coalesce(row.high + row.pushed + row.own, row.shown, 0)"


def of_coming(connection: sqlite3.Connection, channel_id: int) -> Tally:
    """What the list of coming writes (`differences.new_coming`) does to the store, but for what follows orders."""
    places: list[LocationTally] = []
    stocked = to_zero = before = change = 0
    for location, name, shown, moved, rows, falling in connection.execute(
        f"""SELECT row.location_id, coalesce(max(location.name), ''), sum({_SHOWN}), sum(coalesce(coming.other, 0)), sum({_SHOWN} > 0),
                   sum({_SHOWN} > 0 AND coalesce(coming.other, 0) < 0 AND {_SHOWN} + coming.other <= 0)
            FROM sync_row AS row
            LEFT JOIN temp.coming AS coming ON coming.item_id = row.item_id AND coming.location_id = row.location_id
            LEFT JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id
            WHERE row.channel_id = ? AND row.condition <> 'out' GROUP BY row.location_id""",
        (channel_id,),
    ):
        places.append(LocationTally(location, name, shown, moved))
        stocked, to_zero = stocked + rows, to_zero + falling
        before, change = before + shown, change + moved
    return Tally(stocked, to_zero, before + change, before, tuple(places))


def within_a_day(connection: sqlite3.Connection, channel_id: int, second: int) -> list[tuple[int, Tally]]:
    """(second, tally) of what was written in the last 24 hours, oldest first."""
    rows = connection.execute(
        "SELECT second, tally FROM written WHERE channel_id = ? AND second > ? ORDER BY second, id",
        (channel_id, second - WINDOW),
    )
    return [(at, _tally(text)) for at, text in rows]


def _tally(text: str) -> Tally:
    values = json.loads(text)
    places = tuple(LocationTally(**place) for place in values.pop("locations"))
    return Tally(**values, locations=places)


def keep(connection: sqlite3.Connection, channel_id: int, second: int, tally: Tally) -> None:
    """Keep what is written now, and drop what was more than a day ago, in the transaction under way."""
    connection.execute(
        "INSERT INTO written (channel_id, second, tally) VALUES (?, ?, ?)",
        (channel_id, second, json.dumps(asdict(tally))),
    )
    connection.execute(
        "DELETE FROM written WHERE channel_id = ? AND second <= ?", (channel_id, second - WINDOW)
    )


def forget(connection: sqlite3.Connection, channel_id: int) -> None:
    """Begin the day anew, in the transaction under way: somebody said that what was stopped goes on."""
    connection.execute("DELETE FROM written WHERE channel_id = ?", (channel_id,))


def keep_brake(connection: sqlite3.Connection, channel_id: int, reasons: Sequence[str], rows: int) -> None:
    """Keep why the brake holds and how many rows it stops, nothing where it does not, in the transaction under way."""
    connection.execute(
        "UPDATE channel_sync SET brake = ?, brake_rows = ? WHERE channel_id = ?",
        (json.dumps(list(reasons)) if reasons else "", rows, channel_id),
    )


def brake(connection: sqlite3.Connection, channel_id: int) -> tuple[tuple[str, ...], int]:
    """Why the brake holds, as sentences, and how many rows it stops."""
    found = connection.execute(
        "SELECT brake, brake_rows FROM channel_sync WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return (tuple(json.loads(found[0])), found[1]) if found and found[0] else ((), 0)


def let_go(connection: sqlite3.Connection, channel_id: int, rows: int | None) -> None:
    """Let the next writes of up to `rows` rows go on, whatever the brake says, in the transaction under way; None takes that back."""
    connection.execute("UPDATE channel_sync SET let_go = ? WHERE channel_id = ?", (rows, channel_id))


def is_let_go(connection: sqlite3.Connection, channel_id: int, rows: int) -> bool:
    """Whether somebody said that as many rows go on."""
    found = connection.execute(
        "SELECT let_go FROM channel_sync WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return bool(found and found[0] is not None and rows <= found[0])
