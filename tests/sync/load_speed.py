"""How long a load takes over its floor in the same run, and how much memory: `python -m tests.sync.load_speed [listings]`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from supportdesk.core.catalog import CatalogBatch, Location
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.ledger import channels
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.schema import LISTING_INDEXES
from supportdesk.sandbox.generator import write_bulk_file
from supportdesk.shopify.bulk_lines import Line, read_lines
from supportdesk.sync.load import LoadJob, load_store
from supportdesk.sync.spool import Spool
from tests.catalogs import NOON, Clock, MemoryStore


class FileStore(MemoryStore):
    """A store whose bulk operation is over and whose file lies on this disk."""

    def __init__(self, path: Path, listings: int) -> None:
        super().__init__(places=(Location(1, "Main St"), Location(2, "Depot")))
        self.path = path
        self.number = listings

    def listing_count(self, watch: Watch) -> int:
        return self.number

    def bulk_catalog(
        self, spool: Path, *, adopt: str | None, on_operation: Callable[[str], None], watch: Watch
    ) -> Iterator[CatalogBatch]:
        return read_lines(self.path, self.number, watch)


def opened(path: Path) -> Ledger:
    """A new account file with one connected shop."""
    ledger = open_ledger(path, account="kestrel", now=Clock())
    with ledger.writing() as connection:
        channels.save_shopify_channel(
            connection, MemoryStore().facts, api_url="http://127.0.0.1:1", at=NOON, who="mia"
        )
    return ledger


def seconds_of_load(file: Path, listings: int, database: Path) -> float:
    """Seconds from the first line of the file to the commit, the counts included."""
    with opened(database) as ledger:
        record = channels.channel_named(ledger, "kestrel")
        assert record is not None
        began = time.perf_counter()
        totals = load_store(
            LoadJob(ledger, Unwatched(), Clock(), "mia"),
            record,
            FileStore(file, listings),
            spool=Spool(database.parent, "kestrel"),
            page_up_to=0,
        )
        spent = time.perf_counter() - began
    assert totals.listings == listings
    return spent


def seconds_of_floor(file: Path, listings: int, database: Path) -> float:
    """Seconds to decode the same bytes with msgspec, and to `executemany` the same rows with the same indexes made after."""
    batches = list(read_lines(file, listings, Unwatched()))
    began = time.perf_counter()
    decoder = msgspec.json.Decoder(Line)
    with file.open("rb") as lines:
        rest = b""
        while chunk := lines.read(1 << 16):
            head, _, tail = (rest + chunk).rpartition(b"\n")
            decoder.decode_lines(head)
            rest = tail
    spent = time.perf_counter() - began
    with opened(database) as ledger:
        began = time.perf_counter()
        with ledger.writing() as connection:
            connection.execute("PRAGMA cache_size=-49152")
            for name in LISTING_INDEXES:
                connection.execute(f"DROP INDEX {name}")
            marks = ", ".join("?" * 15)
            for batch in batches:
                connection.executemany(f"INSERT INTO listing VALUES (NULL, 1, {marks})", batch.listings)
                connection.executemany(
                    "INSERT INTO store_level VALUES (1, ?, ?, ?, ?, ?, ?, ?)", batch.levels
                )
            for statement in LISTING_INDEXES.values():
                connection.execute(statement)
        spent += time.perf_counter() - began
    return spent


def peak_megabytes() -> float:
    """The most memory, in MB, since this program was started.

    What the process that started it held does not count; in `getrusage` it does on Linux, so that is asked elsewhere only.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def main(words: list[str]) -> None:
    """`N` prints both times and their ratio; `N FILE` loads that file once and prints the peak in MB."""
    listings = int(words[0]) if words else 200_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if len(words) > 1:
            seconds = seconds_of_load(Path(words[1]), listings, folder / "a.db")
            sys.stdout.write(f"{peak_megabytes():.1f} {seconds:.2f}\n")
            return
        write_bulk_file(folder / "bulk.jsonl", listings)
        for turn in range(3):
            floor = seconds_of_floor(folder / "bulk.jsonl", listings, folder / f"floor{turn}.db")
            ours = seconds_of_load(folder / "bulk.jsonl", listings, folder / f"ours{turn}.db")
            sys.stdout.write(f"load {ours:.2f} s, floor {floor:.2f} s, {ours / floor:.2f}x\n")


if __name__ == "__main__":
    main(sys.argv[1:])
