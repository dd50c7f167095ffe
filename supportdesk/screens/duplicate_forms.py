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
from supportdesk.widgets.field import Field, first_line
from supportdesk.widgets.merchant_text import plain

_MOST: Final = 24
"""Listings that are given new SKUs at once: those beyond it stay together until the next time."""
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


class NewSkusDialog(FormDialog[dict[str, str]]):
    """Answers a new SKU by listing, for those of a group that are to have one; whether they will do the desk says."""

    title_text = "New SKUs"
    submit_label = "Go on"

    def __init__(self, detail: GroupDetail) -> None:
        super().__init__()
        self.sku = detail.group.sku
        self.listings = [listing for listing in detail.listings if listing.left_out is None][:_MOST]

    def compose_questions(self) -> Iterable[Widget]:
        """The listings, each with a line for its SKU: the oldest keeps the one there is, the others are proposed one."""
        yield Static(
            plain(
                f"These share {shown_sku(self.sku)}. One may keep it; the others get SKUs that no listing has yet. "
                "It is asked again before the store is changed."
            ),
            classes="sentence",
        )
        for number, listing in enumerate(self.listings):
            yield Static(plain(listing_name(listing), "bold"))
            yield Field("keeps or gets" if not number else "gets", id=f"new-sku-{number}")

    def opened(self) -> None:
        """Propose, and begin with the first that gets another."""
        for number, field in enumerate(self.query(Field)):
            field.propose(shown_sku(self.sku) if not number else f"{first_line(self.sku)}-{number + 1}")
        self.query_one("#new-sku-1" if len(self.listings) > 1 else "#new-sku-0", Field).input.focus()

    def submit(self) -> None:
        """Answer, or say what is missing."""
        typed = [field.value for field in self.query(Field)]
        new = {
            listing.listing: sku
            for listing, sku in zip(self.listings, typed, strict=True)
            if sku not in ("", self.sku, shown_sku(self.sku))
        }
        twice = next((sku for sku in new.values() if list(new.values()).count(sku) > 1), None)
        if not new:
            self.say(f"All of them keep {shown_sku(self.sku)}: type another SKU for all but one.")
        elif twice is not None:
            self.say(f"{shown_sku(twice)} is there twice: each listing needs its own.")
        else:
            self.end(new)


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
