"""`WindowTable`: a table that holds no rows. It asks a `RowSource` for the few it shows, so a million open as fast as ten.

Cursor, paging, columns that drop when there is no room. What the rows mean, and what enter does, is the screen's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, NamedTuple, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from supportdesk.core.text import safe_text
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.scrolling import show_lines

Tone = Literal["", "muted", "passed", "warned", "blocked", "accent"]
"""How a text is meant; always said by a sign or a word as well."""

CHUNK: Final = 128
"""Rows asked for at a time."""
_GAP: Final = "  "
_CURSOR_MARK: Final = "▸"
_NO_MARK: Final = " "


class Toned(NamedTuple):
    """A cell with a tone."""

    text: str
    tone: Tone


Cell = str | int | Toned | None
"""Text is foreign until shown otherwise; a number gets thousands separators; None is shown as `–`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is known by, and its cells in the order of the columns."""

    key: str
    cells: tuple[Cell, ...]
    tone: Tone = ""
    sign: str = ""
    """One column wide, before the first cell of a table that has `signs`: `●` for marked."""


class RowSource(Protocol):
    """Where rows come from. Asked on the event loop, so it answers from memory or by row id, in a millisecond or so."""

    def count(self) -> int:
        """How many rows there are."""

    def window(self, start: int, count: int) -> Sequence[Row | None]:
        """Rows `start` to `start + count`, fewer at the end. None for one that is still being fetched: whoever fetches calls
        `WindowTable.refresh_rows` when it has come."""


class Rows:
    """A row source over a few rows in memory."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self._rows = rows

    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def window(self, start: int, count: int) -> Sequence[Row]:
        """The rows from `start` on, `count` at most."""
        return self._rows[start : start + count]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; the first that has `width` 0 takes the room that is left."""

    title: str
    width: int = 0
    right: bool = False
    priority: int = 0
    """0 always stays; of the others the highest number drops first."""
    minimum: int = 12
    """Least width of the column that takes what is left; below it others drop."""
    keeps_end: bool = False
    """What is too long is cut in its middle, not at its end: the end of a SKU is what tells it from the next one."""


class WindowTable(ScrollView, can_focus=True):
    """A table with a cursor over a `RowSource`. One line a row."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("table")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--head",
        "table--cursor",
        "table--cursor-blurred",
        "table--muted",
        "table--passed",
        "table--warned",
        "table--blocked",
        "table--accent",
    }
    DEFAULT_CSS = """
    WindowTable {
        height: 1fr;
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .table--head { color: $muted; }
        & > .table--muted { color: $muted; }
        & > .table--passed { color: $passed; }
        & > .table--warned { color: $warned; }
        & > .table--blocked { color: $blocked; }
        & > .table--accent { color: $accent; }
        & > .table--cursor { background: $cursor-line; color: $cursor-text; text-style: bold; }
        & > .table--cursor-blurred { color: $foreground; }
        &:ansi > .table--cursor { text-style: reverse; }
        &:nocolor > .table--cursor { text-style: reverse; }
    }
    """

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, table: WindowTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> WindowTable:
            """The table."""
            return self.table

    class Opened(Message):
        """A row was double-clicked: the same as enter."""

        def __init__(self, table: WindowTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> WindowTable:
            """The table."""
            return self.table

    class Edge(Message):
        """The cursor was moved past the first (-1) or last (+1) row."""

        def __init__(self, table: WindowTable, direction: int) -> None:
            super().__init__()
            self.table = table
            self.direction = direction

        @property
        def control(self) -> WindowTable:
            """The table."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "",
        mark_when_blurred: bool = True,
        signs: bool = False,
        id: str | None = None,  # noqa: A002 as every widget's
    ) -> None:
        """`empty` is what stands there, in our words, while the source has no rows. `mark_when_blurred` says whether the
        cursor's line keeps its mark while another widget has the focus, `signs` whether there is room for a row's sign."""
        super().__init__(id=id)
        self.columns = tuple(columns)
        self._lead = 3 if signs else 2
        self.mark_when_blurred = mark_when_blurred
        self.source: RowSource = Rows()
        self.cursor = 0
        self._empty = empty
        self._count = 0
        self._chunks: LRUCache[int, Sequence[Row | None]] = LRUCache(64)
        self._strips: LRUCache[tuple[int, str], Strip] = LRUCache(1024)
        self._width = -1
        self._layout: tuple[tuple[int, Column, int], ...] = ()
        self._styles: dict[tuple[str, str], Style] = {}

    # What a screen says and asks

    def show(
        self, source: RowSource, *, empty: str | None = None, keep_cursor: bool = True, follow: bool = True
    ) -> None:
        """Show another source, the cursor on the row of the same key if it is near, else (or without `follow`) at the same place."""
        key = self.row_key if keep_cursor and follow else None
        self.source = source
        self._count = source.count()
        self._chunks.clear()
        self._strips.clear()
        if empty is not None:
            self._empty = empty
        self.virtual_size = Size(0, self._count + 1)
        place = min(self.cursor if keep_cursor else 0, max(0, self._count - 1))
        if key is not None:
            place = self._near(key, place)
        self.cursor = place
        self._keep_cursor_in_view()
        self.refresh(layout=self.styles.auto_dimensions)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Have other columns; rows that fit them come with the next `show`."""
        self.columns = tuple(columns)
        self._width = -1

    def refresh_rows(self) -> None:
        """Ask the source again for what is shown: rows were fetched, or changed."""
        self._chunks.clear()
        self._strips.clear()
        self.refresh()

    @property
    def row(self) -> Row | None:
        """The row under the cursor; None where there is none or it is not fetched yet."""
        return self._row(self.cursor) if self._count else None

    @property
    def row_key(self) -> str | None:
        """The key of the row under the cursor."""
        return row.key if (row := self.row) else None

    @property
    def visible_rows(self) -> range:
        """The rows that are on screen now."""
        top = self.scroll_offset.y
        return range(top, min(self._count, top + self._page_height))

    def row_text(self) -> str:
        """The row under the cursor as text, cells separated by tabs."""
        row = self.row
        return "\t".join(_text(cell) for cell in row.cells) if row else ""

    # Rows and cursor

    def _row(self, index: int) -> Row | None:
        number, place = divmod(index, CHUNK)
        chunk = self._chunks.get(number)
        if chunk is None:
            chunk = self._chunks[number] = self.source.window(number * CHUNK, CHUNK)
        return chunk[place] if place < len(chunk) else None

    def _near(self, key: str, place: int) -> int:
        """Where the row of that key is, looked for in the chunk of `place` and its neighbours alone."""
        first = max(0, (place // CHUNK - 1) * CHUNK)
        for index in range(first, min(self._count, first + 3 * CHUNK)):
            if (row := self._row(index)) and row.key == key:
                return index
        return place

    @property
    def _page_height(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def _move_to(self, index: int) -> None:
        index = max(0, min(self._count - 1, index))
        if not self._count or index == self.cursor:
            return
        old, self.cursor = self.cursor, index
        if not self._keep_cursor_in_view():
            self._refresh_line(old)
            self._refresh_line(index)
        self.post_message(self.Moved(self))

    def _keep_cursor_in_view(self) -> bool:
        """Scroll so that the cursor is seen, here and in what holds this table; True where this table scrolled."""
        top, height = self.scroll_offset.y, self._page_height
        target = min(self.cursor, top) if self.cursor < top + height else self.cursor - height + 1
        if self.styles.auto_dimensions and self.has_focus:
            show_lines(self, 1 + self.cursor - top)
        if target == top:
            return False
        self.scroll_to(y=target, animate=False, immediate=True, force=True)
        return True

    def _refresh_line(self, index: int) -> None:
        self.refresh(Region(0, index - self.scroll_offset.y + 1, self.size.width, 1))

    def action_cursor(self, step: int) -> None:
        """Move the cursor by `step` rows."""
        if 0 <= self.cursor + step < self._count:
            self._move_to(self.cursor + step)
        else:
            self.post_message(self.Edge(self, step))

    def action_page(self, step: int) -> None:
        """Move the cursor by `step` pages."""
        self._move_to(self.cursor + step * self._page_height)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first row (-1) or the last (1)."""
        self._move_to(0 if side < 0 else self._count - 1)

    async def _on_click(self, event: events.Click) -> None:
        index = event.y - 1 + self.scroll_offset.y
        if event.y < 1 or not 0 <= index < self._count:
            return
        event.stop()
        self._move_to(index)
        if event.chain == 2:
            self.post_message(self.Opened(self))

    # Drawing

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._keep_cursor_in_view()

    def _lay_out(self, width: int) -> None:
        """Fit the columns to the width there is now."""
        if width != self._width:
            self._width = width
            self._layout = fit_columns(self.columns, width - self._lead)
            self._strips.clear()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def on_focus(self) -> None:
        """The cursor line changes its look."""
        self._strips.clear()
        self.refresh()

    def on_blur(self) -> None:
        """The cursor line changes its look."""
        self._strips.clear()
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Head and rows, for a table whose height is auto."""
        return 1 + max(1, self._count)

    def render_line(self, y: int) -> Strip:
        """One line: the head stays where it is, rows scroll below it."""
        width = self.scrollable_content_region.width
        self._lay_out(width)
        if not self._count:
            return self._line_of_text(self._empty if y == 1 else "", width)
        if y == 0:
            return self._head(width)
        index = self.scroll_offset.y + y - 1
        if index >= self._count:
            return self._line_of_text("", width)
        blurred = "cursor-blurred" if self.mark_when_blurred else ""
        cursor = ("cursor" if self.has_focus else blurred) if index == self.cursor else ""
        strip = self._strips.get((index, cursor))
        if strip is None:
            strip = self._line(self._row(index), cursor, width)
            self._strips[(index, cursor)] = strip
        return strip

    def _line_of_text(self, text: str, width: int) -> Strip:
        style = self._style("muted", "")
        return Strip([Segment(_padded(" " * self._lead + text, width), style)], width)

    def _head(self, width: int) -> Strip:
        titles = _GAP.join(_cell(column.title, size, column) for _, column, size in self._layout)
        return Strip([Segment(_padded(" " * self._lead + titles, width), self._style("head", ""))], width)

    def _line(self, row: Row | None, cursor: str, width: int) -> Strip:
        if row is None:
            return self._line_of_text("…", width)
        runs: list[tuple[str, Tone]] = [(self._before(row, cursor), "")]
        for number, (place, column, size) in enumerate(self._layout):
            cell = row.cells[place]
            tone = cell.tone if isinstance(cell, Toned) else row.tone
            gap = _GAP if number else ""
            runs.append((gap + _cell(_shown(cell, size), size, column), tone))
        runs.append((" " * max(0, width - sum(cell_len(text) for text, _ in runs)), runs[-1][1]))
        segments: list[Segment] = []
        text, tone = runs[0]
        for more, other in runs[1:]:
            if other == tone or cursor == "cursor":
                text += more
            else:
                segments.append(Segment(text, self._style(tone, cursor)))
                text, tone = more, other
        segments.append(Segment(text, self._style(tone, cursor)))
        return Strip(segments).crop(0, width)

    def _before(self, row: Row, cursor: str) -> str:
        """What stands before the first cell: the cursor's mark, and the row's sign."""
        sign = (row.sign or _NO_MARK) if self._lead == 3 else ""
        return (_CURSOR_MARK if cursor else _NO_MARK) + sign + " "

    def _style(self, tone: str, cursor: str) -> Style:
        style = self._styles.get((tone, cursor))
        if style is None:
            if cursor == "cursor":
                style = self.get_component_rich_style("table--cursor")
            elif tone:
                style = self.get_component_rich_style(f"table--{tone}")
            else:
                style = self.rich_style
            self._styles[(tone, cursor)] = style
        return style


def fit_columns(columns: Sequence[Column], width: int) -> tuple[tuple[int, Column, int], ...]:
    """(place in a row's cells, column, width) of the columns that fit into `width`, dropping the highest priority first."""
    kept = list(enumerate(columns))
    while len(kept) > 1:
        need = sum(column.width or column.minimum for _, column in kept) + len(_GAP) * (len(kept) - 1)
        droppable = [entry for entry in kept if entry[1].priority]
        if need <= width or not droppable:
            break
        kept.remove(max(droppable, key=lambda entry: (entry[1].priority, entry[0])))
    fixed = sum(column.width for _, column in kept) + len(_GAP) * (len(kept) - 1)
    left = max(1, width - fixed)
    sizes = []
    for place, column in kept:
        size = column.width or left
        if not column.width:
            left = column.minimum
        sizes.append((place, column, size))
    return tuple(sizes)


def _text(cell: Cell) -> str:
    """A cell as it is copied: numbers without separators."""
    if cell is None:
        return ""
    return cell.text if isinstance(cell, Toned) else str(cell)


def _shown(cell: Cell, size: int) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, int):
        # A number with its last digits cut off is another number: rather none at all.
        return next((text for text in (f"{cell:,}", str(cell)) if len(text) <= size), "…")
    return safe_text(cell.text if isinstance(cell, Toned) else cell)


def _cell(text: str, size: int, column: Column) -> str:
    length = cell_len(text)
    if length > size:
        end = _end_of(text, (size - 1) // 2) if column.keeps_end else ""
        return set_cell_size(text, size - 1 - cell_len(end)) + "…" + end
    room = " " * (size - length)
    return room + text if column.right else text + room


def _end_of(text: str, width: int) -> str:
    """The last characters of `text` that fit into `width` columns, beginning with one that has a width of its own."""
    place, used, found = len(text), 0, len(text)
    while place and used + (size := cell_len(text[place - 1])) <= width:
        place, used = place - 1, used + size
        found = place if size else found
    return text[found:]


def _padded(text: str, width: int) -> str:
    length = cell_len(text)
    return text + " " * (width - length) if length <= width else set_cell_size(text, width)
