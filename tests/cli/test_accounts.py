"""backup and restore: whole while in use, nothing lost on the way back, every wrong file refused with all as it was."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from supportdesk.ledger.file import open_ledger
from tests.catalogs import Clock
from tests.cli.commands import Commands, dump, files_of
from tests.cli.conftest import Served
from tests.cli.test_channels import TOTALS, export


@pytest.fixture
def kept(cli: Commands, connected: Served, tmp_path: Path) -> Path:
    """A backup of the connected store's account."""
    file = tmp_path / "kept.db"
    said = cli.good("backup", "kestrel", file)
    assert str(file) in said.out
    return file


def identity(path: Path) -> str:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("SELECT ledger_id FROM ledger").fetchone()
    connection.close()
    return str(found)


def test_a_backup_is_one_private_whole_file(cli: Commands, kept: Path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.glob("kept*")] == ["kept.db"]
    with open_ledger(kept, now=Clock()) as ledger:
        assert ledger.value("SELECT count(*) FROM listing") == 3
    assert "token" not in kept.read_bytes().decode("latin-1").lower()


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("kestrel", "kept.db"), 4, "refused"),
        (("kestrel", "none/kept.db"), 2, "usage"),
        (("nobody", "x.db"), 2, "unknown"),
    ],
)
def test_a_backup_that_cannot_be_made(
    cli: Commands, kept: Path, words: tuple[str, str], exit_code: int, code: str
) -> None:
    account, name = words
    before = kept.read_bytes()
    assert cli.refused(exit_code, "backup", account, kept.parent / name)["code"] == code
    assert kept.read_bytes() == before
    assert not (kept.parent / "x.db").exists()


def test_a_backup_while_another_writes_is_of_one_moment(
    cli: Commands, connected: Served, tmp_path: Path
) -> None:
    file = cli.home / "accounts" / "kestrel.db"
    stop = threading.Event()
    written = threading.Event()

    def write() -> None:
        number = 0
        with open_ledger(file, now=Clock()) as ledger:
            while not stop.is_set():
                number += 1
                with ledger.writing() as connection:
                    connection.execute("UPDATE store_level SET available = ?", (number,))
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(10)
    try:
        for number in range(5):
            cli.good("backup", "kestrel", tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        with open_ledger(tmp_path / f"{number}.db", now=Clock()) as ledger:
            assert ledger.value("PRAGMA integrity_check") == "ok"
            assert ledger.value("SELECT count(DISTINCT available) FROM store_level") == 1


def test_restoring_brings_back_what_was_there_and_keeps_what_it_replaces(
    cli: Commands, connected: Served, kept: Path
) -> None:
    file = cli.home / "accounts" / "kestrel.db"
    with open_ledger(file, now=Clock()) as ledger, ledger.writing() as connection:
        connection.execute("DELETE FROM listing")
    changed = dump(cli.home)["kestrel.db"]
    before = identity(file)
    said = cli.good("restore", kept)
    (copy,) = (cli.home / "accounts").glob("kestrel.before-restore-*.db")
    assert copy.name in said.out
    assert dump(cli.home)[copy.name] == changed
    assert identity(copy) == before
    assert identity(file) not in (before, identity(kept))
    assert cli.good("show", "kestrel", "--json").json == TOTALS
    assert cli.good("load", "kestrel", "--json").json == TOTALS, "its token is still here"
    cli.good("restore", kept)
    cli.good("restore", kept)
    assert len(list((cli.home / "accounts").glob("kestrel.before-restore-*.db"))) == 3
    assert len(cli.good("channels", "--json").json) == 1


def test_restoring_on_another_machine(cli: Commands, kept: Path, tmp_path: Path) -> None:
    elsewhere = f"--home={tmp_path / 'elsewhere'}"
    said = cli.good("restore", kept, elsewhere)
    assert "No token is kept here for kestrel" in said.out
    assert cli.good("show", "kestrel", "--json", elsewhere).json == TOTALS
    assert cli("load", "kestrel", "--json", elsewhere).error["code"] == "credential"


def test_restoring_over_a_damaged_file_is_what_it_is_for(cli: Commands, kept: Path) -> None:
    file = cli.home / "accounts" / "kestrel.db"
    file.write_bytes(b"nonsense" * 4000)
    cli.good("restore", kept)
    assert cli.good("show", "kestrel", "--json").json == TOTALS
    (copy,) = (cli.home / "accounts").glob("kestrel.before-restore-*.db")
    assert copy.read_bytes() == b"nonsense" * 4000


def newer(path: Path) -> None:
    with open_ledger(path, now=Clock()) as ledger, ledger.writing() as connection:
        connection.execute("UPDATE ledger SET oldest_writer = '99.0'")


def foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE song (title TEXT)")
    connection.commit()
    connection.close()


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def without_its_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("Handle,Title\n" * 500)


def of_a_strange_account(path: Path) -> None:
    with open_ledger(path, now=Clock()) as ledger, ledger.writing() as connection:
        connection.execute("UPDATE ledger SET account = '../../outside'")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (newer, "ledger_newer"),
        (foreign, "ledger_damaged"),
        (truncated, "ledger_damaged"),
        (without_its_end, "ledger_damaged"),
        (emptied, "ledger_damaged"),
        (text, "ledger_damaged"),
        (of_a_strange_account, "ledger_damaged"),
    ],
)
def test_a_file_that_is_no_backup_is_refused(
    cli: Commands, kept: Path, spoil: Callable[[Path], None], code: str
) -> None:
    spoil(kept)
    content, there = kept.read_bytes(), files_of(cli.home)
    error = cli.refused(1, "restore", kept)
    assert error["code"] == code
    assert str(kept) in error["detail"]
    assert "restoring" not in error["detail"]
    assert kept.read_bytes() == content
    assert files_of(cli.home) == there
    assert cli.good("show", "kestrel", "--json").json == TOTALS


def test_a_backup_that_is_not_there(cli: Commands, connected: Served, tmp_path: Path) -> None:
    assert cli.refused(2, "restore", tmp_path / "none.db")["code"] == "usage"
    assert cli.refused(2, "restore", tmp_path)["code"] == "usage"


def test_restoring_an_account_that_is_in_use_is_refused(cli: Commands, kept: Path) -> None:
    with open_ledger(cli.home / "accounts" / "kestrel.db", now=Clock()):
        error = cli.refused(4, "restore", kept)
    assert "in use" in error["detail"]
    cli.good("restore", kept)


def test_a_store_that_moved_to_another_account_is_not_doubled(
    cli: Commands, connected: Served, kept: Path
) -> None:
    cli.good("forget", "kestrel")
    cli.good(*connected.connect, "--account=other")
    error = cli.refused(4, "restore", kept)
    assert "other" in error["detail"]
    assert "supportdesk forget kestrel" in error["next"]


def test_a_full_disk_changes_nothing(
    cli: Commands, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    there = files_of(cli.home)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        assert cli.refused(1, "restore", kept)["code"] == "disk_full"
    assert files_of(cli.home) == there
    with monkeypatch.context() as patch:
        patch.setattr("supportdesk.ledger.file.make_private", full)
        assert cli.refused(1, "backup", "kestrel", tmp_path / "new.db")["code"] == "disk_full"
    assert not (tmp_path / "new.db").exists()


def test_forgetting_says_which_copies_stay(cli: Commands, kept: Path, tmp_path: Path) -> None:
    cli.good("restore", kept)
    (copy,) = (cli.home / "accounts").glob("kestrel.before-restore-*.db")
    assert copy.name in cli.good("forget", "kestrel").out
    cli.good("open", export(tmp_path / "acme.csv"))
    said = cli.good("forget", "acme")
    assert said.out == "acme is forgotten; its files are untouched. The account acme is removed.\n"
