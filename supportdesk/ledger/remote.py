"""What was read of a real Sumtracker account, kept in temporary tables until all of it is there, then taken over.

So the account file is not held while the other side is asked, and memory stays flat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct

_TABLES: Final = {
    "remote_product": "id INTEGER PRIMARY KEY, sku TEXT NOT NULL, name TEXT NOT NULL",
    "remote_line": "bundle_id INTEGER NOT NULL, component_id INTEGER NOT NULL, quantity INTEGER NOT NULL",
    "remote_level": """product_id INTEGER NOT NULL, warehouse_id INTEGER NOT NULL, in_stock INTEGER NOT NULL,
        booked INTEGER NOT NULL, available INTEGER NOT NULL, incoming INTEGER NOT NULL""",
    "remote_place": "id INTEGER PRIMARY KEY, warehouse_id INTEGER NOT NULL",
    "remote_kept": "id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE",
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


def keep_one_product_a_sku(connection: sqlite3.Connection) -> None:
    """Choose the product that is taken of each SKU: the one with the lowest id. Whatever is taken over is of these alone."""
    connection.execute(
        "INSERT INTO temp.remote_kept SELECT min(id), sku FROM temp.remote_product WHERE sku > '' GROUP BY sku"
    )


def without_sku(connection: sqlite3.Connection) -> int:
    """How many products have no SKU."""
    (count,) = connection.execute("SELECT count(*) FROM temp.remote_product WHERE sku = ''").fetchone()
    return int(count)


class Repeated(NamedTuple):
    """A product that is left out because another has its SKU."""

    remote_id: int
    sku: str
    name: str
    kept_id: int


def repeated(connection: sqlite3.Connection, limit: int) -> tuple[list[Repeated], int]:
    """Products whose SKU one with a lower id has, by id, at most `limit`; and how many there are in all."""
    rows = connection.execute(
        """SELECT product.id, product.sku, product.name, kept.id, count(*) OVER ()
           FROM temp.remote_product AS product JOIN temp.remote_kept AS kept ON kept.sku = product.sku
           WHERE product.id <> kept.id ORDER BY product.id LIMIT ?""",
        (limit,),
    ).fetchall()
    return [Repeated(*row[:4]) for row in rows], rows[0][4] if rows else 0


def take_products(connection: sqlite3.Connection) -> int:
    """Keep the products; how many are new or changed. In the transaction under way."""
    return connection.execute(
        """INSERT INTO product (sku, name, remote_id)
           SELECT kept.sku, product.name, kept.id
           FROM temp.remote_kept AS kept JOIN temp.remote_product AS product ON product.id = kept.id WHERE TRUE
           ON CONFLICT (sku) DO UPDATE SET name = excluded.name, remote_id = excluded.remote_id
               WHERE name <> excluded.name OR remote_id IS NOT excluded.remote_id"""
    ).rowcount


def bundle_lines(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """(bundle SKU, component SKU, quantity), a component named twice once with both quantities; '' for a product without a SKU.

    What a product that is left out is made of does not count. As a component it stands for its SKU, whose product is kept.
    """
    return connection.execute(
        """SELECT coalesce(bundle.sku, ''), coalesce(part.sku, ''), sum(line.quantity)
           FROM temp.remote_line AS line
           LEFT JOIN temp.remote_product AS bundle ON bundle.id = line.bundle_id
           LEFT JOIN temp.remote_product AS part ON part.id = line.component_id
           WHERE coalesce(bundle.sku, '') = '' OR line.bundle_id IN (SELECT id FROM temp.remote_kept)
           GROUP BY line.bundle_id, 2 ORDER BY 1, 2"""
    ).fetchall()


def take_places(connection: sqlite3.Connection, places: Mapping[int, int]) -> None:
    """Say which warehouse of ours each of theirs is, for `take_levels`; one that is not named is not taken."""
    connection.executemany("INSERT INTO temp.remote_place VALUES (?, ?)", places.items())


def levels_of_bundles(connection: sqlite3.Connection) -> list[str]:
    """SKUs, by name, that are bundles here and yet have numbers at a warehouse that is taken. Bundles are few."""
    rows = connection.execute(
        """SELECT DISTINCT product.sku FROM (SELECT DISTINCT bundle_sku FROM bundle_line) AS bundle
           JOIN temp.remote_kept AS product ON product.sku = bundle.bundle_sku
           JOIN temp.remote_level AS level ON level.product_id = product.id
           JOIN temp.remote_place AS place ON place.id = level.warehouse_id
           WHERE level.in_stock <> 0 OR level.booked <> 0 OR level.incoming <> 0 ORDER BY 1"""
    ).fetchall()
    return [row[0] for row in rows]


def take_levels(connection: sqlite3.Connection) -> int:
    """Add to the numbers that `movements.set_levels` will set what makes *available* equal theirs, and what is incoming there.

    So in stock is what is available there and what is booked here. Bundles and products without a SKU have none. Returns the
    units that are booked there.
    """
    source = """FROM temp.remote_level AS level
        JOIN temp.remote_kept AS product ON product.id = level.product_id
        JOIN temp.remote_place AS place ON place.id = level.warehouse_id
        LEFT JOIN stock ON stock.sku = product.sku AND stock.warehouse_id = place.warehouse_id
        WHERE product.sku NOT IN (SELECT bundle_sku FROM bundle_line)"""
    connection.execute(
        f"""INSERT INTO temp.level
            SELECT product.sku, place.warehouse_id, level.available + coalesce(stock.booked, 0), level.incoming {source}"""
    )
    (booked,) = connection.execute(f"SELECT coalesce(sum(level.booked), 0) {source}").fetchone()
    return int(booked)
