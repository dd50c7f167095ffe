"""Workers as processes: one a home, ended at a row boundary, killed in the midst of anything; the next start goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supportdesk.desk import worker
from supportdesk.sandbox.server import create_app, running
from tests.cli.commands import hear, process
from tests.cli.test_apply import CONFIRM
from tests.cli.turning_on import Selling, selling

__all__ = ["selling"]


@dataclass
class Deadly:
    """The sandbox, killing whoever sends it a certain request: before that is looked at, or once it is done and not yet answered."""

    app: ASGIApp
    at: int = 0
    """Which request from now on; 0 for none."""
    done_first: bool = False
    victim: int = 0
    seen: int = 0
    held: threading.Event | None = None
    """Where it is set, the request waits for it instead of killing."""
    reached: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.victim or scope["type"] != "http" or "graphql" not in scope["path"]:
            await self.app(scope, receive, send)
            return
        self.seen += 1
        if self.seen != self.at:
            await self.app(scope, receive, send)
            return
        if self.held is not None:
            import asyncio

            self.reached.set()
            while not self.held.is_set():
                await asyncio.sleep(0.01)
            await self.app(scope, receive, send)
            return

        async def unheard(message: Message) -> None:
            pass

        if self.done_first:
            await self.app(scope, receive, unheard)
        os.kill(self.victim, signal.SIGKILL)
        self.reached.set()


@pytest.fixture
def deadly(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deadly]:
    """The selling shop served by a deadly sandbox, connected, with no worker but those of the test."""
    monkeypatch.setattr(worker, "make_sure", lambda desk: None)
    deadly = Deadly(create_app([selling.shop], faults=selling.faults))
    with running(deadly) as url:
        selling.url = url
        selling.connect()
        yield deadly


def turns(selling: Selling, deadly: Deadly, *, sales: tuple[int, ...] = (2, 5)) -> int:
    """Worker processes, one after the other, as time passes, until all is settled and quiet; how many were killed."""
    killed = quiet = 0
    for turn in range(40):
        if turn in sales:
            selling.buy(3 if turn % 2 else 6)
        with process(selling.cli.home, "worker", "--once", "--quiet") as child:
            deadly.victim = child.pid
            child.wait()
            deadly.victim = 0
        assert child.returncode in (0, -signal.SIGKILL), child.communicate()
        killed += child.returncode != 0
        quiet = quiet + 1 if selling.status.is_settled and turn > max(sales) else 0
        if quiet == 4:
            return killed
        selling.pass_by(20)
    raise AssertionError(selling.status)


def killed_at(selling: Selling, deadly: Deadly, at: int, done_first: bool) -> int:
    selling.cli.good("apply", selling.plan()["id"], CONFIRM, "--no-wait")
    deadly.at, deadly.done_first = at, done_first
    return turns(selling, deadly)


def assert_ended_well(selling: Selling) -> None:
    assert selling.shown == [37, 37, 11, 9, 0, 54, 70]
    ours = [one for one in selling.shop.journal if one.actor == "app"]
    assert [(one.item_id, one.deltas) for one in ours] == [(2001, {"available": -3})]
    assert selling.ledger == {"MUG": 37, "TENT": 11, "ROPE": 9, "OLD": 0, "BAG": 54, "CUP": 70}
    assert selling.status.rows == {"live": 7}
    assert selling.status.alerts == ()


@pytest.mark.parametrize(("at", "done_first"), [(7, True), (26, False)])
def test_killed_while_turning_on(selling: Selling, deadly: Deadly, at: int, done_first: bool) -> None:
    assert killed_at(selling, deadly, at, done_first) == 1
    assert_ended_well(selling)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(12, 50))]
)
def test_killed_at_any_request(selling: Selling, deadly: Deadly, seed: int) -> None:
    chance = random.Random(seed)
    killed_at(selling, deadly, chance.randint(1, 90), chance.random() < 0.5)
    assert_ended_well(selling)


def test_told_to_end_it_ends_at_a_row_boundary(selling: Selling, deadly: Deadly) -> None:
    selling.cli.good("apply", selling.plan()["id"], CONFIRM, "--no-wait")
    deadly.at, deadly.held = 6, threading.Event()
    with process(selling.cli.home, "worker") as child:
        deadly.victim = child.pid
        assert deadly.reached.wait(60)
        child.send_signal(signal.SIGTERM)
        deadly.held.set()
        assert child.wait(60) == 143
        deadly.victim = 0
    assert selling.status.keeper == "nobody", "the lease was given back"
    deadly.held = None
    assert turns(selling, deadly) == 0
    assert_ended_well(selling)


def test_one_worker_a_home(selling: Selling) -> None:
    home, cli = selling.cli.home, selling.cli
    assert cli.good("worker", "status").out == "No worker runs.\n"
    assert cli.good("worker", "stop").err == "No worker runs.\n"
    assert cli.good("worker", "stop", "--json").json == {"stopped": False, "text": "No worker runs."}
    with process(home, "worker") as child:
        hear(child, lambda line: "Syncing every channel" in line)
        wait_for_lock(selling)
        assert cli.good("worker", "status", "--json").json["process"] == child.pid
        error = cli.refused(4, "worker")
        assert str(child.pid) in error["detail"]
        assert cli.refused(4, "worker", "--once")["code"] == "refused"
        child_end = threading.Thread(target=child.wait)
        child_end.start()  # a child that nobody waits for is still there for the one that stops it
        assert cli.good("worker", "stop").err == "The worker has ended.\n"
        child_end.join()
        assert child.returncode == 143
    assert cli.good("worker", "status", "--json").json == {"process": None, "unit": None, "channels": []}


def wait_for_lock(selling: Selling) -> None:
    while worker.status(selling.desk).process is None:
        pass


def test_read_only_nobody_works(selling: Selling) -> None:
    for words in (("--once",), ("stop",)):
        assert selling.cli.refused(4, "worker", *words, "--read-only")["code"] == "refused"


def test_a_worker_sees_no_token_of_its_starter(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    selling.connect()
    started: list[dict[str, str]] = []
    popen = subprocess.Popen

    def start(*words: object, env: dict[str, str], **more: object) -> subprocess.Popen[bytes]:
        started.append(env)
        return popen(*words, env=env, **more)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setenv("SUPPORTDESK_SOMETHING", "shpat" + "_secret")
    worker.make_sure(selling.desk)
    try:
        assert worker.status(selling.desk).process
        (env,) = started
        assert "SHOP_TOKEN" not in env
        assert selling.shop.token not in env.values()
        assert "PATH" in env
    finally:
        end = threading.Thread(target=worker._started[-1].wait)
        end.start()
        worker.stop(selling.desk)
        end.join()
