"""The wizard through the doorway: kept answer by answer, resumed after a crash, two agents, the plan for the answers as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supportdesk.core.duplicates import Choice
from supportdesk.core.progress import Unwatched
from supportdesk.core.wizard import Answer, Answers, Back, GoTo, Next, WizardEvent
from supportdesk.desk import Desk, duplicates, going_live, plans
from supportdesk.desk.wizard_view import WizardView
from supportdesk.errors import Conflict, Refused
from supportdesk.ledger.file import open_ledger
from supportdesk.settings import Settings
from tests.catalogs import Clock, level, listing
from tests.cli.commands import dump
from tests.desk.stocked import DEPOT_PLACE, LEVELS, LISTINGS, MAIN_ST, link, load, stocked_desk, write
from tests.desk.test_plans import SCOPES


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = stocked_desk(tmp_path / "a home")
    write(desk, ("UPDATE channel SET scopes = ?", (SCOPES,)))
    return desk


class Person:
    """Somebody at a keyboard, who may come to be another."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def is_now(self, name: str) -> None:
        self._monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: name)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person(monkeypatch)
    person.is_now("mia")
    return person


def say(desk: Desk, *events: WizardEvent) -> WizardView:
    view = going_live.open_wizard(desk, "outdoor")
    for event in events:
        view = going_live.answer(desk, "outdoor", event, seen=view.revision)
    return view


def events_of(desk: Desk) -> list[tuple[str, str]]:
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        return [
            (row["who"], row["detail"])
            for row in ledger.rows("SELECT who, detail FROM event WHERE kind = 'wizard' ORDER BY id")
        ]


def test_all_the_way_to_turn_on(desk: Desk, person: Person) -> None:
    view = say(desk)
    assert (view.state.at, view.revision, view.answered_by, view.at_work) == ("direction", 0, "", "")
    assert view.recommended_copy[0] is True
    view = say(desk, Answer(direction="sumtracker"), Next(), Answer(copy=True), Next(), Next())
    assert view.state.at == "duplicates"
    assert (view.groups.groups, view.groups.decided) == (1, 0)
    duplicates.decide_now(desk, "outdoor", Choice("shared", "oldest"), ["TENT"])
    view = say(desk, Next(), Next(), Next())
    assert view.state.at == "review"
    assert (view.groups.decided, view.groups.effect.units_before, view.groups.effect.units_after) == (
        1,
        41,
        68,
    )
    assert view.facts.plan == ""
    made = plans.make_plan(desk, "outdoor", watch=Unwatched())
    assert made.copies is True
    assert made.blocked == ()
    view = say(desk)
    assert (view.plan_id, view.facts.plan) == (made.id, made.fingerprint)
    view = say(desk, Next(), Answer(reviewed=made.fingerprint), Next())
    assert view.state.at == "turn_on"
    assert [line.status for line in view.rail] == ["done"] * 5 + ["to_do"]
    assert (view.answered_by, view.answered_at) == ("mia", desk.now())
    assert events_of(desk) == [
        ("mia", "Sumtracker master"),
        ("mia", "went on to Copy inventory"),
        ("mia", "copy the store's counts"),
        ("mia", "went on to Duplicate SKUs"),
        ("mia", "went on to Location mapping"),
        ("mia", "went on to Review"),
        ("mia", "looked at the plan and accepted it"),
        ("mia", "went on to Turn on"),
    ]


def test_a_later_decision_reopens_review_and_takes_the_plan_away(desk: Desk, person: Person) -> None:
    test_all_the_way_to_turn_on(desk, person)
    duplicates.decide_now(desk, "outdoor", Choice("shared", "sum"), ["TENT"])
    view = say(desk)
    assert (view.plan_id, view.facts.plan) == (None, "")
    assert {line.step: line.status for line in view.rail}["review"] == "reopened"
    made = plans.make_plan(desk, "outdoor", watch=Unwatched())
    assert say(desk).plan_id == made.id
    view = say(desk, GoTo("copy"), Answer(copy=False))
    assert view.plan_id is None, "the plan was made for other answers"
    assert {line.step: line.status for line in view.rail}["copy"] == "reopened"


def test_it_is_where_it_was_left_when_it_is_opened_again(desk: Desk, person: Person) -> None:
    said = Answer(copy=False, unknown="hold", promised_included=False, sumtracker_off=True)
    view = say(desk, Answer(direction="sumtracker"), Next(), said, Next(), Back())
    elsewhere = Desk(desk.home, desk.settings, now=Clock())
    again = going_live.open_wizard(elsewhere, "outdoor")
    assert again == view
    assert again.state.at == "copy"
    assert again.state.answers == Answers("sumtracker", False, "hold", False, True)


def test_what_changes_nothing_keeps_nothing(desk: Desk, person: Person) -> None:
    view = say(desk, Answer(direction="sumtracker"))
    count = len(events_of(desk))
    assert say(desk, Answer(direction="sumtracker"), Back(), GoTo("review")).revision == view.revision
    assert len(events_of(desk)) == count


def test_two_agents(desk: Desk, person: Person) -> None:
    assert going_live.at_work(desk, "outdoor") == ""
    seen = say(desk, Answer(direction="sumtracker")).revision
    person.is_now("zoe")
    assert going_live.open_wizard(desk, "outdoor").at_work == "mia"
    assert going_live.at_work(desk, "outdoor") == "mia"
    before = dump(desk.home.root)
    with pytest.raises(Conflict, match="mia is at work"):
        going_live.answer(desk, "outdoor", Next(), seen=seen)
    with pytest.raises(Refused, match="type outdoor"):
        going_live.take_over(desk, "outdoor", "Outdoor")
    assert dump(desk.home.root) == before
    view = going_live.take_over(desk, "outdoor", "outdoor")
    assert view.at_work == ""
    view = going_live.answer(desk, "outdoor", Next(), seen=view.revision)
    assert view.state.at == "copy"
    person.is_now("mia")
    with pytest.raises(Conflict, match="zoe is at work"):
        going_live.answer(desk, "outdoor", Answer(copy=True), seen=seen)
    assert isinstance(desk.now, Clock)
    desk.now.pass_by(seconds=120)
    with pytest.raises(Conflict, match="zoe answered at 2026-11-23 12:00 UTC: went on to Copy inventory"):
        going_live.answer(desk, "outdoor", Answer(copy=True), seen=seen)
    assert events_of(desk)[1] == ("zoe", "took over from mia")


def test_who_leaves_makes_room_and_nobody_else_does(desk: Desk, person: Person) -> None:
    going_live.at_work(desk, "outdoor")
    person.is_now("zoe")
    going_live.leave(desk, "outdoor")
    assert going_live.at_work(desk, "outdoor") == "mia"
    person.is_now("mia")
    going_live.leave(desk, "outdoor")
    person.is_now("zoe")
    assert going_live.at_work(desk, "outdoor") == ""
    assert say(desk).revision == 0


def test_read_only_looks_and_says_nothing(desk: Desk, person: Person) -> None:
    looking = Desk(desk.home, Settings(keyring=False, read_only=True), now=desk.now)
    before = dump(desk.home.root)
    assert going_live.open_wizard(looking, "outdoor").revision == 0
    assert going_live.at_work(looking, "outdoor") == ""
    going_live.leave(looking, "outdoor")
    asked: list[Callable[[], object]] = [
        lambda: going_live.answer(looking, "outdoor", Next(), seen=0),
        lambda: going_live.take_over(looking, "outdoor", "outdoor"),
    ]
    for refused in asked:
        with pytest.raises(Refused, match="read-only"):
            refused()
    assert dump(desk.home.root) == before


def test_a_channel_that_is_on_is_not_turned_on(desk: Desk, person: Person) -> None:
    write(desk, ("UPDATE channel SET sync = 'on' WHERE handle = 'outdoor'", ()))
    with pytest.raises(Refused, match="synced already"):
        say(desk, Answer(direction="sumtracker"))
    assert events_of(desk) == []


def test_the_numbers_a_step_shows(desk: Desk, person: Person) -> None:
    write(desk, ("INSERT INTO stock VALUES ('MUG', 1, 7, 0, 0, 1), ('MUG', 2, 7, 0, 0, 1)", ()))
    write(
        desk,
        (
            "UPDATE store_level SET committed = 3, on_hand = available + 5 WHERE item_id = 1003 AND channel_id = 1",
            (),
        ),
    )
    view = say(desk)
    facts = view.facts
    assert (facts.counted_skus, facts.unknown_skus, facts.promised_before) == (1, 7, 6)
    assert (facts.duplicate_groups, facts.to_decide, facts.linked, facts.warehouses) == (1, 1, 2, 3)
    assert [
        (place.location, place.warehouse, place.master, place.rows, tuple(place.proof))
        for place in view.places
    ] == [
        ("Depot", "DEPOT", "sumtracker", 2, (9, 3, 2, 4)),
        ("Main St", "MAIN", "sumtracker", 10, (104, 3, 2, 99)),
    ]
    write(desk, ("UPDATE channel SET sync = 'on' WHERE handle = 'outlet'", ()))
    copies, because = say(desk).recommended_copy
    assert copies is False
    assert "1 SKU is" in because
    link(desk, "outdoor", DEPOT_PLACE, 2, "shopify")
    assert say(desk, Answer(direction="sumtracker")).other_masters == ("Depot",)


def test_a_new_load_is_seen_by_the_steps(desk: Desk, person: Person) -> None:
    say(desk, Answer(direction="sumtracker"), Next(), Answer(copy=True), Next())
    load(desk, "outdoor", [*LISTINGS, listing(50, "MUG")], [*LEVELS, level(50, MAIN_ST, 2)])
    write(desk, ("UPDATE channel SET scopes = ?", (SCOPES,)))
    assert say(desk).facts.duplicate_groups == 2


def test_readiness_and_a_real_sumtracker_account_block_review(desk: Desk, person: Person) -> None:
    write(
        desk,
        ("UPDATE channel SET scopes = 'read_products' WHERE handle = 'outdoor'", ()),
        ("UPDATE ledger SET imported_from_sumtracker_at = '2026-11-22T10:00:00+00:00'", ()),
        ("INSERT INTO bundle_line VALUES ('KIT', 'NOBODY-KNOWS', 1)", ()),
    )
    blocks = {line.step: line.blocks for line in say(desk).rail}["review"]
    for words in ("read_inventory", "NOBODY-KNOWS", "sync is off in Sumtracker itself"):
        assert any(words in text for text in blocks), (words, blocks)
    made = plans.make_plan(desk, "outdoor", copies=True, watch=Unwatched())
    assert {block.code for block in made.blocked} >= {"scope_missing", "not_ready", "sumtracker_on"}
    say(desk, Answer(sumtracker_off=True))
    made = plans.make_plan(desk, "outdoor", copies=True, watch=Unwatched())
    assert "sumtracker_on" not in {block.code for block in made.blocked}


def test_another_ledgers_claim_blocks(desk: Desk, person: Person) -> None:
    claim = '{"ledger":"other","host":"desk-2","person":"ann","since":"2026-11-22T10:00:00+00:00"}'
    write(
        desk,
        (
            "INSERT INTO channel_sync (channel_id, commit_lag, visibility, claim) VALUES (1, 10, 60, ?)",
            (claim,),
        ),
    )
    assert any("desk-2 by ann" in text for text in say(desk).facts.blocks)
    made = plans.make_plan(desk, "outdoor", copies=True, watch=Unwatched())
    assert "claimed" in {block.code for block in made.blocked}
