"""Duplicate groups in words, columns and rows: what the Duplicates tab shows of a value. Asks nobody and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from textual.content import Content

from supportdesk.core.catalog import Location
from supportdesk.core.duplicates import (
    DECISION_WORDS,
    Choice,
    Decision,
    DuplicateGroup,
    DuplicatesSummary,
    Effect,
    GroupDetail,
    GroupFilter,
    GroupListing,
    GroupOrder,
    shared_number,
)
from supportdesk.core.skus import MARKS, shown_sku
from supportdesk.screens.words import age, counted, left_out_word
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Cell, Column, Row, Toned, fit_columns

GROUP_COLUMNS: Final = (
    Column("SKU", minimum=14, keeps_end=True),
    Column("product", 24, priority=3),
    Column("listings", 8, right=True, priority=1),
    Column("oldest", 7, right=True),
    Column("lowest", 7, right=True),
    Column("highest", 7, right=True),
    Column("sum", 7, right=True, priority=2),
    Column("decision", 14),
    Column("spread", 8, right=True, priority=4),
)
ORDERS: Final[dict[GroupOrder, str]] = {
    "worst": "worst first",
    "sku": "by SKU",
    "listings": "by listings",
    "oldest": "by oldest",
    "lowest": "by lowest",
    "highest": "by highest",
    "sum": "by sum",
}
"""The orders in the sequence `s` goes through them, each in words."""
SHOWN: Final[dict[GroupFilter, str]] = {
    "all": "",
    "to_decide": "only those left to do",
    "disagree": "only those that disagree",
}
"""The filters in the sequence `f` goes through them, each in words."""
NOTHING: Final[dict[GroupFilter, str]] = {
    "all": "No two listings share a SKU.",
    "to_decide": "Nothing is left to do.",
    "disagree": "No group disagrees.",
}
"""What stands in the list where a filter shows nothing."""
RULES: Final = ("oldest", "lowest", "highest", "sum")

_EFFECT_WIDTH: Final = 24
_WIDE_EFFECT_WIDTH: Final = 44
_WIDE: Final = 110
_NAME_WIDTH: Final = 19
"""Of the names on a listing's page."""


def listing_name(listing: GroupListing) -> str:
    """Title and variant of a listing. Foreign text."""
    return f"{listing.title} ({listing.variant_title})" if listing.variant_title else listing.title


def summary_line(summary: DuplicatesSummary, show: GroupFilter, order: GroupOrder, marked: int) -> str:
    """`14 groups · 6 disagree · 3 to decide · 1 to split`, and what is out of the ordinary in what is shown."""
    words = [
        counted(summary.groups, "group"),
        f"{summary.disagree:,} disagree",
        *summary.left_to_do,
        SHOWN[show],
        ORDERS[order] if order != "worst" else "",
        f"{marked:,} marked" if marked else "",
    ]
    return " · ".join(word for word in words if word)


def group_row(group: DuplicateGroup, marked: bool) -> Row:
    """A line of the list."""
    numbers = group.numbers
    tone = "muted" if not group.needs_decision else ""
    return Row(
        group.sku,
        (
            shown_sku(group.sku),
            group.title,
            group.listings,
            numbers.oldest,
            numbers.lowest,
            numbers.highest,
            numbers.sum,
            decision_cell(group),
            numbers.highest - numbers.lowest,
        ),
        "muted" if tone else "",
        "●" if marked else "",
    )


def decision_cell(group: DuplicateGroup) -> Toned:
    """What was decided, in a word or two; `!` where it calls for a second look."""
    if not group.needs_decision:
        return Toned("not needed", "muted")
    if group.decision is None:
        return Toned("shared?", "accent") if group.pre_marked else Toned("—", "")
    choice = group.decision.choice
    if choice.kind == "split":
        return Toned("! split: to do", "warned")
    if not group.decision_holds:
        return Toned("! recheck", "warned")
    if group.unanswered:
        return Toned("! elsewhere?", "warned")
    if choice.kind == "left_out":
        return Toned("left out", "muted")
    return Toned(choice.counts_of or "shared", "passed")


def is_split(group: DuplicateGroup) -> bool:
    """Whether it was decided that its listings are different things, and they still share the SKU."""
    return group.needs_decision and group.decision is not None and group.decision.choice.kind == "split"


def choice_text(choice: Choice, detail: GroupDetail | None = None) -> str:
    """A choice in words: `shared by oldest`, `split`, `shared by Ridge tent 2P`. May quote foreign text."""
    if choice.kind != "shared" or choice.counts_of is None:
        return DECISION_WORDS[choice.kind]
    if choice.counts_of != "listing":
        return f"shared by {choice.counts_of}"
    named = [listing for listing in detail.listings if listing.listing == choice.listing] if detail else []
    whose = listing_name(named[0]) if named else choice.listing
    return f"shared by {whose}" + (f", elsewhere by {choice.elsewhere}" if choice.elsewhere else "")


# The listings of one group


def levels_of(detail: GroupDetail) -> dict[int, dict[int, int]]:
    """`core.duplicates.GroupLevels` of a group: by location that counts, then by inventory item, oldest listing first."""
    return {
        location.id: {
            listing.item_id: listing.levels[location.id]
            for listing in detail.listings
            if listing.left_out is None and location.id in listing.levels
        }
        for location in detail.locations
        if location.id in detail.counted_locations
    }


def item_of(detail: GroupDetail, name: str) -> int | None:
    """The inventory item of the listing of that name; None where there is none in scope."""
    return next(
        (line.item_id for line in detail.listings if line.listing == name and line.left_out is None), None
    )


def listing_columns(detail: GroupDetail, choice: Choice, width: int) -> tuple[Column, ...]:
    """The columns of the listings: one a location, as many as there is room for; those in brackets do not count."""
    locations = tuple(
        Column(
            location.name if location.id in detail.counted_locations else f"({location.name})",
            max(7, min(12, len(location.name) + 2 * (location.id not in detail.counted_locations))),
            right=True,
            priority=number,
        )
        for number, location in enumerate(detail.locations)
    )
    effect = _WIDE_EFFECT_WIDTH if width >= _WIDE else _EFFECT_WIDTH
    return (
        Column("listing", minimum=26),
        *locations,
        Column("status", 8, priority=len(locations) + 1),
        Column(f"if {choice_text(choice, detail)}", effect),
    )


def locations_left_out(columns: Sequence[Column], detail: GroupDetail, width: int) -> int:
    """How many locations of the group have no room in a table of that width."""
    fitting = {place for place, _, _ in fit_columns(columns, width)}
    return sum(place not in fitting for place in range(1, 1 + len(detail.locations)))


def listing_row(listing: GroupListing, detail: GroupDetail, choice: Choice) -> Row:
    """A listing with its counts and what the choice would change."""
    counts: list[Cell] = [listing.levels.get(location.id) for location in detail.locations]
    changes = changes_of(listing, detail, choice)
    in_scope = listing.left_out is None
    effect: Cell
    if not in_scope:
        effect = Toned(f"not synced: {left_out_word(listing.left_out or '')}", "muted")
    elif changes is None:
        effect = Toned("stays as it is", "muted")
    elif not changes:
        effect = Toned("=", "muted")
    else:
        effect = Toned(
            ", ".join(f"{change:+,} at {location.name}" for location, change in changes),
            "warned",
        )
    return Row(
        listing.listing,
        (listing_name(listing), *counts, _status_word(listing), effect),
        "" if in_scope else "muted",
        "●" if in_scope and is_source(listing, detail, choice) else "",
    )


def _status_word(listing: GroupListing) -> str:
    return listing.status.lower()


def is_source(listing: GroupListing, detail: GroupDetail, choice: Choice) -> bool:
    """Whether the choice takes the count of this one listing."""
    if choice.kind != "shared":
        return False
    if choice.counts_of == "listing":
        return listing.listing == choice.listing
    oldest = next((line for line in detail.listings if line.left_out is None), None)
    return choice.counts_of == "oldest" and oldest is listing


def changes_of(
    listing: GroupListing, detail: GroupDetail, choice: Choice
) -> list[tuple[Location, int]] | None:
    """By how many units the choice changes what the listing shows, where it does; None where the choice changes no counts."""
    if choice.kind != "shared" or choice.counts_of is None:
        return None
    levels, named = levels_of(detail), item_of(detail, choice.listing)
    changes = []
    for location in detail.locations:
        shown = levels.get(location.id, {})
        if listing.item_id not in shown:
            continue
        number = shared_number(choice, shown, named)
        if number is not None and number != shown[listing.item_id]:
            changes.append((location, number - shown[listing.item_id]))
    return changes


def group_lines(detail: GroupDetail, now: datetime, *, with_note: bool) -> list[Content]:
    """What is to be said of a group below its listings: marks, look-alikes, who decided what."""
    group, lines = detail.group, []
    if group.sku_mark is not None:
        lines.append(_look(f"This SKU is probably not meant: {MARKS.get(group.sku_mark, group.sku_mark)}."))
    if detail.look_alikes:
        alike = ", ".join(shown_sku(sku) for sku in detail.look_alikes[:4])
        more = f" and {len(detail.look_alikes) - 4:,} more" if len(detail.look_alikes) > 4 else ""
        lines.append(_look(f"Also written {alike}{more}: other products to sync."))
    elif group.look_alikes:
        lines.append(
            _look(f"{counted(group.look_alikes, 'other spelling')} of this SKU: other products to sync.")
        )
    if group.decision is not None:
        lines.append(decision_line(group.decision, detail, now, with_note=with_note))
        if group.needs_decision and not group.decision_holds:
            lines.append(_look(why_not_held(detail)))
    return lines


def _look(text: str) -> Content:
    return Content.assemble(("! ", "bold $warned"), plain(text))


def decision_line(
    decision: Decision, detail: GroupDetail | None, now: datetime, *, with_note: bool
) -> Content:
    """`shared by oldest: mia, 2 min ago`; the note only where it may be seen."""
    said = f"{choice_text(decision.choice, detail)}: {decision.who}, {age(decision.at, now)}"
    if with_note and decision.note:
        said += f". Note: {decision.note}"
    return plain(said, "$muted")


def why_not_held(detail: GroupDetail) -> str:
    """Why the decision on a group calls for a second look."""
    group = detail.group
    assert group.decision is not None
    choice = group.decision.choice
    if choice.kind == "split":
        return "Not done yet: they still share the SKU. i gives them new ones in the store; r asks it again."
    if choice.counts_of == "listing" and item_of(detail, choice.listing) is None:
        return "The listing whose count was to be taken is gone: decide again."
    return "A listing joined this group after it was decided: look at it, then decide again."


def listing_page(listing: GroupListing, detail: GroupDetail, choice: Choice) -> list[Content]:
    """All that is known of one listing, a line each."""
    head = [
        ("product", listing.title),
        ("variant", listing.variant_title or "–"),
        ("listing", listing.listing),
        ("SKU", shown_sku(detail.group.sku)),
        ("status", _status_word(listing)),
        ("synced", "yes" if listing.left_out is None else f"no: {left_out_word(listing.left_out)}"),
    ]
    lines = [line for name, value in head for line in _pair(name, value)]
    lines += [Content(""), plain(f"If {choice_text(choice, detail)}:", "bold")]
    changes = {location.id: change for location, change in changes_of(listing, detail, choice) or ()}
    for location in detail.locations:
        count = listing.levels.get(location.id)
        if count is None:
            says = "not stocked"
        elif change := changes.get(location.id):
            says = f"{count:,} → {count + change:,} ({change:+,})"
        else:
            says = f"{count:,}"
        if location.id not in detail.counted_locations:
            says += "; stays unlinked, so it does not count"
        lines += _pair(location.name, says)
    return lines


def _pair(name: str, value: str) -> list[Content]:
    """A name and its value, in two columns; below each other where the name is too long for its own."""
    label = plain(name, "$muted")
    room = _NAME_WIDTH - label.cell_length
    if room > 0:
        return [Content.assemble(label, " " * room, plain(value))]
    return [label, Content.assemble(" " * _NAME_WIDTH, plain(value))]


# What is asked before several groups are decided


def effect_sentences(choice: Choice, effect: Effect) -> list[str]:
    """What a choice would do to some groups, before it is done."""
    groups = counted(effect.groups, "group")
    if choice.kind == "split":
        return [
            f"{groups}: different products. Their listings need SKUs of their own: i then gives them, group by group.",
            "Until the store shows that, sync cannot be turned on.",
        ]
    if choice.kind == "left_out":
        return [
            f"{groups}: not synced. Their listings keep the stock they have.",
        ]
    sentences = [
        f"{groups}: {choice_text(choice)}.",
        f"If counts are copied, their listings go from {effect.units_before:,} to "
        f"{counted(effect.units_after, 'unit')} in the store: {counted(effect.listings_raised, 'listing')} "
        f"{'goes' if effect.listings_raised == 1 else 'go'} up, "
        f"{effect.listings_lowered:,} {'goes' if effect.listings_lowered == 1 else 'go'} down.",
    ]
    if effect.unanswered:
        sentences.append(f"{counted(effect.unanswered, 'group')} would still need a second answer.")
    return [*sentences, "Nothing is written to the store by this."]


def meaning_lines(detail: GroupDetail) -> list[str]:
    """A group in words fit for the merchant, a paragraph each."""
    group = detail.group
    synced = [listing for listing in detail.listings if listing.left_out is None]
    names = _and(listing_name(listing) for listing in synced[:6])
    more = f" and {len(synced) - 6:,} more" if len(synced) > 6 else ""
    paragraphs = [
        f"{counted(len(synced), 'listing')} in your store {'has' if len(synced) == 1 else 'have'} the SKU "
        f"{shown_sku(group.sku)}: {names}{more}."
    ]
    if not group.needs_decision:
        paragraphs.append(
            "They are one thing already, or only one of them is synced, so there is nothing to decide here."
        )
        return paragraphs
    paragraphs += [
        "To sync, one SKU is one product with one number. After turning on, all of these listings show that number, and a "
        "sale of one takes from all.",
        *_disagreements(detail),
        "If they are the same thing, we only agree whose count is right to begin with: the oldest listing's, the lowest, the "
        "highest, all together, or one you name.",
        "If they are different things, each needs a SKU of its own before we turn on: otherwise selling one would take the "
        "other off sale.",
        "Or we leave them out: they then keep the stock they have, and sync never touches them.",
    ]
    if group.decision is not None:
        paragraphs.append(f"Decided so far: {choice_text(group.decision.choice, detail)}.")
    return paragraphs


def _disagreements(detail: GroupDetail) -> list[str]:
    levels = levels_of(detail)
    lines = []
    for location in detail.locations:
        shown = list(levels.get(location.id, {}).values())
        if len(set(shown)) > 1:
            lines.append(f"At {location.name} they show {_and(f'{count:,}' for count in shown)} today.")
    return lines or ["They show the same counts today."]


def _and(words: Iterable[str]) -> str:
    found = list(words)
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)
