"""Staff: they count, correct and set aside stock in the store itself. The control request's edits are theirs too."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Final

from supportdesk.sandbox.records import UNAVAILABLE, LevelRecord
from supportdesk.sandbox.store import SandboxShop

EDIT_KINDS: Final = ("available", "on_hand", "damaged", "reserved")
"""What staff do by chance: correct available, count on hand, set aside as damaged or reserved and take back."""
_STEPS: Final = (-4, -2, 3, 5)
_SETTABLE: Final = ("available", "on_hand", *UNAVAILABLE, "incoming")


def put(shop: SandboxShop, level: LevelRecord, quantities: Mapping[str, int]) -> None:
    """Set numbers of a level; `on_hand` moves available. Raises ValueError for a name staff cannot set."""
    if wrong := set(quantities) - {*_SETTABLE}:
        raise ValueError(f"staff cannot set {', '.join(sorted(wrong))}")
    for name, quantity in quantities.items():
        part = "available" if name == "on_hand" else name
        if delta := quantity - int(getattr(level, name)):
            shop.change(level, {part: delta}, "staff", f"set {name}")


def add(shop: SandboxShop, level: LevelRecord, deltas: Mapping[str, int]) -> None:
    """Add to numbers of a level. Raises ValueError for a name staff cannot set."""
    put(shop, level, {name: getattr(level, name, 0) + delta for name, delta in deltas.items()})


def set_aside(shop: SandboxShop, level: LevelRecord, start: str, end: str, quantity: int) -> None:
    """Move units between parts of on hand, which stays. Raises ValueError for other names or fewer than one unit."""
    allowed = ("available", *UNAVAILABLE)
    if start not in allowed or end not in allowed or start == end or quantity < 1:
        raise ValueError(f"units move between two of {', '.join(allowed)}, one at least")
    shop.change(level, {start: -quantity, end: quantity}, "staff", f"moved {start} to {end}")


def edit_once(shop: SandboxShop, chance: random.Random, kinds: Sequence[str] = EDIT_KINDS) -> None:
    """One edit of one of `kinds` on a level of an active location, or nothing where there is none."""
    places = [
        location
        for location in shop.locations.values()
        if location.active and not location.service_manages_stock and shop.levels_by_location[location.id]
    ]
    if not places:
        return
    level = chance.choice(shop.levels_by_location[chance.choice(places).id])
    kind = chance.choice(kinds)
    if kind in ("available", "on_hand"):
        add(shop, level, {kind: chance.choice(_STEPS)})
        return
    if getattr(level, kind) > 0 and chance.random() < 0.5:
        set_aside(shop, level, kind, "available", 1)
    elif level.available > 0:
        set_aside(shop, level, "available", kind, 1)
