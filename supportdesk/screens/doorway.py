"""The desk as the screens call it: each call imports what it needs when it is made, so that first paint loads none of it.

Here stand channels and the demo; the rest is in a module a subject (`…_doorway`). All calls but `list_channels` may take long and are made from `work.Work`. Tests put a doorway of their own in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.screens.connect_doorway import ConnectDoorway
from supportdesk.screens.duplicates_doorway import DuplicatesDoorway
from supportdesk.screens.inventory_doorway import InventoryDoorway
from supportdesk.screens.live_doorway import LiveDoorway
from supportdesk.screens.log_doorway import LogDoorway
from supportdesk.screens.orders_doorway import OrdersDoorway
from supportdesk.screens.plan_doorway import PlanDoorway
from supportdesk.screens.sync_doorway import SyncDoorway
from supportdesk.screens.worker_doorway import WorkerDoorway

if TYPE_CHECKING:
    from supportdesk.core.catalog import ChannelTotals
    from supportdesk.core.channels import ChannelOverview, ChannelSummary, LeftOutListing
    from supportdesk.core.progress import Watch
    from supportdesk.desk import Desk
    from supportdesk.desk.demo import StoreChange


class Doorway(
    ConnectDoorway,
    DuplicatesDoorway,
    InventoryDoorway,
    SyncDoorway,
    PlanDoorway,
    LiveDoorway,
    LogDoorway,
    OrdersDoorway,
    WorkerDoorway,
):
    """The desk's functions, bound to one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def list_channels(self) -> tuple[ChannelSummary, ...]:
        """Every channel, from the small index: cheap enough to call before first paint."""
        from supportdesk.desk import channels

        return channels.list_channels(self.desk)

    def channels_mark(self) -> int:
        """A number that is another one once any process has changed what `list_channels` says; a look at one file's time."""
        from supportdesk.desk import accounts

        return accounts.index_mark(self.desk)

    def channel_named(self, name: str) -> ChannelSummary:
        """The channel of that handle. Raises `UnknownName`."""
        from supportdesk.desk import channels

        return channels.channel_named(self.desk, name)

    def account_slugs(self) -> tuple[str, ...]:
        """Every account there is."""
        from supportdesk.desk import accounts

        return accounts.account_slugs(self.desk)

    def change_mark(self, account: str) -> int:
        """A number that grows with whatever is written into the account, by any process; -1 where it cannot be told."""
        from supportdesk.desk import accounts

        return accounts.change_mark(self.desk, account)

    def overview(self, name: str) -> ChannelOverview:
        """What the Overview shows."""
        from supportdesk.desk import channels

        return channels.overview(self.desk, name)

    def left_out_listings(
        self, name: str, reason: str | None, offset: int, limit: int
    ) -> tuple[LeftOutListing, ...]:
        """Listings that are not synced, `limit` of them from `offset` on."""
        from supportdesk.desk import channels

        return channels.left_out_listings(self.desk, name, reason, offset=offset, limit=limit)

    def load(self, name: str, watch: Watch) -> ChannelTotals:
        """Load the channel."""
        from supportdesk.desk import channels

        return channels.load(self.desk, name, watch)

    def open_exports(
        self, files: Sequence[Path], name: str | None, watch: Watch
    ) -> tuple[str, ChannelTotals]:
        """Open exports as a channel: its name, and what is in it."""
        from supportdesk.desk import channels

        opened = channels.open_exports(self.desk, files, name=name, watch=watch)
        return opened.channel, opened.totals

    def strike(self, kind: str) -> None:
        """Let the demo's store fail once in that way; '' for not at all any more."""
        from supportdesk.desk import demo

        demo.strike(self.desk, kind or None)

    def place_order(self, channel: str, listing: str, location: str) -> StoreChange:
        """Have a shopper of the demo's store buy one unit; with '' of a best-seller."""
        from supportdesk.desk import demo

        return demo.place_order(self.desk, channel, listing, location)

    def staff_edit(self, channel: str, listing: str, location: str) -> StoreChange:
        """Have somebody change a number in the demo's store itself; with '' of a best-seller."""
        from supportdesk.desk import demo

        return demo.staff_edit(self.desk, channel, listing, location)

    def kill_sync(self) -> int:
        """End the process that syncs the demo's stores as a crash would; its id."""
        from supportdesk.desk import demo

        return demo.kill_sync(self.desk)

    def start_over(self) -> None:
        """Have the demo begin again once the screens are left."""
        from supportdesk.desk import demo

        demo.start_over(self.desk)
