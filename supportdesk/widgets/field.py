"""`Field`: a labelled input of one line with a hint below it, which an error can take the place of. Checks nothing itself."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from supportdesk.widgets.merchant_text import plain


def first_line(text: str) -> str:
    """The first line of `text` that shows anything, its visible characters alone, in their order: what one line can hold of it."""
    for line in text.splitlines():
        if visible := "".join(character for character in line if character.isprintable()).strip():
            return visible
    return ""


class LineInput(Input):
    """An input of one line: of what is pasted it takes `first_line`."""

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(first_line(event.text), *self.selection)


class Field(Vertical):
    """` Shop     kestrel-outdoor_______` with a muted hint below."""

    DEFAULT_CSS = """
    Field { height: auto; width: 1fr; }
    Field > Horizontal { height: 1; }
    Field .label { width: 15; height: 1; color: $foreground; }
    Field Input { width: 1fr; max-width: 56; background: $surface; }
    Field Input:focus { background: $bar; text-style: underline; }
    Field > .-none { display: none; }
    Field > .hint { height: auto; padding-left: 15; color: $muted; }
    Field.-invalid > .hint { color: $blocked; }
    Field.-invalid .label { color: $blocked; text-style: bold; }
    """

    def __init__(
        self,
        label: str,
        hint: str = "",
        *,
        id: str,  # noqa: A002
        placeholder: str = "",
        password: bool = False,
    ) -> None:
        """Label, hint and placeholder are our words."""
        super().__init__(id=id)
        self.label = label
        self.hint = hint
        self._input = LineInput(
            placeholder=placeholder, password=password, compact=True, select_on_focus=False
        )
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Label and input on one line, the hint below."""
        with Horizontal():
            yield Static(Content(self.label), classes="label")
            yield self._input
        yield Static(Content(self.hint), classes="hint" if self.hint else "hint -none")

    @property
    def input(self) -> Input:
        """The input."""
        return self._input

    @property
    def value(self) -> str:
        """What was typed, without space at its ends."""
        return self._input.value.strip()

    def propose(self, value: str) -> None:
        """Begin with a value that typing takes the place of; the arrows go into it."""
        self._input.value = value
        self._input.select_on_focus = True

    def say(self, error: str | None) -> None:
        """Show an error in the hint's place, or with None the hint again."""
        self.set_class(error is not None, "-invalid")
        hint = self.query_one(".hint", Static)
        hint.set_class(error is None and not self.hint, "-none")
        hint.update(Content(self.hint) if error is None else Content.assemble("✗ ", plain(error)))
