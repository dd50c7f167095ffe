"""What a call meets: each bad input gets one clear sentence and the right exit code, and leaves the account files as they were."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supportdesk.ledger import file as ledger_file
from supportdesk.sandbox.faults import Fault
from tests.catalogs import Clock
from tests.cli.commands import Commands, Said, apart, dump
from tests.cli.conftest import Served
from tests.cli.test_channels import HEADER, TOTALS, export
from tests.shops import listing

LONG = 1e9
"""Seconds that no patience outlasts."""


@pytest.fixture(params=["pages", "bulk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The store is read page by page, then by a bulk operation."""
    if request.param == "bulk":
        monkeypatch.setenv("SUPPORTDESK_PAGE_LISTINGS_UP_TO", "0")
    return str(request.param)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("html", seconds=LONG), "answer"),
        (Fault("bad_gateway", seconds=LONG), "unreachable"),
        (Fault("internal_error", seconds=LONG), "unreachable"),
        (Fault("too_many_requests", seconds=LONG, wait=7), "busy"),
        (Fault("dropped", seconds=LONG), "unreachable"),
        (Fault("fall_forward", seconds=LONG), "api_version"),
        (Fault("token_revoked"), "token_refused"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else None,
)
def test_a_store_that_answers_badly(
    cli: Commands, connected: Served, way: str, fault: Fault, code: str
) -> None:
    connected.faults.add(fault)
    error = cli.refused(3, "load", "kestrel")
    assert error["code"] == code
    assert "kestrel.myshopify.com" in error["detail"] or "127.0.0.1" in error["detail"]
    connected.faults.clear()
    assert cli.good("load", "kestrel", "--json").json == TOTALS


@pytest.mark.parametrize("scope", ["read_products", "read_inventory", "read_locations"])
def test_a_scope_that_was_taken_away(cli: Commands, connected: Served, way: str, scope: str) -> None:
    connected.faults.add(Fault("scope_lost", scope=scope))
    error = cli.refused(3, "load", "kestrel")
    assert error["code"] == "scope_missing"
    # A bulk operation that fails for lack of a scope does not name it (`reference/shopify.md` §4).
    named = scope if way == "pages" or scope != "read_inventory" else "access scopes"
    assert named in error["detail"] + error["next"]


def test_a_store_that_is_gone(cli: Commands, connected: Served, way: str, home: Path) -> None:
    file = home / "accounts" / "kestrel.db"
    with ledger_file.open_ledger(file, now=Clock()) as ledger, ledger.writing() as connection:
        connection.execute("UPDATE channel SET api_url = 'http://127.0.0.1:1'")
    error = cli.refused(3, "load", "kestrel")
    assert error["code"] == "unreachable"
    assert sum(connected.waits) > 20, "it was patient"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("throttled", seconds=60),
        Fault("too_many_requests", times=3, wait=20),
        Fault("bad_gateway", times=2),
        Fault("dropped", times=1),
        Fault("internal_error", times=2),
    ],
    ids=lambda fault: fault.kind,
)
def test_trouble_that_passes_is_waited_out_and_said(
    cli: Commands, connected: Served, way: str, fault: Fault
) -> None:
    connected.waits.clear()
    connected.faults.add(fault)
    said = cli.good("load", "kestrel")
    assert said.out.splitlines()[0].split() == ["listings", "3"]
    assert "wait" in said.err or "again in" in said.err
    if fault.kind == "throttled":
        assert sum(connected.waits) >= 60


def test_a_connection_that_drops_in_the_middle_of_the_pages(cli: Commands, connected: Served) -> None:
    connected.faults.add(Fault("dropped", seconds=LONG, operation="productVariants"))
    assert cli.refused(3, "load", "kestrel")["code"] == "unreachable"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("file_cut", seconds=LONG), "bulk"),
        (Fault("file_short", seconds=LONG), "bulk"),
        (Fault("bulk_failed", code="INTERNAL_SERVER_ERROR"), "bulk"),
        (Fault("bulk_failed", code="ACCESS_DENIED"), "scope_missing"),
    ],
    ids=lambda value: f"{value.kind}-{value.code}" if isinstance(value, Fault) else None,
)
def test_a_bulk_file_that_is_no_good(
    cli: Commands, connected: Served, monkeypatch: pytest.MonkeyPatch, fault: Fault, code: str
) -> None:
    monkeypatch.setenv("SUPPORTDESK_PAGE_LISTINGS_UP_TO", "0")
    connected.faults.add(fault)
    error = cli.refused(3, "load", "kestrel")
    assert error["code"] in (code, "unreachable")
    assert not list((cli.home / "spool").glob("*.jsonl"))
    connected.faults.clear()
    assert cli.good("load", "kestrel", "--json").json == TOTALS


def good_csv(path: Path) -> Path:
    return export(path, *(f"t{number},Tent,Title,Default Title,T-{number},shopify,4" for number in range(50)))


def not_text(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def a_picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 400)


def a_spreadsheet(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + b"\x00" * 400)


def another_table(path: Path) -> None:
    path.write_text("Name,Email\nMia,mia@example.org\n")


def without_skus(path: Path) -> None:
    lines = path.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    path.write_text("\n".join(",".join([*row[:4], *row[5:]]) for row in cells) + "\n")


def half_a_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 - 3])


def an_empty_file(path: Path) -> None:
    path.write_bytes(b"")


def a_header_alone(path: Path) -> None:
    path.write_text(HEADER)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def nothing(path: Path) -> None:
    path.unlink()


BAD_FILES: list[Callable[[Path], None]] = [
    not_text,
    a_picture,
    a_spreadsheet,
    another_table,
    without_skus,
    half_a_file,
    an_empty_file,
    a_header_alone,
    a_folder,
    nothing,
]


@pytest.mark.parametrize("spoil", BAD_FILES)
def test_a_file_that_is_no_export(cli: Commands, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    good = good_csv(tmp_path / "acme.csv")
    cli.good("open", good)
    before = cli.good("show", "acme", "--json").json
    spoil(good)
    for words in (("open", good), ("load", "acme"), ("open", good, "--name=another")):
        error = cli.refused(1, *words)
        assert error["code"] == "export"
        assert "acme.csv" in error["detail"]
    assert cli.good("show", "acme", "--json").json == before
    assert [line["channel"] for line in cli.good("channels", "--json").json] == ["acme"]
    assert not (cli.home / "accounts" / "another.db").exists()


def test_one_bad_file_among_good_ones(cli: Commands, tmp_path: Path) -> None:
    good, bad = good_csv(tmp_path / "a.csv"), good_csv(tmp_path / "b.csv")
    without_skus(bad)
    error = cli.refused(1, "open", good, bad)
    assert "b.csv" in error["detail"]
    assert not list(cli.home.rglob("*.db"))


def test_a_ledger_without_room(
    cli: Commands, connected: Served, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SQLite's own limit of pages stands for the end of the disk: it fails as a full one does."""
    real = ledger_file.open_ledger

    def limited(*words: object, **more: object) -> ledger_file.Ledger:
        ledger = real(*words, **more)  # type: ignore[arg-type]
        pages = ledger.value("PRAGMA page_count")
        ledger.db.conn.execute(f"PRAGMA max_page_count={pages}")
        return ledger

    for number in range(200):
        connected.shop.add_listing(
            listing(500 + number, f"FILL-{number}", title="A title that takes room " * 10)
        )
    with monkeypatch.context() as patch:
        patch.setattr(ledger_file, "open_ledger", limited)
        error = cli.refused(1, "load", "kestrel")
        assert error["code"] == "disk_full"
        assert "as it was" in error["detail"]
    assert cli.good("load", "kestrel", "--json").json["listings"] == 203


def test_a_spool_without_room(cli: Commands, connected: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_PAGE_LISTINGS_UP_TO", "0")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))
    error = cli.refused(1, "load", "kestrel")
    assert error["code"] == "disk_full"
    assert not list((cli.home / "spool").glob("*.jsonl"))


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
def test_a_disk_that_is_really_full(small_disk: Path, tmp_path: Path) -> None:
    home = small_disk / "home"
    small = good_csv(tmp_path / "acme.csv")
    assert apart(home, "open", small).code == 0
    before = dump(home)
    export(
        small,
        *(f"t{number},Tent {'x' * 60},Title,Default Title,T-{number},shopify,4" for number in range(8000)),
    )
    said: Said = apart(home, "load", "acme", "--json")
    assert said.code == 1
    assert said.error["code"] == "disk_full"
    assert dump(home) == before
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="space"):
        filler.write_bytes(b"x" * 2_000_000)
    for words in (("show", "acme"), ("channels",)):
        assert apart(home, *words).code == 0, "reading goes on"
