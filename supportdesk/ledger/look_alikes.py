"""SKUs of a channel that differ only in case or white space: found in SQL that makes keys of few of them, kept in `look_alike`."""

from __future__ import annotations

import sqlite3
from typing import Final

from supportdesk.core.skus import look_alike_key

_UNLIKE_CAPITALS: Final = "*[^!-`{-~]*"
"""GLOB of SKUs that are not in printable ASCII without small letters and spaces."""
_UNLIKE_SMALL: Final = "*[^!-@[-~]*"
"""GLOB of SKUs that are not in printable ASCII without capitals and spaces."""
_SAMPLE: Final = 1_000
"""SKUs looked at to see in which of the two ways a store writes them; only speed depends on it."""


def recount_look_alikes(connection: sqlite3.Connection, channel_id: int) -> int:
    """Fill `look_alike` anew with every SKU that has another spelling, in the transaction under way; how many such groups there are.

    Spellings of one SKU have one `core.skus.look_alike_key`. Of the SKUs of a group at most one is in plain capitals, and at
    most one in plain small letters. So the keys of all other SKUs are enough to find every group, together with a look whether
    the plain one is there; a store writes most of its SKUs in one of the two ways, which leaves few to make keys of. SQLite
    sorts the keys, so memory stays flat even where it does not.
    """
    capitals, small = connection.execute(
        """SELECT total(sku <> upper(sku)), total(sku <> lower(sku))
           FROM (SELECT sku FROM listing WHERE channel_id = ? AND sku > '' LIMIT ?)""",
        (channel_id, _SAMPLE),
    ).fetchone()
    values = {"channel": channel_id, "unlike": _UNLIKE_CAPITALS if capitals <= small else _UNLIKE_SMALL}
    plain = str.upper if capitals <= small else str.lower

    def plain_form(key: str) -> str | None:
        return plain(key) if key and key.isascii() and key.isprintable() else None

    connection.create_function("look_alike_key", 1, look_alike_key, deterministic=True)
    connection.create_function("plain_form", 1, plain_form, deterministic=True)
    connection.execute("DROP TABLE IF EXISTS temp.spelling")
    connection.execute(
        "CREATE TEMP TABLE spelling (key TEXT, sku TEXT, PRIMARY KEY (key, sku)) WITHOUT ROWID"
    )
    connection.execute(
        """INSERT INTO temp.spelling SELECT look_alike_key(sku), sku FROM (
               SELECT DISTINCT sku FROM main.listing WHERE channel_id = :channel AND sku > '' AND sku GLOB :unlike
           )""",
        values,
    )
    connection.execute(
        """INSERT OR IGNORE INTO temp.spelling SELECT key, plain_form(key) FROM (SELECT DISTINCT key FROM temp.spelling)
           WHERE EXISTS (SELECT 1 FROM main.listing WHERE channel_id = :channel AND sku = plain_form(key))""",
        values,
    )
    connection.execute("DELETE FROM look_alike WHERE channel_id = :channel", values)
    connection.execute(
        """INSERT INTO look_alike (channel_id, key, sku) SELECT :channel, key, sku FROM temp.spelling
           WHERE key IN (SELECT key FROM temp.spelling GROUP BY key HAVING count(*) > 1)""",
        values,
    )
    connection.execute("DROP TABLE temp.spelling")
    (groups,) = connection.execute(
        "SELECT count(DISTINCT key) FROM look_alike WHERE channel_id = :channel", values
    ).fetchone()
    return int(groups)
