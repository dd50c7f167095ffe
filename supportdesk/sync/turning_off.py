"""Turning sync off: open bookings are closed, the engine's tables taken down, the claim dropped (PROTOCOL §4). Turning on is in `apply`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from supportdesk.core.progress import Watch
from supportdesk.errors import CredentialMissing, StoreError
from supportdesk.ledger import applying, channel_sync, channels, events, leases, one_location
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.sync.beginning import close
from supportdesk.sync.claim import Claimant, drop_claim
from supportdesk.sync.engine import Engine
from supportdesk.sync.lease import HeldLease
from supportdesk.sync.outbox import Outbox
from supportdesk.sync.store import EngineStore


@dataclass(frozen=True, slots=True)
class TurningOff:
    """The channel that is turned off, and by whom."""

    ledger: Ledger
    channel: ChannelRecord
    open_store: Callable[[ChannelRecord], AbstractContextManager[EngineStore]]
    held: HeldLease
    person: str
    now: Callable[[], datetime]
    watch: Watch


def turn_off(job: TurningOff) -> str:
    """Stop syncing, whether or not the store answers; '' where all is done, else why the claim is still in the store.

    What was sent and never answered is sent once more before. Raises `LeaseLost`, `LedgerError` and its kinds, and `Cancelled`
    before anything was done.
    """
    said = ""
    try:
        with job.open_store(job.channel) as store:
            _finish_writes(job, store)
            _stop(job)
            drop_claim(Claimant(job.ledger, job.channel, store, job.person, job.now, job.watch))
    except (StoreError, CredentialMissing) as error:
        said = f"{error.title}: {error.detail}"
    _stop(job)
    return said


def _finish_writes(job: TurningOff, store: EngineStore) -> None:
    engine = Engine(*(job.ledger, job.channel, store, job.held), now=job.now, watch=job.watch, who=job.person)
    engine.session.renew()
    Outbox(engine.session).settle()


def _stop(job: TurningOff) -> None:
    with job.ledger.writing() as connection:
        job.held.check(connection)
        stop(connection, job.channel.id, job.now(), job.person)


def stop(connection: sqlite3.Connection, channel_id: int, at: datetime, who: str, detail: str = "") -> bool:
    """Have the channel off, in the transaction under way, and a plan of it that is being applied stopped; False where it was off.

    `detail` says why, a sentence.
    """
    record = channels.channel_of(connection, channel_id)
    plan = applying.under_way(connection, channel_id)
    if record is None or (record.sync != "on" and plan is None):
        return False
    one_location.renew_levels(connection, channel_id)
    close(connection, record, at, who)
    if record.sync == "on":
        kept = channel_sync.channel_sync(connection, channel_id)
        turned_on = applying.plan_of(connection, kept.plan_id) if kept and kept.plan_id else None
        if turned_on is not None:
            applying.record(
                connection, turned_on, "stopped", at=at, detail=detail or f"Turned off by {who}.", who=who
            )
    if plan is not None:
        said = detail or f"Stopped by {who} before it was on."
        applying.end(connection, plan, "stopped", at=at, said=said)
        applying.record(connection, plan, "stopped", at=at, detail=said, who=who)
    channel_sync.turned_off(connection, channel_id)
    events.record(connection, at=at, kind="turn_off", channel=record.handle, who=who, detail=detail)
    return True


def stop_restored(ledger: Ledger, at: datetime, who: str) -> tuple[str, ...]:
    """Have every channel of a restored account off, whoever synced it when the backup was made; which were on (DESIGN §4)."""
    with ledger.writing() as connection:
        stopped = []
        for record in channels.all_channels(ledger):
            leases.clear(connection, record.id)
            why = "Restored from a backup: nothing is pushed until a plan is approved."
            if stop(connection, record.id, at, who, why):
                stopped.append(record.handle)
    return tuple(stopped)
