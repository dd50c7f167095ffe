"""Pictures of plans outside the wizard, and of rows that moved since one was made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from supportdesk.errors import LedgerBusy
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import KESTREL, hostile_channels
from tests.screens.sizes import SIZES
from tests.screens.test_wizard import FIRST


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


ON = (replace(KESTREL[0], sync="on"), *KESTREL[1:])
BACK = "ctrl+p r o l l enter"


@SIZES
@pytest.mark.parametrize(
    ("kind", "keys"),
    [("direction", "3 t"), ("rollback", BACK), ("kept", f"{BACK} x n n y n"), ("asks", "3 j j enter ctrl+s")],
)
def test_plan(make_app: MakeApp, picture: Picture, size: tuple[int, int], kind: str, keys: str) -> None:
    """What is planned, what will happen, the rows; of a roll back the causes and which stay; of a link the first question."""
    picture(make_app(ON, first=FIRST), keys=keys, size=size)


@SIZES
@pytest.mark.parametrize("kind", ["empty", "hostile", "error"])
def test_plan_otherwise(make_app: MakeApp, picture: Picture, size: tuple[int, int], kind: str) -> None:
    """No row, hostile names and causes, a plan that could not be made."""
    hostile = kind == "hostile"
    app = make_app(hostile_channels(), hostile=True) if hostile else make_app(ON, first=FIRST)
    fake_of(app).going_live.empty = kind == "empty"
    if kind == "error":
        fake_of(app).fail_plans = LedgerBusy("The account file is in use by another process.", "Try again.")
    picture(app, keys=f"enter {BACK}" if hostile else BACK, size=size)
