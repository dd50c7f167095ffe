"""What somebody has to look at: each cause raises its alert, ends it when it is over, and the alert stays until somebody has seen it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from supportdesk.core.alerts import Alert
from supportdesk.core.looks import ClaimLook
from supportdesk.errors import ScopeMissing, StoreError, StoreUnreachable, TokenRefused
from supportdesk.ledger import alerts
from supportdesk.sync.lease import take_lease
from tests.sync.test_apply import MUG, TENT, shop_of, worlds
from tests.sync.test_worker import failing
from tests.sync.turning_on import World

__all__ = ["worlds"]

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    world = worlds(shop_of([("MUG", 40), ("MUG", 37), ("TENT", 5)]))
    assert world.turn_on(world.plan()) is None
    world.ledger.db.execute("UPDATE alert SET seen_at = at")
    world.ledger.db.conn.commit()
    return world


def listed(world: World) -> list[Alert]:
    return list(alerts.listed(world.ledger.db.conn, world.channel.id))


def is_told(world: World, code: str) -> Callable[[], bool]:
    return lambda: any(each.code == code and each.closed_at is None for each in listed(world))


def is_over(world: World, code: str) -> Callable[[], bool]:
    return lambda: not alerts.is_open(world.ledger.db.conn, world.channel.id, code)


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("token", TokenRefused("The app was removed.", "Connect again.")),
        ("scope", ScopeMissing("write_inventory is missing.", "Connect again.", ("write_inventory",))),
        ("store", StoreUnreachable("The connection was dropped.", "Look at the network.")),
    ],
)
def test_what_keeps_cycles_from_ending(world: World, code: str, trouble: StoreError) -> None:
    store = failing(world)
    store.trouble = trouble
    world.work(is_told(world, code))
    (told,) = listed(world)
    todo = (
        "" if code == "store" else f" {trouble.next_step}"
    )  # a store that does not answer is asked again by itself
    assert (told.code, told.text) == (code, f"{trouble.title}: {trouble.detail}{todo}")
    store.trouble = None
    world.work(is_over(world, code))
    still = [each.code for each in listed(world)]
    assert still == ([] if code == "store" else [code]), (
        "a store that did not answer for a while is nothing to see"
    )
    unseen = alerts.unseen(world.ledger.db.conn, world.channel.id)
    assert unseen == ((0, "", False) if code == "store" else (1, told.text, True)), "it is said to be over"
    kinds = [row["kind"] for row in world.ledger.rows("SELECT kind FROM event WHERE kind LIKE 'alert%'")]
    assert kinds[-2:] == ["alert", "alert_ended"]


def test_another_ledgers_claim(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = '{"ledger":"other","host":"desk-2","person":"ann","since":"2026-11-22T10:00:00+00:00"}'
    with monkeypatch.context() as taken:
        taken.setattr(type(world.store), "claim", lambda store, watch: ClaimLook(claim, "9"))
        world.work(is_told(world, "claim"))
    assert "desk-2 by ann" in listed(world)[0].text
    world.work(is_over(world, "claim"))
    assert [each.code for each in listed(world)] == ["claim"]


def test_a_lease_that_was_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []

    def take() -> None:
        if not taken:
            taken.append(
                take_lease(world.ledger, world.channel.id, person="ann", now=world.now, by_force=True)
            )

    world.happens = take
    world.work(lambda: any(each.code == "lease" for each in listed(world)))
    world.happens = lambda: None
    (told,) = listed(world)
    assert told.code == "lease"
    assert told.closed_at is not None, "it is over as it is told, and stays until it is seen"


def test_the_brake(world: World) -> None:
    world.set("MUG", 0)
    world.work(is_told(world, "brake"))
    assert alerts.unseen(world.ledger.db.conn, world.channel.id)[0] == 1
    world.set("MUG", 37)
    world.work(is_over(world, "brake"))
    assert [each.code for each in listed(world)] == ["brake"]


def test_rows_that_are_held_and_another_app_that_writes(world: World) -> None:
    tent = (TENT[0] + 1, TENT[1])
    world.store.refuses[tent] = "INVENTORY_ITEM_NOT_STOCKED"
    world.set("TENT", 4)
    world.work(is_told(world, "held"))
    (told,) = listed(world)
    assert (told.sku, told.place) == ("TENT", "Main St")

    def write() -> None:
        if world.level(MUG).available == 37:
            world.edit(MUG, 6)

    world.happens = write
    world.work(is_told(world, "another_app"))
    world.happens = lambda: None
    assert {each.code for each in listed(world)} == {"held", "another_app"}
    with world.ledger.writing() as connection:
        connection.execute("UPDATE sync_row SET condition = 'live' WHERE condition = 'held'")
        alerts.close_mended(connection, world.channel.id, AT)
    assert all(each.closed_at is not None for each in listed(world))
    assert len(listed(world)) == 2, "they stay until they are seen"


def test_seeing(world: World) -> None:
    with world.ledger.writing() as connection:
        for number in range(4):
            alerts.tell(connection, world.channel.id, AT, "held", f"row {number}", f"SKU-{number}", "Main St")
        alerts.tell(connection, world.channel.id, AT, "brake", "The brake holds.")
        alerts.close(connection, world.channel.id, AT, "held", "SKU-0", "Main St")
    connection = world.ledger.db.conn
    first, *_ = found = listed(world)
    assert len(found) == alerts.count_listed(connection, world.channel.id) == 5
    assert alerts.unseen(connection, world.channel.id) == (5, "The brake holds.", False), (
        "what stops all comes first"
    )
    with world.ledger.writing() as writing:
        assert alerts.see(writing, world.channel.id, AT, "mia", [first.id, 999]) == 1
        assert alerts.see(writing, world.channel.id, AT, "mia", [first.id]) == 0
        newest = max(each.id for each in found)
        alerts.tell(writing, world.channel.id, AT, "token", "The token was refused.")
        assert alerts.see(writing, world.channel.id, AT, "ann", None, up_to=newest) == 4
    left = listed(world)
    assert [(each.code, each.seen_by) for each in left] == [
        ("token", ""),
        *[("brake" if each.code == "brake" else "held", each.seen_by) for each in left[1:]],
    ]
    assert len(left) == 5, "the one that was over and is seen now is gone"
    assert {each.seen_by for each in left[1:]} == {"mia", "ann"}
