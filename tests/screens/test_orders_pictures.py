"""The Orders tab as pictures: typical, filtered, empty, hostile text, error."""

from __future__ import annotations

from supportdesk.errors import LedgerBusy
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import hostile_channels, summary
from tests.screens.sizes import SIZES

FIRST = "kestrel-outdoor"


@SIZES
def test_orders(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Every state and what each order did; below, a line and a bundle at two locations."""
    picture(make_app((summary(sync="on"),), first=FIRST), keys="5 j j j", size=size)


@SIZES
def test_orders_bundle(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The cursor among the lines, on a bundle: what it took."""
    picture(make_app((summary(sync="on"),), first=FIRST), keys="5 enter j", size=size)


@SIZES
def test_orders_to_look_at(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Only those with an unknown SKU or at an unlinked location, and what that means."""
    picture(make_app((summary(sync="on"),), first=FIRST), keys="5 f f", size=size)


@SIZES
def test_orders_from_before(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Orders from before sync: not counted, but what changed of them is."""
    picture(make_app((summary(sync="on"),), first=FIRST), keys="5 f f f", size=size)


@SIZES
def test_orders_empty(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Sync is off."""
    app = make_app(first=FIRST)
    fake_of(app).orders.count = 0
    picture(app, keys="5", size=size)


@SIZES
def test_orders_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile names, SKUs, titles, locations and warehouse codes."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter 5 j j j", size=size)


@SIZES
def test_orders_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The orders cannot be read."""
    app = make_app(first=FIRST)

    def busy(*_: object, **__: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    fake_of(app).open_orders = busy  # type: ignore[method-assign,assignment]
    picture(app, keys="5", size=size)
