"""One answer of readiness, and how counts are said in it. Which answers there are is in `readiness` and `account_checks`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CheckState = Literal["pass", "warn", "block"]


@dataclass(frozen=True, slots=True)
class Check:
    """One answer of readiness."""

    id: str
    state: CheckState
    text: str
    """One sentence; may quote foreign text."""
    goto: str = ""
    """Where a person who wants to do something about it goes; '' for nowhere.

    `load` (load again), `left_out:REASON` (the listings left out for a key of `core.listings.LEFT_OUT`), `duplicates` and
    `duplicates:to_decide` (that tab, all groups or those to decide), `warehouses`, `settings` (drafts and maximum of the channel),
    `brake` (letting go what it stops),
    and `stock:negative`, `stock:sells_when_out` (that tab with that filter of `core.stock.StockFilter`).
    """


def count_of(number: int, one: str, many: str | None = None) -> str:
    """`1 listing`, `1,121 listings`: a count with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
