"""Documents that several tests of the sandbox's writing half send, and the global ids of `tests.shops`' records."""

from __future__ import annotations

from typing import Any

from supportdesk.core.catalog import Location
from tests.shops import InProcess

_GROUP = "inventoryAdjustmentGroup{id reason referenceDocumentUri changes{name delta quantityAfterChange item{id} location{id}}}"
_ERRORS = "userErrors{field message code}"

ADJUST = (
    "mutation Adjust($input:InventoryAdjustQuantitiesInput!,$key:String!)"
    f"{{inventoryAdjustQuantities(input:$input)@idempotent(key:$key){{{_GROUP} {_ERRORS}}}}}"
)
SET = (
    "mutation Set($input:InventorySetQuantitiesInput!,$key:String!)"
    f"{{inventorySetQuantities(input:$input)@idempotent(key:$key){{{_GROUP} {_ERRORS}}}}}"
)
SET_ON_HAND = (
    "mutation SetOnHand($input:InventorySetOnHandQuantitiesInput!,$key:String!)"
    f"{{inventorySetOnHandQuantities(input:$input)@idempotent(key:$key){{{_GROUP} {_ERRORS}}}}}"
)
MOVE = (
    "mutation Move($input:InventoryMoveQuantitiesInput!,$key:String!)"
    f"{{inventoryMoveQuantities(input:$input)@idempotent(key:$key){{{_GROUP} {_ERRORS}}}}}"
)


def item(number: int) -> str:
    """The inventory item of `listing(number)`."""
    return f"gid://shopify/InventoryItem/{2000 + number}"


def place(location: Location) -> str:
    """A location."""
    return f"gid://shopify/Location/{location.id}"


def row(number: int, location: Location, **more: Any) -> dict[str, Any]:
    """An entry of a mutation: item and location, and what is given; `changeFromQuantity` is null unless said."""
    return {
        "inventoryItemId": item(number),
        "locationId": place(location),
        "changeFromQuantity": None,
        **more,
    }


def adjust(
    api: InProcess, *changes: dict[str, Any], key: str = "key-1", name: str = "available", **more: Any
) -> Any:
    """The payload of an adjustment."""
    given = {"name": name, "reason": "correction", "changes": list(changes), **more}
    return api.data(ADJUST, input=given, key=key)["inventoryAdjustQuantities"]


def put(
    api: InProcess, *quantities: dict[str, Any], key: str = "key-1", name: str = "available", **more: Any
) -> Any:
    """The payload of setting quantities."""
    given = {"name": name, "reason": "correction", "quantities": list(quantities), **more}
    return api.data(SET, input=given, key=key)["inventorySetQuantities"]


def codes(payload: Any) -> list[str]:
    """The codes of a payload's userErrors."""
    return [error["code"] for error in payload["userErrors"]]
