"""`LogView`: lines that go on being written. It holds those around what is seen, follows the end or holds still while somebody reads.

How one line is drawn is `log_line`; where lines come from, what they mean and what enter does is the screen's business: it hears `Wanted` and answers with `put` and its like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.log_line import CursorLook, LogLine, LogLook, fit, rows_of

NEAR: Final = 60
"""Lines left before an edge of what is held, when more are asked for."""
MOST: Final = 4_000
"""Lines held at most; those farthest from what is seen go first."""
_WHEEL: Final = 3
Direction = Literal["older", "newer", "first", "last"]


class LogView(Widget, can_focus=True):
    """A cursor over lines; a rule stands between days."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("table")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("log--cursor", "log--rule", "log--marked", "log--match"),
        *(f"log--{tone}" for tone in ("muted", "passed", "warned", "blocked", "accent")),
    }
    DEFAULT_CSS = """
    LogView {
        height: 1fr; width: 1fr; background: $background; color: $foreground;
        & > .log--rule { color: $muted; }
        & > .log--muted { color: $muted; }
        & > .log--passed { color: $passed; }
        & > .log--warned { color: $warned; text-style: bold; }
        & > .log--blocked { color: $blocked; }
        & > .log--accent { color: $accent; }
        & > .log--match { text-style: underline; }
        & > .log--marked { text-style: bold; }
        & > .log--cursor { background: $cursor-line; color: $cursor-text; text-style: bold; }
        &:ansi > .log--cursor { text-style: reverse; }
        &:nocolor > .log--cursor { text-style: reverse; }
    }
    """

    class Moved(Message):
        """The cursor is on another line, or it follows the end now, or follows no more."""

    class Opened(Message):
        """A line was double-clicked: the same as enter."""

    class Wanted(Message):
        """More lines are wanted: older than the first, newer than the last, the very first ones, or the end."""

        def __init__(self, direction: Direction) -> None:
            super().__init__()
            self.direction = direction

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 as every widget's
        super().__init__(id=id)
        self.lines: list[LogLine] = []
        self.cursor = 0
        self.is_following = True
        self.new = 0
        """Lines that came while it held still."""
        self.wraps = False
        self.marked_from: int | None = None
        """The key of the line where a range begins; it ends at the cursor."""
        self._matches: Callable[[LogLine], bool] | None = None
        self._has_older = self._has_newer = False
        self._empty: Sequence[str] = ()
        self._top = (0, 0)
        """The first line that is seen, and which of its rows comes first."""
        self._asked: Direction | None = None
        self._strips: LRUCache[tuple[int, str, int], list[Strip]] = LRUCache(1024)
        self._styles: dict[str, Style] = {}
        self._seen: list[tuple[int, int]] | None = None
        """(line, row of it) of each row on screen; None where it has to be worked out."""

    # What a screen says

    def put(
        self,
        lines: Sequence[LogLine],
        *,
        has_older: bool,
        has_newer: bool,
        at: int | None = None,
        empty: Sequence[str] = (),
    ) -> None:
        """Show these lines in place of all others: following the end, or with the cursor on the line `at` or the first after it.

        `empty` is what stands there, in our words, a line each, where there are none.
        """
        self.lines = list(lines)
        self._has_older, self._has_newer, self._empty = has_older, has_newer, empty
        self._asked = None
        self._top = (0, 0)
        self.is_following = at is None
        if at is None:
            self.new = 0
            self.cursor = max(0, len(self.lines) - 1)
        else:
            places = (place for place, line in enumerate(self.lines) if line.key >= at)
            self.cursor = next(places, max(0, len(self.lines) - 1))
            self._center()
        self._changed()

    def put_older(self, lines: Sequence[LogLine], *, has_older: bool) -> None:
        """Lines before the first."""
        if self._asked in ("older", "first"):
            self._asked = None
        self._has_older = has_older
        self.lines[:0] = lines
        self.cursor += len(lines)
        self._top = (self._top[0] + len(lines), self._top[1])
        if (over := len(self.lines) - MOST) > 0 and not self.is_following:
            over = min(over, len(self.lines) - 1 - self.cursor - NEAR)
            if over > 0:
                del self.lines[-over:]
                self._has_newer = True
        self._changed()

    def put_newer(self, lines: Sequence[LogLine], *, has_newer: bool) -> None:
        """Lines after the last, which were asked for."""
        self._asked = None
        self._has_newer = has_newer
        if not has_newer:
            self.new = 0
        self.lines += lines
        self._forget_oldest()
        self._changed()

    def add(self, lines: Sequence[LogLine], count: int) -> None:
        """What just happened: `count` lines, the last of them here. Shown where the end is followed, else counted."""
        if not self.is_following:
            self.new += count
            self._has_newer = True
            self.post_message(self.Moved())
            return
        if len(lines) < count:
            self.lines = list(lines)
            self._has_older, self._top = True, (0, 0)
        else:
            self.lines += lines
        self._forget_oldest()
        self.cursor = max(0, len(self.lines) - 1)
        self._changed()

    def _forget_oldest(self) -> None:
        """Some lines at a time, so that it costs nothing for each."""
        over = len(self.lines) - MOST
        if over <= 0:
            return
        over = over + NEAR if self.is_following else min(over, self.cursor - NEAR)
        if over > 0:
            del self.lines[:over]
            self._has_older = True
            self.cursor = max(0, self.cursor - over)
            self._top = (max(0, self._top[0] - over), self._top[1])

    def describe_empty(self, empty: Sequence[str]) -> None:
        """Say something else where there are no lines."""
        if empty != self._empty:
            self._empty = empty
            self.refresh()

    def set_matches(self, matches: Callable[[LogLine], bool] | None) -> None:
        """Mark the lines that match."""
        self._matches = matches
        self._strips.clear()
        self.refresh()

    def toggle_wrap(self) -> None:
        """Let long lines go on in the next row, or cut them."""
        self.wraps = not self.wraps
        self._strips.clear()
        self._changed()

    def toggle_mark(self) -> None:
        """Begin a range at the cursor, or forget it."""
        self.marked_from = None if self.marked_from is not None else self.key
        if self.marked_from is not None:
            self._hold()
        self._strips.clear()
        self.refresh()

    @property
    def line(self) -> LogLine | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    @property
    def key(self) -> int | None:
        """Its key."""
        return line.key if (line := self.line) else None

    @property
    def marked(self) -> tuple[int, int] | None:
        """The first and last key of the marked range."""
        if self.marked_from is None or self.key is None:
            return None
        return min(self.marked_from, self.key), max(self.marked_from, self.key)

    # Moving

    def _hold(self) -> None:
        """Follow no more."""
        if self.is_following:
            seen = self._shown()
            self._top = seen[0] if seen else (self.cursor, 0)
            self.is_following, self._seen = False, None

    def action_cursor(self, step: int) -> None:
        """Move the cursor by `step` lines."""
        self.move_to(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by `step` pages."""
        self.move_to(self.cursor + step * max(1, self.size.height - 1))

    def action_edge(self, side: int) -> None:
        """To the very first line (-1), or to the end, to follow it (1)."""
        if side > 0:
            if self._has_newer:
                self._ask("last")
            else:
                self.is_following, self.new = True, 0
                self.cursor = max(0, len(self.lines) - 1)
                self._changed()
        elif self._has_older:
            self._hold()
            self._ask("first")
        else:
            self.move_to(0)

    def move_to(self, index: int) -> None:
        """Put the cursor on a line, following no more; ask for more lines near an edge."""
        if not self.lines:
            return
        last = len(self.lines) - 1
        if self.is_following and index >= last:
            return
        self._hold()
        if self._has_older and index < NEAR:
            self._ask("older")
        elif self._has_newer and index > last - NEAR:
            self._ask("newer")
        self.cursor = max(0, min(last, index))
        self._keep_cursor_in_view()
        self._changed()

    def _ask(self, direction: Direction) -> None:
        if self._asked != direction:
            self._asked = direction
            self.post_message(self.Wanted(direction))

    def give_up(self) -> None:
        """What was asked for does not come: it may be asked for again."""
        self._asked = None

    # Rows

    def _rows_of(self, index: int) -> int:
        """How many rows a line takes, the rule above it among them."""
        return int(self._has_rule(index)) + len(self._strips_of(index, ""))

    def _has_rule(self, index: int) -> bool:
        """Whether its day begins with it."""
        if index == 0:
            return not self._has_older
        return self.lines[index].day != self.lines[index - 1].day

    def _shown(self) -> list[tuple[int, int]]:
        """(line, row of it) of each row that is seen."""
        if self._seen is None:
            self._seen = self._from_end() if self.is_following else self._from_top()
        return self._seen

    def _from_end(self) -> list[tuple[int, int]]:
        rows: list[tuple[int, int]] = []
        index = len(self.lines) - 1
        while index >= 0 and len(rows) < self.size.height:
            rows += [(index, row) for row in reversed(range(self._rows_of(index)))]
            index -= 1
        return rows[: self.size.height][::-1]

    def _from_top(self) -> list[tuple[int, int]]:
        index, skipped = self._top
        rows: list[tuple[int, int]] = []
        while index < len(self.lines) and len(rows) < self.size.height:
            rows += [(index, row) for row in range(skipped, self._rows_of(index))]
            index, skipped = index + 1, 0
        if len(rows) < self.size.height and (self._top[0] or self._top[1]):
            at_end = self._from_end()  # there is room below the last line: it stands at the bottom instead
            if at_end:
                self._top = at_end[0]
            return at_end
        return rows[: self.size.height]

    def _keep_cursor_in_view(self) -> None:
        self._seen = None
        seen = self._shown()
        if not seen:
            return
        if (self.cursor, 0) < seen[0]:
            self._top = (self.cursor, 0)
        elif (self.cursor, self._rows_of(self.cursor) - 1) > seen[-1]:
            left = self.size.height
            index = self.cursor
            while index >= 0 and (rows := self._rows_of(index)) <= left:
                left -= rows
                index -= 1
            skipped = self._rows_of(index) - left if index >= 0 and left and index < self.cursor else 0
            self._top = (index, skipped) if skipped else (min(index + 1, self.cursor), 0)
        self._seen = None

    def _center(self) -> None:
        """Have the cursor in the middle."""
        left, index = self.size.height // 2, self.cursor
        while index > 0 and left > 0:
            index -= 1
            left -= self._rows_of(index)
        self._top = (index, 0)

    def _changed(self) -> None:
        self._seen = None
        self.refresh()
        self.post_message(self.Moved())

    def _scroll(self, rows: int) -> None:
        """Move what is seen, and the cursor with it as far as it must."""
        if not self.lines or (self.is_following and rows > 0):
            return
        self._hold()
        index, row = self._top
        while rows < 0 and (index or row):
            index, row = (index, row - 1) if row else (index - 1, self._rows_of(index - 1) - 1)
            rows += 1
        while rows > 0 and index < len(self.lines) - 1:
            index, row = (index, row + 1) if row + 1 < self._rows_of(index) else (index + 1, 0)
            rows -= 1
        self._top, self._seen = (index, row), None
        seen = self._shown()
        self.cursor = max(seen[0][0], min(seen[-1][0], self.cursor))
        if self._has_older and seen[0][0] < NEAR:
            self._ask("older")
        elif self._has_newer and seen[-1][0] > len(self.lines) - NEAR:
            self._ask("newer")
        self._changed()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Forward."""
        event.stop()
        self._scroll(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        event.stop()
        self._scroll(-_WHEEL)

    async def _on_click(self, event: events.Click) -> None:
        seen = self._shown()
        if 0 <= event.y < len(seen):
            event.stop()
            self.move_to(seen[event.y][0])
            if event.chain == 2:
                self.post_message(self.Opened())

    # Drawing

    def on_resize(self) -> None:
        """Other widths, other rows."""
        self._strips.clear()
        if not self.is_following:
            self._keep_cursor_in_view()
        self._seen = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def on_focus(self) -> None:
        """The cursor's line changes its look."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor's line changes its look."""
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many as there are, where nobody says."""
        return max(1, len(self.lines))

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.size.width
        if not self.lines:
            text = self._empty[y - 1] if 1 <= y <= len(self._empty) else ""
            return Strip([Segment(fit("  " + text, width), self._style("muted"))], width)
        seen = self._shown()
        if y >= len(seen):
            return Strip([Segment(" " * width, self._style(""))], width)
        index, row = seen[y]
        if self._has_rule(index):
            if row == 0:
                head = f"  ── {self.lines[index].day} "
                text = fit(head + "─" * (width - cell_len(head)), width)
                return Strip([Segment(text, self._style("rule"))], width)
            row -= 1
        cursor: CursorLook = ("cursor" if self.has_focus else "blurred") if index == self.cursor else ""
        rows = self._strips_of(index, cursor)
        return rows[min(row, len(rows) - 1)]

    def _strips_of(self, index: int, cursor: CursorLook) -> list[Strip]:
        line = self.lines[index]
        marked = self.marked
        is_marked = marked is not None and marked[0] <= line.key <= marked[1]
        look = cursor + ("+" if is_marked else "")
        known = self._strips.get((line.key, look, self.size.width))
        if known is None:
            matches = self._matches is not None and self._matches(line)
            known = rows_of(
                line, LogLook(cursor, is_marked, matches, self.wraps), self.size.width, self._style
            )
            self._strips[(line.key, look, self.size.width)] = known
        return known

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self.get_component_rich_style(f"log--{name}") if name else self.rich_style
            self._styles[name] = style
        return style
