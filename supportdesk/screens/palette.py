"""The command palette: every command that can be given here, searched by name. Which there are, the registry says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from supportdesk.commands import Command
from supportdesk.widgets.field import LineInput

_LABEL_WIDTH: Final = 24
"""At least; wider where a longer name is offered."""


class Offer(NamedTuple):
    """A command with the reason it cannot be given now, if there is one."""

    command: Command
    reason: str | None
    key: str = ""
    """As a person reads it; '' where only the palette has the command."""


class PaletteScreen(ModalScreen[str]):
    """Answers the id of the command chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    PaletteScreen { align: center top; background: $background 60%; }
    PaletteScreen:ansi { background: ansi_default; }
    PaletteScreen > #box {
        width: 112; max-width: 95%; height: auto; max-height: 85%; margin-top: 2;
        border: round $rule; background: $surface; color: $foreground; padding: 0 1;
        border-title-color: $accent; border-title-style: bold;
    }
    PaletteScreen Input { background: $surface; margin: 0 0 1 1; }
    PaletteScreen OptionList > .option-list--option { padding: 0 1; }
    PaletteScreen OptionList {
        height: auto; max-height: 48vh; border: none; padding: 0; background: $surface; scrollbar-size-vertical: 1;
    }
    PaletteScreen #whole { width: 1fr; height: 2; margin: 1 1 0 1; color: $muted; }
    """

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self.offers = tuple(offers)
        self._label_width = max(_LABEL_WIDTH, *(len(offer.command.label) + 2 for offer in offers), 0)

    def compose(self) -> ComposeResult:
        """Input, list, and what the command under the cursor does, whole: a line of the list has no room for it."""
        box = Vertical(id="box")
        box.border_title = Content("Commands")
        with box:
            search = LineInput(placeholder="what do you want to do?", compact=True)
            search.cursor_blink = False
            yield search
            yield OptionList(markup=False)
            yield Static(id="whole")

    @property
    def options(self) -> OptionList:
        """The commands that match."""
        return self.query_one(OptionList)

    def on_mount(self) -> None:
        """Show all."""
        self.options.can_focus = False
        self._show("")
        self.query_one(Input).focus()

    def _show(self, text: str) -> None:
        matching = self._matching(text)
        self.options.clear_options()
        self.options.add_options(Option(self._line(offer), id=offer.command.id) for offer in matching)
        self.options.highlighted = 0 if matching else None
        if not matching:
            self.query_one("#whole", Static).update(Content("No command is called that."))

    def _line(self, offer: Offer) -> Content:
        label = offer.command.label[:1].upper() + offer.command.label[1:]
        style = "$muted" if offer.reason else "bold"
        return Content.assemble(
            (f"{label:<{self._label_width}}", style), (f"{offer.key:<8}", "$accent"), (_note(offer), "$muted")
        )

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if self.options.highlighted is None:  # typed on since: nothing matches any more
            return
        for offer in self.offers:
            if offer.command.id == event.option.id:
                self.query_one("#whole", Static).update(Content(_note(offer)))

    def _matching(self, text: str) -> list[Offer]:
        """The offers that match, best first; all of them, in order, for no text."""
        if not text.strip():
            return list(self.offers)
        scored = [(_score(text.strip().casefold(), offer.command), offer) for offer in self.offers]
        return [offer for score, offer in sorted(scored, key=lambda pair: -pair[0]) if score > 0]

    def action_move(self, step: int) -> None:
        """Up or down the list."""
        if step > 0:
            self.options.action_cursor_down()
        else:
            self.options.action_cursor_up()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        highlighted = self.options.highlighted
        if highlighted is not None:
            self.dismiss(self.options.get_option_at_index(highlighted).id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)


def _score(text: str, command: Command) -> float:
    """How well a command matches: its name holds the text, name and sentence hold each word, or the name holds its letters.

    Whole words come before beginnings of words, and those before what stands inside a word.
    """
    label, whole = command.label.casefold(), f"{command.label} {command.help}".casefold()
    if text in label:
        at_start = 0.5 if label.startswith(text) else 0
        if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", label):
            return 5 + at_start
        return (4 if re.search(rf"(?<!\w){re.escape(text)}", label) else 3) + at_start
    if all(word in whole for word in text.split()):
        return 2
    score = Matcher(text).match(label)
    return score / (1 + score)


def _note(offer: Offer) -> str:
    return f"not now: {offer.reason}" if offer.reason else offer.command.help
