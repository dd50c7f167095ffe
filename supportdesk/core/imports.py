"""What an import into the Sumtracker side reads, row by row, and what came of it. Values only; files are read in `exports`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from supportdesk.core.skus import shown_sku


class BadRow(NamedTuple):
    """A row that cannot be imported."""

    file: str
    row: int
    """As a spreadsheet counts: 1 is the header; 0 where it is about the whole."""
    column: str
    """As the file calls it; '' where it is about the row."""
    why: str
    """The rest of a sentence, without its full stop."""
    bundle: str = ""
    """In a file of bundles, the one whose component it is; '' where that cannot be read either."""

    @property
    def text(self) -> str:
        """The sentence: `stock.csv, row 3, column In stock: 'x' is no whole number.`"""
        where = self.file + (f", row {self.row}" if self.row else "")
        return f"{where}{f', column {self.column}' if self.column else ''}: {self.why}."


def bundle_under_shopify(sku: str, place: str) -> str:
    """Why no bundle can hold or be `sku`, which is sold or kept at `place` under a Shopify master, as the rest of a sentence.

    Bundles need a Sumtracker master (DESIGN §5, *Direction*).
    """
    return f"{shown_sku(sku)} is at {place}, where Shopify is master, and bundles need Sumtracker as master"


class WarehouseRow(NamedTuple):
    """One warehouse."""

    row: int
    code: str
    name: str
    address: str = ""
    city: str = ""
    country: str = ""
    priority: int | None = None


class BundleRow(NamedTuple):
    """One component of one bundle."""

    row: int
    bundle: str
    component: str
    quantity: int


class StockFileRow(NamedTuple):
    """One SKU in one warehouse."""

    row: int
    sku: str
    warehouse: str
    """Code, or exact name."""
    in_stock: int
    incoming: int | None
    """None leaves it as it is."""


class CloseAtRow(NamedTuple):
    """A close-at quantity."""

    row: int
    sku: str
    warehouse: str
    quantity: int
    """0 for none."""


class MaximumRow(NamedTuple):
    """The most that a channel is shown of anything."""

    row: int
    channel: str
    maximum: int | None
    """None for no maximum."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    warehouses: int = 0
    """Made, or given other facts."""
    products: int = 0
    """New or renamed."""
    bundles: int = 0
    """Bundles that were made or made anew."""
    numbers: int = 0
    """Numbers (SKU × warehouse) in stock that changed or became known."""
    unchanged: int = 0
    """Numbers that were there already."""
    close_at: int = 0
    """Close-at quantities said."""
    maximums: int = 0
    """Channels whose maximum was said."""
    bad: tuple[BadRow, ...] = ()
    """The first rows left out, in the order of files and rows."""
    bad_count: int = 0
    notes: tuple[str, ...] = ()
    """Sentences to read to the merchant."""
