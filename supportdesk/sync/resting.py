"""What a worker does between two turns: it waits, keeps its lease, and hears what is asked of it. What it works at is in `worker`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from supportdesk.core.progress import Watch
from supportdesk.errors import LeaseLost, LedgerError
from supportdesk.ledger import channel_sync, cursors, waiting_work
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.waiting_work import Mark
from supportdesk.sync.lease import HeldLease

LOOK_SECONDS: Final = 1.0
"""How often a waiting worker looks whether the ledger changed, or somebody wants something: a change is pushed at once."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How many seconds lie between cycles with nothing to do (PROTOCOL §5)."""

    slow: float = 600
    quick: float = 20
    """While somebody has the log open, and some time after turning on."""
    quick_for: float = 900
    """Seconds after turning on in which `quick` holds."""
    trouble: tuple[float, ...] = (5, 15, 60, 300)
    """After the first, second … cycle in a row that the store could not be asked in."""


class Rest:
    """The waiting of one worker that holds the lease of one channel."""

    def __init__(
        self,
        ledger: Ledger,
        channel_id: int,
        held: HeldLease,
        watch: Watch,
        now: Callable[[], datetime],
        rhythm: Rhythm,
    ) -> None:
        self._ledger, self._channel_id, self._held = ledger, channel_id, held
        self._watch, self._now, self._rhythm = watch, now, rhythm
        self._mark = waiting_work.mark(ledger.db.conn, channel_id)
        self._announced: datetime | None = None

    def begin_turn(self) -> None:
        """Say that a turn begins; what others do from here on is looked at after it."""
        connection = self._ledger.db.conn
        self._mark = self._now_seen()
        kept = channel_sync.channel_sync(connection, self._channel_id)
        if kept and kept.next_cycle_at:
            with self._ledger.writing() as connection:
                self._held.check(connection)
                channel_sync.cycling(connection, self._channel_id)
        self._announced = None

    def after_cycle(self, due: float | None) -> None:
        """Rest after a cycle, `due` seconds at most; till the next one is due, or asked for, or the ledger changed."""
        connection = self._ledger.db.conn
        # The cycle itself has looked at every movement up to its cursor, its own included.
        followed = cursors.second_of(connection, self._channel_id, "movement")
        self._mark = self._mark if followed is None else self._mark._replace(movement=followed)
        if self._is_asked():
            return
        self._mark = self._now_seen()._replace(movement=self._mark.movement)
        self._until(lambda: self._pace(due))

    def after_step(self, due: float) -> None:
        """Rest after a step of a plan, `due` seconds at most; what it did itself wakes nobody."""
        self._mark = self._now_seen()
        self._until(lambda: due)

    def after_trouble(self, pause: float) -> None:
        """Rest after the store or the account file could not be worked with.

        A person's wish ends it; a changed number does not, for nothing can be done about it.
        """
        self._mark = self._now_seen()
        self._until(lambda: pause, moved=False, patient=True)

    def _pace(self, due: float | None) -> float:
        kept = channel_sync.channel_sync(self._ledger.db.conn, self._channel_id)
        now, hurry = self._now(), timedelta(seconds=self._rhythm.quick_for)
        # Bounded on both sides: what lies in the future was written before the clock was set back.
        fresh = kept and kept.on_since and timedelta(0) <= now - kept.on_since < hurry
        watched = kept and kept.watched_until and timedelta(0) < kept.watched_until - now <= hurry
        rest = self._rhythm.quick if fresh or watched else self._rhythm.slow
        return rest if due is None else min(rest, due)

    def _until(self, pace: Callable[[], float], *, moved: bool = True, patient: bool = False) -> None:
        """Wait as long as `pace` says, by the clock, but not for longer than that either where the clock is set back."""
        connection = self._ledger.db.conn
        began, waited, version = self._now(), 0.0, -1
        seconds = pace()
        while (left := min(seconds - waited, seconds - (self._now() - began).total_seconds())) > 0:
            self._keep(began + timedelta(seconds=seconds), patient=patient)
            piece = min(left, LOOK_SECONDS)
            self._watch.wait(piece)
            waited += piece
            # Only other connections count: as long as nobody writes, there is nothing to look for.
            (seen,) = connection.execute("PRAGMA data_version").fetchone()
            if seen != version:
                self._ledger.refuse_newer()
                version, seconds = seen, pace()
                if self._is_asked(moved=moved):
                    return

    def _now_seen(self) -> Mark:
        return waiting_work.mark(self._ledger.db.conn, self._channel_id)

    def _is_asked(self, *, moved: bool = True) -> bool:
        return waiting_work.is_asked(self._ledger.db.conn, self._channel_id, self._mark, moved=moved)

    def _keep(self, until: datetime, *, patient: bool) -> None:
        """Keep the lease, and say once when the rest ends. A `patient` one goes on where the file cannot be written."""
        told = self._announced is not None and abs((until - self._announced).total_seconds()) < LOOK_SECONDS
        if told and not self._held.is_short:
            return
        try:
            with self._ledger.writing() as connection:
                self._held.check(connection)
                channel_sync.resting(connection, self._channel_id, until)
        except LeaseLost:
            raise
        except LedgerError:
            if not patient:
                raise
        self._announced = until
