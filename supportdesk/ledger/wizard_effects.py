"""What turning on would touch beside the channel's own counts, told in the wizard's first steps: other stores, bundles, units left alone.

Estimates before there is a plan, from what was loaded; every number of a plan itself is in `plan_rows`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from supportdesk.ledger.scope import IN_SCOPE

_SOLD: Final = f"""SELECT DISTINCT listing.channel_id, listing.sku, listing.item_id, level.location_id, said.warehouse_id,
        coalesce(level.available, 0) AS available
    FROM main.listing CROSS JOIN main.store_level AS level
        ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
    JOIN connection AS said ON said.channel_id = level.channel_id AND said.location_id = level.location_id
        AND said.warehouse_id IS NOT NULL AND said.master = 'sumtracker'
    WHERE {IN_SCOPE}"""


@dataclass(frozen=True, slots=True)
class SharedWith:
    """Another store of the account that shows numbers of the warehouses that this one is linked to."""

    channel: str
    """Handle."""
    title: str
    """Foreign text."""
    is_on: bool
    numbers: int
    """SKU × warehouse that both sell."""
    units: int
    """What Sumtracker has of them."""
    copied: int
    """What it would have, were this store's counts copied. Of a SKU whose listings show different counts, what it has already."""
    differ: int
    """Numbers that copying would change."""


@dataclass(frozen=True, slots=True)
class BundleRows:
    """Rows of bundles at linked locations where Sumtracker is master."""

    bundles: int
    rows: int
    before: int
    """Units that the store shows."""
    low: int
    """How many their components are enough for, were counts copied; of a component whose listings differ the lowest is taken."""
    high: int
    """And the highest."""


def store_units(connection: sqlite3.Connection, channel_id: int) -> int:
    """Units available in the store, of every listing at every location."""
    row = connection.execute(
        "SELECT coalesce(sum(available), 0) FROM store_level WHERE channel_id = ? AND active", (channel_id,)
    ).fetchone()
    return int(row[0])


def shared_with(connection: sqlite3.Connection, channel_id: int) -> tuple[SharedWith, ...]:
    """Every other store that sells from the same warehouses, by handle."""
    others = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM connection AS ours JOIN connection AS theirs USING (warehouse_id)
           WHERE ours.channel_id = ?1 AND theirs.channel_id <> ?1)""",
        (channel_id,),
    ).fetchone()
    if not others[0]:
        return ()
    rows = connection.execute(
        f"""WITH sold AS MATERIALIZED ({_SOLD}),
            ours AS (SELECT sku, warehouse_id, CASE WHEN min(available) = max(available) THEN max(available) END AS copied
                FROM sold WHERE channel_id = :channel GROUP BY sku, warehouse_id),
            theirs AS (SELECT DISTINCT channel_id, sku, warehouse_id FROM sold WHERE channel_id <> :channel),
            both_sell AS (SELECT theirs.channel_id, coalesce(stock.in_stock - stock.booked, 0) AS has,
                coalesce(ours.copied, stock.in_stock - stock.booked, 0) AS copied
                FROM theirs JOIN ours USING (sku, warehouse_id)
                LEFT JOIN stock ON stock.sku = theirs.sku AND stock.warehouse_id = theirs.warehouse_id
                WHERE theirs.sku NOT IN (SELECT bundle_sku FROM bundle_line))
            SELECT channel.handle, channel.title, channel.sync = 'on', count(*), sum(has), sum(copied), sum(has <> copied)
            FROM both_sell JOIN channel ON channel.id = both_sell.channel_id
            GROUP BY channel.id ORDER BY channel.handle""",
        {"channel": channel_id},
    )
    return tuple(SharedWith(handle, title, bool(on), *numbers) for handle, title, on, *numbers in rows)


def bundle_rows(connection: sqlite3.Connection, channel_id: int) -> BundleRows:
    """The bundles that the store sells at linked locations, and what their components are enough for there."""
    row = connection.execute(
        f"""WITH sold AS MATERIALIZED ({_SOLD} AND listing.channel_id = :channel AND listing.sku IN (
                SELECT bundle_sku FROM bundle_line UNION SELECT component_sku FROM bundle_line)),
            counts AS (SELECT sku, location_id, min(available) AS low, max(available) AS high
                FROM sold GROUP BY sku, location_id),
            parts AS (SELECT sold.sku, sold.item_id, sold.location_id, sold.available,
                    coalesce(counts.low, stock.in_stock - stock.booked, 0) / line.quantity AS low,
                    coalesce(counts.high, stock.in_stock - stock.booked, 0) / line.quantity AS high
                FROM sold JOIN bundle_line AS line ON line.bundle_sku = sold.sku
                LEFT JOIN counts ON counts.sku = line.component_sku AND counts.location_id = sold.location_id
                LEFT JOIN stock ON stock.sku = line.component_sku AND stock.warehouse_id = sold.warehouse_id),
            built AS (SELECT sku, max(available) AS before, max(0, min(low)) AS low, max(0, min(high)) AS high
                FROM parts GROUP BY sku, item_id, location_id)
            SELECT count(DISTINCT sku), count(*), coalesce(sum(before), 0), coalesce(sum(low), 0), coalesce(sum(high), 0)
            FROM built""",
        {"channel": channel_id},
    ).fetchone()
    return BundleRows(*row)
