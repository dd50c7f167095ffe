"""The call sheet: who decided what and when, in the store's own time, and no text of a merchant that steers Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.core.duplicates import Choice
from supportdesk.core.progress import Unwatched
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import Answer, Next
from supportdesk.desk import Desk, duplicates, going_live, plans
from supportdesk.desk.call_sheet import call_sheet, save
from supportdesk.errors import OutputLost, Refused
from tests.catalogs import level, listing
from tests.desk.stocked import DEPOT_PLACE, LEVELS, LISTINGS, MAIN_ST, link, load, stocked_desk, write
from tests.desk.test_plans import SCOPES


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "mia")
    desk = stocked_desk(tmp_path / "a home")
    write(desk, ("UPDATE channel SET scopes = ?, timezone = 'America/New_York'", (SCOPES,)))
    return desk


def test_what_was_decided_by_whom_and_when(desk: Desk) -> None:
    revision = 0
    for event in (Answer(direction="sumtracker"), Next(), Answer(copy=True), Next()):
        revision = going_live.answer(desk, "outdoor", event, seen=revision).revision
    duplicates.decide_now(desk, "outdoor", Choice("shared", "oldest"), ["TENT"], note="asked [Ann](x) twice")
    made = plans.make_plan(desk, "outdoor", watch=Unwatched())
    sheet = call_sheet(desk, "outdoor")
    for line in (
        "# Call sheet: Outdoor",
        "Store `outdoor`, 2026-11-23 07:00. Times are America/New\\_York.",
        "| Direction | Sumtracker master |",
        "| Copy inventory | copy the store's counts |",
        "- 2026-11-23 07:00, mia: Sumtracker master",
        "| Main St | Main Street (MAIN) | Sumtracker master | somebody, 2026-11-23 07:00 |",
        "1 of 1 are decided.",
        "| TENT | shared by oldest | asked \\[Ann\\]\\(x\\) twice | mia, 2026-11-23 07:00 |",
        f"Plan {made.id} for turning sync on, made by mia on 2026-11-23 07:00, made; fingerprint `{made.fingerprint}`.",
        "| changes | 2 | 13 | 51 |",
        "| all | 12 | 103 | 141 |",
        "Sumtracker: 10 numbers (SKU × warehouse), 0 → 90 units.",
        "- 1 row of archived listings (5 units)",
        "## Still open",
        "- Look at the plan as it is now, and accept it\\.",
    ):
        assert f"\n{line}\n" in f"\n{sheet}", line
    assert "Orders placed before turning on never come into Sumtracker" in sheet
    assert "Stop editing stock in Shopify" in sheet


def test_before_anything_was_said(desk: Desk) -> None:
    link(desk, "outdoor", DEPOT_PLACE, None, None)
    sheet = call_sheet(desk, "outdoor")
    assert "| Nothing yet | – |" in sheet
    assert "There is no plan yet." in sheet
    assert "| Depot | stays unlinked |" in sheet
    assert "| TENT | not decided |" in sheet
    assert "Say whether Sumtracker's or Shopify's numbers count" in sheet.replace("\\", "")


@pytest.mark.parametrize(
    "title", ["[x](http://evil.example)", "a\n# b", "|c|", "<b>d</b>", "`e", "\x1b[2J", "!f"]
)
def test_text_of_a_merchant_steers_nothing(desk: Desk, title: str) -> None:
    load(
        desk, "outdoor", [*LISTINGS, listing(50, title), listing(51, title)], [*LEVELS, level(50, MAIN_ST, 2)]
    )
    write(desk, ("UPDATE channel SET title = ? WHERE handle = 'outdoor'", (title,)))
    sheet = call_sheet(desk, "outdoor")
    assert "\x1b" not in sheet
    assert sheet.startswith("# Call sheet: ")
    shown = "".join(f"\\{each}" if each in "\\`*_{}[]<>()#+-.!|~&:@" else each for each in safe_text(title))
    assert sheet.count(shown) >= 2
    assert title not in sheet.replace(shown, "")
    assert all(
        line.count(" | ") == 3 for line in sheet.splitlines() if line.startswith("| ") and "decided" in line
    )


def test_it_is_written_once(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "sheet.md"
    save(target, "text\n")
    assert target.read_text() == "text\n"
    assert target.stat().st_mode & 0o077 == 0
    with pytest.raises(Refused, match="already there"):
        save(target, "other")
    with pytest.raises(OutputLost):
        save(tmp_path / "nowhere" / "sheet.md", "text")
