"""Progress on stderr where there is no terminal: a line a phase, and a line a note, each said once."""

from __future__ import annotations

import io

from supportdesk.cli.output import ProgressLine
from supportdesk.core.progress import Progress


def said(*reports: Progress) -> list[str]:
    stream = io.StringIO()
    line = ProgressLine(quiet=False, stream=stream)
    for report in reports:
        line.show(report)
    line.done()
    return stream.getvalue().splitlines()


def test_a_phase_is_said_though_it_begins_with_a_note() -> None:
    waiting = "4 rows wait until somebody says that they are to be synced."
    assert said(Progress("Asked for", note=waiting), Progress("Comparing", note=waiting)) == [
        *("Asked for …", waiting, "Comparing …"),
    ]


def test_a_note_that_stays_is_said_once() -> None:
    waiting = "The store asks us to wait 12 s"
    assert said(
        Progress("Reading", 1),
        Progress("Reading", 2, note=waiting),
        Progress("Reading", 3, note=waiting),
        Progress("Reading", 4),
        Progress("Reading", 5, note=waiting),
        Progress("Saving", 1, note=waiting),
    ) == ["Reading …", waiting, waiting, "Saving …"]
