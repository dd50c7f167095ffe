"""What is so in a shop, whatever a reading or a search may say: for tests and demos, never for a client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from supportdesk.sandbox.life import Life
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.records import KEPT, LevelRecord, VariantRecord
from supportdesk.sandbox.store import SandboxShop

Reply = dict[str, Any]


def listing_of(variant: VariantRecord) -> str:
    """What the program names the listing: `handle/option/option`."""
    return "/".join([variant.product.handle, *(value for _, value in variant.options)])


def shown_row(level: LevelRecord) -> Reply:
    """A row with its numbers as they are, whatever a reading may say."""
    return {
        "item": level.item.id,
        "sku": level.item.sku,
        "location": level.location.name,
        "active": level.active,
        **{name: getattr(level, name) for name in KEPT},
        "on_hand": level.on_hand,
    }


def shown_order(order: OrderRecord) -> Reply:
    """An order with what its locations hold, whether or not a search shows it yet."""
    return {
        "id": order.id,
        "name": order.name,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "cancelled_at": order.cancelled_at,
        "status": order.display_fulfillment_status,
        "visible": order.indexed_at is not None,
        "lines": [
            {"sku": line.sku, "quantity": line.quantity, "current": line.current, "fulfilled": line.fulfilled}
            for line in order.lines
        ],
        "held": [
            {
                "location": one.location.name,
                "status": one.status,
                "item": part.line.item.id,
                "sku": part.line.sku,
                "remaining": part.remaining,
            }
            for one in order.fulfillment_orders
            for part in one.lines
        ],
    }


def summary(life: Life, shop: SandboxShop) -> Reply:
    """The parts of a shop's state that stand there always."""
    book = shop.order_book
    return {
        "orders": len(book.orders),
        "open_orders": len(book.open),
        "pending": len(book.pending),
        "rates": life.rates(),
        "lags": asdict(shop.lags),
    }


def details(shop: SandboxShop, names: Sequence[str]) -> Reply:
    """The parts that were asked for: `rows`, `all_orders`, `moves` (the pending ones), `journal`. Raises ValueError."""
    book = shop.order_book
    known: dict[str, Callable[[], list[Reply]]] = {
        "rows": lambda: [shown_row(level) for at in shop.levels_by_location.values() for level in at],
        "all_orders": lambda: [shown_order(order) for order in book.orders.values()],
        "moves": lambda: [
            {
                "order": waiting.order.name,
                "cause": waiting.cause,
                "at": waiting.at,
                "item": level.item.id,
                "location": level.location.name,
                "deltas": dict(deltas),
            }
            for waiting in book.pending
            for level, deltas in waiting.moves
        ],
        "journal": lambda: [movement._asdict() for movement in shop.journal],
    }
    if wrong := set(names) - set(known):
        raise ValueError(f"details are {', '.join(known)}, not {', '.join(sorted(wrong))}")
    return {name: known[name]() for name in names}
