"""Account files for tests of the engine: one channel loaded from a sandbox shop, its locations linked to one warehouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from supportdesk.core.catalog import LevelRow, Location, Shop
from supportdesk.core.progress import Unwatched
from supportdesk.ledger import channels, events
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sync.load import LoadJob, load_store
from supportdesk.sync.spool import Spool
from tests.catalogs import MemoryStore
from tests.shops import listing

HANDLE_ID = 1
WAREHOUSE = 1


def catalog_of(shop: SandboxShop) -> MemoryStore:
    """What a load of the shop would find."""
    listings = [
        listing(
            variant.id,
            variant.item.sku,
            item_id=variant.item.id,
            handle=variant.product.handle,
            tracked=variant.item.tracked,
            status=variant.product.status,
            bundle_parent=variant.bundle_parent,
            title=variant.product.title,
        )
        for variant in shop.variants.values()
    ]
    levels = [
        LevelRow(one.item.id, one.location.id, one.active, one.available, one.committed, one.on_hand, 0)
        for at in shop.levels_by_location.values()
        for one in at
    ]
    places = tuple(
        Location(place.id, place.name, active=place.active, service_manages_stock=place.service_manages_stock)
        for place in shop.locations.values()
    )
    facts = Shop(shop.handle, shop.handle, shop.domain, scopes=frozenset({"read_products"}))
    return MemoryStore(listings, levels, places, facts, batch_size=5000)


def account(
    path: Path,
    shop: SandboxShop,
    now: Callable[[], datetime],
    *,
    bundles: Mapping[str, Mapping[str, int]] = {},
    masters: Mapping[int, str] = {},
    shared_by: str = "oldest",
    counts: int | None = None,
) -> Ledger:
    """An open account file with the shop loaded, every location of it linked to MAIN, duplicate SKUs shared."""
    ledger = open_ledger(path, account="kestrel", now=now)
    with ledger.writing() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO warehouse (id, code, name) VALUES (1, 'MAIN', 'Main Street')"
        )
        for bundle, parts in bundles.items():
            rows = [(bundle, sku, quantity) for sku, quantity in parts.items()]
            connection.executemany("INSERT OR IGNORE INTO bundle_line VALUES (?, ?, ?)", rows)
    load(ledger, shop, now)
    with ledger.writing() as connection:
        (channel,) = connection.execute("SELECT id FROM channel WHERE handle = ?", (shop.handle,)).fetchone()
        event = events.record(connection, at=now(), kind="link", channel=shop.handle)
        places = list(shop.locations.values())
        whose = counts if counts is not None else (places[0].id if len(places) > 1 else None)
        connection.executemany(
            """INSERT INTO connection (channel_id, location_id, location_name, warehouse_id, master, counts, event_id)
               VALUES (?, ?, ?, 1, ?, ?, ?)""",
            [
                (channel, place.id, place.name, masters.get(place.id, "sumtracker"), whose, event)
                for place in places
            ],
        )
        connection.execute(
            """INSERT INTO decision (channel_id, sku, kind, counts_of, judged, who, at, event_id)
               SELECT channel_id, sku, 'shared', ?, '[]', 'mia', '2026-11-23T09:00:00+00:00', ? FROM listing
               WHERE channel_id = ? GROUP BY sku HAVING count(*) > 1""",
            (shared_by, event, channel),
        )
    return ledger


def load(ledger: Ledger, shop: SandboxShop, now: Callable[[], datetime]) -> None:
    """Load the shop as it is into its channel, made where there is none."""
    catalog = catalog_of(shop)
    with ledger.writing() as connection:
        channels.save_shopify_channel(
            connection, catalog.facts, api_url="http://127.0.0.1:1", at=now(), who="mia"
        )
    record = channels.channel_named(ledger, shop.handle)
    assert record is not None
    job = LoadJob(ledger, Unwatched(), now, "mia")
    load_store(job, record, catalog, spool=Spool(ledger.path.parent, shop.handle), page_up_to=10**9)
