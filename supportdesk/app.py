"""`run_screens`: from a desk to an exit code. The one place that opens the screens; imports Textual only when it does."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from supportdesk.terminal.profile import prepare, profile_of, require_terminal

if TYPE_CHECKING:
    from supportdesk.desk import Desk
    from supportdesk.screens.doorway import Doorway


def refuse_without_terminal(instead: str) -> None:
    """Raise `NoTerminal`, naming the command `instead`, where nothing can be drawn: before any work is done for nothing."""
    require_terminal(os.environ, (sys.__stdin__, sys.__stdout__, sys.__stderr__), instead)


def run_screens(desk: Desk, channel: str | None = None, *, doorway: Doorway | None = None) -> int:
    """Show the screens until the person leaves; with `channel` (a handle) that one, without passing Home. Returns the exit code.

    0 after leaving, 1 after a crash, 129, 130 or 143 after a signal. Raises `NoTerminal` where nothing can be drawn,
    `UnknownName` for a channel that is not there, `SettingsInvalid` for keys that do not fit, and what reading the list of
    channels raises.
    """
    refuse_without_terminal(
        f"supportdesk show {channel} --json" if channel else "supportdesk channels --json"
    )
    encoding = getattr(sys.__stderr__, "encoding", "") or ""
    profile = profile_of(desk.settings, os.environ, encoding)
    prepare(profile, os.environ, sys.__stderr__)

    from supportdesk.screens.doorway import Doorway
    from supportdesk.screens.program import SupportdeskApp
    from supportdesk.screens.work import wait_for_threads
    from supportdesk.terminal.crash import write_report

    doorway = doorway or Doorway(desk)
    first = doorway.channel_named(channel) if channel is not None else None
    channels = doorway.list_channels() if channel is None else None
    app = SupportdeskApp(desk, profile=profile, channels=channels, first=first, doorway=doorway)
    try:
        app.run(mouse=profile.mouse)
    except Exception as error:
        app.crash = app.crash or write_report(error, desk.home.reports, datetime.now(UTC), {})
    app.real_doorway.leave_wizards(app.opened)
    wait_for_threads()
    if app.rehearsal is not None:
        app.real_doorway.end_rehearsal(app.rehearsal)
    if app.crash is not None:
        sys.stderr.write(app.crash.sentence + "\n")
        return 1
    return app.return_code or 0
