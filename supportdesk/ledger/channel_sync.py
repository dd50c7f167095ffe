"""A channel's sync as a whole: on or off, since when, which plan, and whose claim the store showed. Rows are elsewhere."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChannelSync:
    """What is kept of it."""

    on_since: datetime | None
    """None while off, and while a plan that turns it on is under way."""
    plan_id: int | None
    """The plan that turned it on, or is about to."""
    cycle: int
    cycled_at: datetime | None
    claim: str
    """The claim as last seen in the store, '' for none."""
    claim_digest: str
    claim_checked_at: datetime | None
    brake: str
    """Why writes wait, '' where they don't."""
    next_cycle_at: datetime | None = None
    """When the worker means to begin the next cycle; None while one runs, and where none ever rested."""
    watched_until: datetime | None = None
    """Until when somebody has the log open, so that cycles follow each other quickly."""
    cycle_wanted_at: datetime | None = None
    """When a person asked for a cycle that has not begun yet; None where nobody did."""


def channel_sync(connection: sqlite3.Connection, channel_id: int) -> ChannelSync | None:
    """What is kept of the channel's sync; None where it was never on."""
    row = connection.execute(
        """SELECT on_since, plan_id, cycle, cycled_at, claim, claim_digest, claim_checked_at, brake,
               next_cycle_at, watched_until, cycle_wanted_at
           FROM channel_sync WHERE channel_id = ?""",
        (channel_id,),
    ).fetchone()
    if row is None:
        return None
    on_since, plan_id, cycle, cycled_at, claim, digest, checked_at, brake, *asked = row
    return ChannelSync(
        *(_time(on_since), plan_id, cycle, _time(cycled_at), claim, digest, _time(checked_at), brake),
        *map(_time, asked),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def make_sure(connection: sqlite3.Connection, channel_id: int) -> None:
    """Have a row for the channel, in the transaction under way."""
    connection.execute(
        "INSERT INTO channel_sync (channel_id) VALUES (?) ON CONFLICT DO NOTHING", (channel_id,)
    )


def keep_claim(
    connection: sqlite3.Connection, channel_id: int, value: str, digest: str | None, at: datetime
) -> None:
    """Keep what the store showed of its claim, in the transaction under way."""
    make_sure(connection, channel_id)
    connection.execute(
        "UPDATE channel_sync SET claim = ?, claim_digest = ?, claim_checked_at = ? WHERE channel_id = ?",
        (value, digest or "", at.isoformat(), channel_id),
    )


def turned_on(connection: sqlite3.Connection, channel_id: int, plan_id: int, at: datetime) -> None:
    """Say that the channel is on by this plan, in the transaction under way."""
    make_sure(connection, channel_id)
    connection.execute(
        "UPDATE channel_sync SET on_since = ?, plan_id = ? WHERE channel_id = ?",
        (at.isoformat(), plan_id, channel_id),
    )
    connection.execute("UPDATE channel SET sync = 'on' WHERE id = ?", (channel_id,))


def turned_off(connection: sqlite3.Connection, channel_id: int) -> None:
    """Say that the channel is off, in the transaction under way."""
    connection.execute(
        "UPDATE channel_sync SET on_since = NULL, plan_id = NULL, brake = '' WHERE channel_id = ?",
        (channel_id,),
    )
    connection.execute("UPDATE channel SET sync = 'off' WHERE id = ?", (channel_id,))


def resting(connection: sqlite3.Connection, channel_id: int, until: datetime) -> None:
    """Say when the next cycle begins, in the transaction under way."""
    connection.execute(
        "UPDATE channel_sync SET next_cycle_at = ? WHERE channel_id = ?", (until.isoformat(), channel_id)
    )


def cycling(connection: sqlite3.Connection, channel_id: int) -> None:
    """Say that a cycle runs, in the transaction under way."""
    connection.execute("UPDATE channel_sync SET next_cycle_at = NULL WHERE channel_id = ?", (channel_id,))


def watch_until(connection: sqlite3.Connection, channel_id: int, until: datetime) -> None:
    """Say that somebody looks at what sync does, in the transaction under way. No event: it changes nothing."""
    connection.execute(
        "UPDATE channel_sync SET watched_until = ? WHERE channel_id = ?", (until.isoformat(), channel_id)
    )
