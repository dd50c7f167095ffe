"""Duplicate groups of a million listings: opening the list and deciding it, beside a scan of the index of SKUs."""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from supportdesk.core.listings import listing_row
from supportdesk.ledger import duplicates
from supportdesk.ledger.catalog import _INSERT_LEVEL, _INSERT_LISTING
from supportdesk.ledger.schema import LISTING_INDEXES
from tests.benchmarks.ratios import Ratio, in_turn
from tests.sync.load_speed import opened

_LISTINGS = 1_000_000
_SKUS = 500_000
_GROUPS = 100_000
_SCAN = "SELECT count(*), max(length(sku)) FROM listing INDEXED BY listing_sku WHERE channel_id = 1"


def _fill(database: Path) -> None:
    """A channel with a million listings of 500,000 SKUs, 100,000 of them shared by six listings each, at two locations."""
    chance = random.Random(1)
    singles = _SKUS - _GROUPS
    shared = (_LISTINGS - singles) // _GROUPS
    skus = [f"KO-{number:06}" for number in range(singles)]
    skus += [f"KO-{number:06}" for number in range(singles, _SKUS) for _ in range(shared)]
    chance.shuffle(skus)
    with opened(database) as ledger, ledger.writing() as connection:
        for name in LISTING_INDEXES:
            connection.execute(f"DROP INDEX {name}")
        for place in (1, 2):
            connection.execute(
                "INSERT INTO location VALUES (1, ?, ?, 1, 1, '', '', '', '', 0)", (place, f"Place {place}")
            )
        connection.executemany(
            _INSERT_LISTING.format(channel=1),
            (
                listing_row(
                    number, number + _LISTINGS, number, f"tent-{number}", ["Red"], f"Tent {number % 97}", sku
                )
                for number, sku in enumerate(skus, 1)
            ),
        )
        connection.executemany(
            _INSERT_LEVEL.format(channel=1),
            (
                (number + _LISTINGS, place, 1, chance.randrange(40), 0, 0, 0)
                for number in range(1, _LISTINGS + 1)
                for place in (1, 2)
            ),
        )
        for statement in LISTING_INDEXES.values():
            connection.execute(statement)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure() -> list[Ratio]:
    """Opening the list in its first order with its first window, a window in its middle, and counting the groups anew."""
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "a.db"
        _fill(database)
        connection = sqlite3.connect(database, isolation_level=None)

        def scan() -> object:
            return connection.execute(_SCAN).fetchone()

        def recount() -> None:
            connection.execute("BEGIN IMMEDIATE")
            duplicates.recount_groups(connection, 1)
            connection.execute("COMMIT")

        def groups() -> duplicates.GroupList:
            return duplicates.GroupList(database, 1, show="all", text="", order="worst", descending=None)

        def open_list() -> None:
            shown = groups()
            assert (shown.count, len(shown.window(0, 100))) == (_GROUPS, 100)
            shown.close()

        counted, scanned = in_turn(lambda: _seconds(recount), lambda: _seconds(scan), 3)
        opened_in, again = in_turn(lambda: _seconds(open_list), lambda: _seconds(scan), 7)
        shown = groups()
        window = min(_seconds(lambda: shown.window(_GROUPS // 2, 100)) for _ in range(5))
        shown.close()
        connection.close()
    of = f"{_GROUPS // 1000},000 groups"
    return [
        Ratio(
            f"opening the list of {of} / scan of the SKUs",
            opened_in * 1000,
            again * 1000,
            "ms",
            "<= 2x; <= 1 s",
        ),
        Ratio("a window in the middle of it / scan", window * 1000, again * 1000, "ms", ""),
        Ratio(f"counting {of} of {_LISTINGS:,} listings anew / scan", counted, scanned, "s", ""),
    ]


if __name__ == "__main__":
    for ratio in measure():
        sys.stdout.write(ratio.line() + "\n")
