"""The form that says what a bundle is made of, with what there would be of it in each warehouse before it is saved.

What a bundle may be made of and how many there are, the desk says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.core.bundles import (
    Bundle,
    BundleChange,
    BundleChanged,
    BundleEffect,
    BundleLine,
    made_of,
)
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.errors import Conflict, SupportdeskError
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.form_dialog import FormDialog
from supportdesk.screens.words import counted
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Column, Row, Rows, WindowTable

WHAT_A_BUNDLE_IS: Final = (
    "This SKU is no bundle. A bundle has no stock of its own: how many there are follows from its components, in each "
    "warehouse as many as the scarcest of them is enough for. Name its first component below."
)
_COLUMNS: Final = (Column("component", minimum=20, keeps_end=True), Column("per bundle", 10, right=True))
_NUMBER: Final = "A whole number, 1 or more."
_PLACES_SAID: Final = 30
"""Warehouses whose numbers are shown."""
_SKU_ROOM: Final = 20
"""Characters a limiting component's SKU is shown with."""


class BundleDialog(FormDialog[BundleChanged]):
    """One bundle: its lines, and what comes of them. Answers what came of saving it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x,delete", "take_out", show=False)]
    DEFAULT_CSS = """
    BundleDialog #lines { height: auto; max-height: 7; margin-bottom: 1; }
    BundleDialog #effect { height: auto; width: 1fr; margin-top: 1; }
    """

    def __init__(self, doorway: Doorway, account: str, sku: str) -> None:
        super().__init__()
        self.doorway = doorway
        self.account = account
        self.sku = sku
        self.title_text = safe_text(f"Bundle {shown_sku(sku)}")
        self.bundle: Bundle | None = None
        self.lines: tuple[BundleLine, ...] = ()
        """As they would be saved."""

    def compose_questions(self) -> Iterable[Widget]:
        """What it is, its lines, a line to add or change, what comes of it."""
        yield Static(id="about", classes="sentence")
        yield WindowTable(_COLUMNS, id="lines")
        yield Field("Component", "its SKU, exactly", id="component")
        yield Field("Per bundle", "how many of it a bundle holds; enter takes it over", id="quantity")
        yield Static(id="effect")

    def opened(self) -> None:
        """Read what it is made of."""
        self.query_one("#box").border_subtitle = Content("x takes a line out · ctrl+s saves · esc cancels")
        self.query_one("#quantity", Field).input.value = "1"
        self.query_one("#component", Field).input.focus()
        self.ask(lambda _: self.doorway.inspect_bundle(self.account, self.sku), self._read)

    def _read(self, bundle: Bundle) -> None:
        """Show it as it is."""
        self.bundle, self.lines = bundle, bundle.lines
        self.query_one("#about", Static).update(
            plain(bundle.name or shown_sku(bundle.sku)) if bundle.lines else Content(WHAT_A_BUNDLE_IS)
        )
        self._show_lines()
        self._show_now()

    # Drawing

    @property
    def table(self) -> WindowTable:
        """The lines."""
        return self.query_one("#lines", WindowTable)

    def _show_lines(self) -> None:
        self.table.show(
            Rows([Row(str(n), (shown_sku(line.sku), line.quantity)) for n, line in enumerate(self.lines)]),
            empty="No component yet.",
        )

    def _show_now(self) -> None:
        """What there is of it as it is."""
        bundle = self.bundle
        if bundle is None or not bundle.lines:
            self.query_one("#effect", Static).update(Content(""))
            return
        effects = [
            BundleEffect(at.code, at.available, at.available, at.limited_by) for at in bundle.warehouses
        ]
        self._show_effects("Available now", effects, ())

    def _show_effects(self, title: str, effects: Iterable[BundleEffect], notes: Iterable[str]) -> None:
        each = list(effects)
        lines = [Content.styled(title if each else "There is no warehouse yet.", "bold")]
        lines += [_effect_line(effect) for effect in each[:_PLACES_SAID]]
        if len(each) > _PLACES_SAID:
            lines.append(Content(f"and {counted(len(each) - _PLACES_SAID, 'more warehouse')}."))
        lines += [plain(f"! {note}", "$warned") for note in notes]
        self.query_one("#effect", Static).update(Content("\n").join(lines))

    def _show_change(self, changed: BundleChanged) -> None:
        """What saving would do."""
        title = (
            f"Available, saved as {made_of(changed.after)}"
            if changed.after
            else "Available, no bundle any more"
        )
        self._show_effects(safe_text(title), changed.warehouses, changed.notes)

    # Lines

    @on(WindowTable.Opened)
    def _line_chosen(self, event: WindowTable.Opened) -> None:
        """A line that is clicked, as one that enter is pressed on."""
        event.prevent_default()
        event.stop()
        self._change_line()

    def action_next(self) -> None:
        """Enter on a line takes it into the fields; elsewhere it leads on."""
        if self.table.has_focus and self.lines:
            self._change_line()
        else:
            super().action_next()

    def _change_line(self) -> None:
        """Take the line under the cursor into the fields, to change how many."""
        if (number := self._at_cursor()) is None:
            return
        line = self.lines[number]
        if safe_text(line.sku) != line.sku:
            # What a field of one line cannot hold as it is would be taken for another SKU.
            self.say("This SKU cannot be typed: take the line out with x, or change it on the command line.")
            return
        self.query_one("#component", Field).input.value = line.sku
        quantity = self.query_one("#quantity", Field).input
        quantity.value = str(line.quantity)
        quantity.focus()

    def _at_cursor(self) -> int | None:
        key = self.table.row_key
        return int(key) if key is not None and int(key) < len(self.lines) else None

    @property
    def typed_sku(self) -> str:
        """The component's SKU as it was typed: space at its ends may be part of it."""
        return self.query_one("#component", Field).input.value

    @on(Input.Changed, "#component Input")
    @on(Input.Changed, "#quantity Input")
    def _not_wrong_any_more(self) -> None:
        for name in ("component", "quantity"):
            self.query_one(f"#{name}", Field).say(None)

    @on(Input.Submitted)
    def _line_entered(self, event: Input.Submitted) -> None:
        """Enter in the second field takes the line over."""
        if event.input is self.query_one("#quantity", Field).input and self.typed_sku:
            event.prevent_default()
            self._take_over(lambda: None)

    def _take_over(self, then: Callable[[], None]) -> None:
        """Put the line that is typed among the lines, once the desk has nothing against it; then do that."""
        field = self.query_one("#quantity", Field)
        text = field.value.replace(",", "")
        if not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) < 1:
            field.say(_NUMBER)
            field.input.focus()
            return
        line = BundleLine(self.typed_sku, int(text))
        lines = (*(each for each in self.lines if each.sku != line.sku), line)

        def taken(changed: BundleChanged) -> None:
            self.query_one("#component", Field).input.value = ""
            field.input.value = "1"
            self.query_one("#component", Field).input.focus()
            self._taken(changed)
            then()

        self._look_at(lines, taken)

    def _look_at(self, lines: tuple[BundleLine, ...], done: Callable[[BundleChanged], None]) -> None:
        change = BundleChange(self.sku, lines)
        self.ask(lambda _: self.doorway.preview_bundle(self.account, change), done, self._refused_line)

    def _taken(self, changed: BundleChanged) -> None:
        self.lines = changed.after
        self._show_lines()
        self._show_change(changed)

    def _refused_line(self, error: SupportdeskError) -> None:
        self.say(error)
        self.query_one("#component", Field).input.focus()

    def action_take_out(self) -> None:
        """Take the line under the cursor out."""
        number = self._at_cursor()
        if not self.table.has_focus or number is None or self._busy:
            return
        lines = self.lines[:number] + self.lines[number + 1 :]
        if lines or (self.bundle is not None and self.bundle.lines):
            self._look_at(lines, self._taken)
        else:
            self.lines = ()
            self._show_lines()
            self._show_now()

    # Saving

    def submit(self) -> None:
        """Save the lines, what is typed among them."""
        if self.typed_sku:
            self._take_over(self._save)
        else:
            self._save()

    def _save(self) -> None:
        if self.bundle is None:
            return
        if self.lines == self.bundle.lines:
            self.say("Nothing was changed." if self.lines else "Name a component first.")
            return
        change = BundleChange(self.sku, self.lines, self.bundle.lines)
        self.ask(lambda _: self.doorway.change_bundle(self.account, change), self.end, self._refused)

    def _refused(self, error: SupportdeskError) -> None:
        """Say it; where somebody else changed the bundle meanwhile, know what it is now and keep what was entered."""
        self.say(error)
        if isinstance(error, Conflict):
            entered = self.lines

            def come(bundle: Bundle) -> None:
                self.bundle = bundle
                self._look_at(entered, looked)

            def looked(changed: BundleChanged) -> None:
                self._taken(changed)
                self.say(error)

            self.ask(lambda _: self.doorway.inspect_bundle(self.account, self.sku), come)


def _effect_line(effect: BundleEffect) -> Content:
    numbers = _number(effect.after)
    if effect.before != effect.after:
        numbers = f"{_number(effect.before)} → {numbers}"
    sign = "*" if effect.before != effect.after else "="
    skus = ", ".join(_shortened(shown_sku(sku)) for sku in effect.limited_by[:2])
    more = f" and {len(effect.limited_by) - 2:,} more" if len(effect.limited_by) > 2 else ""
    why = "never counted: " if effect.after is None else "limited by "
    return Content.assemble(
        f"{sign} ",
        plain(f"{_shortened(effect.code, 12):<12}"),
        f" {numbers:>17}  ",
        plain(f"{why}{skus}{more}" if effect.limited_by else "", "$muted"),
    )


def _number(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def _shortened(text: str, room: int = _SKU_ROOM) -> str:
    text = safe_text(text)
    return text if len(text) <= room else text[: room - 1] + "…"
