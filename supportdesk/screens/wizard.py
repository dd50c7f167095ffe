"""The wizard that turns sync on, as a screen: the rail, one step at a time, answers kept one after the other, who else is at work.

What the steps ask, what blocks and where one goes from where is `core.wizard`; what each shows is the step's own module.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.commands import Command
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import STEPS, Back, GoTo, Next, Step, StepLine, WizardEvent
from supportdesk.errors import SupportdeskError
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.rehearsal import RehearsalScreen, RehearsedScreen, Started
from supportdesk.screens.review import ReviewStep
from supportdesk.screens.save_file import SaveTo, save_list
from supportdesk.screens.turn_on_step import TurnOnStep
from supportdesk.screens.turning_on import Left, TurningOnScreen
from supportdesk.screens.wizard_mapping import MappingStep
from supportdesk.screens.wizard_step import WizardStep
from supportdesk.screens.wizard_steps import CopyStep, DirectionStep, DuplicatesStep
from supportdesk.screens.wizard_words import meaning_name, part_title, rail_text, reopened_text
from supportdesk.screens.words import sync_state
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.dialogs import ErrorDialog, TextPage, TypedConfirmDialog
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.core.rehearsal import Verdict
    from supportdesk.desk.going_live import WizardView

HEARTBEAT_SECONDS: Final = 10.0
"""How often it is said that this person is at work here; `going_live.AT_WORK` is a few times as long."""
LOOK_SECONDS: Final = 1.0
LOOK_SECONDS_REMOTE: Final = 2.0

STEP_WIDGETS: Final[Mapping[Step, type[WizardStep]]] = {
    "direction": DirectionStep,
    "copy": CopyStep,
    "duplicates": DuplicatesStep,
    "mapping": MappingStep,
    "review": ReviewStep,
    "turn_on": TurnOnStep,
}
_ORDER: Final = tuple(STEPS)
_ANSWERS: Final = frozenset(
    {"wizard.previous", *(f"wizard.step_{number}" for number in range(1, len(STEPS) + 1))}
)
_KEPT: Final = frozenset({"wizard.next"})
"""Commands of every step that are kept, so that only the one at work may give them."""

Leaving = Literal["overview"]


class _Said(NamedTuple):
    """Something to keep; `event` None for something to do once all before it is kept."""

    event: WizardEvent | None
    then: Callable[[], None] | None


class WizardScreen(DeskScreen[Leaving]):
    """The wizard of one channel. Answers `overview` once sync was turned on."""

    name_in_registry = "wizard_direction"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("wizard")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    DEFAULT_CSS = """
    WizardScreen > #watching { display: none; height: auto; width: 1fr; padding: 0 1; }
    WizardScreen > #reopened { display: none; height: auto; width: 1fr; padding: 0 1; }
    WizardScreen > #columns { height: 1fr; width: 1fr; }
    WizardScreen #side { display: none; width: 40; height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; }
    WizardScreen.-wide #side { display: block; }
    WizardScreen.-narrow > #reopened.-said { display: block; }
    WizardScreen #side Static { height: auto; width: 1fr; }
    WizardScreen #side PanelTitle { margin-top: 1; }
    WizardScreen #reading { height: auto; width: 1fr; padding: 1; }
    """

    def __init__(self, channel: ChannelSummary, timezone: str = "UTC") -> None:
        """`timezone` is the store's own, for times."""
        super().__init__()
        self.channel = channel
        self.timezone = timezone
        self.view: WizardView | None = None
        self.shown_step: Step | None = None
        self.steps = {step: kind() for step, kind in STEP_WIDGETS.items()}
        self._own_doorway: Doorway | None = None
        self._queue: deque[_Said] = deque()
        self._keeping = False
        self._mark = -1

    def compose_body(self) -> Iterable[Widget]:
        """Who else is at work; the rail with what this means where there is room; the step."""
        yield Static(id="watching")
        yield Static(id="reopened")
        with Horizontal(id="columns"):
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="rail")
                yield PanelTitle("What this means")
                yield Static(id="meaning")
            yield Static("Reading …", id="reading")
            for widget in self.steps.values():
                widget.display = False
                yield widget

    # Parts

    @property
    def doorway(self) -> Doorway:
        """The desk that the wizard was opened on, also while a rehearsal goes on above it."""
        return self._own_doorway or self.desk_app.doorway

    @property
    def current(self) -> WizardStep:
        """The step that is shown; the first one while none is."""
        return self.steps[self.shown_step or "direction"]

    @property
    def part(self) -> Widget:
        """The step that is shown."""
        return self.current

    @property
    def scope(self) -> str:
        """The step's."""
        return self.current.name_in_registry

    @property
    def kept(self) -> frozenset[str]:
        """The step's, and going on: it is dimmed while something blocks it."""
        return self.current.keeps_place | _KEPT

    @property
    def is_rehearsal(self) -> bool:
        """Whether the desk is a rehearsal's."""
        return self.desk_app.rehearsal is not None

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

    def refresh_ages(self) -> None:
        """Sync is off until it is turned on here."""
        self.header.state = sync_state(self.channel)

    def show_marks(self) -> None:
        """In the header: the same on every step, however long its title, so without the quiet ones."""
        super().show_marks()
        self.header.marks = tuple(mark for mark in self.header.marks if mark != "presenter")

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

    # Drawing

    def take(self, view: WizardView) -> None:
        """Draw another view; an older one than is shown, that came late, is passed over."""
        if not self.is_running or not self.is_attached:
            return
        if self.view is not None and view.revision < self.view.revision:
            return
        self.view = view
        line = next(line for line in view.rail if line.here)
        self.header.part = part_title(line)
        self.query_one("#rail", Static).update(rail_text(view.rail))
        watching = self.query_one("#watching", Static)
        watching.display = bool(view.at_work or view.sync)
        if view.sync:
            watching.update(
                Content.assemble(
                    ("! ", "bold $warned"),
                    plain(f"{view.sync} Nothing is asked here any more. "),
                    ("n shows how it stands", "$muted"),
                )
            )
        elif view.at_work:
            watching.update(
                Content.assemble(
                    ("! ", "bold $warned"),
                    plain(f"{view.at_work} is at work in this wizard, and you are watching. "),
                    ("o takes over", "$muted"),
                )
            )
        reopened = reopened_text(view.rail)
        said = self.query_one("#reopened", Static)
        said.update(reopened)
        said.set_class(bool(reopened.plain) and line.step != "review", "-said")
        self._show_step(view, line.step)
        self.show_footer()

    def _show_step(self, view: WizardView, step: Step) -> None:
        if step == self.shown_step:
            self.current.show(view)
            return
        self.query_one("#reading").display = False
        self.current.display = False
        self.shown_step = step
        self.current.display = True
        paragraphs = [Content(text) for text in meaning_of(meaning_name(step))]
        self.query_one("#meaning", Static).update(Content("\n\n").join(paragraphs))
        self.current.show(view)
        self.current.entered()

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

    @property
    def why_not_next(self) -> str | None:
        """Why the step that is shown is not gone on from; None where it is."""
        line = self.line
        if (reason := self.why_not_change) is not None:
            return reason
        return safe_text(line.blocks[0]) if line is not None and line.blocks else None

    def next_step(self) -> None:
        """Go on, or say what blocks it."""
        if (reason := self.why_not_next) is not None:
            self.app.notify(reason, markup=False)
        else:
            self.say(Next())

    # What can be done

    @property
    def why_not_change(self) -> str | None:
        """Why this person cannot answer; None where they can."""
        if self.doorway.desk.settings.read_only:
            return "supportdesk was started read-only, so it answers nothing."
        if self.view is None:
            return "The wizard is still being read."
        if self.view.sync:
            return safe_text(self.view.sync)
        if self.view.at_work:
            return f"{safe_text(self.view.at_work)} is at work in this wizard; o takes over."
        return None

    def _earlier(self) -> list[StepLine]:
        """Steps before this one that have something to ask."""
        if self.view is None:
            return []
        here = _ORDER.index(self.view.state.at)
        return [line for line in self.view.rail[:here] if not line.text]

    def reason_disabled(self, command_id: str) -> str | None:
        """Who only watches answers nothing; steps that were not reached cannot be opened; else what the step says."""
        changes = command_id in _ANSWERS or command_id in self.current.changes
        if changes and (reason := self.why_not_change) is not None:
            return reason
        if command_id == "wizard.next":
            return None if self.view is not None and self.view.sync else self.current.why_not_next
        if command_id == "wizard.take_over":
            if self.view is None or not self.view.at_work:
                return "Nobody else is at work in this wizard."
            return self.why_not_change if self.doorway.desk.settings.read_only else None
        if command_id == "wizard.previous" and not self._earlier():
            return "This is the first step."
        if command_id.startswith("wizard.step_") and self.view is not None:
            return self._why_not_step(int(command_id.removeprefix("wizard.step_")))
        return self.current.reason_disabled(command_id)

    def _why_not_step(self, number: int) -> str | None:
        assert self.view is not None
        line = self.view.rail[number - 1]
        if number > self.view.state.reached:
            return f"{line.title} was not reached yet: n goes on step by step."
        if line.step == "turn_on" and line.blocks:
            return safe_text(line.blocks[0])
        return None

    def label_of(self, command: Command) -> str:
        """Esc leaves from the first step, and where one only watches; else what the step says."""
        if command.id == "wizard.next" and self.view is not None and self.view.sync:
            return "how it stands"
        label = self.current.label_of(command)
        if command.id == "back" and label == command.label:
            return "leave" if self.why_not_change or not self._earlier() else command.label
        return label

    def what_to_copy(self) -> tuple[str, str]:
        """What the step says."""
        return self.current.what_to_copy()

    def show_footer(self) -> None:
        """What the step says."""
        if self.is_mounted:
            super().show_footer()

    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self.show_footer()

    # Commands

    def action_go_on(self) -> None:
        """To the next step, once all that was said before is kept; where sync is on or being turned on, how that stands."""
        if self.view is not None and self.view.sync:
            self.app.push_screen(TurningOnScreen(self.channel, self.timezone), self._turned_on)
        else:
            self.when_kept(self.current.go_on)

    def action_take_here(self) -> None:
        """Take what the cursor is on, once all that was said before is kept."""
        if not isinstance(self.focused, Input):
            self.when_kept(self._take_here)

    def _take_here(self) -> None:
        reason = self.why_not_change
        if reason is not None and not self.current.takes_while_watching:
            self.app.notify(reason, markup=False)
        else:
            self.current.take()

    def action_back(self) -> None:
        """Back one level within the step, then a step back, then out."""
        if self.current.back():
            self.show_footer()
        elif self.why_not_change is None and self._earlier():
            self.say(Back())
        else:
            self.action_leave_wizard()

    def action_step_back(self) -> None:
        """To the step before."""
        self.say(Back())

    def action_open_step(self, number: int) -> None:
        """Open a step that was reached."""
        self.say(GoTo(_ORDER[number - 1]))

    def action_meaning(self) -> None:
        """Explain the step."""
        lines: list[Content] = []
        for paragraph in meaning_of(meaning_name(self.shown_step or "direction")):
            lines += [Content(paragraph), Content("")]
        self.app.push_screen(TextPage("What this means for you", lines[:-1]))

    def action_refresh_all(self) -> None:
        """Read everything anew."""
        self.current.refreshed()
        self.read()

    def action_take_over(self) -> None:
        """Be the one who answers, once the shop's handle was typed."""
        view, handle = self.view, self.channel.handle
        if view is None:
            return
        dialog = TypedConfirmDialog(
            "Take over",
            [
                f"{view.at_work} is at work in this wizard, and will then only watch.",
                "Agree on it on the call. Nothing that was answered is lost.",
            ],
            handle,
            "Take over",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.work("take_over", lambda _: self.doorway.take_over(handle, handle), self.take)

        self.app.push_screen(dialog, answered)

    def action_leave_wizard(self) -> None:
        """Back to the channel, saying that this person has left."""
        self._leave(None)

    def _leave(self, where: Leaving | None) -> None:
        handle = self.channel.handle

        def gone(_: object = None) -> None:
            if self.is_current:
                self.leave(where)

        self.work("leave", lambda _: self.doorway.leave_wizard(handle), gone, failed=gone)

    # Other pages

    def visit(self, target: str) -> None:
        """Show a tab of the channel on top; leaving it comes back to this step."""
        from supportdesk.screens.channel import ChannelScreen

        self.app.push_screen(ChannelScreen(self.channel, begin=target))

    def save(self, what: str, name: str, write: Callable[[SaveTo, Watch], int]) -> None:
        """Ask for a file, then let `write` fill it in a thread."""
        save_list(self, what, name, write)

    def rehearse(self, plan_id: int) -> None:
        """Fill a pretend store, turn on there, and end it when its page is left."""
        self.app.push_screen(RehearsalScreen(self.channel, plan_id, self.doorway), self._rehearsal_started)

    def _rehearsal_started(self, started: Started | None) -> None:
        if started is None:
            return
        self.desk_app.begin_rehearsal(started.doorway, started.rehearsal)
        page = RehearsedScreen(started, self.timezone)
        self.app.push_screen(page, lambda _: self._rehearsal_left(started, page.verdict))

    def _rehearsal_left(self, started: Started, verdict: Verdict | None) -> None:
        self.desk_app.finish_rehearsal()
        self.show_marks()
        plan_id = self.view.plan_id if self.view is not None else None
        doorway, handle = self.doorway, self.channel.handle

        def end(_: Watch) -> None:
            doorway.end_rehearsal(started.rehearsal)
            if verdict is not None and plan_id is not None:
                doorway.keep_verdict(handle, plan_id, verdict)

        def ended(_: None) -> None:
            self.app.notify("The rehearsal has ended; the real store was not touched.", markup=False)
            self.read()

        self.work("end_rehearsal", end, ended)

    def turn_on(self, plan_id: int, brake_rows: int | None) -> None:
        """Apply the accepted plan, and show how far it is."""
        page = TurningOnScreen(
            self.channel, self.timezone, plan_id=plan_id, brake_rows=brake_rows, confirm=self.channel.handle
        )
        self.app.push_screen(page, self._turned_on)

    def _turned_on(self, left: Left | None) -> None:
        if left == "overview":
            self._leave("overview")
        elif left == "new_plan":
            self.say(GoTo("review"), self._make_again)

    def _make_again(self) -> None:
        review = self.steps["review"]
        if isinstance(review, ReviewStep) and self.shown_step == "review" and not review.is_making:
            review.action_make()
