"""Commands that every screen has, and those that every screen of the demo has."""

from __future__ import annotations

from typing import Final

from supportdesk.commands.command import DEMO, EVERYWHERE, Command

COMMANDS: Final = (
    Command("help", ("?", "f1"), "help", "Show the keys of this screen.", EVERYWHERE, "app.help"),
    Command("quit", ("q", "ctrl+q"), "quit", "Leave supportdesk.", EVERYWHERE, "app.leave"),
    Command(
        "palette",
        (":", "ctrl+p"),
        "commands",
        "Search all commands by name.",
        EVERYWHERE,
        "app.palette",
        palette=False,
    ),
    Command(
        "back",
        ("escape",),
        "back",
        "Go back one level: close, clear the filter, leave the screen.",
        EVERYWHERE,
        "screen.back",
        palette=False,
    ),
    Command(
        "interrupt",
        ("ctrl+c",),
        "quit",
        "Leave at once on Sales channels; elsewhere ask first.",
        EVERYWHERE,
        "app.interrupt",
        palette=False,
    ),
    Command(
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Back to the shell; `fg` returns.",
        EVERYWHERE,
        "app.suspend_process",
    ),
    Command(
        "copy",
        ("y",),
        "copy",
        "Copy what the cursor is on.",
        EVERYWHERE,
        "screen.copy",
    ),
    Command("copy.row", ("Y",), "copy line", "Copy the whole line.", EVERYWHERE, "screen.copy_row"),
    Command(
        "presenter",
        (),
        "presenter mode",
        "On or off: hide other merchants on a shared screen.",
        EVERYWHERE,
        "app.presenter",
    ),
    Command("theme.dark", (), "theme: dark", "Use the dark theme.", EVERYWHERE, "app.use_theme('dark')"),
    Command("theme.light", (), "theme: light", "Use the light theme.", EVERYWHERE, "app.use_theme('light')"),
    Command(
        "theme.high-contrast",
        (),
        "theme: high contrast",
        "Use the theme with the strongest contrast.",
        EVERYWHERE,
        "app.use_theme('high-contrast')",
    ),
    Command(
        "theme.ansi",
        (),
        "theme: ansi",
        "Use the terminal's own sixteen colours.",
        EVERYWHERE,
        "app.use_theme('ansi')",
    ),
)

SANDBOX: Final = (
    Command(
        "sandbox.order",
        (),
        "sandbox: place an order",
        "A shopper of the pretend store buys one unit of the row under the cursor, or of a best-seller.",
        DEMO,
        "app.place_order",
    ),
    Command(
        "sandbox.edit",
        (),
        "sandbox: staff edit",
        "Somebody adds 3 to the row under the cursor in the pretend store itself, or to a best-seller.",
        DEMO,
        "app.staff_edit",
    ),
    Command(
        "sandbox.throttle",
        (),
        "sandbox: throttle",
        "The pretend store answers `later` to the next request.",
        DEMO,
        "app.strike('throttled')",
    ),
    Command(
        "sandbox.drop",
        (),
        "sandbox: drop the connection",
        "The pretend store hangs up in the middle of its next answer.",
        DEMO,
        "app.strike('dropped')",
    ),
    Command(
        "sandbox.calm",
        (),
        "sandbox: no more faults",
        "The pretend store forgets the faults that were asked for.",
        DEMO,
        "app.strike('')",
    ),
    Command(
        "sandbox.kill_sync",
        (),
        "sandbox: kill sync",
        "The process that syncs the demo's stores ends as in a crash; see how it is said and mended.",
        DEMO,
        "app.kill_sync",
    ),
    Command(
        "sandbox.start_over",
        (),
        "sandbox: start over",
        "The demo begins again: its stores and its account as they were at first.",
        DEMO,
        "app.start_over",
    ),
)
"""What the demo's palette does to its pretend store."""
