"""How long a plan takes to build beside reading the same rows, and how its memory grows with them: `python -m tests.benchmarks.plans`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from supportdesk.core.plan import PlanFacts
from supportdesk.core.progress import Unwatched
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.plan_numbers import Place
from supportdesk.ledger.plans import Header
from supportdesk.sync.plan import PlanJob, build
from tests.benchmarks.ratios import Ratio
from tests.benchmarks.stock import write_account
from tests.catalogs import Clock
from tests.sync.load_speed import peak_megabytes

LISTINGS = 50_000
"""At two locations each: 100,000 rows."""
PLACES = (Place(101, "Main St", 1, "MAIN", "sumtracker"), Place(102, "Depot", 2, "DEPOT", "sumtracker"))
HEADER = Header(1, "turn-on", True, None, None, PLACES)


def built(ledger: Ledger, header: Header = HEADER) -> float:
    """Seconds of processor time that a plan takes, where no other is there that it replaces."""
    with ledger.writing() as connection:
        for table in ("plan_row", "plan_number", "plan_elsewhere", "plan"):
            connection.execute(f"DELETE FROM {table}")
    began = time.process_time()
    build(PlanJob(ledger, Unwatched(), Clock(), "mia"), header, PlanFacts())
    return time.process_time() - began


def read(ledger: Ledger) -> float:
    """Seconds of processor time to read the same rows with the number the ledger has for each, and do nothing with them."""
    began = time.process_time()
    rows = 0
    for _ in ledger.db.conn.execute(
        """SELECT listing.item_id, level.location_id, listing.sku, level.available, level.on_hand, level.committed,
                  connection.warehouse_id, connection.master, stock.in_stock, stock.booked, close_at.quantity
           FROM listing INDEXED BY listing_item
           CROSS JOIN store_level AS level
               ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
           CROSS JOIN connection
               ON connection.channel_id = level.channel_id AND connection.location_id = level.location_id
           LEFT JOIN stock ON stock.sku = listing.sku AND stock.warehouse_id = connection.warehouse_id AND stock.counted
           LEFT JOIN close_at ON close_at.sku = listing.sku AND close_at.warehouse_id = connection.warehouse_id
           WHERE listing.channel_id = 1 AND listing.left_out IS NULL"""
    ):
        rows += 1
    assert rows > LISTINGS
    return time.process_time() - began


def measure() -> list[Ratio]:
    """A ratio for copying and one for not copying."""
    ratios = []
    with (
        tempfile.TemporaryDirectory() as name,
        open_ledger(write_account(Path(name) / "a.db", LISTINGS), now=Clock()) as ledger,
    ):
        for words, header in (("copying", HEADER), ("without copying", replace(HEADER, copies=False))):
            runs = []
            for _ in range(3):
                runs.append((built(ledger, header), read(ledger)))
            ours, floor = (sorted(each)[1] * 1000 for each in zip(*runs, strict=True))
            ratios.append(
                Ratio(f"plan of {2 * LISTINGS:,} rows, {words} / reading them", ours, floor, "ms", "<= 5x")
            )
    return ratios


def peak_of(listings: int) -> float:
    """Peak memory in MB of a process of its own that builds a plan of so many listings."""
    with tempfile.TemporaryDirectory() as name:
        path = write_account(Path(name) / "a.db", listings)
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.plans", str(path)],
            check=True,
            capture_output=True,
            text=True,
        )
    return float(done.stdout)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with open_ledger(Path(sys.argv[1]), now=Clock()) as opened:
            built(opened)
        sys.stdout.write(f"{peak_megabytes():.1f}\n")
    else:
        for ratio in measure():
            sys.stdout.write(ratio.line() + "\n")
