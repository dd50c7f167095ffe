"""Products: which SKUs the account knows, what they are called, which are written like one that it does not know."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterator
from typing import Final

from supportdesk.core.skus import look_alike_key
from supportdesk.ledger.file import Ledger

_NEIGHBOURS: Final = 40
"""SKUs looked at on either side of a mistyped one, in each of its spellings."""


def is_known(connection: sqlite3.Connection, sku: str) -> bool:
    """Whether the SKU is a product, has stock, is part of a bundle or one, or stands on a listing of any channel of the account."""
    (known,) = connection.execute(
        """SELECT EXISTS (SELECT 1 FROM product WHERE sku = ?1) OR EXISTS (SELECT 1 FROM stock WHERE sku = ?1)
               OR EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = ?1)
               OR EXISTS (SELECT 1 FROM bundle_line WHERE component_sku = ?1)
               OR EXISTS (SELECT 1 FROM channel JOIN listing ON listing.channel_id = channel.id AND listing.sku = ?1)""",
        (sku,),
    ).fetchone()
    return bool(known)


def name_of(ledger: Ledger, sku: str) -> str:
    """What Sumtracker calls the product, else the title of its oldest listing; '' where neither says."""
    name = ledger.value(
        """SELECT coalesce(
               (SELECT nullif(name, '') FROM product WHERE sku = ?1),
               (SELECT listing.title FROM channel JOIN listing ON listing.channel_id = channel.id AND listing.sku = ?1
                ORDER BY listing.id LIMIT 1),
               '')""",
        sku,
    )
    return str(name)


def keep(connection: sqlite3.Connection, sku: str, name: str = "", remote_id: int | None = None) -> bool:
    """Keep a product, in the transaction under way; an empty name or no id leaves what there was. Whether it is new or changed."""
    return bool(
        connection.execute(
            """INSERT INTO product (sku, name, remote_id) VALUES (?1, ?2, ?3) ON CONFLICT (sku) DO UPDATE
                   SET name = coalesce(nullif(?2, ''), name), remote_id = coalesce(?3, remote_id)
                   WHERE name <> coalesce(nullif(?2, ''), name) OR remote_id IS NOT coalesce(?3, remote_id)""",
            (sku, name, remote_id),
        ).rowcount
    )


def near_skus(ledger: Ledger, sku: str, limit: int = 3) -> list[str]:
    """Known SKUs that are written most like one that is not, the likest first; `limit` at most.

    Only those that stand next to it in the order of SKUs are looked at, as typed and in capitals and small letters: a store
    has up to a million.
    """
    spellings = {sku, sku.strip(), sku.upper(), sku.lower()}
    candidates = {near for spelling in spellings for near in _neighbours(ledger, spelling)} - {sku}
    by_key: dict[str, list[str]] = {}
    for near in sorted(candidates):
        by_key.setdefault(look_alike_key(near), []).append(near)
    keys = difflib.get_close_matches(look_alike_key(sku), by_key, n=limit, cutoff=0.7)
    return [near for key in keys for near in by_key[key]][:limit]


def _neighbours(ledger: Ledger, sku: str) -> Iterator[str]:
    """SKUs on either side of `sku`, in each place that SKUs are kept in order."""
    places = ["product WHERE TRUE", "stock WHERE TRUE"]
    places += [
        f"listing WHERE channel_id = {int(row['id'])}" for row in ledger.rows("SELECT id FROM channel")
    ]
    for place in places:
        for comparison, way in ((">=", "ASC"), ("<", "DESC")):
            query = f"""SELECT DISTINCT sku FROM {place} AND sku > '' AND sku {comparison} ?
                ORDER BY sku {way} LIMIT {_NEIGHBOURS}"""
            for row in ledger.rows(query, sku):
                yield row["sku"]
