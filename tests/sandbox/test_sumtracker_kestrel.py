"""The demo merchant's Sumtracker account says what the demo says it does, the same every time."""

from __future__ import annotations

from collections import Counter

import pytest

from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.scenarios import build, sumtracker_side
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.sumtracker import SumtrackerSide
from supportdesk.sandbox.sumtracker_kestrel import BUNDLES, UNKNOWN, kestrel_sumtracker


@pytest.fixture(scope="module")
def shops() -> list[SandboxShop]:
    return build("kestrel", seed=1, clock=Clock(running=False))


@pytest.fixture(scope="module")
def side(shops: list[SandboxShop]) -> SumtrackerSide:
    made = sumtracker_side("kestrel", shops, seed=1)
    assert made is not None
    return made


Numbers = dict[tuple[str, str], tuple[int, int, int, int]]


def numbers(side: SumtrackerSide) -> Numbers:
    """In stock, booked, available and incoming by SKU and warehouse code."""
    skus = {product.remote_id: product.sku for product in side.products}
    codes = {warehouse.remote_id: warehouse.code for warehouse in side.warehouses}
    return {
        (skus[level.product_id], codes[level.warehouse_id]): (
            level.in_stock, level.booked, level.available, level.incoming,
        )
        for level in side.levels
    }  # fmt: skip


def test_the_warehouses(side: SumtrackerSide) -> None:
    assert [(one.code, one.name) for one in side.warehouses] == [
        ("MAIN", "Main Street"),
        ("DEPOT", "Depot Penrith"),
        ("OUTLET", "Outlet shop"),
        ("RETURNS", "Returns bench"),
    ]


def test_one_product_to_a_sku_most_of_the_stores(side: SumtrackerSide, shops: list[SandboxShop]) -> None:
    skus = [product.sku for product in side.products]
    assert len(set(skus)) == len(skus)
    assert "" not in skus
    assert len({product.remote_id for product in side.products}) == len(skus)
    sold = {variant.item.sku for shop in shops for variant in shop.variants.values()}
    assert 1100 < len(sold & set(skus)) < len(sold)
    assert {"KO-BOX-S", "KO-BOX-L", "KO-TAPE"} == set(skus) - sold
    assert sold >= UNKNOWN
    assert not UNKNOWN & set(skus)


def test_two_bundles_of_products_there_are(side: SumtrackerSide) -> None:
    skus = {product.remote_id: product.sku for product in side.products}
    bundles = {product.sku for product in side.products if product.bundle_type == "BUNDLE"}
    assert bundles == set(BUNDLES) == {"KO-GIFTBOX", "KO-KIT-WEEKEND"}
    lines = [(skus[line.bundle_id], skus[line.component_id], line.quantity) for line in side.bundle_lines]
    assert Counter(bundle for bundle, _, _ in lines) == {"KO-GIFTBOX": 3, "KO-KIT-WEEKEND": 4}
    assert ("KO-KIT-WEEKEND", "KO-MUG-ENAMEL", 2) in lines
    counted = {sku for sku, _ in numbers(side)}
    assert {component for _, component, _ in lines} <= counted
    assert not bundles & counted


def test_the_numbers_add_up(side: SumtrackerSide) -> None:
    pairs = [(level.product_id, level.warehouse_id) for level in side.levels]
    assert len(set(pairs)) == len(pairs)
    for in_stock, booked, available, incoming in numbers(side).values():
        assert available == in_stock - booked
        assert in_stock >= 0
        assert booked >= 0
        assert incoming >= 0


def agreement(side: SumtrackerSide, shop: SandboxShop, place: str, code: str) -> float:
    """Of the SKUs with both numbers, the part whose warehouse has what the location shows on their oldest listing."""
    found = numbers(side)
    seen: set[str] = set()
    same = []
    for number in shop.ids("ProductVariant"):
        item = shop.variants[number].item
        if item.sku in seen:
            continue
        seen.add(item.sku)
        for level in item.levels.values():
            if level.location.name == place and (item.sku, code) in found:
                same.append(found[item.sku, code][2] == level.available)
    return sum(same) / len(same)


def test_the_counts_are_where_the_names_say(side: SumtrackerSide, shops: list[SandboxShop]) -> None:
    outdoor, outlet = shops
    for place, right, wrong in (("Main St", "MAIN", "DEPOT"), ("Depot", "DEPOT", "MAIN")):
        assert 0.9 < agreement(side, outdoor, place, right) < 1
        assert agreement(side, outdoor, place, wrong) < 0.3
    assert 0.9 < agreement(side, outlet, "Outlet shop", "OUTLET") < 1


def test_some_are_booked_incoming_or_were_never_counted(
    side: SumtrackerSide, shops: list[SandboxShop]
) -> None:
    found = numbers(side)
    assert 20 < sum(booked > 0 for _, booked, _, _ in found.values()) < 200
    assert 20 < sum(incoming > 0 for _, _, _, incoming in found.values()) < 200
    assert found["KO-CORD-PARA", "MAIN"][:3] == (0, 2, -2)
    skus = {product.sku for product in side.products} - set(BUNDLES)
    at_main_street = {
        variant.item.sku
        for variant in shops[0].variants.values()
        if any(level.location.name == "Main St" for level in variant.item.levels.values())
    }
    assert 5 < len((skus & at_main_street) - {sku for sku, code in found if code == "MAIN"}) < 60


def test_the_same_seed_gives_the_same_account(shops: list[SandboxShop], side: SumtrackerSide) -> None:
    again = build("kestrel", seed=1, clock=Clock(running=False))
    assert kestrel_sumtracker(*again, seed=1) == side
    other = kestrel_sumtracker(*shops, seed=2)
    assert other.key != side.key
    assert other.levels != side.levels


def test_the_first_shop_alone_has_the_account_too_whatever_its_handle() -> None:
    (renamed,) = build("outdoor", seed=1, clock=Clock(running=False), shop="another-name")
    made = sumtracker_side("outdoor", [renamed], seed=1)
    assert made is not None
    assert len(made.levels) > 1900
    assert sumtracker_side("empty", [renamed], seed=1) is None
