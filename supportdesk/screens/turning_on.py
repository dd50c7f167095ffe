"""The page that has a plan applied and shows how far that is, for real or in a rehearsal. Applies nothing itself: the desk does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.errors import BrakeHolds, PlanStale, SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.call_sheet import CallSheetDialog
from supportdesk.screens.load import error_text
from supportdesk.screens.plan_words import TITLES
from supportdesk.screens.stock_words import zone
from supportdesk.screens.turning_on_words import (
    ENDS,
    OVER,
    held_lines,
    keeper_line,
    moved_lines,
    phase_lines,
    result_line,
    result_text,
    row_lines,
    state_words,
)
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ConfirmDialog, TypedConfirmDialog
from supportdesk.widgets.merchant_text import plain

if TYPE_CHECKING:
    from supportdesk.desk.sync_status import SyncStatus

LOOK_SECONDS: Final = 1.0
LOOK_SECONDS_REMOTE: Final = 2.0

Left = Literal["overview", "new_plan"]
"""Where somebody goes from the page: on to the Overview, or back to Review for another plan."""


class TurningOnScreen(DeskScreen[Left]):
    """How far turning on is, and what came of it. With a plan it asks for that to be applied; without, it looks on.

    In a rehearsal it is the same page on the rehearsal's desk, and leaving it ends the rehearsal.
    """

    name_in_registry = "turning_on"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("turning_on")
    DEFAULT_CSS = """
    TurningOnScreen > #all { height: 1fr; padding: 1 2; scrollbar-size-vertical: 1; }
    TurningOnScreen Static { height: auto; width: 1fr; max-width: 110; }
    TurningOnScreen .gap { margin-top: 1; }
    """

    def __init__(
        self,
        channel: ChannelSummary,
        timezone: str = "UTC",
        *,
        plan_id: int | None = None,
        brake_rows: int | None = None,
        confirm: str = "",
        rehearsal: bool = False,
        part: str = "",
    ) -> None:
        """`part` names a plan that does not turn on, for the header. `plan_id` is applied when the page opens, `confirm` and `brake_rows` are what was typed; without one it only looks on."""
        super().__init__()
        self.channel = channel
        self.zone = zone(timezone)
        self.plan_id = plan_id
        self.brake_rows = brake_rows
        self.confirm = confirm
        self.rehearsal = rehearsal
        self.subject_part = part
        self.status: SyncStatus | None = None
        self.error: SupportdeskError | None = None
        self._asking = False

    def compose_body(self) -> Iterable[Widget]:
        """Phases, rows, what is held, the outcome, who keeps it running."""
        with VerticalScroll(id="all"):
            yield Static(id="phases")
            yield Static(id="moved", classes="gap")
            yield Static(id="rows", classes="gap")
            yield Static(id="held")
            yield Static(id="result", classes="gap")
            yield Static(id="keeper")

    def opened(self) -> None:
        """Ask for the plan to be applied, or look."""
        self.header.subject = self.channel.title or self.channel.handle
        self.header.part = self.subject_part or ("Rehearsal" if self.rehearsal else "Turning on")
        self.header.state = "○ Sync off"
        self.query_one("#all").focus()
        seconds = LOOK_SECONDS_REMOTE if self.desk_app.profile.remote else LOOK_SECONDS
        self.set_interval(seconds, self.look)
        if self.plan_id is None:
            self.look()
        else:
            self._apply(self.plan_id)

    # Asking and looking

    def _apply(self, plan_id: int, moved_rows: int | None = None) -> None:
        handle, confirm, rows = self.channel.handle, self.confirm, self.brake_rows
        self._asking = True
        self.query_one("#phases", Static).update(Content("Asking for it …"))

        def asked(status: SyncStatus) -> None:
            self._asking = False
            self._show(status)

        def refused(error: SupportdeskError) -> None:
            self._asking = False
            self.error = error
            self._draw_error(error)

        self.work(
            "apply",
            lambda _: self.doorway.apply_plan(
                handle, plan_id, confirm=confirm, brake_rows=rows, moved_rows=moved_rows
            ),
            asked,
            failed=refused,
        )

    def look(self) -> None:
        """See how it stands. Not while it is being asked for, and not behind another page."""
        if self.app.screen is self and not self._asking and self.error is None:
            handle = self.channel.handle
            self.work("status", lambda _: self.doorway.sync_status(handle), self._show, failed=self._unread)

    def _unread(self, error: SupportdeskError) -> None:
        """Say that it could not be looked at; the next look comes by itself."""
        self.query_one("#keeper", Static).update(error_text(error, "It is looked at again in a moment."))

    def resumed(self) -> None:
        """Look at once."""
        if self.status is not None:
            self.look()

    # Drawing

    def _show(self, status: SyncStatus) -> None:
        self.status = status
        self._draw(status)
        self.show_footer()

    def _draw(self, status: SyncStatus) -> None:
        self.header.state = state_words(status, self.zone, self.now)
        if not (self.rehearsal or self.subject_part):
            turning_on = "Sync" if status.is_on else "Turning on"
            self.header.part = TITLES["rollback"] if status.purpose == "rollback" else turning_on
        width = self.query_one("#all").content_size.width
        parts = {
            "phases": phase_lines(status, self.zone, self.now),
            "moved": moved_lines(status, width),
            "rows": row_lines(status, width),
            "held": held_lines(status),
            "result": [line for line in [result_line(status)] if line.plain],
            "keeper": [keeper_line(status, self.zone, self.now)] if status.phase not in (None, *OVER) else [],
        }
        if status.phase is None:
            parts["phases"] = [Content("No plan has been applied here yet.")]
        for name, lines in parts.items():
            part = self.query_one(f"#{name}", Static)
            part.update(Content("\n").join(lines))
            part.display = bool(lines)

    def _draw_error(self, error: SupportdeskError) -> None:
        again = (
            "p makes a new plan from how things are now."
            if isinstance(error, PlanStale | BrakeHolds)
            else "Esc goes back; nothing is lost."
        )
        self.query_one("#phases", Static).update(error_text(error, f"Nothing was written. {again}"))
        self.show_footer()

    # Commands

    @property
    def is_ended(self) -> bool:
        """Whether it came to nothing."""
        return self.error is not None or (self.status is not None and self.status.phase in ENDS)

    def reason_disabled(self, command_id: str) -> str | None:
        """What fits the state."""
        if command_id == "turning_on.new_plan":
            if self.rehearsal:
                return "This is a rehearsal: esc ends it."
            if self.is_ended:
                return None
            is_on = self.status is not None and self.status.is_on
            return f"{'Sync is on' if is_on else 'It is going on'}: there is nothing to plan anew."
        if command_id in ("turning_on.confirm", "turning_on.stop") and not self.waits:
            return "Nothing waits to be confirmed."
        if command_id == "turning_on.go_on" and self.error is not None:
            return "It was not turned on: p makes a new plan, esc goes back."
        if command_id == "turning_on.call_sheet" and self.rehearsal:
            return "A rehearsal has no call sheet."
        return None

    def label_of(self, command: Command) -> str:
        """In a rehearsal esc ends it, and enter looks at the pretend store."""
        if self.rehearsal and command.id == "back":
            return "end rehearsal"
        if self.rehearsal and command.id == "turning_on.go_on":
            return "look around"
        return command.label

    @property
    def waits(self) -> bool:
        """Whether rows that moved wait to be confirmed."""
        return self.error is None and self.status is not None and self.status.phase == "moved"

    @property
    def in_progress(self) -> bool:
        """Whether leaving the program would stop something: a rehearsal, or sync that only this program keeps running."""
        return self.rehearsal or (self.status is not None and self.status.keeper == "here")

    @property
    def stopped_by_leaving(self) -> str:
        """Which of them."""
        if self.rehearsal:
            return "The rehearsal ends: its pretend store goes, the real one was not touched."
        return "Sync stops: only this program keeps it running." if self.in_progress else ""

    def what_to_copy(self) -> tuple[str, str]:
        """All that the page says."""
        if self.error is not None:
            return "the message", f"{self.error.title}: {self.error.detail} {self.error.next_step}".strip()
        if self.status is None:
            return "", ""
        title = plain(f"{self.channel.title or self.channel.handle}: turning on sync").plain
        return "the result", result_text(title, self.status, self.zone, self.now)

    def action_go_on(self) -> None:
        """To the Overview; in a rehearsal that of the pretend store."""
        if self.rehearsal:
            from supportdesk.screens.channel import ChannelScreen

            handle = self.channel.handle

            def found(channel: ChannelSummary) -> None:
                self.app.push_screen(ChannelScreen(channel))

            self.work("look_around", lambda _: self.doorway.channel_named(handle), found)
        else:
            self.leave("overview")

    def action_confirm(self) -> None:
        """Go on with the rows as they are now, once the shop's handle was typed."""
        status = self.status
        if status is None or status.plan_id is None:
            return
        plan_id, moved = status.plan_id, status.moved
        dialog = TypedConfirmDialog(
            "Go on with what moved",
            [
                f"{counted(moved, 'row')} moved since the plan was made, as shown.",
                "They are read once more; what moves further is asked about again.",
            ],
            self.channel.handle,
            "Go on",
        )

        def typed(yes: bool | None) -> None:
            if yes:
                self.confirm = self.channel.handle
                self._apply(plan_id, moved)

        self.app.push_screen(dialog, typed)

    def action_stop(self) -> None:
        """Leave the plan as it is: nothing was written, and nothing will be."""
        handle, status = self.channel.handle, self.status
        if status is None or status.plan_id is None:
            return
        plan_id = status.plan_id
        dialog = ConfirmDialog(
            "Stop turning on?" if status.purpose == "turn-on" else "Leave the plan?",
            ["Nothing was written, and nothing will be. It takes a new plan then."],
            "Stop",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(
                    "stop",
                    lambda _: self.doorway.stop_plan(handle, plan_id, confirm=handle),
                    lambda _: self.look(),
                )

        self.app.push_screen(dialog, answered)

    def action_new_plan(self) -> None:
        """Back to Review."""
        self.leave("new_plan")

    def action_back(self) -> None:
        """Leave the page: turning on goes on. A rehearsal is ended, after asking."""
        if not self.rehearsal:
            self.leave("overview" if self.status is not None and self.status.is_on else None)
            return
        dialog = ConfirmDialog(
            "End the rehearsal?",
            ["The pretend store and everything in it goes. The real store was not touched."],
            "End it",
        )
        self.app.push_screen(dialog, lambda yes: self.leave() if yes else None)

    def action_call_sheet(self) -> None:
        """Write what was decided to a file."""
        self.app.push_screen(CallSheetDialog(self.doorway, self.channel.handle), self._sheet_written)

    def _sheet_written(self, target: Path | None) -> None:
        if target is not None:
            self.app.notify(plain(f"Wrote the call sheet to {target}.").plain, markup=False, timeout=8)
