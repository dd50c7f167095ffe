"""The log panel in a real pseudo-terminal while another process writes 20,000 events a second, and a log of ten million events opened."""

from __future__ import annotations

import contextlib
import os
import re
import select
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.ratios import Ratio
from tests.terminal.pseudo_terminal import ROOT, Terminal

RATE = 20_000
_SECONDS = 12
_KEYS = 40
_MANY = 10_000_000
_SIZE = (200, 50)
_CHANNEL = "bench"

_WRITER = """
import sqlite3, sys, time
from datetime import UTC, datetime
path, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
connection = sqlite3.connect(path, timeout=30, isolation_level=None)
connection.execute("PRAGMA synchronous=NORMAL")
step, began, written = 0.05, time.monotonic(), 0
while (passed := time.monotonic() - began) < seconds:
    due = min(int(rate * (passed + step)), int(rate * seconds)) - written
    now = datetime.now(UTC).isoformat()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO event (at, kind, channel, detail, sku, place, reference, number_before, number_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (now, ("order", "push", "undo")[n % 3], "bench", f"event {n} of a busy day", f"KO-{n % 1000:04}", "Main St", f"#{n}", n % 90, n % 91)
            for n in range(written, written + due)
        ),
    )
    connection.execute("COMMIT")
    written += due
    time.sleep(max(0.0, step - (time.monotonic() - began - passed)))
print(written, time.monotonic() - began)
"""


@dataclass(frozen=True, slots=True)
class Flooded:
    """What was measured while events came."""

    echo_ms: float
    """95th percentile, from a key typed above the log to its letter on the screen."""
    quiet_ms: float
    """The same while nothing happens."""
    cpu: float
    """Per cent of one core."""
    kb_per_second: float
    rate: float
    """Events a second that were written."""
    missing: int
    """Written and not counted by the panel; and the last line must be the last event."""


class _Raw(Terminal):
    """A terminal whose screen nobody draws while it is measured: drawing it takes longer than what is measured."""

    draws = True

    def __enter__(self) -> _Raw:
        return self

    def read(self, seconds: float = 0.05) -> bool:
        if self.draws:
            return super().read(seconds)
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        self.raw += os.read(self._master, 1 << 16)
        return True


def home_with(folder: Path, events: int = 0) -> Path:
    """A home with one channel, and that many events of a month in its record."""
    from supportdesk.core.progress import Unwatched
    from supportdesk.desk import Desk, channels
    from supportdesk.paths import Home
    from supportdesk.settings import Settings

    home = Home(folder / "home")
    rows = "\n".join(f"a{n},A{n},Title,Default Title,KO-{n:04},Main St,{n}" for n in range(100))
    export = folder / "inventory.csv"
    export.write_text(f"Handle,Title,Option1 Name,Option1 Value,SKU,Location,Available\n{rows}\n")
    channels.open_exports(Desk(home, Settings()), [export], name=_CHANNEL, watch=Unwatched())
    if events:
        with contextlib.closing(
            sqlite3.connect(home.account_file(_CHANNEL), isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("BEGIN")
            connection.execute(
                """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                   INSERT INTO event (at, kind, channel, detail, sku)
                   SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now', ((i - ?) * 0.2592) || ' seconds') || '+00:00',
                          CASE WHEN i % 3 THEN 'push' ELSE 'order' END, ?, 'event ' || i, 'KO-0001' FROM n""",
                (events, events, _CHANNEL),
            )
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home.root


@contextlib.contextmanager
def _open_log(home: Path, *, remote: bool) -> Iterator[_Raw]:
    environ = {"SUPPORTDESK_KEYRING": "off"} | (
        {"SSH_CONNECTION": "10.0.0.5 1 10.0.0.1 22"} if remote else {}
    )
    with _Raw(["-m", "supportdesk", _CHANNEL, "--home", str(home)], size=_SIZE, environ=environ) as terminal:
        terminal.wait_for("Before turning on")
        terminal.wait_until_quiet()
        yield terminal


def flooded(*, remote: bool) -> Flooded:
    """The panel while another process writes."""
    with tempfile.TemporaryDirectory() as name:
        home = home_with(Path(name))
        path = home / "accounts" / f"{_CHANNEL}.db"
        with _open_log(home, remote=remote) as terminal:
            terminal.send(b"6")
            terminal.wait_for("following")
            terminal.send(b"/")
            terminal.wait_for("keep filter")
            terminal.send(b"z")
            terminal.wait_until_quiet()
            terminal.send(b"\r")
            terminal.wait_for("filter: z")
            terminal.send(b"c")
            terminal.wait_for("find: z")
            terminal.send(b"/")
            terminal.wait_for("keep filter")
            terminal.wait_until_quiet()
            program = psutil.Process(terminal.pid)
            terminal.draws = False
            quiet = [_echo(terminal, chr(0x3B1 + number)) for number in range(_KEYS // 2)]
            with subprocess.Popen(
                [sys.executable, "-c", _WRITER, str(path), str(RATE), str(_SECONDS)],
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            ) as writer:
                _read_for(terminal, 1.0)
                cpu, sent, began = _cpu(program), len(terminal.raw), time.perf_counter()
                echoes = [_echo(terminal, chr(0x400 + number)) for number in range(_KEYS)]
                _read_for(terminal, max(0.0, _SECONDS - 2.0 - (time.perf_counter() - began)))
                seconds = time.perf_counter() - began
                used = (_cpu(program) - cpu) / seconds * 100
                rate = (len(terminal.raw) - sent) / seconds / 1000
                while writer.poll() is None:
                    terminal.read(0.1)
                assert writer.stdout is not None
                written, took = writer.stdout.read().split()
            _read_for(terminal, 2.5)
            terminal.draws = True
            terminal.send(b"\x1b")  # clears the filter, so that all is drawn anew
            terminal.wait_for(f"event {int(written) - 1} of a busy day")
            terminal.wait_until_quiet(1.2)
            found = re.search(r"([\d,]+) in the last hour", terminal.text)
            assert found, terminal.text
            with contextlib.closing(sqlite3.connect(path)) as connection:
                (there,) = connection.execute("SELECT count(*) FROM event").fetchone()
            missing = there - int(found[1].replace(",", ""))
    return Flooded(_p95(echoes) * 1000, _p95(quiet) * 1000, used, rate, int(written) / float(took), missing)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _read_for(terminal: _Raw, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        terminal.read(min(left, 0.05))


def _echo(terminal: _Raw, letter: str) -> float:
    """Seconds from a letter typed to its bytes."""
    seen, wanted = len(terminal.raw), letter.encode()
    began = time.perf_counter()
    terminal.send(wanted)
    while wanted not in terminal.raw[max(0, seen - 4) :]:
        terminal.read(0.01)
        assert time.perf_counter() - began < 10
    took = time.perf_counter() - began
    _read_for(terminal, 0.1)
    return took


def opened(events: int, runs: int = 5) -> float:
    """Median seconds from the key that opens a log of so many events to its last line."""
    times = []
    with tempfile.TemporaryDirectory() as name:
        home = home_with(Path(name), events)
        for _ in range(runs):
            with _open_log(home, remote=False) as terminal:
                began = time.perf_counter()
                terminal.send(b"6")
                terminal.wait_for(f"event {events}" if events else "load")
                times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


def measure() -> list[Ratio]:
    """The panel flooded, here and over SSH; and a long log opened, beside a short one."""
    here, remote = flooded(remote=False), flooded(remote=True)
    note = f"{here.rate:,.0f} events/s, {here.missing + remote.missing} missing"
    return [
        Ratio("log at 20,000/s / quiet: key echo, p95", here.echo_ms, here.quiet_ms, "ms", "<= 50 ms", note),
        Ratio("log at 20,000/s, remote / quiet: key echo, p95", remote.echo_ms, remote.quiet_ms, "ms", ""),
        Ratio("log at 20,000/s: CPU of the screens / 50 %", here.cpu, 50, "%", "<= 1x"),
        Ratio("log at 20,000/s, remote: CPU of the screens / 50 %", remote.cpu, 50, "%", "<= 1x"),
        Ratio("log at 20,000/s, remote: sent a second / 150 kB", remote.kb_per_second, 150, "kB", "<= 1x"),
        Ratio(
            "log of 10,000,000 opened / of 1,000",
            opened(_MANY) * 1000,
            opened(1_000) * 1000,
            "ms",
            "<= 200 ms",
        ),
    ]


if __name__ == "__main__":
    for ratio in measure():
        sys.stdout.write(ratio.line() + "\n")
