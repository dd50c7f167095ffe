"""The terminal's driver: Textual's, made to live through bytes that are not UTF-8 and to say what ended its input. Draws nothing."""

from __future__ import annotations

import codecs
import errno
import functools
from collections.abc import Callable

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

HANGUP_CODE = 129
"""What a program ends with whose terminal is gone: 128 + SIGHUP."""


def _forgiving_decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return functools.partial(codecs.getincrementaldecoder(encoding), errors="replace")


# Textual decodes input strictly and has no hook for it: one byte of another encoding, as in a Latin-1 paste, ends its input
# thread and the program with it. Its input loop asks this name of its module for a decoder; ours puts U+FFFD in place of such
# a byte, which no key is bound to and which is seen where it was pasted.
vars(linux_driver)["getincrementaldecoder"] = _forgiving_decoder


class DeskDriver(LinuxDriver):
    """Reads keys from a terminal on Linux and macOS."""

    def _run_input_thread(self) -> None:
        """Read input; an error is handed to the app as it is, where Textual's would keep only a picture of it."""
        try:
            self.run_input_thread()
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EIO:  # the terminal was closed
                self._app.call_later(self._app.exit, return_code=HANGUP_CODE)
            else:
                self._app.call_later(self._app._handle_exception, error)
