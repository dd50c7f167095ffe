"""Sales channels: every store and opened export, one a line; the first screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary, SyncGlance
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.words import age, counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Column, Row, Toned, WindowTable

_COLUMNS = (
    Column("store", minimum=18),
    Column("account", 18, priority=4),
    Column("handle", 22, priority=5),
    Column("sync", 9),
    Column("listings", 9, right=True),
    Column("duplicates", 10, right=True),
    Column("to link", 8, right=True, priority=1),
    Column("loaded", 12),
)

_NEWS_SECONDS: Final = 1.0
"""Between two looks whether another process connected a store, or turned one on."""
_LOOK_SECONDS: Final = 10.0
"""Between two looks how sync stands where it is on."""

_EMPTY = (
    ("There is no store here yet.", ""),
    ("", ""),
    ("c", "connect a Shopify store"),
    ("o", "open CSV exports of a Shopify admin: no access needed"),
    ("q", "leave, and run `supportdesk demo` for a pretend store"),
)


class ChannelRows:
    """A row source over summaries: a row is made when it is looked at."""

    def __init__(self, screen: HomeScreen, channels: Sequence[ChannelSummary]) -> None:
        self._screen = screen
        self._channels = channels

    def count(self) -> int:
        """How many there are."""
        return len(self._channels)

    def window(self, start: int, count: int) -> list[Row]:
        """The lines from `start` on."""
        now = self._screen.now
        return [
            Row(
                channel.handle,
                (
                    channel.title or channel.handle,
                    channel.account,
                    channel.handle,
                    _sync_cell(channel, self._screen.glances.get(channel.handle)),
                    channel.listings,
                    _duplicates_cell(channel),
                    _unlinked_cell(channel),
                    age(channel.loaded_at, now) if channel.loaded_at else Toned("never", "muted"),
                ),
            )
            for channel in self._channels[start : start + count]
        ]


def _sync_cell(channel: ChannelSummary, glance: SyncGlance | None) -> Toned:
    if channel.source == "export":
        return Toned("○ exports", "muted")
    if glance is not None and (glance.applying or not glance.is_well):
        going = "off" if glance.applying == "rollback" else "on"
        return Toned(f"~ {going}", "") if glance.is_well else Toned(f"! {going}", "warned")
    return Toned("● on", "passed") if channel.sync == "on" else Toned("○ off", "")


def _duplicates_cell(channel: ChannelSummary) -> Toned | int | None:
    if channel.duplicate_groups and channel.disagreeing_groups:
        return Toned(f"! {channel.duplicate_groups:,}", "warned")
    return channel.duplicate_groups


def _unlinked_cell(channel: ChannelSummary) -> Toned | int | None:
    if channel.sync == "on" and channel.unlinked_locations:
        return Toned(f"! {channel.unlinked_locations:,}", "warned")
    return channel.unlinked_locations


class HomeScreen(DeskScreen[None]):
    """The list of sales channels."""

    name_in_registry = "home"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("home")
    DEFAULT_CSS = """
    HomeScreen > #welcome { height: auto; max-height: 2; padding: 0 1; color: $warned; text-style: bold; display: none; }
    HomeScreen.-demo > #welcome { display: block; }
    HomeScreen.-empty > FilterLine { display: none; }
    HomeScreen > #empty { display: none; height: 1fr; padding: 1 3; }
    HomeScreen.-empty > #empty { display: block; }
    HomeScreen.-empty > WindowTable { display: none; }
    HomeScreen > #glance { height: auto; max-height: 3; padding: 0 1; color: $warned; display: none; }
    HomeScreen.-glancing > #glance { display: block; }
    HomeScreen > #hidden { height: auto; padding: 0 1; color: $muted; display: none; }
    HomeScreen.-hiding > #hidden { display: block; }
    """

    def __init__(self, channels: tuple[ChannelSummary, ...] | None = None) -> None:
        """`channels` are those read before first paint; None to read them in the background."""
        super().__init__()
        self._is_read = channels is not None
        self._is_fresh = channels is not None
        self.channels: tuple[ChannelSummary, ...] = channels or ()
        self._mark_read: int | None = None
        """The list's mark when it was read last; None where that was before first paint, so that it is read once more."""
        self._ages_shown: tuple[str, ...] = ()
        self.glances: Mapping[str, SyncGlance] = {}
        """How sync stands in channels that are on, or that a plan is being applied to, by handle."""

    def compose_body(self) -> Iterable[Widget]:
        """Welcome of the demo, filter line, table."""
        yield Static(id="welcome")
        yield FilterLine()
        yield WindowTable(_COLUMNS)
        with_help = VerticalScroll(Static(_empty_text()), id="empty", can_focus=False)
        yield with_help
        yield Static(id="glance")
        yield Static(id="hidden")

    @property
    def table(self) -> WindowTable:
        """The channels."""
        return self.query_one(WindowTable)

    @property
    def filter_line(self) -> FilterLine:
        """The filter."""
        return self.query_one(FilterLine)

    def opened(self) -> None:
        """Show what was read before first paint, else read it."""
        self.show_channels()
        if demo := self.doorway.desk.demo:
            self.add_class("-demo")
            self._cursor_to(demo.first_channel)
            self._show_welcome()
        self.table.focus()
        self._look()
        self.set_interval(_LOOK_SECONDS, self._look)
        self.set_interval(_NEWS_SECONDS, self._see_news)

    def _see_news(self) -> None:
        """Read the list again where another process has changed it: the demo's second store comes while one looks."""
        if self.app.screen is self and self.doorway.channels_mark() != self._mark_read:
            self._read_list(lambda _: None)

    def _look(self) -> None:
        """See how sync stands in the channels shown: after first paint, for it opens account files."""
        if self.app.screen is self and self.channels:
            accounts = {channel.account for channel in self.channels_shown()[0]}
            self.work(
                "glances",
                lambda _: self.doorway.glances(accounts),
                self._glances_read,
                failed=lambda _: None,
            )

    def _glances_read(self, glances: Mapping[str, SyncGlance]) -> None:
        if glances != self.glances:
            self.glances = glances
            self._show_glance()
            self.table.refresh_rows()

    def _show_glance(self) -> None:
        """A line about the channel to look at first, of those shown."""
        shown, _ = self.channels_shown()
        troubled = [
            (channel, glance)
            for channel in shown
            if (glance := self.glances.get(channel.handle)) and not glance.is_well
        ]
        self.set_class(bool(troubled), "-glancing")
        if troubled:
            channel, glance = min(troubled, key=lambda each: not each[1].is_alone)
            self.query_one("#glance", Static).update(
                glance_text(channel.title or channel.handle, glance, len(troubled) - 1)
            )

    @on(WindowTable.Moved)
    def _show_welcome(self) -> None:
        """The demo's first line; what enter does is said until it has been done once."""
        demo = self.doorway.desk.demo
        if demo is None:
            return
        channel = self.channel
        says = "A pretend store: nothing here is real."
        if channel is not None and channel.handle == demo.first_channel and channel.loaded_at is None:
            says += f" Enter opens {channel.title or channel.handle}."
        self.query_one("#welcome", Static).update(plain(says))

    def resumed(self) -> None:
        """A screen that lay on top may have loaded or connected a store."""
        if not self._is_fresh:
            self.action_refresh_list()
            self._look()
        self._is_fresh = False

    # What is shown

    def channels_shown(self) -> tuple[list[ChannelSummary], int]:
        """The channels to show, and how many presenter mode hides.

        Presenter mode shows one account: the one in use in this session, else the one loaded last. Another merchant's store
        appears only when its whole handle has been typed as the filter.
        """
        text = self.filter_line.text.strip().casefold()
        shown, hidden = self.channels, 0
        if self.desk_app.presenter:
            account = self.desk_app.account_in_use or last_used(self.channels)
            own = tuple(channel for channel in self.channels if channel.account == account)
            hidden = len(self.channels) - len(own)
            asked_for = tuple(
                channel
                for channel in self.channels
                if channel.account != account and text == channel.handle.casefold()
            )
            shown = own + asked_for
        if not text:
            return list(shown), hidden
        return [channel for channel in shown if _matches(channel, text)], hidden

    def show_channels(self) -> None:
        """Draw the list anew."""
        shown, hidden = self.channels_shown()
        total = len(self.channels) - hidden
        self.set_class(self._is_read and not self.channels, "-empty")
        self.set_class(hidden > 0, "-hiding")
        self.query_one("#hidden", Static).update(
            Content(
                f"{counted(hidden, 'store')} hidden (presenter mode): / and a whole handle shows one; "
                "the palette (ctrl+p) shows all"
            )
        )
        summary = counted(total, "store") if self.channels else ""
        if synced := sum(1 for channel in shown if channel.sync == "on"):
            summary += f" · sync on in {synced:,}"
        self.filter_line.describe(summary, len(shown), total)
        self.table.show(ChannelRows(self, shown), empty="No store matches the filter.")
        self._show_glance()
        self._show_welcome()
        self.show_footer()

    def _cursor_to(self, handle: str) -> None:
        shown, _ = self.channels_shown()
        for number, channel in enumerate(shown):
            if channel.handle == handle:
                self.table.cursor = number
                return

    def refresh_ages(self) -> None:
        """The column of ages, drawn anew when one of them reads differently."""
        ages = self._ages()
        if ages != self._ages_shown:
            self._ages_shown = ages
            self.table.refresh_rows()

    def _ages(self) -> tuple[str, ...]:
        shown, _ = self.channels_shown()
        times = (shown[number].loaded_at for number in self.table.visible_rows)
        return tuple(age(time, self.now) for time in times if time is not None)

    @property
    def channel(self) -> ChannelSummary | None:
        """The channel under the cursor."""
        key = self.table.row_key
        return next((channel for channel in self.channels if channel.handle == key), None)

    def reason_disabled(self, command_id: str) -> str | None:
        """Nothing to open on an empty list; nothing is connected or opened read-only."""
        if command_id in ("home.open", "home.filter") and not self.channels:
            return "There is no store yet: c connects one."
        if command_id in ("home.connect", "home.exports") and self.doorway.desk.settings.read_only:
            return "supportdesk was started read-only, so it adds no store."
        return None

    def label_of(self, command: Command) -> str:
        """While the filter is typed enter keeps it and esc clears it."""
        if isinstance(self.focused, Input):
            return {"home.open": "keep filter", "back": "clear filter"}.get(command.id, command.label)
        if command.id == "back":
            return "clear filter" if self.filter_line.text else ""
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The handle."""
        return "the handle", self.channel.handle if self.channel else ""

    # Commands

    def action_open(self) -> None:
        """Open the channel under the cursor; load it first if it never was."""
        if self.channel is not None:
            self.desk_app.open_channel(self.channel)

    def action_connect(self) -> None:
        """The form that connects a store."""
        from supportdesk.screens.connect import ConnectScreen

        self.app.push_screen(ConnectScreen(), self._added)

    def action_exports(self) -> None:
        """The form that opens exports."""
        from supportdesk.screens.exports import ExportsScreen

        self.app.push_screen(ExportsScreen(), self._added)

    def _added(self, handle: str | None) -> None:
        """A channel was added: read the list, then open it."""
        if handle is not None:
            self.work(
                "added", lambda _: self.doorway.list_channels(), lambda found: self._open_added(found, handle)
            )

    def _open_added(self, channels: tuple[ChannelSummary, ...], handle: str) -> None:
        self.channels, self._is_read = channels, True
        added = next((channel for channel in channels if channel.handle == handle), None)
        if added is not None:
            self.desk_app.account_in_use = added.account
        self.show_channels()
        self._cursor_to(handle)
        if added is not None:
            self.desk_app.open_channel(added)

    def action_refresh_list(self) -> None:
        """Read the list again."""
        self._read_list(self.show_error)

    def _read_list(self, failed: Callable[[SupportdeskError], None]) -> None:
        # The mark is taken before the list is read: what is written between the two is read at the next look.
        self._mark_read = self.doorway.channels_mark()
        self.work("channels", lambda _: self.doorway.list_channels(), self._list_read, failed=failed)

    def _list_read(self, channels: tuple[ChannelSummary, ...]) -> None:
        if channels != self.channels or not self._is_read:
            self.channels, self._is_read = channels, True
            self.show_channels()
            self._look()

    def action_filter(self) -> None:
        """Type a filter."""
        self.filter_line.open()

    def action_back(self) -> None:
        """Clear the filter; there is nowhere to go back to."""
        if self.filter_line.text or self.filter_line.is_open:
            self.filter_line.leave(clear=True)
            self.table.focus()

    def presenter_changed(self) -> None:
        """Show or hide other merchants."""
        self.show_marks()
        self.show_channels()
        self._look()

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self.show_channels()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    @on(WindowTable.Opened)
    def _opened(self) -> None:
        self.action_open()


def last_used(channels: Sequence[ChannelSummary]) -> str | None:
    """The account whose channel was loaded last; where none was ever loaded, the first."""
    loaded = [channel for channel in channels if channel.loaded_at is not None]
    if loaded:
        return max(loaded, key=lambda channel: (channel.loaded_at, channel.handle)).account
    return channels[0].account if channels else None


def glance_text(store: str, glance: SyncGlance, more: int) -> Content:
    """What there is to look at in that store, and in how many `more`."""
    also = f" (and {counted(more, 'more store')})" if more else ""
    if glance.is_alone:
        tail = (
            f"{also}. `supportdesk worker` goes on with it."
            if glance.applying
            else f"{also}. `supportdesk worker` keeps it synced."
        )
        return plain(f"! {store}: {glance.words}{tail}")
    return plain(f"! {store}, {counted(glance.alerts, 'alert')}{also}: {glance.alert}")


def _matches(channel: ChannelSummary, text: str) -> bool:
    return any(
        text in field.casefold() for field in (channel.title, channel.handle, channel.account, channel.domain)
    )


def _empty_text() -> Content:
    lines = []
    for key, words in _EMPTY:
        lines.append(
            Content.assemble((f" {key} ", "bold $accent"), " ", words)
            if words
            else Content.styled(key, "bold")
        )
    return Content("\n").join(lines)
