"""What is said of a channel's connections: one sentence a finding, fit for the merchant's eyes. Pure.

What may be linked at all is judged in `connections`; which pairs look crossed, in `matching`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from supportdesk.core.connections import MASTER_WORDS, Finding, LocationLine, Master, Warehouse, named
from supportdesk.core.matching import BETTER_BY, Crossed

UNLIKE: Final = 0.45
"""Likeness below which two names are called unlike; letters of unrelated names meet up to about here."""
WEAK: Final = 0.2
"""Share of agreeing counts below which counts do not speak for a pair."""


@dataclass(frozen=True, slots=True)
class LostPlace:
    """A location with a connection that is not in the store any more."""

    location_id: int
    name: str
    warehouse: str
    """Code; '' where it was said to stay unlinked."""


@dataclass(frozen=True, slots=True)
class UnrestoredPlace:
    """A location that came back but whose warehouse has no room for its connection by now."""

    location_id: int
    name: str
    warehouse: str
    """Code."""
    master: Master
    others: tuple[str, ...] = ()
    """Names of the locations that are linked to the warehouse; none where they are unlinked since."""


@dataclass(frozen=True, slots=True)
class PairFacts:
    """All that the findings are made of."""

    lines: Sequence[LocationLine]
    crossed: Sequence[Crossed] = ()
    unused: Sequence[Warehouse] = ()
    """Warehouses that no location of any channel of the account is linked to."""
    lost: Sequence[LostPlace] = ()
    unrestored: Sequence[UnrestoredPlace] = ()


def findings(facts: PairFacts) -> tuple[Finding, ...]:
    """Everything worth saying, what would do most harm first; nothing where all is well."""
    linked = [line for line in facts.lines if line.connection and line.connection.warehouse]
    crossed = {location_id for pair in facts.crossed for location_id in (pair.one, pair.other)}
    names = {line.location.id: line.location.name for line in facts.lines}
    return (
        *(_crossed(pair, names) for pair in facts.crossed),
        *_two_to_one(linked),
        *(_better(line) for line in linked if line.location.id not in crossed and _fits_elsewhere(line)),
        *(_unlike(line) for line in linked if line.location.id not in crossed and _looks_wrong(line)),
        *map(_unrestored, facts.unrestored),
        *_lost(facts.lost),
        *(_inactive(line) for line in linked if not line.location.active),
        *_unlinked(facts.lines),
        *(
            _service(line)
            for line in facts.lines
            if line.location.active and line.location.service_manages_stock
        ),
        *_unused(facts.unused),
        *(
            _shopify_master(line)
            for line in linked
            if line.connection and line.connection.master == "shopify"
        ),
    )


def _code(line: LocationLine) -> str:
    return line.connection.warehouse.code if line.connection and line.connection.warehouse else ""


def _crossed(pair: Crossed, names: dict[int, str]) -> Finding:
    return Finding(
        "crossed",
        f"{names[pair.one]} and {names[pair.other]} look crossed: as they are linked {pair.as_linked.agreeing:,} of "
        f"{pair.as_linked.shared:,} counts agree, swapped {pair.swapped.agreeing:,} of {pair.swapped.shared:,} would.",
        (pair.one, pair.other),
    )


def _two_to_one(linked: Iterable[LocationLine]) -> Iterable[Finding]:
    for code, group in groupby(sorted(linked, key=_code), key=_code):
        lines = list(group)
        if len(lines) < 2:
            continue
        ids = tuple(line.location.id for line in lines)
        places = named([line.location.name for line in lines])
        shows = f"{places} are linked to one warehouse, {code}, and each will show its full number"
        if any(line.connection is None or line.connection.counts is None for line in lines):
            yield Finding(
                "two_to_one_unanswered",
                f"{shows}; say whose count is copied, or their sum, before copying.",
                ids,
            )
            continue
        source = [
            line.location.name for line in lines if line.connection and line.connection.counts == "this"
        ]
        copied = f"the count of {source[0]} is copied" if source else "the sum of their counts is copied"
        yield Finding("two_to_one", f"{shows}; {copied}.", ids)


def _fits_elsewhere(line: LocationLine) -> bool:
    return (
        line.suggested is not None
        and line.evidence is not None
        and line.suggested.skus_shared > 0
        and (line.suggested.score >= line.evidence.score + BETTER_BY)
    )


def _better(line: LocationLine) -> Finding:
    assert line.suggested
    assert line.evidence
    return Finding(
        "misplaced",
        f"{line.location.name} may belong to another warehouse: {line.suggested.agreeing:,} of "
        f"{line.suggested.skus_shared:,} counts agree there, and {line.evidence.agreeing:,} of "
        f"{line.evidence.skus_shared:,} with {_code(line)}, which it is linked to.",
        (line.location.id,),
    )


def _looks_wrong(line: LocationLine) -> bool:
    evidence = line.evidence
    return (
        evidence is not None
        and evidence.name_likeness < UNLIKE
        and evidence.agreeing <= WEAK * evidence.skus_shared
        and not _fits_elsewhere(line)
    )


def _unlike(line: LocationLine) -> Finding:
    assert line.evidence
    warehouse = line.connection.warehouse if line.connection else None
    assert warehouse
    counts = (
        f"only {line.evidence.agreeing:,} of {line.evidence.skus_shared:,} counts agree"
        if line.evidence.skus_shared
        else "there are no counts to compare"
    )
    return Finding(
        "name_mismatch",
        f"{line.location.name} is linked to {warehouse.name} ({warehouse.code}), which has another name, and {counts}: "
        "make sure that they are one place.",
        (line.location.id,),
    )


def _lost(lost: Iterable[LostPlace]) -> Iterable[Finding]:
    for place in lost:
        was = f"its link to {place.warehouse} counts" if place.warehouse else "what was said of it counts"
        yield Finding(
            "location_gone",
            f"{place.name} is no longer in the store; {was} for nothing, and comes back if the location does.",
            (place.location_id,),
        )


def _unrestored(place: UnrestoredPlace) -> Finding:
    was = f"{place.name} is back in the store, but not linked to {place.warehouse} again ({MASTER_WORDS[place.master]})"
    if place.others:
        text = (
            f"{was}: {named(place.others)} {'is' if len(place.others) == 1 else 'are'} linked there now, and with Shopify as "
            "master a warehouse has one connection; link it again, or say that it stays unlinked."
        )
    else:
        text = f"{was}; load the store again and it is, or link it yourself."
    return Finding("location_back", text, (place.location_id,))


def _inactive(line: LocationLine) -> Finding:
    return Finding(
        "inactive_linked",
        f"{line.location.name} is linked to {_code(line)}, but inactive in Shopify now: nothing can be synced there.",
        (line.location.id,),
    )


def _unlinked(lines: Iterable[LocationLine]) -> Iterable[Finding]:
    selling = [
        line
        for line in lines
        if line.location.active
        and not line.location.service_manages_stock
        and line.listings
        and not (line.connection and line.connection.warehouse)
    ]
    if not selling:
        return
    units = sum(line.units for line in selling)
    several = len(selling) > 1
    yield Finding(
        "unlinked_sells",
        f"{named([line.location.name for line in selling])} {'are' if several else 'is'} unlinked but "
        f"{'sell' if several else 'sells'}: {'their' if several else 'its'} {_units(units)} will be neither read nor written, "
        "and orders there change nothing.",
        tuple(line.location.id for line in selling),
    )


def _service(line: LocationLine) -> Finding:
    place = line.location
    if line.connection and line.connection.warehouse:
        text = (
            f"{place.name} keeps its own stock numbers and is linked all the same: {place.service or 'the service'} and "
            "Sumtracker will overwrite each other."
        )
    else:
        text = f"{place.name} keeps its own stock numbers, so it stays unlinked: its {_units(line.units)} are left alone."
    return Finding("service", text, (place.id,))


def _unused(warehouses: Sequence[Warehouse]) -> Iterable[Finding]:
    if not warehouses:
        return
    several = len(warehouses) > 1
    text = f"{named([warehouse.code for warehouse in warehouses])} {'are' if several else 'is'} linked to no location"
    if units := sum(warehouse.units for warehouse in warehouses):
        text += f": {'their' if several else 'its'} {_units(units)} in stock {'reaches' if units == 1 else 'reach'} no store"
    yield Finding("warehouse_unlinked", f"{text}.")


def _shopify_master(line: LocationLine) -> Finding:
    return Finding(
        "shopify_master",
        f"At {line.location.name} Shopify is master: Sumtracker takes its counts over into {_code(line)} and writes nothing there; "
        "bundles, adjustments, stocktakes and transfers need Sumtracker as master.",
        (line.location.id,),
    )


def _units(units: int) -> str:
    return f"{units:,} {'unit' if units == 1 else 'units'}"
