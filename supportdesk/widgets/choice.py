"""`Choice`: one of a few, on one line: `(•) client id and secret   ( ) token`. Textual's radio buttons differ by colour alone."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """Options in our words; left, right and space choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space,j,down", "choose(1)", show=False),
        Binding("left,h,k,up", "choose(-1)", show=False),
    ]
    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; color: $foreground; }
    """

    chosen: reactive[int] = reactive(0)

    class Changed(Message):
        """Another option was chosen."""

        def __init__(self, chosen: int) -> None:
            super().__init__()
            self.chosen = chosen

    def __init__(self, options: tuple[str, ...], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.options = options

    def render(self) -> Content:
        """The options; the chosen one stands out while focused."""
        plain_terminal = self.app.no_color or self.app.native_ansi_color
        focused = "bold reverse" if plain_terminal else "bold $cursor-text on $cursor-line"
        parts = []
        for number, option in enumerate(self.options):
            here = number == self.chosen
            mark = "(•)" if here else "( )"
            parts.append(Content.styled(f"{mark} {option}", focused if here and self.has_focus else ""))
        return Content("   ").join(parts)

    def action_choose(self, step: int) -> None:
        """Choose the next or previous option, round and round."""
        self._choose((self.chosen + step) % len(self.options))

    def _choose(self, number: int) -> None:
        if number != self.chosen:
            self.chosen = number
            self.post_message(self.Changed(number))

    async def _on_click(self, event: events.Click) -> None:
        at = 0
        for number, option in enumerate(self.options):
            end = at + 4 + len(option)
            if at <= event.x < end:
                event.stop()
                self._choose(number)
            at = end + 3
