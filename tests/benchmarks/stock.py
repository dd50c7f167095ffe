"""How long the Stock tab's rows take to open, to sort and to filter at a million of them, and the memory: `python -m tests.benchmarks.stock`."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from supportdesk.core.catalog import LevelRow, Location
from supportdesk.core.listings import listing_row
from supportdesk.core.stock import StockRow
from supportdesk.ledger import catalog, channels, windows
from supportdesk.ledger.file import open_ledger
from supportdesk.ledger.schema import LISTING_INDEXES
from supportdesk.ledger.stock_rows import RowFacts, row_facts, stock_rows, stock_window
from supportdesk.ledger.windows import Window
from tests.benchmarks.ratios import Ratio
from tests.catalogs import NOON, Clock
from tests.sync.load_speed import opened, peak_megabytes

LISTINGS = 500_000
"""At two locations each: a million rows."""
PAGE = 50
"""Rows a screen shows."""
MEGABYTES = 60


def write_account(path: Path, listings: int) -> Path:
    """An account with one loaded channel: so many listings at two linked locations, SKUs in no order, stock and a few bundles."""
    chance = random.Random(7)
    numbers = chance.sample(range(10 * listings), listings)
    rows = (
        listing_row(
            *(place, 10**13 + place, 10**12 + place // 3, f"thing-{place}", ["Blue"]),
            f"Thing number {chance.randrange(listings)}",
            f"KO-{number:09}",
            status="DRAFT" if place % 40 == 0 else "ACTIVE",
            sells_when_out=place % 50 == 0,
        )
        for place, number in enumerate(numbers)
    )
    levels = (
        LevelRow(10**13 + place, location, True, chance.randrange(-1, 90), 0, None, None)
        for place in range(listings)
        for location in (101, 102)
    )
    stock = (
        (f"KO-{number:09}", warehouse, chance.randrange(90))
        for number in sorted(numbers)
        for warehouse in (1, 2)
    )
    with opened(path) as ledger, ledger.writing() as connection:
        for name in LISTING_INDEXES:
            connection.execute(f"DROP INDEX {name}")
        connection.executemany(catalog._INSERT_LISTING.format(channel=1), rows)
        connection.executemany(catalog._INSERT_LEVEL.format(channel=1), levels)
        for statement in LISTING_INDEXES.values():
            connection.execute(statement)
        channels.replace_locations(connection, 1, (Location(101, "Main St"), Location(102, "Depot")))
        connection.executemany(
            "INSERT INTO warehouse (id, code, name) VALUES (?, ?, ?)",
            [(1, "MAIN", "Main Street"), (2, "DEPOT", "Depot")],
        )
        (event,) = connection.execute("SELECT max(id) FROM event").fetchone()
        connection.executemany(
            """INSERT INTO connection (channel_id, location_id, location_name, warehouse_id, master, event_id)
               VALUES (1, ?, '', ?, 'sumtracker', ?)""",
            [(101, 1, event), (102, 2, event)],
        )
        connection.executemany("INSERT INTO stock VALUES (?, ?, ?, 0, 0, 1)", stock)
        connection.execute(
            """INSERT INTO bundle_line SELECT sku, (SELECT max(sku) FROM listing), 2 FROM listing
               WHERE id % 5000 = 0 AND sku <> (SELECT max(sku) FROM listing)"""
        )
        connection.execute(
            f"""INSERT INTO load VALUES (1, '{NOON.isoformat()}', '{NOON.isoformat()}', {listings},
                0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)"""
        )
    return path


def facts_of(path: Path) -> RowFacts:
    """What the rows of the channel are read by."""
    with open_ledger(path, now=Clock()) as ledger:
        return row_facts(ledger, 1)


PLAIN: dict[str, Any] = {"order": "sku", "descending": False, "show": "all", "text": ""}


def looked_at(path: Path, facts: RowFacts, look: Callable[[Window], Any], **how: Any) -> float:
    """Seconds to open the rows anew and look at them."""
    began = time.perf_counter()
    reader = windows.open_reader(path)
    try:
        assert look(stock_window(reader, path, facts, **PLAIN | how))
        return time.perf_counter() - began
    finally:
        reader.close()


def copied(path: Path) -> float:
    """Seconds to write the keys of every row into a table of their own, in the order they are stored: the floor of any order."""
    reader = windows.open_reader(path)
    try:
        began = time.perf_counter()
        reader.execute("CREATE TEMP TABLE copied (position INTEGER PRIMARY KEY, item, location)")
        reader.execute("INSERT INTO copied (item, location) SELECT item_id, location_id FROM store_level")
        return time.perf_counter() - began
    finally:
        reader.close()


def measure() -> list[Ratio]:
    """A ratio for each way to look; the memory of all of them in one process beside the goal."""
    with tempfile.TemporaryDirectory() as name:
        small, large = write_account(Path(name) / "s.db", 500), write_account(Path(name) / "l.db", LISTINGS)
        few, many = facts_of(small), facts_of(large)

        def page(facts: RowFacts, start: int) -> Callable[[Window], tuple[StockRow, ...]]:
            return lambda window: stock_rows(window, facts, start, PAGE)

        def median(seconds: Callable[[], float], runs: int) -> float:
            return sorted(seconds() for _ in range(runs))[runs // 2] * 1000

        floor = median(lambda: copied(large), 3)
        ratios = [
            Ratio(
                "first rows of 1,000,000 / of 1,000",
                median(lambda: looked_at(large, many, page(many, 0)), 9),
                median(lambda: looked_at(small, few, page(few, 0)), 9),
                "ms",
                "not slower",
            ),
            Ratio(
                "last rows, with their count, of 1,000,000 / of 1,000",
                median(lambda: looked_at(large, many, page(many, 2 * LISTINGS - PAGE)), 3),
                median(lambda: looked_at(small, few, page(few, 1000 - PAGE)), 9),
                "ms",
                "< 100 ms",
            ),
            Ratio(
                "a row in the middle, first time / copying all keys",
                median(lambda: looked_at(large, many, page(many, LISTINGS)), 3),
                floor,
                "ms",
                "",
            ),
        ]
        for how in (
            *({"order": order} for order in ("product", "location", "store", "available", "difference")),
            *({"show": show} for show in ("differ", "negative", "out_of_scope")),
            {"text": "number 77"},
        ):
            words = " ".join(f"{key} {value}" for key, value in how.items())
            ours = median(lambda how=how: looked_at(large, many, page(many, 0), **how), 1)  # type: ignore[misc]
            ratios.append(Ratio(f"all rows by {words} / copying all keys", ours, floor, "ms", ""))
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.stock", str(large)],
            capture_output=True,
            text=True,
            check=True,
        )
        ratios.append(
            Ratio("memory of all that / goal", float(done.stdout), MEGABYTES, "MB", f"<= {MEGABYTES} MB")
        )
    return ratios


def megabytes_more(path: Path) -> float:
    """How much more memory this process holds at its most once every kind of table was open at its far end, one by one."""
    facts = facts_of(path)
    before = peak_megabytes()
    ways: tuple[dict[str, Any], ...] = (
        {},
        *({"order": order} for order in ("product", "location", "store", "available", "difference")),
        *({"show": show} for show in ("differ", "unlinked", "negative", "out_of_scope", "sells_when_out")),
        *({"text": text} for text in ("number 77", "ä")),
    )
    for how in ways:
        looked_at(
            path, facts, lambda window: stock_rows(window, facts, window.count // 2, PAGE) or True, **how
        )
    return peak_megabytes() - before


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(f"{megabytes_more(Path(sys.argv[1])):.1f}\n")
    else:
        for ratio in measure():
            sys.stdout.write(ratio.line() + "\n")
