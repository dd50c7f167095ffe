"""Commands about bundles by hand: bundles, bundle."""

from __future__ import annotations

import argparse

from supportdesk.cli import output
from supportdesk.cli.invocation import desk_of, wants_json
from supportdesk.core.bundles import Bundle, BundleAt, BundleChange, BundleLine, made_of
from supportdesk.core.skus import shown_sku
from supportdesk.errors import WrongUsage


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of one of these commands."""
    parser.add_argument("account", metavar="ACCOUNT", help="as `supportdesk channels` lists it")
    if command == "bundle":
        parser.add_argument("--sku", metavar="S", required=True, help="the bundle's; any text: --sku=S")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--component",
            metavar="SKU:QUANTITY",
            action="append",
            help="one component and how many a bundle holds, split at the last colon; once for each. "
            "They take the place of all there were",
        )
        what.add_argument("--remove", action="store_true", help="it is no bundle any more")


def run(command: str, options: argparse.Namespace) -> int:
    """Do one of these commands."""
    return {"bundles": _bundles, "bundle": _bundle}[command](options)


def _bundles(options: argparse.Namespace) -> int:
    from supportdesk.desk import bundles

    found = list(bundles.all_bundles(desk_of(options), options.account))
    if wants_json(options):
        from supportdesk.cli.bundles_contract import BundleRow

        output.emit_json([BundleRow.of(each) for each in found])
        return 0
    if not found:
        output.say("There is no bundle. A bundle is a SKU whose number follows from its components.")
        output.say(f"Make one: supportdesk bundle {options.account} --sku=S --component=SKU:2")
        return 0
    _emit_table(found)
    return 0


def _emit_table(found: list[Bundle]) -> None:
    output.emit_table(
        ("bundle", "name", "made of", "warehouse", "available", "limited by"),
        (
            (
                *(
                    (shown_sku(bundle.sku), bundle.name, made_of(bundle.lines))
                    if number == 0
                    else ("", "", "")
                ),
                *(
                    (place.code, _number(place), ", ".join(map(shown_sku, place.limited_by)))
                    if place
                    else ("–", "–", "")
                ),
            )
            for bundle in found
            for number, place in enumerate(bundle.warehouses or (None,))
        ),
        right=frozenset({4}),
    )


def _number(place: BundleAt) -> str:
    return "unknown" if place.available is None else f"{place.available:,}"


def _bundle(options: argparse.Namespace) -> int:
    from supportdesk.desk import bundles

    desk = desk_of(options)
    if not options.component and not options.remove:
        found = bundles.inspect_bundle(desk, options.account, options.sku)
        if wants_json(options):
            from supportdesk.cli.bundles_contract import BundleRow

            output.emit_json(BundleRow.of(found))
        elif found.lines:
            _emit_table([found])
        else:
            output.emit_line(f"{shown_sku(found.sku)} is no bundle.")
        return 0
    lines = tuple(_line(text) for text in options.component or ())
    changed = bundles.change_bundle(desk, options.account, BundleChange(options.sku, lines))
    if wants_json(options):
        from supportdesk.cli.bundles_contract import BundleChangedRow

        output.emit_json(BundleChangedRow.of(changed))
        return 0
    output.emit_line(changed.text)
    for note in changed.notes:
        output.say(note)
    return 0


def _line(text: str) -> BundleLine:
    """`SKU:QUANTITY`, split at the last colon: a SKU may hold one. Raises `WrongUsage`."""
    sku, colon, quantity = text.rpartition(":")
    plain = quantity.strip()
    if not colon or not sku:
        raise WrongUsage(
            f"{text!r} does not say which component and how many.",
            "Write its SKU, a colon, and how many a bundle holds: --component=MUG:2",
        )
    if not plain.removeprefix("-").isdecimal() or not plain.isascii() or len(plain) > 20:
        raise WrongUsage(
            f"{quantity!r}, behind the last colon of {text!r}, is no whole number.",
            "Write its SKU, a colon, and how many a bundle holds: --component=MUG:2",
        )
    return BundleLine(sku, int(plain))
