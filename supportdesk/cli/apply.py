"""Applying plans from the command line, and how sync stands."""

from __future__ import annotations

import argparse

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.desk.applying import PHASES, SyncStatus
from supportdesk.errors import Refused


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("plan", metavar="PLAN", help="its number, or CHANNEL/NUMBER")
    parser.add_argument("--confirm", required=True, metavar="SHOP", help="the shop's handle, typed")
    parser.add_argument(
        "--brake-rows",
        type=int,
        default=None,
        metavar="N",
        help="where the brake holds: the number of rows that change",
    )
    parser.add_argument("--no-wait", action="store_true", help="leave once it is asked for")


def run(command: str, options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from supportdesk.desk import applying, plans

    desk = desk_of(options)
    channel, plan_id = plans.resolve_plan(desk, options.plan)
    status = applying.apply_plan(
        desk, channel, plan_id, confirm=options.confirm, brake_rows=options.brake_rows
    )
    if not options.no_wait:
        with watched(options) as watch:
            status = applying.watch_until_on(desk, channel, watch)
    if wants_json(options):
        from supportdesk.cli.contract import SyncLine

        output.emit_json(SyncLine.of(status))
    else:
        _tell(status)
    if status.phase == "refused":
        raise Refused(status.steps[-1].detail or "The plan was refused.", "Make a new plan and look at it.")
    return 0


def _tell(status: SyncStatus) -> None:
    for step in status.steps:
        output.emit_line(f"{PHASES[step.phase]}.{f' {step.detail}' if step.detail else ''}")
    rows = ", ".join(f"{count:,} {name}" for name, count in status.rows.items())
    if status.rows:
        output.emit_line(f"Rows: {rows}; {status.written:,} written.")
    for reason, count in status.held:
        output.emit_line(f"Held, {count:,}: {reason}.")
    for text in (*status.brake, *status.alerts):
        output.emit_line(f"! {text}")
    output.emit_line(
        {
            "worker": f"Kept by {status.kept_by}.",
            "here": "Sync stops when this command ends, for no other process has the token; `supportdesk worker` where it has keeps it on.",
            "nobody": "Nobody syncs it at the moment; `supportdesk worker` does.",
        }[status.keeper]
    )
