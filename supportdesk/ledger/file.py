"""An account file as a file: opened, migrated with a safety copy, backed up, restored; SQLite's errors said in our words.

What is in the tables is the business of the modules beside this one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from supportdesk import __version__
from supportdesk.errors import DiskFull, LedgerBusy, LedgerDamaged, LedgerError, LedgerNewer
from supportdesk.ledger import events, schema

BUSY_SECONDS: Final = 60.0
"""How long a writer waits for another; a load of a million listings holds the file for less."""


@dataclass(frozen=True)
class Ledger:
    """An open account file. Not to be shared between threads: each opens its own."""

    path: Path
    db: Database

    @property
    def account(self) -> str:
        """The account's slug, as the file says it."""
        return str(self.value("SELECT account FROM ledger"))

    @property
    def ledger_id(self) -> str:
        """The identity of this ledger; a restored copy gets a new one."""
        return str(self.value("SELECT ledger_id FROM ledger"))

    def value(self, query: str, *parameters: object) -> object:
        """The first column of the first row, None where there is no row."""
        with said_plainly(self.path):
            row = self.db.conn.execute(query, parameters).fetchone()
        return row[0] if row else None

    def rows(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        """Every row of the answer; for answers known to be small."""
        with said_plainly(self.path):
            cursor = self.db.conn.cursor()
            cursor.row_factory = sqlite3.Row
            return cursor.execute(query, parameters).fetchall()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start: all of it lands, or nothing. Raises `LedgerError` and its kinds."""
        connection = self.db.conn
        with said_plainly(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        self.db.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk raise into the ledger's errors, each with what to do next."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_our_words(path, error) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(path) from error
        raise


def _disk_full(path: Path) -> DiskFull:
    return DiskFull(
        f"There is no room left to write {path.name}; it is as it was before.",
        "Free some space, then try again.",
    )


def _in_our_words(path: Path, error: sqlite3.Error) -> LedgerError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return _disk_full(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LedgerBusy(
            f"Another supportdesk has been writing {path.name} for more than {BUSY_SECONDS:.0f} s.",
            "Wait for it to finish, or close it, then try again.",
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return LedgerDamaged(
            f"{path} cannot be read as an account file ({error}).",
            "Restore a backup with `supportdesk restore FILE`.",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return LedgerError(
            f"{path} cannot be opened for writing ({error}).",
            "Look at the rights of the file and its folder.",
        )
    if code == sqlite3.SQLITE_IOERR:
        return LedgerError(
            f"The disk failed while {path.name} was in use ({error}).",
            "Nothing half done was kept. Look at the disk, then try again.",
        )
    return LedgerError(
        f"{path.name}: {error}.", "Run the command again; if it stays, keep the file and report it."
    )


def open_ledger(path: Path, *, account: str | None = None, now: Callable[[], datetime]) -> Ledger:
    """Open the account file at `path`, migrated; a new one is made only where `account` is given.

    Before a migration the file is copied beside itself (`NAME.before-VERSION.db`). Raises `LedgerNewer` for a file that only a
    newer program may write, `LedgerDamaged` for one that is not ours, `LedgerBusy`, `DiskFull`, `LedgerError`.
    """
    if account is None and not path.exists():
        raise LedgerError(
            f"There is no account file {path.name}.", "`supportdesk channels` lists what there is."
        )
    with said_plainly(path):
        new = not path.exists() or path.stat().st_size == 0
        if new:
            make_private(path)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            db = Database(connection, execute_plugins=False, recursive_triggers=False)
            ledger = Ledger(path, db)
            _prepare(ledger, new=new, account=account, now=now)
        except BaseException:
            connection.close()
            raise
    return ledger


def make_private(path: Path) -> None:
    """Create the empty file readable by its owner alone: a merchant's stock is nobody else's business."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare(ledger: Ledger, *, new: bool, account: str | None, now: Callable[[], datetime]) -> None:
    db = ledger.db
    if not new:
        _refuse_foreign(ledger)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    if schema.migrations.pending(db):
        if schema.migrations.applied(db):
            copy_database(ledger, ledger.path.with_name(f"{ledger.path.stem}.before-{__version__}.db"))
        db.execute("PRAGMA foreign_keys=OFF")
        _migrate(ledger, account, now)
    db.execute("PRAGMA foreign_keys=ON")


def _migrate(ledger: Ledger, account: str | None, now: Callable[[], datetime]) -> None:
    """Apply what is pending, all in one transaction, so that two processes that open a file at once do it once."""
    db = ledger.db
    with ledger.writing() as connection:
        if schema.migrations.pending(db):
            schema.migrations.apply(db)
            if not connection.execute("SELECT 1 FROM ledger").fetchone():
                connection.execute(
                    "INSERT INTO ledger (id, ledger_id, account, oldest_writer, created_at) VALUES (1, ?, ?, ?, ?)",
                    (str(uuid.uuid4()), account or ledger.path.stem, schema.OLDEST_WRITER, now().isoformat()),
                )
            connection.execute("UPDATE ledger SET oldest_writer = ?", (schema.OLDEST_WRITER,))
            connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")


def _refuse_foreign(ledger: Ledger) -> None:
    """Raise for a file that is not ours or that we are too old to write."""
    (application,) = ledger.db.conn.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION_ID:
        raise LedgerDamaged(
            f"{ledger.path} is a database, but not an account file of supportdesk.",
            "Restore a backup with `supportdesk restore FILE`.",
        )
    oldest = str(ledger.value("SELECT oldest_writer FROM ledger"))
    if version_key(oldest) > version_key(__version__):
        raise LedgerNewer(
            f"{ledger.path.name} was written by supportdesk {oldest} or newer; this is {__version__}.",
            f"Use supportdesk {oldest} or newer for this account.",
        )


def version_key(version: str) -> tuple[int, ...]:
    """`1.2.10` as numbers that compare; what follows a letter is left out."""
    numbers = []
    for part in version.split("."):
        digits = "".join(character for character in part if character.isdigit())
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def copy_database(ledger: Ledger, target: Path) -> None:
    """Copy the whole file as it stands to `target` through SQLite's backup API; `target` appears only once it is whole."""
    part = target.with_name(target.name + ".part")
    with said_plainly(target):
        part.unlink(missing_ok=True)
        make_private(part)
        try:
            copy = sqlite3.connect(part)
            try:
                ledger.db.conn.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
            finally:
                copy.close()
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def take_new_identity(ledger: Ledger, *, at: datetime, who: str) -> None:
    """Give a restored copy a ledger id of its own, so that the two are never taken for one (DESIGN §4)."""
    with ledger.writing() as connection:
        connection.execute("UPDATE ledger SET ledger_id = ?", (str(uuid.uuid4()),))
        events.record(connection, at=at, kind="restore", who=who)


def check_whole(ledger: Ledger) -> None:
    """Raise `LedgerDamaged` unless SQLite finds every page of the file sound."""
    answer = ledger.value("PRAGMA quick_check(1)")
    if answer != "ok":
        raise LedgerDamaged(f"{ledger.path} is damaged: {answer}.", "Take another backup.")


def leave_wal(ledger: Ledger) -> None:
    """Bring everything into the one file, so that it can be moved."""
    with said_plainly(ledger.path):
        ledger.db.conn.execute("PRAGMA journal_mode=DELETE")


def remove_database(path: Path) -> None:
    """Remove the file and what SQLite keeps beside it; what is not there is fine."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
