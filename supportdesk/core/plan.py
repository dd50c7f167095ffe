"""A plan: what each row comes to, in which risk class, what stands in the way, and what it was built from (PROTOCOL §4, DESIGN §5, §7, §8).

Pure: the decision about one row at a time, as rows stream by. Keeping, grouping and applying plans is elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import msgspec

from supportdesk.core.connections import Master, named
from supportdesk.core.readiness import count_of
from supportdesk.core.rows import RowNumbers, wanted
from supportdesk.core.stock import number_pushed

PlanFor = Literal["turn-on", "link", "direction", "rollback"]

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
        _,
        _,
        to_sell,
        on_hand,
        committed,
    ) = facts
    before = store or 0
    after = before
    if store is None:
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


# What stands in the way ---------------------------------------------------------------------------------------------------------------

BlockCode = Literal[
    "not_loaded",
    "scope_missing",
    "claimed",
    "direction_unanswered",
    "copy_unanswered",
    "location_unanswered",
    "nothing_linked",
    "counts_unanswered",
    "duplicate_undecided",
    "duplicate_unanswered",
    "split_pending",
    "unknown_unanswered",
    "promised_unanswered",
    "sumtracker_on",
    "not_ready",
    "in_flight",
]


@dataclass(frozen=True, slots=True)
class Blocked:
    """One thing that must be said or done before a plan can be applied; may quote foreign text."""

    code: BlockCode
    text: str
    sku: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What may stand in the way of a plan, as things are."""

    loaded: bool = True
    missing_scopes: Sequence[str] = ()
    claimed_by: str = ""
    """Who syncs this store already, in words: `desk-2 by mia since 14:02`."""
    direction: Master | None = "sumtracker"
    copy: bool | None = True
    """None where nobody has said; it is not asked where Shopify is master everywhere."""
    linked: int = 1
    """Locations linked."""
    sumtracker_masters: int = 1
    """Of those, with Sumtracker as master."""
    unsaid_locations: Sequence[str] = ()
    """Active locations that are neither linked nor said to stay unlinked."""
    counts_unanswered: Sequence[tuple[str, Sequence[str]]] = ()
    """Warehouses that several locations of the store are on, without a word whose count is copied: (code, locations)."""
    undecided: Sequence[str] = ()
    """SKUs of duplicate groups without a decision that holds."""
    unanswered: Sequence[str] = ()
    """SKUs whose named listing is not stocked where others are."""
    splits_pending: Sequence[str] = ()
    """SKUs said to be split that the store still shows together."""
    unknown: int = 0
    """SKUs in scope that the ledger never counted."""
    unknown_answered: bool = False
    promised_before: int = 0
    """Units promised by orders from before, that nobody has said to be in the ledger's numbers or not."""
    unknown_units: int = 0
    """What the store shows of the unknown ones."""
    undecided_more: int = 0
    """Undecided groups beyond those named."""
    whose_count: Sequence[str] = ()
    """SKUs said to be shared, without a word whose count, whose listings disagree."""
    not_ready: Sequence[str] = ()
    """What else readiness says must be mended first, a sentence each."""
    in_flight: int = 0
    """Of a roll back: pushes that the store has not answered yet."""
    sumtracker_sync_on: bool = False
    """The numbers came from a real Sumtracker account, and nobody has said that sync is off there."""


def blocked(facts: PlanFacts) -> tuple[Blocked, ...]:
    """Everything that stands in the way, in the order in which it is best dealt with; nothing where the plan may be applied."""
    if not facts.loaded:
        return (Blocked("not_loaded", "The store has not been loaded yet."),)
    return (*_store_blocks(facts), *_answer_blocks(facts), *_mapping_blocks(facts), *_duplicate_blocks(facts))


def _store_blocks(facts: PlanFacts) -> Iterable[Blocked]:
    if facts.missing_scopes:
        yield Blocked(
            "scope_missing",
            f"The app may not yet do everything sync needs: {', '.join(facts.missing_scopes)}.",
        )
    for text in facts.not_ready:
        yield Blocked("not_ready", text)
    if facts.in_flight:
        writes = count_of(facts.in_flight, "write is", "writes are")
        yield Blocked("in_flight", f"{writes} still on the way to the store: wait until it has answered.")
    if facts.claimed_by:
        yield Blocked("claimed", f"This store is synced already, from {facts.claimed_by}.")
    if facts.sumtracker_sync_on:
        yield Blocked(
            "sumtracker_on",
            "Nobody has confirmed that sync is off in Sumtracker itself, which would write these numbers too.",
        )


def _answer_blocks(facts: PlanFacts) -> Iterable[Blocked]:
    if facts.direction is None:
        yield Blocked("direction_unanswered", "Nobody has said which side's numbers count.")
    if facts.linked and not facts.sumtracker_masters:
        return
    if facts.copy is None:
        yield Blocked("copy_unanswered", "Nobody has said whether the store's counts are copied.")
    if facts.copy is False and facts.unknown and not facts.unknown_answered:
        skus = count_of(facts.unknown, "SKU was", "SKUs were")
        units = (
            f", and the store shows {count_of(facts.unknown_units, 'unit')} of them"
            if facts.unknown_units
            else ""
        )
        yield Blocked(
            "unknown_unanswered", f"{skus} never counted in Sumtracker{units}: say what happens to them."
        )
    if facts.copy is False and facts.promised_before:
        units = count_of(facts.promised_before, "unit is", "units are")
        yield Blocked(
            "promised_unanswered",
            f"{units} promised by orders from before: say whether Sumtracker's numbers include them.",
        )


def _mapping_blocks(facts: PlanFacts) -> Iterable[Blocked]:
    for location in facts.unsaid_locations:
        yield Blocked(
            "location_unanswered",
            f"{location} is neither linked nor said to stay unlinked.",
            location=location,
        )
    if not facts.linked:
        yield Blocked("nothing_linked", "No location is linked to a warehouse, so nothing would be synced.")
    for warehouse, locations in facts.counts_unanswered if facts.copy else ():
        text = (
            f"{named(locations)} are on one warehouse, {warehouse}: say whose count is copied, or their sum."
        )
        yield Blocked("counts_unanswered", text, location=locations[0])


def _duplicate_blocks(facts: PlanFacts) -> Iterable[Blocked]:
    for sku in facts.undecided:
        yield Blocked(
            "duplicate_undecided", "Several listings share this SKU and nobody has decided about them.", sku
        )
    if facts.undecided_more:
        groups = count_of(facts.undecided_more, "more duplicate group is", "more duplicate groups are")
        yield Blocked("duplicate_undecided", f"{groups} not decided.")
    for sku in facts.whose_count if facts.copy else ():
        yield Blocked(
            "duplicate_unanswered",
            "Its listings show different counts, and nobody has said whose is copied.",
            sku,
        )
    for sku in facts.unanswered if facts.copy else ():
        yield Blocked(
            "duplicate_unanswered",
            "The listing whose count is taken is not stocked everywhere: say what counts elsewhere.",
            sku,
        )
    for sku in facts.splits_pending:
        yield Blocked(
            "split_pending", "To be split, but the store still shows its listings with one SKU.", sku
        )


# What it was built from ---------------------------------------------------------------------------------------------------------------

Fact = Sequence[str | int | bool | None]
Section = Literal["load", "decisions", "connections", "ledger"]

SECTION_WORDS: Final[dict[Section, str]] = {
    "load": "the store's listings",
    "decisions": "what was decided of duplicate SKUs",
    "connections": "which location belongs to which warehouse",
    "ledger": "Sumtracker's numbers",
}
_MODULUS: Final = 1 << 256


def fingerprint(facts: Iterable[Fact]) -> str:
    """A name for these facts, whatever their order: equal for the same ones, each as often; for another set surely different.

    Each fact is hashed by itself and the hashes are added up, so that a million rows stream by in any order.
    """
    total = count = 0
    for fact in facts:
        total += int.from_bytes(hashlib.blake2b(_written(tuple(fact)), digest_size=32).digest())
        count += 1
    return f"{count:x}-{total % _MODULUS:064x}"


def _written(fact: Fact) -> bytes:
    """The fact as JSON."""
    try:
        return msgspec.json.encode(fact)
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(fact, separators=(",", ":")).encode()


Basis = Mapping[Section, str]
"""Fingerprints of all that a plan was built from."""


def changed_since(basis: Basis, now: Basis) -> tuple[Section, ...]:
    """The sections that differ, so that a plan is refused as stale with what changed; a section only one side has differs too."""
    return tuple(section for section in SECTION_WORDS if basis.get(section) != now.get(section))


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
