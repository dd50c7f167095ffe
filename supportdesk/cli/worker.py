"""The worker on the command line: run it, have systemd run it, ask how it stands, end it."""

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
    from supportdesk.cli.worker_contract import WorkerUnitLine
    from supportdesk.desk import Desk
    from supportdesk.desk.watch import WorkWatch
    from supportdesk.desk.worker_unit import Unit

_ACTIONS = ("run", "status", "stop", "install", "uninstall")


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=_ACTIONS,
        default="run",
        help="run it here (default), say how it stands, end it; install: have systemd run it from now on, "
        "also after you have logged out; uninstall takes that back",
    )
    parser.add_argument("--once", action="store_true", help="do what is due now, then leave")
    parser.add_argument("--until-idle", action="store_true", help="leave when no channel is on any more")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--demo", default="", metavar="URL", help=argparse.SUPPRESS)


def run(command: str, options: argparse.Namespace) -> int:
    """Do it; the exit code."""
    desk = desk_of(options)
    if options.action == "run":
        return _serve(options)
    if options.once or options.until_idle:
        raise WrongUsage(
            f"--once and --until-idle do not go with `worker {options.action}`.", "Leave them out."
        )
    if options.action == "stop":
        return _stop(desk, options)
    if options.action == "install":
        return _install(desk, options)
    if options.action == "uninstall":
        from supportdesk.desk import worker_unit

        gone = worker_unit.uninstall(desk)
        return _say_ended(
            gone,
            "The unit is removed, and its worker has ended." if gone else "No unit is installed.",
            options,
        )
    return _status(desk, options)


def _stop(desk: Desk, options: argparse.Namespace) -> int:
    from supportdesk.desk import accounts, worker, worker_unit

    accounts.refuse_if_read_only(desk, "end the worker")
    stopped = worker.stop(desk)
    text = "The worker has ended." if stopped else "No worker runs."
    if stopped and worker_unit.unit_of(desk):
        text += " It is installed as a unit, and starts again at the next login, or when sync is asked for."
    return _say_ended(stopped, text, options)


def _say_ended(stopped: bool, text: str, options: argparse.Namespace) -> int:
    if wants_json(options):
        from supportdesk.cli.worker_contract import EndedLine

        output.emit_json(EndedLine(stopped=stopped, text=text))
    else:
        output.say(text)
    return 0


def _install(desk: Desk, options: argparse.Namespace) -> int:
    from supportdesk.desk import worker, worker_unit

    unit = worker_unit.install(desk)
    process = worker.status(desk).process
    if wants_json(options):
        output.emit_json(_unit_line(unit, process))
    else:
        output.emit_line(f"{unit.path} is installed.")
        if process:
            output.emit_line(f"The worker runs, process {process}, and is started again should it fail.")
        if unit.lingers:
            output.emit_line("It runs on after you have logged out, and from boot on.")
    if unit.advice:
        output.say(unit.advice)
    return 0 if process else 1


def _unit_line(unit: Unit, process: int | None) -> WorkerUnitLine:
    from supportdesk.cli.worker_contract import WorkerUnitLine

    return WorkerUnitLine(
        path=str(unit.path),
        active=unit.is_active,
        lingers=unit.lingers,
        process=process,
        advice=unit.advice,
    )


def _status(desk: Desk, options: argparse.Namespace) -> int:
    from supportdesk.desk import worker_status

    view = worker_status.view(desk)
    if wants_json(options):
        from supportdesk.cli.worker_contract import ServedLine, WorkerLine

        unit = _unit_line(view.unit, view.process if view.unit.is_active else None) if view.unit else None
        served = [
            ServedLine(
                channel=each.channel,
                account=each.account,
                on=each.is_on,
                kept_by=each.kept_by,
                last_cycle=each.last_cycle,
                next_cycle=each.next_cycle,
                trouble=each.trouble,
            )
            for each in view.channels
        ]
        output.emit_json(WorkerLine(process=view.process, unit=unit, channels=served))
        return 0
    output.emit_line(f"A worker runs, process {view.process}." if view.process else "No worker runs.")
    if view.unit:
        runs = "runs" if view.unit.is_active else "does not run it now"
        lingers = "also after you have logged out" if view.unit.lingers else "until you log out"
        output.emit_line(f"It is installed: systemd {runs}, {lingers} ({view.unit.path}).")
    for each in view.channels:
        output.emit_line(f"{each.channel}: {each.words}")
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
