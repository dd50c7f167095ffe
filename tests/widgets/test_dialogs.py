"""Dialogs: a question has a key for each answer, what is typed must match, errors can be copied, pages scroll."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen

from supportdesk.commands import RESERVED_KEYS
from supportdesk.errors import SupportdeskError, TokenRefused
from supportdesk.themes import theme_id, themes
from supportdesk.widgets.dialogs import (
    ConfirmDialog,
    Entry,
    ErrorDialog,
    PageLine,
    TextPage,
    TypedConfirmDialog,
)
from tests.conftest import actions_of, settle, text_of
from tests.screens.fakes import HOSTILE

pytestmark = pytest.mark.anyio


class DialogApp(App[None]):
    """A dialog over nothing."""

    def __init__(self, make: Callable[[], Screen[bool] | Screen[None]]) -> None:
        super().__init__()
        for theme in themes():
            self.register_theme(theme)
        self.theme = theme_id("dark")
        self._make = make
        self.answers: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(self._make(), self.answers.append)


@pytest.mark.parametrize(
    ("dangerous", "keys", "answer"),
    [
        (False, "enter", True),
        (False, "escape", False),
        (False, "left enter", True),
        (False, "right enter", False),
        (False, "tab enter", False),
        (False, "y", True),
        (False, "n", False),
        (True, "enter", False),
        (True, "escape", False),
        (True, "left enter", True),
        (True, "h l enter", False),
        (True, "y", True),
        (True, "n", False),
    ],
)
async def test_a_question(dangerous: bool, keys: str, answer: bool) -> None:
    """Enter does what is asked, unless it is dangerous; a key for each answer is said; a no says what it means."""
    app = DialogApp(lambda: ConfirmDialog("Sure?", ["It cannot be undone."], "Do it", dangerous=dangerous))
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert "It cannot be undone." in text_of(app)
        assert "Do it (y)" in text_of(app)
        assert "Cancel (n)" in text_of(app)
        assert ("esc or enter cancels" in text_of(app)) == dangerous
        await pilot.press(*keys.split())
        await settle(pilot)
        assert app.answers == [answer]
        assert ("Nothing was changed." in text_of(app)) != answer


def test_the_keys_of_a_question_are_no_other_commands_in_it() -> None:
    """`y` copies elsewhere; in a question there is nothing to copy, and no reserved key but that one answers it."""
    keys = {
        key
        for binding in ConfirmDialog.BINDINGS
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }
    assert keys & RESERVED_KEYS == {"y", "h", "l", "shift+tab"}


@pytest.mark.parametrize(
    ("typed", "keys", "answers"),
    [
        ("kestrel", "enter", []),
        ("kestrel-outdoor ", "enter", []),
        ("Kestrel-Outdoor", "enter", []),
        ("kestrel-outdoor", "enter", [True]),
        ("kestrel-outdoor", "tab enter", [True]),
        ("kestrel-outdoor", "escape", [False]),
        ("kestrel", "tab enter", [False]),
    ],
)
async def test_a_typed_confirmation(typed: str, keys: str, answers: list[bool]) -> None:
    app = DialogApp(
        lambda: TypedConfirmDialog("Turn on sync", ["12 rows change."], "kestrel-outdoor", "Turn on")
    )
    async with app.run_test() as pilot:
        await settle(pilot)
        for letter in typed:
            await pilot.press({"-": "minus", " ": "space"}.get(letter, letter))
        await pilot.press(*keys.split())
        await settle(pilot)
        assert app.answers == answers


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_a_dialog(text: str) -> None:
    app = DialogApp(lambda: ErrorDialog(SupportdeskError(text, text)))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert app.screen.query_one("#close").has_focus
        assert actions_of(app) == set()
        for sentence in app.screen.query(".sentence"):
            await pilot.click(sentence, offset=(1, 0))
        assert app.answers == []


async def test_an_error_can_be_copied_and_tried_again() -> None:
    error = TokenRefused("The store said no.", "Copy the token again.")
    app = DialogApp(lambda: ErrorDialog(error, retry=True))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "The store does not accept the token" in text_of(app)
        await pilot.press("y")
        assert (
            app.clipboard == "The store does not accept the token: The store said no. Copy the token again."
        )
        await pilot.press("left", "enter")
        await settle(pilot)
        assert app.answers == [True]


async def test_a_page_scrolls_and_its_columns_wrap_within_themselves() -> None:
    lines: list[PageLine] = [
        Entry(Content("key"), Content("word " * 30)),
        *(Content(f"line {n}") for n in range(60)),
    ]
    app = DialogApp(lambda: TextPage("Help", lines))
    async with app.run_test() as pilot:
        await settle(pilot)
        rows = [row for row in text_of(app).splitlines() if "word" in row]
        assert len(rows) > 1
        assert len({row.index("word") for row in rows}) == 1
        assert "line 59" not in text_of(app)
        await pilot.press("G")
        await settle(pilot)
        assert "line 59" in text_of(app)
        await pilot.press("g", "space", "k")
        await settle(pilot)
        assert "line 59" not in text_of(app)
        await pilot.press("q")
        await settle(pilot)
        assert app.answers == [None]
