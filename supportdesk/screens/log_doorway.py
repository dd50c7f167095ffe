"""The part of the doorway that reads the log. As `doorway`, each call imports what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.core.events import LogFilter
    from supportdesk.core.progress import Watch
    from supportdesk.desk import Desk
    from supportdesk.desk.log import Log
    from supportdesk.screens.save_file import SaveTo


class LogDoorway:
    """The desk's functions about the log, bound to one desk."""

    desk: Desk

    def open_log(self, name: str) -> Log:
        """The log of a channel, to be closed."""
        from supportdesk.desk import log

        return log.open_log(self.desk, name)

    def watch_log(self, name: str) -> None:
        """Say that somebody looks at it, so that cycles come quicker."""
        from supportdesk.desk import log

        log.watching(self.desk, name)

    def save_log(self, name: str, to: SaveTo, wanted: LogFilter, watch: Watch) -> int:
        """Write every line that a filter shows to a file; how many."""
        from supportdesk.desk import log

        return log.save_log(self.desk, name, to.target, wanted, replace=to.replace, watch=watch)
