"""Changing stock by hand: adjustments, receipts, counts, transfers; what is refused, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from supportdesk.core.checks import count_of
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import (
    LARGEST_QUANTITY,
    Quantities,
    StockChange,
    StockChanged,
    change_of,
    net_of,
)
from supportdesk.desk import Desk, accounts
from supportdesk.errors import Conflict, Refused, UnknownName, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.movements import Cause, Document, MovementKind
    from supportdesk.ledger.stock import Place

COUNTED: Final = ("set", "count")
"""Kinds of changes that say how many units there are."""
_LEAST: Final = {"receive": 1, "transfer": 1, "set": 0, "count": 0}
"""The least quantity of each kind; an adjustment may be anything but 0."""


def change_stock(desk: Desk, account: str, change: StockChange) -> StockChanged:
    """Do what a person entered: move stock, with movement, document and event in one transaction.

    `adjust` takes a signed quantity. A receipt takes from what was incoming, never below 0. A transfer moves at once. A set or a count
    where orders from before sync still promise units, or staff set some aside in the store, has to say whether the number includes them;
    where it does they are taken off. Raises
    `UnknownName` for an account, warehouse or SKU that is not there, `WrongUsage` for an ambiguous warehouse, a quantity that
    cannot be, or nothing said of units promised or set aside, `Refused` for a bundle (but for setting to 0 what it had before it was one), a warehouse with a Shopify master, more
    than there is to transfer, and where read-only, `Conflict` where stock is not what the person saw (`change.seen`),
    `LedgerError` and its kinds. Nothing is written then.
    """
    accounts.refuse_if_read_only(desk, "change stock")
    _refuse_quantity(change)
    for text, what in ((change.reason, "The reason"), (change.reference, "The reference")):
        valid_text(text, what)
    with accounts.opened(desk, account) as ledger, ledger.writing() as connection:
        source = place_named(ledger, change.warehouse)
        target = _target(ledger, change, source)
        refuse_unknown_sku(ledger, change.sku)
        _refuse_bundle(connection, change, source)
        for place in (source, target):
            if place:
                _refuse_shopify_master(place)
        _refuse_moved(ledger, connection, change, source)
        apart = _apart(connection, change, source)
        changes = _Work(desk, connection, change, apart).done(source, target)
    return StockChanged(change.sku, tuple(changes), _sentence(change, changes, apart))


def place_named(ledger: Ledger, text: str) -> Place:
    """The warehouse with that id, code or exact name. Raises `UnknownName` naming those there are, `WrongUsage` for several."""
    from supportdesk.desk.warehouses import one_of
    from supportdesk.ledger import stock

    there = stock.places(ledger)
    found = one_of(
        valid_text(text, "The warehouse"),
        ((each.id, (each.code, each.name), f"{each.code} ({each.name}, id {each.id})") for each in there),
        "warehouse",
        f"Add one first: supportdesk warehouses {ledger.account} --add=CODE --name=NAME",
    )
    return next(each for each in there if each.id == found)


def refuse_unknown_sku(ledger: Ledger, sku: str) -> None:
    """Raise `UnknownName` for a SKU that is on no listing and no product of the account and has no stock, naming near ones."""
    from supportdesk.ledger import products

    if not sku:
        raise WrongUsage("A listing without a SKU has no numbers in Sumtracker.", "Name a SKU: --sku=S")
    valid_text(sku, "The SKU")
    if products.is_known(ledger.db.conn, sku):
        return
    near = products.near_skus(ledger, sku)
    raise UnknownName(
        f"No listing, product or stock of {ledger.account} has the SKU {sku!r}.",
        f"Did you mean {' or '.join(repr(each) for each in near)}?"
        if near
        else "SKUs are compared exactly, capitals and spaces too.",
    )


def valid_text(text: str, what: str) -> str:
    """`text`, unless it holds bytes that are no text at all, as a command line may: then `WrongUsage`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WrongUsage(f"{what} is not valid text.", "Type it again, in UTF-8.") from None
    return text


def _refuse_quantity(change: StockChange) -> None:
    if abs(change.quantity) > LARGEST_QUANTITY:
        raise WrongUsage(
            f"A quantity may be {LARGEST_QUANTITY:,} at most, either way.", "Check the quantity."
        )
    least = _LEAST.get(change.kind)
    if least is None and change.quantity == 0:
        raise WrongUsage(
            "An adjustment by 0 changes nothing.", "Give what to add, or with a minus what to take off."
        )
    if least is not None and change.quantity < least:
        what = {
            "receive": "A receipt is of 1 or more.",
            "transfer": "A transfer is of 1 or more.",
        }.get(change.kind, "There cannot be less than 0 in stock.")
        raise WrongUsage(
            what, "To take units off, use adjust with a minus: supportdesk adjust … --quantity=-3"
        )


def _target(ledger: Ledger, change: StockChange, source: Place) -> Place | None:
    if change.kind != "transfer":
        if change.to:
            raise WrongUsage("Only a transfer goes to another warehouse.", "Leave --to out.")
        return None
    if not change.to:
        raise WrongUsage("A transfer needs the warehouse it goes to.", "Name it with --to=W.")
    target = place_named(ledger, change.to)
    if target.id == source.id:
        raise WrongUsage(
            f"A transfer from {source.code} to itself moves nothing.", "Name another with --to=W."
        )
    return target


def _refuse_bundle(connection: sqlite3.Connection, change: StockChange, place: Place) -> None:
    """Raise `Refused` for a bundle, unless it takes away units kept from before it was one."""
    from supportdesk.ledger import bundles, stock

    if not bundles.is_bundle(connection, change.sku):
        return
    before, _ = stock.quantities_of(connection, change.sku, place.id)
    if change.kind in ("set", "count") and change.quantity == 0 and before.in_stock:
        return
    raise Refused(
        f"{shown_sku(change.sku)} is a bundle: what there is of it follows from its components.",
        "Change the stock of a component.",
    )


def _refuse_shopify_master(place: Place) -> None:
    if place.shopify_master:
        raise Refused(
            f"Shopify is master of {place.code}: its numbers are read from {place.shopify_master}, and a change here would be lost.",
            "Change the number in the store, or make Sumtracker master there first.",
        )


def _refuse_moved(ledger: Ledger, connection: sqlite3.Connection, change: StockChange, place: Place) -> None:
    from supportdesk.ledger import stock

    if change.seen is None:
        return
    now, _ = stock.quantities_of(connection, change.sku, place.id)
    if now.in_stock == change.seen:
        return
    last = next(
        (each for each in stock.movements_of(ledger, change.sku, 50) if each.warehouse == place.code), None
    )
    by = f" {last.who or 'sync'} changed it at {last.at:%H:%M} UTC ({last.kind})." if last else ""
    raise Conflict(
        f"{place.code} has {now.in_stock:,} of {shown_sku(change.sku)} in stock; you saw {change.seen:,}.{by}",
        "Look at it again, then decide.",
    )


class _Apart(NamedTuple):
    """Units on the shelf that a count includes, and that are taken off it."""

    promised: int = 0
    set_aside: int = 0


def _apart(connection: sqlite3.Connection, change: StockChange, place: Place) -> _Apart:
    """Units of what is counted here that orders from before sync promise, or that are set aside in the store; none for other changes.

    Raises `WrongUsage` where nothing was said of them, `Conflict` where they are not as many as the person saw.
    """
    from supportdesk.ledger import promises

    if change.kind not in COUNTED:
        if change.promised is not None or change.set_aside is not None:
            raise WrongUsage(
                "Only a set or a count says what of it is promised or set aside.",
                "Leave --promised and --set-aside out.",
            )
        return _Apart()
    promised = promises.of_sku(connection, change.sku).get(place.id, 0)
    aside = promises.set_aside_of(connection, change.sku).get(place.id, 0)
    sku = shown_sku(change.sku)
    _refuse_other(
        change.promised_seen, promised, f"of {sku} are promised by orders from before sync at {place.code}"
    )
    _refuse_other(change.set_aside_seen, aside, f"of {sku} are set aside in the store at {place.code}")
    unsaid, options = list[str](), list[str]()
    if promised and change.promised is None:
        unsaid.append(
            f"Orders from before sync still promise {count_of(promised, 'unit')} of {sku} at {place.code}."
        )
        options.append("--promised")
    if aside and change.set_aside is None:
        unsaid.append(f"Staff set {count_of(aside, 'unit')} of {sku} at {place.code} aside in the store.")
        options.append("--set-aside")
    if unsaid:
        named = " and ".join(options)
        raise WrongUsage(
            f"{' '.join(unsaid)} Does your number include them? They lie on the shelf until they are sent or released.",
            f"Say so with {named}: {options[0]}=included takes them off, {options[0]}=not-included does not.",
        )
    return _Apart(
        promised if change.promised == "included" else 0, aside if change.set_aside == "included" else 0
    )


def _refuse_other(seen: int | None, units: int, what: str) -> None:
    if seen is not None and seen != units:
        raise Conflict(f"{units:,} {what}; you saw {seen:,}.", "Look at it again, then decide.")


@dataclass(frozen=True, slots=True)
class _Work:
    """One change, in the transaction under way."""

    desk: Desk
    connection: sqlite3.Connection
    change: StockChange
    apart: _Apart
    """Units to be taken off what was counted."""

    def done(self, source: Place, target: Place | None) -> list[tuple[str, Quantities, Quantities]]:
        """Do it; (warehouse code, before, after) of each warehouse."""
        from supportdesk.ledger import stock
        from supportdesk.ledger.movements import move

        change = self.change
        before, _ = stock.quantities_of(self.connection, change.sku, source.id)
        counted = net_of(change.quantity, self.apart.promised, change.promised)
        counted = net_of(counted, self.apart.set_aside, change.set_aside)
        match change.kind:
            case "adjust":
                kind: MovementKind = "add" if change.quantity > 0 else "subtract"
                difference = change_of("add", change.quantity)
                cause = self._cause(kind)
            case "receive":
                difference = change_of("received", change.quantity, before)
                cause = self._cause("receive", self._document("receipt", source))
            case "count":
                difference = change_of("set", counted, before)
                cause = self._cause("count", self._document("stocktake", source))
            case "set":
                difference = change_of("set", counted, before)
                cause = self._cause("set")
            case "transfer":
                if change.quantity > before.in_stock:
                    raise Refused(
                        f"{source.code} has {before.in_stock:,} of {shown_sku(change.sku)} in stock; {change.quantity:,} cannot leave it.",
                        "Move fewer, or count it first if the number is wrong.",
                    )
                difference = change_of("transfer_sent", change.quantity)
                cause = self._cause("transfer", self._document("transfer", source, target))
        done = [(source.code, *move(self.connection, cause, change.sku, source.id, difference))]
        if target:
            # Sent and received at once: what is expected on the way in between is never incoming.
            arrived = change_of("add", change.quantity)
            done.append((target.code, *move(self.connection, cause, change.sku, target.id, arrived)))
        return done

    def _cause(self, kind: MovementKind, document_id: int | None = None) -> Cause:
        from supportdesk.ledger.movements import Cause

        return Cause(
            at=self.desk.now(),
            kind=kind,
            who=accounts.who(),
            reason=self._reason,
            reference=self.change.reference,
            document_id=document_id,
        )

    @property
    def _reason(self) -> str:
        """As it was given, and what was taken off: so a movement says by itself why it is not the number that was counted."""
        promised, aside = self.apart
        less = [f"{promised:,} of them promised before sync"] if promised else []
        less += [f"{aside:,} of them set aside in the store"] if aside else []
        if not less:
            return self.change.reason
        taken = f"{self.change.quantity:,} counted, {', '.join(less)}"
        return f"{self.change.reason}; {taken}" if self.change.reason else taken

    def _document(self, kind: Document, source: Place, target: Place | None = None) -> int:
        from supportdesk.ledger.movements import keep_document

        return keep_document(
            self.connection,
            kind,
            source.id,
            at=self.desk.now(),
            who=accounts.who(),
            reference=self.change.reference,
            note=self._reason,
            to_warehouse_id=target.id if target else None,
        )


def _sentence(change: StockChange, changes: list[tuple[str, Quantities, Quantities]], apart: _Apart) -> str:
    parts = [f"{code} {before.in_stock:,} → {after.in_stock:,}" for code, before, after in changes]
    text = f"{shown_sku(change.sku)} in stock: {', '.join(parts)}."
    _, before, after = changes[0]
    if apart.promised:
        text += f" {apart.promised:,} of {change.quantity:,} {_is(apart.promised)} promised by orders from before sync and taken off."
    if apart.set_aside:
        text += f" {apart.set_aside:,} of {change.quantity:,} {_is(apart.set_aside)} set aside in the store and taken off until they are released."
    if after.booked:
        text += f" {after.booked:,} booked, so {after.available:,} available."
    if after.incoming != before.incoming:
        text += f" Incoming {before.incoming:,} → {after.incoming:,}."
    return text


def _is(units: int) -> str:
    return "is" if units == 1 else "are"
