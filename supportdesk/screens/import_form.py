"""The form that brings the Sumtracker side in: from a real account by its API key, or from CSV files. What is taken, the desk says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from supportdesk.core.imports import Imported
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.errors import ImportInvalid, SumtrackerKeyRefused, SupportdeskError, WrongUsage
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.form_dialog import FormDialog, Question
from supportdesk.screens.work import Work
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.progress import PhaseList

if TYPE_CHECKING:
    from supportdesk.screens.base import DeskApp

_FILES: Final = {
    "warehouses": ("Warehouses", "code, name; address, city, country, priority"),
    "bundles": ("Bundles", "bundle sku, component sku, quantity"),
    "stock": ("Stock", "sku, warehouse, in stock; incoming"),
    "rules": ("Rules", "sku, warehouse, close at; or channel, maximum"),
}
"""What files there are: label, and the columns each has."""
_SOURCES: Final = (
    "All warehouses, bundles and stock are read from the real account. Nothing is written to it.",
    "CSV files, one or several; those left empty are left out.",
)
_KEEP: Final = (
    "The key is used once and forgotten.",
    "The key is kept for the next import, in this machine's keyring or a file only you can read.",
)
_BAD: Final = (
    "One bad row and nothing is imported.",
    "Bad rows are left out and told; the rest is imported.",
)
_STOPPED: Final = "Stopped; nothing was imported."


class ImportDialog(FormDialog[Imported]):
    """From where, and with what. Answers what came of it."""

    title_text = "Import the Sumtracker side"
    submit_label = "Import"
    DEFAULT_CSS = """
    ImportDialog #remote, ImportDialog #files { height: auto; margin-top: 1; }
    ImportDialog #source { margin-top: 0; }
    ImportDialog PhaseList { margin-top: 1; background: $surface; }
    """

    def __init__(self, doorway: Doorway, account: str) -> None:
        super().__init__()
        self.doorway = doorway
        self.account = account
        self._work: Work[Imported] | None = None
        self._timer: Timer | None = None

    def compose_questions(self) -> Iterable[Widget]:
        """From where; the key, or the files; how far it is."""
        yield Question("From", ("a Sumtracker account", "files"), id="source")
        yield Vertical(
            Field("API key", id="key", password=True),
            Question("Afterwards", ("forget the key", "keep it"), id="keep"),
            id="remote",
        )
        yield Vertical(
            *(Field(label, hint, id=name) for name, (label, hint) in _FILES.items()),
            Question("Bad rows", ("refuse all", "leave them out"), id="bad"),
            id="files",
        )
        yield PhaseList()

    def opened(self) -> None:
        """Begin with from where; say whether a key is kept."""
        self.query_one("#source", Question).query_one(Choice).focus()
        self._explain()
        account = self.account

        def known(kept: bool) -> None:
            self.query_one("#key", Field).hint = (
                "empty: the key that is kept for this account"
                if kept
                else "of the Sumtracker account; it is shown nowhere"
            )
            self.query_one("#key", Field).say(None)
            self.query_one("#keep", Question).choose(1 if kept else 0)
            self._explain()

        self.ask(lambda _: self.doorway.has_sumtracker_key(account), known)

    @property
    def from_files(self) -> bool:
        """Whether files are imported."""
        return self.query_one("#source", Question).chosen == 1

    @on(Choice.Changed)
    def _explain(self) -> None:
        for name, meanings in (("source", _SOURCES), ("keep", _KEEP), ("bad", _BAD)):
            question = self.query_one(f"#{name}", Question)
            question.explain(meanings[question.chosen])
        self.query_one("#remote").set_class(self.from_files, "-unused")
        self.query_one("#files").set_class(not self.from_files, "-unused")
        if not self._busy:
            self.say(None)

    # Doing it

    def submit(self) -> None:
        """Import."""
        if self.from_files:
            files = {
                name: Path(text).expanduser()
                for name in _FILES
                if (text := self.query_one(f"#{name}", Field).value)
            }
            if not files:
                self.say("Name at least one file.")
                self.query_one("#warehouses", Field).input.focus()
                return
            skip_bad = self.query_one("#bad", Question).chosen == 1
            self._begin(
                lambda watch: self.doorway.import_files(self.account, files, skip_bad=skip_bad, watch=watch)
            )
        else:
            key = self.query_one("#key", Field).value
            keep = self.query_one("#keep", Question).chosen == 1
            self._begin(
                lambda watch: self.doorway.import_from_sumtracker(self.account, key, keep=keep, watch=watch)
            )

    def _begin(self, call: Callable[[Watch], Imported]) -> None:
        """Do it in a thread, with its progress shown."""
        self.say(None)
        self._busy = True
        phases = self.query_one(PhaseList)
        phases.phases, phases.finished, phases.stopped = (), False, False
        self._work = Work(call, done=self._done, failed=self._failed, stopped=self._stopped)
        _worker: Worker[None] = self.run_worker(self._work.run, name="form", group="form", exclusive=True)
        self._timer = self.set_interval(cast("DeskApp", self.app).profile.progress_seconds, self._look)

    def _look(self) -> None:
        if self._work is not None:
            self.query_one(PhaseList).phases = self._work.phases

    def _rest(self) -> None:
        self._look()
        if self._timer is not None:
            self._timer.stop()
        self._work = None
        self._busy = False

    def _done(self, done: Imported) -> None:
        self._rest()
        self.end(done)

    def _failed(self, error: SupportdeskError) -> None:
        """Say it in place; what was entered stays."""
        self._rest()
        self.query_one(PhaseList).stopped = True
        if isinstance(error, ImportInvalid) and error.good:
            error = ImportInvalid(
                error.detail,
                f"Correct them, or leave bad rows out: the other {error.good:,} can be imported.",
                error.bad,
                error.good,
            )
        key = self.query_one("#key", Field)
        if isinstance(error, WrongUsage) and not self.from_files and not key.value:
            self.say("Type the API key: none is kept for this account, and the environment holds none.")
        else:
            self.say(error)
        if not self.from_files and isinstance(error, SumtrackerKeyRefused | WrongUsage):
            key.input.focus()

    def _stopped(self) -> None:
        self._rest()
        self.query_one(PhaseList).stopped = True
        self.say(_STOPPED)

    def action_dismiss_dialog(self) -> None:
        """Stop what is being read; else give up."""
        if self._work is not None:
            self._work.cancel()
        else:
            super().action_dismiss_dialog()


def imported_lines(done: Imported) -> list[Content]:
    """What came of an import, and what to read to the merchant."""
    counts = (
        ("warehouse", done.warehouses, "made or changed"),
        ("product", done.products, "new or changed"),
        ("bundle", done.bundles, ""),
        ("number", done.numbers, "in stock changed"),
        ("number", done.unchanged, "already there"),
        ("close-at quantity", done.close_at, ""),
        ("maximum", done.maximums, ""),
        ("row", done.bad_count, "left out"),
    )
    lines = [Content(f"{_counted(number, noun)} {rest}".rstrip()) for noun, number, rest in counts if number]
    lines = lines or [Content("Nothing was new.")]
    if done.bad:
        lines += [Content(""), *(plain(f"! {bad.text}", "$warned") for bad in done.bad)]
        if done.bad_count > len(done.bad):
            lines.append(Content(f"! and {done.bad_count - len(done.bad):,} more."))
    for note in done.notes:
        lines += [Content(""), plain(safe_text(note))]
    return lines


def _counted(number: int, noun: str) -> str:
    many = {"close-at quantity": "close-at quantities"}.get(noun, f"{noun}s")
    return f"{number:,} {noun if number == 1 else many}"
