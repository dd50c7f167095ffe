"""Commands for after going live: sync, verify, held, adopt, alerts."""

from __future__ import annotations

import argparse
import itertools
from typing import TYPE_CHECKING, Final

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.core.checks import count_of
from supportdesk.core.held import HeldAnswer, HeldRow
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.core.verify import SIGNS, VerifiedRow
from supportdesk.errors import Cancelled, Refused, WrongUsage

if TYPE_CHECKING:
    from supportdesk.desk import Desk
    from supportdesk.desk.verifying import Verified

_AT_ONCE: Final = 500
_HELD_NEXT: Final = {
    "--confirm": "Sync one with Sumtracker's number",
    "--copy": "Take the store's number of one into Sumtracker",
}
"""What is said below held rows that may be answered so."""
"""Rows written at a time."""


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
    if command == "sync":
        parser.add_argument("--hard", action="store_true", help="read and judge every row again")
    elif command == "held":
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--confirm", action="store_true", help="sync these rows from now on, with Sumtracker's number"
        )
        which.add_argument(
            "--copy", action="store_true", help="take the store's number into Sumtracker, where it has none"
        )
        parser.add_argument(
            "--sku", metavar="S", action="append", default=[], help="any text: --sku=S; may repeat"
        )
        parser.add_argument("--location", metavar="L", default="", help="id or exact name; at any without it")
    elif command == "adopt":
        parser.add_argument("--sku", metavar="S", required=True, help="any text: --sku=S")
        parser.add_argument("--location", metavar="L", default="", help="id or exact name")
        parser.add_argument(
            "--event", metavar="ID", type=int, default=None, help="as `log --json` numbers it"
        )
    elif command == "alerts":
        parser.add_argument(
            "--seen", metavar="ID", default="", help="say that you have seen it: a number, or all"
        )


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return {"sync": _sync, "verify": _verify, "held": _held, "adopt": _adopt, "alerts": _alerts}[command](
        options
    )


def _sync(options: argparse.Namespace) -> int:
    from supportdesk.desk import syncing

    stopped = Cancelled("You stopped waiting; what was asked for is done with the next cycle.")
    with watched(options, stopped) as watch:
        synced = syncing.sync_now(desk_of(options), options.channel, watch, hard=options.hard)
    if wants_json(options):
        from supportdesk.cli.live_contract import SyncedLine

        output.emit_json(SyncedLine.of(synced))
    else:
        output.emit_line(synced.text)
    return 0


# Verify -------------------------------------------------------------------------------------------------------------------------------


def _verify(options: argparse.Namespace) -> int:
    from supportdesk.desk import verifying

    with watched(options) as watch:
        verified = verifying.verify(desk_of(options), options.channel, watch)
    with verified:
        if wants_json(options):
            _emit_verified(verified)
        else:
            for row in verified.rows():
                output.emit_line(_verified_line(row))
            output.emit_line(verified.totals.text)
        return 0 if verified.totals.agrees else 1


def _emit_verified(verified: Verified) -> None:
    """One JSON object, its rows some at a time: there may be many."""
    from supportdesk.cli.live_contract import VerifiedLine, VerifyLine

    totals = output.json_text(VerifyLine.of(verified.totals).model_dump(mode="json"))
    before = totals[:-1] + ', "rows": ['
    rows = verified.rows()
    while some := list(itertools.islice(rows, _AT_ONCE)):
        text = output.json_text([VerifiedLine.of(row).model_dump(mode="json") for row in some])
        output.emit_line(before + text[1:-1])
        before = ","
    output.emit_line(("" if before == "," else before) + "]}")


def _verified_line(row: VerifiedRow) -> str:
    sku = output.padded(safe_text(shown_sku(row.sku)), 24)
    place = output.padded(safe_text(row.location or row.warehouse), 18)
    numbers = f"{_number(row.store)} in the store, {_number(row.ledger)} in Sumtracker"
    return f"{SIGNS[row.state]} {sku} {place} {numbers}: {row.why}"


def _number(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


# Held rows ----------------------------------------------------------------------------------------------------------------------------


def _held(options: argparse.Namespace) -> int:
    from supportdesk.desk import held

    desk = desk_of(options)
    if not (options.confirm or options.copy):
        if options.sku:
            rows = iter(held.rows_named(desk, options.channel, options.sku, options.location))
        elif options.location:
            rows = (
                row
                for row in held.held_rows(desk, options.channel)
                if options.location in (str(row.location_id), row.location)
            )
        else:
            rows = held.held_rows(desk, options.channel)
        if wants_json(options):
            from supportdesk.cli.live_contract import HeldLine

            output.emit_json([HeldLine.of(row) for row in rows])
            return 0
        first = next(rows, None)
        if first is None:
            output.say("No row is held.")
            _say_brake(desk, options.channel)
            return 0
        answers = set[str]()
        for row in itertools.chain([first], rows):
            output.emit_line(_held_line(row))
            answers |= {
                word for word, no in (("--confirm", row.no_confirm), ("--copy", row.no_copy)) if no is None
            }
        for word in sorted(answers):
            output.say(f"{_HELD_NEXT[word]}: supportdesk held {options.channel} {word} --sku=S")
        _say_brake(desk, options.channel)
        return 0
    if not options.sku:
        raise WrongUsage("Which rows is not said.", "Name their SKUs: --sku=S, which may be repeated.")
    answer: HeldAnswer = "confirm" if options.confirm else "copy"
    rows_named = held.rows_named(desk, options.channel, options.sku, options.location)
    done = held.answer(desk, options.channel, [(row.item_id, row.location_id) for row in rows_named], answer)
    if not done.rows and done.refused:
        row, why = done.refused[0]
        raise Refused(f"{shown_sku(row.sku)} at {row.location}: {row.reason}. {why}", "Nothing was changed.")
    if wants_json(options):
        from supportdesk.cli.live_contract import HeldDoneLine

        output.emit_json(HeldDoneLine.of(done))
        return 0
    for row in done.rows:
        output.emit_line(f"{shown_sku(row.sku)} at {row.location}: {row.outcome}")
    for row, why in done.refused:
        output.say(f"! {shown_sku(row.sku)} at {row.location} stays held: {why}")
    output.say(
        f"{count_of(len(done.rows), 'row settles again, and is', 'rows settle again, and are')} written once orders up to now can be seen."
    )
    return 0


def _say_brake(desk: Desk, channel: str) -> None:
    """Rows that the brake stops are not held; who looks for what is not written looks here all the same."""
    from supportdesk.core.brake import standing_text
    from supportdesk.desk.braking import how_to_go_on
    from supportdesk.desk.sync_status import sync_status

    status = sync_status(desk, channel)
    if status.stopped_rows:
        output.say(f"! {standing_text(status.brake, count_of(status.stopped_rows, 'row'))}")
        output.say(how_to_go_on(status.channel, status.stopped_rows))


def _held_line(row: HeldRow) -> str:
    sku = output.padded(safe_text(shown_sku(row.sku)), 24)
    place = output.padded(safe_text(row.location), 18)
    words = f"{sku} {place} {row.reason}"
    return f"{words} ({row.outcome})" if row.outcome else words


def _adopt(options: argparse.Namespace) -> int:
    from supportdesk.desk import adopting

    done = adopting.adopt(desk_of(options), options.channel, options.sku, options.location, options.event)
    if wants_json(options):
        from supportdesk.cli.live_contract import AdoptedLine

        output.emit_json(AdoptedLine.of(done))
        return 0
    output.emit_line(adopting.words_of(done))
    return 0


# Alerts -------------------------------------------------------------------------------------------------------------------------------


def _alerts(options: argparse.Namespace) -> int:
    from supportdesk.desk import alerts

    desk = desk_of(options)
    if options.seen:
        return _seen(options)
    found = alerts.list_alerts(desk, options.channel)
    if wants_json(options):
        from supportdesk.cli.live_contract import AlertLine

        output.emit_json([AlertLine.of(alert) for alert in found])
        return 0
    if not found:
        output.say("There is nothing to look at.")
    for alert in found:
        over = "" if alert.closed_at is None else f" (over since {alert.closed_at:%Y-%m-%d %H:%M}Z)"
        seen = "" if alert.seen_at is None else f" (seen by {alert.seen_by})"
        output.emit_line(
            f"{alert.id:>5} {alert.at:%Y-%m-%d %H:%M}Z {'!' if not seen else ' '} {alert.text}{over}{seen}"
        )
    return 0


def _seen(options: argparse.Namespace) -> int:
    from supportdesk.desk import alerts

    if options.seen != "all" and not (
        options.seen.isascii() and options.seen.isdecimal() and len(options.seen) < 18
    ):
        raise WrongUsage(f"{options.seen!r} is no number of an alert.", "Give its number, or --seen=all")
    number = None if options.seen == "all" else int(options.seen)
    seen = alerts.mark_seen(desk_of(options), options.channel, number)
    if wants_json(options):
        from supportdesk.cli.live_contract import SeenLine

        output.emit_json(SeenLine(seen=seen))
    else:
        output.emit_line(f"{count_of(seen, 'alert')} seen." if seen else "It was seen already.")
    return 0
