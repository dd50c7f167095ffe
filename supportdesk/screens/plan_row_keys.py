"""`PlanRowKeys`: what a page or a step does with the rows of its plan: reading, filtering, sorting, writing them to a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import on
from textual.widget import Widget

from supportdesk.core.plan_view import PlanLine, PlanView
from supportdesk.errors import SupportdeskError
from supportdesk.screens.fetched_rows import FetchedTable
from supportdesk.screens.plan_rows import PlanRows
from supportdesk.screens.save_file import save_list
from supportdesk.screens.words import counted
from supportdesk.widgets.dialogs import ErrorDialog
from supportdesk.widgets.filter import FilterLine

if TYPE_CHECKING:
    from supportdesk.screens.plan_review import PlanReviewScreen
    from supportdesk.screens.wizard import WizardScreen


class PlanRowKeys(Widget):
    """Stands behind the widget's own class; `plan` and `rows` are filled in there, and what stands beside the rows is drawn."""

    plan: PlanView | None
    rows: PlanRows

    def rows_opened(self) -> None:
        """Other rows are shown: draw what depends on them."""
        raise NotImplementedError

    @property
    def table(self) -> FetchedTable[PlanLine]:
        """The rows."""
        return self.query_one("#plan-rows", FetchedTable)

    @property
    def filter_line(self) -> FilterLine:
        """What is shown, and the filter."""
        return self.query_one(FilterLine)

    @property
    def _page(self) -> PlanReviewScreen | WizardScreen:
        return cast("PlanReviewScreen | WizardScreen", self.screen)

    def open_rows(self) -> None:
        """Read the rows as they are to be shown now, from the first."""
        plan, page = self.plan, self._page
        if plan is None:
            return
        rows, text = replace(self.rows), self.filter_line.text

        def opened(count: int) -> None:
            self.filter_line.describe(rows.words(plan, count), count, plan.totals.store.rows)
            self.rows_opened()

        self.table.show_from(
            rows.reader(page.doorway, page.channel.handle, plan, text),
            opened=opened,
            failed=self._unopened,
            keep_cursor=False,
            empty=rows.words_for_none(text),
        )

    def _unopened(self, error: SupportdeskError) -> None:
        self.filter_line.say("The rows could not be read.")
        self.app.push_screen(
            ErrorDialog(error, retry=True), lambda wanted: self.open_rows() if wanted else None
        )

    def action_filter(self) -> None:
        """Type a text to filter by."""
        self.filter_line.open()

    def action_show_next(self) -> None:
        """All rows, or those of one class, in turn."""
        self.rows.show_next()
        self.open_rows()

    def action_sort(self) -> None:
        """Another order."""
        self.rows.sort()
        self.open_rows()

    def action_reverse(self) -> None:
        """The other way round."""
        self.rows.reverse()
        self.open_rows()

    def action_export(self) -> None:
        """Write the rows that are shown to a file."""
        plan, page = self.plan, self._page
        if plan is not None:
            save_list(
                page,
                counted(self.table.source.count(), "row"),
                f"{page.channel.handle}-plan-{plan.id}.csv",
                self.rows.writer(page.doorway, page.channel.handle, plan, self.filter_line.text),
            )

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self.open_rows()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()
