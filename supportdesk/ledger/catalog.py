"""What the last load found of listings and levels: replaced in one transaction as it streams by, counted by SQL, read in windows."""

from __future__ import annotations

import contextlib
import gc
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from supportdesk.core.catalog import CatalogBatch, ChannelTotals, ListingRow
from supportdesk.core.channels import LeftOutListing
from supportdesk.core.progress import Watch
from supportdesk.ledger.duplicates import recount_groups
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.look_alikes import recount_look_alikes
from supportdesk.ledger.schema import LISTING_INDEXES
from supportdesk.ledger.scope import IN_SCOPE

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
    """Listings by reason, the channel's setting about drafts considered."""
    drafts: int
    """Listings in scope by that setting."""
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

    Memory stays flat. Where no other channel has listings the indexes are dropped first and made again after. Reports only
    where the number of listings is `expected`; else the source tells how far its files are read.
    """
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    others = {table: _has_others(connection, table, channel_id) for table in ("listing", "store_level")}
    alone = not others["listing"]
    if alone:
        for name in LISTING_INDEXES:
            connection.execute(f"DROP INDEX {name}")
    for table, kept in others.items():
        if kept:
            connection.execute(f"DELETE FROM {table} WHERE channel_id = ?", (channel_id,))
        else:
            connection.execute(f"DELETE FROM {table}")
    insert_listing = _INSERT_LISTING.format(channel=int(channel_id))
    insert_level = _INSERT_LEVEL.format(channel=int(channel_id))
    done = 0
    with _collecting_seldom():
        for batch in batches:
            watch.check()
            connection.executemany(insert_listing, batch.listings)
            connection.executemany(insert_level, batch.levels)
            done += len(batch.listings)
            if expected is not None:
                watch.report("Saving listings", done, max(done, expected), unit="listings")
    if alone:
        for statement in LISTING_INDEXES.values():
            watch.check()
            connection.execute(statement)


@contextlib.contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Let Python look for reference cycles seldom: rows by the million hold none, and looking costs a twentieth of a load."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _has_others(connection: sqlite3.Connection, table: str, channel_id: int) -> bool:
    """Whether a table has rows of another channel; looks at its two ends, as it is ordered or indexed by channel."""
    (others,) = connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM {table} WHERE channel_id < ?1) OR EXISTS (SELECT 1 FROM {table} WHERE channel_id > ?1)",
        (channel_id,),
    ).fetchone()
    return bool(others)


def count_catalog(
    connection: sqlite3.Connection,
    channel_id: int,
    *,
    started_at: datetime,
    finished_at: datetime,
    watch: Watch,
) -> None:
    """Count what was just loaded and keep the counts in `load` and `load_count`, in the transaction under way.

    Duplicate groups and look-alikes are counted with it, into tables of their own.
    """
    counts = recount_groups(connection, channel_id, watch)
    for query in (_LISTINGS, _LEVELS, _LOCATIONS, _SHARED_ITEMS):
        watch.check()
        cursor = connection.execute(query, {"channel": channel_id})
        names = [column[0] for column in cursor.description]
        counts.update(zip(names, cursor.fetchone(), strict=True))
    repeated = counts["duplicate_listings"] - counts["duplicate_groups"]
    counts["skus"] = counts["listings"] - counts["without_sku"] - repeated
    watch.check()
    row = {
        **counts,
        "channel_id": channel_id,
        "started_at": started_at.isoformat(),
        "finished_at": finished_at.isoformat(),
        "look_alikes": recount_look_alikes(connection, channel_id),
    }
    columns, marks = ", ".join(row), ", ".join("?" for _ in row)
    connection.execute(f"INSERT OR REPLACE INTO load ({columns}) VALUES ({marks})", tuple(row.values()))
    connection.execute("DELETE FROM load_count WHERE channel_id = ?", (channel_id,))
    for kind in ("left_out", "sku_mark"):
        watch.check()
        connection.execute(
            f"""INSERT INTO load_count SELECT ?1, '{kind}', {kind}, count(*) FROM listing NOT INDEXED
                WHERE channel_id = ?1 AND {kind} IS NOT NULL GROUP BY {kind}""",
            (channel_id,),
        )


_LISTINGS: Final = f"""
    SELECT count(*) AS listings, coalesce(sum(sku = ''), 0) AS without_sku,
           coalesce(sum(sells_when_out AND {IN_SCOPE}), 0) AS sells_when_out
    FROM listing NOT INDEXED WHERE channel_id = :channel"""
_LEVELS: Final = """
    SELECT coalesce(sum(available), 0) AS units, coalesce(sum(available < 0), 0) AS negative_rows
    FROM store_level WHERE channel_id = :channel AND active"""
_LOCATIONS: Final = "SELECT count(*) AS locations FROM location WHERE channel_id = :channel"
_SHARED_ITEMS: Final = """
    SELECT count(*) AS shared_items FROM (
        SELECT 1 FROM listing WHERE channel_id = :channel GROUP BY item_id HAVING count(*) > 1
    )"""


def count_again(connection: sqlite3.Connection, channel_id: int, watch: Watch) -> None:
    """Count the channel's rows anew after some of them changed; when it was loaded stays as it is."""
    row = connection.execute(
        "SELECT started_at, finished_at FROM load WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    if row is not None:
        started_at, finished_at = map(datetime.fromisoformat, row)
        count_catalog(connection, channel_id, started_at=started_at, finished_at=finished_at, watch=watch)


def replace_listings(
    connection: sqlite3.Connection, channel_id: int, variants: Iterable[int], batch: CatalogBatch
) -> None:
    """Put `batch` in place of the listings of `variants` and of its own, with their levels, in the transaction under way."""
    ids = {*variants, *(row.variant_id for row in batch.listings if row.variant_id is not None)}
    items = {row.item_id for row in batch.listings}
    values = {"channel": channel_id, "variants": json.dumps(sorted(ids)), "items": json.dumps(sorted(items))}
    gone = connection.execute(
        """DELETE FROM listing WHERE channel_id = :channel
           AND variant_id IN (SELECT value FROM json_each(:variants)) RETURNING item_id""",
        values,
    ).fetchall()
    connection.execute(
        """DELETE FROM store_level WHERE channel_id = :channel
           AND item_id IN (SELECT value FROM json_each(:items))""",
        values,
    )
    connection.executemany(_INSERT_LISTING.format(channel=int(channel_id)), batch.listings)
    connection.executemany(_INSERT_LEVEL.format(channel=int(channel_id)), batch.levels)
    connection.executemany(
        """DELETE FROM store_level WHERE channel_id = ?1 AND item_id = ?2
           AND NOT EXISTS (SELECT 1 FROM listing WHERE channel_id = ?1 AND item_id = ?2)""",
        [(channel_id, item) for (item,) in gone],
    )


def variants_of(ledger: Ledger, channel_id: int, sku: str) -> list[int]:
    """The variant ids of the SKU's listings; none of them for exports."""
    rows = ledger.rows(
        """SELECT variant_id FROM listing WHERE channel_id = ? AND sku = ? AND variant_id IS NOT NULL
           ORDER BY variant_id""",
        *(channel_id, sku),
    )
    return [row["variant_id"] for row in rows]


def variants_of_item(ledger: Ledger, channel_id: int, item_id: int) -> list[int]:
    """The variant ids of the listings that stand on one inventory item."""
    rows = ledger.rows(
        """SELECT variant_id FROM listing WHERE channel_id = ? AND item_id = ? AND variant_id IS NOT NULL
           ORDER BY variant_id""",
        *(channel_id, item_id),
    )
    return [row["variant_id"] for row in rows]


def location_count(ledger: Ledger, channel_id: int) -> int:
    """How many locations the channel has."""
    return int(str(ledger.value("SELECT count(*) FROM location WHERE channel_id = ?", channel_id)))


def listings_named(ledger: Ledger, channel_id: int, name: str) -> list[ListingRow]:
    """The listings of that name (`handle/option/option`), or of that variant id where the name is a number."""
    rows = ledger.rows(
        f"SELECT {', '.join(ListingRow._fields)} FROM listing WHERE channel_id = ? AND (listing = ? OR variant_id = ?) ORDER BY id",
        *(channel_id, name, int(name) if name.isascii() and name.isdigit() and len(name) < 19 else None),
    )
    return [ListingRow(*row) for row in rows]


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
    # What is counted is what the store says; whether drafts are left out is the channel's to say.
    drafts_in = ledger.value("SELECT drafts FROM channel WHERE id = ?", channel_id)
    drafts = counts["left_out"].pop("draft", 0) if drafts_in else 0
    return LoadCounts(
        totals=ChannelTotals(**{name: row[name] for name in ChannelTotals.__slots__}),
        finished_at=datetime.fromisoformat(row["finished_at"]),
        left_out=counts["left_out"],
        drafts=drafts,
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
        f"""SELECT listing, title, variant_title, sku, left_out FROM listing
           WHERE channel_id = ? AND NOT {IN_SCOPE} AND (? IS NULL OR left_out = ?) ORDER BY id LIMIT ? OFFSET ?""",
        *(channel_id, reason, reason, limit, offset),
    ):
        yield LeftOutListing(row["listing"], row["title"], row["variant_title"], row["sku"], row["left_out"])
