"""Bundles: how many there are, which component limits them, which bundles there cannot be (DESIGN §5, *Bundles*; `reference/sumtracker.md` §2.8).

Pure rules over one bundle in one warehouse. Which bundles there are is in the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple


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
        return f"{bundle} cannot be a component of itself"
    if component in bundles:
        return f"the component {component} is itself a bundle, and bundles within bundles are not counted"
    if bundle in components:
        return f"{bundle} is itself a component of a bundle, and bundles within bundles are not counted"
    return ""
