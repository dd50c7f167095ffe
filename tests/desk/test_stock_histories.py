"""Whatever is done to stock, in whatever order: stock is the sum of its movements, and the Stock tab and the inspector say one number."""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supportdesk.cli.stock_contract import InspectionLine, StockRowLine
from supportdesk.core.progress import Unwatched
from supportdesk.core.rows import wanted
from supportdesk.core.stock import StockChange, change_of
from supportdesk.core.sumtracker_account import RemoteBundleLine, RemoteLevel, RemoteProduct, RemoteWarehouse
from supportdesk.desk import Desk, accounts, imports, stock
from supportdesk.errors import ImportInvalid, Refused, WrongUsage
from supportdesk.ledger import movements
from supportdesk.ledger.file import open_ledger
from supportdesk.paths import Home
from supportdesk.sandbox.sumtracker import SumtrackerSide
from supportdesk.secret import Secret
from tests.desk.stocked import DEPOT_PLACE, MAIN_ST, link, stocked_desk
from tests.sumtracker.accounts import KEY, serving

SKUS = ["TENT", "MUG", "KIT", "OLD", "-X", "  ", "NEW", "SET"]
CODES = ["MAIN", "DEPOT", "RETURNS"]
CHANNELS = ["outdoor", "outlet"]

skus = st.sampled_from(SKUS)
codes = st.sampled_from(CODES)
numbers = st.integers(-3, 9)
small = st.integers(0, 4)
STEPS = st.one_of(
    st.tuples(st.just("adjust"), skus, codes, numbers),
    st.tuples(st.just("set"), skus, codes, small),
    st.tuples(st.just("count"), skus, codes, small),
    st.tuples(st.just("receive"), skus, codes, small),
    st.tuples(st.just("transfer"), st.sampled_from(["MUG", "TENT"]), codes, codes, st.integers(1, 2)),
    st.tuples(st.just("book"), skus, codes, small),
    st.tuples(st.just("fulfil"), skus, codes, small),
    st.tuples(st.just("stock"), st.lists(st.tuples(skus, codes, numbers, st.none() | small), max_size=4)),
    st.tuples(st.just("bundles"), st.lists(st.tuples(skus, skus, st.integers(1, 3)), max_size=3)),
    st.tuples(st.just("close_at"), skus, codes, small),
    st.tuples(st.just("maximum"), st.sampled_from(CHANNELS), st.none() | small),
    st.tuples(st.just("link"), st.sampled_from(["sumtracker", "shopify", None])),
    st.tuples(st.just("sumtracker")),
    st.tuples(st.just("backup")),
    st.tuples(st.just("restore")),
)

SIDE = SumtrackerSide(
    KEY,
    (RemoteWarehouse(31, "MAIN", "Main", 1), RemoteWarehouse(32, "DEPOT", "Depot", 2)),
    (
        RemoteProduct(9, "MUG", "Another mug", "", "", "NONE"),
        RemoteProduct(1, "MUG", "Mug", "", "", "NONE"),
        RemoteProduct(2, "TENT", "Tent", "", "", "NONE"),
        RemoteProduct(3, "SET", "Set", "", "", "BUNDLE"),
    ),
    (RemoteBundleLine(3, 1, 2), RemoteBundleLine(3, 2, 1)),
    (RemoteLevel(9, 31, 90, 1, 89, 0), RemoteLevel(1, 31, 6, 2, 4, 3), RemoteLevel(2, 32, 1, 4, -3, 0)),
)


@dataclass
class World:
    """An account, what it was backed up as, and the real account it may be imported from."""

    desk: Desk
    folder: Path
    url: str
    done: set[str] = field(default_factory=set)
    """Kinds of steps that were not refused."""

    @property
    def kept(self) -> Path:
        return self.folder / "kept.db"

    def do(self, step: tuple[Any, ...]) -> None:
        """Do it; what cannot be is refused, and nothing else goes wrong."""
        kind, *values = step
        act = getattr(self, f"_{kind}", None) or functools.partial(self._change, kind)
        with contextlib.suppress(WrongUsage, Refused, ImportInvalid):
            act(*values)
            self.done.add(kind)

    def _change(self, kind: Any, sku: str, code: str, *rest: Any) -> None:
        *to, quantity = rest
        stock.change_stock(self.desk, "kestrel", StockChange(kind, code, sku, quantity, *to))

    def _order(self, kind: Any, event: Any, sku: str, code: str, units: int) -> None:
        path = self.desk.home.account_file("kestrel")
        with open_ledger(path, now=self.desk.now) as ledger, ledger.writing() as connection:
            place = CODES.index(code) + 1
            movements.move(
                connection, movements.Cause(self.desk.now(), kind), sku, place, change_of(event, units)
            )

    def _book(self, sku: str, code: str, units: int) -> None:
        self._order("order", "placed", sku, code, units)

    def _fulfil(self, sku: str, code: str, units: int) -> None:
        self._order("fulfil", "fulfilled", sku, code, units)

    def _import(self, name: str, header: str, rows: list[tuple[Any, ...]]) -> None:
        path = self.folder / f"{name}.csv"
        cells = [",".join("" if each is None else f'"{each}"' for each in row) for row in rows]
        path.write_text("\n".join([header, *cells]) + "\n")
        files: dict[str, Any] = {name: path}
        imports.import_files(self.desk, "kestrel", **files, skip_bad=True, watch=Unwatched())

    def _stock(self, rows: list[tuple[Any, ...]]) -> None:
        self._import("stock", "sku,warehouse,in stock,incoming", rows)

    def _bundles(self, rows: list[tuple[Any, ...]]) -> None:
        self._import("bundles", "bundle sku,component sku,quantity", rows)

    def _close_at(self, sku: str, code: str, number: int) -> None:
        self._import("rules", "sku,warehouse,close at", [(sku, code, number)])

    def _maximum(self, channel: str, maximum: int | None) -> None:
        self._import("rules", "channel,maximum", [(channel, maximum)])

    def _link(self, master: str | None) -> None:
        link(self.desk, "outdoor", DEPOT_PLACE, 2 if master else None, master)

    def _sumtracker(self) -> None:
        imports.import_from_sumtracker(self.desk, "kestrel", Secret(KEY), Unwatched(), self.url)

    def _backup(self) -> None:
        self.kept.unlink(missing_ok=True)
        accounts.backup(self.desk, "kestrel", self.kept)

    def _restore(self) -> None:
        if self.kept.exists():
            accounts.restore(self.desk, self.kept)


def check_sums(desk: Desk) -> None:
    """Stock is the sum of its movements, and the newest of them says what is in stock."""
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        kept = ledger.rows("SELECT sku, warehouse_id, in_stock, booked, incoming FROM stock")
        summed = ledger.rows(
            """SELECT sku, warehouse_id, sum(in_stock), sum(booked), sum(incoming) FROM movement
               GROUP BY sku, warehouse_id"""
        )
        last = ledger.rows(
            "SELECT sku, warehouse_id, in_stock_after, max(id) FROM movement GROUP BY sku, warehouse_id"
        )
        assert {tuple(row) for row in kept} == {tuple(row) for row in summed}
        assert {tuple(row)[:3] for row in kept} == {tuple(row)[:3] for row in last}


def check_rows(desk: Desk, channel: str) -> None:
    """Every row of `stock --json` says what `explain --json` says of its SKU there."""
    explained: dict[str, Any] = {}
    for row in stock.export_stock(desk, channel):
        shown = StockRowLine.of(row)
        found = explained.setdefault(
            shown.sku, InspectionLine.of(stock.inspect_sku(desk, channel, shown.sku))
        )
        fed = [
            each
            for each in found.rows
            if (each.channel, each.listing, each.location) == (channel, shown.listing, shown.location)
        ]
        assert len(fed) == 1, shown
        assert (fed[0].store, fed[0].left_out, fed[0].warehouse) == (
            shown.store,
            shown.left_out,
            shown.warehouse,
        )
        assert fed[0].pushed == (None if shown.master == "shopify" else shown.ledger), shown
        if not shown.warehouse or shown.left_out:
            assert shown.ledger is None
            continue
        (there,) = (each for each in found.warehouses if each.warehouse == shown.warehouse)
        # A row already below 0 is not raised to it (`core.rows.wanted`), so what a row is wanted to show may be less than what is pushed.
        shows = wanted(there.available, there.pushed, shown.store or 0)
        assert shown.ledger == (there.available if there.shopify_master else shows), (shown, there)
        if not found.is_bundle and there.available is not None:
            assert there.available == there.in_stock - there.booked


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(SIDE) as (url, _):
        yield url


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The account that every history begins with; it is copied, never changed."""
    desk = stocked_desk(tmp_path_factory.mktemp("pattern") / "a home")
    for sku, code in (("MUG", "MAIN"), ("TENT", "MAIN"), ("TENT", "DEPOT")):
        stock.change_stock(desk, "kestrel", StockChange("set", code, sku, 7))
    return desk


def copied(pattern: Desk, folder: Path, url: str) -> World:
    """The account in a home of its own."""
    shutil.copytree(pattern.home.root, folder / "a home")
    return World(Desk(Home(folder / "a home"), pattern.settings, pattern.now), folder, url)


EVERYTHING: list[tuple[Any, ...]] = [
    ("link", "sumtracker"),
    ("backup",),
    ("adjust", "MUG", "MAIN", -3),
    ("set", "TENT", "DEPOT", 4),
    ("count", "TENT", "MAIN", 2),
    ("receive", "MUG", "DEPOT", 3),
    ("transfer", "MUG", "MAIN", "DEPOT", 2),
    ("book", "MUG", "MAIN", 4),
    ("fulfil", "MUG", "MAIN", 1),
    ("stock", [("OLD", "DEPOT", -1, 3), ("NEW", "MAIN", 5, None)]),
    ("bundles", [("OLD", "NEW", 2)]),
    ("close_at", "MUG", "MAIN", 2),
    ("maximum", "outdoor", 3),
    ("sumtracker",),
    ("restore",),
    ("book", "TENT", "MAIN", 3),
    ("sumtracker",),
]
_NUMBERS = count()


@settings(max_examples=25, deadline=None)
@example(steps=EVERYTHING)
@example(steps=EVERYTHING[:13])
@given(steps=st.lists(STEPS, max_size=14))
def test_stock_is_explained_whatever_was_done(
    pattern: Desk, url: str, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp(f"history{next(_NUMBERS)}")
    world = copied(pattern, folder, url)
    for step in steps:
        world.do(step)
    if steps == EVERYTHING:
        assert world.done == {step[0] for step in EVERYTHING}, "every kind of step can be done"
    check_sums(world.desk)
    for channel in CHANNELS:
        check_rows(world.desk, channel)
    shutil.rmtree(folder)


def test_the_checks_see_a_number_that_is_wrong(pattern: Desk, tmp_path: Path, url: str) -> None:
    world = copied(pattern, tmp_path, url)
    world.do(("set", "MUG", "MAIN", 4))
    check_sums(world.desk)
    check_rows(world.desk, "outdoor")
    with open_ledger(world.desk.home.account_file("kestrel"), now=pattern.now) as ledger:
        with ledger.writing() as connection:
            connection.execute("UPDATE stock SET in_stock = in_stock + 1")
        with pytest.raises(AssertionError):
            check_sums(world.desk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("supportdesk.ledger.stock_rows._OF_STOCK", "stock.in_stock + 1")
        with pytest.raises(AssertionError):
            check_rows(world.desk, "outdoor")
    assert [row.location_id for row in stock.export_stock(world.desk, "outlet")] == [MAIN_ST]
