"""Listings that are not synced, with the reason: a list as long as the store is large, fetched page by page as it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from textual.cache import LRUCache
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.core.channels import ChannelSummary, LeftOutListing
from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.words import counted, left_out_because, left_out_word
from supportdesk.widgets.dialogs import ErrorDialog
from supportdesk.widgets.table import Column, Row, WindowTable

PAGE: Final = 200
"""Listings fetched at a time."""

_BLANK: Final = Row("", ())


class FetchedRows:
    """A row source whose pages are fetched in the background; what has not come yet is None."""

    def __init__(self, screen: LeftOutScreen, count: int) -> None:
        self._screen = screen
        self._count = count
        self._pages: LRUCache[int, list[Row]] = LRUCache(32)
        self._wanted: set[int] = set()
        self._fetching = False

    def count(self) -> int:
        """How many there are, as the overview counted them."""
        return self._count

    def window(self, start: int, count: int) -> list[Row | None]:
        """The rows that have come; the rest is asked for."""
        rows: list[Row | None] = []
        for index in range(start, min(start + count, self._count)):
            number, place = divmod(index, PAGE)
            page = self._pages.get(number)
            if page is None:
                self._wanted.add(number)
                rows.append(None)
            else:
                rows.append(page[place] if place < len(page) else _BLANK)
        if self._wanted and not self._fetching:
            self._fetching = True
            self._screen.call_later(self._fetch)
        return rows

    def _fetch(self) -> None:
        """Fetch the pages that are on screen; what was scrolled past meanwhile is not worth it any more."""
        looked_at = {index // PAGE for index in self._screen.table.visible_rows}
        numbers = sorted(self._wanted & looked_at) or sorted(self._wanted)[:1]
        self._wanted.clear()
        self._screen.fetch(numbers, self._come, self._not_come)

    def _not_come(self) -> None:
        self._fetching = False
        self._screen.table.refresh_rows()

    def _come(self, pages: dict[int, list[Row]]) -> None:
        for number, rows in pages.items():
            self._pages[number] = rows
        self._fetching = False
        self._screen.table.refresh_rows()


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
        yield WindowTable(
            (Column("SKU", 18), Column("product", minimum=12), Column("variant", 20, priority=2), *reason),
            empty="No listing is left out for this reason.",
        )

    @property
    def table(self) -> WindowTable:
        """The listings."""
        return self.query_one(WindowTable)

    def opened(self) -> None:
        """Ask for the first page."""
        self.header.subject = self.channel.title or self.channel.handle
        why = left_out_because(self.reason, self.listings)
        self.query_one("#reason", Static).update(Content(f"{counted(self.listings, 'listing')} that {why}"))
        self.table.show(FetchedRows(self, self.listings))
        self.table.focus()

    def fetch(
        self, numbers: list[int], come: Callable[[dict[int, list[Row]]], None], again: Callable[[], None]
    ) -> None:
        """Fetch those pages in the background and hand them to `come`.

        Where they cannot be read a person chooses between trying again (`again`) and leaving.
        """
        doorway, handle, reason = self.doorway, self.channel.handle, self.reason or None

        def pages(watch: Watch) -> dict[int, list[Row]]:
            found = {}
            for number in numbers:
                watch.check()
                listings = doorway.left_out_listings(handle, reason, number * PAGE, PAGE)
                found[number] = [row_of(listing, reason is None) for listing in listings]
            return found

        def failed(error: SupportdeskError) -> None:
            self.app.push_screen(
                ErrorDialog(error, retry=True), lambda wanted: again() if wanted else self.leave()
            )

        self.work("pages", pages, come, failed=failed)

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
