"""The part of the doorway that looks at duplicate SKUs and decides them. As `doorway`, each call imports what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.core.duplicates import Choice as GroupChoice
    from supportdesk.core.duplicates import (
        DuplicateGroup,
        DuplicatesSummary,
        Effect,
        GroupDetail,
        GroupFilter,
        GroupOrder,
    )
    from supportdesk.core.progress import Watch
    from supportdesk.desk import Desk
    from supportdesk.screens.fetched_rows import ItemTable
    from supportdesk.screens.save_file import SaveTo


class DuplicatesDoorway:
    """The desk's functions for duplicates, bound to one desk."""

    desk: Desk

    def duplicates_summary(self, name: str) -> DuplicatesSummary:
        """The counts over all duplicate groups."""
        from supportdesk.desk import duplicates

        return duplicates.summary(self.desk, name)

    def open_duplicates(
        self, name: str, *, show: GroupFilter, text: str, order: GroupOrder, descending: bool | None
    ) -> ItemTable[DuplicateGroup]:
        """The groups that a filter shows, to be closed."""
        from supportdesk.desk import duplicates

        return duplicates.open_groups(
            self.desk, name, show=show, text=text, order=order, descending=descending
        )

    def duplicate_group(self, name: str, sku: str) -> GroupDetail:
        """One group with its listings. Raises `UnknownName` where it is none any more."""
        from supportdesk.desk import duplicates

        return duplicates.group_detail(self.desk, name, sku)

    def effect_of(
        self, name: str, choice: GroupChoice, skus: Sequence[str] | None, *, show: GroupFilter, text: str
    ) -> Effect:
        """What a choice would change, for those SKUs, or for every undecided group that the filter shows."""
        from supportdesk.desk import duplicates

        return duplicates.effect_of(self.desk, name, choice, skus, show=show, text=text)

    def decide(self, name: str, choice: GroupChoice | None, seen: Mapping[str, int]) -> int:
        """Say one thing of the SKUs in `seen`, each with the revision the person saw; None takes back. Raises `Conflict`."""
        from supportdesk.desk import duplicates

        return duplicates.decide(self.desk, name, choice, seen)

    def decide_filtered(
        self, name: str, choice: GroupChoice, *, show: GroupFilter, text: str, expected: int
    ) -> int:
        """Say one thing of every undecided group that the filter shows; `Conflict` where they are not `expected` many."""
        from supportdesk.desk import duplicates

        return duplicates.decide_filtered(self.desk, name, choice, show=show, text=text, expected=expected)

    def set_note(self, name: str, sku: str, note: str, seen: int) -> None:
        """Put a note beside a decision of that revision."""
        from supportdesk.desk import duplicates

        duplicates.set_note(self.desk, name, sku, note, seen)

    def accept_pre_marked(self, name: str) -> int:
        """Decide *shared* for every undecided group that is pre-marked; how many they were."""
        from supportdesk.desk import duplicates

        return duplicates.accept_pre_marked(self.desk, name)

    def read_group_again(self, name: str, sku: str, watch: Watch) -> GroupDetail:
        """Ask the live store for a group's listings and counts; what there is of it now."""
        from supportdesk.desk import duplicates

        return duplicates.read_again(self.desk, name, sku, watch)

    def give_own_sku(self, name: str, listing: str, new_sku: str, *, confirm: str, watch: Watch) -> None:
        """Change a listing's SKU in the live store; `confirm` is the shop's handle as typed."""
        from supportdesk.desk import duplicates

        duplicates.give_own_sku(self.desk, name, listing, new_sku, confirm=confirm, watch=watch)

    def save_duplicates(
        self,
        name: str,
        to: SaveTo,
        *,
        show: GroupFilter,
        text: str,
        order: GroupOrder,
        notes: bool,
        watch: Watch,
    ) -> int:
        """Write the groups that a filter shows to a file; how many."""
        from supportdesk.desk import duplicate_files

        return duplicate_files.save_groups(
            self.desk,
            name,
            to.target,
            show=show,
            text=text,
            order=order,
            notes=notes,
            replace=to.replace,
            watch=watch,
        )
