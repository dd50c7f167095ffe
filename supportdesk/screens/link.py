"""What the Warehouses tab asks: which warehouse a location belongs to, a new warehouse, whether to unlink. What may be the desk judges."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, count
from typing import Final

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from supportdesk.core.connections import ConnectionsView, Counts, LocationLine, Master, Warehouse
from supportdesk.core.progress import Watch
from supportdesk.core.text import safe_text
from supportdesk.errors import Conflict, SupportdeskError
from supportdesk.screens.connection_words import CONSEQUENCES, MASTER_WORDS, place_words
from supportdesk.screens.doorway import Doorway
from supportdesk.screens.form_dialog import FormDialog, Question
from supportdesk.screens.words import counted
from supportdesk.widgets.choice import Choice
from supportdesk.widgets.dialogs import ConfirmDialog
from supportdesk.widgets.field import Field
from supportdesk.widgets.merchant_text import plain
from supportdesk.widgets.table import Column, Row, Rows, WindowTable

MASTERS: Final[tuple[Master, ...]] = ("sumtracker", "shopify")
_LATER: Final = "later"
_SUM: Final = "sum"
NEW: Final = "new"
"""Key of the row that stands for a warehouse yet to be made."""

_COLUMNS: Final = (
    Column("code", 8),
    Column("warehouse", 14),
    Column("units", 7, right=True, priority=2),
    Column("counts agree", 14, priority=1),
    Column("", minimum=15),
)
_WHOSE_COLUMNS: Final = (Column("count of", minimum=20), Column("units", 9, right=True))
_CODE_LENGTH: Final = 12
_NO_CODE: Final = re.compile(r"[^A-Z0-9]+")


class LinkDialog(FormDialog[ConnectionsView]):
    """Which warehouse a location belongs to, and who is master there. Answers the connections as they are then."""

    submit_label = "Link"
    DEFAULT_CSS = """
    LinkDialog #insist { margin: 0 0 1 0; }
    LinkDialog #places { height: auto; max-height: 8; }
    LinkDialog #whose { height: auto; margin-top: 1; }
    LinkDialog #whose-title { height: auto; width: 1fr; }
    LinkDialog #counts { height: auto; max-height: 6; }
    LinkDialog #new { height: auto; margin-top: 1; }
    """

    def __init__(
        self,
        doorway: Doorway,
        channel: str,
        account: str,
        view: ConnectionsView,
        line: LocationLine,
        *,
        plans: bool = False,
    ):
        """`line` is the location's line in `view`, as the person saw it. With `plans` nothing is linked: a plan is made of it (`planned`)."""
        super().__init__()
        self.doorway = doorway
        self.channel = channel
        self.account = account
        self.view = view
        self.line = line
        self.title_text = safe_text(f"Link {line.location.name}")
        self.plans = plans
        self.planned: tuple[int, Master, bool, bool] | None = None
        """With `plans`: the warehouse, who is to be master, whether another location of the store is on it, and whether one insists."""
        self._warehouses: tuple[Warehouse, ...] = view.warehouses

    def compose_questions(self) -> Iterable[Widget]:
        """Which warehouse, a new one's name, who is master, whose count, and whether to insist."""
        yield Static(plain(_about(self.line)), id="about", classes="sentence")
        yield Question("Service", ("leave it unlinked", "link it all the same"), id="insist")
        yield WindowTable(_COLUMNS, id="places")
        yield Vertical(
            Field("Code", "short and unique, as Sumtracker knows it", id="code"),
            Field("Name", id="name"),
            id="new",
        )
        yield Question("Master", tuple(MASTER_WORDS[master] for master in MASTERS), id="master")
        yield Vertical(
            Static(id="whose-title"),
            WindowTable(_WHOSE_COLUMNS, id="counts"),
            id="whose",
        )

    def opened(self) -> None:
        """Put the cursor on the warehouse that fits, and say what each answer means."""
        location = self.line.location
        taken = [place.code for place in self._warehouses]
        self.query_one("#code", Field).propose(code_for(location.name, taken))
        self.query_one("#name", Field).propose(safe_text(location.name))
        connection = self.line.connection
        if connection is not None and connection.master is not None:
            self.query_one("#master", Question).choose(MASTERS.index(connection.master))
        insist = self.query_one("#insist", Question)
        insist.set_class(not self._keeps_own_stock, "-unused")
        insist.explain(
            f"{location.service or 'The service'} keeps its own numbers in the store; writing there would fight with it."
        )
        insist.choose(1 if connection is not None and connection.warehouse is not None else 0)
        self._show_warehouses(self._first())
        if self._keeps_own_stock:
            insist.query_one(Choice).focus()
        else:
            self.places.focus()

    @property
    def _keeps_own_stock(self) -> bool:
        """Whether a service keeps the location's numbers, so that one must insist."""
        return self.line.location.service_manages_stock

    @property
    def _stays_unlinked(self) -> bool:
        """Whether a service keeps the numbers and nobody insists: there is nothing else to ask then."""
        return self._keeps_own_stock and not self.query_one("#insist", Question).chosen

    @property
    def places(self) -> WindowTable:
        """The warehouses."""
        return self.query_one("#places", WindowTable)

    def _first(self) -> str:
        """The key of the line the cursor begins on: where it is linked, else the warehouse suggested, else a new one."""
        if self.line.connection is not None and self.line.connection.warehouse is not None:
            return str(self.line.connection.warehouse.id)
        return str(self.line.suggested.warehouse_id) if self.line.suggested is not None else NEW

    def _show_warehouses(self, key: str) -> None:
        rows = [_place_row(place, self.line, self._others_on(place.id)) for place in self._warehouses]
        rows.append(Row(NEW, ("+", "new warehouse", None, "", "")))
        self.places.show(Rows(rows), keep_cursor=False)
        keys = [row.key for row in rows]
        self.places.action_cursor(keys.index(key)) if key in keys else None
        self._explain()

    def _others_on(self, warehouse_id: int) -> list[LocationLine]:
        """Other locations of this store on that warehouse."""
        return [
            line
            for line in self.view.lines
            if line.location.id != self.line.location.id
            and line.connection is not None
            and line.connection.warehouse is not None
            and line.connection.warehouse.id == warehouse_id
        ]

    @on(WindowTable.Moved, "#places")
    @on(Choice.Changed)
    def _explain(self) -> None:
        """What the answers mean, for the warehouse under the cursor."""
        stays = self._stays_unlinked
        key = None if stays else self.places.row_key
        is_new = key == NEW
        for name, is_asked in (("#places", not stays), ("#master", not stays), ("#new", is_new)):
            self.query_one(name).set_class(not is_asked, "-unused")
        self.query_one("#submit", Button).disabled = stays
        master = self.query_one("#master", Question)
        master.explain(CONSEQUENCES[MASTERS[master.chosen]])
        others = [] if is_new or key is None else self._others_on(int(key))
        self.query_one("#whose").set_class(not others or self.plans, "-unused")
        if others and not self.plans:
            self._ask_whose_count(others)

    def _ask_whose_count(self, others: Sequence[LocationLine]) -> None:
        """Offer the counts of every location that would be on the warehouse."""
        names = ", ".join(line.location.name for line in others)
        is_one = len(others) == 1
        self.query_one("#whose-title", Static).update(
            plain(
                f"{names} {'is' if is_one else 'are'} on this warehouse too, and each shows its whole number. If counts are "
                "copied, whose count is right?"
            )
        )
        places = (self.line, *others)
        rows = [
            Row(_LATER, ("decide later", None)),
            *(Row(str(line.location.id), (line.location.name, line.units)) for line in places),
            Row(_SUM, ("their sum", sum(line.units for line in places))),
        ]
        counts = self.query_one("#counts", WindowTable)
        if counts.source.count() != len(rows):
            counts.show(Rows(rows), keep_cursor=False)
            counts.action_cursor([row.key for row in rows].index(self._whose_count(others)))

    def _whose_count(self, others: Sequence[LocationLine]) -> str:
        """The key of what was answered before."""
        match self.line.connection.counts if self.line.connection is not None else None:
            case "this":
                return str(self.line.location.id)
            case "other" if len(others) == 1:
                return str(others[0].location.id)
            case "sum":
                return _SUM
            case _:
                return _LATER

    def _counts(self) -> tuple[Counts | None, int | None]:
        """The answer, and which location `other` means."""
        match self.query_one("#counts", WindowTable).row_key:
            case None | "" | "later":
                return None, None
            case "sum":
                return "sum", None
            case key if int(key) == self.line.location.id:
                return "this", None
            case key:
                return "other", int(key)

    def submit(self) -> None:
        """Link it; make the warehouse first where it is a new one."""
        key = self.places.row_key
        if self._stays_unlinked:
            self.say("It stays unlinked unless you choose to link it all the same.")
            return
        code, name = self.query_one("#code", Field).value, self.query_one("#name", Field).value
        if key == NEW and not code:
            self.say("A new warehouse needs a code.")
            self.query_one("#code", Field).input.focus()
            return
        self._ask(key, code, name)

    def _ask(self, key: str | None, code: str, name: str) -> None:
        line, channel, insist = self.line, self.channel, self._keeps_own_stock
        master = MASTERS[self.query_one("#master", Question).chosen]
        counts, counts_of = self._counts()

        def call(_: Watch) -> ConnectionsView:
            warehouse_id = int(key) if key not in (None, NEW) else self._make(code, name)
            has_others = bool(self._others_on(warehouse_id))
            if self.plans:
                self.planned = (warehouse_id, master, has_others, insist)
                return self.view
            return self.doorway.link(
                channel,
                line.location.id,
                warehouse_id,
                master=master,
                counts=counts if has_others else None,
                counts_of=counts_of if has_others else None,
                insist=insist,
                seen=line.connection.revision if line.connection is not None else 0,
            )

        self.ask(call, self.end, self._refused)

    def _make(self, code: str, name: str) -> int:
        location = self.line.location
        made = self.doorway.add_warehouse(
            self.account,
            code,
            name or code,
            address=location.address,
            city=location.city,
            country=location.country,
        )
        self._warehouses = (*self._warehouses, made)
        return made.id

    def _refused(self, error: SupportdeskError) -> None:
        """Say it. A warehouse made before the refusal is there now, and not made twice; after a conflict look again."""
        if len(self._warehouses) > len(self.view.warehouses) and self.places.row_key == NEW:
            self._show_warehouses(str(self._warehouses[-1].id))
        self.say(error)
        if isinstance(error, Conflict):
            channel = self.channel

            def come(view: ConnectionsView) -> None:
                self._renew(view)
                self.say(error)

            self.ask(lambda watch: self.doorway.connections(channel, watch), come)

    def _renew(self, view: ConnectionsView) -> None:
        """Go on from what another person made of it; what was entered stays."""
        same = [line for line in view.lines if line.location.id == self.line.location.id]
        if same:
            self.view, self.line, self._warehouses = view, same[0], view.warehouses
            self.query_one("#about", Static).update(plain(_about(self.line)))
            self._show_warehouses(self.places.row_key or NEW)


class WarehouseDialog(FormDialog[Warehouse]):
    """Make a warehouse. Answers it."""

    submit_label = "Create"
    title_text = "New warehouse"

    def __init__(self, doorway: Doorway, account: str) -> None:
        super().__init__()
        self.doorway = doorway
        self.account = account

    def compose_questions(self) -> Iterable[Widget]:
        """Code, name, place."""
        yield Static(
            Content(
                "It is made in the account here. Nothing is written to Sumtracker itself, so give it the code it has there."
            ),
            classes="sentence",
        )
        yield Field("Code", "short and unique, as Sumtracker knows it", id="code")
        yield Field("Name", "empty: as the code", id="name")
        yield Field("Address", "street and postcode, for finding the location that fits", id="address")
        yield Field("City", id="city")
        yield Field("Country", "two letters", id="country")

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value

    def submit(self) -> None:
        """Make it."""
        code, name = self._value("code"), self._value("name")
        address, city, country = self._value("address"), self._value("city"), self._value("country")
        if not code:
            self.say("A warehouse needs a code.")
            self.query_one("#code", Field).input.focus()
            return
        self.ask(
            lambda _: self.doorway.add_warehouse(
                self.account, code, name or code, address=address, city=city, country=country
            ),
            self.end,
        )


def unlink_question(location: str, warehouse: Warehouse) -> ConfirmDialog:
    """Whether a linked location is to be unlinked, and what that means."""
    return ConfirmDialog(
        "Unlink",
        [
            f"{location} is linked to {place_words(warehouse)}.",
            "Unlinked it is neither read nor written, and its orders change nothing. What the warehouse holds stays as it is.",
        ],
        "Unlink",
    )


def master_question(location: str, master: Master) -> ConfirmDialog:
    """Whether that one is to be master at a location, and what that means."""
    word = MASTER_WORDS[master]
    sentences = [f"Make {word} the master at {location}?", CONSEQUENCES[master]]
    return ConfirmDialog(f"{word} master", sentences, f"{word} is master")


def code_for(name: str, taken: Collection[str] = ()) -> str:
    """A code to begin with for a place of that name: its first word that has letters, in capitals, with more of them or a
    number where another warehouse has that code; '' where it has none. 12 characters at most."""
    words = [word for word in _NO_CODE.split(name.upper()) if word]
    if not words:
        return ""
    used = {code.casefold() for code in taken}
    proposals = chain(
        ("-".join(words[:number])[:_CODE_LENGTH].rstrip("-") for number in range(1, len(words) + 1)),
        (f"{words[0][: _CODE_LENGTH - 1 - len(str(number))]}-{number}" for number in count(2)),
    )
    return next(code for code in proposals if code.casefold() not in used)


def _about(line: LocationLine) -> str:
    location = line.location
    warehouse = line.connection.warehouse if line.connection is not None else None
    place = ", ".join(word for word in (location.city, location.country) if word)
    now = f" It is linked to {place_words(warehouse)}." if warehouse is not None else ""
    where = f" ({place})" if place else ""
    stocked = f"{counted(line.units, 'unit')} of {counted(line.listings, 'listing')} stocked there"
    return f"{location.name}{where}: {stocked}.{now}"


def _place_row(place: Warehouse, line: LocationLine, others: Sequence[LocationLine]) -> Row:
    agrees, notes = None, []
    if line.suggested is not None and line.suggested.warehouse_id == place.id:
        agrees, notes = line.suggested, ["fits"]
    elif line.evidence is not None and line.evidence.warehouse_id == place.id:
        agrees, notes = line.evidence, ["now"]
    if others:
        notes.append("also " + ", ".join(other.location.name for other in others))
    compared = "" if agrees is None else "no SKU in both"
    if agrees is not None and agrees.skus_shared:
        compared = f"{agrees.agreeing:,} of {agrees.skus_shared:,}"
    return Row(str(place.id), (place.code, place.name, place.units, compared, "; ".join(notes)))
