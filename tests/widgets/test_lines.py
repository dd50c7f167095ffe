"""The one-line widgets and small pieces: header, footer, tabs, filter, choice, progress, merchant text."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from supportdesk.core.checks import Check
from supportdesk.core.progress import Progress
from supportdesk.themes import theme_id, themes
from supportdesk.widgets.check_list import CheckList, PanelTitle
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.clipboard import copy
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.footer import FooterItem, FooterLine
from supportdesk.widgets.header import HeaderLine
from supportdesk.widgets.merchant_text import fitted, plain
from supportdesk.widgets.progress import PhaseList, amount, duration
from supportdesk.widgets.tabs import TabLine
from tests.conftest import settle, text_of
from tests.screens.fakes import HOSTILE

pytestmark = pytest.mark.anyio


class OneWidget(App[None]):
    """A widget alone, and the messages it posts."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        for theme in themes():
            self.register_theme(theme)
        self.theme = theme_id("dark")
        self.widget = widget
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_footer_line_chosen(self, event: FooterLine.Chosen) -> None:
        self.said.append(event.command)

    def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        self.said.append(event.number)

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        self.said.append(event.text)

    def on_choice_changed(self, event: Choice.Changed) -> None:
        self.said.append(event.chosen)

    def on_check_list_edge(self, event: CheckList.Edge) -> None:
        self.said.append(event.direction)


@pytest.mark.parametrize("text", HOSTILE)
def test_merchant_text_is_one_inert_line(text: str) -> None:
    content = plain(text)
    assert content.plain.isprintable()
    assert not content.spans
    assert fitted(text, 10).cell_length <= 10
    assert fitted(text, 0).plain == ""


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [20, 80])
async def test_the_header_keeps_its_right_end(text: str, width: int) -> None:
    app = OneWidget(HeaderLine())
    async with app.run_test(size=(width, 3)) as pilot:
        header = app.query_one(HeaderLine)
        header.subject, header.part, header.state = text, "Overview", "○ Sync off"
        await settle(pilot)
        line = text_of(app).splitlines()[0]
        assert len(header.render().plain.splitlines()) == 1
        assert header.render().cell_length <= width - 2
        if width == 80:
            assert line.endswith("○ Sync off")
            assert " · Overview" in line


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_header_keeps_the_store_s_name_and_demo(width: int) -> None:
    app = OneWidget(HeaderLine())
    async with app.run_test(size=(width, 3)) as pilot:
        header = app.query_one(HeaderLine)
        header.subject, header.part = "Kestrel Outdoor", "Overview"
        header.state, header.marks = "○ Sync off  loaded 2 min ago", ("DEMO", "presenter")
        await settle(pilot)
        line = text_of(app).splitlines()[0]
        assert "Kestrel Outdoor" in line
        assert "DEMO" in line
        assert "○ Sync off" in line
        assert ("presenter" in line) is (width > 60)


async def test_the_footer_shows_whole_items_and_hears_clicks() -> None:
    app = OneWidget(FooterLine())
    async with app.run_test(size=(24, 3)) as pilot:
        app.query_one(FooterLine).items = (
            FooterItem("help", "?", "help"),
            FooterItem("quit", "q", "quit", enabled=False),
            FooterItem("long", "x", "does not fit"),
        )
        await settle(pilot)
        assert text_of(app).splitlines()[0] == " ? help  q quit"
        for column in (0, 1, 6, 7, 9, 20):
            await pilot.click("FooterLine", offset=(column, 0))
        await settle(pilot)
        assert app.said == ["help", "help", "quit"]


async def test_tabs() -> None:
    app = OneWidget(TabLine())
    async with app.run_test(size=(60, 3)) as pilot:
        line = app.query_one(TabLine)
        line.tabs, line.active = ("Overview", "Duplicates"), 2
        await settle(pilot)
        assert text_of(app).splitlines()[0] == " 1 Overview  2 Duplicates"
        await pilot.click("TabLine", offset=(14, 0))
        await pilot.click("TabLine", offset=(3, 0))
        await settle(pilot)
        assert app.said == [2, 1]


async def test_the_filter_says_what_is_shown() -> None:
    app = OneWidget(FilterLine())
    async with app.run_test(size=(80, 3)) as pilot:
        line = app.query_one(FilterLine)
        line.describe("430 stores", 430, 430)
        await settle(pilot)
        assert text_of(app).splitlines()[0] == " 430 stores"
        line.open()
        await pilot.press("left_square_bracket", "slash", "x")
        line.describe("430 stores", 1, 430)
        await settle(pilot)
        assert app.said == ["[", "[/", "[/x"]
        await pilot.press("enter")
        await settle(pilot)
        assert text_of(app).splitlines()[0].endswith("filter: [/x (1/430)")
        line.leave(clear=True)
        await settle(pilot)
        assert line.text == ""
        assert app.query_one(Input).display is False


async def test_a_choice_is_said_by_signs() -> None:
    app = OneWidget(Choice(("one", "two")))
    async with app.run_test(size=(40, 3)) as pilot:
        app.query_one(Choice).focus()
        await settle(pilot)
        assert text_of(app).startswith("(•) one   ( ) two")
        await pilot.press("right", "space", "left")
        await settle(pilot)
        assert text_of(app).startswith("( ) one   (•) two")
        await pilot.click("Choice", offset=(1, 0))
        await settle(pilot)
        assert app.said == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 s"),
        (12.4, "12 s"),
        (89, "89 s"),
        (91, "2 min"),
        (3_599, "60 min"),
        (5_401, "2 h"),
        (86_400, "24 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("a"), ""),
        (Progress("a", 3_200, 12_410, "listings"), "3,200 of 12,410 listings"),
        (Progress("a", 3_200, None, "listings"), "3,200 listings"),
        (Progress("a", 1, 1), "1 of 1"),
        (Progress("a", 1, 1, "locations"), "1 of 1 location"),
        (Progress("a", 1, None, "listings"), "1 listing"),
        (Progress("a", 1, 2, "listings"), "1 of 2 listings"),
    ],
)
def test_amounts(progress: Progress, words: str) -> None:
    assert amount(progress) == words


async def test_phases() -> None:
    app = OneWidget(PhaseList())
    async with app.run_test(size=(80, 10)) as pilot:
        phases: Any = app.query_one(PhaseList)
        phases.phases = (Progress("Locations", 3, 3), Progress("Listings", 50, 100, "", 30.0, "[/wait]"))
        await settle(pilot)
        lines = text_of(app).splitlines()
        assert lines[0].startswith("✓ Locations")
        assert lines[1].startswith("▸ Listings")
        assert "━" * 25 + "─" * 25 + "  50 %  about 30 s left" in lines[2]
        assert lines[3].strip() == "[/wait]"
        note = "Then a second look, and about 9 s later the result of both. Stopping loses nothing at all."
        phases.phases = (Progress("Looks", 1, 9, "seconds", None, note),)
        await settle(pilot)
        assert " ".join(text_of(app).split()).endswith(note)
        phases.phases = (Progress("Locations", 3, 3), Progress("Listings", 50, 100, "", 30.0))
        phases.stopped = True
        await settle(pilot)
        assert text_of(app).splitlines()[1].startswith("✗ Listings")
        phases.stopped, phases.finished = False, True
        await settle(pilot)
        assert text_of(app).splitlines()[1].startswith("✓ Listings")
        assert "50 %" not in text_of(app)


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(0, 10, "  0 %"), (99, 10, "100 %"), (10, 10, "100 %")]
)
async def test_a_bar_stays_within_itself(done: int, total: int, percent: str) -> None:
    app = OneWidget(PhaseList())
    async with app.run_test(size=(60, 5)) as pilot:
        app.query_one(PhaseList).phases = (Progress("a", done, total),)
        await settle(pilot)
        assert percent in text_of(app)


async def test_checks_wrap_and_have_a_cursor() -> None:
    checks = tuple(Check(str(number), "warn", "many words in one sentence " * 3) for number in range(3))
    app = OneWidget(CheckList())
    async with app.run_test(size=(40, 20)) as pilot:
        listed = app.query_one(CheckList)
        listed.checks = checks
        listed.focus()
        await pilot.press("j", "j", "j", "g", "k")
        await settle(pilot)
        assert app.said == [1, -1]
        assert listed.size.height == 9
        assert [line[:4] for line in text_of(app).splitlines()[:4]] == ["▸ ! ", "    ", "    ", "  ! "]
        await pilot.click("CheckList", offset=(5, 8))
        assert listed.check == checks[2]


async def test_a_title_gives_way_where_there_is_no_room() -> None:
    app = OneWidget(PanelTitle("Locations", "3 active"))
    async with app.run_test(size=(12, 3)) as pilot:
        await settle(pilot)
        assert text_of(app).splitlines()[0] == "── Locations"[:11] + "…" or "Loc" in text_of(app)
        await pilot.resize_terminal(40, 3)
        await settle(pilot)
        assert text_of(app).splitlines()[0] == "── Locations ─────────────── 3 active ──"
    long = OneWidget(
        PanelTitle("#1148", "placed 23 Nov 2026 23:44, fulfilled, as it was when sync was turned off")
    )
    async with long.run_test(size=(40, 3)) as pilot:
        await settle(pilot)
        assert text_of(long).splitlines()[0] == "── #1148 ──── placed 23 Nov 2026 23:… ──"


@pytest.mark.parametrize(
    ("text", "clipboard"), [("KO-1", "KO-1"), ("a\ud83db", "a?b"), ("", ""), ("x" * 100_000, "")]
)
async def test_copying(text: str, clipboard: str) -> None:
    app = OneWidget(HeaderLine())
    async with app.run_test(notifications=True) as pilot:
        copy(app, "the SKU", text)
        await settle(pilot)
        assert app.clipboard == clipboard


async def test_what_was_copied_is_shown_inert() -> None:
    app = OneWidget(HeaderLine())
    async with app.run_test(notifications=True, size=(120, 10)) as pilot:
        copy(app, "the title", "[@click=app.quit]x[/]\x1b]52;c;aa\x07")
        await settle(pilot)
        assert "Copied the title: [@click=app.quit]x[/]\\x1b]52;c;" in text_of(app).replace("\n", "")
        assert isinstance(plain("x"), Content)
