"""Plans through the doorway the screens use: copying keeps a store as it is, a second store, an empty ledger, other stores, what makes one stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.catalog import LevelRow
from supportdesk.core.duplicates import Choice
from supportdesk.core.plan_view import PlanView
from supportdesk.core.progress import Unwatched
from supportdesk.desk import Desk, connections, duplicates, plans
from supportdesk.errors import NotLoaded, Refused, UnknownName, WrongUsage
from supportdesk.ledger.file import open_ledger
from supportdesk.paths import Home
from supportdesk.settings import Settings
from supportdesk.sync.plan import stale
from tests.catalogs import NOON, Clock, level, listing
from tests.cli.commands import dump
from tests.desk.stocked import (
    DEPOT_PLACE,
    HOSTILE,
    LEVELS,
    LISTINGS,
    MAIN_ST,
    link,
    load,
    stocked_desk,
    write,
)

SCOPES = (
    "read_products read_inventory read_locations write_inventory read_orders read_all_orders "
    "read_merchant_managed_fulfillment_orders read_assigned_fulfillment_orders read_returns write_products"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = stocked_desk(tmp_path / "a home")
    write(desk, ("UPDATE channel SET scopes = ?", (SCOPES,)))
    return desk


def plan(desk: Desk, channel: str = "outdoor", **asked: Any) -> PlanView:
    return plans.make_plan(desk, channel, asked.pop("purpose", "turn-on"), watch=Unwatched(), **asked)


def rows(desk: Desk, made: PlanView, **how: Any) -> list[tuple[str, int, str, int, int]]:
    with plans.open_plan_rows(desk, made.channel, made.id, **how) as table:
        return [(row.sku, row.location_id, row.kind, row.before, row.after) for row in table.window(0, 500)]


def codes(made: PlanView) -> list[str]:
    return [block.code for block in made.blocked]


def decide(desk: Desk, choice: Choice, *skus: str) -> None:
    duplicates.decide_now(desk, "outdoor", choice, skus)


def changes_since(desk: Desk, made: PlanView) -> list[tuple[str, str]]:
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        return [(each.section, each.text) for each in stale(ledger.db.conn, made.id)]


def with_committed(
    number: int, location: int, available: int, committed: int, unavailable: int = 0
) -> LevelRow:
    return LevelRow(
        number + 1000, location, True, available, committed, available + committed + unavailable, None
    )


def test_copy_keeps_a_store_without_shared_skus_as_it_is_to_the_unit(desk: Desk) -> None:
    listings = [listing(1, "TENT"), listing(2, "MUG"), listing(3, "ROPE")]
    levels = [
        with_committed(1, MAIN_ST, 31, 4),
        with_committed(1, DEPOT_PLACE, 6, 0, 2),
        with_committed(2, MAIN_ST, -3, 9),
        with_committed(3, DEPOT_PLACE, 0, 1),
    ]
    load(desk, "outdoor", listings, levels)
    write(desk, ("UPDATE channel SET scopes = ?", (SCOPES,)), ("DELETE FROM bundle_line", ()))
    made = plan(desk, copies=True)
    found = rows(desk, made)
    assert len(found) == 4
    assert all(before == after for *_, before, after in found)
    assert made.blocked == ()
    assert made.brake == ()
    assert made.promised == 14
    assert (made.totals.ledger.rows, made.totals.ledger.before, made.totals.ledger.after) == (4, 0, 34)
    assert tuple(made.proof) == (50, 14, 2, 34)
    assert [(place.location, tuple(place.proof)) for place in made.places] == [
        ("Depot", (9, 1, 2, 6)),
        ("Main St", (41, 13, 0, 28)),
    ]
    (negative,) = [row for row in rows_of(desk, made) if row.before < 0]
    assert negative.reason == "3 more promised than there are"


def rows_of(desk: Desk, made: PlanView) -> list[Any]:
    return list(plans.export_plan_rows(desk, made.channel, made.id))


def test_a_shared_group_shows_its_count_everywhere_and_a_bundle_what_is_left(desk: Desk) -> None:
    assert codes(plan(desk, copies=True)) == ["duplicate_undecided"]
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=True)
    assert made.blocked == ()
    assert [row for row in rows(desk, made, order="sku") if row[0] in ("TENT", "KIT", "MUG")] == [
        ("KIT", MAIN_ST, "derived", 9, 20),
        ("MUG", MAIN_ST, "copied", 40, 40),
        ("MUG", DEPOT_PLACE, "copied", -2, -2),
        ("TENT", MAIN_ST, "shared", 31, 31),
        ("TENT", DEPOT_PLACE, "shared", 6, 6),
        ("TENT", MAIN_ST, "shared", 4, 31),
    ]
    decide(desk, Choice("left_out"), "TENT")
    made = plan(desk, copies=True)
    assert {each.reason: (each.rows, each.units) for each in made.left_out} == {
        "archived": (1, 5),
        "decided": (3, 41),
    }
    assert ("KIT", MAIN_ST, "held", 9, 9) in rows(desk, made), "its component was never counted"
    decide(desk, Choice("split"), "TENT")
    assert codes(plan(desk, copies=True)) == ["split_pending"]
    decide(desk, Choice("shared"), "TENT")
    made = plan(desk, copies=True)
    assert codes(made) == ["duplicate_unanswered"]
    assert ("TENT", DEPOT_PLACE, "shared", 6, 6) in rows(desk, made), "one listing alone is stocked there"
    assert ("TENT", MAIN_ST, "held", 4, 4) in rows(desk, made)


def test_hostile_skus_are_rows_like_any(desk: Desk) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=True)
    found = [row[0] for row in rows(desk, made, order="sku")]
    assert set(HOSTILE) <= set(found)
    assert [row[0] for row in rows(desk, made, text="[b]")] == ["[b]red[/]"]
    assert [row[0] for row in rows(desk, made, text="x\x1b")] == ["x\x1b[2J"]


def test_the_table_orders_and_filters(desk: Desk) -> None:
    decide(desk, Choice("shared", "highest"), "TENT")
    write(desk, ("INSERT INTO close_at VALUES ('MUG', 1, 50)", ()))
    made = plan(desk, copies=True)
    risks = [row.risk for row in rows_of(desk, made)]
    assert risks[:4] == ["falls_to_zero", "falls_to_zero", "changes", "stays"], risks
    assert [row[0] for row in rows(desk, made, show="falls_to_zero")] == ["MUG", "KIT"]
    assert [row[0] for row in rows(desk, made, show="changed", order="change", descending=True)] == [
        "TENT",
        "KIT",
        "MUG",
    ]
    assert {row[1] for row in rows(desk, made, location=DEPOT_PLACE)} == {DEPOT_PLACE}
    assert [row[3] for row in rows(desk, made, order="before", descending=True)][:2] == [40, 31]
    assert rows(desk, made, show="raised_from_zero") == []
    with plans.open_plan_rows(desk, "outdoor", made.id, order="product") as table:
        assert table.count == 12
        first = table.window(0, 1)[0]
        assert (first.title, first.warehouse, first.proof) == ("Mug", "MAIN", first.proof)
        assert first.proof is not None
        assert first.proof.holds


def test_rows_are_saved_as_csv_and_json(desk: Desk, tmp_path: Path) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=True)
    how: dict[str, Any] = {
        "order": "sku",
        "descending": False,
        "location": None,
        "text": "",
        "replace": False,
    }
    target = tmp_path / "plan.json"
    assert (
        plans.save_plan_rows(desk, "outdoor", made.id, target, show="changed", **how, watch=Unwatched()) == 2
    )
    saved = json.loads(target.read_text())
    assert [(row["sku"], row["before"], row["after"]) for row in saved] == [("KIT", 9, 20), ("TENT", 4, 31)]
    target = tmp_path / "plan.csv"
    assert plans.save_plan_rows(desk, "outdoor", made.id, target, show="all", **how, watch=Unwatched()) == 12
    lines = target.read_text()
    assert lines.startswith("item_id,location_id,sku,title")
    assert ",'-X," in lines
    with pytest.raises(Refused, match="already there"):
        plans.save_plan_rows(desk, "outdoor", made.id, target, show="all", **how, watch=Unwatched())


# Second stores, other stores ---------------------------------------------------------------------------------------------------------


def second_store(desk: Desk, skus: int = 50) -> None:
    """A store on MAIN whose SKUs are in the ledger already, but for every tenth."""
    load(
        desk,
        "second",
        [listing(number, f"S-{number}") for number in range(1, skus + 1)],
        [level(number, MAIN_ST, number % 7 + 1) for number in range(1, skus + 1)],
    )
    link(desk, "second", MAIN_ST, 1)
    known = [(f"S-{number}", 1, 20 + number, 0, 0, 1) for number in range(1, skus + 1) if number % 10]
    write(
        desk,
        ("UPDATE channel SET scopes = ?", (SCOPES,)),
        *(("INSERT INTO stock VALUES (?, ?, ?, ?, ?, ?)", row) for row in known),
    )


def test_a_second_store_without_copying_keeps_what_only_it_has(desk: Desk) -> None:
    second_store(desk)
    write(
        desk,
        (
            "INSERT OR REPLACE INTO connection SELECT 3, id, name, NULL, NULL, NULL, 0, 1 FROM location WHERE channel_id = 3 AND id = 2",
            (),
        ),
    )
    made = plan(desk, "second", copies=False)
    assert codes(made) == ["unknown_unanswered"]
    assert (made.unknown_skus, made.unknown_units) == (5, sum(n % 7 + 1 for n in range(10, 51, 10)))
    assert "the store shows" in made.blocked[0].text
    made = plan(desk, "second", copies=False, unknown="copy")
    assert made.blocked == ()
    for sku, _, kind, before, after in rows(desk, made):
        number = int(sku[2:])
        assert (kind, after) == (("kept", 20 + number) if number % 10 else ("copied", before))
    assert made.totals.store_changes == 45
    held = plan(desk, "second", copies=False, unknown="hold")
    assert sorted(row[0] for row in rows(desk, held, show="held")) == ["S-10", "S-20", "S-30", "S-40", "S-50"]
    zero = plan(desk, "second", copies=False, unknown="zero")
    assert zero.totals.store_to_zero == 5


def test_an_empty_ledger_without_copying_is_stopped_in_units(desk: Desk) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=False)
    assert "unknown_unanswered" in codes(made)
    assert "94 units" in next(block.text for block in made.blocked if block.code == "unknown_unanswered")
    zero = plan(desk, copies=False, unknown="zero")
    assert {reason.code for reason in zero.brake} >= {"side_empty", "rows_to_zero", "location_halved"}
    assert any("103" in reason.text or "94" in reason.text for reason in zero.brake), zero.brake
    assert plan(desk, copies=False, unknown="hold").brake == ()
    copied = plan(desk, copies=False, unknown="copy")
    assert (copied.brake, copied.totals.store_to_zero) == ((), 0)


def test_what_earlier_orders_promised_is_asked_and_taken_off(desk: Desk) -> None:
    load(
        desk,
        "outdoor",
        [listing(1, "TENT"), listing(3, "MUG"), listing(4, "KIT")],
        [
            with_committed(1, MAIN_ST, 10, 0),
            with_committed(3, MAIN_ST, 36, 4),
            with_committed(4, MAIN_ST, 9, 1),
        ],
    )
    write(
        desk,
        ("UPDATE channel SET scopes = ?", (SCOPES,)),
        ("INSERT INTO stock VALUES ('MUG', 1, 40, 0, 0, 1), ('TENT', 1, 10, 0, 0, 1)", ()),
    )
    assert "promised_unanswered" in codes(plan(desk, copies=False))
    made = plan(desk, copies=False, promised_included=True)
    assert made.promised == 5
    after = {row[0]: row[4] for row in rows(desk, made)}
    assert after == {"TENT": 9, "MUG": 34, "KIT": 9}, "one kit promises two mugs and a tent"
    assert made.promised_taken == 4 + 2 + 1
    made = plan(desk, copies=False, promised_included=False)
    assert {row[0]: row[4] for row in rows(desk, made)} == {"TENT": 10, "MUG": 40, "KIT": 10}
    assert made.promised_taken == 0
    write(desk, ("DELETE FROM stock WHERE sku = 'MUG'", ()))
    made = plan(desk, copies=False, promised_included=True, unknown="copy")
    assert (made.promised, made.promised_taken) == (5, 1), "a number copied is without what is promised"


def test_it_says_what_it_does_to_a_store_that_is_on_already(desk: Desk) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    write(desk, ("INSERT INTO stock VALUES ('MUG', 1, 7, 0, 0, 1)", ()))
    assert plan(desk, copies=True).elsewhere == ()
    write(desk, ("UPDATE channel SET sync = 'on', maximum = 30 WHERE handle = 'outlet'", ()))
    (other,) = plan(desk, copies=True).elsewhere
    assert (other.channel, other.rows, other.before, other.after) == ("outlet", 1, 7, 30)
    assert plan(desk, copies=False).elsewhere == ()


def test_two_locations_on_one_warehouse_take_what_was_said(desk: Desk) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    link(desk, "outdoor", DEPOT_PLACE, 1)
    assert codes(plan(desk, copies=True)) == ["counts_unanswered"]

    def mugs(counts: int) -> list[tuple[str, int, str, int, int]]:
        write(desk, ("UPDATE connection SET counts = ? WHERE channel_id = 1", (counts,)))
        return rows(desk, plan(desk, copies=True), text="MUG")

    assert sorted(row[3:] for row in mugs(0)) == [(-2, 38), (40, 38)]
    assert sorted(row[3:] for row in mugs(DEPOT_PLACE)) == [(-2, -2), (40, 0)]
    made = plan(desk, copies=True)
    assert made.blocked == ()
    kits = {row.sku: row.reason for row in rows_of(desk, made)}
    assert kits["-X"] == "the count of Depot, where it has one, is copied"
    mugs(0)
    reasons = {row.sku: row.reason for row in rows_of(desk, plan(desk, copies=True))}
    assert reasons["-X"] == "the sum of its locations is copied"


def test_shopify_master_is_read_and_writes_nothing(desk: Desk) -> None:
    link(desk, "outdoor", DEPOT_PLACE, 2, "shopify")
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=True)
    assert {row[2] for row in rows(desk, made, location=DEPOT_PLACE)} == {"read"}
    link(desk, "outdoor", MAIN_ST, None, None)
    assert codes(plan(desk)) == ["not_ready"], "its bundle needs Sumtracker as master"
    write(desk, ("DELETE FROM bundle_line", ()))
    made = plan(desk)
    assert (made.copies, made.blocked) == (None, ())
    assert (made.totals.store_changes, made.totals.ledger.after) == (0, 4)


# One location, taking back ------------------------------------------------------------------------------------------------------------


def test_a_link_to_be_is_planned_and_linked_nowhere(desk: Desk) -> None:
    link(desk, "outdoor", DEPOT_PLACE, None, None)
    decide(desk, Choice("shared", "oldest"), "TENT")
    write(desk, ("UPDATE channel SET sync = 'on' WHERE handle = 'outdoor'", ()))
    before = connections.view(desk, "outdoor")
    made = plan(desk, purpose="link", location="Depot", warehouse="RETURNS", copies=True)
    assert connections.view(desk, "outdoor") == before
    assert (made.location, made.warehouse, made.master, made.blocked) == (
        "Depot",
        "RETURNS",
        "sumtracker",
        (),
    )
    assert sorted(rows(desk, made)) == [
        ("MUG", DEPOT_PLACE, "copied", -2, -2),
        ("TENT", DEPOT_PLACE, "shared", 6, 6),
    ]
    assert changes_since(desk, made) == []
    assert codes(plan(desk, purpose="link", location="Depot", warehouse="RETURNS")) == ["copy_unanswered"]
    with pytest.raises(Refused, match="linked already"):
        plan(desk, purpose="link", location="Main St", warehouse="MAIN")
    with pytest.raises(Refused, match="synced already"):
        plan(desk)
    with pytest.raises(Refused, match="one connection"):
        plan(desk, purpose="link", location="Depot", warehouse="MAIN", master="shopify")


def test_a_link_that_copies_asks_where_another_location_is_on_the_warehouse(desk: Desk) -> None:
    link(desk, "outdoor", DEPOT_PLACE, None, None)
    decide(desk, Choice("shared", "oldest"), "TENT")
    write(desk, ("UPDATE channel SET sync = 'on' WHERE handle = 'outdoor'", ()))
    asked: dict[str, Any] = {"purpose": "link", "location": "Depot", "warehouse": "MAIN"}
    assert codes(plan(desk, **asked, copies=True)) == ["counts_unanswered"]
    assert codes(plan(desk, **asked, copies=False, unknown="hold", promised_included=False)) == []
    made = plan(desk, **asked, copies=True, counts="this")
    assert (made.blocked, {row[0]: row[4] for row in rows(desk, made)}) == ((), {"MUG": -2, "TENT": 6})
    with pytest.raises(WrongUsage, match="No other location"):
        plan(desk, **{**asked, "warehouse": "RETURNS"}, copies=True, counts="sum")
    with pytest.raises(WrongUsage, match="link that copies"):
        plan(desk, **asked, copies=False, counts="sum")


def test_a_service_is_linked_while_sync_is_on_where_a_person_insists(desk: Desk) -> None:
    link(desk, "outdoor", DEPOT_PLACE, None, None)
    decide(desk, Choice("shared", "oldest"), "TENT")
    write(
        desk,
        ("UPDATE channel SET sync = 'on' WHERE handle = 'outdoor'", ()),
        ("UPDATE location SET service = 'Peak Ltd', service_manages_stock = 1 WHERE id = ?", (DEPOT_PLACE,)),
    )
    asked: dict[str, Any] = {"purpose": "link", "location": "Depot", "warehouse": "RETURNS", "copies": True}
    with pytest.raises(Refused, match="Peak Ltd") as refused:
        plan(desk, **asked)
    assert "--insist" in str(refused.value)
    made = plan(desk, **asked, insist=True)
    assert (made.blocked, made.insisted, changes_since(desk, made)) == ((), True, [])
    with pytest.raises(WrongUsage, match="insists on linking"):
        plan(desk, purpose="direction", location="Depot", master="shopify", insist=True)


def test_a_new_master_of_one_location(desk: Desk) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    write(desk, ("INSERT INTO stock VALUES ('MUG', 2, 5, 0, 0, 1)", ()), ("DELETE FROM bundle_line", ()))
    made = plan(desk, purpose="direction", location="Depot", master="shopify")
    assert {row[2:] for row in rows(desk, made)} == {("read", -2, -2), ("read", 6, 6)}
    assert (made.totals.ledger.before, made.totals.ledger.after, made.blocked) == (5, 4, ())
    link(desk, "outdoor", DEPOT_PLACE, 2, "shopify")
    made = plan(desk, purpose="direction", location=str(DEPOT_PLACE), master="sumtracker")
    assert made.copies is True
    assert {row[0]: row[2:] for row in rows(desk, made)} == {
        "MUG": ("copied", -2, -2),
        "TENT": ("shared", 6, 6),
    }
    for answers in ({"copies": False}, {"unknown": "hold"}):
        with pytest.raises(WrongUsage, match="goes on from what it reads"):
            plan(desk, purpose="direction", location="Depot", master="sumtracker", **answers)
    with pytest.raises(Refused, match="already"):
        plan(desk, purpose="direction", location="Depot", master="shopify")
    with pytest.raises(WrongUsage, match="one location"):
        plan(desk, purpose="direction", master="shopify")


def test_rolling_back_is_minus_what_was_pushed(desk: Desk) -> None:
    with pytest.raises(Refused, match="nothing to take back"):
        plan(desk, purpose="rollback")
    write(
        desk,
        *(
            (
                """INSERT INTO push (id, channel_id, kind, key, reference, body, stored, stored_at, state)
                   VALUES (?, 1, 'difference', ?, '', '', 0, '', ?)""",
                (number, str(number), state),
            )
            for number, state in ((1, "done"), (2, "done"), (3, "refused"), (4, "stored"), (5, "expired"))
        ),
        *(
            (
                """INSERT INTO push_row (push_id, item_id, location_id, change, shown, cause, found)
                       VALUES (?, ?, ?, ?, 0, ?, ?)""",
                row,
            )
            for row in (
                (1, 1003, MAIN_ST, 10, "receipt", ""),
                (2, 1003, MAIN_ST, -3, "sibling", ""),
                (3, 1003, MAIN_ST, 100, "receipt", ""),
                (5, 1003, MAIN_ST, 100, "receipt", "not_done"),
                (5, 1001, DEPOT_PLACE, 4, "receipt", "done"),
                (1, 1001, DEPOT_PLACE, 2, "receipt", ""),
            )
        ),
    )
    made = plan(desk, purpose="rollback")
    assert sorted(rows(desk, made)) == [
        ("MUG", MAIN_ST, "taken_back", 40, 33),
        ("TENT", DEPOT_PLACE, "taken_back", 6, 0),
    ]
    assert dict(made.causes) == {"receipt": 16, "sibling": -3}
    assert codes(made) == ["in_flight"]
    made = plan(desk, purpose="rollback", keep=["receipt"])
    assert sorted(row[3:] for row in rows(desk, made)) == [(6, 6), (40, 43)]
    assert made.kept == ("receipt",)
    with pytest.raises(Refused, match="There is receipt, sibling"):
        plan(desk, purpose="rollback", keep=["weather"])


# The brake -----------------------------------------------------------------------------------------------------------------------------


def test_the_brake_adds_up_a_day_and_imports(desk: Desk) -> None:
    second_store(desk, 40)
    write(
        desk,
        ("UPDATE stock SET in_stock = 100", ()),
        (
            """INSERT INTO movement (at, sku, warehouse_id, kind, in_stock, booked, incoming, in_stock_after)
               VALUES (?, 'S-1', 1, 'import', -9000, 0, 0, 100)""",
            (NOON.replace(hour=3).isoformat(),),
        ),
    )
    made = plan(desk, "second", copies=False, unknown="copy")
    assert "location_doubled" in {reason.code for reason in made.brake}
    assert any("MAIN in Sumtracker, by imports" in reason.text for reason in made.brake)
    write(desk, ("UPDATE movement SET at = ?", (NOON.replace(day=1).isoformat(),)))
    assert not any(
        "imports" in reason.text for reason in plan(desk, "second", copies=False, unknown="copy").brake
    )
    assert plan(desk, "second", copies=True).brake == ()


# Staleness -----------------------------------------------------------------------------------------------------------------------------


def reload(desk: Desk, change: Callable[[list[Any], list[Any]], None]) -> None:
    listings, levels = list(LISTINGS), list(LEVELS)
    change(listings, levels)
    load(desk, "outdoor", listings, levels)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda listings, levels: listings.__setitem__(2, listing(3, "MUG-2", "Mug")), ("load", "The SKU MUG is now MUG-2.")),
        (lambda listings, levels: listings.__delitem__(2), ("load", "MUG is no longer in the store.")),
        (
            lambda listings, levels: listings.__setitem__(2, listing(3, "MUG", status="ARCHIVED")),
            ("load", "MUG left scope: listings that are archived are not synced."),
        ),
        (lambda listings, levels: levels.__delitem__(4), ("load", "MUG is no longer stocked at Depot.")),
        (
            lambda listings, levels: (listings.append(listing(99, "LAMP")), levels.append(level(99, MAIN_ST, 1))),
            ("load", "LAMP came to Main St."),
        ),
    ],
)  # fmt: skip
def test_a_store_that_changed_makes_it_stale_by_name(
    desk: Desk, change: Callable[[list[Any], list[Any]], None], expected: tuple[str, str]
) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=True)
    reload(desk, change)
    assert changes_since(desk, made) == [expected]


def test_numbers_and_a_load_that_changed_nothing_leave_it_fresh(desk: Desk) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=True)
    reload(desk, lambda _, levels: levels.__setitem__(3, level(3, MAIN_ST, 12)))
    assert changes_since(desk, made) == []
    write(
        desk,
        (
            """INSERT INTO movement (at, sku, warehouse_id, kind, in_stock, booked, incoming, in_stock_after)
               VALUES ('', 'MUG', 1, 'order', 0, 1, 0, 0)""",
            (),
        ),
    )
    assert changes_since(desk, made) == []


def test_people_who_change_things_make_it_stale_by_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "zoe")
    decide(desk, Choice("shared", "oldest"), "TENT")
    made = plan(desk, copies=True)
    decide(desk, Choice("shared", "sum"), "TENT")
    assert changes_since(desk, made) == [
        ("decisions", "TENT: shared by sum (before: shared by oldest), said by zoe.")
    ]
    made = plan(desk, copies=True)
    connections.unlink(desk, "outdoor", DEPOT_PLACE, seen=None)
    assert changes_since(desk, made) == [("connections", "Depot: stays unlinked, said by zoe.")]
    made = plan(desk, copies=True)
    write(desk, ("UPDATE location SET active = 0 WHERE channel_id = 1 AND id = 1", ()))
    assert changes_since(desk, made) == [("connections", "Main St is inactive in Shopify now.")]
    write(desk, ("UPDATE location SET active = 1", ()))
    from supportdesk.core.stock import StockChange
    from supportdesk.desk import stock

    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "MUG", 3))
    assert changes_since(desk, made) == [("ledger", "Sumtracker's numbers or rules changed for MUG, by zoe.")]


# Keeping and refusing ------------------------------------------------------------------------------------------------------------------


def test_a_later_plan_replaces_an_earlier_one(desk: Desk) -> None:
    first, second = plan(desk, copies=True), plan(desk, copies=False)
    assert plans.plan_view(desk, "outdoor", first.id).state == "replaced"
    with plans.open_plan_rows(desk, "outdoor", first.id) as table:
        assert table.count == 0
    newest = plans.newest_plan(desk, "outdoor")
    assert newest == second == plans.newest_plan(desk, "outdoor", "turn-on")
    assert plans.newest_plan(desk, "outdoor", "rollback") is None
    assert plans.resolve_plan(desk, str(second.id)) == ("outdoor", second.id)
    assert plans.resolve_plan(desk, f"outdoor/{second.id}") == ("outdoor", second.id)
    assert first.fingerprint != second.fingerprint
    assert plan(desk, copies=False).fingerprint == second.fingerprint
    for text, error in (("99", UnknownName), ("x", WrongUsage), ("outlet/1", UnknownName)):
        with pytest.raises(error):
            plans.resolve_plan(desk, text)


def test_what_does_not_go_is_refused_and_keeps_nothing(desk: Desk) -> None:
    plan(desk, copies=True)
    before = dump(desk.home.root)
    for asked in (
        {"copies": True, "unknown": "zero"},
        {"location": "Depot"},
        {"purpose": "link"},
        {"purpose": "link", "location": "Nowhere"},
        {"purpose": "rollback", "copies": True},
        {"keep": ["receipt"]},
        {"warehouse": "MAIN"},
    ):
        with pytest.raises((WrongUsage, UnknownName)):
            plan(desk, **asked)
    with pytest.raises(Refused, match="read-only"):
        plan(Desk(desk.home, Settings(keyring=False, read_only=True), now=desk.now), copies=True)
    assert dump(desk.home.root) == before


def test_a_stopped_plan_keeps_nothing(desk: Desk) -> None:
    from supportdesk.errors import Cancelled

    class Stopping(Unwatched):
        def check(self) -> None:
            raise Cancelled("You stopped it.")

    before = dump(desk.home.root)
    with pytest.raises(Cancelled):
        plans.make_plan(desk, "outdoor", copies=True, watch=Stopping())
    assert dump(desk.home.root) == before


def test_nothing_is_planned_of_what_was_never_loaded(tmp_path: Path) -> None:
    from supportdesk.core.catalog import Shop
    from supportdesk.desk import accounts
    from supportdesk.ledger import channels

    desk = Desk(Home(tmp_path), Settings(keyring=False), now=Clock())
    path = desk.home.account_file("kestrel")
    path.parent.mkdir(parents=True)
    with open_ledger(path, account="kestrel", now=desk.now) as ledger:
        with ledger.writing() as connection:
            channels.save_shopify_channel(
                connection,
                Shop("outdoor", "Outdoor", "outdoor.myshopify.com"),
                api_url="",
                at=NOON,
                who="mia",
            )
        accounts.renew_index(desk, ledger)
    with pytest.raises(NotLoaded):
        plan(desk, copies=True)


def test_the_brake_holds_at_what_the_settings_say(desk: Desk) -> None:
    decide(desk, Choice("shared", "oldest"), "TENT")
    asked: dict[str, Any] = {"copies": False, "unknown": "zero", "promised_included": False}
    assert plan(desk, **asked).brake
    loose = Settings(keyring=False, brake_rows_to_zero=100, brake_halved=0, brake_doubled=100_000)
    let_through = {reason.code for reason in plan(Desk(desk.home, loose, now=desk.now), **asked).brake}
    assert let_through <= {"side_empty"}
