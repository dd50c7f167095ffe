"""The wizard: its six steps by keyboard, answers kept one after the other, what blocks, who watches, and where one comes back to."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from supportdesk.core.brake import BrakeReason
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.connections import Connection
from supportdesk.core.duplicates import Choice
from supportdesk.core.plan import Blocked
from supportdesk.core.wizard import STEPS, Answer, Answers, Back, GoTo, Next, WizardState
from supportdesk.errors import LedgerBusy
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.duplicate_forms import NewSkusDialog
from supportdesk.screens.duplicates import DuplicatesTab
from supportdesk.screens.link import LinkDialog
from supportdesk.screens.meanings import MEANINGS
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.review import ReviewStep
from supportdesk.screens.sku import SkuScreen
from supportdesk.screens.turning_on import TurningOnScreen
from supportdesk.screens.wizard import STEP_WIDGETS, WizardScreen
from supportdesk.screens.wizard_steps import DuplicatesStep
from supportdesk.screens.wizard_words import meaning_name
from supportdesk.widgets.dialogs import ErrorDialog, TextPage, TypedConfirmDialog
from tests.conftest import actions_of, settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_going_live import NOW, SIMPLE, FakeGoingLive
from tests.screens.fakes import HOSTILE, KESTREL, hostile_channels
from tests.screens.served import press, shows

pytestmark = pytest.mark.anyio

FIRST = "kestrel-outdoor"
COPYING = Answers(direction="sumtracker", copy=True)


def wizard_of(app: SupportdeskApp) -> WizardScreen:
    screen = app.screen
    assert isinstance(screen, WizardScreen), text_of(app)
    return screen


def review_of(app: SupportdeskApp) -> ReviewStep:
    step = wizard_of(app).current
    assert isinstance(step, ReviewStep), text_of(app)
    return step


def at_review(app: SupportdeskApp, answers: Answers = COPYING) -> FakeGoingLive:
    """Everything before Review is answered."""
    fake = fake_of(app)
    fake.going_live.follows = False
    fake.going_live.facts = replace(fake.going_live.facts, to_decide=0, unsaid_locations=0, linked=3)
    fake.going_live.state = WizardState(
        "review", answers, frozenset({"direction", "copy", "duplicates", "mapping"})
    )
    fake.going_live.revision = 6
    return fake.going_live


async def type_text(pilot: Pilot[None], text: str) -> None:
    await press(pilot, *text)


async def test_every_step_has_a_widget_and_says_what_it_means() -> None:
    assert tuple(STEP_WIDGETS) == tuple(STEPS)
    for step, widget in STEP_WIDGETS.items():
        assert widget.step == step
        assert meaning_name(step) in MEANINGS


async def test_from_the_overview_to_turned_on(make_app: MakeApp) -> None:
    """The whole way by keys that the screens themselves name."""
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "T turn on…" in text_of(app)
        await press(pilot, "T")
        assert "Kestrel Outdoor · Turn on sync · 1 of 6: Direction" in text_of(app)
        assert "61,204 units on 1,742 rows at 2 linked locations" in " ".join(text_of(app).split())
        await press(pilot, "enter")
        assert "2 of 6: Copy inventory" in text_of(app)
        assert "all                    63,124        1,522            398       61,204" in text_of(app)
        await press(pilot, "enter")
        assert "3 of 6: Duplicate SKUs" in text_of(app)
        await press(pilot, "a", "d")
        assert isinstance(app.screen, ChannelScreen)
        assert "only those left to do" in text_of(app)
        await press(pilot, "D", "l", "enter", "escape")
        assert "6 decided · 0 to decide" in text_of(app)
        await press(pilot, "n")
        assert "4 of 6: Location mapping" in text_of(app)
        await press(pilot, "A", "n", "y")
        assert "5 of 6: Review" in text_of(app)
        assert "! falls to zero                  3               41 → 0" in text_of(app)
        assert "Sumtracker: 4,779 numbers (SKU × warehouse) set, 0 → 60,812 units" in text_of(app)
        assert "n accept, go on" in text_of(app)
        await press(pilot, "n")
        assert "6 of 6: Turn on" in text_of(app)
        assert "n turn on…" in text_of(app)
        await press(pilot, "n")
        assert isinstance(app.screen, TypedConfirmDialog)
        await type_text(pilot, "kestrel-outdoor")
        await press(pilot, "enter")
        assert isinstance(app.screen, TurningOnScreen)
        assert ("apply", 7, "kestrel-outdoor", None) in fake_of(app).going_live.said


async def test_answers_are_kept_in_their_order_however_fast_they_come(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        await pilot.press("enter", "enter")
        await settle(pilot)
        said = fake_of(app).going_live.said
        assert said == [
            (Answer(direction="sumtracker"), 0),
            (Next(), 1),
            (Answer(copy=True), 2),
            (Next(), 3),
        ]


async def test_leaving_and_coming_back_is_at_the_same_step(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "enter", "enter", "x")
        assert isinstance(app.screen, ChannelScreen)
        assert fake_of(app).going_live.left == 1
        await press(pilot, "T")
        assert "3 of 6: Duplicate SKUs" in text_of(app)


async def test_esc_goes_back_a_step_and_from_the_first_one_out(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "enter", "enter", "backspace")
        assert "2 of 6" in text_of(app)
        assert "(•) Copy inventory from Shopify" in text_of(app)
        await press(pilot, "escape")
        assert "1 of 6" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ChannelScreen)
        assert [event for event, _ in fake_of(app).going_live.said][-2:] == [Back(), Back()]


async def test_what_blocked_a_step_is_not_said_on_the_next(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "n")
        assert [each.message for each in app._notifications] == [
            "Say whether Sumtracker's or Shopify's numbers count."
        ]
        await press(pilot, "enter")
        assert "2 of 6" in text_of(app)
        assert not list(app._notifications)


async def test_not_copying_asks_what_follows_from_it(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.facts = replace(live.facts, first_store=False, counted_skus=912, unknown_skus=239)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "enter")
        assert "▸ ( ) Don't copy inventory  recommended" in text_of(app)
        await press(pilot, "enter")
        assert "SKUs that Sumtracker never counted?" in text_of(app)
        assert "○ Say what happens to 239 SKUs that Sumtracker never counted." in text_of(app)
        await press(pilot, "j", "enter")
        assert live.state.answers.unknown == "hold"
        assert "2 of 6" in text_of(app)
        await press(pilot, "j", "enter")
        assert live.state.answers.promised_included is False
        assert "3 of 6" in text_of(app)
        await press(pilot, "a")
        assert "the listings of a SKU show Sumtracker's number" in text_of(app)
        assert "once counts" not in text_of(app), "nothing is copied"


async def test_pushing_zero_is_typed(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.facts = replace(live.facts, first_store=False, counted_skus=912, unknown_skus=239)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "enter", "enter", "G", "enter")
        assert isinstance(app.screen, TypedConfirmDialog)
        await press(pilot, "enter", "escape")
        assert live.state.answers.unknown is None
        await press(pilot, "space", *"kestrel-outdoor", "enter")
        assert live.state.answers.unknown == "zero"


async def test_steps_with_nothing_to_ask_pass(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    fake.going_live.follows = False
    fake.going_live.facts = SIMPLE
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "T", "enter", "enter")
        assert "5 of 6: Review" in text_of(app)
        assert "– 3 Duplicate SKUs  nothing to ask" in text_of(app)
        assert "– 4 Location mapping  nothing to ask" in text_of(app)
        await press(pilot, "3")
        assert "Nothing to ask here. No two listings in scope share a SKU. n goes on." in text_of(app)
        await press(pilot, "n")
        assert "5 of 6: Review" in text_of(app)


async def test_what_blocks_is_said_and_leads_there(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T", "enter", "enter", "n")
        assert "3 of 6" in text_of(app)
        assert "○ Decide 6 duplicate groups.  enter looks into one, d decides them" in text_of(app)
        await press(pilot, "d")
        assert isinstance(app.screen, ChannelScreen)
        assert isinstance(app.screen.tab, DuplicatesTab)
        assert app.screen.tab.show_only == "to_decide"
        await press(pilot, "T")
        assert "The wizard is open below" in text_of(app)
        await press(pilot, "escape")
        assert "3 of 6" in text_of(app)


async def test_split_groups_lead_to_their_new_skus_and_back(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake = fake_of(app)
    fake.duplicates.decided("KO-TENT-2P", Choice("split"))
    live = fake.going_live
    live.follows = False
    live.facts = replace(live.facts, to_decide=0, splits_pending=1)
    live.state = WizardState("duplicates", COPYING, frozenset({"direction", "copy"}))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "1 without new SKUs" in text_of(app)
        assert "○ Give new SKUs to the listings of 1 group that is split.  i gives them" in text_of(app)
        assert "i new SKUs" in text_of(app).splitlines()[-1]
        await press(pilot, "i")
        await until(pilot, lambda: isinstance(app.screen, NewSkusDialog))
        assert "These share KO-TENT-2P." in text_of(app)
        await press(pilot, "escape")
        assert "esc to the wizard" in text_of(app)
        await press(pilot, "escape")
        assert "3 of 6" in text_of(app)


async def test_enter_looks_into_the_group_under_the_cursor_and_comes_back(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.state = WizardState("duplicates", COPYING, frozenset({"direction", "copy"}))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "j", "j")
        step = wizard_of(app).current
        assert isinstance(step, DuplicatesStep)
        assert step.table.item is not None
        sku = step.table.item.sku
        await press(pilot, "enter")
        assert isinstance(app.screen, ChannelScreen)
        assert isinstance(app.screen.tab, DuplicatesTab)
        assert app.screen.tab.group is not None
        assert app.screen.tab.group.sku == sku
        await press(pilot, "escape")
        assert "3 of 6" in text_of(app)


async def test_where_sync_is_being_turned_on_the_wizard_says_so_and_asks_nothing(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    live.frozen = True
    view = live.view
    live.view = lambda: replace(view(), sync="Sync is being turned on (plan 7).", plan_id=live.plans)  # type: ignore[method-assign]
    live.made_for = live.state.answers
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "! Sync is being turned on (plan 7). Nothing is asked here any more." in text_of(app)
        await press(pilot, "p", "backspace", "1")
        assert not live.said
        assert "n how it stands" in text_of(app)
        await press(pilot, "n")
        assert isinstance(app.screen, TurningOnScreen)


async def test_a_location_is_changed_with_its_form(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        fake_of(app).going_live.state = WizardState("mapping", COPYING, frozenset({"direction", "copy"}))
        await press(pilot, "T")
        assert "▸ !  Pop-up van" in text_of(app)
        await press(pilot, "enter")
        assert shows(app, LinkDialog)
        await press(pilot, "ctrl+s")
        await press(pilot, "n")
        assert "Go on with locations that look crossed?" in text_of(app)
        await press(pilot, "enter")
        assert "4 of 6" in text_of(app)
        await press(pilot, "s")
        assert ("swap", 1, 2, {1: 11, 2: 12}) in fake_of(app).calls
        await press(pilot, "w")
        assert isinstance(app.screen, ChannelScreen)
        assert app.screen.active == "warehouses"
        await press(pilot, "escape")
        assert "4 of 6" in text_of(app)


@pytest.mark.parametrize(
    ("is_said", "is_crossed", "begins"),
    [(False, True, "Pop-up van"), (True, True, "Depot"), (True, False, "go on to")],
    ids=["to answer", "crossed", "all said"],
)
async def test_the_mapping_begins_at_the_first_location_that_needs_an_answer(
    make_app: MakeApp, is_said: bool, is_crossed: bool, begins: str
) -> None:
    """Else where a pair looks crossed, else on the line that goes on; neither a closed location nor a service is in the way."""
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        live, inventory = fake_of(app).going_live, fake_of(app).inventory
        live.state = WizardState("mapping", COPYING, frozenset({"direction", "copy"}))
        *pair, pop_up, service, closed = inventory.lines
        if is_said:
            live.facts = replace(live.facts, unsaid_locations=0)
            pop_up = replace(pop_up, connection=Connection(5, None, None, None, 9))
        if not is_crossed:
            inventory.findings = ()
        inventory.lines = (closed, service, *pair, pop_up)
        await press(pilot, "T")
        (line,) = (line for line in text_of(app).splitlines() if line.startswith(" ▸"))
        assert begins in line


async def test_a_location_stays_unlinked(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        fake_of(app).going_live.state = WizardState("mapping", COPYING, frozenset({"direction", "copy"}))
        await press(pilot, "T", "u")
        assert ("unlink", 5, True, 0) in fake_of(app).calls
        await press(pilot, "g", "u")
        assert "Something was said of this location already" in text_of(app)


async def test_a_reopened_step_is_marked(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    live.facts = replace(live.facts, unsaid_locations=1)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "! 4 Location mapping  look again" in text_of(app)
        assert "✗ Link 1 location to a warehouse" in text_of(app)
        assert "4 goes" in text_of(app)
        await press(pilot, "4")
        assert "4 of 6: Location mapping" in text_of(app)
        await press(pilot, "6")
        assert "4 of 6" in text_of(app)


async def test_a_reopened_step_is_said_where_there_is_no_rail(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    live.facts = replace(live.facts, unsaid_locations=1)
    live.state = replace(live.state, at="copy")
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "! 4 Location mapping is open again" in text_of(app)


async def test_answers_from_before_sync_was_turned_off_are_said_to_be(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    fake_of(app).going_live.turned_off_at = NOW
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert (
            "Sync was turned off 14:30:00. What is answered is from before that: look at each again."
            in text_of(app)
        )


async def test_numbers_from_before_sync_was_turned_off_are_said_to_be(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.turned_off_at, live.is_read_since = NOW, False
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        shown = " ".join(text_of(app).split())
        assert (
            "and the store's numbers are of then: look at each again. The plan reads the store anew." in shown
        )
        assert "as read last: from turning on" in shown
        assert "today" not in shown


async def test_after_sync_was_on_the_answers_say_which_units_were_taken_off(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.facts = replace(live.facts, synced_before=True, promised_before=120, counted_skus=9)
    live.state = WizardState(at="copy", answers=Answers(direction="sumtracker", copy=False))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        shown = " ".join(text_of(app).split())
        assert "those too that were taken off when sync was on before." in shown
        assert "what was ordered since is still in them, sent or not" in shown


async def test_somebody_else_is_at_work(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.at_work = "mia"
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "! mia is at work in this wizard, and you are watching. o takes over" in text_of(app)
        for key in ("enter", "space", "2", "backspace"):
            await press(pilot, key)
            assert "mia is at work in this wizard; o takes over." in text_of(app)
        assert not live.said
        live.at_work = "mia"
        live.state, live.revision = replace(live.state, at="copy", passed=frozenset({"direction"})), 2
        fake_of(app).mark += 1
        await until(pilot, lambda: "2 of 6" in text_of(app))
        await press(pilot, "o", *"kestrel-outdoor", "enter")
        assert ("take_over", FIRST, FIRST) in fake_of(app).calls
        assert "you are watching" not in text_of(app)
        await press(pilot, "enter")
        assert live.state.answers.copy is True


async def test_a_watcher_leaves_with_esc(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    live.at_work = "mia"
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "esc leave" in text_of(app) or "R rehearse" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ChannelScreen)
        assert not live.said


async def test_an_answer_that_comes_too_late_loses_nothing(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "enter")
        live = fake_of(app).going_live
        live.somebody_answers(Answer(copy=False))
        await press(pilot, "enter")
        assert isinstance(app.screen, ErrorDialog)
        assert "mia answered" in text_of(app)
        await press(pilot, "escape")
        assert "2 of 6" in text_of(app)
        assert "(•) Don't copy inventory" in text_of(app)


async def test_read_only_answers_nothing_and_makes_no_plan(make_app: MakeApp) -> None:
    app = make_app(first=FIRST, read_only=True)
    live = at_review(app)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "There is no plan yet" in text_of(app)
        await press(pilot, "p")
        assert "started read-only" in text_of(app)
        assert not live.said
        assert ("make_plan", FIRST) not in fake_of(app).calls


# Review


async def test_the_plan_is_made_with_its_progress_and_stopped_with_esc(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_review(app)
    fake_of(app).gate = threading.Event()
    async with app.run_test(notifications=True) as pilot:
        await settle_until_open(pilot, app)
        await pilot.press("T")
        await until(pilot, lambda: "Building the plan            2,400 of 4,826 rows" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "There is no plan yet: p makes it." in text_of(app))
        fake_of(app).gate = None
        await press(pilot, "p")
        assert "! falls to zero" in text_of(app)


async def settle_until_open(pilot: Pilot[None], app: SupportdeskApp) -> None:
    await until(pilot, lambda: isinstance(app.screen, ChannelScreen) and "Before turning on" in text_of(app))


async def test_a_plan_that_cannot_be_made_is_said_in_place(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(first=FIRST)
    at_review(app)

    def busy(*_: object, **__: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    async with app.run_test() as pilot:
        await settle(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(fake_of(app), "make_plan", busy)
            await press(pilot, "T")
            assert "Another process has held the account file for 30 s." in text_of(app)
            assert "No plan was made, and nothing was written. p tries again." in text_of(app)
        await press(pilot, "p")
        assert "! falls to zero" in text_of(app)


async def test_rows_are_filtered_sorted_exported_and_looked_into(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_review(app)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "7 rows · worst first" in text_of(app)
        await press(pilot, "f", "f")
        assert "3 rows that fall to zero · worst first" in text_of(app)
        await press(pilot, "w", "w")
        assert "1 rows that fall to zero at Depot" in text_of(app)
        await press(pilot, "escape")
        assert "7 rows · worst first" in text_of(app)
        await press(pilot, "s", "S", "slash", *"tent", "enter")
        assert "filter: tent (2/4,826)" in text_of(app)
        assert ("open_plan_rows", 7, "sku", True, "all", None, "tent") in fake_of(app).calls
        await press(pilot, "escape", "enter")
        assert isinstance(app.screen, SkuScreen)
        assert app.screen.sku == "KO-TENT-2P"
        await press(pilot, "escape", "v", "v")
        assert "location            warehouse master" in text_of(app)
        assert review_of(app).plan is not None


async def test_going_on_accepts_what_was_shown(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "T")
        assert "6 of 6: Turn on" in text_of(app)
        assert live.state.answers.reviewed == live.fingerprint
        assert [event for event, _ in live.said] == [Answer(reviewed=live.fingerprint), Next()]


async def test_a_plan_is_made_anew_when_what_it_was_made_from_changes(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        live.made_for = None
        fake_of(app).mark += 1
        await until(pilot, lambda: "Something it was made from has changed since" in text_of(app))
        await press(pilot, "T")
        assert "There is no plan for the answers as they are: p makes it." in text_of(app)
        await press(pilot, "p")
        assert "changed since" not in text_of(app)
        assert live.plans == 8


async def test_sync_in_sumtracker_is_confirmed_off(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    live.facts = replace(live.facts, from_sumtracker=True)
    live.blocked = (Blocked("sumtracker_on", "Nobody has confirmed that sync is off in Sumtracker itself."),)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "✗ Confirm that sync is off in Sumtracker itself.  c confirms it" in text_of(app)
        await press(pilot, "T")
        assert "5 of 6" in text_of(app)
        await press(pilot, "R")
        assert "Nobody has confirmed that sync is off" in text_of(app)
        live.blocked = ()
        await press(pilot, "c", "left", "enter")
        assert live.state.answers.sumtracker_off
        assert live.plans == 8, "what stood in the plan's way is gone, so it is made anew"
        await press(pilot, "T")
        assert "6 of 6" in text_of(app)


async def test_the_brake_is_typed_too(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    live.brake = (
        BrakeReason("rows_to_zero", "1,204 rows of 4,812 in stock would fall to 0, more than 20%."),
    )
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "T", "T")
        assert "The brake holds" in text_of(app)
        await press(pilot, *"15", "enter", *"kestrel-outdoor", "enter")
        assert ("apply", 7, FIRST, 15) in live.said


async def test_what_this_means(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_review(app)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        for step in STEPS:
            if step != "turn_on":
                live.somebody_answers(GoTo(step))
                await press(pilot, "r", "m")
                assert isinstance(app.screen, TextPage)
                assert MEANINGS[meaning_name(step)][0][:40] in text_of(app)
                await press(pilot, "escape")


async def test_an_unreadable_wizard_is_tried_again_or_left(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(first=FIRST)

    def busy(*_: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    async with app.run_test() as pilot:
        await settle(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(fake_of(app), "open_wizard", busy)
            await press(pilot, "T")
            assert isinstance(app.screen, ErrorDialog)
            await press(pilot, "escape")
            assert isinstance(app.screen, ChannelScreen)
        await press(pilot, "T")
        assert "1 of 6" in text_of(app)


async def test_it_is_refused_where_sync_is_on_already(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        fake_of(app).going_live.is_on = True
        await press(pilot, "enter")
        assert isinstance(app.screen, ErrorDialog)
        assert "is being synced already" in text_of(app)


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        (KESTREL[3], "These are export files: connect the store itself"),
        (KESTREL[2], "The store has not been loaded yet"),
    ],
)
async def test_where_there_is_nothing_to_turn_on(
    make_app: MakeApp, channel: ChannelSummary, says: str
) -> None:
    app = make_app(first=channel.handle)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        if channel.loaded_at is None:
            await press(pilot, "escape")
            return
        await press(pilot, "T")
        assert says in text_of(app)


async def test_it_can_be_made_smaller_and_larger(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_review(app)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "▸ · 5 Review" in text_of(app)
        assert "What this means" in text_of(app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "▸ · 5 Review" not in text_of(app)
        assert "! falls to zero" in text_of(app)
        await pilot.resize_terminal(200, 50)
        await settle(pilot)
        assert "on hand" in text_of(app)


@pytest.mark.parametrize("step", [step for step in STEPS if step != "turn_on"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_hostile_names(make_app: MakeApp, step: str, size: tuple[int, int]) -> None:
    app = make_app(hostile_channels(), hostile=True)
    live = at_review(app)
    live.at_work = ""
    live.state = replace(live.state, at=next(each for each in STEPS if each == step))
    live.facts = replace(live.facts, locations=len(HOSTILE))
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "T")
        wizard_of(app)
        for key in ("j", "v", "v", "w", "y"):
            await press(pilot, key)
            assert actions_of(app) == set()
            assert all(line.isprintable() for line in text_of(app).splitlines())
