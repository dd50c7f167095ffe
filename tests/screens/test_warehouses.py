"""The Warehouses tab: every key, the forms, refusals and conflicts, findings, empty and hostile stores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Button, Input

from supportdesk.core.catalog import Location
from supportdesk.core.connections import Evidence, LocationLine
from supportdesk.core.progress import Watch
from supportdesk.errors import Conflict, LedgerBusy, Refused
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.link import LinkDialog, WarehouseDialog, code_for
from supportdesk.screens.load import LoadScreen
from supportdesk.screens.meanings import MEANINGS
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.save_file import SaveTo
from supportdesk.screens.warehouses import WarehousesTab
from supportdesk.widgets.dialogs import ConfirmDialog, ErrorDialog, TextPage
from tests.conftest import a_share, actions_of, settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_inventory import DEPOT, FakeInventory
from tests.screens.fakes import HOSTILE, KESTREL, hostile_channels, summary

pytestmark = pytest.mark.anyio

FIRST = "kestrel-outdoor"


async def shown(pilot: Pilot[None], *keys: str) -> str:
    """What stands on the screen after those keys on the tab, settled after each."""
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return text_of(pilot.app)


def tab_of(app: SupportdeskApp) -> WarehousesTab:
    """The tab."""
    return (
        app.query_one(WarehousesTab)
        if not isinstance(app.screen, ChannelScreen)
        else app.screen.query_one(WarehousesTab)
    )


def changes_of(app: SupportdeskApp) -> list[tuple[object, ...]]:
    """What was asked of the desk that changes something."""
    asked = ("link", "unlink", "set_master", "swap", "accept_suggestions", "add_warehouse")
    return [call for call in fake_of(app).calls if call[0] in asked]


async def test_the_tab_says_it_all(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(200, 50)) as pilot:
        text = await shown(pilot, "3")
        for words in (
            "5 locations · 1 inactive · 2 unlinked (1 to decide) · 1 suggested: A links it",
            "! Main Street and Depot look crossed: 31 of 1,040 counts agree",
            "12 of 598 counts agree; 598 of 640 SKUs are in both; names differ.",
            "DEPOT (Depot) fits better: 392 of 601 counts agree there. Press s",
            "Kestrel Outlet: Depot",
            "inactive",
        ):
            assert words in text, words


async def test_the_panel_follows_the_cursor(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        text = await shown(pilot, "3", "j")
        assert "── Main Street ─" in text
        assert "Also on it: Kestrel Outlet: Depot (Sumtracker is master)" in text
        text = await shown(pilot, "j")
        assert "RETURNS (Returns cage) may fit: 20 of 24 counts agree" in text
        text = await shown(pilot, "j")
        assert "Stays unlinked" in text
        text = await shown(pilot, "j")
        assert "Inactive in the store" in text


async def test_a_finding_leads_to_its_location(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "G", "j", "j")
        tab = tab_of(app)
        assert tab.finding_list.has_focus
        assert tab.finding is not None
        assert tab.finding.id == "unlinked_sells"
        assert tab.line is not None
        assert tab.line.location.name == "Pop-up van"
        text = await shown(pilot, "enter")
        assert tab.table.has_focus
        assert "▸ !  Pop-up van" in text
        await shown(pilot, "tab", "j", "enter")
        assert tab.finding_list.has_focus, "that finding is about no location"


async def test_swapping_a_crossed_pair_in_one_keystroke(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        text = await shown(pilot, "3", "s")
        assert changes_of(app) == [("swap", 1, 2, {1: 11, 2: 12})]
        assert "Swapped: 43 → 1,204 counts agree." in text
        assert "look crossed" not in text
        text = await shown(pilot, "s")
        assert "No pair looks crossed" in text
        assert len(changes_of(app)) == 1


async def test_linking_by_the_form(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await shown(pilot, "3", "j", "j", "enter")
        assert isinstance(app.screen, LinkDialog)
        assert app.screen.places.row_key == "3", "the suggested warehouse is under the cursor"
        assert "20 of 24        fits" in text_of(app)
        await shown(pilot, "enter", "right")
        assert "is ever written to the store here" in text_of(app)
        text = await shown(pilot, "ctrl+s")
        assert changes_of(app) == [("link", 5, 3, "shopify", None, None, False, 0)]
        assert "Pop-up van is linked to RETURNS (Returns cage)." in text


async def test_two_locations_on_one_warehouse_are_asked_whose_count(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(120, 36)) as pilot:
        await shown(pilot, "3", "j", "j", "enter", "k")
        assert isinstance(app.screen, LinkDialog)
        assert app.screen.places.row_key == "2"
        assert "Main Street is on this warehouse too" in text_of(app)
        assert "40,532" in text_of(app), "the sum of both"
        await shown(pilot, "enter", "enter", "j", "j")
        await shown(pilot, "ctrl+s")
        assert changes_of(app) == [("link", 5, 2, "sumtracker", "other", 1, False, 0)]


@pytest.mark.parametrize(
    ("downs", "counts", "counts_of"),
    [(0, None, None), (1, "this", None), (2, "other", 1), (3, "sum", None)],
)
async def test_whose_count(make_app: MakeApp, downs: int, counts: str | None, counts_of: int | None) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "j", "j", "enter", "k", "enter", "enter", *["j"] * downs, "ctrl+s")
        assert changes_of(app) == [("link", 5, 2, "sumtracker", counts, counts_of, False, 0)]


async def test_a_new_warehouse_is_made_while_linking(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "j", "j", "enter", "G", "enter")
        assert "Pop-up van" in text_of(app)
        await shown(pilot, "enter", "enter", "enter", "enter")
        assert changes_of(app) == [
            ("add_warehouse", "kestrel", "POP", "Pop-up van", "", "Leeds", "GB"),
            ("link", 5, 4, "sumtracker", None, None, False, 0),
        ]


async def test_a_refused_link_leaves_the_form_and_makes_no_warehouse_twice(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "j", "j", "enter", "G")
        made = fake.add_warehouse

        def made_then_refused(*args: str, **more: str) -> object:
            new = made(*args, **more)
            fake.fail = Refused("Pop-up van is busy.", "Wait a little.")
            return new

        fake.add_warehouse = made_then_refused  # type: ignore[method-assign,assignment]
        text = await shown(pilot, "ctrl+s")
        assert isinstance(app.screen, LinkDialog)
        assert "✗ Pop-up van is busy. Wait a little." in text
        assert app.screen.places.row_key == "4", "the new warehouse is one of the list now"
        fake.fail = None
        await shown(pilot, "ctrl+s")
        assert [call[0] for call in changes_of(app)] == ["add_warehouse", "link", "link"]
        assert len(app.screen_stack) == 2, "the form is closed"


async def test_a_proposal_is_free_and_typing_takes_its_place(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        text = await shown(pilot, "3", "j", "enter", "G")
        assert "Main Street" in text
        code = app.screen.query_one("#code Input", Input)
        assert code.value == "MAIN-STREET"  # MAIN is another warehouse's
        await shown(pilot, "enter", *"SHOP", "enter", "home", *"My ")
        await shown(pilot, "ctrl+s")
        assert changes_of(app)[0][:4] == ("add_warehouse", "kestrel", "SHOP", "My Main Street")


async def test_what_fits_and_who_is_there_is_seen_whole(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        text = await shown(pilot, "3", "enter")
        assert "12 of 598       now" in text
        assert "392 of 601      fits; also" in text


async def test_a_service_is_linked_only_when_one_insists(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        text = await shown(pilot, "3", "j", "j", "j", "enter")
        assert "Master" not in text
        assert "new warehouse" not in text
        assert app.screen.query_one("#submit", Button).disabled
        text = await shown(pilot, "ctrl+s")
        assert "It stays unlinked unless you choose to link it all the same." in text
        assert changes_of(app) == []
        await shown(pilot, "right", "ctrl+s")
        assert changes_of(app) == [
            ("add_warehouse", "kestrel", "SHIPFAST", "ShipFast Fulfilment", "", "", "NL"),
            ("link", 4, 4, "sumtracker", None, None, True, 3),
        ]


async def test_one_insists_on_a_service_in_the_same_way_while_sync_is_on(make_app: MakeApp) -> None:
    """The form leads to no plan that is sure to be refused, and makes no warehouse for one; else the plan has the answer."""
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "j", "j", "j", "enter")
        asked = app.screen
        assert isinstance(asked, LinkDialog)
        asked.plans = True
        text = await shown(pilot, "ctrl+s")
        assert "It stays unlinked unless you choose to link it all the same." in text
        assert (app.screen is asked, asked.planned, changes_of(app)) == (True, None, [])
        await shown(pilot, "right", "ctrl+s")
        assert (app.screen is asked, asked.planned) == (False, (4, "sumtracker", False, True))
        assert [change[0] for change in changes_of(app)] == ["add_warehouse"]


@pytest.mark.parametrize(("sync", "linked"), [("off", " enter change "), ("on", "")])
async def test_enter_is_named_after_what_it_does_to_the_location(
    make_app: MakeApp, sync: str, linked: str
) -> None:
    app = make_app((summary(sync=sync), *KESTREL[1:]), first=FIRST)
    async with app.run_test() as pilot:
        *_, footer = (await shown(pilot, "3")).splitlines()
        assert (linked in footer, " link " in footer) == (True, False)
        *_, footer = (await shown(pilot, "j", "j")).splitlines()
        assert " enter link " in footer


async def test_unlinking(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await shown(pilot, "3", "u")
        assert isinstance(app.screen, ConfirmDialog)
        assert "neither read nor written" in text_of(app)
        await shown(pilot, "escape")
        assert changes_of(app) == []
        text = await shown(pilot, "u", "shift+tab", "enter")
        assert changes_of(app) == [("unlink", 2, True, 12)]
        assert "Depot stays unlinked" in text
        text = await shown(pilot, "u")
        assert changes_of(app)[1:] == [("unlink", 2, False, 21)]
        assert "Depot: nothing is said any more" in text
        await shown(pilot, "u")
        assert changes_of(app)[2:] == [("unlink", 2, True, 0)]


async def test_a_master_that_may_not_be_is_refused_before_it_is_asked(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test() as pilot:
        await settle(pilot)
        await shown(pilot, "3")

        def judge_master(*_: object, **__: object) -> None:
            raise Refused(
                "With Shopify as master DEPOT may have this one connection.", "Choose another warehouse."
            )

        fake_of(app).judge_master = judge_master  # type: ignore[method-assign]
        text = await shown(pilot, "t")
        assert "DEPOT may have this one connection" in text
        assert "Make Shopify the master" not in text
        await shown(pilot, "enter")
        assert changes_of(app) == []


async def test_setting_the_master_says_what_it_means(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await shown(pilot, "3", "t")
        assert isinstance(app.screen, ConfirmDialog)
        assert "Make Shopify the master at Depot?" in text_of(app)
        text = await shown(pilot, "shift+tab", "enter")
        assert changes_of(app) == [("set_master", 2, "shopify", 12)]
        assert "Shopify is master at Depot." in text
        await shown(pilot, "t")
        assert "Make Sumtracker the master at Depot?" in text_of(app)
        await shown(pilot, "escape", "j", "j")
        text = await shown(pilot, "t")
        assert "Only a linked location has a master" in text


async def test_suggestions_are_accepted_one_and_all(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        text = await shown(pilot, "3", "a")
        assert "This pair is crossed: s swaps both at once." in text
        await shown(pilot, "A")
        assert changes_of(app) == [("accept_suggestions", FIRST)]
        assert "1 location linked as suggested." in text_of(app)
        text = await shown(pilot, "A")
        assert "No location that is still to be answered has" in text


async def test_one_suggestion_is_accepted(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "j", "j", "a")
        assert changes_of(app) == [("link", 5, 3, "sumtracker", None, None, False, 0)]
        await shown(pilot, "a")
        assert len(changes_of(app)) == 1


async def test_making_a_warehouse(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await shown(pilot, "3", "w")
        assert isinstance(app.screen, WarehouseDialog)
        text = await shown(pilot, "ctrl+s")
        assert "A warehouse needs a code." in text
        await shown(pilot, *"MAIN", "ctrl+s")
        assert "There is a warehouse MAIN already. Choose another code." in text_of(app)
        text = await shown(pilot, "2", "enter", *"Shed", "ctrl+s")
        assert changes_of(app)[-1] == ("add_warehouse", "kestrel", "MAIN2", "Shed", "", "", "")
        assert "MAIN2 (Shed) is there now" in text


async def test_no_key_overtakes_what_is_typed(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "w")
        for character in "A-LONG-CODE":
            app.post_message(events.Key(character.lower(), character))
        app.post_message(events.Key("ctrl+s", None))
        await until(pilot, lambda: changes_of(app))
        assert changes_of(app)[0][:3] == ("add_warehouse", "kestrel", "A-LONG-CODE")


async def test_a_refusal_shows_reason_and_next_step_and_reads_again(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3")
        fake_of(app).fail = Conflict("mia linked Depot to RETURNS at 14:29.", "Look again, then decide.")
        await pilot.press("s")
        await pilot.pause()
        await settle(pilot)
        fake_of(app).fail = None
        assert isinstance(app.screen, ErrorDialog)
        assert "It was changed meanwhile" in text_of(app)
        assert "mia linked Depot to RETURNS at 14:29." in text_of(app)
        assert "Look again, then decide." in text_of(app)


async def test_after_a_conflict_the_newest_is_shown(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await shown(pilot, "3")

        def conflict(*args: object, **more: object) -> object:
            fake.inventory.put(2, DEPOT, "sumtracker")
            raise Conflict("mia linked Depot to DEPOT at 14:29.", "Look again.")

        fake.swap = conflict  # type: ignore[method-assign,assignment]
        await shown(pilot, "s", "escape")
        tab = tab_of(app)
        assert tab.view is not None
        line = tab.view.lines[0]
        assert line.connection is not None
        assert line.connection.warehouse == DEPOT
        assert tab.reason_disabled("warehouses.new_warehouse") is None, "nothing is being saved any more"


async def test_another_agent_s_change_is_seen(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "j", "j")
        fake.inventory.put(5, DEPOT, "sumtracker")
        fake.mark += 1
        assert isinstance(app.screen, ChannelScreen)
        app.screen.look()
        text = await shown(pilot)
        assert "▸    Pop-up van" in text
        assert "3 findings" not in text


@pytest.mark.parametrize("key", ["u", "t", "s", "a", "A", "w", "enter"])
async def test_read_only(make_app: MakeApp, key: str) -> None:
    app = make_app(first=FIRST, read_only=True)
    async with app.run_test(notifications=True) as pilot:
        text = await shown(pilot, "3", "j", "j", key)
        assert "read-only" in text
        assert changes_of(app) == []
        assert isinstance(app.screen, ChannelScreen)


async def test_an_inactive_location_cannot_be_linked(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        for key in ("enter", "u"):
            text = await shown(pilot, "3", "G", key)
            assert "An inactive location cannot be linked" in text
        assert changes_of(app) == []


async def test_a_location_closed_since_it_was_linked_can_be_unlinked(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    fake.inventory.put(3, DEPOT, "sumtracker")
    async with app.run_test() as pilot:
        text = await shown(pilot, "3", "G")
        assert "It is still linked to DEPOT: press u to unlink it." in text
        await shown(pilot, "u", "shift+tab", "enter")
        assert changes_of(app) == [("unlink", 3, True, 21)]


async def test_no_warehouse_yet(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    line = LocationLine(Location(1, "Main Street"), 40, 12, None)
    fake_of(app).inventory = FakeInventory(lines=(line,), warehouses=(), findings=())
    async with app.run_test() as pilot:
        text = await shown(pilot, "3")
        assert text.splitlines()[2].rstrip().endswith("1 location · 1 unlinked")
        assert "There is no warehouse yet: w makes one" in text
        text = await shown(pilot, "enter")
        assert "new warehouse" in text
        await shown(pilot, "ctrl+s")
        assert [call[0] for call in changes_of(app)] == ["add_warehouse", "link"]


async def test_no_location(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake_of(app).inventory = FakeInventory(lines=(), findings=())
    async with app.run_test(notifications=True) as pilot:
        text = await shown(pilot, "3", "enter")
        assert "The store has no location, so there is nothing to link." in text
        assert "There is no location to link." in text


async def test_what_cannot_be_read_is_said(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        fake_of(app).fail = LedgerBusy("Another process holds the file.", "Try again in a moment.")
        text = await shown(pilot, "3")
        assert "Another process holds the file." in text
        await shown(pilot, "escape")
        assert "The locations could not be read." in text_of(app)


async def test_nothing_is_claimed_of_locations_that_were_not_read(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        fake_of(app).fail = LedgerBusy("Another process holds the file.", "Try again in a moment.")
        text = await shown(pilot, "3", "escape", "s")
        assert "The locations have not been read yet." in text
        assert "No pair looks crossed" not in text


async def test_copying(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3", "y")
        assert app.clipboard == "Depot"
        await shown(pilot, "Y")
        assert app.clipboard.split("\t")[1:4] == ["Depot", "own", "20886"]
        await shown(pilot, "tab", "y")
        assert app.clipboard.startswith("Main Street and Depot look crossed")


async def test_exporting(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = make_app(first=FIRST)
    written: list[tuple[str, SaveTo]] = []

    def save(name: str, to: SaveTo, watch: Watch) -> int:
        written.append((name, to))
        return 5

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fake_of(app), "save_connections", save)
    async with app.run_test(notifications=True) as pilot:
        await shown(pilot, "3", "E")
        text = await shown(pilot, "enter")
        assert written == [(FIRST, SaveTo(tmp_path / "kestrel-outdoor-connections.csv", replace=False))]
        assert "Wrote 5 lines" in text


async def test_meanings(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(size=(120, 36)) as pilot:
        for downs, subject in ((0, "sumtracker_master"), (2, "unlinked"), (4, "inactive_locations")):
            text = await shown(pilot, "3", "g", *["j"] * downs, "m")
            assert isinstance(app.screen, TextPage)
            assert MEANINGS[subject][0][:40] in text
            await shown(pilot, "escape")
        text = await shown(pilot, "tab", "g", "m")
        assert "linked the wrong way round" in text


async def test_loading_again(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await shown(pilot, "3")
        await pilot.press("r")
        await pilot.pause()
        assert isinstance(app.screen, LoadScreen | ChannelScreen)
        await settle(pilot)
        assert ("load", FIRST) in fake_of(app).calls


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_code_is_made_of_any_name(name: str) -> None:
    code = code_for(name)
    assert code == "" or ((code.isascii() and code.isalnum() and code.isupper()) or code.isdigit())
    assert len(code) <= 12


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("Main St", (), "MAIN"),
        ("Main St", ("main",), "MAIN-ST"),
        ("Main St", ("MAIN", "MAIN-ST"), "MAIN-2"),
        ("Main", ("MAIN", "MAIN-2"), "MAIN-3"),
        ("Gewerbegebiete am See", ("GEWERBEGEBIE",), "GEWERBEGEB-2"),
        ("*", ("",), ""),
    ],
)
def test_a_code_that_is_taken_is_not_proposed(name: str, taken: tuple[str, ...], code: str) -> None:
    assert code_for(name, taken) == code


@pytest.mark.parametrize("keys", ["", "enter", "enter G", "w", "u", "t", "m", "tab", "tab m"])
@pytest.mark.parametrize("down", a_share(range(0, len(HOSTILE), 4), 2))
async def test_hostile_names(make_app: MakeApp, keys: str, down: int) -> None:
    app = make_app(hostile_channels(), hostile=True)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await shown(pilot, "enter", "3", *["j"] * down, *keys.split())
        assert actions_of(app) == set()
        assert all(line.isprintable() for line in text_of(app).splitlines())
        for typed in app.screen.query(Input):
            assert typed.value.isprintable() or typed.value == ""


async def test_a_location_said_to_be_misplaced_alone_is_linked_by_a(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    lines = fake.inventory.lines
    fake.inventory.lines = (replace(lines[0], suggested=Evidence(3, 0.9, 10, 10, 9, 0.9)), *lines[1:])
    fake.inventory.findings = ()
    async with app.run_test(size=(200, 50)) as pilot:
        text = await shown(pilot, "3")
        assert "RETURNS (Returns cage) fits better: 9 of 10 counts agree there" in text
        await shown(pilot, "a")
        assert changes_of(app) == [("link", 2, 3, "sumtracker", None, None, False, 12)]
