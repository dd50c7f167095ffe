"""Bundles: how many there are, which component limits them, which bundles there cannot be (DESIGN §5, *Bundles*; `reference/sumtracker.md` §2.8).

Pure rules over one bundle in one warehouse, and the values a person sees of one. Which bundles there are is in the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from supportdesk.core.skus import shown_sku


class Component(NamedTuple):
    """One component of a bundle, as one warehouse has it."""

    sku: str
    quantity: int
    """Per bundle, 1 or more."""
    available: int | None
    """None where the ledger never counted it there."""
    close_at: int = 0

    @property
    def bundles(self) -> int | None:
        """How many bundles it is enough for: floored, so less than 0 where it is negative; None where unknown."""
        return None if self.available is None else self.available // self.quantity

    @property
    def bundles_to_sell(self) -> int | None:
        """The same, but 0 where it is at or below its close-at: a component that is closed closes its bundles."""
        if self.available is None:
            return None
        return 0 if self.available <= self.close_at else self.available // self.quantity


@dataclass(frozen=True, slots=True)
class BundleNumbers:
    """What one warehouse has of a bundle."""

    available: int | None
    """min over components of floor(available ÷ quantity); None where a component is unknown, or there is none."""
    to_sell: int | None
    """The same with components at or below their close-at counted as 0. A bundle has no close-at of its own."""
    limited_by: frozenset[str]
    """The components that decide: those enough for the fewest bundles, or those that are unknown."""


def bundle_numbers(components: Sequence[Component]) -> BundleNumbers:
    """What a warehouse that has `components` has of their bundle."""
    unknown = frozenset(component.sku for component in components if component.available is None)
    if unknown or not components:
        return BundleNumbers(None, None, unknown)
    enough = {component.sku: component.bundles or 0 for component in components}
    to_sell = min(component.bundles_to_sell or 0 for component in components)
    fewest = min(enough.values())
    return BundleNumbers(
        fewest, to_sell, frozenset(sku for sku, number in enough.items() if number == fewest)
    )


def refused_line(bundle: str, component: str, bundles: Collection[str], components: Collection[str]) -> str:
    """Why `component` cannot be part of `bundle`, as the rest of a sentence; '' where it can.

    `bundles` and `components` are the SKUs that are one, this line aside. Nested bundles are refused: no source says what
    they would count.
    """
    if bundle == component:
        return f"{shown_sku(bundle)} cannot be a component of itself"
    if component in bundles:
        return f"the component {shown_sku(component)} is itself a bundle, and bundles within bundles are not counted"
    if bundle in components:
        return f"{shown_sku(bundle)} is itself a component of a bundle, and bundles within bundles are not counted"
    return ""


class BundleLine(NamedTuple):
    """One component of a bundle, wherever it is kept."""

    sku: str
    quantity: int
    """Per bundle, 1 or more."""


@dataclass(frozen=True, slots=True)
class BundleAt:
    """What one warehouse has of a bundle."""

    code: str
    available: int | None
    """None where a component was never counted."""
    limited_by: tuple[str, ...]
    """The components that decide, by SKU: those enough for the fewest bundles, or those that were never counted."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One bundle as it is made now."""

    sku: str
    name: str
    lines: tuple[BundleLine, ...]
    """By SKU; none where the SKU is no bundle."""
    warehouses: tuple[BundleAt, ...]
    """By priority and code; none where it is no bundle."""


@dataclass(frozen=True, slots=True)
class BundleChange:
    """What a person asks for: all components of a bundle at once."""

    sku: str
    lines: tuple[BundleLine, ...]
    """None of them: it is no bundle any more."""
    seen: tuple[BundleLine, ...] | None = None
    """The components as the person saw them, by SKU; where they are others now the change is refused. None: whatever is there."""


@dataclass(frozen=True, slots=True)
class BundleEffect:
    """What a change does to what one warehouse has of the SKU."""

    code: str
    before: int | None
    """Available; None where unknown."""
    after: int | None
    limited_by: tuple[str, ...]
    """After it: as `BundleAt.limited_by`; none where it is no bundle then."""


@dataclass(frozen=True, slots=True)
class BundleChanged:
    """What comes, or came, of a change."""

    sku: str
    name: str
    before: tuple[BundleLine, ...]
    """By SKU; none where it was no bundle."""
    after: tuple[BundleLine, ...]
    warehouses: tuple[BundleEffect, ...]
    notes: tuple[str, ...]
    """What to say of it: sentences, may quote foreign text."""

    @property
    def text(self) -> str:
        """One sentence of what the SKU is, one of what there is of it."""
        if self.before == self.after:
            return f"{shown_sku(self.sku)} is as it was: {made_of(self.after)}."
        if not self.after:
            first = f"{shown_sku(self.sku)} is no bundle any more."
        else:
            first = f"{shown_sku(self.sku)} is now {made_of(self.after)}."
        numbers = ", ".join(
            f"{each.code} {_said(each.before)} → {_said(each.after)}" for each in self.warehouses
        )
        return f"{first} Available: {numbers}." if numbers else first


def made_of(lines: Sequence[BundleLine]) -> str:
    """`2 × MUG, 1 × TENT`; `no bundle` for none."""
    return ", ".join(f"{line.quantity:,} × {shown_sku(line.sku)}" for line in lines) or "no bundle"


def _said(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def refused_lines(bundle: str, lines: Sequence[BundleLine], largest: int) -> str:
    """Why these lines are none that a bundle may have, whatever else there is, as a sentence without its full stop; '' where they may."""
    seen: set[str] = set()
    for line in lines:
        if not 1 <= line.quantity <= largest:
            return f"A bundle holds 1 or more of each component, at most {largest:,}; {line.quantity:,} of {shown_sku(line.sku)} is not that"
        if line.sku in seen:
            return f"The component {shown_sku(line.sku)} is named twice"
        seen.add(line.sku)
    return ""
