"""How the locations of a channel are connected: stored, followed through loads, and the evidence for pairs counted in SQL.

What may be linked is judged in `core.connections`; nothing here refuses.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

from supportdesk.core.catalog import SourceKind
from supportdesk.core.connections import Master, OtherPlace, SomeSkus, fits_beside
from supportdesk.core.matching import Overlap, Stocked, Survey
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.scope import IN_SCOPE
from supportdesk.ledger.store_now import ENGINE, LOADED, NOW, is_synced

SUM: Final = 0
"""`counts` of locations that copy the sum; any other number is the id of the location whose count is copied."""
_FIRST: Final = 5
"""How many SKUs in the way are named."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A connection as the account file keeps it."""

    location_id: int
    location_name: str
    """As it was called when it was linked, or at the last load since."""
    warehouse_id: int | None
    master: Master | None
    counts: int | None
    """Whose count is copied where several locations are on the warehouse: a location id, or `SUM`."""
    insisted: bool
    event_id: int
    """Of the event that tells of it: its revision."""


_COLUMNS: Final = "location_id, location_name, warehouse_id, master, counts, insisted, event_id"


def _kept(row: sqlite3.Row) -> Kept:
    return Kept(
        location_id=row["location_id"],
        location_name=row["location_name"],
        warehouse_id=row["warehouse_id"],
        master=row["master"],
        counts=row["counts"],
        insisted=bool(row["insisted"]),
        event_id=row["event_id"],
    )


def kept(ledger: Ledger, channel_id: int) -> dict[int, Kept]:
    """What was said of the channel's locations, by location id; only of locations that the last load found."""
    rows = ledger.rows(f"SELECT {_COLUMNS} FROM connection WHERE channel_id = ?", channel_id)
    return {row["location_id"]: _kept(row) for row in rows}


_THE_SAME: Final = """location.channel_id = lost.channel_id AND CASE (SELECT source FROM channel WHERE id = lost.channel_id)
    WHEN 'export' THEN location.name = lost.location_name ELSE location.id = lost.location_id END"""
"""Whether a row of `location` is the place that `lost_connection AS lost` tells of (`follow_locations`)."""


def lost(ledger: Ledger, channel_id: int) -> list[Kept]:
    """What was said of locations that the last load did not find any more, by name."""
    rows = ledger.rows(
        f"""SELECT {_COLUMNS} FROM lost_connection AS lost WHERE channel_id = ?
            AND NOT EXISTS (SELECT 1 FROM location WHERE {_THE_SAME}) ORDER BY location_name, location_id""",
        channel_id,
    )
    return [_kept(row) for row in rows]


def unrestored(connection: sqlite3.Connection, channel_id: int) -> list[Kept]:
    """What was said of locations that came back but whose warehouse has no room for it by now, under the ids they have now, by name."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(
        f"""SELECT location.id AS location_id, location.name AS location_name,
                   lost.warehouse_id, lost.master, lost.counts, lost.insisted, lost.event_id
            FROM lost_connection AS lost JOIN location ON {_THE_SAME}
            LEFT JOIN connection AS said ON said.channel_id = lost.channel_id AND said.location_id = location.id
            WHERE lost.channel_id = ? AND said.location_id IS NULL ORDER BY location.name, location.id""",
        (channel_id,),
    )
    return [_kept(row) for row in rows]


def forget_unrestored(connection: sqlite3.Connection, channel_id: int, location_id: int) -> None:
    """Forget what was set aside of a location that is there: a person has said something else of it. In the transaction under way."""
    connection.execute(
        f"""DELETE FROM lost_connection AS lost WHERE channel_id = ?1
            AND EXISTS (SELECT 1 FROM location WHERE location.id = ?2 AND {_THE_SAME})""",
        (channel_id, location_id),
    )


def put(connection: sqlite3.Connection, channel_id: int, row: Kept) -> None:
    """Keep this of its location, in place of what was said before, in the transaction under way."""
    connection.execute(
        f"INSERT OR REPLACE INTO connection (channel_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (channel_id, *_values(row)),
    )


def _values(row: Kept) -> tuple[object, ...]:
    return (
        *(row.location_id, row.location_name, row.warehouse_id, row.master),
        *(row.counts, row.insisted, row.event_id),
    )


def drop(connection: sqlite3.Connection, channel_id: int, location_id: int) -> None:
    """Keep nothing of this location any more, in the transaction under way."""
    for table in ("connection", "lost_connection"):
        connection.execute(
            f"DELETE FROM {table} WHERE channel_id = ? AND location_id = ?", (channel_id, location_id)
        )


def follow_locations(connection: sqlite3.Connection, channel_id: int, source: SourceKind) -> None:
    """After a load replaced the locations: keep with each what was said of it, and set aside what was said of those that are gone.

    A store's location is the same while its id is. The ids of exports count the names in a file, so there it is the name that
    stays with the place. What is set aside comes back with its location, unless its warehouse has got another connection beside
    which it may not be (`core.connections.fits_beside`); then it stays aside (`unrestored`). In the transaction under way.
    """
    by_name = source == "export"
    places = {
        (name if by_name else location_id): (location_id, name)
        for location_id, name in connection.execute(
            "SELECT id, name FROM location WHERE channel_id = ?", (channel_id,)
        )
    }
    before, aside = (
        _said_of(connection, "connection", channel_id),
        _said_of(connection, "lost_connection", channel_id),
    )
    if not before and not aside:
        return
    moved = {
        row.location_id: places[key][0]
        for row in (*before, *aside)
        if (key := row.location_name if by_name else row.location_id) in places
    }
    connection.execute("DELETE FROM connection WHERE channel_id = ?", (channel_id,))
    connection.execute("DELETE FROM lost_connection WHERE channel_id = ?", (channel_id,))
    taken: set[int] = set()
    for restoring, row in [*((False, row) for row in before), *((True, row) for row in aside)]:
        place = places.get(row.location_name if by_name else row.location_id)
        if place is None or place[0] in taken or (restoring and not _fits(connection, row)):
            connection.execute(
                f"INSERT OR REPLACE INTO lost_connection (channel_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (channel_id, *_values(row)),
            )
            continue
        taken.add(place[0])
        counts = moved.get(row.counts, row.counts) if row.counts else row.counts
        if restoring and row.warehouse_id is not None:
            standing = answer_on(connection, channel_id, row.warehouse_id)
            counts = counts if standing is None else standing
        put(connection, channel_id, replace(row, location_id=place[0], location_name=place[1], counts=counts))
    for warehouse_id in {row.warehouse_id for row in (*before, *aside) if row.warehouse_id is not None}:
        settle_counts(connection, channel_id, warehouse_id)


def _said_of(connection: sqlite3.Connection, table: str, channel_id: int) -> list[Kept]:
    """What one of the two tables holds of the channel, newest first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(
        f"SELECT {_COLUMNS} FROM {table} WHERE channel_id = ? ORDER BY event_id DESC", (channel_id,)
    )
    return [_kept(row) for row in rows]


def _fits(connection: sqlite3.Connection, row: Kept) -> bool:
    """Whether the row's warehouse has room for it beside the connections there are, of any channel."""
    if row.warehouse_id is None or row.master is None:
        return True
    there = connection.execute("SELECT master FROM connection WHERE warehouse_id = ?", (row.warehouse_id,))
    return fits_beside(row.master, [master for (master,) in there])


def settle_counts(connection: sqlite3.Connection, channel_id: int, warehouse_id: int) -> bool:
    """Forget whose count is copied where that is no question any more, one location left, or where the named one is gone.

    Returns whether the question is open again: an answer was forgotten and there are several locations still. In the
    transaction under way.
    """
    where = "channel_id = ?1 AND warehouse_id = ?2"
    forgotten = connection.execute(
        f"""UPDATE connection SET counts = NULL WHERE {where} AND counts IS NOT NULL AND (
                (SELECT count(*) FROM connection WHERE {where}) < 2
                OR (counts <> {SUM} AND counts NOT IN (SELECT location_id FROM connection WHERE {where}))
            )""",
        (channel_id, warehouse_id),
    ).rowcount
    (left,) = connection.execute(
        f"SELECT count(*) FROM connection WHERE {where}", (channel_id, warehouse_id)
    ).fetchone()
    return forgotten > 0 and left > 1


def answer_on(
    connection: sqlite3.Connection, channel_id: int, warehouse_id: int, *, but: int | None = None
) -> int | None:
    """Whose count all of the channel's locations on the warehouse copy, the location `but` apart: an id or `SUM`, None for no answer."""
    lowest, highest, unanswered = connection.execute(
        """SELECT min(counts), max(counts), coalesce(sum(counts IS NULL), 0) FROM connection
           WHERE channel_id = ?1 AND warehouse_id = ?2 AND location_id IS NOT ?3""",
        (channel_id, warehouse_id, but),
    ).fetchone()
    return None if unanswered or lowest is None or lowest != highest else int(lowest)


def reopen_counts(connection: sqlite3.Connection, channel_id: int, warehouse_id: int, event_id: int) -> None:
    """Let the event that tells of an answer forgotten be the revision of every location of the channel on the warehouse."""
    connection.execute(
        "UPDATE connection SET counts = NULL, event_id = ?3 WHERE channel_id = ?1 AND warehouse_id = ?2",
        (channel_id, warehouse_id, event_id),
    )


def answer_counts(
    connection: sqlite3.Connection, channel_id: int, warehouse_id: int, counts: int | None, event_id: int
) -> None:
    """Keep whose count is copied for every location of the channel on that warehouse, in the transaction under way."""
    connection.execute(
        """UPDATE connection SET counts = ?3, event_id = ?4
           WHERE channel_id = ?1 AND warehouse_id = ?2 AND counts IS NOT ?3""",
        (channel_id, warehouse_id, counts, event_id),
    )


def places_on(ledger: Ledger) -> dict[int, list[OtherPlace]]:
    """Every linked location of the account by warehouse id, in the order of channels and names."""
    found: dict[int, list[OtherPlace]] = {}
    for row in ledger.rows(
        """SELECT connection.warehouse_id, connection.location_id, connection.location_name, connection.master,
                  channel.handle, channel.title
           FROM connection JOIN channel ON channel.id = connection.channel_id
           WHERE connection.warehouse_id IS NOT NULL ORDER BY channel.id, connection.location_name"""
    ):
        found.setdefault(row["warehouse_id"], []).append(
            OtherPlace(row["handle"], row["title"], row["location_id"], row["location_name"], row["master"])
        )
    return found


def repeated_skus(ledger: Ledger, channel_id: int, location_id: int) -> SomeSkus:
    """SKUs with in-scope listings on different inventory items, stocked at the location."""
    return _some(
        ledger.rows(
            f"""SELECT listing.sku, count(*) OVER () AS found
                FROM duplicate_group AS shared
                CROSS JOIN listing ON listing.channel_id = ?1 AND listing.sku = shared.sku
                CROSS JOIN store_level AS level ON level.channel_id = ?1
                    AND level.item_id = listing.item_id AND level.location_id = ?2 AND level.active
                WHERE shared.channel_id = ?1 AND shared.items > 1 AND {IN_SCOPE}
                GROUP BY listing.sku HAVING count(DISTINCT listing.item_id) > 1 LIMIT {_FIRST}""",
            *(channel_id, location_id),
        )
    )


def bundled_skus(ledger: Ledger, channel_id: int, location_id: int, warehouse_id: int) -> SomeSkus:
    """SKUs of bundles and of their components that are sold at the location or are in the warehouse."""
    return _some(
        ledger.rows(
            f"""WITH part (sku) AS (SELECT bundle_sku FROM bundle_line UNION SELECT component_sku FROM bundle_line)
                SELECT part.sku, count(*) OVER () AS found FROM part
                WHERE EXISTS (
                    SELECT 1 FROM stock WHERE stock.sku = part.sku AND stock.warehouse_id = ?3
                        AND (stock.counted OR stock.in_stock <> 0 OR stock.booked <> 0)
                ) OR EXISTS (
                    SELECT 1 FROM listing JOIN store_level AS level ON level.channel_id = listing.channel_id
                        AND level.item_id = listing.item_id AND level.location_id = ?2 AND level.active
                    WHERE listing.channel_id = ?1 AND listing.sku = part.sku AND {IN_SCOPE}
                ) ORDER BY part.sku LIMIT {_FIRST}""",
            *(channel_id, location_id, warehouse_id),
        )
    )


def _some(rows: list[sqlite3.Row]) -> SomeSkus:
    return SomeSkus(tuple(row["sku"] for row in rows), rows[0]["found"] if rows else 0)


class Told(NamedTuple):
    """What an event tells of a connection."""

    at: datetime
    who: str
    detail: str


def told(ledger: Ledger, event_id: int) -> Told | None:
    """What the event of that id tells, None where there is none."""
    for row in ledger.rows("SELECT at, who, detail FROM event WHERE id = ?", event_id):
        return Told(datetime.fromisoformat(row["at"]), row["who"], row["detail"])
    return None


def survey_mark(ledger: Ledger, channel_id: int) -> tuple[object, ...]:
    """What a survey depends on, as a value: while it stays equal, so does the survey."""
    rows = ledger.rows(
        """SELECT load.*, channel.drafts, channel.sync, (SELECT max(id) FROM movement) AS movement,
               (SELECT max(id) FROM push) AS pushed, (SELECT max(id) FROM reading) AS read,
               (SELECT max(id) FROM plan_step) AS step
           FROM channel LEFT JOIN load ON load.channel_id = channel.id WHERE channel.id = ?""",
        channel_id,
    )
    return tuple(rows[0]) if rows else ()


def survey(ledger: Ledger, channel_id: int) -> Survey:
    """Count what is at each location, and what it has in common with each warehouse: by what the store shows now, as far as sync knows.

    A SKU's count at a location is that of its in-scope listings where they agree; where they don't it agrees with no warehouse.
    Of more than `SAMPLE` listings only the SKUs of about so many are compared, the same ones every time: that tells shares to
    a percent, and takes no longer however large the store is. Units and listings are always counted in full.
    """
    synced = is_synced(ledger, channel_id)
    store, engine = (NOW.replace(":channel", "?1"), ENGINE) if synced else (LOADED, "")
    places = ledger.rows(_PLACES, channel_id)
    since = ledger.rows(_SINCE_LOAD.format(store=store), channel_id) if synced else []
    moved = {row["location_id"]: row["units"] for row in since}
    doubled = {row["location_id"]: row["listings"] for row in ledger.rows(_SHARING_ITEMS, channel_id)}
    listings = int(str(ledger.value("SELECT count(*) FROM listing WHERE channel_id = ?", channel_id)))
    every = max(1, -(-listings // SAMPLE))
    compared: dict[int, int] = {}
    overlaps: dict[tuple[int, int], Overlap] = {}
    for row in ledger.rows(_COMPARED.format(store=store, engine=engine), channel_id, every):
        if row["warehouse_id"] is None:
            compared[row["location_id"]] = row["shared"]
        else:
            overlaps[row["location_id"], row["warehouse_id"]] = Overlap(row["shared"], row["agreeing"])
    return Survey(
        {
            place["location_id"]: Stocked(
                place["units"] + moved.get(place["location_id"], 0),
                place["listings"] + doubled.get(place["location_id"], 0),
                compared.get(place["location_id"], 0),
                place["promised"],
                place["listings"],
            )
            for place in places
        },
        overlaps,
    )


SAMPLE: Final = 20_000
"""Listings whose SKUs are compared at most, about."""
_PLACES: Final = """SELECT location_id, coalesce(sum(available), 0) AS units, count(*) AS listings,
    coalesce(sum(committed), 0) AS promised
    FROM store_level WHERE channel_id = ? AND active GROUP BY location_id"""
_SINCE_LOAD: Final = """SELECT level.location_id, sum(coalesce({store}, 0) - coalesce(level.available, 0)) AS units
    FROM sync_row AS engine CROSS JOIN store_level AS level ON level.channel_id = engine.channel_id
        AND level.item_id = engine.item_id AND level.location_id = engine.location_id AND level.active
    WHERE engine.channel_id = ?1 AND {store} IS NOT level.available GROUP BY level.location_id"""
"""Units that sync knows of beyond what was loaded, by location: few rows differ, so few are sorted."""
_SHARING_ITEMS: Final = """SELECT level.location_id, sum(shared.listings - 1) AS listings
    FROM (SELECT item_id, count(*) AS listings FROM listing WHERE channel_id = ?1
          GROUP BY item_id HAVING count(*) > 1) AS shared
    CROSS JOIN store_level AS level ON level.channel_id = ?1 AND level.item_id = shared.item_id AND level.active
    GROUP BY level.location_id"""
"""Listings beyond the first of an inventory item, by location."""
_COMPARED: Final = f"""
    WITH chosen (sku) AS MATERIALIZED (
        SELECT DISTINCT sku FROM listing NOT INDEXED
        WHERE channel_id = ?1 AND id * 2654435761 % 1000003 % ?2 = 0 AND sku > '' AND {IN_SCOPE}
    ), shown (sku, location_id, lowest, highest) AS MATERIALIZED (
        SELECT listing.sku, level.location_id, min({{store}}), max({{store}})
        FROM chosen CROSS JOIN listing INDEXED BY listing_sku ON listing.channel_id = ?1 AND listing.sku = chosen.sku
        CROSS JOIN store_level AS level ON level.channel_id = ?1 AND level.item_id = listing.item_id
            AND level.active AND level.available IS NOT NULL{{engine}}
        WHERE {IN_SCOPE} GROUP BY listing.sku, level.location_id
    )
    SELECT location_id, NULL AS warehouse_id, count(*) AS shared, 0 AS agreeing FROM shown GROUP BY location_id
    UNION ALL
    SELECT shown.location_id, stock.warehouse_id, count(*),
           sum(shown.lowest = shown.highest AND shown.lowest = stock.in_stock - stock.booked)
    FROM shown CROSS JOIN stock ON stock.sku = shown.sku AND stock.counted
    GROUP BY shown.location_id, stock.warehouse_id"""
"""Of the chosen SKUs: how many are stocked at each location, and how many of those each warehouse has, with equal numbers."""
