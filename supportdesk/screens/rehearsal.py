"""A rehearsal: fills a pretend store, with its progress on screen; then the page that turns on, with what it came to against the plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.load import error_text
from supportdesk.screens.turning_on import TurningOnScreen
from supportdesk.screens.work import Work
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.progress import PhaseList

if TYPE_CHECKING:
    from supportdesk.core.rehearsal import Verdict
    from supportdesk.desk.rehearsing import Rehearsal


class Started(NamedTuple):
    """A rehearsal that is there, with everything that its pages need."""

    rehearsal: Rehearsal
    doorway: Doorway
    """To its desk."""
    channel: ChannelSummary
    brake_rows: int | None
    """What would be typed where the brake holds: a rehearsal may go on without."""


class RehearsedScreen(TurningOnScreen):
    """The page that turns on, in the pretend store; above its phases stands how that holds against the plan."""

    DEFAULT_CSS = """
    RehearsedScreen > #verdict { height: auto; width: 1fr; max-width: 110; padding: 1 2 0 2; }
    """

    def __init__(self, started: Started, timezone: str) -> None:
        super().__init__(
            started.channel,
            timezone,
            plan_id=started.rehearsal.plan_id,
            brake_rows=started.brake_rows,
            confirm=started.channel.handle,
            rehearsal=True,
        )
        self.started = started
        self.verdict: Verdict | None = None
        self._began: datetime | None = None
        self._seconds: int | None = None

    def compose_body(self) -> Iterable[Widget]:
        """The verdict, then the page."""
        yield Static("A pretend store on this machine: nothing here reaches the real one.", id="verdict")
        yield from super().compose_body()

    def opened(self) -> None:
        """As the page."""
        self._began = self.now
        super().opened()

    def _elapsed(self) -> int:
        """Seconds since it began."""
        return int((self.now - self._began).total_seconds()) if self._began is not None else 0

    def look(self) -> None:
        """As the page; and see what was written so far."""
        super().look()
        is_on = self.error is None and self.status is not None and self.status.is_on
        if self.error is None and self.verdict is None:
            self._say_time()
        if is_on and self.app.screen is self and (self.verdict is None or not self.verdict.is_over):
            started = self.started
            self.work(
                "verdict",
                lambda _: started.doorway.rehearsal_verdict(started.rehearsal),
                self._judged,
                failed=lambda _: None,
            )

    def _say_time(self) -> None:
        """How long it took so far, and what it waits for."""
        seconds = self._elapsed()
        self.query_one("#verdict", Static).update(
            Content.assemble(
                ("~ ", "bold $warned"),
                f"{seconds} s: a pretend store on this machine, where shoppers buy. Each row is read until earlier orders are sure "
                "to be in its number, and only then written: about half a minute in all.",
            )
        )

    def _judged(self, found: Verdict) -> None:
        self.verdict = found
        if found.is_over and self._seconds is None:
            self._seconds = self._elapsed()
        said = self.query_one("#verdict", Static)
        if not found.is_over and not found.otherwise:
            seconds = self._elapsed()
            said.update(
                Content.assemble(
                    ("~ ", "bold $warned"),
                    f"{seconds} s. {found.text}",
                )
            )
            return
        sign, tone = ("✓ ", "bold $passed") if found.is_as_planned else ("! ", "bold $warned")
        after = f" After {self._seconds} s." if self._seconds is not None else ""
        said.update(
            Content.assemble((sign, tone), (f"{found.text}{after}", "bold"), " esc ends the rehearsal.")
        )


class RehearsalScreen(DeskScreen[Started]):
    """Starts a rehearsal. Answers it, or None where it was stopped or could not be started."""

    name_in_registry = "rehearsal"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("rehearsal")
    DEFAULT_CSS = """
    RehearsalScreen > #all { height: 1fr; padding: 1 2; scrollbar-size-vertical: 1; }
    RehearsalScreen Static { height: auto; width: 1fr; max-width: 100; }
    RehearsalScreen PhaseList { margin-top: 1; }
    """

    def __init__(self, channel: ChannelSummary, plan_id: int, doorway: Doorway) -> None:
        """`doorway` is the real desk's."""
        super().__init__()
        self.channel = channel
        self.plan_id = plan_id
        self.real = doorway
        self.error: SupportdeskError | None = None
        self._work: Work[Started] | None = None
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        """What is being done, how far it is, what went wrong."""
        with VerticalScroll(id="all"):
            yield Static(
                "Filling a pretend store from what was loaded. The real store is neither read nor written."
            )
            yield PhaseList()
            yield Static(id="outcome")

    def opened(self) -> None:
        """Begin."""
        self.header.subject = self.channel.title or self.channel.handle
        self.header.part = "Rehearse"
        self.query_one("#all").focus()
        self._work = self.work(
            "rehearsal", self._start, self.leave, failed=self._failed, stopped=self._stopped
        )
        self._timer = self.set_interval(self.desk_app.profile.progress_seconds, self.look)

    def _start(self, watch: Watch) -> Started:
        rehearsal = self.real.start_rehearsal(self.channel.handle, self.plan_id, watch)
        there = self.real.of_rehearsal(rehearsal)
        try:
            plan = there.plan_view(rehearsal.channel, rehearsal.plan_id)
            rows = plan.totals.store_changes if plan.brake else None
            return Started(rehearsal, there, there.channel_named(rehearsal.channel), rows)
        except BaseException:
            self.real.end_rehearsal(rehearsal)
            raise

    def look(self) -> None:
        """Show how far it is."""
        if self._work is not None:
            phases = self.query_one(PhaseList)
            phases.phases = self._work.phases
            if self.desk_app.profile.spinner and self.error is None:
                phases.turn += 1

    @property
    def in_progress(self) -> bool:
        """Whether it is being started."""
        return self.error is None

    def label_of(self, command: Command) -> str:
        """Esc stops while it runs."""
        return "stop" if command.id == "back" and self.in_progress else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The error."""
        return "what this page says", str(self.query_one("#outcome", Static).content)

    def action_back(self) -> None:
        """Stop it, and leave once it has stopped; after an error leave."""
        if self.error is not None:
            self.leave()
        elif self._work is not None:
            self._work.cancel()
            self.query_one("#outcome", Static).update(Content("Stopping …"))

    def _failed(self, error: SupportdeskError) -> None:
        self.error = error
        if self._timer is not None:
            self._timer.stop()
        self.look()
        self.query_one(PhaseList).stopped = True
        self.query_one("#outcome", Static).update(
            error_text(error, "There is no rehearsal. Esc goes back to the plan.")
        )
        self.show_footer()

    def _stopped(self) -> None:
        self.app.notify("The rehearsal was stopped.", markup=False)
        self.leave()
