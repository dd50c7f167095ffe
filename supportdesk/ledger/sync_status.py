"""How sync of a channel stands, read at one moment out of what the engine and applying keep. Changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from supportdesk.core.plan import ApplyStep
from supportdesk.core.plan_view import MovedLine
from supportdesk.core.rows import RowCondition
from supportdesk.ledger import alerts, applying, channel_sync, leases, plan_moved, pushes, sync_rows, tallies
from supportdesk.ledger.applying import Applying
from supportdesk.ledger.channel_sync import ChannelSync
from supportdesk.ledger.leases import Lease


@dataclass(frozen=True, slots=True)
class Standing:
    """It."""

    plan: Applying | None
    """The plan that somebody asked to be applied last."""
    said: str
    """What came of it, '' while nothing was said. May quote foreign text."""
    steps: tuple[tuple[ApplyStep, datetime, str], ...]
    sync: ChannelSync | None
    lease: Lease | None
    rows: Mapping[RowCondition, int]
    held: tuple[tuple[str, int], ...]
    """Reasons why rows are held, with how many, most first."""
    written: int
    """Rows written with a difference since the plan was asked for."""
    to_compare: int
    """Live rows that were not compared with the ledger's numbers yet, so that they may still be written; none where Shopify is master."""
    unsettled: int
    brake: tuple[str, ...]
    stopped_rows: int
    alerts: tuple[str, ...]
    moved: int = 0
    """Rows that wait to be confirmed, for they moved since the plan was made."""
    moved_rows: tuple[MovedLine, ...] = ()
    """The first of them."""


_MOST_MOVED: Final = 50


def standing(connection: sqlite3.Connection, channel_id: int) -> Standing:
    """How sync of the channel stands."""
    plan = applying.newest_applied(connection, channel_id)
    steps = tuple(applying.steps_of(connection, plan.plan_id)) if plan else ()
    said = ""
    if plan:
        (said,) = connection.execute("SELECT said FROM plan WHERE id = ?", (plan.plan_id,)).fetchone()
    reasons = sync_rows.by_reason(connection, channel_id)
    held = [(reason, count) for (condition, reason), count in reasons.items() if condition == "held"]
    brake, stopped = tallies.brake(connection, channel_id)
    return Standing(
        plan,
        said,
        steps,
        channel_sync.channel_sync(connection, channel_id),
        leases.lease_of(connection, channel_id),
        sync_rows.by_condition(connection, channel_id),
        tuple(sorted(held, key=lambda each: -each[1])),
        _written(connection, channel_id, steps[0][1]) if steps else 0,
        _to_compare(connection, channel_id),
        len(pushes.unanswered(connection, channel_id)),
        brake,
        stopped,
        tuple(alerts.open_texts(connection, channel_id)),
        plan_moved.count(connection, plan.plan_id) if plan and plan.step == "moved" else 0,
        tuple(plan_moved.lines(connection, plan.plan_id, _MOST_MOVED))
        if plan and plan.step == "moved"
        else (),
    )


def _written(connection: sqlite3.Connection, channel_id: int, since: datetime) -> int:
    (count,) = connection.execute(
        """SELECT count(*) FROM push_row JOIN push ON push.id = push_id
           WHERE channel_id = ? AND state = 'done' AND stored_at >= ?""",
        (channel_id, since.isoformat()),
    ).fetchone()
    return int(count)


def _to_compare(connection: sqlite3.Connection, channel_id: int) -> int:
    (count,) = connection.execute(
        """SELECT count(*) FROM sync_row
           WHERE channel_id = ? AND unchecked AND condition = 'live' AND NOT stopped AND master = 'sumtracker'""",
        (channel_id,),
    ).fetchone()
    return int(count)
