"""The profile of a terminal, what Textual is told of it, and where no terminal is."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest

from supportdesk.errors import NoTerminal
from supportdesk.settings import Settings
from supportdesk.terminal.profile import TerminalProfile, prepare, profile_of, require_terminal, speaks_utf8


@pytest.mark.parametrize(
    ("environ", "encoding", "expected"),
    [
        ({"LC_ALL": "en_GB.UTF-8"}, "ascii", True),
        ({"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "en_GB.utf8", "LANG": "C"}, "ascii", True),
        ({"LANG": "de_DE.ISO-8859-1"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "de_DE.ISO-8859-1"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8"}, "ascii", True),
        ({"LC_CTYPE": "UTF-8", "LANG": ""}, "ascii", True),
        ({"LANG": "POSIX"}, "utf-8", False),
        ({}, "UTF-8", True),
        ({}, "iso8859-1", False),
    ],
)
def test_locale(environ: dict[str, str], encoding: str, expected: bool) -> None:
    assert speaks_utf8(environ, encoding) is expected


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        (Settings(), {}, TerminalProfile()),
        (Settings(), {"SSH_CONNECTION": "a 1 b 2"}, TerminalProfile(remote=True)),
        (Settings(remote="off"), {"SSH_CONNECTION": "a 1 b 2"}, TerminalProfile()),
        (Settings(remote="on"), {}, TerminalProfile(remote=True)),
        (Settings(ascii=True), {}, TerminalProfile(ascii=True)),
        (Settings(ascii=False), {"LC_ALL": "C"}, TerminalProfile()),
        (Settings(), {"LC_ALL": "C"}, TerminalProfile(ascii=True)),
        (Settings(mouse=False), {}, TerminalProfile(mouse=False)),
        (Settings(), {"NO_COLOR": "1"}, TerminalProfile(colour=False)),
        (Settings(), {"NO_COLOR": ""}, TerminalProfile()),
    ],
)
def test_profile(settings: Settings, environ: dict[str, str], expected: TerminalProfile) -> None:
    assert profile_of(settings, environ, "utf-8") == expected


def test_remote_is_told_to_textual_before_it_is_imported() -> None:
    environ = {"NO_COLOR": ""}
    prepare(TerminalProfile(remote=True), environ, None)
    assert environ == {
        "TEXTUAL_FPS": "10",
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "ESCDELAY": "250",
    }


def test_a_person_s_own_frame_rate_stays() -> None:
    environ = {"TEXTUAL_FPS": "3"}
    prepare(TerminalProfile(remote=True), environ, None)
    assert environ["TEXTUAL_FPS"] == "3"


def test_nothing_is_told_of_a_near_terminal() -> None:
    environ: dict[str, str] = {}
    prepare(TerminalProfile(), environ, None)
    assert environ == {}


@pytest.mark.parametrize(("ascii_only", "encoding"), [(False, "utf-8"), (True, "latin-1")])
def test_output_is_made_to_carry_what_is_drawn(ascii_only: bool, encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    prepare(TerminalProfile(ascii=ascii_only), {}, stream)
    assert stream.encoding == encoding


@dataclass
class _Stream:
    terminal: bool

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("environ", "streams", "instead"),
    [
        ({"TERM": "dumb"}, (_Stream(True),), "supportdesk channels --json"),
        ({"TERM": "xterm"}, (_Stream(True), _Stream(False)), "supportdesk channels --json"),
        ({"TERM": "xterm"}, (_Stream(True), None), "supportdesk show kestrel --json"),
    ],
)
def test_no_terminal(environ: dict[str, str], streams: tuple[_Stream | None, ...], instead: str) -> None:
    with pytest.raises(NoTerminal) as caught:
        require_terminal(environ, streams, instead)
    assert instead in caught.value.next_step
    assert caught.value.exit_code == 2


def test_a_terminal() -> None:
    require_terminal({"TERM": "xterm"}, (_Stream(True), _Stream(True)), "supportdesk channels --json")
