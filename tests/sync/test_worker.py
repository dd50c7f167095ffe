"""The worker of a channel: what it does about a store that fails, a lease that is lost, a claim that is another's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from supportdesk.core.progress import Unwatched, Watch
from supportdesk.errors import StoreBusy, StoreError, StoreUnreachable, TokenRefused
from supportdesk.ledger import leases
from supportdesk.sandbox.timeline import Lags
from supportdesk.sync.lease import take_lease
from tests.shops import DEPOT, MAIN, level, listing, small_shop
from tests.sync.test_apply import MUG, TENT, shop_of, worlds
from tests.sync.turning_on import ClaimedStore, World

__all__ = ["worlds"]

TROUBLES = {
    "unreachable": StoreUnreachable("The connection was dropped.", "Look at the network."),
    "token refused": TokenRefused("The token was revoked.", "Connect again."),
    "throttled": StoreBusy("It asks us to wait.", "Later."),
}


class FailingStore(ClaimedStore):
    """Fails every request while `trouble` says so."""

    trouble: StoreError | None = None

    def _ask(self, name: str) -> None:
        super()._ask(name)
        if self.trouble is not None:
            raise self.trouble


def failing(world: World) -> FailingStore:
    store = FailingStore(world.shop, world.chance, world.live)
    world.store = store
    return store


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("step", [None, "claimed", "fenced", "on"])
def test_a_store_that_fails_is_tried_again_and_said(
    worlds: Callable[..., World], trouble: StoreError, step: str | None
) -> None:
    world = worlds(shop_of([("MUG", 40), ("MUG", 37), ("TENT", 5)]))
    store = failing(world)
    world.ask(world.plan())

    def is_reached() -> bool:
        found = world.standing().plan
        return found is not None and (found.step == step or step is None)

    if step != "claimed" and step is not None:
        world.work(is_reached)
    elif step == "claimed":
        asked = store.write_claim

        def then_fail(value: str, replacing: str | None, watch: Watch) -> Any:
            answer = asked(value, replacing, watch)
            store.trouble = trouble
            return answer

        store.write_claim = then_fail  # type: ignore[method-assign]
    if step != "claimed":
        store.trouble = trouble
    writes = len(store.written)
    world.work(lambda: bool(world.standing().alerts))
    assert [trouble.detail in text for text in world.standing().alerts] == [True]
    assert len(store.written) == writes
    later = world.shop.clock.seconds() + 60
    world.work(lambda: world.shop.clock.seconds() > later)
    store.trouble = None
    world.work(world.ended)
    assert world.standing().alerts == ()
    assert world.settled()
    assert world.shown == {MUG: 37, TENT: 37, (2003, MAIN.id): 5}


def test_another_trouble_is_said_in_place_of_the_first(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40}))
    store = failing(world)
    world.ask(world.plan())
    for trouble in TROUBLES.values():
        store.trouble = trouble
        said = trouble.detail
        world.work(lambda said=said: any(said in text for text in world.standing().alerts))  # type: ignore[misc]
        assert len(world.standing().alerts) == 1


def test_an_outage_before_anything_was_read_does_not_turn_on_unseen_rows(
    worlds: Callable[..., World],
) -> None:
    world = worlds(shop_of({"MUG": 40, "TENT": 5}))
    store = failing(world)
    world.ask(world.plan())
    world.work(lambda: getattr(world.standing().plan, "step", "") == "fenced")
    store.trouble = TROUBLES["unreachable"]
    world.edit(MUG, -10)
    over = world.shop.clock.seconds() + 600
    world.work(lambda: world.shop.clock.seconds() > over)
    store.trouble = None
    world.work(lambda: bool(world.standing().moved))
    (row,) = world.standing().moved_rows
    assert (row.sku, row.location, row.planned, row.now) == ("MUG", "Main St", 40, 30)
    assert not world.on
    assert store.written == []


def two_masters(worlds: Callable[..., World]) -> World:
    """Main St follows Sumtracker; Sumtracker follows the Depot, which has a warehouse of its own."""
    shop = small_shop(
        "kestrel",
        locations=[MAIN, DEPOT],
        listings=[listing(1, "MUG"), listing(2, "TENT")],
        levels=[level(1, MAIN, 40), level(2, MAIN, 5), level(1, DEPOT, 7), level(2, DEPOT, 3)],
    )
    shop.lags = Lags(commit=2, visibility=6, index=3)
    world = worlds(shop, masters={DEPOT.id: "shopify"})
    with world.ledger.writing() as connection:
        connection.execute("INSERT INTO warehouse (id, code, name) VALUES (2, 'DEPOT', 'Depot')")
        connection.execute("UPDATE connection SET warehouse_id = 2 WHERE location_id = ?", (DEPOT.id,))
    return world


def test_where_shopify_is_master_its_readings_are_taken_in_once_it_is_on(
    worlds: Callable[..., World],
) -> None:
    world = two_masters(worlds)
    plan = world.plan()
    world.edit((2001, DEPOT.id), 4)
    assert world.turn_on(plan) is None
    world.work(lambda: world.numbers.get(("MUG", 2)) == (11, 0, 1))
    assert world.numbers == {
        ("MUG", 1): (40, 0, 1),
        ("TENT", 1): (5, 0, 1),
        ("MUG", 2): (11, 0, 1),
        ("TENT", 2): (3, 0, 1),
    }
    assert world.store.written == []


def test_where_shopify_is_master_a_plan_that_waits_leaves_the_numbers(worlds: Callable[..., World]) -> None:
    world = two_masters(worlds)
    before = world.numbers
    plan = world.plan()
    world.edit(MUG, -1)
    world.ask(plan)
    world.work(lambda: bool(world.standing().moved))
    (row,) = world.standing().moved_rows
    assert (row.sku, row.location, row.planned, row.now) == ("MUG", "Main St", 40, 39)
    assert world.numbers == before == {}


def test_the_lease_taken_by_another_ends_the_worker_without_a_write(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40}))
    assert world.turn_on(world.plan()) is None
    taken: list[int] = []

    def take() -> bool:
        if not taken:
            with world.ledger.writing() as connection:
                world.ledger.db.conn.execute("UPDATE lease SET holder = 'another', fencing = fencing + 1")
                taken.append(leases.lease_of(connection, world.channel.id).fencing)  # type: ignore[union-attr]
            world.set("MUG", 30)
        found = leases.lease_of(world.ledger.db.conn, world.channel.id)
        assert found is not None
        return found.holder != "another"

    before = world.shop.clock.seconds()
    world.work(take)
    assert world.shop.clock.seconds() - before >= leases.LEASE_SECONDS / 2, (
        "it waits until the other's has run out"
    )
    world.work(lambda: world.shown == {MUG: 30})
    found = leases.lease_of(world.ledger.db.conn, world.channel.id)
    assert found is None or found.fencing > taken[0]


def test_a_lease_of_a_process_that_died_is_taken_at_once(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40}))
    held = take_lease(world.ledger, world.channel.id, person="mia", now=world.now)
    assert held is not None
    assert take_lease(world.ledger, world.channel.id, person="bo", now=world.now) is None
    for host, process, free in (("elsewhere", 2**22 + 1, False), (None, 2**22 + 1, True), (None, 1, False)):
        with world.ledger.writing() as connection:
            connection.execute(
                "UPDATE lease SET process = ?, host = coalesce(?, host), holder = 'it', expires_at = ?",
                (process, host, (world.now() + timedelta(seconds=50)).isoformat()),
            )
        assert (take_lease(world.ledger, world.channel.id, person="bo", now=world.now) is not None) == free
        with world.ledger.writing() as connection:
            connection.execute("UPDATE lease SET host = ?", (held.lease.host,))


def test_another_ledgers_claim_stops_every_write_and_is_said_until_it_is_gone(
    worlds: Callable[..., World],
) -> None:
    world = worlds(shop_of({"MUG": 40}))
    assert world.turn_on(world.plan()) is None
    ours = world.claim
    watch = Unwatched()
    world.store.write_claim(
        ours.replace('"ledger":"', '"ledger":"not-'), world.store.claim(watch).digest, watch
    )
    world.set("MUG", 30)
    later = world.shop.clock.seconds() + 120
    world.work(lambda: world.shop.clock.seconds() > later)
    assert world.shown == {MUG: 40}
    (said,) = world.standing().alerts
    assert "is synced from" in said
    world.store.write_claim(ours, world.store.claim(watch).digest, watch)
    world.work(lambda: world.shown == {MUG: 30})
    assert world.standing().alerts == ()
