"""A desk with one account in memory's stead: two loaded channels, three warehouses, connections, stock and bundles, for tests of desk and command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from supportdesk.core.catalog import LevelRow, ListingRow, Shop
from supportdesk.core.progress import Unwatched
from supportdesk.desk import Desk, accounts
from supportdesk.ledger import channels, events
from supportdesk.ledger.file import open_ledger
from supportdesk.paths import Home
from supportdesk.settings import Settings
from supportdesk.sync.load import LoadJob, load_store
from supportdesk.sync.spool import Spool
from tests.catalogs import NOON, Clock, MemoryStore, level, listing

MAIN_ST, DEPOT_PLACE = 1, 2
"""Locations of both shops, as `MemoryStore` has them."""
MAIN, DEPOT, RETURNS = 1, 2, 3
"""Ids of the warehouses."""
HOSTILE = ["-X", "  ", "A\nB", "'7", "[b]red[/]", "x\x1b[2J"]
"""SKUs that merchants have."""

LISTINGS = [
    listing(1, "TENT", "Ridge tent"),
    listing(2, "TENT", "Ridge tent (sale)"),
    listing(3, "MUG", "Mug"),
    listing(4, "KIT", "Weekend kit"),
    listing(5, "OLD", "Old lamp", status="ARCHIVED"),
    *(listing(10 + number, sku, f"Strange {number}") for number, sku in enumerate(HOSTILE)),
]
LEVELS = [
    level(1, MAIN_ST, 31),
    level(1, DEPOT_PLACE, 6),
    level(2, MAIN_ST, 4),
    level(3, MAIN_ST, 40),
    level(3, DEPOT_PLACE, -2),
    level(4, MAIN_ST, 9),
    level(5, MAIN_ST, 5),
    *(level(10 + number, MAIN_ST, number) for number in range(len(HOSTILE))),
]


def load(
    desk: Desk,
    handle: str,
    listings: Iterable[ListingRow],
    levels: Iterable[LevelRow],
    account: str = "kestrel",
) -> None:
    """Connect and load a channel of the account out of lists."""
    facts = Shop(handle, handle.title(), f"{handle}.myshopify.com", scopes=frozenset({"read_products"}))
    store = MemoryStore(list(listings), list(levels), facts=facts)
    path = desk.home.account_file(account)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_ledger(path, account=account, now=desk.now) as ledger:
        with ledger.writing() as connection:
            channels.save_shopify_channel(
                connection, facts, api_url="http://127.0.0.1:1", at=desk.now(), who="mia"
            )
        record = channels.channel_named(ledger, handle)
        assert record is not None
        job = LoadJob(ledger, Unwatched(), desk.now, "mia")
        load_store(job, record, store, spool=Spool(path.parent, handle), page_up_to=1000)
        accounts.renew_index(desk, ledger)


def write(desk: Desk, *statements: tuple[str, tuple[object, ...]], account: str = "kestrel") -> None:
    """Write to the account file as no function of ours does."""
    with open_ledger(desk.home.account_file(account), now=desk.now) as ledger, ledger.writing() as connection:
        for statement, parameters in statements:
            connection.execute(statement, parameters)


def link(
    desk: Desk, handle: str, location: int, warehouse: int | None, master: str | None = "sumtracker"
) -> None:
    """Connect a location, without asking whether it may be."""
    path = desk.home.account_file("kestrel")
    with open_ledger(path, now=desk.now) as ledger, ledger.writing() as connection:
        event = events.record(connection, at=NOON, kind="link", channel=handle)
        connection.execute(
            """INSERT OR REPLACE INTO connection (channel_id, location_id, location_name, warehouse_id, master, event_id)
               SELECT channel.id, location.id, location.name, ?, ?, ? FROM channel JOIN location
               ON location.channel_id = channel.id WHERE channel.handle = ? AND location.id = ?""",
            (warehouse, master, event, handle, location),
        )


def stocked_desk(root: Path, *, read_only: bool = False) -> Desk:
    """A desk on `root`: the account kestrel with the channels outdoor and outlet.

    MAIN serves Main St of both, DEPOT the Depot of outdoor; RETURNS serves nobody. KIT is made of two MUGs and one TENT.
    """
    desk = Desk(Home(root), Settings(keyring=False, read_only=read_only), now=Clock())
    load(desk, "outdoor", LISTINGS, LEVELS)
    load(desk, "outlet", [listing(3, "MUG", "Mug (gift)")], [level(3, MAIN_ST, 1)])
    write(
        desk,
        *(
            ("INSERT INTO warehouse (id, code, name, priority) VALUES (?, ?, ?, ?)", warehouse)
            for warehouse in (
                (MAIN, "MAIN", "Main Street", 1),
                (DEPOT, "DEPOT", "Depot", 2),
                (RETURNS, "RETURNS", "Returns", 3),
            )
        ),
        ("INSERT INTO bundle_line VALUES ('KIT', 'MUG', 2), ('KIT', 'TENT', 1)", ()),
    )
    link(desk, "outdoor", MAIN_ST, MAIN)
    link(desk, "outdoor", DEPOT_PLACE, DEPOT)
    link(desk, "outlet", MAIN_ST, MAIN)
    return desk
