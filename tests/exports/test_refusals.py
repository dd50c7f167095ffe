"""Every file that `ExportFiles` refuses, and the sentence it says: the file, the row, the column, what to do."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.errors import ExportInvalid
from supportdesk.exports import ExportFiles
from tests.exports.generations import INVENTORY, Item, Numbers, csv_text, load, products, written

WIDE = "Handle,Title,Option1 Value,SKU,Main St\n"
LONG = "Handle,Option1 Value,SKU,Location,Committed,Available,On hand\n"
PRODUCTS = "Handle,Title,Option1 Value,Variant SKU,Variant Inventory Qty,Status\n"
ROW = "mug,Mug,Blue,M-1,4\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", ["empty"], id="empty"),
        pytest.param(b"\xef\xbb\xbf\r\n  \n", ["empty"], id="blank"),
        pytest.param(b"\n" * 9000, ["empty"], id="long-blank"),
        pytest.param(b"\xff\xfe" + WIDE.encode("utf-16-le"), ["UTF-16", "CSV UTF-8"], id="utf-16-mark"),
        pytest.param((WIDE + ROW).encode("utf-16-be"), ["UTF-16"], id="utf-16-unmarked"),
        pytest.param(b"%PDF-1.7 x", ["PDF"], id="pdf"),
        pytest.param(b"PK\x03\x04xx", ["ZIP", "Excel"], id="zip"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1", ["old Excel"], id="xls"),
        pytest.param(b"\x1f\x8b\x08", ["gzip"], id="gzip"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ["binary"], id="png"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\x00" * 400, ["binary file, not a CSV", "Export it"], id="png-and-zeros"),
        pytest.param(b"\x00\x01" * 3000, ["binary file, not a CSV"], id="half-zeros"),
        pytest.param((WIDE + "колышки,Шатёр　2,Да,K-1,4\n" * 300).encode("utf-16-le"), ["UTF-16"], id="utf-16-cut"),
        pytest.param(b"\n<!DOCTYPE html><html>", ["web page", "sign in"], id="html"),
        pytest.param(b'{"errors": "x"}', ["JSON"], id="json"),
        pytest.param(WIDE + ROW * 900 + "mug,Mug,Red,M\x002,4\n", ["line 902", "NUL"], id="nul-later"),
        pytest.param(WIDE, ["no listing", "below the header"], id="header-only"),
        pytest.param("Name,Email\n#1,a@b.c\n", ["row 1", "SKU", "Handle", "missing", "Name, Email"], id="orders"),
        pytest.param("Handle,Title\nmug,Mug\n", ["SKU (or Variant SKU) is missing", "Handle, Title"], id="no-sku"),
        pytest.param("Title,Variant SKU\nMug,M\n", ["Handle (or URL handle) is missing"], id="no-handle"),
        pytest.param("Title,Variant SKU,URL handle\nMug,M,m\n", ["row 1", "missing"], id="mixed-names"),
        pytest.param("Handle,SKU\nmug,M\n", ["no column holds a number"], id="no-location-column"),
        pytest.param("Handle,SKU,Location,Committed\nm,M,A,1\n", ["column Available is missing"], id="no-available"),
        pytest.param("Handle,SKU,Main,Main\nm,M,1,2\n", ["two columns are named Main"], id="column-twice"),
        pytest.param("Handle,SKU,Title,title,Main\nm,M,T,U,1\n", ["two columns are named Title"], id="title-twice"),
        pytest.param("Handle;SKU;Main\nm;M;1\n", ["semicolons"], id="semicolons"),
        pytest.param("Handle\tSKU\tMain\nm\tM\t1\n", ["tabs"], id="tabs"),
        pytest.param(WIDE + ROW + "mug,Mu", ["row 3", "cut short", "2 of 5"], id="last-row-short"),
        pytest.param(WIDE + "mug,Mug\n" + ROW, ["row 2", "2 cells under 5"], id="row-short"),
        pytest.param(WIDE + "mug,Mug,Blue,M,1,4\n" + ROW, ["row 2", "6 cells under 5"], id="row-long"),
        pytest.param(WIDE + ROW + 'mug,"Mug\nand more\n', ["row 3", "cut short", "never ends"], id="quote-open"),
        pytest.param(WIDE + 'mug,"Mug"s,Blue,M,1\n', ["row 2", "not doubled"], id="quote-within"),
        pytest.param(
            (WIDE + ROW + "mug,Café,Red,M-2,4\n").encode("latin-1"), ["row 3", "0xE9", "Latin-1"], id="latin-1"
        ),
        pytest.param((WIDE + ROW).encode() + "mug,Café".encode()[:-1], ["cut short", "character"], id="half-character"),
        pytest.param(WIDE + "mug,Mug,Blue,M-1,1.5\n", ["row 2", "column Main St", "'1.5'"], id="decimal"),
        pytest.param(WIDE + "mug,Mug,Blue,M-1,many\n", ["row 2", "column Main St", "'many'"], id="text"),
        pytest.param(WIDE + "mug,Mug,Blue,M-1,١\n", ["row 2", "whole number"], id="arabic-digit"),
        pytest.param(WIDE + "mug,Mug,Blue,M-1,1e3\n", ["row 2", "whole number"], id="exponent"),
        pytest.param(WIDE + "mug,Mug,Blue,M-1,2147483648\n", ["row 2", "more than Shopify"], id="huge"),
        pytest.param(WIDE + f"mug,Mug,Blue,M-1,{'9' * 5000}\n", ["row 2", "whole number"], id="endless"),
        pytest.param(WIDE + ",Mug,Blue,M-1,4\n", ["row 2", "column Handle", "no handle"], id="no-handle-cell"),
        pytest.param("Handle,SKU,Main,\nm,M,1,7\n", ["row 2", "column 4 has no name"], id="nameless-column"),
        pytest.param(PRODUCTS + "m,Mug,B,M,1,gone\n", ["row 2", "column Status", "'gone'", "archived"], id="status"),
        pytest.param(LONG + "m,B,M,,0,1,1\n", ["row 2", "column Location", "no location"], id="no-location"),
        pytest.param(WIDE + ROW + "mug,Mug,Blue,M-1,5\n", ["row 3", "mug/Blue at Main St", "5", "4"], id="wide-twice"),
        pytest.param(
            LONG + "m,B,M,Main,-1,1,0\nx,B,X,Main,0,0,0\nm,B,M,Main,-2,1,0\n",
            ["row 4", "m/B at Main", "committed -2", "-1"], id="long-twice",
        ),
        pytest.param(WIDE + ROW + "mug,Mug,Blue,M-2,4\n", ["row 3", "column SKU", "'M-2'", "'M-1'"], id="other-sku"),
        pytest.param(
            PRODUCTS + "m,Mug,B,M,-1,\nm,,B,M,-2,\n", ["row 3", "m/B", "twice", "same time"], id="product-twice"
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_refused(content: str | bytes, words: list[str], tmp_path: Path) -> None:
    path = written(tmp_path / "export.csv", content)
    with pytest.raises(ExportInvalid) as caught:
        load(path)
    error = caught.value
    assert [word for word in ["export.csv", *words] if word not in str(error)] == []
    assert error.next_step
    assert "\n" not in str(error)
    assert len(str(error)) < 400


def test_a_workbook_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "stock.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(ExportInvalid, match="Excel workbook"):
        ExportFiles([path])


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path, "no such file"),
        (_folder, "this is a folder"),
        (_pipe, "a pipe"),
        (lambda path: path / "\x00", "cannot be the name"),
        (lambda path: path / ("x" * 5000), "too long"),
    ],
    ids=["missing", "folder", "pipe", "nul", "long-name"],
)
def test_what_is_no_file(make: Callable[[Path], Path], words: str, tmp_path: Path) -> None:
    with pytest.raises(ExportInvalid, match=words):
        ExportFiles([make(tmp_path / "export.csv")])


def test_no_file_at_all() -> None:
    with pytest.raises(ExportInvalid, match="No file"):
        ExportFiles([])


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "export.csv", WIDE + ROW)
    if os.geteuid() == 0:  # root reads everything: let the system's refusal come from open itself
        monkeypatch.setattr(Path, "open", _refusing)
    else:
        path.chmod(0)
    with pytest.raises(ExportInvalid, match="no permission"):
        ExportFiles([path])


def _refusing(*_arguments: object, **_options: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_the_same_file_twice(tmp_path: Path) -> None:
    path = written(tmp_path / "export.csv", WIDE + ROW)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    for again in (path, link):
        with pytest.raises(ExportInvalid, match="given twice"):
            ExportFiles([path, again])


def test_a_copy_of_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "part 1.csv", WIDE + ROW)
    copy = written(tmp_path / "part 1 (1).csv", WIDE + ROW)
    with pytest.raises(ExportInvalid, match=r"part 1 \(1\)\.csv: its contents are those of part 1\.csv"):
        ExportFiles([path, copy])


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one = written(_folder(tmp_path / "a") / "export.csv", WIDE + ROW)
    other = written(_folder(tmp_path / "b") / "export.csv", WIDE + ROW.replace("4", "five"))
    with pytest.raises(ExportInvalid, match=r"b/export\.csv, row 2"):
        load(one, other)


def test_numbers_that_differ_between_files(tmp_path: Path) -> None:
    items = [Item("mug", sku="M", stock={"Main": Numbers(4)})]
    wide = written(tmp_path / "wide.csv", INVENTORY["inventory_wide"](items))
    long = written(tmp_path / "long.csv", csv_text(INVENTORY["inventory_long"](items)).replace(",4,", ",3,"))
    with pytest.raises(
        ExportInvalid, match=r"wide\.csv, row 2: mug/Default Title at Main has available 4 here and 3"
    ):
        load(wide, long)


def test_skus_that_differ_between_products_and_inventory(tmp_path: Path) -> None:
    stock = written(
        tmp_path / "stock.csv", INVENTORY["inventory_wide"]([Item("m", sku="M", stock={"A": Numbers(1)})])
    )
    facts = written(tmp_path / "facts.csv", products([Item("m", sku="M-new")]))
    with pytest.raises(
        ExportInvalid, match=r"stock\.csv, row 2, column SKU: .*'M' here and 'M-new' elsewhere"
    ):
        load(stock, facts)


def test_a_file_that_changes_between_the_two_readings(tmp_path: Path) -> None:
    path = written(tmp_path / "export.csv", WIDE + ROW)
    source = ExportFiles([path])
    source.locations(Unwatched())
    written(path, WIDE + ROW + "mug,Mug,Red,M-2,1\n")
    with pytest.raises(ExportInvalid, match="changed while it was being read"):
        list(source.batches(Unwatched()))
