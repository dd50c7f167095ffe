"""What a plan is built from, as facts that stream by, and what became of them since: the account file's side of a plan's fingerprint.

How facts become a fingerprint is `core.plan.fingerprint`; which sentences are made of changes is in `sync.plan`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from supportdesk.core.plan import Fact
from supportdesk.ledger.plan_numbers import AT_ONCE, Making, rows_of

OF_ORDERS: Final = ("order", "fulfil", "cancel", "promised", "refund", "reading", "unavailable")
"""Kinds of movements that go on by themselves: they make no plan stale (PROTOCOL §4)."""
_KINDS: Final = ", ".join(f"'{kind}'" for kind in OF_ORDERS)
_CHANGING: Final = (
    *("load", "read_again", "new_sku", "restore", "decision"),
    *("link", "unlink", "master", "counts", "warehouse", "settings", "close_at", "bundle"),
    *("add", "subtract", "set", "receive", "count", "transfer", "import", "import_sumtracker", "copy", "purchase"),
)  # fmt: skip
"""Kinds of events after which a plan is better made anew; a load may have changed nothing, which `sync.plan.stale` finds out."""


def load_facts(connection: sqlite3.Connection, making: Making) -> Iterator[Fact]:
    """Every row that the plan is about, without its numbers: items with places and SKUs, as many as `AT_ONCE` as one fact.

    In the order and the portions of `plan_rows.stream`, which sees the same while a plan is made.
    """
    rows = connection.cursor().execute(
        f"""SELECT listing.item_id, level.location_id, listing.sku {rows_of(making, "listing_item")}
            ORDER BY listing.item_id""",
        making.parameters,
    )
    while some := rows.fetchmany(AT_ONCE):
        yield some


def decision_facts(connection: sqlite3.Connection, channel_id: int) -> Iterator[Fact]:
    """Every duplicate group that needs a decision, with the one it has and whether that holds."""
    return connection.cursor().execute(
        """SELECT grouped.sku, grouped.holds, grouped.unanswered, decision.kind, decision.counts_of, decision.listing, decision.elsewhere
           FROM duplicate_group AS grouped
           LEFT JOIN decision ON decision.channel_id = grouped.channel_id AND decision.sku = grouped.sku
           WHERE grouped.channel_id = ? AND grouped.items > 1""",
        (channel_id,),
    )


def connection_facts(connection: sqlite3.Connection, making: Making) -> Iterator[Fact]:
    """Every location of the channel with its warehouse and master, and what else decides which rows follow which number.

    The location that the plan is about counts as it is to be, for it becomes so while the plan is applied.
    """
    one = making.one
    return connection.cursor().execute(
        """SELECT location.id, location.active, CASE WHEN location.id = ?2 THEN ?3 ELSE said.warehouse_id END,
               CASE WHEN location.id = ?2 THEN ?4 ELSE said.master END, CASE WHEN location.id = ?2 THEN NULL ELSE said.counts END
           FROM location LEFT JOIN connection AS said
               ON said.channel_id = location.channel_id AND said.location_id = location.id
           WHERE location.channel_id = ?1""",
        (
            making.channel_id,
            *((one.location_id, one.warehouse_id, one.master) if one else (None, None, None)),
        ),
    )


def ledger_facts(connection: sqlite3.Connection, making: Making) -> Iterator[Fact]:
    """Sumtracker's numbers but for what orders did: the newest other movement of the plan's warehouses, bundles and rules."""
    warehouses = sorted({place.warehouse_id for place in making.places})
    yield ("ledger", *connection.execute("SELECT ledger_id FROM ledger").fetchone())
    yield ("movement", newest_movement(connection, warehouses))
    yield (
        "rules",
        *connection.execute(
            "SELECT drafts, maximum FROM channel WHERE id = ?", (making.channel_id,)
        ).fetchone(),
    )
    yield from connection.cursor().execute(
        f"SELECT 'close', sku, warehouse_id, quantity FROM close_at WHERE warehouse_id IN ({_marks(warehouses)})",
        warehouses,
    )
    yield from connection.cursor().execute(
        "SELECT 'bundle', bundle_sku, component_sku, quantity FROM bundle_line"
    )


def newest_movement(connection: sqlite3.Connection, warehouses: list[int]) -> int:
    """The id of the newest movement in these warehouses that follows no order, 0 for none."""
    row = connection.execute(
        f"""SELECT id FROM movement WHERE warehouse_id IN ({_marks(warehouses)}) AND kind NOT IN ({_KINDS})
            ORDER BY id DESC LIMIT 1""",
        warehouses,
    ).fetchone()
    return int(row[0]) if row else 0


def _marks(values: list[int]) -> str:
    return ", ".join("?" for _ in values)


# Since a plan was made --------------------------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """An event since a plan was made."""

    kind: str
    sku: str
    place: str
    who: str
    at: datetime
    detail: str


def events_since(
    connection: sqlite3.Connection, channel: str, event_id: int, kinds: tuple[str, ...], limit: int
) -> list[Told]:
    """Events of those kinds about the channel, or about none, after `event_id`, oldest first."""
    marks = ", ".join("?" for _ in kinds)
    rows = connection.execute(
        f"""SELECT kind, sku, place, who, at, detail FROM event WHERE id > ? AND channel IN (?, '') AND kind IN ({marks})
            ORDER BY id LIMIT ?""",
        (event_id, channel, *kinds, limit),
    )
    return [
        Told(kind, sku, place, who, datetime.fromisoformat(at), detail)
        for kind, sku, place, who, at, detail in rows
    ]


def is_outdated(connection: sqlite3.Connection, channel: str, event_id: int) -> bool:
    """Whether anything happened since `event_id` after which a plan is better made anew. Quick: it looks at the record alone."""
    return bool(events_since(connection, channel, event_id, _CHANGING, 1))


class RowChange(NamedTuple):
    """A row of the plan that is no more as it was, or one that came."""

    sku: str
    item_id: int
    place: str
    what: str
    """`gone`, `sku`, `left_out`, `not_stocked`, `new`."""
    now: str
    """The SKU or the reason it has now."""


def row_changes(connection: sqlite3.Connection, making: Making, limit: int) -> list[RowChange]:
    """The first rows that differ between the plan and what is loaded now, those that changed before those that came."""
    parameters = {**making.parameters, "limit": limit}
    gone = connection.execute(
        f"""WITH here (item_id, location_id, sku) AS (SELECT listing.item_id, level.location_id, listing.sku {rows_of(making)})
            SELECT line.sku, line.item_id, coalesce(place.location_name, ''),
                CASE WHEN now.id IS NULL THEN 'gone' WHEN now.sku <> line.sku THEN 'sku'
                    WHEN now.left_out IS NOT NULL THEN 'left_out' ELSE 'not_stocked' END,
                coalesce(CASE WHEN now.sku <> line.sku THEN now.sku ELSE now.left_out END, '')
            FROM plan_row AS line LEFT JOIN here ON here.item_id = line.item_id AND here.location_id = line.location_id
            LEFT JOIN plan_place AS place ON place.plan_id = line.plan_id AND place.location_id = line.location_id
            LEFT JOIN listing AS now ON now.id = (SELECT min(id) FROM listing WHERE channel_id = :channel AND item_id = line.item_id)
            WHERE line.plan_id = :plan AND here.sku IS NOT line.sku ORDER BY line.sku, line.item_id LIMIT :limit""",
        parameters,
    )
    found = [RowChange(*row) for row in gone]
    new = connection.execute(
        f"""SELECT listing.sku, listing.item_id, place.name, 'new', '' {rows_of(making)} AND NOT EXISTS (
                SELECT 1 FROM plan_row AS line
                WHERE line.plan_id = :plan AND line.item_id = listing.item_id AND line.location_id = level.location_id)
            LIMIT :limit""",
        parameters,
    )
    return [*found, *(RowChange(*row) for row in new)]
