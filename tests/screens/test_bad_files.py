"""Files that are no exports, and disks without room, on screen: one clear sentence at 80x24, nothing kept, and the program goes on.

The same on the command line is in `tests/cli/test_bad_input.py`, whose bad files these are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from supportdesk.ledger import file as ledger_file
from supportdesk.screens.channel import ChannelScreen
from supportdesk.screens.exports import ExportsScreen
from tests.cli import test_bad_input as bad
from tests.cli.test_channels import export
from tests.conftest import settle, text_of
from tests.screens.served import HANDLE, Served, assert_goes_on, paste, press, read, serving
from tests.shops import listing

pytestmark = pytest.mark.anyio

SENTENCES: dict[Callable[[Path], None], tuple[str, str]] = {
    bad.not_text: ("acme.csv: this is a binary file, not a CSV file.", "Export it from Shopify again."),
    bad.a_picture: ("acme.csv: this is a binary file, not a CSV file.", "Export it from Shopify again."),
    bad.a_spreadsheet: ("acme.csv: this is a ZIP archive or an Excel workbook.", "export as CSV."),
    bad.another_table: (
        "acme.csv, row 1: the column SKU (or Variant SKU) and the column Handle (or URL handle) are missing; there are Name, "
        "Email.",
        "Export inventory or products in Shopify's admin, as CSV.",
    ),
    bad.without_skus: (
        "acme.csv, row 1: the column SKU (or Variant SKU) is missing;",
        "Export inventory or products in Shopify's admin, as CSV.",
    ),
    bad.half_a_file: ("acme.csv, row 26: the file is cut short:", "Export it from Shopify again."),
    bad.an_empty_file: ("acme.csv: the file is empty.", "Export it from Shopify again."),
    bad.a_header_alone: ("There is no listing in acme.csv:", "Export all products, not a selection."),
    bad.a_folder: ("acme.csv: this is a folder.", "Name the CSV files in it."),
    bad.nothing: ("acme.csv: there is no such file.", "Check the name."),
}
"""What happened and what to do next, for each bad file of the command line's tests."""
FREE = "Free some space, then try again."


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Exports `acme.csv` that were opened, in a folder with a space, and a shop that is not connected."""
    with serving(tmp_path / "home", monkeypatch) as served:
        (tmp_path / "the downloads").mkdir()
        served.open(bad.good_csv(tmp_path / "the downloads" / "acme.csv"))
        yield served


async def open_form(pilot: Pilot[None], file: Path, name: str = "") -> None:
    """Fill the Open exports form as a person does who drops a file on the terminal, and open it."""
    await settle(pilot)
    await press(pilot, "o")
    await paste(pilot, f"'{file}'")
    await pilot.press("enter", *name)
    await press(pilot, "enter")


def test_every_bad_file_has_its_sentence() -> None:
    assert set(SENTENCES) == set(bad.BAD_FILES)


@pytest.mark.parametrize("name", ["", "another"], ids=["again", "new"])
@pytest.mark.parametrize("spoil", SENTENCES, ids=lambda spoil: spoil.__name__)
async def test_a_file_that_is_no_export(
    served: Served, tmp_path: Path, spoil: Callable[[Path], None], name: str
) -> None:
    file = tmp_path / "the downloads" / "acme.csv"
    spoil(file)
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_form(pilot, file, name)
        assert isinstance(app.screen, ExportsScreen)
        for sentence in ("The file cannot be read", *SENTENCES[spoil], "Nothing was kept."):
            assert sentence in read(app), text_of(app)
        assert served.dump() == before
        assert app.screen.files.input.has_focus
        if file.is_dir():
            file.rmdir()
        bad.good_csv(file)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, ChannelScreen), "what was typed is still there"
        assert "50" in read(app)
        await assert_goes_on(pilot)


@pytest.mark.parametrize("spoil", [bad.half_a_file, bad.without_skus, bad.nothing])
async def test_exports_that_were_spoiled_since(
    served: Served, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(tmp_path / "the downloads" / "acme.csv")
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "r")
        for sentence in (*SENTENCES[spoil], "The last load is unchanged. r tries again, esc goes back."):
            assert sentence in read(app), text_of(app)
        assert served.dump() == before
        await assert_goes_on(pilot)


async def test_one_bad_file_among_good_ones(served: Served, tmp_path: Path) -> None:
    good, spoiled = bad.good_csv(tmp_path / "a.csv"), bad.good_csv(tmp_path / "b.csv")
    bad.without_skus(spoiled)
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        await paste(pilot, f"{good} {spoiled}")
        await press(pilot, "ctrl+s")
        assert "b.csv, row 1: the column SKU (or Variant SKU) is missing;" in read(app), text_of(app)
        assert served.dump() == before
        await assert_goes_on(pilot)


@pytest.mark.parametrize(
    ("name", "happened"),
    [("Not A Name", "A channel's name is made of a-z, 0-9 and -"), (HANDLE, "kestrel is a connected store.")],
)
async def test_a_name_that_cannot_be(served: Served, tmp_path: Path, name: str, happened: str) -> None:
    served.connect()
    before, app = served.dump(), served.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_form(pilot, tmp_path / "the downloads" / "acme.csv", name)
        assert isinstance(app.screen, ExportsScreen)
        assert happened in read(app), text_of(app)
        assert app.screen.channel_name.input.has_focus
        assert app.screen.channel_name.has_class("-invalid")
        assert served.dump() == before
        await press(pilot, "ctrl+u", *"another", "enter")
        assert isinstance(app.screen, ChannelScreen), text_of(app)
        await assert_goes_on(pilot)


# Disks without room


@pytest.fixture(params=["pages", "bulk"])
def connected(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """A shop that is connected and loaded, and has grown since; it is read page by page, then by a bulk operation."""
    more = {"page_listings_up_to": 0} if request.param == "bulk" else {}
    with serving(tmp_path / "home", monkeypatch, **more) as served:
        served.connect()
        served.load()
        for number in range(200):
            served.shop.add_listing(
                listing(500 + number, f"FILL-{number}", title="A title that takes room " * 10)
            )
        yield served


def fill_the_disk(patch: pytest.MonkeyPatch) -> None:
    """Let no account file grow. SQLite's own limit of pages stands for the end of the disk: it fails as a full one does."""
    real = ledger_file.open_ledger

    def limited(*words: object, **more: object) -> ledger_file.Ledger:
        ledger = real(*words, **more)  # type: ignore[arg-type]
        pages = ledger.value("PRAGMA page_count")
        ledger.db.conn.execute(f"PRAGMA max_page_count={pages}")
        return ledger

    patch.setattr(ledger_file, "open_ledger", limited)


async def test_a_load_without_room(connected: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    before, app = connected.dump(), connected.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        with monkeypatch.context() as patch:
            fill_the_disk(patch)
            await settle(pilot)
            await press(pilot, "enter", "r")
            for sentence in (
                "The disk is full",
                "it is as it was before.",
                FREE,
                "The last load is unchanged.",
            ):
                assert sentence in read(app), text_of(app)
            assert connected.dump() == before
        await press(pilot, "r")
        assert "203 listings" in read(app), text_of(app)
        await assert_goes_on(pilot)


@pytest.mark.parametrize("connected", ["bulk"], indirect=True)
async def test_a_spool_without_room(connected: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    before, app = connected.dump(), connected.app()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "r")
        for sentence in (
            "The disk is full",
            "has less room.",
            "Make room, then load again.",
            "The last load is unchanged.",
        ):
            assert sentence in read(app), text_of(app)
        assert connected.dump() == before
        assert not list(connected.desk.home.spool.glob("*.jsonl"))
        await assert_goes_on(pilot)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts disks")
async def test_a_disk_that_is_really_full(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bad.good_csv(tmp_path / "acme.csv")
    with serving(small_disk / "home", monkeypatch) as served:
        served.open(file)
        export(
            file,
            *(
                f"t{number},Tent {'x' * 60},Title,Default Title,T-{number},shopify,4"
                for number in range(8000)
            ),
        )
        before, app = served.dump(), served.app()
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await open_form(pilot, file)
            for sentence in ("The disk is full", FREE, "Nothing was kept."):
                assert sentence in read(app), text_of(app)
            assert served.dump() == before
            await assert_goes_on(pilot)
            await press(pilot, "enter", "r")
            for sentence in ("The disk is full", FREE, "The last load is unchanged."):
                assert sentence in read(app), text_of(app)
            assert served.dump() == before
            with pytest.raises(OSError, match="space"):
                (small_disk / "filler").write_bytes(b"x" * 2_000_000)
            await assert_goes_on(pilot)
            await press(pilot, "c")
            await pilot.press(*HANDLE, "enter", "enter", "right", "tab")
            await paste(pilot, served.shop.token)
            await press(pilot, "enter", "enter")
            assert "Nothing was kept." in read(app), text_of(app)
            assert served.shop.token not in text_of(app)
            assert served.dump() == before
            await assert_goes_on(pilot)
