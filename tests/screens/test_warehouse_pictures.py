"""The Warehouses tab and its forms as pictures: typical, empty, hostile text, error."""

from __future__ import annotations

from supportdesk.core.catalog import Location
from supportdesk.core.connections import LocationLine
from supportdesk.errors import Conflict, LedgerBusy
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fake_inventory import FakeInventory
from tests.screens.fakes import hostile_channels
from tests.screens.sizes import SIZES, WIDE

FIRST = "kestrel-outdoor"


@WIDE
def test_typical(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A crossed pair, an unlinked van, a service, a closed shop; the panel speaks of the cursor's location."""
    picture(make_app(first=FIRST), keys="3 j", size=size)


@SIZES
def test_without_a_warehouse(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """What to do when there is no warehouse yet."""
    app = make_app(first=FIRST)
    fake_of(app).inventory = FakeInventory(
        lines=(LocationLine(Location(1, "Main Street", city="Leeds"), 40_318, 1_102, None),),
        warehouses=(),
        findings=(),
    )
    picture(app, keys="3", size=size)


@SIZES
def test_without_a_location(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Nothing to link."""
    app = make_app(first=FIRST)
    fake_of(app).inventory = FakeInventory(lines=(), warehouses=(), findings=())
    picture(app, keys="3", size=size)


@SIZES
def test_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile names of locations, warehouses, services, channels; findings that quote them."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter 3 j j", size=size)


@SIZES
def test_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Another agent was quicker."""
    app = make_app(first=FIRST)
    fake = fake_of(app)

    def conflict(*_: object, **__: object) -> object:
        raise Conflict(
            "mia linked Depot to DEPOT, Sumtracker master, at 14:29.", "Look at it as it is now, then decide."
        )

    fake.swap = conflict  # type: ignore[method-assign,assignment]
    picture(app, keys="3 s", size=size)


def test_unread(make_app: MakeApp, picture: Picture) -> None:
    """The connections cannot be read."""
    app = make_app(first=FIRST)

    def busy(*_: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    fake_of(app).connections = busy  # type: ignore[method-assign,assignment]
    picture(app, keys="3 escape")


@SIZES
def test_link(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The form: warehouses with evidence, who is master, whose count."""
    picture(make_app(first=FIRST), keys="3 j j enter k", size=size)


def test_link_a_new_warehouse(make_app: MakeApp, picture: Picture) -> None:
    """The form with a warehouse that is made while linking."""
    picture(make_app(first=FIRST), keys="3 j j enter G")


def test_link_hostile(make_app: MakeApp, picture: Picture) -> None:
    """The form with hostile names."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter 3 j enter", size=(120, 36))


def test_link_a_service(make_app: MakeApp, picture: Picture) -> None:
    """A service's location is linked only when one insists; the refusal stands in the form."""
    picture(make_app(first=FIRST), keys="3 j j j enter ctrl+s", size=(120, 36))


def test_new_warehouse(make_app: MakeApp, picture: Picture) -> None:
    """The form, with what is missing said."""
    picture(make_app(first=FIRST), keys="3 w ctrl+s")


def test_master(make_app: MakeApp, picture: Picture) -> None:
    """What another master means."""
    picture(make_app(first=FIRST), keys="3 t")
