"""A list in a JSON file read element by element, so that a file of any size takes no more room than its longest row."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from supportdesk.errors import WrongUsage

_PIECE: Final = 1 << 16
"""Characters read at a time, at least."""
LONGEST: Final = 1 << 26
"""Characters that one row may have."""
_NEXT: Final = "Correct it there; nothing was written."
_SPACE: Final = frozenset(" \t\r\n")
_AFTER: Final = _SPACE | {",", "]"}


def json_rows(file: Path, text: io.TextIOBase) -> Iterator[Any]:
    """The elements of the list in `text`. Raises `WrongUsage` naming `file` for what is no JSON, or no list."""
    reader = _Reader(file, text)
    if reader.next_character() != "[":
        raise WrongUsage(
            f"{file} is not a list of rows.", 'It looks like [{"sku": "A", "decision": "split"}].'
        )
    reader.at += 1
    if reader.next_character() != "]":
        while True:
            yield reader.element()
            if (character := reader.next_character()) != ",":
                break
            reader.at += 1
        if character != "]":
            raise reader.wrong("a list that goes on after a row needs a comma there, or its end")
    reader.at += 1
    if reader.next_character():
        raise reader.wrong("there is more after the end of the list")


class _Reader:
    def __init__(self, file: Path, text: io.TextIOBase) -> None:
        self._file = file
        self._text = text
        self._held = ""
        self._ended = False
        self._rows = 0
        self._decoder = json.JSONDecoder()
        self.at = 0
        """Where in the text held the next character stands."""

    def _more(self) -> None:
        """Hold more of the text, at least as much again as is left of it, and let go of what was read."""
        left = self._held[self.at :]
        piece = self._text.read(max(_PIECE, len(left)))
        self._ended = not piece
        self._held, self.at = left + piece, 0

    def next_character(self) -> str:
        """The next character that is no white space, '' at the end."""
        while True:
            while self.at < len(self._held):
                if self._held[self.at] not in _SPACE:
                    return self._held[self.at]
                self.at += 1
            if self._ended:
                return ""
            self._more()

    def element(self) -> Any:
        """The element that begins here."""
        self._rows += 1
        self.next_character()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self.at)
            except json.JSONDecodeError as error:
                if self._ended or len(self._held) - self.at > LONGEST:
                    raise self.wrong(error.msg) from error
            except RecursionError as error:
                raise self.wrong("too deep") from error
            else:
                # What is not followed by one of these may be the beginning of a number.
                if self._ended or self._held[end : end + 1] in _AFTER or end - self.at > LONGEST:
                    self.at = end
                    return value
            self._more()

    def wrong(self, why: str) -> WrongUsage:
        """The error for what stands here."""
        return WrongUsage(f"{self._file} is no JSON (row {self._rows}: {why}).", _NEXT)
