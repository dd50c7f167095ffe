"""How far a piece of work is: phases with counts, one bar, the time left. Drawn when told; nothing here ticks."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from supportdesk.core.progress import Progress
from supportdesk.widgets.merchant_text import plain

_SPINNER: Final = "|/-\\"
_BAR_LIMIT: Final = 60


def duration(seconds: float) -> str:
    """A span of time in words, never more exact than an estimate is: `12 s`, `3 min`, `2 h`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def amount(progress: Progress) -> str:
    """`3,200 of 12,410 listings`, `3,200 listings`, or '' where nothing is counted."""
    number = progress.done if progress.total is None else progress.total
    unit = f" {progress.unit.removesuffix('s') if number == 1 else progress.unit}" if progress.unit else ""
    if progress.total is not None:
        return f"{progress.done:,} of {progress.total:,}{unit}"
    return f"{progress.done:,}{unit}" if progress.done else ""


class PhaseList(Widget):
    """Finished phases with their counts, the running one with a bar."""

    DEFAULT_CSS = """
    PhaseList { height: auto; width: 1fr; background: $background; color: $foreground; }
    """

    phases: reactive[tuple[Progress, ...]] = reactive((), layout=True)
    """In the order they began; the last one is running."""
    finished: reactive[bool] = reactive(False, layout=True)
    """True when the last one is done too."""
    stopped: reactive[bool] = reactive(False, layout=True)
    """True when the last one failed or was stopped."""
    turn: reactive[int] = reactive(-1)
    """Position of the one-cell spinner; -1 for none."""

    def render(self) -> Content:
        """The lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        running = None if self.finished or not self.phases else self.phases[-1]
        for phase in self.phases:
            here = phase is running
            sign, style = (
                ("✓", "$passed")
                if not here
                else ("✗", "bold $blocked")
                if self.stopped
                else (self._spin(), "$accent")
            )
            head = Content.assemble(
                (sign, style), " ", plain(f"{phase.phase:<28}", "bold" if here else ""), " "
            )
            lines.append(Content.assemble(head, plain(amount(phase), "" if here else "$muted")))
        if running is not None and not self.stopped:
            lines += self._bar(running, width)
            if running.note:
                note = plain(running.note, "$warned").wrap(max(10, width - 2))
                lines += [Content.assemble("  ", line) for line in note]
        return lines

    def _spin(self) -> str:
        return "▸" if self.turn < 0 else _SPINNER[self.turn % len(_SPINNER)]

    def _bar(self, phase: Progress, room: int) -> list[Content]:
        if not phase.total:
            return []
        part = min(1.0, phase.done / phase.total)
        width = max(10, min(_BAR_LIMIT, room - 30))
        full = int(part * width)
        left = f"  about {duration(phase.seconds_left)} left" if phase.seconds_left is not None else ""
        return [
            Content.assemble(
                "  ",
                ("━" * full, "$accent"),
                ("─" * (width - full), "$rule"),
                f" {int(part * 100):3} %",
                (left, "$muted"),
            )
        ]

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One line a phase, one for the bar, as many for a note as it takes."""
        return max(1, len(self._lines(width)))
