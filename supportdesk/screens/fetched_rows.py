"""`FetchedTable`: a `WindowTable` over something that lives in threads. It is opened, sorted and filtered off the event loop, and
its pages come in the background; what the rows mean is the screen's business.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeVar, cast

from textual.cache import LRUCache

from supportdesk.core.progress import Watch
from supportdesk.errors import Cancelled, SupportdeskError
from supportdesk.widgets.dialogs import ErrorDialog
from supportdesk.widgets.table import Column, Row, WindowTable

if TYPE_CHECKING:
    from supportdesk.screens.base import DeskScreen

Item = TypeVar("Item")
Result = TypeVar("Result")
Item_co = TypeVar("Item_co", covariant=True)

PAGE: Final = 200
"""Items fetched at a time."""
_KEPT_PAGES: Final = 32
_BLANK: Final = Row("", ())


class ItemTable(Protocol[Item_co]):
    """What is shown: a sorted, filtered list that answers by position. Asked from one thread at a time, not always the same."""

    @property
    def count(self) -> int:
        """How many items there are."""

    def window(self, start: int, limit: int) -> Sequence[Item_co]:
        """Items `start` to `start + limit`, fewer at the end."""

    def close(self) -> None:
        """Let go of what it holds."""


class _Held(Generic[Item]):
    """An open table that may be let go of while a thread still reads it: whoever is last closes it."""

    def __init__(self, table: ItemTable[Item]) -> None:
        self._table = table
        self._in_use = threading.Lock()
        self._unwanted = False
        self._closed = False
        self.count = table.count

    def pages(self, numbers: Sequence[int], watch: Watch) -> dict[int, Sequence[Item]]:
        """Those pages. Raises `Cancelled` once it was let go of."""
        found = {}
        with self._in_use:
            for number in numbers:
                watch.check()
                if self._unwanted:
                    break
                found[number] = self._table.window(number * PAGE, PAGE)
        if self._unwanted:
            self.let_go()
            raise Cancelled("Another list has taken its place.")
        return found

    def let_go(self) -> None:
        """Close it, now or when the thread that reads it is done. Never waits."""
        self._unwanted = True
        if self._in_use.acquire(blocking=False):
            try:
                if not self._closed:
                    self._closed = True
                    self._table.close()
            finally:
                self._in_use.release()


class _Showing(NamedTuple):
    """How a newly opened table is shown: as the arguments of `WindowTable.show`."""

    keep_cursor: bool
    follow: bool
    empty: str | None


class FetchedRows(Generic[Item]):
    """The row source of a `FetchedTable`: what has come, and which pages are still wanted."""

    def __init__(self, count: int, row_of: Callable[[Item], Row], want: Callable[[], None]) -> None:
        self._count = count
        self._row_of = row_of
        self._want = want
        self._pages: LRUCache[int, Sequence[Item]] = LRUCache(_KEPT_PAGES)
        self.wanted: set[int] = set()

    def count(self) -> int:
        """How many there are."""
        return self._count

    def take(self, pages: dict[int, Sequence[Item]]) -> None:
        """Pages have come."""
        for number, items in pages.items():
            self._pages[number] = items

    def item(self, index: int) -> Item | None:
        """The item at a position; None where there is none or it has not come."""
        page = self._pages.get(index // PAGE)
        place = index % PAGE
        return page[place] if page is not None and place < len(page) else None

    def window(self, start: int, count: int) -> list[Row | None]:
        """The rows that have come; the rest is asked for."""
        rows: list[Row | None] = []
        for index in range(start, min(start + count, self._count)):
            number, place = divmod(index, PAGE)
            page = self._pages.get(number)
            if page is None:
                self.wanted.add(number)
                rows.append(None)
            else:
                rows.append(self._row_of(page[place]) if place < len(page) else _BLANK)
        if self.wanted:
            self._want()
        return rows


class FetchedTable(WindowTable, Generic[Item]):
    """A table with a cursor over an `ItemTable`."""

    def __init__(
        self,
        columns: Sequence[Column],
        row_of: Callable[[Item], Row],
        *,
        id: str,  # noqa: A002 as every widget's
        empty: str = "",
        signs: bool = False,
    ) -> None:
        """`row_of` makes the row of an item, on the event loop; `id` is one of its own on the screen."""
        super().__init__(columns, id=id, empty=empty, signs=signs)
        self._row_of = row_of
        self._held: _Held[Item] | None = None
        self._rows: FetchedRows[Item] = FetchedRows(0, row_of, self._wanted)
        self._opened: list[_Held[Item]] = []
        self._is_opening = False
        self._next: Callable[[], None] | None = None
        self._is_fetching = False

    @property
    def item(self) -> Item | None:
        """The item under the cursor; None where there is none or it has not come."""
        return self._rows.item(self.cursor)

    def place_of(self, is_it: Callable[[Item], bool]) -> int | None:
        """Where the first item like that is, of those that have come; None where there is none."""
        items = ((place, self._rows.item(place)) for place in range(self._rows.count()))
        return next((place for place, item in islice(items, PAGE) if item is not None and is_it(item)), None)

    @property
    def is_open(self) -> bool:
        """Whether there is something to show yet, be it nothing."""
        return self._held is not None

    def show_from(
        self,
        opener: Callable[[Watch], ItemTable[Item]],
        *,
        opened: Callable[[int], None],
        failed: Callable[[SupportdeskError], None],
        keep_cursor: bool = True,
        follow: bool = True,
        empty: str | None = None,
    ) -> None:
        """Open another table in a thread and show it when it is there with its first pages; `opened` gets its count.

        `keep_cursor`, `follow` and `empty` as in `show`. One is opened at a time: asked for again meanwhile, only the last is opened after it. What is shown stays till then.
        """

        def begin() -> None:
            self._open(opener, opened, failed, _Showing(keep_cursor, follow, empty))

        if self._is_opening:
            self._next = begin
        else:
            begin()

    def _open(
        self,
        opener: Callable[[Watch], ItemTable[Item]],
        opened: Callable[[int], None],
        failed: Callable[[SupportdeskError], None],
        showing: _Showing,
    ) -> None:
        self._is_opening = True
        near, height = (self.cursor if showing.keep_cursor else 0), self._page_height

        def open_there(watch: Watch) -> tuple[_Held[Item], dict[int, Sequence[Item]]]:
            held = _Held(opener(watch))
            self._opened.append(held)
            last = max(0, held.count - 1)
            first, final = min(max(0, near - height), last), min(near + height, last)
            return held, held.pages(range(first // PAGE, final // PAGE + 1), watch)

        def come(found: tuple[_Held[Item], dict[int, Sequence[Item]]]) -> None:
            held, pages = found
            self._is_opening = False
            if self._next is None:
                self._swap(held, pages, showing)
                opened(held.count)
            self._go_on()

        def not_come(error: SupportdeskError) -> None:
            self._is_opening = False
            if self._next is None:
                failed(error)
            self._go_on()

        self._work("open", open_there, come, failed=not_come)

    def _go_on(self) -> None:
        """Open what was asked for meanwhile."""
        begin, self._next = self._next, None
        if begin is not None:
            begin()

    def _swap(self, held: _Held[Item], pages: dict[int, Sequence[Item]], showing: _Showing) -> None:
        """Show the newly opened table and let go of every other."""
        self._held, self._is_fetching = held, False
        for other in self._opened:
            if other is not held:
                other.let_go()
        self._opened = [held]
        self._rows = FetchedRows(held.count, self._row_of, self._wanted)
        self._rows.take(pages)
        self.show(
            self._rows,
            empty=showing.empty,
            keep_cursor=showing.keep_cursor,
            follow=showing.follow,
        )

    def on_unmount(self) -> None:
        """Let go of everything."""
        for held in self._opened:
            held.let_go()

    # Pages

    def _wanted(self) -> None:
        if not self._is_fetching and self._held is not None:
            self._is_fetching = True
            self.call_later(self._fetch)

    def _fetch(self) -> None:
        """Fetch the pages that are on screen; what was scrolled past meanwhile is not worth it any more."""
        held, rows = self._held, self._rows
        looked_at = {index // PAGE for index in self.visible_rows}
        numbers = sorted(rows.wanted & looked_at) or sorted(rows.wanted)[:1]
        rows.wanted.clear()
        if held is None or not numbers:
            self._is_fetching = False
            return

        def come(pages: dict[int, Sequence[Item]]) -> None:
            if held is self._held:
                rows.take(pages)
                self._is_fetching = False
                self.refresh_rows()
                self.post_message(self.Moved(self))

        def not_come(error: SupportdeskError) -> None:
            if held is self._held:
                self.app.push_screen(ErrorDialog(error, retry=True), self._asked_again)

        self._work("pages", lambda watch: held.pages(numbers, watch), come, failed=not_come)

    def _asked_again(self, wanted: bool | None) -> None:
        """After an error a person tries again, or looks at the gaps."""
        if wanted:
            self._is_fetching = False
            self.refresh_rows()

    def _work(
        self,
        name: str,
        call: Callable[[Watch], Result],
        done: Callable[[Result], None],
        *,
        failed: Callable[[SupportdeskError], None],
    ) -> None:
        cast("DeskScreen[object]", self.screen).work(f"{self.id}.{name}", call, done, failed=failed)
