"""Applying plans: asked for by a person, done by the worker, watched from here; turning off. How sync stands is in `sync_status`, rehearsals are in `rehearsing`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from supportdesk.core.checks import count_of
from supportdesk.core.plan_view import PlanView
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.desk.sync_status import SyncStatus, phase_words, sync_status
from supportdesk.desk.watch import BriefWatch
from supportdesk.errors import (
    BrakeHolds,
    Conflict,
    CredentialMissing,
    PlanMoved,
    PlanStale,
    Refused,
    StoreError,
    WrongUsage,
)

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.applying import Applying
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger

_LOOK_SECONDS: Final = 0.5
_ALONE: Final = 10
"""Looks after which nobody is at work, and a worker is started anew: before that it may only just be starting."""
_PATIENCE: Final = 5.0
"""Seconds in which the store may answer a person who waits for it; after them the worker asks it again, or the claim stays there."""


def apply_plan(
    desk: Desk,
    channel: str,
    plan_id: int,
    *,
    confirm: str,
    brake_rows: int | None = None,
    moved_rows: int | None = None,
    take_over: bool = False,
) -> SyncStatus:
    """Ask for the plan to be applied, and see that somebody does it; where somebody asked already, only that.

    `confirm` is the shop's handle, typed; `brake_rows` the number of rows typed where the brake holds, `moved_rows` the number typed
    where rows that moved wait for it; with `take_over` the store is claimed from another ledger that has it. Raises `UnknownName`, `WrongUsage` for another handle typed, `Refused` (read-only,
    blocked: with what stands in the way; applied already), `PlanStale` with what changed, `BrakeHolds`, `PlanMoved`, `Claimed`,
    `CredentialMissing`, and of taking over what the store raises; nothing was written then. Else a store that does not answer is
    no reason to refuse: it is tried again, and said in the status.
    """
    from supportdesk.desk import connecting, plans, worker
    from supportdesk.ledger import applying

    accounts.refuse_if_read_only(desk, "apply plans")
    view = plans.plan_view(desk, channel, plan_id)
    if confirm != view.channel:
        raise WrongUsage(
            f"{confirm!r} is not the handle of the shop that the plan is for.", f"Type {view.channel}."
        )
    if view.state != "applying":
        _refuse_unfit(view, brake_rows, take_over)
    with opened_channel(desk, channel) as (ledger, record):
        if record.source != "shopify":
            raise Refused(
                f"{channel} was opened from export files, so there is no store to sync.",
                "Connect the store: supportdesk connect SHOP",
            )
        try:
            credential = connecting.credential_store(desk).read(record.handle)
        except CredentialMissing:
            if view.state != "applying" or sync_status(desk, channel).keeper == "nobody":
                raise
            credential = None  # whoever applies it has the token
        if view.state == "applying":
            _confirm_moved(desk, ledger, plan_id, moved_rows)
        else:
            _refuse_on(ledger.db.conn, record, view.purpose)
            _refuse_stale(ledger, plan_id)
            _refuse_other(ledger.db.conn, record.id)
            _look_at_claim(desk, ledger, record, take_over)
        if credential is not None and not credential.variable:
            worker.make_sure(desk)
        if view.state != "applying":
            with ledger.writing() as connection:
                plan = applying.plan_of(connection, plan_id)
                if plan is None or plan.state != "made":
                    raise Conflict("Somebody else applied or replaced the plan this moment.", "Look again.")
                _refuse_on(connection, record, plan.purpose)
                _refuse_other(connection, record.id)
                applying.ask(connection, plan, who=accounts.who(), at=desk.now(), brake_rows=brake_rows)
    if credential is not None and credential.variable:
        worker.keep_here(desk, channel)
    if view.state != "applying" and view.purpose == "turn-on":
        desk.turning_on(desk, channel)
    return sync_status(desk, channel)


def _confirm_moved(desk: Desk, ledger: Ledger, plan_id: int, rows: int | None) -> None:
    """Keep that what moved is meant, where rows wait for that. Raises `PlanMoved` where their number was not typed."""
    from supportdesk.ledger import applying, plan_moved

    with ledger.writing() as connection:
        plan = applying.plan_of(connection, plan_id)
        if plan is None or plan.state != "applying" or plan.step != "moved":
            return
        waiting = plan_moved.count(connection, plan_id)
        if rows != waiting:
            _, _, said = applying.steps_of(connection, plan_id)[-1]
            raise PlanMoved(said, f"If it is meant so, say how many rows these are: --moved-rows={waiting}")
        detail = f"{count_of(waiting, 'row')} as they are now."
        applying.record(connection, plan, "confirmed", at=desk.now(), detail=detail, who=accounts.who())


def _refuse_unfit(view: PlanView, brake_rows: int | None, take_over: bool) -> None:
    """Raise where the plan as it was shown may not be applied."""
    if view.state != "made":
        if view.state == "replaced":
            raise Refused(f"Plan {view.id} was replaced. {view.said}".rstrip(), "Look at the newest plan.")
        ended = f" {view.said}" if view.said else ""
        raise Refused(
            f"Plan {view.id} was applied once: it is {view.state.replace('_', ' ')}.{ended}",
            "Make a new plan.",
        )
    # The claim may be another by now: it is looked at in the store itself.
    if blocked := [each.text for each in view.blocked if each.code != "claimed"]:
        raise Refused(" ".join(blocked), "Mend that, then make a new plan.")
    rows = view.totals.store_changes
    if view.brake and brake_rows != rows:
        raise BrakeHolds(
            " ".join(reason.text for reason in view.brake),
            f"If it is meant, say how many rows it changes: --brake-rows={rows}",
        )


def _refuse_on(connection: sqlite3.Connection, record: ChannelRecord, purpose: str) -> None:
    """Raise where it is to be turned on and is on by now, or a location of it is to change and it is off; `record` is from before."""
    row = connection.execute("SELECT sync FROM channel WHERE id = ?", (record.id,)).fetchone()
    if purpose == "turn-on" and row is not None and row[0] == "on":
        raise Refused(
            f"Sync of {record.handle} is on already.", "It has to be turned off before it is turned on anew."
        )
    if purpose in ("link", "direction") and (row is None or row[0] != "on"):
        raise Refused(
            f"Sync of {record.handle} is off, so its connections change without a plan.",
            f"Change the connection itself: supportdesk link {record.handle}",
        )


def _refuse_stale(ledger: Ledger, plan_id: int) -> None:
    from supportdesk.sync.plan import stale

    if changed := stale(ledger.db.conn, plan_id):
        raise PlanStale(" ".join(change.text for change in changed), "Make a new plan and look at it.")


def _look_at_claim(desk: Desk, ledger: Ledger, record: ChannelRecord, take_over: bool) -> None:
    """Raise `Claimed` where another ledger has the store, or take it over. A store that does not answer is asked by the worker."""
    from supportdesk.desk import connecting
    from supportdesk.ledger import events
    from supportdesk.sync.claim import Claimant, make_claim, refuse_others_claim

    try:
        with connecting.open_store(desk, record) as store:
            watch = BriefWatch(_PATIENCE, waits=take_over)
            claimant = Claimant(ledger, record, store, accounts.who(), desk.now, watch)
            if not take_over:
                refuse_others_claim(claimant)
                return
            make_claim(claimant, taking_over=True)
    except StoreError:
        if take_over:
            raise
        return
    with ledger.writing() as connection:
        events.record(connection, at=desk.now(), kind="take_over", channel=record.handle, who=accounts.who())


def _refuse_other(connection: sqlite3.Connection, channel_id: int) -> None:
    from supportdesk.ledger import applying

    if other := applying.under_way(connection, channel_id):
        raise Refused(f"Plan {other.plan_id} is being applied.", "Wait until it is on, or refused.")


@dataclass(frozen=True, slots=True)
class TurnedOff:
    """What came of turning off."""

    channel: str
    claim_stays: str
    """Why the claim is still in the store, '' where it is not; may quote foreign text."""

    @property
    def text(self) -> str:
        """In words."""
        said = (
            f"Sync of {self.channel} is off. What its orders have promised stays off Sumtracker's numbers, and nothing more is written. "
            "Turning it on again takes a new plan."
        )
        if self.claim_stays:
            said += f" The claim is still in the store, so no other ledger can sync it without taking over. {self.claim_stays}"
        return said


def turn_off(desk: Desk, channel: str, *, confirm: str) -> TurnedOff:
    """Stop syncing the channel, or applying a plan to it, whoever does it; the store need not answer.

    `confirm` is the shop's handle, typed. Raises `UnknownName`, `WrongUsage` for another, `Refused` (read-only; off already),
    `LedgerError` and its kinds; all is as before then.
    """
    from supportdesk.desk import worker
    from supportdesk.sync.lease import take_lease
    from supportdesk.sync.turning_off import TurningOff
    from supportdesk.sync.turning_off import turn_off as stop
    from supportdesk.sync.worker import has_work

    accounts.refuse_if_read_only(desk, "turn sync off")
    with opened_channel(desk, channel) as (ledger, record):
        if confirm != record.handle:
            raise WrongUsage(f"{confirm!r} is not the handle of the shop.", f"Type {record.handle}.")
        if not has_work(ledger.db.conn, record.id):
            raise Refused(f"Sync of {record.handle} is off already.", "There is nothing to turn off.")
        held = take_lease(ledger, record.id, person=accounts.who(), now=desk.now, by_force=True)
        assert held is not None
        try:
            stays = stop(
                TurningOff(
                    *(ledger, record, worker.opener(desk), held, accounts.who(), desk.now),
                    watch=BriefWatch(2 * _PATIENCE, waits=True),
                )
            )
        finally:
            held.give_back(ledger)
        accounts.renew_index(desk, ledger)
    return TurnedOff(record.handle, stays)


def _start_worker(desk: Desk, channel: str) -> None:
    """Start the home's worker again where it died; nothing where only this process has the token."""
    from supportdesk.desk import connecting, worker

    with contextlib.suppress(Refused, CredentialMissing):
        if not desk.settings.read_only and not connecting.credential_store(desk).read(channel).variable:
            worker.make_sure(desk)


def watch_until_on(desk: Desk, channel: str, watch: Watch) -> SyncStatus:
    """Follow a plan that is being applied, reporting its phases, until it is on and no row is settling, rolled back, or refused, or until a person has to confirm what moved.

    Stopping the watch stops looking, not applying.
    """
    alone = 0
    while True:
        watch.check()
        status = sync_status(desk, channel)
        if status.phase in ("taken_back", "refused", "stopped", "moved", None) or (
            status.phase == "on" and status.is_settled
        ):
            return status
        alone = alone + 1 if status.keeper == "nobody" else 0
        if alone == _ALONE:
            _start_worker(desk, channel)
        rows = {name: count for name, count in status.rows.items() if name != "out"}
        settled = sum(count for name, count in rows.items() if name != "settling")
        nobody = "Nobody works on it at the moment." if alone > _ALONE else ""
        note = status.alerts[0] if status.alerts else nobody
        watch.report(
            phase_words(status.phase, status.purpose),
            settled,
            sum(rows.values()) or None,
            unit="rows",
            note=note,
        )
        watch.wait(_LOOK_SECONDS)


def stop_plan(desk: Desk, channel: str, plan_id: int, *, confirm: str) -> SyncStatus:
    """Leave a plan that waits for rows that moved to be confirmed: nothing of it was written, and a channel that is on goes on.

    `confirm` is the shop's handle, typed. Raises `UnknownName`, `WrongUsage` for another, `Refused` where it does not wait (read-only).
    """
    from supportdesk.desk import plans
    from supportdesk.ledger import applying

    accounts.refuse_if_read_only(desk, "stop plans")
    view = plans.plan_view(desk, channel, plan_id)
    if confirm != view.channel:
        raise WrongUsage(f"{confirm!r} is not the handle of the shop.", f"Type {view.channel}.")
    with opened_channel(desk, channel) as (ledger, _):
        _refuse_not_waiting(applying.plan_of(ledger.db.conn, plan_id), plan_id)
    if view.purpose == "turn-on":
        turn_off(desk, channel, confirm=confirm)
        return sync_status(desk, channel)
    with opened_channel(desk, channel) as (ledger, _), ledger.writing() as connection:
        plan = _refuse_not_waiting(applying.plan_of(connection, plan_id), plan_id)
        said = f"Stopped by {accounts.who()}: nothing was written."
        applying.end(connection, plan, "stopped", at=desk.now(), said=said)
        applying.record(connection, plan, "stopped", at=desk.now(), detail=said, who=accounts.who())
    return sync_status(desk, channel)


def _refuse_not_waiting(plan: Applying | None, plan_id: int) -> Applying:
    """The plan, where it waits for rows that moved to be confirmed. Raises `Refused`."""
    if plan is None or plan.state != "applying" or plan.step != "moved":
        raise Refused(
            f"Plan {plan_id} does not wait for anybody.",
            f"See how it stands: supportdesk plan --show={plan_id}",
        )
    return plan
