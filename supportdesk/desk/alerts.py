"""Alerts as a person sees them: listed while they stand or were not seen, and marked as seen. What raises them is in `sync`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.errors import UnknownName

if TYPE_CHECKING:
    from supportdesk.core.alerts import Alert


@dataclass(frozen=True, slots=True)
class AlertLine:
    """What is said of a channel's alerts on every page of it."""

    unseen: int
    """How many nobody has seen."""
    text: str
    """The one to look at first; may quote foreign text."""
    are_over: bool = False
    """Whether the cause of each of them is over: they are listed because nobody has seen them."""


def alert_line(desk: Desk, channel: str) -> AlertLine:
    """It. Cheap enough to ask every second. Raises `UnknownName`, `LedgerError` and its kinds."""
    from supportdesk.ledger import alerts

    with opened_channel(desk, channel) as (ledger, record):
        return AlertLine(*alerts.unseen(ledger.db.conn, record.id))


def list_alerts(desk: Desk, channel: str, *, limit: int = 1000) -> Sequence[Alert]:
    """Alerts that stand, or that nobody has seen: those first, the newest first; at most `limit`. Raises as `alert_line`."""
    from supportdesk.ledger import alerts

    with opened_channel(desk, channel) as (ledger, record):
        return alerts.listed(ledger.db.conn, record.id, 0, limit)


def mark_seen(desk: Desk, channel: str, number: int | None = None, *, up_to: int | None = None) -> int:
    """Keep that this person has seen the alert of that number, with None all (told by the number `up_to`); how many were unseen.

    Raises `Refused` (read-only), `UnknownName` for no such alert, `LedgerError` and its kinds.
    """
    from supportdesk.ledger import alerts, events

    accounts.refuse_if_read_only(desk, "mark alerts as seen")
    with opened_channel(desk, channel) as (ledger, record), ledger.writing() as connection:
        if number is not None and not alerts.is_there(connection, record.id, number):
            raise UnknownName(
                f"There is no alert {number} at {record.handle}.",
                f"See them: supportdesk alerts {record.handle}",
            )
        ids = None if number is None else [number]
        seen = alerts.see(connection, record.id, desk.now(), accounts.who(), ids, up_to=up_to)
        if seen:
            events.record(
                connection,
                at=desk.now(),
                kind="alert_seen",
                channel=record.handle,
                who=accounts.who(),
                detail="1 alert seen" if seen == 1 else f"{seen:,} alerts seen",
            )
        return seen
