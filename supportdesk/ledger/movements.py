"""Movements: the single place that writes `stock`, the `movement` that explains it and the event that tells of it, together.

So stock is the sum of its movements, always. Which change an event makes is a rule of `core.stock`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from supportdesk.core.stock import LARGEST_QUANTITY, Quantities, is_within_bounds
from supportdesk.errors import WrongUsage
from supportdesk.ledger import events
from supportdesk.ledger.stock import quantities_of

MovementKind = Literal[
    "add",
    "subtract",
    "set",
    "receive",
    "count",
    "transfer",
    "import",
    "copy",
    "purchase",
    "order",
    "fulfil",
    "cancel",
    "promised",
    "refund",
    "reading",
    "unavailable",
    "adopt",
]
"""What a movement is for; the event that tells of it has the same kind."""
_OF_ORDERS: Final = frozenset({"order", "fulfil", "cancel", "promised", "refund", "purchase", "unavailable"})
"""Kinds that say nothing of how many units there are, so that a SKU never counted stays unknown."""
_COUNTED: Final = frozenset({"set", "count", "import"})
"""Kinds that say how many units there are, whatever there were before."""

Document = Literal["receipt", "stocktake", "transfer"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why stock moves: who did it, when, and for what."""

    at: datetime
    kind: MovementKind
    who: str = ""
    reason: str = ""
    reference: str = ""
    """An order, a delivery note, a file."""
    channel: str = ""
    """Handle of the channel it came through, '' for none."""
    document_id: int | None = None
    """The receipt, stocktake or transfer it belongs to."""
    location: str = ""
    """Name of the location it came about at, '' for none."""


def move(
    connection: sqlite3.Connection, cause: Cause, sku: str, warehouse_id: int, change: Quantities
) -> tuple[Quantities, Quantities]:
    """Change what there is of a SKU in a warehouse, with its movement and event, in the transaction under way.

    Returns the quantities before and after. Every kind but those of orders and purchases counts the SKU there: it is known
    from then on. Raises `WrongUsage` for a number that would be over `LARGEST_QUANTITY` either way; nothing is written then.
    """
    before, counted = quantities_of(connection, sku, warehouse_id)
    after = before.plus(change)
    _refuse_beyond(after, sku)
    _end_copying(connection, cause, "VALUES (?, ?)", (sku, warehouse_id))
    counted = counted or cause.kind not in _OF_ORDERS
    connection.execute(
        """INSERT INTO stock (sku, warehouse_id, in_stock, booked, incoming, counted) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (sku, warehouse_id) DO UPDATE SET in_stock = excluded.in_stock, booked = excluded.booked,
               incoming = excluded.incoming, counted = excluded.counted""",
        (sku, warehouse_id, *after, counted),
    )
    connection.execute(
        """INSERT INTO movement (at, sku, warehouse_id, kind, in_stock, booked, incoming, in_stock_after,
               reason, reference, who, channel, document_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(cause.at.isoformat(), sku, warehouse_id, cause.kind, *change, after.in_stock),
            *(cause.reason, cause.reference, cause.who, cause.channel, cause.document_id),
        ),
    )
    place, code = connection.execute(
        "SELECT name, code FROM warehouse WHERE id = ?", (warehouse_id,)
    ).fetchone()
    events.record(
        connection,
        at=cause.at,
        kind=cause.kind,
        channel=cause.channel,
        who=cause.who,
        detail=cause.reason,
        sku=sku,
        place=place,
        reference=cause.reference,
        before=before.available,
        after=after.available,
        location=cause.location,
        warehouse=code,
    )
    return before, after


def _end_copying(
    connection: sqlite3.Connection, cause: Cause, numbers: str, values: tuple[object, ...] = ()
) -> None:
    """Let a count stand: what is to be copied from a store would be added to it, and so would what becomes known of what was copied.

    `numbers` is SQL for (SKU, warehouse). What comes through a channel is an answer about its own rows, and ends nothing.
    """
    if cause.kind not in _COUNTED or cause.channel:
        return
    ended = connection.execute(
        f"""DELETE FROM copy_target WHERE copied IS NULL AND (sku, warehouse_id) IN ({numbers})
            RETURNING channel_id, sku, warehouse_id""",
        values,
    ).fetchall()
    connection.executemany(
        """UPDATE sync_row SET copies = 0, copy_low = NULL
           WHERE channel_id = ? AND sku = ? AND warehouse_id = ? AND copies""",
        ended,
    )
    connection.execute(
        f"UPDATE copy_target SET frozen = 1 WHERE copied IS NOT NULL AND (sku, warehouse_id) IN ({numbers})",
        values,
    )


def _refuse_beyond(after: Quantities, sku: str) -> None:
    if not is_within_bounds(after):
        raise WrongUsage(
            f"That would make {max(after, key=abs):,} units of {sku}; a number may be {LARGEST_QUANTITY:,} at most, either way.",
            "Check the quantity.",
        )


def keep_document(
    connection: sqlite3.Connection,
    kind: Document,
    warehouse_id: int,
    *,
    at: datetime,
    who: str,
    reference: str,
    note: str,
    to_warehouse_id: int | None = None,
) -> int:
    """Record a receipt, a stocktake or (with `to_warehouse_id`) a transfer in the transaction under way; its id."""
    columns = ["at", "reference", "note", "who"]
    values: list[object] = [at.isoformat(), reference, note, who]
    if kind == "transfer":
        columns += ["from_warehouse_id", "to_warehouse_id"]
        values += [warehouse_id, to_warehouse_id]
    else:
        columns.append("warehouse_id")
        values.append(warehouse_id)
    marks = ", ".join("?" for _ in values)
    cursor = connection.execute(f"INSERT INTO {kind} ({', '.join(columns)}) VALUES ({marks})", values)
    assert cursor.lastrowid is not None
    return cursor.lastrowid


_CHANGED: Final = """
    FROM temp.level AS new
    LEFT JOIN stock AS old ON old.sku = new.sku AND old.warehouse_id = new.warehouse_id
    WHERE old.counted IS NOT 1 OR old.in_stock <> new.in_stock OR old.incoming <> coalesce(new.incoming, old.incoming)"""


def newest(connection: sqlite3.Connection) -> int:
    """The id of the newest movement, 0 for none."""
    (found,) = connection.execute("SELECT coalesce(max(id), 0) FROM movement").fetchone()
    return int(found)


def new_levels(connection: sqlite3.Connection) -> None:
    """Make the temporary table that `set_levels` reads: `level` (sku, warehouse_id, in_stock, incoming or NULL), one row a key."""
    connection.execute("DROP TABLE IF EXISTS temp.level")
    connection.execute(
        """CREATE TEMP TABLE level (
            sku TEXT NOT NULL, warehouse_id INTEGER NOT NULL, in_stock INTEGER NOT NULL, incoming INTEGER,
            PRIMARY KEY (sku, warehouse_id)
        ) WITHOUT ROWID"""
    )


def set_levels(connection: sqlite3.Connection, cause: Cause, *, detail: str) -> int:
    """Set stock to what `level` says (see `new_levels`), a movement for each number that changes, and one event for all.

    A number that is there already gets no movement, so the same import twice moves nothing. Booked stays as it is; so does
    incoming where the new one is NULL. The event says `detail` and how many changed; its own numbers are of units, and stay out.
    Returns how many changed. Raises `WrongUsage` for numbers over `LARGEST_QUANTITY` either way. In the transaction under way.
    """
    (beyond,) = connection.execute(
        f"""SELECT count(*) FROM temp.level AS new LEFT JOIN stock USING (sku, warehouse_id)
            WHERE abs(new.in_stock) > {LARGEST_QUANTITY}
                OR abs(new.in_stock - coalesce(stock.booked, 0)) > {LARGEST_QUANTITY}"""
    ).fetchone()
    if beyond:
        raise WrongUsage(
            f"{beyond:,} numbers would make more than {LARGEST_QUANTITY:,} units, in stock or available, either way.",
            "Check the numbers.",
        )
    moved = connection.execute(
        f"""INSERT INTO movement (at, sku, warehouse_id, kind, in_stock, booked, incoming, in_stock_after,
                reason, reference, who, channel, document_id)
            SELECT ?, new.sku, new.warehouse_id, ?, new.in_stock - coalesce(old.in_stock, 0), 0,
                   coalesce(new.incoming, old.incoming, 0) - coalesce(old.incoming, 0), new.in_stock, ?, ?, ?, ?, ?
            {_CHANGED} ORDER BY new.sku, new.warehouse_id""",
        (
            *(cause.at.isoformat(), cause.kind, cause.reason, cause.reference, cause.who, cause.channel),
            cause.document_id,
        ),
    ).rowcount
    connection.execute(
        """INSERT INTO stock (sku, warehouse_id, in_stock, booked, incoming, counted)
           SELECT sku, warehouse_id, in_stock, 0, coalesce(incoming, 0), 1 FROM temp.level WHERE TRUE
           ON CONFLICT (sku, warehouse_id) DO UPDATE SET in_stock = excluded.in_stock, counted = 1,
               incoming = coalesce(
                   (SELECT incoming FROM temp.level WHERE sku = excluded.sku AND warehouse_id = excluded.warehouse_id),
                   stock.incoming)"""
    )
    _end_copying(connection, cause, "SELECT sku, warehouse_id FROM temp.level")
    connection.execute("DROP TABLE temp.level")
    events.record(
        connection,
        at=cause.at,
        kind=cause.kind,
        channel=cause.channel,
        who=cause.who,
        detail=f"{detail}, {moved:,} of them changed",
        reference=cause.reference,
    )
    return moved
