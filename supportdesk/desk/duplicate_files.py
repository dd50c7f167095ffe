"""Duplicate groups written to a file that a person named: what the Duplicates tab shows, in the columns of `duplicates --csv` (but for spreadsheets) and `--json`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from supportdesk.core.duplicates import GroupDetail, GroupFilter, GroupOrder, choice_words
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, duplicates, saving
from supportdesk.desk.decision_file import AS_TEXT

COLUMNS: Final = (
    AS_TEXT,
    "title",
    "listings",
    "in_scope",
    "agree",
    "oldest",
    "lowest",
    "highest",
    "sum",
    "decision",
    "note",
)
"""The columns of a list of groups as CSV; `csv_row` gives a group's cells, to be guarded (`core.spreadsheet`)."""


def save_groups(
    desk: Desk,
    channel: str,
    target: Path,
    *,
    show: GroupFilter,
    text: str,
    order: GroupOrder,
    notes: bool,
    replace: bool,
    watch: Watch,
) -> int:
    """Write the groups that a filter shows to `target`; how many. `decide --from-file` reads it back, `notes` where they may be seen.

    Raises what `duplicates.export_groups` and `saving.save_csv` raise, `WrongUsage` for an ending that is neither .csv nor .json.
    """
    as_json = saving.is_json(target)
    details = duplicates.export_groups(desk, channel, show=show, text=text, order=order)
    if as_json:
        return saving.save_json(target, map(_item, details), replace=replace, watch=watch)
    return saving.save_csv(
        target, COLUMNS, (csv_row(detail, notes) for detail in details), replace=replace, watch=watch
    )


def csv_row(detail: GroupDetail, notes: bool) -> saving.CsvRow:
    """The cells of `COLUMNS` for a group; its note only with `notes`."""
    group, decision = detail.group, detail.group.decision
    return (
        group.sku,
        group.title,
        group.listings,
        group.in_scope,
        "yes" if group.agrees else "no",
        *group.numbers,
        choice_words(decision.choice) if decision else "",
        decision.note if decision and notes else "",
    )


def _item(detail: GroupDetail) -> dict[str, object]:
    """The element of `duplicates --json` (DESIGN §8). Locations of one name are told apart by their ids."""
    group = detail.group
    names = [place.name for place in detail.locations]
    keys = {
        place.id: f"{place.name} ({place.id})" if names.count(place.name) > 1 else place.name
        for place in detail.locations
    }
    return {
        "sku": group.sku,
        "listings": [
            {
                "listing": each.listing,
                "variant_id": each.variant_id,
                "title": each.title,
                "in_scope": each.left_out is None,
                "levels": {keys.get(place, str(place)): units for place, units in each.levels.items()},
            }
            for each in detail.listings
        ],
        "agree": group.agrees,
        **group.numbers._asdict(),
        "decision": choice_words(group.decision.choice) if group.decision else None,
        "revision": group.decision.revision if group.decision else 0,
    }
