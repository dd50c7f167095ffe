"""Every row's class and reason, the totals that Review shows, what blocks, and a fingerprint that no order of rows changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.plan import (
    RISKS,
    Basis,
    CopyProof,
    Fact,
    LedgerRow,
    PlanFacts,
    PlanRow,
    Risk,
    RiskTotals,
    RowFacts,
    blocked,
    changed_since,
    copy_proof,
    fingerprint,
    is_still_as_shown,
    planned,
    risk_of,
    taken_back,
    totals,
)
from supportdesk.core.rows import RowNumbers

MUG = RowFacts(11, 101, "MUG", "copied", 40, 40)


@pytest.mark.parametrize(
    ("before", "after", "risk", "sign"),
    [
        (4, 0, "falls_to_zero", "!"),
        (4, -2, "falls_to_zero", "!"),
        (0, 4, "raised_from_zero", "!"),
        (-3, 4, "raised_from_zero", "!"),
        (4, 5, "changes", "*"),
        (4, 1, "changes", "*"),
        (-3, 0, "changes", "*"),
        (0, -3, "changes", "*"),
        (4, 4, "stays", "="),
        (0, 0, "stays", "="),
        (-3, -3, "stays", "="),
    ],
)
def test_the_class_of_a_change(before: int, after: int, risk: Risk, sign: str) -> None:
    assert risk_of(before, after) == risk
    assert RISKS[risk][0] == sign


@pytest.mark.parametrize(
    ("facts", "kind", "before", "after", "risk", "reason"),
    [
        (MUG, "copied", 40, 40, "stays", "its own count is copied"),
        (MUG._replace(kind="shared", available=38), "shared", 40, 38, "changes", "same SKU"),
        (MUG._replace(kind="shared", shared_by="oldest"), "shared", 40, 40, "stays", "same SKU, shared by oldest"),
        (MUG._replace(kind="kept", available=0, was_counted=False), "kept", 40, 0, "falls_to_zero", "never counted; 0 is pushed"),
        (MUG._replace(kind="kept", available=0), "kept", 40, 0, "falls_to_zero", "Sumtracker's number"),
        (MUG._replace(kind="derived", store=0, available=7), "derived", 0, 7, "raised_from_zero", "from the bundle's components"),
        (MUG._replace(kind="copied", available=38, counted_by="the count of Depot"), "copied", 40, 38, "changes", "the count of Depot is copied"),
        (MUG._replace(kind="derived", available=7, to_sell=0), "derived", 40, 0, "falls_to_zero", "a component of the bundle is closed"),
        (MUG._replace(kind="derived", available=7, to_sell=5, maximum=3), "derived", 40, 3, "changes", "at most 3 are shown"),
        (MUG._replace(kind="derived", store=2, available=-1, to_sell=-1), "derived", 2, 0, "falls_to_zero", "1 more promised than there are"),
        (MUG._replace(close_at=40), "copied", 40, 0, "falls_to_zero", "close at 40"),
        (MUG._replace(maximum=25), "copied", 40, 25, "changes", "at most 25 are shown"),
        (MUG._replace(store=-3, available=-3), "copied", -3, -3, "stays", "3 more promised than there are"),
        (MUG._replace(store=5, available=-3), "copied", 5, 0, "falls_to_zero", "3 more promised than there are"),
        (MUG._replace(master="shopify", available=12), "read", 40, 40, "stays", "Shopify is master here"),
        (MUG._replace(available=None), "held", 40, 40, "held", "never counted in Sumtracker"),
        (MUG._replace(store=None), "held", 0, 0, "held", "not stocked there"),
        (MUG._replace(hold="untracked", available=3), "held", 40, 40, "held", "untracked"),
        (MUG._replace(kind="taken_back", store=3, available=-2, close_at=5), "taken_back", 3, -2, "falls_to_zero", "our pushes taken back"),
        (MUG._replace(kind="taken_back", available=43), "taken_back", 40, 43, "changes", "our pushes taken back"),
    ],
)  # fmt: skip
def test_each_row_before_and_after(
    facts: RowFacts, kind: str, before: int, after: int, risk: Risk, reason: str
) -> None:
    row = planned(facts)
    assert (row.kind, row.before, row.after, row.risk, row.reason) == (kind, before, after, risk, reason)
    assert (row.item_id, row.location_id, row.sku) == (11, 101, "MUG")


@given(
    store=st.integers(-50, 500) | st.none(),
    available=st.integers(-50, 500) | st.none(),
    close_at=st.integers(0, 60),
    maximum=st.none() | st.integers(0, 400),
)
def test_no_row_is_raised_above_what_there_is(
    store: int | None, available: int | None, close_at: int, maximum: int | None
) -> None:
    row = planned(MUG._replace(store=store, available=available, close_at=close_at, maximum=maximum))
    if row.after > row.before:
        assert available is not None
        assert row.after <= available
    assert row.sign in "!*=~"


def test_a_roll_back_takes_back_our_pushes_but_for_what_is_kept() -> None:
    pushed = {"receive": 50, "order": -3, "copy": -4}
    assert taken_back(pushed) == -43
    assert taken_back(pushed, {"receive", "order"}) == 4
    assert taken_back({}) == 0


def row(before: int, after: int) -> PlanRow:
    return PlanRow(11, 101, "MUG", "kept", risk_of(before, after), before, after, "")


@pytest.mark.parametrize(
    ("shown", "now", "orders", "silent"),
    [
        (row(40, 42), row(40, 42), 0, True),
        (row(40, 42), row(38, 40), -2, True),
        (row(40, 42), row(38, 42), 0, False),
        (row(40, 42), row(38, 38), -2, True),
        (row(40, 40), row(38, 40), -2, False),
        (row(2, 4), row(0, 2), -2, False),
        (row(2, 3), row(1, 0), -1, False),
        (row(2, 0), row(1, 0), -1, True),
    ],
)
def test_numbers_that_moved_are_applied_silently_only_where_orders_explain_it(
    shown: PlanRow, now: PlanRow, orders: int, silent: bool
) -> None:
    assert is_still_as_shown(shown, now, orders) is silent


def test_the_totals_of_the_picture() -> None:
    rows = [row(41, 0), row(318, 402), row(100, 100), row(5, 5), row(0, 7)]
    made = totals(rows, [LedgerRow("A", 1, None, 40), LedgerRow("B", 1, 7, None), LedgerRow("C", 2, 1, 2)])
    assert made.by_risk == {
        "falls_to_zero": RiskTotals(1, 41, 0),
        "raised_from_zero": RiskTotals(1, 0, 7),
        "changes": RiskTotals(1, 318, 402),
        "stays": RiskTotals(2, 105, 105),
    }
    assert list(made.by_risk) == ["falls_to_zero", "raised_from_zero", "changes", "stays"]
    assert made.as_json() == {
        "store_rows": 5,
        "store_changes": 3,
        "store_to_zero": 1,
        "store_units_before": 464,
        "store_units_after": 514,
        "ledger_rows": 3,
        "ledger_units_before": 8,
        "ledger_units_after": 42,
    }
    assert totals([]).as_json() == dict.fromkeys(made.as_json(), 0)


CLEAR = PlanFacts()


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (CLEAR, []),
        (replace(CLEAR, loaded=False, linked=0), ["not_loaded"]),
        (replace(CLEAR, missing_scopes=("write_inventory",)), ["scope_missing"]),
        (replace(CLEAR, claimed_by="desk-2 by mia"), ["claimed"]),
        (replace(CLEAR, direction=None), ["direction_unanswered"]),
        (replace(CLEAR, copy=None), ["copy_unanswered"]),
        (replace(CLEAR, copy=None, direction="shopify", sumtracker_masters=0), []),
        (replace(CLEAR, linked=0, sumtracker_masters=0), ["nothing_linked"]),
        (replace(CLEAR, unsaid_locations=("Depot", "Pop-up")), ["location_unanswered"] * 2),
        (replace(CLEAR, counts_unanswered=(("MAIN", ("Main St", "Depot")),)), ["counts_unanswered"]),
        (replace(CLEAR, counts_unanswered=(("MAIN", ("Main St", "Depot")),), copy=False), []),
        (replace(CLEAR, undecided=("A", "B"), copy=False), ["duplicate_undecided"] * 2),
        (replace(CLEAR, unanswered=("A",)), ["duplicate_unanswered"]),
        (replace(CLEAR, unanswered=("A",), copy=False), []),
        (replace(CLEAR, splits_pending=("A",)), ["split_pending"]),
        (replace(CLEAR, unknown=12), []),
        (replace(CLEAR, unknown=12, copy=False), ["unknown_unanswered"]),
        (replace(CLEAR, unknown=12, copy=False, unknown_answered=True), []),
        (replace(CLEAR, promised_before=3), []),
        (replace(CLEAR, promised_before=3, copy=False), ["promised_unanswered"]),
        (replace(CLEAR, sumtracker_sync_on=True), ["sumtracker_on"]),
        (replace(CLEAR, not_ready=("One.", "Two.")), ["not_ready"] * 2),
        (replace(CLEAR, in_flight=2), ["in_flight"]),
        (replace(CLEAR, undecided=("A",), undecided_more=7), ["duplicate_undecided"] * 2),
        (replace(CLEAR, whose_count=("A",)), ["duplicate_unanswered"]),
        (replace(CLEAR, whose_count=("A",), copy=False), []),
        (replace(CLEAR, unknown=12, unknown_units=40, copy=False), ["unknown_unanswered"]),
    ],
)
def test_what_stands_in_the_way(facts: PlanFacts, codes: list[str]) -> None:
    found = blocked(facts)
    assert [block.code for block in found] == codes
    assert all(block.text.endswith(".") for block in found)


def test_a_block_names_its_sku_or_location() -> None:
    facts = replace(
        CLEAR,
        undecided=("A",),
        unsaid_locations=("Depot",),
        counts_unanswered=(("MAIN", ("Main St", "Shop")),),
    )
    assert [(block.sku, block.location) for block in blocked(facts)] == [
        ("", "Depot"),
        ("", "Main St"),
        ("A", ""),
    ]


FACTS = st.lists(st.tuples(st.text(), st.integers() | st.none() | st.booleans()), max_size=8)


@given(FACTS, st.randoms())
def test_a_fingerprint_does_not_depend_on_order(facts: list[Fact], chance: object) -> None:
    mixed = list(facts)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert fingerprint(mixed) == fingerprint(facts)
    assert fingerprint(iter(facts)) == fingerprint(facts)


@given(FACTS, FACTS)
def test_other_facts_have_another_fingerprint(one: list[Fact], other: list[Fact]) -> None:
    same = sorted(map(repr, one)) == sorted(map(repr, other))
    assert (fingerprint(one) == fingerprint(other)) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("a", 1)], [("a", "1")]),
        ([("a", "b")], [("ab",)]),
        ([("a",), ("b",)], [("a", "b")]),
        ([("a",)], [("a",), ("a",)]),
        ([("a",)], []),
        ([("a", None)], [("a", "")]),
        ([(True,)], [(1,)]),
        ([("\ud800",)], [("?",)]),
    ],
)
def test_facts_that_look_alike_differ(one: list[Fact], other: list[Fact]) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_is_the_same_in_every_program() -> None:
    assert fingerprint([]) == "0-" + "0" * 64
    assert (
        fingerprint([("MUG", 40, None)])
        == "1-26c1546ebdae8bdb3c97229db079b39882431a8fbb5276daf147f46515c90a77"
    )


def test_a_stale_plan_says_what_changed() -> None:
    basis: Basis = {"load": "a", "decisions": "b", "connections": "c", "ledger": "d"}
    moved: Basis = {**basis, "load": "x", "ledger": "y"}
    assert changed_since(basis, {**basis}) == ()
    assert changed_since(basis, moved) == ("load", "ledger")
    assert changed_since(basis, {}) == ("load", "decisions", "connections", "ledger")


def test_the_proof_that_available_is_what_to_copy() -> None:
    numbers = RowNumbers(9, 2, 18, 40, 1, 2, 3, 1)
    assert copy_proof(numbers) == CopyProof(18, 2, 7, 9)
    assert copy_proof(numbers).holds
    assert not copy_proof(numbers._replace(committed=0)).holds
    assert copy_proof(numbers).plus(CopyProof(1, 0, 0, 1)) == CopyProof(19, 2, 7, 10)
