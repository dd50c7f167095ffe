"""The forms of drafts, maximum and close-at over a real account file: what they would do is counted before it is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.channel_settings import CloseAtChange, SettingsChange
from supportdesk.core.stock import StockChange
from supportdesk.desk import Desk, channel_settings, stock
from supportdesk.screens.channel_settings import CloseAtDialog, SettingsDialog
from supportdesk.screens.overview import OverviewTab
from supportdesk.settings import Settings
from tests.catalogs import level, listing
from tests.cli.commands import dump
from tests.conftest import text_of, until
from tests.desk.stocked import LEVELS, LISTINGS, MAIN_ST, load, stocked_desk
from tests.screens.test_bundles import on
from tests.screens.test_stock_real import app_of, press

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A draft mug beside the mug."""
    desk = stocked_desk(tmp_path)
    draft = listing(40, "MUG", "Mug (draft)", status="DRAFT")
    load(desk, "outdoor", [*LISTINGS, draft], [*LEVELS, level(40, MAIN_ST, 3)])
    return desk


def read(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


async def test_drafts_are_counted_before_they_are_synced(desk: Desk) -> None:
    app = app_of(desk)
    before = dump(desk.home.root)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        text = read(await press(pilot, "s"))
        assert isinstance(app.screen, SettingsDialog)
        assert "1 draft left out." in text
        assert "1 duplicate group, 1 left to do." in text
        await press(pilot, "l")
        await until(pilot, lambda: "Saving would change" in text_of(app))
        assert "Groups left to do: 1 → 2" in text_of(app)
        assert dump(desk.home.root) == before
        text = read(await press(pilot, "ctrl+s"))
        assert "drafts out, no maximum → drafts in, no maximum" in text
        assert channel_settings.show_settings(desk, "outdoor").settings.drafts
        text = read(await press(pilot, "G"))
        assert "synced all the same" in text


async def test_a_maximum_is_counted_before_it_is_set(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "s", "enter", *"30")
        await until(pilot, lambda: "Rows the maximum lowers: 0 → 2" in text_of(app))
        await press(pilot, "backspace", "backspace")
        await until(pilot, lambda: "left out." in text_of(app))
        text = read(await press(pilot, *"many", "ctrl+s"))
        assert "A whole number, or nothing." in text
        await press(pilot, *("backspace",) * 4, *"1,000", "ctrl+s")
        assert not isinstance(app.screen, SettingsDialog)
        assert channel_settings.show_settings(desk, "outdoor").settings == (False, 1000)
        text = read(await press(pilot, "s", "ctrl+s"))
        assert "Nothing was changed." in text
        await press(pilot, "escape")
        assert not isinstance(app.screen, SettingsDialog)


async def test_enter_on_a_line_of_readiness_leads_there(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot)
        overview = app.screen.query_one(OverviewTab)
        for name in ("draft", "rules"):
            while overview.check_list.check is None or overview.check_list.check.id != name:
                cursor = overview.check_list.cursor
                await press(pilot, "j")
                assert overview.check_list.cursor != cursor, name
            await press(pilot, "enter")
            assert isinstance(app.screen, SettingsDialog), name
            await press(pilot, "escape", "g")


async def test_somebody_else_was_faster(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "s", "enter", *"30")
        channel_settings.change_settings(desk, "outdoor", SettingsChange(maximum=7))
        text = read(await press(pilot, "ctrl+s"))
        assert "now set to drafts out, a maximum of 7; you saw drafts out, no maximum" in text
        assert channel_settings.show_settings(desk, "outdoor").settings.maximum == 7
        await press(pilot, "ctrl+s")
        assert not isinstance(app.screen, SettingsDialog)
    assert channel_settings.show_settings(desk, "outdoor").settings.maximum == 30


async def test_read_only_opens_no_form(desk: Desk) -> None:
    app = app_of(replace(desk, settings=Settings(keyring=False, read_only=True)))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        assert "read-only" in read(await press(pilot, "s"))
        assert not isinstance(app.screen, SettingsDialog)


async def test_close_at(desk: Desk) -> None:
    stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", "MUG", 12))
    app = app_of(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await on(pilot, "MUG")
        text = read(await press(pilot, "enter", "o"))
        assert isinstance(app.screen, CloseAtDialog)
        assert "12 available: stores are shown 12 → 12" in text
        text = read(await press(pilot, *"1x"))
        assert "→" not in text.partition("available")[2].partition("Save")[0]
        text = read(await press(pilot, "enter"))
        assert "A whole number, or nothing." in text
        text = read(await press(pilot, "backspace", "2"))
        assert "12 available: stores are shown 12 → 0" in text
        channel_settings.change_close_at(desk, "kestrel", CloseAtChange("MUG", "MAIN", 4))
        text = read(await press(pilot, "enter"))
        assert "is now 4; you saw 0" in text
        text = read(await press(pilot, "escape", "r", "o"))
        assert isinstance(app.screen, CloseAtDialog)
        text = read(await press(pilot, "backspace", *"12", "ctrl+s"))
        assert "Close at of MUG in MAIN: 4 → 12." in text
    (main, *_) = stock.inspect_sku(desk, "outdoor", "MUG").warehouses
    assert (main.close_at, main.pushed) == (12, 0)


async def test_a_bundle_and_what_was_never_counted(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await on(pilot, "KIT")
        text = read(await press(pilot, "enter", "o"))
        assert "A bundle has no close-at of its own" in text
        assert not isinstance(app.screen, CloseAtDialog)
        await press(pilot, "escape")
        await on(pilot, "MUG")
        text = read(await press(pilot, "enter", "o", "ctrl+s"))
        assert "never counted there" in text
        assert "Nothing was changed." in text
