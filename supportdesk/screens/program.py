"""The screens' program: wiring, first screen, how it ends. What screens show is in `screens`, how a terminal is drawn on in `terminal`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.console import RenderableType
from textual import constants
from textual.app import App
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import WorkerFailed

import supportdesk
from supportdesk.commands import DEMO, EVERYWHERE, SCREENS, Registry, registry_with
from supportdesk.core.channels import ChannelSummary
from supportdesk.desk import Desk
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.home import HomeScreen
from supportdesk.terminal.crash import Crash, write_report
from supportdesk.terminal.filters import AsciiOnly, Colourless
from supportdesk.terminal.profile import TerminalProfile
from supportdesk.terminal.signals import end_on_signals
from supportdesk.themes import theme_id, themes
from supportdesk.widgets.bindings import bindings_of, textual_key
from supportdesk.widgets.dialogs import ConfirmDialog, TextPage

if TYPE_CHECKING:
    from supportdesk.desk.demo import StoreChange
    from supportdesk.desk.rehearsing import Rehearsal

WORKER_SECONDS: Final = 10.0
"""Between two looks whether somebody syncs the channels that are on."""
_OVER_DIALOGS: Final = frozenset({"interrupt", "suspend"})
"""Commands that can be given while a dialog is open."""


class SupportdeskApp(App[None], inherit_bindings=False):
    """The program. `supportdesk.app.run_screens` starts it."""

    TITLE = "supportdesk"
    CSS_PATH = Path(supportdesk.__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    NOTIFICATION_TIMEOUT = 3
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(EVERYWHERE) + bindings_of(DEMO)

    def __init__(
        self,
        desk: Desk,
        *,
        profile: TerminalProfile | None = None,
        channels: tuple[ChannelSummary, ...] | None = None,
        first: ChannelSummary | None = None,
        doorway: Doorway | None = None,
    ) -> None:
        """`channels` are what Home shows at first paint; with `first` that channel is opened and Home is not passed.

        Raises `SettingsInvalid` for a [keys] table that does not fit.
        """
        self.desk = desk
        self.profile = profile or TerminalProfile()
        self.registry: Registry = registry_with(desk.settings.keys)
        self.doorway = doorway or Doorway(desk)
        self.presenter = desk.settings.presenter
        self.typed_for_skus: set[str] = set()
        self.account_in_use: str | None = first.account if first else None
        self.crash: Crash | None = None
        self.rehearsal: Rehearsal | None = None
        self.real_doorway = self.doorway
        self.opened: set[str] = set()
        """Handles of the channels that were shown."""
        self._channels = channels
        self._first = first
        self._line_filters = [
            *([] if self.profile.colour else [Colourless()]),
            *([AsciiOnly()] if self.profile.ascii else []),
        ]
        super().__init__()
        self.no_color = not self.profile.colour
        for theme in themes():
            self.register_theme(theme)
        self.theme = theme_id(desk.settings.theme if self.profile.colour else "ansi")
        self.set_keymap(
            {
                command_id: ",".join(textual_key(key) for key in self.registry[command_id].keys)
                for command_id in desk.settings.keys
            }
        )

    def get_default_screen(self) -> Screen[Any]:
        """Home, with the channels to show at first paint; it reads them itself when it is come back to."""
        return HomeScreen(self._channels if self._first is None else None)

    def on_mount(self) -> None:
        """Put the channel that was asked for on top before anything is painted."""
        if self._first is not None:
            self.open_channel(self._first)
        self.set_interval(WORKER_SECONDS, self._see_to_worker)

    def _see_to_worker(self) -> None:
        """While the screens are open, sync of channels that are on is not left lying; what stands in the way is on their pages."""

        def look() -> None:
            with contextlib.suppress(SupportdeskError, OSError):
                self.doorway.replace_dead_worker()

        threading.Thread(target=look, name="see to the worker", daemon=True).start()

    def get_driver_class(self) -> type[Driver]:
        """Our driver, unless TEXTUAL_DRIVER names another or there is none of Textual's to build on (Windows)."""
        if constants.DRIVER is not None or sys.platform == "win32":
            return super().get_driver_class()
        from supportdesk.terminal.driver import DeskDriver

        return DeskDriver

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, then ours; without colour ours alone, because Textual's would send greys."""
        inherited = [] if not self.profile.colour else super().get_line_filters()
        return [*inherited, *self._line_filters]

    # How it ends

    def on_load(self) -> None:
        """Before the terminal is touched: signals, and errors that no one awaits."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        end_on_signals(loop, lambda code: self.exit(return_code=code))
        loop.set_exception_handler(self._on_loop_error)

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._handle_exception(error)

    def _handle_exception(self, error: Exception) -> None:
        """Textual's one place for errors nobody expected: a report in place of its traceback, which shows local variables."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error
        if self._exit and isinstance(error, NoMatches):
            # Once it is being left Textual mounts nothing: a screen that is just being made does not find its own parts.
            self._close_messages_no_wait()
            return
        self._return_code = 1
        if self.crash is None:
            self.crash = write_report(error, self.desk.home.reports, datetime.now(UTC), self._facts())
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        """Textual's traceback with local variables: never shown."""
        self._handle_exception(_error_at_hand())

    def panic(self, *renderables: RenderableType) -> None:
        """What Textual calls when it cannot go on, with things to print: they are not printed."""
        self._return_code = 1
        if self.crash is None:
            self.crash = write_report(
                _error_at_hand(renderables), self.desk.home.reports, datetime.now(UTC), self._facts()
            )
        self._close_messages_no_wait()

    def _facts(self) -> dict[str, str]:
        screens = " > ".join(
            type(screen).__name__ for screen in self._screen_stacks.get(self._current_mode, ())
        )
        return {
            "screens": screens,
            "size": f"{self.size.width}x{self.size.height}",
            "profile": repr(self.profile),
        }

    # Commands

    def run_command_id(self, command_id: str) -> None:
        """Give a command, as its key would."""
        self.call_later(self.action_run_command, command_id)

    async def action_run_command(self, command_id: str) -> None:
        """Give a command, or say why it cannot be given now."""
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            if command_id in _OVER_DIALOGS:
                await self.run_action(self.registry[command_id].action)
            return
        if self.registry[command_id].scope == DEMO and self.doorway.desk.demo is None:
            reason: str | None = "Only the demo has that."
        elif command_id == "sandbox.start_over" and self.rehearsal is not None:
            reason = "This is a rehearsal: esc on its page ends it."
        else:
            reason = screen.reason_disabled(command_id)
        if reason is not None:
            self.notify(reason, markup=False)
            return
        await self.run_action(self.registry[command_id].action, default_namespace=screen.part)

    def action_leave(self) -> None:
        """Leave supportdesk; ask first where that would stop something."""
        if any(isinstance(screen, DeskScreen) and screen.in_progress for screen in self.screen_stack):
            self.ask_to_leave()
        else:
            self.exit(return_code=0)

    def action_interrupt(self) -> None:
        """ctrl+c: leave at once on Home, or when asked already; elsewhere ask."""
        if isinstance(self.screen, HomeScreen | LeaveDialog):
            self.exit(return_code=0)
        else:
            self.ask_to_leave()

    def ask_to_leave(self) -> None:
        """Leave if the person says so."""
        stopped = [
            screen.stopped_by_leaving for screen in self.screen_stack if isinstance(screen, DeskScreen)
        ]
        self.push_screen(LeaveDialog(dict.fromkeys(filter(None, stopped))), self._leave_answered)

    def _leave_answered(self, leave: bool | None) -> None:
        if leave:
            self.exit(return_code=0)

    def action_help(self) -> None:
        """The page of keys for the screen that is shown."""
        from supportdesk.screens.help import help_lines

        if isinstance(self.screen, DeskScreen):
            name = self.screen.scope
            self.push_screen(TextPage(f"{SCREENS[name].title}: keys", help_lines(self.registry, name)))

    def action_palette(self) -> None:
        """All commands of the screen that is shown."""
        from supportdesk.screens.palette import Offer, PaletteScreen

        screen = self.screen
        if isinstance(screen, DeskScreen):
            commands = self.registry.offered(screen.scope)
            if self.doorway.desk.demo is not None:
                commands += self.registry.of_scope(DEMO)
            offers = [
                Offer(
                    command,
                    screen.reason_disabled(command.id),
                    next(iter(self.registry.keys_of(command)), ""),
                )
                for command in commands
                if command.palette and command.action
            ]
            self.push_screen(PaletteScreen(offers), self._chosen)

    def _chosen(self, command_id: str | None) -> None:
        if command_id is not None:
            self.run_command_id(command_id)

    def action_presenter(self) -> None:
        """Hide or show other merchants until the end of the session."""
        self.presenter = not self.presenter
        for screen in self.screen_stack:
            if isinstance(screen, HomeScreen):
                screen.presenter_changed()
            elif isinstance(screen, DeskScreen):
                screen.show_marks()
        said = "on: other merchants are hidden" if self.presenter else "off: every merchant's name is shown"
        self.notify(f"Presenter mode {said}.", markup=False)

    def action_use_theme(self, name: str) -> None:
        """Use another theme until the end of the session."""
        self.theme = theme_id(name)
        for screen in self.screen_stack:
            if isinstance(screen, DeskScreen):
                screen.show_footer()  # what is dimmed in one theme is left out in another

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say something in a corner, in place of what was said there before: of two toasts the older is not true any more."""
        self.clear_notifications()
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def withdraw(self, messages: Collection[str]) -> None:
        """Take back what was said in a corner, where it is one of `messages`."""
        for said in tuple(self._notifications):
            if said.message in messages:
                self._unnotify(said)

    def action_strike(self, kind: str) -> None:
        """Let the demo's store fail once in that way; '' for not at all any more."""
        from supportdesk.screens import sandbox_commands

        if isinstance(self.screen, DeskScreen):
            sandbox_commands.strike(self.screen, kind)

    def action_place_order(self) -> None:
        """Have a shopper of the demo's store buy what the cursor is on."""
        self._happen(self.doorway.place_order)

    def action_staff_edit(self) -> None:
        """Have somebody change what the cursor is on in the demo's store itself."""
        self._happen(self.doorway.staff_edit)

    def action_kill_sync(self) -> None:
        """End the process that syncs the demo's stores, as a crash would."""
        from supportdesk.screens import sandbox_commands

        if isinstance(self.screen, DeskScreen):
            sandbox_commands.kill_sync(self.screen)

    def _happen(self, event: Callable[[str, str, str], StoreChange]) -> None:
        from supportdesk.screens import sandbox_commands

        demo = self.doorway.desk.demo
        if isinstance(self.screen, DeskScreen) and demo is not None:
            sandbox_commands.happen(self.screen, event, demo.first_channel)

    def action_start_over(self) -> None:
        """Begin the demo again, if the person says so."""
        from supportdesk.screens.sandbox_commands import StartOverDialog

        self.push_screen(StartOverDialog(), self._start_over_answered)

    def _start_over_answered(self, again: bool | None) -> None:
        if again:
            self.doorway.start_over()
            self.exit(return_code=0)

    def open_channel(self, channel: ChannelSummary) -> None:
        """Show that channel's settings; its account is the one in use from now on."""
        from supportdesk.screens.channel import ChannelScreen

        self.account_in_use = channel.account
        self.opened.add(channel.handle)
        self.push_screen(ChannelScreen(channel))

    def begin_rehearsal(self, doorway: Doorway, rehearsal: Rehearsal) -> None:
        """Let every page that is opened from now on be the rehearsal's; those below it keep what they have till it is over."""
        self.doorway, self.rehearsal = doorway, rehearsal

    def finish_rehearsal(self) -> None:
        """Be back on the real desk."""
        self.doorway, self.rehearsal = self.real_doorway, None


def _error_at_hand(renderables: Sequence[RenderableType] = ()) -> Exception:
    """The error being handled now, else what Textual's picture of one (`renderables`) says it was: it hands over no other."""
    error = sys.exc_info()[1]
    if isinstance(error, Exception):
        return error
    from rich.traceback import Traceback

    for renderable in renderables:
        if isinstance(renderable, Traceback) and renderable.trace.stacks:
            stack = renderable.trace.stacks[0]
            return RuntimeError(f"{stack.exc_type}: {stack.exc_value}")
    return RuntimeError("Textual could not go on, and did not say why")


class LeaveDialog(ConfirmDialog):
    """Asks before leaving."""

    def __init__(self, stopped: Iterable[str] = ()) -> None:
        """`stopped` is what that stops, a sentence each."""
        super().__init__(
            "Leave supportdesk?",
            [*stopped, "ctrl+c again leaves at once."],
            "Leave",
            dangerous=True,
            unchanged="",
        )
