"""What is left of a crash: one sentence, and a report file without local variables, secrets or merchants' text. Draws nothing."""

from __future__ import annotations

import os
import platform
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import supportdesk
from supportdesk.core.text import safe_text

_SECRET: Final = re.compile(
    r"""(?ix)
    \b(?:shp[a-z]{2,4}|atkn|gho|ghp|sk|pk)_[\w-]+      # tokens that say what they are
    | (?<=bearer\ )\S+
    | (?<=[?&=:"'\ ])[\w+/.~-]{20,}={0,2}              # anything long enough to be a key
    | ^[\w+/.~-]{20,}={0,2}
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                     # a person's address
    """
)
_MASK: Final = "********"
_MESSAGE_LIMIT: Final = 500
_ENVIRONMENT: Final = ("TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "NO_COLOR")


@dataclass(frozen=True, slots=True)
class Crash:
    """An error nobody expected, and where its report lies."""

    report: Path | None
    """None where it could not be written."""
    kind: str
    """The type of the error."""

    @property
    def sentence(self) -> str:
        """What the person is told once the terminal is theirs again."""
        if self.report is None:
            return (
                f"supportdesk stopped because of a fault of its own ({self.kind}); no report could be written. "
                "What was loaded before is kept."
            )
        return (
            f"supportdesk stopped because of a fault of its own ({self.kind}). What was loaded before is kept; "
            f"the report for us, without secrets, is {safe_text(str(self.report))}"
        )


def write_report(error: BaseException, folder: Path, when: datetime, facts: Mapping[str, str]) -> Crash:
    """Write a report of `error` to `folder`, readable by its owner alone, and say where. Never raises.

    `facts` are short words of ours (the screen, the terminal's size), never foreign text.
    """
    kind = type(error).__name__
    path = folder / f"crash-{when:%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(report_text(error, when, facts))
    except OSError:
        return Crash(None, kind)
    return Crash(path, kind)


def report_text(error: BaseException, when: datetime, facts: Mapping[str, str]) -> str:
    """The report: versions, facts, then each error of the chain with its frames (file, line, function, our source line)."""
    lines = [
        f"supportdesk {supportdesk.__version__}  Python {platform.python_version()}  {platform.platform()}",
        f"at {when.isoformat()}",
        *(f"{name}: {safe_text(value)}" for name, value in facts.items()),
        *(f"{name}={safe_text(os.environ[name])}" for name in _ENVIRONMENT if name in os.environ),
    ]
    for link in _chain(error):
        lines += ["", f"{type(link).__module__}.{type(link).__qualname__}: {without_secrets(str(link))}"]
        for frame in traceback.extract_tb(link.__traceback__):
            lines.append(f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}")
            if frame.line:
                lines.append(f"      {frame.line}")
    return "\n".join(lines) + "\n"


def without_secrets(text: str) -> str:
    """`text` on one line, cut to a readable length, with everything that could be a secret or an address masked."""
    masked = _SECRET.sub(_MASK, text)
    return safe_text(masked if len(masked) <= _MESSAGE_LIMIT else masked[:_MESSAGE_LIMIT] + "…")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, the first cause first."""
    links: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in links:
        links.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return reversed(links)


def _short(filename: str) -> str:
    """A file's path below the folder it was imported from, so that no home folder's name is in the report."""
    for folder in sorted((entry for entry in sys.path if entry), key=len, reverse=True):
        if filename.startswith(folder + os.sep):
            return filename[len(folder) + 1 :]
    return filename
