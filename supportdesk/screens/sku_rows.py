"""The lines of the SKU inspector's panels, and the sentence that says how a number comes about. Wording only."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from supportdesk.core.events import kind_of
from supportdesk.core.explanation import ExplainedLine, RowExplanation, SkuEvent
from supportdesk.core.explanation_words import (
    line_words,
    remarks,
    settled_words,
    standing_words,
)
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import ComponentLine, FedRow, Movement, SkuInspection, WarehouseStock
from supportdesk.screens.stock_words import difference, kind_word, signed, when
from supportdesk.screens.words import counted
from supportdesk.widgets.table import Cell, Column, Row, Toned

UNKNOWN: Final = Toned("unknown", "warned")
"""A number that was never counted: unknown, and not 0."""

WAREHOUSE_COLUMNS: Final = (
    Column("warehouse", 10),
    Column("name", minimum=8, priority=1),
    Column("in stock", 9, right=True),
    Column("booked", 7, right=True),
    Column("available", 9, right=True),
    Column("incoming", 8, right=True),
    Column("close at", 8, right=True),
    Column("pushed", 8, right=True),
)
FED_COLUMNS: Final = (
    Column("channel", 15),
    Column("listing", minimum=12),
    Column("location", 13),
    Column("warehouse", 10, priority=1),
    Column("store", 7, right=True),
    Column("pushed", 7, right=True),
    Column("difference", 10),
)
COMPONENT_COLUMNS: Final = (
    Column("component", minimum=14, keeps_end=True),
    Column("per bundle", 10, right=True),
    Column("warehouse", 10),
    Column("available", 9, right=True),
    Column("enough for", 10, right=True),
    Column("", 10),
)
BUNDLE_COLUMNS: Final = (Column("bundle", minimum=14, keeps_end=True), *COMPONENT_COLUMNS[1:])
MOVEMENT_COLUMNS: Final = (
    Column("when", 12),
    Column("warehouse", 9),
    Column("what", 10),
    Column("in stock", 8, right=True),
    Column("booked", 7, right=True),
    Column("incoming", 8, right=True, priority=2),
    Column("becomes", 7, right=True),
    Column("why", minimum=10),
    Column("who", 10, priority=1),
    Column("channel", 16, priority=3),
)


WHY_COLUMNS: Final = (
    Column("when", 12),
    Column("", 1),
    Column("what", minimum=16),
    Column("change", 7, right=True),
    Column("becomes", 7, right=True),
)


def warehouse_row(place: WarehouseStock, is_shown: bool) -> Row:
    """One warehouse's numbers; `is_shown` where some listing shows them."""
    numbers = place.quantities
    return Row(
        str(place.warehouse_id),
        (
            place.code,
            place.name,
            numbers.in_stock if place.counted else UNKNOWN,
            numbers.booked,
            place.available if place.available is not None else UNKNOWN,
            numbers.incoming,
            place.close_at or None,
            _pushed(place, is_shown),
        ),
    )


def _pushed(place: WarehouseStock, is_shown: bool) -> Cell:
    if place.shopify_master or not is_shown:
        return Toned("nothing", "muted")
    return place.pushed if place.pushed is not None else UNKNOWN


def formula(place: WarehouseStock, inspection: SkuInspection) -> str:
    """How the number pushed comes about, as a sum a person can follow."""
    if place.shopify_master:
        return f"{place.code}: Shopify is master: its numbers are taken over, nothing is pushed."
    if place.available is None:
        why = "a component was never counted there" if inspection.is_bundle else "never counted there"
        return f"{place.code}: {why}, so the number is unknown, which is not 0."
    numbers = place.quantities
    if inspection.is_bundle:
        said = f"{place.code}: the scarcest component is enough for {counted(place.available, 'bundle')}"
    else:
        said = f"{place.code}: {numbers.in_stock:,} in stock − {numbers.booked:,} booked = {place.available:,} available"
    if place.promised:
        units = "unit" if place.promised == 1 else "units"
        said += f" ({place.promised:,} more {units} on the shelf promised by orders from before sync)"
    if place.set_aside:
        units = "unit" if place.set_aside == 1 else "units"
        said += f" ({place.set_aside:,} more {units} on the shelf set aside in the store)"
    if not inspection.feeds(place):
        return f"{said}; no listing shows it."
    pushed = place.pushed
    if pushed is None or pushed == place.available:
        return f"{said}, the number pushed."
    if place.available <= place.close_at:
        limit = f"close at {place.close_at:,}" if place.close_at else "never less than 0"
        return f"{said}; {limit}, so {pushed:,} is pushed."
    if pushed < place.available:
        return f"{said}; at most the channel's maximum, so {pushed:,} is pushed."
    return f"{said}; never less than 0, so {pushed:,} is pushed."


def fed_row(row: FedRow) -> Row:
    """One row the SKU feeds."""
    name = f"{row.title} · {row.variant_title}" if row.variant_title else row.title
    differs = difference(row.store, row.pushed, linked=bool(row.warehouse), left_out=row.left_out)
    condition = row.explanation.condition if row.explanation is not None else ""
    if condition == "settling":
        differs = Toned("~ settling", "accent")
    elif condition == "held":
        differs = Toned("! held", "warned")
    return Row(
        fed_key(row),
        (
            row.channel_title or row.channel,
            name,
            row.location,
            row.warehouse or Toned("unlinked", "muted"),
            row.store,
            row.pushed,
            differs,
        ),
        "muted" if row.left_out is not None else "",
    )


def fed_key(row: FedRow) -> str:
    """What a row is known by in its panel."""
    return f"{row.channel} {row.listing} {row.location}"


def why_rows(explanation: RowExplanation, where: tzinfo, now: datetime) -> list[Row]:
    """How the number of a row comes about, newest first, from what it settled at."""
    rows = [
        _why_row(number, line, becomes, where, now)
        for number, (line, becomes) in enumerate(zip(explanation.lines, explanation.becomes, strict=True))
    ][::-1]
    settled = explanation.settled
    start = settled.high if settled is not None else None
    if explanation.earlier_count:
        words = f"{counted(explanation.earlier_count, 'older push or effect', 'older pushes and effects')}"
        after = start + explanation.earlier if start is not None else None
        rows.append(Row("earlier", ("", "", words, signed(explanation.earlier), after)))
    at = when(explanation.t0_at, where, now)
    rows.append(Row("settled", (at, "", settled_words(explanation), "", start)))
    return rows


def _why_row(number: int, line: ExplainedLine, becomes: int | None, where: tzinfo, now: datetime) -> Row:
    units = signed(line.units) if line.counts else f"({signed(line.units)})"
    sign: Cell = Toned(line.sign, "warned") if line.sign == "!" else line.sign
    return Row(str(number), (when(line.at, where, now), sign, line_words(line), units, becomes))


def standing_lines(row: FedRow, where: tzinfo, now: datetime) -> list[str]:
    """What is said above the sum of a row: where it stands, what it showed last, what to look at."""
    explanation = row.explanation
    if explanation is None:
        return []
    said = standing_words(explanation)
    if explanation.reading is not None:
        read = f"{when(explanation.reading.at, where, now)}: {explanation.reading.numbers.available:,}"
        said = f"{said} · last read {read}"
    return [said, *remarks(explanation)]


def component_row(line: ComponentLine) -> Row:
    """A component of the bundle, or a bundle the SKU is part of, in one warehouse."""
    return Row(
        f"{line.sku} {line.warehouse}",
        (
            shown_sku(line.sku),
            line.quantity,
            line.warehouse,
            line.available if line.available is not None else UNKNOWN,
            line.bundles if line.bundles is not None else UNKNOWN,
            Toned("! limits", "warned") if line.limits else "",
        ),
    )


def movement_row(move: Movement, where: tzinfo, now: datetime) -> Row:
    """One movement, on the store's clock."""
    said = move.reference if move.reference not in move.reason else ""  # an order's reason names it
    why = " ".join(word for word in (said, move.reason) if word)
    return Row(
        str(move.id),
        (
            when(move.at, where, now),
            move.warehouse,
            kind_word(move.kind),
            signed(move.change.in_stock),
            signed(move.change.booked),
            signed(move.change.incoming),
            move.in_stock_after,
            why,
            move.who,
            move.channel,
        ),
    )


def event_row(event: SkuEvent, where: tzinfo, now: datetime) -> Row:
    """Something that happened without moving stock, among the movements: a push, a row held, an edit put back."""
    why = " ".join(word for word in (event.reference, event.detail) if word)
    kind = kind_of(event.kind)
    what = f"{kind.sign} {kind.word}"
    return Row(
        f"event {event.id}",
        (
            when(event.at, where, now),
            event.place,
            Toned(what, "warned") if kind.sign == "!" else what,
            "",
            "",
            "",
            event.after if event.after is not None else "",
            why,
            event.who,
            event.channel,
        ),
    )
