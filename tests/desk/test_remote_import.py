"""Importing a real Sumtracker account, here a sandbox's over loopback: what is taken, matched, left out and said; all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from supportdesk.core.imports import Imported
from supportdesk.core.sumtracker_account import (
    LARGEST_QUANTITY,
    RemoteBundleLine,
    RemoteLevel,
    RemoteProduct,
    RemoteWarehouse,
)
from supportdesk.desk import Desk, imports, stock
from supportdesk.desk.remote_import import KEY_VARIABLE, key_from
from supportdesk.errors import ImportInvalid, Refused, SumtrackerError, UnknownName, WrongUsage
from supportdesk.ledger import imports as kept
from supportdesk.ledger.file import open_ledger
from supportdesk.sandbox.faults import Fault, Faults, Kind
from supportdesk.sandbox.sumtracker import SumtrackerSide
from supportdesk.secret import Secret
from tests.catalogs import NOON
from tests.cli.commands import dump
from tests.desk.stocked import DEPOT_PLACE, link, stocked_desk, write
from tests.shopify.replies import RecordingWatch
from tests.sumtracker.accounts import KEY, serving


def product(number: int, sku: str, name: str = "") -> RemoteProduct:
    return RemoteProduct(number, sku, name or sku.title(), "", "", "NONE")


SIDE = SumtrackerSide(
    KEY,
    (
        RemoteWarehouse(31, "main", "Their main", 7),
        RemoteWarehouse(32, "DEPOT", "Depot", None),
        RemoteWarehouse(33, "", "New place", 2),
    ),
    (
        product(1, "MUG", "Enamel mug"),
        product(2, "TENT"),
        product(3, "ROPE"),
        product(4, "KIT"),
        product(5, "NEST"),
        product(6, "", "Gift wrap"),
        product(7, "LOOP"),
        RemoteProduct(8, "MUG", "Enamel mug", "again", "", "NONE"),
    ),
    (
        RemoteBundleLine(4, 1, 1),
        RemoteBundleLine(4, 1, 2),
        RemoteBundleLine(4, 3, 1),
        RemoteBundleLine(5, 4, 1),
        RemoteBundleLine(7, 6, 1),
    ),
    (
        RemoteLevel(1, 31, 50, 4, 46, 10),
        RemoteLevel(2, 31, 3, 5, -2, 0),
        RemoteLevel(1, 32, 7, 0, 7, 0),
        RemoteLevel(3, 33, 8, 0, 8, 0),
        RemoteLevel(6, 33, 9, 0, 9, 0),
    ),
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return stocked_desk(tmp_path / "a home")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Faults]]:
    with serving(SIDE) as found:
        yield found


@pytest.fixture
def url(served: tuple[str, Faults]) -> Iterator[str]:
    yield served[0]
    served[1].clear()


def take(desk: Desk, url: str, account: str = "kestrel", key: str = KEY) -> Imported:
    return imports.import_from_sumtracker(desk, account, Secret(key), RecordingWatch(), url)


def quantities(desk: Desk, sku: str) -> dict[str, tuple[int, int, int]]:
    found = stock.inspect_sku(desk, "outdoor", sku)
    return {each.code: tuple(each.quantities) for each in found.warehouses if each.counted}  # type: ignore[misc]


def test_what_is_there_is_taken_over(desk: Desk, url: str) -> None:
    done = take(desk, url)
    assert (done.warehouses, done.products, done.bundles, done.numbers, done.unchanged) == (3, 6, 1, 4, 0)
    assert quantities(desk, "MUG") == {"MAIN": (46, 0, 10), "DEPOT": (7, 0, 0)}
    assert quantities(desk, "TENT") == {"MAIN": (-2, 0, 0)}, "available there is available here"
    assert quantities(desk, "ROPE") == {"NEW-PLACE": (8, 0, 0)}
    found = stock.inspect_sku(desk, "outdoor", "MUG")
    assert found.name == "Enamel mug"
    main = next(each for each in found.warehouses if each.code == "MAIN")
    assert main.name == "Main Street", "our names stay"
    assert {(each.kind, each.reference) for each in found.movements} == {("import", "Sumtracker")}
    kit = {(each.sku, each.quantity) for each in stock.inspect_sku(desk, "outdoor", "KIT").components}
    assert kit == {("MUG", 3), ("ROPE", 1)}
    assert [bad.why for bad in done.bad] == [
        "product 8 (Enamel mug / again): product 1 has the SKU MUG too, and its numbers are the ones taken",
        "bundle LOOP: a bundle or a component of it has no SKU",
        "bundle NEST: the component KIT is itself a bundle, and bundles within bundles are not counted",
    ]
    said = " ".join(done.notes)
    assert "1 product is there without a SKU" in said
    assert "1 product is there with the SKU of an earlier one" in said
    assert "9 units are booked there" in said
    assert "off in Sumtracker" in said
    assert KEY not in repr(done)
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        assert kept.imported_from_sumtracker_at(ledger.db.conn) == NOON
        assert ledger.value("SELECT count(*) FROM event WHERE kind = 'import_sumtracker'") == 1


def test_the_same_again_changes_nothing_and_finds_renamed_warehouses(desk: Desk, url: str) -> None:
    take(desk, url)
    write(desk, ("UPDATE warehouse SET code = 'HOME', name = 'Home' WHERE code = 'MAIN'", ()))
    again = take(desk, url)
    assert (again.warehouses, again.products, again.numbers, again.unchanged) == (0, 0, 0, 4)
    assert quantities(desk, "MUG")["HOME"] == (46, 0, 10)
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        assert ledger.value("SELECT count(*) FROM warehouse") == 4


def test_a_warehouse_where_a_store_is_master_is_left_alone(desk: Desk, url: str) -> None:
    link(desk, "outdoor", DEPOT_PLACE, 2, "shopify")
    done = take(desk, url)
    assert quantities(desk, "MUG") == {"MAIN": (46, 0, 10)}
    assert any("Shopify is master of DEPOT" in note for note in done.notes)
    said = [bad.why for bad in done.bad if "KIT" in bad.why]
    assert (
        "bundle KIT: MUG is at Depot (DEPOT), where Shopify is master, and bundles need Sumtracker as master"
        in said
    )
    assert done.bundles == 0
    made_of = {(each.sku, each.quantity) for each in stock.inspect_sku(desk, "outdoor", "KIT").components}
    assert made_of == {("MUG", 2), ("TENT", 1)}, "it stays as it was"


def test_bookings_of_ours_stay(desk: Desk, url: str) -> None:
    write(
        desk,
        ("INSERT INTO stock VALUES ('MUG', 1, 0, 2, 0, 0)", ()),
        (
            "INSERT INTO movement (at, sku, warehouse_id, kind, in_stock, booked, incoming, in_stock_after) VALUES (?, 'MUG', 1, 'order', 0, 2, 0, 0)",
            (NOON.isoformat(),),
        ),
    )
    take(desk, url)
    assert quantities(desk, "MUG")["MAIN"] == (48, 2, 10), "available there is available here"
    assert take(desk, url).numbers == 0


def test_bookings_of_ours_do_not_make_more_than_may_be_kept(desk: Desk) -> None:
    write(desk, ("INSERT INTO stock VALUES ('MUG', 1, 0, 2, 0, 0)", ()))
    full = replace(SIDE, levels=(RemoteLevel(1, 31, LARGEST_QUANTITY, 0, LARGEST_QUANTITY, 0),))
    before = dump(desk.home.root)
    with serving(full) as (url, _), pytest.raises(WrongUsage, match="1,000,000,000"):
        take(desk, url)
    assert dump(desk.home.root) == before


def test_of_products_with_one_sku_the_first_alone_is_taken(desk: Desk) -> None:
    """In any order that the account tells them in; what a left-out product holds, has booked and is made of does not count."""
    both_bundles = replace(
        SIDE,
        products=(
            RemoteProduct(12, "SET", "Late set", "", "", "BUNDLE"),
            RemoteProduct(11, "SET", "First set", "", "", "BUNDLE"),
            RemoteProduct(3, "MUG", "Late mug", "", "", "NONE"),
            RemoteProduct(2, "TENT", "Tent", "", "", "NONE"),
            RemoteProduct(1, "MUG", "First mug", "", "", "NONE"),
        ),
        bundle_lines=(
            RemoteBundleLine(12, 2, 9),
            RemoteBundleLine(12, 1, 9),
            RemoteBundleLine(11, 1, 1),
            RemoteBundleLine(11, 3, 2),
        ),
        levels=(
            RemoteLevel(3, 31, 900, 400, 500, 0),
            RemoteLevel(3, 32, 7, 0, 7, 0),
            RemoteLevel(1, 31, 5, 1, 4, 0),
        ),
    )
    with serving(both_bundles) as (url, _):
        done = take(desk, url)
    assert quantities(desk, "MUG") == {"MAIN": (4, 0, 0)}
    assert stock.inspect_sku(desk, "outdoor", "MUG").name == "First mug"
    made_of = {(each.sku, each.quantity) for each in stock.inspect_sku(desk, "outdoor", "SET").components}
    assert made_of == {("MUG", 3)}
    assert [bad.why.partition(":")[0] for bad in done.bad] == [
        "product 3 (Late mug)",
        "product 12 (Late set)",
    ]
    assert (done.bad_count, done.bundles, done.numbers) == (2, 1, 1)
    assert any("1 unit is booked there" in note for note in done.notes)


def test_units_of_a_sku_that_is_a_bundle_there_are_said(desk: Desk, url: str) -> None:
    write(desk, ("INSERT INTO stock VALUES ('KIT', 1, 1, 0, 0, 1)", ()))
    assert any(
        note.startswith("1 unit is in stock under 1 SKU that is a bundle now, and counts nowhere: KIT.")
        for note in take(desk, url).notes
    )


def test_many_products_with_one_sku_are_counted_and_some_named(desk: Desk) -> None:
    many = replace(SIDE, products=tuple(product(n, "MUG") for n in range(1, 260)), bundle_lines=(), levels=())
    with serving(many) as (url, _):
        done = take(desk, url)
    assert (done.bad_count, len(done.bad)) == (258, 200)


@pytest.mark.parametrize("path", ["/warehouses/", "/products/", "/lines/", "/stock/levels/"])
@pytest.mark.parametrize("fault", ["html", "bad_gateway", "dropped", "too_many_requests"])
def test_an_account_that_answers_badly_changes_nothing(
    desk: Desk, url: str, served: tuple[str, Faults], fault: Kind, path: str
) -> None:
    served[1].add(Fault(fault, times=9, wait=7, shop="sumtracker", operation=path))
    before = dump(desk.home.root)
    with pytest.raises(SumtrackerError) as caught:
        take(desk, url)
    assert KEY not in str(caught.value)
    assert caught.value.next_step
    assert dump(desk.home.root) == before


def test_a_wrong_key_an_unknown_account_and_read_only_change_nothing(desk: Desk, url: str) -> None:
    before = dump(desk.home.root)
    with pytest.raises(SumtrackerError, match="key"):
        take(desk, url, key="Ab12Cd34." + "0" * 32)
    with pytest.raises(UnknownName):
        take(desk, url, account="nobody")
    with pytest.raises(Refused, match="read-only"):
        take(replace(desk, settings=msgspec.structs.replace(desk.settings, read_only=True)), url)
    assert dump(desk.home.root) == before


def test_another_account_is_not_mixed_in(desk: Desk, url: str) -> None:
    take(desk, url)
    other = replace(SIDE, warehouses=(RemoteWarehouse(99, "MAIN", "Main", 1),), levels=())
    before = dump(desk.home.root)
    with serving(other) as (elsewhere, _), pytest.raises(ImportInvalid, match="another account"):
        take(desk, elsewhere)
    assert dump(desk.home.root) == before


@pytest.mark.parametrize(
    "pair",
    [
        (RemoteWarehouse(41, "east", "East", 1), RemoteWarehouse(42, "EAST", "East too", 2)),
        (RemoteWarehouse(41, "", "East side", 1), RemoteWarehouse(42, "", "east-side", 2)),
    ],
)
def test_two_warehouses_with_one_code_are_said_to_be_that(
    desk: Desk, pair: tuple[RemoteWarehouse, RemoteWarehouse]
) -> None:
    before = dump(desk.home.root)
    with (
        serving(replace(SIDE, warehouses=pair, levels=())) as (elsewhere, _),
        pytest.raises(ImportInvalid, match="warehouses 41 and 42 would both be"),
    ):
        take(desk, elsewhere)
    assert dump(desk.home.root) == before


def test_numbers_of_a_product_that_is_a_bundle_here_are_said_to_be_left_out(desk: Desk) -> None:
    plain = replace(
        SIDE, bundle_lines=(), levels=(RemoteLevel(4, 31, 5, 0, 5, 0), RemoteLevel(2, 31, 1, 0, 1, 0))
    )
    with serving(plain) as (elsewhere, _):
        done = take(desk, elsewhere)
    assert (
        done.bad[-1].why
        == "KIT is a bundle here and a product of its own there, so its numbers are not taken"
    )
    assert done.numbers == 1


def test_the_key_comes_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(WrongUsage, match=KEY_VARIABLE):
        key_from()
    monkeypatch.setenv(KEY_VARIABLE, f" {KEY} ")
    assert key_from().reveal() == KEY
    monkeypatch.setenv("OTHER", KEY[::-1])
    assert key_from("OTHER").reveal() == KEY[::-1]
    monkeypatch.setenv("OTHER", " ")
    with pytest.raises(WrongUsage, match="OTHER"):
        key_from("OTHER")
