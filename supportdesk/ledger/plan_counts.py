"""What is counted over a plan in the making: rows left out, sums for its questions and its brake, what was written or imported of late."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from supportdesk.core.brake import WINDOW, LocationTally, Tally
from supportdesk.core.plan import RiskTotals
from supportdesk.ledger.plan_numbers import Making, promised_of, rows_of
from supportdesk.ledger.scope import IN_SCOPE


def keep_left_out(connection: sqlite3.Connection, making: Making) -> None:
    """Count the store's rows that are no rows of the plan, by the first reason that fits, in the transaction under way."""
    connection.execute(
        f"""INSERT INTO plan_left_out
            SELECT :plan, reason, count(*), coalesce(sum(available), 0) FROM (
                SELECT level.available AS available,
                    CASE WHEN NOT {IN_SCOPE} THEN listing.left_out
                        WHEN NOT location.active THEN 'inactive_location'
                        WHEN place.location_id IS NULL THEN
                            CASE WHEN said.warehouse_id IS NULL THEN 'unlinked' ELSE 'elsewhere' END
                        WHEN grouped.left_out THEN 'decided' END AS reason
                FROM main.store_level AS level
                CROSS JOIN main.listing ON listing.id = {_naming(making)}
                LEFT JOIN location ON location.channel_id = level.channel_id AND location.id = level.location_id
                LEFT JOIN temp.place AS place ON place.location_id = level.location_id
                LEFT JOIN connection AS said ON said.channel_id = level.channel_id AND said.location_id = level.location_id
                LEFT JOIN temp.grouped AS grouped ON grouped.sku = listing.sku
                WHERE level.channel_id = :channel AND level.active)
            WHERE reason IS NOT NULL GROUP BY reason""",
        making.parameters,
    )


def _naming(making: Making) -> str:
    """SQL of the id of the listing that a level's rows are named by: its first in scope, else its first."""
    same = "same.channel_id = level.channel_id AND same.item_id = level.item_id"
    if not making.shares_items:
        return f"(SELECT same.id FROM main.listing AS same WHERE {same})"
    other = IN_SCOPE.replace("listing.", "same.")
    return f"(SELECT same.id FROM main.listing AS same WHERE {same} ORDER BY NOT {other}, same.id LIMIT 1)"


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts over the numbers of a plan that its brake and its questions need."""

    unknown_skus: int
    unknown_units: int
    """Shown by the store, of SKUs the ledger never counted."""
    ledger_after: int
    """Σ of numbers that the store is made to show."""
    overwritten: int
    """Σ before of numbers that the store's counts replace."""
    copied: int
    """Σ after of those."""
    ledger: RiskTotals
    """Numbers that are set or kept."""


def sums(connection: sqlite3.Connection, making: Making) -> Sums:
    """These counts, once the plan's numbers and rows are there."""
    unknown = "number.plan_id = :plan AND number.before IS NULL AND number.kind NOT IN ('derived', 'read')"
    found = connection.execute(_SUMS, making.parameters).fetchone()
    shown, overwritten, copied, some_unknown, rows, before, after = found
    skus = units = 0
    if some_unknown:
        (skus,) = connection.execute(
            f"SELECT count(DISTINCT sku) FROM plan_number AS number WHERE {unknown}", making.parameters
        ).fetchone()
        (units,) = connection.execute(
            f"""SELECT coalesce(sum(line.before), 0) FROM plan_row AS line CROSS JOIN temp.place AS place
                    ON place.location_id = line.location_id
                CROSS JOIN plan_number AS number ON number.plan_id = line.plan_id AND number.sku = line.sku
                    AND number.warehouse_id = place.warehouse_id
                WHERE line.plan_id = :plan AND {unknown}""",
            making.parameters,
        ).fetchone()
    return Sums(skus, units, shown, overwritten, copied, RiskTotals(rows, before, after))


_COPIED: Final = "kind IN ('copied', 'shared', 'read')"
_SUMS: Final = f"""SELECT coalesce(sum(after) FILTER (WHERE kind NOT IN ('held', 'read', 'derived')), 0),
        coalesce(sum(before) FILTER (WHERE {_COPIED}), 0), coalesce(sum(after) FILTER (WHERE {_COPIED}), 0),
        count(*) FILTER (WHERE before IS NULL AND kind NOT IN ('derived', 'read')),
        count(*) FILTER (WHERE {{counts}}), coalesce(sum(before) FILTER (WHERE {{counts}}), 0),
        coalesce(sum(after) FILTER (WHERE {{counts}}), 0)
    FROM plan_number WHERE plan_id = :plan""".format(
    counts="kind NOT IN ('derived', 'held') AND after IS NOT NULL"
)


def written_tallies(connection: sqlite3.Connection, channel_id: int, now: int) -> list[tuple[int, Tally]]:
    """What was written to the store in the 24 hours up to `now` without following orders, oldest first."""
    rows = connection.execute(
        "SELECT second, tally FROM written WHERE channel_id = ? AND second > ? ORDER BY id",
        (channel_id, now - WINDOW),
    )
    return [(second, msgspec.json.decode(tally, type=Tally)) for second, tally in rows]


def import_tallies(connection: sqlite3.Connection, making: Making, since: datetime) -> list[LocationTally]:
    """What imports since then did to each warehouse of the plan that had anything before, its units then and the change.

    A warehouse goes by its id below 0, so that it is no location of the store.
    """
    tallies = []
    for place in {place.warehouse_id: place for place in making.places}.values():
        (change,) = connection.execute(
            """SELECT coalesce(sum(in_stock - booked), 0) FROM movement
               WHERE warehouse_id = ? AND kind = 'import' AND at > ?""",
            (place.warehouse_id, since.isoformat()),
        ).fetchone()
        if not change:
            continue
        (now,) = connection.execute(
            "SELECT coalesce(sum(in_stock - booked), 0) FROM stock WHERE warehouse_id = ?",
            (place.warehouse_id,),
        ).fetchone()
        if now - change > 0:
            name = f"{place.code} in Sumtracker, by imports of the last 24 hours,"
            tallies.append(LocationTally(-place.warehouse_id, name, now - change, change))
    return tallies


def promised_units(connection: sqlite3.Connection, making: Making) -> int:
    """Units that orders from before have promised at the plan's Sumtracker-master places."""
    if not making.has_orders:
        (units,) = connection.execute(
            """SELECT coalesce(sum(max(line.committed, 0)), 0) FROM plan_row AS line
               CROSS JOIN temp.place AS place ON place.location_id = line.location_id AND place.master = 'sumtracker'
               WHERE line.plan_id = :plan AND line.committed > 0""",
            making.parameters,
        ).fetchone()
    else:
        (units,) = connection.execute(
            f"SELECT coalesce(sum({promised_of(making)}), 0) {rows_of(making)} AND place.master = 'sumtracker'",
            making.parameters,
        ).fetchone()
    return int(units)


def promised_to_bundles(connection: sqlite3.Connection, making: Making) -> int:
    """Units of components that orders from before have promised to bundles, at the plan's Sumtracker-master places.

    The store shows them as the components' own: copied, they stay the ledger's number, and are said as promised besides.
    """
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM main.bundle_line)").fetchone()[0]:
        return 0
    parts = "CROSS JOIN main.bundle_line AS part ON part.bundle_sku = listing.sku"
    (units,) = connection.execute(
        f"""SELECT coalesce(sum({promised_of(making)} * part.quantity), 0) {rows_of(making, joins=parts)}
            AND place.master = 'sumtracker' AND listing.sku IN (SELECT bundle_sku FROM main.bundle_line)""",
        making.parameters,
    ).fetchone()
    return int(units)
