"""The channels of an account and their locations: stored and read. What a load found of listings and levels is in `catalog`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from supportdesk.core.catalog import Location, Shop, SourceKind
from supportdesk.core.channel_settings import ChannelSettings
from supportdesk.core.channels import SyncState
from supportdesk.ledger import connections, events
from supportdesk.ledger.file import Ledger


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A channel as the account file keeps it."""

    id: int
    handle: str
    title: str
    source: SourceKind
    domain: str
    api_url: str
    shop: Shop | None
    sync: SyncState
    files: tuple[str, ...]
    """Of exports: the files, for the person."""


def channel_named(ledger: Ledger, handle: str) -> ChannelRecord | None:
    """The channel of that handle, or None."""
    rows = ledger.rows("SELECT * FROM channel WHERE handle = ?", handle)
    return _record(rows[0]) if rows else None


def channel_of(connection: sqlite3.Connection, channel_id: int) -> ChannelRecord | None:
    """The channel of that id as it is in the transaction under way, or None."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    row = cursor.execute("SELECT * FROM channel WHERE id = ?", (channel_id,)).fetchone()
    return _record(row) if row else None


def all_channels(ledger: Ledger) -> list[ChannelRecord]:
    """Every channel of the account, in the order they were connected."""
    return [_record(row) for row in ledger.rows("SELECT * FROM channel ORDER BY id")]


def _record(row: sqlite3.Row) -> ChannelRecord:
    source: SourceKind = row["source"]
    shop = None
    if source == "shopify":
        shop = Shop(
            handle=row["handle"],
            name=row["title"],
            domain=row["domain"],
            timezone=row["timezone"],
            currency=row["currency"],
            plan=row["plan"],
            scopes=frozenset(row["scopes"].split()),
            api_version=row["api_version"],
        )
    return ChannelRecord(
        id=row["id"],
        handle=row["handle"],
        title=row["title"],
        source=source,
        domain=row["domain"],
        api_url=row["api_url"],
        shop=shop,
        sync=row["sync"],
        files=tuple(row["files"].split("\n")) if row["files"] else (),
    )


def save_shopify_channel(
    connection: sqlite3.Connection, shop: Shop, *, api_url: str, at: datetime, who: str
) -> None:
    """Add the channel, or renew the facts and address of one already there; with the event, in the transaction under way."""
    connection.execute(
        """INSERT INTO channel (handle, title, source, domain, api_url, timezone, currency, plan, scopes, api_version, connected_at)
           VALUES (?, ?, 'shopify', ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (handle) DO UPDATE SET api_url = excluded.api_url""",
        (
            *(shop.handle, shop.name, shop.domain, api_url, shop.timezone, shop.currency, shop.plan),
            *(" ".join(sorted(shop.scopes)), shop.api_version, at.isoformat()),
        ),
    )
    renew_shop(connection, shop)
    events.record(connection, at=at, kind="connect", channel=shop.handle, who=who)


def renew_shop(connection: sqlite3.Connection, shop: Shop) -> None:
    """Store what the shop says of itself now, in the transaction under way."""
    connection.execute(
        "UPDATE channel SET title = ?, domain = ?, timezone = ?, currency = ?, plan = ?, scopes = ?, api_version = ? WHERE handle = ?",
        (
            *(shop.name, shop.domain, shop.timezone, shop.currency, shop.plan),
            *(" ".join(sorted(shop.scopes)), shop.api_version, shop.handle),
        ),
    )


def add_export_channel(
    connection: sqlite3.Connection, handle: str, *, files: tuple[str, ...], at: datetime
) -> int:
    """The id of the export channel `handle`, made or made anew of `files`, in the transaction under way."""
    connection.execute(
        """INSERT INTO channel (handle, title, source, files, connected_at) VALUES (?, ?, 'export', ?, ?)
           ON CONFLICT (handle) DO UPDATE SET files = excluded.files""",
        (handle, handle, "\n".join(files), at.isoformat()),
    )
    (channel_id,) = connection.execute("SELECT id FROM channel WHERE handle = ?", (handle,)).fetchone()
    return int(channel_id)


def forget_channel(connection: sqlite3.Connection, channel: ChannelRecord, *, at: datetime, who: str) -> None:
    """Remove the channel and all that was loaded of it, in the transaction under way."""
    connection.execute("DELETE FROM store_level WHERE channel_id = ?", (channel.id,))
    connection.execute("DELETE FROM listing WHERE channel_id = ?", (channel.id,))
    connection.execute("DELETE FROM channel WHERE id = ?", (channel.id,))
    events.record(connection, at=at, kind="forget", channel=channel.handle, who=who)


def settings_of(connection: sqlite3.Connection, channel_id: int) -> ChannelSettings:
    """The channel's settings, as the transaction under way sees them."""
    drafts, maximum = connection.execute(
        "SELECT drafts, maximum FROM channel WHERE id = ?", (channel_id,)
    ).fetchone()
    return ChannelSettings(bool(drafts), maximum)


def set_settings(connection: sqlite3.Connection, channel_id: int, settings: ChannelSettings) -> None:
    """Keep the channel's settings, in the transaction under way. What is counted from them has to be counted anew."""
    connection.execute(
        "UPDATE channel SET drafts = ?, maximum = ? WHERE id = ?",
        (settings.drafts, settings.maximum, channel_id),
    )


def settings_told(ledger: Ledger, handle: str) -> tuple[datetime, str] | None:
    """When the channel's settings were last changed by hand, and by whom; None where nobody did."""
    for row in ledger.rows(
        "SELECT at, who FROM event WHERE channel = ? AND kind = 'settings' ORDER BY id DESC LIMIT 1", handle
    ):
        return datetime.fromisoformat(row["at"]), row["who"]
    return None


def syncing_from(ledger: Ledger, warehouse_id: int) -> str:
    """The title of a channel that is being synced with the warehouse, '' where none is."""
    title = ledger.value(
        """SELECT channel.title FROM connection JOIN channel ON channel.id = connection.channel_id
           WHERE connection.warehouse_id = ? AND channel.sync = 'on' ORDER BY channel.id LIMIT 1""",
        warehouse_id,
    )
    return str(title or "")


def is_there(connection: sqlite3.Connection, channel_id: int) -> bool:
    """Whether the channel is still in the account, as the transaction under way sees it."""
    return connection.execute("SELECT 1 FROM channel WHERE id = ?", (channel_id,)).fetchone() is not None


def replace_locations(
    connection: sqlite3.Connection, channel_id: int, locations: tuple[Location, ...]
) -> None:
    """Put `locations` in place of the channel's, in the transaction under way; what was said of them stays with them."""
    connection.execute("DELETE FROM location WHERE channel_id = ?", (channel_id,))
    connection.executemany(
        "INSERT INTO location VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(channel_id, location.id, location.name, location.active, location.fulfills_online_orders),
                *(
                    location.city,
                    location.address,
                    location.country,
                    location.service,
                    location.service_manages_stock,
                ),
            )
            for location in locations
        ],
    )
    (source,) = connection.execute("SELECT source FROM channel WHERE id = ?", (channel_id,)).fetchone()
    connections.follow_locations(connection, channel_id, source)


def locations(ledger: Ledger, channel_id: int) -> tuple[Location, ...]:
    """Every location of the channel, active ones first, by name."""
    rows = ledger.rows(
        "SELECT * FROM location WHERE channel_id = ? ORDER BY active DESC, name, id", channel_id
    )
    return tuple(_location(row) for row in rows)


def unlinked_locations(ledger: Ledger, channel_id: int) -> int:
    """Locations that somebody still has to say something of: active, not linked, not said to stay unlinked.

    A fulfilment service that keeps its own numbers stays unlinked unless somebody insists, so it is none of them.
    """
    return int(
        str(
            ledger.value(
                """SELECT count(*) FROM location WHERE channel_id = ?1 AND active AND NOT service_manages_stock
                   AND id NOT IN (SELECT location_id FROM connection WHERE channel_id = ?1)""",
                channel_id,
            )
        )
    )


def _location(row: sqlite3.Row) -> Location:
    return Location(
        id=row["id"],
        name=row["name"],
        active=bool(row["active"]),
        fulfills_online_orders=bool(row["fulfills_online_orders"]),
        city=row["city"],
        address=row["address"],
        country=row["country"],
        service=row["service"],
        service_manages_stock=bool(row["service_manages_stock"]),
    )


def rehearse(connection: sqlite3.Connection, channel_id: int, api_url: str) -> None:
    """Point the channel of a copied account at a pretend store, and turn its other channels off, in the transaction under way."""
    connection.execute("UPDATE channel SET api_url = ? WHERE id = ?", (api_url, channel_id))
    connection.execute("UPDATE channel SET sync = 'off'")
    connection.execute("UPDATE plan SET state = 'stopped' WHERE state = 'applying'")
