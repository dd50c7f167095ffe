"""A program in a pseudo-terminal: its raw bytes, its screen as a terminal would show it, keys, signals, exit code."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).resolve().parents[2]
TAKE_TERMINAL = "import fcntl, os, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
"""Program text that makes the terminal the controlling one of its process: a shell in it has job control, and whoever runs in it
is hung up on when the process that holds the other end is gone, however it ended."""
_PATIENCE = 30.0


class Terminal:
    """A running program and the terminal it draws on."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environ: dict[str, str] | None = None,
    ) -> None:
        self.columns, self.lines = size
        self.raw = b""
        self._screen = pyte.Screen(self.columns, self.lines)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        self._before = termios.tcgetattr(slave)
        self._slave = slave
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("LINES", "COLUMNS", "NO_COLOR", "SSH_CONNECTION", "PYTHONWARNINGS")
        }
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment | (environ or {}),
            cwd=ROOT,
            start_new_session=True,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)
        if self._slave >= 0:
            os.close(self._slave)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def line(self) -> int:
        """The end of the terminal that programs in it have: to ask for its line discipline."""
        return self._slave

    @property
    def text(self) -> str:
        """The screen now, line by line."""
        # Not pyte's own `display`: it fails on half a wide character, which is there while a frame is half read.
        rows = (self._screen.buffer[row] for row in range(self._screen.lines))
        return "\n".join(
            "".join(row[column].data for column in range(self._screen.columns)).rstrip() for row in rows
        )

    def read(self, seconds: float = 0.05) -> bool:
        """Take what comes within `seconds`; False when nothing came."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.raw += data
        # pyte does not know the private keyboard sequences and would print their ends.
        self._stream.feed(_without_unknown(data))
        if b"\x1b[?2026$p" in data:
            self.send(b"\x1b[?2026;2$y")
        return bool(data)

    def wait_for(self, condition: str | Callable[[], object]) -> None:
        """Read until a text is on the screen, or a condition holds."""
        holds = (lambda: condition in self.text) if isinstance(condition, str) else condition
        end = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > end or (
                not self.read() and self._process.poll() is not None and not holds()
            ):
                raise AssertionError(
                    f"never: {condition}; exit {self._process.poll()}; the screen:\n{self.text}"
                )

    def wait_until_quiet(self, seconds: float = 0.3) -> None:
        """Read until nothing has come for `seconds`."""
        while self.read(seconds):
            pass

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def click(self, column: int, line: int) -> None:
        """Press and let go the left button on a cell, both counted from 0."""
        place = f"{column + 1};{line + 1}".encode()
        self.send(b"\x1b[<0;" + place + b"M\x1b[<0;" + place + b"m")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait_until_stopped(self) -> None:
        """Read until the program is stopped, as SIGSTOP does."""

        def stopped() -> bool:
            pid, status = os.waitpid(self.pid, os.WUNTRACED | os.WNOHANG)
            assert not pid or os.WIFSTOPPED(status), f"it ended: {status}; the screen:\n{self.text}"
            return pid == self.pid

        self.wait_for(stopped)

    def take_over(self) -> None:
        """Do with the terminal what a shell does while the program is stopped: line discipline as before, and a prompt."""
        termios.tcsetattr(self._slave, termios.TCSANOW, self._before)
        os.write(self._slave, b"\x1b[H\x1b[2J[1]+  Stopped\r\n$ fg\r\n")
        self.wait_for("$ fg")

    def resize(self, size: tuple[int, int]) -> None:
        """Make the terminal another size, and say so as a terminal does."""
        self.columns, self.lines = size
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        self._screen.resize(self.lines, self.columns)
        self._process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Close the terminal, as a dropped connection does: what still reads or writes it gets an error."""
        os.close(self._slave)
        self._slave = -1
        self._process.send_signal(signal.SIGHUP)

    def end(self) -> int:
        """Read to the end; the exit code."""
        end = time.monotonic() + _PATIENCE
        while self._process.poll() is None:
            assert time.monotonic() < end, f"it does not end; the screen:\n{self.text}"
            self.read()
        while self.read():
            pass
        return self._process.returncode

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as it was: main screen, cursor, mouse, paste and keyboard modes off, line discipline."""
        pairs = (
            (b"\x1b[?1049h", b"\x1b[?1049l"),
            (b"\x1b[?25l", b"\x1b[?25h"),
            (b"\x1b[?1000h", b"\x1b[?1000l"),
            (b"\x1b[?1003h", b"\x1b[?1003l"),
            (b"\x1b[?2004h", b"\x1b[?2004l"),
            (b"\x1b[?1004h", b"\x1b[?1004l"),
            (b"\x1b[>25u", b"\x1b[<u"),
        )
        modes = all(self.raw.rfind(off) > self.raw.rfind(on) for on, off in pairs if on in self.raw)
        now = termios.tcgetattr(self._slave)
        return b"\x1b[?1049h" in self.raw and modes and now[:4] == self._before[:4]


def _without_unknown(data: bytes) -> bytes:
    for sequence in (b"\x1b[>25u", b"\x1b[<u", b"\x1b[>1u"):
        data = data.replace(sequence, b"")
    return data
