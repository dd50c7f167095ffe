"""Verify, held rows, alerts and the line that tells of them, as pictures: typical, empty, hostile text, error; and their keys."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from supportdesk.core.channels import SyncGlance
from supportdesk.desk.alerts import AlertLine
from supportdesk.errors import StoreUnreachable
from supportdesk.screens.alerts import AlertsScreen
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.held import HeldScreen
from supportdesk.screens.live_words import alert_text
from supportdesk.screens.program import SupportdeskApp
from supportdesk.screens.tab import ChannelTab
from supportdesk.screens.verify import VerifyScreen
from supportdesk.widgets.dialogs import ConfirmDialog, TypedConfirmDialog
from tests.conftest import Picture, actions_of, settle, text_of
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_live import AT, BRAKE
from tests.screens.fakes import HOSTILE, KESTREL, hostile_channels, summary
from tests.screens.sizes import SIZES

ON = (summary(sync="on"), *KESTREL[1:])
FIRST = "kestrel-outdoor"
ASYNC = pytest.mark.anyio
GONE = StoreUnreachable("The connection was dropped.", "Look at the network, then try again.")


@pytest.fixture
def troubled(make_app: MakeApp) -> Callable[..., SupportdeskApp]:
    """An app on a channel that is on, with alerts, held rows and rows that differ."""

    def make(*, hostile: bool = False, **more: object) -> SupportdeskApp:
        channels = hostile_channels() if hostile else ON
        app = make_app(channels, hostile=hostile, **({} if hostile else {"first": FIRST}), **more)
        fake = fake_of(app)
        fake.live.trouble()
        fake.going_live.is_on = True
        if hostile:
            from dataclasses import replace

            fake.channels = tuple(replace(channel, sync="on") for channel in fake.channels)
        return app

    return make


@SIZES
def test_alert_line(troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]) -> None:
    """A line below the tabs says how many alerts nobody has seen, and the one to look at first."""
    picture(troubled(), keys="", size=size)


@SIZES
def test_alerts(troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]) -> None:
    """One that stands, one that is over, one that was seen."""
    picture(troubled(), keys="W j j a", size=size)


@SIZES
def test_alerts_empty(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Nothing to look at."""
    picture(make_app(ON, first=FIRST), keys="W", size=size)


@SIZES
def test_alerts_hostile(
    troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]
) -> None:
    """Hostile sentences, in the line below the tabs too."""
    picture(troubled(hostile=True), keys="enter W", size=size)


@SIZES
def test_held(troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]) -> None:
    """Every reason, with before and after; two are marked."""
    picture(troubled(), keys="H space space j", size=size)


@SIZES
def test_held_question(
    troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]
) -> None:
    """What is asked before a row is confirmed."""
    picture(troubled(), keys="H space space c", size=size)


@SIZES
def test_held_empty(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """No row is held."""
    picture(make_app(ON, first=FIRST), keys="H", size=size)


@SIZES
def test_held_hostile(
    troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]
) -> None:
    """Hostile SKUs, titles, locations and reasons."""
    app = troubled(hostile=True)
    fake_of(app).live.held_count = 13
    picture(app, keys="enter H j", size=size)


@SIZES
def test_verify(troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]) -> None:
    """Every sign, what differs first."""
    picture(troubled(), keys="V j", size=size)


@SIZES
def test_verify_same(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Everything is the same, of a channel that is off."""
    picture(make_app(first=FIRST), keys="V", size=size)


@SIZES
def test_verify_hostile(
    troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]
) -> None:
    """Hostile SKUs, titles, locations and reasons."""
    picture(troubled(hostile=True), keys="enter V j", size=size)


@SIZES
def test_verify_error(
    troubled: Callable[..., SupportdeskApp], picture: Picture, size: tuple[int, int]
) -> None:
    """The store does not answer."""
    app = troubled()

    def fail(*_: object) -> object:
        raise GONE

    fake_of(app).verify = fail  # type: ignore[method-assign,assignment]
    picture(app, keys="V", size=size)


async def so(pilot: Pilot[None], until: Callable[[], bool]) -> None:
    for _ in range(200):
        if until():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never is")


@ASYNC
async def test_the_keys_of_alerts(troubled: Callable[..., SupportdeskApp]) -> None:
    app = troubled()
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await so(
            pilot,
            lambda: bool(app.screen.query("#alert-line")) and app.screen.query_one("#alert-line").display,
        )
        assert "3 alerts" in str(app.screen.query_one("#alert-line").render())
        await pilot.press("W")
        await so(pilot, lambda: isinstance(app.screen, AlertsScreen) and len(app.screen.alerts) == 3)
        await pilot.press("j", "a")
        await so(pilot, lambda: fake.live.seen == {2})
        assert ("mark_seen", FIRST, 2, 3) in fake.calls
        await pilot.press("A")
        await so(pilot, lambda: fake.live.seen == {1, 2, 3})
        assert ("mark_seen", FIRST, None, 3) in fake.calls
        await pilot.press("g", "enter")
        await so(pilot, lambda: not isinstance(app.screen, AlertsScreen))
        await so(pilot, lambda: not app.screen.query_one("#alert-line").display)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (AlertLine(2, "Depot is not active."), "! 2 alerts: Depot is not active."),
        (AlertLine(1, "Depot is not active.", True), "! 1 alert, over by now: Depot is not active."),
        (AlertLine(2, "Depot is not active.", True), "! 2 alerts, all over by now: Depot is not active."),
    ],
)
def test_alerts_that_are_over_are_said_to_be(line: AlertLine, said: str) -> None:
    assert alert_text(line).plain == said


@ASYNC
async def test_the_keys_of_held_rows(troubled: Callable[..., SupportdeskApp]) -> None:
    app = troubled()
    fake = fake_of(app)
    async with app.run_test() as pilot:
        await so(pilot, lambda: bool(app.screen.query("#tabs")))
        await pilot.press("H")
        await so(pilot, lambda: isinstance(app.screen, HeldScreen) and app.screen.table.item is not None)
        screen = app.screen
        assert isinstance(screen, HeldScreen)
        assert screen.reason_disabled("held.confirm") is None
        assert "has a number" in (screen.reason_disabled("held.copy") or "")
        await pilot.press("j", "j")
        await so(pilot, lambda: screen.table.item is not None and screen.table.item.ledger is None)
        assert (screen.reason_disabled("held.confirm") or "").endswith(
            "copy the store's number, or count it. t takes it over."
        )
        await pilot.press("g")
        await so(pilot, lambda: screen.table.cursor == 0)
        await pilot.press("space", "space", "space", "c")
        await so(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await so(pilot, lambda: any(call[0] == "answer_held" for call in fake.calls))
        (call,) = [call for call in fake.calls if call[0] == "answer_held"]
        assert call[2:] == (((2000, 1), (2001, 1)), "confirm"), (
            "the third was never counted, so it is not among them"
        )


@ASYNC
async def test_what_the_brake_stops_is_said_beside_held_rows(make_app: MakeApp) -> None:
    app = make_app(ON, first=FIRST)
    fake_of(app).live.stopped_rows = 604
    async with app.run_test() as pilot:
        await so(pilot, lambda: bool(app.screen.query("#tabs")))
        await pilot.press("H")
        await so(pilot, lambda: "the brake holds back 604 rows: Overview says why" in text_of(app))
        assert "everything" not in text_of(app)


@ASYNC
async def test_verify_can_be_stopped_shown_by_sign_and_left(troubled: Callable[..., SupportdeskApp]) -> None:
    app = troubled()
    fake = fake_of(app)
    fake.gate = threading.Event()
    async with app.run_test() as pilot:
        await so(pilot, lambda: bool(app.screen.query("#tabs")))
        await pilot.press("V")
        await so(pilot, lambda: isinstance(app.screen, VerifyScreen) and bool(app.screen.phases.phases))
        assert isinstance(app.screen, VerifyScreen)
        assert app.screen.in_progress
        await pilot.press("escape")
        await so(pilot, lambda: not isinstance(app.screen, VerifyScreen))
        fake.gate = None
        await pilot.press("V")
        await so(pilot, lambda: isinstance(app.screen, VerifyScreen) and app.screen.table.item is not None)
        screen = app.screen
        assert isinstance(screen, VerifyScreen)
        assert screen.table.source.count() == 7
        await pilot.press("f")
        await so(pilot, lambda: screen.table.source.count() == 3)
        assert screen.showing == "differ"


@ASYNC
async def test_sync_now_the_brake_and_turning_off_from_a_tab(troubled: Callable[..., SupportdeskApp]) -> None:
    from dataclasses import replace

    app = troubled()
    fake = fake_of(app)
    status = fake.going_live.status
    fake.going_live.status = lambda: replace(status(), brake=("14 rows would fall to 0.",), stopped_rows=14)  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        await so(pilot, lambda: bool(app.screen.query("#tabs")))
        await pilot.press("U")
        await so(pilot, lambda: ("sync_now", FIRST, False) in fake.calls)
        assert isinstance(app.screen, ChannelScreen)
        app.screen.overview_tab.post_message(ChannelTab.GoTo("brake"))  # as enter on that line of Overview
        await so(pilot, lambda: isinstance(app.screen, TypedConfirmDialog))
        await pilot.press("1", "3", "enter")
        assert isinstance(app.screen, TypedConfirmDialog), "another number does nothing"
        await pilot.press("backspace", "4", "enter")
        await so(pilot, lambda: ("go_on", FIRST, 14) in fake.calls)
        app.run_command_id("tabs.turn_off")
        await so(pilot, lambda: isinstance(app.screen, TypedConfirmDialog))
        await pilot.press(*FIRST.replace("-", "-"))
        await pilot.press("enter")
        await so(pilot, lambda: not isinstance(app.screen, TypedConfirmDialog))


@ASYNC
async def test_what_is_for_a_channel_that_is_on_says_so_where_it_is_off(make_app: MakeApp) -> None:
    app = make_app(first=FIRST)
    async with app.run_test() as pilot:
        await so(pilot, lambda: bool(app.screen.query("#tabs")))
        for command in ("tabs.sync_now", "tabs.hard_refresh", "tabs.go_on", "tabs.turn_off", "tabs.held"):
            assert app.screen.reason_disabled(command) == "Sync is off: T turns it on."  # type: ignore[attr-defined]
        assert app.screen.reason_disabled("tabs.verify") is None  # type: ignore[attr-defined]


@ASYNC
@pytest.mark.parametrize("keys", ["W j j", "H j j j", "V j j", "H c", "W enter"])
async def test_hostile_text_is_text(troubled: Callable[..., SupportdeskApp], keys: str) -> None:
    app = troubled(hostile=True)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settle(pilot)
        for key in ["enter", *keys.split()]:
            await pilot.press(key)
            await settle(pilot)
        assert actions_of(app) == set()
        assert all(line.isprintable() for line in text_of(app).splitlines())


@SIZES
def test_home_with_nobody_syncing(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A store that is on and that nobody syncs says since when."""
    app = make_app(ON)
    alone = SyncGlance(is_alone=True, synced_at=AT)
    fake_of(app).live.glances = {FIRST: alone, "kestrel-outlet": alone}
    picture(app, keys="", size=size)


@SIZES
def test_home_with_alerts_and_a_plan_under_way(
    make_app: MakeApp, picture: Picture, size: tuple[int, int]
) -> None:
    """One store has alerts, another is being turned on."""
    app = make_app(ON)
    fake_of(app).live.glances = {
        FIRST: SyncGlance(alerts=2, alert=BRAKE),
        "kestrel-trade": SyncGlance("turn-on"),
    }
    picture(app, keys="", size=size)


@SIZES
def test_home_with_hostile_alerts(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """What a store's alert quotes."""
    app = make_app(hostile_channels(), hostile=True)
    fake = fake_of(app)
    fake.live.glances = {
        channel.handle: SyncGlance(alerts=1, alert=" ".join(HOSTILE)) for channel in fake.channels
    }
    picture(app, keys="", size=size)


@ASYNC
async def test_home_says_no_more_of_it_once_somebody_syncs(make_app: MakeApp) -> None:
    app = make_app(ON)
    fake = fake_of(app)
    fake.live.glances = {FIRST: SyncGlance(is_alone=True, synced_at=AT)}
    async with app.run_test() as pilot:
        await so(pilot, lambda: "nobody syncing since 14:02 UTC" in text_of(app))
        fake.live.glances = {}
        app.screen._look()  # type: ignore[attr-defined]
        await so(pilot, lambda: "nobody syncing" not in text_of(app))


def test_a_channel_without_a_recorded_step_says_that_nobody_syncs_it() -> None:
    from supportdesk.desk.sync_status import SyncStatus

    status = SyncStatus(
        channel=FIRST,
        is_on=True,
        plan_id=None,
        phase=None,
        steps=(),
        rows={},
        held=(),
        written=0,
        to_compare=0,
        unsettled=0,
        brake=(),
        stopped_rows=0,
        keeper="nobody",
        kept_by="",
        last_cycle=None,
        alerts=(),
    )
    assert status.nobody_since is None
    assert status.words == "on, nobody syncing"


@ASYNC
async def test_an_edit_is_adopted_from_the_log(troubled: Callable[..., SupportdeskApp]) -> None:
    app = troubled()
    fake = fake_of(app)
    async with app.run_test(size=(120, 36)) as pilot:
        await so(pilot, lambda: bool(app.screen.query("#tabs")))
        await pilot.press("6")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ChannelScreen)
        for _ in range(60):
            event = getattr(screen.tab, "event", None)
            if event is not None and event.kind == "undo":
                break
            await pilot.press("k")
            await settle(pilot)
        assert screen.reason_disabled("log.adopt") is None
        await pilot.press("a")
        await so(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await so(pilot, lambda: any(call[0] == "adopt" for call in fake.calls))
        assert event is not None
        assert ("adopt", FIRST, event.sku, event.id) in fake.calls
        await pilot.press("j", "a")
        await settle(pilot)
        event = getattr(screen.tab, "event", None)
        if event is not None and event.kind != "undo":
            assert "Only an edit" in (screen.reason_disabled("log.adopt") or "")
