"""A watch that notices that its process slept: a closed laptop, a stopped process, a clock that was set. What was decided before is not acted on after.

What it does about it is to renew the lease, or to find that another has it; after a long sleep it ends the work under way, which goes
on from the account file.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from supportdesk.core.progress import Watch
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.leases import LEASE_SECONDS
from supportdesk.sync.lease import HeldLease

SHORT: Final = LEASE_SECONDS / 2
"""Seconds between two looks after which the lease is renewed before anything else is done."""
LONG: Final = 15 * 60
"""Seconds between two looks after which the work under way is ended: what it knows is old. No step of it computes for so long."""


class Slept(Exception):
    """The process slept. Not an error: whoever catches it begins anew."""


class WakefulWatch:
    """Satisfies `core.progress.Watch`, around the watch of a worker that holds a lease."""

    def __init__(self, inner: Watch, ledger: Ledger, held: HeldLease, now: Callable[[], datetime]) -> None:
        self._inner, self._ledger, self._held, self._now = inner, ledger, held, now
        self._last = now()

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        """Pass it on."""
        self._inner.report(phase, done, total, unit=unit, note=note)

    def check(self) -> None:
        """Raise `Cancelled` if told to stop, `LeaseLost` or `Slept` where time passed unseen; `LedgerError` and its kinds."""
        self._inner.check()
        self._look(0.0)

    def wait(self, seconds: float) -> None:
        """Wait that long; raises as `check`."""
        self._inner.wait(seconds)
        self._look(seconds)

    def _look(self, waited: float) -> None:
        if self._ledger.db.conn.in_transaction:
            return  # which nobody else can take the lease in; the time is noticed after it
        now = self._now()
        unseen = abs((now - self._last).total_seconds() - waited)
        self._last = now
        if unseen < SHORT:
            return
        with self._ledger.writing() as connection:
            self._held.check(connection)
        self._last = self._now()
        if unseen >= LONG:
            raise Slept
