"""Rolling back: minus what was pushed, off before it is sent, from any crash to the same end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supportdesk.ledger import channel_sync
from supportdesk.sync.plan import PlanJob
from supportdesk.sync.rollback import build_rollback
from tests.sync.shops import Crash
from tests.sync.test_apply import MUG, ROPE, TENT, shop_of, worlds
from tests.sync.turning_on import Dying, LivingWatch, World

__all__ = ["worlds"]


def turned_on(world: World) -> World:
    """On, with pushes of two causes: the duplicate made equal, and a count in Sumtracker."""
    assert world.turn_on(world.plan()) is None
    world.set("ROPE", 20)
    world.work(lambda: world.shown[ROPE] == 20)
    world.buy(TENT, 2)
    later = world.shop.clock.seconds() + 60
    world.work(lambda: world.shop.clock.seconds() > later and world.settled())
    assert world.shown == {MUG: 35, TENT: 35, ROPE: 20}
    world.load()
    return world


def rollback(world: World, *keep: str) -> int:
    job = PlanJob(world.ledger, LivingWatch(world, lambda: False), world.now, "mia")
    return build_rollback(job, world.channel, keep)


def ended(world: World) -> Callable[[], bool]:
    return lambda: world.standing().plan.state in ("rolled_back", "refused")  # type: ignore[union-attr]


def roll_back(world: World, plan_id: int) -> str:
    world.ask(plan_id)
    world.work(ended(world))
    found = world.standing()
    assert found.plan is not None
    return found.plan.state


def test_what_was_pushed_is_taken_back_and_sync_is_off(worlds: Callable[..., World]) -> None:
    world = turned_on(worlds(shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9)])))
    plan = rollback(world)
    assert world.planned(plan) == {MUG: (35, 40), ROPE: (20, 9)}
    assert roll_back(world, plan) == "rolled_back"
    assert world.shown == {MUG: 40, TENT: 35, ROPE: 9}
    assert not world.on
    assert world.claim == ""
    assert channel_sync.channel_sync(world.ledger.db.conn, world.channel.id).on_since is None  # type: ignore[union-attr]
    told = world.ledger.rows("SELECT sku, place FROM event WHERE detail LIKE 'rolled back%' ORDER BY sku")
    assert [tuple(each) for each in told] == [("MUG", "Main St"), ("ROPE", "Main St")]
    in_stock, booked, _ = world.numbers["MUG", 1]
    assert (in_stock, booked) == (35, 0), "what was sold stays promised"


def levels(world: World) -> dict[tuple[int, int], int]:
    rows = world.ledger.rows("SELECT item_id, location_id, available FROM store_level")
    return {(item, place): number for item, place, number in rows}


@pytest.mark.parametrize("refused", [False, True])
def test_what_the_store_shows_afterwards_is_what_every_page_says(
    worlds: Callable[..., World], refused: bool
) -> None:
    world = turned_on(worlds(shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9)])))
    plan = rollback(world)
    if refused:
        world.store.refuses[ROPE] = "ITEM_NOT_STOCKED_AT_LOCATION"
    assert roll_back(world, plan) == "rolled_back"
    assert levels(world) == world.shown


def test_turned_off_every_page_says_what_the_store_shows(worlds: Callable[..., World]) -> None:
    world = turned_on(worlds(shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9)])))
    world.set("ROPE", 12)
    world.work(lambda: world.shown[ROPE] == 12 and world.settled())
    world.stop()
    assert levels(world) == world.shown


def test_a_cause_that_is_kept_stays(worlds: Callable[..., World]) -> None:
    world = turned_on(worlds(shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9)])))
    assert roll_back(world, rollback(world, "set")) == "rolled_back"
    assert world.shown == {MUG: 40, TENT: 35, ROPE: 20}
    (said,) = world.ledger.db.conn.execute(
        "SELECT detail FROM plan_step WHERE step = 'taken_back'"
    ).fetchone()
    assert said == "What was pushed for 1 cause stays, as planned."


def test_more_pushes_make_it_stale_and_sync_goes_on(worlds: Callable[..., World]) -> None:
    world = turned_on(worlds(shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9)])))
    plan = rollback(world)
    world.set("ROPE", 15)
    world.work(lambda: world.shown[ROPE] == 15 and not world.standing().unsettled)
    assert roll_back(world, plan) == "refused"
    assert world.on
    assert world.claim
    assert world.shown == {MUG: 35, TENT: 35, ROPE: 15}


def test_a_row_that_the_store_refuses_is_named_and_the_rest_is_written(worlds: Callable[..., World]) -> None:
    world = turned_on(worlds(shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9)])))
    plan = rollback(world)
    world.store.refuses[ROPE] = "ITEM_NOT_STOCKED_AT_LOCATION"
    assert roll_back(world, plan) == "rolled_back"
    assert world.shown == {MUG: 40, TENT: 35, ROPE: 20}
    assert "ROPE at Main St" in world.standing().said


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_it_goes_on_wherever_it_died(tmp_path: Path, at: int) -> None:
    world = turned_on(World(tmp_path, shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9)])))
    world.ask(rollback(world))
    try:
        world.work(ended(world), Dying(at))
    except Crash:
        world.die()
    world.work(ended(world))
    assert world.shown == {MUG: 40, TENT: 35, ROPE: 9}
    assert world.claim == ""
    assert [change for row, change, _ in world.store.written if row == ROPE] == [11, -11]


def pass_by(world: World, seconds: float) -> None:
    until = world.shop.clock.seconds() + seconds
    world.work(lambda: world.shop.clock.seconds() > until)


@pytest.mark.parametrize("keep", [(), ("receive",)])
def test_after_a_day_of_sales_the_store_shows_what_it_would_have_shown(
    worlds: Callable[..., World], keep: tuple[str, ...]
) -> None:
    """Shoppers buy all the while, of shared rows too: before the plan, between it and its applying, and while it is sent."""
    from supportdesk.core.stock import Quantities
    from supportdesk.ledger import movements

    numbers = {MUG: 140, TENT: 137, ROPE: 90}
    world = worlds(shop_of([("MUG", 140), ("MUG", 137), ("ROPE", 90)]))
    assert world.turn_on(world.plan()) is None
    before = len(world.shop.order_book.orders)
    world.happens = lambda: (
        world.buy(world.chance.choice(list(numbers))) if world.chance.random() < 0.1 else None
    )
    for _ in range(3):
        pass_by(world, 200)
        with world.ledger.writing() as connection:
            cause = movements.Cause(world.now(), "receive", who="mia", reference="PO-1")
            movements.move(connection, cause, "ROPE", 1, Quantities(in_stock=10))
    world.work(lambda: world.settled() and not world.standing().unsettled)
    plan = rollback(world, *keep)
    assert set(world.view(plan).causes) == {"copy", "placed", "receive"}
    pass_by(world, 30)
    assert roll_back(world, plan) == "rolled_back"
    world.happens = lambda: None
    world.live(60)
    sold = dict.fromkeys(numbers, 0)
    for order in list(world.shop.order_book.orders.values())[before:]:
        for line in order.lines:
            sold[line.item.id, line.item.levels[MUG[1]].location.id] += line.quantity
    received = {ROPE: 30 if keep else 0}
    assert world.shown == {row: units - sold[row] + received.get(row, 0) for row, units in numbers.items()}
    assert min(sold.values()) > 5


@pytest.mark.parametrize("done", [True, False])
def test_a_write_that_was_not_answered_when_it_was_turned_off(
    worlds: Callable[..., World], done: bool
) -> None:
    from supportdesk.core.looks import AdjustAnswer

    world = worlds(shop_of([("MUG", 40), ("TENT", 12), ("ROPE", 9)]))
    assert world.turn_on(world.plan()) is None
    answers = world.store.adjust

    def lost(*words: object) -> AdjustAnswer:
        if done:
            answers(*words)  # type: ignore[arg-type]
        return AdjustAnswer("unknown", int(world.shop.clock.seconds()), 0.1)

    world.store.adjust = lost  # type: ignore[assignment, method-assign]
    world.set("ROPE", 20)
    world.work(lambda: world.standing().unsettled == 1)
    world.stop()
    assert world.shown[ROPE] == (20 if done else 9)
    world.store.adjust = answers  # type: ignore[method-assign]
    world.live(3600)
    plan = rollback(world)
    assert world.view(plan).causes == {"set": 11}
    assert roll_back(world, plan) == "rolled_back"
    assert world.shown == {MUG: 40, TENT: 12, ROPE: 9}
