"""The page that turns on, and rehearsals: phases, result, refusals, who keeps it running; and the whole way in 45 keys at most."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from supportdesk.core.brake import standing_text
from supportdesk.core.plan import ApplyStep, PlanFor
from supportdesk.core.wizard import WizardState
from supportdesk.desk import demo
from supportdesk.errors import Claimed, StoreUnreachable
from supportdesk.screens.call_sheet import CallSheetDialog
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.rehearsal import RehearsalScreen
from supportdesk.screens.turning_on import TurningOnScreen
from supportdesk.screens.turning_on_words import held_lines, result_line, result_text, state_words
from supportdesk.screens.wizard import WizardScreen
from supportdesk.settings import Settings
from supportdesk.widgets.dialogs import ConfirmDialog
from tests.conftest import actions_of, settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_going_live import FakeGoingLive
from tests.screens.fakes import KESTREL, NOW, hostile_channels
from tests.screens.served import press
from tests.screens.test_wizard import FIRST, at_review, wizard_of

pytestmark = pytest.mark.anyio
MOST_KEYS = 45


@dataclass
class Counting:
    """Presses keys and counts them."""

    pilot: Pilot[Any]
    pressed: list[str] = field(default_factory=list)

    async def press(self, *keys: str) -> None:
        """Each once the one before has done its work."""
        for key in keys:
            self.pressed.append(key)
            await self.pilot.press(key)
            await settle(self.pilot)

    async def see(self, words: str, seconds: float = 10.0) -> None:
        """Wait, as a person does."""
        await until(self.pilot, lambda: words in text_of(self.pilot.app), seconds)


def at_turn_on(app: SupportdeskApp) -> FakeGoingLive:
    """The last step, its plan accepted."""
    live = at_review(app)
    live.made_for = live.state.answers
    live.state = WizardState(
        "turn_on",
        replace(live.state.answers, reviewed=live.fingerprint),
        frozenset({"direction", "copy", "duplicates", "mapping", "review"}),
    )
    return live


async def turn_on(pilot: Pilot[None]) -> None:
    """From the channel's page, into the wizard at its last step."""
    await press(pilot, "T", "n", *FIRST, "enter")


async def whole_way(
    keys: Counting, copy: Sequence[str], locations: Sequence[str], review: Sequence[str], seconds: float
) -> None:
    """Home → channel → wizard → rehearsal → turned on, by keys that the footers name."""
    await keys.press("enter")
    await keys.see("enter overview", seconds)
    await keys.press("enter", "T", "enter", *copy, "enter", "a", "d", "D", "l", "enter", "escape", "n")
    await keys.press(*locations, "n")
    await keys.see("falls to zero", seconds)
    await keys.press(*review, "R")
    await keys.see("REHEARSAL", seconds)
    await keys.see("Sync is on:", seconds)
    await keys.see("Turned on as planned:", seconds)
    await keys.press("escape", "enter")
    await keys.see("The rehearsal has ended", seconds)
    await keys.see(": as planned.", seconds)
    await keys.press("n", "n", *FIRST, "enter")
    await keys.see("Sync is on:", seconds)
    await keys.press("enter")
    await keys.see("● Sync on", seconds)
    assert len(keys.pressed) <= MOST_KEYS, f"{len(keys.pressed)} keys: {' '.join(keys.pressed)}"


async def test_the_whole_way_takes_few_keys(make_app: MakeApp) -> None:
    app = make_app((replace(KESTREL[0], loaded_at=None), *KESTREL[1:]), demo=True)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        keys = Counting(pilot)
        fake = fake_of(app)

        def turned_on(*_: object, **__: object) -> None:
            fake.channels = (replace(fake.channels[0], sync="on"), *fake.channels[1:])
            fake.mark += 1

        apply = fake.apply_plan

        def applied(*args: Any, **options: Any) -> Any:
            turned_on()
            return apply(*args, **options)

        fake.apply_plan = applied  # type: ignore[method-assign]
        await whole_way(keys, [], ["s", "A"], [], 15.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7])
async def test_the_whole_way_in_the_demo_takes_few_keys(seed: int) -> None:
    """The real desk, its pretend store, its worker, and a rehearsal of it."""
    with demo.started(Settings(), scenario="kestrel", seed=seed, files=(), keep=None, furnished=True) as desk:
        doorway = Doorway(desk)
        app = SupportdeskApp(desk, channels=doorway.list_channels(), doorway=doorway)
        async with app.run_test(notifications=True) as pilot:
            await settle(pilot)
            keys = Counting(pilot)
            await whole_way(keys, ["g"], ["s"], ["c", "enter"], 120.0)
            status = doorway.sync_status(FIRST)
            assert status.is_on
            assert status.rows.get("live", 0) > 2_000


async def test_the_phases_come_one_by_one_and_end_with_a_result(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_turn_on(app)
    async with app.run_test() as pilot:
        await settle(pilot)
        await turn_on(pilot)
        assert "✓ Asked for" in text_of(app)
        assert "▸ The store is claimed" in text_of(app)
        assert "▸ turning on" in text_of(app)
        await until(pilot, lambda: "~ Sync is on; 4,812 rows still settling." in text_of(app))
        assert "● Sync on" in text_of(app)
        await until(pilot, lambda: "✓ Sync is on: 15 rows were written, 4,812 live, 14 held." in text_of(app))
        assert "! 9 rows held: not stocked there" in text_of(app)
        assert "Kept running by a worker on desk-2 (process 4212), for mia." in text_of(app)
        await press(pilot, "y")
        assert "Sync is on: 15 rows were written" in app.clipboard
        assert "4826 rows read" in app.clipboard or "4,826 rows read" in app.clipboard
        await press(pilot, "enter")
        assert isinstance(app.screen, ChannelScreen)
        assert app.screen.active == "overview"
        assert fake_of(app).going_live.left == 1


async def test_leaving_the_page_stops_nothing_and_it_is_found_again(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    async with app.run_test() as pilot:
        await settle(pilot)
        await turn_on(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, WizardScreen)
        await press(pilot, "x", "T")
        assert isinstance(app.screen, TurningOnScreen)
        assert [said for said in live.said if said[0] == "apply"] == [("apply", 6, FIRST, None)]


async def test_a_stale_plan_is_said_and_a_new_one_made(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    live.stale = "2 SKUs changed in the store: KO-TENT-2P, KO-LAMP."
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await turn_on(pilot)
        assert "2 SKUs changed in the store: KO-TENT-2P, KO-LAMP." in text_of(app)
        assert "Nothing was written. p makes a new plan" in text_of(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, TurningOnScreen)
        await press(pilot, "p")
        assert "5 of 6: Review" in text_of(app)
        assert live.plans == 7
        assert "! falls to zero" in text_of(app)


async def test_refused_while_it_is_applied(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    live.refuse_as = "refused"
    async with app.run_test() as pilot:
        await settle(pilot)
        await turn_on(pilot)
        await until(pilot, lambda: "✗ Refused; nothing was written" in text_of(app))
        assert "KO-TENT-2P has another SKU since the plan was made." in text_of(app)
        assert "▸" not in text_of(app)
        assert "○ Sync off" in text_of(app)
        await press(pilot, "p")
        assert "5 of 6: Review" in text_of(app)
        assert live.plans == 7


async def test_claimed_elsewhere(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(first=FIRST)
    at_turn_on(app)

    def claimed(*_: object, **__: object) -> object:
        raise Claimed("desk-2 syncs this store since 14:02, for mia.", "Ask mia to turn it off there.")

    monkeypatch.setattr(fake_of(app), "apply_plan", claimed)
    async with app.run_test() as pilot:
        await settle(pilot)
        await turn_on(pilot)
        assert "desk-2 syncs this store since 14:02" in text_of(app)
        assert "Nothing was written. Esc goes back; nothing is lost." in text_of(app)
        await press(pilot, "escape")
        assert "6 of 6: Turn on" in text_of(app)


@pytest.mark.parametrize(
    ("keeper", "minutes", "says"),
    [
        ("worker", 10, "● Sync on"),
        ("here", 10, "● Sync on"),
        ("nobody", 10, "● on, nobody syncing since 14:40"),
        ("nobody", -24 * 60, "● on, nobody syncing since 22 Nov 14:30"),
    ],
)
def test_the_header_says_who_keeps_it_on(keeper: str, minutes: int, says: str) -> None:
    live = FakeGoingLive(is_on=True, state_now="on", keeper=keeper)
    status = replace(live.status(), last_cycle=NOW + timedelta(minutes=minutes))
    assert state_words(status, UTC, NOW) == says


@pytest.mark.parametrize(
    ("phase", "says", "keeper"),
    [("stored", "▸ rolling back", "Waiting for a worker"), ("taken_back", "○ Sync off", "")],
)
def test_a_roll_back_is_not_said_to_turn_on(phase: ApplyStep, says: str, keeper: str) -> None:
    live = FakeGoingLive(is_on=False, state_now="on", keeper="nobody")
    status = replace(live.status(), is_on=False, phase=phase, purpose="rollback")
    assert state_words(status, UTC, NOW) == says
    text = result_text("Kestrel", status, UTC, NOW)
    assert keeper in text
    assert ("Waiting" in text) == bool(keeper)


@pytest.mark.parametrize("purpose", ["rollback", "link", "direction"])
def test_a_plan_that_was_only_asked_for_has_come_to_nothing_yet(purpose: PlanFor) -> None:
    live = FakeGoingLive(is_on=True, state_now="on", keeper="worker")
    status = replace(
        live.status(), phase="asked", purpose=purpose, rows={"live": 9}, to_compare=0, unsettled=0
    )
    assert status.is_settled
    assert not result_line(status).plain
    assert result_line(replace(status, phase="on")).plain


async def test_a_roll_back_that_is_found_again_is_not_called_turning_on(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.state_now, live.frozen, live.purpose = "stored", True, "rollback"
    async with app.run_test() as pilot:
        await until(pilot, lambda: "▸ rolling back" in text_of(app))
        await press(pilot, "T")
        await until(pilot, lambda: "Kestrel Outdoor · Roll back" in text_of(app))


def test_the_brake_is_said_once() -> None:
    live = FakeGoingLive(is_on=True, state_now="on", keeper="worker")
    reasons = ("9 rows of 18 in stock would fall to 0, more than 20%.", "Depot would go from 9 to 1 units.")
    status = replace(
        live.status(), brake=reasons, stopped_rows=9, alerts=(standing_text(reasons), "MUG is held.")
    )
    said = " ".join(line.plain for line in held_lines(status))
    assert said.count(reasons[0]) == said.count(reasons[1]) == 1
    assert "The brake holds back 9 rows" in said
    assert "Overview lets them go" in said
    assert "MUG is held." in said


async def test_the_channel_says_that_it_is_being_turned_on(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.state_now, live.frozen = "fenced", True
    async with app.run_test() as pilot:
        await until(pilot, lambda: "▸ turning on" in text_of(app))
        assert "T how sync stands" in text_of(app)
        live.state_now = "stopped"
        fake_of(app).mark += 1
        await until(pilot, lambda: "○ Sync off" in text_of(app))
        assert "T turn on…" in text_of(app)


async def test_after_a_roll_back_the_wizard_is_open_again(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.state_now, live.frozen = "taken_back", True
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "Turn on sync · 1 of 6: Direction" in text_of(app)


async def test_the_channel_says_that_nobody_is_syncing(make_app: MakeApp) -> None:
    app = make_app((replace(KESTREL[0], sync="on"), *KESTREL[1:]), first=FIRST)
    live = fake_of(app).going_live
    live.is_on, live.state_now, live.keeper = True, "on", "nobody"
    async with app.run_test() as pilot:
        await until(pilot, lambda: "● on, nobody syncing since 14:40" in text_of(app))
        assert "T how sync stands" in text_of(app)
        assert "To keep an eye on" in text_of(app)
        assert "Before turning on" not in text_of(app)
        await press(pilot, "T")
        assert "Nobody is syncing since" in text_of(app)
        assert "start `supportdesk worker`" in text_of(app)


async def test_leaving_asks_where_only_this_program_keeps_it_on(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = at_turn_on(app)
    live.keeper = "here"
    async with app.run_test() as pilot:
        await settle(pilot)
        await turn_on(pilot)
        await press(pilot, "q")
        assert isinstance(app.screen, ConfirmDialog)
        assert "Sync stops" in text_of(app)
        assert "load" not in text_of(app)


async def test_the_call_sheet_is_written(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_turn_on(app)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T", "c")
        assert isinstance(app.screen, CallSheetDialog)
        await press(pilot, "enter")
        assert "Wrote the call sheet to" in text_of(app)
        (call,) = [call for call in fake_of(app).calls if call[0] == "save_call_sheet"]
        assert str(call[1]).endswith("kestrel-outdoor-call-sheet.md")


# Rehearsals


async def test_a_rehearsal_is_marked_everywhere_and_ends_after_asking(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_review(app)
    real = app.doorway
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T", "R")
        assert isinstance(app.screen, TurningOnScreen)
        assert "REHEARSAL" in text_of(app)
        assert app.doorway is not real
        assert ("apply", 7, FIRST, None) in fake_of(app).going_live.said
        await press(pilot, "enter")
        assert isinstance(app.screen, ChannelScreen)
        assert "REHEARSAL" in text_of(app).splitlines()[0]
        await press(pilot, "2")
        assert "REHEARSAL" in text_of(app).splitlines()[0]
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, ConfirmDialog)
        await press(pilot, "escape")
        assert isinstance(app.screen, TurningOnScreen)
        await press(pilot, "escape", "left", "enter")
        assert app.doorway is real
        wizard_of(app)
        assert "REHEARSAL" not in text_of(app).splitlines()[0]
        assert ("end_rehearsal", 7) in fake_of(app).calls
        assert not [said for said in fake_of(app).going_live.said if said[0] == "apply"]


async def test_leaving_the_program_in_a_rehearsal_asks(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_review(app)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "R", "q")
        assert isinstance(app.screen, ConfirmDialog)
        assert app.rehearsal is not None
        assert "The rehearsal ends" in text_of(app)
        assert "load" not in text_of(app)


async def test_starting_a_rehearsal_is_stopped_with_esc(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    at_review(app)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        fake_of(app).gate = threading.Event()
        await pilot.press("R")
        await until(pilot, lambda: "Filling the pretend store    2,400 of 4,826 rows" in text_of(app))
        assert isinstance(app.screen, RehearsalScreen)
        assert app.screen.in_progress
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, WizardScreen))
        assert "The rehearsal was stopped." in text_of(app)


async def test_a_rehearsal_that_cannot_start_is_said_in_place(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(first=FIRST)
    at_review(app)

    def down(*_: object) -> object:
        raise StoreUnreachable("The pretend store did not start within 30 s.", "Try again.")

    monkeypatch.setattr(fake_of(app), "start_rehearsal", down)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "R")
        assert isinstance(app.screen, RehearsalScreen)
        assert "The pretend store did not start within 30 s." in text_of(app)
        await press(pilot, "escape")
        wizard_of(app)
        assert app.rehearsal is None


async def test_a_rehearsal_types_what_the_brake_asks_for(make_app: MakeApp) -> None:
    from supportdesk.core.brake import BrakeReason

    app = make_app(first=FIRST)
    live = at_review(app)
    live.brake = (
        BrakeReason("rows_to_zero", "1,204 rows of 4,812 in stock would fall to 0, more than 20%."),
    )
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "T", "R")
        there = fake_of(app)
        assert ("apply", 7, FIRST, 15) in there.going_live.said


async def test_hostile_reasons_and_names(make_app: MakeApp) -> None:
    app = make_app(hostile_channels(), hostile=True)
    live = fake_of(app).going_live
    live.is_on, live.state_now = True, "on"
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "T")
        assert isinstance(app.screen, TurningOnScreen)
        assert "rows held" in text_of(app)
        await press(pilot, "y")
        assert actions_of(app) == set()
        assert all(line.isprintable() for line in text_of(app).splitlines())


async def test_what_moved_is_confirmed_by_typing_the_handle(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.apply(live.plans, live.channel, None)
    live.go_on()
    live.moved()
    live.frozen = True
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "16 rows are not as shown any more; nothing is written." in text_of(app)
        await press(pilot, "T", *FIRST[:-1], "enter", "escape")
        assert live.state_now == "moved"
        await press(pilot, "T", *FIRST, "enter")
        assert ("confirm_moved", live.plans, FIRST, 16) in live.said
        assert "What moved is confirmed" in text_of(app)
        await press(pilot, "x")
        assert "Stop turning on?" not in text_of(app), "nothing waits any more"


async def test_what_moved_can_be_left(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    live = fake_of(app).going_live
    live.apply(live.plans, live.channel, None)
    live.moved()
    live.frozen = True
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "T", "x")
        await press(pilot, "y")
        assert live.state_now == "stopped", text_of(app)
        assert ("stop_plan", FIRST, live.plans, FIRST) in fake_of(app).calls
