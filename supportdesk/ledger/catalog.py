"""What the last load found of listings and levels: replaced in one transaction as it streams by, counted by SQL, read in windows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from supportdesk.core.catalog import CatalogBatch, ChannelTotals
from supportdesk.core.channels import LeftOutListing
from supportdesk.core.progress import Watch
from supportdesk.core.skus import look_alike_key
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.schema import LISTING_INDEXES

_INSERT_LISTING: Final = """INSERT INTO listing (channel_id, variant_id, item_id, product_id, listing, title, variant_title, sku, barcode, status,
    tracked, sells_when_out, gift_card, bundle_parent, left_out, sku_mark) VALUES ({channel}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_INSERT_LEVEL: Final = "INSERT OR REPLACE INTO store_level VALUES ({channel}, ?, ?, ?, ?, ?, ?, ?)"
_CACHE_KIB: Final = 48 * 1024
"""SQLite's page cache while everything is replaced: enough that index pages stay in memory, well under the goal of 200 MB."""


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What the last load of a channel counted, beyond its totals."""

    totals: ChannelTotals
    finished_at: datetime
    left_out: dict[str, int]
    sku_marks: dict[str, int]
    look_alikes: int
    negative_rows: int
    sells_when_out: int
    shared_items: int


def replace_catalog(
    connection: sqlite3.Connection,
    channel_id: int,
    batches: Iterable[CatalogBatch],
    *,
    expected: int | None,
    watch: Watch,
) -> None:
    """Put everything `batches` gives in place of what the channel held, in the transaction under way on `connection`.

    Memory stays flat. Where no other channel has listings the indexes are dropped first and made again after.
    """
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    alone = not connection.execute(
        "SELECT 1 FROM listing WHERE channel_id <> ? LIMIT 1", (channel_id,)
    ).fetchone()
    if alone:
        for name in LISTING_INDEXES:
            connection.execute(f"DROP INDEX {name}")
    for table in ("listing", "store_level"):
        others = connection.execute(
            f"SELECT 1 FROM {table} WHERE channel_id <> ? LIMIT 1", (channel_id,)
        ).fetchone()
        where = "WHERE channel_id = ?" if others else ""
        connection.execute(f"DELETE FROM {table} {where}", (channel_id,) if others else ())
    insert_listing = _INSERT_LISTING.format(channel=int(channel_id))
    insert_level = _INSERT_LEVEL.format(channel=int(channel_id))
    done = 0
    for batch in batches:
        watch.check()
        connection.executemany(insert_listing, batch.listings)
        connection.executemany(insert_level, batch.levels)
        done += len(batch.listings)
        watch.report("Saving listings", done, expected, unit="listings")
    if alone:
        for statement in LISTING_INDEXES.values():
            watch.check()
            connection.execute(statement)


def count_catalog(
    connection: sqlite3.Connection, channel_id: int, *, started_at: datetime, finished_at: datetime
) -> None:
    """Count what was just loaded and keep the counts in `load` and `load_count`, in the transaction under way."""
    one = _first_row(connection)
    listings, without_sku, sells_when_out = one(
        """SELECT count(*), coalesce(sum(sku = ''), 0), coalesce(sum(sells_when_out AND left_out IS NULL), 0)
           FROM listing WHERE channel_id = ?""",
        channel_id,
    )
    skus, groups, grouped = one(
        """SELECT count(*), coalesce(sum(listings > 1), 0), coalesce(sum(CASE WHEN listings > 1 THEN listings END), 0)
           FROM (SELECT count(*) AS listings FROM listing WHERE channel_id = ? AND sku <> '' GROUP BY sku)""",
        channel_id,
    )
    (disagreeing,) = one(_DISAGREEING, channel_id)
    units, negative = one(
        "SELECT coalesce(sum(available), 0), coalesce(sum(available < 0), 0) FROM store_level WHERE channel_id = ? AND active",
        channel_id,
    )
    (locations,) = one("SELECT count(*) FROM location WHERE channel_id = ?", channel_id)
    (shared,) = one(
        "SELECT count(*) FROM (SELECT 1 FROM listing WHERE channel_id = ? GROUP BY item_id HAVING count(*) > 1)",
        channel_id,
    )
    connection.execute(
        "INSERT OR REPLACE INTO load VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(
                channel_id,
                started_at.isoformat(),
                finished_at.isoformat(),
                listings,
                skus,
                without_sku,
                locations,
            ),
            *(
                groups,
                grouped,
                disagreeing,
                units,
                _look_alikes(connection, channel_id),
                negative,
                sells_when_out,
                shared,
            ),
        ),
    )
    connection.execute("DELETE FROM load_count WHERE channel_id = ?", (channel_id,))
    for kind in ("left_out", "sku_mark"):
        connection.execute(
            f"""INSERT INTO load_count SELECT ?, '{kind}', {kind}, count(*) FROM listing
                WHERE channel_id = ? AND {kind} IS NOT NULL GROUP BY {kind}""",
            (channel_id, channel_id),
        )


_DISAGREEING: Final = """
    SELECT count(DISTINCT sku) FROM (
        SELECT listing.sku AS sku FROM listing
        JOIN store_level AS level ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id
        WHERE listing.channel_id = ?1 AND level.active AND level.available IS NOT NULL AND listing.sku IN (
            SELECT sku FROM listing WHERE channel_id = ?1 AND sku <> '' GROUP BY sku HAVING count(*) > 1
        )
        GROUP BY listing.sku, level.location_id HAVING min(level.available) <> max(level.available)
    )"""
"""Duplicate groups in which two listings show different numbers at a location where both are stocked."""


def _first_row(connection: sqlite3.Connection) -> Callable[..., tuple[int, ...]]:
    """A function that answers a query's first row."""

    def one(query: str, *parameters: object) -> tuple[int, ...]:
        row: tuple[int, ...] = connection.execute(query, parameters).fetchone()
        return row

    return one


def _look_alikes(connection: sqlite3.Connection, channel_id: int) -> int:
    """Groups of different SKUs with one `core.skus.look_alike_key`; walks the SKUs in the order of their keys, holding one."""
    connection.create_function("look_alike_key", 1, look_alike_key, deterministic=True)
    (groups,) = connection.execute(
        """SELECT count(*) FROM (
               SELECT 1 FROM (SELECT DISTINCT sku FROM listing WHERE channel_id = ? AND sku <> '')
               GROUP BY look_alike_key(sku) HAVING count(*) > 1
           )""",
        (channel_id,),
    ).fetchone()
    return int(groups)


def load_counts(ledger: Ledger, channel_id: int) -> LoadCounts | None:
    """What the last load counted, None where the channel was never loaded."""
    rows = ledger.rows("SELECT * FROM load WHERE channel_id = ?", channel_id)
    if not rows:
        return None
    row = rows[0]
    counts: dict[str, dict[str, int]] = {"left_out": {}, "sku_mark": {}}
    for count in ledger.rows(
        "SELECT kind, reason, listings FROM load_count WHERE channel_id = ? ORDER BY listings DESC",
        channel_id,
    ):
        counts[count["kind"]][count["reason"]] = count["listings"]
    return LoadCounts(
        totals=ChannelTotals(**{name: row[name] for name in ChannelTotals.__slots__}),
        finished_at=datetime.fromisoformat(row["finished_at"]),
        left_out=counts["left_out"],
        sku_marks=counts["sku_mark"],
        look_alikes=row["look_alikes"],
        negative_rows=row["negative_rows"],
        sells_when_out=row["sells_when_out"],
        shared_items=row["shared_items"],
    )


def left_out_listings(
    ledger: Ledger, channel_id: int, reason: str | None, *, offset: int, limit: int
) -> Iterator[LeftOutListing]:
    """Listings that are not synced, for one reason or all, in the order they were loaded."""
    for row in ledger.rows(
        """SELECT listing, title, variant_title, sku, left_out FROM listing
           WHERE channel_id = ? AND left_out IS NOT NULL AND (? IS NULL OR left_out = ?) ORDER BY id LIMIT ? OFFSET ?""",
        *(channel_id, reason, reason, limit, offset),
    ):
        yield LeftOutListing(row["listing"], row["title"], row["variant_title"], row["sku"], row["left_out"])
