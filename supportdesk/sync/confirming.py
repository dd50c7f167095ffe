"""A person's word on rows that wait for it: listings that are new, or that bear another SKU by now (PROTOCOL §5). What makes rows wait is in `listings`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from supportdesk.core.looks import RowKey
from supportdesk.errors import Refused
from supportdesk.ledger import alerts, events, kept_orders, sync_rows

AT_ONCE: Final = 0
"""A second by which a row is due before all others."""


class Confirmed(NamedTuple):
    """A row that is synced from now on."""

    key: RowKey
    sku: str
    """What it follows now."""
    before: str
    """What it followed, '' where it is new."""


def confirm(
    connection: sqlite3.Connection,
    channel_id: int,
    channel: str,
    keys: Iterable[RowKey],
    *,
    who: str,
    at: datetime,
) -> list[Confirmed]:
    """Sync these rows from now on, in the transaction under way: each settles again, and follows the SKU the store bears.

    Rows that do not wait for a word (`code` is not `to_confirm`) are left as they are and not returned. Orders on them were
    counted before as well, so that nothing is owed. Raises `Refused` for a second listing of a SKU where Shopify is master. `channel` is the handle, `who` the person, for the event. Needs no lease:
    whoever syncs the channel reads the row in its next cycle.
    """
    done: list[Confirmed] = []
    for key in keys:
        row = sync_rows.row_of(connection, channel_id, key)
        if row is None or row.code != "to_confirm":
            continue
        sku, place = sync_rows.named(connection, channel_id, key)
        if row.master == "shopify" and sync_rows.has_siblings(
            connection, channel_id, row, row.sku_now or row.sku
        ):
            raise Refused(
                f"{sku} is followed at {place} by another listing already, and Shopify is master there.",
                "Give one of them a SKU of its own, or leave it out.",
            )
        alerts.close(connection, channel_id, at, "held", sku, place)
        now = row.sku_now or row.sku
        sync_rows.confirm(connection, channel_id, key, now)
        sync_rows.settle_again(connection, channel_id, [key], "confirmed", AT_ONCE)
        renamed = row.sku if row.sku_now else ""
        if renamed:
            kept_orders.follow(connection, channel_id, key, None)
        events.record(
            connection,
            at=at,
            kind="confirmed",
            channel=channel,
            who=who,
            sku=now,
            place=place,
            detail=f"followed {renamed} before" if renamed else "new, synced from now on",
        )
        done.append(Confirmed(key, now, renamed))
    return done
