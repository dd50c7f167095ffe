"""A plan's rows against what was read of them since: which are something else in the store now, and which show another number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from supportdesk.core.looks import RowKey
from supportdesk.core.plan import PlanRow
from supportdesk.core.rows import Bounds
from supportdesk.ledger.applying import Applying

_STRUCTURE = (
    *("gone", "to_confirm", "not_stocked", "untracked", "location_inactive", "third_party"),
    *("archived", "draft", "gift_card", "bundle_parent"),
)


class OtherNow(NamedTuple):
    """A row of the plan that cannot be synced as planned any more."""

    sku: str
    location: str
    """Foreign text."""
    reason: str
    """In words."""


class MovedRow(NamedTuple):
    """A row of the plan whose number at T0 is not the one that was planned with."""

    shown: PlanRow
    """As it was planned, or as a person confirmed it since."""
    location: str
    """Foreign text."""
    at_t0: Bounds
    planned: int
    """Its number when it was planned."""
    confirmed: bool
    """Whether `shown` is what a person confirmed."""


def locations_of(connection: sqlite3.Connection, plan: Applying) -> list[int]:
    """The locations that the plan makes go live, by id."""
    rows = connection.execute(
        "SELECT DISTINCT location_id FROM plan_place WHERE plan_id = ? ORDER BY location_id", (plan.plan_id,)
    )
    return [location for (location,) in rows]


def load_time(connection: sqlite3.Connection, channel_id: int) -> tuple[datetime, datetime] | None:
    """When the load began and ended that a plan's numbers are of, None where the channel was never loaded."""
    found = connection.execute(
        "SELECT started_at, finished_at FROM load WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return (datetime.fromisoformat(found[0]), datetime.fromisoformat(found[1])) if found else None


def others_now(connection: sqlite3.Connection, plan: Applying) -> Iterator[OtherNow]:
    """Rows that were to be synced and are gone, renamed, not stocked, untracked or not ours to write since the load."""
    marks = ", ".join("?" for _ in _STRUCTURE)
    rows = connection.cursor().execute(
        f"""SELECT planned.sku, coalesce(location.name, ''), row.reason
            FROM plan_row AS planned
            JOIN sync_row AS row ON row.channel_id = ? AND row.item_id = planned.item_id
                AND row.location_id = planned.location_id AND row.code IN ({marks})
            LEFT JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id
            WHERE planned.plan_id = ? AND planned.kind <> 'held' ORDER BY planned.sku, 2""",
        (plan.channel_id, *_STRUCTURE, plan.plan_id),
    )
    return map(OtherNow._make, rows)


def unread(connection: sqlite3.Connection, plan: Applying) -> bool:
    """Whether a row settles of which no reading has said anything yet, so that nobody could compare it."""
    found = connection.execute(
        "SELECT 1 FROM sync_row WHERE channel_id = ? AND condition = 'settling' AND low IS NULL LIMIT 1",
        (plan.channel_id,),
    ).fetchone()
    return found is not None


_PLANNED = """SELECT planned.item_id, planned.location_id, planned.sku, planned.kind, coalesce(moved.risk, planned.risk),
           coalesce(moved.now, planned.before), coalesce(moved.after, planned.after),
           planned.reason, coalesce(location.name, ''), row.low, row.high, planned.before, moved.now IS NOT NULL AS confirmed
    FROM plan_row AS planned
    JOIN sync_row AS row ON row.channel_id = ? AND row.item_id = planned.item_id AND row.location_id = planned.location_id
        AND row.low IS NOT NULL
    LEFT JOIN plan_moved AS moved ON moved.plan_id = planned.plan_id AND moved.item_id = planned.item_id
        AND moved.location_id = planned.location_id
    LEFT JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id
    WHERE planned.plan_id = ? AND"""
_MOVED = """planned.kind NOT IN ('held', 'read') AND NOT coalesce(moved.now, planned.before) BETWEEN row.low AND row.high"""


def planned_row(connection: sqlite3.Connection, plan: Applying, key: RowKey) -> MovedRow | None:
    """One row as it was planned, with its number at T0, moved or not; None where it is not in the plan, or has no number yet."""
    row = connection.execute(
        f"{_PLANNED} planned.item_id = ? AND planned.location_id = ?", (plan.channel_id, plan.plan_id, *key)
    ).fetchone()
    return _moved(row) if row else None


def some_moved(connection: sqlite3.Connection, plan: Applying) -> tuple[bool, bool]:
    """Whether any row is to be explained, of those as they were planned and of those as they were confirmed since."""
    found = {
        bool(confirmed)
        for (confirmed,) in connection.execute(
            f"SELECT DISTINCT confirmed FROM ({_PLANNED} {_MOVED})",
            (plan.channel_id, plan.plan_id),
        )
    }
    return False in found, True in found


def moved_rows(connection: sqlite3.Connection, plan: Applying) -> Iterator[MovedRow]:
    """Rows that settled at another number than the plan's, or than was confirmed since, or whose bounds leave it out."""
    rows = connection.cursor().execute(f"{_PLANNED} {_MOVED}", (plan.channel_id, plan.plan_id))
    return map(_moved, rows)


def _moved(row: tuple[Any, ...]) -> MovedRow:
    *facts, location, low, high, planned, confirmed = row
    return MovedRow(PlanRow(*facts), location, Bounds(low, high), planned, bool(confirmed))
