"""`SaveDialog`: where a list is to be written, with a name to begin with. Nobody's file is replaced without a second yes.

`save_list` asks, and has it written by whoever knows how."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.desk.saving import is_json
from supportdesk.errors import SupportdeskError, WrongUsage
from supportdesk.screens.form_dialog import FormDialog
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain

if TYPE_CHECKING:
    from supportdesk.screens.base import DeskScreen


class SaveTo(NamedTuple):
    """A file to write, and whether one of that name may be replaced."""

    target: Path
    replace: bool


class SaveDialog(FormDialog[SaveTo]):
    """Answers where to write."""

    title_text = "Export"
    submit_label = "Write"

    def __init__(self, what: str, name: str, refused: SupportdeskError | None = None) -> None:
        """`what` is written, in our words; `name` is the file's name to begin with, in the working directory or with its own.
        `refused` is why it was not written when it was asked before."""
        super().__init__()
        self.refused = refused
        self.what = what
        self.name_given = name
        self._asked: Path | None = None

    def compose_questions(self) -> Iterable[Widget]:
        """What is written, and to which file."""
        yield Static(plain(f"{self.what}, written to a file: CSV or JSON by its ending."), classes="sentence")
        yield Field(
            "file",
            "In CSV an apostrophe stands before text that a spreadsheet would run as a formula.",
            id="file",
        )

    def opened(self) -> None:
        """Begin with the name."""
        typed = self.query_one("#file", Field).input
        typed.value = str(Path.cwd() / self.name_given)
        typed.focus()
        self.call_after_refresh(self.say, self.refused)

    def submit(self) -> None:
        """Answer; for a file that is there only when asked for a second time."""
        typed = self.query_one("#file", Field).value
        if not typed:
            self.say("The name of a file is missing.")
            return
        try:
            target = Path(typed).expanduser().absolute()
            is_folder, is_there = target.is_dir(), target.exists()
        except (OSError, RuntimeError) as error:  # too long, not ours to look into, `~nobody`
            self.say(f"{typed} cannot be a file of yours: {getattr(error, 'strerror', None) or error}.")
            return
        if is_folder:
            self.say(f"{target} is a folder; name a file in it.")
            return
        try:
            is_json(target)
        except WrongUsage as error:
            self.say(error)
            return
        if is_there and self._asked != target:
            self._asked = target
            self.say(f"{target} is already there. Enter again replaces it.")
        else:
            self.end(SaveTo(target, is_there))

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.action_submit()


def save_list(
    screen: DeskScreen[Any],
    what: str,
    name: str,
    write: Callable[[SaveTo, Watch], int],
    *,
    work: str = "save",
) -> None:
    """Ask for a file on top of `screen`, then let `write` fill it in a thread, work of that name; it returns how many lines it wrote.

    `what` is written, in our words, and `name` is the file's to begin with. What could not be written is asked for again.
    """

    def written(lines: int, target: Path) -> None:
        screen.app.notify(safe_text(f"Wrote {lines:,} lines to {target}."), markup=False, timeout=8)

    def answered(to: SaveTo | None) -> None:
        if to is not None:
            screen.work(
                work,
                lambda watch: write(to, watch),
                lambda lines: written(lines, to.target),
                failed=lambda error: ask(str(to.target), error),
            )

    def ask(name: str, refused: SupportdeskError | None = None) -> None:
        screen.app.push_screen(SaveDialog(what, name, refused), answered)

    ask(name)
