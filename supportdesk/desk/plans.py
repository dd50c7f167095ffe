"""Plans: made, shown, listed row by row, saved to a file. Every set of writes that a person starts is a plan first (PROTOCOL §4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from supportdesk.core.connections import Master
from supportdesk.core.plan import PlanFor
from supportdesk.core.plan_view import PlanLine, PlanOrder, PlanShow, PlanView
from supportdesk.core.progress import Watch
from supportdesk.core.wizard import Unknown
from supportdesk.desk import Desk

if TYPE_CHECKING:
    import sqlite3

    from supportdesk.ledger.windows import Window


class PlanTable:
    """The rows of a plan in the order and with the filter they were opened with, as `desk.stock.StockTable`. `close` it."""

    def __init__(self, reader: sqlite3.Connection, window: Window, plan_id: int) -> None:
        """Over `window`, read through `reader`, which it closes."""
        self._reader = reader
        self._window = window
        self._plan_id = plan_id

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._window.count

    def window(self, start: int, limit: int) -> tuple[PlanLine, ...]:
        """The rows from `start` (0 is the first), `limit` at most. Raises `LedgerError` and its kinds, `Cancelled` after `stop`."""
        raise NotImplementedError

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


def make_plan(
    desk: Desk,
    channel: str,
    purpose: PlanFor = "turn-on",
    *,
    copies: bool | None = None,
    master: Master | None = None,
    location: str = "",
    warehouse: str = "",
    unknown: Unknown | None = None,
    promised_included: bool | None = None,
    keep: Collection[str] = (),
    watch: Watch,
) -> PlanView:
    """Build a plan from what was loaded, and keep it.

    What is None is taken from the wizard's answers (*turn-on*). `location` (id or exact name) is what *link* and *direction* are
    about; `master` and, where it is not linked yet, `warehouse` (id, code or name) what is to become of it. `keep` names causes
    that a *rollback* leaves as they are. What stands in the way of applying is in the view's `blocked`. Raises `UnknownName`,
    `NotLoaded`, `WrongUsage`, `Refused` (read-only; a link that DESIGN §5 does not allow; nothing to take back), `Cancelled`,
    `LedgerError` and its kinds; nothing is kept then.
    """
    raise NotImplementedError


def plan_view(desk: Desk, channel: str, plan_id: int) -> PlanView:
    """One plan of the channel. Raises `UnknownName`."""
    raise NotImplementedError


def newest_plan(desk: Desk, channel: str, purpose: PlanFor | None = None) -> PlanView | None:
    """The plan of the channel that was made last, of that purpose; None where there is none."""
    raise NotImplementedError


def resolve_plan(desk: Desk, text: str) -> tuple[str, int]:
    """The channel and number of the plan that `text` names: `7`, or `CHANNEL/7` where several accounts have a plan 7.

    Raises `UnknownName`, and `WrongUsage` with the candidates where several fit.
    """
    raise NotImplementedError


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
    """The rows of a plan as a table. `location` is an id, None for all; `text` is searched in SKU, titles, listing, location.

    Raises `UnknownName`, `LedgerError` and its kinds.
    """
    raise NotImplementedError


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
    """The same rows one by one, as they were at one moment. Raises as `open_plan_rows`."""
    raise NotImplementedError


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
    raise NotImplementedError
