"""A load that is killed, stopped or met by another: the account file is as before or as after, never between, and the next load works."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from supportdesk.ledger import faults as ledger_faults
from supportdesk.sandbox.bulk import Pace
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.generator import generated_shop
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.service import Service
from supportdesk.sandbox.store import SandboxShop
from tests.cli.commands import Commands, Said, apart, dump, hear, process
from tests.cli.conftest import Served
from tests.cli.test_channels import TOTALS

LISTINGS = 20_000


@dataclass
class Large:
    """A served shop that takes a moment to save."""

    url: str
    shop: SandboxShop
    service: Service
    home: Path

    @property
    def operations(self) -> int:
        return len(self.service.bulk(self.shop, self.shop.app).operations)

    @property
    def kept(self) -> dict[str, str]:
        return {"SHOP_TOKEN": self.shop.token}

    def run(self, *words: str) -> Said:
        return apart(self.home, *words, **self.kept)


@pytest.fixture(scope="module")
def shop() -> SandboxShop:
    return generated_shop("large", listings=LISTINGS, clock=Clock())


@pytest.fixture
def large(shop: SandboxShop, tmp_path: Path) -> Iterator[Large]:
    app = create_app([shop], pace=Pace(0.01, 0.01, 0.01))
    with running(app) as url:
        large = Large(url, shop, app.state.service, tmp_path / "home")
        made = large.run("connect", "large", f"--api-url={url}", "--token-env=SHOP_TOKEN")
        assert made.code == 0, made.err
        yield large


@pytest.mark.parametrize(
    ("number", "code", "adopted"),
    [
        (signal.SIGKILL, -9, True),
        (signal.SIGTERM, 143, True),
        (signal.SIGHUP, 129, True),
        (signal.SIGINT, 130, False),
    ],
)
def test_a_load_that_is_ended_while_it_saves(
    large: Large, number: signal.Signals, code: int, adopted: bool
) -> None:
    before = dump(large.home)
    with process(large.home, "load", "large", **large.kept) as child:
        hear(child, lambda line: "Saving" in line)
        child.send_signal(number)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert dump(large.home) == before
    assert large.operations == 1
    assert large.run("show", "large", "--json").error["code"] == "not_loaded"
    again = large.run("load", "large", "--json")
    assert again.json["listings"] == LISTINGS
    assert large.operations == (1 if adopted else 2)
    assert list((large.home / "spool").iterdir()) == []


def test_two_loads_of_one_channel_at_once(large: Large) -> None:
    with (
        process(large.home, "load", "large", "--json", **large.kept) as one,
        process(large.home, "load", "large", "--json", **large.kept) as other,
    ):
        first, second = (child.communicate(timeout=60) for child in (one, other))
    assert (one.returncode, other.returncode) == (0, 0), first[1] + second[1]
    assert first == second
    assert large.run("show", "large", "--json").json["listings"] == LISTINGS
    assert list((large.home / "spool").iterdir()) == []


def test_a_load_waits_for_another_process_that_writes(large: Large) -> None:
    holder = sqlite3.connect(large.home / "accounts" / "large.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with process(large.home, "load", "large", "--json", **large.kept) as child:
        # It has asked for its operation, so it is past opening the file, or about to be; then it waits for the lock.
        while large.operations == 0:
            assert child.poll() is None
        holder.execute("ROLLBACK")
        out, err = child.communicate(timeout=60)
    holder.close()
    assert child.returncode == 0, err
    assert str(LISTINGS) in out


def test_a_file_that_stays_held_is_said_to_be_busy(
    cli: Commands, connected: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_faults, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(cli.home / "accounts" / "kestrel.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for words in (("load", "kestrel"), ("forget", "kestrel"), connected.connect):
        assert cli.refused(1, *words)["code"] == "ledger_busy"
    for words in (("show", "kestrel"), ("check", "kestrel"), ("channels",)):
        cli.good(*words)
    holder.close()
    assert cli.good("load", "kestrel", "--json").json == TOTALS


def test_a_stop_before_anything_is_saved(
    cli: Commands, connected: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ctrl+c while the store makes us wait: the watch hears of it at once."""
    from supportdesk.desk.watch import WorkWatch
    from supportdesk.sandbox.faults import Fault

    def interrupted(self: WorkWatch, seconds: float) -> None:
        signal.raise_signal(signal.SIGINT)
        self.check()

    connected.faults.add(Fault("throttled", seconds=60))
    monkeypatch.setattr(WorkWatch, "wait", interrupted)
    error = cli.refused(130, "load", "kestrel")
    assert error["code"] == "cancelled"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
