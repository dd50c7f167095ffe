"""Duplicate groups: what a group's numbers are, whether its listings agree, what a decision about it means (DESIGN §5, *Duplicates*).

Values and pure rules. Which groups there are is a query of the ledger; a SKU is compared exactly, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple

from supportdesk.core.catalog import Location

DecisionKind = Literal["shared", "split", "left_out"]
CountsOf = Literal["oldest", "lowest", "highest", "sum", "listing"]
"""Whose count a shared group takes when counts are copied; `listing` is a named one."""

GroupFilter = Literal["all", "to_decide", "disagree"]
GroupOrder = Literal["worst", "sku", "listings", "oldest", "lowest", "highest", "sum"]

DECISION_WORDS: Final = {"shared": "shared", "split": "split", "left_out": "left out"}


class FourNumbers(NamedTuple):
    """What a group would count, by each rule: per location over its in-scope listings stocked there, summed over locations."""

    oldest: int
    lowest: int
    highest: int
    sum: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of a group."""

    kind: DecisionKind
    counts_of: CountsOf | None = None
    """For *shared* alone; None says that it is shared without saying whose count."""
    listing: str = ""
    """The named listing, where `counts_of` is `listing`."""
    elsewhere: CountsOf | None = None
    """The second answer: what counts at locations where the named listing is not stocked and others are."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice as it was kept."""

    sku: str
    choice: Choice
    note: str
    """The agent's own: hidden in presenter mode."""
    who: str
    at: datetime
    revision: int
    """Grows with every change in the account; a person who saw an older one has not seen this."""


@dataclass(frozen=True, slots=True)
class GroupListing:
    """One listing of a group."""

    listing: str
    variant_id: int | None
    item_id: int
    title: str
    variant_title: str
    status: str
    left_out: str | None
    """A key of `core.listings.LEFT_OUT`; None for in scope."""
    levels: Mapping[int, int]
    """Available by location id, only where it is stocked."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """One line of the Duplicates tab."""

    sku: str
    title: str
    """Of its first listing: foreign text."""
    listings: int
    in_scope: int
    numbers: FourNumbers
    agrees: bool
    pre_marked: bool
    """Same title and options, equal counts above 0: suggested as shared."""
    needs_decision: bool
    """Two or more in-scope listings that do not share one inventory item."""
    sku_mark: str | None
    """A key of `core.skus.MARKS`."""
    look_alikes: int
    """Other spellings of this SKU in the channel."""
    decision: Decision | None
    decision_holds: bool = True
    """False where something changed since that calls for a second look: a named listing gone, a split not yet done in the store."""


@dataclass(frozen=True, slots=True)
class GroupDetail:
    """A group with its listings side by side."""

    group: DuplicateGroup
    listings: tuple[GroupListing, ...]
    """Oldest first."""
    locations: tuple[Location, ...]
    """Where any of them is stocked; those that count first."""
    counted_locations: frozenset[int]
    """Locations that agreement and numbers are judged over: linked, or not yet said to stay unlinked."""
    look_alikes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DuplicatesSummary:
    """The first line of the tab."""

    groups: int
    disagree: int
    to_decide: int
    pre_marked: int
    """To decide and pre-marked *shared*: accepted in one keystroke."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a choice for some groups would do to the units the store offers, were counts copied."""

    groups: int
    units_before: int
    """Σ over the groups' in-scope listings of what each shows."""
    units_after: int
    """The same once each listing shows its group's number."""
    listings_raised: int
    listings_lowered: int
    unanswered: int
    """Groups in which a named listing is not stocked where others are, and no second answer was given."""
