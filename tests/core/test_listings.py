"""Which listings are synced, and why not; and the row made of a listing."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest

from supportdesk.core.catalog import ProductStatus
from supportdesk.core.listings import LEFT_OUT, left_out_reason, listing_row
from supportdesk.core.skus import MARKS

SYNCED: dict[str, Any] = {
    "sku": "KO-1", "status": "ACTIVE", "tracked": True, "gift_card": False, "bundle_parent": False,
}  # fmt: skip
CAUSES: dict[str, dict[str, Any]] = {
    "no_sku": {"sku": ""},
    "gift_card": {"gift_card": True},
    "bundle_parent": {"bundle_parent": True},
    "untracked": {"tracked": False},
    "archived": {"status": "ARCHIVED"},
    "draft": {"status": "DRAFT"},
}


def test_every_reason_has_a_cause_and_words_in_the_order_they_are_judged() -> None:
    assert list(LEFT_OUT) == list(CAUSES)
    assert len(set(LEFT_OUT.values())) == len(LEFT_OUT)


@pytest.mark.parametrize("reason", CAUSES)
def test_each_reason_alone(reason: str) -> None:
    assert left_out_reason(**SYNCED | CAUSES[reason]) == reason


@pytest.mark.parametrize("reasons", itertools.combinations(CAUSES, 2))
def test_of_two_reasons_the_first_is_told(reasons: tuple[str, str]) -> None:
    first, second = reasons
    assert left_out_reason(**SYNCED | CAUSES[second] | CAUSES[first]) == first


@pytest.mark.parametrize("status", get_args(ProductStatus))
def test_active_and_unlisted_are_synced(status: str) -> None:
    left_out = left_out_reason(**SYNCED | {"status": status})
    assert (left_out is None) is (status in ("ACTIVE", "UNLISTED"))


@pytest.mark.parametrize("sku", [" ", "-", "'0042", "n/a", "A\n"])
def test_a_sku_that_is_marked_is_synced_all_the_same(sku: str) -> None:
    row = listing_row(variant_id=1, item_id=2, product_id=3, handle="mug", options=[], title="Mug", sku=sku)
    assert row.left_out is None
    assert row.sku_mark in MARKS


@pytest.mark.parametrize(
    ("options", "name", "variant_title"),
    [
        ([], "tent", ""),
        (["Default Title"], "tent/Default Title", ""),
        (["Green"], "tent/Green", "Green"),
        (["Green", "2P", "Light"], "tent/Green/2P/Light", "Green / 2P / Light"),
        (["Default Title", "2P"], "tent/Default Title/2P", "Default Title / 2P"),
    ],
)
def test_names(options: list[str], name: str, variant_title: str) -> None:
    row = listing_row(
        variant_id=1, item_id=2, product_id=3, handle="tent", options=options, title="Tent", sku="T"
    )
    assert (row.listing, row.title, row.variant_title) == (name, "Tent", variant_title)


def test_row_keeps_what_it_is_given() -> None:
    row = listing_row(
        variant_id=11, item_id=12, product_id=13, handle="h", options=["O"], title="T", sku=" S ", barcode="978",
        status="DRAFT", tracked=True, sells_when_out=True, gift_card=False, bundle_parent=False,
    )  # fmt: skip
    assert row._asdict() == {
        "variant_id": 11, "item_id": 12, "product_id": 13, "listing": "h/O", "title": "T", "variant_title": "O",
        "sku": " S ", "barcode": "978", "status": "DRAFT", "tracked": True, "sells_when_out": True,
        "gift_card": False, "bundle_parent": False, "left_out": "draft", "sku_mark": "padded",
    }  # fmt: skip


def test_a_listing_without_a_sku_has_no_mark() -> None:
    row = listing_row(variant_id=1, item_id=2, product_id=3, handle="h", options=[], title="T", sku="")
    assert (row.left_out, row.sku_mark) == ("no_sku", None)
