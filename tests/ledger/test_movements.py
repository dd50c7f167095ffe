"""Stock is the sum of its movements after whatever happens, what a movement did is what the rules say, and an event tells of it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.core.stock import LARGEST_QUANTITY, Quantities, change_of
from supportdesk.errors import WrongUsage
from supportdesk.ledger import movements, stock
from supportdesk.ledger.file import Ledger, open_ledger
from supportdesk.ledger.movements import Cause, MovementKind
from tests.catalogs import NOON, Clock

SKUS = ["A", "a", "-X", " ", "B\n1", "'7"]
WAREHOUSES = [1, 2, 3]
STEPS, EXAMPLES = 50, 200
"""Together ten thousand operations."""


class RolledBack(Exception):
    pass


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    path = tmp_path_factory.mktemp("movements") / "kestrel.db"
    with open_ledger(path, account="kestrel", now=Clock()) as ledger:
        with ledger.writing() as connection:
            connection.executemany(
                "INSERT INTO warehouse (id, code, name) VALUES (?, ?, ?)",
                [(number, f"W{number}", f"Warehouse {number}") for number in WAREHOUSES],
            )
        yield ledger


@pytest.fixture
def connection(ledger: Ledger) -> Iterator[sqlite3.Connection]:
    """A transaction that is undone after the test."""
    with pytest.raises(RolledBack), ledger.writing() as connection:
        yield connection
        raise RolledBack


def cause(kind: MovementKind, **more: object) -> Cause:
    return Cause(at=NOON, kind=kind, who="mia", **more)  # type: ignore[arg-type]


def sums(connection: sqlite3.Connection) -> dict[tuple[str, int], tuple[int, int, int]]:
    """What the movements add up to."""
    return {
        (sku, warehouse): (in_stock, booked, incoming)
        for sku, warehouse, in_stock, booked, incoming in connection.execute(
            "SELECT sku, warehouse_id, sum(in_stock), sum(booked), sum(incoming) FROM movement GROUP BY sku, warehouse_id"
        )
    }


def kept(connection: sqlite3.Connection) -> dict[tuple[str, int], tuple[int, int, int]]:
    """What stock says."""
    return {
        (sku, warehouse): (in_stock, booked, incoming)
        for sku, warehouse, in_stock, booked, incoming in connection.execute(
            "SELECT sku, warehouse_id, in_stock, booked, incoming FROM stock"
        )
    }


def counted(connection: sqlite3.Connection) -> set[tuple[str, int]]:
    return set(connection.execute("SELECT sku, warehouse_id FROM stock WHERE counted"))


Step = tuple[str, str, int, int, int]
STEP = st.tuples(
    st.sampled_from(["add", "set", "count", "receive", "transfer", "book", "fulfil", "cancel", "import"]),
    st.sampled_from(SKUS),
    st.sampled_from(WAREHOUSES),
    st.sampled_from(WAREHOUSES),
    st.integers(-3, 60),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps=st.lists(STEP, min_size=STEPS, max_size=STEPS))
def test_stock_is_the_sum_of_its_movements(ledger: Ledger, steps: list[Step]) -> None:
    model: dict[tuple[str, int], list[int]] = {}
    known: set[tuple[str, int]] = set()
    with pytest.raises(RolledBack), ledger.writing() as connection:
        for step in steps:
            do(connection, step)
            follow(model, known, step)
            stored = kept(connection)
            assert stored == sums(connection)
            assert stored == {key: tuple(numbers) for key, numbers in model.items()}
            assert counted(connection) == known
        raise RolledBack


def do(connection: sqlite3.Connection, step: Step) -> None:
    """One step, by the program's own rules."""
    kind, sku, here, there, number = step
    before, _ = stock.quantities_of(connection, sku, here)
    match kind:
        case "add":
            movements.move(connection, cause("add"), sku, here, change_of("add", number))
        case "set" | "count":
            change = change_of("set", number, before)
            movements.move(connection, cause("set" if kind == "set" else "count"), sku, here, change)
        case "receive":
            movements.move(
                connection, cause("receive"), sku, here, change_of("received", abs(number), before)
            )
        case "transfer":
            movements.move(connection, cause("transfer"), sku, here, change_of("transfer_sent", abs(number)))
            movements.move(connection, cause("transfer"), sku, there, change_of("add", abs(number)))
        case "book":
            movements.move(connection, cause("order"), sku, here, change_of("placed", abs(number)))
        case "fulfil":
            movements.move(connection, cause("fulfil"), sku, here, change_of("fulfilled", abs(number)))
        case "cancel":
            movements.move(connection, cause("cancel"), sku, here, change_of("cancelled", abs(number)))
        case "import":
            movements.new_levels(connection)
            connection.execute(
                "INSERT INTO temp.level VALUES (?, ?, ?, ?)",
                (sku, here, number, number * 2 if number % 2 else None),
            )
            movements.set_levels(connection, cause("import"), detail="a file")


def follow(model: dict[tuple[str, int], list[int]], known: set[tuple[str, int]], step: Step) -> None:
    """The same step in plain arithmetic."""
    kind, sku, here, there, number = step
    units = abs(number)
    numbers = model.setdefault((sku, here), [0, 0, 0])
    if kind not in ("book", "fulfil", "cancel"):
        known.add((sku, here))
    match kind:
        case "add":
            numbers[0] += number
        case "set" | "count":
            numbers[0] = number
        case "receive":
            numbers[0] += units
            numbers[2] = min(numbers[2], max(numbers[2] - units, 0))
        case "transfer":
            numbers[0] -= units
            model.setdefault((sku, there), [0, 0, 0])[0] += units
            known.add((sku, there))
        case "book":
            numbers[1] += units
        case "fulfil":
            numbers[0] -= units
            numbers[1] -= units
        case "cancel":
            numbers[1] -= units
        case "import":
            numbers[0] = number
            if number % 2:
                numbers[2] = number * 2


def test_a_movement_comes_with_the_event_that_tells_of_it(connection: sqlite3.Connection) -> None:
    movements.move(connection, cause("set"), "A", 1, change_of("set", 12))
    booked = cause("order", reference="#1042", channel="kestrel")
    assert movements.move(connection, booked, "A", 1, change_of("placed", 2)) == (
        Quantities(12, 0, 0),
        Quantities(12, 2, 0),
    )
    (row,) = connection.execute(
        """SELECT kind, channel, who, sku, place, reference, number_before, number_after FROM event
           WHERE kind = 'order'"""
    )
    assert row == ("order", "kestrel", "mia", "A", "Warehouse 1", "#1042", 12, 10)
    (row,) = connection.execute(
        "SELECT kind, in_stock, booked, in_stock_after, who, reference, channel FROM movement WHERE kind = 'order'"
    )
    assert row == ("order", 0, 2, 12, "mia", "#1042", "kestrel")


def test_a_booking_counts_nothing(connection: sqlite3.Connection) -> None:
    movements.move(connection, cause("order"), "A", 1, change_of("placed", 2))
    assert stock.quantities_of(connection, "A", 1) == (Quantities(0, 2, 0), False)
    movements.move(connection, cause("set"), "A", 1, change_of("set", 5))
    assert stock.quantities_of(connection, "A", 1) == (Quantities(5, 2, 0), True)
    movements.move(connection, cause("order"), "A", 1, change_of("placed", 1))
    assert stock.quantities_of(connection, "A", 1) == (Quantities(5, 3, 0), True)


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_beyond_all_bounds_are_refused(connection: sqlite3.Connection, sign: int) -> None:
    movements.move(connection, cause("set"), "A", 1, Quantities(sign * LARGEST_QUANTITY))
    before = list(connection.iterdump())
    with pytest.raises(WrongUsage, match="1,000,000,000"):
        movements.move(connection, cause("add"), "A", 1, Quantities(sign))
    with pytest.raises(WrongUsage, match="1,000,000,000"):
        movements.move(connection, cause("order"), "A", 1, Quantities(booked=-sign))
    assert list(connection.iterdump()) == before


def levels(connection: sqlite3.Connection, *rows: tuple[str, int, int, int | None]) -> int:
    movements.new_levels(connection)
    connection.executemany("INSERT INTO temp.level VALUES (?, ?, ?, ?)", rows)
    return movements.set_levels(connection, cause("import", reference="stock.csv"), detail="2 numbers")


def test_the_same_import_twice_moves_nothing(connection: sqlite3.Connection) -> None:
    movements.move(connection, cause("order"), "A", 1, change_of("placed", 2))
    rows = [("A", 1, 0, None), ("B", 2, 7, 30), ("C", 2, -4, None)]
    assert levels(connection, *rows) == 3
    assert stock.quantities_of(connection, "A", 1) == (Quantities(0, 2, 0), True)
    before = connection.execute("SELECT count(*) FROM movement").fetchone()
    assert levels(connection, *rows) == 0
    assert connection.execute("SELECT count(*) FROM movement").fetchone() == before
    assert levels(connection, ("B", 2, 7, None), ("C", 2, -4, 1)) == 1
    assert stock.quantities_of(connection, "B", 2) == (Quantities(7, 0, 30), True)
    assert stock.quantities_of(connection, "C", 2) == (Quantities(-4, 0, 1), True)
    kinds = Counter(kind for (kind,) in connection.execute("SELECT kind FROM event"))
    assert kinds["import"] == 3, "one event an import, however many numbers"
    told = connection.execute(
        "SELECT detail, number_before, number_after FROM event WHERE kind = 'import' ORDER BY id"
    ).fetchall()
    assert told == [(f"2 numbers, {moved} of them changed", None, None) for moved in (3, 0, 1)]


def test_an_import_that_leaves_too_much_available_is_refused(connection: sqlite3.Connection) -> None:
    movements.move(connection, cause("cancel"), "A", 1, change_of("cancelled", 5))
    with pytest.raises(WrongUsage, match="available"):
        levels(connection, ("A", 1, LARGEST_QUANTITY, None))


@pytest.mark.parametrize("kind", ["receipt", "stocktake", "transfer"])
def test_documents_are_kept(connection: sqlite3.Connection, kind: movements.Document) -> None:
    number = movements.keep_document(
        connection,
        kind,
        1,
        at=NOON,
        who="mia",
        reference="PO-118",
        note="two boxes",
        to_warehouse_id=2 if kind == "transfer" else None,
    )
    (row,) = connection.execute(f"SELECT reference, note, who FROM {kind} WHERE id = ?", (number,))
    assert row == ("PO-118", "two boxes", "mia")
