"""Bundles and their components: which there are, and what a warehouse has of each component."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import itemgetter
from typing import Final, NamedTuple

from supportdesk.core.bundles import BundleLine, Component
from supportdesk.ledger.file import Ledger

_COMPONENTS = """
    SELECT line.component_sku, line.quantity, stock.in_stock - stock.booked, coalesce(close_at.quantity, 0)
    FROM bundle_line AS line
    LEFT JOIN stock ON stock.sku = line.component_sku AND stock.warehouse_id = ?2 AND stock.counted
    LEFT JOIN close_at ON close_at.sku = line.component_sku AND close_at.warehouse_id = ?2
    WHERE line.bundle_sku = ?1 ORDER BY line.component_sku"""


def is_bundle(connection: sqlite3.Connection, sku: str) -> bool:
    """Whether the SKU is made of others."""
    (found,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = ?)", (sku,)
    ).fetchone()
    return bool(found)


def components_of(ledger: Ledger, bundle: str, warehouse_id: int) -> list[Component]:
    """The bundle's components by SKU, each with what the warehouse has of it; none where it is no bundle."""
    return [Component(*row) for row in ledger.rows(_COMPONENTS, bundle, warehouse_id)]


def bundles_with(ledger: Ledger, component: str, limit: int) -> list[str]:
    """The bundles that the SKU is part of, by SKU; at most `limit`."""
    return [
        str(row["bundle_sku"])
        for row in ledger.rows(
            "SELECT bundle_sku FROM bundle_line WHERE component_sku = ? ORDER BY bundle_sku LIMIT ?",
            *(component, limit),
        )
    ]


def all_lines(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """Every (bundle, component, quantity) of the account. Bundles are few beside listings."""
    return connection.execute("SELECT bundle_sku, component_sku, quantity FROM bundle_line").fetchall()


def lines_of(connection: sqlite3.Connection, bundle: str) -> tuple[BundleLine, ...]:
    """What the bundle is made of, by SKU; nothing where it is no bundle."""
    rows = connection.execute(
        "SELECT component_sku, quantity FROM bundle_line WHERE bundle_sku = ? ORDER BY component_sku",
        (bundle,),
    )
    return tuple(BundleLine(*row) for row in rows)


def is_component(connection: sqlite3.Connection, sku: str) -> bool:
    """Whether a bundle is made of the SKU."""
    (found,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM bundle_line WHERE component_sku = ?)", (sku,)
    ).fetchone()
    return bool(found)


_EVERY: Final = """
    SELECT line.bundle_sku, warehouse.code, line.component_sku, line.quantity, stock.in_stock - stock.booked,
           coalesce(close_at.quantity, 0)
    FROM bundle_line AS line LEFT JOIN warehouse
    LEFT JOIN stock ON stock.sku = line.component_sku AND stock.warehouse_id = warehouse.id AND stock.counted
    LEFT JOIN close_at ON close_at.sku = line.component_sku AND close_at.warehouse_id = warehouse.id
    ORDER BY line.bundle_sku, warehouse.priority, warehouse.code, warehouse.id, line.component_sku"""


def all_bundles(ledger: Ledger) -> Iterator[tuple[str, list[tuple[str | None, list[Component]]]]]:
    """Every bundle by SKU, one at a time, with its components as each warehouse has them, by priority and code.

    Without a warehouse there is one entry, of code None.
    """
    rows = ledger.db.conn.cursor().execute(_EVERY)
    for bundle, members in itertools.groupby(rows, itemgetter(0)):
        yield (
            bundle,
            [
                (code, [Component(*row[2:]) for row in parts])
                for code, parts in itertools.groupby(members, itemgetter(1))
            ],
        )


class Told(NamedTuple):
    """What an event tells of a bundle."""

    at: datetime
    who: str
    detail: str


def last_told(ledger: Ledger, bundle: str) -> Told | None:
    """Who changed the bundle last by hand, None where nobody did."""
    for row in ledger.rows(
        "SELECT at, who, detail FROM event WHERE sku = ? AND kind = 'bundle' ORDER BY id DESC LIMIT 1", bundle
    ):
        return Told(datetime.fromisoformat(row["at"]), row["who"], row["detail"])
    return None


def remove(connection: sqlite3.Connection, bundle: str) -> None:
    """Make the SKU one that is made of nothing, in the transaction under way."""
    connection.execute("DELETE FROM bundle_line WHERE bundle_sku = ?", (bundle,))


def replace_lines(connection: sqlite3.Connection, lines: Iterable[tuple[str, str, int]]) -> None:
    """Put (bundle, component, quantity) in place of what each of these bundles was made of, in the transaction under way."""
    rows = list(lines)
    connection.executemany(
        "DELETE FROM bundle_line WHERE bundle_sku = ?", {(bundle,) for bundle, _, _ in rows}
    )
    connection.executemany("INSERT INTO bundle_line VALUES (?, ?, ?)", rows)
