"""The real desk under the real screens, over a pretend shop on loopback; where the program waits, the shop's clock moves on at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from textual import events
from textual.pilot import Pilot

from supportdesk.desk import Desk, channels, connecting
from supportdesk.desk.watch import WorkWatch
from supportdesk.paths import Home
from supportdesk.sandbox.bulk import Pace
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Faults
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.store import SandboxShop
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.exports import ExportsScreen
from supportdesk.screens.home import HomeScreen
from supportdesk.screens.program import SupportdeskApp
from supportdesk.secret import Secret
from supportdesk.settings import Settings
from supportdesk.shopify import store as shopify_store
from tests.cli.commands import dump
from tests.conftest import settle, text_of
from tests.shops import small_shop

HANDLE: Final = "kestrel"
_BARS: Final = re.compile("[\u2580-\u259f]")


class OnThisMachine(httpx.BaseTransport):
    """Every host is the sandbox, which tells shops apart by the name it was asked under, as Shopify does."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._network = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
        return self._network.handle_request(request)

    def close(self) -> None:
        self._network.close()


@dataclass
class Served:
    """A shop that answers on loopback, and the desk that asks it."""

    url: str
    """Where the shop's own domain leads to as well; a test may let it lead elsewhere."""
    shop: SandboxShop
    faults: Faults
    clock: Clock
    desk: Desk
    waits: list[float] = field(default_factory=list)
    """Seconds the program wanted to wait, each passed on the shop's clock."""
    go_on: threading.Event = field(default_factory=threading.Event)
    """While it is not set a wait lasts, so that the screen can be read meanwhile."""

    def connect(self) -> None:
        """Connect the shop, as from the command line."""
        request = connecting.ConnectRequest(HANDLE, api_url=self.url, token=Secret(self.shop.token))
        connecting.connect(self.desk, request)

    def load(self) -> None:
        """Load the shop, as from the command line."""
        channels.load(self.desk, HANDLE, WorkWatch(lambda _: None))

    def open(self, file: Path) -> None:
        """Open an export, as from the command line."""
        channels.open_exports(self.desk, [file], watch=WorkWatch(lambda _: None))

    def dump(self) -> dict[str, list[str]]:
        """Every table of every account file."""
        return dump(self.desk.home.root)

    def app(self) -> SupportdeskApp:
        """The program, as `supportdesk` starts it."""
        doorway = Doorway(self.desk)
        return SupportdeskApp(self.desk, channels=doorway.list_channels(), doorway=doorway)


@contextmanager
def serving(home: Path, patch: pytest.MonkeyPatch, **settings: Any) -> Iterator[Served]:
    """A served shop `HANDLE`, and a desk of these settings on an empty home."""
    clock = Clock(running=False)
    shop = small_shop(HANDLE, clock=clock)
    faults = Faults(clock)
    desk = Desk(Home(home), Settings(keyring=False, **settings))
    with running(create_app([shop], faults=faults, pace=Pace(0.01, 0.01, 0.01))) as url:
        served = Served(url, shop, faults, clock, desk)
        served.go_on.set()
        open_store = shopify_store.open_store

        def wait(self: WorkWatch, seconds: float) -> None:
            served.waits.append(seconds)
            while not served.go_on.wait(0.01):
                self.check()
            self.check()
            clock.advance(max(seconds, 0.001))

        def opened(address: Any, **access: Any) -> shopify_store.ShopifyStore:
            there = None if address.on_loopback else OnThisMachine(served.url)
            return open_store(address, transport=there, **access)

        patch.setattr(WorkWatch, "wait", wait)
        patch.setattr(shopify_store, "open_store", opened)
        yield served


def read(app: SupportdeskApp) -> str:
    """What a person reads on the screen: its lines one after the other, without scroll bars."""
    return " ".join(_BARS.sub(" ", text_of(app)).split())


async def paste(pilot: Pilot[None], text: str) -> None:
    """Paste into the field that has the focus."""
    pilot.app.post_message(events.Paste(text))
    await settle(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each once the one before has done its work."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def shows(app: SupportdeskApp, kind: type[object]) -> bool:
    """Whether a screen of that kind is on top."""
    return isinstance(app.screen, kind)


async def assert_goes_on(pilot: Pilot[None]) -> None:
    """The program lives: esc leads home, and another key from there to a form and back."""
    app = pilot.app
    assert isinstance(app, SupportdeskApp)
    for _ in range(3):
        if not shows(app, HomeScreen):
            await press(pilot, "escape")
    assert shows(app, HomeScreen), text_of(app)
    await press(pilot, "o")
    assert shows(app, ExportsScreen)
    await press(pilot, "escape")
    assert shows(app, HomeScreen)
