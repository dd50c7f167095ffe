"""The Log tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "log": ScreenHelp(
        "Log",
        ("table", "tabs"),
        (
            "What happens, as it happens: orders, pushes, edits that were put back, what anybody changed. The end is followed until "
            "you move the cursor; then it holds still and counts what is new. G follows again.",
            "← from the store.  → to the store.  · in Sumtracker.  ! look at this.  ~ settling. Times are the store's own.",
            "While this tab is open a cycle runs every 20 s.",
        ),
        ("log.inspect", "log.filter", "log.look", "table.last"),
    ),
}

COMMANDS: Final = (
    Command("tabs.log", ("6",), "log", "To the log.", "tabs", "screen.show_tab('log')"),
    Command(
        "log.inspect",
        ("enter",),
        "look into it",
        "Look into the SKU the line is about; into its order where there is no SKU.",
        "log",
        "inspect",
    ),
    Command("log.order", ("o",), "order", "To the order the line is about.", "log", "order"),
    Command("log.filter", ("/",), "filter", "Show only the lines that hold a text.", "log", "filter"),
    Command(
        "log.context",
        ("c",),
        "in context",
        "With a filter: show all lines with those that hold the text marked, or those alone.",
        "log",
        "context",
    ),
    Command(
        "log.look", ("!",), "look at this", "Only what somebody should look at, or everything.", "log", "look"
    ),
    Command("log.show", ("f",), "show…", "Everything, orders, pushes, edits, in turn.", "log", "show_next"),
    Command("log.place", ("p",), "place…", "One location or warehouse alone, in turn.", "log", "place_next"),
    Command(
        "log.next",
        ("n",),
        "next",
        "To the next line that matches; without a text, that is to be looked at.",
        "log",
        "find(1)",
    ),
    Command("log.previous", ("N",), "previous", "To the one before.", "log", "find(-1)"),
    Command("log.time", ("t",), "to a time…", "To the first line from a time on.", "log", "time"),
    Command("log.follow", (), "follow", "To the end, and follow it (G too).", "log", "follow"),
    Command("log.wrap", ("w",), "wrap", "Let long lines go on in the next row, or cut them.", "log", "wrap"),
    Command(
        "log.mark",
        ("space", "v"),
        "mark",
        "Begin a range of lines here, which the cursor ends and y copies; again forgets it.",
        "log",
        "mark",
    ),
    Command(
        "log.export",
        ("E",),
        "export",
        "Write every line that is shown, all of the log, to a CSV or JSON file.",
        "log",
        "export",
    ),
    Command("log.load", ("r",), "load again", "Read the store again.", "log", "load"),
    Command(
        "log.meaning",
        ("m",),
        "what this means",
        "Explain the line under the cursor: what happened, who did it, from where.",
        "log",
        "meaning",
    ),
)
