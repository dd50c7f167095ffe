"""A listing's own SKU and a group read again, against a store in memory that loses answers, lags and forgets listings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from supportdesk.core.catalog import CatalogBatch, LevelRow, ListingRow, Shop
from supportdesk.core.progress import Unwatched, Watch
from supportdesk.errors import AnswerUnreadable, Cancelled, ScopeMissing, StoreUnreachable, UnknownName
from supportdesk.ledger import channels
from supportdesk.ledger.channels import ChannelRecord
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.sync.load import LoadJob, load_store
from supportdesk.sync.own_skus import NewSku, give_own_sku, read_group_again
from supportdesk.sync.spool import Spool
from tests.catalogs import Clock, MemoryStore, level, listing

SHOP = Shop("kestrel", "Kestrel", "kestrel.myshopify.com", scopes=frozenset({"write_products"}))


class Patient(Unwatched):
    """Waits take no time; `stop` ends the work at the next look."""

    def __init__(self) -> None:
        self.waits = 0
        self.stop = False

    def check(self) -> None:
        if self.stop:
            raise Cancelled("You stopped it.")

    def wait(self, seconds: float) -> None:
        self.check()
        self.waits += 1


@dataclass
class Pretend:
    """Satisfies `sync.own_skus.ListingStore`."""

    rows: dict[int, ListingRow]
    counts: dict[int, list[LevelRow]]
    facts: Shop = SHOP
    sent: list[tuple[int, int, str]] = field(default_factory=list)
    lost: Exception | None = None
    """Raised after the change was done."""
    not_done: bool = False
    unreadable_after: Exception | None = None
    lag: int = 0
    """Readings that still show what was before."""
    hidden: set[int] = field(default_factory=set)
    """Variants that search does not know yet."""

    def shop(self, watch: Watch) -> Shop:
        return self.facts

    def _batch(self, rows: list[ListingRow]) -> CatalogBatch:
        return CatalogBatch(rows, [each for row in rows for each in self.counts.get(row.item_id, [])])

    def listings(self, variant_ids: Sequence[int], location_count: int, watch: Watch) -> CatalogBatch:
        watch.check()
        assert location_count == 2
        if self.sent and self.unreadable_after:
            raise self.unreadable_after
        rows = [self.rows[number] for number in variant_ids if number in self.rows]
        if self.sent and self.lag:
            self.lag -= 1
            rows = [row._replace(sku="A") for row in rows]
        return self._batch(rows)

    def listings_with_sku(self, sku: str, location_count: int, watch: Watch) -> CatalogBatch:
        return self._batch(
            [row for number, row in self.rows.items() if row.sku == sku and number not in self.hidden]
        )

    def set_sku(self, product_id: int, variant_id: int, sku: str, watch: Watch) -> None:
        self.sent.append((product_id, variant_id, sku))
        item = self.rows[variant_id].item_id
        if not self.not_done:
            for number, row in self.rows.items():
                if row.item_id == item:
                    self.rows[number] = row._replace(sku=sku)
        if self.lost:
            raise self.lost


LISTINGS = [listing(1, "A"), listing(2, "A"), listing(3, "A", item=1002), listing(4, "B")]
LEVELS = [level(1, 1, 5), level(2, 1, 6), level(4, 1, 7)]


def pretend() -> Pretend:
    counts: dict[int, list[LevelRow]] = {}
    for row in LEVELS:
        counts.setdefault(row.item_id, []).append(row)
    return Pretend({row.variant_id or 0: row for row in LISTINGS}, counts)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "kestrel.db", account="kestrel", now=Clock()) as ledger:
        with ledger.writing() as connection:
            channels.save_shopify_channel(
                connection, SHOP, api_url="http://127.0.0.1:1", at=Clock()(), who="mia"
            )
        store = MemoryStore(LISTINGS, LEVELS, facts=SHOP)
        load_store(job(ledger), record(ledger), store, spool=Spool(tmp_path, "kestrel"), page_up_to=100)
        yield ledger


def job(ledger: Ledger, watch: Watch | None = None) -> LoadJob:
    return LoadJob(ledger, watch or Patient(), Clock(), "mia")


def record(ledger: Ledger) -> ChannelRecord:
    found = channels.channel_named(ledger, "kestrel")
    assert found is not None
    return found


def rename(ledger: Ledger, store: Pretend, watch: Watch | None = None, variant: int = 1) -> None:
    wanted = NewSku(LISTINGS[variant - 1], "A-NEW")
    give_own_sku(job(ledger, watch), record(ledger), store, wanted)


def skus(ledger: Ledger) -> dict[int, str]:
    return {row["variant_id"]: row["sku"] for row in ledger.rows("SELECT * FROM listing ORDER BY variant_id")}


def log(ledger: Ledger) -> list[tuple[str, str, str]]:
    rows = ledger.rows("SELECT * FROM event WHERE kind IN ('new_sku', 'read_again')")
    return [(row["kind"], row["sku"], row["reference"]) for row in rows]


def test_the_new_sku_is_kept_with_its_event(ledger: Ledger) -> None:
    store = pretend()
    rename(ledger, store)
    assert store.sent == [(2001, 1, "A-NEW")]
    assert skus(ledger) == {1: "A-NEW", 2: "A", 3: "A", 4: "B"}
    assert log(ledger) == [("new_sku", "A", "A-NEW")]
    (group,) = ledger.rows("SELECT * FROM duplicate_group")
    assert (group["sku"], group["listings"], group["items"]) == ("A", 2, 1)


def test_listings_on_one_item_change_together(ledger: Ledger) -> None:
    rename(ledger, pretend(), variant=2)
    assert skus(ledger) == {1: "A", 2: "A-NEW", 3: "A-NEW", 4: "B"}


@pytest.mark.parametrize("lost", [StoreUnreachable("No answer."), AnswerUnreadable("HTML.")])
def test_a_lost_answer_is_looked_up_and_the_change_never_sent_twice(ledger: Ledger, lost: Exception) -> None:
    store = pretend()
    store.lost = lost
    rename(ledger, store)
    assert len(store.sent) == 1
    assert skus(ledger)[1] == "A-NEW"
    assert "lost" in str(ledger.value("SELECT detail FROM event WHERE kind = 'new_sku'"))


def test_a_lost_answer_to_what_was_not_done(ledger: Ledger) -> None:
    store = pretend()
    store.lost, store.not_done = StoreUnreachable("No answer."), True
    with pytest.raises(StoreUnreachable) as caught:
        rename(ledger, store)
    assert "still has the SKU 'A'" in caught.value.detail
    assert "may yet change it" in caught.value.detail
    assert len(store.sent) == 1
    assert skus(ledger)[1] == "A"
    assert "did not show it" in str(ledger.value("SELECT detail FROM event WHERE kind = 'new_sku'"))


def test_readings_that_lag_are_waited_for(ledger: Ledger) -> None:
    store, watch = pretend(), Patient()
    store.lag = 3
    rename(ledger, store, watch)
    assert watch.waits == 3
    assert skus(ledger)[1] == "A-NEW"


def test_readings_that_lag_too_long_are_said(ledger: Ledger) -> None:
    store = pretend()
    store.lag = 99
    with pytest.raises(AnswerUnreadable, match="took the SKU 'A-NEW'"):
        rename(ledger, store)
    assert log(ledger) == [("new_sku", "A", "A-NEW")]


def test_nothing_can_be_read_after_the_change(ledger: Ledger) -> None:
    store = pretend()
    store.unreadable_after = StoreUnreachable("Gone.")
    with pytest.raises(StoreUnreachable, match=r"whether it did cannot be read: Gone\."):
        rename(ledger, store)
    assert log(ledger) == [("new_sku", "A", "A-NEW")]
    assert skus(ledger)[1] == "A"


def test_a_person_who_stops_too_late_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    store, watch = pretend(), Patient()
    real = store.set_sku

    def set_sku(product_id: int, variant_id: int, sku: str, watched: Watch) -> None:
        real(product_id, variant_id, sku, watched)
        watch.stop = True

    monkeypatch.setattr(store, "set_sku", set_sku)
    with pytest.raises(Cancelled, match="may have the SKU 'A-NEW' already"):
        rename(ledger, store, watch)
    assert log(ledger) == [("new_sku", "A", "A-NEW")]


def test_without_the_scope_nothing_is_sent(ledger: Ledger) -> None:
    store = pretend()
    store.facts = Shop("kestrel", "Kestrel", "kestrel.myshopify.com", scopes=frozenset({"read_products"}))
    before = list(ledger.db.conn.iterdump())
    with pytest.raises(ScopeMissing) as caught:
        rename(ledger, store)
    assert caught.value.scopes == ("write_products",)
    assert (store.sent, list(ledger.db.conn.iterdump())) == ([], before)


def test_a_listing_that_is_gone(ledger: Ledger) -> None:
    store = pretend()
    del store.rows[1]
    with pytest.raises(UnknownName, match="no longer in the store"):
        rename(ledger, store)
    assert store.sent == []


def test_a_group_read_again_follows_the_store(ledger: Ledger) -> None:
    """Gone, renamed and new listings, new counts; a new one that search does not know yet is not there."""
    store = pretend()
    del store.rows[1]
    store.rows[2] = LISTINGS[1]._replace(sku="C", title="Renamed")
    store.rows[5] = listing(5, "A")
    store.rows[6] = listing(6, "A")
    store.hidden.add(6)
    store.counts[1002] = [level(2, 1, 60), level(2, 2, 61)]
    store.counts[1005] = [level(5, 1, 50)]
    read_group_again(job(ledger), record(ledger), store, "A")
    assert skus(ledger) == {2: "C", 3: "A", 4: "B", 5: "A"}
    levels = {
        (row["item_id"], row["location_id"]): row["available"]
        for row in ledger.rows("SELECT * FROM store_level")
    }
    assert levels == {(1002, 1): 60, (1002, 2): 61, (1005, 1): 50, (1004, 1): 7}
    (group,) = ledger.rows("SELECT * FROM duplicate_group")
    assert (group["sku"], group["listings"], group["total"]) == ("A", 2, 171)
    load = ledger.rows("SELECT * FROM load")[0]
    assert (load["listings"], load["duplicate_groups"], load["units"]) == (4, 1, 178)
    assert log(ledger) == [("read_again", "A", "")]


def test_a_listing_that_takes_the_sku_leaves_its_old_row(ledger: Ledger) -> None:
    store = pretend()
    store.rows[4] = LISTINGS[3]._replace(sku="A")
    read_group_again(job(ledger), record(ledger), store, "A")
    assert skus(ledger) == {1: "A", 2: "A", 3: "A", 4: "A"}


def test_a_whole_group_that_is_gone(ledger: Ledger) -> None:
    store = pretend()
    for number in (1, 2, 3):
        del store.rows[number]
    read_group_again(job(ledger), record(ledger), store, "A")
    assert skus(ledger) == {4: "B"}
    assert ledger.value("SELECT count(*) FROM store_level") == 1
    assert ledger.value("SELECT count(*) FROM duplicate_group") == 0


def test_a_channel_forgotten_meanwhile_is_not_written(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, store = record(ledger), pretend()
    real = store.listings_with_sku

    def forget(sku: str, location_count: int, watch: Watch) -> CatalogBatch:
        with ledger.writing() as connection:
            channels.forget_channel(connection, channel, at=Clock()(), who="mia")
        return real(sku, location_count, watch)

    monkeypatch.setattr(store, "listings_with_sku", forget)
    with pytest.raises(UnknownName, match="forgotten"):
        read_group_again(job(ledger), channel, store, "A")
    assert ledger.value("SELECT count(*) FROM listing") == 0
