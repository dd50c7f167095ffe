"""The orders that a new shop's committed units are promised to: made once, dated back, without touching a number."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.records import LevelRecord
from supportdesk.sandbox.store import SandboxShop

_OLDEST_DAYS: Final = 75
"""A few are older than the 60 days an app sees without `read_all_orders`."""
_LARGEST: Final = 3


def _parts(committed: int, chance: random.Random) -> list[int]:
    """Units of one level, as orders would take them."""
    parts: list[int] = []
    while committed:
        parts.append(min(committed, chance.randint(1, _LARGEST)))
        committed -= parts[-1]
    return parts


def give_open_orders(shop: SandboxShop) -> int:
    """Place the open orders behind every committed unit of a shop that has none yet; says how many.

    Then the units committed at a location are what its open fulfilment orders hold.
    """
    chance = random.Random(f"open orders of {shop.handle} {shop.seed}")
    carts: list[list[tuple[LevelRecord, int]]] = []
    for levels in shop.levels_by_location.values():
        cart: list[tuple[LevelRecord, int]] = []
        for level in levels:
            if level.committed <= 0 or not level.item.variants:
                continue
            for quantity in _parts(level.committed, chance):
                # Two lines of an order are never of one item, and some orders have several lines.
                if cart and (chance.random() < 0.7 or any(one is level for one, _ in cart)):
                    carts.append(cart)
                    cart = []
                cart.append((level, quantity))
        if cart:
            carts.append(cart)
    now = shop.timeline.now()
    ages = sorted((chance.random() ** 3 * _OLDEST_DAYS * 86_400 for _ in carts), reverse=True)
    chance.shuffle(carts)
    for age, cart in zip(ages, carts, strict=True):
        wanted = [Wanted(level.item.variants[0], quantity, level.location) for level, quantity in cart]
        created = now - timedelta(seconds=age + 3_600)
        shop.order_book.place(wanted, created=created, takes_stock=False)
    return len(carts)
