"""What the wizard's screen knows: the view that is read, answers kept one after the other, what others change meanwhile. Draws nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from supportdesk.core.channels import ChannelSummary
from supportdesk.core.wizard import StepLine, WizardEvent
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.widgets.dialogs import ErrorDialog

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import WizardView

HEARTBEAT_SECONDS: Final = 10.0
"""How often it is said that this person is at work here; `going_live.AT_WORK` is a few times as long."""
LOOK_SECONDS: Final = 1.0
LOOK_SECONDS_REMOTE: Final = 2.0

Leaving = Literal["overview"]


class _Said(NamedTuple):
    """Something to keep; `event` None for something to do once all before it is kept."""

    event: WizardEvent | None
    then: Callable[[], None] | None


class WizardReading(DeskScreen[Leaving]):
    """The wizard of one channel as it is kept. Whoever draws it fills in `draw`."""

    def __init__(self, channel: ChannelSummary, timezone: str = "UTC") -> None:
        """`timezone` is the store's own, for times."""
        super().__init__()
        self.channel = channel
        self.timezone = timezone
        self.view: WizardView | None = None
        self._own_doorway: Doorway | None = None
        self._queue: deque[_Said] = deque()
        self._keeping = False
        self._mark = -1

    @property
    def doorway(self) -> Doorway:
        """The desk that the wizard was opened on, also while a rehearsal goes on above it."""
        return self._own_doorway or self.desk_app.doorway

    @property
    def line(self) -> StepLine | None:
        """The line of the rail where somebody is."""
        return next((line for line in self.view.rail if line.here), None) if self.view is not None else None

    # Reading

    def opened(self) -> None:
        """Read where it was left; say that this person is here, and look what others change."""
        self._own_doorway = self.desk_app.doorway
        self.header.subject = self.channel.title or self.channel.handle
        self.header.part = "Turn on sync"
        self.refresh_ages()
        self.read()
        self.set_interval(LOOK_SECONDS_REMOTE if self.desk_app.profile.remote else LOOK_SECONDS, self.look)
        self.set_interval(HEARTBEAT_SECONDS, self.say_at_work)
        self.say_at_work()

    def resumed(self) -> None:
        """Something was done on a page above: read again."""
        if self.view is not None:
            self.read()

    def read(self) -> None:
        """Read the wizard anew."""
        handle = self.channel.handle
        self.work("read", lambda _: self.doorway.open_wizard(handle), self.take, failed=self._unread)

    def _unread(self, error: SupportdeskError) -> None:
        def answered(again: bool | None) -> None:
            if again:
                self.read()
            elif self.view is None:
                self.leave()

        self.app.push_screen(ErrorDialog(error, retry=True), answered)

    def look(self) -> None:
        """See whether the account changed since the last look, whoever changed it. Not while something lies on top."""
        if self.is_current and self.view is not None and not self._keeping:
            account = self.channel.account
            self.work(
                "look", lambda _: self.doorway.change_mark(account), self._looked, failed=lambda _: None
            )

    def _looked(self, mark: int) -> None:
        if mark not in (-1, self._mark):
            self._mark = mark
            self.read()

    def say_at_work(self) -> None:
        """Say that this person is at work here, also while a page lies on top; see who else is."""
        handle = self.channel.handle

        def said(other: str) -> None:
            if self.view is not None and other != self.view.at_work:
                self.read()

        self.work("at_work", lambda _: self.doorway.at_work(handle), said, failed=lambda _: None)

    def take(self, view: WizardView) -> None:
        """Draw another view; an older one than is shown, that came late, is passed over."""
        if not self.is_running or not self.is_attached:
            return
        if self.view is not None and view.revision < self.view.revision:
            return
        self.view = view
        self.draw(view)

    def draw(self, view: WizardView) -> None:
        """Show it."""

    # Keeping answers

    def say(self, event: WizardEvent, then: Callable[[], None] | None = None) -> None:
        """Keep something once all that was said before is kept; `then` comes after it."""
        self._queue.append(_Said(event, then))
        self._keep_next()

    def when_kept(self, do: Callable[[], None]) -> None:
        """Do something once all that was said before is kept: now, where nothing is waiting."""
        self._queue.append(_Said(None, do))
        self._keep_next()

    def _keep_next(self) -> None:
        while self._queue and not self._keeping:
            said = self._queue.popleft()
            if said.event is None:
                if said.then is not None:
                    said.then()
            else:
                self._keep(said.event, said.then)

    def _keep(self, event: WizardEvent, then: Callable[[], None] | None) -> None:
        if self.view is None:
            return
        handle, seen = self.channel.handle, self.view.revision
        self._keeping = True

        def kept(view: WizardView) -> None:
            self._keeping = False
            self.take(view)
            if then is not None:
                then()
            self._keep_next()

        def not_kept(error: SupportdeskError) -> None:
            self._keeping = False
            self._queue.clear()
            self.show_error(error)
            self.read()

        self.work(
            "keep", lambda _: self.doorway.answer_wizard(handle, event, seen=seen), kept, failed=not_kept
        )
