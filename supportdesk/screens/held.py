"""Held rows: which are not synced, why, and the way out of it, with before → after shown first. Decides nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.core.channels import ChannelSummary
from supportdesk.core.held import HeldAnswer, HeldDone, HeldRow
from supportdesk.core.looks import RowKey
from supportdesk.core.progress import Watch
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.fetched_rows import FetchedTable, ItemTable
from supportdesk.screens.live_words import HELD_COLUMNS, detail, done_words, held_row, question
from supportdesk.screens.words import counted
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.dialogs import ConfirmDialog
from supportdesk.widgets.table import WindowTable


class HeldItems(ItemTable[HeldRow], Protocol):
    """The held rows, and how many the brake stops beside them."""

    @property
    def stopped_rows(self) -> int:
        """Rows that are not held, and not written either."""


class HeldScreen(DeskScreen[None]):
    """The held rows of one channel."""

    name_in_registry = "held"
    keeps_place = frozenset({"held.confirm", "held.copy", "held.inspect"})
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("held")
    DEFAULT_CSS = """
    HeldScreen > #detail { height: auto; max-height: 4; width: 1fr; padding: 0 1; border-top: solid $rule; }
    HeldScreen > #said { height: 1; width: 1fr; padding: 0 1; color: $muted; }
    """

    def __init__(self, channel: ChannelSummary, timezone: str = "UTC") -> None:
        super().__init__()
        self.channel = channel
        self.timezone = timezone
        self.marked: dict[RowKey, HeldRow] = {}
        self.stopped_rows = 0

    def compose_body(self) -> Iterable[Widget]:
        """How many, then the rows."""
        yield Static(id="said")
        yield FetchedTable[HeldRow](
            HELD_COLUMNS, lambda row: held_row(row, _key(row) in self.marked), id="held-rows", signs=True
        )
        yield Static(id="detail")

    @property
    def table(self) -> FetchedTable[HeldRow]:
        """The rows."""
        return self.query_one("#held-rows", FetchedTable)

    def opened(self) -> None:
        """Read them."""
        self.header.subject = self.channel.title or self.channel.handle
        self.table.focus()
        self.action_refresh_list()

    def action_refresh_list(self) -> None:
        """Read them again; marks are gone then."""
        self.marked = {}
        handle = self.channel.handle

        def open_held(_: Watch) -> HeldItems:
            found = self.doorway.open_held(handle)
            self.stopped_rows = found.stopped_rows
            return found

        def opened(count: int) -> None:
            self._describe(count)
            self._moved()

        self.table.show_from(
            open_held,
            opened=opened,
            failed=self.show_error,
            empty="No row is held." if self.channel.sync == "on" else "Sync is off, so no row is held.",
        )

    def _describe(self, count: int) -> None:
        said = [f"{counted(count, 'row')} held"] if count else []
        if self.marked:
            said.append(f"{len(self.marked):,} marked")
        if self.stopped_rows:
            said.append(
                f"the brake holds back {counted(self.stopped_rows, 'row')}: Overview says why, and lets them go"
            )
        self.query_one("#said", Static).update(Content(" · ".join(said)))

    # Answers

    @property
    def _rows_meant(self) -> list[HeldRow]:
        """What is marked, else what the cursor is on."""
        if self.marked:
            return list(self.marked.values())
        return [self.table.item] if self.table.item is not None else []

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if (row := self.table.item) is not None:
            if self.marked.pop(_key(row), None) is None:
                self.marked[_key(row)] = row
            self._describe(self.table.source.count())
            self.table.refresh_rows()
            self.table.action_cursor(1)
            self.show_footer()

    def action_confirm(self) -> None:
        """Ask, with before → after, then confirm."""
        self._ask("confirm")

    def action_take_over(self) -> None:
        """Ask, then take the store's numbers over."""
        self._ask("copy")

    def _ask(self, answer: HeldAnswer) -> None:
        rows = [row for row in self._rows_meant if _why_not(row, answer) is None]
        one = f"{counted(len(rows), 'row')}"
        title, yes = (
            (f"Sync {one}?", "Sync")
            if answer == "confirm"
            else (f"Take the store's number of {one} over?", "Take over")
        )
        dialog = ConfirmDialog(title, question(rows, answer), yes)
        keys = [_key(row) for row in rows]
        self.app.push_screen(dialog, lambda said: self._answer(keys, answer) if said else None)

    def _answer(self, keys: list[RowKey], answer: HeldAnswer) -> None:
        handle = self.channel.handle
        self.work("answer", lambda _: self.doorway.answer_held(handle, keys, answer), self._answered)

    def _answered(self, done: HeldDone) -> None:
        self.app.notify(done_words(done), markup=False)
        self.action_refresh_list()

    # Frame

    @on(WindowTable.Opened)
    def _row_opened(self) -> None:
        self.desk_app.run_command_id("held.inspect")

    @on(WindowTable.Moved)
    def _moved(self) -> None:
        self._show_detail()
        self.show_footer()

    def _show_detail(self) -> None:
        """Why, in full."""
        row = self.table.item
        shown = self.query_one("#detail", Static)
        shown.update(detail(row.reason if row is not None else ""))
        shown.display = row is not None

    def action_inspect(self) -> None:
        """Look into the SKU."""
        from supportdesk.screens.sku import SkuScreen

        if (row := self.table.item) is not None:
            self.app.push_screen(SkuScreen(self.channel, row.sku, self.timezone, warehouse=row.warehouse))

    def reason_disabled(self, command_id: str) -> str | None:
        """What fits the row under the cursor, or those that are marked."""
        if command_id in ("held.mark", "held.inspect") and self.table.item is None:
            return "There is no row."
        if command_id in ("held.confirm", "held.copy"):
            if self.doorway.desk.settings.read_only:
                return "supportdesk was started read-only, so it says nothing of held rows."
            answer: HeldAnswer = "confirm" if command_id == "held.confirm" else "copy"
            reasons = [_why_not(row, answer) for row in self._rows_meant]
            if not reasons:
                return "There is no row."
            if None not in reasons:
                takes_over = answer == "confirm" and all(
                    _why_not(row, "copy") is None for row in self._rows_meant
                )
                return f"{reasons[0]} {self._key_to_take_over} takes it over." if takes_over else reasons[0]
        return None

    @property
    def _key_to_take_over(self) -> str:
        """As it is bound here."""
        registry = self.desk_app.registry
        return next(iter(registry.keys_of(registry["held.copy"])), "the palette")

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU."""
        return ("the SKU", self.table.item.sku) if self.table.item is not None else ("", "")


def _key(row: HeldRow) -> RowKey:
    return row.item_id, row.location_id


def _why_not(row: HeldRow, answer: HeldAnswer) -> str | None:
    return row.no_confirm if answer == "confirm" else row.no_copy
