"""Commands about the program itself: keys, paths. They need no desk and load neither Textual nor any adapter, to start fast."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from supportdesk.cli import output

if TYPE_CHECKING:
    from supportdesk.paths import Home
    from supportdesk.settings import Settings


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Neither command takes arguments of its own."""


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return _keys(options) if command == "keys" else _paths(options)


def _home_and_settings(options: argparse.Namespace) -> tuple[Home, Settings]:
    """Where things are kept and what is set, as any command here would find it. Raises `SettingsInvalid`."""
    from supportdesk.paths import find_home
    from supportdesk.settings import load_settings

    home = find_home(options.home, os.environ)
    return home, load_settings(home, os.environ, {})


def _keys(options: argparse.Namespace) -> int:
    from supportdesk.commands import SCREENS, registry_with, shown_key

    _, settings = _home_and_settings(options)
    commands = registry_with(settings.keys).commands
    if options.json:
        from supportdesk.cli.contract import KeyLine

        output.emit_json(
            [KeyLine(id=c.id, keys=list(c.keys), label=c.label, where=c.scope, help=c.help) for c in commands]
        )
        return 0
    where = {scope: screen.title for scope, screen in SCREENS.items()}
    output.emit_table(
        ("key", "id", "where", "what it does"),
        (
            (
                " ".join(shown_key(key) for key in c.keys) or "palette",
                c.id,
                where.get(c.scope, c.scope),
                c.help,
            )
            for c in commands
        ),
    )
    return 0


def _paths(options: argparse.Namespace) -> int:
    from supportdesk.settings import settings_help

    home, _ = _home_and_settings(options)
    places = {
        "home": home.root,
        "settings_file": home.settings_file,
        "accounts": home.accounts,
        "credentials": home.credentials,
        "logs": home.logs,
        "reports": home.reports,
        "spool": home.spool,
    }
    if options.json:
        from supportdesk.cli.contract import PathsLine, SettingLine

        paths = {name: str(path) for name, path in places.items()}
        settings = [
            SettingLine(key=s.key, variable=s.variable, values=s.values, default=s.default, meaning=s.meaning)
            for s in settings_help()
        ]
        output.emit_json(PathsLine(**paths, settings=settings))
        return 0
    for name, path in places.items():
        output.emit_line(f"{name.replace('_', ' '):14} {path}")
    output.emit_line()
    output.emit_table(
        ("setting", "variable", "values", "default", "what it does"),
        ((line.key, line.variable, line.values, line.default, line.meaning) for line in settings_help()),
    )
    return 0
