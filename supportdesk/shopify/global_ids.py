"""Shopify's global ids (`gid://shopify/Location/123`) and the numbers at their ends. Nothing else about identity."""

from __future__ import annotations


def number_of(global_id: str) -> int:
    """The number at the end of a global id, without what follows a `?`. Raises ValueError for anything else."""
    number = global_id.rpartition("/")[2].partition("?")[0]
    if not global_id.startswith("gid://shopify/") or not (number.isascii() and number.isdigit()):
        raise ValueError("not a global id with a number")
    return int(number)


def global_id(kind: str, number: int) -> str:
    """The global id of the object of type `kind` (`InventoryItem`) with that number."""
    return f"gid://shopify/{kind}/{number}"
