"""The tables of an account file, as migrations. A migration is never edited once it has landed; the next one is added below it."""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID: Final = 0x53444B31
"""`PRAGMA application_id` of our files (`SDK1`), so that another program's database is told apart."""

OLDEST_WRITER: Final = "0.4.0"
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


@migrations()
def wizard_and_plans(db: Database) -> None:
    """What was answered in the wizard, plans with every row before → after, and what both sides were when one was applied."""
    statements = (
        """CREATE TABLE wizard_answer (
            channel_id INTEGER PRIMARY KEY REFERENCES channel (id) ON DELETE CASCADE,
            step TEXT NOT NULL,
            passed TEXT NOT NULL DEFAULT '',
            direction TEXT CHECK (direction IN ('sumtracker', 'shopify')),
            copies INTEGER,
            unknown TEXT CHECK (unknown IN ('copy', 'hold', 'zero')),
            promised_included INTEGER,
            sumtracker_off INTEGER NOT NULL DEFAULT 0,
            reviewed TEXT NOT NULL DEFAULT '',
            revision INTEGER NOT NULL,
            who TEXT NOT NULL,
            at TEXT NOT NULL,
            at_work TEXT NOT NULL DEFAULT '',
            at_work_until TEXT NOT NULL DEFAULT ''
        )""",
        """CREATE TABLE plan (
            id INTEGER PRIMARY KEY,
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            purpose TEXT NOT NULL CHECK (purpose IN ('turn-on', 'link', 'direction', 'rollback')),
            location_id INTEGER,
            warehouse_id INTEGER,
            master TEXT CHECK (master IN ('sumtracker', 'shopify')),
            copies INTEGER,
            unknown TEXT CHECK (unknown IN ('copy', 'hold', 'zero')),
            promised_included INTEGER,
            kept TEXT NOT NULL DEFAULT '[]',
            causes TEXT NOT NULL DEFAULT '{}',
            basis TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            event_id INTEGER NOT NULL,
            movement_id INTEGER NOT NULL,
            ledger_rows INTEGER NOT NULL,
            ledger_before INTEGER NOT NULL,
            ledger_after INTEGER NOT NULL,
            unknown_skus INTEGER NOT NULL,
            unknown_units INTEGER NOT NULL,
            promised INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'made'
                CHECK (state IN ('made', 'replaced', 'applying', 'applied', 'refused', 'stopped', 'rolled_back')),
            made_at TEXT NOT NULL,
            who TEXT NOT NULL,
            applied_by TEXT NOT NULL DEFAULT '',
            brake_rows INTEGER,
            t0 INTEGER,
            finished_at TEXT,
            said TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX plan_channel ON plan (channel_id, id)",
        """CREATE TABLE plan_place (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            location_id INTEGER NOT NULL,
            location_name TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL,
            code TEXT NOT NULL,
            master TEXT NOT NULL,
            counts INTEGER,
            on_hand INTEGER NOT NULL DEFAULT 0,
            committed INTEGER NOT NULL DEFAULT 0,
            available INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (plan_id, location_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_row (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            item_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            sku TEXT NOT NULL,
            kind TEXT NOT NULL,
            risk TEXT NOT NULL,
            before INTEGER NOT NULL,
            after INTEGER NOT NULL,
            reason TEXT NOT NULL,
            on_hand INTEGER,
            committed INTEGER,
            PRIMARY KEY (plan_id, item_id, location_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_number (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            sku TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL,
            before INTEGER,
            after INTEGER,
            kind TEXT NOT NULL,
            why TEXT NOT NULL DEFAULT '',
            sells_before INTEGER,
            sells_after INTEGER,
            PRIMARY KEY (plan_id, sku, warehouse_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_elsewhere (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            channel TEXT NOT NULL,
            item_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            sku TEXT NOT NULL,
            before INTEGER,
            after INTEGER,
            PRIMARY KEY (plan_id, channel, item_id, location_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_total (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            location_id INTEGER NOT NULL,
            risk TEXT NOT NULL,
            store_rows INTEGER NOT NULL,
            before INTEGER NOT NULL,
            after INTEGER NOT NULL,
            PRIMARY KEY (plan_id, location_id, risk)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_left_out (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            reason TEXT NOT NULL,
            store_rows INTEGER NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (plan_id, reason)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_block (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            code TEXT NOT NULL,
            text TEXT NOT NULL,
            sku TEXT NOT NULL DEFAULT '',
            location TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (plan_id, position)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_brake (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            code TEXT NOT NULL,
            text TEXT NOT NULL,
            location_id INTEGER,
            PRIMARY KEY (plan_id, position)
        ) WITHOUT ROWID""",
        """CREATE TABLE plan_step (
            id INTEGER PRIMARY KEY,
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            step TEXT NOT NULL,
            at TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX plan_step_plan ON plan_step (plan_id, id)",
        """CREATE TABLE checkpoint_row (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            item_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            available INTEGER,
            committed INTEGER,
            on_hand INTEGER,
            PRIMARY KEY (plan_id, item_id, location_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE checkpoint_stock (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            sku TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL,
            in_stock INTEGER NOT NULL,
            booked INTEGER NOT NULL,
            counted INTEGER NOT NULL,
            PRIMARY KEY (plan_id, sku, warehouse_id)
        ) WITHOUT ROWID""",
    )
    for statement in statements:
        db.execute(statement)


@migrations()
def the_sync_engine(db: Database) -> None:
    """What the engine knows of each row, enough to work out again what it should show at any past second (PROTOCOL §1), and who syncs.

    Seconds are the store's clock, whole, since the epoch.
    """
    row = "channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE, item_id INTEGER NOT NULL, location_id INTEGER NOT NULL"
    numbers = ", ".join(
        f"{name} INTEGER NOT NULL"
        for name in (
            *("available", "committed", "on_hand", "incoming"),
            *("reserved", "damaged", "safety_stock", "quality_control"),
        )
    )
    statements = (
        f"""CREATE TABLE sync_row (
            {row},
            sku TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
            master TEXT NOT NULL CHECK (master IN ('sumtracker', 'shopify')),
            condition TEXT NOT NULL CHECK (condition IN ('out', 'settling', 'live', 'held')),
            code TEXT NOT NULL DEFAULT '',
            reason TEXT NOT NULL DEFAULT '',
            t0 INTEGER NOT NULL,
            low INTEGER,
            high INTEGER,
            readings INTEGER NOT NULL DEFAULT 0,
            on_hand_low INTEGER,
            on_hand_high INTEGER,
            unavailable INTEGER,
            baseline_since INTEGER,
            suspect_change INTEGER,
            suspect_seen INTEGER,
            judged_until INTEGER,
            read_due INTEGER,
            shown INTEGER,
            pushed INTEGER NOT NULL DEFAULT 0,
            own INTEGER NOT NULL DEFAULT 0,
            copies INTEGER NOT NULL DEFAULT 0,
            unchecked INTEGER NOT NULL DEFAULT 1,
            movement_seen INTEGER NOT NULL DEFAULT 0,
            stopped INTEGER NOT NULL DEFAULT 0,
            expected INTEGER,
            promised_before INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (channel_id, item_id, location_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX sync_row_due ON sync_row (channel_id, read_due)",
        "CREATE INDEX sync_row_condition ON sync_row (channel_id, condition, code)",
        "CREATE INDEX sync_row_sku ON sync_row (sku, warehouse_id, channel_id)",
        "CREATE INDEX sync_row_unchecked ON sync_row (channel_id) WHERE unchecked AND condition = 'live'",
        "CREATE INDEX sync_row_copies ON sync_row (channel_id, sku, warehouse_id) WHERE copies",
        f"""CREATE TABLE reading (
            id INTEGER PRIMARY KEY,
            {row},
            started INTEGER NOT NULL,
            ended INTEGER NOT NULL,
            {numbers},
            state TEXT NOT NULL CHECK (state IN ('waiting', 'settled', 'judged', 'void'))
        )""",
        "CREATE INDEX reading_row ON reading (channel_id, item_id, location_id, id)",
        "CREATE INDEX reading_waiting ON reading (channel_id, ended) WHERE state = 'waiting'",
        f"""CREATE TABLE effect (
            id INTEGER PRIMARY KEY,
            {row},
            order_id INTEGER,
            kind TEXT NOT NULL,
            available INTEGER NOT NULL,
            on_hand INTEGER NOT NULL,
            earliest INTEGER NOT NULL,
            latest INTEGER NOT NULL
        )""",
        "CREATE INDEX effect_row ON effect (channel_id, item_id, location_id, latest)",
        "CREATE INDEX effect_unexplained ON effect (channel_id, item_id, location_id) WHERE kind = 'unexplained'",
        """CREATE TABLE push (
            id INTEGER PRIMARY KEY,
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('difference', 'undo')),
            key TEXT NOT NULL UNIQUE,
            reference TEXT NOT NULL,
            body TEXT NOT NULL,
            stored INTEGER NOT NULL,
            stored_at TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            acknowledged INTEGER,
            state TEXT NOT NULL CHECK (state IN ('stored', 'done', 'refused', 'expired')),
            said TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX push_open ON push (channel_id, id) WHERE state = 'stored'",
        """CREATE TABLE push_row (
            push_id INTEGER NOT NULL REFERENCES push (id) ON DELETE CASCADE,
            item_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            change INTEGER NOT NULL,
            shown INTEGER NOT NULL,
            cause TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            reference TEXT NOT NULL DEFAULT '',
            found TEXT NOT NULL DEFAULT '' CHECK (found IN ('', 'done', 'not_done', 'unclear')),
            PRIMARY KEY (push_id, item_id, location_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX push_row_row ON push_row (item_id, location_id, push_id)",
        """CREATE TABLE store_order (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            id INTEGER NOT NULL,
            name TEXT NOT NULL,
            created INTEGER NOT NULL,
            looked INTEGER NOT NULL,
            open INTEGER NOT NULL,
            gone INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (channel_id, id)
        ) WITHOUT ROWID""",
        "CREATE INDEX store_order_open ON store_order (channel_id, looked) WHERE open",
        """CREATE TABLE store_order_line (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            order_id INTEGER NOT NULL,
            line_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            item_id INTEGER,
            sku TEXT NOT NULL DEFAULT '',
            treatment TEXT NOT NULL,
            warehouse_id INTEGER,
            recipe TEXT NOT NULL DEFAULT '[]',
            unfulfilled INTEGER NOT NULL,
            fulfilled INTEGER NOT NULL,
            returned INTEGER NOT NULL,
            written_off INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            PRIMARY KEY (channel_id, order_id, line_id, location_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX store_order_line_item ON store_order_line (channel_id, item_id)",
        """CREATE TABLE fence (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            location_id INTEGER NOT NULL,
            t0 INTEGER NOT NULL,
            plan_id INTEGER REFERENCES plan (id),
            PRIMARY KEY (channel_id, location_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE copy_target (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            sku TEXT NOT NULL,
            warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
            in_stock INTEGER NOT NULL,
            booked INTEGER NOT NULL,
            copied INTEGER,
            unchecked INTEGER NOT NULL DEFAULT 0,
            frozen INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (channel_id, sku, warehouse_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX copy_target_waiting ON copy_target (sku, warehouse_id) WHERE copied IS NULL",
        "CREATE INDEX copy_target_unchecked ON copy_target (channel_id, sku, warehouse_id) WHERE unchecked",
        """CREATE TABLE channel_sync (
            channel_id INTEGER PRIMARY KEY REFERENCES channel (id) ON DELETE CASCADE,
            commit_lag INTEGER,
            visibility INTEGER,
            plan_id INTEGER REFERENCES plan (id),
            on_since TEXT,
            followed TEXT NOT NULL DEFAULT '',
            cycle INTEGER NOT NULL DEFAULT 0,
            cycled_at TEXT,
            claim TEXT NOT NULL DEFAULT '',
            claim_digest TEXT NOT NULL DEFAULT '',
            claim_checked_at TEXT,
            brake TEXT NOT NULL DEFAULT '',
            brake_rows INTEGER NOT NULL DEFAULT 0,
            let_go INTEGER
        )""",
        """CREATE TABLE cursor (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            second INTEGER NOT NULL,
            PRIMARY KEY (channel_id, name)
        ) WITHOUT ROWID""",
        """CREATE TABLE lease (
            channel_id INTEGER PRIMARY KEY REFERENCES channel (id) ON DELETE CASCADE,
            holder TEXT NOT NULL,
            person TEXT NOT NULL,
            host TEXT NOT NULL,
            process INTEGER NOT NULL,
            fencing INTEGER NOT NULL,
            taken_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        )""",
        """CREATE TABLE alert (
            id INTEGER PRIMARY KEY,
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            code TEXT NOT NULL,
            text TEXT NOT NULL,
            sku TEXT NOT NULL DEFAULT '',
            place TEXT NOT NULL DEFAULT '',
            closed_at TEXT
        )""",
        "CREATE INDEX alert_open ON alert (channel_id, id) WHERE closed_at IS NULL",
        """CREATE TABLE written (
            id INTEGER PRIMARY KEY,
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            second INTEGER NOT NULL,
            tally TEXT NOT NULL
        )""",
        "CREATE INDEX written_second ON written (channel_id, second)",
    )
    for statement in statements:
        db.execute(statement)


@migrations()
def rows_let_go(db: Database) -> None:
    """What a row may be changed by whatever the brake says, until it is compared next."""
    db.execute("ALTER TABLE sync_row ADD COLUMN let_go INTEGER")


@migrations()
def live(db: Database) -> None:
    """What a running sync is asked and says of itself, alerts that stay until seen, and rows that moved between a plan and its applying."""
    statements = (
        *(
            f"ALTER TABLE channel_sync ADD COLUMN {column} TEXT"
            for column in ("next_cycle_at", "watched_until", "cycle_wanted_at", "hard_wanted_at")
        ),
        "ALTER TABLE alert ADD COLUMN seen_at TEXT",
        "ALTER TABLE alert ADD COLUMN seen_by TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE plan_moved (
            plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            item_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            sku TEXT NOT NULL,
            planned INTEGER NOT NULL,
            now INTEGER NOT NULL,
            after INTEGER NOT NULL,
            risk TEXT NOT NULL,
            PRIMARY KEY (plan_id, item_id, location_id)
        ) WITHOUT ROWID""",
    )
    for statement in statements:
        db.execute(statement)


@migrations()
def orders_shown(db: Database) -> None:
    """Orders by when they were placed and by name, what is to be looked at among their lines, and movements by what they refer to."""
    statements = (
        "CREATE INDEX store_order_created ON store_order (channel_id, created, id)",
        "CREATE INDEX store_order_name ON store_order (channel_id, name)",
        """CREATE INDEX store_order_line_look ON store_order_line (channel_id, order_id)
            WHERE treatment IN ('not_found', 'unlinked')""",
        "CREATE INDEX movement_reference ON movement (reference, id) WHERE reference > ''",
    )
    for statement in statements:
        db.execute(statement)


@migrations()
def whose_hand(db: Database) -> None:
    """On which machine, and from where over SSH, a person did what an event tells of."""
    db.execute("ALTER TABLE event ADD COLUMN host TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE event ADD COLUMN origin TEXT NOT NULL DEFAULT ''")


@migrations()
def cycles_that_ended(db: Database) -> None:
    """What the last cycle that came to its end found, for whoever asked for one; alerts of before are not to be seen anew."""
    statements = (
        "ALTER TABLE channel_sync ADD COLUMN cycle_ended INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE channel_sync ADD COLUMN cycle_ended_at TEXT",
        "ALTER TABLE channel_sync ADD COLUMN cycle_found TEXT NOT NULL DEFAULT ''",
        "UPDATE alert SET seen_at = closed_at WHERE closed_at IS NOT NULL",
        "CREATE INDEX alert_unseen ON alert (channel_id, id) WHERE seen_at IS NULL",
    )
    for statement in statements:
        db.execute(statement)


@migrations()
def rows_to_confirm(db: Database) -> None:
    """Rows that wait for a person's word: the SKU the store bears now where it is another, and whether a row was synced before it ended."""
    db.execute("ALTER TABLE sync_row ADD COLUMN sku_now TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE sync_row ADD COLUMN was_live INTEGER NOT NULL DEFAULT 0")
    db.execute(
        """UPDATE sync_row SET was_live = 1
           WHERE condition IN ('settling', 'live') OR (condition IN ('held', 'out') AND EXISTS (
               SELECT 1 FROM reading WHERE reading.channel_id = sync_row.channel_id AND reading.item_id = sync_row.item_id
                   AND reading.location_id = sync_row.location_id))"""
    )
    db.execute("UPDATE sync_row SET code = 'to_confirm' WHERE code IN ('new', 'other_sku')")


@migrations()
def plans_while_on(db: Database) -> None:
    """When the rows that moved were last compared, and what was said of a location before a plan linked it anew.

    A plan's own rows and numbers are what both sides were before it, and a roll back is made of pushes: nothing needs a checkpoint besides.
    """
    statements = (
        "ALTER TABLE plan ADD COLUMN compared_at INTEGER",
        "ALTER TABLE plan ADD COLUMN connection_before TEXT",
        "DROP TABLE checkpoint_row",
        "DROP TABLE checkpoint_stock",
    )
    for statement in statements:
        db.execute(statement)


@migrations()
def lags_seen(db: Database) -> None:
    """A commit lag that a reading of a row seems to show, until the next reading says whether it was one."""
    db.execute("ALTER TABLE sync_row ADD COLUMN lag_seen INTEGER")


@migrations()
def promised_to_bundles(db: Database) -> None:
    """Units of components that open orders of bundles promise, as a plan says them."""
    db.execute("ALTER TABLE plan ADD COLUMN promised_to_bundles INTEGER NOT NULL DEFAULT 0")


@migrations()
def bounds_before_a_push_too_old(db: Database) -> None:
    """The upper of the bounds a row was live on before a push of it became too old, and what is copied of it whatever it settles at since."""
    db.execute("ALTER TABLE sync_row ADD COLUMN expected_high INTEGER")
    db.execute("ALTER TABLE sync_row ADD COLUMN copy_low INTEGER")
    db.execute("UPDATE sync_row SET expected_high = expected")


@migrations()
def copied_under_another_sku(db: Database) -> None:
    """By how much more than it settled at a renamed row is copied: what moved under the SKU it followed before; NULL for others."""
    db.execute("ALTER TABLE sync_row ADD COLUMN copy_moved INTEGER")


@migrations()
def insisted_links(db: Database) -> None:
    """Whether a plan links a fulfilment service's location all the same."""
    db.execute("ALTER TABLE plan_place ADD COLUMN insisted INTEGER NOT NULL DEFAULT 0")


@migrations()
def both_ends_of_events(db: Database) -> None:
    """The location and the warehouse that an event came about on, where both are known."""
    db.execute("ALTER TABLE event ADD COLUMN location TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE event ADD COLUMN warehouse TEXT NOT NULL DEFAULT ''")


@migrations()
def orders_until_turned_off(db: Database) -> None:
    """Orders as they were kept when sync was turned off, to be listed; nothing that syncs looks at them."""
    db.execute(
        """CREATE TABLE closed_order (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            id INTEGER NOT NULL,
            name TEXT NOT NULL,
            created INTEGER NOT NULL,
            open INTEGER NOT NULL,
            gone INTEGER NOT NULL,
            closed_at TEXT NOT NULL,
            PRIMARY KEY (channel_id, id)
        ) WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX closed_order_created ON closed_order (channel_id, created, id)")
    db.execute("CREATE INDEX closed_order_name ON closed_order (channel_id, name)")
    db.execute(
        """CREATE TABLE closed_order_line (
            channel_id INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
            order_id INTEGER NOT NULL,
            line_id INTEGER NOT NULL,
            location_id INTEGER NOT NULL,
            item_id INTEGER,
            sku TEXT NOT NULL,
            treatment TEXT NOT NULL,
            warehouse_id INTEGER,
            recipe TEXT NOT NULL,
            unfulfilled INTEGER NOT NULL,
            fulfilled INTEGER NOT NULL,
            returned INTEGER NOT NULL,
            written_off INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            PRIMARY KEY (channel_id, order_id, line_id, location_id)
        ) WITHOUT ROWID"""
    )
