"""The line above a table: what is shown on the left, and on the right the filter, as a hint, an input or a chip."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from supportdesk.widgets.field import LineInput
from supportdesk.widgets.merchant_text import plain


class FilterLine(Horizontal):
    """` 12 stores                                   filter: abc (12/430)`."""

    DEFAULT_CSS = """
    FilterLine { height: 1; width: 1fr; padding: 0 1; background: $background; }
    FilterLine > #summary { width: 1fr; height: 1; color: $muted; }
    FilterLine > #chip { width: auto; height: 1; color: $accent; margin-left: 2; }
    FilterLine > Input { width: 32; display: none; margin-left: 2; }
    FilterLine.-open > Input { display: block; }
    FilterLine.-open > #chip { display: none; }
    """

    class Changed(Message):
        """Another text to filter by; '' for all."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The input was left with enter: the table should have the focus again."""

    def compose(self) -> ComposeResult:
        """Summary, chip, input."""
        yield Static(Content(""), id="summary")
        yield Static(Content(""), id="chip")
        filter_input = LineInput(placeholder="filter", compact=True, id="filter")
        filter_input.cursor_blink = False
        # Hidden is not enough: before styles are applied a new screen's first focus, and the first keys, would go to it.
        filter_input.can_focus = False
        yield filter_input

    @property
    def text(self) -> str:
        """What is filtered by."""
        return self.query_one(Input).value

    @property
    def is_open(self) -> bool:
        """Whether the input is there to type in."""
        return self.has_class("-open")

    def open(self) -> None:
        """Show the input and focus it."""
        self.add_class("-open")
        filter_input = self.query_one(Input)
        filter_input.can_focus = True
        filter_input.focus()

    def leave(self, *, clear: bool) -> None:
        """Hide the input; with `clear` filter no more."""
        if clear:
            self.query_one(Input).value = ""
        self.remove_class("-open")
        self.query_one(Input).can_focus = False

    def describe(self, summary: str, shown: int, of: int) -> None:
        """Say what is shown, in our words; with a filter also how many of how many."""
        self.query_one("#summary", Static).update(Content(summary))
        chip = plain(f"filter: {self.text} ({shown:,}/{of:,})") if self.text else Content("")
        self.query_one("#chip", Static).update(chip)

    def say(self, text: str) -> None:
        """Say something in our words in place of the counts."""
        self.query_one("#summary", Static).update(Content(text))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave(clear=False)
        self.post_message(self.Left())
