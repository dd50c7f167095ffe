"""What was pushed to each row of a channel, added up by cause: what a roll back takes back. Keeping and sending pushes is elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from supportdesk.core.plan import Section, fingerprint
from supportdesk.ledger.plan_numbers import Place
from supportdesk.ledger.scope import IN_SCOPE


class PushedRow(NamedTuple):
    """What one cause added to one row."""

    item_id: int
    location_id: int
    sku: str
    store: int | None
    """Available as it was last loaded; None where it is no longer stocked there."""
    on_hand: int | None
    committed: int | None
    cause: str
    change: int


TURNED_OFF: Final = "turned off"
"""What is said of a push that the store had not answered when sync was turned off."""
_DONE: Final = f"""FROM push JOIN push_row AS row ON row.push_id = push.id
    WHERE push.channel_id = :channel
        AND (push.state = 'done' OR row.found = 'done' OR (push.state = 'expired' AND push.said = '{TURNED_OFF}'))"""
"""What the store has taken: answered so, or found by readings after a push was too old to be sent again. What it had not answered when
sync was turned off counts too: it is asked again, with the same key, before anything is taken back."""


def causes(connection: sqlite3.Connection, channel_id: int) -> dict[str, int]:
    """Units that pushes added to the store, by cause; nothing where there were none."""
    rows = connection.execute(
        f"SELECT row.cause, sum(row.change) {_DONE} GROUP BY row.cause ORDER BY row.cause",
        {"channel": channel_id},
    )
    return dict(rows.fetchall())


def in_flight(connection: sqlite3.Connection, channel_id: int) -> int:
    """Pushes that the store has not answered."""
    (count,) = connection.execute(
        "SELECT count(*) FROM push WHERE channel_id = ? AND state = 'stored'", (channel_id,)
    ).fetchone()
    return int(count)


def places(connection: sqlite3.Connection, channel_id: int) -> tuple[Place, ...]:
    """The locations that were pushed to, by name; one that is not linked any more has warehouse 0."""
    rows = connection.execute(
        f"""SELECT DISTINCT row.location_id, coalesce(location.name, said.location_name, 'location ' || row.location_id),
                coalesce(said.warehouse_id, 0), coalesce(warehouse.code, ''), 'sumtracker'
            FROM (SELECT DISTINCT row.location_id {_DONE}) AS row
            LEFT JOIN location ON location.channel_id = :channel AND location.id = row.location_id
            LEFT JOIN connection AS said ON said.channel_id = :channel AND said.location_id = row.location_id
            LEFT JOIN warehouse ON warehouse.id = said.warehouse_id
            ORDER BY 2, 1""",
        {"channel": channel_id},
    )
    return tuple(Place(*row) for row in rows)


def stream(connection: sqlite3.Connection, channel_id: int) -> Iterator[PushedRow]:
    """What each cause added to each row, by item and location."""
    rows = connection.cursor().execute(
        f"""SELECT pushed.item_id, pushed.location_id, coalesce((
                SELECT sku FROM main.listing WHERE listing.channel_id = :channel AND listing.item_id = pushed.item_id
                ORDER BY NOT {IN_SCOPE}, id LIMIT 1), ''),
                CASE WHEN level.active THEN level.available END, level.on_hand, level.committed, pushed.cause, pushed.change
            FROM (SELECT row.item_id, row.location_id, row.cause, sum(row.change) AS change {_DONE}
                GROUP BY row.item_id, row.location_id, row.cause) AS pushed
            LEFT JOIN store_level AS level ON level.channel_id = :channel AND level.item_id = pushed.item_id
                AND level.location_id = pushed.location_id
            ORDER BY pushed.item_id, pushed.location_id, pushed.cause""",
        {"channel": channel_id},
    )
    return map(PushedRow._make, rows)


def basis(connection: sqlite3.Connection, channel_id: int) -> dict[Section, str]:
    """What a roll back is built from: the sum of our pushes, but for those that followed orders, which go on by themselves."""
    rows = connection.execute(
        f"SELECT count(*), max(push.id), sum(row.change) {_DONE} AND row.cause <> 'placed'",
        {"channel": channel_id},
    )
    return {"ledger": fingerprint(rows)}


def ask_again(connection: sqlite3.Connection, channel_id: int) -> None:
    """Have what the store had not answered when sync was turned off sent again, byte for byte, in the transaction under way."""
    connection.execute(
        "UPDATE push SET state = 'stored', said = '' WHERE channel_id = ? AND state = 'expired' AND said = ?",
        (channel_id, TURNED_OFF),
    )


def sku_changes(connection: sqlite3.Connection, channel: str, limit: int) -> list[str]:
    """Which listings were given SKUs of their own, newest first; foreign text. No roll back takes these back."""
    rows = connection.execute(
        "SELECT detail FROM event WHERE channel = ? AND kind = 'new_sku' ORDER BY id DESC LIMIT ?",
        (channel, limit),
    )
    return [detail for (detail,) in rows]
