"""The commands settings and close-at: shown, changed, refused with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.desk import Desk
from tests.catalogs import level, listing
from tests.cli.commands import Commands
from tests.desk.stocked import HOSTILE, LEVELS, LISTINGS, MAIN_ST, load, stocked_desk


@pytest.fixture
def desk(home: Path) -> Desk:
    desk = stocked_desk(home)
    draft = listing(40, "MUG", "Mug (draft)", status="DRAFT")
    load(desk, "outdoor", [*LISTINGS, draft], [*LEVELS, level(40, MAIN_ST, 3)])
    return desk


def test_settings_are_shown_and_changed(cli: Commands, desk: Desk) -> None:
    shown = cli.good("settings", "outdoor", "--json").json
    assert set(shown) == {
        *("channel", "drafts", "maximum", "in_scope", "draft_listings", "duplicate_groups", "to_decide"),
        "rows_at_maximum",
    }
    assert (shown["drafts"], shown["maximum"], shown["draft_listings"]) == (False, None, 1)
    said = cli.good("settings", "outdoor").out
    assert said.startswith("outdoor: drafts out, no maximum.\n")
    assert "1 draft left out" in said
    changed = cli.good("settings", "outdoor", "--drafts=in", "--maximum=1,000", "--json").json
    assert set(changed) == {"before", "after", "text"}
    assert changed["before"] == shown
    assert changed["after"]["in_scope"] == shown["in_scope"] + 1
    assert changed["after"] == cli.good("settings", "outdoor", "--json").json
    assert "a maximum of 1,000" in cli.good("settings", "outdoor").out
    said = cli.good("settings", "outdoor", "--drafts=out", "--maximum=none").out
    assert said.startswith("outdoor: drafts in, a maximum of 1,000 → drafts out, no maximum.\n")
    assert f"Listings in scope: {shown['in_scope'] + 1} → {shown['in_scope']}" in said
    assert cli.good("settings", "outdoor", "--json").json == shown
    assert "is as it was" in cli.good("settings", "outdoor", "--drafts=out").out


def test_close_at(cli: Commands, desk: Desk) -> None:
    cli.good("set", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--quantity=8")
    done = cli.good(
        "close-at", "kestrel", "--warehouse=Main Street", "--sku=MUG", "--number=8", "--json"
    ).json
    text = done.pop("text")
    assert text == "Close at of MUG in MAIN: none → 8. 8 available, so stores are shown 0 instead of 8."
    assert done == {
        "sku": "MUG",
        "warehouse": "MAIN",
        "before": 0,
        "after": 8,
        "available": 8,
        "shown_before": 8,
        "shown_after": 0,
        "bundles": [],
    }
    said = cli.good("close-at", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--number=none").out
    assert said.startswith("Close at of MUG in MAIN: 8 → none.")


@pytest.mark.parametrize("sku", HOSTILE)
def test_any_sku(cli: Commands, desk: Desk, sku: str) -> None:
    cli.good("close-at", "kestrel", "--warehouse=MAIN", f"--sku={sku}", "--number=2")
    found = cli.good("explain", "outdoor", f"--sku={sku}", "--json").json
    assert found["warehouses"][0]["close_at"] == 2


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (2, ("settings", "outdoor", "--maximum=lots"), "no whole number"),
        (2, ("settings", "outdoor", "--maximum=-3"), "0 or more"),
        (2, ("settings", "outdoor", "--drafts=maybe"), "invalid choice"),
        (2, ("settings", "nowhere", "--drafts=in"), "no channel"),
        (2, ("settings", "nowhere"), "no channel"),
        (4, ("settings", "outdoor", "--drafts=in", "--read-only"), "read-only"),
        (2, ("close-at", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--number=x"), "no whole number"),
        (2, ("close-at", "kestrel", "--warehouse=MAIN", "--sku=MUG", "--number=-1"), "0 or more"),
        (2, ("close-at", "kestrel", "--warehouse=EAST", "--sku=MUG", "--number=1"), "no warehouse"),
        (2, ("close-at", "kestrel", "--warehouse=MAIN", "--sku=MUGG", "--number=1"), "no listing"),
        (4, ("close-at", "kestrel", "--warehouse=MAIN", "--sku=KIT", "--number=1"), "is a bundle"),
        (2, ("close-at", "kestrel", "--warehouse=MAIN", "--sku=MUG"), "required"),
    ],
)
def test_bad_input_changes_nothing(
    cli: Commands, desk: Desk, code: int, words: tuple[str, ...], said: str
) -> None:
    assert said in cli.refused(code, *words)["detail"].lower()
