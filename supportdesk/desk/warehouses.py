"""The warehouses of an account as a person handles them: listed, added, renamed, removed, found by what they are called.

What is linked to them is in `connections`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from supportdesk.core.connections import Warehouse, named
from supportdesk.core.text import safe_text
from supportdesk.desk import Desk, accounts
from supportdesk.errors import Refused, UnknownName, WrongUsage

if TYPE_CHECKING:
    from supportdesk.ledger.file import Ledger

LONGEST: Final = {"code": 64, "name": 255, "address": 255, "city": 255, "country": 64}
"""Characters each field may have."""


def warehouses(desk: Desk, account: str) -> tuple[Warehouse, ...]:
    """Every warehouse of the account with its units and counted SKUs, by priority and code."""
    from supportdesk.ledger import warehouses as kept

    with accounts.opened(desk, account) as ledger:
        return kept.all_warehouses(ledger)


def add_warehouse(
    desk: Desk, account: str, code: str, name: str, *, address: str = "", city: str = "", country: str = ""
) -> Warehouse:
    """Add a warehouse; returns it, empty. Raises `WrongUsage` for a code or name that is none, `Refused` for a code that is taken."""
    from supportdesk.ledger import events
    from supportdesk.ledger import warehouses as kept

    accounts.refuse_if_read_only(desk, "add warehouses")
    fields = {"code": code, "name": name, "address": address, "city": city, "country": country}
    fields = {field: _checked(field, text) for field, text in fields.items()}
    with accounts.opened(desk, account) as ledger, ledger.writing() as connection:
        _refuse_taken(kept.code_taken(connection, fields["code"]), fields["code"])
        warehouse_id = kept.add(connection, **fields)
        events.record(
            connection,
            at=desk.now(),
            kind="warehouse",
            who=accounts.who(),
            place=fields["name"],
            detail=f"added as {fields['code']}",
        )
    return Warehouse(
        warehouse_id, fields["code"], fields["name"], fields["address"], fields["city"], fields["country"]
    )


def _checked(field: str, text: str) -> str:
    """The text without space around it. Raises `WrongUsage` where it is empty, too long or holds what no one sees."""
    text = text.strip()
    if not text and field in ("code", "name"):
        raise WrongUsage(
            f"A warehouse needs a {field}.", "The code is short, such as MAIN; the name is for people."
        )
    if len(text) > LONGEST[field]:
        raise WrongUsage(
            f"A warehouse's {field} has at most {LONGEST[field]} characters; this has {len(text):,}.",
            "Shorten it.",
        )
    if safe_text(text) != text:
        raise WrongUsage(
            f"The {field} {text!r} holds characters that cannot be seen.", "Type it again without them."
        )
    return text


def _refuse_taken(taken: str | None, code: str) -> None:
    if taken is not None:
        like = "" if taken == code else ", and codes that differ in capitals alone would be mixed up"
        raise Refused(
            f"There is a warehouse with the code {taken} already{like}.",
            "Choose another code, or link to the one there is.",
        )


def rename_warehouse(
    desk: Desk, account: str, warehouse_id: int, *, code: str | None = None, name: str | None = None
) -> Warehouse:
    """Give a warehouse another code, name or both; returns it without a look at its stock. Raises as `add_warehouse`."""
    from supportdesk.ledger import events
    from supportdesk.ledger import warehouses as kept

    accounts.refuse_if_read_only(desk, "rename warehouses")
    with accounts.opened(desk, account) as ledger, ledger.writing() as connection:
        before = warehouse_of(ledger, warehouse_id)
        code = before.code if code is None else _checked("code", code)
        name = before.name if name is None else _checked("name", name)
        if (code, name) != (before.code, before.name):
            _refuse_taken(kept.code_taken(connection, code, but=warehouse_id), code)
            kept.rename(connection, warehouse_id, code=code, name=name)
            events.record(
                connection,
                at=desk.now(),
                kind="warehouse",
                who=accounts.who(),
                place=name,
                detail=f"renamed from {before.code} ({before.name}) to {code} ({name})",
            )
        return warehouse_of(ledger, warehouse_id)


def remove_warehouse(desk: Desk, account: str, warehouse_id: int) -> None:
    """Remove a warehouse that nothing hangs on. Raises `Refused`, saying what does."""
    from supportdesk.ledger import events
    from supportdesk.ledger import warehouses as kept

    accounts.refuse_if_read_only(desk, "remove warehouses")
    with accounts.opened(desk, account) as ledger, ledger.writing() as connection:
        warehouse = warehouse_of(ledger, warehouse_id)
        if traces := kept.traces(connection, warehouse_id):
            raise Refused(
                f"{warehouse.code} has {named(traces)}, so it cannot be removed.",
                "Unlink its locations first."
                if traces == ("connections",)
                else "A warehouse with a history stays.",
            )
        kept.remove(connection, warehouse_id)
        events.record(
            connection,
            at=desk.now(),
            kind="warehouse",
            who=accounts.who(),
            place=warehouse.name,
            detail=f"{warehouse.code} removed",
        )


def warehouse_of(ledger: Ledger, warehouse_id: int) -> Warehouse:
    """The warehouse of that id, without a look at its stock. Raises `UnknownName`."""
    from supportdesk.ledger import warehouses as kept

    for warehouse in kept.named_warehouses(ledger):
        if warehouse.id == warehouse_id:
            return warehouse
    raise UnknownName(
        f"There is no warehouse {warehouse_id} any more.", "Look at the list of warehouses again."
    )


def resolve_warehouse(desk: Desk, account: str, text: str) -> Warehouse:
    """The warehouse with that id, code or exact name; without a look at its stock.

    Raises `UnknownName` with those there are, and `WrongUsage` with the candidates where several fit.
    """
    from supportdesk.ledger import warehouses as kept

    with accounts.opened(desk, account) as ledger:
        there = kept.named_warehouses(ledger)
    found = one_of(
        text,
        ((each.id, (each.code, each.name), f"{each.code} ({each.name}, id {each.id})") for each in there),
        "warehouse",
        f"Add one first: supportdesk warehouses {account} --add=CODE --name=NAME",
    )
    return next(each for each in there if each.id == found)


def one_of(
    text: str, places: Iterable[tuple[int, tuple[str, ...], str]], what: str, where_there_is_none: str
) -> int:
    """The id of the one place `text` names exactly. A place is (id, what it is called, as it is shown).

    Of several things that it is called the first is its code, which no two share: it wins over an id, and an id over a name.
    Raises `UnknownName` with the nearest ones there are, `WrongUsage` with the candidates where several fit.
    """
    there = list(places)
    ways = (
        [place for place in there if len(place[1]) > 1 and text == place[1][0]],
        [place for place in there if text == str(place[0])],
        [place for place in there if text in place[1]],
    )
    fitting = next(filter(None, ways), [])
    if len(fitting) == 1:
        return fitting[0][0]
    if fitting:
        raise WrongUsage(
            f"Several {what}s are called {text!r}: {', '.join(shown for _, _, shown in fitting[:8])}.",
            "Name the one you mean by its id.",
        )
    if not there:
        raise UnknownName(f"There is no {what} {text!r}, nor any other.", where_there_is_none)
    names = {name: shown for _, all_names, shown in there for name in all_names}
    lowered = {name.casefold(): shown for name, shown in names.items()}
    near = difflib.get_close_matches(text.casefold(), lowered, n=3)
    shown = list(dict.fromkeys(lowered[name] for name in near)) or [shown for _, _, shown in there[:8]]
    raise UnknownName(
        f"There is no {what} {text!r}.",
        f"{'Did you mean' if near else 'There is'} {' or '.join(shown) if near else ', '.join(shown)}"
        f"{'?' if near else '.'}",
    )
