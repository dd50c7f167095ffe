"""What the Stock and Warehouses tabs write to files: every row, in the order shown, exactly, and nothing over a file that is there."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.core.stock import StockChange, StockFilter, StockOrder
from supportdesk.desk import Desk, connections, stock, stock_files
from supportdesk.errors import Refused, WrongUsage
from tests.desk.stocked import DEPOT_PLACE, HOSTILE, stocked_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two channels, three warehouses, hostile SKUs; one SKU counted."""
    desk = stocked_desk(tmp_path / "home")
    stock.change_stock(desk, "kestrel", StockChange("count", "MAIN", "MUG", 41))
    return desk


def save(
    desk: Desk,
    target: Path,
    *,
    order: StockOrder = "sku",
    descending: bool = False,
    show: StockFilter = "all",
    text: str = "",
    replace: bool = False,
) -> int:
    return stock_files.save_stock(
        desk,
        "outdoor",
        target,
        order=order,
        descending=descending,
        show=show,
        text=text,
        replace=replace,
        watch=Unwatched(),
    )


@pytest.mark.parametrize(
    ("order", "descending", "show", "text"),
    [
        ("sku", False, "all", ""),
        ("store", True, "all", ""),
        ("sku", False, "differ", ""),
        ("sku", False, "all", "mug"),
    ],
)
def test_json_holds_the_rows_that_are_shown(
    desk: Desk, tmp_path: Path, order: StockOrder, descending: bool, show: StockFilter, text: str
) -> None:
    target = tmp_path / "rows.json"
    rows = list(stock.export_stock(desk, "outdoor", order=order, descending=descending, show=show, text=text))
    assert rows
    assert save(desk, target, order=order, descending=descending, show=show, text=text) == len(rows)
    assert json.loads(target.read_text()) == [row._asdict() for row in rows]


def test_csv_holds_every_sku_but_runs_none(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    save(desk, target)
    with target.open(newline="", encoding="utf-8") as file:
        written = [row["sku"] for row in csv.DictReader(file)]
    assert len(written) == len(list(stock.export_stock(desk, "outdoor")))
    assert not [sku for sku in written if sku.startswith(("=", "+", "-", "@"))]
    assert {sku.removeprefix("'") for sku in written} >= {sku.removeprefix("'") for sku in HOSTILE}


def test_connections(desk: Desk, tmp_path: Path) -> None:
    connections.unlink(desk, "outdoor", DEPOT_PLACE, seen=None)
    target = tmp_path / "connections.json"
    lines = connections.view(desk, "outdoor").lines
    count = stock_files.save_connections(desk, "outdoor", target, replace=False, watch=Unwatched())
    written = {row["location"]: row for row in json.loads(target.read_text())}
    assert count == len(lines) == len(written)
    assert written["Main St"]["warehouse"] == "MAIN"
    assert written["Main St"]["master"] == "sumtracker"
    assert written["Main St"]["others"] == "outlet: Main St"
    assert (written["Depot"]["state"], written["Depot"]["warehouse"]) == ("unlinked", "")


@pytest.mark.parametrize("name", ["rows.csv", "rows.json"])
def test_a_file_that_is_there_is_replaced_only_when_that_is_said(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    target = tmp_path / name
    target.write_text("mine")
    with pytest.raises(Refused):
        save(desk, target)
    with pytest.raises(Refused):
        stock_files.save_connections(desk, "outdoor", target, replace=False, watch=Unwatched())
    assert target.read_text() == "mine"
    assert save(desk, target, replace=True) > 0
    assert target.read_text() != "mine"


def test_an_ending_that_says_nothing(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage):
        save(desk, tmp_path / "rows.xlsx")
    with pytest.raises(WrongUsage):
        stock_files.save_connections(desk, "outdoor", tmp_path / "rows", replace=False, watch=Unwatched())
    assert not list(tmp_path.glob("rows*"))
