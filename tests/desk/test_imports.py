"""Imports of files: all in one transaction, every bad row named and nothing written, the good ones alone where asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from supportdesk.core.imports import Imported
from supportdesk.core.progress import Progress, Unwatched
from supportdesk.core.stock import Quantities, StockChange
from supportdesk.desk import Desk, channels, imports, stock
from supportdesk.desk.watch import WorkWatch
from supportdesk.errors import Cancelled, ImportInvalid, Refused, UnknownName, WrongUsage
from supportdesk.ledger import movements
from supportdesk.ledger.file import open_ledger
from tests.cli.commands import dump
from tests.desk.stocked import DEPOT_PLACE, HOSTILE, link, stocked_desk, write


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return stocked_desk(tmp_path / "a home")


Import = Callable[..., Imported]


@pytest.fixture
def take(desk: Desk, tmp_path: Path) -> Import:
    """Import texts as files: `take(stock="…", bundles="…")`."""

    def take(*, skip_bad: bool = False, **texts: str) -> Imported:
        paths: dict[str, Any] = {}
        for name, text in texts.items():
            paths[name] = tmp_path / f"{name}.csv"
            paths[name].write_text(text)
        return imports.import_files(desk, "kestrel", **paths, skip_bad=skip_bad, watch=Unwatched())

    return take


def numbers(desk: Desk, sku: str) -> dict[str, tuple[int, int, int]]:
    """What the ledger holds of a SKU where it was counted."""
    found = stock.inspect_sku(desk, "outdoor", sku)
    return {each.code: tuple(each.quantities) for each in found.warehouses if each.counted}  # type: ignore[misc]


STOCK = "sku,warehouse,in stock,incoming\nMUG,MAIN,40,\nMUG,Depot,3,6\nNEW-1,DEPOT,0,\n"


def test_everything_at_once(desk: Desk, take: Import) -> None:
    done = take(
        warehouses="code,name,city,priority\nMAIN,Main Street,Kendal,4\nEAST,East,York,\n",
        stock=STOCK + "TENT,EAST,8,\nROPE,EAST,2,1\n",
        bundles="bundle sku,component sku,quantity\nSET,ROPE,2\nSET,MUG,1\n",
        rules="sku,warehouse,close at,channel,maximum\nMUG,MAIN,5,,\n,,,outdoor,30\n",
    )
    assert done == Imported(
        warehouses=2, products=4, bundles=1, numbers=5, unchanged=0, close_at=1, maximums=1
    )
    assert numbers(desk, "MUG") == {"MAIN": (40, 0, 0), "DEPOT": (3, 0, 6)}
    assert numbers(desk, "NEW-1") == {"DEPOT": (0, 0, 0)}
    main = next(each for each in stock.inspect_sku(desk, "outdoor", "MUG").warehouses if each.code == "MAIN")
    assert (main.close_at, main.pushed) == (5, 30)
    assert [each.sku for each in stock.inspect_sku(desk, "outdoor", "SET").components[:2]] == ["MUG", "ROPE"]
    (movement,) = stock.inspect_sku(desk, "outdoor", "NEW-1").movements
    assert (movement.kind, movement.reference, movement.in_stock_after) == ("import", "stock.csv", 0)
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        said = [
            row["detail"] for row in ledger.rows("SELECT detail FROM event WHERE kind = 'import' ORDER BY id")
        ]
        assert said == [
            "2 warehouses",
            "5 numbers in stock, 5 of them changed",
            "1 bundles",
            "1 close-at quantities, 1 maximums",
        ]
        places = ledger.rows("SELECT code, city, priority FROM warehouse ORDER BY code")
        assert [tuple(row) for row in places if row["code"] in ("EAST", "MAIN")] == [
            ("EAST", "York", 0),
            ("MAIN", "Kendal", 4),
        ]


def test_the_same_files_twice_move_nothing(desk: Desk, take: Import) -> None:
    take(stock=STOCK)
    before = stock.inspect_sku(desk, "outdoor", "MUG").movement_count
    again = take(stock=STOCK)
    assert (again.numbers, again.unchanged, again.products) == (0, 3, 0)
    assert stock.inspect_sku(desk, "outdoor", "MUG").movement_count == before


def test_stock_is_set_and_what_is_booked_or_incoming_stays(desk: Desk, take: Import) -> None:
    take(stock="sku,warehouse,in stock,incoming\nMUG,MAIN,9,4\n")
    with (
        open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger,
        ledger.writing() as connection,
    ):
        cause = movements.Cause(desk.now(), "order", reference="#1")
        movements.move(connection, cause, "MUG", 1, Quantities(booked=2))
    take(stock="sku,warehouse,in stock\nMUG,MAIN,5\n")
    assert numbers(desk, "MUG") == {"MAIN": (5, 2, 4)}


def test_a_bundle_takes_the_place_of_the_one_before(desk: Desk, take: Import) -> None:
    done = take(bundles="bundle sku,component sku,quantity\nKIT,MUG,4\n")
    assert done.bundles == 1
    assert [(each.sku, each.quantity) for each in stock.inspect_sku(desk, "outdoor", "KIT").components] == [
        ("MUG", 4)
    ] * 3


def test_strange_skus_come_in_as_they_are(desk: Desk, take: Import) -> None:
    rows = "".join(f'"{sku}",MAIN,{number}\n' for number, sku in enumerate(HOSTILE))
    take(stock="sku,warehouse,in stock\n" + rows)
    for number, sku in enumerate(HOSTILE):
        assert numbers(desk, sku) == {"MAIN": (number, 0, 0)}


def shopify_master(desk: Desk) -> None:
    link(desk, "outdoor", DEPOT_PLACE, 2, "shopify")


def set_read(desk: Desk) -> None:
    """SET is in a warehouse that takes its numbers from the store."""
    shopify_master(desk)
    write(desk, ("INSERT INTO stock VALUES ('SET', 2, 4, 0, 0, 1)", ()))


def two_depots(desk: Desk) -> None:
    write(desk, ("INSERT INTO warehouse (code, name) VALUES ('DEPOT2', 'Depot')", ()))


def nothing(desk: Desk) -> None:
    pass


LINES = "bundle sku,component sku,quantity\n"
LEVELS = "sku,warehouse,in stock\n"
PLACES = "code,name\n"
RULES = "sku,warehouse,close at,channel,maximum\n"


@pytest.mark.parametrize(
    ("prepare", "file", "text", "row", "said"),
    [
        (
            nothing,
            "warehouses",
            PLACES + "A,East\na,West\n",
            3,
            "row 2 has the code 'A', which differs in capitals alone",
        ),
        (nothing, "warehouses", PLACES + "A,East\nA,West\n", 3, "row 2 has the code 'A' already"),
        (nothing, "warehouses", PLACES + "MAIN,Other\n", 2, "called 'Main Street'"),
        (nothing, "warehouses", PLACES + "main,Main Street\n", 2, "capitals alone"),
        (nothing, "warehouses", PLACES + "E\x1b[2J,East\n", 2, "cannot be seen"),
        (nothing, "stock", LEVELS + "MUG,EAST,1\n", 2, "no warehouse 'EAST'"),
        (two_depots, "stock", LEVELS + "MUG,Depot,1\n", 2, "several warehouses are called 'Depot'"),
        (shopify_master, "stock", LEVELS + "MUG,DEPOT,1\n", 2, "Shopify is master of DEPOT"),
        (nothing, "stock", LEVELS + "KIT,MAIN,1\n", 2, "KIT is a bundle"),
        (nothing, "stock", LEVELS + "MUG,MAIN,1\nMUG,Main Street,2\n", 3, "an earlier row"),
        (nothing, "stock", LEVELS + "MUG,MAIN,x\n", 2, "no whole number"),
        (nothing, "bundles", LINES + "SET,SET,1\n", 2, "itself"),
        (nothing, "bundles", LINES + "SET,KIT,1\n", 2, "KIT is itself a bundle"),
        (nothing, "bundles", LINES + "MUG,TENT,1\n", 2, "MUG is itself a component"),
        (nothing, "bundles", LINES + "SET,NOPE,1\n", 2, "'NOPE'"),
        (nothing, "bundles", LINES + "SET,MUG,1\nSET,MUG,1\n", 3, "row 2 has this component"),
        (shopify_master, "bundles", LINES + "SET,TENT,1\n", 2, "TENT is at Depot (DEPOT), where Shopify is"),
        (
            set_read,
            "bundles",
            LINES + "SET,OLD,1\nSET,-X,1\n",
            2,
            "SET is at Depot (DEPOT), where Shopify is",
        ),
        (nothing, "rules", RULES + ",,,nowhere,9\n", 2, "no channel 'nowhere'"),
        (nothing, "rules", RULES + "NOPE,MAIN,1,,\n", 2, "'NOPE'"),
        (nothing, "rules", RULES + "KIT,MAIN,1,,\n", 2, "KIT is a bundle"),
        (nothing, "rules", RULES + "MUG,EAST,1,,\n", 2, "no warehouse 'EAST'"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(
    desk: Desk,
    take: Import,
    prepare: Callable[[Desk], None],
    file: str,
    text: str,
    row: int,
    said: str,
) -> None:
    prepare(desk)
    before = dump(desk.home.root)
    with pytest.raises(ImportInvalid) as caught:
        take(**{file: text})
    assert f"{file}.csv, row {row}" in caught.value.detail
    assert said in caught.value.detail
    assert caught.value.bad == 1
    assert caught.value.next_step
    assert dump(desk.home.root) == before
    good = {"stock": STOCK} if file != "stock" else {"warehouses": PLACES + "EAST2,East2\n"}
    with pytest.raises(ImportInvalid):
        take(**{file: text}, **good)
    assert dump(desk.home.root) == before, "the good file does not land without the bad one"


def test_the_good_rows_go_in_where_the_bad_ones_are_given_up(desk: Desk, take: Import) -> None:
    text = STOCK + "MUG,EAST,1,\nTENT,MAIN,x,\nTENT,MAIN,8,\n"
    with pytest.raises(ImportInvalid) as caught:
        take(stock=text)
    assert (caught.value.bad, caught.value.good) == (2, 4)
    assert "--skip-bad" in caught.value.next_step
    done = take(stock=text, skip_bad=True)
    assert (done.numbers, done.bad_count) == (4, 2)
    assert [(bad.file, bad.row, bad.column) for bad in done.bad] == [
        ("stock.csv", 5, "warehouse"),
        ("stock.csv", 6, "in stock"),
    ]
    assert numbers(desk, "TENT") == {"MAIN": (8, 0, 0)}


def test_a_row_that_does_not_fit_the_account_names_the_column_as_the_file_does(
    desk: Desk, take: Import
) -> None:
    done = take(
        stock="SKU,Warehouse Code,In-Stock\nA,NOWHERE,1\n",
        bundles="Bundle_SKU,COMPONENT sku,Qty\nKIT,KIT,1\n",
        rules="Channel,Sku,Warehouse,Close at,Maximum\nnobody,,,,5\n,NEVER,MAIN,1,\n",
        skip_bad=True,
    )
    assert [(bad.file, bad.column) for bad in done.bad] == [
        ("stock.csv", "Warehouse Code"),
        ("bundles.csv", "COMPONENT sku"),
        ("rules.csv", "Channel"),
        ("rules.csv", "Sku"),
    ]
    assert done.bad[0].text.startswith("stock.csv, row 2, column Warehouse Code: ")


def test_what_is_in_stock_of_a_sku_that_becomes_a_bundle_is_said_until_it_is_gone(
    desk: Desk, take: Import
) -> None:
    take(stock=LEVELS + "OLD,MAIN,4\nOLD,DEPOT,3\n-X,MAIN,-2\nTENT,MAIN,9\n")
    assert take(bundles=LINES + "PAIR,MUG,2\n").notes == ()
    (note,) = take(bundles=LINES + "OLD,TENT,2\n-X,TENT,1\n").notes
    assert note.startswith(
        "5 units are in stock under 2 SKUs that are bundles now, and count nowhere: -X and OLD."
    )
    (check,) = (each for each in channels.check(desk, "outdoor") if each.id == "bundle_stock")
    assert (check.state, check.text) == ("warn", note)
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "OLD", 0))
    stock.change_stock(desk, "kestrel", StockChange("count", "DEPOT", "OLD", 0))
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "-X", 0))
    assert "bundle_stock" not in {each.id for each in channels.check(desk, "outdoor")}
    with pytest.raises(Refused, match="bundle"):
        stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "OLD", 0))


def test_a_bundle_with_one_bad_component_is_left_out_whole(desk: Desk, take: Import) -> None:
    text = LINES + "SET,MUG,1\nSET,NOPE,1\nPAIR,MUG,2\nNEST,PAIR,1\nNEST,TENT,1\nKIT,TENT,x\n"
    with pytest.raises(ImportInvalid) as caught:
        take(bundles=text)
    assert (caught.value.bad, caught.value.good) == (3, 1)
    done = take(bundles=text, skip_bad=True)
    assert (done.bundles, done.bad_count) == (1, 3)
    assert stock.inspect_sku(desk, "outdoor", "PAIR").is_bundle
    with pytest.raises(UnknownName):
        stock.inspect_sku(desk, "outdoor", "SET")
    assert len(stock.inspect_sku(desk, "outdoor", "KIT").components) == 6, "it stays as it was"


@pytest.mark.parametrize("bad", ["KIT,TENT,x", "KIT,,1"])
def test_a_bundle_whose_component_cannot_be_read_is_left_out_whole(
    desk: Desk, take: Import, bad: str
) -> None:
    done = take(bundles=LINES + f"KIT,MUG,1\n{bad}\nPAIR,MUG,2\n", skip_bad=True)
    assert (done.bundles, done.bad_count) == (1, 1)
    assert stock.inspect_sku(desk, "outdoor", "PAIR").is_bundle
    assert len(stock.inspect_sku(desk, "outdoor", "KIT").components) == 6, "it stays as it was"


def test_no_bundle_is_taken_beside_a_component_of_nobody_knows_which(desk: Desk, take: Import) -> None:
    done = take(bundles=LINES + "KIT,MUG,1\n,TENT,1\nPAIR,MUG,2\n", skip_bad=True)
    assert (done.bundles, done.bad_count) == (0, 1)
    assert len(stock.inspect_sku(desk, "outdoor", "KIT").components) == 6, "it stays as it was"


def test_many_bad_rows_are_counted_and_a_few_named(take: Import) -> None:
    with pytest.raises(ImportInvalid) as caught:
        take(stock=LEVELS + "MUG,MAIN,x\n" * 5000)
    assert caught.value.bad == 5000
    assert caught.value.detail.count("no whole number") == 3
    assert "4,997 more rows" in caught.value.detail
    assert "--skip-bad" not in caught.value.next_step
    done = take(stock=LEVELS + "MUG,MAIN,x\n" * 5000, skip_bad=True)
    assert (done.bad_count, len(done.bad)) == (5000, imports.BAD_KEPT)


def test_a_maximum_and_a_close_at_can_be_taken_away(desk: Desk, take: Import) -> None:
    take(rules=RULES + "MUG,MAIN,5,,\n,,,outdoor,3\n", stock="sku,warehouse,in stock\nMUG,MAIN,9\n")
    take(rules=RULES + "MUG,MAIN,0,,\n,,,outdoor,none\n")
    main = next(each for each in stock.inspect_sku(desk, "outdoor", "MUG").warehouses if each.code == "MAIN")
    assert (main.close_at, main.pushed) == (0, 9)


def test_what_cannot_be_imported_at_all(desk: Desk, take: Import, tmp_path: Path) -> None:
    before = dump(desk.home.root)
    with pytest.raises(WrongUsage, match="No file"):
        take()
    with pytest.raises(ImportInvalid, match="in stock"):
        take(stock="sku,warehouse\nMUG,MAIN\n")
    with pytest.raises(UnknownName, match="nobody"):
        imports.import_files(desk, "nobody", stock=tmp_path / "stock.csv", watch=Unwatched())
    reading = replace(desk, settings=msgspec.structs.replace(desk.settings, read_only=True))
    with pytest.raises(Refused, match="read-only"):
        imports.import_files(reading, "kestrel", stock=tmp_path / "stock.csv", watch=Unwatched())
    assert dump(desk.home.root) == before


def test_it_stops_in_the_middle(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(LEVELS + "".join(f"SKU-{number},MAIN,1\n" for number in range(5000)))
    heard: list[str] = []

    def stop(progress: Progress) -> None:
        heard.append(progress.phase)
        watch.cancel()

    watch = WorkWatch(stop)
    before = dump(desk.home.root)
    with pytest.raises(Cancelled):
        imports.import_files(desk, "kestrel", stock=path, watch=watch)
    assert heard[0] == "Reading stock.csv"
    assert dump(desk.home.root) == before


def test_a_change_by_hand_follows_an_import(desk: Desk, take: Import) -> None:
    take(stock=STOCK)
    changed = stock.change_stock(desk, "kestrel", StockChange("receive", "DEPOT", "MUG", 10))
    assert changed.changes[0][2] == (13, 0, 0)
