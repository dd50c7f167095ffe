"""SIGTERM, SIGHUP and SIGINT end the screens in order: workers cancelled, terminal restored, exit 128 + n. Nothing else is handled here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

HANDLED: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

PATIENCE: Final = 3.0
"""Seconds from the signal to the end. A terminal that stopped reading blocks the event loop (`reference/textual.md` §4),
and then no ordered end is possible."""


def end_on_signals(loop: asyncio.AbstractEventLoop, end: Callable[[int], None]) -> None:
    """Call `end(exit code)` in `loop` when one of `HANDLED` arrives.

    Called before the terminal is touched, so that no moment is left in which a signal would leave it broken. If the loop
    is stuck and nothing ends within `PATIENCE`, the process ends with that code all the same: these are handlers of the
    interpreter, which run even while the loop waits for the terminal.
    """

    def handle(number: int, _frame: FrameType | None) -> None:
        code = 128 + number
        _end_anyway(code)
        with contextlib.suppress(RuntimeError):  # the loop may be closed already: then the end is near
            loop.call_soon_threadsafe(end, code)

    for number in HANDLED:
        signal.signal(number, handle)


def _end_anyway(code: int) -> None:
    timer = threading.Timer(PATIENCE, os._exit, (code,))
    timer.daemon = True
    timer.start()
