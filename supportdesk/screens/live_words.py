"""What is said of verifying, held rows and alerts. Wording only, no rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from textual.content import Content

from supportdesk.core.held import HeldAnswer, HeldDone, HeldRow
from supportdesk.core.skus import shown_sku
from supportdesk.core.text import safe_text
from supportdesk.core.verify import SIGNS, VerifiedRow, VerifyState, VerifyTotals
from supportdesk.screens.stock_words import when
from supportdesk.screens.words import counted
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Column, Row, Tone

if TYPE_CHECKING:
    from supportdesk.core.alerts import Alert
    from supportdesk.desk.alerts import AlertLine

STATES: Final[Mapping[VerifyState | None, str]] = {
    None: "all but the same",
    "differ": "what differs",
    "only_store": "only in the store",
    "only_ledger": "only in Sumtracker",
    "settling": "still moving",
    "held": "held",
}
"""What is shown, in the order of a key."""
_TONES: Final[Mapping[VerifyState, Tone]] = {"differ": "warned", "held": "muted", "settling": "muted"}
VERIFY_COLUMNS: Final = (
    Column("SKU", 18, keeps_end=True),
    Column("product", 26, priority=3),
    Column("location", 12),
    Column("warehouse", 9, priority=2),
    Column("store", 7, right=True),
    Column("ledger", 7, right=True),
    Column("why", minimum=20),
)
HELD_COLUMNS: Final = (
    Column("SKU", 18, keeps_end=True),
    Column("product", 26, priority=3),
    Column("location", 12),
    Column("before → after", 19),
    Column("why", minimum=20),
)
ALERT_COLUMNS: Final = (
    Column("since", 12),
    Column("what", minimum=30),
    Column("stands", 16, priority=1),
)
_SAID: Final = 6
"""Rows that a question names one by one."""


def totals_line(totals: VerifyTotals) -> Content:
    """What verifying came to, in one line."""
    sign, style = ("✓", "bold $passed") if totals.agrees else ("*", "bold $warned")
    return Content.assemble((f"{sign} ", style), plain(totals.text))


def verified_row(row: VerifiedRow) -> Row:
    """A row that is not the same, as a line."""
    return Row(
        f"{row.state} {row.sku} {row.location} {row.warehouse}",
        (
            shown_sku(row.sku),
            row.title or None,
            row.location or None,
            row.warehouse or None,
            row.store,
            row.ledger,
            row.why,
        ),
        _TONES.get(row.state, ""),
        SIGNS[row.state],
    )


def held_row(row: HeldRow, marked: bool) -> Row:
    """A held row as a line."""
    return Row(
        f"{row.item_id} {row.location_id}",
        (
            shown_sku(row.sku),
            row.title,
            row.location,
            row.outcome or None,
            row.reason,
        ),
        "",
        "●" if marked else "!",
    )


def alert_row(alert: Alert, zone: tzinfo, now: datetime) -> Row:
    """An alert as a line."""
    if alert.seen_at is not None:
        stands = f"seen, {alert.seen_by}"
    else:
        stands = "stands" if alert.closed_at is None else f"over {when(alert.closed_at, zone, now)}"
    tone: Tone
    sign, tone = ("!", "") if alert.seen_at is None else ("·", "muted")
    return Row(str(alert.id), (when(alert.at, zone, now), alert.text, stands), tone, sign)


def detail(text: str) -> Content:
    """The whole of what a line has no room for."""
    return plain(text, "$muted")


def alert_text(line: AlertLine) -> Content:
    """The line that stands on every page of a channel with alerts."""
    over = "" if not line.are_over else ", over by now" if line.unseen == 1 else ", all over by now"
    return Content.assemble(
        ("! ", "bold $warned"), (f"{counted(line.unseen, 'alert')}{over}: ", "bold"), plain(line.text)
    )


def question(rows: list[HeldRow], answer: HeldAnswer) -> list[str]:
    """What is asked before rows are set free: each with before → after."""
    lines = [
        f"{shown_sku(row.sku)} at {row.location}: {row.outcome or 'as it is read'}" for row in rows[:_SAID]
    ]
    if len(rows) > _SAID:
        lines.append(f"and {counted(len(rows) - _SAID, 'more row')}")
    after = (
        "Each is read again first; then the store is made to show Sumtracker's number."
        if answer == "confirm"
        else "Each is read again first; then Sumtracker has the store's number. Nothing is written to the store."
    )
    return [*map(safe_text, lines), after]


def done_words(done: HeldDone) -> str:
    """What came of it."""
    said = f"{counted(len(done.rows), 'row settles', 'rows settle')} again." if done.rows else ""
    if done.refused:
        row, why = done.refused[0]
        left = counted(len(done.refused), "row stays held", "rows stay held")
        said += f" {left}: {shown_sku(row.sku)}: {why}"
    return safe_text(said.strip())
