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
    planned: int
    """Rows that the plan changes, with what moved and was confirmed."""
    written: int
    """Of these, written since the plan was asked for; whatever orders and edits had written besides counts for nothing here."""
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
_CHANGES: Final = "risk NOT IN ('stays', 'held')"
"""As `core.plan.PlanTotals.store_changes` counts them."""


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
        _planned(connection, plan.plan_id) if plan else 0,
        _written(connection, plan, steps[0][1]) if plan and steps else 0,
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


def _planned(connection: sqlite3.Connection, plan_id: int) -> int:
    (count,) = connection.execute(
        f"""SELECT (SELECT coalesce(sum(store_rows), 0) FROM plan_total WHERE plan_id = ?1 AND {_CHANGES})
               + (SELECT coalesce(sum(moved.{_CHANGES}) - sum(planned.{_CHANGES}), 0) FROM plan_moved AS moved
                   JOIN plan_row AS planned USING (plan_id, item_id, location_id) WHERE plan_id = ?1)""",
        (plan_id,),
    ).fetchone()
    return int(count)


def _written(connection: sqlite3.Connection, plan: Applying, since: datetime) -> int:
    (count,) = connection.execute(
        f"""SELECT count(*) FROM (
                SELECT DISTINCT row.item_id, row.location_id FROM push JOIN push_row AS row ON row.push_id = push.id
                WHERE push.channel_id = ?1 AND push.kind = 'difference' AND push.stored_at >= ?3
                    AND (push.state = 'done' OR row.found = 'done')) AS pushed
            WHERE coalesce(
                (SELECT {_CHANGES} FROM plan_moved AS row WHERE row.plan_id = ?2
                    AND row.item_id = pushed.item_id AND row.location_id = pushed.location_id),
                (SELECT {_CHANGES} FROM plan_row AS row WHERE row.plan_id = ?2
                    AND row.item_id = pushed.item_id AND row.location_id = pushed.location_id))""",
        (plan.channel_id, plan.plan_id, since.isoformat()),
    ).fetchone()
    return int(count)


def _to_compare(connection: sqlite3.Connection, channel_id: int) -> int:
    (count,) = connection.execute(
        """SELECT count(*) FROM sync_row
           WHERE channel_id = ? AND unchecked AND condition = 'live' AND NOT stopped AND master = 'sumtracker'""",
        (channel_id,),
    ).fetchone()
    return int(count)
