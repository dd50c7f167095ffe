"""What an order does to stock: its footprint now against what was booked for it (PROTOCOL §1.6–1.7; `reference/sumtracker.md` §2.6–2.7, §4).

Pure. An order is never skipped by its timestamps and never replayed event by event: all that counts is the difference between what
it holds and what was kept of it, so applying it twice changes nothing. Times are as in `effects`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

from supportdesk.core.connections import Master
from supportdesk.core.effects import Effect, EffectKind
from supportdesk.core.stock import NOTHING, Quantities

RestockType = Literal["CANCEL", "NO_RESTOCK", "RETURN", "LEGACY_RESTOCK"]
"""`RefundLineItem.restockType`. What a return's disposition put back counts as `RETURN`, what it did not as `NO_RESTOCK`."""

Treatment = Literal["booked", "past", "shopify_master", "unlinked", "left_out", "not_found"]
"""What the ledger makes of a line at a location. `booked`: it moves stock. `past`: placed before the connection's T0, so only later
changes count, as adjustments. The others change nothing and are shown."""


class LinePart(NamedTuple):
    """A line's units at one location: assigned to it, and sent from it. Zeros too, where it once was."""

    location_id: int
    unfulfilled: int = 0
    fulfilled: int = 0


class GivenBack(NamedTuple):
    """A line's part in a refund or a return."""

    restock_type: RestockType
    quantity: int
    location_id: int | None = None
    """Where it was put back."""
    restocked: bool = True
    refund: bool = True
    """False for a return's disposition: no money moved, so `currentQuantity` did not either."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order, as the store has it now."""

    id: int
    item_id: int | None
    """None for a custom item, or a variant that was deleted."""
    sku: str
    quantity: int
    """Units ordered, removed ones included (`LineItem.quantity`)."""
    current: int
    """Less what was refunded or removed (`LineItem.currentQuantity`)."""
    parts: tuple[LinePart, ...] = ()
    given_back: tuple[GivenBack, ...] = ()
    deleted: bool = False
    """Whether the store has no variant of it any more, though it knows the item still."""


@dataclass(frozen=True, slots=True)
class OrderNow:
    """An order as it was just looked at."""

    id: int
    created: int
    lines: tuple[OrderLine, ...] = ()
    edited: bool = False
    cancelled: bool = False
    gone: bool = False
    """Not found any more though it was booked: deleted."""
    times: Mapping[EffectKind, tuple[int, int]] = field(default_factory=dict)
    """First and last second of all changes of a kind, those before the last look too, where the store says so; otherwise a change
    lies between the two looks, one of which is at T0 (PROTOCOL §1.7). `placed` stands here where the units may have lain
    elsewhere between then."""


@dataclass(frozen=True, slots=True)
class Place:
    """A linked location. One that is not linked, or has no T0 yet, has none."""

    warehouse_id: int
    master: Master
    fence: int
    """T0 of the connection."""
    waits: bool = False
    """Whether its plan is not on yet: what orders do there is kept, and moves stock from then on."""


class RecipePart(NamedTuple):
    """A SKU that a unit of a listing takes from the ledger: itself, or a component of the bundle it is."""

    sku: str
    quantity: int = 1
    adjusts: bool = False
    """True for a SKU that nothing was booked for: the listing bears it since, with the number its row had then. Only what changes later
    counts, as for a past order."""


Recipes = Mapping[int, Sequence[RecipePart]]
"""By inventory item; none for a listing that is left out of sync. An item that is not there is unknown."""


@dataclass(frozen=True, slots=True)
class Held:
    """What one line holds at one location, as it is kept: all that must be remembered of an order."""

    line_id: int
    item_id: int | None
    location_id: int
    treatment: Treatment
    warehouse_id: int | None = None
    recipe: tuple[RecipePart, ...] = ()
    """As it was when first booked, so that a bundle changed later releases what it took."""
    unfulfilled: int = 0
    fulfilled: int = 0
    returned: int = 0
    """Put back after it was sent."""
    written_off: int = 0
    """Refunded before it was sent, and not put back."""
    cancelled: int = 0
    """Refunded before it was sent, and put back here; it says where others were lost."""

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Unfulfilled, fulfilled, returned, written off."""
        return self.unfulfilled, self.fulfilled, self.returned, self.written_off

    @property
    def stock(self) -> Quantities:
        """What it did to its row and, unit for unit of the recipe, to the ledger since the order was placed."""
        return Quantities(self.returned - self.fulfilled - self.written_off, self.unfulfilled)


class StockDifference(NamedTuple):
    """One movement for the ledger, naming the order."""

    kind: EffectKind
    sku: str
    warehouse_id: int
    change: Quantities
    adjusts: bool
    """True for a past order: an adjustment of in stock, for its units were never booked."""
    renamed: bool = False
    """True for the SKU that the listing bears since: an adjustment too."""
    location_id: int = 0
    """Where the order was to be sent from."""


class RowEffect(NamedTuple):
    """One effect on a row of the store."""

    item_id: int
    location_id: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of applying an order; kept together in one transaction, or not at all."""

    held: tuple[Held, ...]
    """To be kept in place of what was."""
    stock: tuple[StockDifference, ...] = ()
    rows: tuple[RowEffect, ...] = ()
    settle_again: tuple[tuple[int, int], ...] = ()
    """(item, location) of rows that a deleted order held: nobody knows what the store did with its units."""


_KEPT: Final = frozenset({"booked", "past"})


def apply(
    order: OrderNow,
    before: Sequence[Held] | None,
    places: Mapping[int, Place],
    recipes: Recipes,
    last_look: int,
    this_look: int,
) -> Applied:
    """The difference between what `order` holds now and what was kept of it (`before`; None for a first look).

    `places` are the linked locations. Changes without a time of their own lie within [`last_look`, `this_look`]. A past order's
    first look is only kept: at T0 that is its recorded footprint.
    """
    kept = {(held.line_id, held.location_id): held for held in before or ()}
    counts = _deleted(kept) if order.gone else _footprint(order, kept)
    lines = {line.id: line for line in order.lines}
    every: list[_Change] = []
    for key, held in counts.items():
        place = places.get(held.location_id)
        now = _treated(order, held, kept.get(key), place, recipes)
        change = _change(now, kept.get(key), lines.get(now.line_id), first=before is None)
        if place is not None:
            change = replace(change, fence=place.fence, waits=place.waits)
        every.append(change)
    changes = [change for change in every if change.now.treatment in _KEPT]
    looks = (last_look, this_look)
    again = [(c.now.item_id, c.now.location_id) for c in changes if c.old[0] and order.gone]
    return Applied(
        tuple(change.now for change in every),
        tuple(move for change in changes if not change.waits for move in _movements(order, change, every)),
        tuple(effect for change in changes for effect in _row_effects(order, change, every, looks)),
        tuple((item, place) for item, place in dict.fromkeys(again) if item is not None),
    )


def stock_of(held: Iterable[Held]) -> dict[tuple[str, int], Quantities]:
    """What orders that are kept like this have done to the ledger's booked and in stock, by SKU and warehouse; past orders aside."""
    totals: dict[tuple[str, int], Quantities] = {}
    for one in held:
        if one.treatment == "booked" and one.warehouse_id is not None:
            for part in booked_parts(one.recipe):
                key = (part.sku, one.warehouse_id)
                totals[key] = totals.get(key, NOTHING).plus(_times(one.stock, part.quantity))
    return {key: total for key, total in totals.items() if total != NOTHING}


def booked_parts(recipe: Iterable[RecipePart]) -> tuple[RecipePart, ...]:
    """The parts of a recipe that an order books."""
    return tuple(part for part in recipe if not part.adjusts)


def following(recipe: Iterable[RecipePart], sku: str | None) -> tuple[RecipePart, ...]:
    """The recipe of units that were ordered before their listing got the SKU `sku`, with the number its row had then copied for it.

    What changes of them later moves the row, and that number with it; what is booked of that SKU already moves it by itself. None for a
    listing whose number was not copied: it follows what the ledger has of its SKU.
    """
    parts = booked_parts(recipe)
    if sku is None or not parts:
        return parts
    missing = 1 - sum(part.quantity for part in parts if part.sku == sku)
    return (*parts, RecipePart(sku, missing, adjusts=True)) if missing else parts


def _times(change: Quantities, quantity: int) -> Quantities:
    return Quantities(*(number * quantity for number in change))


# The footprint ------------------------------------------------------------------------------------------------------------------------

_Key = tuple[int, int]


def _deleted(kept: Mapping[_Key, Held]) -> dict[_Key, Held]:
    return {key: replace(held, unfulfilled=0) for key, held in kept.items()}


def _footprint(order: OrderNow, kept: Mapping[_Key, Held]) -> dict[_Key, Held]:
    """What each line holds at each location now; where it held something once and nothing now, zeros."""
    counts: dict[_Key, Held] = {}
    for line in order.lines:
        here = {held.location_id: held for held in _line_footprint(line, kept)}
        counts |= {(line.id, location_id): held for location_id, held in here.items()}
    for key, held in kept.items():
        if key not in counts:  # what was sent or given back stays so, whatever the store still shows of it
            counts[key] = replace(held, unfulfilled=0)
    return counts


def _line_footprint(line: OrderLine, kept: Mapping[_Key, Held]) -> Iterator[Held]:
    parts: dict[int, LinePart] = {}
    for part in line.parts:
        other = parts.get(part.location_id, LinePart(part.location_id))
        parts[part.location_id] = LinePart(
            part.location_id, other.unfulfilled + part.unfulfilled, other.fulfilled + part.fulfilled
        )
    old = {held.location_id: held for (line_id, _), held in kept.items() if line_id == line.id}
    returned, cancelled, lost = _given_back(line, parts)
    off = _written_off(lost, parts, old, cancelled)
    for location_id in dict.fromkeys((*parts, *returned, *off, *old)):
        part = parts.get(location_id, LinePart(location_id))
        yield Held(
            line.id,
            line.item_id,
            location_id,
            "not_found",
            unfulfilled=part.unfulfilled,
            fulfilled=part.fulfilled,
            returned=returned.get(location_id, 0),
            written_off=off.get(location_id, 0),
            cancelled=cancelled.get(location_id, 0),
        )


def _given_back(line: OrderLine, parts: Mapping[int, LinePart]) -> tuple[dict[int, int], dict[int, int], int]:
    """Units put back after they were sent, and before, by location; and how many were refunded unsent and not put back.

    The store does not say of a refund without restock whether the units had been sent, so it follows from the others: what was
    ordered and not removed by an edit was sent, is still to be sent, was cancelled, or is lost.
    """
    by_type = dict.fromkeys(("CANCEL", "NO_RESTOCK", "RETURN", "LEGACY_RESTOCK"), 0)
    places: dict[str, dict[int, int]] = {"RETURN": {}, "CANCEL": {}}
    for back in line.given_back:
        kind = back.restock_type if back.restocked else "NO_RESTOCK"
        by_type[kind] += back.quantity if back.refund else 0
        if kind in places and back.location_id is not None:
            places[kind][back.location_id] = places[kind].get(back.location_id, 0) + back.quantity
    returned, cancelled = places["RETURN"], places["CANCEL"]
    sent = sum(part.fulfilled for part in parts.values())
    waiting = sum(part.unfulfilled for part in parts.values())
    unsent = max(0, line.current + sum(by_type.values()) - sent - waiting - by_type["CANCEL"])
    legacy_unsent = min(unsent, by_type["LEGACY_RESTOCK"])
    origin = next((part.location_id for part in parts.values() if part.fulfilled), None)
    if origin is not None and by_type["LEGACY_RESTOCK"] > legacy_unsent:
        returned[origin] = returned.get(origin, 0) + by_type["LEGACY_RESTOCK"] - legacy_unsent
    return returned, cancelled, min(unsent - legacy_unsent, by_type["NO_RESTOCK"])


def _written_off(
    lost: int, parts: Mapping[int, LinePart], old: Mapping[int, Held], cancelled: Mapping[int, int]
) -> dict[int, int]:
    """Lost units by location: those known before where they were, new ones where fewer wait now than before."""
    off = {location_id: held.written_off for location_id, held in old.items() if held.written_off}
    fresh = lost - sum(off.values())
    for location_id, held in old.items():
        part = parts.get(location_id, LinePart(location_id))
        fell = held.unfulfilled - part.unfulfilled - max(0, part.fulfilled - held.fulfilled)
        fell -= cancelled.get(location_id, 0) - held.cancelled
        if (here := min(fresh, fell)) > 0:
            off[location_id] = off.get(location_id, 0) + here
            fresh -= here
    if fresh > 0 and (somewhere := next(iter((*parts, *old)), None)) is not None:
        off[somewhere] = off.get(somewhere, 0) + fresh
    return off


def _treated(order: OrderNow, held: Held, old: Held | None, place: Place | None, recipes: Recipes) -> Held:
    """`held` with what the ledger makes of it; what was once booked keeps its recipe and warehouse."""
    followed = place is not None and place.master == "sumtracker"
    if order.gone and (
        followed or held.treatment not in _KEPT
    ):  # nobody can say any more when it was created
        return held
    recipe = old.recipe if old and old.recipe else None
    if recipe is None and held.item_id is not None and held.item_id in recipes:
        recipe = tuple(recipes[held.item_id])
    treatment: Treatment
    if recipe is None:
        treatment = "not_found"
    elif not recipe:
        treatment = "left_out"
    elif place is None:
        treatment = "unlinked"
    elif place.master == "shopify":
        treatment = "shopify_master"
    else:
        treatment = "past" if order.created < place.fence else "booked"
    warehouse = place.warehouse_id if place else None
    if old and old.treatment == treatment and old.warehouse_id is not None:
        warehouse = old.warehouse_id
    item = held.item_id if held.item_id is not None or old is None else old.item_id
    return replace(
        held, item_id=item, treatment=treatment, warehouse_id=warehouse, recipe=recipe if recipe else ()
    )


# Differences --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    now: Held
    old: tuple[int, int, int, int]
    """The counts that the ledger has already made something of."""
    line: OrderLine | None
    fresh: bool
    """The ledger has made nothing of it yet, so what it holds was placed with the order."""
    fence: int = 0
    waits: bool = False

    @property
    def taken(self) -> int:
        """Units more (less: fewer) that the line took at this location, sent and lost ones included."""
        return sum(self.now.counts[each] - self.old[each] for each in (0, 1, 3))


def _change(now: Held, old: Held | None, line: OrderLine | None, first: bool) -> _Change:
    nothing = (0, 0, 0, 0)
    if old is None and first:
        past = now.treatment == "past"  # recorded, not applied; a place it comes to later takes what comes
        return _Change(now, now.counts if past else nothing, line, fresh=not past)
    if old is None:
        return _Change(now, nothing, line, fresh=False)
    if now.treatment == "booked" and old.treatment not in _KEPT:
        return _Change(now, nothing, line, fresh=True)
    return _Change(now, old.counts, line, fresh=False)


def _pieces(
    order: OrderNow, change: _Change, changes: Sequence[_Change]
) -> Iterator[tuple[EffectKind, Quantities]]:
    """The change taken apart, a piece a kind, in units of the line (`reference/sumtracker.md` §2.7, §4)."""
    _, fulfilled, returned, lost = (now - old for now, old in zip(change.now.counts, change.old, strict=True))
    pieces: list[tuple[EffectKind, Quantities]] = [
        (_kind(order, change, changes), Quantities(0, change.taken)),
        ("fulfilled", Quantities(-fulfilled, -fulfilled)),
        ("written_off", Quantities(-lost, -lost)),
        ("returned", Quantities(returned, 0)),
    ]
    for kind, piece in pieces:
        # What happened to a past order before T0 and was found after it is in the number at T0 already.
        before_fence = kind in order.times and order.times[kind][1] < change.fence
        if piece != NOTHING and not before_fence:
            yield kind, piece


def _kind(order: OrderNow, change: _Change, changes: Sequence[_Change]) -> EffectKind:
    """Why a line took more or fewer units at a location."""
    if change.fresh:
        return "placed"
    if order.gone:
        return "deleted"
    elsewhere = [each.taken for each in _of_line(change, changes) if each is not change]
    if any(taken * change.taken < 0 for taken in elsewhere):
        return "moved"
    return _taken_off(order, change.line) if change.taken < 0 else "edited"


def _of_line(change: _Change, changes: Sequence[_Change]) -> list[_Change]:
    return [each for each in changes if each.now.line_id == change.now.line_id]


def _taken_off(order: OrderNow, line: OrderLine | None) -> EffectKind:
    refunded = line is not None and any(back.restock_type == "CANCEL" for back in line.given_back)
    return "cancelled" if order.cancelled or refunded else "edited"


def _movements(order: OrderNow, change: _Change, changes: Sequence[_Change]) -> Iterator[StockDifference]:
    adjusts = change.now.treatment == "past"
    assert change.now.warehouse_id is not None
    for kind, piece in _pieces(order, change, changes):
        for part in change.now.recipe:
            counted = Quantities(in_stock=piece.available) if adjusts or part.adjusts else piece
            if counted != NOTHING:  # it is where a past order is sent: its units were never available here
                moved = _times(counted, part.quantity)
                yield StockDifference(
                    *(kind, part.sku, change.now.warehouse_id, moved, adjusts, part.adjusts),
                    location_id=change.now.location_id,
                )


def _row_effects(
    order: OrderNow, change: _Change, changes: Sequence[_Change], looks: tuple[int, int]
) -> Iterator[RowEffect]:
    """The same pieces on the row of the line's own item, a bundle's too, with when each happened."""
    now = change.now
    if now.item_id is None:
        return
    since = (order.created, looks[1]) if change.fresh else looks
    pieces = list(_pieces(order, change, changes))
    if change.fresh and change.line:
        pieces = [piece for piece in pieces if piece[0] != "placed"]
        sure = not order.edited and len(_of_line(change, changes)) == 1
        at = order.times.get("placed", (order.created, order.created)) if sure else since
        quantity = change.line.quantity
        yield RowEffect(now.item_id, now.location_id, Effect("placed", -quantity, *at, 0, order.id))
        # What was taken off it again before the first look: a reading between the two saw the whole.
        if back := quantity - change.taken:
            pieces.insert(0, (_taken_off(order, change.line), Quantities(0, -back)))
    for kind, piece in pieces:
        earliest, latest = _when(order, kind, since)
        span = (max(earliest, change.fence), latest)
        effect = Effect(kind, piece.available, *span, piece.in_stock, order.id)
        yield RowEffect(now.item_id, now.location_id, effect)


def _when(order: OrderNow, kind: EffectKind, since: tuple[int, int]) -> tuple[int, int]:
    """When what was found within `since` happened: as the order says, but not before; all of both where they do not meet."""
    first, last = order.times.get(kind, since)
    if last < since[0]:
        return first, max(last, since[1])
    return max(first, since[0]), last
