"""The commands about bundles: any SKU, JSON for others, every bad input one sentence and nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.desk import Desk
from tests.cli.commands import Commands
from tests.desk.stocked import HOSTILE, stocked_desk, write


@pytest.fixture
def desk(home: Path) -> Desk:
    return stocked_desk(home)


def test_bundles_are_listed(cli: Commands, desk: Desk) -> None:
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=11")
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=TENT", "--quantity=9")
    (kit,) = cli.good("bundles", "kestrel", "--json").json
    assert kit == {
        "sku": "KIT",
        "name": "Weekend kit",
        "components": [{"sku": "MUG", "quantity": 2}, {"sku": "TENT", "quantity": 1}],
        "warehouses": [
            {"warehouse": "MAIN", "available": 5, "limited_by": ["MUG"]},
            {"warehouse": "DEPOT", "available": None, "limited_by": ["MUG", "TENT"]},
            {"warehouse": "RETURNS", "available": None, "limited_by": ["MUG", "TENT"]},
        ],
    }
    lines = cli.good("bundles", "kestrel").out.splitlines()
    assert lines[0].split() == ["bundle", "name", "made", "of", "warehouse", "available", "limited", "by"]
    assert "2 × MUG, 1 × TENT" in lines[1]
    assert lines[2].split() == ["DEPOT", "unknown", "MUG,", "TENT"]
    assert cli.good("bundle", "kestrel", "--sku=KIT").out.splitlines() == lines
    assert cli.good("bundle", "kestrel", "--sku=KIT", "--json").json == kit


def test_no_bundle_says_what_one_is(cli: Commands, desk: Desk) -> None:
    cli.good("bundle", "kestrel", "--sku=KIT", "--remove")
    said = cli.good("bundles", "kestrel")
    assert said.out == ""
    assert "follows from its components" in said.err
    assert "supportdesk bundle kestrel" in said.err
    assert cli.good("bundles", "kestrel", "--json").json == []
    assert cli.good("bundle", "kestrel", "--sku=KIT").out == "KIT is no bundle.\n"


def test_all_lines_are_replaced_at_once(cli: Commands, desk: Desk) -> None:
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=TENT", "--quantity=9")
    said = cli.good("bundle", "kestrel", "--sku=KIT", "--component=TENT:2", "--json").json
    assert set(said) == {"sku", "name", "before", "after", "warehouses", "notes", "text"}
    assert said["before"] == [{"sku": "MUG", "quantity": 2}, {"sku": "TENT", "quantity": 1}]
    assert said["after"] == [{"sku": "TENT", "quantity": 2}]
    assert said["warehouses"][0] == {
        "warehouse": "MAIN",
        "before": None,
        "after": 4,
        "limited_by": ["TENT"],
    }
    again = cli.good("bundle", "kestrel", "--sku=KIT", "--component=TENT:3").out
    assert again.startswith("KIT is now 3 × TENT. Available: MAIN 4 → 3, ")


def test_the_last_colon_splits(cli: Commands, desk: Desk) -> None:
    write(desk, ("INSERT INTO product (sku) VALUES ('A:B')", ()))
    said = cli.good("bundle", "kestrel", "--sku=KIT", "--component=A:B:3", "--json").json
    assert said["after"] == [{"sku": "A:B", "quantity": 3}]


@pytest.mark.parametrize("sku", HOSTILE)
def test_any_sku(cli: Commands, desk: Desk, sku: str) -> None:
    cli.good("bundle", "kestrel", "--sku=KIT", f"--component={sku}:2")
    assert cli.good("bundles", "kestrel", "--json").json[0]["components"] == [{"sku": sku, "quantity": 2}]
    cli.good("bundles", "kestrel")
    cli.good("bundle", "kestrel", "--sku=KIT", "--remove")
    cli.good("bundle", "kestrel", f"--sku={sku}", "--component=MUG:1")
    assert cli.good("bundles", "kestrel", "--json").json[0]["sku"] == sku


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (2, ("--sku=KIT", "--component=MUG"), "which component and how many"),
        (2, ("--sku=KIT", "--component=:2"), "which component and how many"),
        (2, ("--sku=KIT", "--component=MUG:two"), "no whole number"),
        (2, ("--sku=KIT", "--component=MUG:"), "no whole number"),
        (2, ("--sku=KIT", "--component=MUG:0"), "1 or more"),
        (2, ("--sku=KIT", "--component=MUG:1", "--component=MUG:2"), "named twice"),
        (2, ("--sku=KIT", "--component=MUGG:1"), "no listing, product"),
        (2, ("--sku=KIT", "--component=MUG:1", "--remove"), "not allowed with"),
        (4, ("--sku=KIT", "--component=KIT:1"), "component of itself"),
        (4, ("--sku=-X", "--component=KIT:1"), "is itself a bundle"),
        (4, ("--sku=MUG", "--remove"), "no bundle"),
        (2, ("--sku=GONE", "--remove"), "no listing, product"),
        (2, (), "required"),
    ],
)
def test_bad_input_changes_nothing(
    cli: Commands, desk: Desk, code: int, words: tuple[str, ...], said: str
) -> None:
    assert said in cli.refused(code, "bundle", "kestrel", *words)["detail"].lower()


def test_an_account_that_is_not_there(cli: Commands, desk: Desk) -> None:
    cli.refused(2, "bundles", "nobody")
    cli.refused(2, "bundle", "nobody", "--sku=KIT", "--remove")
    cli.refused(4, "bundle", "kestrel", "--sku=KIT", "--remove", "--read-only")
