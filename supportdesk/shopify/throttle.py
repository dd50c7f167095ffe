"""The store's rate limit as last told: a leaky bucket of points. It says how long to wait; it does not wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final

DEFAULT_WAIT: Final = 2.0
"""Seconds to wait when the store says *throttled* without saying how full its bucket is."""


class Throttle:
    """What the bucket holds, counted on from the last reply (`reference/shopify.md` §7).

    Requested points are reserved up front, so a document is held back until the bucket covers what it asked for last time.
    Other programs of the same app may draw on the bucket too: being told *throttled* is normal.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._maximum: float | None = None
        self._available = 0.0
        self._restore_rate = 0.0
        self._at = 0.0
        self._asked: dict[str, float] = {}

    def learn(self, name: str, cost: object) -> None:
        """Take in `extensions.cost` of the reply to document `name`; anything of another shape is ignored."""
        if not isinstance(cost, Mapping):
            return
        asked = _points(cost, "requestedQueryCost")
        if asked is not None:
            self._asked[name] = asked
        status = cost.get("throttleStatus")
        if not isinstance(status, Mapping):
            return
        maximum, available = _points(status, "maximumAvailable"), _points(status, "currentlyAvailable")
        rate = _points(status, "restoreRate")
        if maximum is None or available is None or not rate:
            return
        self._maximum, self._available, self._restore_rate = maximum, available, rate
        self._at = self._clock()

    def seconds_until_covered(self, name: str) -> float:
        """Seconds until the bucket holds what document `name` asked for last time; 0 where that is not known."""
        if self._maximum is None:
            return 0.0
        asked = min(self._asked.get(name, 0.0), self._maximum)
        now_available = self._available + (self._clock() - self._at) * self._restore_rate
        return max(0.0, (asked - now_available) / self._restore_rate)

    def seconds_after_refusal(self, name: str) -> float:
        """Seconds to wait after *throttled*: `(requested − currentlyAvailable) / restoreRate`, at least half a second."""
        if self._maximum is None:
            return DEFAULT_WAIT
        return max(0.5, self.seconds_until_covered(name))


def _points(source: Mapping[Any, Any], key: str) -> float | None:
    value = source.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
