"""What a load did to connections beyond keeping each with its location, told in events. How they follow is in `connections`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from supportdesk.core.connections import reopened_words, said, summed_words, unrestored_words
from supportdesk.ledger import connections, events, warehouses


@dataclass(frozen=True, slots=True)
class Standing:
    """What may change for the worse while connections follow their locations."""

    unrestored: frozenset[int]
    """Revisions of what was said of locations that are there without it."""
    answered: frozenset[int]
    """Warehouses with several locations of the channel of which it is answered whose count is copied."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Whose events they are, and when."""

    at: datetime
    channel: str
    """Handle."""
    who: str


def standing(connection: sqlite3.Connection, channel_id: int) -> Standing:
    """How things stand in the transaction under way; to be asked before the locations are replaced."""
    return Standing(
        frozenset(row.event_id for row in connections.unrestored(connection, channel_id)),
        frozenset(
            warehouse_id
            for warehouse_id in _with_several(connection, channel_id)
            if connections.answer_on(connection, channel_id, warehouse_id) is not None
        ),
    )


def tell(connection: sqlite3.Connection, channel_id: int, before: Standing, telling: Telling) -> None:
    """Record an event for each connection that could not be restored, and for each answer that was lost, since `before`."""
    there = warehouses.by_id(connection)
    for row in connections.unrestored(connection, channel_id):
        if row.event_id not in before.unrestored and row.warehouse_id is not None:
            was = said(there[row.warehouse_id], row.master)
            _record(connection, telling, "unlink", row.location_name, unrestored_words(was))
    for warehouse_id in sorted(before.answered & _with_several(connection, channel_id)):
        if connections.answer_on(connection, channel_id, warehouse_id) is None:
            warehouse = there[warehouse_id]
            event = _record(connection, telling, "counts", warehouse.name, reopened_words(warehouse))
            connections.reopen_counts(connection, channel_id, warehouse_id, event)


def forget_sums(connection: sqlite3.Connection, channel_id: int, telling: Telling) -> None:
    """Have it asked again whose count is copied into warehouses that take the sum of their locations, in the transaction under way.

    With sync each of the locations came to show the sum: copied once more it would be added up as often as there are locations.
    """
    there = warehouses.by_id(connection)
    for warehouse_id in sorted(_with_several(connection, channel_id)):
        if connections.answer_on(connection, channel_id, warehouse_id) == connections.SUM:
            event = _record(
                connection, telling, "counts", there[warehouse_id].name, summed_words(there[warehouse_id])
            )
            connections.reopen_counts(connection, channel_id, warehouse_id, event)


def _with_several(connection: sqlite3.Connection, channel_id: int) -> frozenset[int]:
    rows = connection.execute(
        "SELECT warehouse_id FROM connection WHERE channel_id = ? AND warehouse_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
        (channel_id,),
    )
    return frozenset(warehouse_id for (warehouse_id,) in rows)


def _record(connection: sqlite3.Connection, telling: Telling, kind: str, place: str, detail: str) -> int:
    return events.record(
        connection,
        at=telling.at,
        kind=kind,
        channel=telling.channel,
        who=telling.who,
        place=place,
        detail=detail,
    )
