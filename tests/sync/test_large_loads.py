"""Loads of any size: memory stays flat, readers see the old load until the new one is whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from supportdesk.core.catalog import CatalogBatch
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.ledger import catalog, channels
from supportdesk.ledger.file import open_ledger
from supportdesk.sandbox.generator import write_bulk_file
from supportdesk.sync.load import LoadJob, load_store
from supportdesk.sync.spool import Spool
from tests.catalogs import Clock, MemoryStore, level, listing
from tests.sync.load_speed import opened

MEGABYTES = 200
"""DESIGN §9: the most memory a load may take, whatever the size of the store."""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_million_listings_fit_into_memory(tmp_path: Path) -> None:
    written = write_bulk_file(tmp_path / "bulk.jsonl", 1_000_000)
    assert written.roots == 1_000_000
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.load_speed", "1000000", str(tmp_path / "bulk.jsonl")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env={"TMPDIR": str(tmp_path)},
    )
    assert float(done.stdout.split()[0]) <= MEGABYTES


@dataclass
class WatchedMeanwhile(MemoryStore):
    """A store that looks at the account file from a second connection while its rows are being saved."""

    path: Path = Path()
    seen: list[tuple[object, ...]] = field(default_factory=list)

    def batches(self, watch: Watch) -> Iterator[CatalogBatch]:
        for batch in super().batches(watch):
            yield batch
            with open_ledger(self.path, now=Clock()) as reader:
                counts = catalog.load_counts(reader, 1)
                assert counts is not None
                rows = reader.value("SELECT count(*) FROM listing WHERE sku LIKE 'OLD%'")
                self.seen.append((counts.totals.listings, rows, reader.value("SELECT count(*) FROM listing")))


def test_a_reader_sees_the_old_load_whole_until_the_new_one_is(tmp_path: Path) -> None:
    path = tmp_path / "kestrel.db"
    with opened(path) as ledger:
        record = channels.channel_named(ledger, "kestrel")
        assert record is not None
        job, spool = LoadJob(ledger, Unwatched(), Clock(), "mia"), Spool(tmp_path, "kestrel")
        old = MemoryStore([listing(number, f"OLD-{number}") for number in range(4)], [level(1, 1, 3)])
        load_store(job, record, old, spool=spool, page_up_to=100)
        new = WatchedMeanwhile([listing(number, f"NEW-{number}") for number in range(9)], path=path)
        load_store(job, record, new, spool=spool, page_up_to=0)
    assert len(new.seen) > 3
    assert set(new.seen) == {(4, 4, 4)}
    with open_ledger(path, now=Clock()) as reader:
        assert reader.value("SELECT count(*) FROM listing WHERE sku LIKE 'NEW%'") == 9
