"""Building a plan out of what was loaded, row by row as they stream by (PROTOCOL §4). Whether one is stale is in `staleness`; applying is elsewhere.

A plan of *roll back* is built in `rollback`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from supportdesk.core.brake import BrakeLimits, BrakeReason, LocationTally, Tally, judge_brake, over_a_day
from supportdesk.core.connections import Master
from supportdesk.core.plan import (
    CopyProof,
    Fingerprint,
    PlanFacts,
    PlanRow,
    Risk,
    RiskTotals,
    Section,
    blocked,
    fingerprint,
    planned,
)
from supportdesk.core.progress import Watch
from supportdesk.ledger import events, one_location, plan_counts, plan_numbers, plan_rows, plans
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.plan_numbers import Making
from supportdesk.ledger.plans import Header, Outcome
from supportdesk.sync.staleness import Changed as Changed
from supportdesk.sync.staleness import ledger_basis, said_basis
from supportdesk.sync.staleness import stale as stale

_LOOK_EVERY: Final = 2_000
"""Rows between two looks at a person's wish to stop."""


@dataclass(frozen=True, slots=True)
class PlanJob:
    """Where a plan is built, when, and by whom."""

    ledger: Ledger
    watch: Watch
    now: Callable[[], datetime]
    who: str
    limits: BrakeLimits = field(default_factory=BrakeLimits)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A location that is to be linked by the plan, where nothing of it is linked yet."""

    location_id: int
    warehouse_id: int
    master: Master
    insisted: bool = False


@dataclass
class Added:
    """Rows added up as they stream by."""

    totals: dict[tuple[int, Risk], list[int]] = field(default_factory=dict)
    proofs: dict[int, list[int]] = field(default_factory=dict)
    stocked: int = 0
    to_zero: int = 0
    shown: int = 0
    """Units before of rows that are written."""

    def add(self, rows: list[PlanRow]) -> None:
        """More rows."""
        for _, location, _, kind, risk, before, after, _, on_hand, committed in rows:
            total = self.totals.get((location, risk))
            if total is None:
                total = self.totals[location, risk] = [0, 0, 0]
                self.proofs.setdefault(location, [0, 0, 0])
            total[0] += 1
            total[1] += before
            total[2] += after
            proof = self.proofs[location]
            promised = committed or 0
            proof[0] += before + promised if on_hand is None else on_hand
            proof[1] += promised
            proof[2] += before
            if before > 0:
                self.stocked += 1
                if after <= 0:
                    self.to_zero += 1
            if kind != "held" and kind != "read":
                self.shown += before

    def risk_totals(self) -> dict[tuple[int, Risk], RiskTotals]:
        """The totals by location and class."""
        return {key: RiskTotals(*numbers) for key, numbers in self.totals.items()}

    def copy_proofs(self) -> dict[int, CopyProof]:
        """The proof of each location."""
        return {
            location: CopyProof(on_hand, committed, on_hand - committed - available, available)
            for location, (on_hand, committed, available) in self.proofs.items()
        }


def build(job: PlanJob, header: Header, facts: PlanFacts, new_link: NewLink | None = None) -> int:
    """Build the plan that `header` asks for and keep it, in one transaction; its id.

    `facts` is what is known of what stands in the way; what the plan itself counts is added. Raises `Cancelled`, `LedgerError` and
    its kinds; nothing is kept then.
    """
    at = job.now()
    with plans.room_to_build(job.ledger), job.ledger.writing() as connection:
        plan_id = plans.begin(connection, header, at=at, who=job.who)
        making = plans.making_of(connection, plan_id, header)
        if header.purpose == "direction":
            one_location.renew_levels(connection, header.channel_id, header.location_id)
        basis = said_basis(connection, making)
        with _linked(connection, header.channel_id, new_link):
            plan_numbers.prepare(connection, making)
            basis |= ledger_basis(connection, making)
            job.watch.report("Working out Sumtracker's numbers")
            plan_numbers.fill(connection, making)
            job.watch.check()
            added = Added()
            basis["load"] = _decide(job, connection, making, added)
            job.watch.report("Counting what else it touches")
            plan_rows.keep_elsewhere(connection, making)
            plan_counts.keep_left_out(connection, making)
        outcome = _outcome(job, connection, header, making, facts, basis, added)
        plans.finish(connection, making, outcome)
        plan_numbers.clear(connection)
        tell(connection, job, header, plan_id)
    return plan_id


def fill_twin(connection: sqlite3.Connection, plan_id: int, twin: int) -> None:
    """Fill the plan `twin` with the rows that `plan_id` would have by what stands in the account file now, in the transaction under way."""
    header = plans.header_of(connection, plan_id)
    making = plans.making_of(connection, twin, header)
    maximum = connection.execute("SELECT maximum FROM channel WHERE id = ?", (header.channel_id,)).fetchone()[
        0
    ]
    plan_numbers.prepare(connection, making)
    try:
        plan_numbers.fill(connection, making)
        for some in plan_rows.stream(connection, making, maximum):
            plan_rows.keep(connection, twin, map(planned, some))
    finally:
        plan_numbers.clear(connection)


def tell(connection: sqlite3.Connection, job: PlanJob, header: Header, plan_id: int) -> None:
    """Record that a plan was made."""
    (handle,) = connection.execute("SELECT handle FROM channel WHERE id = ?", (header.channel_id,)).fetchone()
    events.record(
        connection,
        at=job.now(),
        kind="plan",
        channel=handle,
        who=job.who,
        detail=f"plan {plan_id} made: {header.purpose}",
        reference=str(plan_id),
    )


@contextlib.contextmanager
def _linked(connection: sqlite3.Connection, channel_id: int, link: NewLink | None) -> Iterator[None]:
    """Let the location be linked while the plan is built, in the transaction under way, as if it were; as before afterwards."""
    if link is None:
        yield
        return
    key = (channel_id, link.location_id)
    before = connection.execute(
        "SELECT * FROM connection WHERE channel_id = ? AND location_id = ?", key
    ).fetchone()
    connection.execute(
        """INSERT OR REPLACE INTO connection (channel_id, location_id, location_name, warehouse_id, master, insisted, event_id)
           SELECT channel_id, id, name, ?, ?, ?, (SELECT max(id) FROM event) FROM location WHERE channel_id = ? AND id = ?""",
        (link.warehouse_id, link.master, link.insisted, *key),
    )
    yield
    connection.execute("DELETE FROM connection WHERE channel_id = ? AND location_id = ?", key)
    if before:
        marks = ", ".join("?" for _ in before)
        connection.execute(f"INSERT INTO connection VALUES ({marks})", before)


def _decide(job: PlanJob, connection: sqlite3.Connection, making: Making, added: Added) -> str:
    """Decide and keep every row of the plan, some at a time, adding them up; the fingerprint of what was loaded."""
    maximum = connection.execute("SELECT maximum FROM channel WHERE id = ?", (making.channel_id,)).fetchone()[
        0
    ]
    loaded = Fingerprint()
    done = 0
    for some in plan_rows.stream(connection, making, maximum):
        job.watch.check()
        job.watch.report("Planning rows", done, unit="rows")
        loaded.add([facts[:3] for facts in some])
        rows = list(map(planned, some))
        added.add(rows)
        plan_rows.keep(connection, making.plan_id, rows)
        done += len(rows)
    return loaded.text


def _outcome(
    job: PlanJob,
    connection: sqlite3.Connection,
    header: Header,
    making: Making,
    facts: PlanFacts,
    basis: dict[Section, str],
    added: Added,
) -> Outcome:
    sums = plan_counts.sums(connection, making)
    promised = plan_counts.promised_units(connection, making)
    facts = replace(
        facts,
        unknown=sums.unknown_skus,
        unknown_units=sums.unknown_units,
        unknown_answered=header.unknown is not None,
        promised_before=0 if header.promised_included is not None else promised,
    )
    return Outcome(
        basis=basis,
        fingerprint=name_of(header, basis),
        totals=added.risk_totals(),
        proofs=added.copy_proofs(),
        unknown_skus=sums.unknown_skus,
        unknown_units=sums.unknown_units,
        promised=promised,
        blocked=blocked(facts),
        brake=_brake(job, connection, header, making, added, sums),
        causes={},
        ledger=sums.ledger,
        promised_to_bundles=plan_counts.promised_to_bundles(connection, making),
    )


def name_of(header: Header, basis: dict[Section, str]) -> str:
    """The plan's fingerprint: of what it was built from, and of what was answered."""
    return fingerprint(
        [
            *sorted(basis.items()),
            ("asked", header.purpose, header.location_id, header.master, *header.kept),
            ("answered", header.copies, header.unknown, header.promised_included),
            *(
                ("place", place.location_id, place.warehouse_id, place.master, place.counts, place.insisted)
                for place in header.places
            ),
        ]
    )


def _brake(
    job: PlanJob,
    connection: sqlite3.Connection,
    header: Header,
    making: Making,
    added: Added,
    sums: plan_counts.Sums,
) -> tuple[BrakeReason, ...]:
    """Why the brake holds: for the store over a day, for the ledger that the store's counts overwrite, and for imports of the day."""
    now = job.now()
    second = int(now.timestamp())
    written = plan_counts.written_tallies(connection, header.channel_id, second)
    store = Tally(
        added.stocked, added.to_zero, sums.ledger_after, added.shown, location_tallies(making, added)
    )
    reasons = [
        *judge_brake(over_a_day(written, second, store), job.limits),
        *judge_brake(Tally(0, 0, sums.copied, sums.overwritten), job.limits),
    ]
    if not making.copies:
        imported = plan_counts.import_tallies(connection, making, now - timedelta(days=1))
        reasons += judge_brake(Tally(0, 0, 0, 0, tuple(imported)), job.limits)
    return tuple(reasons)


def location_tallies(making: Making, added: Added) -> tuple[LocationTally, ...]:
    """What the plan does to each location's total."""
    tallies = []
    for place in making.places:
        totals = [numbers for (location, _), numbers in added.totals.items() if location == place.location_id]
        before, after = sum(each[1] for each in totals), sum(each[2] for each in totals)
        if totals:
            tallies.append(LocationTally(place.location_id, place.name, before, after - before))
    return tuple(tallies)
