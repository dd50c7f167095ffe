"""The demo: a sandbox in a process of its own, a home of its own, no host but loopback, nothing left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.desk import Desk, accounts, channels, connecting, demo, stock
from supportdesk.errors import ExportInvalid, Refused, StoreUnreachable, TokenRefused, WrongUsage
from supportdesk.paths import Home
from supportdesk.secret import Secret
from supportdesk.settings import Settings


def children_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_the_first_kestrel_is_there_at_once_and_nothing_is_left_of_a_demo_that_is_left_early() -> None:
    with demo.started(Settings(), scenario="kestrel", seed=1, files=[], keep=None) as desk:
        assert "kestrel-outdoor" in [line.handle for line in channels.list_channels(desk)]
        assert {line.account for line in channels.list_channels(desk)} == {demo.ACCOUNT}
        assert desk.demo is not None
        assert desk.demo.first_channel == "kestrel-outdoor"
        assert desk.demo.url.startswith("http://127.0.0.1:")
        totals = channels.load(desk, "kestrel-outdoor", Unwatched())
        assert (totals.duplicate_groups, totals.disagreeing_groups) == (14, 6)
        sandbox = children_of(os.getpid())
        home = desk.home.root
        assert home.is_dir()
    assert not home.exists()
    psutil.wait_procs(sandbox, timeout=10)
    assert not [
        process for process in sandbox if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def test_connecting_from_the_demo_never_leaves_this_machine() -> None:
    with demo.started(Settings(), scenario="outdoor", seed=1, files=[], keep=None) as desk:
        request = connecting.ConnectRequest("some-real-shop", token=Secret("not-a-token"))
        with pytest.raises(TokenRefused):
            connecting.try_connection(desk, request)
        request = connecting.ConnectRequest(
            "some-real-shop", token=Secret("not-a-token"), api_url="https://some-real-shop.myshopify.com"
        )
        with pytest.raises(TokenRefused):
            connecting.connect(desk, request)


def test_a_kept_home_stays(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    with demo.started(Settings(), scenario="empty", seed=1, files=[], keep=keep) as desk:
        channels.load(desk, "kestrel-new", Unwatched())
    assert (keep / "accounts" / "kestrel.db").exists()
    with (
        pytest.raises(Refused, match="an earlier demo, whose stores are gone"),
        demo.started(Settings(), scenario="empty", seed=1, files=[], keep=keep),
    ):
        pass
    assert (keep / "accounts" / "kestrel.db").exists()


@pytest.mark.parametrize("scenario", ["empty", "hostile"])
def test_every_scenario_loads(scenario: str) -> None:
    with demo.started(Settings(), scenario=scenario, seed=1, files=[], keep=None) as desk:
        for line in channels.list_channels(desk):
            channels.load(desk, line.handle, Unwatched())


def test_orders_and_staff_edits_reach_the_store() -> None:
    with demo.started(Settings(), scenario="outdoor", seed=1, files=[], keep=None) as desk:
        assert desk.demo is not None
        first = demo.place_order(desk, "kestrel-outdoor")
        assert first.after == first.before - 1 >= 0
        assert first.text.startswith(
            f"Order #{first.what.partition('#')[2]}: {first.sku} at {first.location}, "
        )
        channels.load(desk, "kestrel-outdoor", Unwatched())
        with stock.open_stock(
            desk, "kestrel-outdoor", order="store", descending=True, show="all", text=""
        ) as rows:
            row = next(row for row in rows.window(0, 50) if row.left_out is None)
        assert row.store is not None
        where = (row.listing, str(row.location_id))
        edited = demo.staff_edit(desk, "kestrel-outdoor", *where)
        assert (edited.sku, edited.location) == (row.sku, row.location)
        assert (edited.before, edited.after) == (row.store, row.store + 3)
        assert edited.text == (
            f"Staff edit: {row.sku} at {row.location}, {row.store:,} → {row.store + 3:,} in the store."
        )
        ordered = demo.place_order(desk, "kestrel-outdoor", *where)
        again = demo.place_order(desk, "kestrel-outdoor", *where)
        # Within the lag or after it: what was ordered a moment ago counts as gone.
        assert [ordered.before, again.before] == [row.store + 3, row.store + 2]
        with pytest.raises(Refused, match="there is no listing nowhere"):
            demo.staff_edit(desk, "kestrel-outdoor", "nowhere", "Main St")
        with pytest.raises(Refused, match="there is no shop acme"):
            demo.place_order(desk, "acme")
    with pytest.raises(StoreUnreachable):
        demo.place_order(desk, "kestrel-outdoor")


def test_a_store_whose_sync_is_turned_on_comes_to_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its shoppers are told to come; a sandbox that is gone by then keeps nobody from turning on."""
    with demo.started(Settings(), scenario="outdoor", seed=1, files=[], keep=None) as desk:
        told: list[tuple[str, object]] = []
        real = demo._control

        def control(url: str, what: str, order: Mapping[str, object]) -> dict[str, Any]:
            told.append((what, order["shop"]))
            return real(url, what, order)

        monkeypatch.setattr(demo, "_control", control)
        desk.turning_on(desk, "kestrel-outdoor")
        assert told == [(what, "kestrel-outdoor") for what in ("orders", "edits", "fulfilments")]
    desk.turning_on(desk, "kestrel-outdoor")


def test_a_store_with_nothing_to_buy_says_so() -> None:
    with demo.started(Settings(), scenario="empty", seed=1, files=[], keep=None) as desk:
        for happen in (demo.place_order, demo.staff_edit):
            with pytest.raises(Refused, match="there is nothing to buy"):
                happen(desk, "kestrel-new")


def test_only_the_demo_has_a_pretend_store(tmp_path: Path) -> None:
    desk = Desk(Home(tmp_path), Settings())
    with pytest.raises(Refused):
        demo.place_order(desk, "acme")
    with pytest.raises(Refused):
        demo.staff_edit(desk, "acme")
    with pytest.raises(Refused):
        demo.start_over(desk)


@pytest.mark.parametrize("kept", [False, True])
def test_starting_over_begins_with_a_new_store_and_a_new_account(kept: bool, tmp_path: Path) -> None:
    keep = tmp_path / "kept" if kept else None
    seen: list[tuple[str, Path]] = []

    def show(desk: Desk) -> int:
        assert desk.demo is not None
        (line,) = channels.list_channels(desk)
        assert line.loaded_at is None
        seen.append((desk.demo.url, desk.home.root))
        channels.load(desk, line.handle, Unwatched())
        with accounts.opened(desk, demo.ACCOUNT) as ledger, ledger.writing() as connection:
            connection.execute(
                "UPDATE channel SET sync = 'on'"
            )  # as it is where it was turned on before starting over
        if len(seen) < 3:
            demo.start_over(desk)
        return len(seen)

    assert demo.run(Settings(), scenario="empty", seed=1, files=[], keep=keep, show=show) == 3
    urls, homes = zip(*seen, strict=True)
    assert len(set(urls)) == 3
    assert len(set(homes)) == (1 if kept else 3)
    assert [home.exists() for home in homes] == [kept] * 3


def _missing_file(tmp_path: Path) -> dict[str, object]:
    return {"scenario": "kestrel", "files": [tmp_path / "none.csv"]}


def _no_scenario(tmp_path: Path) -> dict[str, object]:
    return {"scenario": "atlantis", "files": []}


@pytest.mark.parametrize(("given", "error"), [(_missing_file, ExportInvalid), (_no_scenario, WrongUsage)])
def test_what_the_sandbox_refuses_is_said_here(
    tmp_path: Path, given: Callable[[Path], dict[str, object]], error: type[Exception]
) -> None:
    with pytest.raises(error), demo.started(Settings(), seed=1, keep=None, **given(tmp_path)):  # type: ignore[arg-type]
        pass


def test_the_sandbox_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from supportdesk.desk import demo\n"
        "from supportdesk.settings import Settings\n"
        "with demo.started(Settings(), scenario='empty', seed=1, files=[], keep=None) as desk:\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        sandbox = children_of(parent.pid)
        assert sandbox
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        gone, alive = psutil.wait_procs(sandbox, timeout=10)
    assert gone
    assert not alive
