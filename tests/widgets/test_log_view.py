"""LogView: follows or holds still, asks for what it has not, keeps few lines, and whatever is done the cursor is on screen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from supportdesk.core.text import safe_text
from supportdesk.themes import theme_id, themes
from supportdesk.widgets.log_line import LogLine, fit, shortened, wrapped
from supportdesk.widgets.log_view import MOST, LogView
from tests.conftest import settle, text_of
from tests.screens.fakes import HOSTILE

pytestmark = pytest.mark.anyio


def line(key: int, text: str = "") -> LogLine:
    """A line; ten make a day."""
    return LogLine(
        key,
        f"day {key // 10}",
        "14:31:07",
        "←",
        "accent",
        "order",
        "Main St",
        f"SKU-{key}",
        "4 → 3",
        text or f"#{key}",
    )


def lines(first: int, last: int) -> list[LogLine]:
    return [line(key) for key in range(first, last)]


class LogApp(App[None]):
    """A log alone, over lines 0 to `last`; what it wants it gets from `give`."""

    def __init__(self) -> None:
        super().__init__()
        for theme in themes():
            self.register_theme(theme)
        self.theme = theme_id("dark")
        self.view = LogView()
        self.wanted: list[str] = []
        self.last = 0

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()

    def on_log_view_wanted(self, event: LogView.Wanted) -> None:
        self.wanted.append(event.direction)

    def give(self) -> None:
        """Answer what was wanted last, as the screen does."""
        if not self.wanted:
            return
        direction, view = self.wanted.pop(), self.view
        self.wanted.clear()
        if direction == "older":
            first = view.lines[0].key
            view.put_older(lines(max(0, first - 100), first), has_older=first > 100)
        elif direction == "newer":
            after = view.lines[-1].key + 1
            view.put_newer(lines(after, min(self.last, after + 100)), has_newer=after + 100 < self.last)
        elif direction == "first":
            view.put(lines(0, 100), has_older=False, has_newer=self.last > 100, at=0)
        else:
            self.end()

    def end(self) -> None:
        """Show the end, and follow it."""
        self.view.put(lines(max(0, self.last - 100), self.last), has_older=self.last > 100, has_newer=False)

    def write(self, many: int, shown: int = 10**6) -> None:
        """So many lines are written; the last `shown` of them are handed over."""
        new = lines(self.last, self.last + many) if self.view.is_following else []
        self.last += many
        self.view.add(new[-shown:], many)


def check(app: LogApp) -> None:
    """What always holds: the cursor is on the screen, keys grow, few lines are kept."""
    view = app.view
    shown = view._shown()
    assert len(shown) <= view.size.height
    keys = [each.key for each in view.lines]
    assert keys == list(range(keys[0], keys[0] + len(keys))) if keys else not shown
    assert len(keys) <= MOST + 200
    if keys:
        assert view.cursor in {index for index, _ in shown}
        assert shown == sorted(shown)
        if view.is_following:
            assert keys[-1] == app.last - 1 == view.key
            assert view.new == 0


async def test_the_end_is_followed_until_the_cursor_moves_and_again_with_G() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 10)) as pilot:
        app.write(3)
        await settle(pilot)
        assert text_of(app).splitlines()[:2] == [
            f"  ── day 0 {'─' * 69}",
            "  14:31:07 ← order    Main St   SKU-0              4 → 3  #0",
        ]
        app.write(30)
        await settle(pilot)
        assert text_of(app).splitlines()[-1].endswith("#32")
        await pilot.press("k")
        before = text_of(app)
        app.write(5)
        await settle(pilot)
        assert text_of(app) == before, "it holds still"
        assert (app.view.new, app.view.key) == (5, 31)
        await pilot.press("G")
        assert app.wanted == ["last"]
        app.give()
        await settle(pilot)
        assert text_of(app).splitlines()[-1].endswith("#37")
        check(app)


async def test_of_very_many_only_the_last_are_shown_and_few_are_kept() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 10)) as pilot:
        app.write(50_000, shown=200)
        check(app)
        assert len(app.view.lines) == 200
        for _ in range(60):
            app.write(200)
        await settle(pilot)
        assert MOST - 200 <= len(app.view.lines) <= MOST
        assert text_of(app).splitlines()[-1].endswith("#61999")


async def test_going_back_asks_for_older_lines_once_until_they_come() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 10)) as pilot:
        app.last = 1_000
        app.end()
        await pilot.press(*["pageup"] * 9)
        assert app.wanted == ["older"]
        app.give()
        assert app.view.lines[0].key == 800
        await pilot.press("g")
        assert app.wanted[-1] == "first"
        app.give()
        assert app.view.key == 0
        await pilot.press(*["pagedown"] * 9)
        assert app.wanted == ["newer"]
        check(app)


async def test_lines_wrap_below_themselves_and_are_cut_else() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 12)) as pilot:
        app.last = 2
        app.view.put([line(0), line(1, "a long reason " * 12)], has_older=False, has_newer=False)
        await settle(pilot)
        assert text_of(app).splitlines()[2].endswith("…")
        app.view.toggle_wrap()
        await settle(pilot)
        rows = text_of(app).splitlines()[2:]
        assert sum(row.count("reason") for row in rows) == 12
        assert rows[1].startswith(" " * 13)
        check(app)


async def test_a_range_is_marked_from_where_it_began_to_the_cursor() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 12)) as pilot:
        app.write(8)
        await pilot.press("k")
        app.view.toggle_mark()
        await pilot.press("k", "k")
        assert app.view.marked == (4, 6)
        assert sum("●" in row for row in text_of(app).splitlines()) == 3
        app.view.toggle_mark()
        await settle(pilot)
        assert app.view.marked_from is None
        assert "●" not in text_of(app)


async def test_the_wheel_moves_what_is_seen_and_a_click_the_cursor() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 12)) as pilot:
        app.write(60)
        await settle(pilot)
        app.view._scroll(-3)
        await settle(pilot)
        assert not app.view.is_following
        assert not text_of(app).splitlines()[-1].endswith("#59")
        await pilot.click(LogView, offset=(5, 3))
        assert app.view.cursor == app.view._shown()[3][0]
        check(app)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_keeps_to_its_line(text: str) -> None:
    app = LogApp()
    async with app.run_test(size=(80, 12)) as pilot:
        hostile = LogLine(1, "day", "14:31:07", "!", "warned", text, text, text, "4 → 3", text)
        app.view.put([hostile], has_older=False, has_newer=False)
        for _ in range(2):
            await settle(pilot)
            assert all(row.isprintable() and cell_len(row) <= 80 for row in text_of(app).splitlines())
            app.view.toggle_wrap()


async def test_every_segment_has_a_style_and_a_line_few_of_them() -> None:
    app = LogApp()
    async with app.run_test(size=(80, 12)) as pilot:
        app.write(30)
        await settle(pilot)
        for y in range(12):
            segments = list(app.view.render_line(y))
            assert all(segment.style is not None for segment in segments)
            assert len(segments) <= 3


STEPS = st.lists(
    st.sampled_from(
        [
            "k",
            "j",
            "pageup",
            "pagedown",
            "g",
            "G",
            "give",
            "give",
            "write",
            "burst",
            "up",
            "down",
            "wrap",
            "mark",
            "small",
            "large",
        ]
    ),
    max_size=40,
)


@settings(max_examples=8, deadline=None)
@given(steps=STEPS, begin=st.integers(0, 400))
async def test_whatever_is_done_the_cursor_is_seen(steps: Sequence[str], begin: int) -> None:
    app = LogApp()
    async with app.run_test(size=(80, 10)) as pilot:
        app.last = begin
        app.end()
        for step in steps:
            match step:
                case "give":
                    app.give()
                case "write":
                    app.write(7)
                case "burst":
                    app.write(500, shown=200)
                case "up" | "down":
                    app.view._scroll(-3 if step == "up" else 3)
                case "wrap":
                    app.view.toggle_wrap()
                case "mark":
                    app.view.toggle_mark()
                case "small" | "large":
                    await pilot.resize_terminal(80, 5 if step == "small" else 20)
                case _:
                    await pilot.press(step)
            await pilot.pause()
            check(app)


@given(text=st.text(max_size=60), first=st.integers(2, 30), width=st.integers(2, 30))
def test_wrapping_loses_nothing_but_blanks(text: str, first: int, width: int) -> None:
    plain = safe_text(text)
    pieces = wrapped(plain, first, width)
    assert "".join("".join(pieces).split()) == "".join(plain.split())
    assert all(cell_len(piece) <= (width if number else first) for number, piece in enumerate(pieces))


@given(text=st.text(max_size=40), width=st.integers(1, 30), right=st.booleans(), keeps_end=st.booleans())
def test_fitted_text_is_as_wide_as_it_must_be(text: str, width: int, right: bool, keeps_end: bool) -> None:
    assert cell_len(fit(safe_text(text), width, right=right, keeps_end=keeps_end)) == width


@pytest.mark.parametrize(
    ("numbers", "width", "shown"),
    [
        ("40 → 38", 9, "40 → 38"),
        ("1,234 → 1,233", 12, "1234 → 1233"),
        ("1,234,567 → 1,234,568", 13, "→ 1,234,568"),
        ("1,234,567 → 1,234,568", 9, "→ 1234568"),
        ("1,234,567 → 1,234,568", 5, "…"),
        ("1,234,567", 5, "…"),
        ("", 5, ""),
    ],
)
def test_numbers_are_shortened_but_never_cut(numbers: str, width: int, shown: str) -> None:
    assert shortened(numbers, width) == shown
