"""What a plan is compared with when it is applied, end to end: what ends it as refused, what orders explain, and what is never ended by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.sandbox.store import SandboxShop
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
