"""`log` on the command line: lines and JSON, filters, times, every refusal; followed until ctrl+c, and by a reader who leaves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.text import safe_text
from supportdesk.ledger import events
from supportdesk.ledger.file import open_ledger
from tests.cli.commands import Commands, environment, process
from tests.cli.conftest import Served
from tests.screens.fakes import HOSTILE

KEYS = [
    *("id", "at", "kind", "sign", "look", "channel", "who", "host", "origin"),
    *("sku", "place", "reference", "before", "after", "detail", "text", "location", "warehouse"),
]


def record(home: Path, **facts: Any) -> None:
    """Somebody writes."""
    with (
        open_ledger(home / "accounts" / "kestrel.db", now=lambda: datetime.now(UTC)) as ledger,
        ledger.writing() as connection,
    ):
        events.record(connection, **{"at": datetime.now(UTC), "channel": "kestrel", **facts})


@pytest.fixture
def told(home: Path, connected: Served) -> Path:
    """A home with some events of a channel, the last of them DESIGN's own."""
    hour = timedelta(hours=1)
    record(home, at=datetime.now(UTC) - 5 * hour, kind="plan_on", reference="plan 3")
    record(
        home,
        at=datetime(2026, 11, 23, 14, 31, 7, 123456, tzinfo=UTC),
        kind="order",
        place="Main Street",
        sku="KO-MUG",
        location="Main St",
        warehouse="MAIN",
        before=40,
        after=1038,
        reference="#1042",
        detail="#1042 placed",
    )
    record(
        home, kind="undo", sku="KO-STOVE", place="Depot", before=12, after=9, detail="by staff; put back to 9"
    )
    return home


def test_lines_for_a_person(cli: Commands, told: Path) -> None:
    lines = cli.good("log", "kestrel").out.splitlines()
    said = f"← order     {'Main St → MAIN':16} {'KO-MUG':20} {'40 → 1,038':>13}  #1042 placed"
    assert f"2026-11-23 14:31:07Z {said}" in lines
    assert lines[0].split("Z ")[1].startswith("· connect")
    assert lines[-1].endswith("9 → 12  by staff; put back to 9")
    assert cli.good("log", "kestrel", "--last=1").out.splitlines() == lines[-1:]


def test_one_event_a_line_as_json(cli: Commands, told: Path) -> None:
    found = [json.loads(line) for line in cli.good("log", "kestrel", "--json").out.splitlines()]
    assert all(list(each) == KEYS for each in found)
    (order,) = (each for each in found if each["kind"] == "order")
    assert order | {"id": 0} == {
        "id": 0,
        "at": "2026-11-23T14:31:07.123456Z",
        "kind": "order",
        "sign": "←",
        "look": False,
        "channel": "kestrel",
        "who": "",
        "host": "",
        "origin": "",
        "sku": "KO-MUG",
        "place": "Main Street",
        "reference": "#1042",
        "before": 40,
        "after": 1038,
        "detail": "#1042 placed",
        "text": "#1042 placed",
        "location": "Main St",
        "warehouse": "MAIN",
    }
    assert [each["id"] for each in found] == sorted(each["id"] for each in found)
    assert {each["who"] for each in found if each["kind"] == "connect"} != {""}


FILTERS = [
    (["--look"], ["undo"]),
    (["--kind=order"], ["order"]),
    (["--kind=order", "--kind=undo"], ["order", "undo"]),
    (["--kind=edit"], ["undo"]),
    (["--sku=KO-STOVE"], ["undo"]),
    (["--place=Depot"], ["undo"]),
    (["--text=PUT BACK"], ["undo"]),
    (["--text=1042", "--look"], []),
    (["--since=2h", "--kind=undo", "--kind=plan_on"], ["undo"]),
    (["--since=2026-01-01", "--kind=undo", "--kind=plan_on"], ["plan_on", "undo"]),
    (["--last=0"], []),
]


def test_filters(cli: Commands, told: Path) -> None:
    for words, kinds in FILTERS:
        said = cli.good("log", "kestrel", "--json", *words).out.splitlines()
        assert [json.loads(line)["kind"] for line in said] == kinds, words


def test_refusals(cli: Commands, told: Path) -> None:
    for words, said in (
        (["kestrel", "--kind=ordr"], "--kind=order"),
        (["kestrel", "--since=noon"], "14:31"),
        (["kestrel", "--last=many"], "--last=100"),
        (["nobody"], "kestrel"),
    ):
        assert said in cli.refused(2, "log", *words)["next"], words


def test_hostile_text_is_inert(cli: Commands, told: Path) -> None:
    for text in HOSTILE:
        stored = text.encode("utf-8", "backslashreplace").decode()
        record(told, kind="undo", who=stored, sku=stored, place=stored, detail=stored, reference=stored)
    for more in ([], ["--json"]):
        lines = cli.good("log", "kestrel", f"--last={len(HOSTILE)}", *more).out.splitlines()
        assert len(lines) == len(HOSTILE), "a line each, whatever stands in it"
        assert all(safe_text(line) == line for line in lines)


def test_it_is_followed_until_ctrl_c(told: Path) -> None:
    with process(told, "log", "kestrel", "-f", "--json") as child:
        assert child.stdout
        while json.loads(child.stdout.readline())["kind"] != "undo":
            pass
        for number in range(3):  # each line comes at once, not when a buffer is full
            record(told, kind="push", detail=f"push {number}")
            assert json.loads(child.stdout.readline())["detail"] == f"push {number}"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=20)
    assert (child.returncode, out, err) == (130, "", "")


def test_a_reader_who_leaves_ends_it_quietly(told: Path) -> None:
    for _ in range(30):
        record(told, kind="push", detail="x" * 4_000)
    with subprocess.Popen(
        [sys.executable, "-m", "supportdesk", "log", "kestrel", "-f", "--last=1000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(told),
    ) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.readline()
        child.stdout.close()
        record(told, kind="push")
        assert child.wait(20) == 1
        assert child.stderr.read() == ""
