"""A table of a million rows in a real pseudo-terminal, beside Textual's DataTable of a thousand and, where it is named, textual-fastdatatable.

`SUPPORTDESK_FASTDATATABLE=/path/to/python` names an interpreter that has textual-fastdatatable; without it its lines are left out.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.ratios import Ratio
from tests.benchmarks.table_app import row_of
from tests.terminal.pseudo_terminal import TAKE_TERMINAL, Terminal

_ROWS = 1_000_000
_PEER_ROWS = 1_000
_SIZE = (200, 50)
_SCROLLS = 40
_PAGES = 15
"""So few that a thousand rows are not at their end."""
_APP = Path(__file__).with_name("table_app.py")
_PATIENCE = 10.0
_DOWN, _PAGE_DOWN = b"\x1b[B", b"\x1b[6~"


@dataclass(frozen=True, slots=True)
class Measured:
    """One table's figures."""

    open_ms: float
    """From the key that opens it to its first row."""
    stall_ms: float
    """The longest that the event loop stood still while it opened and scrolled."""
    scroll_ms: float
    """95th percentile, from a key to the first byte of the frame, for a scroll by one row."""
    page_ms: float
    """As `scroll_ms`, by one page."""
    scroll_kb: float
    """Median bytes of a frame of one row, in thousands."""
    rss_mb: float
    """The process at the end."""


def _fill(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE item (sku, title, listings, oldest, lowest, highest, total, decision)")
    with connection:
        connection.executemany("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(row_of, range(_ROWS)))
    connection.close()


def _answers(terminal: Terminal, key: bytes, times: int) -> tuple[float, float]:
    """95th percentile of the milliseconds to the first byte, and the median thousands of bytes, of that key."""
    waits, sizes = [], []
    for _ in range(times):
        before = len(terminal.raw)
        began = time.perf_counter()
        terminal.send(key)
        while len(terminal.raw) == before:
            assert time.perf_counter() - began < _PATIENCE, f"{key!r} does nothing:\n{terminal.text}"
            terminal.read(1)
        waits.append((time.perf_counter() - began) * 1000)
        terminal.wait_until_quiet(0.08)
        sizes.append((len(terminal.raw) - before) / 1000)
    return sorted(waits)[int(0.95 * len(waits))], statistics.median(sizes)


def started(kind: str, rows: int, database: Path, output: Path, python: str = sys.executable) -> Terminal:
    """The app with that table, in a terminal that hangs up on it when this process ends, however."""
    arguments = [python, str(_APP), kind, str(rows), str(database), str(output)]
    environ = {"PYTHONPATH": str(_APP.parents[2])}
    return Terminal(
        ["-c", f"{TAKE_TERMINAL}; os.execvp({python!r}, {arguments!r})"], size=_SIZE, environ=environ
    )


def measured(kind: str, rows: int, database: Path, python: str = sys.executable) -> Measured:
    """Open one table, scroll it, leave."""
    output = database.with_name("stall")
    with started(kind, rows, database, output, python) as terminal:
        terminal.wait_for("ready")
        terminal.wait_until_quiet()
        began = time.perf_counter()
        terminal.send(b"o")
        terminal.wait_for("KO-0000000")
        opened = time.perf_counter() - began
        terminal.wait_until_quiet()
        for _ in range(_SIZE[1]):
            terminal.send(_DOWN)
            terminal.wait_until_quiet(0.02)
        terminal.wait_until_quiet()
        scroll, size = _answers(terminal, _DOWN, _SCROLLS)
        page, _ = _answers(terminal, _PAGE_DOWN, _PAGES)
        rss = psutil.Process(terminal.pid).memory_info().rss / 1e6
        terminal.send(b"x")
        terminal.end()
    return Measured(opened * 1000, float(output.read_text()) * 1000, scroll, page, size, rss)


def _beside(ours: Measured, peer: Measured, name: str, goals: tuple[str, ...]) -> list[Ratio]:
    figures = (
        ("opening", "open_ms", "ms"),
        ("longest stall of the loop", "stall_ms", "ms"),
        ("one row, p95", "scroll_ms", "ms"),
        ("one page, p95", "page_ms", "ms"),
        ("one row, sent", "scroll_kb", "kB"),
        ("memory of the process", "rss_mb", "MB"),
    )
    return [
        Ratio(f"{what}: 1,000,000 rows / {name}", getattr(ours, field), getattr(peer, field), unit, goal)
        for (what, field, unit), goal in zip(figures, goals, strict=True)
    ]


def measure() -> list[Ratio]:
    """Ours beside DataTable with 1,000 rows, and beside textual-fastdatatable with a million."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "rows.db"
        _fill(database)
        ours = measured("ours", _ROWS, database)
        peer = measured("datatable", _PEER_ROWS, database)
        goals = ("<= 1x", "<= 50 ms", "<= 16 ms", "<= 50 ms", "<= 16 kB", "<= 60 MB")
        ratios = _beside(ours, peer, "DataTable, 1,000", goals)
        if python := os.environ.get("SUPPORTDESK_FASTDATATABLE"):
            fast = measured("fastdatatable", _ROWS, database, python)
            ratios += _beside(ours, fast, "fastdatatable, same", ("",) * 6)
    return ratios


if __name__ == "__main__":
    for ratio in measure():
        sys.stdout.write(ratio.line() + "\n")
