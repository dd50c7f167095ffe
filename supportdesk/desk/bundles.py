"""Bundles by hand: listed, looked at, made, changed, removed; what is refused, each with its reason. Importing them is in `imports`.

The rules of one bundle are in `core.bundles`; that a change is all or nothing is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supportdesk.core.bundles import (
    Bundle,
    BundleAt,
    BundleChange,
    BundleChanged,
    BundleEffect,
    BundleLine,
    BundleNumbers,
    Component,
    bundle_numbers,
    made_of,
    refused_line,
    refused_lines,
)
from supportdesk.core.imports import bundle_under_shopify
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import LARGEST_QUANTITY
from supportdesk.desk import Desk, accounts
from supportdesk.desk.stock_changes import refuse_unknown_sku
from supportdesk.errors import Conflict, Refused, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.stock import StockLine


def all_bundles(desk: Desk, account: str) -> Iterator[Bundle]:
    """Every bundle of the account by SKU, read as it is asked for. Raises `UnknownName`, `LedgerError` and its kinds."""
    from supportdesk.ledger import bundles, products
    from supportdesk.ledger.faults import said_plainly

    with accounts.opened(desk, account) as ledger, said_plainly(ledger.path):
        for sku, there in bundles.all_bundles(ledger):
            _, components = there[0]
            yield Bundle(
                sku,
                products.name_of(ledger, sku),
                tuple(BundleLine(part.sku, part.quantity) for part in components),
                tuple(_at(code, bundle_numbers(parts)) for code, parts in there if code is not None),
            )


def inspect_bundle(desk: Desk, account: str, sku: str) -> Bundle:
    """The SKU as a bundle; one without lines where it is none. Raises `UnknownName` with near SKUs, `LedgerError` and its kinds."""
    from supportdesk.ledger import bundles, products, stock

    with accounts.opened(desk, account) as ledger:
        refuse_unknown_sku(ledger, sku)
        lines = bundles.lines_of(ledger.db.conn, sku)
        there = [
            (place.code, bundle_numbers(bundles.components_of(ledger, sku, place.id)))
            for place in stock.places(ledger)
            if lines
        ]
        return Bundle(sku, products.name_of(ledger, sku), lines, tuple(_at(*each) for each in there))


def _at(code: str, numbers: BundleNumbers) -> BundleAt:
    return BundleAt(code, numbers.available, tuple(sorted(numbers.limited_by)))


def preview_bundle(desk: Desk, account: str, change: BundleChange) -> BundleChanged:
    """What `change_bundle` would do; nothing is written. Raises as it, but not where read-only."""
    with accounts.opened(desk, account) as ledger:
        return _judged(ledger, change)


def change_bundle(desk: Desk, account: str, change: BundleChange) -> BundleChanged:
    """Make, change or remove a bundle: all its lines at once, with the event that says who; what is so already is not written.

    Raises `UnknownName` for an account or a SKU that is not there, `WrongUsage` for a quantity below 1, a component named twice
    or itself, `Refused` for bundles within bundles, for a SKU that is sold or kept under a Shopify master (DESIGN §5, *Direction*),
    for removing what is no bundle, and where read-only, `Conflict` where the bundle is not what the person saw (`change.seen`),
    `LedgerError` and its kinds. Nothing is written then.
    """
    from supportdesk.ledger import bundles, events, products

    accounts.refuse_if_read_only(desk, "change bundles")
    with accounts.opened(desk, account) as ledger, ledger.writing() as connection:
        changed = _judged(ledger, change)
        if changed.before != changed.after:
            # Of an imported bundle its lines may be all that is known: without them nobody would know the SKU.
            products.keep(connection, change.sku)
            bundles.remove(connection, change.sku)
            bundles.replace_lines(connection, ((change.sku, *line) for line in changed.after))
            events.record(
                connection,
                at=desk.now(),
                kind="bundle",
                who=accounts.who(),
                sku=change.sku,
                detail=f"{made_of(changed.before)} → {made_of(changed.after)}",
            )
    return changed


def _judged(ledger: Ledger, change: BundleChange) -> BundleChanged:
    """What the change does, on what is now true. Raises as `change_bundle`."""
    from supportdesk.ledger import bundles, products, stock

    connection = ledger.db.conn
    refuse_unknown_sku(ledger, change.sku)
    before = bundles.lines_of(connection, change.sku)
    after = tuple(sorted(change.lines))
    _refuse_moved(ledger, change, before)
    if after:
        _refuse_lines(ledger, connection, change.sku, after)
    elif not before:
        raise Refused(f"{shown_sku(change.sku)} is no bundle.", "Name its components to make it one.")
    own = stock.stock_of(ledger, change.sku)
    parts = {line.sku: stock.stock_of(ledger, line.sku) for line in after}
    effects = []
    for number, place in enumerate(own):
        kept = place.quantities.available if place.counted else None
        was = (
            bundle_numbers(bundles.components_of(ledger, change.sku, place.place.id)).available
            if before
            else kept
        )
        there = [(line, parts[line.sku][number]) for line in after]
        becomes = bundle_numbers(
            [
                Component(
                    line.sku,
                    line.quantity,
                    each.quantities.available if each.counted else None,
                    each.close_at,
                )
                for line, each in there
            ]
        )
        effects.append(
            BundleEffect(
                place.place.code,
                was,
                becomes.available if after else kept,
                tuple(sorted(becomes.limited_by)),
            )
        )
    return BundleChanged(
        sku=change.sku,
        name=products.name_of(ledger, change.sku),
        before=before,
        after=after,
        warehouses=tuple(effects),
        notes=tuple(_notes(own, before, after)),
    )


def _notes(
    own: list[StockLine], before: tuple[BundleLine, ...], after: tuple[BundleLine, ...]
) -> Iterator[str]:
    held = [line for line in own if line.quantities.in_stock]
    if held and after and not before:
        where = ", ".join(f"{line.quantities.in_stock:,} in {line.place.code}" for line in held)
        yield (
            f"It has stock of its own ({where}), which is not counted while it is a bundle: what there is follows from the components."
        )
    if any(line.close_at for line in own) and after and not before:
        yield "Its own close-at has no effect on a bundle; those of its components have."


def _refuse_lines(
    ledger: Ledger, connection: sqlite3.Connection, bundle: str, lines: tuple[BundleLine, ...]
) -> None:
    from supportdesk.ledger import bundles, stock

    if why := refused_lines(bundle, lines, LARGEST_QUANTITY):
        raise WrongUsage(f"{why}.", "Name each component once, with how many of it a bundle holds.")
    for line in lines:
        refuse_unknown_sku(ledger, line.sku)
    made = {line.sku for line in lines if bundles.is_bundle(connection, line.sku)}
    parts = {bundle} if bundles.is_component(connection, bundle) else set()
    for line in lines:
        if why := refused_line(bundle, line.sku, made, parts):
            raise Refused(f"{why[0].upper()}{why[1:]}.", "Name the parts themselves.")
    for sku in (bundle, *(line.sku for line in lines)):
        if place := stock.read_only_place(connection, sku):
            raise Refused(
                f"{bundle_under_shopify(sku, place)}.", "Make Sumtracker master there, or leave it out."
            )


def _refuse_moved(ledger: Ledger, change: BundleChange, now: tuple[BundleLine, ...]) -> None:
    from supportdesk.ledger import bundles

    if change.seen is None or change.seen == now:
        return
    told = bundles.last_told(ledger, change.sku)
    by = f" {told.who or 'Somebody'} changed it at {told.at:%Y-%m-%d %H:%M}Z." if told else ""
    raise Conflict(
        f"{shown_sku(change.sku)} is now {made_of(now)}; you saw {made_of(change.seen)}.{by}",
        "Look at it again, then decide.",
    )
