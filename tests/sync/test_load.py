"""Loading: totals, one transaction, nothing changed where it fails, an adopted bulk operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.catalog import CatalogBatch, ChannelTotals, Location, Shop
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.errors import BulkOperationFailed, Cancelled, StoreUnreachable, UnknownName
from supportdesk.ledger import catalog, channels
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.sync.load import LoadJob, load_exports, load_store
from supportdesk.sync.spool import Spool
from tests.catalogs import Clock, MemoryStore, level, listing

SHOP = Shop("kestrel", "Kestrel", "kestrel.myshopify.com")

GOOD = MemoryStore(
    listings=[
        listing(1, "KO-TENT"),
        listing(2, "KO-TENT"),
        listing(3, "KO-MUG"),
        listing(4, "KO-MUG"),
        listing(5, "ko-mug "),
        listing(6, ""),
        listing(7, "KO-ROPE", status="DRAFT"),
        listing(8, "KO-STOVE", tracked=False),
        listing(9, "KO-PAN", item=1003),
    ],
    levels=[
        level(1, 1, 31), level(1, 2, 6), level(2, 1, 4), level(2, 2, 6),
        level(3, 1, 40), level(4, 1, 40), level(4, 2, 9),
        level(5, 1, 1), level(6, 1, -3), level(7, 1, 2), level(8, 1, 5), level(8, 2, 100, active=False),
    ],
)  # fmt: skip
GOOD_TOTALS = ChannelTotals(
    listings=9,
    skus=6,
    without_sku=1,
    locations=2,
    duplicate_groups=2,
    duplicate_listings=4,
    disagreeing_groups=1,
    units=141,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "kestrel.db", account="kestrel", now=Clock()) as ledger:
        with ledger.writing() as connection:
            channels.save_shopify_channel(
                connection, SHOP, api_url="http://127.0.0.1:1", at=Clock()(), who="mia"
            )
        yield ledger


def job_on(ledger: Ledger) -> LoadJob:
    return LoadJob(ledger, Unwatched(), Clock(), "mia")


def load(ledger: Ledger, store: MemoryStore, folder: Path, page_up_to: int = 100) -> ChannelTotals:
    record = channels.channel_named(ledger, "kestrel")
    assert record is not None
    return load_store(job_on(ledger), record, store, spool=Spool(folder, "kestrel"), page_up_to=page_up_to)


def spooled(folder: Path) -> list[str]:
    """What the spool of the channel holds, without the account file that the tests keep beside it."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("kestrel.db"))


def dump(ledger: Ledger) -> list[str]:
    return list(ledger.db.conn.iterdump())


@pytest.mark.parametrize("levels_first", [False, True], ids=["levels after", "levels before"])
@pytest.mark.parametrize("page_up_to", [100, 0], ids=["pages", "bulk"])
def test_totals_of_a_store(ledger: Ledger, tmp_path: Path, page_up_to: int, levels_first: bool) -> None:
    store = MemoryStore(GOOD.listings, GOOD.levels, levels_first=levels_first)
    assert load(ledger, store, tmp_path, page_up_to) == GOOD_TOTALS
    counts = catalog.load_counts(ledger, 1)
    assert counts is not None
    assert counts.left_out == {"no_sku": 1, "untracked": 1, "draft": 1}
    assert counts.sku_marks == {"padded": 1}
    assert counts.look_alikes == 1
    assert counts.negative_rows == 1
    assert counts.shared_items == 1
    assert spooled(tmp_path) == []


def test_a_second_load_replaces_the_first(ledger: Ledger, tmp_path: Path) -> None:
    load(ledger, GOOD, tmp_path)
    smaller = MemoryStore([listing(1, "KO-TENT")], [level(1, 1, 5)], places=(Location(1, "Main St"),))
    totals = load(ledger, smaller, tmp_path)
    assert totals == ChannelTotals(1, 1, 0, 1, 0, 0, 0, 5)
    assert ledger.value("SELECT count(*) FROM store_level") == 1


def test_an_empty_store_and_one_without_locations(ledger: Ledger, tmp_path: Path) -> None:
    assert load(ledger, MemoryStore(places=()), tmp_path, 0) == ChannelTotals(0, 0, 0, 0, 0, 0, 0, 0)


def test_another_channels_rows_stay(ledger: Ledger, tmp_path: Path) -> None:
    load_exports(job_on(ledger), "files", MemoryStore(GOOD.listings, GOOD.levels), files=("a.csv",))
    load(ledger, GOOD, tmp_path)
    load(ledger, MemoryStore(), tmp_path)
    files = channels.channel_named(ledger, "files")
    assert files is not None
    counts = catalog.load_counts(ledger, files.id)
    assert counts is not None
    assert counts.totals == GOOD_TOTALS
    assert ledger.value("SELECT count(*) FROM listing WHERE channel_id = ?", files.id) == 9
    assert {
        row["name"] for row in ledger.rows("SELECT name FROM sqlite_master WHERE name LIKE 'listing_%'")
    } >= {"listing_sku", "listing_item"}


@pytest.mark.parametrize("failure", [StoreUnreachable, Cancelled, KeyboardInterrupt])
@pytest.mark.parametrize("page_up_to", [100, 0], ids=["pages", "bulk"])
def test_a_load_that_fails_in_the_middle_changes_nothing(
    ledger: Ledger, tmp_path: Path, failure: type[BaseException], page_up_to: int
) -> None:
    load(ledger, GOOD, tmp_path)
    before = dump(ledger)
    broken = MemoryStore(
        [listing(1, "X"), listing(2, "Y"), listing(3, "Z")], fail_at=1, failure=lambda: failure("no")
    )
    with pytest.raises(failure):
        load(ledger, broken, tmp_path, page_up_to)
    assert dump(ledger) == before
    kept = failure is not Cancelled and page_up_to == 0
    assert spooled(tmp_path) == (["kestrel.operation"] if kept else [])


def test_an_export_that_fails_leaves_no_channel(ledger: Ledger) -> None:
    before = dump(ledger)
    with pytest.raises(RuntimeError):
        load_exports(job_on(ledger), "files", MemoryStore(GOOD.listings, fail_at=2), files=("a.csv",))
    assert dump(ledger) == before


def test_the_next_load_adopts_the_bulk_operation_of_one_that_died(ledger: Ledger, tmp_path: Path) -> None:
    broken = MemoryStore([listing(1, "X"), listing(2, "Y"), listing(3, "Z")], fail_at=1)
    with pytest.raises(RuntimeError):
        load(ledger, broken, tmp_path, 0)
    good = MemoryStore(GOOD.listings, GOOD.levels)
    load(ledger, good, tmp_path, 0)
    load(ledger, good, tmp_path, 0)
    assert broken.adopted == [None]
    assert good.adopted == ["gid://shopify/BulkOperation/7", None]


def test_a_file_that_is_no_good_is_not_read_again(ledger: Ledger, tmp_path: Path) -> None:
    broken = MemoryStore([listing(1, "X")], fail_at=0, failure=lambda: BulkOperationFailed("half a file"))
    before = dump(ledger)
    with pytest.raises(BulkOperationFailed):
        load(ledger, broken, tmp_path, 0)
    assert dump(ledger) == before
    good = MemoryStore(GOOD.listings, GOOD.levels)
    load(ledger, good, tmp_path, 0)
    assert good.adopted == [None]


def test_a_channel_forgotten_meanwhile_is_not_loaded(ledger: Ledger, tmp_path: Path) -> None:
    record = channels.channel_named(ledger, "kestrel")
    assert record is not None
    with ledger.writing() as connection:
        channels.forget_channel(connection, record, at=Clock()(), who="mia")
    before = dump(ledger)
    with pytest.raises(UnknownName, match="forgotten"):
        load_store(job_on(ledger), record, GOOD, spool=Spool(tmp_path, "kestrel"), page_up_to=100)
    assert dump(ledger) == before


@dataclass
class Heard(Unwatched):
    """A watch that keeps what it was told."""

    phases: list[str] = field(default_factory=list)

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        if self.phases[-1:] != [phase]:
            self.phases.append(phase)


class Talkative(MemoryStore):
    """A store that tells of its reading, until the first rows are there."""

    def batches(self, watch: Watch) -> Iterator[CatalogBatch]:
        watch.report("Reading listings", 1, 2)
        yield from super().batches(watch)


@pytest.mark.parametrize(
    ("page_up_to", "phases"),
    [
        (100, ["Asking for the shop", "Reading listings", "Saving listings", "Counting"]),
        (0, ["Asking for the shop", "Reading listings", "Saving listings", "Counting"]),
    ],
    ids=["pages", "bulk"],
)
def test_phases_are_told_one_after_the_other(
    ledger: Ledger, tmp_path: Path, page_up_to: int, phases: list[str]
) -> None:
    record = channels.channel_named(ledger, "kestrel")
    assert record is not None
    heard = Heard()
    job = LoadJob(ledger, heard, Clock(), "mia")
    store = Talkative(GOOD.listings, GOOD.levels)
    load_store(job, record, store, spool=Spool(tmp_path, "kestrel"), page_up_to=page_up_to)
    assert heard.phases == phases
    heard.phases.clear()
    load_exports(job, "files", store, files=("a.csv",))
    assert heard.phases == ["Reading listings", "Counting"]


def test_a_load_renews_what_the_shop_says_of_itself(ledger: Ledger, tmp_path: Path) -> None:
    facts = Shop(
        "kestrel",
        "Kestrel Outdoor",
        "kestrel.myshopify.com",
        timezone="Europe/Oslo",
        scopes=frozenset({"read_orders"}),
    )
    load(ledger, MemoryStore(facts=facts), tmp_path)
    record = channels.channel_named(ledger, "kestrel")
    assert record is not None
    assert record.shop == facts
    assert record.title == "Kestrel Outdoor"


SKUS = st.sampled_from(["", "A", "a", "B ", "C-1", "'D"])


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(SKUS, st.integers(-5, 5) | st.none(), st.integers(-5, 5) | st.none()), max_size=12
    )
)
def test_totals_agree_with_a_count_in_plain_python(
    rows: list[tuple[str, int | None, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = MemoryStore(
        [listing(number, sku) for number, (sku, _, _) in enumerate(rows)],
        [
            level(number, place, shown)
            for number, row in enumerate(rows)
            for place, shown in enumerate(row[1:], 1)
            if shown is not None
        ],
    )
    path = tmp_path_factory.mktemp("totals") / "a.db"
    with open_ledger(path, account="a", now=Clock()) as ledger:
        totals = load_exports(job_on(ledger), "files", store, files=("a.csv",))
    groups: dict[str, list[tuple[int | None, int | None]]] = {}
    for sku, *shown in rows:
        if sku:
            groups.setdefault(sku, []).append((shown[0], shown[1]))
    shared = [members for members in groups.values() if len(members) > 1]
    disagree = [
        members
        for members in shared
        if any(len({shown[place] for shown in members if shown[place] is not None}) > 1 for place in (0, 1))
    ]
    assert totals == ChannelTotals(
        listings=len(rows),
        skus=len(groups),
        without_sku=sum(not sku for sku, _, _ in rows),
        locations=2,
        duplicate_groups=len(shared),
        duplicate_listings=sum(map(len, shared)),
        disagreeing_groups=len(disagree),
        units=sum(shown or 0 for _, *row in rows for shown in row),
    )
