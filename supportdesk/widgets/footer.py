"""The last line of every screen: the few keys worth knowing now. What they do is the registry's and the screen's."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class FooterItem:
    """One key of the footer."""

    command: str
    key: str
    label: str
    enabled: bool = True


class FooterLine(Widget):
    """` ? help  q quit  enter open`; a click gives the command."""

    DEFAULT_CSS = """
    FooterLine { height: 1; width: 1fr; background: $bar; color: $foreground; padding: 0 1; }
    """

    items: reactive[tuple[FooterItem, ...]] = reactive(())

    class Chosen(Message):
        """An item was clicked."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def render(self) -> Content:
        """As many items as fit whole."""
        parts: list[Content] = []
        for item, start, end in self._places():
            if parts:
                parts.append(Content("  "))
            if end - start:
                key = Content.styled(item.key, "bold $accent" if item.enabled else "italic $muted")
                label = Content.styled(f" {item.label}", "" if item.enabled else "italic $muted")
                parts += [key, label]
        return Content.assemble(*parts)

    def _places(self) -> list[tuple[FooterItem, int, int]]:
        """Each item that fits, with its first column and the one past its last."""
        places: list[tuple[FooterItem, int, int]] = []
        at = 0
        for item in self.items:
            end = at + len(item.key) + 1 + len(item.label)
            if end > self.content_size.width:
                break
            places.append((item, at, end))
            at = end + 2
        return places

    async def _on_click(self, event: events.Click) -> None:
        column = event.x - 1
        for item, start, end in self._places():
            if start <= column < end:
                event.stop()
                self.post_message(self.Chosen(item.command))
                return
