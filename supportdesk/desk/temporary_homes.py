"""Temporary homes of demos and rehearsals: made, known to be in use, and removed where a program that was killed left one behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

DEMO: Final = "supportdesk-demo-"
REHEARSAL: Final = "supportdesk-rehearsal-"

_IN_USE: Final = ".in-use"
"""A file in the home that its process holds a lock on, which ends with it however it ends."""
_OLD_SECONDS: Final = 24 * 3600
"""A home without such a file, made by an older version, is removed when it is that old."""

_held: Final[list[int]] = []
"""Descriptors of the locks of this process, open until it ends."""


def make(prefix: str) -> Path:
    """A new home, open to its owner alone, for as long as this process lives; those that others left behind are removed first."""
    remove_left_behind(prefix)
    root = Path(tempfile.mkdtemp(prefix=prefix))
    with contextlib.suppress(OSError):
        mark = os.open(root / f"{_IN_USE}.new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(mark, fcntl.LOCK_EX)
        os.rename(root / f"{_IN_USE}.new", root / _IN_USE)  # it is never there without being held
        _held.append(mark)
    return root


def remove_left_behind(prefix: str) -> None:
    """Remove the homes of that kind whose process is gone; others' and those in use stay."""
    for root in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            found = root.lstat()
            if root.is_symlink() or not root.is_dir() or found.st_uid != os.getuid():
                continue
            if _is_left_behind(root, found.st_mtime):
                shutil.rmtree(root, ignore_errors=True)


def _is_left_behind(root: Path, changed: float) -> bool:
    try:
        mark = os.open(root / _IN_USE, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return time.time() - changed > _OLD_SECONDS
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(mark)
    return True
