"""How the home's worker stands, for a person: whether it runs, how it was started, which channels it serves, and what keeps it from one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from supportdesk.desk import Desk, accounts, worker, worker_files, worker_unit
from supportdesk.desk.worker_unit import Unit

if TYPE_CHECKING:
    from supportdesk.ledger.waiting_work import Attended


@dataclass(frozen=True, slots=True)
class ServedChannel:
    """A channel that is on, or that a plan is being applied to."""

    channel: str
    account: str
    is_on: bool
    kept_by: str
    """Who syncs it, in words; '' for nobody."""
    last_cycle: datetime | None
    next_cycle: datetime | None
    """None while a cycle runs, and where nobody syncs it."""
    trouble: str
    """Why no cycle comes to its end, '' where they do; may quote foreign text."""

    @property
    def words(self) -> str:
        """One line: `on, synced at 14:02Z by …, next at 14:12Z`, `on, nobody syncing since 14:40Z`."""
        state = "on" if self.is_on else "a plan is being applied"
        if not self.kept_by:
            since = f" since {_clock(self.last_cycle)}" if self.last_cycle else ""
            said = f"{state}, nobody syncing{since}"
        else:
            when = f"synced at {_clock(self.last_cycle)} by" if self.last_cycle else "synced by"
            after = f", next at {_clock(self.next_cycle)}" if self.next_cycle else ""
            said = f"{state}, {when} {self.kept_by}{after}"
        return f"{said}. {self.trouble}" if self.trouble else said


@dataclass(frozen=True, slots=True)
class WorkerView:
    """All of it."""

    process: int | None
    """None where no worker runs."""
    unit: Unit | None
    """None where none is installed for this home."""
    channels: tuple[ServedChannel, ...]


def view(desk: Desk) -> WorkerView:
    """How it stands now. Opens no account file for writing, and waits for nobody."""
    process = worker.status(desk).process
    said = worker_files.troubles(desk) if process else {}
    now = desk.now()
    return WorkerView(
        process,
        worker_unit.unit_of(desk),
        tuple(
            _served(each, slug, now, said.get((slug, each.channel_id), ""))
            for slug in accounts.account_slugs(desk)
            for each in _attended(desk, slug)
        ),
    )


def _attended(desk: Desk, account: str) -> list[Attended]:
    from supportdesk.ledger.waiting_work import attended

    return attended(desk.home.account_file(account))


def _served(found: Attended, account: str, now: datetime, said: str) -> ServedChannel:
    from supportdesk.sync.lease import is_gone

    lease = found.lease
    live = lease is not None and lease.is_live(now) and not is_gone(lease)
    kept_by = ""
    if lease is not None and live:
        here = lease.process == os.getpid()
        kept_by = "this program" if here else f"process {lease.process} on {lease.host}"
    return ServedChannel(
        *(found.handle, account, found.sync == "on", kept_by),
        *(found.cycled_at, found.next_cycle_at if live else None, said or found.trouble),
    )


def _clock(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%MZ}" if at else ""
