"""A merchant's account with stores loaded out of memory, behind a desk: for tests of what a person does with connections."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from supportdesk.core.catalog import Shop
from supportdesk.core.progress import Unwatched
from supportdesk.desk import Desk, accounts
from supportdesk.ledger import channels
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.paths import find_home, make_folder
from supportdesk.settings import load_settings
from supportdesk.shopify.scopes import SCOPES
from supportdesk.sync.load import LoadJob, load_store
from supportdesk.sync.spool import Spool
from tests.catalogs import Clock, MemoryStore

ACCOUNT = "acme"


@dataclass
class Merchant:
    """One account file below `folder`."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        home = find_home(str(self.folder), {})
        make_folder(home.accounts)
        self.desk = Desk(home, load_settings(home, {}, {}), now=self.clock)

    @property
    def read_only(self) -> Desk:
        return replace(self.desk, settings=load_settings(self.desk.home, {}, {"read_only": True}))

    def opened(self) -> Ledger:
        """The account file, for looking into it."""
        return open_ledger(self.desk.home.account_file(ACCOUNT), account=ACCOUNT, now=self.clock)

    def load(self, handle: str, store: MemoryStore) -> None:
        """Load a store, connected where it was not yet."""
        shop = Shop(
            handle,
            handle.title(),
            f"{handle}.myshopify.com",
            scopes=frozenset(scope.name for scope in SCOPES),
        )
        store = replace(store, facts=shop)
        with self.opened() as ledger:
            if channels.channel_named(ledger, handle) is None:
                with ledger.writing() as connection:
                    channels.save_shopify_channel(
                        connection, shop, api_url="http://127.0.0.1:1", at=self.clock(), who="mia"
                    )
            record = channels.channel_named(ledger, handle)
            assert record
            job = LoadJob(ledger, Unwatched(), self.clock, "mia")
            load_store(job, record, store, spool=Spool(ledger.path.parent, handle), page_up_to=10**6)
            accounts.renew_index(self.desk, ledger)

    def hold(self, *rows: tuple[str, int, int]) -> None:
        """Put stock in: (SKU, warehouse id, in stock), each with the movement that explains it."""
        with self.opened() as ledger, ledger.writing() as connection:
            for sku, warehouse, units in rows:
                connection.execute("INSERT INTO stock VALUES (?, ?, ?, 0, 0, 1)", (sku, warehouse, units))
                connection.execute(
                    """INSERT INTO movement (at, sku, warehouse_id, kind, in_stock, booked, incoming, in_stock_after)
                       VALUES (?, ?, ?, 'import', ?, 0, 0, ?)""",
                    (self.clock().isoformat(), sku, warehouse, units, units),
                )

    def dump(self) -> list[str]:
        """Every table."""
        with self.opened() as ledger:
            return list(ledger.db.conn.iterdump())

    def events(self, kind: str) -> list[tuple[str, str, str]]:
        """(channel, place, detail) of every event of that kind, oldest first."""
        with self.opened() as ledger:
            rows = ledger.rows("SELECT channel, place, detail FROM event WHERE kind = ? ORDER BY id", kind)
        return [(row["channel"], row["place"], row["detail"]) for row in rows]
