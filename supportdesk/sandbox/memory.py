"""What a shop remembers of mutations it was asked for with a key: for 24 hours. How keys are judged stands in `idempotency`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

KEPT_SECONDS: Final = 24 * 3600
"""How long a key is remembered."""

Payload = dict[str, Any]


@dataclass(slots=True)
class Attempt:
    """What is remembered of a key."""

    at: float
    asked: str
    """The arguments, as text."""
    payload: Payload | None = None
    """What came of it; None while it is in progress, or where it failed."""
    failed: bool = False


@dataclass(slots=True)
class Memory:
    """A shop's keys, by app, mutation and key (that an app's key counts for one mutation alone is our reading)."""

    attempts: dict[tuple[str, str, str], Attempt] = field(default_factory=dict)

    def recall(self, place: tuple[str, str, str], now: float) -> Attempt | None:
        """The attempt behind a key, None for one that is new or forgotten."""
        attempt = self.attempts.get(place)
        if attempt is not None and now >= attempt.at + KEPT_SECONDS:
            del self.attempts[place]
            return None
        return attempt

    def keep(self, place: tuple[str, str, str], attempt: Attempt) -> None:
        """Remember an attempt, and forget those whose day is over."""
        while self.attempts:
            oldest = next(iter(self.attempts))
            if attempt.at < self.attempts[oldest].at + KEPT_SECONDS:
                break
            del self.attempts[oldest]
        self.attempts[place] = attempt
