"""The Orders tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "orders": ScreenHelp(
        "Orders",
        ("table", "panels", "tabs"),
        (
            "Orders since sync was turned on, newest first, and what each did to Sumtracker's numbers: a new order books its units, "
            "one that is sent takes them from stock, one that is cancelled releases them.",
            "! look at this: NOT_FOUND is a line whose SKU nothing in Sumtracker answers to, unlinked one at a location that is "
            "linked to no warehouse. Neither changes a number here.",
            "From before stands by orders that were placed before sync was on: they are not counted, but what changes of them "
            "afterwards is, as an adjustment.",
            "Below stand the lines of the order under the cursor. Enter goes there, and enter there looks into the SKU.",
        ),
        ("orders.open", "back", "orders.filter", "orders.show"),
    )
}

COMMANDS: Final = (
    Command("tabs.orders", ("5",), "orders", "To the orders.", "tabs", "screen.show_tab('orders')"),
    Command(
        "orders.open",
        ("enter",),
        "look into it",
        "To the lines of the order under the cursor; there, look into the SKU.",
        "orders",
        "open",
    ),
    Command(
        "orders.filter", ("/",), "filter", "Show only orders with a text in name or SKUs.", "orders", "filter"
    ),
    Command(
        "orders.show",
        ("f",),
        "show…",
        "Show all orders, open ones, those to look at, or those from before sync, in turn.",
        "orders",
        "show_next",
    ),
    Command(
        "orders.export", ("E",), "export", "Write the orders shown to a CSV or JSON file.", "orders", "export"
    ),
    Command(
        "orders.meaning",
        ("m",),
        "what this means",
        "Explain the order under the cursor in words fit for the merchant.",
        "orders",
        "meaning",
    ),
)
