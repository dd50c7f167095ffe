"""What going live sets down: fences, the rows of the locations that go on, and which numbers are to be copied. Set by set, in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from typing import Final, Literal

from supportdesk.ledger import movements, promised
from supportdesk.ledger.movements import Cause
from supportdesk.ledger.scope import DECIDED, IN_SCOPE

_LOCATIONS: Final = "SELECT location_id FROM temp.beginning"


def choose(connection: sqlite3.Connection, fences: Mapping[int, int]) -> None:
    """Make the locations that go on, with their T0, the ones the functions here are about: `temp.beginning`."""
    connection.execute("DROP TABLE IF EXISTS temp.beginning")
    connection.execute("CREATE TEMP TABLE beginning (location_id INTEGER PRIMARY KEY, t0 INTEGER NOT NULL)")
    connection.executemany("INSERT INTO temp.beginning VALUES (?, ?)", fences.items())


def is_begun(connection: sqlite3.Connection, channel_id: int, fences: Mapping[int, int]) -> bool:
    """Whether all of these fences stand already."""
    standing = dict(
        connection.execute("SELECT location_id, t0 FROM fence WHERE channel_id = ?", (channel_id,)).fetchall()
    )
    return all(standing.get(location) == t0 for location, t0 in fences.items())


def put_fences(connection: sqlite3.Connection, channel_id: int, plan_id: int | None) -> None:
    """Put the fences of the chosen locations, and forget what was known of their rows under an older one."""
    connection.execute(
        """INSERT INTO fence (channel_id, location_id, t0, plan_id) SELECT ?, location_id, t0, ? FROM temp.beginning WHERE TRUE
            ON CONFLICT (channel_id, location_id) DO UPDATE SET t0 = excluded.t0, plan_id = excluded.plan_id""",
        (channel_id, plan_id),
    )
    for table in ("sync_row", "reading", "effect"):
        connection.execute(
            f"DELETE FROM {table} WHERE channel_id = ? AND location_id IN ({_LOCATIONS})", (channel_id,)
        )


_CONDITION: Final = f"""CASE
    WHEN NOT {IN_SCOPE} THEN 'out'
    WHEN {DECIDED} IN ('left_out', 'split') THEN 'out'
    WHEN NOT location.active OR (location.service_manages_stock AND NOT connection.insisted) THEN 'held'
    WHEN NOT level.active THEN 'held'
    WHEN :hold AND connection.master = 'sumtracker' AND NOT coalesce(stock.counted, 0)
        AND NOT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = listing.sku) THEN 'held'
    ELSE 'settling' END"""
_CODE: Final = f"""CASE
    WHEN NOT {IN_SCOPE} THEN listing.left_out
    WHEN {DECIDED} IN ('left_out', 'split') THEN {DECIDED}
    WHEN NOT location.active THEN 'location_inactive'
    WHEN location.service_manages_stock AND NOT connection.insisted THEN 'third_party'
    WHEN NOT level.active THEN 'not_stocked'
    WHEN :hold AND connection.master = 'sumtracker' AND NOT coalesce(stock.counted, 0)
        AND NOT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = listing.sku) THEN 'unknown'
    ELSE '' END"""
_FACTS: Final = """FROM store_level AS level
    JOIN temp.beginning ON beginning.location_id = level.location_id
    JOIN location ON location.channel_id = level.channel_id AND location.id = level.location_id
    JOIN connection ON connection.channel_id = level.channel_id AND connection.location_id = level.location_id
        AND connection.warehouse_id IS NOT NULL
    JOIN listing ON listing.id = (
        SELECT same.id FROM listing AS same WHERE same.channel_id = level.channel_id AND same.item_id = level.item_id
        ORDER BY same.left_out IS NOT NULL, coalesce(same.variant_id, same.id), same.id LIMIT 1)
    LEFT JOIN stock ON stock.sku = listing.sku AND stock.warehouse_id = connection.warehouse_id
    WHERE level.channel_id = :channel"""

REASONS: Final = {
    "no_sku": "it has no SKU",
    "gift_card": "a gift card",
    "bundle_parent": "a Shopify bundle, whose number Shopify derives",
    "untracked": "Shopify does not track it",
    "archived": "archived",
    "draft": "a draft",
    "left_out": "left out by decision",
    "split": "to be split first",
    "location_inactive": "the location is inactive",
    "third_party": "a fulfilment service keeps this number",
    "not_stocked": "not stocked at the location",
    "unknown": "never counted in Sumtracker",
}
"""Why a row is out or held from the beginning, by code."""


def put_rows(connection: sqlite3.Connection, channel_id: int, *, hold_unknown: bool, read_from: int) -> None:
    """Put a row for every level of the chosen locations: settling, or out or held with the reason; read `read_from` seconds after T0."""
    reasons = " ".join(f"WHEN '{code}' THEN '{words}'" for code, words in REASONS.items())
    connection.execute(
        f"""INSERT INTO sync_row (channel_id, item_id, location_id, sku, warehouse_id, master, condition, code, reason, t0, read_due,
                shown, promised_before, movement_seen)
            SELECT channel_id, item_id, location_id, sku, warehouse_id, master, condition, code, CASE code {reasons} ELSE '' END, t0,
                   CASE WHEN condition = 'settling' THEN t0 + :read_from WHEN condition = 'held' THEN t0 + 86400 END,
                   available, committed, (SELECT coalesce(max(id), 0) FROM movement)
            FROM (SELECT level.channel_id, level.item_id, level.location_id, listing.sku, connection.warehouse_id, connection.master,
                         {_CONDITION} AS condition, {_CODE} AS code, beginning.t0, level.available,
                         CASE WHEN level.active AND level.committed > 0 THEN {promised.PROMISED} ELSE 0 END AS committed {_FACTS})""",
        {"channel": channel_id, "hold": hold_unknown, "read_from": read_from},
    )


def put_copies(
    connection: sqlite3.Connection, channel_id: int, which: Literal["all", "unknown", "none"]
) -> None:
    """Have the numbers of the chosen locations' settling rows copied: all, or those of SKUs that the ledger never counted.

    Bundles are derived, and where Shopify is master every reading is taken in anyway.
    """
    connection.execute(
        f"""DELETE FROM copy_target WHERE channel_id = ?1 AND (sku, warehouse_id) IN (
                SELECT sku, warehouse_id FROM sync_row WHERE channel_id = ?1 AND location_id IN ({_LOCATIONS}))""",
        (channel_id,),
    )
    if which == "none":
        return
    uncounted = "AND NOT coalesce(stock.counted, 0)" if which == "unknown" else ""
    connection.execute(
        f"""INSERT INTO copy_target (channel_id, sku, warehouse_id, in_stock, booked)
            SELECT DISTINCT row.channel_id, row.sku, row.warehouse_id, coalesce(stock.in_stock, 0), coalesce(stock.booked, 0)
            FROM sync_row AS row
            LEFT JOIN stock ON stock.sku = row.sku AND stock.warehouse_id = row.warehouse_id
            WHERE row.channel_id = ?1 AND row.location_id IN ({_LOCATIONS}) AND row.condition = 'settling' AND row.master = 'sumtracker'
                AND NOT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = row.sku) {uncounted}""",
        (channel_id,),
    )
    connection.execute(
        f"""UPDATE sync_row SET copies = 1
            WHERE channel_id = ?1 AND location_id IN ({_LOCATIONS}) AND condition = 'settling' AND (sku, warehouse_id) IN (
                SELECT sku, warehouse_id FROM copy_target WHERE channel_id = ?1)""",
        (channel_id,),
    )


def count_unknown_as_none(connection: sqlite3.Connection, channel_id: int, cause: Cause) -> int:
    """Count as 0 available what the ledger never counted of the chosen locations' rows; how many numbers that were."""
    movements.new_levels(connection)
    connection.execute(
        f"""INSERT INTO temp.level SELECT DISTINCT row.sku, row.warehouse_id, coalesce(stock.booked, 0), NULL
            FROM sync_row AS row LEFT JOIN stock ON stock.sku = row.sku AND stock.warehouse_id = row.warehouse_id
            WHERE row.channel_id = ?1 AND row.location_id IN ({_LOCATIONS}) AND row.condition IN ('settling', 'live')
                AND row.master = 'sumtracker' AND NOT coalesce(stock.counted, 0)
                AND NOT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = row.sku)""",
        (channel_id,),
    )
    return movements.set_levels(connection, cause, detail="never counted, taken as none")


def subtract_promised(connection: sqlite3.Connection, channel_id: int, cause: Cause) -> int:
    """Take what orders from before the load promised off the ledger's counts, as the plan did; how many numbers that were.

    It is what the chosen locations' rows had promised as they were loaded, so that it and the number that the ledger goes on from are
    of one moment: what orders did since, to past ones too, comes on top as far as it moved the row. Rows that are held promise as well,
    for another row may follow the same number.
    """
    promised.prepare(connection)
    rows = f"""SELECT sku, warehouse_id, promised_before AS units FROM sync_row
        WHERE channel_id = :channel AND location_id IN ({_LOCATIONS}) AND condition <> 'out' AND master = 'sumtracker'
            AND promised_before > 0"""
    promised.count(connection, rows, {"channel": channel_id})
    movements.new_levels(connection)
    connection.execute(
        """INSERT INTO temp.level SELECT sku, warehouse_id, stock.in_stock - promised.units, NULL
           FROM temp.promised JOIN stock USING (sku, warehouse_id)
           WHERE stock.counted AND NOT EXISTS (
               SELECT 1 FROM sync_row AS row WHERE row.channel_id = ? AND row.sku = promised.sku
                   AND row.warehouse_id = promised.warehouse_id AND row.copies)""",
        (channel_id,),
    )
    promised.clear(connection)
    return movements.set_levels(connection, cause, detail="promised by orders from before sync")


def see_movements(connection: sqlite3.Connection, channel_id: int, since: int) -> None:
    """Take the movements after `since` for seen by the rows of their SKUs, in the transaction under way.

    What an answer set is no reason by itself why a row differs, and least of all an order: all of the difference is for the brake.
    """
    connection.execute(
        """UPDATE sync_row SET movement_seen = (SELECT max(id) FROM movement)
           WHERE channel_id = ? AND (sku, warehouse_id) IN (SELECT sku, warehouse_id FROM movement WHERE id > ?)""",
        (channel_id, since),
    )


def read_masters_by(connection: sqlite3.Connection, channel_id: int, second: int) -> None:
    """Have the rows where Shopify is master read by `second`, in the transaction under way."""
    connection.execute(
        """UPDATE sync_row SET read_due = min(coalesce(read_due, ?1), ?1)
           WHERE channel_id = ?2 AND master = 'shopify' AND condition IN ('settling', 'live')""",
        (second, channel_id),
    )


def out_of_reach(connection: sqlite3.Connection, channel_id: int, locations: Collection[int]) -> list[int]:
    """Which of these locations are not linked, so that nothing of them could go on."""
    linked = {
        location
        for (location,) in connection.execute(
            "SELECT location_id FROM connection WHERE channel_id = ? AND warehouse_id IS NOT NULL",
            (channel_id,),
        )
    }
    return sorted(set(locations) - linked)


def take_down(connection: sqlite3.Connection, channel_id: int) -> None:
    """Drop everything that syncing the channel set down but its pushes, which roll back is made of; in the transaction under way."""
    for table in ("fence", "sync_row", "reading", "effect", "copy_target", "cursor", "written"):
        connection.execute(f"DELETE FROM {table} WHERE channel_id = ?", (channel_id,))
    connection.execute(
        "UPDATE channel_sync SET brake = '', brake_rows = 0, let_go = NULL, followed = '' WHERE channel_id = ?",
        (channel_id,),
    )
