"""Asking for plans to be applied, and the words for how sync stands."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from supportdesk.core.plan import ApplyStep
from supportdesk.core.progress import Unwatched
from supportdesk.credentials import Credential
from supportdesk.desk import Desk, accounts, applying, channels, connecting, planning, worker
from supportdesk.desk.sync_status import PHASES, StepDone, SyncStatus, keeper_of, sync_status
from supportdesk.errors import Conflict, CredentialMissing, Refused, WrongUsage
from supportdesk.ledger.leases import Lease
from supportdesk.secret import Secret
from supportdesk.sync.lease import host_name
from tests.desk.stocked import DEPOT_PLACE, link, stocked_desk, write
from tests.desk.test_plans import SCOPES

AT = datetime(2026, 11, 23, 14, 40, tzinfo=UTC)
STATUS = SyncStatus(
    channel="outlet",
    is_on=True,
    plan_id=1,
    phase="on",
    steps=(StepDone("on", AT, ""),),
    rows={"live": 5},
    held=(),
    written=0,
    to_compare=0,
    unsettled=0,
    brake=(),
    stopped_rows=0,
    keeper="worker",
    kept_by="a worker",
    last_cycle=None,
    alerts=(),
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "on"),
        ({"rows": {"live": 5, "settling": 1}}, "on, 1 row settling"),
        ({"keeper": "nobody"}, "on, nobody syncing since 14:40 UTC"),
        ({"keeper": "nobody", "last_cycle": AT.replace(hour=15)}, "on, nobody syncing since 15:40 UTC"),
        ({"is_on": False}, "off"),
        ({"is_on": False, "phase": None, "steps": ()}, "off"),
        ({"is_on": False, "phase": "fenced"}, "being turned on: orders count from now on"),
        ({"is_on": False, "phase": "refused"}, "off"),
    ],
)
def test_how_sync_stands_in_words(change: dict[str, Any], words: str) -> None:
    assert replace(STATUS, **change).words == words


@pytest.mark.parametrize(
    ("written", "planned", "words"),
    [
        (0, 0, "0 rows were written"),
        (1, 1, "1 row was written"),
        (1, 2, "1 of 2 rows were written"),
        (0, 1, "0 of 1 row was written"),
        (1_500, 1_500, "1,500 rows were written"),
    ],
)
def test_what_was_written_of_the_plan_in_words(written: int, planned: int, words: str) -> None:
    assert replace(STATUS, written=written, planned=planned).written_words == words


@pytest.mark.parametrize("rows", [{"settling": 1}, {"live": 1}])
@pytest.mark.parametrize("left", ["to_compare", "unsettled", ""])
def test_settled_is_when_nothing_is_left(rows: dict[str, int], left: str) -> None:
    change: dict[str, Any] = {"rows": rows} | ({left: 1} if left else {})
    status = replace(STATUS, **change)
    assert status.is_settled == ("settling" not in rows and not left)


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


def test_of_two_agents_one_asks_and_the_other_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(desk)
    looked = applying._look_at_claim

    def meanwhile(*words: Any) -> None:
        monkeypatch.setattr(applying, "_look_at_claim", looked)
        applying.apply_plan(desk, "outlet", made, confirm="outlet")

    monkeypatch.setattr(applying, "_look_at_claim", meanwhile)
    with pytest.raises(Conflict):
        applying.apply_plan(desk, "outlet", made, confirm="outlet")
    status = sync_status(desk, "outlet")
    assert [step.phase for step in status.steps] == ["asked"]
    assert applying.apply_plan(desk, "outlet", made, confirm="outlet").steps == status.steps, (
        "asking again follows it"
    )


def test_a_store_that_does_not_answer_is_no_reason_not_to_ask(desk: Desk) -> None:
    status = applying.apply_plan(desk, "outlet", plan(desk), confirm="outlet")
    assert status.phase == "asked"
    assert status.words == "being turned on: asked for"
    with pytest.raises(Refused, match="Turn sync off first"):
        channels.forget(desk, "outlet")
    off = applying.turn_off(desk, "outlet", confirm="outlet")
    assert off.claim_stays
    assert sync_status(desk, "outlet").phase == "stopped"
    channels.forget(desk, "outlet")


def test_a_desk_that_listens_hears_once_that_a_channel_is_turned_on(desk: Desk) -> None:
    heard: list[str] = []
    listening = replace(desk, turning_on=lambda _, channel: heard.append(channel))
    made = plan(desk)
    with pytest.raises(WrongUsage):
        applying.apply_plan(listening, "outlet", made, confirm="other")
    assert heard == []
    for _ in range(2):
        applying.apply_plan(listening, "outlet", made, confirm="outlet")
    assert heard == ["outlet"]


def test_without_a_token_nothing_is_asked_for(desk: Desk) -> None:
    connecting.credential_store(desk).forget("outlet")
    made = plan(desk)
    with pytest.raises(CredentialMissing):
        applying.apply_plan(desk, "outlet", made, confirm="outlet")
    assert sync_status(desk, "outlet").phase is None


def test_what_is_typed_must_be_the_shop(desk: Desk) -> None:
    made = plan(desk)
    for typed in ("", "Outlet", "outlet ", "outdoor"):
        with pytest.raises(WrongUsage, match="Type outlet"):
            applying.apply_plan(desk, "outlet", made, confirm=typed)
        with pytest.raises(WrongUsage, match="Type outlet"):
            applying.turn_off(desk, "outlet", confirm=typed)


def test_every_step_that_can_be_recorded_has_words() -> None:
    assert set(PHASES) == set(get_args(ApplyStep))


def test_who_keeps_it_is_said_as_one_says_it_at_this_desk() -> None:
    def said(person: str, host: str, process: int, minutes: int = 1) -> tuple[str, str]:
        lease = Lease(1, "x", person, host, process, 1, AT, AT + timedelta(minutes=minutes))
        return keeper_of(lease, AT)

    me, here = accounts.who(), host_name()
    assert said(me, here, os.getpid()) == ("here", "this program, for you")
    assert said(me, here, os.getpid() + 1) == ("worker", "a worker on this machine, for you")
    assert said("mia", here, os.getpid() + 1) == ("worker", "a worker on this machine, for mia")
    assert said("mia", "desk-2", os.getpid()) == (
        "worker",
        f"a worker on desk-2 (process {os.getpid()}), for mia",
    )
    assert said(me, here, os.getpid(), minutes=-1) == ("nobody", "")
