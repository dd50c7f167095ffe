"""What happens to a worker in weeks, with real processes: terminals closed, killed, stopped for an hour, a disk full, a token revoked, an upgrade.

Each ends in a clear state on the next look, with nothing lost and nothing written twice. What needs no process is in
`tests/sync/test_resting.py`.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from supportdesk import desk as desks
from supportdesk.core.progress import Unwatched
from supportdesk.desk import Demo, Desk, going_live, serving, worker, worker_status
from supportdesk.desk.worker_files import troubles_path
from supportdesk.errors import CredentialMissing, Refused
from supportdesk.ledger import waiting_work
from supportdesk.ledger.waiting_work import Wanting
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.program import SupportdeskApp
from supportdesk.settings import Settings
from supportdesk.sync.lease import host_name
from tests.cli.commands import environment, process
from tests.cli.test_apply import CONFIRM
from tests.cli.turning_on import Selling, selling
from tests.terminal.pseudo_terminal import Terminal

__all__ = ["selling"]

PATIENCE = 40.0
UNITS = {"MUG": 0, "TENT": 2}
"""Where a SKU stands in what the store shows."""


@pytest.fixture
def on(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> Iterator[Selling]:
    """On and settled, and nobody works any more; workers that a test starts go by the machine's clock, and are ended after it."""
    with monkeypatch.context() as patch:
        patch.setattr(worker, "make_sure", lambda desk: None)
        selling.connect()
        selling.cli.good("apply", selling.plan()["id"], CONFIRM, "--no-wait")
        selling.turns()
    monkeypatch.delenv("SHOP_TOKEN")
    defaults = Desk.__init__.__defaults__ or ()
    real = tuple(desks._now if value == selling.clock.now else value for value in defaults)
    assert desks._now in real
    monkeypatch.setattr(Desk.__init__, "__defaults__", real)
    yield selling
    for child in worker._started:
        child.kill()
        child.wait()
    worker._started.clear()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        threading.Event().wait(0.02)


def running(on: Selling) -> int:
    """The process of a worker that serves the channel."""
    worker.make_sure(on.desk)
    until(lambda: on.status.keeper == "worker")
    process = worker.status(on.desk).process
    assert process
    return process


def changed(on: Selling, sku: str, to: int) -> None:
    """Set a number in Sumtracker, and wait until the store shows it."""
    on.cli.good("set", "kestrel", "--warehouse=MAIN", f"--sku={sku}", f"--quantity={to}")
    until(lambda: on.shown[UNITS[sku]] == to)


def written(on: Selling) -> list[int]:
    """What we changed of the first mug's row, one after the other."""
    return [one.deltas["available"] for one in on.shop.journal if one.actor == "app" and one.item_id == 2001]


def reap(number: int) -> int:
    """Wait for a worker that this process started."""
    (child,) = [each for each in worker._started if each.pid == number]
    return child.wait(PATIENCE)


# Short --------------------------------------------------------------------------------------------------------------------------------


def test_read_only_nobody_works_nor_starts_one(on: Selling) -> None:
    """By the option and by the setting alike."""
    reader = Desk(on.desk.home, Settings(keyring=False, read_only=True))
    assert not worker.replace_dead(reader)
    for words in (
        ("worker", "--read-only"),
        ("worker", "--once", "--read-only"),
        ("worker", "install", "--read-only"),
    ):
        assert on.cli.refused(4, *words)["code"] == "refused"
    on.desk.home.settings_file.write_text("read_only = true\n")
    plan = "1"
    for words in (("worker", "--once"), ("worker", "install"), ("apply", plan, CONFIRM)):
        assert on.cli.refused(4, *words)["code"] == "refused"
    with pytest.raises(Refused):
        worker.serve(reader, Unwatched())
    assert worker.status(on.desk).process is None


def test_a_worker_has_stored_tokens_only(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even one that is run by hand where the variable is set: another program may have the channel, and keeps it."""
    monkeypatch.setattr(worker, "make_sure", lambda desk: None)
    selling.connect("--env-only")
    selling.cli.good("apply", selling.plan()["id"], CONFIRM)
    worker.stop_here()
    assert os.environ["SHOP_TOKEN"] == selling.shop.token
    said = selling.cli("worker", "--once", "--json")
    assert (said.code, said.error["code"]) == (1, CredentialMissing.code)
    assert selling.status.keeper == "nobody"
    (alert,) = selling.status.alerts
    assert "SHOP_TOKEN" in alert
    assert not worker.replace_dead(selling.desk)
    worker.keep_here(selling.desk, "kestrel")
    until(lambda: not selling.status.alerts and selling.status.keeper == "here")


def test_one_channel_that_fails_keeps_no_other_from_its_cycle(
    on: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    found = waiting_work.wanting_work

    def more(path: Path) -> list[Wanting]:
        return [Wanting(99, "another"), *found(path)]

    def serve(desk: object, account: str, channel_id: int, *words: object, **more: object) -> None:
        tried.append(channel_id)
        if channel_id == 99:
            raise Refused("Not this one.", "Another.")

    monkeypatch.setattr(waiting_work, "wanting_work", more)
    monkeypatch.setattr(worker, "serve_channel", serve)
    assert on.cli.refused(4, "worker", "--once")["detail"] == "Not this one."
    assert tried == [99, 1]


def test_an_account_file_is_looked_into_only_where_it_changed(
    on: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []
    found = waiting_work.wanting_work

    def look(path: Path) -> list[Wanting]:
        looks.append(path)
        return found(path)

    monkeypatch.setattr(waiting_work, "wanting_work", look)
    monkeypatch.setattr(serving.Serving, "_serve", lambda self, key: None)
    looking = serving.Serving(on.desk)
    assert [looking.look() for _ in range(50)] == [1] * 50
    assert len(looks) <= 2, "SQLite's own files beside it come with the first look"
    looks.clear()
    with contextlib.closing(sqlite3.connect(on.desk.home.account_file("kestrel"))) as other:
        other.execute("UPDATE channel SET sync = 'off'")
        other.commit()
    assert looking.look() == 0
    assert len(looks) == 1


def test_who_is_replaced_and_who_is_not(on: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Path] = []
    monkeypatch.setattr(worker, "make_sure", lambda desk: started.append(desk.home.root))
    path = on.desk.home.account_file("kestrel")

    def held_by(holder: str, host: str, process: int, seconds: int) -> None:
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute(
                "UPDATE lease SET holder = ?, host = ?, process = ?, expires_at = ?",
                (holder, host, process, (on.desk.now() + timedelta(seconds=seconds)).isoformat()),
            )
            other.commit()

    assert worker.replace_dead(on.desk), "it was given back"
    ended = subprocess.Popen(("true",))
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    for lease, replaced in (
        (("it", "elsewhere", 1, 30), False),
        (("it", "elsewhere", 1, -1), True),
        (("it", host_name(), os.getpid(), 30), False),
        (("it", host_name(), 2**22 + 1, 30), True),
        (("it", host_name(), ended.pid, 30), Path("/proc/self/stat").exists()),
        (("it", "elsewhere", 1, 24 * 3600), True),
    ):
        held_by(*lease)
        assert worker.replace_dead(on.desk) is replaced, lease
    ended.wait()
    started.clear()
    demo = replace(on.desk, demo=Demo(on.url, "kestrel"))
    assert not worker.replace_dead(demo), "its stores are not there yet"
    app = SupportdeskApp(on.desk)
    assert app.doorway.replace_dead_worker()
    assert started == [on.desk.home.root]
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE channel SET sync = 'off'")
        other.commit()
    assert not worker.replace_dead(on.desk)


def test_leaving_the_screens_leaves_the_wizard(selling: Selling) -> None:
    selling.connect()
    going_live.open_wizard(selling.desk, "kestrel")
    going_live.at_work(selling.desk, "kestrel")

    def at_work() -> str:
        with contextlib.closing(sqlite3.connect(selling.desk.home.account_file("kestrel"))) as found:
            (who,) = found.execute("SELECT at_work FROM wizard_answer").fetchone()
        return str(who)

    assert at_work()
    Doorway(selling.desk).leave_wizards(["kestrel", "gone"])
    assert at_work() == ""


# Processes ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_killed_it_is_replaced_by_the_next_command(on: Selling) -> None:
    """No lease is waited for: whoever held it is seen to be gone."""
    first = running(on)
    changed(on, "MUG", 30)
    os.kill(first, signal.SIGKILL)
    reap(first)
    (line,) = worker_status.view(on.desk).channels
    assert line.words.startswith("on, nobody syncing since")
    changed(on, "MUG", 25)
    second = worker.status(on.desk).process
    assert second not in (None, first)
    assert on.status.alerts == ()
    assert written(on)[-2:] == [-7, -5]
    line = on.cli.good("worker", "status", "--json").json["channels"][0]
    assert (line["channel"], line["on"], line["trouble"]) == ("kestrel", True, "")
    assert f"process {second}" in line["kept_by"]


@pytest.mark.slow
def test_stopped_for_long_it_finds_that_another_has_the_channel(on: Selling) -> None:
    """As a laptop that is closed while its number is pushed elsewhere: it wakes, writes nothing, and says so."""
    first = running(on)
    changed(on, "MUG", 30)
    os.kill(first, signal.SIGSTOP)
    path = on.desk.home.account_file("kestrel")
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE lease SET expires_at = '2020-01-01T00:00:00+00:00', host = 'elsewhere'")
        other.commit()
    assert on.status.words.startswith("on, nobody syncing since")
    on.cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=20")
    serving.serve_channel(on.desk, "kestrel", 1, Unwatched(), once=True)
    assert on.shown[0] == 20
    before = written(on)
    with contextlib.closing(sqlite3.connect(path)) as other:  # the other goes on
        other.execute(
            """UPDATE lease SET holder = 'another', host = 'desk-2',
                   expires_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '+50 seconds')"""
        )
        other.commit()
    on.cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=15")
    os.kill(first, signal.SIGCONT)

    def alerts() -> list[str]:
        with contextlib.closing(sqlite3.connect(path)) as found:
            return [text for (text,) in found.execute("SELECT text FROM alert WHERE code = 'lease'")]

    until(alerts)
    assert "desk-2" in alerts()[0]
    assert written(on) == before
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE lease SET holder = ''")
        other.commit()
    until(lambda: on.shown[0] == 15)
    assert written(on) == [*before, -5]


@pytest.mark.slow
def test_a_full_disk_is_said_and_waited_out(on: Selling) -> None:
    """No file of the worker may grow any more; it says so where it had taken room before, and goes on once there is some."""
    first = running(on)
    changed(on, "MUG", 30)
    path = on.desk.home.account_file("kestrel")
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    resource.prlimit(first, resource.RLIMIT_FSIZE, (path.stat().st_size // 2, resource.RLIM_INFINITY))
    size = troubles_path(on.desk).stat().st_size
    for number in range(25, 5, -1):
        on.cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", f"--quantity={number}")

    def trouble() -> str:
        (line,) = worker_status.view(on.desk).channels
        return line.trouble

    until(trouble)
    assert "kestrel.db" in trouble()
    assert troubles_path(on.desk).stat().st_size == size
    assert "kestrel.db" in on.cli.good("worker", "status").out
    resource.prlimit(first, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: on.shown[0] == 6)
    until(lambda: not trouble())
    assert worker.status(on.desk).process == first
    assert sum(written(on)) == 6 - 40, "each unit once"


@pytest.mark.slow
def test_a_token_that_is_revoked_and_given_anew(on: Selling, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost meanwhile, and nobody has to start anything."""
    first = running(on)
    token = on.shop.app.static_token
    on.shop.app.static_token = "shpat" + "_another"
    on.cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=30")
    until(lambda: on.status.alerts)
    assert "token" in on.status.alerts[0]
    assert on.status.words.startswith("on")
    assert token not in on.status.alerts[0]
    monkeypatch.setenv("NEW_TOKEN", on.shop.app.static_token)
    on.cli.good("connect", "kestrel", f"--api-url={on.url}", "--token-env=NEW_TOKEN")
    until(lambda: on.shown[0] == 30)
    until(lambda: not on.status.alerts)
    assert worker.status(on.desk).process == first


@pytest.mark.slow
def test_an_upgrade_under_a_running_worker(on: Selling) -> None:
    """A newer program has brought the account up to date: the older worker ends, says so, and writes nothing more."""
    with process(on.cli.home, "worker") as child:
        until(lambda: on.status.keeper == "worker")
        path = on.desk.home.account_file("kestrel")
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE ledger SET oldest_writer = '99.1'")
            other.commit()
            before = list(other.iterdump())
        out, err = child.communicate(timeout=PATIENCE)
        assert child.returncode == 1
        assert out == ""
        assert "supportdesk 99.1 or newer" in err
        assert "Traceback" not in err
    with contextlib.closing(sqlite3.connect(path)) as other:
        assert list(other.iterdump()) == before
    log = (on.desk.home.logs / "worker.log").read_text()
    assert "99.1 or newer" in log
    assert worker.status(on.desk).process is None


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="figures of Linux")
def test_idle_it_costs_next_to_nothing(on: Selling, record_property: Callable[[str, object], None]) -> None:
    """Half a minute between two cycles, with a hundred accounts beside it that nobody syncs."""
    account = on.desk.home.account_file("kestrel")
    for number in range(100):
        other = account.with_name(f"other-{number}.db")
        shutil.copyfile(account, other)
        with contextlib.closing(sqlite3.connect(other)) as connection:
            connection.execute("UPDATE channel SET sync = 'off'")
            connection.commit()
    number = running(on)
    until(lambda: worker_status.view(on.desk).channels[0].next_cycle is not None)
    threading.Event().wait(5)  # for what it loads and looks at once
    before, began = _spent(number), time.monotonic()
    threading.Event().wait(30)
    spent = [after - then for after, then in zip(_spent(number), before, strict=True)]
    seconds = time.monotonic() - began
    record_property("CPU", f"{spent[0] / seconds:.2%}")
    record_property("read and written", f"{spent[1] / seconds:.0f}, {spent[2] / seconds:.0f} B/s")
    assert spent[0] / seconds <= 0.005
    assert spent[2] / seconds <= 2000


def _spent(process: int) -> tuple[float, int, int]:
    """Seconds of CPU, bytes read, bytes written, of all its threads since it began."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    io = dict(line.split(": ") for line in Path(f"/proc/{process}/io").read_text().splitlines())
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(io["rchar"]), int(io["wchar"])


@pytest.mark.slow
def test_a_terminal_that_is_closed_leaves_the_worker_at_work(
    on: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screens find nobody syncing and start a worker; the connection drops; what is changed after that reaches the store."""
    monkeypatch.setattr(worker, "make_sure", lambda desk: None)
    with Terminal(("-m", "supportdesk", "kestrel"), environ=environment(on.cli.home)) as terminal:
        terminal.wait_for("· Overview")
        terminal.wait_for(lambda: worker.status(on.desk).process is not None)
        process = worker.status(on.desk).process
        assert process
        try:
            terminal.wait_for(lambda: on.status.keeper == "worker")
            terminal.hang_up()
            until(lambda: not terminal.is_running)
            changed(on, "MUG", 30)
            assert worker.status(on.desk).process == process
        finally:
            os.kill(process, signal.SIGTERM)
            until(lambda: worker.status(on.desk).process is None)
    assert on.status.keeper == "nobody"
