"""Dialogs over a screen: an error, a question with a key for each answer, a typed confirmation, a page of text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, NamedTuple, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from supportdesk.errors import SupportdeskError
from supportdesk.widgets.field import LineInput
from supportdesk.widgets.merchant_text import plain

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """What all dialogs share: a box with a title, a body, and a line of buttons."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss_dialog", "close", show=False),
        Binding("left,h", "app.focus_previous", show=False),
        Binding("right,l", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog:ansi { background: ansi_default; }
    Dialog > #box {
        width: 72; max-width: 95%; height: auto; max-height: 90%;
        border: round $rule; background: $surface; color: $foreground; padding: 0 2 0 2;
        border-title-color: $accent; border-title-style: bold;
    }
    Dialog #body { height: auto; max-height: 1fr; background: $surface; scrollbar-size-vertical: 1; scrollbar-background: $surface; }
    Dialog .sentence { width: 1fr; height: auto; margin-bottom: 1; }
    Dialog .next { color: $muted; }
    Dialog #buttons { height: 1; align-horizontal: right; }
    Dialog Button { width: auto; min-width: 0; height: 1; border: none; margin-left: 2; padding: 0 1; }
    """

    title_text = ""

    def compose(self) -> ComposeResult:
        """The box."""
        box = Vertical(id="box")
        box.border_title = Content(self.title_text)
        with box:
            with VerticalScroll(id="body", can_focus=False):
                yield from self.compose_body()
            with Horizontal(id="buttons"):
                yield from self.compose_buttons()

    def compose_body(self) -> Iterable[Widget]:
        """The sentences."""
        return ()

    def compose_buttons(self) -> Iterable[Button]:
        """The buttons."""
        return ()

    def safe_answer(self) -> Answer | None:
        """What esc answers."""
        return None

    def action_dismiss_dialog(self) -> None:
        """Answer the safe answer."""
        self.dismiss(self.safe_answer())


def _sentence(text: str, classes: str = "sentence") -> Static:
    return Static(plain(text), classes=classes)


class ErrorDialog(Dialog[bool]):
    """What happened and what to do next. Answers True for `Try again`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "copy", show=False)]

    def __init__(self, error: SupportdeskError, *, retry: bool = False) -> None:
        super().__init__()
        self.error = error
        self.retry = retry
        self.title_text = error.title

    def compose_body(self) -> Iterable[Static]:
        """What happened, what next."""
        yield _sentence(self.error.detail)
        if self.error.next_step:
            yield _sentence(self.error.next_step, "sentence next")

    def compose_buttons(self) -> Iterable[Button]:
        """Copy, perhaps try again, close; close has the focus."""
        yield Button(Content("Copy (y)"), id="copy", compact=True)
        if self.retry:
            yield Button(Content("Try again"), id="retry", compact=True)
        yield Button(Content("Close"), id="close", compact=True)

    def on_mount(self) -> None:
        """The focus is on closing."""
        self.query_one("#close", Button).focus()

    def safe_answer(self) -> bool:
        """Not again."""
        return False

    def action_copy(self) -> None:
        """Copy the whole message."""
        from supportdesk.widgets.clipboard import copy

        copy(
            self.app, "the message", f"{self.error.title}: {self.error.detail} {self.error.next_step}".strip()
        )

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "copy":
            self.action_copy()
        else:
            self.dismiss(event.button.id == "retry")


UNCHANGED: Final = "Nothing was changed."
"""What is said where a question was answered with no."""


class ConfirmDialog(Dialog[bool]):
    """A question: `y` does it, `n` and esc don't. Enter does it too, but for what is dangerous: there it cancels."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("left,h,shift+tab", "to('yes')", show=False),
        Binding("right,l", "to('cancel')", show=False),
    ]
    DEFAULT_CSS = """
    ConfirmDialog > #box { border-subtitle-color: $muted; }
    """

    def __init__(
        self,
        title: str,
        sentences: Iterable[str],
        yes: str,
        *,
        dangerous: bool = False,
        unchanged: str = UNCHANGED,
    ) -> None:
        """`unchanged` is said in a corner after a no; '' for nothing."""
        super().__init__()
        self.title_text = title
        self.sentences = tuple(sentences)
        self.yes = yes
        self.dangerous = dangerous
        self.unchanged = unchanged

    def compose_body(self) -> Iterable[Static]:
        """The sentences."""
        return map(_sentence, self.sentences)

    def compose_buttons(self) -> Iterable[Button]:
        """Yes, then Cancel, each with its key."""
        yield Button(Content(f"{self.yes} (y)"), id="yes", compact=True)
        yield Button(Content("Cancel (n)"), id="cancel", compact=True)

    @property
    def keys(self) -> str:
        """What its keys do."""
        if self.dangerous:
            return "y does it · n, esc or enter cancels"
        return "enter or y does it · n or esc cancels"

    def on_mount(self) -> None:
        """The focus is on doing it; on Cancel where that is dangerous."""
        self.query_one("#box").border_subtitle = Content(self.keys)
        self.action_to("cancel" if self.dangerous else "yes")

    def safe_answer(self) -> bool:
        """No."""
        return False

    def action_to(self, button: str) -> None:
        """Put the focus on a button."""
        self.query_one(f"#{button}", Button).focus()

    def action_dismiss_dialog(self) -> None:
        """No."""
        self.action_answer(False)

    def action_answer(self, yes: bool) -> None:
        """Answer; after a no say what that means."""
        if not yes and self.unchanged:
            self.app.notify(self.unchanged, markup=False)
        self.dismiss(yes)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id == "yes")


class TypedConfirmDialog(Dialog[bool]):
    """For what cannot be taken back: nothing happens until `expected` (a shop's handle) has been typed."""

    def __init__(self, title: str, sentences: Iterable[str], expected: str, yes: str) -> None:
        super().__init__()
        self.title_text = title
        self.sentences = tuple(sentences)
        self.expected = expected
        self.yes = yes

    def compose_body(self) -> Iterable[Static | Input]:
        """The sentences, what to type, where to type it."""
        yield from map(_sentence, self.sentences)
        yield _sentence(f"Type {self.expected} to go on; esc cancels.", "sentence next")
        typed = LineInput(compact=True, id="typed")
        typed.cursor_blink = False
        yield typed

    def compose_buttons(self) -> Iterable[Button]:
        """Yes, dead until it matches, then Cancel."""
        yield Button(Content(self.yes), id="yes", compact=True, disabled=True)
        yield Button(Content("Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """The focus is on typing."""
        self.query_one("#typed", Input).focus()

    def safe_answer(self) -> bool:
        """No."""
        return False

    def action_dismiss_dialog(self) -> None:
        """No, and say what that means."""
        self._answer(False)

    def _answer(self, yes: bool) -> None:
        if not yes:
            self.app.notify(UNCHANGED, markup=False)
        self.dismiss(yes)

    @property
    def matches(self) -> bool:
        """Whether what is typed is exactly what is expected."""
        return self.query_one("#typed", Input).value == self.expected

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#yes", Button).disabled = not self.matches

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self.matches:
            self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self._answer(event.button.id == "yes" and self.matches)


class Entry(NamedTuple):
    """A line of two columns: the second wraps within itself."""

    head: Content
    text: Content


PageLine = Content | Entry
_HEAD: Final = 20


class PageText(Static):
    """Lines of a page, wrapped to its width."""

    DEFAULT_CSS = """
    PageText { width: 1fr; height: auto; }
    """

    def __init__(self, lines: Iterable[PageLine]) -> None:
        super().__init__()
        self.lines = tuple(lines)

    def render(self) -> Content:
        """The lines."""
        return Content("\n").join(self._wrapped(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many as they wrap to."""
        return len(self._wrapped(width))

    def _wrapped(self, width: int) -> list[Content]:
        wrapped: list[Content] = []
        for line in self.lines:
            if isinstance(line, Entry):
                rows = line.text.wrap(max(20, width - _HEAD))
                heads = [line.head, *([Content("")] * (len(rows) - 1))]
                wrapped += [
                    Content.assemble(head.pad_right(max(0, _HEAD - head.cell_length)), row)
                    for head, row in zip(heads, rows, strict=True)
                ]
            else:
                wrapped += line.wrap(max(20, width)) if line.plain else [line]
        return wrapped


class TextPage(Dialog[None]):
    """A page to read: scrolls, and esc, q or enter close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter,question_mark,f1,m", "dismiss_dialog", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("space,pagedown,ctrl+d", "scroll(10)", show=False),
        Binding("pageup,ctrl+u", "scroll(-10)", show=False),
        Binding("g,home", "scroll(-100000)", show=False),
        Binding("G,end", "scroll(100000)", show=False),
    ]
    DEFAULT_CSS = """
    TextPage > #box { width: 84; height: auto; max-height: 100%; border-subtitle-color: $muted; }
    TextPage #body { max-height: 85vh; }
    TextPage .sentence { margin-bottom: 0; }
    TextPage #buttons { display: none; }
    """

    def __init__(self, title: str, lines: Iterable[PageLine]) -> None:
        super().__init__()
        self.title_text = title
        self.lines = tuple(lines)

    def compose_body(self) -> Iterable[Static]:
        """The lines."""
        yield PageText(self.lines)

    def on_mount(self) -> None:
        """Say how to leave."""
        self.query_one("#box").border_subtitle = Content("j k scroll · esc closes")

    def action_scroll(self, lines: int) -> None:
        """Scroll the page."""
        self.query_one("#body", VerticalScroll).scroll_relative(y=lines, animate=False)
