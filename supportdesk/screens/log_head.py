"""What stands above the lines of the log: how the last hour went, what happened in it, when the next cycle comes. Counts it is given; reads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from supportdesk.screens.log_words import countdown, counts_words, sparkline
from supportdesk.widgets.merchant_text import plain

if TYPE_CHECKING:
    from supportdesk.desk.log import LogStanding

_MINUTES: Final = 60
_MINUTES_A_BAR: Final = ((1, 160), (2, 110), (3, 80), (6, 0))
"""Minutes that a bar stands for, by the least width of the terminal."""


class LogHead(Horizontal):
    """One line: bars, counts by kind, the countdown."""

    DEFAULT_CSS = """
    LogHead { height: 1; width: 1fr; padding: 0 1; }
    LogHead #log-pulse { width: auto; height: 1; color: $accent; }
    LogHead #log-counts { width: 1fr; height: 1; color: $muted; margin-left: 1; }
    LogHead #log-countdown { width: 20; height: 1; color: $muted; text-align: right; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._minutes: dict[datetime, Counter[str]] = {}
        self._counted = 0
        """All that was counted so far, also what is older than an hour by now."""
        self._drawn: tuple[datetime, int, int] | None = None
        self._said: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Empty until something was counted."""
        yield Static(id="log-pulse")
        yield Static(id="log-counts")
        yield Static(id="log-countdown")

    def forget(self) -> None:
        """Count from nothing again."""
        self._minutes, self._counted, self._drawn = {}, 0, None

    def count(self, counts: Mapping[tuple[datetime, str], int], now: datetime) -> None:
        """Take in how often each kind happened in each minute, beside what was counted before."""
        for (minute, kind), count in counts.items():
            self._minutes.setdefault(minute, Counter())[kind] += count
            self._counted += count
        oldest = now - timedelta(minutes=_MINUTES + 1)
        for minute in [each for each in self._minutes if each < oldest]:
            del self._minutes[minute]

    def show(self, standing: LogStanding | None, now: datetime, *, width: int, ascii_only: bool) -> None:
        """Draw it for a terminal of `width`. Only what is another than before is worked out and drawn: this is done every second."""
        minute_now = now.astimezone(UTC).replace(second=0, microsecond=0)
        known = (minute_now, width, self._counted)
        if known != self._drawn:
            self._drawn = known
            minutes = [minute_now - timedelta(minutes=back) for back in range(_MINUTES - 1, -1, -1)]
            tally: Counter[str] = Counter()
            for minute in minutes:
                tally.update(self._minutes.get(minute, Counter()))
            counts = [self._minutes.get(minute, Counter()).total() for minute in minutes]
            each = next(each for each, least in _MINUTES_A_BAR if width >= least)
            self._say("log-pulse", sparkline(counts, _MINUTES // each, ascii_only=ascii_only))
            self._say("log-counts", counts_words(tally))
        self._say("log-countdown", countdown(standing, now))

    def _say(self, part: str, text: str) -> None:
        before = self._said.get(part, "")
        if before != text:
            self._said[part] = text
            # Laying out the whole screen anew costs more than drawing: only what grows or shrinks asks for it.
            is_wider = part == "log-pulse" and len(before) != len(text)
            self.query_one(f"#{part}", Static).update(plain(text), layout=is_wider)
