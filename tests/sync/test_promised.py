"""What orders from before promised, end to end: what a plan says comes after is what the ledger and the store have once it was applied."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.timeline import Lags
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.test_apply import shop_of
from tests.sync.turning_on import World

KIT, TENT, PEG = (2001, MAIN.id), (2002, MAIN.id), (2003, MAIN.id)
PARTS = {"KIT": {"TENT": 2, "PEG": 1}}
ROW = {"KIT": KIT, "TENT": TENT, "PEG": PEG}


def kits(
    folder: Path, *, counted: Mapping[str, int], before: Mapping[str, int] = {}, bundles: Any = PARTS
) -> World:
    """A shop that sold some before it was loaded, with its SKUs counted in Sumtracker and what is promised in the counts."""
    world = World(folder, shop_of({"KIT": 4, "TENT": 14, "PEG": 11}), bundles=bundles)
    for sku, quantity in before.items():
        world.buy(ROW[sku], quantity)
    world.live(30)
    world.load()
    for sku, units in counted.items():
        world.set(sku, units)
    return world


def afterwards(world: World, plan: int) -> dict[str, int]:
    """What a plan says that the store will show, by SKU."""
    planned = world.planned(plan)
    return {sku: planned[row][1] for sku, row in ROW.items()}


def available(world: World) -> dict[str, int]:
    """What the ledger has, by SKU."""
    return {sku: in_stock - booked for (sku, _), (in_stock, booked, _) in world.numbers.items()}


def shown(world: World) -> dict[str, int]:
    return {sku: world.shown[row] for sku, row in ROW.items()}


@pytest.mark.parametrize(
    ("included", "before", "gap", "planned", "after"),
    [
        (True, {"KIT": 2}, {}, (4, 8, 7), (4, 8, 7)),
        (False, {"KIT": 2}, {}, (6, 12, 9), (6, 12, 9)),
        (True, {"KIT": 1, "TENT": 3, "PEG": 1}, {}, (3, 7, 7), (3, 7, 7)),
        (True, {"KIT": 2}, {"KIT": 1}, (4, 8, 7), (3, 6, 6)),
        (False, {"KIT": 2}, {"KIT": 1}, (6, 12, 9), (5, 10, 8)),
        (True, {"TENT": 2}, {"TENT": 3, "KIT": 1}, (5, 10, 9), (2, 5, 8)),
        (False, {"TENT": 2}, {"TENT": 3, "KIT": 1}, (6, 12, 9), (3, 7, 8)),
    ],
)
def test_what_comes_after_is_what_was_planned_less_what_was_sold_since(
    tmp_path: Path,
    included: bool,
    before: Mapping[str, int],
    gap: Mapping[str, int],
    planned: tuple[int, int, int],
    after: tuple[int, int, int],
) -> None:
    world = kits(tmp_path, counted={"TENT": 12, "PEG": 9}, before=before)
    plan = world.plan(copies=False, unknown="hold", promised_included=included)
    assert tuple(afterwards(world, plan).values()) == planned
    world.live(20)
    for sku, quantity in gap.items():
        world.buy(ROW[sku], quantity)
    world.live(20)
    assert world.turn_on(plan) is None
    assert tuple(shown(world).values()) == after
    assert available(world) == {"TENT": after[1], "PEG": after[2]}


def test_a_sku_once_counted_that_is_a_bundle_now_keeps_its_old_count(tmp_path: Path) -> None:
    world = kits(tmp_path, counted={"KIT": 7, "TENT": 12, "PEG": 9}, before={"KIT": 2})
    plan = world.plan(copies=False, unknown="hold", promised_included=True)
    assert world.turn_on(plan) is None
    assert shown(world) == afterwards(world, plan) == {"KIT": 4, "TENT": 8, "PEG": 7}
    assert available(world) == {"KIT": 7, "TENT": 8, "PEG": 7}


def test_what_is_held_for_an_unknown_component_promises_the_others_all_the_same(tmp_path: Path) -> None:
    world = kits(tmp_path, counted={"TENT": 12}, before={"KIT": 2, "PEG": 1})
    plan = world.plan(copies=False, unknown="hold", promised_included=True)
    assert world.turn_on(plan) is None
    assert shown(world) == afterwards(world, plan)
    assert available(world) == {"TENT": 8}


def test_what_was_sold_of_a_held_bundle_is_taken_of_its_counted_components(tmp_path: Path) -> None:
    world = kits(tmp_path, counted={"TENT": 12}, before={"KIT": 2})
    plan = world.plan(copies=False, unknown="hold", promised_included=True)
    assert afterwards(world, plan) == {"KIT": 2, "TENT": 8, "PEG": 11}
    world.live(20)
    world.buy(KIT, 1)
    world.live(20)
    assert world.turn_on(plan) is None
    assert shown(world) == {"KIT": 1, "TENT": 6, "PEG": 11}
    assert available(world) == {"TENT": 6}


def test_a_component_that_the_store_does_not_sell_by_itself_is_promised_too(tmp_path: Path) -> None:
    world = kits(
        tmp_path,
        counted={"POLE": 5, "TENT": 12, "PEG": 9},
        before={"KIT": 2},
        bundles={"KIT": {"POLE": 2, "PEG": 1}},
    )
    plan = world.plan(copies=False, unknown="hold", promised_included=True)
    assert afterwards(world, plan) == {"KIT": 0, "TENT": 12, "PEG": 7}
    assert world.turn_on(plan) is None
    assert shown(world) == afterwards(world, plan)
    assert available(world) == {"POLE": 1, "TENT": 12, "PEG": 7}


@pytest.mark.parametrize(
    ("unknown", "kept"),
    [("zero", {"KIT": 0, "PEG": 0}), ("copy", {"KIT": 2, "PEG": 11}), ("hold", {})],
)
def test_nothing_is_taken_off_numbers_that_nobody_counted(
    tmp_path: Path, unknown: str, kept: dict[str, int]
) -> None:
    world = kits(tmp_path, counted={"TENT": 12}, before={"KIT": 2, "TENT": 3}, bundles={})
    plan = world.plan(copies=False, unknown=unknown, promised_included=True)
    assert world.turn_on(plan) is None
    assert shown(world) == afterwards(world, plan) == {"KIT": 2, "TENT": 9, "PEG": 11} | kept
    assert available(world) == {"TENT": 9} | kept


@pytest.mark.parametrize("how", ["sent", "cancelled"])
def test_past_orders_that_are_done_before_t0_end_with_the_shelf(tmp_path: Path, how: str) -> None:
    """Sent units have left the shelf that was counted; cancelled ones are back on sale."""
    world = World(tmp_path, shop_of({"MUG": 10}))
    mug = (2001, MAIN.id)
    order = world.buy(mug, 4)
    world.live(30)
    world.load()
    world.set("MUG", 8)
    plan = world.plan(copies=False, unknown="hold", promised_included=True)
    assert world.planned(plan) == {mug: (6, 4)}
    world.live(20)
    if how == "sent":
        changes.fulfil(world.shop.order_book, order.fulfillment_orders[0])
    else:
        changes.cancel(world.shop.order_book, order, restock=True)
    world.live(20)
    assert world.turn_on(plan) is None
    after = 4 if how == "sent" else 8
    assert world.shown == {mug: after}
    assert available(world) == {"MUG": after}


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_sold_while_turning_on_counts_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    before = {sku: quantity for sku in ROW if (quantity := chance.randint(0, 1))}
    world = kits(tmp_path, counted={"TENT": 30, "PEG": 20}, before=before)
    included = chance.random() < 0.5
    plan = world.plan(copies=False, unknown="hold", promised_included=included)
    sold = dict.fromkeys(ROW, 0)
    stop = world.shop.clock.seconds() + chance.uniform(5, 60)

    def shoppers() -> None:
        sku = chance.choice(list(ROW))
        if world.shop.clock.seconds() < stop and chance.random() < 0.1 and world.shown[ROW[sku]] > 1:
            sold[sku] += 1
            world.buy(ROW[sku])

    world.happens = shoppers
    world.live(chance.uniform(0, 30))
    assert world.turn_on(plan) is None
    world.happens = lambda: None
    until = world.shop.clock.seconds() + 90
    world.work(lambda: world.shop.clock.seconds() > until and world.settled())
    taken = {sku: sold[sku] + (before.get(sku, 0) if included else 0) for sku in ROW}
    tents, pegs = 30 - 2 * taken["KIT"] - taken["TENT"], 20 - taken["KIT"] - taken["PEG"]
    assert available(world) == {"TENT": tents, "PEG": pegs}
    assert shown(world) == {"KIT": min(tents // 2, pegs), "TENT": tents, "PEG": pegs}


@pytest.mark.parametrize("included", [True, False])
def test_both_locations_of_a_warehouse_promise_of_one_number(tmp_path: Path, included: bool) -> None:
    shop = small_shop(
        "kestrel",
        clock=Clock(running=False),
        locations=[MAIN, DEPOT],
        listings=[listing(number, sku) for number, sku in enumerate(ROW, 1)],
        levels=[level(number, place, 9) for number in (1, 2, 3) for place in (MAIN, DEPOT)],
    )
    shop.lags = Lags(commit=2, visibility=6, index=3)
    world = World(tmp_path, shop, bundles=PARTS)
    for place, quantity in ((MAIN.id, 1), (DEPOT.id, 2)):
        world.buy((2001, place), quantity)
    world.live(30)
    world.load()
    world.set("TENT", 20)
    world.set("PEG", 20)
    plan = world.plan(copies=False, unknown="hold", promised_included=included)
    assert world.turn_on(plan) is None
    assert world.shown == {row: after for row, (_, after) in world.planned(plan).items()}
    assert available(world) == ({"TENT": 14, "PEG": 17} if included else {"TENT": 20, "PEG": 20})


def test_what_a_shared_sku_promised_is_summed_over_its_listings(tmp_path: Path) -> None:
    world = World(tmp_path, shop_of([("MUG", 10), ("MUG", 10)]))
    one, two = (2001, MAIN.id), (2002, MAIN.id)
    world.buy(one, 2)
    world.buy(two, 1)
    world.live(30)
    world.load()
    world.set("MUG", 11)
    plan = world.plan(copies=False, unknown="hold", promised_included=True)
    assert world.planned(plan) == {one: (8, 8), two: (9, 8)}
    world.buy(one, 2)
    world.live(12)
    assert world.turn_on(plan) is None
    assert world.shown == {one: 6, two: 6}
    assert available(world) == {"MUG": 6}


def test_a_number_that_is_copied_stays_as_the_store_counts_it(tmp_path: Path) -> None:
    world = kits(tmp_path, counted={"TENT": 12}, before={"KIT": 2, "PEG": 1})
    plan = world.plan(copies=False, unknown="copy", promised_included=True)
    assert afterwards(world, plan) == {"KIT": 4, "TENT": 8, "PEG": 10}
    world.live(20)
    world.buy(KIT)
    world.buy(PEG)
    world.live(20)
    assert world.turn_on(plan) is None
    assert shown(world) == {"KIT": 3, "TENT": 6, "PEG": 9}
    assert available(world) == {"TENT": 6, "PEG": 9}
