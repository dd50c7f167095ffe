"""Stock rows and connections written to a file that a person named: what the Stock and Warehouses tabs show."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from supportdesk.core.connections import LocationLine
from supportdesk.core.progress import Watch
from supportdesk.core.stock import StockFilter, StockOrder, StockRow
from supportdesk.desk import Desk, connections, saving, stock

_CONNECTION_COLUMNS: Final = (
    "location_id",
    "location",
    "active",
    "service",
    "units",
    "listings",
    "state",
    "warehouse",
    "master",
    "counts",
    "others",
)


def save_stock(
    desk: Desk,
    channel: str,
    target: Path,
    *,
    order: StockOrder,
    descending: bool,
    show: StockFilter,
    text: str,
    replace: bool,
    watch: Watch,
) -> int:
    """Write the rows that a filter shows to `target`, in that order, as `stock --json` says them; how many.

    Raises what `stock.export_stock` and `saving.save_csv` raise, `WrongUsage` for an ending that is neither .csv nor .json.
    """
    as_json = saving.is_json(target)
    rows = stock.export_stock(desk, channel, order=order, descending=descending, show=show, text=text)
    if as_json:
        return saving.save_json(target, (row._asdict() for row in rows), replace=replace, watch=watch)
    return saving.save_csv(target, StockRow._fields, rows, replace=replace, watch=watch)


def save_connections(desk: Desk, channel: str, target: Path, *, replace: bool, watch: Watch) -> int:
    """Write every location with its connection to `target`; how many. Raises as `save_stock`."""
    as_json = saving.is_json(target)
    rows = [_row(line) for line in connections.view(desk, channel, watch).lines]
    if as_json:
        items = (dict(zip(_CONNECTION_COLUMNS, row, strict=True)) for row in rows)
        return saving.save_json(target, items, replace=replace, watch=watch)
    return saving.save_csv(target, _CONNECTION_COLUMNS, rows, replace=replace, watch=watch)


def _row(line: LocationLine) -> saving.CsvRow:
    location, connection = line.location, line.connection
    warehouse = connection.warehouse if connection else None
    return (
        location.id,
        location.name,
        "yes" if location.active else "no",
        location.service,
        line.units,
        line.listings,
        "linked" if warehouse else "unlinked" if connection else "undecided",
        warehouse.code if warehouse else "",
        connection.master or "" if connection else "",
        connection.counts or "" if connection else "",
        "; ".join(f"{other.channel}: {other.location}" for other in line.others),
    )
