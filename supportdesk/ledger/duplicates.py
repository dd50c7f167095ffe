"""Duplicate groups as the ledger keeps them: counted anew in SQL, listed in windows, shown side by side. What was decided of them is in `decisions`.

`duplicate_group` holds a row for each SKU that two or more listings of a channel have, with the group's four numbers
(`core.duplicates.four_numbers` says what they are) over the locations that count.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from supportdesk.core.catalog import Location
from supportdesk.core.duplicates import (
    DuplicateGroup,
    DuplicatesSummary,
    FourNumbers,
    GroupDetail,
    GroupFilter,
    GroupListing,
    GroupOrder,
)
from supportdesk.core.progress import Watch
from supportdesk.core.skus import hygiene_mark
from supportdesk.ledger import decisions, faults
from supportdesk.ledger.scope import AGE, COUNTED_LOCATIONS, IN_SCOPE, choose

_TEMPORARY: Final = {
    "shared_sku": "number INTEGER PRIMARY KEY, sku TEXT NOT NULL, listings INTEGER NOT NULL",
    "group_member": """number INTEGER, left_out INTEGER, age INTEGER, id INTEGER, item_id INTEGER, title TEXT, variant_title TEXT,
        PRIMARY KEY (number, left_out, age, id)""",
    "group_level": """number INTEGER, location_id INTEGER, item_id INTEGER, age INTEGER, counts INTEGER, available INTEGER,
        PRIMARY KEY (number, location_id, item_id)""",
}
"""Tables that live as long as the counting: keys are numbers in the order of the SKUs, so that every step reads in order."""

_SHARED_SKUS: Final = """INSERT INTO temp.shared_sku (sku, listings) SELECT sku, count(*) FROM main.listing
    WHERE channel_id = :channel AND sku > '' GROUP BY sku HAVING count(*) > 1 ORDER BY sku"""
_MEMBERS: Final = f"""INSERT INTO temp.group_member
    SELECT number, NOT {IN_SCOPE}, {AGE}, listing.id, item_id, title, variant_title FROM temp.shared_sku AS shared
    CROSS JOIN main.listing ON listing.channel_id = :channel AND listing.sku = shared.sku"""
_LEVELS: Final = f"""INSERT OR IGNORE INTO temp.group_level
    SELECT number, level.location_id, level.item_id, age,
           NOT left_out AND level.location_id IN ({COUNTED_LOCATIONS}), available
    FROM temp.group_member AS member
    CROSS JOIN main.store_level AS level ON level.channel_id = :channel AND level.item_id = member.item_id
    WHERE level.active AND level.available IS NOT NULL ORDER BY member.number, member.left_out, member.age, member.id"""
"""Of listings on one item the oldest in scope comes first and is the one that stays."""
_NONE_IN_SCOPE: Final = f"""UPDATE temp.group_level SET counts = 1 WHERE location_id IN ({COUNTED_LOCATIONS})
    AND number IN (SELECT number FROM temp.group_member GROUP BY number HAVING min(left_out))"""
"""A group of which nothing is in scope shows what its listings show: it needs no decision, and zeros would be untrue."""
_GROUPS: Final = """INSERT INTO duplicate_group (channel_id, sku, title, listings, in_scope, items, agrees, pre_marked,
        oldest, lowest, highest, total, sku_mark)
    SELECT :channel, sku, facts.title, shared.listings, facts.in_scope, facts.items, coalesce(numbers.agrees, 1),
           facts.items > 1 AND facts.titles = 1
               AND coalesce(numbers.agrees AND numbers.lowest > 0 AND least >= 0 AND numbers.levels = places * facts.items, 0),
           coalesce(first.oldest, 0), coalesce(numbers.lowest, 0), coalesce(numbers.highest, 0), coalesce(numbers.total, 0),
           (SELECT sku_mark FROM main.listing WHERE id = facts.id)
    FROM temp.shared_sku AS shared
    JOIN (SELECT number, min(age), title, id, sum(NOT left_out) AS in_scope,
                 count(DISTINCT CASE WHEN NOT left_out THEN item_id END) AS items,
                 count(DISTINCT CASE WHEN NOT left_out THEN title || char(0) || variant_title END) AS titles
          FROM temp.group_member GROUP BY number) AS facts ON facts.number = shared.number
    LEFT JOIN (SELECT number, min(low = high) AS agrees, sum(low) AS lowest, sum(high) AS highest, sum(units) AS total,
                      min(low) AS least, sum(levels) AS levels, count(*) AS places
               FROM (SELECT number, min(available) AS low, max(available) AS high, sum(available) AS units, count(*) AS levels
                     FROM temp.group_level WHERE counts GROUP BY number, location_id)
               GROUP BY number) AS numbers ON numbers.number = shared.number
    LEFT JOIN (SELECT number, sum(available) AS oldest
               FROM (SELECT number, min(age), available FROM temp.group_level WHERE counts GROUP BY number, location_id)
               GROUP BY number) AS first ON first.number = shared.number"""
_TOTALS: Final = """SELECT count(*) AS duplicate_groups, coalesce(sum(listings), 0) AS duplicate_listings,
    (SELECT count(DISTINCT number) FROM (
        SELECT number FROM temp.group_level GROUP BY number, location_id HAVING min(available) <> max(available)
    )) AS disagreeing_groups FROM temp.shared_sku"""


def recount_groups(
    connection: sqlite3.Connection, channel_id: int, watch: Watch | None = None
) -> dict[str, int]:
    """Fill `duplicate_group` anew and judge every decision again, in the transaction under way; no answer is lost.

    To be called after whatever changes listings, levels, the locations that count, or the channel's setting about drafts.
    Returns what a load says of duplicates: groups, their listings, and the groups in which two listings, in scope or not,
    show different numbers at a location where both are stocked.
    """
    values = {"channel": channel_id}
    for table, columns in _TEMPORARY.items():
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        rowid = "" if "INTEGER PRIMARY KEY" in columns else " WITHOUT ROWID"
        connection.execute(f"CREATE TEMP TABLE {table} ({columns}){rowid}")
    connection.execute("DELETE FROM duplicate_group WHERE channel_id = :channel", values)
    for statement in (_SHARED_SKUS, _MEMBERS, _LEVELS, _NONE_IN_SCOPE, _GROUPS):
        if watch is not None:
            watch.check()
        connection.execute(statement, values)
    cursor = connection.execute(_TOTALS)
    totals = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    for table in _TEMPORARY:
        connection.execute(f"DROP TABLE temp.{table}")
    decisions.judge(connection, channel_id)
    return totals


_NEEDS: Final = "grouped.items > 1"
TO_DECIDE: Final = f"({_NEEDS} AND NOT (coalesce(grouped.holds, 0) AND NOT grouped.unanswered))"
"""Whether a row of `duplicate_group AS grouped` still needs a person: as `core.duplicates.DuplicateGroup.to_decide`."""
UNDECIDED: Final = f"({_NEEDS} AND grouped.holds IS NULL)"
"""Whether it needs a decision and has none at all: what a choice for many groups at once touches."""
_DECIDED_ONLY: Final = f"({TO_DECIDE} AND grouped.holds IS NOT NULL)"
"""Whether it is decided and needs a person all the same."""
_SPLIT: Final = """(SELECT decision.kind = 'split' FROM decision
    WHERE decision.channel_id = grouped.channel_id AND decision.sku = grouped.sku)"""

_SHOWN: Final[dict[GroupFilter, str]] = {"all": "1", "to_decide": TO_DECIDE, "disagree": "NOT grouped.agrees"}
_MATCHES: Final = """(NOT :text OR holds_text(grouped.sku) OR holds_text(grouped.title) OR EXISTS (
    SELECT 1 FROM main.listing WHERE listing.channel_id = grouped.channel_id AND listing.sku = grouped.sku
    AND holds_text(listing.title)))"""
_WORST: Final = f"""CASE WHEN NOT {TO_DECIDE} THEN {1 << 62} WHEN grouped.agrees THEN {1 << 61}
    ELSE grouped.lowest - grouped.highest END {{down}}"""
"""One number to sort by is twice as fast as two columns; no spread comes near the two that stand for the other classes."""
_ORDERS: Final[dict[GroupOrder, tuple[str, bool]]] = {
    "worst": (_WORST, False),
    "sku": ("grouped.sku {down}", False),
    "listings": ("grouped.listings {down}", True),
    "oldest": ("grouped.oldest {down}", True),
    "lowest": ("grouped.lowest {down}", True),
    "highest": ("grouped.highest {down}", True),
    "sum": ("grouped.total {down}", True),
}
"""What each order sorts by, and whether it begins at its greatest end unless told."""


def shown_groups(show: GroupFilter) -> str:
    """A condition on `duplicate_group AS grouped` with `:channel` and `:text` (whether there is any), for a connection that `find_text` was called on."""
    return f"grouped.channel_id = :channel AND {_SHOWN[show]} AND {_MATCHES}"


def find_text(connection: sqlite3.Connection, text: str) -> None:
    """Make `holds_text(value)` say whether `value` holds `text`, whatever its case; nothing in it is a pattern."""
    wanted = text.casefold()
    connection.create_function("holds_text", 1, lambda value: wanted in value.casefold(), deterministic=True)


def choose_undecided(
    connection: sqlite3.Connection, channel_id: int, show: GroupFilter, text: str, *, pre_marked: bool = False
) -> int:
    """Choose (`scope.choose`) the groups a filter shows that need a decision and have none; how many they are."""
    find_text(connection, text)
    choose(connection, ())
    more = " AND grouped.pre_marked" if pre_marked else ""
    return connection.execute(
        f"""INSERT INTO temp.chosen SELECT grouped.sku FROM duplicate_group AS grouped
            WHERE {shown_groups(show)} AND {UNDECIDED}{more}""",
        {"channel": channel_id, "text": text != ""},
    ).rowcount


def summary(connection: sqlite3.Connection, channel_id: int) -> DuplicatesSummary:
    """The counts over all groups of the channel."""
    row = connection.execute(
        f"""SELECT count(*), coalesce(sum(NOT agrees), 0), coalesce(sum({TO_DECIDE}), 0),
                   coalesce(sum(pre_marked AND {UNDECIDED}), 0), coalesce(sum({_DECIDED_ONLY} AND {_SPLIT}), 0),
                   coalesce(sum({_DECIDED_ONLY} AND NOT {_SPLIT}), 0)
            FROM duplicate_group AS grouped WHERE channel_id = ?""",
        (channel_id,),
    ).fetchone()
    return DuplicatesSummary(*row)


def groups_to_judge(connection: sqlite3.Connection, channel_id: int) -> int:
    """Groups of the channel that need a decision, given or not."""
    (count,) = connection.execute(
        f"SELECT count(*) FROM duplicate_group AS grouped WHERE channel_id = ? AND {_NEEDS}", (channel_id,)
    ).fetchone()
    return int(count)


_GROUP: Final = """SELECT grouped.*, decision.kind, decision.counts_of, decision.listing, decision.elsewhere, decision.note,
        decision.who, decision.at, decision.event_id,
        (SELECT count(*) - 1 FROM look_alike AS spelled JOIN look_alike AS other
            ON other.channel_id = spelled.channel_id AND other.key = spelled.key
         WHERE spelled.channel_id = grouped.channel_id AND spelled.sku = grouped.sku) AS other_spellings
    FROM duplicate_group AS grouped
    LEFT JOIN decision ON decision.channel_id = grouped.channel_id AND decision.sku = grouped.sku"""


def _group(row: sqlite3.Row) -> DuplicateGroup:
    return DuplicateGroup(
        sku=row["sku"],
        title=row["title"],
        listings=row["listings"],
        in_scope=row["in_scope"],
        numbers=FourNumbers(row["oldest"], row["lowest"], row["highest"], row["total"]),
        agrees=bool(row["agrees"]),
        pre_marked=bool(row["pre_marked"]),
        needs_decision=row["items"] > 1,
        sku_mark=row["sku_mark"],
        look_alikes=max(0, row["other_spellings"]),
        decision=decisions.decision_of(row) if row["kind"] is not None else None,
        decision_holds=bool(row["holds"]) if row["holds"] is not None else True,
        unanswered=bool(row["unanswered"]),
    )


class GroupList:
    """Groups in one order, as they stood when it was opened; each row is read anew when it is looked at.

    Has a read connection of its own, which may go from thread to thread but not be used by two at once.
    """

    def __init__(
        self,
        path: Path,
        channel_id: int,
        *,
        show: GroupFilter,
        text: str,
        order: GroupOrder,
        descending: bool | None,
    ) -> None:
        """Raises `LedgerError` and its kinds."""
        self._path, self._channel_id = path, channel_id
        with faults.said_plainly(path):
            self._connection = sqlite3.connect(
                path, timeout=faults.BUSY_SECONDS, check_same_thread=False, isolation_level=None
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self.count = self._keep_order(show, text, order, descending)
                self._connection.execute("PRAGMA query_only=ON")
            except BaseException:
                self._connection.close()
                raise

    def _keep_order(self, show: GroupFilter, text: str, order: GroupOrder, descending: bool | None) -> int:
        find_text(self._connection, text)
        columns, greatest_first = _ORDERS[order]
        down = "DESC" if (greatest_first if descending is None else descending) else "ASC"
        self._connection.execute("CREATE TEMP TABLE shown (position INTEGER PRIMARY KEY, sku TEXT NOT NULL)")
        cursor = self._connection.execute(
            f"""INSERT INTO temp.shown (sku) SELECT grouped.sku FROM duplicate_group AS grouped
                WHERE {shown_groups(show)} ORDER BY {columns.format(down=down)}, grouped.sku""",
            {"channel": self._channel_id, "text": text != ""},
        )
        return cursor.rowcount

    def window(self, start: int, limit: int) -> tuple[DuplicateGroup, ...]:
        """Groups `start` to `start + limit`; fewer at the end, and where groups are gone since. Raises `LedgerError`."""
        with faults.said_plainly(self._path):
            rows = self._connection.execute(
                f"""SELECT row.* FROM temp.shown JOIN ({_GROUP}) AS row ON row.channel_id = ? AND row.sku = shown.sku
                    WHERE position > ? AND position <= ? ORDER BY position""",
                (self._channel_id, start, start + limit),
            ).fetchall()
        return tuple(map(_group, rows))

    def details(self) -> Iterator[GroupDetail]:
        """Every group of the list with its listings, one after the other; groups that are gone since are left out."""
        for (sku,) in self._connection.execute("SELECT sku FROM temp.shown ORDER BY position"):
            found = group_detail(self._connection, self._channel_id, sku)
            if found.group.listings > 1:
                yield found

    def close(self) -> None:
        """Close the connection. Closing twice does nothing."""
        self._connection.close()


def group_detail(connection: sqlite3.Connection, channel_id: int, sku: str) -> GroupDetail:
    """The SKU's listings side by side, whether they are two or more, one or none."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    key = {"channel": channel_id, "sku": sku}
    found = cursor.execute(
        f"{_GROUP} WHERE grouped.channel_id = :channel AND grouped.sku = :sku", key
    ).fetchone()
    levels: dict[int, dict[int, int]] = {}
    for row in cursor.execute(
        """SELECT DISTINCT level.item_id, level.location_id, level.available FROM main.listing
           CROSS JOIN store_level AS level ON level.channel_id = listing.channel_id AND level.item_id = listing.item_id
           WHERE listing.channel_id = :channel AND listing.sku = :sku AND level.active AND level.available IS NOT NULL
           ORDER BY level.location_id""",
        key,
    ):
        levels.setdefault(row["item_id"], {})[row["location_id"]] = row["available"]
    listings = tuple(
        GroupListing(
            listing=row["listing"],
            variant_id=row["variant_id"],
            item_id=row["item_id"],
            title=row["title"],
            variant_title=row["variant_title"],
            status=row["status"],
            left_out=None if row["in_scope"] else row["left_out"],
            levels=levels.get(row["item_id"], {}),
        )
        for row in cursor.execute(
            f"""SELECT *, {IN_SCOPE} AS in_scope FROM main.listing
                WHERE channel_id = :channel AND sku = :sku ORDER BY {AGE}, id""",
            key,
        )
    )
    counted = frozenset(row["id"] for row in cursor.execute(COUNTED_LOCATIONS, key))
    stocked = {location for shown in levels.values() for location in shown}
    return GroupDetail(
        group=_group(found) if found else _no_group(sku, listings),
        listings=listings,
        locations=_locations(cursor, channel_id, stocked, counted),
        counted_locations=counted,
        look_alikes=tuple(
            row["sku"]
            for row in cursor.execute(
                """SELECT other.sku FROM look_alike AS spelled JOIN look_alike AS other
                       ON other.channel_id = spelled.channel_id AND other.key = spelled.key AND other.sku <> spelled.sku
                   WHERE spelled.channel_id = :channel AND spelled.sku = :sku ORDER BY other.sku LIMIT 100""",
                key,
            )
        ),
    )


def _no_group(sku: str, listings: tuple[GroupListing, ...]) -> DuplicateGroup:
    """What is left of a group whose listings have SKUs of their own by now: nothing to decide."""
    return DuplicateGroup(
        sku=sku,
        title=listings[0].title if listings else "",
        listings=len(listings),
        in_scope=sum(each.left_out is None for each in listings),
        numbers=FourNumbers(0, 0, 0, 0),
        agrees=True,
        pre_marked=False,
        needs_decision=False,
        sku_mark=hygiene_mark(sku),
        look_alikes=0,
        decision=None,
    )


def _locations(
    cursor: sqlite3.Cursor, channel_id: int, stocked: set[int], counted: frozenset[int]
) -> tuple[Location, ...]:
    """Those of the channel's locations that are in `stocked`: those that count first, by name."""
    found = [
        Location(
            id=row["id"],
            name=row["name"],
            active=bool(row["active"]),
            fulfills_online_orders=bool(row["fulfills_online_orders"]),
            city=row["city"],
            address=row["address"],
            country=row["country"],
            service=row["service"],
            service_manages_stock=bool(row["service_manages_stock"]),
        )
        for row in cursor.execute(
            "SELECT * FROM location WHERE channel_id = ? ORDER BY name, id", (channel_id,)
        )
        if row["id"] in stocked
    ]
    return tuple(sorted(found, key=lambda place: place.id not in counted))


def group_skus_like(connection: sqlite3.Connection, channel_id: int, sku: str) -> list[str]:
    """At most three SKUs of groups that are written most like `sku`, among those that begin as it does."""
    import difflib

    first = sku.strip()[:2]
    rows = connection.execute(
        """SELECT sku FROM duplicate_group WHERE channel_id = ?1 AND sku LIKE ?2 ESCAPE '!'
           ORDER BY abs(length(sku) - length(?3)), sku LIMIT 2000""",
        (channel_id, "".join(f"!{each}" if each in "!%_" else each for each in first) + "%", sku),
    )
    near = {each.strip().casefold(): each for (each,) in rows}
    return [near[each] for each in difflib.get_close_matches(sku.strip().casefold(), near, n=3)]
