"""Duplicate groups from memory: typical, none, many, or hostile; decided, noted and in conflict as the desk would have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from supportdesk.core.catalog import Location
from supportdesk.core.duplicates import (
    Choice,
    Decision,
    DuplicateGroup,
    DuplicatesSummary,
    Effect,
    GroupDetail,
    GroupFilter,
    GroupListing,
    GroupOrder,
    agrees,
    effect_on,
    four_numbers,
    is_unanswered,
    total_effect,
)
from supportdesk.core.skus import hygiene_mark
from supportdesk.errors import Conflict, Refused, UnknownName

MAIN: Final = Location(1, "Main St")
DEPOT: Final = Location(2, "Depot")
SERVICE: Final = Location(4, "ShipFast", service="ShipFast", service_manages_stock=True)
LOCATIONS: Final = (MAIN, DEPOT, SERVICE)
COUNTED: Final = frozenset({1, 2})
NOW: Final = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)

Line = tuple[str, str, Mapping[int, int], str | None]
"""Title, variant, counts, why left out."""

TYPICAL: Final[dict[str, tuple[Line, ...]]] = {
    "KO-TENT-2P": (
        ("Ridge tent 2P", "", {1: 31, 2: 6}, None),
        ("Ridge tent 2P", "sale", {1: 4, 2: 6}, None),
        ("Bundle deal: tent", "", {1: 9}, None),
    ),
    "KO-SOCK": (
        ("Heavy hiking socks", "M", {1: 52, 2: 120, 4: 60}, None),
        ("Heavy hiking socks", "M / sale", {1: 12, 2: 120}, None),
        ("Heavy hiking socks (old)", "M", {1: 5}, "draft"),
    ),
    "KO-LAMP": (
        ("Ember lamp", "", {2: 31}, None),
        ("Ember lamp, refurbished", "", {1: 23}, None),
    ),
    "n/a": (
        ("Gift wrapping", "", {1: 1}, None),
        ("Repair service", "", {1: 1}, None),
    ),
    "KO-MUG": (
        ("Enamel mug", "", {1: 40}, None),
        ("Enamel mug", "", {1: 40}, None),
    ),
    "KO-STOVE": (
        ("Camp stove", "", {1: 21}, None),
        ("Camp stove", "", {1: 21}, None),
    ),
    "KO-CAP": (
        ("Trucker cap", "", {1: 22}, None),
        ("Trucker cap", "old", {1: 3}, "archived"),
    ),
}


@dataclass
class FakeDuplicates:
    """Groups by SKU, and what was decided of them."""

    listings: dict[str, tuple[Line, ...]] = field(default_factory=lambda: dict(TYPICAL))
    decisions: dict[str, Decision] = field(default_factory=dict)
    revision: int = 100
    who: str = "mia"
    written: list[tuple[object, ...]] = field(default_factory=list)
    """What the store was told."""

    # What there is

    def _lines(self, sku: str) -> tuple[GroupListing, ...]:
        if sku not in self.listings:
            raise UnknownName(f"No listing has the SKU {sku!r}.")
        base = 1000 * (1 + list(self.listings).index(sku))
        return tuple(
            GroupListing(
                listing=f"listing-{base + number}",
                variant_id=base + number,
                item_id=base + number,
                title=title,
                variant_title=variant,
                status="DRAFT" if left_out == "draft" else "ACTIVE",
                left_out=left_out,
                levels=levels,
            )
            for number, (title, variant, levels, left_out) in enumerate(self.listings[sku])
        )

    def _levels(self, sku: str) -> dict[int, dict[int, int]]:
        return {
            location: {
                line.item_id: line.levels[location]
                for line in self._lines(sku)
                if line.left_out is None and location in line.levels
            }
            for location in sorted(COUNTED)
        }

    def group(self, sku: str) -> DuplicateGroup:
        """One group as the list shows it."""
        lines, levels, decision = self._lines(sku), self._levels(sku), self.decisions.get(sku)
        in_scope = [line for line in lines if line.left_out is None]
        alike = len({(line.title, line.variant_title) for line in in_scope}) == 1
        named = self._item(sku, decision.choice) if decision else None
        return DuplicateGroup(
            sku=sku,
            title=lines[0].title,
            listings=len(lines),
            in_scope=len(in_scope),
            numbers=four_numbers(levels),
            agrees=agrees(levels),
            pre_marked=alike and agrees(levels) and len(in_scope) > 1,
            needs_decision=len(in_scope) > 1,
            sku_mark=hygiene_mark(sku),
            look_alikes=1 if sku == "KO-MUG" else 0,
            decision=decision,
            decision_holds=decision is None or decision.choice.kind != "split",
            unanswered=decision is not None and is_unanswered(decision.choice, levels, named),
        )

    def _item(self, sku: str, choice: Choice) -> int | None:
        return next((line.item_id for line in self._lines(sku) if line.listing == choice.listing), None)

    def detail(self, sku: str) -> GroupDetail:
        """One group with its listings."""
        return GroupDetail(
            self.group(sku),
            self._lines(sku),
            tuple(place for place in LOCATIONS if any(place.id in line.levels for line in self._lines(sku))),
            COUNTED,
            ("ko-mug",) if sku == "KO-MUG" else (),
        )

    def summary(self) -> DuplicatesSummary:
        """The counts."""
        groups = [self.group(sku) for sku in self.listings]
        undecided = [group for group in groups if group.to_decide]
        return DuplicatesSummary(
            len(groups),
            sum(not group.agrees for group in groups),
            len(undecided),
            sum(group.pre_marked and group.decision is None for group in undecided),
            sum(group.decision is not None and group.decision.choice.kind == "split" for group in undecided),
            sum(group.decision is not None and group.decision.choice.kind != "split" for group in undecided),
        )

    def shown(
        self,
        show: GroupFilter = "all",
        text: str = "",
        order: GroupOrder = "worst",
        descending: bool | None = None,
    ) -> list[DuplicateGroup]:
        """What a filter shows, in that order."""
        groups = [self.group(sku) for sku in self.listings]
        wanted = [
            group
            for group in groups
            if show == "all" or (group.to_decide if show == "to_decide" else not group.agrees)
        ]
        found = [group for group in wanted if text.casefold() in f"{group.sku} {group.title}".casefold()]
        if order == "worst":
            found.sort(
                key=lambda group: (
                    not group.to_decide,
                    group.agrees,
                    group.numbers.lowest - group.numbers.highest,
                )
            )
        elif order in ("sku", "listings"):
            found.sort(key=lambda group: (getattr(group, order), group.sku), reverse=order != "sku")
        else:
            found.sort(key=lambda group: getattr(group.numbers, order), reverse=True)
        if descending is not None and descending != (order not in ("worst", "sku")):
            found.reverse()
        return found

    # What is said

    def effect(self, choice: Choice, groups: Sequence[str]) -> Effect:
        """What a choice would change."""
        return total_effect(effect_on(choice, self._levels(sku), self._item(sku, choice)) for sku in groups)

    def undecided(self, show: GroupFilter, text: str) -> list[str]:
        """The SKUs that deciding all that is shown would touch."""
        return [
            group.sku for group in self.shown(show, text) if group.needs_decision and group.decision is None
        ]

    def decide(self, choice: Choice | None, seen: Mapping[str, int]) -> int:
        """Decide, or find that somebody else has."""
        for sku, revision in seen.items():
            decision = self.decisions.get(sku)
            if (decision.revision if decision else 0) != revision:
                by = decision.who if decision else "somebody"
                raise Conflict(
                    f"{sku}: {by} decided meanwhile. Nothing was changed.", "Look at it again, then decide."
                )
        for sku in seen:
            self.revision += 1
            if choice is None:
                self.decisions.pop(sku, None)
            else:
                before = self.decisions.get(sku)
                self.decisions[sku] = Decision(
                    sku, choice, before.note if before else "", self.who, NOW, self.revision
                )
        return len(seen)

    def note(self, sku: str, note: str, seen: int) -> None:
        """Keep a note."""
        decision = self.decisions.get(sku)
        if decision is None:
            raise Refused("There is no decision.", "Decide first.")
        if decision.revision != seen:
            raise Conflict("Somebody decided meanwhile.", "Look again.")
        self.revision += 1
        self.decisions[sku] = replace(decision, note=note, revision=self.revision)

    def give_own_sku(self, listing: str, new_sku: str) -> None:
        """Take the listing out of its group, unless another has that SKU."""
        if new_sku in self.listings:
            raise Refused(f"{new_sku} is another listing's SKU already.", "Choose one that no listing has.")
        for sku in list(self.listings):
            lines = self._lines(sku)
            kept = tuple(
                line
                for line, known in zip(self.listings[sku], lines, strict=True)
                if known.listing != listing
            )
            if len(kept) < len(lines):
                self.listings[sku] = kept
                if len(kept) < 2:
                    del self.listings[sku]

    def decided(self, sku: str, choice: Choice, *, who: str = "mia", note: str = "") -> None:
        """Somebody decided a while ago."""
        self.revision += 1
        self.decisions[sku] = Decision(sku, choice, note, who, NOW - timedelta(minutes=5), self.revision)


class FakeTable:
    """Groups as a table; counts how many of them are open."""

    open_tables = 0

    def __init__(self, duplicates: FakeDuplicates, groups: Sequence[DuplicateGroup]) -> None:
        self._duplicates = duplicates
        self._skus = [group.sku for group in groups]
        self.count = len(groups)
        FakeTable.open_tables += 1

    def window(self, start: int, limit: int) -> tuple[DuplicateGroup, ...]:
        """Some of them, as they are now."""
        return tuple(self._duplicates.group(sku) for sku in self._skus[start : start + limit])

    def close(self) -> None:
        """One less is open."""
        FakeTable.open_tables -= 1


def hostile_groups(texts: Sequence[str]) -> dict[str, tuple[Line, ...]]:
    """A group for each hostile text, as SKU, title and variant."""
    return {
        text: (
            (text, text, {1: number, 2: 3}, None),
            (text, "", {1: 2 * number}, None),
            (text, text, {4: 1}, "draft"),
        )
        for number, text in enumerate((*texts, "-X", " spaced ", "two\nlines", "'quoted", "--help"), 1)
    }


def many_groups(count: int) -> dict[str, tuple[Line, ...]]:
    """As many groups."""
    return {
        f"KO-{number:05}": (("Mug", "", {1: number}, None), ("Mug", "", {1: number + number % 3}, None))
        for number in range(count)
    }
