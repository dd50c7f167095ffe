"""How long work tells of itself and hears that it should stop. No clock, no threads, no drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a running piece of work."""

    phase: str
    """Words for a person: `Reading listings`."""
    done: int = 0
    total: int | None = None
    """None while the whole is not known."""
    unit: str = ""
    """What `done` and `total` count: `listings`, `MB`."""
    seconds_left: float | None = None
    """An estimate, None while there is none."""
    note: str = ""
    """A sentence beside it: `The store asks us to wait 12 s`."""


class Watch(Protocol):
    """What a piece of work is handed: where to report, and whether to go on."""

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        """Say where the work stands. Cheap enough to call for every page or every few thousand rows."""

    def check(self) -> None:
        """Raise `errors.Cancelled` if a person asked to stop. Called at least every 0.2 s of work."""

    def wait(self, seconds: float) -> None:
        """Wait that long, or until cancelled (then raise `errors.Cancelled`)."""


class Unwatched:
    """A watch nobody looks at: reports nothing, never cancels, really waits."""

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Go on."""

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        import time

        time.sleep(seconds)
