"""The command `orders`: what each order since sync is on holds where, and what it booked."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Iterator
from typing import Final

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.core.order_list import OrderShow, ShownLine, ShownOrder
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text

_AT_ONCE: Final = 200
"""Orders written at a time."""
_STATES: Final = {"out_of_sight": "out of sight"}
TREATMENTS: Final = {
    "booked": "",
    "past": "from before, not counted",
    "shopify_master": "Shopify is master",
    "unlinked": "! unlinked",
    "left_out": "left out of sync",
    "not_found": "! NOT_FOUND",
}


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
    parser.add_argument("--order", metavar="NAME", help="the order of exactly that name: --order='#1042'")
    parser.add_argument("--sku", metavar="S", help="only orders that hold it, or a bundle of it: --sku=S")
    parser.add_argument("--text", metavar="T", default="", help="only orders with this in name or SKUs")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--open", action="store_true", help="only those with something to be sent")
    which.add_argument(
        "--to-look-at", action="store_true", help="only those with an unknown SKU or at an unlinked location"
    )
    which.add_argument("--from-before", action="store_true", help="only those from before sync was on")


def run(command: str, options: argparse.Namespace) -> int:
    """Do it."""
    from supportdesk.desk import orders

    show: OrderShow = (
        "open"
        if options.open
        else "to_look_at"
        if options.to_look_at
        else "past"
        if options.from_before
        else "all"
    )
    found = orders.export_orders(
        desk_of(options),
        options.channel,
        show=show,
        text=options.text,
        sku=options.sku,
        order=options.order,
    )
    if wants_json(options):
        _emit_json(found)
        return 0
    first = next(found, None)
    if first is None:
        output.say("There is no such order.")
        return 0
    for order in itertools.chain([first], found):
        for line in _lines_of(order):
            output.emit_line(line)
    return 0


def _emit_json(orders: Iterable[ShownOrder]) -> None:
    """The orders as one JSON array, some at a time: there may be many."""
    from supportdesk.cli.orders_contract import OrderLine

    before = "["
    left = iter(orders)
    while some := list(itertools.islice(left, _AT_ONCE)):
        text = output.json_text([OrderLine.of(order).model_dump(mode="json") for order in some])
        output.emit_line(before + text[1:-1])
        before = ","
    output.emit_line("[]" if before == "[" else "]")


def _lines_of(order: ShownOrder) -> Iterator[str]:
    state = _STATES.get(order.state, order.state)
    closed = (
        f"  bookings closed {order.closed:%Y-%m-%d %H:%M:%S}Z: sync was turned off" if order.closed else ""
    )
    yield f"{order.name}  {order.placed:%Y-%m-%d %H:%M:%S}Z  {state}{closed}"
    for line in order.lines:
        yield f"  {_line(line)}"
    for each in order.adjusted:
        yield f"  since sync: {shown_sku(each.sku)} {each.units:+,} in stock at {each.warehouse}"


def _line(line: ShownLine) -> str:
    sku = output.padded(safe_text(shown_sku(line.sku) or "(no SKU)"), 24)
    place = output.padded(safe_text(f"{line.location} → {line.warehouse or '–'}"), 26)
    counts = [
        f"{count:,} {word}"
        for count, word in (
            (line.unfulfilled, "to send"),
            (line.fulfilled, "sent"),
            (line.returned, "returned"),
            (line.cancelled, "cancelled"),
            (line.written_off, "written off"),
        )
        if count
    ]
    return f"{sku} {place} {', '.join(counts) or 'nothing'}  {_booked(line)}".rstrip()


def _booked(line: ShownLine) -> str:
    """What it booked; why it booked nothing."""
    if line.treatment != "booked":
        return TREATMENTS.get(line.treatment, line.treatment)
    said = []
    for taken in line.taken:
        parts = [
            f"{number:+,} {word}"
            for number, word in ((taken.change.in_stock, "in stock"), (taken.change.booked, "booked"))
            if number
        ]
        if parts:
            name = "" if taken.sku == line.sku else f"{shown_sku(taken.sku)} "
            said.append(name + ", ".join(parts))
    return "; ".join(said)
