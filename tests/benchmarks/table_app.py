"""One table in one app, to be measured from outside: `python table_app.py ours|datatable|fastdatatable ROWS DATABASE OUTPUT`.

`o` opens the table, `x` leaves and writes the longest stall of the event loop, in seconds, to OUTPUT. Stands alone, because a
peer may live in an environment that knows nothing of us.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

COLUMNS = ("SKU", "product", "listings", "oldest", "lowest", "highest", "sum", "decision")
_BEAT = 0.005


def row_of(number: int) -> tuple[str, str, int, int, int, int, int, str]:
    """A row; the same for every table."""
    return (
        f"KO-{number:07}",
        f"Tent [sale] {number % 97}",
        2 + number % 5,
        number % 40,
        1,
        40,
        number % 80,
        "shared?",
    )


def make_ours(rows: int, database: Path) -> Callable[[], Widget]:
    """Our table over a database, its pages fetched in threads."""
    from supportdesk.screens.fetched_rows import FetchedTable
    from supportdesk.widgets.table import Column, Row

    class Rows:
        def __init__(self) -> None:
            self._connection = sqlite3.connect(database, check_same_thread=False)
            (self.count,) = self._connection.execute("SELECT max(rowid) FROM item").fetchone()

        def window(self, start: int, limit: int) -> Sequence[tuple[Any, ...]]:
            return self._connection.execute(
                "SELECT * FROM item WHERE rowid > ? ORDER BY rowid LIMIT ?", (start, limit)
            ).fetchall()

        def close(self) -> None:
            self._connection.close()

    columns = (
        Column("SKU"),
        Column("product", 30),
        *(Column(title, 9, right=True) for title in COLUMNS[2:7]),
        Column("decision", 14),
    )

    def table() -> Widget:
        made = FetchedTable[tuple[Any, ...]](columns, lambda item: Row(item[0], item), id="rows")
        made.call_after_refresh(lambda: made.show_from(lambda _: Rows(), opened=lambda _: None, failed=print))
        return made

    return table


def make_datatable(rows: int, database: Path) -> Callable[[], Widget]:
    """Textual's own table, in the form that runs no markup."""
    from rich.text import Text
    from textual.widgets import DataTable

    found = [tuple(Text(str(cell)) for cell in row_of(number)) for number in range(rows)]

    def table() -> Widget:
        made: DataTable[Text] = DataTable(cursor_type="row")
        made.add_columns(*COLUMNS)
        made.add_rows(found)
        return made

    return table


def make_fastdatatable(rows: int, database: Path) -> Callable[[], Widget]:
    """textual-fastdatatable over Arrow, in the form that runs no markup."""
    from textual_fastdatatable import ArrowBackend, DataTable  # type: ignore[import-not-found,unused-ignore]

    columns = list(zip(*(row_of(number) for number in range(rows)), strict=True))
    found = {title: list(column) for title, column in zip(COLUMNS, columns, strict=True)}

    def table() -> Widget:
        made: Widget = DataTable(
            backend=ArrowBackend.from_pydict(found), cursor_type="row", render_markup=False
        )
        return made

    return table


class TableScreen(Screen[None]):
    """Nothing but the table; it works in threads as our screens do."""

    def compose(self) -> ComposeResult:
        yield Static("ready")

    def work(self, name: str, call: Any, done: Any, *, failed: Any) -> None:
        from supportdesk.screens.work import Work

        work: Work[Any] = Work(call, done=done, failed=failed)
        _worker: Worker[None] = self.run_worker(work.run, name=name, group=name, exclusive=True)


class TableApp(App[None]):
    """The app."""

    BINDINGS = [("o", "open_table", ""), ("x", "end", "")]

    def __init__(self, make: Callable[[], Widget], output: Path) -> None:
        super().__init__()
        self._make = make
        self._output = output
        self._stall = 0.0

    def get_default_screen(self) -> Screen[Any]:
        return TableScreen()

    async def _beat(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_BEAT)
            self._stall = max(self._stall, time.perf_counter() - before - _BEAT)

    async def action_open_table(self) -> None:
        self.run_worker(self._beat(), name="beat")
        await asyncio.sleep(0)
        table = self._make()
        await self.screen.mount(table)
        await self.screen.query_one(Static).remove()
        table.focus()

    def action_end(self) -> None:
        self._output.write_text(str(self._stall))
        self.exit()


def main() -> None:
    """Run it."""
    kind, rows, database, output = sys.argv[1:5]
    make = {"ours": make_ours, "datatable": make_datatable, "fastdatatable": make_fastdatatable}[kind]
    app = TableApp(make(int(rows), Path(database)), Path(output))
    if kind == "ours":
        from supportdesk.themes import theme_id, themes

        for theme in themes():
            app.register_theme(theme)
        app.theme = theme_id("dark")
    app.run()


if __name__ == "__main__":
    main()
