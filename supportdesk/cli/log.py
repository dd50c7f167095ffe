"""The command line's log: what happened in a channel, as lines for a person or one JSON event a line, once or as it happens."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.core.events import KINDS, WORD_WIDTH, Event, LogFilter, line_of, moment_of, place_words
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.desk import Desk
from supportdesk.errors import Cancelled, WrongUsage

_FOLLOWED_FROM: Final = 20
"""Lines that were there before, where it is followed and nothing else is said."""
_PLACE, _SKU, _NUMBERS = 16, 20, 13


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
    parser.add_argument(
        "-f",
        "--follow",
        action="store_true",
        help=f"go on with what happens, after the last {_FOLLOWED_FROM} lines, until ctrl+c",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="from then on, in UTC: 14:31, 2026-11-22T14:31, yesterday, or how long ago: 90s, 15m, 2h, 3d",
    )
    parser.add_argument("--last", metavar="N", help="the last N lines alone")
    parser.add_argument(
        "--kind",
        metavar="K",
        action="append",
        default=[],
        help="events of this kind, as --json or a line names it; may be said again",
    )
    parser.add_argument("--sku", metavar="S", default="", help="any text: --sku=S; its events alone")
    parser.add_argument(
        "--place", metavar="P", default="", help="a location's or a warehouse's exact name, or its code"
    )
    parser.add_argument(
        "--text", metavar="T", default="", help="only events that hold this, whatever its case"
    )
    parser.add_argument("--look", action="store_true", help="only what somebody should look at (!)")


def run(command: str, options: argparse.Namespace) -> int:
    """Print it; 130 where it was followed until ctrl+c."""
    desk = desk_of(options)
    wanted = _filter_of(options)
    since = _since(desk, options.since)
    last = _count(options.last)
    if last is None and options.follow and since is None:
        last = _FOLLOWED_FROM
    emit = _emit_json if wants_json(options) else _emit_lines
    with watched(options) as watch:
        from supportdesk.desk import log

        try:
            for events in log.read_log(
                desk, options.channel, wanted, since=since, last=last, follow=options.follow, watch=watch
            ):
                emit(events)
        except Cancelled:
            if not options.follow:
                raise
            return Cancelled.exit_code
    return 0


def _kinds(said: str) -> tuple[str, ...]:
    """The kinds of events that `said` names: one by its own name, or all that the log says with that word."""
    if said in KINDS:
        return (said,)
    found = tuple(name for name, kind in KINDS.items() if kind.word == said)
    if not found:
        import difflib

        near = difflib.get_close_matches(said, KINDS, n=1)
        hint = f"Did you mean --kind={near[0]}?" if near else f"There are: {', '.join(sorted(KINDS))}."
        raise WrongUsage(f"{said!r} is no kind of event.", hint)
    return found


def _filter_of(options: argparse.Namespace) -> LogFilter:
    kinds = (kind for said in options.kind for kind in _kinds(said))
    return LogFilter(
        text=options.text,
        group="look" if options.look else "all",
        kinds=tuple(dict.fromkeys(kinds)),
        place=options.place,
        sku=options.sku,
    )


def _since(desk: Desk, text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = moment_of(text, desk.now())
    if moment is None:
        raise WrongUsage(
            f"{text!r} is no time.",
            "Say 14:31, 2026-11-22T14:31, yesterday, or how long ago: 90s, 15m, 2h, 3d.",
        )
    return moment


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise WrongUsage(f"{text!r} is no number of lines.", "Give digits: --last=100")
    return int(text)


def _emit_json(events: tuple[Event, ...]) -> None:
    from supportdesk.cli.log_contract import EventLine

    output.emit_lines(output.json_text(EventLine.of(event).model_dump(mode="json")) for event in events)


def _emit_lines(events: tuple[Event, ...]) -> None:
    output.emit_lines(map(text_of, events))


def text_of(event: Event) -> str:
    """An event as a line for a person, in UTC."""
    line = line_of(event)
    pad: Callable[[str, int], str] = output.padded
    at = f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z {line.sign} {line.word:{WORD_WIDTH}}"
    place, sku = safe_text(place_words(line)), safe_text(shown_sku(line.sku) if line.sku else "")
    numbers = output.padded(line.numbers, _NUMBERS, right=True)
    return f"{at} {pad(place, _PLACE)} {pad(sku, _SKU)} {numbers}  {line.text}".rstrip()
