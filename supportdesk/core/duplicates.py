"""Duplicate groups: what a group's numbers are, whether its listings agree, what a decision about it means (DESIGN §5, *Duplicates*).

Values and pure rules. Which groups there are is a query of the ledger; a SKU is compared exactly, always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, get_args

from supportdesk.core.catalog import Location
from supportdesk.errors import WrongUsage

DecisionKind = Literal["shared", "split", "left_out"]
CountsOf = Literal["oldest", "lowest", "highest", "sum", "listing"]
"""Whose count a shared group takes when counts are copied; `listing` is a named one."""

GroupFilter = Literal["all", "to_decide", "disagree"]
GroupOrder = Literal["worst", "sku", "listings", "oldest", "lowest", "highest", "sum"]

DECISION_WORDS: Final = {"shared": "shared", "split": "split", "left_out": "left out"}


class FourNumbers(NamedTuple):
    """What a group would count, by each rule: per location over its in-scope listings stocked there, summed over locations."""

    oldest: int
    lowest: int
    highest: int
    sum: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of a group."""

    kind: DecisionKind
    counts_of: CountsOf | None = None
    """For *shared* alone; None says that it is shared without saying whose count."""
    listing: str = ""
    """The named listing, where `counts_of` is `listing`."""
    elsewhere: CountsOf | None = None
    """The second answer: what counts at locations where the named listing is not stocked and others are."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice as it was kept."""

    sku: str
    choice: Choice
    note: str
    """The agent's own: hidden in presenter mode."""
    who: str
    at: datetime
    revision: int
    """Grows with every change in the account; a person who saw an older one has not seen this."""


@dataclass(frozen=True, slots=True)
class GroupListing:
    """One listing of a group."""

    listing: str
    variant_id: int | None
    item_id: int
    title: str
    variant_title: str
    status: str
    left_out: str | None
    """A key of `core.listings.LEFT_OUT`; None for in scope."""
    levels: Mapping[int, int]
    """Available by location id, only where it is stocked."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """One line of the Duplicates tab."""

    sku: str
    title: str
    """Of its first listing: foreign text."""
    listings: int
    in_scope: int
    numbers: FourNumbers
    agrees: bool
    pre_marked: bool
    """Same title and options, equal counts above 0: suggested as shared."""
    needs_decision: bool
    """Two or more in-scope listings that do not share one inventory item."""
    sku_mark: str | None
    """A key of `core.skus.MARKS`."""
    look_alikes: int
    """Other spellings of this SKU in the channel."""
    decision: Decision | None
    decision_holds: bool = True
    """False where something changed since that calls for a second look: a named listing gone, a split not yet done in the store."""
    unanswered: bool = False
    """The decision names a listing that is not stocked where others are, and says nothing of what counts there."""

    @property
    def to_decide(self) -> bool:
        """Whether a person still has to say something of it."""
        settled = self.decision is not None and self.decision_holds and not self.unanswered
        return self.needs_decision and not settled


@dataclass(frozen=True, slots=True)
class GroupDetail:
    """A group with its listings side by side."""

    group: DuplicateGroup
    listings: tuple[GroupListing, ...]
    """Oldest first."""
    locations: tuple[Location, ...]
    """Where any of them is stocked; those that count first."""
    counted_locations: frozenset[int]
    """Locations that agreement and numbers are judged over: linked, or not yet said to stay unlinked."""
    look_alikes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DuplicatesSummary:
    """The first line of the tab."""

    groups: int
    disagree: int
    to_decide: int
    pre_marked: int
    """Undecided and pre-marked *shared*: accepted in one keystroke."""
    not_done: int = 0
    """Of those to decide: decided to be split, but the store does not show it yet."""
    look_again: int = 0
    """Of those to decide: decided, but something changed since, or a second answer is missing."""

    @property
    def undecided(self) -> int:
        """Of those to decide: nothing is said of them. Said of many at once, a decision touches these alone."""
        return self.to_decide - self.not_done - self.look_again

    @property
    def left_to_do(self) -> tuple[str, ...]:
        """What is left to do, in the words that every place says it in: `7 to decide`, `1 to split`, `2 to recheck`."""
        counts = (
            (self.undecided, "to decide"),
            (self.not_done, "to split"),
            (self.look_again, "to recheck"),
        )
        return tuple(f"{number:,} {what}" for number, what in counts if number) or ("0 to decide",)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a choice for some groups would do to the units the store offers, were counts copied."""

    groups: int
    units_before: int
    """Σ over the groups' in-scope listings of what each shows at the locations that count; listings on one shared item show it once."""
    units_after: int
    """The same once each listing shows its group's number."""
    listings_raised: int
    """Inventory items whose number rises at one location at least."""
    listings_lowered: int
    """As `listings_raised`; one that rises here and falls there is in both."""
    unanswered: int
    """Groups in which a named listing is not stocked where others are, and no second answer was given."""


GroupLevels = Mapping[int, Mapping[int, int]]
"""Available by location and inventory item, the item of the oldest listing first: locations that count, in-scope listings stocked there."""

_RULES: Final = ("oldest", "lowest", "highest", "sum")


def four_numbers(levels: GroupLevels) -> FourNumbers:
    """What the group would count by each rule: per location over the items stocked there, summed over locations (DESIGN §5)."""
    at = [FourNumbers(*(_by_rule(rule, shown) for rule in _RULES)) for shown in levels.values() if shown]
    return FourNumbers(*(sum(numbers[rule] for numbers in at) for rule in range(len(_RULES))))


def _by_rule(rule: str, shown: Mapping[int, int]) -> int:
    """One location's number; `shown` is not empty."""
    if rule == "oldest":
        return next(iter(shown.values()))
    if rule == "lowest":
        return min(shown.values())
    return max(shown.values()) if rule == "highest" else sum(shown.values())


def agrees(levels: GroupLevels) -> bool:
    """Whether at every location all items stocked there show one number; what is not stocked disagrees with nothing."""
    return all(len(set(shown.values())) <= 1 for shown in levels.values())


def equal_above_zero(levels: GroupLevels, items: int) -> bool:
    """Whether all of the group's `items` are stocked at the same locations, with equal counts above 0 in all and none below 0."""
    stocked = [shown for shown in levels.values() if shown]
    numbers = four_numbers(levels)
    alike = agrees(levels) and all(len(shown) == items for shown in stocked)
    return alike and numbers.lowest > 0 and all(count >= 0 for shown in stocked for count in shown.values())


def shared_number(choice: Choice, shown: Mapping[int, int], named_item: int | None) -> int | None:
    """What a shared group counts at one location where `shown` is stocked; None where the choice says nothing of it.

    `named_item` is the inventory item of the choice's named listing. Where it is not stocked the choice's `elsewhere` counts.
    """
    if choice.kind != "shared" or choice.counts_of is None or not shown:
        return None
    if choice.counts_of != "listing":
        return _by_rule(choice.counts_of, shown)
    if named_item is not None and named_item in shown:
        return shown[named_item]
    return _by_rule(choice.elsewhere, shown) if choice.elsewhere else None


def is_unanswered(choice: Choice, levels: GroupLevels, named_item: int | None) -> bool:
    """Whether the named listing is not stocked at some location where others are, with no second answer (DESIGN §5)."""
    if choice.counts_of != "listing":
        return False
    return any(shown and shared_number(choice, shown, named_item) is None for shown in levels.values())


def effect_on(choice: Choice, levels: GroupLevels, named_item: int | None) -> Effect:
    """What the choice does to one group. Only *shared* changes numbers; where it says nothing they stay as they are."""
    before = after = 0
    raised: set[int] = set()
    lowered: set[int] = set()
    for shown in levels.values():
        number = shared_number(choice, shown, named_item)
        before += sum(shown.values())
        after += sum(shown.values()) if number is None else number * len(shown)
        for item, count in shown.items():
            if number is not None and number != count:
                (raised if number > count else lowered).add(item)
    unanswered = is_unanswered(choice, levels, named_item)
    return Effect(1, before, after, len(raised), len(lowered), int(unanswered))


def total_effect(effects: Iterable[Effect]) -> Effect:
    """Several groups' effects added up."""
    names = Effect.__slots__
    totals = dict.fromkeys(names, 0)
    for effect in effects:
        for name in names:
            totals[name] += getattr(effect, name)
    return Effect(**totals)


def decision_holds(
    choice: Choice, judged: frozenset[str], listings: Mapping[str, str], needs_decision: bool
) -> bool:
    """Whether a decision still stands for the group's in-scope listings as they are now (DESIGN §5: re-judged without losing an answer).

    `judged` holds the identities of those it was made for, `listings` those there are, each with its name. It falls when a
    listing joined or the named one is gone. A split stands once the store shows the listings apart.
    """
    if choice.kind == "split":
        return not needs_decision
    if choice.counts_of == "listing" and choice.listing not in listings.values():
        return False
    return judged.issuperset(listings)


def check_choice(choice: Choice) -> None:
    """Raise `WrongUsage` for a choice that says two things at once, or half a thing."""
    named = choice.counts_of == "listing"
    if choice.counts_of is not None and choice.kind != "shared":
        raise WrongUsage(
            f"A group that is {DECISION_WORDS[choice.kind]} takes nobody's count.", "Say one of the two."
        )
    if named != bool(choice.listing):
        raise WrongUsage("A listing is named where its count is to be taken, and only there.", _HOW_TO_SAY)
    if choice.elsewhere is not None and (not named or choice.elsewhere not in _RULES):
        raise WrongUsage(
            "What counts elsewhere is said beside a named listing: oldest, lowest, highest or sum.",
            _HOW_TO_SAY,
        )


_HOW_TO_SAY: Final = (
    "For example: shared by oldest; shared by HANDLE/OPTION, elsewhere lowest; split; left out."
)
_ELSEWHERE: Final = ", elsewhere "


def choice_words(choice: Choice) -> str:
    """The choice in words that `choice_in_words` reads back: `shared by oldest`, `split`. A listing's name in it is foreign text."""
    if choice.kind != "shared" or choice.counts_of is None:
        return DECISION_WORDS[choice.kind]
    whose = choice.listing if choice.counts_of == "listing" else choice.counts_of
    return f"shared by {whose}" + (f"{_ELSEWHERE}{choice.elsewhere}" if choice.elsewhere else "")


def choice_in_words(words: str) -> Choice:
    """The choice that `words` say: as `choice_words`, also `oldest`, `left_out`, `leave out`. Raises `WrongUsage` for others."""
    said = words.strip()
    plain = said.casefold().replace("_", " ").replace("-", " ")
    if plain in {"left out", "leave out"}:
        return Choice("left_out")
    if plain == "split":
        return Choice("split")
    if plain == "shared":
        return Choice("shared")
    if plain in _RULES:
        return shared_by(plain)
    if plain.startswith("shared by ") and len(said) > len("shared by "):
        return shared_by(said[len("shared by ") :].strip())
    raise WrongUsage(f"{said!r} is no decision.", _HOW_TO_SAY)


def shared_by(whose: str, elsewhere: str | None = None) -> Choice:
    """*Shared*, by a rule (`oldest`, `lowest`, `highest`, `sum`) or by the listing of that name. Raises `WrongUsage`."""
    head, comma, tail = whose.rpartition(_ELSEWHERE)
    if comma and elsewhere is None and tail in _RULES:
        whose, elsewhere = head, tail
    rules = {str(rule): rule for rule in get_args(CountsOf)}
    if elsewhere is not None and elsewhere not in _RULES:
        raise WrongUsage(f"{elsewhere!r} is not oldest, lowest, highest or sum.", _HOW_TO_SAY)
    second = rules[elsewhere] if elsewhere is not None else None
    choice = (
        Choice("shared", rules[whose], elsewhere=second)
        if whose in _RULES
        else Choice("shared", "listing", whose, second)
    )
    check_choice(choice)
    return choice
