"""How locations are connected to warehouses, as a person handles it: linked, unlinked, given a master, swapped, suggested.

How a change is made is in `connection_changes`; what the Warehouses tab draws is put together in `connections_view`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace

from supportdesk.core.connections import ConnectionsView, Master
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts, connections_view
from supportdesk.desk.connection_changes import LinkRequest, changing, opened_channel
from supportdesk.desk.one_location import TakingOut, unlink_live
from supportdesk.desk.warehouses import (
    add_warehouse,
    one_of,
    remove_warehouse,
    rename_warehouse,
    resolve_warehouse,
    warehouses,
)
from supportdesk.errors import Refused

__all__ = [
    "LinkRequest",
    "accept_suggestions",
    "add_warehouse",
    "judge_master",
    "link",
    "remove_warehouse",
    "rename_warehouse",
    "resolve_location",
    "resolve_warehouse",
    "set_master",
    "swap",
    "unlink",
    "view",
    "warehouses",
]


def view(desk: Desk, channel: str, watch: Watch | None = None) -> ConnectionsView:
    """Everything the Warehouses tab draws. May take a second where a million listings were loaded or moved since the last time.

    Raises `Cancelled` where `watch` asks for it.
    """
    with opened_channel(desk, channel) as (ledger, record):
        return connections_view.of(ledger, record, watch)


def link(desk: Desk, channel: str, request: LinkRequest, *, seen: int | None) -> ConnectionsView:
    """Link a location to a warehouse, or change how it is linked; returns the tab as it is then.

    `seen` is the `Connection.revision` the person saw, 0 for none, None to change whatever is there. Raises `Conflict` where
    another is there now, `Refused` for what DESIGN §5 does not allow, `UnknownName` for a warehouse that is gone, `WrongUsage`
    for an answer to a question that is not there; nothing is changed then.
    """
    with changing(desk, channel, "link locations", [request.location_id]) as change:
        change.expect(request.location_id, seen)
        change.link(request)
    return view(desk, channel)


def unlink(
    desk: Desk, channel: str, location_id: int, *, stay: bool = True, seen: int | None
) -> ConnectionsView:
    """Unlink a location: with `stay` it is said to stay unlinked, without nothing is said of it any more. Raises as `link`.

    On a channel that is on its rows end and nothing is written (`one_location.unlink_live`).
    """
    accounts.refuse_if_read_only(desk, "unlink locations")
    with opened_channel(desk, channel) as (ledger, record):
        if record.sync == "on":
            unlink_live(desk, ledger, record, TakingOut(location_id, stay, seen))
            return connections_view.of(ledger, record, None)
    with changing(desk, channel, "unlink locations") as change:
        change.expect(location_id, seen)
        change.unlink(location_id, stay=stay)
    return view(desk, channel)


def set_master(
    desk: Desk, channel: str, location_id: int, master: Master, *, seen: int | None
) -> ConnectionsView:
    """Make the other side master at a linked location. Raises as `link`."""
    with changing(desk, channel, "change masters") as change:
        change.expect(location_id, seen)
        before = change.linked(location_id)
        if before.master != master:
            change.put(replace(before, master=master), "master")
            change.judge(location_id)
    return view(desk, channel)


def judge_master(desk: Desk, channel: str, location_id: int, master: Master, *, seen: int | None) -> None:
    """Raise what `set_master` would, and write nothing: whoever asks a person first asks this before."""
    with changing(desk, channel, "change masters") as change:
        change.expect(location_id, seen)
        change.judge(location_id, master)


def swap(
    desk: Desk, channel: str, location_id: int, other_location_id: int, *, seen: Mapping[int, int] | None
) -> ConnectionsView:
    """Let two linked locations exchange their warehouses, each keeping its master. `seen` has the revision of both. Raises as `link`."""
    with changing(desk, channel, "swap warehouses", [location_id, other_location_id]) as change:
        for each in (location_id, other_location_id):
            change.expect(each, None if seen is None else seen.get(each, 0))
        one, other = change.linked(location_id), change.linked(other_location_id)
        if one.warehouse_id == other.warehouse_id:
            raise Refused(
                f"{one.location_name} and {other.location_name} are linked to the same warehouse, so there is nothing to swap.",
                "Link one of them to another warehouse.",
            )
        change.put(replace(one, warehouse_id=other.warehouse_id, counts=None), "link")
        change.put(replace(other, warehouse_id=one.warehouse_id, counts=None), "link")
        for each in (location_id, other_location_id):
            change.join_answer(each)
            change.judge(each)
    return view(desk, channel)


def accept_suggestions(desk: Desk, channel: str) -> int:
    """Link every location that nothing was said of to the warehouse suggested for it, with Sumtracker as master; how many.

    A warehouse another location of the store is linked to already is left to a person: it would be two on one.
    """
    # What takes long is counted before anything is held.
    wanted = [
        line.location.id for line in view(desk, channel).lines if line.suggested and not line.connection
    ]
    accepted = 0
    with changing(desk, channel, "link locations", wanted) as change:
        shown = connections_view.of(change.ledger, change.record, None)
        taken = {
            line.connection.warehouse.id
            for line in shown.lines
            if line.connection and line.connection.warehouse
        }
        for line in shown.lines:
            if line.suggested is None or line.connection is not None or line.suggested.warehouse_id in taken:
                continue
            with contextlib.suppress(Refused), change.or_nothing():
                change.link(LinkRequest(line.location.id, line.suggested.warehouse_id))
                taken.add(line.suggested.warehouse_id)
                accepted += 1
    return accepted


def resolve_location(desk: Desk, channel: str, text: str) -> int:
    """The id of the location with that id or exact name; also of one that is gone from the store but still said something of.

    Raises `UnknownName` with those there are, and `WrongUsage` with the candidates where several fit.
    """
    from supportdesk.ledger import channels
    from supportdesk.ledger import connections as kept

    with opened_channel(desk, channel) as (ledger, record):
        places = {each.id: each.name for each in channels.locations(ledger, record.id)}
        gone = {row.location_id: row.location_name for row in kept.lost(ledger, record.id)}
    shown = [(place, (name,), f"{name} (id {place})") for place, name in places.items()]
    shown += [
        (place, (name,), f"{name} (id {place}, gone)") for place, name in gone.items() if place not in places
    ]
    return one_of(text, shown, "location", f"Load the store first: supportdesk load {channel}")
