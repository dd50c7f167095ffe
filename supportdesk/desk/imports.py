"""Imports into the Sumtracker side: CSV files of warehouses, bundles, stock and rules, or a real Sumtracker account.

All of one import lands in one transaction, or nothing does.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from supportdesk.core.account_checks import stock_of_bundles
from supportdesk.core.bundles import refused_line
from supportdesk.core.imports import (
    BadRow,
    BundleRow,
    CloseAtRow,
    Imported,
    MaximumRow,
    StockFileRow,
    WarehouseRow,
    bundle_under_shopify,
)
from supportdesk.core.progress import Watch
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.desk import Desk, accounts
from supportdesk.desk.remote_import import import_from_sumtracker as import_from_sumtracker
from supportdesk.errors import ImportInvalid, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.exports.sumtracker_files import Head, Look
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.movements import Cause
    from supportdesk.ledger.stock import Place

R = TypeVar("R")

BAD_KEPT: Final = 200
"""Bad rows that are named; more are only counted."""
_SAID: Final = 3
"""Bad rows that an error names."""


def import_files(
    desk: Desk,
    account: str,
    *,
    warehouses: Path | None = None,
    bundles: Path | None = None,
    stock: Path | None = None,
    rules: Path | None = None,
    skip_bad: bool = False,
    watch: Watch,
) -> Imported:
    """Import CSV files (columns: `exports.sumtracker_files`) into the account, in that order; a warehouse may be used at once.

    A bundle takes the place of the one of that SKU. Stock is set, as movements of kind `import`; a number that is there already
    moves nothing. Rows that cannot be taken are refused together, or with `skip_bad` left out and told; a bundle with one bad
    component is left out whole. Raises `ImportInvalid` (whose `good` says how many rows could be imported without the bad
    ones), `UnknownName` for the account, `LedgerError` and its kinds, `Refused` where read-only, `Cancelled`. Nothing is then
    imported.
    """
    accounts.refuse_if_read_only(desk, "import anything")
    if not (warehouses or bundles or stock or rules):
        raise WrongUsage(
            "No file was named.", "Name one with --warehouses=F, --bundles=F, --stock=F or --rules=F."
        )
    with accounts.opened(desk, account) as ledger, ledger.writing() as connection:
        work = _Work(desk, ledger, connection, watch)
        if warehouses:
            work.warehouses(warehouses)
        if stock:
            work.stock(stock, work.bundles_named(bundles))
        if bundles:
            work.bundles(bundles)
        if rules:
            work.rules(rules)
        if work.bad_count and not skip_bad:
            raise _refusal(work)
        return work.result()


def _refusal(work: _Work) -> ImportInvalid:
    said = " ".join(bad.text for bad in work.bad[:_SAID])
    more = work.bad_count - len(work.bad[:_SAID])
    if more > 0:
        said += f" {more:,} more row{'s' if more > 1 else ''} cannot be taken either."
    rest = (
        f"Correct them, or import the other {work.good:,} with --skip-bad." if work.good else "Correct them."
    )
    return ImportInvalid(said, rest, work.bad_count, work.good)


@dataclass
class _Work:
    """One import of files, in the transaction under way."""

    desk: Desk
    ledger: Ledger
    connection: sqlite3.Connection
    watch: Watch
    bad: list[BadRow] = field(default_factory=list)
    bad_count: int = 0
    good: int = 0
    done: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    _columns: Mapping[str, str] = field(default_factory=dict)
    """What the file read last calls its columns, by our words."""
    _places: dict[str, Place | None] = field(default_factory=dict)
    """Warehouses by code and by name; None for a name that several have."""

    def refuse(self, file: str, row: int, column: str, why: str) -> None:
        """Note a bad row of the file read last; `column` by our word, told by the file's."""
        self._refuse_as_named(file, row, self._columns.get(column, column), why)

    def _refuse_as_named(self, file: str, row: int, column: str, why: str) -> None:
        self.bad_count += 1
        if len(self.bad) < BAD_KEPT:
            self.bad.append(BadRow(file, row, column, why))

    def _columns_are(self, names: Mapping[str, str]) -> None:
        self._columns = names

    def result(self) -> Imported:
        """What came of it."""
        return Imported(
            warehouses=self.done["warehouses"],
            products=self.done["products"],
            bundles=self.done["bundles"],
            numbers=self.done["numbers"],
            unchanged=self.done["unchanged"],
            close_at=self.done["close_at"],
            maximums=self.done["maximums"],
            bad=tuple(self.bad),
            bad_count=self.bad_count,
            notes=tuple(self.notes),
        )

    def _rows(
        self,
        path: Path,
        read: Callable[[Path, Look, Head], Iterator[R | BadRow]],
        spoilt: set[str] | None = None,
    ) -> Iterator[R]:
        """The rows that can be read, each counted as good until it is refused. `spoilt` gets the bundles of those that cannot."""
        size = 0
        with contextlib.suppress(OSError, ValueError):  # what is wrong with it is said when it is read
            size = path.stat().st_size

        def look(done: int) -> None:
            self.watch.check()
            self.watch.report(f"Reading {path.name}", done, max(size, done), unit="bytes")

        for row in read(path, look, self._columns_are):
            if isinstance(row, BadRow):
                self._refuse_as_named(row.file, row.row, row.column, row.why)
                if spoilt is not None:
                    spoilt.add(row.bundle)
            else:
                bad = self.bad_count
                yield row
                self.good += self.bad_count == bad

    def _cause(self, reference: str) -> Cause:
        from supportdesk.ledger.movements import Cause

        return Cause(at=self.desk.now(), kind="import", who=accounts.who(), reference=reference)

    def _tell(self, detail: str, reference: str) -> None:
        from supportdesk.ledger import events

        events.record(
            self.connection,
            at=self.desk.now(),
            kind="import",
            who=accounts.who(),
            detail=detail,
            reference=reference,
        )

    def warehouses(self, path: Path) -> None:
        """Make the warehouses that are not there yet, and take over address, city, country and priority of those that are."""
        from supportdesk.exports.sumtracker_files import read_warehouses
        from supportdesk.ledger import imports

        codes: dict[str, WarehouseRow] = {}
        for row in self._rows(path, read_warehouses):
            if why := self._unfit(row, codes):
                self.refuse(path.name, row.row, *why)
            else:
                codes[row.code.casefold()] = row
                _, changed = imports.keep_warehouse(self.connection, row.code, row.name, row._asdict())
                self.done["warehouses"] += changed
        self._tell(f"{self.done['warehouses']:,} warehouses", path.name)

    def _unfit(self, row: WarehouseRow, codes: dict[str, WarehouseRow]) -> tuple[str, str] | None:
        """The column and the reason why the warehouse cannot be taken."""
        from supportdesk.ledger import imports, warehouses

        for column, text in (("code", row.code), ("name", row.name)):
            if safe_text(text) != text:
                return column, f"{text!r} holds characters that cannot be seen"
        if earlier := codes.get(row.code.casefold()):
            how = " already" if earlier.code == row.code else ", which differs in capitals alone"
            return "code", f"row {earlier.row} has the code {earlier.code!r}{how}"
        there = imports.warehouse_of_code(self.connection, row.code)
        if there and there[1] != row.name:
            return "name", f"the account has a warehouse {row.code}, and it is called {there[1]!r}"
        if not there and (taken := warehouses.code_taken(self.connection, row.code)):
            return "code", f"the account has a warehouse {taken}, which differs in capitals alone"
        return None

    def _place(self, file: str, row: int, text: str) -> Place | None:
        """The warehouse of that code or exact name; None, with the row refused, where there is not just one that may be set."""
        from supportdesk.ledger import stock

        if not self._places:
            for place in stock.places(self.ledger):
                self._places[place.name] = None if place.name in self._places else place
            self._places.update({place.code: place for place in stock.places(self.ledger)})
        found = self._places.get(text)
        if found is None:
            why = "several warehouses are called" if text in self._places else "there is no warehouse"
            self.refuse(file, row, "warehouse", f"{why} {text!r}")
        return found

    def bundles_named(self, path: Path | None) -> frozenset[str]:
        """SKUs of bundles: those there are, and those the file names."""
        from supportdesk.exports.sumtracker_files import read_bundles
        from supportdesk.ledger import bundles

        there = {bundle for bundle, _, _ in bundles.all_lines(self.connection)}
        if path:
            there.update(row.bundle for row in read_bundles(path) if isinstance(row, BundleRow))
        return frozenset(there)

    def stock(self, path: Path, bundles: frozenset[str]) -> None:
        """Set stock to what the file says, and keep a product of every SKU in it."""
        from supportdesk.exports.sumtracker_files import read_stock
        from supportdesk.ledger import imports, movements

        movements.new_levels(self.connection)
        for row in self._rows(path, read_stock):
            if place := self._place(path.name, row.row, row.warehouse):
                self._read_level(path.name, row, place, bundles)
        self.watch.check()
        self.watch.report("Setting stock")
        self.done["products"] += imports.keep_products_of_levels(self.connection)
        total = imports.level_count(self.connection)
        changed = movements.set_levels(
            self.connection, self._cause(path.name), detail=f"{total:,} numbers in stock"
        )
        self.done["numbers"] += changed
        self.done["unchanged"] += total - changed

    def _read_level(self, file: str, row: StockFileRow, place: Place, bundles: frozenset[str]) -> None:
        from supportdesk.ledger import imports

        if place.shopify_master:
            why = f"Shopify is master of {place.code}, so its numbers are read from {place.shopify_master}"
            self.refuse(file, row.row, "warehouse", why)
        elif row.sku in bundles:
            why = f"{shown_sku(row.sku)} is a bundle: what there is of it follows from its components"
            self.refuse(file, row.row, "sku", why)
        elif not imports.add_level(self.connection, row.sku, place.id, row.in_stock, row.incoming):
            why = f"an earlier row says how many {shown_sku(row.sku)} are in {place.code}"
            self.refuse(file, row.row, "", why)

    def bundles(self, path: Path) -> None:
        """Put the file's bundles in place of those of their SKUs, each whole or not at all."""
        from supportdesk.exports.sumtracker_files import read_bundles
        from supportdesk.ledger import bundles, stock

        good_before = self.good
        read: dict[str, dict[str, BundleRow]] = {}
        spoilt: set[str] = set()
        for row in self._rows(path, read_bundles, spoilt):
            parts = read.setdefault(row.bundle, {})
            if row.component in parts:
                why = f"row {parts[row.component].row} has this component of {row.bundle} already"
                self.refuse(path.name, row.row, "component sku", why)
                spoilt.add(row.bundle)
            parts.setdefault(row.component, row)
        if "" in spoilt:  # a component of nobody knows which: none of the file's bundles is known to be whole
            spoilt.update(read)
        kept = [line for line in bundles.all_lines(self.connection) if line[0] not in read]
        all_bundles = {bundle for bundle, _, _ in kept} | set(read)
        components = {component for _, component, _ in kept}
        for bundle, parts in read.items():
            if place := stock.read_only_place(self.connection, bundle):
                first = next(iter(parts.values()))
                self.refuse(path.name, first.row, "bundle sku", bundle_under_shopify(bundle, place))
                spoilt.add(bundle)
            for row in parts.values():
                if why := self._unfit_line(row, all_bundles, components):
                    self.refuse(path.name, row.row, "component sku", why)
                    spoilt.add(bundle)
        whole = {bundle: parts for bundle, parts in read.items() if bundle not in spoilt}
        self.good = good_before + sum(len(parts) for parts in whole.values())
        bundles.replace_lines(
            self.connection,
            ((row.bundle, row.component, row.quantity) for parts in whole.values() for row in parts.values()),
        )
        self.done["bundles"] += len(whole)
        self._tell(f"{len(whole):,} bundles", path.name)
        there, units = stock.bundles_in_stock(self.connection)
        if whole and there.count:
            self.notes.append(stock_of_bundles(there, units))

    def _unfit_line(self, row: BundleRow, bundles: set[str], components: set[str]) -> str:
        from supportdesk.ledger import products, stock

        if why := refused_line(row.bundle, row.component, bundles, components):
            return why
        if place := stock.read_only_place(self.connection, row.component):
            return bundle_under_shopify(row.component, place)
        if products.is_known(self.connection, row.component):
            return ""
        return f"no listing, product or stock has the SKU {row.component!r}"

    def rules(self, path: Path) -> None:
        """Keep close-at quantities and maximums."""
        from supportdesk.exports.sumtracker_files import read_rules
        from supportdesk.ledger import bundles, products, stock

        rows: Iterator[CloseAtRow | MaximumRow] = self._rows(path, read_rules)
        for row in rows:
            if isinstance(row, MaximumRow):
                if stock.set_maximum(self.connection, row.channel, row.maximum):
                    self.done["maximums"] += 1
                else:
                    why = f"the account has no channel {row.channel!r}"
                    self.refuse(path.name, row.row, "channel", why)
                continue
            place = self._place(path.name, row.row, row.warehouse)
            if place is None:
                continue
            if not products.is_known(self.connection, row.sku):
                why = f"no listing, product or stock has the SKU {row.sku!r}"
                self.refuse(path.name, row.row, "sku", why)
            elif bundles.is_bundle(self.connection, row.sku):
                why = f"{shown_sku(row.sku)} is a bundle: a close-at is set on its components"
                self.refuse(path.name, row.row, "sku", why)
            else:
                self._keep_close_at(row, place)
        said = f"{self.done['close_at']:,} close-at quantities, {self.done['maximums']:,} maximums"
        self._tell(said, path.name)

    def _keep_close_at(self, row: CloseAtRow, place: Place) -> None:
        from supportdesk.ledger import stock

        stock.set_close_at(self.connection, row.sku, place.id, row.quantity)
        self.done["close_at"] += 1
