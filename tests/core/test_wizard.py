"""The steps in order, what blocks each, what going back keeps, and what a later answer reopens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.wizard import (
    STEPS,
    Answer,
    Answers,
    Back,
    GoTo,
    Next,
    Step,
    WizardEvent,
    WizardFacts,
    WizardState,
    advance,
    blocks_of,
    nothing_to_ask,
    rail,
    recommended_copy,
)

ORDER = list(STEPS)
MANY = WizardFacts(duplicate_groups=14, locations=3, warehouses=2, linked=2, sumtracker_masters=2, plan="p1")
SMALL = WizardFacts(locations=1, warehouses=1, linked=1, sumtracker_masters=1, plan="p1")


def walk(facts: WizardFacts, *events: WizardEvent, state: WizardState | None = None) -> WizardState:
    state = state or WizardState()
    for event in events:
        state = advance(state, event, facts)
    return state


def statuses(state: WizardState, facts: WizardFacts) -> dict[str, str]:
    return {line.step: line.status for line in rail(state, facts)}


SAID = (Answer(direction="sumtracker"), Next(), Answer(copy=True), Next())


def test_all_the_way_through() -> None:
    state = walk(MANY, *SAID, Next(), Next())
    assert state.at == "review"
    assert walk(MANY, Next(), state=state).at == "review"
    state = walk(MANY, Answer(reviewed="p1"), Next(), state=state)
    assert state.at == "turn_on"
    assert blocks_of("turn_on", state.answers, MANY) == ()
    assert [line.title for line in rail(state, MANY)] == [
        "Direction", "Copy inventory", "Duplicate SKUs", "Location mapping", "Review", "Turn on"
    ]  # fmt: skip
    assert list(statuses(state, MANY).values()) == ["done"] * 5 + ["to_do"]
    assert walk(MANY, Next(), state=state) == state


def test_steps_with_nothing_to_ask_say_so_and_pass() -> None:
    state = walk(SMALL, *SAID)
    assert state.at == "review"
    lines = {line.step: line for line in rail(state, SMALL)}
    assert (lines["duplicates"].status, lines["mapping"].status) == ("nothing_to_ask", "nothing_to_ask")
    assert lines["duplicates"].text == "No two listings in scope share a SKU."
    assert walk(SMALL, Back(), state=state).at == "copy"
    assert walk(SMALL, GoTo("mapping"), state=state).at == "mapping"


def test_where_shopify_is_master_there_is_nothing_to_copy() -> None:
    shopify = replace(MANY, sumtracker_masters=0)
    assert walk(shopify, Answer(direction="shopify"), Next()).at == "duplicates"
    unlinked = replace(MANY, linked=0, sumtracker_masters=0)
    assert walk(unlinked, Answer(direction="shopify"), Next()).at == "duplicates"
    assert walk(MANY, Answer(direction="shopify"), Next()).at == "copy"


@pytest.mark.parametrize(
    ("step", "answers", "facts", "count"),
    [
        ("direction", Answers(), MANY, 1),
        ("direction", Answers("shopify"), MANY, 0),
        ("copy", Answers("sumtracker"), MANY, 1),
        ("copy", Answers("sumtracker", True), replace(MANY, unknown_skus=4, promised_before=2), 0),
        ("copy", Answers("sumtracker", False), replace(MANY, unknown_skus=4, promised_before=2), 2),
        ("copy", Answers("sumtracker", False, "hold", False), replace(MANY, unknown_skus=4, promised_before=2), 0),
        ("copy", Answers("shopify"), replace(MANY, sumtracker_masters=0), 0),
        ("duplicates", Answers(), replace(MANY, to_decide=4), 1),
        ("duplicates", Answers(), replace(MANY, splits_pending=1), 1),
        ("duplicates", Answers(copy=True), replace(MANY, unanswered_groups=1), 1),
        ("duplicates", Answers(copy=False), replace(MANY, unanswered_groups=1), 0),
        ("mapping", Answers(), replace(MANY, unsaid_locations=1), 1),
        ("mapping", Answers(), replace(MANY, linked=0), 1),
        ("mapping", Answers(copy=True), replace(MANY, counts_unanswered=1), 1),
        ("mapping", Answers(copy=False), replace(MANY, counts_unanswered=1), 0),
        ("review", Answers("sumtracker", True, reviewed="p1"), MANY, 0),
        ("review", Answers("sumtracker", True, reviewed="p0"), MANY, 1),
        ("review", Answers("sumtracker", True, reviewed="p1"), replace(MANY, plan=""), 1),
        ("review", Answers("sumtracker", True, reviewed="p1"), replace(MANY, from_sumtracker=True), 1),
        ("review", Answers("sumtracker", True, None, None, True, "p1"), replace(MANY, from_sumtracker=True), 0),
        ("review", Answers("sumtracker", True, reviewed="p1"), replace(MANY, blocks=("No scope.",)), 1),
        ("review", Answers("sumtracker", True, reviewed="p1"), replace(MANY, to_decide=1), 1),
        ("turn_on", Answers("sumtracker", True, reviewed="p1"), MANY, 0),
        ("turn_on", Answers("sumtracker", True, reviewed="p0"), replace(MANY, to_decide=1), 2),
    ],
)  # fmt: skip
def test_what_blocks_going_on(step: Step, answers: Answers, facts: WizardFacts, count: int) -> None:
    blocks = blocks_of(step, answers, facts)
    assert len(blocks) == count
    assert all(block.endswith(".") for block in blocks)
    state = WizardState(step, answers, frozenset(ORDER[: ORDER.index(step)]))
    moved = advance(state, Next(), facts) != state
    assert moved is (not blocks and step != "turn_on")


def test_a_later_answer_reopens_an_earlier_step_and_marks_it() -> None:
    state = walk(MANY, *SAID, Next(), Next(), Answer(reviewed="p1"), Next())
    mapped_anew = replace(MANY, unanswered_groups=2, plan="p2")
    assert statuses(state, mapped_anew) == {
        "direction": "done",
        "copy": "done",
        "duplicates": "reopened",
        "mapping": "done",
        "review": "reopened",
        "turn_on": "to_do",
    }
    assert state.answers == Answers("sumtracker", True, reviewed="p1")
    assert blocks_of("turn_on", state.answers, mapped_anew)
    back = walk(mapped_anew, GoTo("duplicates"), state=state)
    assert back.at == "duplicates"
    assert walk(mapped_anew, Next(), state=back).at == "duplicates"
    assert walk(mapped_anew, GoTo("turn_on"), state=back).at == "duplicates"
    assert walk(mapped_anew, GoTo("review"), state=back).at == "review"


def test_saying_it_anew_changes_only_that() -> None:
    state = walk(
        MANY, Answer(direction="sumtracker", copy=False), Answer(unknown="hold", promised_included=False)
    )
    assert walk(MANY, Answer(copy=True), state=state).answers == Answers("sumtracker", True, "hold", False)
    assert (
        walk(MANY, Answer(sumtracker_off=True), Answer(sumtracker_off=False), state=state).answers
        == state.answers
    )


def test_steps_not_reached_stay_closed() -> None:
    assert walk(MANY, GoTo("mapping")).at == "direction"
    assert walk(MANY, Answer(direction="sumtracker"), Next(), GoTo("direction"), GoTo("copy")).at == "copy"
    assert walk(MANY, Back()).at == "direction"


def test_whether_to_copy_is_recommended() -> None:
    assert recommended_copy(SMALL)[0]
    assert recommended_copy(replace(SMALL, first_store=False))[0]
    yes, why = recommended_copy(replace(SMALL, first_store=False, counted_skus=1203))
    assert not yes
    assert why.startswith("1,203 SKUs are counted already")
    assert recommended_copy(replace(SMALL, first_store=False, counted_skus=1203, synced_before=True))[0]


EVENTS = st.lists(
    st.one_of(
        st.just(Next()),
        st.just(Back()),
        st.sampled_from(ORDER).map(GoTo),
        st.sampled_from(["sumtracker", "shopify"]).map(lambda master: Answer(direction=master)),  # type: ignore[arg-type]
        st.booleans().map(lambda copy: Answer(copy=copy)),
        st.sampled_from(["p1", "p2"]).map(lambda plan: Answer(reviewed=plan)),
    ),
    max_size=30,
)
FACTS = st.builds(
    WizardFacts,
    duplicate_groups=st.integers(0, 2),
    to_decide=st.integers(0, 1),
    locations=st.integers(1, 2),
    warehouses=st.integers(0, 1),
    linked=st.integers(0, 1),
    sumtracker_masters=st.integers(0, 1),
    plan=st.sampled_from(["p1", "p2"]),
)


@given(st.lists(st.tuples(EVENTS, FACTS), max_size=4))
def test_no_walk_loses_an_answer_or_turns_on_past_a_block(
    walks: list[tuple[list[WizardEvent], WizardFacts]],
) -> None:
    state = WizardState()
    for events, facts in walks:
        for event in events:
            before, state = state, advance(state, event, facts)
            if not isinstance(event, Answer):
                assert state.answers == before.answers
            assert before.passed <= state.passed
            if state.at == "turn_on" and before.at != "turn_on":
                assert not any(blocks_of(step, state.answers, facts) for step in STEPS)
            lines = rail(state, facts)
            assert [line.here for line in lines].count(True) == 1
            for line in lines:
                assert (line.status == "nothing_to_ask") <= bool(
                    nothing_to_ask(line.step, state.answers, facts)
                )
                assert line.status != "done" or not line.blocks
