"""Who syncs a channel: the lease, taken, renewed and checked in the transactions it guards (PROTOCOL §3). No waiting, no threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from supportdesk.errors import LeaseLost

LEASE_SECONDS: Final = 60
"""How long a lease holds without being renewed; decided."""
CLOCKS_APART: Final = 60
"""Seconds that the clocks of two machines with one account file may be apart; decided."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One holder's right to run the engine of one channel."""

    channel_id: int
    holder: str
    """Unique to one engine in one process."""
    person: str
    host: str
    process: int
    fencing: int
    """Grows with every holder."""
    taken_at: datetime
    expires_at: datetime

    def is_live(self, now: datetime) -> bool:
        """Whether it still holds. One that says it holds for longer than any does was written before the clock was set back."""
        return now < self.expires_at <= now + timedelta(seconds=LEASE_SECONDS + CLOCKS_APART)


def lease_of(connection: sqlite3.Connection, channel_id: int) -> Lease | None:
    """The lease kept of the channel, live or not; None where nobody ever had one, or gave it back."""
    row = connection.execute(
        """SELECT channel_id, holder, person, host, process, fencing, taken_at, expires_at
           FROM lease WHERE channel_id = ? AND holder > ''""",
        (channel_id,),
    ).fetchone()
    if row is None:
        return None
    channel, holder, person, host, process, fencing, taken_at, expires_at = row
    since, until = datetime.fromisoformat(taken_at), datetime.fromisoformat(expires_at)
    return Lease(channel, holder, person, host, process, fencing, since, until)


def take(
    connection: sqlite3.Connection,
    channel_id: int,
    *,
    holder: str,
    person: str,
    host: str,
    process: int,
    now: datetime,
    is_gone: Callable[[Lease], bool] = lambda _: False,
) -> Lease | None:
    """The channel's lease for `holder`, in the transaction under way; None where somebody else holds it now.

    `is_gone` says of a live one that its holder is no more, so that nobody need wait until it has run out.
    """
    other = lease_of(connection, channel_id)
    if other and other.holder != holder and other.is_live(now) and not is_gone(other):
        return None
    expires_at = now + timedelta(seconds=LEASE_SECONDS)
    (fencing,) = connection.execute(
        """INSERT INTO lease (channel_id, holder, person, host, process, fencing, taken_at, expires_at)
           VALUES (?, ?, ?, ?, ?, 1, ?, ?)
           ON CONFLICT (channel_id) DO UPDATE SET holder = excluded.holder, person = excluded.person, host = excluded.host,
               process = excluded.process, fencing = fencing + 1, taken_at = excluded.taken_at, expires_at = excluded.expires_at
           RETURNING fencing""",
        (channel_id, holder, person, host, process, now.isoformat(), expires_at.isoformat()),
    ).fetchone()
    return Lease(channel_id, holder, person, host, process, fencing, now, expires_at)


def renew(connection: sqlite3.Connection, lease: Lease, now: datetime) -> Lease:
    """The lease, made to last from `now` on, in the transaction under way. Raises `LeaseLost` where another holder took it.

    One that ran out and that nobody took is renewed too: its fencing number still is the newest.
    """
    renewed = replace(lease, expires_at=now + timedelta(seconds=LEASE_SECONDS))
    kept = connection.execute(
        "UPDATE lease SET expires_at = ? WHERE channel_id = ? AND holder = ? AND fencing = ?",
        (renewed.expires_at.isoformat(), lease.channel_id, lease.holder, lease.fencing),
    ).rowcount
    if not kept:
        raise LeaseLost("Another worker syncs this channel now.", "Nothing to do: it goes on there.")
    return renewed


def clear(connection: sqlite3.Connection, channel_id: int) -> None:
    """End whatever lease there is, in the transaction under way: its holder worked on another file."""
    connection.execute("UPDATE lease SET holder = '' WHERE channel_id = ?", (channel_id,))


def give_back(connection: sqlite3.Connection, lease: Lease) -> None:
    """End the lease, so that the next holder need not wait; nothing where it was lost."""
    connection.execute(
        "UPDATE lease SET holder = '' WHERE channel_id = ? AND holder = ? AND fencing = ?",
        (lease.channel_id, lease.holder, lease.fencing),
    )
