"""What the store shows at a row, as a piece of SQL: as it was loaded, and of a channel that is on what sync knows since. One row's rule is `core.rows`."""

from __future__ import annotations

from typing import Final

from supportdesk.ledger.file import Ledger

LOADED: Final = "level.available"
"""Of a channel that is off, by its row of `store_level AS level`."""
NOW: Final = """(CASE WHEN engine.condition = 'live' AND engine.master = 'sumtracker' AND engine.high IS NOT NULL
        THEN engine.high + engine.pushed + engine.own
        ELSE coalesce((
            SELECT reading.available FROM reading WHERE reading.channel_id = engine.channel_id
                AND reading.item_id = engine.item_id AND reading.location_id = engine.location_id
                AND reading.ended >= coalesce(CAST(strftime('%s', (
                    SELECT finished_at FROM load WHERE channel_id = :channel)) AS INTEGER), 0)
            ORDER BY reading.id DESC LIMIT 1), level.available) END)"""
"""Of a channel that is on what the row should show (PROTOCOL §1.3), and of a row that is not live there, or that Shopify is master of,
what was read of it since the load. Takes `ENGINE` and the parameter `channel`."""
ENGINE: Final = """
        LEFT JOIN sync_row AS engine ON engine.channel_id = level.channel_id AND engine.item_id = level.item_id
            AND engine.location_id = level.location_id"""
"""Joins a level to what sync knows of its row."""


def is_synced(ledger: Ledger, channel_id: int) -> bool:
    """Whether sync has rows of the channel, so that it knows more of them than the load."""
    return bool(ledger.value("SELECT EXISTS (SELECT 1 FROM sync_row WHERE channel_id = ?)", channel_id))
