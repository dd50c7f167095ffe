"""Shoppers: they buy what can be bought, a few listings far more often than the rest, online and at the counter."""

from __future__ import annotations

import random
from typing import Final

from supportdesk.sandbox.order_changes import sell_at_counter
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.records import LocationRecord, VariantRecord
from supportdesk.sandbox.store import SandboxShop

_TRIES: Final = 30
_BEST_SELLERS: Final = 12
_COUNTER: Final = 0.1
"""How many of the sales are in a shop."""
_BEST_SELLER: Final = 0.4
"""How many of the lines are of a best-seller: the oldest listings."""


def can_be_bought(variant: VariantRecord) -> bool:
    """Whether a shopper finds it: for sale, with stock of its own to take from."""
    product = variant.product
    return (
        product.status in ("ACTIVE", "UNLISTED")
        and not product.gift_card
        and not variant.bundle_parent
        and variant.item.tracked
    )


def source_of(shop: SandboxShop, variant: VariantRecord, quantity: int) -> LocationRecord | None:
    """Where an order of it would be sent from: the first location that has it all; None where nothing is left to sell."""
    stocked = [
        level
        for location in shop.locations.values()
        if location.active
        and location.fulfills_online_orders
        and (level := variant.item.levels.get(location.id)) is not None
        and level.active
    ]
    for level in stocked:
        if level.available >= quantity:
            return level.location
    return stocked[0].location if stocked and variant.sells_when_out else None


def best_seller(shop: SandboxShop) -> Wanted | None:
    """One unit of the best-seller with a SKU that most are left of, where an order of it is sent from; None where all are gone."""
    found: list[tuple[int, Wanted]] = []
    for number in shop.ids("ProductVariant")[:_BEST_SELLERS]:
        variant = shop.variants[number]
        location = source_of(shop, variant, 1) if variant.item.sku and can_be_bought(variant) else None
        if location is not None:
            level = shop.order_book.level(variant.item, location)
            found.append((level.available + shop.order_book.uncommitted(level), Wanted(variant, 1, location)))
    most, wanted = max(found, key=lambda each: each[0], default=(0, None))
    return wanted if most > 0 else None


def _pick(shop: SandboxShop, chance: random.Random) -> Wanted | None:
    numbers = shop.ids("ProductVariant")
    if not numbers:
        return None
    for _ in range(_TRIES):
        among = min(_BEST_SELLERS, len(numbers)) if chance.random() < _BEST_SELLER else len(numbers)
        variant, quantity = shop.variants[numbers[chance.randrange(among)]], chance.choice((1, 1, 1, 2, 3))
        if can_be_bought(variant):
            location = source_of(shop, variant, quantity)
            if location is not None:
                return Wanted(variant, quantity, location)
    return None


def shop_once(shop: SandboxShop, chance: random.Random) -> None:
    """One shopper: one to three lines, or nothing where nothing can be bought."""
    lines: dict[int, Wanted] = {}
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if picked := _pick(shop, chance):
            # One item a line: two variants of one item would each be counted as if the other were not bought.
            lines.setdefault(picked.variant.item.id, picked)
    if not lines:
        return
    if chance.random() < _COUNTER:
        sell_at_counter(shop.order_book, [next(iter(lines.values()))])
    else:
        shop.order_book.place(list(lines.values()))
