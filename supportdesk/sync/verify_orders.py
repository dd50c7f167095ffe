"""Orders that the ledger may not know yet, looked up beside it for verifying, and forgotten again. Judging rows is in `verify`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from supportdesk.core.effects import Effect, Margins
from supportdesk.core.looks import FoundOrder, OrdersLook, RowKey
from supportdesk.core.orders import Held, apply
from supportdesk.core.progress import Watch
from supportdesk.core.rows import reading_interval
from supportdesk.ledger import cursors, kept_orders
from supportdesk.sync.order_book import ORDERS_BY_ID, before_fence
from supportdesk.sync.store import EngineStore


@dataclass(slots=True)
class _Found:
    """An order as it was looked up here."""

    order: FoundOrder
    began: int
    ended: int


class OrdersMeanwhile:
    """What orders did to rows beyond what the ledger knows."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        channel_id: int,
        store: EngineStore,
        margins: Margins,
        watch: Watch,
    ) -> None:
        """Of a channel that is on."""
        self.connection, self.id = connection, channel_id
        self.store, self.margins, self.watch = store, margins, watch
        self.orders: dict[int, _Found] = {}
        self.holders: dict[int, set[int]] = {}
        """Orders by the items they hold."""

    def look_up(self) -> None:
        """What changed since the ledger last looked, with the overlap that the engine allows for."""
        self.orders, self.holders = {}, {}
        back = self.margins.visibility + self.margins.clock_skew + 1
        fences = [place.fence for place in kept_orders.places(self.connection, self.id).values()]
        first = min(fences, default=0)
        changed = cursors.second_of(self.connection, self.id, "orders") or first
        moved = cursors.second_of(self.connection, self.id, "moved") or first
        self._note(self.store.orders_changed(changed - back, self.watch))
        ids = [each for each in self.store.orders_moved(moved - back, self.watch) if each not in self.orders]
        for start in range(0, len(ids), ORDERS_BY_ID):
            self._note([self.store.orders_by_id(ids[start : start + ORDERS_BY_ID], self.watch)])

    def _note(self, pages: Iterable[OrdersLook]) -> None:
        for page in pages:
            self.watch.check()
            began, ended = reading_interval(page.date, page.took)
            for found in page.orders:
                if found.order.gone:
                    continue
                self.orders[found.order.id] = _Found(found, began, ended)
                for line in found.order.lines:
                    if line.item_id is not None:
                        self.holders.setdefault(line.item_id, set()).add(found.order.id)

    def unknown(self, keys: Sequence[RowKey]) -> dict[RowKey, list[Effect]]:
        """Effects on these rows of orders as they were looked up, beyond what the ledger knows of them now."""
        wanted_items = {item for item, _ in keys}
        ids = {each for item in wanted_items for each in self.holders.get(item, ())}
        if not ids:
            return {}
        places = kept_orders.places(self.connection, self.id)
        more: dict[RowKey, list[Effect]] = {}
        for number in sorted(ids):
            found = self.orders[number]
            order, kept = found.order.order, kept_orders.order_of(self.connection, self.id, number)
            if kept is not None and kept.looked >= found.began:
                continue
            items = [line.item_id for line in order.lines if line.item_id is not None]
            recipes = kept_orders.recipes(self.connection, self.id, items)
            before: Sequence[Held] | None
            if kept is not None:
                before = kept_orders.lines_of(self.connection, self.id, number)
                order = replace(order, created=kept.created)
                looked = kept.looked
            else:
                before, looked = before_fence(order, places, recipes, found.ended), order.created
            for one in apply(order, before, places, recipes, looked, found.ended).rows:
                more.setdefault((one.item_id, one.location_id), []).append(one.effect)
        return more
