"""The wizard's first three steps: Direction, Copy inventory, Duplicate SKUs. Draws a `WizardView`; what all steps share is `wizard_step`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from supportdesk.commands import Command
from supportdesk.core.duplicates import DuplicateGroup, DuplicatesSummary
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.core.wizard import Answer, may_copy
from supportdesk.errors import SupportdeskError
from supportdesk.screens.duplicate_words import GROUP_COLUMNS, group_row
from supportdesk.screens.fetched_rows import FetchedTable, ItemTable
from supportdesk.screens.wizard_step import WizardStep
from supportdesk.screens.wizard_words import (
    block_lines,
    copy_options,
    direction_options,
    groups_lines,
    other_masters_text,
    promised_options,
    proof_lines,
    units_text,
    unknown_options,
)
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ErrorDialog, TypedConfirmDialog
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.radio_list import RadioList

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import WizardView


class AnswerStep(WizardStep):
    """A step of questions, each with a few answers."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("answers") + bindings_of("panels")
    changes = frozenset({"answers.choose"})

    @property
    def lists(self) -> list[RadioList]:
        """The questions that are asked now, from above."""
        return [each for each in self.query(RadioList) if not each.has_class("-unused")]

    @property
    def current(self) -> RadioList | None:
        """The question with the focus."""
        return next((each for each in self.lists if each.has_focus), None)

    def entered(self) -> None:
        """Begin with the first question that has no answer, else with the first."""
        lists = self.lists
        if lists:
            next((each for each in lists if not each.chosen), lists[0]).focus()
        else:
            self.query_one(VerticalScroll).focus()

    def ask(self, name: str, chosen: str, *, first: str = "") -> RadioList:
        """Show what is chosen of a question; the cursor is on it, or while nothing is on `first`."""
        question = self.query_one(f"#{name}", RadioList)
        if question.chosen != chosen or not chosen:
            cursor = question.option.key if question.option and question.has_focus and not chosen else ""
            question.chosen = chosen
            question.move_to(cursor or chosen or first)
        return question

    def answer_of(self, question: str, key: str) -> Answer:
        """What choosing `key` says."""
        raise NotImplementedError

    def take(self) -> None:
        """Choose what the cursor is on; then the next question without an answer, then the next step."""
        question = self.current
        if question is None or question.option is None:
            self.wizard.next_step()
        elif question.option.key == question.chosen:
            self._go_on(question)
        else:
            self._choose(question, lambda: self._go_on(question))

    def _go_on(self, after: RadioList) -> None:
        lists = self.lists
        later = lists[lists.index(after) + 1 :] if after in lists else lists
        open_ones = [each for each in (*later, *lists) if not each.chosen]
        if open_ones:
            open_ones[0].focus()
        else:
            self.wizard.next_step()

    def _choose(self, question: RadioList, then: Callable[[], None] | None = None) -> None:
        option = question.option
        if option is not None and question.id is not None:
            self.say(self.answer_of(question.id, option.key), then)

    def say(self, answer: Answer, then: Callable[[], None] | None = None) -> None:
        """Keep an answer."""
        self.wizard.say(answer, then)

    def label_of(self, command: Command) -> str:
        """Enter chooses, and then goes on by itself: where the cursor is on what was chosen `n` says that."""
        question = self.current
        if command.id == "wizard.take":
            is_chosen = question is None or question.option is None or question.option.key == question.chosen
            return "" if is_chosen else "choose, go on"
        return command.label

    def what_to_copy(self) -> tuple[str, str]:
        """The answer under the cursor."""
        option = self.current.option if self.current is not None else None
        return ("the answer", f"{option.label}: {option.text}") if option is not None else ("", "")

    def action_choose(self) -> None:
        """Choose what the cursor is on, and stay."""
        question = self.current
        if question is not None and question.option is not None and question.option.key != question.chosen:
            self._choose(question)

    @on(RadioList.Edge)
    def _past_the_edge(self, event: RadioList.Edge) -> None:
        """Down from a question's last answer is the next question's first."""
        event.stop()
        lists = self.lists
        there = lists.index(event.source) + event.direction
        if 0 <= there < len(lists):
            lists[there].focus()
            lists[there].action_edge(-event.direction)

    @on(RadioList.Moved)
    def _moved(self) -> None:
        self.wizard.show_footer()

    @on(RadioList.Opened)
    def _opened(self) -> None:
        self.wizard.desk_app.run_command_id("wizard.take")


class DirectionStep(AnswerStep):
    """Whose numbers count."""

    name_in_registry = "wizard_direction"
    step = "direction"

    def compose(self) -> ComposeResult:
        """The question."""
        with VerticalScroll():
            yield Static("Whose numbers count?", classes="question")
            yield RadioList(id="direction")
            yield Static(id="others", classes="gap")
            yield Static(id="units")
        yield Static(id="blocks", classes="gap")

    def show(self, view: WizardView) -> None:
        """The two answers in this store's numbers."""
        self.query_one("#direction", RadioList).options = direction_options(view)
        self.ask("direction", view.state.answers.direction or "", first="sumtracker")
        others = other_masters_text(view)
        self.query_one("#others", Static).update(others)
        self.query_one("#others").display = bool(others.plain)
        self.query_one("#units", Static).update(plain(units_text(view), "$muted"))
        self.query_one("#units").set_class(not others.plain, "gap")
        self.show_blocks(view)

    def answer_of(self, question: str, key: str) -> Answer:
        """The master."""
        return Answer(direction="shopify" if key == "shopify" else "sumtracker")


_YES_NO: Final = {True: "yes", False: "no", None: ""}


class CopyStep(AnswerStep):
    """Whether Sumtracker begins with the store's counts; without that, what happens to what it does not know."""

    name_in_registry = "wizard_copy"
    step = "copy"

    def compose(self) -> ComposeResult:
        """The question, the proof, and the two that follow from not copying."""
        with VerticalScroll():
            yield Static(
                "Does Sumtracker start with the store's counts?", classes="question", id="copy-title"
            )
            yield RadioList(id="copy")
            yield Static("SKUs that Sumtracker never counted?", classes="question", id="unknown-title")
            yield RadioList(id="unknown")
            yield Static(
                "Are promised units still in Sumtracker's numbers?", classes="question", id="promised-title"
            )
            yield RadioList(id="promised")
            yield Static(id="proof", classes="gap")
        yield Static(id="blocks", classes="gap")

    def show(self, view: WizardView) -> None:
        """The answers in this store's numbers."""
        answers, facts = view.state.answers, view.facts
        asked = may_copy(answers, facts)
        not_copied = asked and answers.copy is False
        for name, is_asked in (
            ("copy", asked),
            ("unknown", not_copied and bool(facts.unknown_skus)),
            ("promised", not_copied and bool(facts.promised_before)),
        ):
            self.query_one(f"#{name}").set_class(not is_asked, "-unused")
            self.query_one(f"#{name}-title").set_class(not is_asked, "-unused")
        self.query_one("#proof").set_class(not asked or not_copied, "-unused")
        self.query_one("#copy", RadioList).options = copy_options(view)
        self.query_one("#unknown", RadioList).options = unknown_options(view)
        self.query_one("#promised", RadioList).options = promised_options(view)
        self.ask("copy", _YES_NO[answers.copy], first="yes" if view.recommended_copy[0] else "no")
        self.ask("unknown", answers.unknown or "", first="copy")
        self.ask("promised", _YES_NO[answers.promised_included], first="yes")
        self.query_one("#proof", Static).update(Content("\n").join(proof_lines(view)))
        self.show_blocks(view)

    def answer_of(self, question: str, key: str) -> Answer:
        """What was said of that question."""
        if question == "copy":
            return Answer(copy=key == "yes")
        if question == "promised":
            return Answer(promised_included=key == "yes")
        return Answer(unknown="zero" if key == "zero" else "hold" if key == "hold" else "copy")

    def say(self, answer: Answer, then: Callable[[], None] | None = None) -> None:
        """Keep an answer; pushing 0 is typed first."""
        view = self.wizard.view
        if answer.unknown != "zero" or view is None:
            self.wizard.say(answer, then)
            return
        dialog = TypedConfirmDialog(
            "Push 0",
            [
                f"{counted(view.facts.unknown_skus, 'SKU')} that Sumtracker never counted will be shown as sold out in "
                f"{view.title} once sync is on.",
                "Nothing is written before that.",
            ],
            self.handle,
            "Push 0",
        )
        self.app.push_screen(dialog, lambda yes: self.wizard.say(answer, then) if yes else None)


class DuplicatesStep(WizardStep):
    """Groups that share a SKU: how many are decided, and what that does."""

    name_in_registry = "wizard_duplicates"
    step = "duplicates"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("wizard_duplicates")
    changes = frozenset({"wizard_duplicates.accept"})
    takes_while_watching = True

    def __init__(self) -> None:
        super().__init__()
        self.summary: DuplicatesSummary | None = None
        self._shown_of: object = None

    def compose(self) -> ComposeResult:
        """Counts and effect, then the groups."""
        yield Static(id="counts", classes="gap")
        yield Static(id="pre-marked")
        yield FetchedTable[DuplicateGroup](
            GROUP_COLUMNS, lambda group: group_row(group, False), id="wizard-groups", signs=True
        )
        yield Static(id="blocks", classes="gap")

    @property
    def table(self) -> FetchedTable[DuplicateGroup]:
        """The groups."""
        return self.query_one("#wizard-groups", FetchedTable)

    def entered(self) -> None:
        """The cursor is on the groups."""
        self.table.focus()

    def show(self, view: WizardView) -> None:
        """Counts, and the groups that are to be decided; all of them once none is."""
        self.query_one("#counts", Static).update(Content("\n").join(groups_lines(view)))
        self.show_blocks(view, "enter looks into one, d decides them")
        shown_of = (
            view.groups,
            view.facts.to_decide,
            view.facts.unanswered_groups,
            view.facts.splits_pending,
        )
        if shown_of != self._shown_of:
            self._shown_of = shown_of
            self._read(to_decide=bool(view.facts.to_decide))

    def refreshed(self) -> None:
        """Read the groups again."""
        self._shown_of = None

    def _read(self, *, to_decide: bool) -> None:
        doorway, handle = self.doorway, self.handle
        found: list[DuplicatesSummary] = []

        def opener(_: Watch) -> ItemTable[DuplicateGroup]:
            found.append(doorway.duplicates_summary(handle))
            return doorway.open_duplicates(
                handle, show="to_decide" if to_decide else "all", text="", order="worst", descending=None
            )

        def opened(_: int) -> None:
            self.summary = found[-1]
            self._say_beside(self.summary)
            self.wizard.show_footer()

        self.table.show_from(opener, opened=opened, failed=self._unread, empty="")

    def _say_beside(self, summary: DuplicatesSummary) -> None:
        """What is marked `shared?`, and what is in the list without needing a decision."""
        number, lines = summary.pre_marked, []
        if number:
            lines.append(
                f"{counted(number, 'of them has', 'of them have')} the same title and equal counts (shared?): a accepts "
                f"{'it' if number == 1 else 'them'}."
            )
        view = self.wizard.view
        others = summary.groups - view.groups.groups if view is not None else 0
        if others > 0 and view is not None and not view.facts.to_decide:
            lines.append(
                f"{counted(others, 'more in the list needs', 'more in the list need')} none: one listing at most is synced there."
            )
        self.query_one("#pre-marked", Static).update(Content("\n".join(lines)))

    def _unread(self, error: SupportdeskError) -> None:
        def again(wanted: bool | None) -> None:
            if wanted and self.wizard.view is not None:
                self._read(to_decide=bool(self.wizard.view.facts.to_decide))

        self.app.push_screen(ErrorDialog(error, retry=True), again)

    def reason_disabled(self, command_id: str) -> str | None:
        """Accepting needs groups that are pre-marked; opening needs groups."""
        if command_id == "wizard_duplicates.accept" and (self.summary is None or not self.summary.pre_marked):
            return "No undecided group is marked shared?."
        view = self.wizard.view
        if command_id == "wizard_duplicates.open" and view is not None and not view.groups.groups:
            return "There is no group to decide."
        if command_id == "wizard_duplicates.new_skus" and (view is None or not view.facts.splits_pending):
            return "No group is waiting for new SKUs: d, then s splits one."
        return None

    def label_of(self, command: Command) -> str:
        """Enter looks into the group under the cursor."""
        if command.id == "wizard.take":
            return "look into it" if self.table.item is not None else ""
        return command.label

    def take(self) -> None:
        """To the group under the cursor, on the Duplicates tab."""
        group, view = self.table.item, self.wizard.view
        if group is None or view is None:
            self.go_on()
        else:
            self.wizard.visit(f"duplicates:{'to_decide' if view.facts.to_decide else 'all'}={group.sku}")

    def show_blocks(self, view: WizardView, hint: str = "") -> None:
        """Each with the key that mends it."""
        line = self.line(view)
        if line.text or not view.facts.splits_pending:
            super().show_blocks(view, hint)
            return
        is_again = line.status == "reopened"
        lines = [
            each
            for text in line.blocks
            for each in block_lines((text,), "i gives them" if "split" in text else hint, open_again=is_again)
        ]
        said = self.query_one("#blocks", Static)
        said.update(Content("\n").join(lines))
        said.display = bool(lines)

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU under the cursor."""
        return ("the SKU", self.table.item.sku) if self.table.item is not None else ("", "")

    def action_open(self) -> None:
        """To the Duplicates tab, with the groups to decide."""
        view = self.wizard.view
        self.wizard.visit(
            "duplicates:to_decide" if view is not None and view.facts.to_decide else "duplicates"
        )

    def action_new_skus(self) -> None:
        """To the first group that waits for new SKUs, and ask for them."""
        self.wizard.visit("duplicates:split")

    def action_accept(self) -> None:
        """Accept every group that is marked `shared?`."""
        handle = self.handle

        def accepted(number: int) -> None:
            self.app.notify(safe_text(f"{counted(number, 'group')} accepted as shared."), markup=False)
            self.wizard.read()

        self.work("accept", lambda _: self.doorway.accept_pre_marked(handle), accepted)
