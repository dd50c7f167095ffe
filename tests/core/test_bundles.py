"""How many of a bundle there are, what limits it, and which bundles there cannot be."""

from __future__ import annotations

import pytest

from supportdesk.core.bundles import (
    BundleChanged,
    BundleEffect,
    BundleLine,
    Component,
    bundle_numbers,
    refused_line,
    refused_lines,
)
from supportdesk.core.stock import number_pushed


@pytest.mark.parametrize(
    ("parts", "available", "limited_by"),
    [
        ([(3, 50), (2, 60)], 16, {"C0"}),
        ([(6, 100)], 16, {"C0"}),
        ([(1, 80), (1, 60), (1, 100)], 60, {"C1"}),
        ([(2, 5), (1, 2)], 2, {"C0", "C1"}),
        ([(1, 0), (1, 9)], 0, {"C0"}),
        ([(2, -3), (1, 9)], -2, {"C0"}),
        ([(2, 1)], 0, {"C0"}),
        ([(1, None), (1, 0)], None, {"C0"}),
        ([], None, set()),
    ],
)
def test_the_fewest_bundles_decide(
    parts: list[tuple[int, int | None]], available: int | None, limited_by: set[str]
) -> None:
    numbers = bundle_numbers([Component(f"C{place}", *part) for place, part in enumerate(parts)])
    assert numbers.available == available
    assert numbers.limited_by == limited_by


@pytest.mark.parametrize(
    ("parts", "available", "to_sell"),
    [
        ([Component("A", 1, 8, 8), Component("B", 1, 20)], 8, 0),
        ([Component("A", 1, 9, 8), Component("B", 1, 20)], 9, 9),
        ([Component("A", 2, -3), Component("B", 1, 20)], -2, 0),
        ([Component("A", 1, None, 3)], None, None),
    ],
)
def test_a_closed_component_closes_its_bundles(
    parts: list[Component], available: int | None, to_sell: int | None
) -> None:
    numbers = bundle_numbers(parts)
    assert (numbers.available, numbers.to_sell) == (available, to_sell)
    assert number_pushed(numbers.to_sell) == to_sell


@pytest.mark.parametrize(
    ("bundle", "component", "said"),
    [
        ("KIT", "ROPE", ""),
        ("KIT", "KIT", "itself"),
        ("KIT", "SET", "SET is itself a bundle"),
        ("ROPE-IN", "ROPE", "ROPE-IN is itself a component"),
        (" ", " ", '" " cannot be a component of itself'),
    ],
)
def test_bundles_within_bundles_are_refused(bundle: str, component: str, said: str) -> None:
    reason = refused_line(bundle, component, bundles={"SET"}, components={"ROPE-IN"})
    assert said in reason
    assert bool(reason) == bool(said)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], ""),
        ([BundleLine("MUG", 1), BundleLine("mug", 100)], ""),
        ([BundleLine("MUG", 0)], "1 or more"),
        ([BundleLine("MUG", -1)], "1 or more"),
        ([BundleLine("MUG", 101)], "at most 100"),
        ([BundleLine("MUG", 1), BundleLine("TENT", 1), BundleLine("MUG", 2)], "MUG is named twice"),
        ([BundleLine("M ", 1), BundleLine("M ", 1)], 'The component "M " is named twice'),
        ([BundleLine(" ", 0)], '0 of " " is not that'),
    ],
)
def test_lines_that_a_bundle_may_have(lines: list[BundleLine], why: str) -> None:
    said = refused_lines("KIT", lines, 100)
    assert why in said
    assert bool(why) == bool(said)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ((), (BundleLine("MUG", 2),), "KIT is now 2 × MUG. Available: MAIN unknown → 7."),
        ((BundleLine("MUG", 2),), (), "KIT is no bundle any more. Available: MAIN unknown → 7."),
        ((BundleLine("MUG", 2),), (BundleLine("MUG", 2),), "KIT is as it was: 2 × MUG."),
    ],
)
def test_what_is_said_of_a_change(
    before: tuple[BundleLine, ...], after: tuple[BundleLine, ...], text: str
) -> None:
    effects = (BundleEffect("MAIN", None, 7, ()),)
    assert BundleChanged("KIT", "Weekend kit", before, after, effects, ()).text == text
    assert BundleChanged("KIT", "", (), after, (), ()).text.count("Available") == 0


def test_a_sku_of_blanks_is_seen_in_what_is_said() -> None:
    lines = (BundleLine("  ", 2), BundleLine("A ", 1))
    assert BundleChanged(" K", "", (), lines, (), ()).text == '" K" is now 2 × "  ", 1 × "A ".'
