"""The program as a job of an interactive shell: begun in the background, brought to the front, stopped, killed."""

from __future__ import annotations

import re
import shlex
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.pseudo_terminal import TAKE_TERMINAL, Terminal

PROMPT = "ready$"
_SHELL = f"{TAKE_TERMINAL}; os.environ.update(PS1='{PROMPT} ', ENV=''); os.execvp('sh', ['sh', '-i'])"
_TO_SCREEN, _FROM_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"


class Shell:
    """An interactive shell, and what it and its jobs have written."""

    def __init__(self, terminal: Terminal, home: Path) -> None:
        self.terminal = terminal
        self.program = shlex.join([sys.executable, "-m", "tests.terminal.program", str(home)])
        terminal.wait_for(PROMPT)
        self.line_discipline = termios.tcgetattr(terminal.line)

    def say(self, command: str, wait_for: str = PROMPT) -> str:
        """Type a line; what was written until `wait_for` came, without the line itself."""
        before = len(self.terminal.raw)
        self.terminal.send(command.encode() + b"\n")

        def come() -> bool:
            return wait_for in self.since(before).partition("\r\n")[2]

        self.terminal.wait_for(come)
        return self.since(before).partition("\r\n")[2]

    def since(self, before: int) -> str:
        """What was written after so many bytes."""
        return self.terminal.raw[before:].decode(errors="replace")

    def wait_until_stopped(self) -> None:
        """Ask the shell until it says that the job is stopped."""
        while "Stopped" not in (told := self.say("jobs")):
            assert "Running" in told or told.startswith(PROMPT), told

    def quit(self) -> None:
        """Leave the program with its key; the shell is back."""
        before = len(self.terminal.raw)
        self.terminal.send(b"q")
        self.terminal.wait_for(lambda: PROMPT in self.since(before))
        assert self.has_its_terminal

    @property
    def has_its_terminal(self) -> bool:
        """Whether the terminal is as the shell had it."""
        raw = self.terminal.raw
        return (
            raw.count(_TO_SCREEN) == raw.count(_FROM_SCREEN)
            and termios.tcgetattr(self.terminal.line) == self.line_discipline
        )


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell with job control."""
    with Terminal(["-c", _SHELL]) as terminal:
        yield Shell(terminal, tmp_path)
        terminal.send(b"exit\nexit\n")  # the first is refused while there is a stopped job
        terminal.end()


def test_begun_in_the_background_it_waits_and_draws_once_it_is_in_front(shell: Shell) -> None:
    shell.say(f"{shell.program} &")
    shell.wait_until_stopped()
    assert shell.has_its_terminal
    assert _TO_SCREEN not in shell.terminal.raw
    shell.say("fg", "Kestrel Outdoor")
    shell.terminal.send(b"?")
    shell.terminal.wait_for("esc closes")
    shell.terminal.send(b"q")
    shell.terminal.wait_for("sync on in 1")
    shell.quit()
    assert re.search(r"code 0\b", shell.say("echo code $?"))


@pytest.mark.parametrize("begun", ["in front", "in the background"])
def test_sent_on_in_the_background_it_leaves_the_shell_its_terminal(shell: Shell, begun: str) -> None:
    if begun == "in front":
        shell.say(shell.program, "Kestrel Outdoor")
        shell.terminal.wait_until_quiet()
        before = len(shell.terminal.raw)
        shell.terminal.send(b"\x1a")
        shell.terminal.wait_for(lambda: PROMPT in shell.since(before))
    else:
        shell.say(f"{shell.program} &")
    for _ in range(2):
        shell.wait_until_stopped()
        assert shell.has_its_terminal
        shell.say("bg")
    shell.wait_until_stopped()
    assert shell.has_its_terminal
    shell.say("fg", "Kestrel Outdoor")
    shell.quit()
    assert re.search(r"code 0\b", shell.say("echo code $?"))


def test_killed_before_it_ever_was_in_front_it_ends_as_killed(shell: Shell, tmp_path: Path) -> None:
    shell.say(f"{shell.program} &")
    shell.wait_until_stopped()
    shell.say("kill %1")
    shell.say("fg")
    assert "code 143" in shell.say("echo code $?")
    assert shell.has_its_terminal
    assert "fault of its own" not in shell.terminal.raw.decode()
    assert not (tmp_path / "reports").exists()
