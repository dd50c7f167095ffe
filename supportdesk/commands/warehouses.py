"""The Warehouses tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "warehouses": ScreenHelp(
        "Warehouses",
        ("table", "panels", "tabs"),
        (
            "Every location of the store with the warehouse it is linked to, and who is master there. Nothing is written to the "
            "store by linking.",
            "A warehouse may serve several locations: each then shows its whole number. An unlinked location is neither read nor "
            "written.",
            "Findings stand below the locations, or beside them where there is room; the panel under them speaks of the location "
            "under the cursor.",
        ),
        ("warehouses.link", "warehouses.unlink", "warehouses.master", "warehouses.meaning"),
    ),
}

COMMANDS: Final = (
    Command(
        "tabs.warehouses", ("3",), "warehouses", "To the warehouses.", "tabs", "screen.show_tab('warehouses')"
    ),
    Command(
        "warehouses.link",
        ("enter",),
        "link",
        "Choose the warehouse of the location under the cursor, and who is master; on a finding, go to its location.",
        "warehouses",
        "link",
    ),
    Command(
        "warehouses.unlink",
        ("u",),
        "unlink",
        "Leave the location unlinked; once that is said, take it back.",
        "warehouses",
        "unlink",
    ),
    Command(
        "warehouses.master",
        ("t",),
        "set master",
        "Make the other one master at this location, after saying what that means.",
        "warehouses",
        "master",
    ),
    Command(
        "warehouses.swap",
        ("s",),
        "swap",
        "Swap the warehouses of a crossed pair.",
        "warehouses",
        "swap",
    ),
    Command(
        "warehouses.accept",
        ("a",),
        "as suggested",
        "Link the location under the cursor as suggested.",
        "warehouses",
        "accept",
    ),
    Command(
        "warehouses.accept_all",
        ("A",),
        "all as suggested",
        "Link every location that nothing was said of as suggested.",
        "warehouses",
        "accept_all",
    ),
    Command(
        "warehouses.new_warehouse",
        ("w",),
        "new warehouse",
        "Make a warehouse.",
        "warehouses",
        "new_warehouse",
    ),
    Command(
        "warehouses.import",
        ("i",),
        "import…",
        "Bring warehouses, bundles and stock in, from a Sumtracker account or from files.",
        "warehouses",
        "import",
    ),
    Command(
        "warehouses.export",
        ("E",),
        "export",
        "Write the locations with their warehouses to a CSV or JSON file.",
        "warehouses",
        "export",
    ),
    Command("warehouses.load", ("r",), "load again", "Read the store again.", "warehouses", "load"),
    Command(
        "warehouses.meaning",
        ("m",),
        "what this means",
        "Explain what the cursor is on in words fit for the merchant.",
        "warehouses",
        "meaning",
    ),
)
