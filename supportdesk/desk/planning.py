"""Making a plan: what it is to be about, what was answered, what stands in its way. The plan itself is built in `sync.plan`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from supportdesk.core.connections import MASTER_WORDS, LinkFacts, Master, judge_link
from supportdesk.core.plan import PlanFacts, PlanFor
from supportdesk.core.plan_view import PlanView
from supportdesk.core.progress import Watch
from supportdesk.core.readiness import readiness
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import Answers, Unknown
from supportdesk.desk import Desk, accounts
from supportdesk.desk.channels import claimed_by as claimed_by
from supportdesk.desk.duplicates import opened_channel
from supportdesk.errors import Refused, WrongUsage

if TYPE_CHECKING:
    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.connections import Kept
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.plan_numbers import Place
    from supportdesk.ledger.plans import Header
    from supportdesk.sync.plan import NewLink

_NAMED: Final = 1_000
"""SKUs named in what stands in the way; of more it is said how many."""
_FRESH: Final = timedelta(minutes=2)
"""How long ago a store that is being synced may have been loaded for a plan to show what is in it."""
_SAID_BY_STEPS: Final = frozenset({"loaded", "duplicates", "unlinked", "warehouses"})
"""Checks of readiness whose matter the plan and the wizard's steps say themselves."""


def make_plan(
    desk: Desk,
    channel: str,
    purpose: PlanFor = "turn-on",
    *,
    copies: bool | None = None,
    master: Master | None = None,
    location: str = "",
    warehouse: str = "",
    unknown: Unknown | None = None,
    promised_included: bool | None = None,
    keep: Collection[str] = (),
    counts: Literal["this", "sum"] | None = None,
    insist: bool = False,
    watch: Watch,
) -> PlanView:
    """Build a plan from what was loaded, and keep it.

    What is None is taken from the wizard's answers (*turn-on*). `location` (id or exact name) is what *link* and *direction* are
    about; `master` and, where it is not linked yet, `warehouse` (id, code or name) what is to become of it; where another location of
    the store is on that warehouse and the count is copied, `counts` says what the warehouse has then; `insist` links a fulfilment service's location all the same. `keep` names causes that a
    *rollback* leaves as they are. What stands in the way of applying is in the view's `blocked`. Raises `UnknownName`,
    `NotLoaded`, `WrongUsage`, `Refused` (read-only; on already; another being applied; a link that DESIGN §5 does not allow; nothing
    to take back), `Cancelled`, `LedgerError` and its kinds; nothing is kept then. A *link* or *direction* of a channel that is on loads
    the store again first, where that was more than two minutes ago; *turn-on* does where sync was turned off since. Both raise what
    that raises.
    """
    from supportdesk.desk import braking
    from supportdesk.ledger import applying, plans
    from supportdesk.sync.plan import PlanJob, build
    from supportdesk.sync.rollback import build_rollback

    accounts.refuse_if_read_only(desk, "make plans")
    _refuse_mixed(purpose, copies, location, warehouse, unknown, promised_included, keep)
    if insist and purpose != "link":
        raise WrongUsage("One insists on linking a fulfilment service's location.", "Leave --insist out.")
    if counts and (purpose != "link" or not copies):
        raise WrongUsage("Whose count is copied is asked of a link that copies.", "Leave --counts out.")
    location_id = resolved_location(desk, channel, location) if location else None
    warehouse_id = _resolved_warehouse(desk, channel, warehouse) if warehouse else None
    _load_again(desk, channel, purpose, watch)
    with opened_channel(desk, channel) as (ledger, record):
        if other := applying.under_way(ledger.db.conn, record.id):
            raise Refused(f"Plan {other.plan_id} is being applied.", "Wait until that has ended.")
        job = PlanJob(ledger, watch, desk.now, accounts.who(), braking.limits(desk.settings))
        answers = answers_of(ledger, record)
        if purpose == "rollback":
            plan_id = build_rollback(job, record, tuple(sorted(keep)))
        else:
            said = Answers(
                direction=master or answers.direction,
                copy=copies if copies is not None else answers.copy,
                unknown=unknown or answers.unknown,
                promised_included=answers.promised_included
                if promised_included is None
                else promised_included,
                sumtracker_off=answers.sumtracker_off,
            )
            if purpose == "turn-on":
                header, link = turn_on_header(ledger, record, said), None
                _refuse_other_master(header.places, master)
            else:
                said = replace(said, copy=copies, unknown=unknown, promised_included=promised_included)
                header, link = _one_location(
                    ledger, record, purpose, location_id, warehouse_id, master, said, insist
                )
                header = _with_counts(ledger, record, header, counts)
            facts = _facts(desk, ledger, record, header, said)
            plan_id = build(job, header, facts, link)
        found = plans.view(ledger.db.conn, plan_id)
    assert found is not None
    return found


def _load_again(desk: Desk, channel: str, purpose: PlanFor, watch: Watch) -> None:
    """Read the store again where what was loaded is not what it shows by now, and Sumtracker has taken in what happened since.

    That is a channel that is on, loaded a while ago; and one that was turned off since it was loaded: orders that sync took in would
    pass for orders that came after, and be taken in once more. Raises what loading raises.
    """
    from supportdesk.desk import channels
    from supportdesk.ledger import applying, comparing

    with opened_channel(desk, channel) as (ledger, record):
        connection = ledger.db.conn
        loaded = comparing.load_time(connection, record.id)
        if purpose == "rollback" or loaded is None or applying.under_way(connection, record.id):
            return
        if purpose == "turn-on":
            off_at = applying.turned_off_at(connection, record.id) if record.sync != "on" else None
            is_old = off_at is not None and loaded[0] < off_at
        else:
            is_old = record.sync == "on" and desk.now() - loaded[1] > _FRESH
    if is_old:
        channels.load(desk, channel, watch)


def _refuse_mixed(
    purpose: PlanFor,
    copies: bool | None,
    location: str,
    warehouse: str,
    unknown: Unknown | None,
    promised_included: bool | None,
    keep: Collection[str],
) -> None:
    """Raise `WrongUsage` for what does not go with the purpose."""
    one_place = purpose in ("link", "direction")
    if one_place and not location:
        raise WrongUsage(f"A plan for {purpose} is about one location.", "Name it: --location=L")
    if location and not one_place:
        raise WrongUsage(f"A plan for {purpose} is about every location.", "Leave --location out.")
    if warehouse and purpose != "link":
        raise WrongUsage("A warehouse is named where a location is to be linked.", "Leave --warehouse out.")
    if keep and purpose != "rollback":
        raise WrongUsage("Causes are kept where pushes are taken back.", "Leave --keep out.")
    if purpose == "rollback" and (copies is not None or unknown or promised_included is not None):
        raise WrongUsage("Taking back copies nothing and asks nothing else.", "Leave the answers out.")
    if copies and (unknown or promised_included is not None):
        raise WrongUsage(
            "What becomes of SKUs never counted, and what is promised, is asked where nothing is copied.",
            "Leave --copy out, or the other answers.",
        )


def _refuse_other_master(places: Sequence[Place], master: Master | None) -> None:
    """Raise `Refused` where a location is linked with another master than was named: a plan to turn on changes no link."""
    others = [place for place in places if master is not None and place.master != master]
    if others:
        raise Refused(
            f"{', '.join(safe_text(place.name) for place in others)}: linked with {MASTER_WORDS[others[0].master]} as master.",
            "Link it otherwise first (`supportdesk link`), or leave --master out.",
        )


def resolved_location(desk: Desk, channel: str, text: str) -> int:
    """The id of the location. Raises as `connections.resolve_location`."""
    from supportdesk.desk import connections

    return connections.resolve_location(desk, channel, text)


def _resolved_warehouse(desk: Desk, channel: str, text: str) -> int:
    from supportdesk.desk.channels import channel_named
    from supportdesk.desk.warehouses import resolve_warehouse

    return resolve_warehouse(desk, channel_named(desk, channel).account, text).id


def answers_of(ledger: Ledger, record: ChannelRecord) -> Answers:
    """What was answered in the wizard."""
    from supportdesk.ledger import wizard

    return wizard.kept(ledger.db.conn, record.id).state.answers


# What a plan is about ---------------------------------------------------------------------------------------------------------------


def turn_on_header(ledger: Ledger, record: ChannelRecord, answers: Answers) -> Header:
    """What a plan that turns the channel on is asked to be. Raises `Refused` where it is on."""
    from supportdesk.ledger.plans import Header

    if record.sync == "on":
        raise Refused(
            f"{record.title} is being synced already.",
            "Plan a link, a direction or a roll back, or turn it off first.",
        )
    places = linked_places(ledger, record)
    asks = any(place.master == "sumtracker" for place in places) if places else answers.direction != "shopify"
    copies = answers.copy if asks else None
    asks_more = asks and copies is False
    return Header(
        channel_id=record.id,
        purpose="turn-on",
        copies=copies,
        unknown=answers.unknown if asks_more else None,
        promised_included=answers.promised_included if asks_more else None,
        places=places,
    )


def linked_places(ledger: Ledger, record: ChannelRecord) -> tuple[Place, ...]:
    """The channel's active locations that are linked, by name."""
    from supportdesk.ledger import connections

    kept = connections.kept(ledger, record.id)
    return _places(ledger, record, kept)


def _places(ledger: Ledger, record: ChannelRecord, kept: dict[int, Kept]) -> tuple[Place, ...]:
    from supportdesk.ledger import channels, warehouses
    from supportdesk.ledger.plan_numbers import Place

    codes = {each.id: each.code for each in warehouses.all_warehouses(ledger)}
    return tuple(
        Place(place.id, place.name, row.warehouse_id, codes[row.warehouse_id], row.master, row.counts)
        for place in channels.locations(ledger, record.id)
        if place.active
        and (row := kept.get(place.id))
        and row.warehouse_id is not None
        and row.master is not None
    )


def _one_location(
    ledger: Ledger,
    record: ChannelRecord,
    purpose: PlanFor,
    location_id: int | None,
    warehouse_id: int | None,
    master: Master | None,
    answers: Answers,
    insist: bool,
) -> tuple[Header, NewLink | None]:
    """What a plan about one location is asked to be, and the link it is to have where it has another or none. Raises `Refused`."""
    from supportdesk.ledger import channels, connections
    from supportdesk.ledger.plans import Header
    from supportdesk.sync.plan import NewLink

    assert location_id is not None
    row = connections.kept(ledger, record.id).get(location_id)
    place = next((each for each in channels.locations(ledger, record.id) if each.id == location_id), None)
    if place is None:
        raise Refused(
            "The location is no longer in the store as it was last loaded.", "Load the store again."
        )
    there = row.warehouse_id if row else None
    if purpose == "direction":
        if row is None or there is None:
            raise Refused(f"{place.name} is not linked to a warehouse.", "Link it first.")
        if master is None:
            raise WrongUsage(
                "It is not said who is to be master.", "Say it: --master=sumtracker or --master=shopify"
            )
        if row.master == master:
            raise Refused(f"{place.name} has this master already.", "There is nothing to plan.")
    elif record.sync == "on" and there is not None:
        raise Refused(f"{place.name} is linked already.", "Plan a direction to change who is master.")
    target = warehouse_id if warehouse_id is not None else there
    if target is None:
        raise WrongUsage(
            f"It is not said which warehouse {place.name} is to be linked to.", "Name it: --warehouse=W"
        )
    wanted = master or (row.master if row and row.master else "sumtracker")
    insisted = place.service_manages_stock and (insist or bool(row and there == target and row.insisted))
    judge_new_link(ledger, record, location_id, target, wanted, insisted=insisted)
    linked = {**connections.kept(ledger, record.id)}
    counts = row.counts if row and there == target else None
    linked[location_id] = connections.Kept(location_id, place.name, target, wanted, counts, insisted, 0)
    (one,) = (each for each in _places(ledger, record, linked) if each.location_id == location_id)
    copies = answers.copy if wanted == "sumtracker" else None
    if purpose == "direction" and wanted == "sumtracker":
        if copies is False or answers.unknown or answers.promised_included is not None:
            raise WrongUsage(
                "Sumtracker goes on from what it reads in the store until then, so nothing else is asked.",
                "Leave the answers out.",
            )
        copies = True
    header = Header(
        channel_id=record.id,
        purpose=purpose,
        copies=copies,
        unknown=answers.unknown if copies is False else None,
        promised_included=answers.promised_included if copies is False else None,
        places=(replace(one, counts=None, insisted=insisted),),
        location_id=location_id,
        master=wanted,
    )
    return header, NewLink(location_id, target, wanted, insisted) if there != target else None


def _with_counts(
    ledger: Ledger, record: ChannelRecord, header: Header, counts: Literal["this", "sum"] | None
) -> Header:
    """The header with what its warehouse has once the location's count is copied, where another location of the store is on it."""
    from supportdesk.ledger.connections import SUM

    if counts is None:
        return header
    (place,) = header.places
    if not _others_there(ledger, record, header):
        raise WrongUsage(
            f"No other location of the store is on {place.code}, so there is one count to copy.",
            "Leave --counts out.",
        )
    whose = SUM if counts == "sum" else place.location_id
    return replace(header, places=(replace(place, counts=whose),))


def _others_there(ledger: Ledger, record: ChannelRecord, header: Header) -> list[str]:
    """Names of the store's other locations on the warehouse that a plan links one to."""
    from supportdesk.ledger import connections

    if header.purpose != "link" or not header.copies:
        return []
    (place,) = header.places
    return [
        row.location_name
        for row in connections.kept(ledger, record.id).values()
        if row.warehouse_id == place.warehouse_id
        and row.location_id != place.location_id
        and row.master == "sumtracker"
    ]


def _counts_open(ledger: Ledger, record: ChannelRecord, header: Header) -> list[tuple[str, list[str]]]:
    """Warehouses of which it is not said whose count is copied: code, and the locations on it."""
    from supportdesk.ledger import wizard

    if header.purpose == "turn-on":
        return wizard.counts_unanswered(ledger.db.conn, record.id)
    (place,) = header.places
    others = _others_there(ledger, record, header)
    return [(place.code, sorted((place.name, *others)))] if others and place.counts is None else []


def judge_new_link(
    ledger: Ledger,
    record: ChannelRecord,
    location_id: int,
    warehouse_id: int,
    master: Master,
    *,
    insisted: bool,
) -> None:
    """Raise `Refused` where the location may not be linked so (`core.connections.judge_link`)."""
    from supportdesk.desk.warehouses import warehouse_of
    from supportdesk.ledger import channels, connections

    others = connections.places_on(ledger).get(warehouse_id, [])
    facts = LinkFacts(
        location=next(each for each in channels.locations(ledger, record.id) if each.id == location_id),
        warehouse=warehouse_of(ledger, warehouse_id),
        master=master,
        insist=insisted,
        others=tuple(
            each for each in others if (each.channel, each.location_id) != (record.handle, location_id)
        ),
    )
    judge_link(facts)
    if master == "shopify":
        judge_link(
            replace(
                facts,
                repeated=connections.repeated_skus(ledger, record.id, location_id),
                bundled=connections.bundled_skus(ledger, record.id, location_id, warehouse_id),
            )
        )


# What stands in the way -------------------------------------------------------------------------------------------------------------


def _facts(desk: Desk, ledger: Ledger, record: ChannelRecord, header: Header, answers: Answers) -> PlanFacts:
    """What stands in the way of a plan, as things are; what the plan itself counts is added when it is built."""
    from supportdesk.ledger import wizard

    connection = ledger.db.conn
    missing, not_ready = mended_first(desk, ledger, record)
    groups = wizard.group_counts(connection, record.id)
    left = wizard.open_groups(connection, record.id, _NAMED)
    turning_on = header.purpose == "turn-on"
    linked = len(header.places)
    return PlanFacts(
        missing_scopes=missing,
        claimed_by=claimed_by(ledger, record),
        direction=answers.direction or header.master or (header.places[0].master if linked else None),
        copy=header.copies,
        linked=linked,
        sumtracker_masters=sum(place.master == "sumtracker" for place in header.places),
        unsaid_locations=unsaid_locations(ledger, record) if turning_on else (),
        counts_unanswered=_counts_open(ledger, record, header),
        undecided=left.undecided,
        undecided_more=groups.to_decide - len(left.undecided),
        unanswered=left.named_elsewhere,
        whose_count=left.whose_count,
        splits_pending=left.splits,
        not_ready=not_ready,
        sumtracker_sync_on=turning_on and from_sumtracker(ledger) and not answers.sumtracker_off,
    )


def mended_first(
    desk: Desk, ledger: Ledger, record: ChannelRecord
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Scopes whose lack blocks, and what else readiness says must be mended first, a sentence each."""
    from supportdesk.desk import connections_view
    from supportdesk.desk.readiness import facts_of
    from supportdesk.ledger import catalog

    counts = catalog.load_counts(ledger, record.id)
    facts = facts_of(desk, ledger, record, counts, connections_view.places_counted(ledger, record.id))
    missing = facts.missing_to_turn_on
    return missing, tuple(
        check.text
        for check in readiness(facts)
        if check.state == "block"
        and check.id not in _SAID_BY_STEPS
        and not (check.id == "access" and missing)
    )


def from_sumtracker(ledger: Ledger) -> bool:
    """Whether the ledger's numbers were taken from a real Sumtracker account."""
    from supportdesk.ledger import imports

    return imports.imported_from_sumtracker_at(ledger.db.conn) is not None


def unsaid_locations(ledger: Ledger, record: ChannelRecord) -> tuple[str, ...]:
    """Names of active locations that are neither linked nor said to stay unlinked; services that keep their own numbers apart."""
    from supportdesk.ledger import channels, connections

    kept = connections.kept(ledger, record.id)
    return tuple(
        place.name
        for place in channels.locations(ledger, record.id)
        if place.active and not place.service_manages_stock and place.id not in kept
    )
