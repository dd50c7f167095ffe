from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.catalog import LevelRow, ListingRow
from supportdesk.core.listings import listing_row
from supportdesk.errors import BulkOperationFailed, Cancelled
from supportdesk.shopify import bulk_lines
from supportdesk.shopify.bulk_lines import read_lines
from tests.shopify.replies import RecordingWatch

NAMES = ("available", "committed", "on_hand", "incoming")


def variant_line(number: int, *, item: int | None = None, **fields: Any) -> dict[str, Any]:
    product = {
        "id": f"gid://shopify/Product/{number + 1}",
        "handle": "ridge-tent",
        "title": "Ridge tent",
        "status": "ACTIVE",
        "isGiftCard": False,
        **fields.pop("product", {}),
    }
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "sku": f"KO-{number:05d}",
        "barcode": None,
        "inventoryPolicy": "DENY",
        "requiresComponents": False,
        "selectedOptions": [{"value": "Red"}, {"value": "Large"}],
        "product": product,
        "inventoryItem": {"id": f"gid://shopify/InventoryItem/{item or number}", "tracked": True},
        **fields,
    }


def level_line(
    item: int, location: int, numbers: tuple[int, ...] = (4, 1, 5, 0), **fields: Any
) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/InventoryLevel/{location + 700}?inventory_item_id={item}",
        "isActive": True,
        "location": {"id": f"gid://shopify/Location/{location}"},
        "item": {"id": f"gid://shopify/InventoryItem/{item}"},
        "quantities": [{"name": name, "quantity": n} for name, n in zip(NAMES, numbers, strict=True)],
        "__parentId": f"gid://shopify/ProductVariant/{item}",
        **fields,
    }


def as_sent(content: dict[str, Any]) -> bytes:
    """Slashes escaped, as Shopify sends them (`reference/shopify.md` §4)."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").encode()


def rows_of(path: Path, watch: RecordingWatch | None = None) -> tuple[list[ListingRow], list[LevelRow]]:
    batches = list(read_lines(path, None, watch or RecordingWatch()))
    return [row for b in batches for row in b.listings], [row for b in batches for row in b.levels]


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_bytes(b"".join(as_sent(line) + b"\n" for line in lines))
    return path


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "catalog.jsonl"


def test_listings_and_levels_are_told_apart_in_any_order(spool: Path) -> None:
    written(
        spool,
        level_line(9, 11, (-3, 3, 0, 7), isActive=False),
        variant_line(1, item=9),
        variant_line(2, item=9, sku=None, inventoryPolicy="CONTINUE", barcode="97"),
        level_line(9, 12),
    )
    listings, levels = rows_of(spool)
    assert listings[0] == listing_row(
        variant_id=1,
        item_id=9,
        product_id=2,
        handle="ridge-tent",
        options=["Red", "Large"],
        title="Ridge tent",
        sku="KO-00001",
    )
    assert (listings[1].item_id, listings[1].sku, listings[1].sells_when_out, listings[1].barcode) == (
        9,
        "",
        True,
        "97",
    )
    assert listings[1].left_out == "no_sku"
    assert levels == [LevelRow(9, 11, False, -3, 3, 0, 7), LevelRow(9, 12, True, 4, 1, 5, 0)]
    assert all(type(row) is LevelRow for row in levels)


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [
        ({"product": {"isGiftCard": True}}, "gift_card"),
        ({"requiresComponents": True}, "bundle_parent"),
        ({"product": {"status": "ARCHIVED"}}, "archived"),
        ({"product": {"status": "UNLISTED"}}, None),
        ({"inventoryItem": {"id": "gid://shopify/InventoryItem/1", "tracked": False}}, "untracked"),
    ],
)
def test_the_rules_are_applied(fields: dict[str, Any], left_out: str | None, spool: Path) -> None:
    assert rows_of(written(spool, variant_line(1, **fields)))[0][0].left_out == left_out


def test_lines_end_at_a_line_feed_alone(spool: Path) -> None:
    title = 'a\u2028b\u2029c\x85d\u000be "__parentId": quantities'
    line = as_sent(variant_line(1, product={"title": title}, sku="__parentId"))
    spool.write_bytes(line + b"\n\n" + as_sent(level_line(1, 11)) + b"\r\n" + as_sent(variant_line(2)))
    listings, levels = rows_of(spool)
    assert [row.title for row in listings] == [title, "Ridge tent"]
    assert len(levels) == 1


def test_quantities_in_another_order_are_told_by_name(spool: Path) -> None:
    line = level_line(1, 11, (4, 1, 5, 9))
    line["quantities"].reverse()
    written(spool, variant_line(1), line, level_line(2, 11, (8, 0, 8, 0)))
    assert rows_of(spool)[1] == [LevelRow(1, 11, True, 4, 1, 5, 9), LevelRow(2, 11, True, 8, 0, 8, 0)]


def test_text_that_is_not_clean_spoils_nothing(spool: Path) -> None:
    broken = as_sent(variant_line(1, product={"title": "XX"})).replace(b"XX", b"a\\ud800b\xff")
    spool.write_bytes(broken + b"\n" + as_sent(variant_line(2)) + b"\n")
    assert [row.title for row in rows_of(spool)[0]] == ["a?b\ufffd", "Ridge tent"]


def test_an_empty_file_has_no_batch(spool: Path) -> None:
    spool.write_bytes(b"\n")
    assert list(read_lines(spool, 0, RecordingWatch())) == []


def without(line: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != key}


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":"gid:\\/\\/shopify\\/ProductVa',
        b"<html>",
        b"[]",
        b"null",
        b'"text"',
        as_sent({"id": "gid://shopify/Product/1"}),
        as_sent(without(variant_line(1), "product")),
        as_sent(without(variant_line(1), "inventoryItem")),
        as_sent(without(variant_line(1), "id")),
        as_sent(without(variant_line(1), "selectedOptions")),
        as_sent(without(variant_line(1), "requiresComponents")),
        as_sent(variant_line(1, inventoryPolicy="PERHAPS")),
        as_sent(variant_line(1, id="gid://shopify/ProductVariant/one")),
        as_sent(without(level_line(1, 11), "item")),
        as_sent(without(level_line(1, 11), "location")),
        as_sent(without(level_line(1, 11), "isActive")),
        as_sent({**level_line(1, 11), "location": {"id": "here"}}),
        as_sent({**level_line(1, 11), "quantities": [{"name": "available", "quantity": 1}]}),
        as_sent(level_line(1, 11, quantities=[{"name": name, "quantity": "1"} for name in NAMES])),
        as_sent(level_line(1, 11, quantities=7)),
    ],
    ids=[
        "cut short",
        "html",
        "a list",
        "null",
        "text",
        "another type",
        "no product",
        "no item",
        "no id",
        "no options",
        "no bundle mark",
        "unknown policy",
        "id without number",
        "level without item",
        "level without location",
        "level without state",
        "location without number",
        "quantities missing",
        "quantities as text",
        "quantities of another type",
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_a_line_that_is_neither_is_told(line: bytes, last: bool, spool: Path) -> None:
    around = as_sent(variant_line(5))
    spool.write_bytes(around + b"\n" + line + (b"" if last else b"\n" + around + b"\n"))
    with pytest.raises(BulkOperationFailed, match="incomplete or damaged"):
        rows_of(spool)


def test_a_file_with_fewer_listings_than_counted_is_told(spool: Path) -> None:
    written(spool, variant_line(1))
    with pytest.raises(BulkOperationFailed, match="1 of 2"):
        list(read_lines(spool, 2, RecordingWatch(), counted=True))
    assert len(list(read_lines(spool, 1, RecordingWatch(), counted=True))) == 1


def test_batches_are_of_a_few_thousand_rows(spool: Path) -> None:
    written(spool, *(line for n in range(1, 6001) for line in (variant_line(n), level_line(n, 11))))
    watch = RecordingWatch()
    batches = list(read_lines(spool, 6000, watch))
    sizes = [len(batch.listings) + len(batch.levels) for batch in batches]
    assert sum(sizes) == 12_000
    assert all(bulk_lines.BATCH_ROWS <= size <= 5_000 for size in sizes[:-1])


def test_a_person_can_stop_it(spool: Path) -> None:
    written(spool, *(variant_line(n) for n in range(1, 9000)))
    watch = RecordingWatch()
    batches = read_lines(spool, None, watch)
    next(batches)
    watch.cancelled = True
    with pytest.raises(Cancelled):
        next(batches)


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
LINES = st.lists(
    st.one_of(
        st.builds(
            lambda n, sku, title, option: variant_line(
                n, sku=sku, product={"title": title}, selectedOptions=[{"value": option}]
            ),
            st.integers(1, 10**14),
            st.none() | TEXT,
            TEXT,
            TEXT,
        ),
        st.builds(
            level_line,
            st.integers(1, 10**14),
            st.integers(1, 10**14),
            st.tuples(*[st.integers(-(2**31), 2**31 - 1)] * 4),
        ),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(lines=LINES, chunk=st.integers(1, 400), end=st.booleans())
def test_where_the_file_is_cut_into_chunks_makes_no_difference(
    lines: list[dict[str, Any]], chunk: int, end: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "catalog.jsonl"
    path.write_bytes(b"\n".join(map(as_sent, lines)) + (b"\n" if end else b""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_lines, "CHUNK_BYTES", chunk)
        listings, levels = rows_of(path)
    variants = [line for line in lines if "product" in line]
    assert [(row.sku, row.title) for row in listings] == [
        (line["sku"] or "", line["product"]["title"]) for line in variants
    ]
    assert [list(row[3:]) for row in levels] == [
        [quantity["quantity"] for quantity in line["quantities"]] for line in lines if "quantities" in line
    ]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak_of(listings: int) -> int:
        generator = random.Random(listings)
        path = tmp_path / f"{listings}.jsonl"
        with path.open("wb") as file:
            for number in range(1, listings + 1):
                file.write(as_sent(variant_line(number, item=generator.randrange(10**13))) + b"\n")
                file.write(as_sent(level_line(number, 11)) + b"\n")
        tracemalloc.start()
        try:
            for batch in read_lines(path, None, RecordingWatch()):
                del batch
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak_of(4_000), peak_of(24_000)
    assert large < small * 1.3
    assert large < 12_000_000
