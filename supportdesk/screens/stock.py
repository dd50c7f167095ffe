"""The Stock tab: every row of the channel, what the store shows there and what the ledger would show, and where the two differ."""

from __future__ import annotations

from typing import ClassVar, Final, get_args

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer

from supportdesk.commands import Command
from supportdesk.core.bundles import BundleChanged
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import StockFilter, StockOrder, StockRow
from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.screens.bundles import BundleDialog
from supportdesk.screens.fetched_rows import FetchedTable
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.overview import OverviewTab
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock_words import FILTER_WORDS, ORDER_WORDS, difference
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.table import Column, Row, Toned, WindowTable

ROOMY: Final = 150
"""Columns of the terminal from which SKUs and locations get more room."""
USUAL: Final = 80
"""Columns of the terminal below which they get less, so that the numbers are seen whole."""


def columns_for(width: int) -> tuple[Column, ...]:
    """The table's columns for a terminal that wide."""
    sku, location = (30, 22) if width >= ROOMY else (18, 12) if width >= USUAL else (12, 9)
    return (
        Column("SKU", sku, keeps_end=True),
        Column("product", minimum=12 if width >= USUAL else 4),
        Column("variant", 18, priority=3),
        Column("location", location),
        Column("warehouse", 10, priority=1),
        Column("store", 7, right=True),
        Column("ledger", 7, right=True),
        Column("difference", 10),
        Column("master", 10, priority=2),
    )


WAIT_UNSAID: Final = 0.3
"""Seconds that reading may take before it is said."""
_FILTERS: Final[tuple[StockFilter, ...]] = tuple(FILTER_WORDS)
_ORDERS: Final[tuple[StockOrder, ...]] = tuple(ORDER_WORDS)


class StockTab(ChannelTab):
    """Rows of inventory item × location."""

    name_in_registry = "stock"
    keeps_place = frozenset({"stock.inspect"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("stock") + bindings_of("list")

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(channel)
        self.order: StockOrder = "sku"
        self.descending = False
        self.showing: StockFilter = "all"
        self._wait: Timer | None = None
        self._all: int | None = None
        """How many rows there are without a filter, as far as that was seen."""

    def compose(self) -> ComposeResult:
        """What is shown, then the rows."""
        yield FilterLine()
        yield FetchedTable[StockRow](columns_for(0), row_of, id="stock-rows")

    @property
    def filter_line(self) -> FilterLine:
        """What is shown, and the filter."""
        return self.query_one(FilterLine)

    @property
    def table(self) -> FetchedTable[StockRow]:
        """The rows."""
        return self.query_one("#stock-rows", FetchedTable)

    @property
    def row(self) -> StockRow | None:
        """The row under the cursor."""
        return self.table.item

    def on_resize(self, event: events.Resize) -> None:
        """More room for SKUs where there is some."""
        self.table.set_columns(columns_for(event.size.width))
        self.table.refresh_rows()

    # Tab

    def focus_first(self) -> None:
        """The cursor is on the rows."""
        self.table.focus()

    def changed(self) -> None:
        """Open the rows again."""
        self._open()

    def go(self, where: str) -> None:
        """Show the rows of that filter."""
        if where in get_args(StockFilter):
            self.filter_line.leave(clear=True)
            self.showing = next(each for each in _FILTERS if each == where)
            self.table.focus()
            self._open(keep_cursor=False)

    def back(self) -> bool:
        """Clear the text that is filtered by, then the filter."""
        line = self.filter_line
        if line.text or line.is_open:
            line.leave(clear=True)
            self.table.focus()
            return True
        if self.showing != "all":
            self.showing = "all"
            self._open(keep_cursor=False)
            return True
        return False

    def _open(self, *, keep_cursor: bool = True) -> None:
        handle, order, descending = self.channel.handle, self.order, self.descending
        show, text = self.showing, self.filter_line.text
        self._wait_no_more()
        self._wait = self.set_timer(WAIT_UNSAID, self._say_wait)

        def opened(count: int) -> None:
            self._wait_no_more()
            if show == "all" and not text:
                self._all = count
            self._describe(count)
            self.show_footer()

        self.table.show_from(
            lambda _: self.doorway.open_stock(
                handle, order=order, descending=descending, show=show, text=text
            ),
            opened=opened,
            failed=self._unopened,
            keep_cursor=keep_cursor,
            empty="Nothing is stocked in the store."
            if show == "all" and not text
            else "No row is like that.",
        )

    def _say_wait(self) -> None:
        """A million rows take some seconds to sort: say so, and leave what is shown."""
        count = self.table.source.count()
        words = f"Reading {FILTER_WORDS[self.showing]} rows by {ORDER_WORDS[self.order]} …"
        self.filter_line.describe(words, count, max(count, self._all or 0))

    def _wait_no_more(self) -> None:
        if self._wait is not None:
            self._wait.stop()

    def _unopened(self, error: SupportdeskError) -> None:
        """Where the rows cannot be read a person tries again, or goes on with what is shown."""
        self._wait_no_more()
        if self.table.is_open:
            self._describe(self.table.source.count())
        else:
            self.filter_line.describe("The rows could not be read.", 0, 0)
        self.app.push_screen(ErrorDialog(error, retry=True), lambda wanted: self._open() if wanted else None)

    def _describe(self, count: int) -> None:
        what = {
            "all": counted(count, "row"),
            "differ": f"{counted(count, 'row')} that {'differs' if count == 1 else 'differ'}",
            "unlinked": f"{counted(count, 'row')} at unlinked locations",
            "negative": f"{counted(count, 'row')} below zero",
            "out_of_scope": f"{counted(count, 'row')} left out of sync",
            "sells_when_out": f"{counted(count, 'row')} that {'sells' if count == 1 else 'sell'} when out of stock",
        }[self.showing]
        direction = " backwards" if self.descending else ""
        of = max(count, self._all or 0)
        self.filter_line.describe(f"{what} · by {ORDER_WORDS[self.order]}{direction}", count, of)

    def reason_disabled(self, command_id: str) -> str | None:
        """The inspector needs a SKU."""
        if command_id == "stock.bundle" and self.is_read_only:
            return "supportdesk was started read-only, so it changes no bundle."
        if command_id in ("stock.inspect", "stock.bundle"):
            if self.row is None:
                return "There is no row to look into."
            if not self.row.sku:
                return "This listing has no SKU, so Sumtracker knows nothing of it."
        return None

    def label_of(self, command: Command) -> str:
        """Say what esc and enter do while there is a filter."""
        if command.id == "back" and (self.filter_line.text or self.filter_line.is_open):
            return "clear filter"
        if command.id == "stock.inspect" and self.filter_line.is_open:
            return "keep filter"
        if command.id == "list.show":
            return f"show {FILTER_WORDS[self._next_filter]}"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU."""
        return ("the SKU", self.row.sku) if self.row is not None else ("", "")

    # Commands

    def action_inspect(self) -> None:
        """Look into the SKU under the cursor."""
        row = self.row
        if row is not None:
            overview = self.screen.query_one(OverviewTab).overview
            timezone = overview.shop.timezone if overview is not None and overview.shop is not None else "UTC"
            self.app.push_screen(SkuScreen(self.channel, row.sku, timezone, warehouse=row.warehouse))

    def action_bundle(self) -> None:
        """Say what the SKU under the cursor is made of."""
        if self.row is not None:
            dialog = BundleDialog(self.doorway, self.channel.account, self.row.sku)
            self.app.push_screen(dialog, self._bundled)

    def _bundled(self, changed: BundleChanged | None) -> None:
        if changed is not None:
            self.app.notify(safe_text(changed.text), markup=False)
            self._open()

    def action_filter(self) -> None:
        """Type a text to filter by."""
        self.filter_line.open()

    @property
    def _next_filter(self) -> StockFilter:
        return _FILTERS[(_FILTERS.index(self.showing) + 1) % len(_FILTERS)]

    def action_show_next(self) -> None:
        """All rows, or some of them, in turn."""
        self.showing = self._next_filter
        self._open(keep_cursor=False)

    def action_sort(self) -> None:
        """Another order."""
        self.order = _ORDERS[(_ORDERS.index(self.order) + 1) % len(_ORDERS)]
        self._open(keep_cursor=False)

    def action_reverse(self) -> None:
        """The other way round."""
        self.descending = not self.descending
        self._open(keep_cursor=False)

    def action_export(self) -> None:
        """Write the rows that are shown to a file."""
        handle, order, descending = self.channel.handle, self.order, self.descending
        show, text = self.showing, self.filter_line.text
        self.save(
            counted(self.table.source.count(), "row"),
            f"{handle}-stock.csv",
            lambda to, watch: self.doorway.save_stock(
                handle, to, order=order, descending=descending, show=show, text=text, watch=watch
            ),
        )

    def action_load(self) -> None:
        """Read the store again."""
        self.post_message(self.LoadWanted())

    def action_meaning(self) -> None:
        """Explain the row under the cursor."""
        lines: list[Content] = []
        for paragraph in meaning_of(_subject(self.row)):
            lines += [Content(paragraph), Content("")]
        self.app.push_screen(TextPage("What this means for you", lines[:-1]))

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self._open(keep_cursor=False)

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    @on(WindowTable.Opened)
    def _row_opened(self) -> None:
        self.desk_app.run_command_id("stock.inspect")


def row_of(row: StockRow) -> Row:
    """A row as a line."""
    differs = difference(row.store, row.ledger, linked=bool(row.warehouse), left_out=row.left_out)
    return Row(
        f"{row.location_id} {row.listing}",
        (
            shown_sku(row.sku) or None,
            row.title,
            row.variant_title,
            row.location,
            row.warehouse or Toned("unlinked", "muted"),
            row.store,
            row.ledger,
            differs,
            row.master.capitalize() or None,
        ),
        "muted" if row.left_out is not None else "",
    )


def _subject(row: StockRow | None) -> str:
    """The name of the meaning that fits a row."""
    if row is None:
        return "stock"
    if row.left_out is not None:
        return row.left_out
    if not row.warehouse:
        return "unlinked"
    if row.store is not None and row.store < 0:
        return "negative"
    return "never_counted" if row.ledger is None else "stock"
