"""Duplicate groups through the doorway: listed, decided, contested, judged again after a load."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.catalog import Location
from supportdesk.core.duplicates import (
    Choice,
    DuplicateGroup,
    DuplicatesSummary,
    Effect,
    FourNumbers,
    GroupOrder,
    shared_by,
)
from supportdesk.desk import duplicates, stock
from supportdesk.errors import Conflict, NotLoaded, Refused, SupportdeskError, UnknownName, WrongUsage
from supportdesk.ledger.duplicates import recount_groups
from supportdesk.settings import load_settings
from tests.catalogs import level, listing
from tests.desk.inspected import CHANNEL, Inspected

TENT = [
    listing(1, "TENT", "Ridge tent"),
    listing(2, "TENT", "Ridge tent (sale)"),
    listing(3, "TENT", "Bundle deal"),
]
TENT_LEVELS = [level(1, 1, 31), level(1, 2, 6), level(2, 1, 4), level(2, 2, 6), level(3, 1, 9)]
MUG = [listing(11, "MUG", "Mug"), listing(12, "MUG", "Mug")]
MUG_LEVELS = [level(11, 1, 40), level(12, 1, 40)]
PAN = [listing(21, "PAN"), listing(22, "PAN", item=1021)]
PAN_LEVELS = [level(21, 1, 5)]
ROPE = [listing(31, "ROPE", "Rope 30 m"), listing(32, "ROPE", "Rope 60 m")]
ROPE_LEVELS = [level(31, 1, 7), level(32, 1, 8)]
OLD = [listing(41, "OLD"), listing(42, "OLD", status="ARCHIVED")]
REST = [listing(51, "mug "), listing(52, "STOVE"), listing(53, ""), listing(54, "")]

LISTINGS = [*TENT, *MUG, *PAN, *ROPE, *OLD, *REST]
LEVELS = [*TENT_LEVELS, *MUG_LEVELS, *PAN_LEVELS, *ROPE_LEVELS]

OLDEST, SPLIT, OUT = Choice("shared", "oldest"), Choice("split"), Choice("left_out")


@pytest.fixture
def inspected(tmp_path: Path) -> Inspected:
    inspected = Inspected(tmp_path / "home")
    inspected.load(LISTINGS, LEVELS)
    return inspected


def skus(inspected: Inspected, **how: object) -> list[str]:
    with duplicates.open_groups(inspected.desk, CHANNEL, **how) as table:  # type: ignore[arg-type]
        return [group.sku for group in table.window(0, 100)]


def decide(inspected: Inspected, choice: Choice | None, *wanted: str) -> int:
    return duplicates.decide_now(inspected.desk, CHANNEL, choice, wanted)


def test_the_first_line_and_the_list(inspected: Inspected) -> None:
    assert duplicates.summary(inspected.desk, CHANNEL) == DuplicatesSummary(5, 2, 3, 1)
    with duplicates.open_groups(inspected.desk, CHANNEL) as table:
        assert table.count == 5
        groups = table.window(0, 100)
        assert groups == (*table.window(0, 2), *table.window(2, 2), *table.window(4, 2))
        assert table.window(5, 10) == ()
    assert [group.sku for group in groups] == ["TENT", "ROPE", "MUG", "OLD", "PAN"]
    tent, _, mug, _, pan = groups
    assert tent.numbers == FourNumbers(37, 10, 37, 56)
    assert (tent.title, tent.listings, tent.in_scope, tent.agrees) == ("Ridge tent", 3, 3, False)
    assert (tent.needs_decision, tent.pre_marked, tent.decision, tent.to_decide) == (True, False, None, True)
    assert (mug.pre_marked, mug.agrees, mug.look_alikes) == (True, True, 1)
    assert (pan.needs_decision, pan.numbers.sum, pan.to_decide) == (False, 5, False)


@pytest.mark.parametrize(
    ("order", "found", "descending"),
    [
        ("worst", "TENT ROPE MUG OLD PAN", "OLD PAN MUG ROPE TENT"),
        ("sku", "MUG OLD PAN ROPE TENT", "TENT ROPE PAN OLD MUG"),
        ("listings", "MUG OLD PAN ROPE TENT", "TENT MUG OLD PAN ROPE"),
        ("sum", "OLD PAN ROPE TENT MUG", "MUG TENT ROPE PAN OLD"),
        ("lowest", "OLD PAN ROPE TENT MUG", "MUG TENT ROPE PAN OLD"),
        ("highest", "OLD PAN ROPE TENT MUG", "MUG TENT ROPE PAN OLD"),
        ("oldest", "OLD PAN ROPE TENT MUG", "MUG TENT ROPE PAN OLD"),
    ],
)
def test_orders(inspected: Inspected, order: GroupOrder, found: str, descending: str) -> None:
    assert skus(inspected, order=order, descending=False) == found.split()
    assert skus(inspected, order=order, descending=True) == descending.split()
    usual = found if order in ("worst", "sku") else descending
    assert skus(inspected, order=order) == usual.split()


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"show": "to_decide"}, ["TENT", "ROPE", "MUG"]),
        ({"show": "disagree"}, ["TENT", "ROPE"]),
        ({"text": "tent"}, ["TENT", "MUG"]),
        ({"text": "TeNt", "show": "disagree"}, ["TENT"]),
        ({"text": "bundle DEAL"}, ["TENT"]),
        ({"text": "%"}, []),
        ({"text": "_"}, []),
        ({"text": "'; DROP TABLE listing; --"}, []),
    ],
)
def test_filters(tmp_path: Path, how: dict[str, object], found: list[str]) -> None:
    inspected = Inspected(tmp_path / "home")
    renamed = [each._replace(title="Mug for tents") if each.sku == "MUG" else each for each in LISTINGS]
    inspected.load(
        [each._replace(title="Pot") if each.sku in ("PAN", "OLD") else each for each in renamed], LEVELS
    )
    assert skus(inspected, **how) == found


@pytest.mark.parametrize("text", ["X" * 60_000, "É" * 60_000, "%" * 60_000, "\udcff"])
def test_no_filter_is_too_long_or_too_strange(inspected: Inspected, text: str) -> None:
    """SQLite takes patterns of 50,000 characters, and no text with half a surrogate pair in it."""
    assert skus(inspected, text=text) == []
    assert duplicates.effect_of(inspected.desk, CHANNEL, OUT, None, text=text).groups == 0
    if text.isprintable():  # of the other one stock says that it is no text
        with stock.open_stock(inspected.desk, CHANNEL, text=text) as rows:
            assert list(rows.window(0, 10)) == []


def test_text_beyond_ascii_is_found_whatever_its_case(tmp_path: Path) -> None:
    inspected = Inspected(tmp_path / "home")
    inspected.load([listing(1, "ÖL-1", "Größe"), listing(2, "ÖL-1", "Größe")], [])
    assert skus(inspected, text="öl") == skus(inspected, text="GRÖSSE") == ["ÖL-1"]


def test_a_table_may_go_from_thread_to_thread_and_shows_later_decisions(inspected: Inspected) -> None:
    with duplicates.open_groups(inspected.desk, CHANNEL) as table:
        decide(inspected, OLDEST, "TENT")
        seen: list[DuplicateGroup] = []
        thread = threading.Thread(target=lambda: seen.extend(table.window(0, 1)))
        thread.start()
        thread.join()
        assert seen[0].sku == "TENT"
        assert seen[0].decision is not None
        inspected.load(ROPE, ROPE_LEVELS)
        assert [group.sku for group in table.window(0, 9)] == ["ROPE"]
        assert table.count == 5
    table.close()


def test_a_group_side_by_side(inspected: Inspected) -> None:
    detail = duplicates.group_detail(inspected.desk, CHANNEL, "TENT")
    assert [each.listing for each in detail.listings] == [
        "tent-1/Default Title", "tent-2/Default Title", "tent-3/Default Title"
    ]  # fmt: skip
    assert [dict(each.levels) for each in detail.listings] == [{1: 31, 2: 6}, {1: 4, 2: 6}, {1: 9}]
    assert [place.name for place in detail.locations] == ["Depot", "Main St"]
    assert detail.counted_locations == {1, 2}
    assert duplicates.group_detail(inspected.desk, CHANNEL, "MUG").look_alikes == ("mug ",)
    old = duplicates.group_detail(inspected.desk, CHANNEL, "OLD")
    assert [each.left_out for each in old.listings] == [None, "archived"]


def test_locations_that_count_come_first(tmp_path: Path) -> None:
    inspected = Inspected(tmp_path / "home")
    places = (Location(1, "Attic", active=False), Location(2, "Depot"))
    inspected.load(TENT, TENT_LEVELS, places)
    detail = duplicates.group_detail(inspected.desk, CHANNEL, "TENT")
    assert [place.name for place in detail.locations] == ["Depot", "Attic"]
    assert detail.counted_locations == {2}
    assert detail.group.numbers == FourNumbers(6, 6, 6, 12)
    assert detail.group.agrees


@pytest.mark.parametrize(
    ("sku", "said", "suggested"),
    [
        ("TENTS", "No listing", "'TENT'"),
        ("tent", "No listing", "'TENT'"),
        ("mug ", "one listing alone", "'MUG'"),
        ("STOVE", "one listing alone", "supportdesk duplicates kestrel"),
        ("zzz", "No listing", "supportdesk duplicates kestrel"),
    ],
)
def test_no_such_group(inspected: Inspected, sku: str, said: str, suggested: str) -> None:
    with pytest.raises(UnknownName) as caught:
        duplicates.group_detail(inspected.desk, CHANNEL, sku)
    assert said in caught.value.detail
    assert suggested in caught.value.next_step


def test_a_decision_is_kept_with_who_when_and_a_note(inspected: Inspected) -> None:
    assert duplicates.decide(inspected.desk, CHANNEL, OLDEST, {"TENT": 0, "ROPE": 0}, note="asked Mia") == 2
    group = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group
    assert group.decision is not None
    assert (group.decision.choice, group.decision.note) == (OLDEST, "asked Mia")
    assert group.decision.at == inspected.clock()
    assert not group.to_decide
    assert skus(inspected) == ["MUG", "OLD", "PAN", "ROPE", "TENT"]
    with inspected.opened() as ledger:
        rows = ledger.rows("SELECT * FROM event WHERE kind = 'decision' ORDER BY id")
    assert [(row["sku"], row["detail"], row["channel"]) for row in rows] == [
        ("ROPE", "shared by oldest", CHANNEL),
        ("TENT", "shared by oldest", CHANNEL),
    ]
    assert group.decision.revision == rows[1]["id"]
    duplicates.decide(inspected.desk, CHANNEL, SPLIT, {"TENT": group.decision.revision})
    again = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group
    assert again.decision is not None
    assert (again.decision.note, again.decision.choice) == ("asked Mia", SPLIT)
    assert again.decision.revision > group.decision.revision


def test_saying_the_same_again_changes_nothing(inspected: Inspected) -> None:
    assert decide(inspected, OLDEST, "TENT") == 1
    before = inspected.dump()
    assert decide(inspected, OLDEST, "TENT") == 0
    assert decide(inspected, None, "ROPE") == 0
    assert inspected.dump() == before


def test_a_decision_is_taken_back(inspected: Inspected) -> None:
    decide(inspected, OLDEST, "TENT")
    assert decide(inspected, None, "TENT") == 1
    group = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group
    assert (group.decision, group.to_decide) == (None, True)
    with inspected.opened() as ledger:
        assert (
            ledger.value("SELECT detail FROM event ORDER BY id DESC")
            == "taken back (it was shared by oldest)"
        )


def test_two_people_decide_one_group(inspected: Inspected) -> None:
    """Whoever saw an older decision writes nothing at all, not even for the groups nobody touched."""
    decide(inspected, OLDEST, "TENT")
    inspected.clock.pass_by(minutes=5)
    before = inspected.dump()
    with pytest.raises(Conflict) as caught:
        duplicates.decide(inspected.desk, CHANNEL, OUT, {"ROPE": 0, "TENT": 0})
    assert "TENT: shared by oldest, said by" in caught.value.detail
    assert "2026-11-23 at 12:00:00 UTC" in caught.value.detail
    assert "ROPE" not in caught.value.detail
    assert "Look at it again" in caught.value.next_step
    assert caught.value.exit_code == 4
    revision = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group.decision.revision  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        duplicates.set_note(inspected.desk, CHANNEL, "TENT", "mine", seen=0)
    with pytest.raises(Conflict):
        duplicates.decide(inspected.desk, CHANNEL, None, {"TENT": revision - 1})
    assert inspected.dump() == before
    decide(inspected, None, "TENT")
    with pytest.raises(Conflict, match="taken back"):
        duplicates.decide(inspected.desk, CHANNEL, OUT, {"TENT": revision})


def test_a_conflict_over_many_names_the_first_few(inspected: Inspected) -> None:
    many = [listing(100 + number, f"S-{number // 2}") for number in range(10)]
    inspected.load(many, [])
    decide(inspected, OUT, *(f"S-{number}" for number in range(5)))
    with pytest.raises(Conflict, match=r"S-2.*; and 2 more"):
        duplicates.decide(inspected.desk, CHANNEL, OLDEST, {f"S-{number}": 0 for number in range(5)})


def test_a_note_is_no_part_of_the_log(inspected: Inspected) -> None:
    decide(inspected, OLDEST, "TENT")
    revision = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group.decision.revision  # type: ignore[union-attr]
    duplicates.set_note(inspected.desk, CHANNEL, "TENT", "the merchant is unsure", seen=revision)
    decision = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group.decision
    assert decision is not None
    assert (decision.note, decision.choice) == ("the merchant is unsure", OLDEST)
    assert decision.revision > revision
    with inspected.opened() as ledger:
        assert not [row for row in ledger.rows("SELECT detail FROM event") if "unsure" in row["detail"]]
    with pytest.raises(Refused, match="not decided"):
        duplicates.set_note(inspected.desk, CHANNEL, "ROPE", "x", seen=0)


NAMED = Choice("shared", "listing", "tent-3/Default Title")


def test_a_named_listing_that_is_not_stocked_everywhere(inspected: Inspected) -> None:
    decide(inspected, NAMED, "TENT")
    group = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group
    assert (group.unanswered, group.decision_holds, group.to_decide) == (True, True, True)
    assert skus(inspected)[0] == "TENT"
    decide(inspected, replace(NAMED, elsewhere="lowest"), "TENT")
    group = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group
    assert (group.unanswered, group.to_decide) == (False, False)


@pytest.mark.parametrize(
    ("choice", "sku", "error", "said"),
    [
        (OLDEST, "STOVE", UnknownName, "no two listings"),
        (OLDEST, "nothing", UnknownName, "no two listings"),
        (OLDEST, "PAN", Refused, "one inventory item"),
        (OLDEST, "OLD", Refused, "fewer than two of its listings are in scope"),
        (Choice("shared", "listing", "rope-9"), "TENT", Refused, "no listing in scope"),
        (Choice("shared", "listing", "tent-31/Default Title"), "TENT", Refused, "no listing in scope"),
        (Choice("shared", "listing"), "TENT", WrongUsage, "named"),
        (Choice("split", "sum"), "TENT", WrongUsage, "count"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    inspected: Inspected, choice: Choice, sku: str, error: type[SupportdeskError], said: str
) -> None:
    before = inspected.dump()
    wanted = [sku] if choice.counts_of == "listing" else ["ROPE", sku]
    calls: list[Callable[[], object]] = [
        lambda: decide(inspected, choice, *wanted),
        lambda: duplicates.effect_of(inspected.desk, CHANNEL, choice, wanted),
    ]
    for call in calls:
        with pytest.raises(error) as caught:
            call()
        assert said in caught.value.detail
        assert caught.value.next_step
    assert inspected.dump() == before


def test_a_listing_out_of_scope_is_no_source(inspected: Inspected) -> None:
    inspected.load([*TENT, listing(4, "TENT", status="DRAFT")], TENT_LEVELS)
    with pytest.raises(Refused, match="tent-4/Default Title"):
        decide(inspected, Choice("shared", "listing", "tent-4/Default Title"), "TENT")


def test_read_only_decides_nothing(inspected: Inspected) -> None:
    before = inspected.dump()
    home = inspected.desk.home
    inspected.desk = replace(inspected.desk, settings=load_settings(home, {}, {"read_only": True}))
    calls: list[Callable[[], object]] = [
        lambda: decide(inspected, OLDEST, "TENT"),
        lambda: duplicates.decide_filtered(inspected.desk, CHANNEL, OLDEST, expected=3),
        lambda: duplicates.accept_pre_marked(inspected.desk, CHANNEL),
        lambda: duplicates.set_note(inspected.desk, CHANNEL, "TENT", "x", 0),
    ]
    for call in calls:
        with pytest.raises(Refused, match="read-only"):
            call()
    assert inspected.dump() == before


def test_the_effect_in_units(inspected: Inspected) -> None:
    def effect(choice: Choice, *wanted: str) -> Effect:
        return duplicates.effect_of(inspected.desk, CHANNEL, choice, wanted or None)

    assert effect(OLDEST, "TENT") == Effect(1, 56, 31 * 3 + 6 * 2, 2, 0, 0)
    assert effect(NAMED, "TENT") == Effect(1, 56, 27 + 12, 1, 1, 1)
    assert effect(shared_by("sum")) == Effect(3, 56 + 15 + 80, (44 * 3 + 12 * 2) + 30 + 160, 7, 0, 0)
    assert effect(OUT) == Effect(3, 151, 151, 0, 0, 0)
    before = inspected.dump()
    effect(OLDEST)
    assert inspected.dump() == before


def test_many_at_once_leave_what_is_decided_alone(inspected: Inspected) -> None:
    decide(inspected, SPLIT, "TENT")
    effect = duplicates.effect_of(inspected.desk, CHANNEL, OUT, None)
    assert effect.groups == 2
    before = inspected.dump()
    with pytest.raises(Conflict, match="3 groups were undecided when you looked, and 2 are now"):
        duplicates.decide_filtered(inspected.desk, CHANNEL, OUT, expected=3)
    assert inspected.dump() == before
    assert duplicates.decide_filtered(inspected.desk, CHANNEL, OUT, text="rope", expected=1) == 1
    assert duplicates.decide_filtered(inspected.desk, CHANNEL, OUT, show="to_decide", expected=1) == 1
    assert duplicates.decide_filtered(inspected.desk, CHANNEL, OUT, expected=0) == 0
    decisions = {
        sku: duplicates.group_detail(inspected.desk, CHANNEL, sku).group.decision
        for sku in ("TENT", "ROPE", "MUG")
    }
    assert [each.choice for each in decisions.values() if each] == [SPLIT, OUT, OUT]


def test_a_named_listing_for_many_groups_is_refused(inspected: Inspected) -> None:
    before = inspected.dump()
    with pytest.raises(Refused, match="no listing in scope"):
        duplicates.decide_filtered(inspected.desk, CHANNEL, NAMED, expected=3)
    assert inspected.dump() == before


def test_the_pre_marked_are_accepted_at_once(inspected: Inspected) -> None:
    assert duplicates.accept_pre_marked(inspected.desk, CHANNEL) == 1
    group = duplicates.group_detail(inspected.desk, CHANNEL, "MUG").group
    assert group.decision is not None
    assert group.decision.choice == OLDEST
    assert duplicates.accept_pre_marked(inspected.desk, CHANNEL) == 0
    assert duplicates.summary(inspected.desk, CHANNEL) == DuplicatesSummary(5, 2, 2, 0)


def state(inspected: Inspected, sku: str) -> tuple[bool, bool]:
    """Whether the group's decision holds, and whether it is to decide."""
    group = duplicates.group_detail(inspected.desk, CHANNEL, sku).group
    assert group.decision is not None
    return group.decision_holds, group.to_decide


def test_decisions_are_judged_again_after_a_load(inspected: Inspected) -> None:
    decide(inspected, OLDEST, "TENT")
    decide(inspected, Choice("shared", "listing", "tent-31/Default Title"), "ROPE")
    decide(inspected, SPLIT, "MUG")
    assert state(inspected, "MUG") == (False, True)
    inspected.load(LISTINGS, LEVELS)
    assert state(inspected, "TENT") == state(inspected, "ROPE") == (True, False)
    # One listing fewer is no reason to ask again; one more is, and so is a named one that is gone.
    inspected.load([*TENT[:2], *ROPE[1:], listing(33, "ROPE"), *MUG], [*TENT_LEVELS[:4], *ROPE_LEVELS])
    assert state(inspected, "TENT") == (True, False)
    assert state(inspected, "ROPE") == (False, True)
    inspected.load([*TENT, listing(4, "TENT")], TENT_LEVELS)
    assert state(inspected, "TENT") == (False, True)
    decide(inspected, OLDEST, "TENT")
    assert state(inspected, "TENT") == (True, False)


def test_a_named_listing_that_is_stocked_no_longer_calls_for_a_second_answer(inspected: Inspected) -> None:
    decide(inspected, Choice("shared", "listing", "tent-1/Default Title"), "TENT")
    assert state(inspected, "TENT") == (True, False)
    inspected.load(LISTINGS, [each for each in LEVELS if each != level(1, 2, 6)])
    group = duplicates.group_detail(inspected.desk, CHANNEL, "TENT").group
    assert (group.decision_holds, group.unanswered, group.to_decide) == (True, True, True)
    # Said to stay unlinked, the other location asks no question any more.
    with inspected.opened() as ledger, ledger.writing() as connection:
        event = connection.execute("SELECT max(id) FROM event").fetchone()[0]
        connection.execute(
            "INSERT INTO connection (channel_id, location_id, location_name, event_id) VALUES (1, 2, 'Depot', ?)",
            (event,),
        )
        recount_groups(connection, 1)
    assert state(inspected, "TENT") == (True, False)


def test_answers_of_groups_that_vanish_come_back_with_them(inspected: Inspected) -> None:
    decide(inspected, OUT, "TENT")
    decide(inspected, SPLIT, "MUG")
    inspected.load([TENT[0], MUG[0], MUG[1]._replace(sku="MUG-2"), *ROPE], LEVELS)
    assert skus(inspected) == ["ROPE"]
    assert duplicates.summary(inspected.desk, CHANNEL).to_decide == 1
    inspected.load(LISTINGS, LEVELS)
    assert state(inspected, "TENT") == (True, False)
    assert state(inspected, "MUG") == (False, True)


def test_drafts_join_by_the_channels_setting(inspected: Inspected) -> None:
    inspected.load([*TENT, listing(4, "TENT", status="DRAFT")], [*TENT_LEVELS, level(4, 1, 100)])
    decide(inspected, OLDEST, "TENT")
    with inspected.opened() as ledger, ledger.writing() as connection:
        connection.execute("UPDATE channel SET drafts = 1")
        recount_groups(connection, 1)
    detail = duplicates.group_detail(inspected.desk, CHANNEL, "TENT")
    assert (detail.group.in_scope, detail.group.numbers.highest) == (4, 106)
    assert detail.listings[3].left_out is None
    assert state(inspected, "TENT") == (False, True)


def test_exports_of_groups_come_one_by_one(inspected: Inspected) -> None:
    details = list(duplicates.export_groups(inspected.desk, CHANNEL))
    assert [detail.group.sku for detail in details] == ["MUG", "OLD", "PAN", "ROPE", "TENT"]
    assert [len(detail.listings) for detail in details] == [2, 2, 2, 2, 3]
    (only,) = duplicates.export_groups(inspected.desk, CHANNEL, show="disagree", text="rope", order="worst")
    assert only.group.sku == "ROPE"
    with pytest.raises(UnknownName):
        duplicates.export_groups(inspected.desk, "kestrels")


def test_a_channel_that_was_never_loaded(tmp_path: Path) -> None:
    from supportdesk.desk import accounts
    from supportdesk.ledger import channels

    inspected = Inspected(tmp_path / "home")
    with inspected.opened() as ledger:
        with ledger.writing() as connection:
            channels.add_export_channel(connection, CHANNEL, files=(), at=inspected.clock())
        accounts.renew_index(inspected.desk, ledger)
    calls: list[Callable[[], object]] = [
        lambda: duplicates.summary(inspected.desk, CHANNEL),
        lambda: duplicates.open_groups(inspected.desk, CHANNEL),
        lambda: decide(inspected, OLDEST, "TENT"),
    ]
    for call in calls:
        with pytest.raises(NotLoaded):
            call()


@pytest.mark.parametrize("sku", ["-X", "a b", "a\nb", "'12", "%", "\x1b[31m", "é"])
def test_any_sku_is_decided(tmp_path: Path, sku: str) -> None:
    inspected = Inspected(tmp_path / "home")
    inspected.load([listing(1, sku), listing(2, sku)], [level(1, 1, 1), level(2, 1, 2)])
    assert decide(inspected, OLDEST, sku) == 1
    group = duplicates.group_detail(inspected.desk, CHANNEL, sku).group
    assert (group.sku, group.to_decide) == (sku, False)
