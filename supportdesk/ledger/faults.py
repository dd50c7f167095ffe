"""What SQLite and the disk raise, said in the ledger's words with what to do next. Opens nothing, and loads nothing but sqlite3."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from supportdesk.errors import DiskFull, LedgerBusy, LedgerDamaged, LedgerError

BUSY_SECONDS: Final = 60.0
"""How long a writer waits for another; a load of a million listings holds the file for less."""


@contextlib.contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about `path`, and a full disk, into `LedgerError` and its kinds; other `OSError`s pass."""
    try:
        yield
    except sqlite3.Error as error:
        raise _of_sqlite(path, error) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(path) from error
        raise


def _disk_full(path: Path) -> DiskFull:
    return DiskFull(
        f"There is no room left to write {path.name}; it is as it was before.",
        "Free some space, then try again.",
    )


def _of_sqlite(path: Path, error: sqlite3.Error) -> LedgerError:
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
            "Put a backup in its place: supportdesk restore FILE",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return LedgerError(
            f"{path} cannot be opened for writing ({error}).",
            "Look at the rights of the file and its folder.",
        )
    if code == sqlite3.SQLITE_IOERR:
        return LedgerError(
            f"The disk failed while {path.name} was in use ({error}); nothing half done was kept.",
            "Look at the disk, then try again.",
        )
    return LedgerError(f"{path.name}: {error}.", "Try again; if it stays, keep the file and report it.")
