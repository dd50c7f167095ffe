"""Where the brake holds and where it just does not, over one set of writes and over a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from supportdesk.core.brake import (
    WINDOW,
    BrakeLimits,
    LocationTally,
    Tally,
    is_stopped,
    judge_brake,
    lets_go,
    over_a_day,
)

LIMITS = BrakeLimits()
QUIET = Tally(100, 0, 5000, 5000)


def place(before: int, after: int) -> Tally:
    return replace(QUIET, locations=(LocationTally(101, "Main St", before, after - before),))


@pytest.mark.parametrize(
    ("tally", "codes"),
    [
        (QUIET, []),
        (replace(QUIET, rows_to_zero=20), []),
        (replace(QUIET, rows_to_zero=21), ["rows_to_zero"]),
        (Tally(0, 0, 0, 0), []),
        (Tally(3, 1, 10, 10), ["rows_to_zero"]),
        (replace(QUIET, source_units=0), ["side_empty"]),
        (replace(QUIET, source_units=-4), ["side_empty"]),
        (replace(QUIET, source_units=0, target_units=0), []),
        (replace(QUIET, target_units=0), []),
        (place(100, 50), []),
        (place(100, 49), ["location_halved"]),
        (place(100, 200), []),
        (place(100, 201), ["location_doubled"]),
        (place(0, 1), ["location_doubled"]),
        (place(0, 0), []),
        (place(-5, 0), []),
        (place(-5, -9), []),
        (place(10, -3), ["location_halved"]),
        (replace(place(10, 1), rows_to_zero=90, source_units=0), ["side_empty", "rows_to_zero", "location_halved"]),
    ],
)  # fmt: skip
def test_where_the_brake_holds(tally: Tally, codes: list[str]) -> None:
    reasons = judge_brake(tally, LIMITS)
    assert [reason.code for reason in reasons] == codes
    assert all(reason.text.endswith(".") for reason in reasons)


def test_each_limit_is_a_setting() -> None:
    all_of_it = BrakeLimits(rows_to_zero=1.0, halved=0.0, doubled=1000.0)
    assert judge_brake(replace(place(100, 1), rows_to_zero=100), all_of_it) == ()
    assert judge_brake(replace(QUIET, rows_to_zero=1), BrakeLimits(rows_to_zero=0.0))
    assert judge_brake(place(100, 89), BrakeLimits(halved=0.9))
    assert judge_brake(place(100, 111), BrakeLimits(doubled=1.1))


def test_the_sentences_say_how_much() -> None:
    texts = [reason.text for reason in judge_brake(replace(place(4812, 1203), rows_to_zero=33), LIMITS)]
    assert texts == [
        "33 rows of 100 in stock would fall to 0, more than 20%.",
        "Main St would go from 4,812 to 1,203 units, less than 50% of what it has.",
    ]


def test_small_steps_add_up_over_a_day() -> None:
    step = replace(place(100, 80), rows_to_zero=8)
    written = [(0, step), (600, replace(place(80, 60), stocked_rows=92, rows_to_zero=8))]
    coming = replace(place(60, 45), stocked_rows=84, rows_to_zero=8)
    assert judge_brake(coming, LIMITS) == ()
    whole = over_a_day(written, 1200, coming)
    assert whole == Tally(100, 24, 5000, 5000, (LocationTally(101, "Main St", 100, -55),))
    assert [reason.code for reason in judge_brake(whole, LIMITS)] == ["rows_to_zero", "location_halved"]
    assert [reason.code for reason in judge_brake(over_a_day(written, WINDOW, coming), LIMITS)] == []
    assert over_a_day([], 0, coming) == coming


@pytest.mark.parametrize(
    ("change", "cause", "stopped"),
    [
        (-3, "placed", False),
        (-3, "moved", False),
        (3, "cancelled", True),
        (-3, "set", True),
        (3, "receive", True),
        (-3, "undo", True),
        (-3, "import", True),
    ],
)
def test_falls_that_follow_orders_go_on(change: int, cause: str, stopped: bool) -> None:
    reasons = judge_brake(replace(QUIET, rows_to_zero=21), LIMITS)
    assert is_stopped(change, cause, reasons) is stopped
    assert not is_stopped(change, cause, ())


def test_going_on_takes_the_number_of_rows() -> None:
    assert lets_go(2318, 2318)
    assert not lets_go(2317, 2318)
    assert not lets_go(None, 0)
