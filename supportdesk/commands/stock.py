"""The Stock tab, the page of one SKU, and the listings left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from supportdesk.commands.command import Command, ScreenHelp

SCREENS: Final[Mapping[str, ScreenHelp]] = {
    "stock": ScreenHelp(
        "Stock",
        ("list", "table", "tabs"),
        (
            "Every stock item at every location where it is stocked: what the store shows, and what the ledger would show there.",
            "= the same.  * they differ; the number is what the store's would change by.  + only in the store: unlinked, or never "
            "counted here.  - only in the ledger.  ! look at this: the store is below zero.",
        ),
        ("stock.inspect", "list.filter", "list.show", "list.sort"),
    ),
    "sku": ScreenHelp(
        "SKU",
        ("table", "panels"),
        (
            "Why a number is what it is: what each warehouse holds, what is pushed, which rows of which stores it feeds, which "
            "bundles it is part of, and every movement, newest first.",
            "In stock − booked = available. Pushed is available; 0 at or below close at; at most the channel's maximum. Unknown "
            "is not 0: it was never counted.",
            "Where sync is on, How it comes about adds up, of the row under the cursor, what the store had when sync began and every "
            "order, push and change since, to what it should show. An edit that was put back stands in brackets: it counts for nothing. "
            "A adopts it: on ! edit among the movements, or on a row with an edit that was seen once.",
            "A change is made in the warehouse under the cursor of the first panel.",
        ),
        ("sku.adjust", "sku.count", "sku.receive", "back"),
    ),
    "left_out": ScreenHelp(
        "Left out",
        ("table",),
        (
            "Listings that will not be synced, each with its reason. A listing counts once, under the first reason that applies.",
        ),
        ("back", "copy"),
    ),
}

COMMANDS: Final = (
    Command("tabs.stock", ("4",), "stock", "To the stock.", "tabs", "screen.show_tab('stock')"),
    Command(
        "stock.inspect",
        ("enter",),
        "look into it",
        "Look into the SKU under the cursor: warehouses, rows, bundles, movements.",
        "stock",
        "inspect",
    ),
    Command(
        "stock.bundle",
        ("b",),
        "bundle",
        "Say what the SKU under the cursor is made of, or see it.",
        "stock",
        "bundle",
    ),
    Command("stock.load", ("r",), "load again", "Read the store again.", "stock", "load"),
    Command(
        "stock.meaning",
        ("m",),
        "what this means",
        "Explain the row under the cursor in words fit for the merchant.",
        "stock",
        "meaning",
    ),
    Command("sku.adjust", ("a",), "adjust", "Add to what is in stock, or take off.", "sku", "adjust"),
    Command("sku.set", ("s",), "set", "Say what is in stock.", "sku", "set"),
    Command(
        "sku.receive", ("i",), "receive", "Book goods in; incoming goes down by as many.", "sku", "receive"
    ),
    Command("sku.count", ("c",), "count", "Enter what was counted.", "sku", "count"),
    Command("sku.transfer", ("t",), "transfer", "Move units to another warehouse.", "sku", "transfer"),
    Command("sku.bundle", ("b",), "bundle", "Say what the SKU is made of, or see it.", "sku", "bundle"),
    Command(
        "sku.close_at",
        ("o",),
        "close at",
        "Say at which number the SKU is shown as sold out in this warehouse.",
        "sku",
        "close_at",
    ),
    Command(
        "sku.adopt",
        ("A",),
        "adopt…",
        "Take the edit by staff under the cursor into Sumtracker: one that was put back, or is about to be.",
        "sku",
        "adopt",
    ),
    Command("sku.refresh", ("r",), "read again", "Read the numbers again.", "sku", "refresh"),
    Command(
        "sku.meaning",
        ("m",),
        "what this means",
        "Explain the numbers in words fit for the merchant.",
        "sku",
        "meaning",
    ),
)
