"""Fulfilment: orders are sent, whole or in part, moved and held; and cancelled, refunded, edited and returned, as a desk does."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.order_records import FulfillmentOrderRecord, LineRecord, OrderRecord
from supportdesk.sandbox.orders import OrderBook
from supportdesk.sandbox.records import LocationRecord

_RECENT: Final = 200

Chance = random.Random


def _open(book: OrderBook, chance: Chance) -> FulfillmentOrderRecord | None:
    """A fulfilment order that can be sent; the oldest of an order."""
    if not book.open:
        return None
    order = chance.choice(list(islice(book.open.values(), _RECENT)))
    return next((one for one in order.fulfillment_orders if one.status in ("OPEN", "IN_PROGRESS")), None)


def _unsent(book: OrderBook, chance: Chance) -> OrderRecord | None:
    one = _open(book, chance)
    return one.order if one is not None and not one.order.fulfillments else None


def _fulfil(book: OrderBook, chance: Chance) -> None:
    if one := _open(book, chance):
        changes.fulfil(book, one)


def _part(book: OrderBook, chance: Chance) -> None:
    if one := _open(book, chance):
        part = chance.choice([part for part in one.lines if part.remaining])
        changes.fulfil(book, one, {part.line: 1})


def _move(book: OrderBook, chance: Chance) -> None:
    one = _open(book, chance)
    if one is None:
        return
    elsewhere = [
        place
        for place in book.shop.locations.values()
        if place.active
        and place is not one.location
        and all(place.id in part.line.item.levels or not part.line.item.tracked for part in one.lines)
    ]
    if elsewhere:
        changes.move(book, one, chance.choice(elsewhere))


def _hold(book: OrderBook, chance: Chance) -> None:
    held = [one for order in islice(book.open.values(), _RECENT) for one in order.fulfillment_orders]
    held = [one for one in held if one.status == "ON_HOLD"]
    if held and chance.random() < 0.6:
        changes.release_hold(book, chance.choice(held))
    elif (one := _open(book, chance)) and one.status == "OPEN":
        changes.put_on_hold(book, one, "waiting for the customer")


def _cancel(book: OrderBook, chance: Chance) -> None:
    if order := _unsent(book, chance):
        changes.cancel(book, order, restock=chance.random() < 0.8, reason="CUSTOMER")


def _refund(book: OrderBook, chance: Chance) -> None:
    if order := _unsent(book, chance):
        lines = [line for line in order.lines if line.current]
        changes.refund(book, chance.choice(lines), order, 1, restock=chance.random() < 0.8)


def _edit(book: OrderBook, chance: Chance) -> None:
    if order := _unsent(book, chance):
        part = chance.choice([p for one in order.fulfillment_orders for p in one.lines if p.remaining])
        more = 1 if chance.random() < 0.5 else -1
        changes.edit(
            book, order, part.line.variant, more, location=None if more < 0 else _place(order, part.line)
        )


def _place(order: OrderRecord, line: LineRecord) -> LocationRecord:
    return next(one.location for one in order.fulfillment_orders if any(p.line is line for p in one.lines))


def _take_back(book: OrderBook, chance: Chance) -> None:
    sent = list(islice(reversed(book.fulfillments.values()), _RECENT))
    sent = [one for one in sent if not one.order.returns]
    if sent:
        one = chance.choice(sent)
        line = chance.choice(one.lines).line
        changes.take_back(book, line, one.order, 1, restock=chance.random() < 0.7)


_ACTIONS: Final[dict[str, tuple[int, Callable[[OrderBook, Chance], None]]]] = {
    "fulfil": (10, _fulfil),
    "part": (2, _part),
    "move": (1, _move),
    "hold": (1, _hold),
    "cancel": (1, _cancel),
    "refund": (1, _refund),
    "edit": (1, _edit),
    "return": (1, _take_back),
}
FULFILMENT_KINDS: Final = tuple(_ACTIONS)
"""What happens to orders by chance, the likeliest first."""


def act_once(book: OrderBook, chance: Chance, kinds: Sequence[str] = FULFILMENT_KINDS) -> None:
    """One of `kinds` for some order, or nothing where no order is fit for it."""
    (kind,) = chance.choices(list(kinds), [_ACTIONS[kind][0] for kind in kinds])
    _ACTIONS[kind][1](book, chance)
