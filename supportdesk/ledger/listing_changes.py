"""Listings that changed while a channel is on: what differs from what is kept, and which rows that concerns. What becomes of them is in `core.newcomers` and `sync.listings`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from supportdesk.core.connections import Master
from supportdesk.core.looks import ListingFacts, PlaceLook, ProductLook, RowKey
from supportdesk.core.newcomers import LEFT_ALONE
from supportdesk.core.rows import RowCondition
from supportdesk.ledger.scope import AGE, DECIDED, IN_SCOPE
from supportdesk.ledger.sync_rows import MENDED_BY_READING

_FIRST: Final = f"""listing.id = (SELECT same.id FROM listing AS same
    WHERE same.channel_id = listing.channel_id AND same.item_id = listing.item_id
    ORDER BY same.left_out IS NOT NULL, {AGE.replace("listing", "same")}, same.id LIMIT 1)"""
"""Of the listings of an item the one that counts: the oldest in scope."""

_KINDS: Final = ", ".join(f"'{kind}'" for kind in sorted(LEFT_ALONE))
_IS_LEFT_ALONE: Final = f"coalesce({DECIDED}, '') IN ({_KINDS})"
"""Whether no listing of its SKU is synced, by decision."""


# What differs from what is kept -------------------------------------------------------------------------------------------------------


def unlike(connection: sqlite3.Connection, channel_id: int, facts: Iterable[ListingFacts]) -> list[int]:
    """Variants that are new, or in scope otherwise, or under another SKU, than they are kept as."""
    return [
        one.variant_id
        for one in facts
        if connection.execute(
            """SELECT 1 FROM listing INDEXED BY listing_item WHERE channel_id = ? AND item_id = ? AND variant_id = ? AND sku = ?
                   AND status = ? AND tracked = ? AND gift_card = ? AND bundle_parent = ?""",
            (
                *(channel_id, one.item_id, one.variant_id, one.sku),
                *(one.status, one.tracked, one.gift_card, one.bundle_parent),
            ),
        ).fetchone()
        is None
    ]


def of_products_unlike(
    connection: sqlite3.Connection, channel_id: int, products: Sequence[ProductLook]
) -> list[int]:
    """Variants kept of products that are sold otherwise now; in the transaction under way, for it writes them to a table of its own."""
    if not products:
        return []
    connection.execute(
        """CREATE TEMP TABLE IF NOT EXISTS product_look (
            id INTEGER PRIMARY KEY, status TEXT NOT NULL, gift_card INTEGER NOT NULL)"""
    )
    connection.execute("DELETE FROM temp.product_look")
    connection.executemany("INSERT OR REPLACE INTO temp.product_look VALUES (?, ?, ?)", products)
    rows = connection.execute(
        """SELECT listing.variant_id FROM listing NOT INDEXED JOIN temp.product_look AS look ON look.id = listing.product_id
           WHERE listing.channel_id = ? AND (listing.status <> look.status OR listing.gift_card <> look.gift_card)
               AND listing.variant_id IS NOT NULL""",
        (channel_id,),
    )
    return [variant for (variant,) in rows]


def not_among(
    connection: sqlite3.Connection, channel_id: int, above: int, until: int | None, there: Iterable[int]
) -> list[int]:
    """Variants kept with an id above `above`, up to `until` where given, that are not `there`."""
    known = connection.execute(
        """SELECT variant_id FROM listing NOT INDEXED WHERE channel_id = ? AND variant_id > ? AND variant_id <= ?""",
        (channel_id, above, until if until is not None else (1 << 62)),
    )
    found = set(there)
    return sorted(variant for (variant,) in known if variant not in found)


def items_of(connection: sqlite3.Connection, channel_id: int, variants: Sequence[int]) -> list[int]:
    """Inventory items that these variants are kept with."""
    marks = ", ".join("?" for _ in variants)
    rows = connection.execute(
        f"SELECT DISTINCT item_id FROM listing NOT INDEXED WHERE channel_id = ? AND variant_id IN ({marks})",
        (channel_id, *variants),
    )
    return [item for (item,) in rows]


def unknown_items(connection: sqlite3.Connection, channel_id: int, items: Iterable[int]) -> list[int]:
    """Those of these inventory items that no listing is kept of."""
    return [
        item
        for item in sorted(set(items))
        if connection.execute(
            "SELECT 1 FROM listing WHERE channel_id = ? AND item_id = ? LIMIT 1", (channel_id, item)
        ).fetchone()
        is None
    ]


def variants_kept(connection: sqlite3.Connection, channel_id: int, items: Iterable[int]) -> list[int]:
    """The variants that are kept of these inventory items."""
    return [
        variant
        for item in sorted(set(items))
        for (variant,) in connection.execute(
            "SELECT variant_id FROM listing WHERE channel_id = ? AND item_id = ? AND variant_id IS NOT NULL",
            (channel_id, item),
        )
    ]


def unkept_levels(connection: sqlite3.Connection, channel_id: int, keys: Iterable[RowKey]) -> list[int]:
    """Inventory items of those of these levels that are not kept as active."""
    return sorted(
        {
            item
            for item, location in keys
            if connection.execute(
                "SELECT 1 FROM store_level WHERE channel_id = ? AND item_id = ? AND location_id = ? AND active",
                (channel_id, item, location),
            ).fetchone()
            is None
        }
    )


def loaded_from(connection: sqlite3.Connection, channel_id: int) -> tuple[str, str]:
    """When the last load of the channel began and ended, '' for never."""
    found = connection.execute(
        "SELECT started_at, finished_at FROM load WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return (str(found[0]), str(found[1])) if found else ("", "")


def followed(connection: sqlite3.Connection, channel_id: int) -> str:
    """The load up to which rows were followed, by when it ended."""
    found = connection.execute(
        "SELECT followed FROM channel_sync WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return str(found[0]) if found else ""


def keep_followed(connection: sqlite3.Connection, channel_id: int, loaded: str) -> None:
    """Keep up to which load rows were followed, in the transaction under way."""
    connection.execute("UPDATE channel_sync SET followed = ? WHERE channel_id = ?", (loaded, channel_id))


# The rows ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows the functions below are about: those of the items in `temp.changed_item`, or every one."""

    every: bool

    def where(self, table: str) -> str:
        """Whether a row of `table` is chosen, in SQL."""
        return "TRUE" if self.every else f"{table}.item_id IN (SELECT item_id FROM temp.changed_item)"


def choose(connection: sqlite3.Connection, items: Iterable[int] | None) -> Chosen:
    """Choose the rows of these inventory items, None for all."""
    if items is None:
        return Chosen(True)
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS changed_item (item_id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM temp.changed_item")
    connection.executemany("INSERT OR IGNORE INTO temp.changed_item VALUES (?)", ((item,) for item in items))
    return Chosen(False)


def decided_since(
    connection: sqlite3.Connection, channel_id: int, channel: str, event: int | None
) -> tuple[int, set[int]]:
    """The newest event, and the inventory items of the SKUs that anything was decided of since `event`, None for ever; `channel` is the handle."""
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()
    if event is None:
        skus = connection.execute(
            """SELECT sku FROM decision WHERE channel_id = ?1
               UNION SELECT sku FROM sync_row WHERE channel_id = ?1 AND condition = 'out' AND code IN ('left_out', 'split')""",
            (channel_id,),
        ).fetchall()
    else:
        skus = connection.execute(
            "SELECT DISTINCT sku FROM event WHERE id > ? AND id <= ? AND kind = 'decision' AND channel = ?",
            (event, newest, channel),
        ).fetchall()
    return int(newest), {item for (sku,) in skus for item in _items_under(connection, channel_id, sku)}


def _items_under(connection: sqlite3.Connection, channel_id: int, sku: str) -> list[int]:
    """The inventory items that bear the SKU, or follow it."""
    rows = connection.execute(
        """SELECT item_id FROM listing WHERE channel_id = ?1 AND sku = ?2
           UNION SELECT item_id FROM sync_row INDEXED BY sync_row_sku WHERE channel_id = ?1 AND sku = ?2""",
        (channel_id, sku),
    )
    return [item for (item,) in rows]


def split_with(connection: sqlite3.Connection, channel_id: int, items: Iterable[int]) -> set[int]:
    """Inventory items whose rows are out until their group is split, where one of `items` followed the same SKU."""
    return {
        other
        for item in items
        for (other,) in connection.execute(
            """SELECT other.item_id FROM sync_row AS row CROSS JOIN sync_row AS other INDEXED BY sync_row_sku
                   ON other.sku = row.sku AND other.warehouse_id = row.warehouse_id AND other.channel_id = row.channel_id
               WHERE row.channel_id = ? AND row.item_id = ? AND other.condition = 'out' AND other.code = 'split'""",
            (channel_id, item),
        )
    }


def left_alone_by(connection: sqlite3.Connection, channel_id: int, item: int) -> str:
    """The kind of the decision by which nothing of the item's SKU is synced, '' where it may be."""
    found = connection.execute(
        f"SELECT {DECIDED} FROM listing WHERE listing.channel_id = ? AND listing.item_id = ? AND {_FIRST} AND {_IS_LEFT_ALONE}",
        (channel_id, item),
    ).fetchone()
    return str(found[0]) if found else ""


class Strayed(NamedTuple):
    """A row that is synced, and whose listing is something else by now."""

    item_id: int
    location_id: int
    code: str
    """A `HoldCode`: why its listing is not in scope, `gone`, what was decided of its SKU, or `to_confirm` for another SKU."""
    sku_now: str


def strayed(connection: sqlite3.Connection, channel_id: int, chosen: Chosen) -> list[Strayed]:
    """Chosen rows that settle or are live, whose listing left scope, or has another SKU, since they began; and those of a SKU that was
    decided to be left alone since, or otherwise than before: held ones too, and those that never were synced.
    """
    rows = connection.execute(
        f"""SELECT row.item_id, row.location_id,
                coalesce((SELECT CASE WHEN NOT {IN_SCOPE} THEN listing.left_out WHEN {_IS_LEFT_ALONE} THEN {DECIDED} ELSE 'to_confirm' END
                    FROM listing
                    WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id AND {_FIRST}), 'gone'),
                coalesce((SELECT listing.sku FROM listing
                    WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id AND {_FIRST}), '')
            FROM sync_row AS row
            WHERE row.channel_id = ?1 AND {chosen.where("row")} AND CASE
                WHEN +row.condition IN ('settling', 'live') THEN NOT EXISTS (
                    SELECT 1 FROM listing WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id
                        AND listing.sku = row.sku AND {IN_SCOPE} AND NOT {_IS_LEFT_ALONE})
                ELSE (row.was_live OR row.condition = 'out' OR row.code <> 'to_confirm') AND EXISTS (
                    SELECT 1 FROM listing WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id AND {_FIRST}
                        AND {IN_SCOPE} AND {_IS_LEFT_ALONE}
                        AND (row.condition = 'held' OR row.code <> {DECIDED})) END""",
        (channel_id,),
    )
    return [Strayed(*row) for row in rows]


def read_returned(connection: sqlite3.Connection, channel_id: int, chosen: Chosen, second: int) -> None:
    """Have chosen rows that ended read by `second` whose listing is as it was again, in the transaction under way: a reading mends them."""
    codes = ", ".join(f"'{code}'" for code in sorted(MENDED_BY_READING))
    connection.execute(
        f"""UPDATE sync_row AS row SET read_due = min(coalesce(read_due, ?2), ?2)
            WHERE row.channel_id = ?1 AND +row.condition IN ('out', 'held') AND row.was_live AND {chosen.where("row")}
                AND (row.code IN ({codes}, 'no_sku', 'left_out', 'split') OR (row.code = 'to_confirm' AND row.sku_now > ''))
                AND EXISTS (SELECT 1 FROM listing WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id
                    AND (listing.sku = row.sku OR row.code IN ('left_out', 'split')) AND {IN_SCOPE} AND NOT {_IS_LEFT_ALONE})""",
        (channel_id, second),
    )


def drop_waiting(connection: sqlite3.Connection, channel_id: int, chosen: Chosen) -> None:
    """Drop chosen rows that never were synced and whose listing is something else by now, in the transaction under way.

    They come again as what they are now (`newcomers`), if at all.
    """
    connection.execute(
        f"""DELETE FROM sync_row AS row WHERE row.channel_id = ? AND NOT row.was_live AND {chosen.where("row")} AND (
                (+row.condition = 'held' AND row.code = 'to_confirm' AND NOT EXISTS (
                    SELECT 1 FROM listing WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id
                        AND listing.sku = row.sku AND {IN_SCOPE} AND NOT {_IS_LEFT_ALONE}))
                OR (+row.condition = 'out' AND EXISTS (
                    SELECT 1 FROM listing WHERE listing.channel_id = row.channel_id AND listing.item_id = row.item_id AND {IN_SCOPE}
                        AND NOT {_IS_LEFT_ALONE})))""",
        (channel_id,),
    )


class NewRow(NamedTuple):
    """A level in scope at a location that is on, of which there is no row."""

    item_id: int
    location_id: int
    sku: str
    warehouse_id: int
    master: Master
    t0: int
    available: int
    open: bool
    """Whether the location is active."""
    served: bool
    """Whether a fulfilment service keeps the number."""
    decision: str
    siblings: int

    @property
    def key(self) -> RowKey:
        """Inventory item, location."""
        return self.item_id, self.location_id


def newcomers(
    connection: sqlite3.Connection,
    channel_id: int,
    chosen: Chosen,
    limit: int,
    after: RowKey = (-(1 << 62), 0),
) -> list[NewRow]:
    """Chosen levels in scope at locations that are on and without a row, in the order of keys from `after` on; at most `limit`."""
    # Else SQLite goes through all levels from `after` on, looking for the few that are chosen.
    item = "level.item_id" if chosen.every else "+level.item_id"
    rows = connection.execute(
        f"""SELECT level.item_id, level.location_id, listing.sku, connection.warehouse_id, connection.master, fence.t0,
                coalesce(level.available, 0), location.active, location.service_manages_stock AND NOT connection.insisted,
                coalesce({DECIDED}, ''), (
                    SELECT count(DISTINCT other.item_id) FROM listing AS other
                    WHERE other.channel_id = listing.channel_id AND other.sku = listing.sku AND other.item_id <> listing.item_id
                        AND {IN_SCOPE.replace("listing.", "other.")})
            FROM store_level AS level
            JOIN fence ON fence.channel_id = level.channel_id AND fence.location_id = level.location_id
            JOIN connection ON connection.channel_id = level.channel_id AND connection.location_id = level.location_id
                AND connection.warehouse_id IS NOT NULL
            JOIN location ON location.channel_id = level.channel_id AND location.id = level.location_id
            JOIN listing ON listing.channel_id = level.channel_id AND listing.item_id = level.item_id AND {_FIRST}
            WHERE level.channel_id = ?1 AND {chosen.where("level")} AND ({item}, level.location_id) > (?3, ?4) AND level.active
                AND {IN_SCOPE} AND NOT EXISTS (
                    SELECT 1 FROM sync_row AS row WHERE row.channel_id = level.channel_id AND row.item_id = level.item_id
                        AND row.location_id = level.location_id)
            ORDER BY level.item_id, level.location_id LIMIT ?2""",
        (channel_id, limit, *after),
    )
    return [NewRow(*row) for row in rows]


def put(
    connection: sqlite3.Connection,
    channel_id: int,
    new: NewRow,
    condition: RowCondition,
    code: str,
    reason: str,
    read_due: int | None,
) -> None:
    """Put a row for a level that had none, in the transaction under way; orders that fell on it before are on it."""
    connection.execute(
        """INSERT INTO sync_row (channel_id, item_id, location_id, sku, warehouse_id, master, condition, code, reason, t0, read_due, shown,
               own, movement_seen)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, (
               SELECT coalesce(sum(available), 0) FROM effect WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3),
               (SELECT coalesce(max(id), 0) FROM movement))""",
        (
            *(channel_id, new.item_id, new.location_id, new.sku, new.warehouse_id, new.master),
            *(condition, code, reason, new.t0, read_due, new.available),
        ),
    )


def known_now(connection: sqlite3.Connection, channel_id: int) -> list[RowKey]:
    """Rows that were held because the ledger had never counted their SKU, and now has."""
    return connection.execute(
        """SELECT row.item_id, row.location_id FROM sync_row AS row INDEXED BY sync_row_condition
           CROSS JOIN stock ON stock.sku = row.sku AND stock.warehouse_id = row.warehouse_id AND stock.counted
           WHERE row.channel_id = ? AND row.condition = 'held' AND row.code = 'unknown'""",
        (channel_id,),
    ).fetchall()


# Locations --------------------------------------------------------------------------------------------------------------------------


def kept_places(connection: sqlite3.Connection, channel_id: int) -> set[PlaceLook]:
    """The channel's locations as they are kept."""
    rows = connection.execute("SELECT id, name, active FROM location WHERE channel_id = ?", (channel_id,))
    return {PlaceLook(number, name, bool(active)) for number, name, active in rows}


def closed_places(connection: sqlite3.Connection, channel_id: int) -> list[tuple[int, str, int]]:
    """(location, name, rows that settle or are live) of locations that are on but inactive in the store, or no more there."""
    return connection.execute(
        """SELECT row.location_id, coalesce(location.name, ''), count(*) FROM fence
           JOIN sync_row AS row ON row.channel_id = fence.channel_id AND row.location_id = fence.location_id
           LEFT JOIN location ON location.channel_id = fence.channel_id AND location.id = fence.location_id
           WHERE fence.channel_id = ? AND NOT coalesce(location.active, 0) AND row.condition IN ('settling', 'live')
           GROUP BY row.location_id""",
        (channel_id,),
    ).fetchall()


def open_again(connection: sqlite3.Connection, channel_id: int) -> list[tuple[int, str]]:
    """(location, name) of active locations with rows that are held because it was inactive."""
    return connection.execute(
        """SELECT location.id, location.name FROM location WHERE location.channel_id = ? AND location.active AND EXISTS (
               SELECT 1 FROM sync_row AS row WHERE row.channel_id = location.channel_id AND row.location_id = location.id
                   AND row.condition = 'held' AND row.code = 'location_inactive')""",
        (channel_id,),
    ).fetchall()


def rows_at(
    connection: sqlite3.Connection, channel_id: int, location_id: int, codes: Sequence[str]
) -> list[RowKey]:
    """Rows of one location that settle, are live, or are held with one of these codes."""
    marks = ", ".join("?" for _ in codes)
    return connection.execute(
        f"""SELECT item_id, location_id FROM sync_row WHERE channel_id = ? AND location_id = ?
                AND (condition IN ('settling', 'live') OR (condition = 'held' AND code IN ({marks})))""",
        (channel_id, location_id, *codes),
    ).fetchall()
