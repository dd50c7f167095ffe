"""Plans as they are kept: what each is for, its totals, what stood in its way, what became of it. Their rows are in `plan_rows`."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from supportdesk.core.brake import BrakeReason
from supportdesk.core.connections import Master
from supportdesk.core.plan import Blocked, CopyProof, PlanFor, PlanTotals, Risk, RiskTotals, Section
from supportdesk.core.plan_view import (
    NO_UNITS,
    ElsewhereTotals,
    NotInPlan,
    PlanPlace,
    PlanState,
    PlanStep,
    PlanView,
)
from supportdesk.core.wizard import Unknown
from supportdesk.ledger import pushed_rows
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.plan_numbers import Making, Place

_CACHE_KIB: Final = 20_000
_STAYS: Final = 200


@dataclass(frozen=True, slots=True)
class Header:
    """What a plan is asked to be."""

    channel_id: int
    purpose: PlanFor
    copies: bool | None
    unknown: Unknown | None
    promised_included: bool | None
    places: tuple[Place, ...]
    location_id: int | None = None
    """Of *link* and *direction*."""
    master: Master | None = None
    kept: tuple[str, ...] = ()
    """Of *rollback*: causes that stay."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of making a plan."""

    basis: Mapping[Section, str]
    fingerprint: str
    totals: Mapping[tuple[int, Risk], RiskTotals]
    """By location and class."""
    proofs: Mapping[int, CopyProof]
    """By location."""
    unknown_skus: int
    unknown_units: int
    promised: int
    blocked: tuple[Blocked, ...]
    brake: tuple[BrakeReason, ...]
    causes: Mapping[str, int]
    """Of a roll back: units by cause."""
    ledger: RiskTotals
    """Numbers that are set or kept."""
    promised_to_bundles: int = 0


@contextlib.contextmanager
def room_to_build(ledger: Ledger) -> Iterator[None]:
    """Let SQLite keep more of the file in memory during the block: a plan reads and writes several tables side by side."""
    connection = ledger.db.conn
    (before,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size={before}")


def making_of(connection: sqlite3.Connection, plan_id: int, header: Header) -> Making:
    """What the queries of a plan in the making take."""
    shares_items, has_orders = connection.execute(
        """SELECT coalesce((SELECT shared_items FROM load WHERE channel_id = ?1), 1),
                  EXISTS (SELECT 1 FROM store_order_line WHERE channel_id = ?1)""",
        (header.channel_id,),
    ).fetchone()
    return Making(
        plan_id=plan_id,
        channel_id=header.channel_id,
        places=header.places,
        copies=bool(header.copies),
        unknown=header.unknown,
        subtracts_promised=not header.copies and bool(header.promised_included),
        shares_items=bool(shares_items),
        has_orders=bool(has_orders),
        location_id=header.location_id,
    )


def begin(connection: sqlite3.Connection, header: Header, *, at: datetime, who: str) -> int:
    """Add a plan that is being made, in the transaction under way; its id. Older ones for the same are replaced: their rows go."""
    older = [
        plan_id
        for (plan_id,) in connection.execute(
            """SELECT id FROM plan WHERE channel_id = ? AND purpose = ? AND state = 'made' AND location_id IS ?""",
            (header.channel_id, header.purpose, header.location_id),
        )
    ]
    one = next((place for place in header.places if place.location_id == header.location_id), None)
    cursor = connection.execute(
        """INSERT INTO plan (channel_id, purpose, location_id, warehouse_id, master, copies, unknown, promised_included, kept,
               basis, fingerprint, event_id, movement_id, ledger_rows, ledger_before, ledger_after, unknown_skus, unknown_units,
               promised, made_at, who)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', '', (SELECT coalesce(max(id), 0) FROM event),
               (SELECT coalesce(max(id), 0) FROM movement), 0, 0, 0, 0, 0, 0, ?, ?)""",
        (
            *(header.channel_id, header.purpose, header.location_id, one.warehouse_id if one else None),
            *(header.master, header.copies, header.unknown, header.promised_included),
            *(json.dumps(header.kept), at.isoformat(), who),
        ),
    )
    assert cursor.lastrowid is not None
    for plan_id in older:
        for table in ("plan_row", "plan_number", "plan_elsewhere"):
            connection.execute(f"DELETE FROM {table} WHERE plan_id = ?", (plan_id,))
        connection.execute(
            "UPDATE plan SET state = 'replaced', said = ? WHERE id = ?",
            (f"Plan {cursor.lastrowid} was made in its place.", plan_id),
        )
    return cursor.lastrowid


def finish(connection: sqlite3.Connection, making: Making, outcome: Outcome) -> None:
    """Keep what came of it, in the transaction under way."""
    plan_id = making.plan_id
    connection.execute(
        """UPDATE plan SET basis = ?, fingerprint = ?, unknown_skus = ?, unknown_units = ?, promised = ?, causes = ?,
               promised_to_bundles = ?, ledger_rows = ?, ledger_before = ?, ledger_after = ? WHERE id = ?""",
        (
            *(json.dumps(dict(outcome.basis)), outcome.fingerprint, outcome.unknown_skus),
            *(outcome.unknown_units, outcome.promised, json.dumps(dict(outcome.causes))),
            outcome.promised_to_bundles,
            *(outcome.ledger.rows, outcome.ledger.before, outcome.ledger.after, plan_id),
        ),
    )
    none = NO_UNITS
    connection.executemany(
        "INSERT INTO plan_place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(plan_id, place.location_id, place.name, place.warehouse_id, place.code),
                *(place.master, place.counts),
                *(proof.on_hand, proof.committed, proof.available, place.insisted),
            )
            for place in making.places
            for proof in (outcome.proofs.get(place.location_id, none),)
        ],
    )
    connection.executemany(
        "INSERT INTO plan_total VALUES (?, ?, ?, ?, ?, ?)",
        [
            (plan_id, location, risk, total.rows, total.before, total.after)
            for (location, risk), total in outcome.totals.items()
        ],
    )
    connection.executemany(
        "INSERT INTO plan_block VALUES (?, ?, ?, ?, ?, ?)",
        [
            (plan_id, position, block.code, block.text, block.sku, block.location)
            for position, block in enumerate(outcome.blocked)
        ],
    )
    connection.executemany(
        "INSERT INTO plan_brake VALUES (?, ?, ?, ?, ?)",
        [
            (plan_id, position, reason.code, reason.text, reason.location_id)
            for position, reason in enumerate(outcome.brake)
        ],
    )


# Reading --------------------------------------------------------------------------------------------------------------------------------

_PLAN: Final = (
    """SELECT plan.*, channel.handle, channel.title FROM plan JOIN channel ON channel.id = plan.channel_id"""
)


def _one(connection: sqlite3.Connection, query: str, *parameters: object) -> sqlite3.Row | None:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    row: sqlite3.Row | None = cursor.execute(query, parameters).fetchone()
    return row


def plan_row(connection: sqlite3.Connection, plan_id: int) -> sqlite3.Row | None:
    """The plan's own row with `handle` and `title` of its channel, None where there is none."""
    return _one(connection, f"{_PLAN} WHERE plan.id = ?", plan_id)


def newest(connection: sqlite3.Connection, channel_id: int, purpose: PlanFor | None) -> int | None:
    """The id of the channel's newest plan for that purpose, or for any."""
    row = connection.execute(
        "SELECT max(id) FROM plan WHERE channel_id = ? AND (?2 IS NULL OR purpose = ?2)",
        (channel_id, purpose),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def places_of(connection: sqlite3.Connection, plan_id: int) -> tuple[Place, ...]:
    """The places that the plan is about."""
    rows = connection.execute(
        """SELECT location_id, location_name, warehouse_id, code, master, counts, insisted FROM plan_place WHERE plan_id = ?
           ORDER BY location_name, location_id""",
        (plan_id,),
    )
    return tuple(replace(Place(*place), insisted=bool(insisted)) for *place, insisted in rows)


def header_of(connection: sqlite3.Connection, plan_id: int) -> Header:
    """What a plan that is there was asked to be."""
    row = plan_row(connection, plan_id)
    assert row is not None
    return Header(
        row["channel_id"],
        row["purpose"],
        _truth(row["copies"]),
        row["unknown"],
        _truth(row["promised_included"]),
        places_of(connection, plan_id),
        row["location_id"],
        row["master"],
        tuple(json.loads(row["kept"])),
    )


def view(connection: sqlite3.Connection, plan_id: int) -> PlanView | None:
    """Everything that is kept of a plan but its rows; None where there is no such plan."""
    row = plan_row(connection, plan_id)
    if row is None:
        return None
    by_place: dict[int, dict[Risk, RiskTotals]] = {}
    by_risk: dict[Risk, RiskTotals] = {}
    for location, risk, *numbers in connection.execute(
        "SELECT location_id, risk, store_rows, before, after FROM plan_total WHERE plan_id = ?", (plan_id,)
    ):
        total = RiskTotals(*numbers)
        by_place.setdefault(location, {})[risk] = total
        by_risk[risk] = by_risk.get(risk, RiskTotals()).plus(total)
    places = _places(connection, plan_id, by_place)
    proof = NO_UNITS
    for place in places:
        proof = proof.plus(place.proof)
    one = next((place for place in places if place.location_id == row["location_id"]), None)
    state: PlanState = row["state"]
    return PlanView(
        id=plan_id,
        channel=row["handle"],
        title=row["title"],
        purpose=row["purpose"],
        state=state,
        made_at=datetime.fromisoformat(row["made_at"]),
        who=row["who"],
        copies=_truth(row["copies"]),
        unknown=row["unknown"],
        promised_included=_truth(row["promised_included"]),
        location=one.location if one else "",
        master=row["master"],
        warehouse=one.warehouse if one else "",
        totals=PlanTotals(by_risk, RiskTotals(row["ledger_rows"], row["ledger_before"], row["ledger_after"])),
        places=places,
        proof=proof,
        left_out=tuple(
            NotInPlan(*each)
            for each in connection.execute(
                "SELECT reason, store_rows, units FROM plan_left_out WHERE plan_id = ? ORDER BY reason",
                (plan_id,),
            )
        ),
        elsewhere=_elsewhere(connection, plan_id),
        unknown_skus=row["unknown_skus"],
        unknown_units=row["unknown_units"],
        promised=row["promised"],
        promised_taken=_promised_taken(connection, row),
        promised_to_bundles=row["promised_to_bundles"],
        blocked=tuple(
            Blocked(*each)
            for each in connection.execute(
                "SELECT code, text, sku, location FROM plan_block WHERE plan_id = ? ORDER BY position",
                (plan_id,),
            )
        ),
        brake=tuple(
            BrakeReason(*each)
            for each in connection.execute(
                "SELECT code, text, location_id FROM plan_brake WHERE plan_id = ? ORDER BY position",
                (plan_id,),
            )
        ),
        fingerprint=row["fingerprint"],
        causes=json.loads(row["causes"]),
        kept=tuple(json.loads(row["kept"])),
        stays=tuple(pushed_rows.sku_changes(connection, row["handle"], _STAYS))
        if row["purpose"] == "rollback"
        else (),
        applied_by=row["applied_by"],
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        said=row["said"],
        steps=tuple(
            PlanStep(step, datetime.fromisoformat(at), detail)
            for step, at, detail in connection.execute(
                "SELECT step, at, detail FROM plan_step WHERE plan_id = ? ORDER BY id", (plan_id,)
            )
        ),
    )


def _promised_taken(connection: sqlite3.Connection, row: sqlite3.Row) -> int:
    """What is taken off numbers that are kept because it is promised; a number copied never had it."""
    if row["copies"] or not row["promised_included"]:
        return 0
    (units,) = connection.execute(
        "SELECT coalesce(sum(before - after), 0) FROM plan_number WHERE plan_id = ? AND kind = 'kept'",
        (row["id"],),
    ).fetchone()
    return int(units)


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _places(
    connection: sqlite3.Connection, plan_id: int, by_place: Mapping[int, Mapping[Risk, RiskTotals]]
) -> tuple[PlanPlace, ...]:
    rows = connection.execute(
        """SELECT location_id, location_name, code, master, on_hand, committed, available, insisted FROM plan_place
           WHERE plan_id = ? ORDER BY location_name, location_id""",
        (plan_id,),
    )
    return tuple(
        PlanPlace(
            *(location, name, code, master, by_place.get(location, {})),
            proof=CopyProof(on_hand, committed, on_hand - committed - available, available),
            insisted=bool(insisted),
        )
        for location, name, code, master, on_hand, committed, available, insisted in rows
    )


def _elsewhere(connection: sqlite3.Connection, plan_id: int) -> tuple[ElsewhereTotals, ...]:
    rows: Iterable[tuple[str, str, int, int, int, int]] = connection.execute(
        """SELECT row.channel, coalesce(channel.title, row.channel), count(*), sum(coalesce(row.after, 0) <= 0 AND row.before > 0),
                  coalesce(sum(row.before), 0), coalesce(sum(row.after), 0)
           FROM plan_elsewhere AS row LEFT JOIN channel ON channel.handle = row.channel
           WHERE row.plan_id = ? GROUP BY row.channel ORDER BY row.channel""",
        (plan_id,),
    )
    return tuple(ElsewhereTotals(*row) for row in rows)
