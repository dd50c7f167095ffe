"""Channel settings: the Overview and what hangs off it, loading, stopping, errors."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from supportdesk.core.catalog import ChannelTotals, Location
from supportdesk.core.listings import LEFT_OUT
from supportdesk.core.readiness import ReadinessFacts, readiness
from supportdesk.errors import LedgerBusy, StoreBusy
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.home import HomeScreen
from supportdesk.screens.left_out import LeftOutScreen
from supportdesk.screens.load import LoadScreen
from supportdesk.screens.meanings import MEANINGS
from supportdesk.screens.words import left_out_because, left_out_word
from supportdesk.widgets.dialogs import ErrorDialog, TextPage
from supportdesk.widgets.footer import FooterLine
from tests.conftest import settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import NOW, TOTALS, FakeDoorway, summary

pytestmark = pytest.mark.anyio


async def test_the_overview_says_it_all(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=(120, 50)) as pilot:
        await settle(pilot)
        shown = text_of(app)
        for words in (
            "1,214 listings · 1,151 SKUs · 14 duplicates (6 disagree) · 61,204 units",
            "○ Sync off  loaded 2 min ago",
            "✗ 1 block  ! 8 warnings  ✓ 4 passed",
            "✗ The app may not yet do everything sync needs: write_inventory is",
            "34 of 1,214 listings",
            "20  are drafts",
            "Main Street",
            "40,318",
            "! own stock",
            "kestrel-outdoor.myshopify.com",
            "Europe/London",
        ):
            assert words in shown, words


async def test_down_from_a_panel_s_last_line_is_the_next_panel(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        tab = app.screen.overview_tab
        await pilot.press("G", "j")
        await settle(pilot)
        assert tab.left_out_table.has_focus
        assert tab.left_out_table.cursor == 0
        assert "▸        20  are drafts" in text_of(app)
        await pilot.press("G", "j", "G")
        await settle(pilot)
        assert tab.location_table.has_focus
        assert "▸ ShipFast Fulfilment" in text_of(app)
        await pilot.press("g", "k")
        await settle(pilot)
        assert tab.left_out_table.cursor == 3
        await pilot.press("h")
        await settle(pilot)
        assert tab.check_list.has_focus


async def test_enter_on_a_reason_lists_its_listings(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        assert "This line leads nowhere" in text_of(app)
        await pilot.press("tab", "j", "enter")
        await settle(pilot)
        assert isinstance(app.screen, LeftOutScreen)
        assert "12 listings that have no SKU" in text_of(app)
        assert ("left_out", "no_sku", 0, 200) in fake_of(app).calls
        assert "KO-0011" in text_of(app)
        await pilot.press("y")
        assert app.clipboard == "listing-0/m"
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)


async def test_long_lists_are_fetched_page_by_page(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.screens.fakes.LEFT_OUT_COUNTS", {"draft": 100_000})
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("tab", "enter")
        await settle(pilot)
        await pilot.press("G")
        await settle(pilot)
        assert "KO-99999" in text_of(app)
        await pilot.press("pageup", "pageup", "g")
        await settle(pilot)
        assert "KO-0000" in text_of(app)
        pages = [call for call in fake_of(app).calls if call[0] == "left_out"]
        assert len(pages) <= 4
        assert all(call[3] == 200 for call in pages)


async def test_a_failed_page_can_be_tried_again(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("tab")
        fake_of(app).fail = LedgerBusy("Another process holds the file.", "Try again in a moment.")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ErrorDialog)
        fake_of(app).fail = None
        await pilot.press("shift+tab", "enter")
        await until(pilot, lambda: "KO-0000" in text_of(app))


async def test_a_failed_page_can_be_given_up(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("tab")
        fake_of(app).fail = LedgerBusy("Another process holds the file.", "Try again in a moment.")
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)


async def test_the_meaning_of_a_line(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("j", "m")
        await settle(pilot)
        assert isinstance(app.screen, TextPage)
        assert "60 days" in text_of(app)
        await pilot.press("escape", "tab", "m")
        await settle(pilot)
        assert "neither read nor write" in text_of(app)


def test_every_check_has_a_meaning() -> None:
    facts = ReadinessFacts(
        source="shopify",
        loaded_at=NOW - timedelta(days=2),
        now=NOW,
        totals=TOTALS,
        locations=(
            Location(1, "a"),
            Location(2, "b", active=False),
            Location(3, "c", service_manages_stock=True),
        ),
        left_out=dict.fromkeys(LEFT_OUT, 1),
        sku_marks={"blank": 1},
        look_alikes=1,
        negative_rows=1,
        sells_when_out=1,
        shared_items=1,
        missing_to_turn_on=("write_inventory",),
        missing_to_warn=("read_all_orders",),
    )
    ids = {check.id for check in readiness(facts)}
    assert len(ids) > 15
    assert ids <= set(MEANINGS)


async def test_while_sync_is_on_numbers_are_as_old_as_the_last_cycle(make_app: MakeApp) -> None:
    """The load is days old, its numbers are not: only what nothing syncs still shows them. It can be loaded again all the same."""
    app = make_app((summary(loaded_at=NOW - timedelta(hours=30), sync="on"),), first="kestrel-outdoor")
    live = fake_of(app).going_live
    live.is_on, live.state_now, live.frozen = True, "on", True
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        head = text_of(app).splitlines()[0]
        assert "● Sync on  synced just now" in head
        assert "loaded" not in head
        assert "30 h ago (unlinked locations)" in text_of(app)
        await pilot.press("r")
        await settle(pilot)
        assert isinstance(app.screen, LoadScreen)


async def test_loading_again_shows_the_new_age(make_app: MakeApp) -> None:
    app = make_app((summary(loaded_at=NOW - timedelta(hours=30)),), first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "loaded 30 h ago" in text_of(app)
        await pilot.press("r")
        await settle(pilot)
        assert isinstance(app.screen, LoadScreen)
        await pilot.press("enter")
        await settle(pilot)
        assert "loaded just now" in text_of(app)


async def test_read_only_loads_nothing(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor", read_only=True)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        assert "read-only, so it loads no store" in text_of(app)


async def test_esc_stops_a_first_load_and_leads_home(make_app: MakeApp) -> None:
    app = make_app()
    gate = fake_of(app).gate = threading.Event()
    try:
        async with app.run_test(notifications=True) as pilot:
            await settle(pilot)
            await pilot.press("j", "j", "enter")
            await until(pilot, lambda: "3,200 of 12,410 listings" in text_of(app))
            assert "esc stop" in text_of(app)
            assert "25 %" in text_of(app)
            assert "The store asks us to wait 2 s" in text_of(app)
            await pilot.press("escape")
            await settle(pilot)
            assert isinstance(app.screen, HomeScreen)
            assert "Loading stopped; nothing was kept." in text_of(app)
            assert fake_of(app).channels[2].loaded_at is None
    finally:
        gate.set()


async def test_esc_stops_a_later_load_and_keeps_the_overview(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        gate = fake_of(app).gate = threading.Event()
        try:
            await pilot.press("r")
            await until(pilot, lambda: "3,200 of" in text_of(app))
            await pilot.press("escape")
            await settle(pilot)
            assert isinstance(app.screen, ChannelScreen)
            assert "the last load is unchanged" in text_of(app)
            assert "Before turning on" in text_of(app)
        finally:
            gate.set()


async def test_an_error_while_loading_stays_in_place_and_can_be_tried_again(make_app: MakeApp) -> None:
    app = make_app()
    fake_of(app).fail = StoreBusy("It answered `later` for 5 min.", "Try again in a while.")
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "enter")
        await settle(pilot)
        assert "✗ The store is too busy" in text_of(app)
        assert "Try again in a while." in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, LoadScreen)
        fake_of(app).fail = None
        await pilot.press("r")
        await settle(pilot)
        assert "Loaded." in text_of(app)
        assert "too busy" not in text_of(app)


async def test_an_unread_overview_is_a_dialog_and_r_is_there(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake_of(app).fail = LedgerBusy("Another process holds the file.", "Try again in a moment.")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert isinstance(app.screen, ErrorDialog)
        await pilot.press("y")
        assert app.clipboard == (
            "The account file is busy: Another process holds the file. Try again in a moment."
        )
        await pilot.press("enter")
        await settle(pilot)
        assert "The numbers could not be read." in text_of(app)
        fake_of(app).fail = None
        await pilot.press("r")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "1,151 SKUs" in text_of(app)


async def test_an_error_nobody_expected_ends_the_program(make_app: MakeApp) -> None:
    class Broken(FakeDoorway):
        def overview(self, name: str) -> object:  # type: ignore[override]
            raise ZeroDivisionError("ours")

    app = make_app(first="kestrel-outdoor")
    app.doorway = Broken(app.desk)
    with pytest.raises(ZeroDivisionError):
        async with app.run_test() as pilot:
            await pilot.pause()
            await until(pilot, lambda: app.crash)
    assert app.return_code == 1
    assert app.crash is not None
    assert app.crash.report is not None


async def test_enter_on_a_line_about_left_out_listings_lists_them(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        footer = app.screen.query_one(FooterLine)

        def listing() -> bool:
            return next(item.enabled for item in footer.items if item.command == "overview.open")

        assert not listing()
        await pilot.press("j", "j")  # no_sku
        await settle(pilot)
        assert listing()
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, LeftOutScreen)
        assert "12 listings that have no SKU" in text_of(app)
        assert ("left_out", "no_sku", 0, 200) in fake_of(app).calls
        await pilot.press("escape")
        await settle(pilot)
        assert listing()
        await pilot.press("j", "j")  # sku_hygiene
        await settle(pilot)
        assert not listing()


async def test_where_nothing_can_be_dimmed_it_is_left_out(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor", theme="ansi")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "list them" not in text_of(app)
        await pilot.press("j", "j")
        await settle(pilot)
        assert "enter list them" in text_of(app)
        app.action_use_theme("dark")
        await pilot.press("k")
        await settle(pilot)
        assert "enter list them" in text_of(app)


def test_every_reason_has_words_for_one_and_many() -> None:
    for reason in LEFT_OUT:
        assert left_out_because(reason, 2) == LEFT_OUT[reason]
        assert left_out_because(reason, 1).startswith(("is ", "has "))
        assert left_out_word(reason) != reason or reason in {"archived", "draft"}


async def test_a_single_listing_is_spoken_of_as_one(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.screens.fakes.LEFT_OUT_COUNTS", {"draft": 1, "gift_card": 2})
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=(60, 24)) as pilot:
        await settle(pilot)
        await pilot.press("tab")
        await settle(pilot)
        assert "1  is a draft" in text_of(app)
        assert "2  are gift cards" in text_of(app)
        await pilot.press("G", "enter")
        await settle(pilot)
        assert "why" in text_of(app)
        assert "no SKU" in text_of(app)
        assert "Kestrel Outdoor" in text_of(app).splitlines()[0]
        await pilot.press("escape", "g", "enter")
        await settle(pilot)
        assert "1 listing that is a draft" in text_of(app)


async def test_an_empty_store_has_nothing_to_leave_out(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.screens.fakes.LEFT_OUT_COUNTS", {})
    monkeypatch.setattr("tests.screens.fakes.TOTALS", ChannelTotals(0, 0, 0, 1, 0, 0, 0, 0))
    app = make_app()
    async with app.run_test(size=(120, 50)) as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "enter")
        await settle(pilot)
        assert "1 location" in text_of(app)
        assert "1 locations" not in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "No listings, so none is left out." in text_of(app)
        assert "Every listing can be synced." not in text_of(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_a_service_s_own_stock_can_be_read(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("tab", "tab", "G")
        await settle(pilot)
        shown = text_of(app)
        assert "! own stock" in shown
        assert "ShipFast Fulfilment" in shown


async def test_leaving_a_finished_first_load_leads_home_and_enter_on(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "enter")
        await settle(pilot)
        assert isinstance(app.screen, LoadScreen)
        assert "enter overview  esc back" in text_of(app)
        assert "try again" not in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "just now" in text_of(app)


async def test_a_stopped_load_is_said_once_and_not_over_the_next(make_app: MakeApp) -> None:
    app = make_app()
    gate = fake_of(app).gate = threading.Event()
    try:
        async with app.run_test(notifications=True) as pilot:
            await settle(pilot)
            await pilot.press("j", "j", "enter")
            await until(pilot, lambda: "3,200 of 12,410 listings" in text_of(app))
            footer = text_of(app).splitlines()[-1]
            assert "esc stop" in footer
            assert "overview" not in footer
            assert "try again" not in footer
            await pilot.press("escape", "escape")
            await settle(pilot)
            assert isinstance(app.screen, HomeScreen)
            assert text_of(app).count("Loading stopped") == 1
            await pilot.press("enter")
            await until(pilot, lambda: "3,200 of 12,410 listings" in text_of(app))
            assert "Loading stopped" not in text_of(app)
            await pilot.press("escape")
            await settle(pilot)
            await pilot.press("g", "enter")
            await settle(pilot)
            assert isinstance(app.screen, ChannelScreen)
            assert "Loading stopped" not in text_of(app)
    finally:
        gate.set()


async def test_enter_on_a_line_of_readiness_goes_where_it_can_be_mended(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        for _ in range(6):
            await pilot.press("j")
        await settle(pilot)
        assert "enter go there" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "Kestrel Outdoor · Duplicates" in text_of(app)
        assert "only those left to do" in text_of(app)
        await pilot.press("1")
        await settle(pilot)
        assert "enter go there" in text_of(app)  # the cursor stays


async def test_what_another_process_loads_is_shown(make_app: MakeApp) -> None:
    app = make_app((summary(loaded_at=NOW - timedelta(hours=30)),), first="kestrel-outdoor")
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ChannelScreen)
        fake.channels = (summary(loaded_at=NOW),)
        screen.look()
        await settle(pilot)
        assert "loaded 30 h ago" in text_of(app)  # nothing has moved the mark
        fake.mark += 1
        screen.look()
        await settle(pilot)
        assert "loaded just now" in text_of(app)


async def test_a_mark_that_cannot_be_told_changes_nothing(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake = fake_of(app)
    fake.mark = -1
    async with app.run_test() as pilot:
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ChannelScreen)
        assert "1,151 SKUs" in text_of(app)
        reads: list[str] = []
        screen.overview_tab.changed = lambda: reads.append("read")  # type: ignore[method-assign]
        screen.look()
        await settle(pilot)
        assert reads == []
