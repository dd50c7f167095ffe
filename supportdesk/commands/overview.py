"""The Overview tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "overview": ScreenHelp(
        "Overview",
        ("table", "panels", "tabs"),
        (
            "What was found when the store was loaded, and what stands in the way of turning on sync.",
            "✗ block: sync cannot be turned on like this.  ! warn: look at this with the merchant.  ✓ pass: nothing to do.",
        ),
        ("tabs.turn_on", "overview.load", "overview.meaning", "overview.open"),
    ),
}

COMMANDS: Final = (
    Command(
        "overview.open",
        ("enter",),
        "list them",
        "List the listings left out for this reason, or go to the tab that the line is about.",
        "overview",
        "open",
    ),
    Command("tabs.overview", ("1",), "overview", "To the overview.", "tabs", "screen.show_tab('overview')"),
    Command(
        "overview.settings",
        ("s",),
        "drafts, maximum",
        "Say whether drafts are synced, and the most that is pushed of anything.",
        "overview",
        "settings",
    ),
    Command("overview.load", ("r",), "load again", "Read the store again.", "overview", "load"),
    Command(
        "overview.meaning",
        ("m",),
        "what this means",
        "Explain this page in words fit for the merchant.",
        "overview",
        "meaning",
    ),
)
