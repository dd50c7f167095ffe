"""The Sumtracker side from memory: warehouses, connections, stock rows and one SKU's numbers, as typical, empty or hostile as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from supportdesk.core.catalog import Location
from supportdesk.core.connections import (
    Connection,
    ConnectionsView,
    Counts,
    Evidence,
    Finding,
    LocationLine,
    Master,
    OtherPlace,
    Warehouse,
)
from supportdesk.core.explanation import ExplainedLine, LastReading, RowExplanation, SkuEvent
from supportdesk.core.rows import Bounds, RowNumbers
from supportdesk.core.stock import (
    ComponentLine,
    FedRow,
    Movement,
    Quantities,
    SkuInspection,
    StockChange,
    StockChanged,
    StockFilter,
    StockOrder,
    StockRow,
    WarehouseStock,
)
from supportdesk.errors import Refused

MAIN: Final = Warehouse(
    1, "MAIN", "Main Street", "1 Main St, LS1 1AA", "Leeds", "GB", units=40_110, skus=1_040
)
DEPOT: Final = Warehouse(2, "DEPOT", "Depot", "Dock 4, HU1 2BB", "Hull", "GB", units=20_640, skus=612)
RETURNS: Final = Warehouse(3, "RETURNS", "Returns cage", units=88, skus=31)

OUTDOOR, OUTLET = "Kestrel Outdoor", "Kestrel Outlet"

_MAIN_STREET: Final = Location(1, "Main Street", city="Leeds", country="GB")
_DEPOT: Final = Location(2, "Depot", city="Hull", country="GB", fulfills_online_orders=False)
_POP_UP: Final = Location(5, "Pop-up van", city="Leeds", country="GB")
_SHIPFAST: Final = Location(
    4, "ShipFast Fulfilment", service="ShipFast", service_manages_stock=True, country="NL"
)
_OLD_SHOP: Final = Location(3, "Old shop", active=False, city="York", country="GB")

CROSSED: Final = Finding(
    "crossed",
    "Main Street and Depot look crossed: 31 of 1,040 counts agree as they are linked, and 1,204 of 1,652 would if the "
    "two were swapped.",
    (1, 2),
)
SELLS_UNLINKED: Final = Finding(
    "unlinked_sells",
    "Pop-up van is linked to no warehouse and offers 214 units: sync will not see them sold.",
    (5,),
)
LINKED_NOWHERE: Final = Finding(
    "warehouse_unlinked", "RETURNS (Returns cage) is linked to no location: its 88 units are offered nowhere."
)


def typical_lines() -> tuple[LocationLine, ...]:
    """Two locations crossed, one said nothing of, a service, a closed shop."""
    outlet = OtherPlace("kestrel-outlet", "Kestrel Outlet", 9, "Depot", "sumtracker")
    return (
        LocationLine(
            _DEPOT,
            20_886,
            640,
            Connection(2, MAIN, "sumtracker", None, 12),
            evidence=Evidence(1, 0.1, 598, 640, 12, 0.2),
            suggested=Evidence(2, 0.96, 601, 640, 392, 0.9),
        ),
        LocationLine(
            _MAIN_STREET,
            40_318,
            1_102,
            Connection(1, DEPOT, "sumtracker", None, 11),
            others=(outlet,),
            evidence=Evidence(2, 0.12, 1_040, 1_102, 31, 0.2),
            suggested=Evidence(1, 1.0, 1_040, 1_102, 812, 0.97),
        ),
        LocationLine(_POP_UP, 214, 60, None, suggested=Evidence(3, 0.2, 24, 60, 20, 0.5)),
        LocationLine(_SHIPFAST, 0, 12, Connection(4, None, None, None, 3)),
        LocationLine(_OLD_SHOP, 0, 0, None),
    )


@dataclass
class FakeInventory:
    """One account's Sumtracker side; `hostile` puts those texts wherever a merchant's text can stand."""

    hostile: Sequence[str] = ()
    lines: tuple[LocationLine, ...] = field(default_factory=typical_lines)
    warehouses: tuple[Warehouse, ...] = (MAIN, DEPOT, RETURNS)
    findings: tuple[Finding, ...] = (CROSSED, SELLS_UNLINKED, LINKED_NOWHERE)
    stock_count: int = 240
    movement_count: int = 42
    revision: int = 20
    synced: bool = False
    """Whether its rows are explained, things happened beside movements, and units are promised from before."""

    # Warehouses and connections

    def view(self) -> ConnectionsView:
        """What the Warehouses tab draws."""
        if not self.hostile:
            return ConnectionsView(self.lines, self.warehouses, self.findings)
        places = tuple(
            Warehouse(number, text, text, text, text, text, units=number, skus=number)
            for number, text in enumerate(self.hostile, 1)
        )
        lines = tuple(
            LocationLine(
                Location(
                    number, text, city=text, address=text, service=text if number % 3 else "", country="XX"
                ),
                number,
                number,
                Connection(number, places[number - 1], "shopify" if number % 2 else "sumtracker", None, 1),
                others=(OtherPlace(text, text, 9, text, "sumtracker"),),
                evidence=Evidence(number, 0.5, 10, 10, 1, 0.5),
                suggested=Evidence(number % len(places) + 1, 0.5, 10, 10, 9, 0.9),
            )
            for number, text in enumerate(self.hostile, 1)
        )
        return ConnectionsView(
            lines, places, tuple(Finding("crossed", text, (1, 2)) for text in self.hostile[:4])
        )

    def line(self, location_id: int) -> LocationLine:
        """The line of one location."""
        return next(line for line in self.lines if line.location.id == location_id)

    def warehouse(self, warehouse_id: int) -> Warehouse:
        """The warehouse of that id."""
        return next(place for place in self.warehouses if place.id == warehouse_id)

    def put(
        self,
        location_id: int,
        warehouse: Warehouse | None,
        master: Master | None,
        counts: Counts | None = None,
    ) -> ConnectionsView:
        """Keep a connection and say what there is now; a location linked anew takes its own findings with it."""
        self.revision += 1
        connection = Connection(location_id, warehouse, master, counts, self.revision)
        self.lines = tuple(
            replace(
                line, connection=connection, evidence=line.suggested if warehouse else None, suggested=None
            )
            if line.location.id == location_id
            else line
            for line in self.lines
        )
        self.findings = tuple(finding for finding in self.findings if location_id not in finding.location_ids)
        return self.view()

    def forget(self, location_id: int) -> ConnectionsView:
        """Say nothing of a location any more."""
        self.lines = tuple(
            replace(line, connection=None, evidence=None) if line.location.id == location_id else line
            for line in self.lines
        )
        return self.view()

    def add_warehouse(self, code: str, name: str, address: str, city: str, country: str) -> Warehouse:
        """Keep another warehouse; a code is taken once."""
        if any(place.code == code for place in self.warehouses):
            raise Refused(f"There is a warehouse {code} already.", "Choose another code.")
        new = Warehouse(len(self.warehouses) + 1, code, name, address, city, country)
        self.warehouses = (*self.warehouses, new)
        return new

    # Stock

    def stock_row(self, number: int) -> StockRow:
        """One row; every seventh differs, every eleventh is unlinked, one is negative."""
        if self.hostile:
            text = self.hostile[number % len(self.hostile)]
            return StockRow(text, text, text, text, number, text, text, "sumtracker", number, None, None)
        sku, title = f"KO-{number:04}", ("Ridge tent 2P", "Enamel mug", "Camp stove")[number % 3]
        if number % 11 == 3:
            return StockRow(sku, title, "", f"listing-{number}", 5, "Pop-up van", "", "", number, None, None)
        if number == 4:
            return StockRow(sku, title, "M / Blue", "l", 1, "Main Street", "MAIN", "sumtracker", -3, 0, None)
        if number == 5:
            return StockRow(sku, title, "", "l", 1, "Main Street", "MAIN", "sumtracker", 12, None, None)
        if number == 6:
            return StockRow(sku, title, "", "l", 1, "Main Street", "MAIN", "sumtracker", None, 9, None)
        if number == 8:
            return StockRow(sku, title, "", "l", 2, "Depot", "DEPOT", "sumtracker", 9, None, "draft")
        place, code = ("Depot", "DEPOT") if number % 4 == 2 else ("Main Street", "MAIN")
        ledger = number * 7 + (27 if number % 7 == 0 else 0)
        return StockRow(
            sku, title, "M / Blue", f"l-{number}", 1, place, code, "sumtracker", number * 7, ledger, None
        )

    def open_stock(self, order: StockOrder, descending: bool, show: StockFilter, text: str) -> FakeStockTable:
        """The rows by number, or those whose SKU holds `text`; a filter but `all` leaves those that differ."""
        numbers: Sequence[int] = range(len(self.hostile) or self.stock_count)
        if text:
            numbers = [
                number for number in numbers if text.casefold() in self.stock_row(number).sku.casefold()
            ]
        if show != "all" and not self.hostile:
            rows = ((number, self.stock_row(number)) for number in numbers)
            numbers = [number for number, row in rows if row.store != row.ledger]
        return FakeStockTable(self, numbers[::-1] if descending else numbers)

    def inspection(self, sku: str, movements: int) -> SkuInspection:
        """`plain_inspection`, and of a channel that is on how its rows come about."""
        plain = self.plain_inspection(sku, movements)
        if not self.synced:
            return plain
        text = self.hostile[0] if self.hostile else ""
        first, second, *others = plain.warehouses
        rows = tuple(
            replace(row, explanation=explanation, item_id=number, location_id=1)
            for number, (row, explanation) in enumerate(zip(plain.rows, _explanations(text), strict=True))
        )
        return replace(
            plain,
            warehouses=(replace(first, promised=3), replace(second, promised=3), *others),
            rows=rows,
            events=_events(text),
            event_count=3,
        )

    def plain_inspection(self, sku: str, movements: int) -> SkuInspection:
        """Two warehouses and one never counted, rows in two stores, a bundle it limits, movements."""
        text = self.hostile[0] if self.hostile else ""
        return SkuInspection(
            sku=sku,
            name=text or "Ridge tent 2P",
            is_bundle=sku.startswith("KO-KIT"),
            warehouses=(
                WarehouseStock(
                    1, text or "MAIN", text or "Main Street", Quantities(31, 4, 10), True, 27, 0, 27
                ),
                WarehouseStock(2, text or "DEPOT", text or "Depot", Quantities(6, 1, 0), True, 5, 5, 0),
                WarehouseStock(
                    3, text or "RETURNS", text or "Returns cage", Quantities(), False, None, 0, None
                ),
            ),
            rows=(
                FedRow(
                    "kestrel-outdoor",
                    "tent/2p",
                    text or "Ridge tent 2P",
                    "",
                    "Main Street",
                    "MAIN",
                    31,
                    27,
                    None,
                    OUTDOOR,
                ),
                FedRow(
                    "kestrel-outdoor",
                    "tent-sale/2p",
                    "Ridge tent 2P (sale)",
                    "",
                    "Main Street",
                    "MAIN",
                    4,
                    27,
                    None,
                    OUTDOOR,
                ),
                FedRow(
                    "kestrel-outdoor",
                    "tent/2p",
                    "Ridge tent 2P",
                    "",
                    "Pop-up van",
                    "",
                    2,
                    None,
                    None,
                    OUTDOOR,
                ),
                FedRow(
                    "kestrel-outlet",
                    "tent/2p",
                    "Ridge tent 2P",
                    "",
                    text or "Depot",
                    "DEPOT",
                    0,
                    0,
                    None,
                    text or OUTLET,
                ),
                FedRow(
                    "kestrel-outlet",
                    "old-tent/2p",
                    "Old tent",
                    "",
                    "Depot",
                    "DEPOT",
                    3,
                    None,
                    "archived",
                    OUTLET,
                ),
            ),
            components=(
                (
                    ComponentLine("KO-TENT-2P", 1, "MAIN", 27, 27, False),
                    ComponentLine("KO-MUG-ENAMEL", 2, "MAIN", 40, 20, True),
                    ComponentLine("KO-STOVE-1", 1, "DEPOT", None, None, True),
                )
                if sku.startswith("KO-KIT")
                else ()
            ),
            bundles=()
            if sku.startswith("KO-KIT")
            else (ComponentLine(text or "KO-KIT-CAMP", 1, "MAIN", 27, 20, False),),
            movements=tuple(self.movement(number, sku, text) for number in range(self.movement_count, 0, -1))[
                :movements
            ],
            movement_count=self.movement_count,
        )

    def movement(self, number: int, sku: str, text: str = "") -> Movement:
        """One movement of a tidy history."""
        kind = ("count", "receive", "subtract", "order", "fulfil")[number % 5]
        change = {
            "count": Quantities(4, 0, 0),
            "receive": Quantities(10, 0, -10),
            "subtract": Quantities(-1, 0, 0),
            "order": Quantities(0, 1, 0),
            "fulfil": Quantities(-1, -1, 0),
        }[kind]
        return Movement(
            number,
            datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(hours=number),
            sku,
            text or ("MAIN" if number % 2 else "DEPOT"),
            kind,
            change,
            31 + number,
            text or ("broken in transit" if kind == "subtract" else ""),
            text or ("PO-118" if kind == "receive" else "#1042" if kind == "order" else ""),
            text or "mia",
            "" if kind in ("count", "receive", "subtract") else "kestrel-outdoor",
        )

    def change(self, change: StockChange) -> StockChanged:
        """What an adjustment of MAIN's 31 comes to."""
        before = Quantities(31, 4, 10)
        after = before._replace(
            in_stock=change.quantity if change.kind in ("set", "count") else 31 + change.quantity
        )
        return StockChanged(
            change.sku, (("MAIN", before, after),), f"In stock at MAIN is {after.in_stock} now; it was 31."
        )


class FakeStockTable:
    """A row source over rows that are made up when they are asked for."""

    def __init__(self, inventory: FakeInventory, numbers: range | Sequence[int]) -> None:
        self._inventory = inventory
        self._numbers = numbers
        self.count = len(numbers)
        self.closed = False

    def window(self, start: int, limit: int) -> tuple[StockRow, ...]:
        """Those rows."""
        assert not self.closed
        return tuple(self._inventory.stock_row(number) for number in self._numbers[start : start + limit])

    def close(self) -> None:
        """Let go."""
        self.closed = True


_T0: Final = int(datetime(2026, 11, 23, 9, 2, 11, tzinfo=UTC).timestamp())


def _explanations(text: str) -> tuple[RowExplanation | None, ...]:
    """A row with a line of every kind, one that settles, one that is not synced, one that is held, one that is left out."""
    order, why = text or "#1042", text or "PO-118, mia"
    lines = (
        ExplainedLine("placed", -2, _T0 + 600, _T0 + 600, order),
        ExplainedLine("push", 10, _T0 + 900, _T0 + 901, text, "receive", why),
        ExplainedLine("unavailable", -4, _T0 + 1000, _T0 + 2000),
        ExplainedLine("undo", -3, _T0 + 3000, _T0 + 3001, "", "edit", text or "by staff; put back to 27"),
        ExplainedLine("unexplained", -1, _T0 + 3600, _T0 + 4000),
        ExplainedLine("cancelled", 2, _T0 + 5000, _T0 + 5060, order),
        ExplainedLine(
            "push", -1, _T0 + 9000, _T0 + 9000, order, "placed", text or "Mug: same SKU", answered=False
        ),
    )
    reading = LastReading(RowNumbers(28, committed=4, on_hand=36, reserved=4), _T0 + 8000, _T0 + 8002)
    live = RowExplanation(
        *("live", "", "sumtracker", _T0, Bounds(24, 25), 8, 27, -2, 34, lines),
        wanted=27,
        reading=reading,
        suspected=2,
    )
    settling = replace(
        live,
        condition="settling",
        reason="an order came late",
        should_show=None,
        settled=None,
        lines=lines[:2],
    )
    held = replace(live, condition="held", reason=text or "the store refused to write it", lines=())
    return live, settling, None, held, None


def _events(text: str) -> tuple[SkuEvent, ...]:
    """A push, an edit that was put back, and a row that was held, newest first."""
    at = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
    place, order = text or "Main Street", text or "#1042"
    said = (text or "Mug (gift): same SKU", text or "by staff; put back to 27", text or "archived")
    return (
        SkuEvent(9, at, "push", "kestrel-outdoor", "", place, order, said[0], 29, 27),
        SkuEvent(8, at - timedelta(hours=1), "undo", "kestrel-outdoor", "", place, "", said[1], 30, 27),
        SkuEvent(7, at - timedelta(hours=30), "held", "kestrel-outlet", "", place, "", said[2], None, None),
    )
