"""What the ledger holds of one SKU per warehouse, its rules and its movements. Writing stock and movements is in `movements`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from supportdesk.core.connections import NO_SKUS, SomeSkus
from supportdesk.core.stock import Movement, Quantities
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.scope import IN_SCOPE

_FIRST: Final = 5
"""How many SKUs are named."""


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse as stock is changed there."""

    id: int
    code: str
    name: str
    shopify_master: str
    """The location whose store is master there, '' where none is."""


@dataclass(frozen=True, slots=True)
class StockLine:
    """One SKU in one warehouse as it is kept."""

    place: Place
    quantities: Quantities
    counted: bool
    close_at: int


def places(ledger: Ledger) -> list[Place]:
    """Every warehouse of the account, by priority and code."""
    rows = ledger.rows(
        """SELECT warehouse.id, warehouse.code, warehouse.name, coalesce((
               SELECT location_name FROM connection
               WHERE connection.warehouse_id = warehouse.id AND connection.master = 'shopify' LIMIT 1), '')
           FROM warehouse ORDER BY priority, code, id"""
    )
    return [Place(*row) for row in rows]


def read_only_place(connection: sqlite3.Connection, sku: str) -> str:
    """Where the SKU is sold or kept under a Shopify master, as `Depot (DEPOT)`: the first by name; '' where nowhere.

    Sold: an in-scope listing is stocked at the location. Kept: the warehouse has counted it, or has units of it.
    """
    found = connection.execute(
        f"""SELECT connection.location_name || ' (' || warehouse.code || ')'
            FROM connection JOIN warehouse ON warehouse.id = connection.warehouse_id
            WHERE connection.master = 'shopify' AND (
                EXISTS (
                    SELECT 1 FROM stock WHERE stock.sku = ?1 AND stock.warehouse_id = connection.warehouse_id
                        AND (stock.counted OR stock.in_stock <> 0 OR stock.booked <> 0)
                ) OR EXISTS (
                    SELECT 1 FROM listing JOIN store_level AS level ON level.channel_id = listing.channel_id
                        AND level.item_id = listing.item_id AND level.location_id = connection.location_id AND level.active
                    WHERE listing.channel_id = connection.channel_id AND listing.sku = ?1 AND {IN_SCOPE}
                )
            ) ORDER BY connection.location_name, connection.channel_id, connection.location_id LIMIT 1""",
        (sku,),
    ).fetchone()
    return str(found[0]) if found else ""


def bundles_in_stock(connection: sqlite3.Connection) -> tuple[SomeSkus, int]:
    """Bundles with units of their own in some warehouse, by SKU, and Σ of those units: they count nowhere."""
    rows = connection.execute(
        """SELECT stock.sku, sum(stock.in_stock), count(*) OVER (), sum(sum(stock.in_stock)) OVER ()
           FROM (SELECT DISTINCT bundle_sku AS sku FROM bundle_line) AS bundle CROSS JOIN stock ON stock.sku = bundle.sku
           WHERE stock.in_stock <> 0 GROUP BY stock.sku ORDER BY stock.sku LIMIT ?""",
        (_FIRST,),
    ).fetchall()
    if not rows:
        return NO_SKUS, 0
    return SomeSkus(tuple(row[0] for row in rows), rows[0][2]), rows[0][3]


def quantities_of(connection: sqlite3.Connection, sku: str, warehouse_id: int) -> tuple[Quantities, bool]:
    """What there is of the SKU in the warehouse, and whether it was ever counted there."""
    row = connection.execute(
        "SELECT in_stock, booked, incoming, counted FROM stock WHERE sku = ? AND warehouse_id = ?",
        (sku, warehouse_id),
    ).fetchone()
    return (Quantities(*row[:3]), bool(row[3])) if row else (Quantities(), False)


def stock_of(ledger: Ledger, sku: str) -> list[StockLine]:
    """The SKU in every warehouse of the account, as `places` orders them; nothing and not counted where there is no row."""
    close_at = {
        row["warehouse_id"]: row["quantity"]
        for row in ledger.rows("SELECT warehouse_id, quantity FROM close_at WHERE sku = ?", sku)
    }
    return [
        StockLine(place, *quantities_of(ledger.db.conn, sku, place.id), close_at.get(place.id, 0))
        for place in places(ledger)
    ]


def movements_of(ledger: Ledger, sku: str, limit: int) -> list[Movement]:
    """The SKU's movements in all warehouses, newest first; at most `limit`."""
    rows = ledger.rows(
        """SELECT movement.*, warehouse.code FROM movement JOIN warehouse ON warehouse.id = movement.warehouse_id
           WHERE movement.sku = ? ORDER BY movement.id DESC LIMIT ?""",
        *(sku, limit),
    )
    return [
        Movement(
            id=row["id"],
            at=datetime.fromisoformat(row["at"]),
            sku=row["sku"],
            warehouse=row["code"],
            kind=row["kind"],
            change=Quantities(row["in_stock"], row["booked"], row["incoming"]),
            in_stock_after=row["in_stock_after"],
            reason=row["reason"],
            reference=row["reference"],
            who=row["who"],
            channel=row["channel"],
        )
        for row in rows
    ]


def movement_count(ledger: Ledger, sku: str) -> int:
    """How many movements the SKU has."""
    return int(str(ledger.value("SELECT count(*) FROM movement WHERE sku = ?", sku)))


def set_close_at(connection: sqlite3.Connection, sku: str, warehouse_id: int, quantity: int) -> None:
    """Keep a SKU's close-at quantity in a warehouse, 0 for none, in the transaction under way."""
    connection.execute("DELETE FROM close_at WHERE sku = ? AND warehouse_id = ?", (sku, warehouse_id))
    if quantity:
        connection.execute("INSERT INTO close_at VALUES (?, ?, ?)", (sku, warehouse_id, quantity))


def set_maximum(connection: sqlite3.Connection, handle: str, maximum: int | None) -> bool:
    """Keep the most a channel is shown of anything, None for no maximum, in the transaction under way; False for no such channel."""
    return bool(
        connection.execute("UPDATE channel SET maximum = ? WHERE handle = ?", (maximum, handle)).rowcount
    )
