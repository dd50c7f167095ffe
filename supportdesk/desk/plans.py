"""Plans as they are shown, listed row by row and saved to a file. Making one is in `planning`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from supportdesk.core.plan import PlanFor
from supportdesk.core.plan_view import PlanLine, PlanOrder, PlanShow, PlanView
from supportdesk.core.progress import Watch
from supportdesk.desk import Desk, accounts, saving
from supportdesk.desk.channels import channel_named, list_channels
from supportdesk.desk.connection_changes import opened_channel
from supportdesk.desk.planning import make_plan as make_plan
from supportdesk.errors import Refused, UnknownName, WrongUsage

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.channels import ChannelRecord
    from supportdesk.ledger.file import Ledger
    from supportdesk.ledger.windows import Window

_EXPORTED_AT_ONCE: Final = 2_000
_WRITING: Final[tuple[PlanFor, ...]] = ("turn-on", "link", "direction")
"""Purposes of plans that a call is about."""


class PlanTable:
    """The rows of a plan in the order and with the filter they were opened with, as `desk.stock.StockTable`. `close` it."""

    def __init__(self, reader: sqlite3.Connection, window: Window, channel_id: int, plan_id: int) -> None:
        """Over `window`, read through `reader`, which it closes."""
        self._reader = reader
        self._window = window
        self._channel_id = channel_id
        self._plan_id = plan_id

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._window.count

    def window(self, start: int, limit: int) -> tuple[PlanLine, ...]:
        """The rows from `start` (0 is the first), `limit` at most. Raises `LedgerError` and its kinds, `Cancelled` after `stop`."""
        from supportdesk.ledger.plan_rows import plan_lines

        return plan_lines(self._window, self._channel_id, self._plan_id, start, limit)

    def stop(self) -> None:
        """End what another thread is reading here with `Cancelled`. From any thread; nothing can be read after it."""
        self._window.stop()

    def close(self) -> None:
        """Close it, from a thread while no other reads. Closing twice does nothing."""
        self._reader.close()

    def __enter__(self) -> PlanTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def plan_view(desk: Desk, channel: str, plan_id: int) -> PlanView:
    """One plan of the channel. Raises `UnknownName`."""
    from supportdesk.ledger import plans

    with opened_channel(desk, channel) as (ledger, record):
        found = plans.view(ledger.db.conn, plan_id)
        if found is None or found.channel != record.handle:
            newest = plans.newest(ledger.db.conn, record.id, None)
            raise UnknownName(
                f"{channel} has no plan {plan_id}.",
                f"Its newest is {newest}."
                if newest
                else f"Make one: supportdesk plan {channel} --for=turn-on",
            )
        return found


def newest_plan(desk: Desk, channel: str, purpose: PlanFor | None = None) -> PlanView | None:
    """The plan of the channel that was made last, of that purpose; None where there is none."""
    from supportdesk.ledger import plans

    with opened_channel(desk, channel) as (ledger, record):
        plan_id = plans.newest(ledger.db.conn, record.id, purpose)
        return None if plan_id is None else plans.view(ledger.db.conn, plan_id)


def id_in_force(ledger: Ledger, record: ChannelRecord) -> int | None:
    """The plan that is being applied, or that turned the channel on; None while it is off. What takes pushes back is none."""
    from supportdesk.ledger import applying
    from supportdesk.ledger.channel_sync import channel_sync

    under_way = applying.under_way(ledger.db.conn, record.id)
    if under_way and under_way.purpose != "rollback":
        return under_way.plan_id
    kept = channel_sync(ledger.db.conn, record.id) if record.sync == "on" else None
    return kept.plan_id if kept else None


def plan_of_sheet(desk: Desk, channel: str) -> PlanView | None:
    """What a call sheet says is written: the plan in force (`id_in_force`), else the newest that is not replaced and takes nothing back."""
    from supportdesk.ledger import applying, plans

    with opened_channel(desk, channel) as (ledger, record):
        connection = ledger.db.conn
        plan_id = id_in_force(ledger, record)
        if plan_id is not None or record.sync == "on":
            return None if plan_id is None else plans.view(connection, plan_id)
        made = [plans.newest(connection, record.id, purpose) for purpose in _WRITING]
        newest = max((each for each in made if each is not None), default=None)
        found = None if newest is None else plans.view(connection, newest)
        if found is None or found.state != "replaced":
            return found
        last = applying.newest_applied(connection, record.id)
        return plans.view(connection, last.plan_id) if last and last.purpose != "rollback" else None


def resolve_plan(desk: Desk, text: str) -> tuple[str, int]:
    """The channel and number of the plan that `text` names: `7`, or `CHANNEL/7` where several accounts have a plan 7.

    Raises `UnknownName`, and `WrongUsage` with the candidates where several fit.
    """
    from supportdesk.ledger import plans

    channel, slash, number = text.strip().rpartition("/")
    if not (number.isascii() and number.isdecimal()) or len(number) > 15:
        raise WrongUsage(f"{text!r} is no plan.", "Name it by its number, as `supportdesk plan` says it.")
    plan_id = int(number)
    if slash:
        return plan_view(desk, channel_named(desk, channel).handle, plan_id).channel, plan_id
    found = []
    for account in sorted({line.account for line in list_channels(desk)}):
        with accounts.opened(desk, account) as ledger:
            row = plans.plan_row(ledger.db.conn, plan_id)
            if row is not None:
                found.append(str(row["handle"]))
    if len(found) > 1:
        names = ", ".join(f"{handle}/{plan_id}" for handle in found)
        raise WrongUsage(
            f"There are {len(found)} plans {plan_id}, of different accounts.", f"Name one: {names}."
        )
    if not found:
        raise UnknownName(f"There is no plan {plan_id}.", "Make one: supportdesk plan CHANNEL --for=turn-on")
    return found[0], plan_id


def open_plan_rows(
    desk: Desk,
    channel: str,
    plan_id: int,
    *,
    order: PlanOrder = "worst",
    descending: bool = False,
    show: PlanShow = "all",
    location: int | None = None,
    text: str = "",
) -> PlanTable:
    """The rows of a plan as a table. `location` is an id, None for all; `text` is searched in SKU, titles, listing, location, warehouse.

    A plan that another one replaced has no rows any more. Raises `UnknownName`, `LedgerError` and its kinds.
    """
    return _opened(desk, channel, plan_id, order, descending, show, location, text, at_one_moment=False)


def refuse_replaced(plan: PlanView) -> None:
    """Raise `Refused`, with the plan in its place, where another replaced it: its rows are gone."""
    if plan.state == "replaced":
        raise Refused(
            f"Plan {plan.id} was replaced, and its rows are gone. {plan.said}".rstrip(),
            "Look at the newer plan, or make one anew.",
        )


def _opened(
    desk: Desk,
    channel: str,
    plan_id: int,
    order: PlanOrder,
    descending: bool,
    show: PlanShow,
    location: int | None,
    text: str,
    *,
    at_one_moment: bool,
) -> PlanTable:
    from supportdesk.desk.stock_changes import valid_text
    from supportdesk.ledger import windows
    from supportdesk.ledger.plan_rows import plan_window
    from supportdesk.ledger.stock_rows import hold_still

    plan_view(desk, channel, plan_id)
    with opened_channel(desk, channel) as (ledger, record):
        path, channel_id = ledger.path, record.id
    reader = windows.open_reader(path)
    try:
        if at_one_moment:
            hold_still(reader, path)
        window = plan_window(
            *(reader, path, channel_id, plan_id),
            order=order,
            descending=descending,
            show=show,
            location=location,
            text=valid_text(text, "The filter"),
        )
    except BaseException:
        reader.close()
        raise
    return PlanTable(reader, window, channel_id, plan_id)


def export_plan_rows(
    desk: Desk,
    channel: str,
    plan_id: int,
    *,
    order: PlanOrder = "worst",
    descending: bool = False,
    show: PlanShow = "all",
    location: int | None = None,
    text: str = "",
) -> Iterator[PlanLine]:
    """The same rows one by one, as they were at one moment. Raises as `open_plan_rows`, and `Refused` where another plan replaced it."""
    refuse_replaced(plan_view(desk, channel, plan_id))
    table = _opened(desk, channel, plan_id, order, descending, show, location, text, at_one_moment=True)

    def rows() -> Iterator[PlanLine]:
        with table:
            for start in range(0, table.count, _EXPORTED_AT_ONCE):
                yield from table.window(start, _EXPORTED_AT_ONCE)

    return rows()


def save_plan_rows(
    desk: Desk,
    channel: str,
    plan_id: int,
    target: Path,
    *,
    order: PlanOrder,
    descending: bool,
    show: PlanShow,
    location: int | None,
    text: str,
    replace: bool,
    watch: Watch,
) -> int:
    """Write the rows that a filter shows to `target`, CSV or JSON by its ending; how many. Raises as `stock_files.save_stock`."""
    as_json = saving.is_json(target)
    rows = export_plan_rows(
        *(desk, channel, plan_id), order=order, descending=descending, show=show, location=location, text=text
    )
    if as_json:
        return saving.save_json(target, (row._asdict() for row in rows), replace=replace, watch=watch)
    return saving.save_csv(target, PlanLine._fields, rows, replace=replace, watch=watch)
