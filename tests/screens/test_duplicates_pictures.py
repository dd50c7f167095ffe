"""The Duplicates tab as a picture, at 80x24 and 120x36: empty, typical, hostile text, error; its prompt, dialogs and forms."""

from __future__ import annotations

import pytest

from supportdesk.core.duplicates import Choice
from supportdesk.errors import LedgerBusy
from supportdesk.screens.program import SupportdeskApp
from supportdesk.terminal.profile import TerminalProfile
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_duplicates import many_groups
from tests.screens.fakes import hostile_channels
from tests.screens.sizes import SIZES, WIDE


def decided(app: SupportdeskApp) -> SupportdeskApp:
    """Some groups are decided."""
    duplicates = fake_of(app).duplicates
    duplicates.decided("KO-TENT-2P", Choice("split"))
    duplicates.decided("KO-MUG", Choice("shared", "oldest"))
    duplicates.decided("KO-LAMP", Choice("shared", "listing", "listing-3000"))
    duplicates.decided("n/a", Choice("left_out"), who="noor", note="asked the owner")
    return app


@WIDE
def test_typical(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Worst first; the listings of the group under the cursor, and what the oldest's count would change."""
    picture(make_app(), keys="enter 2", size=size)


@SIZES
def test_decided(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Decisions in the list; what calls for a second look; who decided, and without presenter mode the note."""
    picture(decided(make_app(presenter=False)), keys="enter 2 slash n slash a enter", size=size)


@SIZES
def test_split_not_done(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A split that the store does not show yet says what to do; two groups are marked."""
    picture(decided(make_app()), keys="enter 2 j space space k k", size=size)


@SIZES
def test_new_skus(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A split group's listings get SKUs of their own: one keeps it, the others are proposed one."""
    picture(make_app(), keys="enter 2 d s i", size=size)


@SIZES
def test_none(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """No two listings share a SKU."""
    app = make_app()
    fake_of(app).duplicates.listings = {}
    picture(app, keys="enter 2", size=size)


@SIZES
def test_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile SKUs and titles stand there as text."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter 2 j j j j", size=size)


@SIZES
def test_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The account file cannot be read."""
    app = make_app(first="kestrel-outdoor")
    fake_of(app).fail = LedgerBusy("Another supportdesk holds the file.", "Wait for it, then try again.")
    picture(app, keys="escape 2 ", size=size)


def test_many(make_app: MakeApp, picture: Picture) -> None:
    """Five thousand groups, at the last one."""
    app = make_app()
    fake_of(app).duplicates.listings = many_groups(5_000)
    picture(app, keys="enter 2 G")


@SIZES
def test_prompt(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """What can follow d, with the numbers it leads to."""
    picture(make_app(), keys="enter 2 d", size=size)


@pytest.mark.parametrize("theme", ["light", "ansi"])
def test_prompt_theme(make_app: MakeApp, picture: Picture, theme: str) -> None:
    """The prompt leaves the groups to be seen in every theme."""
    picture(make_app(theme=theme), keys="enter 2 d")


def test_prompt_marked(make_app: MakeApp, picture: Picture) -> None:
    """What can follow d for marked groups."""
    picture(make_app(), keys="enter 2 space space d")


def test_effect(make_app: MakeApp, picture: Picture) -> None:
    """The effect in units before marked groups are decided; Cancel has the focus."""
    picture(make_app(), keys="enter 2 space space d l")


def test_elsewhere(make_app: MakeApp, picture: Picture) -> None:
    """The second answer for a named listing."""
    picture(make_app(), keys="enter 2 slash l a m p enter d enter")


def test_listing(make_app: MakeApp, picture: Picture) -> None:
    """One listing whole."""
    picture(make_app(), keys="enter 2 enter j enter")


def test_meaning(make_app: MakeApp, picture: Picture) -> None:
    """A group in words for the merchant."""
    picture(make_app(), keys="enter 2 m")


def test_export(make_app: MakeApp, picture: Picture) -> None:
    """Where to write; a folder that is none is said by the desk, not here."""
    picture(make_app(), keys="enter 2 E ctrl+u a full_stop c s v")


def test_no_colour(make_app: MakeApp, picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR: signs and reverse video say it all."""
    monkeypatch.setenv("NO_COLOR", "1")
    picture(decided(make_app(profile=TerminalProfile(colour=False))), keys="enter 2 space")


def test_ascii(make_app: MakeApp, picture: Picture) -> None:
    """Nothing but ASCII."""
    picture(decided(make_app(profile=TerminalProfile(ascii=True))), keys="enter 2 space")
