"""`RadioList`: one of a few answers, one below the other, each with what it means. Values in, messages out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.scrolling import show_lines

_INDENT = 6


@dataclass(frozen=True, slots=True)
class RadioOption:
    """One answer. Its texts may quote what a merchant named."""

    key: str
    label: str
    text: str = ""
    """What it means, below the label."""
    mark: str = ""
    """Beside the label: `recommended`."""


class RadioList(Widget, can_focus=True):
    """Answers with a cursor; the chosen one has a dot. Choosing is the screen's business: the cursor alone chooses nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("table")
    DEFAULT_CSS = """
    RadioList { height: auto; width: 1fr; background: $background; color: $foreground; }
    """

    options: reactive[tuple[RadioOption, ...]] = reactive((), layout=True)
    chosen: reactive[str] = reactive("")
    """Key of the chosen answer; '' for none yet."""
    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor is on another answer."""

    class Opened(Message):
        """An answer was clicked a second time: the same as enter."""

    class Edge(Message):
        """The cursor was moved past the first (-1) or last (+1) answer."""

        def __init__(self, source: RadioList, direction: int) -> None:
            super().__init__()
            self.source = source
            self.direction = direction

    @property
    def option(self) -> RadioOption | None:
        """The answer under the cursor."""
        return self.options[self.cursor] if self.cursor < len(self.options) else None

    def watch_options(self) -> None:
        """Keep the cursor on an answer."""
        self.cursor = min(self.cursor, max(0, len(self.options) - 1))

    def move_to(self, key: str) -> None:
        """Put the cursor on the answer of that key, where there is one."""
        keys = [option.key for option in self.options]
        if key in keys:
            self.cursor = keys.index(key)

    def _blocks(self, width: int) -> list[list[Content]]:
        blocks = []
        for number, option in enumerate(self.options):
            here = number == self.cursor and self.has_focus
            dot = "(•)" if option.key == self.chosen else "( )"
            mark = [plain(f"  {option.mark}", "" if here else "$passed")] if option.mark else []
            head = Content.assemble("▸ " if here else "  ", f"{dot} ", plain(option.label, "bold"), *mark)
            if here:
                head = head.pad_right(max(0, width - head.cell_length)).stylize(self._cursor_style)
            texts = plain(option.text, "$muted").wrap(max(10, width - _INDENT)) if option.text else []
            blocks.append([head, *(Content.assemble(" " * _INDENT, text) for text in texts)])
        return blocks

    @property
    def _cursor_style(self) -> str:
        plain_terminal = self.app.no_color or self.app.native_ansi_color
        return "bold reverse" if plain_terminal else "bold $cursor-text on $cursor-line"

    def render(self) -> Content:
        """The answers, a dot by the chosen one, the cursor's whole line in the cursor's colours while focused."""
        return Content("\n").join(line for block in self._blocks(self.content_size.width) for line in block)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as the answers need at this width."""
        return sum(len(block) for block in self._blocks(width))

    def action_cursor(self, step: int) -> None:
        """Move the cursor by one answer."""
        if 0 <= self.cursor + step < len(self.options):
            self._move_to(self.cursor + step)
        else:
            self.post_message(self.Edge(self, step))

    def action_page(self, step: int) -> None:
        """To the first or the last: a list is never longer than a page."""
        self.action_edge(step)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first or last answer."""
        self._move_to(0 if side < 0 else len(self.options) - 1)

    def _move_to(self, index: int) -> None:
        self.cursor = max(0, min(len(self.options) - 1, index))
        self.post_message(self.Moved())
        self._show_cursor()

    def on_focus(self) -> None:
        """Be seen where one is: what it means stands below the answers, and may have pushed them out of sight."""
        self.call_after_refresh(self._show_cursor)

    def _show_cursor(self) -> None:
        blocks = self._blocks(self.content_size.width)
        if self.cursor < len(blocks):
            show_lines(self, sum(map(len, blocks[: self.cursor])), len(blocks[self.cursor]))

    async def _on_click(self, event: events.Click) -> None:
        top = 0
        for number, block in enumerate(self._blocks(self.content_size.width)):
            if top <= event.y < top + len(block):
                event.stop()
                self._move_to(number)
                if event.chain == 2:
                    self.post_message(self.Opened())
                return
            top += len(block)
