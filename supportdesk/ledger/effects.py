"""Effects on rows, kept: what orders and units set aside did to each row, and when (PROTOCOL §1.6). What makes them is in `core.orders` and `core.rows`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from supportdesk.core.effects import Effect
from supportdesk.core.looks import RowKey
from supportdesk.core.orders import RowEffect
from supportdesk.ledger import sync_rows


def keep(connection: sqlite3.Connection, channel_id: int, effects: Sequence[RowEffect]) -> None:
    """Keep effects, and add them to what their rows should show, in the transaction under way."""
    connection.executemany(
        """INSERT INTO effect (channel_id, item_id, location_id, order_id, kind, available, on_hand, earliest, latest)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            (
                *(channel_id, one.item_id, one.location_id, one.effect.order, one.effect.kind),
                *(one.effect.available, one.effect.on_hand, one.effect.earliest, one.effect.latest),
            )
            for one in effects
        ),
    )
    sync_rows.add_to_own(
        connection, channel_id, (((one.item_id, one.location_id), one.effect.available) for one in effects)
    )


def of_chosen(connection: sqlite3.Connection, channel_id: int, commit_lag: int) -> dict[RowKey, list[Effect]]:
    """The effects of each chosen row (`sync_rows.choose`); those surely on its number at its second as one that sums them up."""
    found: dict[RowKey, list[Effect]] = {}
    here = """FROM temp.row_key AS wanted CROSS JOIN effect ON effect.channel_id = ?1 AND effect.item_id = wanted.item_id
        AND effect.location_id = wanted.location_id AND effect.latest + 1 + ?2"""
    for item, location, available, on_hand, latest in connection.execute(
        f"""SELECT effect.item_id, effect.location_id, sum(available), sum(on_hand), max(latest) {here} <= wanted.second
            GROUP BY 1, 2""",
        (channel_id, commit_lag),
    ):
        found[item, location] = [Effect("placed", available, latest, latest, on_hand)]
    for item, location, *values in connection.execute(
        f"""SELECT effect.item_id, effect.location_id, kind, available, earliest, latest, on_hand, order_id {here} > wanted.second""",
        (channel_id, commit_lag),
    ):
        found.setdefault((item, location), []).append(Effect(*values))
    return found


def standing(connection: sqlite3.Connection, channel_id: int) -> dict[RowKey, int]:
    """How many units of each chosen row the ledger has taken in without a name: minus Σ of its *unexplained* effects; rows with any."""
    rows = connection.execute(
        """SELECT effect.item_id, effect.location_id, -sum(available) FROM temp.row_key AS wanted
           CROSS JOIN effect INDEXED BY effect_unexplained ON effect.channel_id = ? AND effect.item_id = wanted.item_id
               AND effect.location_id = wanted.location_id AND effect.kind = 'unexplained' GROUP BY 1, 2""",
        (channel_id,),
    )
    return {(item, location): units for item, location, units in rows}


def unexplained(connection: sqlite3.Connection, channel_id: int, key: RowKey) -> list[Effect]:
    """The *unexplained* effects of one row."""
    rows = connection.execute(
        """SELECT kind, available, earliest, latest, on_hand, order_id FROM effect INDEXED BY effect_unexplained
           WHERE channel_id = ? AND item_id = ? AND location_id = ? AND kind = 'unexplained'""",
        (channel_id, *key),
    )
    return [Effect(*values) for values in rows]


def forget(connection: sqlite3.Connection, channel_id: int, locations: Iterable[int]) -> None:
    """Drop the effects of these locations, which begin anew, in the transaction under way."""
    connection.executemany(
        "DELETE FROM effect WHERE channel_id = ? AND location_id = ?",
        ((channel_id, location) for location in locations),
    )
