"""Every screen as a picture, at 80x24 and 120x36: empty, typical, hostile text, error; each theme and NO_COLOR once."""

from __future__ import annotations

import threading

import pytest

from supportdesk.errors import BulkOperationFailed, ExportInvalid, StoreUnreachable
from supportdesk.terminal.profile import TerminalProfile
from supportdesk.themes import THEME_NAMES
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import KESTREL, OTHERS, hostile_channels, many_channels, summary
from tests.screens.sizes import SIZES, WIDE

TYPED = "k e s t r e l"


@WIDE
def test_home(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Own stores listed, others hidden by presenter mode."""
    picture(make_app(KESTREL + OTHERS), size=size)


@SIZES
def test_home_empty(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """What to do when there is no store."""
    picture(make_app(()), size=size)


@SIZES
def test_home_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile titles stand there as text."""
    picture(make_app(hostile_channels()), size=size)


def test_home_demo(make_app: MakeApp, picture: Picture) -> None:
    """The demo says that it is one."""
    picture(make_app(KESTREL[:2], demo=True))


def test_home_many(make_app: MakeApp, picture: Picture) -> None:
    """Five hundred stores, at the last one."""
    picture(make_app(many_channels(500)), keys="G")


def test_home_filter(make_app: MakeApp, picture: Picture) -> None:
    """The filter as a chip."""
    picture(make_app(), keys="slash o u t enter")


def test_home_filter_open(make_app: MakeApp, picture: Picture) -> None:
    """The filter while it is typed; nothing matches."""
    picture(make_app(), keys="slash z z")


def test_home_without_presenter_mode(make_app: MakeApp, picture: Picture) -> None:
    """Every merchant's stores."""
    picture(make_app(KESTREL + OTHERS, presenter=False), size=(120, 36))


def test_home_read_only(make_app: MakeApp, picture: Picture) -> None:
    """What cannot be done read-only is said when it is tried."""
    picture(make_app(read_only=True), keys="c")


@pytest.mark.parametrize("theme", THEME_NAMES)
def test_theme(make_app: MakeApp, picture: Picture, theme: str) -> None:
    """Each theme once, on the overview."""
    picture(make_app(theme=theme), keys="enter")


def test_no_colour(make_app: MakeApp, picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR: signs and reverse video say it all."""
    monkeypatch.setenv("NO_COLOR", "1")
    picture(make_app(profile=TerminalProfile(colour=False)), keys="enter")


def test_ascii(make_app: MakeApp, picture: Picture) -> None:
    """Nothing but ASCII."""
    picture(make_app(profile=TerminalProfile(ascii=True)), keys="enter")


@WIDE
def test_overview(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Readiness, what is left out, locations, the store."""
    picture(make_app(), keys="enter", size=size)


def test_overview_lower_panels(make_app: MakeApp, picture: Picture) -> None:
    """The panels below, by tab."""
    picture(make_app(), keys="enter tab tab")


@SIZES
def test_overview_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile names of shop, plan, locations and services."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter tab tab", size=size)


@SIZES
def test_overview_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The account file cannot be read."""
    app = make_app()
    fake_of(app).fail = StoreUnreachable(
        "kestrel-outdoor.myshopify.com did not answer within 30 s.", "Look at the connection and try again."
    )
    picture(app, keys="enter", size=size)


def test_meaning(make_app: MakeApp, picture: Picture) -> None:
    """What a check means, in words for the merchant."""
    picture(make_app(), keys="enter j m")


@SIZES
def test_left_out(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The listings left out for any reason."""
    picture(make_app(), keys="enter tab G enter", size=size)


def test_left_out_hostile(make_app: MakeApp, picture: Picture) -> None:
    """Hostile SKUs, titles and variants."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter tab enter")


@SIZES
def test_loading(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Half way: phases, bar, the store's wish to wait."""
    app = make_app(profile=TerminalProfile(remote=True))
    gate = fake_of(app).gate = threading.Event()
    try:
        picture(app, keys="j j enter", size=size, until_true=lambda: _phases(app) == 3)
    finally:
        gate.set()


def _phases(app: object) -> int:
    from supportdesk.screens.load import LoadScreen
    from supportdesk.screens.program import SupportdeskApp

    assert isinstance(app, SupportdeskApp)
    screen = app.screen
    return len(screen.phase_list.phases) if isinstance(screen, LoadScreen) else 0


@SIZES
def test_loaded(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The totals."""
    picture(make_app(), keys="j j enter", size=size)


@SIZES
def test_load_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The error in place, and how to go on."""
    app = make_app()
    fake_of(app).fail = BulkOperationFailed(
        "Shopify gave up on the export after 12,410 objects (INTERNAL_SERVER_ERROR).",
        "Load again; it is begun anew.",
    )
    picture(app, keys="j j enter", size=size)


@SIZES
def test_connect(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The form before anything is typed."""
    picture(make_app(KESTREL + OTHERS, presenter=False), keys="c", size=size)


@SIZES
def test_connect_tried(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """What the store told: its name and what the app may not do."""
    picture(make_app(), keys=f"c {TYPED} enter enter tab i d enter s e c enter", size=size)


def test_connect_hostile(make_app: MakeApp, picture: Picture) -> None:
    """A hostile shop name."""
    picture(make_app(hostile=True), keys=f"c {TYPED} enter enter tab i d enter s e c enter")


@SIZES
def test_connect_refused(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A refused token, beside its field."""
    picture(make_app(), keys=f"c {TYPED} enter enter right tab w r o n g enter", size=size)


def test_connect_incomplete(make_app: MakeApp, picture: Picture) -> None:
    """What is missing, beside each field."""
    picture(make_app(), keys="c ctrl+s")


@SIZES
def test_exports(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The form before anything is typed."""
    picture(make_app(), keys="o", size=size)


def test_exports_error(make_app: MakeApp, picture: Picture) -> None:
    """A file that is no export."""
    app = make_app()
    fake_of(app).fail = ExportInvalid(
        "a.csv has no column `Handle`, so it is no products export.", "Export again from Products > Export."
    )
    picture(app, keys="o a full_stop c s v ctrl+s")


@SIZES
def test_help(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The keys of Sales channels."""
    picture(make_app(), keys="question_mark", size=size)


def test_help_end(make_app: MakeApp, picture: Picture) -> None:
    """The end of the page of keys."""
    picture(make_app(), keys="enter question_mark G")


@SIZES
def test_palette(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """All commands."""
    picture(make_app(), keys="colon", size=size)


def test_palette_search(make_app: MakeApp, picture: Picture) -> None:
    """Commands by name; one that cannot be given says why."""
    picture(make_app(()), keys="colon o p e n")


def test_leaving(make_app: MakeApp, picture: Picture) -> None:
    """ctrl+c away from Home asks; Cancel has the focus."""
    picture(make_app(), keys="enter ctrl+c")


def test_small(make_app: MakeApp, picture: Picture) -> None:
    """Below 80x24 it says so and goes on."""
    picture(make_app(), size=(60, 16), keys="enter")


def test_never_loaded_from_the_command_line(make_app: MakeApp, picture: Picture) -> None:
    """`supportdesk CHANNEL` for a store that was never loaded begins with loading it."""
    picture(make_app((summary(loaded_at=None, listings=None),), first="kestrel-outdoor"))
