"""Which location and which warehouse are one place: likeness of names, evidence of counts, suggested and crossed pairs (DESIGN §5, *Mapping*).

Pure; what is counted comes from `ledger.connections`. What is said of the pairs is in `findings`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, NamedTuple

from munkres import Munkres
from rapidfuzz import fuzz, utils

from supportdesk.core.catalog import Location
from supportdesk.core.connections import Evidence, Warehouse

FLOOR: Final = 0.6
"""Score below which nothing is suggested."""
BETTER_BY: Final = 0.2
"""How much higher than that of the linked warehouse a score must be for another to be called better."""
ENOUGH_SKUS: Final = 20
"""SKUs in both from which on counts weigh as much as they ever do; of fewer, each says a little."""
COUNTS_WEIGH: Final = 0.7
"""Share of the score that counts decide where there are enough of them; names and addresses decide the rest."""
AGREEMENT_WEIGHS: Final = 0.75
"""Of what counts decide: the share of agreement. The rest is how many of the location's SKUs the warehouse has at all."""
CROSSED_SKUS: Final = 10
"""A swap that raises agreement by fewer SKUs than this proves nothing."""
CROSSED_SHARE: Final = 0.2
"""Nor does one that raises it by less than this share of the SKUs compared: counts drift, and small ones meet by chance."""

_GENERIC: Final = frozenset({"warehouse", "location", "store", "shop", "the", "inventory", "stock", "site"})
"""Words that say nothing of which place it is."""


class Overlap(NamedTuple):
    """What a location and a warehouse have in common."""

    shared: int
    """SKUs stocked in both."""
    agreeing: int
    """Of those, SKUs with equal numbers: the store's available and the ledger's."""


class Stocked(NamedTuple):
    """What the last load found at a location; the units as sync knows them by now, where it is on."""

    units: int
    """Σ available."""
    listings: int
    skus: int
    """SKUs in scope that were compared; of a very large store not all are."""
    promised: int = 0
    """Σ committed: units promised to open orders."""
    items: int = 0
    """Inventory items stocked there."""


NOTHING_SHARED: Final = Overlap(0, 0)
NOTHING_STOCKED: Final = Stocked(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Survey:
    """What was counted of a channel's locations, alone and against every warehouse."""

    places: Mapping[int, Stocked] = field(default_factory=dict)
    """By location id."""
    overlaps: Mapping[tuple[int, int], Overlap] = field(default_factory=dict)
    """By location id and warehouse id; a pair without a common SKU is missing."""

    def stocked(self, location_id: int) -> Stocked:
        """What is at a location; nothing for one that is not known."""
        return self.places.get(location_id, NOTHING_STOCKED)

    def overlap(self, location_id: int, warehouse_id: int) -> Overlap:
        """What a location and a warehouse have in common."""
        return self.overlaps.get((location_id, warehouse_id), NOTHING_SHARED)


def likeness(location: Location, warehouse: Warehouse) -> float:
    """How alike the two are called, 0 to 1: of their names, or the name and the code; and of their addresses where both have one."""
    name = max(_alike(location.name, warehouse.name), _alike(location.name, warehouse.code))
    here = f"{location.address} {location.city}".strip()
    there = f"{warehouse.address} {warehouse.city}".strip()
    if not here or not there:
        return name
    return 0.6 * name + 0.4 * fuzz.token_set_ratio(here, there, processor=utils.default_process) / 100


def _alike(one: str, other: str) -> float:
    first, second = _distinctive(one), _distinctive(other)
    if not first or not second:
        return 0.0
    # The first forgives words that only one of them has (`Main St, Kendal`), the second tells `Shop 1` from `Shop 12`.
    return (fuzz.token_set_ratio(first, second) + fuzz.token_sort_ratio(first, second)) / 200


def _distinctive(name: str) -> str:
    """The name without capitals, punctuation and words that any place may have; all of it where nothing would be left."""
    words = utils.default_process(name).split()
    return " ".join([word for word in words if word not in _GENERIC] or words)


def evidence_of(location: Location, warehouse: Warehouse, survey: Survey) -> Evidence:
    """How well the two fit."""
    shared, agreeing = survey.overlap(location.id, warehouse.id)
    skus = survey.stocked(location.id).skus
    alike = likeness(location, warehouse)
    weight = COUNTS_WEIGH * min(1.0, shared / ENOUGH_SKUS)
    counts = 0.0
    if shared:
        counts = AGREEMENT_WEIGHS * agreeing / shared + (1 - AGREEMENT_WEIGHS) * min(
            1.0, shared / max(skus, 1)
        )
    return Evidence(
        warehouse_id=warehouse.id,
        name_likeness=alike,
        skus_shared=shared,
        skus_location=skus,
        agreeing=agreeing,
        score=(1 - weight) * alike + weight * counts,
    )


Candidates = Mapping[int, Mapping[int, Evidence]]
"""By location id and warehouse id."""


def best_pairs(candidates: Candidates, *, floor: float = FLOOR) -> dict[int, Evidence]:
    """The pairs that fit best together: every location and every warehouse at most once, none below `floor`.

    What is best is the highest sum of scores, so that a location does not get the warehouse another needs more. By location id.
    """
    good = {
        (location, warehouse): evidence
        for location, row in candidates.items()
        for warehouse, evidence in row.items()
        if evidence.score >= floor
    }
    locations = sorted({location for location, _ in good})
    warehouses = sorted({warehouse for _, warehouse in good})
    if not good:
        return {}
    costs = [
        [1 - good[pair].score if (pair := (location, warehouse)) in good else 1.0 for warehouse in warehouses]
        for location in locations
    ]
    pairs = [(locations[row], warehouses[column]) for row, column in Munkres().compute(costs)]
    return {pair[0]: good[pair] for pair in pairs if pair in good}


def suggestions(
    locations: Iterable[Location],
    warehouses: Collection[Warehouse],
    survey: Survey,
    linked: Mapping[int, int],
) -> dict[int, Evidence]:
    """By location id: a first warehouse for one that is not linked, and a better one for one that is.

    `locations` are those that may be linked, `warehouses` those that may be linked to; `linked` says what is now.
    """
    candidates = {
        location.id: {warehouse.id: evidence_of(location, warehouse, survey) for warehouse in warehouses}
        for location in locations
    }
    found = best_pairs(candidates)
    return {
        location_id: evidence
        for location_id, evidence in found.items()
        if (now := linked.get(location_id)) is None
        or (
            now != evidence.warehouse_id
            and evidence.score
            >= BETTER_BY + (candidates[location_id][now].score if now in candidates[location_id] else 0.0)
        )
    }


class Crossed(NamedTuple):
    """Two locations that are each linked to the other's warehouse."""

    one: int
    """Location id."""
    other: int
    as_linked: Overlap
    """SKUs of both locations that can be compared as they are linked, and those whose counts agree."""
    swapped: Overlap
    """The same if they were swapped."""


def crossed_pairs(linked: Mapping[int, int], survey: Survey) -> tuple[Crossed, ...]:
    """Pairs that a swap would clearly mend, each location in one pair at most, the clearest first.

    Decided: agreement must rise by `CROSSED_SKUS` SKUs and by `CROSSED_SHARE` of those compared, and fall at neither location.
    """
    found = [
        crossed
        for one, other in combinations(sorted(linked), 2)
        if linked[one] != linked[other] and (crossed := _crossed(one, other, linked, survey)) is not None
    ]
    found.sort(key=lambda pair: (pair.as_linked.agreeing - pair.swapped.agreeing, pair.one, pair.other))
    return tuple(_disjoint(found))


def _crossed(one: int, other: int, linked: Mapping[int, int], survey: Survey) -> Crossed | None:
    now = (survey.overlap(one, linked[one]), survey.overlap(other, linked[other]))
    swapped = (survey.overlap(one, linked[other]), survey.overlap(other, linked[one]))
    as_linked, then = (Overlap(*map(sum, zip(*way, strict=True))) for way in (now, swapped))
    compared = max(as_linked.shared, then.shared)
    if then.agreeing - as_linked.agreeing < max(CROSSED_SKUS, CROSSED_SHARE * compared):
        return None
    if any(after.agreeing < before.agreeing for before, after in zip(now, swapped, strict=True)):
        return None
    return Crossed(one, other, as_linked, then)


def _disjoint(pairs: Sequence[Crossed]) -> Iterable[Crossed]:
    seen: set[int] = set()
    for pair in pairs:
        if not seen & {pair.one, pair.other}:
            seen |= {pair.one, pair.other}
            yield pair
