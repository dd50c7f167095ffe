"""The forms of bundles, drafts and maximum, close-at and import as pictures: empty, typical, hostile text, error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supportdesk.core.bundles import BundleChange, BundleLine
from supportdesk.core.imports import BadRow, Imported
from supportdesk.core.stock import StockChange
from supportdesk.desk import Desk, bundles, stock
from supportdesk.desk.remote_import import KEY_VARIABLE
from supportdesk.screens.channel_settings import SettingsDialog
from tests.catalogs import level, listing
from tests.conftest import Picture
from tests.desk.stocked import HOSTILE, LEVELS, LISTINGS, MAIN_ST, load, stocked_desk, write
from tests.screens.fakes import HOSTILE as TITLES
from tests.screens.sizes import SIZES
from tests.screens.test_stock_real import app_of


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """50 mugs and 60 tents in MAIN; a draft mug beside the mug."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    desk = stocked_desk(tmp_path)
    draft = listing(40, "MUG", "Mug (draft)", status="DRAFT")
    load(desk, "outdoor", [*LISTINGS, draft], [*LEVELS, level(40, MAIN_ST, 3)])
    for sku, quantity in (("MUG", 50), ("TENT", 60)):
        stock.change_stock(desk, "kestrel", StockChange("set", "MAIN", sku, quantity))
    return desk


def on(sku: str) -> str:
    """The keys to the Stock tab, and to the row of that SKU by a filter."""
    return f"4 slash {' '.join(sku)} enter"


@SIZES
def test_bundle(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """A bundle as it is."""
    picture(app_of(desk), keys=f"{on('KIT')} b", size=size)


@SIZES
def test_bundle_changed(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """A line changed: what there would be of it, and what there is."""
    picture(app_of(desk), keys=f"{on('KIT')} b M U G enter backspace 5 enter", size=size)


@SIZES
def test_bundle_empty(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """A SKU that is none: what one is."""
    picture(app_of(desk), keys=f"{on('OLD')} b", size=size)


@SIZES
def test_bundle_error(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """A component that nobody knows."""
    picture(app_of(desk), keys=f"{on('KIT')} b M U G G enter enter", size=size)


@SIZES
def test_bundle_hostile(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """Hostile SKUs as components, hostile warehouses, a hostile name."""
    lines = tuple(BundleLine(sku, number) for number, sku in enumerate(HOSTILE, 1))
    bundles.change_bundle(desk, "kestrel", BundleChange("KIT", lines))
    write(
        desk,
        ("UPDATE listing SET title = ? WHERE sku = 'KIT'", (TITLES[2] + TITLES[4],)),
        ("UPDATE warehouse SET code = ? WHERE code = 'RETURNS'", (TITLES[4],)),
        ("UPDATE warehouse SET code = ? WHERE code = 'DEPOT'", (TITLES[12],)),
    )
    picture(app_of(desk), keys=f"{on('KIT')} b", size=size)


@SIZES
def test_settings_changed(
    desk: Desk, picture: Picture, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What drafts in and a maximum would do."""

    class Rested:
        """A timer that has run out already."""

        def __init__(self, form: SettingsDialog, _: float, count: Callable[[], None]) -> None:
            form.call_later(count)

        def stop(self) -> None:
            """Nothing is left to stop."""

    monkeypatch.setattr(
        SettingsDialog, "set_timer", lambda form, seconds, count: Rested(form, seconds, count)
    )
    picture(app_of(desk), keys="s l enter 3 0", size=size)


@SIZES
def test_settings(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """As they are."""
    picture(app_of(desk), keys="s", size=size)


@SIZES
def test_settings_refused(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """A maximum that is no number."""
    picture(app_of(desk), keys="s enter m a n y ctrl+s", size=size)


@SIZES
def test_settings_while_synced(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """Refused while the channel is synced, with a hostile title."""
    write(desk, ("UPDATE channel SET sync = 'on', title = ? WHERE handle = 'outdoor'", (TITLES[4],)))
    picture(app_of(desk), keys="s enter 9 ctrl+s", size=size)


@SIZES
def test_close_at(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """What stores are shown before and after."""
    picture(app_of(desk), keys=f"{on('MUG')} enter o 6 0", size=size)


@SIZES
def test_import(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """From an account; the key is not seen."""
    picture(app_of(desk), keys="3 i enter s e c r e t enter l", size=size)


@SIZES
def test_import_files(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """From files."""
    picture(app_of(desk), keys="3 i l", size=size)


@SIZES
def test_import_without_a_key(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """Nothing to ask with."""
    picture(app_of(desk), keys="3 i ctrl+s", size=size)


@SIZES
def test_imported(
    desk: Desk, picture: Picture, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came of it: hostile text in what was left out and in what is to be said."""
    done = Imported(
        2,
        3,
        1,
        40,
        2,
        close_at=1,
        bad=(BadRow("Sumtracker", 0, "", f"bundle {TITLES[4]}: {TITLES[2]}"),),
        bad_count=3,
        notes=("Before you turn on sync here, make sure that it is off in Sumtracker.", TITLES[7]),
    )
    app = app_of(desk)
    monkeypatch.setattr(app.doorway, "import_from_sumtracker", lambda *_, **__: done)
    picture(app, keys="3 i enter k ctrl+s", size=size)


@SIZES
def test_no_warehouse(desk: Desk, picture: Picture, size: tuple[int, int]) -> None:
    """The Warehouses tab says how to get one."""
    write(
        desk,
        *((f"DELETE FROM {table}", ()) for table in ("connection", "movement", "stock", "warehouse")),
    )
    picture(app_of(desk), keys="3", size=size)
