"""Sync now and hard refresh: asked of whoever syncs the channel, done here where nobody does. Applying plans is in `applying`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from supportdesk.core.checks import count_of
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.errors import Claimed, Refused, StoreError, StoreUnreachable, TokenRefused

if TYPE_CHECKING:
    from supportdesk.ledger.asked import EndedCycle
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger

_LOOK_SECONDS: Final = 0.5
_PATIENCE: Final = 20.0
"""Seconds after which a standing trouble with the store is said instead of waiting on: cycles are tried again anyway."""
_ALONE: Final = 10
"""Looks at a channel that nobody syncs, after which it is done here: a worker that was started may take its time."""


@dataclass(frozen=True, slots=True)
class SyncedNow:
    """What the cycle did that began after somebody asked for it."""

    channel: str
    cycle: int
    at: datetime
    """When it ended."""
    orders: int
    """Orders that changed something."""
    pushed: int
    """Rows written with a difference."""
    undone: int
    """Edits put back."""
    held: int
    """Rows that became held or out."""
    unsettled: int
    """Writes that the store has not answered."""
    refreshed: bool
    """Whether every row was read and judged again."""
    brake: tuple[str, ...]
    """Why writes wait, a sentence each; may quote foreign text."""
    stopped_rows: int

    @property
    def text(self) -> str:
        """In words."""
        every = "Every row was read and judged again: " if self.refreshed else ""
        parts = [
            f"{count_of(self.orders, 'order')} taken in",
            f"{count_of(self.pushed, 'row')} written",
            *([f"{count_of(self.undone, 'edit')} put back"] if self.undone else []),
            *([f"{count_of(self.held, 'row')} held"] if self.held else []),
            *(
                [f"{count_of(self.unsettled, 'write')} not yet answered by the store"]
                if self.unsettled
                else []
            ),
        ]
        said = f"{every}{', '.join(parts)}."
        if self.brake:
            said += f" The brake holds {count_of(self.stopped_rows, 'row')}: {' '.join(self.brake)}"
        return said


def sync_now(desk: Desk, channel: str, watch: Watch, *, hard: bool = False) -> SyncedNow:
    """Ask for a cycle now, with `hard` for every row to be read and judged again, and wait until one that began after it has ended.

    Whoever syncs the channel does it; where nobody does, the home's worker is started, or it is done here. Stopping the watch stops
    waiting, not the cycle. Raises `UnknownName`, `Refused` (read-only; off), `Claimed` where another ledger has the store,
    `StoreUnreachable` with what the store says where cycles fail otherwise, `CredentialMissing`, `Cancelled`, `LedgerError` and its kinds.
    """
    from supportdesk.ledger import asked, events

    accounts.refuse_if_read_only(desk, "sync")
    with opened_channel(desk, channel) as (ledger, record):
        if record.sync != "on":
            raise Refused(
                f"Sync of {record.handle} is off.",
                "Turn it on first: T in its settings, or supportdesk plan.",
            )
        with ledger.writing() as connection:
            number = asked.ask(connection, record.id, desk.now(), hard=hard)
            events.record(
                connection,
                at=desk.now(),
                kind="hard_refresh" if hard else "sync_now",
                channel=record.handle,
                who=accounts.who(),
            )
        return _waited(desk, ledger, record, number, watch, hard)


def _waited(
    desk: Desk, ledger: Ledger, record: ChannelRecord, number: int, watch: Watch, hard: bool
) -> SyncedNow:
    from supportdesk.ledger import alerts, asked, leases

    connection = ledger.db.conn
    total: dict[str, int] = {}
    counted, alone, waited = number - 1, 0, 0.0
    _find_somebody(desk, record)
    while True:
        watch.check()
        found = asked.ended(connection, record.id)
        if found.number > counted:
            for name, count in found.found.items():
                total[name] = count if name == "unsettled" else total.get(name, 0) + count
            counted, waited = found.number, 0.0
        if found.number >= number and not (hard and asked.is_refreshing(connection, record.id)):
            return _synced(ledger, record, found, total, hard)
        trouble = alerts.open_trouble(connection, record.id)
        if trouble and waited > _PATIENCE:
            raise _trouble(ledger, record, trouble)
        _report(ledger, record, watch, trouble, hard)
        lease = leases.lease_of(connection, record.id)
        alone = 0 if lease is not None and lease.is_live(desk.now()) else alone + 1
        if alone > _ALONE:
            _do_here(desk, ledger, record, watch)
            alone = 0
            continue
        watch.wait(_LOOK_SECONDS)
        waited += _LOOK_SECONDS


def _trouble(ledger: Ledger, record: ChannelRecord, text: str) -> Claimed | StoreError:
    from supportdesk.ledger import alerts

    if alerts.is_open(ledger.db.conn, record.id, "claim"):
        return Claimed(
            text.removeprefix(f"{Claimed.title}: "),
            f"Turn sync off there; or turn it off here (supportdesk turn-off {record.handle} --confirm={record.handle}), "
            "and take the store over with a new plan.",
        )
    if alerts.is_open(ledger.db.conn, record.id, "token"):
        return TokenRefused(
            text.removeprefix(f"{TokenRefused.title}: "), "Sync goes on by itself then; nothing was lost."
        )
    return StoreUnreachable(text, "It is tried again by itself; nothing was lost.")


def _find_somebody(desk: Desk, record: ChannelRecord) -> None:
    """Start the home's worker where nobody syncs the channel; nothing where only this process has the token."""
    import contextlib

    from supportdesk.desk import connecting, worker

    if not connecting.credential_store(desk).read(record.handle).variable:
        with contextlib.suppress(Refused):
            worker.make_sure(desk)


def _do_here(desk: Desk, ledger: Ledger, record: ChannelRecord, watch: Watch) -> None:
    """Run what is due in this process: nobody else does it."""
    from supportdesk.desk import serving

    serving.serve_channel(desk, ledger.account, record.id, watch, once=True)


def _report(ledger: Ledger, record: ChannelRecord, watch: Watch, trouble: str, hard: bool) -> None:
    from supportdesk.ledger import asked, sync_rows

    left = asked.rows_left(ledger.db.conn, record.id) if hard else None
    if left is None:
        watch.report("Waiting for the cycle", note=trouble)
        return
    rows = sync_rows.by_condition(ledger.db.conn, record.id)
    total = sum(count for condition, count in rows.items() if condition != "out")
    phase = "Reading every row again" if left else "Waiting for orders that may still appear"
    watch.report(phase, total - left, total, unit="rows", note=trouble)


def _synced(
    ledger: Ledger, record: ChannelRecord, found: EndedCycle, total: dict[str, int], hard: bool
) -> SyncedNow:
    from supportdesk.ledger import tallies

    brake, stopped = tallies.brake(ledger.db.conn, record.id)
    assert found.at is not None
    return SyncedNow(
        channel=record.handle,
        cycle=found.number,
        at=found.at,
        **{name: total.get(name, 0) for name in ("orders", "pushed", "undone", "held", "unsettled")},
        refreshed=hard,
        brake=brake,
        stopped_rows=stopped,
    )
