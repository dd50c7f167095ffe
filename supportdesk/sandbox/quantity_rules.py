"""What inventory mutations refuse, in Shopify's codes and words (`reference/shopify.md` §5). Nothing is written here.

Messages that no recording shows are ours: those of documents, of names that may not be adjusted, and of bundle parents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from supportdesk.sandbox.context import Context
from supportdesk.sandbox.fields import want
from supportdesk.sandbox.gid import parse_gid
from supportdesk.sandbox.records import ItemRecord, LocationRecord

REASONS: Final = (
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_canceled",
    "movement_created",
    "movement_received",
    "movement_updated",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "reservation_updated",
    "restock",
    "safety_stock",
    "shrinkage",
)
ADJUSTABLE: Final = ("available", "damaged", "incoming", "quality_control", "reserved", "safety_stock")
"""Names that can be adjusted and moved; never `on_hand` and `committed`."""
SETTABLE: Final = ("available", "on_hand")
LARGEST_SET: Final = 1_000_000_000
LARGEST_ADJUSTED: Final = 2_000_000_000
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?[^\s/].*", re.DOTALL)

UserError = dict[str, Any]
Entry = Mapping[str, Any]
Path = list[str]


class Place(NamedTuple):
    """An item at a location, where both are known and may be written."""

    item: ItemRecord
    location: LocationRecord


def refuse(field: Path | None, message: str, code: str) -> UserError:
    """One userError."""
    return {"field": field, "message": message, "code": code}


def stale() -> UserError:
    """The compare-and-swap that failed. It does not say at which row (`reference/shopify.md` §11 a)."""
    message = "The changeFromQuantity argument no longer matches the persisted quantity."
    return refuse(None, message, "CHANGE_FROM_QUANTITY_STALE")


def reason_errors(reason: str) -> list[UserError]:
    """A reason that is none."""
    if reason in REASONS:
        return []
    message = f"The specified reason is invalid. Valid values are: {', '.join(REASONS)}."
    return [refuse(["input", "reason"], message, "INVALID_REASON")]


def is_document(uri: str) -> bool:
    """Whether it has a scheme and content; a global id needs app, type and id."""
    return parse_gid(uri) is not None if uri.startswith("gid:") else _URI.fullmatch(uri) is not None


def reference_errors(uri: str | None) -> list[UserError]:
    """A reference document that is no URI."""
    if uri is None or is_document(uri):
        return []
    message = "The specified reference document is invalid."
    return [refuse(["input", "referenceDocumentUri"], message, "INVALID_REFERENCE_DOCUMENT")]


def name_errors(name: str, path: Path) -> list[UserError]:
    """A name that cannot be adjusted."""
    if name in ADJUSTABLE:
        return []
    message = f"The specified quantity name is invalid. Valid values are: {', '.join(ADJUSTABLE)}."
    return [refuse(path, message, "INVALID_QUANTITY_NAME")]


def document_errors(name: str, uri: str | None, path: Path) -> list[UserError]:
    """A ledger document where none may be, or none or a wrong one where one must be."""
    if name == "available":
        if uri is None:
            return []
        message = "A ledger document URI is not allowed when adjusting available."
        return [refuse(path, message, "INVALID_AVAILABLE_DOCUMENT")]
    if uri is None:
        message = "A ledger document URI is required except when adjusting available."
        return [refuse(path, message, "INVALID_QUANTITY_DOCUMENT")]
    if uri.startswith("gid://shopify/"):
        message = "Internal (gid://shopify/) ledger documents are not allowed to be adjusted via API."
        return [refuse(path, message, "INTERNAL_LEDGER_DOCUMENT")]
    if not is_document(uri):
        return [refuse(path, "The specified ledger document is invalid.", "INVALID_LEDGER_DOCUMENT")]
    return []


def several_documents(uris: Sequence[str | None]) -> list[UserError]:
    """More than one ledger document in a call."""
    if len({uri for uri in uris if uri is not None}) < 2:
        return []
    message = (
        "All changes must have the same ledger document URI or, in the case of adjusting available, no ledger "
        "document URI."
    )
    return [refuse(["input", "changes"], message, "MAX_ONE_LEDGER_DOCUMENT")]


def bound_errors(quantity: int, low: int, high: int, path: Path) -> list[UserError]:
    """A quantity outside its bounds."""
    if quantity < low:
        if low == 0:
            return [refuse(path, "The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE")]
        return [refuse(path, f"The quantity can't be lower than {low:,}.", "INVALID_QUANTITY_TOO_LOW")]
    if quantity > high:
        return [refuse(path, f"The quantity can't be higher than {high:,}.", "INVALID_QUANTITY_TOO_HIGH")]
    return []


def find_item(context: Context, text: str, path: Path, errors: list[UserError]) -> ItemRecord | None:
    """The item of a global id; None, with the reason in `errors`, where it cannot be written."""
    item = context.shop.items.get(want(text, "InventoryItem").number)
    if item is None:
        message = "The specified inventory item could not be found."
        errors.append(refuse(path, message, "INVALID_INVENTORY_ITEM"))
    elif any(variant.bundle_parent for variant in item.variants):
        message = "The specified inventory item is not allowed to be adjusted via API."
        errors.append(refuse(path, message, "NON_MUTABLE_INVENTORY_ITEM"))
        return None
    return item


def find_location(context: Context, text: str, path: Path, errors: list[UserError]) -> LocationRecord | None:
    """The location of a global id; None, with the reason in `errors`, where there is none or it is closed."""
    location = context.shop.locations.get(want(text, "Location").number)
    if location is None or not location.active:
        message = "The specified location could not be found."
        errors.append(refuse(path, message, "INVALID_LOCATION"))
        return None
    return location


def find_places(
    context: Context, entries: Sequence[Entry], under: str
) -> tuple[list[Place | None], list[UserError]]:
    """The place each entry names, None for one that is refused, and what is refused of them all."""
    places: list[Place | None] = []
    errors: list[UserError] = []
    for at, entry in enumerate(entries):
        path = ["input", under, str(at)]
        item = find_item(context, entry["inventoryItemId"], [*path, "inventoryItemId"], errors)
        location = find_location(context, entry["locationId"], [*path, "locationId"], errors)
        places.append(Place(item, location) if item and location else None)
    return places, errors


def repeated(entries: Sequence[Entry], under: str) -> list[UserError]:
    """One error for each entry whose item and location another entry has too."""
    pairs = [(entry["inventoryItemId"], entry["locationId"]) for entry in entries]
    message = "The combination of inventoryItemId and locationId must be unique."
    code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
    return [
        refuse(["input", under, str(at), "locationId"], message, code)
        for at, pair in enumerate(pairs)
        if pairs.count(pair) > 1
    ]
