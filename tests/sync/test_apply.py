"""Plans applied end to end on a shop's own clock: what is written is what was shown, and what is refused leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from tests.shops import MAIN, level, listing, small_shop
from tests.sync.turning_on import World

MUG, TENT, ROPE = (2001, MAIN.id), (2002, MAIN.id), (2003, MAIN.id)


def shop_of(
    numbers: dict[str, int] | list[tuple[str, int]], handle: str = "kestrel", **more: Any
) -> SandboxShop:
    pairs = list(numbers.items()) if isinstance(numbers, dict) else numbers
    shop = small_shop(
        handle,
        clock=Clock(running=False),
        locations=more.pop("locations", [MAIN]),
        listings=[listing(number, sku) for number, (sku, _) in enumerate(pairs, 1)],
        levels=[level(number, MAIN, units) for number, (_, units) in enumerate(pairs, 1)],
    )
    shop.lags = Lags(commit=2, visibility=6, index=3)
    return shop


@pytest.fixture
def worlds(tmp_path: Path) -> Callable[..., World]:
    """Makes worlds whose files are closed in the end."""

    def make(shop: SandboxShop, **more: Any) -> World:
        return World(tmp_path, shop, **more)

    return make


def test_copy_leaves_every_number_of_the_store_as_it_was(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12, "ROPE": 0}))
    world.buy(MUG, 5)
    world.buy(TENT, 12)
    world.live(30)
    world.load()
    before = world.shown
    assert before == {MUG: 35, TENT: 0, ROPE: 0}
    assert world.turn_on(world.plan()) is None
    assert world.shown == before
    assert world.store.written == []
    assert world.numbers == {("MUG", 1): (35, 0, 1), ("TENT", 1): (0, 0, 1), ("ROPE", 1): (0, 0, 1)}


def test_orders_while_turning_on_count_once(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 400, "TENT": 120}))
    world.happens = lambda: world.buy(MUG) if world.chance.random() < 0.3 else None
    assert world.turn_on(world.plan()) is None
    world.happens = lambda: None
    world.work(lambda: not world.shop.order_book.uncommitted(world.level(MUG)))
    world.live(30)
    latest = world.shop.clock.seconds() + 60
    world.work(lambda: world.shop.clock.seconds() > latest)
    sold = sum(line.quantity for order in world.shop.order_book.orders.values() for line in order.lines)
    assert sold > 5
    assert world.shown == {MUG: 400 - sold, TENT: 120}
    in_stock, booked, _ = world.numbers["MUG", 1]
    assert in_stock - booked == 400 - sold
    assert sum(change for _, change, _ in world.store.written) == 0, (
        "a best-seller goes live on bounds, low first"
    )


def test_duplicates_shared_by_the_lowest_end_as_the_plan_showed(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of([("MUG", 40), ("MUG", 37), ("TENT", 5)]))
    plan = world.plan()
    after = {row: numbers[1] for row, numbers in world.planned(plan).items()}
    assert after == {MUG: 37, TENT: 37, ROPE: 5}
    assert world.turn_on(plan) is None
    assert world.shown == after
    assert [(row, change) for row, change, _ in world.store.written] == [(MUG, -3)]


def test_what_was_written_is_counted_as_the_plan_shows_it(worlds: Callable[..., World]) -> None:
    """Sync goes on writing: that is none of the plan's."""
    world = worlds(shop_of([("MUG", 40), ("MUG", 37), ("TENT", 5)]))
    assert world.turn_on(world.plan()) is None
    assert (world.standing().planned, world.standing().written) == (1, 1)
    world.buy(MUG, 2)
    world.buy(TENT, 3)
    world.set("TENT", 50)
    world.live(30)
    world.work(lambda: len(world.store.written) > 2 and world.settled())
    assert {row for row, _, _ in world.store.written} == {MUG, TENT, ROPE}
    assert (world.standing().planned, world.standing().written) == (1, 1)


def test_a_second_store_without_copying_keeps_what_sumtracker_does_not_know(
    worlds: Callable[..., World],
) -> None:
    common = {f"SKU-{number}": number + 3 for number in range(90)}
    own = {f"OWN-{number}": number + 20 for number in range(10)}
    world = worlds(shop_of(common | own))
    for sku, units in common.items():
        world.set(sku, units + (5 if sku.endswith("7") else 0))
    before = world.shown
    plan = world.plan(copies=False, unknown="copy")
    after = {row: numbers[1] for row, numbers in world.planned(plan).items()}
    assert world.turn_on(plan) is None
    assert world.shown == after
    changed = {row for row in before if world.shown[row] != before[row]}
    assert changed == {(2001 + number, MAIN.id) for number in range(90) if number % 10 == 7}
    for number in range(10):
        assert world.numbers[f"OWN-{number}", 1] == (number + 20, 0, 1)


@pytest.mark.parametrize(
    ("unknown", "shown", "kept"), [("hold", 9, None), ("zero", 0, (0, 0, 1)), ("copy", 9, (9, 0, 1))]
)
def test_what_becomes_of_skus_never_counted(
    worlds: Callable[..., World], unknown: str, shown: int, kept: tuple[int, int, int] | None
) -> None:
    world = worlds(shop_of({"MUG": 40, "ODD": 9}))
    world.set("MUG", 40)
    plan = world.plan(copies=False, unknown=unknown)
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 40, TENT: shown}
    assert world.numbers.get(("ODD", 1)) == kept
    assert world.standing().rows.get("held", 0) == (unknown == "hold")


def test_what_earlier_orders_promised_is_taken_off_counts_that_include_it(
    worlds: Callable[..., World],
) -> None:
    world = worlds(shop_of({"MUG": 40}))
    world.buy(MUG, 6)
    world.live(30)
    world.load()
    world.set("MUG", 40)
    plan = world.plan(copies=False, unknown="hold", promised_included=True)
    assert world.planned(plan) == {MUG: (34, 34)}
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 34}
    assert world.numbers == {("MUG", 1): (34, 0, 1)}
    assert world.store.written == []


def test_nobody_turns_on_an_empty_ledger_without_copying(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12, "ROPE": 3}))
    plan = world.plan(copies=False, unknown="zero")
    assert [reason.code for reason in world.view(plan).brake]
    world.ask(plan, brake_rows=None)
    world.work(lambda: world.on and bool(world.standing().brake))
    assert world.standing().stopped_rows == 3
    assert world.store.written == []
    assert world.shown == {MUG: 40, TENT: 12, ROPE: 3}


# Between plan and apply -------------------------------------------------------------------------------------------------------------------


def rename(world: World) -> None:
    world.shop.items[2001].sku = "CUP"


def delete(world: World) -> None:
    item = world.shop.items.pop(2001)
    for variant in item.variants:
        world.shop.variants.pop(variant.id, None)


def unstock(world: World) -> None:
    world.level(MUG).active = False


def untrack(world: World) -> None:
    world.shop.items[2001].tracked = False


def loaded(change: Callable[[World], None]) -> Callable[[World], None]:
    def change_and_load(world: World) -> None:
        change(world)
        world.load()

    return change_and_load


def decide_otherwise(world: World) -> None:
    from supportdesk.ledger import events

    with world.ledger.writing() as connection:
        event = events.record(
            connection,
            at=world.now(),
            kind="decision",
            channel="kestrel",
            who="bo",
            sku="TENT",
            detail="left out",
        )
        connection.execute(
            "UPDATE decision SET kind = 'left_out', counts_of = NULL, event_id = ? WHERE sku = 'TENT'",
            (event,),
        )


def deactivate(world: World) -> None:
    with world.ledger.writing() as connection:
        connection.execute("UPDATE location SET active = 0")


def count_again(world: World) -> None:
    world.set("MUG", 41)


def staff_edit(world: World) -> None:
    world.edit(MUG, -3)


STALE: dict[str, tuple[Callable[[World], None], tuple[str, ...]]] = {
    "a SKU changed in the store": (rename, ("MUG", "SKU")),
    "a SKU changed, loaded": (loaded(rename), ("MUG", "CUP")),
    "a listing deleted in the store": (delete, ("MUG", "no longer in the store")),
    "a listing deleted, loaded": (loaded(delete), ("MUG", "no longer in the store")),
    "not stocked any more": (unstock, ("MUG", "Main St", "not stocked")),
    "not tracked any more": (untrack, ("MUG", "track")),
    "a location deactivated, loaded": (deactivate, ("Main St is inactive",)),
    "a decision changed": (decide_otherwise, ("TENT", "left out", "bo")),
    "counted in Sumtracker": (count_again, ("MUG", "mia")),
}


@pytest.mark.parametrize("case", STALE)
@pytest.mark.parametrize(
    "answers", [{"copies": True}, {"copies": False, "unknown": "zero", "promised_included": True}]
)
def test_a_stale_plan_is_refused_and_leaves_nothing(
    worlds: Callable[..., World], case: str, answers: dict[str, Any]
) -> None:
    change, names = STALE[case]
    world = worlds(shop_of([("MUG", 40), ("TENT", 12), ("TENT", 12), ("ODD", 3)]))
    world.buy(TENT, 2)
    world.live(20)
    world.load()
    if not answers["copies"]:
        world.set("MUG", 40)
        world.set("TENT", 12)
    plan = world.plan(**answers)
    change(world)
    before, kept = world.numbers, world.shown
    sold = [False]

    def happens() -> None:  # an order comes in while rows are read; the ledger books it, and gives it back
        if world.standing().plan and world.standing().plan.step == "fenced" and not sold[0]:  # type: ignore[union-attr]
            sold[0] = True
            world.buy(TENT, 1)
            kept[TENT] -= 1

    world.happens = happens
    said = world.turn_on(plan)
    assert said is not None
    for name in names:
        assert name in said, said
    assert world.store.written == []
    assert world.numbers == before
    assert world.claim == ""
    assert not world.on
    world.live(10)
    assert world.shown == kept
    for table in ("sync_row", "reading", "effect", "fence", "store_order", "copy_target"):
        assert world.ledger.value(f"SELECT count(*) FROM {table}") == 0, table
    assert world.standing().alerts == ()


def test_orders_alone_leave_a_plan_good(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    plan = world.plan()
    for _ in range(4):
        world.buy(MUG, 2)
        world.live(20)
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 32, TENT: 12}
    assert "moved by orders" in world.standing().steps[3][2]


def test_orders_before_t0_are_taken_off_numbers_that_are_not_copied(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}), bundles={"KIT": {"ROPE": 1}})
    world.set("MUG", 40)
    world.set("TENT", 15)
    plan = world.plan(copies=False, unknown="hold")
    world.live(20)
    world.buy(MUG, 4)
    world.buy(TENT, 1)
    world.live(20)
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 36, TENT: 14}
    assert world.numbers == {("MUG", 1): (36, 0, 1), ("TENT", 1): (14, 0, 1)}
    assert [change for row, change, _ in world.store.written if row == MUG] == []


@pytest.mark.parametrize("when", ["cancelled", "returned"])
def test_what_orders_give_back_leaves_a_plan_good_too(worlds: Callable[..., World], when: str) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    order = world.buy(MUG, 3)
    world.live(30)
    world.load()
    plan = world.plan()
    assert world.planned(plan)[MUG] == (37, 37)
    if when == "cancelled":
        changes.cancel(world.shop.order_book, order, restock=True)
    else:
        changes.fulfil(world.shop.order_book, order.fulfillment_orders[0])
        changes.take_back(world.shop.order_book, order.lines[0], order, 3, restock=True)
    world.live(30)
    assert world.shown[MUG] == 40
    assert world.turn_on(plan) is None
    assert world.shown == {MUG: 40, TENT: 12}
    assert world.numbers["MUG", 1] == (40, 0, 1)


def test_more_than_orders_gave_back_is_asked(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40}))
    order = world.buy(MUG, 3)
    world.live(30)
    world.load()
    plan = world.plan()
    changes.cancel(world.shop.order_book, order, restock=True)
    world.edit(MUG, 1)
    world.live(30)
    world.ask(plan)
    assert "37 when planned, 41 now" in world.until_moved()


def test_what_was_given_back_before_the_load_explains_nothing(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40}))
    order = world.buy(MUG, 3)
    world.live(30)
    changes.refund(world.shop.order_book, order.lines[0], order, 1, restock=True)
    world.live(120)
    world.load()
    plan = world.plan()
    changes.fulfil(world.shop.order_book, order.fulfillment_orders[0])
    world.edit(MUG, 1)
    world.live(30)
    world.ask(plan)
    assert world.until_moved()


def test_many_rows_that_differ_are_counted_and_the_first_named(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({f"SKU-{number}": 20 for number in range(30)}))
    plan = world.plan()
    for number in range(12):
        world.edit((2001 + number, MAIN.id), -1)
    world.ask(plan)
    assert "and 9 more." in world.until_moved()
    world.stop()
    world.load()
    plan = world.plan()
    for number in range(12, 20):
        world.shop.items[2001 + number].tracked = False
    said = world.turn_on(plan)
    assert said is not None
    assert "and 5 more: Shopify does not track it any more." in said


def test_a_refused_plan_can_be_followed_by_another(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 12}))
    plan = world.plan()
    untrack(world)
    assert world.turn_on(plan)
    world.shop.items[2001].tracked = True
    staff_edit(world)
    world.load()
    assert world.turn_on(world.plan()) is None
    assert world.shown == {MUG: 37, TENT: 12}
    assert world.claim
