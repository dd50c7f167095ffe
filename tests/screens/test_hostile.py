"""Hostile names and titles on every screen: no cell runs an action, every character is printable, and the screen stands."""

from __future__ import annotations

import pytest

from supportdesk.errors import BulkOperationFailed
from tests.conftest import a_share, actions_of, settle, text_of
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import HOSTILE, hostile_channels

pytestmark = pytest.mark.anyio

_REACH = [
    "",
    "slash x",
    "enter",
    "enter j m",
    "enter tab tab",
    "enter tab enter",
    "enter r",
    "enter ctrl+c",
    "enter 2",
    "enter 2 G d",
    "enter 2 j j j tab i",
    "enter 2 j j j j j m",
    "enter 2 j j tab enter",
    "enter 2 space space d o",
    "enter 2 j a y",
    "enter 5 enter j",
    "enter 5 j m",
    "y",
    "colon",
]


# The whole list is on the first screen; the deeper ones are each seen with a few.
@pytest.mark.parametrize(
    ("keys", "store"),
    a_share((keys, store) for keys in _REACH for store in range(0, len(HOSTILE), 3 if keys else 99)),
)
async def test_every_screen(make_app: MakeApp, keys: str, store: int) -> None:
    app = make_app(hostile_channels(), hostile=True)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settle(pilot)
        await pilot.press(*["j"] * store)
        for key in keys.split():
            await pilot.press(key)
            await settle(pilot)
        assert actions_of(app) == set()
        assert all(line.isprintable() for line in text_of(app).splitlines())
        assert app.is_running


@pytest.mark.parametrize("text", HOSTILE)
async def test_errors(make_app: MakeApp, text: str) -> None:
    app = make_app(hostile_channels())
    fake_of(app).fail = BulkOperationFailed(text, text)
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("enter")  # as a dialog
        await settle(pilot)
        assert actions_of(app) == set()
        await pilot.press("escape", "r")  # in place
        await settle(pilot)
        assert "could not finish its export" in text_of(app)
        assert actions_of(app) == set()
        assert all(line.isprintable() for line in text_of(app).splitlines())


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_is_typed(make_app: MakeApp, text: str) -> None:
    app = make_app(hostile_channels())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        from textual.widgets import Input

        for typed in app.screen.query(Input):
            typed.value = text
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert actions_of(app) == set()
        assert app.is_running
