"""What the plan screen says: what is asked, what will happen, what a roll back takes back. Wording only, no rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.content import Content

from supportdesk.core.connections import Master
from supportdesk.core.plan import PlanFor
from supportdesk.core.plan_view import PlanView
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import Unknown
from supportdesk.screens.connection_words import MASTER_WORDS
from supportdesk.screens.words import counted
from supportdesk.widgets.merchant_text import plain


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan that is to be made."""

    purpose: PlanFor
    location_id: int | None = None
    location: str = ""
    """Its name, foreign text."""
    warehouse: str = ""
    """Id or code; of a link."""
    master: Master | None = None
    copies: bool | None = None
    unknown: Unknown | None = None
    promised_included: bool | None = None
    counts: Literal["this", "sum"] | None = None
    keep: tuple[str, ...] = ()
    """Causes that a roll back leaves as they are."""
    insist: bool = False
    """Whether it is linked though a fulfilment service keeps its numbers."""
    shares: bool = False
    """Whether another location of the store is on the warehouse."""

    @property
    def asks_copy(self) -> bool:
        """Whether it is a question whether the store's counts are copied."""
        return self.purpose == "link" and self.master != "shopify"


TITLES = {
    "link": "Link a location",
    "direction": "Change the master",
    "rollback": "Roll back",
    "turn-on": "Turn on",
}

CAUSES = {
    "placed": "orders on other rows: same SKU, or bundles",
    "copy": "numbers copied from the store",
    "set": "counts set in Sumtracker",
    "add": "units added in Sumtracker",
    "subtract": "units taken off in Sumtracker",
    "receive": "receipts",
    "count": "stocktakes",
    "transfer": "transfers",
    "import": "imports",
    "settled": "what differed when sync was turned on",
    "edit": "staff edits that were put back",
    "adopt": "edits taken into Sumtracker",
    "unavailable": "units set aside in the store, or released",
    "reading": "numbers read from the store",
    "rollback": "an earlier roll back",
}
"""Why something was pushed, as a line of a roll back."""


def subject(wanted: Wanted) -> str:
    """What the plan is about, for the header and dialogs; safe."""
    place = safe_text(wanted.location)
    if wanted.purpose == "rollback":
        return "Roll back"
    if wanted.purpose == "link":
        return f"Link {place}"
    return f"{place}: {MASTER_WORDS[wanted.master] if wanted.master else ''} as master"


def will_happen(plan: PlanView, wanted: Wanted) -> list[str]:
    """What applying does, in its order; may quote foreign text."""
    changes, zero = plan.totals.store_changes, plan.totals.store_to_zero
    store = f"The store: {counted(changes, 'row changes', 'rows change')}" + (
        f", {zero:,} of them to zero." if zero else "."
    )
    if plan.purpose == "rollback":
        return ["Sync is turned off, then what was pushed is taken back as differences: orders stay.", store]
    if plan.master == "shopify":
        return [
            f"{wanted.location} is only read from then on: each reading is taken into Sumtracker, nothing is pushed there.",
            "What its open orders have booked is closed; no order there moves stock any more.",
        ]
    insisted = ["A fulfilment service keeps its own numbers there, and may write over what is pushed."]
    return [
        *(insisted if plan.insisted else ()),
        f"Orders at {wanted.location} count from the moment it is applied. Its rows are read, and compared with this plan.",
        "All other locations go on meanwhile. What moved otherwise than by orders is shown before anything is written.",
        store,
    ]


def cause_lines(plan: PlanView) -> list[Content]:
    """Of a roll back: what was pushed, a cause a line, and whether it stays; then what no roll back takes back."""
    lines = []
    for cause, units in sorted(plan.causes.items()):
        stays = cause in plan.kept
        words = CAUSES.get(cause, cause.replace("_", " "))
        end = ("stays", "$passed") if stays else ("is taken back", "$muted")
        lines.append(Content.assemble(f"  {units:>+8,}  ", plain(f"{words:46} "), end))
    for text in plan.stays[:3]:
        lines.append(Content.assemble(("  = ", "$muted"), plain(f"stays: {text}", "$muted")))
    if len(plan.stays) > 3:
        lines.append(
            Content.styled(f"  and {len(plan.stays) - 3:,} more SKUs that were given stay.", "$muted")
        )
    return lines


def answers_line(plan: PlanView, wanted: Wanted) -> str:
    """What was answered of a link that Sumtracker is master of; '' for any other plan."""
    if not wanted.asks_copy:
        return ""
    if plan.copies is None:
        return "It is not said whether the store's counts are copied: c asks."
    if plan.copies:
        whose = {"this": "; this location's count is the warehouse's", "sum": "; the warehouse has the sum"}
        return f"The store's counts are copied{whose.get(wanted.counts or '', '')}. c asks again."
    if plan.unknown == "copy":
        return "Only SKUs that Sumtracker never counted are copied; its other numbers go to the store. c asks again."
    unknown = {"hold": "are held", "zero": "are shown as 0"}.get(plan.unknown or "", "are to be answered")
    return f"Nothing is copied: Sumtracker's numbers go to the store; SKUs that it never counted {unknown}. c asks again."
