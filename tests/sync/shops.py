"""A sandbox shop asked without a socket and without GraphQL: satisfies `sync.store.EngineStore`, for histories by the thousand.

Every question takes time in which the shop goes on living, readings may come from a copy that lags, answers get lost. What
`ShopifyStore` makes of the same shop over GraphQL is tested beside it (`test_engine_over_http`).
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from supportdesk.core.catalog import CatalogBatch, LevelRow, Location
from supportdesk.core.effects import EffectKind
from supportdesk.core.listings import left_out_reason, listing_row, mildest
from supportdesk.core.looks import (
    AdjustAnswer,
    Change,
    ClaimLook,
    FoundOrder,
    LevelChange,
    LevelsLook,
    ListingFacts,
    OrdersLook,
    PlaceLook,
    ProductLook,
    RefusedRow,
    RowKey,
    RowLook,
)
from supportdesk.core.orders import GivenBack, LinePart, OrderLine, OrderNow
from supportdesk.core.progress import Watch
from supportdesk.core.rows import RowNumbers
from supportdesk.sandbox.clock import stamp
from supportdesk.sandbox.order_records import LineRecord, OrderRecord
from supportdesk.sandbox.records import LevelRecord, VariantRecord
from supportdesk.sandbox.store import SandboxShop

PAGE = 25
KEY_HOURS = 24


class Crash(BaseException):
    """The process dies here."""


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@dataclass
class DirectStore:
    """A shop as the engine reads and writes it."""

    shop: SandboxShop
    chance: random.Random
    live: Callable[[float], None]
    """Lets that many seconds pass in the shop."""
    lost: float = 0.0
    """Share of writes whose answer is lost, before or after they were done."""
    slow: float = 0.0
    stale: float = 0.0
    """Readings show how it was up to so many seconds before."""
    keys: dict[str, float] = field(default_factory=dict)
    refuses: dict[RowKey, str] = field(default_factory=dict)
    written: list[tuple[RowKey, int, str]] = field(default_factory=list)
    """What was really done, with its key."""
    on_write: Callable[[str, RowKey, int], None] = lambda key, row, change: None
    wanted: Callable[[str], list[tuple[int, int, str, int]]] = lambda key: []
    """(item, location, kind, number) of a push: what its rows were to show."""
    requests: list[str] = field(default_factory=list)
    rows_read: int = 0

    # Time -----------------------------------------------------------------------------------------------------------------------------

    def now(self) -> float:
        self.shop.catch_up()
        return self.shop.clock.seconds()

    def _ask(self, name: str) -> None:
        self.requests.append(name)
        self.live(self.chance.uniform(0.02, 0.3))

    def _answer(self, began: float) -> tuple[int, float]:
        long = self.chance.random() < self.slow
        self.live(self.chance.uniform(3, 5) if long else self.chance.uniform(0.02, 0.5))
        now = self.now()
        return int(now), now - began

    # Reading --------------------------------------------------------------------------------------------------------------------------

    def clock(self, watch: Watch) -> int:
        self._ask("clock")
        return int(self.now())

    def levels(self, rows: Sequence[RowKey], watch: Watch) -> LevelsLook:
        watch.check()
        assert 0 < len(rows) <= 250
        began = self.now()
        self._ask("levels")
        self.rows_read += len(rows)
        seen = self.now() - self.chance.uniform(0, self.stale)
        looks = []
        for item_id, location_id in rows:
            item = self.shop.items.get(item_id)
            if item is None or location_id not in self.shop.locations:
                continue
            level = item.levels.get(location_id)
            numbers = self._numbers(level, seen) if level else None
            stocked = bool(level and level.active)
            sold = [
                left_out_reason("any", v.product.status, True, v.product.gift_card, v.bundle_parent)
                for v in item.variants
            ]
            looks.append(
                RowLook(item_id, location_id, item.sku, item.tracked, stocked, numbers, mildest(sold))
            )
        return LevelsLook(tuple(looks), *self._answer(began))

    def _numbers(self, level: LevelRecord, seen: float) -> RowNumbers:
        return RowNumbers(**{name: level.as_of(name, seen) for name in RowNumbers._fields})

    def levels_changed(self, since: int, locations: Sequence[int], watch: Watch) -> Iterator[LevelChange]:
        self._ask("levels_changed")
        self.now()
        begins = _stamp(since)
        for location in locations:
            for level in self.shop.levels_by_location[location]:
                if (level.indexed_at or level.updated_at) >= begins:
                    yield LevelChange(level.item.id, location, second(level.updated_at))

    # The catalogue --------------------------------------------------------------------------------------------------------------------

    def listings_changed(self, since: int, above: int, watch: Watch) -> Iterator[tuple[ListingFacts, ...]]:
        self._ask("listings_changed")
        self.now()
        begins = _stamp(since)
        found = [
            _facts(each)
            for each in self.shop.variants.values()
            if each.id > above and each.updated_at >= begins
        ]
        found.sort()
        for start in range(0, max(1, len(found)), 250):
            yield tuple(found[start : start + 250])

    def listing_page(self, above: int, watch: Watch) -> tuple[ListingFacts, ...]:
        self._ask("listing_page")
        ids = self.shop.ids("ProductVariant")
        start = bisect_right(ids, above)
        return tuple(_facts(self.shop.variants[number]) for number in ids[start : start + 250])

    def products_changed(self, since: int, watch: Watch) -> Iterator[tuple[ProductLook, ...]]:
        self._ask("products_changed")
        self.now()
        begins = _stamp(since)
        yield tuple(
            ProductLook(each.id, each.status, each.gift_card)
            for each in self.shop.products.values()
            if each.updated_at >= begins
        )

    def places(self, watch: Watch) -> tuple[PlaceLook, ...]:
        self._ask("places")
        return tuple(PlaceLook(each.id, each.name, each.active) for each in self.shop.locations.values())

    def locations(self, watch: Watch) -> tuple[Location, ...]:
        self._ask("locations")
        return tuple(
            Location(each.id, each.name, active=each.active, service_manages_stock=each.service_manages_stock)
            for each in self.shop.locations.values()
        )

    def variants_of(self, items: Sequence[int], watch: Watch) -> tuple[int, ...]:
        self._ask("variants_of")
        there = [self.shop.items[item] for item in items if item in self.shop.items]
        return tuple(variant.id for item in there for variant in item.variants)

    def listings(self, variant_ids: Sequence[int], location_count: int, watch: Watch) -> CatalogBatch:
        self._ask("listings")
        batch = CatalogBatch()
        for each in (self.shop.variants[number] for number in variant_ids if number in self.shop.variants):
            batch.listings.append(
                listing_row(
                    each.id,
                    each.item.id,
                    each.product.id,
                    each.product.handle,
                    [value for _, value in each.options],
                    title=each.product.title,
                    sku=each.item.sku,
                    barcode=each.barcode,
                    status=each.product.status,
                    tracked=each.item.tracked,
                    sells_when_out=each.sells_when_out,
                    gift_card=each.product.gift_card,
                    bundle_parent=each.bundle_parent,
                )
            )
            batch.levels.extend(
                LevelRow(
                    each.item.id, one.location.id, one.active, one.available, one.committed, one.on_hand, 0
                )
                for one in each.item.levels.values()
            )
        return batch

    def orders_changed(self, since: int, watch: Watch) -> Iterator[OrdersLook]:
        began = self.now()
        self._ask("orders_changed")
        self.now()
        begins = _stamp(since)
        found = sorted(
            (order.indexed_at, order.id)
            for order in self.shop.order_book.orders.values()
            if order.indexed_at is not None and order.indexed_at >= begins
        )
        yield from self._pages([number for _, number in found], began)

    def _pages(self, ids: Sequence[int], began: float) -> Iterator[OrdersLook]:
        for start in range(0, max(1, len(ids)), PAGE):
            yield self._look(ids[start : start + PAGE], began)

    def _look(self, ids: Sequence[int], began: float) -> OrdersLook:
        self.now()
        found = tuple(self._found(number) for number in ids)
        return OrdersLook(found, *self._answer(began))

    def open_orders(self, watch: Watch) -> Iterator[OrdersLook]:
        began = self.now()
        self._ask("open_orders")
        self.now()
        yield from self._pages([o.id for o in self.shop.order_book.open.values() if o.indexed_at], began)

    def orders_by_id(self, ids: Sequence[int], watch: Watch) -> OrdersLook:
        assert len(ids) <= PAGE
        began = self.now()
        self._ask("orders_by_id")
        return self._look(ids, began)

    def orders_moved(self, since: int, watch: Watch) -> Iterator[int]:
        self._ask("orders_moved")
        self.now()
        begins = _stamp(since)
        yield from dict.fromkeys(
            one.order.id
            for one in list(self.shop.order_book.fulfillment_orders.values())
            if one.indexed_at is not None
            and one.indexed_at >= begins
            and one.order.id in self.shop.order_book.orders
        )

    def orders_holding(self, item_ids: Sequence[int], watch: Watch) -> Iterator[OrdersLook]:
        began = self.now()
        self._ask("orders_holding")
        self.now()
        held = [
            order.id
            for order in self.shop.order_book.open.values()
            if order.indexed_at is not None and any(line.item.id in item_ids for line in order.lines)
        ]
        yield from self._pages(held, began)

    def _found(self, number: int) -> FoundOrder:
        order = self.shop.order_book.orders.get(number)
        if order is None:
            return FoundOrder(OrderNow(number, 0, gone=True), "", 0, False)
        return FoundOrder(order_now(order), order.name, second(order.updated_at), order.open_units > 0)

    # Writing --------------------------------------------------------------------------------------------------------------------------

    def adjust(self, changes: Sequence[Change], key: str, reference: str, watch: Watch) -> AdjustAnswer:
        assert 0 < len(changes) <= 250
        assert len({(change.item_id, change.location_id) for change in changes}) == len(changes)
        assert all(change.delta for change in changes)
        began = self.now()
        self._ask("adjust")
        fate = self.chance.random()
        if fate < self.lost / 2:
            return AdjustAnswer("unknown", *self._answer(began))
        refused = self._write(changes, key)
        if fate < self.lost:
            return AdjustAnswer("unknown", *self._answer(began))
        if refused:
            return AdjustAnswer("refused", *self._answer(began), refused=refused)
        return AdjustAnswer("done", *self._answer(began))

    def _write(self, changes: Sequence[Change], key: str) -> tuple[RefusedRow, ...]:
        now = self.now()
        if key in self.keys and now - self.keys[key] < KEY_HOURS * 3600:
            return ()
        codes = [self.refuses.get((row.item_id, row.location_id)) or self._missing(row) for row in changes]
        refused = tuple(RefusedRow(at, code, "cannot be adjusted") for at, code in enumerate(codes) if code)
        if refused:
            return refused
        self.keys[key] = now
        for change in changes:
            row = (change.item_id, change.location_id)
            self.shop.change(self.level(row), {"available": change.delta}, "app", key)
            self.written.append((row, change.delta, key))
            self.on_write(key, row, change.delta)
        return ()

    def _missing(self, row: Change) -> str:
        return "" if row.item_id in self.shop.items else "INVALID_INVENTORY_ITEM"

    def level(self, row: RowKey) -> LevelRecord:
        return self.shop.items[row[0]].levels[row[1]]

    def claim(self, watch: Watch) -> ClaimLook:
        raise NotImplementedError

    def write_claim(self, value: str, replacing: str | None, watch: Watch) -> ClaimLook:
        raise NotImplementedError

    def drop_claim(self, watch: Watch) -> None:
        raise NotImplementedError


def _facts(variant: VariantRecord) -> ListingFacts:
    product, item = variant.product, variant.item
    return ListingFacts(
        *(variant.id, item.id, product.id, item.sku, product.status),
        *(item.tracked, product.gift_card, variant.bundle_parent),
    )


def _stamp(at: int) -> str:
    from datetime import UTC

    return stamp(datetime.fromtimestamp(at, UTC))


# Orders -------------------------------------------------------------------------------------------------------------------------------


def order_now(order: OrderRecord) -> OrderNow:
    """The order as `core.orders` takes it."""
    lines = tuple(
        OrderLine(
            line.id,
            line.item.id,
            line.sku,
            line.quantity,
            line.current,
            tuple(_parts(order, line)),
            tuple(_given_back(order, line)),
            all(each is not line.variant for each in line.item.variants),
        )
        for line in order.lines
    )
    return OrderNow(
        order.id,
        second(order.created_at),
        lines,
        order.edited,
        order.cancelled_at is not None,
        times=_times(order),
    )


def _parts(order: OrderRecord, line: LineRecord) -> Iterator[LinePart]:
    counts: dict[int, list[int]] = {}
    for one in order.fulfillment_orders:
        part = one.part_of(line)
        if part is not None:
            counts.setdefault(one.location.id, [0, 0])[0] += part.remaining if one.open else 0
    for sent in order.fulfillments:
        for each in sent.lines:
            if each.line is line:
                counts.setdefault(sent.location.id, [0, 0])[1] += each.quantity
    for location, (waiting, fulfilled) in counts.items():
        yield LinePart(location, waiting, fulfilled)


def _given_back(order: OrderRecord, line: LineRecord) -> Iterator[GivenBack]:
    for refund in order.refunds:
        for one in refund.lines:
            if one.line is line:
                place = one.location.id if one.location else None
                yield GivenBack(one.restock_type, one.quantity, place, place is not None)  # type: ignore[arg-type]
    for each in order.returns:
        for reverse in each.reverse:
            for back in reverse.lines:
                if back.fulfillment_line.line is line:
                    for done in back.dispositions:
                        kind = "RETURN" if done.type == "RESTOCKED" else "NO_RESTOCK"
                        place = done.location.id if kind == "RETURN" else None
                        yield GivenBack(kind, done.quantity, place, kind == "RETURN", refund=False)  # type: ignore[arg-type]


def _times(order: OrderRecord) -> dict[EffectKind, tuple[int, int]]:
    edits = [one.happened_at for one in order.agreements if one.TYPE == "OrderEditAgreement"]
    refunds = [(line.restock_type, one.created_at) for one in order.refunds for line in one.lines]
    cancelled = [order.cancelled_at] if order.cancelled_at else []
    returned = [
        d.created_at for r in order.returns for v in r.reverse for ln in v.lines for d in ln.dispositions
    ]
    cancel = [at for kind, at in refunds if kind == "CANCEL"]
    moments: dict[EffectKind, list[str]] = {
        "fulfilled": [one.created_at for one in order.fulfillments],
        "returned": [*returned, *(at for kind, at in refunds if kind == "RETURN")],
        "written_off": [*(at for kind, at in refunds if kind == "NO_RESTOCK"), *cancelled],
        "edited": edits,
    }
    if cancel or cancelled:
        moments["cancelled"] = [*cancel, *cancelled, *edits]
    times: dict[EffectKind, tuple[int, int]] = {
        kind: (second(min(at)), second(max(at))) for kind, at in moments.items() if at
    }
    told = {order.created_at, *moments["fulfilled"], *edits, *cancelled, *(at for _, at in refunds)}
    untold = [one.updated_at for one in order.fulfillment_orders if one.updated_at not in told]
    if untold and max(untold) > order.created_at:
        times["placed"] = (second(order.created_at), second(max(untold)))
    return times
