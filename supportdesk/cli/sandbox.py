"""Commands about pretend stores: demo, sandbox."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.errors import WrongUsage

if TYPE_CHECKING:
    from supportdesk.desk.sandboxes import Listening

MOST_ORDERS = 6_000
"""Orders a minute at most."""


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="the same seed gives the same store (default 1)"
    )
    parser.add_argument(
        "--from",
        dest="files",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="fill it from CSV exports; may be repeated",
    )
    parser.add_argument(
        "--scenario", default=None, metavar="NAME", help="a pretend situation; `demo --list` names them"
    )
    if command == "demo":
        parser.add_argument(
            "--keep",
            type=Path,
            nargs="?",
            const=Path("supportdesk-demo"),
            default=None,
            metavar="DIR",
            help="keep the demo's home (default ./supportdesk-demo)",
        )
        parser.add_argument("--list", action="store_true", help="list the scenarios and leave")
    else:
        parser.add_argument(
            "--port", type=_port, default=0, metavar="N", help="on loopback; 0 takes a free one (default)"
        )
        parser.add_argument("--shop", default=None, metavar="NAME", help="the shop's handle")
        parser.add_argument(
            "--like",
            default=None,
            metavar="CHANNEL",
            help="fill it with what was loaded of a channel of yours",
        )
        parser.add_argument(
            "--orders-per-minute",
            type=orders_rate,
            default=0.0,
            metavar="N",
            help="how many orders shoppers place a minute, on average (default 0)",
        )
        parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
        parser.add_argument("--day", default="", help=argparse.SUPPRESS)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 65535")
    return int(text)


def orders_rate(text: str) -> float:
    """What `text` says of orders a minute. Raises `ArgumentTypeError` for what is no such number."""
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= MOST_ORDERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {MOST_ORDERS:,}")
    return rate


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return _demo(options) if command == "demo" else _sandbox(options)


def _demo(options: argparse.Namespace) -> int:
    from supportdesk.desk.sandboxes import SCENARIOS

    if options.list and wants_json(options):
        from supportdesk.cli.contract import ScenarioLine

        output.emit_json([ScenarioLine(scenario=each.name, summary=each.summary) for each in SCENARIOS])
        return 0
    if options.list:
        output.emit_table(
            ("scenario", "what it is"), ((scenario.name, scenario.summary) for scenario in SCENARIOS)
        )
        return 0
    if wants_json(options):
        raise WrongUsage(
            "The screens have no JSON.", "`supportdesk sandbox --json` serves the same store without them."
        )
    from supportdesk.app import refuse_without_terminal, run_screens
    from supportdesk.desk import demo

    settings = desk_of(options).settings
    refuse_without_terminal("supportdesk sandbox --json")

    keep = options.keep.expanduser().absolute() if options.keep else None
    if not options.quiet:
        output.say("Starting the pretend store …")
    code = demo.run(
        settings,
        scenario=options.scenario or "kestrel",
        seed=options.seed,
        files=options.files,
        keep=keep,
        show=run_screens,
    )
    if keep:
        output.say(f"The demo's home is kept in {keep}; its store is gone.")
    return code


def _sandbox(options: argparse.Namespace) -> int:
    from supportdesk.desk import sandboxes

    if sum(bool(each) for each in (options.files, options.scenario, options.like)) > 1:
        raise WrongUsage(
            "A sandbox is filled from files, with a scenario, or like a channel.",
            "Give one of --from, --scenario, --like.",
        )

    def say(shops: list[sandboxes.Listening]) -> None:
        if wants_json(options):
            from supportdesk.cli.contract import SandboxLine

            lines = [SandboxLine(url=shop.url, token=shop.token, shop=shop.shop) for shop in shops]
            if options.until_stdin_closes:
                output.emit_json(lines)
            for line in [] if options.until_stdin_closes else lines:
                output.emit_json(line)
            return
        for shop in shops:
            output.emit_line(f"{shop.shop}.myshopify.com answers at {shop.url} for the token {shop.token}")
        first = shops[0]
        output.say(
            f"Connect it:  TOKEN={first.token} supportdesk connect {first.shop} --api-url={first.url} --token-env=TOKEN"
        )
        output.say("ctrl+c ends it.")

    if options.day:
        return _lived_in(options, say)
    number = sandboxes.serve_sandbox(
        port=options.port,
        seed=options.seed,
        scenario=options.scenario or "outdoor",
        shop=options.shop,
        files=options.files,
        until_stdin_closes=options.until_stdin_closes,
        on_ready=say,
        orders_per_minute=options.orders_per_minute,
        like=sandboxes.like_channel(desk_of(options), options.like) if options.like else None,
    )
    return 128 + number if number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) else 0


def _lived_in(options: argparse.Namespace, say: Callable[[list[Listening]], None]) -> int:
    """The demo's second store, with a day behind it in the home that is named."""
    import threading

    import msgspec

    from supportdesk.desk import demo_day, sandboxes

    threading.Thread(target=sandboxes.end_with_stdin, name="parent watch", daemon=True).start()
    desk = desk_of(options)
    desk = replace(desk, settings=msgspec.structs.replace(desk.settings, keyring=False, read_only=False))
    return 128 + demo_day.serve(desk, seed=options.seed, sumtracker=options.day, on_ready=say)
