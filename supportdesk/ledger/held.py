"""Held rows, listed, and set free again by a person's word. What confirming a renamed or new listing takes is in `sync.confirming`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from supportdesk.core.held import HeldRow
from supportdesk.core.looks import RowKey
from supportdesk.core.rows import wanted
from supportdesk.ledger import differences, kept_orders, sync_rows
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.scope import AGE

_SKU: Final = "CASE WHEN row.sku_now > '' THEN row.sku_now ELSE row.sku END"
_ROWS: Final = f"""SELECT row.item_id, row.location_id, {_SKU} AS follows,
        coalesce((SELECT title FROM listing WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id
            ORDER BY left_out IS NOT NULL, {AGE}, id LIMIT 1), ''),
        coalesce(location.name, ''), warehouse.code, row.code, row.reason, row.shown, row.warehouse_id, row.master,
        EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = {_SKU})
    FROM sync_row AS row JOIN warehouse ON warehouse.id = row.warehouse_id
    LEFT JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id
    WHERE row.channel_id = ?1 AND row.condition = 'held'"""


def count(connection: sqlite3.Connection, channel_id: int) -> int:
    """How many rows are held."""
    (found,) = connection.execute(
        "SELECT count(*) FROM sync_row WHERE channel_id = ? AND condition = 'held'", (channel_id,)
    ).fetchone()
    return int(found)


def window(ledger: Ledger, channel_id: int, start: int, limit: int) -> list[HeldRow]:
    """Held rows by SKU and location from `start` on, at most `limit`."""
    rows = ledger.db.conn.execute(
        f"{_ROWS} ORDER BY follows, location.name, row.item_id, row.location_id LIMIT ?2 OFFSET ?3",
        (channel_id, limit, start),
    ).fetchall()
    return [_row(ledger, channel_id, row) for row in rows]


def of_skus(ledger: Ledger, channel_id: int, skus: Sequence[str]) -> list[HeldRow]:
    """The held rows of these SKUs, whether they bear them now or did; foreign text."""
    found: dict[RowKey, HeldRow] = {}
    for sku in skus:
        for row in ledger.db.conn.execute(
            f"{_ROWS} AND (row.sku = ?2 OR row.sku_now = ?2) ORDER BY location.name, row.item_id",
            (channel_id, sku),
        ).fetchall():
            found[row[0], row[1]] = _row(ledger, channel_id, row)
    return list(found.values())


def of_keys(ledger: Ledger, channel_id: int, keys: Iterable[RowKey]) -> list[HeldRow]:
    """Those of these rows that are held."""
    found = []
    for key in keys:
        row = ledger.db.conn.execute(
            f"{_ROWS} AND row.item_id = ?2 AND row.location_id = ?3", (channel_id, *key)
        ).fetchone()
        if row is not None:
            found.append(_row(ledger, channel_id, row))
    return found


def _row(ledger: Ledger, channel_id: int, row: tuple[Any, ...]) -> HeldRow:
    *names, _code, _reason, shown, warehouse_id, master, is_bundle = row
    (maximum,) = ledger.db.conn.execute("SELECT maximum FROM channel WHERE id = ?", (channel_id,)).fetchone()
    number = differences.number_of(ledger, maximum, names[2], warehouse_id)
    if master == "shopify":
        goal = number.available
    else:
        goal = wanted(number.available, number.pushed, 0 if shown is None else shown)
    return HeldRow(*(*row[:9], goal, bool(is_bundle), master))


def copy_from(
    connection: sqlite3.Connection, channel_id: int, keys: Iterable[RowKey], *, renamed: bool = False
) -> None:
    """Have the settled numbers of these rows copied into the ledger, in the transaction under way that has them settle again.

    What the ledger had at T0 is what it has less what moved since, so that orders since T0 stay on top of the copied number. Rows that
    were `renamed` since are copied as they show now: with what was pushed, ordered and set aside there while another SKU was counted
    for it, and what becomes of those orders moves the copied number too.
    """
    for key in keys:
        row = sync_rows.row_of(connection, channel_id, key)
        if row is None:
            continue
        moved = None
        if renamed:
            moved = row.own + row.pushed - kept_orders.booked_for(connection, channel_id, key, row.sku)
            kept_orders.follow(connection, channel_id, key, row.sku)
        connection.execute(
            """INSERT INTO copy_target (channel_id, sku, warehouse_id, in_stock, booked)
               SELECT ?1, ?2, ?3, coalesce(max(stock.in_stock), 0) - coalesce(max(since.in_stock), 0),
                      coalesce(max(stock.booked), 0) - coalesce(max(since.booked), 0)
               FROM (SELECT sum(in_stock) AS in_stock, sum(booked) AS booked FROM movement
                     WHERE sku = ?2 AND warehouse_id = ?3 AND at >= ?4) AS since
               LEFT JOIN stock ON stock.sku = ?2 AND stock.warehouse_id = ?3
               ON CONFLICT (channel_id, sku, warehouse_id) DO UPDATE SET in_stock = excluded.in_stock, booked = excluded.booked,
                   copied = NULL, unchecked = 1, frozen = 0""",
            (channel_id, row.sku, row.warehouse_id, datetime.fromtimestamp(row.t0, UTC).isoformat()),
        )
        connection.execute(
            """UPDATE sync_row SET copies = 1, copy_low = NULL, copy_moved = ?4
               WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3""",
            (channel_id, *key, moved),
        )
