"""What the wizard shows, put together from the account: where it stands, facts, counts, the plan that fits. Answering is `going_live`."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar, cast

from supportdesk.core.connections import Master
from supportdesk.core.duplicates import Effect
from supportdesk.core.plan import CopyProof
from supportdesk.core.wizard import (
    Answers,
    StepLine,
    WizardFacts,
    WizardState,
    rail,
    recommended_copy,
)
from supportdesk.desk import Desk, accounts, planning

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.desk.rehearsal_verdict import Rehearsed
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.wizard import Kept, SkuCounts
    from supportdesk.ledger.wizard_effects import BundleRows, SharedWith


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """One location as the steps show it."""

    location_id: int
    location: str
    """Foreign text."""
    active: bool
    said: bool
    """Linked, or said to stay unlinked."""
    warehouse: str
    """Code; '' where unlinked."""
    master: Master | None
    """None where unlinked."""
    rows: int
    """Inventory items in scope that are stocked there."""
    proof: CopyProof
    """Of those rows, added up: on hand − committed − unavailable = available, what is copied."""


@dataclass(frozen=True, slots=True)
class GroupsShown:
    """Duplicate groups as the step shows them."""

    groups: int
    """That need a decision."""
    decided: int
    effect: Effect
    """What the decisions do to the units the store shows, were counts copied."""


@dataclass(frozen=True, slots=True)
class WizardView:
    """Everything that the wizard draws."""

    channel: str
    title: str
    """The store's, foreign text."""
    state: WizardState
    facts: WizardFacts
    rail: tuple[StepLine, ...]
    revision: int
    """Grows with every answer; 0 while there is none."""
    at_work: str
    """Who else is in this wizard at the moment; '' for nobody else."""
    recommended_copy: tuple[bool, str]
    """Whether copying is recommended, and why, a sentence."""
    plan_id: int | None
    """The plan for the answers as they are, or the one in force (`sync`); None while there is none."""
    answered_by: str
    """Who answered last, '' while nobody has."""
    answered_at: datetime | None
    places: tuple[PlaceShown, ...]
    groups: GroupsShown
    other_masters: tuple[str, ...] = ()
    """Linked locations whose master is another than the direction that was answered; foreign text."""
    store_units: int = 0
    """Available in the store, of every listing at every location."""
    shared_with: tuple[SharedWith, ...] = ()
    """Other stores that show numbers of the same warehouses."""
    bundles: BundleRows | None = None
    """Rows of bundles, which are shown what their components are enough for."""
    rehearsed: Rehearsed | None = None
    """The last rehearsal of that plan."""
    sync: str = ""
    """How sync stands where the channel is on or a plan is being applied, a sentence; '' while it is off. Nothing is answered then."""
    turned_off_at: datetime | None = None
    """When sync was turned off, where answers are of the time before; None once a plan that was made since is accepted."""
    is_read_since: bool = True
    """Whether the store was read since then; else its numbers here are those of then, and making a plan reads it first."""

    @property
    def from_before(self) -> str:
        """What is of the time before sync was turned off, and what to do about it, sentences; '' where nothing is."""
        if self.turned_off_at is None:
            return ""
        if self.is_read_since:
            return "What is answered is from before that: look at each again."
        return (
            "Answers and the store's numbers are of then: look at each again. The plan reads the store anew."
        )

    @property
    def left_out_units(self) -> int:
        """Units of the store that are of listings out of scope."""
        return max(0, self.store_units - sum(place.proof.available for place in self.places))


def other_at_work(desk: Desk, kept: Kept) -> str:
    """Who else is at work; '' for nobody."""
    here = kept.at_work_until is not None and kept.at_work_until > desk.now()
    return kept.at_work if here and kept.at_work != accounts.who() else ""


def view_of(desk: Desk, ledger: Ledger, record: ChannelRecord) -> WizardView:
    """The wizard as it is kept in the account. Raises `NotLoaded`, `LedgerError`."""
    from supportdesk.desk import rehearsal_verdict
    from supportdesk.ledger import wizard

    kept = wizard.kept(ledger.db.conn, record.id)
    facts = facts_of(desk, ledger, record, kept)
    plan = current_plan(ledger, record, kept.state.answers)
    _, shown, effect = _counted(ledger, record)
    beside = _beside(ledger, record)
    groups = wizard.group_counts(ledger.db.conn, record.id)
    wanted = kept.state.answers.direction
    sync, in_force = _sync(desk, ledger, record)
    steps = rail(kept.state, facts)
    turned_off_at = None if sync else _turned_off_at(ledger, record, kept, facts)
    return WizardView(
        channel=record.handle,
        title=record.title,
        state=kept.state,
        facts=facts,
        rail=tuple(_closed(line, sync) for line in steps) if sync else steps,
        revision=kept.revision,
        at_work=other_at_work(desk, kept),
        recommended_copy=recommended_copy(facts),
        plan_id=in_force if sync else plan[0] if plan else None,
        answered_by=kept.who,
        answered_at=kept.at,
        places=shown,
        groups=GroupsShown(groups.groups, groups.groups - groups.to_decide - groups.splits_pending, effect),
        other_masters=tuple(
            place.location
            for place in shown
            if wanted and place.master and place.active and place.master != wanted
        ),
        store_units=beside[0],
        shared_with=beside[1],
        bundles=beside[2],
        rehearsed=rehearsal_verdict.last(ledger.db.conn, record.handle, plan[0]) if plan else None,
        sync=sync,
        turned_off_at=turned_off_at,
        is_read_since=turned_off_at is None or _is_read_since(ledger, record, turned_off_at),
    )


def _turned_off_at(ledger: Ledger, record: ChannelRecord, kept: Kept, facts: WizardFacts) -> datetime | None:
    """See `WizardView.turned_off_at`."""
    from supportdesk.ledger import applying

    is_accepted = bool(facts.plan) and kept.state.answers.reviewed == facts.plan
    return None if is_accepted else applying.turned_off_at(ledger.db.conn, record.id)


def _is_read_since(ledger: Ledger, record: ChannelRecord, off_at: datetime) -> bool:
    """See `WizardView.is_read_since`; as `planning` judges it before it makes a plan."""
    from supportdesk.ledger import comparing

    loaded = comparing.load_time(ledger.db.conn, record.id)
    return loaded is None or loaded[0] >= off_at


def _beside(ledger: Ledger, record: ChannelRecord) -> tuple[int, tuple[SharedWith, ...], BundleRows]:
    """What is touched beside the channel's own counts, or left alone; kept while nothing that it depends on changes."""
    from supportdesk.ledger import wizard, wizard_effects

    connection = ledger.db.conn

    def count() -> tuple[int, tuple[SharedWith, ...], BundleRows]:
        return (
            wizard_effects.store_units(connection, record.id),
            wizard_effects.shared_with(connection, record.id),
            wizard_effects.bundle_rows(connection, record.id),
        )

    return _once(
        ("beside", ledger.path, ledger.file_number, record.id, wizard.rows_mark(connection, record.id)), count
    )


def _sync(desk: Desk, ledger: Ledger, record: ChannelRecord) -> tuple[str, int | None]:
    """How sync stands, as a sentence, and the plan in force; ('', None) while it is off and nothing is being applied."""
    from supportdesk.desk import plans
    from supportdesk.desk.sync_status import sync_status
    from supportdesk.ledger import applying

    under_way = applying.under_way(ledger.db.conn, record.id)
    if record.sync != "on" and under_way is None:
        return "", None
    plan_id = plans.id_in_force(ledger, record)
    if plan_id is None and under_way is None:
        return "Sync is on.", None
    by = f" (plan {plan_id})" if plan_id is not None else ""
    return f"Sync is {sync_status(desk, record.handle).words}{by}.", plan_id


def _closed(line: StepLine, sync: str) -> StepLine:
    """A step of a wizard in which nothing is asked any more: the last two say why."""
    blocks = (sync,) if line.step in ("review", "turn_on") else ()
    status = line.status if line.status == "nothing_to_ask" else "done"
    return replace(
        line, blocks=blocks, status="to_do" if line.step == "turn_on" and "being" in sync else status
    )


def facts_of(desk: Desk, ledger: Ledger, record: ChannelRecord, kept: Kept) -> WizardFacts:
    """What the steps are judged by, as things are now."""
    from supportdesk.ledger import applying, channels, warehouses, wizard

    connection = ledger.db.conn
    skus, places, _ = _counted(ledger, record)
    groups = wizard.group_counts(connection, record.id)
    linked = [place for place in places if place.active and place.master]
    missing, not_ready = planning.mended_first(desk, ledger, record)
    plan = current_plan(ledger, record, kept.state.answers)
    scopes = [f"The app may not yet do everything sync needs: {', '.join(missing)}."] if missing else []
    claim = planning.claimed_by(ledger, record)
    return WizardFacts(
        first_store=all(each.sync == "off" or each.id == record.id for each in channels.all_channels(ledger)),
        synced_before=applying.turned_off_at(connection, record.id) is not None,
        counted_skus=skus.counted,
        unknown_skus=skus.unknown,
        promised_before=skus.promised,
        from_sumtracker=planning.from_sumtracker(ledger),
        duplicate_groups=groups.groups,
        to_decide=groups.to_decide,
        unanswered_groups=groups.unanswered,
        splits_pending=groups.splits_pending,
        locations=sum(place.active for place in places),
        warehouses=len(warehouses.all_warehouses(ledger)),
        linked=len(linked),
        sumtracker_masters=sum(place.master == "sumtracker" for place in linked),
        unsaid_locations=len(planning.unsaid_locations(ledger, record)),
        counts_unanswered=len(wizard.counts_unanswered(connection, record.id)),
        plan=plan[1] if plan else "",
        blocks=(
            *scopes,
            *not_ready,
            *([f"This store is synced already, from {claim}."] if claim else []),
        ),
    )


def current_plan(ledger: Ledger, record: ChannelRecord, answers: Answers) -> tuple[int, str] | None:
    """The number and fingerprint of the plan for the answers as they are; None where there is none, or much was done since."""
    from supportdesk.ledger import plan_basis, plans

    if record.sync == "on":
        return None
    connection = ledger.db.conn
    plan_id = plans.newest(connection, record.id, "turn-on")
    row = plans.plan_row(connection, plan_id) if plan_id is not None else None
    if (
        row is None
        or row["state"] != "made"
        or plan_basis.is_outdated(connection, record.handle, row["event_id"])
    ):
        return None
    header = planning.turn_on_header(ledger, record, answers)
    asked = (header.copies, header.unknown, header.promised_included)
    if asked != (_truth(row["copies"]), row["unknown"], _truth(row["promised_included"])):
        return None
    return int(row["id"]), str(row["fingerprint"])


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)


_KEPT: Final = 16


_counts: OrderedDict[tuple[object, ...], object] = OrderedDict()


_lock: Final = threading.Lock()


_Counted = TypeVar("_Counted")


def _counted(ledger: Ledger, record: ChannelRecord) -> tuple[SkuCounts, tuple[PlaceShown, ...], Effect]:
    """What takes a look at every row, kept while nothing that it depends on changes."""
    from supportdesk.ledger import wizard

    connection = ledger.db.conn
    rows = (ledger.path, ledger.file_number, record.id, wizard.rows_mark(connection, record.id))
    decisions = (*rows, wizard.decisions_mark(connection, record.id))
    return (
        _once(("skus", *rows), lambda: wizard.sku_counts(connection, record.id)),
        _once(("places", *rows), lambda: _places(connection, record.id)),
        _once(("effect", *decisions), lambda: wizard.decisions_effect(connection, record.id)),
    )


def _once(key: tuple[object, ...], count: Callable[[], _Counted]) -> _Counted:
    """What `count` says, asked once for each key."""
    with _lock:
        if key in _counts:
            _counts.move_to_end(key)
            return cast(_Counted, _counts[key])
    found = count()
    with _lock:
        _counts[key] = found
        while len(_counts) > _KEPT:
            _counts.popitem(last=False)
    return found


def _places(connection: sqlite3.Connection, channel_id: int) -> tuple[PlaceShown, ...]:
    from supportdesk.ledger import wizard

    return tuple(
        PlaceShown(
            *(place.location_id, place.name, place.active, place.said, place.warehouse),
            *(_master(place.master), place.rows, place.proof),
        )
        for place in wizard.places(connection, channel_id)
    )


def _master(text: str | None) -> Master | None:
    return "sumtracker" if text == "sumtracker" else "shopify" if text == "shopify" else None
