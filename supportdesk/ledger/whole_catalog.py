"""The whole of a loaded channel, streamed out again as core values: what a pretend store for a rehearsal is filled with."""

from __future__ import annotations

from collections.abc import Iterator

from supportdesk.core.catalog import LevelRow, ListingRow
from supportdesk.ledger.faults import said_plainly
from supportdesk.ledger.file import Ledger


def listing_rows(ledger: Ledger, channel_id: int) -> Iterator[ListingRow]:
    """Every listing of the channel, in the order the store gave them. Raises `LedgerError` and its kinds."""
    with said_plainly(ledger.path):
        for row in ledger.db.conn.execute(
            """SELECT variant_id, item_id, product_id, listing, title, variant_title, sku, barcode, status, tracked,
                      sells_when_out, gift_card, bundle_parent, left_out, sku_mark
               FROM listing WHERE channel_id = ? ORDER BY id""",
            (channel_id,),
        ):
            yield ListingRow(*row[:9], *map(bool, row[9:13]), *row[13:])


def level_rows(ledger: Ledger, channel_id: int) -> Iterator[LevelRow]:
    """Every level of the channel whose listing and location were loaded. Raises `LedgerError` and its kinds."""
    with said_plainly(ledger.path):
        for item_id, location_id, active, *numbers in ledger.db.conn.execute(
            """SELECT item_id, location_id, active, available, committed, on_hand, incoming
               FROM store_level AS level WHERE channel_id = :channel
                   AND EXISTS (SELECT 1 FROM listing WHERE channel_id = :channel AND item_id = level.item_id)
                   AND EXISTS (SELECT 1 FROM location WHERE channel_id = :channel AND id = level.location_id)
               ORDER BY item_id, location_id""",
            {"channel": channel_id},
        ):
            yield LevelRow(item_id, location_id, bool(active), *numbers)
