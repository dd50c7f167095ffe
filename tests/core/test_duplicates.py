"""What a group's numbers are, what a choice makes of them, and how a choice is said in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.duplicates import (
    Choice,
    DuplicatesSummary,
    Effect,
    FourNumbers,
    agrees,
    check_choice,
    choice_in_words,
    choice_words,
    decision_holds,
    effect_on,
    equal_above_zero,
    four_numbers,
    is_unanswered,
    shared_by,
    shared_number,
    total_effect,
)
from supportdesk.errors import WrongUsage

MAIN, DEPOT = 1, 2
TENT = {MAIN: {101: 31, 102: 4, 103: 9}, DEPOT: {101: 6, 102: 6}}
"""The design's picture of the Duplicates tab."""

LEVELS = st.dictionaries(
    st.integers(1, 3), st.dictionaries(st.integers(101, 104), st.integers(-9, 99), max_size=4), max_size=3
)
RULES = ("oldest", "lowest", "highest", "sum")


def test_the_designs_example() -> None:
    assert four_numbers(TENT) == FourNumbers(oldest=37, lowest=10, highest=37, sum=56)
    assert not agrees(TENT)
    assert effect_on(shared_by("oldest"), TENT, None) == Effect(1, 56, 105, 2, 0, 0)


def test_lowest_is_judged_location_by_location_not_listing_by_listing() -> None:
    """The listing with the lowest total is 102 with 11; location by location the lowest are 1 and 2."""
    levels = {MAIN: {101: 10, 102: 1}, DEPOT: {101: 2, 102: 10}}
    assert four_numbers(levels) == FourNumbers(12, 3, 20, 23)


def test_what_is_not_stocked_is_no_number_and_negatives_count() -> None:
    assert four_numbers({MAIN: {101: 5}, DEPOT: {102: -3}}) == FourNumbers(2, 2, 2, 2)
    assert agrees({MAIN: {101: 5}, DEPOT: {102: -3}})
    assert four_numbers({}) == four_numbers({MAIN: {}}) == FourNumbers(0, 0, 0, 0)
    assert agrees({})


@pytest.mark.parametrize(
    ("levels", "items", "equal"),
    [
        ({MAIN: {101: 5, 102: 5}}, 2, True),
        ({MAIN: {101: 5, 102: 5}, DEPOT: {101: 0, 102: 0}}, 2, True),
        ({MAIN: {101: 0, 102: 0}}, 2, False),
        ({MAIN: {101: 5, 102: 5}, DEPOT: {101: -1, 102: -1}}, 2, False),
        ({MAIN: {101: 5, 102: 4}}, 2, False),
        ({MAIN: {101: 5}, DEPOT: {102: 5}}, 2, False),
        ({MAIN: {101: 5, 102: 5}}, 3, False),
        ({}, 2, False),
    ],
)
def test_equal_counts_above_zero(levels: dict[int, dict[int, int]], items: int, equal: bool) -> None:
    assert equal_above_zero(levels, items) is equal


@given(LEVELS)
def test_the_numbers_keep_their_order_where_nothing_is_below_zero(levels: dict[int, dict[int, int]]) -> None:
    numbers = four_numbers(levels)
    assert numbers.lowest <= numbers.oldest <= numbers.highest
    if all(count >= 0 for shown in levels.values() for count in shown.values()):
        assert numbers.highest <= numbers.sum
    assert agrees(levels) is (numbers.lowest == numbers.highest)


@given(LEVELS, st.sampled_from(RULES))
def test_an_effect_is_what_each_location_would_show(levels: dict[int, dict[int, int]], rule: str) -> None:
    choice = shared_by(rule)
    after = {
        place: [shared_number(choice, shown, None)] * len(shown) for place, shown in levels.items() if shown
    }
    effect = effect_on(choice, levels, None)
    assert effect.units_before == four_numbers(levels).sum
    assert effect.units_after == sum(number or 0 for shown in after.values() for number in shown)
    assert effect.unanswered == 0
    changed = {
        item
        for place, shown in levels.items()
        for item, count in shown.items()
        if after.get(place, [count])[0] != count
    }
    assert max(effect.listings_raised, effect.listings_lowered) <= len(changed)
    assert effect.listings_raised + effect.listings_lowered >= len(changed)


def test_a_named_listing_that_is_not_stocked_everywhere_needs_a_second_answer() -> None:
    named = Choice("shared", "listing", "gift/Default Title")
    assert is_unanswered(named, TENT, 103)
    assert effect_on(named, TENT, 103) == Effect(1, 56, 27 + 12, 1, 1, 1)
    answered = Choice("shared", "listing", "gift/Default Title", "sum")
    assert not is_unanswered(answered, TENT, 103)
    assert effect_on(answered, TENT, 103) == Effect(1, 56, 27 + 24, 2, 1, 0)
    assert not is_unanswered(named, TENT, 101)
    assert is_unanswered(named, TENT, None)


@pytest.mark.parametrize("choice", [Choice("split"), Choice("left_out"), Choice("shared")])
def test_what_takes_nobodys_count_changes_no_number(choice: Choice) -> None:
    assert effect_on(choice, TENT, None) == Effect(1, 56, 56, 0, 0, 0)


def test_effects_add_up() -> None:
    one, two = Effect(1, 10, 20, 1, 2, 0), Effect(1, 5, 1, 3, 0, 1)
    assert total_effect([one, two]) == Effect(2, 15, 21, 4, 2, 1)
    assert total_effect([]) == Effect(0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("choice", "judged", "now", "needs", "holds"),
    [
        (Choice("shared", "oldest"), "ab", "ab", True, True),
        (Choice("shared", "oldest"), "ab", "a", True, True),
        (Choice("shared", "oldest"), "ab", "abc", True, False),
        (Choice("left_out"), "ab", "abc", True, False),
        (Choice("split"), "ab", "ab", True, False),
        (Choice("split"), "ab", "a", False, True),
        (Choice("shared", "listing", "name-a"), "ab", "ab", True, True),
        (Choice("shared", "listing", "name-a"), "ab", "b", True, False),
    ],
)
def test_whether_a_decision_holds(choice: Choice, judged: str, now: str, needs: bool, holds: bool) -> None:
    listings = {identity: f"name-{identity}" for identity in now}
    assert decision_holds(choice, frozenset(judged), listings, needs) is holds


CHOICES = st.one_of(
    st.sampled_from([Choice("split"), Choice("left_out"), Choice("shared")]),
    st.sampled_from(RULES).map(shared_by),
    st.builds(
        shared_by,
        st.text(min_size=1).map(lambda name: f"tent/{name}").filter(lambda name: name == name.strip()),
        st.sampled_from([None, *RULES]),
    ),
)


@given(CHOICES)
def test_words_are_read_back(choice: Choice) -> None:
    check_choice(choice)
    assert choice_in_words(choice_words(choice)) == choice


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ("oldest", Choice("shared", "oldest")),
        (" SUM ", Choice("shared", "sum")),
        ("left_out", Choice("left_out")),
        ("Leave-out", Choice("left_out")),
        ("leave out", Choice("left_out")),
        ("Split", Choice("split")),
        ("Shared by tent/Red", Choice("shared", "listing", "tent/Red")),
        ("shared by tent/Red, elsewhere lowest", Choice("shared", "listing", "tent/Red", "lowest")),
    ],
)
def test_words_a_person_would_write(words: str, choice: Choice) -> None:
    assert choice_in_words(words) == choice


@pytest.mark.parametrize("words", ["", "yes", "shared by", "shared by ", "oldest lowest", "delete"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(WrongUsage, match="no decision"):
        choice_in_words(words)


@pytest.mark.parametrize(
    "choice",
    [
        Choice("split", "oldest"),
        Choice("left_out", "sum"),
        Choice("shared", "listing"),
        Choice("shared", "oldest", "tent/Red"),
        Choice("shared", "oldest", elsewhere="lowest"),
        Choice("shared", "listing", "tent/Red", "listing"),
        Choice("split", listing="tent/Red"),
        Choice("shared", elsewhere="lowest"),
    ],
)
def test_half_a_choice_is_refused(choice: Choice) -> None:
    with pytest.raises(WrongUsage):
        check_choice(choice)


@pytest.mark.parametrize("elsewhere", ["listing", "newest"])
def test_elsewhere_is_a_rule(elsewhere: str) -> None:
    with pytest.raises(WrongUsage):
        shared_by("tent/Red", elsewhere)
    with pytest.raises(WrongUsage):
        shared_by("oldest", elsewhere)


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (DuplicatesSummary(14, 6, 8, 3, 1), ("7 to decide", "1 to split")),
        (DuplicatesSummary(2_000, 0, 1_234, 0, 4, 1_230), ("4 to split", "1,230 to recheck")),
        (DuplicatesSummary(2, 0, 2, 0, 0, 2), ("2 to recheck",)),
        (DuplicatesSummary(5, 1, 0, 0), ("0 to decide",)),
    ],
)
def test_what_is_left_to_do_is_said_in_the_words_of_every_place(
    summary: DuplicatesSummary, words: tuple[str, ...]
) -> None:
    assert summary.left_to_do == words
