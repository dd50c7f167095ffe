"""Adopting edits: in shops that live on while a person adopts what is put back, every row and the ledger end at the truth; before an undo is sent it is withdrawn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.looks import Change
from supportdesk.core.progress import Unwatched
from supportdesk.errors import Conflict, Refused, StoreUnreachable
from supportdesk.ledger import adopting, pushes
from supportdesk.ledger.adopting import Undo
from supportdesk.ledger.pushes import PushRow
from supportdesk.sync.adopting import adopt
from supportdesk.sync.engine import Engine
from supportdesk.sync.lease import take_lease
from supportdesk.sync.outbox import Outbox
from tests.sync.histories import SKU, History, broken_identities
from tests.sync.test_apply import MUG, TENT, shop_of, worlds
from tests.sync.turning_on import CADENCE, ClaimedStore, World

__all__ = ["worlds"]


class Adopting(History):
    """A history in which somebody adopts edits now and then: sent undos, and, where the process died in between, unsent ones."""

    def step(self) -> None:
        super().step()
        if self.engine is None or self.chance.random() > 0.4:
            return
        channel = self.engine.session.channel
        with self.ledger.writing() as connection:
            found = adopting.suspected(connection, channel.id, SKU, None)
            found += adopting.waiting(connection, channel.id, SKU, None)
            found += adopting.done(connection, channel.id, channel.handle, SKU, None, None)
            fresh = [undo for undo in found if not adopting.is_adopted(connection, undo.reference)]
            if not fresh:
                return
            done = adopt(connection, channel, fresh[0], who="mia", at=self.now())
        self.facts["adopted"] += 1
        self.facts["cancelled"] += done.undo_cancelled
        self.facts["suspected"] += fresh[0].seen is not None
        self.adjusted += done.units
        if done.undo_cancelled:  # the edit stays where it is
            self._stands(fresh[0].key, -done.units)


QUICK, SLOW, SOAK = 1, 16, 100


@pytest.mark.parametrize(
    "seed",
    [
        *range(QUICK),
        *(pytest.param(n, marks=pytest.mark.slow) for n in range(QUICK, SLOW)),
        *(pytest.param(n, marks=[pytest.mark.slow, pytest.mark.soak]) for n in range(SLOW, SOAK)),
    ],
)
def test_what_is_adopted_ends_exact(seed: int, tmp_path: Path) -> None:
    history = Adopting(seed + 7000, tmp_path, bundle=False, crashes=0.004)
    found = history.run(close=False)
    assert not found, (found, history.said)
    assert broken_identities(history.ledger) == []
    history.ledger.close()


@pytest.mark.slow
def test_the_histories_adopt_something(tmp_path: Path) -> None:
    adopted = Counter[str]()
    for seed in range(5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        history = Adopting(seed + 7000, folder, bundle=False, crashes=0.004)
        history.run()
        adopted += history.facts
        if adopted["adopted"] > adopted["suspected"] > 0:
            return
    raise AssertionError("nobody adopted anything, so nothing was proved")


class Silent(ClaimedStore):
    """Answers everything but writes, while it is told to."""

    silent = False

    def adjust(self, changes: Any, key: str, reference: str, watch: Any) -> Any:
        if self.silent:
            raise StoreUnreachable("It does not answer.", "Later.")
        return super().adjust(changes, key, reference, watch)


def engine_of(world: World) -> Engine:
    held = take_lease(world.ledger, world.channel.id, person="mia", now=world.now, by_force=True)
    assert held is not None
    return Engine(
        *(world.ledger, world.channel, world.store, held), now=world.now, watch=Unwatched(), cadence=CADENCE
    )


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    world = worlds(shop_of([("MUG", 40), ("MUG", 40), ("TENT", 12)]))
    world.store = Silent(world.shop, random.Random(3), world.live)
    assert world.turn_on(world.plan()) is None
    world.store.written.clear()
    return world


def run(world: World, engine: Engine, cycles: int = 12) -> None:
    for _ in range(cycles):
        world.live(8)
        engine.cycle()


def put_back(world: World, row: tuple[int, int], edit: int) -> Engine:
    engine = engine_of(world)
    world.edit(row, edit)
    for _ in range(60):
        world.live(8)
        engine.session.watch = Unwatched()
        if engine.cycle().undone:
            break
    run(world, engine, 3)
    return engine


@pytest.mark.parametrize("edit", [3, -2])
def test_a_sent_undo_becomes_a_movement_that_every_row_of_the_sku_follows(world: World, edit: int) -> None:
    engine = put_back(world, MUG, edit)
    assert world.shown[MUG] == 40
    with world.ledger.writing() as connection:
        (undo,) = adopting.done(connection, 1, "kestrel", "MUG", None, None)
        done = adopt(connection, world.channel, undo, who="mia", at=world.now())
        with pytest.raises(Conflict):
            adopt(connection, world.channel, undo, who="mia", at=world.now())
    assert (done.units, done.before, done.after, done.undo_cancelled) == (edit, 40, 40 + edit, False)
    run(world, engine)
    assert set(world.shown.values()) == {40 + edit, 12}
    assert world.numbers["MUG", 1] == (40 + edit, 0, 1)
    (movement,) = world.ledger.rows(
        "SELECT kind, who, reference, in_stock FROM movement WHERE kind = 'adopt'"
    )
    assert tuple(movement) == ("adopt", "mia", undo.reference, edit)
    assert broken_identities(world.ledger) == []


def test_an_undo_that_was_never_sent_is_withdrawn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both mugs and the tents were edited; the undo of all is stored when the process dies, and one edit is adopted."""
    engine = engine_of(world)
    other = (MUG[0] + 1, MUG[1])
    for row, edit in ((MUG, 3), (other, 3), ((TENT[0] + 1, TENT[1]), 5)):
        world.edit(row, edit)
    stored = engine.session.ledger.db.conn

    def keep(self: Outbox, push_id: int) -> None:
        self._sent = max(self._sent, push_id)

    with monkeypatch.context() as died:
        died.setattr(Outbox, "send", keep)
        for _ in range(60):
            world.live(8)
            if engine.cycle().undone:
                break
    waiting = adopting.waiting(stored, 1, "MUG", None)
    assert {undo.key for undo in waiting} == {MUG, other}
    chosen = next(undo for undo in waiting if undo.key == MUG)
    with world.ledger.writing() as connection:
        done = adopt(connection, world.channel, chosen, who="mia", at=world.now())
    assert done.undo_cancelled
    assert [undo.key for undo in adopting.waiting(stored, 1, "MUG", None)] == [other]
    run(world, engine)
    assert world.shown[MUG] == world.shown[other] == 43, "the sibling gets what was adopted"
    assert world.shown[TENT[0] + 1, TENT[1]] == 12, "what was not adopted is put back"
    assert world.numbers["MUG", 1] == (43, 0, 1)
    assert [change for row, change, _ in world.store.written if row == MUG] == [], "it shows it already"
    assert broken_identities(world.ledger) == []


def suspect(world: World, engine: Engine, row: tuple[int, int], edit: int) -> Undo:
    """The edit as it stands once a reading has shown it: it waits to be seen again before it is put back."""
    world.edit(row, edit)
    for _ in range(60):
        world.live(8)
        engine.cycle()
        if found := adopting.suspected(world.ledger.db.conn, 1, "MUG", None):
            return found[0]
    raise AssertionError("nobody saw it")


def test_an_edit_seen_once_is_taken_in_at_once_and_never_put_back(world: World) -> None:
    engine = engine_of(world)
    seen = suspect(world, engine, MUG, -2)
    assert (seen.key, seen.units, seen.push_id) == (MUG, -2, None)
    with world.ledger.writing() as connection:
        done = adopt(connection, world.channel, seen, who="mia", at=world.now())
        with pytest.raises(Conflict):
            adopt(connection, world.channel, seen, who="mia", at=world.now())
    assert (done.units, done.before, done.after, done.undo_cancelled) == (-2, 40, 38, True)
    assert world.numbers["MUG", 1] == (38, 0, 1)
    assert adopting.suspected(world.ledger.db.conn, 1, "MUG", None) == []
    run(world, engine, 60)
    other = (MUG[0] + 1, MUG[1])
    assert (world.shown[MUG], world.shown[other]) == (38, 38)
    assert [row for row, _, _ in world.store.written] == [other], (
        "the sibling gets it, and nothing is put back"
    )
    assert broken_identities(world.ledger) == []
    assert put_back(world, MUG, 3)
    assert (world.shown[MUG], world.numbers["MUG", 1]) == (38, (38, 0, 1)), "the next edit is one"


def test_an_edit_adopted_while_the_orders_are_looked_at_before_its_undo_is_not_put_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The undo was decided on in one transaction, and is stored only in another: between them the store is asked for the orders."""
    engine = engine_of(world)
    seen = suspect(world, engine, MUG, -2)
    asked = world.store.orders_holding

    def adopted_meanwhile(items: Any, watch: Any) -> Any:
        with world.ledger.writing() as connection:
            if adopting.suspected(connection, 1, "MUG", None):
                adopt(connection, world.channel, seen, who="mia", at=world.now())
        return asked(items, watch)

    monkeypatch.setattr(world.store, "orders_holding", adopted_meanwhile)
    undone = 0
    for _ in range(60):
        world.live(8)
        undone += engine.cycle().undone
    assert undone == 0
    assert world.numbers["MUG", 1] == (38, 0, 1)
    assert (world.shown[MUG], world.shown[MUG[0] + 1, MUG[1]]) == (38, 38)


def test_an_edit_whose_undo_is_stored_meanwhile_is_no_suspect_any_more(world: World) -> None:
    """What was seen on a screen is asked of the ledger anew in the transaction that adopts it: then the undo is what is withdrawn."""
    engine = engine_of(world)
    seen = suspect(world, engine, MUG, -2)
    for _ in range(60):
        world.live(8)
        if engine.cycle().undone:
            break
    with world.ledger.writing() as connection:
        assert adopting.suspected(connection, 1, "MUG", None) == []
        with pytest.raises(Conflict, match="put back"):
            adopt(connection, world.channel, seen, who="mia", at=world.now())
    assert world.numbers["MUG", 1] == (40, 0, 1)


def test_a_push_that_was_withdrawn_is_not_sent(world: World) -> None:
    engine = engine_of(world)
    box = Outbox(engine.session)
    with world.ledger.writing() as connection:
        push_id = box.store(connection, "undo", [PushRow(*TENT, -3, 15, "edit")])
        pushes.withdraw(connection, 1, pushes.push_of(connection, push_id), "refused", "adopted")
    box.send(push_id)
    assert world.store.written == []
    assert Change(*TENT, -3) not in [Change(*row, change) for row, change, _ in world.store.written]


def test_a_bundle_takes_in_no_edit(worlds: Callable[..., World]) -> None:
    world = worlds(shop_of({"MUG": 40, "KIT": 20}), bundles={"KIT": {"MUG": 2}})
    assert world.turn_on(world.plan()) is None
    put_back(world, (2002, MUG[1]), 3)
    with world.ledger.writing() as connection:
        (undo,) = adopting.done(connection, 1, "kestrel", "KIT", None, None)
        with pytest.raises(Refused, match="is a bundle"):
            adopt(connection, world.channel, undo, who="mia", at=world.now())
