"""A desk over the account of a pretend shop that sells while it is synced, in process: for tests of what is shown of a running sync."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from supportdesk.core.catalog import LevelRow, ListingRow
from supportdesk.desk import Desk, accounts
from supportdesk.paths import Home
from supportdesk.settings import Settings
from tests.shops import MAIN, level, listing
from tests.sync import test_engine

CHANNEL = "kestrel"


class Shop(test_engine.Desk):
    """The shop with its engine (see there), and `desk`, which is what a person asks."""

    def __init__(
        self, folder: Path, listings: Iterable[ListingRow], levels: Iterable[LevelRow], **how: Any
    ) -> None:
        home = Home(folder / "a home")
        accounts_folder = home.account_file(CHANNEL).parent
        accounts_folder.mkdir(parents=True)
        super().__init__(accounts_folder, listings, levels, **how)
        self.desk = Desk(home, Settings(), self.now)

    def go_live(self) -> None:
        """As the engine's tests do, and as a plan that was applied says it: on."""
        super().go_live()
        with self.ledger.writing() as connection:
            connection.execute("UPDATE channel SET sync = 'on'")
        accounts.renew_index(self.desk, self.ledger)

    def close(self) -> None:
        """Let go of the account."""
        self.ledger.close()


def two(folder: Path, **how: Any) -> Shop:
    """Two listings of one SKU with 40 each at Main St."""
    both = [listing(1, "A-1", title="Mug"), listing(2, "A-1", title="Mug (gift)", handle="gift")]
    return Shop(folder, both, [level(1, MAIN, 40), level(2, MAIN, 40)], **how)
