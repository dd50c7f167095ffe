"""Orders of a channel since sync is on, or of when it was: in a window, as a stream, in a file. What they did to stock is in each of their lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from supportdesk.core.order_list import OrderShow, ShownLine, ShownOrder
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts, saving
from supportdesk.desk.channels import channel_named
from supportdesk.desk.stock_changes import valid_text
from supportdesk.errors import UnknownName

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.windows import Window

_EXPORTED_AT_ONCE: Final = 500
_COLUMNS: Final = (
    *("order", "placed_at", "state", "sku", "title", "location", "warehouse", "treatment"),
    *("unfulfilled", "fulfilled", "returned", "written_off", "cancelled", "in_stock", "booked"),
)


class OrderTable:
    """The Orders tab's orders, newest first, as they were when it was opened. `close` it; a context manager closes too.

    Used from one thread at a time, whichever. What an order shows is as it is when it is read.
    """

    def __init__(
        self, reader: sqlite3.Connection, path: Path, window: Window, channel: tuple[int, str]
    ) -> None:
        """Over `window`, read through `reader`, which it closes; `channel` is its id and handle."""
        self._reader, self._path, self._window, self._channel = reader, path, window, channel

    @property
    def count(self) -> int:
        """How many there are."""
        return self._window.count

    def window(self, start: int, limit: int) -> tuple[ShownOrder, ...]:
        """The orders from `start` (0 is the newest), `limit` at most. Raises `LedgerError` and its kinds, `Cancelled` after `stop`."""
        from supportdesk.ledger import order_lines

        return order_lines.shown_orders(self._window, self._reader, self._path, self._channel, start, limit)

    def position_of(self, name: str) -> int | None:
        """Where the order of that name stands in an unfiltered table; None where there is none."""
        from supportdesk.ledger import order_lines

        return order_lines.position_of(self._reader, self._path, self._channel[0], name)

    def stop(self) -> None:
        """End what another thread is reading here with `Cancelled`. From any thread; nothing can be read after it."""
        self._window.stop()

    def close(self) -> None:
        """Close it, from a thread while no other reads. Closing twice does nothing."""
        self._reader.close()

    def __enter__(self) -> OrderTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_orders(
    desk: Desk,
    channel: str,
    *,
    show: OrderShow = "all",
    text: str = "",
    sku: str | None = None,
    order: str | None = None,
) -> OrderTable:
    """The channel's orders since its sync was turned on, past ones that were open then among them; newest first. Of one that is off
    those of when it was on, as they were when it was turned off.

    `text` is searched, whatever its case, in order names and lines' SKUs; `sku` and `order` (a name as the store has it) are exact.
    Raises `UnknownName` for a channel or an order that is not there, `LedgerError` and its kinds.
    """
    return _opened(desk, channel, show, text, sku, order, at_one_moment=False)


def _opened(
    desk: Desk,
    channel: str,
    show: OrderShow,
    text: str,
    sku: str | None,
    order: str | None,
    *,
    at_one_moment: bool,
) -> OrderTable:
    from supportdesk.ledger import channels, order_lines, windows
    from supportdesk.ledger.stock_rows import hold_still

    summary = channel_named(desk, channel)
    for given, what in ((text, "The filter"), (sku or "", "The SKU"), (order or "", "The order")):
        valid_text(given, what)
    with accounts.opened(desk, summary.account) as ledger:
        record = channels.channel_named(ledger, summary.handle)
        if record is None:
            raise UnknownName(
                f"The account {ledger.account} no longer holds the channel {channel}.",
                "Look at the list again: supportdesk channels",
            )
        path = ledger.path
    reader = windows.open_reader(path)
    try:
        if at_one_moment:
            hold_still(reader, path)
        window = order_lines.order_window(reader, path, record.id, show=show, text=text, sku=sku, name=order)
        if order is not None and not window.count:
            raise UnknownName(
                f"{channel} has no order {order!r} since its sync was turned on.",
                f"List them: supportdesk orders {channel}",
            )
    except BaseException:
        reader.close()
        raise
    return OrderTable(reader, path, window, (record.id, record.handle))


def export_orders(
    desk: Desk,
    channel: str,
    *,
    show: OrderShow = "all",
    text: str = "",
    sku: str | None = None,
    order: str | None = None,
) -> Iterator[ShownOrder]:
    """The same orders one by one, all as they were at one moment. Raises as `open_orders`, when it is called or while they are read."""
    table = _opened(desk, channel, show, text, sku, order, at_one_moment=True)

    def orders() -> Iterator[ShownOrder]:
        with table:
            for start in range(0, table.count, _EXPORTED_AT_ONCE):
                yield from table.window(start, _EXPORTED_AT_ONCE)

    return orders()


def save_orders(
    desk: Desk, channel: str, target: Path, *, show: OrderShow, text: str, replace: bool, watch: Watch
) -> int:
    """Write the lines of the orders that a filter shows to `target`, CSV or JSON by its ending; how many lines.

    Raises what `open_orders` and `saving.save_csv` raise.
    """
    as_json = saving.is_json(target)
    rows = (
        _row(order, line)
        for order in export_orders(desk, channel, show=show, text=text)
        for line in order.lines
    )
    if as_json:
        items = (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
        return saving.save_json(target, items, replace=replace, watch=watch)
    return saving.save_csv(target, _COLUMNS, rows, replace=replace, watch=watch)


def _row(order: ShownOrder, line: ShownLine) -> saving.CsvRow:
    in_stock = sum(taken.change.in_stock for taken in line.taken)
    booked = sum(taken.change.booked for taken in line.taken)
    return (
        *(order.name, f"{order.placed:%Y-%m-%dT%H:%M:%SZ}", order.state),
        *(line.sku, line.title, line.location, line.warehouse, line.treatment),
        *(line.unfulfilled, line.fulfilled, line.returned, line.written_off, line.cancelled),
        *(in_stock, booked),
    )
