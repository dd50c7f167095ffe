"""Alerts: what somebody has to look at, until somebody has said that they saw it. Raises none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.core.channels import ChannelSummary
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.live_words import ALERT_COLUMNS, alert_row, detail
from supportdesk.screens.stock_words import zone
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import TextPage
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Rows, WindowTable

if TYPE_CHECKING:
    from supportdesk.core.alerts import Alert

LOOK_SECONDS: Final = 2.0
_OF_ROWS: Final = frozenset({"held", "another_app", "copy", "waiting"})


class AlertsScreen(DeskScreen[str]):
    """The alerts of one channel. Answers where somebody wants to go: `held`, `go_on`; '' for back."""

    name_in_registry = "alerts"
    keeps_place = frozenset({"alerts.seen", "alerts.open"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("alerts")
    DEFAULT_CSS = """
    AlertsScreen > #detail { height: auto; max-height: 4; width: 1fr; padding: 0 1; border-top: solid $rule; }
    """

    def __init__(self, channel: ChannelSummary, timezone: str = "UTC") -> None:
        super().__init__()
        self.channel = channel
        self.zone = zone(timezone)
        self.alerts: Sequence[Alert] = ()

    def compose_body(self) -> Iterable[Widget]:
        """The list."""
        yield WindowTable(ALERT_COLUMNS, id="alert-rows", signs=True)
        yield Static(id="detail")

    @property
    def table(self) -> WindowTable:
        """The list."""
        return self.query_one(WindowTable)

    @property
    def alert(self) -> Alert | None:
        """The one under the cursor."""
        return next((each for each in self.alerts if str(each.id) == self.table.row_key), None)

    def opened(self) -> None:
        """Read them, and go on looking."""
        self.header.subject = self.channel.title or self.channel.handle
        self.table.focus()
        self.action_refresh_list()
        self.set_interval(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if self.app.screen is self:
            self.action_refresh_list()

    def action_refresh_list(self) -> None:
        """Read them again."""
        handle = self.channel.handle
        self.work("read", lambda _: self.doorway.list_alerts(handle), self._read)

    def _read(self, alerts: Sequence[Alert]) -> None:
        if alerts == self.alerts and self.alerts:
            return
        self.alerts = alerts
        self.table.show(
            Rows([alert_row(each, self.zone, self.now) for each in alerts]),
            empty="There is nothing to look at.",
        )
        self._show_detail()
        self.show_footer()

    # Commands

    def action_seen(self) -> None:
        """The one under the cursor was seen."""
        if self.alert is not None:
            self._see(self.alert.id)

    def action_all_seen(self) -> None:
        """All that are listed were seen; what came since was not."""
        self._see(None)

    def _see(self, number: int | None) -> None:
        handle, newest = self.channel.handle, max((each.id for each in self.alerts), default=0)
        self.work(
            "see",
            lambda _: self.doorway.mark_seen(handle, number, newest),
            lambda _: self.action_refresh_list(),
        )

    def action_open(self) -> None:
        """To what it is about; else the whole sentence."""
        alert = self.alert
        if alert is None:
            return
        if alert.closed_at is None and alert.code in _OF_ROWS - {"copy"}:
            self.leave("held")
        elif alert.closed_at is None and alert.code == "brake":
            self.leave("go_on")
        else:
            self.app.push_screen(TextPage("Alert", [plain(alert.text)]))

    @on(WindowTable.Opened)
    def _row_opened(self) -> None:
        self.desk_app.run_command_id("alerts.open")

    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self._show_detail()
        self.show_footer()

    def _show_detail(self) -> None:
        """The whole sentence."""
        shown = self.query_one("#detail", Static)
        shown.update(detail(self.alert.text if self.alert is not None else ""))
        shown.display = self.alert is not None

    def action_back(self) -> None:
        """Back to the tab."""
        self.leave("")

    def reason_disabled(self, command_id: str) -> str | None:
        """There has to be one, and to see one is to write."""
        if command_id in ("alerts.seen", "alerts.open") and self.alert is None:
            return "There is no alert."
        if command_id in ("alerts.seen", "alerts.all_seen"):
            if self.doorway.desk.settings.read_only:
                return "supportdesk was started read-only, so it keeps nothing."
            seen = [self.alert] if command_id == "alerts.seen" else list(self.alerts)
            if all(each is None or each.seen_at is not None for each in seen):
                return "It was seen already." if seen else "There is no alert."
        return None

    def what_to_copy(self) -> tuple[str, str]:
        """The sentence."""
        return ("the alert", self.alert.text) if self.alert is not None else ("", "")
