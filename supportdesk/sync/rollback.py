"""Building a plan that takes our pushes back: minus what was pushed to each row, but for the causes that a person keeps (PROTOCOL §4)."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from operator import itemgetter

from supportdesk.core.brake import Tally, judge_brake, over_a_day
from supportdesk.core.plan import PlanFacts, PlanRow, RiskTotals, RowFacts, blocked, planned, taken_back
from supportdesk.errors import Refused
from supportdesk.ledger import one_location, plan_counts, plan_rows, plans, pushed_rows
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.plans import Header, Outcome
from supportdesk.ledger.pushed_rows import PushedRow
from supportdesk.sync.plan import Added, PlanJob, location_tallies, name_of, tell

_AT_ONCE = 2_000


def build_rollback(job: PlanJob, record: ChannelRecord, keep: tuple[str, ...]) -> int:
    """Build and keep the plan; its id. Raises `Refused` where nothing was pushed, `Cancelled`, `LedgerError` and its kinds."""
    with job.ledger.writing() as connection:
        causes = pushed_rows.causes(connection, record.id)
        if not causes:
            raise Refused(
                f"Nothing has been pushed to {record.title} yet, so there is nothing to take back.",
                "The log shows what was pushed, once something is.",
            )
        unknown = sorted(set(keep) - causes.keys())
        if unknown:
            raise Refused(
                f"Nothing was pushed for {', '.join(unknown)}.", f"There is {', '.join(sorted(causes))}."
            )
        header = Header(
            record.id, "rollback", None, None, None, pushed_rows.places(connection, record.id), kept=keep
        )
        plan_id = plans.begin(connection, header, at=job.now(), who=job.who)
        making = plans.making_of(connection, plan_id, header)
        one_location.renew_levels(connection, record.id)
        added = Added()
        for rows in _rows(connection, record.id, keep):
            job.watch.check()
            added.add(rows)
            plan_rows.keep(connection, plan_id, rows)
        basis = pushed_rows.basis(connection, record.id)
        facts = PlanFacts(in_flight=pushed_rows.in_flight(connection, record.id))
        second = int(job.now().timestamp())
        tally = Tally(added.stocked, added.to_zero, 1, 0, location_tallies(making, added))
        written = plan_counts.written_tallies(connection, record.id, second)
        plans.finish(
            connection,
            making,
            Outcome(
                basis=basis,
                fingerprint=name_of(header, basis),
                totals=added.risk_totals(),
                proofs=added.copy_proofs(),
                unknown_skus=0,
                unknown_units=0,
                promised=0,
                blocked=blocked(facts),
                brake=judge_brake(over_a_day(written, second, tally), job.limits),
                causes=causes,
                ledger=RiskTotals(),
            ),
        )
        tell(connection, job, header, plan_id)
    return plan_id


def _rows(connection: sqlite3.Connection, channel_id: int, keep: tuple[str, ...]) -> Iterator[list[PlanRow]]:
    """Every row that was pushed to, some at a time, with what it goes back to."""
    by_row = itertools.groupby(pushed_rows.stream(connection, channel_id), itemgetter(0, 1))
    while some := [_row(list(pushed), keep) for _, pushed in itertools.islice(by_row, _AT_ONCE)]:
        yield some


def _row(pushed: list[PushedRow], keep: tuple[str, ...]) -> PlanRow:
    first = pushed[0]
    back = taken_back({each.cause: each.change for each in pushed}, keep)
    available = None if first.store is None else first.store + back
    return planned(
        RowFacts(
            *(first.item_id, first.location_id, first.sku, "taken_back", first.store, available),
            on_hand=first.on_hand,
            committed=first.committed,
        )
    )
