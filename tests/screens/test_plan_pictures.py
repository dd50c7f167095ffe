"""Pictures of plans outside the wizard, and of rows that moved since one was made."""

from __future__ import annotations

import pytest

from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import hostile_channels
from tests.screens.test_wizard import FIRST

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@SIZES
@pytest.mark.parametrize("kind", ["plain", "hostile"])
def test_moved(make_app: MakeApp, picture: Picture, size: tuple[int, int], kind: str) -> None:
    """Rows that moved wait: planned, now, after; the keys that go on or stop."""
    hostile = kind == "hostile"
    app = make_app(hostile_channels(), hostile=True) if hostile else make_app(first=FIRST)
    live = fake_of(app).going_live
    live.apply(live.plans, live.channel, None)
    live.go_on()
    live.moved()
    live.frozen = True
    picture(app, keys="enter T" if hostile else "T", size=size)
