"""Loading a channel: read everything the store has, then put it in place of the last load in one transaction.

A small store is read page by page and held until it is whole; a large one is downloaded to a spool file by a bulk operation
and streamed from there, so that the account file is not held while the network is waited for. Whatever goes wrong before the
transaction ends leaves the ledger as it was.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from supportdesk.core.catalog import CatalogBatch, ChannelTotals, Location
from supportdesk.core.progress import Watch
from supportdesk.ledger import catalog, channels, events
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger
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
    job: LoadJob, channel: ChannelRecord, store: Store, *, spool: Path, page_up_to: int
) -> ChannelTotals:
    """Load a live store; more than `page_up_to` listings go through a bulk operation spooled to `spool`.

    Returns the totals. Raises `StoreError` and its kinds, `LedgerError` and its kinds, `Cancelled`; the ledger is then as before,
    but for the id of a bulk operation that the next load adopts.
    """
    started_at = job.now()
    job.watch.report("Asking for the shop")
    shop = store.shop()
    locations = store.locations(job.watch)
    batches, expected = _read(job, channel, store, len(locations), spool, page_up_to)
    with job.ledger.writing() as connection:
        channels.renew_shop(connection, shop)
        channels.clear_bulk_operation(connection, channel.id)
        _replace(job, connection, channel.id, channel.handle, locations, batches, expected, started_at)
    spool.unlink(missing_ok=True)
    return _totals(job, channel.id)


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


def _read(
    job: LoadJob, channel: ChannelRecord, store: Store, locations: int, spool: Path, page_up_to: int
) -> tuple[Iterable[CatalogBatch], int]:
    """The store's rows, with nothing left to wait for on the network, and how many listings they are (about, for a bulk operation)."""
    count = store.listing_count()
    if count <= page_up_to:
        pages = []
        for batch in store.paged_catalog(locations, job.watch):
            job.watch.check()
            pages.append(batch)
        return pages, sum(len(batch.listings) for batch in pages)
    batches = iter(
        store.bulk_catalog(
            spool,
            adopt=channel.bulk_operation,
            on_operation=lambda operation: channels.remember_bulk_operation(
                job.ledger, channel.id, operation
            ),
            watch=job.watch,
        )
    )
    first = list(itertools.islice(batches, 1))
    return itertools.chain(first, batches), count


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
    channels.replace_locations(connection, channel_id, locations)
    catalog.replace_catalog(connection, channel_id, batches, expected=expected, watch=job.watch)
    job.watch.report("Counting")
    finished_at = job.now()
    catalog.count_catalog(connection, channel_id, started_at=started_at, finished_at=finished_at)
    job.watch.check()
    events.record(connection, at=finished_at, kind="load", channel=handle, who=job.who)


def _totals(job: LoadJob, channel_id: int) -> ChannelTotals:
    counts = catalog.load_counts(job.ledger, channel_id)
    assert counts is not None
    return counts.totals
