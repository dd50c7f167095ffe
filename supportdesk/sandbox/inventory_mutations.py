"""The mutations that write quantities: adjust, set, set on hand, move. What they refuse stands in `quantity_rules`.

Each is one transaction: with any userError nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from supportdesk.sandbox import quantity_rules as rules
from supportdesk.sandbox.access import App
from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import Arguments, Resolver, attribute, of, parts_of
from supportdesk.sandbox.idempotency import need_argument, once
from supportdesk.sandbox.memory import Payload
from supportdesk.sandbox.problems import array_too_long
from supportdesk.sandbox.quantity_rules import Entry, Place, UserError
from supportdesk.sandbox.records import PARTS, ItemRecord, LocationRecord

_MOST: Final = 250
GROUP: Final = "inventoryAdjustmentGroup"


class Change(NamedTuple):
    """One number of an item at a location, changed."""

    place: Place
    name: str
    delta: int
    ledger: str | None = None

    @property
    def item(self) -> ItemRecord:
        """The item."""
        return self.place.item

    @property
    def location(self) -> LocationRecord:
        """The location."""
        return self.place.location


@dataclass(frozen=True, slots=True)
class AdjustmentGroup:
    """What one mutation changed: the merchant sees it in the store's history."""

    id: int
    created_at: str
    reason: str
    reference: str | None
    app: App
    changes: tuple[Change, ...]


def _done(group: AdjustmentGroup | None) -> Payload:
    return {GROUP: group, "userErrors": []}


def _refused(errors: list[UserError]) -> Payload:
    return {GROUP: None, "userErrors": errors}


def _now(place: Place, name: str) -> int:
    level = place.item.levels.get(place.location.id)
    return int(getattr(level, name)) if level is not None else 0


def _stale(entry: Entry, place: Place, name: str) -> bool:
    expected = entry["changeFromQuantity"]
    return expected is not None and expected != _now(place, name)


def _write(context: Context, given: Entry, changes: Sequence[Change]) -> AdjustmentGroup | None:
    """Carry changes out. None, as with a live store, where every one is of nothing."""
    wanted = [change for change in changes if change.delta]
    if not wanted:
        return None
    by_place: dict[tuple[int, int], list[Change]] = {}
    for change in wanted:
        by_place.setdefault((change.item.id, change.location.id), []).append(change)
    shop, reference = context.shop, given.get("referenceDocumentUri")
    on_hand: list[Change] = []
    for together in by_place.values():
        place, deltas = together[0].place, dict[str, int]()
        for change in together:
            deltas[change.name] = deltas.get(change.name, 0) + change.delta
        if total := sum(delta for name, delta in deltas.items() if name in PARTS):
            on_hand.append(Change(place, "on_hand", total))
        level = place.item.levels.get(place.location.id)
        if level is None:
            # Two live reports disagree about a place where the item was never connected (`reference/shopify.md` §5).
            if context.faults("unstocked_ignored"):
                continue
            level = shop.add_level(place.item.id, place.location.id, {}, active=False)
        shop.change(level, deltas, "app", reference or given["reason"])
    return AdjustmentGroup(
        shop.new_id("InventoryAdjustmentGroup"),
        shop.stamp(),
        given["reason"],
        reference,
        context.app,
        (*wanted, *on_hand),
    )


# --- adjust --------------------------------------------------------------------------------------------------------


def _adjust(root: Any, context: Context, arguments: Arguments) -> Payload:
    given = arguments["input"]
    name, entries = given["name"], given["changes"]
    errors = [
        *rules.name_errors(name, ["input", "name"]),
        *rules.reason_errors(given["reason"]),
        *rules.reference_errors(given.get("referenceDocumentUri")),
    ]
    if errors:
        return _refused(errors)
    uris = [entry.get("ledgerDocumentUri") for entry in entries]
    for at, uri in enumerate(uris):
        errors += rules.document_errors(name, uri, ["input", "changes", str(at), "ledgerDocumentUri"])
    errors = errors or rules.several_documents(uris)
    places, missing = rules.find_places(context, entries, "changes")
    errors += missing
    for at, (entry, place) in enumerate(zip(entries, places, strict=True)):
        path, most = ["input", "changes", str(at), "delta"], rules.LARGEST_ADJUSTED
        found = rules.bound_errors(entry["delta"], -most, most, path)
        if not found and place is not None:
            found = rules.bound_errors(_now(place, name) + entry["delta"], -most, most, path)
        errors += found
    if errors:
        return _refused(errors)
    known = [place for place in places if place is not None]
    if any(_stale(entry, place, name) for entry, place in zip(entries, known, strict=True)):
        return _refused([rules.stale()])
    changes = [
        Change(place, name, entry["delta"], entry.get("ledgerDocumentUri"))
        for entry, place in zip(entries, known, strict=True)
    ]
    return _done(_write(context, given, changes))


# --- set -----------------------------------------------------------------------------------------------------------


def _set(context: Context, given: Entry, name: str, under: str) -> Payload:
    entries: Sequence[Entry] = given[under]
    errors: list[UserError] = []
    if name not in rules.SETTABLE:
        message = "The quantity name must be either 'available' or 'on_hand'."
        errors.append(rules.refuse(["input", "name"], message, "INVALID_NAME"))
    errors += rules.reason_errors(given["reason"])
    errors += rules.reference_errors(given.get("referenceDocumentUri"))
    if errors:
        return _refused(errors)
    # Setting on hand alone has no code for a pair that comes twice (2026-10); the last one counts there.
    errors = rules.repeated(entries, under) if under == "quantities" else []
    places, missing = rules.find_places(context, entries, under)
    errors += missing
    lowest = 0 if name == "on_hand" else -rules.LARGEST_SET
    for at, entry in enumerate(entries):
        path = ["input", under, str(at), "quantity"]
        errors += rules.bound_errors(entry["quantity"], lowest, rules.LARGEST_SET, path)
    if errors:
        return _refused(errors)
    known = [place for place in places if place is not None]
    if any(_stale(entry, place, name) for entry, place in zip(entries, known, strict=True)):
        return _refused([rules.stale()])
    wanted = {
        (place.item.id, place.location.id): (place, entry["quantity"])
        for entry, place in zip(entries, known, strict=True)
    }
    # On hand is the sum of its parts, so both kinds of setting move `available`.
    changes = [
        Change(place, "available", quantity - _now(place, name)) for place, quantity in wanted.values()
    ]
    return _done(_write(context, given, changes))


def _set_quantities(root: Any, context: Context, arguments: Arguments) -> Payload:
    return _set(context, arguments["input"], arguments["input"]["name"], "quantities")


def _set_on_hand(root: Any, context: Context, arguments: Arguments) -> Payload:
    return _set(context, arguments["input"], "on_hand", "setQuantities")


# --- move ----------------------------------------------------------------------------------------------------------


def _move_errors(context: Context, entry: Entry, at: int) -> tuple[Place | None, list[UserError]]:
    path, errors = ["input", "changes", str(at)], list[UserError]()
    item = rules.find_item(context, entry["inventoryItemId"], [*path, "inventoryItemId"], errors)
    locations = []
    for end in ("from", "to"):
        terminal, here = entry[end], [*path, end]
        errors += rules.name_errors(terminal["name"], [*here, "name"])
        locations.append(rules.find_location(context, terminal["locationId"], [*here, "locationId"], errors))
        uri = terminal.get("ledgerDocumentUri")
        errors += rules.document_errors(terminal["name"], uri, [*here, "ledgerDocumentUri"])
    if entry["from"]["locationId"] != entry["to"]["locationId"]:
        message = "The quantities can't be moved between different locations."
        errors.append(rules.refuse(path, message, "DIFFERENT_LOCATIONS"))
    elif entry["from"]["name"] == entry["to"]["name"]:
        message = "The quantity names for each change can't be the same."
        errors.append(rules.refuse(path, message, "SAME_QUANTITY_NAME"))
    errors += rules.bound_errors(entry["quantity"], 0, rules.LARGEST_ADJUSTED, [*path, "quantity"])
    return Place(item, locations[0]) if item and locations[0] else None, errors


def _move(root: Any, context: Context, arguments: Arguments) -> Payload:
    given = arguments["input"]
    errors = [
        *rules.reason_errors(given["reason"]),
        *rules.reference_errors(given["referenceDocumentUri"]),
    ]
    places: list[Place] = []
    for at, entry in enumerate(given["changes"]):
        place, found = _move_errors(context, entry, at)
        errors += found
        if place is not None:
            places.append(place)
    uris = [
        uri
        for entry in given["changes"]
        for end in ("from", "to")
        if (uri := entry[end].get("ledgerDocumentUri"))
    ]
    if len(set(uris)) > 2:
        message = "Only two ledger document URIs are allowed."
        errors.append(rules.refuse(["input", "changes"], message, "MAXIMUM_LEDGER_DOCUMENT_URIS"))
    if errors:
        return _refused(errors)
    changes: list[Change] = []
    for entry, place in zip(given["changes"], places, strict=True):
        for end, sign in (("from", -1), ("to", 1)):
            terminal = entry[end]
            if _stale(terminal, place, terminal["name"]):
                return _refused([rules.stale()])
            uri = terminal.get("ledgerDocumentUri")
            changes.append(Change(place, terminal["name"], sign * entry["quantity"], uri))
    return _done(_write(context, given, changes))


# --- what all of them need -----------------------------------------------------------------------------------------


def _checked(under: str, kind: str, resolver: Resolver) -> Resolver:
    """`resolver` once a key, after the checks that answer with a top-level error; those leave no key behind."""
    keyed = once(GROUP, resolver)

    def resolve(root: Any, context: Context, arguments: Arguments) -> Payload:
        entries = arguments["input"][under]
        assert context.call is not None
        if len(entries) > _MOST:
            raise array_too_long(len(entries), [context.call.name, "input", under])
        if kind == "InventoryMoveQuantityTerminalInput":
            entries = [entry[end] for entry in entries for end in ("from", "to")]
        need_argument(context, entries, kind, "changeFromQuantity")
        payload: Payload = keyed(root, context, arguments)
        return payload

    return resolve


def _chosen(group: AdjustmentGroup, context: Context, arguments: Arguments) -> list[Change]:
    items, places = arguments.get("inventoryItemIds"), arguments.get("locationIds")
    names = arguments.get("quantityNames")
    return [
        change
        for change in group.changes
        if (items is None or f"gid://shopify/InventoryItem/{change.item.id}" in items)
        and (places is None or f"gid://shopify/Location/{change.location.id}" in places)
        and (names is None or change.name in names)
    ]


INVENTORY_MUTATIONS: Final[dict[str, Resolver]] = {
    "inventoryAdjustQuantities": _checked("changes", "InventoryChangeInput", _adjust),
    "inventorySetQuantities": _checked("quantities", "InventoryQuantityInput", _set_quantities),
    "inventorySetOnHandQuantities": _checked("setQuantities", "InventorySetQuantityInput", _set_on_hand),
    "inventoryMoveQuantities": _checked("changes", "InventoryMoveQuantityTerminalInput", _move),
}

ADJUSTMENT_FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "InventoryAdjustmentGroup": {
        "id": of("InventoryAdjustmentGroup"),
        "createdAt": attribute("created_at"),
        "referenceDocumentUri": attribute("reference"),
        "changes": _chosen,
        **parts_of("app", "reason"),
    },
    "InventoryChange": {
        "ledgerDocumentUri": attribute("ledger"),
        # Null in every recorded reply.
        "quantityAfterChange": lambda change, context, arguments: None,
        **parts_of("delta", "item", "location", "name"),
    },
}
