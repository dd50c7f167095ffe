"""Applying a plan, a recorded step at a time, so that a crash at any point goes on where it was (PROTOCOL §4).

Claim the store; fix T0 and look at the orders; read every row once, dated back to T0, without writing anything; compare with what the plan
showed; then say *on*, from where the cycles copy and push. Building plans is in `plan`, the cycles are in `engine`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from supportdesk.core.connections import named
from supportdesk.core.looks import RowKey
from supportdesk.core.plan import PlanRow, is_still_as_shown, risk_of
from supportdesk.core.readiness import count_of
from supportdesk.core.rows import Bounds
from supportdesk.errors import Claimed
from supportdesk.ledger import applying, channel_sync, comparing, going_live
from supportdesk.ledger.applying import Applying
from supportdesk.ledger.comparing import MovedRow, OtherNow
from supportdesk.sync import plan as plans
from supportdesk.sync.beginning import keep_answers
from supportdesk.sync.claim import Claimant, drop_claim, make_claim
from supportdesk.sync.engine import Begin, CycleResult, Engine
from supportdesk.sync.lease import HeldLease

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
    if step in (None, "asked"):
        _claim(hand)
    elif step == "claimed":
        _fence(hand)
    elif step == "fenced":
        return _read(hand)
    else:
        _turn_on(hand)
    return None


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
    if result.rows.get("settling", 0) and (
        claimant.store.clock(claimant.watch) - plan.t0 < PATIENCE or comparing.unread(connection, plan)
    ):
        return result
    said = [change.text for change in plans.stale(connection, plan.plan_id)]
    said += _others_now(comparing.others_now(connection, plan))
    moved = list(comparing.moved_rows(connection, plan))
    explained, unexplained = _judge_moves(moved, _orders_since_load(hand) if moved else {})
    said += _unexplained(unexplained)
    if said:
        _refuse(hand, " ".join((*said, "Load the store again and make a new plan.")))
        return None
    detail = f"{count_of(explained, 'row')} moved by orders since the plan was made." if explained else ""
    with claimant.ledger.writing() as writing:
        hand.held.check(writing)
        applying.record(writing, plan, "checked", at=claimant.now(), detail=detail)
    return None


class TakenByOrders(NamedTuple):
    """What orders placed since the load took from a row, in units."""

    surely: int
    perhaps: int
    """Of orders so near the load that its number may have them already."""


def _orders_since_load(hand: PlanInHand) -> Mapping[RowKey, TakenByOrders]:
    """What orders placed between the load and T0 took from each row."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.t0 is not None
    margins = hand.engine.session.margins
    began, ended = comparing.load_time(claimant.ledger.db.conn, plan.channel_id)
    since = int(began.timestamp()) - margins.commit_lag - margins.clock_skew
    until = int(ended.timestamp()) + 1 + margins.clock_skew
    taken: dict[RowKey, TakenByOrders] = {}
    for look in claimant.store.orders_changed(since, claimant.watch):
        for found in look.orders:
            created = found.order.created
            if not since <= created < plan.t0:
                continue
            for line in found.order.lines:
                for part in line.parts if line.item_id is not None else ():
                    key = (line.item_id or 0, part.location_id)
                    surely, perhaps = taken.get(key, (0, 0))
                    units = part.unfulfilled + part.fulfilled
                    near = units if created <= until else 0
                    taken[key] = TakenByOrders(surely + units - near, perhaps + near)
    return taken


def _judge_moves(
    moved: Sequence[MovedRow], taken: Mapping[RowKey, TakenByOrders]
) -> tuple[int, list[tuple[MovedRow, PlanRow]]]:
    """How many rows orders explain, and the others with what they come to now.

    A number that was to be copied moves what is shown by as much, on every row of its SKU.
    """
    explained, others = 0, []
    for row in moved:
        shown = row.shown
        surely, perhaps = taken.get((shown.item_id, shown.location_id), (0, 0))
        explaining = row.at_t0.intersect(Bounds(shown.before - surely - perhaps, shown.before - surely))
        number = explaining.high if explaining else row.at_t0.high
        moves = shown.kind in ("copied", "shared", "derived")
        after = shown.after + number - shown.before if moves else shown.after
        now = shown._replace(before=number, after=after, risk=risk_of(number, after))
        if explaining and is_still_as_shown(shown, now, number - shown.before):
            explained += 1
        else:
            others.append((row, now))
    return explained, others


def _others_now(rows: Sequence[OtherNow]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row.reason, []).append(f"{row.sku} at {row.location}")
    return [f"{named(places)}: {reason}." for reason, places in by_reason.items()]


def _unexplained(rows: Sequence[tuple[MovedRow, PlanRow]]) -> list[str]:
    """What moved otherwise than by orders, or would now end in a worse class than was shown."""
    if not rows:
        return []
    places = [
        f"{row.shown.sku} at {row.location} ({row.shown.before:,} when planned, {now.before:,} now)"
        for row, now in rows
    ]
    return [f"Numbers in the store moved otherwise than by orders: {named(places)}."]


def _turn_on(hand: PlanInHand) -> None:
    """Say *on*, and with it what was answered for SKUs that were never counted and for units promised before."""
    claimant, plan = hand.claimant, hand.plan
    assert plan.t0 is not None
    if not _has_claim(hand):
        return
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        keep_answers(hand.engine.session, connection, _begin_of(hand, plan.t0))
        going_live.read_masters_by(connection, plan.channel_id, plan.t0)
        channel_sync.turned_on(connection, plan.channel_id, plan.plan_id, claimant.now())
        applying.end(connection, plan, "applied", at=claimant.now())
        applying.record(connection, plan, "on", at=claimant.now())


def _refuse(hand: PlanInHand, said: str) -> None:
    """Leave the ledger and the store as if nobody had asked.

    The claim goes first: where it cannot be dropped now, the same step finds the same later, and nobody takes the plan for ended.
    """
    claimant, plan = hand.claimant, hand.plan
    drop_claim(claimant)

    def say(connection: sqlite3.Connection) -> None:
        applying.end(connection, plan, "refused", at=claimant.now(), said=said)
        applying.record(connection, plan, "refused", at=claimant.now(), detail=said)

    hand.engine.end(say)
