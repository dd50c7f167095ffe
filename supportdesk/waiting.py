"""Waiting for a server: how long it asks for, what is said meanwhile, and leaving a request that hangs. What is worth another try is the adapter's to say."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final, Generic, TypeVar

from supportdesk.core.progress import Unwatched, Watch

T = TypeVar("T")

LOOK_SECONDS: Final = 0.1
"""How often a person's wish to stop is looked for while a request is out (`core.progress.Watch.check`: 0.2 s)."""


class NotedWatch:
    """A watch that can put a sentence beside whatever was reported last, so that a wait does not hide the work."""

    def __init__(self, inner: Watch) -> None:
        self.inner = inner
        self._phase = "Asking the store"
        self._done = 0
        self._total: int | None = None
        self._unit = ""

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        """Pass it on and remember it."""
        self._phase, self._done, self._total, self._unit = phase, done, total, unit
        self.inner.report(phase, done, total, unit=unit, note=note)

    def check(self) -> None:
        """Raise `errors.Cancelled` if a person asked to stop."""
        self.inner.check()

    def wait(self, seconds: float) -> None:
        """Wait that long, or raise `errors.Cancelled`."""
        self.inner.wait(seconds)

    def note(self, sentence: str) -> None:
        """Report the last work again with `sentence` beside it."""
        self.inner.report(self._phase, self._done, self._total, unit=self._unit, note=sentence)


def noted(watch: Watch) -> NotedWatch:
    """`watch` as one that takes notes; itself where it already does."""
    return watch if isinstance(watch, NotedWatch) else NotedWatch(watch)


def seconds_asked(retry_after: str | None, now: float) -> float | None:
    """Seconds in a `Retry-After` header, a number or a date (`now` is Unix time); None where there is none or it is unreadable."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except ValueError:
        return None


def in_words(seconds: float) -> str:
    """`12 s`, or `3 min` from two minutes up."""
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 120 else f"{round(whole / 60)} min"


class _Outcome(Generic[T]):
    value: T
    error: BaseException | None = None


def abandonable(call: Callable[[], T], watch: NotedWatch) -> T:
    """What `call` returns or raises, run so that a person's wish to stop is heard while it hangs.

    On `errors.Cancelled` the call is left to end by itself in its daemon thread; its result is dropped.
    """
    if isinstance(watch.inner, Unwatched):
        return call()
    outcome: _Outcome[T] = _Outcome()
    finished = threading.Event()

    def run() -> None:
        try:
            outcome.value = call()
        except BaseException as error:
            outcome.error = error
        finally:
            finished.set()

    watch.check()
    threading.Thread(target=run, name="store request", daemon=True).start()
    while not finished.wait(LOOK_SECONDS):
        watch.check()
    if outcome.error is not None:
        raise outcome.error
    return outcome.value
