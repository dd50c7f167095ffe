"""Applying plans from the command line, rehearsing them, and turning sync off."""

from __future__ import annotations

import argparse
from typing import Final

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.cli.sandbox import orders_rate
from supportdesk.core.rehearsal import Verdict
from supportdesk.core.skus import shown_sku
from supportdesk.desk import Desk
from supportdesk.desk.sync_status import SyncStatus, phase_words
from supportdesk.errors import Cancelled, PlanMoved, Refused

_KEEPERS: Final = {
    "worker": "Kept by {kept_by}.",
    "here": "Sync stops when this command ends, for no other process has the token; `supportdesk worker` where it has keeps it on.",
    "nobody": "Nobody syncs it at the moment; `supportdesk worker` does.",
}
"""Who runs the cycles of a channel that is on."""


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    if command == "turn-off":
        parser.add_argument("channel", metavar="CHANNEL")
        parser.add_argument("--confirm", required=True, metavar="SHOP", help="the shop's handle, typed")
        return
    parser.add_argument("plan", metavar="PLAN", help="its number, or CHANNEL/NUMBER")
    if command == "rehearse":
        parser.add_argument(
            "--orders-per-minute",
            type=orders_rate,
            default=30.0,
            metavar="N",
            help="what shoppers buy meanwhile (default 30)",
        )
        return
    parser.add_argument("--confirm", required=True, metavar="SHOP", help="the shop's handle, typed")
    parser.add_argument(
        "--take-over",
        action="store_true",
        help="claim the store from another ledger that syncs it; that one only reads it from then on",
    )
    parser.add_argument(
        "--brake-rows",
        type=int,
        default=None,
        metavar="N",
        help="where the brake holds: the number of rows that change",
    )
    parser.add_argument(
        "--moved-rows",
        type=int,
        default=None,
        metavar="N",
        help="where numbers moved since the plan was made: the number of rows that wait to be confirmed",
    )
    parser.add_argument(
        "--stop", action="store_true", help="leave a plan that waits for rows that moved: nothing is written"
    )
    parser.add_argument("--no-wait", action="store_true", help="leave once it is asked for")


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    from supportdesk.desk import plans

    desk = desk_of(options)
    if command == "turn-off":
        return _turn_off(desk, options)
    channel, plan_id = plans.resolve_plan(desk, options.plan)
    return (
        _rehearse(desk, channel, plan_id, options)
        if command == "rehearse"
        else _apply(desk, channel, plan_id, options)
    )


def _apply(desk: Desk, channel: str, plan_id: int, options: argparse.Namespace) -> int:
    from supportdesk.desk import applying, braking, plans

    if options.stop:
        return _say(applying.stop_plan(desk, channel, plan_id, confirm=options.confirm), options)
    before = plans.plan_view(desk, channel, plan_id)
    status = applying.apply_plan(
        *(desk, channel, plan_id),
        confirm=options.confirm,
        brake_rows=options.brake_rows,
        moved_rows=options.moved_rows,
        take_over=options.take_over,
    )
    if before.state == "applying":
        output.say(f"Plan {plan_id} is being applied already; this follows it.")
    if not options.no_wait:
        stopped = Cancelled(
            f"You stopped looking; plan {plan_id} goes on being applied by whoever syncs {channel}.",
            f"Look again: supportdesk apply {options.plan} --confirm={options.confirm}",
        )
        with watched(options, stopped) as watch:
            status = applying.watch_until_on(desk, channel, watch)
    code = _say(status, options)
    braking.refuse_standing(status)
    return code


def _turn_off(desk: Desk, options: argparse.Namespace) -> int:
    from supportdesk.desk import applying

    off = applying.turn_off(desk, options.channel, confirm=options.confirm)
    if wants_json(options):
        from supportdesk.cli.contract import TurnedOffLine

        output.emit_json(TurnedOffLine(channel=off.channel, claim_stays=off.claim_stays, text=off.text))
    else:
        output.emit_line(off.text)
    return 0


def _rehearse(desk: Desk, channel: str, plan_id: int, options: argparse.Namespace) -> int:
    """Turn the channel on in a pretend store, say what came of it, and leave nothing behind."""
    from supportdesk.desk import applying, plans, rehearsal_verdict, rehearsing

    with watched(options) as watch:
        rehearsal = rehearsing.start_rehearsal(
            desk, channel, plan_id, orders_per_minute=options.orders_per_minute, watch=watch
        )
        try:
            there = plans.plan_view(rehearsal.desk, channel, rehearsal.plan_id)
            applying.apply_plan(
                rehearsal.desk,
                channel,
                rehearsal.plan_id,
                confirm=channel,
                brake_rows=there.totals.store_changes if there.brake else None,
            )
            status = applying.watch_until_on(rehearsal.desk, channel, watch)
            found = rehearsal_verdict.verdict(rehearsal)
        finally:
            rehearsing.end_rehearsal(rehearsal)
    rehearsal_verdict.keep(desk, channel, plan_id, found)
    if not wants_json(options):
        output.emit_line(found.text)
        output.emit_line("REHEARSAL: a pretend store; nothing here was written to the real one.")
    return _say(status, options, found)


def _say(status: SyncStatus, options: argparse.Namespace, rehearsed: Verdict | None = None) -> int:
    if wants_json(options):
        from supportdesk.cli.contract import RehearsalLine, SyncLine

        line = RehearsalLine.of_rehearsal(status, rehearsed) if rehearsed else SyncLine.of(status)
        output.emit_json(line)
    else:
        _tell(status)
    if status.phase == "moved":
        raise PlanMoved(
            status.steps[-1].detail,
            f"If it is meant so: supportdesk apply {status.plan_id} --confirm={status.channel} --moved-rows={status.moved}; "
            f"to leave it: supportdesk apply {status.plan_id} --confirm={status.channel} --stop",
        )
    if status.phase == "refused":
        raise Refused(
            status.steps[-1].detail or "The plan was refused.",
            f"supportdesk load {status.channel}, then supportdesk plan {status.channel} --for={status.purpose}",
        )
    return 0


def _tell(status: SyncStatus) -> None:
    for step in status.steps:
        output.emit_line(
            f"{phase_words(step.phase, status.purpose)}.{f' {step.detail}' if step.detail else ''}"
        )
    for line in status.moved_rows:
        output.emit_line(
            f"{line.sign} {shown_sku(line.sku)} at {line.location}: {line.planned:,} when planned, {line.now:,} now → {line.after:,}"
        )
    if status.moved > len(status.moved_rows):
        output.emit_line(f"and {status.moved - len(status.moved_rows):,} more rows.")
    rows = ", ".join(f"{count:,} {name}" for name, count in status.rows.items())
    if status.rows:
        output.emit_line(f"Rows: {rows}; {status.written_of} written.")
    for reason, count in status.held:
        output.emit_line(f"Held, {count:,}: {reason}.")
    for text in (*status.brake, *status.alerts):
        output.emit_line(f"! {text}")
    if status.is_on:
        output.emit_line(_KEEPERS[status.keeper].format(kept_by=status.kept_by))
