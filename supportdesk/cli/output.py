"""How the command line speaks: data on stdout, talk on stderr, merchant text made visible. The only module that prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from supportdesk.core.progress import Progress


def use_utf8() -> None:
    """Write UTF-8 whatever the locale, escaping what cannot be written, so that no title ends a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def emit_json(model: BaseModel | Sequence[BaseModel]) -> None:
    """Print a value of the JSON contract on one line of stdout."""
    data: Any = (
        model.model_dump(mode="json")
        if not isinstance(model, Sequence)
        else [m.model_dump(mode="json") for m in model]
    )
    print(json.dumps(data, ensure_ascii=False), flush=True)


def emit_line(text: str = "") -> None:
    """Print one line of data for a person on stdout; foreign text in it is made visible."""
    print(safe_text(text), flush=True)


def emit_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> None:
    """Print rows in columns under a header; the columns in `right` are aligned to the right."""
    table = [list(header), *([safe_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    for row in table:
        cells = (
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())
    sys.stdout.flush()


def say(text: str) -> None:
    """Say something to the person on stderr."""
    print(safe_text(text), file=sys.stderr, flush=True)


def say_error(error: SupportdeskError, *, as_json: bool) -> None:
    """Say an error on stderr: what happened, why, what next; as `{"error": {…}}` where JSON was asked for."""
    if as_json:
        value = {"code": error.code, "title": error.title, "detail": error.detail, "next": error.next_step}
        print(json.dumps({"error": value}, ensure_ascii=False), file=sys.stderr, flush=True)
        return
    say(f"{error.title}.")
    say(f"  {error.detail}")
    if error.next_step:
        say(f"  {error.next_step}")


def say_crash(error: Exception, command: str, reports: Path, *, as_json: bool) -> int:
    """Say that something broke that should not have, in one sentence with the path of a report; returns the exit code 1."""
    from supportdesk.terminal.crash import write_report

    crash = write_report(error, reports, datetime.now(UTC), {"command": command})
    say_error(_Crashed(crash.sentence), as_json=as_json)
    return 1


class _Crashed(SupportdeskError):
    code = "crash"
    title = "Something broke"


class ProgressLine:
    """Progress on stderr: one line rewritten in a terminal, one line a phase elsewhere, nothing with `--quiet`."""

    def __init__(self, *, quiet: bool, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._in_terminal = self._stream.isatty()
        self._phase = ""
        self._drawn = False

    def show(self, progress: Progress) -> None:
        """Draw the progress."""
        if self._quiet:
            return
        if self._in_terminal:
            print(f"\r\x1b[K{safe_text(describe(progress))}", end="", file=self._stream, flush=True)
            self._drawn = True
        elif progress.phase != self._phase or progress.note:
            print(safe_text(progress.note or f"{progress.phase} …"), file=self._stream, flush=True)
        self._phase = progress.phase

    def done(self) -> None:
        """Leave the line clean for what is said next."""
        if self._drawn:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
            self._drawn = False


def describe(progress: Progress) -> str:
    """`Saving listings 430,000 of 1,000,000, 12 s left` on one line."""
    text = progress.phase
    if progress.total:
        text += f" {progress.done:,} of {progress.total:,}"
    elif progress.done:
        text += f" {progress.done:,}"
    if progress.unit == "MB" and (progress.done or progress.total):
        text += " MB"
    if progress.seconds_left is not None:
        text += f", {progress.seconds_left:,.0f} s left"
    return f"{text}. {progress.note}" if progress.note else text
