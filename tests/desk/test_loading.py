"""Loading a store through the desk: what is said of it meanwhile. What is loaded is tested in `tests/cli` and `tests/sync`."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.core.progress import Progress
from supportdesk.desk import channels
from supportdesk.desk.watch import WorkWatch
from supportdesk.sandbox.faults import Fault
from tests.screens.served import HANDLE, serving


@pytest.mark.parametrize("page_up_to", [5000, 0], ids=["pages", "bulk"])
def test_a_wait_is_said_of_the_step_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_up_to: int
) -> None:
    seen: list[Progress] = []
    with serving(tmp_path / "home", monkeypatch, page_listings_up_to=page_up_to) as served:
        served.connect()
        served.faults.add(Fault("throttled", seconds=60))
        channels.load(served.desk, HANDLE, WorkWatch(seen.append))
    assert any("The store asks us to wait" in progress.note for progress in seen)
    assert "Asking the store" not in {progress.phase for progress in seen}
