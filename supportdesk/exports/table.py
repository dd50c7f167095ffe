"""One CSV file as rows of text: is it one at all, its encoding, its quotes, its width. Knows no column's meaning."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.errors import ExportInvalid

AGAIN: Final = "Export it from Shopify again."
_LARGEST_CELL: Final = 16 * 1024 * 1024
"""Characters. A product's description is one cell, and the csv module's own limit (131,072) is below real ones."""
_LINES_BETWEEN_LOOKS: Final = 1000
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""What no text holds, other than the white space that tables have."""
_SIGNATURES: Final = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Unpack it, or export as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Export as CSV instead."),
    (b"%PDF-", "a PDF", "Export as CSV instead."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
    (b"SQLite format 3\x00", "a database", "Name a CSV export of Shopify."),
    (b"\xff\xfe", "UTF-16 text, not UTF-8", "Export it again, or save it as CSV UTF-8."),
    (b"\xfe\xff", "UTF-16 text, not UTF-8", "Export it again, or save it as CSV UTF-8."),
)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that exists, can be read and begins as text does."""

    path: Path
    label: str
    """How errors and descriptions name it."""
    size: int
    """Bytes."""
    stamp: tuple[int, ...]
    """Device, inode, size and time of change: differs when the file is another or was written to."""

    def refusal(self, what: str, next_step: str = AGAIN, *, row: int = 0, column: str = "") -> ExportInvalid:
        """The error for this file: `what` is the rest of the sentence after the file, the row (1 is the header) and the column."""
        where = self.label
        if row:
            where += f", row {row}"
        if column:
            where += f", column {brief(column)}"
        return ExportInvalid(f"{where}: {what}", next_step)


def brief(text: str) -> str:
    """`text` short enough to stand in a sentence."""
    return text if len(text) <= 60 else text[:57] + "…"


def open_csv(path: Path, label: str) -> CsvFile:
    """The file at `path`, looked at but not read through. Raises `ExportInvalid` if it is none, or plainly no CSV."""
    file = _found(path, label)
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        raise _unreadable(file, error) from error
    for signature, what, next_step in _SIGNATURES:
        if start.startswith(signature):
            raise file.refusal(f"this is {what}.", next_step)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text and len(start) == file.size:
        raise file.refusal("the file is empty.")
    if text[:1] == b"<":
        raise file.refusal(
            "this is a web page (HTML or XML), not a CSV file.",
            "Often it is a sign-in page saved in its place: sign in and download the export again.",
        )
    if text[:1] in (b"{", b"["):
        raise file.refusal("this is JSON, not a CSV file.", "Name a CSV export of Shopify.")
    if b"\x00" in start:
        if _is_utf16(start):
            raise file.refusal("this is UTF-16 text, not UTF-8.", "Export it again, or save it as CSV UTF-8.")
        raise file.refusal("this is a binary file, not a CSV file.")
    return file


def _is_utf16(start: bytes) -> bool:
    """Whether `start` reads as UTF-16 without a mark: a quarter of it is ASCII, as the commas of any table, and none is a control."""
    for encoding, upper in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if upper.count(0) > len(start) // 8:
            text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start)
            if not _CONTROL.search(text):
                return True
    return False


def refuse_repeated(files: Iterable[CsvFile]) -> None:
    """Raise `ExportInvalid` if two of `files` are one file, or copies: a part downloaded twice stands for one that is missing."""
    by_size: dict[int, list[CsvFile]] = {}
    for file in files:
        for other in by_size.setdefault(file.size, []):
            if file.stamp[:2] == other.stamp[:2]:
                raise file.refusal("this file is given twice.", "Name each file once.")
            if _digest(file) == _digest(other):
                raise file.refusal(
                    f"its contents are those of {other.label}.",
                    "Name each part of an export once; if it has several parts, one is missing.",
                )
        by_size[file.size].append(file)


def read_rows(file: CsvFile, look: Callable[[int], None] | None = None) -> Iterator[tuple[int, list[str]]]:
    """Every row with its number as a spreadsheet counts (1 is the header), each as wide as the header; blank ones left out.

    `look` hears the bytes read so far every thousand lines and may raise. Raises `ExportInvalid` for a file that is not
    UTF-8, cut short, ragged, wrongly quoted, or that changed since `open_csv`.
    """
    if csv.field_size_limit() < _LARGEST_CELL:
        csv.field_size_limit(_LARGEST_CELL)
    number = 0
    try:
        if _stamp(file.path.stat()) != file.stamp:
            raise file.refusal("the file changed while it was being read.", "Open it again.")
        with (
            file.path.open("rb") as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream,
        ):
            lines = _looked_at(file, stream, raw.tell, look)
            reader = csv.reader(lines, strict=True)
            width = 0
            for number, cells in enumerate(reader, start=1):
                width = width or len(cells)
                if len(cells) != width:
                    cells = _fitted(file, cells, number, width, reader)
                if any(cells):
                    yield number, cells
    except csv.Error as error:
        raise _wrong_quotes(file, number + 1, str(error)) from error
    except UnicodeDecodeError as error:
        raise _wrong_encoding(file, error) from error
    except OSError as error:
        raise _unreadable(file, error) from error


def _found(path: Path, label: str) -> CsvFile:
    unread = CsvFile(path, label, 0, ())
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise unread.refusal("there is no such file.", "Check the name.") from error
    except ValueError as error:
        raise unread.refusal("this cannot be the name of a file.", "Check the name.") from error
    except OSError as error:
        raise _unreadable(unread, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise unread.refusal("this is a folder.", "Name the CSV files in it.")
    if not stat.S_ISREG(status.st_mode):
        raise unread.refusal(
            "this is not a file but a pipe or a device, which cannot be read twice.", "Save it first."
        )
    return CsvFile(path, label, status.st_size, _stamp(status))


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _digest(file: CsvFile) -> bytes:
    try:
        with file.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise _unreadable(file, error) from error


def _looked_at(
    file: CsvFile, lines: Iterable[str], position: Callable[[], int], look: Callable[[int], None] | None
) -> Iterator[str]:
    for count, line in enumerate(lines):
        if look is not None and count % _LINES_BETWEEN_LOOKS == 0:
            look(position())
        if "\x00" in line:
            raise file.refusal(f"line {count + 1} holds a NUL byte: this is a binary or a damaged file.")
        yield line


def _fitted(file: CsvFile, cells: list[str], number: int, width: int, rest: Iterator[list[str]]) -> list[str]:
    """A row that is not as wide as the header: nothing, or with blank cells too many, or refused."""
    if not any(cells):
        return []
    if len(cells) > width:
        if any(cells[width:]):
            raise file.refusal(f"there are {len(cells)} cells under {width} columns.", row=number)
        return cells[:width]
    if next(rest, None) is None:
        raise file.refusal(
            f"the file is cut short: its last row has {len(cells)} of {width} cells.", row=number
        )
    raise file.refusal(f"there are {len(cells)} cells under {width} columns.", row=number)


def _wrong_quotes(file: CsvFile, row: int, reason: str) -> ExportInvalid:
    if "unexpected end" in reason:
        return file.refusal("the file is cut short: a quoted cell that begins here never ends.", row=row)
    if "field limit" in reason:
        return file.refusal("a cell is over 16 million characters long: a quote is missing.", row=row)
    return file.refusal("a quote within a quoted cell is not doubled, so the row has no clear end.", row=row)


def _wrong_encoding(file: CsvFile, error: UnicodeDecodeError) -> ExportInvalid:
    if error.reason == "unexpected end of data":
        return file.refusal("the file is cut short: it ends in the middle of a character.")
    byte = error.object[error.start]
    return file.refusal(
        f"the file is not UTF-8: the byte 0x{byte:02X} stands where Latin-1 or Windows-1252 would have a letter.",
        "Export it again, or save it as CSV UTF-8.",
        row=_row_of_bad_byte(file),
    )


def _row_of_bad_byte(file: CsvFile) -> int:
    with file.path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as stream:
        try:
            for number, cells in enumerate(csv.reader(stream), start=1):
                if any("\udc80" <= character <= "\udcff" for cell in cells for character in cell):
                    return number
        except csv.Error:
            pass
    return 0


def _unreadable(file: CsvFile, error: OSError) -> ExportInvalid:
    if isinstance(error, PermissionError):
        return file.refusal("you have no permission to read it.", "Change its permissions, or copy it.")
    return file.refusal(f"it cannot be read ({error.strerror or error}).", "Check the file and the disk.")
