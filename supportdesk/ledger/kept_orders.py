"""Orders of a store as they were last looked at: what each line holds where (`core.orders.Held`), and what the ledger makes of a listing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from supportdesk.core.effects import EffectKind
from supportdesk.core.looks import RowKey
from supportdesk.core.orders import Held, Place, RecipePart, Recipes, Treatment, following, stock_of
from supportdesk.ledger.scope import AGE, IN_SCOPE

_WAITS: Final = """EXISTS (SELECT 1 FROM plan WHERE plan.id = fence.plan_id AND plan.state = 'applying')"""
"""Whether a fence is of a plan that is not on yet: nothing of its location is in the ledger until then."""
_LINE: Final = """line.line_id, line.item_id, line.location_id, line.treatment, line.warehouse_id, line.recipe, line.unfulfilled, line.fulfilled,
    line.returned, line.written_off, line.cancelled"""


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
        f"""SELECT {_LINE} FROM store_order_line AS line WHERE channel_id = ? AND order_id = ? ORDER BY line_id, location_id""",
        (channel_id, order_id),
    )
    return tuple(_held(*row) for row in rows)


def _held(
    line: int,
    item: int | None,
    place: int,
    treatment: Treatment,
    warehouse: int | None,
    recipe: str,
    *counts: int,
) -> Held:
    return Held(line, item, place, treatment, warehouse, _recipe(recipe), *counts)


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


def committed_of(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> int:
    """How many units of a row orders have still to send, as far as is kept."""
    (units,) = connection.execute(
        """SELECT coalesce(sum(unfulfilled), 0) FROM store_order_line INDEXED BY store_order_line_item
           WHERE channel_id = ? AND item_id = ? AND location_id = ?""",
        (channel_id, *key),
    ).fetchone()
    return int(units)


def places(connection: sqlite3.Connection, channel_id: int) -> dict[int, Place]:
    """The locations that are on, or whose plan comes to it: linked, with a T0."""
    rows = connection.execute(
        f"""SELECT fence.location_id, connection.warehouse_id, connection.master, fence.t0, {_WAITS}
           FROM fence JOIN connection USING (channel_id, location_id)
           WHERE channel_id = ? AND connection.warehouse_id IS NOT NULL""",
        (channel_id,),
    )
    return {
        location: Place(warehouse, master, t0, bool(waits)) for location, warehouse, master, t0, waits in rows
    }


def waits(connection: sqlite3.Connection, channel_id: int, location_id: int) -> bool:
    """Whether the location has a T0 of a plan that is not on yet, so that nothing moves stock there."""
    found = connection.execute(
        f"SELECT 1 FROM fence WHERE channel_id = ? AND location_id = ? AND {_WAITS}",
        (channel_id, location_id),
    ).fetchone()
    return found is not None


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


def is_listed_otherwise(connection: sqlite3.Connection, channel_id: int, item: int, sku: str | None) -> bool:
    """Whether listings are kept of this inventory item, and none with this SKU; None for one of which there should be none."""
    found = connection.execute(
        "SELECT max(sku IS ?) FROM listing WHERE channel_id = ? AND item_id = ?", (sku, channel_id, item)
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


def follow(connection: sqlite3.Connection, channel_id: int, key: RowKey, sku: str | None) -> None:
    """Have what changes of the row's kept orders move `sku` too (`core.orders.following`), or none besides their own, in the transaction under way."""
    rows = connection.execute(
        """SELECT order_id, line_id, recipe FROM store_order_line
           WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3 AND recipe <> '[]'""",
        (channel_id, *key),
    ).fetchall()
    connection.executemany(
        "UPDATE store_order_line SET recipe = ?5 WHERE channel_id = ?1 AND order_id = ?3 AND line_id = ?4 AND location_id = ?2",
        (
            (channel_id, key[1], order, line, json.dumps(following(_recipe(recipe), sku)))
            for order, line, recipe in rows
        ),
    )


def booked_for(connection: sqlite3.Connection, channel_id: int, key: RowKey, sku: str) -> int:
    """By how many units the row's orders since T0 have moved what is available of `sku` in the ledger."""
    rows = connection.execute(
        f"""SELECT {_LINE} FROM store_order_line AS line
            WHERE channel_id = ? AND item_id = ? AND location_id = ? AND treatment = 'booked'""",
        (channel_id, *key),
    )
    done = stock_of(_held(*row) for row in rows)
    return sum(change.available for (moved, _), change in done.items() if moved == sku)


def booked(connection: sqlite3.Connection, channel_id: int) -> list[Held]:
    """Every line at a location that the ledger has booked since T0."""
    rows = connection.execute(
        f"""SELECT {_LINE} FROM store_order_line AS line WHERE line.channel_id = ?1 AND line.treatment = 'booked'
               AND line.location_id NOT IN (SELECT location_id FROM fence WHERE channel_id = ?1 AND {_WAITS})""",
        (channel_id,),
    )
    return [_held(*row) for row in rows]


def booked_under(connection: sqlite3.Connection, channel_id: int, plan_id: int) -> list[tuple[str, Held]]:
    """(order's name, line) of every line to be booked at the locations that have their T0 of this plan, the oldest order first."""
    rows = connection.execute(
        f"""SELECT store_order.name, {_LINE} FROM fence CROSS JOIN store_order_line AS line USING (channel_id, location_id)
            JOIN store_order ON store_order.channel_id = line.channel_id AND store_order.id = line.order_id
            WHERE line.channel_id = ? AND fence.plan_id = ? AND line.treatment = 'booked'
            ORDER BY store_order.created, store_order.id, line.line_id""",
        (channel_id, plan_id),
    )
    return [(name, _held(*row)) for name, *row in rows]


class Later(NamedTuple):
    """What an effect on a row is to do to the ledger, beside bookings: units set aside, or what became of an order from before."""

    order: str
    """Its name, '' for none."""
    kind: EffectKind
    location_id: int
    warehouse_id: int
    recipe: tuple[RecipePart, ...]
    units: int
    """Of the row."""


def moved_under(connection: sqlite3.Connection, channel_id: int, plan_id: int) -> list[Later]:
    """What happened at the locations that have their T0 of this plan beside what orders booked since, in the order it was found."""
    past = """FROM store_order_line AS line WHERE line.channel_id = effect.channel_id AND line.order_id = effect.order_id
        AND line.location_id = effect.location_id AND line.item_id = effect.item_id AND line.treatment = 'past' LIMIT 1"""
    rows = connection.execute(
        f"""SELECT coalesce(store_order.name, ''), effect.kind, effect.location_id, row.sku, row.warehouse_id, effect.available,
                (SELECT line.recipe {past}), (SELECT line.warehouse_id {past})
            FROM fence JOIN effect USING (channel_id, location_id)
            LEFT JOIN sync_row AS row USING (channel_id, item_id, location_id)
            LEFT JOIN store_order ON store_order.channel_id = effect.channel_id AND store_order.id = effect.order_id
            WHERE fence.channel_id = ? AND fence.plan_id = ? AND effect.available <> 0 ORDER BY effect.id""",
        (channel_id, plan_id),
    )
    found = []
    for order, kind, place, sku, warehouse, units, recipe, booked_at in rows:
        if kind in ("unavailable", "unexplained"):
            parts = tuple(recipe_of(connection, sku))
            found.append(Later(order, kind, place, warehouse, parts, units))
        elif recipe is not None:
            found.append(Later(order, kind, place, booked_at, _recipe(recipe), units))
    return found


def keep_closed(connection: sqlite3.Connection, channel_id: int, at: datetime) -> None:
    """Have every order of a channel that is on listed as it is now (`order_lines`) once it is forgotten, in the transaction under way.

    One that sync held once before, and holds again, is listed as it was last.
    """
    (is_on,) = connection.execute("SELECT sync = 'on' FROM channel WHERE id = ?", (channel_id,)).fetchone()
    if not is_on:
        return
    line = """channel_id, order_id, line_id, location_id, item_id, sku, treatment, warehouse_id, recipe, unfulfilled, fulfilled, returned,
        written_off, cancelled"""
    connection.execute(
        """DELETE FROM closed_order_line WHERE channel_id = ?1
           AND order_id IN (SELECT id FROM store_order WHERE channel_id = ?1)""",
        (channel_id,),
    )
    connection.execute(
        f"""INSERT INTO closed_order_line ({line}) SELECT {line} FROM store_order_line WHERE channel_id = ?1
            AND location_id NOT IN (SELECT location_id FROM fence WHERE channel_id = ?1 AND {_WAITS})""",
        (channel_id,),
    )
    connection.execute(
        """INSERT OR REPLACE INTO closed_order (channel_id, id, name, created, open, gone, closed_at)
           SELECT channel_id, id, name, created, open, gone, ?2 FROM store_order WHERE channel_id = ?1 AND EXISTS (
               SELECT 1 FROM closed_order_line AS line WHERE line.channel_id = ?1 AND line.order_id = store_order.id)""",
        (channel_id, at.isoformat()),
    )


def forget(connection: sqlite3.Connection, channel_id: int) -> None:
    """Drop every order of the channel, in the transaction under way: for turning off, after their bookings were closed."""
    connection.execute("DELETE FROM store_order_line WHERE channel_id = ?", (channel_id,))
    connection.execute("DELETE FROM store_order WHERE channel_id = ?", (channel_id,))
