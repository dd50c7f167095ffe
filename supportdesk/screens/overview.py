"""The Overview tab: readiness, locations, what is left out, the store's own facts. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channel_settings import SettingsChanged
from supportdesk.core.channels import ChannelOverview, LocationTotals
from supportdesk.core.checks import Check
from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.screens.channel_settings import SettingsDialog
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.words import age, counted, left_out_because
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import SIGNS, CheckList, PanelTitle
from supportdesk.widgets.dialogs import TextPage
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Column, Row, Rows, Toned, WindowTable

EVERY_REASON = ""
"""Key of the row that stands for all reasons."""

_LOCATION_COLUMNS = (
    Column("location", minimum=16),
    Column("place", 18, priority=2),
    Column("state", 11),
    Column("items", 8, right=True, priority=1),
    Column("units", 9, right=True),
)
_LEFT_OUT_COLUMNS = (Column("listings", 9, right=True), Column("why"))


class OverviewTab(ChannelTab, can_focus=False):
    """What was found when the store was loaded."""

    name_in_registry = "overview"
    keeps_place = frozenset({"overview.open"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("overview") + bindings_of("panels")
    DEFAULT_CSS = """
    OverviewTab { padding: 0 1; overflow: hidden auto; scrollbar-size-vertical: 1; }
    OverviewTab > #counts { height: auto; width: 1fr; }
    OverviewTab #left, OverviewTab #right { height: auto; width: 1fr; }
    OverviewTab WindowTable { height: auto; max-height: 12; }
    OverviewTab PanelTitle { margin-top: 1; }
    OverviewTab #facts { height: auto; width: 1fr; padding: 0 2; }
    OverviewTab > #columns { height: auto; layout: vertical; }
    """

    overview: ChannelOverview | None = None

    def compose(self) -> ComposeResult:
        """Counts, then two columns that stand below each other where there is no room."""
        yield Static(id="counts")
        with Widget(id="columns"):
            with Vertical(id="left"):
                yield PanelTitle("Before turning on", id="checks-title")
                yield CheckList(id="checks")
                yield PanelTitle("Left out", id="left-out-title")
                yield WindowTable(
                    _LEFT_OUT_COLUMNS,
                    id="left-out",
                    mark_when_blurred=False,
                )
            with Vertical(id="right"):
                yield PanelTitle("Locations", id="locations-title")
                yield WindowTable(
                    _LOCATION_COLUMNS,
                    id="locations",
                    mark_when_blurred=False,
                )
                yield PanelTitle("Store", id="facts-title")
                yield Static(id="facts")

    @property
    def check_list(self) -> CheckList:
        """Readiness."""
        return self.query_one(CheckList)

    @property
    def left_out_table(self) -> WindowTable:
        """Reasons."""
        return self.query_one("#left-out", WindowTable)

    @property
    def location_table(self) -> WindowTable:
        """Locations."""
        return self.query_one("#locations", WindowTable)

    def show(self, overview: ChannelOverview) -> None:
        """Draw another overview; the cursors stay where they are."""
        self.overview = overview
        self.query_one("#counts", Static).update(_counts(overview))
        self.check_list.checks = overview.checks
        title = self.query_one("#checks-title", PanelTitle)
        # On a channel that is on the same lines say what to keep an eye on, not what to do first.
        title.text = "Before turning on" if overview.summary.sync == "off" else "To keep an eye on"
        title.note = _check_counts(overview.checks)
        left_out = sum(reason.listings for reason in overview.left_out)
        self.query_one("#left-out-title", PanelTitle).note = (
            f"{left_out:,} of {counted(left_out + overview.in_scope, 'listing')}"
            if overview.totals and overview.totals.listings
            else ""
        )
        self.left_out_table.show(
            Rows(_reason_rows(overview, left_out)),
            empty=_nothing_left_out(overview.totals),
        )
        self.query_one("#locations-title", PanelTitle).note = _location_counts(overview)
        self.location_table.show(
            Rows([_location_row(total) for total in overview.locations]),
            empty="The store has no location." if overview.totals else "",
        )
        self.query_one("#facts", Static).update(_facts(overview, self.desk_screen.now))

    def changed(self) -> None:
        """Read the overview anew."""
        handle = self.channel.handle
        self.work("read", lambda _: self.doorway.overview(handle), self._read, failed=self._unread)

    def _read(self, overview: ChannelOverview) -> None:
        self.show(overview)
        self.post_message(self.Renewed(overview.summary))

    def _unread(self, error: SupportdeskError) -> None:
        self.show_unread()
        self.desk_screen.show_error(error)

    def show_unread(self) -> None:
        """Say that nothing could be read, unless something older is shown."""
        if self.overview is None:
            self.query_one("#counts", Static).update(
                Content.styled("The numbers could not be read.", "$blocked")
            )

    def focus_first(self) -> None:
        """Put the cursor on readiness."""
        self.check_list.focus()

    def _target(self) -> str:
        """Where enter goes: the listings left out for the reason under the cursor, or what the line of readiness is about."""
        if self.overview is None:
            return ""
        if self.left_out_table.has_focus:
            return f"left_out:{row.key}" if (row := self.left_out_table.row) is not None else ""
        check = self.check_list.check
        if not self.check_list.has_focus or check is None:
            return ""
        if not check.goto and any(reason.reason == check.id for reason in self.overview.left_out):
            return f"left_out:{check.id}"
        return check.goto

    def listings_left_out(self, reason: str) -> int:
        """How many listings are left out for a reason, `EVERY_REASON` for any; 0 before the overview was read."""
        found = self.overview.left_out if self.overview is not None else ()
        return sum(line.listings for line in found if reason in (EVERY_REASON, line.reason))

    def reason_disabled(self, command_id: str) -> str | None:
        """Enter needs a line that leads somewhere; nothing is loaded read-only."""
        if command_id == "overview.open" and not self._target():
            return "This line leads nowhere: there is nothing behind it to list."
        if command_id == "overview.settings" and self.is_read_only:
            return "supportdesk was started read-only, so it changes no settings."
        if command_id == "overview.load" and self.is_read_only:
            return "supportdesk was started read-only, so it loads no store."
        return None

    def label_of(self, command: Command) -> str:
        """Enter lists listings, or goes to another tab."""
        if command.id == "overview.open" and (target := self._target()) and not target.startswith("left_out"):
            return "go there"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The sentence, the location's name or the reason under the cursor."""
        if self.location_table.has_focus and (row := self.location_table.row):
            return "the location's name", str(row.cells[0])
        if self.left_out_table.has_focus:
            return "the reason", self.left_out_table.row_text().replace("\t", " ")
        check = self.check_list.check
        return "the sentence", check.text if check else ""

    # Commands

    def action_open(self) -> None:
        """List the listings of the reason under the cursor, or go to where the line can be mended."""
        target = self._target()
        if target == "settings":
            self.desk_app.run_command_id("overview.settings")
        elif target:
            self.post_message(self.GoTo(target))

    def action_settings(self) -> None:
        """Say whether drafts are synced, and the most that is pushed."""

        def answered(changed: SettingsChanged | None) -> None:
            if changed is not None:
                self.app.notify(safe_text(changed.text), markup=False)
            self.changed()

        self.app.push_screen(SettingsDialog(self.doorway, self.channel.handle), answered)

    def action_load(self) -> None:
        """Read the store again."""
        self.post_message(self.LoadWanted())

    def action_meaning(self) -> None:
        """Explain what the cursor is on."""
        focused = (
            "locations"
            if self.location_table.has_focus
            else "left_out"
            if self.left_out_table.has_focus
            else ""
        )
        check = self.check_list.check
        subject = focused or (check.id if check else "")
        sentence = check.text if check and not focused else ""
        self.app.push_screen(
            TextPage("What this means for you", _meaning_lines(sentence, meaning_of(subject)))
        )

    @on(CheckList.Edge)
    @on(WindowTable.Edge)
    def _past_the_edge(self, event: CheckList.Edge | WindowTable.Edge) -> None:
        """Down from a panel's last line is the next panel's first."""
        event.stop()
        panels: list[CheckList | WindowTable] = [self.check_list, self.left_out_table, self.location_table]
        here = next((number for number, panel in enumerate(panels) if panel.has_focus), 0)
        there = here + event.direction
        if 0 <= there < len(panels):
            panel = panels[there]
            panel.focus()
            panel.action_edge(-event.direction)

    @on(WindowTable.Opened, "#left-out")
    def _opened(self) -> None:
        self.action_open()


def _nothing_left_out(totals: ChannelTotals | None) -> str:
    if totals is None:
        return ""
    return "Every listing can be synced." if totals.listings else "No listings, so none is left out."


def _counts(overview: ChannelOverview) -> Content:
    totals = overview.totals
    if totals is None:
        return Content.styled("Not loaded yet: r loads it.", "$warned")
    groups = counted(totals.duplicate_groups, "duplicate")
    if totals.disagreeing_groups:
        groups += f" ({totals.disagreeing_groups:,} disagree)"
    return Content(
        f"{counted(totals.listings, 'listing')} · {counted(totals.skus, 'SKU')} · {groups} · {counted(totals.units, 'unit')}"
    )


def _check_counts(checks: Iterable[Check]) -> str:
    states = [check.state for check in checks]
    counts = (
        (SIGNS["block"], states.count("block"), "block", "blocks"),
        (SIGNS["warn"], states.count("warn"), "warning", "warnings"),
        (SIGNS["pass"], states.count("pass"), "passed", "passed"),
    )
    return "  ".join(f"{sign} {counted(number, one, many)}" for sign, number, one, many in counts if number)


def _reason_rows(overview: ChannelOverview, left_out: int) -> list[Row]:
    rows = [
        Row(reason.reason, (reason.listings, left_out_because(reason.reason, reason.listings)))
        for reason in overview.left_out
    ]
    return [*rows, Row(EVERY_REASON, (left_out, "any of these reasons"))] if len(rows) > 1 else rows


def _location_counts(overview: ChannelOverview) -> str:
    active = sum(1 for total in overview.locations if total.location.active)
    inactive = len(overview.locations) - active
    return f"{active:,} active" + (f", {inactive:,} inactive" if inactive else "")


def _location_row(total: LocationTotals) -> Row:
    location = total.location
    place = ", ".join(word for word in (location.city, location.country) if word)
    return Row(
        str(location.id),
        (location.name, place, _location_state(total), total.stocked, total.units),
        "" if location.active else "muted",
    )


def _location_state(total: LocationTotals) -> Toned:
    location = total.location
    if not location.active:
        return Toned("inactive", "muted")
    if location.service_manages_stock:
        return Toned("! own stock", "warned")
    return Toned("active" if location.fulfills_online_orders else "not online", "")


def _facts(overview: ChannelOverview, now: datetime) -> Content:
    shop, summary = overview.shop, overview.summary
    if shop is None:
        lines = [("source", "CSV exports"), ("name", summary.handle), ("account", summary.account)]
    else:
        lines = [
            ("address", shop.domain),
            ("account", summary.account),
            ("plan", shop.plan or "not known"),
            ("currency", shop.currency or "not known"),
            ("time zone", shop.timezone),
        ]
    if (
        summary.sync == "on" and summary.loaded_at is not None
    ):  # the header says how old the synced numbers are
        lines.append(("loaded", f"{age(summary.loaded_at, now)} (unlinked locations)"))
    return Content("\n").join(
        [Content.assemble((f"{name:<10}", "$muted"), plain(value)) for name, value in lines]
    )


def _meaning_lines(sentence: str, paragraphs: Iterable[str]) -> list[Content]:
    lines = [plain(sentence, "bold"), Content("")] if sentence else []
    for paragraph in paragraphs:
        lines += [Content(paragraph), Content("")]
    return lines[:-1]
