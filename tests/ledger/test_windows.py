"""A window counts and pages by position whichever way it has the rows, keeps its positions, and stops when it is told to."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportdesk.errors import Cancelled, LedgerError
from supportdesk.ledger import windows
from supportdesk.ledger.windows import KEYS, Window, WindowQuery, contains, key_column, open_reader

ROWS = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO thing VALUES (?, ?)", [(n, f"n{n}") for n in range(ROWS)])
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_reader(path)
    yield connection
    connection.close()


def query(*, quick: bool = True, where: str = "TRUE") -> WindowQuery:
    return WindowQuery(
        columns=1,
        ordered=f"SELECT id FROM thing WHERE {where} ORDER BY id",
        parameters={},
        backwards=f"SELECT id FROM thing WHERE {where} ORDER BY id DESC" if quick else "",
        counted=f"SELECT count(*) FROM thing WHERE {where}" if quick else "",
    )


NAMES = f"SELECT thing.name FROM {KEYS} AS wanted LEFT JOIN thing ON thing.id = {key_column(0)} ORDER BY wanted.key"


@pytest.mark.parametrize("near", [0, 7, 1000])
@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("start", "limit"),
    [(0, 5), (0, ROWS), (3, 9), (18, 4), (33, 7), (38, 10), (40, 5), (99, 1), (-3, 5), (5, 0)],
)
def test_it_pages_by_position(
    reader: sqlite3.Connection,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    near: int,
    quick: bool,
    start: int,
    limit: int,
) -> None:
    monkeypatch.setattr(windows, "NEAR", near)
    window = Window(reader, path, query(quick=quick))
    wanted = list(range(ROWS))[max(start, 0) : max(start, 0) + limit]
    assert window.keys(start, limit) == [(number,) for number in wanted]
    assert window.rows(start, limit, NAMES, {}) == [(f"n{number}",) for number in wanted]
    assert window.count == ROWS


def noted(reader: sqlite3.Connection) -> int:
    (tables,) = reader.execute("SELECT count(*) FROM temp.sqlite_master WHERE type = 'table'").fetchone()
    return int(tables)


def test_the_ends_are_there_before_every_position_is_noted(
    reader: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "NEAR", 5)
    window = Window(reader, path, query())
    assert window.keys(0, 5) == [(number,) for number in range(5)]
    assert window.keys(36, 4) == [(number,) for number in range(36, 40)]
    assert noted(reader) == 0
    window.keys(20, 2)
    assert noted(reader) == 1


def test_positions_stay_while_rows_come_and_go(
    reader: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = Window(reader, path, query(quick=False))
    with contextlib.closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("DELETE FROM thing WHERE id = 1")
        writer.execute("INSERT INTO thing VALUES (-5, 'new')")
    assert window.count == ROWS
    assert window.rows(0, 3, NAMES, {}) == [("n0",), (None,), ("n2",)]


def test_two_windows_share_a_reader(reader: sqlite3.Connection, path: Path) -> None:
    odd, all_of_them = (
        Window(reader, path, query(quick=False, where="id % 2")),
        Window(reader, path, query(quick=False)),
    )
    assert (odd.count, all_of_them.count) == (ROWS // 2, ROWS)
    assert odd.keys(1, 1) == [(3,)]


def test_it_stops_when_another_thread_says_so(reader: sqlite3.Connection, path: Path) -> None:
    started = threading.Event()

    def slow(number: int) -> int:
        started.set()
        return number

    reader.create_function("slow", 1, slow)
    endless = """WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT slow(n) + 1 FROM many LIMIT 1000000000)
        SELECT n FROM many"""
    window = Window(reader, path, WindowQuery(1, endless, {}, endless, "SELECT 1000000000"))
    failed: list[BaseException] = []

    def read() -> None:
        try:
            window.keys(500_000_000, 1)
        except Cancelled as error:
            failed.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert started.wait(10)
    window.stop()
    thread.join(10)
    assert len(failed) == 1
    with pytest.raises(Cancelled):
        window.keys(0, 1)


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError):
        open_reader(tmp_path / "none.db")


def test_the_reader_writes_nothing_and_keeps_what_is_temporary_on_disk(reader: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM thing")
    assert reader.execute("PRAGMA temp_store").fetchone() == (1,)


LONG = 60_000
"""More characters than SQLite takes in a pattern of LIKE."""


@pytest.mark.parametrize("letter", ["A", "%", "_", "\\", "É", "\udcff"])
@pytest.mark.parametrize("length", [1, LONG])
def test_a_text_of_any_length_is_looked_for_whatever_its_case(
    reader: sqlite3.Connection, letter: str, length: int
) -> None:
    wanted = letter * length
    sql, text = contains(reader, wanted)
    here = ("x" + letter.lower() * length + "y").encode("utf-8", "replace").decode()
    rows = [here, here[:-2], "x" * (LONG + 9), None]
    found = [
        bool(reader.execute(f"SELECT {sql.format(':row')}", {"row": row, "text": text}).fetchone()[0])
        for row in rows
    ]
    assert found == [letter != "\udcff", False, False, False]
