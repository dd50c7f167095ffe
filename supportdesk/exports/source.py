"""`ExportFiles`: one or several CSV exports joined into the listings, locations and levels of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Final

from supportdesk.core.catalog import CatalogBatch, LevelRow, ListingRow, Location
from supportdesk.core.listings import listing_row
from supportdesk.core.progress import Watch
from supportdesk.core.skus import without_quotes
from supportdesk.errors import ExportInvalid
from supportdesk.exports import cells as cell_rules
from supportdesk.exports.headers import KIND_NAMES, ExportKind, Header, read_header
from supportdesk.exports.table import CsvFile, brief, open_csv, read_rows, refuse_repeated

ALL_LOCATIONS: Final = "All locations"
"""The location's name where only exports of products are given: they have one number a listing, its total."""

_BATCH: Final = 2000
_TOGETHER: Final = "Export all files again, at the same time."
_LISTING_COLUMNS: Final = ("option1", "sku", "price", "quantity", "policy", "tracker", "barcode")
"""A products row with nothing in any of these is a further image of its product."""


@dataclass(slots=True)
class _Product:
    """What the files say of one product; title, status and gift card stand on its first row only."""

    id: int
    title: str = ""
    title_is_final: bool = False
    status: str = ""
    gift_card: bool = False


@dataclass(slots=True)
class _Survey:
    """Everything of the files that must be known before the first listing can be told."""

    listings: dict[str, int] = field(default_factory=dict)
    """Listing key → item id."""
    products: dict[str, _Product] = field(default_factory=dict)
    """By handle."""
    locations: dict[str, int] = field(default_factory=dict)
    """Name → id."""


class ExportFiles:
    """CSV exports of one store, a `sync.store.CatalogSource`. The files are read twice: for what there is, then for the rows.

    Listings are joined on handle and option values, which is all that exports have in common. Item ids are -1, -2, -3 … in the
    order in which listings first appear in the files as given, so the listing with the id nearest to 0 counts as the oldest;
    products and locations are numbered alike. The same files in the same order give the same ids.

    Title, status, tracker, policy, barcode and gift card come from exports of products; a listing that only inventory knows is
    active and tracked. Numbers come from exports of inventory; where there is none, from the products' quantity, at one location
    named `ALL_LOCATIONS`. A blank quantity and `not stocked` give no level. The numbers are kept as the file says them, even
    where on hand is not available + committed + unavailable. `On hand (new)` is for importing back and is not read.
    """

    def __init__(self, paths: Sequence[str | PathLike[str]]) -> None:
        """Open `paths` and read their headers. Raises `ExportInvalid` for a file that is no export, or given twice."""
        if not paths:
            raise ExportInvalid("No file was named.", "Name one or several CSV exports of Shopify.")
        found = [Path(path) for path in paths]
        names = [path.name for path in found]
        files = [open_csv(path, path.name if names.count(path.name) == 1 else str(path)) for path in found]
        refuse_repeated(files)
        self._files = [(file, _header(file)) for file in files]
        self._bytes = sum(file.size for file in files)
        self._surveyed: _Survey | None = None

    @property
    def kinds(self) -> tuple[ExportKind, ...]:
        """The kind of each file, in the order given."""
        return tuple(header.kind for _, header in self._files)

    @property
    def description(self) -> str:
        """The files and what they are, for a person: `stock.csv (inventory, one row a location), products.csv (products)`."""
        return ", ".join(f"{file.label} ({KIND_NAMES[header.kind]})" for file, header in self._files)

    @property
    def has_inventory(self) -> bool:
        """True where at least one file is an export of inventory, so that numbers are told by location."""
        return any(not header.is_products for _, header in self._files)

    def locations(self, watch: Watch) -> tuple[Location, ...]:
        """Every location the files name, in the order they first do. Reads the files once, and only the first time."""
        survey = self._survey(watch)
        return tuple(Location(id=id_, name=name) for name, id_ in survey.locations.items())

    def batches(self, watch: Watch) -> Iterator[CatalogBatch]:
        """Every listing and level once. Raises `ExportInvalid` for a cell that is wrong or files that contradict each other."""
        survey = self._survey(watch)
        join = _Join(survey, self.has_inventory)
        done = 0
        for file, header in sorted(self._files, key=_fullest_first):
            look = self._look(watch, "Reading listings", done)
            for number, cells in _body(file, look):
                join.add_row(_Row(file, header, number, cells))
                if len(join.batch.listings) + len(join.batch.levels) >= _BATCH:
                    yield join.take_batch()
            done += file.size
        yield join.take_batch()
        watch.report("Reading listings", self._bytes, self._bytes, unit="bytes")

    def _look(self, watch: Watch, phase: str, before: int) -> Callable[[int], None]:
        def look(position: int) -> None:
            watch.check()
            watch.report(phase, before + position, self._bytes, unit="bytes")

        return look

    def _survey(self, watch: Watch) -> _Survey:
        if self._surveyed is not None:
            return self._surveyed
        survey = _Survey()
        done = 0
        for file, header in self._files:
            for name in (name for _, name in header.locations):
                survey.locations.setdefault(name, -len(survey.locations) - 1)
            for number, cells in _body(file, self._look(watch, "Checking the files", done)):
                _survey_row(survey, _Row(file, header, number, cells))
            done += file.size
        if not survey.listings:
            raise ExportInvalid(
                f"There is no listing in {self._files[0][0].label}"
                + (" or the other files" if len(self._files) > 1 else "")
                + ": nothing stands below the header.",
                "Export all products, not a selection.",
            )
        if not self.has_inventory and any("quantity" in header.columns for _, header in self._files):
            survey.locations[ALL_LOCATIONS] = -1
        self._surveyed = survey
        return survey


@dataclass(slots=True)
class _Row:
    """One row, read by our names of columns."""

    file: CsvFile
    header: Header
    number: int
    cells: list[str]

    def cell(self, column: str) -> str:
        place = self.header.columns.get(column)
        return "" if place is None else self.cells[place]

    def options(self) -> list[str]:
        values = [self.cells[place] for place in self.header.options]
        while values and not values[-1]:
            values.pop()
        return values

    def key(self) -> str:
        """Handle and option values; NUL is in no file that `read_rows` accepts."""
        return "\x00".join((self.cell("handle"), *self.options()))

    def quantity(self, column: str) -> int | None:
        if column not in self.header.columns:
            return None
        return cell_rules.quantity(self.file, self.number, self.header.name_of(column), self.cell(column))

    def refusal(self, what: str, next_step: str, column: str = "") -> ExportInvalid:
        name = self.header.name_of(column) if column else ""
        return self.file.refusal(what, next_step, row=self.number, column=name)

    def listing(self) -> str:
        return brief("/".join((self.cell("handle"), *self.options())))


class _Join:
    """The second reading: rows become listings and levels, each once, and what contradicts itself is refused."""

    def __init__(self, survey: _Survey, has_inventory: bool) -> None:
        self.batch = CatalogBatch()
        self._known = survey
        self._has_inventory = has_inventory
        self._skus: list[str | None] = [None] * len(survey.listings)
        self._variants: dict[int, int] = {}
        self._levels: dict[int, tuple[int | None, ...]] = {}

    def take_batch(self) -> CatalogBatch:
        """What has come together since the last one."""
        batch, self.batch = self.batch, CatalogBatch()
        return batch

    def add_row(self, row: _Row) -> None:
        """One row of any export."""
        try:
            if row.header.is_products:
                self._add_product_row(row)
            elif row.header.locations:
                self._add_wide_row(row)
            else:
                self._add_long_row(row)
        except KeyError as error:
            raise row.refusal("the file changed while it was being read.", "Open it again.") from error

    def _add_product_row(self, row: _Row) -> None:
        """One row of an export of products; a row with a further image adds nothing."""
        if not _is_listing(row):
            return
        item_id = self._item_id(row)
        number = row.quantity("quantity")
        columns = row.header.columns
        listing = self._listing(
            row,
            item_id,
            barcode=row.cell("barcode"),
            tracked="tracker" not in columns or cell_rules.is_shopify(row.cell("tracker")),
            sells_when_out=cell_rules.is_yes(row.cell("policy")),
        )
        fingerprint = hash((listing, str(number)))
        if self._variants.setdefault(item_id, fingerprint) != fingerprint:
            raise row.refusal(
                f"the listing {row.listing()} stands in the files twice, and not the same.", _TOGETHER
            )
        if self._is_new(row, item_id, listing.sku):
            self.batch.listings.append(listing)
            if number is not None and not self._has_inventory:
                self.batch.levels.append(LevelRow(item_id, -1, True, number, None, None, None))

    def _add_wide_row(self, row: _Row) -> None:
        """One row of an inventory export with one column a location."""
        item_id = self._add_inventory_listing(row)
        for place in row.header.nameless:
            if row.cells[place].strip():
                raise row.file.refusal(
                    f"column {place + 1} has no name but holds {brief(row.cells[place])!r}.",
                    "Name the location it stands for, or remove it.",
                    row=row.number,
                )
        for place, name in row.header.locations:
            number = cell_rules.quantity(row.file, row.number, name, row.cells[place])
            if number is not None:
                self._add_level(row, item_id, name, (number, None, None, None))

    def _add_long_row(self, row: _Row) -> None:
        """One row of an inventory export with one row a listing and location."""
        item_id = self._add_inventory_listing(row)
        numbers = (
            row.quantity("available"),
            row.quantity("committed"),
            row.quantity("on_hand"),
            row.quantity("incoming"),
        )
        if any(number is not None for number in numbers):
            self._add_level(row, item_id, row.cell("location").strip(), numbers)

    def _add_inventory_listing(self, row: _Row) -> int:
        item_id = self._item_id(row)
        sku = without_quotes(row.cell("sku"))
        if self._is_new(row, item_id, sku):
            self.batch.listings.append(self._listing(row, item_id))
        return item_id

    def _item_id(self, row: _Row) -> int:
        """The number the first reading gave the listing."""
        return self._known.listings[row.key()]

    def _is_new(self, row: _Row, item_id: int, sku: str) -> bool:
        """True the first time a listing is met; refused where it has another SKU than it had."""
        before = self._skus[-item_id - 1]
        if before is None:
            self._skus[-item_id - 1] = sku
            return True
        if before != sku:
            raise row.refusal(
                f"the listing {row.listing()} has the SKU {brief(sku)!r} here and {brief(before)!r} elsewhere.",
                _TOGETHER,
                "sku",
            )
        return False

    def _listing(
        self,
        row: _Row,
        item_id: int,
        *,
        barcode: str = "",
        tracked: bool = True,
        sells_when_out: bool = False,
    ) -> ListingRow:
        handle = row.cell("handle")
        product = self._known.products[handle]
        return listing_row(
            variant_id=None,
            item_id=item_id,
            product_id=product.id,
            handle=handle,
            options=row.options(),
            title=product.title or handle,
            sku=without_quotes(row.cell("sku")),
            barcode=barcode,
            status=product.status or "ACTIVE",
            tracked=tracked,
            sells_when_out=sells_when_out,
            gift_card=product.gift_card,
        )

    def _add_level(self, row: _Row, item_id: int, name: str, numbers: tuple[int | None, ...]) -> None:
        """Available, committed, on hand and incoming of a listing at a location, unless the same was said before."""
        location_id = self._known.locations[name]
        place = (-item_id - 1) * len(self._known.locations) - location_id - 1
        before = self._levels.setdefault(place, numbers)
        if before is numbers:
            self.batch.levels.append(LevelRow(item_id, location_id, True, *numbers))
            return
        for old, new, what in zip(
            before, numbers, ("available", "committed", "on hand", "incoming"), strict=True
        ):
            if new is not None and new != old:
                raise row.refusal(
                    f"{row.listing()} at {brief(name)} has {what} {new} here and {'none' if old is None else old} elsewhere.",
                    _TOGETHER,
                )


def _survey_row(survey: _Survey, row: _Row) -> None:
    handle = row.cell("handle")
    if not handle.strip():
        raise row.refusal("the row has no handle.", "Correct the cell.", "handle")
    product = survey.products.get(handle)
    if product is None:
        product = survey.products[handle] = _Product(-len(survey.products) - 1)
    title = row.cell("title")
    if row.header.is_products:
        if title and not product.title_is_final:
            product.title, product.title_is_final = title, True
        if (status := row.cell("status").strip()) and not product.status:
            name = row.header.name_of("status")
            product.status = cell_rules.status(row.file, row.number, name, status)
        product.gift_card = product.gift_card or cell_rules.is_yes(row.cell("gift_card"))
        if not _is_listing(row):
            return
    else:
        product.title = product.title or title
        if "location" in row.header.columns:
            _survey_location(survey, row)
    survey.listings.setdefault(row.key(), -len(survey.listings) - 1)


def _survey_location(survey: _Survey, row: _Row) -> None:
    name = row.cell("location").strip()
    if name:
        survey.locations.setdefault(name, -len(survey.locations) - 1)
    elif any(
        row.quantity(column) is not None for column in ("available", "committed", "on_hand", "incoming")
    ):
        raise row.refusal("there are numbers but no location.", "Correct the cell.", "location")


def _is_listing(row: _Row) -> bool:
    return any(row.cell(column) for column in _LISTING_COLUMNS)


def _header(file: CsvFile) -> Header:
    for _, cells in read_rows(file):
        return read_header(file, cells)
    raise file.refusal("the file is empty.")


def _body(file: CsvFile, look: Callable[[int], None]) -> Iterator[tuple[int, list[str]]]:
    rows = read_rows(file, look)
    next(rows)
    return rows


def _fullest_first(entry: tuple[CsvFile, Header]) -> int:
    """Products know most of a listing, and long inventory more numbers than wide."""
    header = entry[1]
    return 0 if header.is_products else 2 if header.locations else 1
