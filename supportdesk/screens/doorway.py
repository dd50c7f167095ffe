"""The desk as the screens call it: each call imports what it needs when it is made, so that first paint loads none of it.

All calls but `list_channels` may take long and are made from `work.Work`. Tests put a doorway of their own in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.core.bundles import Bundle, BundleChange, BundleChanged
from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channel_settings import (
    CloseAtChange,
    CloseAtChanged,
    SettingsChange,
    SettingsChanged,
    ShownSettings,
)
from supportdesk.core.channels import ChannelOverview, ChannelSummary, LeftOutListing
from supportdesk.core.connections import ConnectionsView, Counts, Master, Warehouse
from supportdesk.core.duplicates import Choice as GroupChoice
from supportdesk.core.duplicates import (
    DuplicateGroup,
    DuplicatesSummary,
    Effect,
    GroupDetail,
    GroupFilter,
    GroupOrder,
)
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
from supportdesk.screens.live_doorway import LiveDoorway
from supportdesk.screens.log_doorway import LogDoorway
from supportdesk.screens.orders_doorway import OrdersDoorway
from supportdesk.screens.plan_doorway import PlanDoorway
from supportdesk.screens.sync_doorway import SyncDoorway
from supportdesk.screens.worker_doorway import WorkerDoorway

if TYPE_CHECKING:
    from supportdesk.desk.connecting import ConnectRequest
    from supportdesk.desk.demo import StoreChange
    from supportdesk.screens.fetched_rows import ItemTable
    from supportdesk.screens.save_file import SaveTo


@dataclass(frozen=True, slots=True)
class Access:
    """What the Connect form holds. Its secrets are shown by nothing: not by `repr`, so not by a traceback either."""

    shop: str
    account: str = ""
    """'' for a new account."""
    token: str = ""
    client_id: str = ""
    client_secret: str = ""

    def __repr__(self) -> str:
        return f"Access({self.shop!r})"


@dataclass(frozen=True, slots=True)
class MissingScope:
    """An access scope the app does not have."""

    scope: str
    what_for: str
    needed_to: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try told of the store."""

    shop_name: str
    """Foreign text."""
    domain: str
    missing: tuple[MissingScope, ...]


@dataclass(frozen=True, slots=True)
class Connected:
    """A channel that was connected."""

    channel: str
    kept: str
    """A sentence saying where the token is kept."""


class Doorway(SyncDoorway, PlanDoorway, LiveDoorway, LogDoorway, OrdersDoorway, WorkerDoorway):
    """The desk's functions, bound to one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def list_channels(self) -> tuple[ChannelSummary, ...]:
        """Every channel, from the small index: cheap enough to call before first paint."""
        from supportdesk.desk import channels

        return channels.list_channels(self.desk)

    def channels_mark(self) -> int:
        """A number that is another one once any process has changed what `list_channels` says; a look at one file's time."""
        from supportdesk.desk import accounts

        return accounts.index_mark(self.desk)

    def channel_named(self, name: str) -> ChannelSummary:
        """The channel of that handle. Raises `UnknownName`."""
        from supportdesk.desk import channels

        return channels.channel_named(self.desk, name)

    def account_slugs(self) -> tuple[str, ...]:
        """Every account there is."""
        from supportdesk.desk import accounts

        return accounts.account_slugs(self.desk)

    def change_mark(self, account: str) -> int:
        """A number that grows with whatever is written into the account, by any process; -1 where it cannot be told."""
        from supportdesk.desk import accounts

        return accounts.change_mark(self.desk, account)

    def overview(self, name: str) -> ChannelOverview:
        """What the Overview shows."""
        from supportdesk.desk import channels

        return channels.overview(self.desk, name)

    def left_out_listings(
        self, name: str, reason: str | None, offset: int, limit: int
    ) -> tuple[LeftOutListing, ...]:
        """Listings that are not synced, `limit` of them from `offset` on."""
        from supportdesk.desk import channels

        return channels.left_out_listings(self.desk, name, reason, offset=offset, limit=limit)

    def load(self, name: str, watch: Watch) -> ChannelTotals:
        """Load the channel."""
        from supportdesk.desk import channels

        return channels.load(self.desk, name, watch)

    def open_exports(
        self, files: Sequence[Path], name: str | None, watch: Watch
    ) -> tuple[str, ChannelTotals]:
        """Open exports as a channel: its name, and what is in it."""
        from supportdesk.desk import channels

        opened = channels.open_exports(self.desk, files, name=name, watch=watch)
        return opened.channel, opened.totals

    def _request(self, access: Access) -> ConnectRequest:
        from supportdesk.desk import connecting

        secret = connecting.Secret
        return connecting.ConnectRequest(
            shop=access.shop,
            account=access.account or None,
            token=secret(access.token) if access.token else None,
            client_id=access.client_id or None,
            client_secret=secret(access.client_secret) if access.client_secret else None,
        )

    def check_shop(self, shop: str) -> None:
        """Judge a shop's address as typed, asking nobody. Raises `NotAShopAddress`."""
        from supportdesk.desk import connecting

        connecting.check_address(self.desk, shop)

    def try_connection(self, access: Access, watch: Watch) -> Tried:
        """Ask the store who it is and what the token may do; nothing is kept."""
        from supportdesk.desk import connecting

        tried = connecting.try_connection(self.desk, self._request(access), watch)
        return Tried(
            tried.shop.name,
            tried.shop.domain,
            tuple(
                MissingScope(missing.scope, missing.what_for, missing.needed_to) for missing in tried.missing
            ),
        )

    def connect(self, access: Access, watch: Watch) -> Connected:
        """Try again and keep the channel with its token."""
        from supportdesk.desk import connecting

        connected = connecting.connect(self.desk, self._request(access), watch)
        return Connected(connected.channel, connected.kept)

    def strike(self, kind: str) -> None:
        """Let the demo's store fail once in that way; '' for not at all any more."""
        from supportdesk.desk import demo

        demo.strike(self.desk, kind or None)

    def place_order(self, channel: str, listing: str, location: str) -> StoreChange:
        """Have a shopper of the demo's store buy one unit; with '' of a best-seller."""
        from supportdesk.desk import demo

        return demo.place_order(self.desk, channel, listing, location)

    def staff_edit(self, channel: str, listing: str, location: str) -> StoreChange:
        """Have somebody change a number in the demo's store itself; with '' of a best-seller."""
        from supportdesk.desk import demo

        return demo.staff_edit(self.desk, channel, listing, location)

    def kill_sync(self) -> int:
        """End the process that syncs the demo's stores as a crash would; its id."""
        from supportdesk.desk import demo

        return demo.kill_sync(self.desk)

    def start_over(self) -> None:
        """Have the demo begin again once the screens are left."""
        from supportdesk.desk import demo

        demo.start_over(self.desk)

    def duplicates_summary(self, name: str) -> DuplicatesSummary:
        """The counts over all duplicate groups."""
        from supportdesk.desk import duplicates

        return duplicates.summary(self.desk, name)

    def open_duplicates(
        self, name: str, *, show: GroupFilter, text: str, order: GroupOrder, descending: bool | None
    ) -> ItemTable[DuplicateGroup]:
        """The groups that a filter shows, to be closed."""
        from supportdesk.desk import duplicates

        return duplicates.open_groups(
            self.desk, name, show=show, text=text, order=order, descending=descending
        )

    def duplicate_group(self, name: str, sku: str) -> GroupDetail:
        """One group with its listings. Raises `UnknownName` where it is none any more."""
        from supportdesk.desk import duplicates

        return duplicates.group_detail(self.desk, name, sku)

    def effect_of(
        self, name: str, choice: GroupChoice, skus: Sequence[str] | None, *, show: GroupFilter, text: str
    ) -> Effect:
        """What a choice would change, for those SKUs, or for every undecided group that the filter shows."""
        from supportdesk.desk import duplicates

        return duplicates.effect_of(self.desk, name, choice, skus, show=show, text=text)

    def decide(self, name: str, choice: GroupChoice | None, seen: Mapping[str, int]) -> int:
        """Say one thing of the SKUs in `seen`, each with the revision the person saw; None takes back. Raises `Conflict`."""
        from supportdesk.desk import duplicates

        return duplicates.decide(self.desk, name, choice, seen)

    def decide_filtered(
        self, name: str, choice: GroupChoice, *, show: GroupFilter, text: str, expected: int
    ) -> int:
        """Say one thing of every undecided group that the filter shows; `Conflict` where they are not `expected` many."""
        from supportdesk.desk import duplicates

        return duplicates.decide_filtered(self.desk, name, choice, show=show, text=text, expected=expected)

    def set_note(self, name: str, sku: str, note: str, seen: int) -> None:
        """Put a note beside a decision of that revision."""
        from supportdesk.desk import duplicates

        duplicates.set_note(self.desk, name, sku, note, seen)

    def accept_pre_marked(self, name: str) -> int:
        """Decide *shared* for every undecided group that is pre-marked; how many they were."""
        from supportdesk.desk import duplicates

        return duplicates.accept_pre_marked(self.desk, name)

    def read_group_again(self, name: str, sku: str, watch: Watch) -> GroupDetail:
        """Ask the live store for a group's listings and counts; what there is of it now."""
        from supportdesk.desk import duplicates

        return duplicates.read_again(self.desk, name, sku, watch)

    def give_own_sku(self, name: str, listing: str, new_sku: str, *, confirm: str, watch: Watch) -> None:
        """Change a listing's SKU in the live store; `confirm` is the shop's handle as typed."""
        from supportdesk.desk import duplicates

        duplicates.give_own_sku(self.desk, name, listing, new_sku, confirm=confirm, watch=watch)

    def save_duplicates(
        self,
        name: str,
        to: SaveTo,
        *,
        show: GroupFilter,
        text: str,
        order: GroupOrder,
        notes: bool,
        watch: Watch,
    ) -> int:
        """Write the groups that a filter shows to a file; how many."""
        from supportdesk.desk import duplicate_files

        return duplicate_files.save_groups(
            self.desk,
            name,
            to.target,
            show=show,
            text=text,
            order=order,
            notes=notes,
            replace=to.replace,
            watch=watch,
        )

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

    def save_connections(self, name: str, to: SaveTo, watch: Watch) -> int:
        """Write every location with its connection to a file; how many."""
        from supportdesk.desk import stock_files

        return stock_files.save_connections(self.desk, name, to.target, replace=to.replace, watch=watch)

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

    def app_instructions(self) -> str:
        """How to make an app in the merchant's organisation."""
        from supportdesk.desk import connecting

        return connecting.app_instructions()

    def scope_list(self) -> str:
        """The scopes the app needs, as one pastes them."""
        from supportdesk.desk import connecting

        return connecting.scope_list()
