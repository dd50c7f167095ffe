"""The brake once sync is on: what a plan showed goes past it row by row, once; what it stops waits for a person who types its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.ledger import tallies
from tests.shops import MAIN
from tests.sync.test_apply import shop_of
from tests.sync.turning_on import World

ONE, TWO, OTHER = (2001, MAIN.id), (2002, MAIN.id), (2003, MAIN.id)


@pytest.fixture
def worlds(tmp_path: Path) -> Callable[..., World]:
    """Makes worlds whose files are closed in the end."""

    def make(shop: Any, **more: Any) -> World:
        return World(tmp_path, shop, **more)

    return make


def written(world: World) -> dict[tuple[int, int], int]:
    """Units that each row was moved by, over all that was written."""
    rows = world.ledger.db.conn.execute(
        "SELECT item_id, location_id, sum(change) FROM push_row GROUP BY item_id, location_id"
    )
    return {(item, place): change for item, place, change in rows}


def untyped(world: World, plan: int) -> None:
    """Apply a plan without a brake, so that nobody typed any rows."""
    world.ask(plan, brake_rows=None)
    world.work(lambda: world.ended() or bool(world.standing().brake))
    assert (world.refused(), world.standing().brake) == (None, ())


@pytest.mark.parametrize("z", [3, 0])
def test_a_shared_sum_is_written_as_the_plan_showed_it(worlds: Callable[..., World], z: int) -> None:
    world = worlds(shop_of([("G", 10), ("G", 5), ("Z", z)]), shared_by="sum")
    plan = world.plan()
    assert world.view(plan).brake == ()
    assert world.planned(plan) == {ONE: (10, 15), TWO: (5, 15), OTHER: (z, z)}
    untyped(world, plan)
    assert world.shown == {ONE: 15, TWO: 15, OTHER: z}
    assert world.standing().brake == ()


@pytest.mark.parametrize("shared_by", ["sum", "lowest", "highest", "oldest"])
@pytest.mark.parametrize("buyer", [ONE, TWO])
def test_a_plan_without_a_brake_meets_none_on_its_own_rows_while_they_sell(
    worlds: Callable[..., World], shared_by: str, buyer: tuple[int, int]
) -> None:
    world = worlds(shop_of([("G", 4), ("G", 3), ("Z", 1)]), shared_by=shared_by)
    plan = world.plan()
    assert world.view(plan).brake == ()
    world.ask(plan, brake_rows=None)
    world.work(lambda: world.standing().steps[-1][0] == "fenced")
    world.buy(buyer, 3)
    braked: list[Any] = []
    world.happens = lambda: braked.extend(world.standing().brake)
    world.work(world.ended)
    assert world.refused() is None
    counted = {"sum": 7, "lowest": 3, "highest": 4, "oldest": 4}[shared_by]
    assert (world.shown[ONE], world.shown[TWO], braked) == (counted - 3, counted - 3, [])
    assert world.numbers["G", 1][0] - world.numbers["G", 1][1] == counted - 3


def test_a_maximum_is_written_once_where_its_rows_were_typed(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 500, "TENT": 50}))
    with world.ledger.writing() as connection:
        connection.execute("UPDATE channel SET maximum = 100")
    plan = world.plan()
    assert world.view(plan).brake
    world.ask(plan, brake_rows=None)
    world.work(lambda: world.on and bool(world.standing().brake))
    assert (written(world), world.standing().stopped_rows) == ({}, 1)
    world.buy(ONE, 2)
    world.live(60)
    world.work(lambda: world.standing().stopped_rows == 1)
    assert world.shown[ONE] == 498


def test_typed_rows_go_on_though_shoppers_made_more_rows_differ(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of([("MUG", 40), ("TENT", 12), ("G", 9), ("G", 9)]))
    world.set("G", 9)
    plan = world.plan(copies=False, unknown="zero", promised_included=False)
    assert world.view(plan).brake
    world.ask(plan, brake_rows=2)
    world.work(lambda: world.standing().steps[-1][0] == "fenced")
    world.buy((2003, MAIN.id), 2)
    world.work(world.ended)
    assert world.refused() is None
    assert list(world.shown.values()) == [0, 0, 7, 7]
    assert world.standing().brake == ()


def test_what_a_plan_let_go_is_spent_at_the_first_comparison(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12, "ROPE": 30}))
    untyped(world, world.plan())
    assert world.ledger.db.conn.execute(
        "SELECT count(*) FROM sync_row WHERE let_go IS NOT NULL"
    ).fetchone() == (0,)
    world.set("MUG", 0)
    world.work(lambda: bool(world.standing().brake))
    assert (world.shown[ONE], world.standing().stopped_rows) == (40, 1)
    (told,) = world.ledger.rows("SELECT text FROM alert WHERE code = 'brake' AND closed_at IS NULL")
    assert told["text"].startswith("The brake holds: 1 row of ")
    assert told["text"].endswith(" What it stops is not written until somebody lets it go.")


def test_a_person_lets_go_what_is_stopped_and_no_more(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12, "ROPE": 30}))
    untyped(world, world.plan())
    world.set("MUG", 0)
    world.work(lambda: bool(world.standing().brake))
    with world.ledger.writing() as connection:
        tallies.let_go(connection, world.channel.id)
    world.set("TENT", 0)  # stops too, for it is a third of the rows: nobody was shown it
    world.work(lambda: world.shown[ONE] == 0)
    world.work(lambda: bool(world.standing().brake))
    assert (world.shown, world.standing().stopped_rows) == ({ONE: 0, TWO: 12, OTHER: 30}, 1)


@pytest.mark.parametrize(
    ("units", "change", "left"), [(15, -10, 0), (-25, -10, -10), (5, 8, 5), (9, 8, 8), (-3, 8, 0), (4, 0, 0)]
)
def test_no_part_of_a_change_has_another_sign_or_goes_past_it(units: int, change: int, left: int) -> None:
    from supportdesk.sync.differences import _within

    assert _within(units, change) == left
