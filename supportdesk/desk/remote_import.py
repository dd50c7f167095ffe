"""Importing a real Sumtracker account: warehouses, products, bundles and stock, read whole first, then taken over at once.

Nothing is ever written to the real account.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from supportdesk.core.account_checks import stock_of_bundles
from supportdesk.core.bundles import refused_line
from supportdesk.core.imports import BadRow, Imported, bundle_under_shopify
from supportdesk.core.progress import Watch
from supportdesk.core.skus import shown_sku
from supportdesk.core.sumtracker_account import RemoteWarehouse
from supportdesk.desk import Desk, accounts
from supportdesk.errors import ImportInvalid, WrongUsage
from supportdesk.paths import slug_of
from supportdesk.secret import Secret

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.file import Ledger
    from supportdesk.sumtracker.account import SumtrackerAccount

KEY_VARIABLE: Final = "SUMTRACKER_API_KEY"
"""The environment variable that holds the key where no other is named."""
_SOURCE: Final = "Sumtracker"
"""What notes and movements call the real account."""
_BAD_KEPT: Final = 200


def key_from(variable: str | None = None) -> Secret:
    """The API key in an environment variable, `KEY_VARIABLE` where none is named. Raises `WrongUsage` where it holds none."""
    name = variable or KEY_VARIABLE
    value = os.environ.get(name, "").strip()
    if not value:
        raise WrongUsage(
            f"The environment variable {name} is not set, or empty.",
            f"Set it to the account's API key: export {name}=… (or name another with --key-env=VAR).",
        )
    return Secret(value)


def import_from_sumtracker(
    desk: Desk, account: str, key: Secret, watch: Watch, base_url: str | None = None
) -> Imported:
    """Import the real Sumtracker account that `key` opens into the account.

    Warehouses are matched by the id they were imported under, then by code; our names stay. Products and bundles are taken
    over; a bundle we cannot count (nested, without a SKU, under a Shopify master) is left out and told. Stock is set, as movements of kind `import`, so
    that *available* equals theirs: what is booked there is promised to orders that never come to us (DESIGN §5, *Copy*), so it
    must not become sellable here; in stock is therefore theirs less booked there plus booked here, booked stays ours, incoming
    is theirs. Of products with one SKU the one with the lowest id is taken, with its numbers and components alone; the others are
    told. The account remembers when this was done. Raises `SumtrackerError` and its kinds, `UnknownName` for the account, `WrongUsage` for an
    address the key may not go to, `LedgerError` and its kinds, `Refused` where read-only, `Cancelled`. Nothing is imported then.
    """
    from supportdesk.sumtracker.account import open_account

    accounts.refuse_if_read_only(desk, "import anything")
    if desk.demo is not None:  # no other host is ever reached from the demo
        base_url = desk.demo.url
    with accounts.opened(desk, account) as ledger, closing(open_account(key, base_url)) as remote:
        warehouses = _read(ledger, remote, watch)
        with ledger.writing() as connection:
            work = _Work(desk, ledger, connection)
            work.take(warehouses)
            return work.result()


def _read(ledger: Ledger, remote: SumtrackerAccount, watch: Watch) -> tuple[RemoteWarehouse, ...]:
    """Read everything into temporary tables; returns the warehouses."""
    from supportdesk.ledger import remote as tables
    from supportdesk.ledger.faults import said_plainly

    warehouses = tuple(remote.warehouses(watch))
    with said_plainly(ledger.path):
        connection = ledger.db.conn
        tables.new_tables(connection)
        tables.add_products(connection, remote.products(watch))
        tables.add_lines(connection, remote.bundle_lines(watch))
        for warehouse in warehouses:
            tables.add_levels(connection, remote.levels(warehouse.remote_id, watch))
        connection.commit()
    return warehouses


@dataclass
class _Work:
    """Taking it over, in the transaction under way."""

    desk: Desk
    ledger: Ledger
    connection: sqlite3.Connection
    bad: list[BadRow] = field(default_factory=list)
    bad_count: int = 0
    notes: list[str] = field(default_factory=list)
    done: Imported = field(default_factory=Imported)

    def result(self) -> Imported:
        """What came of it."""
        return replace(self.done, bad=tuple(self.bad), bad_count=self.bad_count, notes=tuple(self.notes))

    def refuse(self, why: str) -> None:
        """Note something that is not taken over."""
        self.bad_count += 1
        if len(self.bad) < _BAD_KEPT:
            self.bad.append(BadRow(_SOURCE, 0, "", why))

    def take(self, warehouses: tuple[RemoteWarehouse, ...]) -> None:
        """Take over what was read."""
        from supportdesk.ledger import events, imports, remote

        places, changed = self._warehouses(warehouses)
        remote.keep_one_product_a_sku(self.connection)
        without_sku, repeated = remote.without_sku(self.connection), self._repeated()
        products = remote.take_products(self.connection)
        bundles = self._bundles()
        remote.take_places(self.connection, places)
        numbers, unchanged, booked = self._levels()
        imports.mark_imported_from_sumtracker(self.connection, self.desk.now())
        events.record(
            self.connection,
            at=self.desk.now(),
            kind="import_sumtracker",
            who=accounts.who(),
            reference=_SOURCE,
            detail=f"{len(places):,} warehouses, {bundles:,} bundles, {numbers + unchanged:,} numbers in stock",
        )
        self.done = Imported(changed, products, bundles, numbers, unchanged)
        self._note(without_sku, repeated, booked)

    def _note(self, without_sku: int, repeated: int, booked: int) -> None:
        from supportdesk.ledger import stock

        if without_sku:
            self.notes.append(
                f"{_counted(without_sku, 'product')} there without a SKU: nothing can be matched to it."
            )
        if repeated:
            self.notes.append(
                f"{_counted(repeated, 'product')} there with the SKU of an earlier one, left out."
            )
        if booked:
            self.notes.append(
                f"{_counted(booked, 'unit')} booked there for open orders. Those orders do not come here, so in stock is what is "
                "available there, without them."
            )
        there, units = stock.bundles_in_stock(self.connection)
        if there.count:
            self.notes.append(stock_of_bundles(there, units))
        self.notes.append(
            "Sumtracker does not tell close-at quantities and maximums: ask whether there are any, and set them or import them."
        )
        self.notes.append("Before you turn on sync here, make sure that it is off in Sumtracker.")

    def _warehouses(self, found: tuple[RemoteWarehouse, ...]) -> tuple[dict[int, int], int]:
        """Our id by theirs, those left out where a store is master, and how many of ours were made or changed."""
        from supportdesk.ledger import imports, stock, warehouses

        places: dict[int, int] = {}
        changed = 0
        for each in found:
            facts = {"priority": each.priority, "remote_id": each.remote_id}
            ours = imports.warehouse_of_remote(self.connection, each.remote_id)
            if ours is not None:
                changed += imports.take_facts(self.connection, ours, facts)
            else:
                code = each.code or slug_of(each.name).upper()
                code = warehouses.code_taken(self.connection, code) or code
                self._refuse_other_account(each, code, places)
                ours, is_changed = imports.keep_warehouse(self.connection, code, each.name or code, facts)
                changed += is_changed
            places[each.remote_id] = ours
        for place in stock.places(self.ledger):
            if place.shopify_master and place.id in places.values():
                places = {theirs: ours for theirs, ours in places.items() if ours != place.id}
                self.notes.append(
                    f"Shopify is master of {place.code}, so its numbers come from {place.shopify_master} and were not imported."
                )
        return places, changed

    def _refuse_other_account(self, warehouse: RemoteWarehouse, code: str, places: Mapping[int, int]) -> None:
        """Raise `ImportInvalid` where the warehouse of that code was imported from another one than `warehouse`."""
        from supportdesk.ledger import imports

        before = imports.remote_id_of_code(self.connection, code)
        if before is None or before == warehouse.remote_id:
            return
        if before in places:
            raise ImportInvalid(
                f"Sumtracker's warehouses {before} and {warehouse.remote_id} would both be {code} here: codes that differ in capitals "
                "alone are one, and a warehouse without a code goes by its name.",
                "Give each a code of its own in Sumtracker.",
            )
        raise ImportInvalid(
            f"The warehouse {code} was imported from Sumtracker's warehouse {before}, and this account has it as "
            f"{warehouse.remote_id}: it is another account.",
            "Use that account's key, or give the warehouse here another code.",
        )

    def _repeated(self) -> int:
        """Name the products whose SKU an earlier one has; how many."""
        from supportdesk.ledger import remote

        named, count = remote.repeated(self.connection, _BAD_KEPT)
        for each in named:
            self.refuse(
                f"product {each.remote_id} ({each.name or 'no name'}): product {each.kept_id} has the SKU {shown_sku(each.sku)} too, and its "
                "numbers are the ones taken"
            )
        self.bad_count += count - len(named)
        return count

    def _bundles(self) -> int:
        """Take over the bundles that can be counted; how many."""
        from supportdesk.ledger import bundles, remote

        lines = remote.bundle_lines(self.connection)
        theirs = {bundle for bundle, _, _ in lines}
        kept = [line for line in bundles.all_lines(self.connection) if line[0] not in theirs]
        all_bundles = {bundle for bundle, _, _ in kept} | theirs
        components = {component for _, component, _ in kept}
        spoilt: set[str] = set()
        for bundle, component, _ in lines:
            if not bundle or not component:
                why = "a bundle or a component of it has no SKU"
            else:
                why = refused_line(bundle, component, all_bundles, components) or self._read_only(
                    bundle, component
                )
            if why:
                spoilt.add(bundle)
                self.refuse(f"bundle {bundle or '(no SKU)'}: {why}")
        whole = [line for line in lines if line[0] not in spoilt]
        bundles.replace_lines(self.connection, whole)
        return len({bundle for bundle, _, _ in whole})

    def _read_only(self, *skus: str) -> str:
        """Why one of these cannot be in a bundle: a Shopify master where it is."""
        from supportdesk.ledger import stock

        for sku in skus:
            if place := stock.read_only_place(self.connection, sku):
                return bundle_under_shopify(sku, place)
        return ""

    def _levels(self) -> tuple[int, int, int]:
        """Set stock; numbers that changed, numbers that were there already, units booked there."""
        from supportdesk.ledger import imports, movements, remote

        for sku in remote.levels_of_bundles(self.connection):
            self.refuse(
                f"{shown_sku(sku)} is a bundle here and a product of its own there, so its numbers are not taken"
            )
        movements.new_levels(self.connection)
        booked = remote.take_levels(self.connection)
        total = imports.level_count(self.connection)
        cause = movements.Cause(at=self.desk.now(), kind="import", who=accounts.who(), reference=_SOURCE)
        changed = movements.set_levels(self.connection, cause, detail=f"{total:,} numbers in stock")
        return changed, total - changed, booked


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what} is" if count == 1 else f"{count:,} {what}s are"
