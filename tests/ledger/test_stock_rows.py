"""The Stock tab's rows as SQLite sorts, filters and numbers them are those that the pure rules give, row by row in plain Python."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.bundles import Component, bundle_numbers
from supportdesk.core.catalog import ListingRow, Location
from supportdesk.core.listings import listing_row
from supportdesk.core.rows import wanted
from supportdesk.core.stock import StockFilter, StockOrder, StockRow, number_pushed
from supportdesk.ledger import catalog, channels, windows
from supportdesk.ledger.file import Ledger
from supportdesk.ledger.stock_rows import row_facts, stock_rows, stock_window
from tests.sync.load_speed import opened

SKUS = ["", "A", "a", "B 1", "KIT", "-X", "é%_"]
PLACES = [11, 12, 13]
WAREHOUSES = [1, 2]
PARTS = {"KIT": [("A", 2), ("B 1", 1)]}


@dataclass
class World:
    """One channel's listings and levels, and the Sumtracker side of them."""

    listings: list[tuple[str, int, str, str, bool]] = field(default_factory=list)
    """SKU, item, title, status, sells when out."""
    levels: dict[tuple[int, int], tuple[bool, int | None]] = field(default_factory=dict)
    """(item, location) → active, available."""
    links: dict[int, tuple[int | None, str | None]] = field(default_factory=dict)
    stock: dict[tuple[str, int], tuple[int, int, bool]] = field(default_factory=dict)
    """In stock, booked, counted."""
    close_at: dict[tuple[str, int], int] = field(default_factory=dict)
    bundles: bool = True
    drafts: bool = False
    decided: dict[str, str] = field(default_factory=dict)
    """SKU → what was decided of it."""
    maximum: int | None = None
    engine: dict[tuple[int, int], tuple[str, str, int, int, int, int | None]] = field(default_factory=dict)
    """(item, location) → condition, master, settled number, pushed since, own effects since, read since the load (or not)."""

    def shows(self, key: tuple[int, int]) -> int | None:
        """What the store shows there, by what the load and the engine know."""
        found = self.engine.get(key)
        if found is None:
            return self.levels[key][1]
        condition, master, settled, pushed, own, read = found
        if condition == "live" and master == "sumtracker":
            return settled + pushed + own
        return self.levels[key][1] if read is None else read


NUMBERS = st.integers(-4, 12)
LINKS = st.sampled_from([(None, None), (1, "sumtracker"), (2, "sumtracker"), (2, "shopify")])
WORLDS = st.builds(
    World,
    listings=st.lists(
        st.tuples(
            st.sampled_from(SKUS),
            st.integers(1, 6),
            st.sampled_from(["Tent", "tent", "Mug 100%", "Äther"]),
            st.sampled_from(["ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED"]),
            st.booleans(),
        ),
        max_size=8,
    ),
    levels=st.dictionaries(
        st.tuples(st.integers(1, 6), st.sampled_from(PLACES)),
        st.tuples(st.booleans(), st.none() | NUMBERS),
        max_size=14,
    ),
    links=st.dictionaries(st.sampled_from(PLACES), LINKS),
    stock=st.dictionaries(
        st.tuples(st.sampled_from(SKUS[1:]), st.sampled_from(WAREHOUSES)),
        st.tuples(NUMBERS, st.integers(0, 4), st.booleans()),
    ),
    close_at=st.dictionaries(
        st.tuples(st.sampled_from(SKUS[1:]), st.sampled_from(WAREHOUSES)), st.integers(0, 9)
    ),
    bundles=st.booleans(),
    drafts=st.booleans(),
    decided=st.dictionaries(st.sampled_from(SKUS[1:]), st.sampled_from(["left_out", "split", "shared"])),
    maximum=st.none() | st.integers(0, 9),
    engine=st.dictionaries(
        st.tuples(st.integers(1, 6), st.sampled_from(PLACES)),
        st.tuples(
            st.sampled_from(["settling", "live", "held", "out"]),
            st.sampled_from(["sumtracker", "shopify"]),
            *(NUMBERS, NUMBERS, NUMBERS, st.none() | NUMBERS),
        ),
        max_size=6,
    ),
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with opened(tmp_path_factory.mktemp("rows") / "kestrel.db") as ledger:
        with ledger.writing() as connection:
            channels.replace_locations(
                connection, 1, tuple(Location(place, f"Place {100 - place}") for place in PLACES)
            )
            connection.executemany(
                "INSERT INTO warehouse (id, code, name) VALUES (?, ?, ?)",
                [(1, "MAIN", "Main Street"), (2, "DEPOT", "Depot")],
            )
        yield ledger


def rows_of(world: World) -> list[ListingRow]:
    return [
        listing_row(
            number,
            item,
            number,
            f"thing-{number}",
            ["Default Title"],
            title,
            sku,
            status=status,
            sells_when_out=out,
        )
        for number, (sku, item, title, status, out) in enumerate(world.listings, start=1)
    ]


def fill(connection: sqlite3.Connection, world: World) -> None:
    for table in (
        *("listing", "store_level", "connection", "stock", "close_at", "bundle_line", "load", "decision"),
        *("sync_row", "reading"),
    ):
        connection.execute(f"DELETE FROM {table}")
    connection.executemany(catalog._INSERT_LISTING.format(channel=1), rows_of(world))
    connection.executemany(
        "INSERT INTO store_level VALUES (1, ?, ?, ?, ?, 0, NULL, NULL)",
        [
            (*key, *level)
            for key, level in world.levels.items()
            if key[0] in {row[1] for row in world.listings}
        ],
    )
    (event,) = connection.execute("SELECT max(id) FROM event").fetchone()
    connection.executemany(
        """INSERT INTO connection (channel_id, location_id, location_name, warehouse_id, master, event_id)
           VALUES (1, ?, '', ?, ?, ?)""",
        [(place, *link, event) for place, link in world.links.items()],
    )
    connection.executemany(
        "INSERT INTO stock VALUES (?, ?, ?, ?, 0, ?)",
        [(*key, *numbers) for key, numbers in world.stock.items()],
    )
    connection.executemany(
        "INSERT INTO close_at VALUES (?, ?, ?)", [(*key, number) for key, number in world.close_at.items()]
    )
    for key, (condition, master, settled, pushed, own, read) in world.engine.items():
        connection.execute(
            """INSERT INTO sync_row (channel_id, item_id, location_id, sku, warehouse_id, master, condition, t0, low, high, pushed, own)
               VALUES (1, ?, ?, '', 1, ?, ?, 0, ?, ?, ?, ?)""",
            (*key, master, condition, settled, settled, pushed, own),
        )
        # The newest reading counts.
        for number in [99, read] if read is not None else []:
            connection.execute(
                """INSERT INTO reading (channel_id, item_id, location_id, started, ended, available, committed, on_hand, incoming,
                       reserved, damaged, safety_stock, quality_control, state)
                   VALUES (1, ?, ?, 1, 2, ?, 0, 0, 0, 0, 0, 0, 0, 'judged')""",
                (*key, number),
            )
    connection.executemany(
        """INSERT INTO decision (channel_id, sku, kind, counts_of, judged, who, at, event_id)
           VALUES (1, ?, ?, 'lowest', '{}', '', '', ?)""",
        [(sku, kind, event) for sku, kind in world.decided.items()],
    )
    if world.bundles:
        connection.executemany(
            "INSERT INTO bundle_line VALUES (?, ?, ?)",
            [(bundle, *part) for bundle, parts in PARTS.items() for part in parts],
        )
    connection.execute("UPDATE channel SET drafts = ?, maximum = ?", (world.drafts, world.maximum))


def available(world: World, sku: str, warehouse: int) -> int | None:
    in_stock, booked, counted = world.stock.get((sku, warehouse), (0, 0, False))
    return in_stock - booked if counted else None


def ledger_number(world: World, sku: str, place: int, left_out: str | None, store: int | None) -> int | None:
    """What the ledger would show at a row, by the pure rules."""
    warehouse, master = world.links.get(place, (None, None))
    if warehouse is None or left_out is not None:
        return None
    if world.bundles and sku in PARTS:
        parts = [
            Component(
                part, quantity, available(world, part, warehouse), world.close_at.get((part, warehouse), 0)
            )
            for part, quantity in PARTS[sku]
        ]
        numbers = bundle_numbers(parts)
        if master == "shopify":
            return numbers.available
        return wanted(numbers.available, number_pushed(numbers.to_sell, 0, world.maximum), store or 0)
    if master == "shopify":
        return available(world, sku, warehouse)
    there = available(world, sku, warehouse)
    pushed = number_pushed(there, world.close_at.get((sku, warehouse), 0), world.maximum)
    return wanted(there, pushed, store or 0)


def expected(world: World) -> list[tuple[StockRow, bool]]:
    """Every row with whether it sells when out, in the order of SKUs; those without one last."""
    named: dict[int, tuple[bool, int, ListingRow, str | None]] = {}
    for number, row in enumerate(rows_of(world)):
        left_out = None if row.left_out == "draft" and world.drafts else row.left_out
        found = (left_out is not None, number, row, left_out)
        named[row.item_id] = min(named.get(row.item_id, found), found, key=lambda each: each[:2])
    found_rows = []
    for (item, place), (active, _) in world.levels.items():
        store = world.shows((item, place))
        if not active or item not in named:
            continue
        _, number, row, left_out = named[item]
        if left_out is None and world.decided.get(row.sku) == "left_out":
            left_out = "left_out_by_decision"
        warehouse, master = world.links.get(place, (None, None))
        code = {None: "", 1: "MAIN", 2: "DEPOT"}[warehouse]
        shown = StockRow(
            *(row.sku, row.title, row.variant_title, row.listing, place, f"Place {100 - place}"),
            *(code, master or "", store, ledger_number(world, row.sku, place, left_out, store), left_out),
        )
        found_rows.append((row.sku, number, place, shown, row.sells_when_out))
    found_rows.sort(key=lambda each: (not each[0], *each[:3]))
    return [(shown, out) for _, _, _, shown, out in found_rows]


def read(
    ledger: Ledger,
    order: StockOrder = "sku",
    descending: bool = False,
    show: StockFilter = "all",
    text: str = "",
) -> list[StockRow]:
    """All rows, read in windows of three from both halves."""
    facts = row_facts(ledger, 1)
    reader = windows.open_reader(ledger.path)
    try:
        window = stock_window(
            reader, ledger.path, facts, order=order, descending=descending, show=show, text=text
        )
        found = [row for start in range(0, window.count, 3) for row in stock_rows(window, facts, start, 3)]
        assert len(found) == window.count
        return found
    finally:
        reader.close()


@settings(max_examples=120, deadline=None)
@given(world=WORLDS, near=st.sampled_from([0, 4, windows.NEAR]))
def test_rows_and_numbers_are_those_of_the_rules(ledger: Ledger, world: World, near: int) -> None:
    with ledger.writing() as connection:
        fill(connection, world)
    rows = expected(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "NEAR", near)
        assert read(ledger) == [row for row, _ in rows]
        assert read(ledger, descending=True) == turned([row for row, _ in rows])


def turned(rows: list[StockRow]) -> list[StockRow]:
    """The other way round, but for those without a SKU, which stay last."""
    return [row for row in rows[::-1] if row.sku] + [row for row in rows[::-1] if not row.sku]


FILTERS: dict[StockFilter, Any] = {
    "differ": lambda row, _: row.ledger is not None and row.ledger != row.store,
    "unlinked": lambda row, _: not row.warehouse,
    "negative": lambda row, _: row.store is not None and row.store < 0,
    "out_of_scope": lambda row, _: row.left_out is not None,
    "sells_when_out": lambda row, out: out and row.left_out is None,
}


@settings(max_examples=60, deadline=None)
@given(world=WORLDS)
def test_filters_show_what_they_say(ledger: Ledger, world: World) -> None:
    with ledger.writing() as connection:
        fill(connection, world)
    rows = expected(world)
    for show, fits in FILTERS.items():
        assert read(ledger, show=show) == [row for row, out in rows if fits(row, out)], show


@settings(max_examples=60, deadline=None)
@given(
    world=WORLDS,
    text=st.sampled_from(["a", "TENT", "100%", "_", "%", "é", "Ä", "depot", "place 8", "thing-1", "zz"]),
)
def test_the_text_is_searched_as_it_is(ledger: Ledger, world: World, text: str) -> None:
    with ledger.writing() as connection:
        fill(connection, world)
    wanted = text.casefold()
    assert read(ledger, text=text) == [
        row
        for row, _ in expected(world)
        if any(
            wanted in searched.casefold()
            for searched in (row.sku, row.title, row.variant_title, row.listing, row.location, row.warehouse)
        )
    ]


def nocase(text: str) -> str:
    """What SQLite makes of a text where case does not count."""
    return "".join(each.lower() if each.isascii() else each for each in text)


KEYS: dict[StockOrder, Any] = {
    "product": lambda row: (nocase(row.title), nocase(row.variant_title)),
    "location": lambda row: nocase(row.location),
    "store": lambda row: row.store,
    "available": lambda row: row.ledger,
    "difference": lambda row: None if None in (row.ledger, row.store) else row.ledger - row.store,
}


@settings(max_examples=60, deadline=None)
@given(world=WORLDS, descending=st.booleans())
def test_every_order_sorts_and_puts_the_unknown_last(ledger: Ledger, world: World, descending: bool) -> None:
    with ledger.writing() as connection:
        fill(connection, world)
    rows = [row for row, _ in expected(world)]
    for order, key in KEYS.items():
        found = read(ledger, order=order, descending=descending)
        known = [row for row in rows if key(row) is not None]
        unknown = [row for row in rows if key(row) is None]
        if descending:
            known, unknown = turned(known), turned(unknown)
        assert found == [*sorted(known, key=key, reverse=descending), *unknown], order
