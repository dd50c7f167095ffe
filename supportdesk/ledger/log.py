"""The record of what happened, read by row id whoever writes it: windows of it, filtered, jumped into by time, counted by minute.

Nothing here looks through all of it at once; what its kinds mean is in `core.events`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from supportdesk.core.events import Event, LogFilter, kinds_named
from supportdesk.core.progress import Watch
from supportdesk.ledger import leases
from supportdesk.ledger.faults import said_plainly
from supportdesk.ledger.leases import Lease
from supportdesk.ledger.windows import contains

WINDOW: Final = 20_000
"""Rows that one query looks through; between two of them the reader may be stopped."""
BUDGET: Final = 200_000
"""Rows that one search looks through, found or not: then it says how far it came, and may be asked to go on."""
_SEARCHED: Final = ("sku", "place", "reference", "detail", "who", "location", "warehouse")
_COLUMNS: Final = "id, at, kind, channel, who, host, origin, sku, place, reference, number_before, number_after, detail, location, warehouse"


class Found(NamedTuple):
    """What a look through part of the record came to."""

    events: list[Event]
    """In the order of their ids."""
    edge: int
    """The id it was looked to: whoever goes on begins there."""
    ended: bool
    """Whether there is nothing beyond."""


class Minute(NamedTuple):
    """How many events of a kind there were in a minute."""

    minute: datetime
    kind: str
    events: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a log says above its lines of the channel's sync."""

    is_on: bool
    next_cycle: datetime | None
    """None while a cycle runs, or where nobody runs one."""
    last_cycle: datetime | None
    lease: Lease | None
    brake: str


class EventLog:
    """One channel's record and its account's, over a connection of `windows.open_reader`. Used from one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path, channel_id: int, handle: str) -> None:
        """Of the account file at `path`."""
        self._connection = connection
        self._path = path
        self._channel_id = channel_id
        self._handle = handle
        self._version = -1

    # Where it begins and ends

    def extent(self) -> tuple[int, int]:
        """The ids of the oldest and the newest event of the account, (0, 0) for none. Raises `LedgerError` and its kinds."""
        ((first, last),) = self._select("SELECT (SELECT min(id) FROM event), (SELECT max(id) FROM event)")
        return first or 0, last or 0

    def has_changed(self) -> bool:
        """Whether any process wrote into the file since this was asked last. Where that cannot be told now, not."""
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return False
        changed = bool(version != self._version)
        self._version = version
        return changed

    def id_at(self, moment: datetime) -> int:
        """The id of the first event that did not happen before `moment`, beyond the newest where none is so late. Raises as `extent`.

        Found by halving, so where times go back by more than a window's events it may be another.
        """
        first, high = self.extent()
        low, high = first, high + 1
        wanted = moment.astimezone(UTC).isoformat()
        while low < high:
            middle = (low + high) // 2
            # Ids may have gaps: the first there is from the middle on decides.
            rows = self._select("SELECT id, at FROM event WHERE id >= ? ORDER BY id LIMIT 1", (middle,))
            if not rows or rows[0][1] >= wanted:
                high = middle
            else:
                low = rows[0][0] + 1
        # Times may go back a little from one event to the next: each process has a clock of its own.
        while low > first:
            ((earlier,),) = self._select(
                "SELECT min(id) FROM event WHERE id >= ? AND id < ? AND at >= ?", (low - WINDOW, low, wanted)
            )
            if earlier is None:
                break
            low = earlier
        return low

    # Events

    def before(self, edge: int, wanted: LogFilter, limit: int, watch: Watch) -> Found:
        """The last `limit` events below the id `edge` that pass, among the next `BUDGET`; and how far it was looked. Raises as `extent`, `Cancelled`."""
        first, _ = self.extent()
        found: list[Event] = []
        stop = max(first, edge - BUDGET) if not wanted.sku else first
        step = self._step(wanted, limit)
        while edge > stop and len(found) < limit:
            watch.check()
            low = max(stop, edge - step)
            rows = self._window(wanted, low, edge - 1, limit - len(found), newest_first=True)
            found += rows
            edge = rows[-1].id if len(found) >= limit else low
            step = min(WINDOW, step * 4) if step <= WINDOW else step
        return Found(found[::-1], edge, edge <= first)

    def after(self, edge: int, wanted: LogFilter, limit: int, watch: Watch) -> Found:
        """The first `limit` events above the id `edge` that pass, among the next `BUDGET`; and how far it was looked. Raises as `before`."""
        _, last = self.extent()
        found: list[Event] = []
        stop = min(last, edge + BUDGET) if not wanted.sku else last
        step = self._step(wanted, limit)
        while edge < stop and len(found) < limit:
            watch.check()
            high = min(stop, edge + step)
            rows = self._window(wanted, edge + 1, high, limit - len(found), newest_first=False)
            found += rows
            edge = rows[-1].id if len(found) >= limit else high
            step = min(WINDOW, step * 4) if step <= WINDOW else step
        return Found(found, edge, edge >= last)

    def _step(self, wanted: LogFilter, limit: int) -> int:
        """How many rows are looked through at first: few where most pass, all where an index finds them."""
        if wanted.sku:
            return 1 << 62
        return min(WINDOW, 2 * limit)

    def _window(
        self, wanted: LogFilter, low: int, high: int, limit: int, *, newest_first: bool
    ) -> list[Event]:
        where, parameters = self._conditions(wanted)
        rows = self._select(
            f"""SELECT {_COLUMNS} FROM event WHERE id BETWEEN :low AND :high AND {where}
                ORDER BY id {"DESC" if newest_first else "ASC"} LIMIT :limit""",
            {**parameters, "low": low, "high": high, "limit": limit},
        )
        return [Event(row[0], datetime.fromisoformat(row[1]), *row[2:]) for row in rows]

    def count(self, after: int, upto: int, wanted: LogFilter) -> int:
        """How many events above the id `after`, up to `upto`, pass. For few: it looks at each. Raises as `extent`."""
        where, parameters = self._conditions(wanted)
        ((count,),) = self._select(
            f"SELECT count(*) FROM event WHERE id > :low AND id <= :high AND {where}",
            {**parameters, "low": after, "high": upto},
        )
        return int(count)

    def minutes(self, after: int, upto: int, watch: Watch) -> Iterator[Minute]:
        """How many of each kind there were in each minute above the id `after` up to `upto`; a minute may come in parts. Raises as `before`."""
        where, parameters = self._conditions(LogFilter())
        for low in range(after, upto, WINDOW):
            watch.check()
            for minute, kind, count in self._select(
                f"""SELECT substr(at, 1, 16), kind, count(*) FROM event
                    WHERE id > :low AND id <= :high AND {where} GROUP BY 1, 2""",
                {**parameters, "low": low, "high": min(upto, low + WINDOW)},
            ):
                yield Minute(datetime.fromisoformat(minute).replace(tzinfo=UTC), kind, count)

    def minutes_since(self, moment: datetime, upto: int, watch: Watch) -> Iterator[Minute]:
        """As `minutes`, of what happened from `moment` on: back from the id `upto` until a whole window holds nothing so late."""
        where, parameters = self._conditions(LogFilter())
        high, some = upto, True
        while high > 0 and some:
            watch.check()
            ((some,),) = self._select(
                "SELECT EXISTS (SELECT 1 FROM event WHERE id > :low AND id <= :high AND at >= :since)",
                window := {"low": high - WINDOW, "high": high, "since": moment.astimezone(UTC).isoformat()},
            )
            for minute, kind, count in self._select(
                f"""SELECT substr(at, 1, 16), kind, count(*) FROM event
                    WHERE id > :low AND id <= :high AND at >= :since AND {where} GROUP BY 1, 2""",
                {**parameters, **window},
            ):
                yield Minute(datetime.fromisoformat(minute).replace(tzinfo=UTC), kind, count)
            high -= WINDOW

    def places(self) -> tuple[str, ...]:
        """The names an event of the channel may have for its place: its locations, then the account's warehouses. Raises as `extent`."""
        rows = self._select(
            """SELECT name FROM location WHERE channel_id = ? UNION
               SELECT name FROM warehouse ORDER BY name""",
            (self._channel_id,),
        )
        return tuple(name for (name,) in rows)

    def standing(self) -> Standing | None:
        """How the channel's sync stands, by its key alone; None where the channel was forgotten. Raises as `extent`."""
        with said_plainly(self._path):
            row = self._connection.execute(
                """SELECT sync, next_cycle_at, cycled_at, brake FROM channel
                   LEFT JOIN channel_sync ON channel_id = channel.id WHERE channel.id = ?""",
                (self._channel_id,),
            ).fetchone()
            lease = leases.lease_of(self._connection, self._channel_id)
        if row is None:
            return None
        sync, next_cycle, last_cycle, brake = row
        return Standing(sync == "on", _time(next_cycle), _time(last_cycle), lease, brake or "")

    # How it is asked

    def _conditions(self, wanted: LogFilter) -> tuple[str, Mapping[str, object]]:
        """What passes, as SQL; the account's own events are those of each of its channels."""
        parts = ["channel IN (:handle, '')"]
        parameters: dict[str, object] = {"handle": self._handle}
        kinds = wanted.kinds_wanted()
        if kinds is not None:
            parts.append(_among("kind", "kind", sorted(kinds), parameters))
        if wanted.place:
            parts.append(
                """(:place IN (place, location, warehouse)
                    OR warehouse > '' AND warehouse IN (SELECT code FROM warehouse WHERE name = :place))"""
            )
            parameters["place"] = wanted.place
        if wanted.sku:
            parts.append("sku = :sku AND sku > ''")
            parameters["sku"] = wanted.sku
        if wanted.text:
            holds, parameters["text"] = contains(self._connection, wanted.text)
            searched = [holds.format(column) for column in _SEARCHED]
            named = sorted(kinds_named(wanted.text))
            if named:
                searched.append(_among("kind", "named", named, parameters))
            parts.append(f"({' OR '.join(searched)})")
        return " AND ".join(parts), parameters

    def _select(
        self, query: str, parameters: Mapping[str, object] | Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        with said_plainly(self._path):
            return self._connection.execute(query, parameters).fetchall()

    def close(self) -> None:
        """Close the connection. Closing twice does nothing."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()


def _among(column: str, name: str, values: Sequence[str], parameters: dict[str, object]) -> str:
    names = []
    for number, value in enumerate(values):
        parameters[f"{name}{number}"] = value
        names.append(f":{name}{number}")
    return f"{column} IN ({', '.join(names)})"


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def watched(connection: sqlite3.Connection, channel_id: int, until: datetime) -> None:
    """Say that somebody looks at the log until then, in the transaction under way: cycles come quicker meanwhile (PROTOCOL §5)."""
    connection.execute(
        "UPDATE channel_sync SET watched_until = ? WHERE channel_id = ?", (until.isoformat(), channel_id)
    )
