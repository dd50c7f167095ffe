"""What was written to a store within a day and what is about to be, counted for the brake; and whether the brake holds. Its rule is `core.brake`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from supportdesk.core.brake import WINDOW, LocationTally, Tally

_AT_ONCE: Final = 50
"""Locations counted in one pass."""
_SHOWN: Final = "coalesce(row.high + row.pushed + row.own, row.shown, 0)"


def of_coming(connection: sqlite3.Connection, channel_id: int) -> Tally:
    """What the list of coming writes (`differences.new_coming`) does to the store, but for what follows orders.

    What a person let go past the brake is not in it either.
    """
    coming = {
        location: (moved, falling)
        for location, moved, falling in connection.execute(
            f"""SELECT row.location_id, sum(coming.counted),
                       sum({_SHOWN} > 0 AND coming.counted < 0 AND {_SHOWN} + coming.counted <= 0)
                FROM temp.coming AS coming CROSS JOIN sync_row AS row
                    ON row.channel_id = ? AND row.item_id = coming.item_id AND row.location_id = coming.location_id
                WHERE row.condition <> 'out' GROUP BY row.location_id""",
            (channel_id,),
        )
    }
    names = dict(
        connection.execute("SELECT id, name FROM location WHERE channel_id = ?", (channel_id,)).fetchall()
    )
    places: list[LocationTally] = []
    stocked = to_zero = before = change = 0
    for location, shown, rows in _standing(connection, channel_id, sorted(names)):
        moved, falling = coming.get(location, (0, 0))
        places.append(LocationTally(location, names.get(location, ""), shown, moved))
        stocked, to_zero = stocked + rows, to_zero + falling
        before, change = before + shown, change + moved
    return Tally(stocked, to_zero, before + change, before, tuple(places))


def _standing(
    connection: sqlite3.Connection, channel_id: int, locations: Sequence[int]
) -> list[tuple[int, int, int]]:
    """(location, units, rows above 0) of each location with rows. In one pass and without sorting: this is done for every push."""
    found: list[tuple[int, int, int]] = []
    for start in range(0, len(locations), _AT_ONCE):
        some = [int(location) for location in locations[start : start + _AT_ONCE]]
        columns = ", ".join(
            f"sum({_SHOWN}) FILTER (WHERE row.location_id = {each}), sum({_SHOWN} > 0) FILTER (WHERE row.location_id = {each})"
            for each in some
        )
        row = connection.execute(
            f"SELECT {columns} FROM sync_row AS row WHERE row.channel_id = ? AND row.condition <> 'out'",
            (channel_id,),
        ).fetchone()
        counts = zip(some, row[::2], row[1::2], strict=True)
        found += [(location, units, rows) for location, units, rows in counts if rows is not None]
    return found


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


def rows_stopped(connection: sqlite3.Connection, channel_id: int) -> int:
    """How many rows the brake stops at the moment, by the rows themselves."""
    (rows,) = connection.execute(
        "SELECT count(*) FROM sync_row WHERE channel_id = ? AND stopped <> 0 AND condition = 'live'",
        (channel_id,),
    ).fetchone()
    return int(rows)


def let_go(connection: sqlite3.Connection, channel_id: int) -> None:
    """Let what the brake stops of each row go on with the next comparison, in the transaction under way; the day begins anew."""
    connection.execute(
        "UPDATE sync_row SET let_go = stopped, unchecked = 1 WHERE channel_id = ? AND stopped <> 0 AND condition = 'live'",
        (channel_id,),
    )
    forget(connection, channel_id)


def let_plan_go(connection: sqlite3.Connection, channel_id: int, plan_id: int) -> None:
    """Let each row of the plan go on by what it was shown to change, until it is compared first; in the transaction under way.

    Nothing where the plan's brake held and nobody typed its rows.
    """
    typed, brakes = connection.execute(
        "SELECT brake_rows IS NOT NULL, EXISTS (SELECT 1 FROM plan_brake WHERE plan_id = plan.id) FROM plan WHERE id = ?",
        (plan_id,),
    ).fetchone()
    if brakes and not typed:
        return
    connection.execute(
        """UPDATE sync_row SET let_go = coalesce(line.after - line.before, 0)
           FROM plan_row AS line WHERE line.plan_id = ?2 AND sync_row.channel_id = ?1
               AND line.item_id = sync_row.item_id AND line.location_id = sync_row.location_id""",
        (channel_id, plan_id),
    )
    connection.execute(
        """UPDATE sync_row SET let_go = line.after - line.now
           FROM plan_moved AS line WHERE line.plan_id = ?2 AND sync_row.channel_id = ?1
               AND line.item_id = sync_row.item_id AND line.location_id = sync_row.location_id""",
        (channel_id, plan_id),
    )
    if brakes:
        forget(connection, channel_id)


def counts_plan(connection: sqlite3.Connection, channel_id: int) -> bool:
    """Whether what the plan that turned the channel on let go counts for the brake: not where somebody typed its rows."""
    (brakes,) = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM channel_sync JOIN plan_brake USING (plan_id) WHERE channel_id = ?)""",
        (channel_id,),
    ).fetchone()
    return not brakes
