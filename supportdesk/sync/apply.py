"""Applying a plan, a recorded step at a time, so that a crash at any point goes on where it was (PROTOCOL §4).

Claim the store; fix T0 and look at the orders; read every row once, dated back to T0, without writing anything; compare with what the plan
showed, and where that moved, wait for a person; then say *on*, from where the cycles copy and push. What moved is judged in `moves`,
building plans is in `plan`, the cycles are in `engine`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from supportdesk.core.checks import count_of
from supportdesk.core.connections import NAMED, named
from supportdesk.errors import Claimed
from supportdesk.ledger import applying, channel_sync, comparing, going_live, sync_rows
from supportdesk.ledger.applying import Applying
from supportdesk.sync import moves
from supportdesk.sync import plan as plans
from supportdesk.sync.beginning import close, count_since_t0, keep_answers, take_in_orders
from supportdesk.sync.claim import Claimant, drop_claim, make_claim
from supportdesk.sync.engine import Begin, CycleResult, Engine
from supportdesk.sync.lease import HeldLease

PATIENCE: Final = 180
"""Seconds in which every row is waited for (`is_patient`); one that still settles then is compared by its bounds, if it has any."""


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
    elif step in ("claimed", "confirmed"):
        return _fence(hand)
    elif step == "moved":
        return CycleResult(next_due=None)  # a person's turn
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


def _fence(hand: PlanInHand) -> CycleResult | None:
    """T0 is kept before anything follows from it, so that a second try has the same one."""
    claimant, plan = hand.claimant, hand.plan
    t0 = plan.t0
    if t0 is None:
        if has_waited(hand) and (changed := plans.stale(claimant.ledger.db.conn, plan.plan_id)):
            _refuse(hand, " ".join(change.text for change in changed))
            return None
        t0 = claimant.store.clock(claimant.watch)
        if not takes_turn(hand, t0):
            return CycleResult(next_due=None)
    hand.engine.begin(begin_of(hand, t0))
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        applying.record(connection, plan, "fenced", at=claimant.now())
    return None


def has_waited(hand: PlanInHand) -> bool:
    """Whether the plan waited for its turn (`takes_turn`): what was copied meanwhile may have made it stale."""
    _, _, said = applying.steps_of(hand.claimant.ledger.db.conn, hand.plan.plan_id)[-1]
    return hand.plan.step == "claimed" and bool(said)


def takes_turn(hand: PlanInHand, t0: int) -> bool:
    """Keep T0, unless another channel is copying numbers that this plan is to copy too: then it waits, and says so.

    Both would set the same number from what it was before either, and the second would be added to the first.
    """
    claimant, plan = hand.claimant, hand.plan
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        other = applying.copying_elsewhere(connection, plan)
        if other is None:
            applying.set_t0(connection, plan, t0)
            return True
        channel, skus = other
        detail = f"Waits until {channel} has copied its numbers: {count_of(skus, 'SKU')} would be copied from both."
        if applying.steps_of(connection, plan.plan_id)[-1][2] != detail:
            applying.record(connection, plan, "claimed", at=claimant.now(), detail=detail)
        return False


def begin_of(hand: PlanInHand, t0: int) -> Begin:
    """What going live by the plan starts from, at `t0`."""
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
    others = others_now(hand)
    if (
        not others
        and result.rows.get("settling", 0)
        and (is_patient(hand, plan.t0) or comparing.unread(connection, plan))
    ):
        return result
    compare(
        hand, others, refuse=lambda why: _refuse(hand, why), take_back=lambda taking: _close(hand, taking)
    )
    return None


def compare(
    hand: PlanInHand,
    others: Sequence[str],
    refuse: Callable[[str], None],
    take_back: Callable[[sqlite3.Connection], None],
) -> None:
    """Compare what was read with what the plan showed: it is *checked*, waits for a person (`wait`), or is refused as stale.

    `others` are the sentences of `others_now`.
    """
    claimant, plan = hand.claimant, hand.plan
    said = [*(change.text for change in plans.stale(claimant.ledger.db.conn, plan.plan_id)), *others]
    if said:
        refuse(" ".join((*said, "Load the store again and make a new plan.")))
        return
    since = moves.orders_since(claimant, plan, hand.engine.session.margins, whatever=False)
    with claimant.ledger.writing() as writing:
        hand.held.check(writing)
        judged = moves.judge(writing, plan, since)
        if judged.others:
            wait(hand, writing, judged, take_back)
        else:
            applying.record(writing, plan, "checked", at=claimant.now(), detail=judged.text)


def is_patient(hand: PlanInHand, t0: int) -> bool:
    """Whether rows that still settle are waited for: counted from T0, but not while nobody looked, as between a crash and who goes on."""
    claimant = hand.claimant
    since_t0 = claimant.store.clock(claimant.watch) - t0
    in_hand = (claimant.now() - hand.held.taken_at).total_seconds()
    return min(since_t0, in_hand) < PATIENCE


def _close(hand: PlanInHand, connection: sqlite3.Connection) -> None:
    claimant = hand.claimant
    close(connection, claimant.channel, claimant.now(), hand.plan.applied_by)


def wait(
    hand: PlanInHand,
    connection: sqlite3.Connection,
    judged: moves.Judged,
    take_back: Callable[[sqlite3.Connection], None],
) -> None:
    """Have a person say of the rows that moved that they are meant, with nothing begun meanwhile; in the transaction under way.

    `take_back` undoes what was begun. Once one has, everything is read and compared anew from another T0, so that what moves until
    then is asked about too.
    """
    claimant, plan = hand.claimant, hand.plan
    rows = moves.keep(connection, plan)
    take_back(connection)
    applying.wait_for_person(connection, plan)
    more = rows - judged.others
    with_others = f" {count_of(more, 'more row')} would show another number by it." if more > 0 else ""
    what = "Numbers in the store moved otherwise than by orders, or orders made more of them than was shown"
    detail = f"{what}: {named(judged.named, judged.others)}.{with_others}"
    applying.record(connection, plan, "moved", at=claimant.now(), detail=detail)


def others_now(hand: PlanInHand) -> list[str]:
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
    orders = orders_meanwhile(hand)
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        count(hand, connection, orders)
        going_live.read_masters_by(connection, plan.channel_id, plan.t0)
        channel_sync.turned_on(connection, plan.channel_id, plan.plan_id, claimant.now())
        applying.end(connection, plan, "applied", at=claimant.now())
        applying.record(connection, plan, "on", at=claimant.now())
        applying.replace_others(connection, plan)


def orders_meanwhile(hand: PlanInHand) -> moves.OrdersSince | None:
    """What orders did since the plan, asked of the store once more; None where numbers are copied, which have it already."""
    session = hand.engine.session
    session.renew()
    if hand.plan.copies:
        return None
    return moves.orders_since(hand.claimant, hand.plan, session.margins, whatever=True)


def count(hand: PlanInHand, connection: sqlite3.Connection, since: moves.OrdersSince | None) -> None:
    """Have the ledger know of what comes to be on what it did not before, in the transaction under way that says *on*.

    That is what happened since T0, and without copying what orders did from the plan until then, and what was answered.
    """
    plan, session = hand.plan, hand.engine.session
    assert plan.t0 is not None
    count_since_t0(session, connection, plan.plan_id)
    if since is not None:
        _take_in(hand, connection, since)
    keep_answers(session, connection, begin_of(hand, plan.t0))


def _take_in(hand: PlanInHand, connection: sqlite3.Connection, since: moves.OrdersSince) -> None:
    """Have Sumtracker's numbers follow what orders did between the plan and T0, in the transaction under way.

    Else what was sold meanwhile would be pushed back on sale. A number that is copied has it already.
    """
    session = hand.engine.session
    for key in since.plan:
        planned = comparing.planned_row(connection, hand.plan, key)
        row = sync_rows.row_of(connection, session.id, key)
        if planned is None or row is None or planned.shown.kind not in (*moves.FOLLOWING, "held"):
            continue  # a bundle that is held for one component takes the others
        if units := moves.taken(planned, since.since_plan(planned)):
            take_in_orders(session, connection, row, units)


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
