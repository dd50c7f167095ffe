"""`duplicates` and `decide`: the JSON contract, CSV that is read back, any SKU, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.spreadsheet import unguarded
from tests.cli.commands import Commands, dump
from tests.cli.conftest import Served
from tests.cli.test_channels import export
from tests.shops import DEPOT, MAIN

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def acme(cli: Commands, tmp_path: Path) -> Commands:
    """Exports with three groups: one disagrees, one agrees alike, one is hostile."""
    file = export(
        tmp_path / "acme.csv",
        "tent,Tent,Title,Default Title,T-1,shopify,4",
        "tent-sale,Tent on sale,Title,Default Title,T-1,shopify,9",
        "mug,Mug,Title,Default Title,M-1,shopify,3",
        "mug-2,Mug,Title,Default Title,M-1,shopify,3",
        'a,"\x1b]0;x\x07 tent",Title,Default Title,-X,shopify,1',
        "b,B,Title,Default Title,-X,shopify,1",
        "pan,Pan,Title,Default Title,P-1,shopify,1",
    )
    cli.good("open", file)
    return cli


def test_the_json_contract(cli: Commands, served: Served) -> None:
    served.shop.add_level(2002, DEPOT.id, {"available": 7})
    cli.good(*served.connect)
    cli.good("load", "kestrel")
    assert cli.good("duplicates", "kestrel", "--json").json == [
        {
            "sku": "A-1",
            "listings": [
                {
                    "listing": "thing-1/Default Title",
                    "variant_id": 1,
                    "title": "Thing 1",
                    "in_scope": True,
                    "levels": {"Depot": 7, "Main St": 5},
                },
                {
                    "listing": "thing-2/Default Title",
                    "variant_id": 2,
                    "title": "Thing 2",
                    "in_scope": True,
                    "levels": {"Depot": 7, "Main St": 3},
                },
            ],
            "agree": False,
            "oldest": 12,
            "lowest": 10,
            "highest": 12,
            "sum": 22,
            "decision": None,
            "revision": 0,
        }
    ]


def test_decisions_in_json(acme: Commands) -> None:
    assert acme.good("decide", "acme", "--sku=T-1", "--shared-by=lowest", "--json").json == {
        "changed": 1,
        "groups": 3,
        "disagree": 1,
        "to_decide": 2,
        "not_done": 0,
        "look_again": 0,
    }
    assert acme.good("decide", "acme", "--sku=M-1", "--sku=-X", "--split", "--json").json["changed"] == 2
    decided = {line["sku"]: line["decision"] for line in acme.good("duplicates", "acme", "--json").json}
    assert decided == {"T-1": "shared by lowest", "M-1": "split", "-X": "split"}
    assert acme.good("decide", "acme", "--sku=M-1", "--clear", "--json").json["to_decide"] == 2
    acme.good("decide", "acme", "--sku=T-1", "--shared-by=tent-sale/Default Title", "--elsewhere=sum")
    lines = acme.good("duplicates", "acme", "--json").json
    assert {line["sku"]: line["decision"] for line in lines} == {
        "T-1": "shared by tent-sale/Default Title, elsewhere sum",
        "M-1": None,
        "-X": "split",
    }


def test_the_table_for_a_person(acme: Commands) -> None:
    acme.good("decide", "acme", "--sku=-X", "--split")
    said = acme.good("duplicates", "acme")
    rows = [line.split() for line in said.out.splitlines()]
    assert rows == [
        ["SKU", "listings", "oldest", "lowest", "highest", "sum", "decision"],
        ["T-1", "2", "4", "4", "9", "13", "-"],
        ["-X", "2", "1", "1", "1", "2", "split,", "not", "done", "in", "the", "store", "yet"],
        ["M-1", "2", "3", "3", "3", "6", "shared?"],
    ]
    assert said.err == (
        "3 groups · 1 disagree · 2 to decide, 1 of them alike in title, options and count · 1 to split\n"
    )
    only = acme.good("duplicates", "acme", "--show=disagree")
    assert [line.split()[0] for line in only.out.splitlines()] == ["SKU", "T-1"]


def test_an_empty_channel_has_no_groups(cli: Commands, tmp_path: Path) -> None:
    cli.good("open", export(tmp_path / "one.csv", "pan,Pan,Title,Default Title,P-1,shopify,1"))
    assert cli.good("duplicates", "one").out == ""
    assert cli.good("duplicates", "one", "--json").json == []


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_is_filled_in_and_read_back(acme: Commands, tmp_path: Path) -> None:
    rows = rows_of(acme.good("duplicates", "acme", "--csv").out)
    assert list(rows[0]) == [
        *("sku_as_text", "title", "listings", "in_scope", "agree", "oldest", "lowest", "highest", "sum"),
        *("decision", "note", "escaped"),
    ]
    by_sku = {unguarded(row["sku_as_text"]): row for row in rows}
    assert by_sku["T-1"]["highest"] == "9"
    assert by_sku["-X"]["sku_as_text"] == "'-X"
    assert by_sku["-X"]["title"] == "\\x1b]0;x\\x07 tent"
    by_sku["T-1"]["decision"] = "shared by oldest"
    by_sku["-X"]["decision"] = "left out"
    file = tmp_path / "decisions.csv"
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert acme.good("decide", "acme", f"--from-file={file}", "--json").json["changed"] == 2
    rows = rows_of(acme.good("duplicates", "acme", "--csv").out)
    again = {unguarded(row["sku_as_text"]): row["decision"] for row in rows}
    assert again == {"T-1": "shared by oldest", "-X": "left out", "M-1": ""}
    assert acme.good("decide", "acme", f"--from-file={file}", "--json").json["changed"] == 0


def test_json_is_filled_in_and_read_back(acme: Commands, tmp_path: Path) -> None:
    rows = acme.good("duplicates", "acme", "--json").json
    for row in rows:
        row["decision"] = "clear" if row["sku"] == "M-1" else "sum"
    file = tmp_path / "decisions.json"
    file.write_text(json.dumps(rows))
    acme.good("decide", "acme", "--sku=M-1", "--leave-out")
    assert acme.good("decide", "acme", f"--from-file={file}", "--json").json["changed"] == 3
    again = {row["sku"]: row["decision"] for row in acme.good("duplicates", "acme", "--json").json}
    assert again == {"T-1": "shared by sum", "-X": "shared by sum", "M-1": None}


def test_notes_are_hidden_while_the_screen_is_shared(
    acme: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    acme.good("decide", "acme", "--sku=T-1", "--split", "--note=the owner is unsure")
    assert "unsure" not in acme.good("duplicates", "acme", "--csv").out
    monkeypatch.setenv("SUPPORTDESK_PRESENTER", "off")
    rows = rows_of(acme.good("duplicates", "acme", "--csv").out)
    assert [row["note"] for row in rows] == ["the owner is unsure", "", ""]
    file = tmp_path / "d.csv"
    file.write_text("sku,decision,note\nT-1,split,\nM-1,split,as well\n")
    acme.good("decide", "acme", f"--from-file={file}")
    rows = rows_of(acme.good("duplicates", "acme", "--csv").out)
    noted = {unguarded(row["sku_as_text"]): row["note"] for row in rows}
    assert noted == {"T-1": "the owner is unsure", "M-1": "as well", "-X": ""}


FORMULAS = ["=1+1", "-X", "+1", "@x", "'=x", "''-y", "\t=x"]
STEERING = ["A\x1b[31m", "A\x7f", "A\u202eB", "A\u200b", "A\x9b", "cap \U0001f9e2\ufe0f", "a\rb"]
LIKE_THEM = [
    "\\x1b[31m",
    "<U+202E>",
    "A\\x1b[31m",
    '{"sku": "A"}',
    '"',
    "AD\n-OS",
    "clear",
    "Größe, 1",
    "a\\rb",
]


def test_hostile_skus_in_csv_are_run_by_no_spreadsheet_and_come_back(cli: Commands, tmp_path: Path) -> None:
    """`Commands` looks at every character that comes out."""
    skus = [*FORMULAS, *STEERING, *LIKE_THEM]
    source = io.StringIO()
    writer = csv.writer(source, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for number, sku in enumerate(skus):
        for which in "ab":
            title = f"=HYPERLINK({number})"
            writer.writerow((f"{number}{which}", title, "Title", "Default\x1b", sku, "shopify", 1))
    file = export(tmp_path / "any.csv", source.getvalue())
    cli.good("open", file)
    there = {line["sku"] for line in cli.good("duplicates", "any", "--json").json}
    assert there == set(skus)
    text = cli.good("duplicates", "any", "--csv").out
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert cell[:1] not in ("=", "+", "-", "@") or cell.lstrip("-").isdigit(), cell
    rows = rows_of(text)
    for found in rows:
        found["decision"] = "left out"
    filled = tmp_path / "filled.csv"
    with filled.open("w", newline="") as stream:
        writer_of = csv.DictWriter(stream, rows[0])
        writer_of.writeheader()
        writer_of.writerows(rows)
    assert cli.good("decide", "any", f"--from-file={filled}", "--json").json["changed"] == len(skus)
    assert {line["decision"] for line in cli.good("duplicates", "any", "--json").json} == {"left out"}
    cli.good("decide", "any", "--sku=A\x7f", "--shared-by=8a/Default\x1b")
    text = cli.good("duplicates", "any", "--csv").out
    filled.write_bytes(text.encode())
    assert "shared by 8a/Default\\x1b" in text
    assert cli.good("decide", "any", f"--from-file={filled}", "--json").json["changed"] == 0


@pytest.mark.parametrize("sku", ["-X", "--sku", "a b", "AD-04\n-OS", "'12075", "%", '"', "Größe, 1"])
def test_any_sku(cli: Commands, tmp_path: Path, sku: str) -> None:
    cell = '"' + sku.replace('"', '""') + '"'
    cli.good(
        "open",
        export(
            tmp_path / "any.csv",
            f"a,A,Title,Default Title,{cell},shopify,1",
            f"b,B,Title,Default Title,{cell},shopify,2",
        ),
    )
    cli.good("decide", "any", f"--sku={sku}", "--leave-out")
    (line,) = cli.good("duplicates", "any", "--json").json
    assert (line["sku"], line["decision"]) == (sku, "left out")
    file = tmp_path / "any.csv.csv"
    file.write_text(cli.good("duplicates", "any", "--csv").out.replace("left out", "split"))
    assert cli.good("decide", "any", f"--from-file={file}", "--json").json["changed"] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--sku=T-1"], "usage", "what they are"),
        (["--split"], "usage", "which groups"),
        (["--sku=T-1", "--all-to-decide", "--split"], "usage", "which groups"),
        (["--sku=T-1", "--split", "--leave-out"], "usage", "what they are"),
        (["--sku=T-1", "--shared-by=oldest", "--clear"], "usage", "what they are"),
        (["--all-to-decide", "--clear"], "usage", "name them"),
        (["--sku=T-1", "--clear", "--note=x"], "usage", "notes"),
        (["--sku=T-1", "--split", "--elsewhere=sum"], "usage", "--elsewhere"),
        (["--sku=T-1", "--shared-by=oldest", "--elsewhere=sum"], "usage", "named listing"),
        (["--sku=T-1", "--shared-by="], "usage", "rule or a listing"),
        (["--sku=", "--split"], "usage", "empty SKU"),
        (["--sku=T-2", "--split"], "unknown", "T-2"),
        (["--sku=P-1", "--split"], "unknown", "P-1"),
        (["--sku=M-1", "--sku=t-1", "--split"], "unknown", "t-1"),
        (["--from-file=nowhere.csv"], "usage", "nowhere.csv"),
        (["--from-file=nowhere.csv", "--split"], "usage", "stand in the file"),
        (["--from-file=nowhere.csv", "--note=x"], "usage", "stand in the file"),
        (["--sku=T-1", "--shared-by=listing", "--read-only"], "refused", "read-only"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided(acme: Commands, words: list[str], code: str, said: str) -> None:
    error = acme.refused(4 if code == "refused" else 2, "decide", "acme", *words)
    assert error["code"] == code
    assert said in error["detail"]


@pytest.mark.parametrize("listing", ["nothing", "tent", "mug/Default Title", "oldest "])
def test_a_listing_that_is_not_in_the_group(acme: Commands, listing: str) -> None:
    error = acme.refused(4, "decide", "acme", "--sku=T-1", f"--shared-by={listing}")
    assert error["code"] == "refused"
    assert "tent-sale/Default Title" in error["next"]


GOOD_ROW = "T-1,split,\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "'sku'"),
        ("SKU,note\nT-1,x\n", "'decision'"),
        ("sku,sku,decision\nT-1,T-1,split\n", "'sku'"),
        (f"sku,decision,note\n{GOOD_ROW}T-9,split,\n", "row 3 of d.csv"),
        (f"sku,decision,note\n{GOOD_ROW}M-1,perhaps,\n", "row 3 of d.csv: 'perhaps'"),
        (f"sku,decision,note\n{GOOD_ROW}\n,split,\n", "row 4 of d.csv has no SKU"),
        (f"sku,decision,note\n{GOOD_ROW}M-1,split\n", "row 3 of d.csv has 2 cells"),
        (f"sku,decision,note\n{GOOD_ROW}{GOOD_ROW}", "row 3 of d.csv names 'T-1' again, after row 2"),
        (f"sku,decision,note\n{GOOD_ROW}M-1,shared by tent,\n", "row 3 of d.csv: 'tent' is no listing"),
        (f'sku,decision,note\n{GOOD_ROW}M-1,"split\n', "breaks off"),
        ('[{"sku": "T-1", "decision": "split"}', "no JSON"),
        ('{"sku": "T-1", "decision": "split"}', "not a list"),
        ('[{"sku": "T-1", "decision": "split"}, 7]', "row 2 of d.csv is not an object"),
        ('[{"sku": "T-1", "decision": "split"}, {"sku": 7}]', "row 2 of d.csv: its sku is not text"),
        ('[{"sku": "T-1", "decision": ["split"]}]', "row 1 of d.csv: its decision"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(
    acme: Commands, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "d.csv"
    file.write_text(content)
    with_code = acme("decide", "acme", f"--from-file={file}", "--json")
    error = acme.refused(with_code.code, "decide", "acme", f"--from-file={file}")
    assert with_code.code in (2, 4)
    assert said in error["detail"]


def test_a_file_that_is_no_text_or_no_file(acme: Commands, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes(b"\xff\xfe\x00sku")
    assert "UTF-8" in acme.refused(2, "decide", "acme", f"--from-file={file}")["detail"]
    assert "directory" in acme.refused(2, "decide", "acme", f"--from-file={tmp_path}")["detail"].lower()


@pytest.mark.parametrize(
    "words",
    [
        ["duplicates", "acm"],
        ["decide", "acm", "--all-to-decide", "--split"],
        ["duplicates", "acme", "--csv"],
        ["duplicates", "acme", "--show=some"],
    ],
)
def test_other_words_that_do_not_fit(acme: Commands, words: list[str]) -> None:
    assert acme.refused(2, *words)["next"]


def test_a_channel_that_was_never_loaded(cli: Commands, served: Served) -> None:
    cli.good(*served.connect)
    for words in (["duplicates", "kestrel"], ["decide", "kestrel", "--all-to-decide", "--split"]):
        assert cli.refused(1, *words)["code"] == "not_loaded"


def test_all_to_decide_touches_undecided_groups_only(acme: Commands) -> None:
    acme.good("decide", "acme", "--sku=T-1", "--split", "--note=theirs")
    assert acme.good("decide", "acme", "--all-to-decide", "--leave-out", "--json").json == {
        "changed": 2,
        "groups": 3,
        "disagree": 1,
        "to_decide": 1,
        "not_done": 1,
        "look_again": 0,
    }
    assert acme.good("decide", "acme", "--all-to-decide", "--shared-by=oldest", "--json").json["changed"] == 0


def test_what_is_decided_but_not_done_is_said_apart(acme: Commands, tmp_path: Path) -> None:
    said = acme.good("decide", "acme", "--all-to-decide", "--split").err
    assert said == "3 groups · 1 disagree · 3 to split\n"

    def check() -> Any:
        return next(each for each in acme.good("check", "acme", "--json").json if each["id"] == "duplicates")

    assert (check()["state"], ": 3 to split; in 1 of them the counts disagree." in check()["text"]) == (
        "block",
        True,
    )
    acme.good("decide", "acme", "--sku=M-1", "--shared-by=oldest")
    acme.good("decide", "acme", "--sku=T-1", "--clear")
    export(
        tmp_path / "acme.csv",
        "tent,Tent,Title,Default Title,T-1,shopify,4",
        "tent-sale,Tent on sale,Title,Default Title,T-1,shopify,9",
        "mug,Mug,Title,Default Title,M-1,shopify,3",
        "mug-2,Mug,Title,Default Title,M-1,shopify,3",
        "mug-3,Mug,Title,Default Title,M-1,shopify,3",
        "a,A,Title,Default Title,-X,shopify,1",
        "b,B,Title,Default Title,-X,shopify,1",
    )
    acme.good("load", "acme")
    said = acme.good("duplicates", "acme").err
    assert said == "3 groups · 1 disagree · 1 to decide · 1 to split · 1 to recheck\n"
    assert ": 1 to decide, 1 to split, 1 to recheck; in 1 of them the counts disagree." in check()["text"]
    counted = acme.good("decide", "acme", "--sku=-X", "--split", "--json").json
    assert [counted[name] for name in ("changed", "to_decide", "not_done", "look_again")] == [0, 3, 1, 1]


@pytest.mark.parametrize("choice", ["--split", "--leave-out", "--shared-by=oldest"])
def test_saying_the_same_again_changes_nothing_and_says_so(
    acme: Commands, choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("decide", "acme", "--sku=T-1", choice)
    assert acme.good(*words, "--note=mine").out.startswith("1 decision changed: ")
    before = dump(acme.home)
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "somebody else")
    assert acme.good(*words).out == "Nothing changed: already so.\n"
    assert acme.good(*words, "--note=mine", "--json").json["changed"] == 0
    assert dump(acme.home) == before
    assert acme.good(*words, "--sku=M-1").out.endswith("; 1 already so.\n")
    assert acme.good(*words, "--note=theirs", "--json").json["changed"] == 1
    assert acme.good("decide", "acme", "--sku=-X", "--clear").out == "Nothing changed: not decided anyway.\n"
    acme.good("decide", "acme", "--all-to-decide", choice)
    said = acme.good("decide", "acme", "--all-to-decide", choice).out
    assert said == "Nothing changed: every group is decided.\n"


def test_only_while_the_decision_is_the_one_that_was_seen(acme: Commands) -> None:
    def revision(sku: str) -> int:
        lines = acme.good("duplicates", "acme", "--json").json
        return next(int(line["revision"]) for line in lines if line["sku"] == sku)

    assert revision("T-1") == 0
    acme.good("decide", "acme", "--sku=T-1", "--split", "--seen=0")
    seen = revision("T-1")
    assert seen > 0
    error = acme.refused(4, "decide", "acme", "--sku=T-1", "--leave-out", "--seen=0")
    assert (error["code"], "split, said by" in error["detail"]) == ("conflict", True)
    acme.good("decide", "acme", "--sku=T-1", "--leave-out", f"--seen={seen}")
    assert acme.refused(4, "decide", "acme", "--sku=T-1", "--clear", f"--seen={seen}")["code"] == "conflict"
    acme.good("decide", "acme", "--sku=T-1", "--clear", f"--seen={revision('T-1')}")
    assert revision("T-1") == 0


def test_a_sku_that_looks_like_an_option_is_joined_to_its_own(acme: Commands) -> None:
    for words in (["--sku", "-X", "--split"], ["--split", "--sku"]):
        assert "--sku=-X" in acme.refused(2, "decide", "acme", *words)["next"]
    assert "--note=-X" in acme.refused(2, "decide", "acme", "--sku=-X", "--note", "-y", "--split")["next"]
    acme.good("decide", "acme", "--sku=-X", "--split")


@pytest.mark.parametrize(
    "words",
    [
        ["--sku=T-1", "--sku=M-1", "--split", "--seen=0"],
        ["--all-to-decide", "--split", "--seen=0"],
        ["--from-file=d.csv", "--seen=0"],
        ["--sku=T-1", "--split", "--seen=x"],
    ],
)
def test_what_was_seen_is_one_revision(acme: Commands, words: list[str]) -> None:
    assert "--seen" in acme.refused(2, "decide", "acme", *words)["detail"]


def test_a_file_of_which_one_row_is_wrong_leaves_nothing_behind(acme: Commands, tmp_path: Path) -> None:
    """After it the same tables serve a file that is right."""
    file = tmp_path / "d.csv"
    file.write_text("sku,decision\nT-1,split\nM-1,split\nT-9,split\n")
    assert "row 4 of d.csv" in acme.refused(2, "decide", "acme", f"--from-file={file}")["detail"]
    file.write_text("sku,decision\nT-1,split\nM-1,clear\n")
    assert acme.good("decide", "acme", f"--from-file={file}").out == "1 decision changed.\n"
    assert acme.good("decide", "acme", f"--from-file={file}").out == "Nothing changed: already so.\n"


@pytest.mark.skipif(not (SHARED / "bicycles.csv").exists(), reason="the sample catalogue is not here")
def test_the_sample_catalogue(cli: Commands) -> None:
    cli.good("open", SHARED / "bicycles.csv")
    groups: list[dict[str, Any]] = cli.good("duplicates", "bicycles", "--json").json
    assert len(groups) == 30
    assert [sum(group[rule] for group in groups) for rule in ("oldest", "lowest", "highest", "sum")] == [
        432, 368, 914, 1513
    ]  # fmt: skip
    assert groups[0]["sku"] == "Nikola"
    assert len(groups[0]["listings"]) == 8
    # The numbers are those of the levels in the same answer.
    for group in groups:
        shown = [units for each in group["listings"] for units in each["levels"].values()]
        assert (group["lowest"], group["highest"], group["sum"]) == (min(shown), max(shown), sum(shown))


def test_locations_of_one_name_are_told_apart(cli: Commands, served: Served) -> None:
    served.shop.locations[DEPOT.id].name = MAIN.name
    cli.good(*served.connect)
    cli.good("load", "kestrel")
    (group,) = cli.good("duplicates", "kestrel", "--json").json
    assert group["listings"][0]["levels"] == {"Main St (101)": 5, "Main St (102)": 7}
