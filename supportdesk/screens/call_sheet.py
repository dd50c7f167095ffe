"""`CallSheetDialog`: writes the call sheet to a file. What stands in it the desk says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.screens.doorway import Doorway
from supportdesk.screens.form_dialog import FormDialog
from supportdesk.widgets.field import Field


class CallSheetDialog(FormDialog[Path]):
    """Asks for a file and writes the call sheet to it. Answers the file."""

    title_text = "Call sheet"
    submit_label = "Write"

    def __init__(self, doorway: Doorway, channel: str) -> None:
        super().__init__()
        self.doorway = doorway
        self.channel = channel

    def compose_questions(self) -> Iterable[Widget]:
        """What is written, and to which file."""
        yield Static(
            Content(
                "What was decided, by whom and when, with the plan's totals: Markdown, for the merchant."
            ),
            classes="sentence",
        )
        yield Field("file", "agents' notes on duplicates are in it", id="file")

    def opened(self) -> None:
        """Begin with a name."""
        typed = self.query_one("#file", Field).input
        typed.value = str(Path.cwd() / f"{self.channel}-call-sheet.md")
        typed.focus()

    def submit(self) -> None:
        """Write it; a file that is there is left alone."""
        typed, channel = self.query_one("#file", Field).value, self.channel
        if not typed:
            self.say("The name of a file is missing.")
            return
        target = Path(typed)
        self.ask(lambda _: self.doorway.save_call_sheet(channel, target), lambda _: self.end(target))

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.action_submit()
