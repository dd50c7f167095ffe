"""Units on the shelf that are not in stock here, per SKU and warehouse, while sync is on: what orders from before sync still promise (DESIGN §5,
*Copy*), and what staff set aside in the store (PROTOCOL §1.4).

Promised of a row is what it had committed at T0, less what orders from before did since: what the store has committed − our own bookings, dated
back to T0 and forward again as everything else is (PROTOCOL §1), so that a reading a moment old, or an order not seen yet, moves nothing.
What was promised when a channel was loaded, for plans, is in `promised`.
"""

from __future__ import annotations

import sqlite3
from typing import Final

_AT_T0: Final = """CASE WHEN row.low = row.high AND row.on_hand_low = row.on_hand_high
    THEN row.on_hand_low - row.low - row.unavailable - coalesce((
        SELECT sum(aside.available) FROM effect AS aside WHERE aside.channel_id = row.channel_id AND aside.item_id = row.item_id
            AND aside.location_id = row.location_id AND aside.kind = 'unavailable'), 0)
    ELSE row.promised_before END"""
"""What a row had committed at T0: by its readings, once they leave one number; before that as it was loaded.

On hand = available + committed + set aside; what was set aside since T0 is in the baseline's, and taken off again.
"""
_SINCE: Final = """coalesce((
    SELECT sum(own.on_hand - own.available) FROM effect AS own
    JOIN store_order AS past ON past.channel_id = own.channel_id AND past.id = own.order_id AND past.created < row.t0
    WHERE own.channel_id = row.channel_id AND own.item_id = row.item_id AND own.location_id = row.location_id
        AND own.kind NOT IN ('unavailable', 'unexplained', 'adopted')), 0)"""
"""What orders from before did to it since: sent, cancelled, moved, edited. Committed changes by what on hand and available do not share."""


_SET_ASIDE: Final = """coalesce(row.unavailable, 0) - coalesce((
    SELECT sum(aside.available) FROM effect AS aside INDEXED BY effect_unexplained WHERE aside.channel_id = row.channel_id
        AND aside.item_id = row.item_id AND aside.location_id = row.location_id AND aside.kind = 'unexplained'), 0)"""
"""What comes in stock when it is released: set aside by a name of the store's as its row was judged last, and gone without a name."""


def of_sku(connection: sqlite3.Connection, sku: str) -> dict[int, int]:
    """Units of the SKU on the shelf that orders from before promised, by warehouse id; warehouses with any.

    Over every row that shows the SKU, or a bundle of it, in any channel that is on. These units are not in the ledger's in stock.
    """
    return _of_rows(connection, sku, f"{_AT_T0} + {_SINCE}")


def set_aside_of(connection: sqlite3.Connection, sku: str) -> dict[int, int]:
    """Units of the SKU on the shelf that staff set aside in the stores, as `of_sku`."""
    return _of_rows(connection, sku, _SET_ASIDE)


def _of_rows(connection: sqlite3.Connection, sku: str, units: str) -> dict[int, int]:
    rows = connection.execute(
        f"""SELECT warehouse_id, sum(max(units, 0) * quantity) FROM (
                SELECT row.warehouse_id, shown.quantity, {units} AS units
                FROM (SELECT ?1 AS sku, 1 AS quantity WHERE NOT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = ?1)
                      UNION ALL SELECT bundle_sku, quantity FROM bundle_line WHERE component_sku = ?1) AS shown
                CROSS JOIN sync_row AS row ON row.sku = shown.sku
                JOIN channel ON channel.id = row.channel_id AND channel.sync = 'on'
                WHERE row.master = 'sumtracker' AND row.condition <> 'out')
            GROUP BY warehouse_id HAVING sum(max(units, 0) * quantity) > 0""",
        (sku,),
    )
    return dict(rows.fetchall())
