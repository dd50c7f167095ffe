"""One location of a channel that is on: linked, turned round, or taken out, while the others go on. The steps of it are `sync.one_location`'s."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Final

from supportdesk.core.orders import Held, Treatment
from supportdesk.ledger import connections, kept_orders, plans
from supportdesk.ledger.applying import Applying
from supportdesk.ledger.connections import Kept
from supportdesk.ledger.plan_numbers import Place

WAITING: Final = """SELECT location_id FROM plan WHERE channel_id = ?1 AND state = 'applying' AND purpose IN ('link', 'direction')"""
"""SQL of the location that a plan under way is about, of the channel `?1`: nothing is written there until it says so."""


def waiting(connection: sqlite3.Connection, channel_id: int) -> int | None:
    """The location that a plan under way is about; None for none."""
    found = connection.execute(WAITING, (channel_id,)).fetchone()
    return int(found[0]) if found and found[0] is not None else None


def unsettled(connection: sqlite3.Connection, channel_id: int, location_id: int) -> tuple[int, int]:
    """How many rows of the location settle, and how many of them no reading has said anything of yet."""
    rows, unread = connection.execute(
        """SELECT count(*), count(*) FILTER (WHERE low IS NULL) FROM sync_row
           WHERE channel_id = ? AND location_id = ? AND condition = 'settling'""",
        (channel_id, location_id),
    ).fetchone()
    return int(rows), int(unread)


def in_flight(connection: sqlite3.Connection, channel_id: int, location_id: int) -> bool:
    """Whether the store has not answered a write to the location."""
    return bool(
        connection.execute(
            """SELECT EXISTS (SELECT 1 FROM push JOIN push_row ON push_row.push_id = push.id
               WHERE push.channel_id = ? AND push.state = 'stored' AND push_row.location_id = ?)""",
            (channel_id, location_id),
        ).fetchone()[0]
    )


def copies_under_way(connection: sqlite3.Connection, channel_id: int) -> bool:
    """Whether numbers are still to be copied for locations that are on."""
    return bool(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM copy_target WHERE channel_id = ? AND copied IS NULL AND NOT frozen)",
            (channel_id,),
        ).fetchone()[0]
    )


# The connection -----------------------------------------------------------------------------------------------------------------------


def keep_before(connection: sqlite3.Connection, plan_id: int, row: Kept | None) -> None:
    """Keep what was said of the location before the plan, in the transaction under way."""
    text = json.dumps(
        None
        if row is None
        else [row.location_name, row.warehouse_id, row.master, row.counts, row.insisted, row.event_id]
    )
    connection.execute("UPDATE plan SET connection_before = ? WHERE id = ?", (text, plan_id))


def restore_before(connection: sqlite3.Connection, plan: Applying, event_id: int) -> Kept | None:
    """Have what was said of the location before the plan, in the transaction under way; it, None where nothing was."""
    assert plan.location_id is not None
    (text,) = connection.execute(
        "SELECT connection_before FROM plan WHERE id = ?", (plan.plan_id,)
    ).fetchone()
    kept = json.loads(text) if text else None
    if kept is None:
        connections.drop(connection, plan.channel_id, plan.location_id)
        return None
    name, warehouse, master, counts, insisted, _ = kept
    row = Kept(plan.location_id, name, warehouse, master, counts, bool(insisted), event_id)
    connections.put(connection, plan.channel_id, row)
    return row


def target(connection: sqlite3.Connection, plan: Applying) -> Place:
    """What the plan makes of its location."""
    return next(
        each for each in plans.places_of(connection, plan.plan_id) if each.location_id == plan.location_id
    )


# Rows -----------------------------------------------------------------------------------------------------------------------------------


def free_copies(connection: sqlite3.Connection, channel_id: int, location_id: int) -> None:
    """Have the numbers that the location's rows follow copied from other rows no more, in the transaction under way: what was, stays."""
    connection.execute(
        """UPDATE sync_row SET copies = 0 WHERE channel_id = ?1 AND location_id <> ?2 AND copies AND (sku, warehouse_id) IN (
               SELECT sku, warehouse_id FROM sync_row WHERE channel_id = ?1 AND location_id = ?2)""",
        (channel_id, location_id),
    )


def hold_copies(connection: sqlite3.Connection, channel_id: int, location_id: int, *, adds: bool) -> None:
    """Have the numbers of the location's rows copied only once it is on (`let_copies_go`), in the transaction under way.

    With `adds` they are added to what the ledger has: the sum of the locations is its number.
    """
    sums = ", in_stock = 0, booked = 0" if adds else ""
    connection.execute(
        f"""UPDATE copy_target SET frozen = 1{sums} WHERE channel_id = ?1 AND copied IS NULL AND (sku, warehouse_id) IN (
               SELECT sku, warehouse_id FROM sync_row WHERE channel_id = ?1 AND location_id = ?2 AND copies)""",
        (channel_id, location_id),
    )


def let_copies_go(connection: sqlite3.Connection, channel_id: int) -> None:
    """Have them copied, in the transaction under way."""
    connection.execute(
        "UPDATE copy_target SET frozen = 0, unchecked = 1 WHERE channel_id = ? AND copied IS NULL AND frozen",
        (channel_id,),
    )


def booked(connection: sqlite3.Connection, channel_id: int, location_id: int) -> list[Held]:
    """What orders booked at the location since its T0."""
    return [held for held in kept_orders.booked(connection, channel_id) if held.location_id == location_id]


def take_down(
    connection: sqlite3.Connection, channel_id: int, location_id: int, treatment: Treatment, at: datetime
) -> None:
    """Drop everything that syncing the location set down but its pushes, in the transaction under way; its orders are `treatment` from now on."""
    connection.execute(
        """UPDATE store_order_line SET treatment = ?3 WHERE channel_id = ?1 AND location_id = ?2
               AND treatment IN ('booked', 'past', 'shopify_master', 'unlinked')""",
        (channel_id, location_id, treatment),
    )
    connection.execute(
        """DELETE FROM copy_target WHERE channel_id = ?1 AND ((copied IS NULL AND frozen) OR (
               (sku, warehouse_id) IN (SELECT sku, warehouse_id FROM sync_row WHERE channel_id = ?1 AND location_id = ?2)
               AND (sku, warehouse_id) NOT IN (
                   SELECT sku, warehouse_id FROM sync_row WHERE channel_id = ?1 AND location_id <> ?2 AND copies)))""",
        (channel_id, location_id),
    )
    connection.execute(
        """UPDATE alert SET closed_at = ?3 WHERE channel_id = ?1 AND code = 'held' AND closed_at IS NULL
               AND place = (SELECT name FROM location WHERE channel_id = ?1 AND id = ?2)""",
        (channel_id, location_id, at.isoformat()),
    )
    for table in ("fence", "sync_row", "reading", "effect"):
        connection.execute(
            f"DELETE FROM {table} WHERE channel_id = ? AND location_id = ?", (channel_id, location_id)
        )


def renew_levels(connection: sqlite3.Connection, channel_id: int, location_id: int | None = None) -> None:
    """Have the store's levels be what synced rows show by now, in the transaction under way; of one location, or of all.

    What was loaded is of another day, and a plan about rows that are synced starts from how they are.
    """
    connection.execute(
        """UPDATE store_level SET available = now.number, on_hand = on_hand + now.number - available
           FROM (SELECT item_id, location_id, coalesce(high + pushed + own, shown) AS number FROM sync_row
                 WHERE channel_id = ?1 AND condition = 'live' AND (?2 IS NULL OR location_id = ?2)) AS now
           WHERE store_level.channel_id = ?1 AND store_level.item_id = now.item_id AND store_level.location_id = now.location_id
               AND now.number IS NOT NULL AND store_level.available IS NOT now.number""",
        (channel_id, location_id),
    )


def first_rows(connection: sqlite3.Connection, channel_id: int, location_id: int) -> None:
    """Have the location's rows read at once, in the transaction under way."""
    connection.execute(
        "UPDATE sync_row SET read_due = t0 WHERE channel_id = ? AND location_id = ? AND condition IN ('settling', 'live')",
        (channel_id, location_id),
    )
