"""A list written to a file that a person named: CSV or JSON by its ending, streamed, whole or not at all. What is in the list others say."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from supportdesk.core.progress import Watch
from supportdesk.core.spreadsheet import guarded
from supportdesk.errors import FileLost, Refused, WrongUsage

ENDINGS: Final = (".csv", ".json")
_LOOK_EVERY: Final = 500
"""Rows between two reports."""

Item = TypeVar("Item")
CsvRow = Sequence[str | int | None]


def is_json(target: Path) -> bool:
    """Whether the file's ending asks for JSON. Raises `WrongUsage` for an ending that is neither."""
    ending = target.suffix.casefold()
    if ending not in ENDINGS:
        raise WrongUsage(
            f"{target.name} ends in neither .csv nor .json, so it is not clear what to write.",
            "Give it one of these endings.",
        )
    return ending == ".json"


def save_csv(
    target: Path, columns: Sequence[str], rows: Iterable[CsvRow], *, replace: bool, watch: Watch
) -> int:
    """Write the rows as CSV in UTF-8; how many. Text that a spreadsheet would run gets an apostrophe (`core.spreadsheet`).

    Raises `Refused` for a file that is there, unless `replace`; `FileLost` where it cannot be written; `Cancelled`. Nothing is
    left behind then.
    """

    def write(file: IO[str]) -> int:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        count = 0
        for row in _watched(rows, watch):
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
            count += 1
        return count

    return _written(target, write, replace)


def save_json(target: Path, items: Iterable[object], *, replace: bool, watch: Watch) -> int:
    """Write the items as one JSON list, an element a line; how many. Raises as `save_csv`."""

    def write(file: IO[str]) -> int:
        count = 0
        for count, item in enumerate(_watched(items, watch), 1):
            file.write(("[" if count == 1 else ",") + msgspec.json.encode(item).decode() + "\n")
        file.write("]\n" if count else "[]\n")
        return count

    return _written(target, write, replace)


def _watched(items: Iterable[Item], watch: Watch) -> Iterator[Item]:
    """The items, with a word now and then about how many there were."""
    for count, item in enumerate(items):
        if count % _LOOK_EVERY == 0:
            watch.check()
            watch.report("Writing", count, unit="rows")
        yield item


def _written(target: Path, write: Callable[[IO[str]], int], replace: bool) -> int:
    """Let `write` fill a file beside the target, then put it in its place. Only its owner may read it: it is a merchant's stock."""
    target = target.expanduser()
    try:
        if not replace and target.exists():
            raise _is_there(target)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}-", suffix=".part")
        part = Path(name)
        try:
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                count = write(file)
            _put(part, target, replace)
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError:
        raise _is_there(target) from None
    except OSError as error:
        raise FileLost(
            f"{target} cannot be written: {error.strerror or error}.", "Name a file in another folder."
        ) from error
    return count


def _put(part: Path, target: Path, replace: bool) -> None:
    """Put the whole file in its place; the file of nobody else is taken, unless `replace`."""
    if not replace:
        try:
            os.link(part, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if target.exists():
                raise FileExistsError(str(target)) from None
        else:
            return
    part.replace(target)


def _is_there(target: Path) -> Refused:
    return Refused(f"{target} is already there.", "Name another file, or say that it is to be replaced.")
