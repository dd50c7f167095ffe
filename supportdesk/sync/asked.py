"""What persons asked of a channel's sync, taken up when a cycle begins and answered when it has ended (PROTOCOL §5, *hard refresh*)."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from supportdesk.ledger import alerts, asked, events
from supportdesk.sync.session import Session

if TYPE_CHECKING:
    from supportdesk.sync.engine import CycleResult


def take_up(session: Session, connection: sqlite3.Connection) -> None:
    """In the transaction that begins the cycle."""
    asked.take_up(connection, session.id, session.second)


def answer(session: Session, result: CycleResult) -> None:
    """Keep what the cycle found, and say when a hard refresh has come to its end."""
    found = {name: getattr(result, name) for name in ("orders", "pushed", "undone", "held", "unsettled")}
    with session.writing() as connection:
        asked.keep_ended(connection, session.id, session.cycle, session.now(), found)
        alerts.close_mended(connection, session.id, session.now())
        if asked.judged_all(connection, session.id, session.second):
            events.record(
                connection,
                at=session.now(),
                kind="refreshed",
                channel=session.channel.handle,
                detail="every row was read and judged again",
            )
