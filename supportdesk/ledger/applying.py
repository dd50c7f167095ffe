"""Where the applying of a plan stands: asked for, each step recorded as it is done, ended. What a plan holds is elsewhere."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from supportdesk.core.connections import Master
from supportdesk.core.plan import ApplyStep, PlanFor
from supportdesk.ledger import events


@dataclass(frozen=True, slots=True)
class Applying:
    """A plan that is being applied, or was."""

    plan_id: int
    channel_id: int
    handle: str
    purpose: PlanFor
    location_id: int | None
    copies: bool
    unknown: str
    promised_included: bool | None
    state: str
    applied_by: str
    brake_rows: int | None
    t0: int | None
    master: Master | None
    """Of *link* and *direction*: who is to be master there."""
    compared_at: int | None
    """The T0 of which rows are that moved and were kept to be confirmed; None where none were."""
    step: ApplyStep | None
    """The last that is recorded; None where nobody asked for it yet."""


def plan_of(connection: sqlite3.Connection, plan_id: int) -> Applying | None:
    """How applying that plan stands; None for no such plan."""
    row = connection.execute(
        """SELECT plan.id, channel_id, channel.handle, purpose, location_id, coalesce(copies, 0), unknown, promised_included, state,
                  applied_by, brake_rows, t0, master, compared_at,
                  (SELECT step FROM plan_step WHERE plan_id = plan.id ORDER BY id DESC LIMIT 1)
           FROM plan JOIN channel ON channel.id = channel_id WHERE plan.id = ?""",
        (plan_id,),
    ).fetchone()
    if row is None:
        return None
    plan, channel, handle, purpose, location, copies, unknown, promised, *rest = row
    included = None if promised is None else bool(promised)
    return Applying(plan, channel, handle, purpose, location, bool(copies), unknown or "", included, *rest)


def under_way(connection: sqlite3.Connection, channel_id: int) -> Applying | None:
    """The plan of the channel that is being applied, None for none."""
    row = connection.execute(
        "SELECT id FROM plan WHERE channel_id = ? AND state = 'applying' ORDER BY id LIMIT 1", (channel_id,)
    ).fetchone()
    return plan_of(connection, row[0]) if row else None


def newest_applied(connection: sqlite3.Connection, channel_id: int) -> Applying | None:
    """The plan of the channel that somebody asked to be applied last, however it ended; None for none."""
    row = connection.execute(
        """SELECT plan_id FROM plan_step JOIN plan ON plan.id = plan_id WHERE channel_id = ?
           ORDER BY plan_step.id DESC LIMIT 1""",
        (channel_id,),
    ).fetchone()
    return plan_of(connection, row[0]) if row else None


def turned_off_at(connection: sqlite3.Connection, channel_id: int) -> datetime | None:
    """When sync was turned off or rolled back, where no plan was asked for since; None where it never was on."""
    plan = newest_applied(connection, channel_id)
    steps = steps_of(connection, plan.plan_id) if plan is not None else []
    done = {step for step, _, _ in steps}
    if steps and (done & {"stored", "taken_back"} or ("on" in done and steps[-1][0] == "stopped")):
        return steps[-1][1]
    return None


def ask(
    connection: sqlite3.Connection, plan: Applying, *, who: str, at: datetime, brake_rows: int | None
) -> None:
    """Have the plan applied by whichever worker has the channel, in the transaction under way."""
    connection.execute(
        "UPDATE plan SET state = 'applying', applied_by = ?, brake_rows = ? WHERE id = ?",
        (who, brake_rows, plan.plan_id),
    )
    record(connection, plan, "asked", at=at, who=who)


def set_t0(connection: sqlite3.Connection, plan: Applying, t0: int) -> None:
    """Keep the second from which orders count, in the transaction under way."""
    connection.execute("UPDATE plan SET t0 = ? WHERE id = ?", (t0, plan.plan_id))


def copying_elsewhere(connection: sqlite3.Connection, plan: Applying) -> tuple[str, int] | None:
    """(another channel of the account, SKUs) whose numbers are being copied that a copying plan is to copy too; None where nothing is.

    From its T0 until the last of its numbers was copied, a plan that copies has them to itself.
    """
    if not plan.copies and plan.unknown != "copy":
        return None
    found = connection.execute(
        """SELECT channel.handle, count(DISTINCT mine.sku) FROM plan_number AS mine JOIN (
               SELECT other.channel_id, number.sku, number.warehouse_id FROM plan AS other
               JOIN plan_number AS number ON number.plan_id = other.id
               WHERE other.state = 'applying' AND other.t0 IS NOT NULL AND (other.copies OR other.unknown = 'copy')
               UNION ALL
               SELECT channel_id, sku, warehouse_id FROM copy_target WHERE copied IS NULL AND NOT frozen
           ) AS theirs ON theirs.sku = mine.sku AND theirs.warehouse_id = mine.warehouse_id
           JOIN channel ON channel.id = theirs.channel_id
           WHERE mine.plan_id = ? AND theirs.channel_id <> ? GROUP BY channel.id ORDER BY 2 DESC LIMIT 1""",
        (plan.plan_id, plan.channel_id),
    ).fetchone()
    return (str(found[0]), int(found[1])) if found else None


def wait_for_person(connection: sqlite3.Connection, plan: Applying) -> None:
    """Keep that rows are to be confirmed as they were at the plan's T0, which is none any more; in the transaction under way."""
    connection.execute("UPDATE plan SET compared_at = t0, t0 = NULL WHERE id = ?", (plan.plan_id,))


def record(
    connection: sqlite3.Connection,
    plan: Applying,
    step: ApplyStep,
    *,
    at: datetime,
    detail: str = "",
    who: str = "",
) -> None:
    """Record that a step is done, with its event, in the transaction under way. `detail` may quote foreign text."""
    connection.execute(
        "INSERT INTO plan_step (plan_id, step, at, detail) VALUES (?, ?, ?, ?)",
        (plan.plan_id, step, at.isoformat(), detail),
    )
    events.record(
        connection,
        at=at,
        kind=f"plan_{step}",
        channel=plan.handle,
        who=who or plan.applied_by,
        detail=detail,
        reference=f"plan {plan.plan_id}",
    )


def end(
    connection: sqlite3.Connection,
    plan: Applying,
    state: Literal["applied", "refused", "stopped", "rolled_back"],
    *,
    at: datetime,
    said: str = "",
) -> None:
    """Say what came of the plan, in the transaction under way; it is never applied again."""
    connection.execute(
        "UPDATE plan SET state = ?, finished_at = ?, said = ? WHERE id = ?",
        (state, at.isoformat(), said, plan.plan_id),
    )


def replace_others(connection: sqlite3.Connection, plan: Applying) -> None:
    """Have what was planned for turning on besides `plan` never applied, in the transaction under way: their rows go."""
    said = f"Plan {plan.plan_id} turned sync on."
    others = connection.execute(
        "SELECT id FROM plan WHERE channel_id = ? AND purpose = 'turn-on' AND state = 'made' AND id <> ?",
        (plan.channel_id, plan.plan_id),
    ).fetchall()
    for other in others:
        for table in ("plan_row", "plan_number", "plan_elsewhere"):
            connection.execute(f"DELETE FROM {table} WHERE plan_id = ?", other)
        connection.execute("UPDATE plan SET state = 'replaced', said = ? WHERE id = ?", (said, *other))


def steps_of(connection: sqlite3.Connection, plan_id: int) -> list[tuple[ApplyStep, datetime, str]]:
    """Every recorded step of a plan with its time and what it found, the first first."""
    rows = connection.execute(
        "SELECT step, at, detail FROM plan_step WHERE plan_id = ? ORDER BY id", (plan_id,)
    )
    return [(step, datetime.fromisoformat(at), detail) for step, at, detail in rows]
