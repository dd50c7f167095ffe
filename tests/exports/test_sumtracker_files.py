"""Files of the Sumtracker side: headers spelled any way, every bad cell named, files that are none refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.imports import (
    BadRow,
    BundleRow,
    CloseAtRow,
    MaximumRow,
    StockFileRow,
    WarehouseRow,
)
from supportdesk.errors import ImportInvalid
from supportdesk.exports import sumtracker_files as files

Reader = Callable[[Path], Iterator[Any]]


def read(path: Path, reader: Reader, text: str | bytes) -> list[Any]:
    file = path / "given.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(reader(file))


@pytest.mark.parametrize(
    ("reader", "text", "rows"),
    [
        (
            files.read_warehouses,
            "code,name\nMAIN,Main Street\n D 1 , Depot \n",
            [WarehouseRow(2, "MAIN", "Main Street"), WarehouseRow(3, "D 1", "Depot")],
        ),
        (
            files.read_warehouses,
            "Name,CODE,Country,Priority,City,Address,Notes\nMain,M,GB,2,Kendal,1 Main St,x\n",
            [WarehouseRow(2, "M", "Main", "1 Main St", "Kendal", "GB", 2)],
        ),
        (
            files.read_bundles,
            "bundle_sku,Component-SKU,Quantity\nKIT,MUG,2\nKIT, MUG ,1.0\n",
            [BundleRow(2, "KIT", "MUG", 2), BundleRow(3, "KIT", " MUG ", 1)],
        ),
        (
            files.read_stock,
            b"\xef\xbb\xbfSKU,Warehouse,In Stock,Incoming\r\n-X,MAIN,5,\r\n'7,MAIN,-3,4\r\n",
            [StockFileRow(2, "-X", "MAIN", 5, None), StockFileRow(3, "'7", "MAIN", -3, 4)],
        ),
        (
            files.read_stock,
            'in_stock,warehouse,sku\n+7,MAIN,"A\nB"\n\n1,MAIN,"a, ""b"""\n',
            [StockFileRow(2, "A\nB", "MAIN", 7, None), StockFileRow(4, 'a, "b"', "MAIN", 1, None)],
        ),
        (
            files.read_rules,
            "sku,warehouse,close at\nMUG,MAIN,0\n",
            [CloseAtRow(2, "MUG", "MAIN", 0)],
        ),
        (
            files.read_rules,
            "Channel,Maximum\noutdoor,999\noutlet,\nthird,None\n",
            [MaximumRow(2, "outdoor", 999), MaximumRow(3, "outlet", None), MaximumRow(4, "third", None)],
        ),
        (
            files.read_rules,
            "sku,warehouse,close_at_quantity,channel,maximum\nMUG,MAIN,4,,\n,,,outdoor,9\n",
            [CloseAtRow(2, "MUG", "MAIN", 4), MaximumRow(3, "outdoor", 9)],
        ),
    ],
)
def test_rows_are_read(tmp_path: Path, reader: Reader, text: str | bytes, rows: list[object]) -> None:
    found = read(tmp_path, reader, text)
    assert found == rows


@pytest.mark.parametrize(
    ("reader", "text", "column", "why"),
    [
        (files.read_warehouses, "code,name\n,Main\n", "code", "blank"),
        (files.read_warehouses, "code,Name\nM,  \n", "Name", "blank"),
        (files.read_warehouses, "code,name,priority\nM,Main,x\n", "priority", "no whole number"),
        (files.read_warehouses, f"code,name\n{'M' * 256},Main\n", "code", "over 255"),
        (files.read_bundles, "bundle sku,component sku,quantity\nKIT,MUG,0\n", "quantity", "less than 1"),
        (files.read_bundles, "bundle sku,component sku,quantity\nKIT,,1\n", "component sku", "no SKU"),
        (files.read_bundles, "bundle sku,component sku,quantity\nKIT,MUG,1.5\n", "quantity", "'1.5'"),
        (files.read_stock, "sku,warehouse,In Stock\nMUG,MAIN,\n", "In Stock", "blank"),
        (files.read_stock, "sku,warehouse,in stock\nMUG,MAIN,twelve\n", "in stock", "'twelve'"),
        (files.read_stock, "sku,warehouse,in stock\nMUG,MAIN,1e9\n", "in stock", "'1e9'"),
        (files.read_stock, "sku,warehouse,in stock\nMUG,MAIN,٣\n", "in stock", "no whole number"),
        (files.read_stock, 'sku,warehouse,in stock\nMUG,MAIN,"1,000"\n', "in stock", "'1,000'"),
        (files.read_stock, "sku,warehouse,in stock\nMUG,MAIN,1000000001\n", "in stock", "more than"),
        (files.read_stock, "sku,warehouse,in stock\nMUG,MAIN,-1000000001\n", "in stock", "less than"),
        (files.read_stock, "sku,warehouse,in stock,incoming\nMUG,MAIN,1,-1\n", "incoming", "less than 0"),
        (files.read_stock, "sku,warehouse,in stock\nMUG,,1\n", "warehouse", "blank"),
        (files.read_stock, "sku,warehouse,in stock\n,MAIN,1\n", "sku", "no SKU"),
        (files.read_rules, "sku,warehouse,close at\nMUG,MAIN,-1\n", "close at", "less than 0"),
        (files.read_rules, "channel,maximum\noutdoor,x\n", "maximum", "'x'"),
        (
            files.read_rules,
            "sku,warehouse,close at,channel,maximum\nMUG,MAIN,4,outdoor,9\n",
            "channel",
            "not both",
        ),
        (files.read_rules, "channel,maximum\n,9\n", "sku", "no SKU"),
    ],
)
def test_a_bad_cell_is_named_and_the_others_are_read(
    tmp_path: Path, reader: Reader, text: str, column: str, why: str
) -> None:
    (bad,) = read(tmp_path, reader, text)
    assert isinstance(bad, BadRow)
    assert (bad.file, bad.row, bad.column) == ("given.csv", 2, column)
    assert why in bad.why
    assert bad.text.startswith(f"given.csv, row 2, column {column}: ")
    assert bad.text.endswith(".")


HEADER = "sku,warehouse,in stock\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("sku,warehouse\nMUG,MAIN\n", "the column in stock is missing"),
        ("name,mail\nMia,mia@example.org\n", "sku and the column warehouse"),
        ("sku;warehouse;in stock\nMUG;MAIN;1\n", "semicolons"),
        ("sku\twarehouse\tin stock\nMUG\tMAIN\t1\n", "tabs"),
        ("sku,SKU,warehouse,in stock\nA,B,MAIN,1\n", "two columns are named SKU"),
        (HEADER + "MUG,MAIN\n", "cut short"),
        (HEADER + "MUG,MAIN,1,9\n", "4 cells"),
        (HEADER + '"MUG,MAIN,1\n', "cut short"),
        ((HEADER + "M\xfcg,MAIN,1\n").encode("latin-1"), "not UTF-8"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04" + bytes(100), "Excel"),
        ("<html></html>", "web page"),
        ('{"sku": 1}', "JSON"),
    ],
)
def test_a_file_that_is_no_such_table(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ImportInvalid) as caught:
        read(tmp_path, files.read_stock, text)
    assert "given.csv" in caught.value.detail
    assert said in caught.value.detail
    assert caught.value.next_step == "It must be CSV in UTF-8 with the columns sku, warehouse, in stock."
    assert (caught.value.bad, caught.value.good) == (0, 0)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImportInvalid, match="no such file"):
        list(files.read_rules(tmp_path / "none.csv"))


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, files.read_stock, HEADER) == []
