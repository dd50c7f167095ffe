"""The bundle form over a real account file: lines put in and taken out, the numbers before they are saved, refusals in place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from supportdesk.core.bundles import BundleChange, BundleLine
from supportdesk.core.stock import StockChange
from supportdesk.core.text import safe_text
from supportdesk.desk import Desk, bundles, stock
from supportdesk.screens.bundles import BundleDialog
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock import StockTab
from supportdesk.settings import Settings
from tests.cli.commands import dump
from tests.conftest import text_of, until
from tests.desk.stocked import DEPOT, DEPOT_PLACE, HOSTILE, link, stocked_desk
from tests.screens.test_stock_real import app_of, press

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """MAIN has 50 mugs and 60 tents, so 25 kits of two mugs and a tent."""
    desk = stocked_desk(tmp_path)
    for sku, quantity in (("MUG", 50), ("TENT", 60)):
        stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", sku, quantity))
    return desk


def lines(desk: Desk, sku: str) -> tuple[BundleLine, ...]:
    return bundles.inspect_bundle(desk, "kestrel", sku).lines


async def on(pilot: Pilot[None], sku: str) -> None:
    """The Stock tab with the cursor on a row of that SKU."""
    await press(pilot, "4")
    tab = pilot.app.screen.query_one(StockTab)
    while tab.row is None or tab.row.sku != sku:
        before = tab.table.cursor
        await press(pilot, "j")
        assert tab.table.cursor != before, f"{sku!r} is not in the list"


def line_of(text: str, word: str) -> str:
    return next(line for line in text.splitlines() if word in line)


async def test_a_bundle_is_looked_at_and_changed(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await on(pilot, "KIT")
        underneath = app.screen
        text = await press(pilot, "b")
        assert "Weekend kit" in text
        assert line_of(text, "MUG  ").split()[-2] == "2"
        assert "= MAIN" in text
        assert line_of(text, "= MAIN").split()[-4:-1] == ["limited", "by", "MUG"]
        text = await press(pilot, *"MUG", "enter", "backspace", "5", "enter")
        assert "25 → 10" in line_of(text, "* MAIN")
        assert "5 × MUG, 1 × TENT" in text
        assert lines(desk, "KIT") == (("MUG", 2), ("TENT", 1))
        await press(pilot, "ctrl+s")
        assert app.screen is underneath
        await until(pilot, lambda: "KIT is now 5 × MUG, 1 × TENT" in " ".join(text_of(app).split()))
    assert lines(desk, "KIT") == (("MUG", 5), ("TENT", 1))


async def test_from_nothing(desk: Desk) -> None:
    """The inspector leads there too, and shows what came of it; what is typed is saved with the rest."""
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, "-X")
        text = await press(pilot, "enter", "b")
        assert "A bundle has no stock of its own" in " ".join(text.replace("│", " ").split())
        assert "No component yet." in text
        text = await press(pilot, "ctrl+s")
        assert "Name a component first." in text
        text = await press(pilot, *"TENT", "enter", "enter")
        assert "60" in line_of(text, "* MAIN")
        await press(pilot, *"MUG", "enter", "backspace", "4", "ctrl+s")
        assert isinstance(app.screen, SkuScreen)
        assert app.screen.inspection
        assert app.screen.inspection.is_bundle
        assert app.screen.inspection.warehouses[0].available == 12
    assert lines(desk, "-X") == (("MUG", 4), ("TENT", 1))


async def test_lines_are_taken_out_to_the_last(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await on(pilot, "KIT")
        await press(pilot, "b", "shift+tab")
        dialog = app.screen
        assert isinstance(dialog, BundleDialog)
        assert dialog.table.has_focus
        text = await press(pilot, "x")
        assert "25 → 60" in line_of(text, "* MAIN")
        text = await press(pilot, "x")
        assert "no bundle any more" in text
        assert "25 → unknown" in line_of(text, "* MAIN")
        text = await press(pilot, "ctrl+s")
        assert "KIT is no bundle any more" in " ".join(text.split())
    assert lines(desk, "KIT") == ()


async def test_enter_on_a_line_changes_how_many(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, "KIT")
        text = await press(pilot, "b", "shift+tab", "j", "enter", "backspace", "3", "enter")
        assert "2 × MUG, 3 × TENT" in text
        await press(pilot, "escape")
    assert lines(desk, "KIT") == (("MUG", 2), ("TENT", 1))


@pytest.mark.parametrize(
    ("sku", "component", "quantity", "said"),
    [
        ("KIT", "MUGG", "1", "no listing, product or stock"),
        ("KIT", "KIT", "1", "cannot be a component of itself"),
        ("-X", "KIT", "1", "is itself a bundle"),
        ("KIT", "MUG", "0", "A whole number, 1 or more"),
        ("KIT", "MUG", "two", "A whole number, 1 or more"),
    ],
)
async def test_what_cannot_be_is_said_in_place(
    desk: Desk, sku: str, component: str, quantity: str, said: str
) -> None:
    app = app_of(desk)
    before = dump(desk.home.root)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, sku)
        text = await press(pilot, "b", *component, "enter", "backspace", *quantity, "enter")
        assert said.lower() in " ".join(text.replace("│", " ").split()).lower()
        dialog = app.screen
        assert isinstance(dialog, BundleDialog)
        assert dialog.typed_sku == component
        assert dialog.lines == lines(desk, sku)
    assert dump(desk.home.root) == before


async def test_a_shopify_master_refuses(desk: Desk) -> None:
    stock.change_stock(desk, "kestrel", StockChange("set", "DEPOT", "MUG", 1))
    link(desk, "outdoor", DEPOT_PLACE, DEPOT, "shopify")
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, "-X")
        text = await press(pilot, "b", *"MUG", "enter", "enter")
        assert "where Shopify is master" in " ".join(text.replace("│", " ").split())


async def test_somebody_else_was_faster(desk: Desk) -> None:
    """What was entered stays, what is there now is known, and a second save is one that saw it."""
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, "KIT")
        await press(pilot, "b", *"TENT", "enter", "backspace", "2", "enter")
        bundles.change_bundle(desk, "kestrel", BundleChange("KIT", (BundleLine("MUG", 9),)))
        text = await press(pilot, "ctrl+s")
        assert "KIT is now 9 × MUG; you saw 2 × MUG, 1 × TENT" in " ".join(text.replace("│", " ").split())
        assert lines(desk, "KIT") == (("MUG", 9),)
        await press(pilot, "ctrl+s")
        assert not isinstance(app.screen, BundleDialog)
    assert lines(desk, "KIT") == (("MUG", 2), ("TENT", 2))


@pytest.mark.parametrize("sku", HOSTILE)
async def test_any_sku(desk: Desk, sku: str) -> None:
    """Shown as it is safe to show; a component that no field can hold is taken out all the same."""
    bundles.change_bundle(desk, "kestrel", BundleChange("KIT", (BundleLine(sku, 2), BundleLine("MUG", 1))))
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, "KIT")
        text = await press(pilot, "b", "shift+tab")
        if sku.strip():
            assert safe_text(sku) in text
        dialog = app.screen
        assert isinstance(dialog, BundleDialog)
        while dialog.lines[int(dialog.table.row_key or 0)].sku != sku:
            await press(pilot, "j")
        await press(pilot, "enter")
        await press(pilot, "shift+tab", "shift+tab")
        while not dialog.table.has_focus:
            await press(pilot, "shift+tab")
        await press(pilot, "x")
        assert dialog.lines == (("MUG", 1),)


async def test_read_only_makes_none(tmp_path: Path) -> None:
    desk = replace(stocked_desk(tmp_path), settings=Settings(keyring=False, read_only=True))
    app = app_of(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await on(pilot, "KIT")
        text = await press(pilot, "b")
        assert "read-only" in " ".join(text.split())
        assert not isinstance(app.screen, BundleDialog)
