"""Decisions out of a file: CSV or JSON rows of `sku`, `decision`, `note`, checked as rows. What they mean for a group is the ledger's business."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supportdesk.core.duplicates import choice_in_words
from supportdesk.core.spreadsheet import unguarded
from supportdesk.errors import WrongUsage

if TYPE_CHECKING:
    from supportdesk.ledger.decisions import Said

_NEXT: Final = "Correct it there; nothing was written."
AS_TEXT: Final = "sku_as_text"
"""What the column of SKUs is called in a file whose cells are guarded against spreadsheets (`core.spreadsheet`)."""
_CLEAR: Final = "clear"
"""The word that takes a decision back."""


def read_decisions(file: Path) -> dict[str, Said]:
    """What the file says, by SKU. A row without a decision says nothing; `clear` takes one back; no note keeps the one there is.

    Columns beside the three are ignored, so that what `duplicates --csv` or `--json` gives can be filled in and read back.
    Raises `WrongUsage` naming the file, or its first row that cannot be read.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise WrongUsage(f"{file}: {error.strerror}.", "Name a CSV or JSON file of decisions.") from error
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{file} is not text in UTF-8.", "Save it as CSV in UTF-8.") from error
    rows = _json_rows(file, text) if text.lstrip().startswith(("[", "{")) else _csv_rows(file, text)
    return _said(rows)


def _csv_rows(file: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
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
            yield where, dict(zip(names, map(unguarded, cells) if as_text else cells, strict=True))
    except csv.Error as error:
        raise WrongUsage(
            f"{file} breaks off or is no CSV (line {reader.line_num}: {error}).", _NEXT
        ) from error


def _json_rows(file: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import json

    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongUsage(f"{file} is no JSON ({error}).", _NEXT) from error
    if not isinstance(rows, list):
        raise WrongUsage(
            f"{file} is not a list of rows.", 'It looks like [{"sku": "A", "decision": "split"}].'
        )
    for number, row in enumerate(rows, 1):
        where = f"row {number} of {file.name}"
        if not isinstance(row, dict):
            raise WrongUsage(f"{where} is not an object.", _NEXT)
        for name in ("sku", "decision", "note"):
            if not isinstance(row.get(name), str | None):
                raise WrongUsage(f"{where}: its {name} is not text.", _NEXT)
        yield where, row


def _said(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Said]:
    from supportdesk.ledger.decisions import Said

    found: dict[str, Said] = {}
    for where, row in rows:
        sku, words, note = row.get("sku"), row.get("decision") or "", row.get("note")
        if not sku:
            raise WrongUsage(f"{where} has no SKU.", _NEXT)
        if not words.strip():
            continue
        if sku in found:
            raise WrongUsage(f"{where} names {sku!r} again, after {found[sku].where}.", _NEXT)
        try:
            choice = None if words.strip().casefold() == _CLEAR else choice_in_words(words)
        except WrongUsage as error:
            raise WrongUsage(f"{where}: {error.detail}", error.next_step) from error
        found[sku] = Said(choice, note or None, where=where)
    return found
