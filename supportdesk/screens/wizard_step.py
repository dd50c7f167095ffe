"""`WizardStep`: what the wizard's steps share. Nothing about what any of them asks, and nothing about going from one to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.progress import Watch
from supportdesk.core.wizard import Step, StepLine
from supportdesk.errors import SupportdeskError
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.wizard_words import (
    block_lines,
)

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import WizardView
    from supportdesk.screens.wizard import WizardScreen
    from supportdesk.screens.work import Work

Result = TypeVar("Result")


class WizardStep(Widget, can_focus=False):
    """One step: made at its first visit, kept after it. The commands of its scope run as its `action_…` methods."""

    name_in_registry: ClassVar[str] = ""
    step: ClassVar[Step]
    keeps_place: ClassVar[frozenset[str]] = frozenset()
    changes: ClassVar[frozenset[str]] = frozenset()
    """Commands of its own that somebody who only watches, or is read-only, cannot give."""
    takes_while_watching: ClassVar[bool] = False
    """Whether enter only looks, so that somebody who watches may too."""
    DEFAULT_CSS = """
    WizardStep { height: 1fr; width: 1fr; background: $background; color: $foreground; layout: vertical; padding: 0 1; }
    WizardStep Static { height: auto; width: 1fr; }
    WizardStep > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    WizardStep .question { margin-top: 1; text-style: bold; }
    WizardStep .-unused { display: none; }
    WizardStep .gap { margin-top: 1; }
    """

    @property
    def wizard(self) -> WizardScreen:
        """The screen the step is on."""
        return cast("WizardScreen", self.screen)

    @property
    def doorway(self) -> Doorway:
        """The desk's functions."""
        return self.wizard.doorway

    @property
    def handle(self) -> str:
        """The channel's."""
        return self.wizard.channel.handle

    # What the steps fill in

    def show(self, view: WizardView) -> None:
        """Draw another view; the cursors stay where they are."""

    def entered(self) -> None:
        """The step became the one that is shown: put the cursor where a person begins. Comes after `show`."""

    def take(self) -> None:
        """What enter does: take what the cursor is on. Where there is nothing to take it goes on."""
        self.go_on()

    def go_on(self) -> None:
        """What `n` does: to the next step."""
        self.wizard.next_step()

    @property
    def why_not_next(self) -> str | None:
        """Why one cannot go on now; None where one can."""
        return self.wizard.why_not_next

    def back(self) -> bool:
        """Go back one level within the step; False where there is none."""
        return False

    def refreshed(self) -> None:
        """A person asked to read again: read what is the step's own."""

    def reason_disabled(self, command_id: str) -> str | None:
        """As `DeskScreen.reason_disabled`, for the commands of this step."""
        return None

    def label_of(self, command: Command) -> str:
        """What the footer calls a command now."""
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """What `y` copies."""
        return "", ""

    # What they use

    def line(self, view: WizardView) -> StepLine:
        """This step's line in the rail."""
        return next(line for line in view.rail if line.step == self.step)

    def show_blocks(self, view: WizardView, hint: str = "") -> None:
        """Say what blocks going on, or that there is nothing to ask."""
        line = self.line(view)
        lines = block_lines(line.blocks, hint, open_again=line.status == "reopened")
        if line.text:
            lines = [Content.assemble(("– ", "$muted"), f"Nothing to ask here. {line.text} n goes on.")]
        said = self.query_one("#blocks", Static)
        said.update(Content("\n").join(lines))
        said.display = bool(lines)

    def work(
        self,
        name: str,
        call: Callable[[Watch], Result],
        done: Callable[[Result], None],
        *,
        failed: Callable[[SupportdeskError], None] | None = None,
        stopped: Callable[[], None] | None = None,
    ) -> Work[Result]:
        """As `DeskScreen.work`; `name` is the step's own."""
        return self.wizard.work(f"{self.name_in_registry}.{name}", call, done, failed=failed, stopped=stopped)
