"""Writes exports of every header generation of Shopify from the same items. Shares no code with what reads them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supportdesk.core.catalog import CatalogBatch, LevelRow, ListingRow
from supportdesk.core.progress import Unwatched
from supportdesk.exports import ExportFiles

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@dataclass(frozen=True)
class Numbers:
    """What a store shows of one item at one location."""

    available: int
    committed: int = 0
    unavailable: int = 0
    incoming: int = 0

    @property
    def on_hand(self) -> int:
        return self.available + self.committed + self.unavailable


@dataclass(frozen=True)
class Item:
    """One variant as its merchant sees it."""

    handle: str
    options: tuple[str, ...] = ("Default Title",)
    sku: str = ""
    title: str = "A thing"
    stock: Mapping[str, Numbers | None] = field(default_factory=dict)
    """By location; None is not stocked."""
    status: str = "active"
    tracked: bool = True
    policy: str = "deny"
    gift_card: bool = False
    barcode: str = ""
    quantity: int | None = 0


Rows = list[list[str]]


def csv_text(rows: Iterable[Sequence[str]], newline: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=newline).writerows(rows)
    return out.getvalue()


def _first(item: Item) -> list[str]:
    options = [cell for value in _padded(item.options) for cell in ("Name" if value else "", value)]
    return [item.handle, item.title, *options, item.sku, "6109.10", "PT"]


def _padded(options: tuple[str, ...]) -> list[str]:
    return [*options, "", "", ""][:3]


_COMMON = [
    "Handle", "Title",
    "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value",
    "SKU", "HS Code", "COO",
]  # fmt: skip


def _locations(items: Sequence[Item]) -> list[str]:
    return list(dict.fromkeys(name for item in items for name in item.stock))


def inventory_wide(items: Sequence[Item]) -> Rows:
    names = _locations(items)
    rows = [[*_COMMON, *names]]
    for item in items:
        levels = [item.stock.get(name) for name in names]
        rows.append(
            [*_first(item), *("not stocked" if level is None else str(level.available) for level in levels)]
        )
    return rows


def inventory_long(items: Sequence[Item]) -> Rows:
    rows = [[*_COMMON, "Location", "Incoming", "Unavailable", "Committed", "Available", "On hand"]]
    for item in items:
        for name, level in item.stock.items():
            rows.append([*_first(item), name, *_quantities(level)])
    return rows


def inventory_long_current(items: Sequence[Item]) -> Rows:
    names = ["Incoming", "Unavailable", "Committed", "Available"]
    header = [*_COMMON, "Location", "Bin name", *(f"{name} (not editable)" for name in names)]
    rows = [[*header, "On hand (current)", "On hand (new)"]]
    for item in items:
        for name, level in item.stock.items():
            rows.append([*_first(item), name, "A-1", *_quantities(level), ""])
    return rows


def _quantities(level: Numbers | None) -> list[str]:
    if level is None:
        return ["not stocked"] * 5
    numbers = (level.incoming, level.unavailable, level.committed, level.available, level.on_hand)
    return [str(number) for number in numbers]


def products(items: Sequence[Item]) -> Rows:
    rows = [
        [
            "Handle", "Title", "Body (HTML)", "Vendor", "Option1 Name", "Option1 Value", "Option2 Name",
            "Option2 Value", "Option3 Name", "Option3 Value", "Variant SKU", "Variant Inventory Tracker",
            "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price", "Variant Barcode",
            "Image Src", "Gift Card", "Status",
        ]
    ]  # fmt: skip
    for item, first in _product_rows(items):
        options = [cell for value in _padded(item.options) for cell in ("Name" if value else "", value)]
        rows.append(
            [
                item.handle, item.title if first else "", "<p>\nTwo lines, \"quoted\"</p>" if first else "", "",
                *options, item.sku, "shopify" if item.tracked else "",
                "" if item.quantity is None else str(item.quantity), item.policy, "9.00", item.barcode, "",
                str(item.gift_card).lower() if first else "", item.status if first else "",
            ]
        )  # fmt: skip
        if first:
            rows.append([item.handle, *[""] * 15, "https://cdn.example/second-image.jpg", "", ""])
    return rows


def products_new_names(items: Sequence[Item]) -> Rows:
    rows = [
        [
            "Title", "URL handle", "Description", "Vendor", "Status", "SKU", "Barcode", "Option1 name",
            "Option1 value", "Option2 name", "Option2 value", "Option3 name", "Option3 value", "Price",
            "Inventory tracker", "Inventory quantity", "Continue selling when out of stock",
            "Product image URL", "Gift card",
        ]
    ]  # fmt: skip
    for item, first in _product_rows(items):
        options = [cell for value in _padded(item.options) for cell in ("Name" if value else "", value)]
        rows.append(
            [
                item.title if first else "", item.handle, "", "", item.status.title() if first else "", item.sku,
                item.barcode, *options, "9.00", "shopify" if item.tracked else "",
                "" if item.quantity is None else str(item.quantity), item.policy.upper(), "",
                str(item.gift_card).upper() if first else "",
            ]
        )  # fmt: skip
        if first:
            rows.append(["", item.handle, *[""] * 15, "https://cdn.example/second-image.jpg", ""])
    return rows


def _product_rows(items: Sequence[Item]) -> Iterable[tuple[Item, bool]]:
    seen: set[str] = set()
    for item in items:
        yield item, item.handle not in seen
        seen.add(item.handle)


INVENTORY: dict[str, Callable[[Sequence[Item]], Rows]] = {
    "inventory_wide": inventory_wide,
    "inventory_long": inventory_long,
    "inventory_long_current": inventory_long_current,
}
PRODUCTS: dict[str, Callable[[Sequence[Item]], Rows]] = {
    "products": products,
    "products_new_names": products_new_names,
}


def written(path: Path, content: str | bytes | Rows) -> Path:
    """`path`, holding that text, those bytes, or those rows as CSV."""
    if isinstance(content, list):
        content = csv_text(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@dataclass(frozen=True)
class Loaded:
    """All that a source tells, and the questions tests ask of it."""

    listings: list[ListingRow]
    levels: list[LevelRow]
    location_names: dict[int, str]

    def numbers(self) -> dict[tuple[str, str], LevelRow]:
        """By listing and location; each at most once."""
        names = {listing.item_id: listing.listing for listing in self.listings}
        rows = [
            ((names[level.item_id], self.location_names[level.location_id]), level) for level in self.levels
        ]
        assert len(dict(rows)) == len(rows)
        return dict(rows)

    def available(self) -> dict[tuple[str, str], int | None]:
        return {place: level.available for place, level in self.numbers().items()}


def load(*paths: Path) -> Loaded:
    source = ExportFiles(paths)
    watch = Unwatched()
    names = {location.id: location.name for location in source.locations(watch)}
    batches: list[CatalogBatch] = list(source.batches(watch))
    listings = [row for batch in batches for row in batch.listings]
    assert len({row.item_id for row in listings}) == len(listings)
    return Loaded(
        sorted(listings, key=lambda row: -row.item_id),
        [row for batch in batches for row in batch.levels],
        names,
    )
