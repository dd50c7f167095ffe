"""The one doorway for screens and command line: one function a thing a person asks for.

`Desk` says where and for whom; the functions of the modules beside this one take it first. Importing this package loads
no adapter, so that the first screen is painted before httpx, pydantic and sqlite_utils are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from supportdesk.paths import Home
from supportdesk.settings import Settings


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Demo:
    """What makes a desk a demonstration: nothing in it is real."""

    url: str
    """Where the sandbox listens, on loopback."""
    first_channel: str
    """The channel the first line of Home speaks of."""
    rehearsal: bool = False
    """Whether the pretend store is a rehearsal of a real channel, so that screens say REHEARSAL instead of DEMO."""
    start_over: threading.Event = field(default_factory=threading.Event, compare=False)
    """Set once a person wants to begin again; the demo looks at it when the screens are left."""


def _unheard(_desk: Desk, _channel: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where supportdesk keeps things, how it is set, what time it is."""

    home: Home
    settings: Settings
    now: Callable[[], datetime] = field(default=_now)
    """The clock: aware, UTC."""
    demo: Demo | None = None
    turning_on: Callable[[Desk, str], None] = field(default=_unheard, repr=False, compare=False)
    """Told of each channel once somebody has asked for it to be turned on; raises nothing."""
