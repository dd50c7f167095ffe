"""The Duplicates tab, and the second keys of its decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "duplicates": ScreenHelp(
        "Duplicates",
        ("list", "marks", "table", "panels", "tabs"),
        (
            "SKUs that two or more listings of this store share. To sync they are one product with one number, so each group "
            "needs a decision before sync is turned on. Nothing is written to the store by deciding.",
            "oldest, lowest, highest and sum are what the group would count, location by location. shared? stands by groups with the "
            "same title and equal counts: a accepts them all.",
            "Below the list stand the listings of the group under the cursor, with what would change in the store. Enter goes "
            "there, and enter there shows one listing whole. ● before a group says that it is marked, before a listing that its "
            "count is taken.",
            "Listings that are different things are split: d s says so, and i then gives them SKUs of their own in the store.",
        ),
        (
            "duplicates.own_sku",
            "duplicates.decide",
            "duplicates.accept",
            "back",
            "marks.mark",
            "list.filter",
            "duplicates.meaning",
        ),
        ("decide",),
    ),
    "decide": ScreenHelp(
        "Decide",
        (),
        ("The second key of a decision: whose count a shared group takes, or what else is to become of it.",),
    ),
}

TAB: Final = (
    Command(
        "tabs.duplicates", ("2",), "duplicates", "To the duplicates.", "tabs", "screen.show_tab('duplicates')"
    ),
)

COMMANDS: Final = (
    Command(
        "duplicates.open",
        ("enter",),
        "its listings",
        "To the listings of the group; there, all that is known of one listing.",
        "duplicates",
        "open",
    ),
    Command(
        "duplicates.decide",
        ("d",),
        "decide",
        "Decide the group under the cursor, or all that are marked; a second key says how.",
        "duplicates",
        "decide_by_key",
    ),
    Command(
        "duplicates.decide_shown",
        ("D",),
        "decide all shown",
        "Decide every undecided group that the filter shows; a second key says how.",
        "duplicates",
        "decide_shown_by_key",
    ),
    Command(
        "duplicates.accept",
        ("a",),
        "accept shared?",
        "Decide shared for every undecided group that shared? stands by.",
        "duplicates",
        "accept",
    ),
    Command(
        "duplicates.preview",
        ("p",),
        "preview",
        "Show what another choice would change, in turn; nothing is decided by it.",
        "duplicates",
        "preview",
    ),
    Command(
        "duplicates.note",
        ("n",),
        "note",
        "Write a note beside a decision; presenter mode hides notes.",
        "duplicates",
        "note",
    ),
    Command(
        "duplicates.read",
        ("r",),
        "read again",
        "Ask the store for this group's listings and counts again.",
        "duplicates",
        "read_again",
    ),
    Command(
        "duplicates.own_sku",
        ("i",),
        "give its own SKU",
        "Give the listings of a split group SKUs of their own in the store, or one listing of another; what you type confirms it.",
        "duplicates",
        "own_sku",
    ),
    Command(
        "duplicates.meaning",
        ("m",),
        "what this means",
        "Explain this group in words fit for the merchant.",
        "duplicates",
        "meaning",
    ),
    *(
        Command(
            f"decide.{name}",
            (key,),
            label,
            sentence,
            "decide",
            f"decide('{name}')",
            after="duplicates.decide",
        )
        for name, key, label, sentence in (
            ("oldest", "o", "shared by oldest", "One product; the count of the oldest listing."),
            ("lowest", "l", "shared by lowest", "One product; at each location the lowest count."),
            ("highest", "h", "shared by highest", "One product; at each location the highest count."),
            ("sum", "+", "shared by sum", "One product; at each location all counts together."),
            (
                "listing",
                "enter",
                "shared by this listing",
                "One product; the count of the listing under the cursor.",
            ),
            ("split", "s", "split: new SKUs", "Different products; i then gives them SKUs of their own."),
            ("left_out", "x", "leave out", "Not synced; the listings keep what they have."),
            ("clear", "u", "take back", "No decision."),
        )
    ),
)
