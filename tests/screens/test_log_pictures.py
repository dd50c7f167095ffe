"""The Log tab as pictures: typical, reading while lines come, filtered, empty, hostile text, error."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from supportdesk.desk.log import LogStanding
from supportdesk.errors import LedgerBusy
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import NOW, hostile_channels
from tests.screens.sizes import SIZES

FIRST = "kestrel-outlet"
_KEPT = "a worker on desk-2 (process 4711), for mia"
_LONG = "a very long reason that says " + "much " * 30


def _running(app: object) -> None:
    """Sync is on, a worker runs it."""
    fake = fake_of(app)  # type: ignore[arg-type]
    fake.log.now_standing = LogStanding(True, NOW + timedelta(seconds=7), NOW, _KEPT, "")


@SIZES
def test_log(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The signs, a rule between days, the last hour, who syncs, the countdown; the end is followed."""
    app = make_app(first=FIRST)
    _running(app)
    picture(app, keys="6", size=size)


def test_log_reading(make_app: MakeApp, picture: Picture) -> None:
    """The cursor went up: it holds still, and G follows."""
    app = make_app(first=FIRST)
    _running(app)
    picture(app, keys="6 k k k k")


def test_log_marked_and_wrapped(make_app: MakeApp, picture: Picture) -> None:
    """A range is marked, and a long line goes on below itself."""
    app = make_app(first=FIRST)
    _running(app)
    log = fake_of(app).log
    log.events[7] = replace(log.events[7], detail=_LONG)
    picture(app, keys="6 k k k space k k w")


def test_log_to_look_at(make_app: MakeApp, picture: Picture) -> None:
    """Only what is to be looked at."""
    picture(make_app(first=FIRST), keys="6 exclamation_mark")


def test_log_in_context(make_app: MakeApp, picture: Picture) -> None:
    """All lines; those that hold the text are marked."""
    picture(make_app(first=FIRST), keys="6 slash m u g enter c N")


@SIZES
def test_log_empty(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Nothing happened yet: what to do is said."""
    app = make_app(first=FIRST)
    fake_of(app).log.events = []
    picture(app, keys="6", size=size)


def test_log_none_like_that(make_app: MakeApp, picture: Picture) -> None:
    """A filter that nothing passes says how to see everything again."""
    picture(make_app(first=FIRST), keys="6 slash q q q enter")


@SIZES
def test_log_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile SKUs, places, references, reasons and names."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter 6 k", size=size)


@SIZES
def test_log_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The account file cannot be read now."""
    app = make_app(first=FIRST)

    def busy(*_: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    fake_of(app).open_log = busy  # type: ignore[method-assign,assignment]
    picture(app, keys="6", size=size)


def test_log_meaning(make_app: MakeApp, picture: Picture) -> None:
    """Who received it, on which machine, over SSH from where."""
    picture(make_app(first=FIRST), keys="6 k k m")


def test_log_time(make_app: MakeApp, picture: Picture) -> None:
    """What is no time is said so."""
    picture(make_app(first=FIRST), keys="6 t n o o n enter")


def test_log_narrow(make_app: MakeApp, picture: Picture) -> None:
    """60 columns are too few, and it stands all the same."""
    picture(make_app(first=FIRST), keys="6", size=(60, 20))
