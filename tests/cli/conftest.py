"""A home with a space in its path, a pretend shop on loopback, and no waiting: where the program waits, the shop's clock moves on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from supportdesk.desk.watch import WorkWatch
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Faults
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.store import SandboxShop
from tests.cli.commands import Commands
from tests.shops import small_shop


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "a home"
    monkeypatch.setenv("SUPPORTDESK_HOME", str(folder))
    monkeypatch.setenv("SUPPORTDESK_KEYRING", "off")
    return folder


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(home, capsys)


@dataclass
class Served:
    """A shop that answers on loopback."""

    url: str
    shop: SandboxShop
    faults: Faults
    clock: Clock
    waits: list[float] = field(default_factory=list)
    """Seconds the program wanted to wait, each passed on the shop's clock at once."""

    @property
    def connect(self) -> tuple[str, ...]:
        """The words that connect it."""
        return ("connect", self.shop.handle, f"--api-url={self.url}", "--token-env=SHOP_TOKEN")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    clock = Clock(running=False)
    shop = small_shop("kestrel", clock=clock)
    faults = Faults(clock)
    with running(create_app([shop], faults=faults)) as url:
        served = Served(url, shop, faults, clock)

        def wait(self: WorkWatch, seconds: float) -> None:
            self.check()
            served.waits.append(seconds)
            clock.advance(max(seconds, 0.001))

        monkeypatch.setattr(WorkWatch, "wait", wait)
        monkeypatch.setenv("SHOP_TOKEN", shop.token)
        yield served


@pytest.fixture
def connected(cli: Commands, served: Served) -> Served:
    """The shop, connected and loaded once."""
    cli.good(*served.connect)
    cli.good("load", "kestrel")
    return served
