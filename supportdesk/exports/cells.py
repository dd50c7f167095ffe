"""What single cells of an export mean: quantities, statuses, yes and no. Nothing about rows."""

from __future__ import annotations

import re
from typing import Final

from supportdesk.exports.table import CsvFile, brief

STATUSES: Final = {"active": "ACTIVE", "unlisted": "UNLISTED", "draft": "DRAFT", "archived": "ARCHIVED"}
_WHOLE: Final = re.compile(r"(-?[0-9]{1,15})(?:\.0+)?")
_LARGEST: Final = 2**31 - 1
"""Shopify's quantities are GraphQL Ints."""
_YES: Final = frozenset({"true", "yes", "1", "continue"})


def quantity(file: CsvFile, row: int, column: str, cell: str) -> int | None:
    """The number in a cell; None for a blank one and for `not stocked`, which is not 0. Raises `ExportInvalid` for anything else."""
    if cell.isdigit() and cell.isascii() and len(cell) < 10:
        return int(cell)
    text = cell.strip()
    if not text or text.lower() == "not stocked":
        return None
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise file.refusal(
            f"{brief(text)!r} is no whole number.",
            "Correct the cell; a column that is no quantity must go.",
            row=row,
            column=column,
        )
    number = int(match.group(1))
    if abs(number) > _LARGEST:
        raise file.refusal(
            f"{text} is more than Shopify can hold.", "Correct the cell.", row=row, column=column
        )
    return number


def status(file: CsvFile, row: int, column: str, cell: str) -> str:
    """A `core.catalog.ProductStatus`. Raises `ExportInvalid` for a word that is none."""
    known = STATUSES.get(cell.strip().lower())
    if known is None:
        raise file.refusal(
            f"{brief(cell)!r} is no status of a product: those are {', '.join(STATUSES)}.",
            "Correct the cell.",
            row=row,
            column=column,
        )
    return known


def is_yes(cell: str) -> bool:
    """True for `true`, `yes`, `1` and for the policy `continue`, in any case."""
    return cell.strip().lower() in _YES


def is_shopify(cell: str) -> bool:
    """True for an inventory tracker `shopify`. Another tracker is a service that keeps its own numbers, none is blank."""
    return cell.strip().lower() == "shopify"
