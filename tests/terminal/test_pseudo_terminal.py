"""The program on a real (pseudo-)terminal: hostile text, signals, crashes, NO_COLOR, ASCII, SSH, and what it loads."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.screens.fakes import TOKEN
from tests.terminal.pseudo_terminal import Terminal

PROGRAM = ("-m", "tests.terminal.program")
ENTER, ESCAPE, TAB = b"\r", b"\x1b", b"\t"

_KNOWN = re.compile(
    rb"\x1b\[[0-9;]*m"  # colours and attributes
    rb"|\x1b\[\d*;?\d*[HfABCDGdJK]|\x1b\[s|\x1b\[u"  # cursor
    rb"|\x1b\[\?(?:1049|25|1000|1003|1015|1006|1016|2004|1004|2026|2048|7)[hl]"  # modes
    rb"|\x1b\[\?(?:2026|2048)\$p"  # what the terminal can do
    rb"|\x1b\[>\d+u|\x1b\[<u"  # keyboard protocol
    rb"|\x1b\]22;[a-z-]*\x07"  # shape of the pointer
    rb"|\x1b\[6n|\x1b\[18t|\x1b\[14t|\x1b\[c"
)
"""Every escape sequence the toolkit itself sends."""


def program(home: Path, *arguments: str) -> tuple[str, ...]:
    return (*PROGRAM, str(home), *arguments)


def assert_nothing_raw(raw: bytes) -> None:
    """Only the toolkit's own sequences were sent, and no control, bidi or zero-width character."""
    rest = _KNOWN.sub(b"", raw)
    assert b"\x1b" not in rest, rest[max(0, rest.find(b"\x1b") - 40) : rest.find(b"\x1b") + 40]
    text = rest.decode()
    unsafe = re.compile(
        "[\x00-\x06\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
    )
    assert not unsafe.findall(text)


def test_hostile_text_on_every_screen_is_only_text(tmp_path: Path) -> None:
    with Terminal(program(tmp_path, "hostile"), size=(120, 36)) as terminal:
        terminal.wait_for("[/foo]")
        terminal.wait_for("\\x1b[31mred")
        terminal.wait_until_quiet()
        _click_everywhere(terminal, rows=range(2, 34))
        assert "[@click=app.leave]" in terminal.text
        terminal.send(ENTER)
        terminal.wait_for("· Overview")
        terminal.wait_for("The app may not")
        terminal.wait_until_quiet()
        _click_everywhere(terminal, rows=range(2, 34))
        assert "· Overview" in terminal.text
        terminal.send(b"m")
        terminal.wait_for("What this means")
        terminal.send(ESCAPE)
        terminal.wait_until_quiet()
        terminal.send(b"y")
        terminal.wait_for("Copied")
        _send_until(terminal, TAB, "enter list them")
        terminal.send(ENTER)
        terminal.wait_for("product")
        terminal.wait_for("[@click=app.leave]")
        terminal.wait_until_quiet()
        _click_everywhere(terminal, rows=range(2, 34))
        terminal.send(ESCAPE)
        terminal.wait_for("· Overview")
        terminal.send(b"r")
        terminal.wait_for("Loaded.")
        terminal.send(ENTER)
        terminal.wait_for("· Overview")
        assert terminal.is_running
        copies = re.findall(rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07", terminal.raw)
        assert len(copies) == 1  # the one `y` made: none came out of a title
        terminal.send(b"q")
        assert terminal.end() == 0
        assert_nothing_raw(terminal.raw.replace(copies[0], b""))
        assert terminal.is_restored


def _click_everywhere(terminal: Terminal, rows: range) -> None:
    """Click every second cell: consecutive clicks never fall on one cell, so they never make a double click."""
    for row in rows:
        for column in range(0, terminal.columns, 2):
            terminal.click(column, row)
        while terminal.read(0):
            pass
    terminal.wait_until_quiet()
    assert terminal.is_running, f"exit {terminal.end()}; the screen:\n{terminal.text}"


def _send_until(terminal: Terminal, key: bytes, text: str) -> None:
    """Press a key until the footer's item is enabled; three panels at most."""
    for _ in range(3):
        terminal.send(key)
        terminal.wait_until_quiet()
        if re.search(r"▸ +\d+ +have no SKU", terminal.text):
            return
    raise AssertionError(f"{text} is never offered:\n{terminal.text}")


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
    ids=lambda v: str(v),
)
@pytest.mark.parametrize("where", ["home", "loading"])
def test_signals_restore_the_terminal(tmp_path: Path, number: signal.Signals, code: int, where: str) -> None:
    arguments = ("--trouble=deaf", "--channel=kestrel-trade") if where == "loading" else ()
    with Terminal(program(tmp_path, "typical", *arguments)) as terminal:
        terminal.wait_for("Reading listings" if where == "loading" else "Kestrel Outdoor")
        terminal.signal(number)
        assert terminal.end() == code
        assert terminal.is_restored
        assert b"Traceback" not in terminal.raw


def _threads_of_the_driver(terminal: Terminal, file: Path) -> list[str]:
    """Names of the threads that read and write the terminal."""
    file.unlink(missing_ok=True)
    terminal.signal(signal.SIGUSR1)
    terminal.wait_for(file.exists)
    return sorted(name for name in file.read_text().split() if name.startswith("textual-"))


@pytest.mark.parametrize("how", ["stopped", "stopped twice", "ctrl+z", "SIGTSTP", "not stopped"])
def test_going_on_leaves_one_reader_and_one_writer(tmp_path: Path, how: str) -> None:
    """SIGCONT also comes to a program that was stopped without a word (SIGSTOP), or not at all."""
    threads = tmp_path / "threads"
    with Terminal(program(tmp_path, f"--threads={threads}")) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.wait_until_quiet()
        before = terminal.text
        for _ in range(2 if how == "stopped twice" else 1):
            if how == "ctrl+z":
                terminal.send(b"\x1a")
            elif how != "not stopped":
                terminal.signal(signal.SIGTSTP if how == "SIGTSTP" else signal.SIGSTOP)
            if how != "not stopped":
                terminal.wait_until_stopped()
                terminal.take_over()
            sent = terminal.raw.count(b"\x1b[?1049h")
            terminal.signal(signal.SIGCONT)
            terminal.wait_for(lambda sent=sent: terminal.raw.count(b"\x1b[?1049h") > sent)  # type: ignore[misc]
            terminal.wait_for(lambda: terminal.text == before)
            terminal.wait_until_quiet()
        assert _threads_of_the_driver(terminal, threads) == ["textual-input", "textual-output"]
        terminal.send(b"?")
        terminal.wait_for("esc closes")
        terminal.send(ESCAPE)
        terminal.wait_for(lambda: terminal.text == before)
        terminal.send(b"q")
        assert terminal.end() == 0
        assert terminal.is_restored
        for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[>25u", b"\x1b[<u")):
            assert terminal.raw.count(on) == terminal.raw.count(off)
        assert_nothing_raw(terminal.raw)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_going_on_to_the_end_restores_the_terminal(tmp_path: Path, number: signal.Signals) -> None:
    """Whoever ends a stopped program sends both, as systemd, shells and the kernel do."""
    with Terminal(program(tmp_path)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.wait_until_quiet()
        terminal.signal(signal.SIGSTOP)
        terminal.wait_until_stopped()
        terminal.signal(number)
        terminal.signal(signal.SIGCONT)
        assert terminal.end() == 128 + number
        assert terminal.is_restored


def test_a_closed_terminal_ends_the_program(tmp_path: Path) -> None:
    with Terminal(program(tmp_path)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.hang_up()
        assert terminal.end() == 129


def test_a_terminal_that_is_gone_without_a_signal_ends_the_program(tmp_path: Path) -> None:
    """As under a job runner: nobody else holds the terminal, and no SIGHUP comes."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, *program(tmp_path)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(slave)
        seen = b""
        while b"Kestrel" not in seen:
            seen += os.read(master, 65_536)
        os.close(master)
        assert process.wait(20) == 129


@pytest.mark.parametrize("keys", [b"q", b"\x11"], ids=["q", "ctrl+q"])
def test_leaving_does_not_wait_for_deaf_work(tmp_path: Path, keys: bytes) -> None:
    with Terminal(program(tmp_path, "--trouble=deaf", "--channel=kestrel-trade")) as terminal:
        terminal.wait_for("Reading listings")
        terminal.send(keys)
        terminal.wait_for("Leave supportdesk?")
        terminal.send(b"\x03")
        assert terminal.end() == 0
        assert terminal.is_restored


def test_ctrl_c_asks_away_from_home(tmp_path: Path) -> None:
    with Terminal(program(tmp_path)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(ENTER)
        terminal.wait_for("Before turning on")
        terminal.send(b"\x03")
        terminal.wait_for("Leave supportdesk?")
        terminal.send(ENTER)
        terminal.wait_for(lambda: "Leave supportdesk?" not in terminal.text)
        terminal.send(ESCAPE)
        terminal.wait_for("Sales channels")
        terminal.wait_until_quiet()
        terminal.send(b"\x03")
        assert terminal.end() == 0
        assert terminal.is_restored


def test_a_crash_is_one_sentence_and_a_report_without_secrets(tmp_path: Path) -> None:
    with Terminal(program(tmp_path, "--trouble=crash"), size=(200, 24)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(ENTER)
        assert terminal.end() == 1
        assert terminal.is_restored
        assert b"Traceback" not in terminal.raw
        assert TOKEN.encode() not in terminal.raw
        assert "supportdesk stopped because of a fault of its own (RuntimeError)" in terminal.text
        [report] = (tmp_path / "reports").iterdir()
        assert report.name in terminal.text
    text = report.read_text()
    assert TOKEN not in text
    assert "mia@example.com" not in text
    assert "RuntimeError: not expected, with ********" in text
    assert "in overview" in text
    assert "ChannelScreen" in text
    assert report.stat().st_mode & 0o077 == 0


def test_no_colour_sends_no_colour(tmp_path: Path) -> None:
    with Terminal(program(tmp_path), environ={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(ENTER)
        terminal.wait_for("Before turning on")
        terminal.send(b"c?")
        terminal.wait_for("esc closes")
        terminal.send(ESCAPE)
        terminal.wait_until_quiet()
        terminal.send(b"q")
        assert terminal.end() == 0
        attributes = {
            part for codes in re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw) for part in codes.split(b";")
        }
        assert attributes <= {b"", b"0", b"1", b"3", b"4", b"7"}
        assert b"7" in attributes


@pytest.mark.parametrize(
    "environ",
    [{"LC_ALL": "C"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.ISO-8859-1"}],
    ids=["C", "latin-1"],
)
def test_a_locale_that_is_not_utf8_gets_ascii(tmp_path: Path, environ: dict[str, str]) -> None:
    with Terminal(program(tmp_path, "hostile"), environ=environ) as terminal:
        terminal.wait_for("[/foo]")
        terminal.send(ENTER)
        terminal.wait_for("Before turning on")
        terminal.wait_until_quiet()
        terminal.send(b"?")
        terminal.wait_for("esc closes")
        terminal.send(b"q")
        terminal.wait_until_quiet()
        terminal.send(b"q")
        assert terminal.end() == 0
        assert terminal.raw.isascii()
        assert b"\\u" not in terminal.raw


def test_ssh_gets_the_remote_profile(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    with Terminal(
        program(tmp_path, "--trouble=deaf", "--channel=kestrel-trade", f"--modules={modules}"),
        environ={"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"},
    ) as terminal:
        terminal.wait_for("Reading listings")
        terminal.wait_until_quiet()
        before = len(terminal.raw)
        terminal.read(1.2)
        assert len(terminal.raw) == before  # nothing moves while nothing is known to progress
        terminal.send(b"\x03")
        terminal.wait_for("Leave supportdesk?")
        terminal.send(b"\x03")
        assert terminal.end() == 0


def test_a_channel_of_the_command_line_never_shows_home(tmp_path: Path) -> None:
    with Terminal(program(tmp_path, "--channel=kestrel-outdoor")) as terminal:
        terminal.wait_for("Before turning on")
        terminal.wait_until_quiet()
        assert b"Sales channels" not in terminal.raw
        assert b"Kestrel Outlet" not in terminal.raw
        terminal.send(ESCAPE)
        terminal.wait_for("Kestrel Outlet")
        terminal.send(b"q")
        assert terminal.end() == 0


def test_no_mouse_asks_for_none(tmp_path: Path) -> None:
    with Terminal(program(tmp_path, "--setting=mouse=false")) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(b"q")
        assert terminal.end() == 0
        assert b"\x1b[?1003h" not in terminal.raw
        assert b"\x1b[?1000h" not in terminal.raw


def test_a_dumb_terminal_is_refused_with_the_command_that_works(tmp_path: Path) -> None:
    with Terminal(program(tmp_path), environ={"TERM": "dumb"}) as terminal:
        assert terminal.end() != 0
        assert "supportdesk channels --json" in terminal.text.replace("\n", "")
        assert b"\x1b[?1049h" not in terminal.raw


def test_first_paint_loads_nothing_it_does_not_need(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    with Terminal(program(tmp_path, "many", f"--modules={modules}")) as terminal:
        terminal.wait_for("Store 0")
        terminal.send(b"q")
        assert terminal.end() == 0
    loaded = {name.split(".")[0] for name in modules.read_text().split()}
    assert not loaded & {"httpx", "pydantic", "sqlite_utils", "polars", "pyarrow", "tree_sitter", "keyring"}
    names = set(modules.read_text().split())
    for late in ("connect", "exports", "load", "channel", "left_out", "overview", "palette", "help"):
        assert f"supportdesk.screens.{late}" not in names


@pytest.mark.parametrize("keys", [b"", b"\r", b"c"], ids=["home", "overview", "connect"])
def test_idle_sends_nothing(tmp_path: Path, keys: bytes) -> None:
    with Terminal(program(tmp_path), size=(200, 50)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(keys)
        terminal.wait_until_quiet(0.5)
        before = len(terminal.raw)
        terminal.read(2.0)
        assert len(terminal.raw) == before


def test_resizing_is_safe(tmp_path: Path) -> None:
    with Terminal(program(tmp_path)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(b"?")
        terminal.wait_for("esc closes")
        for size in ((10, 3), (1, 1), (200, 50), (80, 24)):
            terminal.resize(size)
            terminal.wait_until_quiet(0.1)
            assert terminal.is_running
        terminal.send(b"q")
        terminal.wait_for("sync on in 1")
        terminal.send(b"q")
        assert terminal.end() == 0


NOT_UTF8 = [b"\xff", b"\x80", b"\xc3\x28", b"\xe9\xe8", b"\xf0\x9f"]


@pytest.mark.parametrize("typed", NOT_UTF8, ids=bytes.hex)
def test_bytes_that_are_not_utf8_are_lived_through(tmp_path: Path, typed: bytes) -> None:
    with Terminal(program(tmp_path)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(typed)
        terminal.wait_until_quiet()
        assert terminal.is_running
        terminal.send(b"c")  # 0xf0 0x9f waits for two more bytes of one character: this is not one
        terminal.wait_for("Access by")
        terminal.send(b"\x1b[200~caf" + typed + b"e\x1b[201~")
        terminal.wait_for(lambda: re.search(r"caf\N{REPLACEMENT CHARACTER}+\(?e", terminal.text))
        terminal.send(b"\x11")
        assert terminal.end() == 0
        assert terminal.is_restored
        assert b"fault of its own" not in terminal.raw


def test_a_dead_input_thread_is_reported_as_what_it_was(tmp_path: Path) -> None:
    with Terminal(program(tmp_path, "--trouble=input"), size=(200, 24)) as terminal:
        terminal.wait_for("Kestrel Outdoor")
        terminal.send(b"j")
        assert terminal.end() == 1
        assert terminal.is_restored
        assert "fault of its own (LookupError)" in terminal.text
    [report] = (tmp_path / "reports").iterdir()
    assert "no such key" in report.read_text()
    assert "run_input_thread" in report.read_text()
