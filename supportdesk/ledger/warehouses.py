"""The warehouses of an account: stored, read with what is in them, removed. What is linked to them is in `connections`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from supportdesk.core.connections import Warehouse
from supportdesk.ledger.file import Ledger

_TRACES: Final = {
    "stock": "stock WHERE warehouse_id = ?1",
    "close-at quantities": "close_at WHERE warehouse_id = ?1",
    "movements": "movement WHERE warehouse_id = ?1",
    "receipts": "receipt WHERE warehouse_id = ?1",
    "stocktakes": "stocktake WHERE warehouse_id = ?1",
    "transfers": "transfer WHERE from_warehouse_id = ?1 OR to_warehouse_id = ?1",
    "connections": "connection WHERE warehouse_id = ?1",
}
"""What keeps a warehouse from being removed, as a person would say it, with where to look."""


def stock_totals(ledger: Ledger) -> dict[int, tuple[int, int]]:
    """Units in stock and counted SKUs by warehouse id, of those with any stock row. One pass over the stock of the account."""
    return {
        row["warehouse_id"]: (row["units"], row["skus"])
        for row in ledger.rows(
            "SELECT warehouse_id, sum(in_stock) AS units, sum(counted) AS skus FROM stock NOT INDEXED GROUP BY +warehouse_id"
        )
    }


def all_warehouses(
    ledger: Ledger, totals: Mapping[int, tuple[int, int]] | None = None
) -> tuple[Warehouse, ...]:
    """Every warehouse with its units and counted SKUs, by priority, code and id; `totals` are `stock_totals`, where they are at hand."""
    totals = stock_totals(ledger) if totals is None else totals
    return tuple(
        _warehouse(row, *totals.get(row["id"], (0, 0)))
        for row in ledger.rows("SELECT * FROM warehouse ORDER BY priority, code, id")
    )


def named_warehouses(ledger: Ledger) -> tuple[Warehouse, ...]:
    """Every warehouse without a look at its stock: units and SKUs are 0. For finding one by its name."""
    return tuple(
        _warehouse(row) for row in ledger.rows("SELECT * FROM warehouse ORDER BY priority, code, id")
    )


def by_id(connection: sqlite3.Connection) -> dict[int, Warehouse]:
    """As `named_warehouses`, by id, as the transaction under way sees them."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return {row["id"]: _warehouse(row) for row in cursor.execute("SELECT * FROM warehouse")}


def _warehouse(row: sqlite3.Row, units: int = 0, skus: int = 0) -> Warehouse:
    return Warehouse(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        address=row["address"],
        city=row["city"],
        country=row["country"],
        priority=row["priority"],
        units=units,
        skus=skus,
    )


def code_taken(connection: sqlite3.Connection, code: str, *, but: int | None = None) -> str | None:
    """The code of another warehouse than `but` that differs from `code` in capitals at most, None where there is none."""
    wanted = code.casefold()
    for warehouse_id, taken in connection.execute("SELECT id, code FROM warehouse"):
        if warehouse_id != but and taken.casefold() == wanted:
            return str(taken)
    return None


def add(
    connection: sqlite3.Connection,
    code: str,
    name: str,
    *,
    address: str = "",
    city: str = "",
    country: str = "",
) -> int:
    """Add a warehouse in the transaction under way; its id. The code must be free."""
    cursor = connection.execute(
        "INSERT INTO warehouse (code, name, address, city, country) VALUES (?, ?, ?, ?, ?)",
        (code, name, address, city, country),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def rename(connection: sqlite3.Connection, warehouse_id: int, *, code: str, name: str) -> None:
    """Give a warehouse another code and name, in the transaction under way. The code must be free."""
    connection.execute("UPDATE warehouse SET code = ?, name = ? WHERE id = ?", (code, name, warehouse_id))


def traces(connection: sqlite3.Connection, warehouse_id: int) -> tuple[str, ...]:
    """What still hangs on a warehouse (`stock`, `movements` …), nothing for one that can be removed."""
    return tuple(
        words
        for words, where in _TRACES.items()
        if connection.execute(f"SELECT EXISTS (SELECT 1 FROM {where})", (warehouse_id,)).fetchone()[0]
    )


def remove(connection: sqlite3.Connection, warehouse_id: int) -> None:
    """Remove a warehouse without traces, in the transaction under way; what was said of vanished locations goes with it."""
    connection.execute("DELETE FROM lost_connection WHERE warehouse_id = ?", (warehouse_id,))
    connection.execute("DELETE FROM warehouse WHERE id = ?", (warehouse_id,))
