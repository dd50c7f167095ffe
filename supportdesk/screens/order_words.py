"""How orders and their lines are said on the Orders tab. Wording only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from supportdesk.core.order_list import OrderShow, OrderState, ShownLine, ShownOrder
from supportdesk.core.orders import Treatment
from supportdesk.core.skus import shown_sku
from supportdesk.screens.stock_words import when
from supportdesk.screens.words import counted
from supportdesk.widgets.table import Cell, Column, Row, Tone, Toned

SHOWN: Final[Mapping[OrderShow, str]] = {
    "all": "all",
    "open": "open",
    "to_look_at": "to look at",
    "past": "from before",
}
"""What a key goes round."""
ORDER_COLUMNS: Final = (
    Column("order", 8, keeps_end=True),
    Column("placed", 12),
    Column("state", 9),
    Column("lines", 5, right=True, priority=2),
    Column("units", 5, right=True),
    Column("where", minimum=8),
    Column("did here", 22),
)
LINE_COLUMNS: Final = (
    Column("SKU", 14, keeps_end=True),
    Column("product", 22, priority=4),
    Column("where", minimum=10),
    Column("warehouse", 9, priority=1),
    Column("open", 5, right=True),
    Column("sent", 5, right=True),
    Column("back", 5, right=True, priority=2),
    Column("off", 5, right=True, priority=3),
    Column("did here", 22),
)
_STATES: Final[Mapping[OrderState, tuple[str, Tone]]] = {
    "open": ("open", ""),
    "fulfilled": ("fulfilled", "muted"),
    "cancelled": ("cancelled", "muted"),
    "gone": ("deleted", "muted"),
    "out_of_sight": ("not seen", "warned"),
}
_TREATMENTS: Final[Mapping[Treatment, tuple[str, Tone]]] = {
    "not_found": ("! NOT_FOUND", "warned"),
    "unlinked": ("! unlinked", "warned"),
    "past": ("from before", "muted"),
    "shopify_master": ("Shopify is master", "muted"),
    "left_out": ("left out of sync", "muted"),
}
_WORST: Final[tuple[Treatment, ...]] = (
    "not_found",
    "unlinked",
    "booked",
    "past",
    "shopify_master",
    "left_out",
)
"""What is said of an order with lines of several kinds: the first of these."""


def order_row(order: ShownOrder, where: tzinfo, now: datetime) -> Row:
    """One order as a line."""
    if not order.name:
        return Row("0", (Toned("kept no more", "muted"), "", "", None, None, "", ""))
    state, tone = _STATES[order.state]
    return Row(
        str(order.id),
        (
            order.name,
            when(order.placed, where, now),
            Toned(state, tone),
            order.line_count,
            order.units,
            _places(order),
            _did(order),
        ),
    )


def _places(order: ShownOrder) -> str:
    first, *others = order.locations or ("",)
    return f"{first} +{len(others)}" if others else first


def _did(order: ShownOrder) -> Cell:
    """What it did to the ledger's numbers, the worst of it first."""
    treatments = order.treatments
    worst: Treatment = next((each for each in _WORST if each in treatments), "booked")
    did = change_words(order.change.in_stock, order.change.booked)
    if worst == "booked":
        return did or Toned("nothing left", "muted")
    if worst == "past":
        units = sum(each.units for each in order.adjusted)
        return Toned(f"from before, {units:+,}", "") if units else Toned("from before", "muted")
    words, tone = _TREATMENTS[worst]
    return Toned(f"{words}, {did}" if did else words, tone)


def change_words(in_stock: int, booked: int) -> str:
    """`booked +2`, `in stock -2`, or both; '' for neither."""
    parts = [f"{name} {units:+,}" for name, units in (("in stock", in_stock), ("booked", booked)) if units]
    return ", ".join(parts)


def line_row(line: ShownLine) -> Row:
    """One line of an order at one location."""
    off = line.cancelled + line.written_off
    return Row(
        f"{line.line_id} {line.location_id}",
        (
            shown_sku(line.sku) or None,
            line.title,
            line.location,
            line.warehouse or None,
            line.unfulfilled or "",
            line.fulfilled or "",
            line.returned or "",
            off or "",
            _line_did(line),
        ),
        "" if line.units or line.returned else "muted",
    )


def _line_did(line: ShownLine) -> Cell:
    if line.treatment == "past":
        return Toned("from before", "muted")
    if line.treatment != "booked":
        words, tone = _TREATMENTS[line.treatment]
        return Toned(words, tone)
    if not line.units and not line.returned:
        return Toned("not here any more", "muted")
    in_stock = sum(taken.change.in_stock for taken in line.taken)
    booked = sum(taken.change.booked for taken in line.taken)
    return change_words(in_stock, booked) or Toned("nothing left", "muted")


def note_of(order: ShownOrder, where: tzinfo) -> str:
    """What stands beside the order's name above its lines."""
    local = order.placed.astimezone(where)
    said = [f"placed {local.day} {local:%b %Y %H:%M}", _STATES[order.state][0]]
    if order.is_past:
        said.append("from before sync")
    if order.closed is not None:
        closed = order.closed.astimezone(where)
        said.append(f"as it was when sync was turned off, {closed.day} {closed:%b %Y %H:%M}")
    return ", ".join(said)


def said_below(order: ShownOrder, line: ShownLine | None) -> str:
    """What is said below the lines: of a bundle what it took, of an order from before what changed since, else why nothing did."""
    if line is not None and line.treatment == "booked" and len(line.taken) > 1:
        parts = [
            f"{shown_sku(each.sku)} {change_words(each.change.in_stock, each.change.booked) or 'nothing left'}"
            for each in line.taken
        ]
        return f"A bundle: {'; '.join(parts)}."
    if line is not None and line.treatment == "not_found":
        return "! Nothing in Sumtracker has this SKU, so nothing is booked. Give it a product, or link the listing; it is booked then."
    if line is not None and line.treatment == "unlinked":
        return "! This location is linked to no warehouse, so its orders change nothing here."
    if order.state == "out_of_sight":
        return "Too old for the app to see, so nobody knows what became of it: what it holds stays booked."
    if order.adjusted:
        parts = [f"{shown_sku(each.sku)} {each.units:+,} at {each.warehouse}" for each in order.adjusted]
        return f"Changed since sync is on, so adjusted: {'; '.join(parts)}."
    if order.closed is not None and order.change.booked:
        return "What it had booked was closed when sync was turned off: in stock fell by as much, so its units stay promised."
    if order.is_past:
        return "Placed before sync was on: its units were never available here, so it is not counted. What changes of it is."
    return ""


def summary_line(count: int, show: OrderShow, *, is_on: bool, is_closed: bool = False) -> str:
    """The first line: how many orders, and which; `is_closed` says that they are of when sync was on."""
    if not count and not is_on:
        return "No orders while sync is off"
    orders = counted(count, "order")
    return {
        "all": f"{orders} {'until sync was turned off' if is_closed else 'since sync is on or open then'} · newest first",
        "open": f"{counted(count, 'open order')} · newest first",
        "to_look_at": f"{orders} to look at · newest first",
        "past": f"{orders} from before sync · newest first",
    }.get(show, orders)


def nothing(show: OrderShow, *, is_on: bool, text: str) -> str:
    """What stands where there is no order."""
    if text:
        return "No order matches the filter."
    if not is_on:
        return "Orders are taken from the moment sync is on; past ones are never pulled in."
    return {
        "open": "No order is open.",
        "to_look_at": "There is nothing to look at: every line was found, at a linked location.",
        "past": "No order was open when sync was turned on.",
    }.get(show, "There is no order yet: new ones appear here within seconds.")
