"""Which number is copied from a store into the ledger for one SKU in one warehouse (DESIGN §5, *Copy*, *Duplicates*, *Mapping*). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from supportdesk.core.duplicates import Choice, shared_number

SUM: Final = 0
"""In place of a location's id: the counts of all locations on the warehouse are added up."""


def number_copied(
    shown: Mapping[int, Mapping[int, int]],
    choice: Choice | None = None,
    named_item: int | None = None,
    counts: int | None = None,
) -> int | None:
    """The number copied, in units; None where nothing says whose.

    `shown` is what rows show, by location and inventory item, the item of the oldest listing first. `choice` is what was decided of the
    SKU's duplicate group, `named_item` the item of the listing it names, `counts` the location whose count the warehouse takes, or `SUM`.
    Where that location does not stock the SKU, those that do are added up.
    """
    numbers = {
        location: next(iter(items.values()))
        if len(items) == 1
        else (shared_number(choice, items, named_item) if choice else None)
        for location, items in shown.items()
        if items
    }
    if not numbers or None in numbers.values():
        return None
    if counts is not None and counts in numbers:
        return numbers[counts]
    if len(numbers) > 1 and counts is None:
        return None
    return sum(number for number in numbers.values() if number is not None)


def each_once(
    shown: Mapping[int, Mapping[int, int]], renamed: Collection[int], counts: int | None
) -> dict[int, dict[int, int]]:
    """`shown` with every inventory item of `renamed` at one location: those on a warehouse were made to show one number, and it is not added up.

    That is the location whose count is taken (`counts`), else the one that shows the least, which errs on not selling.
    """
    kept = {location: dict(items) for location, items in shown.items()}
    for item in renamed:
        at = [location for location, items in shown.items() if item in items]
        chosen = min(at, key=lambda location: (location != counts, shown[location][item], location))
        for location in at:
            if location != chosen:
                del kept[location][item]
    return kept
