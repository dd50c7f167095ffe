"""Waiting for a store: what is worth another try, how long to wait, what is said meanwhile, and leaving a request that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from supportdesk.core.progress import Unwatched, Watch
from supportdesk.errors import StoreError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

TRIES: Final = 6
"""Times one request is sent before its trouble is told: 1, 2, 4, 8, 16 s between them."""
FIRST_TRIES: Final = 3
"""Times a store is asked that is being connected: most likely its address is mistyped, and a person waits for the answer."""
LONGEST_WAIT: Final = 30.0
"""Seconds between two tries, unless the store asks for more."""
PATIENCE: Final = 180.0
"""Seconds waited in all for one request before its trouble is told. Being throttled does not count."""
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


class Trouble(Exception):
    """Something went wrong that may go well the next time; `error` is what to tell when patience ends."""

    def __init__(self, error: StoreError, *, seconds: float | None = None, executed: bool = False) -> None:
        super().__init__(error.detail)
        self.error = error
        self.seconds = seconds
        """What the store asked for (`Retry-After`), None where it did not."""
        self.executed = executed
        """True where the store may have done what was asked, so that only repeatable documents are sent again."""


def seconds_asked(retry_after: str | None, now: float) -> float | None:
    """Seconds in a `Retry-After` header, a number or a date (`now` is Unix time); None where there is none or it is unreadable."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except ValueError:
        return None


def in_words(seconds: float) -> str:
    """`12 s`, or `3 min` from two minutes up."""
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 120 else f"{round(whole / 60)} min"


def past_trouble(
    attempt: Callable[[], T], watch: NotedWatch, *, repeatable: bool = True, tries: int = TRIES
) -> T:
    """What `attempt` returns, tried again while it raises `Trouble`, with exponential backoff and jitter.

    Ends after `tries` (`TRIES` where the store says how long to wait) or when the waits would pass `PATIENCE`, raising the trouble's own error; a document that is not
    `repeatable` is sent again only where the store certainly did nothing. Raises `errors.Cancelled` from the waits.
    """
    from tenacity import Retrying, retry_if_exception, wait_exponential_jitter

    backoff = wait_exponential_jitter(initial=1, max=LONGEST_WAIT, jitter=1)

    def pause(state: RetryCallState) -> float:
        asked = _trouble_of(state).seconds
        return backoff(state) if asked is None else max(asked, 0.5)

    def out_of_patience(state: RetryCallState) -> bool:
        limit = tries if _trouble_of(state).seconds is None else TRIES
        return state.attempt_number >= limit or state.idle_for + state.upcoming_sleep > PATIENCE

    def say(state: RetryCallState) -> None:
        trouble, length = _trouble_of(state), in_words(state.upcoming_sleep)
        asked = (
            "The store asks us to wait" if trouble.seconds is not None else "No good answer; trying again in"
        )
        watch.note(f"{asked} {length}")

    retrying = Retrying(
        retry=retry_if_exception(
            lambda error: isinstance(error, Trouble) and (repeatable or not error.executed)
        ),
        wait=pause,
        stop=out_of_patience,
        before_sleep=say,
        sleep=watch.wait,
        reraise=True,
    )
    try:
        return retrying(attempt)
    except Trouble as trouble:
        error = trouble.error
    # Raised out here, so that the exception does not carry the library's, whose request holds the token's header.
    raise error


def _trouble_of(state: RetryCallState) -> Trouble:
    error = state.outcome.exception() if state.outcome is not None else None
    assert isinstance(error, Trouble)
    return error


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
