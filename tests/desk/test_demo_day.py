"""The demo's second store: on since yesterday, with a day of log that the real engine wrote, and synced from then on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.desk import (
    Desk,
    accounts,
    channels,
    connections,
    demo,
    demo_day,
    sync_status,
    worker,
)
from supportdesk.errors import Refused
from supportdesk.paths import Home
from supportdesk.settings import Settings

OUTDOOR, OUTLET = "kestrel-outdoor", "kestrel-outlet"


def events(desk: Desk) -> list[tuple[str, str, str]]:
    """At, kind, who."""
    with accounts.opened(desk, demo.ACCOUNT) as ledger:
        return list(ledger.db.conn.execute("SELECT at, kind, who FROM event ORDER BY id"))


@pytest.mark.timeout(180)
def test_the_outlet_is_on_with_a_day_behind_it_and_goes_on() -> None:
    with demo.started(Settings(), scenario="kestrel", seed=1, files=[], keep=None, furnished=True) as desk:
        assert [line.handle for line in channels.list_channels(desk)] == [OUTDOOR, OUTLET]
        lived = events(desk)
        kinds = Counter(kind for _, kind, _ in lived)
        assert kinds["order"] > 10
        assert kinds["push"] > 50
        assert min(kinds["undo"], kinds["fulfil"], kinds["receive"], kinds["cancel"]) > 0
        assert kinds["plan_on"] == 1
        times = [at for at, _, _ in lived if at > (desk.now() - timedelta(hours=24)).isoformat()]
        assert times == sorted(times)
        assert (desk.now() - demo_day.BEFORE).isoformat() > lived[0][0]
        assert all(who.startswith(demo_day.WHO) for _, kind, who in lived if kind in ("plan", "receive"))
        assert _known_at_one_end(desk) == []
        status = sync_status.sync_status(desk, OUTLET)
        assert status.is_on
        assert not status.alerts
        assert set(status.rows) == {"live"}
        _follows(desk, len(lived))
        _killed(desk)
        _shares_the_depot(desk)


def _known_at_one_end(desk: Desk) -> list[tuple[str, str]]:
    """What came about on a link, and names but one of its ends."""
    with accounts.opened(desk, demo.ACCOUNT) as ledger:
        return list(
            ledger.db.conn.execute(
                """SELECT kind, place FROM event WHERE kind IN ('order', 'fulfil', 'cancel', 'refund', 'push', 'undo')
                   AND (location NOT IN (SELECT name FROM location) OR warehouse NOT IN (SELECT code FROM warehouse))"""
            )
        )


def _until(seconds: float, what: str, holds: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        Unwatched().wait(0.2)


def _follows(desk: Desk, seen: int) -> None:
    """Somebody edits the store: it is put back by the worker that the demo keeps."""
    demo.staff_edit(desk, OUTLET)
    _until(
        90,
        "the edit is put back",
        lambda: any(kind == "undo" for _, kind, _ in events(desk)[seen:]),
    )


def _killed(desk: Desk) -> None:
    process = demo.kill_sync(desk)
    _until(10, "it is gone", lambda: worker.status(desk).process != process)
    assert not psutil.pid_exists(process) or psutil.Process(process).status() == psutil.STATUS_ZOMBIE


def _shares_the_depot(desk: Desk) -> None:
    view = connections.view(desk, OUTLET)
    depot = next(line for line in view.lines if line.location.name == "Depot")
    assert [(other.channel, other.location) for other in depot.others] == [(OUTDOOR, "Main St")]
    checks = {check.id: (check.state, check.text) for check in channels.check(desk, OUTLET)}
    assert checks["bundles"] == ("pass", "2 bundles are worked out from their components.")


def test_only_a_demo_is_killed(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        demo.kill_sync(Desk(Home(tmp_path), Settings()))
