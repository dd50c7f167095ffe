"""Waiting for a store: what is worth another try, and how often. How a wait is said and stopped is in `supportdesk.waiting`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from supportdesk.errors import StoreError
from supportdesk.waiting import NotedWatch, in_words

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


class Trouble(Exception):
    """Something went wrong that may go well the next time; `error` is what to tell when patience ends."""

    def __init__(self, error: StoreError, *, seconds: float | None = None, executed: bool = False) -> None:
        super().__init__(error.detail)
        self.error = error
        self.seconds = seconds
        """What the store asked for (`Retry-After`), None where it did not."""
        self.executed = executed
        """True where the store may have done what was asked, so that only repeatable documents are sent again."""


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
