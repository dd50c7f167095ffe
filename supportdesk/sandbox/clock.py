"""The sandbox's clock and its time format. Whatever in here depends on time asks this clock, so that a run can be repeated."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Where a clock begins that is not told: a Monday morning after 2026-10 became stable."""


class Clock:
    """A clock that runs from `start` at the speed of real time, and that can be moved forward or stopped.

    `running=False` gives a clock that moves only by `advance`: what tests want.
    """

    def __init__(
        self,
        start: datetime = START,
        *,
        running: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a time zone")
        self._at = start.astimezone(UTC)
        self._monotonic = monotonic
        self._running = running
        self._since = monotonic()
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether it moves by itself."""
        return self._running

    def now(self) -> datetime:
        """The sandbox's time, in UTC."""
        with self._lock:
            return self._now()

    def _now(self) -> datetime:
        if not self._running:
            return self._at
        return self._at + timedelta(seconds=self._monotonic() - self._since)

    def seconds(self) -> float:
        """The sandbox's time as seconds since 1970: for differences."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> datetime:
        """Move forward by `seconds` (0 or more) and say the new time. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("the clock does not go back")
        with self._lock:
            self._at += timedelta(seconds=seconds)
            return self._now()

    def run(self, running: bool) -> datetime:
        """Start or stop it, and say the time."""
        with self._lock:
            self._at = self._now()
            self._since = self._monotonic()
            self._running = running
            return self._at


def stamp(moment: datetime) -> str:
    """`moment` as Shopify writes a DateTime: `2026-11-23T09:00:00Z`. Stamps sort as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
