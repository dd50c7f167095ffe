"""From parsed options to a desk and a watch: what every command group needs before it can ask for anything."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from supportdesk.cli.output import ProgressLine
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, person
from supportdesk.errors import Cancelled
from supportdesk.paths import find_home


def desk_of(options: argparse.Namespace) -> Desk:
    """The desk these options ask for: its home and its settings. Raises `SettingsInvalid`."""
    from supportdesk.settings import load_settings

    home = find_home(options.home, os.environ)
    settings = load_settings(home, os.environ, settings_given(options))
    person.call(settings.who)
    return Desk(home, settings)


def settings_given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were typed on the command line."""
    given: dict[str, Any] = {}
    for option, key, value in (
        ("read_only", "read_only", True),
        ("ascii", "ascii", True),
        ("no_mouse", "mouse", False),
        ("no_presenter", "presenter", False),
    ):
        if getattr(options, option, False):
            given[key] = value
    for key in ("theme", "who"):
        if said := getattr(options, key, None):
            given[key] = said
    return given


@contextlib.contextmanager
def watched(options: argparse.Namespace, stopped: Cancelled | None = None) -> Iterator[Watch]:
    """A watch that draws progress on stderr and that ctrl+c cancels: the work ends cleanly and raises `Cancelled`.

    Where the block only waits for work that goes on without it, `stopped` says so, and is raised instead.
    """
    from supportdesk.desk.watch import WorkWatch

    line = ProgressLine(quiet=options.quiet or options.json)
    watch = WorkWatch(line.show)
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True
        watch.cancel()

    with _handling(signal.SIGINT, stop):
        try:
            yield watch
        except Cancelled as cancelled:
            raise stopped or cancelled from None
        finally:
            line.done()


@contextlib.contextmanager
def _handling(number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def wants_json(options: argparse.Namespace) -> bool:
    """Whether data goes out as JSON."""
    return bool(options.json)
