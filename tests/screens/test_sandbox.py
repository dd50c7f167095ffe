"""The demo's own commands: its pretend store made to fail from the palette, and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from textual.pilot import Pilot

from supportdesk.desk import Demo, accounts, demo
from supportdesk.errors import Refused, StoreUnreachable
from supportdesk.screens.palette import PaletteScreen
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.sandbox_commands import StartOverDialog
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock import StockTab
from supportdesk.settings import Settings
from tests.conftest import actions_of, settle, text_of
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import fake_desk
from tests.screens.served import HANDLE, Served, press, read, serving, shows

pytestmark = pytest.mark.anyio


async def test_the_palette_makes_the_pretend_store_fail(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(demo=True)
    struck: list[str] = []
    monkeypatch.setattr(fake_of(app), "strike", struck.append)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        for typed in ("throttle", "drop", "faults"):
            await pilot.press("ctrl+p", *typed)
            await settle(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert "The pretend store will" in text_of(app)
    assert struck == ["throttled", "dropped", ""]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A demo on the shop `HANDLE`, loaded; its clock stands still, so that an order's stock moves at once."""
    with serving(tmp_path, monkeypatch) as there:
        there.desk = replace(there.desk, demo=Demo(there.url, HANDLE))
        there.connect()
        there.load()
        yield there


async def choose(pilot: Pilot[None], typed: str) -> str:
    """What stands there after that command of the palette."""
    await press(pilot, "ctrl+p", *typed.replace(" ", ""), "enter")
    return read(app_of(pilot))


def app_of(pilot: Pilot[None]) -> SupportdeskApp:
    app = pilot.app
    assert isinstance(app, SupportdeskApp)
    return app


async def test_an_order_and_an_edit_are_of_the_row_under_the_cursor(served: Served) -> None:
    async with served.app().run_test(size=(120, 36), notifications=True) as pilot:
        await press(pilot, "enter", "4")
        tab = app_of(pilot).screen.query_one(StockTab)
        while tab.row is None or (tab.row.listing, tab.row.location) != ("thing-2/Default Title", "Main St"):
            cursor = tab.table.cursor
            await press(pilot, "j")
            assert tab.table.cursor != cursor, "the row is not there"
        text = await choose(pilot, "place an order")
        assert "Order #1001: A-1 at Main St, 3 → 2 in the store." in text
        assert "Staff edit: A-1 at Main St, 2 → 5 in the store." in await choose(pilot, "staff edit")
    assert {
        (level.item.id, level.location.name): level.available
        for levels in served.shop.levels_by_location.values()
        for level in levels
    } == {(2001, "Main St"): 5, (2001, "Depot"): 7, (2002, "Main St"): 5, (2003, "Main St"): 0}


async def test_the_inspector_has_a_row_too(served: Served) -> None:
    async with served.app().run_test(size=(120, 36), notifications=True) as pilot:
        await press(pilot, "enter", "4", "enter")
        screen = app_of(pilot).screen
        assert isinstance(screen, SkuScreen)
        assert screen.sku == "A-1"
        screen.table("rows").focus()
        await press(pilot, "j")
        assert screen.inspection is not None
        row = screen.inspection.rows[1]
        assert (row.listing, row.location, row.store) == ("thing-1/Default Title", "Depot", 7)
        assert "Staff edit: A-1 at Depot, 7 → 10 in the store." in await choose(pilot, "staff edit")
        screen.table("warehouses").focus()  # where no warehouse feeds one it is the first row
        await settle(pilot)
        assert "Order #1001: A-1 at Main St, 5 → 4 in the store." in await choose(pilot, "place an order")


@pytest.mark.parametrize("keys", [(), ("enter",), ("enter", "2")], ids=["home", "overview", "duplicates"])
async def test_elsewhere_a_best_seller_is_bought(served: Served, keys: tuple[str, ...]) -> None:
    async with served.app().run_test(notifications=True) as pilot:
        await press(pilot, *keys)
        text = await choose(pilot, "place an order")
        assert "Order #1001: A-1 at Main St, 5 → 4 in the store." in text


async def test_what_cannot_be_bought_is_said(served: Served) -> None:
    async with served.app().run_test(size=(120, 36), notifications=True) as pilot:
        await press(pilot, "enter", "4", "slash", *"B-2", "enter")
        text = await choose(pilot, "place an order")
        assert "The pretend store would not do that: B-2 is sold out at Main St." in text
        await press(pilot, "escape")
        (line,) = accounts.list_lines(served.desk)
        with accounts.opened(served.desk, line.account) as ledger, ledger.writing() as writing:
            writing.execute("UPDATE channel SET api_url = 'http://127.0.0.1:1'")
        assert "The pretend store does not answer any more." in await choose(pilot, "staff edit")
    assert not served.shop.order_book.orders


async def test_a_name_that_the_store_tells_is_only_text(served: Served) -> None:
    served.shop.put_sku(served.shop.variants[1].item, "\x1b[31m[@click=app.leave]x[/]")
    served.shop.locations[101].name = "[bold]Main"
    async with served.app().run_test(size=(120, 36), notifications=True) as pilot:
        text = await choose(pilot, "place an order")
        assert "Order #1001: \\x1b[31m[@click=app.leave]x[/] at [bold]Main, 5 → 4" in text
        assert not any("leave" in action for action in actions_of(pilot.app))


async def test_starting_over_is_asked_for_and_leaves(served: Served) -> None:
    app = served.app()
    demo_of = served.desk.demo
    assert demo_of is not None
    async with app.run_test(notifications=True) as pilot:
        await choose(pilot, "start over")
        assert shows(app, StartOverDialog)
        await press(pilot, "enter")  # the cursor is on Cancel
        assert not shows(app, StartOverDialog)
        assert not demo_of.start_over.is_set()
        await choose(pilot, "start over")
        await press(pilot, "shift+tab", "enter")
        assert demo_of.start_over.is_set()
    assert app.return_code == 0


async def test_only_the_demo_has_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", *"sandbox")
        await settle(pilot)
        assert isinstance(app.screen, PaletteScreen)
        assert not any(offer.command.id.startswith("sandbox.") for offer in app.screen.offers)
        await pilot.press("escape")
        await settle(pilot)
        app.run_command_id("sandbox.throttle")
        await settle(pilot)
        assert "Only the demo has that." in text_of(app)


def test_the_sandbox_hears() -> None:
    with demo.started(Settings(), scenario="empty", seed=1, files=[], keep=None) as desk:
        assert desk.demo is not None
        state = f"{desk.demo.url}/sandbox/state"
        demo.strike(desk, "throttled")
        demo.strike(desk, "dropped")
        faults = httpx.get(state, trust_env=False).json()["faults"]
        assert [fault["kind"] for fault in faults] == ["throttled", "dropped"]
        with pytest.raises(Refused):
            demo.strike(desk, "no such thing")
        demo.strike(desk, None)
        assert httpx.get(state, trust_env=False).json()["faults"] == []
    with pytest.raises(StoreUnreachable):
        demo.strike(desk, "throttled")


def test_no_real_store_is_struck(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(Refused):
        demo.strike(fake_desk(tmp_path_factory.mktemp("home")), "throttled")
