"""What an import into the Sumtracker side writes beside stock: warehouses, products, the levels it is about to set, the mark it leaves."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from supportdesk.ledger import warehouses

_FACTS: Final = ("address", "city", "country", "priority", "remote_id")


def warehouse_of_code(connection: sqlite3.Connection, code: str) -> tuple[int, str] | None:
    """Id and name of the warehouse with exactly that code, None where there is none."""
    found: tuple[int, str] | None = connection.execute(
        "SELECT id, name FROM warehouse WHERE code = ?", (code,)
    ).fetchone()
    return found


def warehouse_of_remote(connection: sqlite3.Connection, remote_id: int) -> int | None:
    """Id of the warehouse that was imported from that one of a real account, None where there is none."""
    found = connection.execute("SELECT id FROM warehouse WHERE remote_id = ?", (remote_id,)).fetchone()
    return int(found[0]) if found else None


def remote_id_of_code(connection: sqlite3.Connection, code: str) -> int | None:
    """The id in a real account that the warehouse of that code was imported under, None where it was not."""
    found = connection.execute("SELECT remote_id FROM warehouse WHERE code = ?", (code,)).fetchone()
    return found[0] if found else None


def keep_warehouse(
    connection: sqlite3.Connection, code: str, name: str, facts: Mapping[str, str | int | None]
) -> tuple[int, bool]:
    """Make the warehouse of that code unless it is there, and take over the facts that say something.

    Facts are columns: address, city, country, priority, remote_id. Returns its id, and whether anything changed. In the
    transaction under way.
    """
    found = warehouse_of_code(connection, code)
    warehouse_id = found[0] if found else warehouses.add(connection, code, name)
    return warehouse_id, take_facts(connection, warehouse_id, facts) or found is None


def take_facts(
    connection: sqlite3.Connection, warehouse_id: int, facts: Mapping[str, str | int | None]
) -> bool:
    """Take over those facts of a warehouse that say something; whether one changed. In the transaction under way."""
    changed = 0
    for column in _FACTS:
        if (value := facts.get(column)) not in ("", None):
            changed += connection.execute(
                f"UPDATE warehouse SET {column} = ?1 WHERE id = ?2 AND {column} IS NOT ?1",
                (value, warehouse_id),
            ).rowcount
    return changed > 0


def add_level(
    connection: sqlite3.Connection, sku: str, warehouse_id: int, in_stock: int, incoming: int | None
) -> bool:
    """Add a number to those `movements.set_levels` will set; False where it is there already, and stays as it was."""
    return bool(
        connection.execute(
            "INSERT OR IGNORE INTO temp.level VALUES (?, ?, ?, ?)", (sku, warehouse_id, in_stock, incoming)
        ).rowcount
    )


def level_count(connection: sqlite3.Connection) -> int:
    """How many numbers will be set."""
    (count,) = connection.execute("SELECT count(*) FROM temp.level").fetchone()
    return int(count)


def keep_products_of_levels(connection: sqlite3.Connection) -> int:
    """Keep a product of every SKU that will be set; how many are new. In the transaction under way."""
    return connection.execute(
        "INSERT OR IGNORE INTO product (sku) SELECT DISTINCT sku FROM temp.level"
    ).rowcount


def mark_imported_from_sumtracker(connection: sqlite3.Connection, at: datetime) -> None:
    """Note that the account was imported from a real Sumtracker account, in the transaction under way: sync must be off there."""
    connection.execute("UPDATE ledger SET imported_from_sumtracker_at = ?", (at.isoformat(),))


def imported_from_sumtracker_at(connection: sqlite3.Connection) -> datetime | None:
    """When the account was last imported from a real Sumtracker account, None where it never was."""
    (at,) = connection.execute("SELECT imported_from_sumtracker_at FROM ledger").fetchone()
    return datetime.fromisoformat(at) if at else None
