"""What a rehearsal came to: looked at in the pretend account, kept with the real plan so that Review can say it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from supportdesk.core.rehearsal import Verdict
from supportdesk.desk import Desk, accounts
from supportdesk.desk.duplicates import opened_channel

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.desk.rehearsing import Rehearsal

KIND: Final = "rehearsed"
"""Of the event that keeps it."""


class Rehearsed(NamedTuple):
    """That a plan was rehearsed."""

    at: datetime
    who: str
    said: str
    """`as planned`, or what was not."""


def verdict(rehearsal: Rehearsal) -> Verdict:
    """How the rehearsal stands against its plan. Raises what opening the pretend account raises."""
    from supportdesk.ledger import rehearsed

    with opened_channel(rehearsal.desk, rehearsal.channel) as (ledger, record):
        return rehearsed.verdict(ledger.db.conn, record.id, rehearsal.plan_id)


def keep(desk: Desk, channel: str, plan_id: int, found: Verdict) -> None:
    """Keep with the real plan what its rehearsal came to. Nothing is kept read-only."""
    from supportdesk.ledger import events

    if desk.settings.read_only:
        return
    with opened_channel(desk, channel) as (ledger, record), ledger.writing() as connection:
        events.record(
            connection,
            at=desk.now(),
            kind=KIND,
            channel=record.handle,
            who=accounts.who(),
            detail=found.short,
            reference=str(plan_id),
        )


def last(connection: sqlite3.Connection, channel: str, plan_id: int | None) -> Rehearsed | None:
    """The last rehearsal of that plan; None where there was none."""
    row = connection.execute(
        """SELECT at, who, detail FROM event WHERE id > (SELECT event_id FROM plan WHERE id = ?1)
           AND channel = ?2 AND kind = ?3 AND reference = CAST(?1 AS TEXT) ORDER BY id DESC LIMIT 1""",
        (plan_id, channel, KIND),
    ).fetchone()
    return Rehearsed(datetime.fromisoformat(row[0]), row[1], row[2]) if row else None
