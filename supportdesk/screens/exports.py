"""Open exports: CSV files of a Shopify admin as a channel. Errors stand in place; nothing typed is lost."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from supportdesk.commands import Command
from supportdesk.core.catalog import ChannelTotals
from supportdesk.errors import Refused, SupportdeskError, WrongUsage
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.load import error_text
from supportdesk.screens.work import Work
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.field import Field
from supportdesk.widgets.progress import PhaseList


class ExportsScreen(DeskScreen[str]):
    """The form. Answers the name of the channel that was opened, or None."""

    name_in_registry = "exports"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("exports")
    DEFAULT_CSS = """
    ExportsScreen > #form { height: 1fr; padding: 1 1; scrollbar-size-vertical: 1; }
    ExportsScreen Field { margin-bottom: 1; }
    ExportsScreen #files Input { max-width: 100; }
    ExportsScreen #result { height: auto; width: 1fr; max-width: 96; margin-top: 1; }
    ExportsScreen #buttons { height: 1; margin: 0 0 1 15; }
    ExportsScreen Button { width: auto; min-width: 0; height: 1; border: none; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._work: Work[tuple[str, ChannelTotals]] | None = None
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Files, name, progress, result."""
        yield VerticalScroll(
            Field(
                "Files",
                "CSV files; quote a path that has spaces; ~ and * work",
                id="files",
                placeholder="~/Downloads/*_export.csv",
            ),
            Field("Name", "empty: the first file's name", id="channel-name"),
            Horizontal(Button(Content("Open"), id="open", compact=True), id="buttons"),
            PhaseList(),
            Static(id="result"),
            id="form",
            can_focus=False,
        )

    @property
    def files(self) -> Field:
        """Where the paths are typed."""
        return self.query_one("#files", Field)

    @property
    def channel_name(self) -> Field:
        """Where the name is typed."""
        return self.query_one("#channel-name", Field)

    @property
    def result(self) -> Static:
        """What went wrong."""
        return self.query_one("#result", Static)

    def opened(self) -> None:
        """Begin with the files."""
        self.files.input.focus()

    @property
    def in_progress(self) -> bool:
        """Whether files are being read."""
        return self._work is not None

    def label_of(self, command: Command) -> str:
        """Esc stops while files are read."""
        return "stop" if command.id == "back" and self._work is not None else command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The paths."""
        return "the paths", self.files.value

    @on(Input.Changed)
    def _changed(self) -> None:
        for field in self.query(Field):
            if field.has_class("-invalid"):
                field.say(None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.input is self.files.input and not self.files.value:
            self.files.say("Which files?")
        elif event.input is self.files.input:
            self.focus_next()
        else:
            self.action_submit()

    @on(Button.Pressed, "#open")
    def _pressed(self) -> None:
        self.action_submit()

    # Commands

    def action_submit(self) -> None:
        """Read the files."""
        if self._work is not None:
            return
        try:
            files = paths_in(self.files.value)
        except ValueError:
            self.files.say("A quote is opened and not closed.")
            self.files.input.focus()
            return
        if not files:
            self.files.say("Which files?")
            self.files.input.focus()
            return
        name = self.channel_name.value or None
        self.result.update(Content(""))
        phases = self.query_one(PhaseList)
        phases.phases, phases.finished, phases.stopped = (), False, False
        self._work = self.work(
            "exports",
            lambda watch: self.doorway.open_exports(files, name, watch),
            self._opened,
            failed=self._failed,
            stopped=self._stopped,
        )
        self._timer = self.set_interval(self.desk_app.profile.progress_seconds, self.look)
        self.show_footer()

    def look(self) -> None:
        """Show where the reading stands."""
        if self._work is not None:
            self.query_one(PhaseList).phases = self._work.phases

    def action_back(self) -> None:
        """Stop reading; else leave the form."""
        if self._work is None:
            self.leave()
            return
        self._work.cancel()
        self.workers.cancel_group(self, "exports")
        self._stopped()

    # Ends

    def _rest(self) -> None:
        self.look()
        if self._timer is not None:
            self._timer.stop()
        self._work = None
        self.show_footer()

    def _opened(self, opened: tuple[str, ChannelTotals]) -> None:
        self._rest()
        self.leave(opened[0])

    def _failed(self, error: SupportdeskError) -> None:
        self._rest()
        self.query_one(PhaseList).stopped = True
        self.result.update(error_text(error, "Nothing was kept."))
        if isinstance(error, Refused | WrongUsage):
            self.channel_name.say(error.title)
            self.channel_name.input.focus()
        else:
            self.files.input.focus()

    def _stopped(self) -> None:
        self._rest()
        self.query_one(PhaseList).stopped = True
        self.result.update(Content.styled("Stopped; nothing was kept.", "$muted"))


def paths_in(text: str) -> tuple[Path, ...]:
    """The paths in what was typed or dropped on the terminal: words as in a shell, `~` and `*` expanded.

    Text that is one existing path as it stands is that path, whatever it holds. Raises `ValueError` for an open quote.
    """
    whole = Path(text).expanduser()
    if text and whole.is_file():
        return (whole,)
    paths: list[Path] = []
    for word in shlex.split(text):
        path = Path(word).expanduser()
        if any(sign in word for sign in "*?[") and not path.exists():
            found = sorted(path.parent.glob(path.name))
            paths += found or [path]
        else:
            paths.append(path)
    return tuple(paths)
