"""Channel settings: the tabs of one channel. Switches between them, loads the store, and hears what other processes change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.commands import EVERYWHERE, SCREENS, Command, shown_key
from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError, UnknownName
from supportdesk.screens import live_entries
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.duplicates import DuplicatesTab
from supportdesk.screens.left_out import LeftOutScreen
from supportdesk.screens.live_words import alert_text
from supportdesk.screens.load import STOPPED, LoadScreen
from supportdesk.screens.log import LogTab
from supportdesk.screens.orders import OrdersTab
from supportdesk.screens.overview import OverviewTab
from supportdesk.screens.stock import StockTab
from supportdesk.screens.stock_words import zone
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.warehouses import WarehousesTab
from supportdesk.screens.words import state_line
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import CheckList
from supportdesk.widgets.footer import FooterItem, FooterLine
from supportdesk.widgets.table import WindowTable
from supportdesk.widgets.tabs import TabLine

if TYPE_CHECKING:
    from datetime import datetime

    from supportdesk.desk.alerts import AlertLine
    from supportdesk.desk.sync_status import SyncStatus

WATCH_SECONDS: Final = 1.0
"""How often it is looked whether another process changed the account: its changes are seen within 2 s."""
WATCH_SECONDS_REMOTE: Final = 2.0
STATUS_SECONDS: Final = 5.0
"""How often it is looked how sync stands where nothing changed: cycles that find nothing leave no change, nor does a worker that died."""

TABS: Final[Mapping[str, Callable[[ChannelSummary], ChannelTab]]] = {
    "overview": OverviewTab,
    "duplicates": DuplicatesTab,
    "warehouses": WarehousesTab,
    "stock": StockTab,
    "orders": OrdersTab,
    "log": LogTab,
}
"""The tabs by name in the registry, in the order of their numbers. Made at their first visit."""

_WHILE_FILTERING: Final = {"enter": "keep filter", "escape": "clear filter"}
"""What these keys do while a filter is typed."""


class _Looked(NamedTuple):
    """The account's change mark, and the channel's line where the mark moved."""

    mark: int
    channel: ChannelSummary | None
    status: SyncStatus | None = None
    """Of a channel that is on: who keeps it running may change without a change in the account."""
    alerts: AlertLine | None = None
    """What nobody has seen, where the mark moved."""


class ChannelScreen(DeskScreen[None]):
    """One channel, tab by tab."""

    name_in_registry = "overview"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("tabs")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    DEFAULT_CSS = """
    ChannelScreen > #alert-line { display: none; height: 1; width: 1fr; padding: 0 1; text-overflow: ellipsis; text-wrap: nowrap; }
    ChannelScreen > #tabs { height: 1fr; width: 1fr; layout: vertical; }
    ChannelScreen.-wide OverviewTab > #columns { layout: horizontal; }
    ChannelScreen.-wide OverviewTab #left { width: 3fr; margin-right: 2; }
    ChannelScreen.-wide OverviewTab #right { width: 2fr; }
    ChannelScreen.-wide OverviewTab WindowTable { max-height: 24; }
    """

    def __init__(self, channel: ChannelSummary, *, begin: str = "") -> None:
        """`begin` is where the wizard sent somebody, a tab and after a colon what to show there: leaving it is going back there."""
        super().__init__()
        self.channel = channel
        self.tabs: dict[str, ChannelTab] = {"overview": OverviewTab(channel)}
        self.active, _, self._begin_where = begin.partition(":") if begin else ("overview", "", "")
        self.from_wizard = bool(begin)
        self._mark = -1
        self._status: SyncStatus | None = None
        self._status_at: datetime | None = None
        if self.active not in self.tabs:
            self.tabs[self.active] = TABS[self.active](channel)

    def compose_body(self) -> Iterable[Widget]:
        """The line of tabs, and the first of them."""
        yield TabLine()
        yield Static(id="alert-line")
        for name, tab in self.tabs.items():
            tab.display = name == self.active
        yield Container(*self.tabs.values(), id="tabs")

    @property
    def tab(self) -> ChannelTab:
        """The active tab."""
        return self.tabs[self.active]

    @property
    def overview_tab(self) -> OverviewTab:
        """The Overview."""
        return self.query_one(OverviewTab)

    @property
    def part(self) -> Widget:
        """The active tab."""
        return self.tab

    @property
    def scope(self) -> str:
        """The active tab's."""
        return self.active

    @property
    def kept(self) -> frozenset[str]:
        """The active tab's."""
        return self.tab.keeps_place

    def opened(self) -> None:
        """Load the channel if it never was; else read its overview."""
        self.desk_app.withdraw(STOPPED)
        self.query_one(TabLine).tabs = tuple(SCREENS[name].title for name in TABS)
        self.query_one(TabLine).active = list(TABS).index(self.active) + 1
        self._show_header()
        self.tab.focus_first()
        if self._begin_where:
            self.tab.begin_at(self._begin_where)
        seconds = WATCH_SECONDS_REMOTE if self.desk_app.profile.remote else WATCH_SECONDS
        self.set_interval(seconds, self.look)
        if self.channel.loaded_at is None:
            self.load()
        else:
            self.look()

    def _show_header(self) -> None:
        self.header.subject = self.channel.title or self.channel.handle
        self.header.part = SCREENS[self.scope].title
        self.refresh_ages()

    def refresh_ages(self) -> None:
        """How old the numbers are."""
        self.header.state = state_line(self.channel, self.now, self._status, self._standing())

    def _standing(self) -> str:
        """How sync stands, where more is known than that it is on or off."""
        if self._status is None or not (self.channel.sync == "on" or self._status.is_under_way):
            return ""
        from supportdesk.screens.turning_on_words import state_words

        return state_words(self._status, zone(self._timezone), self.now)

    @property
    def _timezone(self) -> str:
        """The store's own, once the Overview was read."""
        overview = self.overview_tab.overview
        return overview.shop.timezone if overview is not None and overview.shop is not None else "UTC"

    def show_marks(self) -> None:
        """In the header; and the tabs may hide or show what presenter mode hides."""
        super().show_marks()
        for tab in self.tabs.values():
            tab.presenter_changed()

    # What the active tab says

    def reason_disabled(self, command_id: str) -> str | None:
        """What the active tab says; no other tab can be shown before the first load."""
        if command_id.startswith("tabs.") and self.channel.loaded_at is None:
            return "The store has not been loaded yet: r loads it."
        if command_id == "tabs.turn_on":
            return self._why_not_turn_on()
        if command_id in live_entries.COMMANDS:
            return live_entries.why_not(self, command_id)
        return self.tab.reason_disabled(command_id)

    def _why_not_turn_on(self) -> str | None:
        if self.from_wizard:
            return "The wizard is open below: esc goes back to it."
        if self.channel.source == "export":
            return "These are export files: connect the store itself before turning on sync."
        return None

    def label_of(self, command: Command) -> str:
        """What the active tab says; where sync is on, that this shows how it stands."""
        is_under_way = self._status is not None and self._status.is_under_way
        if command.id == "tabs.turn_on" and (self.channel.sync == "on" or is_under_way):
            return "how sync stands"
        label = self.tab.label_of(command)
        return (
            "to the wizard" if command.id == "back" and self.from_wizard and label == command.label else label
        )

    def show_footer(self) -> None:
        """What the active tab says; while a filter is typed, how to keep it and how to clear it."""
        if not isinstance(self.focused, Input):
            super().show_footer()
            return
        registry = self.desk_app.registry
        items = [
            FooterItem(command.id, shown_key(key), self.label_of(command))
            for command, key in registry.footer(self.scope, typing=True)
            if command.scope == EVERYWHERE and command.id != "back"
        ]
        for command in registry.of_screen(self.scope):
            for key, label in _WHILE_FILTERING.items():
                if key in command.keys:
                    items.append(FooterItem(command.id, shown_key(key), label))
        self.query_one(FooterLine).items = tuple(items)

    @property
    def in_progress(self) -> bool:
        """What any tab says."""
        return any(tab.in_progress for tab in self.tabs.values())

    def what_to_copy(self) -> tuple[str, str]:
        """What the active tab says."""
        return self.tab.what_to_copy()

    def row_to_copy(self) -> str:
        """What the active tab says."""
        return self.tab.row_to_copy()

    def action_back(self) -> None:
        """Back one level within the tab, or leave the channel."""
        if not self.tab.back():
            self.leave()

    # After going live

    def action_live(self, name: str) -> None:
        """One of the pages and acts for a channel that is on."""
        live_entries.go(self, name)

    @property
    def timezone(self) -> str:
        """The store's."""
        return self._timezone

    def alerts_seen(self) -> None:
        """Alerts may have been seen: say anew how many were not."""
        handle = self.channel.handle
        self.work(
            "alerts", lambda _: self.doorway.alert_line(handle), self._show_alerts, failed=lambda _: None
        )

    def _show_alerts(self, line: AlertLine | None) -> None:
        """The line below the tabs, while there is something nobody has seen."""
        shown = self.query_one("#alert-line", Static)
        if line is not None and line.unseen:
            shown.update(alert_text(line))
        shown.display = line is not None and line.unseen > 0

    # Turning on

    def action_turn_on(self) -> None:
        """Open the wizard; where sync is on or being turned on, the page that says how it stands."""
        handle, doorway = self.channel.handle, self.doorway
        self.work("turn_on", lambda _: doorway.sync_status(handle), self._open_sync)

    def _open_sync(self, status: SyncStatus) -> None:
        from supportdesk.screens.turning_on import TurningOnScreen
        from supportdesk.screens.wizard import WizardScreen

        if status.is_on or status.is_under_way:
            self.app.push_screen(TurningOnScreen(self.channel, self._timezone), self._sync_left)
        else:
            self.app.push_screen(WizardScreen(self.channel, self._timezone), self._sync_left)

    async def _sync_left(self, where: str | None) -> None:
        """On to the Overview, once it was turned on; or into the wizard, for another plan."""
        if where == "overview":
            await self.action_show_tab("overview")
            self.look()
        elif where == "new_plan":
            self.action_turn_on()

    # Switching

    async def action_show_tab(self, name: str, where: str = "") -> None:
        """Show a tab, made at its first visit; `where` says what to show in it."""
        if name != self.active:
            left = self.tab
            if name not in self.tabs:
                self.tabs[name] = TABS[name](self.channel)
                await self.query_one("#tabs", Container).mount(self.tabs[name])
            left.display = False
            self.active = name
            self.tab.display = True
            self.query_one(TabLine).active = list(TABS).index(name) + 1
            left.hidden()
            self._show_header()
            self.tab.focus_first()
            self._refresh_tab()
        if where:
            self.tab.go(where)
        self.show_footer()

    def _refresh_tab(self) -> None:
        """Let the active tab read what it does not know yet."""
        self.tab.shown()
        if self.tab.is_stale:
            self.tab.is_stale = False
            self.tab.changed()

    @on(TabLine.Chosen)
    def _tab_clicked(self, event: TabLine.Chosen) -> None:
        self.desk_app.run_command_id(f"tabs.{list(TABS)[event.number - 1]}")

    @on(ChannelTab.GoTo)
    async def _go_to(self, event: ChannelTab.GoTo) -> None:
        place, _, where = event.target.partition(":")
        if place == "left_out":
            listings = self.overview_tab.listings_left_out(where)
            self.app.clear_notifications()  # said of the line before this one
            self.app.push_screen(LeftOutScreen(self.channel, where, listings))
        elif place == "load":
            self.desk_app.run_command_id("overview.load")
        elif place == "brake":
            self.desk_app.run_command_id("tabs.go_on")
        elif place in TABS:
            await self.action_show_tab(place, where)

    # Changes

    def look(self) -> None:
        """See whether the account changed since the last look, whoever changed it. Not while something lies on top."""
        if self.app.screen is self and self.channel.loaded_at is not None:
            known, account, handle = self._mark, self.channel.account, self.channel.handle
            doorway, was = self.doorway, self._status
            moves = self.channel.sync == "on" or (was is not None and was.is_under_way)
            is_due = self._status_at is None or (self.now - self._status_at).total_seconds() >= STATUS_SECONDS

            def look(_: Watch) -> _Looked:
                mark = doorway.change_mark(account)
                has_changed, status = mark not in (-1, known), None
                if has_changed or (moves and (is_due or mark != known)):
                    with suppress(SupportdeskError):  # what was known of it stays
                        status = doorway.sync_status(handle)
                if not has_changed:
                    return _Looked(-1, None, status)
                try:
                    return _Looked(mark, doorway.channel_named(handle), status, doorway.alert_line(handle))
                except UnknownName:  # forgotten by another process: what is shown stays until it is left
                    return _Looked(mark, None, status)

            self.work("look", look, self._looked, failed=lambda _: None)

    def _looked(self, looked: _Looked) -> None:
        """Read again what changed. The first look comes before the first reading, so that nothing falls between the two."""
        if looked.status is not None:
            self._status, self._status_at = looked.status, self.now
            self.refresh_ages()
            self.show_footer()
        if looked.mark != -1:
            self._mark = looked.mark
            if looked.channel is not None:
                self._take(looked.channel)
            self._show_alerts(looked.alerts)
            self._all_changed()
        elif self.tab.is_stale:
            self._refresh_tab()

    def _take(self, channel: ChannelSummary) -> None:
        """Know a newer line of the channel."""
        if channel != self.channel:
            self.channel = channel
            self._show_header()
            self.refresh_ages()
            for tab in self.tabs.values():
                tab.channel_renewed(channel)

    def _all_changed(self) -> None:
        """The active tab reads again, the others when they are shown."""
        for tab in self.tabs.values():
            tab.is_stale = True
        self._refresh_tab()
        self.show_footer()

    @on(ChannelTab.Renewed)
    def _renewed(self, event: ChannelTab.Renewed) -> None:
        self._take(event.channel)
        self.show_footer()

    # Loading

    @on(ChannelTab.LoadWanted)
    def load(self) -> None:
        """Load the store, then read everything again; a first load that came to nothing leads back."""
        self.app.push_screen(LoadScreen(self.channel), self._load_left)

    def _load_left(self, totals: ChannelTotals | None) -> None:
        if totals is None and self.channel.loaded_at is None:
            self.leave()
            return
        handle = self.channel.handle
        self.work("renew", lambda _: self.doorway.channel_named(handle), self._take)
        self._all_changed()

    @on(CheckList.Moved)
    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self.show_footer()
