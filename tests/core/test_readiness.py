"""Readiness: each check with its state, its sentence and where it leads; blocks first; never two of one name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from supportdesk.core.account_checks import AccountFacts, RepeatedAt
from supportdesk.core.catalog import ChannelTotals, Location
from supportdesk.core.checks import Check
from supportdesk.core.connections import Finding, SomeSkus
from supportdesk.core.duplicates import DuplicatesSummary
from supportdesk.core.listings import LEFT_OUT
from supportdesk.core.readiness import ReadinessFacts, readiness
from supportdesk.core.stock import StockFilter

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOTALS = ChannelTotals(100, 90, 2, 2, 8, 18, 3, 5000)
NO_GROUPS = DuplicatesSummary(0, 0, 0, 0)
ACCOUNT = AccountFacts(
    duplicates=DuplicatesSummary(8, 3, 0, 0), linked=2, warehouses=2, counted=0, promised=0
)
GOOD = ReadinessFacts(
    "shopify",
    NOON,
    NOON,
    totals=TOTALS,
    locations=(Location(1, "Main St"), Location(2, "Depot")),
    account=ACCOUNT,
)


def test_the_brake_is_said_as_long_as_it_holds() -> None:
    assert "brake" not in checks(GOOD)
    on = replace(ACCOUNT, is_on=True, brake=("9 rows of 18 in stock would fall to 0, more than 20%.",))
    assert "brake" not in checks(replace(GOOD, account=on)), "it stops nothing"
    said = checks(replace(GOOD, account=replace(on, stopped_rows=9)))["brake"]
    assert (said.state, said.goto) == ("warn", "brake")
    assert said.text == (
        "The brake holds back 9 rows: 9 rows of 18 in stock would fall to 0, more than 20%. "
        "What it stops is not written until somebody lets it go."
    )


def test_a_store_that_lets_nobody_in_any_more_is_not_said_to() -> None:
    refused = "The store does not accept the token: it was revoked. Connect again with a new token."
    said = checks(replace(GOOD, account=replace(ACCOUNT, is_on=True, refused=refused)))["access"]
    assert (said.state, said.text) == ("block", refused)


def checks(facts: ReadinessFacts) -> dict[str, Check]:
    made = readiness(facts)
    assert len({check.id for check in made}) == len(made)
    order = [["block", "warn", "pass"].index(check.state) for check in made]
    assert order == sorted(order)
    for check in made:
        assert check.text.endswith(".")
        assert check.text[0].isupper() or check.text[0].isdigit() or not check.text[0].isascii()
        assert leads_somewhere(check.goto), check
    return {check.id: check for check in made}


def leads_somewhere(goto: str) -> bool:
    kind, _, what = goto.partition(":")
    return {
        "": not what,
        "load": not what,
        "warehouses": not what,
        "settings": not what,
        "brake": not what,
        "duplicates": what in ("", "to_decide"),
        "left_out": what in LEFT_OUT,
        "stock": what in get_args(StockFilter),
    }[kind]


def of_account(**more: object) -> dict[str, Check]:
    return checks(replace(GOOD, account=replace(ACCOUNT, **more)))  # type: ignore[arg-type]


def test_where_all_is_well_nothing_blocks_or_warns() -> None:
    assert {check.state for check in checks(GOOD).values()} == {"pass"}


def test_before_the_first_load_there_is_one_answer() -> None:
    (check,) = readiness(ReadinessFacts("shopify", None, NOON))
    assert (check.id, check.state, check.goto) == ("loaded", "block", "load")


def test_a_store_that_was_asked_nothing_of_its_account() -> None:
    assert "warehouses" not in checks(replace(GOOD, account=None))


@pytest.mark.parametrize(
    ("facts", "name", "state", "goto", "words"),
    [
        (replace(GOOD, now=NOON + timedelta(days=2)), "loaded", "warn", "load", "more than a day"),
        (replace(GOOD, now=NOON + timedelta(days=2), account=replace(ACCOUNT, is_on=True)), "loaded", "pass", "", "read in every cycle"),
        (replace(GOOD, source="export"), "access", "block", "", "export files"),
        (replace(GOOD, missing_to_turn_on=("write_inventory",)), "access", "block", "", "write_inventory"),
        (replace(GOOD, missing_to_warn=("read_all_orders",)), "old_orders", "warn", "", "60 days"),
        (replace(GOOD, left_out={"no_sku": 2}), "no_sku", "warn", "left_out:no_sku", "2 listings have no SKU"),
        (replace(GOOD, left_out={"no_sku": 1}), "no_sku", "warn", "left_out:no_sku", "1 listing has no SKU and will not be synced."),
        (replace(GOOD, left_out={"bundle_parent": 1}), "bundle_parent", "pass", "left_out:bundle_parent", "1 listing is a Shopify bundle, which Shopify works out from its components, and will not be synced."),
        (replace(GOOD, left_out={"no_sku": 99}), "listings", "pass", "", "1 of 100 listings can be synced."),
        (replace(GOOD, totals=replace(TOTALS, listings=1)), "listings", "pass", "", "1 of 1 listing can be synced."),
        (replace(GOOD, totals=replace(TOTALS, listings=1), left_out={"no_sku": 1}), "listings", "block", "", "The only listing cannot be synced; see"),
        (replace(GOOD, missing_to_turn_on=("read_orders", "write_inventory")), "access", "block", "", "read_orders, write_inventory are missing."),
        (replace(GOOD, shared_items=1), "shared_items", "pass", "", "1 stock count is shared by several listings in Shopify itself, as one number."),
        (replace(GOOD, sku_marks={"blank": 1}), "sku_hygiene", "warn", "", "1 listing has a SKU that looks unintended"),
        (replace(GOOD, left_out={"archived": 1}), "archived", "pass", "left_out:archived", "1 listing is archived"),
        (replace(GOOD, left_out={"no_sku": 100}), "listings", "block", "", "None of the 100"),
        (replace(GOOD, totals=replace(TOTALS, listings=0)), "listings", "block", "", "no products"),
        (replace(GOOD, sku_marks={"blank": 3}), "sku_hygiene", "warn", "", "3 listings have"),
        (replace(GOOD, look_alikes=1), "look_alikes", "warn", "", "1 SKU is"),
        (replace(GOOD, negative_rows=2), "negative", "warn", "stock:negative", "2 counts are below zero"),
        (replace(GOOD, sells_when_out=1), "sells_when_out", "warn", "stock:sells_when_out", "1 listing goes on"),
        (replace(GOOD, shared_items=4), "shared_items", "pass", "", "4 stock counts are shared"),
        (replace(GOOD, locations=()), "locations", "block", "", "no active location"),
        (
            replace(GOOD, locations=(*GOOD.locations, Location(3, "Peak", service="P", service_manages_stock=True))),
            "fulfillment_services", "warn", "warehouses", "Peak keeps its own",
        ),
        (
            replace(GOOD, locations=(*GOOD.locations, *(Location(3 + n, name, service=name, service_manages_stock=True) for n, name in enumerate(("Peak", "Dale"))))),
            "fulfillment_services", "warn", "warehouses", "Peak and Dale keep their own",
        ),
        (
            replace(GOOD, locations=(*GOOD.locations, Location(3, "Peak", service="P", service_manages_stock=True)),
                    account=replace(ACCOUNT, linked_services=("Peak",))),
            "fulfillment_services", "warn", "warehouses", "Peak keeps its own stock numbers and is linked all the same",
        ),
        (
            replace(GOOD, locations=(*GOOD.locations, Location(3, "Shut", active=False))),
            "inactive_locations", "pass", "warehouses", "1 inactive location",
        ),
    ],
)  # fmt: skip
def test_what_the_store_alone_tells(
    facts: ReadinessFacts, name: str, state: str, goto: str, words: str
) -> None:
    check = checks(facts)[name]
    assert (check.state, check.goto) == (state, goto)
    assert words in check.text


ONE, MANY = SomeSkus(("KIT",), 1), SomeSkus(("A", "B", "C", "D"), 9)


@pytest.mark.parametrize(
    ("more", "name", "state", "goto", "words"),
    [
        ({"duplicates": DuplicatesSummary(8, 3, 4, 1)}, "duplicates", "block", "duplicates:to_decide", "8 SKUs are shared by 18 listings: 4 to decide; in 3 of them the counts disagree."),
        ({"duplicates": DuplicatesSummary(1, 0, 1, 1)}, "duplicates", "block", "duplicates:to_decide", "1 SKU is shared by 18 listings: 1 to decide."),
        ({"duplicates": DuplicatesSummary(8, 3, 0, 0)}, "duplicates", "pass", "duplicates", "8 SKUs are shared by 18 listings, and nothing is left to decide."),
        ({"duplicates": DuplicatesSummary(1, 1, 1, 0)}, "duplicates", "block", "duplicates:to_decide", "listings: 1 to decide; the counts disagree."),
        ({"duplicates": DuplicatesSummary(8, 0, 4, 1, 1, 2)}, "duplicates", "block", "duplicates:to_decide", "listings: 1 to decide, 1 to split, 2 to recheck."),
        ({"repeated": (RepeatedAt("Depot", SomeSkus(("A",), 1)),)}, "duplicates_shopify_master", "block", "duplicates", "1 SKU has several listings with counts of their own at Depot, where Shopify is master and each SKU may have one: A; give"),
        ({"repeated": (RepeatedAt("Depot", SomeSkus(("A", "B", "C", "D"), 9)), RepeatedAt("Kiosk", SomeSkus(("A",), 1)))}, "duplicates_shopify_master", "block", "duplicates", "9 SKUs have several listings with counts of their own at Depot, where Shopify is master and each SKU may have one: A, B, C and 6 more; give the listings SKUs of their own, or make Sumtracker master. 1 more location is like that."),
        ({"duplicates": NO_GROUPS}, "duplicates", "block", "load", "load the store again"),
        ({"warehouses": 0, "linked": 0}, "warehouses", "block", "warehouses", "no warehouse yet"),
        ({"linked": 0}, "unlinked", "block", "warehouses", "nothing would be synced"),
        ({"undecided": ("Main St",)}, "unlinked", "warn", "warehouses", "Main St is not linked yet: link it, or say that it stays"),
        ({"undecided": ("A", "B", "C", "D")}, "unlinked", "warn", "warehouses", "A, B, C and 1 more are not linked yet: link them, or say that they stay"),
        ({"linked": 1}, "unlinked", "pass", "warehouses", "1 location is linked, and none is left to link."),
        ({"missing_components": ONE, "bundles": 1}, "bundle_components", "block", "", "1 component of bundles is not known here, so those bundles have no number: KIT."),
        ({"missing_components": MANY, "bundles": 1}, "bundle_components", "block", "", "9 components of bundles are not known here, so those bundles have no number: A, B, C and 6 more."),
        ({"missing_components": SomeSkus((" ", "A "), 2), "bundles": 1}, "bundle_components", "block", "", 'no number: " " and "A ".'),
        ({"nested_bundles": ONE, "bundles": 1}, "nested_bundles", "block", "", "another bundle: KIT."),
        ({"bundles_read_only": ONE, "bundles": 1}, "bundles_shopify_master", "block", "warehouses", "KIT"),
        ({"bundles": 2}, "bundles", "pass", "", "2 bundles are worked out from their components."),
        ({"counted": 0}, "stock", "pass", "", "counted nothing"),
        ({"counted": 9}, "stock", "warn", "", "All 9 numbers there are 0: unless the store's counts are copied, the store would be shown as sold out."),
        ({"counted": 1}, "stock", "warn", "", "The only number there is 0: unless"),
        ({"counted": 1, "counted_units": 1}, "stock", "warn", "", "1 number already, 1 unit in all: copying"),
        ({"counted": 9, "linked": 0}, "stock", "warn", "", "All 9 numbers in Sumtracker are 0"),
        ({"counted": 9, "counted_units": 1200}, "stock", "warn", "", "9 numbers already, 1,200 units in all: copying the store's counts would replace them; without copying the store is made to show them."),
        ({"counted": 9, "counted_units": 5, "shared_with": ("Outlet",)}, "stock", "warn", "", "in all, which Outlet uses too"),
        ({"counted": 9, "counted_units": 5, "shared_with": ("A", "B")}, "stock", "warn", "", "which A and B use too"),
        ({"promised": 1}, "open_orders", "warn", "", "1 unit is promised to open orders: orders placed before turning on never"),
        ({"promised": 0}, "open_orders", "pass", "", "No units"),
        ({"close_at": 2}, "rules", "pass", "settings", "2 close-at quantities."),
        ({"close_at": 1, "maximum": 50, "imported_at": NOON}, "rules", "pass", "settings", "1 close-at quantity and a maximum of 50"),
        ({"imported_at": NOON}, "rules", "warn", "settings", "Ask whether Sumtracker has close-at quantities"),
        ({}, "rules", "pass", "settings", "ask whether there should be any"),
        ({"imported_at": NOON}, "imported", "warn", "", "on 2026-11-23: make sure that sync is off there"),
    ],
)  # fmt: skip
def test_what_the_account_tells(
    more: dict[str, object], name: str, state: str, goto: str, words: str
) -> None:
    check = of_account(**more)[name]
    assert (check.state, check.goto) == (state, goto)
    assert words in check.text


def test_what_is_not_asked_is_not_said() -> None:
    assert "open_orders" not in of_account(promised=None), "exports do not tell"
    assert "bundles" not in of_account()
    assert "imported" not in of_account()
    assert "stock" not in of_account(warehouses=0, linked=0)
    without = checks(
        replace(
            GOOD, totals=replace(TOTALS, duplicate_groups=0), account=replace(ACCOUNT, duplicates=NO_GROUPS)
        )
    )
    assert without["duplicates"] == Check("duplicates", "pass", "No two listings share a SKU.")


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("crossed", "warn"),
        ("two_to_one_unanswered", "warn"),
        ("two_to_one", "pass"),
        ("misplaced", "warn"),
        ("name_mismatch", "warn"),
        ("location_back", "warn"),
        ("location_gone", "warn"),
        ("inactive_linked", "warn"),
        ("warehouse_unlinked", "warn"),
        ("shopify_master", "pass"),
    ],
)
def test_findings_are_checks_once(name: str, state: str) -> None:
    finding = Finding(name, "Something is said.", (1,))
    assert of_account(findings=(finding,))[name] == Check(name, state, "Something is said.", "warehouses")  # type: ignore[arg-type]
    text = of_account(findings=(finding, finding, finding))[name].text
    assert text == "Something is said. 2 more are like that."


def test_what_other_checks_say_already_is_not_said_twice() -> None:
    unlinked = Finding("unlinked_sells", "It sells.", (1,))
    service = Finding("service", "It keeps its own.", (1,))
    assert not {"unlinked_sells", "service"} & set(of_account(findings=(unlinked, service)))


def test_while_sync_is_on_nothing_is_said_of_before_turning_on() -> None:
    found = of_account(counted=24, counted_units=300, promised=12, imported_at=NOON, is_on=True)
    assert found["stock"].state == found["open_orders"].state == "pass"
    assert "has to stay off there" in found["imported"].text
    assert not [check.text for check in found.values() if "before turning on" in check.text]
