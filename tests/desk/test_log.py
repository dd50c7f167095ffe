"""The log through the desk: news while another process writes and nothing skipped, the last hour, who sat where, files, and that somebody looks."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from supportdesk.core.events import Event, LogFilter
from supportdesk.core.progress import Unwatched
from supportdesk.core.stock import StockChange
from supportdesk.desk import Desk, log, stock
from supportdesk.desk.log import COLUMNS, Log, facts_of
from supportdesk.desk.watch import WorkWatch
from supportdesk.errors import Cancelled, Refused, UnknownName, WrongUsage
from supportdesk.ledger import events
from supportdesk.ledger.file import open_ledger
from supportdesk.settings import Settings
from tests.cli.commands import dump
from tests.desk.stocked import stocked_desk, write

ALL = LogFilter()
_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
for part in range(int(sys.argv[3])):
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO event (at, kind, channel, detail) VALUES ('2026-11-20T12:00:00+00:00', 'push', ?, ?)",
        (("outlet", f"event {part} {n}") for n in range(int(sys.argv[2]))),
    )
    connection.execute("COMMIT")
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return stocked_desk(tmp_path / "a home")


def account_file(desk: Desk) -> Path:
    (path,) = (desk.home.root / "accounts").glob("*.db")
    return path


@pytest.fixture
def opened(desk: Desk) -> Iterator[Log]:
    with log.open_log(desk, "outlet") as opened:
        yield opened


def record(desk: Desk, many: int = 1, **facts: object) -> None:
    """Somebody writes."""
    with open_ledger(account_file(desk), now=desk.now) as ledger, ledger.writing() as connection:
        for _ in range(many):
            events.record(connection, **{"at": desk.now(), "kind": "push", "channel": "outlet", **facts})  # type: ignore[arg-type]


def test_news_are_what_came_since_and_are_counted(desk: Desk, opened: Log) -> None:
    before = opened.newest()
    record(desk, 5)
    record(desk, 2, kind="undo", channel="")
    record(desk, 3, channel="outdoor")
    news = opened.news(before, ALL, 4, Unwatched())
    assert (news.newest, news.count) == (before + 10, 7)
    assert [each.kind for each in news.events] == ["push", "push", "undo", "undo"]
    minute = desk.now().replace(second=0, microsecond=0)
    assert dict(news.tally) == {(minute, "push"): 5, (minute, "undo"): 2}
    look = opened.news(before, LogFilter(group="look"), 4, Unwatched())
    assert (look.count, [each.kind for each in look.events]) == (2, ["undo", "undo"])
    assert dict(look.tally) == dict(news.tally), "the counters count whatever is filtered"
    assert opened.news(before, ALL, 0, Unwatched()).events == ()
    assert opened.news(news.newest, ALL, 4, Unwatched()) == log.News(news.newest, 0, (), {})


def test_the_last_hour_is_counted_even_where_times_go_back(desk: Desk, opened: Log) -> None:
    now, minute = desk.now(), timedelta(minutes=1)
    record(desk, 3, at=now)
    record(desk, 2, at=now - 59 * minute)
    record(desk, 9, at=now - 61 * minute, kind="order")
    record(desk, 1, at=now - 600 * minute, kind="undo")
    found = opened.last_hour(opened.newest(), Unwatched())
    assert sum(count for (_, kind), count in found.items() if kind == "push") == 5
    assert not any(kind in ("order", "undo") for _, kind in found)


def test_nothing_is_skipped_while_another_process_writes(desk: Desk, opened: Log) -> None:
    """As the screen asks: the last lines again and again; every event is counted once, and the last is there."""
    newest = opened.newest()
    command = [sys.executable, "-c", _WRITER, str(account_file(desk)), "500", "12"]
    count, last = 0, None
    with subprocess.Popen(command) as writer:
        while (running := writer.poll() is None) or opened.has_changed():
            news = opened.news(newest, ALL, 50, Unwatched())
            assert len(news.events) == min(50, news.count)
            count, newest = count + news.count, news.newest
            last = news.events[-1] if news.events else last
            if not running:
                break
    assert writer.returncode == 0
    news = opened.news(newest, ALL, 50, Unwatched())
    last = news.events[-1] if news.events else last
    assert count + news.count == 6_000
    assert last is not None
    assert last.detail == "event 11 499"


def test_following_tells_every_event_once_in_its_order(desk: Desk) -> None:
    watch = WorkWatch(lambda _: None)
    following = log.read_log(desk, "outlet", LogFilter(text="event "), follow=True, watch=watch)
    found: list[Event] = []

    def follow() -> None:
        try:
            for piece in following:
                found.extend(piece)
                if len(found) == 1_500:
                    watch.cancel()
        except Cancelled:
            pass

    thread = threading.Thread(target=follow)
    thread.start()
    subprocess.run([sys.executable, "-c", _WRITER, str(account_file(desk)), "300", "5"], check=True)
    thread.join(30)
    assert not thread.is_alive()
    assert [each.detail for each in found] == [f"event {part} {n}" for part in range(5) for n in range(300)]


def test_the_last_few_or_from_a_time(desk: Desk) -> None:
    now = desk.now()
    for minutes in (50, 40, 30, 20, 10):
        record(desk, at=now - timedelta(minutes=minutes), detail=f"{minutes}")

    def said(**how: object) -> list[str]:
        wanted = LogFilter(kinds=("push",))
        return [each.detail for piece in log.read_log(desk, "outlet", wanted, **how) for each in piece]  # type: ignore[arg-type]

    assert said() == ["50", "40", "30", "20", "10"]
    assert said(last=2) == ["20", "10"]
    assert said(last=0) == []
    assert said(last=99) == said()
    assert said(since=now - timedelta(minutes=35)) == ["30", "20", "10"]
    assert said(since=now - timedelta(minutes=35), last=1) == ["10"]


def test_an_event_says_who_sat_where(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.5 50122 10.0.0.1 22")
    monkeypatch.setattr("socket.gethostname", lambda: "desk-2")
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "mia")
    events.hand.cache_clear()
    try:
        account = account_file(desk).stem
        change = StockChange("receive", "MAIN", "MUG", 3, reference="PO-118")
        stock.change_stock(desk, account, change)
        record(desk, kind="order")
    finally:
        events.hand.cache_clear()
    received, order = [each for piece in log.read_log(desk, "outlet", ALL, last=2) for each in piece]
    assert (received.kind, received.who, received.host, received.origin) == (
        "receive",
        "mia",
        "desk-2",
        "10.0.0.5",
    )
    assert (order.who, order.host, order.origin) == ("", "", ""), "nobody did it"


def test_looking_is_said_to_the_worker_without_an_event(desk: Desk) -> None:
    write(desk, ("INSERT INTO channel_sync (channel_id) SELECT id FROM channel WHERE handle = 'outlet'", ()))
    with log.open_log(desk, "outlet") as opened:
        newest = opened.newest()
        log.watching(desk, "outlet")
        assert opened.newest() == newest
    with closing(sqlite3.connect(account_file(desk))) as connection:
        (until,) = connection.execute("SELECT watched_until FROM channel_sync").fetchone()
    assert desk.now() <= datetime.fromisoformat(until) <= desk.now() + log.WATCHED_FOR
    before = dump(desk.home.root)
    log.watching(Desk(desk.home, Settings(read_only=True), lambda: desk.now() + timedelta(hours=1)), "outlet")
    assert dump(desk.home.root) == before


def test_how_sync_stands_is_read_off_the_file(desk: Desk, opened: Log) -> None:
    standing = opened.standing()
    assert standing is not None
    assert (standing.is_on, standing.next_cycle, standing.kept_by) == (False, None, "")
    until = (desk.now() + timedelta(seconds=30)).isoformat()
    write(
        desk,
        ("UPDATE channel SET sync = 'on' WHERE handle = 'outlet'", ()),
        (
            """INSERT INTO channel_sync (channel_id, next_cycle_at, brake)
               SELECT id, ?, 'too much' FROM channel WHERE handle = 'outlet'""",
            (until,),
        ),
        (
            """INSERT INTO lease (channel_id, holder, person, host, process, fencing, taken_at, expires_at)
               SELECT id, 'x', 'mia', 'desk-2', 4711, 1, ?, ? FROM channel WHERE handle = 'outlet'""",
            (desk.now().isoformat(), until),
        ),
    )
    standing = opened.standing()
    assert standing is not None
    assert standing.is_on
    assert standing.next_cycle is not None
    assert standing.kept_by == "a worker on desk-2 (process 4711), for mia"
    assert standing.brake == "too much"


def test_files_hold_every_event_that_passes(desk: Desk, tmp_path: Path) -> None:
    record(desk, 2_500, detail="=1+1", sku="A\nB", before=3, after=2)
    record(desk, kind="undo")
    wanted = LogFilter(kinds=("push",))
    target = tmp_path / "log.json"
    assert log.save_log(desk, "outlet", target, wanted, replace=False, watch=Unwatched()) == 2_500
    rows = json.loads(target.read_text())
    assert len({row["id"] for row in rows}) == 2_500
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["before"], rows[0]["sku"], rows[0]["look"]) == (3, "A\nB", False)
    assert rows[0]["at"].endswith("Z")
    target = tmp_path / "log.csv"
    assert log.save_log(desk, "outlet", target, ALL, replace=False, watch=Unwatched()) > 2_501
    assert "'=1+1" in target.read_text(), "a spreadsheet would run it"
    with pytest.raises(Refused):
        log.save_log(desk, "outlet", target, ALL, replace=False, watch=Unwatched())
    with pytest.raises(WrongUsage):
        log.save_log(desk, "outlet", tmp_path / "log.txt", ALL, replace=False, watch=Unwatched())


def test_facts_name_every_column(desk: Desk) -> None:
    assert tuple(facts_of(Event(1, desk.now(), "push"))) == COLUMNS
    whole = desk.now().replace(microsecond=0)
    assert len(str(facts_of(Event(1, whole, "push"))["at"])) == len("2026-11-23T14:31:07.000000Z"), "one form"


def test_a_closed_log_reads_no_more(desk: Desk) -> None:
    opened = log.open_log(desk, "outlet")
    opened.close()
    opened.close()
    assert not opened.has_changed()
    assert opened.standing() is None
    with pytest.raises(Cancelled):
        opened.newest()
    with pytest.raises(UnknownName):
        log.open_log(desk, "nobody")


def test_another_file_in_its_place_is_noticed(desk: Desk, opened: Log) -> None:
    path = account_file(desk)
    assert not opened.is_replaced
    path.with_suffix(".other").write_bytes(path.read_bytes())
    path.with_suffix(".other").replace(path)
    assert opened.is_replaced
