"""The Stock tab, the SKU inspector and its forms as pictures: typical, empty, hostile text, error."""

from __future__ import annotations

from dataclasses import replace

from supportdesk.core.stock import StockRow
from supportdesk.errors import Conflict, LedgerBusy, UnknownName
from tests.conftest import Picture
from tests.screens.conftest import MakeApp, fake_of
from tests.screens.fakes import hostile_channels
from tests.screens.sizes import SIZES, WIDE

FIRST = "kestrel-outdoor"


@WIDE
def test_stock(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Every sign; columns drop where there is no room."""
    picture(make_app(first=FIRST), keys="4 j", size=size)


@SIZES
def test_stock_filtered(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Rows that differ and hold a text, sorted by the difference."""
    picture(make_app(first=FIRST), keys="4 f s s s s s slash 0 2 enter", size=size)


@SIZES
def test_stock_empty(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Nothing is stocked."""
    app = make_app(first=FIRST)
    fake_of(app).inventory.stock_count = 0
    picture(app, keys="4", size=size)


@SIZES
def test_stock_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile SKUs, titles, locations and warehouse codes."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter 4 j", size=size)


@SIZES
def test_stock_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The rows cannot be read."""
    app = make_app(first=FIRST)

    def busy(*_: object, **__: object) -> object:
        raise LedgerBusy("Another process has held the account file for 30 s.", "Try again in a moment.")

    fake_of(app).open_stock = busy  # type: ignore[method-assign,assignment]
    picture(app, keys="4", size=size)


@WIDE
def test_sku(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Numbers per warehouse, the sum below them, rows, bundles, movements."""
    picture(make_app(first=FIRST), keys="4 j j enter j", size=size)


def test_sku_movements(make_app: MakeApp, picture: Picture) -> None:
    """The cursor among the movements."""
    picture(make_app(first=FIRST), keys="4 j j enter tab tab tab j")


@SIZES
def test_sku_bundle(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A bundle with its components, and the ones that limit it."""
    app = make_app(first=FIRST)
    row = StockRow("KO-KIT-CAMP", "Camp kit", "", "kit", 1, "Main Street", "MAIN", "sumtracker", 20, 20, None)
    fake_of(app).inventory.stock_row = lambda _: row  # type: ignore[method-assign,assignment]
    picture(app, keys="4 enter", size=size)


@SIZES
def test_sku_empty(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """No warehouse, no movement yet."""
    app = make_app(first=FIRST)
    inventory = fake_of(app).inventory
    bare = replace(
        inventory.inspection("KO-0001", 1), warehouses=(), bundles=(), movements=(), movement_count=0
    )
    bare = replace(bare, rows=tuple(replace(row, warehouse="", pushed=None) for row in bare.rows[:1]))
    inventory.inspection = lambda *_: bare  # type: ignore[method-assign]
    picture(app, keys="4 enter", size=size)


@SIZES
def test_sku_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A hostile SKU with hostile names, reasons and references."""
    picture(make_app(hostile_channels(), hostile=True), keys="enter 4 j j j j enter", size=size)


@SIZES
def test_sku_error(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The SKU is gone."""
    app = make_app(first=FIRST)

    def gone(*_: object, **__: object) -> object:
        raise UnknownName(
            "No listing, product or stock of kestrel has the SKU 'KO-0000'.", "Did you mean 'KO-0001'?"
        )

    fake_of(app).inspect_sku = gone  # type: ignore[method-assign,assignment]
    picture(app, keys="4 enter", size=size)


@SIZES
def test_adjust(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Before and after while the number is typed."""
    picture(make_app(first=FIRST), keys="4 enter a minus 2 enter b r o k e n", size=size)


@SIZES
def test_transfer(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """Both warehouses, before and after."""
    picture(make_app(first=FIRST), keys="4 enter t enter 5", size=size)


def test_change_conflict(make_app: MakeApp, picture: Picture) -> None:
    """Another agent was quicker: who, and the number as it is now."""
    app = make_app(first=FIRST)

    def conflict(*_: object) -> object:
        raise Conflict(
            "mia adjusted KO-0000 at MAIN at 14:29: 30 → 31 in stock.", "Look at the number again."
        )

    fake_of(app).change_stock = conflict  # type: ignore[method-assign,assignment]
    picture(app, keys="4 enter s 4 0 ctrl+s")


def test_change_invalid(make_app: MakeApp, picture: Picture) -> None:
    """A number that is none."""
    picture(make_app(first=FIRST), keys="4 enter i x ctrl+s")


@WIDE
def test_sku_explained(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A channel that is on: how the number of the row under the cursor comes about, every kind of line."""
    app = make_app(first=FIRST)
    fake_of(app).inventory.synced = True
    picture(app, keys="4 j j enter tab tab", size=size)


@SIZES
def test_sku_explained_hostile(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """The same with hostile order names and details."""
    app = make_app(hostile_channels(), hostile=True)
    fake_of(app).inventory.synced = True
    picture(app, keys="enter 4 j enter tab tab", size=size)


@SIZES
def test_count_promised(make_app: MakeApp, picture: Picture, size: tuple[int, int]) -> None:
    """A count where orders from before sync promise units: asked, and taken off."""
    app = make_app(first=FIRST)
    fake_of(app).inventory.synced = True
    picture(app, keys="4 j j enter c 4 0 tab right", size=size)
