"""An order that is not found any more: deleted, or only too old for an app without `read_all_orders` to see."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.ledger import channels
from supportdesk.ledger.file import Ledger
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.orders import Wanted
from supportdesk.sync.engine import Begin, Engine
from supportdesk.sync.lease import take_lease
from tests.shops import MAIN, level, listing, small_shop
from tests.sync.accounts import account
from tests.sync.shops import DirectStore

DAY = 86_400


def booked(ledger: Ledger) -> object:
    return ledger.value("SELECT booked FROM stock WHERE sku = 'A-1'")


@pytest.mark.parametrize(
    ("days", "scopes", "left"),
    [(2, "read_orders", 0), (70, "read_orders", 3), (70, "read_orders read_all_orders", 0)],
)
def test_only_an_order_that_would_be_seen_counts_as_deleted(
    tmp_path: Path, days: int, scopes: str, left: int
) -> None:
    clock = Clock(running=False)

    def pass_by(seconds: float) -> None:
        clock.advance(seconds)

    shop = small_shop(
        "kestrel", clock=clock, locations=[MAIN], listings=[listing(1, "A-1")], levels=[level(1, MAIN, 20)]
    )
    store = DirectStore(shop, random.Random(1), pass_by)

    def now() -> datetime:
        return datetime.fromtimestamp(clock.seconds(), UTC)

    with account(tmp_path / "kestrel.db", shop, now) as ledger:
        with ledger.writing() as connection:
            connection.execute("UPDATE channel SET scopes = ?", (scopes,))
        (channel,) = channels.all_channels(ledger)
        lease = take_lease(ledger, channel.id, person="mia", now=now)
        assert lease
        engine = Engine(ledger, channel, store, lease, now=now, watch=Unwatched())
        engine.begin(Begin(None, {MAIN.id: int(clock.seconds())}, copies=True))
        clock.advance(30)
        order = shop.order_book.place([Wanted(shop.variants[1], 3, shop.locations[MAIN.id])])
        for _ in range(12):
            clock.advance(20)
            engine.cycle()
        assert booked(ledger) == 3
        del shop.order_book.orders[order.id]
        shop.order_book.open.pop(order.id, None)
        clock.advance(days * DAY)
        engine.cycle()
        assert booked(ledger) == left
        told = ledger.value("SELECT count(*) FROM event WHERE kind = 'out_of_sight'")
        assert told == (1 if left else 0)
        clock.advance(2 * DAY)
        engine.cycle()
        assert booked(ledger) == left
        assert ledger.value("SELECT count(*) FROM event WHERE kind = 'out_of_sight'") == told
