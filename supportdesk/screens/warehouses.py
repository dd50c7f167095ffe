"""The Warehouses tab: which location belongs to which warehouse, who is master there, and what is to be said of the pairs.

Draws a `ConnectionsView` and asks the desk for changes; what may be linked and what fits, the desk says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.connections import ConnectionsView, Finding, LocationLine, Master, Warehouse
from supportdesk.core.imports import Imported
from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError
from supportdesk.screens.connection_words import (
    LINE_COLUMNS,
    MASTER_WORDS,
    NO_LOCATION,
    as_check,
    counts_line,
    detail_lines,
    line_row,
    name_of,
    place_words,
    subject_of,
    swapped_words,
    why_not_linkable,
)
from supportdesk.screens.import_form import ImportDialog, imported_lines
from supportdesk.screens.link import LinkDialog, WarehouseDialog, master_question, unlink_question
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.plan_review import PlanReviewScreen
from supportdesk.screens.plan_words import Wanted
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import CheckList, PanelTitle
from supportdesk.widgets.dialogs import TextPage
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Rows, WindowTable

if TYPE_CHECKING:
    from supportdesk.screens.channel import ChannelScreen

_CHANGES: Final = frozenset(
    {"link", "unlink", "master", "swap", "accept", "accept_all", "new_warehouse", "import"}
)
_NO_WAREHOUSE: Final = "No warehouse yet: w makes one, i imports them."
_SAVING: Final = "The change before is still being saved."


class WarehousesTab(ChannelTab):
    """Locations and their warehouses."""

    name_in_registry = "warehouses"
    keeps_place = frozenset({"warehouses.link", "warehouses.unlink", "warehouses.master"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("warehouses") + bindings_of("panels")
    DEFAULT_CSS = """
    WarehousesTab > #counts { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    WarehousesTab > #columns { height: 1fr; width: 1fr; layout: vertical; padding: 0 1; }
    WarehousesTab #locations { height: auto; max-height: 9; }
    WarehousesTab #right { height: 1fr; width: 1fr; }
    WarehousesTab #findings-scroll { height: auto; max-height: 50%; scrollbar-size-vertical: 1; }
    WarehousesTab #detail-scroll { height: 1fr; scrollbar-size-vertical: 1; }
    WarehousesTab #detail { height: auto; width: 1fr; padding: 0 2; }
    """

    view: ConnectionsView | None = None
    _saving = False

    def compose(self) -> ComposeResult:
        """Counts; locations; findings and what is known of the location under the cursor below, or beside them."""
        yield Static(id="counts")
        with Vertical(id="columns"):
            yield WindowTable(LINE_COLUMNS, id="locations")
            with Vertical(id="right"):
                yield PanelTitle("Findings", id="findings-title")
                with VerticalScroll(id="findings-scroll", can_focus=False):
                    yield CheckList(id="findings")
                yield PanelTitle("", id="detail-title")
                with VerticalScroll(id="detail-scroll", can_focus=False):
                    yield Static(id="detail")

    # Parts

    @property
    def table(self) -> WindowTable:
        """The locations."""
        return self.query_one("#locations", WindowTable)

    @property
    def finding_list(self) -> CheckList:
        """The findings."""
        return self.query_one("#findings", CheckList)

    @property
    def line(self) -> LocationLine | None:
        """The location under the cursor."""
        key = self.table.row_key
        if self.view is None or key is None:
            return None
        return next((line for line in self.view.lines if str(line.location.id) == key), None)

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor, while the findings have the focus."""
        if self.view is None or not self.finding_list.has_focus or not self.view.findings:
            return None
        return self.view.findings[min(self.finding_list.cursor, len(self.view.findings) - 1)]

    def _crossed(self) -> Finding | None:
        """The crossed pair a swap is about: the finding at hand, else that of the location at hand, else the only one."""
        if self.view is None:
            return None
        crossed = [
            finding
            for finding in self.view.findings
            if finding.id == "crossed" and len(finding.location_ids) == 2
        ]
        if self.finding in crossed:
            return self.finding
        line = self.line
        here = [
            finding for finding in crossed if line is not None and line.location.id in finding.location_ids
        ]
        return here[0] if here else crossed[0] if len(crossed) == 1 else None

    # Tab

    def focus_first(self) -> None:
        """The cursor is on the locations."""
        self.table.focus()

    def changed(self) -> None:
        """Read the connections again."""
        handle = self.channel.handle
        self.work(
            "read", lambda watch: self.doorway.connections(handle, watch), self.show, failed=self._unread
        )

    def _unread(self, error: SupportdeskError) -> None:
        if self.view is None:
            self.query_one("#counts", Static).update(
                Content.styled("The locations could not be read.", "$blocked")
            )
        self.desk_screen.show_error(error)

    def show(self, view: ConnectionsView) -> None:
        """Draw other connections; the cursors stay where they are."""
        self.view = view
        nothing = () if view.warehouses else ((f"{_NO_WAREHOUSE} · ", "$warned"),)
        self.query_one("#counts", Static).update(Content.assemble(*nothing, counts_line(view)))
        marked = {location_id for finding in view.findings for location_id in finding.location_ids}
        self.table.show(
            Rows([line_row(line, line.location.id in marked) for line in view.lines]),
            empty="The store has no location, so there is nothing to link.",
        )
        self.finding_list.checks = tuple(as_check(finding) for finding in view.findings)
        self.query_one("#findings-title", PanelTitle).note = (
            counted(len(view.findings), "finding") if view.findings else "nothing to say"
        )
        self._show_detail()
        self.show_footer()

    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self._show_detail()

    @on(CheckList.Moved)
    def _finding_moved(self) -> None:
        """The locations follow the finding the cursor is on."""
        if self.finding is not None and self.finding.location_ids:
            self._to_location(self.finding.location_ids[0])

    def _to_location(self, location_id: int) -> None:
        if self.view is None:
            return
        places = [line.location.id for line in self.view.lines]
        if location_id in places:
            self.table.action_cursor(places.index(location_id) - self.table.cursor)
            self._show_detail()

    def _show_detail(self) -> None:
        line = self.line
        if line is None or self.view is None:
            title, lines = "", [] if self.view is None else [Content(NO_LOCATION)]
        else:
            title, lines = line.location.name, detail_lines(line, self.view, crossed=self._crossed())
        self.query_one("#detail-title", PanelTitle).text = title
        self.query_one("#detail", Static).update(Content("\n").join(lines))

    def reason_disabled(self, command_id: str) -> str | None:
        """Why a command does not fit the location under the cursor."""
        name = command_id.removeprefix("warehouses.")
        if name in _CHANGES and self.is_read_only:
            return "supportdesk was started read-only, so it changes nothing."
        if name in _CHANGES and self._saving:
            return _SAVING
        if name in _CHANGES and self.view is None:
            return "The locations have not been read yet."
        line = self.line
        if self.is_on and name in ("swap", "accept", "accept_all"):
            return "Sync is on: enter on a location that is not linked plans a link, t another master."
        linked = line is not None and line.connection is not None and line.connection.warehouse is not None
        if self.is_on and name == "link" and self.finding is None and linked:
            return "It is linked, and sync is on: u takes it out first."
        match name:
            case "link" if self.finding is not None:
                return self._why_not_there(self.finding)
            case "unlink" if line is not None and line.connection is not None and line.connection.warehouse:
                return None
            case "link" | "unlink":
                return why_not_linkable(line)
            case "master" if line is None or line.connection is None or line.connection.warehouse is None:
                return "Only a linked location has a master."
            case "swap" if self._crossed() is None:
                return "No pair looks crossed."
            case "accept" if line is None or line.suggested is None:
                return "Nothing is suggested for this location."
            case "accept" if self._is_crossed(line):
                return "This pair is crossed: s swaps both at once."
            case "accept_all" if not self._suggested():
                return "No location that is still to be answered has a warehouse that fits."
        return None

    def _why_not_there(self, finding: Finding) -> str | None:
        """Why enter leads to no location from that finding; None where it does."""
        there = {line.location.id for line in self.view.lines} if self.view is not None else set()
        if not finding.location_ids:
            return "This line is about no location of this store."
        return None if there & set(finding.location_ids) else "That location is no longer in the store."

    def _is_crossed(self, line: LocationLine | None) -> bool:
        crossed = self._crossed()
        return crossed is not None and line is not None and line.location.id in crossed.location_ids

    def _suggested(self) -> list[LocationLine]:
        """Locations nothing was said of yet that have a suggestion."""
        lines = self.view.lines if self.view is not None else ()
        return [line for line in lines if line.suggested is not None and line.connection is None]

    def label_of(self, command: Command) -> str:
        """Say what unlinking and enter would do here."""
        connection = self.line.connection if self.line is not None else None
        if command.id == "warehouses.unlink" and connection is not None and connection.warehouse is None:
            return "take back"
        if command.id == "warehouses.link" and self.finding is not None:
            return "go there"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The finding or the location's name."""
        if self.finding is not None:
            return "the finding", self.finding.text
        return ("the location's name", self.line.location.name) if self.line else ("", "")

    # Commands

    def _change(
        self,
        call: Callable[[Watch], ConnectionsView],
        said: Callable[[ConnectionsView], str],
    ) -> None:
        """Ask for a change and draw what came of it; after a refusal or another's change look again."""
        self._saving = True

        def done(view: ConnectionsView) -> None:
            self._saving = False
            self.show(view)
            self.app.notify(said(view), markup=False)

        def failed(error: SupportdeskError) -> None:
            self._saving = False
            self.desk_screen.show_error(error)
            self.changed()

        self.work("change", call, done, failed=failed)

    def action_link(self) -> None:
        """Choose the warehouse of the location under the cursor; on a finding, go to its location."""
        if self.finding is not None:
            self.table.focus()
        elif self.line is not None and self.view is not None:
            dialog = LinkDialog(
                *(self.doorway, self.channel.handle, self.channel.account, self.view, self.line),
                plans=self.is_on,
            )
            self.app.push_screen(
                dialog, lambda view: self._chosen(dialog) if self.is_on else self._linked(view)
            )

    @property
    def is_on(self) -> bool:
        """Whether the channel is synced, so that what is linked changes by a plan."""
        return self.channel.sync == "on"

    def _chosen(self, dialog: LinkDialog) -> None:
        """Have a plan made of what was chosen for a location of a channel that is on."""
        if dialog.planned is not None:
            warehouse_id, master, shares = dialog.planned
            place = dialog.line.location
            self._plan(
                Wanted(
                    "link",
                    place.id,
                    place.name,
                    str(warehouse_id),
                    master,
                    shares=shares and master == "sumtracker",
                )
            )

    def _plan(self, wanted: Wanted) -> None:
        page = PlanReviewScreen(self.channel, wanted, cast("ChannelScreen", self.desk_screen).timezone)
        self.app.push_screen(page, lambda _: self.changed())

    def _linked(self, view: ConnectionsView | None) -> None:
        if view is None:
            self.changed()
            return
        self.show(view)
        if (line := self.line) is not None and line.connection is not None and line.connection.warehouse:
            self.app.notify(
                f"{name_of(line)} is linked to {plain(place_words(line.connection.warehouse)).plain}.",
                markup=False,
            )

    def action_unlink(self) -> None:
        """Leave the location unlinked; where it is linked, after asking; where that was said already, take it back."""
        line = self.line
        if line is None:
            return
        connection, location_id = line.connection, line.location.id
        seen = connection.revision if connection is not None else 0
        handle, name = self.channel.handle, name_of(line)

        def unlink(stay: bool, said: str) -> None:
            self._change(
                lambda _: self.doorway.unlink(handle, location_id, stay=stay, seen=seen), lambda _view: said
            )

        if connection is not None and connection.warehouse is None:
            unlink(False, f"{name}: nothing is said any more.")
        elif connection is None or connection.warehouse is None:
            unlink(True, f"{name} stays unlinked; u takes that back.")
        else:
            self.app.push_screen(
                unlink_question(line.location.name, connection.warehouse),
                lambda yes: unlink(True, f"{name} stays unlinked.") if yes else None,
            )

    def action_master(self) -> None:
        """Make the other one master, after saying what that means; one that may not be is refused before it is asked."""
        line = self.line
        if line is None or line.connection is None or line.connection.master is None:
            return
        master: Master = "shopify" if line.connection.master == "sumtracker" else "sumtracker"
        if self.is_on:
            self._plan(Wanted("direction", line.location.id, line.location.name, master=master))
            return
        handle, location_id, seen = self.channel.handle, line.location.id, line.connection.revision
        said = f"{MASTER_WORDS[master]} is master at {name_of(line)}."

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(
                    lambda _: self.doorway.set_master(handle, location_id, master, seen=seen),
                    lambda _view: said,
                )

        question = master_question(line.location.name, master)

        def ask(_: None) -> None:
            if self.desk_screen.is_current:
                self.app.push_screen(question, answered)

        def failed(error: SupportdeskError) -> None:
            self.desk_screen.show_error(error)
            self.changed()

        self.work(
            "judge",
            lambda _: self.doorway.judge_master(handle, location_id, master, seen=seen),
            ask,
            failed=failed,
        )

    def action_swap(self) -> None:
        """Swap the warehouses of a crossed pair."""
        crossed = self._crossed()
        if crossed is None or self.view is None:
            return
        lines = {line.location.id: line for line in self.view.lines}
        first, second = (lines[location_id] for location_id in crossed.location_ids)
        seen = {
            line.location.id: line.connection.revision
            for line in (first, second)
            if line.connection is not None
        }
        handle = self.channel.handle
        self._change(
            lambda _: self.doorway.swap(handle, first.location.id, second.location.id, seen=seen),
            lambda view: swapped_words((first, second), view),
        )

    def action_accept(self) -> None:
        """Link the location under the cursor as suggested."""
        line = self.line
        if line is None or line.suggested is None:
            return
        handle, location_id, warehouse_id = self.channel.handle, line.location.id, line.suggested.warehouse_id
        connection = line.connection
        seen = connection.revision if connection is not None else 0
        self._change(
            lambda _: self.doorway.link(
                handle,
                location_id,
                warehouse_id,
                master=(connection.master if connection else None) or "sumtracker",
                counts=None,
                insist=False,
                seen=seen,
            ),
            lambda _view: f"{name_of(line)} is linked as suggested.",
        )

    def action_accept_all(self) -> None:
        """Link every location nothing was said of yet as suggested."""
        handle, accepted = self.channel.handle, list[int]()

        def accept(watch: Watch) -> ConnectionsView:
            accepted.append(self.doorway.accept_suggestions(handle))
            return self.doorway.connections(handle, watch)

        self._change(accept, lambda _view: f"{counted(sum(accepted), 'location')} linked as suggested.")

    def action_new_warehouse(self) -> None:
        """Make a warehouse."""
        self.app.push_screen(WarehouseDialog(self.doorway, self.channel.account), self._made)

    def _made(self, warehouse: Warehouse | None) -> None:
        if warehouse is not None:
            self.app.notify(
                f"{plain(place_words(warehouse)).plain} is there now; enter on a location links it.",
                markup=False,
            )
        self.changed()

    def action_import(self) -> None:
        """Bring warehouses, bundles and stock in."""
        self.app.push_screen(ImportDialog(self.doorway, self.channel.account), self._imported)

    def _imported(self, done: Imported | None) -> None:
        if done is not None:
            self.app.push_screen(TextPage("Imported", imported_lines(done)))
        self.changed()

    def action_export(self) -> None:
        """Write the locations with their connections to a file."""
        handle = self.channel.handle
        self.save(
            counted(self.table.source.count(), "location"),
            f"{handle}-connections.csv",
            lambda to, watch: self.doorway.save_connections(handle, to, watch),
        )

    def action_load(self) -> None:
        """Read the store again."""
        self.post_message(self.LoadWanted())

    def action_meaning(self) -> None:
        """Explain what the cursor is on."""
        if self.finding is not None:
            said, subject = self.finding.text, self.finding.id
        else:
            said, subject = "", subject_of(self.line)
        lines = [plain(said, "bold"), Content("")] if said else []
        for paragraph in meaning_of(subject):
            lines += [Content(paragraph), Content("")]
        self.app.push_screen(TextPage("What this means for you", lines[:-1]))

    @on(CheckList.Edge)
    @on(WindowTable.Edge)
    def _past_the_edge(self, event: CheckList.Edge | WindowTable.Edge) -> None:
        """Down from the last location is the first finding, and back."""
        event.stop()
        if event.direction > 0 and self.table.has_focus and self.finding_list.checks:
            self.finding_list.focus()
            self.finding_list.action_edge(-1)
        elif event.direction < 0 and self.finding_list.has_focus:
            self.table.focus()

    @on(WindowTable.Opened)
    def _opened(self) -> None:
        self.desk_app.run_command_id("warehouses.link")
