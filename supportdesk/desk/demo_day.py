"""The day that the demo's second store has behind it: *Kestrel Outlet*, turned on yesterday and synced since, over the real Admin API.

Wizard, plan, worker and engine are the real ones; only the clock is moved instead of waited for. It runs in the process of that store's
sandbox. What the merchant has in Sumtracker is in `demo_account`; starting all this is in `demo`.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from supportdesk.core.progress import Unwatched
from supportdesk.desk import Demo, Desk, accounts, demo_account
from supportdesk.desk.sandboxes import Listening
from supportdesk.errors import Cancelled, Refused
from supportdesk.secret import Secret

if TYPE_CHECKING:
    from supportdesk.ledger.file import Ledger
    from supportdesk.sandbox.clock import Clock
    from supportdesk.sandbox.store import SandboxShop

SHOP: Final = "kestrel-outlet"
BEFORE: Final = timedelta(hours=25)
"""How long ago the merchant's story begins."""
WHO: Final = "mia"
"""The agent of that call."""
ORDERS_PER_MINUTE: Final = 6.0
"""What shoppers buy in each store of the demo once its sync is on."""
EDITS_PER_MINUTE: Final = 0.4
SENT_PER_MINUTE: Final = 2.0

_LOOKS: Final = 3
"""Waits of the worker after something happened in which it sees what that did, before the clock goes on to the next."""
_SHORT: Final = 8.0
"""Seconds of each."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the day is lived."""

    desk: Desk
    """Whose `now` is the shop's clock."""
    shop: SandboxShop
    clock: Clock
    """Stopped: it goes on as the day does."""
    ends: datetime


def serve(desk: Desk, *, seed: int, sumtracker: str, on_ready: Callable[[list[Listening]], None]) -> int:
    """Serve the store, its day lived first, until SIGTERM; the signal's number.

    The account in the desk's home gets its Sumtracker side on the way, from the sandbox at `sumtracker`. Raises what that raises.
    """
    from supportdesk.desk import connecting
    from supportdesk.sandbox.clock import Clock
    from supportdesk.sandbox.kestrel import kestrel_outlet
    from supportdesk.sandbox.server import create_app, running
    from supportdesk.sandbox.timeline import Lags

    until_told = _until_told()
    os.environ["LOGNAME"] = WHO
    ends = desk.now()
    clock = Clock(ends - BEFORE, running=False)
    shop = kestrel_outlet(seed, clock)
    shop.lags = Lags(commit=1, visibility=3, index=3)
    app = create_app([shop])
    with running(app) as url:
        there = replace(desk, now=clock.now, demo=Demo(url, SHOP))
        connecting.connect(
            there,
            connecting.ConnectRequest(
                SHOP, account=demo_account.ACCOUNT, api_url=url, token=Secret(shop.token)
            ),
        )
        demo_account.furnish(replace(there, demo=Demo(sumtracker, SHOP)), seed, Unwatched())
        live(Stage(there, shop, clock, ends), seed)
        clock.advance(max(0.0, (desk.now() - clock.now()).total_seconds()))
        clock.run(True)
        on_ready([Listening(url, shop.token, shop.handle)])
        return until_told()


def _until_told() -> Callable[[], int]:
    """A function that waits for SIGTERM, from now on, and says its number."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())

    def wait() -> int:
        while not told.wait(3600):
            pass
        return signal.SIGTERM

    return wait


def live(stage: Stage, seed: int) -> None:
    """Turn the store on as it was yesterday, and live the day since, until `stage.ends`.

    The store is connected, and the account has its Sumtracker side, when this is called. Raises what going live raises.
    """
    from supportdesk.desk import channels

    desk = stage.desk
    channels.load(desk, SHOP, Unwatched())
    plan_id = _plan(desk)
    with accounts.opened(desk, demo_account.ACCOUNT) as ledger:
        record = channels.record_of(ledger, channels.channel_named(desk, SHOP))
        _ask(ledger, plan_id, desk.now())
        _sync(stage, ledger, record.id, _Watch(stage, _happenings(stage, seed)))
        accounts.renew_index(desk, ledger)


def _plan(desk: Desk) -> int:
    """Answer the wizard, and make the plan: Sumtracker's numbers stay, and what it never counted is copied."""
    from supportdesk.core.wizard import Answer, WizardEvent
    from supportdesk.desk import going_live, plans

    said: tuple[WizardEvent, ...] = (
        Answer(direction="sumtracker"),
        Answer(copy=False, unknown="copy", promised_included=True),
        Answer(sumtracker_off=True),
    )
    for event in said:
        going_live.answer(desk, SHOP, event, seen=going_live.open_wizard(desk, SHOP).revision)
    plan = plans.make_plan(desk, SHOP, watch=Unwatched())
    going_live.answer(
        desk, SHOP, Answer(reviewed=plan.fingerprint), seen=going_live.open_wizard(desk, SHOP).revision
    )
    going_live.leave(desk, SHOP)
    if plan.blocked:
        raise Refused(" ".join(each.text for each in plan.blocked))
    return plan.id


def _ask(ledger: Ledger, plan_id: int, at: datetime) -> None:
    from supportdesk.ledger import applying

    with ledger.writing() as connection:
        plan = applying.plan_of(connection, plan_id)
        assert plan is not None
        applying.ask(connection, plan, who=accounts.who(), at=at, brake_rows=None)


def _sync(stage: Stage, ledger: Ledger, channel_id: int, watch: _Watch) -> None:
    """Run the worker of the channel until the day is over."""
    from supportdesk.desk import worker
    from supportdesk.sync.worker import Rhythm, WorkerJob, run

    cadence, _ = worker.paces(stage.desk)
    job = WorkerJob(
        ledger,
        channel_id,
        worker.opener(stage.desk),
        accounts.who(),
        stage.desk.now,
        watch,
        Rhythm(slow=1, quick=1),
        cadence,
    )
    try:
        run(job)
    except Cancelled:
        return


@dataclass
class _Watch:
    """The worker's: it never waits, but moves the clock, to the next thing that happens once it has seen the last."""

    stage: Stage
    happenings: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    _looks: int = 6

    def report(
        self, phase: str, done: int = 0, total: int | None = None, *, unit: str = "", note: str = ""
    ) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Stop where the day is over."""
        if self.stage.clock.now() >= self.stage.ends:
            raise Cancelled("The day is over.")

    def wait(self, seconds: float) -> None:
        """Let the shop's time pass."""
        self.check()
        clock = self.stage.clock
        if self._looks > 0:
            self._looks -= 1
            clock.advance(max(seconds, _SHORT))
            return
        at, happens = self.happenings.pop(0) if self.happenings else (self.stage.ends, lambda: None)
        clock.advance(max(0.0, (min(at, self.stage.ends) - clock.now()).total_seconds()))
        self.stage.shop.catch_up()
        happens()
        self._looks = _LOOKS


def _happenings(stage: Stage, seed: int) -> list[tuple[datetime, Callable[[], object]]]:
    """What happens when, in its order: shoppers all day, and once each what a log is read for."""
    from supportdesk.sandbox.fulfilment import act_once
    from supportdesk.sandbox.shoppers import shop_once

    shop, chance = stage.shop, random.Random(f"a day of {SHOP} {seed}")
    begins = stage.clock.now() + timedelta(minutes=20)
    length = (stage.ends - begins).total_seconds()
    found: list[tuple[datetime, Callable[[], object]]] = []

    def at(share: float, happens: Callable[[], object]) -> None:
        found.append((begins + timedelta(seconds=share * length), happens))

    for number in range(16):
        at((number + chance.random()) / 16.5, lambda: shop_once(shop, chance))
    for number in range(4):
        at((number + 0.7) / 4.5, lambda: act_once(shop.order_book, chance, ("fulfil",)))
    at(0.35, lambda: act_once(shop.order_book, chance, ("cancel",)))
    at(0.62, lambda: act_once(shop.order_book, chance, ("refund",)))
    at(0.20, lambda: _staff_edit(stage))
    at(0.81, lambda: _staff_edit(stage))
    at(0.30, lambda: _change(stage, "receive", "DEPOT", 24, reference="PO-118"))
    at(0.55, lambda: _change(stage, "adjust", "OUTLET", -1, reason="broken"))
    at(0.90, lambda: _change(stage, "receive", "OUTLET", 12, reference="PO-121"))
    return sorted(found, key=lambda each: each[0])


def _staff_edit(stage: Stage) -> None:
    """Somebody in the shop corrects a number in the store itself."""
    from supportdesk.sandbox import staff
    from supportdesk.sandbox.shoppers import best_seller

    if wanted := best_seller(stage.shop):
        level = stage.shop.order_book.level(wanted.variant.item, wanted.location)
        staff.add(stage.shop, level, {"available": 3})


def _change(
    stage: Stage,
    kind: Literal["adjust", "receive"],
    warehouse: str,
    quantity: int,
    *,
    reference: str = "",
    reason: str = "",
) -> None:
    """Somebody changes the stock of a best-seller in Sumtracker."""
    from supportdesk.core.stock import StockChange
    from supportdesk.desk.stock_changes import change_stock
    from supportdesk.sandbox.shoppers import best_seller

    if wanted := best_seller(stage.shop):
        change_stock(
            stage.desk,
            demo_account.ACCOUNT,
            StockChange(
                kind=kind,
                warehouse=warehouse,
                sku=wanted.variant.item.sku,
                quantity=quantity,
                reference=reference,
                reason=reason,
            ),
        )
