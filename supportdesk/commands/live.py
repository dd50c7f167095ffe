"""What there is for a channel that is on: its alerts, held rows, verifying, syncing now, the brake, turning off; from every tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "verify": ScreenHelp(
        "Verify",
        ("table",),
        (
            "Every row of the linked locations, as the store shows it now, against what Sumtracker wants shown there. Nothing is written, "
            "neither here nor there.",
            "A row differs only where two looks, a margin apart, agree that it does: orders that are just coming in are no difference.",
            "= same  * differs  + only in the store  - only in Sumtracker  ~ still moving  ! held, so not compared.",
        ),
        ("verify.inspect", "verify.show", "verify.export", "back"),
    ),
    "held": ScreenHelp(
        "Held rows",
        ("table",),
        (
            "Rows that are not synced, each with the reason. Orders on them count in Sumtracker all the same.",
            "Confirmed, a row settles again and is then made to show Sumtracker's number; before → after is shown first.",
            "Where Sumtracker never counted a SKU the store's number can be taken over instead.",
        ),
        ("held.confirm", "held.copy", "held.mark", "held.inspect"),
    ),
    "alerts": ScreenHelp(
        "Alerts",
        ("table",),
        (
            "What somebody has to look at. An alert stays here while its cause stands, and until somebody has said that they saw it.",
            "Seen is kept with your name and the time, and stands in the log.",
        ),
        ("alerts.seen", "alerts.all_seen", "alerts.open"),
    ),
}

COMMANDS: Final = (
    Command(
        "tabs.alerts",
        ("W",),
        "alerts",
        "What is to be looked at in this store.",
        "tabs",
        "screen.live('alerts')",
    ),
    Command(
        "tabs.held", ("H",), "held rows", "Rows that are not synced, and why.", "tabs", "screen.live('held')"
    ),
    Command(
        "tabs.verify",
        ("V",),
        "verify",
        "Compare every row with what the store shows; nothing is written.",
        "tabs",
        "screen.live('verify')",
    ),
    Command(
        "tabs.sync_now",
        ("U",),
        "sync now",
        "Have a cycle run at once instead of when it is due.",
        "tabs",
        "screen.live('sync_now')",
    ),
    Command(
        "log.adopt",
        ("a",),
        "adopt…",
        "Take the edit that was put back into Sumtracker after all.",
        "log",
        "screen.live('adopt')",
    ),
    Command(
        "tabs.hard_refresh",
        (),
        "hard refresh",
        "Read and judge every row again; only differences are written.",
        "tabs",
        "screen.live('hard_refresh')",
    ),
    Command(
        "tabs.go_on",
        (),
        "go past the brake…",
        "Let go on what the brake stops, by typing how many rows that is.",
        "tabs",
        "screen.live('go_on')",
    ),
    Command(
        "tabs.turn_off",
        (),
        "turn sync off…",
        "Nothing more is written to the store, by typing its handle.",
        "tabs",
        "screen.live('turn_off')",
    ),
    Command(
        "verify.inspect",
        ("enter",),
        "look into it",
        "Look into the SKU under the cursor.",
        "verify",
        "inspect",
    ),
    Command(
        "verify.show",
        ("f",),
        "show…",
        "All of these rows, or those of one sign, in turn.",
        "verify",
        "show_next",
    ),
    Command("verify.again", ("r",), "again", "Verify once more.", "verify", "again"),
    Command(
        "verify.export", ("E",), "export", "Write the rows shown to a CSV or JSON file.", "verify", "export"
    ),
    Command(
        "held.confirm",
        ("c",),
        "confirm…",
        "Sync the row under the cursor, or all that are marked, from now on.",
        "held",
        "confirm",
    ),
    Command(
        "held.copy",
        ("t",),
        "take over…",
        "Take the store's number into Sumtracker, which never counted it.",
        "held",
        "take_over",
    ),
    Command(
        "held.mark",
        ("space",),
        "mark",
        "Mark the row under the cursor, or take its mark away.",
        "held",
        "mark",
    ),
    Command(
        "held.inspect", ("enter",), "look into it", "Look into the SKU under the cursor.", "held", "inspect"
    ),
    Command("held.refresh", ("r",), "read again", "Read the list again.", "held", "refresh_list"),
    Command(
        "alerts.seen", ("a",), "seen", "Say that you have seen the one under the cursor.", "alerts", "seen"
    ),
    Command(
        "alerts.all_seen", ("A",), "all seen", "Say that you have seen all of them.", "alerts", "all_seen"
    ),
    Command(
        "alerts.open",
        ("enter",),
        "go there",
        "To what it is about: the held rows, the brake; else the whole sentence.",
        "alerts",
        "open",
    ),
    Command("alerts.refresh", ("r",), "read again", "Read the list again.", "alerts", "refresh_list"),
)
