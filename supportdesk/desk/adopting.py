"""Adopting an edit of staff, as a person asks for it from the log, the SKU's page or the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supportdesk.desk import Desk, accounts
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.errors import Conflict, Refused, UnknownName, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.sync.adopting import Adopted


def adopt(
    desk: Desk,
    channel: str,
    sku: str,
    location: str = "",
    event: int | None = None,
    *,
    units: int | None = None,
) -> Adopted:
    """Take an edit that was put back, or is about to be, into the ledger: the newest of the SKU at that location, or that event's.

    One that was seen once, and waits to be seen again before it is put back, is taken in at once, and nothing is put back.

    `location` is an id or exact name, '' where the SKU has one row; with `units` only an edit of that many is meant. Raises `Refused` (read-only; off; a bundle), `Conflict` where it
    was adopted already or is being put back this moment, `UnknownName`, `WrongUsage` where several locations fit, `LedgerError` and its kinds.
    """
    from supportdesk.ledger import adopting, asked
    from supportdesk.sync.adopting import adopt as take_in

    accounts.refuse_if_read_only(desk, "adopt edits")
    with opened_channel(desk, channel) as (ledger, record):
        if record.sync != "on":
            raise Refused(f"Sync of {record.handle} is off.", "Change the number in Sumtracker itself.")
        with ledger.writing() as connection:
            place = _location(connection, record, location)
            found = []
            if event is None:
                found = adopting.suspected(connection, record.id, sku, place)
                found += adopting.waiting(connection, record.id, sku, place)
            sent = adopting.done(connection, record.id, record.handle, sku, place, event)
            if not found:
                found = [
                    undo for undo in sent if event or not adopting.is_adopted(connection, undo.reference)
                ]
            found = [undo for undo in found if units in (None, undo.units)]
            if not found and event is None and adopting.is_being_sent(connection, record.id, sku, place):
                raise Conflict("The edit is being put back this moment.", "Adopt it once that is done.")
            if not found:
                raise UnknownName(
                    f"No edit of {sku!r} was put back there that could be adopted.",
                    f"See what was: supportdesk log {record.handle} --kind=undo",
                )
            if len({undo.key for undo in found}) > 1 and event is None and place is None:
                raise WrongUsage(
                    f"Edits of {sku!r} were put back at several rows.",
                    "Say which: --location=L, or --event=ID",
                )
            done = take_in(connection, record, found[0], who=accounts.who(), at=desk.now())
            asked.ask(connection, record.id, desk.now(), hard=False)
    return done


def words_of(done: Adopted) -> str:
    """What came of it, as a sentence or two; holds foreign text."""
    said = f"{done.sku}: {done.before:,} → {done.after:,} available in Sumtracker."
    if done.undo_cancelled:
        return f"{said} {done.location} shows it already; it is not put back."
    return f"{said} {done.location} gets its {done.units:+,} back with the next cycle."


def _location(connection: sqlite3.Connection, record: ChannelRecord, name: str) -> int | None:
    if not name:
        return None
    rows = connection.execute("SELECT id, name FROM location WHERE channel_id = ?", (record.id,)).fetchall()
    found = [number for number, each in rows if name in (str(number), each)]
    if len(found) != 1:
        known = ", ".join(f"{each} ({number})" for number, each in rows[:8])
        raise UnknownName(f"There is no one location {name!r} at {record.handle}.", f"There is {known}.")
    return int(found[0])
