"""Orders of a channel for people: in a window, newest first, each with its lines and what they booked. Keeping them is in `kept_orders`.

Of a channel that is off they are those of when it was on, as they were when it was turned off.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from supportdesk.core.order_list import Adjusted, OrderShow, ShownLine, ShownOrder, state_of
from supportdesk.core.orders import RecipePart
from supportdesk.ledger.faults import said_plainly
from supportdesk.ledger.scope import AGE, IN_SCOPE
from supportdesk.ledger.windows import KEYS, Window, WindowQuery, contains, key_column

_LINE: Final = """EXISTS (SELECT 1 FROM store_order_line AS line WHERE line.channel_id = store_order.channel_id
    AND line.order_id = store_order.id AND {})"""
_HELD: Final = "(line.unfulfilled + line.fulfilled + line.written_off + line.cancelled + line.returned > 0)"
_SHOWN: Final[dict[OrderShow, str]] = {
    "open": "store_order.open",
    "to_look_at": _LINE.format(f"line.treatment IN ('not_found', 'unlinked') AND {_HELD}"),
    "not_found": _LINE.format(f"line.treatment = 'not_found' AND {_HELD}"),
    "unlinked": _LINE.format(f"line.treatment = 'unlinked' AND {_HELD}"),
    "past": _LINE.format("line.treatment = 'past'"),
}
BEFORE: Final = ", an order from before sync"
"""How the reason of a movement ends that adjusts for an order from before (`sync.order_book`)."""


def order_window(
    reader: sqlite3.Connection,
    path: Path,
    channel_id: int,
    *,
    show: OrderShow = "all",
    text: str = "",
    sku: str | None = None,
    name: str | None = None,
) -> Window:
    """The channel's orders, newest first. Unfiltered its ends are there at once.

    `text` is searched, whatever its case, in order names and the SKUs of lines; `sku` and `name` are those exactly, `sku` a line's own or
    one that a bundle of it takes.
    """
    parameters: dict[str, object] = {"channel": channel_id}
    conditions = ["store_order.channel_id = :channel"]
    if show != "all":
        conditions.append(_SHOWN[show])
    if text:
        like, parameters["text"] = contains(reader, text)
        conditions.append(f"({like.format('store_order.name')} OR {_LINE.format(like.format('line.sku'))})")
    if sku is not None:
        parameters["sku"] = sku
        conditions.append(
            _LINE.format(
                """(line.sku = :sku OR EXISTS (
                    SELECT 1 FROM json_each(line.recipe) AS part WHERE json_extract(part.value, '$[0]') = :sku))"""
            )
        )
    if name is not None:
        parameters["name"] = name
        conditions.append("store_order.name = :name")
    rows = f"SELECT store_order.created, store_order.id FROM store_order WHERE {' AND '.join(conditions)}"
    plain = len(conditions) == 1
    with said_plainly(path):
        kept = _kept(reader, channel_id)
    query = WindowQuery(
        columns=2,
        ordered=kept(f"{rows} ORDER BY store_order.created DESC, store_order.id DESC"),
        parameters=parameters,
        backwards=kept(f"{rows} ORDER BY store_order.created, store_order.id") if plain else "",
        counted=kept("SELECT count(*) FROM store_order WHERE channel_id = :channel") if plain else "",
    )
    return Window(reader, path, query)


def _kept(reader: sqlite3.Connection, channel_id: int) -> Callable[[str], str]:
    """Turns a query of the orders that sync keeps into one of those that it kept until it was turned off, where it keeps none."""
    (keeps,) = reader.execute(
        "SELECT EXISTS (SELECT 1 FROM store_order WHERE channel_id = ?)", (channel_id,)
    ).fetchone()
    if keeps:
        return lambda query: query.replace("store_order.closed_at", "NULL")
    return lambda query: query.replace("store_order", "closed_order")


def position_of(reader: sqlite3.Connection, path: Path, channel_id: int, name: str) -> int | None:
    """Where the order of that name stands among all of the channel's, newest first, counted from 0; None where there is none."""
    with said_plainly(path):
        query = _kept(reader, channel_id)(
            """SELECT (SELECT count(*) FROM store_order AS newer WHERE newer.channel_id = ?1
                   AND (newer.created, newer.id) > (wanted.created, wanted.id))
               FROM store_order AS wanted WHERE wanted.channel_id = ?1 AND wanted.name = ?2
               ORDER BY wanted.created DESC, wanted.id DESC LIMIT 1"""
        )
        found = reader.execute(query, (channel_id, name)).fetchone()
    return None if found is None else int(found[0])


_ORDERS: Final = f"""SELECT wanted.key, store_order.id, store_order.name, store_order.created, store_order.open, store_order.gone,
        store_order.closed_at
    FROM {KEYS} AS wanted
    LEFT JOIN store_order ON store_order.channel_id = :channel AND store_order.id = {key_column(1)} ORDER BY wanted.key"""
_LINES: Final = f"""SELECT line.order_id, line.line_id, line.sku, coalesce(listing.title, ''),
        CASE WHEN listing.sku > '' THEN listing.sku
            WHEN line.sku > '' AND (EXISTS (SELECT 1 FROM product WHERE product.sku = line.sku)
                OR EXISTS (SELECT 1 FROM stock WHERE stock.sku = line.sku)
                OR EXISTS (SELECT 1 FROM channel JOIN main.listing AS same ON same.channel_id = channel.id AND same.sku = line.sku))
                THEN line.sku
            ELSE '' END,
        line.location_id, coalesce(location.name, connection.location_name, 'location ' || line.location_id),
        coalesce(warehouse.code, ''), line.treatment, line.unfulfilled, line.fulfilled, line.returned, line.written_off, line.cancelled,
        line.recipe
    FROM json_each(:ids) AS wanted
    CROSS JOIN store_order_line AS line ON line.channel_id = :channel AND line.order_id = wanted.value
    LEFT JOIN listing ON listing.id = (
        SELECT listing.id FROM main.listing WHERE listing.channel_id = :channel AND listing.item_id = line.item_id
        ORDER BY NOT {IN_SCOPE}, {AGE}, listing.id LIMIT 1)
    LEFT JOIN location ON location.channel_id = :channel AND location.id = line.location_id
    LEFT JOIN connection ON connection.channel_id = :channel AND connection.location_id = line.location_id
    LEFT JOIN warehouse ON warehouse.id = line.warehouse_id AND line.treatment IN ('booked', 'past', 'shopify_master')
    ORDER BY line.order_id, line.line_id, line.location_id"""
_ADJUSTED: Final = """SELECT movement.reference, movement.sku, warehouse.code, sum(movement.in_stock)
    FROM json_each(:names) AS wanted
    CROSS JOIN movement INDEXED BY movement_reference ON movement.reference = wanted.value AND movement.reference > ''
    JOIN warehouse ON warehouse.id = movement.warehouse_id
    WHERE movement.channel = :handle AND substr(movement.reason, -length(:before)) = :before
    GROUP BY 1, 2, 3 HAVING sum(movement.in_stock) <> 0 ORDER BY 1, 2, 3"""


def shown_orders(
    window: Window,
    reader: sqlite3.Connection,
    path: Path,
    channel: tuple[int, str],
    start: int,
    limit: int,
) -> tuple[ShownOrder, ...]:
    """The orders at those positions as they are now; one that is kept no more (sync was turned off, or on, since) has no name and no lines.

    `channel` is its id and handle.
    """
    channel_id, handle = channel
    with said_plainly(path):
        kept = _kept(reader, channel_id)
    found = window.rows(start, limit, kept(_ORDERS), {"channel": channel_id})
    ids = [row[1] for row in found if row[1] is not None]
    with said_plainly(path):
        lines = _lines(reader, kept(_LINES), channel_id, ids)
        past = [row[2] for row in found if any(line.treatment == "past" for line in lines.get(row[1], ()))]
        adjusted = _adjusted(reader, handle, past)
    return tuple(_order(row, lines.get(row[1], ()), adjusted) for row in found)


def _lines(
    reader: sqlite3.Connection, query: str, channel_id: int, ids: Sequence[int]
) -> dict[int, tuple[ShownLine, ...]]:
    rows = reader.execute(query, {"channel": channel_id, "ids": json.dumps(ids)})
    return {
        order: tuple(_line(row[1:]) for row in members) for order, members in groupby(rows, itemgetter(0))
    }


def _line(row: Sequence[Any]) -> ShownLine:
    return ShownLine._make((*row[:-1], tuple(RecipePart(*part) for part in json.loads(row[-1]))))


def _adjusted(
    reader: sqlite3.Connection, handle: str, names: Sequence[str]
) -> dict[str, tuple[Adjusted, ...]]:
    if not names:
        return {}
    parameters = {"names": json.dumps(names, ensure_ascii=False), "handle": handle, "before": BEFORE}
    rows = reader.execute(_ADJUSTED, parameters)
    return {
        name: tuple(Adjusted(*row[1:]) for row in members) for name, members in groupby(rows, itemgetter(0))
    }


_GONE: Final = ShownOrder(0, "", datetime.fromtimestamp(0, UTC), "gone", ())


def _order(
    row: Sequence[Any], lines: tuple[ShownLine, ...], adjusted: dict[str, tuple[Adjusted, ...]]
) -> ShownOrder:
    _, order, name, created, is_open, is_gone, closed = row
    if order is None:
        return _GONE
    state = state_of(
        is_open=bool(is_open),
        is_gone=bool(is_gone),
        unfulfilled=sum(line.unfulfilled for line in lines),
        fulfilled=sum(line.fulfilled for line in lines),
    )
    placed = datetime.fromtimestamp(created, UTC)
    closed_at = datetime.fromisoformat(closed) if closed else None
    return ShownOrder(order, name, placed, state, lines, adjusted.get(name, ()), closed_at)
