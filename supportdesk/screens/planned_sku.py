"""The SKU inspector reached from Review: the same page, with what the plan does to the SKU above its numbers of now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.core.channels import ChannelSummary
from supportdesk.core.plan_view import PlanLine, PlanView
from supportdesk.core.progress import Watch
from supportdesk.screens.sku import SkuScreen
from supportdesk.widgets.merchant_text import plain

_ROWS: Final = 4
"""Rows of the SKU that are named."""
_LOOKED: Final = 200


class PlannedSkuScreen(SkuScreen):
    """One SKU before turning on: what its rows come to stands first, for the numbers below are those from before the plan."""

    DEFAULT_CSS = """
    PlannedSkuScreen > #planned { height: auto; max-height: 4; width: 1fr; padding: 0 1; }
    """

    def __init__(self, channel: ChannelSummary, row: PlanLine, plan: PlanView, timezone: str) -> None:
        super().__init__(channel, row.sku, timezone, warehouse=row.warehouse)
        self.planned = row
        self.plan = plan

    def compose_body(self) -> Iterable[Widget]:
        """The plan, then the page."""
        yield Static(id="planned")
        yield from super().compose_body()

    def opened(self) -> None:
        """Read the SKU's rows of the plan, and the rest."""
        self._say((self.planned,))
        handle, plan_id, sku = self.channel.handle, self.plan.id, self.sku

        def read(_: Watch) -> tuple[PlanLine, ...]:
            rows = self.doorway.open_plan_rows(
                handle, plan_id, order="location", descending=False, show="all", location=None, text=sku
            )
            try:
                return tuple(line for line in rows.window(0, _LOOKED) if line.sku == sku)
            finally:
                rows.close()

        self.work("planned", read, self._say, failed=lambda _: None)
        super().opened()

    def _say(self, rows: tuple[PlanLine, ...]) -> None:
        first = [
            line
            for line in rows
            if (line.item_id, line.location_id) == (self.planned.item_id, self.planned.location_id)
        ]
        others = [line for line in rows if line not in first]
        parts = [_row_words(line) for line in [*first, *others][:_ROWS]]
        more = f" · and {len(rows) - _ROWS:,} more rows" if len(rows) > _ROWS else ""
        copies = "the store's counts are copied" if self.plan.copies else "it is turned on"
        self.query_one("#planned", Static).update(
            Content.assemble(
                (f"Plan {self.plan.id}, on turning on: ", "bold $accent"),
                Content(" · ").join(parts),
                more,
                (
                    f". Below: Sumtracker's numbers now, before {copies}; while sync is off nothing is pushed.",
                    "$muted",
                ),
            )
        )


def _row_words(line: PlanLine) -> Content:
    name = f"{line.title} at {line.location}" if line.title else line.location
    change = f"{line.before:,} → {line.after:,}" if line.before != line.after else f"stays {line.before:,}"
    return Content.assemble(plain(f"{name} "), (change, "bold"))
