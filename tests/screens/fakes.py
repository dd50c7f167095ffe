"""A desk that answers from memory, for screens alone: typical, empty, large, hostile and failing stores. No ledger, no network."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from supportdesk.core.alerts import Alert
from supportdesk.core.catalog import ChannelTotals, Location, Shop
from supportdesk.core.channels import (
    ChannelOverview,
    ChannelSummary,
    LeftOut,
    LeftOutListing,
    LocationTotals,
    SyncGlance,
)
from supportdesk.core.checks import Check
from supportdesk.core.connections import ConnectionsView, Counts, Master, Warehouse
from supportdesk.core.duplicates import (
    Choice,
    DuplicatesSummary,
    Effect,
    GroupDetail,
    GroupFilter,
    GroupOrder,
)
from supportdesk.core.events import LogFilter
from supportdesk.core.held import HeldAnswer, HeldDone
from supportdesk.core.looks import RowKey
from supportdesk.core.order_list import OrderShow
from supportdesk.core.plan_view import PlanOrder, PlanShow, PlanView
from supportdesk.core.progress import Watch
from supportdesk.core.rehearsal import Verdict
from supportdesk.core.stock import SkuInspection, StockChange, StockChanged, StockFilter, StockOrder
from supportdesk.core.wizard import WizardEvent
from supportdesk.desk import Demo, Desk
from supportdesk.desk.alerts import AlertLine
from supportdesk.desk.applying import TurnedOff
from supportdesk.desk.rehearsal_verdict import Rehearsed
from supportdesk.desk.rehearsing import Rehearsal
from supportdesk.desk.sync_status import SyncStatus
from supportdesk.desk.syncing import SyncedNow
from supportdesk.desk.verifying import Verified
from supportdesk.desk.wizard_view import WizardView
from supportdesk.errors import Conflict, SupportdeskError, TokenRefused, UnknownName
from supportdesk.paths import Home
from supportdesk.screens.connect_doorway import Access, Connected, MissingScope, Tried
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.held import HeldItems
from supportdesk.screens.plan_words import Wanted
from supportdesk.screens.save_file import SaveTo
from supportdesk.settings import Settings
from tests.screens.fake_duplicates import FakeDuplicates, FakeTable, hostile_groups
from tests.screens.fake_going_live import FakeGoingLive, FakePlanTable
from tests.screens.fake_inventory import FakeInventory, FakeStockTable
from tests.screens.fake_live import FakeLive
from tests.screens.fake_log import FakeLog
from tests.screens.fake_log import hostile as hostile_log
from tests.screens.fake_orders import FakeOrders, FakeOrderTable

NOW: Final = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
TOKEN: Final = "shpat_" + "0123456789abcdef" * 2

HOSTILE: Final = (
    "[/foo]",
    "[@click=app.leave]x[/]",
    "[@click=app.hostile]press me[/]",
    "[red]red[/] [0] [true, false]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\x1b]52;c;ZXZpbA==\x1b\\clip",
    "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\",
    "two\nlines\r\tand \x9b31m c1 \x00",
    "\u202eRTL\u202c \u200bzero\u2066iso\u2069 \ufeff",
    "日本語のとても長い商品タイトルです全角文字",
    "👩‍👩‍👧 flag 🇩🇪 \ud83d half",
    "$x ${y} %s {z} \\[ [b",
    "x" * 300,
)

TOTALS: Final = ChannelTotals(
    listings=1_214,
    skus=1_151,
    without_sku=12,
    locations=3,
    duplicate_groups=14,
    duplicate_listings=31,
    disagreeing_groups=6,
    units=61_204,
)


def summary(handle: str = "kestrel-outdoor", **changes: object) -> ChannelSummary:
    """A loaded store."""
    base = ChannelSummary(
        handle=handle,
        account="kestrel",
        title="Kestrel Outdoor",
        source="shopify",
        domain=f"{handle}.myshopify.com",
        listings=1_214,
        duplicate_groups=14,
        disagreeing_groups=6,
        unlinked_locations=3,
        loaded_at=NOW - timedelta(minutes=2),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


KESTREL: Final = (
    summary(),
    summary(
        "kestrel-outlet",
        title="Kestrel Outlet",
        sync="on",
        listings=486,
        duplicate_groups=0,
        disagreeing_groups=0,
        unlinked_locations=1,
        loaded_at=NOW - timedelta(hours=5),
    ),
    summary(
        "kestrel-trade",
        title="Kestrel Trade (B2B)",
        listings=None,
        duplicate_groups=None,
        disagreeing_groups=None,
        unlinked_locations=None,
        loaded_at=None,
    ),
    summary(
        "spring-list",
        title="spring-list",
        source="export",
        domain="",
        listings=88,
        duplicate_groups=2,
        disagreeing_groups=0,
        unlinked_locations=2,
        loaded_at=NOW - timedelta(days=6),
    ),
)
OTHERS: Final = (
    summary("atelier-nord", account="atelier-nord", title="Atelier Nord", loaded_at=NOW - timedelta(days=3)),
    summary("bean-there", account="bean-there", title="Bean There Coffee", loaded_at=NOW - timedelta(days=9)),
)

LOCATIONS: Final[tuple[LocationTotals, ...]] = (
    LocationTotals(Location(1, "Main Street", city="Leeds", country="GB"), 40_318, 1_102),
    LocationTotals(
        Location(2, "Depot", city="Hull", country="GB", fulfills_online_orders=False), 20_886, 640
    ),
    LocationTotals(Location(3, "Old shop", active=False, city="York", country="GB"), 0, 0),
    LocationTotals(
        Location(4, "ShipFast Fulfilment", service="ShipFast", service_manages_stock=True, country="NL"),
        0,
        12,
    ),
)
LEFT_OUT_COUNTS: Final[dict[str, int]] = {"draft": 20, "no_sku": 12, "gift_card": 2}


def checks_of(locations: Sequence[LocationTotals], export: bool) -> tuple[Check, ...]:
    """Readiness in words of its own, so that no picture changes with the real ones."""
    services = ", ".join(total.location.name for total in locations if total.location.service_manages_stock)
    access = (
        Check("access", "block", "These are export files: connect the store itself before turning on sync.")
        if export
        else Check(
            "access", "block", "The app may not yet do everything sync needs: write_inventory is missing."
        )
    )
    return (
        access,
        Check(
            "old_orders",
            "warn",
            "Orders older than 60 days cannot be seen (read_all_orders is missing); one that is still open then would be "
            "lost sight of.",
        ),
        Check("no_sku", "warn", "12 listings without a SKU will not be synced."),
        Check("draft", "warn", "20 listings in draft will not be synced unless drafts are included."),
        Check(
            "sku_hygiene",
            "warn",
            "3 listings with a SKU that looks unintended, such as a placeholder or an invisible character.",
        ),
        Check(
            "look_alikes",
            "warn",
            "1 SKU is spelled in ways that differ only in capitals or spaces; they are different products for sync.",
        ),
        Check(
            "duplicates",
            "warn",
            "14 SKUs are shared by 31 listings: each needs a decision, and in 6 groups the counts disagree.",
            goto="duplicates:to_decide",
        ),
        Check(
            "negative",
            "warn",
            "2 counts are below zero: more is promised than there is.",
            goto="stock:negative",
        ),
        Check(
            "fulfillment_services",
            "warn",
            f"{services} keeps its own stock numbers and will stay unlinked unless you say otherwise.",
        ),
        Check("loaded", "pass", "The store is loaded."),
        Check("listings", "pass", "1,180 listings of 1,214 can be synced."),
        Check("inactive_locations", "pass", "1 inactive location cannot be linked and will be left alone."),
        Check("locations", "pass", "3 active locations found."),
    )


def many_channels(count: int) -> tuple[ChannelSummary, ...]:
    """As many stores of one account."""
    return tuple(summary(f"store-{number:04}", title=f"Store {number:,}") for number in range(count))


def hostile_channels() -> tuple[ChannelSummary, ...]:
    """Stores with every hostile title."""
    return tuple(summary(f"hostile-{number}", title=title) for number, title in enumerate(HOSTILE))


class FakeDoorway(Doorway):
    """Answers from memory. `fail` is raised by the next long call; `gate` holds loads until it is set."""

    def __init__(self, desk: Desk, channels: Sequence[ChannelSummary] = KESTREL) -> None:
        super().__init__(desk)
        self.channels = tuple(channels)
        self.hostile = False
        self.fail: SupportdeskError | Exception | None = None
        self.fail_plans: SupportdeskError | None = None
        self.gate: threading.Event | None = None
        self.calls: list[tuple[object, ...]] = []
        self.mark = 1
        self.inventory = FakeInventory()
        self.orders = FakeOrders()
        self.duplicates = FakeDuplicates()
        self.going_live = FakeGoingLive()
        self.log = FakeLog()
        self.live = FakeLive()
        self.rehearsed: FakeDoorway | None = None
        self.no_rehearsal: SupportdeskError | None = None

    def list_channels(self) -> tuple[ChannelSummary, ...]:
        return self.channels

    def channels_mark(self) -> int:
        return hash(self.channels)

    # After going live: `live` answers

    def _live(self) -> FakeLive:
        self._maybe_fail()
        self.live.hostile = HOSTILE if self.hostile else ()
        return self.live

    def glances(self, accounts: Iterable[str]) -> Mapping[str, SyncGlance]:
        return self.live.glances

    def alert_line(self, name: str) -> AlertLine:
        self.live.hostile = HOSTILE if self.hostile else ()
        return self.live.line()

    def list_alerts(self, name: str) -> Sequence[Alert]:
        return self._live().alerts()

    def mark_seen(self, name: str, number: int | None, up_to: int | None = None) -> int:
        self.calls.append(("mark_seen", name, number, up_to))
        return self._live().see(number)

    def open_held(self, name: str) -> HeldItems:
        return self._live().held()

    def answer_held(self, name: str, keys: Sequence[RowKey], answer: HeldAnswer) -> HeldDone:
        self.calls.append(("answer_held", name, tuple(keys), answer))
        return self._live().answer(keys, answer)

    def verify(self, name: str, watch: Watch) -> Verified:
        self.calls.append(("verify", name))
        watch.report("Looking at every row", 1_750, 4_826, unit="rows")
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        return self._live().verify(name, watch, synced=self.channel_named(name).sync == "on")

    def sync_now(self, name: str, watch: Watch, *, hard: bool) -> SyncedNow:
        self.calls.append(("sync_now", name, hard))
        return self._live().synced(name, hard=hard)

    def adopt(
        self, name: str, sku: str, event: int | None, location: str = "", units: int | None = None
    ) -> str:
        self.calls.append(("adopt", name, sku, event or (location, units)))
        return f"{sku}: 9 → 12 available in Sumtracker."

    def go_on(self, name: str, rows: int) -> SyncStatus:
        self.calls.append(("go_on", name, rows))
        return self.sync_status(name)

    def channel_named(self, name: str) -> ChannelSummary:
        for channel in self.channels:
            if channel.handle == name:
                return channel
        raise UnknownName(f"There is no channel {name!r}.")

    def open_log(self, name: str) -> FakeLog:  # type: ignore[override]
        self._maybe_fail()
        if self.hostile:
            self.log.events = hostile_log(HOSTILE, name)
        self.calls.append(("open_log", name))
        return self.log

    def watch_log(self, name: str) -> None:
        self.calls.append(("watch_log", name))

    def save_log(self, name: str, to: SaveTo, wanted: LogFilter, watch: Watch) -> int:
        self.calls.append(("save_log", name, to, wanted))
        return len(self.log.events)

    def change_mark(self, account: str) -> int:
        return self.mark

    def account_slugs(self) -> tuple[str, ...]:
        return tuple(sorted({channel.account for channel in self.channels}))

    def overview(self, name: str) -> ChannelOverview:
        self._maybe_fail()
        channel = self.channel_named(name)
        locations = LOCATIONS
        left_out = LEFT_OUT_COUNTS
        if self.hostile:
            locations = tuple(
                LocationTotals(
                    Location(
                        n, title, city=title, country="XX", service=title, service_manages_stock=n % 2 == 0
                    ),
                    n,
                    n,
                )
                for n, title in enumerate(HOSTILE)
            )
            left_out = {"no_sku": len(HOSTILE)}
        title = channel.title
        return ChannelOverview(
            summary=channel,
            shop=Shop(
                channel.handle,
                title,
                channel.domain,
                "Europe/London",
                "GBP",
                title if self.hostile else "Shopify",
            ),
            totals=TOTALS,
            locations=locations,
            left_out=tuple(LeftOut(reason, listings) for reason, listings in left_out.items()),
            in_scope=TOTALS.listings - sum(left_out.values()),
            checks=checks_of(locations, channel.source == "export"),
        )

    def left_out_listings(
        self, name: str, reason: str | None, offset: int, limit: int
    ) -> tuple[LeftOutListing, ...]:
        self.calls.append(("left_out", reason, offset, limit))
        self._maybe_fail()
        count = LEFT_OUT_COUNTS[reason] if reason else sum(LEFT_OUT_COUNTS.values())
        titles = HOSTILE if self.hostile else ("Ridge tent 2P", "Enamel mug", "Camp stove")
        count = len(HOSTILE) if self.hostile else count
        return tuple(
            LeftOutListing(
                f"listing-{number}/m",
                titles[number % len(titles)],
                titles[number % len(titles)] if self.hostile else "M",
                titles[number % len(titles)] if self.hostile else f"KO-{number:04}",
                reason or ("draft" if number % 2 else "no_sku"),
            )
            for number in range(offset, min(offset + limit, count))
        )

    def load(self, name: str, watch: Watch) -> ChannelTotals:
        self.calls.append(("load", name))
        watch.report("Reading the shop", 1, 1)
        watch.report("Reading locations", 3, 3, unit="locations")
        watch.report("Reading listings", 3_200, 12_410, unit="listings", note="The store asks us to wait 2 s")
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        self._maybe_fail()
        watch.report("Reading listings", 12_410, 12_410, unit="listings")
        self.channels = tuple(
            replace(channel, loaded_at=self.desk.now(), listings=1_214) if channel.handle == name else channel
            for channel in self.channels
        )
        return TOTALS

    def open_exports(
        self, files: Sequence[Path], name: str | None, watch: Watch
    ) -> tuple[str, ChannelTotals]:
        self.calls.append(("open", tuple(files), name))
        watch.report("Reading files", 88, 88, unit="rows")
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        self._maybe_fail()
        handle = name or files[0].stem
        self.channels = (
            *self.channels,
            summary(handle, account=handle, title=handle, source="export", domain=""),
        )
        return handle, TOTALS

    def try_connection(self, access: Access, watch: Watch) -> Tried:
        self.calls.append(("try", access.shop))
        watch.report("Asking the store", note="The store asks us to wait 12 s")
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        self._maybe_fail()
        if access.token == "wrong":
            raise TokenRefused(
                "The store did not accept the token.", "Copy it again from the app's settings."
            )
        missing = (
            MissingScope("write_inventory", "write stock to the store", "turn_on"),
            MissingScope("read_all_orders", "follow orders that stay open for more than 60 days", "warn"),
        )
        title = HOSTILE[2] if self.hostile else "Kestrel Outdoor"
        return Tried(title, f"{access.shop}.myshopify.com", missing)

    def connect(self, access: Access, watch: Watch) -> Connected:
        self.calls.append(("connect", access.shop, access.account))
        self._maybe_fail()
        new = summary(access.shop, title=access.shop, loaded_at=None, listings=None)
        self.channels = (*self.channels, new)
        return Connected(access.shop, "The token is kept in the keyring.")

    # Duplicates: `duplicates` answers

    def _duplicates(self) -> FakeDuplicates:
        self._maybe_fail()
        if self.hostile and "-X" not in self.duplicates.listings:
            self.duplicates.listings = hostile_groups(HOSTILE)
        return self.duplicates

    def duplicates_summary(self, name: str) -> DuplicatesSummary:
        return self._duplicates().summary()

    def open_duplicates(
        self, name: str, *, show: GroupFilter, text: str, order: GroupOrder, descending: bool | None
    ) -> FakeTable:
        self.calls.append(("open_duplicates", show, text, order, descending))
        found = self._duplicates()
        return FakeTable(found, found.shown(show, text, order, descending))

    def duplicate_group(self, name: str, sku: str) -> GroupDetail:
        return self._duplicates().detail(sku)

    def effect_of(
        self, name: str, choice: Choice, skus: Sequence[str] | None, *, show: GroupFilter, text: str
    ) -> Effect:
        found = self._duplicates()
        return found.effect(choice, found.undecided(show, text) if skus is None else skus)

    def decide(self, name: str, choice: Choice | None, seen: Mapping[str, int]) -> int:
        self.calls.append(("decide", choice, dict(seen)))
        return self._duplicates().decide(choice, seen)

    def decide_filtered(
        self, name: str, choice: Choice, *, show: GroupFilter, text: str, expected: int
    ) -> int:
        self.calls.append(("decide_filtered", choice, show, text, expected))
        found = self._duplicates()
        skus = found.undecided(show, text)
        if len(skus) != expected:
            raise Conflict(f"{expected} were undecided, {len(skus)} are now.", "Look again.")
        return found.decide(choice, dict.fromkeys(skus, 0))

    def set_note(self, name: str, sku: str, note: str, seen: int) -> None:
        self.calls.append(("note", sku, note, seen))
        self._duplicates().note(sku, note, seen)

    def read_group_again(self, name: str, sku: str, watch: Watch) -> GroupDetail:
        self.calls.append(("read_again", sku))
        watch.report("Asking for the listings", note="The store asks us to wait 12 s")
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        return self._duplicates().detail(sku)

    def give_own_sku(self, name: str, listing: str, new_sku: str, *, confirm: str, watch: Watch) -> None:
        self.calls.append(("own_sku", listing, new_sku, confirm))
        self._duplicates().give_own_sku(listing, new_sku)

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
        self.calls.append(("save", to, show, text, order, notes))
        return len(self._duplicates().shown(show, text, order))

    def accept_pre_marked(self, name: str) -> int:
        self.calls.append(("accept",))
        found = self._duplicates()
        skus = [sku for sku in found.undecided("all", "") if found.group(sku).pre_marked]
        return found.decide(Choice("shared", "oldest"), dict.fromkeys(skus, 0))

    # The Sumtracker side: `inventory` answers

    def connections(self, name: str, watch: Watch) -> ConnectionsView:
        self._maybe_fail()
        self.inventory.hostile = HOSTILE if self.hostile else ()
        return self.inventory.view()

    def warehouses(self, account: str) -> tuple[Warehouse, ...]:
        return self.inventory.warehouses

    def add_warehouse(
        self, account: str, code: str, name: str, *, address: str = "", city: str = "", country: str = ""
    ) -> Warehouse:
        self.calls.append(("add_warehouse", account, code, name, address, city, country))
        self._maybe_fail()
        return self.inventory.add_warehouse(code, name, address, city, country)

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
        self.calls.append(("link", location_id, warehouse_id, master, counts, counts_of, insist, seen))
        self._maybe_fail()
        return self.inventory.put(location_id, self.inventory.warehouse(warehouse_id), master, counts)

    def unlink(self, name: str, location_id: int, *, stay: bool, seen: int) -> ConnectionsView:
        self.calls.append(("unlink", location_id, stay, seen))
        self._maybe_fail()
        return self.inventory.put(location_id, None, None) if stay else self.inventory.forget(location_id)

    def judge_master(self, name: str, location_id: int, master: Master, *, seen: int) -> None:
        self.calls.append(("judge_master", location_id, master, seen))
        self._maybe_fail()

    def set_master(self, name: str, location_id: int, master: Master, *, seen: int) -> ConnectionsView:
        self.calls.append(("set_master", location_id, master, seen))
        self._maybe_fail()
        connection = self.inventory.line(location_id).connection
        return self.inventory.put(location_id, connection.warehouse if connection else None, master)

    def swap(
        self, name: str, location_id: int, other_location_id: int, *, seen: Mapping[int, int]
    ) -> ConnectionsView:
        self.calls.append(("swap", location_id, other_location_id, dict(seen)))
        self._maybe_fail()
        first, second = (self.inventory.line(each).connection for each in (location_id, other_location_id))
        assert first is not None
        assert second is not None
        self.inventory.put(location_id, second.warehouse, second.master)
        return self.inventory.put(other_location_id, first.warehouse, first.master)

    def accept_suggestions(self, name: str) -> int:
        self.calls.append(("accept_suggestions", name))
        self._maybe_fail()
        taken = [line for line in self.inventory.lines if line.connection is None and line.suggested]
        for line in taken:
            assert line.suggested is not None
            warehouse = self.inventory.warehouse(line.suggested.warehouse_id)
            self.inventory.put(line.location.id, warehouse, "sumtracker")
        return len(taken)

    def open_stock(
        self, name: str, *, order: StockOrder, descending: bool, show: StockFilter, text: str
    ) -> FakeStockTable:
        self.calls.append(("open_stock", order, descending, show, text))
        self._maybe_fail()
        self.inventory.hostile = HOSTILE if self.hostile else ()
        return self.inventory.open_stock(order, descending, show, text)

    def open_orders(self, name: str, *, show: OrderShow, text: str) -> FakeOrderTable:  # type: ignore[override]
        self.calls.append(("open_orders", show, text))
        self._maybe_fail()
        self.orders.hostile = HOSTILE if self.hostile else ()
        return self.orders.open(show, text)

    def inspect_sku(self, name: str, sku: str, *, movements: int) -> SkuInspection:
        self.calls.append(("inspect_sku", sku, movements))
        self._maybe_fail()
        self.inventory.hostile = HOSTILE if self.hostile else ()
        return self.inventory.inspection(sku, movements)

    def change_stock(self, account: str, change: StockChange) -> StockChanged:
        self.calls.append(("change_stock", account, change))
        self._maybe_fail()
        return self.inventory.change(change)

    # Turning on: `going_live` answers

    def _going_live(self) -> FakeGoingLive:
        self._maybe_fail()
        self.going_live.hostile = HOSTILE if self.hostile else ()
        if self.going_live.follows:
            groups = [self.duplicates.group(sku) for sku in self.duplicates.listings]
            unsaid = [
                line
                for line in self.inventory.lines
                if line.location.active
                and line.connection is None
                and not line.location.service_manages_stock
            ]
            self.going_live.facts = replace(
                self.going_live.facts,
                duplicate_groups=sum(group.needs_decision for group in groups),
                to_decide=sum(group.to_decide for group in groups),
                unsaid_locations=len(unsaid),
            )
        return self.going_live

    def open_wizard(self, name: str) -> WizardView:
        return self._going_live().view()

    def answer_wizard(self, name: str, event: WizardEvent, *, seen: int) -> WizardView:
        return self._going_live().answer(event, seen)

    def at_work(self, name: str) -> str:
        return self.going_live.at_work

    def take_over(self, name: str, confirm: str) -> WizardView:
        self.calls.append(("take_over", name, confirm))
        self.going_live.at_work = ""
        return self.going_live.view()

    def leave_wizard(self, name: str) -> None:
        self.going_live.left += 1

    def make_plan(self, name: str, watch: Watch) -> PlanView:
        self.calls.append(("make_plan", name))
        watch.report("Building the plan", 2_400, 4_826, unit="rows")
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        return self._going_live().make(watch)

    def plan_view(self, name: str, plan_id: int) -> PlanView:
        return self._going_live().plan(plan_id)

    def open_plan_rows(
        self,
        name: str,
        plan_id: int,
        *,
        order: PlanOrder,
        descending: bool,
        show: PlanShow,
        location: int | None,
        text: str,
    ) -> FakePlanTable:
        self.calls.append(("open_plan_rows", plan_id, order, descending, show, location, text))
        return FakePlanTable(self._going_live().lines(show, location, text))

    def save_plan_rows(
        self,
        name: str,
        plan_id: int,
        to: SaveTo,
        *,
        order: PlanOrder,
        descending: bool,
        show: PlanShow,
        location: int | None,
        text: str,
        watch: Watch,
    ) -> int:
        self.calls.append(("save_plan_rows", plan_id, to, order, show, location, text))
        return len(self._going_live().lines(show, location, text))

    def apply_plan(
        self,
        name: str,
        plan_id: int,
        *,
        confirm: str,
        brake_rows: int | None,
        moved_rows: int | None = None,
    ) -> SyncStatus:
        if moved_rows is not None:
            return self._going_live().confirm_moved(plan_id, confirm, moved_rows)
        return self._going_live().apply(plan_id, confirm, brake_rows)

    def make_wanted_plan(self, name: str, wanted: Wanted, watch: Watch) -> PlanView:
        self.calls.append(("make_wanted_plan", wanted))
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        if self.fail_plans is not None:
            raise self.fail_plans
        return self._going_live().wanted(wanted)

    def stop_plan(self, name: str, plan_id: int, *, confirm: str) -> SyncStatus:
        self.calls.append(("stop_plan", name, plan_id, confirm))
        self._going_live().stop()
        return self._going_live().status()

    def turn_off(self, name: str, *, confirm: str) -> TurnedOff:
        self.calls.append(("turn_off", name, confirm))
        self._going_live().stop()
        return TurnedOff(name, "")

    def sync_status(self, name: str) -> SyncStatus:
        return self._going_live().status()

    def start_rehearsal(self, name: str, plan_id: int, watch: Watch) -> Rehearsal:
        self.calls.append(("start_rehearsal", name, plan_id))
        watch.report("Filling the pretend store", 2_400, 4_826, unit="rows")
        while self.gate is not None and not self.gate.wait(0.01):
            watch.check()
        self._maybe_fail()
        if self.no_rehearsal is not None:
            raise self.no_rehearsal
        there = replace(self.desk, demo=Demo("http://127.0.0.1:1", name, rehearsal=True))
        return Rehearsal(there, name, plan_id, ExitStack())

    def of_rehearsal(self, rehearsal: Rehearsal) -> Doorway:
        self.rehearsed = FakeDoorway(rehearsal.desk, self.channels)
        self.rehearsed.hostile = self.hostile
        self.rehearsed.going_live.plans = rehearsal.plan_id
        self.rehearsed.going_live.brake = self.going_live.brake
        self.rehearsed.going_live.frozen = self.going_live.frozen
        return self.rehearsed

    def rehearsal_verdict(self, rehearsal: Rehearsal) -> Verdict:
        settling = self.going_live.settling
        written = 0 if settling else 15
        return Verdict(15, written, 15 - written, 0, 0, 0, 12, settling)

    def keep_verdict(self, name: str, plan_id: int, found: Verdict) -> None:
        self.calls.append(("keep_verdict", name, plan_id, found.short))
        self.going_live.rehearsed = Rehearsed(NOW, "mia", found.short)

    def end_rehearsal(self, rehearsal: Rehearsal) -> None:
        self.calls.append(("end_rehearsal", rehearsal.plan_id))

    def save_call_sheet(self, name: str, target: Path) -> None:
        self.calls.append(("save_call_sheet", target))
        self._maybe_fail()

    def _maybe_fail(self) -> None:
        if self.fail is not None:
            raise self.fail


def fake_desk(
    home: Path, *, demo: bool = False, now: datetime = NOW, settings: Settings | None = None
) -> Desk:
    """A desk below `home` whose clock stands still."""
    return Desk(
        home=Home(home),
        settings=settings or Settings(),
        now=lambda: now,
        demo=Demo("http://127.0.0.1:1", "kestrel-outdoor") if demo else None,
    )
