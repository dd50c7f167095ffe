"""The wizard's step Location mapping: a line a location, with its warehouse and master. What may be linked the desk says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.connections import ConnectionsView, Finding, LocationLine
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import STEPS
from supportdesk.errors import SupportdeskError
from supportdesk.screens.connection_words import (
    LINE_COLUMNS,
    line_row,
    name_of,
    swapped_words,
    why_not_linkable,
)
from supportdesk.screens.link import LinkDialog
from supportdesk.screens.wizard_step import WizardStep
from supportdesk.screens.wizard_words import bundles_text
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ConfirmDialog, ErrorDialog
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Row, Rows, WindowTable

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import WizardView

GO_ON: Final = "go on"
"""Key of the last line, which leads to the next step."""
_FINDINGS: Final = 4
_ROOMY: Final = 30
"""Lines of the terminal from which bundles are spoken of although something still blocks."""


class MappingStep(WizardStep):
    """Locations and their warehouses, and below them a line to go on."""

    name_in_registry = "wizard_mapping"
    step = "mapping"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("wizard_mapping")
    changes = frozenset({"wizard_mapping.accept_all", "wizard_mapping.unlink", "wizard_mapping.swap"})

    DEFAULT_CSS = """
    MappingStep > #wizard-locations { height: auto; max-height: 60%; margin-bottom: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.connections: ConnectionsView | None = None
        self._saving = False
        self._shown_of: object = None
        self._begins = False

    def compose(self) -> ComposeResult:
        """Locations, what is to be said of the pairs, what blocks."""
        yield Static("Which warehouse holds the stock of each location?", classes="question")
        yield WindowTable(LINE_COLUMNS, id="wizard-locations")
        yield Static(id="findings")
        yield Static(id="blocks", classes="gap")

    @property
    def table(self) -> WindowTable:
        """The locations, and the line to go on."""
        return self.query_one("#wizard-locations", WindowTable)

    @property
    def location(self) -> LocationLine | None:
        """The location under the cursor."""
        lines = self.connections.lines if self.connections is not None else ()
        return next((line for line in lines if str(line.location.id) == self.table.row_key), None)

    @property
    def crossed(self) -> Finding | None:
        """The first crossed pair."""
        findings = self.connections.findings if self.connections is not None else ()
        return next((each for each in findings if each.id == "crossed" and len(each.location_ids) == 2), None)

    def entered(self) -> None:
        """The cursor is on the first location that is still to be answered or looks crossed, else on the line to go on."""
        self.table.focus()
        self._begins = True
        if self.connections is not None and self.wizard.view is not None:
            self.show(self.wizard.view)

    def _begin(self) -> None:
        self._begins = False
        lines = self.connections.lines if self.connections is not None else ()
        open_ones = [
            number
            for number, line in enumerate(lines)
            if line.location.active and line.connection is None and not line.location.service_manages_stock
        ]
        blocked = self.wizard.view is not None and bool(self.line(self.wizard.view).blocks)
        crossed = self.crossed.location_ids if self.crossed is not None else ()
        looked_at = [number for number, line in enumerate(lines) if line.location.id in crossed]
        place = next(iter((*open_ones, *looked_at)), 0 if blocked else len(lines))
        self.table.action_cursor(place - self.table.cursor)

    def show(self, view: WizardView) -> None:
        """What blocks; the connections are read again where they may have changed."""
        hint = "enter links the location under the cursor"
        self.show_blocks(view, f"{hint}, A all as suggested" if self._suggested() else hint)
        shown_of = (
            view.places,
            view.facts.unsaid_locations,
            view.facts.warehouses,
            view.facts.counts_unanswered,
        )
        if shown_of != self._shown_of:
            self._shown_of = shown_of
            self._read()
        elif self._begins and self.connections is not None:
            self._begin()

    def refreshed(self) -> None:
        """Read the connections again."""
        self._shown_of = None

    def _read(self) -> None:
        handle = self.handle
        self.work(
            "read", lambda watch: self.doorway.connections(handle, watch), self.draw, failed=self._unread
        )

    def _unread(self, error: SupportdeskError) -> None:
        self.app.push_screen(ErrorDialog(error, retry=True), lambda wanted: self._read() if wanted else None)

    def draw(self, connections: ConnectionsView) -> None:
        """Draw other connections; the cursor stays where it is."""
        self.connections = connections
        marked = {location_id for finding in connections.findings for location_id in finding.location_ids}
        rows = [line_row(line, line.location.id in marked) for line in connections.lines]
        rows.append(Row(GO_ON, ("→", f"go on to {STEPS['review']}", "", "", "", "", "", ""), "accent"))
        self.table.show(Rows(rows))
        lines = [
            Content.assemble(("! ", "bold $warned"), plain(finding.text))
            for finding in connections.findings[:_FINDINGS]
        ]
        if lines:
            swap = "s swaps them, " if self.crossed is not None else ""
            lines.append(Content.styled(f"{swap}w shows all that is known of the pairs", "$muted"))
        view = self.wizard.view
        has_room = self.wizard.size.height >= _ROOMY or (view is not None and not self.line(view).blocks)
        if view is not None and has_room and (bundles := bundles_text(view)):
            lines.append(Content.assemble(("· ", "$muted"), bundles))
        self.query_one("#findings", Static).update(Content("\n").join(lines))
        if self._begins:
            self._begin()
        self.wizard.show_footer()

    def take(self) -> None:
        """Change the location under the cursor; on the last line go on."""
        if self.table.row_key == GO_ON:
            self.go_on()
            return
        line = self.location
        if (reason := why_not_linkable(line)) is not None:
            self.app.notify(reason, markup=False)
        elif line is not None and self.connections is not None:
            dialog = LinkDialog(
                self.doorway, self.handle, self.wizard.channel.account, self.connections, line
            )
            self.app.push_screen(dialog, self._linked)

    def go_on(self) -> None:
        """Go on, but not past a pair that looks crossed without a word."""
        crossed = self.crossed
        if crossed is None or self.why_not_next:
            super().go_on()
            return
        question = ConfirmDialog(
            "Go on with locations that look crossed?",
            [
                safe_text(crossed.text),
                "Their counts would be written to each other's shelves. n, then s swaps them.",
            ],
            "Go on",
            dangerous=True,
        )
        self.app.push_screen(question, lambda yes: super(MappingStep, self).go_on() if yes else None)

    def _linked(self, connections: ConnectionsView | None) -> None:
        if connections is not None:
            self.draw(connections)
            self._begins = True
        self.wizard.read()

    def reason_disabled(self, command_id: str) -> str | None:
        """Why a command does not fit the location under the cursor."""
        name = command_id.partition(".")[2]
        if command_id.startswith("wizard_mapping.") and self.connections is None:
            return "The locations have not been read yet."
        if command_id in self.changes and self._saving:
            return "The change before is still being saved."
        line = self.location
        if name == "accept_all" and not self._suggested():
            return "No location that is still to be answered has a warehouse that fits."
        if name == "swap" and self.crossed is None:
            return "No pair looks crossed."
        if name == "unlink":
            if (reason := why_not_linkable(line)) is not None:
                return reason
            if line is not None and line.connection is not None:
                return "Something was said of this location already: w changes it on the Warehouses tab."
        return None

    def _suggested(self) -> list[LocationLine]:
        lines = self.connections.lines if self.connections is not None else ()
        return [line for line in lines if line.suggested is not None and line.connection is None]

    def label_of(self, command: Command) -> str:
        """Enter changes a location, or goes on."""
        if command.id == "wizard.take":
            return "go on" if self.table.row_key == GO_ON else "change"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The location's name."""
        return ("the location's name", self.location.location.name) if self.location is not None else ("", "")

    # Changes

    def _change(
        self, call: Callable[[Watch], ConnectionsView], said: Callable[[ConnectionsView], str]
    ) -> None:
        self._saving = True

        def done(connections: ConnectionsView) -> None:
            self._saving = False
            self.draw(connections)
            self._begins = True
            self.app.notify(safe_text(said(connections)), markup=False)
            self.wizard.read()

        def failed(error: SupportdeskError) -> None:
            self._saving = False
            self.wizard.show_error(error)
            self._read()
            self.wizard.read()

        self.work("change", call, done, failed=failed)

    def action_accept_all(self) -> None:
        """Link every location that nothing was said of as suggested."""
        handle, accepted = self.handle, list[int]()

        def accept(watch: Watch) -> ConnectionsView:
            accepted.append(self.doorway.accept_suggestions(handle))
            return self.doorway.connections(handle, watch)

        self._change(accept, lambda _: f"{counted(sum(accepted), 'location')} linked as suggested.")

    def action_unlink(self) -> None:
        """Say that the location under the cursor stays unlinked."""
        line, handle = self.location, self.handle
        if line is not None:
            location_id = line.location.id
            self._change(
                lambda _: self.doorway.unlink(handle, location_id, stay=True, seen=0),
                lambda _: f"{name_of(line)} stays unlinked.",
            )

    def action_swap(self) -> None:
        """Swap the warehouses of the crossed pair."""
        crossed, connections, handle = self.crossed, self.connections, self.handle
        if crossed is None or connections is None:
            return
        lines = {line.location.id: line for line in connections.lines}
        first, second = (lines[location_id] for location_id in crossed.location_ids)
        seen = {
            line.location.id: line.connection.revision
            for line in (first, second)
            if line.connection is not None
        }
        self._change(
            lambda _: self.doorway.swap(handle, first.location.id, second.location.id, seen=seen),
            lambda view: swapped_words((first, second), view),
        )

    def action_warehouses(self) -> None:
        """To the Warehouses tab."""
        self.wizard.visit("warehouses")
