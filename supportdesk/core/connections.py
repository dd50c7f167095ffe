"""Which location belongs to which warehouse and who is master there: what may be linked, and what is said of the pairs (DESIGN §5, *Mapping*).

Values and pure rules. Guessing which pairs belong together is in `matching`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from supportdesk.core.catalog import Location

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
    """SKUs stocked in both."""
    skus_location: int
    """SKUs stocked at the location."""
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
