"""What a rehearsal came to, held against its plan: how many rows were written as they were shown. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from supportdesk.core.checks import count_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """Rows of the plan that change, by what was written to them; and what shoppers did meanwhile."""

    planned: int
    """Rows that the plan changes."""
    as_shown: int
    """Of those, written by exactly what the plan shows."""
    waiting: int
    """Of those, nothing written yet."""
    with_orders: int
    """Rows written otherwise, or beyond the plan, because orders of the same SKU came."""
    otherwise: int
    """Rows written otherwise, or beyond the plan, with no order to explain it."""
    held: int
    """Rows of the plan that were to change and are held."""
    orders: int
    """Orders that came meanwhile."""
    settling: int = 0
    """Rows that are still being read."""

    @property
    def is_over(self) -> bool:
        """Whether every row that the plan changes was written or is held."""
        return not self.waiting and not self.settling

    @property
    def is_as_planned(self) -> bool:
        """Whether nothing was written that the plan and the orders do not explain, and nothing is missing."""
        return self.is_over and not self.otherwise and not self.held

    @property
    def short(self) -> str:
        """`as planned`, or what is not."""
        if self.is_as_planned:
            return "as planned"
        if self.otherwise or self.held:
            held = f", {self.held:,} held" if self.held else ""
            return f"not as planned: {count_of(self.otherwise, 'row')} written otherwise{held}"
        return f"left before its end, {self.waiting + self.settling:,} rows still to be settled"

    @property
    def text(self) -> str:
        """The verdict as a sentence or two."""
        head = (
            "Turned on as planned"
            if self.is_as_planned
            else "So far"
            if not (self.is_over or self.otherwise)
            else "Not as planned"
        )
        parts = [f"{self.as_shown:,} of {count_of(self.planned, 'row')} written as shown"]
        parts += [f"{self.otherwise:,} otherwise"]
        parts += [f"{self.held:,} held"] if self.held else []
        parts += [f"{self.waiting:,} still to come"] if self.waiting else []
        came = f"{count_of(self.orders, 'order')} came meanwhile"
        if self.with_orders:
            came += f" and moved {count_of(self.with_orders, 'row')}"
        return f"{head}: {', '.join(parts)}. {came}."
