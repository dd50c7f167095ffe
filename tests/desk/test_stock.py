"""The Stock tab, the SKU inspector and changes by hand, through the doorway the screens use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.stock import LARGEST_QUANTITY, Quantities, StockChange
from supportdesk.desk import Desk, channels, stock
from supportdesk.errors import Conflict, NotLoaded, Refused, SupportdeskError, UnknownName, WrongUsage
from supportdesk.ledger.file import open_ledger
from tests.catalogs import NOON, level, listing
from tests.cli.commands import dump
from tests.desk.stocked import DEPOT_PLACE, HOSTILE, MAIN_ST, link, load, stocked_desk, write


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return stocked_desk(tmp_path / "a home")


def change(kind: Any, sku: str, quantity: int, warehouse: str = "MAIN", **more: Any) -> StockChange:
    return StockChange(kind, warehouse, sku, quantity, **more)


def do(desk: Desk, kind: Any, sku: str, quantity: int, warehouse: str = "MAIN", **more: Any) -> Quantities:
    """Change stock; what there is at `warehouse` after it."""
    changed = stock.change_stock(desk, "kestrel", change(kind, sku, quantity, warehouse, **more))
    return changed.changes[0][2]


def at(desk: Desk, sku: str, code: str, channel: str = "outdoor") -> Any:
    """What the inspector says of a SKU in a warehouse."""
    found = stock.inspect_sku(desk, channel, sku)
    return next(each for each in found.warehouses if each.code == code)


def test_each_kind_of_change_moves_what_it_should(desk: Desk) -> None:
    assert do(desk, "set", "MUG", 15) == (15, 0, 0)
    assert do(desk, "adjust", "MUG", 3) == (18, 0, 0)
    assert do(desk, "adjust", "MUG", -6) == (12, 0, 0)
    write(desk, ("UPDATE stock SET incoming = 4", ()), ("UPDATE movement SET incoming = 4 WHERE id = 1", ()))
    assert do(desk, "receive", "MUG", 3, reference="PO-118") == (15, 0, 1)
    assert do(desk, "receive", "MUG", 3) == (18, 0, 0)
    assert do(desk, "count", "MUG", 17) == (17, 0, 0)
    changed = stock.change_stock(desk, "kestrel", change("transfer", "MUG", 5, to="Depot"))
    assert changed.changes == (
        ("MAIN", Quantities(17), Quantities(12)),
        ("DEPOT", Quantities(0), Quantities(5)),
    )
    assert changed.text == "MUG in stock: MAIN 17 → 12, DEPOT 0 → 5."
    found = stock.inspect_sku(desk, "outdoor", "MUG")
    assert [(each.kind, each.warehouse, each.change.in_stock) for each in found.movements] == [
        ("transfer", "DEPOT", 5),
        ("transfer", "MAIN", -5),
        ("count", "MAIN", -1),
        ("receive", "MAIN", 3),
        ("receive", "MAIN", 3),
        ("subtract", "MAIN", -6),
        ("add", "MAIN", 3),
        ("set", "MAIN", 15),
    ]
    assert found.movement_count == 8
    assert found.movements[4].reference == "PO-118"
    assert found.movements[0].at == NOON
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        kept = {
            table: ledger.value(f"SELECT count(*) FROM {table}")
            for table in ("receipt", "stocktake", "transfer")
        }
        assert kept == {"receipt": 2, "stocktake": 1, "transfer": 1}
        events = ledger.rows(
            "SELECT kind, place, number_before, number_after FROM event WHERE sku = 'MUG' ORDER BY id"
        )
        assert tuple(events[0]) == ("set", "Main Street", 0, 15)
        assert len(events) == 8


def test_the_movements_shown_are_as_many_as_asked_for(desk: Desk) -> None:
    for number in range(5):
        do(desk, "set", "MUG", number)
    found = stock.inspect_sku(desk, "outdoor", "MUG", movements=2)
    assert [each.in_stock_after for each in found.movements] == [4, 3]
    assert found.movement_count == 5


def table(desk: Desk, **more: Any) -> list[tuple[str, int, str, int | None, int | None, str | None]]:
    with stock.open_stock(desk, "outdoor", **more) as rows:
        return [
            (row.sku, row.location_id, row.warehouse, row.store, row.ledger, row.left_out)
            for row in rows.window(0, 100)
        ]


def test_the_rows_say_what_a_push_would_show(desk: Desk) -> None:
    do(desk, "set", "MUG", 40)
    do(desk, "set", "TENT", 7)
    write(
        desk,
        ("INSERT INTO close_at SELECT 'TENT', id, 7 FROM warehouse WHERE code = 'DEPOT'", ()),
        ("UPDATE channel SET maximum = 25 WHERE handle = 'outdoor'", ()),
    )
    do(desk, "set", "TENT", 7, "DEPOT")
    assert [row for row in table(desk) if row[0] in ("TENT", "MUG", "KIT", "OLD")] == [
        ("KIT", MAIN_ST, "MAIN", 9, 7, None),
        ("MUG", MAIN_ST, "MAIN", 40, 25, None),
        ("MUG", DEPOT_PLACE, "DEPOT", -2, None, None),
        ("OLD", MAIN_ST, "MAIN", 5, None, "archived"),
        ("TENT", MAIN_ST, "MAIN", 31, 7, None),
        ("TENT", DEPOT_PLACE, "DEPOT", 6, 0, None),
        ("TENT", MAIN_ST, "MAIN", 4, 7, None),
    ]
    link(desk, "outdoor", DEPOT_PLACE, None, None)
    assert [row[0] for row in table(desk, show="unlinked")] == ["MUG", "TENT"]
    assert [row[:2] for row in table(desk, show="negative")] == [("MUG", DEPOT_PLACE)]
    assert [row[3] for row in table(desk, sku="TENT", order="store", descending=True)] == [31, 6, 4]
    assert [row[0] for row in table(desk, text="ridge TENT (")] == ["TENT"]
    rows = list(stock.export_stock(desk, "outdoor"))
    assert len(rows) == len(listed := table(desk))
    assert [row.sku for row in rows] == [row[0] for row in listed]


def test_a_table_can_be_read_from_any_thread_and_after_a_load(desk: Desk) -> None:
    with stock.open_stock(desk, "outdoor", order="product") as rows:
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.append(len(rows.window(0, 5))))
        thread.start()
        thread.join()
        assert found == [5]
        before = rows.count
        load(desk, "outdoor", [], [])
        assert rows.count == before
        assert {row.sku for row in rows.window(0, 50)} == {""}


@pytest.mark.parametrize("order", ["sku", "product"])
def test_what_is_exported_is_of_one_moment_and_holds_no_row_that_is_gone(
    desk: Desk, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "_EXPORTED_AT_ONCE", 2)
    whole = list(stock.export_stock(desk, "outdoor", order=order))
    rows = stock.export_stock(desk, "outdoor", order=order)
    found = [next(rows)]
    load(desk, "outdoor", [listing(3, "MUG", "Mug")], [level(3, MAIN_ST, 1)])
    found += rows
    assert found == whole
    assert [row.store for row in stock.export_stock(desk, "outdoor")] == [1]


def test_a_channel_that_was_never_loaded_has_no_stock(desk: Desk) -> None:
    write(desk, ("DELETE FROM load", ()))
    with pytest.raises(NotLoaded, match="outdoor"):
        stock.open_stock(desk, "outdoor")


def test_the_inspector_shows_bundles_their_parts_and_every_row(desk: Desk) -> None:
    for sku, units in (("MUG", 11), ("TENT", 8)):
        do(desk, "set", sku, units)
    found = stock.inspect_sku(desk, "outdoor", "KIT")
    assert (found.is_bundle, found.name, found.row_count) == (True, "Weekend kit", 1)
    main, depot, _ = found.warehouses
    assert (main.available, main.pushed, main.counted) == (5, 5, True)
    assert (depot.available, depot.pushed, depot.counted) == (None, None, False)
    limits = {(each.warehouse, each.sku): (each.bundles, each.limits) for each in found.components}
    assert limits["MAIN", "MUG"] == (5, True)
    assert limits["MAIN", "TENT"] == (8, False)
    assert limits["DEPOT", "MUG"] == (None, True)
    assert found.rows[0].pushed == 5
    mug = stock.inspect_sku(desk, "outlet", "MUG")
    assert next((each.sku, each.warehouse, each.limits) for each in mug.bundles) == ("KIT", "MAIN", True)
    assert {each.channel: each.channel_title for each in mug.rows} == {
        record.handle: record.title for record in channels.list_channels(desk)
    }
    assert [(each.channel, each.title, each.store, each.pushed) for each in mug.rows] == [
        ("outdoor", "Mug", 40, 11),
        ("outdoor", "Mug", -2, None),
        ("outlet", "Mug (gift)", 1, 11),
    ]
    write(desk, ("INSERT INTO close_at VALUES ('MUG', 1, 11)", ()))
    assert (at(desk, "KIT", "MAIN").available, at(desk, "KIT", "MAIN").pushed) == (5, 0)
    assert (at(desk, "MUG", "MAIN").close_at, at(desk, "MUG", "MAIN").pushed) == (11, 0)


@pytest.mark.parametrize(("mugs", "kits"), [(7, 3), (-3, -2), (0, 0)])
def test_a_bundle_under_a_shopify_master_has_one_number_wherever_it_is_said(
    desk: Desk, mugs: int, kits: int
) -> None:
    """There should be none; one may have been there before its location was linked so."""
    for sku, units in (("MUG", mugs), ("TENT", 8), ("KIT", 77)):
        write(
            desk,
            ("INSERT INTO stock VALUES (?, 1, ?, 0, 0, 1)", (sku, units)),
            ("INSERT OR REPLACE INTO close_at VALUES ('MUG', 1, 5)", ()),
        )
    link(desk, "outdoor", MAIN_ST, 1, "shopify")
    assert [row[4] for row in table(desk, sku="KIT")] == [kits]
    assert at(desk, "KIT", "MAIN").available == kits
    assert at(desk, "KIT", "MAIN").pushed is None


def test_the_number_pushed_is_that_of_the_channel(desk: Desk) -> None:
    do(desk, "set", "MUG", 11)
    write(desk, ("UPDATE channel SET maximum = 4 WHERE handle = 'outlet'", ()))
    assert at(desk, "MUG", "MAIN", "outdoor").pushed == 11
    assert at(desk, "MUG", "MAIN", "outlet").pushed == 4
    rows = stock.inspect_sku(desk, "outdoor", "MUG").rows
    assert [each.pushed for each in rows if each.location == "Main St"] == [11, 4]


@pytest.mark.parametrize("sku", HOSTILE)
def test_a_strange_sku_is_a_sku(desk: Desk, sku: str) -> None:
    assert do(desk, "set", sku, 3) == (3, 0, 0)
    assert at(desk, sku, "MAIN").available == 3
    assert [row[0] for row in table(desk, sku=sku)] == [sku]


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("tent", "'TENT'"),
        ("TENT ", "'TENT'"),
        ("TENTS", "'TENT'"),
        ("MUGS", "'MUG'"),
        ("MGU", "exactly"),
        ("-x", "'-X'"),
        ("zzz", "exactly"),
    ],
)
def test_an_unknown_sku_is_refused_with_near_ones(desk: Desk, typed: str, near: str) -> None:
    with pytest.raises(UnknownName) as caught:
        stock.inspect_sku(desk, "outdoor", typed)
    assert repr(typed) in caught.value.detail
    assert near in caught.value.next_step


def shopify_master(desk: Desk) -> None:
    link(desk, "outdoor", DEPOT_PLACE, 2, "shopify")


def nothing(desk: Desk) -> None:
    pass


def five_mugs(desk: Desk) -> None:
    do(desk, "set", "MUG", 5)


def full(desk: Desk) -> None:
    do(desk, "set", "MUG", LARGEST_QUANTITY)


@pytest.mark.parametrize(
    ("prepare", "wrong", "error", "said"),
    [
        (nothing, change("adjust", "MUG", 0), WrongUsage, "changes nothing"),
        (nothing, change("receive", "MUG", 0), WrongUsage, "1 or more"),
        (nothing, change("receive", "MUG", -1), WrongUsage, "1 or more"),
        (nothing, change("transfer", "MUG", 0, to="DEPOT"), WrongUsage, "1 or more"),
        (nothing, change("count", "MUG", -1), WrongUsage, "less than 0"),
        (nothing, change("set", "MUG", -1), WrongUsage, "less than 0"),
        (nothing, change("set", "MUG", 10**9 + 1), WrongUsage, "1,000,000,000"),
        (nothing, change("adjust", "MUG", -(10**30)), WrongUsage, "1,000,000,000"),
        (full, change("adjust", "MUG", 1), WrongUsage, "1,000,000,000"),
        (nothing, change("set", "MUG", 1, "NOWHERE"), UnknownName, "NOWHERE"),
        (nothing, change("transfer", "MUG", 1), WrongUsage, "goes to"),
        (nothing, change("transfer", "MUG", 1, to="NOWHERE"), UnknownName, "NOWHERE"),
        (nothing, change("transfer", "MUG", 1, to="1"), WrongUsage, "itself"),
        (five_mugs, change("transfer", "MUG", 6, to="DEPOT"), Refused, "cannot leave"),
        (nothing, change("set", "MUG", 1, to="DEPOT"), WrongUsage, "Only a transfer"),
        (nothing, change("set", "NOPE", 1), UnknownName, "NOPE"),
        (nothing, change("set", "", 1), WrongUsage, "SKU"),
        (nothing, change("set", "\udcff", 1), WrongUsage, "not valid text"),
        (nothing, change("set", "MUG", 1, reason="\udcff"), WrongUsage, "not valid text"),
        (nothing, change("set", "MUG", 1, "\udcff"), WrongUsage, "not valid text"),
        (nothing, change("set", "KIT", 1), Refused, "bundle"),
        (shopify_master, change("set", "MUG", 1, "DEPOT"), Refused, "Shopify is master of DEPOT"),
        (shopify_master, change("transfer", "MUG", 1, to="DEPOT"), Refused, "Shopify is master of DEPOT"),
        (five_mugs, change("set", "MUG", 1, seen=4), Conflict, "you saw 4"),
        (nothing, change("count", "MUG", 1, seen=4), Conflict, "you saw 4"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    desk: Desk,
    prepare: Callable[[Desk], None],
    wrong: StockChange,
    error: type[SupportdeskError],
    said: str,
) -> None:
    prepare(desk)
    before = dump(desk.home.root)
    with pytest.raises(error) as caught:
        stock.change_stock(desk, "kestrel", wrong)
    assert type(caught.value) is error
    assert said in caught.value.detail
    assert caught.value.next_step
    assert dump(desk.home.root) == before


def test_a_conflict_names_who_and_when(desk: Desk) -> None:
    five_mugs(desk)
    assert do(desk, "count", "MUG", 6, seen=5).in_stock == 6
    with pytest.raises(Conflict, match=r"changed it at 12:00 UTC \(count\)"):
        do(desk, "count", "MUG", 6, seen=5)


def test_two_warehouses_of_one_name_are_not_guessed_between(desk: Desk) -> None:
    write(desk, ("INSERT INTO warehouse (code, name) VALUES ('DEPOT2', 'Depot')", ()))
    with pytest.raises(WrongUsage, match="DEPOT2") as caught:
        do(desk, "set", "MUG", 1, "Depot")
    assert "DEPOT (" in caught.value.detail
    assert do(desk, "set", "MUG", 1, "DEPOT").in_stock == 1


def test_read_only_changes_nothing(desk: Desk) -> None:
    reading = replace(desk, settings=stocked_settings(desk))
    before = dump(desk.home.root)
    with pytest.raises(Refused, match="read-only"):
        do(reading, "set", "MUG", 1)
    assert dump(desk.home.root) == before
    assert stock.inspect_sku(reading, "outdoor", "MUG").movement_count == 0


def stocked_settings(desk: Desk) -> Any:
    import msgspec

    return msgspec.structs.replace(desk.settings, read_only=True)
