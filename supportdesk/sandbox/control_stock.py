"""The control requests about orders, staff edits and fulfilments, and their rates. What they answer with: `truth`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal

import msgspec

from supportdesk.sandbox import catalog_edits, staff
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.fulfilment import FULFILMENT_KINDS
from supportdesk.sandbox.order_records import FulfillmentOrderRecord, LineRecord, OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.records import LevelRecord, LocationRecord, VariantRecord
from supportdesk.sandbox.service import Service
from supportdesk.sandbox.shoppers import best_seller, can_be_bought, source_of
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.truth import Reply, listing_of, shown_order, shown_row


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
    listing: str | None = None
    """`handle/option/option`, as the program names a listing."""
    best_seller: bool = False
    """Without a listing and a location: a best-seller, where an order of it is sent from."""
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
    shopper: bool = False
    """`place`: only what a shopper can buy; the answer tells the row too."""


class EditAsked(Asked):
    """What `POST /sandbox/edits` takes: something done to a row, a listing or a location; or a rate."""

    set: dict[str, int] | None = None
    add: dict[str, int] | None = None
    move: list[str] | None = None
    """From and to, of `quantity` units."""
    new_sku: str | None = None
    status: str | None = None
    tracked: bool | None = None
    delete: bool = False
    active: bool | None = None
    """Whether the listing is stocked at the location; without a listing, whether the location is open."""
    name: str | None = None
    """A location's new one."""


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


def _resolve(shop: SandboxShop, asked: Asked) -> None:
    """Put the id of the listing in, and of a best-seller the location too. Raises ValueError where there is none."""
    if asked.listing is not None:
        numbers = shop.ids("ProductVariant")
        named = (number for number in numbers if listing_of(shop.variants[number]) == asked.listing)
        asked.variant = next(named, None)
        if asked.variant is None:
            raise ValueError(f"there is no listing {asked.listing}")
    elif asked.best_seller and asked.variant is None and asked.sku is None:
        found = best_seller(shop)
        if found is None:
            raise ValueError("there is nothing to buy")
        asked.variant, asked.location = found.variant.id, found.location.name


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
            _resolve(shop, asked)
            return _bought(shop, asked) if asked.shopper else {"order": shown_order(_placed(shop, asked))}
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


def _bought(shop: SandboxShop, asked: OrderAsked) -> Reply:
    """Place an order of one listing as a shopper does. Raises ValueError for what is not for sale, or not left there."""
    wanted = _wanted(shop, Line(asked.sku, asked.variant, asked.quantity, asked.location))
    variant, item = wanted.variant, wanted.variant.item
    name = item.sku or listing_of(variant)
    if not can_be_bought(variant):
        raise ValueError(f"{name} is not for sale, or Shopify does not count it")
    level = shop.order_book.level(item, wanted.location)
    left = level.available + shop.order_book.uncommitted(level)
    if left < wanted.quantity and not variant.sells_when_out:
        raise ValueError(f"{name} is sold out at {wanted.location.name}")
    order = shop.order_book.place([wanted], commit_after=asked.after, visible_after=asked.visible_after)
    return {"order": shown_order(order), "row": shown_row(level), "before": left}


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
        _resolve(shop, asked)
        if asked.sku is None and asked.variant is None:
            if asked.location is None or (asked.active is None and asked.name is None):
                raise ValueError("say a listing, or a location with active or name")
            location = _location(shop, asked.location)
            catalog_edits.set_location(shop, location, active=asked.active, name=asked.name)
            return {"location": {"id": location.id, "name": location.name, "active": location.active}}
        variant = _variant(shop, asked.sku, asked.variant)
        if asked.location is None:
            return {"listing": _edit_listing(shop, variant, asked)}
        level = shop.order_book.level(variant.item, _location(shop, asked.location))
        _edit_row(shop, level, asked)
        return {"row": shown_row(level)}


def _edit_listing(shop: SandboxShop, variant: VariantRecord, asked: EditAsked) -> Reply:
    said = (asked.new_sku, asked.status, asked.tracked, asked.delete or None)
    if sum(one is not None for one in said) != 1:
        raise ValueError("say a location, or one of new_sku, status, tracked and delete")
    if asked.new_sku is not None:
        shop.put_sku(variant.item, asked.new_sku)
    elif asked.status is not None:
        catalog_edits.set_status(shop, variant, asked.status)
    elif asked.tracked is not None:
        catalog_edits.set_tracked(shop, variant, asked.tracked)
    else:
        catalog_edits.delete_listing(shop, variant)
    return {
        "variant": variant.id,
        "sku": variant.item.sku,
        "status": variant.product.status,
        "tracked": variant.item.tracked,
        "deleted": variant.id not in shop.variants,
    }


def _edit_row(shop: SandboxShop, level: LevelRecord, asked: EditAsked) -> None:
    if sum(one is not None for one in (asked.set, asked.add, asked.move, asked.active)) != 1:
        raise ValueError("say one of set, add, move and active")
    if asked.set is not None:
        staff.put(shop, level, asked.set)
    elif asked.add is not None:
        staff.add(shop, level, asked.add)
    elif asked.active is not None:
        shop.put_active(level, asked.active)
    elif asked.move is not None and len(asked.move) == 2:
        staff.set_aside(shop, level, asked.move[0], asked.move[1], asked.quantity)
    else:
        raise ValueError("move says from and to")


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
