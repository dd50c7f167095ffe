"""A worker that dies anywhere while a plan is applied: the next one goes on from the account file, to the same end."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.errors import LedgerError
from tests.shops import MAIN
from tests.sync.shops import Crash, second
from tests.sync.test_apply import MUG, ROPE, TENT, shop_of
from tests.sync.turning_on import CommitDying, Dying, World, over

ODD = (2004, MAIN.id)
HOUR = 3600


def life(
    folder: Path,
    name: str,
    change: Callable[[World], None] = lambda world: None,
    *,
    sells: bool = True,
    **answers: Any,
) -> World:
    """A shop with a plan that was asked to be applied, which sells three times in the two minutes from its T0 on."""
    shop = shop_of([("MUG", 40), ("MUG", 37), ("ROPE", 9), ("ODD", 3)])
    world = World(folder, shop, name=name)
    world.buy(ROPE, 4)
    world.live(20)
    world.load()
    if answers:
        world.set("MUG", 35)
        world.set("ROPE", 9)
    plan = world.plan(**answers)
    change(world)
    sales = [(4, MUG, 1), (30, TENT, 2), (70, ROPE, 1)] if sells else []

    def since_t0() -> float:
        t0 = world.ledger.value("SELECT t0 FROM plan WHERE id = ?", plan)
        return shop.clock.seconds() - float(str(t0)) if t0 is not None else 0

    def happens() -> None:
        while sales and since_t0() > sales[0][0]:
            _, row, quantity = sales.pop(0)
            world.buy(row, quantity)
        found = world.standing()
        if found.steps and found.steps[-1][0] == "moved":
            world.confirm()

    world.happens = happens
    world.ask(plan)
    world.over = lambda: world.ended() and not sales and since_t0() > 120  # type: ignore[attr-defined]
    return world


def end_of(world: World) -> tuple[object, ...]:
    """What counts in the end, the same whatever happened on the way."""
    latest = world.shop.clock.seconds() + 60
    world.work(lambda: world.over() and world.shop.clock.seconds() > latest)  # type: ignore[attr-defined]
    world.live(130)
    net: dict[object, int] = {}
    for row, change, _ in world.store.written:
        net[row] = net.get(row, 0) + change
    pushes = world.ledger.rows("SELECT state FROM push WHERE state <> 'done'")
    assert not pushes
    for sku, warehouse, in_stock, booked, _ in world.ledger.db.conn.execute(
        """SELECT stock.sku, stock.warehouse_id, stock.in_stock - total(movement.in_stock), stock.booked - total(movement.booked), 0
           FROM stock JOIN movement USING (sku, warehouse_id) GROUP BY 1, 2"""
    ):
        assert (in_stock, booked) == (0, 0), (sku, warehouse)
    return (
        world.shown,
        world.numbers,
        {row: units for row, units in net.items() if units},
        world.on,
        world.refused(),
        bool(world.claim),
    )


LIVES: dict[str, tuple[Callable[[World], None], dict[str, Any]]] = {
    "copied": (lambda world: None, {}),
    "not copied": (lambda world: None, {"copies": False, "unknown": "zero", "promised_included": True}),
    "moved, then confirmed": (lambda world: world.edit(ODD, -1), {"sells": False}),
    "refused": (
        lambda world: world.shop.put_sku(world.level(ODD).item, "OTHER"),
        {"copies": False, "unknown": "zero", "promised_included": True},
    ),
}


def boundaries(folder: Path, case: str) -> tuple[list[str], tuple[object, ...]]:
    change, answers = LIVES[case]
    world, death = life(folder, "whole", change, **answers), Dying()
    world.work(world.over, death)  # type: ignore[attr-defined]
    return death.names, end_of(world)


def dies_at(folder: Path, case: str, at: int) -> tuple[object, ...]:
    change, answers = LIVES[case]
    world = life(folder, f"died-{at}", change, **answers)
    try:
        world.work(world.over, Dying(at))  # type: ignore[attr-defined]
    except Crash:
        world.die()
    return end_of(world)


@pytest.mark.parametrize("case", LIVES)
def test_ends_are_as_expected(tmp_path: Path, case: str) -> None:
    names, end = boundaries(tmp_path, case)
    shown, numbers, net, on, refused, claimed = end
    assert len(names) > 50
    if case == "refused":
        assert (on, claimed, net) == (False, False, {})
        assert "ODD at Main St" in str(refused)
        assert numbers == {("MUG", 1): (35, 0, 1), ("ROPE", 1): (9, 0, 1)}
    else:
        assert (on, claimed, refused) == (True, True, None)
        mug, rope, odd = {
            "copied": (34, 4, 3),
            "not copied": (32, 4, 0),
            "moved, then confirmed": (37, 5, 2),
        }[case]
        assert shown == {MUG: mug, TENT: mug, ROPE: rope, ODD: odd}


@pytest.mark.parametrize("case", LIVES)
def test_it_goes_on_from_some_boundaries(tmp_path: Path, case: str) -> None:
    """More of them where most is done: until sync is on, and at the first writes."""
    names, end = boundaries(tmp_path, case)
    first, later = (25, 200) if case.startswith("moved") else (6, 53)
    for at in [*range(0, min(60, len(names)), first), *range(60, len(names), later)]:
        assert dies_at(tmp_path, case, at) == end, (at, names[at])


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", LIVES)
def test_it_goes_on_from_every_boundary(tmp_path: Path, case: str) -> None:
    names, end = boundaries(tmp_path, case)
    for at in range(len(names)):
        assert dies_at(tmp_path, case, at) == end, (at, names[at])


# In the middle of a COMMIT ------------------------------------------------------------------------------------------------------------------


def commit_life(
    folder: Path, case: str, at: int | None, fails: str = ""
) -> tuple[list[str], tuple[object, ...]]:
    """A life whose worker dies at the start or the end of a COMMIT, or is told there that the disk failed; the COMMITs passed, and its end."""
    change, answers = LIVES[case]
    world = life(folder, f"commit-{at}-{fails}", change, **answers)
    connection = sqlite3.connect(world.ledger.path, factory=CommitDying)
    connection.death, connection.fails = Dying(at), fails
    names = connection.death.names
    whole, world.ledger = world.ledger, over(world.ledger, connection)
    with contextlib.suppress(Crash, LedgerError):
        world.work(world.over)  # type: ignore[attr-defined]
    world.ledger.close()
    world.ledger = whole
    return names, end_of(world)


def test_it_goes_on_from_a_commit_that_was_cut_off(tmp_path: Path) -> None:
    """Whether it took effect or not, and whether the process dies of it or hears of a failing disk."""
    names, end = commit_life(tmp_path, "copied", None)
    assert len(names) > 100
    for number, at in enumerate(range(0, len(names), 31)):
        fails = ("", "before", "after")[number % 3]
        assert commit_life(tmp_path, "copied", at, fails)[1] == end, (at, fails)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", LIVES)
def test_it_goes_on_from_every_commit_that_was_cut_off(tmp_path: Path, case: str) -> None:
    names, end = commit_life(tmp_path, case, None)
    for at in range(0, len(names), 3):
        assert commit_life(tmp_path, case, at)[1] == end, (at, names[at])
        assert commit_life(tmp_path, case, at, "before" if at % 2 else "after")[1] == end, at


# A push in flight across an outage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "said"), [("before adjust", "it never was done"), ("after adjust", "it had been done")]
)
def test_a_push_in_flight_across_25_hours(tmp_path: Path, at: str, said: str) -> None:
    whole, death = life(tmp_path, "whole", sells=False), Dying()
    whole.work(whole.over, death)  # type: ignore[attr-defined]
    names = death.names
    world = life(tmp_path, "outage", sells=False)
    with pytest.raises(Crash):
        world.work(world.over, Dying(names.index(at)))  # type: ignore[attr-defined]
    world.die()
    world.live(25 * HOUR)
    latest = world.shop.clock.seconds() + 120
    world.work(lambda: world.settled() and world.shop.clock.seconds() > latest)
    assert world.shown == {MUG: 37, TENT: 37, ROPE: 5, ODD: 3}
    assert [change for row, change, _ in world.store.written if row == MUG] == [-3]
    told = world.ledger.rows("SELECT detail FROM event WHERE kind = 'expired' AND detail LIKE '%too old%'")
    assert [row["detail"].rpartition("; ")[2] for row in told] == [said]


# Whole lives from a seed ------------------------------------------------------------------------------------------------------------------


def any_life(folder: Path, seed: int) -> None:
    """Shoppers from before the plan to long after, answers that get lost, readings that lag, workers that die."""
    chance = random.Random(seed)
    numbers = {"MUG": chance.randint(150, 300), "ROPE": chance.randint(150, 300), "ODD": chance.randint(0, 4)}
    rows = [(2001, MAIN.id), (2002, MAIN.id)]
    world = World(folder, shop_of(numbers), chance=chance)
    world.store.lost, world.store.stale, world.store.slow = 0.08, 0.9, 0.02
    rate = chance.choice([0.02, 0.1, 0.3])
    world.happens = lambda: world.buy(chance.choice(rows)) if chance.random() < rate else None
    copies = chance.random() < 0.6
    counted = {"MUG": numbers["MUG"] + chance.choice([0, 5, -5]), "ROPE": numbers["ROPE"]}
    if not copies:
        for sku, units in counted.items():
            world.set(sku, units)
    world.load()
    planned = world.shop.clock.seconds()
    plan = world.plan(copies=copies, unknown=None if copies else "copy")
    world.live(chance.uniform(0, 40))
    world.ask(plan)
    until = world.shop.clock.seconds() + 240
    while world.shop.clock.seconds() < until:
        try:
            world.work(lambda: world.shop.clock.seconds() > until, Dying(chance.randint(5, 400)))
        except Crash:
            world.die()
        assert world.refused() is None
    world.happens = lambda: None
    world.store.lost = world.store.slow = 0
    until += 150
    world.work(lambda: world.shop.clock.seconds() > until and world.settled())
    sold_since = [
        line.quantity
        for order in world.shop.order_book.orders.values()
        for line in order.lines
        if line.sku == "MUG" and (copies or second(order.created_at) >= int(planned))
    ]
    mug = (numbers if copies else counted)["MUG"] - sum(sold_since)
    assert world.shown[MUG] == mug
    available = {sku: in_stock - booked for (sku, _), (in_stock, booked, _) in world.numbers.items()}
    assert available.get("MUG") == mug
    for item, sku in ((2002, "ROPE"), (2003, "ODD")):
        assert world.shown[item, MAIN.id] == available.get(sku, 0), sku
    assert world.standing().rows == {"live": 3}


@pytest.mark.parametrize("seed", range(12))
def test_any_life_ends_right(tmp_path: Path, seed: int) -> None:
    any_life(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [*range(100, 130), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(130, 400))]
)
def test_any_of_many_lives_ends_right(tmp_path: Path, seed: int) -> None:
    any_life(tmp_path, seed)
