"""Watches for one piece of work: counts become progress with time left, a person's wish to stop, or too long a wait, becomes an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from supportdesk.core.progress import Progress
from supportdesk.errors import Cancelled, StoreUnreachable

_MIN_INTERVAL: Final = 0.1
"""Seconds between two reports of one phase: more cannot be read, and each is a repaint."""
_MIN_ELAPSED: Final = 1.0
"""Seconds of a phase before its speed says anything about the time left."""


class WorkWatch:
    """Satisfies `core.progress.Watch`. `on_progress` is called from the working thread; `cancel` may be called from any."""

    def __init__(
        self, on_progress: Callable[[Progress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_progress = on_progress
        self._clock = clock
        self._cancelled = threading.Event()
        self._phase = ""
        self._phase_began = 0.0
        self._began_at = 0
        self._reported = float("-inf")
        self._note = ""

    def cancel(self) -> None:
        """Ask the work to stop: it raises `Cancelled` within 0.2 s."""
        self._cancelled.set()

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        """Pass the report on, unless one of the same phase and note was passed on less than 0.1 s ago."""
        now = self._clock()
        if phase != self._phase:
            self._phase, self._phase_began, self._began_at = phase, now, done
        elif note == self._note and now - self._reported < _MIN_INTERVAL and done != total:
            return
        self._reported, self._note = now, note
        self._on_progress(Progress(phase, done, total, unit, self._seconds_left(now, done, total), note))

    def _seconds_left(self, now: float, done: int, total: int | None) -> float | None:
        elapsed, worked = now - self._phase_began, done - self._began_at
        if total is None or elapsed < _MIN_ELAPSED or worked <= 0:
            return None
        return max(0.0, (total - done) * elapsed / worked)

    def check(self) -> None:
        """Raise `Cancelled` once `cancel` was called."""
        if self._cancelled.is_set():
            raise Cancelled("You stopped it; everything is as it was before.")

    def wait(self, seconds: float) -> None:
        """Wait that long, or raise `Cancelled` as soon as `cancel` is called."""
        self._cancelled.wait(seconds)
        self.check()


class BriefWatch:
    """A watch for a question that somebody waits for, of a store that may not answer: `StoreUnreachable` once patience is at its end.

    Without `waits` it never lets anything be asked again either.
    """

    def __init__(self, seconds: float, *, waits: bool = False) -> None:
        self._end = time.monotonic() + seconds
        self._waits = waits

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Raise `StoreUnreachable` once patience is at its end."""
        if time.monotonic() > self._end:
            raise StoreUnreachable("The store takes too long to answer.", "Try again.")

    def wait(self, seconds: float) -> None:
        """Raise `StoreUnreachable` instead of waiting, or where it would be for longer than patience is."""
        if not self._waits or time.monotonic() + seconds > self._end:
            raise StoreUnreachable("The store gave no good answer in time.", "Try again.")
        time.sleep(seconds)
