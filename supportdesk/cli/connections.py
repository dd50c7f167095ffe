"""Commands about warehouses and what is linked to them: warehouses, connections, link, unlink."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.core.connections import MASTER_WORDS, ConnectionsView, Evidence, LocationLine, Warehouse
from supportdesk.errors import WrongUsage

if TYPE_CHECKING:
    from supportdesk.desk import Desk
    from supportdesk.desk.connections import LinkRequest

_PLACE: Final = "by id or exact name"
_WAREHOUSE: Final = "by id, code or exact name"
_SEEN: Final = (
    "only while what is said of the location is of this revision (`connections --json`; 0 for nothing)"
)
_FIELDS: Final = ("address", "city", "country")
_COUNTS: Final = {"this": "its own count", "other": "the other's count", "sum": "the sum"}


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    if command == "warehouses":
        _warehouse_arguments(parser)
        return
    parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
    if command == "link":
        parser.add_argument("--location", metavar="L", help=f"which location, {_PLACE}")
        parser.add_argument("--warehouse", metavar="W", help=f"its warehouse, {_WAREHOUSE}")
        parser.add_argument(
            "--master",
            choices=list(MASTER_WORDS),
            metavar="M",
            help="whose numbers rule: sumtracker or shopify",
        )
        parser.add_argument(
            "--counts",
            metavar="LOCATION|sum",
            help="where several locations of the store are on the warehouse: whose count is copied",
        )
        parser.add_argument(
            "--insist", action="store_true", help="link a fulfilment service that keeps its own stock numbers"
        )
        parser.add_argument(
            "--swap-with", metavar="L", help=f"exchange its warehouse with this location's, {_PLACE}"
        )
        parser.add_argument("--seen", type=int, metavar="N", help=_SEEN)
        parser.add_argument(
            "--suggested", action="store_true", help="link every location that a warehouse is suggested for"
        )
    elif command == "unlink":
        parser.add_argument("--location", metavar="L", required=True, help=f"which location, {_PLACE}")
        parser.add_argument("--seen", type=int, metavar="N", help=_SEEN)
        parser.add_argument(
            "--undecided",
            action="store_true",
            help="say nothing of it any more, instead of that it stays unlinked",
        )


def _warehouse_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--add", metavar="CODE", help="add a warehouse with this code, and --name")
    what.add_argument("--rename", metavar="W", help=f"give one another --code or --name, {_WAREHOUSE}")
    what.add_argument("--remove", metavar="W", help=f"remove one that nothing hangs on, {_WAREHOUSE}")
    parser.add_argument("--code", metavar="CODE", help="of --rename")
    parser.add_argument("--name", metavar="N", help="of --add and --rename")
    for field in _FIELDS:
        parser.add_argument(f"--{field}", metavar="T", default=None, help="of --add")


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return {"warehouses": _warehouses, "connections": _connections, "link": _link, "unlink": _unlink}[
        command
    ](options)


def _warehouses(options: argparse.Namespace) -> int:
    from supportdesk.desk import connections

    desk, account = desk_of(options), options.account
    _refuse_idle_options(options)
    if options.add is not None:
        if options.name is None:
            raise WrongUsage("A warehouse needs a name.", "Give it one with --name=NAME.")
        where = {field: getattr(options, field) or "" for field in _FIELDS}
        added = connections.add_warehouse(desk, account, options.add, options.name, **where)
        return _emit_changed(added, f"{added.code} is added.", options)
    if options.rename is not None:
        warehouse = connections.resolve_warehouse(desk, account, options.rename)
        renamed = connections.rename_warehouse(
            desk, account, warehouse.id, code=options.code, name=options.name
        )
        return _emit_changed(renamed, f"{warehouse.code} is now {renamed.code} ({renamed.name}).", options)
    if options.remove is not None:
        warehouse = connections.resolve_warehouse(desk, account, options.remove)
        connections.remove_warehouse(desk, account, warehouse.id)
        return _emit_changed(warehouse, f"{warehouse.code} is removed.", options)
    return _emit_warehouses(connections.warehouses(desk, account), options)


def _refuse_idle_options(options: argparse.Namespace) -> None:
    """Raise `WrongUsage` for an option that would go unheard."""
    of_rename = {"--code": options.code}
    of_add = {f"--{field}": getattr(options, field) for field in _FIELDS}
    if options.rename is None and (given := [name for name, value in of_rename.items() if value is not None]):
        raise WrongUsage(
            f"{given[0]} belongs to --rename.", "The code of a new warehouse stands in --add=CODE."
        )
    if options.add is None and (given := [name for name, value in of_add.items() if value is not None]):
        raise WrongUsage(f"{given[0]} belongs to --add.", "Add a warehouse with --add=CODE --name=NAME.")
    if options.add is None and options.rename is None and options.name is not None:
        raise WrongUsage("--name belongs to --add and --rename.", "Add one with --add=CODE --name=NAME.")
    if options.rename is not None and options.code is None and options.name is None:
        raise WrongUsage("It is not said what it is called now.", "Give it another --code or --name.")


def _emit_changed(warehouse: Warehouse, sentence: str, options: argparse.Namespace) -> int:
    if wants_json(options):
        from supportdesk.cli.connections_contract import WarehouseLine

        output.emit_json(WarehouseLine.of(warehouse))
    else:
        output.emit_line(sentence)
    return 0


def _emit_warehouses(warehouses: tuple[Warehouse, ...], options: argparse.Namespace) -> int:
    if wants_json(options):
        from supportdesk.cli.connections_contract import WarehouseLine

        output.emit_json([WarehouseLine.of(warehouse) for warehouse in warehouses])
        return 0
    if not warehouses:
        output.say("There is no warehouse yet.")
        output.say(
            f"Add one with `supportdesk warehouses {options.account} --add=CODE --name=NAME`, or import them: "
            f"`supportdesk import {options.account} --help`."
        )
        return 0
    output.emit_table(
        ("id", "code", "name", "place", "SKUs", "units"),
        (
            (
                *(str(each.id), each.code, each.name),
                ", ".join(part for part in (each.address, each.city, each.country) if part),
                *(f"{each.skus:,}", f"{each.units:,}"),
            )
            for each in warehouses
        ),
        right=frozenset({0, 4, 5}),
    )
    return 0


def _connections(options: argparse.Namespace) -> int:
    from supportdesk.desk import connections

    return _emit_view(connections.view(desk_of(options), options.channel), options)


def _link(options: argparse.Namespace) -> int:
    from supportdesk.desk import connections

    desk = desk_of(options)
    _refuse_mixed_ways(options)
    if options.suggested:
        accepted = connections.accept_suggestions(desk, options.channel)
        if not wants_json(options):
            output.say(
                f"{accepted:,} {'location is' if accepted == 1 else 'locations are'} linked as suggested."
            )
        return _emit_view(connections.view(desk, options.channel), options)
    location = connections.resolve_location(desk, options.channel, options.location)
    if options.swap_with is not None:
        other = connections.resolve_location(desk, options.channel, options.swap_with)
        return _emit_view(connections.swap(desk, options.channel, location, other, seen=None), options)
    request = connections.LinkRequest(
        location_id=location,
        warehouse_id=connections.resolve_warehouse(desk, _account_of(desk, options), options.warehouse).id,
        master=options.master,
        insist=options.insist,
    )
    return _emit_view(
        connections.link(desk, options.channel, _with_counts(desk, options, request), seen=options.seen),
        options,
    )


def _refuse_mixed_ways(options: argparse.Namespace) -> None:
    """Raise `WrongUsage` unless exactly one of the three ways to link is asked for, whole."""
    whole = {"--location": options.location, "--warehouse": options.warehouse, "--master": options.master}
    if options.suggested or options.swap_with is not None:
        way = "--suggested" if options.suggested else "--swap-with"
        unheard = [
            *(name for name, value in whole.items() if value is not None),
            *(["--counts"] if options.counts is not None else []),
            *(["--insist"] if options.insist else []),
            *(["--seen"] if options.seen is not None else []),
            *(["--swap-with"] if options.suggested and options.swap_with is not None else []),
        ]
        if way == "--swap-with":
            unheard = [name for name in unheard if name != "--location"]
            if options.location is None:
                raise WrongUsage("It takes two locations to swap.", "Name the other with --location=L.")
        if unheard:
            raise WrongUsage(f"{way} does not go with {', '.join(unheard)}.", "Leave one or the other out.")
        return
    if missing := [name for name, value in whole.items() if value is None]:
        raise WrongUsage(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            f"supportdesk link {options.channel} --location=L --warehouse=W --master=sumtracker",
        )


def _account_of(desk: Desk, options: argparse.Namespace) -> str:
    from supportdesk.desk import channels

    return channels.channel_named(desk, options.channel).account


def _with_counts(desk: Desk, options: argparse.Namespace, request: LinkRequest) -> LinkRequest:
    """The request with the answer of `--counts`."""
    from dataclasses import replace

    from supportdesk.desk import connections

    if options.counts is None:
        return request
    if options.counts == "sum":
        return replace(request, counts="sum")
    counted = connections.resolve_location(desk, options.channel, options.counts)
    if counted == request.location_id:
        return replace(request, counts="this")
    return replace(request, counts="other", counts_of=counted)


def _unlink(options: argparse.Namespace) -> int:
    from supportdesk.desk import connections

    desk = desk_of(options)
    location = connections.resolve_location(desk, options.channel, options.location)
    view = connections.unlink(desk, options.channel, location, stay=not options.undecided, seen=options.seen)
    return _emit_view(view, options)


def _emit_view(view: ConnectionsView, options: argparse.Namespace) -> int:
    if wants_json(options):
        from supportdesk.cli.connections_contract import Connections

        output.emit_json(Connections.of(view))
        return 0
    if not view.lines:
        output.say("There is no location yet.")
        output.say(f"Load the store: supportdesk load {options.channel}")
    else:
        codes = {warehouse.id: warehouse.code for warehouse in view.warehouses}
        output.emit_table(
            (
                "id",
                "location",
                "units",
                "warehouse",
                "master",
                "also there",
                "counts that agree",
                "suggested",
            ),
            (_cells(line, codes) for line in view.lines),
            right=frozenset({0, 2}),
        )
    for finding in view.findings:
        output.emit_line(f"! {finding.text}")
    return 0


def _cells(line: LocationLine, codes: dict[int, str]) -> tuple[str, ...]:
    connection = line.connection
    warehouse = connection.warehouse if connection else None
    if warehouse:
        where = warehouse.code
    elif not line.location.active:
        where = "– (inactive)"
    else:
        where = "– (stays unlinked)" if connection else "–"
    master = MASTER_WORDS[connection.master] if connection and connection.master else ""
    if connection and connection.counts:
        master += f", {_COUNTS[connection.counts]}"
    return (
        str(line.location.id),
        line.location.name,
        f"{line.units:,}",
        where,
        master,
        ", ".join(f"{other.location} of {other.channel}" for other in line.others),
        _agreement(line.evidence),
        f"{codes.get(line.suggested.warehouse_id, '')}: {_agreement(line.suggested)}"
        if line.suggested
        else "",
    )


def _agreement(evidence: Evidence | None) -> str:
    if evidence is None:
        return ""
    if not evidence.skus_shared:
        return f"no counts; {evidence.name_likeness:.0%} alike in name"
    return f"{evidence.agreeing:,} of {evidence.skus_shared:,}"
