"""What a SKU looks like: none, placeholder, damaged, look-alike. SKUs are compared exactly; nothing here changes one."""

from __future__ import annotations

import re
from typing import Final

MARKS: Final = {
    "blank": "only spaces",
    "placeholder": "a placeholder",
    "apostrophe": "begins with a spreadsheet's apostrophe",
    "control": "holds an invisible character",
    "padded": "has spaces at its ends",
}
"""Hygiene marks and what they say (DESIGN §5, *Listings in scope*)."""

_PLACEHOLDER: Final = re.compile(
    r"[-–—_.?x#]+|n/?a|tbd|tba|todo|sku|no[ -]?sku|test|(?:none|null|nil|undefined|default)(?:-\d+)?",
    re.IGNORECASE,
)
_INVISIBLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{3,}", re.ASCII)


def without_quotes(cell: str) -> str:
    """The SKU in a cell of a CSV export: two literal quote characters mean none (`reference/shopify.md` §12)."""
    return "" if cell == '""' else cell


def hygiene_mark(sku: str) -> str | None:
    """A key of `MARKS` for a SKU that is probably not meant, None for a clean one or for no SKU at all."""
    if not sku or (_PLAIN.fullmatch(sku) and not sku[0] in "uUnNtTsSdDxX"):
        return None
    if not sku.strip():
        return "blank"
    if _INVISIBLE.search(sku):
        return "control"
    if _PLACEHOLDER.fullmatch(sku.strip()):
        return "placeholder"
    if sku.startswith("'"):
        return "apostrophe"
    if sku != sku.strip():
        return "padded"
    return None


def look_alike_key(sku: str) -> str:
    """Equal for SKUs that differ only in case or white space: shown to a person as look-alikes, never merged."""
    return "".join(sku.split()).casefold()
