"""One pretend shop in memory: its records, how they hang together, and the numbers that always add up.

Nothing here knows GraphQL or HTTP. Records are read by `resolvers` and changed only through `SandboxShop`'s methods,
which keep `revision`, the orders by id, the counts by SKU and the journal true. Orders stand in `orders`.
"""

from __future__ import annotations

import hashlib
import random
import threading
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from supportdesk.core.catalog import LevelRow, ListingRow, Location
from supportdesk.sandbox.access import App, derived
from supportdesk.sandbox.clock import Clock, stamp
from supportdesk.sandbox.memory import Memory
from supportdesk.sandbox.numbering import FIRST_ID, STEP
from supportdesk.sandbox.orders import OrderBook
from supportdesk.sandbox.records import (
    KEPT,
    UNAVAILABLE,
    ItemRecord,
    LevelRecord,
    LocationRecord,
    Movement,
    ProductRecord,
    ShopFacts,
    VariantRecord,
    options_of,
)
from supportdesk.sandbox.timeline import LagName, Lags, Timeline

if TYPE_CHECKING:
    from supportdesk.sandbox.metafields import MetafieldRecord

_JOURNAL: Final = 200_000
"""How many movements a shop remembers."""


class SandboxShop:
    """The store of one shop. All access from several threads goes through `lock`."""

    def __init__(
        self, handle: str, name: str | None = None, *, seed: int = 1, clock: Clock | None = None, **facts: str
    ) -> None:
        self.clock = clock or Clock()
        self.seed = seed
        self.facts = ShopFacts(
            handle=handle,
            name=name if name is not None else handle.replace("-", " ").title(),
            number=int.from_bytes(hashlib.sha256(handle.encode()).digest()[:4], "big") + 60_000_000_000,
            created_at=stamp(self.clock.now() - timedelta(days=900)),
            **facts,
        )
        self.lock = threading.RLock()
        self.apps = [App.derived_for(handle, seed)]
        self.products: dict[int, ProductRecord] = {}
        self.variants: dict[int, VariantRecord] = {}
        self.items: dict[int, ItemRecord] = {}
        self.locations: dict[int, LocationRecord] = {}
        self.levels_by_location: dict[int, list[LevelRecord]] = {}
        self.items_with_sku: Counter[str] = Counter()
        self.timeline = Timeline(self.clock)
        self.lags = Lags()
        self.more_lag: Callable[[LagName], float] = lambda name: 0.0
        """Lag that was asked for on top, as faults are."""
        self.journal: deque[Movement] = deque(maxlen=_JOURNAL)
        """Every movement of stock since the shop was filled, oldest first: the truth for tests."""
        self.memory = Memory()
        self.metafields: dict[tuple[str, str, str], MetafieldRecord] = {}
        """By owner, namespace and key."""
        self._lag_chance = random.Random(f"lags of {handle} {seed}")
        self.order_book = OrderBook(self)
        self.search_lag = 0.0
        """Seconds until a new or changed record is found by a search."""
        self.revision = 0
        self._location_of_levels: dict[int, LocationRecord] = {}
        self._orders: dict[str, list[int]] = {
            kind: [] for kind in ("Product", "ProductVariant", "InventoryItem")
        }
        self._next_id = dict(FIRST_ID)
        self._replaced: dict[tuple[str, int], int] = {}
        self._handles: dict[str, ProductRecord] = {}

    @property
    def handle(self) -> str:
        """The part before `.myshopify.com`."""
        return self.facts.handle

    @property
    def domain(self) -> str:
        """`handle.myshopify.com`."""
        return f"{self.facts.handle}.myshopify.com"

    @property
    def app(self) -> App:
        """The first app that is installed: the one a token is printed of."""
        return self.apps[0]

    @property
    def token(self) -> str:
        """The first app's static token, derived from handle and seed."""
        return self.app.static_token

    def stamp(self) -> str:
        """Now, as Shopify writes it."""
        return stamp(self.timeline.now())

    def catch_up(self) -> None:
        """Let everything happen that is due by the clock. Whoever asks a shop something does this first."""
        self.timeline.catch_up()

    def lag(self, name: LagName) -> float:
        """How long it takes this time, in seconds."""
        most = max(getattr(self.lags, name), self.more_lag(name))
        return self._lag_chance.uniform(0.0, most) if most > 0 else 0.0

    def new_id(self, kind: str) -> int:
        """A number for a new record of `kind`, larger than all before."""
        number = self._next_id[kind]
        self._next_id[kind] = number + STEP
        return number

    def give_next(self, **numbers: int) -> None:
        """Have the next record of each kind get that number: to make again a store whose ids are known."""
        self._next_id.update(numbers)

    def know_levels_of(self, location: LocationRecord) -> None:
        """Find levels by the location's level number after it was changed."""
        self._location_of_levels[location.level_number] = location

    def secret(self, label: str) -> str:
        """A repeatable secret of this shop, for signed addresses."""
        return derived(self.handle, str(self.seed), label)

    def ids(self, kind: str) -> list[int]:
        """The ids of all products, variants or items in rising order. Not to be changed by the caller."""
        return self._orders[kind]

    # --- reading ---------------------------------------------------------------------------------------------------

    def level(self, level_number: int, item_id: int) -> LevelRecord | None:
        """The level behind the two numbers of its global id."""
        location = self._location_of_levels.get(level_number)
        item = self.items.get(item_id)
        return item.levels.get(location.id) if location and item else None

    def listing_count(self) -> int:
        """How many variants there are."""
        return len(self.variants)

    # --- building --------------------------------------------------------------------------------------------------

    def add_location(self, location: Location) -> LocationRecord:
        """Add a location; a core location's own id is kept when it is positive and new."""
        number = self._id_for("Location", location.id)
        now = self.stamp()
        record = LocationRecord(
            id=number,
            name=location.name,
            active=location.active,
            fulfills_online_orders=location.fulfills_online_orders,
            city=location.city,
            address=location.address,
            country=location.country,
            service=location.service,
            service_manages_stock=location.service_manages_stock,
            service_id=self.new_id("FulfillmentService") if location.service else 0,
            level_number=self.new_id("LocationLevels"),
            created_at=now,
            updated_at=now,
            deactivated_at=None if location.active else now,
        )
        self.locations[number] = record
        self._location_of_levels[record.level_number] = record
        self.levels_by_location[number] = []
        self.revision += 1
        return record

    def add_listing(self, row: ListingRow) -> VariantRecord:
        """Add a listing, with its product and its inventory item where they are new."""
        handle, options = options_of(row)
        product = self._product_for(row, handle)
        item = self._item_for(row)
        now = self.stamp()
        variant = VariantRecord(
            id=self._id_for("ProductVariant", row.variant_id),
            product=product,
            item=item,
            options=options,
            barcode=row.barcode,
            position=len(product.variants) + 1,
            sells_when_out=row.sells_when_out,
            bundle_parent=row.bundle_parent,
            created_at=now,
            updated_at=now,
        )
        product.variants.append(variant)
        item.variants.append(variant)
        self.variants[variant.id] = variant
        self._place("ProductVariant", variant.id)
        self.revision += 1
        return variant

    def add_level(
        self, item_id: int, location_id: int, quantities: Mapping[str, int], *, active: bool = True
    ) -> LevelRecord:
        """Connect an item to a location. `quantities` names parts of on hand or `incoming`; what is not named is 0.

        Raises KeyError where there is no such item or location, ValueError where they are connected already.
        """
        item = self.items[self._known("InventoryItem", item_id)]
        location = self.locations[self._known("Location", location_id)]
        if location.id in item.levels:
            raise ValueError(f"item {item.id} is connected to location {location.id} already")
        now = self.stamp()
        level = LevelRecord(
            number=self.new_id("InventoryLevel"),
            item=item,
            location=location,
            active=active,
            created_at=now,
            updated_at=now,
        )
        for name, quantity in quantities.items():
            # Recorded: a fresh level shows when `available` was set, even to 0, and nothing for what was never touched.
            level.put(name, quantity, now if quantity or name == "available" else None)
        item.levels[location.id] = level
        self.levels_by_location[location.id].append(level)
        self.revision += 1
        return level

    def adopt(self, variant: VariantRecord) -> None:
        """Take over a variant made elsewhere, with its product, item and levels; the locations are this shop's.

        For records with ids of their own that come in rising order.
        """
        product, item = variant.product, variant.item
        if product.id not in self.products:
            self.products[product.id] = product
            self._handles.setdefault(product.handle, product)
            self._place("Product", self._id_for("Product", product.id))
        if item.id not in self.items:
            self.items[item.id] = item
            self._place("InventoryItem", self._id_for("InventoryItem", item.id))
            if item.sku:
                self.items_with_sku[item.sku] += 1
            for level in item.levels.values():
                self._id_for("InventoryLevel", level.number)
                self.levels_by_location[level.location.id].append(level)
        self.variants[variant.id] = variant
        self._place("ProductVariant", self._id_for("ProductVariant", variant.id))
        self.revision += 1

    def fill(
        self, locations: Iterable[Location], listings: Iterable[ListingRow], levels: Iterable[LevelRow]
    ) -> SandboxShop:
        """Add core values and say the shop itself. Positive ids are kept; negative or missing ones get fresh positive numbers.

        Numbers a level does not say count as 0. On hand is always the sum of its parts: what a source shows on hand beyond
        available and committed becomes `damaged`, Shopify's plain kind of unavailable. Raises ValueError for a level without
        its listing or location.
        """
        with self.lock:
            for location in locations:
                self.add_location(location)
            for listing in listings:
                self.add_listing(listing)
            for row in levels:
                available, committed = row.available or 0, row.committed or 0
                unavailable = 0 if row.on_hand is None else max(0, row.on_hand - available - committed)
                quantities = {"available": available, "committed": committed, "damaged": unavailable}
                if row.incoming:
                    quantities["incoming"] = row.incoming
                try:
                    self.add_level(row.item_id, row.location_id, quantities, active=row.active)
                except KeyError as missing:
                    raise ValueError(f"a level without its listing or location: {row}") from missing
        return self

    def put_quantity(self, level: LevelRecord, name: str, quantity: int) -> None:
        """Set one part of a level's on hand, or `incoming`. On hand follows. Raises KeyError for any other name."""
        self.change(level, {name: quantity - getattr(level, name, 0)}, "control")

    def change(self, level: LevelRecord, deltas: Mapping[str, int], actor: str, reference: str = "") -> None:
        """Add to parts of a level's on hand, or to `incoming`. On hand follows. Raises KeyError for any other name.

        Every movement of stock comes through here, so that the journal, the index and the level's past are complete.
        """
        if wrong := set(deltas) - set(KEPT):
            raise KeyError(wrong.pop())
        level.remember(self.timeline.seconds())
        now = self.stamp()
        for name, delta in deltas.items():
            level.put(name, getattr(level, name) + delta, now)
        self._touch(level)
        self.journal.append(Movement(now, level.item.id, level.location.id, dict(deltas), actor, reference))

    def put_active(self, level: LevelRecord, active: bool) -> None:
        """Stock an item at a location, or stop it there; the numbers stay (2026-04 and later)."""
        level.active = active
        self._touch(level)

    def put_sku(self, item: ItemRecord, sku: str) -> None:
        """Give an item another SKU; `duplicateSkuCount` and what is updated when follow."""
        if item.sku:
            self.items_with_sku[item.sku] -= 1
        item.sku = sku
        if sku:
            self.items_with_sku[sku] += 1
        self.touch_item(item)

    def touch_item(self, item: ItemRecord) -> None:
        """Note that an item changed, and with it its variants and products."""
        now = self._touch(item)
        for variant in item.variants:
            variant.updated_at = variant.product.updated_at = now

    def forget_product(self, product: ProductRecord) -> None:
        """Take a product without variants out."""
        del self.products[product.id]
        self._orders["Product"].remove(product.id)
        self._handles.pop(product.handle, None)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _touch(self, record: LevelRecord | ItemRecord) -> str:
        """Note that a level or an item changed, and say when; the search index follows once its lag is over."""
        before, record.updated_at = record.updated_at, self.stamp()
        self.revision += 1
        lag = self.lag("index")
        if not lag and record.indexed_at is None:
            return record.updated_at
        if record.indexed_at is None:
            record.indexed_at = before

        def indexed(seen: str = record.updated_at) -> None:
            record.indexed_at = None if seen == record.updated_at else max(seen, record.indexed_at or seen)

        self.timeline.schedule(self.timeline.seconds() + lag, indexed)
        return record.updated_at

    def _known(self, kind: str, number: int) -> int:
        return self._replaced.get((kind, number), number)

    def _id_for(self, kind: str, number: int | None) -> int:
        if number is not None and number > 0:
            # Fresh ids stay above every given one, so that new records come last in the order by id.
            if number >= self._next_id[kind]:
                self._next_id[kind] = number + STEP
            return number
        fresh = self.new_id(kind)
        if number is not None:
            self._replaced[kind, number] = fresh
        return fresh

    def _place(self, kind: str, number: int) -> None:
        order = self._orders[kind]
        if not order or number > order[-1]:
            order.append(number)
        elif order[(at := bisect_left(order, number))] != number:
            insort(order, number, lo=at)

    def _product_for(self, row: ListingRow, handle: str) -> ProductRecord:
        if row.product_id is not None and row.product_id > 0:
            product = self.products.get(row.product_id)
        else:
            product = self._handles.get(handle)
        if product is None:
            now = self.stamp()
            product = ProductRecord(
                id=self._id_for("Product", row.product_id),
                handle=handle,
                title=row.title,
                status=row.status,
                gift_card=row.gift_card,
                vendor=self.facts.name,
                created_at=now,
                updated_at=now,
            )
            self.products[product.id] = product
            self._handles.setdefault(handle, product)
            self._place("Product", product.id)
        return product

    def _item_for(self, row: ListingRow) -> ItemRecord:
        known = self._replaced.get(("InventoryItem", row.item_id), row.item_id)
        item = self.items.get(known)
        if item is None:
            now = self.stamp()
            number = self._id_for("InventoryItem", row.item_id)
            item = ItemRecord(
                id=number,
                sku=row.sku,
                tracked=row.tracked,
                requires_shipping=not row.gift_card,
                created_at=now,
                updated_at=now,
            )
            self.items[number] = item
            self._place("InventoryItem", number)
            if row.sku:
                self.items_with_sku[row.sku] += 1
        return item


__all__ = ["UNAVAILABLE", "SandboxShop"]
