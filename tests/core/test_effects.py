"""Margins and how they widen, what a reading surely shows of an effect, and when another app fights us."""

from __future__ import annotations

import pytest

from supportdesk.core.effects import (
    LONGEST_COMMIT_LAG,
    LONGEST_VISIBILITY,
    Effect,
    HasInterval,
    Margins,
    Presence,
    PushEffect,
    is_fought_over,
    presence,
    proven_lag,
)

MARGINS = Margins()


@pytest.mark.parametrize(
    ("happening", "start", "end", "shown"),
    [
        (Effect("placed", -1, 100, 100), 111, 113, "in"),
        (Effect("placed", -1, 100, 100), 110, 113, "perhaps"),
        (Effect("placed", -1, 100, 100), 97, 100, "perhaps"),
        (Effect("placed", -1, 100, 100), 96, 99, "perhaps"),
        (Effect("placed", -1, 100, 100), 95, 98, "out"),
        (Effect("cancelled", 1, 90, 100), 95, 97, "perhaps"),
        (Effect("cancelled", 1, 90, 100), 111, 112, "in"),
        (Effect("cancelled", 1, 90, 100), 86, 88, "out"),
        (PushEffect("difference", 1, 100, 102), 113, 115, "in"),
        (PushEffect("difference", 1, 100, 102), 112, 115, "perhaps"),
        (PushEffect("difference", 1, 100), 900, 901, "perhaps"),
        (PushEffect("difference", 1, 100), 97, 98, "out"),
    ],
)
def test_whether_a_reading_shows_it(happening: HasInterval, start: int, end: int, shown: Presence) -> None:
    assert presence(happening, start, end, MARGINS) == shown


@pytest.mark.parametrize(
    ("lag", "commit_lag", "visibility"),
    [
        (None, 10, 60),
        (5, 10, 60),
        (6, 12, 60),
        (10, 20, 60),
        (31, 62, 62),
        (10**6, LONGEST_COMMIT_LAG, LONGEST_VISIBILITY),
    ],
)
def test_margins_widen_when_a_measured_lag_comes_near(
    lag: int | None, commit_lag: int, visibility: int
) -> None:
    widened = MARGINS.widened(lag, lag)
    assert (widened.commit_lag, widened.visibility) == (commit_lag, visibility)
    assert widened.widened(0, 0) == widened
    assert (widened.clock_skew, widened.slow_reply, widened.apart) == (1, 5, 120)


def test_only_a_look_that_missed_an_order_proves_a_lag() -> None:
    assert proven_lag(100, None) == 0
    assert proven_lag(100, 90) == 0
    assert proven_lag(100, 161) == 61


def undo(change: int, at: int) -> PushEffect:
    return PushEffect("undo", change, at, at + 1)


@pytest.mark.parametrize(
    ("pushes", "fought"),
    [
        ([undo(-3, 0), undo(-3, 600), undo(-3, 1200)], True),
        ([undo(-3, 0), undo(3, 600), undo(-3, 1200)], True),
        ([undo(-3, 0), undo(-3, 600)], False),
        ([undo(-3, 0), undo(-2, 600), undo(-3, 1200)], False),
        ([undo(-3, 0), undo(-3, 600), undo(-2, 900), undo(-3, 1200)], True),
        ([undo(-3, -2399), undo(-3, 600), undo(-3, 1200)], True),
        ([undo(-3, -2400), undo(-3, 600), undo(-3, 1200)], False),
        ([PushEffect("difference", -3, at, at) for at in (0, 600, 1200)], False),
    ],
)
def test_three_undos_of_one_size_within_an_hour_mean_another_app(
    pushes: list[PushEffect], fought: bool
) -> None:
    assert is_fought_over(pushes, 1200) is fought
