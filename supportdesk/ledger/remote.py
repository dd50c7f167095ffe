"""What was read of a real Sumtracker account, kept in temporary tables until all of it is there, then taken over.

So the account file is not held while the other side is asked, and memory stays flat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct

_TABLES: Final = {
    "remote_product": "id INTEGER PRIMARY KEY, sku TEXT NOT NULL, name TEXT NOT NULL",
    "remote_line": "bundle_id INTEGER NOT NULL, component_id INTEGER NOT NULL, quantity INTEGER NOT NULL",
    "remote_level": """product_id INTEGER NOT NULL, warehouse_id INTEGER NOT NULL, in_stock INTEGER NOT NULL,
        booked INTEGER NOT NULL, available INTEGER NOT NULL, incoming INTEGER NOT NULL""",
    "remote_place": "id INTEGER PRIMARY KEY, warehouse_id INTEGER NOT NULL",
}


def new_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, empty. Temporary, on disk, and gone with the connection."""
    for table, columns in _TABLES.items():
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        connection.execute(f"CREATE TEMP TABLE {table} ({columns})")


def add_products(connection: sqlite3.Connection, products: Iterable[RemoteProduct]) -> None:
    """Keep products, each under its name with its variant's."""
    connection.executemany(
        "INSERT INTO temp.remote_product VALUES (?, ?, ?)",
        (
            (each.remote_id, each.sku, " / ".join(filter(None, (each.name, each.variant_name))))
            for each in products
        ),
    )


def add_lines(connection: sqlite3.Connection, lines: Iterable[RemoteBundleLine]) -> None:
    """Keep components of bundles."""
    connection.executemany("INSERT INTO temp.remote_line VALUES (?, ?, ?)", lines)


def add_levels(connection: sqlite3.Connection, levels: Iterable[RemoteLevel]) -> None:
    """Keep the numbers of products at warehouses."""
    connection.executemany("INSERT INTO temp.remote_level VALUES (?, ?, ?, ?, ?, ?)", levels)


def product_counts(connection: sqlite3.Connection) -> tuple[int, int]:
    """Products without a SKU, and products whose SKU an earlier one has."""
    without, with_sku, skus = connection.execute(
        """SELECT coalesce(sum(sku = ''), 0), coalesce(sum(sku > ''), 0), count(DISTINCT nullif(sku, ''))
           FROM temp.remote_product"""
    ).fetchone()
    return int(without), int(with_sku - skus)


def take_products(connection: sqlite3.Connection) -> int:
    """Keep the products, the first of each SKU; how many are new or changed. In the transaction under way."""
    return connection.execute(
        """INSERT INTO product (sku, name, remote_id)
           SELECT sku, name, min(id) FROM temp.remote_product WHERE sku > '' GROUP BY sku
           ON CONFLICT (sku) DO UPDATE SET name = excluded.name, remote_id = excluded.remote_id
               WHERE name <> excluded.name OR remote_id IS NOT excluded.remote_id"""
    ).rowcount


def bundle_lines(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """(bundle SKU, component SKU, quantity), a component named twice once with both quantities; '' for a product without one."""
    return connection.execute(
        """SELECT coalesce(bundle.sku, ''), coalesce(part.sku, ''), sum(line.quantity)
           FROM temp.remote_line AS line
           LEFT JOIN temp.remote_product AS bundle ON bundle.id = line.bundle_id
           LEFT JOIN temp.remote_product AS part ON part.id = line.component_id
           GROUP BY line.bundle_id, line.component_id ORDER BY 1, 2"""
    ).fetchall()


def take_places(connection: sqlite3.Connection, places: Mapping[int, int]) -> None:
    """Say which warehouse of ours each of theirs is, for `take_levels`; one that is not named is not taken."""
    connection.executemany("INSERT INTO temp.remote_place VALUES (?, ?)", places.items())


def take_levels(connection: sqlite3.Connection) -> int:
    """Add what is available there, and incoming, to the numbers that `movements.set_levels` will set.

    Bundles and products without a SKU have none. Returns the units that are booked there.
    """
    source = """FROM temp.remote_level AS level
        JOIN temp.remote_product AS product ON product.id = level.product_id AND product.sku > ''
        JOIN temp.remote_place AS place ON place.id = level.warehouse_id
        WHERE product.sku NOT IN (SELECT bundle_sku FROM bundle_line)"""
    connection.execute(
        f"""INSERT OR IGNORE INTO temp.level
            SELECT product.sku, place.warehouse_id, level.available, level.incoming {source} ORDER BY product.id"""
    )
    (booked,) = connection.execute(f"SELECT coalesce(sum(level.booked), 0) {source}").fetchone()
    return int(booked)
