"""The import form over a real account file and a pretend Sumtracker on loopback: the key is seen nowhere, errors stand in place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from supportdesk.core.imports import Imported
from supportdesk.core.progress import Watch
from supportdesk.desk import Demo, Desk, stock, sumtracker_key
from supportdesk.desk.remote_import import KEY_VARIABLE
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.import_form import ImportDialog
from supportdesk.secret import Secret
from supportdesk.settings import Settings
from supportdesk.widgets.dialogs import TextPage
from tests.cli.commands import dump
from tests.conftest import text_of, until
from tests.desk.stocked import stocked_desk, write
from tests.screens.served import paste, shows
from tests.screens.test_stock_real import app_of, press
from tests.sumtracker.accounts import KEY, serving, side

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(side()) as (found, _):
        yield found


@pytest.fixture
def desk(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """As in the demo, every import asks the sandbox."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return replace(stocked_desk(tmp_path), demo=Demo(url, "outdoor"))


def read(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


async def test_a_key_is_asked_once_and_kept_where_wanted(desk: Desk) -> None:
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        text = read(await press(pilot, "3", "i"))
        assert shows(app, ImportDialog)
        assert "Nothing is written to it" in text
        text = read(await press(pilot, "ctrl+s"))
        assert "Type the API key: none is kept for this account" in text
        await paste(pilot, KEY[:-1] + "0")
        text = read(await press(pilot, "ctrl+s"))
        assert "✗" in text
        assert not sumtracker_key.is_kept(desk, "kestrel")
        assert KEY[:8] not in text_of(app)
        await press(pilot, "backspace")
        await paste(pilot, KEY[-1])
        assert KEY[:8] not in text_of(app)
        text = read(await press(pilot, "enter", "l"))
        assert "The key is kept for the next import" in text
        text = read(await press(pilot, "ctrl+s"))
        assert shows(app, TextPage)
        assert "make sure that it is off in Sumtracker" in text
        text = read(await press(pilot, "G"))
        assert "The API key is kept in" in text
        await press(pilot, "escape")
        assert shows(app, ChannelScreen)
        text = read(await press(pilot, "i"))
        assert "the key that is kept for this account" in text
        text = read(await press(pilot, "ctrl+s"))
        assert shows(app, TextPage)
    assert sumtracker_key.key_of(desk, "kestrel") == Secret(KEY)
    assert stock.inspect_sku(desk, "outdoor", "SKU-0").warehouses[0].available == 7


async def test_files(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "stock of mine.csv"
    file.write_text("sku,warehouse,in stock\nMUG,MAIN,40\nMUG,EAST,7\n")
    before = dump(desk.home.root)
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        text = read(await press(pilot, "3", "i", "l"))
        assert "CSV files, one or several" in text
        text = read(await press(pilot, "ctrl+s"))
        assert "Name at least one file." in text
        await press(pilot, "enter", "enter")
        await paste(pilot, str(file))
        text = read(await press(pilot, "ctrl+s"))
        assert "row 3, column warehouse: there is no warehouse 'EAST'" in text
        assert "leave bad rows out: the other 1 can be imported" in text
        assert dump(desk.home.root) == before
        text = read(await press(pilot, "enter", "enter", "l", "ctrl+s"))
        assert shows(app, TextPage)
        assert "1 number in stock changed" in text
        assert "1 row left out" in text
    assert stock.inspect_sku(desk, "outdoor", "MUG").warehouses[0].available == 40


async def test_it_can_be_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()

    def never(_desk: Desk, _account: str, _key: Secret, watch: Watch, **_: object) -> Imported:
        watch.report("Reading products", 100, 400, unit="products")
        started.set()
        while True:
            watch.check()
            threading.Event().wait(0.005)

    monkeypatch.setattr(sumtracker_key, "import_with", never)
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "3", "i", "enter")
        await paste(pilot, KEY)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "100 of 400 products" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Stopped; nothing was imported." in text_of(app))
        assert shows(app, ImportDialog)
        await press(pilot, "escape")
        assert shows(app, ChannelScreen)
    assert started.is_set()


async def test_without_a_warehouse_it_is_named(desk: Desk) -> None:
    write(
        desk,
        *((f"DELETE FROM {table}", ()) for table in ("connection", "movement", "stock", "warehouse")),
    )
    app = app_of(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        text = read(await press(pilot, "3"))
        assert "No warehouse yet: w makes one, i imports them." in text


async def test_read_only_imports_nothing(desk: Desk) -> None:
    app = app_of(replace(desk, settings=Settings(keyring=False, read_only=True)))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        assert "read-only" in read(await press(pilot, "3", "i"))
        assert not shows(app, ImportDialog)
