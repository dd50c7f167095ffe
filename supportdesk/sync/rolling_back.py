"""Applying a plan that takes our pushes back, a recorded step at a time (PROTOCOL §4). Building one is in `rollback`.

Sync is turned off with what is to be written stored, in one transaction: else the next cycle would push again what is taken back.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator

from supportdesk.core.checks import count_of
from supportdesk.core.connections import named
from supportdesk.core.looks import MOST_ROWS
from supportdesk.core.plan import taken_back
from supportdesk.errors import Claimed
from supportdesk.ledger import (
    applying,
    channel_sync,
    channels,
    events,
    one_location,
    plans,
    pushed_rows,
    pushes,
)
from supportdesk.ledger.pushes import PushRow
from supportdesk.sync.apply import PlanInHand
from supportdesk.sync.beginning import close
from supportdesk.sync.claim import drop_claim, make_claim
from supportdesk.sync.engine import CycleResult
from supportdesk.sync.outbox import Outbox

_SOON = 5
"""Seconds after which what the store has not answered is sent again."""


def advance(hand: PlanInHand) -> CycleResult | None:
    """Do the plan's next step and record it. Returns a result while the store has not answered, None where more may be done at once.

    A plan that is stale, or a store that another ledger has, ends it as refused, with nothing written. Raises as `apply.advance`.
    """
    if hand.plan.step in (None, "asked"):
        return _stop_and_store(hand)
    return _send(hand)


def _stop_and_store(hand: PlanInHand) -> CycleResult | None:
    claimant, plan, session = hand.claimant, hand.plan, hand.engine.session
    try:
        make_claim(claimant)
    except Claimed as claimed:
        _refuse(hand, claimed.detail)
        return None
    session.renew()
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        pushed_rows.ask_again(connection, plan.channel_id)
    outbox = Outbox(session)
    outbox.settle()
    if left := len(pushes.unanswered(claimant.ledger.db.conn, plan.channel_id)):
        return CycleResult(next_due=session.second + _SOON, unsettled=left)
    if _is_stale(claimant.ledger.db.conn, plan.plan_id, plan.channel_id):
        _refuse(
            hand,
            "More was pushed since the plan was made, otherwise than after orders. Make a new plan.",
        )
        return None
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        if _is_on(connection, plan.channel_id):
            one_location.renew_levels(connection, plan.channel_id)
            close(connection, claimant.channel, claimant.now(), plan.applied_by)
        channel_sync.turned_off(connection, plan.channel_id)
        events.record(
            connection,
            at=claimant.now(),
            kind="turn_off",
            channel=plan.handle,
            who=plan.applied_by,
            detail="to roll back",
        )
        rows = list(_rows(connection, plan.plan_id, plan.channel_id))
        for start in range(0, len(rows), MOST_ROWS):
            outbox.store(connection, "difference", rows[start : start + MOST_ROWS])
        detail = f"{count_of(len(rows), 'row')} to be written."
        applying.record(connection, plan, "stored", at=claimant.now(), detail=detail)
    return None


def _is_stale(connection: sqlite3.Connection, plan_id: int, channel_id: int) -> bool:
    row = plans.plan_row(connection, plan_id)
    assert row is not None
    return bool(json.loads(row["basis"]) != pushed_rows.basis(connection, channel_id))


def _rows(connection: sqlite3.Connection, plan_id: int, channel_id: int) -> Iterator[PushRow]:
    """What is written: minus what was pushed, but for the causes that are kept, of rows that can still be written."""
    row = plans.plan_row(connection, plan_id)
    assert row is not None
    keep = tuple(json.loads(row["kept"]))
    for (item, location), each in itertools.groupby(
        pushed_rows.stream(connection, channel_id), lambda pushed: (pushed.item_id, pushed.location_id)
    ):
        pushed = list(each)
        change = taken_back({one.cause: one.change for one in pushed}, keep)
        if change and pushed[0].store is not None:
            yield PushRow(item, location, change, pushed[0].store, "rollback", f"rolled back, plan {plan_id}")


def _send(hand: PlanInHand) -> CycleResult | None:
    claimant, plan, session = hand.claimant, hand.plan, hand.engine.session
    session.renew()
    outbox = Outbox(session)
    outbox.settle()
    left = len(pushes.unanswered(claimant.ledger.db.conn, plan.channel_id))
    if left:
        return CycleResult(next_due=session.second + _SOON, unsettled=left)
    drop_claim(claimant)
    (asked,) = claimant.ledger.db.conn.execute(
        "SELECT max(at) FROM plan_step WHERE plan_id = ? AND step = 'stored'", (plan.plan_id,)
    ).fetchone()
    failed = pushes.not_done_since(claimant.ledger.db.conn, plan.channel_id, asked)
    row = plans.plan_row(claimant.ledger.db.conn, plan.plan_id)
    assert row is not None
    kept = len(json.loads(row["kept"]))
    sentences = [f"What was pushed for {count_of(kept, 'cause')} stays, as planned."] if kept else []
    sentences += [f"Not written, for the store refused it: {named(failed)}."] if failed else []
    said = " ".join(sentences)
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        pushes.put_on_levels(connection, plan.channel_id, asked)
        applying.end(connection, plan, "rolled_back", at=claimant.now(), said=said)
        applying.record(connection, plan, "taken_back", at=claimant.now(), detail=said)
    return None


def _is_on(connection: sqlite3.Connection, channel_id: int) -> bool:
    record = channels.channel_of(connection, channel_id)
    return record is not None and record.sync == "on"


def _refuse(hand: PlanInHand, said: str) -> None:
    """End the plan with nothing written; a channel that is on stays on."""
    claimant, plan = hand.claimant, hand.plan
    if not _is_on(claimant.ledger.db.conn, plan.channel_id):
        drop_claim(claimant)
    with claimant.ledger.writing() as connection:
        hand.held.check(connection)
        applying.end(connection, plan, "refused", at=claimant.now(), said=said)
        applying.record(connection, plan, "refused", at=claimant.now(), detail=said)
