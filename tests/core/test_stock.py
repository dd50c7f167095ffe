"""The arithmetic of `reference/sumtracker.md` §4 and §2.7, row by row, and its test vectors as they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.stock import (
    LARGEST_QUANTITY,
    Quantities,
    StockEvent,
    change_of,
    is_within_bounds,
    number_pushed,
)

BEFORE = Quantities(in_stock=20, booked=6, incoming=9)


@pytest.mark.parametrize(
    ("event", "quantity", "in_stock", "booked", "available", "incoming"),
    [
        ("placed", 4, 0, 4, -4, 0),
        ("fulfilled", 4, -4, -4, 0, 0),
        ("cancelled", 4, 0, -4, 4, 0),
        ("add", 4, 4, 0, 4, 0),
        ("add", -4, -4, 0, -4, 0),
        ("subtract", 4, -4, 0, -4, 0),
        ("set", 23, 3, 0, 3, 0),
        ("set", 0, -20, 0, -20, 0),
        ("purchased", 4, 0, 0, 0, 4),
        ("received", 4, 4, 0, 4, -4),
        ("received", 9, 9, 0, 9, -9),
        ("received", 50, 50, 0, 50, -9),
        ("transfer_sent", 4, -4, 0, -4, 0),
        ("transfer_expected", 4, 0, 0, 0, 4),
        ("transfer_received", 4, 4, 0, 4, -4),
        ("refunded_unfulfilled_restocked", 4, 0, -4, 4, 0),
        ("refunded_unfulfilled", 4, -4, -4, 0, 0),
        ("refunded_fulfilled_restocked", 4, 4, 0, 4, 0),
        ("refunded_fulfilled", 4, 0, 0, 0, 0),
    ],
)
def test_every_event_of_the_table(
    event: StockEvent, quantity: int, in_stock: int, booked: int, available: int, incoming: int
) -> None:
    change = change_of(event, quantity, BEFORE)
    assert change == (in_stock, booked, incoming)
    assert change.available == available
    assert BEFORE.plus(change).available == BEFORE.available + available


def test_a_receipt_of_what_was_never_ordered_leaves_incoming_alone() -> None:
    assert change_of("received", 5, Quantities(1, 0, 0)) == (5, 0, 0)
    assert change_of("received", 5, Quantities(1, 0, -2)) == (5, 0, 0)


def test_the_vectors_of_the_sources() -> None:
    booked = Quantities(50).plus(change_of("placed", 4))
    assert (booked.booked, booked.available) == (4, 46)
    fifteen = Quantities(15)
    assert fifteen.plus(change_of("add", 3, fifteen)).in_stock == 18
    assert fifteen.plus(change_of("subtract", 3, fifteen)).in_stock == 12
    assert fifteen.plus(change_of("set", 3, fifteen)).in_stock == 3
    assert fifteen.plus(change_of("add", 10)).in_stock == 25
    assert fifteen.plus(change_of("add", -10)).in_stock == 5


@pytest.mark.parametrize(
    ("available", "close_at", "maximum", "pushed"),
    [
        (15, 10, None, 15),
        (12, 5, None, 12),
        (8, 8, None, 0),
        (8, 0, None, 8),
        (0, 0, None, 0),
        (-3, 0, None, 0),
        (-3, 5, 10, 0),
        (200, 0, 50, 50),
        (50, 0, 50, 50),
        (60, 60, 50, 0),
        (61, 60, 50, 50),
        (7, 0, 0, 0),
        (None, 0, None, None),
        (None, 5, 10, None),
    ],
)
def test_the_number_pushed(
    available: int | None, close_at: int, maximum: int | None, pushed: int | None
) -> None:
    assert number_pushed(available, close_at, maximum) == pushed


@given(
    available=st.integers(-500, 500), close_at=st.integers(0, 100), maximum=st.none() | st.integers(0, 500)
)
def test_never_is_more_pushed_than_there_is(available: int, close_at: int, maximum: int | None) -> None:
    pushed = number_pushed(available, close_at, maximum)
    assert pushed is not None
    assert 0 <= pushed <= max(available, 0)
    assert maximum is None or pushed <= maximum


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["placed", "add", "subtract", "set", "purchased", "received"]), st.integers(0, 99)
        )
    )
)
def test_differences_add_up_in_any_history(history: list[tuple[StockEvent, int]]) -> None:
    now, total = BEFORE, Quantities()
    for event, quantity in history:
        change = change_of(event, quantity, now)
        now, total = now.plus(change), total.plus(change)
        assert now.incoming >= 0
        if event == "set":
            assert now.in_stock == quantity
    assert BEFORE.plus(total) == now


def test_bounds_hold_for_available_too() -> None:
    assert is_within_bounds(Quantities(LARGEST_QUANTITY, 0, 0))
    assert not is_within_bounds(Quantities(LARGEST_QUANTITY + 1, 1, 0))
    assert not is_within_bounds(Quantities(LARGEST_QUANTITY, -1, 0))
    assert not is_within_bounds(Quantities(0, 0, -LARGEST_QUANTITY - 1))
