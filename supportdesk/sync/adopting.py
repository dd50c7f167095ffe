"""Adopting: an edit of staff that was put back, or is about to be, taken into the ledger instead (PROTOCOL §1.4).

Where the undo was sent, the ledger moves by what was undone, and the row gets it as a difference like every other row of the SKU.
Where it never was, the undo is withdrawn, and of an edit that was seen once none is made; it becomes an effect of the row, which shows
it already, and nothing is written there.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from supportdesk.core.effects import Effect
from supportdesk.core.looks import RowKey
from supportdesk.core.orders import RowEffect
from supportdesk.core.stock import Quantities
from supportdesk.errors import Conflict, Refused, UnknownName
from supportdesk.ledger import adopting, bundles, effects, movements, pushes, sync_rows
from supportdesk.ledger.adopting import Undo
from supportdesk.ledger.channels import ChannelRecord

REASON: Final = "an edit in the store, adopted"


@dataclass(frozen=True, slots=True)
class Adopted:
    """An edit that the ledger has now."""

    sku: str
    location: str
    units: int
    """By which staff had changed the number."""
    before: int
    """Available in the ledger."""
    after: int
    undo_cancelled: bool
    """Whether no undo was sent, nor will be; else the units are written back to the row with the next cycle."""


def adopt(
    connection: sqlite3.Connection, channel: ChannelRecord, undo: Undo, *, who: str, at: datetime
) -> Adopted:
    """Take the edit into the ledger, in the transaction under way. Needs no lease: it writes nothing that an engine holds in hand.

    Raises `Conflict` where that was done, or an edit seen once is being put back by now, `Refused` for a bundle, `UnknownName` for a row that is synced no more.
    """
    if adopting.is_adopted(connection, undo.reference):
        raise Conflict("This edit was adopted already.", "Nothing was changed.")
    row = sync_rows.row_of(connection, channel.id, undo.key)
    if row is None or row.master != "sumtracker":
        raise UnknownName(
            "The row of this edit is not synced any more.", "Change the number in Sumtracker itself."
        )
    if bundles.is_bundle(connection, row.sku):
        raise Refused(
            f"{row.sku} is a bundle: it has no number of its own that could take in an edit.",
            "Change the stock of its components: supportdesk adjust",
        )
    cancelled = undo.push_id is not None or undo.seen is not None
    if cancelled:
        since = row.state.baseline.since if row.state.baseline else row.t0
        until = row.state.judged_until or since
        if undo.push_id is not None:
            _withdraw(connection, channel.id, undo.push_id, undo.key)
        else:
            until = _believe(connection, channel.id, row, undo)
        edit = Effect("adopted", undo.units, since, until, on_hand=undo.units)
        effects.keep(connection, channel.id, [RowEffect(*undo.key, edit)])
    _, place = sync_rows.named(connection, channel.id, undo.key)
    cause = movements.Cause(
        at, "adopt", who, REASON, reference=undo.reference, channel=channel.handle, location=place
    )
    before, after = movements.move(
        connection, cause, row.sku, row.warehouse_id, Quantities(in_stock=undo.units)
    )
    return Adopted(row.sku, place, undo.units, before.available, after.available, cancelled)


def _believe(connection: sqlite3.Connection, channel_id: int, row: sync_rows.SyncRow, seen: Undo) -> int:
    """Have an edit that was seen once be no suspect any more; by when it had happened, the store's second."""
    suspect = row.state.suspect
    if suspect is None or (suspect.change, suspect.seen) != (seen.units, seen.seen):
        raise Conflict("This edit is not what it was: it is put back, or gone.", "Look at it again.")
    state = replace(row.state, suspect=None)
    sync_rows.keep_states(connection, channel_id, [(row.key, state, row.code, row.read_due)])
    return suspect.seen


def _withdraw(connection: sqlite3.Connection, channel_id: int, push_id: int, key: RowKey) -> None:
    """Take one row out of an undo that was never sent: what else it holds is stored anew, with a key of its own."""
    push = pushes.push_of(connection, push_id)
    rest = [row for row in pushes.rows_of(connection, push_id) if (row.item_id, row.location_id) != key]
    pushes.withdraw(connection, channel_id, push, "refused", "adopted before it was sent")
    if rest:
        pushes.store(
            *(connection, channel_id, push.kind, rest),
            key=str(uuid4()),
            reference=push.reference,
            second=push.stored,
            at=push.stored_at,
        )
