"""What the Warehouses tab says of a location and its warehouse: the line in the table, the sentences beside it. Wording only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from textual.content import Content

from supportdesk.core.checks import Check
from supportdesk.core.connections import (
    Connection,
    ConnectionsView,
    Evidence,
    Finding,
    LocationLine,
    Master,
    Warehouse,
)
from supportdesk.screens.words import counted
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Cell, Column, Row, Toned

MASTER_WORDS: Final[dict[str, str]] = {"sumtracker": "Sumtracker", "shopify": "Shopify"}
CONSEQUENCES: Final[dict[Master, str]] = {
    "sumtracker": "The store is made to show what Sumtracker has available. Edits made in the store are overwritten, and "
    "logged as that.",
    "shopify": "Sumtracker takes over what the store shows, and nothing is ever written to the store here. Its orders are "
    "listed but move no stock; no bundles, adjustments, counts or transfers in this warehouse.",
}

LINE_COLUMNS: Final = (
    Column("", 1),
    Column("location", minimum=14),
    Column("kind", 8),
    Column("units", 8, right=True),
    Column("listings", 8, right=True, priority=2),
    Column("warehouse", 13),
    Column("master", 10),
    Column("also on it", 24, priority=1),
)


def place_words(warehouse: Warehouse) -> str:
    """`MAIN (Main Street)`; the code alone where the name says no more."""
    return (
        warehouse.code if warehouse.name in ("", warehouse.code) else f"{warehouse.code} ({warehouse.name})"
    )


def agreement(evidence: Evidence) -> str:
    """`812 of 1,040 counts agree`; or that there is nothing to compare."""
    if not evidence.skus_shared:
        return "no SKU in both"
    return f"{evidence.agreeing:,} of {counted(evidence.skus_shared, 'count')} agree"


def likeness(evidence: Evidence) -> str:
    """How alike names and addresses are, in words."""
    if evidence.name_likeness >= 0.95:
        return "same name"
    return "names alike" if evidence.name_likeness >= 0.6 else "names differ"


NO_LOCATION: Final = "Load the store again (r) once it has a location."


def as_check(finding: Finding) -> Check:
    """A finding as a line of a check list."""
    return Check(finding.id, "warn", finding.text)


def name_of(line: LocationLine) -> str:
    """A location's name as a toast may say it."""
    return plain(line.location.name).plain


def counts_line(view: ConnectionsView) -> Content:
    """`4 locations · 1 inactive · 1 unlinked`; how many findings there are stands above them, and without
    a warehouse there is no more to say."""
    active = [line for line in view.lines if line.location.active]
    inactive = len(view.lines) - len(active)
    unsaid = sum(1 for line in active if line.connection is None and not line.location.service_manages_stock)
    unlinked = sum(1 for line in active if line.connection is None or line.connection.warehouse is None)
    parts = [counted(len(view.lines), "location")]
    if not view.warehouses:
        return Content(" · ".join([*parts, f"{unlinked:,} unlinked"]))
    if inactive:
        parts.append(f"{inactive:,} inactive")
    parts.append(f"{unlinked:,} unlinked" + (f" ({unsaid:,} to decide)" if unsaid else ""))
    if suggested := sum(1 for line in view.lines if line.suggested and line.connection is None):
        parts.append(f"{suggested:,} suggested: A links {'it' if suggested == 1 else 'them'}")
    return Content(" · ".join(parts))


def why_not_linkable(line: LocationLine | None) -> str | None:
    """Why nothing can be said of that location; None where something can."""
    if line is None:
        return "There is no location to link."
    if not line.location.active:
        return "An inactive location cannot be linked: make it active in Shopify first."
    return None


def _kind(line: LocationLine) -> Cell:
    if not line.location.active:
        return Toned("inactive", "muted")
    if line.location.service:
        return Toned("service", "warned" if line.location.service_manages_stock else "")
    return "own"


def line_row(line: LocationLine, marked: bool) -> Row:
    """A location as a line of the table; `marked` says that a finding is about it."""
    connection = line.connection
    if connection is not None and connection.warehouse is not None:
        warehouse: Cell = connection.warehouse.code
        master: Cell = MASTER_WORDS[connection.master or "sumtracker"]
    elif not line.location.active:
        warehouse, master = None, None
    elif connection is None:
        warehouse, master = Toned("! unlinked", "warned"), None
    else:
        warehouse, master = Toned("unlinked", "muted"), None
    others = ", ".join(f"{other.channel_title}: {other.location}" for other in line.others)
    return Row(
        str(line.location.id),
        (
            Toned("!", "warned") if marked else "",
            line.location.name,
            _kind(line),
            line.units,
            line.listings,
            warehouse,
            master,
            others,
        ),
        "" if line.location.active else "muted",
    )


def subject_of(line: LocationLine | None) -> str:
    """The name of the meaning that fits a location."""
    if line is None:
        return "warehouses"
    if not line.location.active:
        return "inactive_locations"
    if line.connection is None or line.connection.warehouse is None:
        return "unlinked"
    return f"{line.connection.master}_master"


def detail_lines(line: LocationLine, view: ConnectionsView, *, crossed: Finding | None) -> list[Content]:
    """What is known of a location: where it is linked, how well that fits, what would fit better, who else is there."""
    connection = line.connection
    warehouse = connection.warehouse if connection is not None else None
    if not line.location.active:
        lines = [Content("Inactive in the store: it cannot be linked, and is never read or written.")]
        if warehouse is not None:
            lines.append(
                Content.assemble("It is still linked to ", plain(warehouse.code), ": press u to unlink it.")
            )
        return lines
    lines = [_said(connection)]
    if not view.warehouses:
        lines.append(Content(_NO_WAREHOUSE))
    is_linked = connection is not None and warehouse is not None
    if is_linked and line.evidence is not None:
        lines.append(_fit(line.evidence))
    if line.suggested is not None:
        lines.append(_suggestion(line, line.suggested, view, crossed))
    if connection is not None and is_linked:
        lines += _shared_lines(line, connection)
    return lines


def _said(connection: Connection | None) -> Content:
    """What was said of a location, in a sentence."""
    if connection is None:
        return Content("Not decided yet: press enter to link it, u to leave it unlinked.")
    if connection.warehouse is None:
        return Content(
            "Stays unlinked: neither read nor written, and its orders change nothing. Press enter to link it."
        )
    where = plain(place_words(connection.warehouse), "bold")
    return Content.assemble(
        "Linked to ", where, f"; {MASTER_WORDS[connection.master or 'sumtracker']} is master."
    )


_NO_WAREHOUSE: Final = "There is no warehouse yet: w makes one, enter makes one while it links, and i takes them from files or from Sumtracker."


def _fit(evidence: Evidence) -> Content:
    """How well a location fits its warehouse."""
    if not evidence.skus_shared:
        return Content(f"Nothing to compare: no SKU is in both; {likeness(evidence)}.")
    of = f"{evidence.skus_shared:,} of {counted(evidence.skus_location, 'SKU')} are in both"
    return Content(f"{agreement(evidence)}; {of}; {likeness(evidence)}.")


def _shared_lines(line: LocationLine, connection: Connection) -> list[Content]:
    """Who else is on a location's warehouse, and whose count is taken."""
    lines: list[Content] = []
    for other in line.others:
        lines.append(
            Content.assemble(
                "Also on it: ",
                plain(f"{other.channel_title}: {other.location}"),
                f" ({MASTER_WORDS[other.master]} is master).",
            )
        )
    if connection.counts is not None:
        whose = {
            "this": "the count of this location",
            "other": "the other location's count",
            "sum": "the sum of both",
        }
        lines.append(Content(f"Copying takes {whose[connection.counts]}."))
    return lines


def _suggestion(
    line: LocationLine, suggested: Evidence, view: ConnectionsView, crossed: Finding | None
) -> Content:
    places: Mapping[int, Warehouse] = {place.id: place for place in view.warehouses}
    place = places.get(suggested.warehouse_id)
    words = plain(place_words(place), "bold") if place is not None else Content("Another warehouse")
    if line.connection is not None and line.connection.warehouse is not None:
        is_crossed = crossed is not None and line.location.id in crossed.location_ids
        key = "Press s to swap the pair." if is_crossed else "Press a to link it there."
        return Content.assemble(words, f" fits better: {agreement(suggested)} there. {key}")
    return Content.assemble(
        words, f" may fit: {agreement(suggested)}, {likeness(suggested)}. Press a to link it there."
    )


def swapped_words(before: Iterable[LocationLine], view: ConnectionsView) -> str:
    """How many counts agreed before and agree after a swap."""
    old = {line.location.id: line.evidence for line in before}
    new = {line.location.id: line.evidence for line in view.lines if line.location.id in old}

    def agreeing(evidences: Iterable[Evidence | None]) -> int:
        return sum(evidence.agreeing for evidence in evidences if evidence is not None)

    return f"Swapped: {agreeing(old.values()):,} → {agreeing(new.values()):,} counts agree."
