"""Groups counted in SQL are those of a count in plain Python by the rules of `core.duplicates`, for any scope, locations and shared items."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.catalog import LevelRow
from supportdesk.core.duplicates import FourNumbers, agrees, equal_above_zero, four_numbers
from supportdesk.core.progress import Unwatched
from supportdesk.exports import ExportFiles
from supportdesk.ledger import catalog, duplicates, scope
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.sync.load import LoadJob, load_exports
from tests.catalogs import Clock, listing
from tests.sync.load_speed import opened

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


class Thing(NamedTuple):
    """One listing as hypothesis draws it."""

    sku: str
    item: int
    title: str
    status: str
    tracked: bool


class Place(NamedTuple):
    """One location as hypothesis draws it."""

    active: bool
    service: bool
    said: str
    """`nothing`, `unlinked` or `linked`."""

    @property
    def counts(self) -> bool:
        return self.active and (self.said == "linked" or (self.said == "nothing" and not self.service))


THINGS = st.lists(
    st.builds(
        Thing,
        st.sampled_from(["", "A", "B"]),
        st.integers(1, 6),
        st.sampled_from(["Tent", "Mug"]),
        st.sampled_from(["ACTIVE", "UNLISTED", "DRAFT", "ARCHIVED"]),
        st.booleans(),
    ),
    max_size=9,
)
PLACES = st.lists(
    st.builds(Place, st.booleans(), st.booleans(), st.sampled_from(["nothing", "unlinked", "linked"])),
    min_size=3,
    max_size=3,
)
LEVELS = st.dictionaries(
    st.tuples(st.integers(1, 6), st.integers(1, 3)),
    st.tuples(st.booleans(), st.none() | st.integers(-3, 9)),
    max_size=14,
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with opened(tmp_path_factory.mktemp("groups") / "a.db") as ledger:
        with ledger.writing() as connection:
            connection.execute("INSERT INTO warehouse (id, code, name) VALUES (1, 'MAIN', 'Main')")
        yield ledger


def fill(
    connection: Any,
    things: list[Thing],
    places: list[Place],
    levels: dict[tuple[int, int], tuple[bool, int | None]],
    drafts: bool,
) -> None:
    for table in ("listing", "store_level", "location", "connection", "decision"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("UPDATE channel SET drafts = ?", (drafts,))
    # The oldest comes last, so that age is not the order of loading.
    rows = [
        listing(900 - number, each.sku, each.title, item=each.item, status=each.status, tracked=each.tracked)
        for number, each in enumerate(things)
    ]
    connection.executemany(catalog._INSERT_LISTING.format(channel=1), rows)
    connection.executemany(
        catalog._INSERT_LEVEL.format(channel=1),
        [
            LevelRow(item, place, active, available, 0, available, 0)
            for (item, place), (active, available) in levels.items()
        ],
    )
    for number, place in enumerate(places, 1):
        connection.execute(
            "INSERT INTO location VALUES (1, ?, ?, ?, 1, '', '', '', '', ?)",
            (number, f"Place {number}", place.active, place.service),
        )
        if place.said != "nothing":
            linked = place.said == "linked"
            connection.execute(
                """INSERT INTO connection (channel_id, location_id, location_name, warehouse_id, master, event_id)
                   VALUES (1, ?, '', ?, ?, 1)""",
                (number, 1 if linked else None, "sumtracker" if linked else None),
            )


def in_scope(thing: Thing, drafts: bool) -> bool:
    statuses = {"ACTIVE", "UNLISTED"} | ({"DRAFT"} if drafts else set())
    return thing.tracked and thing.status in statuses


def expected(
    things: list[Thing],
    places: list[Place],
    levels: dict[tuple[int, int], tuple[bool, int | None]],
    drafts: bool,
) -> dict[str, dict[str, object]]:
    """The groups by the rules, from the oldest (the last drawn) on."""
    found = {}
    for sku in ("A", "B"):
        members = [each for each in reversed(things) if each.sku == sku]
        if len(members) < 2:
            continue
        scoped = [each for each in members if in_scope(each, drafts)]
        items = list(dict.fromkeys(each.item for each in scoped))
        shown: dict[int, dict[int, int]] = {}
        for item in items or dict.fromkeys(each.item for each in members):
            for place in range(1, 4):
                active, available = levels.get((item, place), (False, None))
                if active and available is not None and places[place - 1].counts:
                    shown.setdefault(place, {})[item] = available
        found[sku] = {
            "title": members[0].title,
            "listings": len(members),
            "in_scope": len(scoped),
            "items": len(items),
            "agrees": agrees(shown),
            "pre_marked": len(items) > 1
            and len({each.title for each in scoped}) == 1
            and equal_above_zero(shown, len(items)),
            "numbers": four_numbers(shown),
        }
    return found


@settings(deadline=None, max_examples=300)
@given(THINGS, PLACES, LEVELS, st.booleans())
def test_groups_are_those_of_the_rules(
    ledger: Ledger,
    things: list[Thing],
    places: list[Place],
    levels: dict[tuple[int, int], tuple[bool, int | None]],
    drafts: bool,
) -> None:
    with ledger.writing() as connection:
        fill(connection, things, places, levels, drafts)
        duplicates.recount_groups(connection, 1)
    found = {
        row["sku"]: {
            **{name: row[name] for name in ("title", "listings", "in_scope", "items")},
            "agrees": bool(row["agrees"]),
            "pre_marked": bool(row["pre_marked"]),
            "numbers": FourNumbers(row["oldest"], row["lowest"], row["highest"], row["total"]),
        }
        for row in ledger.rows("SELECT * FROM duplicate_group")
    }
    assert found == expected(things, places, levels, drafts)
    # What the rules are handed one group at a time is what SQL counted.
    connection = ledger.db.conn
    scope.choose(connection, found)
    for facts in scope.chosen_groups(connection, 1):
        assert four_numbers(facts.levels) == found[facts.sku]["numbers"]
        assert len(facts.listings) == found[facts.sku]["in_scope"]
    connection.rollback()


@pytest.mark.parametrize(
    ("levels", "marked"),
    [
        ({(1, 1): 5, (2, 1): 5}, True),
        ({(1, 1): 5, (2, 1): 5, (1, 2): 0, (2, 2): 0}, True),
        ({(1, 1): 5, (2, 1): 5, (1, 2): -1, (2, 2): -1}, False),
        ({(1, 1): 5, (2, 2): 5}, False),
        ({(1, 1): 5, (2, 1): 5, (1, 2): 3}, False),
        ({(1, 1): 0, (2, 1): 0}, False),
        ({(1, 1): 5, (2, 1): 4}, False),
        ({}, False),
    ],
)
def test_pre_marked(ledger: Ledger, levels: dict[tuple[int, int], int], marked: bool) -> None:
    """Equal counts above 0 at the same locations, none below 0; and of the same title and options."""
    things = [Thing("A", number, "Tent", "ACTIVE", True) for number in (1, 2)]
    places = [Place(True, False, "nothing")] * 3
    shown: dict[tuple[int, int], tuple[bool, int | None]] = {
        at: (True, count) for at, count in levels.items()
    }
    for change, expected_mark in (("", marked), ("title = 'Mug'", False), ("variant_title = 'Red'", False)):
        with ledger.writing() as connection:
            fill(connection, things, places, shown, False)
            if change:
                connection.execute(f"UPDATE listing SET {change} WHERE item_id = 2")
            duplicates.recount_groups(connection, 1)
        assert bool(ledger.value("SELECT pre_marked FROM duplicate_group")) is expected_mark


def test_lowest_per_location_is_not_the_lowest_listings(ledger: Ledger) -> None:
    things = [Thing("A", 2, "Tent", "ACTIVE", True), Thing("A", 1, "Tent", "ACTIVE", True)]
    levels: dict[tuple[int, int], tuple[bool, int | None]] = {
        (1, 1): (True, 10), (1, 2): (True, 2), (2, 1): (True, 1), (2, 2): (True, 10),
    }  # fmt: skip
    with ledger.writing() as connection:
        fill(connection, things, [Place(True, False, "nothing")] * 3, levels, False)
        duplicates.recount_groups(connection, 1)
    (row,) = ledger.rows("SELECT * FROM duplicate_group")
    assert (row["oldest"], row["lowest"], row["highest"], row["total"]) == (12, 3, 20, 23)


def test_a_recount_says_what_a_load_says(ledger: Ledger) -> None:
    """A load's group disagrees by all its listings at all locations, whatever is in scope or linked."""
    things = [Thing("A", 1, "Tent", "ARCHIVED", True), Thing("A", 2, "Tent", "ACTIVE", True)]
    levels: dict[tuple[int, int], tuple[bool, int | None]] = {(1, 1): (True, 4), (2, 1): (True, 5)}
    with ledger.writing() as connection:
        fill(connection, things, [Place(True, False, "unlinked")] * 3, levels, False)
        totals = duplicates.recount_groups(connection, 1)
    assert totals == {"duplicate_groups": 1, "duplicate_listings": 2, "disagreeing_groups": 1}
    (row,) = ledger.rows("SELECT * FROM duplicate_group")
    assert (row["agrees"], row["total"]) == (1, 0)


def by_hand(file: Path) -> dict[str, list[int]]:
    """Counts by SKU in the order of the file, read without anything of ours; a blank SKU cell may hold two quotes."""
    counts: dict[str, list[int]] = {}
    with file.open(newline="", encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            sku, quantity = row["Variant SKU"], row["Variant Inventory Qty"]
            if sku and sku != '""' and quantity:
                counts.setdefault(sku, []).append(int(quantity))
    return {sku: shown for sku, shown in counts.items() if len(shown) > 1}


@pytest.mark.skipif(not (SHARED / "bicycles.csv").exists(), reason="the sample catalogue is not here")
def test_the_sample_catalogue(tmp_path: Path) -> None:
    counts = by_hand(SHARED / "bicycles.csv")
    with open_ledger(tmp_path / "a.db", account="a", now=Clock()) as ledger:
        job = LoadJob(ledger, Unwatched(), Clock(), "mia")
        load_exports(job, "bicycles", ExportFiles([SHARED / "bicycles.csv"]), files=("bicycles.csv",))
        rows = {row["sku"]: row for row in ledger.rows("SELECT * FROM duplicate_group")}
    found = {sku: (row["oldest"], row["lowest"], row["highest"], row["total"]) for sku, row in rows.items()}
    assert found == {sku: (shown[0], min(shown), max(shown), sum(shown)) for sku, shown in counts.items()}
    assert [sum(numbers) for numbers in zip(*found.values(), strict=True)] == [432, 368, 914, 1513]
    assert len(found) == 30
    assert rows["Nikola"]["listings"] == 8
    # Six untracked listings: nothing of them is in scope, and the group still shows what they show.
    assert (rows["Warranty Item"]["in_scope"], rows["Warranty Item"]["total"]) == (0, -33)
    assert sum(row["items"] > 1 for row in rows.values()) == 29
