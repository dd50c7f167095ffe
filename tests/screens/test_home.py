"""Sales channels: what is listed, what presenter mode hides, and where its keys lead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from supportdesk.core.channels import ChannelSummary
from supportdesk.desk import Desk, accounts
from supportdesk.paths import Home
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.connect import ConnectScreen
from supportdesk.screens.exports import ExportsScreen
from supportdesk.screens.home import HomeScreen, last_used
from supportdesk.screens.load import LoadScreen
from supportdesk.screens.program import SupportdeskApp
from supportdesk.settings import Settings
from tests.conftest import settle, text_of
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import KESTREL, NOW, OTHERS, many_channels, summary

pytestmark = pytest.mark.anyio


def home_of(app: SupportdeskApp) -> HomeScreen:
    assert isinstance(app.screen, HomeScreen)
    return app.screen


def test_the_account_used_last_is_that_of_the_newest_load() -> None:
    assert last_used(KESTREL + OTHERS) == "kestrel"
    newer = summary("x", account="other", loaded_at=NOW)
    assert last_used((*KESTREL, newer)) == "other"
    assert last_used((summary("y", account="first", loaded_at=None),)) == "first"
    assert last_used(()) is None


async def test_presenter_mode_hides_other_merchants(make_app: MakeApp) -> None:
    app = make_app(KESTREL + OTHERS)
    async with app.run_test(size=(200, 50)) as pilot:
        await settle(pilot)
        shown = text_of(app)
        assert "Kestrel Outdoor" in shown
        assert "Atelier" not in shown
        assert "Bean There" not in shown
        assert "2 stores hidden (presenter mode)" in shown
        assert "4 stores" in shown


@pytest.mark.parametrize(
    ("typed", "found"), [("atelier-nord", True), ("atelier-nor", False), ("Atelier", False)]
)
async def test_only_a_whole_handle_shows_another_merchant(make_app: MakeApp, typed: str, found: bool) -> None:
    app = make_app(KESTREL + OTHERS)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("slash", *("minus" if letter == "-" else letter for letter in typed))
        await settle(pilot)
        assert ("Atelier Nord" in text_of(app)) is found
        if found:
            await pilot.press("enter", "enter")
            await settle(pilot)
            assert isinstance(app.screen, ChannelScreen)
            await pilot.press("escape")
            await settle(pilot)
            await pilot.press("escape")
            await settle(pilot)
            assert "Atelier Nord" in text_of(app)
            assert "Kestrel" not in text_of(app)


async def test_the_palette_turns_presenter_mode_off(make_app: MakeApp) -> None:
    app = make_app(KESTREL + OTHERS)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press("colon", *"presenter", "enter")
        await settle(pilot)
        assert "Atelier Nord" in text_of(app)
        assert "hidden" not in text_of(app)


async def test_five_hundred_stores_make_rows_only_for_what_is_seen(make_app: MakeApp) -> None:
    app = make_app(many_channels(500))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.screen.query_one("WindowTable").virtual_size.height == 501
        assert "Store 0" in text_of(app)
        assert "500 stores" in text_of(app)


async def test_filtering(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("slash", *"outl")
        await settle(pilot)
        assert "Kestrel Outlet" in text_of(app)
        assert "Kestrel Outdoor" not in text_of(app)
        await pilot.press("q")  # text, not quit
        await settle(pilot)
        assert app.is_running
        assert "No store matches the filter." in text_of(app)
        await pilot.press("backspace", "enter")
        await settle(pilot)
        assert "filter: outl (1/4)" in text_of(app)
        assert home_of(app).table.has_focus
        await pilot.press("escape")
        await settle(pilot)
        assert "Kestrel Outdoor" in text_of(app)
        assert "filter:" not in text_of(app)


@pytest.mark.parametrize(
    ("key", "screen"), [("c", ConnectScreen), ("o", ExportsScreen), ("enter", ChannelScreen)]
)
async def test_keys_lead_to_screens_and_esc_back(make_app: MakeApp, key: str, screen: type) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert isinstance(app.screen, screen)
        await pilot.press("escape")
        await settle(pilot)
        home_of(app)
        await pilot.press("escape")
        await settle(pilot)
        home_of(app)


async def test_a_store_that_was_never_loaded_is_loaded_at_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("j", "j", "enter")
        await settle(pilot)
        assert isinstance(app.screen, LoadScreen)
        assert ("load", "kestrel-trade") in fake_of(app).calls
        assert "1,214 listings" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        assert "Before turning on" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        row = home_of(app).table.row
        assert row is not None
        assert row.key == "kestrel-trade"
        assert row.cells[-1] == "just now"


async def test_an_empty_list_offers_what_can_be_done(make_app: MakeApp) -> None:
    app = make_app(())
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "There is no store here yet." in text_of(app)
        assert "supportdesk demo" in text_of(app)
        await pilot.press("enter", "slash")
        await settle(pilot)
        home_of(app)


async def test_read_only_connects_nothing(make_app: MakeApp) -> None:
    app = make_app(read_only=True)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        home_of(app)
        assert "started read-only" in text_of(app)


async def test_copying_says_what(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert app.clipboard == "kestrel-outdoor"
        assert "Copied the handle: kestrel-outdoor" in text_of(app)
        await pilot.press("Y")
        await settle(pilot)
        assert app.clipboard.split("\t")[:3] == ["Kestrel Outdoor", "kestrel", "kestrel-outdoor"]


async def test_ages_are_drawn_anew_only_when_they_read_differently(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        home = home_of(app)
        home.refresh_ages()
        calls = []
        home.table.refresh_rows = lambda: calls.append(1)  # type: ignore[method-assign]
        home.refresh_ages()
        assert calls == []
        later = app.desk.now() + timedelta(minutes=5)
        object.__setattr__(app.desk, "now", lambda: later)
        home.refresh_ages()
        home.refresh_ages()
        assert calls == [1]


async def test_overridden_keys_work_and_the_old_ones_do_not(make_app: MakeApp) -> None:
    app = make_app(keys={"home.connect": ("n",), "presenter": ("P",)})
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "n connect a store" in text_of(app)
        await pilot.press("P")
        await settle(pilot)
        assert app.presenter is False
        await pilot.press("c")
        await settle(pilot)
        home_of(app)
        await pilot.press("n")
        await settle(pilot)
        assert isinstance(app.screen, ConnectScreen)


async def test_a_channel_of_the_command_line_does_not_pass_home(make_app: MakeApp) -> None:
    app = make_app(KESTREL + OTHERS, first="atelier-nord")
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, ChannelScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert "Atelier Nord" in text_of(app)
        assert "Kestrel" not in text_of(app)


async def test_an_empty_list_offers_neither_opening_nor_filtering(make_app: MakeApp) -> None:
    app = make_app(())
    async with app.run_test() as pilot:
        await settle(pilot)
        footer = text_of(app).splitlines()[-1]
        assert "c connect a store" in footer
        assert "enter" not in footer
        assert "filter" not in footer


@pytest.mark.parametrize("width", [80, 60])
@pytest.mark.parametrize(
    "title", ["Kestrel Outdoor", "A very long name of a store that sells tents and ropes"]
)
async def test_the_demo_says_what_enter_does_until_it_is_done(
    make_app: MakeApp, title: str, width: int
) -> None:
    first = summary(title=title, loaded_at=None, listings=None)
    app = make_app((first, KESTREL[1]), demo=True)
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        shown = " ".join(text_of(app).split())
        assert f"A pretend store: nothing here is real. Enter opens {title}." in shown
        assert "DEMO" in text_of(app).splitlines()[0]
        await pilot.press("j")
        await settle(pilot)
        assert "nothing here is real." in text_of(app)
        assert "Enter opens" not in text_of(app)
        await pilot.press("k", "enter")
        await settle(pilot)
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert home_of(app).table.row_key == first.handle
        assert "nothing here is real." in text_of(app)
        assert "Enter opens" not in text_of(app)


async def test_hidden_stores_say_how_to_be_seen(make_app: MakeApp) -> None:
    app = make_app(KESTREL + OTHERS)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert (
            "2 stores hidden (presenter mode): / and a whole handle shows one; the palette (ctrl+p) shows all"
            in " ".join(text_of(app).split())
        )


async def test_what_lies_below_another_screen_is_not_drawn_by_the_clock(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        home = app.screen
        assert isinstance(home, HomeScreen)
        drawn: list[str] = []
        home.refresh_ages = lambda: drawn.append("home")  # type: ignore[method-assign]
        home._pass_time()
        assert drawn == ["home"]
        await pilot.press("enter")
        await settle(pilot)
        home._pass_time()
        assert drawn == ["home"]


async def test_a_store_that_another_process_connects_appears_by_itself(make_app: MakeApp) -> None:
    app = make_app(KESTREL[:1], demo=True)
    async with app.run_test() as pilot:
        await settle(pilot)
        home, fake = home_of(app), fake_of(app)
        reads: list[int] = []
        told = fake.list_channels

        def counting() -> tuple[ChannelSummary, ...]:
            reads.append(1)
            return told()

        fake.list_channels = counting  # type: ignore[method-assign]
        home._see_news()
        await settle(pilot)
        reads.clear()
        home._see_news()
        await settle(pilot)
        assert not reads
        fake.channels = (KESTREL[1], KESTREL[0])
        home._see_news()
        await settle(pilot)
        assert reads == [1]
        assert KESTREL[1].title in text_of(app)
        assert home.table.row_key == KESTREL[0].handle, "the cursor stays on its store"


def test_the_mark_of_the_list_changes_with_it(tmp_path: Path) -> None:
    desk = Desk(Home(tmp_path), Settings())
    empty = accounts.index_mark(desk)
    for account in ("first", "second"):
        before = accounts.index_mark(desk)
        with accounts.opened(desk, account, create=True) as ledger:
            accounts.renew_index(desk, ledger)
        assert accounts.index_mark(desk) not in (before, empty)
