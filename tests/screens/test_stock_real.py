"""Stock, inspector and Warehouses tab over a real account file: any SKU, exports, and two agents at once who see and refuse each other."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from supportdesk.core.connections import Connection
from supportdesk.core.stock import StockChange
from supportdesk.core.text import safe_text
from supportdesk.desk import Desk, channels, connections, stock
from supportdesk.desk.connections import LinkRequest
from supportdesk.screens.channel import WATCH_SECONDS
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock import StockTab
from supportdesk.screens.warehouses import WarehousesTab
from supportdesk.widgets.dialogs import ErrorDialog
from tests.conftest import settle, text_of, until
from tests.desk.stocked import DEPOT_PLACE, HOSTILE, MAIN, MAIN_ST, RETURNS, link, stocked_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two loaded channels, three warehouses, a bundle, hostile SKUs."""
    return stocked_desk(tmp_path)


def app_of(desk: Desk, channel: str = "outdoor") -> SupportdeskApp:
    """The program on that channel."""
    lines = channels.list_channels(desk)
    first = next(line for line in lines if line.handle == channel)
    return SupportdeskApp(desk, channels=lines, first=first)


async def press(pilot: Pilot[None], *keys: str) -> str:
    """What stands there after those keys, settled after each."""
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return text_of(pilot.app)


async def test_rows_and_the_inspector_of_a_bundle(desk: Desk) -> None:
    stock.change_stock(desk, "kestrel", StockChange("count", "MAIN", "MUG", 41))
    stock.change_stock(desk, "kestrel", StockChange("count", "MAIN", "TENT", 7))
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await press(pilot, "4", "slash", *"MUG", "enter")
        mug = next(line for line in text.splitlines() if " Main St " in line)
        assert mug.split()[-6:] == ["MAIN", "40", "41", "*", "+1", "Sumtracker"]
        text = await press(pilot, "escape", "slash", *"KIT", "enter", "enter")
        assert "the scarcest component is enough for 7 bundles, the number pushed" in text
        assert "TENT" in next(line for line in text.splitlines() if "! limits" in line)


@pytest.mark.parametrize("sku", HOSTILE)
async def test_any_sku_is_counted_through_the_inspector(desk: Desk, sku: str) -> None:
    app = app_of(desk)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await press(pilot, "4")
        tab = app.screen.query_one(StockTab)
        while tab.row is None or tab.row.sku != sku:
            before = tab.table.cursor
            await press(pilot, "j")
            assert tab.table.cursor != before, f"{sku!r} is not in the list"
        await press(pilot, "enter")
        assert isinstance(app.screen, SkuScreen)
        text = await press(pilot, "c", *"12", "ctrl+s")
        assert "MAIN: 12 in stock − 0 booked = 12 available" in text
        assert safe_text(sku) in text
    found = stock.inspect_sku(desk, "outdoor", sku)
    assert found.warehouses[0].quantities.in_stock == 12
    assert [move.kind for move in found.movements] == ["count"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("i", *"5", "ctrl+s"), "MAIN: 5 in stock"),
        (("a", *"7", "ctrl+s", "t", "enter", "3", "ctrl+s"), "MAIN: 4 in stock"),
        (("s", *"9", "ctrl+s", "a", "minus", "2", "ctrl+s"), "MAIN: 7 in stock"),
    ],
)
async def test_changes_reach_the_account(desk: Desk, keys: tuple[str, ...], said: str) -> None:
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await press(pilot, "4", "slash", *"MUG", "enter", "enter", *keys)
        assert said in text


async def test_a_transfer_of_more_than_there_is_is_refused_in_the_form(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await press(pilot, "4", "slash", *"MUG", "enter", "enter", "t", "enter", *"500", "ctrl+s")
        assert "✗" in text
    assert stock.inspect_sku(desk, "outdoor", "MUG").movements == ()


async def test_a_shopify_master_takes_no_change(desk: Desk) -> None:
    link(desk, "outdoor", MAIN_ST, None, None)
    link(desk, "outlet", MAIN_ST, MAIN, "shopify")
    app = app_of(desk)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        text = await press(pilot, "4", "slash", *"MUG", "enter", "enter", "c")
        assert "Shopify is master in MAIN, so stock" in text


async def test_filters_of_the_real_rows(desk: Desk) -> None:
    stock.change_stock(desk, "kestrel", StockChange("count", "DEPOT", "MUG", 3))
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await press(pilot, "4", "f")
        assert "! +5" in text
        text = await press(pilot, "f", "f")
        assert "1 row below zero" in text
        text = await press(pilot, "f")
        assert "archived" in text


@pytest.mark.parametrize("ending", ["csv", "json"])
async def test_exports(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        for tab, name in (("4", "stock"), ("3", "connections")):
            await press(pilot, tab, "E", *["backspace"] * 3, *ending, "enter")
            await until(pilot, (tmp_path / f"outdoor-{name}.{ending}").exists)
            await settle(pilot)
    rows = list(stock.export_stock(desk, "outdoor"))
    stock_file, connection_file = (tmp_path / f"outdoor-{name}.{ending}" for name in ("stock", "connections"))
    if ending == "json":
        assert [row["sku"] for row in json.loads(stock_file.read_text())] == [row.sku for row in rows]
        assert {row["warehouse"] for row in json.loads(connection_file.read_text())} >= {"MAIN", "DEPOT"}
    else:
        with stock_file.open(newline="") as file:
            skus = [row["sku"] for row in csv.DictReader(file)]
        assert skus == [("'" + row.sku if row.sku == "-X" else row.sku) for row in rows]
        assert "MAIN" in connection_file.read_text()


# Two agents


def line_of(desk: Desk) -> Connection:
    """What is said of the Depot now."""
    lines = connections.view(desk, "outdoor").lines
    found = next(line.connection for line in lines if line.location.id == DEPOT_PLACE)
    assert found is not None
    return found


async def test_a_link_made_by_one_agent_is_seen_by_the_other_within_two_seconds(desk: Desk) -> None:
    mine, theirs = app_of(desk), app_of(desk)
    async with theirs.run_test(size=(120, 36)) as other, mine.run_test(size=(120, 36)) as pilot:
        text = await press(other, "3")
        assert "RETURNS" in text
        await press(pilot, "3", "g", "enter")
        await press(pilot, "j", "ctrl+s")  # Depot goes to RETURNS
        tab = theirs.screen.query_one(WarehousesTab)

        def seen() -> bool:
            assert tab.view is not None
            linked = tab.view.lines[0].connection
            return linked is not None and linked.warehouse is not None and linked.warehouse.id == RETURNS

        await until(other, seen)
        assert WATCH_SECONDS <= 1, "so that it is seen within 2 s on a machine that has time for it"
        assert "RETURNS" in text_of(theirs)


async def test_a_conflicting_link_is_refused_and_said(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "3", "g", "u")  # the question is open …
        connections.link(
            desk, "outdoor", LinkRequest(DEPOT_PLACE, RETURNS), seen=None
        )  # … while another links it
        text = await press(pilot, "shift+tab", "enter")
        assert isinstance(app.screen, ErrorDialog)
        assert "It was changed meanwhile" in text
        assert "RETURNS" in text
        text = await press(pilot, "escape")
        assert "RETURNS" in text, "the tab was read again"
    assert line_of(desk).master == "sumtracker", "nothing was merged"


async def test_a_conflicting_link_is_said_in_the_form(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "3", "g", "enter")
        connections.unlink(desk, "outdoor", DEPOT_PLACE, seen=None)
        text = await press(pilot, "ctrl+s")
        assert "✗" in text
        assert "unlinked" in text
        assert line_of(desk).warehouse is None, "nothing was merged"
        await press(pilot, "ctrl+s")  # having read what another did
        assert line_of(desk).warehouse is not None


async def test_leaving_the_form_after_a_conflict_shows_what_is_there_now(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "3", "g", "enter")
        connections.unlink(desk, "outdoor", DEPOT_PLACE, seen=None)
        await press(pilot, "ctrl+s", "escape")
        tab = app.screen.query_one(WarehousesTab)
        assert tab.view is not None
        assert tab.view.lines[0].connection == line_of(desk)


async def test_stock_moved_meanwhile_is_not_overwritten(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "4", "slash", *"MUG", "enter", "enter", "s", *"50")
        stock.change_stock(desk, "kestrel", StockChange("count", "MAIN", "MUG", 8))
        text = await press(pilot, "ctrl+s")
        assert "✗" in text
        assert "in stock 8 → 50" in text, "the form shows the number as it is now"
        text = await press(pilot, "ctrl+s")
        assert "MAIN: 50 in stock" in text
