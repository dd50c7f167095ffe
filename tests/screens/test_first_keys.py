"""Keys that come before a screen has settled: none of them goes into a filter nobody opened."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from supportdesk.widgets.filter import FilterLine
from tests.conftest import settle
from tests.screens.conftest import MakeApp


@pytest.mark.anyio
async def test_a_filter_takes_keys_only_while_it_is_open(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("j", "j")
        await settle(pilot)
        line = app.screen.query_one(FilterLine)
        hidden = line.query_one(Input)
        assert (line.text, hidden.can_focus) == ("", False)
        await pilot.press("slash", "j")
        await settle(pilot)
        assert (line.text, hidden.can_focus) == ("j", True)
        await pilot.press("escape", "escape", "j")
        await settle(pilot)
        assert (line.text, hidden.can_focus) == ("", False)
