"""Where a load of a large store keeps what it downloads, and which bulk operation it waits for, so that the next load can take it over.

Beside the ledger and not in it: a load that fails leaves the ledger as it was, to the last row.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.ledger.faults import said_plainly

_NUMBERS: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Spool:
    """The files of one channel in the spool folder, which exists."""

    folder: Path
    channel: str
    """The channel's handle: `[a-z0-9-]+`."""

    def new_file(self) -> Path:
        """A path no other load uses, in this process or another; what processes that died left behind is removed."""
        for left in self.folder.glob(f"{self.channel}.*.jsonl"):
            if not _runs(left.name.split(".")[1]):
                left.unlink(missing_ok=True)
        return self.folder / f"{self.channel}.{os.getpid()}.{next(_NUMBERS)}.jsonl"

    @property
    def _operation_file(self) -> Path:
        return self.folder / f"{self.channel}.operation"

    @property
    def operation(self) -> str | None:
        """The bulk operation an earlier load started or took over and did not bring to its end, None for none."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return self._operation_file.read_text(encoding="ascii").strip() or None
        return None

    def remember(self, operation: str) -> None:
        """Keep the id of the operation under way. Raises `DiskFull`."""
        with said_plainly(self._operation_file):
            self._operation_file.write_text(operation, encoding="ascii")

    def forget_operation(self) -> None:
        """The operation was read, or is no good: the next load starts a new one."""
        self._operation_file.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all there is of the channel; a load under way in another process goes on."""
        self.forget_operation()
        for file in self.folder.glob(f"{self.channel}.*.jsonl"):
            file.unlink(missing_ok=True)


def _runs(process: str) -> bool:
    if not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
