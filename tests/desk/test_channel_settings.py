"""Drafts, the maximum and close-at quantities: what they do is said in the merchant's numbers, and counted anew with the change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.channel_settings import (
    BundleShown,
    ChannelNumbers,
    ChannelSettings,
    CloseAtChange,
    SettingsChange,
)
from supportdesk.core.stock import LARGEST_QUANTITY, StockChange
from supportdesk.desk import Desk, channel_settings, channels, duplicates, stock
from supportdesk.errors import Conflict, Refused, SupportdeskError, UnknownName, WrongUsage
from supportdesk.ledger.file import open_ledger
from supportdesk.settings import Settings
from tests.catalogs import level, listing
from tests.cli.commands import dump
from tests.desk.stocked import (
    DEPOT,
    DEPOT_PLACE,
    LEVELS,
    LISTINGS,
    MAIN,
    MAIN_ST,
    link,
    load,
    stocked_desk,
    write,
)

DRAFTS = [
    listing(40, "MUG", "Mug (draft)", status="DRAFT"),
    listing(41, "LAMP", "Lamp", status="DRAFT")._replace(sells_when_out=True),
    listing(42, "", "Nameless", status="DRAFT"),
]
DRAFT_LEVELS = [level(40, MAIN_ST, 3), level(41, MAIN_ST, 90), level(41, DEPOT_PLACE, 5)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = stocked_desk(tmp_path / "a home")
    load(desk, "outdoor", [*LISTINGS, *DRAFTS], [*LEVELS, *DRAFT_LEVELS])
    return desk


def numbers(desk: Desk) -> ChannelNumbers:
    shown = channel_settings.show_settings(desk, "outdoor").numbers
    assert shown
    return shown


def change(desk: Desk, **asked: object) -> tuple[str, ...]:
    """Change the settings; the lines that say what it does."""
    wanted = SettingsChange(**asked)  # type: ignore[arg-type]
    before = dump(desk.home.root)
    preview = channel_settings.preview_settings(desk, "outdoor", wanted)
    assert dump(desk.home.root) == before
    done = channel_settings.change_settings(desk, "outdoor", wanted)
    assert done == preview
    return done.lines


def checks(desk: Desk) -> dict[str, tuple[str, str, str]]:
    return {check.id: (check.state, check.text, check.goto) for check in channels.check(desk, "outdoor")}


def test_drafts_come_in_and_go_out(desk: Desk) -> None:
    """Mug (draft) makes MUG a group; the nameless draft is left out for its SKU, whatever the setting says."""
    out = numbers(desk)
    assert (out.drafts, out.groups, out.to_decide) == (2, 1, 1)
    state, text, goto = checks(desk)["draft"]
    assert (state, goto) == ("warn", "settings")
    assert text.startswith("2 listings are drafts")
    assert change(desk, drafts=True) == (
        f"Listings in scope: {out.in_scope} → {out.in_scope + 2}",
        "Duplicate groups to judge: 1 → 2",
        "Groups left to do: 1 → 2",
    )
    state, text, goto = checks(desk)["draft"]
    assert (state, goto) == ("pass", "settings")
    assert "2 listings are drafts and will be synced all the same" in text
    assert "1 listing" in checks(desk)["sells_when_out"][1]
    overview = channels.overview(desk, "outdoor")
    assert overview.in_scope == out.in_scope + 2
    assert "draft" not in {line.reason for line in overview.left_out}
    left_out = channels.left_out_listings(desk, "outdoor")
    assert {line.reason for line in left_out} == {"archived", "no_sku"}
    assert duplicates.group_detail(desk, "outdoor", "MUG").group.in_scope == 2
    change(desk, drafts=False)
    assert numbers(desk) == out
    assert "sells_when_out" not in checks(desk)


def test_a_load_keeps_to_the_setting(desk: Desk) -> None:
    change(desk, drafts=True)
    before = numbers(desk), checks(desk)
    load(desk, "outdoor", [*LISTINGS, *DRAFTS], [*LEVELS, *DRAFT_LEVELS])
    assert (numbers(desk), checks(desk)) == before


def test_a_decision_outlives_a_change(desk: Desk) -> None:
    from supportdesk.core.duplicates import Choice

    duplicates.decide(desk, "outdoor", Choice("shared", "oldest"), {"TENT": 0})
    change(desk, drafts=True)
    change(desk, drafts=False)
    decision = duplicates.group_detail(desk, "outdoor", "TENT").group.decision
    assert decision
    assert decision.choice.kind == "shared"
    assert numbers(desk).to_decide == 0


def test_the_maximum_lowers_what_is_known(desk: Desk) -> None:
    """Main St shows 31 tents, 40 mugs and 9 kits, of which nothing was counted: their own numbers are what copying would take."""
    assert change(desk, maximum=30) == ("Rows the maximum lowers: 0 → 2",)
    assert checks(desk)["rules"] == ("pass", "What is pushed follows a maximum of 30.", "settings")
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "MUG", 12))
    assert numbers(desk).at_maximum == 1
    stock.change_stock(desk, "kestrel", StockChange("set", "DEPOT", "MUG", 31))
    assert numbers(desk).at_maximum == 2
    write(desk, ("UPDATE connection SET master = 'shopify' WHERE warehouse_id = 2", ()))
    assert numbers(desk).at_maximum == 1
    write(desk, ("UPDATE connection SET master = NULL, warehouse_id = NULL WHERE warehouse_id = 1", ()))
    assert numbers(desk).at_maximum == 0
    assert change(desk, maximum="none") == ("Rows the maximum lowers: 0 → 0",)
    assert numbers(desk).at_maximum == 0


def test_both_at_once(desk: Desk) -> None:
    """The draft lamp shows 90 only once drafts are in scope."""
    lines = change(desk, drafts=True, maximum=60)
    assert lines[-1] == "Rows the maximum lowers: 0 → 1"
    shown = channel_settings.show_settings(desk, "outdoor")
    assert shown.settings == ChannelSettings(True, 60)


def test_the_event_says_who_and_what(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "mia")
    change(desk, drafts=True, maximum=500)
    assert not change(desk, drafts=True, maximum=500)
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        rows = ledger.rows("SELECT who, channel, detail FROM event WHERE kind = 'settings'")
    assert [tuple(row) for row in rows] == [
        ("mia", "outdoor", "drafts out, no maximum → drafts in, a maximum of 500")
    ]


def test_a_channel_that_was_never_loaded_has_settings_without_numbers(desk: Desk) -> None:
    write(desk, ("DELETE FROM load", ()))
    done = channel_settings.change_settings(desk, "outdoor", SettingsChange(drafts=True, maximum=3))
    assert done.after.settings == ChannelSettings(True, 3)
    assert done.after.numbers is None
    assert "not been loaded" in done.lines[0]


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        (SettingsChange(maximum=-4), WrongUsage, "0 or more"),
        (SettingsChange(maximum=LARGEST_QUANTITY + 1), WrongUsage, "0 or more"),
        (
            SettingsChange(drafts=True, seen=ChannelSettings(False, 9)),
            Conflict,
            "you saw drafts out, a maximum of 9",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, asked: SettingsChange, kind: type[SupportdeskError], said: str
) -> None:
    before = dump(desk.home.root)
    for do in (channel_settings.change_settings, channel_settings.preview_settings):
        with pytest.raises(kind) as caught:
            do(desk, "outdoor", asked)
        assert type(caught.value) is kind
        assert said in caught.value.detail
    assert dump(desk.home.root) == before


def test_a_conflict_names_who_was_faster(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportdesk.desk.accounts.who", lambda: "tom")
    change(desk, maximum=7)
    with pytest.raises(Conflict, match="tom changed it at 2026-"):
        change(desk, drafts=True, seen=ChannelSettings())


def test_while_it_is_synced_nothing_changes_but_by_a_plan(desk: Desk) -> None:
    write(desk, ("UPDATE channel SET sync = 'on' WHERE handle = 'outdoor'", ()))
    before = dump(desk.home.root)
    with pytest.raises(Refused, match="being synced"):
        change(desk, drafts=True)
    with pytest.raises(Refused, match="Outdoor is being synced with MAIN"):
        channel_settings.change_close_at(desk, "kestrel", CloseAtChange("MUG", "MAIN", 3))
    assert dump(desk.home.root) == before
    channel_settings.change_close_at(desk, "kestrel", CloseAtChange("MUG", "RETURNS", 3))


def test_no_draft_may_break_what_a_shopify_master_needs(desk: Desk) -> None:
    write(desk, ("DELETE FROM bundle_line", ()))
    link(desk, "outlet", MAIN_ST, None, None)
    link(desk, "outdoor", MAIN_ST, MAIN, "shopify")
    write(desk, ("UPDATE listing SET sku = 'AWNING' WHERE title = 'Ridge tent (sale)'", ()))
    before = dump(desk.home.root)
    with pytest.raises(Refused, match=r"With the drafts in scope .* Main St, but 1 SKU has several .*: MUG"):
        change(desk, drafts=True)
    assert dump(desk.home.root) == before
    write(desk, ("UPDATE listing SET sku = 'CUP' WHERE title = 'Mug (draft)'", ()))
    write(desk, ("INSERT INTO bundle_line VALUES ('LAMP', 'OTHER', 1)", ()))
    with pytest.raises(Refused, match=r"With the drafts in scope .* Bundles need Sumtracker as master"):
        change(desk, drafts=True)
    write(desk, ("DELETE FROM bundle_line", ()))
    change(desk, drafts=True)


def test_read_only_changes_nothing(desk: Desk) -> None:
    desk = replace(desk, settings=Settings(keyring=False, read_only=True))
    with pytest.raises(Refused, match="read-only"):
        channel_settings.change_settings(desk, "outdoor", SettingsChange(drafts=True))
    with pytest.raises(Refused, match="read-only"):
        channel_settings.change_close_at(desk, "kestrel", CloseAtChange("MUG", "MAIN", 3))
    assert numbers(desk).in_scope


# Close at


def close_at(desk: Desk, sku: str, number: int, warehouse: str = "MAIN", seen: int | None = None) -> str:
    return channel_settings.change_close_at(desk, "kestrel", CloseAtChange(sku, warehouse, number, seen)).text


@pytest.mark.parametrize(
    ("available", "number", "shown"),
    [(15, 10, 15), (12, 5, 12), (8, 8, 0)],
)
def test_the_vectors_of_close_at(desk: Desk, available: int, number: int, shown: int) -> None:
    """`reference/sumtracker.md` §4: close-at 10 with 15 available = in stock, 5 with 12 = in stock, 8 with 8 = sold out."""
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "MUG", available))
    done = channel_settings.change_close_at(desk, "kestrel", CloseAtChange("MUG", "MAIN", number))
    assert (done.shown_before, done.shown_after) == (available, shown)
    (main,) = [line for line in stock.inspect_sku(desk, "outdoor", "MUG").warehouses if line.code == "MAIN"]
    assert (main.close_at, main.pushed) == (number, shown)


def test_close_at_says_what_stores_are_shown(desk: Desk) -> None:
    assert close_at(desk, "MUG", 4) == "Close at of MUG in MAIN: none → 4. It was never counted there."
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "MUG", 12))
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "TENT", 30))
    assert close_at(desk, "MUG", 12, seen=4) == (
        "Close at of MUG in MAIN: 4 → 12. 12 available, so stores are shown 0 instead of 12. Bundles: KIT 6 → 0."
    )
    assert close_at(desk, "MUG", 12) == "Close at of MUG in MAIN is as it was: 12."
    done = channel_settings.change_close_at(desk, "kestrel", CloseAtChange("MUG", "1", 0))
    assert done.bundles == (BundleShown("KIT", 0, 6),)
    assert close_at(desk, "MUG", 3).endswith("so stores are shown 12 as before.")
    with open_ledger(desk.home.account_file("kestrel"), now=desk.now) as ledger:
        rows = ledger.rows(
            "SELECT sku, place, number_before, number_after FROM event WHERE kind = 'close_at' ORDER BY id"
        )
    assert [tuple(row) for row in rows] == [
        ("MUG", "Main Street", 0, 4),
        ("MUG", "Main Street", 4, 12),
        ("MUG", "Main Street", 12, 0),
        ("MUG", "Main Street", 0, 3),
    ]


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        (CloseAtChange("KIT", "MAIN", 3), Refused, "KIT is a bundle"),
        (CloseAtChange("MUGG", "MAIN", 3), UnknownName, "MUGG"),
        (CloseAtChange("MUG", "EAST", 3), UnknownName, "EAST"),
        (CloseAtChange("MUG", "MAIN", -1), WrongUsage, "0 or more"),
        (CloseAtChange("MUG", "MAIN", LARGEST_QUANTITY + 1), WrongUsage, "0 or more"),
        (CloseAtChange("MUG", "MAIN", 3, seen=5), Conflict, "is now 0; you saw 5"),
    ],
)
def test_a_close_at_that_cannot_be_is_refused(
    desk: Desk, asked: CloseAtChange, kind: type[SupportdeskError], said: str
) -> None:
    before = dump(desk.home.root)
    with pytest.raises(kind) as caught:
        channel_settings.change_close_at(desk, "kestrel", asked)
    assert type(caught.value) is kind
    assert said in caught.value.detail
    assert dump(desk.home.root) == before


def test_warehouses_stay_apart(desk: Desk) -> None:
    close_at(desk, "MUG", 4)
    close_at(desk, "MUG", 9, "DEPOT")
    found = {line.code: line.close_at for line in stock.inspect_sku(desk, "outdoor", "MUG").warehouses}
    assert found == {"MAIN": 4, "DEPOT": 9, "RETURNS": 0}
    assert DEPOT != MAIN
