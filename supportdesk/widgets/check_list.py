"""Readiness as a list of sentences with a cursor, and the titled rule above a panel. Judges nothing."""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from supportdesk.core.checks import Check, CheckState
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.scrolling import show_lines

SIGNS: Final[dict[CheckState, str]] = {"pass": "✓", "warn": "!", "block": "✗"}
"""A sign for each state; the colour only repeats it."""
_TONES: Final[dict[CheckState, str]] = {"pass": "$passed", "warn": "bold $warned", "block": "bold $blocked"}
_INDENT: Final = 4
_RULE: Final = 4
"""Columns of a title's rule that stay where its note is cut."""


class _Placed(NamedTuple):
    """A check wrapped to the width: its first line, and how many."""

    top: int
    lines: list[Content]


class CheckList(Widget, can_focus=True):
    """One sentence a check, wrapped; the cursor marks one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("table")
    DEFAULT_CSS = """
    CheckList { height: auto; width: 1fr; background: $background; color: $foreground; }
    """

    checks: reactive[tuple[Check, ...]] = reactive((), layout=True)
    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor is on another check."""

    class Edge(Message):
        """The cursor was moved past the first (-1) or last (+1) check."""

        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    @property
    def check(self) -> Check | None:
        """The check under the cursor."""
        return self.checks[self.cursor] if self.cursor < len(self.checks) else None

    def watch_checks(self) -> None:
        """Keep the cursor on a check."""
        self.cursor = min(self.cursor, max(0, len(self.checks) - 1))

    def _placed(self, width: int) -> list[_Placed]:
        placed, top = [], 0
        for check in self.checks:
            lines = plain(check.text).wrap(max(10, width - _INDENT))
            placed.append(_Placed(top, lines))
            top += len(lines)
        return placed

    def render(self) -> Content:
        """Every sentence with its sign; the cursor's whole width in the cursor's colours while focused."""
        width = self.content_size.width
        lines: list[Content] = []
        for number, (check, place) in enumerate(zip(self.checks, self._placed(width), strict=True)):
            here = number == self.cursor and self.has_focus
            for row, text in enumerate(place.lines):
                mark = ("▸ " if here else "  ") if row == 0 else "  "
                sign = f"{SIGNS[check.state]} " if row == 0 else "  "
                line = Content.assemble(mark, (sign, "" if here else _TONES[check.state]), text)
                if here:
                    line = line.pad_right(max(0, width - line.cell_length)).stylize(self._cursor_style)
                lines.append(line)
        return Content("\n").join(lines)

    @property
    def _cursor_style(self) -> str:
        plain_terminal = self.app.no_color or self.app.native_ansi_color
        return "bold reverse" if plain_terminal else "bold $cursor-text on $cursor-line"

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as the sentences need at this width."""
        return sum(len(place.lines) for place in self._placed(width))

    def action_cursor(self, step: int) -> None:
        """Move the cursor by one check."""
        if 0 <= self.cursor + step < len(self.checks):
            self._move_to(self.cursor + step)
        else:
            self.post_message(self.Edge(step))

    def action_page(self, step: int) -> None:
        """Move the cursor by some checks."""
        self._move_to(self.cursor + 5 * step)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first or last check."""
        self._move_to(0 if side < 0 else len(self.checks) - 1)

    def _move_to(self, index: int) -> None:
        self.cursor = max(0, min(len(self.checks) - 1, index))
        self.post_message(self.Moved())
        place = self._placed(self.content_size.width)[self.cursor]
        show_lines(self, place.top, len(place.lines))

    async def _on_click(self, event: events.Click) -> None:
        for number, place in enumerate(self._placed(self.content_size.width)):
            if place.top <= event.y < place.top + len(place.lines):
                self.cursor = number
                self.post_message(self.Moved())


class PanelTitle(Widget):
    """`── Locations ──────────────────── 3 active ──`."""

    DEFAULT_CSS = """
    PanelTitle { height: 1; width: 1fr; background: $background; color: $rule; }
    """

    text: reactive[str] = reactive("")
    """May be foreign text."""
    note: reactive[str] = reactive("")
    """At the right end: counts, in our words."""

    def __init__(self, text: str, note: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.set_reactive(PanelTitle.text, text)
        self.set_reactive(PanelTitle.note, note)

    def render(self) -> Content:
        """The rule, as wide as there is room."""
        start = Content.assemble("── ", plain(self.text, "bold $accent"), " ")
        left = self.content_size.width - start.cell_length
        note = plain(self.note, "$muted").truncate(max(0, left - _RULE - len("  ──")), ellipsis=True)
        end = Content.assemble(" ", note, " ──") if note else Content("──")
        room = left - end.cell_length
        if room < 1:
            return start.truncate(self.content_size.width, ellipsis=True)
        return Content.assemble(start, "─" * room, end)
