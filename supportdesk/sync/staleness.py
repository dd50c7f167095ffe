"""Whether a plan is stale: what changed since it was made, in sentences (PROTOCOL §4). Building one is in `plan`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from supportdesk.core.connections import NAMED, named
from supportdesk.core.listings import LEFT_OUT
from supportdesk.core.plan import SECTION_WORDS, Section, changed_since, fingerprint
from supportdesk.ledger import plan_basis, plan_numbers, plans
from supportdesk.ledger.plan_basis import RowChange, Told
from supportdesk.ledger.plan_numbers import Making
from supportdesk.ledger.plans import Header

_MANY: Final = 200
"""Changes that are looked at; more are said to be more."""
_OF_CONNECTIONS: Final = ("link", "unlink", "master", "counts")
_OF_LEDGER: Final = (
    *("add", "subtract", "set", "receive", "count", "transfer", "import", "import_sumtracker", "copy", "purchase"),
    *("close_at", "bundle", "settings", "restore"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changed:
    """What is no longer as it was when a plan was made."""

    section: Section
    text: str
    """One sentence, naming the first few; may quote foreign text."""


def stale(connection: sqlite3.Connection, plan_id: int) -> tuple[Changed, ...]:
    """What changed since the plan was made, a sentence a change; nothing where it may be applied.

    The store's numbers are not compared, nor what orders moved: those are for applying to judge, row by row. Of a roll back the
    pushes are compared by applying too. Uses temporary tables of `connection`; a plan that is not there has nothing to compare.
    """
    began = not connection.in_transaction
    try:
        return _changes(connection, plan_id)
    finally:
        plan_numbers.clear(connection)
        if began:
            connection.rollback()


def _changes(connection: sqlite3.Connection, plan_id: int) -> tuple[Changed, ...]:
    row = plans.plan_row(connection, plan_id)
    if row is None or row["purpose"] == "rollback":
        return ()
    places = plans.places_of(connection, plan_id)
    header = Header(row["channel_id"], row["purpose"], None, None, None, places, row["location_id"])
    making = plans.making_of(connection, plan_id, header)
    plan_numbers.prepare(connection, making)
    now: dict[Section, str] = {
        "load": fingerprint(plan_basis.load_facts(connection, making)),
        **said_basis(connection, making),
        **ledger_basis(connection, making),
    }
    changed = changed_since(json.loads(row["basis"]), now)
    found: list[Changed] = []
    for section in changed:
        texts = _SAYING[section](connection, making, row["handle"], row["event_id"])
        found += [
            Changed(section, text) for text in texts or (f"{_capital(SECTION_WORDS[section])} changed.",)
        ]
    return tuple(found)


def said_basis(connection: sqlite3.Connection, making: Making) -> dict[Section, str]:
    """The fingerprints of what people said: decisions and connections."""
    return {
        "decisions": fingerprint(plan_basis.decision_facts(connection, making.channel_id)),
        "connections": fingerprint(plan_basis.connection_facts(connection, making)),
    }


def ledger_basis(connection: sqlite3.Connection, making: Making) -> dict[Section, str]:
    """The fingerprint of Sumtracker's side."""
    return {"ledger": fingerprint(plan_basis.ledger_facts(connection, making))}


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


# The store's listings ---------------------------------------------------------------------------------------------------------------------

_ROW_WORDS: Final = {
    "gone": ("is no longer in the store", "are no longer in the store"),
    "not_stocked": ("is no longer stocked at {place}", "are no longer stocked where they were"),
    "new": ("came to {place}", "came to the store or into scope"),
}


def _load(connection: sqlite3.Connection, making: Making, handle: str, event_id: int) -> list[str]:
    decided = {
        each.sku for each in plan_basis.events_since(connection, handle, event_id, ("decision",), _MANY)
    }
    changes = [each for each in plan_basis.row_changes(connection, making, _MANY) if each.sku not in decided]
    said = _sku_changes([each for each in changes if each.what == "sku"])
    said += _left_out([each for each in changes if each.what == "left_out"])
    for what, (one, many) in _ROW_WORDS.items():
        rows = [each for each in changes if each.what == what]
        skus = list(dict.fromkeys(each.sku for each in rows))
        if len(skus) == 1:
            places = named(list(dict.fromkeys(each.place for each in rows)))
            said.append(f"{skus[0]} {one.format(place=places)}.")
        elif skus:
            said.append(f"{named(skus)} {many}.")
    return said


def _sku_changes(rows: Sequence[RowChange]) -> list[str]:
    pairs = dict.fromkeys((each.sku, each.now or "none", each.item_id) for each in rows)
    said = [f"The SKU {sku} is now {now}." for sku, now, _ in list(pairs)[:NAMED]]
    if len(pairs) > NAMED:
        said.append(f"{len(pairs) - NAMED:,} more SKUs changed.")
    return said


def _left_out(rows: Sequence[RowChange]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for each in rows:
        by_reason.setdefault(each.now, []).append(each.sku)
    said = []
    for reason, skus in by_reason.items():
        skus = list(dict.fromkeys(skus))
        what = LEFT_OUT.get(reason, reason)
        said.append(f"{named(skus)} left scope: listings that {what} are not synced.")
    return said


# What people said and did ------------------------------------------------------------------------------------------------------------------


def _decisions(connection: sqlite3.Connection, making: Making, handle: str, event_id: int) -> list[str]:
    told = plan_basis.events_since(connection, handle, event_id, ("decision",), _MANY)
    if told:
        return _each_by_sku(told, "{sku}: {detail}, said by {who}.", "{count:,} more decisions changed.")
    groups = connection.execute(
        """SELECT sku FROM duplicate_group WHERE channel_id = ? AND items > 1 AND NOT (coalesce(holds, 0) AND NOT unanswered)
           ORDER BY sku LIMIT ?""",
        (making.channel_id, _MANY),
    ).fetchall()
    if not groups:
        return []
    return [f"A decision is needed, or needed again, of {named([sku for (sku,) in groups])}."]


def _connections(connection: sqlite3.Connection, making: Making, handle: str, event_id: int) -> list[str]:
    there = dict(
        connection.execute(
            "SELECT id, active FROM location WHERE channel_id = ?", (making.channel_id,)
        ).fetchall()
    )
    said = []
    for place in making.places:
        if place.location_id not in there:
            said.append(f"{place.name} is no longer in the store.")
        elif not there[place.location_id]:
            said.append(f"{place.name} is inactive in Shopify now.")
    told = plan_basis.events_since(connection, handle, event_id, _OF_CONNECTIONS, _MANY)
    by_place = {each.place: each for each in told}
    for each in list(by_place.values())[:NAMED]:
        said.append(f"{each.place}: {each.detail}, said by {each.who or 'somebody'}.")
    if len(by_place) > NAMED:
        said.append(f"{len(by_place) - NAMED:,} more connections changed.")
    return said


def _ledger(connection: sqlite3.Connection, _: Making, handle: str, event_id: int) -> list[str]:
    told = plan_basis.events_since(connection, handle, event_id, _OF_LEDGER, _MANY)
    of_skus = [each for each in told if each.sku]
    others = [each for each in told if not each.sku]
    said = []
    if of_skus:
        skus = list(dict.fromkeys(each.sku for each in of_skus))
        people = named(list(dict.fromkeys(each.who or "somebody" for each in of_skus)))
        said.append(f"Sumtracker's numbers or rules changed for {named(skus)}, by {people}.")
    for each in others[:NAMED]:
        said.append(f"{_capital(each.kind.replace('_', ' '))} by {each.who or 'somebody'}: {each.detail}.")
    return said


def _each_by_sku(told: Sequence[Told], text: str, more: str) -> list[str]:
    latest = {each.sku: each for each in told}
    said = [
        text.format(sku=each.sku, detail=each.detail, who=each.who or "somebody")
        for each in list(latest.values())[:NAMED]
    ]
    if len(latest) > NAMED:
        said.append(more.format(count=len(latest) - NAMED))
    return said


_SAYING: Final = {"load": _load, "decisions": _decisions, "connections": _connections, "ledger": _ledger}
