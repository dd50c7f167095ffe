"""Keys of the plan screen: what is asked, what is kept, what is typed before anything is applied."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from supportdesk.core.wizard import Unknown
from supportdesk.errors import LedgerBusy, Refused
from supportdesk.ledger.differences import ORDER_KINDS
from supportdesk.ledger.movements import MovementKind
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.plan_review import PlanReviewScreen
from supportdesk.screens.plan_words import CAUSES, Wanted, answers_line
from supportdesk.screens.program import SupportdeskApp
from supportdesk.widgets.dialogs import ErrorDialog
from tests.conftest import settle, text_of
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_going_live import FakeGoingLive
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
        assert "y or enter yes · n no · esc leaves it as it is" in text_of(app)
        await press(pilot, "y", "y")
        await press(pilot, "c", "n", "n", "y")
        asked = asked_of(app)
        answers = [(each.copies, each.counts, each.unknown, each.promised_included) for each in asked]
        assert answers == [(True, "sum", None, None), (False, None, "hold", True)]


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ("copy", "Only SKUs that Sumtracker never counted are copied; its other numbers go to the store."),
        (
            "hold",
            "Nothing is copied: Sumtracker's numbers go to the store; SKUs that it never counted are held.",
        ),
        (
            None,
            "Nothing is copied: Sumtracker's numbers go to the store; SKUs that it never counted are to be",
        ),
    ],
)
async def test_it_says_which_skus_are_copied_and_which_are_not(unknown: Unknown | None, said: str) -> None:
    plan = replace(FakeGoingLive().plan(), copies=False, unknown=unknown)
    assert answers_line(plan, Wanted("link", 2, "Depot", "2", "sumtracker")).startswith(said)


@pytest.mark.parametrize("keys", ["3 t", BACK], ids=["direction", "rollback"])
async def test_a_plan_that_is_refused_is_said_where_it_was_asked_for(make_app: MakeApp, keys: str) -> None:
    app = make_app(ON, first=FIRST)
    fake_of(app).fail_plans = Refused("DEPOT may have this one connection.", "Choose another warehouse.")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *keys.split())
        assert isinstance(app.screen, ErrorDialog)
        assert "DEPOT may have this one connection. " in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ChannelScreen)


async def test_without_a_plan_nothing_is_offered_that_needs_one(make_app: MakeApp) -> None:
    """A store that does not answer may answer the next time: the page stays, with the way to try again."""
    app = make_app(ON, first=FIRST)
    fake_of(app).fail_plans = LedgerBusy("The account file is in use by another process.", "Try again.")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "3", "t")
        text = text_of(app)
        assert "apply" not in text
        assert "look into it" not in text
        assert "p tries again" in text
        fake_of(app).fail_plans = None
        await press(pilot, "p")
        assert "T apply" in text_of(app)
        fake_of(app).fail_plans = Refused("Another plan is being applied.", "Wait until that has ended.")
        await press(pilot, "p")
        text = text_of(app)
        assert "Another plan is being applied." in text
        assert "apply…" not in text
        assert isinstance(app.screen, PlanReviewScreen)


def test_a_roll_back_has_words_for_whatever_moves_stock() -> None:
    never_pushed = {"purchase"}  # it changes what is incoming alone
    kinds = set(get_args(MovementKind)) - set(ORDER_KINDS) - never_pushed
    assert kinds | {"placed", "settled", "edit", "rollback"} == set(CAUSES)
