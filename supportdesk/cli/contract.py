"""The JSON that others rely on (DESIGN §8), as models. A field here is never renamed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, PlainSerializer

from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channels import ChannelSummary, LeftOutListing, LocationTotals
from supportdesk.core.checks import Check
from supportdesk.core.duplicates import DuplicatesSummary, GroupDetail, choice_words
from supportdesk.core.rehearsal import Verdict
from supportdesk.desk.sync_status import SyncStatus


def _with_z(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_with_z, return_type=str)]


class Totals(BaseModel):
    """`load`, `open`, `show`."""

    listings: int
    skus: int
    without_sku: int
    locations: int
    duplicate_groups: int
    duplicate_listings: int
    disagreeing_groups: int
    units: int

    @classmethod
    def of(cls, totals: ChannelTotals) -> Totals:
        """The contract's form of `totals`."""
        return cls(**{name: getattr(totals, name) for name in cls.model_fields})


class ChannelLine(BaseModel):
    """One element of `channels`."""

    channel: str
    account: str
    title: str
    source: Literal["shopify", "export"]
    sync: Literal["off", "on"]
    listings: int | None
    duplicate_groups: int | None
    disagreeing_groups: int | None
    unlinked_locations: int | None
    loaded_at: Moment | None

    @classmethod
    def of(cls, line: ChannelSummary) -> ChannelLine:
        """The contract's form of one channel."""
        return cls(
            channel=line.handle,
            **{name: getattr(line, name) for name in cls.model_fields if name != "channel"},
        )


class LocationLine(BaseModel):
    """One element of `show --locations`."""

    id: int
    name: str
    active: bool
    service: str
    service_manages_stock: bool
    stocked: int
    units: int

    @classmethod
    def of(cls, line: LocationTotals) -> LocationLine:
        """The contract's form of one location."""
        place = line.location
        return cls(
            id=place.id,
            name=place.name,
            active=place.active,
            service=place.service,
            service_manages_stock=place.service_manages_stock,
            stocked=line.stocked,
            units=line.units,
        )


class LeftOutLine(BaseModel):
    """One element of `show --left-out`."""

    listing: str
    title: str
    variant_title: str
    sku: str
    reason: str

    @classmethod
    def of(cls, line: LeftOutListing) -> LeftOutLine:
        """The contract's form of one listing that is not synced."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class GroupListingLine(BaseModel):
    """One listing of an element of `duplicates`."""

    listing: str
    variant_id: int | None
    title: str
    in_scope: bool
    levels: dict[str, int]
    """Available by location, only where it is stocked."""


class DuplicateLine(BaseModel):
    """One element of `duplicates`."""

    sku: str
    listings: list[GroupListingLine]
    agree: bool
    oldest: int
    lowest: int
    highest: int
    sum: int
    decision: str | None
    """As `decide --from-file` takes it: `shared by oldest`, `split`, `left out`."""
    revision: int
    """Of the decision, 0 for none: what `decide --seen` takes."""

    @classmethod
    def of(cls, detail: GroupDetail) -> DuplicateLine:
        """The contract's form of one group. Locations of one name are told apart by their ids."""
        group = detail.group
        names = [place.name for place in detail.locations]
        keys = {
            place.id: f"{place.name} ({place.id})" if names.count(place.name) > 1 else place.name
            for place in detail.locations
        }
        return cls(
            sku=group.sku,
            listings=[
                GroupListingLine(
                    listing=each.listing,
                    variant_id=each.variant_id,
                    title=each.title,
                    in_scope=each.left_out is None,
                    levels={keys.get(place, str(place)): units for place, units in each.levels.items()},
                )
                for each in detail.listings
            ],
            agree=group.agrees,
            **group.numbers._asdict(),
            decision=choice_words(group.decision.choice) if group.decision else None,
            revision=group.decision.revision if group.decision else 0,
        )


class DecidedLine(BaseModel):
    """`decide`, `new-sku`."""

    changed: int
    """Decisions, or listings, that changed."""
    groups: int
    disagree: int
    to_decide: int
    """All that still need a person: nothing said of them, or what the next two count."""
    not_done: int
    """Decided to be split, and the store does not show it yet."""
    look_again: int
    """Decided, but something changed since, or a second answer is missing."""

    @classmethod
    def of(cls, changed: int, said: DuplicatesSummary) -> DecidedLine:
        """The contract's form of a change and what there is after it."""
        names = ("groups", "disagree", "to_decide", "not_done", "look_again")
        return cls(changed=changed, **{name: getattr(said, name) for name in names})


class ScenarioLine(BaseModel):
    """One element of `demo --list`."""

    scenario: str
    summary: str


class SettingLine(BaseModel):
    """One element of `paths`' settings."""

    key: str
    variable: str
    values: str
    default: str
    meaning: str


class CheckLine(BaseModel):
    """One element of `check`."""

    id: str
    state: Literal["pass", "warn", "block"]
    text: str

    @classmethod
    def of(cls, check: Check) -> CheckLine:
        """The contract's form of one check."""
        return cls(id=check.id, state=check.state, text=check.text)


class ConnectedLine(BaseModel):
    """`connect`."""

    channel: str
    account: str
    token: str
    """A sentence that says where the token is kept; never the token."""
    missing_scopes: list[str]


class SandboxLine(BaseModel):
    """`sandbox`: one line once it listens."""

    url: str
    token: str
    shop: str


class SavedLine(BaseModel):
    """`backup`, `restore`, `forget`."""

    account: str
    file: str
    text: str


class KeyLine(BaseModel):
    """One element of `keys`."""

    id: str
    keys: list[str]
    label: str
    where: str
    help: str


class PathsLine(BaseModel):
    """`paths`."""

    home: str
    settings_file: str
    accounts: str
    credentials: str
    logs: str
    reports: str
    spool: str
    settings: list[SettingLine]


class TurnedOffLine(BaseModel):
    """What `turn-off` did."""

    channel: str
    claim_stays: str
    """Why the claim is still in the store, '' where it is not."""
    text: str


class MovedRowLine(BaseModel):
    """A row of a plan that waits to be confirmed."""

    sku: str
    location: str
    planned: int
    """In the store, when it was planned."""
    now: int
    after: int
    """What it is to show once the plan is applied."""
    planned_after: int
    risk: str


class SyncLine(BaseModel):
    """How sync stands, after `apply`."""

    channel: str
    on: bool
    plan: int | None
    phase: str | None
    said: str
    rows: dict[str, int]
    """By condition: settling, live, held, out."""
    held: dict[str, int]
    """By reason."""
    planned: int
    """Rows that the plan changes."""
    written: int
    """Of these, written by now."""
    unsettled: int
    brake: list[str]
    stopped_rows: int
    keeper: str
    alerts: list[str]
    words: str
    """How it stands, as every screen says it: `on`, `on, nobody syncing since 14:40 UTC`."""
    to_compare: int
    """Live rows that were not compared with Sumtracker's numbers yet."""
    moved_rows: int
    """Rows that moved otherwise than by orders since the plan was made, and wait to be confirmed."""
    moved: list[MovedRowLine]
    """The first of them, the worst first."""

    @classmethod
    def of(cls, status: SyncStatus) -> SyncLine:
        """Of what the desk says."""
        return cls(
            channel=status.channel,
            on=status.is_on,
            plan=status.plan_id,
            phase=status.phase,
            said=status.steps[-1].detail if status.steps else "",
            rows={str(name): count for name, count in status.rows.items()},
            held=dict(status.held),
            planned=status.planned,
            written=status.written,
            unsettled=status.unsettled,
            brake=list(status.brake),
            stopped_rows=status.stopped_rows,
            keeper=status.keeper,
            alerts=list(status.alerts),
            words=status.words,
            to_compare=status.to_compare,
            moved_rows=status.moved,
            moved=[MovedRowLine(**line._asdict()) for line in status.moved_rows],
        )


class VerdictLine(BaseModel):
    """What a rehearsal came to, in rows."""

    as_planned: bool
    text: str
    planned: int
    """That the plan changes."""
    as_shown: int
    """Of those, written by exactly what the plan shows."""
    waiting: int
    with_orders: int
    """Written otherwise, or beyond the plan, because orders of the same SKU came."""
    otherwise: int
    """Written otherwise, or beyond the plan, with no order to explain it."""
    held: int
    orders: int
    """That came meanwhile."""
    settling: int

    @classmethod
    def of(cls, found: Verdict) -> VerdictLine:
        """The contract's form of it."""
        return cls(as_planned=found.is_as_planned, text=found.text, **asdict(found))


class RehearsalLine(SyncLine):
    """`rehearse`: how sync stands in the pretend store, and what that came to against the plan."""

    verdict: VerdictLine

    @classmethod
    def of_rehearsal(cls, status: SyncStatus, found: Verdict) -> RehearsalLine:
        """Of what the desk says."""
        return cls(**SyncLine.of(status).model_dump(), verdict=VerdictLine.of(found))
