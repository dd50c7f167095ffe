"""go-on on the command line, and `apply` where the brake holds: what is refused, and that only what was typed is written."""

from __future__ import annotations

import pytest

from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, applying, worker
from supportdesk.desk.sync_status import SyncStatus
from tests.cli.turning_on import Selling, selling

__all__ = ["selling"]

CONFIRM = "--confirm=kestrel"


@pytest.fixture
def braked(selling: Selling, monkeypatch: pytest.MonkeyPatch) -> Selling:
    """On, with two numbers set to none: a third of the rows in stock, which the brake stops."""
    monkeypatch.setattr(worker, "make_sure", lambda desk: None)
    selling.connect()
    selling.cli.good("apply", selling.plan()["id"], CONFIRM, "--no-wait")
    selling.turns()
    assert selling.shown == [37, 37, 12, 9, 0, 55, 70]
    for sku in ("BAG", "CUP"):
        selling.cli.good("set", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--quantity=0")
    selling.turns()
    assert (selling.status.stopped_rows, selling.shown[5:]) == (2, [55, 70])
    return selling


def test_what_the_brake_stops_goes_on_once_its_rows_are_typed(braked: Selling) -> None:
    cli = braked.cli
    error = cli.refused(4, "go-on", "kestrel", "--rows=3", CONFIRM)
    assert error["code"] == "brake"
    assert "supportdesk go-on kestrel --rows=2 --confirm=kestrel" in error["next"]
    assert cli.refused(2, "go-on", "kestrel", "--rows=2", "--confirm=other")["code"] == "usage"
    assert cli.refused(2, "go-on", "kestrel", CONFIRM)["code"] == "usage"
    assert cli.refused(2, "go-on", "nobody", "--rows=2", CONFIRM)["code"] == "unknown"
    assert cli.refused(4, "go-on", "kestrel", "--rows=2", CONFIRM, "--read-only")["code"] == "refused"
    braked.turns()
    assert braked.shown[5:] == [55, 70]
    said = cli.good("go-on", "kestrel", "--rows=2", CONFIRM)
    assert (
        said.out == "2 rows go past the brake with the next cycle; what changes after that is judged anew.\n"
    )
    assert "Nobody syncs it" in said.err
    braked.turns()
    assert braked.shown == [37, 37, 12, 9, 0, 0, 0]
    assert (braked.status.brake, braked.status.alerts) == ((), ())
    assert "No brake holds" in cli.refused(4, "go-on", "kestrel", "--rows=2", CONFIRM)["detail"]


def test_what_the_brake_stops_is_said_wherever_one_looks_for_it(braked: Selling) -> None:
    cli = braked.cli
    cli.good("alerts", "kestrel", "--seen=all")
    text = "The brake holds back 2 rows: 2 rows of 6 in stock would fall to 0, more than 20%."
    assert [
        each["state"] for each in cli.good("check", "kestrel", "--json").json if text in each["text"]
    ] == ["warn"]
    said = cli.good("held", "kestrel")
    assert said.out == ""
    assert "No row is held" in said.err
    assert text in said.err
    assert "supportdesk go-on kestrel --rows=2 --confirm=kestrel" in said.err
    cli.good("go-on", "kestrel", "--rows=2", CONFIRM)
    braked.turns()
    assert "brake" not in cli.good("check", "kestrel").out
    assert "brake" not in cli.good("held", "kestrel").err


def test_it_is_not_let_go_for_what_changes_later(braked: Selling) -> None:
    assert braked.cli.good("go-on", "kestrel", "--rows=2", CONFIRM, "--json").json["channel"] == "kestrel"
    for sku in ("TENT", "ROPE"):
        braked.cli.good("set", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--quantity=0")
    braked.turns()
    assert braked.shown == [37, 37, 12, 9, 0, 0, 0]
    assert braked.status.stopped_rows == 2


def test_apply_where_the_brake_holds_ends_with_4_and_the_command(
    selling: Selling, monkeypatch: pytest.MonkeyPatch
) -> None:
    selling.connect("--env-only")
    until_on = applying.watch_until_on

    def until_braked(desk: Desk, channel: str, watch: Watch) -> SyncStatus:
        until_on(desk, channel, watch)
        for sku in ("BAG", "CUP"):
            selling.cli.good("set", channel, "--warehouse=MAIN", f"--sku={sku}", "--quantity=0")
        while not selling.status.brake:
            watch.wait(0.5)
        return until_on(desk, channel, watch)

    monkeypatch.setattr(applying, "watch_until_on", until_braked)
    said = selling.cli("apply", selling.plan()["id"], CONFIRM, "--json")
    assert said.code == 4
    assert said.error["code"] == "brake"
    assert "rows of 6 in stock would fall to 0" in said.error["detail"]
    rows = said.json["stopped_rows"]
    assert f"supportdesk go-on kestrel --rows={rows} --confirm=kestrel" in said.error["next"]
    assert (said.json["on"], rows) == (True, selling.status.stopped_rows)


def test_a_channel_that_is_off_has_no_brake_to_pass(selling: Selling) -> None:
    selling.connect()
    assert "is not on" in selling.cli.refused(4, "go-on", "kestrel", "--rows=2", CONFIRM)["detail"]
