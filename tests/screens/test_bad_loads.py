"""Loads that meet a bad store, on screen: one clear sentence at 80x24, the last load as it was, and the program goes on.

Read page by page and by a bulk operation. The same on the command line is in `tests/cli/test_bad_input.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from supportdesk.sandbox.faults import Fault
from tests.conftest import settle, text_of, until
from tests.screens.served import Served, assert_goes_on, press, read, serving

pytestmark = pytest.mark.anyio

LONG = 1e9
"""Seconds that no patience outlasts."""


@pytest.fixture(params=["pages", "bulk"])
def connected(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """A shop that is connected and loaded; it is read page by page, then by a bulk operation."""
    more = {"page_listings_up_to": 0} if request.param == "bulk" else {}
    with serving(tmp_path / "a home", monkeypatch, **more) as served:
        served.connect()
        served.load()
        served.waits.clear()
        yield served


async def load_again(pilot: Pilot[None]) -> None:
    """From Home to the Overview, and load anew from there."""
    await settle(pilot)
    await press(pilot, "enter", "r")


@pytest.mark.parametrize(
    ("fault", "happened", "next_step"),
    [
        (
            Fault("html", seconds=LONG),
            "kestrel.myshopify.com answered with a web page instead of data.",
            "open the shop in a browser.",
        ),
        (Fault("dropped", seconds=LONG), "The connection to 127.0.0.1 broke off.", "Check the network"),
        (
            Fault("dropped", seconds=LONG, operation="locations"),
            "The connection to 127.0.0.1 broke off.",
            "Check the network, then try again.",
        ),
        (
            Fault("too_many_requests", seconds=LONG, wait=7),
            "asks everyone to slow down (HTTP 429).",
            "Try again in a few minutes.",
        ),
        (Fault("token_revoked"), "does not know this token.", "Connect again with a new token."),
        (Fault("scope_lost", scope="read_inventory"), "The token may not do enough", "access scopes"),
    ],
    ids=lambda value: f"{value.kind} {value.operation or ''}".strip() if isinstance(value, Fault) else "",
)
async def test_a_store_that_cannot_be_loaded(
    connected: Served, fault: Fault, happened: str, next_step: str
) -> None:
    before, app = connected.dump(), connected.app()
    connected.faults.add(fault)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await load_again(pilot)
        for sentence in (
            happened,
            next_step,
            "The last load is unchanged. r tries again, esc goes back.",
            "r try again",
        ):
            assert sentence in read(app), text_of(app)
        assert "Asking the store" not in read(app), "no step of its own: the step that waited failed"
        assert connected.shop.token not in text_of(app)
        assert connected.dump() == before
        assert not list(connected.desk.home.spool.glob("*.jsonl"))
        connected.faults.clear()
        await press(pilot, "r")
        assert "Loaded. Enter opens the overview." in read(app), text_of(app)
        await assert_goes_on(pilot)


async def test_a_connection_that_drops_in_the_middle_of_the_listings(connected: Served) -> None:
    paged = connected.desk.settings.page_listings_up_to > 0
    fault = (
        Fault("dropped", seconds=LONG, operation="productVariants")
        if paged
        else Fault("file_cut", seconds=LONG)
    )
    before, app = connected.dump(), connected.app()
    connected.faults.add(fault)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await load_again(pilot)
        for sentence in (
            "The store does not answer",
            "The connection to 127.0.0.1 broke off.",
            "Check the network, then try again." if paged else "Load again.",
            "The last load is unchanged.",
        ):
            assert sentence in read(app), text_of(app)
        assert connected.dump() == before
        await assert_goes_on(pilot)


async def test_a_first_load_that_fails_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path / "home", monkeypatch) as served:
        served.connect()
        before, app = served.dump(), served.app()
        served.faults.add(Fault("html", seconds=LONG))
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await settle(pilot)
            await press(pilot, "enter")
            assert "answered with a web page instead of data." in read(app), text_of(app)
            assert "Nothing was kept of it; the store was only read. r tries again, esc goes back." in read(
                app
            )
            assert served.dump() == before
            await assert_goes_on(pilot)


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        (Fault("throttled", seconds=60), "The store asks us to wait"),
        (Fault("too_many_requests", times=3, wait=20), "The store asks us to wait 20 s"),
        (Fault("dropped"), "No good answer; trying again in"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_loading_waits_out_what_passes_and_says_so(connected: Served, fault: Fault, note: str) -> None:
    app = connected.app()
    connected.faults.add(fault)
    connected.go_on.clear()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot.press("r")
        await until(pilot, lambda: note in read(app))
        assert "✓" not in read(app), "the first step is the one that waits"
        assert "esc stop" in read(app), text_of(app)
        connected.go_on.set()
        await settle(pilot)
        assert "Loaded. Enter opens the overview." in read(app), text_of(app)
        await assert_goes_on(pilot)
    if fault.kind != "dropped":
        assert sum(connected.waits) >= 60


async def test_a_load_that_waits_can_be_stopped(connected: Served) -> None:
    before, app = connected.dump(), connected.app()
    connected.faults.add(Fault("throttled", seconds=60))
    connected.go_on.clear()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot.press("r")
        await until(pilot, lambda: "The store asks us to wait" in read(app))
        await press(pilot, "escape")
        assert "Loading stopped; the last load is unchanged." in read(app), text_of(app)
        assert connected.dump() == before
        await assert_goes_on(pilot)
