"""Stock: the rows of a channel in a window, and why a SKU's numbers are what they are. Changing them is in `stock_changes`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Final

from supportdesk.core.bundles import BundleNumbers, bundle_numbers
from supportdesk.core.stock import (
    ComponentLine,
    FedRow,
    SkuInspection,
    StockFilter,
    StockOrder,
    StockRow,
    WarehouseStock,
    number_pushed,
)
from supportdesk.desk import Desk, accounts
from supportdesk.desk.channels import channel_named
from supportdesk.desk.stock_changes import change_stock as change_stock
from supportdesk.desk.stock_changes import refuse_unknown_sku, valid_text
from supportdesk.errors import NotLoaded, UnknownName

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.stock import StockLine
    from supportdesk.ledger.stock_rows import RowFacts
    from supportdesk.ledger.windows import Window

_EXPORTED_AT_ONCE: Final = 2_000
_ROWS_SHOWN: Final = 500
"""Rows of one SKU that its inspection lists: a placeholder SKU may stand on thousands of listings."""
_BUNDLES_SHOWN: Final = 200


class StockTable:
    """The Stock tab's rows, in the order and with the filter they were opened with. `close` it; a context manager closes too.

    Used from one thread at a time, whichever. The rows are those there were; what they show is as it is when they are read.
    """

    def __init__(self, reader: sqlite3.Connection, window: Window, facts: RowFacts) -> None:
        """Over `window`, read through `reader`, which it closes."""
        self._reader = reader
        self._window = window
        self._facts = facts

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._window.count

    def window(self, start: int, limit: int) -> tuple[StockRow, ...]:
        """The rows from `start` (0 is the first), `limit` at most. Raises `LedgerError` and its kinds, `Cancelled` after `stop`."""
        from supportdesk.ledger.stock_rows import stock_rows

        return stock_rows(self._window, self._facts, start, limit)

    def stop(self) -> None:
        """End what another thread is reading here with `Cancelled`. From any thread; nothing can be read after it."""
        self._window.stop()

    def close(self) -> None:
        """Close it, from a thread while no other reads. Closing twice does nothing."""
        self._reader.close()

    def __enter__(self) -> StockTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_stock(
    desk: Desk,
    channel: str,
    *,
    order: StockOrder = "sku",
    descending: bool = False,
    show: StockFilter = "all",
    text: str = "",
    sku: str | None = None,
) -> StockTable:
    """Every inventory item × location of the channel that is stocked, as a table of rows.

    An item that several listings share is one row, named by its first listing in scope. Unknown numbers come last in either
    direction; the order `difference` is by what a push would add, falls first. `text` is searched, whatever its case, in SKU,
    titles, listing, location and warehouse code; `sku` shows the rows of exactly that one. Raises `UnknownName`, `NotLoaded`, `LedgerError` and its kinds.
    """
    return _opened(desk, channel, order, descending, show, text, sku, at_one_moment=False)


def _opened(
    desk: Desk,
    channel: str,
    order: StockOrder,
    descending: bool,
    show: StockFilter,
    text: str,
    sku: str | None,
    *,
    at_one_moment: bool,
) -> StockTable:
    """The table; `at_one_moment` as the account is now, whatever others write until it is closed."""
    from supportdesk.ledger import catalog, windows
    from supportdesk.ledger.stock_rows import hold_still, row_facts, stock_window

    summary = channel_named(desk, channel)
    with accounts.opened(desk, summary.account) as ledger:
        record = _record(ledger, channel)
        if catalog.load_counts(ledger, record.id) is None:
            raise NotLoaded(
                f"{channel} has not been loaded yet.", f"Load it first: supportdesk load {channel}"
            )
        if sku is not None:
            refuse_unknown_sku(ledger, sku)
        facts = row_facts(ledger, record.id)
        path = ledger.path
    reader = windows.open_reader(path)
    try:
        if at_one_moment:
            hold_still(reader, path)
        window = stock_window(
            reader,
            path,
            facts,
            order=order,
            descending=descending,
            show=show,
            text=valid_text(text, "The filter"),
            sku=sku,
        )
    except BaseException:
        reader.close()
        raise
    return StockTable(reader, window, facts)


def export_stock(
    desk: Desk,
    channel: str,
    *,
    order: StockOrder = "sku",
    descending: bool = False,
    show: StockFilter = "all",
    text: str = "",
    sku: str | None = None,
) -> Iterator[StockRow]:
    """The same rows one by one, all as they were at one moment: a load meanwhile neither mixes in nor takes rows away.

    Raises as `open_stock`, when it is called or while they are read.
    """
    table = _opened(desk, channel, order, descending, show, text, sku, at_one_moment=True)

    def rows() -> Iterator[StockRow]:
        with table:
            for start in range(0, table.count, _EXPORTED_AT_ONCE):
                yield from table.window(start, _EXPORTED_AT_ONCE)

    return rows()


def _record(ledger: Ledger, handle: str) -> ChannelRecord:
    from supportdesk.ledger import channels

    record = channels.channel_named(ledger, handle)
    if record is None:
        raise UnknownName(
            f"The account {ledger.account} no longer holds the channel {handle}.",
            "Look at the list again: supportdesk channels",
        )
    return record


def inspect_sku(desk: Desk, channel: str, sku: str, *, movements: int = 200) -> SkuInspection:
    """Why the SKU's numbers are what they are, in every warehouse and every channel of the channel's account.

    Numbers pushed are those of `channel`, with its maximum; a row says those of its own. Rows under a Shopify master and rows left
    out are pushed nothing. Raises `UnknownName` with the SKUs that are written most like it, `LedgerError` and its kinds.
    """
    from supportdesk.desk.explaining import explained
    from supportdesk.ledger import bundles, channels, explanation, products, promises, stock
    from supportdesk.ledger.stock_rows import row_facts

    summary = channel_named(desk, channel)
    with accounts.opened(desk, summary.account) as ledger:
        record = _record(ledger, channel)
        refuse_unknown_sku(ledger, sku)
        maximum = row_facts(ledger, record.id).maximum
        lines = stock.stock_of(ledger, sku)
        is_bundle = bundles.is_bundle(ledger.db.conn, sku)
        made_of = {
            line.place.id: bundles.components_of(ledger, sku, line.place.id) for line in lines if is_bundle
        }
        numbers = {place: bundle_numbers(parts) for place, parts in made_of.items()}
        promised, aside = promises.of_sku(ledger.db.conn, sku), promises.set_aside_of(ledger.db.conn, sku)
        rows, row_count = _fed_rows(ledger, channels.all_channels(ledger), sku)
        return SkuInspection(
            sku=sku,
            name=products.name_of(ledger, sku),
            is_bundle=is_bundle,
            warehouses=tuple(
                replace(
                    _warehouse_stock(line, numbers.get(line.place.id), maximum),
                    promised=promised.get(line.place.id, 0),
                    set_aside=aside.get(line.place.id, 0),
                )
                for line in lines
            ),
            rows=explained(ledger, rows, movements),
            components=tuple(
                ComponentLine(
                    sku=part.sku,
                    quantity=part.quantity,
                    warehouse=line.place.code,
                    available=part.available,
                    bundles=part.bundles,
                    limits=part.sku in numbers[line.place.id].limited_by,
                )
                for line in lines
                for part in made_of.get(line.place.id, ())
            ),
            bundles=tuple(_part_of(ledger, sku, lines)),
            movements=tuple(stock.movements_of(ledger, sku, movements)),
            movement_count=stock.movement_count(ledger, sku),
            row_count=row_count,
            events=explanation.events_of(ledger.db.conn, sku, movements),
            event_count=explanation.event_count(ledger.db.conn, sku),
        )


def _warehouse_stock(line: StockLine, bundle: BundleNumbers | None, maximum: int | None) -> WarehouseStock:
    if bundle is not None:
        available, pushed = bundle.available, number_pushed(bundle.to_sell, 0, maximum)
    else:
        available = line.quantities.available if line.counted else None
        pushed = number_pushed(available, line.close_at, maximum)
    master = bool(line.place.shopify_master)
    return WarehouseStock(
        warehouse_id=line.place.id,
        code=line.place.code,
        name=line.place.name,
        quantities=line.quantities,
        counted=available is not None,
        available=available,
        close_at=line.close_at if bundle is None else 0,
        pushed=None if master else pushed,
        shopify_master=master,
    )


def _fed_rows(ledger: Ledger, channels: list[ChannelRecord], sku: str) -> tuple[tuple[FedRow, ...], int]:
    """The first rows the SKU feeds, in the order of channels, and how many there are in all."""
    from supportdesk.ledger.stock_rows import count_fed_by, row_facts, rows_fed_by

    rows: list[FedRow] = []
    count = 0
    for channel in channels:
        facts = row_facts(ledger, channel.id)
        rows += rows_fed_by(ledger, facts, channel, sku, _ROWS_SHOWN - len(rows))
        count += count_fed_by(ledger, channel.id, sku)
    return tuple(rows), count


def _part_of(ledger: Ledger, sku: str, lines: list[StockLine]) -> Iterator[ComponentLine]:
    """The bundles that the SKU is part of, in each warehouse, and whether it is what limits them there."""
    from supportdesk.ledger import bundles

    for bundle in bundles.bundles_with(ledger, sku, _BUNDLES_SHOWN):
        for line in lines:
            parts = bundles.components_of(ledger, bundle, line.place.id)
            (part,) = (part for part in parts if part.sku == sku)
            yield ComponentLine(
                sku=bundle,
                quantity=part.quantity,
                warehouse=line.place.code,
                available=part.available,
                bundles=part.bundles,
                limits=sku in bundle_numbers(parts).limited_by,
            )
