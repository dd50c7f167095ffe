"""Taking one location out of a channel that is on. Linking one, or another master there, is a plan: `planning`, `applying`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from supportdesk.desk import Desk, accounts
from supportdesk.errors import Conflict, Refused

if TYPE_CHECKING:
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger


@dataclass(frozen=True, slots=True)
class TakingOut:
    """The location, and what the person saw of it."""

    location_id: int
    stay: bool
    """Whether it is said to stay unlinked; else nothing is said of it any more."""
    seen: int | None


def unlink_live(desk: Desk, ledger: Ledger, record: ChannelRecord, asked: TakingOut) -> None:
    """Have the location synced no more, without a write to the store: its rows end, what its orders booked is closed.

    These units stay promised: in stock and booked fall together (PROTOCOL §4). Raises `Refused` where it is not linked, is the last
    one, or a plan is being applied; `Conflict` where another connection is there than the person saw, or a write is under way.
    """
    from supportdesk.ledger import applying, connections, duplicates, events, one_location
    from supportdesk.sync import one_location as engine

    location_id = asked.location_id
    with ledger.writing() as connection:
        kept = connections.kept(ledger, record.id)
        row = kept.get(location_id)
        if row is None or row.warehouse_id is None:
            raise Refused("The location is not linked to a warehouse.", "There is nothing to unlink.")
        if asked.seen is not None and asked.seen != row.event_id:
            raise Conflict(
                f"Somebody changed {row.location_name} meanwhile.", "Look at it again, then decide."
            )
        if other := applying.under_way(connection, record.id):
            raise Refused(f"Plan {other.plan_id} is being applied.", "Wait until that has ended.")
        if not any(each.warehouse_id for number, each in kept.items() if number != location_id):
            raise Refused(
                f"{row.location_name} is the only location that is synced.", "Turn sync off instead."
            )
        if one_location.in_flight(connection, record.id, location_id):
            raise Conflict(
                f"The store has not answered a write to {row.location_name} yet.", "Try again in a moment."
            )
        at, who = desk.now(), accounts.who()
        engine.close(connection, record, location_id, at=at, who=who, treatment="unlinked")
        event_id = events.record(
            connection,
            at=at,
            kind="unlink",
            channel=record.handle,
            who=who,
            place=row.location_name,
            detail="not synced any more; what its orders promised stays off Sumtracker's numbers",
        )
        if asked.stay:
            bare = connections.Kept(location_id, row.location_name, None, None, None, False, event_id)
            connections.put(connection, record.id, bare)
        else:
            connections.drop(connection, record.id, location_id)
        connections.settle_counts(connection, record.id, row.warehouse_id)
        duplicates.recount_groups(connection, record.id)
    accounts.renew_index(desk, ledger)
