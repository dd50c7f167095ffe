"""The account file as a file: opened, refused, migrated with a copy first, backed up, made private, out of disk."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from supportdesk.errors import DiskFull, LedgerBusy, LedgerDamaged, LedgerError, LedgerNewer, Refused
from supportdesk.ledger import faults, schema
from supportdesk.ledger.file import (
    Ledger,
    channels_unmigrated,
    check_whole,
    copy_database,
    open_ledger,
    replace_database,
    take_new_identity,
    version_key,
)
from tests.catalogs import Clock


def test_a_new_file_is_ours_private_and_named(tmp_path: Path) -> None:
    path = tmp_path / "kestrel.db"
    with open_ledger(path, account="kestrel", now=Clock()) as ledger:
        assert ledger.account == "kestrel"
        identity = ledger.ledger_id
        assert ledger.value("PRAGMA foreign_keys") == 1
        assert ledger.value("PRAGMA journal_mode") == "wal"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with open_ledger(path, now=Clock()) as ledger:
        assert ledger.ledger_id == identity


def test_a_file_that_is_not_there_is_not_made_by_opening(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no account file"):
        open_ledger(tmp_path / "none.db", now=Clock())
    assert not (tmp_path / "none.db").exists()


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_ledger(path, account="a", now=Clock()) as ledger, ledger.writing() as connection:
        connection.execute("UPDATE ledger SET oldest_writer = '99.1'")
    with pytest.raises(LedgerNewer, match=r"99\.1"):
        open_ledger(path, now=Clock())


def test_what_is_no_account_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough that SQLite reads a header" * 20)
    with pytest.raises(LedgerDamaged):
        open_ledger(text, now=Clock())
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE song (title TEXT)")
    connection.commit()
    connection.close()
    before = other.read_bytes()
    with pytest.raises(LedgerDamaged, match="not an account file"):
        open_ledger(other, now=Clock())
    assert other.read_bytes() == before


def test_a_migration_copies_the_file_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    with open_ledger(path, account="a", now=Clock()) as ledger:
        identity = ledger.ledger_id
    newer = Migrations(schema.migrations.name)
    newer(name="channels_and_catalog")(schema.channels_and_catalog)

    @newer()
    def a_later_step(db: Database) -> None:
        db.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")

    monkeypatch.setattr(schema, "migrations", newer)
    with open_ledger(path, now=Clock()) as ledger:
        assert ledger.value("SELECT count(*) FROM later") == 0
    (copy,) = tmp_path.glob("a.before-*.db")
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT ledger_id FROM ledger").fetchone() == (identity,)
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'later'").fetchall()
    connection.close()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_file_of_the_first_version_knows_its_duplicate_groups_once_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Migrations(schema.migrations.name)
    first()(schema.channels_and_catalog)
    path = tmp_path / "a.db"
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", first)
        before.setattr("supportdesk.ledger.file._count_anew", lambda connection: None)
        with open_ledger(path, account="a", now=Clock()) as ledger, ledger.writing() as connection:
            connection.execute(
                "INSERT INTO channel (id, handle, title, source, connected_at) VALUES (1, 'c', 'C', 'export', '2026-01-01')"
            )
            connection.execute("INSERT INTO location VALUES (1, -1, 'Main St', 1, 1, '', '', '', '', 0)")
            for number in (1, 2):
                connection.execute(
                    """INSERT INTO listing (channel_id, item_id, listing, title, variant_title, sku, barcode, status, tracked,
                       sells_when_out, gift_card, bundle_parent) VALUES (1, ?, ?, 'T', '', 'A', '', 'ACTIVE', 1, 0, 0, 0)""",
                    (-number, f"t-{number}"),
                )
                connection.execute(
                    "INSERT INTO store_level VALUES (1, ?, -1, 1, ?, NULL, NULL, NULL)", (-number, number * 3)
                )
            connection.execute(
                "INSERT INTO load VALUES (1, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00', 2, 1, 0, 1, 1, 2, 1, 9, 0, 0, 0, 0)"
            )
    with open_ledger(path, now=Clock()) as ledger:
        (group,) = ledger.rows("SELECT sku, listings, agrees, oldest, highest, total FROM duplicate_group")
        assert tuple(group) == ("A", 2, 0, 3, 6, 9)


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An account file of the first version, as it lies there when nobody has it open."""
    first = Migrations(schema.migrations.name)
    first()(schema.channels_and_catalog)
    path = tmp_path / "a.db"
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", first)
        with open_ledger(path, account="a", now=Clock()) as ledger, ledger.writing() as connection:
            connection.execute(
                "INSERT INTO channel (handle, title, source, connected_at) VALUES ('c', 'C', 'export', '2026-01-01')"
            )
            connection.execute("UPDATE ledger SET oldest_writer = '0.1.0'")
    return path


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_read_only_an_older_file_is_refused_and_left_as_it_is(older: Path, mode: str) -> None:
    connection = sqlite3.connect(older)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.close()
    before = older.read_bytes()
    with pytest.raises(Refused, match="older supportdesk") as caught:
        open_ledger(older, read_only=True, now=Clock())
    assert "without --read-only" in caught.value.next_step
    (channel,) = channels_unmigrated(older, "a")
    assert (channel.handle, channel.account, channel.listings, channel.loaded_at) == ("c", "a", None, None)
    assert older.read_bytes() == before
    assert [path.name for path in older.parent.iterdir() if not path.name.endswith(("-wal", "-shm"))] == [
        "a.db"
    ]
    open_ledger(older, now=Clock()).close()
    with open_ledger(older, read_only=True, now=Clock()) as ledger:
        assert ledger.value("SELECT count(*) FROM stock") == 0


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_read_only_nothing_is_written_whoever_tries(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.db"
    open_ledger(path, account="a", now=Clock()).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.close()
    before = path.read_bytes()
    with open_ledger(path, read_only=True, now=Clock()) as ledger:
        ledger.db.conn.execute("CREATE TEMP TABLE chosen (sku TEXT)")
        ledger.db.conn.execute("INSERT INTO temp.chosen VALUES ('A')")
        ledger.db.conn.commit()
        with pytest.raises(LedgerError), ledger.writing() as writing:
            writing.execute("UPDATE ledger SET account = 'b'")
        assert ledger.account == "a"
    assert path.read_bytes() == before


def test_read_only_what_another_process_left_in_its_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_ledger(path, account="a", now=Clock()) as writer:
        with writer.writing() as connection:
            connection.execute("INSERT INTO warehouse (code, name) VALUES ('MAIN', 'Main')")
        with open_ledger(path, read_only=True, now=Clock()) as ledger:
            assert ledger.value("SELECT code FROM warehouse") == "MAIN"


def test_a_migration_that_breaks_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    open_ledger(path, account="a", now=Clock()).close()
    newer = Migrations(schema.migrations.name)
    newer(name="channels_and_catalog")(schema.channels_and_catalog)

    @newer()
    def a_broken_step(db: Database) -> None:
        db.execute("CREATE TABLE half (id INTEGER PRIMARY KEY)")
        db.execute("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(schema, "migrations", newer)
    with pytest.raises(LedgerError):
        open_ledger(path, now=Clock())
    monkeypatch.undo()
    with open_ledger(path, now=Clock()) as ledger:
        assert ledger.value("SELECT count(*) FROM sqlite_master WHERE name = 'half'") == 0


def test_a_copy_is_whole_while_another_process_writes(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", account="a", now=Clock()) as ledger:
        take_new_identity(ledger, at=Clock()(), who="mia")
        copy_database(ledger, tmp_path / "copy.db")
        identity = ledger.ledger_id
    with open_ledger(tmp_path / "copy.db", now=Clock()) as copy:
        assert copy.ledger_id == identity
        check_whole(copy)


def test_a_transaction_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", account="a", now=Clock()) as ledger:
        with pytest.raises(LedgerError, match="nowhere"):
            _rename_and_break(ledger)
        assert ledger.account == "a"


def _rename_and_break(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        connection.execute("UPDATE ledger SET account = 'b'")
        connection.execute("INSERT INTO nowhere VALUES (1)")


def test_an_empty_file_is_not_taken_for_an_account(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    with pytest.raises(LedgerDamaged, match="empty"):
        open_ledger(path, now=Clock())
    assert path.stat().st_size == 0
    with open_ledger(path, account="a", now=Clock()) as ledger:
        assert ledger.account == "a"


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_a_file_that_was_removed_or_replaced_is_not_written_any_more(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.db"
    with open_ledger(path, account="a", now=Clock()) as ledger:
        other = tmp_path / "other.db"
        open_ledger(other, account="a", now=Clock()).close()
        path.unlink()
        if change == "replaced":
            other.replace(path)
        with pytest.raises(LedgerError, match="removed or replaced"), ledger.writing():
            pass


def test_a_held_file_is_said_to_be_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "BUSY_SECONDS", 0.05)
    path = tmp_path / "a.db"
    with open_ledger(path, account="a", now=Clock()) as ledger, ledger.writing():
        other = open_ledger(path, now=Clock())
        with pytest.raises(LedgerBusy), other.writing():
            pass
        other.close()


def test_a_full_disk_is_said_and_changes_nothing(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", account="a", now=Clock()) as ledger:
        before = list(ledger.db.conn.iterdump())
        pages = ledger.value("PRAGMA page_count")
        ledger.db.conn.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(DiskFull, match="no room"), ledger.writing() as connection:
            connection.executemany(
                "INSERT INTO event (at, kind, detail) VALUES ('', 'x', ?)",
                [("x" * 4000,) for _ in range(500)],
            )
        assert list(ledger.db.conn.iterdump()) == before


def test_two_that_open_a_new_file_at_once_make_one_ledger(tmp_path: Path) -> None:
    for turn in range(25):
        path = tmp_path / f"{turn}.db"
        found: list[str] = []
        start = threading.Barrier(6)

        def open_it(path: Path = path, found: list[str] = found, start: threading.Barrier = start) -> None:
            start.wait()
            with open_ledger(path, account="a", now=Clock()) as ledger:
                found.append(ledger.ledger_id)

        threads = [threading.Thread(target=open_it) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 6
        assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("older", "newer"), [("0.1.0", "0.1.1"), ("0.9", "0.10"), ("1.0", "1.0.1"), ("2", "10")]
)
def test_versions_compare_as_numbers(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)


def test_a_file_is_replaced_whole_and_kept(tmp_path: Path) -> None:
    target, part, kept = tmp_path / "a.db", tmp_path / "new.part", tmp_path / "kept.db"
    open_ledger(part, account="new", now=Clock()).close()
    with open_ledger(target, account="old", now=Clock()) as ledger:
        with pytest.raises(Refused, match="in use"):
            replace_database(target, part, kept)
        assert not kept.exists()
        assert ledger.account == "old"
    replace_database(target, part, kept)
    for path, account in ((target, "new"), (kept, "old")):
        with open_ledger(path, now=Clock()) as ledger:
            assert ledger.account == account
    assert not part.exists()


def test_a_file_that_is_in_use_keeps_what_was_written_last(tmp_path: Path) -> None:
    target, part, beside = tmp_path / "a.db", tmp_path / "new.part", tmp_path / "beside"
    open_ledger(part, account="new", now=Clock()).close()
    with open_ledger(target, account="old", now=Clock()) as ledger:
        with ledger.writing() as connection:
            connection.execute("UPDATE ledger SET account = 'newest'")
        with pytest.raises(Refused, match="in use"):
            replace_database(target, part, tmp_path / "kept.db")
        # What another process would find, whatever this one still holds open.
        beside.mkdir()
        for path in tmp_path.glob("a.db*"):
            shutil.copy(path, beside)
    with open_ledger(beside / "a.db", now=Clock()) as ledger:
        assert ledger.account == "newest"


def test_a_damaged_file_is_replaced_with_what_lies_beside_it(tmp_path: Path) -> None:
    target, part, kept = tmp_path / "a.db", tmp_path / "new.part", tmp_path / "kept.db"
    open_ledger(part, account="new", now=Clock()).close()
    target.write_bytes(b"no database at all" * 500)
    target.with_name("a.db-wal").write_bytes(b"a log of nothing")
    replace_database(target, part, kept)
    assert kept.read_bytes() == b"no database at all" * 500
    assert not target.with_name("a.db-wal").exists()
    with open_ledger(target, now=Clock()) as ledger:
        assert ledger.account == "new"
