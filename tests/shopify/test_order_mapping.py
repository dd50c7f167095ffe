"""An order as the API writes it, made into what core reckons with: also what the sandbox does not do."""

from __future__ import annotations

from typing import Any

import pytest

from supportdesk.core.effects import EffectKind
from supportdesk.core.looks import FoundOrder
from supportdesk.core.orders import GivenBack, LinePart
from supportdesk.errors import AnswerUnreadable
from supportdesk.shopify import wire_orders
from supportdesk.shopify.order_mapping import found_order, gone_order
from supportdesk.shopify.wire import read

CREATED = 1_795_424_400
"""2026-11-23T09:00:00Z."""


def when(minute: int) -> str:
    return f"2026-11-23T09:{minute:02}:00Z"


def second(minute: int) -> int:
    return CREATED + 60 * minute


def gid(kind: str, number: int | None) -> dict[str, str] | None:
    return None if number is None else {"id": f"gid://shopify/{kind}/{number}"}


def page(*nodes: Any) -> dict[str, Any]:
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": False, "endCursor": None}}


def order(**more: Any) -> FoundOrder:
    """Order 7 with line 1, four mugs (item 11), and what is given."""
    line = {"id": "gid://shopify/LineItem/1", "sku": "MUG", "quantity": 4, "currentQuantity": 4}
    line |= {"variant": {"inventoryItem": gid("InventoryItem", 11)}} | more.pop("line", {})
    whole: dict[str, Any] = {
        "id": "gid://shopify/Order/7",
        "name": "#1007",
        "createdAt": when(0),
        "updatedAt": when(9),
        "cancelledAt": None,
        "edited": False,
        "lineItems": page(line),
        "fulfillmentOrders": page(holding(4)),
        "fulfillments": [],
        "refunds": [],
        "returns": page(),
        "agreements": page({"__typename": "OrderAgreement", "happenedAt": when(0)}),
    }
    return found_order(read(wire_orders.Order, whole | more))


def holding(
    remaining: int, place: int | None = 101, status: str = "OPEN", updated: int = 0, item: int | None = 11
) -> dict[str, Any]:
    line = {
        "inventoryItemId": item and f"gid://shopify/InventoryItem/{item}",
        "remainingQuantity": remaining,
        "lineItem": gid("LineItem", 1),
    }
    return {
        "id": "gid://shopify/FulfillmentOrder/1",
        "status": status,
        "updatedAt": when(updated),
        "assignedLocation": {"location": gid("Location", place)},
        "lineItems": page(line),
    }


def parcel(
    quantity: int, made: int, place: int | None = 101, status: str = "SUCCESS", updated: int | None = None
) -> dict[str, Any]:
    return {
        "id": "gid://shopify/Fulfillment/1",
        "status": status,
        "createdAt": when(made),
        "updatedAt": when(made if updated is None else updated),
        "location": gid("Location", place),
        "fulfillmentLineItems": page({"quantity": quantity, "lineItem": gid("LineItem", 1)}),
    }


def refund(
    kind: str,
    quantity: int,
    made: int | None,
    place: int | None = 101,
    restocked: bool = True,
    of: int | None = None,
) -> dict[str, Any]:
    line = {"quantity": quantity, "restockType": kind, "restocked": restocked}
    line |= {"lineItem": gid("LineItem", 1), "location": gid("Location", place)}
    return {
        "id": "gid://shopify/Refund/1",
        "createdAt": None if made is None else when(made),
        "return": gid("Return", of),
        "refundLineItems": page(line),
    }


def returned(*dispositions: tuple[str, int, int, int | None], number: int = 3) -> dict[str, Any]:
    """A return whose units were disposed of: type, quantity, minute, location."""
    said = [
        {"type": kind, "quantity": quantity, "createdAt": when(minute), "location": gid("Location", place)}
        for kind, quantity, minute, place in dispositions
    ]
    line = {"fulfillmentLineItem": {"lineItem": gid("LineItem", 1)}, "dispositions": said}
    lost = {"fulfillmentLineItem": None, "dispositions": said}
    reverse = {"id": "gid://shopify/ReverseFulfillmentOrder/1", "lineItems": page(line, lost)}
    return {"id": f"gid://shopify/Return/{number}", "reverseFulfillmentOrders": page(reverse)}


def edit(minute: int) -> dict[str, Any]:
    return {"__typename": "OrderEditAgreement", "happenedAt": when(minute)}


def test_a_plain_order() -> None:
    one = order()
    assert (one.name, one.updated, one.open) == ("#1007", second(9), True)
    assert (one.order.id, one.order.created, one.order.times) == (7, CREATED, {})
    (line,) = one.order.lines
    assert (line.id, line.item_id, line.sku, line.quantity, line.current) == (1, 11, "MUG", 4, 4)
    assert (line.parts, line.given_back) == ((LinePart(101, 4),), ())


@pytest.mark.parametrize(
    ("holdings", "parcels", "parts"),
    [
        ([holding(4, status=status)], [], [LinePart(101, 4)])
        for status in ("OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED", "INCOMPLETE")
    ]
    + [
        ([holding(4, status="CLOSED")], [], [LinePart(101)]),
        ([holding(4, status="CANCELLED"), holding(4, 102)], [], [LinePart(101), LinePart(102, 4)]),
        ([holding(3), holding(1)], [], [LinePart(101, 4)]),
        ([holding(4, None)], [], []),
        ([holding(1)], [parcel(3, 5)], [LinePart(101, 1, 3)]),
        ([holding(0, status="CLOSED")], [parcel(2, 5), parcel(2, 6)], [LinePart(101, 0, 4)]),
        ([holding(0)], [parcel(4, 5, 102)], [LinePart(101), LinePart(102, 0, 4)]),
        ([holding(4)], [parcel(4, 5, status="CANCELLED")], [LinePart(101, 4)]),
        ([holding(4)], [parcel(4, 5, status="FAILURE"), parcel(4, 5, None)], [LinePart(101, 4)]),
    ],
)
def test_where_units_wait_and_were_sent_from(
    holdings: list[dict[str, Any]], parcels: list[dict[str, Any]], parts: list[LinePart]
) -> None:
    one = order(fulfillmentOrders=page(*holdings), fulfillments=parcels)
    assert list(one.order.lines[0].parts) == parts
    assert one.open == any(part.unfulfilled for part in parts)


@pytest.mark.parametrize(
    ("variant", "item", "expected"),
    [({"inventoryItem": gid("InventoryItem", 12)}, 11, 11), (None, 11, 11), (None, None, None),
     ({"inventoryItem": gid("InventoryItem", 12)}, None, 12)],
)  # fmt: skip
def test_the_item_of_a_line(variant: Any, item: int | None, expected: int | None) -> None:
    one = order(line={"variant": variant, "sku": None}, fulfillmentOrders=page(holding(4, item=item)))
    assert (one.order.lines[0].item_id, one.order.lines[0].sku) == (expected, "")
    assert one.order.lines[0].deleted == (variant is None and item is not None)


@pytest.mark.parametrize(
    ("refunds", "returns", "expected"),
    [
        ([refund("CANCEL", 1, 5)], [], [GivenBack("CANCEL", 1, 101)]),
        ([refund("NO_RESTOCK", 1, 5, None, False)], [], [GivenBack("NO_RESTOCK", 1, None, False)]),
        ([refund("RETURN", 2, 5, 102)], [], [GivenBack("RETURN", 2, 102)]),
        ([refund("LEGACY_RESTOCK", 2, 5, None)], [], [GivenBack("LEGACY_RESTOCK", 2, None)]),
        ([], [returned(("RESTOCKED", 2, 5, 102))], [GivenBack("RETURN", 2, 102, refund=False)]),
        ([], [returned(("NOT_RESTOCKED", 1, 5, 102), ("MISSING", 1, 5, None))],
         [GivenBack("NO_RESTOCK", 1, None, False, refund=False)] * 2),
        ([], [returned(("PROCESSING_REQUIRED", 2, 5, 102))], []),
        # The refund of a return tells of the same units once more.
        ([refund("RETURN", 2, 6, of=3)], [returned(("RESTOCKED", 2, 5, 102))],
         [GivenBack("RETURN", 2, 102, refund=False), GivenBack("NO_RESTOCK", 2, None, False)]),
        ([refund("RETURN", 3, 6, of=3)], [returned(("RESTOCKED", 2, 5, 102))],
         [GivenBack("RETURN", 2, 102, refund=False), GivenBack("NO_RESTOCK", 2, None, False), GivenBack("RETURN", 1, 101)]),
        ([refund("RETURN", 2, 6, of=3)], [returned()], [GivenBack("RETURN", 2, 101)]),
        ([refund("RETURN", 2, 6)], [returned(("RESTOCKED", 2, 5, 102))],
         [GivenBack("RETURN", 2, 102, refund=False), GivenBack("RETURN", 2, 101)]),
    ],
)  # fmt: skip
def test_what_was_given_back(
    refunds: list[dict[str, Any]], returns: list[dict[str, Any]], expected: list[GivenBack]
) -> None:
    one = order(refunds=refunds, returns=page(*returns))
    assert list(one.order.lines[0].given_back) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"fulfillments": [parcel(1, 5), parcel(1, 8)]}, {"fulfilled": (5, 8)}),
        ({"fulfillments": [parcel(1, 5, status="CANCELLED", updated=7)]}, {"fulfilled": (5, 7)}),
        ({"refunds": [refund("CANCEL", 1, 5), refund("CANCEL", 1, 6)]}, {"cancelled": (5, 6)}),
        ({"refunds": [refund("CANCEL", 1, 5), refund("CANCEL", 1, None)]}, {}),
        ({"refunds": [refund("NO_RESTOCK", 1, 5, None, False)]}, {"written_off": (5, 5)}),
        ({"refunds": [refund("CANCEL", 4, 5)], "cancelledAt": when(4)},
         {"cancelled": (4, 5), "written_off": (4, 4)}),
        ({"refunds": [refund("RETURN", 1, 6)], "returns": page(returned(("RESTOCKED", 1, 4, 101)))},
         {"returned": (4, 6)}),
        ({"returns": page(returned(("NOT_RESTOCKED", 1, 4, 101)))}, {}),
        ({"edited": True, "agreements": page(edit(3), edit(5))}, {"edited": (3, 5)}),
        ({"edited": True, "agreements": page(edit(3)), "refunds": [refund("CANCEL", 1, 5)]},
         {"edited": (3, 3), "cancelled": (3, 5)}),
        # It was edited, and no agreement says when.
        ({"edited": True, "refunds": [refund("CANCEL", 1, 5)]}, {}),
        ({"refunds": [refund("LEGACY_RESTOCK", 1, 5, None)]}, {"edited": (5, 5), "returned": (5, 5)}),
        # Something happened to the fulfilment order that nothing else tells of: perhaps a move.
        ({"fulfillmentOrders": page(holding(4, updated=3))}, {"placed": (0, 3)}),
        ({"fulfillmentOrders": page(holding(0, updated=5)), "fulfillments": [parcel(4, 5)]},
         {"fulfilled": (5, 5)}),
    ],
)  # fmt: skip
def test_when_it_happened(more: dict[str, Any], expected: dict[EffectKind, tuple[int, int]]) -> None:
    times = {kind: (second(first), second(last)) for kind, (first, last) in expected.items()}
    assert order(**more).order.times == times


def test_a_cancelled_order_and_one_that_is_gone() -> None:
    cancelled = order(cancelledAt=when(4))
    assert (cancelled.order.cancelled, cancelled.open) == (True, False)
    gone = gone_order(7)
    assert (gone.order.id, gone.order.gone, gone.open) == (7, True, False)


def test_a_restock_type_we_do_not_know_is_not_guessed() -> None:
    with pytest.raises(AnswerUnreadable, match="RESTOCK_LATER"):
        order(refunds=[refund("RESTOCK_LATER", 1, 5)])
