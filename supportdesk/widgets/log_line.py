"""One line of a `LogView`, and how it is drawn in the columns there are. Which lines stand there, and the cursor, are the view's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from supportdesk.core.text import safe_text
from supportdesk.widgets.table import Tone

_LEAST_TEXT: Final = 16
_LEAST_WIDTH: Final = 20

CursorLook = Literal["", "cursor", "blurred"]
"""Not on the line; on it; on it while the view has not the focus."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. All texts may be foreign."""

    key: int
    """Grows from line to line."""
    day: str
    """The day it belongs to, as the rule above the first line of a day says it."""
    time: str
    sign: str
    tone: Tone
    word: str
    place: str
    sku: str
    numbers: str
    text: str
    beside: str = ""
    """What stands beside the place, where both fit."""
    item: object = None
    """What the line is made of, for whoever made it."""

    @property
    def places(self) -> str:
        """The place, and what stands beside it."""
        return f"{self.place} → {self.beside}" if self.beside else self.place

    def as_text(self) -> str:
        """The line as it is copied."""
        parts = (self.day, self.time, self.sign, self.word, self.places, self.sku, self.numbers, self.text)
        return "  ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class LogLook:
    """How a line stands in its view."""

    cursor: CursorLook
    marked: bool
    matches: bool
    wraps: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths, by the room there is."""

    word: int
    place: int
    sku: int
    numbers: int


def columns_for(width: int) -> Columns:
    """The columns of a view that wide."""
    if width >= 150:
        return Columns(9, 20, 28, 15)
    if width >= 110:
        return Columns(9, 16, 22, 13)
    if width >= 95:
        return Columns(9, 14, 18, 11)
    return Columns(8, 9, 14, 9) if width >= 70 else Columns(7, 6, 10, 8)


def rows_of(line: LogLine, look: LogLook, width: int, style: Callable[[str], Style]) -> list[Strip]:
    """The rows of a line in `width` columns: one, or as many as its text takes. `style` knows the looks by name."""
    width = max(_LEAST_WIDTH, width)
    columns = columns_for(width)
    lead = ("▸" if look.cursor else " ") + ("●" if look.marked else " ")
    head = f"{line.time} "
    middle = " " + fit(safe_text(line.word), columns.word) + " "
    if line.place or line.sku or line.numbers:
        places = safe_text(line.places)
        place = places if cell_len(places) <= columns.place else safe_text(line.place)
        middle += fit(place, columns.place) + " "
    if line.sku or line.numbers:
        middle += fit(safe_text(line.sku), columns.sku, keeps_end=True) + " "
    if line.numbers:
        middle += fit(shortened(line.numbers, columns.numbers), columns.numbers, right=True) + "  "
    text = safe_text(line.text)
    begin = 2 + cell_len(head) + 1 + cell_len(middle)
    indent = 2 + cell_len(head) + 2
    room = max(_LEAST_TEXT, width - begin), max(_LEAST_TEXT, width - indent)
    pieces = wrapped(text, *room) if look.wraps else [text]
    base = "cursor" if look.cursor == "cursor" else ""
    tone = style(base or line.tone)
    plain = style(base or ("match" if look.matches else ""))
    if look.marked and not base:
        plain = style("marked")
    time = style(base or "muted")
    rows = []
    for number, piece in enumerate(pieces):
        if number:
            rows.append(Strip([Segment(fit(" " * indent + piece, width), plain)], width))
            continue
        rest = fit(middle + piece, width - 2 - cell_len(head) - 1)
        if base:
            segments = [Segment(fit(lead + head + line.sign + rest, width), plain)]
        else:
            segments = [Segment(lead + head, time), Segment(line.sign, tone), Segment(rest, plain)]
        rows.append(Strip(segments, width))
    return rows


def fit(text: str, width: int, *, right: bool = False, keeps_end: bool = False) -> str:
    """`text` in exactly `width` columns, cut with an ellipsis where it is longer."""
    length = cell_len(text)
    if length > width:
        if keeps_end and text.isascii() and width > 4:
            end = (width - 1) // 2
            return text[: width - 1 - end] + "…" + text[-end:]
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)


def shortened(numbers: str, width: int) -> str:
    """`40 → 38` in at most `width` columns: a number with digits cut off is another number, so rather what it became alone."""
    before, arrow, after = numbers.rpartition("→")
    plain = numbers.replace(",", "")
    for text in (numbers, plain, f"{arrow}{after}" if before else "", f"{arrow}{after}".replace(",", "")):
        if text and cell_len(text) <= width:
            return text
    return "…" if numbers else ""


def wrapped(text: str, first: int, width: int) -> list[str]:
    """`text` in pieces of `width` columns at most, the first of `first`, broken at blanks where there are some."""
    pieces: list[str] = []
    others = width
    while cell_len(text) > (width := others if pieces else first):
        cut = set_cell_size(text, width).rstrip(" ")
        taken = len(cut) if text.startswith(cut) else len(cut) - 1
        blank = text.rfind(" ", 0, taken + 1)
        end = blank if blank > width // 3 else max(1, taken)
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*pieces, text] if text or not pieces else pieces
