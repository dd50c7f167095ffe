"""What `ExportFiles` makes of each header generation, alone and joined; what it refuses is in `test_refusals`."""

from __future__ import annotations

import csv
import itertools
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportdesk.core.catalog import CatalogBatch, Location
from supportdesk.core.progress import Unwatched
from supportdesk.errors import Cancelled, ExportInvalid
from supportdesk.exports import ALL_LOCATIONS, ExportFiles
from supportdesk.sync.store import CatalogSource
from tests.exports.generations import (
    INVENTORY,
    PRODUCTS,
    SHARED,
    Item,
    Loaded,
    Numbers,
    csv_text,
    load,
    products,
    written,
)

MAIN, DEPOT = "Main St, 1", "Depot"
ITEMS = [
    Item("tent", ("Green", "2P"), "KO-1", "Tent", {MAIN: Numbers(31, 2, 1, 5), DEPOT: None}, barcode="978"),
    Item("tent", ("Red", "2P"), "KO-1", "Tent", {MAIN: Numbers(-4, 6), DEPOT: Numbers(0)}, policy="continue"),
    Item("mug", sku="", title="Mug", stock={MAIN: Numbers(7), DEPOT: Numbers(9, 0, -2)}, status="draft"),
    Item("gift", sku="G\n1,2", title="Gift", stock={MAIN: None, DEPOT: None}, tracked=False, gift_card=True),
]


def totals(loaded: Loaded) -> dict[str, int]:
    """The counts of DESIGN §8, counted here over again."""
    by_sku: dict[str, list[int]] = defaultdict(list)
    for listing in loaded.listings:
        by_sku[listing.sku].append(listing.item_id)
    without_sku = len(by_sku.pop("") if "" in by_sku else [])
    shown: dict[int, dict[int, int | None]] = defaultdict(dict)
    for level in loaded.levels:
        shown[level.item_id][level.location_id] = level.available
    groups = [items for items in by_sku.values() if len(items) > 1]
    disagreeing = [
        items
        for items in groups
        if any(
            shown[one][place] != shown[other][place]
            for one, other in itertools.combinations(items, 2)
            for place in shown[one].keys() & shown[other].keys()
        )
    ]
    return {
        "listings": len(loaded.listings),
        "skus": len(by_sku),
        "without_sku": without_sku,
        "duplicate_groups": len(groups),
        "duplicate_listings": sum(map(len, groups)),
        "disagreeing_groups": len(disagreeing),
        "units": sum(level.available or 0 for level in loaded.levels),
    }


def shared_items(name: str) -> list[Item]:
    """Shopify's own sample catalogue, spread over two made-up locations so that every kind of level occurs."""
    if not (SHARED / name).exists():
        pytest.skip("no shared data beside the repository")
    items: list[Item] = []
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["Variant Price"]:
                count = len(items)
                quantity = int(row["Variant Inventory Qty"])
                options = [row[f"Option{number} Value"] for number in (1, 2, 3)]
                stock = {
                    "Main St": Numbers(quantity, count % 3),
                    "Depot": None if count % 4 == 0 else Numbers(count % 7 - 2, 0, count % 2, count % 5),
                }
                items.append(
                    Item(
                        row["Handle"], tuple(filter(None, options)), row["Variant SKU"], row["Title"], stock,
                        tracked=bool(row["Variant Inventory Tracker"]), policy=row["Variant Inventory Policy"],
                        barcode=row["Variant Barcode"], quantity=quantity,
                    )
                )  # fmt: skip
    return items


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("bicycles.csv", (1121, 1077, 3, 30, 71, 13, 48060)),
        ("fashion.csv", (3684, 3676, 0, 8, 16, 2, 3171)),
    ],
)
def test_sample_catalogue_of_shopify_gives_its_known_counts(name: str, counts: tuple[int, ...]) -> None:
    if not (SHARED / name).exists():
        pytest.skip("no shared data beside the repository")
    loaded = load(SHARED / name)
    assert tuple(totals(loaded).values()) == counts
    assert list(loaded.location_names.values()) == [ALL_LOCATIONS]
    assert [listing.item_id for listing in loaded.listings] == [-n for n in range(1, counts[0] + 1)]


@pytest.mark.parametrize("name", ["bicycles.csv", "fashion.csv"])
def test_generations_agree_on_a_sample_catalogue(name: str, tmp_path: Path) -> None:
    items = shared_items(name)
    assert len(items) > 1000
    loads = {kind: load(written(tmp_path / f"{kind}.csv", write(items))) for kind, write in INVENTORY.items()}
    wide, long, current = loads.values()
    assert wide.listings == long.listings == current.listings
    assert [row.sku for row in wide.listings] == [item.sku for item in items]
    assert wide.available() == long.available() == current.available()
    assert len(wide.available()) == sum(level is not None for item in items for level in item.stock.values())
    assert sorted(long.levels) == sorted(current.levels)
    assert totals(wide) == totals(current)

    old = load(written(tmp_path / "old.csv", products(items)))
    new = load(written(tmp_path / "new.csv", PRODUCTS["products_new_names"](items)))
    assert old == new
    assert [row.item_id for row in old.listings] == [row.item_id for row in wide.listings]


@pytest.mark.parametrize("kind", INVENTORY)
def test_inventory_alone(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path / "stock.csv", INVENTORY[kind](ITEMS))
    source = ExportFiles([path])
    assert source.kinds == (kind,)
    assert source.locations(Unwatched()) == (Location(-1, MAIN), Location(-2, DEPOT))
    loaded = load(path)
    assert [row.listing for row in loaded.listings] == [
        "tent/Green/2P", "tent/Red/2P", "mug/Default Title", "gift/Default Title",
    ]  # fmt: skip
    assert [row.variant_title for row in loaded.listings] == ["Green / 2P", "Red / 2P", "", ""]
    assert [row.sku for row in loaded.listings] == ["KO-1", "KO-1", "", "G\n1,2"]
    assert [row.product_id for row in loaded.listings] == [-1, -1, -2, -3]
    assert {(row.status, row.tracked, row.variant_id) for row in loaded.listings} == {("ACTIVE", True, None)}
    assert loaded.available() == {
        ("tent/Green/2P", MAIN): 31,
        ("tent/Red/2P", MAIN): -4,
        ("tent/Red/2P", DEPOT): 0,
        ("mug/Default Title", MAIN): 7,
        ("mug/Default Title", DEPOT): 9,
    }
    level = loaded.numbers()["tent/Green/2P", MAIN]
    assert level[2:] == ((True, 31, None, None, None) if kind == "inventory_wide" else (True, 31, 2, 34, 5))


@pytest.mark.parametrize("kind", PRODUCTS)
def test_products_alone(kind: str, tmp_path: Path) -> None:
    loaded = load(written(tmp_path / "products.csv", PRODUCTS[kind](ITEMS)))
    facts = [
        (
            row.title,
            row.sku,
            row.barcode,
            row.status,
            row.tracked,
            row.sells_when_out,
            row.gift_card,
            row.left_out,
        )
        for row in loaded.listings
    ]
    assert facts == [
        ("Tent", "KO-1", "978", "ACTIVE", True, False, False, None),
        ("Tent", "KO-1", "", "ACTIVE", True, True, False, None),
        ("Mug", "", "", "DRAFT", True, False, False, "no_sku"),
        ("Gift", "G\n1,2", "", "ACTIVE", False, False, True, "gift_card"),
    ]
    assert set(loaded.available().values()) == {0}
    assert len(loaded.levels) == 4


@pytest.mark.parametrize("inventory", INVENTORY)
@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("products_first", [True, False])
def test_products_and_inventory_are_joined(
    inventory: str, product: str, products_first: bool, tmp_path: Path
) -> None:
    stock = written(tmp_path / "stock.csv", INVENTORY[inventory](ITEMS))
    facts = written(tmp_path / "facts.csv", PRODUCTS[product](ITEMS))
    loaded = load(facts, stock) if products_first else load(stock, facts)
    assert loaded.listings == load(facts).listings
    assert loaded.available() == load(stock).available()
    assert set(loaded.location_names.values()) == {MAIN, DEPOT}


def test_inventory_wins_and_a_listing_it_leaves_out_has_no_level(tmp_path: Path) -> None:
    facts = written(
        tmp_path / "facts.csv", products([Item("a", sku="A", quantity=99), Item("b", sku="B", quantity=5)])
    )
    stock = written(
        tmp_path / "stock.csv", INVENTORY["inventory_wide"]([Item("a", sku="A", stock={MAIN: Numbers(1)})])
    )
    loaded = load(facts, stock)
    assert [row.sku for row in loaded.listings] == ["A", "B"]
    assert loaded.available() == {("a/Default Title", MAIN): 1}


def test_order_of_the_files_decides_who_is_oldest(tmp_path: Path) -> None:
    first = written(tmp_path / "1.csv", products([Item("b", sku="B")]))
    second = written(tmp_path / "2.csv", products([Item("a", sku="A")]))
    assert [row.sku for row in load(first, second).listings] == ["B", "A"]
    assert [row.sku for row in load(second, first).listings] == ["A", "B"]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_product_goes_on_in_another_file(swapped: bool, tmp_path: Path) -> None:
    rows = products([Item("tent", (size,), f"T-{size}", "Tent", status="archived") for size in "SML"])
    files = [
        written(tmp_path / "part 1.csv", rows[:3]),
        written(tmp_path / "part 2.csv", [rows[0], *rows[3:]]),
    ]
    loaded = load(*(reversed(files) if swapped else files))
    assert {(row.title, row.status, row.product_id) for row in loaded.listings} == {("Tent", "ARCHIVED", -1)}
    assert sorted(row.sku for row in loaded.listings) == ["T-L", "T-M", "T-S"]


def test_wide_and_long_inventory_complete_each_other(tmp_path: Path) -> None:
    wide = written(tmp_path / "wide.csv", INVENTORY["inventory_wide"](ITEMS))
    long = written(tmp_path / "long.csv", INVENTORY["inventory_long"](ITEMS))
    assert load(wide, long).numbers() == load(long).numbers()


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_byte_order_mark_and_line_ends_say_nothing(bom: bytes, newline: str, tmp_path: Path) -> None:
    text = csv_text(INVENTORY["inventory_long"](ITEMS), newline)
    plain = written(tmp_path / "plain.csv", INVENTORY["inventory_long"](ITEMS))
    assert load(written(tmp_path / "other.csv", bom + text.encode())) == load(plain)


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    rows = INVENTORY["inventory_long"](ITEMS)
    mirrored = [row[::-1] for row in rows]
    mirrored[0] = [f"  {name.upper()} " for name in mirrored[0]]
    assert load(written(tmp_path / "m.csv", mirrored)) == load(written(tmp_path / "p.csv", rows))


@pytest.mark.parametrize(
    ("cell", "sku", "left_out"),
    [
        ("", "", "no_sku"),
        ('""', "", "no_sku"),
        ("'0042", "'0042", None),
        (" A ", " A ", None),
        ('5" bolt, "M5"', '5" bolt, "M5"', None),
        ("one\r\ntwo", "one\r\ntwo", None),
        ("a/b" * 300, "a/b" * 300, None),
    ],
)
@pytest.mark.parametrize("kind", INVENTORY | PRODUCTS)
def test_sku_cells(kind: str, cell: str, sku: str, left_out: str | None, tmp_path: Path) -> None:
    write = (INVENTORY | PRODUCTS)[kind]
    path = written(tmp_path / "e.csv", write([Item("h", sku=cell, stock={MAIN: Numbers(1)})]))
    (row,) = load(path).listings
    assert (row.sku, row.left_out) == (sku, left_out)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("7", 7), ("-7", -7), ("1.0", 1), ("-1.00", -1), (" 3 ", 3), ("0", 0), ("-0", 0), ("", None), ("Not Stocked", None)],
)  # fmt: skip
def test_quantity_cells(cell: str, number: int | None, tmp_path: Path) -> None:
    rows = INVENTORY["inventory_wide"]([Item("h", sku="S", stock={MAIN: Numbers(1)})])
    rows[1][-1] = cell
    levels = load(written(tmp_path / "e.csv", rows)).levels
    assert [level.available for level in levels] == ([] if number is None else [number])


def test_optional_columns_may_be_missing(tmp_path: Path) -> None:
    loaded = load(written(tmp_path / "p.csv", "Handle,Variant SKU\nmug,M-1\n"))
    (row,) = loaded.listings
    assert (row.listing, row.title, row.status, row.tracked, row.left_out) == (
        "mug",
        "mug",
        "ACTIVE",
        True,
        None,
    )
    assert (loaded.levels, loaded.location_names) == ([], {})


def test_what_a_long_file_says_is_kept_though_it_does_not_add_up(tmp_path: Path) -> None:
    text = "Handle,SKU,Location,Available,Committed,On hand\nmug,M-1,Main,5,,100\n"
    (level,) = load(written(tmp_path / "i.csv", text)).levels
    assert level[3:] == (5, None, 100, None)


def test_blank_rows_and_blank_cells_too_many_are_passed_over(tmp_path: Path) -> None:
    text = "\nHandle,SKU,Main\n,,\n\nmug,M-1,4,,\n,,,,\n"
    assert load(written(tmp_path / "i.csv", text)).available() == {("mug", "Main"): 4}


def test_locations_that_differ_in_case_are_two(tmp_path: Path) -> None:
    loaded = load(written(tmp_path / "i.csv", "Handle,SKU,Main,MAIN\nmug,M-1,4,5\n"))
    assert loaded.available() == {("mug", "Main"): 4, ("mug", "MAIN"): 5}


def test_a_listing_said_twice_alike_counts_once(tmp_path: Path) -> None:
    rows = INVENTORY["inventory_long"](ITEMS)
    once = load(written(tmp_path / "1.csv", rows))
    assert load(written(tmp_path / "2.csv", rows + rows[1:])) == once


def test_a_cell_larger_than_the_csv_module_allows(tmp_path: Path) -> None:
    text = csv_text([["Handle", "Body (HTML)", "Variant SKU"], ["mug", "x" * 300_000, "M-1"]])
    assert [row.sku for row in load(written(tmp_path / "p.csv", text)).listings] == ["M-1"]


def test_description_names_every_file(tmp_path: Path) -> None:
    source: CatalogSource = ExportFiles(
        [
            written(tmp_path / "stock.csv", INVENTORY["inventory_long"](ITEMS)),
            written(tmp_path / "facts.csv", products(ITEMS)),
        ]
    )
    assert isinstance(source, ExportFiles)
    assert source.description == "stock.csv (inventory, one row a location), facts.csv (products)"


class Recorded(Unwatched):
    """Keeps what is reported; stops when told to."""

    def __init__(self, stop_at_check: int | None = None) -> None:
        self.reports: list[tuple[str, int, int | None]] = []
        self.checks = 0
        self.stop_at_check = stop_at_check

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        assert unit == "bytes"
        self.reports.append((phase, done, total))

    def check(self) -> None:
        self.checks += 1
        if self.checks == self.stop_at_check:
            raise Cancelled("You stopped it.")


def test_progress_is_told_in_bytes_of_all_files_and_the_batches_are_small(tmp_path: Path) -> None:
    many = [Item(f"p{n}", sku=f"S{n}", stock={MAIN: Numbers(n), DEPOT: Numbers(1)}) for n in range(4000)]
    files = [
        written(tmp_path / "1.csv", INVENTORY["inventory_long"](many[:2000])),
        written(tmp_path / "2.csv", INVENTORY["inventory_long"](many[2000:])),
    ]
    watch = Recorded()
    batches: list[CatalogBatch] = list(ExportFiles(files).batches(watch))
    assert max(len(batch.listings) + len(batch.levels) for batch in batches) <= 2010
    assert sum(len(batch.levels) for batch in batches) == 8000
    size = sum(path.stat().st_size for path in files)
    assert {total for _, _, total in watch.reports} == {size}
    for phase in ("Checking the files", "Reading listings"):
        done = [count for name, count, _ in watch.reports if name == phase]
        assert done == sorted(done)
        assert len(set(done)) > 4
    assert watch.reports[-1] == ("Reading listings", size, size)
    assert watch.checks >= 16


@pytest.mark.parametrize("check", [1, 5, 9])
def test_reading_can_be_stopped(check: int, tmp_path: Path) -> None:
    many = [Item(f"p{n}", sku=f"S{n}", stock={MAIN: Numbers(n)}) for n in range(5000)]
    path = written(tmp_path / "1.csv", INVENTORY["inventory_long"](many))
    with pytest.raises(Cancelled):
        list(ExportFiles([path]).batches(Recorded(check)))


TEXT = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda text: bool(text.strip()))
LEVEL = st.none() | st.builds(
    Numbers, st.integers(-(10**6), 10**6), st.integers(0, 99), st.integers(-9, 9), st.integers(0, 9)
)


@st.composite
def catalogues(draw: st.DrawFn) -> list[Item]:
    places = draw(st.lists(st.sampled_from([MAIN, DEPOT, 'Ünïon, "2"\nfloor']), min_size=1, unique=True))
    keys = draw(
        st.lists(
            st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3).map(tuple)),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    return [
        Item(handle, options, draw(st.just("") | TEXT), draw(TEXT), {place: draw(LEVEL) for place in places})
        for handle, options in keys
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(items=catalogues())
def test_any_catalogue_reads_the_same_in_every_generation(items: list[Item], tmp_path: Path) -> None:
    wide, long, current = (
        load(written(tmp_path / f"{kind}.csv", write(items))) for kind, write in INVENTORY.items()
    )
    assert [row.sku for row in wide.listings] == ["" if item.sku == '""' else item.sku for item in items]
    assert wide.listings == long.listings == current.listings
    # Compared by id: two listings may have one name, as a/(b) and a/(b, c) with b = "b/c".
    by_id = [
        {(row.item_id, each.location_names[row.location_id]): row.available for row in each.levels}
        for each in (wide, long, current)
    ]
    assert by_id[0] == by_id[1] == by_id[2]
    assert len(by_id[0]) == sum(level is not None for item in items for level in item.stock.values())


PIECES = st.sampled_from(
    [b"Handle", b"SKU", b"Variant SKU", b"Location", b"Available", b"mug", b"1", b"-2.0", b",", b'"', b"\n", b"\r\n",
     b"\xef\xbb\xbf", b"\xff", b"\x00", b"not stocked", b"Title", b"\xc3"]
)  # fmt: skip
HEADERS = st.sampled_from(
    [
        b"",
        b"Handle,SKU,Main\n",
        b"Handle,Variant SKU,Variant Inventory Qty,Status\n",
        b"Handle,SKU,Location,Available\n",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(header=HEADERS, body=st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join))
def test_any_bytes_either_load_or_are_refused(header: bytes, body: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / "any.csv", header + body)
    try:
        loaded = load(path)
    except ExportInvalid as error:
        refusal = error
    else:
        assert loaded.listings
        return
    assert refusal.detail
    assert refusal.next_step
