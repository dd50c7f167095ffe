"""The JSON of the commands about stock (DESIGN §8), as models. A field here is never renamed."""

from __future__ import annotations

from pydantic import BaseModel

from supportdesk.cli.contract import Moment
from supportdesk.core.explanation import ExplainedLine, RowExplanation, SkuEvent
from supportdesk.core.explanation_words import line_words, remarks, standing_words
from supportdesk.core.imports import Imported
from supportdesk.core.stock import (
    ComponentLine,
    FedRow,
    Movement,
    Quantities,
    SkuInspection,
    StockChanged,
    StockRow,
    WarehouseStock,
)


class QuantitiesLine(BaseModel):
    """Sumtracker's numbers."""

    in_stock: int
    booked: int
    available: int
    incoming: int

    @classmethod
    def of(cls, quantities: Quantities) -> QuantitiesLine:
        """The contract's form of `quantities`."""
        return cls(**quantities._asdict(), available=quantities.available)


class StockRowLine(BaseModel):
    """One element of `stock`."""

    sku: str
    title: str
    variant_title: str
    listing: str
    location_id: int
    location: str
    warehouse: str
    master: str
    store: int | None
    ledger: int | None
    left_out: str | None

    @classmethod
    def of(cls, row: StockRow) -> StockRowLine:
        """The contract's form of one row."""
        return cls(**row._asdict())


class ChangeLine(BaseModel):
    """One warehouse of a change of stock."""

    warehouse: str
    before: QuantitiesLine
    after: QuantitiesLine


class StockChangedLine(BaseModel):
    """`adjust`, `set`, `receive`, `count`, `transfer`."""

    sku: str
    changes: list[ChangeLine]
    text: str

    @classmethod
    def of(cls, changed: StockChanged) -> StockChangedLine:
        """The contract's form of a change."""
        return cls(
            sku=changed.sku,
            changes=[
                ChangeLine(warehouse=code, before=QuantitiesLine.of(before), after=QuantitiesLine.of(after))
                for code, before, after in changed.changes
            ],
            text=changed.text,
        )


class WarehouseStockLine(BaseModel):
    """One warehouse of `explain`."""

    warehouse: str
    name: str
    in_stock: int
    booked: int
    available: int | None
    incoming: int
    counted: bool
    close_at: int
    pushed: int | None
    shopify_master: bool
    promised: int
    set_aside: int

    @classmethod
    def of(cls, line: WarehouseStock) -> WarehouseStockLine:
        """The contract's form of one warehouse."""
        return cls(
            warehouse=line.code,
            name=line.name,
            in_stock=line.quantities.in_stock,
            booked=line.quantities.booked,
            available=line.available,
            incoming=line.quantities.incoming,
            counted=line.counted,
            close_at=line.close_at,
            pushed=line.pushed,
            shopify_master=line.shopify_master,
            promised=line.promised,
            set_aside=line.set_aside,
        )


class ExplainedLineLine(BaseModel):
    """One thing that changed what a row shows; `counts` is false for an undo, which is no part of it."""

    kind: str
    at: Moment
    units: int
    counts: bool
    reference: str
    cause: str
    text: str
    answered: bool

    @classmethod
    def of(cls, line: ExplainedLine) -> ExplainedLineLine:
        """The contract's form of one line."""
        names = ("kind", "at", "units", "counts", "reference", "cause", "answered")
        return cls(**{name: getattr(line, name) for name in names}, text=line_words(line))


class ReadingLine(BaseModel):
    """What the store showed when it was last read."""

    at: Moment
    available: int
    committed: int
    on_hand: int
    unavailable: int


class ExplanationLine(BaseModel):
    """How the number of a row comes about: `settled_high` + `earlier` + Σ `lines` that count = `should_show`."""

    condition: str
    reason: str
    master: str
    t0: Moment
    settled_low: int | None
    settled_high: int | None
    earlier: int
    earlier_count: int
    lines: list[ExplainedLineLine]
    should_show: int | None
    wanted: int | None
    reading: ReadingLine | None
    suspected: int
    outside: int
    stopped: int
    unexplained: int
    text: list[str]

    @classmethod
    def of(cls, explanation: RowExplanation) -> ExplanationLine:
        """The contract's form of an explanation."""
        settled, reading = explanation.settled, explanation.reading
        names = ("condition", "reason", "master", "earlier", "earlier_count", "should_show", "wanted")
        more = ("suspected", "outside", "stopped", "unexplained")
        return cls(
            **{name: getattr(explanation, name) for name in (*names, *more)},
            t0=explanation.t0_at,
            settled_low=settled.low if settled else None,
            settled_high=settled.high if settled else None,
            lines=[ExplainedLineLine.of(line) for line in explanation.lines],
            reading=ReadingLine(
                at=reading.at,
                available=reading.numbers.available,
                committed=reading.numbers.committed,
                on_hand=reading.numbers.on_hand,
                unavailable=reading.numbers.unavailable,
            )
            if reading
            else None,
            text=[standing_words(explanation), *remarks(explanation)],
        )


class FedRowLine(BaseModel):
    """One row of `explain` that the SKU feeds."""

    channel: str
    listing: str
    title: str
    variant_title: str
    location: str
    warehouse: str
    store: int | None
    pushed: int | None
    left_out: str | None
    explanation: ExplanationLine | None

    @classmethod
    def of(cls, row: FedRow) -> FedRowLine:
        """The contract's form of one row."""
        names = [name for name in cls.model_fields if name != "explanation"]
        explanation = ExplanationLine.of(row.explanation) if row.explanation is not None else None
        return cls(**{name: getattr(row, name) for name in names}, explanation=explanation)


class ComponentRow(BaseModel):
    """One component, or one bundle, of `explain` in one warehouse."""

    sku: str
    quantity: int
    warehouse: str
    available: int | None
    bundles: int | None
    limits: bool

    @classmethod
    def of(cls, line: ComponentLine) -> ComponentRow:
        """The contract's form of one component."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class MovementLine(BaseModel):
    """One movement of `explain`; the three numbers are differences."""

    id: int
    at: Moment
    warehouse: str
    kind: str
    in_stock: int
    booked: int
    incoming: int
    in_stock_after: int
    reason: str
    reference: str
    who: str
    channel: str

    @classmethod
    def of(cls, movement: Movement) -> MovementLine:
        """The contract's form of one movement."""
        names = [name for name in cls.model_fields if name not in Quantities._fields]
        return cls(**movement.change._asdict(), **{name: getattr(movement, name) for name in names})


class SkuEventLine(BaseModel):
    """One thing of `explain` that happened to the SKU without moving its stock."""

    id: int
    at: Moment
    kind: str
    channel: str
    who: str
    place: str
    reference: str
    detail: str
    before: int | None
    after: int | None

    @classmethod
    def of(cls, event: SkuEvent) -> SkuEventLine:
        """The contract's form of one event."""
        return cls(**{name: getattr(event, name) for name in cls.model_fields})


class InspectionLine(BaseModel):
    """`explain`."""

    sku: str
    name: str
    is_bundle: bool
    warehouses: list[WarehouseStockLine]
    rows: list[FedRowLine]
    row_count: int
    components: list[ComponentRow]
    bundles: list[ComponentRow]
    movements: list[MovementLine]
    movement_count: int
    events: list[SkuEventLine]
    event_count: int

    @classmethod
    def of(cls, inspection: SkuInspection) -> InspectionLine:
        """The contract's form of an inspection."""
        return cls(
            sku=inspection.sku,
            name=inspection.name,
            is_bundle=inspection.is_bundle,
            warehouses=[WarehouseStockLine.of(each) for each in inspection.warehouses],
            rows=[FedRowLine.of(each) for each in inspection.rows],
            row_count=inspection.row_count,
            components=[ComponentRow.of(each) for each in inspection.components],
            bundles=[ComponentRow.of(each) for each in inspection.bundles],
            movements=[MovementLine.of(each) for each in inspection.movements],
            movement_count=inspection.movement_count,
            events=[SkuEventLine.of(each) for each in inspection.events],
            event_count=inspection.event_count,
        )


class BadRowLine(BaseModel):
    """One row that an import left out."""

    file: str
    row: int
    column: str
    text: str


class ImportedLine(BaseModel):
    """`import`."""

    warehouses: int
    products: int
    bundles: int
    numbers: int
    unchanged: int
    close_at: int
    maximums: int
    bad_count: int
    bad: list[BadRowLine]
    notes: list[str]

    @classmethod
    def of(cls, imported: Imported) -> ImportedLine:
        """The contract's form of what came of an import."""
        counts = [name for name in cls.model_fields if name not in ("bad", "notes")]
        return cls(
            **{name: getattr(imported, name) for name in counts},
            bad=[BadRowLine(file=b.file, row=b.row, column=b.column, text=b.text) for b in imported.bad],
            notes=list(imported.notes),
        )
