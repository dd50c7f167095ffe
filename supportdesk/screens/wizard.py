"""The wizard that turns sync on, as a screen: the rail, one step at a time, who else is at work, the pages it leads to.

What the steps ask, what blocks and where one goes from where is `core.wizard`; what each shows is the step's own module;
reading the wizard and keeping answers is `wizard_reading`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

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
from supportdesk.core.wizard import STEPS, Back, GoTo, Next, Step, StepLine
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.rehearsal import RehearsalScreen, RehearsedScreen, Started
from supportdesk.screens.review import ReviewStep
from supportdesk.screens.stock_words import when, zone
from supportdesk.screens.turn_on_step import TurnOnStep
from supportdesk.screens.turning_on import Left, TurningOnScreen
from supportdesk.screens.wizard_mapping import MappingStep
from supportdesk.screens.wizard_reading import Leaving, WizardReading
from supportdesk.screens.wizard_step import WizardStep
from supportdesk.screens.wizard_steps import CopyStep, DirectionStep, DuplicatesStep
from supportdesk.screens.wizard_words import meaning_name, part_title, rail_text, reopened_text
from supportdesk.screens.words import sync_state
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.dialogs import TextPage, TypedConfirmDialog
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import WindowTable

if TYPE_CHECKING:
    from supportdesk.core.rehearsal import Verdict
    from supportdesk.desk.wizard_view import WizardView


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


class WizardScreen(WizardReading):
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
        super().__init__(channel, timezone)
        self.shown_step: Step | None = None
        self.steps = {step: kind() for step, kind in STEP_WIDGETS.items()}

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

    def refresh_ages(self) -> None:
        """Sync is off until it is turned on here."""
        self.header.state = sync_state(self.channel)

    def show_marks(self) -> None:
        """In the header: the same on every step, however long its title, so without the quiet ones."""
        super().show_marks()
        self.header.marks = tuple(mark for mark in self.header.marks if mark != "presenter")

    # Drawing

    def draw(self, view: WizardView) -> None:
        """Draw the rail, who else is at work, and the step."""
        line = next(line for line in view.rail if line.here)
        self.header.part = part_title(line)
        self.query_one("#rail", Static).update(rail_text(view.rail))
        watching = self.query_one("#watching", Static)
        watching.display = bool(view.at_work or view.sync or view.turned_off_at)
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
        elif view.turned_off_at:
            off = when(view.turned_off_at, zone(self.timezone), self.now)
            watching.update(
                Content.assemble(
                    ("! ", "bold $warned"),
                    f"Sync was turned off {off}. {view.from_before}",
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
        if self.shown_step is not None:
            self.app.clear_notifications()  # said of the step before this one
        self.query_one("#reading").display = False
        self.current.display = False
        self.shown_step = step
        self.current.display = True
        paragraphs = [Content(text) for text in meaning_of(meaning_name(step))]
        self.query_one("#meaning", Static).update(Content("\n\n").join(paragraphs))
        self.current.show(view)
        self.current.entered()

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
