"""Sales channels and what leads to a loaded store: connect, open exports, load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "home": ScreenHelp(
        "Sales channels",
        ("table",),
        (
            "Every store you have connected and every export you have opened, one a line. Enter opens one; a store that was "
            "never loaded is loaded first.",
            "Presenter mode is for a shared screen, and on when supportdesk starts. It shows only the stores of one merchant: "
            "the one you opened last in this session, else the one loaded most recently. To reach another, press / and type its "
            "whole handle. The command palette turns presenter mode off until you leave.",
        ),
        ("home.open", "home.connect", "home.exports", "home.filter", "back"),
    ),
    "connect": ScreenHelp(
        "Connect a store",
        (),
        (
            "The token is tried before anything is kept: you see the shop's name and what the app may not yet do, and then "
            "decide. A refused token leaves all you typed in place.",
        ),
        ("connect.try", "connect.scopes", "back"),
    ),
    "exports": ScreenHelp(
        "Open exports",
        (),
        (
            "Reads the product and inventory exports of a Shopify admin (Products > Export, Inventory > Export), several files "
            "at once. A channel opened from files can be inspected; to turn on sync the store itself must be connected.",
        ),
        ("exports.open", "back"),
    ),
    "load": ScreenHelp(
        "Load",
        (),
        (
            "Reads every location, listing and stock count of the store. Nothing is written to the store. Esc stops at once and "
            "leaves the last load as it was.",
        ),
        ("load.go_on", "load.retry", "back"),
    ),
}

COMMANDS: Final = (
    Command("home.open", ("enter",), "open", "Open the store under the cursor.", "home", "open"),
    Command("home.connect", ("c",), "connect a store", "Connect a Shopify store.", "home", "connect"),
    Command(
        "home.exports", ("o",), "open exports", "Open CSV exports of a Shopify admin.", "home", "exports"
    ),
    Command("home.filter", ("/",), "filter", "Show only the stores that match.", "home", "filter"),
    Command("home.refresh", ("r",), "refresh", "Read the list again.", "home", "refresh_list"),
    Command("connect.next", ("enter",), "next", "To the next field; on the last one, try it.", "connect", ""),
    Command(
        "connect.try",
        ("ctrl+s",),
        "try it",
        "Try the access with the store; nothing is kept yet.",
        "connect",
        "try_it",
    ),
    Command(
        "connect.scopes",
        ("f2",),
        "copy scopes",
        "Copy the list of access scopes the app needs.",
        "connect",
        "copy_scopes",
    ),
    Command("exports.open", ("ctrl+s",), "open", "Read the files.", "exports", "submit"),
    Command("load.retry", ("r",), "try again", "Load again.", "load", "retry"),
    Command("load.go_on", ("enter",), "overview", "To the store's overview.", "load", "go_on"),
)
