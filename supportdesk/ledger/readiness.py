"""The counts of the account that readiness asks for and no other module makes. What they mean is judged in `core.account_checks`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from supportdesk.core.connections import SomeSkus
from supportdesk.ledger.file import Ledger

_FIRST: Final = 5
"""How many SKUs are named."""


@dataclass(frozen=True, slots=True)
class BundleCounts:
    """How the bundles of the account are made."""

    bundles: int
    missing: SomeSkus
    """Components that no listing, product or stock number has."""
    nested: SomeSkus
    """Bundles that are made of a bundle."""


def bundle_counts(ledger: Ledger) -> BundleCounts:
    """Count the bundles, and what is wrong with how they are made."""
    bundles = ledger.value("SELECT count(DISTINCT bundle_sku) FROM bundle_line")
    missing = ledger.rows(
        f"""SELECT DISTINCT component_sku AS sku FROM bundle_line AS line
            WHERE NOT EXISTS (SELECT 1 FROM product WHERE product.sku = line.component_sku)
                AND NOT EXISTS (SELECT 1 FROM stock WHERE stock.sku = line.component_sku)
                AND NOT EXISTS (
                    SELECT 1 FROM channel CROSS JOIN listing
                    ON listing.channel_id = channel.id AND listing.sku = line.component_sku
                )
            ORDER BY sku LIMIT {_MANY}"""
    )
    nested = ledger.rows(
        f"""SELECT DISTINCT bundle_sku AS sku FROM bundle_line
            WHERE component_sku IN (SELECT bundle_sku FROM bundle_line) ORDER BY sku LIMIT {_MANY}"""
    )
    return BundleCounts(int(str(bundles)), _some(missing), _some(nested))


_MANY: Final = 10_000
"""Counted at most: bundles are few."""


def _some(rows: list[sqlite3.Row]) -> SomeSkus:
    return SomeSkus(tuple(row["sku"] for row in rows[:_FIRST]), len(rows))


def close_at_count(ledger: Ledger) -> int:
    """SKU × warehouse numbers with a close-at quantity above 0."""
    return int(str(ledger.value("SELECT count(*) FROM close_at WHERE quantity > 0")))


def maximum(ledger: Ledger, channel_id: int) -> int | None:
    """The most the channel is ever shown of a SKU, None where there is no such limit."""
    found = ledger.value("SELECT maximum FROM channel WHERE id = ?", channel_id)
    return None if found is None else int(str(found))
