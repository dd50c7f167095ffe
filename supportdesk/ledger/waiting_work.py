"""Which channels of an account file want a worker, and what is asked of one that rests: asked every second, so by plain reads, with no lock."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from supportdesk.core.channels import SyncGlance
from supportdesk.ledger.leases import Lease, lease_of


class Wanting(NamedTuple):
    """A channel that is on, or whose plan is being applied."""

    channel_id: int
    handle: str


def wanting_work(path: Path) -> list[Wanting]:
    """The channels in the account file at `path` that want a worker; none where it cannot be read now, or is older than sync."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        ) as found:
            rows = found.execute(
                """SELECT id, handle FROM channel WHERE sync = 'on'
                       OR EXISTS (SELECT 1 FROM plan WHERE channel_id = channel.id AND state = 'applying')
                   ORDER BY id"""
            ).fetchall()
    except (sqlite3.Error, OSError):
        return []
    return [Wanting(*row) for row in rows]


class Attended(NamedTuple):
    """A channel that wants a worker, with who serves it."""

    channel_id: int
    handle: str
    sync: str
    """`on`, or `off` while a plan is being applied."""
    lease: Lease | None
    """Live or not."""
    cycled_at: datetime | None
    next_cycle_at: datetime | None
    trouble: str
    """Why no cycle comes to its end, '' where they do; may quote foreign text."""


def attended(path: Path) -> list[Attended]:
    """The channels that want a worker as `wanting_work` finds them, each with who serves it. As cheap."""
    from supportdesk.ledger.alerts import open_trouble

    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        ) as found:
            rows = found.execute(
                """SELECT id, handle, sync, cycled_at, next_cycle_at
                   FROM channel LEFT JOIN channel_sync ON channel_id = channel.id
                   WHERE sync = 'on' OR EXISTS (SELECT 1 FROM plan WHERE channel_id = channel.id AND state = 'applying')
                   ORDER BY id"""
            ).fetchall()
            return [
                Attended(
                    *(number, handle, sync, lease_of(found, number)),
                    *(_time(cycled_at), _time(next_at), open_trouble(found, number)),
                )
                for number, handle, sync, cycled_at, next_at in rows
            ]
    except (sqlite3.Error, OSError):
        return []


def neglected(path: Path, now: datetime, is_gone: Callable[[Lease], bool]) -> list[str]:
    """Channels of the account file at `path` that want a worker and that nobody serves. `is_gone` says of a live lease that its holder is no more."""
    return [
        each.handle
        for each in attended(path)
        if each.lease is None or not each.lease.is_live(now) or is_gone(each.lease)
    ]


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def glances(path: Path, now: datetime) -> dict[str, SyncGlance]:
    """What a list of channels says of those in the account file at `path` that want a worker. As cheap as `wanting_work`."""
    from supportdesk.ledger.alerts import to_look_at

    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        ) as found:
            rows = found.execute(
                """SELECT channel.id, handle, sync, coalesce(cycled_at, on_since), (
                       SELECT purpose FROM plan WHERE channel_id = channel.id AND state = 'applying')
                   FROM channel LEFT JOIN channel_sync ON channel_id = channel.id"""
            ).fetchall()
            return {
                handle: SyncGlance(
                    "" if sync == "on" else "rollback" if purpose == "rollback" else "turn-on",
                    (lease := lease_of(found, number)) is None or not lease.is_live(now),
                    _time(at),
                    *to_look_at(found, number),
                )
                for number, handle, sync, at, purpose in rows
                if sync == "on" or purpose
            }
    except (sqlite3.Error, OSError):
        return {}


class Mark(NamedTuple):
    """How far a worker has seen what others do: ids, which only grow."""

    movement: int
    event: int
    step: int
    """Of applying plans."""
    wanted: str | None
    """When a person asked for a cycle that had not begun."""


PERSONS_EVENTS: Final = (
    *("connect", "load", "settings", "import", "import_sumtracker", "close_at", "bundle", "go_on"),
    *("link", "unlink", "counts", "decision", "new_sku", "take_over", "confirm", "adopt"),
)
"""Events of what a person changed that a cycle makes something of; none of them is a cycle's own."""


def mark(connection: sqlite3.Connection, channel_id: int) -> Mark:
    """The newest ids there are, and what is asked of the channel's worker."""
    return Mark(
        *connection.execute(
            """SELECT (SELECT coalesce(max(id), 0) FROM movement), (SELECT coalesce(max(id), 0) FROM event),
                   (SELECT coalesce(max(id), 0) FROM plan_step), (SELECT cycle_wanted_at FROM channel_sync WHERE channel_id = ?)""",
            (channel_id,),
        ).fetchone()
    )


def is_asked(connection: sqlite3.Connection, channel_id: int, since: Mark, *, moved: bool = True) -> bool:
    """Whether a person asked for a cycle of the channel since that mark, or did something that a cycle makes something of.

    With `moved` a changed number of a row of the channel counts too, whoever changed it.
    """
    handle, wanted = connection.execute(
        """SELECT handle, cycle_wanted_at FROM channel LEFT JOIN channel_sync ON channel_id = channel.id
           WHERE channel.id = ?""",
        (channel_id,),
    ).fetchone() or ("", None)
    return (
        wanted not in (None, since.wanted)
        or _is_there(connection, "SELECT 1 FROM plan_step WHERE id > ?", since.step)
        or _is_there(
            connection,
            f"SELECT 1 FROM event WHERE id > ? AND channel IN ('', ?) AND kind IN ({', '.join('?' * len(PERSONS_EVENTS))})",
            *(since.event, handle, *PERSONS_EVENTS),
        )
        or (moved and _has_moved(connection, channel_id, since.movement))
    )


def _has_moved(connection: sqlite3.Connection, channel_id: int, since: int) -> bool:
    """Whether a number changed that a row of the channel follows, by itself or as part of a bundle."""
    return _is_there(
        connection,
        """SELECT 1 FROM movement CROSS JOIN sync_row AS row
               ON row.sku = movement.sku AND row.warehouse_id = movement.warehouse_id AND row.channel_id = ?2
           WHERE movement.id > ?1
           UNION ALL
           SELECT 1 FROM movement CROSS JOIN bundle_line AS line ON line.component_sku = movement.sku
               CROSS JOIN sync_row AS row
               ON row.sku = line.bundle_sku AND row.warehouse_id = movement.warehouse_id AND row.channel_id = ?2
           WHERE movement.id > ?1""",
        *(since, channel_id),
    )


def _is_there(connection: sqlite3.Connection, query: str, *parameters: object) -> bool:
    return connection.execute(f"{query} LIMIT 1", parameters).fetchone() is not None
