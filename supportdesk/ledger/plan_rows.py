"""The rows of a plan: streamed out of what was loaded, kept, and read again in a window, sorted and filtered by SQLite.

What one row comes to is decided by `core.plan.planned`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from supportdesk.core.plan import PlanRow, RowFacts
from supportdesk.core.plan_view import PlanLine, PlanOrder, PlanShow
from supportdesk.core.stock import number_pushed
from supportdesk.ledger.plan_numbers import AT_ONCE, Making, rows_of
from supportdesk.ledger.scope import IN_SCOPE
from supportdesk.ledger.windows import KEYS, Window, WindowQuery, contains, key_column

_GROUPED: Final = """LEFT JOIN temp.grouped AS grouped ON grouped.sku = listing.sku
        LEFT JOIN main.decision AS said ON said.channel_id = :channel AND said.sku = grouped.sku AND said.elsewhere IS NOT NULL"""
_SHARED_BY: Final = """CASE WHEN said.sku IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM main.listing AS named
            JOIN main.store_level AS there ON there.channel_id = named.channel_id AND there.item_id = named.item_id
                AND there.location_id = level.location_id AND there.active
            WHERE named.channel_id = :channel AND named.sku = said.sku AND named.listing = said.listing)
        THEN said.elsewhere ELSE coalesce(grouped.shared_by, '') END"""
"""Whose count a shared row takes, in words: where the named listing is not stocked, what was said for such places."""


def stream(connection: sqlite3.Connection, making: Making, maximum: int | None) -> Iterator[list[RowFacts]]:
    """Every row, by item (and location: levels are stored so), some at a time, once `plan_numbers.fill` has said what the ledger will have."""
    closes = connection.execute("SELECT EXISTS (SELECT 1 FROM close_at WHERE quantity > 0)").fetchone()[0]
    closed = (
        "LEFT JOIN main.close_at ON close_at.sku = listing.sku AND close_at.warehouse_id = place.warehouse_id"
    )
    groups = connection.execute("SELECT EXISTS (SELECT 1 FROM temp.grouped)").fetchone()[0]
    joins = f"""LEFT JOIN plan_number AS number
            ON number.plan_id = :plan AND number.sku = listing.sku AND number.warehouse_id = place.warehouse_id
        {_GROUPED if groups else ""} {closed if closes else ""}"""
    rows = connection.cursor().execute(
        f"""SELECT listing.item_id, level.location_id, listing.sku, coalesce(number.kind, 'held'), level.available, number.after,
                place.master, {"CASE WHEN number.kind = 'derived' THEN 0 ELSE coalesce(close_at.quantity, 0) END" if closes else "0"},
                :maximum, {"coalesce(nullif(grouped.why, ''), number.why, '')" if groups else "coalesce(number.why, '')"},
                {_SHARED_BY if groups else "''"}, place.whose, number.sells_after,
                level.on_hand, level.committed, number.before IS NOT NULL
            {rows_of(making, "listing_item", joins=joins)} ORDER BY listing.item_id""",
        {**making.parameters, "maximum": maximum},
    )
    while some := rows.fetchmany(AT_ONCE):
        yield list(map(RowFacts._make, some))


def keep(connection: sqlite3.Connection, plan_id: int, rows: Iterable[PlanRow]) -> None:
    """Keep rows, in the transaction under way."""
    # The number stands in the statement, so that the rows go to SQLite as they are.
    connection.executemany(
        f"INSERT INTO plan_row VALUES ({int(plan_id)}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
    )


_ELSEWHERE: Final = f"""SELECT channel.handle, listing.item_id, level.location_id, number.sku,
        number.before, number.after, number.sells_before, number.sells_after, coalesce(closed.quantity, 0), channel.maximum
    FROM plan_number AS number
    CROSS JOIN connection ON connection.warehouse_id = number.warehouse_id AND connection.master = 'sumtracker'
    CROSS JOIN channel ON channel.id = connection.channel_id AND channel.sync = 'on'
    CROSS JOIN main.listing INDEXED BY listing_sku ON listing.channel_id = channel.id AND listing.sku = number.sku
    CROSS JOIN main.store_level AS level ON level.channel_id = channel.id AND level.item_id = listing.item_id
        AND level.location_id = connection.location_id AND level.active
    LEFT JOIN close_at AS closed ON closed.sku = number.sku AND closed.warehouse_id = number.warehouse_id
    LEFT JOIN decision ON decision.channel_id = channel.id AND decision.sku = number.sku AND decision.kind = 'left_out'
    WHERE number.plan_id = :plan AND number.before IS NOT number.after AND decision.sku IS NULL AND {IN_SCOPE}
        AND NOT (channel.id = :channel AND level.location_id IN (SELECT location_id FROM temp.place))"""


def keep_elsewhere(connection: sqlite3.Connection, making: Making) -> None:
    """Keep the rows of stores that are on already whose number changes with the plan's, in the transaction under way."""

    others = "SELECT EXISTS (SELECT 1 FROM channel WHERE sync = 'on')"
    if not connection.execute(others).fetchone()[0]:
        return

    def changed() -> Iterator[tuple[object, ...]]:
        for channel, item, location, sku, *numbers, close_at, maximum in connection.cursor().execute(
            _ELSEWHERE, making.parameters
        ):
            before, after, sells_before, sells_after = numbers
            shown = number_pushed(before if sells_before is None else sells_before, close_at, maximum)
            coming = number_pushed(after if sells_after is None else sells_after, close_at, maximum)
            if shown != coming:
                yield making.plan_id, channel, item, location, sku, shown, coming

    connection.executemany("INSERT OR IGNORE INTO plan_elsewhere VALUES (?, ?, ?, ?, ?, ?, ?)", changed())


# Reading them -------------------------------------------------------------------------------------------------------------------------

_LISTING: Final = f"""LEFT JOIN listing ON listing.id = (
    SELECT id FROM listing WHERE listing.channel_id = :channel AND listing.item_id = line.item_id
    ORDER BY NOT {IN_SCOPE}, id LIMIT 1)
    LEFT JOIN plan_place AS place ON place.plan_id = line.plan_id AND place.location_id = line.location_id"""
_WORST: Final = "CASE line.risk WHEN 'falls_to_zero' THEN 0 WHEN 'raised_from_zero' THEN 1 WHEN 'changes' THEN 2 WHEN 'held' THEN 3 ELSE 4 END"
_ORDERS: Final[dict[PlanOrder, str]] = {
    "worst": f"{_WORST} {{way}}, line.after - line.before {{way}}",
    "sku": "line.sku {way}",
    "product": "listing.title COLLATE NOCASE {way}, listing.variant_title COLLATE NOCASE {way}",
    "location": "place.location_name COLLATE NOCASE {way}",
    "before": "line.before {way}",
    "after": "line.after {way}",
    "change": "line.after - line.before {way}",
}
_SEARCHED: Final = (
    *("line.sku", "listing.title", "listing.variant_title", "listing.listing"),
    *("place.location_name", "place.code"),
)


def plan_window(
    reader: sqlite3.Connection,
    path: Path,
    channel_id: int,
    plan_id: int,
    *,
    order: PlanOrder,
    descending: bool,
    show: PlanShow,
    location: int | None,
    text: str,
) -> Window:
    """The plan's rows in that order."""
    parameters: dict[str, object] = {"channel": channel_id, "plan": plan_id}
    conditions = ["line.plan_id = :plan"]
    if show == "changed":
        conditions.append("line.after <> line.before")
    elif show != "all":
        conditions.append("line.risk = :risk")
        parameters["risk"] = show
    if location is not None:
        conditions.append("line.location_id = :location")
        parameters["location"] = location
    if text:
        like, parameters["text"] = contains(reader, text)
        conditions.append(f"({' OR '.join(like.format(column) for column in _SEARCHED)})")
    named = _LISTING if text or order in ("product", "location") else ""
    way = "DESC" if descending else "ASC"
    return Window(
        reader,
        path,
        WindowQuery(
            columns=2,
            ordered=f"""SELECT line.item_id, line.location_id FROM plan_row AS line {named} WHERE {" AND ".join(conditions)}
                ORDER BY {_ORDERS[order].format(way=way)}, line.sku {way}, line.item_id {way}, line.location_id {way}""",
            parameters=parameters,
        ),
    )


def plan_lines(window: Window, channel_id: int, plan_id: int, start: int, limit: int) -> tuple[PlanLine, ...]:
    """The rows at those positions; the listing's words are those it has now. Fewer where the plan was replaced since."""
    query = f"""SELECT line.item_id, line.location_id, line.sku, coalesce(listing.title, ''), coalesce(listing.variant_title, ''),
            coalesce(listing.listing, ''), coalesce(place.location_name, ''), coalesce(place.code, ''),
            line.kind, line.risk, line.before, line.after, line.reason, line.on_hand, line.committed
        FROM {KEYS} AS wanted JOIN plan_row AS line ON line.plan_id = :plan AND line.item_id = {key_column(0)}
            AND line.location_id = {key_column(1)}
        {_LISTING} ORDER BY wanted.key"""
    rows = window.rows(start, limit, query, {"channel": channel_id, "plan": plan_id})
    return tuple(map(PlanLine._make, rows))
