"""What a plan is compared with when it is applied, end to end: what ends it as refused, what orders explain, and what is never ended by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.test_apply import MUG, TENT, shop_of
from tests.sync.turning_on import World


@pytest.fixture
def worlds(tmp_path: Path) -> Callable[..., World]:
    """Makes worlds whose files are closed in the end."""

    def make(shop: SandboxShop, **more: Any) -> World:
        return World(tmp_path, shop, **more)

    return make


# On already -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edited", [False, True])
def test_a_second_plan_leaves_a_channel_that_is_on_as_it_is(
    worlds: Callable[..., World], edited: bool
) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    first = world.plan()
    assert world.turn_on(first) is None
    world.buy(MUG, 3)
    world.live(30)
    world.load()
    second = world.plan()
    if edited:
        world.edit(TENT, -2)
    claim, fences = world.claim, world.ledger.value("SELECT t0 FROM fence")
    world.ask(second)
    world.work(lambda: world.refused() is not None)
    assert "on already" in (world.refused() or "")
    assert world.on
    assert world.claim == claim != ""
    assert world.ledger.value("SELECT t0 FROM fence") == fences
    assert world.ledger.value("SELECT count(*) FROM sync_row WHERE condition = 'live'") == 2
    world.buy(MUG, 2)
    until = world.shop.clock.seconds() + 120
    world.work(lambda: world.shop.clock.seconds() > until)
    in_stock, booked, _ = world.numbers["MUG", 1]
    assert in_stock - booked == 35


def test_what_else_was_planned_is_replaced_once_it_is_on(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    first = world.plan()
    world.ask(first)
    second = world.plan()
    world.work(world.settled)
    assert world.view(first).state == "applied"
    assert world.view(second).state == "replaced"
    assert world.view(second).said == f"Plan {first} turned sync on."
    assert world.planned(second) == {}


# What is no more the same in the store ----------------------------------------------------------------------------------------------------


def status(status: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.shop.items[2001].variants[0].product.status = status

    return change


def gift_card(world: World) -> None:
    world.shop.items[2001].variants[0].product.gift_card = True


def bundle(world: World) -> None:
    world.shop.items[2001].variants[0].bundle_parent = True


LEFT: dict[str, tuple[Callable[[World], None], str]] = {
    "archived": (status("ARCHIVED"), "archived in the store"),
    "a draft": (status("DRAFT"), "a draft in the store now"),
    "a gift card": (gift_card, "a gift card in the store now"),
    "a bundle": (bundle, "a Shopify bundle now"),
}


@pytest.mark.parametrize("case", LEFT)
def test_a_listing_that_left_scope_since_the_plan_refuses_it_soon(
    worlds: Callable[..., World], case: str
) -> None:
    change, words = LEFT[case]
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    plan = world.plan()
    change(world)
    world.happens = lambda: world.buy(TENT, 1) if world.chance.random() < 0.5 else None
    began = world.shop.clock.seconds()
    said = world.turn_on(plan)
    assert said is not None
    assert f"MUG at Main St: {words}" in said
    assert world.shop.clock.seconds() - began < 30, "known from the first reading"
    assert world.store.written == []
    assert not world.on
    assert world.claim == ""


def test_a_draft_is_synced_where_drafts_are(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    with world.ledger.writing() as connection:
        connection.execute("UPDATE channel SET drafts = 1")
    plan = world.plan()
    status("DRAFT")(world)
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 40, TENT: 12}


def test_archiving_while_on_holds_a_row_until_it_is_back(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    assert world.turn_on(world.plan()) is None

    def code(after: float) -> str:
        with world.ledger.writing() as connection:
            connection.execute("UPDATE sync_row SET read_due = 0")
        until = world.shop.clock.seconds() + after
        world.work(lambda: world.shop.clock.seconds() > until)
        return str(world.ledger.value("SELECT code FROM sync_row WHERE item_id = 2001"))

    status("ARCHIVED")(world)
    assert code(60) == "archived"
    world.set("MUG", 45)
    assert code(60) == "archived"
    assert world.shown[MUG] == 40
    status("ACTIVE")(world)
    assert code(120) == ""
    assert world.shown == {MUG: 45, TENT: 12}


# What orders explain ----------------------------------------------------------------------------------------------------------------------


def test_an_order_cancelled_and_not_put_back_explains_what_it_took(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    plan = world.plan()
    world.live(40)
    order = world.buy(MUG, 3)
    world.live(20)
    changes.cancel(world.shop.order_book, order, restock=False)
    world.live(20)
    assert world.shown == {MUG: 37, TENT: 12}
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 37, TENT: 12}
    assert world.numbers["MUG", 1] == (37, 0, 1)


@pytest.mark.parametrize(("quantity", "now"), [(2, 35), (-2, 39)])
def test_an_earlier_order_that_was_edited_explains_what_it_took(
    worlds: Callable[..., World], quantity: int, now: int
) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    order = world.buy(MUG, 3)
    world.live(120)
    world.load()
    plan = world.plan()
    world.live(40)
    changes.edit(world.shop.order_book, order, order.lines[0].variant, quantity)
    world.live(30)
    assert world.shown == {MUG: now, TENT: 12}
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: now, TENT: 12}
    assert world.numbers["MUG", 1] == (now, 0, 1)


def test_an_earlier_order_that_was_moved_explains_both_locations(worlds: Callable[..., World]) -> None:
    shop = small_shop(
        clock=Clock(running=False),
        locations=[MAIN, DEPOT],
        listings=[listing(1, "MUG")],
        levels=[level(1, MAIN, 40), level(1, DEPOT, 20)],
    )
    shop.lags = Lags(commit=2, visibility=6, index=3)
    world = worlds(shop)
    order = world.buy(MUG, 3)
    world.live(120)
    world.load()
    plan = world.plan()
    world.live(40)
    changes.move(world.shop.order_book, order.fulfillment_orders[0], world.shop.locations[DEPOT.id])
    world.live(30)
    assert world.shown == {MUG: 40, (MUG[0], DEPOT.id): 17}
    assert world.turn_on(plan) is None
