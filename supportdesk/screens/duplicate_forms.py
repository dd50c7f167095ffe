"""Questions the Duplicates tab asks in boxes: whose count elsewhere, a note, a SKU of its own. What comes of them the desk says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.core.duplicates import Choice as GroupChoice
from supportdesk.core.duplicates import CountsOf, GroupDetail, GroupListing, shared_number
from supportdesk.core.skus import shown_sku
from supportdesk.screens.duplicate_words import item_of, levels_of, listing_name
from supportdesk.screens.form_dialog import FormDialog, Question
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain

_ELSEWHERE: Final[tuple[CountsOf, ...]] = ("oldest", "lowest", "highest", "sum")


class ElsewhereDialog(FormDialog[CountsOf]):
    """Answers whose count is taken where the named listing is not stocked and others are."""

    title_text = "And elsewhere?"
    submit_label = "Decide"

    def __init__(self, detail: GroupDetail, listing: GroupListing) -> None:
        super().__init__()
        self.detail = detail
        self.listing = listing
        self.levels = levels_of(detail)
        item = item_of(detail, listing.listing)
        self.places = [
            place
            for place in detail.locations
            if self.levels.get(place.id) and item not in self.levels[place.id]
        ]

    def compose_questions(self) -> Iterable[Widget]:
        """Where it is not stocked, and the four rules with what each would count there."""
        names = ", ".join(place.name for place in self.places)
        yield Static(
            plain(
                f"{listing_name(self.listing)} is not stocked at {names}, where others of this group are. Whose count "
                "is taken there?"
            ),
            classes="sentence",
        )
        yield Question("there", tuple(_ELSEWHERE), id="elsewhere")

    def opened(self) -> None:
        """Say what the first rule would count."""
        super().opened()
        self._explain()

    @on(Choice.Changed)
    def _explain(self) -> None:
        question = self.query_one("#elsewhere", Question)
        rule = GroupChoice("shared", _ELSEWHERE[question.chosen])
        question.explain(
            ", ".join(
                f"{shared_number(rule, self.levels[place.id], None):,} at {place.name}"
                for place in self.places
            )
        )

    def submit(self) -> None:
        """Answer."""
        self.end(_ELSEWHERE[self.query_one("#elsewhere", Question).chosen])


class OneLineDialog(FormDialog[str]):
    """A form of one line to type: enter is done."""

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.action_submit()


class NoteDialog(OneLineDialog):
    """Answers the note; '' takes it away."""

    title_text = "Note"

    def __init__(self, sku: str, note: str) -> None:
        super().__init__()
        self.sku = sku
        self.note = note

    def compose_questions(self) -> Iterable[Widget]:
        """What it is about, and a line to write on."""
        yield Static(plain(f"Beside the decision on {shown_sku(self.sku)}."), classes="sentence")
        yield Field("note", "Presenter mode hides it; the account keeps it.", id="note")

    def opened(self) -> None:
        """Begin with the note there is."""
        self.query_one("#note", Field).input.value = self.note
        self.query_one("#note", Field).input.focus()

    def submit(self) -> None:
        """Answer."""
        self.end(self.query_one("#note", Field).value)


class OwnSkuDialog(OneLineDialog):
    """Answers the new SKU as typed; whether it will do the desk says when it is written."""

    title_text = "Give a listing its own SKU"
    submit_label = "Go on"

    def __init__(self, listing: GroupListing, sku: str) -> None:
        super().__init__()
        self.listing = listing
        self.sku = sku

    def compose_questions(self) -> Iterable[Widget]:
        """Which listing, what SKU it has, what it is to have."""
        yield Static(plain(f"{listing_name(self.listing)}, {self.listing.listing}"), classes="sentence")
        yield Static(plain(f"has the SKU    {shown_sku(self.sku)}"))
        yield Field(
            "new SKU",
            "One that no listing has yet. It is asked again before the store is changed.",
            id="new-sku",
        )

    def opened(self) -> None:
        """Begin with typing."""
        self.query_one("#new-sku", Field).input.focus()

    def submit(self) -> None:
        """Answer, or say what is missing."""
        new = self.query_one("#new-sku", Field).value
        if not new:
            self.say("A SKU is missing.")
        elif new == self.sku:
            self.say("That is the SKU it has.")
        else:
            self.end(new)
