"""The part of the doorway for warehouses, connections, stock, bundles, their settings and imports. As `doorway`, each call imports what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.core.bundles import Bundle, BundleChange, BundleChanged
    from supportdesk.core.channel_settings import (
        CloseAtChange,
        CloseAtChanged,
        SettingsChange,
        SettingsChanged,
        ShownSettings,
    )
    from supportdesk.core.connections import ConnectionsView, Counts, Master, Warehouse
    from supportdesk.core.imports import Imported
    from supportdesk.core.progress import Watch
    from supportdesk.core.stock import (
        SkuInspection,
        StockChange,
        StockChanged,
        StockFilter,
        StockOrder,
        StockRow,
    )
    from supportdesk.desk import Desk
    from supportdesk.screens.fetched_rows import ItemTable
    from supportdesk.screens.save_file import SaveTo


class InventoryDoorway:
    """The desk's functions for what is in stock and where, bound to one desk."""

    desk: Desk

    def warehouses(self, account: str) -> tuple[Warehouse, ...]:
        """Every warehouse of the account."""
        from supportdesk.desk import connections

        return connections.warehouses(self.desk, account)

    def add_warehouse(
        self, account: str, code: str, name: str, *, address: str = "", city: str = "", country: str = ""
    ) -> Warehouse:
        """Make a warehouse in the account. Raises `WrongUsage` for a code that is none or taken."""
        from supportdesk.desk import connections

        return connections.add_warehouse(
            self.desk, account, code, name, address=address, city=city, country=country
        )

    def connections(self, name: str, watch: Watch) -> ConnectionsView:
        """What the Warehouses tab shows."""
        from supportdesk.desk import connections

        return connections.view(self.desk, name, watch)

    def link(
        self,
        name: str,
        location_id: int,
        warehouse_id: int,
        *,
        master: Master,
        counts: Counts | None,
        insist: bool,
        seen: int,
        counts_of: int | None = None,
    ) -> ConnectionsView:
        """Link a location. `seen`: the connection's revision as the person saw it, 0 for none; `Conflict` where it is another."""
        from supportdesk.desk import connections

        request = connections.LinkRequest(location_id, warehouse_id, master, counts, insist, counts_of)
        return connections.link(self.desk, name, request, seen=seen)

    def unlink(self, name: str, location_id: int, *, stay: bool, seen: int) -> ConnectionsView:
        """Say that a location stays unlinked, or with `stay` false say nothing of it any more."""
        from supportdesk.desk import connections

        return connections.unlink(self.desk, name, location_id, stay=stay, seen=seen)

    def judge_master(self, name: str, location_id: int, master: Master, *, seen: int) -> None:
        """Raise what `set_master` would, and write nothing."""
        from supportdesk.desk import connections

        connections.judge_master(self.desk, name, location_id, master, seen=seen)

    def set_master(self, name: str, location_id: int, master: Master, *, seen: int) -> ConnectionsView:
        """Make that one master at a linked location."""
        from supportdesk.desk import connections

        return connections.set_master(self.desk, name, location_id, master, seen=seen)

    def swap(
        self, name: str, location_id: int, other_location_id: int, *, seen: Mapping[int, int]
    ) -> ConnectionsView:
        """Swap the warehouses of two locations; `seen` holds both revisions."""
        from supportdesk.desk import connections

        return connections.swap(self.desk, name, location_id, other_location_id, seen=seen)

    def accept_suggestions(self, name: str) -> int:
        """Link every location nothing was said of as suggested; how many that were."""
        from supportdesk.desk import connections

        return connections.accept_suggestions(self.desk, name)

    def save_connections(self, name: str, to: SaveTo, watch: Watch) -> int:
        """Write every location with its connection to a file; how many."""
        from supportdesk.desk import stock_files

        return stock_files.save_connections(self.desk, name, to.target, replace=to.replace, watch=watch)

    def open_stock(
        self, name: str, *, order: StockOrder, descending: bool, show: StockFilter, text: str
    ) -> ItemTable[StockRow]:
        """The rows of the Stock tab, sorted and filtered so."""
        from supportdesk.desk import stock

        return stock.open_stock(self.desk, name, order=order, descending=descending, show=show, text=text)

    def save_stock(
        self,
        name: str,
        to: SaveTo,
        *,
        order: StockOrder,
        descending: bool,
        show: StockFilter,
        text: str,
        watch: Watch,
    ) -> int:
        """Write the rows that a filter shows to a file; how many."""
        from supportdesk.desk import stock_files

        return stock_files.save_stock(
            self.desk,
            name,
            to.target,
            order=order,
            descending=descending,
            show=show,
            text=text,
            replace=to.replace,
            watch=watch,
        )

    def inspect_sku(self, name: str, sku: str, *, movements: int) -> SkuInspection:
        """Why a SKU's numbers are what they are, with its newest movements. Raises `UnknownName`."""
        from supportdesk.desk import stock

        return stock.inspect_sku(self.desk, name, sku, movements=movements)

    def change_stock(self, account: str, change: StockChange) -> StockChanged:
        """Adjust, set, receive, count or transfer. Raises `Refused`, `Conflict`, `WrongUsage`."""
        from supportdesk.desk import stock

        return stock.change_stock(self.desk, account, change)

    def inspect_bundle(self, account: str, sku: str) -> Bundle:
        """The SKU as a bundle, without lines where it is none. Raises `UnknownName`."""
        from supportdesk.desk import bundles

        return bundles.inspect_bundle(self.desk, account, sku)

    def preview_bundle(self, account: str, change: BundleChange) -> BundleChanged:
        """What a change of a bundle would do. Raises as `change_bundle`."""
        from supportdesk.desk import bundles

        return bundles.preview_bundle(self.desk, account, change)

    def change_bundle(self, account: str, change: BundleChange) -> BundleChanged:
        """Make, change or remove a bundle. Raises `UnknownName`, `WrongUsage`, `Refused`, `Conflict`."""
        from supportdesk.desk import bundles

        return bundles.change_bundle(self.desk, account, change)

    def channel_settings(self, name: str) -> ShownSettings:
        """A channel's drafts and maximum, and what they come to."""
        from supportdesk.desk import channel_settings

        return channel_settings.show_settings(self.desk, name)

    def preview_settings(self, name: str, change: SettingsChange, watch: Watch) -> SettingsChanged:
        """What a change of them would do. Raises as `change_settings`."""
        from supportdesk.desk import channel_settings

        return channel_settings.preview_settings(self.desk, name, change, watch)

    def change_settings(self, name: str, change: SettingsChange, watch: Watch) -> SettingsChanged:
        """Change drafts and maximum. Raises `WrongUsage`, `Refused`, `Conflict`."""
        from supportdesk.desk import channel_settings

        return channel_settings.change_settings(self.desk, name, change, watch)

    def change_close_at(self, account: str, change: CloseAtChange) -> CloseAtChanged:
        """Set a SKU's close-at quantity in a warehouse. Raises `WrongUsage`, `Refused`, `Conflict`."""
        from supportdesk.desk import channel_settings

        return channel_settings.change_close_at(self.desk, account, change)

    def has_sumtracker_key(self, account: str) -> bool:
        """Whether a Sumtracker key is kept for the account."""
        from supportdesk.desk import sumtracker_key

        return sumtracker_key.is_kept(self.desk, account)

    def import_from_sumtracker(self, account: str, key: str, *, keep: bool, watch: Watch) -> Imported:
        """Import a real Sumtracker account; with '' by the key there is. Raises `SumtrackerError` and its kinds, `WrongUsage`."""
        from supportdesk.desk import sumtracker_key

        typed = sumtracker_key.Secret(key) if key else None
        found = sumtracker_key.key_of(self.desk, account, typed=typed)
        return sumtracker_key.import_with(self.desk, account, found, watch, keep=keep)

    def import_files(
        self, account: str, files: Mapping[str, Path], *, skip_bad: bool, watch: Watch
    ) -> Imported:
        """Import files by what they hold: `warehouses`, `bundles`, `stock`, `rules`. Raises `ImportInvalid`."""
        from supportdesk.desk import imports

        return imports.import_files(
            self.desk,
            account,
            warehouses=files.get("warehouses"),
            bundles=files.get("bundles"),
            stock=files.get("stock"),
            rules=files.get("rules"),
            skip_bad=skip_bad,
            watch=watch,
        )
