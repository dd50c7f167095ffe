"""plan, wizard and call-sheet on the command line: the table of DESIGN §7, the contract of §8, exit codes, hostile text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from supportdesk.desk import Desk
from tests.cli.commands import Commands
from tests.cli.conftest import Served
from tests.desk.stocked import HOSTILE, load, stocked_desk, write
from tests.desk.test_plans import SCOPES

CONTRACT = {
    *("id", "store_rows", "store_changes", "store_to_zero", "store_units_before", "store_units_after"),
    *("ledger_rows", "ledger_units_before", "ledger_units_after", "blocked"),
}


@pytest.fixture
def desk(home: Path) -> Desk:
    desk = stocked_desk(home)
    write(desk, ("UPDATE channel SET scopes = ?", (SCOPES,)))
    return desk


def test_the_table(cli: Commands, desk: Desk) -> None:
    cli.good("decide", "outdoor", "--sku=TENT", "--shared-by=oldest")
    said = cli.good("plan", "outdoor", "--for=turn-on", "--copy")
    lines = said.out.splitlines()
    assert lines[0] == "Plan 1 of Outdoor: turn sync on, copying the store's counts."
    assert [" ".join(line.split()) for line in lines[2:7]] == [
        "store rows units before → after",
        "* changes 2 13 → 51",
        "= stays the same 10 90 → 90",
        "all 12 103 → 141",
        "Sumtracker: 10 numbers (SKU × warehouse) set, 0 → 90 units",
    ]
    assert "left out: 1 row of archived listings, 5 units" in said.out
    assert "Planning rows" in said.err
    assert cli.good("plan", "--show=1").out == said.out == cli.good("plan", "outdoor", "--show=1").out
    assert cli.good("plan", "outdoor", "--copy", "--quiet").err == ""


def test_the_contract(cli: Commands, desk: Desk) -> None:
    found = cli.good("plan", "outdoor", "--for=turn-on", "--copy", "--json").json
    assert set(found) >= CONTRACT
    assert found["blocked"] == [
        {
            "code": "duplicate_undecided",
            "text": "Several listings share this SKU and nobody has decided about them.",
            "sku": "TENT",
            "location": "",
        }
    ]
    assert {name: found[name] for name in CONTRACT - {"blocked", "id"}} == {
        "store_rows": 12,
        "store_changes": 0,
        "store_to_zero": 0,
        "store_units_before": 103,
        "store_units_after": 103,
        "ledger_rows": 8,
        "ledger_units_before": 0,
        "ledger_units_after": 53,
    }
    assert found["made_at"].endswith("Z")
    shown = cli.good("plan", f"--show=outdoor/{found['id']}", "--json").json
    assert shown == found


def test_its_rows(cli: Commands, desk: Desk) -> None:
    cli.good("decide", "outdoor", "--sku=TENT", "--shared-by=oldest")
    out = cli.good("plan", "outdoor", "--copy", "--csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) >= 12
    assert "'-X" in {row["sku"] for row in rows}
    found = cli.good("plan", "outdoor", "--copy", "--rows", "--json", "--only=changed").json
    assert [(row["sku"], row["before"], row["after"], row["risk"]) for row in found] == [
        ("KIT", 9, 20, "changes"),
        ("TENT", 4, 31, "changes"),
    ]
    assert set(found[0]) >= {"item_id", "location", "warehouse", "kind", "reason", "on_hand", "committed"}
    every = cli.good("plan", "outdoor", "--copy", "--rows", "--json").json
    assert set(HOSTILE) <= {row["sku"] for row in every}
    assert cli.good("plan", "outdoor", "--copy", "--rows", "--json", "--only=held").json == []
    words = cli.good("plan", "outdoor", "--copy", "--rows").out
    assert "same SKU, shared by oldest" in words


def test_hostile_names(cli: Commands, desk: Desk) -> None:
    load(desk, "outlet", [], [])
    write(
        desk,
        ("UPDATE channel SET title = ?", ("\x1b[31m[b]x[/b]\u202e",)),
        ("UPDATE location SET name = ?", ("\x07Main\nSt",)),
    )
    for words in (["plan", "outdoor", "--copy"], ["wizard", "outdoor"], ["call-sheet", "outdoor"]):
        cli.good(*words)
        cli.good(*words, "--json")


def test_the_wizard_says_as_json_what_its_screens_show(cli: Commands, desk: Desk) -> None:
    cli.good("decide", "outdoor", "--sku=TENT", "--shared-by=oldest")
    found = cli.good("wizard", "outdoor", "--json").json
    assert (found["counted_skus"], found["store_units"], found["left_out_units"]) == (0, 108, 5)
    assert found["locations"][0] == {
        "id": 2,
        "location": "Depot",
        "active": True,
        "said": True,
        "warehouse": "DEPOT",
        "rows": 2,
        "master": "sumtracker",
        "on_hand": 4,
        "committed": 0,
        "unavailable": 0,
        "available": 4,
    }
    assert found["groups"] == {
        "groups": 1,
        "decided": 1,
        "to_decide": 0,
        "splits_pending": 0,
        "units_before": 41,
        "units_after": 68,
        "listings_raised": 1,
        "listings_lowered": 0,
    }
    follows = {"channel": "outlet", "title": "Outlet", "is_on": False}
    assert found["shared_with"] == [{**follows, "numbers": 1, "differ": 1, "units": 0, "copied": 40}]
    assert found["bundles"] == {"bundles": 1, "rows": 1, "before": 9, "low": 4, "high": 20}
    assert (found["other_masters"], found["rehearsed"]) == ([], None)
    said = ["--direction=shopify", "--copy"]
    assert cli.good("wizard", "outdoor", *said, "--json").json["other_masters"] == ["Depot", "Main St"]


def test_the_wizard_shows_the_rail_and_takes_answers(cli: Commands, desk: Desk) -> None:
    out = cli.good("wizard", "outdoor").out
    assert "▸   Direction" in out
    assert "Recommended: copy." in out
    cli.good("decide", "outdoor", "--sku=TENT", "--shared-by=oldest")
    found = cli.good("wizard", "outdoor", "--direction=sumtracker", "--copy", "--json").json
    assert (found["at"], found["direction"], found["copies"], found["plan"]) == (
        "review",
        "sumtracker",
        True,
        None,
    )
    assert [step["status"] for step in found["steps"]] == ["done"] * 4 + ["to_do"] * 2
    made = cli.good("plan", "outdoor", "--json").json
    assert made["copies"] is True
    assert made["blocked"] == []
    found = cli.good("wizard", "outdoor", f"--accept-plan={made['id']}", "--json").json
    assert (found["at"], found["reviewed"], found["plan"]) == ("turn_on", True, made["id"])
    assert "plan 1" in cli.good("wizard", "outdoor").out
    cli.good("decide", "outdoor", "--sku=TENT", "--shared-by=sum")
    error = cli.refused(4, "wizard", "outdoor", f"--accept-plan={made['id']}")
    assert "Make it anew" in error["next"]
    found = cli.good(
        *(
            "wizard",
            "outdoor",
            "--no-copy",
            "--unknown=hold",
            "--promised-included=no",
            "--sumtracker-off",
            "--json",
        )
    ).json
    assert (found["copies"], found["unknown"], found["promised_included"]) == (False, "hold", False)
    assert found["sumtracker_off"] is True


def test_the_call_sheet(cli: Commands, desk: Desk, tmp_path: Path) -> None:
    out = cli.good("call-sheet", "outdoor").out
    assert out.startswith("# Call sheet: Outdoor\n")
    assert cli.good("call-sheet", "outdoor", "--json").json["text"].startswith("# Call sheet: Outdoor\n")
    target = tmp_path / "sheet.md"
    assert cli.good("call-sheet", "outdoor", f"--output={target}").out == ""
    assert target.read_text().splitlines()[0] == "# Call sheet: Outdoor"
    assert cli.refused(4, "call-sheet", "outdoor", f"--output={target}")["code"] == "refused"


def test_one_location_and_taking_back(cli: Commands, desk: Desk) -> None:
    cli.good("decide", "outdoor", "--sku=TENT", "--shared-by=oldest")
    found = cli.good(
        *("plan", "outdoor", "--for=link", "--location=Depot", "--warehouse=RETURNS", "--copy", "--json")
    ).json
    assert (found["location"], found["warehouse"], found["store_rows"]) == ("Depot", "RETURNS", 2)
    out = cli.good("plan", "outdoor", "--for=link", "--location=Depot", "--warehouse=RETURNS", "--copy").out
    assert out.startswith(
        "Plan 2 of Outdoor: link Depot to RETURNS, Sumtracker master, copying the store's counts."
    )
    answers = ("--no-copy", "--unknown=copy", "--promised-included=no")
    out = cli.good("plan", "outdoor", "--for=link", "--location=Depot", "--warehouse=RETURNS", *answers).out
    assert out.splitlines()[0].endswith("Sumtracker master, copying only the counts of SKUs never counted.")
    asked = ("plan", "outdoor", "--for=link", "--location=Depot", "--warehouse=RETURNS", "--copy", "--insist")
    assert "though" not in cli.good(*asked).out
    write(desk, ("UPDATE location SET service_manages_stock = 1 WHERE name = 'Depot'", ()))
    assert "--insist" in cli.refused(4, *asked[:-1])["next"]
    assert ", though a service keeps its numbers." in cli.good(*asked).out
    assert cli.good(*asked, "--json").json["locations"][0]["insisted"] is True
    error = cli.refused(4, "plan", "outdoor", "--for=rollback")
    assert "nothing to take back" in error["detail"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, ["plan"]),
        (2, ["plan", "nowhere"]),
        (2, ["plan", "outdoor", "--for=lunch"]),
        (2, ["plan", "outdoor", "--copy", "--no-copy"]),
        (2, ["plan", "outdoor", "--copy", "--unknown=zero"]),
        (2, ["plan", "outdoor", "--csv"]),
        (2, ["plan", "outdoor", "--for=link"]),
        (2, ["plan", "outdoor", "--for=link", "--location=Nowhere"]),
        (2, ["plan", "outdoor", "--for=direction", "--location=Depot"]),
        (4, ["plan", "outdoor", "--for=direction", "--location=Depot", "--master=sumtracker"]),
        (4, ["plan", "outdoor", "--copy", "--master=shopify"]),
        (2, ["plan", "outdoor", "--location=Depot"]),
        (2, ["plan", "outdoor", "--insist"]),
        (2, ["plan", "--show=7"]),
        (2, ["plan", "--show=x"]),
        (2, ["plan", "--show=7", "--copy"]),
        (2, ["plan", "outdoor", "--only=held"]),
        (2, ["plan", "outdoor", "--show=7"]),
        (4, ["plan", "outdoor", "--read-only"]),
        (4, ["wizard", "outdoor", "--copy", "--read-only"]),
        (2, ["wizard", "nowhere"]),
        (2, ["wizard", "outdoor", "--accept-plan=7"]),
        (2, ["call-sheet", "nowhere"]),
        (1, ["call-sheet", "outdoor", "--output=/nowhere/at/all"]),
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(
    cli: Commands, desk: Desk, code: int, words: list[str]
) -> None:
    cli.refused(code, *words)


def test_a_store_that_was_loaded_over_the_network(cli: Commands, connected: Served) -> None:
    found = cli.good("plan", "kestrel", "--copy", "--json").json
    assert [block["code"] for block in found["blocked"]][-1] == "duplicate_undecided"
    assert {"nothing_linked", "location_unanswered"} <= {block["code"] for block in found["blocked"]}
    assert found["store_rows"] == 0
    assert sum(each["rows"] for each in found["left_out"] if each["reason"] == "unlinked") == 4
    for code in ("MAIN", "DEPOT"):
        cli.good("warehouses", "kestrel", f"--add={code}", f"--name={code.title()}")
    for location, code in (("Main St", "MAIN"), ("Depot", "DEPOT")):
        cli.good("link", "kestrel", f"--location={location}", f"--warehouse={code}", "--master=sumtracker")
    cli.good("decide", "kestrel", "--sku=A-1", "--shared-by=lowest")
    found = cli.good("plan", "kestrel", "--copy", "--json").json
    assert found["blocked"] == []
    assert (found["store_rows"], found["store_units_before"], found["store_units_after"]) == (4, 15, 13)
    assert found["promised"] == 2, "the plan shows what is committed"
    main = next(each for each in found["locations"] if each["location"] == "Main St")
    assert (main["on_hand"], main["committed"], main["available"]) == (10, 2, 8)


def test_no_option_of_a_plan_that_is_shown_is_passed_over(cli: Commands, desk: Desk) -> None:
    cli.good("plan", "outdoor")
    assert "as it was made" in cli.refused(2, "plan", "--show=1", "--counts=this")["detail"]
    assert "--rows" in cli.refused(2, "plan", "--show=1", "--only=held")["next"]
    assert cli.good("plan", "--show=1", "--only=held", "--rows").out
