"""A plan as it is shown: totals by class and by location, what is left out, what else it touches, and what was said of it. Values only.

What a row comes to and what stands in the way is decided in `plan`; keeping and reading plans is in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple

from supportdesk.core.brake import BrakeReason
from supportdesk.core.connections import Master
from supportdesk.core.plan import (
    RISKS,
    Blocked,
    CopyProof,
    PlanFor,
    PlanTotals,
    Risk,
    RiskTotals,
    RowKind,
)
from supportdesk.core.wizard import Unknown

PlanState = Literal["made", "replaced", "applying", "applied", "refused", "stopped", "rolled_back"]
"""Not applied yet; replaced by a later one, its rows gone; being applied, or interrupted in it; done; found stale; stopped by a person or the brake; taken back."""

PlanShow = Literal["all", "changed", "falls_to_zero", "raised_from_zero", "changes", "held", "stays"]
"""Which rows a table shows: all, every row whose number changes, or those of one class (`core.plan.RISKS`)."""

PlanOrder = Literal["worst", "sku", "product", "location", "before", "after", "change"]
"""`worst`: the worst class first, in it the largest fall; `change`: by after − before, falls first."""

NOT_IN_PLAN: Final[dict[str, str]] = {
    "unlinked": "at locations that are not linked to a warehouse",
    "inactive_location": "at locations that are inactive in Shopify",
    "elsewhere": "at locations that this plan is not about",
    "decided": "of duplicate groups that were decided to be left out",
    "no_sku": "without a SKU",
    "gift_card": "of gift cards",
    "bundle_parent": "of Shopify bundles",
    "untracked": "not tracked by Shopify",
    "archived": "of archived listings",
    "draft": "of drafts",
}
"""Why rows of the store are not rows of a plan, each as the end of a sentence about several rows. The first that fits is said."""


NO_UNITS: Final = CopyProof(0, 0, 0, 0)


class PlanLine(NamedTuple):
    """One row of a plan as the table shows it. Texts are foreign."""

    item_id: int
    location_id: int
    sku: str
    title: str
    """'' where the listing is gone since."""
    variant_title: str
    listing: str
    location: str
    warehouse: str
    """Code."""
    kind: RowKind
    risk: Risk
    before: int
    after: int
    reason: str
    on_hand: int | None
    committed: int | None

    @property
    def sign(self) -> str:
        """`!`, `*`, `=` or `~`."""
        return RISKS[self.risk][0]

    @property
    def proof(self) -> CopyProof | None:
        """On hand − committed − unavailable = available, as the store was loaded; None where the source does not say on hand."""
        if self.on_hand is None:
            return None
        committed = self.committed or 0
        return CopyProof(self.on_hand, committed, self.on_hand - committed - self.before, self.before)


class MovedLine(NamedTuple):
    """A row of a plan that moved since otherwise than by orders, or follows one that did, and waits to be confirmed. Texts are foreign."""

    sku: str
    location: str
    planned: int
    """In the store, when it was planned."""
    now: int
    after: int
    """What it is to show once the plan is applied."""
    planned_after: int
    risk: Risk

    @property
    def sign(self) -> str:
        """`!`, `*`, `=` or `~`."""
        return RISKS[self.risk][0]


@dataclass(frozen=True, slots=True)
class PlanPlace:
    """What a plan does at one location."""

    location_id: int
    location: str
    """Foreign text."""
    warehouse: str
    """Code."""
    master: Master
    by_risk: Mapping[Risk, RiskTotals] = field(default_factory=dict)
    proof: CopyProof = NO_UNITS
    """Units of its rows, added up."""
    insisted: bool = False
    """Whether it is linked by the plan though a fulfilment service keeps its numbers."""

    @property
    def total(self) -> RiskTotals:
        """All its rows."""
        return PlanTotals(self.by_risk).store


@dataclass(frozen=True, slots=True)
class NotInPlan:
    """Rows of the store that are no rows of the plan, for one reason."""

    reason: str
    """A key of `NOT_IN_PLAN`."""
    rows: int
    units: int

    @property
    def text(self) -> str:
        """The reason as the end of a sentence."""
        return NOT_IN_PLAN.get(self.reason, self.reason)


@dataclass(frozen=True, slots=True)
class ElsewhereTotals:
    """What the plan changes in a store that is on already, through a shared warehouse."""

    channel: str
    """Handle."""
    title: str
    """Foreign text."""
    rows: int
    """Whose number changes."""
    to_zero: int
    """Of those, rows that fall to zero."""
    before: int
    """Units of those rows."""
    after: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of applying, as it was recorded."""

    step: str
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything that Review draws, beside the rows themselves."""

    id: int
    """Unique in the account."""
    channel: str
    """Handle."""
    title: str
    """The store's, foreign text."""
    purpose: PlanFor
    state: PlanState
    made_at: datetime
    who: str
    copies: bool | None
    """None where copying is no question: Shopify is master everywhere, or nobody has said yet; of a roll back."""
    unknown: Unknown | None
    promised_included: bool | None
    location: str
    """Of *link* and *direction*: the location it is about; '' for all."""
    master: Master | None
    """Of *link* and *direction*: who is to be master there."""
    warehouse: str
    """Of *link*: the code of the warehouse it is linked to."""
    totals: PlanTotals
    places: tuple[PlanPlace, ...]
    proof: CopyProof
    """Of all rows together."""
    left_out: tuple[NotInPlan, ...]
    elsewhere: tuple[ElsewhereTotals, ...]
    unknown_skus: int
    """SKUs in it that the ledger never counted where they are sold."""
    unknown_units: int
    """What the store shows of them."""
    promised: int
    """Units promised by orders from before."""
    blocked: tuple[Blocked, ...]
    """What stood in the way when it was made; nothing where it may be applied."""
    brake: tuple[BrakeReason, ...]
    fingerprint: str
    causes: Mapping[str, int] = field(default_factory=dict)
    """Of a roll back: the units that our pushes added to the store, by cause."""
    kept: tuple[str, ...] = ()
    """Of a roll back: causes that stay as they are."""
    promised_taken: int = 0
    """Units of them, components of bundles among them, that are taken off the ledger's numbers."""
    promised_to_bundles: int = 0
    """Units of components that orders from before promise to bundles; the store shows them as the components' own."""
    stays: tuple[str, ...] = ()
    """Of a roll back: what it does not take back, newest first: SKUs that listings were given; foreign text."""
    applied_by: str = ""
    finished_at: datetime | None = None
    said: str = ""
    """What came of applying it, a sentence."""
    steps: tuple[PlanStep, ...] = ()

    @property
    def insisted(self) -> bool:
        """Of *link*: whether the location is linked though a fulfilment service keeps its numbers."""
        return any(place.insisted for place in self.places)
