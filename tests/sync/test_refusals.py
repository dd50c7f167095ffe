"""Rows that the store refuses among others that it would write: the bad one is held by name, the rest goes on, whatever the code and whoever it names (PROTOCOL §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from supportdesk.core.looks import AdjustAnswer, Change, RefusedRow
from supportdesk.core.progress import Watch
from supportdesk.shopify.adjust import REFUSALS
from tests.shops import MAIN, level, listing
from tests.sync.histories import broken_identities
from tests.sync.test_engine import Desk

ROWS: Final = 12
BAD: Final = (2005, MAIN.id)
BURNT: Final = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A dozen listings of one SKU, live: one order makes eleven writes."""
    numbers = range(1, ROWS + 1)
    made = Desk(
        tmp_path,
        [listing(number, "A-1", handle=f"l-{number}") for number in numbers],
        [level(number, MAIN, 40) for number in numbers],
    )
    made.go_live()
    return made


def nameless(desk: Desk) -> None:
    """From now on the store says why it refuses, and not which row."""
    named = desk.store.adjust

    def adjust(changes: Sequence[Change], key: str, reference: str, watch: Watch) -> AdjustAnswer:
        answer = named(changes, key, reference, watch)
        return replace(answer, refused=tuple(row._replace(position=None) for row in answer.refused))

    desk.store.adjust = adjust  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("code", "names"),
    [*((code, True) for code in sorted(REFUSALS - {BURNT})), ("NON_MUTABLE_INVENTORY_ITEM", False)],
)
def test_one_bad_row_is_held_and_the_others_are_written(desk: Desk, code: str, names: bool) -> None:
    desk.store.refuses[BAD] = code
    if not names:
        nameless(desk)
    desk.order(1, 2)
    desk.cycles(40)
    shown = {item: desk.shows((item, MAIN.id)) for item in desk.shop.items}
    assert shown == {item: 40 if item == BAD[0] else 38 for item in shown}
    assert desk.reasons() == {BAD: ("held", "refused")}
    assert "cannot be adjusted" in desk.row(BAD).state.reason
    assert len({key for _, _, key in desk.store.written}) == len(
        desk.ledger.rows("SELECT 1 FROM push WHERE state = 'done'")
    )
    # The next change goes round it, and it is tried again by nobody.
    desk.store.requests.clear()
    desk.move(5)
    desk.cycles(40)
    assert desk.shows((2001, MAIN.id)) == 43
    assert desk.store.requests.count("adjust") == 1


def test_a_burnt_key_is_replaced_and_no_row_held(desk: Desk) -> None:
    asked = desk.store.adjust
    keys: list[str] = []

    def adjust(changes: Sequence[Change], key: str, reference: str, watch: Watch) -> AdjustAnswer:
        keys.append(key)
        if len(keys) == 1:
            refused = (RefusedRow(None, BURNT, "A previous request failed."),)
            return AdjustAnswer("refused", desk.second(), 0.1, refused)
        return asked(changes, key, reference, watch)

    desk.store.adjust = adjust  # type: ignore[method-assign]
    desk.order(1, 2)
    desk.cycles(40)
    assert desk.reasons() == {}
    assert {desk.shows((item, MAIN.id)) for item in desk.shop.items} == {38}
    assert len(set(keys)) == len(keys) == 2


def test_a_store_that_burns_every_key_does_not_keep_a_cycle_for_good(desk: Desk) -> None:
    refused = (RefusedRow(None, BURNT, "A previous request failed."),)
    calls: list[int] = []

    def adjust(changes: Sequence[Change], key: str, reference: str, watch: Watch) -> AdjustAnswer:
        calls.append(len(changes))
        assert len(calls) < 1000
        return AdjustAnswer("refused", desk.second(), 0.1, refused)

    desk.store.adjust = adjust  # type: ignore[method-assign]
    desk.order(1, 2)
    desk.live(30)
    result = desk.engine.cycle()
    assert result.unsettled == 1
    assert result.next_due is not None
    assert result.next_due > desk.second()
    assert broken_identities(desk.ledger) == []


def test_what_leaves_it_open_is_sent_again_with_its_key_and_holds_nobody(desk: Desk) -> None:
    asked = desk.store.adjust
    keys: list[str] = []

    def adjust(changes: Sequence[Change], key: str, reference: str, watch: Watch) -> AdjustAnswer:
        keys.append(key)
        answer = asked(changes, key, reference, watch)
        return replace(answer, outcome="unknown") if len(keys) < 3 else answer

    desk.store.adjust = adjust  # type: ignore[method-assign]
    desk.order(1, 2)
    desk.cycles(60)
    assert len(set(keys)) == 1
    assert desk.reasons() == {}
    assert {desk.shows((item, MAIN.id)) for item in desk.shop.items} == {38}
