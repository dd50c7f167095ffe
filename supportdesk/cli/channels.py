"""Commands about channels: connect, open, channels, show, load, check, forget."""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channels import ChannelOverview, SyncGlance
from supportdesk.core.checks import count_of
from supportdesk.core.listings import LEFT_OUT
from supportdesk.core.skus import shown_sku
from supportdesk.errors import NotLoaded

_WINDOW = 10_000
"""Listings read at a time."""


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    if command == "connect":
        parser.add_argument("shop", metavar="SHOP", help="handle, myshopify.com domain or admin address")
        parser.add_argument(
            "--account",
            metavar="A",
            help="an existing account, or the name of a new one (default: the handle)",
        )
        parser.add_argument("--api-url", metavar="URL", help="a sandbox on this machine")
        parser.add_argument(
            "--token-env", metavar="VAR", help="environment variable that holds the Admin API token"
        )
        parser.add_argument("--client-id", metavar="ID", help="of an app made in the Dev Dashboard")
        parser.add_argument(
            "--client-secret-env", metavar="VAR", help="environment variable that holds its secret"
        )
        parser.add_argument(
            "--env-only",
            action="store_true",
            help="keep no secret: read the variable again in every process that needs it",
        )
    elif command == "open":
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            type=Path,
            help="CSV files of products or inventory, one or several",
        )
        parser.add_argument("--name", metavar="N", help="the channel's name (default: the first file's)")
        parser.add_argument("--account", metavar="A", help="an existing account, or the name of a new one")
    elif command != "channels":
        parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
    if command == "show":
        detail = parser.add_mutually_exclusive_group()
        detail.add_argument("--locations", action="store_true", help="list the store's locations instead")
        detail.add_argument(
            "--left-out",
            nargs="?",
            const="",
            choices=["", *LEFT_OUT],
            metavar="REASON",
            help=f"list the listings that are not synced instead, all or for one reason ({', '.join(LEFT_OUT)})",
        )


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return {
        "connect": _connect,
        "open": _open,
        "channels": _channels,
        "show": _show,
        "load": _load,
        "check": _check,
        "forget": _forget,
    }[command](options)


def _emit_totals(totals: ChannelTotals, options: argparse.Namespace) -> None:
    if wants_json(options):
        from supportdesk.cli.contract import Totals

        output.emit_json(Totals.of(totals))
        return
    agree = totals.duplicate_groups - totals.disagreeing_groups
    for name, value in (
        ("listings", f"{totals.listings:,}"),
        ("SKUs", f"{totals.skus:,}"),
        ("without SKU", f"{totals.without_sku:,}"),
        ("locations", f"{totals.locations:,}"),
        ("duplicate groups", f"{totals.duplicate_groups:,} of {totals.duplicate_listings:,} listings"),
        ("  disagree / agree", f"{totals.disagreeing_groups:,} / {agree:,}"),
        ("units available", f"{totals.units:,}"),
    ):
        output.emit_line(f"{name:20} {value}")


def _connect(options: argparse.Namespace) -> int:
    from supportdesk.desk import connecting

    request = connecting.ConnectRequest(
        shop=options.shop,
        account=options.account,
        api_url=options.api_url,
        token_env=options.token_env,
        client_id=options.client_id,
        client_secret_env=options.client_secret_env,
        env_only=options.env_only,
    )
    with watched(options) as watch:
        connected = connecting.connect(desk_of(options), request, watch)
    if wants_json(options):
        from supportdesk.cli.contract import ConnectedLine

        output.emit_json(
            ConnectedLine(
                channel=connected.channel,
                account=connected.account,
                token=connected.kept,
                missing_scopes=[missing.scope for missing in connected.missing],
            )
        )
        return 0
    output.emit_line(f"{connected.channel} is connected, in the account {connected.account}.")
    output.say(connected.kept)
    for missing in connected.missing:
        output.say(f"! {missing.scope} is missing: {missing.what_for}")
    if connected.claimed_by:
        output.say(f"! This store is synced already, from {connected.claimed_by}.")
    output.say(f"Next: supportdesk load {connected.channel}")
    return 0


def _open(options: argparse.Namespace) -> int:
    from supportdesk.desk import channels

    with watched(options) as watch:
        opened = channels.open_exports(
            desk_of(options),
            options.files,
            name=options.name,
            account=options.account,
            watch=watch,
        )
    _emit_totals(opened.totals, options)
    if not wants_json(options) and not options.quiet:
        output.say(f"It is open as {opened.channel}. Next: supportdesk check {opened.channel}")
    return 0


def _channels(options: argparse.Namespace) -> int:
    from supportdesk.desk import channels
    from supportdesk.desk.sync_status import glances

    desk = desk_of(options)
    lines = channels.list_channels(desk)
    if wants_json(options):
        from supportdesk.cli.contract import ChannelLine

        output.emit_json([ChannelLine.of(line) for line in lines])
        return 0
    if not lines:
        output.say("There is no sales channel yet.")
        output.say(
            "Connect a store with `supportdesk connect SHOP`, open exports with `supportdesk open FILE`, or try `supportdesk demo`."
        )
        return 0
    seen = glances(desk, (line.account for line in lines))
    output.emit_table(
        ("channel", "account", "sync", "listings", "duplicates", "to link", "loaded"),
        (
            (
                *(line.handle, line.account, _sync_words(line.sync, seen.get(line.handle))),
                *(
                    "–" if count is None else f"{count:,}"
                    for count in (line.listings, line.duplicate_groups, line.unlinked_locations)
                ),
                f"{line.loaded_at:%Y-%m-%d %H:%M}Z" if line.loaded_at else "never",
            )
            for line in lines
        ),
        right=frozenset({3, 4, 5}),
    )
    return 0


def _sync_words(sync: str, glance: SyncGlance | None) -> str:
    if glance is None:
        return sync
    said = glance.words or sync
    return f"{said}; {count_of(glance.alerts, 'alert')}" if glance.alerts else said


def _show(options: argparse.Namespace) -> int:
    from supportdesk.desk import channels

    shown = channels.overview(desk_of(options), options.channel)
    if shown.totals is None:
        raise NotLoaded(
            f"{options.channel} has not been loaded yet.",
            f"Load it first: supportdesk load {options.channel}",
        )
    if options.locations:
        _emit_locations(shown, options)
    elif options.left_out is not None:
        _emit_left_out(options)
    else:
        _emit_totals(shown.totals, options)
        if not wants_json(options):
            for line in shown.left_out:
                output.emit_line(f"left out: {line.listings:,} {LEFT_OUT[line.reason]}")
    return 0


def _emit_locations(shown: ChannelOverview, options: argparse.Namespace) -> None:
    if wants_json(options):
        from supportdesk.cli.contract import LocationLine

        output.emit_json([LocationLine.of(line) for line in shown.locations])
        return
    output.emit_table(
        ("location", "state", "stock kept by", "stocked", "units"),
        (
            (
                line.location.name,
                "active" if line.location.active else "inactive",
                (line.location.service or "the service")
                if line.location.service_manages_stock
                else "Shopify",
                f"{line.stocked:,}",
                f"{line.units:,}",
            )
            for line in shown.locations
        ),
        right=frozenset({3, 4}),
    )


def _emit_left_out(options: argparse.Namespace) -> None:
    """Every one of them, read window by window: there may be a million."""
    from supportdesk.desk import channels

    desk, reason = desk_of(options), options.left_out or None
    windows = itertools.takewhile(
        bool,
        (
            channels.left_out_listings(desk, options.channel, reason, offset=offset, limit=_WINDOW)
            for offset in itertools.count(0, _WINDOW)
        ),
    )
    listings = itertools.chain.from_iterable(windows)
    if wants_json(options):
        from supportdesk.cli.contract import LeftOutLine

        output.emit_json([LeftOutLine.of(line) for line in listings])
        return
    for line in listings:
        output.emit_line(f"{line.reason:13} {line.listing}  {shown_sku(line.sku)}".rstrip())


def _load(options: argparse.Namespace) -> int:
    from supportdesk.desk import channels

    with watched(options) as watch:
        totals = channels.load(desk_of(options), options.channel, watch)
    _emit_totals(totals, options)
    if not wants_json(options) and not options.quiet:
        output.say(f"Next: supportdesk check {options.channel}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from supportdesk.desk import channels

    checks = channels.check(desk_of(options), options.channel)
    if wants_json(options):
        from supportdesk.cli.contract import CheckLine

        output.emit_json([CheckLine.of(check) for check in checks])
        return 0
    for check in checks:
        output.emit_line(f"{check.state:5}  {check.text}")
    return 0


def _forget(options: argparse.Namespace) -> int:
    from supportdesk.desk import channels

    desk = desk_of(options)
    account = channels.channel_named(desk, options.channel).account
    sentence = channels.forget(desk, options.channel)
    if wants_json(options):
        from supportdesk.cli.contract import SavedLine

        output.emit_json(SavedLine(account=account, file="", text=sentence))
        return 0
    output.emit_line(sentence)
    return 0
