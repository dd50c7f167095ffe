"""Channel settings: the tabs of one channel. Reads its overview, loads it when it never was, and opens what hangs off it."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channels import ChannelOverview, ChannelSummary
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.left_out import LeftOutScreen
from supportdesk.screens.load import STOPPED, LoadScreen
from supportdesk.screens.overview import OverviewTab
from supportdesk.screens.words import state_line
from supportdesk.widgets.check_list import CheckList
from supportdesk.widgets.table import WindowTable
from supportdesk.widgets.tabs import TabLine


class ChannelScreen(DeskScreen[None]):
    """One channel, tab by tab."""

    name_in_registry = "overview"
    keeps_place = frozenset({"overview.open"})
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    DEFAULT_CSS = """
    ChannelScreen.-wide OverviewTab > #columns { layout: horizontal; }
    ChannelScreen.-wide OverviewTab #left { width: 3fr; margin-right: 2; }
    ChannelScreen.-wide OverviewTab #right { width: 2fr; }
    ChannelScreen.-wide OverviewTab WindowTable { max-height: 24; }
    """

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__()
        self.channel = channel

    def compose_body(self) -> Iterable[Widget]:
        """The tabs, and the active one."""
        yield TabLine()
        yield OverviewTab()

    @property
    def overview_tab(self) -> OverviewTab:
        """The Overview."""
        return self.query_one(OverviewTab)

    @property
    def part(self) -> Widget:
        """The active tab."""
        return self.overview_tab

    def opened(self) -> None:
        """Load the channel if it never was; else read its overview."""
        self.desk_app.withdraw(STOPPED)
        self.query_one(TabLine).tabs = ("Overview",)
        self._show_header()
        self.overview_tab.focus_first()
        if self.channel.loaded_at is None:
            self.load()
        else:
            self.read()

    def _show_header(self) -> None:
        self.header.subject = self.channel.title or self.channel.handle
        self.refresh_ages()

    def refresh_ages(self) -> None:
        """How old the numbers are."""
        self.header.state = state_line(self.channel, self.now)

    def reason_disabled(self, command_id: str) -> str | None:
        """What the active tab says; nothing is loaded read-only."""
        if command_id == "overview.load" and self.doorway.desk.settings.read_only:
            return "supportdesk was started read-only, so it loads no store."
        return self.overview_tab.reason_disabled(command_id)

    def what_to_copy(self) -> tuple[str, str]:
        """What the active tab says."""
        return self.overview_tab.what_to_copy()

    # Reading and loading

    def read(self) -> None:
        """Read the overview anew."""
        handle = self.channel.handle
        self.work("overview", lambda _: self.doorway.overview(handle), self._read, failed=self._unread)

    def _unread(self, error: SupportdeskError) -> None:
        self.overview_tab.show_unread()
        self.show_error(error)

    def _read(self, overview: ChannelOverview) -> None:
        self.channel = overview.summary
        self._show_header()
        self.overview_tab.show(overview)
        self.show_footer()

    @on(OverviewTab.LoadWanted)
    def load(self) -> None:
        """Load the store, then read the overview; a first load that came to nothing leads back."""
        self.app.push_screen(LoadScreen(self.channel), self._load_left)

    def _load_left(self, totals: ChannelTotals | None) -> None:
        if totals is None and self.channel.loaded_at is None:
            self.leave()
        else:
            self.read()

    @on(CheckList.Moved)
    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self.show_footer()

    @on(OverviewTab.ReasonChosen)
    def _list_reason(self, event: OverviewTab.ReasonChosen) -> None:
        self.app.push_screen(LeftOutScreen(self.channel, event.reason, event.listings))
