"""Rows that may have to be written: those whose number in the ledger, or what they should show, changed since they were last compared.

What is wanted of one row is decided by `core.rows.wanted`; `settle_equal` says the usual case of it in SQL, for rows by the hundred thousand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from supportdesk.core.bundles import bundle_numbers
from supportdesk.core.looks import RowKey
from supportdesk.core.stock import LARGEST_QUANTITY, number_pushed
from supportdesk.ledger import bundles
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.one_location import WAITING

ORDER_KINDS: Final = ("order", "fulfil", "cancel", "promised", "refund")
"""Kinds of movements that are orders: falls that follow them go on while the brake holds."""

_OPEN: Final = """EXISTS (
    SELECT 1 FROM push_row JOIN push ON push.id = push_row.push_id
    WHERE push_row.item_id = row.item_id AND push_row.location_id = row.location_id AND push.channel_id = row.channel_id
        AND push.state = 'stored')"""
_WAITS: Final = """(EXISTS (
        SELECT 1 FROM copy_target AS waiting WHERE waiting.sku = row.sku AND waiting.warehouse_id = row.warehouse_id
            AND waiting.copied IS NULL AND NOT waiting.frozen)
    OR EXISTS (
        SELECT 1 FROM bundle_line AS line JOIN copy_target AS waiting ON waiting.sku = line.component_sku
            AND waiting.warehouse_id = row.warehouse_id AND waiting.copied IS NULL AND NOT waiting.frozen
        WHERE line.bundle_sku = row.sku))"""


MOST_ALSO: Final = 2
"""Orders named besides the one that a push refers to."""


class Unchecked(NamedTuple):
    """A live row to be compared."""

    item_id: int
    location_id: int
    sku: str
    warehouse_id: int
    shows: int
    """What it should show."""
    stopped: int
    """The part of a difference that the brake stopped before."""
    movement_seen: int
    """The newest movement when it was last compared."""
    let_go: int | None
    """The change that a plan or a person let go, whatever the brake says; None once it was compared since."""

    @property
    def key(self) -> RowKey:
        """Inventory item, location."""
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class LedgerNumber:
    """What the ledger has for a row."""

    available: int | None
    """None where unknown."""
    pushed: int | None
    """After close-at and maximum, `core.stock.number_pushed`."""
    is_bundle: bool


def follow(connection: sqlite3.Connection, channel_id: int, movement: int, event: int) -> tuple[int, int]:
    """Have the rows compared whose numbers changed since those ids of movements and events, in the transaction under way; the newest ids."""
    newest_movement, newest_event = connection.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM movement), (SELECT coalesce(max(id), 0) FROM event)"
    ).fetchone()
    if newest_movement > movement:
        _mark(
            connection,
            channel_id,
            "SELECT DISTINCT sku, warehouse_id FROM movement WHERE id > ?1 AND id <= ?2",
            (movement, newest_movement),
        )
    if newest_event > event:
        span = (event, newest_event)
        if connection.execute(
            "SELECT 1 FROM event WHERE id > ? AND id <= ? AND kind IN ('settings', 'import', 'import_sumtracker') LIMIT 1",
            span,
        ).fetchone():
            connection.execute("UPDATE sync_row SET unchecked = 1 WHERE channel_id = ?", (channel_id,))
        _mark(
            connection,
            channel_id,
            """SELECT DISTINCT event.sku, warehouse.id AS warehouse_id FROM event JOIN warehouse
               WHERE event.id > ?1 AND event.id <= ?2 AND event.kind IN ('close_at', 'bundle')""",
            span,
        )
    return newest_movement, newest_event


def _mark(connection: sqlite3.Connection, channel_id: int, pairs: str, parameters: tuple[int, int]) -> None:
    """Have the rows of these (SKU, warehouse) compared, and of bundles they are part of."""
    for sku in ("dirty.sku", "line.bundle_sku"):
        bundle = "JOIN bundle_line AS line ON line.component_sku = dirty.sku" if "line" in sku else ""
        connection.execute(
            f"""UPDATE sync_row SET unchecked = 1 WHERE channel_id = ?3 AND (item_id, location_id) IN (
                    SELECT row.item_id, row.location_id FROM ({pairs}) AS dirty {bundle}
                    CROSS JOIN sync_row AS row ON row.sku = {sku} AND row.warehouse_id = dirty.warehouse_id AND row.channel_id = ?3)""",
            (*parameters, channel_id),
        )


def settle_equal(connection: sqlite3.Connection, channel_id: int, movement: int) -> None:
    """Tick off every row that shows what the ledger wants, where that is a plain count at or above 0; in the transaction under way."""
    connection.execute(
        f"""UPDATE sync_row SET unchecked = 0, stopped = 0, let_go = NULL, movement_seen = ?2
            WHERE channel_id = ?1 AND unchecked AND condition = 'live' AND (item_id, location_id) IN (
                SELECT row.item_id, row.location_id FROM sync_row AS row INDEXED BY sync_row_unchecked
                CROSS JOIN stock ON stock.sku = row.sku AND stock.warehouse_id = row.warehouse_id AND stock.counted
                LEFT JOIN close_at ON close_at.sku = row.sku AND close_at.warehouse_id = row.warehouse_id
                WHERE row.channel_id = ?1 AND row.unchecked AND row.condition = 'live' AND stock.in_stock >= stock.booked
                    AND row.high + row.pushed + row.own = min(
                        CASE WHEN stock.in_stock - stock.booked <= coalesce(close_at.quantity, 0) THEN 0
                             ELSE stock.in_stock - stock.booked END,
                        coalesce((SELECT maximum FROM channel WHERE id = ?1), {LARGEST_QUANTITY}))
                    AND NOT EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = row.sku)
                    AND NOT {_WAITS})""",
        (channel_id, movement),
    )


def unchecked(
    connection: sqlite3.Connection, channel_id: int, limit: int, after: RowKey = (-(1 << 62), 0)
) -> list[Unchecked]:
    """Live rows to be compared, in the order of keys from `after` on.

    None with a push that is not answered, with a number still to be copied, or at a location that a plan under way is about.
    """
    rows = connection.execute(
        f"""SELECT row.item_id, row.location_id, row.sku, row.warehouse_id, row.high + row.pushed + row.own, row.stopped,
                row.movement_seen, row.let_go
            FROM sync_row AS row INDEXED BY sync_row_unchecked
            WHERE row.channel_id = ?1 AND row.unchecked AND row.condition = 'live' AND row.master = 'sumtracker'
                AND row.location_id IS NOT ({WAITING})
                AND row.high IS NOT NULL AND (row.item_id, row.location_id) > (?3, ?4) AND NOT {_OPEN} AND NOT {_WAITS}
            ORDER BY row.item_id, row.location_id LIMIT ?2""",
        (channel_id, limit, *after),
    )
    return [Unchecked(*row) for row in rows]


def number_of(ledger: Ledger, maximum: int | None, sku: str, warehouse_id: int) -> LedgerNumber:
    """What the ledger has for a row of this SKU, as it is now."""
    components = bundles.components_of(ledger, sku, warehouse_id)
    if components:
        numbers = bundle_numbers(components)
        pushed = number_pushed(numbers.to_sell, 0, maximum)
        return LedgerNumber(numbers.available, pushed, True)
    found = ledger.db.conn.execute(
        """SELECT stock.in_stock - stock.booked, coalesce(close_at.quantity, 0) FROM stock
           LEFT JOIN close_at USING (sku, warehouse_id)
           WHERE stock.sku = ? AND stock.warehouse_id = ? AND stock.counted""",
        (sku, warehouse_id),
    ).fetchone()
    if found is None:
        return LedgerNumber(None, None, False)
    return LedgerNumber(found[0], number_pushed(found[0], found[1], maximum), False)


class Cause(NamedTuple):
    """Why a row is to be written."""

    kind: str
    """Of the newest movement that was no order, else of the newest; '' where nothing moved."""
    reason: str
    reference: str
    who: str
    channel: str
    orders: bool
    """Whether all that moved was orders."""
    copied: bool
    """Whether a number was copied from the store."""
    moved: bool
    """Whether anything but orders and copies moved it."""
    other: int
    """Units of available that moved otherwise; of a bundle 0. A copy is none: it sets the number, and moves no unit."""
    also: tuple[str, ...] = ()
    """Names of other orders among what moved, the newest first, at most `MOST_ALSO`; none that came on the row alone."""
    more: int = 0
    """How many orders there were besides."""


def cause_of(connection: sqlite3.Connection, row: Unchecked, handle: str) -> Cause:
    """What moved in the ledger since the row, of the channel `handle`, was last compared."""
    moved = connection.execute(
        """SELECT kind, reason, reference, who, channel, in_stock - booked FROM movement
           WHERE id > ?1 AND warehouse_id = ?3 AND (sku = ?2 OR sku IN (
               SELECT component_sku FROM bundle_line WHERE bundle_sku = ?2)) ORDER BY id""",
        (row.movement_seen, row.sku, row.warehouse_id),
    ).fetchall()
    others = [each for each in moved if each[0] not in ORDER_KINDS]
    if not moved:
        return Cause("", "", "", "", "", False, False, False, 0)
    elsewhere = [
        each
        for each in _orders(moved)
        if each[0] != handle or not _is_of_row_alone(connection, *each, row.key)
    ]
    told = (others or moved)[-1]
    if not others and elsewhere:
        told = next(each for each in reversed(moved) if (each[4], each[2]) == elsewhere[0])
    plain = not bundles.is_bundle(connection, row.sku)
    kind, reason, reference, who, channel, _ = told
    moving = [each for each in others if each[0] != "copy"]
    other = sum(each[5] for each in moving) if plain else 0
    also = [name for shop, name in elsewhere if (shop, name) != (channel, reference)]
    return Cause(
        *(kind, reason, reference, who, channel, not others, len(moving) < len(others), bool(moving), other),
        *(tuple(also[:MOST_ALSO]), len(also[MOST_ALSO:])),
    )


def _orders(moved: Sequence[tuple[Any, ...]]) -> list[tuple[str, str]]:
    """(channel, name) of the orders among movements, the newest first."""
    return list(
        dict.fromkeys((each[4], each[2]) for each in reversed(moved) if each[0] in ORDER_KINDS and each[2])
    )


def _is_of_row_alone(connection: sqlite3.Connection, channel: str, order: str, row: RowKey) -> bool:
    """Whether all that is kept of an order lies on one row: then the store took it off there, and nothing is pushed for it."""
    lines, on_row = connection.execute(
        """SELECT count(*), count(*) FILTER (WHERE (line.item_id, line.location_id) = (?3, ?4)) FROM store_order
           JOIN channel ON channel.id = store_order.channel_id AND channel.handle = ?1
           JOIN store_order_line AS line ON line.channel_id = channel.id AND line.order_id = store_order.id
           WHERE store_order.name = ?2""",
        (channel, order, *row),
    ).fetchone()
    return bool(lines) and lines == on_row


class Sold(NamedTuple):
    """A listing that an order came on, and what it has to do with a row that follows."""

    title: str
    location: str
    how: Literal["sku", "bundle", "part", "parts"]
    """It has the row's SKU, is a bundle with it, is part of the row's bundle, or a bundle that shares parts with that."""


def sold(
    connection: sqlite3.Connection, channel: str, order: str, row: Unchecked, handle: str
) -> Sold | None:
    """What an order of `channel` came on that `row` of the channel `handle` follows, but for the row itself; None where it is not known."""
    found = connection.execute(
        """WITH line AS (
               SELECT line.*, channel.handle, CASE
                   WHEN line.sku = ?3 THEN 'sku'
                   WHEN EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = line.sku AND component_sku = ?3) THEN 'bundle'
                   WHEN EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = ?3 AND component_sku = line.sku) THEN 'part'
                   WHEN EXISTS (SELECT 1 FROM bundle_line AS ours JOIN bundle_line AS theirs USING (component_sku)
                                WHERE ours.bundle_sku = ?3 AND theirs.bundle_sku = line.sku) THEN 'parts' END AS how
               FROM store_order JOIN channel ON channel.id = store_order.channel_id AND channel.handle = ?1
               JOIN store_order_line AS line ON line.channel_id = channel.id AND line.order_id = store_order.id
               WHERE store_order.name = ?2)
           SELECT listing.title, coalesce(location.name, ''), line.how FROM line
           JOIN listing ON listing.channel_id = line.channel_id AND listing.item_id = line.item_id
           LEFT JOIN location ON location.channel_id = line.channel_id AND location.id = line.location_id
           WHERE line.how IS NOT NULL AND (line.handle, line.item_id, line.location_id) <> (?4, ?5, ?6)
           ORDER BY line.how <> 'sku' LIMIT 1""",
        (channel, order, row.sku, handle, *row.key),
    ).fetchone()
    return Sold(*found) if found else None


def tick_off(
    connection: sqlite3.Connection, channel_id: int, rows: Iterable[tuple[RowKey, int]], movement: int
) -> None:
    """Note that rows were compared up to `movement`, with what the brake stopped of each, in the transaction under way."""
    connection.executemany(
        """UPDATE sync_row SET unchecked = ?4 <> 0, stopped = ?4, let_go = NULL, movement_seen = ?5
           WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3""",
        ((channel_id, *key, stopped, movement) for key, stopped in rows),
    )


# What is coming -----------------------------------------------------------------------------------------------------------------------


class Coming(NamedTuple):
    """A write that is to be made."""

    item_id: int
    location_id: int
    shows: int
    change: int
    let_go: int
    """The part of `change` that a plan or a person let go."""
    other: int
    """The part of the rest that follows no order: what the brake may stop."""
    counted: int
    """The part of `change` that counts for the brake: `other`, and what a plan let go that the brake had nothing against."""
    cause: str
    detail: str
    reference: str


def new_coming(connection: sqlite3.Connection) -> None:
    """An empty list of what is to be written, in a table of this connection's own."""
    connection.execute(
        """CREATE TEMP TABLE IF NOT EXISTS coming (
            item_id INTEGER NOT NULL, location_id INTEGER NOT NULL, shows INTEGER NOT NULL, change INTEGER NOT NULL,
            let_go INTEGER NOT NULL, other INTEGER NOT NULL, counted INTEGER NOT NULL, cause TEXT NOT NULL, detail TEXT NOT NULL, reference TEXT NOT NULL,
            PRIMARY KEY (item_id, location_id)
        ) WITHOUT ROWID"""
    )
    connection.execute("DELETE FROM temp.coming")


def add_coming(connection: sqlite3.Connection, rows: Iterable[Coming]) -> None:
    """Put rows on the list."""
    connection.executemany("INSERT INTO temp.coming VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def coming(connection: sqlite3.Connection, batch: int) -> Iterator[list[Coming]]:
    """What is on the list, in batches of `batch` rows."""
    after: RowKey = (-(1 << 62), 0)
    while rows := connection.execute(
        """SELECT * FROM temp.coming WHERE (item_id, location_id) > (?, ?) ORDER BY item_id, location_id LIMIT ?""",
        (*after, batch),
    ).fetchall():
        after = (rows[-1][0], rows[-1][1])
        yield [Coming(*row) for row in rows]
