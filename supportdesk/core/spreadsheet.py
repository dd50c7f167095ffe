"""Text in CSV cells that a spreadsheet must not take for a formula. No files, and nothing about what the text means.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is run as a formula by spreadsheets, and a merchant's
title may be anything. Such a cell gets an apostrophe before it, which spreadsheets show as text. So does one that begins so
after apostrophes of its own: then exactly one apostrophe is ours, and taking it away again gives every text back, a SKU
of `-X` as well as one of `'-X`. Numbers are not text and stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

_RUN: Final = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """`text` as a CSV cell that no spreadsheet runs. `unguarded` gives it back."""
    return f"'{text}" if _RUN.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` made, or that needed no guard. A cell that came from elsewhere and begins with an
    apostrophe before one of those characters loses it too: spreadsheets write it so themselves."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell) else cell
