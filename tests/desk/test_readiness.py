"""Where readiness takes its facts from: the account file as a person's work left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.core.catalog import Location
from supportdesk.core.checks import Check
from supportdesk.desk import channels, connections
from supportdesk.desk.connections import LinkRequest
from tests.catalogs import MemoryStore, level, listing
from tests.desk.merchants import ACCOUNT, Merchant

PLACES = (
    Location(1, "Main St"),
    Location(2, "Depot"),
    Location(3, "Peak", service="P", service_manages_stock=True),
)
STORE = MemoryStore(
    listings=[listing(1, "TENT"), listing(2, "TENT"), listing(3, "MUG"), listing(4, "ROPE", status="DRAFT")],
    levels=[level(1, 1, 5), level(2, 1, 6), level(3, 1, 4), level(3, 2, -1), level(3, 3, 9)],
    places=PLACES,
)


@pytest.fixture
def merchant(tmp_path: Path) -> Merchant:
    merchant = Merchant(tmp_path)
    merchant.load("outdoor", STORE)
    connections.add_warehouse(merchant.desk, ACCOUNT, "MAIN", "Main Street")
    connections.add_warehouse(merchant.desk, ACCOUNT, "FAR", "Truro")
    return merchant


def checks(merchant: Merchant) -> dict[str, Check]:
    return {check.id: check for check in channels.check(merchant.desk, "outdoor")}


def write(merchant: Merchant, *statements: str) -> None:
    with merchant.opened() as ledger, ledger.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def test_what_is_linked(merchant: Merchant) -> None:
    assert checks(merchant)["unlinked"].state == "block"
    connections.link(merchant.desk, "outdoor", LinkRequest(1, 1), seen=0)
    assert "Depot is not linked yet" in checks(merchant)["unlinked"].text
    connections.unlink(merchant.desk, "outdoor", 2, seen=0)
    assert checks(merchant)["unlinked"].state == "pass", "the service stays unlinked by itself"
    assert "FAR is linked to no location" in checks(merchant)["warehouse_unlinked"].text


def test_stock_is_judged_where_the_channel_is_linked(merchant: Merchant) -> None:
    assert checks(merchant)["stock"].state == "pass"
    merchant.hold(("MUG", 1, 0), ("TENT", 1, 0), ("MUG", 2, 70))
    assert "3 numbers already, 70 units" in checks(merchant)["stock"].text, "linked to none: all of them"
    connections.link(merchant.desk, "outdoor", LinkRequest(1, 1), seen=0)
    assert "All 2 numbers there are 0" in checks(merchant)["stock"].text
    connections.link(merchant.desk, "outdoor", LinkRequest(2, 2), seen=0)
    assert "3 numbers already, 70 units in all:" in checks(merchant)["stock"].text
    merchant.load("outlet", MemoryStore(places=(Location(9, "Depot"),)))
    connections.link(merchant.desk, "outlet", LinkRequest(9, 2), seen=0)
    assert "which Outlet uses too" in checks(merchant)["stock"].text


def test_bundles_are_looked_at_whole(merchant: Merchant) -> None:
    write(merchant, "INSERT INTO bundle_line VALUES ('KIT', 'MUG', 2), ('KIT', 'ROPE', 1)")
    assert checks(merchant)["bundles"].state == "pass"
    write(
        merchant,
        "INSERT INTO bundle_line VALUES ('KIT', 'GHOST', 1), ('BIG KIT', 'KIT', 1), ('BIG KIT', 'BOX', 1)",
        "INSERT INTO product (sku) VALUES ('BOX')",
    )
    found = checks(merchant)
    assert found["bundle_components"].text.endswith(
        "2 components of bundles are not known here, so those bundles have no number: GHOST and KIT."
    )
    assert found["nested_bundles"].text.endswith("another bundle: BIG KIT.")
    assert "bundles" not in found


def test_bundles_that_came_after_a_shopify_master(merchant: Merchant) -> None:
    connections.link(merchant.desk, "outdoor", LinkRequest(2, 1, "shopify"), seen=0)
    assert "bundles_shopify_master" not in checks(merchant)
    write(merchant, "INSERT INTO bundle_line VALUES ('KIT', 'MUG', 2)")
    assert checks(merchant)["bundles_shopify_master"].text.endswith("kept: MUG.")


def test_duplicates_that_came_after_a_shopify_master(merchant: Merchant) -> None:
    """Linking refuses a location with a SKU of several counts; the store may get one afterwards."""
    connections.link(merchant.desk, "outdoor", LinkRequest(2, 2, "shopify"), seen=0)
    assert "duplicates_shopify_master" not in checks(merchant)
    twice = [*STORE.listings, listing(5, "MUG")]
    merchant.load("outdoor", MemoryStore(twice, [*STORE.levels, level(5, 2, 3)], PLACES))
    found = checks(merchant)["duplicates_shopify_master"]
    assert (found.state, found.goto) == ("block", "duplicates")
    assert found.text.startswith(
        "1 SKU has several listings with counts of their own at Depot, where Shopify is master"
    )
    assert "one: MUG;" in found.text
    connections.set_master(merchant.desk, "outdoor", 2, "sumtracker", seen=None)
    assert "duplicates_shopify_master" not in checks(merchant)


def test_rules_orders_and_where_it_came_from(merchant: Merchant) -> None:
    assert checks(merchant)["open_orders"].state == "pass"
    write(
        merchant,
        "UPDATE store_level SET committed = 3 WHERE location_id = 1",
        "INSERT INTO close_at VALUES ('MUG', 1, 2), ('TENT', 1, 0)",
        "UPDATE channel SET maximum = 40",
        "UPDATE ledger SET imported_from_sumtracker_at = '2026-11-20T10:00:00+00:00'",
        "UPDATE load SET finished_at = '2026-11-23T11:59:00+00:00'",
    )
    found = checks(merchant)
    assert found["open_orders"].text.startswith("9 units are promised")
    assert "1 close-at quantity and a maximum of 40" in found["rules"].text
    assert "2026-11-20" in found["imported"].text


def test_duplicates_are_those_still_to_decide(merchant: Merchant) -> None:
    assert (checks(merchant)["duplicates"].state, checks(merchant)["duplicates"].goto) == (
        "block",
        "duplicates:to_decide",
    )
    write(merchant, "DELETE FROM duplicate_group")
    assert checks(merchant)["duplicates"].goto == "load"
