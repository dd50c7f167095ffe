"""The Orders tab: what each order did, filters, jumping to one, its lines and their SKUs, the empty states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from supportdesk.core.order_list import Adjusted, ShownLine, ShownOrder
from supportdesk.core.orders import RecipePart, Treatment
from supportdesk.errors import LedgerBusy
from supportdesk.screens.order_words import line_row, note_of, order_row, said_below, summary_line
from supportdesk.screens.orders import OrdersTab
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.save_file import SaveTo
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.stock_words import zone
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.table import Cell, Toned
from tests.conftest import settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_orders import FakeOrders
from tests.screens.fakes import NOW, hostile_channels, summary

pytestmark = pytest.mark.anyio
FIRST = "kestrel-outdoor"


async def shown(pilot: Pilot[None], *keys: str) -> str:
    """What stands on the screen after those keys, settled after each."""
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return text_of(pilot.app)


def tab_of(app: SupportdeskApp) -> OrdersTab:
    return app.screen.query_one(OrdersTab)


def asked(app: SupportdeskApp) -> list[tuple[object, ...]]:
    return [call[1:] for call in fake_of(app).calls if call[0] == "open_orders"]


def line(treatment: Treatment = "booked", **changes: Any) -> ShownLine:
    plain = ShownLine(
        1, "MUG", "Mug", "MUG", 1, "Main St", "MAIN", treatment, 4, 0, 0, 0, 0, (RecipePart("MUG"),)
    )
    return plain._replace(**changes)


def order(*lines: ShownLine, **changes: Any) -> ShownOrder:
    return replace(ShownOrder(7, "#1042", NOW, "open", lines), **changes)


def words(cell: Cell) -> str:
    return cell.text if isinstance(cell, Toned) else str(cell)


KIT = (RecipePart("MUG", 2), RecipePart("TRAY"))


@pytest.mark.parametrize(
    ("one", "did"),
    [
        (line(), "booked +4"),
        (line(unfulfilled=1, fulfilled=3), "in stock -3, booked +1"),
        (line(unfulfilled=0, fulfilled=4), "in stock -4"),
        (line(unfulfilled=0, fulfilled=4, returned=2), "in stock -2"),
        (line(unfulfilled=0, fulfilled=4, returned=4), "nothing left"),
        (line(unfulfilled=0, cancelled=4), "nothing left"),
        (line(unfulfilled=0, written_off=4), "in stock -4"),
        (line(unfulfilled=0), "not here any more"),
        (line(recipe=KIT), "booked +12"),
        (line("not_found", recipe=()), "! NOT_FOUND"),
        (line("unlinked"), "! unlinked"),
        (line("past"), "from before"),
        (line("shopify_master"), "Shopify is master"),
        (line("left_out", recipe=()), "left out of sync"),
    ],
)
def test_what_a_line_did(one: ShownLine, did: str) -> None:
    assert words(line_row(one).cells[-1]) == did


@pytest.mark.parametrize(
    ("one", "did"),
    [
        (order(line(), line(line_id=2, unfulfilled=0, fulfilled=3)), "in stock -3, booked +4"),
        (order(line(), line("not_found", line_id=2)), "! NOT_FOUND, booked +4"),
        (order(line(), line("unlinked", line_id=2)), "! unlinked, booked +4"),
        (order(line("past")), "from before"),
        (order(line("past"), adjusted=(Adjusted("MUG", "MAIN", 2),)), "from before, +2"),
        (order(line(), line("unlinked", location_id=2, unfulfilled=0)), "booked +4"),
        (order(line(recipe=KIT)), "booked +12"),
        (order(line(unfulfilled=0, cancelled=4), state="cancelled"), "nothing left"),
        (order(line("left_out", recipe=())), "left out of sync"),
        (order(), "nothing left"),
    ],
)
def test_what_an_order_did(one: ShownOrder, did: str) -> None:
    row = order_row(one, zone("UTC"), NOW)
    assert words(row.cells[-1]) == did


def test_what_is_said_below_the_lines() -> None:
    kit = line(recipe=KIT)
    assert said_below(order(kit), kit) == "A bundle: MUG booked +8; TRAY booked +4."
    assert "Nothing in Sumtracker has this SKU" in said_below(order(line("not_found")), line("not_found"))
    assert "linked to no warehouse" in said_below(order(line("unlinked")), line("unlinked"))
    changed = order(line("past"), adjusted=(Adjusted("MUG", "MAIN", 2),))
    assert said_below(changed, line("past")) == "Changed since sync is on, so adjusted: MUG +2 at MAIN."
    assert "not counted" in said_below(order(line("past")), None)
    assert said_below(order(line()), line()) == ""
    closed = replace(order(line()), closed=NOW)
    assert "closed when sync was turned off" in said_below(closed, line())
    assert note_of(closed, zone("UTC")).endswith("as it was when sync was turned off, 23 Nov 2026 14:30")


def test_the_list_of_all_orders_does_not_call_those_from_before_new() -> None:
    assert summary_line(70, "all", is_on=True) == "70 orders since sync is on or open then · newest first"
    assert summary_line(70, "past", is_on=True) == "70 orders from before sync · newest first"


async def test_filters_by_key_and_text(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(100, 30)) as pilot:
        assert "400 orders since sync is on" in await shown(pilot, "5")
        assert "open orders" in await shown(pilot, "f")
        assert "to look at" in await shown(pilot, "f")
        assert "from before sync" in await shown(pilot, "f")
        assert "400 orders since sync is on" in await shown(pilot, "f")
        await shown(pilot, "slash", "5", "0", "3", "9", "enter")
        assert asked(app)[-1] == ("all", "5039")
        assert tab_of(app).what_to_copy()[1] == "#5039"
        await shown(pilot, "escape")
        assert asked(app)[-1] == ("all", "")
        await shown(pilot, "f", "escape")
        assert asked(app)[-1] == ("all", "")
        await shown(pilot, "escape")
        assert not app.screen.query(OrdersTab), "one more leaves the channel"


async def test_enter_goes_to_the_lines_and_there_into_the_sku(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "to its lines" in await shown(pilot, "5")
        assert "look into SKU" in await shown(pilot, "enter")
        await shown(pilot, "j", "enter")
        assert [screen.sku for screen in app.screen_stack if isinstance(screen, SkuScreen)] == ["KO-KIT-CAMP"]
        await shown(pilot, "escape", "k", "k")
        assert tab_of(app).table.has_focus
        await shown(pilot, "j", "j", "enter")
        assert tab_of(app).line is not None
        await shown(pilot, "enter")
        assert not isinstance(app.screen, SkuScreen), "an unknown SKU has nothing to look into"
        await shown(pilot, "escape")
        assert tab_of(app).table.has_focus


async def test_it_goes_to_an_order_by_its_name(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, "5", "f", "slash", "5", "0", "4", "2", "enter")
        tab_of(app).go("#4700")
        await until(pilot, lambda: tab_of(app).what_to_copy()[1] == "#4700")
        assert (tab_of(app).showing, tab_of(app).filter_line.text) == ("all", "")
        tab_of(app).go("#1")
        await settle(pilot)
        assert [each.message for each in app._notifications] == ["The order #1 is not kept here any more."]
        tab_of(app).go("to_look_at")
        await settle(pilot)
        assert asked(app)[-1] == ("to_look_at", "")


async def test_copying_names_the_order_or_the_lines_sku(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, "5")
        assert tab_of(app).what_to_copy() == ("the order's name", "#5042")
        await shown(pilot, "enter")
        assert tab_of(app).what_to_copy() == ("the SKU", "KO-0000")


async def test_the_orders_shown_are_written(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(first=FIRST)
    written: list[tuple[object, ...]] = []

    def save(name: str, to: SaveTo, *, show: str, text: str, watch: object) -> int:
        written.append((name, to.target.name, show, text))
        return 3

    fake_of(app).save_orders = save  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, "5", "f", "E")
        await shown(pilot, "enter")
        await until(pilot, lambda: written)
    assert written == [(FIRST, "kestrel-outdoor-orders.csv", "open", "")]


@pytest.mark.parametrize(
    ("sync", "keys", "said"),
    [
        ("off", "5", "Orders are taken from the moment sync is on"),
        ("on", "5", "There is no order yet"),
        ("on", "5 f f", "There is nothing to look at"),
        ("on", "5 slash x enter", "No order matches the filter"),
    ],
)
async def test_what_stands_where_there_is_no_order(
    make_app: MakeApp, sync: str, keys: str, said: str
) -> None:
    app = make_app((summary(sync=sync),), first=FIRST)
    fake_of(app).orders.count = 0
    async with app.run_test(size=(80, 24)) as pilot:
        assert said in " ".join((await shown(pilot, *keys.split())).split())
        assert tab_of(app).reason_disabled("orders.open") is not None
        assert tab_of(app).reason_disabled("orders.export") is not None


async def test_a_failure_is_said_and_can_be_tried_again(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        fake_of(app).fail = LedgerBusy("Another process has held the account file for 30 s.", "Try again.")
        await shown(pilot, "5")
        assert isinstance(app.screen, ErrorDialog)
        fake_of(app).fail = None
        await pilot.click("#retry")
        await until(pilot, lambda: "400 orders" in text_of(app))


async def test_what_it_means_fits_the_order(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    wanted = {
        0: "A new order books",
        2: "nothing in Sumtracker",
        4: "linked to no warehouse",
        6: "Past orders",
    }
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, "5")
        for row, words_of_it in wanted.items():
            said = await shown(pilot, "g", *["j"] * row, "m")
            assert isinstance(app.screen, TextPage)
            assert words_of_it in " ".join(said.split())
            await shown(pilot, "escape")


async def test_hostile_orders_are_shown_and_nothing_else(make_app: MakeApp) -> None:
    app = make_app(hostile_channels(), hostile=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, "enter", "5", *["j"] * 12, "enter", "enter")
        assert isinstance(app.screen, SkuScreen)


def test_the_fake_has_every_kind() -> None:
    orders = [FakeOrders().order(number) for number in range(80)]
    assert {treatment for one in orders for treatment in one.treatments} == {
        *("booked", "past", "not_found", "unlinked", "shopify_master", "left_out")
    }
