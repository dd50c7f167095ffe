"""Lists written to files: whole or not at all, nobody's file taken, CSV and JSON that read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.desk.saving import is_json, save_csv, save_json
from supportdesk.errors import Cancelled, FileLost, Refused, WrongUsage

_ROWS = [("-X", 5), ("two\nlines", -3), ('say "hi", twice', None), ("日本 \u202e", 0)]


def test_csv_reads_back(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    assert save_csv(target, ("sku", "units"), _ROWS, replace=False, watch=Unwatched()) == 4
    with target.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["sku", "units"],
            ["'-X", "5"],
            ["two\nlines", "-3"],
            ['say "hi", twice', ""],
            ["日本 \u202e", "0"],
        ]
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("items", [[], [{"sku": "-X"}], [{"sku": "-X"}, {"sku": "\n"}]])
def test_json_reads_back(tmp_path: Path, items: list[dict[str, str]]) -> None:
    target = tmp_path / "list.json"
    assert save_json(target, items, replace=False, watch=Unwatched()) == len(items)
    assert json.loads(target.read_text()) == items


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    target.write_text("mine")
    with pytest.raises(Refused, match="already there"):
        save_csv(target, ("a",), [], replace=False, watch=Unwatched())
    assert target.read_text() == "mine"
    save_csv(target, ("a",), [], replace=True, watch=Unwatched())
    assert target.read_text() == "a\n"


def test_a_file_that_appears_meanwhile_is_not_taken(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"

    def rows() -> Iterator[tuple[str]]:
        target.write_text("theirs")
        yield ("x",)

    with pytest.raises(Refused, match="already there"):
        save_csv(target, ("a",), rows(), replace=False, watch=Unwatched())
    assert target.read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    target.write_text("mine")

    def rows() -> Iterator[tuple[str]]:
        yield ("x",)
        raise Cancelled("You stopped it.")

    with pytest.raises(Cancelled):
        save_csv(target, ("a",), rows(), replace=True, watch=Unwatched())
    assert target.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileLost, match="No such file") as lost:
        save_csv(tmp_path / "no" / "list.csv", ("a",), [], replace=False, watch=Unwatched())
    assert lost.value.title == "The file cannot be written"


def test_the_ending_says_which() -> None:
    assert is_json(Path("a.JSON"))
    assert not is_json(Path("a.csv"))
    with pytest.raises(WrongUsage, match="ends in neither"):
        is_json(Path("a.xlsx"))


def test_a_carriage_return_alone_is_read_back(tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    save_csv(target, ("title", "units"), [("Tent\rgreen", 1), ("Mug", 2)], replace=False, watch=Unwatched())
    with target.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["title", "units"], ["Tent\rgreen", "1"], ["Mug", "2"]]
