"""The wizard's last step, Turn on: what will happen, and what is typed before it does. Draws a `PlanView`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.plan_view import PlanView
from supportdesk.screens.call_sheet import CallSheetDialog
from supportdesk.screens.plan_questions import ask_brake
from supportdesk.screens.review_words import blocked_text, ledger_words
from supportdesk.screens.turning_on_words import will_happen
from supportdesk.screens.wizard_step import WizardStep
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import TypedConfirmDialog
from supportdesk.widgets.merchant_text import plain

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import WizardView


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
        if self.wizard.view is not None and self.wizard.view.sync:
            how.update(Content(""))
            return
        rows = f"the number of rows it changes ({plan.totals.store_changes:,}) and " if plan.brake else ""
        how.update(
            Content.assemble(
                ("n", "bold $accent"),
                plain(f" turns on, once you typed {rows}the shop's handle, {self.handle}. "),
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
        if command_id == "wizard_turn_on.rehearse" and view.sync:
            return plain(view.sync).plain
        if command_id == "wizard_turn_on.rehearse":
            return plain(blocked_text(self.plan.blocked[0])).plain if self.plan.blocked else None
        return next(iter(self.line(view).blocks), None)

    def label_of(self, command: Command) -> str:
        """Going on is turning on."""
        return "turn on…" if command.id == "wizard.next" else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """What will happen."""
        return ("what will happen", "\n".join(will_happen(self.plan))) if self.plan is not None else ("", "")

    @property
    def why_not_next(self) -> str | None:
        """As for its own key."""
        return self.wizard.why_not_change or self.reason_disabled("wizard_turn_on.turn_on")

    def go_on(self) -> None:
        """The same as its key."""
        self.wizard.desk_app.run_command_id("wizard_turn_on.turn_on")

    def action_turn_on(self) -> None:
        """Ask for the number of rows where the brake holds, then for the shop's handle; then turn on."""
        plan = self.plan
        if plan is not None:
            ask_brake(self, plan, lambda brake_rows: self._ask_handle(plan, brake_rows))

    def _ask_handle(self, plan: PlanView, brake_rows: int | None) -> None:
        changes = plan.totals.store_changes
        zero = f", {plan.totals.store_to_zero:,} of them to zero" if plan.totals.store_to_zero else ""
        dialog = TypedConfirmDialog(
            "Turn on sync",
            [
                f"{counted(changes, 'row of the store changes', 'rows of the store change')}{zero}.",
                f"{ledger_words(plan)}.",
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
