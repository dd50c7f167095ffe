"""One record: what is read of it, and what each bad one is told as, naming it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.sumtracker_account import (
    LARGEST_QUANTITY,
    RemoteBundleLine,
    RemoteLevel,
    RemoteProduct,
    RemoteWarehouse,
)
from supportdesk.errors import SumtrackerError, SumtrackerUnreadable, SumtrackerValueInvalid
from supportdesk.sumtracker import wire
from supportdesk.sumtracker.account import SumtrackerAccount
from tests.sumtracker.accounts import LEVEL, LINE, PRODUCT, WAREHOUSE, Scripted, asked_through, page

READERS: dict[str, Callable[[SumtrackerAccount], Iterator[Any]]] = {
    "warehouse": SumtrackerAccount.warehouses,
    "product": SumtrackerAccount.products,
    "line": SumtrackerAccount.bundle_lines,
    "level": lambda account: account.levels(3),
}
RECORDS = {"warehouse": WAREHOUSE, "product": PRODUCT, "line": LINE, "level": LEVEL}


def read(kind: str, record: Any) -> Any:
    """The only value in a page with the record, which goes through JSON on its way."""
    body = json.dumps(page(record)).encode()
    with asked_through(Scripted(body)) as account:
        (value,) = READERS[kind](account)
    return value


def without(kind: str, *fields: str) -> dict[str, Any]:
    return {name: value for name, value in RECORDS[kind].items() if name not in fields}


@pytest.mark.parametrize(
    ("kind", "changes", "value"),
    [
        ("warehouse", {}, RemoteWarehouse(3, "MAIN", "Main Street", 1)),
        ("warehouse", {"code": None, "priority": None}, RemoteWarehouse(3, "", "Main Street", None)),
        ("warehouse", {"name": None, "address": {}}, RemoteWarehouse(3, "MAIN", "", 1)),
        ("product", {}, RemoteProduct(7, "KO-TENT-2P", "Ridge tent", "", "", "NONE")),
        (
            "product",
            {"sku": None, "bundle_type": None, "variant_name": "Red", "barcode": "50"},
            RemoteProduct(7, "", "Ridge tent", "Red", "50", ""),
        ),
        (
            "product",
            {"sku": " a\x1b[31m ", "name": "half \ud83d", "bundle_type": "NEW"},
            RemoteProduct(7, " a\x1b[31m ", "half ?", "", "", "NEW"),
        ),
        ("line", {}, RemoteBundleLine(20, 7, 2)),
        ("line", {"component": None, "quantity": 1.0}, RemoteBundleLine(20, 7, 1)),
        ("level", {}, RemoteLevel(7, 3, 9, 2, 7, 0)),
        ("level", {"product": None, "incoming": None}, RemoteLevel(7, 3, 9, 2, 7, 0)),
        ("level", {"in_stock": -2.0, "available": -4, "incoming": 3}, RemoteLevel(7, 3, -2, 2, -4, 3)),
        (
            "level",
            {"in_stock": LARGEST_QUANTITY, "available": -LARGEST_QUANTITY},
            RemoteLevel(7, 3, LARGEST_QUANTITY, 2, -LARGEST_QUANTITY, 0),
        ),
    ],
)
def test_what_is_read(kind: str, changes: dict[str, Any], value: Any) -> None:
    assert read(kind, {**RECORDS[kind], **changes}) == value


def test_what_may_be_missing() -> None:
    assert read("warehouse", without("warehouse", "code", "priority")) == (3, "", "Main Street", None)
    assert read("product", without("product", "variant_name", "barcode", "bundle_type")) == (
        7,
        "KO-TENT-2P",
        "Ridge tent",
        "",
        "",
        "",
    )
    assert read("line", without("line", "component")) == (20, 7, 2)
    assert read("level", without("level", "id", "product")) == (7, 3, 9, 2, 7, 0)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *[("warehouse", field) for field in ("id", "name")],
        *[("product", field) for field in ("id", "sku", "name")],
        *[("line", field) for field in ("id", "product_id", "component_id", "quantity")],
        *[
            ("level", field)
            for field in ("product_id", "warehouse_id", "in_stock", "booked", "available", "incoming")
        ],
    ],
)
def test_what_may_not_be_missing(kind: str, field: str) -> None:
    with pytest.raises(SumtrackerUnreadable, match=f"{field} is not what the API promises"):
        read(kind, without(kind, field))


IDS = [("warehouse", "id"), ("product", "id"), ("line", "product_id"), ("level", "product_id")]


@pytest.mark.parametrize(("kind", "field"), IDS)
@pytest.mark.parametrize("value", [None, 0, -1, 1.0, 1.5, True, "7", "", [], {}, 2**63])
def test_an_id_that_is_none_is_told(kind: str, field: str, value: Any) -> None:
    with pytest.raises(SumtrackerUnreadable, match=field):
        read(kind, {**RECORDS[kind], field: value})


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("level", "in_stock"),
        ("level", "booked"),
        ("level", "available"),
        ("level", "incoming"),
        ("line", "quantity"),
    ],
)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.5, "is 1.5, not a whole number"),
        (-0.001, "is -0.001, not a whole number"),
        (float("nan"), "is nan, not a whole number"),
        (float("inf"), "is inf, not a whole number"),
        (float("-inf"), "is -inf, not a whole number"),
        (1e300, "is too large"),
        (LARGEST_QUANTITY + 1, "is too large"),
        (-LARGEST_QUANTITY - 1, "is too large"),
        (10**400, "is too large"),
    ],
)
def test_a_quantity_that_cannot_be_is_told_with_the_product(
    kind: str, field: str, value: Any, said: str
) -> None:
    with pytest.raises(SumtrackerValueInvalid) as caught:
        read(kind, {**RECORDS[kind], field: value})
    assert "KO-TENT-2P" in caught.value.detail
    assert f"{field.replace('_', ' ')} {said}" in caught.value.detail
    assert caught.value.next_step.startswith("Correct it in Sumtracker")


@pytest.mark.parametrize("value", [None, "9", "9.00", "", True, [], {}])
@pytest.mark.parametrize("field", ["in_stock", "booked", "available"])
def test_a_quantity_of_another_kind_is_told_with_the_product(field: str, value: Any) -> None:
    with pytest.raises(SumtrackerUnreadable, match=f"KO-TENT-2P: {field} is not"):
        read("level", {**LEVEL, field: value})


@pytest.mark.parametrize(
    ("kind", "changes", "error", "said"),
    [
        ("line", {"quantity": 0}, SumtrackerValueInvalid, "KO-TENT-2P: the quantity in bundle 20 is 0"),
        ("line", {"quantity": -1}, SumtrackerValueInvalid, "quantity in bundle 20 is -1"),
        ("line", {"component_id": 20}, SumtrackerValueInvalid, "bundle 20 is its own component"),
        ("level", {"warehouse_id": 4}, SumtrackerUnreadable, "asked for warehouse 3, Sumtracker answered wi"),
        ("product", {"sku": 7}, SumtrackerUnreadable, "Product Ridge tent: sku"),
        ("product", {"name": ["x"]}, SumtrackerUnreadable, "Product KO-TENT-2P: name"),
        ("warehouse", {"name": 1}, SumtrackerUnreadable, "Warehouse MAIN: name"),
        ("warehouse", {"priority": "high"}, SumtrackerUnreadable, "Warehouse MAIN: priority"),
        ("warehouse", {"priority": 2**64}, SumtrackerUnreadable, "Warehouse MAIN: priority"),
        ("level", {"product": None, "booked": 0.5}, SumtrackerValueInvalid, "Stock level of product 7: book"),
        ("level", {"product": 3, "product_id": None}, SumtrackerUnreadable, "Stock level 1: product_id"),
    ],
)
def test_what_cannot_be_is_told(
    kind: str, changes: dict[str, Any], error: type[SumtrackerError], said: str
) -> None:
    with pytest.raises(error) as caught:
        read(kind, {**RECORDS[kind], **changes})
    assert said in caught.value.detail
    assert caught.value.next_step


@pytest.mark.parametrize("kind", list(RECORDS))
@pytest.mark.parametrize("record", [None, 7, "text", [], {}, [PRODUCT]], ids=str)
def test_a_record_of_no_shape_is_told(kind: str, record: Any) -> None:
    with pytest.raises(SumtrackerUnreadable, match="not what the API promises"):
        read(kind, record)


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", [], {}, [PRODUCT], PRODUCT, 0, -1, 2**63, 2**64, 1.0, 1e300])
)


@settings(deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from(sorted({*PRODUCT, *LEVEL, *LINE})), VALUES, max_size=3),
    kind=st.sampled_from(list(RECORDS)),
)
def test_any_record_is_read_or_told(changes: dict[str, Any], kind: str) -> None:
    record = {**RECORDS[kind], **changes}
    readers: dict[str, Callable[[Any], tuple[int, Any]]] = {
        "product": wire.product,
        "line": wire.bundle_line,
        "warehouse": wire.warehouse,
        "level": lambda one: wire.level(one, 3),
    }
    number, value = 1, tuple[Any, ...]()
    # Any other error fails the test.
    with contextlib.suppress(SumtrackerError):
        number, value = readers[kind](record)
    assert 0 < number < 2**63
    for field in value:
        assert type(field) in (int, str, type(None))
        if isinstance(field, str):
            field.encode()
