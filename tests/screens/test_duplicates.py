"""The Duplicates tab: what it shows, every key, decisions for one, marked and all shown groups, conflicts, hostile SKUs."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from supportdesk.core.duplicates import Choice
from supportdesk.errors import LedgerBusy, OutputLost, StoreBusy
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.decide import DecideScreen
from supportdesk.screens.duplicate_forms import NewSkusDialog
from supportdesk.screens.duplicate_words import GROUP_COLUMNS, listing_page
from supportdesk.screens.duplicates import DuplicatesTab
from supportdesk.screens.home import HomeScreen
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.save_file import SaveDialog, SaveTo
from supportdesk.widgets.dialogs import ConfirmDialog, ErrorDialog, TextPage, TypedConfirmDialog
from supportdesk.widgets.table import fit_columns
from tests.conftest import settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_duplicates import FakeDuplicates, FakeTable, many_groups
from tests.screens.fakes import HOSTILE, hostile_channels

pytestmark = pytest.mark.anyio


def tab_of(app: SupportdeskApp) -> DuplicatesTab:
    """The tab."""
    screen = next(screen for screen in app.screen_stack if isinstance(screen, ChannelScreen))
    tab = screen.tabs["duplicates"]
    assert isinstance(tab, DuplicatesTab)
    return tab


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each once the one before has had its effect."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def line_of(app: SupportdeskApp, text: str) -> str:
    """The line of the screen that holds a text."""
    return next(line for line in text_of(app).splitlines() if text in line)


async def test_the_list_and_the_listings_below(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "j")
        shown = text_of(app)
        for words in (
            "Kestrel Outdoor · Duplicates",
            "7 groups · 2 disagree · 6 to decide",
            "KO-TENT-2P              3       37       10       37       56  —",
            "shared?",
            "not needed",
            "── KO-TENT-2P",
            "if shared by oldest",
            "+27 at Main St",
            "+22 at Main St",
        ):
            assert words in shown, words
        assert line_of(app, "Ridge tent 2P  ").startswith("▸● ")
        assert shown.splitlines()[-1].startswith(
            " ? help  q quit  d decide  a accept shared?  esc back  space mark"
        )
        assert shown.index("KO-SOCK") < shown.index("KO-TENT") < shown.index("KO-MUG") < shown.index("KO-CAP")


async def test_the_cursor_brings_its_group(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2", "g", "j")
        tab = tab_of(app)
        assert tab.detail is not None
        assert tab.group is not None
        assert tab.detail.group.sku == tab.group.sku
        await press(pilot, "s")  # by SKU
        await pilot.press("j", "j")
        await settle(pilot)
        assert tab.group.sku == tab.detail.group.sku == "KO-MUG"
        assert "Also written ko-mug" in text_of(app)
        await press(pilot, "G")
        assert tab.detail.group.sku == "n/a"
        assert "probably not meant: a placeholder" in text_of(app)


@pytest.mark.parametrize(
    ("keys", "choice", "word"),
    [
        ("d o", Choice("shared", "oldest"), "oldest"),
        ("d l", Choice("shared", "lowest"), "lowest"),
        ("d h", Choice("shared", "highest"), "highest"),
        ("d plus", Choice("shared", "sum"), "sum"),
        ("d s", Choice("split"), "! split: to do"),
        ("d x", Choice("left_out"), "left out"),
        ("tab j d enter", Choice("shared", "listing", "listing-2001"), "listing"),
    ],
)
async def test_two_keys_decide(make_app: MakeApp, keys: str, choice: Choice, word: str) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", *keys.split())
        assert ("decide", choice, {"KO-SOCK": 0}) in fake_of(app).calls
        assert line_of(app, "KO-SOCK  ").rstrip().endswith(word)
        assert "KO-SOCK: " in text_of(app)
        # The next one to decide is under the cursor.
        group = tab_of(app).group
        assert group is not None
        assert group.sku == ("KO-SOCK" if choice.kind == "split" else "KO-TENT-2P")


async def test_a_decision_is_taken_back(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake_of(app).duplicates.decided("KO-SOCK", Choice("shared", "sum"))
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        await press(pilot, "d", "u")
        assert "Nothing was decided of this group." in text_of(app)
        await press(pilot, "slash", *"sock", "enter", "d", "u")
        assert fake_of(app).duplicates.decisions == {}
        assert line_of(app, "KO-SOCK  ").rstrip().endswith("—")


async def test_the_prompt_says_what_can_follow_and_esc_leaves_it(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "d")
        assert isinstance(app.screen, DecideScreen)
        assert "Decide KO-SOCK; esc cancels" in text_of(app)
        assert "o oldest 172   l lowest 132   h highest 172   + sum 304" in text_of(app)
        await press(pilot, "j", "m", "2", "question_mark")
        assert isinstance(app.screen, DecideScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, ChannelScreen)
        assert not [call for call in fake_of(app).calls if call[0] == "decide"]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50), (60, 20)])
async def test_the_prompt_covers_no_listing(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "2", "j", "d")
        assert isinstance(app.screen, DecideScreen)
        shown = text_of(app)
        for words in ("Ridge tent 2P (sale)", "Bundle deal: tent", "Decide KO-TENT-2P; esc cancels"):
            assert words in shown, words
        before = tab_of(app).query_one("#panels").styles.margin
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "Bundle deal: tent" in text_of(app)
        await press(pilot, "escape")
        assert before.bottom > 0
        assert tab_of(app).query_one("#panels").styles.margin.bottom == 0


async def test_the_prompt_names_the_marked_groups(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "space", "d")
        assert "Decide the marked KO-SOCK; esc cancels" in text_of(app)
        assert "o oldest 172   l lowest 132" in text_of(app)
        assert "this listing" not in text_of(app)  # the listings below are another group's
        await press(pilot, "enter")
        assert isinstance(app.screen, ChannelScreen)
        assert not [call for call in fake_of(app).calls if call[0] == "decide"]
        await press(pilot, "space", "d")
        assert "Decide 2 marked: KO-SOCK, KO-TENT-2P; esc cancels" in text_of(app)


async def test_the_end_of_the_prompt_is_never_cut(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake_of(app).duplicates.listings = many_groups(200)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", *["space"] * 20, "d")
        line = line_of(app, "Decide 20 marked: ")
        assert line.rstrip().endswith("…; esc cancels")


async def test_a_named_listing_that_is_not_stocked_everywhere_needs_a_second_answer(
    make_app: MakeApp,
) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "slash", *"lamp", "enter", "d", "enter")
        assert "not stocked at Main St, where others of this group are" in " ".join(text_of(app).split())
        assert "23 at Main St" in text_of(app)
        await press(pilot, "l", "l", "l", "ctrl+s")
        choice = Choice("shared", "listing", "listing-3000", "sum")
        assert ("decide", choice, {"KO-LAMP": 0}) in fake_of(app).calls


async def test_marked_groups_are_decided_after_the_effect_was_shown(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "space", "space")
        assert "2 marked" in text_of(app)
        assert line_of(app, "KO-SOCK ").startswith(" ● KO-SOCK")
        await press(pilot, "s", "s", "S", "s")  # marks stay by SKU, whatever the order
        assert tab_of(app).marked.keys() == {"KO-SOCK", "KO-TENT-2P"}
        await press(pilot, "d", "l")
        assert isinstance(app.screen, ConfirmDialog)
        said = " ".join(text_of(app).replace("│", " ").split())
        assert "2 groups: shared by lowest." in said
        assert "from 360 to 288 units in the store: 0 listings go up, 3 go down." in said
        assert not [call for call in fake_of(app).calls if call[0] == "decide"]
        await press(pilot, "left", "enter")
        assert ("decide", Choice("shared", "lowest"), {"KO-SOCK": 0, "KO-TENT-2P": 0}) in fake_of(app).calls
        assert "2 groups decided." in text_of(app)
        assert "marked" not in text_of(app)


async def test_cancel_decides_nothing_and_keeps_the_marks(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "space", "d", "x", "n")
        assert isinstance(app.screen, ChannelScreen)
        assert not fake_of(app).duplicates.decisions
        assert "1 marked" in text_of(app)
        await press(pilot, "escape")
        assert "marked" not in text_of(app)


async def test_all_that_is_shown_is_decided_as_seen(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake_of(app).duplicates.decided("KO-TENT-2P", Choice("left_out"))
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "f", "f", "D", "plus")  # those that disagree
        said = " ".join(text_of(app).replace("│", " ").split())
        assert "Decide 1 undecided group?" in said
        await press(pilot, "left", "enter")
        assert ("decide_filtered", Choice("shared", "sum"), "disagree", "", 1) in fake_of(app).calls
        decisions = fake_of(app).duplicates.decisions
        assert decisions["KO-SOCK"].choice == Choice("shared", "sum")
        assert decisions["KO-TENT-2P"].choice == Choice("left_out")
        await press(pilot, "D", "plus")
        assert "Every group that is shown is decided already." in text_of(app)


async def test_pre_marked_groups_are_accepted_in_one_keystroke(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "a")
        assert "2 groups accepted as shared." in text_of(app)
        assert set(fake_of(app).duplicates.decisions) == {"KO-MUG", "KO-STOVE"}
        assert "4 to decide" in text_of(app)
        await press(pilot, "a")
        assert "No undecided group is marked shared?" in text_of(app)


async def test_a_conflict_says_who_and_shows_what_is_there_now(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "space")
        fake_of(app).duplicates.decided("KO-SOCK", Choice("split"), who="noor")
        await press(pilot, "d", "o", "left", "enter")
        assert isinstance(app.screen, ErrorDialog)
        assert "noor decided meanwhile" in text_of(app)
        await press(pilot, "escape")
        assert "! split: to do" in line_of(app, "KO-SOCK ")
        await press(pilot, "d", "o", "left", "enter")  # seen now, so it may be overruled
        assert fake_of(app).duplicates.decisions["KO-SOCK"].choice == Choice("shared", "oldest")


async def test_what_another_agent_decides_is_shown(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        fake = fake_of(app)
        fake.duplicates.decided("KO-SOCK", Choice("left_out"), who="noor")
        fake.mark += 1
        screen = app.screen
        assert isinstance(screen, ChannelScreen)
        screen.look()
        await settle(pilot)
        assert "left out: noor, 5 min ago" in text_of(app)
        assert "7 groups · 2 disagree · 5 to decide" in text_of(app)
        fake.duplicates.decided("KO-MUG", Choice("split"), who="noor")
        fake.mark += 1
        screen.look()
        await settle(pilot)
        # As the readiness of the Overview counts them.
        assert "7 groups · 2 disagree · 4 to decide · 1 to split" in text_of(app)
        # Another tab reads again only when it is shown.
        reads = len([call for call in fake.calls if call[0] == "open_duplicates"])
        await press(pilot, "1")
        fake.mark += 1
        screen.look()
        await settle(pilot)
        assert len([call for call in fake.calls if call[0] == "open_duplicates"]) == reads
        await press(pilot, "2")
        assert len([call for call in fake.calls if call[0] == "open_duplicates"]) == reads + 1


async def test_filters_orders_and_the_way_back(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "slash", *"MUG", "enter")
        assert "filter: MUG (1/7)" in text_of(app)
        assert "KO-STOVE" not in text_of(app)
        await press(pilot, "f")
        assert "only those left to do" in text_of(app)
        await press(pilot, "f")
        assert "No group matches the filter." in text_of(app)
        await press(pilot, "escape")
        assert "only those that disagree" in text_of(app)
        assert "filter:" not in text_of(app)
        await press(pilot, "escape", "s", "s")
        assert "by listings" in text_of(app)
        assert fake_of(app).calls[-1] == ("open_duplicates", "all", "", "listings", None)
        await press(pilot, "S")
        assert fake_of(app).calls[-1] == ("open_duplicates", "all", "", "listings", False)
        await press(pilot, "S")
        assert fake_of(app).calls[-1] == ("open_duplicates", "all", "", "listings", True)
        await press(pilot, "escape")
        assert isinstance(app.screen, HomeScreen)


async def test_a_preview_decides_nothing(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2", "j")
        tab = tab_of(app)
        seen = []
        for _ in range(5):
            await press(pilot, "p")
            assert tab.detail is not None
            seen.append(tab.choice_looked_at(tab.detail).counts_of)
        assert seen == ["lowest", "highest", "sum", "listing", "oldest"]
        await press(pilot, "p", "p", "p", "p", "tab", "j")
        assert "if shared by Ridge tent 2P (sale)" in text_of(app)
        assert "-27 at Main St" in text_of(app)
        assert not fake_of(app).duplicates.decisions


async def test_one_listing_whole(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "enter", "j", "enter")
        assert isinstance(app.screen, TextPage)
        assert "12 → 52 (+40)" in text_of(app)
        await press(pilot, "escape", "k", "k")
        assert tab_of(app).table.has_focus


def test_a_long_location_has_its_number_below_it() -> None:
    detail = FakeDuplicates().detail("KO-TENT-2P")
    names = {1: "Main St", 2: "倉庫" * 20}
    places = tuple(replace(place, name=names.get(place.id, place.name)) for place in detail.locations)
    lines = listing_page(detail.listings[0], replace(detail, locations=places), Choice("shared", "oldest"))
    texts = [line.plain for line in lines]
    at = texts.index("倉庫" * 20)
    assert texts[at + 1].startswith(" " * 19)
    assert texts[at + 1].strip().isdecimal()
    assert "Main St            31" in texts


@pytest.mark.parametrize("width", [58, 60, 70, 80, 120])
def test_a_group_can_be_told_at_every_width(width: int) -> None:
    fitted = fit_columns(GROUP_COLUMNS, width - 3)
    titles = {column.title: size for _, column, size in fitted}
    assert titles["SKU"] >= 12
    assert {"oldest", "lowest", "highest", "decision"} <= titles.keys()
    assert ("sum" in titles) == (width >= 80)
    assert sum(titles.values()) + 2 * (len(fitted) - 1) <= width - 3


async def test_notes_are_hidden_in_presenter_mode(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake_of(app).duplicates.decided("KO-TENT-2P", Choice("left_out"), note="asked the owner")
    async with app.run_test(notifications=True, size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2", "slash", *"tent", "enter")
        assert "left out: mia" in text_of(app)
        assert "asked the owner" not in text_of(app)
        await press(pilot, "n")
        assert "Presenter mode hides notes" in text_of(app)
        app.action_presenter()
        await settle(pilot)
        assert "Note: asked the owner" in text_of(app)
        await press(pilot, "n", "end", "exclamation_mark", "enter")
        assert fake_of(app).duplicates.decisions["KO-TENT-2P"].note == "asked the owner!"
        assert "Note: asked the owner!" in text_of(app)


async def test_read_only_changes_nothing(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor", read_only=True)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        for key in ("d", "D", "a", "n", "i"):
            await press(pilot, key)
            assert "read-only, so it changes nothing" in text_of(app), key
            app.clear_notifications()
        app.run_command_id("decide.oldest")
        await settle(pilot)
        assert not fake_of(app).duplicates.decisions


async def test_no_group_at_all(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake_of(app).duplicates.listings = {}
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        assert "No two listings share a SKU." in text_of(app)
        for key in ("d", "space", "enter", "p", "n", "i", "y", "m", "a", "D"):
            await press(pilot, key)
        assert isinstance(app.screen, ChannelScreen)


async def test_what_cannot_be_read_is_said_and_can_be_tried_again(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        fake_of(app).fail = LedgerBusy("Another process holds the file.", "Try again in a moment.")
        await press(pilot, "2")
        assert isinstance(app.screen, ErrorDialog)
        fake_of(app).fail = None
        await press(pilot, "left", "enter")
        assert "7 groups" in text_of(app)


async def test_a_channel_never_loaded_has_no_other_tabs(make_app: MakeApp) -> None:
    from tests.screens.fakes import summary

    app = make_app((summary(loaded_at=None),), first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        screen = next(screen for screen in app.screen_stack if isinstance(screen, ChannelScreen))
        assert screen.reason_disabled("tabs.duplicates") is not None
        await press(pilot, "enter", "2")
        assert tab_of(app).summary is not None


async def test_a_click_on_a_tab(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.click("TabLine", offset=(16, 0))
        await settle(pilot)
        assert "· Duplicates" in text_of(app)
        await press(pilot, "j", "1")
        assert "Before turning on" in text_of(app)
        await press(pilot, "2")
        assert tab_of(app).table.cursor == 1  # kept, with its cursor


async def test_old_lists_are_let_go_of(make_app: MakeApp) -> None:
    FakeTable.open_tables = 0
    app = make_app(first="kestrel-outdoor")
    fake_of(app).duplicates.listings = many_groups(1_500)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "G", "slash")
        await pilot.press(*"00012")
        await settle(pilot)
        assert "filter: " in text_of(app) or tab_of(app).filter_line.text == "00012"
        assert tab_of(app).table.source.count() == 1
        await press(pilot, "enter", "escape", "s", "f")
        assert FakeTable.open_tables == 1
    assert FakeTable.open_tables == 0


@pytest.mark.parametrize("sku", ["-X", " spaced ", "two\nlines", "'quoted", "--help", HOSTILE[1], HOSTILE[4]])
async def test_a_hostile_sku_is_decided_as_it_is(make_app: MakeApp, sku: str) -> None:
    app = make_app(hostile_channels(), first="hostile-0", hostile=True)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        tab = tab_of(app)
        place = [group.sku for group in fake_of(app).duplicates.shown()].index(sku)
        await press(pilot, *["j"] * place)
        assert tab.group is not None
        assert tab.group.sku == sku
        await press(pilot, "d", "h")
        assert fake_of(app).duplicates.decisions[sku].choice == Choice("shared", "highest")
        assert ("decide", Choice("shared", "highest"), {sku: 0}) in fake_of(app).calls
        assert all(line.isprintable() for line in text_of(app).splitlines())


@pytest.mark.parametrize("tab", ["2", "4"])
async def test_the_footer_says_what_keys_do_while_a_filter_is_typed(make_app: MakeApp, tab: str) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, tab, "slash", "x", "space")
        said = text_of(app).splitlines()[-1].rstrip()
        assert said == " f1 help  ctrl+q quit  enter keep filter  esc clear filter"
        await press(pilot, "escape")
        assert "? help  q quit" in text_of(app).splitlines()[-1]


async def test_typing_a_filter_gives_no_command(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "slash", "d", "o", "a", "2", "space", "m")
        assert app.screen.query_one("DuplicatesTab FilterLine Input", Input).value == "doa2 m"
        assert not fake_of(app).duplicates.decisions


async def test_copying(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "y")
        assert app.clipboard == "KO-SOCK"
        await press(pilot, "Y")
        assert app.clipboard.startswith("KO-SOCK\tHeavy hiking socks\t3\t172")
        await press(pilot, "tab", "j", "y")
        assert app.clipboard == "listing-2001"


async def test_what_is_shown_is_exported_to_a_named_file(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "f", "E")
        assert "6 groups with decisions, written" in " ".join(text_of(app).split())
        await press(pilot, "enter")
        target = folder / "kestrel-outdoor-duplicates.csv"
        assert fake_of(app).calls[-1] == ("save", SaveTo(target, False), "to_decide", "", "worst", False)
        target.write_text("mine")
        await press(pilot, "E", "enter")
        assert "is already there. Enter again replaces it." in " ".join(
            text_of(app).replace("│", " ").split()
        )
        await press(pilot, "enter")
        assert fake_of(app).calls[-1][1] == SaveTo(target, True)
        assert "Wrote 6 lines to" in text_of(app)


async def test_a_wrong_ending_is_said_in_the_form(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "E", *"x", "enter")
        assert isinstance(app.screen, SaveDialog)
        said = " ".join(text_of(app).replace("│", " ").split())
        assert "ends in neither .csv nor .json, so it is not clear what to write. Give it one" in said
        assert app.screen.query_one(Input).value.endswith("kestrel-outdoor-duplicates.csvx")
        await press(pilot, "backspace", "enter")
        assert fake_of(app).calls[-1][0] == "save"


async def test_a_file_that_cannot_be_written_is_asked_for_again(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(first="kestrel-outdoor")
    fake = fake_of(app)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        save = fake.save_duplicates

        def lost(*_: object, **__: object) -> int:
            raise OutputLost("It cannot be written: [b]No[/b] such folder.", "Name another.")

        monkeypatch.setattr(fake, "save_duplicates", lost)
        await press(pilot, "2", "E", *["left"] * 4, *"-2", "enter")
        monkeypatch.setattr(fake, "save_duplicates", save)
        assert isinstance(app.screen, SaveDialog)
        assert app.screen.query_one(Input).value == str(tmp_path / "kestrel-outdoor-duplicates-2.csv")
        assert "cannot be written: [b]No[/b] such folder. Name another." in " ".join(
            text_of(app).replace("│", " ").split()
        )
        await press(pilot, "enter")
        assert "Wrote 7 lines" in text_of(app)


async def test_the_store_is_asked_again_and_esc_stops_it(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake = fake_of(app)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "j", "r")
        assert ("read_again", "KO-TENT-2P") in fake.calls
        assert "KO-TENT-2P was read again: 3 listings." in text_of(app)
        gate = fake.gate = threading.Event()
        try:
            await pilot.press("r")
            await until(pilot, lambda: "The store asks us to wait 12 s" in text_of(app))
            await pilot.press("d")
            await pilot.pause()
            assert isinstance(app.screen, ChannelScreen)
            assert "The store is being asked" in text_of(app)
            assert app.screen.in_progress
            await pilot.press("escape")
            await settle(pilot)
            assert "Stopped; everything is as it was." in text_of(app)
            assert not app.screen.in_progress
        finally:
            gate.set()


async def test_an_error_of_the_store_is_a_dialog(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2")
        gate = fake_of(app).gate = threading.Event()
        await pilot.press("r")
        await until(pilot, lambda: "to wait 12 s" in text_of(app))
        fake_of(app).fail = StoreBusy("It answered `later` for 5 min.", "Try again in a while.")
        gate.set()
        await settle(pilot)
        fake_of(app).fail = None
        assert "It answered `later` for 5 min." in text_of(app)
        while isinstance(app.screen, ErrorDialog):
            await press(pilot, "escape")
        await press(pilot, "r")
        assert isinstance(app.screen, ChannelScreen)


async def test_a_listing_gets_its_own_sku_after_the_handle_was_typed(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "tab", "j", "i")
        assert "Heavy hiking socks (M / sale)" in text_of(app)
        await press(pilot, "enter")
        assert "A SKU is missing." in text_of(app)
        await press(pilot, *"KO-SOCK", "enter")
        assert "That is the SKU it has." in text_of(app)
        await press(pilot, "minus", "2", "enter")
        assert isinstance(app.screen, TypedConfirmDialog)
        assert "KO-SOCK → KO-SOCK-2" in text_of(app)
        await press(pilot, *"kestrel", "enter")
        assert isinstance(app.screen, TypedConfirmDialog)
        assert not [call for call in fake_of(app).calls if call[0] == "own_sku"]
        await press(pilot, *"-outdoor", "enter")
        assert ("own_sku", "listing-2001", "KO-SOCK-2", "kestrel-outdoor") in fake_of(app).calls
        assert "has the SKU KO-SOCK-2 now" in text_of(app)
        assert line_of(app, "KO-SOCK  ").split()[-1] == "needed"


async def test_a_split_group_says_what_to_do_next_and_its_listings_get_skus(make_app: MakeApp) -> None:
    """The natural way: split it, do what the screen then says, type the handle once for all that follows."""
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        assert "i new SKUs" not in text_of(app)
        await press(pilot, "d", "s")
        assert "KO-SOCK: split; i gives its listings new SKUs." in text_of(app)
        assert "i new SKUs" in text_of(app).splitlines()[-1]
        await press(pilot, "i")
        assert isinstance(app.screen, NewSkusDialog)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, TypedConfirmDialog)
        assert "KO-SOCK → KO-SOCK-2" in text_of(app)
        await press(pilot, *"kestrel-outdoor", "enter")
        assert ("own_sku", "listing-2001", "KO-SOCK-2", "kestrel-outdoor") in fake_of(app).calls
        assert "KO-SOCK: 1 listing has its own SKU now." in text_of(app)
        await press(pilot, "g", "d", "s", "i")
        assert isinstance(app.screen, NewSkusDialog)
        sku = app.screen.sku
        await press(pilot, "ctrl+u", "ctrl+s")
        assert isinstance(app.screen, ConfirmDialog)
        await press(pilot, "enter")
        given = [call for call in fake_of(app).calls if call[0] == "own_sku"]
        assert len(given) > 1
        assert str(given[-1][2]).startswith(sku)


@pytest.mark.parametrize(
    ("typed", "says"),
    [(["ctrl+u"], "type another SKU for all but one"), (["ctrl+u", *"KO-MUG"], "")],
)
async def test_new_skus_that_are_none(make_app: MakeApp, typed: list[str], says: str) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "d", "s", "i", *typed, "ctrl+s")
        assert says in " ".join(text_of(app).replace("│", "").split())
        assert isinstance(app.screen, NewSkusDialog) == bool(says)


async def test_a_sku_that_is_taken_is_refused(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2", "i", *"KO-MUG", "enter", *"kestrel-outdoor", "enter")
        assert isinstance(app.screen, ErrorDialog)
        assert "KO-MUG is another listing's SKU already." in text_of(app)


async def test_files_are_neither_asked_nor_changed(make_app: MakeApp) -> None:
    app = make_app(first="spring-list")
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        for key in ("r", "i"):
            await press(pilot, key)
            assert "These are export files" in text_of(app)
            app.clear_notifications()


async def test_nothing_moves_below_a_dialog(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "2", "space", "d", "x")
        assert isinstance(app.screen, ConfirmDialog)
        below = app.screen_stack[-2]
        assert isinstance(below, ChannelScreen)
        fake.duplicates.decided("KO-TENT-2P", Choice("left_out"), who="noor")
        fake.mark += 1
        reads = len([call for call in fake.calls if call[0] == "open_duplicates"])
        below.look()
        await settle(pilot)
        assert len([call for call in fake.calls if call[0] == "open_duplicates"]) == reads
        await press(pilot, "escape")
        below.look()
        await settle(pilot)
        assert "left out" in line_of(app, "KO-TENT-2P ")
