"""The wizard that turns sync on: which step one is at, what was answered, what blocks going on (DESIGN §7; `reference/sumtracker.md` §3).

Pure state and `advance`. What duplicates and locations were decided is kept where they are; here they are counts. Nothing is written
to the store before *Turn on*, and nothing here writes at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from supportdesk.core.checks import count_of
from supportdesk.core.connections import Master

Step = Literal["direction", "copy", "duplicates", "mapping", "review", "turn_on"]

STEPS: Final[dict[Step, str]] = {
    "direction": "Direction",
    "copy": "Copy inventory",
    "duplicates": "Duplicate SKUs",
    "mapping": "Location mapping",
    "review": "Review",
    "turn_on": "Turn on",
}
"""Steps in their order, with their titles."""
_ORDER: Final = tuple(STEPS)

StepStatus = Literal["to_do", "done", "nothing_to_ask", "reopened"]
Unknown = Literal["copy", "hold", "zero"]
"""What happens, without copying, to SKUs that the ledger never counted: copy just these, hold them, or push 0."""


def copying_words(copies: bool, unknown: str | None) -> str:
    """What is done with the store's counts, for the end of a sentence; `unknown` is what happens, without copying, to SKUs never counted."""
    if copies:
        return "copying the store's counts"
    return "copying only the counts of SKUs never counted" if unknown == "copy" else "without copying"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said in the wizard itself; None for not yet. Going back changes none of it."""

    direction: Master | None = None
    """The master that locations are suggested; each may have its own."""
    copy: bool | None = None
    unknown: Unknown | None = None
    promised_included: bool | None = None
    """Without copying: whether Sumtracker's numbers still include what orders from before have promised."""
    sumtracker_off: bool = False
    """Sync is off in the real Sumtracker account that the numbers came from."""
    reviewed: str = ""
    """Fingerprint of the plan that was shown and accepted."""


@dataclass(frozen=True, slots=True)
class WizardState:
    """Where somebody is in the wizard. Kept after every answer, so that a closed terminal loses nothing."""

    at: Step = "direction"
    answers: Answers = Answers()
    passed: frozenset[Step] = frozenset()
    """Steps that were gone on from."""

    @property
    def reached(self) -> int:
        """How many steps may be opened."""
        return max((_ORDER.index(step) + 2 for step in self.passed), default=1)


@dataclass(frozen=True, slots=True)
class WizardFacts:
    """What the steps are judged by, as things are now; counted elsewhere, with the answers given so far."""

    first_store: bool = True
    """No other channel of the account has sync on."""
    synced_before: bool = False
    """Sync was on, and was turned off or rolled back."""
    counted_skus: int = 0
    """SKUs in scope that the ledger has counted."""
    unknown_skus: int = 0
    """SKUs in scope that it never has."""
    promised_before: int = 0
    """Units promised by open orders from before."""
    from_sumtracker: bool = False
    """The ledger's numbers were taken from a real Sumtracker account."""
    duplicate_groups: int = 0
    """Groups that need a decision, decided or not."""
    to_decide: int = 0
    unanswered_groups: int = 0
    """Decided, but what is copied at some location is not said; matters when copying."""
    splits_pending: int = 0
    locations: int = 1
    """Active ones."""
    warehouses: int = 0
    linked: int = 0
    sumtracker_masters: int = 0
    """Of the linked locations."""
    unsaid_locations: int = 0
    counts_unanswered: int = 0
    """Warehouses that several locations of the store are on, without a word whose count is copied."""
    plan: str = ""
    """Fingerprint of the plan for the answers as they are; '' while there is none."""
    blocks: tuple[str, ...] = ()
    """What readiness says must be mended first, a sentence each."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step in the rail."""

    step: Step
    title: str
    status: StepStatus
    here: bool
    blocks: tuple[str, ...]
    """What must be said or done before going on, a sentence each."""
    text: str = ""
    """Of a step with nothing to ask: why."""


# Events


@dataclass(frozen=True, slots=True)
class Next:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Back:
    """Go back."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Open a step that was reached before."""

    step: Step


@dataclass(frozen=True, slots=True)
class Answer:
    """Say something; what is None is left as it was."""

    direction: Master | None = None
    copy: bool | None = None
    unknown: Unknown | None = None
    promised_included: bool | None = None
    sumtracker_off: bool | None = None
    reviewed: str | None = None


WizardEvent = Next | Back | GoTo | Answer


def advance(state: WizardState, event: WizardEvent, facts: WizardFacts) -> WizardState:
    """The state after `event`. Going on where something blocks, or opening what was not reached, changes nothing: `rail` says why.

    Steps with nothing to ask are passed, forwards and backwards, and may still be opened.
    """
    if isinstance(event, Answer):
        said = {name: value for name in Answer.__slots__ if (value := getattr(event, name)) is not None}
        return replace(state, answers=replace(state.answers, **said))
    if isinstance(event, GoTo):
        reached = _ORDER.index(event.step) < state.reached
        closed = event.step == "turn_on" and _open_before(state.answers, facts, event.step)
        return replace(state, at=event.step) if reached and not closed else state
    here = _ORDER.index(state.at)
    if isinstance(event, Back):
        earlier = [step for step in _ORDER[:here] if not nothing_to_ask(step, state.answers, facts)]
        return replace(state, at=earlier[-1]) if earlier else state
    if blocks_of(state.at, state.answers, facts) or state.at == "turn_on":
        return state
    later = _ORDER[here + 1 :]
    at = next(step for step in later if not nothing_to_ask(step, state.answers, facts))
    passed = state.passed | {state.at, *later[: later.index(at)]}
    return replace(state, at=at, passed=passed)


def rail(state: WizardState, facts: WizardFacts) -> tuple[StepLine, ...]:
    """Every step with how it stands. One that was passed and is blocked again, by a later answer or a new load, is *reopened*."""
    return tuple(_line(step, state, facts) for step in STEPS)


def _line(step: Step, state: WizardState, facts: WizardFacts) -> StepLine:
    blocks = blocks_of(step, state.answers, facts)
    text = nothing_to_ask(step, state.answers, facts)
    status: StepStatus = "to_do"
    if blocks:
        status = "reopened" if step in state.passed else "to_do"
    elif text:
        status = "nothing_to_ask"
    elif step in state.passed:
        status = "done"
    return StepLine(step, STEPS[step], status, step == state.at, blocks, text)


# What each step asks


def may_copy(answers: Answers, facts: WizardFacts) -> bool:
    """Whether copying is a question at all: not where Shopify is master everywhere, for its counts are read in every cycle."""
    return bool(facts.sumtracker_masters) if facts.linked else answers.direction != "shopify"


def nothing_to_ask(step: Step, answers: Answers, facts: WizardFacts) -> str:
    """Why a step has nothing to ask, as a sentence; '' where it has."""
    if step == "copy" and not may_copy(answers, facts):
        return "Shopify is master, so its counts are read all the time and there is nothing to copy."
    if step == "duplicates" and not facts.duplicate_groups:
        return "No two listings in scope share a SKU."
    if step == "mapping" and facts.locations == facts.warehouses == facts.linked == 1:
        return "There is one location and one warehouse, and they are linked."
    return ""


def recommended_copy(facts: WizardFacts) -> tuple[bool, str]:
    """Whether to copy is recommended, and why, as a sentence (DESIGN §5, *Copy*; PROTOCOL §4)."""
    if not facts.counted_skus:
        return True, "Sumtracker starts with the store's counts, which is right for a first store."
    if facts.synced_before:
        return (
            True,
            "It was synced before: what was ordered since sync was turned off is in its own counts alone.",
        )
    if facts.first_store:
        return True, "No other store is synced yet, so this one's counts are the ones to start with."
    skus = count_of(facts.counted_skus, "SKU is", "SKUs are")
    return (
        False,
        f"{skus} counted already and another store is synced: copying would overwrite numbers that it may show.",
    )


def blocks_of(step: Step, answers: Answers, facts: WizardFacts) -> tuple[str, ...]:
    """What must be said or done before going on from `step`; on Review and Turn on also what is open before them."""
    own = _OWN_BLOCKS[step](answers, facts)
    return (*_open_before(answers, facts, step), *own) if step in ("review", "turn_on") else own


def _open_before(answers: Answers, facts: WizardFacts, step: Step) -> tuple[str, ...]:
    before = _ORDER[: _ORDER.index(step)]
    return tuple(text for each in before for text in _OWN_BLOCKS[each](answers, facts))


def _direction(answers: Answers, _: WizardFacts) -> tuple[str, ...]:
    return () if answers.direction else ("Say whether Sumtracker's or Shopify's numbers count.",)


def _copy(answers: Answers, facts: WizardFacts) -> tuple[str, ...]:
    if not may_copy(answers, facts):
        return ()
    if answers.copy is None:
        return ("Say whether the store's counts are copied.",)
    if answers.copy:
        return ()
    blocks = []
    if facts.unknown_skus and answers.unknown is None:
        skus = count_of(facts.unknown_skus, "SKU that Sumtracker", "SKUs that Sumtracker")
        blocks.append(f"Say what happens to {skus} never counted.")
    if facts.promised_before and answers.promised_included is None:
        units = count_of(facts.promised_before, "unit")
        blocks.append(
            f"Say whether Sumtracker's numbers include the {units} that earlier orders have promised."
        )
    return tuple(blocks)


def _duplicates(answers: Answers, facts: WizardFacts) -> tuple[str, ...]:
    blocks = []
    if facts.to_decide:
        blocks.append(f"Decide {count_of(facts.to_decide, 'duplicate group')}.")
    if facts.unanswered_groups and answers.copy and may_copy(answers, facts):
        groups = count_of(facts.unanswered_groups, "group")
        blocks.append(f"Say whose count is copied wherever that is not said yet, in {groups}.")
    if facts.splits_pending:
        groups, verb = count_of(facts.splits_pending, "group"), "is" if facts.splits_pending == 1 else "are"
        blocks.append(f"Give new SKUs to the listings of {groups} that {verb} split.")
    return tuple(blocks)


def _mapping(answers: Answers, facts: WizardFacts) -> tuple[str, ...]:
    blocks = []
    if facts.unsaid_locations:
        places = count_of(facts.unsaid_locations, "location")
        blocks.append(f"Link {places} to a warehouse, or say that they stay unlinked.")
    if not facts.linked:
        blocks.append("Link at least one location: without one nothing is synced.")
    if facts.counts_unanswered and answers.copy and may_copy(answers, facts):
        warehouses = count_of(facts.counts_unanswered, "warehouse")
        blocks.append(f"Say whose count is copied into {warehouses} that several locations are on.")
    return tuple(blocks)


def _review(answers: Answers, facts: WizardFacts) -> tuple[str, ...]:
    blocks = list(facts.blocks)
    if facts.from_sumtracker and not answers.sumtracker_off:
        blocks.append("Confirm that sync is off in Sumtracker itself.")
    if not facts.plan:
        blocks.append("There is no plan yet.")
    elif answers.reviewed != facts.plan:
        blocks.append("Look at the plan as it is now, and accept it.")
    return tuple(blocks)


def _turn_on(_: Answers, __: WizardFacts) -> tuple[str, ...]:
    return ()


_OWN_BLOCKS: Final[dict[Step, Callable[[Answers, WizardFacts], tuple[str, ...]]]] = {
    "direction": _direction,
    "copy": _copy,
    "duplicates": _duplicates,
    "mapping": _mapping,
    "review": _review,
    "turn_on": _turn_on,
}
