"""Turning on: the wizard's last step, and the page that applies a plan and shows how far it is. Applies nothing itself: the desk does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.plan_view import PlanView
from supportdesk.errors import BrakeHolds, PlanStale, SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.form_dialog import FormDialog
from supportdesk.screens.load import error_text
from supportdesk.screens.review_words import blocked_text
from supportdesk.screens.stock_words import zone
from supportdesk.screens.turning_on_words import (
    ENDS,
    held_lines,
    keeper_line,
    phase_lines,
    result_line,
    result_text,
    row_lines,
    state_words,
    will_happen,
)
from supportdesk.screens.wizard_steps import WizardStep
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ConfirmDialog, TypedConfirmDialog
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain

if TYPE_CHECKING:
    from supportdesk.desk.applying import SyncStatus
    from supportdesk.desk.going_live import WizardView

LOOK_SECONDS: Final = 1.0
LOOK_SECONDS_REMOTE: Final = 2.0

Left = Literal["overview", "new_plan"]
"""Where somebody goes from the page: on to the Overview, or back to Review for another plan."""


class TurnOnStep(WizardStep):
    """What will happen, and the way to make it happen."""

    name_in_registry = "wizard_turn_on"
    step = "turn_on"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("wizard_turn_on")
    changes = frozenset({"wizard_turn_on.turn_on"})

    def __init__(self) -> None:
        super().__init__()
        self.plan: PlanView | None = None

    def compose(self) -> ComposeResult:
        """What will happen, a sentence each."""
        with VerticalScroll(id="all"):
            yield Static("What happens when you turn on", classes="question")
            yield Static(id="happens")
            yield Static(id="brake", classes="gap")
            yield Static(id="how", classes="gap")
        yield Static(id="blocks", classes="gap")

    def entered(self) -> None:
        """There is nothing to choose; the page scrolls."""
        self.query_one("#all").focus()

    def show(self, view: WizardView) -> None:
        """Draw the accepted plan."""
        self.show_blocks(view, "5 goes back to Review")
        if view.plan_id is None:
            self.plan = None
            self._draw()
        elif self.plan is None or self.plan.id != view.plan_id:
            handle, plan_id = self.handle, view.plan_id
            self.work("plan", lambda _: self.doorway.plan_view(handle, plan_id), self._take_plan)
        else:
            self._draw()

    def refreshed(self) -> None:
        """Read the plan again."""
        self.plan = None

    def _take_plan(self, plan: PlanView) -> None:
        self.plan = plan
        self._draw()
        self.wizard.show_footer()

    def _draw(self) -> None:
        plan = self.plan
        happens, brake, how = (self.query_one(f"#{name}", Static) for name in ("happens", "brake", "how"))
        if plan is None:
            happens.update(Content("The plan has to be made again: 5 goes back to Review."))
            brake.update(Content(""))
            how.update(Content(""))
            return
        happens.update(
            Content("\n").join(plain(f"{number}. {text}") for number, text in enumerate(will_happen(plan), 1))
        )
        brake.update(
            Content("\n").join(
                Content.assemble(("! ", "bold $warned"), plain(reason.text)) for reason in plan.brake
            )
        )
        rows = f"the number of rows it changes ({plan.totals.store_changes:,}) and " if plan.brake else ""
        how.update(
            Content.assemble(
                ("T", "bold $accent"),
                plain(f" or enter turns on, once you typed {rows}the shop's handle, {self.handle}. "),
                ("R rehearses it first. Nothing is written before that.", "$muted"),
            )
        )

    def reason_disabled(self, command_id: str) -> str | None:
        """Turning on needs the accepted plan."""
        if command_id not in ("wizard_turn_on.turn_on", "wizard_turn_on.rehearse"):
            return None
        view = self.wizard.view
        if view is None or self.plan is None:
            return "There is no plan for the answers as they are: 5 goes back to Review."
        if command_id == "wizard_turn_on.rehearse":
            return plain(blocked_text(self.plan.blocked[0])).plain if self.plan.blocked else None
        return next(iter(self.line(view).blocks), None)

    def label_of(self, command: Command) -> str:
        """Enter turns on too."""
        return "turn on…" if command.id == "wizard.next" else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """What will happen."""
        return ("what will happen", "\n".join(will_happen(self.plan))) if self.plan is not None else ("", "")

    def take(self) -> None:
        """The same as its key."""
        self.wizard.desk_app.run_command_id("wizard_turn_on.turn_on")

    def action_turn_on(self) -> None:
        """Ask for the number of rows where the brake holds, then for the shop's handle; then turn on."""
        plan = self.plan
        if plan is None:
            return
        if plan.brake:
            rows = plan.totals.store_changes
            dialog = TypedConfirmDialog(
                "The brake holds",
                [
                    *(reason.text for reason in plan.brake),
                    f"If it is meant, type how many rows it changes: {rows}.",
                ],
                str(rows),
                "It is meant",
            )
            self.app.push_screen(dialog, lambda yes: self._ask_handle(plan, rows) if yes else None)
        else:
            self._ask_handle(plan, None)

    def _ask_handle(self, plan: PlanView, brake_rows: int | None) -> None:
        changes = plan.totals.store_changes
        zero = f", {plan.totals.store_to_zero:,} of them to zero" if plan.totals.store_to_zero else ""
        dialog = TypedConfirmDialog(
            "Turn on sync",
            [
                f"{counted(changes, 'row of the store changes', 'rows of the store change')}{zero}; "
                f"{counted(plan.totals.ledger.rows, 'number is', 'numbers are')} set in Sumtracker.",
                "From then on the two are kept equal.",
            ],
            self.handle,
            "Turn on",
        )
        self.app.push_screen(dialog, lambda yes: self.wizard.turn_on(plan.id, brake_rows) if yes else None)

    def action_rehearse(self) -> None:
        """Try the plan on a pretend store."""
        if self.plan is not None:
            self.wizard.rehearse(self.plan.id)

    def action_call_sheet(self) -> None:
        """Write what was decided to a file."""
        self.app.push_screen(CallSheetDialog(self.doorway, self.handle), self._sheet_written)

    def _sheet_written(self, target: Path | None) -> None:
        if target is not None:
            self.app.notify(plain(f"Wrote the call sheet to {target}.").plain, markup=False, timeout=8)


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
    ) -> None:
        """`plan_id` is applied when the page opens, `confirm` and `brake_rows` are what was typed; without one it only looks on."""
        super().__init__()
        self.channel = channel
        self.zone = zone(timezone)
        self.plan_id = plan_id
        self.brake_rows = brake_rows
        self.confirm = confirm
        self.rehearsal = rehearsal
        self.status: SyncStatus | None = None
        self.error: SupportdeskError | None = None
        self._asking = False

    def compose_body(self) -> Iterable[Widget]:
        """Phases, rows, what is held, the outcome, who keeps it running."""
        with VerticalScroll(id="all"):
            yield Static(id="phases")
            yield Static(id="rows", classes="gap")
            yield Static(id="held")
            yield Static(id="result", classes="gap")
            yield Static(id="keeper")

    def opened(self) -> None:
        """Ask for the plan to be applied, or look."""
        self.header.subject = self.channel.title or self.channel.handle
        self.header.part = "Rehearsal" if self.rehearsal else "Turning on"
        self.header.state = "○ Sync off"
        self.query_one("#all").focus()
        seconds = LOOK_SECONDS_REMOTE if self.desk_app.profile.remote else LOOK_SECONDS
        self.set_interval(seconds, self.look)
        if self.plan_id is None:
            self.look()
        else:
            self._apply(self.plan_id)

    # Asking and looking

    def _apply(self, plan_id: int) -> None:
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
            lambda _: self.doorway.apply_plan(handle, plan_id, confirm=confirm, brake_rows=rows),
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
        if status.is_on and not self.rehearsal:
            self.header.part = "Sync"
        width = self.query_one("#all").content_size.width
        parts = {
            "phases": phase_lines(status, self.zone, self.now),
            "rows": row_lines(status, width),
            "held": held_lines(status),
            "result": [line for line in [result_line(status)] if line.plain],
            "keeper": [keeper_line(status, self.zone, self.now)] if status.phase not in (None, *ENDS) else [],
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
            return None if self.is_ended else "It is going on: there is nothing to plan anew."
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
    def in_progress(self) -> bool:
        """Whether leaving the program would stop something: a rehearsal, or sync that only this program keeps running."""
        return self.rehearsal or (self.status is not None and self.status.keeper == "here")

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


class CallSheetDialog(FormDialog[Path]):
    """Asks for a file and writes the call sheet to it. Answers the file."""

    title_text = "Call sheet"
    submit_label = "Write"

    def __init__(self, doorway: Doorway, channel: str) -> None:
        super().__init__()
        self.doorway = doorway
        self.channel = channel

    def compose_questions(self) -> Iterable[Widget]:
        """What is written, and to which file."""
        yield Static(
            Content(
                "What was decided, by whom and when, with the plan's totals: Markdown, for the merchant."
            ),
            classes="sentence",
        )
        yield Field("file", "agents' notes on duplicates are in it", id="file")

    def opened(self) -> None:
        """Begin with a name."""
        typed = self.query_one("#file", Field).input
        typed.value = str(Path.cwd() / f"{self.channel}-call-sheet.md")
        typed.focus()

    def submit(self) -> None:
        """Write it; a file that is there is left alone."""
        typed, channel = self.query_one("#file", Field).value, self.channel
        if not typed:
            self.say("The name of a file is missing.")
            return
        target = Path(typed)
        self.ask(lambda _: self.doorway.save_call_sheet(channel, target), lambda _: self.end(target))

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.action_submit()
