"""Verify as a person asks for it: run, looked through row by row, written to a file. Nothing is written to the store or the ledger."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final

from supportdesk.core.progress import Watch
from supportdesk.core.verify import VerifiedRow, VerifyState, VerifyTotals
from supportdesk.desk import Desk, saving
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.errors import NotLoaded, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from supportdesk.ledger.verifying import Findings

_AT_ONCE: Final = 500


class Verified:
    """What verifying found. `close` it; a context manager closes too."""

    def __init__(self, totals: VerifyTotals, findings: Findings) -> None:
        """Over `findings`, which it closes."""
        self.totals = totals
        self._findings = findings
        self._in_use = threading.Lock()

    def table(self, state: VerifyState | None = None) -> VerifiedTable:
        """The rows in that state, or all that are not the same: what differs first."""
        return VerifiedTable(self, state)

    def count(self, state: VerifyState | None) -> int:
        """How many rows there are in that state, or in any but *same*."""
        with self._in_use:
            return self._findings.count(state)

    def window(self, start: int, limit: int, state: VerifyState | None) -> Sequence[VerifiedRow]:
        """Rows from `start` on, `limit` at most."""
        with self._in_use:
            return self._findings.window(start, limit, state)

    def rows(self, state: VerifyState | None = None) -> Iterator[VerifiedRow]:
        """All of them, one by one."""
        start = 0
        while rows := self.window(start, _AT_ONCE, state):
            yield from rows
            start += len(rows)

    def close(self) -> None:
        """Let it go. Closing twice does nothing."""
        with self._in_use:
            self._findings.close()

    def __enter__(self) -> Verified:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class VerifiedTable:
    """Its rows by position, for a screen. Closing it leaves what was found: that is closed by whoever verified."""

    def __init__(self, verified: Verified, state: VerifyState | None) -> None:
        self._verified, self._state = verified, state
        self._count = verified.count(state)

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    def window(self, start: int, limit: int) -> Sequence[VerifiedRow]:
        """Rows from `start` on, `limit` at most."""
        return self._verified.window(start, limit, self._state)

    def close(self) -> None:
        """Nothing: see `Verified.close`."""


def verify(desk: Desk, channel: str, watch: Watch) -> Verified:
    """Compare every row of the channel's linked locations with what the ledger wants there (PROTOCOL §6).

    Of a channel that is off, and of opened exports, the numbers as they stand. Works read-only and beside a running worker. Raises
    `UnknownName`, `NotLoaded`, `Refused` where no location is linked, `CredentialMissing`, what the store raises, `Cancelled`.
    """
    from supportdesk.desk import connecting, worker
    from supportdesk.ledger import catalog
    from supportdesk.ledger.file import open_ledger
    from supportdesk.ledger.verifying import Findings, is_linked
    from supportdesk.sync.verify import VerifyJob
    from supportdesk.sync.verify import verify as run

    with opened_channel(desk, channel) as (ledger, record):
        if catalog.load_counts(ledger, record.id) is None:
            raise NotLoaded(
                f"{channel} has not been loaded yet.", f"Load it first: supportdesk load {channel}"
            )
        if not is_linked(ledger.db.conn, record.id):
            raise Refused(
                f"No location of {record.handle} is linked to a warehouse, so there is nothing to compare.",
                "Link one first: supportdesk link",
            )
        path = ledger.path
    cadence, _ = worker.paces(desk)
    findings = Findings()
    try:
        with contextlib.ExitStack() as stack:
            reading = stack.enter_context(open_ledger(path, read_only=True, now=desk.now))
            store = None
            if record.source == "shopify":
                store = stack.enter_context(connecting.open_store(desk, record))
            totals = run(VerifyJob(reading, record, store, findings, cadence.margins, desk.now, watch))
    except BaseException:
        findings.close()
        raise
    return Verified(totals, findings)


def save_verified(
    verified: Verified, target: Path, *, state: VerifyState | None, replace: bool, watch: Watch
) -> int:
    """Write the rows in that state, or all that are not the same, to a CSV or JSON file; how many. Raises `Refused`, `OutputLost`."""
    rows = verified.rows(state)
    if saving.is_json(target):
        return saving.save_json(target, (row._asdict() for row in rows), replace=replace, watch=watch)
    return saving.save_csv(target, VerifiedRow._fields, rows, replace=replace, watch=watch)
