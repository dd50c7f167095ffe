"""The tables of an account file, as migrations. A migration is never edited once it has landed; the next one is added below it."""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID: Final = 0x53444B31
"""`PRAGMA application_id` of our files (`SDK1`), so that another program's database is told apart."""

OLDEST_WRITER: Final = "0.1.0"
"""The oldest version of this program that may write a file with all migrations below applied."""

migrations: Final = Migrations("supportdesk")

LISTING_INDEXES: Final = {
    "listing_sku": "CREATE INDEX listing_sku ON listing (channel_id, sku)",
    "listing_item": "CREATE INDEX listing_item ON listing (channel_id, item_id)",
}
"""The indexes of `listing`, apart because a load of everything drops them first and makes them again after: twice as fast."""


@migrations()
def channels_and_catalog(db: Database) -> None:
    """The account itself, its channels, what the last load of each found, and the record of what happened."""
    statements = (
        """CREATE TABLE ledger (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            ledger_id TEXT NOT NULL,
            account TEXT NOT NULL,
            oldest_writer TEXT NOT NULL,
            created_at TEXT NOT NULL
        )""",
        """CREATE TABLE channel (
            id INTEGER PRIMARY KEY,
            handle TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            source TEXT NOT NULL CHECK (source IN ('shopify', 'export')),
            domain TEXT NOT NULL DEFAULT '',
            api_url TEXT NOT NULL DEFAULT '',
            timezone TEXT NOT NULL DEFAULT 'UTC',
            currency TEXT NOT NULL DEFAULT '',
            plan TEXT NOT NULL DEFAULT '',
            scopes TEXT NOT NULL DEFAULT '',
            api_version TEXT NOT NULL DEFAULT '',
            sync TEXT NOT NULL DEFAULT 'off' CHECK (sync IN ('off', 'on')),
            files TEXT NOT NULL DEFAULT '',
            connected_at TEXT NOT NULL
        )""",
        """CREATE TABLE location (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            id INTEGER NOT NULL,
            name TEXT NOT NULL,
            active INTEGER NOT NULL,
            fulfills_online_orders INTEGER NOT NULL,
            city TEXT NOT NULL,
            address TEXT NOT NULL,
            country TEXT NOT NULL,
            service TEXT NOT NULL,
            service_manages_stock INTEGER NOT NULL,
            PRIMARY KEY (channel_id, id)
        ) WITHOUT ROWID""",
        """CREATE TABLE listing (
            id INTEGER PRIMARY KEY,
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            variant_id INTEGER,
            item_id INTEGER NOT NULL,
            product_id INTEGER,
            listing TEXT NOT NULL,
            title TEXT NOT NULL,
            variant_title TEXT NOT NULL,
            sku TEXT NOT NULL,
            barcode TEXT NOT NULL,
            status TEXT NOT NULL,
            tracked INTEGER NOT NULL,
            sells_when_out INTEGER NOT NULL,
            gift_card INTEGER NOT NULL,
            bundle_parent INTEGER NOT NULL,
            left_out TEXT,
            sku_mark TEXT
        )""",
        *LISTING_INDEXES.values(),
        """CREATE TABLE store_level (
            channel_id INTEGER NOT NULL,
            item_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            active INTEGER NOT NULL,
            available INTEGER,
            committed INTEGER,
            on_hand INTEGER,
            incoming INTEGER,
            PRIMARY KEY (channel_id, item_id, location_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE load (
            channel_id INTEGER PRIMARY KEY REFERENCES channel (id) ON DELETE CASCADE,
            started_at TEXT NOT NULL,
            finished_at TEXT NOT NULL,
            listings INTEGER NOT NULL,
            skus INTEGER NOT NULL,
            without_sku INTEGER NOT NULL,
            locations INTEGER NOT NULL,
            duplicate_groups INTEGER NOT NULL,
            duplicate_listings INTEGER NOT NULL,
            disagreeing_groups INTEGER NOT NULL,
            units INTEGER NOT NULL,
            look_alikes INTEGER NOT NULL,
            negative_rows INTEGER NOT NULL,
            sells_when_out INTEGER NOT NULL,
            shared_items INTEGER NOT NULL
        )""",
        """CREATE TABLE load_count (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('left_out', 'sku_mark')),
            reason TEXT NOT NULL,
            listings INTEGER NOT NULL,
            PRIMARY KEY (channel_id, kind, reason)
        ) WITHOUT ROWID""",
        """CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            channel TEXT NOT NULL DEFAULT '',
            who TEXT NOT NULL DEFAULT '',
            detail TEXT NOT NULL DEFAULT ''
        )""",
    )
    for statement in statements:
        db.execute(statement)
