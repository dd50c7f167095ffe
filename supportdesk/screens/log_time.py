"""`TimeDialog`: which time the log should show. Answers a moment; what a person may type is `core.events.moment_of`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from supportdesk.core.events import moment_of
from supportdesk.screens.form_dialog import FormDialog
from supportdesk.widgets.field import Field


class TimeDialog(FormDialog[datetime]):
    """Answers the moment."""

    title_text = "To a time"
    submit_label = "Go there"

    def __init__(self, where: tzinfo, now: datetime) -> None:
        """`where` is the store's clock."""
        super().__init__()
        self._where = where
        self._now = now

    def compose_questions(self) -> Iterable[Widget]:
        """One question."""
        yield Field(
            "time", "14:31, yesterday 9:00, 2026-11-22 14:31, or how long ago: 15m, 2h, 3d", id="time"
        )

    def opened(self) -> None:
        """Begin."""
        self.query_one("#time", Field).input.focus()

    def submit(self) -> None:
        """Answer, if it is a time."""
        typed = self.query_one("#time", Field).value
        moment = moment_of(typed, self._now, self._where)
        if moment is None:
            self.say(f"{typed} is no time." if typed else "A time is missing.")
        else:
            self.end(moment)

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.action_submit()
