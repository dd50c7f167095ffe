"""Global ids (`gid://shopify/Product/1`): written, read, and told apart. Knows nothing of what they stand for."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_GID: Final = re.compile(r"gid://[A-Za-z0-9_.-]+/([A-Za-z]+)/([^/?\s]+)(?:\?(\S*))?")


class GlobalId(NamedTuple):
    """The parts of a global id."""

    type: str
    key: str
    """What stands after the type: a number for all that we keep."""
    query: str
    """What stands behind `?`; '' for none. An inventory level's holds the item."""

    @property
    def number(self) -> int:
        """The key as a number, 0 where it is none."""
        return int(self.key) if self.key.isdecimal() and self.key.isascii() else 0


def gid(type_name: str, number: int) -> str:
    """The global id of an object."""
    return f"gid://shopify/{type_name}/{number}"


def parse_gid(text: str) -> GlobalId | None:
    """The parts of `text`, None where it is no global id."""
    match = _GID.fullmatch(text)
    return GlobalId(match[1], match[2], match[3] or "") if match else None


def level_gid(level_number: int, item_id: int) -> str:
    """The global id of an inventory level: a number of the location's, and the item (`reference/shopify.md` §3)."""
    return f"gid://shopify/InventoryLevel/{level_number}?inventory_item_id={item_id}"


def level_key(parts: GlobalId) -> tuple[int, int]:
    """The location's level number and the item's id out of an inventory level's global id; 0 for what is missing."""
    match = re.fullmatch(r"inventory_item_id=(\d+)", parts.query, re.ASCII)
    return parts.number, int(match[1]) if match else 0
