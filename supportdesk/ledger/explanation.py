"""What is kept of a row that explains its number: settled number, pushes, effects, the last reading; and a SKU's events. Sums are `core.explanation`'s."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, get_args

from supportdesk.core.effects import Margins
from supportdesk.core.explanation import (
    ExplainedLine,
    LastReading,
    RowExplanation,
    SkuEvent,
    newest_first,
    outside,
)
from supportdesk.core.looks import RowKey
from supportdesk.core.rows import RowNumbers
from supportdesk.ledger import cursors, sync_rows
from supportdesk.ledger.movements import MovementKind
from supportdesk.ledger.sync_rows import SyncRow

_MOVED: Final = get_args(MovementKind)
"""Kinds of events that have their movement beside them."""


def row_explained(
    connection: sqlite3.Connection, channel_id: int, key: RowKey, limit: int, wanted: int | None
) -> RowExplanation | None:
    """How the row's number comes about, with at most `limit` lines, the newest; None where the channel does not sync the row.

    `wanted` is what the ledger wants it to show.
    """
    row = sync_rows.row_of(connection, channel_id, key)
    if row is None:
        return None
    every = newest_first(
        [*_effects(connection, channel_id, row, limit), *_pushes(connection, channel_id, row, limit)]
    )
    newest = every[:limit]
    earlier = row.own + row.pushed - sum(line.units for line in newest if line.counts)
    listed = sum(1 for line in newest if line.counts)
    count = _count(connection, channel_id, row)
    reading = _reading(connection, channel_id, row)
    bounds = row.state.bounds
    (stopped,) = connection.execute(
        "SELECT stopped FROM sync_row WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (channel_id, *key),
    ).fetchone()
    lies = 0
    if reading is not None and bounds is not None and row.state.condition == "live":
        margins = cursors.margins(connection, channel_id, Margins())
        lies = outside(reading, bounds, row.t0, earlier, newest, margins)
    return RowExplanation(
        condition=row.state.condition,
        reason=row.state.reason,
        master=row.master,
        t0=row.t0,
        settled=bounds,
        readings=row.state.readings,
        should_show=row.shows,
        earlier=earlier,
        earlier_count=count - listed,
        lines=tuple(reversed(newest)),
        wanted=wanted,
        reading=reading,
        suspected=row.state.suspect.change if row.state.suspect else 0,
        outside=lies,
        stopped=stopped,
    )


_PUSHED: Final = """FROM push_row AS row JOIN push ON push.id = row.push_id
    WHERE row.item_id = ? AND row.location_id = ? AND push.channel_id = ? AND push.state IN ('stored', 'done') AND push.stored >= ?"""
_OWN: Final = "FROM effect WHERE effect.channel_id = ? AND effect.item_id = ? AND effect.location_id = ? AND effect.available <> 0"


def _effects(
    connection: sqlite3.Connection, channel_id: int, row: SyncRow, limit: int
) -> Iterator[ExplainedLine]:
    rows = connection.execute(
        f"""SELECT effect.kind, effect.available, effect.earliest, effect.latest, coalesce((
                SELECT name FROM store_order WHERE store_order.channel_id = effect.channel_id AND store_order.id = effect.order_id), '')
            {_OWN} ORDER BY effect.latest DESC, effect.earliest DESC, effect.id DESC LIMIT ?""",
        (channel_id, *row.key, limit),
    )
    return (ExplainedLine(*values) for values in rows)


def _pushes(
    connection: sqlite3.Connection, channel_id: int, row: SyncRow, limit: int
) -> Iterator[ExplainedLine]:
    rows = connection.execute(
        f"""SELECT push.kind, row.change, push.stored, coalesce(push.acknowledged, push.stored), row.reference, row.cause,
                row.detail, push.state = 'done' {_PUSHED} ORDER BY push.id DESC LIMIT ?""",
        (*row.key, channel_id, row.t0, limit),
    )
    for kind, change, stored, acknowledged, reference, cause, detail, done in rows:
        what: Any = "push" if kind == "difference" else "undo"
        yield ExplainedLine(what, change, stored, acknowledged, reference, cause, detail, bool(done))


def _count(connection: sqlite3.Connection, channel_id: int, row: SyncRow) -> int:
    """How many lines there are that count."""
    (own,) = connection.execute(f"SELECT count(*) {_OWN}", (channel_id, *row.key)).fetchone()
    (pushed,) = connection.execute(
        f"SELECT count(*) {_PUSHED} AND push.kind = 'difference'", (*row.key, channel_id, row.t0)
    ).fetchone()
    return int(own + pushed)


def _reading(connection: sqlite3.Connection, channel_id: int, row: SyncRow) -> LastReading | None:
    found = connection.execute(
        """SELECT available, committed, on_hand, incoming, reserved, damaged, safety_stock, quality_control, started, ended
           FROM reading WHERE channel_id = ? AND item_id = ? AND location_id = ? ORDER BY id DESC LIMIT 1""",
        (channel_id, *row.key),
    ).fetchone()
    return None if found is None else LastReading(RowNumbers(*found[:8]), *found[8:])


_EVENTS: Final = f"FROM event WHERE sku = ? AND sku > '' AND kind NOT IN ({', '.join('?' for _ in _MOVED)})"


def events_of(connection: sqlite3.Connection, sku: str, limit: int) -> tuple[SkuEvent, ...]:
    """What happened to the SKU without moving stock, in every channel of the account, newest first; at most `limit`."""
    rows = connection.execute(
        f"""SELECT id, at, kind, channel, who, place, reference, detail, number_before, number_after {_EVENTS}
            ORDER BY id DESC LIMIT ?""",
        (sku, *_MOVED, limit),
    )
    return tuple(SkuEvent(row[0], datetime.fromisoformat(row[1]), *row[2:]) for row in rows)


def event_count(connection: sqlite3.Connection, sku: str) -> int:
    """How many of them there are."""
    (count,) = connection.execute(f"SELECT count(*) {_EVENTS}", (sku, *_MOVED)).fetchone()
    return int(count)
