"""A shop's own time: what is due happens in order, at its moment, however late somebody looks. It knows neither stock nor orders.

Nothing runs on a thread: whoever asks a shop something lets it catch up first, so a run on an injected clock is repeatable.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from supportdesk.sandbox.clock import Clock

_ROUNDING: Final = 1e-6
"""A clock counts microseconds, times of what is due are fractions: so much may be between equal ones."""

LagName = Literal["commit", "visibility", "index"]


@dataclass(slots=True)
class Lags:
    """How long a shop takes at most, in seconds; each time it is a draw between 0 and this."""

    commit: float = 0.0
    """From something that happens to an order until its stock moves."""
    visibility: float = 0.0
    """From a change of an order or a fulfilment order until searches show it."""
    index: float = 0.0
    """From a change of a level or an item until searches by `updated_at` find it."""


class Timeline:
    """Things that are going to happen in a shop, by time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._moment: datetime | None = None

    def now(self) -> datetime:
        """The moment that is being lived: the clock's, or an earlier one while the shop catches up."""
        return self._moment or self._clock.now()

    def seconds(self) -> float:
        """`now()` as seconds since 1970."""
        return self.now().timestamp()

    def schedule(self, at: float, action: Callable[[], None]) -> None:
        """Have `action` happen at `at` (seconds since 1970); things due at one time happen in the order they were asked for."""
        self._count += 1
        heapq.heappush(self._due, (at, self._count, action))

    def catch_up(self) -> None:
        """Let everything happen that is due by the clock, what it brings about included."""
        if self._moment is not None:
            return
        until = self._clock.seconds() + _ROUNDING
        try:
            while self._due and self._due[0][0] <= until:
                at, _, action = heapq.heappop(self._due)
                self._moment = datetime.fromtimestamp(at, UTC)
                action()
        finally:
            self._moment = None
