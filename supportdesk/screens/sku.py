"""The SKU inspector: why a number is what it is. Per warehouse, per row it feeds, through bundles, and movement by movement.

Draws a `SkuInspection`; stock is changed through the form in `change`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from supportdesk.core.bundles import BundleChanged
from supportdesk.core.channel_settings import CloseAtChanged
from supportdesk.core.channels import ChannelSummary
from supportdesk.core.explanation import SkuEvent, merged
from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import FedRow, Movement, SkuInspection, StockChanged, WarehouseStock
from supportdesk.core.text import safe_text
from supportdesk.errors import SupportdeskError
from supportdesk.screens.adopting import StaffEdit, put_back, seen_once
from supportdesk.screens.adopting import ask as ask_to_adopt
from supportdesk.screens.base import DeskScreen
from supportdesk.screens.bundles import BundleDialog
from supportdesk.screens.change import ChangeDialog, ChangeKind
from supportdesk.screens.channel_settings import CloseAtDialog
from supportdesk.screens.meanings import meaning_of
from supportdesk.screens.sku_rows import (
    BUNDLE_COLUMNS,
    COMPONENT_COLUMNS,
    FED_COLUMNS,
    MOVEMENT_COLUMNS,
    WAREHOUSE_COLUMNS,
    WHY_COLUMNS,
    component_row,
    event_row,
    fed_key,
    fed_row,
    formula,
    movement_row,
    standing_lines,
    warehouse_row,
    why_rows,
)
from supportdesk.screens.stock_words import zone
from supportdesk.screens.words import counted, state_line
from supportdesk.widgets.bindings import bindings_of
from supportdesk.widgets.check_list import PanelTitle
from supportdesk.widgets.dialogs import TextPage
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Row, Rows, WindowTable

MOVEMENTS: Final = 200
"""Movements read at first; at the last one ten times as many are read."""
NO_EDIT: Final = "There is no edit by staff under the cursor: one put back stands as ! edit among the movements, one about to be under its row."
_CHANGES: Final = frozenset({"adjust", "set", "receive", "count", "transfer"})


class SkuScreen(DeskScreen[None]):
    """One SKU of the channel's account."""

    name_in_registry = "sku"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("sku") + bindings_of("panels")
    DEFAULT_CSS = """
    SkuScreen > #all { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; layout: vertical; }
    SkuScreen #name { height: auto; width: 1fr; }
    SkuScreen WindowTable { height: auto; max-height: 7; }
    SkuScreen #formula { height: auto; width: 1fr; padding: 0 2; color: $muted; }
    SkuScreen #standing { height: auto; width: 1fr; padding: 0 2; color: $muted; }
    SkuScreen #movements { height: 1fr; min-height: 8; max-height: 100%; }
    SkuScreen .-unused { display: none; }
    """

    def __init__(
        self, channel: ChannelSummary, sku: str, timezone: str = "UTC", *, warehouse: str = ""
    ) -> None:
        """`timezone` is the store's own, for times; the cursor begins on `warehouse` (a code), where there is one."""
        super().__init__()
        self.channel = channel
        self.sku = sku
        self.zone = zone(timezone)
        self.first_warehouse = warehouse
        self.inspection: SkuInspection | None = None
        self._movements = MOVEMENTS
        self._mark = -1

    def compose_body(self) -> Iterable[Widget]:
        """Panels below each other: warehouses, rows, bundles, movements."""
        with VerticalScroll(id="all", can_focus=False):
            yield Static(id="name")
            yield WindowTable(WAREHOUSE_COLUMNS, id="warehouses")
            yield Static(id="formula")
            yield PanelTitle("Made of", id="components-title")
            yield WindowTable(COMPONENT_COLUMNS, id="components", mark_when_blurred=False)
            yield PanelTitle("What it feeds", id="rows-title")
            yield WindowTable(FED_COLUMNS, id="rows")
            for widget in (
                PanelTitle("How it comes about", id="why-title"),
                Static(id="standing"),
                WindowTable(WHY_COLUMNS, id="why", mark_when_blurred=False),
            ):
                yield widget.add_class("-unused")
            yield PanelTitle("Part of", id="bundles-title")
            yield WindowTable(BUNDLE_COLUMNS, id="bundles", mark_when_blurred=False)
            yield PanelTitle("Movements", id="movements-title")
            yield WindowTable(MOVEMENT_COLUMNS, id="movements", mark_when_blurred=False)

    # Parts

    def table(self, name: str) -> WindowTable:
        """The table of that panel."""
        return self.query_one(f"#{name}", WindowTable)

    @property
    def panels(self) -> list[WindowTable]:
        """The panels there are, from above."""
        return [table for table in self.query(WindowTable) if not table.has_class("-unused")]

    @property
    def warehouse(self) -> WarehouseStock | None:
        """The warehouse under the cursor, also while another panel has the focus."""
        key = self.table("warehouses").row_key
        places = self.inspection.warehouses if self.inspection is not None else ()
        return next((place for place in places if str(place.warehouse_id) == key), None)

    @property
    def row(self) -> FedRow | None:
        """The row it feeds that is under the cursor of their panel."""
        key = self.table("rows").row_key
        rows = self.inspection.rows if self.inspection is not None else ()
        return next((row for row in rows if fed_key(row) == key), None)

    @property
    def edit(self) -> StaffEdit | None:
        """The edit by staff that the cursor is on: put back, among the movements; else waiting to be, of the row."""
        movements = self.table("movements")
        if movements.has_focus and self.inspection is not None:
            events = {f"event {event.id}": event for event in self.inspection.events}
            event = events.get(movements.row_key or "")
            return put_back(event.channel, self.sku, event) if event is not None else None
        return seen_once(self.row, self.sku)

    # Reading

    def opened(self) -> None:
        """Read what there is to know."""
        self.header.subject = self.channel.title or self.channel.handle
        self.refresh_ages()
        self.table("warehouses").focus()
        self.set_interval(2 if self.desk_app.profile.remote else 1, self.look)
        self.read()

    def refresh_ages(self) -> None:
        """How old the store's numbers are."""
        self.header.state = state_line(self.channel, self.now)

    def read(self) -> None:
        """Read everything anew."""
        handle, sku, movements = self.channel.handle, self.sku, self._movements
        self.work(
            "sku",
            lambda _: self.doorway.inspect_sku(handle, sku, movements=movements),
            self.show,
            failed=self._unread,
        )

    def _unread(self, error: SupportdeskError) -> None:
        if self.inspection is None:
            self.query_one("#name", Static).update(
                Content.assemble(
                    plain(shown_sku(self.sku), "bold"),
                    Content.styled("  could not be looked into.", "$blocked"),
                )
            )
        self.show_error(error)

    def look(self) -> None:
        """See whether another process changed the account; then read anew."""
        if self.is_current:
            account = self.channel.account
            self.work(
                "look", lambda _: self.doorway.change_mark(account), self._looked, failed=lambda _: None
            )

    def _looked(self, mark: int) -> None:
        known, self._mark = self._mark, mark if mark != -1 else self._mark
        if -1 not in (known, mark) and mark != known:
            self.read()

    # Drawing

    def show(self, inspection: SkuInspection) -> None:
        """Draw another inspection; the cursors stay where they are."""
        is_first, self.inspection = self.inspection is None, inspection
        what = "bundle" if inspection.is_bundle else ""
        name = [plain(shown_sku(inspection.sku), "bold"), Content("  "), plain(inspection.name)]
        self.query_one("#name", Static).update(
            Content.assemble(*name, (f"  {what}", "$accent") if what else "")
        )
        self.table("warehouses").show(
            Rows([warehouse_row(place, inspection.feeds(place)) for place in inspection.warehouses]),
            empty="There is no warehouse yet: make one on the Warehouses tab (3).",
        )
        codes = [place.code for place in inspection.warehouses]
        if is_first and self.first_warehouse in codes:
            self.table("warehouses").action_cursor(codes.index(self.first_warehouse))
        rows = inspection.rows
        fed = counted(max(len(rows), inspection.row_count), "row")
        history = self._history(inspection)
        shown, of = len(history), inspection.movement_count + inspection.event_count
        moved = (
            f"{shown:,} of {of:,}, newest first"
            if shown < of
            else f"{counted(inspection.movement_count, 'movement')}, newest first"
        )
        if inspection.event_count and shown == of:
            moved = f"{counted(inspection.movement_count, 'movement')} and {counted(inspection.event_count, 'event')}, newest first"
        self._panel(
            "rows",
            fed if rows else "",
            [fed_row(row) for row in rows],
            "No listing of any store has this SKU.",
        )
        self._panel("components", "", [component_row(line) for line in inspection.components])
        self._panel("bundles", "", [component_row(line) for line in inspection.bundles])
        self._panel(
            "movements",
            moved if of else "",
            [
                event_row(each, self.zone, self.now)
                if isinstance(each, SkuEvent)
                else movement_row(each, self.zone, self.now)
                for each in history
            ],
            "Nothing has moved yet.",
        )
        self._show_why()
        self._show_formula()
        self.show_footer()

    @staticmethod
    def _history(inspection: SkuInspection) -> tuple[Movement | SkuEvent, ...]:
        counts = (inspection.movement_count, inspection.event_count)
        return merged(inspection.movements, inspection.events, counts)

    def _show_why(self) -> None:
        """How the number of the row under the cursor comes about; nothing where its channel does not sync it."""
        row = self.row
        explanation = row.explanation if row is not None else None
        lines = standing_lines(row, self.zone, self.now) if row is not None else []
        standing = self.query_one("#standing", Static)
        standing.set_class(not lines, "-unused")
        standing.update(Content("\n").join(plain(line) for line in lines))
        shown = explanation is not None and explanation.master == "sumtracker"
        rows = why_rows(explanation, self.zone, self.now) if explanation is not None and shown else []
        where = f"{row.channel_title or row.channel}: {row.title} at {row.location}" if row else ""
        self._panel("why", where, rows)
        self.query_one("#why-title").set_class(not lines, "-unused")

    def _panel(self, name: str, note: str, rows: Sequence[Row], empty: str = "") -> None:
        """Fill a panel; one that has nothing to say about being empty is not there then."""
        table, title = self.table(name), self.query_one(f"#{name}-title", PanelTitle)
        title.note = note
        for widget in (table, title):
            widget.set_class(not rows and not empty, "-unused")
        table.show(Rows(rows), empty=empty)

    def _show_formula(self) -> None:
        """How the number of the warehouse under the cursor comes about."""
        place, inspection = self.warehouse, self.inspection
        said = formula(place, inspection) if place is not None and inspection is not None else ""
        self.query_one("#formula", Static).update(plain(said))

    @on(WindowTable.Moved)
    def _moved(self, event: WindowTable.Moved) -> None:
        """Say how this warehouse's number comes about; read more movements at the last one."""
        if event.table.id == "warehouses":
            self._show_formula()
        if event.table.id == "rows":
            self._show_why()
        inspection = self.inspection
        if event.table.id == "movements" and inspection is not None:
            shown = len(self._history(inspection))
            of = inspection.movement_count + inspection.event_count
            if event.table.cursor == shown - 1 and shown < of:
                self._movements = max(self._movements, shown) * 10
                self.read()
        self.show_footer()

    @on(WindowTable.Edge)
    def _past_the_edge(self, event: WindowTable.Edge) -> None:
        """Down from a panel's last line is the next panel's first."""
        panels = self.panels
        here = next((number for number, panel in enumerate(panels) if panel.has_focus), 0)
        there = here + event.direction
        if 0 <= there < len(panels):
            panels[there].focus()
            panels[there].action_edge(-event.direction)

    # Commands

    def reason_disabled(self, command_id: str) -> str | None:
        """Why stock cannot be changed here and now, or no edit be adopted."""
        if command_id == "sku.adopt":
            if self.doorway.desk.settings.read_only:
                return "supportdesk was started read-only, so it changes nothing of sync."
            return None if self.edit is not None else NO_EDIT
        if command_id.removeprefix("sku.") not in _CHANGES | {"bundle", "close_at"}:
            return None
        if self.doorway.desk.settings.read_only:
            return "supportdesk was started read-only, so it changes no stock."
        if self.inspection is None:
            return "The numbers are not there yet."
        if command_id == "sku.bundle":
            return None
        if command_id == "sku.close_at" and self.inspection.is_bundle:
            return "A bundle has no close-at of its own: set it on a component."
        if self.inspection.is_bundle:
            return "What there is of a bundle follows from its components: change theirs."
        if self.warehouse is None:
            return "There is no warehouse yet: make one on the Warehouses tab (3)."
        if self.warehouse.shopify_master:
            return f"Shopify is master in {safe_text(self.warehouse.code)}, so stock is changed in the store."
        return None

    def what_to_copy(self) -> tuple[str, str]:
        """The SKU."""
        return "the SKU", self.sku

    def _change(self, kind: ChangeKind) -> None:
        if self.inspection is not None and self.warehouse is not None:
            dialog = ChangeDialog(
                self.doorway,
                self.channel.account,
                self.channel.handle,
                self.inspection,
                self.warehouse,
                kind,
            )
            self.app.push_screen(dialog, self._changed)

    def _changed(self, changed: StockChanged | BundleChanged | CloseAtChanged | None) -> None:
        if changed is not None:
            self.app.notify(safe_text(changed.text), markup=False)
        self.read()

    def action_adjust(self) -> None:
        """Add to what is in stock, or take off."""
        self._change("adjust")

    def action_set(self) -> None:
        """Say what is in stock."""
        self._change("set")

    def action_receive(self) -> None:
        """Book goods in."""
        self._change("receive")

    def action_count(self) -> None:
        """Enter what was counted."""
        self._change("count")

    def action_transfer(self) -> None:
        """Move units to another warehouse."""
        self._change("transfer")

    def action_bundle(self) -> None:
        """Say what the SKU is made of."""
        self.app.push_screen(BundleDialog(self.doorway, self.channel.account, self.sku), self._changed)

    def action_close_at(self) -> None:
        """Say at which number it is shown as sold out in the warehouse under the cursor."""
        if self.inspection is not None and self.warehouse is not None:
            dialog = CloseAtDialog(self.doorway, self.channel.account, self.sku, self.warehouse)
            self.app.push_screen(dialog, self._changed)

    def action_adopt(self) -> None:
        """Take the edit by staff that the cursor is on into Sumtracker."""
        if (edit := self.edit) is not None:
            ask_to_adopt(self, edit, self.read)

    def action_refresh(self) -> None:
        """Read everything anew."""
        self.read()

    def action_meaning(self) -> None:
        """Explain the numbers."""
        lines: list[Content] = []
        for paragraph in meaning_of("sku"):
            lines += [Content(paragraph), Content("")]
        self.app.push_screen(TextPage("What this means for you", lines[:-1]))
