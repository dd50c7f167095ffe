"""Going on past the brake of a channel that is on, from the command line."""

from __future__ import annotations

import argparse

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("channel", metavar="CHANNEL")
    parser.add_argument("--rows", type=int, required=True, metavar="N", help="how many rows the brake stops")
    parser.add_argument("--confirm", required=True, metavar="SHOP", help="the shop's handle, typed")


def run(command: str, options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from supportdesk.desk import braking

    status = braking.go_on(desk_of(options), options.channel, options.rows, confirm=options.confirm)
    if wants_json(options):
        from supportdesk.cli.contract import SyncLine

        output.emit_json(SyncLine.of(status))
        return 0
    rows = "1 row goes" if options.rows == 1 else f"{options.rows:,} rows go"
    output.emit_line(f"{rows} past the brake with the next cycle; what changes after that is judged anew.")
    if status.keeper == "nobody":
        output.say("Nobody syncs it at the moment; `supportdesk worker` does.")
    return 0
