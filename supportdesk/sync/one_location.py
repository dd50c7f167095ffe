"""Linking a location of a channel that is on, and changing who is its master, a recorded step at a time (PROTOCOL §4). Turning on is in `apply`.

The others go on meanwhile, in whole cycles; at this one nothing is written until the plan's numbers were compared (`one_location.WAITING`).
With Sumtracker as master it has a T0 of its own from which its orders count, in the ledger once it is on, and settles; with Shopify as
master it is read from then on.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

from supportdesk.core.connections import said
from supportdesk.core.orders import Treatment
from supportdesk.errors import Claimed
from supportdesk.ledger import (
    applying,
    connections,
    events,
    going_live,
    one_location,
    warehouses,
)
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.connections import SUM, Kept
from supportdesk.ledger.movements import Cause
from supportdesk.sync import plan as plans
from supportdesk.sync.apply import (
    PlanInHand,
    begin_of,
    compare,
    count,
    has_waited,
    is_patient,
    orders_meanwhile,
    others_now,
    takes_turn,
)
from supportdesk.sync.beginning import close_bookings
from supportdesk.sync.claim import check_claim
from supportdesk.sync.engine import CycleResult
from supportdesk.sync.order_book import OrderBook
from supportdesk.sync.outbox import Outbox

_SOON = 5
"""Seconds after which what the store has not answered is sent again."""


def advance(hand: PlanInHand) -> CycleResult | None:
    """Do the plan's next step and record it. Returns a cycle's result while something is waited for, None where more may be done at once.

    A plan that is stale, or whose channel was turned off, ends as refused, with nothing written. Raises as `apply.advance`.
    """
    plan, step = hand.plan, hand.plan.step
    if not _is_on(hand):
        _refuse(hand, f"Sync of {plan.handle} is off.")
        return None
    try:
        check_claim(hand.claimant)
    except Claimed as claimed:
        _refuse(hand, claimed.detail)
        return None
    if step in (None, "asked"):
        _begin(hand)
        return None
    if step == "moved":
        return hand.engine.cycle()  # a person's turn; all others go on
    if step in ("claimed", "confirmed"):
        return _turn(hand) if plan.master == "shopify" else _fence(hand)
    if step == "fenced":
        return _read(hand)
    _say_on(hand)
    return None


def _is_on(hand: PlanInHand) -> bool:
    connection, plan = hand.claimant.ledger.db.conn, hand.plan
    found = connection.execute("SELECT sync FROM channel WHERE id = ?", (plan.channel_id,)).fetchone()
    return found is not None and found[0] == "on"


def _begin(hand: PlanInHand) -> None:
    ledger, plan = hand.claimant.ledger, hand.plan
    changed = plans.stale(ledger.db.conn, plan.plan_id)
    if changed:
        _refuse(hand, " ".join(change.text for change in changed))
        return
    with ledger.writing() as connection:
        hand.held.check(connection)
        applying.record(connection, plan, "claimed", at=hand.claimant.now())


# Sumtracker master ------------------------------------------------------------------------------------------------------------------------


def _fence(hand: PlanInHand) -> CycleResult | None:
    """From T0 on its orders count. What is known of its orders is of this moment: what comes after is what happened after."""
    claimant, plan, session = hand.claimant, hand.plan, hand.engine.session
    assert plan.location_id is not None
    if one_location.copies_under_way(claimant.ledger.db.conn, plan.channel_id):
        return hand.engine.cycle()
    session.renew()
    t0 = plan.t0
    if t0 is None:
        if has_waited(hand) and (changed := plans.stale(claimant.ledger.db.conn, plan.plan_id)):
            _refuse(hand, " ".join(change.text for change in changed))
            return None
        OrderBook(session).look()
        t0 = claimant.store.clock(claimant.watch)
        if not takes_turn(hand, t0):
            return hand.engine.cycle()
    place = one_location.target(claimant.ledger.db.conn, plan)
    begin = replace(
        begin_of(hand, t0),
        joins=True,
        adds=place.counts == SUM,
        first=lambda writing: _connect(hand, writing),
    )
    hand.engine.begin(begin)
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        applying.record(connection, plan, "fenced", at=claimant.now())
    return None


def _connect(hand: PlanInHand, connection: sqlite3.Connection) -> None:
    """Have the location connected as planned, with what was said of it before kept aside, in the transaction under way."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.location_id is not None
    place = one_location.target(connection, plan)
    before = connections.kept(claimant.ledger, plan.channel_id).get(plan.location_id)
    one_location.keep_before(connection, plan.plan_id, before)
    same = before if before and before.warehouse_id == place.warehouse_id else None
    row = Kept(
        place.location_id,
        place.name,
        place.warehouse_id,
        place.master,
        same.counts if same else None,
        place.insisted or bool(same and same.insisted),
        0,
    )
    _put(hand, connection, row, "link" if plan.purpose == "link" else "master")


def _put(hand: PlanInHand, connection: sqlite3.Connection, row: Kept, kind: str) -> None:
    claimant = hand.claimant
    warehouse = next(
        (each for each in warehouses.all_warehouses(claimant.ledger) if each.id == row.warehouse_id), None
    )
    event_id = events.record(
        connection,
        at=claimant.now(),
        kind=kind,
        channel=hand.plan.handle,
        who=hand.plan.applied_by,
        place=row.location_name,
        detail=said(warehouse, row.master),
        reference=f"plan {hand.plan.plan_id}",
    )
    connections.put(connection, hand.plan.channel_id, replace(row, event_id=event_id))


def _read(hand: PlanInHand) -> CycleResult | None:
    """Cycles of the whole channel, until every row of the location has settled; then the comparison that decides."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.t0 is not None
    assert plan.location_id is not None
    result = hand.engine.cycle()
    connection = claimant.ledger.db.conn
    others = others_now(hand)
    settling, unread = one_location.unsettled(connection, plan.channel_id, plan.location_id)
    if not others and settling and (is_patient(hand, plan.t0) or unread):
        return result
    compare(
        hand, others, refuse=lambda why: _refuse(hand, why), take_back=lambda taking: _take_back(hand, taking)
    )
    return None


def _say_on(hand: PlanInHand) -> None:
    """Have the location written from now on, with what was answered for it."""
    claimant, plan = hand.claimant, hand.plan
    orders = orders_meanwhile(hand)
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        count(hand, connection, orders)
        one_location.let_copies_go(connection, plan.channel_id)
        _answer_counts(hand, connection)
        _end_on(hand, connection)


def _answer_counts(hand: PlanInHand, connection: sqlite3.Connection) -> None:
    """Keep whose count the warehouse has, where it was said with the plan."""
    plan = hand.plan
    place = one_location.target(connection, plan)
    if place.counts is None or plan.purpose != "link":
        return
    whose = "the sum of its locations" if place.counts == SUM else f"the count of {place.name}"
    event_id = events.record(
        connection,
        at=hand.claimant.now(),
        kind="counts",
        channel=plan.handle,
        who=plan.applied_by,
        place=place.name,
        detail=f"{whose} is copied",
    )
    connections.answer_counts(connection, plan.channel_id, place.warehouse_id, place.counts, event_id)


def _end_on(hand: PlanInHand, connection: sqlite3.Connection) -> None:
    applying.end(connection, hand.plan, "applied", at=hand.claimant.now())
    applying.record(connection, hand.plan, "on", at=hand.claimant.now())


# Shopify master ---------------------------------------------------------------------------------------------------------------------------


def _turn(hand: PlanInHand) -> CycleResult | None:
    """Have the location read from now on, in one transaction, once the store has answered every write to it.

    What its orders booked is closed: in stock and booked fall together, so that the readings to come find the same number available,
    and what becomes of these orders moves no stock any more.
    """
    claimant, plan, session = hand.claimant, hand.plan, hand.engine.session
    assert plan.location_id is not None
    session.renew()
    Outbox(session).settle()
    if one_location.in_flight(claimant.ledger.db.conn, plan.channel_id, plan.location_id):
        result = hand.engine.cycle()
        return replace(result, next_due=session.second + _SOON)
    changed = plans.stale(claimant.ledger.db.conn, plan.plan_id)
    if changed:
        _refuse(hand, " ".join(change.text for change in changed))
        return None
    t0 = claimant.store.clock(claimant.watch)
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        applying.set_t0(connection, plan, t0)
        if plan.purpose == "direction":
            close(
                *(connection, claimant.channel, plan.location_id),
                at=claimant.now(),
                who=plan.applied_by,
                treatment="shopify_master",
            )
        _connect(hand, connection)
        _put_read(hand, connection, t0)
        applying.record(connection, plan, "fenced", at=claimant.now())
        _end_on(hand, connection)
    return None


def _put_read(hand: PlanInHand, connection: sqlite3.Connection, t0: int) -> None:
    """Put the rows of the location, where Shopify is master, to be read `t0` + the time that a write takes."""
    plan, session = hand.plan, hand.engine.session
    assert plan.location_id is not None
    going_live.choose(connection, {plan.location_id: t0})
    going_live.put_fences(connection, plan.channel_id, None)
    going_live.put_rows(
        connection, plan.channel_id, hold_unknown=False, read_from=session.margins.commit_lag + 2
    )


# Taking back ------------------------------------------------------------------------------------------------------------------------------


def close(
    connection: sqlite3.Connection,
    channel: ChannelRecord,
    location_id: int,
    *,
    at: datetime,
    who: str,
    treatment: Treatment,
) -> None:
    """Take down what syncing one location set up, in the transaction under way; what orders booked there is closed, as `beginning.close` does.

    Its orders count as `treatment` from now on.
    """
    cause = Cause(
        at, "promised", who, "still promised when its location was taken out", channel=channel.handle
    )
    close_bookings(connection, cause, one_location.booked(connection, channel.id, location_id))
    one_location.take_down(connection, channel.id, location_id, treatment, at)


def _take_back(hand: PlanInHand, connection: sqlite3.Connection) -> None:
    """Have the location as it was before the plan, in the transaction under way; nothing where nothing was begun."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.location_id is not None
    fence = connection.execute(
        "SELECT t0 FROM fence WHERE channel_id = ? AND location_id = ? AND plan_id = ?",
        (plan.channel_id, plan.location_id, plan.plan_id),
    ).fetchone()
    if fence is None:
        return
    back_to: Treatment = "shopify_master" if plan.purpose == "direction" else "unlinked"
    one_location.take_down(connection, plan.channel_id, plan.location_id, back_to, claimant.now())
    event_id = events.record(
        connection,
        at=claimant.now(),
        kind="unlink" if plan.purpose == "link" else "master",
        channel=plan.handle,
        who=plan.applied_by,
        place=one_location.target(connection, plan).name,
        detail="as it was before, for the plan was not applied",
        reference=f"plan {plan.plan_id}",
    )
    before = one_location.restore_before(connection, plan, event_id)
    if before is not None and before.master == "shopify":
        _put_read(hand, connection, fence[0])


def _refuse(hand: PlanInHand, why: str) -> None:
    """Leave the location as it was; sync goes on."""
    claimant, plan = hand.claimant, hand.plan
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        _take_back(hand, connection)
        applying.end(connection, plan, "refused", at=claimant.now(), said=why)
        applying.record(connection, plan, "refused", at=claimant.now(), detail=why)
