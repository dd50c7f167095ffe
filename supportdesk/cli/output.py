"""How the command line speaks: data on stdout, talk on stderr, merchant text made visible. The only module that prints."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from supportdesk.core.text import safe_text
from supportdesk.errors import OutputLost, SupportdeskError

_NARROW: Final = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2193]*")
"""Letters of one column each, in any terminal."""

if TYPE_CHECKING:
    from pydantic import BaseModel

    from supportdesk.core.progress import Progress


def use_utf8() -> None:
    """Write UTF-8 whatever the locale, escaping what cannot be written, so that no title ends a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def close_quietly(stream: TextIO) -> None:
    """Send what is left of `stream` nowhere: nobody reads it any more, and the interpreter would say so at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def json_text(data: object) -> str:
    """`data` as JSON on one line: readable in any script, with every character that could steer a terminal escaped."""
    text = json.dumps(data, ensure_ascii=False)
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if safe_text(each) == each else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _print(lines: Iterable[str]) -> None:
    """Print lines of data. Raises `BrokenPipeError` where the reader left, `OutputLost` where they cannot be written."""
    try:
        for line in lines:
            print(line)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        close_quietly(sys.stdout)
        raise OutputLost(f"Standard output: {error.strerror}.", "Send it elsewhere.") from error


def _talk(text: str, *, end: str = "\n", stream: TextIO | None = None) -> None:
    """Say something beside the data. Talk that nobody can hear is no reason to stop."""
    stream = stream or sys.stderr
    try:
        print(text, end=end, file=stream, flush=True)
    except OSError:
        close_quietly(stream)


def emit_json(model: BaseModel | Sequence[BaseModel]) -> None:
    """Print a value of the JSON contract on one line of stdout."""
    data: Any = (
        model.model_dump(mode="json")
        if not isinstance(model, Sequence)
        else [m.model_dump(mode="json") for m in model]
    )
    _print([json_text(data)])


def emit_line(text: str = "") -> None:
    """Print one line of data for a person on stdout; foreign text in it is made visible."""
    _print([safe_text(text)])


def emit_lines(lines: Iterable[str]) -> None:
    """Print lines of data as `emit_line` does, and only then hand them on."""
    _print(safe_text(line) for line in lines)


def cells(text: str) -> int:
    """How many columns of a terminal `text` takes: as the screens count them. Foreign text must be safe already."""
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # only where there is a letter that may be wide

    return cell_len(text)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`text` with blanks up to `width` columns, before it with `right`; longer text as it is."""
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks


def emit_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> None:
    """Print rows in columns under a header; the columns in `right` are aligned to the right."""
    table = [list(header), *([safe_text(cell) for cell in row] for row in rows)]
    widths = [max(cells(row[column]) for row in table) for column in range(len(header))]
    _print(
        "  ".join(
            padded(cell, width, right=column in right)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )


def say(text: str) -> None:
    """Say something to the person on stderr."""
    _talk(safe_text(text))


def say_error(error: SupportdeskError, *, as_json: bool) -> None:
    """Say an error on stderr: what happened, why, what next; as `{"error": {…}}` where JSON was asked for."""
    if as_json:
        value = {"code": error.code, "title": error.title, "detail": error.detail, "next": error.next_step}
        _talk(json_text({"error": value}))
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
    """Progress on stderr: one line rewritten in a terminal, a line for each phase and each note elsewhere, nothing with `--quiet`."""

    def __init__(self, *, quiet: bool, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._in_terminal = self._stream.isatty()
        self._phase = self._note = ""
        self._drawn = False

    def show(self, progress: Progress) -> None:
        """Draw the progress."""
        if self._quiet:
            return
        if self._in_terminal:
            _talk(f"\r\x1b[K{safe_text(describe(progress))}", end="", stream=self._stream)
            self._drawn = True
        else:
            if progress.phase != self._phase:
                _talk(f"{safe_text(progress.phase)} …", stream=self._stream)
            if progress.note not in ("", self._note):
                _talk(safe_text(progress.note), stream=self._stream)
        self._phase, self._note = progress.phase, progress.note

    def done(self) -> None:
        """Leave the line clean for what is said next."""
        if self._drawn:
            _talk("\r\x1b[K", end="", stream=self._stream)
            self._drawn = False


def describe(progress: Progress) -> str:
    """`Saving listings 430,000 of 1,000,000, 12 s left` on one line."""
    text = progress.phase
    if progress.unit == "bytes" and progress.total:
        text += f" {progress.done * 100 // progress.total} %"
    elif progress.total:
        text += f" {progress.done:,} of {progress.total:,}"
    elif progress.done:
        text += f" {progress.done:,}"
    if progress.unit == "MB" and (progress.done or progress.total):
        text += " MB"
    if progress.seconds_left is not None:
        text += f", {progress.seconds_left:,.0f} s left"
    return f"{text}. {progress.note}" if progress.note else text
