"""The two texts above Review's rows: the totals, and what stands in the way with what else is to be said. Wording only, no rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from textual.content import Content

from supportdesk.core.plan_view import PlanView
from supportdesk.screens.review_words import (
    blocked_text,
    made_text,
    place_lines,
    plan_notes,
    rehearsed_note,
    totals_lines,
)
from supportdesk.screens.wizard_words import NO_PLAN, NUMBERS, block_lines
from supportdesk.screens.words import age

if TYPE_CHECKING:
    from supportdesk.desk.wizard_view import WizardView

ReviewPart = Literal["by risk", "all there is to say", "by location"]
"""What the totals' place shows, in turn."""
_TALL: Final = 34
"""Lines of the terminal from which everything there is to say stands below the totals."""
_FEW: Final = 3
_HINTS: Final = {"Confirm that sync is off in Sumtracker itself.": "c confirms it"}


class Moment(NamedTuple):
    """When it is, and by which clock times are told."""

    now: datetime
    zone: tzinfo


def what_blocks(view: WizardView, own: Sequence[str], plan: PlanView | None) -> list[Content]:
    """What blocks turning on, with the digit of the step that mends it; then `own`, what stood in the plan's way besides."""
    lines: list[Content] = []
    said = set[str]()
    for line in view.rail:
        if line.step == "review":
            break
        said |= set(line.blocks)
        lines += block_lines(line.blocks, f"{NUMBERS[line.step]} goes there")
    others = [text for text in own if text not in said and text != NO_PLAN]
    lines += [line for text in others for line in block_lines((text,), _HINTS.get(text, ""))]
    if plan is not None and not lines:
        lines += block_lines(blocked_text(each) for each in plan.blocked)
    if len(lines) <= _FEW:
        return lines
    return [*lines[:_FEW], Content.styled(f"  and {len(lines) - _FEW:,} more", "$muted")]


def what_is_said(
    view: WizardView, plan: PlanView, blocked: list[Content], part: ReviewPart, height: int, moment: Moment
) -> tuple[Content, list[Content]]:
    """The totals of a plan in a terminal of `height` lines, and the lines below them: `blocked`, then as many notes as there is room for."""
    is_current = view.plan_id == plan.id
    head = (
        Content.styled(made_text(plan, age(plan.made_at, moment.now)), "$muted")
        if is_current
        else Content.assemble(
            ("! ", "bold $warned"), "Something it was made from has changed since: p makes the plan anew."
        )
    )
    notes = plan_notes(plan)
    if view.rehearsed is not None and is_current:
        notes.insert(0, rehearsed_note(view.rehearsed, moment.zone, moment.now))
    lines = list(blocked)
    is_tall = height >= _TALL
    if part == "all there is to say":
        body = notes
    else:
        body = totals_lines(plan) if part == "by risk" else place_lines(plan)
        loud = sum(note.plain.startswith(("!", "✓")) for note in notes)
        room = len(notes) if is_tall else min(loud, max(0, _FEW - len(lines)))
        lines += notes[:room]
        if len(notes) > room and part == "by risk":
            lines.append(Content.styled(f"  v shows {len(notes) - room:,} more to say", "$muted"))
    shown = body if is_current and not is_tall else [head, *body]
    return Content("\n").join(shown), [line for line in lines if line.plain]
