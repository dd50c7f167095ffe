"""What the ledger holds of one SKU per warehouse, and its movements: read. Writing either is in `movements`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from supportdesk.core.stock import Movement, Quantities
from supportdesk.ledger.file import Ledger


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


_PLACES = """
    SELECT warehouse.id, warehouse.code, warehouse.name, coalesce((
        SELECT location_name FROM connection
        WHERE connection.warehouse_id = warehouse.id AND connection.master = 'shopify' LIMIT 1), '')
    FROM warehouse"""


def places(ledger: Ledger) -> list[Place]:
    """Every warehouse of the account, by priority and code."""
    return [Place(*row) for row in ledger.rows(f"{_PLACES} ORDER BY priority, code, id")]


def places_named(ledger: Ledger, text: str) -> list[Place]:
    """The warehouse with that id or code, else those with exactly that name."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
    rows = ledger.rows(f"{_PLACES} WHERE code = ?1 OR id = ?2", text, number)
    if not rows:
        rows = ledger.rows(f"{_PLACES} WHERE name = ? ORDER BY code", text)
    return [Place(*row) for row in rows]


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
