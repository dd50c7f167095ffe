"""Orders of a store as they were last looked at: what each line holds where (`core.orders.Held`), and what the ledger makes of a listing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from supportdesk.core.orders import Held, Place, RecipePart, Recipes
from supportdesk.ledger.scope import AGE, IN_SCOPE


class KeptOrder(NamedTuple):
    """What is kept of an order beside its lines."""

    id: int
    name: str
    created: int
    looked: int
    """When the last look at it began: it showed all that had happened a while before."""
    open: bool


def order_of(connection: sqlite3.Connection, channel_id: int, order_id: int) -> KeptOrder | None:
    """The order, None where it was never looked at."""
    found = connection.execute(
        "SELECT id, name, created, looked, open FROM store_order WHERE channel_id = ? AND id = ?",
        (channel_id, order_id),
    ).fetchone()
    if found is None:
        return None
    number, name, created, looked, is_open = found
    return KeptOrder(number, name, created, looked, bool(is_open))


def lines_of(connection: sqlite3.Connection, channel_id: int, order_id: int) -> tuple[Held, ...]:
    """What the order held when it was last looked at."""
    rows = connection.execute(
        """SELECT line_id, item_id, location_id, treatment, warehouse_id, recipe, unfulfilled, fulfilled, returned, written_off, cancelled
           FROM store_order_line WHERE channel_id = ? AND order_id = ? ORDER BY line_id, location_id""",
        (channel_id, order_id),
    )
    return tuple(
        Held(line, item, place, treatment, warehouse, _recipe(recipe), *counts)
        for line, item, place, treatment, warehouse, recipe, *counts in rows
    )


def _recipe(text: str) -> tuple[RecipePart, ...]:
    return tuple(RecipePart(*part) for part in json.loads(text))


def keep(
    connection: sqlite3.Connection,
    channel_id: int,
    order: KeptOrder,
    held: Sequence[Held],
    skus: dict[int, str],
    gone: bool,
) -> None:
    """Keep an order in place of what was kept of it, in the transaction under way; `skus` are its lines' own, by line."""
    connection.execute(
        """INSERT INTO store_order (channel_id, id, name, created, looked, open, gone) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (channel_id, id) DO UPDATE SET name = excluded.name, looked = max(looked, excluded.looked),
               open = excluded.open, gone = excluded.gone""",
        (channel_id, order.id, order.name, order.created, order.looked, order.open, gone),
    )
    connection.executemany(
        """INSERT INTO store_order_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (channel_id, order_id, line_id, location_id) DO UPDATE SET item_id = excluded.item_id,
               sku = CASE WHEN excluded.sku > '' THEN excluded.sku ELSE sku END, treatment = excluded.treatment,
               warehouse_id = excluded.warehouse_id, recipe = excluded.recipe, unfulfilled = excluded.unfulfilled,
               fulfilled = excluded.fulfilled, returned = excluded.returned, written_off = excluded.written_off,
               cancelled = excluded.cancelled""",
        (
            (
                *(channel_id, order.id, one.line_id, one.location_id, one.item_id, skus.get(one.line_id, "")),
                *(one.treatment, one.warehouse_id, json.dumps(one.recipe), one.unfulfilled, one.fulfilled),
                *(one.returned, one.written_off, one.cancelled),
            )
            for one in held
        ),
    )


def open_since(connection: sqlite3.Connection, channel_id: int, before: int, limit: int) -> list[int]:
    """Ids of open orders whose last look began before `before`, the longest ago first; at most `limit`."""
    rows = connection.execute(
        "SELECT id FROM store_order WHERE channel_id = ? AND open AND looked < ? ORDER BY looked LIMIT ?",
        (channel_id, before, limit),
    )
    return [order_id for (order_id,) in rows]


def open_holding(connection: sqlite3.Connection, channel_id: int, items: Iterable[int]) -> list[int]:
    """Ids of open orders that hold units of these inventory items, as far as is kept."""
    rows = connection.execute(
        """SELECT DISTINCT line.order_id FROM store_order_line AS line
           JOIN store_order ON store_order.channel_id = line.channel_id AND store_order.id = line.order_id
           WHERE line.channel_id = ? AND line.item_id IN (SELECT value FROM json_each(?)) AND line.unfulfilled > 0 AND store_order.open
           ORDER BY line.order_id""",
        (channel_id, json.dumps(list(items))),
    )
    return [order_id for (order_id,) in rows]


def places(connection: sqlite3.Connection, channel_id: int) -> dict[int, Place]:
    """The locations that are on: linked, with a T0."""
    rows = connection.execute(
        """SELECT fence.location_id, connection.warehouse_id, connection.master, fence.t0
           FROM fence JOIN connection USING (channel_id, location_id)
           WHERE channel_id = ? AND connection.warehouse_id IS NOT NULL""",
        (channel_id,),
    )
    return {location: Place(warehouse, master, t0) for location, warehouse, master, t0 in rows}


def recipes(connection: sqlite3.Connection, channel_id: int, items: Iterable[int]) -> Recipes:
    """What a unit of each of these inventory items takes from the ledger; nothing for one that is left out of sync, none for one unknown.

    One that was synced, and was archived, made a draft or deleted since, counts as before: it cannot be bought any more, so an order on
    it was placed while it could.
    """
    found: dict[int, list[RecipePart]] = {}
    for item in set(items):
        listing = connection.execute(
            f"""SELECT listing.sku, {IN_SCOPE} AND NOT EXISTS (
                    SELECT 1 FROM decision WHERE decision.channel_id = listing.channel_id AND decision.sku = listing.sku
                        AND decision.kind = 'left_out'), coalesce(listing.left_out, '') IN ('archived', 'draft')
                FROM listing WHERE listing.channel_id = ? AND listing.item_id = ?
                ORDER BY 2 DESC, {AGE}, listing.id LIMIT 1""",
            (channel_id, item),
        ).fetchone()
        if listing is not None and listing[1]:
            found[item] = recipe_of(connection, listing[0])
            continue
        was = connection.execute(
            "SELECT sku FROM sync_row WHERE channel_id = ? AND item_id = ? AND (was_live OR condition IN ('settling', 'live')) LIMIT 1",
            (channel_id, item),
        ).fetchone()
        if was is not None and (listing is None or listing[2]):
            found[item] = recipe_of(connection, was[0])
        elif listing is not None:
            found[item] = []
    return found


def left_out_since(
    connection: sqlite3.Connection, channel_id: int, items: Iterable[int]
) -> dict[int, tuple[str, int]]:
    """(SKU, store's second) by inventory item: what those followed that were synced until their group was left out, and until when."""
    return {
        item: (sku, since)
        for item in set(items)
        for sku, since in connection.execute(
            """SELECT sku, judged_until FROM sync_row WHERE channel_id = ? AND item_id = ? AND +condition = 'out' AND code = 'left_out'
                   AND was_live AND judged_until IS NOT NULL""",
            (channel_id, item),
        )
    }


def is_listed_otherwise(connection: sqlite3.Connection, channel_id: int, item: int, sku: str) -> bool:
    """Whether listings are kept of this inventory item, and none with this SKU."""
    found = connection.execute(
        "SELECT max(sku = ?) FROM listing WHERE channel_id = ? AND item_id = ?", (sku, channel_id, item)
    ).fetchone()
    return bool(found[0] == 0)


def renamed(connection: sqlite3.Connection, channel_id: int, items: Iterable[int]) -> dict[int, str]:
    """The SKU that was followed, of those of these inventory items that bear another one by now and wait for a person's word."""
    found: dict[int, str] = {}
    for item in set(items):
        row = connection.execute(
            """SELECT sku FROM sync_row WHERE channel_id = ? AND item_id = ? AND code = 'to_confirm' AND sku_now > '' LIMIT 1""",
            (channel_id, item),
        ).fetchone()
        if row is not None:
            found[item] = str(row[0])
    return found


def recipe_of(connection: sqlite3.Connection, sku: str) -> list[RecipePart]:
    """The SKU itself, or the components of the bundle it is."""
    parts = connection.execute(
        "SELECT component_sku, quantity FROM bundle_line WHERE bundle_sku = ? ORDER BY component_sku", (sku,)
    ).fetchall()
    return [RecipePart(*part) for part in parts] or [RecipePart(sku)]


def booked(connection: sqlite3.Connection, channel_id: int) -> list[Held]:
    """Every line at a location that the ledger has booked since T0."""
    rows = connection.execute(
        """SELECT line_id, item_id, location_id, treatment, warehouse_id, recipe, unfulfilled, fulfilled, returned, written_off, cancelled
           FROM store_order_line WHERE channel_id = ? AND treatment = 'booked'""",
        (channel_id,),
    )
    return [
        Held(line, item, place, treatment, warehouse, _recipe(recipe), *counts)
        for line, item, place, treatment, warehouse, recipe, *counts in rows
    ]


def forget(connection: sqlite3.Connection, channel_id: int) -> None:
    """Drop every order of the channel, in the transaction under way: for turning off, after their bookings were closed."""
    connection.execute("DELETE FROM store_order_line WHERE channel_id = ?", (channel_id,))
    connection.execute("DELETE FROM store_order WHERE channel_id = ?", (channel_id,))
