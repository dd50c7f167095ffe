"""The commands about stock: any SKU, JSON for others, every bad input one sentence and nothing changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supportdesk.desk import Desk
from tests.catalogs import level, listing
from tests.cli.commands import Commands
from tests.desk.stocked import DEPOT_PLACE, HOSTILE, MAIN_ST, link, load, stocked_desk, write
from tests.sumtracker.accounts import KEY, serving, side


@pytest.fixture
def desk(home: Path) -> Desk:
    return stocked_desk(home)


QUANTITIES = {"in_stock", "booked", "available", "incoming"}


def test_changes_by_hand(cli: Commands, desk: Desk) -> None:
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=12")
    said = cli.good("adjust", "kestrel", "--warehouse=1", "--sku=MUG", "--quantity=-2", "--json").json
    assert set(said) == {"sku", "changes", "text"}
    (changed,) = said["changes"]
    assert changed["warehouse"] == "MAIN"
    assert set(changed["before"]) == set(changed["after"]) == QUANTITIES
    assert (changed["before"]["in_stock"], changed["after"]["available"]) == (12, 10)
    cli.good("receive", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=40", "--reference=PO-118")
    said = cli.good(
        "transfer", "kestrel", "--warehouse=MAIN", "--to=Depot", "--sku=MUG", "--quantity=+5", "--quiet"
    )
    assert said.out == "MUG in stock: MAIN 50 → 45, DEPOT 0 → 5.\n"
    cli.good("count", "kestrel", "--warehouse=DEPOT", "--sku=MUG", "--quantity=4", "--reason=one broke")
    shown = cli.good("explain", "outdoor", "--sku=MUG").out
    for word in ("PO-118", "one broke", "KIT", "MAIN", "outlet", "never counted"):
        assert word in shown
    newest = cli.good("explain", "outdoor", "--sku=MUG", "--movements=1")
    assert "and 5 older ones" in newest.out
    every = cli.good("explain", "outdoor", "--sku=MUG", f"--movements={10**30}", "--json").json
    assert len(every["movements"]) == every["movement_count"] == 6


def test_explain_as_json(cli: Commands, desk: Desk) -> None:
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=12")
    found = cli.good("--json", "explain", "outdoor", "--sku=MUG").json
    assert set(found) == {
        *("sku", "name", "is_bundle", "warehouses", "rows", "row_count", "components", "bundles"),
        *("movements", "movement_count", "events", "event_count"),
    }
    assert [
        (line["warehouse"], line["available"], line["pushed"], line["counted"])
        for line in found["warehouses"]
    ] == [
        ("MAIN", 12, 12, True),
        ("DEPOT", None, None, False),
        ("RETURNS", None, None, False),
    ]
    (movement,) = found["movements"]
    assert movement["at"].endswith("Z")
    assert (movement["kind"], movement["in_stock"], movement["in_stock_after"]) == ("set", 12, 12)
    assert [(row["channel"], row["location"], row["store"], row["pushed"]) for row in found["rows"]] == [
        ("outdoor", "Main St", 40, 12),
        ("outdoor", "Depot", -2, None),
        ("outlet", "Main St", 1, 12),
    ]


def test_explain_says_of_a_number_that_no_listing_shows_that_none_does(cli: Commands, desk: Desk) -> None:
    cli.good("unlink", "outdoor", "--location=Main St")
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=12")
    assert "no listing shows it" not in cli.good("explain", "outdoor", "--sku=MUG").out
    cli.good("unlink", "outlet", "--location=Main St")
    (line,) = (
        line
        for line in cli.good("explain", "outdoor", "--sku=MUG").out.splitlines()
        if line.startswith("MAIN")
    )
    assert line.split()[6:] == ["–", "no", "listing", "shows", "it"]


def test_explain_says_units_that_a_bundle_keeps_from_before(cli: Commands, desk: Desk) -> None:
    write(desk, ("INSERT INTO stock VALUES ('KIT', 1, 1234, 0, 0, 1)", ()))
    assert (
        "a component was never counted; 1,234 in stock of its own count nowhere"
        in cli.good("explain", "outdoor", "--sku=KIT").out
    )
    found = cli.good("explain", "outdoor", "--sku=KIT", "--json").json["warehouses"][0]
    assert (found["in_stock"], found["available"]) == (1234, None)


def test_stock_lists_rows(cli: Commands, desk: Desk) -> None:
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=40")
    rows = cli.good("stock", "outdoor", "--json").json
    assert len(rows) == 7 + len(HOSTILE)
    assert set(rows[0]) == {
        *("sku", "title", "variant_title", "listing", "location_id", "location", "warehouse", "master"),
        *("store", "ledger", "left_out"),
    }
    mugs = cli.good("stock", "outdoor", "--sku=MUG", "--json").json
    assert [(row["location"], row["store"], row["ledger"]) for row in mugs] == [
        ("Main St", 40, 40),
        ("Depot", -2, None),
    ]
    table = cli.good("stock", "outdoor", "--show=negative")
    assert [line.split()[:2] for line in table.out.splitlines()] == [["SKU", "location"], ["+", "MUG"]]
    assert cli.good("stock", "outdoor", "--text=mug", "--order=store", "--descending").out.count("MUG") == 2
    assert cli.good("stock", "outdoor", "--text=zzz", "--json").json == []
    assert "no such row" in cli.good("stock", "outdoor", "--text=zzz").err


@pytest.mark.parametrize(
    ("sku", "shown"), [("A ", '"A "'), (" A", '" A"'), ("\u00a0A", '"\u00a0A"'), ("A", "A ")]
)
def test_where_a_sku_ends_can_be_seen_in_every_table(cli: Commands, desk: Desk, sku: str, shown: str) -> None:
    twice = [
        listing(1, sku, "Tent"),
        listing(2, sku, "Tent again"),
        listing(3, sku, "Gone", status="ARCHIVED"),
    ]
    load(desk, "outdoor", twice, [level(1, MAIN_ST, 1), level(2, MAIN_ST, 2)])
    write(desk, ("INSERT INTO bundle_line VALUES ('SET', ?, 2)", (sku,)))
    assert f" {shown} " in cli.good("stock", "outdoor").out
    assert cli.good("explain", "outdoor", f"--sku={sku}").out.startswith(f"{shown} ")
    assert f"\n{shown} " in cli.good("explain", "outdoor", "--sku=SET").out
    assert f"\n{shown} " in "\n" + cli.good("duplicates", "outdoor").out
    assert cli.good("show", "outdoor", "--left-out").out.rstrip().endswith(shown.rstrip())
    said = cli.good("set", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--quantity=3").out
    assert said.startswith(f"{shown.rstrip()} in stock")


@pytest.mark.parametrize("sku", HOSTILE)
def test_any_sku_can_be_named(cli: Commands, desk: Desk, sku: str) -> None:
    said = cli.good("set", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--quantity=3", "--json")
    assert said.json["sku"] == sku
    cli.good("adjust", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--quantity=1")
    assert cli.good("explain", "outdoor", f"--sku={sku}", "--json").json["warehouses"][0]["in_stock"] == 4
    assert cli.good("stock", "outdoor", f"--sku={sku}", "--json").json[0]["sku"] == sku
    assert cli.good("explain", "outdoor", f"--sku={sku}").out
    assert cli.good("stock", "outdoor", f"--sku={sku}").out


def given(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / f"{name}.csv"
    path.write_text(text)
    return f"--{name}={path}"


STOCK = "sku,warehouse,in stock\nMUG,MAIN,40\nTENT,NORTH,7\n"


def test_files_are_imported(cli: Commands, desk: Desk, tmp_path: Path) -> None:
    words = (
        *("import", "kestrel"),
        given(tmp_path, "warehouses", "Code,Name\nNORTH,North\n"),
        given(tmp_path, "bundles", "bundle sku,component sku,quantity\nDUO,MUG,2\n"),
        given(tmp_path, "stock", STOCK),
        given(tmp_path, "rules", "sku,warehouse,close at\nMUG,MAIN,3\n"),
    )
    done = cli.good(*words, "--json").json
    assert done == {
        "warehouses": 1,
        "products": 2,
        "bundles": 1,
        "numbers": 2,
        "unchanged": 0,
        "close_at": 1,
        "maximums": 0,
        "bad_count": 0,
        "bad": [],
        "notes": [],
    }
    again = cli.good(*words)
    assert "numbers already there" in again.out
    found = cli.good("explain", "outdoor", "--sku=DUO", "--json").json["warehouses"]
    assert {line["warehouse"]: line["available"] for line in found}["MAIN"] == 20


def test_bad_rows_are_said_and_the_rest_is_offered(cli: Commands, desk: Desk, tmp_path: Path) -> None:
    file = given(tmp_path, "stock", STOCK + "MUG,DEPOT,x\n")
    error = cli.refused(1, "import", "kestrel", file)
    assert error["code"] == "import"
    assert "stock.csv, row 3, column warehouse: there is no warehouse 'NORTH'." in error["detail"]
    assert "stock.csv, row 4, column in stock: 'x' is no whole number." in error["detail"]
    assert error["next"] == "Correct them, or import the other 1 with --skip-bad."
    said = cli.good("import", "kestrel", file, "--skip-bad")
    assert "row 3" in said.err
    assert "left out" in said.out
    done = cli.good("import", "kestrel", file, "--skip-bad", "--json").json
    assert (done["bad_count"], done["unchanged"]) == (2, 1)
    assert done["bad"][0] == {
        "file": "stock.csv",
        "row": 3,
        "column": "warehouse",
        "text": "stock.csv, row 3, column warehouse: there is no warehouse 'NORTH'.",
    }


def test_a_real_account_is_imported(cli: Commands, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(side(products=3)) as (url, _):
        words = ("import", "kestrel", "--from-sumtracker", f"--api-url={url}")
        monkeypatch.delenv("SUMTRACKER_API_KEY", raising=False)
        assert "SUMTRACKER_API_KEY" in cli.refused(2, *words)["detail"]
        monkeypatch.setenv("A_KEY", KEY)
        said = cli.good(*words, "--key-env=A_KEY")
        assert "make sure that it is off" in said.err
        assert KEY not in said.out + said.err
        monkeypatch.setenv("SUMTRACKER_API_KEY", KEY[:-1] + "0")
        error = cli.refused(3, *words)
        assert error["code"] == "sumtracker_key_refused"
        assert KEY[:-1] not in json.dumps(error)
        monkeypatch.setenv("SUMTRACKER_API_KEY", KEY)
        assert cli.refused(2, *words[:3], "--api-url=http://example.org")["detail"]
    assert cli.good("explain", "outdoor", "--sku=SKU-0", "--json").json["warehouses"][0]["available"] == 7


def test_a_good_key_is_kept_where_asked(cli: Commands, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(side(products=3)) as (url, _):
        words = ("import", "kestrel", "--from-sumtracker", f"--api-url={url}")
        monkeypatch.setenv("SUMTRACKER_API_KEY", KEY)
        cli.good(*words)
        monkeypatch.delenv("SUMTRACKER_API_KEY")
        assert "No key is kept" in cli.refused(2, *words)["detail"]
        monkeypatch.setenv("A_KEY", KEY)
        said = cli.good(*words, "--key-env=A_KEY", "--keep-key", "--json")
        assert said.json["notes"][-1].startswith("The API key is kept in ")
        assert KEY not in said.out + said.err
        monkeypatch.delenv("A_KEY")
        said = cli.good(*words)
        assert KEY not in said.out + said.err
    cli.good("forget", "outlet")
    assert "with its Sumtracker key" in cli.good("forget", "outdoor").out


CHANGE = ("--warehouse=MAIN", "--sku=MUG", "--quantity=1")


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=0"), "changes nothing"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=two"), "'two'"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=1.5"), "'1.5'"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=٣"), "no whole number"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=MUG", f"--quantity={9**40}"), "no whole number"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=1000000001"), "1,000,000,000"),
        (2, ("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=-1"), "less than 0"),
        (2, ("receive", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=0"), "1 or more"),
        (2, ("transfer", "kestrel", *CHANGE), "--to"),
        (2, ("transfer", "kestrel", *CHANGE, "--to=MAIN"), "itself"),
        (4, ("transfer", "kestrel", *CHANGE, "--to=DEPOT"), "cannot leave"),
        (2, ("adjust", "nobody", *CHANGE), "nobody"),
        (2, ("adjust", "No Body", *CHANGE), "a-z"),
        (2, ("adjust", "kestrel", "--warehouse=EAST", "--sku=MUG", "--quantity=1"), "EAST"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=mug", "--quantity=1"), "mug"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--sku=", "--quantity=1"), "without a SKU"),
        (2, ("adjust", "kestrel", "--warehouse=MAIN", "--quantity=1"), "--sku"),
        (4, ("set", "kestrel", "--warehouse=MAIN", "--sku=KIT", "--quantity=1"), "bundle"),
        (4, ("set", "kestrel", "--warehouse=DEPOT", "--sku=MUG", "--quantity=1"), "Shopify is master"),
        (4, ("set", "kestrel", *CHANGE, "--read-only"), "read-only"),
        (2, ("explain", "outdoor"), "--sku"),
        (2, ("explain", "outdoor", "--sku=NOPE"), "NOPE"),
        (2, ("explain", "outdoor", "--sku=MUG", "--movements=-1"), "--movements"),
        (2, ("explain", "nowhere", "--sku=MUG"), "nowhere"),
        (2, ("stock", "outdoor", "--sku=NOPE"), "NOPE"),
        (2, ("stock", "outdoor", "--show=everything"), "everything"),
        (2, ("import", "kestrel"), "No file"),
        (2, ("import", "nobody", "--stock=x.csv"), "nobody"),
        (1, ("import", "kestrel", "--stock=/nowhere/x.csv"), "no such file"),
        (2, ("import", "kestrel", "--stock=x.csv", "--from-sumtracker"), "without files"),
        (2, ("import", "kestrel", "--stock=x.csv", "--key-env=X"), "--from-sumtracker"),
        (2, ("import", "kestrel", "--stock=x.csv", "--keep-key"), "--from-sumtracker"),
        (4, ("import", "kestrel", "--stock=x.csv", "--read-only"), "read-only"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else None,
)
def test_a_mistake_is_one_sentence_and_changes_nothing(
    cli: Commands, desk: Desk, code: int, words: tuple[str, ...], said: str
) -> None:
    link(desk, "outdoor", DEPOT_PLACE, 2, "shopify" if "--to=DEPOT" not in words else "sumtracker")
    error = cli.refused(code, *words)
    assert said in error["detail"]
    assert error["next"]


def test_a_mistyped_sku_and_an_ambiguous_warehouse_name_the_candidates(cli: Commands, desk: Desk) -> None:
    error = cli.refused(2, "explain", "outdoor", "--sku=mug")
    assert "'MUG'" in error["next"]
    cli.good("import", "kestrel", given(desk.home.root, "warehouses", "code,name\nDEPOT2,Depot\n"))
    error = cli.refused(2, "set", "kestrel", "--warehouse=Depot", "--sku=MUG", "--quantity=1")
    assert "DEPOT " in error["detail"]
    assert "DEPOT2" in error["detail"]


def test_read_only_an_account_of_an_older_program_is_refused_by_every_command(
    cli: Commands, desk: Desk
) -> None:
    write(desk, ("DELETE FROM _sqlite_migrations WHERE name <> 'channels_and_catalog'", ()))
    before = desk.home.account_file("kestrel").read_bytes()
    for words in (("stock", "outdoor"), ("explain", "outdoor", "--sku=MUG"), ("check", "outlet")):
        error = cli.refused(4, *words, "--read-only")
        assert "older supportdesk" in error["detail"]
        assert "without --read-only" in error["next"]
    assert cli.good("channels", "--read-only").out
    assert desk.home.account_file("kestrel").read_bytes() == before


def test_a_channel_that_was_never_loaded(cli: Commands, desk: Desk) -> None:
    write(desk, ("DELETE FROM load", ()))
    assert cli.refused(1, "stock", "outdoor")["code"] == "not_loaded"
    assert cli.good("explain", "outdoor", "--sku=MUG").out
