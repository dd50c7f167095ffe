"""The leaky bucket of points that an app has in a shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from supportdesk.sandbox.clock import Clock

RESTORE_RATES: Final = {"Advanced": 200.0, "Shopify Plus": 1_000.0, "Enterprise": 2_000.0}
"""Points a second by the plan's public name; every other plan has `STANDARD_RATE` (`reference/shopify.md` §7)."""
STANDARD_RATE: Final = 100.0
_BUCKET_SECONDS: Final = 20


def restore_rate(plan: str) -> float:
    """Points a second on `plan`."""
    return RESTORE_RATES.get(plan, STANDARD_RATE)


@dataclass(slots=True)
class Bucket:
    """Points left, filling up by `rate` a second until `size`."""

    clock: Clock
    rate: float = STANDARD_RATE
    size: float = STANDARD_RATE * _BUCKET_SECONDS
    left: float = -1.0
    at: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.size
        self.at = self.clock.seconds()

    @classmethod
    def of_plan(cls, plan: str, clock: Clock) -> Bucket:
        """A full bucket of the plan's size."""
        rate = restore_rate(plan)
        return cls(clock, rate, rate * _BUCKET_SECONDS)

    def _fill(self) -> None:
        now = self.clock.seconds()
        self.left = min(self.size, self.left + max(0.0, now - self.at) * self.rate)
        self.at = now

    def take(self, points: float) -> bool:
        """Take `points` off if they are there; say whether they were."""
        self._fill()
        if self.left < points:
            return False
        self.left -= points
        return True

    def give_back(self, points: float) -> None:
        """Return points that were reserved and not used."""
        self.left = min(self.size, self.left + points)

    def empty(self) -> None:
        """Take everything, as a busy neighbour would."""
        self._fill()
        self.left = 0.0

    def status(self) -> dict[str, Any]:
        """`throttleStatus` as a reply shows it."""
        self._fill()
        return {
            "maximumAvailable": _plain(self.size),
            "currentlyAvailable": int(self.left),
            "restoreRate": _plain(self.rate),
        }


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
