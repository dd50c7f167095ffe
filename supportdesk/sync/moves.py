"""What moved between a plan and its applying: what orders explain goes on silently, what they don't is kept for a person to confirm (PROTOCOL §4).

The steps of applying are in `apply`. Orders are looked at before the comparison, which is one transaction.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from supportdesk.core.checks import count_of
from supportdesk.core.connections import NAMED
from supportdesk.core.effects import EffectKind, Margins
from supportdesk.core.looks import OrdersLook, RowKey
from supportdesk.core.orders import GivenBack, OrderLine, OrderNow
from supportdesk.core.plan import is_still_as_shown, risk_of
from supportdesk.core.rows import Bounds, wanted
from supportdesk.ledger import comparing, plan_moved
from supportdesk.ledger.applying import Applying
from supportdesk.ledger.comparing import MovedRow
from supportdesk.ledger.plan_moved import RowNow
from supportdesk.sync.claim import Claimant
from supportdesk.sync.order_book import ORDERS_BY_ID
from supportdesk.sync.plan import fill_twin


class MovedByOrders(NamedTuple):
    """What orders did to a row since it was looked at, in units."""

    surely: int = 0
    """Taken by orders placed since."""
    perhaps: int = 0
    """Taken by orders so near that look that its number may have them already, or that may have come here since."""
    back: int = 0
    """Put back at most, by cancellations, refunds, returns, edits and moves since."""

    @property
    def bounds(self) -> Bounds:
        """What the number moved by, at least and at most."""
        return Bounds(-self.surely - self.perhaps, self.back - self.surely)

    def plus(self, other: MovedByOrders) -> MovedByOrders:
        """Both together."""
        return MovedByOrders(*map(sum, zip(self, other, strict=True)))


_NOTHING: Final = MovedByOrders()
ByRow = Mapping[RowKey, MovedByOrders]


@dataclass(frozen=True, slots=True)
class OrdersSince:
    """What orders did to each row up to T0."""

    plan: ByRow
    """Since the numbers are of that the plan was made from."""
    confirmed: ByRow
    """Since the T0 of what a person confirmed; nothing where nobody did."""
    followed: bool = False
    """Whether Shopify was master until T0: then whatever moved was followed, as every reading before."""

    def of(self, row: MovedRow) -> Bounds:
        """What they did since the number is of that the row is compared with."""
        by = self.confirmed if row.confirmed else self.plan
        return by.get((row.shown.item_id, row.shown.location_id), _NOTHING).bounds

    def since_plan(self, row: MovedRow) -> Bounds:
        """What they did since the number is of that was planned with."""
        return self.plan.get((row.shown.item_id, row.shown.location_id), _NOTHING).bounds


def orders_since(claimant: Claimant, plan: Applying, margins: Margins, *, whatever: bool) -> OrdersSince:
    """Look at the orders that may explain what moved, nothing where nothing did; with `whatever` all since the plan's numbers are looked at."""
    if plan.purpose == "direction":
        return OrdersSince({}, {}, followed=True)
    connection = claimant.ledger.db.conn
    as_planned, as_confirmed = comparing.some_moved(connection, plan)
    since_plan: ByRow = {}
    since_confirmed: ByRow = {}
    if whatever or as_planned or as_confirmed:
        loaded = comparing.load_time(connection, plan.channel_id)
        assert loaded is not None  # or there was no plan
        began, ended = loaded
        since = int(began.timestamp()) - margins.commit_lag - margins.clock_skew
        since_plan = _Looking(claimant, plan, since, int(ended.timestamp()) + 1 + margins.clock_skew).moved()
    if as_confirmed and plan.compared_at is not None:
        since_confirmed = _Looking(claimant, plan, plan.compared_at, plan.compared_at - 1).moved()
    return OrdersSince(since_plan, since_confirmed)


# Orders ---------------------------------------------------------------------------------------------------------------------------------

_BACK: Final[dict[str, EffectKind]] = {
    "CANCEL": "cancelled",
    "RETURN": "returned",
    "NO_RESTOCK": "written_off",
}
_GIVING_BACK: Final = frozenset(_BACK.values())
_MOVING: Final[frozenset[EffectKind]] = frozenset({"placed", "moved"})
"""Under which the times of an order say that its units may have lain elsewhere (`OrderNow.times`)."""
_EDITED: Final[frozenset[EffectKind]] = frozenset({"edited"})
_SENT: Final[frozenset[EffectKind]] = frozenset({"fulfilled"})


@dataclass(frozen=True, slots=True)
class _Looking:
    """What orders did to the plan's rows from `since` until T0.

    What cannot be told apart widens what they may have done, so that a staff edit of as many units passes for it: an order keeps the
    times of all its changes of a kind together, not of each line; which location units lay at before they were moved nobody says;
    and a fulfilment order that was put on hold looks like one that was moved.
    """

    claimant: Claimant
    plan: Applying
    since: int
    """Orders from then on are new; the store's second."""
    near: int
    """New ones up to then may be in the number already."""

    def moved(self) -> dict[RowKey, MovedByOrders]:
        assert self.plan.t0 is not None
        places = comparing.locations_of(self.claimant.ledger.db.conn, self.plan)
        found: dict[RowKey, MovedByOrders] = {}
        for look in self._looks():
            for each in look.orders:
                order = each.order
                for line in order.lines if order.created < self.plan.t0 else ():
                    if line.item_id is None:
                        continue
                    for place, more in self._by_line(order, line, places):
                        key = (line.item_id, place)
                        found[key] = found.get(key, _NOTHING).plus(more)
        return found

    def _looks(self) -> Iterator[OrdersLook]:
        """Every order that changed since, each once; those too of which only a fulfilment order did, as where one was moved."""
        store, watch = self.claimant.store, self.claimant.watch
        seen: set[int] = set()
        for look in store.orders_changed(self.since, watch):
            seen.update(found.order.id for found in look.orders)
            yield look
        others = (each for each in store.orders_moved(self.since, watch) if each not in seen)
        while some := list(itertools.islice(others, ORDERS_BY_ID)):
            yield store.orders_by_id(some, watch)

    def _by_line(
        self, order: OrderNow, line: OrderLine, places: Collection[int]
    ) -> Iterator[tuple[int, MovedByOrders]]:
        is_new = order.created >= self.since
        if is_new:
            yield from self._placed(order, line, places)
        else:
            yield from self._shifted(order, line, places)
        for back in line.given_back:
            if back.restocked and back.location_id is not None and self._is_since(order, back):
                yield back.location_id, MovedByOrders(back=back.quantity)
            elif is_new and not back.restocked:
                for part in line.parts:
                    yield part.location_id, MovedByOrders(perhaps=back.quantity)

    def _placed(
        self, order: OrderNow, line: OrderLine, places: Collection[int]
    ) -> Iterator[tuple[int, MovedByOrders]]:
        """A new order's units: where they are, unless they may have lain elsewhere at T0."""
        here = {part.location_id: part.unfulfilled + part.fulfilled for part in line.parts}
        if _MOVING & set(order.times):
            for place in places:
                yield place, MovedByOrders(perhaps=sum(here.values()))
            return
        for place, units in here.items():
            if order.edited or "edited" in order.times:
                yield place, MovedByOrders(perhaps=units + _removed(line))
            elif order.created <= self.near:
                yield place, MovedByOrders(perhaps=units)
            else:
                yield place, MovedByOrders(surely=units)

    def _shifted(
        self, order: OrderNow, line: OrderLine, places: Collection[int]
    ) -> Iterator[tuple[int, MovedByOrders]]:
        """An earlier order's units that an edit, or a move to another location, may have brought here or taken from here since."""
        moved, edited = self._in_time(order, _MOVING), self._in_time(order, _EDITED)
        if not moved and not edited:
            return
        # What was sent before has not moved since.
        sent_since = self._in_time(order, _SENT)
        movable = {
            part.location_id: part.unfulfilled + (part.fulfilled if sent_since else 0) for part in line.parts
        }
        for place in places:
            here = movable.get(place, 0)
            elsewhere = sum(movable.values()) - here if moved else 0
            yield place, MovedByOrders(0, here, elsewhere + (_removed(line) if edited else 0))

    def _is_since(self, order: OrderNow, back: GivenBack) -> bool:
        kind = _BACK.get(back.restock_type)
        if kind is not None and kind in order.times:
            return self._in_time(order, (kind,))
        known = [kind for kind in _GIVING_BACK if kind in order.times]
        return not known or self._in_time(order, known)

    def _in_time(self, order: OrderNow, kinds: Collection[EffectKind]) -> bool:
        """Whether something of these kinds may have happened at `since` or later."""
        return any(last >= self.since for kind, (_, last) in order.times.items() if kind in kinds)


def _removed(line: OrderLine) -> int:
    """Units of a line that edits took off it."""
    return max(
        0, line.quantity - line.current - sum(back.quantity for back in line.given_back if back.refund)
    )


# Comparing ------------------------------------------------------------------------------------------------------------------------------

FOLLOWING: Final = ("kept", "derived")
"""Kinds of rows that show Sumtracker's number, which knows nothing of what orders did before T0."""
_COPIED: Final = ("copied", "shared")


class Judged(NamedTuple):
    """What came of comparing."""

    explained: int = 0
    """Rows that orders explain."""
    others: int = 0
    """Rows that moved otherwise, or would end in a worse class than was shown."""
    named: tuple[str, ...] = ()
    """The first few of those, with what they were and are."""
    by: str = "by orders"
    """What explains them."""

    @property
    def text(self) -> str:
        """What orders explained, a sentence; '' for nothing."""
        rows = count_of(self.explained, "row")
        return f"{rows} moved {self.by} since the plan was made." if self.explained else ""


def judge(connection: sqlite3.Connection, plan: Applying, since: OrdersSince) -> Judged:
    """Which of the rows that moved orders explain; the others are noted (`plan_moved.note`), in the transaction under way.

    What orders did moves Sumtracker's number by as much: as it is copied, or as `take_in` has it.
    """
    judging = _Judging(connection, plan, since)
    plan_moved.note(connection, judging.rows())
    by = "in the store, whose numbers were followed," if since.followed else "by orders"
    return Judged(judging.explained, judging.others, tuple(judging.first), by)


class _Judging:
    def __init__(self, connection: sqlite3.Connection, plan: Applying, since: OrdersSince) -> None:
        self.connection, self.plan, self.since = connection, plan, since
        # A shop goes on selling while somebody reads: once they went on, orders alone ask nothing more, or it would never end.
        self.was_confirmed = plan.compared_at is not None
        self.explained = self.others = 0
        self.first: list[str] = []

    def rows(self) -> Iterator[RowNow]:
        """The rows that ask, and those of what was confirmed before that only orders moved since."""
        for row in comparing.moved_rows(self.connection, self.plan):
            shown, by = row.shown, self.since.of(row)
            explaining: Bounds | None = row.at_t0
            if not self.since.followed:
                explaining = row.at_t0.intersect(Bounds(shown.before + by.low, shown.before + by.high))
            number = explaining.high if explaining else row.at_t0.high
            moved = number - shown.before
            after = shown.after
            if shown.kind in _COPIED:
                after += moved
            elif shown.kind in FOLLOWING:
                follows = after + _within(moved, by)
                # Sold beyond what Sumtracker has: its number is below zero, the store's is not.
                after = follows if follows >= 0 else (wanted(follows, 0, number) or 0)
            now = shown._replace(before=number, after=after, risk=risk_of(number, after))
            fine = bool(explaining) and (self.was_confirmed or is_still_as_shown(shown, now, moved))
            if fine:
                self.explained += 1
            else:
                self.others += 1
                if len(self.first) < NAMED:
                    self.first.append(
                        f"{shown.sku} at {row.location} ({row.planned:,} when planned, {number:,} now)"
                    )
            if not fine or row.confirmed:
                yield RowNow(shown.item_id, shown.location_id, number, after, now.risk, not fine)


def taken(row: MovedRow, by: Bounds) -> int:
    """What orders did to a row from the plan's numbers until T0, as Sumtracker's number is to follow it; less than 0 for units sold.

    Where they cannot explain all that moved, a person has seen the rest, and they explain as much of it as they can.
    """
    before = row.planned
    explaining = row.at_t0.intersect(Bounds(before + by.low, before + by.high))
    return explaining.low - before if explaining else _within(row.at_t0.low - before, by)


def _within(units: int, by: Bounds) -> int:
    return max(by.low, min(units, by.high))


def keep(connection: sqlite3.Connection, plan: Applying) -> int:
    """Keep what was noted, with every other row that comes to another number by it, in the transaction under way; how many rows wait."""
    plan_moved.keep_noted(connection, plan.plan_id)
    if plan.copies or plan.unknown == "copy":
        twin = plan_moved.begin_twin(connection, plan.plan_id)
        fill_twin(connection, plan.plan_id, twin)
        plan_moved.end_twin(connection, plan.plan_id, twin, plan.channel_id)
    return plan_moved.count(connection, plan.plan_id)
