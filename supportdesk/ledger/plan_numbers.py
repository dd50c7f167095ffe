"""What the ledger has of each SKU in each warehouse once a plan is applied: `plan_number`, filled by SQLite, so that rows may stream by.

Whose count is copied is `core.copying.number_copied`, what a bundle has `core.bundles.bundle_numbers`; the rest is said
below in SQL, and a test holds it together with a computation in plain Python.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from supportdesk.core.bundles import Component, bundle_numbers
from supportdesk.core.connections import Master
from supportdesk.core.copying import number_copied
from supportdesk.core.duplicates import Choice
from supportdesk.core.wizard import Unknown
from supportdesk.ledger import promised
from supportdesk.ledger.connections import SUM
from supportdesk.ledger.scope import IN_SCOPE, choose, chosen_groups


@dataclass(frozen=True, slots=True)
class Place:
    """A linked location that a plan is about."""

    location_id: int
    name: str
    warehouse_id: int
    code: str
    master: Master
    counts: int | None = None
    """As `ledger.connections.Kept.counts`."""
    insisted: bool = False
    """Whether a person said that the plan links it though a fulfilment service keeps its numbers."""


@dataclass(frozen=True, slots=True)
class Making:
    """A plan in the making."""

    plan_id: int
    channel_id: int
    places: tuple[Place, ...]
    copies: bool
    unknown: Unknown | None
    subtracts_promised: bool
    """Whether what orders from before have promised is taken off Sumtracker's numbers."""
    shares_items: bool
    """Whether some inventory item may have several listings."""
    has_orders: bool
    """Whether orders of the channel were ever booked."""
    location_id: int | None = None
    """Of a plan about one location: that one."""

    @property
    def one(self) -> Place | None:
        """Of a plan about one location: as it is to be connected."""
        return next((place for place in self.places if place.location_id == self.location_id), None)

    @property
    def adds(self) -> bool:
        """Whether what is copied is added to what the ledger has: its location comes to another, and the sum of both counts."""
        return self.copies and self.one is not None and self.one.counts == SUM

    @property
    def parameters(self) -> dict[str, object]:
        """The named parameters of every query here."""
        return {"plan": self.plan_id, "channel": self.channel_id, "unknown": self.unknown or ""}


AT_ONCE: Final = 500
"""Rows fetched, decided and kept at a time; as many make one fact of a fingerprint."""

NOT_DECIDED: Final = "a duplicate that nobody has decided about"
NOT_SPLIT: Final = "to be split, but the store still shows one SKU"
NOT_SAID: Final = "nobody has said whose count is copied"

_TEMPORARY: Final = {
    "place": "location_id INTEGER PRIMARY KEY, warehouse_id INTEGER, master TEXT, counts INTEGER, places INTEGER, name TEXT, whose TEXT",
    "grouped": "sku TEXT PRIMARY KEY, left_out INTEGER NOT NULL, why TEXT NOT NULL, shared_by TEXT NOT NULL",
    "group_number": "sku TEXT, location_id INTEGER, number INTEGER, why TEXT NOT NULL, PRIMARY KEY (sku, location_id)",
}
"""Tables that live as long as a plan is made: what it is about, and what follows from decisions."""


def prepare(connection: sqlite3.Connection, making: Making) -> None:
    """Make the temporary tables that everything here reads: the plan's places, and what was decided of duplicate groups."""
    for table, columns in _TEMPORARY.items():
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        rowid = "" if "INTEGER PRIMARY KEY" in columns else " WITHOUT ROWID"
        connection.execute(f"CREATE TEMP TABLE {table} ({columns}){rowid}")
    promised.prepare(connection)
    feeding = [place.warehouse_id for place in making.places if place.master == "sumtracker"]
    connection.executemany(
        "INSERT INTO temp.place VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(place.location_id, place.warehouse_id, place.master, place.counts),
                *(feeding.count(place.warehouse_id), place.name, _whose(making, place, feeding)),
            )
            for place in making.places
        ],
    )
    _judge_groups(connection, making)


def _whose(making: Making, place: Place, feeding: list[int]) -> str:
    """Of a warehouse that several places are on: whose count is copied, in words; else ''."""
    if making.adds:
        return "the sum of its locations"
    if feeding.count(place.warehouse_id) < 2 or place.counts is None:
        return ""
    if place.counts == SUM:
        return "the sum of its locations"
    name = next((each.name for each in making.places if each.location_id == place.counts), "")
    return f"the count of {name}, where it has one,"


def clear(connection: sqlite3.Connection) -> None:
    """Drop the temporary tables."""
    for table in _TEMPORARY:
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    promised.clear(connection)


def fill(connection: sqlite3.Connection, making: Making) -> None:
    """Fill `plan_number` for every SKU that the plan's rows follow, and for every bundle of their warehouses."""
    if making.subtracts_promised:
        each = (
            f"SELECT listing.sku AS sku, place.warehouse_id AS warehouse_id, {promised_of(making)} AS units"
        )
        feeding = f"{each} {rows_of(making)} AND place.master = 'sumtracker' AND level.committed > 0"
        promised.count(connection, feeding, making.parameters)
    if any(place.master == "shopify" for place in making.places):
        connection.execute(_READ.format(rows=rows_of(making)), making.parameters)
    single = _SINGLE if any(places > 1 for places in _on_each(making)) else _SINGLE_PLACE
    outcome = _COPIED if making.copies else _KEPT
    there = " + coalesce(stock.in_stock - stock.booked, 0)" if making.adds else ""
    for numbers in (single.format(rows=rows_of(making)), _GROUPS):
        connection.execute(outcome.format(numbers=numbers, there=there), making.parameters)
    connection.execute(_COMPONENTS, making.parameters)
    connection.executemany(
        "INSERT INTO plan_number VALUES (?, ?, ?, ?, ?, 'derived', '', ?, ?)",
        ((making.plan_id, *row) for row in _bundles(connection, making)),
    )


def _on_each(making: Making) -> list[int]:
    """How many Sumtracker-master places are on each warehouse."""
    warehouses = [place.warehouse_id for place in making.places if place.master == "sumtracker"]
    return [warehouses.count(warehouse) for warehouse in set(warehouses)]


# Rows -----------------------------------------------------------------------------------------------------------------------------------


def rows_of(making: Making, index: str = "listing_sku", *, joins: str = "") -> str:
    """The joins and conditions of the rows that a plan is about: listings in scope, stocked at one of its places, not left out.

    Of listings on one inventory item the first in scope stands for it. Reads `listing`, `level` and `place`, through that index,
    and what else `joins` says.
    """
    return f"""FROM main.listing INDEXED BY {index}
        CROSS JOIN main.store_level AS level
            ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
        CROSS JOIN temp.place AS place ON place.location_id = level.location_id {joins}
        WHERE listing.channel_id = :channel AND {IN_SCOPE} {_first_of_item(making)}
        AND listing.sku NOT IN (SELECT sku FROM temp.grouped WHERE left_out)"""


def _first_of_item(making: Making) -> str:
    if not making.shares_items:
        return ""
    other = IN_SCOPE.replace("listing.", "other.")
    return f"""AND NOT EXISTS (SELECT 1 FROM main.listing AS other WHERE other.channel_id = listing.channel_id
        AND other.item_id = listing.item_id AND other.id < listing.id AND {other})"""


def promised_of(making: Making) -> str:
    """SQL of what orders from before have promised of a row; reads `level`."""
    return promised.PROMISED if making.has_orders else promised.UNBOOKED


# Duplicate groups -------------------------------------------------------------------------------------------------------------------------

_IN_NEED: Final = """SELECT grouped.sku, grouped.holds, decision.kind, decision.counts_of, decision.listing, decision.elsewhere
    FROM duplicate_group AS grouped
    LEFT JOIN decision ON decision.channel_id = grouped.channel_id AND decision.sku = grouped.sku
    WHERE grouped.channel_id = :channel AND grouped.items > 1"""


def _judge_groups(connection: sqlite3.Connection, making: Making) -> None:
    """Say of each group that needs a decision what becomes of it, and of the shared ones what each place counts."""
    rows = connection.execute(_IN_NEED, making.parameters)
    connection.executemany(
        "INSERT INTO temp.grouped VALUES (?, ?, ?, ?)",
        (_judged(sku, holds, kind, counts_of, listing) for sku, holds, kind, counts_of, listing, _ in rows),
    )
    if not making.copies and making.unknown != "copy":
        return
    choose(connection, ())
    connection.execute("INSERT INTO temp.chosen SELECT sku FROM temp.grouped WHERE NOT left_out AND why = ''")
    connection.executemany(
        "INSERT OR IGNORE INTO temp.group_number VALUES (?, ?, ?, ?)", _group_numbers(connection, making)
    )
    connection.execute("DROP TABLE temp.chosen")


def _judged(
    sku: str, holds: int | None, kind: str | None, counts_of: str | None, listing: str
) -> tuple[str, bool, str, str]:
    if kind == "split" and not holds:
        return sku, False, NOT_SPLIT, ""
    if kind is None or not holds:
        return sku, False, NOT_DECIDED, ""
    whose = listing if counts_of == "listing" else counts_of or ""
    return sku, kind == "left_out", "", whose


def _group_numbers(
    connection: sqlite3.Connection, making: Making
) -> Iterator[tuple[str, int, int | None, str]]:
    """(SKU, location, what it counts there or None, why it counts nothing)."""
    places = {place.location_id for place in making.places}
    choices = connection.cursor().execute(f"{_IN_NEED} ORDER BY grouped.sku", making.parameters)
    for facts in chosen_groups(connection, making.channel_id):
        row = next(row for row in choices if row[0] == facts.sku)
        choice = Choice(*row[2:])
        for location, shown in facts.levels.items():
            if location not in places:
                continue
            number = number_copied({location: shown}, choice, facts.items.get(choice.listing))
            yield facts.sku, location, number, "" if number is not None else NOT_SAID


# Numbers ----------------------------------------------------------------------------------------------------------------------------------

_BUNDLES: Final = "(SELECT bundle_sku FROM main.bundle_line)"
_OF_PLACES: Final = f"""
    CASE WHEN max(place.places) > 1 AND max(place.counts) <> {SUM}
        THEN coalesce(max(CASE WHEN place.location_id = place.counts THEN {{number}} END), sum({{number}}))
        ELSE sum({{number}}) END"""
"""What a warehouse counts, as `core.copying.number_copied`: the number of the location that was named, where it stocks the SKU; else the sum."""
_UNSAID: Final = f"CASE WHEN count(*) > 1 AND max(place.counts) IS NULL THEN '{NOT_SAID}' ELSE '' END"

_SINGLE: Final = f"""SELECT listing.sku AS sku, place.warehouse_id AS warehouse_id, {_OF_PLACES.format(number="level.available")} AS counted,
        {_UNSAID} AS unsaid, '' AS undecided, 'copied' AS kind
    {{rows}} AND place.master = 'sumtracker' AND listing.sku NOT IN (SELECT sku FROM temp.grouped)
        AND listing.sku NOT IN {_BUNDLES}
    GROUP BY listing.sku, place.warehouse_id"""
_SINGLE_PLACE: Final = f"""SELECT listing.sku AS sku, place.warehouse_id AS warehouse_id, level.available AS counted,
        '' AS unsaid, '' AS undecided, 'copied' AS kind
    {{rows}} AND place.master = 'sumtracker' AND listing.sku NOT IN (SELECT sku FROM temp.grouped)
        AND listing.sku NOT IN {_BUNDLES}"""
"""The same where each warehouse has one place: a SKU on one item has one number there, so nothing need be grouped."""
_GROUPS: Final = f"""SELECT grouped.sku AS sku, place.warehouse_id AS warehouse_id, {_OF_PLACES.format(number="there.number")} AS counted,
        CASE WHEN count(*) > 1 AND max(place.counts) IS NULL THEN '{NOT_SAID}' ELSE max(coalesce(there.why, '')) END AS unsaid,
        grouped.why AS undecided, 'shared' AS kind
    FROM temp.grouped AS grouped CROSS JOIN temp.place AS place
    LEFT JOIN temp.group_number AS there ON there.sku = grouped.sku AND there.location_id = place.location_id
    WHERE place.master = 'sumtracker' AND NOT grouped.left_out AND grouped.sku NOT IN {_BUNDLES}
        AND EXISTS (
            SELECT 1 FROM main.listing JOIN main.store_level AS level ON level.channel_id = listing.channel_id
                AND level.item_id = listing.item_id AND level.location_id = place.location_id AND level.active
            WHERE listing.channel_id = :channel AND listing.sku = grouped.sku AND {IN_SCOPE})
    GROUP BY grouped.sku, place.warehouse_id"""
"""Per SKU and warehouse what the store counts there, by the rules of DESIGN §5; NULL with why, or where it says nothing."""

_STANDING: Final = """LEFT JOIN main.stock ON stock.sku = found.sku AND stock.warehouse_id = found.warehouse_id AND stock.counted"""
_COPIED: Final = f"""INSERT INTO plan_number (plan_id, sku, warehouse_id, before, after, kind, why)
    SELECT :plan, found.sku, found.warehouse_id, stock.in_stock - stock.booked,
        CASE WHEN found.undecided = '' AND found.unsaid = '' AND found.counted IS NOT NULL THEN found.counted{{there}}
            ELSE stock.in_stock - stock.booked END,
        CASE WHEN found.undecided > '' OR found.unsaid > '' THEN 'held' WHEN found.counted IS NULL THEN 'kept' ELSE found.kind END,
        CASE WHEN found.undecided > '' THEN found.undecided ELSE found.unsaid END
    FROM ({{numbers}}) AS found {_STANDING} WHERE TRUE"""
_KEPT: Final = f"""INSERT INTO plan_number (plan_id, sku, warehouse_id, before, after, kind, why)
    SELECT :plan, found.sku, found.warehouse_id, stock.in_stock - stock.booked,
        CASE WHEN found.undecided > '' THEN stock.in_stock - stock.booked
            WHEN stock.sku IS NOT NULL THEN stock.in_stock - stock.booked - coalesce(promised.units, 0)
            WHEN :unknown = 'zero' THEN 0
            WHEN :unknown = 'copy' AND found.unsaid = '' THEN found.counted END,
        CASE WHEN found.undecided > '' THEN 'held' WHEN stock.sku IS NULL AND :unknown = 'copy' THEN
            CASE WHEN found.unsaid > '' THEN 'held' ELSE found.kind END ELSE 'kept' END,
        CASE WHEN found.undecided > '' THEN found.undecided
            WHEN stock.sku IS NULL AND :unknown = 'copy' THEN found.unsaid ELSE '' END
    FROM ({{numbers}}) AS found {_STANDING}
    LEFT JOIN temp.promised ON promised.sku = found.sku AND promised.warehouse_id = found.warehouse_id
    WHERE TRUE"""
_READ: Final = f"""INSERT INTO plan_number (plan_id, sku, warehouse_id, before, after, kind)
    SELECT :plan, found.sku, found.warehouse_id, stock.in_stock - stock.booked, found.counted, 'read'
    FROM (SELECT listing.sku AS sku, place.warehouse_id AS warehouse_id, max(level.available) AS counted
        {{rows}} AND place.master = 'shopify' AND listing.sku NOT IN {_BUNDLES}
        GROUP BY listing.sku, place.warehouse_id) AS found {_STANDING} WHERE TRUE"""
"""With Shopify as master each SKU has one listing in scope there (DESIGN §5), and its number is what the ledger reads."""


_COMPONENTS: Final = """INSERT INTO plan_number (plan_id, sku, warehouse_id, before, after, kind)
    SELECT :plan, sku, warehouse_id, stock.in_stock - stock.booked, stock.in_stock - stock.booked - promised.units, 'kept'
    FROM temp.promised JOIN main.stock USING (sku, warehouse_id)
    WHERE stock.counted AND NOT EXISTS (
        SELECT 1 FROM plan_number AS number WHERE number.plan_id = :plan AND number.sku = promised.sku
            AND number.warehouse_id = promised.warehouse_id)"""
"""Components that the store does not sell by themselves, of which bundles have promised some."""

_PARTS: Final = """SELECT line.bundle_sku, there.warehouse_id, line.component_sku, line.quantity, stock.in_stock - stock.booked,
        CASE WHEN coming.sku IS NULL THEN stock.in_stock - stock.booked ELSE coming.after END, coalesce(closed.quantity, 0)
    FROM main.bundle_line AS line CROSS JOIN (SELECT DISTINCT warehouse_id FROM temp.place) AS there
    LEFT JOIN plan_number AS coming
        ON coming.plan_id = :plan AND coming.sku = line.component_sku AND coming.warehouse_id = there.warehouse_id
    LEFT JOIN main.stock ON stock.sku = line.component_sku AND stock.warehouse_id = there.warehouse_id AND stock.counted
    LEFT JOIN main.close_at AS closed
        ON closed.sku = line.component_sku AND closed.warehouse_id = there.warehouse_id
    ORDER BY line.bundle_sku, there.warehouse_id"""

BundleNumber = tuple[str, int, int | None, int | None, int | None, int | None]


def _bundles(connection: sqlite3.Connection, making: Making) -> Iterator[BundleNumber]:
    """(bundle, warehouse, available before, after, to sell before, after), from the components as they are after the plan."""
    rows = connection.cursor().execute(_PARTS, making.parameters)
    for (bundle, warehouse), lines in itertools.groupby(rows, itemgetter(0, 1)):
        parts = list(lines)
        before = bundle_numbers([Component(part[2], part[3], part[4], part[6]) for part in parts])
        after = bundle_numbers([Component(part[2], part[3], part[5], part[6]) for part in parts])
        yield bundle, warehouse, before.available, after.available, before.to_sell, after.to_sell
