"""The Orders tab: orders since sync is on, newest first, the lines of one of them, and what each did to Sumtracker's numbers."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.order_list import OrderShow, ShownLine, ShownOrder
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.screens.fetched_rows import FetchedTable, ItemTable
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.order_words import (
    LINE_COLUMNS,
    ORDER_COLUMNS,
    SHOWN,
    line_row,
    note_of,
    nothing,
    order_row,
    said_below,
    summary_line,
)
from supportdesk.screens.overview import OverviewTab
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock_words import zone
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Row, Rows, WindowTable

_SHOWN: Final[tuple[OrderShow, ...]] = tuple(SHOWN)


class OrdersTab(ChannelTab):
    """Orders, and the lines of the one under the cursor."""

    name_in_registry = "orders"
    keeps_place = frozenset({"orders.open"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("orders") + bindings_of("panels")
    DEFAULT_CSS = """
    OrdersTab #orders-list { height: 1fr; min-height: 4; }
    OrdersTab #lines-panel { height: auto; max-height: 50%; width: 1fr; }
    OrdersTab #order-lines { height: auto; max-height: 9; }
    OrdersTab #order-said { height: auto; max-height: 3; width: 1fr; padding: 0 2; color: $muted; }
    OrdersTab.-nothing #lines-panel { display: none; }
    """

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(channel)
        self.add_class("-nothing")
        self.showing: OrderShow = "all"
        self._wanted = ""
        """The name of an order that the next list is opened to go to."""
        self._all: int | None = None
        """How many orders there are without a filter, as far as that was seen."""

    def compose(self) -> ComposeResult:
        """What is shown, the orders, and below them the lines of one."""
        yield FilterLine()
        yield FetchedTable[ShownOrder](ORDER_COLUMNS, self._row, id="orders-list")
        with Vertical(id="lines-panel"):
            yield PanelTitle("", id="order-title")
            yield WindowTable(LINE_COLUMNS, id="order-lines", mark_when_blurred=False)
            yield Static(id="order-said")

    # Parts

    @property
    def filter_line(self) -> FilterLine:
        """What is shown, and the filter."""
        return self.query_one(FilterLine)

    @property
    def table(self) -> FetchedTable[ShownOrder]:
        """The orders."""
        return self.query_one("#orders-list", FetchedTable)

    @property
    def line_table(self) -> WindowTable:
        """The lines of the order under the cursor."""
        return self.query_one("#order-lines", WindowTable)

    @property
    def order(self) -> ShownOrder | None:
        """The order under the cursor."""
        return self.table.item

    @property
    def line(self) -> ShownLine | None:
        """The line under the cursor of the lines."""
        order, key = self.order, self.line_table.row_key
        lines = order.lines if order is not None else ()
        return next((line for line in lines if f"{line.line_id} {line.location_id}" == key), None)

    @property
    def _timezone(self) -> str:
        overview = self.screen.query_one(OverviewTab).overview
        return overview.shop.timezone if overview is not None and overview.shop is not None else "UTC"

    def _row(self, order: ShownOrder) -> Row:
        return order_row(order, zone(self._timezone), self.now)

    # Tab

    def focus_first(self) -> None:
        """The cursor is on the orders."""
        self.table.focus()

    def changed(self) -> None:
        """Read the orders again; the cursor stays on its order."""
        self._open()

    def go(self, where: str) -> None:
        """Show the orders of that filter, or go to the order of that name."""
        is_filter = where in SHOWN
        self.showing = next((each for each in _SHOWN if each == where), "all")
        self._wanted = "" if is_filter else where
        was_filtered = bool(self.filter_line.text)
        self.filter_line.leave(clear=True)
        self.table.focus()
        if not was_filtered:  # else clearing the text opens them
            self._filter_changed()

    def back(self) -> bool:
        """From the lines to the orders; then the text that is filtered by goes, then the filter."""
        line = self.filter_line
        if self.line_table.has_focus:
            pass
        elif line.text or line.is_open:
            line.leave(clear=True)
        elif self.showing != "all":
            self.showing = "all"
            self._open(keep_cursor=False)
        else:
            return False
        self.table.focus()
        return True

    def _open(self, *, keep_cursor: bool = True, wanted: str = "") -> None:
        """Open the orders anew; with `wanted` the cursor goes to the order of that name."""
        doorway, handle = self.doorway, self.channel.handle
        show, text = self.showing, self.filter_line.text
        found: list[int | None] = []
        closed: list[bool] = []

        def opener(_: Watch) -> ItemTable[ShownOrder]:
            table = doorway.open_orders(handle, show=show, text=text)
            closed.extend(order.closed is not None for order in table.window(0, 1))
            if wanted:
                found.append(table.position_of(wanted))
            return table

        def opened(count: int) -> None:
            if show == "all" and not text:
                self._all = count
            said = summary_line(
                count, show, is_on=self.channel.sync == "on", is_closed=bool(closed and closed[-1])
            )
            self.filter_line.describe(said, count, max(count, self._all or 0))
            self.set_class(not count, "-nothing")
            if wanted:
                self._go_to(wanted, found[-1])
            self._show_lines()

        self.table.show_from(
            opener,
            opened=opened,
            failed=self._unopened,
            keep_cursor=keep_cursor,
            empty=nothing(show, is_on=self.channel.sync == "on", text=text),
        )

    def _go_to(self, name: str, position: int | None) -> None:
        if position is None:
            self.app.notify(safe_text(f"The order {name} is not kept here any more."), markup=False)
        elif position != self.table.cursor:
            self.table.action_cursor(position - self.table.cursor)

    def _unopened(self, error: SupportdeskError) -> None:
        """Where the orders cannot be read a person tries again, or goes on with what is shown."""
        if not self.table.is_open:
            self.filter_line.say("The orders could not be read.")
        self.app.push_screen(ErrorDialog(error, retry=True), lambda wanted: self._open() if wanted else None)

    # Drawing

    @on(WindowTable.Moved, "#orders-list")
    def _moved(self) -> None:
        self._show_lines(keep_cursor=False)

    @on(WindowTable.Moved, "#order-lines")
    def _line_moved(self) -> None:
        self._show_said()

    def _show_lines(self, *, keep_cursor: bool = True) -> None:
        """Draw the lines of the order under the cursor."""
        order = self.order
        if order is not None:
            title = self.query_one("#order-title", PanelTitle)
            title.text = order.name
            title.note = note_of(order, zone(self._timezone))
            rows = Rows([line_row(line) for line in order.lines])
            self.line_table.show(rows, empty="It has no lines that hold units.", keep_cursor=keep_cursor)
        self._show_said()
        self.show_footer()

    def _show_said(self) -> None:
        order = self.order
        said = said_below(order, self.line) if order is not None else ""
        self.query_one("#order-said", Static).update(plain(said))

    # What is offered

    def reason_disabled(self, command_id: str) -> str | None:
        """The inspector needs a SKU that the account knows."""
        if command_id == "orders.open":
            if self.order is None:
                return "There is no order here."
            if self.line_table.has_focus and (self.line is None or not self.line.known_sku):
                return "Nothing in this account has this SKU, so there is nothing to look into."
        if command_id == "orders.export" and not self.table.source.count():
            return "There is no order to write."
        return None

    def label_of(self, command: Command) -> str:
        """What enter and esc do where the cursor is."""
        if self.filter_line.is_open and command.id in ("back", "orders.open"):
            return "clear filter" if command.id == "back" else "keep filter"
        if command.id == "orders.open":
            return "look into SKU" if self.line_table.has_focus else "to its lines"
        if command.id == "back" and self.line_table.has_focus:
            return "to the orders"
        if command.id == "back" and self.filter_line.text:
            return "clear filter"
        if command.id == "orders.show":
            return f"show {SHOWN[self._next]}"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU of a line, or the order's name."""
        if self.line_table.has_focus and self.line is not None:
            return "the SKU", self.line.sku
        return ("the order's name", self.order.name) if self.order is not None else ("", "")

    # Commands

    def action_open(self) -> None:
        """To the lines; there, look into the SKU."""
        line = self.line
        if not self.line_table.has_focus:
            self.line_table.focus()
        elif line is not None and line.known_sku:
            self.app.push_screen(
                SkuScreen(self.channel, line.known_sku, self._timezone, warehouse=line.warehouse)
            )
        self.show_footer()

    def action_filter(self) -> None:
        """Type a text to filter by."""
        self.filter_line.open()

    @property
    def _next(self) -> OrderShow:
        here = _SHOWN.index(self.showing) if self.showing in _SHOWN else -1
        return _SHOWN[(here + 1) % len(_SHOWN)]

    def action_show_next(self) -> None:
        """All orders, open ones, those to look at, those from before, in turn."""
        self.showing = self._next
        self._open(keep_cursor=False)

    def action_export(self) -> None:
        """Write the orders that are shown to a file, a line of an order a line."""
        handle, show, text = self.channel.handle, self.showing, self.filter_line.text
        self.save(
            f"the lines of {counted(self.table.source.count(), 'order')}",
            f"{handle}-orders.csv",
            lambda to, watch: self.doorway.save_orders(handle, to, show=show, text=text, watch=watch),
        )

    def action_meaning(self) -> None:
        """Explain the order under the cursor."""
        lines: list[Content] = []
        for paragraph in meaning_of(_subject(self.order)):
            lines += [Content(paragraph), Content("")]
        self.app.push_screen(TextPage("What this means for you", lines[:-1]))

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        wanted, self._wanted = self._wanted, ""
        self._open(keep_cursor=False, wanted=wanted)

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    @on(WindowTable.Opened)
    def _opened(self) -> None:
        self.desk_app.run_command_id("orders.open")

    @on(WindowTable.Edge)
    def _past_the_edge(self, event: WindowTable.Edge) -> None:
        """Up from the first line is the list of orders."""
        event.stop()
        if event.table is self.line_table and event.direction < 0:
            self.table.focus()


def _subject(order: ShownOrder | None) -> str:
    """The name of the meaning that fits an order."""
    if order is None:
        return "orders"
    if "not_found" in order.treatments:
        return "order_not_found"
    if "unlinked" in order.treatments:
        return "order_unlinked"
    return "order_from_before" if order.is_past else "orders"
