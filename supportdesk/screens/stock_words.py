"""How stock is said on the Stock tab and in the SKU inspector: the sign of a difference, before and after, a movement's kind. Wording only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from supportdesk.core.stock import Quantities, StockFilter, StockOrder
from supportdesk.widgets.table import Cell, Toned

FILTER_WORDS: Final[Mapping[StockFilter, str]] = {
    "all": "all",
    "differ": "differing",
    "unlinked": "unlinked",
    "negative": "negative",
    "out_of_scope": "left out",
    "sells_when_out": "sold when out",
}
"""The filters of the Stock tab, in the order a key goes round them."""
ORDER_WORDS: Final[Mapping[StockOrder, str]] = {
    "sku": "SKU",
    "product": "product",
    "location": "location",
    "store": "store's number",
    "available": "ledger's number",
    "difference": "difference",
}
"""The orders, likewise."""

_LEFT_OUT: Final[Mapping[str, str]] = {
    "no_sku": "no SKU",
    "gift_card": "gift card",
    "bundle_parent": "bundle",
    "untracked": "untracked",
    "archived": "archived",
    "draft": "draft",
    "left_out_by_decision": "left out",
}
"""Why a row is not synced, short enough for the column of differences."""
_KINDS: Final[Mapping[str, str]] = {
    "add": "added",
    "subtract": "taken off",
    "receive": "received",
    "count": "counted",
    "transfer": "moved",
    "import": "imported",
    "copy": "copied",
    "purchase": "purchased",
    "order": "ordered",
    "fulfil": "fulfilled",
    "cancel": "cancelled",
    "promised": "promised",
    "refund": "refunded",
    "reading": "store read",
}


def difference(store: int | None, ledger: int | None, *, linked: bool, left_out: str | None) -> Cell:
    """The sign of DESIGN §7 and, where both are known, what the store's number would change by; why it is not synced, where it
    is left out; '' where nothing is known.

    `!` stands where the store promises more than there is: its number is below zero.
    """
    if left_out is not None:
        return Toned(_LEFT_OUT.get(left_out, left_out), "muted")
    if store is None and ledger is None:
        return ""
    if ledger is None:
        return Toned("+", "warned" if linked else "")
    if store is None:
        return Toned("-", "warned")
    change = f" {ledger - store:+,}" if ledger != store else ""
    if store < 0:
        return Toned(f"!{change}", "blocked")
    return Toned(f"*{change}", "warned") if change else "="


def signed(number: int) -> str:
    """A difference as a cell: `+4`, `-1`, nothing for none."""
    return f"{number:+,}" if number else ""


def change_line(code: str, before: Quantities | None, after: Quantities) -> str:
    """`MAIN: in stock 31 → 36, booked 4, available 27 → 32`, and incoming where it changes; a number never counted is unknown."""

    def pair(name: str, old: int | None, new: int) -> str:
        if old == new:
            return f"{name} {new:,}"
        return f"{name} {'unknown' if old is None else f'{old:,}'} → {new:,}"

    parts = [
        pair("in stock", before.in_stock if before else None, after.in_stock),
        pair("booked", before.booked if before else after.booked, after.booked),
        pair("available", before.available if before else None, after.available),
    ]
    if before is not None and before.incoming != after.incoming:
        parts.append(pair("incoming", before.incoming, after.incoming))
    return f"{code}: {', '.join(parts)}"


def kind_word(kind: str) -> str:
    """A movement's kind as a word of a list."""
    return _KINDS.get(kind, kind)


def zone(name: str) -> tzinfo:
    """The store's time zone; UTC for a name this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def when(at: datetime, where: tzinfo, now: datetime) -> str:
    """A time on the store's clock, as short as it can be told: `14:31:07` today, `20 Nov 09:02` before."""
    local, today = at.astimezone(where), now.astimezone(where)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"
