"""The tables of an account file, as migrations. A migration is never edited once it has landed; the next one is added below it."""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID: Final = 0x53444B31
"""`PRAGMA application_id` of our files (`SDK1`), so that another program's database is told apart."""

OLDEST_WRITER: Final = "0.2.0"
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


@migrations()
def the_sumtracker_side(db: Database) -> None:
    """Warehouses and what is in them, how locations are connected, what was decided of duplicate groups, and richer events."""
    statements = (
        """CREATE TABLE warehouse (
            id INTEGER PRIMARY KEY,
            code TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            address TEXT NOT NULL DEFAULT '',
            city TEXT NOT NULL DEFAULT '',
            country TEXT NOT NULL DEFAULT '',
            priority INTEGER NOT NULL DEFAULT 0,
            remote_id INTEGER UNIQUE
        )""",
        """CREATE TABLE connection (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            location_id INTEGER NOT NULL,
            location_name TEXT NOT NULL,
            warehouse_id INTEGER REFERENCES warehouse (id),
            master TEXT CHECK (master IN ('sumtracker', 'shopify')),
            counts INTEGER,
            insisted INTEGER NOT NULL DEFAULT 0,
            event_id INTEGER NOT NULL REFERENCES event (id),
            PRIMARY KEY (channel_id, location_id),
            CHECK ((warehouse_id IS NULL) = (master IS NULL))
        ) WITHOUT ROWID""",
        "CREATE INDEX connection_warehouse ON connection (warehouse_id)",
        """CREATE TABLE lost_connection (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            location_id INTEGER NOT NULL,
            location_name TEXT NOT NULL,
            warehouse_id INTEGER REFERENCES warehouse (id),
            master TEXT,
            counts INTEGER,
            insisted INTEGER NOT NULL,
            event_id INTEGER NOT NULL REFERENCES event (id),
            PRIMARY KEY (channel_id, location_id, location_name)
        ) WITHOUT ROWID""",
        """CREATE TABLE product (
            sku TEXT PRIMARY KEY,
            name TEXT NOT NULL DEFAULT '',
            remote_id INTEGER
        ) WITHOUT ROWID""",
        """CREATE TABLE bundle_line (
            bundle_sku TEXT NOT NULL,
            component_sku TEXT NOT NULL,
            quantity INTEGER NOT NULL CHECK (quantity > 0),
            PRIMARY KEY (bundle_sku, component_sku),
            CHECK (bundle_sku <> component_sku)
        ) WITHOUT ROWID""",
        "CREATE INDEX bundle_line_component ON bundle_line (component_sku)",
        """CREATE TABLE stock (
            sku TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
            in_stock INTEGER NOT NULL,
            booked INTEGER NOT NULL,
            incoming INTEGER NOT NULL,
            counted INTEGER NOT NULL,
            PRIMARY KEY (sku, warehouse_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX stock_warehouse ON stock (warehouse_id)",
        """CREATE TABLE close_at (
            sku TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
            quantity INTEGER NOT NULL CHECK (quantity >= 0),
            PRIMARY KEY (sku, warehouse_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE movement (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            sku TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
            kind TEXT NOT NULL,
            in_stock INTEGER NOT NULL,
            booked INTEGER NOT NULL,
            incoming INTEGER NOT NULL,
            in_stock_after INTEGER NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            reference TEXT NOT NULL DEFAULT '',
            who TEXT NOT NULL DEFAULT '',
            channel TEXT NOT NULL DEFAULT '',
            document_id INTEGER
        )""",
        "CREATE INDEX movement_sku ON movement (sku, id)",
        *(
            f"""CREATE TABLE {document} (
                id INTEGER PRIMARY KEY,
                at TEXT NOT NULL,
                warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
                reference TEXT NOT NULL DEFAULT '',
                note TEXT NOT NULL DEFAULT '',
                who TEXT NOT NULL
            )"""
            for document in ("receipt", "stocktake")
        ),
        """CREATE TABLE transfer (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            from_warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
            to_warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
            reference TEXT NOT NULL DEFAULT '',
            note TEXT NOT NULL DEFAULT '',
            who TEXT NOT NULL
        )""",
        """CREATE TABLE decision (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            sku TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('shared', 'split', 'left_out')),
            counts_of TEXT CHECK (counts_of IN ('oldest', 'lowest', 'highest', 'sum', 'listing')),
            listing TEXT NOT NULL DEFAULT '',
            elsewhere TEXT CHECK (elsewhere IN ('oldest', 'lowest', 'highest', 'sum')),
            judged TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT '',
            who TEXT NOT NULL,
            at TEXT NOT NULL,
            event_id INTEGER NOT NULL REFERENCES event (id),
            PRIMARY KEY (channel_id, sku)
        ) WITHOUT ROWID""",
        """CREATE TABLE duplicate_group (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            sku TEXT NOT NULL,
            title TEXT NOT NULL,
            listings INTEGER NOT NULL,
            in_scope INTEGER NOT NULL,
            items INTEGER NOT NULL,
            agrees INTEGER NOT NULL,
            pre_marked INTEGER NOT NULL,
            oldest INTEGER NOT NULL,
            lowest INTEGER NOT NULL,
            highest INTEGER NOT NULL,
            total INTEGER NOT NULL,
            sku_mark TEXT,
            holds INTEGER,
            unanswered INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (channel_id, sku)
        ) WITHOUT ROWID""",
        """CREATE TABLE look_alike (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            sku TEXT NOT NULL,
            key TEXT NOT NULL,
            PRIMARY KEY (channel_id, sku)
        ) WITHOUT ROWID""",
        "CREATE INDEX look_alike_key ON look_alike (channel_id, key)",
        "ALTER TABLE channel ADD COLUMN drafts INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE channel ADD COLUMN maximum INTEGER",
        "ALTER TABLE ledger ADD COLUMN imported_from_sumtracker_at TEXT",
        *(
            f"ALTER TABLE event ADD COLUMN {column}"
            for column in (
                "sku TEXT NOT NULL DEFAULT ''",
                "place TEXT NOT NULL DEFAULT ''",
                "reference TEXT NOT NULL DEFAULT ''",
                "number_before INTEGER",
                "number_after INTEGER",
            )
        ),
        "CREATE INDEX event_sku ON event (sku, id) WHERE sku > ''",
    )
    for statement in statements:
        db.execute(statement)
