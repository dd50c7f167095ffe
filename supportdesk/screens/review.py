"""The wizard's step Review: the plan's totals, what stands in the way, and every row before → after. Draws a `PlanView`; judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, get_args

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.plan_view import PlanLine, PlanView
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import Answer
from supportdesk.errors import SupportdeskError
from supportdesk.screens.fetched_rows import FetchedTable
from supportdesk.screens.load import error_text
from supportdesk.screens.plan_row_keys import PlanRowKeys
from supportdesk.screens.plan_rows import PlanRows
from supportdesk.screens.planned_sku import PlannedSkuScreen
from supportdesk.screens.review_text import Moment, ReviewPart, what_blocks, what_is_said
from supportdesk.screens.review_words import (
    SHOWN,
    blocked_text,
    row_columns,
    row_detail,
    row_of,
)
from supportdesk.screens.stock_words import zone
from supportdesk.screens.wizard_step import WizardStep
from supportdesk.screens.wizard_words import ACCEPT_FIRST
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ConfirmDialog
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.progress import PhaseList
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import WizardView
    from supportdesk.screens.work import Work

_VIEWS: Final[tuple[ReviewPart, ...]] = get_args(ReviewPart)


class ReviewStep(WizardStep, PlanRowKeys, can_focus=True):
    """The plan for the answers as they are; made when the step is opened without one."""

    name_in_registry = "wizard_review"
    step = "review"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("wizard_review") + bindings_of("list")
    takes_while_watching = True
    changes = frozenset({"wizard_review.turn_on", "wizard_review.make", "wizard_review.off_there"})
    DEFAULT_CSS = """
    ReviewStep > #top { height: auto; max-height: 70%; scrollbar-size-vertical: 1; }
    ReviewStep FilterLine { padding: 0; }
    ReviewStep > #row { height: auto; max-height: 2; color: $foreground; }
    ReviewStep FetchedTable { min-height: 4; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan: PlanView | None = None
        self.view_number = 0
        self.rows = PlanRows()
        self._making: Work[PlanView] | None = None
        self._timer: Timer | None = None
        self._tried = -1
        self._error: SupportdeskError | None = None

    def compose(self) -> ComposeResult:
        """Totals and what is said beside them, then the rows, and the one under the cursor."""
        with VerticalScroll(id="top", can_focus=False):
            yield PhaseList()
            yield Static(id="totals")
            yield Static(id="blocks")
        yield FilterLine()
        yield FetchedTable[PlanLine](row_columns(80), row_of, id="plan-rows", signs=True)
        yield Static(id="row")

    # Parts

    @property
    def is_making(self) -> bool:
        """Whether a plan is being made."""
        return self._making is not None

    def on_resize(self, event: events.Resize) -> None:
        """More columns where there is room, more said where there are lines."""
        self.table.set_columns(row_columns(event.size.width))
        self.table.refresh_rows()
        self._draw()

    # The plan

    def entered(self) -> None:
        """The cursor is on the rows; a plan that is missing is made."""
        self._keep_focus()
        view = self.wizard.view
        if view is not None and self._making is None:
            self._tried = -1
            self.show(view)

    def show(self, view: WizardView) -> None:
        """Draw the plan there is; make one where there is none for the answers as they are."""
        if self._making is not None:
            return
        if view.plan_id is None or self._is_blocked_no_more(view):
            if (
                self._tried != view.revision
                and self.wizard.shown_step == self.step
                and not self.wizard.why_not_change
            ):
                self._tried = view.revision
                self.action_make()
                return
        elif self.plan is None or self.plan.id != view.plan_id:
            handle, plan_id = self.handle, view.plan_id
            self.work("plan", lambda _: self.doorway.plan_view(handle, plan_id), self._take_plan)
        self._draw()

    def _is_blocked_no_more(self, view: WizardView) -> bool:
        """Whether something stood in the way of the plan that is mended since: what a plan says of that is as it was made."""
        plan = self.plan
        is_current = plan is not None and plan.id == view.plan_id
        return is_current and plan is not None and bool(plan.blocked) and not self._open_blocks(view)

    def _open_blocks(self, view: WizardView) -> list[str]:
        """What blocks going on, but for accepting the plan."""
        return [text for text in self.line(view).blocks if text != ACCEPT_FIRST]

    def refreshed(self) -> None:
        """Read the plan again."""
        self.plan = None
        self._tried = -1

    def _take_plan(self, plan: PlanView) -> None:
        is_other = self.plan is None or self.plan.id != plan.id
        self.plan = plan
        if is_other:
            self.view_number = 0
        self._draw()
        if is_other:
            self.open_rows()

    def action_make(self) -> None:
        """Make the plan anew."""
        if self._making is not None:
            return
        handle = self.handle
        self._error = None
        self._making = self.work(
            "make",
            lambda watch: self.doorway.make_plan(handle, watch),
            self._made,
            failed=self._unmade,
            stopped=self._stopped,
        )
        self._timer = self.set_interval(self.wizard.desk_app.profile.progress_seconds, self._look)
        self._look()
        self._draw()

    def _look(self) -> None:
        """Show how far making the plan is."""
        if self._making is not None:
            phases = self.query_one(PhaseList)
            phases.phases = self._making.phases
            if self.wizard.desk_app.profile.spinner:
                phases.turn += 1

    def _rest(self) -> None:
        self._making = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.wizard.show_footer()

    def _made(self, plan: PlanView) -> None:
        self._rest()
        self._take_plan(plan)
        self.wizard.read()

    def _unmade(self, error: SupportdeskError) -> None:
        self._rest()
        self._error = error
        self._draw()

    def _stopped(self) -> None:
        self._rest()
        self.app.notify("Stopped: no plan was made.", markup=False)
        self._draw()

    # Drawing

    def rows_opened(self) -> None:
        """What is said above and below the rows."""
        self._draw()
        self.wizard.show_footer()

    def _draw(self) -> None:
        view, plan = self.wizard.view, self.plan
        making = self._making is not None
        phases = self.query_one(PhaseList)
        phases.display = making
        totals, blocks = self.query_one("#totals", Static), self.query_one("#blocks", Static)
        for widget in (self.filter_line, self.table, self.query_one("#row")):
            widget.display = plan is not None and not making
        blocks.display = not making
        totals.display = not making
        self._keep_focus()
        if view is None or making:
            return
        blocked = what_blocks(view, self._open_blocks(view), plan)
        if self._error is not None:
            said = error_text(self._error, "No plan was made, and nothing was written. p tries again.")
        elif plan is None:
            said = Content(
                "There is no plan yet: p makes it." if view.plan_id is None else "Reading the plan …"
            )
        else:
            moment = Moment(self.wizard.now, zone(self.wizard.timezone))
            height = self.wizard.size.height
            said, blocked = what_is_said(view, plan, blocked, _VIEWS[self.view_number], height, moment)
            self.query_one("#row", Static).update(row_detail(self.table.item))
        totals.update(said)
        blocks.update(Content("\n").join(blocked))

    def _keep_focus(self) -> None:
        """What is hidden loses the focus, and with it the step's keys: the step itself has it while there are no rows."""
        if self.wizard.shown_step == self.step and self.wizard.is_current:
            if not self.table.display and not self.has_focus:
                self.focus()
            elif self.table.display and (self.has_focus or self.wizard.focused is None):
                self.table.focus()

    # Commands

    def reason_disabled(self, command_id: str) -> str | None:
        """Turning on and rehearsing need a plan; rows need one too."""
        scope, _, name = command_id.partition(".")
        if scope == "list" and self.plan is None:
            return "There is no plan yet."
        if scope != "wizard_review":
            return None
        if self._making is not None:
            return "The plan is being made."
        view = self.wizard.view
        is_current = view is not None and self.plan is not None and view.plan_id == self.plan.id
        if name == "turn_on" and view is not None:
            if not is_current:
                return "There is no plan for the answers as they are: p makes it."
            return next((safe_text(text) for text in self._open_blocks(view)), None)
        if name == "rehearse":
            if self.wizard.is_rehearsal:
                return "This is a rehearsal already."
            if not is_current or self.plan is None:
                return "There is no plan for the answers as they are: p makes it."
            return safe_text(blocked_text(self.plan.blocked[0])) if self.plan.blocked else None
        if name == "off_there" and (view is None or not view.facts.from_sumtracker):
            return "No numbers were taken from a real Sumtracker account."
        if name == "off_there" and view is not None and view.state.answers.sumtracker_off:
            return "It is confirmed already."
        if name == "where" and (self.plan is None or len(self.plan.places) < 2):
            return "The plan is about one location."
        return None

    @property
    def why_not_next(self) -> str | None:
        """As for its own key."""
        return self.wizard.why_not_change or self.reason_disabled("wizard_review.turn_on")

    def go_on(self) -> None:
        """The same as its key: accept the plan."""
        self.wizard.desk_app.run_command_id("wizard_review.turn_on")

    def label_of(self, command: Command) -> str:
        """What comes next in turn; enter looks into the row."""
        if command.id == "wizard.take":
            if self.filter_line.is_open:
                return "keep filter"
            return "look into it" if self.table.item is not None else ""
        if command.id == "wizard.next":
            return "accept, go on"
        if command.id == "back" and self._making is not None:
            return "stop"
        if command.id == "wizard_review.view":
            return _VIEWS[(self.view_number + 1) % len(_VIEWS)]
        if command.id == "list.show":
            return f"show {SHOWN[self.rows.next_show]}"
        if command.id == "back" and (self.filter_line.text or self.filter_line.is_open):
            return "clear filter"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU under the cursor."""
        return ("the SKU", self.table.item.sku) if self.table.item is not None else ("", "")

    def back(self) -> bool:
        """Stop making a plan; clear the text that is filtered by, then the filters."""
        line = self.filter_line
        if self._making is not None:
            self._making.cancel()
        elif line.text or line.is_open:
            line.leave(clear=True)
            self.table.focus()
        elif self.rows.is_filtered:
            self.rows.show_all()
            self.open_rows()
        else:
            return False
        return True

    def take(self) -> None:
        """Look into the SKU under the cursor."""
        row = self.table.item
        if row is None:
            self.app.notify(
                "n goes on to Turn on." if self.plan is not None else "There is no plan yet.", markup=False
            )
            return
        if self.plan is not None:
            self.app.push_screen(PlannedSkuScreen(self.wizard.channel, row, self.plan, self.wizard.timezone))

    def action_turn_on(self) -> None:
        """Accept the plan as it is shown, and go on."""
        view, plan = self.wizard.view, self.plan
        if view is None or plan is None:
            return
        if view.state.answers.reviewed == plan.fingerprint:
            self.wizard.next_step()
        else:
            self.wizard.say(Answer(reviewed=plan.fingerprint), self.wizard.next_step)

    def action_rehearse(self) -> None:
        """Try the plan on a pretend store."""
        if self.plan is not None:
            self.wizard.rehearse(self.plan.id)

    def action_off_there(self) -> None:
        """Confirm that sync is off in Sumtracker itself."""
        dialog = ConfirmDialog(
            "Is sync off in Sumtracker?",
            [
                "These numbers came from a real Sumtracker account. If sync is on there too, both would write to this store.",
                "Look there with the merchant: Sales Channels, this store, Sync Off.",
            ],
            "It is off",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.wizard.say(Answer(sumtracker_off=True))

        self.app.push_screen(dialog, answered)

    def action_view(self) -> None:
        """Totals by risk, by location, or all that is to be said."""
        self.view_number = (self.view_number + 1) % len(_VIEWS)
        self._draw()
        self.wizard.show_footer()

    def action_where(self) -> None:
        """Rows of all locations, or of one, in turn."""
        self.rows.place_next(self.plan)
        self.open_rows()

    @on(WindowTable.Moved)
    def _row_moved(self) -> None:
        self.query_one("#row", Static).update(row_detail(self.table.item))

    @on(WindowTable.Opened)
    def _row_opened(self) -> None:
        self.wizard.desk_app.run_command_id("wizard.take")
