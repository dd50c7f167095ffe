"""The tabs of Channel settings as one line: ` 1 Overview 2 Duplicates`. Which tabs there are, the screen says."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabLine(Widget):
    """Numbered tabs, one of them active; a click chooses."""

    DEFAULT_CSS = """
    TabLine { height: 1; width: 1fr; background: $background; color: $muted; padding: 0 1; }
    """

    tabs: reactive[tuple[str, ...]] = reactive(())
    active: reactive[int] = reactive(1)
    """Number of the active tab, from 1."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def render(self) -> Content:
        """The line; the active tab is bold, underlined and in another colour."""
        parts = []
        for number, title in enumerate(self.tabs, 1):
            style = "bold underline $accent" if number == self.active else ""
            parts.append(Content.styled(f"{number} {title}", style))
        return Content("  ").join(parts)

    async def _on_click(self, event: events.Click) -> None:
        at = 1
        for number, title in enumerate(self.tabs, 1):
            end = at + len(f"{number} {title}")
            if at <= event.x < end:
                event.stop()
                self.post_message(self.Chosen(number))
                return
            at = end + 2
