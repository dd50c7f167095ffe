"""Connections through loads, and the counting of evidence against a second count in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportdesk.core.catalog import LevelRow, ListingRow, Location
from supportdesk.core.matching import Survey
from supportdesk.core.progress import Unwatched
from supportdesk.ledger import channels, connections, events, warehouses
from supportdesk.ledger.connections import SUM, Kept
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.sync.load import LoadJob, load_exports, load_store
from supportdesk.sync.spool import Spool
from tests.catalogs import NOON, Clock, MemoryStore, level, listing

MAIN, DEPOT, KIOSK = Location(1, "Main St"), Location(2, "Depot"), Location(3, "Kiosk")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with new_ledger(tmp_path) as ledger:
        yield ledger


def new_ledger(folder: Path) -> Ledger:
    """An account with a store and the warehouses 1 and 2."""
    ledger = open_ledger(folder / "kestrel.db", account="kestrel", now=Clock())
    with ledger.writing() as connection:
        channels.save_shopify_channel(
            connection, MemoryStore().facts, api_url="http://127.0.0.1:1", at=NOON, who="mia"
        )
        for code in ("MAIN", "DEPOT"):
            warehouses.add(connection, code, code.title())
    return ledger


def load(ledger: Ledger, store: MemoryStore) -> int:
    """Load the store; the channel's id."""
    job = LoadJob(ledger, Unwatched(), Clock(), "mia")
    record = channels.channel_named(ledger, "kestrel")
    assert record
    load_store(job, record, store, spool=Spool(ledger.path.parent, "kestrel"), page_up_to=10**6)
    return record.id


def load_files(ledger: Ledger, *names: str) -> int:
    """Load exports that name these locations, in this order; the channel's id."""
    places = tuple(Location(-number, name) for number, name in enumerate(names, 1))
    job = LoadJob(ledger, Unwatched(), Clock(), "mia")
    load_exports(job, "files", MemoryStore(places=places), files=("a.csv",))
    record = channels.channel_named(ledger, "files")
    assert record
    return record.id


def link(
    ledger: Ledger, channel: int, place: int, name: str, warehouse: int | None, counts: int | None = None
) -> None:
    with ledger.writing() as connection:
        event = events.record(connection, at=NOON, kind="link", place=name)
        master = "sumtracker" if warehouse else None
        connections.put(connection, channel, Kept(place, name, warehouse, master, counts, False, event))  # type: ignore[arg-type]


def state(ledger: Ledger, channel: int) -> tuple[dict[int, tuple[str, int | None]], list[str]]:
    """What holds, by location id, and the names of what is set aside."""
    kept = connections.kept(ledger, channel)
    return (
        {place: (row.location_name, row.warehouse_id) for place, row in kept.items()},
        [row.location_name for row in connections.lost(ledger, channel)],
    )


def test_a_stores_location_stays_linked_under_another_name(ledger: Ledger) -> None:
    channel = load(ledger, MemoryStore(places=(MAIN, DEPOT)))
    link(ledger, channel, 1, "Main St", 1)
    load(ledger, MemoryStore(places=(Location(1, "High St"), Location(2, "Main St"))))
    assert state(ledger, channel) == ({1: ("High St", 1)}, [])


def test_what_was_said_of_a_location_that_goes_comes_back_with_it(ledger: Ledger) -> None:
    channel = load(ledger, MemoryStore(places=(MAIN, DEPOT, KIOSK)))
    link(ledger, channel, 1, "Main St", 1)
    link(ledger, channel, 2, "Depot", 2)
    link(ledger, channel, 3, "Kiosk", None)
    before = connections.kept(ledger, channel)
    load(ledger, MemoryStore(places=(MAIN,)))
    assert state(ledger, channel) == ({1: ("Main St", 1)}, ["Depot", "Kiosk"])
    load(ledger, MemoryStore(places=(MAIN,)))
    assert state(ledger, channel)[1] == ["Depot", "Kiosk"]
    load(ledger, MemoryStore(places=(DEPOT, MAIN, KIOSK)))
    assert connections.kept(ledger, channel) == before
    assert connections.lost(ledger, channel) == []


def master(ledger: Ledger, channel: int, place: int, name: str, warehouse: int) -> None:
    """Link with Shopify as master."""
    link(ledger, channel, place, name, warehouse)
    with ledger.writing() as connection:
        connection.execute("UPDATE connection SET master = 'shopify' WHERE location_id = ?", (place,))


def told(ledger: Ledger, kind: str) -> list[tuple[str, str]]:
    rows = ledger.rows("SELECT place, detail FROM event WHERE kind = ? AND detail > '' ORDER BY id", kind)
    return [(row["place"], row["detail"]) for row in rows]


@pytest.mark.parametrize(
    ("gone", "came"), [("shopify", "shopify"), ("shopify", "sumtracker"), ("sumtracker", "shopify")]
)
def test_a_connection_does_not_come_back_beside_one_it_may_not_be_with(
    ledger: Ledger, gone: str, came: str
) -> None:
    """A warehouse with a Shopify master has that one connection (DESIGN §5), also after a load."""
    channel = load(ledger, MemoryStore(places=(MAIN, DEPOT)))
    for place, name, whose in ((1, "Main St", gone), (2, "Depot", came)):
        (master if whose == "shopify" else link)(ledger, channel, place, name, 1)
        if place == 1:
            load(ledger, MemoryStore(places=(DEPOT,)))
    for _ in range(2):
        load(ledger, MemoryStore(places=(MAIN, DEPOT)))
        assert state(ledger, channel) == ({2: ("Depot", 1)}, [])
        (aside,) = connections.unrestored(ledger.db.conn, channel)
        assert (aside.location_id, aside.location_name, aside.warehouse_id) == (1, "Main St", 1)
    words = "Shopify master" if gone == "shopify" else "Sumtracker master"
    assert told(ledger, "unlink") == [
        (
            "Main St",
            f"back in the store, but not linked to MAIN, {words} again: with Shopify as master a warehouse has one connection",
        )
    ], "told once, not at every load"
    with ledger.writing() as connection:
        connections.drop(connection, channel, 2)
    load(ledger, MemoryStore(places=(MAIN, DEPOT)))
    assert state(ledger, channel) == ({1: ("Main St", 1)}, [])
    assert connections.unrestored(ledger.db.conn, channel) == []


def test_of_two_that_come_back_to_one_warehouse_the_later_said_has_it(ledger: Ledger) -> None:
    channel = load(ledger, MemoryStore(places=(MAIN, DEPOT)))
    master(ledger, channel, 1, "Main St", 1)
    load(ledger, MemoryStore(places=(DEPOT,)))
    master(ledger, channel, 2, "Depot", 1)
    load(ledger, MemoryStore(places=(KIOSK,)))
    load(ledger, MemoryStore(places=(MAIN, DEPOT, KIOSK)))
    assert state(ledger, channel) == ({2: ("Depot", 1)}, [])


def test_another_channel_is_in_the_way_as_well_and_exports_go_by_name(ledger: Ledger) -> None:
    store = load(ledger, MemoryStore(places=(MAIN,)))
    channel = load_files(ledger, "Depot", "Main St")
    master(ledger, channel, -1, "Depot", 1)
    load_files(ledger, "Main St")
    link(ledger, store, 1, "Main St", 1)
    load_files(ledger, "Main St", "Depot")
    assert state(ledger, channel) == ({}, [])
    assert [row.location_id for row in connections.unrestored(ledger.db.conn, channel)] == [-2]
    load_files(ledger, "Depot", "Main St")
    assert [row.location_id for row in connections.unrestored(ledger.db.conn, channel)] == [-1]
    assert len(told(ledger, "unlink")) == 1


def test_exports_that_name_their_locations_in_another_order(ledger: Ledger) -> None:
    channel = load_files(ledger, "Main St", "Depot")
    link(ledger, channel, -1, "Main St", 1)
    link(ledger, channel, -2, "Depot", 2)
    load_files(ledger, "Depot", "Kiosk", "Main St")
    assert state(ledger, channel) == ({-1: ("Depot", 2), -3: ("Main St", 1)}, [])


def test_another_place_under_the_same_number_is_not_taken_for_the_old_one(ledger: Ledger) -> None:
    channel = load_files(ledger, "Main St", "Depot")
    link(ledger, channel, -1, "Main St", 1)
    link(ledger, channel, -2, "Depot", 2)
    load_files(ledger, "Truro", "Depot")
    assert state(ledger, channel) == ({-2: ("Depot", 2)}, ["Main St"])
    link(ledger, channel, -1, "Truro", 1)
    load_files(ledger, "Main St", "Truro")
    assert state(ledger, channel) == ({-1: ("Main St", 1), -2: ("Truro", 1)}, ["Depot"])


def test_whose_count_is_copied_follows_its_location(ledger: Ledger) -> None:
    channel = load_files(ledger, "Main St", "Depot")
    link(ledger, channel, -1, "Main St", 1, counts=-2)
    link(ledger, channel, -2, "Depot", 1, counts=-2)
    load_files(ledger, "Depot", "Main St")
    assert {row.counts for row in connections.kept(ledger, channel).values()} == {-1}
    load_files(ledger, "Main St")
    assert {row.counts for row in connections.kept(ledger, channel).values()} == {None}


def test_the_answer_is_forgotten_where_it_is_no_question_any_more(ledger: Ledger) -> None:
    channel = load(ledger, MemoryStore(places=(MAIN, DEPOT, KIOSK)))
    for place, name in ((1, "Main St"), (2, "Depot"), (3, "Kiosk")):
        link(ledger, channel, place, name, 1, counts=SUM)
    with ledger.writing() as connection:
        connections.drop(connection, channel, 3)
        connections.settle_counts(connection, channel, 1)
    assert {row.counts for row in connections.kept(ledger, channel).values()} == {SUM}
    with ledger.writing() as connection:
        connections.drop(connection, channel, 2)
        connections.settle_counts(connection, channel, 1)
    assert {row.counts for row in connections.kept(ledger, channel).values()} == {None}


def test_unlinked_locations_are_those_nothing_was_said_of(ledger: Ledger) -> None:
    service = Location(4, "Peak", service="Peak", service_manages_stock=True)
    channel = load(
        ledger, MemoryStore(places=(MAIN, DEPOT, KIOSK, service, Location(5, "Shut", active=False)))
    )
    assert channels.unlinked_locations(ledger, channel) == 3
    link(ledger, channel, 1, "Main St", 1)
    link(ledger, channel, 2, "Depot", None)
    assert channels.unlinked_locations(ledger, channel) == 1


def test_forgetting_a_channel_forgets_its_connections(ledger: Ledger) -> None:
    channel = load(ledger, MemoryStore(places=(MAIN, DEPOT)))
    link(ledger, channel, 1, "Main St", 1)
    link(ledger, channel, 2, "Depot", 2)
    load(ledger, MemoryStore(places=(MAIN,)))
    record = channels.channel_named(ledger, "kestrel")
    assert record
    with ledger.writing() as connection:
        channels.forget_channel(connection, record, at=NOON, who="mia")
    for table in ("connection", "lost_connection"):
        assert ledger.value(f"SELECT count(*) FROM {table}") == 0


# --- evidence ------------------------------------------------------------------------------------------------------

numbers = st.integers(-2, 3)
listings = st.lists(
    st.tuples(
        st.sampled_from(["", "A", "B", "C", "D"]),
        st.sampled_from(["ACTIVE", "DRAFT", "ARCHIVED"]),
        st.booleans(),
        st.integers(0, 8),
    ),
    max_size=10,
)
levels = st.dictionaries(
    st.tuples(st.integers(0, 8), st.sampled_from([1, 2])),
    st.tuples(st.booleans(), st.none() | numbers),
    max_size=20,
)
stock = st.dictionaries(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from([1, 2])),
    st.tuples(numbers, st.booleans()),
    max_size=8,
)


def rows_of(drawn: Sequence[tuple[str, str, bool, int]]) -> list[ListingRow]:
    return [
        listing(number, sku, status=status, tracked=tracked, item=1000 + item)
        for number, (sku, status, tracked, item) in enumerate(drawn, 1)
    ]


def counted_in_python(
    rows: list[ListingRow],
    levels: list[LevelRow],
    stock: dict[tuple[str, int], tuple[int, bool]],
    *,
    drafts: bool,
) -> Survey:
    """The same as `connections.survey`, one row after the other."""
    from supportdesk.core.matching import Overlap, Stocked

    places: dict[int, Stocked] = {}
    overlaps: dict[tuple[int, int], Overlap] = {}
    for place in {row.location_id for row in levels if row.active}:
        here = {row.item_id: row.available for row in levels if row.location_id == place and row.active}
        shown: defaultdict[str, set[int]] = defaultdict(set)
        for row in rows:
            available = here.get(row.item_id)
            in_scope = row.left_out is None or (drafts and row.left_out == "draft")
            if in_scope and available is not None:
                shown[row.sku].add(available)
        items = {row.item_id for row in rows}
        sold = sum(row.item_id in here for row in rows) + sum(item not in items for item in here)
        units = sum(number or 0 for number in here.values())
        places[place] = Stocked(units, sold, len(shown), items=len(here))
        for there in (1, 2):
            both = [sku for sku in shown if stock.get((sku, there), (0, False))[1]]
            if both:
                same = sum(shown[sku] == {stock[sku, there][0]} for sku in both)
                overlaps[place, there] = Overlap(len(both), same)
    return Survey(places, overlaps)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=listings, shown=levels, held=stock, drafts=st.booleans())
def test_evidence_is_what_a_second_count_says(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[str, str, bool, int]],
    shown: dict[tuple[int, int], tuple[bool, int | None]],
    held: dict[tuple[str, int], tuple[int, bool]],
    drafts: bool,
) -> None:
    rows = rows_of(drawn)
    found = [
        LevelRow(1000 + item, place, active, number, 0, number, None)
        for (item, place), (active, number) in shown.items()
    ]
    with new_ledger(tmp_path_factory.mktemp("account")) as ledger:
        channel = load(ledger, MemoryStore(listings=rows, levels=found, places=(MAIN, DEPOT)))
        with ledger.writing() as connection:
            connection.execute("UPDATE channel SET drafts = ?", (drafts,))
            connection.executemany(
                "INSERT INTO stock VALUES (?, ?, ?, 1, 0, ?)",
                [(sku, there, number + 1, counted) for (sku, there), (number, counted) in held.items()],
            )
        assert connections.survey(ledger, channel) == counted_in_python(rows, found, held, drafts=drafts)


def test_of_a_very_large_store_a_fair_sample_is_compared(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SAMPLE", 500)
    size = 10_000
    rows = [listing(number, f"S-{number}") for number in range(1, size + 1)]
    here = [level(number, 1, number % 7) for number in range(1, size + 1)]
    channel = load(ledger, MemoryStore(listings=rows, levels=here, batch_size=size))
    with ledger.writing() as connection:
        connection.executemany(
            "INSERT INTO stock VALUES (?, 1, ?, 0, 0, 1)",
            [(f"S-{number}", number % 7 if number % 4 else -1) for number in range(1, size + 1)],
        )
    found = connections.survey(ledger, channel)
    assert found.stocked(1).listings == size
    assert found.stocked(1).units == sum(number % 7 for number in range(1, size + 1))
    shared, agreeing = found.overlap(1, 1)
    assert 400 < shared < 600
    assert agreeing / shared == pytest.approx(0.75, abs=0.06)
    assert connections.survey(ledger, channel) == found


def test_what_stands_in_the_way_of_a_shopify_master(ledger: Ledger) -> None:
    rows = [
        *(listing(1, "TWICE"), listing(2, "TWICE"), listing(3, "ONCE"), listing(4, "DRAFTED")),
        *(listing(5, "DRAFTED", status="DRAFT"), listing(6, "ONE ITEM"), listing(7, "ONE ITEM", item=1006)),
        *(listing(8, "KIT"), listing(9, "ELSEWHERE"), listing(10, "ELSEWHERE")),
    ]
    here = [level(number, 1, 4) for number in (1, 2, 3, 4, 5, 6, 8, 9)] + [level(10, 2, 4)]
    channel = load(ledger, MemoryStore(listings=rows, levels=here))
    repeated = connections.repeated_skus(ledger, channel, 1)
    assert (repeated.first, repeated.count) == (("TWICE",), 1)
    assert connections.repeated_skus(ledger, channel, 2).count == 0
    assert connections.bundled_skus(ledger, channel, 1, 1).count == 0
    with ledger.writing() as connection:
        connection.execute("INSERT INTO bundle_line VALUES ('KIT', 'PART', 2), ('OTHER KIT', 'FAR', 1)")
        connection.execute("INSERT INTO stock VALUES ('PART', 1, 9, 0, 0, 1), ('FAR', 2, 9, 0, 0, 1)")
    assert connections.bundled_skus(ledger, channel, 1, 1).first == ("KIT", "PART")
    assert connections.bundled_skus(ledger, channel, 2, 2).first == ("FAR",)
    assert connections.bundled_skus(ledger, channel, 2, 1).first == ("PART",)
