"""Writing quantities: what is written, what is refused and in which words, and that on hand is always the sum of its parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.catalog import Location
from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.quantity_rules import ADJUSTABLE, REASONS
from supportdesk.sandbox.records import KEPT, PARTS, LevelRecord
from tests.sandbox.documents import ADJUST, MOVE, SET, SET_ON_HAND, adjust, codes, item, place, put, row
from tests.shops import DEPOT, MAIN, InProcess, level, listing, small_shop

LEDGER = "ledger://count/1"


@pytest.fixture
def api() -> InProcess:
    return InProcess(small_shop())


def numbers(api: InProcess, number: int = 1, location: Location = MAIN) -> LevelRecord:
    return api.shop.items[2000 + number].levels[location.id]


def changes(payload: Any) -> list[tuple[str, int]]:
    return [(one["name"], one["delta"]) for one in payload["inventoryAdjustmentGroup"]["changes"]]


# --- adjust --------------------------------------------------------------------------------------------------------


def test_an_adjustment_moves_available_and_on_hand(api: InProcess) -> None:
    payload = adjust(
        api, row(1, MAIN, delta=3), row(1, DEPOT, delta=-2), referenceDocumentUri="gid://desk/Plan/7"
    )
    assert payload["userErrors"] == []
    assert changes(payload) == [("available", 3), ("available", -2), ("on_hand", 3), ("on_hand", -2)]
    assert payload["inventoryAdjustmentGroup"]["referenceDocumentUri"] == "gid://desk/Plan/7"
    assert payload["inventoryAdjustmentGroup"]["changes"][0]["quantityAfterChange"] is None
    assert (numbers(api).available, numbers(api).on_hand) == (8, 10)
    assert numbers(api, 1, DEPOT).available == 5
    assert [(one.actor, one.reference) for one in api.shop.journal] == [("app", "gid://desk/Plan/7")] * 2


def test_an_adjustment_may_go_below_zero(api: InProcess) -> None:
    assert adjust(api, row(1, MAIN, delta=-9))["userErrors"] == []
    assert (numbers(api).available, numbers(api).committed, numbers(api).on_hand) == (-4, 2, -2)


@pytest.mark.parametrize("expected", [5, None])
def test_compare_and_swap_that_holds(api: InProcess, expected: int | None) -> None:
    assert codes(adjust(api, row(1, MAIN, delta=1, changeFromQuantity=expected))) == []
    assert numbers(api).available == 6


def test_one_stale_row_stops_the_whole_call(api: InProcess) -> None:
    payload = adjust(api, row(1, DEPOT, delta=1), row(1, MAIN, delta=1, changeFromQuantity=4))
    assert payload == {
        "inventoryAdjustmentGroup": None,
        "userErrors": [
            {
                "field": None,
                "message": "The changeFromQuantity argument no longer matches the persisted quantity.",
                "code": "CHANGE_FROM_QUANTITY_STALE",
            }
        ],
    }
    assert (numbers(api).available, numbers(api, 1, DEPOT).available) == (5, 7)
    assert not api.shop.journal


def test_an_adjustment_of_nothing_is_no_error(api: InProcess) -> None:
    assert adjust(api, row(1, MAIN, delta=0)) == {"inventoryAdjustmentGroup": None, "userErrors": []}


@pytest.mark.parametrize("name", [name for name in ADJUSTABLE if name != "available"])
def test_other_names_need_a_ledger_document(api: InProcess, name: str) -> None:
    assert codes(adjust(api, row(1, MAIN, delta=2), name=name)) == ["INVALID_QUANTITY_DOCUMENT"]
    payload = adjust(api, row(1, MAIN, delta=2, ledgerDocumentUri=LEDGER), name=name, key="key-2")
    wanted = [(name, 2)] if name == "incoming" else [(name, 2), ("on_hand", 2)]
    assert changes(payload) == wanted
    assert getattr(numbers(api), name) == 2
    assert numbers(api).available == 5


@pytest.mark.parametrize(
    ("more", "name", "field", "code"),
    [
        ({}, "on_hand", ["input", "name"], "INVALID_QUANTITY_NAME"),
        ({}, "committed", ["input", "name"], "INVALID_QUANTITY_NAME"),
        ({"ledgerDocumentUri": LEDGER}, "available", [*"c0", "ledgerDocumentUri"], "INVALID_AVAILABLE_DOCUMENT"),
        ({"ledgerDocumentUri": "gid://shopify/Order/1"}, "damaged", [*"c0", "ledgerDocumentUri"], "INTERNAL_LEDGER_DOCUMENT"),
        ({"ledgerDocumentUri": "no uri"}, "damaged", [*"c0", "ledgerDocumentUri"], "INVALID_LEDGER_DOCUMENT"),
        ({"delta": 2_000_000_001}, "available", [*"c0", "delta"], "INVALID_QUANTITY_TOO_HIGH"),
        ({"delta": -2_000_000_001}, "available", [*"c0", "delta"], "INVALID_QUANTITY_TOO_LOW"),
        ({"delta": 2_000_000_000}, "available", [*"c0", "delta"], "INVALID_QUANTITY_TOO_HIGH"),
        ({"inventoryItemId": "gid://shopify/InventoryItem/9"}, "available", [*"c0", "inventoryItemId"], "INVALID_INVENTORY_ITEM"),
        ({"locationId": "gid://shopify/Location/9"}, "available", [*"c0", "locationId"], "INVALID_LOCATION"),
    ],
)  # fmt: skip
def test_what_an_adjustment_refuses(
    api: InProcess, more: dict[str, Any], name: str, field: list[str], code: str
) -> None:
    payload = adjust(api, row(1, MAIN, **({"delta": 1} | more)), name=name)
    wanted = ["input", "changes", "0", field[-1]] if field[0] == "c" else field
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [(wanted, code)]
    assert payload["inventoryAdjustmentGroup"] is None
    assert not api.shop.journal


def test_one_ledger_document_a_call(api: InProcess) -> None:
    first = row(1, MAIN, delta=1, ledgerDocumentUri=LEDGER)
    second = row(1, DEPOT, delta=1, ledgerDocumentUri="ledger://count/2")
    assert codes(adjust(api, first, second, name="damaged")) == ["MAX_ONE_LEDGER_DOCUMENT"]


@pytest.mark.parametrize("uri", ["nonsense", "gid://desk/Plan", "gid://desk", "scheme:", "://x", ""])
def test_a_reference_document_is_a_uri(api: InProcess, uri: str) -> None:
    assert codes(adjust(api, row(1, MAIN, delta=1), referenceDocumentUri=uri)) == [
        "INVALID_REFERENCE_DOCUMENT"
    ]


def test_a_reason_is_one_of_those_there_are(api: InProcess) -> None:
    payload = adjust(api, row(1, MAIN, delta=1), reason="because")
    assert codes(payload) == ["INVALID_REASON"]
    assert payload["userErrors"][0]["message"].endswith(f"Valid values are: {', '.join(REASONS)}.")
    for at, reason in enumerate(REASONS):
        assert codes(adjust(api, row(1, MAIN, delta=1), reason=reason, key=f"reason-{at}")) == []


def test_a_bundle_parent_is_never_written() -> None:
    shop = small_shop(listings=[listing(1, "KIT", bundle_parent=True)], levels=[level(1, MAIN, 0)])
    payload = adjust(InProcess(shop), row(1, MAIN, delta=1))
    assert codes(payload) == ["NON_MUTABLE_INVENTORY_ITEM"]


def test_a_closed_location_is_not_found() -> None:
    closed = Location(103, "Closed", active=False)
    shop = small_shop(locations=[MAIN, closed], listings=[listing(1, "A")], levels=[level(1, MAIN, 1)])
    assert codes(adjust(InProcess(shop), row(1, closed, delta=1))) == ["INVALID_LOCATION"]


def test_more_than_250_entries_answer_the_whole_request(api: InProcess) -> None:
    entries = [row(1, MAIN, delta=1)] * 251
    reply = api.ask(ADJUST, input={"name": "available", "reason": "correction", "changes": entries}, key="k")
    (error,) = reply["errors"]
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert error["path"] == ["inventoryAdjustQuantities", "input", "changes"]
    assert "data" not in reply
    assert reply["extensions"]["cost"]["actualQueryCost"] is None


@pytest.mark.parametrize(
    ("document", "kind", "given"),
    [
        (ADJUST, "InventoryChangeInput", {"name": "available", "changes": [row(1, MAIN, delta=1)]}),
        (SET, "InventoryQuantityInput", {"name": "available", "quantities": [row(1, MAIN, quantity=1)]}),
        (SET_ON_HAND, "InventorySetQuantityInput", {"setQuantities": [row(1, MAIN, quantity=1)]}),
        (
            MOVE,
            "InventoryMoveQuantityTerminalInput",
            {
                "referenceDocumentUri": LEDGER,
                "changes": [
                    {
                        "inventoryItemId": item(1),
                        "quantity": 1,
                        "from": {"locationId": place(MAIN), "name": "available", "changeFromQuantity": None},
                        "to": {"locationId": place(MAIN), "name": "reserved", "changeFromQuantity": None},
                    }
                ],
            },
        ),
    ],
    ids=["adjust", "set", "set on hand", "move"],
)
def test_null_must_be_said(api: InProcess, document: str, kind: str, given: dict[str, Any]) -> None:
    def dropped(value: Any) -> Any:
        if isinstance(value, list):
            return [dropped(one) for one in value]
        if isinstance(value, dict):
            return {name: dropped(one) for name, one in value.items() if name != "changeFromQuantity"}
        return value

    reply = api.ask(document, input=dropped({"reason": "correction", **given}), key="k")
    (error,) = reply["errors"]
    assert error["message"] == f"{kind} must include the following argument: changeFromQuantity."
    assert error["extensions"] == {"code": "INVALID_FIELD_ARGUMENTS"}
    assert len(error["locations"]) == 2
    assert list(reply["data"].values()) == [None]
    # The key was not used up: the same key with what was missing is carried out.
    ((_, payload),) = api.data(document, input={"reason": "correction", **given}, key="k").items()
    assert "IDEMPOTENCY_KEY_PARAMETER_MISMATCH" not in codes(payload)


@pytest.mark.parametrize(
    ("more", "inside", "place"),
    [
        ({"ignoreCompareQuantity": True}, {}, "ignoreCompareQuantity"),
        ({}, {"compareQuantity": 5}, "quantities.0.compareQuantity"),
    ],
)
def test_fields_of_older_versions_are_unknown(
    api: InProcess, more: dict[str, Any], inside: dict[str, Any], place: str
) -> None:
    entry = row(1, MAIN, quantity=1, **inside)
    reply = api.ask(
        SET, input={"name": "available", "reason": "other", "quantities": [entry], **more}, key="k"
    )
    (error,) = reply["errors"]
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["message"].startswith(
        f"Variable $input of type InventorySetQuantitiesInput! was provided invalid value for {place} (Field is not"
    )
    assert "data" not in reply
    assert not api.shop.journal


@pytest.mark.parametrize(
    ("document", "name"), [(ADJUST, "inventoryAdjustQuantities"), (SET, "inventorySetQuantities")]
)
def test_a_scope_is_needed(api: InProcess, document: str, name: str) -> None:
    api.shop.app.scopes.discard("write_inventory")
    (field,) = ("changes",) if document is ADJUST else ("quantities",)
    reply = api.ask(document, input={"name": "available", "reason": "other", field: []}, key="k")
    (error,) = reply["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert (
        error["message"]
        == f"Access denied for {name} field. Required access: `write_inventory` access scope."
    )
    assert reply["data"] == {name: None}


# --- set -----------------------------------------------------------------------------------------------------------


def test_setting_available(api: InProcess) -> None:
    payload = put(api, row(1, MAIN, quantity=9), row(1, DEPOT, quantity=7))
    assert changes(payload) == [("available", 4), ("on_hand", 4)]
    assert (numbers(api).available, numbers(api).committed, numbers(api).on_hand) == (9, 2, 11)


def test_setting_on_hand_leaves_what_is_committed(api: InProcess) -> None:
    payload = put(api, row(1, MAIN, quantity=1, changeFromQuantity=7), name="on_hand")
    assert changes(payload) == [("available", -6), ("on_hand", -6)]
    assert (numbers(api).available, numbers(api).committed, numbers(api).on_hand) == (-1, 2, 1)


def test_setting_what_is_there_already_is_no_error(api: InProcess) -> None:
    assert put(api, row(1, MAIN, quantity=5)) == {"inventoryAdjustmentGroup": None, "userErrors": []}


@pytest.mark.parametrize(
    ("name", "quantity", "code"),
    [
        ("available", -1_000_000_000, None),
        ("available", -1_000_000_001, "INVALID_QUANTITY_TOO_LOW"),
        ("available", 1_000_000_000, None),
        ("available", 1_000_000_001, "INVALID_QUANTITY_TOO_HIGH"),
        ("on_hand", 0, None),
        ("on_hand", -1, "INVALID_QUANTITY_NEGATIVE"),
        ("damaged", 1, "INVALID_NAME"),
        ("committed", 1, "INVALID_NAME"),
    ],
)
def test_bounds_and_names_of_setting(api: InProcess, name: str, quantity: int, code: str | None) -> None:
    payload = put(api, row(1, MAIN, quantity=quantity), name=name)
    assert codes(payload) == ([code] if code else [])
    if code is None:
        assert getattr(numbers(api), name) == quantity


def test_a_pair_that_comes_twice_is_named_twice(api: InProcess) -> None:
    payload = put(api, row(1, MAIN, quantity=1), row(1, DEPOT, quantity=1), row(1, MAIN, quantity=2))
    assert [error["field"][2] for error in payload["userErrors"]] == ["0", "2"]
    assert set(codes(payload)) == {"NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"}


def test_unknown_item_and_location_are_both_named(api: InProcess) -> None:
    wrong = {"inventoryItemId": "gid://shopify/InventoryItem/9", "locationId": "gid://shopify/Location/9"}
    payload = put(api, row(1, MAIN, quantity=1, **wrong))
    assert codes(payload) == ["INVALID_INVENTORY_ITEM", "INVALID_LOCATION"]


def test_an_id_of_another_type_answers_the_field(api: InProcess) -> None:
    given = {
        "name": "available",
        "reason": "other",
        "quantities": [row(1, MAIN, quantity=1, locationId=item(1))],
    }
    reply = api.ask(SET, input=given, key="k")
    assert reply["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"
    assert reply["data"] == {"inventorySetQuantities": None}


def test_where_the_item_was_never_connected_the_number_shows_and_the_level_stays_inactive(
    api: InProcess,
) -> None:
    payload = put(api, row(3, DEPOT, quantity=6))
    assert changes(payload) == [("available", 6), ("on_hand", 6)]
    assert (numbers(api, 3, DEPOT).available, numbers(api, 3, DEPOT).active) == (6, False)


def test_where_the_item_was_never_connected_nothing_may_happen_too(api: InProcess) -> None:
    api.faults.add(Fault("unstocked_ignored"))
    payload = put(api, row(3, DEPOT, quantity=6))
    assert changes(payload) == [("available", 6), ("on_hand", 6)]
    assert DEPOT.id not in api.shop.items[2003].levels


# --- move ----------------------------------------------------------------------------------------------------------


def move(api: InProcess, quantity: int, start: dict[str, Any], end: dict[str, Any]) -> Any:
    def terminal(more: dict[str, Any]) -> dict[str, Any]:
        return {"locationId": place(MAIN), "name": "available", "changeFromQuantity": None, **more}

    change = {"inventoryItemId": item(1), "quantity": quantity, "from": terminal(start), "to": terminal(end)}
    given = {"reason": "damaged", "referenceDocumentUri": LEDGER, "changes": [change]}
    return api.data(MOVE, input=given, key="move")["inventoryMoveQuantities"]


def test_a_move_leaves_on_hand_alone(api: InProcess) -> None:
    payload = move(api, 2, {}, {"name": "damaged", "ledgerDocumentUri": LEDGER})
    assert changes(payload) == [("available", -2), ("damaged", 2)]
    assert (numbers(api).available, numbers(api).damaged, numbers(api).on_hand) == (3, 2, 7)


@pytest.mark.parametrize(
    ("quantity", "start", "end", "code"),
    [
        (1, {}, {"locationId": place(DEPOT), "name": "damaged", "ledgerDocumentUri": LEDGER}, "DIFFERENT_LOCATIONS"),
        (1, {}, {}, "SAME_QUANTITY_NAME"),
        (1, {}, {"name": "on_hand", "ledgerDocumentUri": LEDGER}, "INVALID_QUANTITY_NAME"),
        (1, {}, {"name": "damaged"}, "INVALID_QUANTITY_DOCUMENT"),
        (-1, {}, {"name": "damaged", "ledgerDocumentUri": LEDGER}, "INVALID_QUANTITY_NEGATIVE"),
        (1, {"changeFromQuantity": 9}, {"name": "damaged", "ledgerDocumentUri": LEDGER}, "CHANGE_FROM_QUANTITY_STALE"),
    ],
)  # fmt: skip
def test_what_a_move_refuses(
    api: InProcess, quantity: int, start: dict[str, Any], end: dict[str, Any], code: str
) -> None:
    assert codes(move(api, quantity, start, end)) == [code]
    assert not api.shop.journal


# --- always --------------------------------------------------------------------------------------------------------

_PLACES = st.sampled_from([(1, MAIN), (1, DEPOT), (2, MAIN), (3, DEPOT)])
_WRITES = st.one_of(
    st.tuples(st.just("adjust"), st.sampled_from(ADJUSTABLE), _PLACES, st.integers(-50, 50)),
    st.tuples(st.just("set"), st.sampled_from(["available", "on_hand"]), _PLACES, st.integers(0, 50)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_WRITES, max_size=12))
def test_every_write_keeps_the_sum_and_stands_in_the_journal(
    writes: list[tuple[str, str, tuple[int, Location], int]],
) -> None:
    api = InProcess(small_shop())
    before = {
        (one.item.id, one.location.id): {name: getattr(one, name) for name in KEPT}
        for levels in api.shop.levels_by_location.values()
        for one in levels
    }
    for at, (kind, name, (number, location), amount) in enumerate(writes):
        if kind == "set":
            assert codes(put(api, row(number, location, quantity=amount), name=name, key=f"k{at}")) == []
            if location.id in api.shop.items[2000 + number].levels:
                assert getattr(numbers(api, number, location), name) == amount
            else:
                assert amount == 0
        else:
            uri = {} if name == "available" else {"ledgerDocumentUri": LEDGER}
            adjust(api, row(number, location, delta=amount, **uri), name=name, key=f"k{at}")
    for one in (one for levels in api.shop.levels_by_location.values() for one in levels):
        assert one.on_hand == sum(getattr(one, part) for part in PARTS)
        start = before.get((one.item.id, one.location.id), dict.fromkeys(KEPT, 0))
        for name in KEPT:
            moved = sum(
                each.deltas.get(name, 0)
                for each in api.shop.journal
                if (each.item_id, each.location_id) == (one.item.id, one.location.id)
            )
            assert getattr(one, name) == start[name] + moved
