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
        account, replaced = accounts.restore(desk, options.file)
        file = desk.home.account_file(account)
        text = f"The account {account} is restored."
        if replaced:
            text += f" What it replaced is kept as {replaced.name}."
    if wants_json(options):
        from supportdesk.cli.contract import SavedLine

        output.emit_json(SavedLine(account=account, file=str(file), text=text))
    else:
        output.emit_line(text)
    return 0
