"""Load: reads a store with its progress on screen; then its totals, or what went wrong with a way to try again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.catalog import ChannelTotals
from supportdesk.core.channels import ChannelSummary
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.words import counted
from supportdesk.screens.work import Work
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.progress import PhaseList

_NOTHING_KEPT: Final = "Loading stopped; nothing was kept."
_UNCHANGED: Final = "Loading stopped; the last load is unchanged."
STOPPED: Final = (_NOTHING_KEPT, _UNCHANGED)
"""What is said where a load was stopped, in a corner: not true any more once another one begins."""


class LoadScreen(DeskScreen[ChannelTotals]):
    """Loads one channel. Answers the totals, or None where it was stopped or gone back from."""

    name_in_registry = "load"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("load")
    DEFAULT_CSS = """
    LoadScreen > #load { height: 1fr; padding: 1 2; scrollbar-size-vertical: 1; }
    LoadScreen #outcome { height: auto; width: 1fr; max-width: 100; margin-top: 1; }
    """

    def __init__(self, channel: ChannelSummary) -> None:
        super().__init__()
        self.channel = channel
        self.totals: ChannelTotals | None = None
        self.error: SupportdeskError | None = None
        self._work: Work[ChannelTotals] | None = None
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Phases, then the outcome."""
        yield VerticalScroll(PhaseList(), Static(id="outcome"), id="load")

    @property
    def phase_list(self) -> PhaseList:
        """The phases."""
        return self.query_one(PhaseList)

    def opened(self) -> None:
        """Begin."""
        self.header.subject = self.channel.title or self.channel.handle
        self.query_one("#load").focus()
        self.action_retry()

    @property
    def in_progress(self) -> bool:
        """Whether it is loading now."""
        return self.totals is None and self.error is None

    @property
    def stopped_by_leaving(self) -> str:
        """The load."""
        return "Loading is stopped; what was loaded before stays as it is." if self.in_progress else ""

    def reason_disabled(self, command_id: str) -> str | None:
        """What fits the state."""
        if command_id == "load.retry" and self.error is None:
            return "It is loading." if self.in_progress else "It is loaded."
        if command_id == "load.go_on" and self.totals is None:
            return "It is still loading." if self.in_progress else "It could not be loaded: r tries again."
        return None

    def label_of(self, command: Command) -> str:
        """Esc stops while it runs."""
        return "stop" if command.id == "back" and self.in_progress else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The totals, or the error."""
        return "what this page says", str(self.query_one("#outcome", Static).content)

    # Commands

    def action_retry(self) -> None:
        """Load, again or for the first time."""
        self.desk_app.withdraw(STOPPED)
        self.totals = self.error = None
        self.query_one("#outcome", Static).update(Content(""))
        phases = self.phase_list
        phases.phases, phases.finished, phases.stopped = (), False, False
        handle = self.channel.handle
        self._work = self.work(
            "load",
            lambda watch: self.doorway.load(handle, watch),
            self._loaded,
            failed=self._failed,
            stopped=self._stopped,
        )
        self._timer = self.set_interval(self.desk_app.profile.progress_seconds, self.look)
        self.show_footer()

    def action_go_on(self) -> None:
        """To the overview."""
        self.leave(self.totals)

    def action_back(self) -> None:
        """Stop at once and leave, nothing is lost by it; once it is loaded, go back to where the load was asked for."""
        if self.in_progress and self._work is not None:
            self._work.cancel()
            self.workers.cancel_group(self, "load")
            self._stopped()
        elif self.is_current:
            self.leave(None)

    # Ends

    def look(self) -> None:
        """Show where the work stands."""
        if self._work is None:
            return
        phases = self.phase_list
        phases.phases = self._work.phases
        if self.desk_app.profile.spinner:
            phases.turn += 1

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.look()
        self.phase_list.turn = -1
        self.show_footer()

    def _loaded(self, totals: ChannelTotals) -> None:
        self.totals = totals
        self._rest()
        self.phase_list.finished = True
        self.query_one("#outcome", Static).update(totals_text(totals))

    def _failed(self, error: SupportdeskError) -> None:
        self.error = error
        self._rest()
        self.phase_list.stopped = True
        kept = (
            "The last load is unchanged."
            if self.channel.loaded_at
            else "Nothing was kept of it; the store was only read."
        )
        self.query_one("#outcome", Static).update(error_text(error, f"{kept} r tries again, esc goes back."))

    def _stopped(self) -> None:
        self._rest()
        if not self.is_current:  # a second esc came before the first had closed this screen
            return
        self.app.notify(_UNCHANGED if self.channel.loaded_at else _NOTHING_KEPT, markup=False)
        self.leave(None)


def totals_text(totals: ChannelTotals) -> Content:
    """What was found, a line each."""
    lines = [
        (totals.listings, "listing", f"{counted(totals.skus, 'SKU')}, {totals.without_sku:,} without a SKU"),
        (totals.locations, "location", ""),
        (totals.units, "unit", "available in all"),
        (
            totals.duplicate_groups,
            "duplicate group",
            f"{counted(totals.duplicate_listings, 'listing')} share a SKU; {totals.disagreeing_groups:,} disagree"
            if totals.duplicate_groups
            else "no two listings share a SKU",
        ),
    ]
    rows = [
        Content.assemble(
            (f"{number:>12,}", "bold"), f" {name if number == 1 else name + 's':<18}", (note, "$muted")
        )
        for number, name, note in lines
    ]
    return Content("\n").join(
        [*rows, Content(""), Content.styled("  Loaded. Enter opens the overview.", "$passed")]
    )


def error_text(error: SupportdeskError, after: str = "") -> Content:
    """An error in place: title, what happened, what next."""
    lines = [Content.assemble(("✗ ", "bold $blocked"), (error.title, "bold")), plain(error.detail)]
    if error.next_step:
        lines.append(plain(error.next_step))
    if after:
        lines.append(Content.styled(after, "$muted"))
    return Content("\n").join(lines)
