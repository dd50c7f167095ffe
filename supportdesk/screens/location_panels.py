"""`LocationPanels`: locations with their warehouses, findings about the pairs, and what is known of one. Draws a `ConnectionsView`; changes nothing."""

from __future__ import annotations

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supportdesk.core.connections import ConnectionsView, Finding, LocationLine
from supportdesk.errors import SupportdeskError
from supportdesk.screens.connection_words import (
    LINE_COLUMNS,
    NO_LOCATION,
    as_check,
    counts_line,
    detail_lines,
    line_row,
    subject_of,
)
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.words import counted
from supportdesk.widgets.check_list import CheckList, PanelTitle
from supportdesk.widgets.dialogs import TextPage
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Rows, WindowTable

_NO_WAREHOUSE: Final = "No warehouse yet: w makes one, i imports them."


class LocationPanels(ChannelTab):
    """The table of locations; findings and the location under the cursor below it, or beside it."""

    view: ConnectionsView | None = None

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

    def crossed(self) -> Finding | None:
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

    def is_crossed(self, line: LocationLine | None) -> bool:
        """Whether a location is one of the crossed pair."""
        crossed = self.crossed()
        return crossed is not None and line is not None and line.location.id in crossed.location_ids

    def suggested(self) -> list[LocationLine]:
        """Locations nothing was said of yet that have a suggestion."""
        lines = self.view.lines if self.view is not None else ()
        return [line for line in lines if line.suggested is not None and line.connection is None]

    # Reading and drawing

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
            self.to_location(self.finding.location_ids[0])

    def to_location(self, location_id: int) -> None:
        """Put the cursor on a location, where it is still there."""
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
            title, lines = line.location.name, detail_lines(line, self.view, crossed=self.crossed())
        self.query_one("#detail-title", PanelTitle).text = title
        self.query_one("#detail", Static).update(Content("\n").join(lines))

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

    # What is said

    def what_to_copy(self) -> tuple[str, str]:
        """The finding or the location's name."""
        if self.finding is not None:
            return "the finding", self.finding.text
        return ("the location's name", self.line.location.name) if self.line else ("", "")

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
