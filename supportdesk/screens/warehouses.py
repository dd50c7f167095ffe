"""The Warehouses tab: linking locations to warehouses, saying who is master there. Drawing them is `location_panels`; what may be linked and what fits, the desk says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on
from textual.binding import BindingType

from supportdesk.commands import Command
from supportdesk.core.connections import ConnectionsView, Finding, Master, Warehouse
from supportdesk.core.imports import Imported
from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError
from supportdesk.screens.connection_words import (
    MASTER_WORDS,
    name_of,
    place_words,
    swapped_words,
    why_not_linkable,
)
from supportdesk.screens.import_form import ImportDialog, imported_lines
from supportdesk.screens.link import LinkDialog, WarehouseDialog, master_question, unlink_question
from supportdesk.screens.location_panels import LocationPanels
from supportdesk.screens.plan_review import PlanReviewScreen
from supportdesk.screens.plan_words import Wanted
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import TextPage
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.screens.channel import ChannelScreen

_CHANGES: Final = frozenset(
    {"link", "unlink", "master", "swap", "accept", "accept_all", "new_warehouse", "import"}
)
_SAVING: Final = "The change before is still being saved."


class WarehousesTab(LocationPanels):
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

    _saving = False

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
            case "swap" if self.crossed() is None:
                return "No pair looks crossed."
            case "accept" if line is None or line.suggested is None:
                return "Nothing is suggested for this location."
            case "accept" if self.is_crossed(line):
                return "This pair is crossed: s swaps both at once."
            case "accept_all" if not self.suggested():
                return "No location that is still to be answered has a warehouse that fits."
        return None

    def _why_not_there(self, finding: Finding) -> str | None:
        """Why enter leads to no location from that finding; None where it does."""
        there = {line.location.id for line in self.view.lines} if self.view is not None else set()
        if not finding.location_ids:
            return "This line is about no location of this store."
        return None if there & set(finding.location_ids) else "That location is no longer in the store."

    def label_of(self, command: Command) -> str:
        """Say what unlinking and enter would do here."""
        connection = self.line.connection if self.line is not None else None
        if command.id == "warehouses.unlink" and connection is not None and connection.warehouse is None:
            return "take back"
        if command.id == "warehouses.link" and self.finding is not None:
            return "go there"
        if command.id == "warehouses.link" and connection is not None and connection.warehouse is not None:
            return "" if self.is_on else "change"
        return command.label

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
            warehouse_id, master, shares, insist = dialog.planned
            place = dialog.line.location
            self._plan(
                Wanted(
                    "link",
                    place.id,
                    place.name,
                    str(warehouse_id),
                    master,
                    insist=insist,
                    shares=shares and master == "sumtracker",
                )
            )

    def _plan(self, wanted: Wanted) -> None:
        page = PlanReviewScreen(self.channel, wanted, cast("ChannelScreen", self.desk_screen).timezone)

        def left(refused: SupportdeskError | None) -> None:
            if refused is not None:
                self.desk_screen.show_error(refused)
            self.changed()

        self.app.push_screen(page, left)

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
        crossed = self.crossed()
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

    @on(WindowTable.Opened)
    def _opened(self) -> None:
        self.desk_app.run_command_id("warehouses.link")
