"""Explanations: lines that add up, one history out of two lists, what a last reading says; and their words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.effects import EffectKind, Margins
from supportdesk.core.explanation import (
    ExplainedLine,
    LastReading,
    RowExplanation,
    SkuEvent,
    merged,
    outside,
)
from supportdesk.core.explanation_words import line_words, remarks, standing_words
from supportdesk.core.rows import Bounds, RowNumbers
from supportdesk.core.stock import Movement, Quantities

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
T0 = 1000


def movement(number: int, minute: int) -> Movement:
    at = START + timedelta(minutes=minute)
    return Movement(number, at, "MUG", "MAIN", "add", Quantities(1), number, "", "", "", "")


def event(number: int, minute: int) -> SkuEvent:
    return SkuEvent(number, START + timedelta(minutes=minute), "push", "", "", "", "", "", None, None)


@given(
    st.lists(st.integers(0, 30), max_size=12),
    st.lists(st.integers(0, 30), max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_one_history_is_both_lists_newest_first_as_far_as_is_known(
    moved: list[int], happened: list[int], few: int, some: int
) -> None:
    movements = [movement(n, minute) for n, minute in enumerate(sorted(moved, reverse=True))]
    events = [event(n, minute) for n, minute in enumerate(sorted(happened, reverse=True))]
    whole = merged(movements, events, (len(movements), len(events)))
    assert len(whole) == len(movements) + len(events)
    assert [each.at for each in whole] == sorted((each.at for each in whole), reverse=True)
    assert [each for each in whole if isinstance(each, Movement)] == movements
    assert [each for each in whole if isinstance(each, SkuEvent)] == events
    part = merged(movements[:few], events[:some], (len(movements), len(events)))
    assert part == whole[: len(part)], "what is shown of a part is never out of place"
    assert len(part) >= min(few, some, len(whole)) or not part


def line(kind: Any = "placed", units: int = -1, at: int = 1100, **more: Any) -> ExplainedLine:
    return ExplainedLine(kind, units, at, at, **more)


def row(*lines: ExplainedLine, **changes: Any) -> RowExplanation:
    shows = 40 + sum(each.units for each in lines if each.counts)
    plain: dict[str, Any] = {
        "condition": "live", "reason": "", "master": "sumtracker", "t0": T0, "settled": Bounds(40, 40), "readings": 1,
        "should_show": shows, "earlier": 0, "earlier_count": 0, "lines": lines, "wanted": shows,
    }  # fmt: skip
    return RowExplanation(**(plain | changes))


def test_an_undo_is_no_part_of_the_sum() -> None:
    one = row(line(units=-2), line("undo", -3), line("push", 5))
    assert (one.adds_up, one.becomes, one.should_show) == (True, (38, 38, 43), 43)
    assert not row(line(units=-2), should_show=39).adds_up


READ = LastReading(RowNumbers(38), 2000, 2002)


@pytest.mark.parametrize(
    ("lines", "earlier", "available", "lies"),
    [
        ([line(units=-2)], 0, 38, 0),
        ([line(units=-2)], 0, 41, 3),
        ([line(units=-2)], 0, 30, -8),
        ([], -2, 38, 0),
        ([line("push", -2)], 0, 38, 0),
        ([line("push", -2, answered=False)], 0, 33, 0),  # it says nothing across an open push
        ([line(units=-2, at=1999)], 0, 40, 0),  # so near that it may not be on the number yet
        ([line(units=-2), line("undo", 3, at=2500)], 0, 35, 0),  # before an undo it says nothing
    ],
)
def test_what_the_last_reading_says(
    lines: list[ExplainedLine], earlier: int, available: int, lies: int
) -> None:
    reading = READ._replace(numbers=RowNumbers(available))
    assert outside(reading, Bounds(40, 40), T0, earlier, lines, Margins()) == lies


def test_every_kind_of_line_has_words_and_a_sign() -> None:
    kinds = [*get_args(EffectKind), "push", "undo"]
    said = {kind: line_words(line(kind, -1, reference="#1042", detail="by staff")) for kind in kinds}
    assert len(set(said.values())) == len(kinds)
    assert all(line(kind).sign in "←→!" for kind in kinds)
    assert line("push", answered=False).sign == "~"
    assert said["placed"] == "#1042 placed"
    assert line_words(line("placed")) == "an order placed"
    assert line_words(line("push", 1, detail="#7 moved", reference="#7")) == "pushed: #7 moved"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"wanted": 45}, ["→ The ledger wants 45: +5 is to be pushed."]),
        ({"wanted": 45, "stopped": 5}, ["! The ledger wants 45; the brake holds back +5."]),
        ({"wanted": None}, ["! The ledger has no number for it, so nothing is pushed."]),
        ({"suspected": 2, "outside": 2}, ["~ An edit of +2 was seen once, and waits to be seen again."]),
        ({"outside": -2}, ["! The last reading lies -2 outside what it should show."]),
        ({"settled": Bounds(38, 40)}, ["~ At the beginning it was 38 to 40; the higher counts, so none too many are sold."]),
    ],
)  # fmt: skip
def test_what_stands_beside_the_sum(changes: dict[str, Any], said: list[str]) -> None:
    assert list(remarks(row(**changes))) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "= 40 should show"),
        ({"condition": "held", "reason": "archived"}, "! held: archived"),
        ({"condition": "out", "reason": "a draft"}, "not synced: a draft"),
        (
            {"condition": "settling", "should_show": None, "settled": None, "readings": 2},
            "~ settling, read 2 times",
        ),
        (
            {
                "condition": "settling",
                "should_show": None,
                "settled": Bounds(3, 9),
                "reason": "an order came late",
            },
            "~ settling: an order came late, read 1 times; at T0 3 to 9",
        ),
        ({"master": "shopify"}, "← Shopify is master: its number is taken over, nothing is pushed"),
    ],
)
def test_where_a_row_stands(changes: dict[str, Any], said: str) -> None:
    assert standing_words(row(**changes)) == said
