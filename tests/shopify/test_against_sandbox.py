"""The client against the sandbox over loopback. The sandbox's clock stands still and moves when the client waits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.catalog import CatalogBatch, LevelRow, ListingRow
from supportdesk.errors import (
    AnswerUnreadable,
    BulkOperationFailed,
    Cancelled,
    QueryRefused,
    ScopeMissing,
    StoreError,
    StoreUnreachable,
    TokenRefused,
    VersionMismatch,
)
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Fault, Faults
from supportdesk.sandbox.generator import generated_shop
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.store import SandboxShop
from supportdesk.secret import Secret
from supportdesk.shopify.address import shop_address
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.document import document_text
from supportdesk.shopify.exchange import Exchange
from supportdesk.shopify.store import ShopifyStore, open_store
from supportdesk.shopify.tokens import GivenToken
from supportdesk.shopify.waiting import TRIES
from tests.shops import small_shop

LISTINGS = 270
LOCATIONS = 3


@dataclass
class MovingWatch:
    """Waits by moving the sandbox's clock."""

    clock: Clock
    waits: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    cancel_after_waits: int | None = None

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        if phase not in self.phases:
            self.phases.append(phase)
        if note:
            self.notes.append(note)

    def check(self) -> None:
        if self.cancel_after_waits is not None and len(self.waits) >= self.cancel_after_waits:
            raise Cancelled("Stopped by the test.")

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.check()
        self.clock.advance(seconds)


@dataclass
class Running:
    """A served shop with a client of it."""

    shop: SandboxShop
    store: ShopifyStore
    client: AdminClient
    faults: Faults
    url: str
    watch: MovingWatch

    def bulk(
        self, spool: Path, adopt: str | None = None, heard: list[str] | None = None
    ) -> list[CatalogBatch]:
        heard = heard if heard is not None else []
        return list(self.store.bulk_catalog(spool, adopt=adopt, on_operation=heard.append, watch=self.watch))

    def start_other(self, query: str) -> str:
        started = self.client.execute("bulk_run", {"query": query}, self.watch)
        return str(started["bulkOperationRunQuery"]["bulkOperation"]["id"])


@contextlib.contextmanager
def served(shop: SandboxShop, clock: Clock) -> Iterator[Running]:
    faults = Faults(clock)
    with running(create_app([shop], faults=faults)) as url:
        exchange = Exchange(through_proxy=False)
        address = shop_address(shop.handle, url)
        client = AdminClient(address, GivenToken(Secret(shop.token)), exchange, clock=clock.seconds)
        try:
            yield Running(shop, ShopifyStore(client), client, faults, url, MovingWatch(clock))
        finally:
            client.close()


@pytest.fixture
def small() -> Iterator[Running]:
    clock = Clock(running=False)
    with served(small_shop(clock=clock), clock) as run:
        yield run


@pytest.fixture
def large() -> Iterator[Running]:
    clock = Clock(running=False)
    with served(generated_shop(listings=LISTINGS, locations=LOCATIONS, clock=clock), clock) as run:
        yield run


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "catalog.jsonl"


def rows_of(batches: list[CatalogBatch]) -> tuple[list[ListingRow], set[LevelRow]]:
    return [row for b in batches for row in b.listings], {row for b in batches for row in b.levels}


def test_a_shop_is_connected_and_read(small: Running) -> None:
    shop = small.store.check_connection(small.watch)
    assert shop.handle == "small-shop"
    assert shop.api_version == "2026-10"
    assert {"read_products", "write_inventory"} <= shop.scopes
    assert [place.name for place in small.store.locations(small.watch)] == ["Main St", "Depot"]
    assert small.store.listing_count() == 3
    listings, levels = rows_of(list(small.store.paged_catalog(2, small.watch)))
    assert [row.sku for row in listings] == ["A-1", "A-1", "B-2"]
    assert sorted((row.item_id, row.location_id, row.available, row.committed) for row in levels) == [
        (2001, 101, 5, 2),
        (2001, 102, 7, 0),
        (2002, 101, 3, 0),
        (2003, 101, 0, 0),
    ]


def test_pages_and_bulk_bring_the_same(large: Running, spool: Path) -> None:
    places = large.store.locations(large.watch)
    assert len(places) == LOCATIONS
    paged, paged_levels = rows_of(list(large.store.paged_catalog(len(places), large.watch)))
    bulk, bulk_levels = rows_of(large.bulk(spool))
    assert len(paged) == LISTINGS == large.store.listing_count()
    assert sorted(paged) == sorted(bulk)
    assert paged_levels == bulk_levels
    assert {row.active for row in paged_levels} == {True, False}
    assert large.watch.phases == [
        "Reading locations",
        "Reading listings",
        "The store prepares its export",
        "Downloading the store's export",
    ]
    assert not spool.exists()


def test_levels_beyond_the_page_are_fetched(small: Running) -> None:
    whole = rows_of(list(small.store.paged_catalog(2, small.watch)))
    completed = rows_of(list(small.store.paged_catalog(1, small.watch)))
    assert completed == whole
    assert len(whole[1]) == 4


def test_a_client_id_and_secret_do_as_well(small: Running) -> None:
    app = small.shop.app
    address = shop_address("small-shop", small.url)
    store = open_store(address, client_id=app.client_id, client_secret=Secret(app.client_secret))
    with contextlib.closing(store):
        assert store.check_connection().handle == "small-shop"
    wrong = open_store(address, client_id=app.client_id, client_secret=Secret("wrong"))
    with contextlib.closing(wrong), pytest.raises(TokenRefused, match="unknown client"):
        wrong.check_connection()


def test_a_granted_token_that_was_revoked_is_renewed(small: Running) -> None:
    app = small.shop.app
    store = open_store(
        shop_address("small-shop", small.url),
        client_id=app.client_id,
        client_secret=Secret(app.client_secret),
    )
    with contextlib.closing(store):
        store.shop()
        small.watch.clock.advance(60)
        small.faults.add(Fault("token_revoked"))
        small.watch.clock.advance(60)
        assert store.shop().handle == "small-shop"
    with pytest.raises(TokenRefused):
        small.store.shop()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("too_many_requests", wait=3.0, times=2),
        Fault("bad_gateway", times=3),
        Fault("internal_error", times=2),
        Fault("dropped", times=2),
        Fault("dropped", after_bytes=0),
        Fault("slow", wait=0.05),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.after_bytes}",
)
def test_passing_faults_are_lived_through(fault: Fault, small: Running) -> None:
    small.faults.add(fault)
    assert len(rows_of(list(small.store.paged_catalog(2, small.watch)))[0]) == 3
    assert len(small.watch.waits) == (0 if fault.kind == "slow" else fault.times or 1)
    if fault.kind == "too_many_requests":
        assert small.watch.waits == [3.0, 3.0]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("bad_gateway", times=TRIES), StoreUnreachable),
        (Fault("html"), AnswerUnreadable),
        (Fault("fall_forward"), VersionMismatch),
        (Fault("token_revoked"), TokenRefused),
        (Fault("scope_lost", scope="read_products"), ScopeMissing),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_lasting_faults_are_told(fault: Fault, expected: type[StoreError], small: Running) -> None:
    small.faults.add(fault)
    with pytest.raises(expected):
        list(small.store.paged_catalog(2, small.watch))


def test_a_lost_scope_is_named(small: Running) -> None:
    small.faults.add(Fault("scope_lost", scope="read_inventory"))
    with pytest.raises(ScopeMissing) as caught:
        list(small.store.paged_catalog(2, small.watch))
    assert caught.value.scopes == ("read_inventory",)


def test_an_empty_bucket_is_waited_for_and_said(large: Running) -> None:
    large.faults.add(Fault("throttled", times=3))
    assert len(rows_of(list(large.store.paged_catalog(LOCATIONS, large.watch)))[0]) == LISTINGS
    assert large.watch.notes
    assert all("The store asks us to wait" in note for note in large.watch.notes)


def test_a_wrong_variable_is_our_fault(small: Running) -> None:
    with pytest.raises(QueryRefused):
        small.client.execute("item_levels", {"item": "nonsense"}, small.watch)


# Bulk operations


@pytest.mark.parametrize(
    "fault", [Fault("file_cut", times=2), Fault("file_short", times=2)], ids=["cut", "short"]
)
def test_half_a_file_is_completed(fault: Fault, large: Running, spool: Path) -> None:
    large.faults.add(fault)
    assert len(rows_of(large.bulk(spool))[0]) == LISTINGS
    assert any("broke off" in note for note in large.watch.notes)


def test_a_file_that_never_comes_whole_is_told(large: Running, spool: Path) -> None:
    large.faults.add(Fault("file_cut", times=50, after_bytes=0))
    with pytest.raises(StoreUnreachable):
        large.bulk(spool)
    assert not spool.exists()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("INTERNAL_SERVER_ERROR", BulkOperationFailed),
        ("TIMEOUT", BulkOperationFailed),
        ("ACCESS_DENIED", ScopeMissing),
    ],
)
def test_a_failed_operation_is_told(
    code: Any, expected: type[StoreError], small: Running, spool: Path
) -> None:
    small.faults.add(Fault("bulk_failed", code=code, partial=True))
    with pytest.raises(expected):
        small.bulk(spool)
    assert len(rows_of(small.bulk(spool))[0]) == 3


def test_an_empty_shop_is_empty(spool: Path) -> None:
    clock = Clock(running=False)
    with served(small_shop(clock=clock, listings=[], levels=[]), clock) as run:
        assert run.bulk(spool) == []
        assert rows_of(list(run.store.paged_catalog(2, run.watch))) == ([], set())
        assert run.store.listing_count() == 0


def test_an_operation_left_running_is_taken_over(small: Running, spool: Path) -> None:
    running_one = small.start_other(document_text("bulk_catalog"))
    by_text: list[str] = []
    assert len(rows_of(small.bulk(spool, heard=by_text))[0]) == 3
    assert by_text == [running_one]
    by_id: list[str] = []
    assert len(rows_of(small.bulk(spool, adopt=running_one, heard=by_id))[0]) == 3
    assert by_id == [running_one]
    small.watch.clock.advance(3600)
    later: list[str] = []
    small.bulk(spool, adopt=running_one, heard=later)
    assert later != [running_one]


def test_a_started_operation_whose_answer_was_lost_is_found(small: Running, spool: Path) -> None:
    small.faults.add(Fault("dropped", operation="bulkOperationRunQuery", after_bytes=0))
    heard: list[str] = []
    assert len(rows_of(small.bulk(spool, heard=heard))[0]) == 3
    assert len(small.client.execute("bulk_operations")["bulkOperations"]["nodes"]) == 1


def test_a_free_place_is_waited_for(small: Running, spool: Path) -> None:
    for number in range(5):
        small.start_other(f'{{ products(query: "id:>{number}") {{ edges {{ node {{ id }} }} }} }}')
    assert len(rows_of(small.bulk(spool))[0]) == 3
    assert any("five places" in note for note in small.watch.notes)


def test_stopping_cancels_the_operation_in_the_store(small: Running, spool: Path) -> None:
    small.watch.cancel_after_waits = 1
    with pytest.raises(Cancelled):
        small.bulk(spool)
    small.watch.cancel_after_waits = None
    small.watch.clock.advance(5)
    (only,) = small.client.execute("bulk_operations")["bulkOperations"]["nodes"]
    assert only["status"] == "CANCELED"
