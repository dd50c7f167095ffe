"""A plan outside the wizard: made, looked at row by row, applied once its shop's handle was typed. Draws a `PlanView`; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.plan_view import PlanLine, PlanView
from supportdesk.core.text import safe_text
from supportdesk.errors import Refused, SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.fetched_rows import FetchedTable
from supportdesk.screens.load import error_text
from supportdesk.screens.plan_questions import ask_answers, ask_brake, ask_kept
from supportdesk.screens.plan_row_keys import PlanRowKeys
from supportdesk.screens.plan_rows import PlanRows
from supportdesk.screens.plan_words import Wanted, answers_line, cause_lines, subject, will_happen
from supportdesk.screens.planned_sku import PlannedSkuScreen
from supportdesk.screens.review_words import (
    SHOWN,
    blocked_text,
    made_text,
    plan_notes,
    row_columns,
    row_detail,
    row_of,
    totals_lines,
)
from supportdesk.screens.turning_on import TurningOnScreen
from supportdesk.screens.words import age
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import TypedConfirmDialog
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.progress import PhaseList
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.screens.work import Work

_NOTES: Final = 3


class PlanReviewScreen(DeskScreen[SupportdeskError], PlanRowKeys):
    """The plan that is wanted, made when the page opens. Answers why there can be none, where it is refused before there was one."""

    name_in_registry = "plan_review"
    keeps_place = frozenset({"plan_review.apply", "plan_review.look"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("plan_review") + bindings_of("list")
    DEFAULT_CSS = """
    PlanReviewScreen > #top { height: auto; max-height: 60%; padding: 0 1; scrollbar-size-vertical: 1; }
    PlanReviewScreen > #top.-alone { height: 1fr; max-height: 100%; }
    PlanReviewScreen > #top Static { height: auto; width: 1fr; }
    PlanReviewScreen > #row { height: auto; max-height: 2; padding: 0 1; }
    PlanReviewScreen FetchedTable { min-height: 4; }
    """

    def __init__(self, channel: ChannelSummary, wanted: Wanted, timezone: str = "UTC") -> None:
        super().__init__()
        self.channel, self.wanted, self.timezone = channel, wanted, timezone
        self.plan: PlanView | None = None
        self.error: SupportdeskError | None = None
        self.rows = PlanRows()
        self._making: Work[PlanView] | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Totals and what is said beside them, then the rows, and the one under the cursor."""
        with VerticalScroll(id="top", can_focus=False):
            yield PhaseList()
            yield Static(id="says")
        yield FilterLine()
        yield FetchedTable[PlanLine](row_columns(80), row_of, id="plan-rows", signs=True)
        yield Static(id="row")

    def opened(self) -> None:
        """Make it; a link asks first whether the store's counts are copied."""
        self.header.subject = self.channel.title or self.channel.handle
        self.header.part = subject(self.wanted)
        self.table.focus()
        self.set_interval(self.desk_app.profile.progress_seconds, self._look)
        if self.wanted.asks_copy and self.wanted.copies is None:
            self._draw()
            self.action_answers()
        else:
            self.action_make()

    def on_resize(self, event: events.Resize) -> None:
        """More columns where there is room."""
        self.table.set_columns(row_columns(event.size.width))
        self.table.refresh_rows()

    # Making

    def action_make(self) -> None:
        """Make the plan anew."""
        handle, wanted = self.channel.handle, self.wanted
        self.error = None
        self._making = self.work(
            "make",
            lambda watch: self.doorway.make_wanted_plan(handle, wanted, watch),
            self._made,
            failed=self._unmade,
            stopped=lambda: self._unmade(None),
        )
        self._draw()

    def _look(self) -> None:
        if self._making is not None:
            self.query_one(PhaseList).phases = self._making.phases

    def _made(self, plan: PlanView) -> None:
        self._making, self.plan = None, plan
        self._draw()
        self.open_rows()

    def _unmade(self, error: SupportdeskError | None) -> None:
        self._making, self.error = None, error
        if self.plan is None and self.is_current and isinstance(error, Refused):
            self.leave(error)
        else:
            self._draw()

    # Drawing

    def _draw(self) -> None:
        making, plan = self._making is not None, self.plan
        self.query_one(PhaseList).display = making
        for widget in (self.filter_line, self.table, self.query_one("#row")):
            widget.display = plan is not None and not making and self.error is None
        says = self.query_one("#says", Static)
        says.display = not making
        self.query_one("#top").set_class(not self.table.display, "-alone")
        if self.error is not None:
            says.update(error_text(self.error, "No plan was made, and nothing was written. p tries again."))
        elif plan is None:
            says.update(Content("There is no plan yet: p makes it."))
        else:
            says.update(Content("\n").join(self._lines(plan)))
        self.show_footer()

    def _lines(self, plan: PlanView) -> list[Content]:
        lines = [Content.styled(made_text(plan, age(plan.made_at, self.now)), "$muted"), *totals_lines(plan)]
        if plan.purpose == "rollback":
            lines[-1:] = [Content("Sumtracker: its numbers stay as they are."), *cause_lines(plan)]
        lines += [plain(text) for text in will_happen(plan, self.wanted)]
        if said := answers_line(plan, self.wanted):
            lines.append(Content(said))
        lines += [
            Content.assemble(("! ", "bold $warned"), plain(f"The brake holds: {reason.text}"))
            for reason in plan.brake
        ]
        blocked = plan.blocked[:_NOTES]
        lines += [Content.assemble(("✗ ", "bold $blocked"), plain(blocked_text(each))) for each in blocked]
        if plan.purpose != "rollback":
            lines += plan_notes(plan)[:_NOTES]
        return lines

    # Rows

    @on(WindowTable.Moved)
    def rows_opened(self) -> None:
        """What stands below the rows is of the one under the cursor."""
        self.query_one("#row", Static).update(row_detail(self.table.item))
        self.show_footer()

    @on(WindowTable.Opened)
    def _row_opened(self) -> None:
        self.desk_app.run_command_id("plan_review.look")

    def action_look(self) -> None:
        """Look into the SKU under the cursor."""
        if (row := self.table.item) is not None and self.plan is not None:
            self.app.push_screen(PlannedSkuScreen(self.channel, row, self.plan, self.timezone))

    # What is asked

    def action_answers(self) -> None:
        """Ask whether the store's counts are copied, and what follows from that, a question at a time; then make the plan."""
        ask_answers(self, self.wanted, self._make_for)

    def action_keep(self) -> None:
        """Ask of each cause whether what was pushed for it stays; then make the plan."""
        if self.plan is not None:
            ask_kept(self, self.plan, lambda kept: self._make_for(replace(self.wanted, keep=kept)))

    def _make_for(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.action_make()

    # Applying

    def action_apply(self) -> None:
        """Ask for the number of rows where the brake holds, then for the shop's handle; then apply."""
        plan = self.plan
        if plan is not None:
            ask_brake(self, plan, lambda brake_rows: self._ask_handle(plan, brake_rows))

    def _ask_handle(self, plan: PlanView, brake_rows: int | None) -> None:
        handle = self.channel.handle
        dialog = TypedConfirmDialog(subject(self.wanted), will_happen(plan, self.wanted), handle, "Apply")

        def typed(yes: bool | None) -> None:
            if yes:
                page = TurningOnScreen(
                    *(self.channel, self.timezone),
                    plan_id=plan.id,
                    brake_rows=brake_rows,
                    confirm=handle,
                    part=subject(self.wanted),
                )
                self.app.push_screen(page, self._applied)

        self.app.push_screen(dialog, typed)

    def _applied(self, to: str | None) -> None:
        if to == "new_plan":
            self.action_make()
        else:
            self.leave()

    # Frame

    @property
    def kept(self) -> frozenset[str]:
        """What keeps its place where there are rows; without a plan nothing is offered that needs one."""
        return self.keeps_place if self.table.display else frozenset()

    @property
    def in_progress(self) -> bool:
        """Whether a plan is being made."""
        return self._making is not None

    def reason_disabled(self, command_id: str) -> str | None:
        """What fits the plan."""
        scope, _, name = command_id.partition(".")
        if scope == "list" and self.plan is None:
            return "There is no plan yet."
        if scope != "plan_review":
            return None
        if self._making is not None:
            return "The plan is being made."
        if name == "answers" and not self.wanted.asks_copy:
            return "Nothing is asked of this plan."
        if name == "keep" and (self.plan is None or self.plan.purpose != "rollback"):
            return "Causes are kept where pushes are taken back."
        if name == "look" and (self.table.item is None or not self.table.display):
            return "There is no row."
        if name == "apply":
            if self.doorway.desk.settings.read_only:
                return "supportdesk was started read-only, so it applies no plan."
            if self.plan is None or self.error is not None:
                return "There is no plan: p makes it."
            if self.plan.blocked:
                return safe_text(blocked_text(self.plan.blocked[0]))
        return None

    def label_of(self, command: Command) -> str:
        """Esc stops while it is being made; `f` says what comes next."""
        if command.id == "back" and self._making is not None:
            return "stop"
        return f"show {SHOWN[self.rows.next_show]}" if command.id == "list.show" else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU under the cursor."""
        return ("the SKU", self.table.item.sku) if self.table.item is not None else ("", "")

    def action_back(self) -> None:
        """Stop making a plan; clear the filter; leave. A plan that was made stays to be looked at."""
        if self._making is not None:
            self._making.cancel()
        elif self.filter_line.text or self.filter_line.is_open:
            self.filter_line.leave(clear=True)
            self.table.focus()
        else:
            self.leave()
