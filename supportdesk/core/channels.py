"""A channel as a person sees it: the line on Sales channels, and its Overview. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from supportdesk.core.catalog import ChannelTotals, Location, Shop, SourceKind
    from supportdesk.core.checks import Check

SyncState = Literal["off", "on"]


@dataclass(frozen=True, slots=True)
class ChannelSummary:
    """One line of Sales channels. Counts are None until the channel was loaded once."""

    handle: str
    """How the command line names it: the shop's handle, or the name given to opened exports."""
    account: str
    """Slug of the merchant's account."""
    title: str
    """The shop's own name: foreign text."""
    source: SourceKind
    domain: str
    """`handle.myshopify.com`; '' for exports."""
    sync: SyncState = "off"
    listings: int | None = None
    duplicate_groups: int | None = None
    disagreeing_groups: int | None = None
    unlinked_locations: int | None = None
    """Active locations that are neither linked to a warehouse nor said to stay unlinked."""
    loaded_at: datetime | None = None
    """UTC."""


@dataclass(frozen=True, slots=True)
class SyncGlance:
    """What one line of a list of channels says of sync beside on and off; for a channel that is on, or that a plan is being applied to."""

    applying: Literal["", "turn-on", "rollback"] = ""
    """What a plan is doing to a channel that is off."""
    is_alone: bool = False
    """Whether nobody syncs it, or goes on with that plan."""
    synced_at: datetime | None = None
    """When it was synced last, else since when it is on; UTC."""
    alerts: int = 0
    """Alerts that nobody has seen, and those that stop writes however often they were seen."""
    alert: str = ""
    """The one to look at first, a sentence; may quote foreign text."""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to look at."""
        return not self.is_alone and not self.alerts

    @property
    def words(self) -> str:
        """The state where it is more than on and off: `being turned on`, `on, nobody syncing since 14:40 UTC`; '' else."""
        if self.applying:
            doing = "being turned on" if self.applying == "turn-on" else "being rolled back"
            return f"{doing}, but nobody goes on with it" if self.is_alone else doing
        if not self.is_alone:
            return ""
        since = f" since {self.synced_at.astimezone(UTC):%H:%M} UTC" if self.synced_at else ""
        return f"on, nobody syncing{since}"


@dataclass(frozen=True, slots=True)
class LocationTotals:
    """A location with what the last load found there."""

    location: Location
    units: int
    """Σ available, active levels only."""
    stocked: int
    """Inventory items with an active level there."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many listings are not synced for one reason."""

    reason: str
    """A key of `core.listings.LEFT_OUT`."""
    listings: int


@dataclass(frozen=True, slots=True)
class ChannelOverview:
    """Everything the Overview tab draws."""

    summary: ChannelSummary
    shop: Shop | None
    """None for exports."""
    totals: ChannelTotals | None
    """None until loaded once."""
    locations: tuple[LocationTotals, ...]
    left_out: tuple[LeftOut, ...]
    """Reasons that apply to at least one listing, most listings first."""
    in_scope: int
    checks: tuple[Check, ...]
    """Readiness: blocks first, then warnings, then passes."""


@dataclass(frozen=True, slots=True)
class LeftOutListing:
    """One listing that is not synced."""

    listing: str
    title: str
    variant_title: str
    sku: str
    reason: str
    """A key of `core.listings.LEFT_OUT`."""
