"""`ChannelTab`: what the tabs of Channel settings share. Nothing about what any of them shows, and nothing about switching."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.message import Message
from textual.widget import Widget

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskApp, DeskScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.work import Work
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.screens.save_file import SaveTo

Result = TypeVar("Result")


class ChannelTab(Widget, can_focus=False):
    """One tab of a channel: made at its first visit, kept after it.

    The commands of its scope (`name_in_registry`) run as its `action_…` methods. What it reads it reads through `work`.
    """

    name_in_registry: ClassVar[str] = ""
    keeps_place: ClassVar[frozenset[str]] = frozenset()
    """As `DeskScreen.keeps_place`."""
    DEFAULT_CSS = """
    ChannelTab { height: 1fr; width: 1fr; background: $background; color: $foreground; layout: vertical; }
    """

    class GoTo(Message):
        """Another place should be shown: the name of a tab, `left_out` or `load`, and after a colon what to show there."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    class LoadWanted(Message):
        """The store should be read again."""

    class Renewed(Message):
        """The tab has read a newer line of the channel itself."""

        def __init__(self, channel: ChannelSummary) -> None:
            super().__init__()
            self.channel = channel

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__(id=self.name_in_registry)
        self.channel = channel
        self.is_stale = True
        """Whether it must be read before it is shown again; the screen sets it, and it is True for a tab never shown."""

    # What the tabs fill in

    def focus_first(self) -> None:
        """Put the cursor where a person begins."""

    def shown(self) -> None:
        """The tab became the active one. Its first call comes after it was composed, and is followed by `changed`."""

    def hidden(self) -> None:
        """Another tab became the active one."""

    def changed(self) -> None:
        """The account may have changed, by whatever process: read again, without moving what a person looks at."""

    def go(self, where: str) -> None:
        """Show what comes after the colon of a target (`to_decide` of `duplicates:to_decide`); never ''."""

    def begin_at(self, where: str) -> None:
        """As `go`, for somebody who was sent here for that alone: going back does not show more first."""
        self.go(where)

    def back(self) -> bool:
        """Go back one level within the tab (clear a filter, leave a panel). False where there is none, and the screen is left."""
        return False

    def reason_disabled(self, command_id: str) -> str | None:
        """As `DeskScreen.reason_disabled`, for the commands of this tab."""
        return None

    def label_of(self, command: Command) -> str:
        """What the footer calls a command now."""
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """What `y` copies: its name in our words, and the text."""
        return "", ""

    def row_to_copy(self) -> str:
        """What `Y` copies: the line under the cursor, cells separated by tabs."""
        for table in self.query(WindowTable):
            if table.has_focus:
                return table.row_text()
        return ""

    @property
    def in_progress(self) -> bool:
        """Whether leaving now would stop something."""
        return False

    def presenter_changed(self) -> None:
        """Presenter mode may have been turned on or off: hide or show agents' notes."""

    def channel_renewed(self, channel: ChannelSummary) -> None:
        """The channel was loaded again, or its line changed. The screen then calls `changed`, now or when the tab is shown."""
        self.channel = channel

    # What they use

    @property
    def desk_screen(self) -> DeskScreen[object]:
        """The screen the tab is on."""
        return cast("DeskScreen[object]", self.screen)

    @property
    def desk_app(self) -> DeskApp:
        """The app, as screens know it."""
        return cast("DeskApp", self.app)

    @property
    def doorway(self) -> Doorway:
        """The desk's functions."""
        return self.desk_app.doorway

    @property
    def now(self) -> datetime:
        """The desk's clock."""
        return self.doorway.desk.now()

    @property
    def is_read_only(self) -> bool:
        """Whether supportdesk was started read-only."""
        return self.doorway.desk.settings.read_only

    def work(
        self,
        name: str,
        call: Callable[[Watch], Result],
        done: Callable[[Result], None],
        *,
        failed: Callable[[SupportdeskError], None] | None = None,
        stopped: Callable[[], None] | None = None,
    ) -> Work[Result]:
        """As `DeskScreen.work`; `name` is the tab's own."""
        return self.desk_screen.work(
            f"{self.name_in_registry}.{name}", call, done, failed=failed, stopped=stopped
        )

    def save(self, what: str, name: str, write: Callable[[SaveTo, Watch], int]) -> None:
        """Ask for a file, then let `write` fill it in a thread; it returns how many lines it wrote.

        `what` is written, in our words, and `name` is the file's to begin with.
        """
        from supportdesk.screens.save_file import save_list

        save_list(self.desk_screen, what, name, write, work=f"{self.name_in_registry}.save")

    def show_footer(self) -> None:
        """Other keys may work now."""
        self.desk_screen.show_footer()
