"""What the Warehouses tab counts of a million rows before it can show evidence, beside a scan of the same rows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from supportdesk.core.listings import listing_row
from supportdesk.ledger import connections, warehouses
from supportdesk.ledger.catalog import _INSERT_LEVEL, _INSERT_LISTING
from supportdesk.ledger.file import Ledger
from tests.benchmarks.ratios import Ratio, in_turn
from tests.sync.load_speed import opened

_LISTINGS = 500_000
_PLACES = (1, 2)
_SCAN = "SELECT count(*), sum(available), sum(committed) FROM store_level WHERE channel_id = 1 AND active"


def _fill(ledger: Ledger) -> None:
    """Half a million SKUs at two locations, and their stock in two warehouses."""
    with ledger.writing() as connection:
        for place in _PLACES:
            connection.execute(
                "INSERT INTO location VALUES (1, ?, ?, 1, 1, '', '', '', '', 0)", (place, f"Place {place}")
            )
            warehouses.add(connection, f"W{place}", f"Place {place}")
        connection.executemany(
            _INSERT_LISTING.format(channel=1),
            (
                listing_row(
                    number, number + _LISTINGS, number, f"tent-{number}", ["Red"], "Tent",
                    f"KO-{number * 7919 % _LISTINGS:06}",
                )
                for number in range(1, _LISTINGS + 1)
            ),
        )  # fmt: skip
        connection.executemany(
            _INSERT_LEVEL.format(channel=1),
            (
                (number + _LISTINGS, place, 1, number % 40, 0, number % 40, 0)
                for number in range(1, _LISTINGS + 1)
                for place in _PLACES
            ),
        )
        connection.execute(
            "INSERT INTO stock SELECT sku, warehouse.id, variant_id % 40, 0, 0, 1 FROM listing, warehouse"
        )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure() -> list[Ratio]:
    """The survey and the warehouses' totals, as the first look after a load takes them; later looks take neither."""
    with tempfile.TemporaryDirectory() as name, opened(Path(name) / "a.db") as ledger:
        _fill(ledger)

        def look() -> None:
            connections.survey(ledger, 1)
            warehouses.stock_totals(ledger)

        ours, floor = in_turn(lambda: _seconds(look), lambda: _seconds(lambda: ledger.rows(_SCAN)), runs=3)
    return [Ratio("evidence for pairs, 1,000,000 rows (a scan of the rows)", ours, floor, "s", "<= 1 s")]
