"""Verify: compares every row with the store, with its progress on screen; then what differs, row by row. Compares nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.verify import VerifiedRow, VerifyState
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.fetched_rows import FetchedTable
from supportdesk.screens.live_words import STATES, VERIFY_COLUMNS, detail, totals_line, verified_row
from supportdesk.screens.load import error_text
from supportdesk.screens.save_file import save_list
from supportdesk.screens.words import counted
from supportdesk.screens.work import Work
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.progress import PhaseList
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.desk.verifying import Verified


class VerifyScreen(DeskScreen[None]):
    """Verifying one channel. Begins by itself; leaving it stops it, and nothing is lost by that."""

    name_in_registry = "verify"
    keeps_place = frozenset({"verify.inspect"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("verify")
    DEFAULT_CSS = """
    VerifyScreen > #detail { height: auto; max-height: 4; width: 1fr; padding: 0 1; border-top: solid $rule; }
    VerifyScreen > #said { height: auto; width: 1fr; padding: 0 1; }
    VerifyScreen > #phases { height: auto; width: 1fr; padding: 1 2; }
    VerifyScreen > #phases.-away { display: none; }
    VerifyScreen > WindowTable { display: none; }
    VerifyScreen > WindowTable.-done { display: block; }
    """

    def __init__(self, channel: ChannelSummary, timezone: str = "UTC") -> None:
        super().__init__()
        self.channel = channel
        self.timezone = timezone
        self.verified: Verified | None = None
        self.error: SupportdeskError | None = None
        self.showing: VerifyState | None = None
        self._work: Work[Verified] | None = None
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        """What it came to, how far it is, the rows."""
        yield Static(id="said")
        yield PhaseList(id="phases")
        yield FetchedTable[VerifiedRow](VERIFY_COLUMNS, verified_row, id="verified-rows", signs=True)
        yield Static(id="detail")

    @property
    def table(self) -> FetchedTable[VerifiedRow]:
        """The rows that are not the same."""
        return self.query_one("#verified-rows", FetchedTable)

    @property
    def phases(self) -> PhaseList:
        """How far it is."""
        return self.query_one(PhaseList)

    def opened(self) -> None:
        """Begin."""
        self.header.subject = self.channel.title or self.channel.handle
        self.action_again()

    @property
    def in_progress(self) -> bool:
        """Whether it compares now."""
        return self.verified is None and self.error is None

    # Verifying

    def action_again(self) -> None:
        """Verify, for the first time or once more."""
        self._let_go()
        self.error = None
        self.query_one("#said", Static).update(
            Content.styled("Nothing is written, neither here nor there.", "$muted")
        )
        self.phases.phases, self.phases.finished, self.phases.stopped = (), False, False
        self._lay_out()
        handle = self.channel.handle
        self._work = self.work(
            "verify", lambda watch: self.doorway.verify(handle, watch), self._compared, failed=self._failed
        )
        self._timer = self.set_interval(self.desk_app.profile.progress_seconds, self.look)
        self.show_footer()

    def look(self) -> None:
        """Show how far it is."""
        if self._work is not None:
            self.phases.phases = self._work.phases

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.look()

    def _compared(self, verified: Verified) -> None:
        self._rest()
        self.verified = verified
        self.showing = None
        self._lay_out()
        self.query_one("#said", Static).update(totals_line(verified.totals))
        self._open()
        self.table.focus()

    def _failed(self, error: SupportdeskError) -> None:
        self._rest()
        self.error = error
        self.phases.stopped = True
        self.query_one("#said", Static).update(error_text(error, "r tries again, esc goes back."))
        self.show_footer()

    def _lay_out(self) -> None:
        done = self.verified is not None
        self.phases.set_class(done, "-away")
        self.table.set_class(done, "-done")
        self.query_one("#detail").display = False

    def _let_go(self) -> None:
        verified, self.verified = self.verified, None
        if verified is not None:
            verified.close()

    def on_unmount(self) -> None:
        """Stop, and let go of what was found."""
        if self._work is not None:
            self._work.cancel()
        self._let_go()

    # Rows

    def _open(self) -> None:
        verified, showing = self.verified, self.showing
        if verified is None:
            return
        same = (
            "Every row is the same on both sides." if verified.totals.rows else "There is no row to compare."
        )
        self.table.show_from(
            lambda _: verified.table(showing),
            opened=lambda _: self._moved(),
            failed=self.show_error,
            keep_cursor=False,
            empty=same if showing is None else f"No row: {STATES[showing]}.",
        )

    @property
    def _next(self) -> VerifyState | None:
        states = list(STATES)
        return states[(states.index(self.showing) + 1) % len(states)]

    def action_show_next(self) -> None:
        """Another sign's rows."""
        self.showing = self._next
        self._open()

    @on(WindowTable.Opened)
    def _row_opened(self) -> None:
        self.desk_app.run_command_id("verify.inspect")

    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self._show_detail()
        self.show_footer()

    def _show_detail(self) -> None:
        """Why, in full."""
        row = self.table.item
        shown = self.query_one("#detail", Static)
        shown.update(detail(row.why if row is not None else ""))
        shown.display = row is not None

    def action_inspect(self) -> None:
        """Look into the SKU."""
        from supportdesk.screens.sku import SkuScreen

        if (row := self.table.item) is not None:
            self.app.push_screen(SkuScreen(self.channel, row.sku, self.timezone, warehouse=row.warehouse))

    def action_export(self) -> None:
        """Write the rows that are shown to a file."""
        verified, showing = self.verified, self.showing
        if verified is not None:
            save_list(
                self,
                counted(self.table.source.count(), "row"),
                f"{self.channel.handle}-verified.csv",
                lambda to, watch: self.doorway.save_verified(verified, to, state=showing, watch=watch),
            )

    # Frame

    def reason_disabled(self, command_id: str) -> str | None:
        """What fits the state."""
        if command_id == "verify.again":
            return "It is comparing." if self.in_progress else None
        if command_id in ("verify.inspect", "verify.show", "verify.export"):
            if self.verified is None:
                return (
                    "It is still comparing."
                    if self.in_progress
                    else "It could not be compared: r tries again."
                )
            if command_id == "verify.inspect" and (self.table.item is None or not self.table.item.sku):
                return "There is no row to look into."
        return None

    def label_of(self, command: Command) -> str:
        """Esc stops while it runs; `f` says what comes next."""
        if command.id == "back" and self.in_progress:
            return "stop"
        return f"show {STATES[self._next]}" if command.id == "verify.show" else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU under the cursor, else what it came to."""
        if (row := self.table.item) is not None:
            return "the SKU", row.sku
        return "what this page says", str(self.query_one("#said", Static).content)
