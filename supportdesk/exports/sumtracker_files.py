"""CSV files of a merchant's Sumtracker side (warehouses, bundles, stock, rules), read into core values row by row.

A row that says nothing usable comes as a `BadRow`, so that the others can be had; whether a row fits the account is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from supportdesk.core.imports import (
    BadRow,
    BundleRow,
    CloseAtRow,
    MaximumRow,
    StockFileRow,
    WarehouseRow,
)
from supportdesk.core.stock import LARGEST_QUANTITY
from supportdesk.errors import ExportInvalid, ImportInvalid
from supportdesk.exports.table import CsvFile, brief, open_csv, read_rows

R = TypeVar("R")
Look = Callable[[int], None]
Head = Callable[[Mapping[str, str]], None]
"""Hears what the file calls each of the columns that are read, by our words for it (`in stock`)."""

_WHOLE: Final = re.compile(r"([+-]?[0-9]{1,15})(?:\.0+)?")
_LONGEST: Final = 255
"""Characters of a SKU, code or name: what Shopify's own columns hold."""
_ALIASES: Final = {"closeatquantity": "closeat", "qty": "quantity", "warehousecode": "warehouse"}


class _Bad(Exception):
    """A cell that cannot be taken."""

    def __init__(self, column: str, why: str, bundle: str = "") -> None:
        super().__init__(why)
        self.column = column
        self.why = why
        self.bundle = bundle


class _Cells(NamedTuple):
    """One row of a file, by our names of its columns."""

    places: Mapping[str, int]
    names: list[str]
    cells: list[str]

    def has(self, column: str) -> bool:
        """Whether the file has the column and the row something in it."""
        return column in self.places and bool(self.cells[self.places[column]].strip())

    def name(self, column: str) -> str:
        """What the file calls the column."""
        return self.names[self.places[column]] if column in self.places else column

    def text(self, column: str) -> str:
        """The cell without spaces at its ends, '' where the column is not there."""
        text = self.cells[self.places[column]].strip() if column in self.places else ""
        if len(text) > _LONGEST:
            raise _Bad(self.name(column), f"{brief(text)!r} is over {_LONGEST} characters long")
        return text

    def needed(self, column: str) -> str:
        """The same, where it must not be blank."""
        text = self.text(column)
        if not text:
            raise _Bad(self.name(column), "the cell is blank")
        return text

    def sku(self, column: str) -> str:
        """A SKU exactly as it stands in the file: spaces belong to it, and may be all of it."""
        self.text(column)
        sku = self.cells[self.places[column]] if column in self.places else ""
        if not sku:
            raise _Bad(self.name(column), "there is no SKU")
        return sku

    def number(self, column: str, least: int, most: int = LARGEST_QUANTITY) -> int:
        """A whole number within bounds."""
        text = self.needed(column)
        match = _WHOLE.fullmatch(text)
        if match is None:
            raise _Bad(self.name(column), f"{brief(text)!r} is no whole number")
        number = int(match.group(1))
        if not least <= number <= most:
            bound = f"less than {least:,}" if number < least else f"more than {most:,}"
            raise _Bad(self.name(column), f"{text} is {bound}")
        return number


def read_warehouses(
    path: Path, look: Look | None = None, head: Head | None = None
) -> Iterator[WarehouseRow | BadRow]:
    """Warehouses: `code`, `name`, and where there are `address`, `city`, `country`, `priority`.

    Here as in the functions below `look` hears the bytes read so far, and `head` what the file calls its columns. Raises `ImportInvalid` for a file that is no such table.
    """

    def read(row: int, cells: _Cells) -> WarehouseRow:
        return WarehouseRow(
            row,
            cells.needed("code"),
            cells.needed("name"),
            cells.text("address"),
            cells.text("city"),
            cells.text("country"),
            cells.number("priority", 0, 1_000_000) if cells.has("priority") else None,
        )

    return _rows(path, (("code", "name"),), ("address", "city", "country", "priority"), read, look, head)


def read_bundles(
    path: Path, look: Look | None = None, head: Head | None = None
) -> Iterator[BundleRow | BadRow]:
    """Components of bundles: `bundle sku`, `component sku`, `quantity`."""

    def read(row: int, cells: _Cells) -> BundleRow:
        bundle = cells.sku("bundlesku")
        try:
            return BundleRow(row, bundle, cells.sku("componentsku"), cells.number("quantity", 1))
        except _Bad as bad:
            raise _Bad(bad.column, bad.why, bundle) from None

    return _rows(path, (("bundlesku", "componentsku", "quantity"),), (), read, look, head)


def read_stock(
    path: Path, look: Look | None = None, head: Head | None = None
) -> Iterator[StockFileRow | BadRow]:
    """Stock: `sku`, `warehouse`, `in stock`, and where there is `incoming`. In stock may be negative, as an account's may."""

    def read(row: int, cells: _Cells) -> StockFileRow:
        return StockFileRow(
            row,
            cells.sku("sku"),
            cells.needed("warehouse"),
            cells.number("instock", -LARGEST_QUANTITY),
            cells.number("incoming", 0) if cells.has("incoming") else None,
        )

    return _rows(path, (("sku", "warehouse", "instock"),), ("incoming",), read, look, head)


def read_rules(
    path: Path, look: Look | None = None, head: Head | None = None
) -> Iterator[CloseAtRow | MaximumRow | BadRow]:
    """Rules: `sku`, `warehouse`, `close at`, or `channel`, `maximum`, or rows of both kinds under all five columns.

    A close-at of 0 takes it away; so does a maximum that is blank or `none`.
    """

    def read(row: int, cells: _Cells) -> CloseAtRow | MaximumRow:
        if cells.has("channel") and (cells.has("sku") or cells.has("closeat")):
            raise _Bad(cells.name("channel"), "a row is about a SKU or about a channel, not both")
        if cells.has("channel"):
            if cells.text("maximum").lower() in ("", "none"):
                return MaximumRow(row, cells.text("channel"), None)
            return MaximumRow(row, cells.text("channel"), cells.number("maximum", 0))
        return CloseAtRow(row, cells.sku("sku"), cells.needed("warehouse"), cells.number("closeat", 0))

    wanted = (("sku", "warehouse", "closeat"), ("channel", "maximum"))
    return _rows(path, wanted, (), read, look, head)


_WORDS: Final = {
    "bundlesku": "bundle sku",
    "componentsku": "component sku",
    "instock": "in stock",
    "closeat": "close at",
}


def _rows(
    path: Path,
    wanted: tuple[tuple[str, ...], ...],
    optional: tuple[str, ...],
    read: Callable[[int, _Cells], R],
    look: Look | None,
    head: Head | None,
) -> Iterator[R | BadRow]:
    """Every row of the file under a header that has all columns of one of `wanted` at least."""
    file = None
    try:
        file = open_csv(path, path.name)
        rows = read_rows(file, look)
        _, names = next(rows, (1, []))
        known = {*optional, *(column for columns in wanted for column in columns)}
        places = _places(file, names, known, wanted)
        if head is not None:
            head({_WORDS.get(column, column): names[place].strip() for column, place in places.items()})
        for number, cells in rows:
            try:
                yield read(number, _Cells(places, names, cells))
            except _Bad as bad:
                yield BadRow(file.label, number, bad.column, bad.why, bad.bundle)
    except ExportInvalid as error:
        columns = " or ".join(", ".join(_WORDS.get(each, each) for each in columns) for columns in wanted)
        raise ImportInvalid(error.detail, f"It must be CSV in UTF-8 with the columns {columns}.") from error


def _places(
    file: CsvFile, names: list[str], known: set[str], wanted: tuple[tuple[str, ...], ...]
) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        column = re.sub(r"[\s_-]+", "", name).casefold()
        column = _ALIASES.get(column, column)
        if column not in known:
            continue
        if column in places:
            raise file.refusal(f"two columns are named {brief(name)}.", row=1)
        places[column] = place
    if any(all(column in places for column in columns) for columns in wanted):
        return places
    if len(names) == 1 and (mark := re.search(r"[;\t|]", names[0])):
        between = {";": "semicolons", "\t": "tabs", "|": "bars"}[mark.group()]
        raise file.refusal(f"its cells are separated by {between}, not commas.", row=1)
    missing = min(([column for column in columns if column not in places] for columns in wanted), key=len)
    listed = ", ".join(brief(name) for name in names[:10] if name.strip()) or "columns without a name"
    verb = "is" if len(missing) == 1 else "are"
    columns = " and ".join(f"the column {_WORDS.get(each, each)}" for each in missing)
    raise file.refusal(f"{columns} {verb} missing; there are {listed}.", row=1)
