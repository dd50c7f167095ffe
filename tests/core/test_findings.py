"""What is said of connections: each thing once, with its figures, and nothing where all is well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from supportdesk.core.catalog import Location
from supportdesk.core.connections import Connection, Counts, Evidence, LocationLine, Master, Warehouse
from supportdesk.core.findings import LostPlace, PairFacts, findings
from supportdesk.core.matching import Crossed, Overlap

MAIN, DEPOT = Warehouse(11, "MAIN", "Main Street"), Warehouse(12, "DEPOT", "Depot Penrith")
GOOD = Evidence(11, 0.9, 1000, 1000, 900, 0.9)


def linked(
    number: int,
    name: str,
    warehouse: Warehouse | None,
    *,
    master: Master = "sumtracker",
    counts: Counts | None = None,
    evidence: Evidence | None = GOOD,
) -> LocationLine:
    connection = Connection(number, warehouse, master if warehouse else None, counts, 7)
    return LocationLine(Location(number, name), 500, 90, connection, evidence=evidence if warehouse else None)


def unlinked(number: int, name: str, units: int = 500, listings: int = 90) -> LocationLine:
    return LocationLine(Location(number, name), units, listings, None)


def said(*lines: LocationLine, **more: object) -> dict[str, str]:
    found = findings(PairFacts(lines, **more))  # type: ignore[arg-type]
    for finding in found:
        assert finding.text.endswith(".")
    return {finding.id: finding.text for finding in found}


def test_where_all_is_well_nothing_is_said() -> None:
    assert said(linked(1, "Main St", MAIN), linked(2, "Depot", DEPOT)) == {}
    assert said() == {}


def test_a_crossed_pair_is_said_with_both_figures() -> None:
    weak = replace(GOOD, name_likeness=0.1, agreeing=10, score=0.2)
    lines = (linked(1, "Main St", DEPOT, evidence=weak), linked(2, "Depot", MAIN, evidence=weak))
    found = findings(PairFacts(lines, crossed=(Crossed(1, 2, Overlap(1040, 31), Overlap(1100, 1012)),)))
    assert [finding.id for finding in found] == ["crossed"], "the pair is not said to be misplaced besides"
    assert found[0].location_ids == (1, 2)
    for word in ("Main St and Depot", "31 of 1,040", "1,012 of 1,100"):
        assert word in found[0].text


@pytest.mark.parametrize(
    ("one", "other", "name", "words"),
    [
        (None, None, "two_to_one_unanswered", "say whose count"),
        ("sum", "sum", "two_to_one", "the sum of their counts is copied"),
        ("other", "this", "two_to_one", "the count of Depot is copied"),
        ("sum", None, "two_to_one_unanswered", "say whose count"),
    ],
)
def test_two_on_one(one: Counts | None, other: Counts | None, name: str, words: str) -> None:
    text = said(linked(1, "Main St", MAIN, counts=one), linked(2, "Depot", MAIN, counts=other))
    assert list(text) == [name]
    assert "Main St and Depot" in text[name]
    assert "full number" in text[name]
    assert words in text[name]


def test_a_better_warehouse_is_said_where_counts_speak_for_it() -> None:
    better = Evidence(12, 0.3, 1000, 1000, 800, 0.75)
    line = linked(1, "Main St", MAIN, evidence=replace(GOOD, agreeing=40, score=0.4))
    text = said(replace(line, suggested=better))["misplaced"]
    assert "800 of 1,000" in text
    assert "40 of 1,000" in text
    assert "misplaced" not in said(replace(line, suggested=replace(better, skus_shared=0)))


@pytest.mark.parametrize(
    ("likeness", "shared", "agreeing", "is_said"),
    [(0.2, 0, 0, True), (0.2, 100, 15, True), (0.2, 100, 60, False), (0.9, 100, 0, False)],
)
def test_another_name_and_weak_evidence(likeness: float, shared: int, agreeing: int, is_said: bool) -> None:
    evidence = Evidence(11, likeness, shared, 100, agreeing, 0.3)
    assert ("name_mismatch" in said(linked(1, "Main St", MAIN, evidence=evidence))) is is_said


def test_unlinked_locations_that_sell() -> None:
    text = said(unlinked(1, "Main St"), linked(2, "Depot", None), unlinked(3, "Empty", 0, 0))[
        "unlinked_sells"
    ]
    assert "Main St and Depot are unlinked but sell" in text
    assert "1,000 units" in text
    assert "Empty" not in text
    assert "Main St is unlinked but sells: its 1 unit" in said(unlinked(1, "Main St", 1))["unlinked_sells"]


def test_a_fulfilment_service_is_said_either_way() -> None:
    service = Location(3, "Peak Logistics", service="Peak Ltd", service_manages_stock=True)
    assert "stays unlinked: its 500 units" in said(replace(unlinked(3, "x"), location=service))["service"]
    text = said(replace(linked(3, "x", MAIN), location=service))
    assert "overwrite each other" in text["service"]


def test_what_is_gone_or_closed() -> None:
    closed = replace(linked(1, "Main St", MAIN), location=Location(1, "Main St", active=False))
    assert "inactive in Shopify" in said(closed)["inactive_linked"]
    lost = (LostPlace(9, "Old shop", "DEPOT"), LostPlace(8, "Kiosk", ""))
    old, kiosk = findings(PairFacts((), lost=lost))
    assert "its link to DEPOT counts for nothing" in old.text
    assert "what was said of it counts for nothing" in kiosk.text
    assert (old.id, old.location_ids) == ("location_gone", (9,))


def test_warehouses_that_reach_no_store() -> None:
    text = said(unused=(replace(MAIN, units=30), replace(DEPOT, units=4)))["warehouse_unlinked"]
    assert text == "MAIN and DEPOT are linked to no location: their 34 units in stock reach no store."
    assert said(unused=(MAIN,))["warehouse_unlinked"] == "MAIN is linked to no location."


def test_what_a_shopify_master_means() -> None:
    text = said(linked(1, "Main St", MAIN, master="shopify"))["shopify_master"]
    for word in ("Main St", "MAIN", "writes nothing there", "bundles", "stocktakes"):
        assert word in text
