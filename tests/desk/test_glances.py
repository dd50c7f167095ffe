"""What a list of channels says of sync beside on and off: a plan under way, nobody who syncs, alerts to look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from supportdesk.core.channels import SyncGlance
from supportdesk.desk import Desk
from supportdesk.desk.sync_status import glances
from supportdesk.ledger import alerts, leases
from supportdesk.ledger.file import open_ledger
from tests.cli.commands import Commands
from tests.desk.test_on import apply, planned
from tests.desk.test_on import desk as desk

OUTLET = 2
"""The channel's id."""
BRAKE = "12 of 40 stocked rows would go to 0."


def seen(desk: Desk) -> Mapping[str, SyncGlance]:
    """Of its one account."""
    return glances(desk, ["kestrel"])


def hold(desk: Desk) -> None:
    """A worker takes the channel's lease."""
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger, ledger.writing() as found:
        leases.take(found, OUTLET, holder="worker-1", person="mia", host="desk-2", process=77, now=desk.now())


def tell(desk: Desk, code: str, text: str, *, over: bool = False, seen: bool = False) -> None:
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger, ledger.writing() as found:
        alerts.tell(found, OUTLET, desk.now(), code, text)
        if over:
            alerts.close(found, OUTLET, desk.now(), code)
        if seen:
            alerts.see(found, OUTLET, desk.now(), "mia", None)


def test_nothing_is_said_of_a_channel_that_is_off(desk: Desk) -> None:
    planned(desk)
    assert seen(desk) == {}


def test_a_plan_that_is_applied_is_said_and_whether_somebody_is_at_it(desk: Desk) -> None:
    apply(desk, planned(desk), to_the_end=False)
    assert seen(desk)["outlet"].words == "being turned on, but nobody goes on with it"
    hold(desk)
    assert seen(desk)["outlet"].words == "being turned on"
    assert seen(desk)["outlet"].is_well


def test_one_that_is_on_says_only_what_there_is_to_look_at(desk: Desk) -> None:
    apply(desk, planned(desk), to_the_end=True)
    assert seen(desk)["outlet"].words == "on, nobody syncing since 12:00 UTC"
    hold(desk)
    glance = seen(desk)["outlet"]
    assert (glance.words, glance.is_well) == ("", True)


def test_alerts_count_until_they_are_seen_but_what_stops_writes_as_long_as_it_does(desk: Desk) -> None:
    apply(desk, planned(desk), to_the_end=True)
    hold(desk)
    tell(desk, "brake", BRAKE)
    tell(desk, "held", "TENT at Depot waits.")
    assert (seen(desk)["outlet"].alerts, seen(desk)["outlet"].alert) == (2, BRAKE)
    tell(desk, "lease", "Another process took over.", over=True, seen=True)
    assert (seen(desk)["outlet"].alerts, seen(desk)["outlet"].alert) == (1, BRAKE)
    tell(desk, "brake", BRAKE, over=True)
    assert seen(desk)["outlet"].is_well
    tell(desk, "location", "Depot was closed.")
    assert seen(desk)["outlet"].alert == "Depot was closed."


def test_the_list_on_the_command_line_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    apply(desk, planned(desk), to_the_end=True)
    tell(desk, "brake", BRAKE)
    run = Commands(desk.home.root, capsys)
    said = run("channels", f"--home={desk.home.root}").out
    assert "on, nobody syncing since 12:00 UTC; 1 alert" in said


def test_an_account_file_that_cannot_be_read_says_nothing(desk: Desk) -> None:
    apply(desk, planned(desk), to_the_end=True)
    Path(desk.home.account_file("kestrel")).write_bytes(b"not a database" * 100)
    assert seen(desk) == {}


@pytest.mark.parametrize(
    ("glance", "words"),
    [
        (SyncGlance("rollback"), "being rolled back"),
        (SyncGlance("rollback", is_alone=True), "being rolled back, but nobody goes on with it"),
        (SyncGlance(is_alone=True), "on, nobody syncing"),
    ],
)
def test_words(glance: SyncGlance, words: str) -> None:
    assert glance.words == words
