"""The demo's stores hold what the demo says they do, the same every time."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from supportdesk.core.skus import hygiene_mark, look_alike_key
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.generator import SNAPSHOT_QUERY
from supportdesk.sandbox.kestrel import kestrel_outdoor, kestrel_outlet
from supportdesk.sandbox.records import VariantRecord
from supportdesk.sandbox.store import SandboxShop
from tests.shops import InProcess


@pytest.fixture(scope="module")
def outdoor() -> SandboxShop:
    return kestrel_outdoor(clock=Clock(running=False))


@pytest.fixture(scope="module")
def outlet() -> SandboxShop:
    return kestrel_outlet(clock=Clock(running=False))


def groups(shop: SandboxShop) -> dict[str, list[VariantRecord]]:
    found: dict[str, list[VariantRecord]] = defaultdict(list)
    for number in shop.ids("ProductVariant"):
        variant = shop.variants[number]
        if variant.item.sku:
            found[variant.item.sku].append(variant)
    return {sku: variants for sku, variants in found.items() if len(variants) > 1}


def numbers(variant: VariantRecord) -> dict[str, int]:
    return {level.location.name: level.available for level in variant.item.levels.values()}


def disagree(variants: list[VariantRecord]) -> bool:
    shown = [numbers(variant) for variant in variants]
    return any(one[place] != other[place] for one in shown for other in shown for place in one.keys() & other)


def test_its_size(outdoor: SandboxShop, outlet: SandboxShop) -> None:
    assert 1150 <= len(outdoor.variants) <= 1250
    assert 150 <= len(outlet.variants) <= 250
    assert [(place.name, place.active) for place in outdoor.locations.values()] == [
        ("Main St", True),
        ("Depot", True),
        ("Peak Logistics", True),
        ("Market Hall pop-up", False),
    ]
    assert [place.name for place in outlet.locations.values()] == ["Outlet shop", "Depot"]


def test_fourteen_duplicate_groups_of_which_six_disagree(outdoor: SandboxShop) -> None:
    found = groups(outdoor)
    assert len(found) == 14
    assert sum(disagree(variants) for variants in found.values()) == 6


def test_the_tent_of_the_first_screen(outdoor: SandboxShop) -> None:
    tents = groups(outdoor)["KO-TENT-2P"]
    assert [(tent.product.title, numbers(tent)) for tent in tents] == [
        ("Ridge tent 2P", {"Main St": 31, "Depot": 6}),
        ("Ridge tent 2P (sale)", {"Main St": 4, "Depot": 6}),
        ("Bundle deal: tent", {"Main St": 9}),
    ]
    by_place = [
        [numbers(tent)[place] for tent in tents if place in numbers(tent)] for place in ("Main St", "Depot")
    ]
    assert numbers(tents[0])["Main St"] + numbers(tents[0])["Depot"] == 37
    assert [sum(how(counts) for counts in by_place) for how in (min, max, sum)] == [10, 37, 56]


def test_the_mug_of_the_first_screen(outdoor: SandboxShop) -> None:
    mugs = groups(outdoor)["KO-MUG-ENAMEL"]
    assert [(mug.product.title, numbers(mug)) for mug in mugs] == [
        ("Enamel mug", {"Main St": 40}),
        ("Mug (gift)", {"Main St": 40}),
    ]


def test_the_groups_are_of_several_natures(outdoor: SandboxShop) -> None:
    found = groups(outdoor)
    same_title = [sku for sku, group in found.items() if len({one.product.title for one in group}) == 1]
    shared_item = [sku for sku, group in found.items() if len({one.item.id for one in group}) == 1]
    assert {disagree(found[sku]) for sku in same_title} == {True, False}
    assert shared_item == ["KO-GIFTBOX"]
    assert {one.product.title for one in found["KO-0000"]} == {"Wax cotton tote", "Cast iron griddle"}


def test_it_has_one_of_everything_that_is_left_out(outdoor: SandboxShop) -> None:
    variants = list(outdoor.variants.values())
    states = Counter(variant.product.status for variant in variants)
    assert states["DRAFT"] >= 3
    assert states["ARCHIVED"] >= 3
    assert states["UNLISTED"] == 1
    assert sum(not variant.item.sku for variant in variants) >= 5
    assert sum(not variant.item.tracked for variant in variants) >= 3
    assert sum(variant.product.gift_card for variant in variants) == 3
    assert sum(variant.bundle_parent for variant in variants) == 1
    assert sum(variant.sells_when_out for variant in variants) == 1


def test_it_has_skus_to_look_at(outdoor: SandboxShop) -> None:
    skus = {variant.item.sku for variant in outdoor.variants.values()} - {""}
    marks = {hygiene_mark(sku) for sku in skus} - {None}
    assert marks == {"apostrophe", "placeholder", "padded"}
    keys = Counter(look_alike_key(sku) for sku in skus)
    assert [key for key, count in keys.items() if count > 1] == [look_alike_key("KO-KETTLE-2")]


def test_it_has_open_orders_negative_stock_and_a_closed_place(outdoor: SandboxShop) -> None:
    levels = [level for item in outdoor.items.values() for level in item.levels.values()]
    assert 30 <= sum(level.committed > 0 for level in levels) <= 100
    assert any(level.available < 0 for level in levels)
    assert any(level.incoming > 0 for level in levels)
    assert all(level.active is level.location.active for level in levels)
    assert any(not level.active for level in levels)


def test_titles_and_skus_look_like_a_shops(outdoor: SandboxShop) -> None:
    for variant in outdoor.variants.values():
        assert variant.product.title == variant.product.title.strip() != ""
        assert variant.product.product_type
        assert float(variant.price) >= 0
        if variant.barcode:
            digits = [int(digit) for digit in variant.barcode]
            assert len(digits) == 13
            assert sum(digit * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10 == 0
    handles = [product.handle for product in outdoor.products.values()]
    assert len(set(handles)) == len(handles)
    barcodes = [variant.barcode for variant in outdoor.variants.values() if variant.barcode]
    assert len(set(barcodes)) == len(barcodes)


def test_products_were_made_one_after_another_before_today(outdoor: SandboxShop) -> None:
    made = [outdoor.products[number].created_at for number in outdoor.ids("Product")]
    assert made == sorted(made)
    assert made[-1] < outdoor.stamp()


def test_the_outlet_shares_most_skus(outdoor: SandboxShop, outlet: SandboxShop) -> None:
    ours = {variant.item.sku for variant in outdoor.variants.values()}
    theirs = [variant.item.sku for variant in outlet.variants.values()]
    assert sum(sku in ours for sku in theirs) / len(theirs) > 0.9
    assert any(sku not in ours for sku in theirs)


@pytest.mark.parametrize("build", [kestrel_outdoor, kestrel_outlet])
def test_the_same_seed_gives_the_same_store(build: object) -> None:
    assert callable(build)

    def file(seed: int) -> bytes:
        api = InProcess(build(seed, Clock(running=False)))
        api.shop.clock.advance(1)
        number = api.data(
            "mutation($query:String!){bulkOperationRunQuery(query:$query){bulkOperation{id}}}",
            query=SNAPSHOT_QUERY,
        )["bulkOperationRunQuery"]["bulkOperation"]["id"]
        api.shop.clock.advance(10)
        url = api.data("query($id:ID!){bulkOperation(id:$id){url}}", id=number)["bulkOperation"]["url"]
        content: bytes = api.client.get(url).content
        return content

    assert file(1) == file(1)
    assert file(1) != file(2)


def test_another_seed_keeps_what_the_demo_says() -> None:
    shop = kestrel_outdoor(seed=7, clock=Clock(running=False))
    found = groups(shop)
    assert len(found) == 14
    assert sum(disagree(variants) for variants in found.values()) == 6
