"""The command palette: every command that can be given here, searched by name. Which there are, the registry says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from supportdesk.commands import Command


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
        width: 76; max-width: 95%; height: auto; max-height: 80%; margin-top: 2;
        border: round $rule; background: $surface; color: $foreground; padding: 0 1;
        border-title-color: $accent; border-title-style: bold;
    }
    PaletteScreen Input { background: $surface; margin: 0 0 1 1; }
    PaletteScreen OptionList > .option-list--option { padding: 0 1; }
    PaletteScreen OptionList {
        height: auto; max-height: 18; border: none; padding: 0; background: $surface; scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self.offers = tuple(offers)

    def compose(self) -> ComposeResult:
        """Input and list."""
        box = Vertical(id="box")
        box.border_title = Content("Commands")
        with box:
            search = Input(placeholder="what do you want to do?", compact=True)
            search.cursor_blink = False
            yield search
            yield OptionList(markup=False)

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
        self.options.add_options(Option(_line(offer), id=offer.command.id) for offer in matching)
        self.options.highlighted = 0 if matching else None

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
    """How well a command matches: its name holds the text, name and sentence hold each word, or the name holds its letters."""
    label, whole = command.label.casefold(), f"{command.label} {command.help}".casefold()
    if text in label:
        return 4 if label.startswith(text) else 3
    if all(word in whole for word in text.split()):
        return 2
    score = Matcher(text).match(label)
    return score / (1 + score)


def _line(offer: Offer) -> Content:
    command = offer.command
    label = command.label[:1].upper() + command.label[1:]
    note = f"not now: {offer.reason}" if offer.reason else command.help
    style = "$muted" if offer.reason else "bold"
    return Content.assemble((f"{label:<24}", style), (f"{offer.key:<8}", "$accent"), (note, "$muted"))
