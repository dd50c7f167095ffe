"""A plan: what each row comes to and in which risk class, and the totals of it (PROTOCOL §4, DESIGN §5, §7).

Pure: the decision about one row at a time, as rows stream by. What stands in the way is in `plan_blocks`, what it was built from in
`plan_basis`; keeping, grouping and applying plans is elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from supportdesk.core.connections import Master
from supportdesk.core.plan_basis import SECTION_WORDS as SECTION_WORDS
from supportdesk.core.plan_basis import Basis as Basis
from supportdesk.core.plan_basis import Fact as Fact
from supportdesk.core.plan_basis import Fingerprint as Fingerprint
from supportdesk.core.plan_basis import Section as Section
from supportdesk.core.plan_basis import changed_since as changed_since
from supportdesk.core.plan_basis import fingerprint as fingerprint
from supportdesk.core.plan_blocks import BlockCode as BlockCode
from supportdesk.core.plan_blocks import Blocked as Blocked
from supportdesk.core.plan_blocks import PlanFacts as PlanFacts
from supportdesk.core.plan_blocks import blocked as blocked
from supportdesk.core.rows import RowNumbers, wanted
from supportdesk.core.stock import number_pushed

PlanFor = Literal["turn-on", "link", "direction", "rollback"]

ApplyStep = Literal[
    "asked",
    "claimed",
    "fenced",
    "moved",
    "confirmed",
    "checked",
    "on",
    "stored",
    "taken_back",
    "refused",
    "stopped",
]
"""How far applying a plan is. `moved`: rows wait for a person to confirm them as they are now; `confirmed`: one did. `stored` and `taken_back` are of rolling back."""

RowKind = Literal["copied", "shared", "kept", "derived", "read", "taken_back", "held"]
"""How a row comes to its number: its own count copied; the count of its duplicate group; what the ledger had; a bundle's
components; the ledger reads it (Shopify master); our pushes taken back; or nothing is written there."""

Risk = Literal["falls_to_zero", "raised_from_zero", "changes", "held", "stays"]

RISKS: Final[dict[Risk, tuple[str, str]]] = {
    "falls_to_zero": ("!", "falls to zero"),
    "raised_from_zero": ("!", "raised from zero"),
    "changes": ("*", "changes"),
    "held": ("~", "held"),
    "stays": ("=", "stays the same"),
}
"""Sign and words of each class, the worst first (DESIGN §7)."""
_RANK: Final = {risk: rank for rank, risk in enumerate(reversed(RISKS))}


class PlanRow(NamedTuple):
    """One row of a plan: an inventory item × location, before → after in the store."""

    item_id: int
    location_id: int
    sku: str
    kind: RowKind
    risk: Risk
    before: int
    after: int
    reason: str
    """Why, as the rest of a line: `close at 5`; foreign text may be in it."""
    on_hand: int | None = None
    """In the store, for the proof of what is copied; None where the source does not say."""
    committed: int | None = None

    @property
    def sign(self) -> str:
        """`!`, `*`, `=` or `~`."""
        return RISKS[self.risk][0]


class LedgerRow(NamedTuple):
    """A SKU in a warehouse, available before → after; None where it was never counted."""

    sku: str
    warehouse_id: int
    before: int | None
    after: int | None


class RowFacts(NamedTuple):
    """What one row's part in a plan is decided by. Rows come by the hundred thousand, so no dataclass."""

    item_id: int
    location_id: int
    sku: str
    kind: RowKind
    store: int | None
    """Available in the store; None where the item is not stocked there."""
    available: int | None
    """The ledger's available once the plan is applied; None where nobody ever counted it. Of a roll back: what the row goes back to."""
    master: Master = "sumtracker"
    close_at: int = 0
    maximum: int | None = None
    hold: str = ""
    """Why nothing is written, '' for no such reason."""
    shared_by: str = ""
    """Of a shared group: whose count it takes, in words."""
    counted_by: str = ""
    """Where several locations are on the warehouse: what is copied, in words; '' for the row's own count."""
    to_sell: int | None = None
    """Of a bundle: what may be sold of it, as closed components count as 0 (`core.bundles.BundleNumbers`); None for any other row."""
    on_hand: int | None = None
    committed: int | None = None
    was_counted: bool = True
    """Whether the ledger had counted it before the plan."""


def planned(facts: RowFacts) -> PlanRow:
    """The row before → after. What is not stocked, held, read or unknown stays as it is, with the reason."""
    (
        item_id,
        location_id,
        sku,
        kind,
        store,
        available,
        master,
        close_at,
        maximum,
        hold,
        shared_by,
        counted_by,
        to_sell,
        on_hand,
        committed,
        _,
    ) = facts
    before = store or 0
    after = before
    if (
        store is not None
        and available == store > close_at
        and not hold
        and to_sell is None
        and master == "sumtracker"
        and (maximum is None or available <= maximum)
        and not shared_by
        and not counted_by
    ):
        reason = _KIND_REASONS.get(
            kind, ""
        )  # most rows: what is pushed is what is shown, so the rules below change nothing
    elif store is None:
        kind, reason = "held", "not stocked there"
    elif hold:
        kind, reason = "held", hold
    elif master == "shopify":
        kind, reason = "read", "Shopify is master here"
    elif available is None:
        kind, reason = "held", "never counted in Sumtracker"
    elif kind == "taken_back":
        after, reason = available, _KIND_REASONS[kind]
    else:
        pushed = number_pushed(available if to_sell is None else to_sell, close_at, maximum)
        after = wanted(available, pushed, before) or 0
        reason = _reason(facts, available, after)
    risk: Risk = "held" if kind == "held" else risk_of(before, after)
    row = (item_id, location_id, sku, kind, risk, before, after, reason, on_hand, committed)
    # What PlanRow(...) does, without its call in Python: rows come by the hundred thousand.
    return tuple.__new__(PlanRow, row)


def taken_back(pushed: Mapping[str, int], keep: Collection[str] = ()) -> int:
    """What a roll back adds to a row: minus Σ our pushes there (`pushed`, by cause), but for the causes that a person keeps (PROTOCOL §4)."""
    return -sum(units for cause, units in pushed.items() if cause not in keep)


_KIND_REASONS: Final[dict[RowKind, str]] = {
    "copied": "its own count is copied",
    "shared": "same SKU",
    "kept": "Sumtracker's number",
    "derived": "from the bundle's components",
    "taken_back": "our pushes taken back",
}


def _reason(facts: RowFacts, available: int, after: int) -> str:
    """Why `after`, when the ledger has `available`."""
    if facts.kind == "kept" and not facts.was_counted and after == 0:
        return "never counted; 0 is pushed"
    if available < 0:
        return f"{-available:,} more promised than there are"
    if facts.close_at and available <= facts.close_at:
        return f"close at {facts.close_at:,}"
    if facts.to_sell is not None and facts.to_sell < available and after == max(0, facts.to_sell):
        return "a component of the bundle is closed"
    if after < available:
        return f"at most {after:,} are shown"
    if facts.kind == "copied" and facts.counted_by:
        return f"{facts.counted_by} is copied"
    reason = _KIND_REASONS.get(facts.kind, "")
    return f"{reason}, shared by {facts.shared_by}" if facts.kind == "shared" and facts.shared_by else reason


def risk_of(before: int, after: int) -> Risk:
    """The class of a change: what stops selling, what begins to, what else changes, what does not."""
    if before == after:
        return "stays"
    if after <= 0 < before:
        return "falls_to_zero"
    return "raised_from_zero" if before <= 0 < after else "changes"


def is_still_as_shown(shown: PlanRow, now: PlanRow, orders: int) -> bool:
    """Whether a row read again may be applied without asking (PROTOCOL §4): `orders` seen since explain it, and its class is no worse.

    `orders` is what they took (less than 0) or gave back since the plan was made.
    """
    return now.before - shown.before == orders and _RANK[now.risk] <= _RANK[shown.risk]


# Totals -------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RiskTotals:
    """The rows of one class, or of all."""

    rows: int = 0
    before: int = 0
    """Units."""
    after: int = 0

    def plus(self, other: RiskTotals) -> RiskTotals:
        """Both together."""
        return RiskTotals(self.rows + other.rows, self.before + other.before, self.after + other.after)


@dataclass(frozen=True, slots=True)
class PlanTotals:
    """The picture that Review shows, and the counts of `plan --json`."""

    by_risk: Mapping[Risk, RiskTotals] = field(default_factory=dict)
    ledger: RiskTotals = RiskTotals()

    @property
    def store(self) -> RiskTotals:
        """All rows of the store."""
        total = RiskTotals()
        for part in self.by_risk.values():
            total = total.plus(part)
        return total

    @property
    def store_changes(self) -> int:
        """Rows whose number changes, those that fall to zero included."""
        return sum(part.rows for risk, part in self.by_risk.items() if risk not in ("stays", "held"))

    @property
    def store_to_zero(self) -> int:
        """Rows that fall to zero."""
        return self.by_risk.get("falls_to_zero", RiskTotals()).rows

    def as_json(self) -> dict[str, int]:
        """The counts by the names of DESIGN §8."""
        return {
            "store_rows": self.store.rows,
            "store_changes": self.store_changes,
            "store_to_zero": self.store_to_zero,
            "store_units_before": self.store.before,
            "store_units_after": self.store.after,
            "ledger_rows": self.ledger.rows,
            "ledger_units_before": self.ledger.before,
            "ledger_units_after": self.ledger.after,
        }


def totals(rows: Iterable[PlanRow], ledger_rows: Iterable[LedgerRow] = ()) -> PlanTotals:
    """The totals of rows as they stream by; a number never counted adds no units."""
    counts: dict[Risk, list[int]] = {}
    for row in rows:
        count = counts.setdefault(row.risk, [0, 0, 0])
        count[0] += 1
        count[1] += row.before
        count[2] += row.after
    ledger = [0, 0, 0]
    for ledger_row in ledger_rows:
        ledger[0] += 1
        ledger[1] += ledger_row.before or 0
        ledger[2] += ledger_row.after or 0
    by_risk = {risk: RiskTotals(*counts[risk]) for risk in RISKS if risk in counts}
    return PlanTotals(by_risk, RiskTotals(*ledger))


# Copy ---------------------------------------------------------------------------------------------------------------------------------


class CopyProof(NamedTuple):
    """Why *available* is copied and not on hand: units promised already must not become sellable again (DESIGN §5, *Copy*)."""

    on_hand: int
    committed: int
    unavailable: int
    available: int

    @property
    def holds(self) -> bool:
        """Whether on hand − committed − unavailable = available."""
        return self.on_hand - self.committed - self.unavailable == self.available

    def plus(self, other: CopyProof) -> CopyProof:
        """Both together."""
        return CopyProof(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def copy_proof(numbers: RowNumbers) -> CopyProof:
    """The proof for one row."""
    return CopyProof(numbers.on_hand, numbers.committed, numbers.unavailable, numbers.available)
