"""What becomes of a row that comes into scope while its location is on: a listing that is new, newly stocked, or back from before sync (PROTOCOL §5). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from supportdesk.core.connections import Master

LEFT_ALONE: Final = frozenset({"left_out", "split"})
"""Decisions on a duplicate SKU after which no listing of it is synced."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A row that nobody ever synced, and both sides' numbers of it."""

    sku: str
    """Foreign text."""
    master: Master
    shows: int
    """Available in the store."""
    number: int | None
    """What Sumtracker would have it show; None where it never counted the SKU."""
    siblings: int
    """Other inventory items in scope under this SKU in the channel."""
    decision: str = ""
    """The kind of what was decided of the SKU's duplicate group, '' for nothing."""


def why_it_waits_again(shows: int, number: int | None) -> str | None:
    """Why a row that was left alone by a decision taken back since has to be confirmed; None where it settles again by itself.

    `shows` is available in the store, `number` what Sumtracker would have it show, None where it never counted the SKU. What was
    sold while nobody looked may be in one of them alone, so where they differ a person sees before → after.
    """
    if number == shows:
        return None
    if number is None:
        return f"left alone until now: the store shows {shows:,}, Sumtracker never counted it"
    return f"left alone until now: {shows:,} → {number:,} once you say that it is to be synced"


def why_it_waits(one: Newcomer) -> str | None:
    """Why a person has to confirm the row before it is synced, before → after; None where it joins by itself.

    A listing that joins a duplicate group always waits: whether it is the same thing is a person's to say, whatever was decided of
    the others (DESIGN §5). Where Shopify is master nothing is written, so that another one waits for nothing; else one on a SKU
    without stock on either side joins.
    """
    second = f"another listing of {one.sku} is synced already; " if one.siblings else ""
    if one.master == "shopify":
        return f"{second}Sumtracker can follow one of them only where Shopify is master" if second else None
    if not second and not one.shows and not one.number:
        return None
    if one.number is None:
        return f"{second or 'new here: '}the store shows {one.shows:,}, Sumtracker never counted it"
    return f"{second or 'new here: '}{one.shows:,} → {one.number:,} once you say that it is to be synced"
