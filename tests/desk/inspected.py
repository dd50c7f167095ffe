"""A channel loaded out of memory, behind a desk: for tests of what inspection says and decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supportdesk.core.catalog import LevelRow, ListingRow, Location
from supportdesk.core.progress import Unwatched
from supportdesk.desk import Desk, accounts
from supportdesk.ledger.file import Ledger
from supportdesk.paths import find_home, make_folder
from supportdesk.settings import load_settings
from supportdesk.sync.load import LoadJob, load_exports
from tests.catalogs import Clock, MemoryStore

CHANNEL = "kestrel"


@dataclass
class Inspected:
    """An account with one channel that can be loaded again with other rows."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        home = find_home(str(self.folder), {})
        make_folder(home.accounts)
        self.desk = Desk(home, load_settings(home, {}, {}), now=self.clock)

    @property
    def file(self) -> Path:
        return self.desk.home.account_file(CHANNEL)

    def load(
        self,
        listings: Sequence[ListingRow],
        levels: Sequence[LevelRow],
        places: tuple[Location, ...] = (Location(1, "Main St"), Location(2, "Depot")),
    ) -> None:
        """Load the channel, in place of what it held."""
        with self.opened() as ledger:
            job = LoadJob(ledger, Unwatched(), self.clock, "mia")
            load_exports(job, CHANNEL, MemoryStore(listings, levels, places), files=("kestrel.csv",))
            accounts.renew_index(self.desk, ledger)

    def opened(self) -> Ledger:
        """The account file, for looking into it."""
        from supportdesk.ledger.file import open_ledger

        return open_ledger(self.file, account=CHANNEL, now=self.clock)

    def dump(self) -> list[str]:
        """Every table."""
        with self.opened() as ledger:
            return list(ledger.db.conn.iterdump())
