"""The control requests about stock: orders, staff edits, fulfilments, their rates; and the truth of it all, for tests and demos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final, Literal

import msgspec

from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox import staff
from supportdesk.sandbox.fulfilment import FULFILMENT_KINDS
from supportdesk.sandbox.order_records import FulfillmentOrderRecord, LineRecord, OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.records import KEPT, LevelRecord, LocationRecord, VariantRecord
from supportdesk.sandbox.service import Service
from supportdesk.sandbox.shoppers import source_of
from supportdesk.sandbox.store import SandboxShop

Reply = dict[str, Any]


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """What every one of these requests may say."""

    shop: str | None = None
    """A shop's handle; the first shop where none is said."""
    per_minute: float | None = None
    """How often it happens by itself from now on."""
    kinds: list[str] | None = None
    """With `per_minute`: which kinds."""
    sku: str | None = None
    variant: int | None = None
    """A variant's id, where the SKU names several."""
    quantity: int = 1
    location: str | None = None
    """A location's name or id."""
    order: str | None = None
    """An order's name or id."""
    after: float | None = None
    """Seconds until the stock moves, instead of the commit lag."""


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """A line of a new order."""

    sku: str | None = None
    variant: int | None = None
    quantity: int = 1
    location: str | None = None


class OrderAsked(Asked):
    """What `POST /sandbox/orders` takes."""

    lines: list[Line] | None = None
    action: Literal["place", "cancel", "refund", "return", "move", "edit", "hold", "release", "delete"] = (
        "place"
    )
    restock: bool = True
    reason: str = "OTHER"
    counter: bool = False
    """`place`: a sale in a shop."""
    visible_after: float | None = None
    """`place`: seconds until searches show it, instead of the visibility lag."""
    days_ago: float | None = None
    """`place`: it was placed so long ago, and moves no stock."""


class EditAsked(Asked):
    """What `POST /sandbox/edits` takes: one of `set`, `add` and `move`, or a rate."""

    set: dict[str, int] | None = None
    add: dict[str, int] | None = None
    move: list[str] | None = None
    """From and to, of `quantity` units."""


class FulfilmentAsked(Asked):
    """What `POST /sandbox/fulfilments` takes: an order, or a rate."""


# --- finding what a request names ----------------------------------------------------------------------------------


def shop_of(service: Service, handle: str | None) -> SandboxShop:
    """The shop of that handle, the first for None. Raises ValueError for an unknown one."""
    if handle is None:
        return next(iter(service.shops.values()))
    if handle not in service.shops:
        raise ValueError(f"there is no shop {handle}")
    return service.shops[handle]


def _location(shop: SandboxShop, named: str) -> LocationRecord:
    for location in shop.locations.values():
        if named in (location.name, str(location.id)):
            return location
    raise ValueError(f"there is no location {named}")


def _variant(shop: SandboxShop, sku: str | None, number: int | None) -> VariantRecord:
    """The variant of that id, or the oldest with that SKU."""
    if number is not None:
        if number not in shop.variants:
            raise ValueError(f"there is no variant {number}")
        return shop.variants[number]
    if sku is None:
        raise ValueError("say a sku or a variant")
    for found in shop.ids("ProductVariant"):
        if shop.variants[found].item.sku == sku:
            return shop.variants[found]
    raise ValueError(f"there is no SKU {sku}")


def _wanted(shop: SandboxShop, line: Line) -> Wanted:
    variant = _variant(shop, line.sku, line.variant)
    if line.location is not None:
        return Wanted(variant, line.quantity, _location(shop, line.location))
    location = source_of(shop, variant, line.quantity)
    if location is None:
        first = next((level.location for level in variant.item.levels.values() if level.active), None)
        location = first or next(iter(shop.locations.values()))
    return Wanted(variant, line.quantity, location)


def _line(order: OrderRecord, asked: Asked) -> LineRecord:
    """The line a request names; the only one where it names none."""
    if asked.sku is None and asked.variant is None and len(order.lines) == 1:
        return order.lines[0]
    found = next((line for line in order.lines if asked.variant == line.variant.id), None)
    if found is None and asked.variant is None:
        found = next((line for line in order.lines if asked.sku == line.sku), None)
    if found is None:
        raise ValueError(f"{order.name} has no such line")
    return found


def _held(order: OrderRecord, *states: str) -> FulfillmentOrderRecord:
    found = next((one for one in order.fulfillment_orders if one.status in states), None)
    if found is None:
        raise ValueError(f"{order.name} has no fulfilment order that is {' or '.join(states)}")
    return found


# --- the requests --------------------------------------------------------------------------------------------------


def _rate(service: Service, shop: SandboxShop, asked: Asked, what: str) -> Reply:
    life = service.life(shop)
    if asked.kinds is not None:
        known = {"edits": staff.EDIT_KINDS, "fulfilments": FULFILMENT_KINDS}.get(what, ())
        if not asked.kinds or not set(asked.kinds) <= set(known):
            raise ValueError(f"kinds are {', '.join(known) or 'not for orders'}")
        if what == "edits":
            life.edit_kinds = asked.kinds
        else:
            life.fulfilment_kinds = asked.kinds
    who = {"orders": life.shoppers, "edits": life.staff, "fulfilments": life.fulfilment}[what]
    assert asked.per_minute is not None
    who.at_rate(asked.per_minute)
    return {"rates": life.rates()}


def orders(service: Service, body: bytes) -> Reply:
    """`POST /sandbox/orders`. Raises ValueError for what cannot be done."""
    asked = msgspec.json.decode(body, type=OrderAsked)
    shop = shop_of(service, asked.shop)
    with shop.lock:
        shop.catch_up()
        if asked.per_minute is not None:
            return _rate(service, shop, asked, "orders")
        if asked.action == "place":
            return {"order": shown_order(_placed(shop, asked))}
        order = shop.order_book.named(asked.order or "")
        ACTIONS[asked.action](shop, order, asked)
        return {"order": shown_order(order)}


def _placed(shop: SandboxShop, asked: OrderAsked) -> OrderRecord:
    lines = asked.lines or [Line(asked.sku, asked.variant, asked.quantity, asked.location)]
    wanted = [_wanted(shop, line) for line in lines]
    if asked.counter:
        return changes.sell_at_counter(
            shop.order_book, wanted, after=asked.after, visible_after=asked.visible_after
        )
    created = None
    if asked.days_ago is not None:
        created = shop.timeline.now() - timedelta(days=asked.days_ago)
    return shop.order_book.place(
        wanted,
        created=created,
        takes_stock=created is None,
        commit_after=asked.after,
        visible_after=asked.visible_after,
    )


def _cancel(shop: SandboxShop, order: OrderRecord, asked: OrderAsked) -> None:
    changes.cancel(shop.order_book, order, restock=asked.restock, reason=asked.reason, after=asked.after)


def _refund(shop: SandboxShop, order: OrderRecord, asked: OrderAsked) -> None:
    place = _location(shop, asked.location) if asked.location else None
    line, quantity = _line(order, asked), asked.quantity
    book, restock, after = shop.order_book, asked.restock, asked.after
    changes.refund(book, line, order, quantity, restock=restock, location=place, after=after)


def _take_back(shop: SandboxShop, order: OrderRecord, asked: OrderAsked) -> None:
    place = _location(shop, asked.location) if asked.location else None
    line, quantity = _line(order, asked), asked.quantity
    book, restock, after = shop.order_book, asked.restock, asked.after
    changes.take_back(book, line, order, quantity, restock=restock, location=place, after=after)


def _move(shop: SandboxShop, order: OrderRecord, asked: OrderAsked) -> None:
    if asked.location is None:
        raise ValueError("say the location it moves to")
    one = _held(order, "OPEN", "IN_PROGRESS", "ON_HOLD")
    named = asked.sku is not None or asked.variant is not None
    quantities = {_line(order, asked): asked.quantity} if named else None
    changes.move(shop.order_book, one, _location(shop, asked.location), quantities, after=asked.after)


def _edit(shop: SandboxShop, order: OrderRecord, asked: OrderAsked) -> None:
    place = _location(shop, asked.location) if asked.location else None
    known = next((line for line in order.lines if asked.sku == line.sku and asked.variant is None), None)
    variant = known.variant if known else _variant(shop, asked.sku, asked.variant)
    book, restock, after = shop.order_book, asked.restock, asked.after
    changes.edit(book, order, variant, asked.quantity, location=place, restock=restock, after=after)


ACTIONS: Final[dict[str, Callable[[SandboxShop, OrderRecord, OrderAsked], None]]] = {
    "cancel": _cancel,
    "refund": _refund,
    "return": _take_back,
    "move": _move,
    "edit": _edit,
    "hold": lambda shop, order, asked: changes.put_on_hold(
        shop.order_book, _held(order, "OPEN"), asked.reason
    ),
    "release": lambda shop, order, asked: changes.release_hold(shop.order_book, _held(order, "ON_HOLD")),
    "delete": lambda shop, order, asked: changes.delete(
        shop.order_book, order, restock=asked.restock, after=asked.after
    ),
}


def edits(service: Service, body: bytes) -> Reply:
    """`POST /sandbox/edits`. Raises ValueError for what cannot be done."""
    asked = msgspec.json.decode(body, type=EditAsked)
    shop = shop_of(service, asked.shop)
    with shop.lock:
        shop.catch_up()
        if asked.per_minute is not None:
            return _rate(service, shop, asked, "edits")
        if (asked.set is not None) + (asked.add is not None) + (asked.move is not None) != 1:
            raise ValueError("say one of set, add and move")
        if asked.location is None:
            raise ValueError("say a location")
        variant = _variant(shop, asked.sku, asked.variant)
        level = shop.order_book.level(variant.item, _location(shop, asked.location))
        if asked.set is not None:
            staff.put(shop, level, asked.set)
        elif asked.add is not None:
            staff.add(shop, level, asked.add)
        elif asked.move is not None and len(asked.move) == 2:
            staff.set_aside(shop, level, asked.move[0], asked.move[1], asked.quantity)
        else:
            raise ValueError("move says from and to")
        return {"row": shown_row(level)}


def fulfilments(service: Service, body: bytes) -> Reply:
    """`POST /sandbox/fulfilments`. Raises ValueError for what cannot be done."""
    asked = msgspec.json.decode(body, type=FulfilmentAsked)
    shop = shop_of(service, asked.shop)
    with shop.lock:
        shop.catch_up()
        if asked.per_minute is not None:
            return _rate(service, shop, asked, "fulfilments")
        order = shop.order_book.named(asked.order or "")
        one = _held(order, "OPEN", "IN_PROGRESS")
        named = asked.sku is not None or asked.variant is not None
        quantities = {_line(order, asked): asked.quantity} if named else None
        changes.fulfil(shop.order_book, one, quantities, after=asked.after)
        return {"order": shown_order(order)}


# --- the truth -----------------------------------------------------------------------------------------------------


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


def summary(service: Service, shop: SandboxShop) -> Reply:
    """The parts of a shop's state that stand there always."""
    book = shop.order_book
    return {
        "orders": len(book.orders),
        "open_orders": len(book.open),
        "pending": len(book.pending),
        "rates": service.life(shop).rates(),
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
