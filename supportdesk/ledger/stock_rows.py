"""The rows of the Stock tab, inventory item × location of one channel, sorted and filtered by SQLite, with what the ledger would show there.

The rule of that number for one row is `core.stock.number_pushed` and `core.bundles`; `numbers` below says it in SQL, for sorting
and filtering a million of them, and a test holds the two together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from supportdesk.core.stock import LARGEST_QUANTITY, FedRow, StockFilter, StockOrder, StockRow
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.faults import said_plainly
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.scope import COUNTED_LOCATIONS
from supportdesk.ledger.store_now import ENGINE, LOADED, NOW, is_synced
from supportdesk.ledger.windows import KEYS, Window, WindowQuery, contains, key_column


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What of a channel and its account decides how its rows are read."""

    channel_id: int
    drafts: bool
    """Whether drafts are in scope."""
    maximum: int | None
    shares_items: bool
    """Whether some inventory item may have several listings."""
    bundles: bool
    """Whether the account has any."""
    decided_out: bool = False
    """Whether some duplicate group was decided to be left out."""
    synced: bool = False
    """Whether the engine has rows of the channel, so that it knows more of them than the load."""

    @property
    def parameters(self) -> dict[str, object]:
        """The named parameters of every query here."""
        maximum = LARGEST_QUANTITY if self.maximum is None else self.maximum
        return {"channel": self.channel_id, "drafts": self.drafts, "maximum": maximum}


def row_facts(ledger: Ledger, channel_id: int) -> RowFacts:
    """What the account file says of the channel now."""
    (row,) = ledger.rows(
        """SELECT drafts, maximum,
                  coalesce((SELECT shared_items FROM load WHERE channel_id = channel.id), 1) AS shared_items,
                  EXISTS (SELECT 1 FROM bundle_line) AS bundles,
                  EXISTS (SELECT 1 FROM decision WHERE channel_id = channel.id AND kind = 'left_out') AS decided_out
           FROM channel WHERE id = ?""",
        channel_id,
    )
    return RowFacts(
        channel_id,
        bool(row["drafts"]),
        row["maximum"],
        bool(row["shared_items"]),
        bool(row["bundles"]),
        bool(row["decided_out"]),
        is_synced(ledger, channel_id),
    )


_SCOPE: Final = "(CASE WHEN {listing}.left_out = 'draft' AND :drafts THEN NULL ELSE {listing}.left_out END)"
_DECIDED_OUT: Final = """(SELECT 'left_out_by_decision' FROM decision
    WHERE decision.channel_id = listing.channel_id AND decision.sku = listing.sku AND decision.kind = 'left_out')"""
_OF_BUNDLE: Final = """(
    SELECT CASE WHEN count(*) = count(part.sku) THEN min({each}) END
    FROM bundle_line AS line
    LEFT JOIN stock AS part
        ON part.sku = line.component_sku AND part.warehouse_id = connection.warehouse_id AND part.counted
    LEFT JOIN close_at AS closed
        ON closed.sku = line.component_sku AND closed.warehouse_id = connection.warehouse_id
    WHERE line.bundle_sku = listing.sku)"""
_BUNDLES_TO_SELL: Final = _OF_BUNDLE.format(
    each="""CASE WHEN part.in_stock - part.booked <= coalesce(closed.quantity, 0) THEN 0
        ELSE (part.in_stock - part.booked) / line.quantity END"""
)
_BUNDLES_THERE: Final = _OF_BUNDLE.format(
    each="""(part.in_stock - part.booked) / line.quantity
        - ((part.in_stock - part.booked) % line.quantity < 0)"""  # SQLite cuts towards 0, the rule rounds down
)
_OF_STOCK: Final = """(CASE
    WHEN stock.in_stock - stock.booked <= coalesce(close_at.quantity, 0) THEN 0
    ELSE stock.in_stock - stock.booked END)"""


def _store(facts: RowFacts) -> str:
    """What the store shows at a row."""
    return NOW if facts.synced else LOADED


_IS_BUNDLE: Final = "EXISTS (SELECT 1 FROM bundle_line WHERE bundle_sku = listing.sku)"


def _left_out(facts: RowFacts) -> str:
    """Why a row is not synced whatever its location: what it is, or what was decided of its SKU; NULL where nothing keeps it out."""
    scope = _SCOPE.format(listing="listing")
    return f"coalesce({scope}, {_DECIDED_OUT})" if facts.decided_out else scope


def _number(facts: RowFacts) -> str:
    """What the ledger would show at a row: what is pushed there, or available under a Shopify master, where nothing is.

    A row that has less than 0 is not raised to 0 where more is promised than there is (`core.rows.wanted`). NULL where unlinked,
    left out, or never counted.
    """
    there, to_sell = "stock.in_stock - stock.booked", _OF_STOCK
    if facts.bundles:
        there = f"(CASE WHEN {_IS_BUNDLE} THEN {_BUNDLES_THERE} ELSE {there} END)"
        to_sell = f"CASE WHEN {_IS_BUNDLE} THEN {_BUNDLES_TO_SELL} ELSE {to_sell} END"
    number = f"""CASE WHEN connection.master = 'shopify' THEN {there}
        WHEN {there} < 0 THEN min(0, max({there}, coalesce({_store(facts)}, 0))) ELSE min({to_sell}, :maximum) END"""
    return f"(CASE WHEN {_left_out(facts)} IS NULL THEN {number} END)"


_PLACES: Final = """
        LEFT JOIN location ON location.channel_id = level.channel_id AND location.id = level.location_id
        LEFT JOIN connection ON connection.channel_id = level.channel_id AND connection.location_id = level.location_id
            AND connection.warehouse_id IS NOT NULL
        LEFT JOIN warehouse ON warehouse.id = connection.warehouse_id
        LEFT JOIN stock ON stock.sku = listing.sku AND stock.warehouse_id = connection.warehouse_id AND stock.counted
        LEFT JOIN close_at ON close_at.sku = listing.sku AND close_at.warehouse_id = connection.warehouse_id"""
"""The joins from a listing and its level to place, warehouse and stock."""


def _places(facts: RowFacts) -> str:
    """The joins, with what the engine knows of the row where it knows any."""
    return _PLACES + ENGINE if facts.synced else _PLACES


def _row_columns(facts: RowFacts) -> str:
    return f"""listing.sku, listing.title, listing.variant_title, listing.listing, level.location_id,
        coalesce(location.name, ''), coalesce(warehouse.code, ''), coalesce(connection.master, ''), {_store(facts)},
        {_number(facts)}, {_left_out(facts)}"""


def _names_its_item(facts: RowFacts) -> str:
    """True of the listing that an item's rows are named by: its first one in scope, else its first one."""
    if not facts.shares_items:
        return "TRUE"
    mine, other = (f"({_SCOPE.format(listing=each)} IS NOT NULL, {each}.id)" for each in ("listing", "other"))
    return f"""NOT EXISTS (SELECT 1 FROM listing AS other WHERE other.channel_id = listing.channel_id
        AND other.item_id = listing.item_id AND {other} < {mine})"""


_ORDERS: Final[dict[StockOrder, str]] = {
    "product": "listing.title COLLATE NOCASE {way}, listing.variant_title COLLATE NOCASE {way}",
    "location": "location.name COLLATE NOCASE {way}",
    "store": "{store} {way} NULLS LAST",
    "available": "{number} {way} NULLS LAST",
    "difference": "{number} - {store} {way} NULLS LAST",
}
_FILTERS: Final[dict[StockFilter, str]] = {
    "differ": "{store} IS NOT {number} AND {number} IS NOT NULL",
    "unlinked": "connection.warehouse_id IS NULL",
    "negative": "{store} < 0",
    "out_of_scope": "{left_out} IS NOT NULL",
    "sells_when_out": "listing.sells_when_out AND {left_out} IS NULL",
}
_SEARCHED: Final = (
    *("listing.sku", "listing.title", "listing.variant_title", "listing.listing"),
    *("location.name", "warehouse.code"),
)


def hold_still(reader: sqlite3.Connection, path: Path) -> None:
    """Let `reader` see the account file at `path` as it is at its next question, whatever is written until it is closed."""
    with said_plainly(path):
        reader.execute("BEGIN")


def rows_above(connection: sqlite3.Connection, facts: RowFacts, number: int) -> int:
    """Rows in scope that would show more than `number`: what the ledger would show, or the store's own where it has no number.

    Of locations that count (`scope.COUNTED_LOCATIONS`) and have no Shopify master: where anything is pushed, or may come to be.
    """
    (count,) = connection.execute(
        f"""SELECT count(*) FROM listing CROSS JOIN store_level AS level
                ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
            {_places(facts)} WHERE listing.channel_id = :channel AND {_names_its_item(facts)} AND {_left_out(facts)} IS NULL
                AND connection.master IS NOT 'shopify' AND level.location_id IN ({COUNTED_LOCATIONS})
                AND coalesce({_number(facts)}, {_store(facts)}) > :number""",
        replace(facts, maximum=None).parameters | {"number": number},
    ).fetchone()
    return int(count)


def stock_window(
    reader: sqlite3.Connection,
    path: Path,
    facts: RowFacts,
    *,
    order: StockOrder,
    descending: bool,
    show: StockFilter,
    text: str,
    sku: str | None = None,
) -> Window:
    """The channel's rows in that order, of equal ones those without a SKU last. In the order of SKUs, unfiltered, its ends are
    there at once."""
    parameters = facts.parameters
    conditions = ["listing.channel_id = :channel", _names_its_item(facts)]
    if show != "all":
        pieces = {"number": _number(facts), "store": _store(facts), "left_out": _left_out(facts)}
        conditions.append(f"({_FILTERS[show].format(**pieces)})")
    if text:
        like, parameters["text"] = contains(reader, text)
        conditions.append(f"({' OR '.join(like.format(column) for column in _SEARCHED)})")
    if sku is not None:
        conditions.append("listing.sku = :sku")
        parameters["sku"] = sku

    plain = order == "sku" and show == "all" and not text and sku is None
    # Levels are stored by item: a look at every row in the order of items reads both tables straight through.
    index = "" if plain or sku is not None else "INDEXED BY listing_item"

    def rows(*more: str) -> str:
        return f"""SELECT level.item_id, level.location_id FROM listing {index}
            CROSS JOIN store_level AS level
                ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
            {_places(facts)} WHERE {" AND ".join([*conditions, *more])}"""

    way, other_way = ("DESC", "ASC") if descending else ("ASC", "DESC")
    if plain:
        ordered = _one_after_the_other(
            rows("listing.sku > ''") + _by_sku(way), rows("listing.sku = ''") + _by_sku(way)
        )
        backwards = _one_after_the_other(
            rows("listing.sku = ''") + _by_sku(other_way), rows("listing.sku > ''") + _by_sku(other_way)
        )
    else:
        first = (
            _ORDERS[order].format(way=way, number=_number(facts), store=_store(facts)) + ","
            if order != "sku"
            else ""
        )
        ordered, backwards = rows() + _by_sku(way, f"{first} listing.sku = '',"), ""
    query = WindowQuery(
        columns=2,
        ordered=ordered,
        parameters=parameters,
        backwards=backwards,
        counted="SELECT count(*) FROM store_level WHERE channel_id = :channel AND active" if plain else "",
    )
    return Window(reader, path, query)


def _by_sku(way: str, first: str = "") -> str:
    return f" ORDER BY {first} listing.sku {way}, listing.id {way}, level.location_id {way}"


def _one_after_the_other(*queries: str) -> str:
    """The rows of each query in turn, every one read by an index: a sort by whether there is a SKU would look at all of them first.

    The limit, which is none, keeps SQLite from dropping the order within each.
    """
    return " UNION ALL ".join(f"SELECT * FROM ({query} LIMIT -1)" for query in queries)


def stock_rows(window: Window, facts: RowFacts, start: int, limit: int) -> tuple[StockRow, ...]:
    """The rows at those positions as they are now; one that is gone since the window was opened has no SKU and no numbers."""
    query = f"""SELECT {_row_columns(facts)} FROM {KEYS} AS wanted
        LEFT JOIN store_level AS level ON level.channel_id = :channel AND level.item_id = {key_column(0)}
            AND level.location_id = {key_column(1)} AND level.active
        LEFT JOIN listing ON listing.id = (
            SELECT id FROM listing AS same WHERE same.channel_id = :channel AND same.item_id = level.item_id
            ORDER BY {_SCOPE.format(listing="same")} IS NOT NULL, id LIMIT 1)
        {_places(facts)} ORDER BY wanted.key"""
    return tuple(_row(row) for row in window.rows(start, limit, query, facts.parameters))


def _row(row: tuple[Any, ...]) -> StockRow:
    return StockRow(*row) if row[0] is not None else _GONE


_GONE: Final = StockRow("", "no longer in the store", "", "", 0, "", "", "", None, None, None)


def rows_fed_by(
    ledger: Ledger, facts: RowFacts, channel: ChannelRecord, sku: str, limit: int
) -> Iterator[FedRow]:
    """The rows of one channel that the SKU feeds, every listing with its own, in the order of listings; at most `limit`."""
    query = f"""SELECT {_row_columns(facts)}, listing.item_id FROM listing
        CROSS JOIN store_level AS level
            ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
        {_places(facts)} WHERE listing.channel_id = :channel AND listing.sku = :sku
        ORDER BY listing.id, level.location_id LIMIT :limit"""
    with said_plainly(ledger.path):
        rows = ledger.db.conn.execute(query, {**facts.parameters, "sku": sku, "limit": limit}).fetchall()
    for row in rows:
        found = StockRow(*row[:-1])
        yield FedRow(
            channel=channel.handle,
            channel_title=channel.title,
            listing=found.listing,
            title=found.title,
            variant_title=found.variant_title,
            location=found.location,
            warehouse=found.warehouse,
            store=found.store,
            pushed=None if found.master == "shopify" else found.ledger,
            left_out=found.left_out,
            item_id=row[-1],
            location_id=found.location_id,
        )


def count_fed_by(ledger: Ledger, channel_id: int, sku: str) -> int:
    """How many rows of the channel the SKU feeds."""
    count = ledger.value(
        """SELECT count(*) FROM listing CROSS JOIN store_level AS level
               ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id AND level.active
           WHERE listing.channel_id = ? AND listing.sku = ?""",
        *(channel_id, sku),
    )
    return int(str(count))
