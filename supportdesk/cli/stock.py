"""Commands about the Sumtracker side's stock: import, stock, explain, and adjust, set, receive, count, transfer."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Final, get_args

from supportdesk.cli import output
from supportdesk.cli.explanation import number, reason
from supportdesk.cli.invocation import desk_of, wants_json, watched
from supportdesk.core.imports import Imported
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import (
    Included,
    StockChange,
    StockFilter,
    StockOrder,
    StockRow,
)
from supportdesk.core.text import safe_text
from supportdesk.errors import WrongUsage

_CHANGES: Final = ("adjust", "set", "receive", "count", "transfer")
_QUANTITY: Final = {
    "adjust": "units to add, or with a minus to take off",
    "set": "what in stock is to be",
    "receive": "units that arrived, 1 or more; as many are no longer incoming",
    "count": "units that were counted",
    "transfer": "units that go to the other warehouse, 1 or more",
}
_MOST_MOVEMENTS: Final = 1_000_000_000
"""More than there can be: numbers beyond what SQLite counts with ask for all of them too."""
_AT_ONCE: Final = 500
"""Rows written at a time."""


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    if command == "import":
        _add_import(parser)
    elif command in _CHANGES:
        parser.add_argument("account", metavar="ACCOUNT", help="as `supportdesk channels` lists it")
        parser.add_argument("--warehouse", metavar="W", required=True, help="id, code or exact name")
        parser.add_argument("--sku", metavar="S", required=True, help="any text: --sku=S")
        parser.add_argument("--quantity", metavar="N", required=True, help=_QUANTITY[command])
        parser.add_argument("--reason", metavar="T", default="", help="kept with the movement")
        parser.add_argument("--reference", metavar="T", default="", help="a delivery note, a document")
        if command in ("set", "count"):
            parser.add_argument(
                "--promised",
                choices=get_args(Included),
                help="whether N includes units that orders from before sync promise; asked where there are any",
            )
            parser.add_argument(
                "--set-aside",
                choices=get_args(Included),
                help="whether N includes units that staff set aside in the store; asked where there are any",
            )
        if command == "transfer":
            parser.add_argument("--to", metavar="W", required=True, help="the warehouse it goes to")
    else:
        parser.add_argument("channel", metavar="CHANNEL", help="as `supportdesk channels` lists it")
        parser.add_argument(
            "--sku",
            metavar="S",
            required=command == "explain",
            help="any text: --sku=S" + ("" if command == "explain" else "; its rows alone"),
        )
    if command == "explain":
        parser.add_argument(
            "--movements",
            metavar="N",
            type=int,
            default=20,
            help="how many of them, of events, and of the newest lines of each row (default: 20)",
        )
    if command == "stock":
        parser.add_argument("--show", choices=get_args(StockFilter), default="all", help="which rows")
        parser.add_argument("--order", choices=get_args(StockOrder), default="sku", help="default: sku")
        parser.add_argument("--descending", action="store_true", help="the other way round")
        parser.add_argument(
            "--text", metavar="T", default="", help="only rows with this in SKU, title, listing or place"
        )


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="as `supportdesk channels` lists it")
    for name, columns in (
        ("warehouses", "code, name, and if you like address, city, country, priority"),
        ("bundles", "bundle sku, component sku, quantity"),
        ("stock", "sku, warehouse, in stock, and if you like incoming"),
        ("rules", "sku, warehouse, close at; or channel, maximum"),
    ):
        parser.add_argument(f"--{name}", metavar="F", type=Path, help=f"CSV with the columns {columns}")
    parser.add_argument("--skip-bad", action="store_true", help="leave out rows that cannot be taken")
    parser.add_argument(
        "--from-sumtracker",
        action="store_true",
        help="read a real Sumtracker account instead, which is not changed",
    )
    parser.add_argument(
        "--key-env",
        metavar="VAR",
        help="environment variable that holds its API key (default: SUMTRACKER_API_KEY, then the key that was kept)",
    )
    parser.add_argument(
        "--keep-key",
        action="store_true",
        help="keep the key for the next import, in the keyring or a file only you can read",
    )
    parser.add_argument("--api-url", metavar="URL", help="a sandbox on this machine")


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    if command in _CHANGES:
        return _change(command, options)
    return {"import": _import, "stock": _stock, "explain": _explain}[command](options)


def _import(options: argparse.Namespace) -> int:
    from supportdesk.desk import imports, sumtracker_key

    files = {name: getattr(options, name) for name in ("warehouses", "bundles", "stock", "rules")}
    if options.from_sumtracker and (any(files.values()) or options.skip_bad):
        raise WrongUsage(
            "--from-sumtracker reads a whole account, without files.", "Import the files in a second step."
        )
    if not options.from_sumtracker and (options.key_env or options.api_url or options.keep_key):
        raise WrongUsage(
            "--key-env, --keep-key and --api-url go with --from-sumtracker.", "Add it, or leave them out."
        )
    with watched(options) as watch:
        if options.from_sumtracker:
            desk = desk_of(options)
            key = sumtracker_key.key_of(desk, options.account, variable=options.key_env)
            done = sumtracker_key.import_with(
                desk, options.account, key, watch, keep=options.keep_key, base_url=options.api_url
            )
        else:
            done = imports.import_files(
                desk_of(options), options.account, **files, skip_bad=options.skip_bad, watch=watch
            )
    if wants_json(options):
        from supportdesk.cli.stock_contract import ImportedLine

        output.emit_json(ImportedLine.of(done))
        return 0
    _emit_imported(done)
    return 0


def _emit_imported(done: Imported) -> None:
    for name, count in (
        ("warehouses made or changed", done.warehouses),
        ("products new or changed", done.products),
        ("bundles", done.bundles),
        ("numbers in stock changed", done.numbers),
        ("numbers already there", done.unchanged),
        ("close-at quantities", done.close_at),
        ("maximums", done.maximums),
        ("left out", done.bad_count),
    ):
        if count:
            output.emit_line(f"{name:28} {count:>10,}")
    if done == Imported(notes=done.notes):
        output.emit_line("Nothing was new.")
    for bad in done.bad:
        output.say(f"! {bad.text}")
    if done.bad_count > len(done.bad):
        output.say(f"! and {done.bad_count - len(done.bad):,} more.")
    for note in done.notes:
        output.say(note)


def _change(command: str, options: argparse.Namespace) -> int:
    from supportdesk.desk import stock

    change = StockChange(
        kind=command,  # type: ignore[arg-type]  # one of _CHANGES, which are the kinds
        warehouse=options.warehouse,
        sku=options.sku,
        quantity=_whole(options.quantity),
        to=options.to if command == "transfer" else "",
        reason=options.reason,
        reference=options.reference,
        promised=getattr(options, "promised", None),
        set_aside=getattr(options, "set_aside", None),
    )
    changed = stock.change_stock(desk_of(options), options.account, change)
    if wants_json(options):
        from supportdesk.cli.stock_contract import StockChangedLine

        output.emit_json(StockChangedLine.of(changed))
    else:
        output.emit_line(changed.text)
    return 0


def _whole(text: str) -> int:
    plain = text.strip().replace(",", "")
    if not plain.removeprefix("-").removeprefix("+").isdecimal() or not plain.isascii() or len(plain) > 20:
        raise WrongUsage(f"{text!r} is no whole number.", "Give units as digits: --quantity=12")
    return int(plain)


def _stock(options: argparse.Namespace) -> int:
    from supportdesk.desk import stock

    rows = stock.export_stock(
        desk_of(options),
        options.channel,
        order=options.order,
        descending=options.descending,
        show=options.show,
        text=options.text,
        sku=options.sku,
    )
    if wants_json(options):
        _emit_json_rows(rows)
        return 0
    first = next(rows, None)
    if first is None:
        output.say("There is no such row.")
        return 0
    output.emit_line(f"  {'SKU':24} {'location':16} {'warehouse':10} {'store':>9} {'ledger':>9}  title")
    for row in itertools.chain([first], rows):
        output.emit_line(_row_line(row))
    return 0


def _emit_json_rows(rows: Iterable[StockRow]) -> None:
    """The rows as one JSON array, some lines at a time: there may be a million."""
    from supportdesk.cli.stock_contract import StockRowLine

    before = "["
    left = iter(rows)
    while some := list(itertools.islice(left, _AT_ONCE)):
        text = output.json_text([StockRowLine.of(row).model_dump(mode="json") for row in some])
        output.emit_line(before + text[1:-1])
        before = ","
    output.emit_line("[]" if before == "[" else "]")


def _row_line(row: StockRow) -> str:
    sku, location, code = (
        output.padded(safe_text(each), width)
        for each, width in (
            (shown_sku(row.sku) or "(no SKU)", 24),
            (row.location, 16),
            (row.warehouse or "–", 10),
        )
    )
    name = f"{row.title} {row.variant_title}".rstrip()
    left_out = f"  ({reason(row.left_out)})" if row.left_out else ""
    return f"{_sign(row)} {sku} {location} {code} {number(row.store):>9} {number(row.ledger):>9}  {name}{left_out}"


def _sign(row: StockRow) -> str:
    """What DESIGN §7 says of the two numbers."""
    if row.ledger is None:
        return "+"
    if row.store is None:
        return "-"
    return "=" if row.store == row.ledger else "*"


def _explain(options: argparse.Namespace) -> int:
    from supportdesk.desk import stock

    if options.movements < 0:
        raise WrongUsage("--movements is 0 or more.", "Leave it out to see the newest 20.")
    newest = min(options.movements, _MOST_MOVEMENTS)
    found = stock.inspect_sku(desk_of(options), options.channel, options.sku, movements=newest)
    if wants_json(options):
        from supportdesk.cli.stock_contract import InspectionLine

        output.emit_json(InspectionLine.of(found))
        return 0
    from supportdesk.cli.explanation import emit_inspection

    emit_inspection(found)
    return 0
