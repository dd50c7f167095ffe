"""The log of a channel: opened and read in pieces by the screen, streamed by the command line, written to a file. Reads the account file,
whoever writes it; all it ever writes is that somebody looks.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple

from supportdesk.core.events import Event, LogFilter, kind_of, line_of
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.desk import Desk, saving
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.errors import Cancelled

if TYPE_CHECKING:
    from supportdesk.ledger.log import EventLog, Minute

WATCHED_FOR: Final = timedelta(seconds=30)
"""How long one look at the log makes cycles come quicker."""
LOOK_SECONDS: Final = 0.2
"""How often following looks whether something happened."""
_AT_ONCE: Final = 1_000
_HOUR: Final = timedelta(hours=1)
_MOST_NEWS: Final = 2_000
"""Lines handed over at a time to somebody who follows: of more than that only the last are seen."""


class Piece(NamedTuple):
    """Lines of the log that stand together."""

    events: tuple[Event, ...]
    """Oldest first."""
    edge: int
    """The id it was looked to; whoever goes on begins there."""
    ended: bool
    """Whether there is nothing beyond."""


@dataclass(frozen=True, slots=True)
class News:
    """What came since the last look."""

    newest: int
    """The id of the newest event of the account."""
    count: int
    """How many of the new ones pass the filter."""
    events: tuple[Event, ...]
    """The last of those, oldest first; all of them, unless there were very many. Empty where they were not asked for."""
    tally: Mapping[tuple[datetime, str], int]
    """How many new ones there were, whatever the filter, by minute and kind."""


@dataclass(frozen=True, slots=True)
class LogStanding:
    """What stands above the lines."""

    is_on: bool
    next_cycle: datetime | None
    """None while a cycle runs, or where nobody runs one."""
    last_cycle: datetime | None
    kept_by: str
    """Who runs the cycles, in words; '' for nobody. May quote foreign text."""
    brake: str


class Log:
    """A channel's log, open for reading. `has_changed` and `standing` may be asked on the event loop; the rest takes a thread, one
    after the other. `close` it; a context manager closes too.
    """

    def __init__(self, desk: Desk, path: Path, channel_id: int, handle: str) -> None:
        from supportdesk.ledger.log import EventLog
        from supportdesk.ledger.windows import open_reader

        self._desk = desk
        self._path = path
        self._reader_connection = open_reader(path)
        self._reader = EventLog(self._reader_connection, path, channel_id, handle)
        self._marker = self._opened_marker(channel_id, handle)
        self._file = _file_number(path)
        self._in_use = threading.Lock()
        self._closed = False

    def _opened_marker(self, channel_id: int, handle: str) -> EventLog:
        """For the event loop: it never waits for whoever writes."""
        from supportdesk.ledger.log import EventLog
        from supportdesk.ledger.windows import open_reader

        try:
            marker = open_reader(self._path)
            marker.execute("PRAGMA busy_timeout=0")
        except BaseException:
            self._reader.close()
            raise
        return EventLog(marker, self._path, channel_id, handle)

    # On the event loop

    def has_changed(self) -> bool:
        """Whether anything was written since this was asked last; microseconds."""
        return not self._closed and self._marker.has_changed()

    @property
    def is_replaced(self) -> bool:
        """Whether the account file is another by now, so that the log has to be opened again."""
        return _file_number(self._path) not in (self._file, None)

    def standing(self) -> LogStanding | None:
        """How sync stands, by the file alone; None where that cannot be told now."""
        from supportdesk.desk.sync_status import keeper_of
        from supportdesk.errors import LedgerError

        if self._closed:
            return None
        try:
            found = self._marker.standing()
        except LedgerError:
            return None
        if found is None:
            return None
        return LogStanding(
            found.is_on,
            found.next_cycle,
            found.last_cycle,
            keeper_of(found.lease, self._desk.now())[1],
            found.brake,
        )

    # In a thread

    def newest(self) -> int:
        """The id of the newest event of the account, 0 for none. Raises `LedgerError` and its kinds."""
        with self._reading() as reader:
            return reader.extent()[1]

    def before(self, edge: int | None, wanted: LogFilter, limit: int, watch: Watch) -> Piece:
        """The last `limit` events that pass below the id `edge`, or at the end; fewer where it is far to them. Raises `LedgerError` and its kinds, `Cancelled`."""
        with self._reading() as reader:
            if edge is None:
                edge = reader.extent()[1] + 1
            found = reader.before(edge, wanted, limit, watch)
        return Piece(tuple(found.events), found.edge, found.ended)

    def after(self, edge: int, wanted: LogFilter, limit: int, watch: Watch) -> Piece:
        """The first `limit` events that pass above the id `edge`, fewer where it is far to them. Raises as `before`."""
        with self._reading() as reader:
            found = reader.after(edge, wanted, limit, watch)
        return Piece(tuple(found.events), found.edge, found.ended)

    def id_at(self, moment: datetime) -> int:
        """The id of the first event not before `moment`; beyond the newest where there is none. Raises as `newest`."""
        with self._reading() as reader:
            return reader.id_at(moment)

    def places(self) -> tuple[str, ...]:
        """What an event's place may be. Raises as `newest`."""
        with self._reading() as reader:
            return reader.places()

    def news(self, after: int, wanted: LogFilter, limit: int, watch: Watch) -> News:
        """What came above the id `after`, its last `limit` lines with it. Raises as `before`."""
        with self._reading() as reader:
            newest = max(after, reader.extent()[1])
            tally = _tallied(reader.minutes(after, newest, watch))
            count = sum(tally.values()) if wanted.is_empty else reader.count(after, newest, wanted)
            events: tuple[Event, ...] = ()
            if count and limit:
                edge, limit = newest + 1, min(count, limit, _MOST_NEWS)
                while len(events) < limit and edge > after + 1:
                    found = reader.before(edge, wanted, limit - len(events), watch)
                    events, edge = (*found.events, *events), found.edge
        return News(newest, count, events, tally)

    def last_hour(self, upto: int, watch: Watch) -> Mapping[tuple[datetime, str], int]:
        """How many events of each kind there were in each minute of the last hour, up to the id `upto`. Raises as `before`."""
        with self._reading() as reader:
            return _tallied(reader.minutes_since(self._desk.now() - _HOUR, upto, watch))

    @contextlib.contextmanager
    def _reading(self) -> Iterator[EventLog]:
        with self._in_use:
            if self._closed:
                raise Cancelled("The log was closed.")
            yield self._reader

    def close(self) -> None:
        """Close it; what another thread reads here ends with `Cancelled`. Closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        self._marker.close()
        self._reader_connection.interrupt()
        with self._in_use:
            self._reader.close()

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _tallied(minutes: Iterable[Minute]) -> dict[tuple[datetime, str], int]:
    counts: dict[tuple[datetime, str], int] = {}
    for minute, kind, count in minutes:
        counts[minute, kind] = counts.get((minute, kind), 0) + count
    return counts


def _file_number(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def open_log(desk: Desk, channel: str) -> Log:
    """The log of a channel: its own events and its account's. Raises `UnknownName`, `LedgerError` and its kinds."""
    with opened_channel(desk, channel) as (ledger, record):
        path, channel_id = ledger.path, record.id
    return Log(desk, path, channel_id, channel)


def watching(desk: Desk, channel: str) -> None:
    """Say that somebody looks at the log for the next 30 s, so that cycles come quicker; nothing where read-only.

    Raises `UnknownName`, `LedgerError` and its kinds.
    """
    from supportdesk.ledger.log import watched

    if desk.settings.read_only:
        return
    with opened_channel(desk, channel) as (ledger, record), ledger.writing() as connection:
        watched(connection, record.id, desk.now() + WATCHED_FOR)


def read_log(
    desk: Desk,
    channel: str,
    wanted: LogFilter,
    *,
    since: datetime | None = None,
    last: int | None = None,
    follow: bool = False,
    watch: Watch | None = None,
) -> Iterator[tuple[Event, ...]]:
    """The events of a channel's log that pass, some at a time, oldest first: from `since`, the last `last` of them, or all; with `follow`
    then those that come, until `watch` is cancelled. Nothing is skipped, and little kept in memory.

    Raises `UnknownName`, `LedgerError` and its kinds, when it is called or while it is read; `Cancelled`.
    """
    log = open_log(desk, channel)

    def events() -> Iterator[tuple[Event, ...]]:
        looking = watch or Unwatched()
        with log:
            edge = log.id_at(since) - 1 if since is not None else 0
            if last is not None:
                newest = log.newest()
                edge = max(edge, _edge_of_last(log, newest + 1, wanted, last, looking) - 1)
            while True:
                log.has_changed()
                piece = log.after(edge, wanted, _AT_ONCE, looking)
                events = tuple(each for each in piece.events if since is None or each.at >= since)
                if events:
                    yield events
                edge = piece.edge
                if not piece.ended:
                    continue
                if not follow:
                    return
                while not log.has_changed():
                    looking.wait(LOOK_SECONDS)

    return events()


def _edge_of_last(log: Log, edge: int, wanted: LogFilter, last: int, watch: Watch) -> int:
    """The id of the first of the last `last` events below `edge` that pass."""
    while last > 0:
        piece = log.before(edge, wanted, min(last, _AT_ONCE), watch)
        edge, last = piece.edge, last - len(piece.events)
        if piece.ended:
            break
    return edge


COLUMNS: Final = (
    *("id", "at", "kind", "sign", "look", "channel", "who", "host", "origin"),
    *("sku", "place", "reference", "before", "after", "detail", "text", "location", "warehouse"),
)
"""What a file holds of an event, and `log --json` says of it."""


def facts_of(event: Event) -> dict[str, str | int | bool | None]:
    """An event as `COLUMNS` name it: times in UTC with a `Z`, `text` what the log says of it."""
    line = line_of(event)
    return {
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "kind": event.kind,
        "sign": kind_of(event.kind).sign,
        "look": kind_of(event.kind).sign == "!",
        **{
            name: getattr(event, name)
            for name in ("channel", "who", "host", "origin", "sku", "place", "reference")
        },
        "before": event.before,
        "after": event.after,
        "detail": event.detail,
        "text": line.text,
        "location": event.location,
        "warehouse": event.warehouse,
    }


def save_log(
    desk: Desk, channel: str, target: Path, wanted: LogFilter, *, replace: bool, watch: Watch
) -> int:
    """Write every event that passes to `target`, CSV or JSON by its ending; how many.

    Raises as `read_log` and `saving.save_csv`, `WrongUsage` for an ending that is neither.
    """
    as_json = saving.is_json(target)
    events = itertools.chain.from_iterable(read_log(desk, channel, wanted, watch=watch))
    facts = map(facts_of, events)
    if as_json:
        return saving.save_json(target, facts, replace=replace, watch=watch)
    rows = ([_cell(each[name]) for name in COLUMNS] for each in facts)
    return saving.save_csv(target, COLUMNS, rows, replace=replace, watch=watch)


def _cell(value: str | int | bool | None) -> str | int | None:
    return ("yes" if value else "no") if isinstance(value, bool) else value
