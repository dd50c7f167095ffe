"""What a worker leaves for people outside the account files: its rotated log, and why channels cannot be synced at the moment."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.paths import make_folder

if TYPE_CHECKING:
    from supportdesk.desk import Desk
    from supportdesk.desk.serving import Key

LOG_BYTES: Final = 1_000_000
LOGS: Final = 5
"""Older files of the log that are kept."""
_ROOM: Final = 16_384
"""Bytes of the file of troubles, taken when the worker starts: so that it can say that the disk is full."""


def troubles_path(desk: Desk) -> Path:
    """Where the home's worker says what it cannot do."""
    return desk.home.root / "worker-troubles.json"


class TroubleFile:
    """The file, for the length of a block. It is no loss where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._told: Mapping[Key, str] = {}

    def __enter__(self) -> TroubleFile:
        with contextlib.suppress(OSError):
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            self._write({})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            with contextlib.suppress(OSError):
                self._path.unlink()

    def say(self, troubles: Mapping[Key, str]) -> None:
        """Put these in place of what stood there; does nothing where they are the same."""
        if troubles == self._told:
            return
        self._told = troubles
        with contextlib.suppress(OSError):
            self._write(troubles)

    def _write(self, troubles: Mapping[Key, str]) -> None:
        if self._file is None:
            return
        said = [[account, channel_id, text[:500]] for (account, channel_id), text in troubles.items()]
        while len(content := json.dumps(said).encode()) > _ROOM:
            said = said[: len(said) // 2]
        os.pwrite(self._file, content.ljust(_ROOM), 0)


def troubles(desk: Desk) -> dict[Key, str]:
    """What the home's worker says it cannot do now, by account and channel id; may quote foreign text. Nothing where none runs."""
    try:
        said = json.loads(troubles_path(desk).read_bytes())
        return {(str(account), int(channel_id)): str(text) for account, channel_id, text in said}
    except (OSError, ValueError, TypeError):
        return {}


class _Plain(logging.Formatter):
    """One line an entry, UTC; foreign text in it made visible, and no local variables."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        import time

        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(safe_text(line) for line in super().format(record).split("\n"))


class _Lenient(RotatingFileHandler):
    """Where the log cannot be written, the work goes on."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


@contextlib.contextmanager
def logging_to(desk: Desk) -> Iterator[None]:
    """Keep what our modules log in `logs/worker.log` of the home, rotated, for the length of the block."""
    logger = logging.getLogger("supportdesk")
    before = logger.level
    handler: logging.Handler | None
    try:
        make_folder(desk.home.logs)
        handler = _Lenient(
            desk.home.logs / "worker.log", maxBytes=LOG_BYTES, backupCount=LOGS, encoding="utf-8"
        )
    except (OSError, SupportdeskError):  # a full disk, a folder that is not ours: sync itself may work
        handler = None
    if handler is None:
        yield
        return
    handler.setFormatter(_Plain())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
