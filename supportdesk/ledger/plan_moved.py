"""Rows of a plan that moved between the plan and its applying, kept until a person confirms them as they are now. Which those are is `sync.moves`'s to say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

from supportdesk.core.plan import Risk
from supportdesk.core.plan_view import MovedLine as MovedLine


class RowNow(NamedTuple):
    """A row of a plan as it is now."""

    item_id: int
    location_id: int
    now: int
    """Available in the store."""
    after: int
    """What it is to show once the plan is applied."""
    risk: Risk
    asks: bool
    """Whether it has to be confirmed; else orders explain it, and it counts only where others ask."""


def note(connection: sqlite3.Connection, rows: Iterable[RowNow]) -> None:
    """Note rows as they were just judged, in a table of this connection's own."""
    connection.execute(
        """CREATE TEMP TABLE IF NOT EXISTS moved_now (
            item_id INTEGER NOT NULL, location_id INTEGER NOT NULL, now INTEGER NOT NULL, after INTEGER NOT NULL, risk TEXT NOT NULL,
            asks INTEGER NOT NULL, PRIMARY KEY (item_id, location_id)
        ) WITHOUT ROWID"""
    )
    connection.execute("DELETE FROM temp.moved_now")
    connection.executemany("INSERT INTO temp.moved_now VALUES (?, ?, ?, ?, ?, ?)", rows)


def keep_noted(connection: sqlite3.Connection, plan_id: int) -> None:
    """Keep the noted rows that ask, and those that were kept before, as they are now; in the transaction under way."""
    connection.execute(
        """INSERT OR REPLACE INTO plan_moved
           SELECT ?1, planned.item_id, planned.location_id, planned.sku, planned.before, noted.now, noted.after, noted.risk
           FROM temp.moved_now AS noted JOIN plan_row AS planned USING (item_id, location_id)
           WHERE planned.plan_id = ?1 AND (noted.asks OR EXISTS (
               SELECT 1 FROM plan_moved AS kept WHERE kept.plan_id = ?1 AND kept.item_id = noted.item_id
                   AND kept.location_id = noted.location_id))""",
        (plan_id,),
    )


def count(connection: sqlite3.Connection, plan_id: int) -> int:
    """How many rows wait to be confirmed, or were."""
    (rows,) = connection.execute("SELECT count(*) FROM plan_moved WHERE plan_id = ?", (plan_id,)).fetchone()
    return int(rows)


_WORST: Final = "CASE moved.risk WHEN 'falls_to_zero' THEN 0 WHEN 'raised_from_zero' THEN 1 WHEN 'changes' THEN 2 ELSE 3 END"


def lines(connection: sqlite3.Connection, plan_id: int, limit: int) -> list[MovedLine]:
    """The first rows that wait, the worst class first, in it the largest move."""
    rows = connection.execute(
        f"""SELECT moved.sku, coalesce(place.location_name, ''), moved.planned, moved.now, moved.after, planned.after, moved.risk
            FROM plan_moved AS moved
            JOIN plan_row AS planned USING (plan_id, item_id, location_id)
            LEFT JOIN plan_place AS place USING (plan_id, location_id)
            WHERE moved.plan_id = ? ORDER BY {_WORST}, abs(moved.now - moved.planned) DESC, moved.sku, moved.location_id LIMIT ?""",
        (plan_id, limit),
    )
    return [MovedLine(*row) for row in rows]


# The plan as it would be made now ---------------------------------------------------------------------------------------------------------

_COPIED: Final = """channel_id, purpose, location_id, warehouse_id, master, copies, unknown, promised_included, kept, causes, basis, fingerprint,
    event_id, movement_id, ledger_rows, ledger_before, ledger_after, unknown_skus, unknown_units, promised, made_at, who"""


def begin_twin(connection: sqlite3.Connection, plan_id: int) -> int:
    """Add a plan like that one with nothing in it, and have the store's levels be the kept rows' own for it, in the transaction under way; its id."""
    cursor = connection.execute(
        f"INSERT INTO plan ({_COPIED}, state) SELECT {_COPIED}, 'replaced' FROM plan WHERE id = ?", (plan_id,)
    )
    assert cursor.lastrowid is not None
    connection.execute("DROP TABLE IF EXISTS temp.level_before")
    connection.execute(
        """CREATE TEMP TABLE level_before AS SELECT level.item_id, level.location_id, level.available, moved.now, plan.channel_id
           FROM plan_moved AS moved JOIN plan ON plan.id = moved.plan_id
           JOIN store_level AS level USING (channel_id, item_id, location_id) WHERE moved.plan_id = ?""",
        (plan_id,),
    )
    _put_levels(connection, "now")
    return cursor.lastrowid


def _put_levels(connection: sqlite3.Connection, which: str) -> None:
    connection.execute(
        f"""UPDATE store_level SET available = other.{which} FROM temp.level_before AS other
            WHERE store_level.channel_id = other.channel_id AND store_level.item_id = other.item_id
                AND store_level.location_id = other.location_id"""
    )


def end_twin(connection: sqlite3.Connection, plan_id: int, twin: int, channel_id: int) -> None:
    """Keep every row that would show something else than was planned, and have no twin any more; in the transaction under way."""
    connection.execute(
        """INSERT OR REPLACE INTO plan_moved
           SELECT planned.plan_id, planned.item_id, planned.location_id, planned.sku, planned.before,
               coalesce(kept.now, row.high, planned.before), coming.after, coming.risk
           FROM plan_row AS planned JOIN plan_row AS coming USING (item_id, location_id)
           LEFT JOIN plan_moved AS kept ON kept.plan_id = planned.plan_id AND kept.item_id = planned.item_id
               AND kept.location_id = planned.location_id
           LEFT JOIN sync_row AS row ON row.channel_id = ?3 AND row.item_id = planned.item_id
               AND row.location_id = planned.location_id
           WHERE planned.plan_id = ?1 AND coming.plan_id = ?2 AND coming.kind IN ('copied', 'shared', 'derived')
               AND (planned.before <> coming.before OR planned.after <> coming.after)
               AND planned.sku IN (
                   SELECT sku FROM plan_moved WHERE plan_id = ?1
                   UNION SELECT line.bundle_sku FROM plan_moved JOIN bundle_line AS line ON line.component_sku = plan_moved.sku
                   WHERE plan_moved.plan_id = ?1)""",
        (plan_id, twin, channel_id),
    )
    _put_levels(connection, "available")
    connection.execute("DROP TABLE temp.level_before")
    connection.execute("DELETE FROM plan WHERE id = ?", (twin,))
