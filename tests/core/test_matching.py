"""Guessing which location is which warehouse: likeness, evidence, the best pairs together, crossed pairs without false alarms."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.catalog import Location
from supportdesk.core.connections import Evidence, Warehouse
from supportdesk.core.matching import (
    CROSSED_SHARE,
    CROSSED_SKUS,
    FLOOR,
    Overlap,
    Stocked,
    Survey,
    best_pairs,
    crossed_pairs,
    evidence_of,
    likeness,
    suggestions,
)

KENDAL = {"city": "Kendal", "address": "14 Main Street, LA9 4XX"}
MAIN_ST, DEPOT_HERE = Location(1, "Main St", **KENDAL), Location(2, "Depot", city="Penrith")  # type: ignore[arg-type]
MAIN, DEPOT = Warehouse(11, "MAIN", "Main Street"), Warehouse(12, "DEPOT", "Depot Penrith")


def survey(*overlaps: tuple[int, int, int, int], skus: int = 1000) -> Survey:
    """A survey of (location, warehouse, shared, agreeing)."""
    places = {location: Stocked(5000, skus, skus) for location, *_ in overlaps}
    return Survey(places, {(place, there): Overlap(shared, same) for place, there, shared, same in overlaps})


@pytest.mark.parametrize(
    ("location", "warehouse", "least", "most"),
    [
        (Location(1, "Depot"), Warehouse(1, "D", "Depot"), 1.0, 1.0),
        (Location(1, "Depot"), Warehouse(1, "DEPOT", "Something else"), 1.0, 1.0),
        (Location(1, "Main St"), Warehouse(1, "MAIN", "Main Street"), 0.7, 1.0),
        (Location(1, "Shop 1"), Warehouse(1, "S1", "Shop 1"), 1.0, 1.0),
        (Location(1, "Shop 1"), Warehouse(1, "S12", "Shop 12"), 0.5, 0.9),
        (Location(1, "Leeds warehouse"), Warehouse(1, "Y", "York warehouse"), 0.0, 0.55),
        (Location(1, "Warehouse"), Warehouse(1, "W", "Warehouse"), 1.0, 1.0),
        (Location(1, "Depot", city="Penrith"), Warehouse(1, "D", "Depot", city="Penrith"), 1.0, 1.0),
        (Location(1, "Depot", city="Penrith"), Warehouse(1, "D", "Depot", city="Truro"), 0.5, 0.8),
        (Location(1, "Ladengeschäft"), Warehouse(1, "L", "ladengeschäft"), 1.0, 1.0),
        (Location(1, "!!!"), Warehouse(1, "?", "..."), 0.0, 0.0),
        (Location(1, "広い倉庫"), Warehouse(1, "H", "広い倉庫"), 1.0, 1.0),
    ],
)
def test_how_alike_two_places_are_called(
    location: Location, warehouse: Warehouse, least: float, most: float
) -> None:
    assert least <= likeness(location, warehouse) <= most


words = st.text(max_size=20)


@given(words, words, words, words, st.integers(0, 50), st.integers(0, 50))
def test_scores_and_likeness_stay_between_0_and_1(
    name: str, city: str, other: str, code: str, shared: int, agreeing: int
) -> None:
    location, warehouse = Location(1, name, city=city), Warehouse(1, code, other, city=city)
    counted = Survey({1: Stocked(9, 60, 60)}, {(1, 1): Overlap(shared, min(shared, agreeing))})
    evidence = evidence_of(location, warehouse, counted)
    assert 0 <= evidence.name_likeness <= 1
    assert 0 <= evidence.score <= 1


def test_counts_weigh_more_than_names_once_there_are_enough_of_them() -> None:
    against = survey((1, 11, 1000, 30), (1, 12, 1000, 900))
    assert evidence_of(MAIN_ST, MAIN, against).score < FLOOR < evidence_of(MAIN_ST, DEPOT, against).score
    few = survey((1, 11, 3, 0), (1, 12, 3, 3))
    assert evidence_of(MAIN_ST, MAIN, few).score > evidence_of(MAIN_ST, DEPOT, few).score


def scored(location: int, warehouse: int, score: float) -> tuple[int, int, Evidence]:
    return location, warehouse, Evidence(warehouse, score, 0, 0, 0, score)


def candidates(*rows: tuple[int, int, Evidence]) -> dict[int, dict[int, Evidence]]:
    found: dict[int, dict[int, Evidence]] = {}
    for location, warehouse, evidence in rows:
        found.setdefault(location, {})[warehouse] = evidence
    return found


def test_a_location_leaves_the_warehouse_another_needs_more() -> None:
    rows = candidates(scored(1, 11, 0.9), scored(1, 12, 0.85), scored(2, 11, 0.88), scored(2, 12, 0.1))
    assert {place: found.warehouse_id for place, found in best_pairs(rows).items()} == {1: 12, 2: 11}


def test_nothing_below_the_floor() -> None:
    assert best_pairs(candidates(scored(1, 11, FLOOR - 0.01))) == {}
    assert best_pairs({}) == {}
    assert list(best_pairs(candidates(scored(1, 11, FLOOR)))) == [1]


scores = st.lists(st.lists(st.integers(0, 100), min_size=3, max_size=3), min_size=1, max_size=4)


@given(scores)
def test_the_best_pairs_are_the_best_there_are(table: list[list[int]]) -> None:
    rows = candidates(
        *(
            scored(place, there, score / 100)
            for place, row in enumerate(table)
            for there, score in enumerate(row)
        )
    )
    found = best_pairs(rows)
    assert len({evidence.warehouse_id for evidence in found.values()}) == len(found)

    def worth(place: int, there: int) -> float:
        score = table[place][there] / 100 if place < len(table) and there < 3 else 0.0
        return score if score >= FLOOR else 0.0

    size = max(3, len(table))
    best = max(
        sum(worth(place, there) for place, there in enumerate(way)) for way in permutations(range(size))
    )
    assert sum(evidence.score for evidence in found.values()) == pytest.approx(best)


def test_first_and_better_warehouses_are_suggested() -> None:
    counted = survey((1, 11, 1000, 900), (2, 12, 1000, 900), (1, 12, 1000, 30), (2, 11, 1000, 30))
    places, there = [MAIN_ST, DEPOT_HERE], [MAIN, DEPOT]
    first = suggestions(places, there, counted, {})
    assert {place: found.warehouse_id for place, found in first.items()} == {1: 11, 2: 12}
    assert suggestions(places, there, counted, {1: 11, 2: 12}) == {}
    better = suggestions(places, there, counted, {1: 12, 2: 11})
    assert {place: found.warehouse_id for place, found in better.items()} == {1: 11, 2: 12}


def test_a_little_better_is_no_better() -> None:
    counted = survey((1, 11, 1000, 700), (1, 12, 1000, 720))
    assert suggestions([MAIN_ST], [MAIN, DEPOT], counted, {1: 11}) == {}


CROSSED = {1: 12, 2: 11}


@pytest.mark.parametrize(
    ("overlaps", "crossed"),
    [
        (
            [(1, 12, 1000, 30), (2, 11, 1000, 40), (1, 11, 1000, 900), (2, 12, 1000, 880)],
            ((2000, 70), (2000, 1780)),
        ),
        ([(1, 12, 1000, 500), (2, 11, 1000, 500), (1, 11, 1000, 500), (2, 12, 1000, 500)], None),
        ([(1, 12, 1000, 500), (2, 11, 1000, 500), (1, 11, 1000, 600), (2, 12, 1000, 600)], None),
        ([(1, 12, 4, 0), (2, 11, 4, 0), (1, 11, 4, 4), (2, 12, 4, 4)], None),
        ([(1, 12, 5, 0), (2, 11, 5, 0), (1, 11, 5, 5), (2, 12, 5, 5)], ((10, 0), (10, 10))),
        ([(1, 12, 1000, 10), (2, 11, 1000, 700), (1, 11, 1000, 990), (2, 12, 1000, 300)], None),
        ([(1, 11, 1000, 900), (2, 12, 1000, 900)], ((0, 0), (2000, 1800))),
        ([], None),
    ],
    ids=[
        "crossed",
        "tie",
        "drift",
        "tiny",
        "least",
        "one would lose",
        "nothing shared as linked",
        "no stock",
    ],
)
def test_when_a_pair_is_called_crossed(
    overlaps: list[tuple[int, int, int, int]], crossed: tuple[tuple[int, int], tuple[int, int]] | None
) -> None:
    found = crossed_pairs(CROSSED, survey(*overlaps))
    assert [(pair.as_linked, pair.swapped) for pair in found] == ([crossed] if crossed else [])


counts = st.integers(0, 400)


@given(st.tuples(*[st.tuples(counts, counts)] * 4))
def test_no_false_alarm_and_none_after_the_swap(drawn: tuple[tuple[int, int], ...]) -> None:
    pairs = [(1, 12), (2, 11), (1, 11), (2, 12)]
    counted = survey(*((*pair, max(two), min(two)) for pair, two in zip(pairs, drawn, strict=True)))
    same = {pair: counted.overlap(*pair).agreeing for pair in pairs}
    gain = same[1, 11] + same[2, 12] - same[1, 12] - same[2, 11]
    found = crossed_pairs(CROSSED, counted)
    if found:
        assert gain >= CROSSED_SKUS
        assert gain >= CROSSED_SHARE * max(found[0].as_linked.shared, found[0].swapped.shared)
        assert crossed_pairs({1: 11, 2: 12}, counted) == ()
    if gain <= 0:
        assert found == ()


def test_two_on_one_warehouse_are_not_crossed() -> None:
    assert crossed_pairs({1: 11, 2: 11}, survey((1, 11, 100, 0), (2, 11, 100, 100))) == ()


def test_a_location_is_in_one_crossed_pair_the_clearest() -> None:
    counted = survey(
        (1, 11, 900, 900), (2, 12, 900, 900), (1, 13, 900, 300), (3, 12, 900, 500), (3, 13, 900, 0)
    )
    assert [(pair.one, pair.other) for pair in crossed_pairs({1: 12, 2: 11, 3: 13}, counted)] == [(1, 2)]
