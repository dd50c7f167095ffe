"""The first line of every screen: where we are on the left, the state of things on the right. Values in, nothing out."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from supportdesk.widgets.merchant_text import fitted, plain

_SEPARATOR = "  "
_SUBJECT_ROOM = 20
"""Columns of the subject that matter more than what else could stand in the line."""
LOUD_MARKS = frozenset({"DEMO", "REHEARSAL"})
"""The marks that are never left out."""


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
    """`DEMO`, `REHEARSAL`, `read-only`, `presenter`: what holds for the whole session."""

    def render(self) -> Content:
        """The line. Where the subject has no room, what is easiest to miss goes first: quiet marks, then the age, then the part."""
        width = self.content_size.width
        loud = tuple(mark for mark in self.marks if mark in LOUD_MARKS)
        short = self.state.partition(_SEPARATOR)[0]
        wanted = min(_SUBJECT_ROOM, plain(self.subject).cell_length)
        choices = (
            (self.marks, self.state, self.part),
            (loud, self.state, self.part),
            (loud, short, self.part),
            (loud, short, "" if self.subject else self.part),
        )
        start = end = Content("")
        for marks, state, part in choices:
            end = _end(marks, state)
            tail = plain(f" · {part}" if part else "", "$muted") if self.subject else plain(part, "bold")
            room = width - end.cell_length - tail.cell_length - 2
            start = Content.assemble(fitted(self.subject, max(0, room), "bold"), tail)
            if room >= wanted:
                break
        if start.cell_length > width:
            start = start.truncate(width, ellipsis=True)
        gap = width - start.cell_length - end.cell_length
        return Content.assemble(start, " " * gap, end) if gap > 0 else start


def _end(marks: tuple[str, ...], state: str) -> Content:
    return Content(_SEPARATOR).join(
        [
            *(plain(mark, "bold $warned" if mark in LOUD_MARKS else "$muted") for mark in marks),
            *([plain(state)] if state else []),
        ]
    )
