"""The sandbox is a store the rules of exactness hold on: a reading dated back by the orders a search shows brackets the truth.

Everything is read and written over the API alone, as a sync would; the truth is the sandbox's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from supportdesk.sandbox.clock import Clock, stamp
from supportdesk.sandbox.faults import Fault
from supportdesk.sandbox.life import Life
from supportdesk.sandbox.timeline import Lags
from tests.sandbox.documents import ADJUST, item, row
from tests.shops import DEPOT, MAIN, InProcess, level, listing, small_shop

LAG, FIND = 6, 12
"""Margins in seconds, each beyond what the store takes at most (3 and 8)."""
READ = """query($item:ID!){inventoryItem(id:$item){inventoryLevels(first:5){nodes{location{id}
  quantities(names:["available"]){quantity}}}}}"""
LOOK = """query($query:String,$after:String){orders(first:40,after:$after,query:$query,sortKey:ID){pageInfo{hasNextPage endCursor}
  nodes{createdAt fulfillmentOrders(first:2){nodes{assignedLocation{location{id}} lineItems(first:2){nodes{inventoryItemId totalQuantity}}}}}}}"""
MAIN_ID = "gid://shopify/Location/101"


class Sync:
    """What a sync knows: readings, orders that searches show, its own pushes."""

    def __init__(self, api: InProcess) -> None:
        self.api = api
        self.t0 = stamp(api.shop.timeline.now())
        self.pushed = 0
        self.readings: list[tuple[str, int, int]] = []
        """When, the number, and what had been pushed by then."""

    def read(self) -> None:
        nodes = self.api.data(READ, item=item(1))["inventoryItem"]["inventoryLevels"]["nodes"]
        (number,) = [one["quantities"][0]["quantity"] for one in nodes if one["location"]["id"] == MAIN_ID]
        self.readings.append((stamp(self.api.shop.timeline.now()), number, self.pushed))

    def orders(self) -> list[tuple[str, int]]:
        """When each visible order since T0 was placed, and how many units it takes from the row."""
        found, after = [], None
        while True:
            page = self.api.data(LOOK, query=f"created_at:>='{self.t0}'", after=after)["orders"]
            for order in page["nodes"]:
                units = sum(
                    part["totalQuantity"]
                    for one in order["fulfillmentOrders"]["nodes"]
                    if one["assignedLocation"]["location"]["id"] == MAIN_ID
                    for part in one["lineItems"]["nodes"]
                    if part["inventoryItemId"] == item(1)
                )
                found.append((order["createdAt"], units))
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found

    def push(self, amount: int, key: str) -> None:
        """A delta with a key of its own, sent until it is answered."""
        given = {"name": "available", "reason": "correction", "changes": [row(1, MAIN, delta=amount)]}
        for _ in range(6):
            answer = self.api.post(ADJUST, {"input": given, "key": key})
            reply: dict[str, Any] = answer.json() if "json" in answer.headers["content-type"] else {}
            payload = (reply.get("data") or {}).get("inventoryAdjustQuantities")
            if payload and not payload["userErrors"]:
                self.pushed += amount
                return
            self.api.shop.clock.advance(1)
        raise AssertionError(reply)


def shift(when: str, seconds: int) -> str:
    return stamp(datetime.fromisoformat(when) + timedelta(seconds=seconds))


@pytest.mark.parametrize("seed", range(12))
def test_readings_dated_back_bracket_the_truth(seed: int) -> None:
    clock = Clock(running=False)
    shop = small_shop(
        f"shop-{seed}",
        clock=clock,
        listings=[listing(1, "A-1"), listing(2, "B-2")],
        levels=[level(1, MAIN, 900), level(1, DEPOT, 900), level(2, MAIN, 900)],
    )
    shop.lags = Lags(commit=3, visibility=8)
    api = InProcess(shop)
    life = Life(shop)
    life.fulfilment_kinds = ["fulfil", "part", "hold"]
    life.shoppers.at_rate((6, 30, 60)[seed % 3])
    life.fulfilment.at_rate(20)
    clock.advance(60)
    shop.catch_up()
    sync = Sync(api)
    here = shop.items[2001].levels[MAIN.id]
    truth = here.available + shop.order_book.uncommitted(here)
    clock.advance(LAG)
    faults = [
        Fault("internal_error", after=True, operation="inventoryAdjust"),
        Fault("bad_gateway", after=True, operation="inventoryAdjust"),
        Fault("late_commit", wait=2, operation="inventoryAdjust"),
        Fault("timeout", operation="inventoryAdjust"),
    ]
    for at in range(12):
        sync.read()
        clock.advance(5.3)
        if at % 3 == 2:
            api.faults.add(faults[at // 3])
            sync.push((-7, 4, 11, -2)[at // 3], f"push-{at}")
            clock.advance(3)
    clock.advance(FIND)
    orders = sync.orders()
    exact = 0
    for when, number, pushed in sync.readings:
        low = number - pushed + sum(units for placed, units in orders if placed <= shift(when, -LAG - 1))
        high = number - pushed + sum(units for placed, units in orders if placed <= shift(when, 1))
        assert low <= truth <= high, (when, low, truth, high)
        exact += low == high
    # Once nobody buys any more the last reading is exact, and the writes were carried out once each.
    life.shoppers.at_rate(0)
    clock.advance(60)
    sync.read()
    when, number, pushed = sync.readings[-1]
    assert pushed == sync.pushed == 6
    assert number - pushed + sum(units for _, units in sync.orders()) == truth
    assert exact or seed % 3
