"""Giving listings SKUs of their own from the Duplicates tab: what is asked, typed and confirmed. The desk changes the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from supportdesk.core.duplicates import GroupDetail, GroupListing
from supportdesk.core.progress import Watch
from supportdesk.core.skus import shown_sku
from supportdesk.screens.duplicate_forms import NewSkusDialog, OwnSkuDialog
from supportdesk.screens.duplicate_words import listing_name
from supportdesk.screens.words import counted
from supportdesk.widgets.dialogs import ConfirmDialog, TypedConfirmDialog

if TYPE_CHECKING:
    from supportdesk.screens.duplicates import DuplicatesTab

_TOLD: Final = 6
"""Listings that the question names one by one."""


def ask_for_group(tab: DuplicatesTab, detail: GroupDetail) -> None:
    """Ask for the new SKUs of a split group's listings, confirm them together, then write them one after the other."""
    names = {listing.listing: listing_name(listing) for listing in detail.listings}
    sku = detail.group.sku

    def typed(new: dict[str, str] | None) -> None:
        if new is None:
            return
        lines = [f"{names[listing]}: {shown_sku(sku)} → {shown_sku(to)}" for listing, to in new.items()]
        more = [f"and {len(lines) - _TOLD:,} more"] if len(lines) > _TOLD else []
        said = f"{counted(len(new), 'listing has its', 'listings have their')} own SKU now."
        _confirm(tab, [*lines[:_TOLD], *more], new, f"{shown_sku(sku)}: {said}")

    tab.app.push_screen(NewSkusDialog(detail), typed)


def ask_for_listing(tab: DuplicatesTab, listing: GroupListing, sku: str) -> None:
    """Ask for the new SKU of one listing, confirm it, then write it."""

    def typed(new: str | None) -> None:
        if new is not None:
            lines = [
                f"{listing_name(listing)} ({listing.listing})",
                f"SKU in the store: {shown_sku(sku)} → {shown_sku(new)}",
            ]
            _confirm(
                tab,
                lines,
                {listing.listing: new},
                f"{listing_name(listing)} has the SKU {shown_sku(new)} now.",
            )

    tab.app.push_screen(OwnSkuDialog(listing, sku), typed)


def _confirm(tab: DuplicatesTab, lines: list[str], new: Mapping[str, str], said: str) -> None:
    """Have the shop's handle typed, once in a session; after that a yes is enough."""
    handle, known = tab.channel.handle, tab.desk_app.typed_for_skus
    title, yes = "Change SKUs in the store?", "Change"
    sentences = [*lines, "This changes the store at once. Its stock there stays as it is."]

    def answered(wanted: bool | None) -> None:
        if wanted:
            known.add(handle)
            _write(tab, new, said)

    if handle in known:
        tab.app.push_screen(ConfirmDialog(title, sentences, yes), answered)
    else:
        tab.app.push_screen(TypedConfirmDialog(title, sentences, handle, yes), answered)


def _write(tab: DuplicatesTab, new: Mapping[str, str], said: str) -> None:
    handle, doorway = tab.channel.handle, tab.doorway

    def give(watch: Watch) -> None:
        for number, (listing, sku) in enumerate(new.items()):
            watch.report("Changing SKUs in the store", number, len(new))
            doorway.give_own_sku(handle, listing, sku, confirm=handle, watch=watch)

    tab.change(give, lambda _: tab.say(said), busy="The store is being changed…", follow=True)
    tab.show_progress()
