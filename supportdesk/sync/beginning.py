"""Going live: fences, rows and numbers to be copied in one transaction, then a look at every open order (PROTOCOL §1, §4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from supportdesk.core.checks import count_of
from supportdesk.core.orders import Held, stock_of
from supportdesk.core.stock import Quantities
from supportdesk.core.wizard import copying_words
from supportdesk.errors import Refused
from supportdesk.ledger import (
    alerts,
    cursors,
    decisions,
    events,
    followed,
    going_live,
    kept_orders,
    movements,
    one_location,
    pushed_rows,
    pushes,
    stock,
    sync_rows,
    tallies,
    wizard,
)
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.movements import Cause, MovementKind
from supportdesk.ledger.sync_rows import SyncRow
from supportdesk.sync.order_book import MOVEMENT_OF, OrderBook, aside_words
from supportdesk.sync.session import Session


@dataclass(frozen=True, slots=True)
class Begin:
    """What going live starts from; made of a plan."""

    plan_id: int | None
    fences: Mapping[int, int]
    """Location id → T0, a whole second of the store's clock."""
    copies: bool
    """Whether the store's counts are copied into the ledger; else they are thrown away, but rows settle."""
    unknown: Literal["copy", "hold", "zero"] = "hold"
    """Without copying: what becomes of SKUs the ledger never counted."""
    promised_included: bool | None = None
    """Without copying: whether the ledger's counts include what orders from before T0 promised, so that it is taken off."""
    joins: bool = False
    """Whether the locations come to others that are on already."""
    adds: bool = False
    """Joining: whether what is copied is added to what the ledger has."""
    first: Callable[[sqlite3.Connection], None] = lambda _: None
    """Done in the transaction that sets everything down, before anything else."""


def begin(session: Session, orders: OrderBook, what: Begin) -> None:
    """Set everything down for going live, once, and keep what open orders hold. Raises `Refused` for a location that is not linked."""
    with session.writing() as connection:
        if not going_live.is_begun(connection, session.id, what.fences):
            _set_down(session, connection, what)
    session.renew()
    orders.footprints()


def _set_down(session: Session, connection: sqlite3.Connection, what: Begin) -> None:
    what.first(connection)
    if missing := going_live.out_of_reach(connection, session.id, what.fences):
        raise Refused(
            f"{len(missing)} of the locations that were to go on are not linked to a warehouse.",
            "Link them, or make a new plan.",
        )
    at, channel = session.now(), session.channel.handle
    going_live.choose(connection, what.fences)
    going_live.put_fences(connection, session.id, what.plan_id)
    margins = cursors.margins(connection, session.id, session.cadence.margins)
    cursors.keep_margins(connection, session.id, margins)
    hold = not what.copies and what.unknown == "hold"
    going_live.put_rows(connection, session.id, hold_unknown=hold, read_from=margins.commit_lag + 2)
    copied: Literal["all", "unknown", "none"] = "none"
    if what.copies:
        copied = "all"
    elif what.unknown == "copy":
        copied = "unknown"
    if what.joins and copied != "none":
        for location in what.fences:
            one_location.free_copies(connection, session.id, location)
    if not what.joins or copied != "none":
        going_live.put_copies(connection, session.id, copied)
    if what.joins:
        for location in what.fences:
            one_location.hold_copies(connection, session.id, location, adds=what.adds)
    if what.plan_id is not None:
        _let_go(session, connection, what)
    cursors.put(connection, session.id, "footprints", 0)
    t0 = min(what.fences.values())
    for name in ("orders", "moved", "levels"):
        second = cursors.second_of(connection, session.id, name)
        cursors.put(connection, session.id, name, t0 if second is None else min(second, t0))
    if not what.joins:
        cursors.put(connection, session.id, "wide", max(what.fences.values()))
    events.record(
        connection,
        at=at,
        kind="going_live",
        channel=channel,
        who=session.who,
        detail=f"{count_of(len(what.fences), 'location')}, {copying_words(what.copies, what.unknown)}",
    )


def count_since_t0(session: Session, connection: sqlite3.Connection, plan_id: int) -> None:
    """Have the ledger follow what happened since T0 where the plan comes to be on, in the transaction under way that says so.

    Until then nothing of it was in the ledger: others that follow the same numbers would have been written with what may be refused.
    """

    def cause(kind: MovementKind, reason: str, reference: str, location_id: int) -> Cause:
        place = sync_rows.location_name(connection, session.id, location_id)
        return Cause(
            *(session.now(), kind, "", reason, reference), channel=session.channel.handle, location=place
        )

    for name, held in kept_orders.booked_under(connection, session.id, plan_id):
        why = cause("order", f"{name} while the plan was applied", name, held.location_id)
        for (sku, warehouse), change in stock_of([held]).items():
            movements.move(connection, why, sku, warehouse, change)
    for later in kept_orders.moved_under(connection, session.id, plan_id):
        words = f"{later.order} {later.kind.replace('_', ' ')}, an order from before sync"
        if later.kind in ("unavailable", "unexplained"):
            words = aside_words(later.kind, later.units)
        why = cause(MOVEMENT_OF[later.kind], words, later.order, later.location_id)
        for part in later.recipe:
            change = Quantities(in_stock=later.units * part.quantity)
            movements.move(connection, why, part.sku, later.warehouse_id, change)


def keep_answers(session: Session, connection: sqlite3.Connection, what: Begin) -> None:
    """Write into the ledger what was answered without copying, in the transaction under way: the one that says *on*."""
    if what.copies:
        return
    at, channel = session.now(), session.channel.handle
    going_live.choose(connection, what.fences)
    newest = movements.newest(connection)
    if what.promised_included:
        reason = "promised by orders from before"
        cause = Cause(at, "subtract", who=session.who, reason=reason, channel=channel)
        going_live.subtract_promised(connection, session.id, cause)
    if what.unknown == "zero":  # after what was promised, which is of numbers that were counted
        cause = Cause(at, "set", who=session.who, reason="never counted, taken as none", channel=channel)
        going_live.count_unknown_as_none(connection, session.id, cause)
    going_live.see_movements(connection, session.id, newest)


def take_in_orders(session: Session, connection: sqlite3.Connection, row: SyncRow, units: int) -> None:
    """Have Sumtracker's counts follow what orders did to a row between the load and T0, in the transaction under way.

    What was never counted has no number that could follow. `units` is negative for units that were sold.
    """
    reason = "by orders between the plan and turning on"
    place = sync_rows.location_name(connection, session.id, row.location_id)
    cause = Cause(session.now(), "order", reason=reason, channel=session.channel.handle, location=place)
    for part in kept_orders.recipe_of(connection, row.sku):
        if stock.quantities_of(connection, part.sku, row.warehouse_id)[1]:
            change = Quantities(in_stock=units * part.quantity)
            movements.move(connection, cause, part.sku, row.warehouse_id, change)


def _let_go(session: Session, connection: sqlite3.Connection, what: Begin) -> None:
    """What the plan showed and the brake let pass, or a person, is not for the brake again."""
    plan_id = what.plan_id
    assert plan_id is not None
    tallies.let_plan_go(connection, session.id, plan_id)
    if what.joins:
        return
    connection.execute(
        "UPDATE channel_sync SET plan_id = ?, on_since = ? WHERE channel_id = ?",
        (plan_id, session.now().isoformat(), session.id),
    )


def close_bookings(connection: sqlite3.Connection, cause: Cause, booked: Iterable[Held]) -> None:
    """Have what orders booked and did not take yet booked no more, in the transaction under way.

    In stock and booked fall together, so that these units stay promised (PROTOCOL §4). `cause` is of one of them; each says how many
    units it is of.
    """
    for (sku, warehouse), done in sorted(stock_of(booked).items()):
        if done.booked:
            said = replace(cause, reason=f"{count_of(done.booked, 'unit')} {cause.reason}")
            movements.move(connection, said, sku, warehouse, Quantities(-done.booked, -done.booked))


def end(session: Session, then: Callable[[sqlite3.Connection], None] = lambda _: None) -> None:
    """Stop syncing the channel in one transaction, with `then` in it. See `close`."""
    with session.writing() as connection:
        close(connection, session.channel, session.now(), session.who)
        then(connection)


def close(connection: sqlite3.Connection, channel: ChannelRecord, at: datetime, who: str) -> None:
    """Take down what syncing the channel set up, in the transaction under way: rows, readings, fences and kept orders go.

    What orders booked and did not take yet is closed (`close_bookings`). Where a plan is not on yet, nothing of it is in the ledger.
    """
    booked = kept_orders.booked(connection, channel.id)
    cause = Cause(at, "promised", who, "still promised when sync was turned off", channel=channel.handle)
    close_bookings(connection, cause, booked)
    if wizard.is_on(connection, channel.id):
        wizard.ask_counts_again(connection, channel.id)
        decisions.forget_sums(connection, decisions.Deciding(channel.id, channel.handle, at, who))
        followed.forget_sums(connection, channel.id, followed.Telling(at, channel.handle, who))
    for push_id in pushes.unanswered(connection, channel.id):
        push = pushes.push_of(connection, push_id)
        pushes.withdraw(connection, channel.id, push, "expired", pushed_rows.TURNED_OFF)
    kept_orders.keep_closed(connection, channel.id, at)
    kept_orders.forget(connection, channel.id)
    going_live.take_down(connection, channel.id)
    alerts.close_all(connection, channel.id, at)
