"""What a reading says, when a row is settled, what it should show, and what staff did: PROTOCOL §1, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.effects import Effect, Margins, PushEffect
from supportdesk.core.rows import (
    ENOUGH_READINGS,
    Bounds,
    Judgement,
    Reading,
    RowNumbers,
    RowState,
    bounds_at_t0,
    comes_late,
    committed_at,
    difference,
    explained_late,
    held,
    is_matured,
    is_slow,
    is_void,
    judge,
    known_before,
    out,
    reading_interval,
    set_aside_meanwhile,
    settle,
    settling,
    should_show,
    wanted,
)

MARGINS = Margins()
T0 = 1000


def reading(available: int, at: int, on_hand: int | None = None, **names: int) -> Reading:
    """A reading of three seconds that ends at `at`; on hand as large as it adds up to."""
    numbers = RowNumbers(available, **names)
    parts = numbers.available + numbers.committed + numbers.unavailable
    return Reading(numbers._replace(on_hand=parts if on_hand is None else on_hand), at - 3, at)


def placed(quantity: int, at: int) -> Effect:
    return Effect("placed", -quantity, at, at)


def test_numbers_add_up_as_shopify_promises() -> None:
    numbers = RowNumbers(9, 2, 18, 40, 1, 2, 3, 1)
    assert numbers.unavailable == 7
    assert numbers.adds_up
    assert not numbers._replace(damaged=0).adds_up


@pytest.mark.parametrize(
    ("took", "interval"), [(0.0, (99, 100)), (0.2, (98, 100)), (1.0, (98, 100)), (2.1, (96, 100))]
)
def test_a_reading_lies_between_its_asking_and_its_date(took: float, interval: tuple[int, int]) -> None:
    assert reading_interval(100, took) == interval


def test_slow_replies_are_discarded_and_young_readings_wait() -> None:
    assert not is_slow(5.0, MARGINS)
    assert is_slow(5.1, MARGINS)
    young = reading(5, 2000)
    assert not is_matured(young, 2061, MARGINS)
    assert is_matured(young, 2062, MARGINS)
    assert not is_matured(young, 2062, MARGINS.widened(visibility=40))


@pytest.mark.parametrize(
    ("end", "pushes", "void"),
    [
        (1012, [], True),  # began at T0 + 9
        (1013, [], False),
        (2000, [PushEffect("difference", 5, 2002, 2003)], False),
        (2000, [PushEffect("difference", 5, 2001, 2003)], True),
        (2000, [PushEffect("difference", 5, 1990, 1991)], True),
        (2000, [PushEffect("difference", 5, 1980, 1986)], False),
        (2000, [PushEffect("difference", 5, 1500)], True),
        (2000, [PushEffect("undo", 5, 1980, 1986)], False),
        (2000, [PushEffect("undo", 5, 1990, 1991)], True),
        (2000, [PushEffect("undo", 5, 2500, 2501)], True),
        (2000, [PushEffect("undo", 5, 2500)], True),
    ],
)
def test_which_readings_are_void(end: int, pushes: list[PushEffect], void: bool) -> None:
    assert is_void(reading(5, end), T0, pushes, MARGINS) is void


@pytest.mark.parametrize(
    ("effects", "pushes", "low", "high"),
    [
        ([], [], 40, 40),
        ([placed(3, 1100)], [], 43, 43),
        ([placed(3, 1995)], [], 40, 43),
        ([placed(3, 1998), Effect("cancelled", 2, 1990, 2000)], [], 38, 43),
        ([placed(3, 2002)], [], 40, 40),
        ([placed(3, 1100), Effect("cancelled", 3, 1200, 1300)], [], 40, 40),
        ([placed(3, 1100)], [PushEffect("difference", 10, 1200, 1201)], 33, 33),
        ([], [PushEffect("difference", 10, 2100, 2101)], 40, 40),
        ([], [PushEffect("undo", 10, 1200, 1201)], 40, 40),
        ([Effect("unavailable", -4, 1200, 1300), Effect("adopted", 2, 1200, 1300, 2)], [], 42, 42),
    ],
)
def test_a_reading_is_dated_back_to_t0(
    effects: list[Effect], pushes: list[PushEffect], low: int, high: int
) -> None:
    assert bounds_at_t0(reading(40, 2000), effects, pushes, MARGINS) == Bounds(low, high)


def test_on_hand_is_dated_back_by_its_own_changes() -> None:
    effects = [placed(3, 1100), Effect("fulfilled", 0, 1200, 1300, -3), Effect("returned", 1, 1990, 1990, 1)]
    pushes = [PushEffect("difference", 10, 1200, 1201)]
    assert bounds_at_t0(reading(40, 2000), effects, pushes, MARGINS, "on_hand") == Bounds(32, 33)


@given(
    times=st.lists(st.tuples(st.integers(1000, 3000), st.integers(-5, 5)), max_size=12),
    lag=st.lists(st.integers(0, 9), min_size=12, max_size=12),
    moment=st.integers(1020, 2990),
)
def test_the_bounds_hold_the_truth_whatever_the_store_has_committed(
    times: list[tuple[int, int]], lag: list[int], moment: int
) -> None:
    """However long within its margin the store takes for each effect, the number at T0 lies within the bounds of a reading."""
    effects = [Effect("placed", change, at, at) for at, change in times]
    off = sum(
        effect.available for effect, wait in zip(effects, lag, strict=False) if effect.latest + wait < moment
    )
    seen = Reading(RowNumbers(50 + off), moment - 2, moment)
    bounds = bounds_at_t0(seen, effects, [], MARGINS)
    assert bounds.low <= 50 <= bounds.high
    quiet = all(effect.latest + 11 <= moment - 2 or effect.earliest > moment + 1 for effect in effects)
    assert bounds.exact or not quiet


# Settling


def settled(*bounds: tuple[int, int]) -> RowState:
    state = settling()
    for number, (low, high) in enumerate(bounds):
        assert state.condition == "settling"
        state = settle(state, reading(low, 2000 + 10 * number), Bounds(low, high), Bounds(low, high))
    return state


@pytest.mark.parametrize(
    ("bounds", "condition", "low", "high"),
    [
        ([(40, 40)], "live", 40, 40),
        ([(40, 43)], "settling", 40, 43),
        ([(40, 43), (38, 40)], "live", 40, 40),
        ([(40, 43), (42, 47)], "settling", 42, 43),
        ([(40, 43), (30, 36)], "settling", 30, 36),
        ([(40, 43), (30, 30)], "live", 30, 30),
        ([(40, 43)] * ENOUGH_READINGS, "live", 40, 43),
        ([(40, 43)] * (ENOUGH_READINGS - 1), "settling", 40, 43),
    ],
)
def test_bounds_of_readings_intersect_until_one_number_is_left(
    bounds: list[tuple[int, int]], condition: str, low: int, high: int
) -> None:
    state = settled(*bounds)
    assert (state.condition, state.bounds) == (condition, Bounds(low, high))
    assert (state.counted, state.shown) == ((low, high) if condition == "live" else (None, None))


def test_rows_that_are_not_live_have_no_number() -> None:
    for state in (held("untracked"), out("left out"), settling("an order came late")):
        assert (state.counted, state.shown, state.tells_edits) == (None, None, False)
    assert settle(settling("late"), reading(4, 2000), Bounds(4, 6), Bounds(4, 4)).reason == "late"
    assert not settled(*[(40, 43)] * ENOUGH_READINGS).tells_edits
    assert settled((40, 40)).tells_edits


# Should show


def test_should_show_at_any_past_second() -> None:
    pushes = [
        PushEffect("difference", 10, 1200, 1201),
        PushEffect("undo", 4, 1300, 1301),
        PushEffect("difference", -2, 1400),
    ]
    effects = [placed(3, 1100), Effect("cancelled", 3, 1250, 1290), placed(1, 1500)]
    shown = {
        until: should_show(40, pushes, effects, until) for until in (1099, 1100, 1200, 1250, 1300, 1400, 1500)
    }
    assert shown == {1099: 40, 1100: 37, 1200: 47, 1250: 50, 1300: 50, 1400: 48, 1500: 47}
    assert should_show(40, pushes, effects) == 47


@given(st.integers(-50, 500) | st.none(), st.integers(-50, 500))
def test_pushing_the_difference_leaves_none(number: int | None, base: int) -> None:
    push = PushEffect("difference", difference(number, base), 1200)
    assert should_show(base, [push], []) == (base if number is None else number)


@pytest.mark.parametrize(
    ("available", "pushed", "shows", "number"),
    [
        (7, 7, 3, 7),
        (7, 0, 3, 0),
        (7, 5, -3, 5),
        (0, 0, -3, 0),
        (-3, 0, 5, 0),
        (-3, 0, 0, 0),
        (-3, 0, -2, -2),
        (-3, 0, -3, -3),
        (-3, 0, -8, -3),
        (None, None, 4, None),
    ],
)
def test_a_row_below_zero_is_not_raised_to_zero(
    available: int | None, pushed: int | None, shows: int, number: int | None
) -> None:
    assert wanted(available, pushed, shows) == number


# Judging: the row settled at 40, on hand 50, of which 2 reserved and 8 committed

LIVE = settle(settling(), reading(40, 1100, committed=8, reserved=2), Bounds(40, 40), Bounds(50, 50))


def look(
    state: RowState,
    available: tuple[int, int],
    on_hand: tuple[int, int],
    at: int = 2000,
    reserved: int = 2,
    standing: int = 0,
    fresh: bool = False,
) -> Judgement:
    seen = reading(available[0], at, committed=8, reserved=reserved)
    return judge(state, seen, Bounds(*available), Bounds(*on_hand), MARGINS, standing, fresh)


def test_a_reading_that_fits_is_nothing_and_renews_the_baseline() -> None:
    judged = look(LIVE, (40, 40), (51, 51), reserved=3)
    assert judged.verdict == "nothing"
    assert judged.state.baseline
    assert (judged.state.baseline.unavailable, judged.state.baseline.since) == (3, 1997)
    vague = look(LIVE, (38, 41), (50, 50), reserved=3)
    assert vague == Judgement(replace(LIVE, judged_until=2000))


def test_units_set_aside_that_an_order_hid_stay_to_be_told() -> None:
    """A deleted order let go of the unit that was set aside: the number is as it was, and so is what is known, until the order is found."""
    hidden = look(LIVE, (40, 40), (50, 50), reserved=3)
    assert hidden == Judgement(replace(LIVE, judged_until=2000))
    assert look(LIVE, (40, 40), (50, 52), reserved=3) == hidden
    again = settling("an order that held it was deleted", hidden.state.baseline)
    first = reading(40, 2100, committed=7, reserved=3)
    assert set_aside_meanwhile(again, first, Bounds(50, 50)) == Effect("unavailable", -1, 1097, 2100)


def test_units_set_aside_while_a_row_settles_again_are_told_by_any_of_its_readings() -> None:
    again = settling("an order came late", LIVE.baseline)
    again = settle(again, reading(40, 2000, committed=8, reserved=2), Bounds(38, 40), Bounds(50, 50))
    second = reading(40, 2100, committed=7, reserved=3)
    assert set_aside_meanwhile(again, second, Bounds(50, 50)) == Effect("unavailable", -1, 1997, 2100)
    first_time = settle(
        settling(), reading(40, 2000, committed=8, reserved=2), Bounds(38, 40), Bounds(50, 50)
    )
    assert set_aside_meanwhile(first_time, second, Bounds(50, 50)) is None


def test_what_was_committed_at_a_reading_is_what_is_now_less_what_came_after() -> None:
    then = reading(40, 2000, committed=8)
    assert committed_at(then, 8, [], MARGINS) == 8
    before, after = placed(3, 1900), placed(2, 2100)
    sent = Effect("fulfilled", 0, 2100, 2100, on_hand=-5)
    aside = Effect("unavailable", -4, 1990, 2010)
    assert committed_at(then, 5, [before, after, sent, aside], MARGINS) == 8
    assert committed_at(then, 8, [placed(1, 1995)], MARGINS) is None
    assert committed_at(then, 8, [Effect("returned", 1, 1900, 2100, on_hand=1)], MARGINS) == 8


def test_a_row_live_on_bounds_closes_as_readings_come() -> None:
    state = settled(*[(40, 43)] * ENOUGH_READINGS)
    closer = look(state, (41, 47), (41, 47), reserved=0).state
    assert closer.bounds == Bounds(41, 43)
    assert look(closer, (43, 43), (43, 43), reserved=0).state.counted == 43
    assert look(closer, (44, 45), (44, 45), reserved=0).undo == -1
    assert look(closer, (38, 40), (38, 40), reserved=0).verdict == "suspect"


def test_a_rise_is_undone_at_once_by_what_is_certain() -> None:
    assert look(LIVE, (43, 43), (53, 53)).undo == -3
    assert look(LIVE, (42, 45), (53, 53)).undo == -2
    assert look(LIVE, (43, 43), (53, 53)).verdict == "undo"


def test_a_rise_without_units_on_hand_waits_for_a_look_at_orders_that_may_be_gone() -> None:
    asked = look(LIVE, (43, 43), (50, 50))
    assert (asked.verdict, asked.asks) == ("nothing", "gone")
    assert look(LIVE, (43, 43), (50, 50), fresh=True).undo == -3
    assert look(LIVE, (43, 43), (52, 52)).asks == "gone"
    assert look(LIVE, (43, 43), (50, 53)).undo == -3
    assert look(LIVE, (41, 41), (50, 50), reserved=4).asks == "gone"
    assert look(LIVE, (41, 41), (50, 50), reserved=4, fresh=True).undo == -3


def test_a_fall_needs_two_readings_minutes_apart_and_a_fresh_look() -> None:
    first = look(LIVE, (36, 36), (46, 46), 2000)
    assert (first.verdict, first.undo) == ("suspect", 0)
    soon = look(first.state, (36, 36), (46, 46), 2122, fresh=True)
    assert (soon.verdict, soon.asks) == ("suspect", None)
    second = look(soon.state, (36, 36), (46, 46), 2123)
    assert (second.verdict, second.asks) == ("suspect", "unseen")
    done = look(second.state, (36, 36), (46, 46), 2123, fresh=True)
    assert (done.verdict, done.undo, done.state.suspect, done.effects) == ("undo", 4, None, ())


def test_only_what_every_reading_showed_is_raised() -> None:
    state = look(LIVE, (36, 36), (46, 46), 2000).state
    state = look(state, (38, 39), (48, 48), 2050).state
    assert look(state, (35, 35), (45, 45), 2200, fresh=True).undo == 1


def test_a_reading_that_fits_clears_a_suspect() -> None:
    state = look(LIVE, (36, 36), (46, 46), 2000).state
    state = look(state, (40, 40), (50, 50), 2100).state
    assert state.suspect is None
    assert look(state, (36, 36), (46, 46), 2200, fresh=True).verdict == "suspect"


def test_units_put_under_another_name_are_taken_into_the_ledger_at_once() -> None:
    judged = look(LIVE, (37, 37), (50, 50), reserved=5)
    assert judged.verdict == "unavailable"
    assert judged.effects == (Effect("unavailable", -3, 1097, 2000),)
    assert (judged.undo, judged.state.suspect) == (0, None)
    assert judged.state.baseline
    assert judged.state.baseline.unavailable == 5


def test_part_set_aside_and_part_taken_out() -> None:
    first = look(LIVE, (35, 35), (48, 48), reserved=5)
    assert first.effects == (Effect("unavailable", -3, 1097, 2000),)
    assert first.state.suspect
    assert first.state.suspect.change == -2
    # The effect that was taken is dated back by the next reading.
    second = look(first.state, (38, 38), (48, 48), 2200, reserved=5, standing=3, fresh=True)
    assert (second.undo, second.effects) == (2, ())


def test_a_fall_with_on_hand_unchanged_is_no_edit() -> None:
    first = look(LIVE, (37, 37), (50, 50))
    assert first.verdict == "suspect"
    second = look(first.state, (37, 37), (50, 50), 2200)
    assert (second.verdict, second.undo) == ("unavailable", 0)
    assert second.effects == (Effect("unexplained", -3, 1097, 2200),)


def test_what_on_hand_leaves_open_stays_a_suspect() -> None:
    state = look(LIVE, (37, 37), (47, 50), 2000).state
    assert look(state, (37, 37), (47, 50), 2200, fresh=True).verdict == "suspect"
    assert look(state, (37, 37), (40, 44), 2200, fresh=True).undo == 3


def test_units_that_come_back_are_released_by_the_second_reading() -> None:
    aside = look(LIVE, (37, 37), (50, 50), reserved=5).state
    first = look(aside, (43, 43), (50, 50), 2200, reserved=2, standing=3)
    assert (first.verdict, first.undo) == ("suspect", 0)
    second = look(first.state, (43, 43), (50, 50), 2400, reserved=2, standing=3)
    assert (second.verdict, second.undo) == ("unavailable", 0)
    assert second.effects == (Effect("unavailable", 3, 1097, 2400),)
    assert second.state.baseline
    assert second.state.baseline.unavailable == 2


def test_units_taken_in_without_a_name_come_back_without_one() -> None:
    first = look(LIVE, (43, 43), (50, 50), 2000, standing=3)
    assert first.verdict == "suspect"
    assert look(first.state, (43, 43), (50, 50), 2200, standing=3).effects == (
        Effect("unexplained", 3, 1097, 2200),
    )
    assert look(LIVE, (43, 43), (50, 50), standing=2, fresh=True).undo == -1
    assert look(LIVE, (43, 43), (53, 53), standing=3).undo == -3


def test_a_late_order_gives_back_what_was_taken_in_for_it() -> None:
    taken = [
        Effect("unexplained", -3, 1500, 2000),
        Effect("unexplained", -2, 2100, 2200),
        Effect("unavailable", -9, 1500, 2000),
    ]
    late = replace(placed(4, 1900), order=7)
    back = explained_late(late, taken)
    assert back == (
        Effect("unexplained", 3, 1500, 2000, order=7),
        Effect("unexplained", 1, 2100, 2200, order=7),
    )
    assert explained_late(placed(4, 2300), taken) == ()
    assert explained_late(placed(4, 1900), [*taken, *back]) == (Effect("unexplained", 1, 2100, 2200),)
    assert explained_late(placed(4, 1900), []) == ()


@pytest.mark.parametrize(("created", "late"), [(2002, False), (2001, True), (1500, True)])
def test_an_order_found_after_a_reading_that_may_show_it_comes_late(created: int, late: bool) -> None:
    judged = look(LIVE, (40, 40), (50, 50), 2000).state
    assert comes_late(judged, placed(1, created), MARGINS) is late
    assert not comes_late(settling("late"), placed(1, created), MARGINS)
    begun = settle(settling(), reading(4, 2000), Bounds(4, 6), Bounds(4, 4))
    assert comes_late(begun, placed(1, created), MARGINS) is late


def test_units_that_may_have_come_back_are_left_alone_until_on_hand_tells() -> None:
    first = look(LIVE, (43, 43), (50, 53), 2000, standing=3)
    second = look(first.state, (43, 43), (50, 53), 2200, standing=3)
    assert (first.verdict, second.verdict) == ("suspect", "suspect")
    assert look(second.state, (43, 43), (53, 53), 2400, standing=3).undo == -3


def test_no_more_is_taken_in_than_is_surely_missing() -> None:
    judged = look(LIVE, (35, 38), (50, 50), reserved=7)
    assert judged.effects == (Effect("unavailable", -2, 1097, 2000),)
    assert judged.state.baseline
    assert judged.state.baseline.unavailable == 4


def test_a_fall_after_a_suspected_rise_is_suspected_afresh() -> None:
    rise = look(LIVE, (43, 43), (50, 50), 2000, standing=3).state
    fall = look(rise, (36, 36), (46, 46), 2200, standing=3, fresh=True)
    assert (fall.verdict, fall.undo) == ("suspect", 0)
    assert fall.state.suspect
    assert (fall.state.suspect.change, fall.state.suspect.seen) == (-4, 2200)


def test_more_set_aside_beside_a_rise_errs_on_not_selling() -> None:
    judged = look(LIVE, (42, 42), (55, 55), reserved=5)
    assert (judged.undo, judged.effects) == (-5, (Effect("unavailable", -3, 1097, 2000),))


@given(
    edit=st.integers(-9, 9).filter(bool),
    width=st.integers(0, 4),
    physical=st.integers(-9, 9),
    reserved=st.integers(0, 6),
)
def test_one_reading_never_raises_anything(edit: int, width: int, physical: int, reserved: int) -> None:
    bounds = (40 + edit, 40 + edit + width) if edit > 0 else (40 + edit - width, 40 + edit)
    judged = look(LIVE, bounds, (50 + physical, 50 + physical), reserved=reserved, standing=2, fresh=True)
    assert judged.undo <= 0
    assert all(effect.available < 0 for effect in judged.effects)


@given(
    edits=st.tuples(st.integers(-9, -1), st.integers(-9, -1)),
    physical=st.integers(-12, 3),
    reserved=st.integers(0, 6),
)
def test_no_raise_is_more_than_either_reading_missed(
    edits: tuple[int, int], physical: int, reserved: int
) -> None:
    on_hand = (50 + physical, 50 + physical)
    first = look(LIVE, (40 + edits[0],) * 2, on_hand, 2000, reserved)
    taken = sum(effect.available for effect in first.effects)
    second = look(first.state, (40 + edits[1] - taken,) * 2, on_hand, 2200, reserved, -taken, True)
    assert second.undo <= min(-edits[0], -edits[1])
    assert second.undo <= max(0, -physical)


def test_a_held_row_is_not_judged() -> None:
    with pytest.raises(AssertionError):
        look(replace(LIVE, condition="held"), (40, 40), (50, 50))


@pytest.mark.parametrize(
    ("before", "settled", "pushed", "known"),
    [
        ((7, 9), (8, 8), [20], (8, 8)),  # it never was done
        ((7, 9), (29, 29), [20], (9, 9)),  # it was
        ((7, 9), (8, 8), [1], (7, 8)),  # nobody can say, and no more than both allow is known
        ((7, 9), (8, 9), [20], (8, 9)),
        ((7, 9), (33, 33), [20, 4], (9, 9)),
        ((7, 9), (12, 12), [20, 4], (8, 8)),
        ((7, 9), (50, 50), [20], None),  # staff counted it meanwhile
        ((8, 8), (8, 8), [], (8, 8)),
    ],
)
def test_what_a_row_had_settled_at_is_known_from_what_it_settles_at_after_pushes_nobody_knows_of(
    before: tuple[int, int], settled: tuple[int, int], pushed: list[int], known: tuple[int, int] | None
) -> None:
    found = known_before(Bounds(*before), Bounds(*settled), pushed)
    assert found == (Bounds(*known) if known else None)
