"""Several rows that follow one number of the ledger: two shops of one account, bundles, two locations on one warehouse, listings that share an item (PROTOCOL §1); and how soon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.stock import Quantities
from supportdesk.ledger import copying, movements, sync_rows
from supportdesk.ledger.file import open_ledger
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.histories import broken_identities
from tests.sync.turning_on import World

MUG, KIT = (2001, MAIN.id), (2002, MAIN.id)


def shop(
    handle: str, clock: Clock, listings: dict[str, int], places: Any = (MAIN,), **more: Any
) -> SandboxShop:
    made = small_shop(
        handle,
        clock=clock,
        locations=places,
        listings=[
            listing(number, sku, handle=f"l-{number}", **more) for number, sku in enumerate(listings, 1)
        ],
        levels=[
            level(number, place, units)
            for number, units in enumerate(listings.values(), 1)
            for place in places
        ],
    )
    made.lags = Lags(commit=1, visibility=3)
    return made


def events(world: World, kind: str) -> list[tuple[Any, ...]]:
    return world.ledger.db.conn.execute(
        "SELECT channel, sku, number_before, number_after, detail FROM event WHERE kind = ? ORDER BY id",
        (kind,),
    ).fetchall()


def _rest(world: World, until: float) -> None:
    world.work(lambda: world.shop.clock.seconds() > until and world.settled())


def settle(*worlds: World) -> None:
    """Let each shop's worker go on until nothing is left to do in any."""
    for _ in range(4):
        for world in worlds:
            _rest(world, world.shop.clock.seconds() + 40)
    for world in worlds:
        assert broken_identities(world.ledger) == []


@pytest.fixture
def shops(tmp_path: Path) -> tuple[World, World]:
    """Two shops of one account, Kestrel on by copying its numbers, Outlet on without; both sell MUG, Outlet a KIT of two as well."""
    clock = Clock(running=False)
    first = World(tmp_path, shop("kestrel", clock, {"MUG": 40}), bundles={"KIT": {"MUG": 2}})
    second = World(tmp_path, shop("outlet", clock, {"MUG": 40, "KIT": 20}), bundles={"KIT": {"MUG": 2}})
    assert first.turn_on(first.plan()) is None
    assert second.turn_on(second.plan(copies=False, unknown="hold", promised_included=False)) is None
    settle(first, second)
    assert (first.shown, second.shown) == ({MUG: 40}, {MUG: 40, KIT: 20})
    return first, second


def test_what_one_shop_sells_the_other_shows_with_its_bundles(shops: tuple[World, World]) -> None:
    kestrel, outlet = shops
    kestrel.buy(MUG, 3)
    settle(kestrel, outlet)
    assert (kestrel.shown, outlet.shown) == ({MUG: 37}, {MUG: 37, KIT: 18})
    pushed = [event[:4] for event in events(kestrel, "push")]
    assert pushed == [("outlet", "MUG", 40, 37), ("outlet", "KIT", 20, 18)]
    assert [event[4] for event in events(kestrel, "push")] == [
        "Thing 1 in kestrel: same SKU",
        "Thing 1 in kestrel: part of this bundle",
    ]


def test_a_bundle_takes_its_components_everywhere_and_keeps_its_own_order(shops: tuple[World, World]) -> None:
    kestrel, outlet = shops
    outlet.buy(KIT, 2)
    settle(kestrel, outlet)
    assert (kestrel.shown, outlet.shown) == ({MUG: 36}, {MUG: 36, KIT: 18})
    assert [event[:2] for event in events(kestrel, "push")] == [("outlet", "MUG"), ("kestrel", "MUG")]


def test_a_push_for_a_bundle_that_was_sold_calls_it_that_and_no_other_line_of_the_order(
    tmp_path: Path,
) -> None:
    skus = {"ODD": 9, "KIT": 20, "MUG": 40, "SET": 40}
    bundles = {"KIT": {"MUG": 2}, "SET": {"MUG": 1}}
    world = World(tmp_path, shop("kestrel", Clock(running=False), skus), bundles=bundles)
    assert world.turn_on(world.plan()) is None
    with world.ledger.writing() as connection:
        connection.execute("UPDATE listing SET title = 'The ' || sku")
    settle(world)
    variants = world.shop.variants
    world.shop.order_book.place([Wanted(variants[n], 1, world.level(MUG).location) for n in (1, 2)])
    settle(world)
    assert {event[1]: event[4] for event in events(world, "push")} == {
        "MUG": "The KIT: a bundle with it",
        "SET": "The KIT: a bundle with the same parts",
    }


def test_both_shops_sell_at_once_and_every_order_counts_once(shops: tuple[World, World]) -> None:
    kestrel, outlet = shops
    kestrel.buy(MUG, 1)
    outlet.buy(MUG, 4)
    outlet.buy(KIT, 1)
    settle(kestrel, outlet)
    assert (kestrel.shown, outlet.shown) == ({MUG: 33}, {MUG: 33, KIT: 16})
    assert kestrel.numbers["MUG", 1][:2] == (40, 7)


def test_two_locations_on_one_warehouse_each_show_the_whole(tmp_path: Path) -> None:
    world = World(
        tmp_path, shop("kestrel", Clock(running=False), {"MUG": 40}, places=(MAIN, DEPOT)), counts=0
    )
    there = (2001, DEPOT.id)
    assert world.turn_on(world.plan()) is None
    settle(world)
    assert world.shown == {MUG: 80, there: 80}  # both counts, added up
    world.buy(there, 5)
    settle(world)
    assert world.shown == {MUG: 75, there: 75}
    world.edit(MUG, 4)
    settle(world)
    assert world.shown == {MUG: 75, there: 75}


def test_listings_that_share_an_item_are_one_row(tmp_path: Path) -> None:
    made = small_shop(
        "kestrel",
        clock=Clock(running=False),
        locations=[MAIN],
        listings=[
            listing(1, "MUG", item_id=2001),
            listing(2, "MUG", item_id=2001, handle="gift"),
            listing(3, "MUG", item_id=2003, handle="twin"),
        ],
        levels=[level(1, MAIN, 40), level(3, MAIN, 40)],
    )
    made.lags = Lags(commit=1, visibility=3)
    world = World(tmp_path, made)
    assert world.turn_on(world.plan()) is None
    settle(world)
    world.buy(MUG, 2)
    world.shop.order_book.place([_wanted(made, 2, 3)])
    settle(world)
    assert world.shown == {MUG: 35, (2003, MAIN.id): 35}
    assert world.numbers["MUG", 1][:2] == (40, 5)


def _wanted(made: SandboxShop, variant: int, quantity: int) -> Any:
    from supportdesk.sandbox.orders import Wanted

    return Wanted(made.variants[variant], quantity, made.locations[MAIN.id])


def test_a_change_in_the_ledger_is_in_the_store_seconds_later(tmp_path: Path) -> None:
    world = World(tmp_path, shop("kestrel", Clock(running=False), {"MUG": 40}))
    assert world.turn_on(world.plan()) is None
    settle(world)
    moved: list[float] = []

    def receive() -> None:
        if not moved and world.shop.clock.seconds() > began + 100:
            moved.append(world.shop.clock.seconds())
            with open_ledger(world.ledger.path, now=world.now) as other, other.writing() as connection:
                cause = movements.Cause(world.now(), "receive", who="mia")
                movements.move(connection, cause, "MUG", 1, Quantities(in_stock=14))

    began = world.shop.clock.seconds()
    world.happens = receive
    world.work(lambda: world.shown == {MUG: 54})
    assert moved
    assert world.shop.clock.seconds() - moved[0] <= 5


@pytest.mark.parametrize("also", [None, "TENT"], ids=["what both sell", "other SKUs"])
def test_two_shops_that_turn_on_with_copy_at_the_same_moment_copy_one_after_the_other(
    tmp_path: Path, also: str | None
) -> None:
    """Each would set the number from what it was before either, and the one would be added to the other."""
    clock = Clock(running=False)
    kestrel = World(tmp_path, shop("kestrel", clock, {"MUG": 40}))
    outlet = World(tmp_path, shop("outlet", clock, {also or "MUG": 30}))
    kestrel_plan, outlet_plan = kestrel.plan(), outlet.plan()
    kestrel.ask(kestrel_plan)
    outlet.ask(outlet_plan)
    kestrel.work(lambda: _step(kestrel) == "fenced")
    waited_from = clock.seconds()
    outlet.work(lambda: _step(outlet) == "fenced" or clock.seconds() > waited_from + 40)
    if also:
        assert _step(outlet) == "fenced"
        return
    step, _, said = outlet.standing().steps[-1]
    assert (step, said) == (
        "claimed",
        "Waits until kestrel has copied its numbers: 1 SKU would be copied from both.",
    )
    assert len(outlet.standing().steps) == 3  # said once
    kestrel.work(kestrel.settled)
    assert kestrel.numbers == {("MUG", 1): (40, 0, 1)}
    outlet.work(outlet.ended)
    assert outlet.refused() == "Sumtracker's numbers changed."  # what it showed is no more so
    assert outlet.turn_on(outlet.plan()) is None
    settle(kestrel, outlet)
    assert (kestrel.shown, outlet.shown) == ({MUG: 30}, {MUG: 30})
    assert kestrel.numbers == {("MUG", 1): (30, 0, 1)}


def _step(world: World) -> str:
    return world.standing().steps[-1][0]


def test_a_number_that_two_shops_copied_is_the_one_copied_last_whatever_becomes_known_of_the_first(
    tmp_path: Path,
) -> None:
    """Turning on waits for its turn; bounds that close later, and rows that a person has copied, come when they come."""
    clock = Clock(running=False)
    kestrel = World(tmp_path, shop("kestrel", clock, {"MUG": 40}))
    outlet = World(tmp_path, shop("outlet", clock, {"MUG": 30}))

    def begins(world: World) -> None:
        connection.execute(
            """INSERT INTO copy_target (channel_id, sku, warehouse_id, in_stock, booked)
               SELECT ?, 'MUG', 1, coalesce(sum(in_stock), 0), coalesce(sum(booked), 0) FROM stock""",
            (world.channel.id,),
        )

    def copies(world: World, number: int) -> int:
        found = connection.execute(
            "SELECT in_stock, booked, copied FROM copy_target WHERE channel_id = ? AND NOT frozen",
            (world.channel.id,),
        ).fetchone()
        if found:
            in_stock, booked, copied = found
            target = copying.CopyTarget("MUG", 1, in_stock, booked, copied, {}, False, None, None, None)
            copying.keep(connection, world.channel.id, world.shop.handle, world.now(), [(target, number)])
        return kestrel.numbers["MUG", 1][0]

    with kestrel.ledger.writing() as connection:
        begins(kestrel)
        assert copies(kestrel, 38) == 38
        begins(outlet)
        assert copies(kestrel, 40) == 40  # its bounds closed
        assert copies(outlet, 30) == 30
        assert copies(kestrel, 41) == 30
        assert copies(outlet, 31) == 31


def test_what_was_copied_of_a_row_on_bounds_stays_the_lower_where_something_may_have_been_undone_as_an_edit(
    tmp_path: Path,
) -> None:
    """Else the undo would be in the number it settles at again, and an order be sold twice."""
    world = World(tmp_path, shop("kestrel", Clock(running=False), {"MUG": 40}))
    assert world.turn_on(world.plan()) is None
    settle(world)
    with world.ledger.writing() as connection:
        connection.execute("UPDATE sync_row SET low = low - 2, high = high + 1")
        sync_rows.keep_copied(connection, world.channel.id, MUG)
        sync_rows.settle_again(connection, world.channel.id, [MUG], "an order came late", 0)
        copying.check_again(connection, world.channel.id, [("MUG", 1)])
        (target,) = copying.to_check(connection, world.channel.id, 10, ("", -1))
    assert (target.settling, target.shown) == (False, {MAIN.id: {2001: 38}})
