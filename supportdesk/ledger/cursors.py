"""Up to where a channel was looked at, and how long things are waited for there. Seconds are the store's."""

from __future__ import annotations

import sqlite3
from typing import Literal

from supportdesk.core.effects import Margins

CursorName = Literal[
    "orders",
    "moved",
    "looked",
    "levels",
    "footprints",
    "overlap",
    "wide",
    "tidied",
    "movement",
    "event",
    "decision",
    "load",
    "heard",
    "listings",
    "listing_page",
    "page",
    "page_due",
    "uncounted",
    "hard",
    "hard_read",
]
"""`orders`, `moved`, `levels`: when the last look began that went to its end. `looked`: when the last one at orders and fulfilment orders
both did. `footprints`: 0 until the open orders at T0 are kept, then when they were. `overlap`, `wide`: the last looks
further back than usual, and far back. `tidied`: when old
readings were last dropped. `movement`, `event`, `load`: ids (of a load: the second) up to which the account file was followed; `decision`: of events too, as far
as decisions go. `heard`: the latest second that the store's clock
was known to show. `listings`: when the last
look at changed listings began that went to its end; `listing_page`: the variant up to which one went that did not. `page`: the variant up to
which all listings were gone through, `page_due`: when the next page of them is due. `uncounted`: 1 where listings were read anew and not
counted yet. `hard`: from when a hard refresh reads every row again; `hard_read`:
when all of them were read."""


def second_of(connection: sqlite3.Connection, channel_id: int, name: CursorName) -> int | None:
    """Where the cursor stands; None where it was never put."""
    found = connection.execute(
        "SELECT second FROM cursor WHERE channel_id = ? AND name = ?", (channel_id, name)
    ).fetchone()
    return int(found[0]) if found else None


def put(connection: sqlite3.Connection, channel_id: int, name: CursorName, second: int) -> None:
    """Put the cursor, in the transaction under way."""
    connection.execute(
        """INSERT INTO cursor (channel_id, name, second) VALUES (?, ?, ?)
           ON CONFLICT (channel_id, name) DO UPDATE SET second = excluded.second""",
        (channel_id, name, second),
    )


def margins(connection: sqlite3.Connection, channel_id: int, usual: Margins) -> Margins:
    """`usual` with the lags that were measured of this store, where there are any."""
    from dataclasses import replace

    found = connection.execute(
        "SELECT commit_lag, visibility FROM channel_sync WHERE channel_id = ? AND commit_lag IS NOT NULL",
        (channel_id,),
    ).fetchone()
    return replace(usual, commit_lag=found[0], visibility=found[1]) if found else usual


def keep_margins(connection: sqlite3.Connection, channel_id: int, margins: Margins) -> None:
    """Keep lags, in the transaction under way; the channel's row is made where there is none."""
    connection.execute(
        """INSERT INTO channel_sync (channel_id, commit_lag, visibility) VALUES (?, ?, ?)
           ON CONFLICT (channel_id) DO UPDATE SET commit_lag = excluded.commit_lag, visibility = excluded.visibility""",
        (channel_id, margins.commit_lag, margins.visibility),
    )


def begin_cycle(connection: sqlite3.Connection, channel_id: int, at: str) -> int:
    """Count one more cycle, in the transaction under way; its number."""
    connection.execute(
        "UPDATE channel_sync SET cycle = cycle + 1, cycled_at = ? WHERE channel_id = ?", (at, channel_id)
    )
    found = connection.execute(
        "SELECT cycle FROM channel_sync WHERE channel_id = ?", (channel_id,)
    ).fetchone()
    return int(found[0]) if found else 0
