"""Commands about what is pushed beside the count: settings, close-at."""

from __future__ import annotations

import argparse
from typing import Literal

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.core.channel_settings import CloseAtChange, SettingsChange, numbers_said
from supportdesk.errors import WrongUsage


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    if command == "settings":
        parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
        parser.add_argument("--drafts", choices=["in", "out"], help="sync draft listings, or don't")
        parser.add_argument("--maximum", metavar="N", help="at most this number is pushed; or none")
        return
    parser.add_argument("account", metavar="ACCOUNT", help="as `supportdesk channels` lists it")
    parser.add_argument("--warehouse", metavar="W", required=True, help="id, code or exact name")
    parser.add_argument("--sku", metavar="S", required=True, help="any text: --sku=S")
    parser.add_argument(
        "--number", metavar="N", required=True, help="at or below it stores are shown 0; or none"
    )


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return {"settings": _settings, "close-at": _close_at}[command](options)


def _settings(options: argparse.Namespace) -> int:
    from supportdesk.desk import channel_settings

    desk = desk_of(options)
    if options.drafts is None and options.maximum is None:
        shown = channel_settings.show_settings(desk, options.channel)
        if wants_json(options):
            from supportdesk.cli.channel_settings_contract import SettingsLine

            output.emit_json(SettingsLine.of(shown))
            return 0
        output.emit_line(f"{shown.channel}: {shown.settings.text}.")
        for line in numbers_said(shown):
            output.emit_line(f"  {line}")
        return 0
    change = SettingsChange(
        drafts=None if options.drafts is None else options.drafts == "in",
        maximum=None if options.maximum is None else _number(options.maximum, "--maximum"),
    )
    with watched(options) as watch:
        changed = channel_settings.change_settings(desk, options.channel, change, watch)
    if wants_json(options):
        from supportdesk.cli.channel_settings_contract import SettingsChangedLine

        output.emit_json(SettingsChangedLine.of(changed))
        return 0
    output.emit_line(changed.text)
    for line in changed.lines:
        output.emit_line(f"  {line}")
    return 0


def _close_at(options: argparse.Namespace) -> int:
    from supportdesk.desk import channel_settings

    number = _number(options.number, "--number")
    change = CloseAtChange(options.sku, options.warehouse, 0 if number == "none" else number)
    changed = channel_settings.change_close_at(desk_of(options), options.account, change)
    if wants_json(options):
        from supportdesk.cli.channel_settings_contract import CloseAtLine

        output.emit_json(CloseAtLine.of(changed))
    else:
        output.emit_line(changed.text)
    return 0


def _number(text: str, option: str) -> int | Literal["none"]:
    plain = text.strip().replace(",", "")
    if plain == "none":
        return "none"
    if not plain.removeprefix("-").isdecimal() or not plain.isascii() or len(plain) > 20:
        raise WrongUsage(f"{text!r} is no whole number.", f"Give digits, or none: {option}=12, {option}=none")
    return int(plain)
