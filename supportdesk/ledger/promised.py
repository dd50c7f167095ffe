"""What orders from before promised of Sumtracker's numbers: the query that a plan and its applying share, so that both say the same.

What comes of it is in `plan_numbers` and `going_live`; what orders did since is `sync.apply`'s to see.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

PROMISED: Final = """max(coalesce(level.committed, 0) - coalesce((
    SELECT sum(line.unfulfilled) FROM store_order_line AS line WHERE line.channel_id = level.channel_id
    AND line.item_id = level.item_id AND line.location_id = level.location_id AND line.treatment = 'booked'), 0), 0)"""
"""SQL of the units that orders from before promised of a `level`: the store's committed − our own bookings, never below 0."""
UNBOOKED: Final = "max(coalesce(level.committed, 0), 0)"
"""The same where no order of the channel was ever booked."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make `temp.promised` (sku, warehouse_id, units), empty."""
    clear(connection)
    connection.execute(
        """CREATE TEMP TABLE promised (sku TEXT, warehouse_id INTEGER, units INTEGER NOT NULL, PRIMARY KEY (sku, warehouse_id))
           WITHOUT ROWID"""
    )


def clear(connection: sqlite3.Connection) -> None:
    """Drop `temp.promised`."""
    connection.execute("DROP TABLE IF EXISTS temp.promised")


def count(connection: sqlite3.Connection, rows: str, parameters: Mapping[str, object]) -> None:
    """Fill `temp.promised`, just prepared, from `rows`: SQL of (sku, warehouse_id, units) of each row of the store.

    Units of bundles are promised of their components; the bundle itself has no count that they could be taken off.
    """
    connection.execute(
        f"""INSERT INTO temp.promised
            SELECT sku, warehouse_id, sum(units) FROM (
                SELECT row.sku AS sku, row.warehouse_id AS warehouse_id, row.units AS units FROM ({rows}) AS row
                WHERE NOT EXISTS (SELECT 1 FROM main.bundle_line AS line WHERE line.bundle_sku = row.sku)
                UNION ALL
                SELECT line.component_sku, row.warehouse_id, row.units * line.quantity FROM ({rows}) AS row
                CROSS JOIN main.bundle_line AS line ON line.bundle_sku = row.sku)
            GROUP BY sku, warehouse_id HAVING sum(units) > 0""",
        parameters,
    )
