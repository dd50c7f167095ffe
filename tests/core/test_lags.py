"""What readings tell of how long the store takes to take an order off its number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.effects import Effect, Margins, PushEffect
from supportdesk.core.lags import seen_lag, tells
from supportdesk.core.rows import Reading, RowNumbers

MARGINS = Margins()


def order(at: int, units: int = 2) -> Effect:
    return Effect("placed", -units, at, at)


def reading(available: int, start: int = 100) -> Reading:
    return Reading(RowNumbers(available), start, start + 1)


@pytest.mark.parametrize(
    ("available", "effects", "pushes", "lag"),
    [
        (38, [order(95)], [], None),  # it is off
        (40, [order(95)], [], 6),  # it is not
        (38, [order(90), order(97)], [], 4),  # the latest is not
        (40, [order(88), order(97)], [], 13),  # neither is, though one is past its margin
        (39, [order(95)], [], None),  # a number that no order explains
        (40, [order(60)], [], None),  # that long ago it is an edit
        (41, [order(95)], [], None),
        (45, [order(95)], [PushEffect("difference", 5, 50, 51)], 6),
        (45, [order(95)], [PushEffect("difference", 5, 98, 99)], None),  # our own may not be on it yet
        (40, [order(95), Effect("cancelled", 2, 93, 99)], [], None),
        (42, [order(95), Effect("returned", 2, 20, 20)], [], 6),
        (40, [], [], None),
    ],
)
def test_a_lag_is_what_the_latest_orders_that_are_not_off_yet_say(
    available: int, effects: list[Effect], pushes: list[PushEffect], lag: int | None
) -> None:
    assert seen_lag(40, reading(available), effects, pushes, MARGINS) == lag


def test_only_a_lag_near_its_margin_tells() -> None:
    assert not tells(5, MARGINS)
    assert tells(6, MARGINS)
    assert not tells(10**6, Margins(commit_lag=120))


@given(
    st.lists(st.tuples(st.integers(85, 100), st.integers(1, 5)), max_size=6),
    st.integers(0, 6),
)
def test_orders_taken_off_one_after_the_other_are_told_apart(orders: list[tuple[int, int]], off: int) -> None:
    orders.sort()
    effects = [order(at, units) for at, units in orders]
    shown = 40 - sum(units for _, units in orders[:off])
    late = orders[off:]
    expected = max(0, 101 - late[0][0]) if late else None
    assert seen_lag(40, reading(shown), effects, [], MARGINS) == expected
