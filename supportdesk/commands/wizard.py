"""Turning sync on: the wizard's steps, the page that turns on, and rehearsing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

_ABOUT: Final = (
    "Six steps that lead to turning sync on: Direction, Copy inventory, Duplicate SKUs, Location mapping, Review, Turn on. "
    "Every answer is kept at once: leave, or close the terminal, and go on later where you were.",
    "✓ done.  ! opened again by a later answer.  – nothing to ask.  · to do.  Digits open a step that was reached before. No "
    "stock is written before Turn on.",
    "In every step n goes on, enter takes what the cursor is on, and esc goes back.",
)

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "wizard_direction": ScreenHelp(
        "Turn on sync: Direction",
        ("wizard", "answers", "table", "panels"),
        ("Whose numbers count: Sumtracker's or the store's.", *_ABOUT),
        ("wizard.take", "wizard.next", "wizard.meaning", "back"),
    ),
    "wizard_copy": ScreenHelp(
        "Turn on sync: Copy inventory",
        ("wizard", "answers", "table", "panels"),
        ("Whether Sumtracker starts with the store's counts.", *_ABOUT),
        ("wizard.take", "wizard.next", "wizard.meaning", "back"),
    ),
    "wizard_duplicates": ScreenHelp(
        "Turn on sync: Duplicate SKUs",
        ("wizard", "table"),
        ("SKUs that several listings share, and what was decided of them.", *_ABOUT),
        (
            "wizard.take",
            "wizard.next",
            "wizard_duplicates.new_skus",
            "wizard_duplicates.accept",
            "back",
            "wizard.meaning",
        ),
    ),
    "wizard_mapping": ScreenHelp(
        "Turn on sync: Location mapping",
        ("wizard", "table"),
        (
            "Which location belongs to which warehouse. Enter on a location changes it; on the last line it goes on.",
            "Units are all that the store has at a location, also of listings that are left out.",
            *_ABOUT,
        ),
        (
            "wizard.take",
            "wizard.next",
            "wizard_mapping.swap",
            "wizard_mapping.accept_all",
            "back",
            "wizard_mapping.warehouses",
        ),
    ),
    "wizard_review": ScreenHelp(
        "Turn on sync: Review",
        ("wizard", "list", "table"),
        (
            "The plan: every number that turning on writes, in the store and in Sumtracker, worst first. It is made from the last "
            "load, and read again before anything is written.",
            "! falls to zero, or is raised from zero.  * changes.  ~ held: nothing is written.  = stays the same.",
            *_ABOUT,
        ),
        (
            "wizard_review.off_there",
            "wizard.next",
            "wizard_review.rehearse",
            "wizard.take",
            "back",
            "list.filter",
        ),
    ),
    "wizard_turn_on": ScreenHelp(
        "Turn on sync: Turn on",
        ("wizard", "table"),
        (
            "The last step: what will happen, in its order. Nothing is written until the shop's handle was typed.",
            *_ABOUT,
        ),
        ("wizard.next", "wizard_turn_on.rehearse", "wizard.meaning", "back"),
    ),
    "turning_on": ScreenHelp(
        "Turning on",
        ("table",),
        (
            "How far turning on is, looked at every second. It goes on without this page, and after a crash where it was.",
            "~ settling: read and watched until no order or edit is under way there; only then it is written. Live: synced. Held: "
            "nothing is written there, for the reason that is said.",
        ),
        ("turning_on.confirm", "turning_on.stop", "turning_on.go_on", "turning_on.new_plan", "back"),
    ),
    "rehearsal": ScreenHelp(
        "Rehearse",
        (),
        (
            "Fills a pretend store on this machine from what was loaded, with the same connections and decisions, and turns sync on "
            "there while pretend shoppers buy. The real store is neither read nor written.",
        ),
        ("back",),
    ),
}

COMMANDS: Final = (
    Command(
        "tabs.turn_on",
        ("T",),
        "turn on…",
        "Turn on sync, step by step; where it is on, see how it stands.",
        "tabs",
        "screen.turn_on",
    ),
    Command(
        "wizard.take",
        ("enter",),
        "choose",
        "Take what the cursor is on: choose an answer and go on, or look into a line.",
        "wizard",
        "screen.take_here",
    ),
    Command(
        "wizard.next",
        ("n",),
        "go on",
        "To the next step; on Review this accepts the plan as it is shown.",
        "wizard",
        "screen.go_on",
    ),
    Command(
        "wizard.previous",
        ("backspace",),
        "a step back",
        "To the step before; no answer is lost.",
        "wizard",
        "screen.step_back",
    ),
    *(
        Command(
            f"wizard.step_{number}",
            (str(number),),
            f"step {number}: {title}",
            f"Open {title}, once it was reached.",
            "wizard",
            f"screen.open_step({number})",
        )
        for number, title in enumerate(
            ("Direction", "Copy inventory", "Duplicate SKUs", "Location mapping", "Review", "Turn on"), 1
        )
    ),
    Command(
        "wizard.meaning",
        ("m",),
        "what this means",
        "Explain this step in words fit for the merchant.",
        "wizard",
        "screen.meaning",
    ),
    Command(
        "wizard.take_over",
        ("o",),
        "take over…",
        "Be the one who answers, where somebody else is at work in this wizard.",
        "wizard",
        "screen.take_over",
    ),
    Command("wizard.refresh", ("r",), "read again", "Read everything again.", "wizard", "screen.refresh_all"),
    Command(
        "wizard.leave",
        ("x",),
        "leave",
        "Back to the channel; every answer is kept.",
        "wizard",
        "screen.leave_wizard",
    ),
    Command("answers.choose", ("space",), "choose", "Choose what the cursor is on.", "answers", "choose"),
    Command(
        "wizard_duplicates.open",
        ("d",),
        "decide them",
        "To the Duplicates tab, where groups are decided; esc comes back here.",
        "wizard_duplicates",
        "open",
    ),
    Command(
        "wizard_duplicates.new_skus",
        ("i",),
        "new SKUs",
        "To the groups that are to be split, where i gives their listings SKUs of their own.",
        "wizard_duplicates",
        "new_skus",
    ),
    Command(
        "wizard_duplicates.accept",
        ("a",),
        "accept shared?",
        "Accept every group that is marked shared?.",
        "wizard_duplicates",
        "accept",
    ),
    Command(
        "wizard_mapping.accept_all",
        ("A",),
        "all as suggested",
        "Link every location that nothing was said of as suggested.",
        "wizard_mapping",
        "accept_all",
    ),
    Command(
        "wizard_mapping.unlink",
        ("u",),
        "stays unlinked",
        "Say that the location under the cursor stays unlinked.",
        "wizard_mapping",
        "unlink",
    ),
    Command(
        "wizard_mapping.swap",
        ("s",),
        "swap",
        "Swap the warehouses of a crossed pair.",
        "wizard_mapping",
        "swap",
    ),
    Command(
        "wizard_mapping.warehouses",
        ("w",),
        "warehouses",
        "To the Warehouses tab, with everything that is known of each pair; esc comes back here.",
        "wizard_mapping",
        "warehouses",
    ),
    Command(
        "wizard_review.turn_on",
        ("T",),
        "accept it, go on",
        "Accept the plan as it is shown, and go on to Turn on: the same as n.",
        "wizard_review",
        "turn_on",
    ),
    Command(
        "wizard_review.rehearse",
        ("R",),
        "rehearse",
        "Try the plan on a pretend store filled from this one.",
        "wizard_review",
        "rehearse",
    ),
    Command(
        "wizard_review.make",
        ("p",),
        "new plan",
        "Make the plan anew, from the last load.",
        "wizard_review",
        "make",
    ),
    Command(
        "wizard_review.view",
        ("v",),
        "by location…",
        "The totals by risk, by location, or all that is to be said beside them, in turn.",
        "wizard_review",
        "view",
    ),
    Command(
        "wizard_review.where",
        ("w",),
        "where…",
        "Show the rows of all locations or of one, in turn.",
        "wizard_review",
        "where",
    ),
    Command(
        "wizard_review.off_there",
        ("c",),
        "sync is off there…",
        "Confirm that sync is off in Sumtracker itself.",
        "wizard_review",
        "off_there",
    ),
    Command(
        "wizard_turn_on.turn_on",
        ("T",),
        "turn on…",
        "Turn sync on, once the shop's handle was typed.",
        "wizard_turn_on",
        "turn_on",
    ),
    Command(
        "wizard_turn_on.rehearse",
        ("R",),
        "rehearse",
        "Try the plan on a pretend store filled from this one.",
        "wizard_turn_on",
        "rehearse",
    ),
    Command(
        "wizard_turn_on.call_sheet",
        ("c",),
        "call sheet",
        "Write what was decided, by whom and when, to a file for the merchant.",
        "wizard_turn_on",
        "call_sheet",
    ),
    Command(
        "turning_on.go_on",
        ("enter",),
        "overview",
        "To the store's overview; turning on goes on.",
        "turning_on",
        "go_on",
    ),
    Command(
        "turning_on.new_plan",
        ("p",),
        "new plan",
        "Back to Review, where another plan is made from how things are now.",
        "turning_on",
        "new_plan",
    ),
    Command(
        "turning_on.confirm",
        ("T",),
        "go on…",
        "Go on with the numbers that moved as they are now, once the shop's handle was typed.",
        "turning_on",
        "confirm",
    ),
    Command(
        "turning_on.stop",
        ("x",),
        "stop…",
        "Stop turning on while rows that moved wait to be confirmed: nothing was written.",
        "turning_on",
        "stop",
    ),
    Command(
        "turning_on.call_sheet",
        ("c",),
        "call sheet",
        "Write what was decided, by whom and when, to a file for the merchant.",
        "turning_on",
        "call_sheet",
    ),
)
