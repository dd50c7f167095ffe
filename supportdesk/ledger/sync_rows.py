"""Rows of a channel that is synced: where each stands and what it should show, kept and found. The rules about them are in `core.rows`.

`pushed` and `own` are the sums of a row's difference pushes and effects since T0, kept with them in one transaction, so that *should show*
(`high + pushed + own`) is there for a hundred thousand rows without adding anything up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from supportdesk.core.connections import Master
from supportdesk.core.looks import RowKey
from supportdesk.core.rows import Baseline, Bounds, RowCondition, RowState, Suspect, settling
from supportdesk.ledger import readings

HoldCode = Literal[
    "",
    "no_sku",
    "gift_card",
    "bundle_parent",
    "untracked",
    "archived",
    "draft",
    "left_out",
    "split",
    "not_stocked",
    "location_inactive",
    "third_party",
    "unknown",
    "gone",
    "to_confirm",
    "refused",
    "fought_over",
    "too_many",
]
"""Why a row is out or held."""

MENDED_BY_READING: Final = frozenset(
    {
        "untracked",
        "not_stocked",
        "gone",
        "archived",
        "draft",
        "gift_card",
        "bundle_parent",
        "location_inactive",
    }
)
"""Reasons that a later reading may take away, so that the row settles again by itself; so does a SKU that is again what it was."""

_COLUMNS: Final = """row.item_id, row.location_id, row.sku, row.warehouse_id, row.master, row.condition, row.code, row.reason, row.t0,
    row.low, row.high, row.readings, row.on_hand_low, row.on_hand_high, row.unavailable, row.baseline_since, row.suspect_change,
    row.suspect_seen, row.judged_until, row.pushed, row.own, row.copies, row.expected, row.expected_high, row.read_due, row.sku_now, row.was_live,
    row.lag_seen"""


@dataclass(frozen=True, slots=True)
class SyncRow:
    """One row as it is kept."""

    item_id: int
    location_id: int
    sku: str
    warehouse_id: int
    master: Master
    code: str
    """A `HoldCode`."""
    t0: int
    state: RowState
    pushed: int
    """Σ of its difference pushes since T0, in units."""
    own: int
    """Σ of its effects since T0."""
    copies: bool
    """Whether its settled number is copied into the ledger."""
    expected: Bounds | None
    """What it had settled at before a push of it went too old to be sent again."""
    read_due: int | None
    sku_now: str = ""
    """The SKU that the store bears by now, where it is held for that; '' otherwise."""
    was_live: bool = False
    """Whether it was synced once since the connection's T0."""
    lag_seen: int | None = None
    """A commit lag that its last reading seems to show, in seconds."""

    @property
    def key(self) -> RowKey:
        """Inventory item, location."""
        return self.item_id, self.location_id

    @property
    def can_come_back(self) -> bool:
        """Whether a reading may end what it is out or held for."""
        if self.state.condition not in ("held", "out"):
            return False
        if self.code == "to_confirm":
            return bool(self.sku_now)
        return self.code in MENDED_BY_READING

    @property
    def shows(self) -> int | None:
        """What it should show (PROTOCOL §1.3); None until live."""
        return None if self.state.shown is None else self.state.shown + self.pushed + self.own


def _row(values: tuple[Any, ...]) -> SyncRow:
    item, location, sku, warehouse, master, condition, code, reason, t0 = values[:9]
    low, high, readings, on_hand_low, on_hand_high, unavailable, since, change, seen, judged = values[9:19]
    pushed, own, copies, expected, expected_high, read_due, sku_now, was_live, lag = values[19:]
    state = RowState(
        condition,
        reason,
        None if low is None else Bounds(low, high),
        readings,
        None if since is None else Baseline(Bounds(on_hand_low, on_hand_high), unavailable, since),
        None if seen is None else Suspect(change, seen),
        judged,
    )
    return SyncRow(
        *(item, location, sku, warehouse, master, code, t0, state, pushed, own, bool(copies)),
        None if expected is None else Bounds(expected, expected_high),
        *(read_due, sku_now, bool(was_live), lag),
    )


def choose(connection: sqlite3.Connection, keys: Iterable[tuple[int, int, int]]) -> None:
    """Make (item, location, second) the rows that the functions on chosen rows are about, in `temp.row_key`; a row's lowest second counts."""
    connection.execute(
        """CREATE TEMP TABLE IF NOT EXISTS row_key (
            item_id INTEGER NOT NULL, location_id INTEGER NOT NULL, second INTEGER NOT NULL, PRIMARY KEY (item_id, location_id)
        ) WITHOUT ROWID"""
    )
    connection.execute("DELETE FROM temp.row_key")
    connection.executemany(
        """INSERT INTO temp.row_key VALUES (?, ?, ?)
           ON CONFLICT (item_id, location_id) DO UPDATE SET second = min(second, excluded.second)""",
        keys,
    )


def chosen(connection: sqlite3.Connection, channel_id: int) -> dict[RowKey, SyncRow]:
    """The chosen rows that are kept."""
    rows = connection.execute(
        f"""SELECT {_COLUMNS} FROM temp.row_key AS wanted CROSS JOIN sync_row AS row
            ON row.channel_id = ? AND row.item_id = wanted.item_id AND row.location_id = wanted.location_id""",
        (channel_id,),
    )
    return {row.key: row for row in map(_row, rows)}


def row_of(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> SyncRow | None:
    """One row, or None."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM sync_row AS row WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (channel_id, *key),
    ).fetchone()
    return _row(found) if found else None


def keep_states(
    connection: sqlite3.Connection,
    channel_id: int,
    states: Iterable[tuple[RowKey, RowState, str, int | None]],
) -> None:
    """Keep (row, where it stands, `HoldCode`, when to read it next) in the transaction under way; what it should show is checked anew."""
    connection.executemany(
        """UPDATE sync_row SET condition = ?4, reason = ?5, low = ?6, high = ?7, readings = ?8, on_hand_low = ?9, on_hand_high = ?10,
               unavailable = ?11, baseline_since = ?12, suspect_change = ?13, suspect_seen = ?14, judged_until = ?15, code = ?16,
               read_due = ?17, unchecked = unchecked OR condition <> ?4 OR high IS NOT ?7,
               was_live = was_live OR condition IN ('settling', 'live'),
               sku_now = CASE WHEN ?16 = 'to_confirm' THEN sku_now ELSE '' END
           WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3""",
        ((channel_id, *key, *_values(state), code, read_due) for key, state, code, read_due in states),
    )


def _values(state: RowState) -> tuple[object, ...]:
    bounds, baseline, suspect = state.bounds, state.baseline, state.suspect
    return (
        *(state.condition, state.reason),
        *((bounds.low, bounds.high) if bounds else (None, None)),
        state.readings,
        *((baseline.on_hand.low, baseline.on_hand.high) if baseline else (None, None)),
        *((baseline.unavailable, baseline.since) if baseline else (None, None)),
        *((suspect.change, suspect.seen) if suspect else (None, None)),
        state.judged_until,
    )


def settle_again(
    connection: sqlite3.Connection, channel_id: int, keys: Iterable[RowKey], reason: str, read_due: int
) -> None:
    """Have rows settle again for `reason`, read from `read_due` on, in the transaction under way."""
    for key in keys:
        row = row_of(connection, channel_id, key)
        state = settling(reason, row.state.baseline if row else None)
        keep_states(connection, channel_id, [(key, state, "", read_due)])


def end(
    connection: sqlite3.Connection,
    channel_id: int,
    key: RowKey,
    state: RowState,
    code: HoldCode,
    read_due: int | None,
) -> None:
    """Take a row out of sync (`state` is *out* or *held*) in the transaction under way; its readings say nothing any more."""
    freeze_copy(connection, channel_id, key)
    connection.execute(
        "UPDATE sync_row SET stopped = 0 WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (channel_id, *key),
    )
    readings.void(connection, channel_id, key)
    keep_states(connection, channel_id, [(key, state, code, read_due)])


def freeze_copy(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> None:
    """Let the row be no source of a copied number any more, in the transaction under way: what was copied of it stays as it is.

    What it settles at from now on may hold what happened while nobody looked, and that is none of the ledger's.
    """
    connection.execute(
        """UPDATE copy_target SET frozen = copied IS NOT NULL, unchecked = 1 WHERE channel_id = ?1 AND (sku, warehouse_id) IN (
               SELECT sku, warehouse_id FROM sync_row
               WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3 AND copies)""",
        (channel_id, *key),
    )
    connection.execute(
        "UPDATE sync_row SET copies = 0, copy_low = NULL WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (channel_id, *key),
    )


def keep_copied(connection: sqlite3.Connection, channel_id: int, key: RowKey, more: int = 0) -> None:
    """Copy of a live row what it settled at, and `more`, whatever it settles at from now on, in the transaction under way.

    Of one on bounds that is the lower, which errs on not selling.
    """
    connection.execute(
        """UPDATE sync_row SET copy_low = low + ? WHERE channel_id = ? AND item_id = ? AND location_id = ?
               AND copies AND condition = 'live' AND copy_low IS NULL""",
        (more, channel_id, *key),
    )


def add_to_own(
    connection: sqlite3.Connection, channel_id: int, changes: Iterable[tuple[RowKey, int]]
) -> None:
    """Add effects' units to what rows should show, in the transaction that keeps the effects."""
    connection.executemany(
        """UPDATE sync_row SET own = own + ?4, unchecked = 1
           WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3""",
        ((channel_id, *key, units) for key, units in changes),
    )


def add_to_pushed(
    connection: sqlite3.Connection, channel_id: int, changes: Iterable[tuple[RowKey, int]]
) -> None:
    """Add difference pushes' units (less than 0 for one that never was) to what rows should show, as `add_to_own`."""
    connection.executemany(
        """UPDATE sync_row SET pushed = pushed + ?4, unchecked = 1
           WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3""",
        ((channel_id, *key, units) for key, units in changes),
    )


def read_by(connection: sqlite3.Connection, channel_id: int, keys: Iterable[RowKey], second: int) -> None:
    """Have rows read at `second` at the latest, in the transaction under way."""
    connection.executemany(
        """UPDATE sync_row SET read_due = min(coalesce(read_due, ?4), ?4)
           WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3 AND condition <> 'out'""",
        ((channel_id, *key, second) for key in keys),
    )


def due(connection: sqlite3.Connection, channel_id: int, second: int, limit: int) -> list[RowKey]:
    """Rows to be read by `second`, the longest due first; at most `limit`."""
    return connection.execute(
        """SELECT item_id, location_id FROM sync_row WHERE channel_id = ? AND read_due <= ?
           ORDER BY read_due LIMIT ?""",
        (channel_id, second, limit),
    ).fetchall()


def next_due(connection: sqlite3.Connection, channel_id: int) -> int | None:
    """When the next row that settles is to be read; None where none does. The others are read with the next cycle that comes anyway."""
    (second,) = connection.execute(
        "SELECT min(read_due) FROM sync_row INDEXED BY sync_row_condition WHERE channel_id = ? AND condition = 'settling'",
        (channel_id,),
    ).fetchone()
    return None if second is None else int(second)


def keep_shown(
    connection: sqlite3.Connection, channel_id: int, numbers: Iterable[tuple[RowKey, int, int | None]]
) -> None:
    """Keep (row, available as it was just read, when to read it next) in the transaction under way."""
    connection.executemany(
        "UPDATE sync_row SET shown = ?4, read_due = ?5 WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3",
        ((channel_id, *key, shown, read_due) for key, shown, read_due in numbers),
    )


def expect(connection: sqlite3.Connection, channel_id: int, key: RowKey, expected: Bounds | None) -> None:
    """Keep what the row had settled at before a push of it became too old, None once that is answered."""
    low, high = (None, None) if expected is None else (expected.low, expected.high)
    connection.execute(
        "UPDATE sync_row SET expected = ?, expected_high = ? WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (low, high, channel_id, *key),
    )


def copy_settled_low(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> None:
    """Have what is copied of a live row be what it settled at until now, whatever it settles at next, in the transaction under way.

    Of one that settles that is not known; what was copied of it stays as it is.
    """
    kept = connection.execute(
        """UPDATE sync_row SET copy_low = coalesce(copy_low, CASE condition WHEN 'live' THEN low END)
           WHERE channel_id = ? AND item_id = ? AND location_id = ? AND copies RETURNING copy_low""",
        (channel_id, *key),
    ).fetchall()
    if kept == [(None,)]:
        freeze_copy(connection, channel_id, key)


def raise_copy_low(connection: sqlite3.Connection, channel_id: int, row: SyncRow, units: int) -> None:
    """Copy `units` more of a row (`copy_settled_low`), in the transaction under way: so many it surely had besides."""
    connection.execute(
        "UPDATE sync_row SET copy_low = copy_low + ? WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (units, channel_id, *row.key),
    )
    connection.execute(
        "UPDATE copy_target SET unchecked = 1 WHERE channel_id = ? AND sku = ? AND warehouse_id = ? AND NOT frozen",
        (channel_id, row.sku, row.warehouse_id),
    )


def see_lag(connection: sqlite3.Connection, channel_id: int, key: RowKey, lag: int | None) -> None:
    """Keep the commit lag that a reading seems to show, None once another said whether it was one, in the transaction under way."""
    connection.execute(
        "UPDATE sync_row SET lag_seen = ? WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (lag, channel_id, *key),
    )


def still_due(connection: sqlite3.Connection, channel_id: int, second: int) -> int:
    """How many rows are to be read by `second` and were not yet."""
    (rows,) = connection.execute(
        "SELECT count(*) FROM sync_row WHERE channel_id = ? AND read_due <= ?", (channel_id, second)
    ).fetchone()
    return int(rows)


def bear(connection: sqlite3.Connection, channel_id: int, key: RowKey, sku: str) -> None:
    """Keep the SKU that the store bears now of a row that is held for it, in the transaction under way."""
    connection.execute(
        "UPDATE sync_row SET sku_now = ? WHERE channel_id = ? AND item_id = ? AND location_id = ?",
        (sku, channel_id, *key),
    )


def has_siblings(connection: sqlite3.Connection, channel_id: int, row: SyncRow, sku: str) -> bool:
    """Whether another row that is synced follows the same number."""
    found = connection.execute(
        """SELECT 1 FROM sync_row WHERE sku = ? AND warehouse_id = ? AND channel_id = ? AND condition IN ('settling', 'live')
               AND (item_id, location_id) <> (?, ?) LIMIT 1""",
        (sku, row.warehouse_id, channel_id, *row.key),
    ).fetchone()
    return found is not None


def confirm(connection: sqlite3.Connection, channel_id: int, key: RowKey, sku: str) -> None:
    """Have a row follow `sku` from now on, in the transaction under way.

    What moved that SKU before is no reason why the row differs, least of all an order: all of the difference is for the brake.
    """
    connection.execute(
        """UPDATE sync_row SET sku = ?4, sku_now = '', movement_seen = (SELECT coalesce(max(id), 0) FROM movement)
           WHERE channel_id = ?1 AND item_id = ?2 AND location_id = ?3""",
        (channel_id, *key, sku),
    )


def by_condition(connection: sqlite3.Connection, channel_id: int) -> dict[RowCondition, int]:
    """How many rows are in each condition."""
    return dict(
        connection.execute(
            "SELECT condition, count(*) FROM sync_row WHERE channel_id = ? GROUP BY condition", (channel_id,)
        )
    )


def by_reason(connection: sqlite3.Connection, channel_id: int) -> dict[tuple[RowCondition, str], int]:
    """How many rows are out, held or settling again for each reason; a reason may quote foreign text."""
    return {
        (condition, reason): rows
        for condition, reason, rows in connection.execute(
            """SELECT condition, reason, count(*) FROM sync_row WHERE channel_id = ? AND reason > ''
               GROUP BY condition, reason ORDER BY 3 DESC, reason LIMIT 100""",
            (channel_id,),
        )
    }


def named(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> tuple[str, str]:
    """(SKU, location) as the log names the row."""
    found = connection.execute(
        """SELECT row.sku, coalesce(location.name, '') FROM sync_row AS row
           LEFT JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id
           WHERE row.channel_id = ? AND row.item_id = ? AND row.location_id = ?""",
        (channel_id, *key),
    ).fetchone()
    if found is None:  # it is synced no more
        found = connection.execute(
            """SELECT coalesce((SELECT min(sku) FROM listing WHERE channel_id = ?1 AND item_id = ?2), ''),
                      coalesce((SELECT name FROM location WHERE channel_id = ?1 AND id = ?3), '')""",
            (channel_id, *key),
        ).fetchone()
    return str(found[0]), str(found[1])


def location_name(connection: sqlite3.Connection, channel_id: int, location_id: int) -> str:
    """The location as the log names it, '' where there is none."""
    found = connection.execute(
        "SELECT name FROM location WHERE channel_id = ? AND id = ?", (channel_id, location_id)
    ).fetchone()
    return str(found[0]) if found else ""


def warehouse_code(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> str:
    """The code of the warehouse that the row follows, '' where it is synced no more."""
    found = connection.execute(
        """SELECT warehouse.code FROM sync_row JOIN warehouse ON warehouse.id = sync_row.warehouse_id
           WHERE sync_row.channel_id = ? AND sync_row.item_id = ? AND sync_row.location_id = ?""",
        (channel_id, *key),
    ).fetchone()
    return str(found[0]) if found else ""
