"""Numbers that are to be copied from a store into the ledger, and those that were: as of T0, so that what happened since stays (PROTOCOL §1.2).

Which number it is, is decided by `core.copying`.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from supportdesk.core.copying import each_once, number_copied
from supportdesk.core.duplicates import Choice
from supportdesk.core.looks import RowKey
from supportdesk.core.stock import Quantities
from supportdesk.ledger import connections, movements
from supportdesk.ledger.scope import IN_SCOPE

_SINGLY: Final = 20
"""Up to as many numbers get an event each; more get one for all."""


@dataclass(frozen=True, slots=True)
class CopyTarget:
    """A SKU in a warehouse whose number is copied, with the rows it comes from."""

    sku: str
    warehouse_id: int
    in_stock: int
    """At T0."""
    booked: int
    copied: int | None
    """The number that was copied; None until then."""
    shown: dict[int, dict[int, int]]
    """Settled numbers of its rows by location and item, the item of the oldest listing first."""
    settling: bool
    """Whether one of its rows has no settled number yet."""
    choice: Choice | None
    named_item: int | None
    counts: int | None

    def change(self, number: int) -> int:
        """What makes the ledger's available at T0 `number`, effects since then apart: a change of in stock."""
        return number - self.copied if self.copied is not None else number + self.booked - self.in_stock


def check_again(connection: sqlite3.Connection, channel_id: int, pairs: Iterable[tuple[str, int]]) -> None:
    """Have these (SKU, warehouse) looked at again, in the transaction under way."""
    connection.executemany(
        "UPDATE copy_target SET unchecked = 1 WHERE channel_id = ? AND sku = ? AND warehouse_id = ? AND NOT frozen",
        ((channel_id, *pair) for pair in pairs),
    )


def to_check(
    connection: sqlite3.Connection, channel_id: int, limit: int, after: tuple[str, int]
) -> list[CopyTarget]:
    """Targets of which a row changed, in the order of SKUs from `after` on; at most `limit`."""
    rows = connection.execute(
        """SELECT target.sku, target.warehouse_id, target.in_stock, target.booked, target.copied,
                  row.location_id, row.item_id,
                  CASE WHEN row.copy_low IS NULL THEN row.condition ELSE 'live' END,
                  coalesce(row.copy_low, row.low) + coalesce(row.copy_moved, 0), row.copy_moved IS NOT NULL
           FROM (SELECT * FROM copy_target INDEXED BY copy_target_unchecked WHERE channel_id = ?1 AND unchecked AND NOT frozen AND (sku, warehouse_id) > (?3, ?4)
                 ORDER BY sku, warehouse_id LIMIT ?2) AS target
           LEFT JOIN sync_row AS row INDEXED BY sync_row_sku ON row.sku = target.sku
               AND row.warehouse_id = target.warehouse_id AND row.channel_id = ?1 AND row.copies
           ORDER BY target.sku, target.warehouse_id, (
               SELECT min(coalesce(listing.variant_id, listing.id)) FROM listing
               WHERE listing.channel_id = ?1 AND listing.item_id = row.item_id), row.item_id""",
        (channel_id, limit, *after),
    ).fetchall()
    return [
        _target(connection, channel_id, list(members))
        for _, members in itertools.groupby(rows, itemgetter(0, 1))
    ]


def _target(
    connection: sqlite3.Connection, channel_id: int, members: Sequence[tuple[Any, ...]]
) -> CopyTarget:
    sku, warehouse, in_stock, booked, copied = members[0][:5]
    shown: dict[int, dict[int, int]] = {}
    renamed: set[int] = set()
    settling = False
    for *_, location, item, condition, low, is_renamed in members:
        if location is not None:
            settling |= condition != "live"
            shown.setdefault(location, {})[item] = low
            renamed |= {item} if is_renamed else set()
    if settling:
        return CopyTarget(*(sku, warehouse, in_stock, booked, copied, shown, settling, None, None, None))
    shown, *said = _answered(connection, channel_id, str(sku), warehouse, shown, renamed)
    return CopyTarget(*(sku, warehouse, in_stock, booked, copied, shown, settling, *said))


def _answered(
    connection: sqlite3.Connection,
    channel_id: int,
    sku: str,
    warehouse_id: int,
    shown: dict[int, dict[int, int]],
    renamed: set[int],
) -> tuple[dict[int, dict[int, int]], Choice | None, int | None, int | None]:
    """The numbers to choose from, and what was said of them: the group's decision, the item it names, whose count the warehouse takes."""
    choice, named = None, None
    if any(len(items) > 1 for items in shown.values()):
        choice, named = _decided(connection, channel_id, sku)
    counts = None
    if len(shown) > 1:
        counts = connections.answer_on(connection, channel_id, warehouse_id)
    return each_once(shown, renamed, counts), choice, named, counts


def is_said_whose(
    connection: sqlite3.Connection,
    channel_id: int,
    sku: str,
    warehouse_id: int,
    joining: Mapping[RowKey, bool],
) -> bool:
    """Whether it is said whose number is copied once these rows are copied too, each with whether it was renamed."""
    rows = dict(joining)
    for item, location, moved in connection.execute(
        """SELECT item_id, location_id, copy_moved IS NOT NULL FROM sync_row INDEXED BY sync_row_copies
           WHERE channel_id = ? AND sku = ? AND warehouse_id = ? AND copies""",
        (channel_id, sku, warehouse_id),
    ):
        rows.setdefault((item, location), bool(moved))
    shown: dict[int, dict[int, int]] = {}
    for item, location in rows:
        shown.setdefault(location, {})[item] = 0
    renamed = {item for (item, _), moved in rows.items() if moved}
    return number_copied(*_answered(connection, channel_id, sku, warehouse_id, shown, renamed)) is not None


def _decided(connection: sqlite3.Connection, channel_id: int, sku: str) -> tuple[Choice | None, int | None]:
    found = connection.execute(
        "SELECT kind, counts_of, listing, elsewhere FROM decision WHERE channel_id = ? AND sku = ?",
        (channel_id, sku),
    ).fetchone()
    if found is None:
        return None, None
    choice = Choice(*found)
    named = connection.execute(
        f"""SELECT item_id FROM listing WHERE channel_id = ? AND sku = ? AND listing = ? AND {IN_SCOPE}
            ORDER BY coalesce(variant_id, id) LIMIT 1""",
        (channel_id, sku, choice.listing),
    ).fetchone()
    return choice, named[0] if named else None


def keep(
    connection: sqlite3.Connection,
    channel_id: int,
    channel: str,
    at: datetime,
    copied: Sequence[tuple[CopyTarget, int]],
) -> None:
    """Copy (target, number) into the ledger, in the transaction under way."""
    if len(copied) <= _SINGLY:
        for target, number in copied:
            reason = (
                "copied from the store" if target.copied is None else "the copied number is known better now"
            )
            cause = movements.Cause(at=at, kind="copy", reason=reason, channel=channel)
            change = Quantities(in_stock=target.change(number))
            movements.move(connection, cause, target.sku, target.warehouse_id, change)
    else:
        movements.new_levels(connection)
        connection.executemany(
            """INSERT INTO temp.level SELECT ?1, ?2, ?3 + coalesce(
                   (SELECT in_stock FROM stock WHERE sku = ?1 AND warehouse_id = ?2), 0), NULL""",
            ((target.sku, target.warehouse_id, target.change(number)) for target, number in copied),
        )
        cause = movements.Cause(at=at, kind="copy", reason="copied from the store", channel=channel)
        movements.set_levels(connection, cause, detail=f"{len(copied):,} numbers copied from the store")
    # What another channel is to copy still begins with what it is now; what one copied before has been set anew and gets no better.
    # (Frozen from nothing is what is to be added to what there is.)
    connection.executemany(
        """UPDATE copy_target SET in_stock = in_stock + CASE WHEN copied IS NULL AND NOT (frozen AND in_stock = 0 AND booked = 0) THEN ?4 ELSE 0 END,
               frozen = frozen OR copied IS NOT NULL
           WHERE channel_id <> ?1 AND sku = ?2 AND warehouse_id = ?3""",
        ((channel_id, target.sku, target.warehouse_id, target.change(number)) for target, number in copied),
    )
    connection.executemany(
        "UPDATE copy_target SET copied = ?, unchecked = 0 WHERE channel_id = ? AND sku = ? AND warehouse_id = ?",
        ((number, channel_id, target.sku, target.warehouse_id) for target, number in copied),
    )


def leave(
    connection: sqlite3.Connection, channel_id: int, targets: Iterable[CopyTarget], *, drop: bool = False
) -> None:
    """Look at these no more until a row of theirs changes; with `drop` never again: they have no row left and were never copied."""
    statement = "DELETE FROM copy_target" if drop else "UPDATE copy_target SET unchecked = 0"
    connection.executemany(
        f"{statement} WHERE channel_id = ? AND sku = ? AND warehouse_id = ?",
        ((channel_id, target.sku, target.warehouse_id) for target in targets),
    )


def waiting(connection: sqlite3.Connection, channel_id: int) -> Iterator[tuple[str, int]]:
    """(SKU, warehouse) whose number is still to be copied, so that nothing is pushed for it."""
    yield from connection.execute(
        "SELECT sku, warehouse_id FROM copy_target WHERE channel_id = ? AND copied IS NULL", (channel_id,)
    )
