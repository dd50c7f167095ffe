"""What may be linked: each refusal with its reason and a next step, and what passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from supportdesk.core.catalog import Location
from supportdesk.core.connections import LinkFacts, OtherPlace, SomeSkus, Warehouse, judge_link, named, said
from supportdesk.errors import Refused

MAIN = Warehouse(1, "MAIN", "Main Street")
PLACE = Location(101, "Main St")
SERVICE = Location(103, "Peak Logistics", service="Peak Ltd", service_manages_stock=True)
OUTLET = OtherPlace("kestrel-outlet", "Kestrel Outlet", 201, "Depot", "sumtracker")
GOOD = LinkFacts(PLACE, MAIN, "sumtracker")
SHOPIFY = replace(GOOD, master="shopify")


@pytest.mark.parametrize(
    "facts",
    [
        GOOD,
        SHOPIFY,
        replace(GOOD, others=(OUTLET,)),
        replace(GOOD, location=SERVICE, insist=True),
        replace(GOOD, repeated=SomeSkus(("A",), 1), bundled=SomeSkus(("A",), 1)),
    ],
    ids=["alone", "shopify", "shared", "insisted", "sumtracker counts what Shopify cannot"],
)
def test_what_may_be_linked(facts: LinkFacts) -> None:
    judge_link(facts)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(GOOD, location=replace(PLACE, active=False)), ["Main St", "inactive"]),
        (replace(GOOD, location=replace(PLACE, active=False), insist=True), ["inactive"]),
        (replace(GOOD, location=SERVICE), ["Peak Logistics", "Peak Ltd", "its own stock numbers"]),
        (replace(GOOD, location=replace(SERVICE, service="")), ["a fulfilment service"]),
        (
            replace(GOOD, others=(replace(OUTLET, master="shopify"),)),
            ["MAIN", "Depot of Kestrel Outlet", "one connection"],
        ),
        (replace(SHOPIFY, others=(OUTLET,)), ["one connection", "Depot of Kestrel Outlet"]),
        (
            replace(SHOPIFY, repeated=SomeSkus(("A", "B", "C", "D"), 11)),
            ["11 SKUs have", "A, B, C and 8 more", "Main St"],
        ),
        (replace(SHOPIFY, repeated=SomeSkus(("A",), 1)), ["1 SKU has", "A."]),
        (
            replace(SHOPIFY, bundled=SomeSkus(("KIT", "MUG"), 2)),
            ["Bundles need Sumtracker", "KIT and MUG", "MAIN"],
        ),
    ],
)
def test_what_is_refused_and_why(facts: LinkFacts, words: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        judge_link(facts)
    for word in words:
        assert word in refusal.value.detail
    assert refusal.value.detail.endswith(".")
    assert refusal.value.next_step.endswith(".")


@pytest.mark.parametrize(
    ("names", "count", "text"),
    [
        (["A"], None, "A"),
        (["A", "B"], None, "A and B"),
        (["A", "B", "C"], None, "A, B and C"),
        (["A", "B", "C", "D"], None, "A, B, C and 1 more"),
        (["A", "B", "C", "D", "E"], 1200, "A, B, C and 1,197 more"),
    ],
)
def test_many_names_in_one_sentence(names: list[str], count: int | None, text: str) -> None:
    assert named(names, count) == text


def test_a_connection_in_plain_words() -> None:
    assert said(MAIN, "sumtracker") == "linked to MAIN, Sumtracker master"
    assert said(MAIN, "shopify") == "linked to MAIN, Shopify master"
    assert said(None, None) == "stays unlinked"
