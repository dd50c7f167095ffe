"""The terminal's driver: Textual's, made to live through bytes that are not UTF-8 and through being stopped, and to say what ended its
input. Draws nothing."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import errno
import functools
import select
import threading
from collections.abc import Callable
from typing import Any, Final

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

HANGUP_CODE = 129
"""What a program ends with whose terminal is gone: 128 + SIGHUP."""

_LOOK_MILLISECONDS: Final = 2_000
"""How long the watch for a terminal that is gone sleeps before it looks whether it is still wanted."""


def _forgiving_decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return functools.partial(codecs.getincrementaldecoder(encoding), errors="replace")


# Textual decodes input strictly and has no hook for it: one byte of another encoding, as in a Latin-1 paste, ends its input
# thread and the program with it. Its input loop asks this name of its module for a decoder; ours puts U+FFFD in place of such
# a byte, which no key is bound to and which is seen where it was pasted.
vars(linux_driver)["getincrementaldecoder"] = _forgiving_decoder


class DeskDriver(LinuxDriver):
    """Reads keys from a terminal on Linux and macOS."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._loop = asyncio.get_running_loop()
        self._wants_terminal = False
        """From the start to the end of application mode, suspended or not."""

    @property
    def _has_terminal(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()

    def start_application_mode(self) -> None:
        """Take the terminal, unless we have it.

        Taken twice, it would be read by two threads that tear escape sequences apart, and our own line discipline would be left
        behind at the end as the one that was there before us.
        """
        self._wants_terminal = True
        if not self._has_terminal:
            super().start_application_mode()  # type: ignore[no-untyped-call]
            threading.Thread(target=self._watch_for_hangup, name="hangup", daemon=True).start()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self._wants_terminal = False
        super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        """Give the terminal back until SIGCONT."""
        super().suspend_application_mode()
        self._wants_terminal = True

    def _sigtstp_application(self, *_: object) -> None:
        """Give the terminal back and stop: in the event loop, because what a signal interrupts may hold the lock of the output."""
        with contextlib.suppress(RuntimeError):  # the loop may be closed already: then the end is near
            self._loop.call_soon_threadsafe(super()._sigtstp_application)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again, at once where it was given back, for nothing can be drawn before.

        SIGCONT also comes after SIGSTOP, when nothing was given back and a shell has changed the terminal meanwhile, and to a
        program that never stopped. Textual takes the terminal a second time then.
        """
        if not (self._auto_restart and self._wants_terminal):
            return
        had_it = self._has_terminal
        if not had_it:
            self.resume_application_mode()
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._go_on, had_it)

    def _go_on(self, take_anew: bool) -> None:
        if not self._wants_terminal or self._app._exit:
            return
        if take_anew:
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()
        # Textual draws nothing here, and a terminal's other screen is blank at first.
        self._app.call_later(self._app.refresh, layout=True)

    def _watch_for_hangup(self) -> None:
        """End the app once its terminal is gone, also where no SIGHUP tells of it: Textual reads nothing for ever then, at full speed."""
        poller = select.poll()
        poller.register(self.fileno, 0)
        while self._has_terminal and not self._app._exit:
            if any(event & (select.POLLHUP | select.POLLERR) for _, event in poller.poll(_LOOK_MILLISECONDS)):
                self._app.call_later(self._app.exit, return_code=HANGUP_CODE)
                return

    def _run_input_thread(self) -> None:
        """Read input; an error is handed to the app as it is, where Textual's would keep only a picture of it."""
        try:
            self.run_input_thread()
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EIO:  # the terminal was closed
                self._app.call_later(self._app.exit, return_code=HANGUP_CODE)
            else:
                self._app.call_later(self._app._handle_exception, error)
