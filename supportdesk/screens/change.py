"""The form that changes stock from the SKU inspector: adjust, set, receive, count, transfer, with before and after shown as it is typed.

What may be changed, and what comes of it, the desk says; the arithmetic shown is `core.stock`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from supportdesk.core.skus import shown_sku
from supportdesk.core.stock import (
    Included,
    Quantities,
    SkuInspection,
    StockChange,
    StockChanged,
    StockEvent,
    WarehouseStock,
    change_of,
    net_of,
)
from supportdesk.core.text import safe_text
from supportdesk.errors import Conflict, SupportdeskError
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.form_dialog import FormDialog, Question
from supportdesk.screens.stock_words import change_line
from supportdesk.screens.words import counted
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Column, Row, Rows, WindowTable

ChangeKind = Literal["adjust", "set", "receive", "count", "transfer"]


@dataclass(frozen=True, slots=True)
class _Words:
    """How one kind of change is asked for."""

    title: str
    quantity: str
    reference: str
    event: StockEvent
    """What it does at the warehouse, for the numbers that are shown while typing."""
    least: int | None
    """The least number that means anything; None for any but 0."""


_WORDS: Final[Mapping[ChangeKind, _Words]] = {
    "adjust": _Words("Adjust", "such as 5 or -2: added to what is in stock", "", "add", None),
    "set": _Words("Set", "what is in stock from now on", "", "set", 0),
    "receive": _Words(
        "Receive", "units that arrived; incoming goes down by as many", "purchase order", "received", 1
    ),
    "count": _Words("Count", "what was counted on the shelf, booked units included", "stocktake", "set", 0),
    "transfer": _Words("Transfer", "units moved", "transfer", "transfer_sent", 1),
}
_COUNTED: Final = frozenset({"set", "count"})
"""Kinds that say how many units there are, promised ones and those set aside among them or not."""
_ANSWERS: Final[tuple[Included | None, ...]] = (None, "included", "not-included")
_LEAST: Final[Mapping[int | None, str]] = {
    None: "A whole number other than 0, such as 5 or -2.",
    0: "A whole number, 0 or more.",
    1: "A whole number, 1 or more.",
}


class ChangeDialog(FormDialog[StockChanged]):
    """One change of one SKU in one warehouse. Answers what came of it."""

    DEFAULT_CSS = """
    ChangeDialog #to { height: auto; max-height: 6; margin-bottom: 1; }
    ChangeDialog #effect { height: auto; width: 1fr; padding-left: 15; color: $accent; min-height: 2; }
    """

    def __init__(
        self,
        doorway: Doorway,
        account: str,
        channel: str,
        inspection: SkuInspection,
        warehouse: WarehouseStock,
        kind: ChangeKind,
    ) -> None:
        """`warehouse` is the line of `inspection` the change is about; `channel` is asked again after a conflict."""
        super().__init__()
        self.doorway = doorway
        self.account = account
        self.channel = channel
        self.inspection = inspection
        self.warehouse = warehouse
        self.kind: ChangeKind = kind
        self.words = _WORDS[kind]
        self.submit_label = self.words.title
        where = "from" if kind == "transfer" else "at"
        self.title_text = safe_text(
            f"{self.words.title} {shown_sku(inspection.sku)} {where} {warehouse.code}"
        )

    def compose_questions(self) -> Iterable[Widget]:
        """Where to, how many, why."""
        yield Static(plain(self.inspection.name or shown_sku(self.inspection.sku)), classes="sentence")
        if self.kind == "transfer":
            yield WindowTable(
                (Column("to", 12), Column("warehouse", minimum=10), Column("in stock", 9, right=True)),
                empty="There is no other warehouse to move to.",
                id="to",
            )
        yield Field("Quantity", self.words.quantity, id="quantity")
        if self.kind in _COUNTED:
            for name, label in (("promised", "Promised"), ("set-aside", "Set aside")):
                yield Question(label, ("say which", "in my number", "not in it"), id=name)
        yield Static(id="effect")
        if self.words.reference:
            yield Field(
                "Reference",
                f"the {self.words.reference}'s number, kept with the movement",
                id="reference",
            )
        else:
            yield Field("Reason", "kept with the movement", id="reason")

    def opened(self) -> None:
        """Begin with the quantity, or with where to."""
        self._show_places()
        self._show_apart()
        if self.kind == "transfer" and self._others():
            self.query_one("#to", WindowTable).focus()
        else:
            self.query_one("#quantity", Field).input.focus()
        self._show_effect()

    # What is entered

    def _others(self) -> list[WarehouseStock]:
        return [
            place for place in self.inspection.warehouses if place.warehouse_id != self.warehouse.warehouse_id
        ]

    def _show_places(self) -> None:
        if self.kind == "transfer":
            rows = [
                Row(
                    str(place.warehouse_id),
                    (place.code, place.name, place.quantities.in_stock if place.counted else None),
                )
                for place in self._others()
            ]
            self.query_one("#to", WindowTable).show(Rows(rows))

    @property
    def to(self) -> WarehouseStock | None:
        """Where a transfer goes."""
        if self.kind != "transfer":
            return None
        key = self.query_one("#to", WindowTable).row_key
        return next((place for place in self._others() if str(place.warehouse_id) == key), None)

    def _apart(self) -> dict[str, tuple[int, str]]:
        """What is on the shelf and not in stock: units by question, and what is said of them; kinds that count nothing ask of none."""
        if self.kind not in _COUNTED:
            return {}
        promised, aside = self.warehouse.promised, self.warehouse.set_aside
        return {
            "promised": (promised, "promised by orders from before sync, until they are sent"),
            "set-aside": (aside, "set aside in the store, until they are released"),
        }

    def _said(self, name: str) -> Included | None:
        """Whether the number includes these units; None where nothing was said, or there are none."""
        units, _ = self._apart().get(name, (0, ""))
        return _ANSWERS[self.query_one(f"#{name}", Question).chosen] if units else None

    def _show_apart(self) -> None:
        """Ask whether the number includes what is on the shelf and not in stock; nothing where there is nothing."""
        for name, (units, what) in self._apart().items():
            question = self.query_one(f"#{name}", Question)
            question.set_class(not units, "-unused")
            question.explain(f"{counted(units, 'unit')} on the shelf {'is' if units == 1 else 'are'} {what}.")

    @property
    def quantity(self) -> int | None:
        """The number typed; None where it is none that fits."""
        try:
            number = int(self.query_one("#quantity", Field).value.replace(",", ""))
        except ValueError:
            return None
        least = self.words.least
        fits = number != 0 if least is None else number >= least
        return number if fits else None

    @on(Input.Changed)
    @on(WindowTable.Moved)
    @on(Choice.Changed)
    def _show_effect(self) -> None:
        """Before and after, in each warehouse it touches."""
        quantity = self.quantity
        lines: list[str] = []
        unsaid = any(units and self._said(name) is None for name, (units, _) in self._apart().items())
        if quantity is None or unsaid:
            lines.append(_now(self.warehouse))
        else:
            self.query_one("#quantity", Field).say(None)
            before = self.warehouse.quantities
            taken, less = quantity, ""
            for name, (units, _) in self._apart().items():
                net = net_of(taken, units, self._said(name))
                less += f" − {taken - net:,} {name.replace('-', ' ')}" if net != taken else ""
                taken = net
            after = before.plus(change_of(self.words.event, taken, before))
            less = f" ({quantity:,}{less})" if less else ""
            lines.append(change_line(self.warehouse.code, _known(self.warehouse), after) + less)
            if (to := self.to) is not None:
                lines.append(change_line(to.code, _known(to), to.quantities.plus(change_of("add", quantity))))
        self.query_one("#effect", Static).update(Content("\n").join(plain(line) for line in lines))

    def _text(self, name: str) -> str:
        found = self.query(f"#{name}").results(Field)
        return next((field.value for field in found), "")

    def submit(self) -> None:
        """Ask for the change, as it was shown."""
        quantity, to = self.quantity, self.to
        if quantity is None:
            field = self.query_one("#quantity", Field)
            field.say(_LEAST[self.words.least])
            field.input.focus()
            return
        if self.kind == "transfer" and to is None:
            self.say("There is no other warehouse to move to.")
            return
        for name, (units, what) in self._apart().items():
            if units and self._said(name) is None:
                self.say(f"Say whether your number includes the units {what}.")
                self.query_one(f"#{name} Choice", Choice).focus()
                return
        change = StockChange(
            self.kind,
            str(self.warehouse.warehouse_id),
            self.inspection.sku,
            quantity,
            to=str(to.warehouse_id) if to is not None else "",
            reason=self._text("reason"),
            reference=self._text("reference"),
            seen=self.warehouse.quantities.in_stock,
            promised=self._said("promised"),
            promised_seen=self.warehouse.promised if self.kind in _COUNTED else None,
            set_aside=self._said("set-aside"),
            set_aside_seen=self.warehouse.set_aside if self.kind in _COUNTED else None,
        )
        self.ask(lambda _: self.doorway.change_stock(self.account, change), self.end, self._refused)

    def _refused(self, error: SupportdeskError) -> None:
        """Say it; where the stock moved meanwhile show the numbers as they are now."""
        self.say(error)
        if isinstance(error, Conflict):
            channel, sku = self.channel, self.inspection.sku

            def come(inspection: SkuInspection) -> None:
                self._renew(inspection)
                self.say(error)

            self.ask(lambda _: self.doorway.inspect_sku(channel, sku, movements=1), come)

    def _renew(self, inspection: SkuInspection) -> None:
        self.inspection = inspection
        same = [place for place in inspection.warehouses if place.warehouse_id == self.warehouse.warehouse_id]
        if same:
            self.warehouse = same[0]
        self._show_places()
        self._show_apart()
        self._show_effect()


def _known(place: WarehouseStock) -> Quantities | None:
    return place.quantities if place.counted else None


def _now(place: WarehouseStock) -> str:
    if not place.counted:
        return f"{place.code}: never counted, so its number is unknown"
    return change_line(place.code, place.quantities, place.quantities)
