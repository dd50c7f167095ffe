"""`FormDialog`: a few questions in a box over a screen. What is refused is said below them, and nothing that was entered is lost.

Which questions there are, and what is asked of the desk with the answers, each form says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static
from textual.worker import Worker

from supportdesk.core.progress import Watch
from supportdesk.errors import SupportdeskError
from supportdesk.screens.work import Work
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.dialogs import Dialog
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import WindowTable

Answer = TypeVar("Answer")
Result = TypeVar("Result")


class Question(Vertical):
    """A label with one `Choice`, and below it what the chosen one means."""

    DEFAULT_CSS = """
    Question { height: auto; width: 1fr; margin-top: 1; }
    Question > Horizontal { height: 1; }
    Question .label { width: 15; height: 1; }
    Question > .meaning { height: auto; padding-left: 15; color: $muted; }
    """

    def __init__(self, label: str, options: tuple[str, ...], *, id: str) -> None:  # noqa: A002
        """Label and options are our words."""
        super().__init__(id=id)
        self._label = label
        self._choice = Choice(options)

    def compose(self) -> ComposeResult:
        """Label and choice on one line, the meaning below."""
        with Horizontal():
            yield Static(Content(self._label), classes="label")
            yield self._choice
        yield Static(classes="meaning")

    @property
    def chosen(self) -> int:
        """Number of the chosen option, from 0."""
        return self._choice.chosen

    def choose(self, number: int) -> None:
        """Choose an option, as a person would."""
        self._choice.chosen = number

    def explain(self, text: str) -> None:
        """Say what the chosen option means; the text may name what a merchant named."""
        self.query_one(".meaning", Static).update(plain(text))


class FormDialog(Dialog[Answer]):
    """Answers what came of it, or None when it was given up."""

    # Not a priority binding: those overtake characters that are still on their way to the input.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", show=False),
        Binding("enter", "next", show=False),
    ]
    DEFAULT_CSS = """
    FormDialog > #box { width: 92; max-height: 100%; border-subtitle-color: $muted; }
    FormDialog #body { max-height: 80vh; }
    FormDialog WindowTable { background: $surface; }
    FormDialog #said { height: auto; width: 1fr; margin-top: 1; display: none; }
    FormDialog #said.-said { display: block; }
    FormDialog #buttons { margin-top: 1; }
    FormDialog Field { margin-top: 0; }
    FormDialog .-unused { display: none; }
    """
    submit_label = "Save"

    def __init__(self) -> None:
        super().__init__()
        self._busy = False

    # What a form fills in

    def compose_questions(self) -> Iterable[Widget]:
        """The questions."""
        return ()

    def submit(self) -> None:
        """Ask the desk, by `ask`, or `say` what is missing."""

    # Frame

    def compose_body(self) -> Iterable[Widget]:
        """The questions, and a line for what was refused."""
        yield from self.compose_questions()
        yield Static(id="said")

    def compose_buttons(self) -> Iterable[Button]:
        """Do it, or don't."""
        yield Button(Content(self.submit_label), id="submit", compact=True)
        yield Button(Content("Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Say which keys there are, and begin with the first question."""
        self.query_one("#box").border_subtitle = Content("enter next · ctrl+s done · esc cancels")
        self.opened()

    def opened(self) -> None:
        """Begin: everything is there, and the first question has the focus."""

    def say(self, error: SupportdeskError | str | None) -> None:
        """Say why it was not done and what to do about it; None takes it back."""
        said = self.query_one("#said", Static)
        said.set_class(error is not None, "-said")
        if error is None:
            return
        detail, next_step = (error, "") if isinstance(error, str) else (error.detail, error.next_step)
        parts = [Content.styled("✗ ", "bold $blocked"), plain(detail)]
        if next_step:
            parts += [Content(" "), plain(next_step, "$muted")]
        said.update(Content.assemble(*parts))
        self.call_after_refresh(said.scroll_visible, animate=False)

    def ask(
        self,
        call: Callable[[Watch], Result],
        done: Callable[[Result], None],
        failed: Callable[[SupportdeskError], None] | None = None,
    ) -> None:
        """Make a desk call in a thread; a refusal is said in the form."""
        if self._busy:
            return
        self._busy = True
        self.say(None)

        def ended(result: Result) -> None:
            self._busy = False
            done(result)

        def refused(error: SupportdeskError) -> None:
            self._busy = False
            (failed or self.say)(error)

        work = Work(call, done=ended, failed=refused)
        _worker: Worker[None] = self.run_worker(work.run, name="form", group="form", exclusive=True)

    def end(self, answer: Answer) -> None:
        """Close with that answer."""
        self.dismiss(answer)

    def action_submit(self) -> None:
        """Do it."""
        if not self._busy:
            self.submit()

    def action_next(self) -> None:
        """To the next question; after the last one to the button that does it."""
        self.focus_next()

    def action_dismiss_dialog(self) -> None:
        """Give up, unless it is being done at this moment."""
        if not self._busy:
            super().action_dismiss_dialog()

    @on(Input.Changed)
    def _typed(self) -> None:
        """What was said of another answer is not true any more."""
        if not self._busy:
            self.say(None)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next()

    @on(WindowTable.Opened)
    def _chosen(self) -> None:
        self.focus_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "submit":
            self.action_submit()
        else:
            self.action_dismiss_dialog()
