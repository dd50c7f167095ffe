"""What somebody has to look at: open while its cause stands, and listed until a person has seen it, whichever is later.

Each tells of one thing: the same code, SKU and place is one alert.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from supportdesk.core.alerts import Alert as Alert
from supportdesk.core.alerts import Trouble as Trouble
from supportdesk.ledger import events

TROUBLES: Final[tuple[Trouble, ...]] = ("token", "scope", "claim", "file", "store")
"""Why no cycle comes to its end: one of them at a time."""
_STOPPING: Final = (*TROUBLES, "brake")
"""Why nothing, or not everything, is written."""
_TOLD_ELSEWHERE: Final = frozenset({"held", "another_app", "copy", "location", "waiting"})
"""Alerts whose row has an event of its own."""
EACH_ALONE: Final = 3
"""As many rows that wait for a person's word have an alert each; any more are one together."""
_PASSING: Final = "store"
"""Nobody need look at this one when it is over: it is tried again by itself."""


def tell(
    connection: sqlite3.Connection,
    channel_id: int,
    at: datetime,
    code: str,
    text: str,
    sku: str = "",
    place: str = "",
) -> None:
    """Open an alert unless it is open already, in the transaction under way. `text` is a sentence that may quote foreign text."""
    opened = connection.execute(
        """INSERT INTO alert (channel_id, at, code, text, sku, place) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (
               SELECT 1 FROM alert WHERE channel_id = ?1 AND closed_at IS NULL AND code = ?3 AND sku = ?5 AND place = ?6)""",
        (channel_id, at.isoformat(), code, text, sku, place),
    ).rowcount
    if opened and code not in _TOLD_ELSEWHERE:
        _record(connection, channel_id, at, "alert", text)


def _record(connection: sqlite3.Connection, channel_id: int, at: datetime, kind: str, text: str) -> None:
    (handle,) = connection.execute("SELECT handle FROM channel WHERE id = ?", (channel_id,)).fetchone()
    events.record(connection, at=at, kind=kind, channel=handle, detail=text)


def close(
    connection: sqlite3.Connection, channel_id: int, at: datetime, code: str, sku: str = "", place: str = ""
) -> None:
    """Close the alert where it is open, in the transaction under way: it stays listed until somebody has seen it."""
    closed = connection.execute(
        """UPDATE alert SET closed_at = ?1, seen_at = CASE WHEN code = ?6 THEN coalesce(seen_at, ?1) ELSE seen_at END
           WHERE channel_id = ?2 AND closed_at IS NULL AND code = ?3 AND sku = ?4 AND place = ?5 RETURNING text""",
        (at.isoformat(), channel_id, code, sku, place, _PASSING),
    ).fetchall()
    if code not in _TOLD_ELSEWHERE:
        for (text,) in closed:
            _record(connection, channel_id, at, "alert_ended", text)


def close_all(connection: sqlite3.Connection, channel_id: int, at: datetime) -> None:
    """Close every alert of the channel, in the transaction under way: nothing is synced there any more."""
    connection.execute(
        """UPDATE alert SET closed_at = ?1, seen_at = CASE WHEN code = ?3 THEN coalesce(seen_at, ?1) ELSE seen_at END
           WHERE channel_id = ?2 AND closed_at IS NULL""",
        (at.isoformat(), channel_id, _PASSING),
    )


def say(connection: sqlite3.Connection, channel_id: int, at: datetime, code: str, text: str) -> None:
    """Open an alert in place of what another of the same code said, in the transaction under way."""
    found = connection.execute(
        "SELECT 1 FROM alert WHERE channel_id = ? AND closed_at IS NULL AND code = ? AND text = ?",
        (channel_id, code, text),
    ).fetchone()
    if found is None:
        close(connection, channel_id, at, code)
        tell(connection, channel_id, at, code, text)


def say_trouble(
    connection: sqlite3.Connection,
    channel_id: int,
    at: datetime,
    code: Trouble,
    text: str,
) -> None:
    """Say why no cycle comes to its end, in place of any other such reason, in the transaction under way."""
    for other in TROUBLES:
        if other != code:
            close(connection, channel_id, at, other)
    say(connection, channel_id, at, code, text)


def end_trouble(connection: sqlite3.Connection, channel_id: int, at: datetime) -> None:
    """Cycles come to their end again, in the transaction under way."""
    for code in TROUBLES:
        close(connection, channel_id, at, code)


def open_trouble(connection: sqlite3.Connection, channel_id: int) -> str:
    """Why no cycle comes to its end, '' where they do; may quote foreign text."""
    marks = ", ".join("?" for _ in TROUBLES)
    found = connection.execute(
        f"SELECT text FROM alert WHERE channel_id = ? AND closed_at IS NULL AND code IN ({marks}) ORDER BY id DESC LIMIT 1",
        (channel_id, *TROUBLES),
    ).fetchone()
    return str(found[0]) if found else ""


def tell_over(connection: sqlite3.Connection, channel_id: int, at: datetime, code: str, text: str) -> None:
    """Tell of something that is over as it is told, and is listed until somebody has seen it; in the transaction under way."""
    say(connection, channel_id, at, code, text)
    connection.execute(
        "UPDATE alert SET closed_at = ? WHERE channel_id = ? AND code = ? AND closed_at IS NULL",
        (at.isoformat(), channel_id, code),
    )


def is_open(connection: sqlite3.Connection, channel_id: int, code: str) -> bool:
    """Whether an alert of that code is open."""
    found = connection.execute(
        "SELECT 1 FROM alert WHERE channel_id = ? AND closed_at IS NULL AND code = ?", (channel_id, code)
    ).fetchone()
    return found is not None


def refusal(connection: sqlite3.Connection, channel_id: int) -> str:
    """What the open alert says of a token or a scope that the store refuses; '' for none."""
    found = connection.execute(
        "SELECT text FROM alert WHERE channel_id = ? AND closed_at IS NULL AND code IN ('token', 'scope') ORDER BY id DESC LIMIT 1",
        (channel_id,),
    ).fetchone()
    return "" if found is None else str(found[0])


def open_texts(connection: sqlite3.Connection, channel_id: int, limit: int = 100) -> list[str]:
    """The open alerts, newest first; at most `limit`."""
    rows = connection.execute(
        "SELECT text FROM alert WHERE channel_id = ? AND closed_at IS NULL ORDER BY id DESC LIMIT ?",
        (channel_id, limit),
    )
    return [text for (text,) in rows]


def close_mended(connection: sqlite3.Connection, channel_id: int, at: datetime) -> None:
    """Close alerts of rows that are not held any more, in the transaction under way; what tells of many says how many are left."""
    if is_open(connection, channel_id, "waiting"):
        _count_waiting(connection, channel_id, at)
    connection.execute(
        """UPDATE alert SET closed_at = ?2 WHERE channel_id = ?1 AND closed_at IS NULL AND code IN ('held', 'another_app') AND NOT EXISTS (
               SELECT 1 FROM sync_row AS row INDEXED BY sync_row_sku LEFT JOIN location ON location.channel_id = row.channel_id AND location.id = row.location_id
               WHERE row.channel_id = ?1 AND row.sku = alert.sku AND row.condition = 'held' AND coalesce(location.name, '') = alert.place)""",
        (channel_id, at.isoformat()),
    )


def tell_waiting(
    connection: sqlite3.Connection, channel_id: int, at: datetime, text: str, sku: str, place: str
) -> None:
    """Tell of one more row that waits for a person's word, in the transaction that holds it: `text` where few do, else one alert of them all."""
    if is_open(connection, channel_id, "waiting"):  # counted once, when the cycle ends (`close_mended`)
        connection.execute(
            """UPDATE alert SET seen_at = NULL, seen_by = ''
               WHERE channel_id = ? AND closed_at IS NULL AND code = 'waiting' AND seen_at IS NOT NULL""",
            (channel_id,),
        )
    elif _waiting(connection, channel_id) <= EACH_ALONE:
        tell(connection, channel_id, at, "held", text, sku, place)
    else:
        tell(connection, channel_id, at, "waiting", "")
        _count_waiting(connection, channel_id, at)


def _waiting(connection: sqlite3.Connection, channel_id: int) -> int:
    (rows,) = connection.execute(
        """SELECT count(*) FROM sync_row INDEXED BY sync_row_condition
           WHERE channel_id = ? AND condition = 'held' AND code = 'to_confirm'""",
        (channel_id,),
    ).fetchone()
    return int(rows)


def _count_waiting(connection: sqlite3.Connection, channel_id: int, at: datetime) -> None:
    """Have the alert say how many rows wait now; closed where none does."""
    rows = _waiting(connection, channel_id)
    if not rows:
        close(connection, channel_id, at, "waiting")
        return
    text = f"{rows:,} {'row waits' if rows == 1 else 'rows wait'} until somebody says that they are to be synced: new listings, or with another SKU."
    connection.execute(
        "UPDATE alert SET text = ?2 WHERE channel_id = ?1 AND closed_at IS NULL AND code = 'waiting' AND text <> ?2",
        (channel_id, text),
    )


# Seeing -------------------------------------------------------------------------------------------------------------------------------

_LISTED: Final = "channel_id = :channel AND (seen_at IS NULL OR closed_at IS NULL)"


def unseen(connection: sqlite3.Connection, channel_id: int) -> tuple[int, str, bool]:
    """How many alerts nobody has seen, what is said of the one to look at first (what stops all of sync, then the newest), and
    whether the cause of each of them is over."""
    (count,) = connection.execute(
        "SELECT count(*) FROM alert WHERE channel_id = ? AND seen_at IS NULL", (channel_id,)
    ).fetchone()
    if not count:
        return 0, "", False
    text, is_over = connection.execute(
        """SELECT text, closed_at IS NOT NULL FROM alert WHERE channel_id = ? AND seen_at IS NULL
           ORDER BY closed_at IS NOT NULL, code IN ('held', 'another_app', 'copy', 'waiting'), id DESC LIMIT 1""",
        (channel_id,),
    ).fetchone()
    return int(count), str(text), bool(is_over)


def to_look_at(connection: sqlite3.Connection, channel_id: int) -> tuple[int, str]:
    """How many alerts nobody has seen or stop writes, seen or not, and what is said of the one to look at first; (0, '') for none."""
    marks = ", ".join("?" for _ in _STOPPING)
    query = f"""FROM alert WHERE channel_id = ? AND (seen_at IS NULL OR closed_at IS NULL AND code IN ({marks}))"""
    (count,) = connection.execute(f"SELECT count(*) {query}", (channel_id, *_STOPPING)).fetchone()
    if not count:
        return 0, ""
    (text,) = connection.execute(
        f"SELECT text {query} ORDER BY closed_at IS NOT NULL, code NOT IN ({marks}), id DESC LIMIT 1",
        (channel_id, *_STOPPING, *_STOPPING),
    ).fetchone()
    return int(count), str(text)


def count_listed(connection: sqlite3.Connection, channel_id: int) -> int:
    """How many alerts stand, or were not seen."""
    (count,) = connection.execute(
        f"SELECT count(*) FROM alert WHERE {_LISTED}", {"channel": channel_id}
    ).fetchone()
    return int(count)


def listed(
    connection: sqlite3.Connection, channel_id: int, start: int = 0, limit: int = 200
) -> Sequence[Alert]:
    """Alerts that stand, or were not seen: those not seen first, the newest first; from `start` on, at most `limit`."""
    rows = connection.execute(
        f"""SELECT id, at, code, text, sku, place, closed_at, seen_at, seen_by FROM alert WHERE {_LISTED}
            ORDER BY seen_at IS NOT NULL, id DESC LIMIT :limit OFFSET :start""",
        {"channel": channel_id, "limit": limit, "start": start},
    )
    return [
        Alert(number, datetime.fromisoformat(at), code, text, sku, place, _time(closed), _time(seen), who)
        for number, at, code, text, sku, place, closed, seen, who in rows
    ]


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def is_there(connection: sqlite3.Connection, channel_id: int, number: int) -> bool:
    """Whether the channel has an alert of that number, seen or not."""
    found = connection.execute(
        "SELECT 1 FROM alert WHERE channel_id = ? AND id = ?", (channel_id, number)
    ).fetchone()
    return found is not None


def see(
    connection: sqlite3.Connection,
    channel_id: int,
    at: datetime,
    who: str,
    ids: Iterable[int] | None = None,
    *,
    up_to: int | None = None,
) -> int:
    """Keep that somebody has seen these alerts, all with None (those told by the id `up_to`), in the transaction under way; how many."""
    if ids is None:
        return connection.execute(
            "UPDATE alert SET seen_at = ?, seen_by = ? WHERE channel_id = ? AND seen_at IS NULL AND id <= ?",
            (at.isoformat(), who, channel_id, up_to if up_to is not None else 1 << 62),
        ).rowcount
    return sum(
        connection.execute(
            "UPDATE alert SET seen_at = ?, seen_by = ? WHERE channel_id = ? AND seen_at IS NULL AND id = ?",
            (at.isoformat(), who, channel_id, number),
        ).rowcount
        for number in ids
    )


def see_code(
    connection: sqlite3.Connection,
    channel_id: int,
    at: datetime,
    who: str,
    code: str,
    sku: str = "",
    place: str = "",
) -> None:
    """Keep that somebody who did something about these alerts has seen them, in the transaction under way."""
    connection.execute(
        """UPDATE alert SET seen_at = ?, seen_by = ?
           WHERE channel_id = ? AND seen_at IS NULL AND code = ? AND sku = ? AND place = ?""",
        (at.isoformat(), who, channel_id, code, sku, place),
    )
