"""Keys of the plan screen: what is asked, what is kept, what is typed before anything is applied."""

from __future__ import annotations

import pytest

from supportdesk.screens.plan_review import PlanReviewScreen
from supportdesk.screens.plan_words import Wanted
from supportdesk.screens.program import SupportdeskApp
from tests.conftest import settle
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.served import press
from tests.screens.test_plan_pictures import BACK, ON
from tests.screens.test_wizard import FIRST

pytestmark = pytest.mark.anyio


def asked_of(app: SupportdeskApp) -> list[Wanted]:
    """The plans that were asked for."""
    return [call[1] for call in fake_of(app).calls if isinstance(call[1], Wanted)]


async def test_a_roll_back_is_applied_once_its_handle_is_typed(make_app: MakeApp) -> None:
    app = make_app(ON, first=FIRST)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *BACK.split())
        assert isinstance(app.screen, PlanReviewScreen)
        await press(pilot, "x", "n", "n", "y", "n")
        asked = asked_of(app)
        assert [each.keep for each in asked] == [(), ("receive",)]
        live = fake_of(app).going_live
        await press(pilot, "T", *FIRST[:-1], "enter", "escape")
        assert not [said for said in live.said if said[0] == "apply"]
        await press(pilot, "T", *FIRST, "enter")
        assert [said[:3] for said in live.said if said[0] == "apply"] == [("apply", live.plans, FIRST)]


async def test_a_link_asks_what_is_copied(make_app: MakeApp) -> None:
    app = make_app(ON, first=FIRST)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(PlanReviewScreen(ON[0], Wanted("link", 2, "Depot", "2", "sumtracker", shares=True)))
        await settle(pilot)
        await press(pilot, "y", "y")
        await press(pilot, "c", "n", "n", "y")
        asked = asked_of(app)
        answers = [(each.copies, each.counts, each.unknown, each.promised_included) for each in asked]
        assert answers == [(True, "sum", None, None), (False, None, "hold", True)]
