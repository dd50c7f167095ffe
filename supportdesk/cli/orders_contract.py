"""The JSON of `orders` (DESIGN §8), as models. A field here is never renamed."""

from __future__ import annotations

from pydantic import BaseModel

from supportdesk.cli.contract import Moment
from supportdesk.core.order_list import ShownLine, ShownOrder


class TakenLine(BaseModel):
    """What a line did to one SKU of the ledger; the numbers are differences."""

    sku: str
    in_stock: int
    booked: int


class AdjustedLine(BaseModel):
    """What an order from before sync adjusted since."""

    sku: str
    warehouse: str
    in_stock: int


class OrderLineLine(BaseModel):
    """One line of an order at one location."""

    sku: str
    title: str
    location_id: int
    location: str
    warehouse: str
    treatment: str
    unfulfilled: int
    fulfilled: int
    returned: int
    written_off: int
    cancelled: int
    changes: list[TakenLine]

    @classmethod
    def of(cls, line: ShownLine) -> OrderLineLine:
        """The contract's form of one line."""
        names = [name for name in cls.model_fields if name != "changes"]
        changes = [
            TakenLine(sku=taken.sku, in_stock=taken.change.in_stock, booked=taken.change.booked)
            for taken in line.taken
        ]
        return cls(**{name: getattr(line, name) for name in names}, changes=changes)


class OrderLine(BaseModel):
    """One element of `orders`."""

    order: str
    placed_at: Moment
    state: str
    from_before: bool
    look_at: list[str]
    units: int
    in_stock: int
    booked: int
    lines: list[OrderLineLine]
    adjusted: list[AdjustedLine]
    closed_at: Moment | None
    """When sync was turned off, and with it what was booked was closed; null where it is on."""

    @classmethod
    def of(cls, order: ShownOrder) -> OrderLine:
        """The contract's form of one order."""
        change = order.change
        return cls(
            order=order.name,
            placed_at=order.placed,
            state=order.state,
            from_before=order.is_past,
            look_at=sorted(order.look_at),
            units=order.units,
            in_stock=change.in_stock,
            booked=change.booked,
            lines=[OrderLineLine.of(line) for line in order.lines],
            adjusted=[
                AdjustedLine(sku=each.sku, warehouse=each.warehouse, in_stock=each.units)
                for each in order.adjusted
            ],
            closed_at=order.closed,
        )
