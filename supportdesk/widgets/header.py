"""The first line of every screen: where we are on the left, the state of things on the right. Values in, nothing out."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from supportdesk.widgets.merchant_text import fitted, plain

_SEPARATOR = "  "


class HeaderLine(Widget):
    """` Kestrel Outdoor · Overview            DEMO  ○ Sync off  loaded 2 min ago`."""

    DEFAULT_CSS = """
    HeaderLine { height: 1; width: 1fr; background: $bar; color: $foreground; padding: 0 1; }
    """

    subject: reactive[str] = reactive("")
    """What the screen is about; foreign text."""
    part: reactive[str] = reactive("")
    """Which part of it, in our words; '' where the subject says all."""
    state: reactive[str] = reactive("")
    """Sync state and age, in our words."""
    marks: reactive[tuple[str, ...]] = reactive(())
    """`DEMO`, `read-only`, `presenter`: what holds for the whole session."""

    def render(self) -> Content:
        """The line, its right end kept whole and its subject cut where there is no room."""
        width = self.content_size.width
        end = Content(_SEPARATOR).join(
            [
                *(plain(mark, "bold $warned" if mark == "DEMO" else "$muted") for mark in self.marks),
                *([plain(self.state)] if self.state else []),
            ]
        )
        if not self.subject:
            part = plain(self.part, "bold")
        else:
            part = plain(f" · {self.part}" if self.part else "", "$muted")
        room = max(0, width - end.cell_length - part.cell_length - 2)
        start = Content.assemble(fitted(self.subject, room, "bold"), part)
        if start.cell_length > width:
            start = start.truncate(width, ellipsis=True)
        gap = width - start.cell_length - end.cell_length
        return Content.assemble(start, " " * gap, end) if gap > 0 else start
