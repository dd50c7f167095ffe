"""Applying a plan, a recorded step at a time, so that a crash at any point goes on where it was (PROTOCOL §4).

Claim the store; fix T0 and look at the orders; read every row once, dated back to T0, without writing anything; compare with what the plan
showed; then say *on*, from where the cycles copy and push. Building plans is in `plan`, the cycles are in `engine`.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from supportdesk.core.connections import NAMED, named
from supportdesk.core.looks import OrdersLook, RowKey
from supportdesk.core.orders import OrderNow
from supportdesk.core.plan import is_still_as_shown, risk_of
from supportdesk.core.readiness import count_of
from supportdesk.core.rows import Bounds
from supportdesk.errors import Claimed
from supportdesk.ledger import applying, channel_sync, comparing, going_live, sync_rows
from supportdesk.ledger.applying import Applying
from supportdesk.sync import plan as plans
from supportdesk.sync.beginning import keep_answers, take_in_orders
from supportdesk.sync.claim import Claimant, drop_claim, make_claim
from supportdesk.sync.engine import Begin, CycleResult, Engine
from supportdesk.sync.lease import HeldLease
from supportdesk.sync.order_book import ORDERS_BY_ID

PATIENCE: Final = 180
"""Seconds after T0 in which every row is waited for; a row that still settles then is compared by its bounds, and waited for where it has none."""


@dataclass(frozen=True, slots=True)
class PlanInHand:
    """A plan, and what applying it takes."""

    plan: Applying
    engine: Engine
    claimant: Claimant
    held: HeldLease


def advance(hand: PlanInHand) -> CycleResult | None:
    """Do the plan's next step and record it. Returns a cycle's result while rows are waited for, None where more may be done at once.

    A plan that is stale, or a store that another ledger has, ends it as refused, with nothing written. Raises what the store and
    the ledger raise: it goes on from the same step later.
    """
    step = hand.plan.step
    if _is_on(hand.claimant.ledger.db.conn, hand.plan):
        _refuse(hand, f"Sync of {hand.plan.handle} is on already.")
    elif step in (None, "asked"):
        _claim(hand)
    elif step == "claimed":
        _fence(hand)
    elif step == "fenced":
        return _read(hand)
    else:
        _turn_on(hand)
    return None


def _is_on(connection: sqlite3.Connection, plan: Applying) -> bool:
    found = connection.execute("SELECT sync FROM channel WHERE id = ?", (plan.channel_id,)).fetchone()
    return found is not None and found[0] == "on"


def _claim(hand: PlanInHand) -> None:
    ledger, plan = hand.claimant.ledger, hand.plan
    changed = plans.stale(ledger.db.conn, plan.plan_id)
    if changed:
        _refuse(hand, " ".join(change.text for change in changed))
        return
    if _has_claim(hand):
        with ledger.writing() as connection:
            hand.held.check(connection)
            applying.record(connection, plan, "claimed", at=hand.claimant.now())


def _has_claim(hand: PlanInHand) -> bool:
    """Whether the store is claimed for us, by now; where another ledger has it, the plan is refused."""
    try:
        make_claim(hand.claimant)
    except Claimed as claimed:
        _refuse(hand, claimed.detail)
        return False
    return True


def _fence(hand: PlanInHand) -> None:
    """T0 is kept before anything follows from it, so that a second try has the same one."""
    claimant, plan = hand.claimant, hand.plan
    t0 = plan.t0
    if t0 is None:
        t0 = claimant.store.clock(claimant.watch)
        with claimant.ledger.writing() as connection:
            hand.held.check(connection)
            applying.set_t0(connection, plan, t0)
    hand.engine.begin(_begin_of(hand, t0))
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        applying.record(connection, plan, "fenced", at=claimant.now())


def _begin_of(hand: PlanInHand, t0: int) -> Begin:
    plan = hand.plan
    locations = comparing.locations_of(hand.claimant.ledger.db.conn, plan)
    unknown = plan.unknown if plan.unknown in ("copy", "zero") else "hold"
    return Begin(
        plan.plan_id,
        dict.fromkeys(locations, t0),
        plan.copies,
        unknown,  # type: ignore[arg-type]
        plan.promised_included,
    )


def _read(hand: PlanInHand) -> CycleResult | None:
    """A cycle without writes, until every row has settled; then the comparison that decides."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.t0 is not None
    result = hand.engine.cycle(writes=False)
    connection = claimant.ledger.db.conn
    others = _others_now(hand)
    if (
        not others
        and result.rows.get("settling", 0)
        and (claimant.store.clock(claimant.watch) - plan.t0 < PATIENCE or comparing.unread(connection, plan))
    ):
        return result
    said = [change.text for change in plans.stale(connection, plan.plan_id)]
    said += others
    moved = _judge_moves(hand)
    if moved.others:
        said.append(
            f"Numbers in the store moved otherwise than by orders: {named(moved.named, moved.others)}."
        )
    if said:
        _refuse(hand, " ".join((*said, "Load the store again and make a new plan.")))
        return None
    detail = (
        f"{count_of(moved.explained, 'row')} moved by orders since the plan was made."
        if moved.explained
        else ""
    )
    with claimant.ledger.writing() as writing:
        hand.held.check(writing)
        applying.record(writing, plan, "checked", at=claimant.now(), detail=detail)
    return None


class MovedByOrders(NamedTuple):
    """What orders did to a row since the load, in units."""

    surely: int = 0
    """Taken by orders placed since."""
    perhaps: int = 0
    """Taken by orders so near the load that its number may have them already."""
    back: int = 0
    """Put back at most, by cancellations, refunds and returns of orders that changed since."""

    @property
    def bounds(self) -> Bounds:
        """What the number moved by, at least and at most."""
        return Bounds(-self.surely - self.perhaps, self.back - self.surely)


def _orders_since_load(hand: PlanInHand) -> Mapping[RowKey, MovedByOrders]:
    """What orders did to each row between the load and T0."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.t0 is not None
    margins = hand.engine.session.margins
    began, ended = comparing.load_time(claimant.ledger.db.conn, plan.channel_id)
    since = int(began.timestamp()) - margins.commit_lag - margins.clock_skew
    until = int(ended.timestamp()) + 1 + margins.clock_skew
    places = comparing.locations_of(claimant.ledger.db.conn, plan)
    moved: dict[RowKey, MovedByOrders] = {}

    def add(item: int, location: int, more: MovedByOrders) -> None:
        before = moved.get((item, location), MovedByOrders())
        moved[item, location] = MovedByOrders(*map(sum, zip(before, more, strict=True)))

    for look in _looks_since(claimant, since):
        for found in look.orders:
            created = found.order.created
            for line in found.order.lines if created < plan.t0 else ():
                if line.item_id is None:
                    continue
                for part in line.parts if created >= since else ():
                    units = part.unfulfilled + part.fulfilled
                    near = units if created <= until else 0
                    add(line.item_id, part.location_id, MovedByOrders(units - near, near))
                for back in line.given_back if _changed_since(found.order, _GIVING_BACK, since) else ():
                    if back.restocked and back.location_id is not None:
                        add(line.item_id, back.location_id, MovedByOrders(back=back.quantity))
                    for part in line.parts if created >= since and not back.restocked else ():
                        add(line.item_id, part.location_id, MovedByOrders(perhaps=back.quantity))
                # Which location held it before, nobody says any more.
                for place in places if _shifted_since(found.order, since) else ():
                    here = sum(
                        part.unfulfilled + part.fulfilled for part in line.parts if part.location_id == place
                    )
                    add(line.item_id, place, MovedByOrders(0, here, max(0, line.quantity - here)))
    return moved


def _looks_since(claimant: Claimant, since: int) -> Iterator[OrdersLook]:
    """Every order that changed since, each once; those too of which only a fulfilment order did, as where one was moved."""
    seen: set[int] = set()
    for look in claimant.store.orders_changed(since, claimant.watch):
        seen.update(found.order.id for found in look.orders)
        yield look
    others = (each for each in claimant.store.orders_moved(since, claimant.watch) if each not in seen)
    while some := list(itertools.islice(others, ORDERS_BY_ID)):
        yield claimant.store.orders_by_id(some, claimant.watch)


_GIVING_BACK: Final = ("cancelled", "returned", "written_off")


def _changed_since(order: OrderNow, kinds: Collection[str], since: int) -> bool:
    """Whether what an order changed in one of these ways may have changed at `since` or later."""
    latest = [last for kind, (_, last) in order.times.items() if kind in kinds]
    return not latest or max(latest) >= since


def _shifted_since(order: OrderNow, since: int) -> bool:
    """Whether an order from before `since` was edited, or parts of it moved to another location (`placed`, `OrderNow.times`), from then on."""
    kinds = {"placed", "moved", "edited"} & set(order.times)
    return order.created < since and bool(kinds) and _changed_since(order, kinds, since)


class Judged(NamedTuple):
    """What came of comparing."""

    explained: int = 0
    """Rows that orders explain."""
    others: int = 0
    """Rows that moved otherwise, or would end in a worse class than was shown."""
    named: tuple[str, ...] = ()
    """The first few of those, with what they were and are."""


def _judge_moves(hand: PlanInHand) -> Judged:
    """Which of the rows that moved orders explain; no row is kept, for there may be a million.

    What orders did moves Sumtracker's number by as much: as it is copied, or as `_take_in_orders` has it.
    """
    moved: Mapping[RowKey, MovedByOrders] | None = None
    explained = others = 0
    first: list[str] = []
    for row in comparing.moved_rows(hand.claimant.ledger.db.conn, hand.plan):
        hand.claimant.watch.check()
        if moved is None:
            moved = _orders_since_load(hand)
        shown = row.shown
        by = moved.get((shown.item_id, shown.location_id), MovedByOrders()).bounds
        explaining = row.at_t0.intersect(Bounds(shown.before + by.low, shown.before + by.high))
        number = explaining.high if explaining else row.at_t0.high
        moves = shown.kind in ("copied", "shared", *_FOLLOWING)
        after = shown.after + number - shown.before if moves else shown.after
        now = shown._replace(before=number, after=after, risk=risk_of(number, after))
        if explaining and is_still_as_shown(shown, now, number - shown.before):
            explained += 1
            continue
        others += 1
        if len(first) < NAMED:
            first.append(f"{shown.sku} at {row.location} ({shown.before:,} when planned, {number:,} now)")
    return Judged(explained, others, tuple(first))


def _others_now(hand: PlanInHand) -> list[str]:
    """Rows that cannot be synced as planned any more, a sentence a reason."""
    found: dict[str, tuple[int, list[str]]] = {}
    for row in comparing.others_now(hand.claimant.ledger.db.conn, hand.plan):
        count, first = found.get(row.reason, (0, []))
        if len(first) < NAMED:
            first.append(f"{row.sku} at {row.location}")
        found[row.reason] = (count + 1, first)
    return [f"{named(first, count)}: {reason}." for reason, (count, first) in found.items()]


def _turn_on(hand: PlanInHand) -> None:
    """Say *on*, and with it what was answered for SKUs that were never counted and for units promised before."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.t0 is not None
    if not _has_claim(hand):
        return
    hand.engine.session.renew()
    orders = {} if plan.copies else _orders_since_load(hand)
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        _take_in_orders(hand, connection, orders)
        keep_answers(hand.engine.session, connection, _begin_of(hand, plan.t0))
        going_live.read_masters_by(connection, plan.channel_id, plan.t0)
        channel_sync.turned_on(connection, plan.channel_id, plan.plan_id, claimant.now())
        applying.end(connection, plan, "applied", at=claimant.now())
        applying.record(connection, plan, "on", at=claimant.now())
        applying.replace_others(connection, plan)


_FOLLOWING: Final = ("kept", "derived")
"""Kinds of rows that show Sumtracker's number, which knows nothing of what orders did before T0."""


def _take_in_orders(
    hand: PlanInHand, connection: sqlite3.Connection, orders: Mapping[RowKey, MovedByOrders]
) -> None:
    """Have Sumtracker's numbers follow what orders did between the plan and T0, in the transaction under way.

    Else what was sold meanwhile would be pushed back on sale. A number that is copied has it already.
    """
    session = hand.engine.session
    for key, by in orders.items():
        planned = comparing.planned_row(connection, hand.plan, key)
        row = sync_rows.row_of(connection, session.id, key)
        if planned is None or row is None or planned.shown.kind not in (*_FOLLOWING, "held"):
            continue  # a bundle that is held for one component takes the others
        before = planned.shown.before
        explaining = planned.at_t0.intersect(Bounds(before + by.bounds.low, before + by.bounds.high))
        if explaining and explaining.low != before:
            take_in_orders(session, connection, row, explaining.low - before)


def _refuse(hand: PlanInHand, said: str) -> None:
    """Leave the ledger and the store as if nobody had asked; where sync is on it stays so, with its claim, rows and bookings.

    The claim goes first: where it cannot be dropped now, the same step finds the same later, and nobody takes the plan for ended.
    """
    claimant, plan = hand.claimant, hand.plan

    def say(connection: sqlite3.Connection) -> None:
        applying.end(connection, plan, "refused", at=claimant.now(), said=said)
        applying.record(connection, plan, "refused", at=claimant.now(), detail=said)

    if _is_on(claimant.ledger.db.conn, plan):
        with claimant.ledger.writing() as connection:
            hand.held.check(connection)
            say(connection)
        return
    drop_claim(claimant)
    hand.engine.end(say)
