"""Loading a channel: read everything the store has, then put it in place of the last load in one transaction.

A small store is read page by page and held until it is whole; a large one is downloaded to a spool file by a bulk operation
and streamed from there, so that the account file is not held while the network is waited for. Whatever goes wrong before the
transaction ends leaves the ledger as it was.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from supportdesk.core.catalog import CatalogBatch, ChannelTotals, Location
from supportdesk.core.progress import Watch
from supportdesk.errors import BulkOperationFailed, Cancelled, UnknownName
from supportdesk.ledger import catalog, channels, events, followed
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
from supportdesk.sync.spool import Spool
from supportdesk.sync.store import CatalogSource, Store


@dataclass(frozen=True, slots=True)
class LoadJob:
    """What every load needs besides its source."""

    ledger: Ledger
    watch: Watch
    now: Callable[[], datetime]
    who: str
    """The person, for the event."""


def load_store(
    job: LoadJob, channel: ChannelRecord, store: Store, *, spool: Spool, page_up_to: int
) -> ChannelTotals:
    """Load a live store; more than `page_up_to` listings go through a bulk operation and a file in `spool`.

    Returns the totals. Raises `StoreError` and its kinds, `LedgerError` and its kinds, `Cancelled`; the ledger is then as before.
    A bulk operation that was cut off (by a crash, a lost connection) is taken over by the next load.
    """
    started_at = job.now()
    job.watch.report("Asking for the shop")
    shop = store.shop(job.watch)
    locations = store.locations(job.watch)
    file = spool.new_file()
    try:
        with contextlib.closing(_read(store, len(locations), spool, file, page_up_to, job.watch)) as rows:
            expected = next(rows).expected
            with job.ledger.writing() as connection:
                refuse_forgotten(connection, channel)
                channels.renew_shop(connection, shop)
                batches = (part.batch for part in rows)
                _replace(
                    job, connection, channel.id, channel.handle, locations, batches, expected, started_at
                )
                # Before the commit: a crash between the two costs an export, the other way round it would load old numbers.
                spool.forget_operation()
    except (BulkOperationFailed, Cancelled):
        spool.forget_operation()
        raise
    finally:
        file.unlink(missing_ok=True)
    return _totals(job, channel.id)


def refuse_forgotten(connection: sqlite3.Connection, channel: ChannelRecord) -> None:
    """Raise `UnknownName` where the channel is gone since its work began, in the transaction under way."""
    if not channels.is_there(connection, channel.id):
        raise UnknownName(
            f"{channel.handle} was forgotten while it was being loaded.",
            "Connect the store again to load it.",
        )


def load_exports(
    job: LoadJob, handle: str, source: CatalogSource, *, files: tuple[str, ...]
) -> ChannelTotals:
    """Load CSV exports as the channel `handle`, made where there is none. Returns the totals.

    Raises `ExportInvalid`, `LedgerError` and its kinds, `Cancelled`; the ledger is then as before, without the channel if it was new.
    """
    started_at = job.now()
    locations = source.locations(job.watch)
    with job.ledger.writing() as connection:
        channel_id = channels.add_export_channel(connection, handle, files=files, at=started_at)
        _replace(job, connection, channel_id, handle, locations, source.batches(job.watch), None, started_at)
    return _totals(job, channel_id)


class _Part(NamedTuple):
    expected: int
    """Listings in all: exact for pages, about for a bulk operation."""
    batch: CatalogBatch


def _read(
    store: Store, locations: int, spool: Spool, file: Path, page_up_to: int, watch: Watch
) -> Generator[_Part, None, None]:
    """An empty part once nothing is left to wait for on the network, then the store's rows."""
    count = store.listing_count(watch)
    if count <= page_up_to:
        pages = []
        for batch in store.paged_catalog(locations, watch):
            watch.check()
            pages.append(batch)
        expected = sum(len(batch.listings) for batch in pages)
        yield _Part(expected, CatalogBatch())
        yield from (_Part(expected, batch) for batch in pages)
        return
    batches = store.bulk_catalog(file, adopt=spool.operation, on_operation=spool.remember, watch=watch)
    first = next(batches, CatalogBatch())
    yield _Part(count, CatalogBatch())
    yield _Part(count, first)
    yield from (_Part(count, batch) for batch in batches)


def _replace(
    job: LoadJob,
    connection: sqlite3.Connection,
    channel_id: int,
    handle: str,
    locations: tuple[Location, ...],
    batches: Iterable[CatalogBatch],
    expected: int | None,
    started_at: datetime,
) -> None:
    """Everything a load changes, in the transaction under way, the event that tells of it included."""
    connected = followed.standing(connection, channel_id)
    channels.replace_locations(connection, channel_id, locations)
    catalog.replace_catalog(connection, channel_id, batches, expected=expected, watch=job.watch)
    job.watch.report("Counting")
    finished_at = job.now()
    catalog.count_catalog(
        connection, channel_id, started_at=started_at, finished_at=finished_at, watch=job.watch
    )
    job.watch.check()
    events.record(connection, at=finished_at, kind="load", channel=handle, who=job.who)
    followed.tell(connection, channel_id, connected, followed.Telling(finished_at, handle, job.who))


def _totals(job: LoadJob, channel_id: int) -> ChannelTotals:
    counts = catalog.load_counts(job.ledger, channel_id)
    assert counts is not None
    return counts.totals
