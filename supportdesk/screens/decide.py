"""The second key of a decision: a few lines at the foot of the screen that say what can follow. What it means, the tab says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget

from supportdesk.commands import COMMANDS
from supportdesk.widgets.bindings import textual_key
from supportdesk.widgets.merchant_text import fitted, plain


class Follow(NamedTuple):
    """A key that may follow."""

    command: str
    key: str
    """As a person reads it."""
    label: str
    """What it does, with the number it leads to where there is one."""


class FollowLines(Widget):
    """What is decided, then the keys, broken where the width says."""

    DEFAULT_CSS = """
    FollowLines { width: 100%; height: auto; background: $bar; color: $foreground; padding: 0 1; }
    """

    def __init__(self, what: str, follows: Sequence[Follow]) -> None:
        super().__init__()
        self.what = what
        self.follows = tuple(follows)

    def render(self) -> Content:
        """The lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many as they break to."""
        return len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        end = Content.styled("; esc cancels", "bold")
        lines = [fitted(f"Decide {self.what}", width - end.cell_length, "bold") + end]
        line = Content("")
        for follow in self.follows:
            part = Content.assemble((follow.key, "bold $accent"), " ", plain(follow.label))
            if line.cell_length and line.cell_length + 3 + part.cell_length > width:
                lines.append(line)
                line = Content("")
            line = Content.assemble(line, "   ", part) if line.cell_length else part
        return [*lines, line]


class DecideScreen(ModalScreen[str]):
    """Answers the id of the command chosen, or None. Any key that is none of them cancels nothing and does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", show=False),
        *(
            Binding(
                ",".join(textual_key(key) for key in command.keys),
                f"choose('{command.id}')",
                id=command.id,
                show=False,
            )
            for command in COMMANDS
            if command.scope == "decide"
        ),
    ]
    DEFAULT_CSS = """
    DecideScreen { align: left bottom; background: transparent; }
    """

    def __init__(self, what: str, follows: Sequence[Follow], covers: Callable[[int], None]) -> None:
        """`what` is decided: may be foreign text. `covers` is told the first line of the screen that is covered."""
        super().__init__()
        self.what = what
        self.follows = tuple(follows)
        self.covers = covers

    def compose(self) -> ComposeResult:
        """The lines."""
        yield FollowLines(self.what, self.follows)

    @on(events.Resize)
    def _say_what_is_covered(self) -> None:
        self.call_after_refresh(lambda: self.covers(self.query_one(FollowLines).region.y))

    def action_choose(self, command_id: str) -> None:
        """Answer that command."""
        self.dismiss(command_id)
