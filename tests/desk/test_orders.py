"""What happens to an order in the store, what it books here (`reference/sumtracker.md` §2.6–2.7), and how it is shown: end to end, a row a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.catalog import Location
from supportdesk.core.order_list import OrderState, ShownOrder, state_of
from supportdesk.core.progress import Unwatched
from supportdesk.desk import orders
from supportdesk.errors import UnknownName, WrongUsage
from supportdesk.ledger import differences
from supportdesk.sandbox import order_changes as changes
from supportdesk.sandbox.order_records import OrderRecord
from supportdesk.sandbox.orders import Wanted
from supportdesk.sync.engine import Begin
from tests.desk.selling import CHANNEL, Shop
from tests.shops import DEPOT, MAIN, level, listing
from tests.sync.accounts import load

POP_UP = Location(103, "Pop-up")
"""A location that is linked to no warehouse."""
Stock = Mapping[tuple[str, int], tuple[int, int]]
A, KIT, B, UNKNOWN = 1, 2, 3, 9
"""Numbers of the listings."""


class Table(Shop):
    """Two warehouses, a bundle of two A-1 and one B-2, a location that is not linked, a listing that was never loaded."""

    def __init__(self, folder: Path, *, past: Callable[[Table], list[OrderRecord]] | None = None) -> None:
        places = (MAIN, DEPOT, POP_UP)
        skus = {A: "A-1", KIT: "KIT", B: "B-2"}
        levels = [level(n, place, 200 if n == KIT else 400) for n in skus for place in places]
        listings = [listing(number, sku) for number, sku in skus.items()]
        super().__init__(folder, listings, levels, places=places, bundles={"KIT": {"A-1": 2, "B-2": 1}})
        with self.ledger.writing() as connection:
            connection.execute("INSERT INTO warehouse (id, code, name) VALUES (2, 'DEPOT', 'Depot')")
            connection.execute("UPDATE connection SET warehouse_id = 2 WHERE location_id = 102")
            connection.execute(
                "UPDATE connection SET warehouse_id = NULL, master = NULL WHERE location_id = 103"
            )
            connection.execute("UPDATE connection SET counts = NULL")
        self.past = past(self) if past else []
        self.live(60)
        fences = dict.fromkeys((MAIN.id, DEPOT.id), self.second())
        self.begin = Begin(None, fences, copies=True)
        self.go_live()
        self.see_new_listings(False)
        self.shop.add_listing(listing(UNKNOWN, "NEW"))
        self.shop.add_level(2000 + UNKNOWN, MAIN.id, {"available": 90})

    def see_new_listings(self, sees: bool) -> None:
        """Have the engine find listings that were made since the load, or not yet."""
        for name, nothing in (("listings_changed", iter), ("listing_page", tuple), ("variants_of", tuple)):
            if sees:
                del self.store.__dict__[name]
            else:
                setattr(self.store, name, lambda *_, nothing=nothing: nothing(()))

    @property
    def book(self) -> Any:
        return self.shop.order_book

    def buy(self, quantity: int = 4, number: int = A, place: Location = MAIN) -> OrderRecord:
        made = self.order(number, quantity, place)
        self.rest()
        return made

    def rest(self, seconds: float = 50) -> None:
        self.cycles(seconds)

    def numbers(self) -> dict[tuple[str, int], tuple[int, int]]:
        rows = self.ledger.rows("SELECT sku, warehouse_id, in_stock, booked FROM stock")
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    def since(self, before: Stock) -> dict[tuple[str, int], tuple[int, int]]:
        """What changed of in stock and booked."""
        found = {}
        for key, (in_stock, booked) in self.numbers().items():
            was = before.get(key, (0, 0))
            if change := (in_stock - was[0], booked - was[1]):
                found[key] = change
        return {key: change for key, change in found.items() if any(change)}

    def shown(self, name: str) -> ShownOrder:
        with orders.open_orders(self.desk, CHANNEL, order=name) as table:
            (found,) = table.window(0, 10)
        return found

    def check_rows(self) -> None:
        """Every linked row of the store shows what the ledger wants there."""
        for number, sku in ((A, "A-1"), (KIT, "KIT"), (B, "B-2")):
            for place, warehouse in ((MAIN, 1), (DEPOT, 2)):
                wanted = differences.number_of(self.ledger, None, sku, warehouse).pushed
                assert self.shows((2000 + number, place.id)) == wanted, (sku, place.name)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    table = Table(tmp_path_factory.mktemp("orders"))
    yield table
    table.close()


@dataclass(frozen=True)
class Case:
    """What is done with an order of four, and what it comes to since before it was placed."""

    name: str
    do: Callable[[Table], OrderRecord]
    stock: Stock
    state: OrderState = "open"
    look_at: frozenset[str] = frozenset()
    treatments: tuple[str, ...] = ("booked",)


def then(act: Callable[[Table, OrderRecord], object], **bought: Any) -> Callable[[Table], OrderRecord]:
    """Buy, let it be booked, then `act`."""

    def do(shop: Table) -> OrderRecord:
        order = shop.buy(**bought)
        act(shop, order)
        return order

    return do


def one(order: OrderRecord) -> Any:
    return order.fulfillment_orders[0]


def part(shop: Table, order: OrderRecord, quantity: int) -> None:
    changes.fulfil(shop.book, one(order), {order.lines[0]: quantity})


def back(shop: Table, order: OrderRecord, quantity: int, restock: bool) -> None:
    changes.refund(shop.book, order.lines[0], order, quantity, restock=restock)


def sent(act: Callable[[Table, OrderRecord], object]) -> Callable[[Table, OrderRecord], None]:
    """Send it whole, let that be seen, then `act`."""

    def do(shop: Table, order: OrderRecord) -> None:
        changes.fulfil(shop.book, one(order))
        shop.rest()
        act(shop, order)

    return do


def place(shop: Table, where: Location) -> Any:
    return shop.shop.locations[where.id]


def there_and_back(shop: Table, order: OrderRecord) -> None:
    changes.move(shop.book, one(order), place(shop, DEPOT))
    shop.rest()
    changes.move(shop.book, one(order), place(shop, MAIN))


def add_line(shop: Table, order: OrderRecord) -> None:
    changes.edit(shop.book, order, shop.shop.variants[B], 2, location=place(shop, MAIN))


def mixed(shop: Table) -> OrderRecord:
    """Two lines at two locations, one of them with an unknown SKU."""
    wanted = [(A, 3, MAIN), (KIT, 1, DEPOT), (UNKNOWN, 2, MAIN)]
    made: OrderRecord = shop.book.place(
        [
            Wanted(shop.shop.variants[number], quantity, place(shop, where))
            for number, quantity, where in wanted
        ]
    )
    return made


HERE, DEPOT_A = ("A-1", 1), ("A-1", 2)
LOST_SIGHT = frozenset({"not_found"})
CASES = [
    Case("placed", lambda shop: shop.buy(), {HERE: (0, 4)}),
    Case("placed at the depot", lambda shop: shop.buy(place=DEPOT), {DEPOT_A: (0, 4)}),
    Case("more of it", then(lambda s, o: changes.edit(s.book, o, o.lines[0].variant, 2, location=place(s, MAIN))), {HERE: (0, 6)}),
    Case("less of it", then(lambda s, o: changes.edit(s.book, o, o.lines[0].variant, -3, location=place(s, MAIN))), {HERE: (0, 1)}),
    Case("another line", then(add_line), {HERE: (0, 4), ("B-2", 1): (0, 2)}),
    Case("on hold", then(lambda s, o: changes.put_on_hold(s.book, one(o), "waiting")), {HERE: (0, 4)}),
    Case("partly sent", then(lambda s, o: part(s, o, 3)), {HERE: (-3, 1)}),
    Case("sent", then(lambda s, o: changes.fulfil(s.book, one(o))), {HERE: (-4, 0)}, "fulfilled"),
    Case("sold over the counter", lambda s: changes.sell_at_counter(s.book, [Wanted(s.shop.variants[A], 4, place(s, MAIN))]), {HERE: (-4, 0)}, "fulfilled"),
    Case("cancelled, put back", then(lambda s, o: changes.cancel(s.book, o, restock=True)), {}, "cancelled"),
    Case("cancelled, not put back", then(lambda s, o: changes.cancel(s.book, o, restock=False)), {HERE: (-4, 0)}, "cancelled"),
    Case("refunded unsent, put back", then(lambda s, o: back(s, o, 1, True)), {HERE: (0, 3)}),
    Case("refunded unsent, not put back", then(lambda s, o: back(s, o, 1, False)), {HERE: (-1, 3)}),
    Case("refunded after sending, put back", then(sent(lambda s, o: back(s, o, 2, True))), {HERE: (-2, 0)}, "fulfilled"),
    Case("refunded after sending, not put back", then(sent(lambda s, o: back(s, o, 2, False))), {HERE: (-4, 0)}, "fulfilled"),
    Case("returned, put back", then(sent(lambda s, o: changes.take_back(s.book, o.lines[0], o, 1, restock=True))), {HERE: (-3, 0)}, "fulfilled"),
    Case("returned, not put back", then(sent(lambda s, o: changes.take_back(s.book, o.lines[0], o, 1, restock=False))), {HERE: (-4, 0)}, "fulfilled"),
    Case("moved", then(lambda s, o: changes.move(s.book, one(o), place(s, DEPOT))), {DEPOT_A: (0, 4)}),
    Case("moved in part", then(lambda s, o: changes.move(s.book, one(o), place(s, DEPOT), {o.lines[0]: 1})), {HERE: (0, 3), DEPOT_A: (0, 1)}),
    Case("moved there and back", then(there_and_back), {HERE: (0, 4)}),
    Case("moved to where nothing is linked", then(lambda s, o: changes.move(s.book, one(o), place(s, POP_UP))), {}, look_at=frozenset({"unlinked"}), treatments=("booked", "unlinked")),
    Case("moved in from where nothing is linked", then(lambda s, o: changes.move(s.book, one(o), place(s, MAIN)), place=POP_UP), {HERE: (0, 4)}, treatments=("booked", "unlinked")),
    Case("where nothing is linked", lambda s: s.buy(place=POP_UP), {}, look_at=frozenset({"unlinked"}), treatments=("unlinked",)),
    Case("an unknown SKU", lambda s: s.buy(2, UNKNOWN), {}, look_at=LOST_SIGHT, treatments=("not_found",)),
    Case("several lines", mixed, {HERE: (0, 3), DEPOT_A: (0, 2), ("B-2", 2): (0, 1)}, look_at=LOST_SIGHT, treatments=("booked", "not_found")),
    Case("a bundle", lambda s: s.buy(3, KIT), {HERE: (0, 6), ("B-2", 1): (0, 3)}),
    Case("a bundle sent", then(lambda s, o: changes.fulfil(s.book, one(o)), number=KIT, quantity=3), {HERE: (-6, 0), ("B-2", 1): (-3, 0)}, "fulfilled"),
    Case("a bundle cancelled", then(lambda s, o: changes.cancel(s.book, o, restock=True), number=KIT, quantity=3), {}, "cancelled"),
    Case("a bundle refunded unsent, not put back", then(lambda s, o: back(s, o, 1, False), number=KIT, quantity=3), {HERE: (-2, 4), ("B-2", 1): (-1, 2)}),
    Case("a bundle returned", then(sent(lambda s, o: back(s, o, 1, True)), number=KIT, quantity=3), {HERE: (-4, 0), ("B-2", 1): (-2, 0)}, "fulfilled"),
    Case("a bundle moved", then(lambda s, o: changes.move(s.book, one(o), place(s, DEPOT)), number=KIT, quantity=3), {DEPOT_A: (0, 6), ("B-2", 2): (0, 3)}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_an_order_books_and_how_it_is_shown(shop: Table, case: Case) -> None:
    before = shop.numbers()
    order = case.do(shop)
    shop.rest()
    changed = shop.since(before)
    assert changed == case.stock
    found = shop.shown(order.name)
    assert (found.state, found.look_at) == (case.state, case.look_at)
    assert set(found.treatments) | {line.treatment for line in found.lines} == set(case.treatments)
    shown: dict[tuple[str, int], tuple[int, int]] = {}
    for line in found.lines:
        for taken in line.taken:
            key = (taken.sku, {"MAIN": 1, "DEPOT": 2}[line.warehouse])
            in_stock, booked = shown.get(key, (0, 0))
            shown[key] = (in_stock + taken.change.in_stock, booked + taken.change.booked)
    assert {key: change for key, change in shown.items() if any(change)} == changed
    assert found.change.available == sum(in_stock - booked for in_stock, booked in changed.values())
    shop.rest(90)
    shop.check_rows()


def test_a_deleted_order_is_released_and_stays_in_the_list(tmp_path: Path) -> None:
    shop = Table(tmp_path)
    before = shop.numbers()
    order = shop.buy()
    changes.delete(shop.book, order, restock=True)
    shop.live(25 * 3600)
    shop.rest(240)
    assert shop.since(before) == {}
    found = shop.shown(order.name)
    assert (found.state, found.units) == ("gone", 0)
    shop.check_rows()


def test_an_unknown_sku_is_booked_once_it_is_known(tmp_path: Path) -> None:
    shop = Table(tmp_path)
    order = shop.buy(2, UNKNOWN)
    assert shop.shown(order.name).look_at == {"not_found"}
    assert [line.known_sku for line in shop.shown(order.name).lines] == [""]
    shop.see_new_listings(True)
    load(shop.ledger, shop.shop, shop.now)
    changes.edit(shop.book, order, order.lines[0].variant, 1, location=place(shop, MAIN))
    shop.rest(90)
    found = shop.shown(order.name)
    assert (found.look_at, found.change.booked, shop.numbers()["NEW", 1]) == (frozenset(), 3, (0, 3))


PAST: list[tuple[str, Callable[[Table, OrderRecord], object], Stock, tuple[tuple[str, str, int], ...]]] = [
    ("sent", lambda s, o: changes.fulfil(s.book, one(o)), {}, ()),
    ("cancelled, put back", lambda s, o: changes.cancel(s.book, o, restock=True), {HERE: (4, 0)}, (("A-1", "MAIN", 4),)),
    ("cancelled, not put back", lambda s, o: changes.cancel(s.book, o, restock=False), {}, ()),
    ("less of it", lambda s, o: changes.edit(s.book, o, o.lines[0].variant, -1, location=place(s, MAIN)), {HERE: (1, 0)}, (("A-1", "MAIN", 1),)),
    ("moved", lambda s, o: changes.move(s.book, one(o), place(s, DEPOT)), {HERE: (4, 0), DEPOT_A: (-4, 0)}, (("A-1", "DEPOT", -4), ("A-1", "MAIN", 4))),
    ("sent and returned", sent(lambda s, o: back(s, o, 1, True)), {HERE: (1, 0)}, (("A-1", "MAIN", 1),)),
]  # fmt: skip


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """With an order from before for each case, open when sync was turned on."""

    def buy(shop: Table) -> list[OrderRecord]:
        return [shop.order(A, 4) for _ in PAST]

    table = Table(tmp_path_factory.mktemp("past"), past=buy)
    yield table
    table.close()


@pytest.mark.parametrize("number", range(len(PAST)), ids=[case[0] for case in PAST])
def test_an_order_from_before_counts_only_where_it_changes(later: Table, number: int) -> None:
    _, act, stock, adjusted = PAST[number]
    order = later.past[number]
    assert later.shown(order.name).is_past
    assert (later.shown(order.name).change.booked, later.shown(order.name).adjusted) == (0, ())
    before = later.numbers()
    act(later, order)
    later.rest(60)
    assert later.since(before) == stock
    found = later.shown(order.name)
    assert found.is_past
    assert tuple((each.sku, each.warehouse, each.units) for each in found.adjusted) == adjusted
    later.rest(90)
    later.check_rows()


# The list


def test_filters_names_and_positions(shop: Table) -> None:
    made = [shop.order(A, 1), shop.order(B, 1), shop.order(KIT, 1, DEPOT), shop.order(A, 1, POP_UP)]
    shop.rest()
    changes.fulfil(shop.book, one(made[1]))
    shop.rest()

    def names(**how: Any) -> list[str]:
        return [order.name for order in orders.export_orders(shop.desk, CHANNEL, **how)]

    every = names()
    assert every[:4] == [order.name for order in reversed(made)], "newest first"
    with orders.open_orders(shop.desk, CHANNEL) as table:
        assert table.count == len(every)
        assert [table.position_of(name) for name in every] == list(range(len(every)))
        assert table.position_of("#nothing") is None
        assert [order.name for order in table.window(2, 2)] == every[2:4]
    assert made[1].name not in names(show="open")
    assert names(show="unlinked")[0] == made[3].name
    assert set(names(show="to_look_at")) >= {made[3].name}
    assert names(show="past") == []
    assert names(text="b-2")[0] == made[1].name
    assert names(text=made[2].name) == [made[2].name]
    assert set(names(sku="B-2")) >= {made[1].name, made[2].name}, "a bundle of it holds it too"
    assert made[0].name not in names(sku="B-2")
    assert names(order=made[0].name) == [made[0].name]


def test_what_is_not_there_is_said(shop: Table) -> None:
    with pytest.raises(UnknownName, match="no order '#x'"):
        orders.open_orders(shop.desk, CHANNEL, order="#x")
    with pytest.raises(UnknownName):
        orders.open_orders(shop.desk, "nowhere")
    with pytest.raises(WrongUsage):
        orders.open_orders(shop.desk, CHANNEL, text="\udcff")
    assert list(orders.export_orders(shop.desk, CHANNEL, text="no such thing")) == []


def test_orders_that_are_kept_no_more_are_shown_as_that(tmp_path: Path) -> None:
    shop = Table(tmp_path)
    shop.buy()
    with orders.open_orders(shop.desk, CHANNEL, show="open") as table:
        with shop.ledger.writing() as connection:
            connection.execute("DELETE FROM store_order_line")
            connection.execute("DELETE FROM store_order")
        (found,) = table.window(0, 5)
    assert (found.name, found.lines) == ("", ())


def test_orders_are_written_a_line_of_an_order_a_line(shop: Table, tmp_path: Path) -> None:
    order = shop.buy(2, KIT)
    target = tmp_path / "orders.csv"
    count = orders.save_orders(
        shop.desk, CHANNEL, target, show="all", text=order.name, replace=False, watch=Unwatched()
    )
    header, row = target.read_text().splitlines()
    assert count == 1
    assert dict(zip(header.split(","), row.split(","), strict=True)) | {"placed_at": ""} == {
        "order": order.name,
        "placed_at": "",
        "state": "open",
        "sku": "KIT",
        "title": "Thing 2",
        "location": "Main St",
        "warehouse": "MAIN",
        "treatment": "booked",
        "unfulfilled": "2",
        "fulfilled": "0",
        "returned": "0",
        "written_off": "0",
        "cancelled": "0",
        "in_stock": "0",
        "booked": "6",
    }


@pytest.mark.parametrize(
    ("is_open", "is_gone", "unfulfilled", "fulfilled", "state"),
    [
        (True, False, 1, 0, "open"),
        (True, True, 1, 0, "gone"),
        (False, False, 1, 0, "out_of_sight"),
        (False, False, 0, 2, "fulfilled"),
        (False, False, 0, 0, "cancelled"),
    ],
)
def test_where_an_order_stands(
    is_open: bool, is_gone: bool, unfulfilled: int, fulfilled: int, state: OrderState
) -> None:
    assert state_of(is_open=is_open, is_gone=is_gone, unfulfilled=unfulfilled, fulfilled=fulfilled) == state
