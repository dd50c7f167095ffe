"""What the wizard says of other stores, bundles and units left alone: counted from a small account, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.desk import Desk
from supportdesk.desk.duplicates import opened_channel
from supportdesk.ledger.wizard_effects import BundleRows, SharedWith, bundle_rows, shared_with, store_units
from tests.desk.stocked import DEPOT_PLACE, MAIN, MAIN_ST, RETURNS, link, stocked_desk, write


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return stocked_desk(tmp_path / "a home")


def test_what_is_touched_beside_the_stores_own_counts(desk: Desk) -> None:
    with opened_channel(desk, "outdoor") as (ledger, record):
        connection = ledger.db.conn
        assert store_units(connection, record.id) == 31 + 6 + 4 + 40 - 2 + 9 + 5 + 15
        assert shared_with(connection, record.id) == (
            SharedWith("outlet", "Outlet", False, numbers=1, units=0, copied=40, differ=1),
        )
        # KIT takes two of 40 mugs and one tent, of which one listing shows 31 and the other 4.
        assert bundle_rows(connection, record.id) == BundleRows(1, 1, before=9, low=4, high=20)


def test_a_shared_sku_whose_listings_differ_keeps_its_number_until_it_is_decided(desk: Desk) -> None:
    write(
        desk,
        ("INSERT INTO stock VALUES ('MUG', ?, 40, 3, 0, 1), ('TENT', ?, 7, 0, 0, 1)", (MAIN, MAIN)),
        ("UPDATE listing SET sku = 'TENT' WHERE channel_id = 2", ()),
        ("UPDATE channel SET sync = 'on' WHERE handle = 'outlet'", ()),
    )
    with opened_channel(desk, "outdoor") as (ledger, record):
        (other,) = shared_with(ledger.db.conn, record.id)
        assert other == SharedWith("outlet", "Outlet", True, numbers=1, units=7, copied=7, differ=0)


def test_nothing_is_shared_between_stores_of_different_warehouses(desk: Desk) -> None:
    link(desk, "outlet", MAIN_ST, RETURNS)
    link(desk, "outdoor", MAIN_ST, None, None)
    with opened_channel(desk, "outdoor") as (ledger, record):
        assert shared_with(ledger.db.conn, record.id) == ()
        assert bundle_rows(ledger.db.conn, record.id) == BundleRows(0, 0, 0, 0, 0)
    link(desk, "outdoor", DEPOT_PLACE, RETURNS)
    with opened_channel(desk, "outdoor") as (ledger, record):
        (other,) = shared_with(ledger.db.conn, record.id)
        assert (other.units, other.copied, other.differ) == (0, -2, 1)
