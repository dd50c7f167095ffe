"""`DeskScreen`: header, footer, size hint, bindings from the registry, work in threads, and errors that become dialogs.

What every screen shares; nothing about what any of them shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from supportdesk.commands import FOOTER_ITEMS, SCREENS, Command, Registry, shown_key
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.work import Work
from supportdesk.terminal.profile import TerminalProfile
from supportdesk.widgets.clipboard import copy
from supportdesk.widgets.dialogs import ErrorDialog
from supportdesk.widgets.footer import FooterItem, FooterLine
from supportdesk.widgets.header import HeaderLine
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.desk.rehearsing import Rehearsal

Result = TypeVar("Result")
Answer = TypeVar("Answer")

LEAST = (80, 24)
"""The smallest terminal the screens are made for: columns, lines."""


class DeskApp(Protocol):
    """What screens ask of the app."""

    doorway: Doorway
    registry: Registry
    profile: TerminalProfile
    presenter: bool
    account_in_use: str | None
    typed_for_skus: set[str]
    """Handles typed in this session to confirm new SKUs in the store: once is enough."""
    rehearsal: Rehearsal | None
    """The one that is going on; `doorway` leads to its desk meanwhile."""

    def run_command_id(self, command_id: str) -> None:
        """Give a command, as its key would."""

    def withdraw(self, messages: Collection[str]) -> None:
        """Take back what was said in a corner, where it is one of `messages`."""

    def open_channel(self, channel: ChannelSummary) -> None:
        """Show that channel's settings, on top of what is shown."""

    def begin_rehearsal(self, doorway: Doorway, rehearsal: Rehearsal) -> None:
        """Let every page that is opened from now on be the rehearsal's."""

    def finish_rehearsal(self) -> None:
        """Be back on the real desk."""


class DeskScreen(Screen[Answer]):
    """A screen of ours."""

    name_in_registry: ClassVar[str] = ""
    keeps_place: ClassVar[frozenset[str]] = frozenset()
    """Commands that stay in the footer, dimmed, while they cannot be given: they come and go as the cursor moves."""

    DEFAULT_CSS = """
    DeskScreen { background: $background; color: $foreground; layout: vertical; }
    DeskScreen > #size-hint { display: none; height: 1; color: $warned; padding: 0 1; }
    DeskScreen.-small > #size-hint { display: block; }
    """

    # What the screens fill in

    def compose_body(self) -> Iterable[Widget]:
        """Everything between the first line and the last."""
        return ()

    def reason_disabled(self, command_id: str) -> str | None:
        """Why that command cannot be given now, as a sentence; None where it can."""
        return None

    @property
    def in_progress(self) -> bool:
        """Whether leaving now would stop something."""
        return False

    @property
    def stopped_by_leaving(self) -> str:
        """What leaving the program now would stop, a sentence; '' for nothing."""
        return "What is running here is stopped." if self.in_progress else ""

    @property
    def part(self) -> Widget:
        """Where the screen's own commands are looked up: the screen, or its active tab."""
        return self

    @property
    def scope(self) -> str:
        """The entry of the registry in force: the screen's, or its active tab's."""
        return self.name_in_registry

    @property
    def kept(self) -> frozenset[str]:
        """`keeps_place` of the screen, or of its active tab."""
        return self.keeps_place

    def what_to_copy(self) -> tuple[str, str]:
        """What `y` copies: its name in our words, and the text."""
        return "", ""

    def row_to_copy(self) -> str:
        """What `Y` copies: the line under the cursor, cells separated by tabs."""
        for table in self.query(WindowTable):
            if table.has_focus:
                return table.row_text()
        return ""

    # Frame

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield HeaderLine()
        yield from self.compose_body()
        yield Static(id="size-hint")
        yield FooterLine()

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
    def header(self) -> HeaderLine:
        """The first line."""
        return self.query_one(HeaderLine)

    def on_mount(self) -> None:
        """Fill the frame; ages are looked at again twice a minute."""
        self.header.part = SCREENS[self.scope].title
        self.show_marks()
        self.show_footer()
        self.set_interval(30, self._pass_time)
        self.opened()

    def opened(self) -> None:
        """Begin: the frame is there. A hook, because Textual runs every class's own `on_mount`, base classes last."""

    def resumed(self) -> None:
        """The screen is on top, for the first time or again."""

    def refresh_ages(self) -> None:
        """Say anew how long ago things were; reactives draw only what changed."""

    def _pass_time(self) -> None:
        """Ages are said anew on the screen that is seen: what changes below it would be drawn all the same, the whole of it."""
        if self.app.screen is self:
            self.refresh_ages()

    def show_marks(self) -> None:
        """What holds for the whole session, in the header."""
        desk = self.doorway.desk
        marks = [
            *(["REHEARSAL" if desk.demo.rehearsal else "DEMO"] if desk.demo else []),
            *(["read-only"] if desk.settings.read_only else []),
            *(["presenter"] if self.desk_app.presenter else []),
        ]
        self.header.marks = tuple(marks)

    def show_footer(self) -> None:
        """The keys worth knowing now. While typing, only keys that are not text.

        A command that cannot be given now is left out, or dimmed where it keeps its place and the terminal can say so.
        """
        footer = self.desk_app.registry.for_footer(self.scope, typing=isinstance(self.focused, Input))
        can_dim = not (self.app.no_color or self.app.native_ansi_color)
        items = []
        for command, key in footer:
            enabled = self.reason_disabled(command.id) is None
            label = self.label_of(command)
            if label and (enabled or (can_dim and command.id in self.kept)):
                items.append(FooterItem(command.id, shown_key(key), label, enabled))
        self.query_one(FooterLine).items = tuple(items[:FOOTER_ITEMS])

    def label_of(self, command: Command) -> str:
        """What the footer calls a command now; '' leaves it out."""
        return command.label

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Other keys may work now."""
        self.show_footer()

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size say so, and go on."""
        width, height = event.size
        small = width < LEAST[0] or height < LEAST[1]
        self.set_class(small, "-small")
        if small:
            self.query_one("#size-hint", Static).update(
                Content(f"made for {LEAST[0]}x{LEAST[1]} or more; this is {width}x{height}")
            )

    def on_screen_resume(self) -> None:
        """Things may have changed under a screen that lay on top."""
        if self.is_mounted:
            self.show_marks()
            self.show_footer()
            self.refresh_ages()
            self.resumed()

    @on(FooterLine.Chosen)
    def _chosen(self, event: FooterLine.Chosen) -> None:
        self.desk_app.run_command_id(event.command)

    # What every screen can do

    def action_back(self) -> None:
        """Leave the screen for the one below."""
        self.leave()

    def leave(self, answer: Answer | None = None) -> None:
        """Leave the screen for the one below, with an answer."""
        self.dismiss(answer)

    def action_copy(self) -> None:
        """Copy the selection, else what the cursor is on."""
        if selected := self.get_selected_text():
            copy(self.app, "the selection", selected)
            return
        copy(self.app, *self.what_to_copy())

    def action_copy_row(self) -> None:
        """Copy the whole line the cursor is on."""
        copy(self.app, "the line", self.row_to_copy())

    def work(
        self,
        name: str,
        call: Callable[[Watch], Result],
        done: Callable[[Result], None],
        *,
        failed: Callable[[SupportdeskError], None] | None = None,
        stopped: Callable[[], None] | None = None,
    ) -> Work[Result]:
        """Make a desk call in a thread; `done` gets its result. Newer work of the same name takes the place of older.

        Without `failed` an error becomes a dialog. Returns the work, to look at and to cancel.
        """
        work = Work(call, done=done, failed=failed or self.show_error, stopped=stopped)
        _worker: Worker[None] = self.run_worker(work.run, name=name, group=name, exclusive=True)
        return work

    def show_error(self, error: SupportdeskError) -> None:
        """Say what happened in a dialog."""
        self.app.push_screen(ErrorDialog(error))
