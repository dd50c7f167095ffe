"""The list half of the Duplicates tab: groups in their order, the listings of one of them, filters, marks, the preview. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.duplicates import (
    Choice,
    DuplicateGroup,
    DuplicatesSummary,
    GroupDetail,
    GroupFilter,
    GroupListing,
    GroupOrder,
)
from supportdesk.core.progress import Watch
from supportdesk.core.skus import shown_sku
from supportdesk.errors import SupportdeskError, UnknownName
from supportdesk.screens.duplicate_words import (
    GROUP_COLUMNS,
    NOTHING,
    ORDERS,
    RULES,
    SHOWN,
    group_lines,
    group_row,
    is_split,
    listing_columns,
    listing_page,
    listing_row,
    locations_left_out,
    meaning_lines,
    summary_line,
)
from supportdesk.screens.fetched_rows import FetchedTable, ItemTable
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Row, Rows, WindowTable

_BESIDE: Final = 170
"""Columns from which the listings stand beside the groups."""
CHOICES: Final[dict[str, Choice | None]] = {
    "oldest": Choice("shared", "oldest"),
    "lowest": Choice("shared", "lowest"),
    "highest": Choice("shared", "highest"),
    "sum": Choice("shared", "sum"),
    "split": Choice("split"),
    "left_out": Choice("left_out"),
    "clear": None,
}
"""By the second key's command; *this listing* is made of the cursor."""


class DuplicateList(ChannelTab):
    """Groups, and the listings of the one under the cursor."""

    name_in_registry = "duplicates"
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for scope in ("duplicates", "list", "marks", "panels") for binding in bindings_of(scope)
    ]
    DEFAULT_CSS = """
    DuplicateList > #panels { height: 1fr; width: 1fr; layout: vertical; }
    DuplicateList #groups { height: 1fr; min-height: 4; }
    DuplicateList #listings-panel { height: auto; max-height: 60%; width: 1fr; }
    DuplicateList #group-listings { height: auto; max-height: 10; }
    DuplicateList #said { height: auto; max-height: 4; width: 1fr; padding: 0 3; }
    DuplicateList.-nothing #listings-panel { display: none; }
    DuplicateList.-beside > #panels { layout: horizontal; }
    DuplicateList.-beside #groups { width: 5fr; }
    DuplicateList.-beside #listings-panel { width: 4fr; max-height: 100%; height: 1fr; margin-left: 2; }
    DuplicateList.-beside #group-listings { max-height: 60%; }
    """

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(channel)
        self.add_class("-nothing")
        self.summary: DuplicatesSummary | None = None
        self.detail: GroupDetail | None = None
        self.show_only: GroupFilter = "all"
        self.came_for: GroupFilter = "all"
        """What it was opened to show: esc does not clear that."""
        self.order: GroupOrder = "worst"
        self.descending: bool | None = None
        self.marked: dict[str, DuplicateGroup] = {}
        self._preview: str | None = None
        self.busy = ""
        """Why nothing can be changed at this moment: a change is being made."""
        self._is_reading_detail = False
        self._stays = False
        self._sought: Callable[[DuplicateGroup], bool] | None = None
        """The group that somebody was sent here for, until the cursor is on it."""
        self._asks_new_skus = False

    def compose(self) -> ComposeResult:
        """Counts and filter, groups, and the listings of one below them or beside."""
        yield FilterLine()
        with Widget(id="panels"):
            yield FetchedTable[DuplicateGroup](GROUP_COLUMNS, self._row, id="groups", signs=True)
            with Vertical(id="listings-panel"):
                yield PanelTitle("", id="group-title")
                yield WindowTable((), id="group-listings", signs=True, mark_when_blurred=True)
                yield Static(id="said")

    # Parts

    @property
    def table(self) -> FetchedTable[DuplicateGroup]:
        """The groups."""
        return self.query_one("#groups", FetchedTable)

    @property
    def listing_table(self) -> WindowTable:
        """The listings of the group under the cursor."""
        return self.query_one("#group-listings", WindowTable)

    @property
    def filter_line(self) -> FilterLine:
        """Counts and filter."""
        return self.query_one(FilterLine)

    @property
    def group(self) -> DuplicateGroup | None:
        """The group under the cursor."""
        return self.table.item

    @property
    def listing(self) -> GroupListing | None:
        """The listing under the cursor of the listings; None while they are those of another group than the cursor's."""
        detail, group = self.detail, self.group
        if detail is None or group is None or detail.group.sku != group.sku:
            return None
        key = self.listing_table.row_key
        return next((listing for listing in detail.listings if listing.listing == key), None)

    @property
    def shows_notes(self) -> bool:
        """Whether agents' notes may be seen."""
        return not self.desk_app.presenter

    # Reading

    def focus_first(self) -> None:
        """The cursor is on the groups."""
        self.table.focus()

    def changed(self) -> None:
        """Read the groups again; the cursor stays on its group."""
        self.read(keep_cursor=True)

    def go(self, where: str) -> None:
        """Show only the groups to decide, or those that disagree."""
        for name in SHOWN:
            if name == where:
                self.show_only = name
                self.read(keep_cursor=False)

    def begin_at(self, where: str) -> None:
        """Show only those, as long as somebody is here; the cursor on the SKU after `=`, or on the first group that is split."""
        name, _, sku = where.partition("=")
        if sku:
            self._sought = lambda group: group.sku == sku
        elif name == "split":
            self._sought, self._asks_new_skus = is_split, True
        self.go("to_decide" if name == "split" else name)
        self.came_for = self.show_only

    def _to_sought(self) -> None:
        """Put the cursor on the group that somebody was sent here for."""
        if self._sought is not None and (place := self.table.place_of(self._sought)) is not None:
            self.table.action_cursor(place - self.table.cursor)
        self._sought = None

    def come_for_new_skus(self) -> None:
        """Ask for the SKUs that somebody was sent here for; the list itself changes nothing."""

    def read(self, *, keep_cursor: bool, follow: bool = True) -> None:
        """Open the groups anew; with `follow` the cursor stays on its group, without at its place in the list."""
        self._stays = self._stays or not follow
        doorway, handle, text = self.doorway, self.channel.handle, self.filter_line.text
        show, order, descending = self.show_only, self.order, self.descending
        found: list[DuplicatesSummary] = []

        def opener(_: Watch) -> ItemTable[DuplicateGroup]:
            found.append(doorway.duplicates_summary(handle))
            return doorway.open_duplicates(handle, show=show, text=text, order=order, descending=descending)

        def opened(count: int) -> None:
            self._stays = False
            self.summary = found[-1]
            self._to_sought()
            self.describe()
            self._show_group(again=True)

        self.table.show_from(
            opener,
            opened=opened,
            failed=self._unread,
            keep_cursor=keep_cursor,
            follow=not self._stays,
            empty="No group matches the filter." if text else NOTHING[show],
        )

    def _unread(self, error: SupportdeskError) -> None:
        if not self.table.is_open:
            self.filter_line.say("The groups could not be read.")
        self.app.push_screen(
            ErrorDialog(error, retry=True), lambda wanted: self.changed() if wanted else None
        )

    def describe(self) -> None:
        """The first line: counts, what is shown, how many are marked."""
        if self.summary is not None:
            words = summary_line(self.summary, self.show_only, self.order, len(self.marked))
            self.filter_line.describe(words, self.table.source.count(), self.summary.groups)
        self.set_class(self.table.source.count() == 0, "-nothing")
        self.show_footer()

    def _row(self, group: DuplicateGroup) -> Row:
        return group_row(group, group.sku in self.marked)

    @on(WindowTable.Moved, "#groups")
    def _moved(self) -> None:
        self._show_group()

    @on(WindowTable.Moved, "#group-listings")
    def _listing_moved(self) -> None:
        if self._preview == "listing":
            self.show_listings()

    def _show_group(self, *, again: bool = False) -> None:
        """Read the listings of the group under the cursor, one reading at a time; the last one asked for is what stays."""
        group = self.group
        if group is None or self._is_reading_detail:
            return
        if not again and self.detail is not None and self.detail.group.sku == group.sku:
            return
        self._is_reading_detail = True
        doorway, handle, sku = self.doorway, self.channel.handle, group.sku

        def read(_: Watch) -> GroupDetail | None:
            try:
                return doorway.duplicate_group(handle, sku)
            except UnknownName:  # a reload took it away; the list is about to be read again
                return None

        def ended(detail: GroupDetail | None) -> None:
            self._is_reading_detail = False
            if detail is not None:
                same = self.detail is not None and self.detail.group.sku == sku
                self.detail = detail
                self.show_listings(keep_cursor=same)
                if self._asks_new_skus and is_split(detail.group):
                    self._asks_new_skus = False
                    self.come_for_new_skus()
            if self.group is not None and self.group.sku != sku:
                self._show_group()
            self.show_footer()

        def failed(error: SupportdeskError) -> None:
            self._is_reading_detail = False
            self.desk_screen.show_error(error)

        self.work("group", read, ended, failed=failed)

    def show_listings(self, *, keep_cursor: bool = True) -> None:
        """Draw the listings of the group that was read, with what the choice looked at would change."""
        detail = self.detail
        if detail is None:
            return
        choice = self.choice_looked_at(detail)
        title = self.query_one("#group-title", PanelTitle)
        title.text = shown_sku(detail.group.sku)
        room = self.size.width
        width = (room * 4 // 9 if room >= _BESIDE else room) - 6
        columns = listing_columns(detail, choice, width)
        title.note = self.busy or detail.group.title
        left_out = locations_left_out(columns, detail, width)
        if left_out and not self.busy:
            title.note += f" · {counted(left_out, 'more location')}"
        self.listing_table.set_columns(columns)
        self.listing_table.show(
            Rows([listing_row(line, detail, choice) for line in detail.listings]), keep_cursor=keep_cursor
        )
        lines = group_lines(detail, self.now, with_note=self.shows_notes)
        self.query_one("#said", Static).update(Content("\n").join(lines))
        self.query_one("#said").display = bool(lines)

    def choice_looked_at(self, detail: GroupDetail) -> Choice:
        """The choice whose changes are shown: the previewed one, else the one decided, else the oldest's count."""
        if self._preview == "listing" and (key := self.listing_table.row_key):
            return Choice("shared", "listing", key)
        previewed = CHOICES.get(self._preview or "")
        decided = detail.group.decision
        return previewed or (decided.choice if decided is not None else Choice("shared", "oldest"))

    def presenter_changed(self) -> None:
        """Hide or show notes."""
        if self.is_mounted:
            self.show_listings()

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room; columns by the width."""
        self.set_class(event.size.width >= _BESIDE, "-beside")
        self.show_listings()

    def label_of(self, command: Command) -> str:
        """Enter goes to the listings, and there shows one."""
        if isinstance(self.screen.focused, Input):
            return "clear filter" if command.id == "back" else command.label
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU, or the listing's name."""
        if self.listing_table.has_focus and self.listing is not None:
            return "the listing", self.listing.listing
        return "the SKU", self.group.sku if self.group else ""

    def back(self) -> bool:
        """From the listings to the groups; then the marks go, then the filter."""
        if self.filter_line.is_open:
            self.filter_line.leave(clear=True)
        elif self.listing_table.has_focus:
            pass
        elif self.marked:
            self._unmark()
        elif self.filter_line.text:
            self.filter_line.leave(clear=True)
        elif self.show_only not in ("all", self.came_for):
            self.show_only = self.came_for
            self.read(keep_cursor=True)
        else:
            return False
        self.table.focus()
        return True

    # The list

    def action_filter(self) -> None:
        """Type a text to filter by."""
        self.filter_line.open()

    def action_show_next(self) -> None:
        """All, to decide, disagreeing, in turn."""
        names = list(SHOWN)
        self.show_only = names[(names.index(self.show_only) + 1) % len(names)]
        self.read(keep_cursor=False)

    def action_sort(self) -> None:
        """By the next column."""
        names = list(ORDERS)
        self.order = names[(names.index(self.order) + 1) % len(names)]
        self.descending = None
        self.read(keep_cursor=False)

    def action_reverse(self) -> None:
        """The other way round."""
        usual = self.order not in ("worst", "sku")
        self.descending = not (usual if self.descending is None else self.descending)
        self.read(keep_cursor=False)

    def action_export(self) -> None:
        """Write the groups that are shown to a file."""
        handle, notes, order = self.channel.handle, self.shows_notes, self.order
        show, text = self.show_only, self.filter_line.text
        count = counted(self.table.source.count(), "group")
        self.save(
            f"{count} with {'decisions and notes' if notes else 'decisions'}",
            f"{handle}-duplicates.csv",
            lambda to, watch: self.doorway.save_duplicates(
                handle, to, show=show, text=text, order=order, notes=notes, watch=watch
            ),
        )

    def action_mark(self) -> None:
        """Mark the group under the cursor or take its mark away, and go on to the next."""
        group = self.group
        if group is None:
            return
        if group.sku in self.marked:
            del self.marked[group.sku]
        else:
            self.marked[group.sku] = group
        self.table.refresh_rows()
        self.table.action_cursor(1)
        self.describe()

    def _unmark(self) -> None:
        self.marked.clear()
        self.table.refresh_rows()
        self.describe()

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self.read(keep_cursor=False)

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    @on(WindowTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    @on(WindowTable.Edge, "#group-listings")
    def _past_the_edge(self, event: WindowTable.Edge) -> None:
        """Up from the first listing is the list of groups."""
        event.stop()
        if event.direction < 0:
            self.table.focus()

    def action_open(self) -> None:
        """To the listings; there, one listing whole."""
        if not self.listing_table.has_focus:
            self.listing_table.focus()
        elif self.listing is not None and self.detail is not None:
            lines = listing_page(self.listing, self.detail, self.choice_looked_at(self.detail))
            self.app.push_screen(TextPage("Listing", lines))

    def action_preview(self) -> None:
        """Show what the next choice would change."""
        turns = [*RULES, "listing"]
        here = turns.index(self._preview) if self._preview in turns else -1
        if here == -1 and self.detail is not None:
            looked_at = self.choice_looked_at(self.detail).counts_of
            here = turns.index(looked_at) if looked_at in turns else -1
        self._preview = turns[(here + 1) % len(turns)]
        self.show_listings()

    def action_meaning(self) -> None:
        """The group in words fit for the merchant."""
        if self.detail is not None:
            lines: list[Content] = []
            for paragraph in meaning_lines(self.detail):
                lines += [plain(paragraph), Content("")]
            self.app.push_screen(TextPage("What this means for you", lines[:-1]))
