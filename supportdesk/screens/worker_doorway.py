"""The part of the doorway that keeps sync going while screens are open, and says goodbye when they are left. As `doorway`."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from typing import Final

from supportdesk.core.channels import ChannelSummary
from supportdesk.desk import Desk
from supportdesk.errors import SupportdeskError

_GOODBYE_SECONDS: Final = 1.0
"""How long leaving waits for an account file that somebody else writes."""


class WorkerDoorway:
    """Bound to one desk."""

    desk: Desk

    def replace_dead_worker(self) -> bool:
        """Start a worker where channels are on and whoever synced them is no more; whether one was started. Raises `Refused`."""
        if not any(line.sync == "on" for line in self._channels_listed()):
            return False
        from supportdesk.desk import worker

        return worker.replace_dead(self.desk)

    def _channels_listed(self) -> Iterable[ChannelSummary]:
        from supportdesk.desk import accounts

        return accounts.list_lines(self.desk)

    def leave_wizards(self, channels: Iterable[str]) -> None:
        """Say that this person has left the wizards of these channels; where a file is held, whoever comes next waits a little."""

        def leave() -> None:
            from supportdesk.desk import going_live

            for channel in channels:
                with contextlib.suppress(SupportdeskError, OSError):
                    going_live.leave(self.desk, channel)

        goodbye = threading.Thread(target=leave, name="goodbye", daemon=True)
        goodbye.start()
        goodbye.join(_GOODBYE_SECONDS)
