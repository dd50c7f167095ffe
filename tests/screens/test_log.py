"""The Log tab: it follows and holds still, filters, jumps, copies, leads on; it asks for nothing while nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from supportdesk.core.events import Event, LogFilter
from supportdesk.desk.log import LogStanding
from supportdesk.errors import LedgerBusy
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.log import LogTab
from supportdesk.screens.log_words import countdown, counts_words, meaning_lines, sparkline
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.tab import ChannelTab
from supportdesk.terminal.profile import TerminalProfile
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.log_view import LogView
from tests.conftest import actions_of, settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_log import FakeLog
from tests.screens.fakes import NOW, hostile_channels

pytestmark = pytest.mark.anyio

FIRST = "kestrel-outlet"
ON = LogStanding(True, NOW + timedelta(seconds=7), NOW, "a worker on desk-2 (process 4711), for mia", "")


@pytest.fixture
def app(make_app: MakeApp) -> SupportdeskApp:
    return make_app(first=FIRST)


def log_of(app: SupportdeskApp) -> FakeLog:
    return fake_of(app).log


def view_of(app: SupportdeskApp) -> LogView:
    return app.screen.query_one(LogView)


async def shown(pilot: Pilot[None], *keys: str) -> str:
    """What stands on the screen after those keys, settled after each."""
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return text_of(pilot.app)


@pytest.mark.parametrize(("kind", "label"), [("set", "who"), ("undo", "synced by")])
def test_an_edit_is_not_said_to_be_of_whoever_syncs(kind: str, label: str) -> None:
    event = Event(1, NOW, kind, who="mia")
    assert f"{label:12}mia" in [line.plain for line in meaning_lines(event, NOW.tzinfo or UTC)]


def more(app: SupportdeskApp, many: int, kind: str = "push") -> None:
    """Somebody else writes."""
    first = log_of(app).newest() + 1
    log_of(app).write(
        *(
            Event(first + number, NOW, kind, channel=FIRST, detail=f"new {first + number}")
            for number in range(many)
        )
    )


def body(text: str) -> list[str]:
    """The lines of the log."""
    return [line for line in text.splitlines()[4:-1] if line.strip() and "──" not in line]


async def test_it_follows_holds_still_and_follows_again(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        assert "following the end" in await shown(pilot, "6")
        more(app, 3)
        await until(pilot, lambda: "new 14" in text_of(app))
        still = body(await shown(pilot, "k"))
        more(app, 12)
        await until(pilot, lambda: "+12 new, G follows" in text_of(app))
        assert body(text_of(app)) == still
        assert "G follow" in text_of(app).splitlines()[-1]
        assert "new 26" in await shown(pilot, "G")
        assert "following the end" in text_of(app)
        more(app, 1)
        await until(pilot, lambda: "new 27" in text_of(app))


async def test_counters_countdown_and_who_syncs(app: SupportdeskApp) -> None:
    log_of(app).now_standing = ON
    async with app.run_test(size=(120, 36)) as pilot:
        text = await shown(pilot, "6")
        assert "synced by a worker on desk-2 (process 4711), for mia" in text
        assert "8 in the last hour · 2 !" in text
        assert "next cycle in 7 s" in text
        more(app, 5, "undo")
        await until(pilot, lambda: "13 in the last hour · 7 !" in text_of(app))


async def test_how_sync_stands_is_looked_at_when_the_log_is(app: SupportdeskApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        assert "sync is off" in await shown(pilot, "6")
        await shown(pilot, "1")
        log_of(app).now_standing = ON
        assert "sync is off" not in await shown(pilot, "6")


async def test_somebody_looks_is_said_where_sync_is_on_alone(app: SupportdeskApp, make_app: MakeApp) -> None:
    async def said(app: SupportdeskApp) -> bool:
        async with app.run_test() as pilot:
            await shown(pilot, "6", "1", "6")
            return ("watch_log", FIRST) in fake_of(app).calls

    assert not await said(app)
    log_of(app := make_app(first=FIRST)).now_standing = ON
    assert await said(app)
    log_of(app := make_app(first=FIRST, read_only=True)).now_standing = ON
    assert not await said(app)


async def test_filters(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        look = body(await shown(pilot, "6", "!"))
        assert [line.split()[1] for line in look] in (["!", "!"], ["!", "14:20:01"])
        assert "what to look at" in text_of(app)
        assert len(body(await shown(pilot, "!"))) == 11
        orders = body(await shown(pilot, "f", "f"))
        assert len(orders) == 2
        assert "orders" in text_of(app).splitlines()[2]
        assert len(body(await shown(pilot, "escape"))) == 11
        assert len(body(await shown(pilot, "p"))) == 2
        assert "at Depot" in text_of(app)
        assert len(body(await shown(pilot, "p"))) == 3
        assert "following the end" in await shown(pilot, "p")
        assert len(body(await shown(pilot, *"/mug", "enter"))) == 2
        assert "filter: mug" in text_of(app)
        more(app, 1)
        log_of(app).write(replace(log_of(app).events[5], id=99, detail="late mug"))
        await until(pilot, lambda: "late mug" in text_of(app))
        assert "new 12" not in text_of(app), "what does not pass stays out"
        assert len(body(await shown(pilot, "escape"))) == 13
        assert isinstance(app.screen, ChannelScreen)
        await shown(pilot, "escape")
        assert not isinstance(app.screen, ChannelScreen), "nothing is left to go back from"


async def test_in_context_and_next_and_previous(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        assert len(body(await shown(pilot, "6", *"/mug", "enter", "c"))) == 11
        assert "find: mug" in text_of(app)
        for key, event in (("N", 7), ("N", 6), ("n", 7), ("n", 7)):
            await shown(pilot, key)
            assert view_of(app).key == event
        await shown(pilot, "escape")
        assert len(body(text_of(app))) == 11
        for key, event in (("N", 10), ("N", 8), ("N", 8), ("n", 10)):
            await shown(pilot, key)
            assert view_of(app).key == event, "without a text, what is to be looked at"


async def test_to_a_time(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        await shown(pilot, "6", "t", *"14:12", "enter")
        assert view_of(app).key == 8
        assert "holding still" in text_of(app)
        assert "is no time" in await shown(pilot, "t", *"noon", "enter")
        await shown(pilot, "escape", "t", *"14:29", "enter")
        assert "following the end" in text_of(app)
        await shown(pilot, "t", *"3d", "enter")
        assert view_of(app).key == 1


async def test_enter_leads_to_the_sku_and_o_to_the_order(
    app: SupportdeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    async with app.run_test() as pilot:
        await shown(pilot, "6")
        tab = app.screen.query_one(LogTab)
        post = tab.post_message

        def posted(message: object) -> bool:
            if isinstance(message, ChannelTab.GoTo):
                gone.append(message.target)
                return True
            return post(message)  # type: ignore[arg-type]

        monkeypatch.setattr(tab, "post_message", posted)
        await shown(pilot, "k", "enter")
        assert gone == ["orders:#1043"], "Sumtracker does not know that SKU"
        await shown(pilot, "k", "o")
        assert len(gone) == 1, "a delivery is no order"
        await shown(pilot, "enter")
        assert isinstance(app.screen, SkuScreen)
        assert app.screen.sku == "KO-ROPE-30M"
        await shown(pilot, "escape", "k", "k", "k", "o")
        assert gone == ["orders:#1043", "orders:#1042"]


async def test_copying_a_line_a_range_and_all_that_is_known(
    app: SupportdeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test() as pilot:
        await shown(pilot, "6", "k", "k", "y")
        assert copied[-1] == (
            "Monday 23 November 2026  14:13:10  ·  receive  Depot  KO-ROPE-30M  4 → 54  PO-118, mia"
        )
        await shown(pilot, "Y")
        assert copied[-1].split("\t")[1:9] == [
            *("2026-11-23T14:13:10.000000Z", "receive", "·", "False", "", "mia", "desk-2", "10.0.0.5"),
        ]
        await shown(pilot, "space", "k", "k", "y")
        assert [line.split("  ")[3] for line in copied[-1].splitlines()] == ["push", "edit", "receive"]
        assert "marking" in text_of(app)
        await shown(pilot, "v")
        assert "marking" not in text_of(app)


async def test_export_writes_what_is_filtered(app: SupportdeskApp, tmp_path: Path) -> None:
    async with app.run_test() as pilot:
        await shown(pilot, "6", "!", *"/sku", "enter", "c", "E")
        typed = app.screen.query("Input").last()
        typed.value = str(tmp_path / "log.json")  # type: ignore[attr-defined]
        await shown(pilot, "ctrl+s")
        (call,) = (each for each in fake_of(app).calls if each[0] == "save_log")
        assert call[1] == FIRST
        assert call[3] == LogFilter(text="sku", group="look")


async def test_what_it_means_names_the_machine(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        text = await shown(pilot, "6", "k", "k", "m")
        assert isinstance(app.screen, TextPage)
        assert "mia on desk-2, over SSH from 10.0.0.5" in text


async def test_nothing_is_asked_while_nothing_happens(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        await shown(pilot, "6")
        tab = app.screen.query_one(LogTab)
        await until(pilot, lambda: not tab._is_behind and not tab._is_taking)
        asked: list[str] = []
        log = log_of(app)
        log.news = lambda *_: asked.append("news")  # type: ignore[method-assign,assignment]
        for _ in range(20):
            tab._look()
            await settle(pilot)
        assert not asked


async def test_a_log_on_which_something_lies_catches_up_afterwards(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        await shown(pilot, "6", "m")
        more(app, 4)
        for _ in range(3):
            app.screen_stack[-2].query_one(LogTab)._look()
            await settle(pilot)
        assert "new 15" not in text_of(app)
        await shown(pilot, "escape")
        await until(pilot, lambda: "new 15" in text_of(app))


async def test_a_restored_file_is_opened_again(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        await shown(pilot, "6")
        old = log_of(app)
        fake_of(app).log = FakeLog([Event(1, NOW, "restore", channel=FIRST, who="mia")])
        old.is_replaced = True
        await until(pilot, lambda: "restore" in text_of(app))
        assert old.is_closed
        assert len(body(text_of(app))) == 1


async def test_an_error_may_be_tried_again(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        fake_of(app).fail = LedgerBusy("Another process has held it.", "Try again.")
        await shown(pilot, "6")
        assert isinstance(app.screen, ErrorDialog)
        fake_of(app).fail = None
        await shown(pilot, "shift+tab", "enter")
        assert len(body(text_of(app))) == 11


async def test_hostile_text_is_inert_everywhere(make_app: MakeApp) -> None:
    app = make_app(hostile_channels(), hostile=True)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        for keys in ("enter", "6", *"kkk", "w", "m", "escape", "p", "y", "space", "n", "t"):
            await shown(pilot, keys)
            assert actions_of(app) == set()
            assert all(line.isprintable() for line in text_of(app).splitlines())


async def test_a_store_with_a_clock_of_its_own(app: SupportdeskApp) -> None:
    async with app.run_test() as pilot:
        await shown(pilot, "6")
        assert str(app.screen.query_one(LogTab).zone) == "Europe/London"


def _bars() -> Iterator[tuple[list[int], int, str, str]]:
    yield [0] * 60, 20, " " * 20, " " * 20
    yield [0] * 59 + [5], 20, " " * 19 + "█", " " * 19 + "#"
    yield [1, 2, 4, 8], 4, "▁▂▄█", "...:#"


@pytest.mark.parametrize(("counts", "width", "bars", "in_ascii"), list(_bars()))
def test_bars(counts: list[int], width: int, bars: str, in_ascii: str) -> None:
    assert sparkline(counts, width, ascii_only=False) == bars
    drawn = sparkline(counts, width, ascii_only=True)
    assert (len(drawn), drawn.isascii(), drawn.strip() == "") == (len(bars), True, bars.strip() == "")


async def test_ascii_draws_bars_that_differ(make_app: MakeApp) -> None:
    app = make_app(first=FIRST, profile=TerminalProfile(ascii=True))
    async with app.run_test() as pilot:
        await shown(pilot, "6")
        assert "#" in text_of(app).splitlines()[3]
        assert text_of(app).splitlines()[3].isascii() or "·" in text_of(app).splitlines()[3]


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (None, ""),
        (replace(ON, is_on=False), "sync is off"),
        (ON, "next cycle in 7 s"),
        (replace(ON, next_cycle=NOW + timedelta(minutes=9)), "next cycle in 9 min"),
        (replace(ON, next_cycle=NOW - timedelta(seconds=9)), "next cycle is due"),
        (replace(ON, next_cycle=None), "a cycle is running"),
        (replace(ON, kept_by=""), "nobody is syncing"),
    ],
)
def test_the_countdown(standing: LogStanding | None, words: str) -> None:
    assert countdown(standing, NOW) == words


def test_counts() -> None:
    assert counts_words({}) == "0 in the last hour"
    assert counts_words({"push": 1_000, "undo": 2, "held": 1}) == "1,003 in the last hour · 3 !"
