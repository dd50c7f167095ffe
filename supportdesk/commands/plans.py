"""A plan outside the wizard: linking a location, another master, rolling back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "plan_review": ScreenHelp(
        "Plan",
        ("list", "table"),
        (
            "What applying would write, in the store and in Sumtracker, row by row. Nothing is written before you typed the shop's handle.",
            "Linking a location and changing its master leave every other location as it is; a roll back turns sync off and takes back "
            "what was pushed, but for the causes you keep.",
            "! falls to zero, or is raised from zero.  * changes.  ~ held: nothing is written.  = stays the same.",
        ),
        ("plan_review.apply", "plan_review.answers", "plan_review.keep", "plan_review.look", "back"),
    ),
}

COMMANDS: Final = (
    Command(
        "tabs.roll_back",
        (),
        "roll back…",
        "See what was pushed to the store, by cause, and take back what is not to stay.",
        "tabs",
        "screen.live('roll_back')",
    ),
    Command(
        "plan_review.apply",
        ("T",),
        "apply…",
        "Apply the plan as it is shown, once the shop's handle was typed.",
        "plan_review",
        "apply",
    ),
    Command(
        "plan_review.answers",
        ("c",),
        "copy?",
        "Answer again whether the store's counts are copied, and what follows from it.",
        "plan_review",
        "answers",
    ),
    Command(
        "plan_review.keep",
        ("x",),
        "keep…",
        "Say of each cause whether what was pushed for it stays.",
        "plan_review",
        "keep",
    ),
    Command(
        "plan_review.make",
        ("p",),
        "new plan",
        "Make the plan anew, from how things are now.",
        "plan_review",
        "make",
    ),
    Command(
        "plan_review.look",
        ("enter",),
        "look into it",
        "Look into the SKU under the cursor.",
        "plan_review",
        "look",
    ),
)
