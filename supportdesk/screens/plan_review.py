"""A plan outside the wizard: made, looked at row by row, applied once its shop's handle was typed. Draws a `PlanView`; judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.plan_view import PlanLine, PlanOrder, PlanShow, PlanView
from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.fetched_rows import FetchedTable
from supportdesk.screens.load import error_text
from supportdesk.screens.plan_words import CAUSES, Wanted, answers_line, cause_lines, subject, will_happen
from supportdesk.screens.planned_sku import PlannedSkuScreen
from supportdesk.screens.review_words import (
    ORDERS,
    SHOWN,
    blocked_text,
    made_text,
    plan_notes,
    row_columns,
    row_detail,
    row_of,
    summary_words,
    totals_lines,
)
from supportdesk.screens.save_file import save_list
from supportdesk.screens.turning_on import TurningOnScreen
from supportdesk.screens.words import age, counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ConfirmDialog, TypedConfirmDialog
from supportdesk.widgets.filter import FilterLine
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.progress import PhaseList
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.screens.work import Work

_SHOWN: Final[tuple[PlanShow, ...]] = tuple(SHOWN)
_ORDERS: Final[tuple[PlanOrder, ...]] = tuple(ORDERS)
_NOTES: Final = 3


class YesNoDialog(ConfirmDialog):
    """A question with two answers, neither of which does anything yet; esc asks no more."""

    def compose_buttons(self) -> Iterable[Button]:
        """Yes, then No, each with its key."""
        yield Button(Content("Yes (y)"), id="yes", compact=True)
        yield Button(Content("No (n)"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """The focus is on yes."""
        self.query_one("#box").border_subtitle = Content("y yes · n no · esc leaves it as it is")
        self.action_to("yes")

    def action_dismiss_dialog(self) -> None:
        """No answer."""
        self.dismiss(None)


class PlanReviewScreen(DeskScreen[None]):
    """The plan that is wanted, made when the page opens."""

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
        self.showing: PlanShow = "all"
        self.order: PlanOrder = "worst"
        self.descending = False
        self._making: Work[PlanView] | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Totals and what is said beside them, then the rows, and the one under the cursor."""
        with VerticalScroll(id="top", can_focus=False):
            yield PhaseList()
            yield Static(id="says")
        yield FilterLine()
        yield FetchedTable[PlanLine](row_columns(80), row_of, id="plan-rows", signs=True)
        yield Static(id="row")

    @property
    def table(self) -> FetchedTable[PlanLine]:
        """The rows."""
        return self.query_one("#plan-rows", FetchedTable)

    @property
    def filter_line(self) -> FilterLine:
        """What is shown, and the filter."""
        return self.query_one(FilterLine)

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
        self._open()

    def _unmade(self, error: SupportdeskError | None) -> None:
        self._making, self.error = None, error
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

    def _open(self) -> None:
        plan, handle = self.plan, self.channel.handle
        if plan is None:
            return
        show, order, descending, text = self.showing, self.order, self.descending, self.filter_line.text

        def opened(count: int) -> None:
            words = summary_words(plan, show, order, descending, "", count)
            self.filter_line.describe(words, count, plan.totals.store.rows)
            self._moved()

        self.table.show_from(
            lambda _: self.doorway.open_plan_rows(
                handle, plan.id, order=order, descending=descending, show=show, location=None, text=text
            ),
            opened=opened,
            failed=self.show_error,
            keep_cursor=False,
            empty="The plan has no rows." if show == "all" and not text else "No row is like that.",
        )

    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self.query_one("#row", Static).update(row_detail(self.table.item))
        self.show_footer()

    @on(WindowTable.Opened)
    def _row_opened(self) -> None:
        self.desk_app.run_command_id("plan_review.look")

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self._open()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    def action_filter(self) -> None:
        """Type a text to filter by."""
        self.filter_line.open()

    @property
    def _next_show(self) -> PlanShow:
        return _SHOWN[(_SHOWN.index(self.showing) + 1) % len(_SHOWN)]

    def action_show_next(self) -> None:
        """All rows, or those of one class, in turn."""
        self.showing = self._next_show
        self._open()

    def action_sort(self) -> None:
        """Another order."""
        self.order = _ORDERS[(_ORDERS.index(self.order) + 1) % len(_ORDERS)]
        self._open()

    def action_reverse(self) -> None:
        """The other way round."""
        self.descending = not self.descending
        self._open()

    def action_export(self) -> None:
        """Write the rows that are shown to a file."""
        plan, handle = self.plan, self.channel.handle
        if plan is None:
            return
        show, order, descending, text = self.showing, self.order, self.descending, self.filter_line.text
        save_list(
            self,
            counted(self.table.source.count(), "row"),
            f"{handle}-plan-{plan.id}.csv",
            lambda to, watch: self.doorway.save_plan_rows(
                *(handle, plan.id, to),
                order=order,
                descending=descending,
                show=show,
                location=None,
                text=text,
                watch=watch,
            ),
        )

    def action_look(self) -> None:
        """Look into the SKU under the cursor."""
        if (row := self.table.item) is not None and self.plan is not None:
            self.app.push_screen(PlannedSkuScreen(self.channel, row, self.plan, self.timezone))

    # What is asked

    def _ask(self, title: str, sentence: str, answered: Callable[[bool], None]) -> None:
        self.app.push_screen(
            YesNoDialog(title, [sentence], "Yes", unchanged=""),
            lambda yes: answered(yes) if yes is not None else None,
        )

    def action_answers(self) -> None:
        """Ask whether the store's counts are copied, and what follows from that, a question at a time; then make the plan."""
        wanted, place = self.wanted, safe_text(self.wanted.location)

        def done(**answers: object) -> None:
            self.wanted = replace(wanted, **answers)  # type: ignore[arg-type]
            self.action_make()

        def whose(yes: bool) -> None:
            done(copies=True, counts="sum" if yes else "this", unknown=None, promised_included=None)

        def promised(unknown: str) -> Callable[[bool], None]:
            return lambda yes: done(copies=False, counts=None, unknown=unknown, promised_included=yes)

        def never_counted(yes: bool) -> None:
            self._ask(
                "Orders from before",
                "Do Sumtracker's numbers include units that orders from before have promised, so that these are taken off?",
                promised("copy" if yes else "hold"),
            )

        def copied(yes: bool) -> None:
            if not yes:
                self._ask(
                    "SKUs never counted",
                    "Copy the store's count of SKUs that Sumtracker never counted? Else they are held.",
                    never_counted,
                )
            elif wanted.shares:
                self._ask(
                    "Another location is on that warehouse",
                    f"Does the warehouse have the sum of both? Else it has the count of {place} from then on.",
                    whose,
                )
            else:
                done(copies=True, counts=None, unknown=None, promised_included=None)

        self._ask(
            f"Copy the counts of {place}?",
            "Yes: Sumtracker takes the store's counts there. No: Sumtracker's numbers go to the store.",
            copied,
        )

    def action_keep(self) -> None:
        """Ask of each cause whether what was pushed for it stays; then make the plan."""
        if self.plan is None:
            return
        causes, kept = sorted(self.plan.causes.items()), list[str]()

        def ask(at: int) -> None:
            if at == len(causes):
                self.wanted = replace(self.wanted, keep=tuple(kept))
                self.action_make()
                return
            cause, units = causes[at]
            words = safe_text(CAUSES.get(cause, cause.replace("_", " ")))

            def answered(yes: bool) -> None:
                if yes:
                    kept.append(cause)
                ask(at + 1)

            self._ask(
                f"Keep {words}?",
                f"{units:+,} units were pushed for it. Kept, they stay in the store.",
                answered,
            )

        ask(0)

    # Applying

    def action_apply(self) -> None:
        """Ask for the number of rows where the brake holds, then for the shop's handle; then apply."""
        plan = self.plan
        if plan is None:
            return
        if not plan.brake:
            self._ask_handle(plan, None)
            return
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
        if name == "look" and self.table.item is None:
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
        return f"show {SHOWN[self._next_show]}" if command.id == "list.show" else command.label

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
