"""What must be said or done before a plan can be applied, in the codes of DESIGN §8. Pure, from counts made elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from supportdesk.core.checks import count_of
from supportdesk.core.connections import Master, named

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
    """SKUs said to be shared, without a word whose count."""
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
            "It is shared, and nobody has said whose count is copied.",
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
