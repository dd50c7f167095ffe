"""What may not be asked for: turning on what is on, and planning anew what is being applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.core.progress import Unwatched
from supportdesk.credentials import Credential
from supportdesk.desk import Desk, applying, connecting, planning, sync_status, worker
from supportdesk.errors import Refused
from supportdesk.secret import Secret
from tests.desk.stocked import DEPOT_PLACE, link, stocked_desk, write
from tests.desk.test_plans import SCOPES


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The outlet is to be turned on; its store does not answer, and the worker is nobody's business here."""
    desk = stocked_desk(tmp_path / "a home")
    write(desk, ("UPDATE channel SET scopes = ?", (SCOPES,)))
    link(desk, "outlet", DEPOT_PLACE, None, None)
    connecting.credential_store(desk).save("outlet", Credential.token(Secret("shpat" + "_none")))
    monkeypatch.setattr(worker, "make_sure", lambda desk: None)
    monkeypatch.setattr(applying, "_PATIENCE", 0.05)
    return desk


def plan(desk: Desk) -> int:
    return planning.make_plan(desk, "outlet", copies=True, watch=Unwatched()).id


def test_a_channel_that_is_on_is_not_turned_on_again(desk: Desk) -> None:
    made = plan(desk)
    write(desk, ("UPDATE channel SET sync = 'on' WHERE handle = 'outlet'", ()))
    with pytest.raises(Refused, match="is on already"):
        applying.apply_plan(desk, "outlet", made, confirm="outlet")
    assert sync_status.sync_status(desk, "outlet").phase is None


def test_nothing_is_planned_while_a_plan_is_applied(desk: Desk) -> None:
    made = plan(desk)
    applying.apply_plan(desk, "outlet", made, confirm="outlet")
    with pytest.raises(Refused, match=f"Plan {made} is being applied"):
        plan(desk)
    applying.turn_off(desk, "outlet", confirm="outlet")
    assert plan(desk) > made


def test_a_replaced_plan_says_which_is_in_its_place(desk: Desk) -> None:
    made, other = plan(desk), plan(desk)
    with pytest.raises(Refused) as refused:
        applying.apply_plan(desk, "outlet", made, confirm="outlet")
    assert refused.value.detail == f"Plan {made} was replaced. Plan {other} was made in its place."
