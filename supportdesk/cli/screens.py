"""`supportdesk [CHANNEL]`: opens the screens."""

from __future__ import annotations

import argparse

from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.desk import Desk
from supportdesk.errors import UnknownName, WrongUsage


def run(options: argparse.Namespace) -> int:
    """Open the screens, at one channel where one was named; the exit code is theirs."""
    desk = desk_of(options)
    if options.channel:
        _refuse_unknown(desk, options.channel)
    if wants_json(options):
        command = f"show {options.channel}" if options.channel else "channels"
        raise WrongUsage("The screens have no JSON.", f"Name a command: supportdesk {command} --json")
    from supportdesk.app import run_screens

    return run_screens(desk, channel=options.channel)


def _refuse_unknown(desk: Desk, name: str) -> None:
    """Raise `UnknownName` before a terminal is asked for: a mistyped command is no reason to speak of terminals."""
    from supportdesk.cli.main import nearest_command
    from supportdesk.desk import channels

    try:
        channels.channel_named(desk, name)
    except UnknownName:
        command = nearest_command(name)
        if command in (None, name):
            raise
        raise UnknownName(
            f"There is neither a channel nor a command {name!r}.", f"Did you mean `supportdesk {command}`?"
        ) from None
