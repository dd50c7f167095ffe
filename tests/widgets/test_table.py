"""WindowTable: columns, cursor, how little it asks for, and what it sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from supportdesk.core.text import safe_text
from supportdesk.themes import theme_id, themes
from supportdesk.widgets.table import CHUNK, Column, Row, Rows, Toned, WindowTable, _cell, fit_columns
from tests.conftest import settle, text_of
from tests.screens.fakes import HOSTILE

pytestmark = pytest.mark.anyio

COLUMNS = (Column("SKU", 10), Column("title"), Column("count", 8, right=True), Column("note", 6, priority=1))


class Counted:
    """A row source of any size that remembers what it was asked for."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.asked: list[tuple[int, int]] = []

    def count(self) -> int:
        return self._count

    def window(self, start: int, count: int) -> Sequence[Row]:
        self.asked.append((start, count))
        return [
            Row(f"k{number}", (f"SKU-{number}", f"title {number}", number, Toned("! ok", "warned")))
            for number in range(start, min(start + count, self._count))
        ]


class TableApp(App[None]):
    """A table alone."""

    def __init__(self, columns: Sequence[Column] = COLUMNS, **options: Any) -> None:
        super().__init__()
        for theme in themes():
            self.register_theme(theme)
        self.theme = theme_id("dark")
        self.table = WindowTable(columns, **options)
        self.edges: list[int] = []
        self.opened: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()

    def on_window_table_edge(self, event: WindowTable.Edge) -> None:
        self.edges.append(event.direction)

    def on_window_table_opened(self, event: WindowTable.Opened) -> None:
        self.opened.append(event.table.row_key)


@pytest.mark.parametrize(
    ("width", "kept"),
    [
        (80, ["SKU", "title", "count", "note"]),
        (42, ["SKU", "title", "count", "note"]),
        (41, ["SKU", "title", "count"]),
        (10, ["SKU", "title", "count"]),
    ],
)
def test_columns_drop_by_priority(width: int, kept: list[str]) -> None:
    assert [column.title for _, column, _ in fit_columns(COLUMNS, width)] == kept


_columns = st.lists(
    st.builds(Column, st.just("c"), width=st.integers(1, 30), priority=st.integers(0, 4)),
    min_size=1,
    max_size=8,
)


@given(_columns, st.integers(1, 200))
def test_fitted_columns_use_the_width_and_keep_their_order(columns: list[Column], width: int) -> None:
    columns = [Column("flexible"), *columns]
    fitted = fit_columns(columns, width)
    places = [place for place, _, _ in fitted]
    assert places == sorted(places)
    assert all(columns[place].priority == 0 or place in places for place in places)
    total = sum(size for _, _, size in fitted) + 2 * (len(fitted) - 1)
    dropped = [column for place, column in enumerate(columns) if place not in places]
    if not any(column.priority for _, column, _ in fitted):
        assert total >= min(width, total)
    else:
        assert total == width
    assert all(column.priority for column in dropped)


async def test_a_million_rows_open_with_one_question() -> None:
    app = TableApp()
    source = Counted(1_000_000)
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.show(source)
        await settle(pilot)
        assert source.asked == [(0, CHUNK)]
        await pilot.press("G")
        await settle(pilot)
        assert app.table.row_key == "k999999"
        assert "999,999" in text_of(app)
        assert len(source.asked) <= 3
        await pilot.press("g")
        await settle(pilot)
        assert app.table.row_key == "k0"


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        ("j j", 2),
        ("down down k", 1),
        ("j up", 0),
        ("pagedown", 23),
        ("ctrl+d ctrl+d ctrl+u", 23),
        ("end", 499),
        ("G home", 0),
        ("G k", 498),
        ("k", 0),
    ],
)
async def test_keys_move_the_cursor(keys: str, row: int) -> None:
    app = TableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.show(Counted(500))
        await settle(pilot)
        await pilot.press(*keys.split())
        await settle(pilot)
        assert app.table.cursor == row
        assert row in app.table.visible_rows
        assert f"▸ SKU-{row} " in text_of(app)


async def test_past_the_edge_the_table_says_so() -> None:
    app = TableApp()
    async with app.run_test() as pilot:
        app.table.show(Counted(2))
        await pilot.press("k", "j", "j")
        await settle(pilot)
        assert app.edges == [-1, 1]


async def test_the_cursor_follows_its_row() -> None:
    app = TableApp()
    async with app.run_test() as pilot:
        app.table.show(Rows([Row(key, (key, "", 0, None)) for key in "abcde"]))
        await pilot.press("j", "j", "j")
        app.table.show(Rows([Row(key, (key, "", 0, None)) for key in "dab"]))
        assert app.table.row_key == "d"
        app.table.show(Rows([Row("x", ("x", "", 0, None))]))
        assert app.table.row_key == "x"
        app.table.show(Rows())
        assert app.table.row_key is None


async def test_every_line_is_as_wide_as_the_table_and_every_segment_has_a_style() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.show(Rows([Row(title, (title, title, 1, Toned(title, "blocked"))) for title in HOSTILE]))
        await settle(pilot)
        for cursor in range(len(HOSTILE)):
            app.table._move_to(cursor)
            for line in range(20):
                strip = app.table.render_line(line)
                assert strip.cell_length == 60 == sum(cell_len(segment.text) for segment in strip)
                assert all(segment.style is not None for segment in strip)


async def test_cells_of_one_tone_are_one_segment() -> None:
    app = TableApp()
    async with app.run_test(size=(80, 10)) as pilot:
        app.table.show(Counted(3))
        await settle(pilot)
        assert len(list(app.table.render_line(1))) == 1
        assert len(list(app.table.render_line(2))) == 2


@pytest.mark.parametrize("title", HOSTILE)
async def test_hostile_text_stands_there_as_text(title: str) -> None:
    app = TableApp((Column("title"),))
    async with app.run_test(size=(400, 5)) as pilot:
        app.table.show(Rows([Row("a", ("first",)), Row("b", (title,))]))
        await settle(pilot)
        shown = "".join(segment.text for segment in app.table.render_line(2))
        assert shown.isprintable()
        assert not any(segment.style and segment.style.meta for segment in app.table.render_line(2))
        if title.isascii() and title.isprintable():
            assert title in shown


async def test_rows_that_have_not_come_are_marked_and_come_later() -> None:
    class Late:
        ready = False

        def count(self) -> int:
            return 3

        def window(self, start: int, count: int) -> list[Row | None]:
            return [Row("a", ("here", "", 0, None)) if self.ready else None] * 3

    app = TableApp()
    source = Late()
    async with app.run_test() as pilot:
        app.table.show(source)
        await settle(pilot)
        assert "…" in text_of(app)
        assert app.table.row is None
        source.ready = True
        app.table.refresh_rows()
        await settle(pilot)
        assert "here" in text_of(app)


async def test_no_rows_is_said() -> None:
    app = TableApp(empty="Nothing is here.")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "Nothing is here." in text_of(app)
        await pilot.press("j", "G", "enter")


async def test_numbers_have_separators_and_nothing_is_a_dash() -> None:
    app = TableApp()
    async with app.run_test() as pilot:
        app.table.show(Rows([Row("a", ("x", "y", 234_567, None))]))
        await settle(pilot)
        assert " 234,567  –" in text_of(app)
        assert app.table.row_text() == "x\ty\t234567\t"


@pytest.mark.parametrize(
    ("number", "shown"), [(-1_234, "-1,234"), (12_345_678, "12345678"), (123_456_789, "       …")]
)
async def test_a_number_is_never_cut(number: int, shown: str) -> None:
    app = TableApp()
    async with app.run_test() as pilot:
        app.table.show(Rows([Row("a", ("x", "y", number, None))]))
        await settle(pilot)
        assert f" {shown}  –" in text_of(app)


async def test_a_click_moves_and_two_open() -> None:
    app = TableApp()
    async with app.run_test() as pilot:
        app.table.show(Counted(5))
        await settle(pilot)
        await pilot.click(app.table, offset=(5, 3))
        assert app.table.cursor == 2
        assert app.opened == []
        await pilot.double_click(app.table, offset=(5, 4))
        await settle(pilot)
        assert app.opened == ["k3"]
        await pilot.click(app.table, offset=(5, 15))
        assert app.table.cursor == 3


async def test_another_size_keeps_the_cursor_in_view() -> None:
    app = TableApp()
    async with app.run_test(size=(120, 40)) as pilot:
        app.table.show(Counted(500))
        await settle(pilot)
        await pilot.press("pagedown")
        await pilot.resize_terminal(40, 8)
        await settle(pilot)
        assert app.table.cursor in app.table.visible_rows
        assert "note" not in text_of(app)
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert "note" in text_of(app)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short     "),
        ("exactly-10", "exactly-10"),
        ("The Charlie - Blue - Small", "The C…mall"),
        ("全角文字の商品番号", "全角 …番号"),
        ("e" * 19 + "\u0301" * 3 + "f", "eeeee…eee\u0301\u0301\u0301f"),
        ("x" * 20 + "\u0301" * 40, "xxxxx…xxxx" + "\u0301" * 40),
    ],
)
def test_what_tells_skus_apart_is_not_cut_off(text: str, shown: str) -> None:
    cut = _cell(text, 10, Column("SKU", 10, keeps_end=True))
    assert cut == shown
    assert cell_len(cut) == 10


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_cut_cell_is_as_wide_as_its_column(text: str, size: int) -> None:
    for keeps_end in (False, True):
        cut = _cell(safe_text(text), size, Column("SKU", size, keeps_end=keeps_end))
        assert cell_len(cut) == size
