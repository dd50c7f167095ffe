"""What a SKU looks like: none, placeholder, damaged, look-alike. SKUs are compared exactly; nothing here changes one."""

from __future__ import annotations

import re
from typing import Final

from supportdesk.core.text import safe_text

MARKS: Final = {
    "blank": "only spaces",
    "placeholder": "a placeholder",
    "apostrophe": "begins with a spreadsheet's apostrophe",
    "control": "holds an invisible character",
    "padded": "has spaces at its ends",
}
"""Hygiene marks and what they say (DESIGN §5, *Listings in scope*)."""

_PLACEHOLDER: Final = re.compile(
    r"[-–—_.?x#]+|tba|test|sku"
    r"|(?:n/?a|nan|none|null|nil|undefined|default|tbd|todo|no[ -]?sku)(?:-\d+)?"
    r"|#(?:n/a|ref!|value!|name\?|null!|num!|div/0!)",  # what spreadsheets write for a formula that failed
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{3,}", re.ASCII)
_PLACEHOLDER_STARTS: Final = frozenset("uUnNtTsSdDxX")
"""First letters of placeholders: a plain SKU that begins with another is clean without a further look."""


def without_quotes(cell: str) -> str:
    """The SKU in a cell of a CSV export: two literal quote characters mean none (`reference/shopify.md` §12)."""
    return "" if cell == '""' else cell


def hygiene_mark(sku: str) -> str | None:
    """A key of `MARKS` for a SKU that is probably not meant, None for a clean one or for no SKU at all."""
    if not sku or (_PLAIN.fullmatch(sku) and sku[0] not in _PLACEHOLDER_STARTS):
        return None
    if not sku.strip():
        return "blank"
    if safe_text(sku) != sku:
        return "control"
    if _PLACEHOLDER.fullmatch(sku.strip()):
        return "placeholder"
    if sku.startswith("'"):
        return "apostrophe"
    if sku != sku.strip():
        return "padded"
    return None


def shown_sku(sku: str) -> str:
    """A SKU as it is shown: in quotes where blanks at its ends would not be seen. Foreign text still."""
    return f'"{sku}"' if sku != sku.strip() else sku


def look_alike_key(sku: str) -> str:
    """Equal for SKUs that differ only in case or white space: shown to a person as look-alikes, never merged."""
    return "".join(sku.split()).casefold()


def new_sku_fault(old: str, new: str) -> str | None:
    """Why `new` will not do as the own SKU of a listing that has `old`, as the end of a sentence about it; None where it will."""
    if not new.strip():
        return "is no SKU"
    if new == old:
        return "is the SKU the listing has"
    if mark := hygiene_mark(new):
        return f"would be no good SKU ({MARKS[mark]})"
    return None
