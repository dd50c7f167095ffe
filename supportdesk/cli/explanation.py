"""What `explain` prints for a person: a SKU's numbers, the rows it feeds with how each comes about, its movements and events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from supportdesk.cli import output
from supportdesk.core import explanation_words as words
from supportdesk.core.events import kind_of
from supportdesk.core.explanation import RowExplanation
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import ComponentLine, SkuInspection, WarehouseStock


def reason(left_out: str | None) -> str:
    """Why a listing is left out, in a word or two."""
    return (left_out or "").replace("_", " ")


def number(units: int | None) -> str:
    """A number as a cell; a dash for none."""
    return "–" if units is None else f"{units:,}"


def emit_inspection(found: SkuInspection) -> None:
    """Print all of it."""
    kind = "a bundle" if found.is_bundle else "a product"
    output.emit_line(f"{shown_sku(found.sku)}  {found.name}  ({kind})")
    _emit_warehouses(found)
    if found.components:
        _emit_parts("made of", found.components)
    if found.bundles:
        _emit_parts("part of", found.bundles)
    _emit_rows(found)
    _emit_reasons(found)
    _emit_movements(found)
    _emit_events(found)


def _emit_warehouses(found: SkuInspection) -> None:
    if not found.warehouses:
        output.emit_line("There is no warehouse yet.")
        return
    output.emit_line()
    output.emit_table(
        ("warehouse", "in stock", "booked", "available", "incoming", "close at", "pushed", ""),
        (
            (
                line.code,
                *_kept(line, found.is_bundle),
                f"{line.close_at:,}" if line.close_at else "–",
                number(line.pushed if found.feeds(line) else None),
                _remark(line, found),
            )
            for line in found.warehouses
        ),
        right=frozenset(range(1, 7)),
    )


def _kept(line: WarehouseStock, is_bundle: bool) -> tuple[str, str, str, str]:
    """In stock, booked, available and incoming; of a bundle nothing is kept, only derived."""
    if is_bundle:
        return "–", "–", number(line.available), "–"
    held = line.quantities
    return f"{held.in_stock:,}", f"{held.booked:,}", number(line.available), f"{held.incoming:,}"


def _remark(line: WarehouseStock, found: SkuInspection) -> str:
    remarks = ["Shopify is master"] if line.shopify_master else []
    if line.promised:
        remarks.append(f"{line.promised:,} more on the shelf, promised before sync")
    if line.set_aside:
        remarks.append(f"{line.set_aside:,} more on the shelf, set aside in the store")
    if not line.counted and not line.shopify_master:
        remarks.append("a component was never counted" if found.is_bundle else "never counted: unknown")
    if found.is_bundle and line.quantities.in_stock:
        remarks.append(f"{line.quantities.in_stock:,} in stock of its own count nowhere")
    if line.counted and not line.shopify_master and not found.feeds(line):
        remarks.append("no listing shows it")
    return "; ".join(remarks)


def _emit_parts(heading: str, parts: tuple[ComponentLine, ...]) -> None:
    output.emit_line()
    output.emit_table(
        (heading, "warehouse", "needs", "available", "bundles", ""),
        (
            (
                shown_sku(part.sku),
                part.warehouse,
                f"{part.quantity:,}",
                number(part.available),
                number(part.bundles),
                "never counted" if part.available is None else "limits" if part.limits else "",
            )
            for part in parts
        ),
        right=frozenset({2, 3, 4}),
    )


def _emit_rows(found: SkuInspection) -> None:
    output.emit_line()
    if not found.rows:
        output.emit_line("It feeds no row of a store.")
        return
    output.emit_table(
        ("feeds", "listing", "location", "warehouse", "store", "pushed", ""),
        (
            (
                row.channel,
                row.listing,
                row.location,
                row.warehouse or "–",
                number(row.store),
                number(row.pushed),
                reason(row.left_out),
            )
            for row in found.rows
        ),
        right=frozenset({4, 5}),
    )
    if found.row_count > len(found.rows):
        output.emit_line(f"and {found.row_count - len(found.rows):,} more rows.")


def _emit_movements(found: SkuInspection) -> None:
    output.emit_line()
    if not found.movement_count:
        output.emit_line("It has not moved yet.")
        return
    output.emit_table(
        (
            "moved at",
            "warehouse",
            "what",
            "in stock",
            "booked",
            "incoming",
            "after",
            "who",
            "reference",
            "reason",
        ),
        (
            (
                f"{each.at:%Y-%m-%d %H:%M}Z",
                each.warehouse,
                each.kind,
                f"{each.change.in_stock:+,}",
                f"{each.change.booked:+,}",
                f"{each.change.incoming:+,}",
                f"{each.in_stock_after:,}",
                each.who,
                each.reference,
                each.reason,
            )
            for each in found.movements
        ),
        right=frozenset(range(3, 7)),
    )
    if found.movement_count > len(found.movements):
        output.emit_line(f"and {found.movement_count - len(found.movements):,} older ones.")


def _emit_events(found: SkuInspection) -> None:
    """What happened to it without moving stock."""
    if not found.events:
        return
    output.emit_line()
    output.emit_table(
        ("happened at", "", "what", "channel", "location", "before", "after", "reference", "why"),
        (
            (
                f"{each.at:%Y-%m-%d %H:%M}Z",
                kind_of(each.kind).sign,
                kind_of(each.kind).word,
                each.channel,
                each.place,
                number(each.before),
                number(each.after),
                each.reference,
                each.detail,
            )
            for each in found.events
        ),
        right=frozenset({5, 6}),
    )
    if found.event_count > len(found.events):
        output.emit_line(f"and {found.event_count - len(found.events):,} older ones.")


def _emit_reasons(found: SkuInspection) -> None:
    """How the number of each row that is synced comes about: a sum a person can follow."""
    told: set[tuple[str, int, int]] = set()
    for row in found.rows:
        key = (row.channel, row.item_id, row.location_id)
        if row.explanation is not None and key not in told:
            told.add(key)
            output.emit_line()
            output.emit_line(f"{row.channel} {row.listing} at {row.location}")
            for line in _sum_of(row.explanation):
                output.emit_line(f"  {line}")


def _sum_of(explanation: RowExplanation) -> Iterator[str]:
    if explanation.settled is not None:
        yield f"{explanation.settled.high:>9,}    {_second(explanation.t0_at)} {words.settled_words(explanation)}"
    if explanation.earlier_count:
        yield f"{explanation.earlier:>+9,}    {explanation.earlier_count:,} older pushes and effects"
    for line in explanation.lines:
        units = f"{line.units:+,}" if line.counts else f"({line.units:+,})"
        yield f"{units:>9} {line.sign}  {_second(line.at)} {words.line_words(line)}"
    yield f"{words.standing_words(explanation)}"
    if explanation.reading is not None:
        yield f"  last read at {_second(explanation.reading.at)}: {explanation.reading.numbers.available:,}"
    yield from words.remarks(explanation)


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
