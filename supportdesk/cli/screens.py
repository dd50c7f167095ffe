"""`supportdesk [CHANNEL]`: opens the screens."""

from __future__ import annotations

import argparse

from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.errors import WrongUsage


def run(options: argparse.Namespace) -> int:
    """Open the screens, at one channel where one was named; the exit code is theirs."""
    if wants_json(options):
        raise WrongUsage("The screens have no JSON.", "Name a command: `supportdesk channels --json`.")
    desk = desk_of(options)
    from supportdesk.app import run_screens

    return run_screens(desk, channel=options.channel)
