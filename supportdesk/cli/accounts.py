"""Commands about account files: backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.desk import accounts


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    if command == "backup":
        parser.add_argument("account", metavar="ACCOUNT")
        parser.add_argument("file", metavar="FILE", type=Path, help="where to; it must not exist yet")
    else:
        parser.add_argument("file", metavar="FILE", type=Path, help="a file that `backup` made")


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    desk = desk_of(options)
    if command == "backup":
        account, file = options.account, accounts.backup(desk, options.account, options.file)
        text = f"The account {account} is backed up to {file}."
    else:
        restored = accounts.restore(desk, options.file)
        account = restored.account
        file = desk.home.account_file(account)
        text = f"The account {account} is restored."
        if restored.kept:
            text += f" What it replaced is kept as {restored.kept.name}."
        if restored.turned_off:
            off = ", ".join(restored.turned_off)
            text += f" Sync of {off} is off: nothing is written there until a plan is applied."
        if restored.without_token:
            text += f" No token is kept here for {', '.join(restored.without_token)}: connect again to load."
    if wants_json(options):
        from supportdesk.cli.contract import SavedLine

        output.emit_json(SavedLine(account=account, file=str(file), text=text))
    else:
        output.emit_line(text)
    return 0
