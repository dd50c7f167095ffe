"""The Stock tab: filters, orders, what the signs say, long lists, errors, hostile text."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from supportdesk.core.stock import StockRow
from supportdesk.errors import LedgerBusy
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.save_file import SaveTo
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock import StockTab, columns_for, row_of
from supportdesk.screens.stock_words import FILTER_WORDS, ORDER_WORDS, difference
from supportdesk.screens.tab import ChannelTab
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.table import Toned, fit_columns
from tests.conftest import actions_of, settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_inventory import FakeStockTable
from tests.screens.fakes import HOSTILE, hostile_channels

FIRST = "kestrel-outdoor"


async def shown(pilot: Pilot[None], *keys: str) -> str:
    """What stands on the screen after those keys, settled after each."""
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return text_of(pilot.app)


def opened(app: SupportdeskApp) -> list[tuple[object, ...]]:
    """What was opened: order, descending, filter, text."""
    return [call[1:] for call in fake_of(app).calls if call[0] == "open_stock"]


def tab_of(app: SupportdeskApp) -> StockTab:
    """The tab."""
    return app.screen.query_one(StockTab)


@pytest.mark.parametrize(
    ("store", "ledger", "linked", "left_out", "sign"),
    [
        (7, 7, True, None, "="),
        (0, 0, True, None, "="),
        (7, 9, True, None, "* +2"),
        (1_500, 0, True, None, "* -1,500"),
        (-3, 0, True, None, "! +3"),
        (-3, -3, True, None, "!"),
        (3, None, False, None, "+"),
        (3, None, True, None, "+"),
        (None, 4, True, None, "-"),
        (None, None, True, None, ""),
        (3, 9, True, "draft", "draft"),
        (3, None, False, "untracked", "untracked"),
    ],
)
def test_signs(store: int | None, ledger: int | None, linked: bool, left_out: str | None, sign: str) -> None:
    cell = difference(store, ledger, linked=linked, left_out=left_out)
    assert (cell.text if isinstance(cell, Toned) else cell) == sign


@given(store=st.integers(-50, 50), ledger=st.integers(-50, 50))
def test_a_sign_says_the_same_as_the_numbers(store: int, ledger: int) -> None:
    cell = difference(store, ledger, linked=True, left_out=None)
    text = cell.text if isinstance(cell, Toned) else str(cell)
    sign, _, change = text.partition(" ")
    assert sign == ("!" if store < 0 else "=" if store == ledger else "*")
    assert store + int(change or 0) == ledger


def test_a_row_s_key_is_its_listing_at_its_location() -> None:
    row = StockRow("A", "Tent", "", "tent", 7, "Depot", "", "", 1, None, None)
    assert row_of(row).key != row_of(row._replace(location_id=8)).key
    assert row_of(row).key != row_of(row._replace(listing="tent-sale")).key
    assert row_of(row._replace(sku="  ")).cells[0] == '"  "'
    assert row_of(row._replace(sku="A ")).cells[0] == '"A "'
    assert row_of(row._replace(sku="")).cells[0] is None


@pytest.mark.parametrize("width", [60, 70, 79, 80, 100, 120, 200])
def test_the_numbers_are_whole_at_every_width(width: int) -> None:
    columns = columns_for(width)
    fitted = fit_columns(columns, width - 3)
    assert {"SKU", "location", "store", "ledger", "difference"} <= {column.title for _, column, _ in fitted}
    assert sum(size for _, _, size in fitted) + 2 * (len(fitted) - 1) <= width - 3


@pytest.mark.anyio
async def test_the_tab_says_what_it_shows(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        text = await shown(pilot, "4")
        assert "240 rows · by SKU" in text
        for words in ("* +27", "! +3", "draft", "Pop-up van"):
            assert words in text
        assert "master" not in text
    wide = make_app(first=FIRST)
    async with wide.run_test(size=(120, 36)) as pilot:
        text = await shown(pilot, "4")
        assert "Sumtracker" in text
        assert "unlinked" in text


@pytest.mark.anyio
async def test_filters_go_round(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "4", *["f"] * len(FILTER_WORDS))
        assert [call[2] for call in opened(app)] == [*FILTER_WORDS, "all"]
        text = await shown(pilot, "f")
        assert "58 rows that differ · by SKU" in text
        text = await shown(pilot, "escape")
        assert "240 rows" in text
        assert isinstance(app.screen, ChannelScreen), "esc took the filter away, and no more"


@pytest.mark.anyio
async def test_orders_go_round_and_turn(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        text = await shown(pilot, "4", "S")
        assert "by SKU backwards" in text
        assert "▸ KO-0239" in text
        await shown(pilot, "S", *["s"] * len(ORDER_WORDS))
        assert [call[0] for call in opened(app)[3:]] == [*list(ORDER_WORDS)[1:], "sku"]


@pytest.mark.anyio
async def test_the_text_filter(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        text = await shown(pilot, "4", "slash", *"012", "enter")
        assert "filter: 012 (11/240)" in text
        assert "▸ KO-0012" in text
        assert tab_of(app).table.has_focus
        text = await shown(pilot, "escape")
        assert "filter:" not in text
        assert "240 rows" in text
        text = await shown(pilot, "slash", *"zz")
        assert "No row is like that." in text


@pytest.mark.anyio
async def test_a_readiness_line_leads_here(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        app.screen.tab.post_message(ChannelTab.GoTo("stock:negative"))
        text = await shown(pilot)
        assert opened(app)[-1] == ("sku", False, "negative", "")
        assert "below zero" in text


@pytest.mark.anyio
async def test_long_lists_are_fetched_as_they_are_looked_at(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake_of(app).inventory.stock_count = 100_000
    async with app.run_test() as pilot:
        text = await shown(pilot, "4", "G")
        assert "KO-99999" in text
        text = await shown(pilot, "g")
        assert "KO-0000" in text
        assert len(opened(app)) == 1


@pytest.mark.anyio
async def test_enter_looks_into_a_sku_and_esc_comes_back(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await shown(pilot, "4", "j", "j", "enter")
        assert isinstance(app.screen, SkuScreen)
        assert ("inspect_sku", "KO-0002", 200) in fake_of(app).calls
        assert app.screen.warehouse is not None
        assert app.screen.warehouse.code == "DEPOT", "the cursor begins where the row is"
        text = await shown(pilot, "escape")
        assert "▸ KO-0002" in text


@pytest.mark.anyio
async def test_a_listing_without_a_sku_has_nothing_to_look_into(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    row = StockRow("", "Gift card", "", "gift", 1, "Main Street", "MAIN", "sumtracker", 0, None, "no_sku")
    fake_of(app).inventory.stock_row = lambda _: row  # type: ignore[method-assign,assignment]
    async with app.run_test(notifications=True) as pilot:
        text = await shown(pilot, "4", "enter")
        assert "This listing has no SKU" in text
        assert isinstance(app.screen, ChannelScreen)


@pytest.mark.anyio
async def test_nothing_is_stocked(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake_of(app).inventory.stock_count = 0
    async with app.run_test(notifications=True) as pilot:
        text = await shown(pilot, "4", "enter")
        assert "0 rows" in text
        assert "Nothing is stocked in the store." in text
        assert "There is no row to look into." in text


@pytest.mark.anyio
async def test_what_cannot_be_read_can_be_tried_again(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        fake_of(app).fail = LedgerBusy("Another process holds the file.", "Try again in a moment.")
        await shown(pilot, "4")
        assert isinstance(app.screen, ErrorDialog)
        fake_of(app).fail = None
        text = await shown(pilot, "shift+tab", "enter")
        assert "240 rows" in text


@pytest.mark.anyio
async def test_long_sorting_is_said(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await shown(pilot, "4")
        gate, open_now = threading.Event(), fake.open_stock

        def slowly(name: str, **how: Any) -> FakeStockTable:
            gate.wait(10)
            return open_now(name, **how)

        fake.open_stock = slowly  # type: ignore[method-assign]
        await pilot.press("s")
        await until(pilot, lambda: "Reading all rows by product …" in text_of(app))
        assert "KO-0000" in text_of(app), "what was shown stays"
        gate.set()
        await until(pilot, lambda: "240 rows · by product" in text_of(app))


@pytest.mark.anyio
async def test_copying_and_meaning(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(120, 36)) as pilot:
        await shown(pilot, "4", "y")
        assert app.clipboard == "KO-0000"
        await shown(pilot, "Y")
        assert app.clipboard.split("\t")[3:8] == ["Main Street", "MAIN", "0", "27", "* +27"]
        for downs, words in (
            (0, "What your store shows now"),
            (3, "Nothing happens at this location"),
            (8, "Drafts are"),
        ):
            text = await shown(pilot, "g", *["j"] * downs, "m")
            assert isinstance(app.screen, TextPage)
            assert words in text
            await shown(pilot, "escape")


@pytest.mark.anyio
async def test_exporting_what_is_shown(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = make_app(first=FIRST)
    written: list[dict[str, object]] = []

    def save(name: str, to: SaveTo, **more: object) -> int:
        written.append({"name": name, "to": to, **more})
        return 11

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fake_of(app), "save_stock", save)
    async with app.run_test(notifications=True) as pilot:
        await shown(pilot, "4", "f", "s", "S", "slash", *"01", "enter")
        text = await shown(pilot, "E")
        assert "rows, written to a file" in text
        text = await shown(pilot, "enter")
        assert "Wrote 11 lines" in text
    (asked,) = written
    del asked["watch"]
    assert asked == {
        "name": FIRST,
        "to": SaveTo(tmp_path / "kestrel-outdoor-stock.csv", replace=False),
        "order": "product",
        "descending": True,
        "show": "differ",
        "text": "01",
    }


@pytest.mark.anyio
async def test_another_agent_s_change_is_seen_where_one_looks(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "4", "j", "j", "j")
        fake_of(app).mark += 1
        assert isinstance(app.screen, ChannelScreen)
        app.screen.look()
        text = await shown(pilot)
        assert len(opened(app)) == 2
        assert "▸ KO-0003" in text


@pytest.mark.anyio
@pytest.mark.parametrize("keys", ["", "f", "s S", "slash x", "enter", "m"])
@pytest.mark.parametrize("down", range(0, len(HOSTILE), 4))
async def test_hostile_text(make_app: MakeApp, keys: str, down: int) -> None:
    app = make_app(hostile_channels(), hostile=True)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await shown(pilot, "enter", "4", *["j"] * down, *keys.split())
        assert actions_of(app) == set()
        assert all(line.isprintable() for line in text_of(app).splitlines())
