"""Which location belongs to which warehouse and who is master there, and what may be linked (DESIGN §5, *Mapping*).

Values and pure rules. Guessing which pairs belong together is in `matching`, what is said of them in `findings`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from supportdesk.core.catalog import Location
from supportdesk.core.skus import shown_sku
from supportdesk.errors import Refused

Master = Literal["sumtracker", "shopify"]
Counts = Literal["this", "other", "sum"]
"""Where two locations of one store are on one warehouse, whose count copying takes, said of one of them."""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place that holds stock in Sumtracker."""

    id: int
    code: str
    """Unique in the account."""
    name: str
    address: str = ""
    city: str = ""
    country: str = ""
    priority: int = 0
    units: int = 0
    """Σ in stock."""
    skus: int = 0
    """SKUs counted there."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What was said of a location."""

    location_id: int
    warehouse: Warehouse | None
    """None where a person said that it stays unlinked."""
    master: Master | None
    counts: Counts | None
    """None where nobody was asked or nobody has answered."""
    revision: int
    """As `core.duplicates.Decision.revision`."""


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Another location on the same warehouse."""

    channel: str
    """Handle."""
    channel_title: str
    location_id: int
    location: str
    master: Master


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a location and a warehouse fit."""

    warehouse_id: int
    name_likeness: float
    """0 to 1, of names, codes and addresses."""
    skus_shared: int
    """SKUs stocked in both, of those compared."""
    skus_location: int
    """SKUs stocked at the location, of those compared: all, but in a very large store (`ledger.connections.SAMPLE`)."""
    agreeing: int
    """Of `skus_shared`, those whose numbers are equal."""
    score: float
    """0 to 1, what the pair was chosen by."""


@dataclass(frozen=True, slots=True)
class LocationLine:
    """One line of the Warehouses tab."""

    location: Location
    units: int
    listings: int
    """Listings stocked there."""
    connection: Connection | None
    """None where nothing was said yet."""
    others: tuple[OtherPlace, ...] = ()
    evidence: Evidence | None = None
    """For the warehouse it is linked to."""
    suggested: Evidence | None = None
    """A better or first warehouse for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say of the pairs, fit for the merchant's eyes."""

    id: str
    """`crossed`, `two_to_one`, `service`, `unlinked_sells`, `warehouse_unlinked`, `shopify_master` …"""
    text: str
    location_ids: tuple[int, ...] = ()
    """What it is about, so that a screen can go there."""


@dataclass(frozen=True, slots=True)
class ConnectionsView:
    """Everything the Warehouses tab draws."""

    lines: tuple[LocationLine, ...]
    """Active locations first, by name."""
    warehouses: tuple[Warehouse, ...]
    findings: tuple[Finding, ...]


MASTER_WORDS: Final = {"sumtracker": "Sumtracker master", "shopify": "Shopify master"}
NAMED: Final = 3
"""How many of many are named in a sentence."""


@dataclass(frozen=True, slots=True)
class SomeSkus:
    """SKUs that stand in the way: the first few, and how many there are."""

    first: tuple[str, ...] = ()
    count: int = 0


NO_SKUS: Final = SomeSkus()


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What a link is judged by, as things would stand with it made."""

    location: Location
    warehouse: Warehouse
    master: Master
    insist: bool = False
    """A person said that a fulfilment service's place is to be linked all the same."""
    others: tuple[OtherPlace, ...] = ()
    """Every other location on the warehouse, of any channel."""
    repeated: SomeSkus = NO_SKUS
    """SKUs with several counts at the location: in-scope listings on different inventory items."""
    bundled: SomeSkus = NO_SKUS
    """SKUs there that are bundles or components of bundles."""


def named(names: Sequence[str], count: int | None = None) -> str:
    """`A`, `A and B`, `A, B, C and 4 more`: the first few of `count` (all of `names` where left out)."""
    count = len(names) if count is None else count
    shown = list(names[:NAMED])
    if count > len(shown):
        shown.append(f"{count - len(shown):,} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def named_skus(skus: SomeSkus) -> str:
    """`A, B, C and 4 more`, each so that blanks at its ends are seen. Foreign text."""
    return named([shown_sku(sku) for sku in skus.first], skus.count)


def fits_beside(master: Master, others: Collection[Master]) -> bool:
    """Whether a warehouse may have a connection with this master beside `others`: with Shopify as master it has one (DESIGN §5)."""
    return not others or "shopify" not in (master, *others)


def judge_link(facts: LinkFacts) -> None:
    """Raise `Refused`, with the reason and the next step, for a link that DESIGN §5 does not allow."""
    place, warehouse = facts.location, facts.warehouse
    if not place.active:
        raise Refused(
            f"{place.name} is inactive in Shopify, and an inactive location cannot be linked.",
            "Make it active in Shopify, load again, then link it.",
        )
    if place.service_manages_stock and not facts.insist:
        raise Refused(
            f"{place.name} belongs to {place.service or 'a fulfilment service'}, which keeps its own stock numbers and would "
            "overwrite those of Sumtracker.",
            "Leave it unlinked, or say that you insist (on the command line: --insist).",
        )
    if facts.master == "shopify":
        _judge_shopify_master(facts)
    elif taken := [other for other in facts.others if other.master == "shopify"]:
        raise Refused(
            f"{warehouse.code} takes its numbers from {taken[0].location} of {taken[0].channel_title}, where Shopify is master, "
            "and such a warehouse has that one connection.",
            "Choose another warehouse, or make Sumtracker master there first.",
        )


def _judge_shopify_master(facts: LinkFacts) -> None:
    place, warehouse = facts.location, facts.warehouse
    if facts.others:
        where = named([f"{other.location} of {other.channel_title}" for other in facts.others])
        raise Refused(
            f"With Shopify as master {warehouse.code} may have this one connection, but it is linked to {where} too.",
            "Choose another warehouse or make a new one, or make Sumtracker master.",
        )
    if facts.repeated.count:
        raise Refused(
            f"With Shopify as master each SKU may have one count at {place.name}, but "
            f"{_skus_have(facts.repeated)} several listings with counts of their own: {named_skus(facts.repeated)}.",
            "Give these listings SKUs of their own, or make Sumtracker master.",
        )
    if facts.bundled.count:
        raise Refused(
            f"Bundles need Sumtracker as master, and {_skus_are(facts.bundled)} part of a bundle at {place.name} or in "
            f"{warehouse.code}: {named_skus(facts.bundled)}.",
            "Make Sumtracker master, or choose a warehouse without bundles and their components.",
        )


def _skus_have(skus: SomeSkus) -> str:
    return "1 SKU has" if skus.count == 1 else f"{skus.count:,} SKUs have"


def _skus_are(skus: SomeSkus) -> str:
    return "1 SKU is" if skus.count == 1 else f"{skus.count:,} SKUs are"


def said(warehouse: Warehouse | None, master: Master | None) -> str:
    """A connection in plain words, as the log tells it: `linked to MAIN, Sumtracker master`, `stays unlinked`."""
    if warehouse is None or master is None:
        return "stays unlinked"
    return f"linked to {warehouse.code}, {MASTER_WORDS[master]}"


def unrestored_words(was: str) -> str:
    """What the log says of a location that came back without its connection; `was` as `said` words it."""
    return f"back in the store, but not {was} again: with Shopify as master a warehouse has one connection"


def counts_words(warehouse: Warehouse, source: str | None, places: Sequence[str]) -> str:
    """Whose count is copied, as the log tells it: that of the location `source`, or with None the sum of `places`."""
    whose = f"the sum of the counts of {named(places)}" if source is None else f"the count of {source}"
    return f"{whose} is copied into {warehouse.code}"


def reopened_words(warehouse: Warehouse) -> str:
    """What the log says where the location whose count was to be copied is linked there no more."""
    return f"whose count is copied into {warehouse.code} is to be said again: the location that was named is not linked there any more"


def summed_words(warehouse: Warehouse) -> str:
    """What the log says where the sum of several locations was copied, which each of them shows once sync was on."""
    return f"whose count is copied into {warehouse.code} is to be said again: each location shows their sum by now"
