"""Orders: looked for, applied as the difference to what was kept of them, and put right where one came late (PROTOCOL §1.6–1.8, §5).

What an order does is decided by `core.orders`; here it is kept with its movements, effects and events, a page a transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from supportdesk.core.checks import count_of
from supportdesk.core.effects import Effect, EffectKind, Margins, proven_lag
from supportdesk.core.looks import FoundOrder, OrdersLook, RowKey
from supportdesk.core.orders import (
    Applied,
    Held,
    OrderNow,
    Place,
    Recipes,
    RowEffect,
    StockDifference,
    apply,
)
from supportdesk.core.rows import FreshLook, Reading, committed_at, reading_interval
from supportdesk.core.stock import Quantities
from supportdesk.ledger import cursors, effects, events, kept_orders, movements, pushes, readings, sync_rows
from supportdesk.ledger.kept_orders import KeptOrder
from supportdesk.ledger.sync_rows import SyncRow
from supportdesk.sync.session import Session

ORDERS_BY_ID: Final = 25
DAY: Final = 86_400
SEEN_FOR: Final = 60 * DAY
"""How long an app sees an order without `read_all_orders`."""
LATE: Final = "an order came late"
DELETED: Final = "an order that held it was deleted"

MOVEMENT_OF: Final[dict[EffectKind, movements.MovementKind]] = {
    "placed": "order",
    "edited": "order",
    "moved": "order",
    "fulfilled": "fulfil",
    "cancelled": "cancel",
    "deleted": "cancel",
    "returned": "refund",
    "written_off": "refund",
    "unavailable": "unavailable",
    "unexplained": "unavailable",
    "adopted": "add",
}


class OrderBook:
    """The orders of one channel."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.changed = 0
        """Orders that moved stock, or that were new, since this was made."""

    # Looking --------------------------------------------------------------------------------------------------------------------------

    def footprints(self) -> None:
        """Look at every open order and keep what it holds: of past ones nothing else counts (PROTOCOL §1.7). Does nothing a second time."""
        session = self.session
        if cursors.second_of(session.ledger.db.conn, session.id, "footprints") != 0:
            return
        began = session.store.clock(session.watch)
        self._take(session.store.open_orders(session.watch))
        with session.writing() as connection:
            cursors.put(connection, session.id, "footprints", max(began, 1))

    def look(self) -> None:
        """Everything that changed since the last look, with overlap; then readings up to some seconds before may be made something of."""
        session = self.session
        began = session.second
        cadence, margins = session.cadence, session.margins
        back = _overlap(margins)
        is_wide = began - self._cursor("wide") >= cadence.wide
        if is_longer := began - self._cursor("overlap") >= cadence.overlap:
            back = 4 * margins.visibility
        since = self._cursor("orders") - back
        if is_wide:  # each is in two of them, so that one is found that the first did not show yet
            since = min(since, max(self._cursor("wide") - cadence.wide, self._fenced() - back))
        # Searched for before the orders, so that one that is in both and read after is not read twice.
        moved = list(session.store.orders_moved(self._cursor("moved") - back, session.watch))
        read: set[int] = set()
        self._take(_noting(session.store.orders_changed(since, session.watch), read))
        self.look_at(order_id for order_id in moved if order_id not in read)
        with session.writing() as connection:
            for name in ("orders", "moved", "looked"):
                cursors.put(connection, session.id, name, began)
            if is_longer:
                cursors.put(connection, session.id, "overlap", began)
            if is_wide:
                cursors.put(connection, session.id, "wide", began)

    def look_at_open(self) -> None:
        """Look again, by id, at open orders that nobody looked at for a day; what is not found was deleted."""
        session = self.session
        before = session.second - session.cadence.open_orders
        while ids := kept_orders.open_since(session.ledger.db.conn, session.id, before, ORDERS_BY_ID):
            self.look_at(ids)
            if kept_orders.open_since(session.ledger.db.conn, session.id, before, ORDERS_BY_ID) == ids:
                break  # the store shows nothing of them, not even that they are gone

    def look_at(self, ids: Iterable[int]) -> None:
        """Look at these orders."""
        waiting: list[int] = []
        for order_id in ids:
            waiting.append(order_id)
            if len(waiting) == ORDERS_BY_ID:
                self._take([self.session.store.orders_by_id(waiting, self.session.watch)])
                waiting = []
        if waiting:
            self._take([self.session.store.orders_by_id(waiting, self.session.watch)])

    def look_at_holders(self, item_ids: Sequence[int], what: FreshLook) -> None:
        """A fresh look for the orders that hold these items (PROTOCOL §1.4): open in the store, or open as far as is kept."""
        session = self.session
        if what == "unseen":
            self._take(session.store.orders_holding(item_ids, session.watch))
        else:
            self.look_at(kept_orders.open_holding(session.ledger.db.conn, session.id, item_ids))

    def _cursor(self, name: cursors.CursorName) -> int:
        """Where a look ended; before the first one, at the earliest T0."""
        found = cursors.second_of(self.session.ledger.db.conn, self.session.id, name)
        return self._fenced() if found is None else found

    def _fenced(self) -> int:
        """The earliest T0; now, where there is none."""
        places = kept_orders.places(self.session.ledger.db.conn, self.session.id).values()
        return min((place.fence for place in places), default=self.session.second)

    # Applying -------------------------------------------------------------------------------------------------------------------------

    def _take(self, pages: Iterable[OrdersLook]) -> None:
        session = self.session
        for page in pages:
            began, ended = reading_interval(page.date, page.took)
            session.hear(page.date)
            if not page.orders:
                continue
            items = [
                line.item_id
                for found in page.orders
                for line in found.order.lines
                if line.item_id is not None
            ]
            session.learn(items, self._odd(page.orders))
            with session.writing() as connection:
                looked = cursors.second_of(connection, session.id, "looked")
                places = kept_orders.places(connection, session.id)
                recipes = kept_orders.recipes(connection, session.id, items)
                renamed = kept_orders.renamed(connection, session.id, items)
                left_out = kept_orders.left_out_since(connection, session.id, items)
                for found in page.orders:
                    mine = {**recipes, **_sold_as_before(connection, found.order, renamed)}
                    for item, (sku, since) in left_out.items():
                        if found.order.created < since:
                            mine[item] = kept_orders.recipe_of(connection, sku)
                    taking = _Taking(session, connection, found, places, mine, (began, ended), looked)
                    self.changed += taking.take()

    def _odd(self, orders: Iterable[FoundOrder]) -> list[int]:
        """Inventory items that are not listed as orders show them: under another SKU than a new one names, or though their variant is gone."""
        connection, channel_id = self.session.ledger.db.conn, self.session.id
        odd: list[int] = []
        for found in orders:
            is_new = kept_orders.order_of(connection, channel_id, found.order.id) is None
            for line in found.order.lines:
                if line.item_id is None or not (line.deleted or (is_new and line.sku)):
                    continue
                sku = None if line.deleted else line.sku
                if kept_orders.is_listed_otherwise(connection, channel_id, line.item_id, sku):
                    odd.append(line.item_id)
        return odd


def _overlap(margins: Margins) -> int:
    """How many seconds before the look before a look searches, at the least."""
    return margins.visibility + margins.clock_skew + 1


def _noting(pages: Iterable[OrdersLook], ids: set[int]) -> Iterator[OrdersLook]:
    """The same pages; notes the ids of their orders."""
    for page in pages:
        ids.update(found.order.id for found in page.orders)
        yield page


def _sold_as_before(connection: sqlite3.Connection, order: OrderNow, renamed: Mapping[int, str]) -> Recipes:
    """What the units of listings that were renamed take from the ledger where the order's line still bears the SKU from before."""
    return {
        line.item_id: kept_orders.recipe_of(connection, line.sku)
        for line in order.lines
        if line.item_id is not None and renamed.get(line.item_id) == line.sku
    }


class _Taking:
    """One order, in the transaction under way."""

    def __init__(
        self,
        session: Session,
        connection: sqlite3.Connection,
        found: FoundOrder,
        places: dict[int, Place],
        recipes: Recipes,
        look: tuple[int, int],
        looked: int | None,
    ) -> None:
        self.session, self.connection, self.found = session, connection, found
        self.places, self.recipes, self.looked = places, recipes, looked
        self.began, self.ended = look
        self.kept = kept_orders.order_of(connection, session.id, found.order.id)
        self.name = found.name or (self.kept.name if self.kept else f"order {found.order.id}")

    def take(self) -> bool:
        """Apply the order; whether it changed anything."""
        order, kept = self.found.order, self.kept
        if order.gone and (kept is None or self._may_be_out_of_sight(kept)):
            return False
        before = kept_orders.lines_of(self.connection, self.session.id, order.id) if kept else None
        if kept and order.gone:
            order = replace(order, created=kept.created)
        if before is None:
            before = self._before_fence(order)
        last_look = kept.looked if kept else order.created
        applied = apply(order, before, self.places, self.recipes, last_look, self.ended)
        self._keep(order, applied, before, last_look)
        return kept is None or bool(applied.stock or applied.rows)

    def _may_be_out_of_sight(self, kept: KeptOrder) -> bool:
        """Whether an order that is not found is only too old for this app to see: then nobody knows, and what it holds stays as it is.

        Without `read_all_orders` orders vanish after 60 days (`reference/shopify.md` §6), which looks like being deleted. A day is
        kept as margin. One event says so, and it is not asked for again.
        """
        session = self.session
        shop = session.channel.shop
        if shop is None or "read_all_orders" in shop.scopes:
            return False
        if session.second - kept.created < SEEN_FOR - DAY:
            return False
        connection = self.connection
        connection.execute(
            "UPDATE store_order SET open = 0 WHERE channel_id = ? AND id = ?", (session.id, kept.id)
        )
        events.record(
            connection,
            at=session.now(),
            kind="out_of_sight",
            channel=session.channel.handle,
            reference=self.name,
            detail="the app may not see orders older than 60 days; what it holds stays booked",
        )
        return True

    def _before_fence(self, order: OrderNow) -> tuple[Held, ...] | None:
        return before_fence(order, self.places, self.recipes, self.ended)

    def _keep(
        self, order: OrderNow, applied: Applied, before: tuple[Held, ...] | None, last_look: int
    ) -> None:
        connection, session = self.connection, self.session
        row_effects = [*applied.rows, *self._put_right(order, applied)]
        effects.keep(connection, session.id, row_effects)
        for difference in applied.stock:
            self._move(order, difference)
        self._tell_unknown(order, applied, before)
        skus = {line.id: line.sku for line in order.lines}
        is_open = self.found.open and not order.gone
        kept = KeptOrder(order.id, self.name, order.created, self.began, is_open)
        kept_orders.keep(connection, session.id, kept, applied.held, skus, order.gone)
        again = list(self._rows(applied.settle_again))
        for row in again:
            mine = [one.effect for one in applied.rows if (one.item_id, one.location_id) == row.key]
            units = sum(effect.available for effect in mine)
            self._keep_copied(row, last_look, units)
        keys = [row.key for row in again]
        sync_rows.settle_again(connection, session.id, keys, DELETED, session.second)

    def _rows(self, keys: Iterable[RowKey]) -> Iterator[SyncRow]:
        """Those of the rows that are settling or live."""
        for key in keys:
            row = sync_rows.row_of(self.connection, self.session.id, key)
            if row is not None and row.state.condition in ("settling", "live"):
                yield row

    def _keep_copied(self, row: SyncRow, since: int, let_go: int = 0) -> None:
        """Leave what was copied of a row alone where the number it settles at again may hold what staff, or we, did meanwhile.

        An order that came late, created at `since`, may have been undone as an edit, and would be lost or counted twice. Of one that was
        deleted after `since` the units it `let_go` are in the number, or are not, as what was committed then tells: an exact one stays.
        """
        connection, session, state = self.connection, self.session, row.state
        settled = readings.settled_by(connection, session.id, row.key)
        knows = let_go and state.bounds is not None and state.bounds.exact
        if settled is not None and settled.end + session.margins.clock_skew >= since:
            held = self._held_at(settled, row.key) if knows else None
            if held in (0, let_go):
                sync_rows.keep_copied(connection, session.id, row.key, held - let_go)
        elif knows or pushes.was_undone_since(connection, session.id, row.key, since):
            sync_rows.keep_copied(connection, session.id, row.key)

    def _held_at(self, reading: Reading, key: RowKey) -> int | None:
        """How many units of a row this order, which is gone, had when it was read, by what was committed; None where nobody can say."""
        connection, session = self.connection, self.session
        sync_rows.choose(connection, [(*key, reading.start)])
        others = [
            effect
            for effect in effects.of_chosen(connection, session.id, session.margins.commit_lag).get(key, [])
            if (effect.kind, effect.order) != ("deleted", self.found.order.id)
        ]
        committed = kept_orders.committed_of(connection, session.id, key)
        by_others = committed_at(reading, committed, others, session.margins)
        return None if by_others is None else reading.numbers.committed - by_others

    def _move(self, order: OrderNow, difference: StockDifference) -> None:
        reason = f"{self.name} {difference.kind.replace('_', ' ')}"
        if difference.renamed:
            reason += ", ordered under the SKU from before"
        elif difference.adjusts:
            reason += ", an order from before sync"
        cause = movements.Cause(
            at=self.session.now(),
            kind=MOVEMENT_OF[difference.kind],
            reason=reason,
            reference=self.name,
            channel=self.session.channel.handle,
            location=sync_rows.location_name(self.connection, self.session.id, difference.location_id),
        )
        movements.move(self.connection, cause, difference.sku, difference.warehouse_id, difference.change)

    def _tell_unknown(self, order: OrderNow, applied: Applied, before: tuple[Held, ...] | None) -> None:
        """An event for each line of a new order that nothing in the ledger answers to."""
        known = {(held.line_id, held.location_id) for held in before or ()}
        skus = {line.id: line.sku for line in order.lines}
        for held in applied.held:
            place = self.places.get(held.location_id)
            if held.treatment != "not_found" or (held.line_id, held.location_id) in known or place is None:
                continue
            if order.created >= place.fence:
                events.record(
                    self.connection,
                    at=self.session.now(),
                    kind="not_found",
                    channel=self.session.channel.handle,
                    sku=skus.get(held.line_id, ""),
                    place=sync_rows.location_name(self.connection, self.session.id, held.location_id),
                    reference=self.name,
                    detail=f"{count_of(held.unfulfilled + held.fulfilled, 'unit')} of an unknown SKU",
                )

    # Orders that come late ------------------------------------------------------------------------------------------------------------

    def _put_right(self, order: OrderNow, applied: Applied) -> list[RowEffect]:
        """What the effects of this order give back, with its movements; rows that were judged without them settle again."""
        given_back: list[RowEffect] = []
        for one in applied.rows:
            key = (one.item_id, one.location_id)
            row = sync_rows.row_of(self.connection, self.session.id, key)
            if row is None:
                continue
            if one.effect.kind == "placed":
                given_back += self._give_back(row, one.effect)
            if row.state.condition == "settling":
                sync_rows.read_by(self.connection, self.session.id, [key], self.session.second)
            late = one.effect.available != 0 and (one.effect.exact or one.effect.kind == "placed")
            if late and row.state.condition in ("settling", "live"):
                self._settle_again(order, row, one.effect)
        if self.kept is None:
            self._measure(order)
        return given_back

    def _give_back(self, row: SyncRow, late: Effect) -> Iterator[RowEffect]:
        unexplained = effects.unexplained(self.connection, self.session.id, row.key)
        for back in self.session.rules.explained_late(late, unexplained):
            yield RowEffect(*row.key, back)
            move_units(
                self.session,
                self.connection,
                row,
                back.available,
                "unavailable",
                f"{self.name} explains it",
                self.name,
            )

    def _settle_again(self, order: OrderNow, row: SyncRow, effect: Effect) -> None:
        session = self.session
        if not session.rules.comes_late(row.state, effect, session.margins):
            return
        self._keep_copied(row, effect.earliest)
        sync_rows.settle_again(self.connection, session.id, [row.key], LATE, session.second)
        sku, place = sync_rows.named(self.connection, session.id, row.key)
        events.record(
            self.connection,
            at=session.now(),
            kind="late",
            channel=session.channel.handle,
            sku=sku,
            place=place,
            reference=self.name,
            detail="it was found after the row had been judged without it; the row settles again",
        )

    def _measure(self, order: OrderNow) -> None:
        """Widen the margins where the order became visible later than is usual.

        Looks that began later than its creation by their overlap did not search for it any more, and prove nothing.
        """
        session = self.session
        if order.created < min((place.fence for place in self.places.values()), default=order.created + 1):
            return
        missing = None
        if self.looked is not None and self.looked >= order.created:
            missing = min(self.looked, order.created + _overlap(session.margins))
        lag = proven_lag(order.created, missing)
        wider = session.margins.widened(visibility=lag)
        if wider != session.margins:
            session.margins = wider
            detail = f"{self.name} was not in searches for {lag:,} s; {wider.visibility:,} s are allowed for from now on"
            tell_margins(session, self.connection, wider, detail, self.name)


def before_fence(
    order: OrderNow, places: dict[int, Place], recipes: Recipes, ended: int
) -> tuple[Held, ...] | None:
    """What a past order held at T0 that nobody looked at then, because nothing of it was to be sent any more.

    What the store dates after T0 (units that came back) is taken off its footprint, so that it counts as a change. `ended` is when
    the look at it ended.
    """
    after = {
        kind
        for kind, (earliest, _) in order.times.items()
        if any(order.created < place.fence <= earliest for place in places.values())
    }
    if "returned" not in after:
        return None
    now = apply(order, None, places, recipes, order.created, ended).held
    return tuple(replace(held, returned=0) for held in now)


def tell_margins(
    session: Session, connection: sqlite3.Connection, margins: Margins, detail: str, reference: str = ""
) -> None:
    """Keep wider margins with an event, in the transaction under way."""
    cursors.keep_margins(connection, session.id, margins)
    events.record(
        connection,
        at=session.now(),
        kind="margins",
        channel=session.channel.handle,
        reference=reference,
        detail=detail,
    )


def aside_words(kind: EffectKind, units: int) -> str:
    """Why units that staff set aside in the store, or released, move the ledger; less than 0 for set aside."""
    verb = "set aside" if units < 0 else "released"
    return f"{verb} in the store{' without a name' if kind == 'unexplained' else ''}"


def move_units(
    session: Session,
    connection: sqlite3.Connection,
    row: SyncRow,
    units: int,
    kind: movements.MovementKind,
    reason: str,
    reference: str = "",
) -> None:
    """Move `units` of what a row sells in the ledger (its components, where it is a bundle), in the transaction under way.

    Nothing at a location whose plan is not on yet: `beginning.count_since_t0` does it then.
    """
    if kept_orders.waits(connection, session.id, row.location_id):
        return
    cause = movements.Cause(
        at=session.now(),
        kind=kind,
        reason=reason,
        reference=reference,
        channel=session.channel.handle,
        location=sync_rows.location_name(connection, session.id, row.location_id),
    )
    for part in kept_orders.recipe_of(connection, row.sku):
        movements.move(
            connection, cause, part.sku, row.warehouse_id, Quantities(in_stock=units * part.quantity)
        )
