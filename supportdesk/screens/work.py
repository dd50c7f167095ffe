"""Work beside the screens: a desk call in a thread of its own, its progress looked at, its end brought back to the event loop.

The threads are daemons: quitting waits for none that does not hear its watch (`reference/textual.md` §4), because the ledger
keeps nothing of a transaction that was not finished.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from supportdesk.core.progress import Progress, Watch
from supportdesk.desk.watch import WorkWatch
from supportdesk.errors import Cancelled, SupportdeskError

Result = TypeVar("Result")

QUIT_PATIENCE: Final = 0.2
"""Seconds that quitting gives to threads that are still at work."""

_running: set[threading.Thread] = set()


class Work(Generic[Result]):
    """One call and what to do with its end. The three ends run on the event loop."""

    def __init__(
        self,
        call: Callable[[Watch], Result],
        *,
        done: Callable[[Result], None],
        failed: Callable[[SupportdeskError], None],
        stopped: Callable[[], None] | None = None,
    ) -> None:
        """Errors that are not `SupportdeskError` leave `run` as they are: they are faults of ours, and end the program."""
        self.phases: tuple[Progress, ...] = ()
        self._watch = WorkWatch(self._note)
        self._call = call
        self._done = done
        self._failed = failed
        self._stopped = stopped

    def _note(self, progress: Progress) -> None:
        """Remember where the work stands: every phase so far, the running one last. Called in the working thread."""
        before = self.phases
        if before and before[-1].phase == progress.phase:
            before = before[:-1]
        self.phases = (*before, progress)

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._watch.cancel()

    async def run(self) -> None:
        """Do it. When the task is cancelled the work is asked to stop, and no end is told."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Result] = loop.create_future()

        def settle(result: Result | None, error: BaseException | None) -> None:
            if outcome.done():
                return
            if error is None:
                outcome.set_result(result)  # type: ignore[arg-type]
            else:
                outcome.set_exception(error)

        def body() -> None:
            result, error = None, None
            try:
                result = self._call(self._watch)
            except BaseException as caught:
                error = caught
            finally:
                _running.discard(threading.current_thread())
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
                loop.call_soon_threadsafe(settle, result, error)

        thread = threading.Thread(target=body, name="supportdesk-work", daemon=True)
        _running.add(thread)
        thread.start()
        try:
            result = await outcome
        except asyncio.CancelledError:
            self.cancel()
            raise
        except Cancelled:
            if self._stopped is not None:
                self._stopped()
        except SupportdeskError as error:
            self._failed(error)
        else:
            self._done(result)


def wait_for_threads(patience: float = QUIT_PATIENCE) -> None:
    """Give threads that are still at work `patience` seconds in all to end."""
    end = time.monotonic() + patience
    for thread in tuple(_running):
        thread.join(max(0.0, end - time.monotonic()))
