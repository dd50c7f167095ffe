"""Decisions out of a file: CSV or JSON rows of `sku`, `decision`, `note`, checked row by row as they are read.

What they mean for a group is the ledger's business, and so is whether a SKU is named twice. How JSON is read piece by piece is in
`json_rows`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supportdesk.core.duplicates import choice_in_words
from supportdesk.core.spreadsheet import guarded, unguarded
from supportdesk.core.text import safe_text
from supportdesk.desk.json_rows import json_rows
from supportdesk.errors import WrongUsage

if TYPE_CHECKING:
    from supportdesk.ledger.decisions import Said

_NEXT: Final = "Correct it there; nothing was written."
AS_TEXT: Final = "sku_as_text"
"""What the column of SKUs is called in a file whose cells are guarded against spreadsheets (`core.spreadsheet`)."""
ESCAPED: Final = "escaped"
"""The column that says as JSON what the cells of a row really hold that are shown with their characters written out (`escaped`)."""
_READ: Final = ("sku", "decision", "note")
_CLEAR: Final = "clear"
"""The word that takes a decision back."""


def shown(cell: str) -> str:
    """The cell as a terminal may have it: what could steer one is written out, line ends stay."""
    return "\n".join(map(safe_text, cell.split("\n")))


def escaped(cells: Mapping[str, str]) -> dict[str, str]:
    """Those of a row's `sku`, `decision` and `note` that `shown` changes: what a row's cell `ESCAPED` holds as JSON.

    While such a cell is left as it is shown, `read_decisions` takes what stands here.
    """
    return {name: cells[name] for name in _READ if name in cells and shown(cells[name]) != cells[name]}


def read_decisions(file: Path) -> Iterator[tuple[str, Said]]:
    """What the file says of each SKU, as it is read. A row without a decision says nothing; `clear` takes one back; no note keeps the one there is.

    Columns beside the three are ignored, so that what `duplicates --csv` or `--json` gives can be filled in and read back.
    Raises `WrongUsage` naming the file, or its first row that cannot be read, once it comes to it.
    """
    try:
        with file.open("rb") as raw:
            start = raw.peek(1).removeprefix(b"\xef\xbb\xbf").lstrip()
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            yield from _said(_json(file, text) if start.startswith((b"[", b"{")) else _csv_rows(file, text))
    except OSError as error:
        raise WrongUsage(f"{file}: {error.strerror}.", "Name a CSV or JSON file of decisions.") from error
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{file} is not text in UTF-8.", "Save it as CSV in UTF-8.") from error


def _csv_rows(file: Path, text: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.reader(text, strict=True)
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        as_text = AS_TEXT in names and "sku" not in names
        if as_text:
            names[names.index(AS_TEXT)] = "sku"
        for column in ("sku", "decision"):
            if names.count(column) != 1:
                raise WrongUsage(
                    f"{file} has no single column {column!r} in its first line.",
                    "Its columns are sku, decision and, if you like, note.",
                )
        for number, cells in enumerate(reader, 2):
            where = f"row {number} of {file.name}"
            if not any(cells):
                continue
            if len(cells) != len(names):
                raise WrongUsage(f"{where} has {len(cells)} cells, not {len(names)}.", _NEXT)
            row = dict(zip(names, cells, strict=True))
            yield where, _meant(row, where) if as_text else row
    except csv.Error as error:
        raise WrongUsage(
            f"{file} breaks off or is no CSV (line {reader.line_num}: {error}).", _NEXT
        ) from error


def _meant(row: Mapping[str, str], where: str) -> dict[str, str]:
    """The cells of a guarded row as they were meant: those that stand in `ESCAPED` in full, unless somebody wrote another over it."""
    meant = {name: unguarded(cell) for name, cell in row.items()}
    if cell := meant.get(ESCAPED):
        try:
            real = json.loads(cell)
        except (ValueError, RecursionError):
            real = None
        if not isinstance(real, dict) or not all(isinstance(each, str) for each in real.values()):
            raise WrongUsage(
                f"{where}: its cell {ESCAPED!r} is not as it was written.",
                f"Empty it, or write it anew. {_NEXT}",
            )
        meant |= {name: text for name, text in real.items() if row.get(name) == shown(guarded(text))}
    return meant


def _json(file: Path, text: io.TextIOBase) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, row in enumerate(json_rows(file, text), 1):
        where = f"row {number} of {file.name}"
        if not isinstance(row, dict):
            raise WrongUsage(f"{where} is not an object.", _NEXT)
        for name in _READ:
            if not isinstance(row.get(name), str | None):
                raise WrongUsage(f"{where}: its {name} is not text.", _NEXT)
        yield where, row


def _said(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, Said]]:
    from supportdesk.ledger.decisions import Said

    for where, row in rows:
        sku, words, note = row.get("sku"), row.get("decision") or "", row.get("note")
        if not sku:
            raise WrongUsage(f"{where} has no SKU.", _NEXT)
        if not words.strip():
            continue
        for name, text in (("SKU", sku), ("decision", words), ("note", note or "")):
            _refuse_broken(where, name, text)
        try:
            choice = None if words.strip().casefold() == _CLEAR else choice_in_words(words)
        except WrongUsage as error:
            raise WrongUsage(f"{where}: {error.detail}", error.next_step) from error
        yield sku, Said(choice, note or None, where=where)


def _refuse_broken(where: str, name: str, text: str) -> None:
    """Raise `WrongUsage` for half a surrogate pair, which JSON can say and no stored text can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WrongUsage(f"{where}: its {name} is not valid text.", _NEXT) from None
