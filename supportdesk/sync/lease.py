"""The lease as the engine holds it: taken, checked in every write, given back (PROTOCOL §3)."""

from __future__ import annotations

import os
import socket
import sqlite3
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from supportdesk.ledger import events, leases
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.leases import Lease


class HeldLease:
    """A channel's lease in this process's hands. Satisfies `engine.Fenced`."""

    def __init__(self, lease: Lease, now: Callable[[], datetime]) -> None:
        self.lease = lease
        self.taken_at = now()
        self._now = now

    def check(self, connection: sqlite3.Connection) -> None:
        """Renew it in the transaction under way. Raises `errors.LeaseLost` where somebody else syncs the channel by now."""
        self.lease = leases.renew(connection, self.lease, self._now())

    @property
    def is_short(self) -> bool:
        """Whether it is time to renew it, by what this process wrote last: half of it is over, or the clock was set back."""
        left = (self.lease.expires_at - self._now()).total_seconds()
        return not leases.LEASE_SECONDS / 2 < left <= leases.LEASE_SECONDS

    def give_back(self, ledger: Ledger) -> None:
        """End it, so that the next worker need not wait until it has run out."""
        with ledger.writing() as connection:
            leases.give_back(connection, self.lease)


def take_lease(
    ledger: Ledger, channel_id: int, *, person: str, now: Callable[[], datetime], by_force: bool = False
) -> HeldLease | None:
    """The channel's lease for a new engine in this process; None where another holds it, in a process that lives.

    `by_force` takes it from whoever holds it, who finds that at the next write. Where the holder before ended without giving it back,
    an event says that sync goes on. Raises `LedgerError` and its kinds.
    """
    with ledger.writing() as connection:
        before = leases.lease_of(connection, channel_id)
        lease = leases.take(
            connection,
            channel_id,
            holder=str(uuid.uuid4()),
            person=person,
            host=host_name(),
            process=os.getpid(),
            now=now(),
            is_gone=lambda other: by_force or is_gone(other),
        )
        if lease and before and not by_force:
            _tell_it_goes_on(connection, before, lease)
    return HeldLease(lease, now) if lease else None


def _tell_it_goes_on(connection: sqlite3.Connection, before: Lease, lease: Lease) -> None:
    silent = lease.taken_at - (before.expires_at - timedelta(seconds=leases.LEASE_SECONDS))
    moved = f"on {lease.host} instead of {before.host}, " if lease.host != before.host else ""
    (handle,) = connection.execute("SELECT handle FROM channel WHERE id = ?", (lease.channel_id,)).fetchone()
    events.record(
        connection,
        at=lease.taken_at,
        kind="went_on",
        channel=handle,
        who=lease.person,
        detail=f"sync went on in another process {moved}after {max(0, round(silent.total_seconds())):,} s",
    )


def is_gone(lease: Lease) -> bool:
    """Whether the holder was a process of this machine that has ended, so that its lease need not run out."""
    if lease.host != host_name():
        return False
    try:
        os.kill(lease.process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _has_ended(lease.process)


def _has_ended(process: int) -> bool:
    """Whether the process has ended and only its parent has not asked yet how; False where the system does not tell."""
    try:
        with open(f"/proc/{process}/stat", "rb") as told:
            return told.read().rpartition(b")")[2].split()[0] == b"Z"
    except (OSError, IndexError):
        return False


def host_name() -> str:
    """This machine's name, as others are told it."""
    return socket.gethostname().split(".", 1)[0] or "unknown"
