"""Numbers that moved between a plan and its applying otherwise than by orders: shown, and confirmed again, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.ledger import plan_moved
from supportdesk.ledger.plan_moved import MovedLine
from supportdesk.sandbox import order_changes as changes
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.test_apply import MUG, ROPE, TENT, shop_of
from tests.sync.turning_on import World


@pytest.fixture
def worlds(tmp_path: Path) -> Callable[..., World]:
    """Makes worlds whose files are closed in the end."""

    def make(shop: Any, **more: Any) -> World:
        return World(tmp_path, shop, **more)

    return make


def waiting(world: World) -> dict[str, tuple[int, int, int, str]]:
    found = world.standing().plan
    assert found is not None
    lines = plan_moved.lines(world.ledger.db.conn, found.plan_id, 100)
    assert len(lines) == plan_moved.count(world.ledger.db.conn, found.plan_id)
    return {_name(line): (line.planned, line.now, line.after, line.risk) for line in lines}


def _name(line: MovedLine) -> str:
    return line.sku


TABLES = ("sync_row", "reading", "effect", "fence", "store_order", "store_order_line", "copy_target", "push")


def untouched(world: World) -> bool:
    return not any(world.ledger.value(f"SELECT count(*) FROM {table}") for table in TABLES)


ANSWERS: dict[str, dict[str, Any]] = {
    "copied": {"copies": True},
    "not copied": {"copies": False, "unknown": "hold"},
}


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("edit", [-3, -40, 5])
def test_a_staff_edit_waits_and_goes_on_once_confirmed(
    worlds: Callable[..., World], answers: str, edit: int
) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    copies = answers == "copied"
    if not copies:
        world.set("MUG", 40)
        world.set("TENT", 12)
    before = world.numbers
    plan = world.plan(**ANSWERS[answers])
    world.edit(MUG, edit)
    world.live(30)
    world.ask(plan)
    said = world.until_moved()
    assert f"MUG at Main St (40 when planned, {40 + edit} now)" in said
    after = 40 + edit if copies else 40
    assert {name: numbers[:3] for name, numbers in waiting(world).items()} == {"MUG": (40, 40 + edit, after)}
    assert world.numbers == before
    assert world.store.written == []
    assert untouched(world)
    assert world.claim
    world.buy(TENT, 1)
    world.live(200)
    assert world.until_moved() == said, "it waits for as long as it takes"
    world.confirm()
    world.work(world.ended)
    assert world.refused() is None
    assert world.shown == {MUG: after, TENT: 11}
    assert world.numbers["MUG", 1][0] == after
    assert [change for row, change, _ in world.store.written if row == MUG] == ([] if copies else [-edit])


def test_more_sold_than_sumtracker_has_is_shown_as_none_left(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    world.set("MUG", 2)
    world.set("TENT", 12)
    plan = world.plan(copies=False, unknown="hold")
    world.live(60)
    world.buy(MUG, 5)
    world.live(30)
    world.ask(plan)
    said = world.until_moved()
    assert "or orders made more of them than was shown: MUG at Main St (40 when planned, 35 now)" in said
    assert waiting(world) == {"MUG": (40, 35, 0, "falls_to_zero")}
    world.confirm()
    world.work(world.ended)
    assert world.refused() is None
    assert world.shown == {MUG: 0, TENT: 12}
    assert world.numbers["MUG", 1][0] == -3
    assert (world.standing().planned, world.standing().written) == (1, 1), "with what moved and was confirmed"


def test_what_moves_further_is_asked_about_again(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12, "ROPE": 9}))
    plan = world.plan()
    world.edit(MUG, -3)
    world.live(30)
    world.ask(plan)
    world.until_moved()
    world.edit(TENT, 2)
    world.buy(MUG, 1)
    world.live(30)
    world.confirm()
    world.until_moved()
    assert waiting(world) == {"MUG": (40, 36, 36, "stays"), "TENT": (12, 14, 14, "stays")}
    world.buy(MUG, 2)
    world.live(30)
    world.confirm()
    world.work(world.ended)
    assert world.shown == {MUG: 34, TENT: 14, ROPE: 9}
    assert world.numbers["MUG", 1] == (34, 0, 1)
    assert world.store.written == []


def test_orders_alone_ask_nothing_more_once_somebody_went_on(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 31, "TENT": 12}))
    world.set("MUG", 10)
    world.set("TENT", 12)
    plan = world.plan(**ANSWERS["not copied"])
    world.edit(TENT, 3)
    world.live(30)
    world.ask(plan)
    world.until_moved()
    assert set(waiting(world)) == {"TENT"}
    world.buy(MUG, 22)
    world.live(30)
    world.confirm()
    world.work(world.ended)
    assert world.shown == {MUG: 0, TENT: 12}
    assert world.numbers["MUG", 1][0] == -12


def test_another_edit_of_a_confirmed_row_is_asked_about(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40}))
    plan = world.plan()
    world.edit(MUG, -3)
    world.live(30)
    world.ask(plan)
    world.until_moved()
    world.edit(MUG, -3)
    world.live(30)
    world.confirm()
    world.until_moved()
    assert waiting(world) == {"MUG": (40, 34, 34, "stays")}


def test_rows_that_follow_a_moved_one_are_shown_too(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of([("MUG", 40), ("MUG", 37), ("KIT", 20)]), bundles={"KIT": {"MUG": 2}})
    plan = world.plan()
    assert world.planned(plan) == {MUG: (40, 37), TENT: (37, 37), ROPE: (20, 18)}
    world.edit(TENT, -37)
    world.live(30)
    world.ask(plan)
    said = world.until_moved()
    assert "2 more rows would show another number by it." in said
    found = world.standing().plan
    assert found is not None
    lines = plan_moved.lines(world.ledger.db.conn, found.plan_id, 100)
    assert sorted((line.planned, line.now, line.after, line.planned_after, line.risk) for line in lines) == [
        (20, 20, 0, 18, "falls_to_zero"),
        (37, 0, 0, 37, "stays"),
        (40, 40, 0, 37, "falls_to_zero"),
    ]
    levels = world.ledger.rows("SELECT available FROM store_level ORDER BY item_id")
    assert [row["available"] for row in levels] == [40, 37, 20], "what was loaded stays"
    assert world.ledger.value("SELECT count(*) FROM plan") == 1
    world.confirm()
    world.work(world.ended)
    assert world.shown == {MUG: 0, TENT: 0, ROPE: 0}


def test_orders_are_in_the_ledger_once_it_is_on_and_not_before(worlds: Callable[..., World]) -> None:
    """Another channel may follow the same numbers: what may be refused is never written there."""
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    world.set("MUG", 40)
    world.set("TENT", 12)
    before = world.numbers
    plan = world.plan(**ANSWERS["not copied"])
    sold: list[Any] = []

    def happens() -> None:
        found = world.standing().plan
        if found and found.step == "fenced" and len(sold) < 2:
            sold.append(world.buy(MUG, 2))
        if found and found.state == "applying":
            assert world.numbers == before

    world.happens = happens
    assert world.turn_on(plan) is None
    assert len(sold) == 2
    assert world.numbers["MUG", 1] == (40, 4, 1)
    assert world.shown == {MUG: 36, TENT: 12}


def test_a_plan_that_waits_can_be_stopped(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40}))
    plan = world.plan()
    world.edit(MUG, -3)
    world.live(30)
    world.ask(plan)
    world.until_moved()
    world.stop()
    assert world.view(plan).state == "stopped"
    assert world.numbers == {}
    assert untouched(world)
    world.load()
    assert world.turn_on(world.plan()) is None
    assert world.shown == {MUG: 37}


def test_structure_that_changes_while_it_waits_is_refused(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 4}))
    plan = world.plan()
    world.edit(MUG, -3)
    world.live(30)
    world.ask(plan)
    world.until_moved()
    world.shop.items[2002].tracked = False
    world.confirm()
    world.work(world.ended)
    assert "TENT" in (world.refused() or "")
    assert not world.on
    assert world.claim == ""


# What orders explain, and what a staff edit must not pass for --------------------------------------------------------------------------------


def two_places() -> Any:
    from supportdesk.sandbox.clock import Clock
    from supportdesk.sandbox.timeline import Lags

    shop = small_shop(
        "kestrel",
        clock=Clock(running=False),
        locations=[MAIN, DEPOT],
        listings=[listing(1, "MUG"), listing(2, "TENT")],
        levels=[level(number, place, 40) for number in (1, 2) for place in (MAIN, DEPOT)],
    )
    shop.lags = Lags(commit=2, visibility=6, index=3)
    return shop


def an_earlier_order(world: World) -> Any:
    order = world.buy(MUG, 3)
    world.live(30)
    return order


def gave_back_long_ago(world: World) -> None:
    order = an_earlier_order(world)
    changes.fulfil(world.shop.order_book, order.fulfillment_orders[0], {order.lines[0]: 2})
    changes.take_back(world.shop.order_book, order.lines[0], order, 1, restock=True)
    world.live(120)


def sent_long_ago(world: World) -> None:
    order = an_earlier_order(world)
    changes.fulfil(world.shop.order_book, order.fulfillment_orders[0])
    world.live(120)


EXPLAINS_NOTHING: dict[str, tuple[Callable[[World], None], Callable[[World, Any], Any], int]] = {
    "what came back before, once more is refunded without restock": (
        gave_back_long_ago,
        lambda world, order: changes.refund(world.shop.order_book, order.lines[0], order, 1, restock=False),
        1,
    ),
    "what was sent before, once another line is added": (
        sent_long_ago,
        lambda world, order: changes.edit(
            world.shop.order_book,
            order,
            world.level(TENT).item.variants[0],
            2,
            location=order.lines[0].item.levels[MAIN.id].location,
        ),
        -3,
    ),
}


@pytest.mark.parametrize("case", EXPLAINS_NOTHING)
def test_an_edit_does_not_pass_for_what_an_order_did_before(worlds: Callable[..., World], case: str) -> None:
    before, then, units = EXPLAINS_NOTHING[case]
    world = worlds(two_places())
    before(world)
    world.load()
    plan = world.plan()
    (order,) = world.shop.order_book.orders.values()
    then(world, order)
    world.edit(MUG, units)
    world.live(30)
    world.ask(plan)
    assert "MUG at Main St" in world.until_moved()


def test_an_order_that_moves_once_it_counts_explains_both_places(worlds: Callable[..., World]) -> None:
    """Placed after the load, moved while rows are read: at T0 its units lay where they lie no more."""
    world = worlds(two_places(), counts=MAIN.id)
    plan = world.plan()
    order = world.buy(MUG, 3)
    world.live(30)
    moved: list[bool] = []

    def happens() -> None:
        found = world.standing().plan
        if found and found.step == "fenced" and not moved:
            moved.append(True)
            book = world.shop.order_book
            changes.move(book, order.fulfillment_orders[0], world.shop.locations[DEPOT.id])

    world.happens = happens
    assert world.turn_on(plan) is None
    world.live(60)
    assert moved
    assert world.numbers["MUG", 1][0] - world.numbers["MUG", 1][1] == 37
    assert world.shown == {MUG: 37, (2001, DEPOT.id): 37, TENT: 40, (2002, DEPOT.id): 40}


def test_copying_keeps_a_components_number_and_says_what_bundles_promise_of_it(
    worlds: Callable[..., World],
) -> None:
    from supportdesk.ledger import promises

    world = worlds(shop_of([("MUG", 40), ("KIT", 20)]), bundles={"KIT": {"MUG": 2}})
    world.buy(TENT, 7)
    world.buy(MUG, 1)
    world.live(30)
    world.load()
    plan = world.plan()
    found = world.view(plan)
    assert (found.promised, found.promised_to_bundles) == (8, 14)
    assert world.planned(plan) == {MUG: (39, 39), TENT: (13, 19)}
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 39, TENT: 19}
    assert world.numbers["MUG", 1] == (39, 0, 1)
    assert promises.of_sku(world.ledger.db.conn, "MUG") == {1: 15}
