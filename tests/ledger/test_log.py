"""The record read in windows: the same as a filter over all of it, whatever the windows; gaps, two channels, times, counts; and no look at
all of it to open a long one.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportdesk.core.events import KINDS, LOOK, Event, LogFilter
from supportdesk.core.progress import Unwatched
from supportdesk.desk.watch import WorkWatch
from supportdesk.errors import Cancelled
from supportdesk.ledger import events, log
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.log import EventLog
from supportdesk.ledger.windows import open_reader
from tests.catalogs import Clock

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEXTS = ("", "50% off_sale", "Straße", "O'Brien \\ co", "日本", "plain")
KIND = (*sorted(KINDS)[:12], "undo", "from_the_future")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "a.db", account="a", now=Clock()) as ledger:
        with ledger.writing() as connection:
            for number, handle in ((1, "outdoor"), (2, "outlet")):
                connection.execute(
                    "INSERT INTO channel (id, handle, title, source, connected_at) VALUES (?, ?, ?, 'export', ?)",
                    (number, handle, handle, AT.isoformat()),
                )
        yield ledger


Read = Callable[[], EventLog]


@pytest.fixture
def read(ledger: Ledger) -> Iterator[Read]:
    """Opens the record of `outdoor`, as a reader of its own does."""
    opened: list[EventLog] = []

    def open_it() -> EventLog:
        opened.append(EventLog(open_reader(ledger.path), ledger.path, 1, "outdoor"))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


def fill(ledger: Ledger, many: int) -> list[Event]:
    """Events a second apart of both channels and the account, with gaps in their ids; those that `outdoor` shows."""
    shown = []
    with ledger.writing() as connection:
        connection.execute("INSERT OR IGNORE INTO warehouse (code, name) VALUES ('M', 'Main Warehouse')")
        for number in range(many):
            facts: dict[str, Any] = {
                "at": AT + timedelta(seconds=number),
                "kind": KIND[number % len(KIND)],
                "channel": ("outdoor", "", "outlet", "outdoor")[number % 4],
                "sku": f"KO-{number % 7}" if number % 3 else "",
                "place": ("Main St", "Depot", "")[number % 3],
                "location": ("Depot", "", "Depot", "")[number % 4],
                "warehouse": ("M", "", "", "", "")[number % 5],
                "detail": TEXTS[number % len(TEXTS)],
                "reference": f"#{1000 + number}" if number % 5 == 0 else "",
            }
            event_id = events.record(connection, **facts)
            if facts["channel"] != "outlet":
                shown.append(Event(event_id, **facts))
            if number % 11 == 0:
                connection.execute("DELETE FROM event WHERE id = ?", (event_id,))
                shown = [each for each in shown if each.id != event_id]
                connection.execute(
                    "INSERT INTO event (id, at, kind, channel) VALUES (?, ?, 'gap', 'outlet')",
                    (event_id + 1 + number % 3, facts["at"].isoformat()),
                )
    return shown


def passes(event: Event, wanted: LogFilter) -> bool:
    """The filter, said once more without SQL."""
    if wanted.group == "look" and event.kind not in LOOK:
        return False
    if wanted.group not in ("all", "look") and (
        event.kind not in KINDS or KINDS[event.kind].group != wanted.group
    ):
        return False
    if wanted.kinds and event.kind not in wanted.kinds:
        return False
    names = (event.place, event.location, event.warehouse, "Main Warehouse" if event.warehouse else "")
    if (wanted.place and wanted.place not in names) or (wanted.sku and event.sku != wanted.sku):
        return False
    word = KINDS[event.kind].word if event.kind in KINDS else ""
    kind = event.kind if event.kind in KINDS else ""
    ends = (event.place, event.location, event.warehouse)
    texts = (event.sku, *ends, event.reference, event.detail, event.who, word, kind)
    return any(wanted.text.casefold() in text.casefold() for text in texts)


FILTERS = st.builds(
    LogFilter,
    text=st.sampled_from(
        ["", "%", "_", "straße", "STRAß", "ko-3", "o'b", "\\", "日", "edit", "add", "#10", "nothing"]
    ),
    group=st.sampled_from(["all", "all", "look", "orders", "stock", "answers"]),
    kinds=st.sampled_from([(), (), ("undo",), ("from_the_future", "add")]),
    place=st.sampled_from(["", "", "Main St", "Depot", "Main Warehouse", "M", "Nowhere"]),
    sku=st.sampled_from(["", "", "KO-3"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=FILTERS,
    limit=st.integers(1, 40),
    window=st.sampled_from([3, 50, 20_000]),
    budget=st.sampled_from([10, 90, 10**6]),
)
def test_windows_hold_what_a_filter_over_all_holds(
    ledger: Ledger, read: Read, wanted: LogFilter, limit: int, window: int, budget: int
) -> None:
    if ledger.value("SELECT count(*) FROM event") == 0:
        fill.shown = fill(ledger, 300)  # type: ignore[attr-defined]
    expected = [each for each in fill.shown if passes(each, wanted)]  # type: ignore[attr-defined]
    record, watch = read(), Unwatched()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "WINDOW", window)
        patch.setattr(log, "BUDGET", budget)
        back: list[Event] = []
        edge, ended = record.extent()[1] + 1, False
        while not ended:
            piece = record.before(edge, wanted, limit, watch)
            assert piece.edge < edge or piece.ended
            assert len(piece.events) <= limit
            back[:0], edge, ended = piece.events, piece.edge, piece.ended
        forth: list[Event] = []
        edge, ended = 0, False
        while not ended:
            piece = record.after(edge, wanted, limit, watch)
            assert piece.edge > edge or piece.ended
            forth += piece.events
            edge, ended = piece.edge, piece.ended
    assert [each.id for each in back] == [each.id for each in expected]
    assert forth == back == expected
    assert record.count(0, edge, wanted) == len(expected)
    record.close()


def test_an_empty_record(read: Read) -> None:
    record, watch = read(), Unwatched()
    assert record.extent() == (0, 0)
    assert record.before(1, LogFilter(), 10, watch) == ([], 0, True)
    assert record.after(0, LogFilter(), 10, watch) == ([], 0, True)
    assert record.id_at(AT) in (0, 1)
    assert not list(record.minutes_since(AT, 0, watch))


def test_a_time_leads_to_the_first_event_from_then_on(ledger: Ledger, read: Read) -> None:
    fill(ledger, 400)
    record = read()
    every = ledger.rows("SELECT id, at FROM event ORDER BY id")
    for seconds in (-5, 0, 0.5, 1, 117, 399, 400):
        moment = AT + timedelta(seconds=seconds)
        later = [row["id"] for row in every if datetime.fromisoformat(row["at"]) >= moment]
        found = record.id_at(moment)
        assert found == (later[0] if later else every[-1]["id"] + 1), seconds


def test_minutes_add_up_to_what_is_shown(ledger: Ledger, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "WINDOW", 37)
    shown = fill(ledger, 400)
    record, newest = read(), int(str(ledger.value("SELECT max(id) FROM event")))
    expected = Counter((each.at.replace(second=0), each.kind) for each in shown)
    found: Counter[tuple[datetime, str]] = Counter()
    for minute, kind, count in record.minutes(0, newest, Unwatched()):
        found[minute, kind] += count
    assert found == expected
    since = AT + timedelta(seconds=250)
    late: Counter[tuple[datetime, str]] = Counter()
    for minute, kind, count in record.minutes_since(since, newest, Unwatched()):
        late[minute, kind] += count
    assert late == Counter((each.at.replace(second=0), each.kind) for each in shown if each.at >= since)


def test_other_processes_are_noticed_and_nothing_is_when_nothing_is_written(
    ledger: Ledger, read: Read
) -> None:
    record = read()
    assert record.has_changed()
    assert not record.has_changed()
    with ledger.writing() as connection:
        events.record(connection, at=AT, kind="push", channel="outdoor")
    assert record.has_changed()
    assert not record.has_changed()


def test_a_search_stops_when_it_is_told_to(ledger: Ledger, read: Read) -> None:
    fill(ledger, 50)
    watch = WorkWatch(lambda _: None)
    watch.cancel()
    with pytest.raises(Cancelled):
        read().before(50, LogFilter(text="nothing"), 10, watch)


def test_places_are_locations_and_warehouses(ledger: Ledger, read: Read) -> None:
    with ledger.writing() as connection:
        connection.executemany(
            "INSERT INTO location VALUES (?, ?, ?, 1, 1, '', '', '', '', 0)",
            [(1, 7, "Main St"), (2, 8, "Other")],
        )
        connection.execute("INSERT INTO warehouse (code, name) VALUES ('D', 'Depot'), ('M', 'Main St')")
    assert read().places() == ("Depot", "Main St")


def _work_to_open(ledger: Ledger, record: EventLog) -> int:
    """Instructions of SQLite's machine, in hundreds, that showing the end of the record takes."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    record._connection.set_progress_handler(step, 100)
    newest = record.extent()[1]
    assert len(record.before(newest + 1, LogFilter(), 200, Unwatched()).events) == 200
    assert record.id_at(AT) in (0, 1)
    record._connection.set_progress_handler(None, 0)
    return steps


def test_opening_a_long_record_takes_no_more_than_a_short_one(ledger: Ledger, read: Read) -> None:
    def grow(many: int) -> None:
        with ledger.writing() as connection:
            connection.executemany(
                "INSERT INTO event (at, kind, channel) VALUES (?, 'push', 'outdoor')",
                ((AT.isoformat(),) for _ in range(many)),
            )

    grow(1_000)
    short = _work_to_open(ledger, read())
    grow(200_000)
    long = _work_to_open(ledger, read())
    assert long <= 2 * short + 10, "it looks through all of it"


def test_what_is_damaged_says_so(ledger: Ledger, read: Read) -> None:
    record = read()
    with ledger.writing() as connection:
        connection.execute("ALTER TABLE event RENAME TO gone")
    from supportdesk.errors import LedgerError

    with pytest.raises(LedgerError):
        record.extent()
    assert isinstance(record._connection, sqlite3.Connection)
