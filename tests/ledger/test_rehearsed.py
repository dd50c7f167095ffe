"""A rehearsal's verdict counted from what was pushed: as shown, as orders moved it, otherwise, held, still to come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportdesk.core.rehearsal import Verdict
from supportdesk.desk.duplicates import opened_channel
from supportdesk.ledger.rehearsed import verdict
from tests.desk.stocked import MAIN, stocked_desk

MADE = "2026-11-23T12:00:00+00:00"
ROWS = (
    # item, SKU, before, after
    (1, "TENT", 31, 31),
    (2, "TENT", 4, 31),
    (3, "MUG", 40, 35),
    (4, "KIT", 9, 17),
    (5, "OLD", 5, 0),
    (6, "LAMP", 2, 2),
)
MAIN_ST = 1


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    desk = stocked_desk(tmp_path / "a home")
    with opened_channel(desk, "outdoor") as (ledger, _), ledger.writing() as connection:
        _insert(
            connection,
            "plan",
            id=7,
            channel_id=1,
            purpose="turn-on",
            basis="{}",
            fingerprint="f",
            event_id=1,
            movement_id=0,
            ledger_rows=0,
            ledger_before=0,
            ledger_after=0,
            unknown_skus=0,
            unknown_units=0,
            promised=0,
            made_at=MADE,
            who="mia",
        )
        for item, sku, before, after in ROWS:
            _insert(
                connection,
                "plan_row",
                plan_id=7,
                item_id=item,
                location_id=MAIN_ST,
                sku=sku,
                kind="copied",
                risk="changes" if before != after else "stays",
                before=before,
                after=after,
                reason="",
            )
        yield connection


def _insert(connection: sqlite3.Connection, table: str, **values: object) -> None:
    """A row, with 0 or '' in every column that must not be empty and is not said."""
    for _, name, kind, needed, default, _ in connection.execute(f"PRAGMA table_info({table})").fetchall():
        if needed and default is None and name not in values and name != "id":
            values[name] = "" if kind == "TEXT" else 0
    connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
        tuple(values.values()),
    )


def push(connection: sqlite3.Connection, number: int, changes: dict[int, int], **how: str) -> None:
    """A push of our own, taken by the store."""
    _insert(
        connection,
        "push",
        **{"id": number, "channel_id": 1, "kind": "difference", "key": f"k{number}", "state": "done", **how},
    )
    for item, change in changes.items():
        _insert(
            connection,
            "push_row",
            push_id=number,
            item_id=item,
            location_id=MAIN_ST,
            change=change,
            cause="settled",
        )


def row(connection: sqlite3.Connection, item: int, sku: str, condition: str, low: int | None = None) -> None:
    """What the engine knows of a row."""
    _insert(
        connection,
        "sync_row",
        channel_id=1,
        item_id=item,
        location_id=MAIN_ST,
        sku=sku,
        warehouse_id=MAIN,
        master="sumtracker",
        condition=condition,
        low=low,
    )


def moved(connection: sqlite3.Connection, sku: str, kind: str = "order") -> None:
    """A movement since the plan was made."""
    _insert(connection, "movement", at=MADE, sku=sku, warehouse_id=MAIN, kind=kind)


def test_all_is_as_shown(connection: sqlite3.Connection) -> None:
    push(connection, 1, {2: 20, 3: -5, 4: 8, 5: -5})
    push(connection, 2, {2: 7})
    assert verdict(connection, 1, 7) == Verdict(4, 4, 0, 0, 0, 0, 0)
    assert verdict(connection, 1, 7).is_as_planned


def test_what_is_not_done_yet_is_still_to_come(connection: sqlite3.Connection) -> None:
    push(connection, 1, {2: 27})
    push(connection, 2, {3: -5}, state="stored")
    push(connection, 3, {3: 40}, kind="undo")
    row(connection, 4, "KIT", "settling")
    row(connection, 5, "OLD", "held")
    assert verdict(connection, 1, 7) == Verdict(4, 1, 2, 0, 0, 1, 0, settling=1)


def test_orders_explain_rows_of_their_sku_and_of_bundles_made_of_it(connection: sqlite3.Connection) -> None:
    push(connection, 1, {2: 26, 3: -6, 4: 7, 5: -5, 1: -1, 6: 3})
    assert verdict(connection, 1, 7) == Verdict(4, 1, 0, 0, 5, 0, 0)
    moved(connection, "MUG")
    assert verdict(connection, 1, 7) == Verdict(4, 1, 0, 2, 3, 0, 0)
    row(connection, 2, "TENT", "live", low=3)  # it settled at another number than was planned: sold before T0
    assert verdict(connection, 1, 7) == Verdict(4, 1, 0, 4, 1, 0, 0)
    moved(connection, "LAMP", "set")
    assert verdict(connection, 1, 7).otherwise == 1, "a person's change explains nothing"
