"""The program around the screens: palette, help, leaving, themes, work that ends or does not."""

from __future__ import annotations

import asyncio
import threading

import pytest
from textual.widgets import Input, Static

from supportdesk.commands import COMMANDS, SCREENS
from supportdesk.core.progress import Watch
from supportdesk.errors import Cancelled, SettingsInvalid, StoreBusy, SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.home import HomeScreen
from supportdesk.screens.palette import PaletteScreen
from supportdesk.screens.plan_review import PlanReviewScreen
from supportdesk.screens.plan_words import Wanted
from supportdesk.screens.program import LeaveDialog
from supportdesk.screens.work import Work, wait_for_threads
from supportdesk.themes import theme_id
from supportdesk.widgets.dialogs import PageText, TextPage
from tests.conftest import settle, text_of, until
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import KESTREL, summary

pytestmark = pytest.mark.anyio

_REVIEW = "enter T enter enter a d D l enter escape n A n y"
_REACH = {
    "home": "",
    "connect": "c",
    "exports": "o",
    "load": "j j enter",
    "overview": "enter",
    "left_out": "enter tab enter",
    "duplicates": "enter 2",
    "warehouses": "enter 3",
    "stock": "enter 4",
    "orders": "enter 5",
    "log": "enter 6",
    "verify": "enter V",
    "held": "enter H",
    "alerts": "enter W",
    "plan_review": "enter",
    "sku": "enter 4 enter",
    "wizard_direction": "enter T",
    "wizard_copy": "enter T enter",
    "wizard_duplicates": "enter T enter enter",
    "wizard_mapping": _REVIEW.removesuffix(" A n y"),
    "wizard_review": _REVIEW,
    "wizard_turn_on": f"{_REVIEW} T",
    "turning_on": f"{_REVIEW} T T {' '.join('minus' if letter == '-' else letter for letter in 'kestrel-outdoor')} enter",
    "rehearsal": f"{_REVIEW} R",
}


_ON = (summary(sync="on"), *KESTREL[1:])
_OF_LIVE = ("verify", "held", "alerts", "plan_review")
"""Screens of a channel that is on."""


@pytest.mark.parametrize("screen", [screen for screen in SCREENS if screen != "decide"])
async def test_help_names_every_key_of_the_screen(make_app: MakeApp, screen: str) -> None:
    app = make_app(_ON if screen in _OF_LIVE else KESTREL)
    fake_of(app).no_rehearsal = StoreBusy("The pretend store did not start.", "Try again.")
    fake_of(app).going_live.is_on = screen in _OF_LIVE
    async with app.run_test() as pilot:
        await settle(pilot)
        for key in _REACH[screen].split():
            await pilot.press(key)
            await settle(pilot)
        if screen == "plan_review":
            app.push_screen(PlanReviewScreen(_ON[0], Wanted("rollback")))
            await settle(pilot)
        assert isinstance(app.screen, DeskScreen)
        assert app.screen.scope == screen
        await pilot.press("f1")
        await pilot.resize_terminal(120, 200)
        await settle(pilot)
        assert isinstance(app.screen, TextPage)
        shown = " ".join(app.screen.query_one(PageText).render().plain.split())
        for command in app.registry.offered(screen):
            assert command.help in shown, command.id
        await pilot.press("escape")
        await settle(pilot)
        assert not isinstance(app.screen, TextPage)


@pytest.mark.parametrize("screen", ["home", "overview", "left_out", "load"])
@pytest.mark.parametrize("size", [(80, 24), (60, 10)])
async def test_help_can_be_read_to_its_end(make_app: MakeApp, screen: str, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in _REACH[screen].split():
            await pilot.press(key)
            await settle(pilot)
        await pilot.press("question_mark", "G")
        await settle(pilot)
        assert "--no-mouse" in text_of(app)


def test_every_action_is_there() -> None:
    """A command whose action no class has would do nothing, silently."""
    from supportdesk.screens import (
        alerts,
        channel,
        connect,
        duplicates,
        exports,
        held,
        home,
        left_out,
        load,
        log,
        orders,
        overview,
        plan_review,
        program,
        rehearsal,
        review,
        sku,
        stock,
        turn_on_step,
        turning_on,
        verify,
        warehouses,
        wizard,
        wizard_mapping,
        wizard_steps,
    )
    from supportdesk.widgets.table import WindowTable

    holders = {
        "home": home.HomeScreen,
        "connect": connect.ConnectScreen,
        "exports": exports.ExportsScreen,
        "load": load.LoadScreen,
        "overview": overview.OverviewTab,
        "left_out": left_out.LeftOutScreen,
        **dict.fromkeys(("duplicates", "decide", "list", "marks"), duplicates.DuplicatesTab),
        "warehouses": warehouses.WarehousesTab,
        "stock": stock.StockTab,
        "orders": orders.OrdersTab,
        "log": log.LogTab,
        "verify": verify.VerifyScreen,
        "held": held.HeldScreen,
        "alerts": alerts.AlertsScreen,
        "plan_review": plan_review.PlanReviewScreen,
        "sku": sku.SkuScreen,
        "table": WindowTable,
        "wizard": wizard.WizardScreen,
        "answers": wizard_steps.AnswerStep,
        "wizard_duplicates": wizard_steps.DuplicatesStep,
        "wizard_mapping": wizard_mapping.MappingStep,
        "wizard_review": review.ReviewStep,
        "wizard_turn_on": turn_on_step.TurnOnStep,
        "turning_on": turning_on.TurningOnScreen,
        "rehearsal": rehearsal.RehearsalScreen,
    }
    for command in COMMANDS:
        if not command.action:
            continue
        where, _, rest = command.action.rpartition(".")
        name = (rest or command.action).partition("(")[0]
        if where == "app" or command.action.startswith("app."):
            name = command.action.removeprefix("app.").partition("(")[0]
            assert hasattr(program.SupportdeskApp, f"action_{name}"), command.id
        elif command.action.startswith("screen."):
            name = command.action.removeprefix("screen.").partition("(")[0]
            holder = wizard.WizardScreen if command.scope == "wizard" else channel.ChannelScreen
            assert hasattr(holder, f"action_{name}"), command.id
        else:
            assert hasattr(holders[command.scope], f"action_{name}"), command.id


async def test_the_palette_holds_our_commands_alone(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 60)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        assert isinstance(app.screen, PaletteScreen)
        ids = {offer.command.id for offer in app.screen.offers}
        assert ids <= {command.id for command in COMMANDS}
        assert {"home.open", "presenter", "theme.light", "quit"} <= ids
        await pilot.press(*"light", "enter")
        await settle(pilot)
        assert app.theme == theme_id("light")
        assert isinstance(app.screen, HomeScreen)


async def test_the_palette_moves_and_closes(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", "down", "down", "up")
        await settle(pilot)
        assert isinstance(app.screen, PaletteScreen)
        assert app.screen.options.highlighted == 1
        await pilot.press(*"zzzz", "enter")
        await settle(pilot)
        assert isinstance(app.screen, PaletteScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, HomeScreen)


async def test_q_leaves(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


async def test_ctrl_c_twice_leaves_from_anywhere(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("c", "ctrl+c")
        await settle(pilot)
        assert isinstance(app.screen, LeaveDialog)
        await pilot.press("escape")
        await settle(pilot)
        assert app.is_running
        await pilot.press("ctrl+c", "ctrl+c")
        await pilot.pause()
    assert app.return_code == 0


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaving_while_a_store_is_loaded_asks(make_app: MakeApp, key: str) -> None:
    app = make_app()
    gate = fake_of(app).gate = threading.Event()
    try:
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("j", "j", "enter")
            await until(pilot, lambda: "3,200 of" in text_of(app))
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, LeaveDialog))
            assert "Loading is stopped; what was loaded before stays as it is." in text_of(app)
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, LeaveDialog))
            assert app.is_running
            await pilot.press(key, "ctrl+c")
            await pilot.pause()
        assert app.return_code == 0
    finally:
        gate.set()


async def test_a_newer_toast_takes_the_place_of_an_older(make_app: MakeApp) -> None:
    app = make_app(read_only=True)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        for _ in range(3):
            await pilot.press("c")
            await settle(pilot)
        assert text_of(app).count("started read-only") == 1
        await pilot.press("Y")
        await settle(pilot)
        assert "started read-only" not in text_of(app)
        assert "Copied the line: Kestrel Outdoor  kestrel" in text_of(app)
        assert "\t" in app.clipboard


async def test_the_palette_lists_what_is_named_first(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 60)) as pilot:
        await settle(pilot)
        for typed, first in (("light", "theme.light"), ("copy", "copy"), ("whole line", "copy.row")):
            await pilot.press("ctrl+p", *("space" if letter == " " else letter for letter in typed))
            await settle(pilot)
            assert isinstance(app.screen, PaletteScreen)
            assert app.screen.options.get_option_at_index(0).id == first
            if typed == "light":
                assert app.screen.options.option_count == 1
            await pilot.press("escape")
            await settle(pilot)


async def test_the_palette_puts_a_whole_word_before_a_part_of_one(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=(120, 60)) as pilot:
        await settle(pilot)
        await pilot.press("2", "ctrl+p", *"own")
        await settle(pilot)
        assert isinstance(app.screen, PaletteScreen)
        ids = [option.id for option in app.screen.options.options]
        assert ids[0] == "duplicates.own_sku"
        assert "duplicates.decide_shown" in ids[1:]


async def test_the_palette_says_whole_what_the_command_under_the_cursor_does(make_app: MakeApp) -> None:
    app = make_app(first="kestrel-outdoor")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("2", "ctrl+p")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, PaletteScreen)
        for offer in screen.offers:
            said = screen.query_one("#whole", Static)
            note = f"not now: {offer.reason}" if offer.reason else offer.command.help
            assert str(said.content) == note
            # As drawn: nothing of it is cut or covered.
            drawn = " ".join(
                "".join(segment.text for segment in strip).strip()
                for strip in said.render_lines(said.size.region)
            )
            assert " ".join(drawn.split()) == note
            assert screen.query_one("#box").region.contains_region(said.region)
            await pilot.press("down")
            await settle(pilot)
        await pilot.press(*"zzzz")
        await settle(pilot)
        assert str(screen.query_one("#whole", Static).content) == "No command is called that."


async def test_the_palette_says_of_no_command_what_another_does(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("colon")
        field = app.screen.query_one(Input)
        field.value, field.value = "presenter", "verify"  # typed faster than it is drawn
        await settle(pilot)
        assert "No command is called that." in text_of(app)


async def test_the_first_page_of_help_names_the_palette(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert "ctrl+p or : searches all commands" in text_of(app)
        await pilot.press("G")
        await settle(pilot)
        assert "settling" not in text_of(app)


async def test_every_theme_paints(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        for name in ("light", "high-contrast", "ansi", "dark"):
            app.action_use_theme(name)
            await settle(pilot)
            assert "Kestrel Outdoor" in text_of(app)


def test_keys_that_do_not_fit_are_refused_at_the_start(make_app: MakeApp) -> None:
    with pytest.raises(SettingsInvalid):
        make_app(keys={"home.conect": ("n",)})


class Ends:
    """What became of a piece of work."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.failed: list[SupportdeskError] = []
        self.stopped = 0

    def work(self, call: object) -> Work[int]:
        def stop() -> None:
            self.stopped += 1

        return Work(call, done=self.done.append, failed=self.failed.append, stopped=stop)  # type: ignore[arg-type]


async def test_work_tells_its_end_on_the_event_loop() -> None:
    here = threading.get_ident()
    ends = Ends()

    def call(watch: Watch) -> int:
        assert threading.get_ident() != here
        watch.report("Reading", 1, 2)
        watch.report("Reading", 2, 2)
        watch.report("Counting")
        return 7

    work = ends.work(call)
    await work.run()
    assert ends.done == [7]
    assert [phase.phase for phase in work.phases] == ["Reading", "Counting"]
    assert work.phases[0].done == 2


async def test_an_error_with_a_sentence_is_told_and_a_stop_is_no_error() -> None:
    ends = Ends()

    def fail(watch: Watch) -> int:
        raise StoreBusy("later")

    def stop(watch: Watch) -> int:
        raise Cancelled("stopped")

    await ends.work(fail).run()
    await ends.work(stop).run()
    assert [type(error) for error in ends.failed] == [StoreBusy]
    assert ends.stopped == 1


async def test_a_fault_of_ours_is_not_swallowed() -> None:
    def fail(watch: Watch) -> int:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await Ends().work(fail).run()


async def test_cancelling_stops_the_thread_and_tells_no_end() -> None:
    ends = Ends()
    heard = threading.Event()

    def call(watch: Watch) -> int:
        try:
            watch.wait(30)
        except Cancelled:
            heard.set()
            raise
        return 1

    task = asyncio.ensure_future(ends.work(call).run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard.wait(5)
    wait_for_threads()
    assert (ends.done, ends.failed, ends.stopped) == ([], [], 0)


async def test_leaving_while_a_screen_is_being_made_is_no_fault(make_app: MakeApp) -> None:
    """A signal comes when it will: here after a screen was pushed and before it has its parts."""
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        app.push_screen(HomeScreen())
        app.exit(return_code=143)
    assert app.crash is None
    assert app.return_code == 143
