"""What is asked of a person about a plan, a question at a time: copying, causes that are kept, the brake. Keeps no answer; the caller hears it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from supportdesk.core.plan_view import PlanView
from supportdesk.core.text import safe_text
from supportdesk.screens.plan_words import CAUSES, Wanted
from supportdesk.widgets.dialogs import ConfirmDialog, TypedConfirmDialog


class YesNoDialog(ConfirmDialog):
    """A question with two answers, neither of which does anything yet; esc asks no more."""

    def compose_buttons(self) -> Iterable[Button]:
        """Yes, then No, each with its key."""
        yield Button(Content("Yes (y)"), id="yes", compact=True)
        yield Button(Content("No (n)"), id="cancel", compact=True)

    @property
    def keys(self) -> str:
        """No is an answer, too."""
        return "y or enter yes · n no · esc leaves it as it is"

    def action_dismiss_dialog(self) -> None:
        """No answer."""
        self.dismiss(None)


def _ask(on: Widget, title: str, sentence: str, answered: Callable[[bool], None]) -> None:
    on.app.push_screen(
        YesNoDialog(title, [sentence], "Yes", unchanged=""),
        lambda yes: answered(yes) if yes is not None else None,
    )


def ask_answers(on: Widget, wanted: Wanted, answered: Callable[[Wanted], None]) -> None:
    """Ask whether the store's counts are copied, and what follows from that; `answered` has them, and is not called where somebody leaves."""
    place = safe_text(wanted.location)

    def whose(yes: bool) -> None:
        answered(
            replace(
                wanted, copies=True, counts="sum" if yes else "this", unknown=None, promised_included=None
            )
        )

    def never_counted(yes: bool) -> None:
        without = replace(wanted, copies=False, counts=None, unknown="copy" if yes else "hold")
        _ask(
            on,
            "Orders from before",
            "Do Sumtracker's numbers include units that orders from before have promised, so that these are taken off?",
            lambda included: answered(replace(without, promised_included=included)),
        )

    def copied(yes: bool) -> None:
        if not yes:
            _ask(
                on,
                "SKUs never counted",
                "Copy the store's count of SKUs that Sumtracker never counted? Else they are held.",
                never_counted,
            )
        elif wanted.shares:
            _ask(
                on,
                "Another location is on that warehouse",
                f"Does the warehouse have the sum of both? Else it has the count of {place} from then on.",
                whose,
            )
        else:
            answered(replace(wanted, copies=True, counts=None, unknown=None, promised_included=None))

    _ask(
        on,
        f"Copy the counts of {place}?",
        "Yes: Sumtracker takes the store's counts there. No: Sumtracker's numbers go to the store.",
        copied,
    )


def ask_kept(on: Widget, plan: PlanView, answered: Callable[[tuple[str, ...]], None]) -> None:
    """Ask of each cause whether what was pushed for it stays in the store; `answered` has those that are kept."""
    causes, kept = sorted(plan.causes.items()), list[str]()

    def ask(at: int) -> None:
        if at == len(causes):
            answered(tuple(kept))
            return
        cause, units = causes[at]

        def said(yes: bool) -> None:
            if yes:
                kept.append(cause)
            ask(at + 1)

        _ask(
            on,
            f"Keep {safe_text(CAUSES.get(cause, cause.replace('_', ' ')))}?",
            f"{units:+,} units were pushed for it. Kept, they stay in the store.",
            said,
        )

    ask(0)


def ask_brake(on: Widget, plan: PlanView, meant: Callable[[int | None], None]) -> None:
    """Where the brake holds, ask how many rows the plan changes; `meant` has the number as typed, None where the brake holds nothing."""
    if not plan.brake:
        meant(None)
        return
    rows = plan.totals.store_changes
    dialog = TypedConfirmDialog(
        "The brake holds",
        [
            *(reason.text for reason in plan.brake),
            f"If it is meant, type how many rows it changes: {rows}.",
        ],
        str(rows),
        "It is meant",
    )
    on.app.push_screen(dialog, lambda yes: meant(rows) if yes else None)
