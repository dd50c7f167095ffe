"""Listings that are not synced, with the reason: a list as long as the store is large, fetched page by page as it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.core.channels import ChannelSummary, LeftOutListing
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.fetched_rows import FetchedTable
from supportdesk.screens.words import counted, left_out_because, left_out_word
from supportdesk.widgets.dialogs import ErrorDialog
from supportdesk.widgets.table import Column, Row


class LeftOutListings:
    """The listings left out for one reason, `None` for any, as a table."""

    def __init__(self, doorway: Doorway, channel: str, reason: str | None, count: int) -> None:
        """`count` is how many the overview counted."""
        self._doorway = doorway
        self._channel = channel
        self._reason = reason
        self.count = count

    def window(self, start: int, limit: int) -> Sequence[LeftOutListing]:
        """Some of them, by position."""
        return self._doorway.left_out_listings(self._channel, self._reason, start, limit)

    def close(self) -> None:
        """Nothing is held between two questions."""


class LeftOutScreen(DeskScreen[None]):
    """The listings left out of one channel, for one reason or for any."""

    name_in_registry = "left_out"
    DEFAULT_CSS = """
    LeftOutScreen > #reason { height: 1; padding: 0 1; color: $muted; }
    """

    def __init__(self, channel: ChannelSummary, reason: str, listings: int) -> None:
        """`reason` is a key of `LEFT_OUT`, '' for any."""
        super().__init__()
        self.channel = channel
        self.reason = reason
        self.listings = listings

    def compose_body(self) -> Iterable[Widget]:
        """What is listed, then the list."""
        yield Static(id="reason")
        reason = () if self.reason else (Column("why", 22),)
        self.table = FetchedTable[LeftOutListing](
            (Column("SKU", 18), Column("product", minimum=12), Column("variant", 20, priority=2), *reason),
            lambda listing: row_of(listing, not self.reason),
            id="left-out-listings",
        )
        yield self.table

    def opened(self) -> None:
        """Ask for the first page."""
        self.header.subject = self.channel.title or self.channel.handle
        why = left_out_because(self.reason, self.listings)
        self.query_one("#reason", Static).update(Content(f"{counted(self.listings, 'listing')} that {why}"))
        self.table.focus()
        self._read()

    def _read(self) -> None:
        """Open the list. Where it cannot be read a person chooses between trying again and leaving."""
        listings = LeftOutListings(self.doorway, self.channel.handle, self.reason or None, self.listings)

        def failed(error: SupportdeskError) -> None:
            self.app.push_screen(
                ErrorDialog(error, retry=True), lambda wanted: self._read() if wanted else self.leave()
            )

        self.table.show_from(
            lambda _: listings,
            opened=lambda _: self.show_footer(),
            failed=failed,
            empty="No listing is left out for this reason.",
        )

    def what_to_copy(self) -> tuple[str, str]:
        """The listing's name."""
        return "the listing", self.table.row_key or ""


def row_of(listing: LeftOutListing, with_reason: bool) -> Row:
    """A listing as a line."""
    why = (left_out_word(listing.reason),)
    return Row(
        listing.listing,
        (listing.sku or None, listing.title, listing.variant_title, *(why if with_reason else ())),
    )
