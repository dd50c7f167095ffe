"""The worker on the command line: run it, ask whether one runs, end it."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.errors import Cancelled, WrongUsage

if TYPE_CHECKING:
    from supportdesk.desk.watch import WorkWatch

_ACTIONS = ("run", "status", "stop")


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=_ACTIONS,
        default="run",
        help="run it here (default), say whether one runs, end it",
    )
    parser.add_argument("--once", action="store_true", help="do what is due now, then leave")
    parser.add_argument("--until-idle", action="store_true", help="leave when no channel is on any more")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--demo", default="", metavar="URL", help=argparse.SUPPRESS)


def run(command: str, options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    from supportdesk.desk import worker

    desk = desk_of(options)
    if options.action == "run":
        return _serve(options)
    if options.once or options.until_idle:
        raise WrongUsage(
            f"--once and --until-idle do not go with `worker {options.action}`.", "Leave them out."
        )
    if options.action == "stop":
        stopped = worker.stop(desk)
        output.say("The worker has ended." if stopped else "No worker runs.")
        return 0
    process = worker.status(desk).process
    if wants_json(options):
        from supportdesk.cli.contract import WorkerLine

        output.emit_json(WorkerLine(process=process))
    else:
        output.emit_line(f"A worker runs, process {process}." if process else "No worker runs.")
    return 0


def _serve(options: argparse.Namespace) -> int:
    """Run until SIGTERM, SIGINT or SIGHUP, ending at a row boundary; 128 + the signal then."""
    from dataclasses import replace

    from supportdesk.desk import Demo, worker
    from supportdesk.desk.watch import WorkWatch

    desk = desk_of(options)
    if options.demo:
        desk = replace(desk, demo=Demo(options.demo, ""))
    watch = WorkWatch(lambda _: None)
    heard: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        heard.append(number)
        watch.cancel()

    with ExitStack() as restore:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            restore.callback(signal.signal, number, signal.signal(number, end))
        if options.until_stdin_closes:
            threading.Thread(target=_end_with_stdin, args=(watch,), name="parent watch", daemon=True).start()
        if not options.quiet and not options.once:
            output.say("Syncing every channel that is on; ctrl+c ends it.")
        try:
            worker.serve(desk, watch, once=options.once, until_idle=options.until_idle)
        except Cancelled:
            return 128 + heard[0] if heard else 0
    return 0


def _end_with_stdin(watch: WorkWatch) -> None:
    sys.stdin.buffer.read()
    watch.cancel()
