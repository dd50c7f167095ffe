"""A location linked, or turned round, while the channel is on: no order lost or counted twice, the others undisturbed, killed anywhere."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from supportdesk.core.effects import Effect
from supportdesk.core.looks import RowKey
from supportdesk.core.orders import RowEffect
from supportdesk.core.plan_blocks import PlanFacts
from supportdesk.ledger import applying, connections, effects, sync_rows
from supportdesk.ledger.connections import SUM
from supportdesk.ledger.plan_numbers import Place
from supportdesk.ledger.plans import Header
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from supportdesk.sync.order_book import move_units
from supportdesk.sync.plan import NewLink, PlanJob, build
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.histories import broken_identities
from tests.sync.shops import Crash
from tests.sync.turning_on import Dying, LivingWatch, World

MUG, TENT = (2001, MAIN.id), (2002, MAIN.id)
MUG_THERE, TENT_THERE = (2001, DEPOT.id), (2002, DEPOT.id)
NUMBERS = {MUG: 40, TENT: 12, MUG_THERE: 9, TENT_THERE: 30}
SHARED, OWN = 1, 2


def a_shop(more: int = 0) -> SandboxShop:
    shop = small_shop(
        "kestrel",
        clock=Clock(running=False),
        locations=[MAIN, DEPOT],
        listings=[listing(1, "MUG"), listing(2, "TENT")],
        levels=[
            level(number, place, NUMBERS[2000 + number, place.id] + more)
            for number in (1, 2)
            for place in (MAIN, DEPOT)
        ],
    )
    shop.lags = Lags(commit=2, visibility=6, index=3)
    return shop


def world_of(
    folder: Path, *, master: str | None = None, name: str = "kestrel", units: int = 0, **more: Any
) -> World:
    """Main St on; Depot unlinked, or linked to a warehouse of its own with that master; all on but what is unlinked."""
    world = World(folder, a_shop(units), name=name, **more)
    with world.ledger.writing() as connection:
        connection.execute("INSERT INTO warehouse (id, code, name) VALUES (2, 'DEPOT', 'Depot')")
        if master is None:
            connection.execute("DELETE FROM connection WHERE location_id = ?", (DEPOT.id,))
        else:
            connection.execute(
                "UPDATE connection SET warehouse_id = 2, master = ? WHERE location_id = ?", (master, DEPOT.id)
            )
        connection.execute("UPDATE connection SET counts = NULL")
    world.load()
    world.ask(world.plan())
    world.work(world.settled)
    assert world.on
    return world


def plan_one(
    world: World,
    purpose: Any,
    *,
    warehouse: int = OWN,
    master: Any = "sumtracker",
    copies: bool | None = True,
    counts: int | None = None,
    **answers: Any,
) -> int:
    if purpose == "link":
        world.load()
    codes = {1: "MAIN", 2: "DEPOT"}
    insisted = bool(answers.get("insisted"))
    header = Header(
        *(world.channel.id, purpose, copies if master == "sumtracker" else None),
        *(answers.get("unknown"), answers.get("promised_included")),
        (Place(DEPOT.id, DEPOT.name, warehouse, codes[warehouse], master, counts, insisted),),
        location_id=DEPOT.id,
        master=master,
    )
    job = PlanJob(world.ledger, LivingWatch(world, lambda: False), world.now, "mia")
    link = NewLink(DEPOT.id, warehouse, master, insisted) if purpose == "link" else None
    return build(job, header, PlanFacts(copy=header.copies), link)


def apply(world: World, plan: int) -> str | None:
    """Apply it, until all is settled, or refused; what was said then."""
    world.ask(plan)
    world.work(lambda: over(world, plan))
    found = world.view(plan)
    return None if found.state == "applied" else str(found.said)


def rest(world: World, seconds: float = 90) -> None:
    """Let nothing happen, until all that did is followed."""
    world.happens = lambda: None
    until = world.shop.clock.seconds() + seconds
    world.work(lambda: world.shop.clock.seconds() > until and world.settled())


def available(world: World, warehouse: int) -> dict[str, int]:
    return {
        sku: in_stock - booked
        for (sku, place), (in_stock, booked, _) in world.numbers.items()
        if place == warehouse
    }


def depot(world: World) -> tuple[int | None, str | None] | None:
    row = connections.kept(world.ledger, world.channel.id).get(DEPOT.id)
    return (row.warehouse_id, row.master) if row else None


def test_linked_with_copy_it_counts_from_its_own_t0(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.buy(MUG_THERE, 2)
    world.live(20)
    assert ("MUG", OWN) not in world.numbers
    plan = plan_one(world, "link")
    world.buy(TENT_THERE, 1)
    world.live(20)
    sold: list[Any] = []

    def happens() -> None:
        found = applying.under_way(world.ledger.db.conn, world.channel.id)
        if found and found.step == "fenced" and len(sold) < 3:
            sold.append(world.buy(MUG_THERE))
            if len(sold) == 1:
                world.set("MUG", 45)

    world.happens = happens
    assert apply(world, plan) is None
    rest(world)
    assert depot(world) == (OWN, "sumtracker")
    assert world.shown == {MUG: 45, TENT: 12, MUG_THERE: 4, TENT_THERE: 29}
    assert available(world, OWN) == {"MUG": 4, "TENT": 29}
    assert world.numbers["MUG", OWN] == (7, 3, 1)
    assert [(row, change) for row, change, _ in world.store.written] == [(MUG, 5)]
    pushed = world.ledger.value("SELECT stored FROM push ORDER BY id LIMIT 1")
    on = world.ledger.value(
        "SELECT strftime('%s', at) FROM plan_step WHERE plan_id = ? AND step = 'on'", plan
    )
    assert int(str(pushed)) < int(str(on)), "the other location goes on meanwhile"
    assert broken_identities(world.ledger) == []


@pytest.mark.parametrize(
    ("copies", "counts", "mug", "tent"), [(False, None, 40, 12), (True, DEPOT.id, 9, 30), (True, SUM, 49, 42)]
)
def test_linked_to_a_warehouse_that_another_is_on(
    tmp_path: Path, copies: bool, counts: int | None, mug: int, tent: int
) -> None:
    world = world_of(tmp_path)
    plan = plan_one(world, "link", warehouse=SHARED, copies=copies, counts=counts)
    after = {row: numbers[1] for row, numbers in world.planned(plan).items()}
    assert after == {MUG_THERE: mug, TENT_THERE: tent}
    world.buy(MUG, 1)
    world.live(20)
    assert apply(world, plan) is None
    rest(world)
    mug -= counts != DEPOT.id
    assert world.shown == {MUG: mug, TENT: tent, MUG_THERE: mug, TENT_THERE: tent}
    assert available(world, SHARED) == {"MUG": mug, "TENT": tent}
    assert connections.kept(world.ledger, world.channel.id)[MAIN.id].counts == counts
    assert broken_identities(world.ledger) == []


def test_what_moved_there_waits_while_the_others_go_on(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    plan = plan_one(world, "link")
    world.edit(MUG_THERE, -4)
    world.live(30)
    world.ask(plan)
    world.work(lambda: world.standing().steps[-1][0] == "moved")
    assert depot(world) is None
    assert available(world, OWN) == {}
    world.set("MUG", 50)
    world.buy(MUG_THERE, 1)
    until = world.shop.clock.seconds() + 100
    world.work(lambda: world.shop.clock.seconds() > until)
    assert world.shown[MUG] == 50
    world.confirm()
    world.work(lambda: world.view(plan).state != "applying" and world.settled())
    assert world.view(plan).state == "applied"
    rest(world)
    assert world.shown == {MUG: 50, TENT: 12, MUG_THERE: 4, TENT_THERE: 30}
    assert available(world, OWN) == {"MUG": 4, "TENT": 30}
    assert world.store.written == [(MUG, 10, world.store.written[0][2])]


def test_refused_it_is_as_it_was(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.buy(MUG_THERE, 1)
    world.live(20)
    plan = plan_one(world, "link", warehouse=SHARED, copies=False)
    before = world.numbers
    (order,) = world.shop.order_book.orders.values()

    def happens() -> None:
        found = applying.under_way(world.ledger.db.conn, world.channel.id)
        if found and found.step == "fenced" and len(world.shop.order_book.orders) == 1:
            world.buy(TENT_THERE, 3)
            changes.cancel(world.shop.order_book, order, restock=True)
            world.shop.change(world.level(TENT_THERE), {"available": -2, "reserved": 2}, "staff")
            world.shop.items[2001].levels[DEPOT.id].active = False

    world.happens = happens
    said = apply(world, plan)
    assert said is not None
    assert "MUG at Depot" in said
    assert world.on
    assert world.claim
    assert depot(world) is None
    rest(world)
    assert world.numbers == before
    assert {row: units for row, units in world.shown.items() if row[1] == MAIN.id} == {MUG: 40, TENT: 12}
    assert broken_identities(world.ledger) == []


@pytest.mark.parametrize("ends", ["applied", "refused", "turned off"])
def test_nothing_of_it_is_seen_elsewhere_before_it_is_on(tmp_path: Path, ends: str) -> None:
    """What is sold, sent, cancelled and put aside there while rows are read, and while a person is asked, counts once it is on or never."""
    world = world_of(tmp_path)
    past = world.buy(MUG_THERE, 1)
    world.live(20)
    plan = plan_one(world, "link", warehouse=SHARED, copies=False)
    world.edit(TENT_THERE, -4)
    world.live(30)
    before, events = world.numbers, _of_orders(world)
    seconds = {"fenced": 0, "moved": 0, "again": 0}
    sold: list[Any] = []

    def happens() -> None:
        found = applying.under_way(world.ledger.db.conn, world.channel.id)
        if found is None:
            return
        assert (world.numbers, world.shown[MUG], world.shown[TENT]) == (before, 40, 12), found.step
        step = "again" if found.step == "fenced" and found.compared_at else str(found.step)
        if step not in seconds:
            return
        seconds[step] += 1
        if seconds[step] == 2:
            sold.append(world.buy(MUG_THERE, 2))
        if seconds[step] == 4:
            changes.fulfil(world.shop.order_book, sold[-1].fulfillment_orders[0])
        if step != "again":
            return
        if seconds[step] == 10:
            changes.cancel(world.shop.order_book, past, restock=True)
            world.shop.items[2001].levels[DEPOT.id].active = ends != "refused"
            _set_aside(world, TENT_THERE, 2)

    world.happens = happens
    world.ask(plan)
    world.until_moved()
    until = world.shop.clock.seconds() + 60
    world.work(lambda: world.shop.clock.seconds() > until)
    world.confirm()
    if ends == "turned off":
        world.work(lambda: bool(world.ledger.value("SELECT 1 FROM effect WHERE kind = 'unavailable'")))
        world.stop()
        assert (world.numbers, world.on, _of_orders(world)) == (before, False, events)
        return
    world.work(lambda: over(world, plan))
    assert world.view(plan).state == ends
    rest(world, 140)
    assert broken_identities(world.ledger) == []
    assert min(seconds.values()) > 20, seconds
    if ends == "refused":
        assert (world.numbers, world.shown[MUG], world.shown[TENT]) == (before, 40, 12)
        assert _of_orders(world) == events
    else:
        assert available(world, SHARED) == {"MUG": 40 - 6 + 1, "TENT": 12 - 2}
        assert world.shown == {MUG: 35, MUG_THERE: 35, TENT: 10, TENT_THERE: 10}
        kinds = [("order", sold[2].name), ("cancel", past.name), ("unavailable", "")]
        assert set(_of_orders(world)) >= set(kinds), "each is counted by its name"
        told = world.ledger.rows("SELECT kind, reference FROM event WHERE location = ?", DEPOT.name)
        assert {(row["kind"], row["reference"]) for row in told} >= set(kinds)


@pytest.mark.parametrize("insisted", [True, False])
def test_a_service_that_keeps_its_numbers_is_synced_where_a_person_insisted(
    tmp_path: Path, insisted: bool
) -> None:
    world = world_of(tmp_path)
    world.shop.locations[DEPOT.id].service_manages_stock = True
    plan = plan_one(world, "link", warehouse=SHARED, copies=False, insisted=insisted)
    assert world.view(plan).insisted == insisted
    said = apply(world, plan)
    row = connections.kept(world.ledger, world.channel.id).get(DEPOT.id)
    if not insisted:
        assert (row, "fulfilment service" in str(said)) == (None, True)
        return
    assert said is None
    rest(world, 400)  # listings and locations are looked at again meanwhile
    assert row is not None
    assert row.insisted
    assert world.shown == {MUG: 40, TENT: 12, MUG_THERE: 40, TENT_THERE: 12}
    assert world.standing().rows == {"live": 4}
    back = plan_one(world, "direction", warehouse=SHARED, master="shopify")
    assert apply(world, back) is None
    assert connections.kept(world.ledger, world.channel.id)[DEPOT.id].insisted


def _of_orders(world: World) -> list[tuple[str, str]]:
    rows = world.ledger.db.conn.execute("SELECT kind, reference FROM movement ORDER BY id")
    return [(kind, reference) for kind, reference in rows]


def _set_aside(world: World, row: RowKey, units: int) -> None:
    """Have staff set units aside, and the engine know of it, as where a row that was live settles again."""
    world.shop.change(world.level(row), {"available": -units, "reserved": units}, "staff")
    second = int(world.shop.clock.seconds())
    with world.ledger.writing() as connection:
        kept = sync_rows.row_of(connection, world.channel.id, row)
        assert kept is not None
        effect = RowEffect(*row, Effect("unavailable", -units, second, second))
        effects.keep(connection, world.channel.id, [effect])
        session: Any = SimpleNamespace(id=world.channel.id, channel=world.channel, now=world.now)
        move_units(session, connection, kept, -units, "unavailable", "set aside")


def test_a_location_becomes_shopifys(tmp_path: Path) -> None:
    world = world_of(tmp_path, master="sumtracker")
    order = world.buy(MUG_THERE, 2)
    until = world.shop.clock.seconds() + 60
    world.work(lambda: world.shop.clock.seconds() > until)
    assert world.numbers["MUG", OWN] == (9, 2, 1)
    plan = plan_one(world, "direction", master="shopify")
    assert world.planned(plan)[MUG_THERE] == (7, 7)
    assert apply(world, plan) is None
    world.buy(MUG_THERE, 1)
    changes.fulfil(world.shop.order_book, order.fulfillment_orders[0])
    world.edit(TENT_THERE, 5)
    rest(world)
    assert depot(world) == (OWN, "shopify")
    assert world.shown == {MUG: 40, TENT: 12, MUG_THERE: 6, TENT_THERE: 35}
    assert world.numbers["MUG", OWN] == (6, 0, 1)
    assert world.numbers["TENT", OWN] == (35, 0, 1)
    assert world.store.written == []
    assert broken_identities(world.ledger) == []


def test_a_location_becomes_sumtrackers(tmp_path: Path) -> None:
    world = world_of(tmp_path, master="shopify")
    order = world.buy(MUG_THERE, 2)
    until = world.shop.clock.seconds() + 60
    world.work(lambda: world.shop.clock.seconds() > until)
    assert world.numbers["MUG", OWN] == (7, 0, 1)
    plan = plan_one(world, "direction")
    assert world.planned(plan)[MUG_THERE] == (7, 7)
    world.buy(MUG_THERE, 1)
    world.live(10)
    assert apply(world, plan) is None
    changes.cancel(world.shop.order_book, order, restock=True)
    world.buy(TENT_THERE, 4)
    rest(world)
    assert depot(world) == (OWN, "sumtracker")
    assert world.shown == {MUG: 40, TENT: 12, MUG_THERE: 8, TENT_THERE: 26}
    assert available(world, OWN) == {"MUG": 8, "TENT": 26}
    assert world.store.written == []
    world.edit(MUG_THERE, 3)
    rest(world, 300)
    assert world.shown[MUG_THERE] == 8, "edits are put back from now on"
    assert broken_identities(world.ledger) == []


# Killed anywhere ----------------------------------------------------------------------------------------------------------------------------

LIVES: dict[str, tuple[str | None, dict[str, Any]]] = {
    "link": (None, {"purpose": "link"}),
    "link without copy": (None, {"purpose": "link", "warehouse": SHARED, "copies": False}),
    "to Shopify": ("sumtracker", {"purpose": "direction", "master": "shopify"}),
    "to Sumtracker": ("shopify", {"purpose": "direction"}),
}


def life(folder: Path, case: str, name: str) -> tuple[World, int]:
    master, asked = LIVES[case]
    world = world_of(folder, master=master, name=name)
    world.buy(MUG_THERE, 1)
    until = world.shop.clock.seconds() + 40
    world.work(lambda: world.shop.clock.seconds() > until)
    plan = plan_one(world, **asked)
    asked_at = world.shop.clock.seconds()
    sales = [(3, MUG_THERE, 1), (20, TENT_THERE, 2), (40, MUG, 1), (75, MUG_THERE, 1)]

    def happens() -> None:
        while sales and world.shop.clock.seconds() - asked_at > sales[0][0]:
            _, row, units = sales.pop(0)
            world.buy(row, units)

    world.happens = happens
    world.ask(plan)
    return world, plan


def over(world: World, plan: int) -> bool:
    return world.view(plan).state != "applying" and world.settled()


def end_of(world: World, plan: int) -> tuple[object, ...]:
    until = world.shop.clock.seconds() + 100
    world.work(lambda: over(world, plan) and world.shop.clock.seconds() > until)
    rest(world, 140)
    assert broken_identities(world.ledger) == []
    return world.shown, available(world, SHARED), available(world, OWN), depot(world), world.view(plan).state


def dies_at(folder: Path, case: str, at: int | None) -> tuple[list[str], tuple[object, ...]]:
    world, plan = life(folder, case, f"at-{at}")
    death = Dying(at)
    try:
        world.work(lambda: over(world, plan), death)
    except Crash:
        world.die()
    return death.names, end_of(world, plan)


ENDS: dict[str, tuple[dict[RowKey, int], dict[str, int], dict[str, int]]] = {
    "link": (
        {MUG: 39, TENT: 12, MUG_THERE: 6, TENT_THERE: 28},
        {"MUG": 39, "TENT": 12},
        {"MUG": 6, "TENT": 28},
    ),
    "to Shopify": (
        {MUG: 39, TENT: 12, MUG_THERE: 6, TENT_THERE: 28},
        {"MUG": 39, "TENT": 12},
        {"MUG": 6, "TENT": 28},
    ),
}
ENDS["to Sumtracker"] = ENDS["to Shopify"]


@pytest.mark.parametrize("case", LIVES)
def test_it_goes_on_from_some_boundaries(tmp_path: Path, case: str) -> None:
    names, end = dies_at(tmp_path, case, None)
    assert end[-1] == "applied"
    if case in ENDS:
        assert end[:3] == ENDS[case]
    for at in range(0, min(60, len(names)), 13):
        assert dies_at(tmp_path, case, at)[1] == end, (at, names[at])


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", LIVES)
def test_it_goes_on_from_every_boundary(tmp_path: Path, case: str) -> None:
    names, end = dies_at(tmp_path, case, None)
    for at in range(len(names)):
        assert dies_at(tmp_path, case, at)[1] == end, (at, names[at])


# Whole lives from a seed --------------------------------------------------------------------------------------------------------------------


def any_life(folder: Path, seed: int) -> None:
    """Shoppers all the while, answers that get lost, readings that lag, workers that die, and the depot linked and turned round and round."""
    chance = random.Random(seed)
    world = world_of(folder, chance=chance, units=300)
    rows = list(NUMBERS)
    world.store.lost, world.store.stale, world.store.slow = 0.08, 0.9, 0.02
    rate = chance.choice([0.05, 0.15])
    start = dict(world.shown)
    before = len(world.shop.order_book.orders)
    world.happens = lambda: world.buy(chance.choice(rows)) if chance.random() < rate else None
    for purpose, master in (("link", "sumtracker"), ("direction", "shopify"), ("direction", "sumtracker")):
        plan = plan_one(world, purpose, master=master)
        world.live(chance.uniform(0, 30))
        world.ask(plan)
        until = world.shop.clock.seconds() + chance.uniform(120, 260)
        while world.shop.clock.seconds() < until or world.view(plan).state == "applying":
            assert world.shop.clock.seconds() < until + 1800, (seed, purpose, master, world.standing())
            try:
                world.work(
                    lambda plan=plan, until=until: (  # type: ignore[misc]
                        world.shop.clock.seconds() > until and world.view(plan).state != "applying"
                    ),
                    Dying(chance.randint(5, 400)),
                )
            except Crash:
                world.die()
        assert world.view(plan).state == "applied", (seed, purpose, master, world.view(plan).said)
    world.store.lost = world.store.slow = 0
    rest(world, 200)
    sold = dict.fromkeys(rows, 0)
    for order in list(world.shop.order_book.orders.values())[before:]:
        for line in order.lines:
            sold[line.item.id, order.fulfillment_orders[0].location.id] += line.quantity
    truth = {row: start[row] - sold[row] for row in rows}
    assert world.shown == truth, seed
    for warehouse, place in ((SHARED, MAIN.id), (OWN, DEPOT.id)):
        shown = {"MUG": truth[2001, place], "TENT": truth[2002, place]}
        assert available(world, warehouse) == shown, seed
    assert broken_identities(world.ledger) == []


@pytest.mark.parametrize("seed", range(2))
def test_any_life_ends_right(tmp_path: Path, seed: int) -> None:
    any_life(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [*range(100, 110), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(110, 320))]
)
def test_any_of_many_lives_ends_right(tmp_path: Path, seed: int) -> None:
    any_life(tmp_path, seed)


def test_taken_out_nothing_is_written_and_what_was_booked_stays_promised(tmp_path: Path) -> None:
    from supportdesk.sync.one_location import close

    world = world_of(tmp_path, master="sumtracker")
    order = world.buy(MUG_THERE, 2)
    until = world.shop.clock.seconds() + 60
    world.work(lambda: world.shop.clock.seconds() > until)
    assert world.numbers["MUG", OWN] == (9, 2, 1)
    with world.ledger.writing() as connection:
        close(connection, world.channel, DEPOT.id, at=world.now(), who="mia", treatment="unlinked")
        connection.execute(
            "UPDATE connection SET warehouse_id = NULL, master = NULL WHERE location_id = ?", (DEPOT.id,)
        )
    assert world.numbers["MUG", OWN] == (7, 0, 1)
    changes.fulfil(world.shop.order_book, order.fulfillment_orders[0])
    world.buy(MUG_THERE, 1)
    world.buy(MUG, 1)
    world.edit(TENT_THERE, 4)
    world.set("MUG", 45)
    rest(world)
    assert world.shown == {MUG: 44, TENT: 12, MUG_THERE: 6, TENT_THERE: 34}
    assert world.numbers["MUG", OWN] == (7, 0, 1)
    assert [row for row, _, _ in world.store.written] == [MUG]
    assert broken_identities(world.ledger) == []
    plan = plan_one(world, "link")
    assert apply(world, plan) is None
    rest(world)
    assert available(world, OWN) == {"MUG": 6, "TENT": 34}
