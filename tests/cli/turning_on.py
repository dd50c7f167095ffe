"""A shop on loopback that is about to be turned on from the command line, with one clock for the shop, the desk and the workers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from supportdesk import desk as desks
from supportdesk.desk import Desk, worker
from supportdesk.desk.sync_status import SyncStatus, sync_status
from supportdesk.desk.watch import WorkWatch
from supportdesk.paths import Home
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Faults
from supportdesk.sandbox.orders import Wanted
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.store import SandboxShop
from supportdesk.sandbox.timeline import Lags
from supportdesk.settings import Settings
from tests.cli.commands import Commands
from tests.shops import MAIN, level, listing, small_shop

NUMBERS = [("MUG", 40), ("MUG", 37), ("TENT", 12), ("ROPE", 9), ("OLD", 0), ("BAG", 55), ("CUP", 70)]
TURNS = 60


@dataclass
class Selling:
    """The shop and who turns it on."""

    cli: Commands
    url: str
    shop: SandboxShop
    faults: Faults
    clock: Clock

    def connect(self, *words: str) -> None:
        """Connect, load, link and decide: all but the plan."""
        self.cli.good("connect", self.shop.handle, f"--api-url={self.url}", "--token-env=SHOP_TOKEN", *words)
        self.cli.good("load", self.shop.handle)
        self.cli.good("warehouses", self.shop.handle, "--add=MAIN", "--name=Main Street")
        self.cli.good(
            "link", self.shop.handle, f"--location={MAIN.id}", "--warehouse=MAIN", "--master=sumtracker"
        )
        self.cli.good("decide", self.shop.handle, "--all-to-decide", "--shared-by=lowest")

    def plan(self, *words: str) -> Any:
        return self.cli.good(
            "plan", self.shop.handle, "--for=turn-on", *(words or ("--copy",)), "--json"
        ).json

    @property
    def desk(self) -> Desk:
        return Desk(Home(self.cli.home), Settings(keyring=False))

    @property
    def status(self) -> SyncStatus:
        return sync_status(self.desk, self.shop.handle)

    def buy(self, number: int, quantity: int = 1) -> None:
        variant = self.shop.variants[number]
        self.shop.order_book.place([Wanted(variant, quantity, self.shop.locations[MAIN.id])])

    def edit(self, number: int, change: int) -> None:
        self.shop.change(self.shop.items[2000 + number].levels[MAIN.id], {"available": change}, "staff")

    @property
    def shown(self) -> list[int]:
        self.shop.catch_up()
        return [
            self.shop.items[2000 + number].levels[MAIN.id].available for number in range(1, len(NUMBERS) + 1)
        ]

    @property
    def ledger(self) -> dict[str, int]:
        """What Sumtracker has available, by SKU."""
        lines = self.cli.good("stock", self.shop.handle, "--json").json
        return {line["sku"]: line["ledger"] for line in lines}

    def pass_by(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.shop.catch_up()

    def turns(self) -> None:
        """Have a worker do what is due, again and again as time passes, until sync is settled or refused."""
        for _ in range(TURNS):
            self.cli("worker", "--once")
            status = self.status
            if status.is_settled or status.phase in ("refused", "stopped"):
                return
            self.pass_by(6)
        raise AssertionError(self.status)


@pytest.fixture
def selling(cli: Commands, monkeypatch: pytest.MonkeyPatch) -> Iterator[Selling]:
    clock = Clock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), running=False)
    shop = small_shop(
        "kestrel",
        clock=clock,
        locations=[MAIN],
        listings=[listing(number, sku) for number, (sku, _) in enumerate(NUMBERS, 1)],
        levels=[level(number, MAIN, units) for number, (_, units) in enumerate(NUMBERS, 1)],
    )
    shop.lags = Lags(commit=2, visibility=6, index=3)
    faults = Faults(clock)

    def wait(self: WorkWatch, seconds: float) -> None:
        self.check()
        if threading.current_thread() is threading.main_thread() and worker._here:
            self._cancelled.wait(0.005)  # whoever looks lets the one that works have the time
        else:
            clock.advance(max(seconds, 0.001))

    defaults = tuple(
        clock.now if value is desks._now else value for value in Desk.__init__.__defaults__ or ()
    )
    assert clock.now in defaults
    monkeypatch.setattr(Desk.__init__, "__defaults__", defaults)
    monkeypatch.setattr(WorkWatch, "wait", wait)
    monkeypatch.setenv("SHOP_TOKEN", shop.token)
    with running(create_app([shop], faults=faults)) as url:
        try:
            yield Selling(cli, url, shop, faults, clock)
        finally:
            worker.stop_here()
