"""An account file as a file: opened, migrated with a safety copy, copied, set aside for a restored one, removed.

What is in the tables is the business of the modules beside this one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from supportdesk import __version__
from supportdesk.core.channels import ChannelSummary
from supportdesk.errors import LedgerDamaged, LedgerError, LedgerNewer, Refused
from supportdesk.ledger import events, faults, schema
from supportdesk.ledger.faults import said_plainly

RESTORE_SECONDS: Final = 2.0
"""How long a restore waits for other processes to close the file."""


@dataclass(frozen=True)
class Ledger:
    """An open account file. Not to be shared between threads: each opens its own."""

    path: Path
    db: Database
    file_number: tuple[int, int]
    """Device and inode it was opened as: another at `path` later means that it was removed or replaced."""

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
        """One transaction that holds the write lock from its start: all of it lands, or nothing. Raises `LedgerError` and its kinds.

        Refuses to write a file that has been forgotten or restored since it was opened: what is written there would be lost.
        """
        connection = self.db.conn
        with said_plainly(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not self.is_in_place:
                    raise LedgerError(
                        f"{self.path.name} was removed or replaced while it was in use; nothing was written.",
                        "Look at the list of channels again: supportdesk channels",
                    )
                self.refuse_newer()
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    @property
    def is_in_place(self) -> bool:
        """Whether the file that was opened is still the one at its path."""
        return _file_number(self.path) == self.file_number

    def refuse_newer(self) -> None:
        """Raise `LedgerNewer` where another process has brought the file up to date since it was opened, so that we are too old for it."""
        with contextlib.suppress(sqlite3.OperationalError):  # it is being made: there is no such table yet
            (oldest,) = self.db.conn.execute("SELECT oldest_writer FROM ledger").fetchone() or ("",)
            _refuse_older_program(self.path, str(oldest))

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        self.db.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_ledger(
    path: Path, *, account: str | None = None, read_only: bool = False, now: Callable[[], datetime]
) -> Ledger:
    """Open the account file at `path`, migrated; a new one is made only where `account` is given.

    Before a migration the file is copied beside itself (`NAME.before-VERSION.db`). With `read_only` the file stays as it is,
    whatever is done with the ledger; only what SQLite keeps beside it may come and go. Raises `LedgerNewer` for a file that only
    a newer program may write, `LedgerDamaged` for one that is not ours, `LedgerBusy`, `DiskFull`, `LedgerError`, and `Refused`
    where `read_only` meets a file that needs a migration.
    """
    if account is None and not path.exists():
        raise LedgerError(
            f"There is no account file {path.name}.", "`supportdesk channels` lists what there is."
        )
    with said_plainly(path):
        new = not path.exists() or path.stat().st_size == 0
        if new and account is None:
            raise LedgerDamaged(f"{path} is empty.", "Put a backup in its place: supportdesk restore FILE")
        if new:
            make_private(path)
        connection = _reading(path) if read_only else sqlite3.connect(path, timeout=faults.BUSY_SECONDS)
        try:
            db = Database(connection, execute_plugins=False, recursive_triggers=False)
            ledger = Ledger(path, db, _file_number(path) or (0, 0))
            if read_only:
                _refuse_foreign(ledger)
                _refuse_older(ledger)
            else:
                _prepare(ledger, new=new, account=account, now=now)
        except BaseException:
            connection.close()
            raise
    return ledger


def _reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write the file."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=faults.BUSY_SECONDS)


def _refuse_older(ledger: Ledger) -> None:
    """Raise `Refused` for a file that an older program wrote: reading it would mean to write it first."""
    if schema.migrations.pending(ledger.db):
        raise Refused(
            f"{ledger.path.name} was written by an older supportdesk and has to be brought up to date before this one can read it. "
            "That would write to it, and supportdesk was started read-only.",
            "Open it once without --read-only: it is brought up to date then, and a copy of it kept beside it.",
        )


def channels_unmigrated(path: Path, account: str) -> list[ChannelSummary]:
    """The channels of an account file that is not migrated, as its first version said them, without their unlinked locations.

    Writes nothing. Raises `LedgerError` and its kinds.
    """
    with said_plainly(path), contextlib.closing(_reading(path)) as connection:
        cursor = connection.cursor()
        cursor.row_factory = sqlite3.Row
        rows = cursor.execute(
            """SELECT handle, title, source, domain, sync, listings, duplicate_groups, disagreeing_groups, finished_at
               FROM channel LEFT JOIN load ON load.channel_id = channel.id ORDER BY handle"""
        ).fetchall()
    return [
        ChannelSummary(
            account=account,
            loaded_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
            **{name: row[name] for name in row.keys() if name != "finished_at"},  # noqa: SIM118
        )
        for row in rows
    ]


def _file_number(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def make_private(path: Path) -> None:
    """Create the empty file readable by its owner alone: a merchant's stock is nobody else's business."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare(ledger: Ledger, *, new: bool, account: str | None, now: Callable[[], datetime]) -> None:
    db = ledger.db
    if not new and not (account and _holds_nothing(ledger)):
        _refuse_foreign(ledger)
    _log_ahead(db.conn)
    db.execute("PRAGMA synchronous=NORMAL")
    if schema.migrations.pending(db):
        if schema.migrations.applied(db):
            copy_database(ledger, ledger.path.with_name(f"{ledger.path.stem}.before-{__version__}.db"))
        db.execute("PRAGMA foreign_keys=OFF")
        _migrate(ledger, account, now)
    db.execute("PRAGMA foreign_keys=ON")


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Put the file into write-ahead mode where it is not yet. SQLite's own waiting does not hold for this one change."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

    busy = retry_if_exception(
        lambda error: getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    )
    for attempt in Retrying(
        retry=busy, wait=wait_fixed(0.01), stop=stop_after_delay(faults.BUSY_SECONDS), reraise=True
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode=WAL")


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
            _count_anew(connection)


def _count_anew(connection: sqlite3.Connection) -> None:
    """Fill what is counted from loaded rows, which an older version may not have known, in the transaction under way."""
    from supportdesk.core.progress import Unwatched
    from supportdesk.ledger import catalog

    for (channel_id,) in connection.execute("SELECT channel_id FROM load").fetchall():
        catalog.count_again(connection, channel_id, Unwatched())


def _holds_nothing(ledger: Ledger) -> bool:
    """Whether the file is one that another process is making at this moment: a database without a table."""
    return ledger.value("SELECT 1 FROM sqlite_master") is None


def _refuse_foreign(ledger: Ledger) -> None:
    """Raise for a file that is not ours or that we are too old to write."""
    (application,) = ledger.db.conn.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION_ID:
        raise LedgerDamaged(
            f"{ledger.path} is a database, but not an account file of supportdesk.",
            "Put a backup in its place: supportdesk restore FILE",
        )
    _refuse_older_program(ledger.path, str(ledger.value("SELECT oldest_writer FROM ledger")))


def _refuse_older_program(path: Path, oldest: str) -> None:
    """Raise `LedgerNewer` where `oldest`, the oldest version that may write the file at `path`, is newer than this one."""
    if version_key(oldest) > version_key(__version__):
        raise LedgerNewer(
            f"{path.name} was written by supportdesk {oldest} or newer; this is {__version__}.",
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


def replace_database(target: Path, part: Path, kept: Path) -> None:
    """Put `part`, whole and closed, in place of the account file `target`, which lives on as `kept`; a damaged one too.

    At every moment one of the two is at `target`. Raises `Refused` while another process has it open.
    """
    with said_plainly(target):
        connection = sqlite3.connect(target, timeout=RESTORE_SECONDS)
        try:
            _take_alone(connection, target)
            try:
                os.link(target, kept)
            except OSError:  # a file system without hard links
                shutil.copyfile(target, kept)
                kept.chmod(0o600)
            part.replace(target)
        finally:
            connection.close()
        # What a damaged file left beside it would be taken for the new one's; beside one that stayed it holds what was written last.
        for name in (f"{target.name}-wal", f"{target.name}-shm"):
            target.with_name(name).unlink(missing_ok=True)


def _take_alone(connection: sqlite3.Connection, path: Path) -> None:
    """Hold the database alone, with everything in its one file. A damaged one is left as it is."""
    try:
        # Leaving the write-ahead log works for the only connection there is.
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Refused(
                f"The account {path.stem} is in use by another supportdesk.",
                "Close it there; a worker is ended by `supportdesk worker stop`. Then restore again.",
            ) from None
        if code not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise


def remove_database(path: Path) -> None:
    """Remove the file and what SQLite keeps beside it; what is not there is fine."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
