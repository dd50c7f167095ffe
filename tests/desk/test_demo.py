"""The demo: a sandbox in a process of its own, a home of its own, no host but loopback, nothing left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.desk import channels, connecting, demo
from supportdesk.errors import ExportInvalid, TokenRefused, WrongUsage
from supportdesk.secret import Secret
from supportdesk.settings import Settings


def children_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_both_kestrels_are_there_and_load() -> None:
    with demo.started(Settings(), scenario="kestrel", seed=1, files=[], keep=None) as desk:
        assert [line.handle for line in channels.list_channels(desk)] == ["kestrel-outdoor", "kestrel-outlet"]
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


@pytest.mark.parametrize("scenario", ["empty", "hostile"])
def test_every_scenario_loads(scenario: str) -> None:
    with demo.started(Settings(), scenario=scenario, seed=1, files=[], keep=None) as desk:
        for line in channels.list_channels(desk):
            channels.load(desk, line.handle, Unwatched())


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
